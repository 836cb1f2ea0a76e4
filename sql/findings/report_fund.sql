-- What the report of a run says of the fund: how far the quotas are spent, and where
-- indicators of its months stand out.  It is made of indicator_month, as it was refreshed,
-- and of the quotas as they are bound; sources of charges are not read.
--
-- Cost: the rows of indicator_month of a year, an elapsed share for each quota and month.

-- A view may be granted, and what it reads not.
CREATE OR REPLACE FUNCTION _may_read(relation text) RETURNS bool
	LANGUAGE plpgsql STABLE PARALLEL UNSAFE
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
BEGIN
	IF to_regclass(relation) IS NULL THEN
		RETURN false;
	END IF;
	EXECUTE format('SELECT FROM %s LIMIT 0', to_regclass(relation));
	RETURN true;
EXCEPTION WHEN insufficient_privilege THEN
	RETURN false;
END
$$;

COMMENT ON FUNCTION _may_read(text) IS
	'能否读取: whether the caller may read a table or view that is there, and what it reads; false for NULL';

-- The last month that a run judged whole.
CREATE OR REPLACE FUNCTION _report_month(run_no bigint) RETURNS date
	LANGUAGE sql STABLE PARALLEL SAFE
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
	SELECT m.from_date FROM medaudit.run AS r CROSS JOIN LATERAL medaudit._whole_periods('month', r.from_date, r.to_date) AS m
	WHERE r.run_id = run_no ORDER BY m.from_date DESC LIMIT 1
$$;

COMMENT ON FUNCTION _report_month(bigint) IS
	'报告月份: first day of the last whole month of the period of a run; NULL: it has none';

-- Fund money added up to the end of each month, of the first month of a quota from its
-- beginning on, beside what an even pace would have spent.
CREATE OR REPLACE FUNCTION _quota_course(last_month date) RETURNS TABLE (facility_id text, name text, kind text, month date, quota numeric, even numeric, spent numeric)
	LANGUAGE sql STABLE PARALLEL UNSAFE ROWS 1000
	SET search_path = pg_catalog, medaudit, pg_temp
	SET jit = off
AS $$
	WITH quota AS MATERIALIZED (
		SELECT DISTINCT ON (b.facility_id) b.facility_id, b.quota, b.valid, b.month_weights,
			date_trunc('month', greatest(lower(b.valid), date_trunc('year', last_month)::date)::timestamp)::date AS first_month
		FROM medaudit._bound_budgets() AS b
		WHERE b.valid @> (last_month + interval '1 month')::date - 1 AND b.quota > 0::numeric AND medaudit._is_quota_period(b.valid)
			AND (b.month_weights IS NULL OR medaudit._are_month_weights(b.month_weights))
		ORDER BY b.facility_id, upper(b.valid) DESC NULLS FIRST, lower(b.valid) DESC NULLS LAST, b.quota
	)
	SELECT q.facility_id, f.name, f.kind, m.month::date, q.quota,
		q.quota * medaudit.elapsed_share((m.month + interval '1 month')::date - 1, q.month_weights, q.valid),
		sum(coalesce(i.numerator, 0)) OVER (PARTITION BY q.facility_id ORDER BY m.month)
	FROM quota AS q
	CROSS JOIN LATERAL generate_series(q.first_month::timestamp, last_month::timestamp, interval '1 month') AS m (month)
	LEFT JOIN medaudit.indicator_month AS i ON i.subject_kind = 'facility' AND i.subject_id = q.facility_id AND i.month = m.month::date
		AND i.indicator = 'fund_amount'
	LEFT JOIN (SELECT b.facility_id, b.name, b.kind FROM medaudit._bound_facilities() AS b WHERE medaudit._may_read('medaudit_data.facility')) AS f
		ON f.facility_id = q.facility_id
$$;

COMMENT ON FUNCTION _quota_course(date) IS
	'额度进度: of the quotas that hold at the end of a month, by month of its year the fund money up to its end, by indicator_month, beside what an even pace would have spent';

-- Money beside even pace, and where each alert begins.
CREATE OR REPLACE FUNCTION _svg_course(labels text[], spent numeric[], even numeric[], bounds numeric[], title text) RETURNS text
	LANGUAGE sql STABLE PARALLEL SAFE
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
	SELECT medaudit.svg_lines(labels, jsonb_build_array(jsonb_build_object('name', '基金支出', 'points', to_jsonb(spent)), jsonb_build_object('name', '均匀进度', 'points', to_jsonb(even)))
		|| coalesce((SELECT jsonb_agg(jsonb_build_object('name', (ARRAY['黄色', '橙色', '红色'])[b.nth] || '界限', 'points',
				(SELECT jsonb_agg(round(e.even * (1 + b.bound), 2) ORDER BY e.nth) FROM unnest(_svg_course.even) WITH ORDINALITY AS e (even, nth))) ORDER BY b.nth)
			FROM unnest(bounds) WITH ORDINALITY AS b (bound, nth)), '[]'), '元', title)
$$;

COMMENT ON FUNCTION _svg_course(text[], numeric[], numeric[], numeric[], text) IS
	'进度图: lines of what was spent, of an even pace and of the bounds of the three alerts (NULL: none)';

CREATE OR REPLACE FUNCTION _report_pace(run_no bigint) RETURNS text
	LANGUAGE plpgsql STABLE PARALLEL UNSAFE
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
DECLARE
	last_month date := medaudit._report_month(run_no);
	missing text;
BEGIN
	IF last_month IS NULL OR NOT medaudit._may_read('medaudit_data.budget') OR NOT medaudit._may_read('medaudit.indicator_month') THEN
		RETURN NULL;
	END IF;
	SELECT string_agg(to_char(m, 'FMMM月'), '、' ORDER BY m) INTO missing
	FROM (SELECT DISTINCT c.month FROM medaudit._quota_course(last_month) AS c) AS c (m)
	WHERE NOT EXISTS (SELECT FROM medaudit.indicator_month AS i WHERE i.month = c.m AND i.indicator = 'fund_amount');
	IF missing IS NOT NULL THEN
		RETURN medaudit._html_note(format('%s年%s的指标尚未计算（refresh_indicators），总额进度未列。', extract(year FROM last_month), missing));
	END IF;
	RETURN (
		WITH course AS MATERIALIZED (
			SELECT c.* FROM medaudit._quota_course(last_month) AS c
		), facility AS (
			SELECT c.facility_id, coalesce(c.name, c.facility_id) AS name, c.quota, c.even, c.spent, p.pace, p.bounds,
				CASE WHEN p.bounds IS NOT NULL THEN medaudit.alert_level(p.pace, p.bounds[1], p.bounds[2], p.bounds[3]) END AS alert,
				row_number() OVER (ORDER BY p.pace DESC NULLS LAST, c.facility_id COLLATE "C") AS place
			FROM course AS c
			CROSS JOIN LATERAL (SELECT medaudit.pace(c.spent, c.even, 1) AS pace,
				medaudit._alert_bounds('fund', c.facility_id, c.kind, (last_month + interval '1 month')::date - 1) AS bounds) AS p
			WHERE c.month = last_month
		)
		SELECT concat(medaudit._html_note('按月度指标的基金支付额与额度的均匀进度比较；界限见 alert_bound。', 'soft'),
			(SELECT medaudit._svg_course(array_agg(to_char(m.month, 'FMMM月') ORDER BY m.month), array_agg(m.spent ORDER BY m.month), array_agg(round(m.even, 2) ORDER BY m.month), NULL, '有额度机构合计的基金支出与均匀进度')
				FROM (SELECT c.month, sum(c.spent) AS spent, sum(c.even) AS even FROM course AS c GROUP BY c.month) AS m),
			medaudit._html_table('tnnnnt', '{机构,额度（元）,均匀进度（元）,基金支出（元）,超前,预警}', string_agg(medaudit._html_row('tnnnnt', ARRAY[f.name, medaudit._yuan(f.quota), medaudit._yuan(f.even),
				medaudit._yuan(f.spent), round(100 * f.pace, 1) || '%', medaudit.alert_zh(f.alert)]), '' ORDER BY f.place) FILTER (WHERE f.place <= 15), format('截至%s末，支出最超前的机构', to_char(last_month, 'YYYY年FMMM月'))),
			CASE WHEN count(*) > 15 THEN medaudit._html_note(format('另有%s家机构有额度，见 fund_monitor()。', count(*) - 15), 'soft') END,
			(SELECT string_agg(medaudit._svg_course(s.labels, s.spent, s.even, s.bounds, s.name), '' ORDER BY s.place)
				FROM (SELECT i.place, i.name, i.bounds, array_agg(to_char(c.month, 'FMMM月') ORDER BY c.month) AS labels, array_agg(c.spent ORDER BY c.month) AS spent, array_agg(round(c.even, 2) ORDER BY c.month) AS even
					FROM facility AS i JOIN course AS c ON c.facility_id = i.facility_id WHERE i.place <= 3 AND i.alert >= 'orange' GROUP BY i.place, i.name, i.bounds) AS s))
		FROM facility AS f HAVING count(*) > 0);
END
$$;

COMMENT ON FUNCTION _report_pace(bigint) IS
	'总额进度: how far the quotas were spent by the end of the last whole month of a run, all together and by facility, with the lines of those at orange and red; what is missing where indicators were not refreshed; NULL without a quota, a whole month or the right to read them';

-- ------------------------------------------------------------------- indicators

-- Hospitals that treat more patients vary less.  What chance alone does to a patient's
-- days is taken from the middle half of the hospitals, so that those far out do not widen it.
CREATE OR REPLACE FUNCTION _report_funnel(run_no bigint) RETURNS text
	LANGUAGE sql STABLE PARALLEL UNSAFE
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
	WITH facility AS MATERIALIZED (
		SELECT i.subject_id, coalesce((SELECT max(c.facility_name) FROM medaudit.run_coverage AS c WHERE c.run_id = run_no AND c.facility_id = i.subject_id), i.subject_id) AS name,
			sum(i.denominator) AS stays, sum(i.numerator) AS days
		FROM medaudit.run AS r
		CROSS JOIN LATERAL medaudit._whole_periods('month', r.from_date, r.to_date) AS m
		JOIN medaudit.indicator_month AS i ON i.month = m.from_date AND i.subject_kind = 'facility' AND i.indicator = 'average_stay'
		WHERE r.run_id = run_no
		GROUP BY i.subject_id HAVING sum(i.denominator) > 0
	), middle AS (
		SELECT sum(f.days) / sum(f.stays) AS centre, count(*) AS facilities FROM facility AS f
	), spread AS (
		SELECT m.centre, m.facilities, (percentile_cont(0.5) WITHIN GROUP (ORDER BY (sqrt(f.stays) * abs(f.days / f.stays - m.centre))::float8))::numeric * 1.4826 AS spread
		FROM facility AS f CROSS JOIN middle AS m GROUP BY m.centre, m.facilities
	)
	SELECT concat(medaudit.svg_funnel(array_agg(f.name ORDER BY f.subject_id COLLATE "C"), array_agg(f.stays ORDER BY f.subject_id COLLATE "C"),
			array_agg(round(f.days / f.stays, 2) ORDER BY f.subject_id COLLATE "C"), s.centre, s.spread, '天', '各机构平均住院日'),
		medaudit._html_note(format('%s家机构出院%s人次，平均住院%s天；%s家高于随机波动的99.8%%界限，宜结合病种结构看。', s.facilities, sum(f.stays)::bigint, round(s.centre, 1),
			count(*) FILTER (WHERE (f.days / f.stays - s.centre) * sqrt(f.stays) > 3.09 * s.spread)), 'soft'))
	FROM facility AS f CROSS JOIN spread AS s
	WHERE s.facilities >= 5 AND s.spread > 0
	GROUP BY s.centre, s.spread, s.facilities
$$;

COMMENT ON FUNCTION _report_funnel(bigint) IS
	'平均住院日漏斗图: average_stay of the whole months of a run by facility, beside what chance does with so many patients; the spread is 1.4826 times the median of the distance from the mean times the root of the stays; NULL for fewer than 5 facilities';

CREATE OR REPLACE FUNCTION _indicator_value_zh(value numeric, unit text) RETURNS text
	LANGUAGE sql STABLE PARALLEL SAFE
	RETURN CASE WHEN unit = 'yuan' THEN _yuan(value) ELSE _indicator_text(value, unit) END;

COMMENT ON FUNCTION _indicator_value_zh(numeric, text) IS
	'指标值写法: a value of an indicator as a page has it: yuan as money, else as findings tell it; NULL for NULL';

CREATE OR REPLACE FUNCTION _report_outliers(run_no bigint) RETURNS text
	LANGUAGE sql STABLE PARALLEL UNSAFE
	SET search_path = pg_catalog, medaudit, pg_temp
	SET jit = off
AS $$
	WITH outlier AS (
		SELECT p.subject_id, p.name, p.indicator_zh, p.flag_zh, p.peers, p.growth, v.*, row_number() OVER (ORDER BY abs(p.z) DESC, p.subject_id COLLATE "C", p.indicator COLLATE "C") AS place
		FROM medaudit.indicator_peers AS p
		JOIN medaudit.indicator AS i ON i.indicator = p.indicator
		CROSS JOIN LATERAL (SELECT medaudit._indicator_value_zh(p.value, i.unit) AS value, medaudit._indicator_value_zh(p.peer_median, i.unit) AS median,
			medaudit._indicator_value_zh(CASE p.flag WHEN 'high' THEN p.peer_high ELSE p.peer_low END, i.unit) AS fence) AS v
		WHERE p.month = medaudit._report_month(run_no) AND p.subject_kind IN ('facility', 'pharmacy') AND p.flag IN ('high', 'low')
	)
	SELECT concat(medaudit._html_table('ttnnnntn', '{机构,指标,本月,同组中位数,同组界限,同组机构,标记,同比}', string_agg(medaudit._html_row('ttnnnntn', ARRAY[coalesce(o.name, o.subject_id), o.indicator_zh, o.value, o.median, o.fence,
			medaudit._counted(o.peers), o.flag_zh, round(100 * o.growth, 1) || '%']), '' ORDER BY o.place) FILTER (WHERE o.place <= 15), '最后一个整月，与同级同类机构比较'),
		CASE WHEN count(*) > 15 THEN medaudit._html_note(format('另有%s项，见视图 indicator_peers。', count(*) - 15), 'soft') END)
	FROM outlier AS o HAVING count(*) > 0
$$;

COMMENT ON FUNCTION _report_outliers(bigint) IS
	'指标异常: indicators of the last whole month of a run that are out of the fences of their peers; NULL where there is none';

CREATE OR REPLACE FUNCTION _report_indicators(run_no bigint) RETURNS text
	LANGUAGE plpgsql STABLE PARALLEL UNSAFE
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
DECLARE
	last_month date := medaudit._report_month(run_no);
BEGIN
	IF last_month IS NULL OR NOT medaudit._may_read('medaudit.indicator_month') THEN
		RETURN NULL;
	ELSIF NOT EXISTS (SELECT FROM medaudit.indicator_month AS i WHERE i.month = last_month) THEN
		RETURN medaudit._html_note(format('%s的指标尚未计算（refresh_indicators），未与同组机构比较。', to_char(last_month, 'YYYY年FMMM月')));
	END IF;
	RETURN concat(medaudit._report_funnel(run_no), CASE WHEN to_regclass('medaudit_data.facility') IS NULL OR medaudit._may_read('medaudit_data.facility')
		THEN coalesce(medaudit._report_outliers(run_no), medaudit._html_note(format('%s没有机构的指标超出同组界限。', to_char(last_month, 'YYYY年FMMM月')), 'soft'))
		ELSE medaudit._html_note('本账号无权读取机构名册（facility），未列出与同组机构的比较。', 'soft') END);
END
$$;

COMMENT ON FUNCTION _report_indicators(bigint) IS
	'指标: the funnel of average_stay and what is out of the fences of its peers; what is missing where the last whole month of a run was not refreshed; NULL without a whole month or the right to read indicators';
