-- What rules find in many books, against excess_by_rule() of each.
SET search_path = medaudit, public;
CREATE FUNCTION pg_temp.fails(statement text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
	EXECUTE statement;
	RETURN 'ok';
EXCEPTION WHEN others THEN
	RETURN SQLSTATE || ' ' || SQLERRM;
END $$;

-- The example of the reference: three visits with one, two and three charges
CREATE TEMP TABLE three AS
SELECT v, ledger('A', 1, 10, timestamp '2025-03-01' + n * interval '1 hour') AS book
FROM generate_series(1, 3) AS v, generate_series(1, v) AS n GROUP BY v;
CREATE TEMP TABLE two_rules AS
SELECT '[{"rule_code": "once", "kind": "quantity", "item_code": "A", "scope": "day", "max_quantity": 1},
	{"rule_code": "price", "kind": "price", "item_code": "A", "max_price": 8}]'::jsonb::rulebook AS rules;
SELECT t.* FROM (SELECT excess_totals(book, NULL, rules) AS totals FROM three, two_rules) s, unnest(totals) t;
-- by group, some of the rows, each book once, rolled up, as a window
SELECT v % 2 AS odd, excess_totals(book, NULL, rules) FROM three, two_rules GROUP BY v % 2 ORDER BY 1;
SELECT excess_totals(book, NULL, rules) FILTER (WHERE v = 3) AS third, excess_totals(DISTINCT book, NULL::visit_context, rules) AS once
FROM (SELECT * FROM three UNION ALL SELECT * FROM three) b, two_rules;
SELECT v, excess_totals(book, NULL, rules) FROM three, two_rules GROUP BY ROLLUP (v) ORDER BY v;
SELECT v, excess_totals(book, NULL, rules) OVER (ORDER BY v) AS so_far, excess_totals(book, NULL, rules) OVER (ORDER BY v ROWS 1 PRECEDING) AS last_two FROM three, two_rules ORDER BY v;
-- no rows, no books, books in which nothing is found; a book without lines
SELECT excess_totals(book, NULL, rules) AS of_no_rows FROM three, two_rules WHERE false;
SELECT excess_totals(NULL::ledger, NULL, rules) AS of_no_book, excess_totals((SELECT ledger('A', 1, 10, NULL::timestamp)), NULL, rules) AS of_no_lines FROM two_rules;
SELECT excess_totals(book, NULL, '[]'::jsonb::rulebook) AS no_rules FROM three;
SELECT excess_totals(book, NULL, rules) AS with_null FROM (SELECT book FROM three UNION ALL SELECT NULL) b, two_rules;
-- the same call twice, and beside another
SELECT excess_totals(book, NULL, rules) = excess_totals(book, NULL, rules) AS same,
	excess_totals(book, NULL, rules) = excess_totals(book, NULL, '[{"rule_code": "price", "kind": "price", "item_code": "A", "max_price": 8}]'::jsonb::rulebook) AS other FROM three, two_rules;
-- rules that change from row to row add up by their codes
SELECT excess_totals(book, NULL, r) FROM three, unnest(ARRAY[
	'[{"rule_code": "price", "kind": "price", "item_code": "A", "max_price": 8}]', '[{"rule_code": "price", "kind": "price", "item_code": "A", "max_price": 9}]']::jsonb[]) j, CAST(j AS rulebook) r;
-- what cannot be judged is counted, contexts are read in all three forms
SELECT sex, excess_totals(book, visit_context(sex), rules) AS by_row, excess_totals(book, jsonb_build_object('', jsonb_build_object('sex', sex)), rules) AS by_json
FROM three, unnest(ARRAY['1', '2', NULL]) sex, CAST('[{"rule_code": "women", "kind": "restriction", "item_code": "A", "sex": "2"}]'::jsonb AS rulebook) rules GROUP BY sex ORDER BY sex;
SELECT excess_totals(book, '{"": {"sex": "1"}}', '[{"rule_code": "women", "kind": "restriction", "item_code": "A", "sex": "2"}]'::jsonb::rulebook) AS by_literal FROM three;
SELECT statement, pg_temp.fails(format('SELECT medaudit.excess_totals(book, %s) FROM three', statement))
FROM unnest(ARRAY['NULL, NULL::medaudit.rulebook', $$'[]', '[]'::jsonb::medaudit.rulebook$$]) statement;
-- by the enabled rules
INSERT INTO rule (rule_code, kind, name_zh) VALUES ('ours', 'quantity', '每日一次');
INSERT INTO charge_rule (rule_code, item_code, scope, max_quantity) VALUES ('ours', 'A', 'day', 1);
SELECT excess_totals(book, visit_context()) = excess_totals(book, visit_context(), compile_rules()) AS same,
	excess_totals(book, '{}'::jsonb) = excess_totals(book, visit_context()) AS same_by_json, excess_totals(book, NULL) = excess_totals(book, visit_context()) AS same_by_literal,
	(SELECT t FROM unnest(excess_totals(book, NULL)) t WHERE rule_code = 'ours') AS ours FROM three;

-- Many books, refunds and lines that were not claimed among them, with contexts: the same sums as of each book,
-- in any order, serial and parallel.
\set ECHO none
CREATE TABLE public.totals_book AS
SELECT v, hashint4(v) AS shuffled, v % 7 AS grp, visit_context((v % 3)::text, facility_rank => v % 4) AS context,
	ledger('I' || abs(hashint4(v * 31 + n)) % 12, CASE WHEN n % 9 = 0 THEN -1 ELSE 1 END, CASE WHEN n % 9 = 0 THEN -10 ELSE 10 + n % 3 END,
		timestamp '2025-03-01 08:00' + abs(hashint4(v + n)) % 90 * interval '1 hour', NULL, NULL, NULL, CASE WHEN n % 5 = 0 THEN 0 ELSE 7.5 END * CASE WHEN n % 9 = 0 THEN -1 ELSE 1 END) AS book
FROM generate_series(1, 3000) v, generate_series(1, 1 + abs(hashint4(v)) % 40) n GROUP BY v;
CREATE TABLE public.totals_rules AS SELECT '[{"rule_code": "cap", "kind": "quantity", "item_code": "I1", "scope": "day", "max_quantity": 1},
	{"rule_code": "cap", "kind": "quantity", "item_code": "I2", "scope": "visit", "max_quantity": 1, "facility_ranks": [2, 3]},
	{"rule_code": "women", "kind": "restriction", "item_code": "I3", "sex": "2"}, {"rule_code": "both", "kind": "exclusive", "item_code": "I4", "other_code": "I5", "scope": "day"},
	{"rule_code": "twice", "kind": "duplicate", "item_code": "I%", "scope": "day"}, {"rule_code": "price", "kind": "price", "item_code": "I7", "max_price": 9},
	{"rule_code": "never", "kind": "price", "item_code": "I8", "max_price": 99}]'::jsonb::rulebook AS rules;
ANALYZE public.totals_book;
\set ECHO all
CREATE TEMP TABLE expected AS
SELECT grp, rule_code, count(*) AS books, sum(lines) AS lines, sum(excess_amount) AS amount, sum(excess_claimed) AS claimed, sum(insufficient) AS insufficient
FROM totals_book, totals_rules, excess_by_rule(book, context, rules) GROUP BY grp, rule_code;
CREATE TEMP TABLE found AS
SELECT grp, t.* FROM (SELECT grp, excess_totals(book, context, rules) AS totals FROM totals_book, totals_rules GROUP BY grp) g, unnest(totals) t;
SELECT rule_code, sum(books) > 50 AS many_books, sum(lines) > 50 AS many_lines, sum(insufficient) > 0 AS insufficient, sum(amount) > sum(claimed) AS part_claimed FROM expected GROUP BY rule_code ORDER BY rule_code COLLATE "C";
SELECT count(*) AS differences FROM ((TABLE expected EXCEPT ALL TABLE found) UNION ALL (TABLE found EXCEPT ALL TABLE expected)) d;
SELECT excess_totals(book, context, rules) = (SELECT excess_totals(book, context, rules ORDER BY shuffled) FROM totals_book, totals_rules) AS any_order FROM totals_book, totals_rules;
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SET min_parallel_table_scan_size = 0;
SET parallel_leader_participation = off;
SELECT excess_totals(book, context, (SELECT rules FROM totals_rules)) = (SELECT excess_totals(book, context, rules ORDER BY v) FROM totals_book, totals_rules) AS parallel_same FROM totals_book;
DROP TABLE public.totals_book, public.totals_rules;
DELETE FROM rule WHERE rule_code = 'ours';
