-- national: import_rules()
\set SHOW_CONTEXT never
SET datestyle = iso;
CREATE SCHEMA files;
CREATE TABLE files.pairs ("序号" text, "频度" text, "主项名称" text, "主项编码" text,
	"从项名称" text, "从项编码" text, "备注" text);
INSERT INTO files.pairs VALUES
	('1', '单日', '急诊监护费', '001103000010000', '急诊诊查费', '001102000030000', '含监护'),
	('2', '单次就诊', '手术A', '003300000010000', '手术B', '003300000020000', NULL),
	('3', '6小时', '心电监测', '003107000010000', '血压监测', ' 003107000020000　', NULL),
	('4', '同一小时', '甲', '003107000030000', '乙', '003107000040000', NULL),
	('5', '每当', '甲', '003107000030000', '乙', '003107000050000', NULL),
	('6', '单日', '甲', '003107000030000', '甲', '003107000030000', NULL),
	('7', '单日', '甲', '00310700003', '乙', '003107000050000', NULL),
	('8', '单日', '甲', '003107000030000', '乙', '', NULL),
	('9', '单日', '甲', '003107000030000', '乙', '003107000050000', NULL),
	('10', '单日', '甲', '003107000030000', '乙', '003107000050000', NULL);
CREATE TABLE files.caps ("序号" text, "项目名称" text, "限制数量" text, "数量单位" text, "项目编码" text);
INSERT INTO files.caps VALUES
	('1', '急诊监护费', '1', '日', '001103000010000'),
	('2', '颅内压监测', '24', '小时', '003101000140000'),
	('3', '甲', '零', '日', '003107000030000'),
	('4', '乙', '0', '日', '003107000040000'),
	('5', '丙', '1', '桶', '003107000050000'),
	('合计', NULL, NULL, NULL, NULL),
	('备注：仅供参考', NULL, NULL, NULL, NULL);
CREATE TABLE files.periods ("序号" text, "项目名称" text, "频次上限" text, "疗程周期" text,
	"备注" text, "项目代码" text);
INSERT INTO files.periods VALUES
	('1', '糖化血红蛋白测定', '1', '15', '2-3个月', '002503020030000'),
	('2', '甲', '1', '半月', NULL, '003107000030000'),
	('3', '乙', NULL, '7', NULL, '003107000040000');

-- what cannot be read
SELECT medaudit.import_rules(NULL, 'files.pairs');
SELECT medaudit.import_rules('pairs', 'files.pairs');
SELECT medaudit.import_rules('daily_caps', 'files.pairs');
SELECT medaudit.import_rules('exclusive_pairs', 'files.pairs', 'files.caps');
SELECT medaudit.import_rules('drug_sex', 'files.pairs');
SELECT medaudit.import_rules('exclusive_pairs', 'files.pairs', match => 'roughly');

-- each bad row is told, the others come in
SELECT medaudit.import_rules('exclusive_pairs', 'files.pairs');
SELECT medaudit.import_rules('daily_caps', 'files.caps');
SELECT medaudit.import_rules('period_caps', 'files.periods');
SELECT rule_code, kind, certainty, enabled, shipped FROM medaudit.rule
WHERE rule_code LIKE 'national%' ORDER BY rule_code COLLATE "C";
SELECT rule_code, item_code, code_match, other_code, scope, max_quantity, unit, note
FROM medaudit.charge_rule WHERE rule_code LIKE 'national%'
ORDER BY rule_code COLLATE "C", item_code COLLATE "C", scope;
SELECT layout, source, row_number, reason FROM medaudit.import_problem
ORDER BY layout, row_number;

-- again: nothing changes; a row with another limit is kept and told
UPDATE medaudit.charge_rule SET max_quantity = 2
WHERE rule_code = 'national_8_daily_caps' AND max_quantity = 1;
SELECT medaudit.import_rules('exclusive_pairs', 'files.pairs');
SELECT medaudit.import_rules('daily_caps', 'files.caps');
SELECT count(*), sum(max_quantity) FROM medaudit.charge_rule WHERE rule_code LIKE 'national%';

-- one code twice: what contradicts is told from what repeats; so are another
-- unit, and another comparison of codes that is asked for
CREATE TABLE files.twice (LIKE files.caps);
INSERT INTO files.twice VALUES ('1', '甲', '1', '日', '003109000010000'), ('2', '甲', '1', '日', '003109000010000'),
	('3', '甲', '2', '日', '003109000010000'), ('4', '乙', '24', '小时', '003109000020000'), ('5', '乙', '24', '次', '003109000020000');
SELECT medaudit.import_rules('daily_caps', 'files.twice');
DELETE FROM files.twice WHERE "序号" <> '4';
UPDATE files.twice SET "数量单位" = '次';
SELECT medaudit.import_rules('daily_caps', 'files.twice');
UPDATE files.twice SET "数量单位" = '小时';
SELECT medaudit.import_rules('daily_caps', 'files.twice', match => 'exact');
SELECT medaudit.import_rules('daily_caps', 'files.twice');
DELETE FROM medaudit.charge_rule WHERE item_code LIKE '003109%';

-- which rules meet the bound charges: not known, as nothing was charged; one of two; none
CREATE TABLE files.charge (visit_id text, item_code text, quantity numeric, amount numeric, charged_at timestamp);
CALL medaudit.bind('charge', 'files.charge');
SELECT medaudit.import_rules('daily_caps', 'files.caps');
INSERT INTO files.charge VALUES ('V', '441103000010000', 1, 1, '2025-03-02'), ('V', 'local', 1, 1, '2025-03-02');
SELECT medaudit.import_rules('daily_caps', 'files.caps');
SELECT medaudit.import_rules('period_caps', 'files.periods');
-- the charges are read once per session, however many files come in; bound
-- anew they are read anew (bind() looks at them once by itself); not at all when
-- the codes are not to be compared
CREATE SEQUENCE files.reads;
CREATE FUNCTION files.counted() RETURNS SETOF files.charge LANGUAGE plpgsql AS $$ BEGIN PERFORM nextval('files.reads'); RETURN QUERY TABLE files.charge; END $$;
CREATE VIEW files.counted_charge AS SELECT * FROM files.counted();
CALL medaudit.bind('charge', 'files.counted_charge');
SELECT medaudit.import_rules('daily_caps', 'files.caps', check_codes => false), pg_sequence_last_value('files.reads') AS reads;
SELECT medaudit.import_rules('daily_caps', 'files.caps');
SELECT pg_sequence_last_value('files.reads') AS reads;
SELECT medaudit.import_rules('period_caps', 'files.periods');
INSERT INTO files.charge VALUES ('V', '442503020030000', 1, 1, '2025-03-02');
SELECT medaudit.import_rules('period_caps', 'files.periods', check_codes => NULL);
SELECT pg_sequence_last_value('files.reads') AS reads;
CALL medaudit.bind('charge', 'files.counted_charge');
SELECT medaudit.import_rules('period_caps', 'files.periods'), pg_catalog.cardinality(medaudit._charged_codes()) AS codes;
SELECT pg_sequence_last_value('files.reads') AS reads;
-- what came to nothing is not kept
BEGIN;
DELETE FROM files.charge;
CALL medaudit.bind('charge', 'files.counted_charge', row_filter => 'true');
SELECT medaudit._charged_codes(), medaudit._charged_codes();
SELECT pg_sequence_last_value('files.reads') AS reads;
ROLLBACK;
SELECT pg_catalog.cardinality(medaudit._charged_codes()) AS codes, pg_sequence_last_value('files.reads') AS reads;
DROP VIEW medaudit_data.charge;
DELETE FROM medaudit.binding WHERE relation = 'charge';

-- the layouts of batches 1 to 6 and the rest of 8
CREATE TABLE files.names ("药品通用名" text, "药品说明" text, "限定类型" text, "限定对象" text, "限定值域" text);
CREATE TABLE files.codes ("药品通用名" text, "序号" text, "国标代码" text, "限定类型" text);
INSERT INTO files.names VALUES
	('妇科片', '用于女性。', NULL, '女', '住院'), ('儿科片', '限小儿。', NULL, '儿童', '二级'),
	('安宫牛黄丸', '限急救抢救或住院。', NULL, '成人', '住院'),
	('益气复脉', '单次住院最多支付14天。', NULL, '工伤', '15天'),
	('无码', NULL, NULL, '女', '14天'),
	('眼内针', '需三级综合医院眼科或二级及以上眼科专科医院医师处方。', NULL, NULL, '三级'),
	('首针', '首次处方时需由二级及以上医疗机构专科医师开具处方。', NULL, NULL, '二级'),
	('单抗', '支付不超过12个月：早期治疗。', NULL, '男', '365天'),
	('两性片', '用于女性和男性。', NULL, '女', NULL),
	('小儿片', '用于小儿。（药品说明书包含成人用法用量）', NULL, '儿童', NULL),
	('少儿片', '限3-12岁患者。', NULL, '儿童', NULL), ('婴儿片', '不欲饮食，用于1日3次。', NULL, '儿童', NULL), ('月龄剂', '用于1月以上婴儿和儿童。', NULL, '儿童', NULL),
	('宽字针', '支付不超过 １４ 日。', NULL, NULL, '15天');
INSERT INTO files.codes VALUES
	('妇科片', '1', 'ZG01AAA0001010100001', NULL), ('妇科片', '2', 'ZG01AAA0001010100002', NULL),
	('儿科片', '1', 'ZG01AAA0002010100001', NULL), ('小儿片', '1', 'ZG01AAA0002010100002', NULL), ('安宫牛黄丸', '1', 'ZG01AAA0003010100001', NULL),
	('益气复脉', '1', 'ZG01AAA0004010100001', NULL), ('无名', '1', 'ZG01AAA0005010100001', NULL),
	('眼内针', '1', 'XS01LAA001B002010100001', NULL), ('首针', '1', 'XA10BAA001B002010100001', NULL),
	('少儿片', '1', 'ZG01AAA0002010100003', NULL), ('婴儿片', '1', 'ZG01AAA0002010100004', NULL), ('月龄剂', '1', 'ZG01AAA0002010100005', NULL),
	('宽字针', '1', 'ZG01AAA0007010100001', NULL),
	('单抗', '1', 'XL01FAA001B002010100001', NULL), ('两性片', '1', 'ZG01AAA0006010100001', NULL);
SET client_min_messages = warning;
SELECT layout, medaudit.import_rules(layout, 'files.names', 'files.codes') AS taken
FROM unnest('{drug_sex,drug_child,drug_insurance,drug_visit_type,drug_facility_level,drug_course}'::text[]) AS layout;
SELECT substr(rule_code, 10) AS rule, item_code, item_group, scope, sex, max_age,
	facility_ranks AS ranks, certainty, '13' = ANY (visit_types) AS emergency,
	'21' = ANY (visit_types) AS inpatient, insurance_types, max_days, note
FROM medaudit.charge_rule WHERE rule_code ~ '^national_[1-6]'
ORDER BY rule_code COLLATE "C", item_code COLLATE "C";
-- courses of services: a year, the course of a disease, how often in between
CREATE TABLE files.courses ("序号" text, "项目名称" text, "备注" text, "项目代码" text);
INSERT INTO files.courses VALUES ('1', '评定', '总时间不超过90天，评定间隔时间不短于14天。', '003402000050000'),
	('2', '支持', '支付不超过30天。', '003402000210000'), ('3', '平衡', '一个疾病过程支付不超过90天。', '003402000240000'),
	('4', '语言', '支付不超过一年，每周最多支付一次。', '003402000350000'), ('5', '无', '适量。', '003402000350100');
SELECT medaudit.import_rules('service_course', 'files.courses');
SELECT item_code, scope, max_days, certainty, note FROM medaudit.charge_rule
WHERE rule_code = 'national_8_service_course' ORDER BY item_code COLLATE "C";
-- operations come without prices: insufficient until they have one
CREATE TABLE files.operations ("项目名称" text, "项目说明" text, "国标代码" text, "限定类型" text, "限定值域" text);
INSERT INTO files.operations VALUES ('甲术', '第二及以后', '003310010140000', '限定主次操作', '胃肠手术组'),
	('乙术', '第二及以后', '003310030080000', '限定主次操作', '胃肠手术组');
SET client_min_messages = notice;
SELECT medaudit.import_rules('secondary_procedure', 'files.operations');
SELECT a.item_code, a.outcome, a.evidence ->> 'missing' AS missing
FROM (SELECT medaudit.ledger(i, 1, 1000, timestamp '2025-03-01 08:00') AS book FROM unnest('{003310010140000,003310030080000}'::text[]) AS i) AS b,
	medaudit.audit_charges(b.book, NULL, medaudit.compile_rules('national_2_secondary_procedure')) AS a;
UPDATE medaudit.charge_rule SET max_price = 1000 WHERE rule_code = 'national_2_secondary_procedure';
SELECT * FROM medaudit._import_idle('national_2_secondary_procedure');
SELECT a.item_code, a.outcome, a.excess_amount
FROM (SELECT medaudit.ledger(i, 1, 1000, timestamp '2025-03-01 08:00') AS book FROM unnest('{003310010140000,003310030080000}'::text[]) AS i) AS b,
	medaudit.audit_charges(b.book, NULL, medaudit.compile_rules('national_2_secondary_procedure')) AS a;
SET client_min_messages = warning;
-- The cases D01 to D05 by the imported rows, on codes of a province too: which rules meet which lines.
-- Each line: id|item|quantity|time|amount
CREATE TABLE files.cases (n int GENERATED ALWAYS AS IDENTITY, label text, lines text[], context medaudit.visit_context, expected text);
INSERT INTO files.cases (label, lines, context, expected) VALUES
	('D01 flag: 急诊诊查费 beside 急诊监护费, 00:10 and 23:50', '{a|441103000010000|1|2025-03-02 00:10|90,b|441102000030000|1|2025-03-02 23:50|10}', NULL, '7_exclusive_pairs b 10.00'),
	('D01 not: 23:50 and 00:10', '{a|441103000010000|1|2025-03-01 23:50|90,b|441102000030000|1|2025-03-02 00:10|10}', NULL, '-'),
	('D01 flag: 血压监测 6 hours after 心电监测', '{a|003107000010000|1|2025-03-02 08:00|90,b|003107000020000|1|2025-03-02 14:00|10}', NULL, '7_exclusive_pairs b 10.00'),
	('D01 not: 6 hours and a minute', '{a|003107000010000|1|2025-03-02 08:00|90,b|003107000020000|1|2025-03-02 14:01|10}', NULL, '-'),
	('D02 flag: 急诊监护费 above the 2 a day that was put in place of 1', '{a|441103000010000|3|2025-03-02 08:00|270}', NULL, '8_daily_caps a 90.00'),
	('D02 flag: 颅内压监测 25 hours', '{a|443101000140000|25|2025-03-02 08:00|250}', NULL, '8_daily_caps a 10.00'),
	('D02 not: twice, 24 hours', '{a|441103000010000|2|2025-03-02 08:00|180,b|443101000140000|24|2025-03-02 08:00|240}', NULL, '-'),
	('D03 flag: 糖化血红蛋白 after 14 days', '{a|442503020030000|1|2025-03-03 08:00|60,b|442503020030000|1|2025-03-17 23:59|60}', NULL, '8_period_caps b 60.00'),
	('D03 not: after 15', '{a|442503020030000|1|2025-03-03 08:00|60,b|442503020030000|1|2025-03-18 00:00|60}', NULL, '-'),
	('D04 flag: 妇科片, male', '{a|ZG01AAA0001010100001|1|2025-03-02 08:00|35}', medaudit.visit_context(sex => 1, visit_type => '21'), '1_drug_sex a 35.00'),
	('D04 not: 妇科片, female, inpatient', '{a|ZG01AAA0001010100001|1|2025-03-02 08:00|35}', medaudit.visit_context(sex => 2, visit_type => '21'), '-'),
	('D04 flag: 妇科片, female, outpatient', '{a|ZG01AAA0001010100001|1|2025-03-02 08:00|35}', medaudit.visit_context(sex => 2, visit_type => '11'), '4_drug_visit_type a 35.00'),
	('D04 not: 妇科片, sex 9, insufficient', '{a|ZG01AAA0001010100001|1|2025-03-02 08:00|35}', medaudit.visit_context(sex => 9, visit_type => '21'), '1_drug_sex a ?'),
	('D04 flag: 儿科片 at 18 years to the day, level 08', '{a|ZG01AAA0002010100001|1|2025-03-02 08:00|35}', medaudit.visit_context(birth_date => '2007-03-02', facility_rank => medaudit.facility_rank('08')), '1_drug_child a 35.00, 5_drug_facility_level a 35.00'),
	('D04 not: 儿科片 the day before, level 12', '{a|ZG01AAA0002010100001|1|2025-03-01 23:59|35}', medaudit.visit_context(birth_date => '2007-03-02', facility_rank => medaudit.facility_rank('12')), '-'),
	('D04 flag: 安宫牛黄丸, outpatient', '{a|ZG01AAA0003010100001|1|2025-03-02 08:00|35}', medaudit.visit_context(visit_type => '11'), '4_drug_visit_type a 35.00'),
	('D04 not: 安宫牛黄丸, emergency', '{a|ZG01AAA0003010100001|1|2025-03-02 08:00|35}', medaudit.visit_context(visit_type => '13'), '-'),
	('D04 flag: 益气复脉, employees', '{a|ZG01AAA0004010100001|1|2025-03-02 08:00|35}', medaudit.visit_context(insurance_type => '310'), '3_drug_insurance a 35.00'),
	('D04 not: 益气复脉, work injury', '{a|ZG01AAA0004010100001|1|2025-03-02 08:00|35}', medaudit.visit_context(insurance_type => '410'), '-'),
	('D04 flag: 益气复脉, the 16th date', (SELECT pg_catalog.array_agg(format('d%s|ZG01AAA0004010100001|1|2025-03-%s 08:00|35', d, d)) FROM generate_series(1, 16) d), medaudit.visit_context(insurance_type => '410'), '6_drug_course d16 35.00'),
	('D04 not: 益气复脉, twice on the 15th', (SELECT pg_catalog.array_agg(format('d%s|ZG01AAA0004010100001|1|2025-03-%s %s:00|35', d, least(d, 15), d)) FROM generate_series(1, 16) d), medaudit.visit_context(insurance_type => '410'), '-'),
	('D05 flag: the second operation at full price', '{a|003310010140000|1|2025-03-02 08:00|1000,b|003310030080000|1|2025-03-02 08:00|1000}', NULL, '2_secondary_procedure b 500.00'),
	('D05 not: the second operation at half, on another day in full', '{a|003310010140000|1|2025-03-02 08:00|1000,b|003310030080000|1|2025-03-02 08:00|500,c|003310030080000|1|2025-03-03 08:00|1000}', NULL, '-');
CREATE VIEW files.answers AS
SELECT c.n, c.label, c.expected, (SELECT coalesce(string_agg(concat_ws(' ', substr(a.rule_code, 10), a.line_id, coalesce(a.excess_amount::text, '?')), ', ' ORDER BY a.rule_code COLLATE "C", a.line_id), '-')
	FROM medaudit.audit_charges(b.book, c.context, r.rules) AS a) AS got
FROM (SELECT i.n, medaudit.ledger(split_part(l, '|', 2), split_part(l, '|', 3)::numeric, split_part(l, '|', 5)::numeric, split_part(l, '|', 4)::timestamp, split_part(l, '|', 1)) AS book
	FROM files.cases AS i, unnest(i.lines) AS l GROUP BY i.n) AS b
JOIN files.cases AS c USING (n)
CROSS JOIN (SELECT medaudit.compile_rules(VARIADIC array_agg(rule_code)) AS rules FROM medaudit.rule WHERE rule_code LIKE 'national%' AND kind <> 'herb_alone') AS r;
SELECT label, expected, got FROM files.answers ORDER BY n;
SELECT count(*) AS cases, count(*) FILTER (WHERE got IS DISTINCT FROM expected) AS wrong FROM files.answers;
SELECT layout, row_number, reason FROM medaudit.import_problem WHERE source = 'files.names'
ORDER BY layout, row_number, reason;
-- a word of one's own goes before the shipped one
INSERT INTO medaudit.national_term (term, max_age) VALUES ('儿童', '14 years');
DELETE FROM medaudit.charge_rule WHERE rule_code = 'national_1_drug_child';
SELECT medaudit.import_rules('drug_child', 'files.names', 'files.codes');
SELECT item_code, max_age FROM medaudit.charge_rule WHERE rule_code = 'national_1_drug_child';
DELETE FROM medaudit.national_term WHERE NOT shipped;

-- batches 9 to 17: a row a code, of several rules in one sheet
CREATE TABLE files.listed ("规则名称" text, "药品通用名" text, "限定条件" text, "检出逻辑" text, "药品代码" text, "公布日期" text, "附件" text);
INSERT INTO files.listed VALUES
	('药品限二线使用', '阿可替尼胶囊', '限既往至少接受过一种治疗的患者。', NULL, 'XL01ELA387E001010184513', '2026-04-21', NULL),
	('药品限二线使用', '某口服液', '限二线。', NULL, 'ZA04CAX0243010200013', '2026-04-21', NULL),
	('药品限二线使用', '误', '限二线。', NULL, '003402000320000', '2026-04-21', NULL), ('药品限二线使用', '空', '限二线。', NULL, NULL, '2026-04-21', NULL),
	('超互联网医院药品支付范围', '芬太尼透皮贴剂', '不得开具麻醉药品。', NULL, 'XN02ABF027V002010101389', '2026-04-28', NULL),
	('中药饮片单复方均不予支付', '鹿茸', '不得纳入。', NULL, 'T001700001', '2026-05-11', NULL),
	(' 中药饮片单方使用不予支付　', '丁香', '单独使用时不予支付。', NULL, 'T000700200', '2026-05-11', NULL),
	('药品限适应症', '达格列净片', '限2型糖尿病。', NULL, 'XA10BKD001A001010100001', '2026-05-23', NULL),
	('药品限适应症', '达格列净片', '限2型糖尿病。', NULL, 'XA10BKD001A001010100002', '2026-05-23', NULL),
	('药品限适应症', '空白片', NULL, NULL, 'XA10BKD001A001010100003', '2026-05-23', NULL),
	('药品限新规', '某片', '限。', NULL, 'XA10BKD001A001010100004', '2026-05-23', NULL);
SELECT medaudit.import_rules('drug_second_line', 'files.listed', 'files.listed');
SELECT medaudit.import_rules('herb_alone', 'files.caps');
SELECT medaudit.import_rules('drug_sex', 'files.listed');
SELECT layout, medaudit.import_rules(layout, 'files.listed') AS taken FROM unnest('{drug_second_line,drug_internet,herb_not_payable,herb_alone,drug_indication}'::text[]) AS layout;
SELECT layout, medaudit.import_rules(layout, 'files.listed') AS again FROM unnest('{drug_second_line,drug_internet,herb_not_payable,herb_alone,drug_indication}'::text[]) AS layout;
SELECT substr(c.rule_code, 10) AS rule, r.kind, r.certainty, r.national_code, c.item_code, c.other_code, c.scope, c.excluded_visit_types AS not_in, c.valid, c.note
FROM medaudit.charge_rule AS c JOIN medaudit.rule AS r USING (rule_code) WHERE c.rule_code ~ '^national_(9|1[0-2])_' ORDER BY c.rule_code COLLATE "C", c.item_code COLLATE "C";
SELECT layout, row_number, reason FROM medaudit.import_problem WHERE source = 'files.listed' ORDER BY layout, row_number;
-- words alone judge nothing: they are counted
SELECT * FROM medaudit.rule_match(medaudit.compile_rules('national_12_drug_indication', 'national_11_herb_not_payable'), '{XA10BKD001A001010100001,T001700001}');
INSERT INTO files.cases (label, lines, context, expected) VALUES
	('B9 flag: second-line drug, and the same drug of another strength', '{a|XL01ELA387E001010184513|1|2026-05-02 08:00|35,b|XL01ELA387E002010184513|1|2026-01-02 08:00|35}', NULL, '9_drug_second_line a 35.00'),
	('B9 not: another drug of its class 364 days before', '{a|XL01ELA387E001010184513|1|2026-05-02 08:00|35,b|XL01ELB001A001010100001|1|2025-05-03 08:00|35}', NULL, '-'),
	('B9 flag: 365 days before', '{a|XL01ELA387E001010184513|1|2026-05-02 08:00|35,b|XL01ELB001A001010100001|1|2025-05-02 08:00|35}', NULL, '9_drug_second_line a 35.00'),
	('B9 flag: a patent medicine of another class beside', '{a|ZA04CAX0243010200013|1|2026-05-02 08:00|35,b|ZA04CBX0243010200013|1|2026-05-02 08:00|35}', NULL, '9_drug_second_line a 35.00'),
	('B10 flag: internet care', '{a|XN02ABF027V002010101389|1|2026-05-02 08:00|35}', medaudit.visit_context(visit_type => '互联网门诊'), '10_drug_internet a 35.00'),
	('B10 not: outpatient', '{a|XN02ABF027V002010101389|1|2026-05-02 08:00|35}', medaudit.visit_context(visit_type => '11'), '-'),
	('B10 not: type not known, insufficient', '{a|XN02ABF027V002010101389|1|2026-05-02 08:00|35}', NULL, '10_drug_internet a ?'),
	('B11-1 flag: 鹿茸', '{a|T001700001|10|2026-05-02 08:00|350}', NULL, '11_herb_not_payable a 350.00'),
	('B11-1 not: another herb', '{a|T001700002|10|2026-05-02 08:00|350}', NULL, '-'),
	('B12 not: without any diagnosis', '{a|XA10BKD001A001010100001|1|2026-05-02 08:00|35}', medaudit.visit_context(diagnosis_codes => '{J18.9}'), '-');
SELECT label, expected, got FROM files.answers WHERE label LIKE 'B%' ORDER BY n;
SELECT count(*) AS cases, count(*) FILTER (WHERE got IS DISTINCT FROM expected) AS wrong FROM files.answers WHERE label LIKE 'B%';
-- a fund that knows the first-line drugs has rows of its own, and they go before; codes of internet care of its own likewise
DELETE FROM medaudit.charge_rule WHERE rule_code ~ '^national_(9|10)_';
INSERT INTO medaudit.charge_rule (rule_code, item_code, other_code, scope) VALUES ('national_9_drug_second_line', 'XL01ELA387E001010184513', 'XL01XX%', '180 days');
INSERT INTO medaudit.national_term (term, visit_types) VALUES ('互联网', '{9101}');
SELECT layout, medaudit.import_rules(layout, 'files.listed') AS taken FROM unnest('{drug_second_line,drug_internet}'::text[]) AS layout;
SELECT item_code, other_code, excluded_visit_types FROM medaudit.charge_rule WHERE rule_code ~ '^national_(9|10)_' ORDER BY item_code COLLATE "C";
SELECT reason FROM medaudit.import_problem WHERE source = 'files.listed' AND layout = 'drug_second_line' ORDER BY row_number;
DELETE FROM medaudit.national_term WHERE NOT shipped;

-- a revision: what is new holds from its day on, and ends what it replaces; words alike but for marks are alike
CREATE TABLE files.revision (LIKE files.listed);
DELETE FROM medaudit.charge_rule WHERE rule_code ~ '^national_[1-6]_';
SELECT layout, medaudit.import_rules(layout, 'files.names', 'files.codes') AS taken
FROM unnest('{drug_sex,drug_child,drug_insurance,drug_visit_type,drug_facility_level,drug_course}'::text[]) AS layout;
INSERT INTO files.revision VALUES
	('药品区分性别使用', '妇科片', '用于女性', NULL, 'ZG01AAA0001010100001', '2026-01-28', NULL),          -- the same but for a mark
	('药品区分性别使用', '妇科片', '用于女性的带下。', NULL, 'ZG01AAA0001010100002', '2026-01-28', NULL),  -- other words
	('药品区分性别使用', '妇科片', '调经。', NULL, 'ZG01AAA0001010100009', '2026-01-28', NULL),           -- another pack of what is for women
	('药品区分性别使用', '新药', '限前列腺癌。', NULL, 'XL02BBA326A001010102180', '2026-01-28', NULL), ('药品区分性别使用', '新药', '限肿瘤。', NULL, 'XL02BBB001A001010102180', '2026-01-28', NULL),
	('药品儿童专用', '儿科片', '限⼉科。', NULL, 'ZG01AAA0002010100001', '2026-01-28', NULL), ('药品限儿童使用', '新针', '限儿童。', NULL, 'XH01ACY367B002010100001', '2026-01-28', NULL),
	('药品限工伤保险', '益气复脉', '限工伤保险', NULL, 'ZG01AAA0004010100001', '2026-01-28', NULL), ('药品限生育保险', '引产栓', '限生育保险', NULL, 'XG02ADD001X001010100001', '2026/1/28', NULL),
	('药品限就医方式', '安宫牛黄丸', '限急救抢救或住院。', NULL, 'ZG01AAA0003010100001', '2026-01-28', NULL), ('药品限就医方式', '外用', '限门诊。', NULL, 'ZG01AAA0003010100009', '2026-01-28', NULL),
	('药品限医疗机构级别', '眼内针', '需三级医院眼科或二级及以上眼科专科医院医师处方。', NULL, 'XS01LAA001B002010100001', '2026-01-28', NULL),
	('药品限支付疗程', '益气复脉', '住院方可支付，单次最多支付14天。', NULL, 'ZG01AAA0004010100001', '2026-01-28', NULL), ('药品限支付疗程', '宽字针', '支付不超过 １０ 日。', NULL, 'ZG01AAA0007010100001', '某日', NULL);
SELECT layout, medaudit.import_rules(layout, 'files.revision') AS taken
FROM unnest('{drug_sex,drug_child,drug_insurance,drug_visit_type,drug_facility_level,drug_course}'::text[]) AS layout;
SELECT substr(rule_code, 10) AS rule, item_code, sex, max_age, facility_ranks AS ranks, '21' = ANY (visit_types) AS inpatient, insurance_types, scope, max_days, certainty, valid, note
FROM medaudit.charge_rule WHERE item_code IN (SELECT "药品代码" FROM files.revision) AND rule_code ~ '^national_[1-6]_' ORDER BY rule_code COLLATE "C", item_code COLLATE "C", lower(valid) NULLS FIRST;
SELECT layout, row_number, reason FROM medaudit.import_problem WHERE source = 'files.revision' ORDER BY layout, row_number;
-- a claim is judged by the row that holds on its day
SELECT d, a.line_id, a.excess_quantity, a.evidence -> 'limit' AS "limit" FROM unnest('{2026-01-01,2026-02-01}'::date[]) AS d,
	LATERAL (SELECT medaudit.ledger('ZG01AAA0004010100001', 1, 35, d + i + time '08:00', 'd' || i) AS book FROM generate_series(1, 16) AS i) AS b,
	medaudit.audit_charges(b.book, medaudit.visit_context(visit_type => '21'), medaudit.compile_rules('national_6_drug_course')) AS a ORDER BY d, a.charged_at;
-- a claim is judged by the row that holds on its day: fifteen and sixteen dates before, fourteen and fifteen after, and stays across, each date of which is judged by the row of that day
SELECT d.label, a.line_id, a.excess_quantity, a.evidence -> 'limit' AS "limit"
FROM (VALUES ('fifteen before', date '2026-01-05', 15), ('sixteen before', '2026-01-05', 16), ('fourteen after', '2026-01-28', 14), ('fifteen after', '2026-01-28', 15), ('across', '2026-01-20', 20), ('long across', '2026-01-12', 31)) AS d (label, day, days),
	LATERAL (SELECT medaudit.ledger('ZG01AAA0004010100001', 1, 35, d.day + i + time '08:00', 'd' || to_char(d.day + i, 'MMDD')) AS book FROM generate_series(0, d.days - 1) AS i) AS b,
	medaudit.audit_charges(b.book, medaudit.visit_context(visit_type => '21'), medaudit.compile_rules('national_6_drug_course')) AS a ORDER BY d.day, d.days, a.charged_at;
-- again, in whatever order: nothing changes; an older revision does not undo a newer one, nor does a revision what a fund has changed
CREATE TABLE files.stands AS SELECT md5(string_agg(c::text, E'\n' ORDER BY c.charge_rule_id)) AS digest FROM medaudit.charge_rule AS c;
SELECT layout, medaudit.import_rules(layout, 'files.revision') AS again, medaudit.import_rules(layout, 'files.names', 'files.codes') AS base_again
FROM unnest('{drug_sex,drug_child,drug_insurance,drug_visit_type,drug_facility_level,drug_course}'::text[]) AS layout;
SELECT (SELECT digest FROM files.stands) = md5(string_agg(c::text, E'\n' ORDER BY c.charge_rule_id)) AS the_same FROM medaudit.charge_rule AS c;
UPDATE files.revision SET "公布日期" = '2025-06-01', "限定条件" = '支付不超过7天。' WHERE "规则名称" = '药品限支付疗程' AND "药品通用名" = '益气复脉';
UPDATE medaudit.charge_rule SET max_age = '14 years' WHERE item_code = 'ZG01AAA0002010100001' AND valid @> date '2026-02-01';
SELECT layout, medaudit.import_rules(layout, 'files.revision') AS taken FROM unnest('{drug_course,drug_child}'::text[]) AS layout;
SELECT reason FROM medaudit.import_problem WHERE source = 'files.revision' AND layout IN ('drug_course', 'drug_child') ORDER BY layout, row_number;
-- a later list of indications replaces words, and leaves alone what was made of words that stand
UPDATE medaudit.charge_rule SET diagnosis_prefixes = '{E11}' WHERE rule_code = 'national_12_drug_indication';
UPDATE files.listed SET "限定条件" = '限成人2型糖尿病。', "公布日期" = '2026-09-01' WHERE "药品代码" = 'XA10BKD001A001010100002';
SELECT medaudit.import_rules('drug_indication', 'files.listed');
SELECT item_code, diagnosis_prefixes, valid, note FROM medaudit.charge_rule WHERE rule_code = 'national_12_drug_indication' ORDER BY item_code COLLATE "C", lower(valid) NULLS FIRST;

-- whatever sheet comes first, a claim is judged by that of its day: a base, a revision of 2025, one of 2026, in all orders, over codes that
-- are new, change or stay in each; the same in plain SQL; what is told differs alone
DELETE FROM medaudit.charge_rule WHERE rule_code ~ '^national_(5|12)_';
TRUNCATE medaudit.import_problem;
CREATE TABLE files.sheet (sheet text, day date, item_code text, word text);
INSERT INTO files.sheet
SELECT s.name, s.day, 'ZG09AAA' || lpad(i::text, 4, '0') || '010100001', (ARRAY['二级', '三级'])[1 + (i / s.place) % 2]
FROM (VALUES ('base', NULL::date, 1), ('r2025', '2025-06-01', 2), ('r2026', '2026-01-28', 4)) AS s (name, day, place), generate_series(0, 63) AS i WHERE (i / (s.place * 8)) % 2 = 0 OR i < 8;
CREATE VIEW files.base_names AS SELECT '药' || item_code AS "药品通用名", '需' || word || '医院处方。' AS "药品说明", word AS "限定值域" FROM files.sheet WHERE sheet = 'base';
CREATE VIEW files.base_codes AS SELECT '药' || item_code AS "药品通用名", item_code AS "药品代码" FROM files.sheet WHERE sheet = 'base';
CREATE VIEW files.r2025 AS SELECT '药品限医疗机构级别' AS "规则名称", '药' || item_code AS "药品通用名", '需' || word || '医院处方。' AS "限定条件", item_code AS "药品代码", day::text AS "公布日期" FROM files.sheet WHERE sheet = 'r2025';
CREATE VIEW files.r2026 AS SELECT '药品限医疗机构级别' AS "规则名称", '药' || item_code AS "药品通用名", '需' || word || '医院处方。' AS "限定条件", item_code AS "药品代码", day::text AS "公布日期" FROM files.sheet WHERE sheet = 'r2026';
CREATE VIEW files.holds AS
SELECT i.item_code, d.day, (SELECT s.word FROM files.sheet AS s WHERE s.item_code = i.item_code AND coalesce(s.day, '-infinity') <= d.day ORDER BY s.day DESC NULLS LAST LIMIT 1) AS wanted,
	(SELECT string_agg(substring(c.note, '([二三]级)'), '+') FROM medaudit.charge_rule AS c WHERE c.rule_code = 'national_5_drug_facility_level' AND c.item_code = i.item_code AND coalesce(c.valid @> d.day, true)) AS got
FROM (SELECT DISTINCT item_code FROM files.sheet) AS i, unnest('{2025-05-31,2025-06-01,2026-01-27,2026-01-28}'::date[]) AS d (day);
CREATE TABLE files.orders (sheets text[], came bigint, told bigint, wrong bigint, untold bigint);
DO $$
DECLARE
	sheets text[]; name text; came bigint;
BEGIN
	FOR sheets IN SELECT ARRAY[a, b, c] FROM unnest('{base,r2025,r2026}'::text[]) AS a, unnest('{base,r2025,r2026}'::text[]) AS b, unnest('{base,r2025,r2026}'::text[]) AS c WHERE a <> b AND b <> c AND a <> c ORDER BY 1 LOOP
		DELETE FROM medaudit.charge_rule WHERE rule_code = 'national_5_drug_facility_level';
		TRUNCATE medaudit.import_problem;
		came := 0;
		FOREACH name IN ARRAY sheets LOOP
			came := came + CASE name WHEN 'base' THEN medaudit.import_rules('drug_facility_level', 'files.base_names', 'files.base_codes') ELSE medaudit.import_rules('drug_facility_level', ('files.' || name)::regclass) END;
		END LOOP;
		INSERT INTO files.orders SELECT sheets, came, (SELECT count(*) FROM medaudit.import_problem), count(*) FILTER (WHERE h.got IS DISTINCT FROM h.wanted),
			count(*) FILTER (WHERE h.got IS DISTINCT FROM h.wanted AND NOT EXISTS (SELECT FROM medaudit.import_problem AS p WHERE p.fields ->> '药品代码' = h.item_code)) FROM files.holds AS h;
	END LOOP;
END
$$;
TABLE files.orders;
SELECT reason, count(*) FROM medaudit.import_problem GROUP BY 1;
-- so it is of lists that hold always, whichever comes first, and of their rows in one that holds from a day on
CREATE TABLE files.early (LIKE files.listed);
INSERT INTO files.early VALUES ('药品限适应症', '达格列净片', '限2型糖尿病。', NULL, 'XA10BKD001A001010100001', '2026-05-23', NULL), ('药品限适应症', '达格列净片', '限2型糖尿病。', NULL, 'XA10BKD001A001010100002', '2026-05-23', NULL);
CREATE TABLE files.late (LIKE files.listed);
INSERT INTO files.late VALUES ('药品限适应症', '达格列净片', '限成人2型糖尿病。', NULL, 'XA10BKD001A001010100001', '2026-09-01', NULL), ('药品限适应症', '达格列净片', '限2型糖尿病', NULL, 'XA10BKD001A001010100002', '2026-09-01', NULL);
SELECT medaudit.import_rules('drug_indication', 'files.late') AS late, medaudit.import_rules('drug_indication', 'files.early') AS early, medaudit.import_rules('drug_indication', 'files.late') AS late_again, medaudit.import_rules('drug_indication', 'files.early') AS early_again;
SELECT item_code, valid, published_on, note FROM medaudit.charge_rule WHERE rule_code = 'national_12_drug_indication' ORDER BY item_code COLLATE "C", lower(valid) NULLS FIRST;
-- two rules of the framework in the sheets of one layout: each row is one of its own, and a code goes from the one to the other
DELETE FROM medaudit.charge_rule WHERE rule_code ~ '^national_[13]_drug';
TRUNCATE files.names, files.codes, files.revision;
INSERT INTO files.names VALUES ('工伤膏', '工伤保险目录用药', NULL, '工伤', NULL), ('引产栓', '生育保险目录用药', NULL, ' 生育', NULL), ('失业片', '失业', NULL, '失业', NULL), ('小儿片', '限儿童。', NULL, '儿童', NULL);
INSERT INTO files.codes VALUES ('工伤膏', '1', 'ZH01AAB0066010100716', NULL), ('引产栓', '1', 'XG02ADD001X001010100001', NULL), ('失业片', '1', 'ZH01AAB0066010100999', NULL), ('小儿片', '1', 'ZG01AAA0002010100002', NULL);
INSERT INTO files.revision VALUES ('药品限儿童使用', '小儿片', '限儿童。', NULL, 'ZG01AAA0002010100002', '2026-01-28', NULL), ('药品儿童专用', '小儿片', '限儿童。', NULL, 'ZG01AAA0002010100002', '2026-01-28', NULL);
SELECT medaudit.import_rules('drug_child', 'files.revision') AS revision, medaudit.import_rules('drug_insurance', 'files.names', 'files.codes') AS insurance, medaudit.import_rules('drug_child', 'files.names', 'files.codes') AS child, medaudit.import_rules('drug_child', 'files.revision') AS again;
SELECT c.rule_code, r.national_code, medaudit.national_rule_name(r.national_code) AS name, c.item_code, c.insurance_types, c.max_age, c.valid FROM medaudit.charge_rule AS c JOIN medaudit.rule AS r USING (rule_code) WHERE c.rule_code ~ '^national_(1_drug_child|3)' ORDER BY c.rule_code COLLATE "C", c.item_code COLLATE "C";
SELECT layout, row_number, reason FROM medaudit.import_problem WHERE source IN ('files.names', 'files.revision') AND layout IN ('drug_child', 'drug_insurance') ORDER BY layout, row_number, reason;
SELECT d, a.rule_code FROM unnest('{2026-01-27,2026-01-28}'::date[]) AS d, LATERAL (SELECT medaudit.ledger('ZG01AAA0002010100002', i, 35, d + time '08:00') AS book FROM generate_series(1, 1) AS i) AS b,
	medaudit.audit_charges(b.book, medaudit.visit_context(birth_date => '1980-01-01'), medaudit.compile_rules('national_1_drug_child', 'national_1_drug_child_limit')) AS a ORDER BY d;

-- the files as published, where they are at hand
\set have `test -r "$MEDAUDIT_MATERIAL/nhsa/b7_exclusive_pairs.csv" && echo true || echo false`
\if :have
DELETE FROM medaudit.charge_rule WHERE rule_code LIKE 'national%';
CREATE TABLE files.b7 (a text, b text, c text, d text, e text, f text, g text);
CREATE TABLE files.b81 (a text, b text, c text, d text, e text);
CREATE TABLE files.b84 (a text, b text, c text, d text, e text, f text);
\copy files.b7 FROM PROGRAM 'cat "$MEDAUDIT_MATERIAL/nhsa/b7_exclusive_pairs.csv"' (FORMAT csv)
\copy files.b81 FROM PROGRAM 'cat "$MEDAUDIT_MATERIAL/nhsa/b8_daily_caps.csv"' (FORMAT csv)
\copy files.b84 FROM PROGRAM 'cat "$MEDAUDIT_MATERIAL/nhsa/b8_period_caps.csv"' (FORMAT csv)
-- the first row of each holds the headers
DO $$
DECLARE
	sheet text; pairs record; sheets text[] := '{b7,b81,b84}';
	layouts text[] := '{exclusive_pairs,daily_caps,period_caps}';
	wanted bigint[] := '{900,67,14}'; got bigint;
BEGIN
	FOR i IN 1..3 LOOP
		FOR pairs IN EXECUTE format('SELECT e.key, e.value FROM jsonb_each_text((SELECT to_jsonb(s) FROM files.%I AS s WHERE ctid = ''(0,1)'')) AS e', sheets[i]) LOOP
			EXECUTE format('ALTER TABLE files.%I RENAME %I TO %I', sheets[i], pairs.key, pairs.value);
		END LOOP;
		EXECUTE format('DELETE FROM files.%I WHERE ctid = ''(0,1)''', sheets[i]);
		got := medaudit.import_rules(layouts[i], ('files.' || sheets[i])::regclass);
		IF got <> wanted[i] THEN
			RAISE WARNING '%: % rows came in, % were expected', layouts[i], got, wanted[i];
		END IF;
		IF medaudit.import_rules(layouts[i], ('files.' || sheets[i])::regclass) <> 0 THEN
			RAISE WARNING '%: rows came in twice', layouts[i];
		END IF;
	END LOOP;
	IF (SELECT count(*) FROM medaudit.charge_rule WHERE rule_code = 'national_8_daily_caps' AND unit = '小时' AND max_quantity = 24 AND scope = 'day') <> 33 THEN
		RAISE WARNING 'the 33 caps per hour are not there';
	END IF;
	IF (SELECT string_agg(reason, ', ' ORDER BY row_number) FROM medaudit.import_problem WHERE source = 'files.b81')
			<> 'a total, not a rule, a remark, not a rule' THEN
		RAISE WARNING 'the total and the remark of the caps were not left out';
	END IF;
END
$$;
\endif
DELETE FROM medaudit.charge_rule WHERE rule_code LIKE 'national%';
DELETE FROM medaudit.rule WHERE rule_code LIKE 'national%';
TRUNCATE medaudit.import_problem;
DROP SCHEMA files CASCADE;
