-- The type rulebook: JSON and binary form, checks, || and look-up.
SET search_path = medaudit, public;
\set VERBOSITY terse

-- Says the SQLSTATE of a document, or ok.
CREATE FUNCTION pg_temp.try(document text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
	PERFORM document::medaudit.rulebook;
	RETURN 'ok';
EXCEPTION WHEN OTHERS THEN
	RETURN sqlstate || ' ' || sqlerrm;
END
$$;

-- One rule of every kind.
CREATE TABLE book AS SELECT $$[
 {"rule_code": "r01", "kind": "duplicate", "item_code": "A", "scope": "instant"},
 {"rule_code": "r02", "kind": "exclusive", "item_code": "A", "other_code": "B", "scope": "6 hours"},
 {"rule_code": "r03", "kind": "quantity", "item_code": "X%", "scope": "day", "max_quantity": 1.5, "unit": "次"},
 {"rule_code": "r04", "kind": "amount", "item_code": "%", "scope": "15 days", "max_amount": "450"},
 {"rule_code": "r05", "kind": "per_bed_day", "item_code": "A", "scope": "bed_night", "max_quantity": 24},
 {"rule_code": "r06", "kind": "price", "item_code": "001102000050000", "code_match": "service", "max_price": 12.34, "facility_ranks": [3, 1, 3]},
 {"rule_code": "r07", "kind": "secondary", "item_code": "A", "item_group": "胃肠", "ratio": 0.5, "scope": "visit"},
 {"rule_code": "r07", "kind": "secondary", "item_code": "B", "item_group": "胃肠", "ratio": 0.5, "scope": "visit", "max_price": 1000},
 {"rule_code": "r08", "kind": "restriction", "item_code": "A", "sex": 2, "min_age": 18, "max_age": "70 years 6 mons", "departments": ["ICU", "内科"]},
 {"rule_code": "r09", "kind": "diagnosis", "diagnosis_prefixes": ["O80", "O"], "sex": "2"},
 {"rule_code": "r10", "kind": "course", "item_code": "A", "max_days": 14, "scope": "span"},
 {"rule_code": "r11", "kind": "prerequisite", "item_code": "A", "other_code": "C", "scope": "1 hour"},
 {"rule_code": "r12", "kind": "outside_stay", "item_code": "%", "days_before": 3},
 {"rule_code": "r13", "kind": "resettled", "item_code": "%", "valid": "[2024-01-01,2025-01-01)", "certainty": "violation"},
 {"rule_code": "r14", "kind": "package", "package_code": "P", "component_code": "C1", "package_price": 60},
 {"rule_code": "r14", "kind": "package", "package_code": "P", "component_code": "C2", "package_price": 60},
 {"rule_code": "r15", "kind": "duplicate", "name_zh": "无知识", "certainty": "notice"},
 {"item_code": "L1", "national_code": "A"}
]$$::jsonb::rulebook AS rules;

SELECT rule_count(rules) FROM book;
SELECT jsonb_array_elements(rules::jsonb) FROM book;

-- What goes out comes in again as the same value, by every way.
SELECT rules::jsonb::rulebook::text = rules::text AS by_jsonb,
	rules::text::rulebook::text = rules::text AS by_text,
	rulebook_from_bytes(rulebook_send(rules))::text = rules::text AS by_bytes,
	rulebook_send(rules::jsonb::rulebook) = rulebook_send(rules) AS same_bytes
FROM book;

-- The order of objects does not matter, nor how a value is written.
SELECT rulebook_send((SELECT jsonb_agg(o ORDER BY md5(o::text))
	FROM jsonb_array_elements(rules::jsonb) AS o)::rulebook) = rulebook_send(rules) AS same
FROM book;
SELECT rulebook_send('[{"rule_code":"q","kind":"restriction","item_code":"A","min_age":"18","facility_ranks":"{2,1}","valid":"[2024-01-01,2024-12-31]"}]'::rulebook)
	= rulebook_send('[{"rule_code":"q","kind":"restriction","item_code":"A","min_age":"18 years","facility_ranks":[1,"2"],"valid":"(2023-12-31,2025-01-01)","name_en":"x","enabled":false,"code_match":"exact"}]'::rulebook) AS same;

-- Output does not depend on settings.
SET DateStyle = 'German';
SET IntervalStyle = 'iso_8601';
SELECT rulebook_send(rules::jsonb::rulebook) = rulebook_send(rules) AS same FROM book;
RESET DateStyle;
RESET IntervalStyle;

-- Incomplete and contradictory rows.
SELECT pg_temp.try(jsonb_build_array('{"rule_code":"q"}'::jsonb || o)::text)
FROM (VALUES
	('{"kind":"duplicate","item_code":"A"}'::jsonb),
	('{"kind":"duplicate","scope":"day"}'),
	('{"kind":"duplicate","item_code":"A","scope":"day","other_code":"B"}'),
	('{"kind":"duplicate","item_code":"","scope":"day"}'),
	('{"kind":"exclusive","item_code":"A","scope":"day"}'),
	('{"kind":"quantity","item_code":"A","scope":"day"}'),
	('{"kind":"quantity","item_code":"A","scope":"day","max_quantity":-1}'),
	('{"kind":"quantity","item_code":"A","scope":"day","max_quantity":1,"max_amount":1}'),
	('{"kind":"quantity","item_code":"A","scope":"bed_day","max_quantity":1}'),
	('{"kind":"quantity","item_code":"A","scope":"fortnight","max_quantity":1}'),
	('{"kind":"quantity","item_code":"A","scope":"0 days","max_quantity":1}'),
	('{"kind":"quantity","item_code":"A","scope":"40000 days","max_quantity":1}'),
	('{"kind":"quantity","item_code":"A","scope":"day","max_quantity":"NaN"}'),
	('{"kind":"quantity","item_code":"A","scope":"day","max_quantity":1e15}'),
	('{"kind":"quantity","item_code":"A","scope":"day","max_quantity":null}'),
	('{"kind":"amount","item_code":"A","scope":"day","max_quantity":1}'),
	('{"kind":"per_bed_day","item_code":"A","scope":"day","max_quantity":1}'),
	('{"kind":"price","item_code":"A"}'),
	('{"kind":"price","item_code":"A","max_price":1,"scope":"day"}'),
	('{"kind":"price","item_code":"A","max_price":1,"code_match":"similar"}'),
	('{"kind":"secondary","item_code":"A","ratio":0.5,"scope":"visit"}'),
	('{"kind":"secondary","item_code":"A","item_group":"g","ratio":0,"scope":"visit"}'),
	('{"kind":"secondary","item_code":"A","item_group":"g","ratio":1.1,"scope":"visit"}'),
	('{"kind":"restriction","item_code":"A"}'),
	('{"kind":"restriction","note":"限成人"}'),
	('{"kind":"restriction","item_code":"A","note":"限成人","max_price":1}'),
	('{"kind":"diagnosis","diagnosis_prefixes":["O"],"note":"限女性"}'),
	('{"kind":"restriction","item_code":"A","sex":"男"}'),
	('{"kind":"restriction","item_code":"A","min_age":18,"max_age":"18 years"}'),
	('{"kind":"restriction","item_code":"A","min_age":"-1 day"}'),
	('{"kind":"restriction","item_code":"A","max_age":"2000 years"}'),
	('{"kind":"restriction","item_code":"A","departments":[]}'),
	('{"kind":"restriction","item_code":"A","excluded_visit_types":[" "]}'),
	('{"kind":"restriction","item_code":"A","departments":["内科",null]}'),
	('{"kind":"restriction","item_code":"A","departments":[""]}'),
	('{"kind":"restriction","item_code":"A","diagnosis_prefixes":["J18"," ."]}'),
	('{"kind":"restriction","item_code":"A","diagnosis_prefixes":["　．"]}'),
	('{"kind":"diagnosis","diagnosis_prefixes":["O"]}'),
	('{"kind":"diagnosis","item_code":"A","diagnosis_prefixes":["O"],"sex":"2"}'),
	('{"kind":"course","item_code":"A","max_days":0}'),
	('{"kind":"prerequisite","item_code":"A","scope":"visit"}'),
	('{"kind":"outside_stay","item_code":"A","days_before":-1}'),
	('{"kind":"not_payable","max_price":1}'),
	('{"kind":"not_payable","item_code":"A","max_price":1}'),
	('{"kind":"package","item_code":"A"}'),
	('{"kind":"package","package_code":"P","component_code":"A"}'),
	('{"kind":"package","package_code":"P","component_code":"P","package_price":1}'),
	('{"kind":"package","package_code":"P","component_code":"A","package_price":1,"min_parts":0}'),
	('{"kind":"package","package_code":"P","component_code":"A","package_price":1,"item_code":"A"}'),
	('{"kind":"duplicate","package_code":"P","component_code":"A","package_price":1}'),
	('{"kind":"duplicate","item_code":"A","scope":"day","valid":"[2025-01-01,2024-01-01)"}'),
	('{"kind":"duplicate","item_code":"A","scope":"day","valid":"[2025-02-30,)"}'),
	('{"kind":"duplicate","item_code":"A","scope":"day","valid":"[today,)"}'),
	('{"kind":"duplicate","item_code":"A","scope":"day","certainty":"sure"}'),
	('{"kind":"duplicate","item_code":"A","scope":"day","itemcode":"B"}'),
	('{"kind":"duplicates","item_code":"A","scope":"day"}'),
	('{"item_code":"A","scope":"day"}')) AS v (o);

-- A kind that is none, and those that there are.
SELECT '[{"rule_code": "q", "kind": "quantitty"}]'::medaudit.rulebook;
-- The document itself.
SELECT d, pg_temp.try(d) FROM (VALUES ('[]'), ('{}'), ('1'), ('[1]'), ('[[]]'), ('null'), (''),
	('[{}]'), ('[{"rule_code":null}]'), ('[{"rule_code":'), ('[{"item_code":"A","national_code":"B","x":1}]'),
	('[{"rule_code":"q","kind":"price"},{"rule_code":"q","kind":"amount"}]')) AS v (d);
SELECT '{}'::jsonb::rulebook;
SELECT ('[{"rule_code":"q","kind":"duplicate","item_code":"A' || chr(128138) || '药","scope":"day"}]')::rulebook::jsonb -> 1 ->> 'item_code' AS four_bytes;

-- What is no JSON at all is refused in the words of the type, with a hint.
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
SELECT pg_temp.words(s) FROM unnest(ARRAY[$$SELECT count(*) FROM (SELECT medaudit.ledger('A', 1, 1, '2025-01-01') AS book) b, medaudit.audit_charges(book, NULL::medaudit.visit_context, 'starter_price')$$,
	$$SELECT medaudit.rule_count('')$$, $$SELECT medaudit.rule_count('null')$$, $$SELECT medaudit.rule_count('[{"rule_code": "q", ')$$]) s;

-- Overlapping validity of one key; a change of price on a day is none.
SELECT pg_temp.try(jsonb_build_array(
	jsonb_build_object('rule_code', 'q', 'kind', 'price', 'item_code', 'A', 'max_price', 1) || a,
	jsonb_build_object('rule_code', 'q', 'kind', 'price', 'item_code', 'A', 'max_price', 2) || b)::text)
FROM (VALUES
	('{}'::jsonb, '{}'::jsonb),
	('{"valid":"(,2024-07-01)"}', '{"valid":"[2024-07-01,)"}'),
	('{"valid":"(,2024-07-01]"}', '{"valid":"[2024-07-01,)"}'),
	('{"facility_ranks":[1]}', '{"facility_ranks":[2]}'),
	('{"facility_ranks":[1,2]}', '{"facility_ranks":[2,1]}'),
	('{"item_code":"A"}', '{"item_code":"B"}'),
	('{"unit":"次"}', '{"unit":"小时"}')) AS v (a, b);
SELECT pg_temp.try('[{"rule_code":"p","kind":"package","package_code":"P","component_code":"A","package_price":60},
	{"rule_code":"p","kind":"package","package_code":"P","component_code":"A","package_price":60}]');
SELECT pg_temp.try('[{"rule_code":"p","kind":"package","package_code":"P","component_code":"A","package_price":60},
	{"rule_code":"p","kind":"package","package_code":"P","component_code":"B","package_price":61}]');
SELECT pg_temp.try('[{"rule_code":"p","kind":"package","package_code":"P","component_code":"A","package_price":60},
	{"rule_code":"p","kind":"package","package_code":"P","component_code":"B","package_price":60,"valid":"[2025-01-01,)"}]');

-- ||: rows of both; the same rows once; the certainty a row had stays.
SELECT rulebook_send(rules || rules) = rulebook_send(rules) AS with_itself,
	rulebook_send(rules || '[]') = rulebook_send(rules) AS with_nothing,
	rules || NULL IS NULL AS with_null
FROM book;
SELECT '[{"rule_code":"q","kind":"duplicate","item_code":"A","scope":"day"},{"rule_code":"q","kind":"duplicate","certainty":"violation","name_zh":"左"}]'::rulebook
	|| '[{"rule_code":"q","kind":"duplicate","item_code":"B","scope":"day"},{"rule_code":"q","kind":"duplicate","certainty":"notice","name_zh":"右"},{"rule_code":"s","kind":"resettled"}]';
SELECT '[{"rule_code":"q","kind":"duplicate"}]'::rulebook || '[{"rule_code":"q","kind":"resettled"}]';
SELECT '[{"rule_code":"q","kind":"price","item_code":"A","max_price":1}]'::rulebook
	|| '[{"rule_code":"q","kind":"price","item_code":"A","max_price":2}]';

-- Damaged bytes: each byte changed, each shorter length, one byte more.
CREATE FUNCTION pg_temp.try_bytes(bytes bytea) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
	PERFORM medaudit.rulebook_from_bytes(bytes);
	RETURN 'ok';
EXCEPTION WHEN OTHERS THEN
	RETURN sqlstate;
END
$$;
WITH b AS (SELECT rulebook_send(rules) AS bytes FROM book)
SELECT pg_temp.try_bytes(set_byte(bytes, i, (get_byte(bytes, i) + 1 + i % 255) % 256)) AS changed, count(*) > 1000 AS many
FROM b, generate_series(0, length(bytes) - 1, 3) AS i GROUP BY 1;
WITH b AS (SELECT rulebook_send(rules) AS bytes FROM book)
SELECT pg_temp.try_bytes(substr(bytes, 1, i)) AS cut, count(*) > 100 AS many
FROM b, generate_series(0, length(bytes) - 1, 7) AS i GROUP BY 1;
SELECT pg_temp.try_bytes(rulebook_send(rules) || '\x00') AS longer FROM book;

-- The same with a digest that fits: what points outside is still refused.
CREATE FUNCTION pg_temp.reseal(bytes bytea) RETURNS bytea LANGUAGE sql AS $$
	SELECT overlay(bytes PLACING substr(sha256(overlay(substr(bytes, 5) PLACING decode(repeat('00', 16), 'hex') FROM 9)), 1, 16) FROM 13)
$$;
SELECT pg_temp.reseal(rulebook_send(rules)) = rulebook_send(rules) AS reseal_is_right FROM book;
WITH b AS (SELECT rulebook_send(rules) AS bytes FROM book)
SELECT count(*) FILTER (WHERE state = 'ok') > 0 AS some_are_other_rules, count(*) FILTER (WHERE state NOT IN ('ok', '22P03')) AS other_errors,
	count(*) > 1000 AS many
FROM b, generate_series(0, length(bytes) - 1, 3) AS i,
	pg_temp.try_bytes(pg_temp.reseal(set_byte(bytes, i, (get_byte(bytes, i) + 1 + i % 255) % 256))) AS state;

-- Whatever a date can be is written so that it reads back.
SET DateStyle = ISO;
SELECT count(*) AS ranges, bool_and(rules::text::rulebook = rules AND rules::jsonb::rulebook = rules) AS read_back, min(valid COLLATE "C") AS least, max(valid COLLATE "C") AS most
FROM (SELECT DISTINCT jsonb_build_array(jsonb_build_object('rule_code', 'q', 'kind', 'price', 'item_code', 'A', 'max_price', 1, 'valid', daterange(f, t)))::rulebook AS rules
	FROM unnest('{4713-11-24 BC,0044-03-15 BC,0005-02-28 BC,0001-12-31 BC,0001-01-01,2024-02-29,NULL}'::date[]) f, unnest('{0005-02-29 BC,9999-12-31,10000-01-01,5874897-12-31,NULL}'::date[]) t
	WHERE f < t OR f IS NULL OR t IS NULL) b, LATERAL (SELECT rules::jsonb -> 1 ->> 'valid' AS valid) v;
RESET DateStyle;
SELECT pg_temp.try(format('[{"rule_code":"q","kind":"price","item_code":"A","max_price":1,"valid":"%s"}]', v)) FROM unnest('{"[0000-01-01,)","[2023-02-29,)","[0004-02-29 BC,)","[4714-01-01 BC,)","(,5874897-12-31]","(,5874898-01-01)","[2024-01-01 AD,)","[-2024-01-01,)"}'::text[]) v;

-- Look-up: how each kind of code meets.
CREATE TABLE meets AS SELECT $$[
 {"rule_code": "exact", "kind": "resettled", "item_code": "XA01AAA001A001010112345"},
 {"rule_code": "product", "kind": "resettled", "code_match": "product", "item_code": "XA01AAA001A001010112345"},
 {"rule_code": "generic", "kind": "resettled", "code_match": "generic", "item_code": "XA01AAA001A001010112345"},
 {"rule_code": "patent", "kind": "resettled", "code_match": "generic", "item_code": "ZA01AAA0001010112345"},
 {"rule_code": "patent_product", "kind": "resettled", "code_match": "product", "item_code": "ZA01AAA0001010112345"},
 {"rule_code": "service", "kind": "resettled", "code_match": "service", "item_code": "001102000050000"},
 {"rule_code": "short", "kind": "resettled", "code_match": "service", "item_code": "1102000050000"},
 {"rule_code": "short", "kind": "resettled", "code_match": "product", "item_code": "XA02AAA001A0010101"},
 {"rule_code": "short", "kind": "resettled", "code_match": "generic", "item_code": "ZA01AAA0002"},
 {"rule_code": "service_as_is", "kind": "resettled", "code_match": "service", "item_code": "local-7"},
 {"rule_code": "prefix", "kind": "resettled", "item_code": "XA01%"},
 {"rule_code": "long_prefix", "kind": "resettled", "item_code": "0011020000%"},
 {"rule_code": "other", "kind": "exclusive", "item_code": "K", "other_code": "0011%", "scope": "day"},
 {"rule_code": "parts", "kind": "package", "package_code": "P", "component_code": "C%", "package_price": 1},
 {"rule_code": "parts", "kind": "package", "package_code": "P", "component_code": "D", "package_price": 1},
 {"item_code": "L", "national_code": "001102000050000"},
 {"item_code": "L", "national_code": "D"},
 {"item_code": "XA01-local", "national_code": "XA01AAA001A001010112345"},
 {"item_code": "P", "national_code": "nothing"}
]$$::rulebook AS rules;
SELECT item, string_agg(m.rule_code, ' ' ORDER BY m.rule_code) FILTER (WHERE m.items_matched = 1) AS met
FROM meets, unnest('{XA01AAA001A001010112345,XA01AAA001A001010154321,XA01AAA001A002010254321,XA02AAA001A001010112345,XA01AAA001A00101011234,ZA01AAA0001010112345,ZA01AAA0001010154321,ZA01AAA0001020254321,001102000050000,531102000050000,53110200005000,53110200005000a,local-7,1102000050000,XA02AAA001A0010101,XA02AAA001A0010102,ZA01AAA0002,ZA01AAA0002010112345,XA0,XA01,C,C9,P,D,K,L,XA01-local,药,""}'::text[])
	WITH ORDINALITY AS i (item, n), rule_match(rules, ARRAY[item]) AS m
GROUP BY item, n ORDER BY n;
SELECT * FROM rule_match((SELECT rules FROM meets), '{K,K,NULL,C1,C2,XA01-local,XA01}');
SELECT * FROM rule_match((SELECT rules FROM book), '{Z}') WHERE rows_that_match > 0;
SELECT * FROM rule_match((SELECT rules FROM book), '{}') WHERE rows_that_match > 0;
SELECT * FROM rule_match((SELECT rules FROM book), NULL);
SELECT * FROM rule_match(NULL, '{A}');
SELECT * FROM rule_match('[]', '{A}');

-- Rows that say what they ask in words alone are kept, counted and met by nothing, through an alias neither.
CREATE TEMP TABLE words AS SELECT '[{"rule_code": "i", "kind": "restriction", "item_code": "A", "note": "限成人"},
 {"rule_code": "i", "kind": "restriction", "item_code": "B", "note": "限成人", "excluded_diagnosis_prefixes": ["O"]},
 {"rule_code": "i", "kind": "restriction", "item_code": "C", "note": "限成人", "min_age": "18 years"},
 {"rule_code": "j", "kind": "restriction", "item_code": "A%", "note": "限儿童"},
 {"rule_code": "k", "kind": "price", "item_code": "A", "max_price": 1, "note": "无条件"},
 {"item_code": "L", "national_code": "A"}]'::rulebook AS rules;
SELECT way, m.* FROM words, LATERAL (VALUES (1, rules), (2, rules::text::rulebook), (3, rulebook_from_bytes(rulebook_send(rules))), (4, rules || rules)) AS w (way, again),
	rule_match(again, '{A,B,C,L}') AS m ORDER BY way, rule_code;
SELECT count(*) FROM words, jsonb_array_elements(rules::jsonb) AS o WHERE o ->> 'note' LIKE '限%';

-- Against plain SQL, over many rows and codes.
CREATE TABLE many AS
SELECT 'r' || i % 40 AS rule_code, CASE WHEN i % 7 = 0 THEN left(code, 3 + i % 6) || '%' ELSE code END AS item_code,
	(ARRAY['exact','service','product','generic'])[1 + i % 4] AS code_match, i
FROM (SELECT i, CASE i % 3
		WHEN 0 THEN lpad((i * 7919 % 5000)::text, 15, '0')
		WHEN 1 THEN 'XA' || lpad((i * 31 % 300)::text, 8, '0') || lpad((i * 17 % 200)::text, 13, '0')
		ELSE 'ZA' || lpad((i * 31 % 300)::text, 9, '0') || lpad((i * 17 % 200)::text, 9, '0') END AS code
	FROM generate_series(1, 600) AS i) AS g;
CREATE TABLE codes AS
SELECT DISTINCT CASE i % 4
	WHEN 0 THEN lpad((i * 101 % 5000)::text, 15, CASE WHEN i % 8 = 0 THEN '0' ELSE '53000000000000' END)
	WHEN 1 THEN 'XA' || lpad((i * 37 % 400)::text, 8, '0') || lpad((i * 23 % 200)::text, 13, '0')
	WHEN 2 THEN 'ZA' || lpad((i * 37 % 400)::text, 9, '0') || lpad((i * 23 % 200)::text, 9, '0')
	ELSE 'Y' || i END AS code
FROM generate_series(1, 800) AS i;
CREATE FUNCTION pg_temp.form(code text, code_match text) RETURNS text LANGUAGE sql AS $$
	SELECT CASE
		WHEN code_match = 'service' AND code ~ '^[0-9]{15}$' THEN 'service ' || substr(code, 3)
		WHEN code_match = 'product' AND (code ~ '^X.{22}$' OR code ~ '^Z.{19}$') THEN 'product ' || left(code, -5)
		WHEN code_match = 'generic' AND code ~ '^X.{22}$' THEN 'generic ' || left(code, 10)
		WHEN code_match = 'generic' AND code ~ '^Z.{19}$' THEN 'generic ' || left(code, 11)
		ELSE code END
$$;
WITH compiled AS MATERIALIZED (
	SELECT jsonb_agg(DISTINCT jsonb_build_object('rule_code', rule_code, 'kind', 'resettled', 'item_code', item_code, 'code_match', CASE WHEN item_code LIKE '%\%' THEN 'exact' ELSE code_match END))::rulebook AS rules
	FROM many
), fast AS (
	SELECT m.* FROM compiled, rule_match(rules, (SELECT array_agg(code) FROM codes)) AS m
), slow AS (
	SELECT rule_code, count(DISTINCT code) AS items_matched
	FROM many JOIN codes ON CASE WHEN item_code LIKE '%\%' THEN starts_with(code, rtrim(item_code, '%'))
		ELSE pg_temp.form(code, code_match) = pg_temp.form(item_code, code_match) END
	GROUP BY rule_code
)
SELECT count(*) AS rules, sum(fast.items_matched) > 1000 AS many,
	count(*) FILTER (WHERE fast.items_matched IS DISTINCT FROM coalesce(slow.items_matched, 0)) AS different
FROM fast LEFT JOIN slow USING (rule_code);

-- A stored rulebook is fetched and validated once per statement.
CREATE TABLE stored (rules rulebook, n int);
INSERT INTO stored SELECT jsonb_agg(jsonb_build_object('rule_code', 'r', 'kind', 'resettled', 'item_code', 'code' || i))::rulebook
FROM generate_series(1, 500) AS i;
SELECT pg_column_size(rules) > 100000 AS out_of_line FROM stored;
CREATE TEMP TABLE before AS SELECT * FROM rulebook_reads();
SELECT count(*), sum(m.items_matched) FROM stored, generate_series(1, 100) AS i,
	LATERAL rule_match(rules, ARRAY['code' || i, 'none']) AS m;
SELECT now.validated - before.validated AS validated, now.detoasted - before.detoasted AS detoasted
FROM rulebook_reads() AS now, before;
-- Over several statements of one function: only the first bytes again.
TRUNCATE before;
INSERT INTO before SELECT * FROM rulebook_reads();
DO $$
DECLARE
	total bigint := 0;
BEGIN
	FOR i IN 1 .. 20 LOOP
		total := total + (SELECT items_matched FROM medaudit.stored, medaudit.rule_match(rules, ARRAY['code' || i]));
		UPDATE medaudit.stored SET n = i;
	END LOOP;
	RAISE NOTICE '% items', total;
END
$$;
SELECT now.validated - before.validated <= 20 AS validated, now.detoasted - before.detoasted <= 20 AS detoasted
FROM rulebook_reads() AS now, before;
-- A compressed one is read too, and a changed one is seen.
ALTER TABLE stored ALTER rules SET STORAGE extended;
UPDATE stored SET rules = rules || '[{"rule_code":"s","kind":"resettled","item_code":"none"}]';
SELECT pg_column_size(rules) < 60000 AS compressed, rule_count(rules) FROM stored;
SELECT count(*), sum(m.items_matched) FROM stored, generate_series(1, 100) AS i,
	LATERAL rule_match(rules, ARRAY['code' || i, 'none']) AS m;
-- In parallel workers.
ALTER TABLE stored ALTER rules SET STORAGE external;
INSERT INTO stored SELECT jsonb_build_array(jsonb_build_object('rule_code', 'r', 'kind', 'resettled', 'item_code', 'code' || i))::rulebook, i
FROM generate_series(1, 2000) AS i;
ANALYZE stored;
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SET min_parallel_table_scan_size = 0;
SET max_parallel_workers_per_gather = 2;
CREATE FUNCTION pg_temp.workers(query text) RETURNS bool LANGUAGE plpgsql AS $$
DECLARE
	plan json;
BEGIN
	EXECUTE 'EXPLAIN (FORMAT json) ' || query INTO plan;
	RETURN plan::text LIKE '%Gather%';
END
$$;
SELECT pg_temp.workers('SELECT sum(rule_count(rules)), sum((SELECT sum(items_matched) FROM medaudit.rule_match(rules, ARRAY[''code7'']))) FROM medaudit.stored');
SELECT sum(rule_count(rules)), sum((SELECT sum(items_matched) FROM medaudit.rule_match(rules, ARRAY['code7']))) FROM stored;
RESET parallel_setup_cost;
RESET parallel_tuple_cost;
RESET min_parallel_table_scan_size;
RESET max_parallel_workers_per_gather;
-- rule_count reads the first bytes only.
DELETE FROM stored WHERE pg_column_size(rules) < 10000;
SELECT rule_count(rules) FROM stored;

DROP TABLE book, meets, many, codes, stored;

-- The index is as long as there are codes, not rows: a row takes 208 bytes, its posting 4.
SELECT medaudit.rule_count(rules), pg_column_size(rules) - 212 * 999 < 1000 AS short
FROM (SELECT jsonb_agg(jsonb_build_object('rule_code', 'r', 'kind', 'quantity', 'item_code', 'A', 'scope', i || ' days',
		'max_quantity', 1))::medaudit.rulebook AS rules FROM generate_series(2, 1000) i) one_code;

-- The examples of doc/rulebook.md.
SELECT medaudit.rule_count('[
  {"rule_code": "price", "kind": "price", "name_zh": "超标准收费", "certainty": "violation"},
  {"rule_code": "price", "kind": "price", "item_code": "001102000050000", "code_match": "service",
   "max_price": 20, "valid": "(,2025-01-01)"},
  {"rule_code": "price", "kind": "price", "item_code": "001102000050000", "code_match": "service",
   "max_price": 25, "valid": "[2025-01-01,)"}]'::jsonb::medaudit.rulebook);
SELECT * FROM medaudit.rule_match('[
  {"rule_code": "bed", "kind": "quantity", "item_code": "001109000010000", "code_match": "service", "scope": "day", "max_quantity": 1},
  {"rule_code": "drug", "kind": "course", "item_code": "XA01%", "max_days": 14}]',
  '{531109000010000,ZA01AAA0001010112345}');
