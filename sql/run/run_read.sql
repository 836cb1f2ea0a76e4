-- What a run reads: the visits that it judges, and before and after its period
-- all that their findings may rest on, once, with what rules ask of a visit.
--
-- Nothing that is measured depends on the period.  So each kind of finding has
-- a place of its own that the data alone decide, and the run reads whole places:
--
-- Charge rules are asked of the book of a person and calendar year: the visits
-- that end in it, and beside them those of the year (and the days that a rule
-- reaches) before, and of the days that a rule reaches after it.  A run asks the
-- books in which a visit lies that one of its own could reach.
--
-- Rules over stays that look at one person are bounded by the days between
-- stays: the run reads his visits from so many days before its own on.  Those
-- that have no bound, or look at a facility or at all people, are asked of the
-- years (medaudit_work.year) in which stays of the run were admitted, and the next
-- ones, with the year before each.
--
-- Cost: two passes over the visits, a narrow one that finds what is to be read
-- and one that reads it; memory and time grow with the visits of the warehouse
-- in the first, with those of the years in question in the second.

-- Days that a scope of charge rules reaches back across visits.
CREATE OR REPLACE FUNCTION _scope_days(scope text) RETURNS int
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN CASE
		WHEN scope ~ '^[0-9]+ days?$' THEN least(substring(scope, '^[0-9]+')::numeric, 3660)::int
		WHEN scope ~ '^[0-9]+ hours?$' THEN least(substring(scope, '^[0-9]+')::numeric / 24 + 1, 3660)::int
		WHEN scope = 'week' THEN 7
		WHEN scope = 'month' THEN 31
		WHEN scope = 'quarter' THEN 92
		WHEN scope IN ('year', 'span') THEN 366
		ELSE 1 END;

COMMENT ON FUNCTION _scope_days(text) IS
	'回溯天数: days before a visit that a scope may reach; 1 for scopes within a visit or day, and for NULL';

-- Rules count classes, 0 to 3, unless one of the run goes above: that is a scale
-- of the fund's own.  Where some ranks are 4 to 14, all are national level codes
-- that were loaded as numbers; what else is above 3 is a level nobody knows.
CREATE OR REPLACE PROCEDURE _run_rank_facilities(rules text[])
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
BEGIN
	IF NOT EXISTS (SELECT FROM medaudit_work.facility AS f WHERE f.rank > 3)
		OR EXISTS (SELECT FROM medaudit._run_rules(_run_rank_facilities.rules) AS r
			JOIN medaudit.charge_rule AS c ON c.rule_code = r.rule_code
			WHERE 3 < ANY (c.facility_ranks))
		OR EXISTS (SELECT FROM medaudit._run_rules(_run_rank_facilities.rules) AS r
			JOIN medaudit.package AS p ON p.rule_code = r.rule_code
			WHERE 3 < ANY (p.facility_ranks)) THEN
		RETURN;
	END IF;
	IF EXISTS (SELECT FROM medaudit_work.facility AS f WHERE f.rank BETWEEN 4 AND 14) THEN
		UPDATE medaudit_work.facility AS f SET rank = medaudit.facility_rank(f.rank);
		RAISE NOTICE 'facility.rank holds national level codes: they are taken by facility_rank()';
	ELSE
		UPDATE medaudit_work.facility AS f SET rank = NULL WHERE f.rank > 3;
	END IF;
END
$$;

COMMENT ON PROCEDURE _run_rank_facilities(text[]) IS
	'机构等级归类: level codes bound as numbers become the classes that rules by level count, levels that nobody knows become NULL; as they are where a rule of the run has facility_ranks above 3';

-- One row per facility, with whom it is one provider: facilities of one credit
-- code are.
CREATE OR REPLACE PROCEDURE _run_read_facilities(rules text[])
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
BEGIN
	INSERT INTO medaudit_work.facility
	SELECT f.facility_id, f.name, f.rank, f.beds, CASE WHEN f.credit_code IS NULL THEN f.facility_id
		ELSE min(f.facility_id COLLATE "C") OVER (PARTITION BY f.credit_code) END
	FROM (
		SELECT i.facility_id, i.name, i.rank, i.beds,
			nullif(upper(btrim(i.credit_code)), '') AS credit_code
		FROM pg_temp.medaudit_read_facility() AS i WHERE i.facility_id IS NOT NULL
	) AS f;
	CALL medaudit._run_rank_facilities(rules);
END
$$;

COMMENT ON PROCEDURE _run_read_facilities(text[]) IS
	'读取机构: one row per facility with its class and the provider that it belongs to, into a working table; empty where nothing is bound';

-- Persons, facilities and diagnoses, as far as they are bound.
CREATE OR REPLACE PROCEDURE _run_read_others(rules text[])
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
BEGIN
	CALL medaudit._run_read_persons();
	CALL medaudit._run_read_facilities(rules);
	INSERT INTO medaudit_work.diagnosis
	SELECT d.visit_id, min(d.diagnosis_code) FILTER (WHERE d.rank = 1),
		array_agg(d.diagnosis_code)
	FROM pg_temp.medaudit_read_diagnosis() AS d
	WHERE d.visit_id IS NOT NULL AND d.diagnosis_code IS NOT NULL
	GROUP BY d.visit_id;
	PERFORM medaudit._analyze('person', 'facility', 'diagnosis');
END
$$;

COMMENT ON PROCEDURE _run_read_others(text[]) IS
	'读取人员、机构、诊断: into working tables, empty where nothing is bound';

-- The narrow pass: when each visit was, and when it is judged, by the last of
-- its settlements (else its discharge); never where it was not settled.  SETTLED:
-- in the period.  VOID: its settlements add up to nothing, it was taken back, and
-- no rule sees it; it may have been seen before.  JUDGED: settled and not void.
-- OWNER: whose ledger its lines go into; a visit without person has one of its
-- own, and so has a newborn ON_MOTHER, whose person is its mother: what is
-- charged for her beside it is no double, and nothing about her holds for it.
CREATE OR REPLACE PROCEDURE _run_read_spans(from_date date, to_date date)
	LANGUAGE plpgsql
	SET jit = off
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
BEGIN
	PERFORM medaudit._empty('span');
	INSERT INTO medaudit_work.span
	SELECT v.visit_id, v.person_id, coalesce(p.people_id, v.person_id) AS people_id,
		coalesce(p.number_owner, v.person_id) AS number_owner, o.on_mother,
		CASE WHEN v.person_id IS NOT NULL AND NOT o.on_mother THEN v.person_id END AS owner,
		v.judged_at, d.begins, d.ends,
		coalesce(v.judged_at >= from_date AND v.judged_at < to_date, false) AS settled,
		coalesce(v.judged_at >= from_date AND v.judged_at < to_date
			AND v.total_amount IS DISTINCT FROM 0::numeric, false) AS judged,
		v.total_amount IS NOT DISTINCT FROM 0::numeric AS void, v.facility_id, v.admitted_at,
		v.discharged_at, v.continues_visit_id, v.mid_settlement, v.main_diagnosis,
		v.person_id IS NOT NULL AND v.facility_id IS NOT NULL
			AND coalesce(c.class = 'stay', v.discharged_at::date > v.admitted_at::date) AS stay
	FROM (
		SELECT i.visit_id, min(i.person_id) AS person_id,
			min(i.facility_id) AS facility_id,
			min(medaudit._read_time(i.admitted_at)) AS admitted_at,
			CASE WHEN bool_and(medaudit._read_time(i.discharged_at) IS NOT NULL)
				THEN max(i.discharged_at) END AS discharged_at,
			max(coalesce(medaudit._read_time(i.settled_at), medaudit._read_time(i.discharged_at))) AS judged_at,
			min(i.visit_type) AS visit_type, sum(i.total_amount) AS total_amount,
			coalesce(bool_or(i.newborn), false) AS newborn,
			min(i.continues_visit_id) AS continues_visit_id,
			coalesce((array_agg(i.mid_settlement ORDER BY coalesce(medaudit._read_time(i.settled_at),
				medaudit._read_time(i.discharged_at)) DESC NULLS LAST, i.mid_settlement))[1], false) AS mid_settlement,
			min(i.main_diagnosis) AS main_diagnosis
		FROM pg_temp.medaudit_read_visit() AS i WHERE i.visit_id IS NOT NULL GROUP BY i.visit_id
	) AS v
	LEFT JOIN medaudit_work.person AS p ON p.person_id = v.person_id
	LEFT JOIN (
		SELECT t.visit_type, medaudit.class_of_visit(t.visit_type) AS class
		FROM (SELECT DISTINCT i.visit_type FROM pg_temp.medaudit_read_visit() AS i) AS t OFFSET 0
	) AS c ON c.visit_type = v.visit_type
	CROSS JOIN LATERAL (SELECT v.newborn AND NOT coalesce(
		v.admitted_at < p.birth_date + interval '1 year', false) AS on_mother) AS o
	CROSS JOIN LATERAL (SELECT coalesce(v.admitted_at, least(v.discharged_at, v.judged_at))::date AS begins,
		greatest(v.admitted_at, coalesce(v.discharged_at, v.judged_at, v.admitted_at
			+ CASE WHEN c.class = 'stay' THEN interval '366 days' END))::date AS ends) AS d;
	PERFORM medaudit._analyze('span');
END
$$;

COMMENT ON PROCEDURE _run_read_spans(date, date) IS
	'就诊时间: when each visit of the warehouse was and when it is judged, into a working table';

-- Which visits are one stay: one that names the visit that it continues; the
-- next after a settlement in mid-stay; and one that goes on under a new number
-- over the turn of the year, within an hour and for the same disease.  At any
-- other midnight a new number is a new stay.  The stay is known by the first.
-- Chains are followed over the whole warehouse; only what is linked stands here.
CREATE OR REPLACE PROCEDURE _run_link_episodes()
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
	SET jit = off
AS $$
BEGIN
	PERFORM medaudit._empty('chain');
	INSERT INTO medaudit_work.chain
	WITH RECURSIVE stay AS MATERIALIZED (
		SELECT v.visit_id, v.people_id, v.facility_id, v.admitted_at, v.discharged_at,
			coalesce(v.discharged_at, v.judged_at)::date AS left_on, v.continues_visit_id, v.mid_settlement,
			left(medaudit._diagnosis_fold(v.main_diagnosis), 3) AS disease,
			coalesce(v.discharged_at, 'infinity') AS ended_at
		FROM medaudit_work.span AS v WHERE v.stay AND NOT v.void AND v.admitted_at IS NOT NULL
	), named AS (
		SELECT n.visit_id, e.visit_id AS earlier, 1 AS place
		FROM stay AS n
		JOIN stay AS e ON e.visit_id = n.continues_visit_id AND e.people_id = n.people_id
			AND (e.admitted_at, e.ended_at, e.visit_id) < (n.admitted_at, n.ended_at, n.visit_id)
	), settled AS (
		-- the first that begins on the last date or the day after, and no other
		SELECT DISTINCT ON (e.visit_id) n.visit_id, e.visit_id AS earlier, 2 AS place
		FROM stay AS e
		JOIN stay AS n ON n.people_id = e.people_id AND n.facility_id = e.facility_id
			AND (e.admitted_at, e.visit_id) < (n.admitted_at, n.visit_id)
			AND n.admitted_at::date - e.left_on BETWEEN 0 AND 1
		WHERE e.mid_settlement
		ORDER BY e.visit_id, n.admitted_at, n.ended_at, n.visit_id COLLATE "C"
	), turned AS (
		SELECT n.visit_id, e.visit_id, 3
		FROM stay AS e
		JOIN stay AS n ON n.people_id = e.people_id AND n.facility_id = e.facility_id
			AND e.disease = n.disease AND e.visit_id <> n.visit_id
			AND n.admitted_at - e.discharged_at BETWEEN interval '0' AND interval '1 hour'
			AND e.discharged_at <= date_trunc('year', n.admitted_at)
			AND (e.admitted_at, e.visit_id) < (n.admitted_at, n.visit_id)
	), first AS MATERIALIZED (
		SELECT DISTINCT ON (l.visit_id) l.visit_id, l.earlier
		FROM (TABLE named UNION ALL TABLE settled UNION ALL TABLE turned) AS l (visit_id, earlier, place)
		ORDER BY l.visit_id, l.place, l.earlier COLLATE "C"
	), chain AS (
		-- the orders of the links differ where stays begin at once: a circle ends here
		SELECT f.visit_id, f.earlier FROM first AS f
		UNION
		SELECT c.visit_id, f.earlier FROM chain AS c JOIN first AS f ON f.visit_id = c.earlier
	), linked AS (
		SELECT c.visit_id, c.earlier AS stay_id FROM chain AS c
		WHERE NOT EXISTS (SELECT FROM first AS f WHERE f.visit_id = c.earlier)
	)
	SELECT l.visit_id, l.stay_id FROM linked AS l
	UNION
	SELECT l.stay_id, l.stay_id FROM linked AS l;
	PERFORM medaudit._analyze('chain');
END
$$;

COMMENT ON PROCEDURE _run_link_episodes() IS
	'连续住院: which visits are one stay under several numbers, in a working table';

-- The charge books that a run asks: ASKED visits are those of the book's year,
-- the others are only there to be looked on.
CREATE OR REPLACE PROCEDURE _run_read_books(charge_days int)
	LANGUAGE plpgsql
	SET jit = off
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
BEGIN
	PERFORM medaudit._empty('charge_book');
	INSERT INTO medaudit_work.charge_book
	WITH judged AS MATERIALIZED (
		SELECT s.owner, min(s.begins) AS begins, max(s.ends) AS ends
		FROM medaudit_work.span AS s WHERE s.settled AND s.owner IS NOT NULL GROUP BY s.owner
	), settled AS MATERIALIZED (
		SELECT s.owner, s.visit_id, s.begins, s.ends, extract(year FROM s.ends)::int AS year,
			j.begins - charge_days <= s.ends AND s.begins <= j.ends + charge_days AS reached
		FROM medaudit_work.span AS s
		JOIN judged AS j ON j.owner = s.owner
		WHERE s.judged_at IS NOT NULL AND NOT s.void AND s.begins IS NOT NULL
	), book AS MATERIALIZED (
		SELECT s.owner, s.year, row_number() OVER (ORDER BY s.owner, s.year) AS book_no,
			min(s.begins) - 366 - charge_days AS reads_from,
			max(s.ends) + charge_days AS reads_to
		FROM settled AS s
		GROUP BY s.owner, s.year HAVING bool_or(s.reached)
	)
	SELECT b.book_no::int AS book_no, s.visit_id, s.year = b.year AS asked
	FROM book AS b
	JOIN settled AS s ON s.owner = b.owner AND s.ends >= b.reads_from AND s.begins <= b.reads_to
	UNION ALL
	SELECT - row_number() OVER (ORDER BY s.visit_id)::int, s.visit_id, true
	FROM medaudit_work.span AS s WHERE s.judged AND (s.owner IS NULL OR s.begins IS NULL);
	PERFORM medaudit._analyze('charge_book');
END
$$;

COMMENT ON PROCEDURE _run_read_books(int) IS
	'费用账簿范围: which visits stand in which book of a person and year that charge rules are asked of, into a working table';

-- The years whose books hold stays that the visits of the run could change, back
-- to the year before the period: what is settled later than that belongs to no
-- finding of a year (see _run_complete_groups).
CREATE OR REPLACE PROCEDURE _run_read_years(from_date date, to_date date)
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
BEGIN
	PERFORM medaudit._empty('year');
	INSERT INTO medaudit_work.year
	SELECT DISTINCT y.year
	FROM (
		SELECT extract(year FROM coalesce(f.begins, s.begins))::int + n AS year
		FROM medaudit_work.span AS s
		LEFT JOIN medaudit_work.chain AS c ON c.visit_id = s.visit_id
		LEFT JOIN medaudit_work.span AS f ON f.visit_id = c.stay_id
		CROSS JOIN generate_series(0, 1) AS n
		WHERE s.settled AND s.stay
		UNION ALL
		SELECT generate_series(extract(year FROM from_date)::int, extract(year FROM to_date - 1)::int)
	) AS y
	WHERE y.year >= extract(year FROM from_date)::int - 1;
	PERFORM medaudit._analyze('year');
END
$$;

COMMENT ON PROCEDURE _run_read_years(date, date) IS
	'统计年度: the calendar years whose books of stays a run asks, into a working table';

-- One row per visit that the run reads, whatever number of settlements it has,
-- with what rules ask of it.  UNTIL: the end that rules over stays count with,
-- where it was not discharged that of its settlement, else of the last day that
-- the data know, at most 366 days after its admission.
CREATE OR REPLACE PROCEDURE _run_read_visits(from_date date, stay_days int, all_stays bool)
	LANGUAGE plpgsql
	SET jit = off
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
DECLARE
	last_day date;
	first_read date;
	last_read date;
BEGIN
	SELECT max(greatest(s.ends, s.judged_at::date)) INTO last_day
	FROM medaudit_work.span AS s WHERE s.judged_at IS NOT NULL AND s.ends < date '2200-01-01';
	SELECT make_date(least(min(y.year) - 1,
			extract(year FROM from_date - coalesce(stay_days, 0))::int), 1, 1),
		make_date(max(y.year) + 1, 1, 1)
	INTO first_read, last_read FROM medaudit_work.year AS y;

	PERFORM medaudit._empty('visit');

	INSERT INTO medaudit_work.visit
	WITH person AS MATERIALIZED (
		-- of those who share a number all visits: they may have met long ago
		SELECT s.number_owner, CASE WHEN stay_days IS NOT NULL AND s.number_owner IN (SELECT o.number_owner
					FROM medaudit_work.person AS o WHERE o.number_owner <> o.person_id) THEN date '-infinity'
				ELSE min(s.begins) - stay_days END AS reads_from
		FROM medaudit_work.span AS s WHERE s.settled AND s.person_id IS NOT NULL GROUP BY s.number_owner
	), wanted AS MATERIALIZED (
		SELECT s.*, p.number_owner IS NOT NULL AS judged_person, c.stay_id
		FROM medaudit_work.span AS s
		LEFT JOIN person AS p ON p.number_owner = s.number_owner
		LEFT JOIN medaudit_work.chain AS c ON c.visit_id = s.visit_id
		WHERE NOT s.void AND (s.judged OR s.ends >= p.reads_from OR s.begins IS NULL AND p.number_owner IS NOT NULL
			OR all_stays AND s.stay AND s.begins < last_read
				AND s.ends >= first_read
			OR EXISTS (SELECT FROM medaudit_work.charge_book AS b WHERE b.visit_id = s.visit_id))
	), whole AS MATERIALIZED (
		SELECT w.* FROM wanted AS w
		UNION ALL
		-- of a stay under several numbers all of them
		SELECT s.*, p.number_owner IS NOT NULL, c.stay_id
		FROM medaudit_work.chain AS c
		JOIN medaudit_work.span AS s ON s.visit_id = c.visit_id
		LEFT JOIN person AS p ON p.number_owner = s.number_owner
		WHERE c.stay_id IN (SELECT w.stay_id FROM wanted AS w)
			AND s.visit_id NOT IN (SELECT w.visit_id FROM wanted AS w WHERE w.stay_id IS NOT NULL)
	), merged AS (
		SELECT v.visit_id, min(v.facility_id) AS facility_id,
			min(v.record_no) AS record_no,
			min(v.visit_type) AS visit_type,
			min(v.insurance_type) AS insurance_type,
			min(v.department) AS department,
			min(v.physician_id) AS physician_id,
			min(v.main_diagnosis) AS main_diagnosis,
			array_agg(DISTINCT v.main_diagnosis)
				FILTER (WHERE v.main_diagnosis IS NOT NULL) AS main_diagnoses,
			sum(v.total_amount) AS total_amount,
			sum(v.scope_amount) AS scope_amount,
			sum(v.fund_amount) AS fund_amount,
			min(v.payment_method) AS payment_method,
			bool_or(v.referral_visit_id IS NOT NULL) AS referred,
			coalesce(bool_or(v.newborn), false) AS newborn,
			max(medaudit._read_time(v.settled_at)) AS settled_at
		FROM pg_temp.medaudit_read_visit() AS v
		JOIN whole AS w ON w.visit_id = v.visit_id
		GROUP BY v.visit_id
	)
	SELECT v.visit_id, w.person_id, w.people_id, w.number_owner, v.facility_id,
		coalesce(f.provider_id, v.facility_id) AS provider_id, v.record_no, w.admitted_at,
		w.discharged_at, coalesce(w.discharged_at, v.settled_at,
			least(w.admitted_at + interval '366 days', last_day + 1)) AS until,
		w.begins, w.ends, w.judged_at, w.judged, w.judged_person, w.stay,
		v.visit_type, coalesce(v.insurance_type, p.insurance_type) AS insurance_type,
		v.department, v.physician_id, coalesce(v.main_diagnosis, d.main) AS main_diagnosis,
		array_cat(d.codes, v.main_diagnoses) AS diagnosis_codes, v.total_amount,
		v.scope_amount, v.fund_amount, v.payment_method, v.referred, v.newborn, w.on_mother,
		coalesce(w.stay_id, v.visit_id) AS stay_id, f.name AS facility_name,
		f.rank AS facility_rank, p.name AS person_name, p.sex, p.birth_date, p.household_id
	FROM merged AS v
	JOIN whole AS w ON w.visit_id = v.visit_id
	LEFT JOIN medaudit_work.person AS p ON p.person_id = w.person_id
	LEFT JOIN medaudit_work.facility AS f ON f.facility_id = v.facility_id
	LEFT JOIN medaudit_work.diagnosis AS d ON d.visit_id = v.visit_id;
	PERFORM medaudit._empty('member');
	INSERT INTO medaudit_work.member
	SELECT v.visit_id, v.stay_id FROM medaudit_work.visit AS v;
	PERFORM medaudit._analyze('visit', 'member');
END
$$;

COMMENT ON PROCEDURE _run_read_visits(date, int, bool) IS
	'读取就诊: one row per visit of the period and of what its findings may rest on, into a working table';
