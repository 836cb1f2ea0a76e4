-- The book of charge lines: gathering, netting, forms, bounds.
SET search_path = medaudit, public;
SET DateStyle = 'ISO, YMD';
SET TimeZone = 'Asia/Shanghai';

-- Shows the SQLSTATE and message of a statement that must fail.
CREATE FUNCTION pg_temp.fails(statement text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
	EXECUTE statement;
	RETURN 'no error';
EXCEPTION WHEN OTHERS THEN
	RETURN SQLSTATE || ' ' || SQLERRM;
END $$;

-- Gathering

CREATE TEMP TABLE line (v text, i text, o text, c text, q numeric, a numeric, t timestamp, k numeric);
INSERT INTO line VALUES
	('V2', '1', NULL, 'B02', 2, 30.25, '2024-01-02 11:00', NULL),
	('V1', '1', NULL, 'A01', 1.0, 12.50, '2024-01-02 10:00', 10),
	('V1', '2', '1', 'A01', -1, -12.5, '2024-01-03', -10),
	('V1', '3', NULL, 'A01', 3, 37.5, '2024-01-01 08:30:15', 0),
	(NULL, NULL, NULL, '床位费😀', 0.5, 20.12345, '2024-02-29 23:59:59.999999', NULL),
	('V1', '4', NULL, NULL, 1, 1, '2024-01-01', NULL),
	('V1', '5', NULL, 'A01', NULL, 1, '2024-01-01', NULL),
	('V1', '6', NULL, 'A01', 1, NULL, '2024-01-01', NULL),
	('V1', '7', NULL, 'A01', 1, 1, NULL, NULL);

SELECT ledger(c, q, a, t) FROM line;
SELECT ledger(c, q, a, t, i) FROM line;
SELECT ledger(c, q, a, t, i, o, v, k) FROM line;
SELECT l.* FROM (SELECT ledger(c, q, a, t, i, o, v, k) AS book FROM line) b, lines(book) l;
SELECT line_count(b), item_count(b), skipped_count(b), net_amount(b), net_claimed(b)
FROM (SELECT ledger(c, q, a, t, i, o, v, k) AS b FROM line) s;

-- No rows: NULL.  Only incomplete rows: an empty ledger that says so.
SELECT ledger(c, q, a, t) IS NULL AS no_rows FROM line WHERE false;
SELECT ledger(NULL::text, 1, 1, now()::timestamp) FROM generate_series(1, 3);
SELECT line_count(NULL), item_count(NULL), skipped_count(NULL::medaudit.ledger), net_amount(NULL), net_claimed(NULL);
SELECT count(*) AS lines_of_null FROM lines(NULL);

-- The order of input never matters, nor does how often the state is finished.
SELECT count(DISTINCT b::text) AS forms
FROM (SELECT (SELECT ledger(c, q, a, t, i, o, v, k ORDER BY md5(n || coalesce(i, '') || coalesce(v, ''))) FROM line) AS b
	  FROM generate_series(1, 50) n) s;
SELECT line_count(ledger(c, q, a, t)) AS all_lines,
	   line_count(ledger(c, q, a, t) FILTER (WHERE q < 0)) AS refunds,
	   ledger(c, q, a, t)::text = ledger(c, q, a, t)::text AS same,
	   line_count(ledger(DISTINCT c, 1::numeric, 1::numeric, timestamp '2024-01-01')) AS distinct_lines
FROM line;
SELECT v, grouping(v) AS total, line_count(ledger(c, q, a, t)) FROM line GROUP BY ROLLUP (v) ORDER BY total, v;
SELECT i, line_count(ledger(c, q, a, t) OVER (ORDER BY t, i ROWS BETWEEN 1 PRECEDING AND CURRENT ROW)) AS of_two
FROM line WHERE q IS NOT NULL AND t IS NOT NULL AND c IS NOT NULL AND a IS NOT NULL ORDER BY t, i;

-- Netting, by the cases of D07 and beyond: what is left of each line of one
-- visit and item.  Parts: day|quantity|amount[|line[|original]]

CREATE FUNCTION pg_temp.netted(parts text[]) RETURNS text LANGUAGE sql AS $$
	SELECT string_agg(concat_ws(' ', to_char(charged_at, 'DD'), coalesce(line_id, '-'), trim_scale(quantity), trim_scale(amount), status), '; ' ORDER BY n)
	FROM (SELECT ledger('X', split_part(p, '|', 2)::numeric, split_part(p, '|', 3)::numeric,
						timestamp '2024-01-01' + (split_part(p, '|', 1)::int - 1) * interval '1 day',
						nullif(split_part(p, '|', 4), ''), nullif(split_part(p, '|', 5), ''), NULL, NULL) AS book
		  FROM unnest(parts) p) b,
		 lines(book) WITH ORDINALITY l(visit_id, line_id, item_code, quantity, amount, claimed, charged_at, status, n)
$$;
CREATE TEMP TABLE net_case (n int GENERATED ALWAYS AS IDENTITY, label text, parts text[], expected text);
INSERT INTO net_case (label, parts, expected) VALUES
	('D07 flag: refund above the charge, the orphan shows the rest', '{1|1|10,2|-3|-30}', '01 - 0 0 cancelled; 02 - -2 -20 orphan'),
	('D07 flag: orphan refund', '{1|-1|-10}', '01 - -1 -10 orphan'),
	('D07 flag: orphan refund of money alone', '{1|1|3,2|0|-4}', '01 - 1 3 kept; 02 - 0 -4 orphan'),
	('D07 flag: contradictory signs are odd; nothing at all is cancelled', '{1|1|-10,2|-1|10,3|0|5,4|0|0,5|1|0,6|-1|0}', '01 - 1 -10 odd; 02 - -1 10 odd; 03 - 0 5 odd; 04 - 0 0 cancelled; 05 - 0 0 cancelled; 06 - 0 0 refund'),
	('D07 not: +2, -1 leaves 1', '{1|2|20,2|-1|-10}', '01 - 1 10 reduced; 02 - 0 0 refund'),
	('D07 not: +5, -2, -3 leaves nothing', '{1|5|50,2|-2|-20,3|-3|-30}', '01 - 0 0 cancelled; 02 - 0 0 refund; 03 - 0 0 refund'),
	('D07 not: two identical charges, the nearest earlier goes', '{1|1|10,2|1|10,3|-1|-10,4|1|10}', '01 - 1 10 kept; 02 - 0 0 cancelled; 03 - 0 0 refund; 04 - 1 10 kept'),
	('D07 not: a reference beats nearness', '{1|1|10|a,2|1|10|b,3|-1|-10|c|a}', '01 a 0 0 cancelled; 02 b 1 10 kept; 03 c 0 0 refund'),
	('D07 not: a reference not found goes on unreferenced', '{1|1|10|a,2|-1|-10|b|zz}', '01 a 0 0 cancelled; 02 b 0 0 refund'),
	('D07 not: more than the line it names, the rest goes on', '{1|1|10|a,2|1|10|b,3|-2|-20|c|b}', '01 a 0 0 cancelled; 02 b 0 0 cancelled; 03 c 0 0 refund'),
	('D07 not: the same unit price beats nearness', '{1|1|10,2|1|12,3|-1|-10}', '01 - 0 0 cancelled; 02 - 1 12 kept; 03 - 0 0 refund'),
	('D07 not: no such price, the latest, and its own money goes with it', '{1|1|10,2|1|12,3|-1|-9}', '01 - 1 10 kept; 02 - 0 3 cancelled; 03 - 0 0 refund'),
	('D07 not: only later ones, the earliest', '{1|-1|-10,2|1|10,3|1|10}', '01 - 0 0 refund; 02 - 0 0 cancelled; 03 - 1 10 kept'),
	('D07 not: a refund at the same time as its charge', '{1|-1|-10,1|1|10,2|1|10}', '01 - 0 0 refund; 01 - 0 0 cancelled; 02 - 1 10 kept'),
	('D07 not: money in proportion, the last part takes the rest', '{1|1|10,2|1|10,3|1|10,4|-3|-10}', '01 - 0 6.6666 cancelled; 02 - 0 6.6667 cancelled; 03 - 0 6.6667 cancelled; 04 - 0 0 refund'),
	('D07 not: money alone, of its reference', '{1|1|10|a,2|1|10|b,3|0|-4|c|a}', '01 a 1 6 reduced; 02 b 1 10 kept; 03 c 0 0 refund'),
	('D07 not: money alone, of the latest that suffices', '{1|1|10,2|1|3,3|0|-4,4|1|50}', '01 - 1 6 reduced; 02 - 1 3 kept; 03 - 0 0 refund; 04 - 1 50 kept'),
	('D07 not: a part of a unit', '{1|1.5|15,2|-0.5|-5}', '01 - 1 10 reduced; 02 - 0 0 refund');
SELECT label, expected, pg_temp.netted(parts) AS got FROM net_case ORDER BY n;
SELECT count(*) AS cases, count(*) FILTER (WHERE pg_temp.netted(parts) IS DISTINCT FROM expected) AS wrong FROM net_case;
-- netting never crosses a visit or an item
SELECT concat_ws(' ', visit_id, item_code, quantity, amount, status)
FROM (SELECT ledger(c, q, a, timestamp '2024-01-01', NULL, NULL, v, NULL) AS book
	  FROM (VALUES ('A', 'X', 1, 10), ('B', 'X', -1, -10), ('A', 'Y', -1, -10)) l(v, c, q, a)) b, lines(book);

-- Parts of a person's book net when they come together.
SELECT concat_ws(' ', quantity, amount, status)
FROM (SELECT rollup(b) AS book
	  FROM (SELECT ledger('X', q, a, timestamp '2024-01-01' + n * interval '1 day') AS b
			FROM (VALUES (1, 2, 20), (2, -1, -10), (3, NULL, NULL)) l(n, q, a) GROUP BY n) s) r, lines(book);
SELECT (ledger('X', 1, 10, '2024-01-01') || ledger('X', -1, -10, '2024-01-02'))::text AS together,
	   ledger('X', 1, 10, '2024-01-01') || NULL AS with_null;
SELECT rollup(b) IS NULL AS none FROM (SELECT NULL::ledger AS b FROM generate_series(1, 3)) s;

-- The same netting written slowly: one loop over the lines of a visit and item.
CREATE TEMP TABLE l (n bigint, v text, c text, t timestamp, q numeric, a numeric, k numeric,
	i text, o text, lq numeric, la numeric, lk numeric, s text);
CREATE FUNCTION pg_temp.slow_net(book ledger)
RETURNS TABLE (v text, c text, n bigint, quantity numeric, amount numeric, claimed numeric, status text) LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
	refund record;
	charge record;
	taken numeric;
	money numeric;
	fund numeric;
	step int;
BEGIN
	TRUNCATE l;
	INSERT INTO l
	SELECT row_number() OVER (ORDER BY v COLLATE "C" NULLS FIRST, c COLLATE "C", t, q, a, i COLLATE "C" NULLS FIRST, o COLLATE "C" NULLS FIRST, k),
		v, c, t, q, a, k, i, o, q, a, k,
		CASE WHEN (q < 0 OR (q = 0 AND a < 0)) AND a <= 0 AND k <= 0 THEN 'orphan'
			 WHEN q < 0 OR a < 0 OR k < 0 THEN 'odd'
			 WHEN q = 0 AND a > 0 THEN 'odd'
			 WHEN q = 0 THEN 'cancelled' ELSE 'kept' END
	FROM (SELECT e ->> 5 AS v, key AS c, (e ->> 0)::timestamp AS t, (e ->> 1)::numeric AS q, (e ->> 2)::numeric AS a,
				 e ->> 3 AS i, e ->> 4 AS o, coalesce((e ->> 6)::numeric, (e ->> 2)::numeric) AS k
		  FROM jsonb_each(book::jsonb -> 'items'), jsonb_array_elements(value) e) x;
	FOR step IN 1..2 LOOP
		FOR refund IN SELECT * FROM l WHERE s = 'orphan' AND (step = 2 OR o IS NOT NULL) ORDER BY n LOOP
			LOOP
				SELECT * INTO refund FROM l WHERE n = refund.n;
				EXIT WHEN refund.s = 'refund';
				SELECT * INTO charge FROM l
				WHERE v IS NOT DISTINCT FROM refund.v AND c = refund.c AND s IN ('kept', 'reduced') AND lq > 0
					AND (step = 2 OR i = refund.o)
					AND (refund.q <> 0 OR (la >= -refund.la AND (step = 1 OR t <= refund.t)))
				ORDER BY CASE WHEN step = 1 OR refund.q = 0 THEN 0
							  WHEN t <= refund.t AND a * refund.q = refund.a * q THEN 1
							  WHEN t <= refund.t THEN 2 ELSE 3 END,
						 CASE WHEN step = 1 OR t > refund.t THEN n ELSE -n END
				LIMIT 1;
				EXIT WHEN NOT FOUND;
				taken := least(-refund.lq, charge.lq);
				money := CASE WHEN taken = -refund.lq THEN refund.la ELSE round(refund.a * taken / -refund.q, 4) END;
				fund := CASE WHEN taken = -refund.lq THEN refund.lk ELSE round(refund.k * taken / -refund.q, 4) END;
				UPDATE l SET lq = lq - taken, la = la + money, lk = lk + fund,
					s = CASE WHEN lq - taken = 0 THEN 'cancelled' ELSE 'reduced' END WHERE n = charge.n;
				UPDATE l SET lq = lq + taken, la = la - money, lk = lk - fund,
					s = CASE WHEN lq + taken = 0 THEN 'refund' ELSE 'orphan' END WHERE n = refund.n;
			END LOOP;
		END LOOP;
	END LOOP;
	RETURN QUERY SELECT v, c, n, lq, la, lk, s FROM l;
END $$;

-- 300 random books of 3 to 42 lines, in every fourth of which all numbers are 0:
-- netted alike, and the money adds up.
CREATE TEMP TABLE random_book AS
SELECT n AS book_no, ledger(
		'C' || h % 2,
		CASE WHEN h / 7 % 10 < 6 THEN 1 + h / 70 % 3 WHEN h / 7 % 10 < 9 THEN -1 - h / 70 % 4 ELSE 0 END,
		CASE WHEN h / 7 % 10 < 6 THEN (1 + h / 70 % 3) * (10 + h / 210 % 3)
			 WHEN h / 7 % 10 < 9 THEN (-1 - h / 70 % 4) * (10 + h / 210 % 4) + h / 840 % 2
			 ELSE (h / 210 % 5 - 3) * 3 END,
		timestamp '2024-01-01' + h / 3 % 9 * interval '12 hours',
		CASE WHEN n % 4 = 0 THEN '0' WHEN h / 11 % 3 > 0 THEN 'L' || h / 33 % 9 END,
		CASE WHEN n % 4 = 0 AND h / 13 % 4 > 0 THEN '0' WHEN h / 13 % 2 = 0 THEN 'L' || h / 26 % 9 END,
		CASE WHEN h / 17 % 5 > 0 THEN 'V' || h / 85 % 2 END,
		CASE WHEN h / 19 % 4 = 0 AND h / 7 % 10 < 9 THEN (CASE WHEN h / 7 % 10 < 6 THEN 1 ELSE -1 END) * (h / 76 % 12) END) AS book
FROM generate_series(1, 300) n, generate_series(1, 3 + n % 40) m,
	 LATERAL (SELECT ('x' || substr(md5(n || '/' || m), 1, 7))::bit(28)::int AS h) r
GROUP BY n;
SELECT count(*) AS books, sum(line_count(book)) AS lines,
	   count(*) FILTER (WHERE fast IS DISTINCT FROM slow) AS differ
FROM (SELECT book_no, book,
			 (SELECT string_agg(concat_ws(' ', visit_id, item_code, trim_scale(quantity), trim_scale(amount), trim_scale(claimed), status), ';' ORDER BY n)
			  FROM lines(book) WITH ORDINALITY x(visit_id, line_id, item_code, quantity, amount, claimed, charged_at, status, n)) AS fast,
			 (SELECT string_agg(concat_ws(' ', v, c, trim_scale(quantity), trim_scale(amount), trim_scale(claimed), status), ';' ORDER BY n)
			  FROM pg_temp.slow_net(book)) AS slow
	  FROM random_book) b;
SELECT status, count(*) > 50 AS often FROM random_book, lines(book) GROUP BY status ORDER BY status;
SELECT count(*) AS sums_differ
FROM random_book,
	 LATERAL (SELECT sum((e ->> 2)::numeric) AS plain FROM jsonb_each(book::jsonb -> 'items'), jsonb_array_elements(value) e) p,
	 LATERAL (SELECT sum(amount) AS netted, sum(amount) FILTER (WHERE status <> 'orphan') AS net FROM lines(book)) n
WHERE plain <> netted OR coalesce(net, 0) <> net_amount(book);

-- Parallel, hashed with spilling, sorted: the same books.
CREATE TABLE ledger_line AS
SELECT 'V' || n % 700 AS v, lpad((n * 7919 % 90)::text, 15, '0011') AS c, CASE WHEN n % 101 > 0 THEN (1 + n % 3)::numeric END AS q,
	   (n % 977 * 1.25)::numeric(12, 2) AS a, timestamp '2024-01-01' + n * 37 % 14400 * interval '1 minute' AS t, n::text AS i, n % 1500 AS g
FROM generate_series(1, 30000) n;
ANALYZE ledger_line;
SET max_parallel_workers_per_gather = 0;
CREATE TEMP TABLE serial_book AS
SELECT v, ledger(c, q, a, t) AS b4, ledger(c, q, a, t, i) AS b5, ledger(c, q, a, t, i, NULL, v, a / 2) AS b8 FROM ledger_line GROUP BY v;
CREATE TEMP TABLE serial_small AS SELECT g, ledger(c, q, a, t, i) AS b FROM ledger_line GROUP BY g;
CREATE FUNCTION pg_temp.same_books() RETURNS TABLE (books bigint, differ bigint) LANGUAGE sql AS $$
	SELECT count(*), count(*) FILTER (WHERE row(p.b4::text, p.b5::text, p.b8::text) IS DISTINCT FROM row(s.b4::text, s.b5::text, s.b8::text))
	FROM (SELECT v, ledger(c, q, a, t) AS b4, ledger(c, q, a, t, i) AS b5, ledger(c, q, a, t, i, NULL, v, a / 2) AS b8
		  FROM ledger_line GROUP BY v) p FULL JOIN serial_book s USING (v)
$$;
SET max_parallel_workers_per_gather = 2;
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SET min_parallel_table_scan_size = 0;
CREATE FUNCTION pg_temp.plan_has(query text, node text) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE plan json;
BEGIN
	EXECUTE 'EXPLAIN (FORMAT JSON) ' || query INTO plan;
	RETURN plan::text ~ node;
END $$;
SELECT pg_temp.plan_has('SELECT v, ledger(c, q, a, t) FROM ledger_line GROUP BY v', '"Partial Mode": "Partial"') AS partial;
SELECT * FROM pg_temp.same_books();
-- few rows of a worker travel as rows, many as a book
SELECT pg_temp.plan_has('SELECT g, ledger(c, q, a, t, i) FROM ledger_line GROUP BY g', '"Partial Mode": "Partial"') AS partial;
SELECT count(*) AS books, count(*) FILTER (WHERE p.b::text IS DISTINCT FROM s.b::text) AS differ, sum(skipped_count(p.b)) AS skipped
FROM (SELECT g, ledger(c, q, a, t, i) AS b FROM ledger_line GROUP BY g) p FULL JOIN serial_small s USING (g);
SELECT pg_temp.plan_has('SELECT ledger(c, q, a, t) FROM ledger_line', '"Partial Mode": "Partial"') AS partial;
CREATE TEMP TABLE whole_book AS SELECT ledger(c, q, a, t) AS b4 FROM ledger_line;
SELECT skipped_count(b4), line_count(b4), b4::text = (SELECT rollup(s.b4)::text FROM serial_book s) AS rolled_up FROM whole_book;
RESET max_parallel_workers_per_gather;
SET max_parallel_workers_per_gather = 0;
SET work_mem = '64kB';
SET enable_sort = off;
SELECT * FROM pg_temp.same_books();
RESET enable_sort;
SET enable_hashagg = off;
SELECT * FROM pg_temp.same_books();
RESET enable_hashagg;
RESET work_mem;

-- Text, jsonb and what they refuse
SELECT count(*) AS books, count(*) FILTER (WHERE book::text::ledger::text <> book::text) AS differ,
	   count(*) FILTER (WHERE book::text::jsonb <> book::jsonb) AS jsonb_differ,
	   count(*) FILTER (WHERE ledger_send(book::text::ledger) <> ledger_send(book)) AS bytes_differ
FROM random_book;
SELECT count(*) AS books, count(*) FILTER (WHERE ledger_send(ledger_from_bytes(ledger_send(book))) <> ledger_send(book)) AS differ,
	ledger_from_bytes(NULL) IS NULL AS null_given FROM random_book;
SELECT b.cut, count(*) > 20 AS many, min(pg_temp.fails(format('SELECT medaudit.ledger_from_bytes(%L)', b.bytes))) AS refused,
	max(pg_temp.fails(format('SELECT medaudit.ledger_from_bytes(%L)', b.bytes))) LIKE '22P03%' AS all_so
FROM (SELECT ledger_send(ledger('A' || i, i, 10 * i, timestamp '2025-03-01' + i * interval '1 hour', 'L' || i)) AS bytes FROM generate_series(1, 3) AS i) AS a
CROSS JOIN LATERAL (SELECT 'shorter' AS cut, substr(a.bytes, 1, i) AS bytes FROM generate_series(0, length(a.bytes) - 1) AS i
	UNION ALL SELECT 'longer', a.bytes || '\x00'::bytea FROM generate_series(1, 21)
	UNION ALL SELECT 'another version', set_byte(a.bytes, 0, i) FROM generate_series(100, 130) AS i) AS b
GROUP BY b.cut ORDER BY b.cut;
SELECT '{"v": 1, "items": {"A": [["2024-01-01", 1, 10], ["2023-12-31 08:00", 2, 20, null, null, "V"]]}, "skipped": 4}'::ledger;
SELECT '{"v": 1}'::ledger, '{"v": 1, "items": {}}'::ledger;
SELECT t, pg_temp.fails(format('SELECT %L::medaudit.ledger', t))
FROM unnest(ARRAY['', 'x', '[]', '1', '{}', '{"v": 2}', '{"v": 1, "items": []}', '{"v": 1, "itemz": {}}',
	'{"v": 1, "items": {"A": 1}}', '{"v": 1, "items": {"A": [1]}}', '{"v": 1, "items": {"A": [["2024-01-01", 1]]}}',
	'{"v": 1, "items": {"A": [["2024-01-01", "1", 2]]}}', '{"v": 1, "items": {"A": [["now", 1, 2]]}}',
	'{"v": 1, "items": {"A": [["infinity", 1, 2]]}}', '{"v": 1, "items": {"A": [["2024-13-01", 1, 2]]}}',
	'{"v": 1, "items": {"A": [["2024-01-01", 1, 2, 3]]}}', '{"v": 1, "items": {"A": [["2024-01-01", 1, 2, "3", "4", "5", 6, 7]]}}',
	'{"v": 1, "items": {"A": [["2024-01-01", 1, 1e15]]}}', '{"v": 1, "skipped": -1}', '{"v": 1, "skipped": 1.5}']) t;

-- what is no JSON at all is refused in the words of the type, with a hint
CREATE FUNCTION pg_temp.words(statement text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	hint text;
BEGIN
	EXECUTE statement;
	RETURN 'no error';
EXCEPTION WHEN OTHERS THEN
	GET STACKED DIAGNOSTICS hint = PG_EXCEPTION_HINT;
	RETURN concat_ws(E'\n', SQLSTATE || ' ' || SQLERRM, hint);
END $$;
SELECT pg_temp.words(s) FROM unnest(ARRAY[$$SELECT medaudit.ledger('x')$$, $$SELECT medaudit.ledger('')$$, $$SELECT medaudit.ledger('2025-01-01')$$, $$SELECT medaudit.ledger('7')$$,
	$$SELECT repeat('费用', 40)::medaudit.ledger$$, $$SELECT '{"v": 1, "items": {"A": [[}'::medaudit.ledger$$]) s;

-- Money and times out of range
SELECT v, pg_temp.fails(format('SELECT medaudit.ledger(''A'', 1, %L, ''2024-01-01'')', v))
FROM unnest(ARRAY['NaN', 'Infinity', '-Infinity', '1e15', '-1e15', '10000000000000.00005', '10000000000000', '-10000000000000', '1e-20']) v;
SELECT pg_temp.fails($$SELECT medaudit.ledger('A', 'NaN', 1, '2024-01-01')$$) AS quantity,
	   pg_temp.fails($$SELECT medaudit.ledger('A', 1, 1, '2024-01-01', NULL, NULL, NULL, 'NaN')$$) AS claimed,
	   pg_temp.fails($$SELECT medaudit.ledger('A', 1, 1, 'infinity')$$) AS charged_at;
SELECT pg_temp.fails($$SELECT medaudit.net_amount(medaudit.ledger('A', 1, 10000000000000, '2024-01-01')) FROM generate_series(1, 100)$$) AS sum,
	   pg_temp.fails($$SELECT medaudit._ledger_final(NULL::internal)$$) <> 'no error' AS final_refused;
SELECT amount, claimed, quantity
FROM (SELECT ledger('A', q, a, timestamp '2024-01-01', NULL, NULL, NULL, k) AS b
	  FROM (VALUES (0.00005, 0.00005, 0.00004), (1.00014999, 2.00015, 9999999999999.9999)) v(q, a, k)) s, lines(b);

-- Size: at most 40 + 12 n bytes and the codes
SELECT bool_and(octet_length(ledger_send(b4)) <= 40 + 12 * line_count(b4) + 5 * item_count(b4)) AS compact FROM serial_book;
-- Times of every unit survive.
SELECT bool_and(b::text::ledger::text = b::text AND t = (SELECT min(charged_at) FROM lines(b))) AS kept, count(*)
FROM (SELECT t, ledger('A', 1, 1, t) || ledger('B', 1, 1, t + interval '100 years') AS b
	  FROM unnest(ARRAY['0044-03-15 12:00:00.000001 BC', '1999-12-31 23:59:59.999', '2000-01-01', '1999-12-31 23:00', '4713-11-24 BC', '294000-01-01 00:01', '2024-02-29 12:34:56']::timestamp[]) t
	  GROUP BY t) s;

-- Numbers finer than those of the other lines survive, each column by itself.
SELECT count(*) AS books, bool_and(kept) AS kept
FROM (SELECT bool_and((l.quantity, l.amount, l.claimed, l.charged_at) = (q, a, k, t)) AS kept
	  FROM unnest(ARRAY[1, 0.5, 0.0001, -3]) q, unnest(ARRAY[7, 7.3, 7.31, 7.3125]) a, unnest(ARRAY[7, 7.31, 7.3125]) k,
		   unnest(ARRAY['2025-03-01', '2025-03-01 08:00', '2025-03-01 08:00:01', '2025-03-01 08:00:00.5']::timestamp[]) t,
		   LATERAL (SELECT ledger(i, x.q, x.a, x.t, i, NULL, NULL, x.k) AS book
					FROM (VALUES ('A', 2, 100, timestamp '2025-02-01', 100), ('B', q, a, t, k), ('C', 2, 100, '2025-02-01', 100)) x(i, q, a, t, k)) b,
		   LATERAL (SELECT * FROM lines(book) WHERE line_id = 'B') l
	  GROUP BY q, a, k, t) s;
-- Empty text is text: an item, a visit, alone and with others, through every form.
SELECT line_count(other) AS lines, s.way, string_agg(format('%L %L %L', visit_id, item_code, line_id), ', ' ORDER BY visit_id, item_code, line_id) AS found
FROM (SELECT ledger(i, 1, 1, timestamp '2025-03-01', i, NULL, v, NULL) AS book
	  FROM (VALUES (1, '', ''), (2, '', NULL), (3, 'A', ''), (4, '', ''), (4, '', NULL), (4, 'A', ''), (4, 'A', 'V'), (4, '', 'V')) x(b, i, v) GROUP BY b) b,
	 LATERAL (VALUES ('book', book), ('text', book::text::ledger), ('joined', book || '{"v": 1, "items": {"": [["2025-03-01", 1, 1]]}}')) s(way, other),
	 lines(other) l
GROUP BY other::text, line_count(other), s.way ORDER BY lines, way, found;
-- Codes of every length that share every length with the one before.
SELECT count(*) AS books, bool_and(items = codes) AS kept, bool_and(book::text::ledger::text = book::text) AS same_text
FROM (SELECT shared, rest, array_agg(code ORDER BY code COLLATE "C") AS codes, ledger(code, 1, 1, timestamp '2025-03-01') AS book
	  FROM generate_series(0, 40) shared, generate_series(1, 40) rest,
		   LATERAL (SELECT repeat('s', shared) || i || repeat('r', rest - 1) AS code FROM generate_series(1, 5) i
					UNION ALL SELECT repeat('s', shared)) c
	  GROUP BY shared, rest) s,
	 LATERAL (SELECT array_agg(item_code ORDER BY item_code COLLATE "C") AS items FROM lines(book)) l;
-- Around the most that one may leave out, and far beyond: codes, visits, identifiers.
CREATE TEMP TABLE long_text AS
SELECT shared, array_agg(code ORDER BY code COLLATE "C") AS codes
FROM unnest('{1,126,127,128,129,130,255,256,1000}'::int[]) shared,
	 LATERAL (SELECT repeat('s', shared) || rest AS code FROM unnest('{"",a,aa,ab,b,ba,sa,ss}'::text[]) rest) c GROUP BY shared;
SELECT bool_and(items = codes) AS items_kept, bool_and(visits = codes) AS visits_kept, bool_and(ids = codes) AS ids_kept,
	   bool_and(book::text::ledger = book AND book || '{"v": 1}' = book) AS same_book
FROM long_text, LATERAL (SELECT ledger(code, 1, 1, '2025-03-01', code, reverse(code), code, NULL) AS book FROM unnest(codes) code) b,
	 LATERAL (SELECT array_agg(DISTINCT item_code COLLATE "C") AS items, array_agg(DISTINCT visit_id COLLATE "C") AS visits, array_agg(DISTINCT line_id COLLATE "C") AS ids FROM lines(book)) l;
SELECT bool_and(persons = codes) AS persons_kept, bool_and(visits = codes) AS visits_kept, bool_and(book::text::stays = book AND rolled = book) AS same_book
FROM long_text, LATERAL (SELECT stays(code, code, code, '2025-03-01', NULL, code, 1, ARRAY[code]) AS book FROM unnest(codes) code) b,
	 LATERAL (SELECT rollup(s) AS rolled FROM (SELECT stays(code, code, code, '2025-03-01', NULL, code, 1, ARRAY[code]) AS s FROM unnest(codes) code GROUP BY code) p) r,
	 LATERAL (SELECT array_agg(DISTINCT person_id COLLATE "C") AS persons, array_agg(DISTINCT visit_id COLLATE "C") AS visits FROM stay_rows(book)) l;

DROP TABLE ledger_line;

-- Lines as they came: nothing folded, refunds beside charges; dates of what refunds have left.  500 books of
-- visits, some without a tag, of codes in several spellings, and incomplete rows.
CREATE TABLE raw_line AS
SELECT b, n, CASE WHEN h / 3 % 5 > 0 THEN 'V' || h / 3 % 5 % 3 END AS v, CASE WHEN h / 17 % 23 > 0 THEN (ARRAY['A1', 'a1', 'Ａ1', 'B', '', 'b ', 'C', '药'])[1 + h / 17 % 8] END AS c,
	CASE h / 31 % 7 WHEN 0 THEN -1 WHEN 1 THEN -0.5 WHEN 2 THEN 0 WHEN 3 THEN NULL ELSE 1 + h / 31 % 2 END AS q,
	CASE h / 37 % 6 WHEN 0 THEN -10.25 WHEN 1 THEN 0 ELSE 3.3 END AS a,
	CASE WHEN h / 41 % 19 > 0 THEN timestamp '1999-12-25' + h / 41 % 9000 * interval '2 minutes' END AS t
FROM generate_series(1, 500) b, generate_series(1, 1 + b % 12) n, LATERAL (SELECT ('x' || substr(md5(b || ' ' || n), 1, 7))::bit(28)::int AS h) r;
CREATE TEMP VIEW kept_line AS SELECT * FROM raw_line WHERE c IS NOT NULL AND q IS NOT NULL AND a IS NOT NULL AND t IS NOT NULL;
CREATE TEMP TABLE raw_book AS
SELECT b, ledger(c, q, a, t, NULL, NULL, v, NULL ORDER BY md5(n || 'x')) AS book,
	CASE WHEN b % 5 > 0 THEN timestamp '1999-12-26 15:00' + b % 90 * interval '2 hours' END AS admitted_at,
	CASE b % 7 WHEN 0 THEN NULL WHEN 1 THEN timestamp 'infinity' ELSE timestamp '1999-12-29 00:00' + b % 80 * interval '3 hours' END AS discharged_at
FROM raw_line GROUP BY b;
SELECT count(*) AS books, sum(_refunded_items(book)) > 100 AS some, count(*) FILTER (WHERE _refunded_items(book) <> (
	SELECT count(*) FROM (SELECT FROM kept_line l WHERE l.b = r.b GROUP BY v, c HAVING sum(q) < 0) o)) AS wrong
FROM raw_book r;
SELECT count(*) AS books, sum(before) > 100 AS some_before, sum(after) > 100 AS some_after, count(*) FILTER (WHERE (before, after) IS DISTINCT FROM (
	SELECT ROW((count(*) FILTER (WHERE 'before_admission' = ANY (p)))::int, (count(*) FILTER (WHERE 'after_discharge' = ANY (p)))::int)
	FROM kept_line l, line_problems(admitted_at, discharged_at, t, q, NULL, a, NULL) p WHERE l.b = r.b)) AS wrong
FROM raw_book r, _lines_outside(book, admitted_at, discharged_at);
SELECT l.* FROM (SELECT ledger('A', 1, 1, t) AS book FROM unnest('{2026-03-01 23:59,2026-03-02 00:00,2026-03-05 23:59,2026-03-06 00:00}'::timestamp[]) t) b,
	 LATERAL (SELECT 1, o.* FROM _lines_outside(book, '2026-03-02 10:00', '2026-03-05 10:00') o UNION ALL SELECT 2, o.* FROM _lines_outside(book, NULL, NULL) o
		UNION ALL SELECT 3, o.* FROM _lines_outside(book, '-infinity', '2026-03-01') o UNION ALL SELECT 4, o.* FROM _lines_outside('{"v":1}', '2026-03-02', '2026-03-05') o
		UNION ALL SELECT 5, o.* FROM _lines_outside(NULL, '2026-03-02', '2026-03-05') o) l ORDER BY 1;
SELECT count(*) AS books, count(first_on) < count(*) AS some_without, min(first_on) < '2000-01-01' AND max(last_on) > '2000-01-01' AS across_the_year, count(*) FILTER (WHERE (first_on, last_on) IS DISTINCT FROM (
	SELECT ROW(min(l.charged_at::date), max(l.charged_at::date)) FROM lines(book) l WHERE l.status IN ('kept', 'reduced'))) AS wrong
FROM raw_book r, _charged_dates(book);
SELECT _charged_dates('{"v":1}') AS empty, _charged_dates(NULL) IS NULL AS of_null, _refunded_items('{"v":1}') AS none, _refunded_items(NULL) IS NULL AS null_items;
-- sums of 10^13, which no 64 bits of ten-thousandths hold in so many lines
SELECT _refunded_items(ledger('A', q, q, '2025-01-01')) FROM (SELECT -10000000000000 AS q FROM generate_series(1, 200)) l;
SELECT count(*) AS items, count(*) FILTER (WHERE (s).refunds) > 100 AS some, count(*) FILTER (WHERE s IS DISTINCT FROM o) AS wrong
FROM (SELECT b, i.item_code, i AS s FROM raw_book, _item_sums(book) i) f
FULL JOIN (SELECT b, c AS item_code, (c, NULL::text, count(*)::int, sum(q), sum(a), bool_or(a < 0)) AS o FROM kept_line GROUP BY b, c) x USING (b, item_code);
SELECT bool_and(item_codes = sorted) AS in_order, bool_and(categories IS NOT DISTINCT FROM told) AS told
FROM raw_book, LATERAL (SELECT array_agg(DISTINCT c COLLATE "C" ORDER BY c COLLATE "C") AS sorted, array_agg(DISTINCT ('K' || c) COLLATE "C" ORDER BY ('K' || c) COLLATE "C") AS categories
		FROM kept_line l WHERE l.b = raw_book.b) k,
	 LATERAL (SELECT array_agg(item_code ORDER BY n) AS item_codes, array_agg(category ORDER BY n) AS told
		FROM ROWS FROM (_item_sums(book, (SELECT array_agg('K' || c ORDER BY c COLLATE "C") FROM unnest(sorted) AS c))) WITH ORDINALITY AS i (item_code, category, lines, quantity, amount, refunds, n)) i;
SELECT i.* FROM (SELECT ledger(c, 2, 3, '2025-01-01') AS book FROM unnest('{B,A,C}'::text[]) c) b, _item_sums(book, '{"药","",NULL}') i;
SELECT count(*) AS of_null FROM _item_sums(NULL, '{a}');
SELECT c, pg_temp.fails(format($$SELECT * FROM medaudit._item_sums((SELECT medaudit.ledger(c, 1, 1, '2025-01-01') FROM unnest('{A,B}'::text[]) c), %L)$$, c)) FROM unnest('{"{a}","{}","{a,b,c}","{{a,b}}"}'::text[]) c;
-- Categories beside a book: of each code as it was given, '' where none or several.
-- Visits of 40 to 1,200 lines in some, so that states are reduced on the way.
CREATE TABLE told_line AS
SELECT n, g, 'P' || g % 8 AS p, CASE WHEN h / 3 % 29 > 0 THEN (ARRAY['A', 'a', '药', '', 'item'])[1 + h / 3 % 5] || CASE WHEN h / 3 % 5 = 4 THEN (h / 7 % (CASE WHEN g < 6 THEN 900 ELSE 9 END))::text ELSE '' END END AS c,
	CASE WHEN h / 11 % 31 > 0 THEN 1 - h / 11 % 3 END AS q, CASE WHEN h / 13 % 37 > 0 THEN 2.5 END AS a, CASE WHEN h / 17 % 41 > 0 THEN timestamp '2025-01-01' END AS t,
	-- of each code usually one; of the code "a", of a few lines and of every ninth group any; none at all in every seventh
	CASE WHEN g % 7 = 0 OR h / 19 % 3 = 0 THEN CASE WHEN h / 23 % 2 = 0 THEN '' END WHEN g % 9 = 0 OR h / 3 % 5 = 1 OR h / 29 % 50 = 0 THEN '类' || h / 31 % 4 ELSE '类' || h / 3 % 5 END AS k
FROM (SELECT n, CASE WHEN n < 6000 THEN n % 6 ELSE 6 + n * 7919 % 200 END AS g, ('x' || substr(md5(n::text), 1, 7))::bit(28)::int AS h FROM generate_series(1, 9000) n) r;
CREATE TEMP VIEW told_item AS
SELECT g, p, c, CASE WHEN count(DISTINCT nullif(k, '')) = 1 THEN min(nullif(k, '')) ELSE '' END AS k
FROM told_line WHERE c IS NOT NULL AND q IS NOT NULL AND a IS NOT NULL AND t IS NOT NULL GROUP BY g, p, c;
CREATE TEMP TABLE slow_told AS
SELECT g, p, CASE WHEN EXISTS (SELECT FROM told_line l WHERE l.g = i.g AND k <> '' AND c IS NOT NULL AND q IS NOT NULL AND a IS NOT NULL AND t IS NOT NULL) THEN array_agg(k ORDER BY c COLLATE "C") END AS categories
FROM told_item i GROUP BY g, p;
CREATE FUNCTION pg_temp.wrong_categories() RETURNS TABLE (groups bigint, wrong bigint, without bigint, disagree bool, misaligned bigint) LANGUAGE sql AS $$
	SELECT count(*), count(*) FILTER (WHERE f.categories IS DISTINCT FROM s.categories), count(*) FILTER (WHERE f.categories IS NULL),
		sum(cardinality(array_positions(f.categories, ''))) > 100, count(*) FILTER (WHERE f.categories IS DISTINCT FROM (SELECT nullif(array_agg(coalesce(i.category, '') ORDER BY n), array_fill(''::text, ARRAY[count(*)::int]))
			FROM ROWS FROM (_item_sums(book, f.categories)) WITH ORDINALITY AS i (item_code, category, lines, quantity, amount, refunds, n)) AND EXISTS (SELECT FROM unnest(f.categories) x WHERE x <> ''))
	FROM (SELECT g, (_gather_lines('', c, q, a, t, NULL, NULL, NULL, k, NULL, NULL, NULL, NULL)).categories AS categories, ledger(c, q, a, t) AS book FROM told_line GROUP BY g) f FULL JOIN slow_told s USING (g)
$$;
SELECT * FROM pg_temp.wrong_categories();
-- of persons, from those of their visits
CREATE TABLE told_book AS
SELECT g, p, ledger(c, q, a, t, NULL, NULL, 'V' || g, NULL) AS book, (_gather_lines('', c, q, a, t, NULL, NULL, NULL, k, NULL, NULL, NULL, NULL)).categories AS categories FROM told_line GROUP BY g, p;
CREATE TEMP TABLE slow_person AS
SELECT p, CASE WHEN count(nullif(k, '')) > 0 THEN array_agg(k ORDER BY c COLLATE "C") END AS categories
FROM (SELECT p, c, CASE WHEN count(DISTINCT nullif(k, '')) = 1 THEN min(nullif(k, '')) ELSE '' END AS k, count(nullif(k, '')) AS told FROM told_item GROUP BY p, c) i GROUP BY p;
CREATE FUNCTION pg_temp.wrong_persons() RETURNS TABLE (persons bigint, wrong bigint, disagree bool, aligned bool) LANGUAGE sql AS $$
	SELECT count(*), count(*) FILTER (WHERE f.categories IS DISTINCT FROM s.categories AND EXISTS (SELECT FROM unnest(f.categories || s.categories) x WHERE x <> '')),
		sum(cardinality(array_positions(f.categories, ''))) > 100, bool_and(cardinality(f.categories) = f.items)
	FROM (SELECT p, _rollup_categories(book, categories) AS categories, (SELECT count(*) FROM _item_sums(rollup(book))) AS items FROM told_book GROUP BY p) f FULL JOIN slow_person s USING (p)
$$;
SELECT * FROM pg_temp.wrong_persons();
CREATE TEMP TABLE slow_key AS SELECT array_agg(DISTINCT (c || E'\x1f' || k) COLLATE "C" ORDER BY (c || E'\x1f' || k) COLLATE "C") AS keys FROM told_item;
CREATE FUNCTION pg_temp.wrong_keys() RETURNS TABLE (same bool, many bool) LANGUAGE sql AS $$
	SELECT f.keys = s.keys, cardinality(f.keys) > 500 FROM (SELECT _distinct_item_categories(book, categories) AS keys FROM told_book) f, slow_key s
$$;
SELECT * FROM pg_temp.wrong_keys();
SELECT count(*) AS persons, bool_and(f.keys = s.keys) AS same
FROM (SELECT p, _distinct_item_categories(book, categories) AS keys FROM told_book GROUP BY p) f
JOIN (SELECT p, array_agg(DISTINCT (c || E'\x1f' || k) COLLATE "C" ORDER BY (c || E'\x1f' || k) COLLATE "C") AS keys FROM told_item GROUP BY p) s USING (p);
ANALYZE told_line, told_book;
SET max_parallel_workers_per_gather = 2;
SELECT pg_temp.plan_has(query, '"Partial Mode": "Partial"') AS partial FROM unnest(ARRAY['SELECT g, (medaudit._gather_lines(g::text, c, q, a, t, NULL, NULL, NULL, k, NULL, NULL, NULL, NULL)).categories FROM told_line GROUP BY g',
	'SELECT p, medaudit._rollup_categories(book, categories) FROM told_book GROUP BY p', 'SELECT medaudit._distinct_item_categories(book, categories) FROM told_book']) query;
CREATE TEMP TABLE parallel_told AS SELECT g, (_gather_lines('', c, q, a, t, NULL, NULL, NULL, k, NULL, NULL, NULL, NULL)).categories AS categories FROM told_line GROUP BY g;
CREATE TEMP TABLE parallel_person AS SELECT p, _rollup_categories(book, categories) AS categories FROM told_book GROUP BY p;
CREATE TEMP TABLE parallel_key AS SELECT _distinct_item_categories(book, categories) AS keys FROM told_book;
SELECT count(*) AS groups, count(*) FILTER (WHERE f.categories IS DISTINCT FROM s.categories) AS wrong FROM parallel_told f FULL JOIN slow_told s USING (g);
SELECT count(*) AS persons, count(*) FILTER (WHERE f.categories IS DISTINCT FROM s.categories) AS wrong FROM parallel_person f FULL JOIN slow_person s USING (p);
SELECT f.keys = s.keys AS same FROM parallel_key f, slow_key s;
SET max_parallel_workers_per_gather = 0;
SET work_mem = '64kB'; SET enable_sort = off;
SELECT * FROM pg_temp.wrong_categories();
SELECT * FROM pg_temp.wrong_persons();
RESET enable_sort; SET enable_hashagg = off;
SELECT * FROM pg_temp.wrong_categories();
RESET enable_hashagg; RESET work_mem;
-- the order of input never matters, nor how often the state is finished, nor a window
SELECT count(DISTINCT x) AS forms FROM (SELECT (SELECT (_gather_lines('', c, q, a, t, NULL, NULL, NULL, k, NULL, NULL, NULL, NULL ORDER BY md5(n || ' ' || i))).categories FROM told_line WHERE g = 3) AS x FROM generate_series(1, 5) i) s;
SELECT n, (_gather_lines('', c, 1, 1, '2025-01-01', NULL, NULL, NULL, k, NULL, NULL, NULL, NULL) OVER (ORDER BY n ROWS BETWEEN 2 PRECEDING AND CURRENT ROW)).categories AS of_three
FROM (VALUES (1, 'A', 'x'), (2, 'B', NULL), (3, 'A', ''), (4, 'A', 'y'), (5, 'A', 'x'), (6, 'C', 'z'), (7, NULL, 'z')) AS l (n, c, k) ORDER BY n;
SELECT (_gather_lines('', c, 1, 1, '2025-01-01', NULL, NULL, NULL, k, NULL, NULL, NULL, NULL)).categories AS two_of_three FROM (VALUES ('A', 'x'), ('A', 'y'), ('A', 'z'), ('A', NULL), ('B', 'y')) AS l (c, k);
SELECT (_gather_lines('', NULL, 1, 1, '2025-01-01', NULL, NULL, NULL, 'x', NULL, NULL, NULL, NULL)).categories AS incomplete, _rollup_categories(NULL, '{x}') AS null_book, _rollup_categories('{"v":1}', '{}') AS empty_book,
	_distinct_item_categories(NULL, '{x}') AS null_keys, _distinct_item_categories('{"v":1}', NULL) AS no_keys FROM generate_series(1, 2);
SELECT (_gather_lines('', 'A', 1, 1, '2025-01-01', NULL, NULL, NULL, 'x', NULL, NULL, NULL, NULL)).categories AS no_rows, _rollup_categories('{"v":1}', NULL) AS no_books, _distinct_item_categories('{"v":1}', NULL) AS no_books FROM generate_series(1, 0);
SELECT c, pg_temp.fails(format($$SELECT medaudit.%s((SELECT medaudit.ledger(c, 1, 1, '2025-01-01') FROM unnest('{A,B}'::text[]) c), %L)$$, f, c))
FROM unnest('{_rollup_categories,_distinct_item_categories}'::text[]) f, unnest('{"{a}","{a,b,c}"}'::text[]) c;
SELECT pg_temp.fails('SELECT medaudit._item_categories_final(NULL::internal)') <> 'no error' AS final_refused, pg_temp.fails('SELECT medaudit._category_keys_final(NULL::internal)') <> 'no error' AS keys_refused;
DROP TABLE told_line, told_book, raw_line CASCADE;
