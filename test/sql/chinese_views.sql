-- chinese_views: the views under Chinese headings, for spreadsheets
SET client_min_messages = error;
SET datestyle = iso;
CREATE TABLE public.headed AS SELECT c.oid AS view, c.relname, d.original FROM pg_class AS c
CROSS JOIN LATERAL (SELECT substring(obj_description(c.oid, 'pg_class') FROM ': (\w+) under') AS original) AS d
WHERE c.relnamespace = 'medaudit'::regnamespace AND c.relkind = 'v' AND octet_length(c.relname::text) > length(c.relname::text);
SELECT relname, original FROM public.headed ORDER BY relname COLLATE "C";
-- all with the rights of the reader; every column has a heading and says what it is
SELECT h.relname FROM public.headed AS h JOIN pg_class AS c ON c.oid = h.view WHERE NOT coalesce(c.reloptions @> '{security_invoker=true}', false);
SELECT h.relname, a.attname FROM public.headed AS h JOIN pg_attribute AS a ON a.attrelid = h.view AND a.attnum > 0
WHERE a.attname !~ '^[一-龥]+$' OR col_description(h.view, a.attnum) !~ ('^' || a.attname || ': [a-z_]+(;|$)');
SELECT a.attname, col_description(a.attrelid, a.attnum) FROM pg_attribute AS a WHERE a.attrelid = 'medaudit.疑点清单_脱敏'::regclass AND a.attname IN ('姓名', '机构编号', '违规金额') ORDER BY a.attnum;
-- types are those of the originals, money has two decimals, and what is hard for a spreadsheet is not there
SELECT h.relname, a.attname, format_type(a.atttypid, a.atttypmod), format_type(o.atttypid, o.atttypmod)
FROM public.headed AS h JOIN pg_attribute AS a ON a.attrelid = h.view AND a.attnum > 0
JOIN pg_attribute AS o ON o.attrelid = format('medaudit.%I', h.original)::regclass AND o.attname = substring(col_description(h.view, a.attnum) FROM ': (\w+)')
WHERE (a.atttypid, a.atttypmod) IS DISTINCT FROM (o.atttypid, o.atttypmod) OR a.attname ~ '金额' AND a.attname <> '基金金额依据' AND format_type(a.atttypid, a.atttypmod) <> 'numeric(14,2)'
ORDER BY 1, 2;
-- of codes the labels alone: what an original has and a twin has not
SELECT h.relname, string_agg(o.attname, ', ' ORDER BY o.attnum) AS left_out
FROM public.headed AS h JOIN pg_attribute AS o ON o.attrelid = format('medaudit.%I', h.original)::regclass AND o.attnum > 0
WHERE NOT EXISTS (SELECT FROM pg_attribute AS a WHERE a.attrelid = h.view AND a.attnum > 0 AND o.attname = substring(col_description(h.view, a.attnum) FROM ': (\w+)'))
GROUP BY h.relname, h.original ORDER BY h.relname COLLATE "C";

-- the same rows
CREATE SCHEMA headings;
CREATE TABLE headings.person (person_id text, name text, resident_id text);
INSERT INTO headings.person VALUES ('11010519491231002X', '王小明', '11010519491231002X'), ('P2', '李四', NULL);
CREATE TABLE headings.visit AS SELECT 'V' || n AS visit_id, CASE n WHEN 1 THEN '11010519491231002X' ELSE 'P2' END AS person_id, 'F' || n AS facility_id,
	timestamp '2026-01-05 09:00' AS admitted_at, timestamp '2026-01-10 09:00' AS discharged_at, '住院' || n AS record_no, '330' || n AS region FROM generate_series(1, 2) AS n;
CREATE TABLE headings.charge AS SELECT v.visit_id, 'L' || l AS line_id, 'A' AS item_code, '=床位费' AS item_name, 1 AS quantity, 10.5 AS amount, v.admitted_at + l * interval '1 minute' AS charged_at, 'D1' AS physician_id
FROM headings.visit AS v, generate_series(1, 2) AS l;
CREATE TABLE headings.facility AS SELECT 'F' || n AS facility_id, '医院' || n AS name, '3301' || n || '0' AS region FROM generate_series(1, 2) AS n;
CALL medaudit.bind('person', 'headings.person');
CALL medaudit.bind('facility', 'headings.facility');
CALL medaudit.bind('visit', 'headings.visit');
CALL medaudit.bind('charge', 'headings.charge');
INSERT INTO medaudit.rule (rule_code, kind, name_zh, certainty, article) VALUES ('t_headed', 'duplicate', '重复收费', 'violation', 'A38(3)');
INSERT INTO medaudit.charge_rule (rule_code, item_code, scope) VALUES ('t_headed', 'A', 'day');
CALL medaudit.run_audit('2026-01-01', '2026-02-01', '{t_headed,same_household_admissions,companions}');
\x on
SELECT 序号 > 0 AS 序号, 确定程度, 规则编号, 规则名称, 机构编号, 机构名称, 人员编号, 姓名, 就诊编号, 住院号, 项目编码, 费用发生时间, 数量, 金额, 违规金额, 范围内违规金额, 证据说明, 法规条款, 条款内容, 再次发生, 末次运行.运行状态
FROM medaudit.疑点清单 AS 末次运行 WHERE 规则编号 = 't_headed' ORDER BY 机构编号;
SELECT 状态, 主体类型, 机构编号, 违规金额, 条款内容, 运行状态 FROM medaudit.疑点台账 WHERE 规则编号 = 't_headed' ORDER BY 机构编号;
\x off
SELECT 机构编号, 机构名称, 疑点数, 明确违规数, 违规金额, 去重违规金额 FROM medaudit.机构汇总 WHERE 机构名称 LIKE '医院_' ORDER BY 机构编号;
SELECT 人员编号, 姓名, 疑点数, 去重违规金额 FROM medaudit.人员汇总 WHERE 人员编号 IN ('11010519491231002X', 'P2') ORDER BY 人员编号;
SELECT 医师编号, 机构编号, 疑点数, 人数 FROM medaudit.医师汇总 WHERE 医师编号 = 'D1';
SELECT 规则编号, 规则名称, 确定程度, 疑点数, 机构数 FROM medaudit.规则汇总 WHERE 规则编号 = 't_headed';
SELECT 步骤, 规则编号, 规则名称, 状态, 说明 FROM medaudit.运行进度 WHERE 运行编号 = (SELECT max(run_id) FROM medaudit.run) ORDER BY 步骤序号;
SELECT DISTINCT 数据表, 问题说明 FROM medaudit.数据质量 WHERE 运行编号 = (SELECT max(run_id) FROM medaudit.run) AND 月份 IS NULL ORDER BY 1, 2;
SELECT (SELECT count(*) FROM medaudit.疑点清单) = (SELECT count(*) FROM medaudit.worklist) AS lines, (SELECT sum(违规金额) FROM medaudit.疑点清单) = (SELECT sum(gross_amount) FROM medaudit.worklist) AS money,
	(SELECT count(*) FROM medaudit.疑点台账) = (SELECT count(*) FROM medaudit.findings) AS findings, (SELECT count(*) FROM medaudit.数据质量) = (SELECT count(*) FROM medaudit.data_quality) AS quality,
	(SELECT count(*) FROM medaudit.运行进度) = (SELECT count(*) FROM medaudit.run_progress) AS progress;
SELECT rule_code, article, article_zh FROM medaudit.worklist WHERE rule_code = 't_headed' LIMIT 1;

-- a reader has the masked ones and no other, of them what his scope lets him see
CREATE ROLE regress_medaudit_headed;
CALL medaudit.grant_access('regress_medaudit_headed', 'reader');
SET ROLE regress_medaudit_headed;
SELECT 人员编号, 姓名, 机构编号, 条款内容 FROM medaudit.疑点清单_脱敏 WHERE 规则编号 = 't_headed' ORDER BY 机构编号, 就诊编号;
SELECT count(*) > 0 AS told, count(*) FILTER (WHERE w::text ~ '11010519|小明|李四') AS shown FROM medaudit.疑点清单_脱敏 AS w;
SELECT count(*) > 0 AS told, count(*) FILTER (WHERE w::text ~ '11010519|小明|李四') AS shown FROM medaudit.疑点台账_脱敏 AS w;
\set VERBOSITY sqlstate
SELECT count(*) FROM medaudit.疑点清单;
SELECT count(*) FROM medaudit.疑点台账;
SELECT count(*) FROM medaudit.人员汇总;
SELECT count(*) FROM medaudit.机构汇总;
SELECT count(*) FROM medaudit.数据质量;
SELECT count(*) FROM medaudit.运行进度;
RESET ROLE;
-- the right to a heading alone opens nothing behind it
GRANT SELECT ON medaudit.疑点清单, medaudit.人员汇总, medaudit.数据质量 TO regress_medaudit_headed;
SET ROLE regress_medaudit_headed;
SELECT count(*) FROM medaudit.疑点清单;
SELECT count(*) FROM medaudit.人员汇总;
SELECT count(*) FROM medaudit.数据质量;
RESET ROLE;
INSERT INTO medaudit.reader_scope (role_name, facility_id) VALUES ('regress_medaudit_headed', 'F2');
SET ROLE regress_medaudit_headed;
SELECT DISTINCT 机构编号 FROM medaudit.疑点清单_脱敏;
SELECT DISTINCT 机构编号 FROM medaudit.疑点台账_脱敏;
RESET ROLE;
-- where readers have a scope, a view over them lends nothing
CREATE ROLE regress_medaudit_borrower;
CREATE VIEW headings.lent AS SELECT 机构编号 FROM medaudit.疑点清单_脱敏;
GRANT USAGE ON SCHEMA headings TO regress_medaudit_borrower; GRANT SELECT ON headings.lent TO regress_medaudit_borrower;
SET SESSION AUTHORIZATION regress_medaudit_borrower;
SELECT * FROM headings.lent;
RESET SESSION AUTHORIZATION;
\set VERBOSITY default
-- who analyses has them all; who reviews the masked ones
CREATE ROLE regress_medaudit_headed_too;
CALL medaudit.grant_access('regress_medaudit_headed_too', 'reviewer');
SELECT h.relname, has_table_privilege('regress_medaudit_headed_too', h.view, 'SELECT') AS reviews FROM public.headed AS h ORDER BY h.relname COLLATE "C";
CALL medaudit.grant_access('regress_medaudit_headed_too', 'analyst');
SELECT bool_and(has_table_privilege('regress_medaudit_headed_too', h.view, 'SELECT')) AS analyses FROM public.headed AS h;

DROP VIEW headings.lent;
DELETE FROM medaudit.reader_scope WHERE role_name = 'regress_medaudit_headed';
CALL medaudit.revoke_access('regress_medaudit_headed', 'reader');
CALL medaudit.revoke_access('regress_medaudit_headed_too', 'analyst');
CALL medaudit.revoke_access('regress_medaudit_headed_too', 'reviewer');
REVOKE ALL ON medaudit.疑点清单, medaudit.人员汇总, medaudit.数据质量 FROM regress_medaudit_headed;
DROP OWNED BY regress_medaudit_borrower; DROP ROLE regress_medaudit_headed, regress_medaudit_headed_too, regress_medaudit_borrower;
DELETE FROM medaudit.rule WHERE rule_code = 't_headed';
TRUNCATE medaudit.run;
ALTER TABLE medaudit.finding DISABLE TRIGGER guard; ALTER TABLE medaudit.finding_line DISABLE TRIGGER guard;
TRUNCATE medaudit.finding;
ALTER TABLE medaudit.finding ENABLE TRIGGER guard; ALTER TABLE medaudit.finding_line ENABLE TRIGGER guard;
DROP VIEW medaudit_data.person, medaudit_data.facility, medaudit_data.visit, medaudit_data.charge; DELETE FROM medaudit.binding;
DROP SCHEMA headings CASCADE; DROP TABLE public.headed;
