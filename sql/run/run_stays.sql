-- What a run asks of stays: a function for each kind of rule, which reads the books
-- of run_read_stays.sql that it needs and returns what it found (see run_kinds.sql);
-- homes are those of persons.sql.
--
-- ENOUGH in the evidence: fewer stays than it names make the finding (see
-- _run_doubt_exclusions); it does not stand in what is stored.

-- Who is meant: names, with the numbers of the records where each has one stay.
CREATE OR REPLACE FUNCTION _run_people_zh(visit_ids text[]) RETURNS text
	LANGUAGE plpgsql STABLE PARALLEL SAFE
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
BEGIN
	RETURN (SELECT '：' || string_agg(p.name || CASE WHEN p.stays = 1
				THEN '（' || medaudit.visit_zh(p.record_no, p.visit_id, true) || '）' ELSE '' END, '、' ORDER BY p.people_id COLLATE "C") || '，'
		FROM (
			SELECT v.people_id, min(coalesce(v.person_name, v.person_id)) AS name,
				min(v.record_no) AS record_no, min(v.visit_id) AS visit_id,
				count(*) AS stays
			FROM medaudit_work.stay AS v
			WHERE v.visit_id = ANY (_run_people_zh.visit_ids) GROUP BY v.people_id
		) AS p);
END
$$;

COMMENT ON FUNCTION _run_people_zh(text[]) IS
	'人员说明: names of the people of some stays, with the record number of who has one of them, as a Chinese list. Only within an audit run';

-- Which stays are meant: the first eight with place, dates and record number, and
-- whose they are where they are of several people.
CREATE OR REPLACE FUNCTION _run_stays_zh(visit_ids text[]) RETURNS text
	LANGUAGE plpgsql STABLE PARALLEL SAFE
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
BEGIN
	RETURN (SELECT string_agg(CASE WHEN s.several THEN s.name || '在' ELSE '' END || medaudit._stay_record_zh(
				s.facility_name, s.facility_id, s.admitted_at, s.discharged_at, s.record_no, s.visit_id), '、'
				ORDER BY s.place) FILTER (WHERE s.place <= 8)
			|| CASE WHEN count(*) > 8 THEN '等' || count(*) || '次住院' ELSE '' END
		FROM (
			SELECT v.*, coalesce(v.person_name, v.person_id) AS name,
				min(v.people_id) OVER () <> max(v.people_id) OVER () AS several,
				row_number() OVER (ORDER BY v.admitted_at, v.visit_id COLLATE "C") AS place
			FROM medaudit_work.stay AS v
			WHERE v.visit_id = ANY (_run_stays_zh.visit_ids)
		) AS s);
END
$$;

COMMENT ON FUNCTION _run_stays_zh(text[]) IS
	'住院清单: some stays with place, dates and record number, in order, the first eight and how many there are, in Chinese. Only within an audit run';

-- A stay as a hospital finds it in its books.
CREATE OR REPLACE FUNCTION _stay_record_zh(facility_name text, facility_id text, admitted_at timestamp,
	discharged_at timestamp, record_no text, visit_id text) RETURNS text
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN concat(facility_zh(facility_name, facility_id), '（', concat_ws('，',
		stay_zh(admitted_at, discharged_at), visit_zh(record_no, visit_id, true)), '）');

COMMENT ON FUNCTION _stay_record_zh(text, text, timestamp, timestamp, text, text) IS
	'住院说明: facility, dates and record number of a stay, in Chinese';

-- A visit likewise, whether or not it is a stay.
CREATE OR REPLACE FUNCTION _visit_record_zh(facility_name text, facility_id text, admitted_at timestamp,
	discharged_at timestamp, record_no text, visit_id text, stay bool) RETURNS text
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN concat(facility_zh(facility_name, facility_id), '（', concat_ws('，',
		CASE WHEN stay THEN stay_zh(admitted_at, discharged_at) ELSE time_zh(admitted_at) END,
		visit_zh(record_no, visit_id, stay)), '）');

COMMENT ON FUNCTION _visit_record_zh(text, text, timestamp, timestamp, text, text, bool) IS
	'就诊说明: facility, dates (of what is no stay its beginning) and record number of a visit, in Chinese';

-- Pairs of stays with few days between them.  A stay that is neither discharged
-- nor settled has no end that a readmission could follow.
CREATE OR REPLACE FUNCTION _ask_split_stays(run_no bigint, rule_code text, parameters jsonb) RETURNS SETOF run_group
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
DECLARE
	max_gap_days int := parameters ->> 'max_gap_days';
	same_facility bool := parameters ->> 'same_facility';
	diagnosis_digits int := parameters ->> 'diagnosis_digits';
	exclude_tags text[] := medaudit._parameter_list(parameters, 'exclude_tags');
	exclude_later_tags text[] := medaudit._parameter_list(parameters, 'exclude_later_tags');
	-- facilities of one credit code are one, whatever their numbers
	several bool := same_facility AND EXISTS (SELECT FROM medaudit_work.facility AS f GROUP BY f.provider_id HAVING count(*) > 1);
BEGIN
	RETURN QUERY
	SELECT (medaudit.run_group(
		visit_ids => ARRAY[d.visit_id, d.next_visit_id],
		person_id => d.person_id,
		facility_id => d.next_facility_id,
		evidence => jsonb_build_object('limit', max_gap_days, 'unit', 'day',
			'window', ARRAY[a.until::date, b.admitted_at::date], 'days', d.gap_days,
			'diagnoses', ARRAY[d.diagnosis, d.next_diagnosis],
			'formula', format('%s - %s = %s days, 0 to %s',
				b.admitted_at::date, a.until::date, d.gap_days, max_gap_days)),
		evidence_text => concat(coalesce(b.person_name, d.person_id), '在',
			medaudit._stay_record_zh(a.facility_name, a.facility_id, a.admitted_at, a.until,
				a.record_no, a.visit_id),
			'出院后', CASE WHEN d.gap_days = 0 THEN '当日' ELSE d.gap_days || '天' END, '再次入住',
			medaudit._stay_record_zh(b.facility_name, b.facility_id, b.admitted_at, b.discharged_at,
				b.record_no, b.visit_id),
			CASE WHEN medaudit._diagnosis_fold(d.diagnosis) = medaudit._diagnosis_fold(d.next_diagnosis)
				THEN '，主要诊断均为' || d.diagnosis
				ELSE '，主要诊断先为' || d.diagnosis || '、后为' || d.next_diagnosis
					|| CASE WHEN diagnosis_digits > 0 THEN '，属同类疾病' ELSE '' END END,
			'，两次费用合计' || medaudit.money_zh(d.amount + d.next_amount), '。'))).*
	FROM medaudit_work.stay_book AS s
	CROSS JOIN LATERAL (
		SELECT i.* FROM medaudit.split_stays(s.book, max_gap_days, same_facility, diagnosis_digits, exclude_tags) AS i
		UNION ALL
		SELECT i.* FROM medaudit.split_stays(s.book, max_gap_days, false, diagnosis_digits, exclude_tags) AS i
		WHERE several AND i.facility_id <> i.next_facility_id
	) AS d
	JOIN medaudit_work.stay AS a ON a.visit_id = d.visit_id
	JOIN medaudit_work.stay AS b ON b.visit_id = d.next_visit_id AND (NOT same_facility OR b.provider_id = a.provider_id)
	WHERE s.gathered_by = 'person' AND coalesce(a.discharged_at, a.judged_at) IS NOT NULL
		AND NOT b.tags && exclude_later_tags;
END
$$;

COMMENT ON FUNCTION _ask_split_stays(bigint, text, jsonb) IS
	'分解住院: pairs of stays with at most max_gap_days between them';

-- Stays of one person at the same time.
CREATE OR REPLACE FUNCTION _ask_overlapping_stays(run_no bigint, rule_code text, parameters jsonb) RETURNS SETOF run_group
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
DECLARE
	min_nights int := parameters ->> 'min_nights';
	exclude_tags text[] := medaudit._parameter_list(parameters, 'exclude_tags');
BEGIN
	RETURN QUERY
	SELECT (medaudit.run_group(
		visit_ids => ARRAY[d.visit_id, d.other_visit_id],
		person_id => d.person_id,
		facility_id => d.other_facility_id,
		evidence => jsonb_build_object('limit', min_nights, 'unit', 'night',
			'window', ARRAY[d.from_date, d.to_date], 'nights', d.nights,
			'formula', format('%s - %s = %s nights in common', d.to_date,
				d.from_date, d.nights)),
		evidence_text => concat(coalesce(b.person_name, d.person_id), '在',
			medaudit._stay_record_zh(a.facility_name, a.facility_id, a.admitted_at, a.discharged_at,
				a.record_no, a.visit_id),
			'住院期间，同时在',
			medaudit._stay_record_zh(b.facility_name, b.facility_id, b.admitted_at, b.discharged_at,
				b.record_no, b.visit_id),
			'住院，', medaudit.date_zh(d.from_date), '至', medaudit.date_zh(d.to_date), '重叠', d.nights, '夜',
			'，两次费用合计' || medaudit.money_zh(a.total_amount + b.total_amount), '。'))).*
	FROM medaudit_work.stay_book AS s
	CROSS JOIN LATERAL medaudit.overlapping_stays(s.book, min_nights,
		exclude_tags) AS d
	JOIN medaudit_work.stay AS a ON a.visit_id = d.visit_id
	JOIN medaudit_work.stay AS b ON b.visit_id = d.other_visit_id
	WHERE s.gathered_by = 'person';
END
$$;

COMMENT ON FUNCTION _ask_overlapping_stays(bigint, text, jsonb) IS
	'叠床住院: pairs of stays of one person that share nights';

-- Members of a home (see persons.sql) admitted and discharged together, in the
-- book of a home and year.  A group without its visits is an institution's
-- address.  Three or more are a finding each time; two who came together at
-- least min_times_of_two times at the facility are one, of the pair and year.
CREATE OR REPLACE FUNCTION _ask_same_household_admissions(run_no bigint, rule_code text, parameters jsonb) RETURNS SETOF run_group
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
DECLARE
	admit_within_days int := parameters ->> 'admit_within_days';
	discharge_within_days int := parameters ->> 'discharge_within_days';
	min_people int := parameters ->> 'min_people';
	max_people int := parameters ->> 'max_people';
	exclude_tags text[] := medaudit._parameter_list(parameters, 'exclude_tags');
BEGIN
	CALL medaudit._run_read_homes(max_people);
	PERFORM medaudit._empty('together');
	INSERT INTO medaudit_work.together
	SELECT s.year, d.facility_id, d.people, d.times, d.person_ids, d.visit_ids, d.first_admitted,
		d.last_admitted, d.first_discharged, d.last_discharged, d.amount
	FROM (
		SELECT y.year, h.owner, medaudit.stays(v.visit_id, v.people_id, v.facility_id, v.admitted_at,
			v.discharged_at, v.main_diagnosis, v.total_amount, v.tags) AS book
		FROM medaudit_work.year AS y
		CROSS JOIN medaudit_work.home AS h
		JOIN medaudit_work.stay AS v ON v.people_id = h.people_id
			AND extract(year FROM v.admitted_at) IN (y.year - 1, y.year)
		WHERE h.most_people = max_people AND v.stay
		GROUP BY y.year, h.owner
		HAVING bool_or(v.judged_person) AND count(*) > 1
	) AS s
	CROSS JOIN LATERAL medaudit.same_household_admissions(s.book, admit_within_days,
		discharge_within_days, min_people, max_people, exclude_tags) AS d
	WHERE d.visit_ids IS NOT NULL;
	RETURN QUERY
	SELECT (medaudit.run_group(
		visit_ids => d.visit_ids,
		facility_id => d.facility_id,
		evidence => jsonb_build_object('limit', min_people,
			'window', ARRAY[d.first_admitted, d.last_discharged],
			'links', l.links, 'times', d.times, 'formula', format(
				'%s people admitted %s to %s (within %s days), discharged %s to %s (within %s days)',
				d.people, d.first_admitted, d.last_admitted, admit_within_days,
				d.first_discharged, d.last_discharged, discharge_within_days)),
		evidence_text => concat(medaudit._home_zh(l.links, d.people), d.people, '人', medaudit._run_people_zh(d.visit_ids),
			'于', medaudit.together_zh(d.first_admitted, d.last_admitted), '同时入住',
			coalesce(f.name, d.facility_id), '，', medaudit.together_zh(d.first_discharged, d.last_discharged),
			'同时出院', CASE WHEN d.times > 1 THEN '，此类情形共' || d.times || '次' END,
			'，费用合计' || round(d.amount, 2) || '元', '。'))).*
	FROM medaudit_work.together AS d
	CROSS JOIN LATERAL (SELECT medaudit._shared_links(d.person_ids) AS links) AS l
	LEFT JOIN medaudit_work.facility AS f ON f.facility_id = d.facility_id
	WHERE d.people > 2 AND extract(year FROM d.last_admitted) = d.year;
	RETURN QUERY SELECT g.* FROM medaudit._ask_couples(parameters) AS g;
END
$$;

COMMENT ON FUNCTION _ask_same_household_admissions(bigint, text, jsonb) IS
	'同进同出: members of one household admitted to and discharged from one facility together';

-- Two who are together once may have caught the same cold.
CREATE OR REPLACE FUNCTION _ask_couples(parameters jsonb) RETURNS SETOF run_group
	LANGUAGE plpgsql STABLE PARALLEL SAFE
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
DECLARE
	admit_within_days int := parameters ->> 'admit_within_days';
	discharge_within_days int := parameters ->> 'discharge_within_days';
	min_times_of_two int := parameters ->> 'min_times_of_two';
BEGIN
	RETURN QUERY
	SELECT (medaudit.run_group(
		visit_ids => p.visit_ids,
		facility_id => p.facility_id,
		evidence => jsonb_build_object('limit', min_times_of_two,
			'window', ARRAY[p.first_admitted, p.last_discharged],
			'links', l.links, 'times', p.times, 'formula', format(
				'2 people admitted within %s days and discharged within %s days of each other, %s times (%s or more) at one facility',
				admit_within_days, discharge_within_days, p.times, min_times_of_two)),
		evidence_text => concat(medaudit._home_zh(l.links, 2), '2人先后', p.times, '次同时入住',
			coalesce(f.name, p.facility_id), '并同时出院：', medaudit._run_stays_zh(p.visit_ids),
			'，费用合计' || round(p.amount, 2) || '元', '。'),
		key => concat_ws(E'\x1f', p.person_ids[1], p.person_ids[2]) || '@' || p.year)).*
	FROM (
		SELECT c.year, c.facility_id, c.person_ids, min(c.first_admitted) AS first_admitted,
			max(c.last_admitted) AS last_admitted, max(c.last_discharged) AS last_discharged,
			array_agg(v.visit_id ORDER BY c.first_admitted, v.place) AS visit_ids,
			sum(c.amount) FILTER (WHERE v.place = 1) AS amount,
			(SELECT count(*) FROM medaudit_work.together AS t WHERE t.year = c.year
				AND t.facility_id = c.facility_id AND t.person_ids @> c.person_ids) AS times
		FROM medaudit_work.together AS c
		CROSS JOIN LATERAL unnest(c.visit_ids) WITH ORDINALITY AS v (visit_id, place)
		WHERE c.people = 2
		GROUP BY c.year, c.facility_id, c.person_ids
	) AS p
	CROSS JOIN LATERAL (SELECT medaudit._shared_links(p.person_ids) AS links) AS l
	LEFT JOIN medaudit_work.facility AS f ON f.facility_id = p.facility_id
	WHERE p.times >= min_times_of_two AND extract(year FROM p.last_admitted) = p.year;
END
$$;

COMMENT ON FUNCTION _ask_couples(jsonb) IS
	'同进同出（两人）: pairs of one home who came together at least min_times_of_two times at a facility within the year and the one before';

-- Visits in the midst of a stay.  The findings are of the stay: one for all that
-- happened during it.  What has a night in common with it is another stay at the
-- same time, and only what has a type of a stay may hold it.
CREATE OR REPLACE FUNCTION _ask_events_in_stay(run_no bigint, rule_code text, parameters jsonb) RETURNS SETOF run_group
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
DECLARE
	at_facility text := parameters ->> 'at_facility';
	exclude_tags text[] := medaudit._parameter_list(parameters, 'exclude_tags');
	exclude_later_tags text[] := medaudit._parameter_list(parameters, 'exclude_later_tags');
BEGIN
	RETURN QUERY
	SELECT (medaudit.run_group(
		visit_ids => array_prepend(a.visit_id, e.visit_ids),
		person_id => a.person_id,
		facility_id => a.facility_id,
		evidence => jsonb_build_object('limit', 0, 'visits', e.visits,
			'window', ARRAY[a.admitted_at::date, a.until::date], 'days_of_stay', e.days,
			'formula', format('%s visits between %s and %s', e.visits,
				a.admitted_at::date, a.until::date)),
		evidence_text => concat(coalesce(a.person_name, a.person_id), '在',
			medaudit._stay_record_zh(a.facility_name, a.facility_id, a.admitted_at, a.discharged_at,
				a.record_no, a.visit_id),
			'住院期间，', e.text, CASE WHEN e.visits > 3
				THEN '等共' || e.visits || '次' END, '。'))).*
	FROM (
		SELECT d.visit_id, count(*) AS visits,
			array_agg(d.event_visit_id ORDER BY d.event_at, d.event_visit_id) AS visit_ids,
			array_agg(d.day_of_stay ORDER BY d.event_at, d.event_visit_id) AS days,
			string_agg(format('%s（住院第%s天）在%s就诊（%s）',
				medaudit.time_zh(d.event_at), d.day_of_stay, CASE WHEN d.event_facility_id = d.facility_id THEN '本院门诊'
					ELSE CASE WHEN d.at_home THEN '本院所属' ELSE '' END
						|| medaudit.facility_zh(d.facility_name, d.event_facility_id) END, d.record),
				'、' ORDER BY d.event_at, d.event_visit_id) FILTER (WHERE d.place <= 3) AS text
		FROM (
			SELECT i.*, v.facility_name, v.provider_id = a.provider_id AS at_home,
				medaudit.visit_zh(v.record_no, v.visit_id, v.stay) AS record,
				row_number() OVER (PARTITION BY i.visit_id
					ORDER BY i.event_at, i.event_visit_id) AS place
			FROM medaudit_work.stay_book AS s
			CROSS JOIN LATERAL medaudit.events_in_stay(s.book, exclude_tags) AS i
			JOIN medaudit_work.stay AS a ON a.visit_id = i.visit_id AND a.stay
			JOIN medaudit_work.stay AS v ON v.visit_id = i.event_visit_id
			WHERE s.gathered_by = 'events' AND NOT i.event_tags && exclude_later_tags
				AND (NOT v.stay OR v.until::date = v.admitted_at::date)
				AND (at_facility = 'both'
					OR (v.provider_id = a.provider_id) = (at_facility = 'same'))
		) AS d
		GROUP BY d.visit_id
	) AS e
	JOIN medaudit_work.stay AS a ON a.visit_id = e.visit_id;
END
$$;

COMMENT ON FUNCTION _ask_events_in_stay(bigint, text, jsonb) IS
	'住院期间就诊: a group per stay in whose midst the person was seen as an outpatient, at the hospital of the stay or elsewhere';

-- People with many stays: of a person and year the densest run that ends in it.
CREATE OR REPLACE FUNCTION _ask_frequent_stays(run_no bigint, rule_code text, parameters jsonb) RETURNS SETOF run_group
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
DECLARE
	period_days int := parameters ->> 'period_days';
	min_stays int := parameters ->> 'min_stays';
	exclude_tags text[] := medaudit._parameter_list(parameters, 'exclude_tags');
BEGIN
	RETURN QUERY
	SELECT (medaudit.run_group(
		visit_ids => d.visit_ids,
		person_id => d.person_id,
		facility_id => l.facility_id,
		evidence => jsonb_build_object('limit', min_stays, 'enough', min_stays,
			'window', ARRAY[d.first_admitted, d.last_admitted],
			'formula', format('%s stays at %s facilities, admitted within %s of %s days; %s or more',
				d.stay_count, d.facilities, d.last_admitted - d.first_admitted + 1,
				period_days, min_stays)),
		evidence_text => concat(coalesce(l.person_name, d.person_id), '于',
			medaudit.date_zh(d.first_admitted), '至', medaudit.date_zh(d.last_admitted), '共住院', d.stay_count, '次（', period_days,
			'日内达到', min_stays, '次），涉及', d.facilities, '家机构：', medaudit._run_stays_zh(d.visit_ids), '，费用合计' || medaudit.money_zh(d.amount), '。'),
		key => d.person_id || '@' || s.year)).*
	FROM medaudit_work.stay_book AS s
	CROSS JOIN LATERAL medaudit._frequent_stays(s.book, period_days, min_stays,
		exclude_tags, make_date(s.year, 1, 1)) AS d
	JOIN medaudit_work.stay AS l ON l.visit_id = d.visit_ids[cardinality(d.visit_ids)]
	WHERE s.gathered_by = 'year';
END
$$;

COMMENT ON FUNCTION _ask_frequent_stays(bigint, text, jsonb) IS
	'住院频次高: people with at least min_stays stays admitted within period_days';

-- Days with more people in than beds.  They are judged by their own dates: who
-- is not settled yet lies in a bed all the same.  A spell is known by its first
-- day, and ends at the turn of the year.
CREATE OR REPLACE FUNCTION _ask_over_capacity(run_no bigint, rule_code text, parameters jsonb) RETURNS SETOF run_group
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
DECLARE
	min_days int := parameters ->> 'min_days';
	exclude_tags text[] := medaudit._parameter_list(parameters, 'exclude_tags');
	without_beds bigint;
BEGIN
	RETURN QUERY
	SELECT (medaudit.run_group(
		visit_ids => d.visit_ids,
		facility_id => s.owner,
		evidence => jsonb_strip_nulls(jsonb_build_object('limit', f.beds, 'window', ARRAY[d.from_date, d.to_date],
			'last_day', d.to_date - 1, 'occupied', d.occupied, 'excess', d.excess, 'excess_bed_days', d.excess_bed_days,
			'formula', format('%s people on the worst day - %s beds = %s; %s bed days in excess',
				d.occupied, f.beds, d.excess, coalesce(d.excess_bed_days::text, 'unknown')))),
		judged_on => d.to_date - 1,
		key => concat(s.owner, '@', d.from_date))).*
	FROM medaudit_work.stay_book AS s
	JOIN medaudit_work.facility AS f ON f.facility_id = s.owner
	CROSS JOIN LATERAL medaudit.over_capacity(s.book, f.beds, min_days,
		exclude_tags) AS d
	WHERE s.gathered_by = 'beds' AND f.beds > 0;
	SELECT count(*) INTO without_beds
	FROM medaudit_work.stay_book AS s
	LEFT JOIN medaudit_work.facility AS f ON f.facility_id = s.owner
	WHERE s.gathered_by = 'facility' AND coalesce(f.beds, 0) <= 0;
	CALL medaudit._run_note(run_no, 'facility', 'stays, but no number of beds',
		'有住院的机构没有床位数，未参与超床位分析', without_beds);
END
$$;

COMMENT ON FUNCTION _ask_over_capacity(bigint, text, jsonb) IS
	'超床位收治: runs of days with more people in than facility.beds';

-- The days that a day was compared with: weeks of one weekday where no calendar
-- came between.
CREATE OR REPLACE FUNCTION _baseline_zh(on_date date, class int, days date[]) RETURNS text
	LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
	RETURN '此前' || cardinality(days) || CASE
		WHEN days = ARRAY(SELECT on_date - 7 * w FROM generate_series(cardinality(days), 1, -1) AS w)
			THEN '周' || _day_class_zh(class)
		WHEN class = 7 THEN '个休息日（星期日和节假日）'
		WHEN class = 1 THEN '个星期一（含调休上班的周末，节假日除外）'
		ELSE '个' || _day_class_zh(class) || '（节假日除外）' END;

COMMENT ON FUNCTION _baseline_zh(date, int, date[]) IS
	'对照日期说明: which days before a day were compared with it, as 此前8周星期三; NULL for NULL';

-- Days with many more admissions than usual, by their own dates too, each against
-- days of its class.  What was before the book of a run nobody knows: a facility
-- that admitted nobody in the year up to the first of these days is a new one.  All
-- days of a year that the run asks: a stay that is settled late, or taken back,
-- changes what its day was.
CREATE OR REPLACE FUNCTION _ask_admission_bursts(run_no bigint, rule_code text, parameters jsonb) RETURNS SETOF run_group
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
DECLARE
	weeks int := parameters ->> 'weeks';
	min_excess int := parameters ->> 'min_excess';
	min_ratio float8 := parameters ->> 'min_ratio';
	max_p float8 := parameters ->> 'max_p';
	exclude_tags text[] := medaudit._parameter_list(parameters, 'exclude_tags');
	special record;
BEGIN
	SELECT coalesce(array_agg(c.day ORDER BY c.day), '{}') AS days,
		coalesce(array_agg(medaudit.day_class(c.day) ORDER BY c.day), '{}') AS classes
	INTO special FROM (SELECT DISTINCT k.day FROM medaudit.calendar AS k) AS c;
	RETURN QUERY
	SELECT (medaudit.run_group(
		visit_ids => d.visit_ids,
		facility_id => s.owner,
		evidence => jsonb_build_object('limit', max_p, 'window', ARRAY[d.on_date, d.on_date],
			'admissions', d.admissions, 'expected', round(d.expected::numeric, 4),
			'enough', greatest(d.expected::numeric + min_excess, d.expected::numeric * min_ratio::numeric),
			'p', medaudit._chance_text(d.p_value)::numeric, 'day_class', w.class, 'baseline', w.baseline,
			'formula', format('%s admissions, %s on the %s days of its class before, p = %s',
				d.admissions, round(d.expected::numeric, 2), weeks,
				medaudit._chance_text(d.p_value))),
		evidence_text => concat(medaudit.facility_zh(f.name, s.owner), '于', medaudit.date_zh(d.on_date),
			'（', medaudit._day_class_zh(extract(isodow FROM d.on_date)::int), '，' || w.note, '）一日入院', d.admissions,
			'人次，', medaudit._baseline_zh(d.on_date, w.class, d.baseline_days), '平均',
			round(d.expected::numeric, 1), '人次。'),
		judged_on => d.on_date)).*
	FROM medaudit_work.stay_book AS s
	CROSS JOIN LATERAL medaudit._admission_bursts(s.book, weeks, min_excess,
		min_ratio, max_p, exclude_tags, special.days, special.classes) AS d
	CROSS JOIN LATERAL (
		SELECT medaudit.day_class(d.on_date) AS class, (SELECT k.note FROM medaudit.calendar AS k
				WHERE k.day = d.on_date ORDER BY k.shipped LIMIT 1) AS note,
			(SELECT jsonb_agg(jsonb_build_object('date', b.day, 'admissions', b.n) ORDER BY b.day)
				FROM ROWS FROM (unnest(d.baseline_days), unnest(d.baseline_admissions)) AS b (day, n)) AS baseline
	) AS w
	LEFT JOIN medaudit_work.facility AS f ON f.facility_id = s.owner
	WHERE s.gathered_by = 'facility'
		AND extract(year FROM d.on_date) IN (SELECT y.year FROM medaudit_work.year AS y)
		AND EXISTS (SELECT FROM medaudit_work.stay AS v
			WHERE v.facility_id = s.owner AND v.stay AND NOT v.tags && exclude_tags
				AND v.admitted_at::date BETWEEN greatest(d.on_date - 366, make_date(extract(year FROM d.on_date)::int - 1, 1, 1))
					AND d.baseline_days[1]);
END
$$;

COMMENT ON FUNCTION _ask_admission_bursts(bigint, text, jsonb) IS
	'入院时间集中: dates of the years that the run asks with many more admissions than on the days of their class before';

-- Reimbursements of a facility and month that are too much alike.
CREATE OR REPLACE FUNCTION _ask_similar_amounts(run_no bigint, rule_code text, parameters jsonb) RETURNS SETOF run_group
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
DECLARE
	max_p float8 := parameters ->> 'max_p';
	tolerance_rel numeric := parameters ->> 'tolerance_rel';
	tolerance_abs numeric := parameters ->> 'tolerance_abs';
	min_alike int := parameters ->> 'min_alike';
	min_share float8 := parameters ->> 'min_share';
	exclude_tags text[] := medaudit._parameter_list(parameters, 'exclude_tags');
BEGIN
	RETURN QUERY
	SELECT (medaudit.run_group(
		visit_ids => d.visit_ids,
		facility_id => s.facility_id,
		evidence => jsonb_build_object('limit', min_share, 'enough', min_alike,
			'window', ARRAY[d.month_begins, (d.month_begins + interval '1 month')::date - 1],
			'formula', format('%s stays (%s) from %s to %s yuan, expected %s, p = %s',
				d.stay_count, round(d.share::numeric, 3), d.low, d.high,
				coalesce(round(d.expected::numeric, 2)::text, 'unknown'),
				coalesce(medaudit._chance_text(d.p_value), 'unknown'))),
		evidence_text => concat(coalesce(f.name, s.facility_id), '在', to_char(d.month_begins, 'YYYY"年"FMMM"月"'),
			'的出院结算中，', d.stay_count, '人次（占', round(100 * d.share::numeric, 1),
			'%）的', CASE WHEN medaudit._is_bound('visit', 'fund_amount') THEN '医保基金支付金额' ELSE '总费用' END,
			CASE WHEN d.low = d.high THEN '均为' || medaudit.money_zh(d.low)
				ELSE '集中在' || medaudit.money_zh(d.low) || '至' || medaudit.money_zh(d.high) || '之间' END, '。'))).*
	FROM medaudit_work.stay_book AS s
	CROSS JOIN LATERAL (
		SELECT i.*, (split_part(s.owner, E'\x1f', 2) || '-01')::date AS month_begins
		FROM medaudit.similar_amounts(s.book, tolerance_rel, tolerance_abs,
			min_alike, min_share, exclude_tags) AS i
	) AS d
	LEFT JOIN medaudit_work.facility AS f ON f.facility_id = s.facility_id
	WHERE s.gathered_by = 'month' AND coalesce(d.p_value, 0) <= max_p
		AND d.month_begins = (SELECT m.from_date FROM medaudit_work.period AS m);
END
$$;

COMMENT ON FUNCTION _ask_similar_amounts(bigint, text, jsonb) IS
	'出院报销金额接近: bands that hold many of the stays settled by a facility in a month';

-- People who come and go together, over all facilities: of a pair and year what
-- they did in it and in the one before.
CREATE OR REPLACE FUNCTION _ask_companions(run_no bigint, rule_code text, parameters jsonb) RETURNS SETOF run_group
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
DECLARE
	max_p float8 := parameters ->> 'max_p';
	within_days int := parameters ->> 'within_days';
	min_times int := parameters ->> 'min_times';
	exclude_tags text[] := medaudit._parameter_list(parameters, 'exclude_tags');
BEGIN
	RETURN QUERY
	SELECT (medaudit.run_group(
		visit_ids => d.visit_ids || d.other_visit_ids,
		person_id => d.person_id,
		facility_id => a.facility_id,
		evidence => jsonb_build_object('limit', min_times,
			'window', ARRAY[d.first_admitted, d.last_admitted],
			'other_person_id', d.other_person_id, 'formula', format(
				'%s times together at %s facilities within %s days, expected %s, p = %s',
				d.times, d.facilities, within_days, round(d.expected::numeric, 4),
				medaudit._chance_text(d.p_value))),
		evidence_text => concat(coalesce(a.person_name, d.person_id), '与',
			coalesce(b.person_name, d.other_person_id), '于', medaudit.date_zh(d.first_admitted), '至',
			medaudit.date_zh(d.last_admitted), '先后', d.times, '次在', CASE WHEN d.facilities = 1
				THEN coalesce(a.facility_name, a.facility_id) ELSE d.facilities || '家机构' END,
			'同时入院、同时出院（前后不超过', within_days, '天）',
			CASE WHEN EXISTS (SELECT FROM medaudit_work.stay AS o
					JOIN medaudit_work.stay AS t ON t.household_id = o.household_id
					WHERE o.visit_id = ANY (d.visit_ids) AND t.visit_id = ANY (d.other_visit_ids)) THEN '，两人同户' END, '：',
			medaudit._run_stays_zh(d.visit_ids || d.other_visit_ids), '。'),
		key => concat(d.person_id, E'\x1f', d.other_person_id, '@', s.year))).*
	FROM (
		SELECT y.year, medaudit.stays(v.visit_id, v.people_id, v.facility_id, v.admitted_at,
			v.discharged_at, v.main_diagnosis, v.total_amount, v.tags) AS book
		FROM medaudit_work.year AS y
		JOIN medaudit_work.stay AS v ON extract(year FROM v.admitted_at) IN (y.year - 1, y.year)
		WHERE v.stay
		GROUP BY y.year
	) AS s
	CROSS JOIN LATERAL medaudit.companions(s.book, within_days, min_times,
		exclude_tags) AS d
	JOIN medaudit_work.stay AS a ON a.visit_id = d.visit_ids[d.times]
	JOIN medaudit_work.stay AS b ON b.visit_id = d.other_visit_ids[d.times]
	WHERE d.p_value <= max_p AND extract(year FROM d.last_admitted) = s.year;
END
$$;

COMMENT ON FUNCTION _ask_companions(bigint, text, jsonb) IS
	'结伴住院: pairs of people who are admitted and discharged together at least min_times times';

-- What a rule could not ask, hospital by hospital: FACILITY_IDS has one for each
-- case.
CREATE OR REPLACE PROCEDURE _run_note_facilities(run_no bigint, relation text, problem text,
	problem_zh text, facility_ids text[])
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
DECLARE
	f record;
BEGIN
	FOR f IN
		SELECT i.facility_id, min(n.name) AS name, count(*) AS cases
		FROM unnest(facility_ids) AS i (facility_id)
		LEFT JOIN medaudit_work.facility AS n ON n.facility_id = i.facility_id
		GROUP BY i.facility_id
	LOOP
		CALL medaudit._run_note(run_no, relation, problem, problem_zh, f.cases, f.facility_id, f.name);
	END LOOP;
END
$$;

COMMENT ON PROCEDURE _run_note_facilities(bigint, text, text, text, text[]) IS
	'按机构记录数据问题: notes a problem for each facility, with how often it stands in facility_ids';

-- Stays whose days a rule about days without care looks at, and the days of
-- their books.  Items of the classes bed, nursing and consultation are passive,
-- treatments may be billed by the week, and what is of no known class is care.
CREATE OR REPLACE PROCEDURE _run_read_idle(excluded text[])
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
DECLARE
	known record;
BEGIN
	PERFORM medaudit._empty('bed', 'idle');
	INSERT INTO medaudit_work.bed
	SELECT v.visit_id, m.visit_id AS member_id, v.facility_id, v.admitted_at, v.discharged_at
	FROM medaudit_work.stay AS v
	JOIN medaudit_work.member AS m ON m.stay_id = v.visit_id
	WHERE v.stay AND v.judged AND v.discharged_at::date - v.admitted_at::date >= 2
		AND NOT v.tags && excluded;
	PERFORM medaudit._analyze('bed');
	-- codes of hospitals have the separator of keys in them
	WITH key AS MATERIALIZED (
		SELECT k.key, split_part(regexp_replace(k.key, E'\x1f[^\x1f]*$', ''), chr(30), 1) AS item_code,
			nullif(substring(k.key, E'[^\x1f]*$'), '') AS category
		FROM (SELECT medaudit._distinct_item_categories(coalesce(g.class_book, g.book), coalesce(g.class_categories, g.categories)) AS keys
			FROM medaudit_work.gathered AS g
			WHERE g.visit_id IN (SELECT b.member_id FROM medaudit_work.bed AS b)) AS d
		CROSS JOIN LATERAL unnest(d.keys) AS k (key)
	)
	SELECT array_agg(k.key) AS keys, array_agg(c.class) AS classes INTO known
	FROM key AS k
	LEFT JOIN (
		SELECT t.* FROM (
			SELECT array_agg(i.item_code) AS item_codes, array_agg(i.category) AS categories
			FROM (SELECT DISTINCT n.item_code, n.category FROM key AS n) AS i
		) AS d
		CROSS JOIN LATERAL medaudit._classes_of_charges(d.item_codes, d.categories) AS t
	) AS c ON c.item_code = k.item_code AND c.category IS NOT DISTINCT FROM k.category;
	INSERT INTO medaudit_work.idle
	SELECT s.visit_id, s.facility_id, s.first_on = s.last_on AS one_date, d.unknown,
		s.discharged_at::date - s.last_on > 366 AS still_in, d.stay_days, d.active_days, d.idle_days, d.longest_idle,
		d.idle_share, d.bare_days, d.idle_dates
	FROM (
		SELECT b.visit_id, b.facility_id, b.admitted_at, b.discharged_at, medaudit.rollup(coalesce(g.class_book, g.book)) AS book,
			medaudit._rollup_categories(coalesce(g.class_book, g.book), coalesce(g.class_categories, g.categories)) AS categories,
			min(c.first_on) AS first_on, max(c.last_on) AS last_on
		FROM medaudit_work.bed AS b
		JOIN medaudit_work.gathered AS g ON g.visit_id = b.member_id
		-- by the plain codes: what is taken back may lack the category of its charge
		CROSS JOIN LATERAL medaudit._charged_dates(g.book) AS c
		GROUP BY b.visit_id, b.facility_id, b.admitted_at, b.discharged_at
	) AS s
	CROSS JOIN LATERAL medaudit._bed_days(s.book, s.categories, s.admitted_at, s.discharged_at, known.keys, known.classes) AS d;
END
$$;

COMMENT ON PROCEDURE _run_read_idle(text[]) IS
	'读取住院日: days without care of the judged stays of two nights and more that a rule does not leave out, into a working table';

-- What the days of a stay could not say.
CREATE OR REPLACE PROCEDURE _run_note_idle(run_no bigint)
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
DECLARE
	c record;
BEGIN
	SELECT (SELECT count(DISTINCT b.visit_id) FROM medaudit_work.bed AS b
			WHERE NOT EXISTS (SELECT FROM medaudit_work.idle AS d WHERE d.visit_id = b.visit_id)) AS without_lines,
		array_agg(i.facility_id) FILTER (WHERE i.one_date AND i.still_in IS NOT TRUE) AS one_date,
		array_agg(i.facility_id) FILTER (WHERE i.still_in) AS still_in,
		array_agg(i.facility_id) FILTER (WHERE i.unknown) AS unknown
	INTO c FROM medaudit_work.idle AS i;
	CALL medaudit._run_note(run_no, 'visit', 'a stay without charges: days without care were not asked',
		'住院没有费用明细，未参与挂床分析', c.without_lines);
	CALL medaudit._run_note_facilities(run_no, 'visit',
		'all charges of a stay of three dates or more on one date: days without care are not known',
		'住院三天以上而费用全部记在同一日期，无法判断有无诊疗，未参与挂床分析', c.one_date);
	CALL medaudit._run_note_facilities(run_no, 'visit',
		'a discharge more than 366 days after the last charge: taken as still in',
		'出院日期晚于最后一笔费用366天以上，按尚未出院处理，未参与挂床分析', c.still_in);
	CALL medaudit._run_note_facilities(run_no, 'charge',
		'a stay with charges of no known class, which count as care',
		'住院含收费类别不明的费用，挂床分析时按有诊疗处理', c.unknown);
END
$$;

COMMENT ON PROCEDURE _run_note_idle(bigint) IS
	'挂床数据质量: counts the stays whose days without care could not be asked, by facility';

-- Stays with days on which nothing was done.
CREATE OR REPLACE FUNCTION _ask_hang_bed(run_no bigint, rule_code text, parameters jsonb) RETURNS SETOF run_group
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
DECLARE
	min_idle_share float8 := parameters ->> 'min_idle_share';
	min_idle_run int := parameters ->> 'min_idle_run';
BEGIN
	CALL medaudit._run_read_idle(medaudit._parameter_list(parameters, 'exclude_tags'));
	RETURN QUERY
	SELECT (medaudit.run_group(
		visit_ids => ARRAY[v.visit_id],
		person_id => v.person_id,
		facility_id => v.facility_id,
		evidence => jsonb_build_object('limit', min_idle_share,
			'window', ARRAY[v.admitted_at::date, v.discharged_at::date],
			'stay_days', d.stay_days, 'idle_days', d.idle_days, 'longest_idle', d.longest_idle,
			'idle_dates', d.idle_dates, 'bare_days', d.bare_days,
			'formula', format('%s idle of %s inner days = %s (%s or more), %s in a row (%s or more)',
				d.idle_days, d.stay_days - 2, round(d.idle_share::numeric, 4), min_idle_share,
				d.longest_idle, min_idle_run)),
		evidence_text => concat(coalesce(v.person_name, v.person_id), '在',
			medaudit._stay_record_zh(v.facility_name, v.facility_id, v.admitted_at, v.discharged_at,
				v.record_no, v.visit_id),
			'住院', d.stay_days, '天，除入出院当日外有', d.idle_days, '天仅有床位、护理、诊察收费或无收费，最长连续',
			d.longest_idle, '天（', (SELECT string_agg(medaudit.date_zh(i.day), '、' ORDER BY i.day)
				FROM unnest(d.idle_dates[1:10]) AS i (day)),
			CASE WHEN d.idle_days > 10 THEN '等' END, '）。'))).*
	FROM medaudit_work.idle AS d
	JOIN medaudit_work.stay AS v ON v.visit_id = d.visit_id
	WHERE NOT d.one_date AND NOT d.still_in
		AND (d.longest_idle >= min_idle_run
			OR d.idle_share >= min_idle_share AND d.idle_days >= 2);
	CALL medaudit._run_note_idle(run_no);
END
$$;

COMMENT ON FUNCTION _ask_hang_bed(bigint, text, jsonb) IS
	'挂床住院: stays with a share or a run of days on which only passive items were charged, or nothing';

-- Money of the stays that a rule about low standards looks at: short ones that
-- are judged, and what follows each within days, in the next period too.
CREATE OR REPLACE PROCEDURE _run_read_short_stays(parameters jsonb)
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
DECLARE
	max_gap_days int := parameters ->> 'max_gap_days';
	max_stay_nights int := parameters ->> 'max_stay_nights';
	min_age int := parameters ->> 'min_age';
	max_age int := parameters ->> 'max_age';
	exclude_tags text[] := medaudit._parameter_list(parameters, 'exclude_tags');
BEGIN
	PERFORM medaudit._empty('short');
	INSERT INTO medaudit_work.short
	SELECT v.visit_id, v.people_id, v.discharged_at::date AS left_on
	FROM medaudit_work.stay AS v
	WHERE v.stay AND v.judged AND NOT v.tags && exclude_tags
		AND v.discharged_at::date - v.admitted_at::date BETWEEN 0 AND max_stay_nights
		AND (v.birth_date IS NULL OR v.admitted_at >= v.birth_date
				+ make_interval(years => min_age)
			AND v.admitted_at::date < v.birth_date
				+ make_interval(years => max_age));
	PERFORM medaudit._empty('next');
	INSERT INTO medaudit_work.next
	SELECT a.visit_id, n.visit_id AS next_visit_id
	FROM medaudit_work.short AS a
	JOIN medaudit_work.stay AS n ON n.people_id = a.people_id AND n.stay AND n.visit_id <> a.visit_id
		AND n.admitted_at::date - a.left_on BETWEEN 0 AND max_gap_days;
	PERFORM medaudit._empty('spent');
	INSERT INTO medaudit_work.spent
	WITH item AS MATERIALIZED (
		SELECT m.stay_id AS visit_id, c.category, split_part(c.item_code, chr(30), 1) AS item_code, sum(c.amount) AS amount
		FROM medaudit_work.member AS m
		JOIN medaudit_work.gathered AS g ON g.visit_id = m.visit_id
		CROSS JOIN LATERAL medaudit._item_sums(coalesce(g.class_book, g.book), coalesce(g.class_categories, g.categories)) AS c
		WHERE m.stay_id IN (SELECT a.visit_id FROM medaudit_work.short AS a
			UNION ALL SELECT n.next_visit_id FROM medaudit_work.next AS n)
		GROUP BY m.stay_id, c.category, split_part(c.item_code, chr(30), 1)
	), class AS MATERIALIZED (
		SELECT t.* FROM (
			SELECT array_agg(i.item_code) AS item_codes, array_agg(i.category) AS categories
			FROM (SELECT DISTINCT j.item_code, j.category FROM item AS j) AS i
		) AS d
		CROSS JOIN LATERAL medaudit._classes_of_charges(d.item_codes, d.categories) AS t
	)
	SELECT i.visit_id, sum(i.amount) AS amount,
		coalesce(sum(i.amount) FILTER (WHERE c.class IN ('exam', 'laboratory')), 0) AS exam,
		coalesce(sum(i.amount) FILTER (WHERE c.class IN ('treatment', 'surgery')), 0) AS treatment,
		coalesce(sum(i.amount) FILTER (WHERE c.class IS NULL), 0) AS unknown
	FROM item AS i
	LEFT JOIN class AS c ON c.item_code = i.item_code AND c.category IS NOT DISTINCT FROM i.category
	GROUP BY i.visit_id;
END
$$;

COMMENT ON PROCEDURE _run_read_short_stays(jsonb) IS
	'短期住院费用: short stays of a run, what follows each within days, and their money by class, into working tables';

-- Short stays for examinations.  One that a treatment follows within days has
-- found something; charges of no known class may be a treatment.
CREATE OR REPLACE FUNCTION _ask_low_standard_stay(run_no bigint, rule_code text, parameters jsonb) RETURNS SETOF run_group
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
DECLARE
	min_exam_share numeric := parameters ->> 'min_exam_share';
	max_stay_nights int := parameters ->> 'max_stay_nights';
	c record;
BEGIN
	CALL medaudit._run_read_short_stays(parameters);
	PERFORM medaudit._empty('low');
	INSERT INTO medaudit_work.low
	SELECT a.visit_id, s.amount, s.exam, s.visit_id IS NULL AS bare, s.unknown <> 0 AS unknown
	FROM medaudit_work.short AS a
	LEFT JOIN medaudit_work.spent AS s ON s.visit_id = a.visit_id
	WHERE (s.visit_id IS NULL OR s.amount > 0 AND s.treatment <= 0
			AND s.exam + s.unknown >= min_exam_share * s.amount)
		AND NOT EXISTS (SELECT FROM medaudit_work.next AS n
			JOIN medaudit_work.spent AS t ON t.visit_id = n.next_visit_id
			WHERE n.visit_id = a.visit_id AND t.treatment > 0);
	RETURN QUERY
	SELECT (medaudit.run_group(
		visit_ids => ARRAY[v.visit_id],
		person_id => v.person_id,
		facility_id => v.facility_id,
		evidence => jsonb_strip_nulls(jsonb_build_object('limit', min_exam_share,
			'window', ARRAY[v.admitted_at::date, v.discharged_at::date],
			'nights', v.discharged_at::date - v.admitted_at::date, 'exam_amount', l.exam, 'total', l.amount,
			'missing', CASE WHEN v.birth_date IS NULL THEN ARRAY['birth_date'] END,
			'formula', format('examinations and laboratory %s of %s = %s (%s or more), no treatment or surgery, %s nights (%s or fewer)',
				l.exam, l.amount, round(l.exam / l.amount, 4), min_exam_share,
				v.discharged_at::date - v.admitted_at::date, max_stay_nights))),
		evidence_text => concat(coalesce(v.person_name, v.person_id), '在',
			medaudit._stay_record_zh(v.facility_name, v.facility_id, v.admitted_at, v.discharged_at,
				v.record_no, v.visit_id),
			'住院', v.discharged_at::date - v.admitted_at::date, '夜', '，主要诊断' || v.main_diagnosis,
			'，检查化验费', medaudit.money_zh(l.exam), '，占总费用', medaudit.money_zh(l.amount), '的',
			round(100 * l.exam / l.amount, 1), '%，无治疗、手术收费。'))).*
	FROM medaudit_work.low AS l
	JOIN medaudit_work.stay AS v ON v.visit_id = l.visit_id
	WHERE NOT l.bare AND NOT l.unknown;
	SELECT count(*) FILTER (WHERE l.bare) AS bare,
		array_agg(v.facility_id) FILTER (WHERE l.unknown) AS unknown
	INTO c FROM medaudit_work.low AS l
	JOIN medaudit_work.stay AS v ON v.visit_id = l.visit_id;
	CALL medaudit._run_note(run_no, 'visit', 'a short stay without charges: low standard was not asked',
		'短期住院没有费用明细，未参与低标准入院分析', c.bare);
	CALL medaudit._run_note_facilities(run_no, 'charge',
		'a short stay with charges of no known class: low standard was not asked',
		'短期住院含收费类别不明的费用，未参与低标准入院分析', c.unknown);
END
$$;

COMMENT ON FUNCTION _ask_low_standard_stay(bigint, text, jsonb) IS
	'低标准入院: short stays whose money is examinations and laboratory, without treatment or surgery';
