-- run_quality: what facilities did not send, by facility and month
\set SHOW_CONTEXT never
SET datestyle = iso;
SET client_min_messages = warning;
-- findings are written by hand here, which none but tests do
ALTER TABLE medaudit.finding DISABLE TRIGGER guard;
ALTER TABLE medaudit.finding_line DISABLE TRIGGER guard;
CREATE SCHEMA sent;
CREATE TABLE sent.facility (facility_id text, name text);
INSERT INTO sent.facility VALUES ('F1', '县人民医院'), ('F2', '县中医院');
CREATE TABLE sent.person (person_id text, name text, sex text, birth_date date);
INSERT INTO sent.person SELECT 'P' || i, '某' || i, CASE WHEN i % 2 = 1 THEN '1' END, '1960-01-01' FROM generate_series(1, 20) AS i;
CREATE TABLE sent.visit (visit_id text, person_id text, facility_id text, admitted_at timestamp, discharged_at timestamp,
	settled_at timestamp, visit_type text, main_diagnosis text, total_amount numeric, scope_amount numeric, fund_amount numeric);
INSERT INTO sent.visit (visit_id, person_id, facility_id, admitted_at, discharged_at, settled_at, visit_type, main_diagnosis, total_amount) VALUES
	-- of unknown sex: two rules fail, each line counts once
	('A1', 'P2', 'F1', '2026-03-02', '2026-03-02', '2026-03-02', '11', 'I10', 90), ('A2', 'P4', 'F1', '2026-03-03', '2026-03-03', '2026-04-01', '11', 'I10', 90),
	('A3', 'P6', NULL, '2026-03-03', '2026-03-03', '2026-03-04', '11', 'I10', 90),
	-- two dates and three, all on one date: the cap of a day is in doubt in the second only
	('B1', 'P1', 'F1', '2026-03-01', '2026-03-02', '2026-03-31 23:59', '21', 'I10', 90), ('B2', 'P3', 'F1', '2026-03-01', '2026-03-03', '2026-03-31 23:59', '21', 'I10', 90),
	-- three dates, billed on one but for a refund; billed on two; settled, not discharged, billed on one
	('B3', 'P5', 'F2', '2026-04-01', '2026-04-03', '2026-04-03', '21', 'I10', 90), ('B4', 'P7', 'F2', '2026-04-01', '2026-04-03', '2026-04-03', '21', 'I10', 90),
	('B5', 'P9', 'F2', '2026-04-01', NULL, '2026-04-20', '21', 'I10', 90),
	-- no diagnosis, and the rule leaves some out
	('C1', 'P11', 'F2', '2026-04-05', '2026-04-05', '2026-04-05', '11', NULL, 90),
	-- in since before the period, in it, and after it; an outpatient is no stay
	('D1', 'P13', 'F2', '2025-12-31 23:00', NULL, NULL, '21', 'I10', NULL), ('D2', 'P15', 'F2', '2026-04-30 23:00', NULL, NULL, '21', 'I10', NULL),
	('D3', 'P17', 'F2', '2026-05-01', NULL, NULL, '21', 'I10', NULL), ('D4', 'P19', 'F2', '2026-04-30', NULL, NULL, '11', 'I10', NULL);
CREATE TABLE sent.charge (visit_id text, line_id text, item_code text, quantity numeric, amount numeric, charged_at timestamp);
INSERT INTO sent.charge VALUES
	('A1', '1', 'S', 1, 10, '2026-03-02 08:00'), ('A1', '2', 'S', 1, 10, '2026-03-02 09:00'), ('A1', '3', 'T', 1, 10, '2026-03-02 09:00'),
	('A2', '1', 'S', 1, 10, '2026-03-03 08:00'), ('A3', '1', 'S', 1, 10, '2026-03-03 08:00'),
	('B1', '1', 'U', 1, 10, '2026-03-02 08:00'), ('B1', '2', 'U', 1, 10, '2026-03-02 08:00'), ('B1', '3', 'U', 1, 10, '2026-03-02 08:00'),
	('B2', '1', 'W', 1, 10, '2026-03-02 08:00'), ('B2', '2', 'W', 1, 10, '2026-03-02 08:00'), ('B2', '3', 'W', 1, 10, '2026-03-02 08:00'),
	('B3', '1', 'U', 2, 20, '2026-04-02 08:00'), ('B3', '2', 'U', -1, -10, '2026-04-03 08:00'),
	('B4', '1', 'U', 1, 10, '2026-04-02 08:00'), ('B4', '2', 'U', 1, 10, '2026-04-03 08:00'), ('B5', '1', 'U', 1, 10, '2026-04-02 08:00'),
	('C1', '1', 'X', 1, 10, '2026-04-05 08:00'), ('C1', '2', 'X', 1, 10, '2026-04-05 09:00'), ('C1', '3', 'X', 1, 10, '2026-04-05 10:00');
INSERT INTO medaudit.rule (rule_code, kind, violation, name_zh, certainty) VALUES ('t_sex', 'restriction', '超限定', '限女性', 'violation'),
	('t_sex_too', 'restriction', '超限定', '限女性', 'violation'), ('t_twice', 'duplicate', '重复收费', '同日重复', 'violation'),
	('t_out', 'quantity', '超频次', '每日一次', 'violation'), ('t_dx', 'diagnosis', '诊断', '限男性诊断', 'violation'), ('t_none', 'price', '价格', '未映射', 'violation');
INSERT INTO medaudit.charge_rule (rule_code, item_code, scope, max_quantity, max_price, sex, diagnosis_prefixes, excluded_diagnosis_prefixes) VALUES
	('t_sex', 'S', NULL, NULL, NULL, '2', NULL, NULL), ('t_sex_too', 'S', NULL, NULL, NULL, '2', NULL, NULL), ('t_sex_too', 'T', NULL, NULL, NULL, '2', NULL, NULL),
	('t_dx', NULL, NULL, NULL, NULL, '1', '{I}', NULL), ('t_twice', 'W', 'day', NULL, NULL, NULL, NULL, NULL),
	('t_out', 'X', 'day', 1, NULL, NULL, NULL, '{O}'), ('t_none', 'N', NULL, NULL, 1, NULL, NULL, NULL);
CALL medaudit.bind('facility', 'sent.facility');
CALL medaudit.bind('person', 'sent.person');
CALL medaudit.bind('visit', 'sent.visit');
CALL medaudit.bind('charge', 'sent.charge');
SELECT setval('medaudit.run_id_seq', 10) AS run_id;
SET client_min_messages = error;
\set codes '{t_sex,t_sex_too,t_twice,t_out,t_dx,t_none}'
CALL medaudit.run_audit('2026-03-01', '2026-05-01', :'codes');
\pset format unaligned
SELECT facility_id, facility_name, month, relation, problem, problem_zh, rows FROM medaudit.data_quality WHERE month IS NOT NULL
ORDER BY month, facility_id COLLATE "C", problem COLLATE "C";
-- totals are as they were; rules go by their names
SELECT problem, problem_zh, rows, facility_name FROM medaudit.data_quality WHERE month IS NULL AND (relation = 'rule' OR problem ~ 'rule|settled') ORDER BY problem COLLATE "C";
-- the periods of a year say what the year said, but for what is not settled
CREATE TABLE sent.both AS SELECT relation, problem, facility_id, month, rows FROM medaudit.data_quality WHERE month IS NOT NULL;
CALL medaudit.run_audit('2026-04-01', '2026-05-01', :'codes');
CALL medaudit.run_audit('2026-03-01', '2026-04-01', :'codes');
CREATE VIEW sent.apart AS SELECT relation, problem, facility_id, month, max(rows) AS rows, count(*) AS runs FROM medaudit.data_quality
WHERE month IS NOT NULL AND from_date + interval '1 month' = to_date GROUP BY 1, 2, 3, 4;
SELECT count(*), (SELECT count(*) FROM sent.apart) AS apart, (SELECT max(runs) FROM sent.apart WHERE problem !~ 'neither') AS runs FROM
	(TABLE sent.both INTERSECT SELECT relation, problem, facility_id, month, rows FROM sent.apart) AS same;
-- rule by rule, where the group failed, the same is counted
INSERT INTO medaudit.rule (rule_code, kind, name_zh) VALUES ('t_broken', 'quantity', '坏规则');
SET session_replication_role = replica;
INSERT INTO medaudit.charge_rule (rule_code, item_code, scope) VALUES ('t_broken', 'A', 'day');
SET session_replication_role = DEFAULT;
\set VERBOSITY sqlstate
CALL medaudit.run_audit('2026-03-01', '2026-05-01', '{t_broken,t_sex,t_sex_too,t_twice,t_out,t_dx,t_none}');
\set VERBOSITY default
SELECT state, count(*) FROM medaudit.run_step WHERE run_id = (SELECT max(run_id) FROM medaudit.run) GROUP BY 1 ORDER BY 1;
CREATE VIEW sent.last AS SELECT relation, problem, facility_id, month, rows FROM medaudit.data_quality WHERE month IS NOT NULL AND run_id = (SELECT max(run_id) FROM medaudit.run);
SELECT count(*) FROM (TABLE sent.both INTERSECT TABLE sent.last) AS same;
-- what a resumed run asks after it is counted too, and what was sent since is gone
DELETE FROM medaudit.charge_rule WHERE rule_code = 't_broken';
UPDATE medaudit.rule SET kind = 'restriction' WHERE rule_code = 't_broken';
INSERT INTO medaudit.charge_rule (rule_code, item_code, sex) VALUES ('t_broken', 'U', '2');
UPDATE sent.person SET sex = NULL WHERE person_id = 'P7';
UPDATE sent.visit SET discharged_at = '2026-04-02' WHERE visit_id = 'B5';
CALL medaudit.run_audit('2026-03-01', '2026-05-01', '{t_broken,t_sex,t_sex_too,t_twice,t_out,t_dx,t_none}', resume => true);
SELECT s.step, s.rule_code, s.state FROM medaudit.run_step AS s WHERE run_id = (SELECT max(run_id) FROM medaudit.run) AND (step = 'data_quality' OR rule_code = 't_broken') ORDER BY s.step COLLATE "C";
SELECT 'gone' AS what, d.* FROM (TABLE sent.both EXCEPT TABLE sent.last) AS d UNION ALL SELECT 'new', d.* FROM (TABLE sent.last EXCEPT TABLE sent.both) AS d ORDER BY 1, 3, 4, 5;
-- a line that lacks something is out of its stay all the same, and its yuan are those of a visit that was taken back
TRUNCATE sent.charge;
UPDATE sent.visit SET total_amount = 0 WHERE visit_id = 'B3';
INSERT INTO sent.charge VALUES ('B1', '1', 'U', 1, 10, '2026-03-02 08:00'), ('B1', '2', 'U', NULL, 10, '2026-03-05 08:00'), ('B1', '3', NULL, 1, 10, '2026-02-05 08:00'),
	('B3', '1', 'U', 1, 10, '2026-04-02 08:00'), ('B3', '2', 'U', NULL, 7, '2026-04-02 08:00');
CALL medaudit.run_audit('2026-03-01', '2026-05-01', '{t_sex}');
SELECT problem, rows FROM medaudit.data_quality WHERE run_id = (SELECT max(run_id) FROM medaudit.run) AND problem ~ 'line_problems|taken back' ORDER BY problem COLLATE "C";
SELECT facility_id, lines, amount FROM medaudit.code_coverage WHERE run_id = (SELECT max(run_id) FROM medaudit.run) ORDER BY facility_id;
-- Settlements of one visit: the last says what it is, what could not be read or is missing
-- is no part of a sum that is known, and rows of two people, or of two facilities, are of
-- no one.  Who is settled before he came or after today is told of.  Words for the payment
-- method that nobody knows say nothing of the money of the fund.
TRUNCATE sent.charge;
CREATE TABLE sent.bill (visit_id text, person_id text, facility_id text, admitted_at timestamp, discharged_at timestamp, settled_at timestamp,
	visit_type text, main_diagnosis text, total_amount text, scope_amount text, fund_amount text, payment_method text);
INSERT INTO sent.bill VALUES
	-- first as paid by case and of a diagnosis that comes again, last by item and of another
	('L1', 'P2', 'F1', '2026-03-01', '2026-03-05', '2026-03-03', '21', 'A09.9', '50', '50', '25', 'drg'),
	('L1', 'P2', 'F1', '2026-03-01', '2026-03-05', '2026-03-05', '21', 'J18.9', '50', '50', '25', 'item'),
	('L2', 'P2', 'F1', '2026-03-09', '2026-03-12', '2026-03-12', '21', 'A09.9', '90', '90', '45', 'ITEM'),
	('L3', 'P2', 'F1', '2026-03-15', '2026-03-18', '2026-03-18', '21', 'A09.8', '90', '90', '45', 'item'),
	-- unreadable; missing; both known
	('M1', 'P4', 'F1', '2026-03-02', '2026-03-02', '2026-03-02', '11', 'I10', '90', '80', '40', NULL),
	('M1', 'P4', 'F1', '2026-03-02', '2026-03-02', '2026-03-03', '11', 'I10', '90', '80', '1百', NULL),
	('M2', 'P4', 'F1', '2026-03-04', '2026-03-04', '2026-03-04', '11', 'I10', '90', '80', '40', NULL),
	('M2', 'P4', 'F1', '2026-03-04', '2026-03-04', '2026-03-05', '11', 'I10', '90', NULL, '20', NULL),
	('M3', 'P4', 'F1', '2026-03-06', '2026-03-06', '2026-03-06', '11', 'I10', '0', '80', '40', NULL),
	('M3', 'P4', 'F1', '2026-03-06', '2026-03-06', '2026-03-07', '11', 'I10', NULL, '80', '20', NULL),
	-- taken back, and one of two people, one of two places
	('N1', 'P6', 'F1', '2026-03-06', '2026-03-06', '2026-03-06', '11', 'I10', '90', '80', '40', NULL),
	('N1', 'P6', 'F1', '2026-03-06', '2026-03-06', '2026-03-07', '11', 'I10', '-90', '-80', '-40', NULL),
	('N2', 'P6', 'F1', '2026-03-08', '2026-03-08', '2026-03-08', '11', 'I10', '90', '80', '40', NULL),
	('N2', 'P8', 'F1', '2026-03-09', '2026-03-09', '2026-03-09', '11', 'I10', '90', '80', '40', NULL),
	('N3', 'P6', 'F1', '2026-03-08', '2026-03-08', '2026-03-08', '11', 'I10', '90', '80', '40', NULL),
	('N3', 'P6', 'F2', '2026-03-09', '2026-03-09', '2026-03-09', '11', 'I10', '90', '80', '40', NULL),
	-- words, of a stay and of none; none
	('O1', 'P10', 'F1', '2026-03-10', '2026-03-12', '2026-03-12', '21', 'I10', '90', '80', '40', '4'),
	('O2', 'P12', 'F1', '2026-03-10', '2026-03-10', '2026-03-10', '11', 'I10', '90', '80', '40', '按DRG付费'),
	('O3', 'P14', 'F1', '2026-03-10', '2026-03-12', '2026-03-12', '21', 'I10', '90', '80', '40', NULL),
	('O4', 'P16', 'F1', '2026-03-10', '2026-03-12', '2026-03-12', '21', 'I10', '90', '80', '40', 'Bed_Day'),
	-- before it came, by its settlement and by its discharge; in many years; of another time, and settled late
	('Q1', 'P18', 'F1', '2026-03-05', '2026-03-07', '2016-03-07', '21', 'I10', '90', '80', '40', NULL),
	('Q2', 'P18', 'F1', '2026-03-15', '2025-03-17', NULL, '21', 'I10', '90', '80', '40', NULL),
	('Q3', 'P18', 'F1', '2026-03-25', '2026-03-27', '2126-03-27', '21', 'I10', '90', '80', '40', NULL),
	('Q4', 'P20', 'F1', '2026-05-25', '2026-05-27', '2126-05-27', '21', 'I10', '90', '80', '40', NULL),
	('Q5', 'P20', 'F1', '2026-03-25', '2026-03-27', '2026-05-01', '21', 'I10', '90', '80', '40', NULL);
UPDATE sent.person SET sex = '1', birth_date = '1960-01-01';
INSERT INTO sent.charge SELECT visit_id, '1', 'S', 1, 10, min(admitted_at) + interval '8 hours' FROM sent.bill GROUP BY visit_id;
CALL medaudit.bind('visit', 'sent.bill');
CALL medaudit.run_audit('2026-03-01', '2026-04-01', '{t_sex,split_stays}');
SELECT f.rule_code, f.visit_id, f.claimed_amount, f.fund_amount, f.fund_basis FROM medaudit.finding AS f WHERE f.rule_code = 't_sex' ORDER BY f.visit_id;
SELECT l.visit_id FROM medaudit.finding AS f JOIN medaudit.finding_line AS l USING (finding_id) WHERE f.rule_code = 'split_stays' ORDER BY 1;
SELECT problem, problem_zh, rows, examples FROM medaudit.data_quality
WHERE run_id = (SELECT max(run_id) FROM medaudit.run) AND relation = 'visit' AND month IS NULL AND problem ~ 'payment|taken back|several|its time' ORDER BY problem COLLATE "C";
-- nothing was settled then
SET client_min_messages = warning;
CALL medaudit.run_audit('2019-03-01', '2019-04-01', '{t_sex}');
SET client_min_messages = error;
\pset format aligned
TRUNCATE medaudit.binding, medaudit.run, medaudit.run_step, medaudit.run_quality, medaudit.finding, medaudit.finding_line;
DELETE FROM medaudit.charge_rule WHERE rule_code LIKE 't\_%';
DELETE FROM medaudit.rule WHERE rule_code LIKE 't\_%';
DROP VIEW medaudit_data.facility, medaudit_data.person, medaudit_data.visit, medaudit_data.charge;
DROP SCHEMA sent CASCADE;
ALTER TABLE medaudit.finding ENABLE TRIGGER guard;
ALTER TABLE medaudit.finding_line ENABLE TRIGGER guard;
