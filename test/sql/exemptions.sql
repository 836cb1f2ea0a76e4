-- exemptions: what is set aside by data, visibly, and comes back
\set SHOW_CONTEXT never
SET datestyle = iso;
SET client_min_messages = error;
CREATE SCHEMA aside;
CREATE TABLE aside.visit AS SELECT 'V' || i AS visit_id, 'P' || 1 + i % 3 AS person_id, 'F' || 1 + i % 2 AS facility_id,
	timestamp '2026-03-01 08:00' + i * interval '2 days' AS admitted_at, timestamp '2026-03-01 09:00' + i * interval '2 days' AS discharged_at, 80::numeric AS scope_amount, 40::numeric AS fund_amount,
	'item' AS payment_method, CASE WHEN i > 6 THEN '21' ELSE '11' END AS visit_type, 'I10' AS main_diagnosis, 100::numeric AS total_amount FROM generate_series(1, 6) AS i;
INSERT INTO aside.visit SELECT 'S' || i, 'P9', 'F1', timestamp '2026-03-01 08:00' + i * interval '8 days', timestamp '2026-03-06 08:00' + i * interval '8 days', 80, 40, 'item', '21', 'I10', 500 FROM generate_series(0, 1) AS i;
CREATE TABLE aside.charge AS SELECT visit_id, l::text AS line_id, CASE WHEN l < 4 THEN 'A' ELSE 'B' END AS item_code, 1::numeric AS quantity, 10::numeric AS amount, 8::numeric AS claimed, admitted_at AS charged_at
FROM aside.visit, generate_series(1, 5) AS l;
CALL medaudit.bind('visit', 'aside.visit');
CALL medaudit.bind('charge', 'aside.charge');
INSERT INTO medaudit.rule (rule_code, kind, name_zh, certainty) VALUES ('x_once', 'quantity', '每日一次', 'violation');
INSERT INTO medaudit.charge_rule (rule_code, item_code, scope, max_quantity) VALUES ('x_once', 'A', 'visit', 1), ('x_once', 'B', 'visit', 1);
INSERT INTO medaudit.gateway VALUES (session_user) ON CONFLICT DO NOTHING;
CREATE VIEW aside.found AS SELECT rule_code, key, state, certainty, gross_amount AS gross, claimed_amount AS claimed, fund_amount AS fund, judged_on,
	(SELECT string_agg(line_id, ',' ORDER BY line_no) FROM medaudit.finding_line AS l WHERE l.finding_id = f.finding_id) AS lines,
	evidence -> 'exemption' AS exemption, evidence -> 'self_reported' AS reported FROM medaudit.finding AS f WHERE rule_code IN ('x_once', 'split_stays');
CALL medaudit.run_audit('2026-03-01', '2026-04-01', '{x_once,split_stays}');
SELECT * FROM aside.found ORDER BY 1, 2;

-- it holds once somebody else has approved it
SELECT medaudit.exempt('x_once', 'licensed', '专科备案', '[2026-03-01,2026-03-11)', facility_id => 'F2', item_code => 'A', document_no => '备案1号', actor => 'ann') AS id \gset
CALL medaudit.run_audit('2026-03-01', '2026-04-01', '{x_once}');
SELECT count(*) FROM aside.found WHERE state = 'exempt';
SELECT medaudit.approve_exemption(:id, actor => 'ben');
CALL medaudit.run_audit('2026-03-01', '2026-04-01', '{x_once}');
-- of F2 (V1, V3, V5) V1 and V3 are in time: their A lines stand apart, B stays; V5 is of the day after it ended, others another facility
SELECT * FROM aside.found WHERE rule_code = 'x_once' ORDER BY 1, 2;
SELECT relation, problem, problem_zh, rows FROM medaudit.run_quality WHERE run_id = (SELECT max(run_id) FROM medaudit.run) AND relation = 'exemption';
SELECT count(*) FILTER (WHERE state = 'exempt') AS listed, count(*) FROM medaudit.worklist AS w JOIN medaudit.finding AS f USING (finding_id) WHERE w.rule_code = 'x_once';
SELECT sum(gross_once) FROM medaudit.finding_shares AS s JOIN medaudit.finding USING (finding_id) WHERE rule_code = 'x_once';
SELECT step, verdict, reason_code, document_no FROM medaudit.finding_event ORDER BY event_id;
-- again, and by months that only look at the days: the same
CALL medaudit.run_audit('2026-03-01', '2026-04-01', '{x_once}');
CALL medaudit.run_audit('2026-04-01', '2026-05-01', '{x_once}');
SELECT state, count(*), sum(gross) FROM aside.found WHERE rule_code = 'x_once' GROUP BY 1 ORDER BY 1;
SELECT count(*) FROM medaudit.finding_event;
-- what a run did not ask it does not tell of
CALL medaudit.run_audit('2026-03-01', '2026-04-01', '{split_stays}');
SELECT count(*) FROM medaudit.run_quality WHERE run_id = (SELECT max(run_id) FROM medaudit.run) AND relation = 'exemption';
-- an institution gives back by itself: the same is not found twice; less than all is
INSERT INTO medaudit.self_report (facility_id, rule_code, visit_id, line_id, amount, reported_on) VALUES ('F1', 'x_once', 'V2', NULL, NULL, '2026-03-20'), ('F1', 'x_once', 'V4', '2', 10, '2026-03-21'),
	('F1', 'x_once', 'V4', '3', 9.99, '2026-03-21'), ('F2', 'x_once', 'V6', NULL, NULL, '2026-03-21');
CALL medaudit.run_audit('2026-03-01', '2026-04-01', '{x_once}');
SELECT * FROM aside.found WHERE key ~ '^V[246]' ORDER BY 1, 2;
SELECT problem_zh, rows FROM medaudit.run_quality WHERE run_id = (SELECT max(run_id) FROM medaudit.run) AND relation = 'exemption' ORDER BY 1;
-- revoked, it is found again; a refund takes away what was set aside
SELECT medaudit.revoke_exemption(:id, '备案过期', actor => 'ben');
DELETE FROM medaudit.self_report WHERE visit_id = 'V2';
CALL medaudit.run_audit('2026-03-01', '2026-04-01', '{x_once}');
SELECT key, state, gross, lines FROM aside.found WHERE rule_code = 'x_once' ORDER BY 1, 2;
-- the last run found what it found again, whatever was said of it
SELECT f.state, f.run_state, count(*), bool_and(f.run_id = (SELECT max(run_id) FROM medaudit.run)) AS of_it FROM medaudit.findings AS f WHERE f.rule_code = 'x_once' AND f.state <> 'superseded' GROUP BY 1, 2 ORDER BY 1;
-- a pattern as a whole: both stays of the person, or none
SELECT medaudit.exempt('split_stays', 'documented', '化疗', '[2026-03-01,2027-03-01)', person_id => 'P9', facility_id => 'F2', actor => 'ann') AS other, medaudit.exempt('split_stays', 'documented', '化疗', '[2026-03-01,2027-03-01)', person_id => 'P9', actor => 'ann') AS id \gset
SELECT medaudit.approve_exemption(:other, actor => 'ben');
CALL medaudit.run_audit('2026-03-01', '2026-04-01', '{split_stays}');
SELECT state FROM aside.found WHERE rule_code = 'split_stays';
SELECT medaudit.approve_exemption(:id, actor => 'ben');
CALL medaudit.run_audit('2026-03-01', '2026-04-01', '{split_stays}');
SELECT state, right(key, 7) AS key, exemption FROM aside.found WHERE rule_code = 'split_stays';
CALL medaudit.run_audit('2026-03-01', '2026-04-01', '{split_stays}');
SELECT state, count(*) FROM aside.found WHERE rule_code = 'split_stays' GROUP BY 1;

-- like a finding that was dismissed: next month it does not stand there again
SELECT finding_id AS id FROM medaudit.finding WHERE key = 'V5' AND rule_code = 'x_once' AND state = 'open' \gset
SELECT medaudit.review_finding(:id, 'dismiss', 'emergency', '急诊', actor => a) FROM unnest('{ann,ben}'::text[]) AS a;
SELECT medaudit.exempt_finding(:id, '[2026-04-01,2026-07-01)', actor => 'ann') AS id \gset
SELECT rule_code, facility_id, person_id, item_code, reason_code, reason, valid, requested_by, approved_by FROM medaudit.exemption WHERE exemption_id = :id;
SELECT medaudit.approve_exemption(:id, 'ben');
INSERT INTO aside.visit SELECT 'W5', person_id, facility_id, admitted_at + interval '1 month', discharged_at + interval '1 month', scope_amount, fund_amount, payment_method, visit_type, main_diagnosis, total_amount FROM aside.visit WHERE visit_id = 'V5';
INSERT INTO aside.charge SELECT 'W5', line_id, item_code, quantity, amount, claimed, charged_at + interval '1 month' FROM aside.charge WHERE visit_id = 'V5';
CALL medaudit.run_audit('2026-04-01', '2026-05-01', '{x_once}');
SELECT key, state, gross, lines FROM aside.found WHERE key LIKE 'W%' ORDER BY 1;
-- revoked, what was set aside as a whole is open again, and the same finding
SELECT finding_id AS twin FROM medaudit.finding WHERE key = 'W5 exempt' \gset
SELECT medaudit.revoke_exemption(:id, '不再适用', 'ben');
CALL medaudit.run_audit('2026-04-01', '2026-05-01', '{x_once}');
SELECT finding_id = :twin AS same, key, state, gross_amount, evidence ? 'exemption' AS exempt, (SELECT string_agg(step, ',' ORDER BY event_id) FROM medaudit.finding_event AS e WHERE e.finding_id = f.finding_id) AS steps
FROM medaudit.finding AS f WHERE key LIKE 'W%' ORDER BY key;
SELECT count(*) FROM medaudit.check_finding_log();

-- another exemption, or one more reason, sets aside the same and says what it is
SELECT medaudit.revoke_exemption(exemption_id, '换文号', actor => 'ben') FROM medaudit.exemption WHERE rule_code = 'split_stays' AND approved_by IS NOT NULL AND revoked_on IS NULL AND person_id = 'P9' AND facility_id IS NULL;
SELECT medaudit.exempt('split_stays', 'licensed', '化疗', '[2026-03-01,2027-03-01)', person_id => ' P9 ', document_no => '备案2号', actor => 'ann') AS mine \gset
SELECT medaudit.approve_exemption(:mine, actor => 'Ａnn');
SELECT medaudit.approve_exemption(:mine, actor => 'ben');
INSERT INTO medaudit.self_report (facility_id, rule_code, visit_id, reported_on) VALUES ('F1', 'split_stays', 'S0', '2026-03-20');
CALL medaudit.run_audit('2026-03-01', '2026-04-01', '{split_stays}');
SELECT state, right(key, 7) AS key, exemption ->> 'document_no' AS document_no FROM aside.found WHERE rule_code = 'split_stays' AND state NOT IN ('changed', 'superseded');
-- nothing given back of a pattern is no report of it; all of the stays are
SELECT medaudit.revoke_exemption(:mine, '到此为止', actor => 'ben');
UPDATE medaudit.self_report SET amount = 0 WHERE rule_code = 'split_stays';
INSERT INTO medaudit.self_report (facility_id, rule_code, visit_id, amount, reported_on) VALUES ('F1', 'split_stays', 'S1', 0, '2026-03-20');
CALL medaudit.run_audit('2026-03-01', '2026-04-01', '{split_stays}');
SELECT state, exemption FROM aside.found WHERE rule_code = 'split_stays' AND state NOT IN ('changed', 'superseded');
UPDATE medaudit.self_report SET amount = 1, visit_id = ' ' || visit_id WHERE rule_code = 'split_stays';
CALL medaudit.run_audit('2026-03-01', '2026-04-01', '{split_stays}');
SELECT state, right(key, 14) AS key FROM aside.found WHERE rule_code = 'split_stays' AND state NOT IN ('changed', 'superseded');
-- ten yuan given back of a visit are not thirty
SELECT key, state, gross FROM aside.found WHERE key ~ '^V3' AND state NOT IN ('changed', 'superseded') ORDER BY 1;
INSERT INTO medaudit.self_report (facility_id, rule_code, visit_id, amount, reported_on) SELECT facility_id, 'x_once', visit_id, 29.99, '2026-03-20' FROM aside.visit WHERE visit_id = 'V3';
CALL medaudit.run_audit('2026-03-01', '2026-04-01', '{x_once}');
SELECT key, state, gross FROM aside.found WHERE key ~ '^V3' AND state NOT IN ('changed', 'superseded') ORDER BY 1;
UPDATE medaudit.self_report SET amount = 30 WHERE visit_id = 'V3';
CALL medaudit.run_audit('2026-03-01', '2026-04-01', '{x_once}');
SELECT key, state, gross FROM aside.found WHERE key ~ '^V3' AND state NOT IN ('changed', 'superseded') ORDER BY 1;
-- the lines of what stands again say nothing of it any more
DELETE FROM medaudit.self_report WHERE visit_id = 'V3';
CALL medaudit.run_audit('2026-03-01', '2026-04-01', '{x_once}');
SELECT key, state, gross FROM aside.found WHERE key ~ '^V3' AND state NOT IN ('changed', 'superseded') ORDER BY 1;
SELECT count(*) FROM medaudit.finding_line AS l JOIN medaudit.finding AS f USING (finding_id) WHERE f.state = 'open' AND (l.evidence ? 'self_reported' OR l.evidence ? 'exemption');
-- by the national code of a local one, as rules are
CREATE TABLE aside.item AS SELECT 'A' AS item_code, '药' AS name, 'XN9' AS national_code;
CALL medaudit.bind('item', 'aside.item');
SELECT medaudit.exempt('x_once', 'licensed', '药', '[2026-03-01,2027-03-01)', item_code => 'ｘn9', actor => 'ann') AS mine \gset
SELECT medaudit.approve_exemption(:mine, actor => 'ben');
CALL medaudit.run_audit('2026-03-01', '2026-04-01', '{x_once}');
SELECT key, state, gross, lines FROM aside.found WHERE key ~ '^V3' AND state NOT IN ('changed', 'superseded') ORDER BY 1;
-- what was dismissed over two places is asked for of the person
INSERT INTO aside.visit VALUES ('X0', 'P8', 'F1', '2026-03-02 08:00', '2026-03-06 08:00', 80, 40, 'item', '21', 'I10', 500), ('X1', 'P8', 'F2', '2026-03-03 08:00', '2026-03-05 08:00', 80, 40, 'item', '21', 'I10', 500);
CALL medaudit.run_audit('2026-03-01', '2026-04-01', '{overlapping_stays}');
SELECT finding_id AS overlap FROM medaudit.finding WHERE rule_code = 'overlapping_stays' \gset
SELECT medaudit.review_finding(:overlap, 'dismiss', 'data_wrong', actor => 'ann'), medaudit.review_finding(:overlap, 'dismiss', 'data_wrong', actor => 'ben');
SELECT medaudit.exempt_finding(:overlap, '[2026-03-01,2026-05-01)', actor => 'ann') AS mine \gset
SELECT rule_code, facility_id, person_id, item_code FROM medaudit.exemption WHERE exemption_id = :mine;
-- a prescription 420 above its cap: as much given back as is in excess, not a cent; of several groups of a visit whose lines say nothing, all of it
INSERT INTO aside.visit VALUES ('D1', 'P7', 'F1', '2026-03-10 08:00', '2026-03-10 09:30', 400, 200, 'item', '11', 'J00', 500);
CREATE TABLE aside.drug AS SELECT 'D1' AS visit_id, l AS line_id, i AS item_code, 1::numeric AS quantity, y AS amount, 0.8 * y AS claimed, timestamp '2026-03-10 09:00' AS charged_at, '09' AS category, 'p' AS prescription_id
FROM (VALUES ('1', 'C', 300.00), ('2', 'A', 100.00), ('3', 'C', 100.00)) AS t (l, i, y);
CALL medaudit.bind('charge', 'aside.drug');
INSERT INTO medaudit.prescription_cap (visit_type, max_amount) VALUES ('11', 80);
CREATE FUNCTION aside.dear(run_no bigint, rule_code text, parameters jsonb) RETURNS SETOF medaudit.run_group LANGUAGE sql STABLE AS $$
	SELECT (pg_catalog.jsonb_populate_record(NULL::medaudit.run_group, pg_catalog.jsonb_build_object('key', k, 'person_id', 'P9', 'facility_id', 'F1', 'visit_ids', v, 'gross_amount', y))).*
	FROM (VALUES ('one', '{S0}'::pg_catalog.text[], 50), ('two', '{S0,S1}', 60)) AS t (k, v, y) $$;
SELECT medaudit.add_rule_kind('dear', 'claims', 'aside.dear(bigint, text, jsonb)', '高额');
INSERT INTO medaudit.rule (rule_code, kind, name_zh) VALUES ('x_dear', 'dear', '高额');
CREATE VIEW aside.other AS SELECT rule_code, key, state, gross_amount AS gross, claimed_amount AS claimed, fund_amount AS fund,
	(SELECT string_agg(concat_ws('/', line_id, excess_amount), ' ' ORDER BY line_no) FROM medaudit.finding_line AS l WHERE l.finding_id = f.finding_id) AS lines
FROM medaudit.finding AS f WHERE rule_code IN ('prescription_amount', 'x_dear') AND state NOT IN ('changed', 'superseded');
INSERT INTO medaudit.self_report (facility_id, rule_code, visit_id, amount, reported_on) VALUES ('F1', 'prescription_amount', 'D1', 419.99, '2026-03-20'), ('F1', 'x_dear', 'S0', 109.99, '2026-03-20'), ('F1', 'x_dear', 'S1', 59.99, '2026-03-20');
CALL medaudit.run_audit('2026-03-01', '2026-04-01', '{prescription_amount,x_dear}');
SELECT * FROM aside.other ORDER BY 1, 2;
UPDATE medaudit.self_report SET amount = amount + 0.01 WHERE rule_code = 'prescription_amount' OR visit_id = 'S0' AND rule_code = 'x_dear';
CALL medaudit.run_audit('2026-03-01', '2026-04-01', '{prescription_amount,x_dear}');
SELECT * FROM aside.other ORDER BY 1, 2;
-- a line of it by item, another given back by itself: cut, and the sentence says so
DELETE FROM medaudit.self_report WHERE rule_code = 'prescription_amount';
SELECT medaudit.exempt('prescription_amount', 'licensed', '药', '[2026-03-01,2027-03-01)', item_code => 'ｘn9', actor => 'ann') AS mine \gset
SELECT medaudit.approve_exemption(:mine, actor => 'ben');
INSERT INTO medaudit.self_report (facility_id, rule_code, visit_id, line_id, amount, reported_on) VALUES ('F1', 'prescription_amount', 'D1', '1', 251.99, '2026-03-20'), ('F1', 'prescription_amount', 'D1', '3', 84, '2026-03-20');
CALL medaudit.run_audit('2026-03-01', '2026-04-01', '{prescription_amount}');
SELECT * FROM aside.other WHERE rule_code = 'prescription_amount' ORDER BY 1, 2;
SELECT f.key, f.evidence -> 'part' AS part, f.evidence ? 'exemption' AS exempt, f.evidence ? 'self_reported' AS reported, f.evidence_text FROM medaudit.finding AS f WHERE rule_code = 'prescription_amount' AND state NOT IN ('changed', 'superseded') ORDER BY 1;
-- again: the same; revoked, it is whole
SELECT string_agg(concat_ws(':', finding_id, key), ' ' ORDER BY key) AS before FROM medaudit.finding WHERE rule_code = 'prescription_amount' AND state NOT IN ('changed', 'superseded') \gset
CALL medaudit.run_audit('2026-03-01', '2026-04-01', '{prescription_amount}');
SELECT string_agg(concat_ws(':', finding_id, key), ' ' ORDER BY key) = :'before' AS same FROM medaudit.finding WHERE rule_code = 'prescription_amount' AND state NOT IN ('changed', 'superseded');
SELECT medaudit.revoke_exemption(:mine, '到此为止', actor => 'ben');
DELETE FROM medaudit.self_report WHERE rule_code = 'prescription_amount';
CALL medaudit.run_audit('2026-03-01', '2026-04-01', '{prescription_amount}');
SELECT * FROM aside.other WHERE rule_code = 'prescription_amount' ORDER BY 1, 2;
-- what is refused
\set VERBOSITY sqlstate
SELECT medaudit.exempt('no_rule', 'other', 'x', '[2026-01-01,2026-02-01)', 'F1');
SELECT medaudit.exempt('x_once', 'no reason', 'x', '[2026-01-01,2026-02-01)', 'F1');
SELECT medaudit.exempt('x_once', 'other', 'x', '[2026-01-01,2026-02-01)');
SELECT medaudit.exempt('x_once', 'other', 'x', '[2026-01-01,)', 'F1');
SELECT medaudit.exempt('x_once', 'other', 'x', '[2026-01-01,infinity)', 'F1');
SELECT medaudit.exempt('x_once', 'other', 'x', '[2026-01-01,2029-01-02)', 'F1');
SELECT medaudit.exempt('x_once', 'other', 'x', 'empty', 'F1');
SELECT medaudit.exempt('x_once', 'other', NULL, '[2026-01-01,2026-02-01)', 'F1');
SELECT medaudit.exempt('x_once', 'other', ' ', '[2026-01-01,2026-02-01)', 'F1');
SELECT medaudit.exempt('x_once', 'other', 'x', '[2026-01-01,2026-02-01)', '', ' ');
SELECT medaudit.exempt('x_once', 'other', 'x', '[2026-01-01,2029-01-01)', 'F1', actor => 'ann') > 0 AS three_years;
SELECT medaudit.approve_exemption((SELECT max(exemption_id) FROM medaudit.exemption), actor => 'ann');
SELECT medaudit.approve_exemption(1, actor => 'cat');
SELECT medaudit.approve_exemption(999, actor => 'cat');
SELECT medaudit.approve_exemption(NULL);
SELECT medaudit.revoke_exemption(999, 'x');
SELECT medaudit.revoke_exemption(:id, ' ');
SELECT medaudit.revoke_exemption(:id, 'x');
SELECT medaudit.exempt_finding(999999, '[2026-01-01,2026-02-01)');
SELECT medaudit.exempt_finding((SELECT min(finding_id) FROM medaudit.finding WHERE state = 'open'), '[2026-01-01,2026-02-01)');
DELETE FROM medaudit.gateway;
SELECT medaudit.exempt('x_once', 'other', 'x', '[2026-01-01,2026-02-01)', 'F1', actor => 'ann');
-- nor by a statement: who asks does not approve, and what was asked for stays as it was
CREATE ROLE ann; CALL medaudit.grant_access('ann', 'chief'); GRANT UPDATE ON medaudit.exemption TO ann;
SET SESSION AUTHORIZATION ann;
INSERT INTO medaudit.exemption (rule_code, facility_id, reason_code, reason, valid, requested_by, approved_by) VALUES ('x_once', 'F1', 'other', 'x', '[2026-01-01,2026-02-01)', 'ann', 'ben');
INSERT INTO medaudit.exemption (rule_code, facility_id, reason_code, reason, valid, requested_by) VALUES ('x_once', 'F1', 'other', 'x', '[2026-01-01,2026-02-01)', 'ben');
SELECT medaudit.exempt('x_once', 'other', 'x', '[2026-01-01,2026-02-01)', 'F1') > 0 AS asked;
UPDATE medaudit.exemption SET approved_by = 'ben' WHERE approved_by IS NULL;
UPDATE medaudit.exemption SET approved_by = 'ann' WHERE requested_by = 'ann' AND approved_by IS NULL;
UPDATE medaudit.exemption SET valid = '[2026-01-01,2028-01-01)' WHERE requested_by = 'ann';
UPDATE medaudit.exemption SET revoked_on = NULL WHERE revoked_on IS NOT NULL;
RESET SESSION AUTHORIZATION;
DROP OWNED BY ann; DROP ROLE ann;
\set VERBOSITY default
ALTER TABLE medaudit.finding_event DISABLE TRIGGER keep_events;
ALTER TABLE medaudit.finding DISABLE TRIGGER guard; ALTER TABLE medaudit.finding_line DISABLE TRIGGER guard;
DELETE FROM medaudit.finding_event; DELETE FROM medaudit.finding; DELETE FROM medaudit.run;
ALTER TABLE medaudit.finding_event ENABLE TRIGGER keep_events;
ALTER TABLE medaudit.finding ENABLE TRIGGER guard; ALTER TABLE medaudit.finding_line ENABLE TRIGGER guard;
DELETE FROM medaudit.exemption; DELETE FROM medaudit.self_report;
DELETE FROM medaudit.charge_rule WHERE rule_code = 'x_once'; DELETE FROM medaudit.rule WHERE rule_code IN ('x_once', 'x_dear'); DELETE FROM medaudit.rule_kind WHERE kind = 'dear'; DELETE FROM medaudit.prescription_cap;
DROP VIEW medaudit_data.charge, medaudit_data.visit, medaudit_data.item; DELETE FROM medaudit.binding WHERE relation IN ('charge', 'visit', 'item');
DROP SCHEMA aside CASCADE;
