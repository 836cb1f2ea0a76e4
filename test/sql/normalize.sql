-- One spelling for what claims spell in many ways: each row of the table of
-- variations, by its own example.
\set VERBOSITY terse
-- No row is the right answer.
SELECT what, medaudit.normalize_text(given) AS got, expected
FROM (VALUES
	('full width', 'ＡＢＣ１２３　Ⅱ型', 'abc123ii型'),
	('units in one sign', '㎎㎖㎏', 'mgmlkg'),
	('degree', '℃', '°c'),
	('micro and mu', 'µg', 'μg'),
	('circled', '①', '1'),
	('in brackets', '㈠', '(一)'),
	('Roman sign', 'Ⅷ', 'viii'),
	('Roman letters', 'VIII', 'viii'),
	('Roman after 因子', '凝血因子Ⅷ', '凝血因子8'),
	('Roman letters after 因子', '凝血因子VIII', '凝血因子8'),
	('digit after 因子', '凝血因子8', '凝血因子8'),
	('Roman before 型 stays', 'Ⅱ型糖尿病', 'ii型糖尿病'),
	('a letter after 型 stays', '型c', '型c'),
	('full-width brackets', '（换药）', '(换药)'),
	('lenticular brackets', '【换药】', '(换药)'),
	('tortoise brackets', '〔换药〕', '(换药)'),
	('square brackets', '[换药]', '(换药)'),
	('book brackets', '《换药》', '(换药)'),
	('times sign', 'A×B', 'a-b'),
	('asterisk', 'A*B', 'a-b'),
	('full-width asterisk', 'A＊B', 'a-b'),
	('middle dot', 'A·B', 'a-b'),
	('bullet', 'A•B', 'a-b'),
	('em dash', 'A—B', 'a-b'),
	('two em dashes', 'A——B', 'a-b'),
	('en dash', 'A–B', 'a-b'),
	('hyphen', 'A-B', 'a-b'),
	('tilde', 'A~B', 'a-b'),
	('ideographic comma', 'A、B', 'a-b'),
	('full-width comma', 'A，B', 'a-b'),
	('x between numbers', '0.25gx24粒', '0.25g-24粒'),
	('X after a bare number', '3X5', '3-5'),
	('x in a word', 'X线', 'x线'),
	('a decimal point stays', '0.25', '0.25'),
	('zero width space', U&'a\200Bb', 'ab'),
	('soft hyphen', U&'a\00ADb', 'ab'),
	('no-break space', U&'a\00A0b', 'ab'),
	('byte order mark', U&'\FEFFab', 'ab'),
	('ideographic space', U&'a\3000b', 'ab'),
	('tab and line feed', E'a\tb\n', 'ab'),
	('direction marks', U&'a\200E\202Cb', 'ab'),
	('traditional', '醫保', '医保'),
	('traditional names', '臺灣', '台湾'),
	('variants', '裏後', '里后'),
	('lane', '衖', '弄'),
	('village', '邨', '村'),
	('acyl', '乙醯', '乙酰'),
	('ramie stays', '苎麻根', '苎麻根'),
	('ramie, traditional', '苧麻根', '苎麻根'),
	('astragalus', '黄耆', '黄芪'),
	('耆 alone stays', '耆老', '耆老'),
	('coix seed', '苡仁', '薏苡仁'),
	('coix seed in full', '薏苡仁', '薏苡仁'),
	('glycoside', '甙', '苷'),
	('amino acid', '谷胺酸', '谷氨酸'),
	('millilitre', '5毫升', '5ml'),
	('milligram', '5毫克', '5mg'),
	('gram', '0.5克', '0.5g'),
	('microgram', '50微克', '50μg'),
	('microgram in letters', '50ug', '50μg'),
	('units', '400单位', '400u'),
	('international units', '400IU', '400u'),
	('ten thousands of units', '80万单位', '80万u'),
	('no unit without a number', '克拉霉素', '克拉霉素'),
	('two pins', '2克氏针', '2克氏针'),
	('pack words stay', '12片', '12片'),
	('times in words', '三次', '3次'),
	('times in banking words', '叁次', '3次'),
	('twelve times', '第十二次', '第12次'),
	('a range is no number', '一日两三次', '一日两三次'),
	('nor a digit and a numeral', '1三次', '1三次'),
	('digits in a row', '二零三次', '203次'),
	('single use', '一次性', '一次性'),
	('a name is no number', '张三', '张三'),
	('long name of CT', 'X线计算机体层(CT)平扫', 'ct平扫'),
	('quotes', '“肠内”', '"肠内"'),
	('a half', '½片', '1/2片'),
	('a date stays', '2020-3-5', '2020-3-5'),
	('a date in digits stays', '20200305', '20200305'),
	('a date in words stays', '2020年3月5日', '2020年3月5日'),
	('radicals from PDF', U&'\2ED3\2ED4', '长门'),
	('four bytes', U&'\+020000', U&'\+020000'),
	('combining accent', U&'e\0301', U&'\00E9'),
	('accent after a blank', U&'e \0301', U&'\00E9'),
	('Hangul by letters', U&'\1112\1161\11AB', U&'\D55C'),
	('empty', '', ''),
	('nothing but blanks', U&' \3000\200B', '')
) AS t(what, given, expected)
WHERE medaudit.normalize_text(given) IS DISTINCT FROM expected;

SELECT medaudit.normalize_text(NULL) IS NULL AS null_gives_null;

-- Every code point by itself: normal stays normal, whatever comes out.
SELECT count(*) AS not_idempotent
FROM (SELECT medaudit.normalize_text(chr(i)) AS n
	FROM generate_series(1, x'2FFFF'::int) AS i
	WHERE i NOT BETWEEN x'D800'::int AND x'DFFF'::int) AS t
WHERE medaudit.normalize_text(n) <> n;

-- Random texts from everything that interacts: letters and accents, Hangul
-- letters, digits and units, numerals, separators, words of aliases.
CREATE TEMP TABLE piece AS
SELECT row_number() OVER () - 1 AS no, p AS piece FROM (
	SELECT unnest(ARRAY['a', 'e', 'i', 'v', 'x', 'X', 'Ⅷ', 'u', 'g', 'm', 'l',
		'1', '2', '0', '.', '%', '/', '-', '—', '、', '·', '*', '×', '~', '、',
		' ', '　', '(', '（', '【', ']', '一', '二', '十', '百', '零', '叁', '次',
		'性', '第', '型', '期', '因子', '级', '克', '毫', '毫升', '微克', '单位',
		'万', '片', '粒', '盒', '氏', '薏', '苡仁', '黄', '耆', '胺', '酸', '磁共振',
		'核', '计算机体层', 'ct', 'x线', 'x射线', '邨', '醫', '後', '強的鬆', '龙']) AS p
	UNION ALL
	SELECT chr(i) FROM generate_series(x'0300'::int, x'0308'::int) AS i
	UNION ALL
	SELECT chr(i) FROM generate_series(x'1100'::int, x'1103'::int) AS i
	UNION ALL
	SELECT chr(i) FROM generate_series(x'1161'::int, x'1163'::int) AS i
	UNION ALL
	SELECT chr(i) FROM unnest(ARRAY[x'00A8'::int, x'200D'::int, x'00AD'::int,
		x'3099'::int, x'30AB'::int, x'FE0F'::int, x'11A8'::int, x'0385'::int, x'2ED3'::int, x'03B1'::int, x'FF76'::int,
		x'FF9E'::int]) AS i) AS s;

CREATE TEMP TABLE sample AS
SELECT t AS sample_no, string_agg(piece, '' ORDER BY i) AS given
FROM generate_series(1, 20000) AS t, generate_series(1, 9) AS i,
	LATERAL (SELECT piece FROM piece
		WHERE no = (hashint8(t * 31 + i)::bigint & 2147483647)
			% (SELECT count(*) FROM piece)) AS p
GROUP BY t;

SELECT count(*) AS samples,
	count(*) FILTER (WHERE medaudit.normalize_text(n) <> n) AS not_idempotent,
	count(*) FILTER (WHERE medaudit.normalize_text(normalize(given, NFC)) <> n)
		AS depends_on_form,
	count(*) FILTER (WHERE medaudit.normalize_text(upper(given)) <>
		medaudit.normalize_text(lower(given))) AS depends_on_case,
	count(*) FILTER (WHERE n ~ '[A-Z（）【】、，*×~—[:space:]]') AS something_left
FROM (SELECT given, medaudit.normalize_text(given) AS n FROM sample) AS t;

-- Aliases of the caller's own come on top, and may override.
SELECT medaudit.normalize_text('大同医院ＣＴ', '{"大同医院": "大同市第一人民医院"}');
SELECT medaudit.normalize_text('速尿注射液', '{"速尿": "速尿"}') AS overridden;
SELECT medaudit.normalize_text('阿司匹林肠溶片(拜耳)', '{"(拜耳)": ""}') AS removed;
SELECT medaudit.normalize_text('速尿', '{}') = medaudit.normalize_text('速尿') AS nothing_more;
SELECT bool_and(n = medaudit.normalize_text(n, a)) AS idempotent
FROM (SELECT medaudit.normalize_text(given, a) AS n, a FROM sample,
	(VALUES ('{"一二": "二", "a-": "", "酸": "胺", "e1": "e"}'::jsonb)) AS v(a)) AS t;

-- From the table, by an explicit argument; the next statement sees a change.
SELECT medaudit.text_aliases();
INSERT INTO medaudit.text_alias VALUES ('三院', '第三人民医院', 'test');
SELECT medaudit.normalize_text('三院', medaudit.text_aliases());
UPDATE medaudit.text_alias SET canonical = '市三院总院' WHERE alias = '三院';
SELECT DISTINCT medaudit.normalize_text('三院急诊', medaudit.text_aliases()) AS contains_itself
FROM generate_series(1, 3);
DELETE FROM medaudit.text_alias;

SELECT medaudit.normalize_text('a', '{"a": "aa"}') AS once,
	medaudit.normalize_text('aaa', '{"a": "aa"}') AS again;

-- Bad input, by its SQLSTATE.
\set VERBOSITY sqlstate
SELECT medaudit.normalize_text('a', NULL);
SELECT medaudit.normalize_text('a', '[]');
SELECT medaudit.normalize_text('a', '"a"');
SELECT medaudit.normalize_text('a', '{"b": 1}');
SELECT medaudit.normalize_text('a', '{" ": "b"}');
SELECT medaudit.normalize_text('ab', '{"a": "b", "b": "a"}');
SELECT medaudit.normalize_text('ac', '{"a": "bb", "bc": "ac"}');
SELECT medaudit.normalize_text(convert_from('\xe58c', 'UTF8'));
SELECT medaudit.normalize_text(convert_from('\xeda080', 'UTF8'));
INSERT INTO medaudit.text_alias VALUES (' ', 'x');
SELECT length(medaudit.normalize_text(repeat('A', 104857601)));
\set VERBOSITY terse

-- The example of the manual, and its list of indexes to rebuild.
SELECT medaudit.normalize_text('注射用頭孢呋辛鈉【進口】 0.75Ｇ×１支');

-- The same in indexes and materialized views, under the search_path that
-- index builds and refreshes get from PostgreSQL 17 on.
CREATE TEMP TABLE hospital_item (name text);
INSERT INTO hospital_item SELECT given FROM sample WHERE sample_no <= 500;
INSERT INTO hospital_item VALUES ('頭孢呋辛鈉【進口】');
SET search_path = pg_catalog, pg_temp;
CREATE INDEX ON hospital_item (medaudit.normalize_text(name));
SET enable_seqscan = off;
SELECT name FROM hospital_item
WHERE medaudit.normalize_text(name) = medaudit.normalize_text('头孢呋辛钠[进口]');
RESET enable_seqscan;
SELECT pg_catalog.format('REINDEX INDEX %s;', i.indexrelid::regclass)
FROM pg_catalog.pg_index AS i
JOIN pg_catalog.pg_depend AS d ON d.classid = 'pg_catalog.pg_class'::regclass
	AND d.objid = i.indexrelid
	AND d.refclassid = 'pg_catalog.pg_proc'::regclass
JOIN pg_catalog.pg_depend AS e ON e.classid = 'pg_catalog.pg_proc'::regclass
	AND e.objid = d.refobjid AND e.deptype = 'e'
JOIN pg_catalog.pg_extension AS x ON x.oid = e.refobjid
WHERE x.extname = 'medaudit' AND e.refclassid = 'pg_catalog.pg_extension'::regclass
ORDER BY 1;
RESET search_path;
CREATE MATERIALIZED VIEW item_key AS
	SELECT i, medaudit.normalize_text('第' || i || '次ＣＴ', medaudit.text_aliases()) AS key
	FROM generate_series(1, 3) AS i;
SET search_path = pg_catalog, pg_temp;
REFRESH MATERIALIZED VIEW public.item_key;
RESET search_path;
SELECT * FROM item_key ORDER BY i;
DROP MATERIALIZED VIEW item_key;

-- What it stands on.
SELECT medaudit.icu_version() ~ '^\d+(\.\d+)*, Unicode \d+(\.\d+)*, CLDR ' AS known;

-- Parallel workers say the same.
CREATE TABLE parallel_sample AS SELECT * FROM sample;
ALTER TABLE parallel_sample SET (parallel_workers = 2);
ANALYZE parallel_sample;
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SET min_parallel_table_scan_size = 0;
SET max_parallel_workers_per_gather = 2;
CREATE TEMP TABLE answer AS
SELECT md5(string_agg(medaudit.normalize_text(given), '|'
	ORDER BY medaudit.normalize_text(given) COLLATE "C")) AS parallel_md5
FROM parallel_sample;
SET max_parallel_workers_per_gather = 0;
SELECT parallel_md5 = md5(string_agg(medaudit.normalize_text(given), '|'
	ORDER BY medaudit.normalize_text(given) COLLATE "C")) AS parallel_equals_serial
FROM parallel_sample, answer GROUP BY parallel_md5;
RESET ALL;
DROP TABLE parallel_sample;

-- Nothing is opened or kept per row.
CREATE FUNCTION pg_temp.bytes_in_use() RETURNS bigint LANGUAGE sql AS
	'SELECT sum(total_bytes)::bigint FROM pg_catalog.pg_backend_memory_contexts';
SELECT count(medaudit.normalize_text('頭孢' || i || '毫克')) FROM generate_series(1, 1000) AS i;
SELECT pg_temp.bytes_in_use() AS before \gset
SELECT count(medaudit.normalize_text('頭孢' || i || '毫克'))
FROM generate_series(1, 1000000) AS i;
SELECT pg_temp.bytes_in_use() - :before < 200000 AS bounded;

-- Other encodings are refused by name.
CREATE DATABASE regress_medaudit_euc_cn ENCODING 'EUC_CN' LC_COLLATE 'C'
	LC_CTYPE 'C' TEMPLATE template0;
CREATE DATABASE regress_medaudit_ascii ENCODING 'SQL_ASCII' LC_COLLATE 'C'
	LC_CTYPE 'C' TEMPLATE template0;
SELECT current_database() AS here \gset
\c regress_medaudit_euc_cn
\set SHOW_CONTEXT never
CREATE EXTENSION medaudit;
DO $$
BEGIN
	PERFORM medaudit.normalize_text('abc');
EXCEPTION WHEN feature_not_supported THEN
	RAISE WARNING '%', SQLERRM;
END $$;
SELECT medaudit.icu_version() IS NOT NULL AS version_works;
\c regress_medaudit_ascii
CREATE EXTENSION medaudit;
DO $$
BEGIN
	PERFORM medaudit.normalize_text('');
EXCEPTION WHEN feature_not_supported THEN
	RAISE WARNING '%', SQLERRM;
END $$;
\c :here
DROP DATABASE regress_medaudit_euc_cn;
DROP DATABASE regress_medaudit_ascii;
