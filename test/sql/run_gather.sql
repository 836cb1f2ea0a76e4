-- Gathering of lines: one aggregate that says what five others would, each asked alone.
\set ECHO none
SET client_min_messages = warning;
SET search_path = medaudit, pg_catalog;
-- Anything may be missing; numbers are there once, some twice, not at all, or short; refunds and
-- categories that disagree; visits of 1 to 1,000 lines, and lines of none.
CREATE TABLE loose_line AS
SELECT n, g, CASE WHEN h / 2 % 97 > 0 AND g <> 20 THEN 'V' || g END AS visit_id,
	CASE WHEN h / 3 % 29 > 0 THEN (ARRAY['A', 'a', '药', '', 'item'])[1 + h / 3 % 5] || CASE WHEN h / 3 % 5 = 4 THEN (h / 7 % (CASE WHEN g < 6 THEN 900 ELSE 9 END))::text ELSE '' END END AS item_code,
	CASE WHEN h / 11 % 31 > 0 THEN (1 - h / 11 % 3) * (ARRAY[1, 1, 1, 0.5, 0.00004, 7.12345])[1 + h / 5 % 6] END AS quantity,
	CASE WHEN h / 13 % 37 > 0 THEN (ARRAY[2.5, -2.5, 5, 0, 7.123456])[1 + h / 17 % 5] END AS amount,
	CASE WHEN h / 17 % 41 > 0 THEN timestamp '2025-01-01' + h % 1000 * interval '1.7 hour' END AS charged_at,
	(ARRAY[NULL, 2.5, 0, -1, 9])[1 + h / 19 % 5] AS claimed,
	CASE g % 5 WHEN 1 THEN 'line number ' || n WHEN 2 THEN (h / 2 % CASE WHEN g < 6 THEN 5000 ELSE 90 END)::text WHEN 3 THEN n::text WHEN 4 THEN '' END AS line_id,
	CASE h % 9 WHEN 0 THEN (n - 1)::text WHEN 1 THEN '' END AS original_line_id,
	CASE WHEN g % 7 = 0 OR h / 19 % 3 = 0 THEN CASE WHEN h / 23 % 2 = 0 THEN '' END
		WHEN g % 9 = 0 OR h / 3 % 5 = 1 OR h / 29 % 50 = 0 THEN '类' || h / 31 % 4 ELSE '类' || h / 3 % 5 END AS category,
	(ARRAY[NULL, 2.5, -5, 1.234567])[1 + h / 37 % 4] AS unit_price,
	(ARRAY[true, false, NULL, false, false, false, false, false])[1 + h / 41 % 8] AS bad
FROM (SELECT n, CASE WHEN n < 6000 THEN n % 6 ELSE 6 + n * 7919 % 400 END AS g, ('x' || substr(md5(n::text), 1, 7))::bit(28)::int AS h
	FROM generate_series(1, 12000) n) r;
-- groups of which nothing is to be told
INSERT INTO loose_line SELECT n, n, 'V' || n, 'B', 2, 20, '2025-01-15', 20, '1', NULL, NULL, 10, false FROM generate_series(20001, 20100) AS n;
ANALYZE loose_line;
CREATE TEMP VIEW kept_line AS
SELECT * FROM loose_line WHERE visit_id IS NOT NULL AND item_code IS NOT NULL AND quantity IS NOT NULL AND amount IS NOT NULL AND charged_at IS NOT NULL;
CREATE TEMP TABLE asked_alone AS
SELECT l.g, ledger(item_code, quantity, amount, charged_at, line_id, original_line_id, visit_id, claimed) FILTER (WHERE visit_id IS NOT NULL) AS book,
	(SELECT CASE WHEN bool_or(i.any) THEN array_agg(i.category ORDER BY i.item_code COLLATE "C") END
		FROM (SELECT item_code, CASE WHEN count(DISTINCT nullif(category, '')) = 1 THEN min(nullif(category, '')) ELSE '' END AS category, bool_or(category <> '') AS any
			FROM kept_line AS k WHERE k.g = l.g GROUP BY item_code) AS i) AS categories,
	count(*) AS lines,
	nullif(ARRAY[count(*) FILTER (WHERE lacks), count(*) FILTER (WHERE bad OR lacks OR visit_id IS NULL),
		count(*) FILTER (WHERE unit_price < 0 OR sign(round(quantity, 4)) * sign(round(amount, 4)) < 0
			OR round(quantity, 4) = 0 AND round(amount, 4) > 0 OR sign(round(amount, 4)) * sign(claimed) < 0),
		count(*) FILTER (WHERE abs(quantity * unit_price - amount) > 0.01),
		count(*) FILTER (WHERE abs(claimed) > abs(round(amount, 4))),
		(SELECT count(*) FROM (SELECT FROM kept_line AS k WHERE k.g = l.g GROUP BY item_code HAVING count(DISTINCT nullif(category, '')) > 1) AS i)]::int[],
		'{0,0,0,0,0,0}') AS problems,
	count(*) FILTER (WHERE within) AS in_period, count(*) FILTER (WHERE within AND lacks) AS incomplete,
	count(nullif(line_id, '')) > count(DISTINCT nullif(line_id, '')) AS twice
FROM loose_line AS l, LATERAL (SELECT item_code IS NULL OR quantity IS NULL OR amount IS NULL OR charged_at IS NULL AS lacks,
	charged_at IS NULL OR charged_at >= '2025-01-10' AND charged_at < '2025-02-01' AS within) AS w
GROUP BY l.g;
CREATE FUNCTION pg_temp.call(more text DEFAULT '') RETURNS text LANGUAGE sql RETURN
	'medaudit._gather_lines(visit_id, item_code, quantity, amount, charged_at, claimed, line_id, original_line_id, category, unit_price, bad, ''2025-01-10'', ''2025-02-01''' || more || ')';
CREATE FUNCTION pg_temp.gathered(more text DEFAULT '') RETURNS TABLE (g int, kept gathered_lines) LANGUAGE plpgsql AS $$
BEGIN
	RETURN QUERY EXECUTE format('SELECT g, %s FROM loose_line GROUP BY g', pg_temp.call(more));
END $$;
CREATE FUNCTION pg_temp.wrong(more text DEFAULT '') RETURNS TABLE (groups bigint, book bigint, categories bigint, problems bigint, counts bigint, twice bigint) LANGUAGE sql AS $$
	SELECT count(*), count(*) FILTER (WHERE (f.kept).book::text IS DISTINCT FROM s.book::text OR ledger_send((f.kept).book) IS DISTINCT FROM ledger_send(s.book)),
		count(*) FILTER (WHERE (f.kept).categories IS DISTINCT FROM s.categories),
		count(*) FILTER (WHERE (f.kept).problems IS DISTINCT FROM s.problems),
		count(*) FILTER (WHERE ((f.kept).lines, (f.kept).in_period, (f.kept).incomplete) IS DISTINCT FROM (s.lines, s.in_period, s.incomplete)),
		count(*) FILTER (WHERE (f.kept).twice IS DISTINCT FROM s.twice)
	FROM pg_temp.gathered(more) AS f FULL JOIN asked_alone AS s USING (g)
$$;
CREATE FUNCTION pg_temp.plan_has(query text, node text) RETURNS bool LANGUAGE plpgsql AS $$
DECLARE plan json;
BEGIN
	EXECUTE 'EXPLAIN (FORMAT JSON) ' || query INTO plan;
	RETURN strpos(plan::text, node) > 0;
END $$;
\set ECHO all
-- What there is to be told apart
SELECT count(*) AS groups, count(*) FILTER (WHERE book IS NULL) AS of_no_visit, count(*) FILTER (WHERE categories IS NULL) BETWEEN 100 AND 300 AS without_categories,
	sum(cardinality(array_positions(categories, ''))) > 500 AS disagree, count(*) FILTER (WHERE problems IS NULL) BETWEEN 100 AND 300 AS without_problems,
	count(*) FILTER (WHERE twice) > 5 AS some_twice, max(lines) > 900 AS long, sum(incomplete) > 100 AS some_incomplete,
	count(*) FILTER (WHERE twice AND lines > 900) AS long_twice, count(*) FILTER (WHERE NOT twice AND lines > 900) AS long_once
FROM asked_alone;
-- Serial, shuffled, sorted, spilled
SELECT * FROM pg_temp.wrong();
SELECT * FROM pg_temp.wrong(' ORDER BY md5(n::text)');
SELECT * FROM pg_temp.wrong(' ORDER BY item_code, category');
SET enable_hashagg = off;
SELECT * FROM pg_temp.wrong();
RESET enable_hashagg;
SET work_mem = '64kB'; SET enable_sort = off;
SELECT * FROM pg_temp.wrong();
RESET work_mem; RESET enable_sort;
-- Parallel: by groups, of which workers finish the long ones, and all in one
SET parallel_setup_cost = 0; SET parallel_tuple_cost = 0; SET min_parallel_table_scan_size = 0; SET max_parallel_workers_per_gather = 2;
SELECT pg_temp.plan_has(format('SELECT g, %s FROM loose_line GROUP BY g', pg_temp.call()), '"Partial Mode": "Partial"') AS partial;
CREATE TEMP TABLE met_in_parallel AS
SELECT g, _gather_lines(visit_id, item_code, quantity, amount, charged_at, claimed, line_id, original_line_id, category, unit_price, bad, '2025-01-10', '2025-02-01') AS kept FROM loose_line GROUP BY g;
CREATE TEMP TABLE all_in_parallel AS
SELECT _gather_lines(visit_id, item_code, quantity, amount, charged_at, claimed, line_id, original_line_id, category, unit_price, bad, '2025-01-10', '2025-02-01') AS kept FROM loose_line;
SET max_parallel_workers_per_gather = 0;
SELECT count(*) AS groups, count(*) FILTER (WHERE p.kept IS DISTINCT FROM f.kept) AS wrong FROM met_in_parallel AS p FULL JOIN pg_temp.gathered() AS f USING (g);
SELECT (p.kept).lines, p.kept IS NOT DISTINCT FROM s.kept AS same, ledger_send((p.kept).book) = ledger_send((SELECT ledger(item_code, quantity, amount, charged_at, line_id, original_line_id, visit_id, claimed)
	FROM loose_line WHERE visit_id IS NOT NULL)) AS book
FROM all_in_parallel AS p, (SELECT _gather_lines(visit_id, item_code, quantity, amount, charged_at, claimed, line_id, original_line_id, category, unit_price, bad, '2025-01-10', '2025-02-01') AS kept FROM loose_line) AS s;
-- As a window, the state is asked again and again
SELECT n, k.book::text, k.categories, k.lines, k.problems, k.in_period, k.incomplete, k.twice
FROM (SELECT n, (_gather_lines(v, i, q, 2 * q, t, NULL, l, NULL, c, 2, false, '2025-01-01', '2025-01-02') OVER (ORDER BY n)).*
	FROM (VALUES (1, 'V', 'A', 1, timestamp '2025-01-01', '1', NULL), (2, 'V', 'A', 1, '2025-01-01', '2', 'x'), (3, 'V', NULL, 1, '2025-01-02', '3', 'z'),
		(4, 'V', 'B', -1, NULL, '', 'y'), (5, NULL, 'B', 1, '2025-01-01', '4', 'y'), (6, 'V', 'A', 3, '2025-01-02', '2', 'y')) AS r (n, v, i, q, t, l, c)) AS k ORDER BY n;
-- Bounds: no rows; nothing but NULL; no period; a time that is none
SELECT _gather_lines('V', 'A', 1, 1, '2025-01-01', 1, NULL, NULL, NULL, NULL, NULL, NULL, NULL) AS no_rows FROM generate_series(1, 0);
SELECT (_gather_lines(NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL)).* FROM generate_series(1, 2);
SELECT (_gather_lines('', '', 1, 1, '2025-01-01', NULL, '', '', '', NULL, NULL, NULL, NULL)).* FROM generate_series(1, 2);
-- 40 numbers, the last one again; long ones too
SELECT (_gather_lines('V', 'A', 1, 1, '2025-01-01', NULL, n::text, NULL, NULL, NULL, NULL, NULL, NULL)).twice AS once,
	(_gather_lines('V', 'A', 1, 1, '2025-01-01', NULL, least(n, 39)::text, NULL, NULL, NULL, NULL, NULL, NULL)).twice,
	(_gather_lines('V', 'A', 1, 1, '2025-01-01', NULL, 'a number of more than 8 bytes: ' || n, NULL, NULL, NULL, NULL, NULL, NULL)).twice AS long_once,
	(_gather_lines('V', 'A', 1, 1, '2025-01-01', NULL, 'a number of more than 8 bytes: ' || n / 2, NULL, NULL, NULL, NULL, NULL, NULL)).twice AS long_twice
FROM generate_series(1, 40) AS n;
\set VERBOSITY sqlstate
SELECT _gather_lines('V', 'A', 1, 1, 'infinity', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
SELECT _gather_lines('V', 'A', 1, 'NaN', '2025-01-01', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
-- by which SQLSTATE this is refused is the minor version's
DO $$ BEGIN PERFORM _gather_lines_transition(NULL::internal, 'V', 'A', 1, 1, '2025-01-01', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL); RAISE 'a NULL was taken'; EXCEPTION WHEN cannot_coerce OR feature_not_supported THEN NULL; END $$;
DO $$ BEGIN PERFORM _gather_lines_final(NULL::internal); RAISE 'a NULL was taken'; EXCEPTION WHEN cannot_coerce OR feature_not_supported THEN NULL; END $$;
DROP TABLE medaudit.loose_line CASCADE;
