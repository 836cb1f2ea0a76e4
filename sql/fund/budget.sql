-- The budgets of facilities: how far a year has gone, what was spent of a quota
-- against an even pace, how many were admitted and what a stay cost against the year
-- before, and the three colours in which agreements answer that.
--
-- All of it adds up by day, so that a month is the same whenever it is asked of, and
-- however many months are asked of at once: money counts on the day on which it was
-- settled, a refund on its own; a stay counts on the day of its first settlement, and
-- is taken back on the day on which its settlements add up to nothing.
--
-- Cost: one pass over the settlements up to the last month, sorted by stay; then a row
-- for each facility and day of two years.

CREATE OR REPLACE FUNCTION _are_month_weights(weights numeric[]) RETURNS bool
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN coalesce(cardinality(weights) = 12 AND array_ndims(weights) = 1
		AND (SELECT bool_and(coalesce(w >= 0::numeric AND w < 'Infinity'::numeric, false)) AND sum(w) > 0::numeric FROM unnest(weights) AS w), false);

COMMENT ON FUNCTION _are_month_weights(numeric[]) IS
	'是否月度权重: whether these are 12 numbers, none of them negative and not all 0; never NULL';

CREATE OR REPLACE FUNCTION _is_quota_period(valid daterange) RETURNS bool
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN coalesce(NOT isempty(valid) AND isfinite(lower(valid)) AND isfinite(upper(valid)) AND upper(valid) - lower(valid) <= 36600, false);

COMMENT ON FUNCTION _is_quota_period(daterange) IS
	'是否额度期间: whether a period has a first and a last day, at most 36600 days apart; never NULL';

-- Days of a month weigh alike, months as their weights say.
CREATE OR REPLACE FUNCTION elapsed_share(on_date date, month_weights numeric[] DEFAULT NULL, valid daterange DEFAULT NULL) RETURNS numeric
	LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE COST 100
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
DECLARE
	first_day date;
	day_after date;
	weights numeric[] := coalesce(month_weights, array_fill(1::numeric, '{12}'));
	share numeric;
BEGIN
	IF NOT medaudit._are_month_weights(weights) THEN
		RAISE EXCEPTION USING ERRCODE = '22023', MESSAGE = medaudit._say('month_weights must be 12 numbers, none of them negative and not all of them 0');
	END IF;
	IF on_date IS NULL THEN
		RETURN NULL;
	END IF;
	valid := coalesce(valid, daterange(date_trunc('year', on_date)::date, (date_trunc('year', on_date) + interval '1 year')::date));
	IF NOT medaudit._is_quota_period(valid) THEN
		RAISE EXCEPTION USING ERRCODE = '22023', MESSAGE = medaudit._say('valid must be a period of 1 to 36600 days'),
			DETAIL = format(medaudit._say('It would be %s.'), valid);
	END IF;
	first_day := lower(valid);
	day_after := upper(valid);
	SELECT round(sum(m.weight * greatest(0, least(m.ends, day_after, on_date + 1) - greatest(m.begins, first_day)) / (m.ends - m.begins))
		/ nullif(sum(m.weight * (least(m.ends, day_after) - greatest(m.begins, first_day)) / (m.ends - m.begins)), 0), 10)
	INTO share
	FROM (
		SELECT g.at::date AS begins, (g.at + interval '1 month')::date AS ends, weights[extract(month FROM g.at)::int + array_lower(weights, 1) - 1] AS weight
		FROM generate_series(date_trunc('month', first_day::timestamp), (day_after - 1)::timestamp, interval '1 month') AS g (at)
	) AS m;
	RETURN share;
END
$$;

COMMENT ON FUNCTION elapsed_share(date, numeric[], daterange) IS
	'时间进度: the share of the time of a quota that has gone by at the end of on_date, 0 before valid and 1 after it, rounded to 10 decimals: months by weight (NULL: alike), the days of a month evenly, only what lies in valid (NULL: the calendar year of on_date). NULL for a NULL date, and where all months in valid have weight 0. 22023 where there are not 12 weights, for a negative one or none above 0, and for a period that is empty, unbounded or longer than 36600 days';

-- Rounded where it is divided: the share is rounded, too.
CREATE OR REPLACE FUNCTION pace(spent numeric, quota numeric, elapsed numeric) RETURNS numeric
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN CASE WHEN quota > 0 AND quota < 'Infinity' AND elapsed > 0 AND elapsed < 'Infinity' AND spent > '-Infinity' AND spent < 'Infinity'
		THEN round(spent / (quota * elapsed) - 1, 6) END;

COMMENT ON FUNCTION pace(numeric, numeric, numeric) IS
	'均衡进度偏离: spent / (quota * elapsed) - 1, rounded to 6 decimals: 0.05 is 5 per cent ahead of an even pace. NULL when an argument is NULL or not finite, when quota or elapsed is not positive';

CREATE OR REPLACE FUNCTION alert_level(growth numeric, yellow numeric, orange numeric, red numeric) RETURNS alert
	LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
BEGIN
	IF yellow IS NULL OR orange IS NULL OR red IS NULL THEN
		RAISE EXCEPTION USING ERRCODE = '22004', MESSAGE = format(medaudit._say('argument "%s" must not be null'),
			CASE WHEN yellow IS NULL THEN 'yellow' WHEN orange IS NULL THEN 'orange' ELSE 'red' END);
	ELSIF NOT (yellow > 0::numeric AND yellow < orange AND orange < red AND red < 'Infinity'::numeric) THEN
		RAISE EXCEPTION USING ERRCODE = '22023', MESSAGE = medaudit._say('bounds of alerts must rise: 0 < yellow < orange < red'),
			DETAIL = format(medaudit._say('They would be %s, %s and %s.'), yellow, orange, red);
	ELSIF growth = 'NaN'::numeric THEN
		RETURN NULL;
	END IF;
	RETURN CASE WHEN growth > red THEN 'red' WHEN growth > orange THEN 'orange' WHEN growth > yellow THEN 'yellow' WHEN growth <= yellow THEN 'none' END::medaudit.alert;
END
$$;

COMMENT ON FUNCTION alert_level(numeric, numeric, numeric, numeric) IS
	'预警级别: the highest level whose bound growth is above, none where it is above no one; at a bound it is not above it. NULL for a growth that is NULL or NaN; NULL bounds are 22004, bounds that do not rise from above 0 are 22023';

CREATE OR REPLACE FUNCTION alert_zh(alert alert) RETURNS text
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN CASE alert WHEN 'none' THEN '正常' WHEN 'yellow' THEN '黄色预警' WHEN 'orange' THEN '橙色预警' WHEN 'red' THEN '红色预警' END;

COMMENT ON FUNCTION alert_zh(alert) IS
	'预警级别名称: the Chinese term; NULL for NULL';

CREATE OR REPLACE FUNCTION _growth(value numeric, before numeric) RETURNS numeric
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN CASE WHEN before > 0 THEN round(value / before - 1, 6) END;

COMMENT ON FUNCTION _growth(numeric, numeric) IS
	'增幅: value / before - 1, rounded to 6 decimals; NULL where one is NULL, and where there was nothing before';

-- What was settled each day, and how many stays began or ceased to count by it.
CREATE OR REPLACE FUNCTION _fund_days(from_date date, to_date date) RETURNS TABLE (facility_id text, on_date date, fund_amount numeric,
	stays bigint, stay_amount numeric)
	LANGUAGE plpgsql STABLE PARALLEL RESTRICTED ROWS 100000
	SET search_path = pg_catalog, medaudit, pg_temp
	SET jit = off
AS $$
BEGIN
	-- Nearly all visits have one settlement.  Of the others equal rows count once, so that
	-- they are read whole; and what a stay has cost before the period says whether it
	-- counts already.
	RETURN QUERY EXECUTE format($sql$
		WITH settlement AS MATERIALIZED (
			SELECT v.visit_id, v.facility_id, coalesce(v.settled_at, v.discharged_at)::date AS on_date, v.total_amount, v.fund_amount, v.visit_type,
				coalesce(v.discharged_at::date > v.admitted_at::date, false) AS overnight
			FROM (SELECT %1$s FROM medaudit_data.visit AS c) AS v
			WHERE v.visit_id IS NOT NULL AND v.facility_id IS NOT NULL AND coalesce(v.settled_at, v.discharged_at) < $2
		), class AS MATERIALIZED (
			SELECT t.visit_type, medaudit.class_of_visit(t.visit_type) = 'stay' AS stay FROM (SELECT DISTINCT s.visit_type FROM settlement AS s) AS t
		), several AS MATERIALIZED (
			SELECT s.visit_id FROM settlement AS s GROUP BY s.visit_id HAVING count(*) > 1
		), day AS MATERIALIZED (
			SELECT s.visit_id, s.facility_id, coalesce(s.settled_at, s.discharged_at)::date AS on_date, sum(s.total_amount) AS total, sum(s.fund_amount) AS fund,
				bool_or(coalesce(c.stay, s.discharged_at::date > s.admitted_at::date, false)) AS stay
			FROM (SELECT DISTINCT v.* FROM (SELECT %2$s FROM medaudit_data.visit AS c) AS v
				WHERE v.visit_id IN (SELECT i.visit_id FROM several AS i) AND v.facility_id IS NOT NULL
					AND coalesce(v.settled_at, v.discharged_at) < $2) AS s
			LEFT JOIN class AS c ON c.visit_type = s.visit_type
			GROUP BY s.visit_id, s.facility_id, coalesce(s.settled_at, s.discharged_at)::date
		), counted AS (
			SELECT r.facility_id, r.on_date, r.total, r.counts - coalesce(lag(r.counts) OVER (PARTITION BY r.visit_id, r.facility_id ORDER BY r.on_date), 0) AS stays
			FROM (
				SELECT d.visit_id, d.facility_id, d.on_date, d.total,
					(sum(d.total) OVER (PARTITION BY d.visit_id, d.facility_id ORDER BY d.on_date) IS DISTINCT FROM 0)::int AS counts
				FROM day AS d WHERE d.stay
			) AS r
		)
		SELECT i.facility_id, i.on_date, sum(i.fund), coalesce(sum(i.stays), 0)::bigint, sum(i.stay_amount)
		FROM (
			SELECT s.facility_id, s.on_date, s.fund_amount AS fund, CASE WHEN k.stay THEN (s.total_amount IS DISTINCT FROM 0)::int END AS stays,
				CASE WHEN k.stay THEN s.total_amount END AS stay_amount
			FROM settlement AS s
			LEFT JOIN class AS c ON c.visit_type = s.visit_type
			CROSS JOIN LATERAL (SELECT coalesce(c.stay, s.overnight) AS stay) AS k
			WHERE s.on_date >= $1 AND NOT EXISTS (SELECT FROM several AS o WHERE o.visit_id = s.visit_id)
			UNION ALL
			SELECT d.facility_id, d.on_date, d.fund, NULL, NULL FROM day AS d WHERE d.on_date >= $1
			UNION ALL
			SELECT c.facility_id, c.on_date, NULL, c.stays, c.total FROM counted AS c WHERE c.on_date >= $1
		) AS i
		GROUP BY i.facility_id, i.on_date$sql$,
		medaudit._bound_list('visit', '{visit_id,facility_id,admitted_at,discharged_at,settled_at,visit_type,total_amount,fund_amount}'),
		medaudit._bound_list('visit')) USING from_date, to_date;
END
$$;

COMMENT ON FUNCTION _fund_days(date, date) IS
	'每日结算: by facility and day of [from_date, to_date): fund money settled, stays that count from that day on less those that were taken back, and money of stays; settled_at, else discharged_at; stays by visit_class, else by the dates';

-- Relations that need not be bound.
CREATE OR REPLACE FUNCTION _bound_budgets() RETURNS TABLE (facility_id text, quota numeric, valid daterange, month_weights numeric[])
	LANGUAGE plpgsql STABLE PARALLEL RESTRICTED ROWS 1000
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
BEGIN
	IF to_regclass('medaudit_data.budget') IS NULL THEN
		RETURN;
	END IF;
	PERFORM medaudit.check_bound('budget');
	RETURN QUERY EXECUTE format('SELECT b.facility_id, b.quota, b.valid, b.month_weights FROM (SELECT DISTINCT %s FROM medaudit_data.budget AS c) AS b
		WHERE b.facility_id IS NOT NULL AND b.valid IS NOT NULL',
		medaudit._bound_list('budget'));
END
$$;

COMMENT ON FUNCTION _bound_budgets() IS
	'预算额度: the quotas as they are bound; no rows where budget is not';

CREATE OR REPLACE FUNCTION _alert_bounds(metric text, facility_id text, facility_kind text, on_date date) RETURNS numeric[]
	LANGUAGE sql STABLE PARALLEL SAFE
	RETURN (SELECT ARRAY[b.yellow, b.orange, b.red] FROM alert_bound AS b
		WHERE b.metric = _alert_bounds.metric AND (b.facility_id IS NULL OR code_fold(b.facility_id) = _alert_bounds.facility_id)
			AND (b.facility_kind IS NULL OR code_fold(b.facility_kind) = code_fold(_alert_bounds.facility_kind))
			AND (b.valid IS NULL OR b.valid @> _alert_bounds.on_date)
		ORDER BY b.facility_id IS NULL, b.facility_kind IS NULL, lower(b.valid) DESC NULLS LAST, b.yellow, b.orange, b.red LIMIT 1);

COMMENT ON FUNCTION _alert_bounds(text, text, text, date) IS
	'预警界限: yellow, orange and red of the row of alert_bound that holds for a facility on a day; NULL: there is none';

CREATE OR REPLACE FUNCTION _alert_of(metric text, facility_id text, facility_kind text, on_date date, growth numeric) RETURNS alert
	LANGUAGE sql STABLE PARALLEL SAFE
	RETURN CASE WHEN growth IS NOT NULL THEN
		(SELECT alert_level(_alert_of.growth, b.bounds[1], b.bounds[2], b.bounds[3])
		FROM (SELECT _alert_bounds(_alert_of.metric, _alert_of.facility_id, _alert_of.facility_kind, _alert_of.on_date) AS bounds OFFSET 0) AS b
		WHERE b.bounds IS NOT NULL) END;

COMMENT ON FUNCTION _alert_of(text, text, text, date, numeric) IS
	'预警级别: alert_level() by the row of alert_bound that holds for a facility on a day; NULL: there is none, or growth is NULL';

-- What a facility did from its first day of the year to the end of each month, and in
-- the same months of the year before.
CREATE OR REPLACE FUNCTION _fund_months(months date[]) RETURNS TABLE (facility_id text, facility_name text, month date, quota numeric,
	elapsed numeric, fund_to_date numeric, fund_pace numeric, fund_alert alert, stays_to_date bigint, stays_last_year bigint,
	stays_growth numeric, stays_alert alert, cost_per_stay numeric, cost_last_year numeric, cost_growth numeric, cost_alert alert,
	alert alert, hold_next_month bool, action_zh text)
	LANGUAGE plpgsql STABLE PARALLEL RESTRICTED COST 100000 ROWS 1000
	SET search_path = pg_catalog, medaudit, pg_temp
	SET jit = off
AS $$
#variable_conflict use_column
DECLARE
	money_known bool := medaudit._is_bound('visit', 'fund_amount');
	first_day date := (SELECT date_trunc('year', min(m)) - interval '1 year' FROM unnest(months) AS m);
	day_after date := (SELECT date_trunc('month', max(m)) + interval '1 month' FROM unnest(months) AS m);
BEGIN
	RETURN QUERY
	WITH asked AS MATERIALIZED (
		SELECT DISTINCT date_trunc('month', m)::date AS month, date_trunc('year', m)::date AS new_year,
			(date_trunc('month', m) + interval '1 month')::date AS day_after FROM unnest(months) AS m
	), quota AS MATERIALIZED (
		-- of two in the month the one that is valid at its end
		SELECT DISTINCT ON (b.facility_id, a.month) b.facility_id, a.month, b.quota, greatest(lower(b.valid), a.new_year) AS counts_from,
			CASE WHEN medaudit._is_quota_period(b.valid) AND (b.month_weights IS NULL OR medaudit._are_month_weights(b.month_weights))
				THEN medaudit.elapsed_share(a.day_after - 1, b.month_weights, b.valid) END AS elapsed
		FROM medaudit._bound_budgets() AS b
		JOIN asked AS a ON b.valid && daterange(a.month, a.day_after)
		ORDER BY b.facility_id, a.month, b.valid @> a.day_after - 1 DESC, upper(b.valid) DESC NULLS FIRST, lower(b.valid) DESC NULLS LAST, b.quota
	), day AS MATERIALIZED (
		SELECT d.* FROM medaudit._fund_days(first_day, day_after) AS d
	), facility AS MATERIALIZED (
		SELECT i.facility_id, a.month, a.day_after, (a.day_after - interval '1 year')::date AS until_before,
			coalesce(q.counts_from, a.new_year) AS counts_from, (coalesce(q.counts_from, a.new_year) - interval '1 year')::date AS from_before, q.quota, q.elapsed
		FROM (
			SELECT DISTINCT d.facility_id, a.month FROM day AS d
			JOIN asked AS a ON d.on_date >= (a.new_year - interval '1 year')::date AND d.on_date < a.day_after
			UNION SELECT q.facility_id, q.month FROM quota AS q
		) AS i
		JOIN asked AS a ON a.month = i.month
		LEFT JOIN quota AS q ON q.facility_id = i.facility_id AND q.month = i.month
	), summed AS (
		SELECT f.facility_id, f.month, f.day_after, f.quota, f.elapsed,
			CASE WHEN money_known THEN coalesce(sum(d.fund_amount) FILTER (WHERE d.on_date >= f.counts_from AND d.on_date < f.day_after), 0) END AS fund,
			coalesce(sum(d.stays) FILTER (WHERE d.on_date >= f.counts_from AND d.on_date < f.day_after), 0)::bigint AS stays,
			coalesce(sum(d.stays) FILTER (WHERE d.on_date >= f.from_before AND d.on_date < f.until_before), 0)::bigint AS stays_before,
			sum(d.stay_amount) FILTER (WHERE d.on_date >= f.counts_from AND d.on_date < f.day_after) AS money,
			sum(d.stay_amount) FILTER (WHERE d.on_date >= f.from_before AND d.on_date < f.until_before) AS money_before
		FROM facility AS f
		LEFT JOIN day AS d ON d.facility_id = f.facility_id
		GROUP BY f.facility_id, f.month, f.day_after, f.quota, f.elapsed
	), known AS (
		SELECT s.*, r.name, r.kind, medaudit.pace(s.fund, s.quota, s.elapsed) AS fund_pace, medaudit._growth(s.stays, s.stays_before) AS stays_growth,
			c.cost, c.cost_before, medaudit._growth(c.cost, c.cost_before) AS cost_growth
		FROM summed AS s
		LEFT JOIN medaudit._bound_facilities() AS r ON r.facility_id = s.facility_id
		CROSS JOIN LATERAL (SELECT CASE WHEN s.stays > 0 THEN round(s.money / s.stays, 2) END AS cost,
			CASE WHEN s.stays_before > 0 THEN round(s.money_before / s.stays_before, 2) END AS cost_before) AS c
	)
	SELECT l.facility_id, l.name, l.month, round(l.quota, 2), l.elapsed, round(l.fund, 2), l.fund_pace, l.fund_alert, l.stays, l.stays_before,
		l.stays_growth, l.stays_alert, l.cost, l.cost_before, l.cost_growth, l.cost_alert, h.highest, coalesce(l.fund_alert = 'red', false),
		CASE h.highest WHEN 'yellow' THEN '告知并要求分析' WHEN 'orange' THEN '上报分析报告' WHEN 'red' THEN '立即整改、现场核查、约谈、视情暂缓拨付次月' END
	FROM (
		SELECT k.*, medaudit._alert_of('fund', k.facility_id, k.kind, k.day_after - 1, k.fund_pace) AS fund_alert,
			medaudit._alert_of('stays', k.facility_id, k.kind, k.day_after - 1, k.stays_growth) AS stays_alert,
			medaudit._alert_of('cost', k.facility_id, k.kind, k.day_after - 1, k.cost_growth) AS cost_alert
		FROM known AS k
	) AS l
	CROSS JOIN LATERAL (SELECT greatest(l.fund_alert, l.stays_alert, l.cost_alert) AS highest) AS h
	ORDER BY l.facility_id COLLATE "C", l.month;
END
$$;

COMMENT ON FUNCTION _fund_months(date[]) IS
	'基金运行监测: fund_monitor() of several months, for which settlements are read once; 22004, 22023 and 55000 as there';

CREATE OR REPLACE FUNCTION _checked_month(month date) RETURNS date
	LANGUAGE plpgsql STABLE PARALLEL RESTRICTED
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
BEGIN
	IF month IS NULL THEN
		RAISE EXCEPTION USING ERRCODE = '22004', MESSAGE = format(medaudit._say('argument "%s" must not be null'), 'month');
	ELSIF NOT isfinite(month) OR month NOT BETWEEN date '1901-01-01' AND date '2199-12-31' THEN
		RAISE EXCEPTION USING ERRCODE = '22023', MESSAGE = medaudit._say('month must lie in the years 1901 to 2199'),
			DETAIL = format(medaudit._say('It would be %s.'), month);
	END IF;
	PERFORM medaudit.check_bound('visit');
	RETURN month;
END
$$;

COMMENT ON FUNCTION _checked_month(date) IS
	'检查月份: the month; 22004 for NULL, 22023 outside the years 1901 to 2199, 55000 where visit is not bound';

CREATE OR REPLACE FUNCTION fund_monitor(month date) RETURNS TABLE (facility_id text, facility_name text, month date, quota numeric,
	elapsed numeric, fund_to_date numeric, fund_pace numeric, fund_alert alert, stays_to_date bigint, stays_last_year bigint,
	stays_growth numeric, stays_alert alert, cost_per_stay numeric, cost_last_year numeric, cost_growth numeric, cost_alert alert,
	alert alert, hold_next_month bool, action_zh text)
	LANGUAGE sql STABLE PARALLEL RESTRICTED COST 100000 ROWS 1000
BEGIN ATOMIC
	SELECT m.* FROM _fund_months(ARRAY[_checked_month($1)]) AS m;
END;

COMMENT ON FUNCTION fund_monitor(date) IS
	'基金运行监测: each facility that has settlements in the year or the one before, or a quota, to the end of a month (NULL 22004): fund money against the even pace of its quota, stays and money of a stay against the same months of the year before (from the day on which the quota begins, else 1 January), with the alerts of alert_bound, the highest of them, whether the next payment may be held (fund_alert red), and what is then to be done. Quota and pace are NULL without a quota, alerts without a row of alert_bound, growth where there was nothing before. 55000 where visit is not bound';

-- --------------------------------------------------------------- in a run

-- All months of the run at once, when the first is asked for.
CREATE OR REPLACE PROCEDURE _run_monitor_months(run_no bigint)
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
DECLARE
	work_mem_before text := current_setting('work_mem');
BEGIN
	IF medaudit._run_made('fund_month') THEN
		RETURN;
	END IF;
	PERFORM medaudit._empty('fund_month');
	-- settlements stand in several places on their way
	PERFORM medaudit._share_work_mem(2);
	INSERT INTO medaudit_work.fund_month
	SELECT m.* FROM medaudit._fund_months(ARRAY(SELECT p.from_date FROM medaudit._run_periods(run_no, 'month') AS p)) AS m;
	PERFORM set_config('work_mem', work_mem_before, true);
	PERFORM medaudit._analyze('fund_month');
END
$$;

COMMENT ON PROCEDURE _run_monitor_months(bigint) IS
	'监测各月: fund_monitor() of the whole months of a run, once, into a working table';

-- Facilities whose spending of their quota calls for a report or an inspection.
CREATE OR REPLACE FUNCTION _ask_fund_pace(run_no bigint, rule_code text, parameters jsonb) RETURNS SETOF run_group
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
BEGIN
	CALL medaudit._run_monitor_months(run_no);
	RETURN QUERY
	SELECT (medaudit.run_group(
		key => to_char(m.month, 'YYYY-MM'),
		facility_id => m.facility_id,
		involved_amount => round(m.fund_to_date - m.quota * m.elapsed, 2),
		judged_on => p.to_date - 1,
		evidence => jsonb_build_object('month', to_char(m.month, 'YYYY-MM'), 'month_zh', to_char(m.month, 'YYYY年FMMM月'),
			'quota', m.quota, 'elapsed', m.elapsed, 'fund_to_date', m.fund_to_date, 'pace', m.fund_pace, 'percent', round(100 * m.fund_pace, 2),
			'alert', m.fund_alert, 'alert_zh', medaudit.alert_zh(m.fund_alert), 'stays_growth', m.stays_growth, 'cost_growth', m.cost_growth,
			'formula', format('%s / (%s * %s) - 1 = %s', m.fund_to_date, m.quota, m.elapsed, m.fund_pace)))).*
	FROM medaudit.run_period AS p
	JOIN medaudit_work.fund_month AS m ON m.month = p.from_date
	WHERE m.fund_alert >= (parameters ->> 'min_alert')::medaudit.alert;
END
$$;

COMMENT ON FUNCTION _ask_fund_pace(bigint, text, jsonb) IS
	'基金支出超进度: facilities and months whose fund_alert is min_alert or higher';

-- Where a quota or a bound is not known nobody was looked at.
CREATE OR REPLACE PROCEDURE _run_quality_budget(run_no bigint)
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
DECLARE
	n record;
BEGIN
	IF NOT EXISTS (SELECT FROM medaudit._rules_of_run(run_no) AS r WHERE r.kind = 'fund_pace' AND r.missing IS NULL) THEN
		RETURN;
	END IF;
	CALL medaudit._run_monitor_months(run_no);
	SELECT count(DISTINCT m.facility_id) FILTER (WHERE m.fund_pace IS NULL) AS no_pace,
		count(DISTINCT m.facility_id) FILTER (WHERE m.fund_pace IS NOT NULL AND m.fund_alert IS NULL) AS no_bound
	INTO n FROM medaudit_work.fund_month AS m;
	CALL medaudit._run_note(run_no, 'budget', 'a facility without a quota above 0 and a time of it: its pace is not known',
		'机构没有可用的预算额度或期间，未比较支出进度', n.no_pace);
	CALL medaudit._run_note(run_no, 'budget', 'a facility for which alert_bound has no row of the metric fund: not judged',
		'预警界限（alert_bound）没有适用于该机构的基金支出界限，未作判断', n.no_bound);
END
$$;

COMMENT ON PROCEDURE _run_quality_budget(bigint) IS
	'预算数据质量: counts the facilities whose pace or alert is not known in some month, where a run asks for it';
