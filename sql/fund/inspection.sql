-- Inspections (检查): who goes where, what was inspected and what not, records for review.
--
-- Inspectors are drawn as facilities are: by a seed, so that anybody can do it again
-- (src/fund/assign_inspectors.c).  Nobody goes where he is recused, is employed, or went
-- the last two times.  Coverage is counted over the register of facilities, so that one
-- that nobody visited shows, and over settled visits, so that a month that nobody
-- reviewed shows.
--
-- Cost: the coverage of a month reads the bound visits once.

CREATE OR REPLACE TRIGGER keep_shipped BEFORE INSERT OR UPDATE OR DELETE ON draw_weight
	FOR EACH ROW EXECUTE FUNCTION _keep_shipped_term();

-- ----------------------------------------------------------------- the team

CREATE OR REPLACE FUNCTION assign_inspectors(seed text, targets text[], inspectors text[], per_target int, recusals jsonb DEFAULT '{}',
		max_load int DEFAULT NULL) RETURNS TABLE (target text, inspector text)
	AS 'MODULE_PATHNAME', 'medaudit_assign_inspectors'
	LANGUAGE C IMMUTABLE PARALLEL SAFE COST 1000 ROWS 100;

COMMENT ON FUNCTION assign_inspectors(text, text[], text[], int, jsonb, int) IS
	'分派检查人员: gives each target per_target different inspectors, none of those that recusals ({"target": ["inspector", ...]}) names for it, the greatest number of targets of an inspector as small as can be and at most max_load; by the seed alone, whatever the order of the lists; a target for which there are not enough, a name that comes twice, numbers below 1 and recusals of another form are 22023, more than 20,000,000 pairs 54000, NULL (but of max_load) 22004';

-- The register as far as these functions ask it; none where it is not bound.
CREATE OR REPLACE FUNCTION _facility_register() RETURNS TABLE (facility_id text, name text, credit_code text)
	LANGUAGE plpgsql STABLE PARALLEL RESTRICTED ROWS 1000
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
BEGIN
	IF to_regclass('medaudit_data.facility') IS NULL THEN
		RETURN;
	END IF;
	PERFORM medaudit.check_bound('facility');
	RETURN QUERY EXECUTE format($sql$
		SELECT f.facility_id, min(f.name COLLATE "C"), CASE WHEN min(f.credit_code) = max(f.credit_code) THEN min(f.credit_code) END
		FROM (SELECT %s FROM medaudit_data.facility AS c) AS f
		WHERE f.facility_id <> '' GROUP BY f.facility_id$sql$,
		(SELECT string_agg(CASE WHEN n.column_name = 'name' THEN format('%s AS name', n.expression)
				ELSE format('nullif(medaudit.code_fold(%s), '''') AS %I', n.expression, n.column_name) END, ', ')
			FROM medaudit._run_columns('facility') AS n WHERE n.column_name IN ('facility_id', 'name', 'credit_code')));
END
$$;

COMMENT ON FUNCTION _facility_register() IS
	'机构名册: the bound facilities, each once, with name and credit code (NULL where rows differ), codes folded; no rows where facility is not bound';

CREATE OR REPLACE FUNCTION recusals_of(targets text[], at date DEFAULT current_date) RETURNS jsonb
	LANGUAGE plpgsql STABLE PARALLEL RESTRICTED
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
BEGIN
	IF num_nulls(targets, at) > 0 OR array_position(targets, NULL) IS NOT NULL THEN
		RAISE EXCEPTION USING ERRCODE = '22004', MESSAGE = medaudit._say('targets and at must not be null');
	END IF;
	RETURN (
		WITH register AS MATERIALIZED (
			SELECT f.facility_id, f.credit_code FROM medaudit._facility_register() AS f
		), target AS MATERIALIZED (
			SELECT DISTINCT t.id, medaudit.code_fold(t.id) AS code, f.credit_code
			FROM unnest(targets) AS t (id)
			LEFT JOIN register AS f ON f.facility_id = medaudit.code_fold(t.id)
		), recused AS (
			SELECT t.id, r.inspector_id
			FROM target AS t
			JOIN medaudit.recusal AS r ON medaudit.code_fold(r.facility_id) = t.code AND r.valid @> recusals_of.at
			-- one provider is one employer
			UNION SELECT t.id, i.inspector_id
			FROM medaudit.inspector AS i
			LEFT JOIN register AS e ON e.facility_id = medaudit.code_fold(i.employer)
			JOIN target AS t ON medaudit.code_fold(i.employer) IN (t.code, t.credit_code) OR e.credit_code = t.credit_code
			UNION SELECT t.id, m.inspector_id
			FROM target AS t
			CROSS JOIN LATERAL (SELECT i.team FROM medaudit.inspection AS i
				WHERE medaudit.code_fold(i.facility_id) = t.code AND i.done_on <= recusals_of.at
				ORDER BY i.done_on DESC, i.inspection_id DESC LIMIT 2) AS l
			CROSS JOIN LATERAL unnest(l.team) AS m (inspector_id)
		)
		SELECT coalesce(jsonb_object_agg(p.id, p.inspectors), '{}')
		FROM (SELECT r.id, jsonb_agg(r.inspector_id ORDER BY r.inspector_id COLLATE "C") AS inspectors FROM recused AS r GROUP BY r.id) AS p);
END
$$;

COMMENT ON FUNCTION recusals_of(text[], date) IS
	'应回避人员: who may not inspect each of some facilities on a day, as assign_inspectors() takes it: by recusal, by employer (of one credit code too, where facility is bound), and because he went there one of the last two times; NULL 22004';

-- Who drew a unit writes who goes there.  What the owner inserts is taken as it is, for so
-- a restore brings it.
CREATE OR REPLACE FUNCTION _check_drawn_unit() RETURNS trigger
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
BEGIN
	IF medaudit._owns(TG_RELID) THEN
		RETURN NEW;
	ELSIF NOT EXISTS (SELECT FROM medaudit.plan_unit AS u JOIN medaudit.inspection_plan AS p ON p.plan_id = u.plan_id
			WHERE u.plan_id = NEW.plan_id AND u.unit_id = NEW.unit_id AND u.place IS NOT NULL
				AND (p.kind = 'record_review') = (TG_TABLE_NAME = 'record_review')) THEN
		RAISE EXCEPTION USING ERRCODE = '22023', MESSAGE = format(medaudit._say('"%s" was not drawn by plan %s, or for something else'), NEW.unit_id, NEW.plan_id);
	END IF;
	RETURN NEW;
END
$$;

COMMENT ON FUNCTION _check_drawn_unit() IS
	'检查抽中: trigger of plan_team and record_review; a unit that was not drawn, or by a plan of another kind, is 22023';

CREATE OR REPLACE TRIGGER check_unit BEFORE INSERT ON plan_team
	FOR EACH ROW EXECUTE FUNCTION _check_drawn_unit();
CREATE OR REPLACE TRIGGER keep_rows BEFORE UPDATE OR DELETE OR TRUNCATE ON plan_team
	FOR EACH STATEMENT EXECUTE FUNCTION _keep_rows();

CREATE OR REPLACE FUNCTION draw_team(plan_id bigint, per_target int, pool text DEFAULT NULL, role text DEFAULT NULL, max_load int DEFAULT NULL,
		at date DEFAULT current_date) RETURNS SETOF plan_team
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE ROWS 100
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
DECLARE
	plan medaudit.inspection_plan := medaudit._drawn_plan(plan_id);
	targets text[];
	recused jsonb;
BEGIN
	IF plan.kind = 'record_review' THEN
		RAISE EXCEPTION USING ERRCODE = '22023', MESSAGE = medaudit._say('teams are drawn for facilities, not for records');
	ELSIF plan.drawn_at IS NULL THEN
		RAISE EXCEPTION USING ERRCODE = '55000', MESSAGE = format(medaudit._say('plan %s is not drawn yet'), plan_id);
	END IF;
	SELECT coalesce(array_agg(u.unit_id), '{}') INTO targets FROM medaudit.plan_unit AS u WHERE u.plan_id = plan.plan_id AND u.place IS NOT NULL;
	-- and who is in the team already
	SELECT coalesce(jsonb_object_agg(r.id, r.inspectors), '{}') INTO recused
	FROM (
		SELECT b.id, jsonb_agg(DISTINCT b.inspector_id) AS inspectors
		FROM (
			SELECT r.key AS id, e.value AS inspector_id
			FROM jsonb_each(medaudit.recusals_of(targets, at)) AS r, jsonb_array_elements_text(r.value) AS e
			UNION ALL SELECT t.unit_id, t.inspector_id FROM medaudit.plan_team AS t WHERE t.plan_id = plan.plan_id
		) AS b GROUP BY b.id
	) AS r;
	RETURN QUERY
	INSERT INTO medaudit.plan_team AS m (plan_id, unit_id, inspector_id, role)
	SELECT plan.plan_id, a.target, a.inspector, draw_team.role
	FROM medaudit.assign_inspectors(medaudit._plan_seed(plan.seed, plan.beacon), targets,
		ARRAY(SELECT i.inspector_id FROM medaudit.inspector AS i WHERE i.active AND (draw_team.pool IS NULL OR i.pool = draw_team.pool)),
		per_target, recused, max_load) AS a
	RETURNING m.*;
END
$$;

COMMENT ON FUNCTION draw_team(bigint, int, text, text, int, date) IS
	'抽取检查人员: draws, by the seed of a drawn plan, per_target active inspectors of a pool (NULL: of all) for each drawn facility, keeps and returns them; none is recused (recusals_of) or in its team already; a plan that is not drawn is 55000, an unknown one, one of records, or a facility for which there are not enough 22023, NULL plan or number 22004';

-- ------------------------------------------------------------------ coverage

CREATE OR REPLACE FUNCTION _check_days(from_date date, to_date date) RETURNS void
	LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
BEGIN
	IF num_nulls(from_date, to_date) > 0 THEN
		RAISE EXCEPTION USING ERRCODE = '22004', MESSAGE = medaudit._say('from_date and to_date must not be null');
	ELSIF NOT (from_date < to_date AND isfinite(from_date) AND isfinite(to_date)) THEN
		RAISE EXCEPTION USING ERRCODE = '22023', MESSAGE = medaudit._say('from_date must be before to_date, and both finite'),
			HINT = medaudit._say('to_date is the day after the last one: of March 2025 it is 2025-04-01.');
	END IF;
END
$$;

COMMENT ON FUNCTION _check_days(date, date) IS
	'检查期间: 22004 for NULL, 22023 for a period that is empty or has no end';

CREATE OR REPLACE FUNCTION inspection_coverage(from_date date, to_date date) RETURNS TABLE (facilities bigint, inspected bigint, inspections bigint,
		per_facility numeric(6,2), never text[], longest_gap_days int, share numeric)
	LANGUAGE plpgsql STABLE PARALLEL RESTRICTED ROWS 1
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
BEGIN
	PERFORM medaudit._check_days(from_date, to_date), medaudit.check_bound('facility');
	RETURN QUERY
	WITH register AS MATERIALIZED (
		SELECT f.facility_id FROM medaudit._facility_register() AS f
	), done AS MATERIALIZED (
		SELECT r.facility_id, i.kind, i.done_on, i.done_on - lag(i.done_on) OVER (PARTITION BY r.facility_id ORDER BY i.done_on) AS gap
		FROM register AS r
		JOIN medaudit.inspection AS i ON medaudit.code_fold(i.facility_id) = r.facility_id
		WHERE i.done_on < inspection_coverage.to_date
	), counted AS (
		SELECT count(DISTINCT d.facility_id) AS inspected, count(*) AS inspections, max(d.gap) AS gap,
			count(DISTINCT d.facility_id) FILTER (WHERE d.kind = 'supervision') AS supervised
		FROM done AS d WHERE d.done_on >= inspection_coverage.from_date
	), known AS (
		SELECT count(*) AS facilities FROM register AS r
	)
	SELECT k.facilities, c.inspected, c.inspections, round(c.inspections / nullif(k.facilities, 0)::numeric, 2),
		ARRAY(SELECT r.facility_id FROM register AS r WHERE NOT EXISTS (SELECT FROM done AS d
			WHERE d.facility_id = r.facility_id AND d.done_on >= inspection_coverage.from_date) ORDER BY r.facility_id COLLATE "C"),
		c.gap, round(c.supervised / nullif(k.facilities, 0)::numeric, 6)
	FROM known AS k, counted AS c;
END
$$;

COMMENT ON FUNCTION inspection_coverage(date, date) IS
	'检查覆盖: of the facilities of the register how many were inspected in a period and how often, on the average, which never, the longest time between two inspections of one, the later of which lies in the period, and the share that was supervised; 55000 where facility is not bound, an empty period 22023, NULL 22004';

-- Visits by their settlements: what adds up to nothing was taken back.
CREATE OR REPLACE FUNCTION _settled_visits(from_date date, to_date date) RETURNS TABLE (visit_id text, facility_id text, stay bool,
		settled_on date, total_amount numeric)
	LANGUAGE plpgsql STABLE PARALLEL RESTRICTED ROWS 10000
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
BEGIN
	PERFORM medaudit.check_bound('visit');
	RETURN QUERY EXECUTE format($sql$
		WITH settlement AS MATERIALIZED (
			SELECT DISTINCT v.* FROM (SELECT %s FROM medaudit_data.visit AS c) AS v WHERE v.visit_id IS NOT NULL
		), class AS MATERIALIZED (
			SELECT t.visit_type, medaudit.class_of_visit(t.visit_type) AS class FROM (SELECT DISTINCT s.visit_type FROM settlement AS s) AS t
		)
		SELECT s.visit_id, min(s.facility_id), coalesce(bool_or(coalesce(c.class = 'stay', s.discharged_at::date > s.admitted_at::date)), false),
			max(coalesce(s.settled_at, s.discharged_at))::date, sum(s.total_amount)
		FROM settlement AS s
		LEFT JOIN class AS c ON c.visit_type = s.visit_type
		GROUP BY s.visit_id
		HAVING max(coalesce(s.settled_at, s.discharged_at)) >= $1 AND max(coalesce(s.settled_at, s.discharged_at)) < $2
			AND sum(s.total_amount) IS DISTINCT FROM 0$sql$,
		medaudit._bound_list('visit')) USING from_date, to_date;
END
$$;

COMMENT ON FUNCTION _settled_visits(date, date) IS
	'期内结算就诊: the bound visits whose last settlement, or else discharge, lies in a period, each once, without those that add up to nothing; stay: by visit_class, else by their dates';

CREATE OR REPLACE FUNCTION _month_of(month date) RETURNS date
	LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
BEGIN
	IF month IS NULL THEN
		RAISE EXCEPTION USING ERRCODE = '22004', MESSAGE = format(medaudit._say('%s must not be null'), 'month');
	ELSIF NOT isfinite(month) THEN
		RAISE EXCEPTION USING ERRCODE = '22023', MESSAGE = medaudit._say('month must be finite');
	END IF;
	RETURN date_trunc('month', month::timestamp)::date;
END
$$;

COMMENT ON FUNCTION _month_of(date) IS
	'所在月: first day of the month of a day; 22004 for NULL, 22023 for infinity';

CREATE OR REPLACE FUNCTION _review_weight(part text) RETURNS numeric
	LANGUAGE sql STABLE PARALLEL SAFE
	RETURN (SELECT w.weight FROM draw_weight AS w WHERE w.part = _review_weight.part ORDER BY w.shipped LIMIT 1);

COMMENT ON FUNCTION _review_weight(text) IS
	'权重取值: of a part of draw_weight, yours before the shipped one; NULL: there is none';

CREATE OR REPLACE FUNCTION review_frame(month date) RETURNS TABLE (facility_id text, visit_id text, total_amount numeric, weight numeric)
	LANGUAGE plpgsql STABLE PARALLEL RESTRICTED ROWS 10000
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
DECLARE
	first_day date := medaudit._month_of(month);
	base numeric := medaudit._review_weight('base');
	factor numeric := medaudit._review_weight('findings');
BEGIN
	RETURN QUERY
	WITH scored AS MATERIALIZED (
		SELECT n.visit_id, max(medaudit._review_weight(n.certainty)) AS score
		FROM (
			SELECT DISTINCT l.visit_id, f.certainty FROM medaudit.finding AS f
			JOIN medaudit.finding_line AS l ON l.finding_id = f.finding_id WHERE f.state IN ('open', 'first_review')
			UNION SELECT f.visit_id, f.certainty FROM medaudit.finding AS f WHERE f.state IN ('open', 'first_review')
		) AS n WHERE n.visit_id IS NOT NULL GROUP BY n.visit_id
	)
	SELECT v.facility_id, v.visit_id, v.total_amount, trim_scale(base + factor * coalesce(s.score, 0))
	FROM medaudit._settled_visits(first_day, (first_day + interval '1 month')::date) AS v
	LEFT JOIN scored AS s ON s.visit_id = v.visit_id
	WHERE v.stay AND v.facility_id IS NOT NULL
	ORDER BY v.facility_id COLLATE "C", v.visit_id COLLATE "C";
END
$$;

COMMENT ON FUNCTION review_frame(date) IS
	'复审名单: the stays settled in a month, to draw records for review of: facility (the stratum), visit, yuan, and weight by draw_weight and its open findings; 55000 where visit is not bound, NULL 22004';

-- ------------------------------------------------------- records for review

CREATE OR REPLACE FUNCTION _guard_review() RETURNS trigger
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
BEGIN
	IF NOT medaudit._owns(TG_RELID) THEN
		CALL medaudit._check_other_actor(NEW.reviewer);
	END IF;
	RETURN NEW;
END
$$;

COMMENT ON FUNCTION _guard_review() IS
	'复审防护: trigger of record_review; who reviewed is who says so (42501)';

CREATE OR REPLACE TRIGGER check_unit BEFORE INSERT ON record_review
	FOR EACH ROW EXECUTE FUNCTION _check_drawn_unit();
CREATE OR REPLACE TRIGGER guard BEFORE INSERT ON record_review
	FOR EACH ROW EXECUTE FUNCTION _guard_review();
CREATE OR REPLACE TRIGGER keep_rows BEFORE UPDATE OR DELETE OR TRUNCATE ON record_review
	FOR EACH STATEMENT EXECUTE FUNCTION _keep_rows();

CREATE OR REPLACE FUNCTION review_record(plan_id bigint, unit_id text, claimed numeric, amount_found numeric, note text DEFAULT NULL,
		actor text DEFAULT NULL) RETURNS void
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
DECLARE
	plan medaudit.inspection_plan := medaudit._drawn_plan(plan_id);
BEGIN
	IF num_nulls(unit_id, claimed, amount_found) > 0 THEN
		RAISE EXCEPTION USING ERRCODE = '22004', MESSAGE = medaudit._say('unit_id, claimed and amount_found must not be null');
	ELSIF NOT (claimed >= 0::numeric AND claimed < 1e12 AND abs(amount_found) < 1e12) THEN
		RAISE EXCEPTION USING ERRCODE = '22023', MESSAGE = medaudit._say('claimed must be at least 0, and money below 1e12');
	ELSIF EXISTS (SELECT FROM medaudit.record_review AS r WHERE r.plan_id = plan.plan_id AND r.unit_id = review_record.unit_id) THEN
		RAISE EXCEPTION USING ERRCODE = '55000', MESSAGE = format(medaudit._say('"%s" is reviewed already'), unit_id);
	ELSIF NOT EXISTS (SELECT FROM medaudit.plan_unit AS u WHERE u.plan_id = plan.plan_id AND u.unit_id = review_record.unit_id
			AND u.place IS NOT NULL AND plan.kind = 'record_review') THEN
		RAISE EXCEPTION USING ERRCODE = '22023', MESSAGE = format(medaudit._say('"%s" was not drawn by plan %s, or for something else'), unit_id, plan_id);
	END IF;
	INSERT INTO medaudit.record_review (plan_id, unit_id, claimed, found, reviewer, note)
	VALUES (plan.plan_id, unit_id, claimed, amount_found, medaudit._acting(actor), note);
END
$$;

COMMENT ON FUNCTION review_record(bigint, text, numeric, numeric, text, text) IS
	'登记病历复审: keeps what the review of a drawn record found, of how much claimed; an unknown plan, a record that it did not draw or money out of range is 22023, a record that is reviewed 55000, NULL 22004';

CREATE OR REPLACE FUNCTION review_estimate(plan_id bigint, confidence float8 DEFAULT 0.9) RETURNS TABLE (stratum text, population bigint, drawn bigint,
		reviewed bigint, claimed numeric(14,2), found numeric(14,2), total numeric, standard_error numeric, low numeric, high numeric, demand numeric)
	LANGUAGE plpgsql STABLE PARALLEL RESTRICTED ROWS 100
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
DECLARE
	plan medaudit.inspection_plan := medaudit._drawn_plan(plan_id);
BEGIN
	RETURN QUERY
	SELECT s.stratum, s.population, s.drawn, s.reviewed, s.claimed::numeric(14,2), s.found::numeric(14,2), e.total, e.standard_error, e.low, e.high, e.demand
	FROM (
		SELECT u.stratum, count(*) FILTER (WHERE u.excluded IS NULL) AS population, count(u.place) AS drawn, count(r.found) AS reviewed,
			sum(r.claimed) AS claimed, sum(r.found) AS found,
			-- a record that is drawn and not reviewed says nothing yet
			CASE WHEN count(r.found) = count(u.place) THEN medaudit.ratio_estimate(r.found, r.claimed, (1 / u.inclusion)::numeric)
				FILTER (WHERE r.found IS NOT NULL) END AS sample
		FROM medaudit.plan_unit AS u
		LEFT JOIN medaudit.record_review AS r ON r.plan_id = u.plan_id AND r.unit_id = u.unit_id
		WHERE u.plan_id = plan.plan_id
		GROUP BY u.stratum
	) AS s
	CROSS JOIN LATERAL medaudit.extrapolation(s.sample, s.population, NULL, review_estimate.confidence) AS e
	ORDER BY s.stratum COLLATE "C";
END
$$;

COMMENT ON FUNCTION review_estimate(bigint, float8) IS
	'复审外推: per stratum of a plan what the reviews of its drawn records say of all of them, weighted by 1 / inclusion; NULLs until all of a stratum are reviewed; an estimate with its doubt, never a claim; an unknown plan is 22023, NULL 22004';

CREATE OR REPLACE FUNCTION review_coverage(month date, least_share numeric DEFAULT 0.05) RETURNS TABLE (facility_id text, facility_name text,
		settled bigint, judged bigint, initial_share numeric, stays bigint, reviewed bigint, review_share numeric,
		stays_amount numeric(14,2), reviewed_amount numeric(14,2), amount_share numeric, flag text, flag_zh text)
	LANGUAGE plpgsql STABLE PARALLEL RESTRICTED ROWS 1000
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
DECLARE
	first_day date := medaudit._month_of(month);
BEGIN
	PERFORM medaudit.draw_size(0, least_share);
	RETURN QUERY
	WITH visit AS MATERIALIZED (
		SELECT v.* FROM medaudit._settled_visits(first_day, (first_day + interval '1 month')::date) AS v
	), judged_day AS MATERIALIZED (
		SELECT d.day FROM (SELECT DISTINCT v.settled_on AS day FROM visit AS v) AS d
		WHERE EXISTS (SELECT FROM medaudit.run AS r WHERE r.state = 'done' AND r.scope = 'period' AND r.rules IS NULL
			AND d.day >= r.from_date AND d.day < r.to_date)
	), read AS MATERIALIZED (
		SELECT r.unit_id AS visit_id FROM medaudit.record_review AS r
		UNION SELECT l.visit_id FROM medaudit.finding_event AS e
		JOIN medaudit.finding_line AS l ON l.finding_id = e.finding_id WHERE e.step = 'review'
		UNION SELECT f.visit_id FROM medaudit.finding_event AS e
		JOIN medaudit.finding AS f ON f.finding_id = e.finding_id WHERE e.step = 'review' AND f.visit_id IS NOT NULL
	), counted AS (
		SELECT v.facility_id, count(*) AS settled, count(j.day) AS judged, count(*) FILTER (WHERE v.stay) AS stays,
			count(r.visit_id) FILTER (WHERE v.stay) AS reviewed, coalesce(sum(v.total_amount) FILTER (WHERE v.stay), 0) AS stays_amount,
			coalesce(sum(v.total_amount) FILTER (WHERE v.stay AND r.visit_id IS NOT NULL), 0) AS reviewed_amount
		FROM visit AS v
		LEFT JOIN judged_day AS j ON j.day = v.settled_on
		LEFT JOIN read AS r ON r.visit_id = v.visit_id
		GROUP BY v.facility_id
	)
	SELECT c.facility_id, f.name, c.settled, c.judged, s.initial_share, c.stays, c.reviewed, s.review_share,
		c.stays_amount::numeric(14,2), c.reviewed_amount::numeric(14,2), s.amount_share, g.flag,
		CASE g.flag WHEN 'initial' THEN '初审不全' WHEN 'review' THEN '复审不足' ELSE '正常' END
	FROM counted AS c
	LEFT JOIN medaudit._facility_register() AS f ON f.facility_id = c.facility_id
	CROSS JOIN LATERAL (SELECT round(c.judged / c.settled::numeric, 6) AS initial_share, round(c.reviewed / nullif(c.stays, 0)::numeric, 6) AS review_share,
		round(c.reviewed_amount / nullif(c.stays_amount, 0), 6) AS amount_share) AS s
	CROSS JOIN LATERAL (SELECT CASE WHEN c.judged < c.settled THEN 'initial'
		WHEN c.reviewed < least_share * c.stays OR c.reviewed_amount < least_share * c.stays_amount THEN 'review' ELSE 'ok' END AS flag) AS g
	ORDER BY c.facility_id COLLATE "C";
END
$$;

COMMENT ON FUNCTION review_coverage(date, numeric) IS
	'审核覆盖: per facility the visits settled in a month, how many of them a run of all rules judged (初审), and of the stays and their yuan how many a person reviewed (复审), by record_review or the review of a finding; flag: initial (not all judged), review (below least_share by cases or by yuan) or ok; 55000 where visit is not bound, NULL 22004';
