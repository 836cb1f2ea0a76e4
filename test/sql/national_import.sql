-- national_import: all sheets of a schema in one call
\set SHOW_CONTEXT never
\set VERBOSITY terse
SET datestyle = iso;
SET client_min_messages = warning;
DELETE FROM medaudit.rule WHERE NOT shipped;
CALL medaudit.import_national(NULL);
CALL medaudit.import_national('nowhere');
CREATE SCHEMA "Sheets";
CALL medaudit.import_national('Sheets');
-- whatever they are called: by their headers, and by what stands in the first rows where these are alike
CREATE TABLE "Sheets".s1 ("药品通用名" text, "药品说明" text, "限定类型" text, "限定对象" text);
INSERT INTO "Sheets".s1 VALUES ('妇科片', '用于女性。', '限定性别对象', '女'), ('无码', '用于女性。', '限定性别对象', '女');
CREATE TABLE "Sheets".s2 ("药品通用名" text, "序号" text, "药品代码" text, "限定类型" text);
INSERT INTO "Sheets".s2 VALUES ('妇科片', '1', 'ZG01AAA0001010100001', '限定性别对象'), ('妇科片', '2', 'ZG01AAA0001010100002', '限定性别对象');
CREATE TABLE "Sheets".s3 (LIKE "Sheets".s1);
INSERT INTO "Sheets".s3 VALUES ('儿科片', '用于小儿。', '限定年龄对象', '儿童');
CREATE TABLE "Sheets".s4 ("药品通用名" text, "序号" text, "国标代码" text, "限定类型" text);
INSERT INTO "Sheets".s4 VALUES ('儿科片', '1', 'ZA04CAE0023010100166', '限定年龄对象');
CREATE TABLE "Sheets".s5 ("项目名称" text, "国标代码" text, "限定类型" text, "限定对象" text);
INSERT INTO "Sheets".s5 VALUES ('儿童龋齿预防保健', '001302000010000', '限定年龄对象', '儿童');
CREATE TABLE "Sheets".s6 ("项目名称" text, "项目说明" text, "国标代码" text, "限定类型" text, "限定性别" text);
INSERT INTO "Sheets".s6 VALUES ('输精管造影', '男性', '002101030290000', '限定性别对象', '男');
CREATE TABLE "Sheets".s7 ("项目名称" text, "项目说明" text, "国标代码" text, "限定类型" text, "限定值域" text);
INSERT INTO "Sheets".s7 VALUES ('甲术', '第二', '003310010140000', '限定主次操作', '胃肠手术组');
CREATE TABLE "Sheets".s8 ("序号" text, "项目名称" text, "备注" text, "项目代码" text);
INSERT INTO "Sheets".s8 VALUES ('1', '职业功能训练', '参保人年龄超出法定就业年龄限制', '003402000320000');
CREATE TABLE "Sheets".s9 (LIKE "Sheets".s8);
INSERT INTO "Sheets".s9 VALUES ('1', '手功能评定', '总时间不超过90天，评定间隔时间不短于14天。', '003402000050000');
CREATE TABLE "Sheets".t1 ("序号" text, "项目名称" text, "频次上限" text, "疗程周期" text, "备注" text, "项目代码" text);
INSERT INTO "Sheets".t1 VALUES ('1', '糖化血红蛋白测定', '1', '15', '规范', '002503020030000');
CREATE TABLE "Sheets".t2 ("序号" text, "项目名称" text, "限制数量" text, "数量单位" text, "项目编码" text);
INSERT INTO "Sheets".t2 VALUES ('1', '急诊监护费', '1', '日', '001103000010000'), ('2', '甲', '零', '日', '001103000020000'), ('3', '乙', '0', '日', '001103000030000'), ('合计', NULL, NULL, NULL, NULL);
CREATE TABLE "Sheets".t3 ("序号" text, "频度" text, "主项名称" text, "主项编码" text, "从项名称" text, "从项编码" text, "备注" text);
INSERT INTO "Sheets".t3 VALUES ('1', '单日', '甲', '001103000010000', '乙', '001102000030000', NULL);
CREATE TABLE "Sheets".a_revision ("规则名称" text, "药品通用名" text, "限定条件" text, "检出逻辑" text, "药品代码" text, "公布日期" text, "附件" text);
INSERT INTO "Sheets".a_revision VALUES ('药品区分性别使用', '妇科片', '用于女性的带下。', NULL, 'ZG01AAA0001010100002', '2026-01-28', NULL), ('药品儿童专用', '儿科片', '用于小儿', NULL, 'ZA04CAE0023010100166', '2026-01-28', NULL),
	('药品限儿童使用', '新针', '限儿童。', NULL, 'XH01ACY367B002010100001', '2026-01-28', NULL);
CREATE TABLE "Sheets".a_list (LIKE "Sheets".a_revision);
INSERT INTO "Sheets".a_list VALUES ('中药饮片单方使用不予支付', '丁香', '单方。', NULL, 'T000700200', '2026-05-11', NULL), ('中药饮片单复方均不予支付', '鹿茸', '均不。', NULL, 'T001700001', '2026-05-11', NULL), ('药品限新规', '某片', '限。', NULL, 'XA10', '2026-05-11', NULL), (NULL, '某片', '限。', NULL, 'XA10', '2026-05-11', NULL);
-- what is no sheet, lacks its codes, or belongs to nothing
CREATE TABLE "Sheets".other (a int);
INSERT INTO "Sheets".other VALUES (1), (2);
CREATE TABLE "Sheets".alone ("药品通用名" text, "药品说明" text, "限定类型" text, "限定值域" text);
INSERT INTO "Sheets".alone VALUES ('眼内针', '三级', '限定机构等级', '三级');
CREATE VIEW "Sheets".codes_alone AS SELECT '某药' AS "药品通用名", '1' AS "序号", 'X' AS "国标代码", '限定支付疗程' AS "限定类型";
CREATE TABLE "Sheets".empty (LIKE "Sheets".a_list);
SET client_min_messages = notice;
CALL medaudit.import_national('Sheets');
SET client_min_messages = warning;
SELECT sheet, codes, rule_code, rows, points, imported, replaced, standing, refused, reasons FROM medaudit.national_import WHERE directory_schema = 'Sheets' ORDER BY sheet COLLATE "C", layout COLLATE "C", rule_code COLLATE "C", reasons::text COLLATE "C";
SELECT count(*) FILTER (WHERE rows <> imported + standing + refused) AS odd, count(*) FILTER (WHERE refused <> coalesce((SELECT sum(r.value::int) FROM jsonb_each_text(reasons) AS r), 0)) AS unexplained FROM medaudit.national_import;
SELECT c.rule_code, count(*), count(c.valid) AS dated, min(r.national_code) AS national_code, medaudit.national_rule_name(min(r.national_code)) AS name
FROM medaudit.charge_rule AS c JOIN medaudit.rule AS r USING (rule_code) WHERE c.rule_code LIKE 'national%' GROUP BY c.rule_code ORDER BY c.rule_code COLLATE "C";
-- again: nothing changes, and all that stood is said to stand
CREATE TEMP TABLE stands AS SELECT md5(string_agg(c::text, E'\n' ORDER BY c.charge_rule_id)) AS digest FROM medaudit.charge_rule AS c;
CALL medaudit.import_national('Sheets');
SELECT sum(imported) AS imported, sum(standing) AS standing, sum(refused) AS refused FROM medaudit.national_import;
SELECT (SELECT digest FROM stands) = md5(string_agg(c::text, E'\n' ORDER BY c.charge_rule_id)) AS the_same FROM medaudit.charge_rule AS c;
-- two sheets of codes for one of names: nobody knows which
CREATE TABLE "Sheets".s2b AS TABLE "Sheets".s2;
CALL medaudit.import_national('Sheets');
SELECT sheet, reasons FROM medaudit.national_import WHERE layout = 'drug_sex' ORDER BY sheet COLLATE "C";
DROP TABLE "Sheets".s2b;
-- a keeper of rules, with the grants of doc/rules.md and no more, imports, proposes and accepts; a reader proposes alone
CREATE ROLE regress_medaudit_keeper;
GRANT USAGE ON SCHEMA medaudit, "Sheets" TO regress_medaudit_keeper;
GRANT SELECT ON ALL TABLES IN SCHEMA "Sheets" TO regress_medaudit_keeper;
GRANT INSERT, UPDATE, DELETE ON medaudit.rule, medaudit.charge_rule, medaudit.package TO regress_medaudit_keeper;
GRANT SELECT, INSERT, DELETE ON medaudit.import_problem, medaudit.national_import TO regress_medaudit_keeper;
GRANT SELECT, INSERT, UPDATE ON medaudit.indication_decision TO regress_medaudit_keeper;
INSERT INTO "Sheets".a_list VALUES ('药品限适应症', '达格列净片', '限2型糖尿病。', NULL, 'XA10BKD001A001010100001', '2026-05-23', NULL);
DELETE FROM medaudit.rule WHERE NOT shipped;
SET ROLE regress_medaudit_keeper;
CALL medaudit.import_national('Sheets');
SELECT sum(imported) AS imported FROM medaudit.national_import;
SELECT medaudit.import_rules('drug_child', '"Sheets".a_revision', check_codes => false) AS again;
SELECT medaudit.accept_indications(array_agg(note)) AS accepted FROM medaudit.propose_indications('national_12_drug_indication');
RESET ROLE;
UPDATE medaudit.charge_rule SET diagnosis_prefixes = NULL WHERE rule_code = 'national_12_drug_indication';
CREATE ROLE regress_medaudit_reader;
GRANT USAGE ON SCHEMA medaudit, "Sheets" TO regress_medaudit_reader;
GRANT SELECT ON ALL TABLES IN SCHEMA "Sheets" TO regress_medaudit_reader;
SET ROLE regress_medaudit_reader;
SELECT note, diagnosis_prefixes, accepted_by = session_user AS accepted FROM medaudit.propose_indications();
SELECT medaudit.accept_indications('{达格列净片: 限2型糖尿病。}');
CALL medaudit.import_national('Sheets');
RESET ROLE;
DROP OWNED BY regress_medaudit_keeper, regress_medaudit_reader;
DROP ROLE regress_medaudit_keeper, regress_medaudit_reader;
TRUNCATE medaudit.indication_decision;
TRUNCATE medaudit.national_import, medaudit.import_problem;
DELETE FROM medaudit.rule WHERE NOT shipped;
DROP SCHEMA "Sheets" CASCADE;
