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
-- The settlements that may be needed are read once (run_settlements.sql); what is
-- chosen among them, and what rules ask of it, is made here.  Cost: some hash joins
-- of as many rows as there are visits in the years in question.

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
		OR EXISTS (SELECT FROM medaudit._chosen_rules(_run_rank_facilities.rules) AS r
			JOIN medaudit.charge_rule AS c ON c.rule_code = r.rule_code
			WHERE 3 < ANY (c.facility_ranks))
		OR EXISTS (SELECT FROM medaudit._chosen_rules(_run_rank_facilities.rules) AS r
			JOIN medaudit.package AS p ON p.rule_code = r.rule_code
			WHERE 3 < ANY (p.facility_ranks)) THEN
		RETURN;
	END IF;
	IF EXISTS (SELECT FROM medaudit_work.facility AS f WHERE f.rank BETWEEN 4 AND 14) THEN
		UPDATE medaudit_work.facility AS f SET rank = medaudit.facility_rank(f.rank);
		RAISE NOTICE USING MESSAGE = medaudit._say('facility.rank holds national level codes: they are taken by facility_rank()');
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
		ELSE min(f.facility_id COLLATE "C") OVER (PARTITION BY f.credit_code) END, f.region
	FROM (
		SELECT i.facility_id, i.name, i.rank, i.beds, i.region,
			nullif(upper(btrim(i.credit_code)), '') AS credit_code
		FROM pg_temp.medaudit_read_facility() AS i WHERE i.facility_id IS NOT NULL
	) AS f;
	CALL medaudit._run_rank_facilities(rules);
END
$$;

COMMENT ON PROCEDURE _run_read_facilities(text[]) IS
	'读取机构: one row per facility with its class and the provider that it belongs to, into a working table; empty where nothing is bound';

-- Persons, as far as they are bound: all of them, or where the run reads the visits of
-- some people, those of whom it has read something (_run_make_spans).
CREATE OR REPLACE PROCEDURE _run_take_register()
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
BEGIN
	IF NOT medaudit._register_kept() THEN
		CALL medaudit._run_read_persons();
	ELSE
		CALL medaudit._run_tell_register();
		IF NOT medaudit._visits_kept() THEN
			CALL medaudit._run_take_persons(true);
		END IF;
	END IF;
	PERFORM medaudit._analyze('person', 'facility');
END
$$;

COMMENT ON PROCEDURE _run_take_register() IS
	'读取人员: into a working table, empty where nothing is bound, from the register or from the store';

-- Which visits are one stay: one that names the visit that it continues; the
-- next after a settlement in mid-stay; and one that goes on under a new number
-- over the turn of the year, within an hour and for the same disease.  At any
-- other midnight a new number is a new stay.  The stay is known by the first.
-- Chains are followed however far they go; only what is linked stands here.
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

-- The charge books that a run asks, each of a person and the calendar year in which
-- his visits end, and between which days visits stand in it: those of its year are
-- asked, the others are only there to be looked on.  A book is asked where a visit of
-- it is within reach of what of its owner was settled in the period.  Identifiers are
-- slow to sort; each of the steps has its share of work_mem.
CREATE OR REPLACE PROCEDURE _run_read_books(charge_days int)
	LANGUAGE plpgsql
	SET jit = off
	SET enable_mergejoin = off
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
DECLARE
	work_mem_before text := current_setting('work_mem');
BEGIN
	PERFORM medaudit._empty('charge_book');
	PERFORM medaudit._share_work_mem(4);
	INSERT INTO medaudit_work.charge_book
	WITH part AS MATERIALIZED (
		SELECT s.owner, extract(year FROM s.ends)::int AS year, min(s.begins) FILTER (WHERE NOT s.void) AS begins,
			max(s.ends) FILTER (WHERE NOT s.void) AS ends, min(s.begins) FILTER (WHERE s.settled) AS judged_from,
			max(s.ends) FILTER (WHERE s.settled) AS judged_to, bool_or(s.judged) AS judges
		FROM medaudit_work.span AS s
		WHERE s.owner IS NOT NULL AND s.judged_at IS NOT NULL AND s.begins IS NOT NULL
		GROUP BY s.owner, extract(year FROM s.ends)::int
	), near AS MATERIALIZED (
		SELECT p.owner, p.year, p.begins, p.ends, p.judges, j.reached_from, j.reached_to
		FROM part AS p
		JOIN (SELECT i.owner, min(i.judged_from) - charge_days AS reached_from, max(i.judged_to) + charge_days AS reached_to
			FROM part AS i WHERE i.judged_from IS NOT NULL GROUP BY i.owner) AS j ON j.owner = p.owner
		WHERE p.ends >= j.reached_from AND p.begins <= j.reached_to
	), book AS MATERIALIZED (
		SELECT n.owner, n.year, n.begins, n.ends FROM near AS n WHERE n.judges
		UNION ALL
		-- one visit of it, not some together
		SELECT DISTINCT n.owner, n.year, n.begins, n.ends
		FROM near AS n
		JOIN medaudit_work.span AS s ON s.owner = n.owner AND s.ends >= n.reached_from AND s.begins <= n.reached_to
			AND extract(year FROM s.ends)::int = n.year
		WHERE NOT n.judges AND s.judged_at IS NOT NULL AND NOT s.void
	)
	SELECT row_number() OVER ()::int AS book_no, b.owner, b.year, b.begins - 366 - charge_days AS reads_from,
		b.ends + charge_days AS reads_to, p.sex, p.birth_date, p.insurance_type
	FROM book AS b
	LEFT JOIN medaudit_work.person AS p ON p.person_id = b.owner;
	PERFORM set_config('work_mem', work_mem_before, true);
	PERFORM medaudit._analyze('charge_book');
END
$$;

COMMENT ON PROCEDURE _run_read_books(int) IS
	'费用账簿范围: the books of a person and year that charge rules are asked of, into a working table';

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

-- Visits that the run does not judge and that what it judges may rest on: within
-- reach of a person's visits, in a book of charges, stays of the years in question;
-- and of a stay under several numbers all of them.
CREATE OR REPLACE PROCEDURE _run_look_beside(from_date date, stay_days int, all_stays bool)
	LANGUAGE plpgsql
	SET jit = off
	SET enable_mergejoin = off
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
DECLARE
	first_read date;
	last_read date;
BEGIN
	SELECT make_date(least(min(y.year) - 1,
			extract(year FROM from_date - coalesce(stay_days, 0))::int), 1, 1),
		make_date(max(y.year) + 1, 1, 1)
	INTO first_read, last_read FROM medaudit_work.year AS y;
	IF medaudit._register_kept() THEN
		-- stays are kept for the runs of all days
		first_read := medaudit._stays_from(from_date, stay_days);
		last_read := 'infinity';
	END IF;
	WITH person AS MATERIALIZED (
		-- of those who share a number all visits: they may have met long ago
		SELECT s.number_owner, CASE WHEN stay_days IS NOT NULL AND o.number_owner IS NOT NULL THEN date '-infinity'
				ELSE min(s.begins) - stay_days END AS reads_from
		FROM medaudit_work.span AS s
		LEFT JOIN (SELECT DISTINCT i.number_owner FROM medaudit_work.person AS i WHERE i.number_owner <> i.person_id) AS o ON o.number_owner = s.number_owner
		WHERE s.settled AND s.person_id IS NOT NULL GROUP BY s.number_owner, o.number_owner
	), beside AS MATERIALIZED (
		SELECT s.visit_id, s.person_id IS NOT NULL AND p.number_owner IS NOT NULL AS judged_person
		FROM medaudit_work.span AS s
		LEFT JOIN person AS p ON p.number_owner = s.number_owner
		LEFT JOIN (SELECT DISTINCT i.owner FROM medaudit_work.charge_book AS i) AS o ON o.owner = s.owner
		WHERE NOT s.judged AND NOT s.void AND (s.ends >= p.reads_from
			OR s.begins IS NULL AND p.number_owner IS NOT NULL
			OR all_stays AND s.stay AND s.begins < last_read AND s.ends >= first_read
			-- of whom there is no book, none is looked through
			OR s.judged_at IS NOT NULL AND o.owner IS NOT NULL
				AND EXISTS (SELECT FROM medaudit_work.charge_book AS b WHERE b.owner = s.owner AND s.ends >= b.reads_from AND s.begins <= b.reads_to))
	), linked AS (
		SELECT c.visit_id, s.person_id IS NOT NULL AND p.number_owner IS NOT NULL AS judged_person
		FROM medaudit_work.chain AS c
		JOIN medaudit_work.span AS s ON s.visit_id = c.visit_id AND NOT s.judged
		LEFT JOIN person AS p ON p.number_owner = s.number_owner
		WHERE c.stay_id IN (SELECT o.stay_id FROM medaudit_work.chain AS o
				JOIN medaudit_work.span AS i ON i.visit_id = o.visit_id
				WHERE i.judged OR i.visit_id IN (SELECT b.visit_id FROM beside AS b))
	)
	UPDATE medaudit_work.span AS s SET looked = true, judged_person = l.judged_person
	FROM (TABLE beside UNION TABLE linked) AS l
	WHERE l.visit_id = s.visit_id;
END
$$;

COMMENT ON PROCEDURE _run_look_beside(date, int, bool) IS
	'关联就诊: marks the visits that a run does not judge and that its findings may rest on';

-- What rules ask of a visit and its settlements do not say.  A stay that was neither
-- discharged nor settled lasts until the last day that the data know, at most 366
-- days after its admission.
CREATE OR REPLACE PROCEDURE _run_read_visits(from_date date, stay_days int, all_stays bool)
	LANGUAGE plpgsql
	SET jit = off
	SET enable_mergejoin = off
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
DECLARE
	last_day date := medaudit._run_last_day();
BEGIN
	CALL medaudit._run_read_diagnoses();
	CALL medaudit._run_look_beside(from_date, stay_days, all_stays);
	UPDATE medaudit_work.span AS s SET stay_id = c.stay_id
	FROM medaudit_work.chain AS c WHERE c.visit_id = s.visit_id AND c.stay_id <> s.stay_id;
	UPDATE medaudit_work.span AS s SET until = least(s.until, last_day + 1)
	WHERE s.looked AND s.discharged_at IS NULL AND s.settled_at IS NULL AND s.until > last_day + 1;
	UPDATE medaudit_work.span AS s SET main_diagnosis = d.main
	FROM medaudit_work.diagnosis AS d
	WHERE s.looked AND s.main_diagnosis IS NULL AND d.visit_id = s.visit_id AND d.main IS NOT NULL;
	PERFORM medaudit._empty('member');
	INSERT INTO medaudit_work.member
	SELECT s.visit_id, s.stay_id FROM medaudit_work.span AS s WHERE s.looked AND s.stay;
	PERFORM medaudit._analyze('span', 'member');
END
$$;

COMMENT ON PROCEDURE _run_read_visits(date, int, bool) IS
	'读取就诊: marks the visits that a run looks at beside those it judges, adds what their settlements do not say, and lists the visits of each stay in a working table';
