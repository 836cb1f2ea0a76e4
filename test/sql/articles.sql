-- articles: one printed form and one code of articles of law
\set SHOW_CONTEXT never
SET datestyle = iso;
-- both forms from either, and every spelling that a sheet of a fund may have
SELECT given, medaudit.article_zh(given) AS printed, medaudit.article_code(given) AS code
FROM unnest(ARRAY['A38(3)', 'a38（3）', ' A 38 (3) ', '第三十八条第三项', '条例第三十八条第三项', '第三十八条（三）',
	'第38条第3项', '第三十八条第（三）项', '《医疗保障基金使用监督管理条例》第三十八条第三项',
	'《医疗保障基金使用监督管理条例》（国务院令第735号）第三十八条第三项', '医疗保障基金使用监督管理条例第三十八条 第三项']) AS given;
-- the second paragraph is no second item
SELECT given, medaudit.article_zh(given) AS printed, medaudit.article_code(given) AS code
FROM unnest(ARRAY['A41.2', 'A41(2)', 'A41.2(1)', '第四十一条第二款', '第四十一条第二项', '条例第四十一条第二款第一项', 'A15', '第十五条',
	'A10', 'A20', '第二十条', 'A9', '第九条', '第五十条', 'A99(99)']) AS given;
-- several; what stands before a part holds until it is said anew
SELECT given, medaudit.article_zh(given) AS printed, medaudit.article_code(given) AS code
FROM unnest(ARRAY['A17,A40(1),A41(1)', 'A17, A40(1)，A41(1)', '条例第十七条、第四十条第一项、第四十一条第一项', '第十七条和第四十条', 'A15、A37',
	'第三十八条第一项、第三项', 'A38(1),(3)', '第四十一条第二款第一项、第二项', '第四十一条第二款、第三款', '第四十一条第二款第一项、第三十八条第二项']) AS given;
-- the implementing rules, with and without an article
SELECT given, medaudit.article_zh(given) AS printed, medaudit.article_code(given) AS code
FROM unnest(ARRAY['D5', 'D5.2(1)', 'D', '条例实施细则', '《医疗保障基金使用监督管理条例实施细则》第五条第二款第一项', '实施细则第五条',
	'A38(3),D', '条例第三十八条第三项、条例实施细则', 'D5,A38', '条例实施细则第五条、第六条、条例第十五条']) AS given;
-- what is not understood to its end stays as it is, and has no code
SELECT given, medaudit.article_zh(given) = given AS as_it_is, medaudit.article_code(given) AS code
FROM unnest(ARRAY['', 'A', 'A38()', 'A38(', 'A100', 'A38(100)', 'A0', 'A38.0', 'B38', 'A38(3)B', '38(3)', '第三项', '条例', '某省办法第五条', '第三十八条第三项、某省办法第五条',
	'第十十条', '第二十十条', '第三八条', '第一百条', '条例第三十八条等', 'A38,', ',A38', '第三十八条第三项第四款', '细则第二款', '和']) AS given;
SELECT medaudit.article_zh(NULL) IS NULL AND medaudit.article_code(NULL) IS NULL AS nulls;
-- there and back for all that can be written, and nothing twice
SELECT count(*), count(DISTINCT zh), bool_and(medaudit.article_code(zh) = code AND medaudit.article_zh(zh) = zh AND medaudit.article_code(code) = code) AS back
FROM (SELECT code, medaudit.article_zh(code) AS zh
	FROM (SELECT law || a || p || i FROM unnest('{A,D}'::text[]) AS law, unnest('{1,9,10,38,41,99}'::int[]) AS a,
			unnest('{"",.1,.2,.10,.31}'::text[]) AS p, unnest('{"",(1),(2),(20),(99)}'::text[]) AS i
		UNION SELECT 'A' || a FROM generate_series(1, 99) AS a) AS c (code)) AS t;
SELECT n, medaudit._ordinal_zh(n), medaudit._ordinal_of(medaudit._ordinal_zh(n)) AS back FROM unnest(ARRAY[0, 1, 9, 10, 11, 19, 20, 21, 38, 90, 99, 100, -1, NULL]) AS n;
SELECT numeral, medaudit._ordinal_of(numeral) FROM unnest(ARRAY['38', '08', '100', '三十八', '十', '〇', '零', '', NULL]) AS numeral;

-- the implementing rules are named from the day on which they are in force
SELECT kind, settled_on, medaudit.finding_article(kind, '条例第三十八条第三项', settled_on) AS article,
	medaudit.article_code(medaudit.finding_article(kind, '条例第三十八条第三项', settled_on)) AS code
FROM (VALUES ('resettled', date '2026-03-31'), ('resettled', '2026-04-01'), ('resettled', NULL), ('duplicate', '2026-04-01')) AS f (kind, settled_on);
SELECT medaudit.finding_article('resettled', NULL, '2026-04-01') AS rule_without, medaudit.finding_article('resettled', '条例实施细则第五条', '2026-04-01') AS named_already,
	medaudit.finding_article('resettled', '某省办法第五条', '2026-04-01') AS other_law;

-- what they say, in short: of all that shipped rules and layouts name, and of several in their order
SELECT a, medaudit.article_text(a) FROM unnest(ARRAY['A38(3)', '条例第三十八条第三项', 'A17,A41.2', 'A38(3),A99', 'A38', 'A99', '某省办法第五条', '', NULL]) WITH ORDINALITY AS u (a, n) ORDER BY n;
SELECT DISTINCT article_code FROM medaudit.rule WHERE shipped AND article_code IS NOT NULL AND medaudit.article_text(article_code) IS NULL;
SELECT DISTINCT article FROM medaudit.import_layout WHERE article IS NOT NULL AND medaudit.article_text(article) IS NULL;

-- a rule takes either form and has both
SET client_min_messages = warning;
INSERT INTO medaudit.rule (rule_code, kind, name_zh, article, article_code) VALUES
	('t_code', 'duplicate', '编码', 'A38(3)', NULL), ('t_written', 'duplicate', '文字', '第三十八条第三项', NULL), ('t_from_code', 'duplicate', '只有编码', NULL, 'A41.2'),
	('t_other', 'duplicate', '地方', '某省办法第五条', 'A38(3)'), ('t_none', 'duplicate', '无', NULL, NULL);
SELECT rule_code, article, article_code FROM medaudit.rule WHERE rule_code LIKE 't\_%' ORDER BY rule_code COLLATE "C";
-- what is changed decides; nothing old comes back
UPDATE medaudit.rule SET article = CASE rule_code WHEN 't_code' THEN 'A17,A40(1)' WHEN 't_written' THEN '本地规定' END WHERE rule_code IN ('t_code', 't_written', 't_from_code');
UPDATE medaudit.rule SET article_code = 'A38(6)' WHERE rule_code = 't_other';
UPDATE medaudit.rule SET name_zh = '改名' WHERE rule_code = 't_none';
SELECT rule_code, article, article_code FROM medaudit.rule WHERE rule_code LIKE 't\_%' ORDER BY rule_code COLLATE "C";
UPDATE medaudit.rule SET article_code = NULL WHERE rule_code = 't_code';
SELECT rule_code, article, article_code FROM medaudit.rule WHERE rule_code = 't_code';
UPDATE medaudit.rule SET article_code = 'A1' WHERE rule_code = 'starter_resettled';
UPDATE medaudit.rule SET national_code = 'GZ10000204001000' WHERE rule_code = 'starter_resettled';
UPDATE medaudit.rule SET national_code = 'GZ10000102012000' WHERE rule_code = 't_none';
SELECT national_code FROM medaudit.rule WHERE rule_code = 't_none';
DELETE FROM medaudit.rule WHERE rule_code LIKE 't\_%';

-- what ships: each rule has both forms, and the deed has its code
SELECT rule_code, article, article_code, behaviour_code FROM medaudit.rule WHERE shipped ORDER BY rule_code COLLATE "C";
SELECT layout, medaudit.article_zh(article) AS article, behaviour_code FROM medaudit.import_layout ORDER BY layout COLLATE "C";
