-- Whether what a facility sends can be traced (数据可追溯): months in which one stream of data
-- has rows and another has none.
--
-- A stream is a bound relation that names facilities: visits by each month in which they
-- last (24 at most), charges by their day, card payments, stock.  Who never sent a stream may have none to send (EVER); who
-- sends it in other months has a gap, or was closed.
--
-- Cost: a pass over each of these relations, and of what they say a row for each facility
-- and month.

-- Facility and month of the rows of each stream.  A stay has charges in all its months.
CREATE OR REPLACE FUNCTION _stream_queries() RETURNS TABLE (stream text, query text)
	LANGUAGE sql STABLE PARALLEL SAFE ROWS 4
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
	SELECT s.stream, format('SELECT r.facility_id, date_trunc(''month'', r.%s)::date AS month, %L AS stream FROM (%s) AS r GROUP BY 1, 2', s.at, s.stream,
		CASE s.stream WHEN 'visit' THEN format('SELECT g.facility_id, g.admitted_at + make_interval(months => i.n) AS admitted_at FROM ('
				'SELECT o.facility_id, date_trunc(''month'', o.admitted_at) AS admitted_at, CASE WHEN isfinite(o.admitted_at) AND isfinite(o.ends) THEN '
				'greatest(0, least(23, 12 * (extract(year FROM o.ends) - extract(year FROM o.admitted_at)) + extract(month FROM o.ends) '
				'- extract(month FROM o.admitted_at)))::int ELSE 0 END AS months '
				'FROM (SELECT r.facility_id, r.admitted_at, coalesce(r.discharged_at, r.settled_at) AS ends FROM (SELECT %s FROM medaudit_data.visit AS c) AS r) AS o '
				'GROUP BY 1, 2, 3) AS g CROSS JOIN generate_series(0, g.months) AS i (n)', medaudit._bound_list('visit'))
			WHEN 'charge' THEN format('SELECT v.facility_id, i.charged_at FROM (SELECT %s FROM medaudit_data.charge AS c) AS i '
				'JOIN (SELECT o.visit_id, min(o.facility_id) AS facility_id FROM (SELECT %s FROM medaudit_data.visit AS c) AS o GROUP BY o.visit_id) AS v '
				'ON v.visit_id = i.visit_id', medaudit._bound_list('charge'), medaudit._bound_list('visit'))
			ELSE format('SELECT %s FROM medaudit_data.%I AS c', medaudit._bound_list(s.stream), s.stream) END)
	FROM (VALUES ('visit', 'admitted_at'), ('charge', 'charged_at'), ('swipe', 'swiped_at'), ('stock_move', 'at')) AS s (stream, at)
	WHERE to_regclass('medaudit_data.' || s.stream) IS NOT NULL
$$;

COMMENT ON FUNCTION _stream_queries() IS
	'数据流查询: a query for each bound relation that names facilities: facility, month and name of the stream, once where there is some row';

CREATE OR REPLACE FUNCTION missing_streams(until date DEFAULT NULL, months int DEFAULT 24) RETURNS TABLE (facility_id text, facility_name text, month date,
	missing text, missing_zh text, present text, ever bool)
	LANGUAGE plpgsql STABLE PARALLEL RESTRICTED COST 100000 ROWS 100
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
#variable_conflict use_column
BEGIN
	IF months IS NULL THEN
		RAISE EXCEPTION USING ERRCODE = '22004', MESSAGE = format(medaudit._say('argument "%s" must not be null'), 'months');
	ELSIF NOT months BETWEEN 1 AND 1200 OR NOT coalesce(isfinite(until), true) THEN
		RAISE EXCEPTION USING ERRCODE = '22023', MESSAGE = medaudit._say('months must be from 1 to 1200, and until finite');
	END IF;
	PERFORM medaudit.check_bound('visit', 'charge'), medaudit._check_trusted();
	RETURN QUERY EXECUTE format($sql$
		WITH sent AS MATERIALIZED (
			SELECT s.* FROM (%s) AS s WHERE s.facility_id IS NOT NULL AND s.month IS NOT NULL
		), span AS MATERIALIZED (
			-- what lies in the future was read wrongly
			SELECT l.month AS last_month, (l.month - make_interval(months => $2 - 1))::date AS first_month
			FROM (SELECT coalesce(date_trunc('month', $1::timestamp)::date, max(s.month) FILTER (WHERE s.month <= current_date)) AS month FROM sent AS s) AS l
		), held AS MATERIALIZED (
			SELECT s.* FROM sent AS s JOIN span AS p ON s.month BETWEEN p.first_month AND p.last_month
		), stream AS (
			SELECT n.stream, n.nth FROM unnest($3::text[]) WITH ORDINALITY AS n (stream, nth)
		)
		SELECT m.facility_id, f.name, m.month, t.stream, medaudit._relation_zh(t.stream), m.present,
			EXISTS (SELECT FROM held AS e WHERE e.facility_id = m.facility_id AND e.stream = t.stream)
		FROM (
			SELECT h.facility_id, h.month, string_agg(h.stream, ', ' ORDER BY s.nth) AS present, array_agg(h.stream) AS streams
			FROM held AS h JOIN stream AS s ON s.stream = h.stream GROUP BY h.facility_id, h.month
		) AS m
		CROSS JOIN stream AS t
		LEFT JOIN (SELECT i.facility_id, min(i.name) AS name FROM (%s) AS i GROUP BY i.facility_id) AS f ON f.facility_id = m.facility_id
		WHERE t.stream <> ALL (m.streams)
		ORDER BY m.facility_id COLLATE "C", m.month, t.nth$sql$,
		(SELECT string_agg(q.query, ' UNION ALL ') FROM medaudit._stream_queries() AS q),
		CASE WHEN to_regclass('medaudit_data.facility') IS NOT NULL THEN format('SELECT %s FROM medaudit_data.facility AS c', medaudit._bound_list('facility'))
			ELSE 'SELECT NULL::text AS facility_id, NULL::text AS name WHERE false' END)
	USING until, months, (SELECT array_agg(q.stream ORDER BY array_position('{visit,charge,swipe,stock_move}', q.stream)) FROM medaudit._stream_queries() AS q);
END
$$;

COMMENT ON FUNCTION missing_streams(date, int) IS
	'数据缺失月份: per facility the months, of so many up to that of until (NULL: the last month with rows), in which a bound stream of data (visit, charge, swipe, stock_move) has no row while another has some; ever: the facility has rows of it in another of these months. NULL months is 22004, below 1 or above 1200 22023, 55000 where visits or charges are not bound';

CREATE OR REPLACE VIEW stream_gaps WITH (security_invoker = true) AS
SELECT m.facility_id, m.facility_name, m.month, m.missing, m.missing_zh, m.present, m.ever
FROM medaudit.missing_streams() AS m;

COMMENT ON VIEW stream_gaps IS
	'数据缺失月份: missing_streams() of the last 24 months';
COMMENT ON COLUMN stream_gaps.facility_id IS '定点医药机构编号: who sent one and not the other';
COMMENT ON COLUMN stream_gaps.facility_name IS '定点医药机构名称: NULL: not known';
COMMENT ON COLUMN stream_gaps.month IS '月份: its first day';
COMMENT ON COLUMN stream_gaps.missing IS '缺失数据: the relation that has no row of the month: visit, charge, swipe or stock_move';
COMMENT ON COLUMN stream_gaps.missing_zh IS '缺失数据名称: the same in Chinese';
COMMENT ON COLUMN stream_gaps.present IS '已有数据: relations that have some, joined by commas';
COMMENT ON COLUMN stream_gaps.ever IS '是否曾报送: whether the facility has rows of what is missing in another of these months';
