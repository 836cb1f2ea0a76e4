-- The rules over stays of a run: the stays are gathered once, per person and
-- per facility, and each rule reads the books it needs; homes are those of
-- persons.sql.

-- People of the largest home that each person is registered in, by household
-- and by address; none where no tag that a rule of the run leaves out asks for it.
CREATE FUNCTION run_home_sizes(run_no bigint) RETURNS TABLE (person_id text, people bigint)
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE ROWS 100000
	SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
BEGIN
	IF NOT EXISTS (SELECT FROM medaudit.run AS n
			CROSS JOIN LATERAL medaudit.run_rules(n.rules) AS r
			JOIN medaudit.stay_rule AS s ON s.rule_code = r.rule_code
			JOIN medaudit.stay_tag AS t ON t.tag = ANY (s.exclude_tags || s.exclude_later_tags)
			WHERE n.run_id = run_no AND t.household_people IS NOT NULL) THEN
		RETURN;
	END IF;
	CALL medaudit.run_read_links();
	RETURN QUERY
	WITH home AS (
		SELECT l.kind, l.value, pg_catalog.count(*) AS people
		FROM pg_temp.medaudit_link AS l WHERE l.kind IN ('household', 'address')
		GROUP BY l.kind, l.value
		HAVING pg_catalog.count(*) >= (SELECT pg_catalog.min(t.household_people)
			FROM medaudit.stay_tag AS t)
	)
	SELECT l.person_id, pg_catalog.max(h.people)
	FROM pg_temp.medaudit_link AS l
	JOIN home AS h ON h.kind = l.kind AND h.value = l.value
	GROUP BY l.person_id;
END
$$;

COMMENT ON FUNCTION run_home_sizes(bigint) IS
	'户内人数: people of the register with the same household_id or key of the address as each person, the larger of the two, from the smallest number on that a row of stay_tag asks for; no rows when no rule of the run leaves out a tag that asks for it. Only within an audit run';

-- The tags that rows of stay_tag give to the visits of a run.  The table is
-- asked once for each code of a diagnosis, and once for each type of visit and
-- payment, not for each visit.
CREATE FUNCTION run_visit_tags(run_no bigint) RETURNS TABLE (visit_id text, tag text)
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE ROWS 100000
	SET search_path = pg_catalog, pg_temp
	SET jit = off
AS $$
#variable_conflict use_column
BEGIN
	RETURN QUERY
	WITH home AS MATERIALIZED (
		SELECT h.person_id, h.people FROM medaudit.run_home_sizes(run_no) AS h
	), told AS MATERIALIZED (
		SELECT v.visit_id, v.person_id, v.visit_type, v.payment_method,
			v.main_diagnosis AS code, false AS any_diagnosis
		FROM pg_temp.medaudit_tagged AS v
		UNION ALL
		SELECT v.visit_id, v.person_id, v.visit_type, v.payment_method,
			pg_catalog.unnest(v.diagnosis_codes), true
		FROM pg_temp.medaudit_tagged AS v
	), code AS MATERIALIZED (
		SELECT c.code, t.*
		FROM (SELECT DISTINCT told.code FROM told) AS c
		JOIN medaudit.stay_tag AS t ON pg_catalog.starts_with(
			pg_catalog.upper(pg_catalog.replace(c.code, '.', '')),
			pg_catalog.upper(pg_catalog.replace(t.diagnosis_prefix, '.', '')))
	), kind AS MATERIALIZED (
		SELECT ARRAY[k.visit_type, k.payment_method] AS kind, t.tag, t.household_people
		FROM (SELECT DISTINCT v.visit_type, v.payment_method FROM pg_temp.medaudit_tagged AS v) AS k
		JOIN medaudit.stay_tag AS t ON t.diagnosis_prefix IS NULL
			AND (t.visit_type IS NULL OR pg_catalog.starts_with(k.visit_type, t.visit_type))
			AND (t.payment_method IS NULL
				OR pg_catalog.lower(t.payment_method) = pg_catalog.lower(k.payment_method))
	), met AS (
		SELECT d.visit_id, d.person_id, c.tag, c.household_people
		FROM told AS d
		JOIN code AS c ON c.code = d.code AND c.any_diagnosis = d.any_diagnosis
		WHERE (c.visit_type IS NULL OR pg_catalog.starts_with(d.visit_type, c.visit_type))
			AND (c.payment_method IS NULL
				OR pg_catalog.lower(c.payment_method) = pg_catalog.lower(d.payment_method))
		UNION ALL
		SELECT v.visit_id, v.person_id, k.tag, k.household_people
		FROM pg_temp.medaudit_tagged AS v
		JOIN kind AS k ON k.kind = ARRAY[v.visit_type, v.payment_method]
	)
	SELECT m.visit_id, m.tag
	FROM met AS m
	WHERE m.household_people IS NULL
	UNION ALL
	SELECT m.visit_id, m.tag
	FROM met AS m
	JOIN home AS h ON h.person_id = m.person_id AND h.people >= m.household_people
	UNION ALL
	SELECT v.visit_id, 'referral' FROM pg_temp.medaudit_tagged AS v WHERE v.referred
	UNION ALL
	SELECT v.visit_id, 'newborn' FROM pg_temp.medaudit_tagged AS v WHERE v.newborn
	UNION ALL
	SELECT v.visit_id, 'refunded' FROM pg_temp.medaudit_tagged AS v WHERE v.total_amount = 0
	UNION ALL
	-- a visit of one date whose every line was taken back, whatever its total
	SELECT c.visit_id, 'refunded'
	FROM medaudit.charge AS c
	JOIN pg_temp.medaudit_tagged AS v ON v.visit_id = c.visit_id AND NOT v.stay
	GROUP BY c.visit_id
	HAVING pg_catalog.sum(c.amount) = 0 AND pg_catalog.bool_or(c.amount < 0);
END
$$;

COMMENT ON FUNCTION run_visit_tags(bigint) IS
	'就诊标签: the tags of the visits in the temporary table medaudit_tagged. Only within an audit run';

-- Stays with their tags, and the visits of a day that lie inside a stay.
CREATE PROCEDURE run_tag_stays(run_no bigint)
	LANGUAGE plpgsql
	SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	CREATE TEMPORARY TABLE medaudit_tagged AS
	WITH events AS (
		SELECT DISTINCT e.visit_id
		FROM pg_temp.medaudit_visit AS e
		JOIN pg_temp.medaudit_visit AS s ON s.person_id = e.person_id
		WHERE s.stay AND NOT e.stay AND s.admitted_at::date < e.admitted_at::date
			AND (s.discharged_at IS NULL OR s.discharged_at::date > e.discharged_at::date)
	)
	SELECT v.* FROM pg_temp.medaudit_visit AS v
	WHERE v.stay OR v.visit_id IN (SELECT e.visit_id FROM events AS e);
	ANALYZE pg_temp.medaudit_tagged;
	CREATE TEMPORARY TABLE medaudit_stay AS
	SELECT v.*, coalesce(t.tags, '{}') AS tags
	FROM pg_temp.medaudit_tagged AS v
	LEFT JOIN (
		SELECT i.visit_id, pg_catalog.array_agg(DISTINCT i.tag ORDER BY i.tag) AS tags
		FROM medaudit.run_visit_tags(run_no) AS i GROUP BY i.visit_id
	) AS t ON t.visit_id = v.visit_id;
	DROP TABLE pg_temp.medaudit_tagged;
	CREATE INDEX ON pg_temp.medaudit_stay (visit_id);
	ANALYZE pg_temp.medaudit_stay;
END
$$;

COMMENT ON PROCEDURE run_tag_stays(bigint) IS
	'住院及标签: the stays of a run with their tags, and visits of one date inside a stay, in a temporary table';

-- Stays per person, facility, and facility and month, gathered once
-- for all stay rules.
CREATE PROCEDURE run_gather_stays(run_no bigint)
	LANGUAGE plpgsql
AS $$
DECLARE
	funds bool := EXISTS (SELECT FROM medaudit.bound_columns() AS b
		WHERE b.relation = 'visit' AND b.column_name = 'fund_amount' AND b.bound);
BEGIN
	IF pg_catalog.to_regclass('pg_temp.medaudit_stays') IS NOT NULL THEN
		RETURN;
	END IF;
	CALL medaudit.run_tag_stays(run_no);
	CREATE TEMPORARY TABLE medaudit_stays AS
	SELECT g.gathered_by, g.owner, g.facility_id, medaudit.stays(s.visit_id, s.person_id,
		s.facility_id, s.admitted_at, s.discharged_at, s.main_diagnosis,
		CASE WHEN g.gathered_by = 'month' AND funds THEN s.fund_amount
			ELSE s.total_amount END, s.tags) AS book
	FROM pg_temp.medaudit_stay AS s
	CROSS JOIN LATERAL (
		SELECT 'person' AS gathered_by, s.person_id AS owner, NULL AS facility_id
		WHERE s.stay AND NOT s.later
		UNION ALL SELECT 'events', s.person_id, NULL WHERE NOT s.later
		UNION ALL SELECT 'facility', s.facility_id, s.facility_id WHERE s.stay
		UNION ALL SELECT 'month', pg_catalog.concat(s.facility_id, E'\x1f',
			pg_catalog.to_char(s.judged_at, 'YYYY-MM')), s.facility_id
		WHERE s.stay AND s.judged
	) AS g
	GROUP BY g.gathered_by, g.owner, g.facility_id
	HAVING pg_catalog.count(*) > 1 AND pg_catalog.bool_or(s.judged OR g.gathered_by = 'facility')
		AND (g.gathered_by <> 'events' OR pg_catalog.bool_or(NOT s.stay));
	CREATE TEMPORARY TABLE medaudit_group (n bigint GENERATED ALWAYS AS IDENTITY,
		visit_ids text[], person_id text, facility_id text, evidence jsonb,
		evidence_text text, judged_on date);
END
$$;

COMMENT ON PROCEDURE run_gather_stays(bigint) IS
	'汇集住院: books of stays per person, facility, and facility and month, in a temporary table';

-- Whether a run judges one of these visits.
CREATE FUNCTION run_judges(visit_ids text[]) RETURNS bool
	LANGUAGE plpgsql STABLE STRICT PARALLEL UNSAFE
AS $$
BEGIN
	RETURN EXISTS (SELECT FROM pg_temp.medaudit_stay AS v
		WHERE v.visit_id = ANY (visit_ids) AND v.judged);
END
$$;

COMMENT ON FUNCTION run_judges(text[]) IS
	'是否本期: whether one of the visits is judged by the run; NULL for NULL';

-- Pairs of stays with few days between them.
CREATE PROCEDURE run_ask_split(rule stay_rule)
	LANGUAGE plpgsql
	SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	INSERT INTO pg_temp.medaudit_group (visit_ids, person_id, facility_id, evidence,
		evidence_text)
	SELECT ARRAY[d.visit_id, d.next_visit_id], d.person_id, d.next_facility_id,
		pg_catalog.jsonb_build_object('limit', rule.max_gap_days,
			'window', ARRAY[a.discharged_at::date, b.admitted_at::date],
			'formula', pg_catalog.format('%s - %s = %s days, 0 to %s',
				b.admitted_at::date, a.discharged_at::date, d.gap_days, rule.max_gap_days)),
		pg_catalog.concat(coalesce(b.person_name, d.person_id), '在',
			medaudit.stay_text_zh(a.facility_name, a.facility_id, a.admitted_at, a.discharged_at),
			'出院后', CASE WHEN d.gap_days = 0 THEN '当日' ELSE d.gap_days || '天' END, '再次入住',
			medaudit.stay_text_zh(b.facility_name, b.facility_id, b.admitted_at, b.discharged_at),
			'，主要诊断' || d.diagnosis || CASE WHEN d.next_diagnosis = d.diagnosis THEN '相同'
				WHEN rule.diagnosis_digits > 0 THEN '与' || d.next_diagnosis || '属同类'
				ELSE '与' || d.next_diagnosis END,
			'，两次费用合计' || pg_catalog.round(d.amount + d.next_amount, 2) || '元', '。')
	FROM pg_temp.medaudit_stays AS s
	CROSS JOIN LATERAL medaudit.split_stays(s.book, rule.max_gap_days, rule.same_facility,
		rule.diagnosis_digits, rule.exclude_tags) AS d
	JOIN pg_temp.medaudit_stay AS a ON a.visit_id = d.visit_id
	JOIN pg_temp.medaudit_stay AS b ON b.visit_id = d.next_visit_id
	WHERE s.gathered_by = 'person' AND (a.judged OR b.judged)
		AND NOT b.tags && rule.exclude_later_tags;
END
$$;

COMMENT ON PROCEDURE run_ask_split(stay_rule) IS
	'分解住院: pairs of stays with at most max_gap_days between them';

-- Stays of one person at the same time.
CREATE PROCEDURE run_ask_overlapping(rule stay_rule)
	LANGUAGE plpgsql
	SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	INSERT INTO pg_temp.medaudit_group (visit_ids, person_id, facility_id, evidence,
		evidence_text)
	SELECT ARRAY[d.visit_id, d.other_visit_id], d.person_id, d.other_facility_id,
		pg_catalog.jsonb_build_object('limit', rule.min_nights,
			'window', ARRAY[d.from_date, d.to_date],
			'formula', pg_catalog.format('%s - %s = %s nights in common', d.to_date,
				d.from_date, d.nights)),
		pg_catalog.concat(coalesce(b.person_name, d.person_id), '在',
			medaudit.stay_text_zh(a.facility_name, a.facility_id, a.admitted_at, a.discharged_at),
			'住院期间，同时在',
			medaudit.stay_text_zh(b.facility_name, b.facility_id, b.admitted_at, b.discharged_at),
			'住院，重叠', d.nights, '夜',
			'，两次费用合计' || pg_catalog.round(a.total_amount + b.total_amount, 2) || '元', '。')
	FROM pg_temp.medaudit_stays AS s
	CROSS JOIN LATERAL medaudit.overlapping_stays(s.book, rule.min_nights,
		rule.exclude_tags) AS d
	JOIN pg_temp.medaudit_stay AS a ON a.visit_id = d.visit_id
	JOIN pg_temp.medaudit_stay AS b ON b.visit_id = d.other_visit_id
	WHERE s.gathered_by = 'person' AND (a.judged OR b.judged);
END
$$;

COMMENT ON PROCEDURE run_ask_overlapping(stay_rule) IS
	'叠床住院: pairs of stays of one person that share nights';

-- Members of a home (see persons.sql) admitted and discharged together.  A
-- group without its visits is an institution's address.
CREATE PROCEDURE run_ask_household(rule stay_rule)
	LANGUAGE plpgsql
	SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	CALL medaudit.run_read_homes(rule.max_people);
	INSERT INTO pg_temp.medaudit_group (visit_ids, person_id, facility_id, evidence,
		evidence_text)
	SELECT d.visit_ids, NULL, d.facility_id,
		pg_catalog.jsonb_build_object('limit', rule.min_people,
			'window', ARRAY[d.first_admitted, d.last_discharged],
			'links', l.links, 'times', d.times, 'formula', pg_catalog.format(
				'%s people admitted %s to %s (within %s days), discharged %s to %s (within %s days)',
				d.people, d.first_admitted, d.last_admitted, rule.admit_within_days,
				d.first_discharged, d.last_discharged, rule.discharge_within_days)),
		pg_catalog.concat(medaudit.home_zh(l.links, d.people), d.people, '人于',
			pg_catalog.to_char(d.first_admitted, 'YYYY-MM-DD'), CASE WHEN d.last_admitted > d.first_admitted
				THEN pg_catalog.to_char(d.last_admitted, '"至"YYYY-MM-DD') END,
			'同时入住', coalesce(f.name, d.facility_id), '，',
			pg_catalog.to_char(d.first_discharged, 'YYYY-MM-DD'), CASE WHEN d.last_discharged > d.first_discharged
				THEN pg_catalog.to_char(d.last_discharged, '"至"YYYY-MM-DD') END,
			'同时出院', CASE WHEN d.times > 1 THEN '，此类情形共' || d.times || '次' END,
			'，费用合计' || pg_catalog.round(d.amount, 2) || '元', '。')
	FROM (
		SELECT medaudit.stays(v.visit_id, v.person_id, v.facility_id, v.admitted_at,
			v.discharged_at, v.main_diagnosis, v.total_amount, v.tags) AS book
		FROM pg_temp.medaudit_home AS h
		JOIN pg_temp.medaudit_stay AS v ON v.person_id = h.person_id
		WHERE h.max_people = rule.max_people AND v.stay AND NOT v.later
		GROUP BY h.owner
		HAVING pg_catalog.bool_or(v.judged) AND pg_catalog.count(*) > 1
	) AS s
	CROSS JOIN LATERAL medaudit.same_household_admissions(s.book, rule.admit_within_days,
		rule.discharge_within_days, rule.min_people, rule.max_people, rule.exclude_tags) AS d
	CROSS JOIN LATERAL (SELECT medaudit.shared_links(d.person_ids) AS links) AS l
	LEFT JOIN pg_temp.medaudit_facility AS f ON f.facility_id = d.facility_id
	WHERE medaudit.run_judges(d.visit_ids);
END
$$;

COMMENT ON PROCEDURE run_ask_household(stay_rule) IS
	'同进同出: members of one household admitted to and discharged from one facility together';

-- Visits of a day in the midst of a stay.  The findings are of the stay: one
-- for all that happened during it.
CREATE PROCEDURE run_ask_events(rule stay_rule)
	LANGUAGE plpgsql
AS $$
BEGIN
	INSERT INTO pg_temp.medaudit_group (visit_ids, person_id, facility_id, evidence,
		evidence_text)
	SELECT pg_catalog.array_prepend(a.visit_id, e.visit_ids), a.person_id, a.facility_id,
		pg_catalog.jsonb_build_object('limit', 0,
			'window', ARRAY[a.admitted_at::date, a.discharged_at::date],
			'formula', pg_catalog.format('%s visits between %s and %s', e.visits,
				a.admitted_at::date, coalesce(a.discharged_at::date::text, 'now'))),
		pg_catalog.concat(coalesce(a.person_name, a.person_id), '在',
			medaudit.stay_text_zh(a.facility_name, a.facility_id, a.admitted_at, a.discharged_at),
			'住院期间，', e.text, CASE WHEN e.visits > 3
				THEN '等共' || e.visits || '次' END, '。')
	FROM (
		SELECT d.visit_id, pg_catalog.count(*) AS visits,
			pg_catalog.array_agg(d.event_visit_id ORDER BY d.event_at, d.event_visit_id) AS visit_ids,
			pg_catalog.string_agg(pg_catalog.format('%s（住院第%s天）在%s就诊',
				medaudit.time_zh(d.event_at), d.day_of_stay, coalesce(f.name, d.event_facility_id)),
				'、' ORDER BY d.event_at, d.event_visit_id) FILTER (WHERE d.place <= 3) AS text
		FROM (
			SELECT i.*, pg_catalog.row_number() OVER (PARTITION BY i.visit_id
				ORDER BY i.event_at, i.event_visit_id) AS place
			FROM pg_temp.medaudit_stays AS s
			CROSS JOIN LATERAL medaudit.events_in_stay(s.book, rule.exclude_tags) AS i
			WHERE s.gathered_by = 'events' AND NOT i.event_tags && rule.exclude_later_tags
		) AS d
		LEFT JOIN pg_temp.medaudit_facility AS f ON f.facility_id = d.event_facility_id
		GROUP BY d.visit_id
	) AS e
	JOIN pg_temp.medaudit_stay AS a ON a.visit_id = e.visit_id
	WHERE medaudit.run_judges(a.visit_id || e.visit_ids);
END
$$;

COMMENT ON PROCEDURE run_ask_events(stay_rule) IS
	'住院期间外出就医: a group per stay in whose midst the person was seen elsewhere or as an outpatient';

-- People with many stays in a year.
CREATE PROCEDURE run_ask_frequent(rule stay_rule)
	LANGUAGE plpgsql
AS $$
BEGIN
	INSERT INTO pg_temp.medaudit_group (visit_ids, person_id, facility_id, evidence,
		evidence_text)
	SELECT d.visit_ids, d.person_id, l.facility_id,
		pg_catalog.jsonb_build_object('limit', rule.min_stays,
			'window', ARRAY[d.first_admitted, d.last_admitted],
			'formula', pg_catalog.format('%s stays at %s facilities, admitted within %s of %s days; %s or more',
				d.stay_count, d.facilities, d.last_admitted - d.first_admitted + 1,
				rule.period_days, rule.min_stays)),
		pg_catalog.concat(coalesce(l.person_name, d.person_id), '于',
			d.first_admitted, '至', d.last_admitted, '共住院', d.stay_count, '次，涉及',
			d.facilities, '家机构', '，费用合计' || medaudit.money_zh(d.amount), '。')
	FROM pg_temp.medaudit_stays AS s
	CROSS JOIN LATERAL medaudit.frequent_stays(s.book, rule.period_days, rule.min_stays,
		rule.exclude_tags) AS d
	JOIN pg_temp.medaudit_stay AS l ON l.visit_id = d.visit_ids[pg_catalog.cardinality(d.visit_ids)]
	WHERE s.gathered_by = 'person' AND medaudit.run_judges(d.visit_ids);
END
$$;

COMMENT ON PROCEDURE run_ask_frequent(stay_rule) IS
	'住院频次高: people with at least min_stays stays admitted within period_days';

-- Days with more people in than beds.  They are judged by their own dates: who
-- is not settled yet lies in a bed all the same.
CREATE PROCEDURE run_ask_capacity(run_no bigint, rule stay_rule)
	LANGUAGE plpgsql
AS $$
DECLARE
	without_beds bigint;
BEGIN
	INSERT INTO pg_temp.medaudit_group (visit_ids, facility_id, evidence, evidence_text,
		judged_on)
	SELECT d.visit_ids, s.owner,
		pg_catalog.jsonb_build_object('limit', f.beds, 'window', ARRAY[d.from_date, d.to_date],
			'formula', pg_catalog.format('%s people on the worst day - %s beds = %s; %s bed days in excess',
				d.occupied, f.beds, d.excess, coalesce(d.excess_bed_days::text, 'unknown'))),
		pg_catalog.concat(coalesce(f.name, s.owner), '核定床位', f.beds, '张，',
			d.from_date, '至', coalesce((d.to_date - 1)::text, '今'), '在院人数最多', d.occupied,
			'人，超出', d.excess, '人', '，累计超出' || d.excess_bed_days || '床日', '。'),
		coalesce(d.to_date, r.to_date) - 1
	FROM medaudit.run AS r
	CROSS JOIN pg_temp.medaudit_stays AS s
	JOIN pg_temp.medaudit_facility AS f ON f.facility_id = s.owner
	CROSS JOIN LATERAL medaudit.over_capacity(s.book, f.beds, rule.min_days,
		rule.exclude_tags) AS d
	WHERE r.run_id = run_no AND s.gathered_by = 'facility' AND f.beds > 0
		AND coalesce(d.to_date, r.to_date) > r.from_date
		AND coalesce(d.to_date, r.to_date) <= r.to_date;
	SELECT pg_catalog.count(*) INTO without_beds
	FROM pg_temp.medaudit_stays AS s
	LEFT JOIN pg_temp.medaudit_facility AS f ON f.facility_id = s.owner
	WHERE s.gathered_by = 'facility' AND coalesce(f.beds, 0) <= 0;
	CALL medaudit.run_note(run_no, 'facility', 'stays, but no number of beds',
		'有住院的机构没有床位数，未参与超床位分析', without_beds);
END
$$;

COMMENT ON PROCEDURE run_ask_capacity(bigint, stay_rule) IS
	'超床位收治: runs of days that end in the period with more people in than facility.beds';

-- Days with many more admissions than usual, by their own dates too.
CREATE PROCEDURE run_ask_bursts(run_no bigint, rule stay_rule)
	LANGUAGE plpgsql
AS $$
BEGIN
	INSERT INTO pg_temp.medaudit_group (visit_ids, facility_id, evidence, evidence_text,
		judged_on)
	SELECT d.visit_ids, s.owner,
		pg_catalog.jsonb_build_object('limit', rule.max_p, 'window', ARRAY[d.on_date, d.on_date],
			'formula', pg_catalog.format('%s admissions, %s on the same weekday of the %s weeks before, p = %s',
				d.admissions, pg_catalog.round(d.expected::numeric, 2), rule.weeks,
				medaudit.chance_text(d.p_value))),
		pg_catalog.concat(coalesce(f.name, s.owner), '于', d.on_date, '一日入院', d.admissions,
			'人次，此前', rule.weeks, '周同一星期日平均', pg_catalog.round(d.expected::numeric, 1),
			'人次。'),
		d.on_date
	FROM medaudit.run AS r
	CROSS JOIN pg_temp.medaudit_stays AS s
	CROSS JOIN LATERAL medaudit.admission_bursts(s.book, rule.weeks, rule.min_excess,
		rule.min_ratio, rule.max_p, rule.exclude_tags) AS d
	LEFT JOIN pg_temp.medaudit_facility AS f ON f.facility_id = s.owner
	WHERE r.run_id = run_no AND s.gathered_by = 'facility'
		AND d.on_date >= r.from_date AND d.on_date < r.to_date;
END
$$;

COMMENT ON PROCEDURE run_ask_bursts(bigint, stay_rule) IS
	'入院时间集中: dates of the period with many more admissions than usual';

-- Reimbursements of a facility and month that are too much alike.
CREATE PROCEDURE run_ask_similar(rule stay_rule)
	LANGUAGE plpgsql
AS $$
BEGIN
	INSERT INTO pg_temp.medaudit_group (visit_ids, facility_id, evidence, evidence_text)
	SELECT d.visit_ids, s.facility_id,
		pg_catalog.jsonb_build_object('limit', rule.min_share,
			'window', ARRAY[d.month_begins, (d.month_begins + interval '1 month')::date - 1],
			'formula', pg_catalog.format('%s stays (%s) from %s to %s yuan, expected %s, p = %s',
				d.stay_count, pg_catalog.round(d.share::numeric, 3), d.low, d.high,
				coalesce(pg_catalog.round(d.expected::numeric, 2)::text, 'unknown'),
				coalesce(medaudit.chance_text(d.p_value), 'unknown'))),
		pg_catalog.concat(coalesce(f.name, s.facility_id), '在', pg_catalog.split_part(s.owner, E'\x1f', 2),
			'的出院结算中，', d.stay_count, '人次（占', pg_catalog.round(100 * d.share::numeric, 1),
			'%）的金额集中在', medaudit.money_zh(d.low), '至', medaudit.money_zh(d.high), '之间。')
	FROM pg_temp.medaudit_stays AS s
	CROSS JOIN LATERAL (
		SELECT i.*, (pg_catalog.split_part(s.owner, E'\x1f', 2) || '-01')::date AS month_begins
		FROM medaudit.similar_amounts(s.book, rule.tolerance_rel, rule.tolerance_abs,
			rule.min_alike, rule.min_share, rule.exclude_tags) AS i
	) AS d
	LEFT JOIN pg_temp.medaudit_facility AS f ON f.facility_id = s.facility_id
	WHERE s.gathered_by = 'month' AND coalesce(d.p_value, 0) <= rule.max_p;
END
$$;

COMMENT ON PROCEDURE run_ask_similar(stay_rule) IS
	'出院报销金额接近: bands that hold many of the stays settled by a facility in a month';

-- People who come and go together, over all facilities.
CREATE PROCEDURE run_ask_companions(rule stay_rule)
	LANGUAGE plpgsql
AS $$
BEGIN
	INSERT INTO pg_temp.medaudit_group (visit_ids, person_id, facility_id, evidence,
		evidence_text)
	SELECT d.visit_ids || d.other_visit_ids, d.person_id, a.facility_id,
		pg_catalog.jsonb_build_object('limit', rule.min_times,
			'window', ARRAY[d.first_admitted, d.last_admitted],
			'other_person_id', d.other_person_id, 'formula', pg_catalog.format(
				'%s times together at %s facilities within %s days, expected %s, p = %s',
				d.times, d.facilities, rule.within_days, pg_catalog.round(d.expected::numeric, 4),
				medaudit.chance_text(d.p_value))),
		pg_catalog.concat(coalesce(a.person_name, d.person_id), '与',
			coalesce(b.person_name, d.other_person_id), '于', d.first_admitted, '至',
			d.last_admitted, '先后', d.times, '次在', CASE WHEN d.facilities = 1
				THEN coalesce(a.facility_name, a.facility_id) ELSE d.facilities || '家机构' END,
			'同时入院、同时出院（前后不超过', rule.within_days, '天）',
			CASE WHEN a.household_id = b.household_id THEN '，两人同户' END, '。')
	FROM (
		SELECT medaudit.stays(s.visit_id, s.person_id, s.facility_id, s.admitted_at,
			s.discharged_at, s.main_diagnosis, s.total_amount, s.tags) AS book
		FROM pg_temp.medaudit_stay AS s WHERE s.stay AND NOT s.later
	) AS s
	CROSS JOIN LATERAL medaudit.companions(s.book, rule.within_days, rule.min_times,
		rule.exclude_tags) AS d
	JOIN pg_temp.medaudit_stay AS a ON a.visit_id = d.visit_ids[d.times]
	JOIN pg_temp.medaudit_stay AS b ON b.visit_id = d.other_visit_ids[d.times]
	WHERE d.p_value <= rule.max_p AND medaudit.run_judges(d.visit_ids || d.other_visit_ids);
END
$$;

COMMENT ON PROCEDURE run_ask_companions(stay_rule) IS
	'结伴住院: pairs of people who are admitted and discharged together at least min_times times';

-- Stays with days on which nothing was done.  Items of the classes bed, nursing
-- and consultation are passive; they go by one name into the book, so that no
-- code is taken for the beginning of another.
CREATE PROCEDURE run_ask_hang_bed(run_no bigint, rule stay_rule)
	LANGUAGE plpgsql
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	without_lines bigint;
BEGIN
	CREATE TEMPORARY TABLE medaudit_passive AS
	SELECT DISTINCT i.item_code FROM medaudit.item AS i
	WHERE i.item_code IS NOT NULL AND coalesce(medaudit.class_of_charge(i.class), i.class)
		IN ('bed', 'nursing', 'consultation');
	CREATE TEMPORARY TABLE medaudit_idle AS
	SELECT s.visit_id, d.*
	FROM (
		SELECT v.visit_id, v.admitted_at, v.discharged_at, medaudit.ledger(
				CASE WHEN p.item_code IS NOT NULL THEN '!passive' ELSE c.item_code END,
				c.quantity, c.amount, c.charged_at, c.line_id, c.original_line_id,
				c.visit_id, c.claimed) AS book
		FROM pg_temp.medaudit_stay AS v
		LEFT JOIN medaudit.charge AS c ON c.visit_id = v.visit_id
		LEFT JOIN pg_temp.medaudit_passive AS p ON p.item_code = c.item_code
		WHERE v.stay AND v.judged AND v.discharged_at::date - v.admitted_at::date >= 2
			AND NOT v.tags && rule.exclude_tags
		GROUP BY v.visit_id, v.admitted_at, v.discharged_at
		HAVING pg_catalog.count(c.item_code) > 0
	) AS s
	CROSS JOIN LATERAL medaudit.bed_days(s.book, s.admitted_at, s.discharged_at,
		ARRAY['!passive']) AS d;
	INSERT INTO pg_temp.medaudit_group (visit_ids, person_id, facility_id, evidence,
		evidence_text)
	SELECT ARRAY[v.visit_id], v.person_id, v.facility_id,
		pg_catalog.jsonb_build_object('limit', rule.min_idle_share,
			'window', ARRAY[v.admitted_at::date, v.discharged_at::date],
			'idle_dates', d.idle_dates, 'bare_days', d.bare_days,
			'formula', pg_catalog.format('%s idle of %s inner days = %s (%s or more), %s in a row (%s or more)',
				d.idle_days, d.stay_days - 2, pg_catalog.round(d.idle_share::numeric, 4), rule.min_idle_share,
				d.longest_idle, rule.min_idle_run)),
		pg_catalog.concat(coalesce(v.person_name, v.person_id), '在',
			medaudit.stay_text_zh(v.facility_name, v.facility_id, v.admitted_at, v.discharged_at),
			'住院', d.stay_days, '天，除入出院当日外有', d.idle_days, '天仅有床位、护理、诊察收费或无收费，最长连续',
			d.longest_idle, '天（', pg_catalog.array_to_string(d.idle_dates[1:10], '、'),
			CASE WHEN d.idle_days > 10 THEN '等' END, '）。')
	FROM pg_temp.medaudit_idle AS d
	JOIN pg_temp.medaudit_stay AS v ON v.visit_id = d.visit_id
	WHERE d.longest_idle >= rule.min_idle_run
		OR d.idle_share >= rule.min_idle_share AND d.idle_days >= 2;
	SELECT pg_catalog.count(*) INTO without_lines
	FROM pg_temp.medaudit_stay AS v
	WHERE v.stay AND v.judged AND v.discharged_at::date - v.admitted_at::date >= 2
		AND NOT v.tags && rule.exclude_tags
		AND NOT EXISTS (SELECT FROM pg_temp.medaudit_idle AS d WHERE d.visit_id = v.visit_id);
	CALL medaudit.run_note(run_no, 'visit', 'a stay without charges: days without care were not asked',
		'住院没有费用明细，未参与挂床分析', without_lines);
	DROP TABLE pg_temp.medaudit_passive, pg_temp.medaudit_idle;
END
$$;

COMMENT ON PROCEDURE run_ask_hang_bed(bigint, stay_rule) IS
	'挂床住院: stays with a share or a run of days on which only passive items were charged, or nothing';

-- Money of the stays that a rule about low standards looks at: short ones that
-- are judged, and what follows each within days, in the next period too.  The
-- class of a charge is that of its category, else of its item.
CREATE PROCEDURE run_read_short_stays(rule stay_rule)
	LANGUAGE plpgsql
	SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	CREATE TEMPORARY TABLE medaudit_item_class (item_code text, class text);
	IF pg_catalog.to_regclass('medaudit.item') IS NOT NULL THEN
		INSERT INTO pg_temp.medaudit_item_class
		SELECT i.item_code, pg_catalog.min(coalesce(medaudit.class_of_charge(i.class), i.class))
		FROM medaudit.item AS i WHERE i.item_code IS NOT NULL GROUP BY i.item_code;
	END IF;
	CREATE TEMPORARY TABLE medaudit_short AS
	SELECT v.visit_id, v.person_id, v.discharged_at::date AS left_on
	FROM pg_temp.medaudit_stay AS v
	WHERE v.stay AND v.judged AND NOT v.tags && rule.exclude_tags
		AND v.discharged_at::date - v.admitted_at::date <= rule.max_stay_nights
		AND (v.birth_date IS NULL OR v.admitted_at >= v.birth_date
				+ pg_catalog.make_interval(years => rule.min_age)
			AND v.admitted_at::date < v.birth_date
				+ pg_catalog.make_interval(years => rule.max_age));
	CREATE TEMPORARY TABLE medaudit_next AS
	WITH near AS MATERIALIZED (
		SELECT a.visit_id, n.visit_id AS next_visit_id, n.visit_type, n.admitted_at, n.discharged_at
		FROM pg_temp.medaudit_short AS a
		JOIN medaudit.visit AS n ON n.person_id = a.person_id AND n.visit_id <> a.visit_id
			AND n.admitted_at::date - a.left_on BETWEEN 0 AND rule.max_gap_days
	)
	SELECT DISTINCT n.visit_id, n.next_visit_id FROM near AS n
	WHERE coalesce(medaudit.class_of_visit(n.visit_type) = 'stay',
		n.discharged_at::date > n.admitted_at::date);
	CREATE TEMPORARY TABLE medaudit_spent AS
	WITH item AS (
		SELECT c.visit_id, c.category, c.item_code, pg_catalog.sum(c.amount) AS amount
		FROM medaudit.charge AS c
		WHERE c.visit_id IN (SELECT a.visit_id FROM pg_temp.medaudit_short AS a
			UNION ALL SELECT n.next_visit_id FROM pg_temp.medaudit_next AS n)
		GROUP BY c.visit_id, c.category, c.item_code
	), category AS MATERIALIZED (
		SELECT i.category, medaudit.class_of_charge(i.category) AS class
		FROM (SELECT DISTINCT item.category FROM item) AS i
	)
	SELECT i.visit_id, pg_catalog.sum(i.amount) AS amount,
		coalesce(pg_catalog.sum(i.amount) FILTER (WHERE t.class IN ('exam', 'laboratory')), 0) AS exam,
		coalesce(pg_catalog.sum(i.amount) FILTER (WHERE t.class IN ('treatment', 'surgery')), 0) AS treatment,
		coalesce(pg_catalog.sum(i.amount) FILTER (WHERE t.class IS NULL), 0) AS unknown
	FROM item AS i
	LEFT JOIN category AS k ON k.category = i.category
	LEFT JOIN pg_temp.medaudit_item_class AS c ON c.item_code = i.item_code
	CROSS JOIN LATERAL (SELECT coalesce(k.class, c.class) AS class) AS t
	GROUP BY i.visit_id;
END
$$;

COMMENT ON PROCEDURE run_read_short_stays(stay_rule) IS
	'短期住院费用: short stays of a run, what follows each within days, and their money by class, into temporary tables';

-- Short stays for examinations.  One that a treatment follows within days has
-- found something; charges of no known class may be a treatment.
CREATE PROCEDURE run_ask_low_standard(run_no bigint, rule stay_rule)
	LANGUAGE plpgsql
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	unknown bigint;
BEGIN
	CALL medaudit.run_read_short_stays(rule);
	CREATE TEMPORARY TABLE medaudit_low AS
	SELECT a.visit_id, s.amount, s.exam, coalesce(s.unknown, 1) <> 0 AS unknown
	FROM pg_temp.medaudit_short AS a
	LEFT JOIN pg_temp.medaudit_spent AS s ON s.visit_id = a.visit_id
	WHERE (s.visit_id IS NULL OR s.amount > 0 AND s.treatment <= 0
			AND s.exam + s.unknown >= rule.min_exam_share * s.amount)
		AND NOT EXISTS (SELECT FROM pg_temp.medaudit_next AS n
			JOIN pg_temp.medaudit_spent AS t ON t.visit_id = n.next_visit_id
			WHERE n.visit_id = a.visit_id AND t.treatment > 0);
	INSERT INTO pg_temp.medaudit_group (visit_ids, person_id, facility_id, evidence,
		evidence_text)
	SELECT ARRAY[v.visit_id], v.person_id, v.facility_id,
		pg_catalog.jsonb_strip_nulls(pg_catalog.jsonb_build_object('limit', rule.min_exam_share,
			'window', ARRAY[v.admitted_at::date, v.discharged_at::date],
			'missing', CASE WHEN v.birth_date IS NULL THEN ARRAY['birth_date'] END,
			'formula', pg_catalog.format('examinations and laboratory %s of %s = %s (%s or more), no treatment or surgery, %s nights (%s or fewer)',
				l.exam, l.amount, pg_catalog.round(l.exam / l.amount, 4), rule.min_exam_share,
				v.discharged_at::date - v.admitted_at::date, rule.max_stay_nights))),
		pg_catalog.concat(coalesce(v.person_name, v.person_id), '在',
			medaudit.stay_text_zh(v.facility_name, v.facility_id, v.admitted_at, v.discharged_at),
			'住院', v.discharged_at::date - v.admitted_at::date, '夜', '，主要诊断' || v.main_diagnosis,
			'，检查化验费', medaudit.money_zh(l.exam), '，占总费用', medaudit.money_zh(l.amount), '的',
			pg_catalog.round(100 * l.exam / l.amount, 1), '%，无治疗、手术收费。')
	FROM pg_temp.medaudit_low AS l
	JOIN pg_temp.medaudit_stay AS v ON v.visit_id = l.visit_id
	WHERE NOT l.unknown;
	SELECT pg_catalog.count(*) INTO unknown FROM pg_temp.medaudit_low AS l WHERE l.unknown;
	CALL medaudit.run_note(run_no, 'visit', 'a short stay without charges, or with some of no known class: low standard was not asked',
		'短期住院没有费用明细或收费类别不明，未参与低标准入院分析', unknown);
	DROP TABLE pg_temp.medaudit_item_class, pg_temp.medaudit_short, pg_temp.medaudit_next,
		pg_temp.medaudit_spent, pg_temp.medaudit_low;
END
$$;

COMMENT ON PROCEDURE run_ask_low_standard(bigint, stay_rule) IS
	'低标准入院: short stays whose money is examinations and laboratory, without treatment or surgery';

-- Groups of stays as candidate findings; the visits are their lines, and the
-- first 200 stand in the evidence.
CREATE PROCEDURE run_group_candidates(rule_code text)
	LANGUAGE plpgsql
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	with_fund bool := EXISTS (SELECT FROM medaudit.rule AS r WHERE r.kind = 'similar_amounts'
		AND r.rule_code = run_group_candidates.rule_code);
BEGIN
	CALL medaudit.run_clear_candidates();
	INSERT INTO pg_temp.medaudit_candidate_line (n, line_no, visit_id, charged_at,
		amount, facility_id, person_id, facility_name, evidence_text)
	SELECT g.n, m.line_no, v.visit_id, v.admitted_at, v.total_amount, v.facility_id,
		v.person_id, v.facility_name, pg_catalog.concat(coalesce(v.person_name, v.person_id), '，',
			medaudit.stay_text_zh(v.facility_name, v.facility_id, v.admitted_at, v.discharged_at))
	FROM pg_temp.medaudit_group AS g
	CROSS JOIN LATERAL pg_catalog.unnest(g.visit_ids) WITH ORDINALITY AS m (visit_id, line_no)
	JOIN pg_temp.medaudit_stay AS v ON v.visit_id = m.visit_id;
	INSERT INTO pg_temp.medaudit_candidate (n, rule_code, subject_kind, subject_id, key,
		person_id, visit_id, facility_id, involved_amount, evidence, judged_on,
		facility_name, person_name, evidence_text)
	SELECT g.n, r.rule_code,
		CASE WHEN r.subject = 'person' AND g.person_id IS NOT NULL THEN 'person' ELSE 'facility' END,
		CASE WHEN r.subject = 'person' AND g.person_id IS NOT NULL THEN g.person_id ELSE g.facility_id END,
		-- a rule about one visit has it as key
		CASE WHEN r.kind IN ('hang_bed', 'low_standard_stay') THEN g.visit_ids[1]
			ELSE medaudit.finding_key(g.visit_ids) END, g.person_id, v.last_visit, g.facility_id,
		v.involved, g.evidence || pg_catalog.jsonb_build_object('partners', v.partners),
		coalesce(g.judged_on, v.judged_on), f.name, p.name, g.evidence_text
	FROM pg_temp.medaudit_group AS g
	JOIN (
		SELECT s.n, pg_catalog.max(s.judged_at)::date AS judged_on,
			pg_catalog.sum(s.total_amount) AS involved,
			(pg_catalog.array_agg(s.visit_id ORDER BY s.judged_at DESC NULLS LAST, s.visit_id DESC))[1] AS last_visit,
			pg_catalog.jsonb_agg(pg_catalog.jsonb_strip_nulls(pg_catalog.jsonb_build_object(
				'visit_id', s.visit_id, 'person_id', s.person_id, 'facility_id', s.facility_id,
				'admitted_at', s.admitted_at, 'discharged_at', s.discharged_at,
				'diagnosis', s.main_diagnosis, 'amount', s.total_amount,
				'fund_amount', CASE WHEN with_fund THEN s.fund_amount END))
				ORDER BY s.place) FILTER (WHERE s.place <= 200) AS partners
		FROM (
			SELECT i.n, t.*, pg_catalog.row_number() OVER (PARTITION BY i.n
				ORDER BY t.admitted_at, t.visit_id) AS place
			FROM pg_temp.medaudit_group AS i
			CROSS JOIN LATERAL pg_catalog.unnest(i.visit_ids) AS m (visit_id)
			JOIN pg_temp.medaudit_stay AS t ON t.visit_id = m.visit_id
		) AS s
		GROUP BY s.n
	) AS v ON v.n = g.n
	LEFT JOIN pg_temp.medaudit_facility AS f ON f.facility_id = g.facility_id
	LEFT JOIN pg_temp.medaudit_person AS p ON p.person_id = g.person_id
	JOIN medaudit.rule AS r ON r.rule_code = run_group_candidates.rule_code;
END
$$;

COMMENT ON PROCEDURE run_group_candidates(text) IS
	'住院发现: a candidate finding per group of stays, with the money involved';

CREATE PROCEDURE run_stays(run_no bigint, code text, INOUT found_rows bigint DEFAULT NULL)
	LANGUAGE plpgsql
AS $$
DECLARE
	kind text;
	parameters medaudit.stay_rule;
BEGIN
	CALL medaudit.run_gather_stays(run_no);
	TRUNCATE pg_temp.medaudit_group;
	SELECT r.kind INTO kind FROM medaudit.rule AS r WHERE r.rule_code = code;
	SELECT s.* INTO parameters FROM medaudit.stay_rule AS s WHERE s.rule_code = code;
	IF NOT FOUND THEN
		RAISE EXCEPTION USING ERRCODE = '22023',
			MESSAGE = pg_catalog.format('rule "%s" has no row in medaudit.stay_rule', code);
	END IF;
	CASE kind
		WHEN 'split_stays' THEN CALL medaudit.run_ask_split(parameters);
		WHEN 'overlapping_stays' THEN CALL medaudit.run_ask_overlapping(parameters);
		WHEN 'same_household_admissions' THEN CALL medaudit.run_ask_household(parameters);
		WHEN 'events_in_stay' THEN CALL medaudit.run_ask_events(parameters);
		WHEN 'frequent_stays' THEN CALL medaudit.run_ask_frequent(parameters);
		WHEN 'over_capacity' THEN CALL medaudit.run_ask_capacity(run_no, parameters);
		WHEN 'admission_bursts' THEN CALL medaudit.run_ask_bursts(run_no, parameters);
		WHEN 'similar_amounts' THEN CALL medaudit.run_ask_similar(parameters);
		WHEN 'hang_bed' THEN CALL medaudit.run_ask_hang_bed(run_no, parameters);
		WHEN 'low_standard_stay' THEN CALL medaudit.run_ask_low_standard(run_no, parameters);
		ELSE CALL medaudit.run_ask_companions(parameters);
	END CASE;
	CALL medaudit.run_group_candidates(code);
	found_rows := medaudit.run_store(run_no, ARRAY[code]);
END
$$;

COMMENT ON PROCEDURE run_stays(bigint, text, bigint) IS
	'住院规则: judges the books of stays of a run by one rule and stores what is found';
