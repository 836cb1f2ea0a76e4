-- masked: what readers see who may not see who it is
\set SHOW_CONTEXT never
SET datestyle = iso;
SET client_min_messages = error;
-- numbers in a text: valid ones, however they are written
SELECT medaudit.mask_numbers(t) FROM unnest(ARRAY['号码11010519491231002X。', '11010519491231002x', '１１０１０５１９４９１２３１００２Ｘ的', '"person_id": "110105491231002"',
	'110105194912310021', 'A11010519491231002X', '11010519491231002X1', '0.110105491231002', '13800138000', '', NULL]) WITH ORDINALITY AS u (t, n) ORDER BY n;
-- a number of 18 digits, whatever stands beside it; one of 15 by itself
SELECT medaudit.mask_numbers(t) FROM unnest(ARRAY['ZY11010519491231002X', '住院号11010519491231002X01', '202511010519491231002X', 'no 11010519491231002X.', 'no 110105491231002. 1', 'C110105491231002', '110105491231002.5', 'V110105194912310022']) AS t;
SELECT medaudit.mask_person_id(t) FROM unnest(ARRAY['ZY11010519491231002X', '11010519491231002X01', 'P12345678901']) AS t;
SELECT medaudit.mask_numbers('甲B1与B12', '{B12,B1}'), medaudit.mask_numbers('甲110105194912310021', '{110105194912310021}'), medaudit.mask_numbers('甲', '{}');
SELECT medaudit.mask_phone(p) FROM unnest('{13800138000,01088886666,88886666,8886666,120}'::text[]) WITH ORDINALITY AS u (p, n) ORDER BY n;
SELECT medaudit.mask_person_id(p) FROM unnest('{P1,11010519491231002X,11010519491231002x,110105194912310021,110105491231002,33010020001,330100200012345678901}'::text[]) WITH ORDINALITY AS u (p, n) ORDER BY n;
SELECT medaudit._mask_sentence('张三丰与张三登记出生日期为1949年12月31日，而身份证号码所示为1950年1月1日，住2026年3月1日。', '{张三,张三丰,NULL,""}');
SELECT medaudit._mask_sentence('无人', NULL), medaudit._mask_sentence(NULL, '{张三}');

-- a fund that numbers its people by their resident numbers: one of them misspelt, one without a name
CREATE SCHEMA warehouse;
CREATE TABLE warehouse.person (person_id text, resident_id text, name text, sex text, birth_date date, household_id text, phone text, address text);
INSERT INTO warehouse.person VALUES
	('11010519491231002X', '11010519491231002X', '王小明', '1', '1949-12-30', 'H1', '8886666', '某市某区某街道佳灵路5号3栋1单元201室'),
	('110105194912310021', '110105194912310021', '王大力', '1', '1950-01-01', 'H1', '8886666', '某市某区某街道佳灵路5号3栋1单元201室'),
	('110105195001010017', '110105195001010017', NULL, '1', '1950-01-01', 'H1', '8886666', '某市某区某街道佳灵路5号3栋1单元201室');
-- one of whom the register tells two things
INSERT INTO warehouse.person VALUES ('110105196001010016', NULL, '李一', '1', '1960-01-01', 'H2', NULL, NULL), ('110105196001010016', NULL, '李一', '2', '1960-01-01', 'H2', NULL, NULL);
CREATE TABLE warehouse.visit AS
SELECT 'V' || n || p.nth AS visit_id, p.person_id, 'F1' AS facility_id, timestamp '2026-01-05 09:00' + n * interval '14 days' AS admitted_at,
	timestamp '2026-01-10 09:00' + n * interval '14 days' AS discharged_at, '21' AS visit_type, p.person_id AS record_no, 1000 AS total_amount, 'I10' AS main_diagnosis
FROM (SELECT person_id, row_number() OVER (ORDER BY person_id) AS nth FROM warehouse.person WHERE household_id = 'H1') AS p, generate_series(1, 4) AS n;
CREATE TABLE warehouse.charge AS
SELECT v.visit_id, 'L' || l AS line_id, 'A' AS item_code, 1 AS quantity, 10 AS amount, v.admitted_at + l * interval '1 minute' AS charged_at
FROM warehouse.visit AS v, generate_series(1, 2) AS l;
CALL medaudit.bind('person', 'warehouse.person');
CALL medaudit.bind('visit', 'warehouse.visit');
CALL medaudit.bind('charge', 'warehouse.charge');
INSERT INTO medaudit.rule (rule_code, kind, name_zh, certainty) VALUES ('t_twice', 'duplicate', '重复收费', 'violation');
INSERT INTO medaudit.charge_rule (rule_code, item_code, scope) VALUES ('t_twice', 'A', 'day');
CALL medaudit.run_audit('2026-01-01', '2026-07-01', '{t_twice,same_household_admissions,companions,split_stays,invalid_resident_id,resident_id_mismatch,frequent_stays}');
SELECT rule_code, count(*) FROM medaudit.finding GROUP BY 1 ORDER BY rule_code COLLATE "C";
-- numbers, telephones and addresses stand nowhere in what a finding says
CREATE VIEW warehouse.said AS
SELECT f.evidence_text || f.evidence AS said FROM medaudit.finding AS f UNION ALL SELECT concat(l.evidence_text, l.evidence) FROM medaudit.finding_line AS l
UNION ALL SELECT concat(q.problem, q.problem_zh, q.examples) FROM medaudit.run_quality AS q;
SELECT count(*) > 0 AS told, count(*) FILTER (WHERE said ~ '11010519|8886666|佳灵路') AS shown, count(*) FILTER (WHERE said ~ '王小明') > 0 AS names FROM warehouse.said;
SELECT problem, examples FROM medaudit.data_quality WHERE relation = 'person' AND examples IS NOT NULL ORDER BY problem COLLATE "C";
SELECT rule_code, (array_agg(evidence_text ORDER BY subject_id COLLATE "C", evidence_text COLLATE "C"))[1] FROM medaudit.findings WHERE rule_code ~ 'resident|household|companions' GROUP BY 1 ORDER BY rule_code COLLATE "C";
SELECT DISTINCT l.value -> 'value' AS phone FROM medaudit.finding AS f, jsonb_array_elements(f.evidence -> 'links') AS l WHERE l.value ->> 'kind' = 'phone';

-- a reader has the twins and nothing else
CREATE ROLE regress_medaudit_reader;
CALL medaudit.grant_access('regress_medaudit_reader', 'reader');
SET ROLE regress_medaudit_reader;
SELECT count(*) > 0 AS told, count(*) FILTER (WHERE w::text ~ '11010519|1949|1950|8886666|佳灵路|小明|大力') AS shown, count(*) FILTER (WHERE w::text ~ '王\*\*') > 0 AS masked FROM medaudit.worklist_masked AS w;
SELECT count(*) > 0 AS told, count(*) FILTER (WHERE f::text ~ '11010519|1949|1950|8886666|佳灵路|小明|大力') AS shown, count(*) FILTER (WHERE f::text ~ '王\*\*') > 0 AS masked FROM medaudit.findings_masked AS f;
SELECT rule_code, person_id, person_name, record_no, evidence_text FROM medaudit.findings_masked WHERE rule_code ~ 'resident|companions' ORDER BY rule_code COLLATE "C", person_id COLLATE "C", evidence_text COLLATE "C";
SELECT run_state, count(*) > 0 AS rows FROM medaudit.worklist_masked GROUP BY 1;
SELECT length(p) > 5000 AS told, p ~ '11010519|1949|1950|8886666|佳灵路|小明|大力' AS shown, p ~ '王\*\*' AS masked FROM unnest(ARRAY[medaudit.report(), medaudit.report(NULL, 'F1')]) AS p;
SELECT count(*) FROM medaudit.worklist;
SELECT count(*) FROM medaudit.finding;
RESET ROLE;
INSERT INTO medaudit.run (run_id, scope, from_date, to_date, state) VALUES (9100, 'persons', '2026-01-01', '2027-01-01', 'done');
-- the same rows as the views, and no column of evidence, birth or address
SELECT count(*) FROM (SELECT rank, finding_id, gross_amount, charged_at, run_state FROM medaudit.worklist_masked EXCEPT ALL SELECT rank, finding_id, gross_amount, charged_at, run_state FROM medaudit.worklist) AS d;
SELECT count(*) FROM (SELECT rank, finding_id, gross_amount, charged_at, run_state FROM medaudit.worklist EXCEPT ALL SELECT rank, finding_id, gross_amount, charged_at, run_state FROM medaudit.worklist_masked) AS d;
SELECT count(*) FROM (SELECT finding_id, gross_amount, line_count, run_state FROM medaudit.findings EXCEPT ALL SELECT finding_id, gross_amount, line_count, run_state FROM medaudit.findings_masked) AS d;
SELECT c.relname, c.reloptions, count(*) FILTER (WHERE a.attname ~ 'evidence$|birth|address|phone') AS telling, count(*) FILTER (WHERE col_description(c.oid, a.attnum) IS NULL) AS silent
FROM pg_class AS c JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0
WHERE c.relname ~ '_masked$' AND c.relnamespace = 'medaudit'::regnamespace GROUP BY 1, 2 ORDER BY 1;
DROP OWNED BY regress_medaudit_reader;
DROP ROLE regress_medaudit_reader;
DROP VIEW medaudit_data.visit, medaudit_data.charge, medaudit_data.person;
DELETE FROM medaudit.binding;
TRUNCATE medaudit.run;
ALTER TABLE medaudit.finding DISABLE TRIGGER guard;
ALTER TABLE medaudit.finding_line DISABLE TRIGGER guard;
TRUNCATE medaudit.finding;
ALTER TABLE medaudit.finding ENABLE TRIGGER guard;
ALTER TABLE medaudit.finding_line ENABLE TRIGGER guard;
DELETE FROM medaudit.rule WHERE rule_code = 't_twice';
DROP SCHEMA warehouse CASCADE;
