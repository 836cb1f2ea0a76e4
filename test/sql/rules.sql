-- Tables of rules: checks, settings, what is shipped, compilation.
SET search_path = medaudit, public;
\set VERBOSITY terse
SET DateStyle = 'ISO, YMD';

-- Start from no enabled rule, whatever is shipped.
CREATE TEMP TABLE as_shipped AS SELECT rule_code, enabled, certainty FROM rule;
UPDATE rule SET enabled = false WHERE enabled;
SELECT rule_count(compile_rules());

-- Rules and rows.
INSERT INTO rule (rule_code, kind, name_zh, certainty) VALUES
	('t_price', 'price', '超标准收费', 'violation'),
	('t_cap', 'quantity', '限频次', DEFAULT),
	('t_pair', 'exclusive', '互斥收费', DEFAULT),
	('t_limit', 'restriction', '限定支付', DEFAULT),
	('t_package', 'package', '分解收费', DEFAULT),
	('t_off', 'duplicate', '重复收费', DEFAULT);
UPDATE rule SET enabled = false WHERE rule_code = 't_off';
INSERT INTO charge_rule (rule_code, item_code, code_match, max_price, facility_ranks, valid, note) VALUES
	('t_price', '001102000050000', 'service', 12.34, '{3,2}', '[2024-01-01,2025-01-01)', '二级以上'),
	('t_price', '001102000050000', 'service', 15, '{3,2}', '[2025-01-01,)', NULL);
INSERT INTO charge_rule (rule_code, item_code, scope, max_quantity, unit, certainty)
	VALUES ('t_cap', 'X%', '24 hours', 24, '小时', 'notice');
INSERT INTO charge_rule (rule_code, item_code, other_code, scope) VALUES ('t_pair', 'A', 'B', 'day');
INSERT INTO charge_rule (rule_code, item_code, sex, min_age, max_age, visit_types, insurance_types, departments,
		diagnosis_prefixes, excluded_diagnosis_prefixes)
	VALUES ('t_limit', 'A', '2', '28 days', '14 years 6 mons', '{21}', '{310,390}', '{儿科}', '{O}', '{O99}');
INSERT INTO package (rule_code, package_code, component_code, package_price, valid) VALUES
	('t_package', 'P', 'C1', 60, '(,2030-01-01)'), ('t_package', 'P', 'C2', 60, '(,2030-01-01)');
INSERT INTO charge_rule (rule_code, item_code, scope) VALUES ('t_off', 'A', 'day');

SELECT jsonb_array_elements(compile_rules()::jsonb);
SELECT rule_count(compile_rules('t_off', 't_cap')), compile_rules('t_off')::jsonb -> 1 ->> 'item_code' AS item_code;
-- JSON made of the tables' rows gives the same rulebook.
SELECT rulebook_send((SELECT jsonb_agg(o)::rulebook FROM (
		SELECT to_jsonb(r) - 'shipped' FROM rule AS r WHERE rule_code LIKE 't\_%' AND enabled
		UNION ALL SELECT to_jsonb(c) || jsonb_build_object('kind', r.kind) FROM charge_rule AS c JOIN rule AS r USING (rule_code) WHERE rule_code LIKE 't\_%' AND enabled
		UNION ALL SELECT to_jsonb(p) FROM package AS p WHERE rule_code LIKE 't\_%') AS j (o)))
	= rulebook_send(compile_rules()) AS same;

-- The national code of a rule is no alias, with a code or without.
SELECT rulebook_send((SELECT jsonb_agg(to_jsonb(r) || jsonb_build_object('national_code', n) || to_jsonb(c))::rulebook
		FROM rule AS r JOIN charge_rule AS c USING (rule_code) WHERE rule_code = 't_cap'))
	= rulebook_send(compile_rules('t_cap')) AS same
FROM unnest(ARRAY['GZ10000102012000', NULL]) AS n;

-- What is asked for must be there.
SELECT compile_rules('t_cap', 'no_such_rule');
SELECT compile_rules(VARIADIC NULL);
SELECT compile_rules('t_cap', NULL);
SELECT rule_count(compile_rules(VARIADIC '{}'));
INSERT INTO rule (rule_code, kind, name_zh) VALUES ('t_stays', 'split_stays', '分解住院');
SELECT rule_count(compile_rules());
SELECT compile_rules('t_stays');

-- The same checks on the tables, with the same errors.
\set VERBOSITY default
INSERT INTO charge_rule (rule_code, item_code, scope) VALUES ('t_cap', 'Y', 'day');
\set VERBOSITY sqlstate
INSERT INTO charge_rule (rule_code, item_code, scope, max_quantity) VALUES ('t_cap', 'Y', 'fortnight', 1);
INSERT INTO charge_rule (rule_code, item_code, code_match, scope, max_quantity) VALUES ('t_cap', 'Y', 'like', 'day', 1);
INSERT INTO charge_rule (rule_code, item_code, scope, max_quantity, certainty) VALUES ('t_cap', 'Y', 'day', 1, 'sure');
INSERT INTO charge_rule (rule_code, item_code, scope, max_quantity) VALUES ('t_cap', 'Y', 'day', 1e15);
INSERT INTO charge_rule (rule_code, item_code, scope, max_quantity, valid) VALUES ('t_cap', 'Y', 'day', 1, 'empty');
INSERT INTO charge_rule (rule_code, item_code, departments) VALUES ('t_limit', 'Y', '{}');
INSERT INTO charge_rule (rule_code, item_code, departments) VALUES ('t_limit', 'Y', '{NULL}');
INSERT INTO charge_rule (rule_code, item_code, facility_ranks) VALUES ('t_limit', 'Y', '{1,NULL}');
INSERT INTO charge_rule (rule_code, item_code, facility_ranks) VALUES ('t_limit', 'Y', '{}');
INSERT INTO charge_rule (rule_code, item_code, max_age) VALUES ('t_limit', 'Y', '-1 year');
INSERT INTO charge_rule (rule_code, item_code) VALUES ('t_package', 'Y');
INSERT INTO charge_rule (rule_code, item_code) VALUES ('no_such_rule', 'Y');
INSERT INTO package (rule_code, package_code, component_code) VALUES ('t_package', 'Q', 'C1');
INSERT INTO package (rule_code, package_code, component_code, package_price) VALUES ('t_cap', 'Q', 'C1', 1);
INSERT INTO package (rule_code, package_code, component_code, package_price, valid) VALUES ('t_package', 'P', 'C3', 61, '(,2030-01-01)');
INSERT INTO package (rule_code, package_code, component_code, package_price) VALUES ('t_package', 'P', 'C1', 60);
-- Overlapping validity, on insert and on update; another key is none.
INSERT INTO charge_rule (rule_code, item_code, code_match, max_price, facility_ranks, valid)
	VALUES ('t_price', '001102000050000', 'service', 13, '{2,3}', '[2024-12-31,2025-01-01)');
UPDATE charge_rule SET valid = NULL WHERE rule_code = 't_price' AND max_price = 15;
INSERT INTO charge_rule (rule_code, item_code, code_match, max_price, facility_ranks, valid)
	VALUES ('t_price', '001102000050000', 'service', 13, '{1}', '[2024-12-31,2025-01-01)');
DELETE FROM charge_rule WHERE rule_code = 't_price' AND facility_ranks = '{1}';
-- The rule itself.
INSERT INTO rule (rule_code, kind, name_zh) VALUES ('t_x', 'pricey', 'x');
INSERT INTO rule (rule_code, kind, name_zh, certainty) VALUES ('t_x', 'price', 'x', 'sure');
INSERT INTO rule (rule_code, kind, name_zh, subject) VALUES ('t_x', 'price', 'x', 'nobody');
INSERT INTO rule (rule_code, kind, name_zh) VALUES ('', 'price', 'x');
INSERT INTO rule (rule_code, kind) VALUES ('t_x', 'price');
UPDATE rule SET kind = 'amount' WHERE rule_code = 't_cap';
UPDATE rule SET rule_code = 't_capped' WHERE rule_code = 't_cap';
SELECT rule_code FROM charge_rule WHERE item_code = 'X%' AND NOT shipped;

-- Shipped rows: marked by the extension only, kept as they are.
INSERT INTO rule (rule_code, kind, name_zh, shipped) VALUES ('t_mine', 'resettled', '我的', true);
SELECT shipped FROM rule WHERE rule_code = 't_mine';
TRUNCATE charge_rule;
SET client_min_messages = warning;
TRUNCATE rule CASCADE;
RESET client_min_messages;
SELECT rule_code AS shipped_rule FROM rule WHERE shipped AND kind = 'price' ORDER BY 1 LIMIT 1 \gset
UPDATE rule SET name_zh = 'x' WHERE rule_code = :'shipped_rule';
UPDATE rule SET rule_code = 't_x' WHERE rule_code = :'shipped_rule';
DELETE FROM rule WHERE rule_code = :'shipped_rule';
UPDATE charge_rule SET max_price = 1 WHERE rule_code = :'shipped_rule';
DELETE FROM charge_rule WHERE rule_code = :'shipped_rule';
DELETE FROM package WHERE shipped;
SELECT count(*) > 0 AS any_rows, bool_and((charge_rule_id < 0) = shipped) AS numbered FROM charge_rule;
-- A row of one's own in a shipped rule.
INSERT INTO charge_rule (rule_code, item_code, max_price) VALUES (:'shipped_rule', 't_own', 1);
SELECT shipped FROM charge_rule WHERE item_code = 't_own';

-- What a fund changes of a shipped rule is kept as a setting, and back.
DELETE FROM rule_setting;
SELECT enabled, certainty FROM rule WHERE rule_code = :'shipped_rule';
UPDATE rule SET enabled = true WHERE rule_code = :'shipped_rule';
SELECT enabled, certainty, shipped_enabled, shipped_certainty FROM rule_setting;
UPDATE rule SET certainty = 'notice' WHERE rule_code = :'shipped_rule';
SELECT enabled, certainty, shipped_enabled, shipped_certainty FROM rule_setting;
SELECT enabled, certainty FROM rule WHERE rule_code = :'shipped_rule';
DELETE FROM rule_setting;
SELECT enabled, certainty FROM rule WHERE rule_code = :'shipped_rule';
INSERT INTO rule_setting (rule_code, enabled) VALUES (:'shipped_rule', true);
SELECT r.enabled, r.certainty, s.enabled, s.certainty, shipped_enabled, shipped_certainty
FROM rule AS r JOIN rule_setting AS s USING (rule_code);
INSERT INTO rule_setting (rule_code, certainty) VALUES (:'shipped_rule', 'sure') ON CONFLICT (rule_code) DO UPDATE SET certainty = excluded.certainty;
UPDATE rule_setting SET enabled = NULL, certainty = 'suspicion';
SELECT enabled, certainty FROM rule WHERE rule_code = :'shipped_rule';
DELETE FROM rule_setting;
SELECT enabled, certainty FROM rule WHERE rule_code = :'shipped_rule';
UPDATE rule SET enabled = false WHERE enabled AND shipped;

-- Compiled once per statement, anew when the rules change, in PL/pgSQL too.
\set VERBOSITY terse
CREATE TEMP TABLE before AS SELECT * FROM rulebook_reads();
SELECT count(compile_rules()), count(compile_rules('t_price')) FROM generate_series(1, 1000);
SELECT now.compiled - before.compiled AS compiled FROM rulebook_reads() AS now, before;
DO $$
DECLARE
	first int;
	later int;
BEGIN
	FOR i IN 1 .. 3 LOOP
		later := medaudit.rule_count(medaudit.compile_rules());
		first := coalesce(first, later);
		INSERT INTO medaudit.rule (rule_code, kind, name_zh) VALUES ('t_loop' || i, 'resettled', 'x');
	END LOOP;
	RAISE NOTICE '% more rules', later - first;
END
$$;

-- The item mapping: rows on national codes meet local codes.
SELECT compile_rules('t_price')::jsonb @> '[{"national_code": "001102000050000"}]' AS mapped;
BEGIN;
CREATE VIEW medaudit_data.item AS SELECT * FROM (VALUES ('L1', '001102000050000'), ('L2', '531102000050000'), ('L3', 'unknown'), ('L4', NULL), (NULL, 'A'), ('A', 'A'))
	AS i (item_code, national_code);
SELECT o FROM jsonb_array_elements(compile_rules('t_price')::jsonb) AS o WHERE o ? 'national_code';
SELECT * FROM rule_match(compile_rules('t_price'), '{L1,L2,L3,L4}');
DROP VIEW medaudit_data.item;
CREATE VIEW medaudit_data.item AS SELECT 'L1'::text AS item_code, NULL::text AS national_code;
SELECT rule_count(compile_rules());
DROP VIEW medaudit_data.item;
CREATE VIEW medaudit_data.item AS SELECT 'L1'::text AS item_code;
SELECT rule_count(compile_rules());
ROLLBACK;

-- Nothing depends on search_path.
SET search_path = pg_catalog, pg_temp;
INSERT INTO medaudit.charge_rule (rule_code, item_code, scope, max_quantity) VALUES ('t_capped', 'Z', 'day', 1);
UPDATE medaudit.rule SET enabled = false WHERE rule_code = 't_capped';
SELECT medaudit.rule_count(medaudit.compile_rules()) > 0 AS compiles;
SET search_path = medaudit, public;

-- A role that may use the schema reads the rules; one that keeps them writes them.
CREATE ROLE regress_medaudit_reader;
CREATE ROLE regress_medaudit_keeper;
GRANT USAGE ON SCHEMA medaudit TO regress_medaudit_reader, regress_medaudit_keeper;
GRANT INSERT, UPDATE, DELETE ON rule, charge_rule, package, rule_setting TO regress_medaudit_keeper;
SET ROLE regress_medaudit_keeper;
INSERT INTO rule (rule_code, kind, name_zh) VALUES ('t_kept', 'price', '超标准收费');
INSERT INTO charge_rule (rule_code, item_code, max_price) VALUES ('t_kept', 'K', 3);
UPDATE rule SET certainty = 'notice' WHERE rule_code = 'starter_price';
SET ROLE regress_medaudit_reader;
SELECT excess_amount(ledger('K', 2, 10, '2026-03-02 08:00'::timestamp), NULL) AS excess,
	(SELECT count(*) FROM rule_setting WHERE changed_by = 'regress_medaudit_keeper') AS settings;
UPDATE rule SET enabled = false;
RESET ROLE;
DROP OWNED BY regress_medaudit_reader, regress_medaudit_keeper;
DROP ROLE regress_medaudit_reader, regress_medaudit_keeper;

-- The example of doc/rules.md.
INSERT INTO medaudit.rule (rule_code, kind, name_zh, violation, certainty, article)
VALUES ('night_ecg', 'quantity', '心电监测每日至多24小时', '超标准收费', 'violation', '第三十八条第三项');
INSERT INTO medaudit.charge_rule (rule_code, item_code, code_match, scope, max_quantity, unit)
VALUES ('night_ecg', '003107010220000', 'service', 'day', 24, '小时');
SELECT medaudit.rule_count(medaudit.compile_rules('night_ecg'));

-- Codes are compared folded by the checks, too.
INSERT INTO rule (rule_code, kind, name_zh) VALUES ('t_fold', 'price', '超标准收费'), ('t_fold_package', 'package', '分解收费');
INSERT INTO charge_rule (rule_code, item_code, max_price) VALUES ('t_fold', 'Ａ1 ', 3), ('t_fold', 'B1', 4);
INSERT INTO charge_rule (rule_code, item_code, max_price) VALUES ('t_fold', 'a1', 4);
UPDATE charge_rule SET item_code = 'b1 ' WHERE rule_code = 't_fold' AND item_code = 'Ａ1 ';
INSERT INTO package (rule_code, package_code, component_code, package_price) VALUES ('t_fold_package', 'P', 'C1', 3), ('t_fold_package', 'p', 'C2', 3);
INSERT INTO package (rule_code, package_code, component_code, package_price) VALUES ('t_fold_package', 'ｐ', 'c1', 3);

-- Local codes of hospitals: a run names the hospital after the sign 0x1F.  A code with two national ones in one
-- hospital, or of everybody in one period, has none, rows delivered twice count once, and rows on the plain code hold in every hospital.
CREATE TABLE national_item (item_code text, national_code text, facility_id text);
INSERT INTO national_item VALUES ('x1', 'N1', 'F1'), ('X1', 'N2', 'f2 '), ('x2', 'N1', 'F1'), ('X2 ', 'n1', 'F1'), ('x3', 'N1', 'F1'), ('x3', 'N2', 'F1'), ('x3', 'N2', 'F2'), ('x4', 'N1', NULL), ('x4', 'N2', ''), ('x5', NULL, 'F1');
CREATE VIEW medaudit_data.item AS SELECT * FROM national_item;
INSERT INTO charge_rule (rule_code, item_code, max_price) SELECT 't_fold', c, 3 FROM unnest('{n1,x5}'::text[]) AS c;
SELECT replace(code, E'\x1f', '@') AS code, excess_amount(ledger(code, 1, 10, '2026-03-02 08:00'::timestamp), NULL::visit_context, (SELECT compile_rules('t_fold'))) AS excess
FROM (VALUES (1, E'x1\x1fF1'), (2, E'X1\x1ff2'), (3, 'x1'), (4, E'x2\x1fF1'), (5, E'x3\x1fF1'), (6, E'x3\x1fF2'), (7, 'x4'), (8, E'x4\x1fF1'), (9, E'x5\x1fF1'), (10, E'x5\x1fF2'), (11, 'ｘ5')) AS c (n, code)
GROUP BY n, code ORDER BY n;
INSERT INTO charge_rule (rule_code, item_code, max_price) VALUES ('t_fold', 'N2', 3);
SELECT replace(code, E'\x1f', '@') AS code, excess_amount(ledger(code, 1, 10, '2026-03-02 08:00'::timestamp), NULL::visit_context, (SELECT compile_rules('t_fold'))) AS excess
FROM (VALUES (1, E'x1\x1fF1'), (2, E'X1\x1ff2'), (5, E'x3\x1fF1'), (6, E'x3\x1fF2'), (7, 'x4')) AS c (n, code)
GROUP BY n, code ORDER BY n;
SELECT replace(item_code, E'\x1f', '@') AS item_code, national_code FROM _item_aliases() ORDER BY item_code COLLATE "C", national_code COLLATE "C";
-- a view without facility_id, and one without national codes
CREATE VIEW other_item AS SELECT item_code, national_code FROM national_item WHERE item_code IN ('x1', 'x2', 'x4', 'X2 ');
DROP VIEW medaudit_data.item;
CREATE VIEW medaudit_data.item AS SELECT * FROM other_item;
SELECT * FROM _item_aliases() ORDER BY item_code COLLATE "C", national_code COLLATE "C";
DROP VIEW medaudit_data.item;
-- of everybody: one a period
CREATE VIEW medaudit_data.item AS SELECT * FROM (VALUES ('x6', 'N1', '[2025-01-01,2026-01-01)'::daterange), ('x6', 'N2', '[2026-01-01,)'), ('x7', 'N1', '[2026-01-01,)'), ('x7', 'N2', '[2026-01-01,)'))
	AS i (item_code, national_code, valid);
SELECT * FROM _item_aliases() ORDER BY item_code COLLATE "C", national_code COLLATE "C";
DROP VIEW medaudit_data.item;
CREATE VIEW medaudit_data.item AS SELECT item_code, facility_id FROM national_item;
SELECT count(*) FROM _item_aliases();
DROP VIEW medaudit_data.item, other_item;
DROP TABLE national_item;
SELECT count(*) FROM _item_aliases();

-- Every column of charge_rule reaches every place.  Of each: a kind that takes
-- it, a row of that kind without it, two values, and whether rows that differ in
-- it alone may stand beside each other; a kind that does not take it.
CREATE TEMP TABLE column_case (name text PRIMARY KEY, kind text, row jsonb, value jsonb, other jsonb, key bool, refused_by text);
INSERT INTO column_case VALUES
	('item_code', 'resettled', '{}', '"A"', '"B"', true, 'diagnosis'),
	('code_match', 'resettled', '{"item_code":"110000000000001"}', '"service"', '"exact"', true, NULL),
	('other_code', 'exclusive', '{"item_code":"A","scope":"day"}', '"B"', '"C"', true, 'price'),
	('item_group', 'secondary', '{"item_code":"A","scope":"day","ratio":0.5}', '"g"', '"h"', true, 'diagnosis'),
	('scope', 'duplicate', '{"item_code":"A"}', '"3 days"', '"3 hours"', true, 'price'),
	('max_quantity', 'quantity', '{"item_code":"A","scope":"day"}', '1.5', '2', false, 'price'),
	('max_amount', 'amount', '{"item_code":"A","scope":"day"}', '10.01', '0', false, 'quantity'),
	('max_price', 'price', '{"item_code":"A"}', '10.01', '0', false, 'quantity'),
	('ratio', 'secondary', '{"item_code":"A","scope":"day","item_group":"g"}', '0.5', '1', false, 'price'),
	('unit', 'price', '{"item_code":"A","max_price":1}', '"次"', '"日"', true, NULL),
	('sex', 'restriction', '{"item_code":"A","departments":["x"]}', '"1"', '"2"', true, NULL),
	('min_age', 'restriction', '{"item_code":"A","departments":["x"]}', '"1 mon 2 days 03:00:00"', '"1 mon 2 days"', true, NULL),
	('max_age', 'restriction', '{"item_code":"A","departments":["x"]}', '"1 mon 2 days"', '"1 mon 3 days"', true, NULL),
	('facility_ranks', 'restriction', '{"item_code":"A","departments":["x"]}', '[1, 3]', '[1]', true, NULL),
	('visit_types', 'restriction', '{"item_code":"A","departments":["x"]}', '["11", "21"]', '["11"]', true, NULL),
	('insurance_types', 'restriction', '{"item_code":"A","departments":["x"]}', '["310"]', '["390"]', true, NULL),
	('departments', 'restriction', '{"item_code":"A","sex":"1"}', '["ICU"]', '["儿科"]', true, NULL),
	('diagnosis_prefixes', 'restriction', '{"item_code":"A","sex":"1"}', '["O"]', '["P"]', true, NULL),
	('excluded_diagnosis_prefixes', 'price', '{"item_code":"A","max_price":1}', '["O"]', '["P"]', true, NULL),
	('max_days', 'course', '{"item_code":"A"}', '3', '4', false, 'price'),
	('days_before', 'outside_stay', '{"item_code":"A"}', '3', '0', false, 'course'),
	('certainty', 'price', '{"item_code":"A","max_price":1}', '"notice"', '"violation"', false, NULL),
	('valid', 'price', '{"item_code":"A","max_price":1}', '"[2024-01-01,2025-01-01)"', '"[2025-01-01,)"', true, NULL),
	('note', 'price', '{"item_code":"A","max_price":1}', '"甲"', '"乙"', false, NULL),
	('excluded_visit_types', 'restriction', '{"item_code":"A","departments":["x"]}', '["23", "24"]', '["23"]', true, NULL);
SELECT attname AS column_without_a_case FROM pg_attribute
WHERE attrelid = 'charge_rule'::regclass AND attnum > 0 AND NOT attisdropped
	AND attname NOT IN ('rule_code', 'shipped', 'published_on', 'charge_rule_id') AND attname NOT IN (SELECT name FROM column_case);
CREATE FUNCTION pg_temp.rules_of(kind text, VARIADIC rows jsonb[]) RETURNS rulebook LANGUAGE sql AS $$
	SELECT (jsonb_build_object('rule_code', 'w', 'kind', kind, 'name_zh', 'w') || jsonb_agg(jsonb_build_object('rule_code', 'w') || r))::rulebook FROM unnest(rows) r
$$;
CREATE FUNCTION pg_temp.rules_error(kind text, VARIADIC rows jsonb[]) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
	RETURN jsonb_array_length(pg_temp.rules_of(kind, VARIADIC rows)::jsonb) - 1;
EXCEPTION WHEN OTHERS THEN
	RETURN sqlstate || regexp_replace(SQLERRM, '^rule "w" \([a-z_]*\), [^:]*', '');
END $$;
CREATE FUNCTION pg_temp.rules_of_table(kind text, columns jsonb) RETURNS rulebook LANGUAGE plpgsql AS $$
DECLARE
	result rulebook;
BEGIN
	INSERT INTO medaudit.rule (rule_code, kind, name_zh, enabled) VALUES ('w', rules_of_table.kind, 'w', false);
	INSERT INTO medaudit.charge_rule SELECT (jsonb_populate_record(NULL::medaudit.charge_rule,
		columns || jsonb_build_object('rule_code', 'w', 'shipped', false, 'charge_rule_id', nextval(pg_get_serial_sequence('medaudit.charge_rule', 'charge_rule_id'))))).*;
	result := medaudit.compile_rules('w');
	DELETE FROM medaudit.rule WHERE rule_code = 'w';
	RETURN result;
END $$;
-- what goes wrong, of each column; nothing does
SELECT c.name, w.what
FROM column_case c,
	LATERAL (SELECT row || jsonb_build_object(name, value) AS a, row || jsonb_build_object(name, other) AS b) r,
	LATERAL (SELECT pg_temp.rules_of(kind, a) AS rules, pg_temp.rules_of(kind, b) AS others, pg_temp.rules_of_table(kind, a) AS of_table) s,
	LATERAL (VALUES
		(rules = others, 'two values make the same rulebook'),
		(rules <> rules::jsonb::rulebook, 'jsonb'), (rules <> rules::text::rulebook, 'text'),
		(rules <> rulebook_from_bytes(rulebook_send(rules)), 'binary'), (rules <> of_table, 'table'), (rules <> rules || rules, '||'),
		((rules::jsonb -> 1 -> name) IS DISTINCT FROM value, 'shows another value: ' || coalesce(rules::jsonb -> 1 ->> name, 'none')),
		(jsonb_array_length(rules::jsonb) <> 2, 'is no row'),
		(key AND (jsonb_array_length((rules || others)::jsonb) <> 3 OR pg_temp.rules_of(kind, a, b) <> pg_temp.rules_of(kind, b, a)), 'order')) AS w (wrong, what)
WHERE w.wrong IS NOT FALSE
ORDER BY 1, 2;
-- rows that differ in this alone: beside each other, or a contradiction; left
-- out; given to a kind that does not take it, in a row that is right without
SELECT c.name, pg_temp.rules_error(kind, row || jsonb_build_object(name, value), row || jsonb_build_object(name, other)) AS both_values,
	pg_temp.rules_error(kind, row) AS without,
	CASE WHEN refused_by IS NOT NULL THEN pg_temp.rules_error(refused_by, (SELECT r.row FROM (VALUES ('price', '{"item_code":"A","max_price":1}'::jsonb), ('diagnosis', '{"diagnosis_prefixes":["O"],"sex":"1"}'),
		('quantity', '{"item_code":"A","scope":"day","max_quantity":1}'), ('course', '{"item_code":"A","max_days":3}')) AS r (kind, row) WHERE r.kind = refused_by)
		|| jsonb_build_object(name, value)) END AS refused
FROM column_case c ORDER BY c.name;

-- A worker of Citus keeps the number of its group in pg_dist_local_group, the coordinator
-- has 0 there: rules are compiled there and nowhere else.
\set VERBOSITY sqlstate
BEGIN;
SET LOCAL allow_system_table_mods = on;
CREATE TABLE pg_catalog.pg_dist_local_group (groupid int NOT NULL);
SELECT rule_count(compile_rules()) > 0 AS of_no_group;
INSERT INTO pg_catalog.pg_dist_local_group VALUES (0);
SELECT rule_count(compile_rules()) > 0 AS on_coordinator;
CREATE TEMPORARY TABLE sent AS SELECT compile_rules() AS rules;
UPDATE pg_catalog.pg_dist_local_group SET groupid = 2;
SELECT rule_count(rules) > 0 AS as_a_value FROM sent;
SAVEPOINT on_worker;
SELECT compile_rules();
ROLLBACK TO on_worker;
SELECT compile_rules('starter_hours');
ROLLBACK TO on_worker;
SELECT a.* FROM (SELECT ledger('A', 1, 1, timestamp '2025-03-01') AS book) AS b, audit_charges(book, NULL) AS a;
ROLLBACK;
\set VERBOSITY default

-- Clean up, and back to what is shipped.
DELETE FROM charge_rule WHERE NOT shipped;
DELETE FROM rule WHERE NOT shipped;
DELETE FROM rule_setting;
SELECT * FROM rule_setting;
SELECT rule_code, enabled, certainty FROM rule EXCEPT TABLE as_shipped;
TABLE as_shipped EXCEPT SELECT rule_code, enabled, certainty FROM rule;
