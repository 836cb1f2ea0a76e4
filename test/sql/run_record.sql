-- run_record: what a run leaves behind: twins, articles, record numbers, changes, lines not judged
\set SHOW_CONTEXT never
SET datestyle = iso;
SET client_min_messages = error;
-- findings are written by hand here, which none but tests do
ALTER TABLE medaudit.finding DISABLE TRIGGER guard;
ALTER TABLE medaudit.finding_line DISABLE TRIGGER guard;
ALTER TABLE medaudit.run DISABLE TRIGGER guard;
ALTER TABLE medaudit.run_step DISABLE TRIGGER guard;
ALTER TABLE medaudit.run_quality DISABLE TRIGGER guard;
ALTER TABLE medaudit.run_insufficient DISABLE TRIGGER guard_deleted;
CREATE SCHEMA warehouse;
CREATE TABLE warehouse.person (person_id text, sex text, birth_date date);
CREATE TABLE warehouse.visit (visit_id text, person_id text, facility_id text, record_no text, department text, admitted_at timestamp, discharged_at timestamp,
	settled_at timestamp, visit_type text, total_amount numeric, scope_amount numeric, fund_amount numeric, payment_method text, main_diagnosis text);
CREATE TABLE warehouse.charge (visit_id text, line_id text, item_code text, quantity numeric, amount numeric, claimed numeric, charged_at timestamp);
INSERT INTO warehouse.person VALUES ('P1', '1', '1980-01-01'), ('P2', NULL, '1980-01-01'), ('P3', '2', '1990-01-01');
INSERT INTO warehouse.visit (visit_id, person_id, facility_id, record_no, department, admitted_at, discharged_at, settled_at, visit_type, total_amount, scope_amount,
	fund_amount, payment_method) VALUES
	('V1', 'P1', 'F1', 'Z001', '外科', '2026-03-02 09:00', '2026-03-06 10:00', '2026-03-06 11:00', '21', 200, 100, 50, 'item'),
	('V2', 'P2', 'F1', 'Z002', '内科', '2026-03-03 09:00', '2026-03-03 10:00', '2026-03-03 11:00', '11', 100, 100, 50, 'item'),
	('V3', 'P3', 'F2', 'Z003', '内科', '2026-03-30 09:00', '2026-03-30 10:00', '2026-03-30 11:00', '11', 100, 100, 50, 'item'),
	('V4', 'P3', 'F2', 'Z004', '儿科', '2026-03-31 09:00', '2026-03-31 10:00', '2026-04-01 00:00', '11', 100, 100, 50, 'item'),
	('V5', 'P1', 'F1', 'Z005', '外科', '2026-03-20 09:00', '2026-03-22 10:00', '2026-03-22 11:00', '21', 200, 100, 50, 'item');
INSERT INTO warehouse.charge VALUES
	-- the second operation of a stay: beside the first on its date, and on another date
	('V1', '1', 'OP1', 1, 40, 40, '2026-03-03 10:00'), ('V1', '2', 'OP2', 1, 30, 30, '2026-03-03 11:00'), ('V1', '3', 'OP2', 1, 30, 15, '2026-03-05 11:00'),
	('V1', '4', 'W', 1, 20, 20, '2026-03-04 08:00'), ('V1', '5', 'X', 1, 20, 20, '2026-03-04 09:00'), ('V1', '6', 'Y', 1, 20, 20, '2026-03-04 10:00'),
	('V2', '1', 'W', 1, 60, 60, '2026-03-03 09:30'), ('V2', '2', 'X', 1, 40, 40, '2026-03-03 09:40'),
	('V3', '1', 'K', 1, 70, 70, '2026-03-30 09:30'), ('V4', '1', 'K', 1, 70, 70, '2026-03-30 09:30');
INSERT INTO medaudit.rule (rule_code, kind, violation, name_zh, certainty, article, behaviour_code) VALUES
	('t_pair', 'exclusive', '重复收费', '手术互斥', 'violation', 'A38(3)', 'T380301'),
	('t_sex', 'restriction', '超医保支付范围', '限女性', 'violation', 'A38(6)', 'T380601'),
	('t_again', 'resettled', '重复收费', '重复结算', 'suspicion', '第三十八条第三项', 'T380301'),
	('t_price', 'price', '超标准收费', '手术价格', 'violation', 'A38(3)', 'T380302');
INSERT INTO medaudit.charge_rule (rule_code, item_code, max_price) VALUES ('t_price', 'OP2', 29);
INSERT INTO medaudit.charge_rule (rule_code, item_code, other_code, scope, sex, certainty) VALUES
	('t_pair', 'OP1', 'OP2', 'visit', NULL, NULL), ('t_again', '%', NULL, NULL, NULL, NULL),
	-- the row of X is less sure than its rule, that of Y says the same as the rule
	('t_sex', 'W', NULL, NULL, '2', NULL), ('t_sex', 'X', NULL, NULL, '2', 'suspicion'), ('t_sex', 'Y', NULL, NULL, '2', 'violation');
CALL medaudit.bind('person', 'warehouse.person');
CALL medaudit.bind('visit', 'warehouse.visit');
CALL medaudit.bind('charge', 'warehouse.charge');
SELECT setval('medaudit.run_id_seq', 1, false) AS run_id;
CALL medaudit.run_audit('2026-03-01', '2026-05-01', '{t_pair,t_sex,t_again,t_price}');

-- a finding holds rows of one certainty: what a doubt lowered stands in a twin, what is less sure by its row apart
SELECT rule_code, key, certainty, gross_amount, claimed_amount, fund_amount, evidence -> 'doubt' AS doubt, evidence -> 'lines' AS lines
FROM medaudit.finding ORDER BY rule_code COLLATE "C", key COLLATE "C";
SELECT f.rule_code, f.key, l.line_no, l.line_id, l.excess_amount FROM medaudit.finding AS f JOIN medaudit.finding_line AS l USING (finding_id) ORDER BY 1, 2, 3;
SELECT count(*) FROM medaudit.finding_line AS l JOIN medaudit.finding AS f USING (finding_id) WHERE (l.evidence ? 'doubt') <> (f.key LIKE '% doubt%');
-- a line counts once: of each visit as much as excess_amount() of its book
SELECT w.visit_id, w.line_id, w.rule_code, w.certainty, w.excess_amount, w.gross_amount, w.claimed_amount FROM medaudit.worklist AS w ORDER BY w.visit_id, w.line_id, w.rank;
SELECT visit_id, sum(gross_amount) = min(medaudit.excess_amount(book, context, rules)) AS gross, sum(claimed_amount) = min(medaudit.excess_claimed(book, context, rules)) AS claimed
FROM medaudit.worklist JOIN (SELECT c.visit_id, medaudit.ledger(item_code, quantity, amount, charged_at, line_id, NULL, c.visit_id, claimed) AS book,
		min(medaudit.visit_context(sex => p.sex, birth_date => p.birth_date, admitted_at => v.admitted_at, discharged_at => v.discharged_at, facility_id => v.facility_id)::text)::medaudit.visit_context AS context
	FROM warehouse.charge AS c JOIN warehouse.visit AS v USING (visit_id) JOIN warehouse.person AS p USING (person_id) GROUP BY c.visit_id) AS b USING (visit_id),
	(SELECT medaudit.compile_rules('t_pair', 't_sex', 't_price') AS rules) AS r WHERE visit_id = 'V1' GROUP BY visit_id;
-- the keys, whatever is found
SELECT doubtful, surest, certainty, medaudit._hit_key('V', CASE WHEN doubtful THEN '{"doubt": ["posted_late"]}' ELSE '{}' END::jsonb, certainty, surest) AS key
FROM unnest('{false,true}'::bool[]) AS doubtful, unnest('{violation,suspicion,notice}'::text[]) WITH ORDINALITY AS r (surest, n), unnest('{violation,suspicion,notice}'::text[]) WITH ORDINALITY AS c (certainty, m)
WHERE n <= m ORDER BY doubtful, n, m;
-- article in both forms; the implementing rules for what was settled again from their first day on; record number and department
SELECT rule_code, visit_id, article, article_code, behaviour_code, record_no, department FROM medaudit.finding ORDER BY rule_code COLLATE "C", key COLLATE "C";
SELECT DISTINCT visit_id, record_no FROM medaudit.finding_lines ORDER BY 1;
UPDATE warehouse.visit SET settled_at = '2026-03-31 23:59' WHERE visit_id = 'V4';
CALL medaudit.run_audit('2026-03-01', '2026-05-01', '{t_again}');
SELECT visit_id, judged_on, article, article_code FROM medaudit.findings WHERE rule_code = 't_again';
-- the other one settled later does not make the later visit new
UPDATE warehouse.visit SET settled_at = '2026-04-05' WHERE visit_id = 'V3';
CALL medaudit.run_audit('2026-03-01', '2026-05-01', '{t_again}');
SELECT visit_id, judged_on, article, article_code FROM medaudit.findings WHERE rule_code = 't_again';

-- what could not be judged
SELECT * FROM medaudit.insufficient_lines(1);
SELECT count(*) = (SELECT insufficient FROM medaudit.run_step WHERE run_id = 1 AND step = 'charges') AS all_of_them FROM medaudit.insufficient_lines(1);
SELECT count(*) FROM medaudit.insufficient_lines(2);
SELECT medaudit.insufficient_lines(NULL);
SELECT medaudit.insufficient_lines(99);
-- at most so many of a rule, of each facility the first, and the rest is told
INSERT INTO medaudit_work.span (visit_id, facility_id, looked) SELECT 'A' || i AS visit_id, CASE WHEN i <= 3 THEN 'F1' WHEN i = 4 THEN 'F2' END AS facility_id, true FROM generate_series(1, 5) AS i;
INSERT INTO medaudit_work.hit (rule_code, visit_id, line_id, item_code, charged_at, outcome, evidence) SELECT rule_code, 'A' || i AS visit_id, 'L' AS line_id, 'I' AS item_code, timestamp '2026-03-01' AS charged_at,
	CASE WHEN i = 1 AND rule_code = 'b' THEN 'excess' ELSE 'insufficient' END AS outcome, '{"missing": ["sex", "age"]}'::jsonb AS evidence
FROM generate_series(1, 5) AS i, unnest('{a,b}'::text[]) AS rule_code WHERE rule_code = 'a' OR i < 4;
CALL medaudit._run_keep_insufficient(1, '{a,b}', 3);
SELECT rule_code, facility_id, visit_id, missing FROM medaudit.insufficient_lines(1) WHERE rule_code IN ('a', 'b');
CALL medaudit._run_keep_insufficient(1, '{a,b}', 3);
SELECT count(*) FROM medaudit.insufficient_lines(1) WHERE rule_code IN ('a', 'b');
SELECT problem, problem_zh, rows FROM medaudit.data_quality WHERE run_id = 1 AND problem LIKE '%listed%';
TRUNCATE medaudit_work.span, medaudit_work.hit;

-- what changed from run to run: the same; then V1 charged less and without its doubt, V2 of a known sex, V3 gone
SELECT * FROM medaudit.run_changes(2, 3);
CALL medaudit.run_audit('2026-03-01', '2026-05-01', '{t_pair,t_sex,t_again,t_price}');
SELECT * FROM medaudit.run_changes(1, 4);
UPDATE warehouse.charge SET claimed = 10 WHERE visit_id = 'V1' AND line_id = '2';
DELETE FROM warehouse.charge WHERE visit_id = 'V1' AND line_id = '3' OR visit_id = 'V3';
UPDATE warehouse.person SET sex = '1' WHERE person_id = 'P2';
CALL medaudit.run_audit('2026-03-01', '2026-05-01', '{t_pair,t_sex,t_again,t_price}');
SELECT * FROM medaudit.run_changes(4, 5);
-- whichever is named first, the later one is the new one
SELECT count(*) FROM (SELECT * FROM medaudit.run_changes(4, 5) EXCEPT SELECT * FROM medaudit.run_changes(5, 4)) AS d;
SELECT change, sum(findings), sum(claimed_amount) FROM medaudit.run_changes(5, 5) GROUP BY change;
-- what became of the findings since says nothing
TRUNCATE medaudit.finding, medaudit.finding_line;
SELECT change, sum(findings), sum(claimed_amount) FROM medaudit.run_changes(4, 5) GROUP BY change ORDER BY change;
SELECT medaudit.run_changes(NULL, 1);
SELECT medaudit.run_changes(1, NULL);
SELECT medaudit.run_changes(1, 99);
SELECT medaudit.run_changes(99, 1);
-- a step that is done again leaves what it found once
CALL medaudit.run_audit('2026-03-01', '2026-05-01', '{t_pair,t_sex,t_again,t_price}');
UPDATE medaudit.run SET state = 'running' WHERE run_id = 6;
UPDATE medaudit.run_step SET state = 'failed' WHERE run_id = 6 AND step = 'charges';
CALL medaudit.run_audit('2026-03-01', '2026-05-01', '{t_pair,t_sex,t_again,t_price}', resume => true);
SELECT change, sum(findings) FROM medaudit.run_changes(5, 6) GROUP BY change;
-- all of it goes with the run, and the findings stay
SELECT count(*) > 0 AS kept FROM medaudit.run_finding WHERE run_id = 1;
DELETE FROM medaudit.run WHERE run_id = 1;
SELECT (SELECT count(*) FROM medaudit.run_finding WHERE run_id = 1) AS found, (SELECT count(*) FROM medaudit.run_insufficient WHERE run_id = 1) AS insufficient,
	(SELECT count(*) FROM medaudit.run_finding WHERE run_id = 6) > 0 AS others, (SELECT count(*) FROM medaudit.finding) > 0 AS findings;
SELECT medaudit.insufficient_lines(1);

-- a run whose step fails says so in the worklist, even where the rule of the row was asked
INSERT INTO medaudit.rule (rule_code, kind, name_zh) VALUES ('t_broken', 'split_stays', '坏规则');
SET session_replication_role = replica;
UPDATE medaudit.rule SET parameters = '{"max_gap_days": -1}' WHERE rule_code = 't_broken';
RESET session_replication_role;
SELECT DISTINCT run_state FROM medaudit.worklist;
\set VERBOSITY sqlstate
CALL medaudit.run_audit('2026-03-01', '2026-05-01', '{t_pair,t_broken}');
SELECT rule_code, run_state, run_state_zh FROM medaudit.worklist GROUP BY 1, 2, 3 ORDER BY rule_code COLLATE "C";
UPDATE medaudit.rule SET parameters = '{"max_gap_days": 3}' WHERE rule_code = 't_broken';
CALL medaudit.run_audit('2026-03-01', '2026-05-01', '{t_pair,t_broken}', resume => true);
SELECT rule_code, run_state FROM medaudit.worklist GROUP BY 1, 2 ORDER BY rule_code COLLATE "C";

DROP VIEW medaudit_data.visit, medaudit_data.charge, medaudit_data.person;
TRUNCATE medaudit.binding, medaudit.run, medaudit.run_step, medaudit.run_quality, medaudit.finding, medaudit.finding_line;
SELECT (SELECT count(*) FROM medaudit.run_finding) AS found, (SELECT count(*) FROM medaudit.run_insufficient) AS insufficient;
DELETE FROM medaudit.rule WHERE rule_code LIKE 't\_%';
DROP SCHEMA warehouse CASCADE;
ALTER TABLE medaudit.finding ENABLE TRIGGER guard;
ALTER TABLE medaudit.finding_line ENABLE TRIGGER guard;
ALTER TABLE medaudit.run ENABLE TRIGGER guard;
ALTER TABLE medaudit.run_step ENABLE TRIGGER guard;
ALTER TABLE medaudit.run_quality ENABLE TRIGGER guard;
ALTER TABLE medaudit.run_insufficient ENABLE TRIGGER guard_deleted;
