-- Split charge: parts of a package charged one by one (D06).
SET search_path = medaudit, public;
SET DateStyle = 'ISO, YMD';
\pset null ~

-- Each line: item|quantity|amount|time[|claimed[|visit]]
CREATE FUNCTION pg_temp.book(lines text[]) RETURNS ledger LANGUAGE sql AS $$
	SELECT ledger(split_part(l, '|', 1), split_part(l, '|', 2)::numeric, split_part(l, '|', 3)::numeric,
				  split_part(l, '|', 4)::timestamp, NULL, NULL, nullif(split_part(l, '|', 6), ''),
				  nullif(split_part(l, '|', 5), '')::numeric)
	FROM unnest(lines) l
$$;

-- Package P of three parts at 60.00.
CREATE FUNCTION pg_temp.rules(more jsonb DEFAULT '{}') RETURNS rulebook LANGUAGE sql AS $$
	SELECT jsonb_agg('{"rule_code":"S","kind":"package","package_code":"P","package_price":60}'::jsonb
					 || more || jsonb_build_object('component_code', c))::rulebook
	FROM unnest('{C1,C2,C3}'::text[]) c
$$;

CREATE FUNCTION pg_temp.split(lines text[], more jsonb DEFAULT '{}') RETURNS SETOF text LANGUAGE sql AS $$
	SELECT concat_ws(' ', s.visit_id, s.charged_on, s.mode, s.parts, s.components, s.component_amount, s.package_price,
					 s.excess_amount, s.excess_claimed, s.score)
	FROM split_charges(pg_temp.book(lines), pg_temp.rules(more)) s
$$;

-- D06 flag: 30 + 25 + 25 against 60: excess 20, score 0.25
SELECT * FROM split_charges(pg_temp.book('{C1|1|30|2026-03-02 08:00,C2|1|25|2026-03-02 09:00,C3|1|25|2026-03-02 10:00}'), pg_temp.rules());
SELECT split_charge_score(pg_temp.book('{C1|1|30|2026-03-02 08:00,C2|1|25|2026-03-02 09:00,C3|1|25|2026-03-02 10:00}'), pg_temp.rules());
-- The cases of D06 (V01, V03): mode, parts, excess / what was claimed of it, score
CREATE TEMP TABLE split_case (n int GENERATED ALWAYS AS IDENTITY, label text, lines text[], expected text);
INSERT INTO split_case (label, lines, expected) VALUES
	('D06 flag: 3 of 3 parts, 30 + 25 + 25 against 60', '{C1|1|30|2026-03-02 08:00,C2|1|25|2026-03-02 09:00,C3|1|25|2026-03-02 10:00}', 'instead 3 20.00/20.00 0.25'),
	('D06 flag: 2 of 3 parts above the price', '{C1|1|50|2026-03-02 08:00,C2|1|30|2026-03-02 09:00}', 'instead 2 20.00/20.00 0.16667'),
	('D06 flag: 00:10 and 23:50 of one day', '{C1|1|30|2026-03-02 00:10,C2|1|25|2026-03-02 12:00,C3|1|25|2026-03-02 23:50}', 'instead 3 20.00/20.00 0.25'),
	('D06 flag: beside the package, whatever the parts cost', '{P|1|60|2026-03-02 08:00,C1|1|10|2026-03-02 09:00,C2|1|10|2026-03-02 10:00}', 'beside 2 20.00/20.00 0.66667'),
	('D06 flag: package refunded, parts stay', '{P|1|60|2026-03-02 08:00,P|-1|-60|2026-03-02 08:30,C1|1|30|2026-03-02 09:00,C2|1|25|2026-03-02 10:00,C3|1|25|2026-03-02 11:00}', 'instead 3 20.00/20.00 0.25'),
	('D06 flag: one part refunded, two left above the price', '{C1|1|50|2026-03-02 08:00,C2|1|25|2026-03-02 09:00,C3|1|25|2026-03-02 10:00,C3|-1|-25|2026-03-03 10:00}', 'instead 2 15.00/15.00 0.13333'),
	('D06 flag: the same parts twice each, n = 2', '{C1|2|60|2026-03-02 08:00,C2|2|50|2026-03-02 09:00,C3|2|50|2026-03-02 10:00}', 'instead 3 40.00/40.00 0.25'),
	('D06 flag: claimed in part', '{C1|1|30|2026-03-02 08:00|15,C2|1|25|2026-03-02 09:00,C3|1|25|2026-03-02 10:00}', 'instead 3 20.00/16.25 0.25'),
	('D06 not: 2 of 3 parts, 55', '{C1|1|30|2026-03-02 08:00,C2|1|25|2026-03-02 09:00}', '-'),
	('D06 not: exactly the price', '{C1|1|20|2026-03-02 08:00,C2|1|20|2026-03-02 09:00,C3|1|20|2026-03-02 10:00}', '-'),
	('D06 not: one part alone, dear as it is', '{C1|1|99|2026-03-02 08:00}', '-'),
	('D06 not: three parts over two days', '{C1|1|30|2026-03-02 08:00,C2|1|25|2026-03-02 09:00,C3|1|25|2026-03-03 10:00}', '-'),
	('D06 not: three parts over two days, 23:50 and 00:10', '{C1|1|30|2026-03-02 23:40,C2|1|25|2026-03-02 23:50,C3|1|25|2026-03-03 00:10}', '-'),
	('D06 not: three parts over two visits', '{C1|1|30|2026-03-02 08:00||V,C2|1|25|2026-03-02 09:00||V,C3|1|25|2026-03-02 10:00||W}', '-'),
	('D06 not: package charged, its parts refunded', '{P|1|60|2026-03-02 08:00,C1|1|30|2026-03-02 08:00,C2|1|25|2026-03-02 09:00,C1|-1|-30|2026-03-02 08:10,C2|-1|-25|2026-03-02 09:10}', '-'),
	('D06 not: package refunded and charged again', '{P|1|60|2026-03-02 08:00,P|-1|-60|2026-03-02 08:30,P|1|60|2026-03-02 09:00}', '-'),
	('D06 not: package and a surcharge that is no part', '{P|1|60|2026-03-02 08:00,ADD|1|20|2026-03-02 08:00}', '-'),
	('D06 not: the package itself, twice', '{P|1|60|2026-03-02 08:00,P|1|60|2026-03-02 12:00}', '-'),
	('D06 not: self-paid parts', '{C1|1|30|2026-03-02 08:00|0,C2|1|25|2026-03-02 09:00|0,C3|1|25|2026-03-02 10:00|0}', '-');
CREATE TEMP VIEW split_answer AS
SELECT n, label, expected, split_charge_score(b, pg_temp.rules()) AS score, (
	SELECT coalesce(string_agg(concat_ws(' ', mode, parts, excess_amount || '/' || excess_claimed, round(s.score::numeric, 5)::float8), ', ' ORDER BY s.visit_id, charged_on), '-')
	FROM split_charges(b, pg_temp.rules()) s) AS got
FROM split_case, pg_temp.book(lines) b;
SELECT label, expected, got FROM split_answer ORDER BY n;
SELECT count(*) AS cases, count(*) FILTER (WHERE got IS DISTINCT FROM expected OR (score > 0) IS DISTINCT FROM (expected <> '-')) AS wrong FROM split_answer;
-- a part of a unit is rounded up; one part charged three times is not three parts
SELECT pg_temp.split('{C1|1.5|45|2026-03-02 08:00,C2|1|40|2026-03-02 09:00,C3|1|40|2026-03-02 10:00}');
SELECT pg_temp.split('{C1|1|30|2026-03-02 08:00,C1|1|30|2026-03-02 09:00,C1|1|30|2026-03-02 10:00}');
-- beside the package all parts are in excess: score is the share of parts; a self-paid package is present
SELECT pg_temp.split('{P|1|60|2026-03-02 08:00,C1|1|30|2026-03-02 08:00|10,C2|1|25|2026-03-02 09:00}');
SELECT pg_temp.split('{P|1|60|2026-03-02 08:00|0,C1|1|30|2026-03-02 08:00,C2|1|25|2026-03-02 09:00}');
-- a self-paid part counts nothing
SELECT pg_temp.split('{C1|1|30|2026-03-02 08:00|0,C2|1|45|2026-03-02 09:00,C3|1|25|2026-03-02 10:00}');
-- visits and days apart; fewer parts when asked; validity
SELECT pg_temp.split('{C1|1|50|2026-03-02 08:00||V,C2|1|25|2026-03-02 09:00||W,C3|1|25|2026-03-02 10:00||V,C1|1|50|2026-03-03 08:00||V,C3|1|30|2026-03-03 10:00||V}');
SELECT pg_temp.split('{C1|1|70|2026-03-02 08:00}', '{"min_parts":1}');
SELECT pg_temp.split('{C1|1|70|2026-03-02 08:00,C2|1|1|2026-03-02 08:00}', '{"min_parts":3}');
SELECT pg_temp.split('{C1|1|70|2026-03-02 08:00,C2|1|1|2026-03-02 08:00,C1|1|70|2026-03-03 08:00,C2|1|1|2026-03-03 08:00}', '{"valid":"[2026-03-03,)"}');
-- a price for some ranks needs a context: not judged here, insufficient or judged in audit_charges
SELECT pg_temp.split('{C1|1|70|2026-03-02 08:00,C2|1|1|2026-03-02 08:00}', '{"facility_ranks":[2,3]}');
SELECT r, item_code, other_code, excess_amount, outcome, evidence->>'missing' AS missing, evidence->>'formula' AS formula
FROM pg_temp.book('{C1|1|70|2026-03-02 08:00,C2|1|1|2026-03-02 08:00}') b, unnest('{1,2,NULL}'::int[]) r,
	 audit_charges(b, visit_context(facility_rank => r), pg_temp.rules('{"facility_ranks":[2,3]}')) a;
-- cents: 3 x 25.00 against 55, spread so that they add up to the day's excess
SELECT item_code, excess_amount, excess_claimed FROM audit_charges(pg_temp.book('{C1|1|25|2026-03-02 08:00|13,C2|1|25|2026-03-02 08:00,C3|1|25|2026-03-02 08:00}'), NULL, pg_temp.rules('{"package_price":55}'));
SELECT pg_temp.split('{C1|1|25|2026-03-02 08:00|13,C2|1|25|2026-03-02 08:00,C3|1|25|2026-03-02 08:00}', '{"package_price":55}');
-- the arithmetic as evidence has it, instead of the package and beside it
SELECT item_code, excess_amount, evidence->>'formula' AS formula FROM unnest('{0,1}'::int[]) n,
	audit_charges(pg_temp.book(ARRAY['C1|1|30|2026-03-02 08:00', 'C2|1|40|2026-03-02 09:00'] || CASE n WHEN 1 THEN '{P|1|60|2026-03-02 07:00}'::text[] END), NULL, pg_temp.rules()) ORDER BY n, 1;
-- D06: adding a part never lowers the score
SELECT bool_and(more >= less) AS monotone, count(*) FROM (
	SELECT split_charge_score(pg_temp.book(ARRAY['C1|1|' || a || '|2026-03-02 08:00', 'C2|1|' || b || '|2026-03-02 08:00']), r) AS less,
		   split_charge_score(pg_temp.book(ARRAY['C1|1|' || a || '|2026-03-02 08:00', 'C2|1|' || b || '|2026-03-02 08:00', 'C3|1|' || c || '|2026-03-02 08:00']), r) AS more
	FROM pg_temp.rules() r, generate_series(10, 90, 20) a, generate_series(10, 90, 20) b, generate_series(10, 90, 20) c) s;

-- NULLs
SELECT split_charge_score(NULL::ledger, pg_temp.rules()), (SELECT count(*) FROM split_charges(NULL::ledger, pg_temp.rules()));
DO $$ BEGIN PERFORM medaudit.split_charge_score(pg_temp.book('{C1|1|70|2026-03-02}'), NULL::medaudit.rulebook); EXCEPTION WHEN OTHERS THEN RAISE NOTICE '%', SQLSTATE; END $$;
DO $$ BEGIN PERFORM medaudit.split_charges(pg_temp.book('{C1|1|70|2026-03-02}'), NULL::medaudit.rulebook); EXCEPTION WHEN OTHERS THEN RAISE NOTICE '%', SQLSTATE; END $$;

-- The enabled rules, and the aggregate: as the score of the ledger, whatever the plan
BEGIN;
UPDATE rule SET enabled = false;
INSERT INTO rule (rule_code, kind, name_zh) VALUES ('t_split', 'package', '分解收费');
INSERT INTO package (rule_code, package_code, component_code, package_price) SELECT 't_split', 'TP', 'TC' || c, 25 FROM generate_series(1, 3) c;
CREATE TEMP TABLE part AS
SELECT v, 'TC' || 1 + n % (1 + v % 3) AS item, 1 + (n * v) % 2 AS q, (10 + (n * v * 7) % 40)::numeric AS a, timestamp '2026-03-02 08:00' + make_interval(hours => n * v % 30) AS at
FROM generate_series(1, 300) v, generate_series(1, 6) n;
ANALYZE part;
SELECT v, split_charge_score(item, q, a, at), split_charge_score(ledger(item, q, a, at)) FROM part WHERE v BETWEEN 4 AND 6 GROUP BY v ORDER BY v;
SELECT count(*) AS visits, count(*) FILTER (WHERE score > 0) > 50 AS many, count(*) FILTER (WHERE score IS DISTINCT FROM split_charge_score(book)) AS wrong,
	   count(*) FILTER (WHERE score IS DISTINCT FROM coalesce((SELECT max(s.score) FROM split_charges(book) s), 0)) AS not_the_highest
FROM (SELECT v, split_charge_score(item, q, a, at ORDER BY md5(at::text || v)) AS score, ledger(item, q, a, at) AS book FROM part GROUP BY v) s;
SELECT split_charge_score(item, q, a, at) FILTER (WHERE v = 5), split_charge_score(item, q, a, at) FILTER (WHERE false), count(*) FROM part;
SELECT v, split_charge_score(item, q, a, at) FROM part WHERE v IN (5, 8) GROUP BY ROLLUP (v) ORDER BY v;
SELECT DISTINCT v, split_charge_score(item, q, a, at) OVER (PARTITION BY v) FROM part WHERE v IN (5, 8) ORDER BY v;
CREATE TEMP VIEW scores AS SELECT v, split_charge_score(item, q, a, at) AS score FROM part GROUP BY v;
CREATE TEMP TABLE serial AS TABLE scores;
CREATE TABLE medaudit_split_part AS TABLE part;
ANALYZE medaudit_split_part;
SET LOCAL parallel_setup_cost = 0; SET LOCAL parallel_tuple_cost = 0; SET LOCAL min_parallel_table_scan_size = 0; SET LOCAL max_parallel_workers_per_gather = 2; SET LOCAL enable_sort = off;
SELECT count(*) AS differ FROM (SELECT v, split_charge_score(item, q, a, at) AS score FROM medaudit_split_part GROUP BY v) p FULL JOIN serial s USING (v) WHERE p.score IS DISTINCT FROM s.score;
SET LOCAL work_mem = '64kB';
SELECT count(*) AS differ FROM (SELECT v, split_charge_score(item, q, a, at) AS score FROM medaudit_split_part GROUP BY v) p FULL JOIN serial s USING (v) WHERE p.score IS DISTINCT FROM s.score;
ROLLBACK;
-- The example of the reference
SELECT s.* FROM (SELECT ledger(i, 1, a, timestamp '2026-03-02 08:00') AS book FROM (VALUES ('C1', 30), ('C2', 25), ('C3', 25)) v(i, a)) b,
	split_charges(book, (SELECT jsonb_agg(jsonb_build_object('rule_code', 'S', 'kind', 'package', 'package_code', 'P',
		'component_code', c, 'package_price', 60))::rulebook FROM unnest('{C1,C2,C3}'::text[]) c)) s;
