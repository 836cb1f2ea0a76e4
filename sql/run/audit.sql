-- The audit run.  It reads the bound views once into working tables (the
-- visits of the period and those that rules may have to look back on), asks
-- each rule group in one pass over the gathered books, and stores findings by
-- their identity.  Every step commits by itself; what is done stays done.

CREATE OR REPLACE FUNCTION _audit_may_commit() RETURNS bool
	AS 'MODULE_PATHNAME', 'audit_may_commit' LANGUAGE C VOLATILE STRICT PARALLEL RESTRICTED;

COMMENT ON FUNCTION _audit_may_commit() IS
	'能否提交: whether the procedure that asks may commit; never NULL';

CREATE OR REPLACE FUNCTION _return_memory() RETURNS void
	AS 'MODULE_PATHNAME', 'audit_return_memory' LANGUAGE C VOLATILE STRICT PARALLEL RESTRICTED;

COMMENT ON FUNCTION _return_memory() IS
	'归还内存: gives back to the system what earlier statements of the session have freed';

-- Tables of medaudit that rules of a kind judge by, and that a fund fills.
CREATE OR REPLACE FUNCTION _kind_lacks(kind text) RETURNS text
	LANGUAGE sql STABLE PARALLEL SAFE
	RETURN CASE
		WHEN kind IN ('split_prescriptions', 'prescription_amount') AND NOT EXISTS (SELECT FROM medaudit.prescription_cap) THEN 'prescription_cap has no row'
		WHEN kind = 'repeated_exam' AND NOT EXISTS (SELECT FROM medaudit.recognised_exam) THEN 'recognised_exam has no row'
		WHEN kind = 'indicator_outlier' AND NOT EXISTS (SELECT FROM medaudit.indicator_month) THEN 'indicator_month has no row' END;

COMMENT ON FUNCTION _kind_lacks(text) IS
	'类型所缺知识: why rules of a kind cannot be asked although what they need is bound; NULL: they can, and for NULL';

-- Rules that a run can ask, with the step that asks them.
CREATE OR REPLACE FUNCTION _run_rules(rule_codes text[]) RETURNS TABLE (rule_code text,
	kind text, step text, missing text)
	LANGUAGE sql STABLE PARALLEL RESTRICTED ROWS 100
BEGIN ATOMIC
	WITH off AS MATERIALIZED (
		SELECT o.rule_code, 'not bound: ' || string_agg(
			o.relation || '.' || o.column_name, ', ' ORDER BY o.relation, o.column_name) AS why
		FROM medaudit._rules_off() AS o GROUP BY o.rule_code
	)
	SELECT r.rule_code, r.kind, CASE k.book WHEN 'charges' THEN 'charges' ELSE r.kind END,
		CASE WHEN k.book = 'charges' OR k.asks IS NOT NULL THEN coalesce(off.why, medaudit._kind_lacks(r.kind))
			ELSE 'run_audit does not ask this kind' END
	FROM medaudit.rule AS r
	JOIN medaudit.rule_kind AS k ON k.kind = r.kind
	LEFT JOIN off ON off.rule_code = r.rule_code
	WHERE CASE WHEN rule_codes IS NULL THEN r.enabled
		ELSE r.rule_code = ANY (rule_codes) END;
END;

COMMENT ON FUNCTION _run_rules(text[]) IS
	'运行规则: the enabled rules (NULL) or the named ones, the step that asks each, and why it is off (NULL: it is not)';

-- The same without a look at what is bound.
CREATE OR REPLACE FUNCTION _chosen_rules(rule_codes text[]) RETURNS TABLE (rule_code text, kind text)
	LANGUAGE sql STABLE PARALLEL RESTRICTED ROWS 100
BEGIN ATOMIC
	SELECT r.rule_code, r.kind FROM medaudit.rule AS r
	WHERE CASE WHEN rule_codes IS NULL THEN r.enabled ELSE r.rule_code = ANY (rule_codes) END;
END;

COMMENT ON FUNCTION _chosen_rules(text[]) IS
	'所选规则: the enabled rules (NULL) or the named ones, bound or not';

-- To ask which rules want what is not bound takes a while, and steps ask often.
CREATE OR REPLACE FUNCTION _rules_of_run(run_no bigint) RETURNS TABLE (rule_code text,
	kind text, step text, missing text)
	LANGUAGE plpgsql STABLE PARALLEL RESTRICTED ROWS 100
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
#variable_conflict use_column
BEGIN
	RETURN QUERY SELECT r.rule_code, r.kind, r.step, r.missing FROM medaudit_work.asked_rule AS r WHERE r.run_id = run_no;
	IF NOT FOUND THEN
		RETURN QUERY SELECT r.rule_code, r.kind, r.step, r.missing FROM medaudit.run AS n
			CROSS JOIN LATERAL medaudit._run_rules(n.rules) AS r WHERE n.run_id = run_no;
	END IF;
END
$$;

COMMENT ON FUNCTION _rules_of_run(bigint) IS
	'运行规则: _run_rules() of a run as they were when it was prepared; of one that is not, as they are';

CREATE OR REPLACE PROCEDURE _check_run_arguments(from_date date, to_date date, rules text[])
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
DECLARE
	unknown text;
	wrong text[];
BEGIN
	IF from_date IS NULL OR to_date IS NULL THEN
		RAISE EXCEPTION USING ERRCODE = '22004', MESSAGE = format(
			medaudit._say('%s must not be null'), CASE WHEN from_date IS NULL THEN 'from_date' ELSE 'to_date' END);
	END IF;
	IF NOT from_date < to_date OR NOT isfinite(from_date)
			OR NOT isfinite(to_date) THEN
		RAISE EXCEPTION USING ERRCODE = '22023',
			MESSAGE = medaudit._say('from_date must be before to_date, and both finite'),
			DETAIL = format(medaudit._say('The period would be %s to %s.'), from_date, to_date),
			HINT = medaudit._say('to_date is the day after the last one: of March 2025 it is 2025-04-01.');
	END IF;
	IF from_date < date '1900-01-01' OR to_date > date '2200-01-01' THEN
		RAISE EXCEPTION USING ERRCODE = '22023',
			MESSAGE = medaudit._say('the period must lie in the years 1900 to 2199'),
			DETAIL = format(medaudit._say('The period would be %s to %s.'), from_date, to_date);
	END IF;
	SELECT string_agg(coalesce(quote_literal(c), 'NULL'), ', '), array_agg(c) INTO unknown, wrong
	FROM unnest(rules) AS c
	WHERE NOT EXISTS (SELECT FROM medaudit.rule AS r WHERE r.rule_code = c);
	IF unknown IS NOT NULL OR rules = '{}' THEN
		RAISE EXCEPTION USING ERRCODE = '22023',
			MESSAGE = CASE WHEN unknown IS NULL THEN medaudit._say('rules must not be empty')
				ELSE format(medaudit._say('rules are not known: %s'), unknown) END,
			HINT = coalesce(medaudit._near_rules(wrong), medaudit._say('The rules stand in medaudit.rule; NULL takes all that are enabled.'));
	END IF;
	SELECT string_agg(b.relation || '.' || b.column_name, ', '
			ORDER BY b.relation, b.column_name) INTO unknown
	FROM medaudit._bound_columns() AS b
	JOIN medaudit.relation_column AS c USING (relation, column_name)
	WHERE b.relation IN ('charge', 'visit') AND c.required AND NOT b.bound;
	IF unknown IS NOT NULL THEN
		RAISE EXCEPTION USING ERRCODE = '55000',
			MESSAGE = medaudit._say('the relations visit and charge must be bound before a run'),
			DETAIL = format(medaudit._say('Missing: %s.'), unknown),
			HINT = medaudit._say('CALL medaudit.bind(''visit'', ...) and bind(''charge'', ...).');
	END IF;
	-- bind() takes none, a view made by hand may have some
	SELECT string_agg(c.relation || '.' || c.column_name, ', '
			ORDER BY c.relation, c.column_name) INTO unknown
	FROM medaudit.relation_column AS c
	JOIN pg_attribute AS a ON a.attname = c.column_name AND NOT a.attisdropped
		AND a.attrelid = to_regclass('medaudit_data.' || c.relation)
	WHERE a.atttypid IN ('timestamptz'::regtype, 'timetz'::regtype);
	IF unknown IS NOT NULL THEN
		RAISE EXCEPTION USING ERRCODE = '42804',
			MESSAGE = format(medaudit._say('times with zone are other times in each session: %s'), unknown),
			HINT = medaudit._say('Write them as local time in the view: fee_time AT TIME ZONE ''Asia/Shanghai''.');
	END IF;
	PERFORM medaudit._check_trusted();
END
$$;

COMMENT ON PROCEDURE _check_run_arguments(date, date, text[]) IS
	'检查运行参数: 22004, 22023, 42804 or 55000 for a period, rules or sources with which no run can be made';

-- What is judged by the month needs all people of it, and of the data of some
-- people nothing is told.
CREATE OR REPLACE FUNCTION _run_planned(run_no bigint) RETURNS TABLE (place int, step text, rule_code text, state text, error text)
	LANGUAGE sql STABLE PARALLEL RESTRICTED ROWS 50
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
	WITH run AS MATERIALIZED (
		SELECT r.* FROM medaudit.run AS r WHERE r.run_id = run_no
	), asked AS MATERIALIZED (
		SELECT r.rule_code, r.step, r.missing, k.place, k.natural_period
		FROM medaudit._rules_of_run(run_no) AS r JOIN medaudit.rule_kind AS k ON k.kind = r.kind
	)
	SELECT min(a.place), 'charges', NULL, 'pending', NULL
	FROM asked AS a WHERE a.step = 'charges' AND a.missing IS NULL HAVING count(*) > 0
	UNION ALL
	SELECT a.place, a.step, a.rule_code, CASE WHEN o.error IS NULL THEN 'pending' ELSE 'skipped' END, o.error
	FROM asked AS a
	CROSS JOIN run
	CROSS JOIN LATERAL (SELECT coalesce(a.missing, CASE WHEN NOT EXISTS (
		SELECT FROM medaudit._whole_periods(a.natural_period, run.from_date, run.to_date) AS w
			WHERE run.scope = 'period' OR a.natural_period = 'day') THEN 'run it over a whole ' || a.natural_period END) AS error) AS o
	WHERE a.step <> 'charges' OR a.missing IS NOT NULL
	UNION ALL
	SELECT 2147483647, 'data_quality', NULL, 'pending', NULL FROM run WHERE run.scope = 'period'
$$;

COMMENT ON FUNCTION _run_planned(bigint) IS
	'计划步骤: the steps that a run has if it begins now, each with its place; a rule that it cannot ask is skipped with the reason';

CREATE OR REPLACE PROCEDURE _run_plan_steps(run_no bigint)
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
BEGIN
	INSERT INTO medaudit.run_step (run_id, step_no, step, rule_code, state, error)
	SELECT run_no, row_number() OVER (ORDER BY p.place, p.rule_code COLLATE "C"), p.step, p.rule_code, p.state, p.error
	FROM medaudit._run_planned(run_no) AS p;
END
$$;

COMMENT ON PROCEDURE _run_plan_steps(bigint) IS
	'安排步骤: the steps of a new run, in order; a rule that it cannot ask is skipped with the reason';

-- Rules and what is bound may be others than when a run that is gone on with began.  Of
-- the steps that are not done those stay that can be asked, and what was skipped and can
-- be asked now is asked; of rules that were switched on since a new run knows.
CREATE OR REPLACE PROCEDURE _run_plan_again(run_no bigint)
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
BEGIN
	UPDATE medaudit.run_step AS s SET state = n.state, error = n.error
	FROM (
		SELECT i.step_no, coalesce(p.state, 'skipped') AS state, CASE WHEN p.step IS NOT NULL THEN p.error
			WHEN i.rule_code IS NULL THEN 'no such rule is enabled any more'
			WHEN EXISTS (SELECT FROM medaudit.rule AS r WHERE r.rule_code = i.rule_code) THEN 'the rule was switched off or is of another kind now'
			ELSE 'the rule is no more' END AS error
		FROM medaudit.run_step AS i
		LEFT JOIN (
			SELECT p.step, p.rule_code, p.state, p.error FROM medaudit._run_planned(run_no) AS p
			-- charge rules that are asked one by one
			UNION ALL SELECT a.step, a.rule_code, 'pending', NULL FROM medaudit._rules_of_run(run_no) AS a WHERE a.step = 'charges' AND a.missing IS NULL
		) AS p ON p.step = i.step AND p.rule_code IS NOT DISTINCT FROM i.rule_code
		WHERE i.run_id = run_no AND (i.state = 'pending' OR i.state = 'skipped' AND i.error !~ '^asked again rule by rule')
	) AS n
	WHERE s.run_id = run_no AND s.step_no = n.step_no AND (s.state, s.error) IS DISTINCT FROM (n.state, n.error);
	-- charge rules that the group can ask no more
	INSERT INTO medaudit.run_step (run_id, step_no, step, rule_code, state, error)
	SELECT run_no, (SELECT max(s.step_no) FROM medaudit.run_step AS s WHERE s.run_id = run_no)
			+ row_number() OVER (ORDER BY p.rule_code COLLATE "C"), p.step, p.rule_code, p.state, p.error
	FROM medaudit._run_planned(run_no) AS p
	WHERE p.step = 'charges' AND p.state = 'skipped'
		AND EXISTS (SELECT FROM medaudit.run_step AS g WHERE g.run_id = run_no AND g.step = 'charges' AND g.rule_code IS NULL AND g.state = 'pending')
		AND NOT EXISTS (SELECT FROM medaudit.run_step AS s WHERE s.run_id = run_no AND s.step = 'charges' AND s.rule_code = p.rule_code);
END
$$;

COMMENT ON PROCEDURE _run_plan_again(bigint) IS
	'重新安排步骤: of the steps of a run that are not done, those that cannot be asked any more are skipped with the reason, and those that were skipped and can be asked are';

-- The run to go on with, or a new one with its steps.
CREATE OR REPLACE FUNCTION _run_open(from_date date, to_date date, rules text[], resume bool)
	RETURNS bigint
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
DECLARE
	run_no bigint;
BEGIN
	IF resume THEN
		SELECT r.run_id INTO run_no FROM medaudit.run AS r
		WHERE r.scope = 'period' AND r.from_date = _run_open.from_date AND r.to_date = _run_open.to_date
			AND r.rules IS NOT DISTINCT FROM _run_open.rules
		ORDER BY r.run_id DESC LIMIT 1;
		IF FOUND AND EXISTS (SELECT FROM medaudit.run AS r
				WHERE r.run_id = run_no AND r.state <> 'done') THEN
			UPDATE medaudit.run AS r SET state = 'running', finished_at = NULL,
				pid = pg_backend_pid()
			WHERE r.run_id = run_no;
			UPDATE medaudit.run_step AS s SET state = 'pending', error = NULL
			WHERE s.run_id = run_no AND (s.state IN ('running', 'failed') OR s.step = 'data_quality');
			RETURN run_no;
		END IF;
		RAISE NOTICE USING MESSAGE = medaudit._say('no run of this period and these rules was interrupted: a new one begins');
	END IF;

	INSERT INTO medaudit.run (from_date, to_date, rules)
	VALUES (_run_open.from_date, _run_open.to_date, _run_open.rules)
	RETURNING run_id INTO run_no;
	CALL medaudit._run_plan_steps(run_no);
	RETURN run_no;
END
$$;

COMMENT ON FUNCTION _run_open(date, date, text[], bool) IS
	'登记运行: number of the run to go on with, or of a new one with its steps';

-- Days that charge rules reach across visits, and a month for what is charged
-- beside the dates of a visit.  Of a course beyond its days some line before
-- them must be seen: doses lie at most a quarter apart.
CREATE OR REPLACE FUNCTION _charge_days(rules text[]) RETURNS int
	LANGUAGE sql STABLE PARALLEL RESTRICTED
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
	SELECT coalesce(max(CASE r.kind WHEN 'resettled' THEN 366
			WHEN 'course' THEN greatest(366, least(c.max_days, 3660) + 92)
			ELSE medaudit._scope_days(c.scope) END), 0) + 31
	FROM medaudit._chosen_rules(rules) AS r
	JOIN medaudit.charge_rule AS c ON c.rule_code = r.rule_code
	WHERE r.kind = 'resettled' OR c.scope IS DISTINCT FROM 'visit'
		AND r.kind IN ('duplicate', 'exclusive', 'quantity', 'amount', 'secondary', 'course', 'prerequisite')
$$;

COMMENT ON FUNCTION _charge_days(text[]) IS
	'费用规则回溯天数: days between two visits that the enabled charge rules (NULL) or the named ones may look across';

CREATE OR REPLACE FUNCTION _run_charge_days(run_no bigint) RETURNS int
	LANGUAGE sql STABLE PARALLEL RESTRICTED
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
	SELECT medaudit._charge_days(n.rules) FROM medaudit.run AS n WHERE n.run_id = run_no
$$;

COMMENT ON FUNCTION _run_charge_days(bigint) IS
	'费用规则回溯天数: _charge_days() of the rules of a run';

-- Days that rules over stays and persons look from one visit to another; kinds of
-- one's own may have something else under these names.
CREATE OR REPLACE FUNCTION _stay_days(rules text[]) RETURNS TABLE (days int, stays bool)
	LANGUAGE sql STABLE PARALLEL RESTRICTED ROWS 1
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
	-- what lies within a visit looks at no other one
	SELECT CASE WHEN bool_or(k.book <> 'charges' AND (k.book, k.reach) <> ('claims', 'visit')) THEN
			least(366 + greatest(max(p.gap), 7 * CASE WHEN bool_or(k.book = 'stays') THEN coalesce(max(p.weeks), 8) END + 92), 3660)::int END,
		coalesce(bool_or(k.book = 'stays'), false)
	FROM medaudit._chosen_rules(rules) AS r
	JOIN medaudit.rule_kind AS k ON k.kind = r.kind
	LEFT JOIN LATERAL (
		SELECT CASE WHEN jsonb_typeof(g.given -> 'max_gap_days') = 'number' THEN (g.given ->> 'max_gap_days')::numeric END AS gap,
			CASE WHEN jsonb_typeof(g.given -> 'weeks') = 'number' THEN (g.given ->> 'weeks')::numeric END AS weeks
		FROM (SELECT medaudit._rule_parameters(r.rule_code) AS given OFFSET 0) AS g
	) AS p ON k.book <> 'charges'
$$;

COMMENT ON FUNCTION _stay_days(text[]) IS
	'住院规则回溯天数: days from one visit of a person to another that the enabled rules (NULL) or the named ones over stays and persons may look, NULL where there are none, and whether some are over stays';

CREATE OR REPLACE PROCEDURE _run_prepare(run_no bigint)
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
DECLARE
	period record;
	asked record;
	charge_days int;
BEGIN
	PERFORM medaudit._check_trusted();
	CALL medaudit._check_work_rights();
	SELECT r.from_date, r.to_date, r.rules INTO period FROM medaudit.run AS r
	WHERE r.run_id = run_no;
	SELECT d.days, d.stays INTO asked FROM medaudit._stay_days(period.rules) AS d;
	charge_days := medaudit._charge_days(period.rules);

	CALL medaudit._run_clear();
	INSERT INTO medaudit_work.read_source (relation, state) SELECT s.relation, s.state FROM medaudit._source_states() AS s;
	INSERT INTO medaudit_work.asked_rule (run_id, rule_code, kind, step, missing)
	SELECT run_no, r.rule_code, r.kind, r.step, r.missing FROM medaudit._run_rules(period.rules) AS r;
	CALL medaudit._run_plan_again(run_no);
	CALL medaudit._run_read_sources();
	CALL medaudit._run_own_items();
	CALL medaudit._run_read_facilities(period.rules);
	CALL medaudit._refresh_focus();
	CALL medaudit._run_look_into_store(run_no, asked.days, asked.stays);
	CALL medaudit._run_take_register();
	IF medaudit._run_of_persons(run_no) THEN
		CALL medaudit._run_read_changed(charge_days, asked.days, asked.stays);
	ELSE
		CALL medaudit._run_read_spans(period.from_date, period.to_date, charge_days,
			asked.days, asked.stays);
	END IF;
	CALL medaudit._run_link_episodes();
	CALL medaudit._run_read_books(charge_days);
	CALL medaudit._run_read_years(period.from_date, period.to_date);
	CALL medaudit._run_read_visits(period.from_date, asked.days, asked.stays);
	CALL medaudit._run_read_charges(run_no);
	CALL medaudit._check_sources_stand();
	UPDATE medaudit.run AS r
	SET visits = (SELECT count(*) FROM medaudit_work.visit AS v WHERE v.judged)
	WHERE r.run_id = run_no;
END
$$;

COMMENT ON PROCEDURE _run_prepare(bigint) IS
	'准备运行: reads the visits of the period, and before and after it what the rules of the run look at, into working tables';

-- Open findings of the period whose rules are not enabled any more.
CREATE OR REPLACE PROCEDURE _run_retire(run_no bigint)
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
DECLARE
	period record;
	codes text[];
BEGIN
	SELECT r.from_date, r.to_date, r.rules INTO period FROM medaudit.run AS r
	WHERE r.run_id = run_no;
	IF period.rules IS NOT NULL THEN
		RETURN;
	END IF;
	SELECT array_agg(DISTINCT f.rule_code) INTO codes
	FROM medaudit.finding AS f
	WHERE f.judged_on >= period.from_date AND f.judged_on < period.to_date
		AND NOT EXISTS (SELECT FROM medaudit.rule AS r
			WHERE r.enabled AND r.rule_code = f.rule_code);
	IF codes IS NOT NULL THEN
		CALL medaudit._run_clear_candidates();
		CALL medaudit._run_meet_findings(codes, period.from_date, period.to_date);
	END IF;
END
$$;

COMMENT ON PROCEDURE _run_retire(bigint) IS
	'清理停用规则: removes open findings of the period whose rules are not enabled any more, when a run asks all rules';

-- One step; what it finds is committed by the caller.
CREATE OR REPLACE PROCEDURE _run_do(run_no bigint, step text, code text,
	INOUT found_rows bigint DEFAULT NULL, INOUT insufficient bigint DEFAULT NULL)
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
DECLARE
	codes text[];
BEGIN
	-- in each transaction: what was looked at in the one before may be another now
	PERFORM medaudit._check_trusted();
	CALL medaudit._check_work_rights();
	CALL medaudit._rank_later();
	IF step = 'data_quality' THEN
		CALL medaudit._run_quality_bad(run_no);
		CALL medaudit._run_quality_lines(run_no);
		CALL medaudit._run_quality_rules(run_no);
		CALL medaudit._run_quality_coverage(run_no);
		CALL medaudit._run_quality_units(run_no);
		CALL medaudit._run_quality_visits(run_no);
		CALL medaudit._run_quality_facilities(run_no);
		CALL medaudit._run_quality_books(run_no);
		CALL medaudit._run_quality_fills(run_no);
		CALL medaudit._run_quality_permits(run_no);
		CALL medaudit._run_quality_claims(run_no);
		CALL medaudit._run_quality_budget(run_no);
		CALL medaudit._run_quality_case_groups(run_no);
		CALL medaudit._run_quality_indicators(run_no);
		CALL medaudit._run_quality_swipes(run_no);
		CALL medaudit._run_quality_stock(run_no);
		CALL medaudit._run_quality_aside(run_no);
		CALL medaudit._run_retire(run_no);
		SELECT count(*) INTO found_rows FROM medaudit.run_quality AS q
		WHERE q.run_id = run_no;
	ELSIF step = 'charges' THEN
		-- those that nobody has taken away since the run was prepared
		SELECT array_agg(r.rule_code ORDER BY r.rule_code) INTO codes
		FROM medaudit._rules_of_run(run_no) AS r
		WHERE r.step = 'charges' AND r.missing IS NULL AND r.rule_code = coalesce(code, r.rule_code)
			AND EXISTS (SELECT FROM medaudit.rule AS i WHERE i.rule_code = r.rule_code);
		IF codes IS NOT NULL THEN
			CALL medaudit._run_charges(run_no, codes, found_rows, insufficient);
		END IF;
	ELSE
		CALL medaudit._run_kind(run_no, code, found_rows);
	END IF;
	CALL medaudit._rank_now();
	-- as before the step, see _run_through()
	CALL medaudit._check_sources_stand();
END
$$;

COMMENT ON PROCEDURE _run_do(bigint, text, text, bigint, bigint) IS
	'执行步骤: does one step of a run';

-- Charge rules that do not compile, of several; none where none does, for then
-- it is not the rules.
CREATE OR REPLACE FUNCTION _broken_rules(rule_codes text[]) RETURNS text[]
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
DECLARE
	code text;
	broken text[] := '{}';
BEGIN
	FOREACH code IN ARRAY coalesce(rule_codes, '{}') LOOP
		BEGIN
			PERFORM medaudit.compile_rules(VARIADIC ARRAY[code]);
		EXCEPTION WHEN OTHERS THEN
			broken := broken || code;
		END;
	END LOOP;
	RETURN CASE WHEN cardinality(broken) < cardinality(rule_codes) THEN broken ELSE '{}' END;
END
$$;

COMMENT ON FUNCTION _broken_rules(text[]) IS
	'无法编译的规则: those of the charge rules that do not compile; none where none of them does; never NULL';

-- What became of a step.  Of a group of rules, one that does not compile must not
-- take the others with it: then it is asked again rule by rule.  An error of data
-- is met by each of them, so that a group that fails by itself has failed.
CREATE OR REPLACE PROCEDURE _run_step_done(run_no bigint, no int, found_rows bigint,
	insufficient bigint, failure text)
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
DECLARE
	done medaudit.run_step;
	codes text[];
BEGIN
	UPDATE medaudit.run_step AS s
	SET state = CASE WHEN failure IS NULL THEN 'done' ELSE 'failed' END,
		rows = found_rows, insufficient = _run_step_done.insufficient, error = failure,
		finished_at = clock_timestamp(),
		seconds = extract(epoch FROM clock_timestamp() - s.started_at)
	WHERE s.run_id = run_no AND s.step_no = no
	RETURNING s.* INTO done;
	IF failure IS NULL THEN
		RAISE NOTICE USING MESSAGE = format(medaudit._say('run %s, step %s, %s: %s rows in %s s'), run_no, no,
			coalesce(done.rule_code, done.step), found_rows, done.seconds);
		RETURN;
	END IF;
	RAISE WARNING USING MESSAGE = format(medaudit._say('run %s, step %s, %s failed: %s'), run_no, no,
		coalesce(done.rule_code, done.step), failure);
	IF done.step = 'charges' AND done.rule_code IS NULL THEN
		SELECT array_agg(r.rule_code) INTO codes
		FROM medaudit.run AS n
		CROSS JOIN LATERAL medaudit._run_rules(n.rules) AS r
		WHERE n.run_id = run_no AND r.step = 'charges' AND r.missing IS NULL;
		IF medaudit._broken_rules(codes) <> '{}' THEN
			UPDATE medaudit.run_step AS s SET state = 'skipped',
				error = 'asked again rule by rule: ' || failure
			WHERE s.run_id = run_no AND s.step_no = no;
			INSERT INTO medaudit.run_step (run_id, step_no, step, rule_code)
			SELECT run_no, (SELECT max(s.step_no) FROM medaudit.run_step AS s
					WHERE s.run_id = run_no) + row_number() OVER (ORDER BY c.code COLLATE "C"),
				'charges', c.code
			FROM unnest(codes) AS c (code);
		END IF;
	END IF;
END
$$;

COMMENT ON PROCEDURE _run_step_done(bigint, int, bigint, bigint, text) IS
	'登记步骤结果: rows, seconds or error of a step; a group of charge rules that failed gets a step per rule where one of them does not compile';

-- The lock ends with the procedure, however that ends.
CREATE OR REPLACE PROCEDURE _run_lock(name text DEFAULT 'run_audit')
	LANGUAGE plpgsql
AS $$
BEGIN
	IF NOT medaudit._audit_may_commit() THEN
		RAISE EXCEPTION USING ERRCODE = '2D000',
			MESSAGE = pg_catalog.format(medaudit._say('%s cannot run inside a transaction block or function'), name),
			HINT = medaudit._say('It commits after each step: CALL it by itself, in autocommit mode.');
	END IF;
	IF NOT medaudit._take_run_lock() THEN
		RAISE EXCEPTION USING ERRCODE = '55006',
			MESSAGE = medaudit._say('an audit run or a refresh of books is going on in this database'),
			DETAIL = coalesce((SELECT pg_catalog.format(medaudit._say('It is run %s of backend %s.'), r.run_id, r.pid)
				FROM medaudit.run AS r WHERE r.state OPERATOR(pg_catalog.=) 'running'
					AND medaudit._run_is_alive(r.pid) ORDER BY r.run_id DESC LIMIT 1),
				medaudit._say('It is a refresh, or a run that has just begun.')),
			HINT = medaudit._say('See medaudit.run_progress; one of them is made at a time.');
	END IF;
END
$$;

COMMENT ON PROCEDURE _run_lock(text) IS
	'运行锁: 2D000 where the caller may not commit, 55006 where another run is going on';

-- What row security would hide is not there for a run, and its findings would go
-- as if they were no more: while a run reads, that is an error.  And what a run
-- calls is the server's own and medaudit's, whatever stands in front of them in
-- the search_path of the caller.  Settings that are local end with each commit of
-- the run, and with an error; a procedure that commits cannot have them of its own.
-- No statement is compiled (jit): of hundreds of short ones that costs more than it saves.
CREATE OR REPLACE PROCEDURE _run_see_all()
	LANGUAGE plpgsql
AS $$
BEGIN
	PERFORM pg_catalog.set_config('row_security', 'off', true),
		pg_catalog.set_config('search_path', 'pg_catalog, medaudit, pg_temp', true),
		pg_catalog.set_config('hash_mem_multiplier', '1', true),
		pg_catalog.set_config('jit', 'off', true);
	CALL medaudit._run_styles();
END
$$;

COMMENT ON PROCEDURE _run_see_all() IS
	'运行设置: until the next commit what row security would hide is an error (42501), and the search_path is pg_catalog, and text has one style (_run_styles)';

-- Asked before anything is read, so that a run is refused as a whole.
CREATE OR REPLACE PROCEDURE _check_rows_seen()
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
DECLARE
	seen text;
BEGIN
	FOREACH seen IN ARRAY '{medaudit_data.visit,medaudit_data.charge,medaudit_data.person,medaudit_data.facility,medaudit_data.diagnosis,medaudit_data.item,medaudit_data.stock_move,medaudit_data.operation,medaudit_data.case_group,medaudit_data.certificate,medaudit_data.facility_item,medaudit_data.manual_claim,medaudit_data.change,medaudit_data.visit_book,medaudit_data.book_state,medaudit_data.visit_change,medaudit_data.person_key,medaudit_data.kept_stay,medaudit_data.due_person,medaudit.rule,medaudit.charge_rule,medaudit.package,medaudit.run,medaudit.run_step,medaudit.run_quality,medaudit.run_finding,medaudit.run_insufficient,medaudit.run_asked,medaudit.kept_rulebook,medaudit.run_coverage,medaudit.finding,medaudit.finding_event,medaudit.exemption,medaudit.self_report,medaudit.finding_line,medaudit.ranked_line,medaudit.rank_block}'::text[] LOOP
		IF to_regclass(seen) IS NOT NULL THEN
			EXECUTE 'SELECT FROM ' || seen || ' LIMIT 0';
		END IF;
	END LOOP;
EXCEPTION WHEN insufficient_privilege THEN
	RAISE EXCEPTION USING ERRCODE = '42501', MESSAGE = SQLERRM, DETAIL = format(medaudit._say('It is read through %s.'), seen),
		HINT = medaudit._say('Whoever runs an audit must be allowed to read all of it, and row security must hide nothing: findings of what is not seen would be dropped.');
END
$$;

COMMENT ON PROCEDURE _check_rows_seen() IS
	'检查可见范围: 42501 where the caller may not read something that a run reads, or row security would hide rows of it';

-- A run that cannot read what is bound, or not what it was when it began, fails in all
-- steps that it has not done.
CREATE OR REPLACE PROCEDURE _run_cannot_begin(run_no bigint, failure text)
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
BEGIN
	UPDATE medaudit.run_step AS s SET state = 'failed', error = failure
	WHERE s.run_id = run_no AND s.state = 'pending';
	-- a lock, a disk, what is bound now: no matter of its rows
	IF failure ~ '^(40...|53...|55...|57...|58...): ' THEN
		RAISE WARNING USING MESSAGE = format(medaudit._say('run %s could not go on: %s'), run_no, failure),
			HINT = medaudit._say('resume => true goes on with it, once that is mended.');
	ELSE
		RAISE WARNING USING MESSAGE = format(medaudit._say('run %s could not read what is bound: %s'), run_no, failure),
			HINT = medaudit._say('medaudit.sources() says in problems whose rows cannot be read.');
	END IF;
END
$$;

COMMENT ON PROCEDURE _run_cannot_begin(bigint, text) IS
	'无法继续: all steps of the run that are not done have failed, for what is bound could not be read';

-- How a run ended; of a failed one the steps that failed.
CREATE OR REPLACE PROCEDURE _run_close(run_no bigint, INOUT failed text DEFAULT NULL,
	INOUT errors text DEFAULT NULL)
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
BEGIN
	SELECT format('%s of %s steps: %s', count(*) FILTER (WHERE s.state = 'failed'),
			count(*) FILTER (WHERE s.state <> 'skipped'), string_agg(coalesce(s.rule_code, s.step), ', '
				ORDER BY s.step_no) FILTER (WHERE s.state = 'failed')),
		(SELECT string_agg(e.error, E'\n' ORDER BY e.step_no)
		FROM (SELECT i.error, min(i.step_no) AS step_no FROM medaudit.run_step AS i
			WHERE i.run_id = run_no AND i.state = 'failed' GROUP BY i.error ORDER BY 2 LIMIT 5) AS e)
	INTO failed, errors
	FROM medaudit.run_step AS s WHERE s.run_id = run_no
	HAVING count(*) FILTER (WHERE s.state = 'failed') > 0;
	UPDATE medaudit.run AS r SET state = CASE WHEN failed IS NULL THEN 'done' ELSE 'failed' END,
		finished_at = clock_timestamp()
	WHERE r.run_id = run_no;
	IF failed IS NULL AND medaudit._run_of_persons(run_no) THEN
		CALL medaudit._forget_changes();
	END IF;
END
$$;

COMMENT ON PROCEDURE _run_close(bigint, text, text) IS
	'登记运行结果: done, or failed with the names and errors of the steps that failed';

-- Dates, numbers and bytes within texts and keys are written in one way, whatever
-- the session's; how dates are read, and where the clock stands, stays its own.
CREATE OR REPLACE PROCEDURE _run_styles()
	LANGUAGE plpgsql
AS $$
BEGIN
	PERFORM pg_catalog.set_config('datestyle', 'ISO', true), pg_catalog.set_config('intervalstyle', 'postgres', true),
		pg_catalog.set_config('extra_float_digits', '1', true), pg_catalog.set_config('bytea_output', 'hex', true),
		pg_catalog.set_config('lc_numeric', 'C', true), pg_catalog.set_config('lc_monetary', 'C', true),
		pg_catalog.set_config('lc_time', 'C', true);
END
$$;

COMMENT ON PROCEDURE _run_styles() IS
	'书写格式: until the end of the transaction, dates, intervals, numbers and bytes are written in one way, whatever the session says';

-- A run that is open, for whoever has its lock: step by step, each committed.
CREATE OR REPLACE PROCEDURE _run_through(run_no bigint)
	LANGUAGE plpgsql
AS $$
DECLARE
	next pg_catalog.record;
	found_rows bigint;
	insufficient bigint;
	failure pg_catalog.text;
	errors pg_catalog.text;
BEGIN
	CALL medaudit._run_see_all();
	BEGIN
		CALL medaudit._run_prepare(run_no);
	EXCEPTION WHEN OTHERS THEN
		failure := pg_catalog.format('%s: %s', SQLSTATE, SQLERRM);
	END;
	IF failure IS NOT NULL THEN
		CALL medaudit._run_cannot_begin(run_no, failure);
	END IF;
	COMMIT;

	LOOP
		CALL medaudit._run_see_all();
		PERFORM medaudit._return_memory();
		UPDATE medaudit.run_step AS s SET state = 'skipped', error = 'the rule is no more'
		WHERE s.run_id = run_no AND s.state = 'pending' AND s.rule_code IS NOT NULL
			AND NOT EXISTS (SELECT FROM medaudit.rule AS r WHERE r.rule_code = s.rule_code);
		SELECT s.step_no, s.step, s.rule_code INTO next
		FROM medaudit.run_step AS s
		WHERE s.run_id = run_no AND s.state = 'pending'
		ORDER BY s.step = 'data_quality', s.step_no LIMIT 1;
		EXIT WHEN NOT FOUND;
		failure := medaudit._changed_sources();
		IF failure IS NOT NULL THEN
			CALL medaudit._run_cannot_begin(run_no, pg_catalog.format('55000: %s', failure));
			CONTINUE;
		END IF;
		UPDATE medaudit.run_step AS s
		SET state = 'running', started_at = pg_catalog.clock_timestamp()
		WHERE s.run_id = run_no AND s.step_no = next.step_no;
		COMMIT;

		CALL medaudit._run_see_all();
		failure := NULL;
		found_rows := NULL;
		insufficient := NULL;
		PERFORM pg_catalog.set_config('application_name', pg_catalog.format(
			'medaudit run %s: %s', run_no, coalesce(next.rule_code, next.step)), true);
		-- a cancel is not caught: it ends the run, and its lock with it
		BEGIN
			CALL medaudit._run_do(run_no, next.step, next.rule_code, found_rows, insufficient);
		EXCEPTION WHEN OTHERS THEN
			failure := pg_catalog.format('%s: %s', SQLSTATE, SQLERRM);
			found_rows := NULL;
			insufficient := NULL;
		END;
		CALL medaudit._run_step_done(run_no, next.step_no, found_rows, insufficient, failure);
		COMMIT;
	END LOOP;

	failure := NULL;
	CALL medaudit._run_close(run_no, failure, errors);
	COMMIT;

	CALL medaudit._run_see_all();
	PERFORM pg_catalog.set_config('lock_timeout', '1s', true);
	BEGIN
		CALL medaudit._run_clear();
	EXCEPTION WHEN lock_not_available OR deadlock_detected THEN
		NULL;	-- somebody looks into them: the next run empties them
	END;
	COMMIT;
	PERFORM medaudit._return_memory();
	PERFORM medaudit._release_run_lock();
	IF failure IS NOT NULL THEN
		RAISE EXCEPTION USING ERRCODE = '38000',
			MESSAGE = pg_catalog.format(medaudit._say('run %s failed in %s'), run_no, failure), DETAIL = errors,
			HINT = medaudit._say('What the other steps found is stored, see medaudit.run_progress; resume => true asks those that failed again.');
	END IF;
	RAISE NOTICE USING MESSAGE = pg_catalog.format(medaudit._say('run %s is done; see medaudit.worklist'), run_no);
END
$$;

COMMENT ON PROCEDURE _run_through(bigint) IS
	'逐步执行: reads what a run that is open needs, asks its steps and commits after each, and ends it; 38000 names the steps that failed';

CREATE OR REPLACE PROCEDURE run_audit(from_date date, to_date date, rules text[] DEFAULT NULL,
	resume bool DEFAULT false)
	LANGUAGE plpgsql
AS $$
DECLARE
	run_no bigint;
BEGIN
	CALL medaudit._run_see_all();
	CALL medaudit._run_lock();
	CALL medaudit._check_run_arguments(from_date, to_date, rules);
	CALL medaudit._check_rows_seen();
	CALL medaudit._check_work_rights();
	COMMIT;
	IF medaudit._has_book_store() AND medaudit._is_bound('change', 'changed_at') THEN
		CALL medaudit._books_refresh(from_date, to_date, false, 0);
	END IF;

	CALL medaudit._run_see_all();
	run_no := medaudit._run_open(from_date, to_date, rules, coalesce(resume, false));
	COMMIT;
	CALL medaudit._run_through(run_no);
END
$$;

COMMENT ON PROCEDURE run_audit(date, date, text[], bool) IS
	'稽核运行: judges the visits settled (else discharged) in [from_date, to_date) by the enabled rules, or the named ones, and stores findings; commits after each rule group, so it stops with 2D000 inside a transaction; 55006 while another run is going on; 42501 where row security would hide rows from it; a step that fails is recorded, the rest go on, and the run ends with 38000, which names those that failed; resume goes on with an interrupted or failed run';
