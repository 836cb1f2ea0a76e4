-- The settlements that a run reads: rows of visit, each once, with the types of
-- the dictionary, in one working table.  When visits were, what rules ask of them,
-- what was delivered twice and what could not be read is all made of it.
--
-- The table of visits has years in it of which a run needs nothing.  A visit is
-- near, by one of its rows, where that row
--	 ended on or after the horizon (_run_horizon), or has not ended at all;
--	 in a run over a season or less, besides, is of somebody who has a visit
--	 settled in the period, whenever it was, or, where rules over stays look at
--	 everybody, may be of a stay.
-- The horizon is where rules that look back end up if visits last a season at
-- most.  What this leaves out and a finding may rest on is read by name:
--	 the other settlements of a visit that is near, however old;
--	 all visits of who reaches beyond the horizon (_run_reach_back);
--	 visits that a line, a function of a kind or a standing finding names
--	 (_run_read_unseen).
-- A run over less than a season that has a store of books reads instead all visits of the
-- people in question, by name, and no others (books_stays.sql).
--
-- To know more visits than needed changes no finding: what is judged and what is
-- looked on is chosen among them by exact dates in _run_read_books, _run_read_years
-- and _run_read_visits.
--
-- Cost: one pass over visit that reads and keeps what is near, and, where something
-- is left out, one for the old settlements and one for those who reach beyond; an
-- index by visit_id spares these.  In a short run one more, of two columns, says who
-- was settled.  Memory and what is grouped grow with what is near.

-- CHARGE_DAYS: that charge rules look across; STAY_DAYS: that rules over persons
-- and stays do (NULL: no such rule); ALL_STAYS: those look at the stays of years.
-- A book of charges is of a year and begins a year and CHARGE_DAYS before its
-- first visit; a season is what a visit may last.
CREATE OR REPLACE FUNCTION _run_horizon(from_date date, charge_days int, stay_days int, all_stays bool)
	RETURNS date
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN least(
		date_trunc('year', from_date - 92 - charge_days)::date - 92 - 366 - charge_days,
		from_date - 92 - coalesce(stay_days, 0),
		CASE WHEN all_stays THEN make_date(least(extract(year FROM from_date)::int - 2,
			extract(year FROM from_date - coalesce(stay_days, 0))::int), 1, 1) END);

COMMENT ON FUNCTION _run_horizon(date, int, int, bool) IS
	'读取起点: the date before which nothing that ended matters to a run, but for visits of more than 92 days and what _run_reach_back() finds; never NULL where the first two are not';

-- What begins as a type of other visits and not as one of stays is no stay; what
-- is not known may be one.
CREATE OR REPLACE FUNCTION _run_type_condition(of_stays bool) RETURNS text
	LANGUAGE sql STABLE PARALLEL SAFE
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
	SELECT coalesce(string_agg(format('left(c.visit_type, %s) = ANY (%L::text[])', l.length, l.codes), ' OR '), 'false')
	FROM (
		SELECT length(k.code) AS length, array_agg(DISTINCT k.code) AS codes
		FROM (SELECT medaudit.code_fold(i.visit_type) AS code, i.class FROM medaudit.visit_class AS i) AS k
		WHERE (k.class = 'stay') = of_stays AND k.code <> '' GROUP BY length(k.code)
	) AS l
$$;

COMMENT ON FUNCTION _run_type_condition(bool) IS
	'就诊类型条件: SQL condition over a row of visit, of alias c: its type begins as one that visit_class gives to stays, or to all else; never NULL';

-- Rows of visit, and whether each is near or far, as the rows themselves say, so that
-- the conditions go into the scans: where FAR is by dates alone it is one condition
-- for each of them, and a view that joins visits and settlements need not join what
-- one of its tables tells.
CREATE OR REPLACE PROCEDURE _run_tell_near(from_date date, to_date date, horizon date, all_stays bool)
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
DECLARE
	-- not greatest(), which no foreign server is asked for
	recent text := format('(c.admitted_at >= %1$L OR c.discharged_at >= %1$L OR c.settled_at >= %1$L)', horizon::timestamp);
	near text := 'c.visit_id IS NULL OR c.settled_at IS NULL AND c.discharged_at IS NULL';
	far text;
	source text := 'pg_temp.medaudit_read_visit() AS c';
BEGIN
	IF medaudit._run_is_long(from_date, to_date) THEN
		near := concat_ws(' OR ', near, recent);
		far := format('c.visit_id IS NOT NULL AND (c.settled_at IS NULL OR c.settled_at < %1$L) AND (c.discharged_at IS NULL OR c.discharged_at < %1$L)'
			' AND (c.admitted_at IS NULL OR c.admitted_at < %1$L) AND (c.settled_at IS NOT NULL OR c.discharged_at IS NOT NULL)', horizon::timestamp);
	ELSE
		near := concat_ws(' OR ', near, medaudit._run_in_period(from_date, to_date),
			'a.person_id IS NOT NULL',
			CASE WHEN all_stays THEN format('%s AND ((%s) AND NOT (%s)) IS NOT TRUE', recent,
				medaudit._run_type_condition(false), medaudit._run_type_condition(true)) END);
		far := format('(%s) IS NOT TRUE', near);
		-- joined: what is asked of each row is hashed only as far as memory goes
		source := concat(source, ' LEFT JOIN (SELECT DISTINCT i.person_id FROM medaudit_work.asked_person AS i) AS a ON a.person_id = c.person_id');
	END IF;
	EXECUTE format('CREATE OR REPLACE FUNCTION pg_temp.medaudit_read_settlement() RETURNS TABLE (%s, near bool, far bool)'
		' LANGUAGE sql STABLE PARALLEL SAFE ROWS 100000 AS %L',
		(SELECT string_agg(format('%I %s', n.column_name, n.type), ', ') FROM medaudit._run_columns('visit') AS n),
		format('SELECT c.*, %s, %s FROM %s', near, far, source));
END
$$;

COMMENT ON PROCEDURE _run_tell_near(date, date, date, bool) IS
	'是否临近: makes the function of the session that gives the rows of visit and whether the run reads each for itself (near) or not (far)';

CREATE OR REPLACE FUNCTION _run_is_long(from_date date, to_date date) RETURNS bool
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN to_date - from_date > 92;

COMMENT ON FUNCTION _run_is_long(date, date) IS
	'是否长周期: whether so many people have a visit settled in the period that to look who they are spares nothing';

CREATE OR REPLACE FUNCTION _run_in_period(from_date date, to_date date) RETURNS text
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN format('(c.settled_at >= %1$L AND c.settled_at < %2$L OR c.settled_at IS NULL AND c.discharged_at >= %1$L AND c.discharged_at < %2$L)',
		from_date::timestamp, to_date::timestamp);

COMMENT ON FUNCTION _run_in_period(date, date) IS
	'期内结算: SQL condition over a row of visit, of alias c: it was settled, else discharged, in the period';

-- Who has a visit settled in the period, or was paid a claim that is compared with visits,
-- and whoever has the same number.
CREATE OR REPLACE PROCEDURE _run_read_asked_persons(from_date date, to_date date)
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
BEGIN
	PERFORM medaudit._empty('asked_person');
	EXECUTE format($sql$
		INSERT INTO medaudit_work.asked_person
		WITH settled AS MATERIALIZED (
			SELECT DISTINCT c.person_id FROM pg_temp.medaudit_read_visit() AS c
			WHERE c.person_id IS NOT NULL AND %s
			UNION
			SELECT p.person_id FROM medaudit._run_paid_persons($1, $2) AS p (person_id)
		)
		SELECT s.person_id FROM settled AS s
		UNION
		SELECT o.person_id
		FROM medaudit_work.person AS o
		WHERE o.number_owner IN (SELECT p.number_owner FROM medaudit_work.person AS p
			WHERE p.person_id IN (SELECT s.person_id FROM settled AS s))$sql$,
		medaudit._run_in_period(from_date, to_date)) USING from_date, to_date;
	PERFORM medaudit._analyze('asked_person');
END
$$;

COMMENT ON PROCEDURE _run_read_asked_persons(date, date) IS
	'期内结算人员: the persons who have a visit settled in the period, or were paid a claim in it that a rule compares with visits, and those of one number with them, into a working table';

-- Rows of visit that fit a condition, over alias c.
CREATE OR REPLACE PROCEDURE _run_keep_settlements(source text, condition text)
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
DECLARE
	-- views made by hand may hold times beyond all years
	columns record;
BEGIN
	SELECT string_agg(quote_ident(n.column_name), ', ') AS names, string_agg(format(
		CASE WHEN n.column_name IN ('admitted_at', 'discharged_at', 'settled_at') THEN 'medaudit._read_time(c.%I)' ELSE 'c.%I' END,
		n.column_name), ', ') AS expressions
	INTO columns FROM medaudit._run_columns('visit') AS n;
	EXECUTE format('INSERT INTO medaudit_work.settlement (%s) SELECT %s FROM pg_temp.%I() AS c WHERE %s',
		columns.names, columns.expressions, source, condition);
END
$$;

COMMENT ON PROCEDURE _run_keep_settlements(text, text) IS
	'读取结算行: rows of visit, by a function of the session, under a condition, into the working table settlement';

-- Visits of several settlements, and equal rows of one, which count once.
CREATE OR REPLACE PROCEDURE _run_mend_settlements()
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
	SET jit = off
	SET enable_nestloop = off
AS $$
BEGIN
	UPDATE medaudit_work.settlement AS s SET several = true
	FROM (
		SELECT i.visit_id FROM medaudit_work.settlement AS i
		WHERE NOT EXISTS (SELECT FROM medaudit_work.span AS k WHERE k.visit_id = i.visit_id)
		GROUP BY i.visit_id HAVING count(*) > 1
	) AS t
	WHERE t.visit_id = s.visit_id;
	WITH gone AS (
		DELETE FROM medaudit_work.settlement AS s
		USING (SELECT i.ctid AS row_id, row_number() OVER (PARTITION BY i) AS nth
			FROM medaudit_work.settlement AS i WHERE i.several) AS c
		WHERE c.row_id = s.ctid AND c.nth > 1
		RETURNING s.visit_id
	)
	INSERT INTO medaudit_work.copied (relation, visit_id, rows)
	SELECT 'visit', g.visit_id, count(*) FROM gone AS g GROUP BY g.visit_id;
END
$$;

COMMENT ON PROCEDURE _run_mend_settlements() IS
	'结算行去重: marks the visits of several settlements, and leaves equal rows of a visit once; how many went stands in the working table copied';

-- EVERY_VISIT: nothing was left out.  OF_PERSONS: who is asked stands in asked_person,
-- and of the period nobody else is.
CREATE OR REPLACE PROCEDURE _run_read_settlements(from_date date, to_date date, horizon date, all_stays bool,
	of_persons bool DEFAULT false)
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
	SET jit = off
AS $$
DECLARE
	all_near bool;
BEGIN
	PERFORM medaudit._empty('settlement', 'copied', 'horizon', 'span');
	IF medaudit._visits_kept() THEN
		CALL medaudit._run_read_kept_settlements(from_date, to_date, horizon, of_persons);
		RETURN;
	END IF;
	IF NOT of_persons AND NOT medaudit._run_is_long(from_date, to_date) THEN
		CALL medaudit._run_read_asked_persons(from_date, to_date);
	END IF;
	CALL medaudit._run_tell_near(from_date, CASE WHEN of_persons THEN from_date ELSE to_date END, horizon, all_stays);
	CALL medaudit._run_keep_settlements('medaudit_read_settlement', 'c.near');
	PERFORM medaudit._analyze('settlement');
	all_near := NOT EXISTS (SELECT FROM pg_temp.medaudit_read_settlement() AS c WHERE c.far);
	IF NOT all_near THEN
		CALL medaudit._run_keep_settlements('medaudit_read_settlement',
			'c.far AND c.visit_id IN (SELECT s.visit_id FROM medaudit_work.settlement AS s)');
	END IF;
	INSERT INTO medaudit_work.horizon (from_date, to_date, ended_from, every_visit) VALUES (from_date, to_date, horizon, all_near);
	CALL medaudit._run_mend_settlements();
END
$$;

COMMENT ON PROCEDURE _run_read_settlements(date, date, date, bool, bool) IS
	'读取结算行: the rows of the visits that are near, with all settlements of these, into a working table';

-- The first of them in an order, as the last word of several settlements.
CREATE OR REPLACE FUNCTION _keep_first(first text, next text) RETURNS text
	LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
	RETURN first;
COMMENT ON FUNCTION _keep_first(text, text) IS
	'取首个值累积: support function of aggregate _first_known';

CREATE OR REPLACE AGGREGATE _first_known(text) (
	SFUNC = _keep_first,
	STYPE = text
);
COMMENT ON AGGREGATE _first_known(text) IS
	'首个已知值: the first of the texts, in the order that is asked, that is not NULL; NULL where there is none';

-- When each visit was, and when it is judged, by the last of its settlements (else
-- its discharge); never where it was not settled.  SETTLED: in the period.  VOID:
-- its settlements add up to nothing, it was taken back, or they name several persons
-- or facilities, whose lines nobody can tell apart; no rule sees it; it may have been
-- seen before.  Of several settlements the last decides what is said of the visit, and a
-- sum of which a part could not be read is not known.  JUDGED: settled and not void.  OWNER: whose ledger its
-- lines go into; a visit without person has one of its own, and so has a newborn
-- ON_MOTHER, whose person is its mother: what is charged for her beside it is no
-- double, and nothing about her holds for it.  UNTIL: the end that rules over stays
-- count with, where it was not discharged that of its settlement.  What else rules
-- ask of a visit stands beside, so that nobody goes back to its settlements.
--
-- Nearly all visits have one settlement, which is not grouped, and nearly all
-- persons a number of their own: of the register only the others are joined.
CREATE OR REPLACE PROCEDURE _run_make_spans()
	LANGUAGE plpgsql
	SET jit = off
	SET plan_cache_mode = force_custom_plan
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
DECLARE
	h record;
	-- a first time there is nothing to look for, and a table looked through as it is
	-- filled is looked through ever longer; later there are only those in unseen
	again bool := EXISTS (SELECT FROM medaudit_work.span);
BEGIN
	IF medaudit._visits_kept() THEN
		CALL medaudit._run_take_persons(false);
	END IF;
	SELECT k.* INTO h FROM medaudit_work.horizon AS k;
	INSERT INTO medaudit_work.span
	SELECT v.visit_id, v.person_id, coalesce(p.people_id, v.person_id) AS people_id,
		coalesce(p.number_owner, v.person_id) AS number_owner, o.on_mother,
		CASE WHEN v.person_id IS NOT NULL AND NOT o.on_mother THEN v.person_id END AS owner,
		v.judged_at, d.begins, d.ends, o.settled, j.judged,
		o.void, j.judged AS looked,
		j.judged AND v.person_id IS NOT NULL AS judged_person,
		v.person_id IS NOT NULL AND v.facility_id IS NOT NULL
			AND coalesce(c.class = 'stay', v.discharged_at::date > v.admitted_at::date) AS stay,
		v.visit_id AS stay_id, v.facility_id, coalesce(f.provider_id, v.facility_id) AS provider_id,
		f.rank AS facility_rank, v.admitted_at, v.discharged_at,
		coalesce(v.discharged_at, v.settled_at, v.admitted_at + interval '366 days') AS until,
		v.continues_visit_id, v.mid_settlement, v.main_diagnosis, v.main_diagnoses,
		v.settled_at, v.record_no, v.visit_type, v.insurance_type,
		v.department, v.physician_id, v.total_amount, v.scope_amount, v.fund_amount,
		v.payment_method, v.referred, v.newborn
	FROM (
		SELECT i.visit_id, i.person_id, i.facility_id, i.admitted_at, i.discharged_at, i.settled_at,
			coalesce(i.settled_at, i.discharged_at) AS judged_at, i.record_no, i.visit_type, i.insurance_type,
			i.department, i.physician_id, i.main_diagnosis, NULL::text[] AS main_diagnoses, i.total_amount,
			i.scope_amount, i.fund_amount, i.payment_method, i.referral_visit_id IS NOT NULL AS referred,
			coalesce(i.newborn, false) AS newborn, coalesce(i.mid_settlement, false) AS mid_settlement,
			i.continues_visit_id, false AS clashes
		FROM medaudit_work.settlement AS i
		WHERE NOT i.several AND i.visit_id IS NOT NULL AND (NOT again OR i.visit_id IN (SELECT u.visit_id FROM medaudit_work.unseen AS u))
		UNION ALL
		SELECT i.visit_id, min(i.person_id), min(i.facility_id), min(i.admitted_at),
			CASE WHEN bool_and(i.discharged_at IS NOT NULL) THEN max(i.discharged_at) END, max(i.settled_at),
			max(i.at),
			medaudit._first_known(i.record_no ORDER BY i.at DESC NULLS LAST, i.record_no COLLATE "C"),
			medaudit._first_known(i.visit_type ORDER BY i.at DESC NULLS LAST, i.visit_type COLLATE "C"),
			medaudit._first_known(i.insurance_type ORDER BY i.at DESC NULLS LAST, i.insurance_type COLLATE "C"),
			medaudit._first_known(i.department ORDER BY i.at DESC NULLS LAST, i.department COLLATE "C"),
			medaudit._first_known(i.physician_id ORDER BY i.at DESC NULLS LAST, i.physician_id COLLATE "C"),
			medaudit._first_known(i.main_diagnosis ORDER BY i.at DESC NULLS LAST, i.main_diagnosis COLLATE "C"),
			array_agg(DISTINCT i.main_diagnosis) FILTER (WHERE i.main_diagnosis IS NOT NULL),
			-- nothing is known to be taken back of which a part is not known
			CASE WHEN NOT bool_or('total_amount' = ANY (coalesce(i.unreadable, '{}'))) AND (sum(i.total_amount) <> 0::numeric OR bool_and(i.total_amount IS NOT NULL))
				THEN sum(i.total_amount) END,
			-- nor a share of the fund where a settlement tells one of the two
			CASE WHEN NOT bool_or('scope_amount' = ANY (coalesce(i.unreadable, '{}')) OR i.scope_amount IS NULL AND i.fund_amount IS NOT NULL) THEN sum(i.scope_amount) END,
			CASE WHEN NOT bool_or('fund_amount' = ANY (coalesce(i.unreadable, '{}')) OR i.fund_amount IS NULL AND i.scope_amount IS NOT NULL) THEN sum(i.fund_amount) END,
			medaudit._first_known(i.payment_method ORDER BY i.at DESC NULLS LAST, i.payment_method COLLATE "C"),
			bool_or(i.referral_visit_id IS NOT NULL),
			coalesce(bool_or(i.newborn), false), coalesce((array_agg(i.mid_settlement
				ORDER BY i.at DESC NULLS LAST, i.mid_settlement))[1], false),
			min(i.continues_visit_id), min(i.person_id) <> max(i.person_id) OR min(i.facility_id) <> max(i.facility_id)
		FROM (SELECT t.*, coalesce(t.settled_at, t.discharged_at) AS at FROM medaudit_work.settlement AS t WHERE t.several) AS i
		WHERE NOT again OR i.visit_id IN (SELECT u.visit_id FROM medaudit_work.unseen AS u) GROUP BY i.visit_id
	) AS v
	LEFT JOIN medaudit_work.facility AS f ON f.facility_id = v.facility_id
	LEFT JOIN medaudit_work.person AS p ON p.person_id = v.person_id
		AND (p.people_id <> p.person_id OR p.number_owner <> p.person_id)
	LEFT JOIN (
		SELECT t.visit_type, medaudit.class_of_visit(t.visit_type) AS class
		FROM (SELECT DISTINCT i.visit_type FROM medaudit_work.settlement AS i) AS t OFFSET 0
	) AS c ON c.visit_type = v.visit_type
	CROSS JOIN LATERAL (SELECT CASE WHEN v.newborn THEN NOT coalesce(v.admitted_at < (SELECT m.birth_date
				FROM medaudit_work.person AS m WHERE m.person_id = v.person_id) + interval '1 year', false) ELSE false END AS on_mother,
		coalesce(v.judged_at >= h.from_date AND v.judged_at < h.to_date, false) AS settled,
		coalesce(v.clashes, false) OR v.total_amount IS NOT DISTINCT FROM 0::numeric AS void) AS o
	CROSS JOIN LATERAL (SELECT o.settled AND NOT o.void AS judged) AS j
	CROSS JOIN LATERAL (SELECT coalesce(v.admitted_at, least(v.discharged_at, v.judged_at))::date AS begins,
		greatest(v.admitted_at, coalesce(v.discharged_at, v.judged_at, v.admitted_at
			+ CASE WHEN c.class = 'stay' THEN interval '366 days' END))::date AS ends) AS d
	WHERE NOT again OR NOT EXISTS (SELECT FROM medaudit_work.span AS s WHERE s.visit_id = v.visit_id);
END
$$;

COMMENT ON PROCEDURE _run_make_spans() IS
	'就诊时间: when each visit whose settlements were read was and when it is judged, into a working table; those that are there stay';

-- Visits named in unseen that the run did not read.  Those that are nowhere stay
-- unknown.
CREATE OR REPLACE PROCEDURE _run_read_unseen()
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
	SET random_page_cost = 1.1
AS $$
BEGIN
	IF EXISTS (SELECT FROM medaudit_work.unseen) AND EXISTS (SELECT FROM medaudit_work.horizon AS h WHERE NOT h.every_visit) THEN
		-- found one by one: what was read is many
		DELETE FROM medaudit_work.unseen AS u
		WHERE u.visit_id IS NULL OR (SELECT true FROM medaudit_work.span AS s WHERE s.visit_id = u.visit_id LIMIT 1);
		IF EXISTS (SELECT FROM medaudit_work.unseen) THEN
			PERFORM medaudit._analyze('unseen');
			CALL medaudit._run_keep_settlements('medaudit_read_visit', 'c.visit_id IN (SELECT u.visit_id FROM medaudit_work.unseen AS u)');
			CALL medaudit._run_mend_settlements();
			CALL medaudit._run_make_spans();
			IF EXISTS (SELECT FROM medaudit_work.changed_visit) THEN
				CALL medaudit._run_judge_changed();
			END IF;
		END IF;
	END IF;
	PERFORM medaudit._empty('unseen');
END
$$;

COMMENT ON PROCEDURE _run_read_unseen() IS
	'补读就诊: reads the settlements of the visits in the working table unseen that were not read, and when these visits were';

-- Lines of the period may be of a visit that ended long before, and that is known
-- all the same.
CREATE OR REPLACE PROCEDURE _run_see_charged()
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
BEGIN
	INSERT INTO medaudit_work.unseen
	SELECT g.visit_id FROM medaudit_work.gathered AS g
	-- what the run has read is judged or not
	WHERE g.judged IS NULL AND g.in_period > 0 AND g.visit_id IS NOT NULL AND NOT EXISTS (SELECT FROM medaudit_work.span AS s WHERE s.visit_id = g.visit_id);
	CALL medaudit._run_read_unseen();
END
$$;

COMMENT ON PROCEDURE _run_see_charged() IS
	'补读费用所属就诊: reads the visits of lines charged in the period, or at no known time, that the run has not read, so that those that are nowhere can be told';

-- A visit that a standing finding rests on, beside one that the run judges, may
-- have been taken back since, and lie anywhere (see _run_reach_findings).
CREATE OR REPLACE PROCEDURE _run_see_standing(code text, reach text)
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
BEGIN
	IF EXISTS (SELECT FROM medaudit_work.horizon AS h WHERE NOT h.every_visit) THEN
		INSERT INTO medaudit_work.unseen
		SELECT DISTINCT l.visit_id
		FROM (
			SELECT l.visit_id, s.visit_id IS NOT NULL AS read, bool_or(reach = 'year' OR coalesce(s.settled, false)
				OR coalesce(CASE reach WHEN 'visit' THEN v.judged ELSE v.judged_person END, false)) OVER (PARTITION BY l.finding_id) AS touched
			FROM medaudit.finding AS f
			JOIN medaudit.finding_line AS l ON l.finding_id = f.finding_id
			LEFT JOIN medaudit_work.visit AS v ON v.visit_id = l.visit_id
			LEFT JOIN medaudit_work.span AS s ON s.visit_id = l.visit_id
			WHERE f.rule_code = code AND f.state = ANY (medaudit._met_states())
		) AS l
		-- a stay that was taken as it is kept is known
		WHERE l.touched AND l.visit_id IS NOT NULL AND NOT l.read
			AND NOT EXISTS (SELECT FROM medaudit_work.stay AS t WHERE t.visit_id = l.visit_id AND t.stay)
			AND NOT EXISTS (SELECT FROM medaudit_work.chain AS c JOIN medaudit_work.stay AS t ON t.visit_id = c.stay_id WHERE c.visit_id = l.visit_id);
		CALL medaudit._run_read_unseen();
	END IF;
END
$$;

COMMENT ON PROCEDURE _run_see_standing(text, text) IS
	'补读疑点所依就诊: reads the visits of standing findings of a rule that the run touches and has not read';

-- Who looks back further than visits of a season would let him: all of his visits.
-- He was settled after more than a season; or has a visit of more than that about
-- where the book of the first year in question begins; or shares a number, for
-- those may have met long ago; or was in hospital when the horizon passed, or names
-- a visit before it, so that a stay may go on across it.
CREATE OR REPLACE PROCEDURE _run_reach_back(charge_days int, stay_days int)
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
	SET jit = off
AS $$
DECLARE
	h record;
	books_from date;
BEGIN
	SELECT k.*, medaudit._run_is_long(k.from_date, k.to_date) AS long INTO h FROM medaudit_work.horizon AS k;
	-- of whom it reads something a run with kept stays reads all
	IF h.every_visit OR medaudit._visits_kept() THEN
		RETURN;
	END IF;
	books_from := date_trunc('year', h.from_date - 92 - charge_days);
	PERFORM medaudit._empty('reaching', 'unseen');
	INSERT INTO medaudit_work.reaching
	WITH asked AS MATERIALIZED (
		SELECT s.number_owner, min(s.begins) AS begins FROM medaudit_work.span AS s
		WHERE h.long AND s.settled AND s.number_owner IS NOT NULL GROUP BY s.number_owner
	), owner AS MATERIALIZED (
		SELECT a.number_owner FROM asked AS a
		LEFT JOIN (SELECT DISTINCT i.number_owner FROM medaudit_work.person AS i WHERE i.number_owner <> i.person_id) AS o ON o.number_owner = a.number_owner
		WHERE a.begins < h.from_date - 92 OR stay_days IS NOT NULL AND o.number_owner IS NOT NULL
		UNION
		SELECT s.number_owner FROM medaudit_work.span AS s
		WHERE s.begins < books_from - 92 AND s.ends >= books_from AND s.number_owner IN (SELECT a.number_owner FROM asked AS a)
		UNION
		SELECT s.number_owner FROM medaudit_work.span AS s
		LEFT JOIN (SELECT DISTINCT i.person_id FROM medaudit_work.asked_person AS i) AS a ON a.person_id = s.person_id
		WHERE s.stay AND (s.admitted_at < h.ended_from + 2 OR s.continues_visit_id IS NOT NULL
				AND NOT EXISTS (SELECT FROM medaudit_work.span AS e WHERE e.visit_id = s.continues_visit_id))
			AND (h.long OR s.person_id IS NOT NULL AND a.person_id IS NULL)
	)
	SELECT o.number_owner FROM owner AS o
	UNION
	SELECT p.person_id FROM medaudit_work.person AS p
	WHERE p.number_owner IN (SELECT o.number_owner FROM owner AS o);
	IF EXISTS (SELECT FROM medaudit_work.reaching) THEN
		PERFORM medaudit._analyze('reaching');
		INSERT INTO medaudit_work.unseen
		SELECT DISTINCT c.visit_id FROM pg_temp.medaudit_read_settlement() AS c
		WHERE c.far AND c.person_id IN (SELECT r.person_id FROM medaudit_work.reaching AS r);
		CALL medaudit._run_read_unseen();
	END IF;
END
$$;

COMMENT ON PROCEDURE _run_reach_back(int, int) IS
	'回溯补读: reads all visits of the persons about whom a finding of the run may rest on something before its horizon';

CREATE OR REPLACE PROCEDURE _run_read_spans(from_date date, to_date date, charge_days int, stay_days int, all_stays bool)
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
BEGIN
	CALL medaudit._run_read_settlements(from_date, to_date,
		medaudit._run_horizon(from_date, charge_days, stay_days, all_stays), all_stays);
	CALL medaudit._run_make_spans();
	CALL medaudit._run_reach_back(charge_days, stay_days);
	PERFORM medaudit._analyze('span');
END
$$;

COMMENT ON PROCEDURE _run_read_spans(date, date, int, int, bool) IS
	'就诊时间: when each visit that the run may need was and when it is judged, into a working table';

-- A run over a season or less, and one that takes visits from the store, reads all
-- visits of whom something was settled in its period.
CREATE OR REPLACE FUNCTION _run_reads_whole(from_date date) RETURNS bool
	LANGUAGE sql STABLE PARALLEL SAFE
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
	SELECT coalesce(bool_and(h.every_visit OR h.ended_from <= _run_reads_whole.from_date OR NOT medaudit._run_is_long(h.from_date, h.to_date)), false)
	FROM medaudit_work.horizon AS h
$$;

COMMENT ON FUNCTION _run_reads_whole(date) IS
	'是否读全: whether the run has read all visits from that date on of the people of whom something was settled in its period. Only within an audit run';

-- As _standing_visits(), of what the run has read.  A visit without facility is a stay here.
-- ONCE: its lines were gathered, and none of their numbers came twice.  The planner is told
-- of few, for what is joined with them is not to be hashed: all lines are.
CREATE OR REPLACE FUNCTION _run_standing_visits() RETURNS TABLE (visit_id text, person_id text, facility_id text,
	physician_id text, department text, visit_type text, main_diagnosis text, admitted_at timestamp, discharged_at timestamp, stay bool, once bool)
	LANGUAGE sql STABLE PARALLEL RESTRICTED ROWS 10
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
	SELECT s.visit_id, s.person_id, s.facility_id, s.physician_id, s.department, s.visit_type, s.main_diagnosis, s.admitted_at, s.discharged_at,
		s.stay OR s.facility_id IS NULL AND coalesce(medaudit.class_of_visit(s.visit_type) = 'stay', s.discharged_at::date > s.admitted_at::date, false),
		g.visit_id IS NOT NULL
	FROM medaudit_work.span AS s
	LEFT JOIN medaudit_work.gathered AS g ON g.visit_id = s.visit_id AND g.book IS NOT NULL AND NOT g.twice
	WHERE s.person_id IN (SELECT f.person_id FROM medaudit_work.fill_person AS f) AND NOT s.void
$$;

COMMENT ON FUNCTION _run_standing_visits() IS
	'已读就诊: the visits of the persons in fill_person that the run has read, each once, without those that were taken back; stay: by visit_class, else by their dates; once: no number of its lines came twice. Only within an audit run';

-- The last day that the data know.  Where the run left out visits, those count
-- of which some row is later than what it read.
CREATE OR REPLACE FUNCTION _run_last_day() RETURNS date
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
	SET search_path = pg_catalog, medaudit, pg_temp
	SET jit = off
AS $$
DECLARE
	last_day date;
BEGIN
	IF NOT EXISTS (SELECT FROM medaudit_work.span AS s
			WHERE s.discharged_at IS NULL AND s.settled_at IS NULL AND NOT s.void AND s.admitted_at IS NOT NULL) THEN
		RETURN NULL;
	END IF;
	SELECT max(greatest(s.ends, s.judged_at::date)) INTO last_day FROM medaudit_work.span AS s
	WHERE s.judged_at IS NOT NULL AND s.ends < date '2200-01-01';
	IF EXISTS (SELECT FROM medaudit_work.horizon AS h WHERE NOT h.every_visit) THEN
		EXECUTE format($sql$
			SELECT greatest($1, (
				SELECT max(greatest(v.ends, v.judged_at)::date)
				FROM (
					SELECT max(coalesce(i.settled_at, i.discharged_at)) AS judged_at,
						greatest(min(i.admitted_at), CASE WHEN bool_and(i.discharged_at IS NOT NULL) THEN max(i.discharged_at)
							ELSE max(coalesce(i.settled_at, i.discharged_at)) END) AS ends
					FROM pg_temp.medaudit_read_visit() AS i
					WHERE i.visit_id IN (SELECT c.visit_id FROM %s > coalesce($1, '-infinity'))
					GROUP BY i.visit_id
				) AS v
				WHERE v.judged_at IS NOT NULL AND v.ends < timestamp '2200-01-01'))$sql$,
			CASE WHEN medaudit._visits_kept() THEN 'medaudit_data.visit_book AS c WHERE c.last_on'
				ELSE 'pg_temp.medaudit_read_visit() AS c WHERE greatest(c.admitted_at, c.discharged_at, c.settled_at)::date' END)
		INTO last_day USING last_day;
	END IF;
	RETURN last_day;
END
$$;

COMMENT ON FUNCTION _run_last_day() IS
	'数据截止日: the last day of any visit that was settled or discharged; NULL where there is none, and where no stay is open, for nothing else is asked of it';

CREATE OR REPLACE FUNCTION _comes_twice_transition(internal, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'comes_twice_transition' LANGUAGE C IMMUTABLE PARALLEL SAFE;
CREATE OR REPLACE FUNCTION _comes_twice_final(internal) RETURNS bool
	AS 'MODULE_PATHNAME', 'comes_twice_final' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION _comes_twice_transition(internal, text) IS
	'重复判断累积: support function of aggregate _comes_twice';
CREATE OR REPLACE FUNCTION _comes_twice_combine(internal, internal) RETURNS internal
	AS 'MODULE_PATHNAME', 'comes_twice_combine' LANGUAGE C IMMUTABLE PARALLEL SAFE;
CREATE OR REPLACE FUNCTION _comes_twice_serialize(internal) RETURNS bytea
	AS 'MODULE_PATHNAME', 'comes_twice_serialize' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
CREATE OR REPLACE FUNCTION _comes_twice_deserialize(bytea, internal) RETURNS internal
	AS 'MODULE_PATHNAME', 'comes_twice_deserialize' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION _comes_twice_combine(internal, internal) IS
	'重复判断合并: support function of aggregate _comes_twice';
COMMENT ON FUNCTION _comes_twice_serialize(internal) IS
	'重复判断发送: support function of aggregate _comes_twice';
COMMENT ON FUNCTION _comes_twice_deserialize(bytea, internal) IS
	'重复判断接收: support function of aggregate _comes_twice';
COMMENT ON FUNCTION _comes_twice_final(internal) IS
	'重复判断完成: support function of aggregate _comes_twice';

CREATE OR REPLACE AGGREGATE _comes_twice(text) (
	SFUNC = _comes_twice_transition,
	STYPE = internal,
	SSPACE = 128,
	FINALFUNC = _comes_twice_final,
	COMBINEFUNC = _comes_twice_combine,
	SERIALFUNC = _comes_twice_serialize,
	DESERIALFUNC = _comes_twice_deserialize,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE _comes_twice(text) IS
	'是否重复: whether one of the texts, other than NULL and empty, comes more than once, as far as hashes of 64 bits tell: true may be mistaken once in a while, false is certain; false where none comes, NULL for no rows';

-- array_agg, of which the planner thinks that it keeps 8 kB for each array: it would
-- write what it hashes to disk.
CREATE OR REPLACE AGGREGATE _codes(text) (
	SFUNC = array_agg_transfn,
	STYPE = internal,
	SSPACE = 256,
	FINALFUNC = array_agg_finalfn,
	FINALFUNC_EXTRA,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE _codes(text) IS
	'编码汇集: array_agg() of codes, for many visits with few each; NULL for no rows';

-- The diagnoses of the visits that were read, in one pass.  Equal rows count once;
-- only visits that name a code twice can have such, and only these are read again.
CREATE OR REPLACE PROCEDURE _run_read_diagnoses()
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
	SET jit = off
	SET enable_sort = off
	SET random_page_cost = 1.1
AS $$
DECLARE
	every_visit bool := (SELECT h.every_visit FROM medaudit_work.horizon AS h);
BEGIN
	PERFORM medaudit._empty('diagnosis');
	-- a condition of its own, so that an index may find those of few visits
	EXECUTE format($sql$
		INSERT INTO medaudit_work.diagnosis (visit_id, main, codes, twice)
		SELECT d.visit_id, min(d.diagnosis_code) FILTER (WHERE d.rank = 1),
			medaudit._codes(d.diagnosis_code) FILTER (WHERE d.diagnosis_code IS NOT NULL),
			medaudit._comes_twice(coalesce(d.diagnosis_code, '-'))
		FROM pg_temp.medaudit_read_diagnosis() AS d
		WHERE d.visit_id IS NOT NULL%s
		GROUP BY d.visit_id$sql$,
		CASE WHEN NOT every_visit THEN ' AND d.visit_id IN (SELECT s.visit_id FROM medaudit_work.span AS s)' END);
	IF EXISTS (SELECT FROM medaudit_work.diagnosis AS d WHERE d.twice) THEN
		WITH told AS MATERIALIZED (
			SELECT d.visit_id, d.diagnosis_code, count(*) - 1 AS copies FROM pg_temp.medaudit_read_diagnosis() AS d
			WHERE d.visit_id IN (SELECT t.visit_id FROM medaudit_work.diagnosis AS t WHERE t.twice)
			GROUP BY d.visit_id, d.diagnosis_code, d
		)
		INSERT INTO medaudit_work.copied (relation, visit_id, rows, codes)
		SELECT 'diagnosis', t.visit_id, sum(t.copies),
			array_agg(t.diagnosis_code) FILTER (WHERE t.diagnosis_code IS NOT NULL)
		FROM told AS t
		GROUP BY t.visit_id HAVING sum(t.copies) > 0;
		UPDATE medaudit_work.diagnosis AS d SET codes = c.codes
		FROM medaudit_work.copied AS c WHERE c.relation = 'diagnosis' AND c.visit_id = d.visit_id;
	END IF;
	PERFORM medaudit._analyze('diagnosis');
END
$$;

COMMENT ON PROCEDURE _run_read_diagnoses() IS
	'读取诊断: the diagnoses of each visit that was read, and its main one, into a working table';
