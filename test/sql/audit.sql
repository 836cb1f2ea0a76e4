-- audit: run_audit() over a hand-made warehouse
\set SHOW_CONTEXT never
SET datestyle = iso;
SET client_min_messages = warning;
-- findings are written by hand here, which none but tests do
ALTER TABLE medaudit.finding DISABLE TRIGGER guard;
ALTER TABLE medaudit.finding_line DISABLE TRIGGER guard;
CREATE SCHEMA warehouse;
CREATE TABLE warehouse.person (person_id text, name text, sex text, birth_date date, household_id text);
CREATE TABLE warehouse.facility (facility_id text, name text, rank int);
CREATE TABLE warehouse.visit (visit_id text, person_id text, facility_id text, admitted_at timestamp,
	discharged_at timestamp, settled_at timestamp, visit_type text, main_diagnosis text,
	total_amount numeric, scope_amount numeric, fund_amount numeric, payment_method text, physician_id text);
CREATE TABLE warehouse.charge (visit_id text, line_id text, item_code text, item_name text, quantity numeric,
	amount numeric, claimed numeric, charged_at timestamp, physician_id text);
INSERT INTO warehouse.person VALUES
	('P1', '张三', '1', '1950-01-01', 'H1'), ('P2', '李四', '2', '1952-01-01', 'H1'),
	('P3', '王五', '1', '1980-01-01', NULL), ('P4', '赵六', '2', '1970-01-01', 'H4');
INSERT INTO warehouse.facility VALUES ('F1', '县人民医院', 5), ('F2', '县中医院', 5);
INSERT INTO warehouse.visit VALUES
	-- V21, D09 flag: two stays five days apart; V27, D12 flag: the first with another of the household
	('V1', 'P1', 'F1', '2026-03-01 09:00', '2026-03-05 10:00', '2026-03-05 10:30', '21', 'J18.900', 500, 400, 300, 'item', 'D1'),
	('V2', 'P1', 'F1', '2026-03-10 09:00', '2026-03-12 10:00', '2026-03-12 10:30', '21', 'J18.100', 300, 300, 150, NULL, 'D1'),
	('V3', 'P2', 'F1', '2026-03-01 11:00', '2026-03-06 10:00', '2026-03-06 10:30', '21', 'I10.x00', 600, 500, 400, 'item', NULL),
	-- V22 (a), D10 flag: two nights of it in another hospital as well
	('V4', 'P2', 'F2', '2026-03-04 09:00', '2026-03-08 10:00', '2026-03-08 10:30', '21', 'I63.900', 700, 500, 400, 'drg', NULL),
	-- outpatient visits of one person: no stays, however close
	('V5', 'P3', 'F1', '2026-02-27 09:00', '2026-02-27 10:00', '2026-02-27 10:00', '11', 'E11.900', 60, 60, 30, 'item', NULL),
	('V6', 'P3', 'F1', '2026-03-05 09:00', '2026-03-05 10:00', '2026-03-05 10:00', '11', 'E11.900', 60, NULL, NULL, 'item', 'D3'),
	-- the edges of March: the last moment before it, its first, its end
	('V7', 'P4', 'F1', '2026-02-28 09:00', '2026-02-28 10:00', '2026-02-28 23:59:59', '11', 'I10.x00', 20, 20, 10, 'item', NULL),
	('V8', 'P4', 'F1', '2026-02-28 14:00', '2026-02-28 15:00', '2026-03-01 00:00', '11', 'I10.x00', 20, 20, 10, 'item', NULL),
	('V9', 'P4', 'F1', '2026-03-31 14:00', '2026-03-31 15:00', '2026-04-01 00:00', '11', 'I10.x00', 20, 20, 10, 'item', NULL),
	-- not settled: the discharge decides; V21, D09 not: a mid-stay settlement is one visit
	('V10', 'P4', 'F1', '2026-03-20 14:00', '2026-03-20 15:00', NULL, '11', 'I10.x00', 20, 20, 10, 'capitation', NULL),
	('V11', 'P4', 'F2', '2026-02-01 09:00', '2026-03-25 10:00', '2026-02-28 09:00', '21', 'C34.900', 900, 800, 600, 'item', NULL),
	('V11', 'P4', 'F2', '2026-02-01 09:00', '2026-03-25 10:00', '2026-03-25 10:30', '21', 'C34.900', 100, 200, 100, 'item', NULL),
	('V12', 'P4', 'F2', '2026-03-28 09:00', NULL, NULL, '21', 'C34.900', NULL, NULL, NULL, NULL, NULL);
INSERT INTO warehouse.charge VALUES
	('V1', '1', 'A', '彩超', 1, 90, 90, '2026-03-02 08:00', 'D2'),
	('V1', '2', 'A', '彩超', 1, 90, 60, '2026-03-02 15:30', 'D2'),
	('V1', '3', 'A', '彩超', 1, 90, 90, '2026-03-03 15:30', 'D2'),
	('V2', '1', 'B', '重症监护', 24, 144, 144, '2026-03-11 08:00', NULL),
	('V2', '2', 'C', '一级护理', 1, 20.01, 20.01, '2026-03-11 09:00', NULL),
	('V2', '3', 'C', '一级护理', 1, 20.01, 20.01, '2026-03-12 09:00', NULL),
	('V4', '1', 'A', '彩超', 1, 90, 90, '2026-03-05 08:00', NULL),
	('V4', '2', 'A', '彩超', 1, 90, 90, '2026-03-05 09:00', NULL),
	('V5', '1', 'G', '糖化血红蛋白', 1, 60, 60, '2026-02-27 09:30', NULL),
	('V6', '1', 'G', '糖化血红蛋白', 1, 60, 60, '2026-03-05 09:30', NULL),
	('V7', '1', 'A', '彩超', 1, 10, 10, '2026-02-28 09:10', NULL), ('V7', '2', 'A', '彩超', 1, 10, 10, '2026-02-28 09:20', NULL),
	('V8', '1', 'A', '彩超', 2, 20, 20, '2026-02-28 14:10', NULL), ('V8', '2', 'A', '彩超', 2, 20, 20, '2026-02-28 14:20', NULL),
	('V9', '1', 'A', '彩超', 3, 30, 30, '2026-03-31 14:10', NULL), ('V9', '2', 'A', '彩超', 3, 30, 30, '2026-03-31 14:20', NULL),
	('V10', '1', 'A', '彩超', 4, 40, 40, '2026-03-20 14:10', NULL), ('V10', '2', 'A', '彩超', 4, 40, 40, '2026-03-20 14:20', NULL),
	('V11', '1', 'A', '彩超', 1, 50, 50, '2026-02-10 08:10', NULL), ('V11', '2', 'A', '彩超', 1, 50, 50, '2026-02-10 08:20', NULL),
	('V1', '4', 'Z', '无数量', NULL, 5, 5, '2026-03-02 15:30', NULL), ('VX', '1', 'A', '彩超', 1, 5, 5, '2026-03-02 15:30', NULL);
INSERT INTO medaudit.rule (rule_code, kind, violation, name_zh, certainty, subject, article) VALUES
	('t_duplicate', 'duplicate', '重复收费', '同日重复', 'violation', 'facility', 'A38(3)'),
	('t_exclusive', 'exclusive', '重复收费', '监护含护理', 'suspicion', 'facility', 'A38(3)'),
	('t_period', 'quantity', '超频次收费', '十五日一次', 'violation', 'physician', 'A38(2)'),
	('t_sex', 'restriction', '超限定支付范围', '限女性', 'violation', 'facility', 'A38(6)');
INSERT INTO medaudit.charge_rule (rule_code, item_code, other_code, scope, max_quantity, sex) VALUES
	('t_duplicate', 'A', NULL, 'day', NULL, NULL), ('t_exclusive', 'B', 'C', 'day', NULL, NULL),
	('t_period', 'G', NULL, '15 days', 1, NULL), ('t_sex', 'C', NULL, NULL, NULL, '2');

SELECT setval('medaudit.run_id_seq', 10) AS run_id;

-- what a run cannot be made with
CALL medaudit.run_audit(NULL, '2026-04-01');
CALL medaudit.run_audit('2026-04-01', '2026-04-01');
CALL medaudit.run_audit('2026-03-01', 'infinity');
CALL medaudit.run_audit('2026-03-01', '2026-04-01', '{t_dupli,split_stay}');
CALL medaudit.run_audit('2026-03-01', '2026-04-01', '{t_dupli,none_such}');
CALL medaudit.run_audit('2026-03-01', '2026-04-01', '{zzz}');
CALL medaudit.run_audit('2026-03-01', '2026-04-01');
CALL medaudit.bind('visit', 'warehouse.visit');
CALL medaudit.bind('charge', 'warehouse.charge');
CALL medaudit.run_audit('2026-03-01', '2026-04-01', '{t_duplicate,no_such_rule}');
CALL medaudit.run_audit('2026-03-01', '2026-04-01', '{}');
-- a view made by hand with a time that is another in each session
CREATE VIEW medaudit_data.person AS SELECT 'P1'::text AS person_id, timestamptz '2025-01-01 08:00+08' AS birth_date, '12:00+08'::timetz AS name;
CALL medaudit.run_audit('2026-03-01', '2026-04-01', '{t_duplicate}');
DROP VIEW medaudit_data.person;
BEGIN;
CALL medaudit.run_audit('2026-03-01', '2026-04-01', '{t_duplicate}');
ROLLBACK;
CREATE FUNCTION warehouse.inside() RETURNS void LANGUAGE plpgsql AS
	$$ BEGIN CALL medaudit.run_audit('2026-03-01', '2026-04-01', '{t_duplicate}'); END $$;
SELECT warehouse.inside();
SELECT count(*) FROM medaudit.run;

-- rules are off for want of data, and sources() says which
SELECT relation, 'same_household_admissions' = ANY (rules_off) AS household FROM medaudit.sources() WHERE 't_sex' = ANY (rules_off);
CALL medaudit.run_audit('2026-03-01', '2026-04-01', '{t_sex,t_duplicate,same_household_admissions}');
SELECT step, rule_code, state, rows, insufficient, error FROM medaudit.run_progress ORDER BY run_id, step_no;

CALL medaudit.bind('person', 'warehouse.person');
CALL medaudit.bind('facility', 'warehouse.facility');
SELECT relation, rules_off FROM medaudit.sources() WHERE rules_off && '{t_sex,same_household_admissions}';
-- two who came together once: no finding of the shipped rule, but of one that asks for no more
INSERT INTO medaudit.rule (rule_code, kind, name_zh, parameters) VALUES ('t_home', 'same_household_admissions', '一次即报', '{"min_times_of_two": 1}');
CALL medaudit.run_audit('2026-03-01', '2026-04-01', '{same_household_admissions}');
SELECT count(*) FROM medaudit.finding WHERE rule_code = 'same_household_admissions';
\set all '{t_duplicate,t_exclusive,t_period,t_sex,split_stays,overlapping_stays,t_home}'
CALL medaudit.run_audit('2026-03-01', '2026-04-01', :'all');
SELECT step, rule_code, state, rows, insufficient, error FROM medaudit.run_progress
WHERE run_id = (SELECT max(run_id) FROM medaudit.run) ORDER BY step_no;
SELECT from_date, to_date, state, visits FROM medaudit.run ORDER BY run_id;

-- V1: the second ultrasound of 2 March, 90, claimed 60, of which the fund paid 300/400
-- V2: nursing beside intensive care, 20.01 * 150 / 300; V4: paid by case
-- V6: within 15 dates of V5 in February; V8 is March's by settlement, V7 and V9 are not
-- V10 by discharge; V11 once, its settlements added
SELECT rule_code, subject_kind, subject_id, person_id, visit_id, physician_id, excess_quantity,
	gross_amount, claimed_amount, fund_amount, fund_basis, involved_amount, judged_on, state,
	key = visit_id AS by_visit
FROM medaudit.finding ORDER BY rule_code COLLATE "C", visit_id COLLATE "C";
SELECT f.rule_code, l.line_no, l.visit_id, l.line_id, l.item_code, l.charged_at, l.quantity, l.amount,
	l.excess_quantity, l.excess_amount, l.fund_amount, l.other_code, l.other_visit_id
FROM medaudit.finding AS f JOIN medaudit.finding_line AS l USING (finding_id)
ORDER BY f.rule_code COLLATE "C", f.visit_id COLLATE "C", l.line_no;
SELECT rule_code, evidence - 'partners' AS evidence, evidence_text FROM medaudit.finding
WHERE evidence_text IS NOT NULL ORDER BY rule_code COLLATE "C", evidence_text COLLATE "C";
-- what the hospital reads, the surest and dearest first
SELECT rank, rule_code, gross_amount, fund_amount, evidence_text FROM medaudit.worklist ORDER BY rank;
-- key: SHA-256 of the sorted visits; of a pair and year
SELECT rule_code, key = encode(sha256(convert_to(E'V1\x1fV2', 'UTF8')), 'hex') AS as_told
FROM medaudit.finding WHERE rule_code = 'split_stays' AND visit_id = 'V2';
SELECT rule_code, key = E'P1\x1fP2@2026' AS as_told FROM medaudit.finding WHERE rule_code = 't_home';
SELECT relation, problem, problem_zh, rows FROM medaudit.data_quality
WHERE run_id = (SELECT max(run_id) FROM medaudit.run) AND month IS NULL ORDER BY relation, problem COLLATE "C";

-- again: the same findings under the same numbers
CREATE TABLE warehouse.before AS SELECT * FROM medaudit.finding;
CALL medaudit.run_audit('2026-03-01', '2026-04-01', :'all');
SELECT count(*) AS same, (SELECT count(*) FROM medaudit.finding) AS findings
FROM medaudit.finding AS f JOIN warehouse.before AS b
	ON (f.finding_id, f.rule_code, f.key, f.fingerprint, f.evidence, f.found_at)
		= (b.finding_id, b.rule_code, b.key, b.fingerprint, b.evidence, b.found_at)
	AND f.run_id > b.run_id;
SELECT count(*) AS lines, count(DISTINCT (finding_id, line_no)) FROM medaudit.finding_line;

SELECT setval('medaudit.run_id_seq', 100) AS run_id;

-- what was reviewed is never changed: the same stays, other content stands
-- beside it, what is found no more is put aside; open ones are replaced
CREATE FUNCTION pg_temp.decide(ids bigint[], verdict text) RETURNS void LANGUAGE sql AS $$
	INSERT INTO medaudit.gateway VALUES (session_user) ON CONFLICT DO NOTHING;
	INSERT INTO medaudit.finding_event (finding_id, step, verdict, reason_code, actor)
	SELECT i, 'review', verdict, 'other', a FROM unnest(ids) AS i CROSS JOIN unnest('{ann,ben}'::text[]) AS a ORDER BY i $$;
SELECT pg_temp.decide(array_agg(finding_id), 'confirm') FROM medaudit.finding WHERE visit_id IN ('V1', 'V2') AND rule_code LIKE 't\_%';
SELECT pg_temp.decide(array_agg(finding_id), 'confirm') FROM medaudit.finding WHERE visit_id = 'V6';
SELECT medaudit.issue_findings(array_agg(finding_id), '2026-05-01') FROM medaudit.finding WHERE visit_id = 'V6';
UPDATE warehouse.charge SET claimed = 30 WHERE visit_id = 'V1' AND line_id = '2';
DELETE FROM warehouse.charge WHERE visit_id = 'V6' OR visit_id = 'V10' AND line_id = '2';
CALL medaudit.run_audit('2026-03-01', '2026-04-01', :'all');
SELECT f.rule_code, f.visit_id, f.claimed_amount, f.fund_amount, f.state, f.decided_state,
	f.finding_id IN (SELECT finding_id FROM warehouse.before) AS old,
	(SELECT count(*) FROM medaudit.finding_line AS l WHERE l.finding_id = f.finding_id) AS lines
FROM medaudit.finding AS f WHERE f.rule_code LIKE 't\_%'
ORDER BY f.rule_code COLLATE "C", f.visit_id COLLATE "C", old DESC;
CALL medaudit.run_audit('2026-03-01', '2026-04-01', :'all');
SELECT state, count(*) FROM medaudit.finding GROUP BY state ORDER BY state;

-- a run of some rules leaves the findings of others alone; another period too
CALL medaudit.run_audit('2026-02-01', '2026-03-01', '{t_duplicate}');
SELECT rule_code, visit_id, judged_on, state FROM medaudit.finding
WHERE judged_on < '2026-03-01' ORDER BY visit_id;
SELECT count(*) FROM medaudit.finding WHERE judged_on >= '2026-03-01';

-- a rule that fails is recorded, the others go on
INSERT INTO medaudit.rule (rule_code, kind, name_zh) VALUES ('t_broken', 'split_stays', '坏规则');
INSERT INTO medaudit.rule (rule_code, kind, name_zh) VALUES ('t_broken_cap', 'quantity', '坏规则');
SET session_replication_role = replica;
UPDATE medaudit.rule SET parameters = '{"max_gap_days": -1}' WHERE rule_code = 't_broken';
INSERT INTO medaudit.charge_rule (rule_code, item_code, scope) VALUES ('t_broken_cap', 'A', 'day');
SET session_replication_role = DEFAULT;
SET client_min_messages = error;
\set VERBOSITY sqlstate
CALL medaudit.run_audit('2026-03-01', '2026-04-01', '{t_broken,t_broken_cap,t_duplicate,split_stays}');
\set VERBOSITY default
SET client_min_messages = warning;
SELECT step, rule_code, state, rows, split_part(error, ':', 1) AS error FROM medaudit.run_progress
WHERE run_id = (SELECT max(run_id) FROM medaudit.run) ORDER BY step_no;
SELECT state FROM medaudit.run ORDER BY run_id DESC LIMIT 1;
-- resume asks again what failed, the data quality, and nothing else
UPDATE medaudit.rule SET parameters = '{"max_gap_days": 3}' WHERE rule_code = 't_broken';
DELETE FROM medaudit.charge_rule WHERE rule_code = 't_broken_cap';
INSERT INTO medaudit.charge_rule (rule_code, item_code, scope, max_quantity) VALUES ('t_broken_cap', 'A', 'day', 9);
CALL medaudit.run_audit('2026-03-01', '2026-04-01', '{t_broken,t_broken_cap,t_duplicate,split_stays}', resume => true);
SELECT step, rule_code, state, rows, error IS NOT NULL AS error FROM medaudit.run_progress
WHERE run_id = (SELECT max(run_id) FROM medaudit.run) ORDER BY step_no;
SELECT run_state FROM medaudit.run_progress ORDER BY run_id DESC LIMIT 1;

-- a finding without money in excess has no fund money either, paid by case or not
INSERT INTO medaudit.rule (rule_code, kind, name_zh) VALUES ('t_dx', 'diagnosis', '限男性诊断'), ('t_any', 'split_stays', '任何诊断');
INSERT INTO medaudit.charge_rule (rule_code, diagnosis_prefixes, sex) VALUES ('t_dx', '{I}', '1');
SELECT medaudit.set_rule('t_any', parameters => '{"max_gap_days": 30, "same_facility": false, "diagnosis_digits": 0}');
UPDATE warehouse.visit SET main_diagnosis = 'K35.900' WHERE visit_id = 'V2';
CALL medaudit.run_audit('2026-03-01', '2026-04-01', '{t_dx,t_any}');
SELECT rule_code, visit_id, gross_amount, fund_amount, fund_basis, involved_amount, evidence_text
FROM medaudit.findings WHERE rule_code IN ('t_dx', 't_any') ORDER BY rule_code COLLATE "C", visit_id COLLATE "C";
UPDATE warehouse.visit SET main_diagnosis = NULL WHERE visit_id = 'V2';
CALL medaudit.run_audit('2026-03-01', '2026-04-01', '{t_any}');
SELECT visit_id, evidence_text FROM medaudit.findings WHERE rule_code = 't_any' ORDER BY visit_id COLLATE "C";
UPDATE warehouse.visit SET main_diagnosis = 'J18.100' WHERE visit_id = 'V2';
-- the line before it of a group may be of another item, with or without a name
INSERT INTO medaudit.rule (rule_code, kind, name_zh) VALUES ('t_group', 'amount', '组合限额');
INSERT INTO medaudit.charge_rule (rule_code, item_code, item_group, scope, max_amount)
SELECT 't_group', unnest('{A,C}'::text[]), 'g', 'visit', 100;
INSERT INTO warehouse.charge VALUES
	('V10', '8', 'C', NULL, 1, 90, 90, '2026-03-20 14:05', NULL), ('V3', '8', 'A', NULL, 1, 90, 90, '2026-03-02 09:00', NULL),
	('V3', '9', 'C', NULL, 1, 90, 90, '2026-03-02 10:00', NULL);
CALL medaudit.run_audit('2026-03-01', '2026-04-01', '{t_group}');
SELECT visit_id, line_id, evidence_text FROM medaudit.finding_lines WHERE rule_code = 't_group' ORDER BY 1, 2;
-- an index that finds charges by their visit: an item that those met do not name is looked for in all
CREATE INDEX charge_by_visit ON warehouse.charge (medaudit._read_text(visit_id));
CALL medaudit.run_audit('2026-03-01', '2026-04-01', '{t_group}');
SELECT visit_id, line_id, evidence_text FROM medaudit.finding_lines WHERE rule_code = 't_group' ORDER BY 1, 2;
DROP INDEX warehouse.charge_by_visit;
UPDATE warehouse.charge SET item_name = NULL WHERE item_code = 'C';
CALL medaudit.run_audit('2026-03-01', '2026-04-01', '{t_group}');
SELECT evidence_text FROM medaudit.finding_lines WHERE rule_code = 't_group' AND visit_id = 'V10' ORDER BY line_id;
UPDATE warehouse.charge SET item_name = '一级护理' WHERE item_code = 'C';
DELETE FROM warehouse.charge WHERE line_id IN ('8', '9');
-- names of both hospitals of a pattern
SELECT l.facility_id, l.facility_name FROM medaudit.finding_lines AS l WHERE l.rule_code = 'overlapping_stays' ORDER BY l.line_no;

-- charge rules that meet no line of the judged visits are told, and kept: all
-- rows of t_unmet, one of two of t_partly; t_bare has none; t_period meets G
-- in February only; stay rules have no rows
INSERT INTO medaudit.rule (rule_code, kind, name_zh) VALUES ('t_unmet', 'price', '未映射'),
	('t_partly', 'price', '部分映射'), ('t_bare', 'price', '无知识'), ('t_sexes', 'diagnosis', '诊断');
INSERT INTO medaudit.charge_rule (rule_code, item_code, max_price) VALUES ('t_unmet', 'NATIONAL-A', 1),
	('t_unmet', 'NATIONAL-B', 1), ('t_partly', 'A', 1000), ('t_partly', 'NATIONAL-A', 1);
INSERT INTO medaudit.charge_rule (rule_code, diagnosis_prefixes, sex) VALUES ('t_sexes', '{O}', '2');
CALL medaudit.run_audit('2026-03-01', '2026-04-01', '{t_duplicate,t_unmet,t_partly,t_bare,t_period,t_sexes,split_stays}');
SELECT problem, problem_zh, rows FROM medaudit.data_quality
WHERE run_id = (SELECT max(run_id) FROM medaudit.run) AND relation = 'rule' ORDER BY problem COLLATE "C";
-- more than five: the first of them by name
INSERT INTO medaudit.rule (rule_code, kind, name_zh) SELECT 't_u' || i, 'price', '未映射' FROM generate_series(1, 6) AS i;
CALL medaudit.run_audit('2026-03-01', '2026-04-01', '{t_u6,t_u5,t_u4,t_u3,t_u2,t_u1,t_duplicate}');
-- V12 alone: not a line at all
UPDATE warehouse.visit SET settled_at = '2020-03-05' WHERE visit_id = 'V12';
CALL medaudit.run_audit('2020-03-01', '2020-04-01', '{t_duplicate,split_stays}');
SELECT relation, problem, problem_zh, rows FROM medaudit.data_quality WHERE run_id = (SELECT max(run_id) FROM medaudit.run) AND problem ~ 'line' AND month IS NULL;
UPDATE warehouse.visit SET settled_at = NULL WHERE visit_id = 'V12';
-- mapped, it meets lines, and nothing is told
CREATE TABLE warehouse.item (item_code text, national_code text, unit text, unit_factor numeric);
INSERT INTO warehouse.item VALUES ('A', 'NATIONAL-A', '次', NULL), ('B', 'NATIONAL-B', '次', NULL);
CALL medaudit.bind('item', 'warehouse.item', '{"unit": null, "unit_factor": null}');
CALL medaudit.run_audit('2026-03-01', '2026-04-01', '{t_unmet,t_partly}');
SELECT count(*) FROM medaudit.data_quality WHERE run_id = (SELECT max(run_id) FROM medaudit.run) AND relation = 'rule';
-- units: a cap of hours is related to B by a factor, is off for A and E, which
-- no line has, and for two codes that item does not list; a rule that is not
-- asked is not told of
CALL medaudit.bind('item', 'warehouse.item');
UPDATE warehouse.item SET unit = '日', unit_factor = 24 WHERE item_code = 'B';
INSERT INTO warehouse.item VALUES ('E', NULL, '人', NULL);
INSERT INTO medaudit.rule (rule_code, kind, name_zh) VALUES ('t_hours', 'quantity', '每日24小时'), ('t_hours_too', 'quantity', '每日24小时');
INSERT INTO medaudit.charge_rule (rule_code, item_code, scope, max_quantity, unit)
SELECT r, i, 'day', 24, '小时' FROM unnest('{t_hours,t_hours_too}'::text[]) AS r, unnest('{A,B,E}'::text[]) AS i;
INSERT INTO medaudit.charge_rule (rule_code, item_code, code_match, scope, max_quantity, unit) VALUES
	('t_hours', '003101000140000', 'service', 'day', 24, '小时'), ('t_hours', '44%', NULL, 'day', 24, '小时');
INSERT INTO warehouse.item VALUES ('L1', '003101000140000', '日', 24), ('44-1', NULL, '日', 24);
INSERT INTO warehouse.charge VALUES ('V10', '8', '113101000140000', NULL, 99, 90, 90, '2026-03-20 14:05', NULL),
	('V10', '9', '44-2', NULL, 99, 90, 90, '2026-03-20 14:05', NULL), ('V10', '10', '44-1', NULL, 1, 90, 90, '2026-03-20 14:05', NULL);
CALL medaudit.run_audit('2026-03-01', '2026-04-01', '{t_hours}');
SELECT relation, problem, problem_zh, rows FROM medaudit.data_quality
WHERE run_id = (SELECT max(run_id) FROM medaudit.run) AND problem LIKE 'rule%' ORDER BY relation, problem COLLATE "C";
SELECT count(*) AS lines_of_a FROM warehouse.charge WHERE item_code = 'A' AND visit_id IN (
	SELECT visit_id FROM warehouse.visit WHERE coalesce(settled_at, discharged_at) >= '2026-03-01' AND coalesce(settled_at, discharged_at) < '2026-04-01');
-- all related and listed: nothing is off
UPDATE warehouse.item SET unit_factor = 1;
INSERT INTO warehouse.item VALUES ('113101000140000', NULL, '小时', NULL), ('44-2', NULL, '小时', NULL);
CALL medaudit.run_audit('2026-03-01', '2026-04-01', '{t_hours}');
SELECT relation, problem, rows FROM medaudit.data_quality
WHERE run_id = (SELECT max(run_id) FROM medaudit.run) AND problem LIKE 'rule%' ORDER BY relation, problem COLLATE "C";
DELETE FROM warehouse.charge WHERE line_id IN ('8', '9', '10');
DROP VIEW medaudit_data.item;
DELETE FROM medaudit.binding WHERE relation = 'item';

-- without line numbers, bodies work under a restricted search_path
CALL medaudit.bind('charge', 'warehouse.charge', '{"line_id": null}');
SET search_path = pg_catalog, pg_temp;
CALL medaudit.run_audit('2026-03-01', '2026-04-01', '{t_duplicate}');
SELECT f.visit_id, l.line_id, l.excess_amount FROM medaudit.finding AS f JOIN medaudit.finding_line AS l USING (finding_id)
WHERE f.rule_code = 't_duplicate' AND f.state = 'open' AND f.judged_on >= '2026-03-01' ORDER BY f.visit_id COLLATE "C", 2;
RESET search_path;
-- operators of others on the search_path are not called, however well they fit
CREATE SCHEMA trap;
CREATE FUNCTION trap.shut(text[], text[]) RETURNS bool LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION ''trapped''; END';
CREATE FUNCTION trap.shut(regclass, regclass) RETURNS bool LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION ''trapped''; END';
CREATE FUNCTION trap.shut(numeric, int) RETURNS bool LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION ''trapped''; END';
CREATE OPERATOR trap.= (LEFTARG = text[], RIGHTARG = text[], FUNCTION = trap.shut);
CREATE OPERATOR trap.<> (LEFTARG = text[], RIGHTARG = text[], FUNCTION = trap.shut);
CREATE OPERATOR trap.|| (LEFTARG = text[], RIGHTARG = text[], FUNCTION = trap.shut);
CREATE OPERATOR trap.= (LEFTARG = regclass, RIGHTARG = regclass, FUNCTION = trap.shut);
CREATE OPERATOR trap.> (LEFTARG = numeric, RIGHTARG = int, FUNCTION = trap.shut);
SET search_path = trap, public;
CALL medaudit.bind('charge', 'warehouse.charge', '{"line_id": null}');
SELECT count(*) FROM medaudit.sources();
CALL medaudit.run_audit('2026-03-01', '2026-04-01', '{t_duplicate,split_stays,overlapping_stays,same_household_admissions}');
SELECT step, rule_code, state, rows, error FROM medaudit.run_progress
WHERE run_id = (SELECT max(run_id) FROM medaudit.run) ORDER BY step_no;
RESET search_path;
-- no temporary tables stay, no lock is left
SELECT count(*) FROM pg_class WHERE relname LIKE 'medaudit\_%' AND relpersistence = 't';
SELECT count(*) FROM pg_locks WHERE locktype = 'userlock';

-- Levels of hospitals as numbers, 1 to 14 as hosp_lv has them: D04 by their classes.
-- 99 and NULL are levels that nobody knows.
CREATE TABLE warehouse.level AS SELECT 'L' || to_char(n, 'FM00') AS facility_id, n AS hosp_lv, to_char(n, 'FM00') AS code
FROM (SELECT generate_series(1, 14) UNION ALL SELECT 99) AS l (n) UNION ALL SELECT 'LXX', NULL, NULL;
CREATE VIEW warehouse.level_visit AS SELECT 'V' || facility_id AS visit_id, 'P3' AS person_id, facility_id,
	timestamp '2026-03-03 08:00' AS admitted_at, timestamp '2026-03-03 09:00' AS discharged_at FROM warehouse.level;
CREATE VIEW warehouse.level_charge AS SELECT 'V' || facility_id AS visit_id, '1' AS line_id, 'LIM' AS item_code, 1 AS quantity,
	35 AS amount, timestamp '2026-03-03 08:30' AS charged_at FROM warehouse.level;
INSERT INTO medaudit.rule (rule_code, kind, name_zh, certainty, enabled) VALUES ('t_level', 'restriction', '限二级及以上', 'violation', false),
	('t_scale', 'restriction', '本地等级', 'violation', false);
INSERT INTO medaudit.charge_rule (rule_code, item_code, facility_ranks) VALUES ('t_level', 'LIM', '{2,3}'), ('t_scale', 'LIM', '{8,9,10}');
CALL medaudit.bind('visit', 'warehouse.level_visit');
CALL medaudit.bind('charge', 'warehouse.level_charge');
CREATE FUNCTION warehouse.level_found(asked text) RETURNS TABLE (rule_code text, flagged text, insufficient bigint) LANGUAGE sql AS $$
	SELECT asked, (SELECT string_agg(substr(f.facility_id, 2), ' ' ORDER BY f.facility_id) FROM medaudit.finding AS f WHERE f.rule_code = asked AND f.state = 'open'),
		(SELECT p.insufficient FROM medaudit.run_progress AS p WHERE p.step = 'charges' ORDER BY p.run_id DESC LIMIT 1)
$$;
-- text goes through facility_rank() when it is bound, numbers when they are read
CALL medaudit.bind('facility', 'warehouse.level', '{"rank": "code"}');
CALL medaudit.run_audit('2026-03-01', '2026-04-01', '{t_level}');
SELECT * FROM warehouse.level_found('t_level');
CALL medaudit.bind('facility', 'warehouse.level', '{"rank": "hosp_lv"}');
SELECT min(rank), max(rank) FROM medaudit_data.facility;
CALL medaudit.run_audit('2026-03-01', '2026-04-01', '{t_level}');
SELECT * FROM warehouse.level_found('t_level');
CALL medaudit.bind('facility', 'warehouse.level', '{"rank": "hosp_lv::smallint"}', 'hosp_lv IS DISTINCT FROM 99');
CALL medaudit.run_audit('2026-03-01', '2026-04-01', '{t_level}');
SELECT * FROM warehouse.level_found('t_level');
-- a rule of the run that counts above 3 has a scale of its own: nothing is converted
CALL medaudit.run_audit('2026-03-01', '2026-04-01', '{t_scale}');
SELECT * FROM warehouse.level_found('t_scale');
-- 1 to 3 alone are classes; and so are they where all others are out of range
CALL medaudit.bind('facility', 'warehouse.level', '{"rank": "hosp_lv"}', 'hosp_lv <= 3');
CALL medaudit.run_audit('2026-03-01', '2026-04-01', '{t_level}');
SELECT * FROM warehouse.level_found('t_level');
CALL medaudit.bind('facility', 'warehouse.level', '{"rank": "hosp_lv"}', 'hosp_lv <= 3 OR hosp_lv = 99');
CALL medaudit.run_audit('2026-03-01', '2026-04-01', '{t_level}');
SELECT * FROM warehouse.level_found('t_level');

-- D04 not: hosp_appr_flag 2, self-paid: here those of L08 to L10
CREATE VIEW warehouse.level_approved AS SELECT *, CASE WHEN visit_id BETWEEN 'VL08' AND 'VL10' THEN '2' ELSE '1' END AS hosp_appr_flag, 30 AS inscp_scp_amt FROM warehouse.level_charge;
CALL medaudit.bind('charge', 'warehouse.level_approved', $${"claimed": "CASE WHEN hosp_appr_flag = '2' THEN 0 ELSE inscp_scp_amt END"}$$);
CALL medaudit.bind('facility', 'warehouse.level', '{"rank": "hosp_lv"}');
CALL medaudit.run_audit('2026-03-01', '2026-04-01', '{t_level}');
SELECT * FROM warehouse.level_found('t_level');
SELECT DISTINCT gross_amount, claimed_amount FROM medaudit.finding WHERE rule_code = 't_level' AND state = 'open';
-- D04 not: born on 1900-01-01, which is nobody's birthday
INSERT INTO medaudit.rule (rule_code, kind, name_zh, enabled) VALUES ('t_child', 'restriction', '限儿童', false);
INSERT INTO medaudit.charge_rule (rule_code, item_code, max_age) VALUES ('t_child', 'LIM', '14 years');
CALL medaudit.bind('charge', 'warehouse.level_charge');
CALL medaudit.run_audit('2026-03-01', '2026-04-01', '{t_child}');
SELECT count(*) AS born_1980 FROM medaudit.finding WHERE rule_code = 't_child';
CALL medaudit.bind('person', 'warehouse.person', $${"birth_date": "date '1900-01-01'"}$$);
CALL medaudit.run_audit('2026-03-01', '2026-04-01', '{t_child}');
SELECT * FROM warehouse.level_found('t_child');

-- R15, D04: the department that charged the line, else that of the visit
INSERT INTO medaudit.rule (rule_code, kind, name_zh, enabled) VALUES ('t_department', 'restriction', '限重症医学科', false);
INSERT INTO medaudit.charge_rule (rule_code, item_code, departments) VALUES ('t_department', 'LIM', '{ICU}');
CALL medaudit.bind('charge', 'warehouse.level_charge',
	'{"department": "CASE WHEN visit_id <= ''VL03'' THEN ''ICU'' WHEN visit_id <= ''VL05'' THEN ''内科'' WHEN visit_id <= ''VL07'' THEN '''' END"}');
CALL medaudit.run_audit('2026-03-01', '2026-04-01', '{t_department}');
SELECT * FROM warehouse.level_found('t_department');
CALL medaudit.bind('visit', 'warehouse.level_visit', '{"department": "CASE WHEN visit_id IN (''VL04'', ''VL06'') THEN ''ICU'' WHEN visit_id <= ''VL07'' THEN ''外科'' END"}');
CALL medaudit.run_audit('2026-03-01', '2026-04-01', '{t_department}');
SELECT * FROM warehouse.level_found('t_department');
SELECT DISTINCT evidence_text FROM medaudit.finding_lines WHERE rule_code = 't_department' ORDER BY 1;

-- lines without an identifier: which one another department charged cannot be told, so none is found
CALL medaudit.bind('charge', 'warehouse.level_charge',
	'{"line_id": "nullif(visit_id, visit_id)", "department": "CASE WHEN visit_id <= ''VL03'' THEN ''ICU'' WHEN visit_id <= ''VL05'' THEN '' '' ELSE ''外科 '' END"}');
CALL medaudit.run_audit('2026-03-01', '2026-04-01', '{t_department}');
SELECT * FROM warehouse.level_found('t_department');


-- the later of two visits is told by admission, whatever other rules are asked:
-- S1 was charged first, S2 was admitted first
CREATE VIEW warehouse.resettled_visit AS SELECT * FROM (VALUES ('S1', 'P3', 'F1', timestamp '2026-03-12 09:00', timestamp '2026-03-13 10:00'),
	('S2', 'P3', 'F2', '2026-03-11 09:00', '2026-03-14 10:00')) AS v (visit_id, person_id, facility_id, admitted_at, discharged_at);
CREATE VIEW warehouse.resettled_charge AS SELECT * FROM (VALUES ('S1', '1', 'K', 1, 10, timestamp '2026-03-12 09:10'), ('S1', '2', 'R', 1, 70, '2026-03-12 10:00'),
	('S2', '1', 'R', 1, 70, '2026-03-12 10:00'),
	-- D07 flag: an orphan refund, a refund above its charge; not: as much as was charged, over lines
	('S1', '3', 'Q1', -1, -5, '2026-03-12 11:00'), ('S1', '4', 'Q2', 1, 5, '2026-03-12 11:00'), ('S1', '5', 'Q2', -2, -10, '2026-03-12 12:00'),
	('S1', '6', 'Q3', 5, 50, '2026-03-12 11:00'), ('S1', '7', 'Q3', -2, -20, '2026-03-12 12:00'), ('S1', '8', 'Q3', -3, -30, '2026-03-12 13:00')) AS c (visit_id, line_id, item_code, quantity, amount, charged_at);
INSERT INTO medaudit.rule (rule_code, kind, name_zh, enabled) VALUES ('t_again', 'resettled', '重复结算', false);
INSERT INTO medaudit.charge_rule (rule_code, item_code) VALUES ('t_again', '%');
CALL medaudit.bind('visit', 'warehouse.resettled_visit');
CALL medaudit.bind('charge', 'warehouse.resettled_charge');
CALL medaudit.run_audit('2026-03-01', '2026-04-01', '{t_again}');
SELECT problem, problem_zh, rows FROM medaudit.data_quality WHERE run_id = (SELECT max(run_id) FROM medaudit.run) AND problem LIKE '%refunded%';
SELECT visit_id, gross_amount FROM medaudit.finding WHERE rule_code = 't_again' AND state = 'open';
CALL medaudit.run_audit('2026-03-01', '2026-04-01', '{t_again,t_level}');
SELECT visit_id, gross_amount FROM medaudit.finding WHERE rule_code = 't_again' AND state = 'open';

-- a year of made-up visits: the run says what plain SQL says, and twelve runs
-- of a month say what one of the year says
CREATE FUNCTION warehouse.draw(what text, n int) RETURNS int LANGUAGE sql IMMUTABLE
	RETURN ((hashtextextended(what, 42) & 2147483647) % n)::int;
CREATE TABLE warehouse.year_visit AS
SELECT 'Y' || p || '-' || v AS visit_id, 'Y' || p AS person_id, 'F' || warehouse.draw('f' || p || v, 3) AS facility_id,
	a.at AS admitted_at, a.at + make_interval(days => warehouse.draw('l' || p || v, 9), hours => 1) AS discharged_at,
	CASE WHEN warehouse.draw('t' || p || v, 4) = 0 THEN '11' ELSE '21' END AS visit_type,
	'I' || 60 + warehouse.draw('d' || p || v, 2) || '.900' AS main_diagnosis,
	100 AS total_amount, 'H' || p / 2 AS household_id
FROM generate_series(1, 120) AS p, generate_series(1, 12) AS v,
	LATERAL (SELECT timestamp '2025-01-01 09:00' + make_interval(days => warehouse.draw('a' || p || v, 360))) AS a (at);
CREATE TABLE warehouse.year_charge AS
SELECT v.visit_id, 'L' || l AS line_id, 'A' || warehouse.draw('i' || v.visit_id || l, 3) AS item_code,
	1 + warehouse.draw('q' || v.visit_id || l, 2) AS quantity, 10 AS amount,
	v.admitted_at::date + warehouse.draw('c' || v.visit_id || l, 1 + (v.discharged_at::date - v.admitted_at::date))
		+ make_interval(mins => 600 + l) AS charged_at
FROM warehouse.year_visit AS v, generate_series(1, 8) AS l;
CALL medaudit.bind('visit', 'warehouse.year_visit');
CALL medaudit.bind('charge', 'warehouse.year_charge');
CREATE VIEW warehouse.year_person AS SELECT DISTINCT person_id, household_id FROM warehouse.year_visit;
CALL medaudit.bind('person', 'warehouse.year_person');
INSERT INTO medaudit.rule (rule_code, kind, name_zh) VALUES ('t_year', 'duplicate', '同次同日重复');
INSERT INTO medaudit.charge_rule (rule_code, item_code, scope) VALUES ('t_year', 'A%', 'day');
\set year '{t_year,split_stays,overlapping_stays,same_household_admissions}'
TRUNCATE medaudit.finding, medaudit.finding_line;
CALL medaudit.run_audit('2025-01-01', '2027-01-01', :'year');
CREATE TABLE warehouse.of_year AS SELECT rule_code, key, gross_amount, involved_amount, judged_on FROM medaudit.finding;
SELECT rule_code, count(*) > 20 AS many FROM warehouse.of_year WHERE rule_code <> 'same_household_admissions' GROUP BY rule_code ORDER BY rule_code COLLATE "C";
CREATE TABLE warehouse.plain AS
SELECT 'split_stays' AS rule_code, medaudit.finding_key(ARRAY[s.visit_id, s.next_id]) AS key FROM (
	SELECT DISTINCT ON (b.visit_id) a.visit_id, b.visit_id AS next_id, b.admitted_at::date - a.discharged_at::date AS gap, a.main_diagnosis, b.main_diagnosis AS next_diagnosis
	FROM warehouse.year_visit AS a JOIN warehouse.year_visit AS b ON b.person_id = a.person_id AND b.facility_id = a.facility_id AND a.discharged_at::date <= b.admitted_at::date
		AND (a.admitted_at, a.discharged_at, a.visit_id COLLATE "C") < (b.admitted_at, b.discharged_at, b.visit_id COLLATE "C")
	WHERE a.visit_type = '21' AND b.visit_type = '21'
	ORDER BY b.visit_id, a.discharged_at::date DESC, a.admitted_at DESC, a.discharged_at DESC, a.visit_id COLLATE "C" DESC) AS s
WHERE gap <= 15 AND left(main_diagnosis, 3) = left(next_diagnosis, 3)
UNION ALL
SELECT 'overlapping_stays', medaudit.finding_key(ARRAY[a.visit_id, b.visit_id])
FROM warehouse.year_visit AS a JOIN warehouse.year_visit AS b ON a.person_id = b.person_id AND a.visit_id < b.visit_id
WHERE a.visit_type = '21' AND b.visit_type = '21'
	AND least(a.discharged_at::date, b.discharged_at::date) - greatest(a.admitted_at::date, b.admitted_at::date) >= 1;
SELECT coalesce(p.rule_code, f.rule_code) AS rule_code, count(*) FILTER (WHERE f.key IS NULL) AS missed,
	count(*) FILTER (WHERE p.key IS NULL) AS too_many
FROM warehouse.plain AS p FULL JOIN (SELECT * FROM warehouse.of_year WHERE rule_code IN ('split_stays', 'overlapping_stays')) AS f
	ON f.rule_code = p.rule_code AND f.key = p.key GROUP BY 1 ORDER BY 1;
SELECT sum(gross_amount) = (SELECT sum(amount) FROM (
	SELECT c.amount, row_number() OVER (PARTITION BY v.person_id, c.item_code, c.quantity, c.charged_at::date) AS nth
	FROM warehouse.year_charge AS c JOIN warehouse.year_visit AS v USING (visit_id)) AS x WHERE nth > 1) AS same_money
FROM warehouse.of_year WHERE rule_code = 't_year';
TRUNCATE medaudit.finding, medaudit.finding_line;
DO $$ BEGIN
	FOR month IN 1..13 LOOP
		CALL medaudit.run_audit((date '2024-12-01' + make_interval(months => month))::date,
			(date '2025-01-01' + make_interval(months => month))::date,
			'{split_stays,overlapping_stays}');
	END LOOP;
END $$;
SELECT count(*) AS different FROM (SELECT * FROM warehouse.of_year WHERE rule_code IN ('split_stays', 'overlapping_stays')) AS y
FULL JOIN medaudit.finding AS f ON f.rule_code = y.rule_code AND f.key = y.key AND f.judged_on = y.judged_on
WHERE f.key IS NULL OR y.key IS NULL;

-- a course of twelve months, a dose every three weeks: the run of a month reads
-- back beyond the days that are paid, or it would take a later dose for the first
CREATE TABLE warehouse.dose AS
SELECT 'K' || i AS visit_id, 'P9' AS person_id, 'F1' AS facility_id, d.at AS admitted_at, d.at AS discharged_at,
	'1' AS line_id, 'PERTUZUMAB' AS item_code, 1 AS quantity, 100 AS amount, d.at AS charged_at
FROM generate_series(0, 24) AS i, LATERAL (SELECT timestamp '2025-01-01 09:00' + make_interval(days => 21 * i)) AS d (at);
CALL medaudit.bind('visit', 'warehouse.dose');
CALL medaudit.bind('charge', 'warehouse.dose');
INSERT INTO medaudit.rule (rule_code, kind, name_zh) VALUES ('t_span', 'course', '不超过12个月');
INSERT INTO medaudit.charge_rule (rule_code, item_code, scope, max_days) VALUES ('t_span', 'PERTUZUMAB', 'span', 365);
CALL medaudit.run_audit('2025-01-01', '2027-01-01', '{t_span}');
SELECT visit_id, judged_on, gross_amount FROM medaudit.finding WHERE rule_code = 't_span' ORDER BY judged_on;
CREATE TABLE warehouse.spans AS SELECT key, gross_amount FROM medaudit.finding WHERE rule_code = 't_span';
DELETE FROM medaudit.finding WHERE rule_code = 't_span';
DO $$ BEGIN
	FOR month IN 0..16 LOOP
		CALL medaudit.run_audit((date '2025-01-01' + make_interval(months => month))::date,
			(date '2025-02-01' + make_interval(months => month))::date, '{t_span}');
	END LOOP;
END $$;
SELECT count(*) FILTER (WHERE f.key IS NULL) AS missed, count(*) FILTER (WHERE y.key IS NULL) AS too_many
FROM warehouse.spans AS y FULL JOIN (SELECT * FROM medaudit.finding WHERE rule_code = 't_span') AS f USING (key);

-- V23, D23: a diagnosis that the insured person cannot have, through a run;
-- what is known of a mother is not known of her newborn
CREATE TABLE warehouse.told (visit_id text, sex text, birth_date date, diagnosis text, newborn bool, expected int, label text, person_id text);
INSERT INTO warehouse.told VALUES
	('I1', '1', '1990-01-01', 'O80.000', false, 1, 'V23, D23 flag: delivery, a man'),
	('I2', '2', '1956-03-01', 'O80.000', false, 1, 'V23 flag: delivery, seventy years old'),
	('I3', '2', '1990-01-01', 'O80.000', false, 0, 'V23 not: delivery, a woman'),
	('I4', NULL, '1990-01-01', 'O80.000', false, 0, 'D23 not: sex unknown'),
	('I5', '9', '1990-01-01', 'O80.000', false, 0, 'D23 not: sex not told'),
	('I6', '2', NULL, 'O80.000', false, 0, 'V23 not: birth date unknown'),
	('I7', '2', '1994-06-01', 'P07.300', true, 0, 'V23, D23 not: newborn on its mother''s record'),
	('I8', '2', '1994-06-01', 'P07.300', false, 1, 'V23 flag: born too early, at the age of 31'),
	('I9', '2', '1994-06-01', 'N43.300', true, 0, 'V23, D23 not: a boy on his mother''s record'),
	('I10', '2', '2026-03-01', 'N43.300', true, 1, 'V23 flag: a girl on her own record');
-- the same charge at the same time, and another rule: once on a day
INSERT INTO warehouse.told VALUES
	('I11', '2', '1994-06-01', 'I10', false, 0, 'V23 not: the mother', 'M'), ('I12', '2', '1994-06-01', 'I10', true, 0, 'V23 not: her newborn, charged as she is', 'M'),
	('I13', '2', '1994-06-01', 'I10', true, 0, 'V23 not: and its twin', 'M'),
	('I14', '2', '1994-06-01', 'I10', false, 0, 'V23 not: the first of two visits', 'N'), ('I15', '2', '1994-06-01', 'I10', false, 1, 'V23 flag: the second', 'N'),
	('I16', '2', '2026-03-01', 'I10', true, 0, 'V23 not: a newborn, its first', 'B'), ('I17', '2', '2026-03-01', 'I10', true, 1, 'V23 flag: on its own record again', 'B');
UPDATE warehouse.told SET person_id = visit_id WHERE person_id IS NULL;
CREATE VIEW warehouse.told_visit AS
SELECT visit_id, person_id, 'F1' AS facility_id, timestamp '2026-03-02 09:00' AS admitted_at, timestamp '2026-03-06 09:00' AS discharged_at,
	'21' AS visit_type, diagnosis AS main_diagnosis, 100 AS total_amount, newborn FROM warehouse.told;
CREATE VIEW warehouse.told_charge AS SELECT visit_id, 'A' AS item_code, 1 AS quantity, 100 AS amount, timestamp '2026-03-03 09:00' AS charged_at FROM warehouse.told;
CREATE VIEW warehouse.told_person AS SELECT DISTINCT person_id, sex, birth_date FROM warehouse.told;
CALL medaudit.bind('visit', 'warehouse.told_visit');
CALL medaudit.bind('charge', 'warehouse.told_charge');
CALL medaudit.bind('person', 'warehouse.told_person');
TRUNCATE medaudit.finding, medaudit.finding_line;
CALL medaudit.run_audit('2026-03-01', '2026-04-01', '{starter_diagnosis,t_duplicate}');
SELECT label, expected, count(f.finding_id) AS got FROM warehouse.told LEFT JOIN medaudit.finding AS f USING (visit_id) GROUP BY visit_id, label, expected ORDER BY substr(visit_id, 2)::int;
-- those not known are counted, not clean
SELECT step, state, rows, insufficient FROM medaudit.run_progress WHERE run_id = (SELECT max(run_id) FROM medaudit.run) ORDER BY step_no;

-- the main diagnosis of a visit counts beside a list of the others, too: of four bills of an
-- item for J18 or E11, those of S1 (main), S2 (listed) and S3 (both) are right, that of S4 is not;
-- S6, settled twice, is right by its second main diagnosis
CREATE TABLE warehouse.sick (visit_id text, main_diagnosis text);
CREATE TABLE warehouse.listed (visit_id text, diagnosis_code text);
INSERT INTO warehouse.sick VALUES ('S1', 'J18.900'), ('S2', 'I10.x00'), ('S3', 'J18.900'), ('S4', 'I10.x00'), ('S5', NULL), ('S6', 'I10.x00'), ('S6', 'J18.900'), ('S6', NULL);
INSERT INTO warehouse.listed VALUES ('S1', 'I10.x00'), ('S2', 'E11.900'), ('S3', 'J18.900'), ('S4', 'K29.500');
CREATE VIEW warehouse.sick_visit AS SELECT *, 'P1' AS person_id, 'F1' AS facility_id, timestamp '2026-03-05 08:00' AS admitted_at,
	timestamp '2026-03-05 09:00' AS discharged_at FROM warehouse.sick;
CREATE VIEW warehouse.sick_charge AS SELECT visit_id, 'A' AS item_code, 1 AS quantity, 40 AS amount, timestamp '2026-03-05 08:30' AS charged_at FROM warehouse.sick GROUP BY visit_id;
INSERT INTO medaudit.rule (rule_code, kind, name_zh) VALUES ('t_listed', 'restriction', '限适应症');
INSERT INTO medaudit.charge_rule (rule_code, item_code, diagnosis_prefixes) VALUES ('t_listed', 'A', '{J18,E11}');
CALL medaudit.bind('visit', 'warehouse.sick_visit');
CALL medaudit.bind('charge', 'warehouse.sick_charge');
CALL medaudit.bind('diagnosis', 'warehouse.listed');
CALL medaudit.run_audit('2026-03-01', '2026-04-01', '{t_listed}');
SELECT visit_id, gross_amount FROM medaudit.findings WHERE rule_code = 't_listed' ORDER BY visit_id COLLATE "C";
-- S5, of which nothing is told, is not clean
SELECT rows, insufficient FROM medaudit.run_progress WHERE run_id = (SELECT max(run_id) FROM medaudit.run) AND step = 'charges';
DROP VIEW medaudit_data.diagnosis;
DELETE FROM medaudit.binding WHERE relation = 'diagnosis';
CALL medaudit.bind('visit', 'warehouse.told_visit');
CALL medaudit.bind('charge', 'warehouse.told_charge');

-- the level of those who run is enough to run
CREATE ROLE regress_medaudit_auditor;
GRANT USAGE ON SCHEMA warehouse TO regress_medaudit_auditor;
GRANT SELECT ON ALL TABLES IN SCHEMA warehouse TO regress_medaudit_auditor;
CALL medaudit.grant_access('regress_medaudit_auditor', 'runner');
TRUNCATE medaudit.finding, medaudit.finding_line;
SET ROLE regress_medaudit_auditor;
SET client_min_messages = error;
CALL medaudit.run_audit('2026-03-01', '2026-04-01');
SET client_min_messages = warning;
SELECT count(*) > 0 AS found FROM medaudit.worklist;
SELECT step, rule_code, error FROM medaudit.run_progress WHERE run_id = (SELECT max(run_id) FROM medaudit.run) AND state = 'failed';
RESET ROLE;
DROP OWNED BY regress_medaudit_auditor;
DROP ROLE regress_medaudit_auditor;

-- of 22 visits that a cap has counted, the last is settled last: the findings are of
-- its month, though their evidence tells only the first 20 of the charges
SET client_min_messages = error;
CREATE VIEW warehouse.many_visit AS SELECT 'M' || lpad(n::text, 2, '0') AS visit_id, 'P3' AS person_id, 'F1' AS facility_id,
	timestamp '2025-02-01 09:00' + n * interval '1 day' AS admitted_at, timestamp '2025-02-01 10:00' + n * interval '1 day' AS discharged_at,
	CASE n WHEN 22 THEN timestamp '2025-05-05 10:00' ELSE timestamp '2025-02-01 10:00' + n * interval '1 day' END AS settled_at,
	'11' AS visit_type FROM generate_series(1, 24) AS n;
CREATE VIEW warehouse.many_charge AS SELECT visit_id, '1' AS line_id, 'HD' AS item_code, 1 AS quantity, 400 AS amount, admitted_at AS charged_at FROM warehouse.many_visit;
INSERT INTO medaudit.rule (rule_code, kind, name_zh) VALUES ('t_many', 'quantity', '每年限次');
INSERT INTO medaudit.charge_rule (rule_code, item_code, scope, max_quantity) VALUES ('t_many', 'HD', 'year', 22);
CALL medaudit.bind('visit', 'warehouse.many_visit');
CALL medaudit.bind('charge', 'warehouse.many_charge');
CALL medaudit.run_audit('2025-02-01', '2025-07-01', '{t_many}');
SELECT visit_id, judged_on, jsonb_array_length(evidence -> 'partners') AS partners, jsonb_array_length(evidence -> 'visits') AS visits
FROM medaudit.finding WHERE rule_code = 't_many' ORDER BY visit_id COLLATE "C";
SET client_min_messages = warning;

DROP VIEW medaudit_data.visit, medaudit_data.charge, medaudit_data.person, medaudit_data.facility;
TRUNCATE medaudit.binding, medaudit.run, medaudit.run_step, medaudit.run_quality, medaudit.finding, medaudit.finding_line;
DELETE FROM medaudit.rule WHERE rule_code LIKE 't\_%';
DROP SCHEMA warehouse CASCADE;
ALTER TABLE medaudit.finding ENABLE TRIGGER guard;
ALTER TABLE medaudit.finding_line ENABLE TRIGGER guard;
