-- check_visit: one visit before it is settled, by the rules that can be judged
\set SHOW_CONTEXT never
SET datestyle = iso;
SET client_min_messages = error;
CREATE SCHEMA warehouse;
CREATE TABLE warehouse.visit (visit_id text, person_id text, facility_id text, admitted_at timestamp, discharged_at timestamp, visit_type text, department text, main_diagnosis text,
	settled_at timestamp, mid_settlement bool, newborn bool, total_amount numeric, continues_visit_id text);
CREATE TABLE warehouse.charge (visit_id text, line_id text, original_line_id text, item_code text, item_name text, quantity numeric, amount numeric, claimed numeric, charged_at timestamp, department text);
CREATE TABLE warehouse.person (person_id text, sex text, birth_date date);
CREATE TABLE warehouse.facility (facility_id text, rank int);
CREATE TABLE warehouse.diagnosis (visit_id text, diagnosis_code text, rank int);
INSERT INTO warehouse.facility VALUES ('F1', 3), ('F2', 1);
CREATE TABLE warehouse.was AS SELECT rule_code FROM medaudit.rule WHERE enabled;
UPDATE medaudit.rule SET enabled = false;
INSERT INTO medaudit.rule (rule_code, kind, name_zh, certainty) VALUES ('t_bed', 'per_bed_day', '床位费', 'violation'), ('t_night', 'per_bed_day', '陪护费', 'violation'), ('t_once', 'quantity', '每日一次', 'violation'),
	('t_pair', 'exclusive', '不得同收', 'violation'), ('t_men', 'restriction', '限男性', 'violation'), ('t_icu', 'restriction', '限重症', 'violation'), ('t_price', 'price', '最高价', 'violation'),
	('t_needs', 'prerequisite', '须有检查', 'suspicion'), ('t_twice', 'duplicate', '重复收费', 'violation'), ('t_ward', 'restriction', '限儿科', 'suspicion'), ('t_class', 'restriction', '限三级', 'violation'), ('t_self', 'not_payable', '自费', 'violation'),
	('t_out', 'outside_stay', '住院外收费', 'suspicion'), ('t_hours', 'quantity', '监护时数', 'violation'), ('t_left_out', 'quantity', '每日一次', 'violation'), ('t_pack', 'package', '套餐分解', 'suspicion');
INSERT INTO medaudit.charge_rule (rule_code, item_code, scope, max_quantity, max_price, other_code, item_group, sex, diagnosis_prefixes, departments, facility_ranks) VALUES
	('t_bed', 'BED', 'bed_day', 1, NULL, NULL, NULL, NULL, NULL, NULL, NULL), ('t_night', 'NIGHT', 'bed_night', 1, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
	('t_once', 'ECG', 'day', 1, NULL, NULL, NULL, NULL, NULL, NULL, NULL), ('t_pair', 'CARE1', 'day', NULL, NULL, 'CARE2', NULL, NULL, NULL, NULL, NULL),
	('t_men', 'PSA', NULL, NULL, NULL, NULL, NULL, '1', NULL, NULL, NULL), ('t_icu', 'VENT', NULL, NULL, NULL, NULL, NULL, NULL, '{J96}', NULL, NULL),
	('t_price', 'CT', NULL, NULL, 40.5, NULL, NULL, NULL, NULL, NULL, NULL), ('t_needs', 'READ', 'visit', NULL, NULL, 'SCAN', 'g', NULL, NULL, NULL, NULL),
	('t_twice', 'LAB', 'instant', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL), ('t_ward', 'PED', NULL, NULL, NULL, NULL, NULL, NULL, NULL, '{儿科}', NULL),
	('t_class', 'HIGH', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, '{3}'), ('t_self', 'SPA', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
	('t_out', 'BED', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO medaudit.charge_rule (rule_code, item_code, scope, max_quantity, unit) VALUES ('t_hours', 'MON', 'day', 24, '小时');
INSERT INTO medaudit.charge_rule (rule_code, item_code, scope, max_quantity, excluded_diagnosis_prefixes) VALUES ('t_left_out', 'DIAL', 'day', 1, '{N18}');
INSERT INTO medaudit.package (rule_code, package_code, component_code, package_price) SELECT 't_pack', 'PANEL', c, 50 FROM unnest('{ECG,LAB,PED}'::text[]) AS c;

-- settled visits, one of each person: what a run finds of their lines, neither more nor less
SELECT setseed(0.3);
INSERT INTO warehouse.person SELECT 'P' || i, CASE WHEN i % 7 = 0 THEN NULL ELSE (i % 2 + 1)::text END, date '1960-01-01' + i FROM generate_series(1, 80) AS i;
INSERT INTO warehouse.visit SELECT 'V' || i, 'P' || i, 'F' || i % 2 + 1, d + interval '9 hours', d + (i % 5) * interval '1 day' + interval '15 hours', CASE WHEN i % 4 = 0 THEN '11' ELSE '21' END,
	CASE i % 3 WHEN 0 THEN '儿科' WHEN 1 THEN '内科' END, 'I10', d + interval '10 days', NULL, NULL FROM generate_series(1, 80) AS i, LATERAL (SELECT timestamp '2026-03-01' + i % 20 * interval '1 day' AS d) AS t;
INSERT INTO warehouse.diagnosis SELECT 'V' || i, CASE WHEN i % 3 = 0 THEN 'J96.0' ELSE 'K35' END, 2 FROM generate_series(1, 80) AS i WHERE i % 5 > 0;
INSERT INTO warehouse.charge SELECT v.visit_id, 'L' || l, NULL, c.code, c.code || '项', q.n, q.n * 40 + l % 3, CASE WHEN l % 11 > 0 THEN q.n * 30 ELSE 0 END,
	v.admitted_at + (random() * 4)::int * interval '12 hours' + (l % 4) * interval '90 minutes', CASE WHEN l % 13 = 0 THEN '儿科' END
FROM warehouse.visit AS v CROSS JOIN generate_series(1, 40) AS l
CROSS JOIN LATERAL (SELECT ('{BED,NIGHT,ECG,CARE1,CARE2,PSA,VENT,CT,READ,SCAN,LAB,PED,HIGH,SPA}'::text[])[1 + (l * 7 + length(v.visit_id) + ascii(right(v.visit_id, 1)) + (random() * 3)::int) % 14] AS code) AS c
CROSS JOIN LATERAL (SELECT 1 + floor(random() * 2.2 + l * 0)::int AS n) AS q WHERE random() + l * 0 < 0.5;
-- equal rows, refunds, different lines of one number, lines that lack something
INSERT INTO warehouse.charge SELECT * FROM warehouse.charge WHERE line_id = 'L7' AND visit_id ~ '[37]$';
INSERT INTO warehouse.charge SELECT visit_id, 'R' || line_id, line_id, item_code, item_name, -1, -(amount / quantity), -(claimed / quantity), charged_at + interval '1 hour', department FROM warehouse.charge WHERE line_id IN ('L9', 'L10') AND visit_id ~ '[1-6]$';
INSERT INTO warehouse.charge SELECT visit_id, line_id, NULL, item_code, item_name, -quantity, -amount, -claimed, charged_at + interval '1 hour', department FROM warehouse.charge WHERE line_id = 'L12' AND visit_id ~ '[2-5]$';
INSERT INTO warehouse.charge SELECT visit_id, line_id, NULL, item_code, item_name, quantity + 1, amount + 40, claimed, charged_at + interval '1 day', department FROM warehouse.charge WHERE line_id = 'L15' AND visit_id ~ '[4-9]$';
UPDATE warehouse.charge SET amount = NULL WHERE line_id IN ('L20', 'L21', 'L22', 'L23') AND visit_id ~ '5$';
CALL medaudit.bind('visit', 'warehouse.visit'); CALL medaudit.bind('charge', 'warehouse.charge'); CALL medaudit.bind('person', 'warehouse.person'); CALL medaudit.bind('facility', 'warehouse.facility'); CALL medaudit.bind('diagnosis', 'warehouse.diagnosis');
CALL medaudit.run_audit('2026-03-01', '2026-05-01');
CREATE VIEW warehouse.said AS SELECT v.visit_id, c.* FROM (SELECT DISTINCT visit_id FROM warehouse.visit WHERE visit_id ~ '^V') AS v CROSS JOIN LATERAL medaudit.check_visit(v.visit_id) AS c;
CREATE TABLE warehouse.now AS SELECT * FROM warehouse.said;
CREATE TABLE warehouse.found AS SELECT f.rule_code, f.certainty, l.visit_id, l.line_id, l.item_code, l.charged_at, l.quantity, l.amount, l.excess_quantity, l.excess_amount, l.excess_claimed, l.evidence, l.evidence_text, l.item_name FROM medaudit.finding AS f JOIN medaudit.finding_line AS l USING (finding_id);
SELECT rule_code, count(*) > 0 AS some FROM warehouse.found GROUP BY 1 ORDER BY rule_code COLLATE "C";
SELECT 'run alone' AS which, * FROM (SELECT rule_code, certainty, visit_id, line_id, item_code, charged_at, excess_quantity, excess_amount, excess_claimed, evidence FROM warehouse.found
	EXCEPT ALL SELECT rule_code, certainty, visit_id, line_id, item_code, charged_at, excess_quantity, excess_amount, excess_claimed, evidence FROM warehouse.now WHERE outcome = 'excess') AS d
UNION ALL SELECT 'check alone', * FROM (SELECT rule_code, certainty, visit_id, line_id, item_code, charged_at, excess_quantity, excess_amount, excess_claimed, evidence FROM warehouse.now WHERE outcome = 'excess'
	EXCEPT ALL SELECT rule_code, certainty, visit_id, line_id, item_code, charged_at, excess_quantity, excess_amount, excess_claimed, evidence FROM warehouse.found) AS d LIMIT 10;
-- in the same words, but for the name of what was not charged
SELECT count(*) > 0 AS some, count(*) FILTER (WHERE n.evidence_text <> regexp_replace(f.evidence_text, '^[^，]*，', '') AND n.rule_code <> 't_needs') AS other_words FROM warehouse.now AS n JOIN warehouse.found AS f USING (rule_code, visit_id, line_id, excess_amount, charged_at);
-- what cannot be judged is the same, too; different lines of one number are said once
SELECT count(*) FROM (SELECT rule_code, visit_id, line_id, item_code, evidence ->> 'missing' AS missing FROM warehouse.now WHERE outcome = 'insufficient' AND rule_code IS NOT NULL) AS n
FULL JOIN (SELECT i.rule_code, i.visit_id, i.line_id, i.item_code, to_jsonb(i.missing)::text AS missing FROM medaudit.insufficient_lines((SELECT max(run_id) FROM medaudit.run)) AS i WHERE i.missing <> '{line_id}') AS i
	USING (rule_code, visit_id, line_id, item_code) WHERE n.missing IS DISTINCT FROM i.missing;
SELECT count(DISTINCT (visit_id, line_id)) > 0 AS unclear FROM warehouse.now WHERE rule_code IS NULL AND evidence -> 'missing' ? 'line_id';
SELECT min(evidence_text) FROM warehouse.now WHERE rule_code IS NULL AND NOT evidence -> 'missing' ? 'line_id';

-- a stay that goes on: admitted three days ago, four bed days and three nights so far, orders for tomorrow
INSERT INTO warehouse.person VALUES ('Q', '2', '1950-05-05');
INSERT INTO warehouse.visit VALUES ('OPEN', 'Q', 'F1', '2026-06-01 09:00', NULL, '21', '内科', NULL, NULL, NULL, NULL);
INSERT INTO warehouse.charge VALUES ('OPEN', '1', NULL, 'BED', '床位费', 4, 200, 200, '2026-06-04 08:00', NULL), ('OPEN', '2', NULL, 'NIGHT', '陪护', 4, 80, 80, '2026-06-04 08:00', NULL),
	('OPEN', '3', NULL, 'CT', 'CT平扫', 1, 120, 120, '2026-06-02 10:00', NULL), ('OPEN', '4', NULL, 'READ', '阅片', 1, 20, 20, '2026-06-02 11:00', NULL), ('OPEN', '5', NULL, 'PSA', '前列腺抗原', 1, 60, 60, '2026-06-05 08:00', NULL),
	('OPEN', '6', NULL, 'VENT', '呼吸机', 1, 300, 300, '2026-06-03 08:00', NULL), ('OPEN', '7', NULL, 'SPA', '理疗', 1, 30, 0, '2026-06-03 08:00', NULL);
CREATE FUNCTION warehouse.told(number text, at timestamp) RETURNS TABLE (rule_code text, certainty text, scene text, trig text, outcome text, line_id text, excess numeric, money numeric, why jsonb) LANGUAGE sql AS $$
	SELECT c.rule_code, c.certainty, c.scene, c.trig_scen, c.outcome, c.line_id, c.excess_quantity, c.excess_amount, coalesce(c.evidence -> 'missing', c.evidence -> 'doubt') FROM medaudit.check_visit(number, at) AS c $$;
SELECT * FROM warehouse.told('OPEN', '2026-06-04 12:00');
SELECT evidence_text FROM medaudit.check_visit('OPEN', '2026-06-04 12:00');
-- planned lines that nobody can judge are planned, too; the end of a stay that goes on is not told
INSERT INTO warehouse.charge VALUES ('OPEN', '8', NULL, 'CT', NULL, 1, 120, 120, '2026-06-05 09:00', NULL), ('OPEN', '8', NULL, 'CT', NULL, 2, 240, 240, '2026-06-05 09:00', NULL);
SELECT scene, line_id, outcome FROM medaudit.check_visit('OPEN', '2026-06-04 12:00') WHERE rule_code IS NULL;
DELETE FROM warehouse.charge WHERE visit_id = 'OPEN' AND line_id = '8';
-- before they were charged, the days would have been too many; a day later, one more is allowed
SELECT rule_code, excess FROM warehouse.told('OPEN', '2026-06-03 12:00') WHERE rule_code IN ('t_bed', 't_night');
UPDATE warehouse.charge SET quantity = 6, amount = 300 WHERE line_id = '1' AND visit_id = 'OPEN'; UPDATE warehouse.charge SET quantity = 5, amount = 100 WHERE line_id = '2' AND visit_id = 'OPEN';
DELETE FROM warehouse.charge WHERE visit_id = 'OPEN' AND line_id = '5';
SELECT rule_code, scene, excess FROM warehouse.told('OPEN', '2026-06-04 12:00') WHERE rule_code IN ('t_bed', 't_night');
SELECT evidence -> 'stay', evidence_text FROM medaudit.check_visit('OPEN', '2026-06-04 12:00') WHERE rule_code IN ('t_bed', 't_night');
SELECT rule_code, scene, excess FROM warehouse.told('OPEN', '2026-06-05 12:00') WHERE rule_code IN ('t_bed', 't_night');
SELECT rule_code, scene, excess FROM warehouse.told('OPEN', '2026-06-06 12:00') WHERE rule_code IN ('t_bed', 't_night');
-- discharged and not settled: mid; a diagnosis can still come, nothing else; then settled for good: post
UPDATE warehouse.visit SET discharged_at = '2026-06-04 10:00' WHERE visit_id = 'OPEN';
SELECT * FROM warehouse.told('OPEN', '2026-06-04 12:00');
INSERT INTO warehouse.diagnosis VALUES ('OPEN', 'K35', 1);
SELECT * FROM warehouse.told('OPEN', '2026-06-04 12:00') WHERE rule_code = 't_icu';
SELECT evidence_text FROM medaudit.check_visit('OPEN', '2026-06-04 12:00') WHERE rule_code = 't_icu';
UPDATE warehouse.visit SET settled_at = '2026-06-04 11:00', mid_settlement = true WHERE visit_id = 'OPEN';
SELECT DISTINCT scene FROM warehouse.told('OPEN', '2026-06-04 12:00');
UPDATE warehouse.visit SET mid_settlement = false WHERE visit_id = 'OPEN';
SELECT * FROM warehouse.told('OPEN', '2026-06-04 12:00');
INSERT INTO warehouse.diagnosis VALUES ('OPEN', 'J96.9', 1);
SELECT rule_code FROM warehouse.told('OPEN', '2026-06-04 12:00');
-- settled in the midst, with a date: the stay goes on
INSERT INTO warehouse.visit VALUES ('INT', 'Q', 'F1', '2026-06-01 09:00', '2026-06-10 10:00', '21', NULL, NULL, '2026-06-10 11:00', true, NULL);
INSERT INTO warehouse.charge SELECT 'INT', d::text, NULL, 'BED', NULL, 1, 50, 50, timestamp '2026-06-01 08:00' + d * interval '1 day', NULL FROM generate_series(1, 11) AS d;
SELECT * FROM warehouse.told('INT', '2026-06-12 12:00');
-- a visit that continues others counts its days from the first of them; of one that is not there nobody knows
INSERT INTO warehouse.visit (visit_id, person_id, facility_id, admitted_at, visit_type, continues_visit_id) VALUES ('C1', 'Q', 'F1', '2026-05-20 09:00', '21', NULL), ('C2', 'Q', 'F1', '2026-06-01 09:00', '21', 'C1'), ('C3', 'Q', 'F1', '2026-06-01 09:00', '21', 'LOST');
INSERT INTO warehouse.charge SELECT v, '1', NULL, 'BED', NULL, 15, 500, 500, '2026-06-03 08:00', NULL FROM unnest('{C2,C3}'::text[]) AS v;
SELECT v, t.rule_code, t.outcome, t.excess, t.why FROM unnest('{C2,C3}'::text[]) AS v, warehouse.told(v, '2026-06-03 12:00') AS t;
-- settled without a discharge: as a run has it, whenever it is asked
INSERT INTO warehouse.visit VALUES ('SND', 'Q', 'F1', '2026-06-01 09:00', NULL, '21', NULL, NULL, '2026-06-04 11:00', NULL, NULL);
INSERT INTO warehouse.charge VALUES ('SND', '1', NULL, 'BED', NULL, 9, 450, 450, '2026-06-04 08:00', NULL);
SELECT rule_code, outcome, why FROM warehouse.told('SND', '2026-06-06 12:00'); SELECT count(*) FROM warehouse.told('SND', '2027-06-06 12:00');
-- taken back as a whole
INSERT INTO warehouse.visit VALUES ('VOID', 'Q', 'F1', '2026-06-01 09:00', '2026-06-02 09:00', '21', NULL, NULL, '2026-06-02 11:00', NULL, NULL, 100), ('VOID', 'Q', 'F1', '2026-06-01 09:00', '2026-06-02 09:00', '21', NULL, NULL, '2026-06-05 11:00', NULL, NULL, -100);
INSERT INTO warehouse.charge VALUES ('VOID', '1', NULL, 'CT', NULL, 1, 120, 120, '2026-06-01 10:00', NULL);
SELECT count(*) FROM warehouse.told('VOID', '2026-06-06 12:00');
-- of several main diagnoses each counts
INSERT INTO warehouse.visit VALUES ('MAINS', 'Q', 'F1', '2026-06-01 09:00', '2026-06-04 09:00', '21', NULL, 'I10', '2026-06-02 11:00', true, NULL, 100), ('MAINS', 'Q', 'F1', '2026-06-01 09:00', '2026-06-04 09:00', '21', NULL, 'J96.0', '2026-06-04 11:00', NULL, NULL, 100);
INSERT INTO warehouse.charge VALUES ('MAINS', '1', NULL, 'VENT', NULL, 1, 120, 120, '2026-06-01 10:00', NULL);
SELECT count(*) FROM warehouse.told('MAINS', '2026-06-06 12:00');
-- of what type it is nobody knows: a stay as soon as it goes past its first date
INSERT INTO warehouse.visit VALUES ('NOTYPE', 'Q', 'F1', '2026-06-01 09:00', NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO warehouse.charge VALUES ('NOTYPE', '1', NULL, 'ECG', NULL, 1, 20, 20, '2026-06-03 08:00', NULL), ('NOTYPE', '2', NULL, 'ECG', NULL, 2, 40, 40, '2026-06-03 09:00', NULL), ('NOTYPE', '3', NULL, 'BED', NULL, 5, 40, 40, '2026-06-03 09:00', NULL);
SELECT * FROM warehouse.told('NOTYPE', '2026-06-03 12:00');
-- of today nobody counts the hours
INSERT INTO warehouse.visit VALUES ('HRS', 'Q', 'F1', '2026-06-01 09:00', NULL, '21', NULL, NULL, NULL, NULL, NULL);
INSERT INTO warehouse.charge SELECT 'HRS', d::text, NULL, 'MON', NULL, CASE d WHEN 0 THEN 15 ELSE 24 END, 24, 24, timestamp '2026-06-01 09:30' + d * interval '23 hours', NULL FROM generate_series(0, 3) AS d;
SELECT * FROM warehouse.told('HRS', '2026-06-04 09:00');
-- a diagnosis that leaves the visit out may still come
INSERT INTO warehouse.visit VALUES ('EXC', 'Q', 'F1', '2026-06-01 09:00', NULL, '11', NULL, 'I10', NULL, NULL, NULL);
INSERT INTO warehouse.charge SELECT 'EXC', d::text, NULL, 'DIAL', NULL, 1, 400, 400, timestamp '2026-06-01 09:00' + d * interval '2 hours', NULL FROM generate_series(1, 2) AS d;
SELECT rule_code, certainty, why FROM warehouse.told('EXC', '2026-06-01 15:00');
-- one line of next year hides nothing of this
INSERT INTO warehouse.visit VALUES ('HID', 'Q', 'F1', '2026-06-01 09:00', NULL, '21', NULL, NULL, NULL, NULL, NULL);
INSERT INTO warehouse.charge VALUES ('HID', '1', NULL, 'BED', NULL, 10, 500, 500, '2026-06-04 08:00', NULL), ('HID', '2', NULL, 'CT', NULL, 1, 50, 50, '2027-06-04 08:00', NULL), ('HID', '3', NULL, NULL, NULL, 1, 50, 50, '2028-06-04 08:00', NULL);
SELECT rule_code, certainty, scene, outcome, line_id, excess FROM warehouse.told('HID', '2026-06-04 12:00');
-- discharge planned; admission planned, with lines before it
INSERT INTO warehouse.visit VALUES ('PD', 'Q', 'F1', '2026-06-01 09:00', '2026-06-20 09:00', '21', NULL, NULL, NULL, NULL, NULL), ('FUT', 'Q', 'F1', '2026-07-01 09:00', NULL, '21', NULL, NULL, NULL, NULL, NULL);
INSERT INTO warehouse.charge SELECT v, '1', NULL, 'BED', NULL, 10, 500, 500, '2026-06-04 08:00', NULL FROM unnest('{PD,FUT}'::text[]) AS v;
SELECT v, t.rule_code, t.scene, t.outcome, t.excess, t.why FROM unnest('{PD,FUT}'::text[]) AS v, warehouse.told(v, '2026-06-04 12:00') AS t;
-- planned: before anything was done
INSERT INTO warehouse.visit VALUES ('PLAN', 'Q', 'F2', '2026-07-01 09:00', NULL, '11', NULL, NULL, NULL, NULL, NULL);
INSERT INTO warehouse.charge VALUES ('PLAN', '1', NULL, 'HIGH', '大型检查', 1, 500, 500, '2026-07-01 10:00', NULL), ('PLAN', '2', NULL, 'CARE1', NULL, 1, 5, 5, '2026-07-01 10:00', NULL), ('PLAN', '3', NULL, 'CARE2', NULL, 1, 5, 5, '2026-07-01 12:00', NULL);
SELECT * FROM warehouse.told('PLAN', '2026-06-30 09:00');
SELECT DISTINCT scene, scene_zh, trig_scen FROM medaudit.check_visit('PLAN', '2026-07-02 09:00');
-- what is planned puts what is done in excess: told beforehand, by what it adds
INSERT INTO warehouse.visit VALUES ('AHEAD', 'Q', 'F1', '2026-07-01 07:00', NULL, '11', NULL, 'I10', NULL, NULL, NULL);
INSERT INTO warehouse.charge VALUES ('AHEAD', '1', NULL, 'CARE1', NULL, 1, 5, 5, '2026-07-01 08:00', NULL), ('AHEAD', '2', NULL, 'CARE2', NULL, 1, 5, 5, '2026-07-01 20:00', NULL),
	('AHEAD', '3', NULL, 'ECG', NULL, 1, 30, 30, '2026-07-01 09:00', NULL), ('AHEAD', '4', NULL, 'LAB', NULL, 1, 30, 30, '2026-07-01 21:00', NULL);
CREATE VIEW warehouse.ahead AS SELECT a.at, c.rule_code, c.scene, c.line_id, c.excess_amount, c.evidence_text FROM unnest('{2026-07-01 12:00,2026-07-01 22:00}'::timestamp[]) AS a (at) CROSS JOIN LATERAL medaudit.check_visit('AHEAD', a.at) AS c WHERE c.outcome = 'excess' ORDER BY a.at, c.rule_code, c.line_id;
SELECT * FROM warehouse.ahead;
UPDATE warehouse.charge SET charged_at = CASE line_id WHEN '1' THEN timestamp '2026-07-01 20:00' ELSE '2026-07-01 08:00' END WHERE visit_id = 'AHEAD' AND line_id IN ('1', '2');
SELECT at, scene, line_id, excess_amount FROM warehouse.ahead WHERE rule_code = 't_pair';
-- more of what is in excess already
INSERT INTO warehouse.charge VALUES ('AHEAD', '5', NULL, 'ECG', NULL, 2, 60, 60, '2026-07-01 09:30', NULL), ('AHEAD', '6', NULL, 'ECG', NULL, 1, 30, 30, '2026-07-01 21:30', NULL);
SELECT at, rule_code, scene, line_id, excess_amount FROM warehouse.ahead;
-- whenever it is asked of a visit whose time does not matter: what is told adds up to what it will be, but for a package, which may be taken apart otherwise by then
INSERT INTO warehouse.visit SELECT 'G' || i, 'P' || i, 'F' || i % 2 + 1, timestamp '2026-09-01', NULL, '11', '内科', 'I10' FROM generate_series(1, 60) AS i;
INSERT INTO warehouse.charge SELECT 'G' || i, l::text, NULL, c.code, NULL, q.n, q.n * 40, q.n * 30, timestamp '2026-09-01 08:00' + (random() * 30)::int * interval '1 hour', NULL
FROM generate_series(1, 60) AS i CROSS JOIN generate_series(1, 14) AS l CROSS JOIN LATERAL (SELECT ('{ECG,CARE1,CARE2,PSA,CT,LAB,PED,HIGH,SPA}'::text[])[1 + floor(random() * 9 + i * 0 + l * 0)::int] AS code) AS c CROSS JOIN LATERAL (SELECT 1 + floor(random() * 1.5 + i * 0 + l * 0)::int AS n) AS q;
CREATE TABLE warehouse.asked AS SELECT 'G' || i AS visit_id, h, c.rule_code, c.scene, c.excess_amount FROM generate_series(1, 60) AS i CROSS JOIN unnest('{0,7,13,24,31,99}'::int[]) AS h CROSS JOIN LATERAL medaudit.check_visit('G' || i, timestamp '2026-09-01 05:00' + h * interval '1 hour') AS c WHERE c.outcome = 'excess';
SELECT h, count(*) FILTER (WHERE scene = 'pre') > 0 AS pre, count(*) FILTER (WHERE scene = 'mid') > 0 AS mid FROM warehouse.asked GROUP BY h ORDER BY h;
WITH sums AS (SELECT visit_id, rule_code, h, sum(excess_amount) AS money FROM warehouse.asked GROUP BY 1, 2, 3)
SELECT rule_code = 't_pack' AS package, count(*) > 100 AS many, count(*) FILTER (WHERE s.money IS DISTINCT FROM e.money) > 0 AS differ FROM (SELECT e.visit_id, e.rule_code, e.money, h.h FROM sums AS e, unnest('{0,7,13,24,31}'::int[]) AS h (h) WHERE e.h = 99) AS e FULL JOIN (SELECT * FROM sums WHERE h < 99) AS s USING (visit_id, rule_code, h)
GROUP BY 1 ORDER BY 1;
-- what is exempt, or reported, is said to be
INSERT INTO medaudit.gateway VALUES (session_user) ON CONFLICT DO NOTHING;
SELECT medaudit.approve_exemption(medaudit.exempt('t_class', 'licensed', '批准开展', '[2026-01-01,2026-12-31]', 'F2', actor => 'ann'), actor => 'ben');
INSERT INTO medaudit.self_report (facility_id, rule_code, visit_id, amount) VALUES ('F2', 't_pair', 'PLAN', 5);
SELECT rule_code, outcome, line_id, evidence ?| '{exemption,self_reported}' AS said FROM medaudit.check_visit('PLAN', '2026-07-02 09:00');
-- a newborn on its mother's number; nothing charged; a padded number
INSERT INTO warehouse.visit VALUES ('BABY', 'Q', 'F1', '2026-06-01 09:00', NULL, '21', NULL, NULL, NULL, NULL, true), ('NONE', 'Q', 'F1', '2026-06-01 09:00', NULL, '21', NULL, NULL, NULL, NULL, NULL);
INSERT INTO warehouse.charge VALUES ('BABY', '1', NULL, 'PSA', NULL, 1, 60, 60, '2026-06-01 10:00', NULL);
SELECT * FROM warehouse.told('BABY', '2026-06-02 09:00');
SELECT count(*) FROM warehouse.told(' NONE ', '2026-06-02 09:00');
-- a rule that changes changes what is said, at once and in the same transaction, and is compiled no oftener
SELECT compiled AS before FROM medaudit.rulebook_reads() \gset
SELECT count(*) FROM warehouse.told('PLAN', '2026-07-02 09:00'), generate_series(1, 3) AS i;
SELECT compiled - :before AS again FROM medaudit.rulebook_reads();
BEGIN;
UPDATE medaudit.charge_rule SET max_price = 1 WHERE rule_code = 't_price'; INSERT INTO medaudit.charge_rule (rule_code, item_code, max_price) VALUES ('t_price', 'HIGH', 400);
SELECT rule_code, money FROM warehouse.told('PLAN', '2026-07-02 09:00') WHERE rule_code = 't_price';
UPDATE medaudit.charge_rule SET max_price = 450 WHERE rule_code = 't_price' AND item_code = 'HIGH';
SELECT rule_code, money FROM warehouse.told('PLAN', '2026-07-02 09:00') WHERE rule_code = 't_price';
ROLLBACK;
SELECT rule_code, money FROM warehouse.told('PLAN', '2026-07-02 09:00') WHERE rule_code = 't_price';
UPDATE medaudit.rule SET enabled = false WHERE rule_code = 't_class';
SELECT rule_code FROM warehouse.told('PLAN', '2026-07-02 09:00');
-- by whoever asks, and not by what an earlier one of the session compiled
CREATE ROLE regress_medaudit_asks; CALL medaudit.grant_access('regress_medaudit_asks', 'analyst'); GRANT USAGE ON SCHEMA warehouse TO regress_medaudit_asks; GRANT SELECT ON ALL TABLES IN SCHEMA warehouse TO regress_medaudit_asks;
SET ROLE regress_medaudit_asks;
SELECT rule_code FROM warehouse.told('PLAN', '2026-07-02 09:00');
SELECT compiled - :before AS compiled FROM medaudit.rulebook_reads();
RESET ROLE;

-- codes of the hospital itself, mapped to national ones: each by its own
CREATE TABLE warehouse.item (facility_id text, item_code text, national_code text, name text);
INSERT INTO warehouse.item VALUES ('F1', 'X1', 'CT', 'CT'), ('F2', 'X1', 'ECG', '心电');
CALL medaudit.bind('item', 'warehouse.item');
INSERT INTO warehouse.visit VALUES ('OWN1', 'Q', 'F1', '2026-06-01 09:00', NULL, '11', NULL, NULL, NULL, NULL, NULL), ('OWN2', 'Q', 'F2', '2026-06-01 09:00', NULL, '11', NULL, NULL, NULL, NULL, NULL);
INSERT INTO warehouse.charge SELECT v, l::text, NULL, 'X1', '检查', 1, 50, 50, timestamp '2026-06-01 10:00' + l * interval '1 minute', NULL FROM unnest('{OWN1,OWN2}'::text[]) AS v, generate_series(1, 2) AS l;
SELECT v, rule_code, line_id, item_code, excess_amount, evidence_text FROM unnest('{OWN1,OWN2}'::text[]) AS v, medaudit.check_visit(v, '2026-06-01 12:00');
-- an exemption by the national code is of the local one, and of a settled visit on its day
SELECT medaudit.approve_exemption(medaudit.exempt('t_price', 'licensed', '批准', '[2026-05-01,2026-06-15]', 'F1', item_code => 'CT', actor => 'ann'), actor => 'ben');
SELECT outcome, line_id FROM medaudit.check_visit('OWN1', '2026-06-01 12:00');
SELECT outcome, line_id FROM medaudit.check_visit('OWN1', '2026-07-01 12:00');
UPDATE warehouse.visit SET settled_at = '2026-06-10 08:00' WHERE visit_id = 'OWN1';
SELECT outcome, line_id FROM medaudit.check_visit('OWN1', '2026-07-01 12:00');
-- views made by hand, which lack what is not required
DROP VIEW medaudit_data.visit, medaudit_data.charge, medaudit_data.item; DELETE FROM medaudit.binding WHERE relation IN ('visit', 'charge', 'item');
CREATE VIEW medaudit_data.visit AS SELECT visit_id, person_id, facility_id, admitted_at, discharged_at FROM warehouse.visit;
CREATE VIEW medaudit_data.charge AS SELECT visit_id, item_code, quantity::text AS quantity, amount, charged_at FROM warehouse.charge;
SELECT * FROM warehouse.told('OPEN', '2026-06-04 12:00');

-- what is wrong
\set VERBOSITY sqlstate
SELECT * FROM medaudit.check_visit('NOBODY');
SELECT * FROM medaudit.check_visit(NULL);
SELECT * FROM medaudit.check_visit('OPEN', 'infinity');
SELECT * FROM medaudit.check_visit('OPEN', '294276-12-31 23:59:59');
SET ROLE regress_medaudit_asks;
SELECT * FROM medaudit.check_visit('OPEN');
RESET ROLE;
SELECT * FROM medaudit._audit_charges_now(NULL, NULL, NULL, NULL, NULL);
DROP VIEW medaudit_data.charge;
SELECT * FROM medaudit.check_visit('OPEN');
\set VERBOSITY default
CREATE FUNCTION warehouse.mine(text) RETURNS text LANGUAGE sql AS 'SELECT $1'; ALTER FUNCTION warehouse.mine(text) OWNER TO regress_medaudit_asks;
CREATE VIEW medaudit_data.charge AS SELECT warehouse.mine(visit_id) AS visit_id, item_code, quantity, amount, charged_at FROM warehouse.charge;
SELECT * FROM medaudit.check_visit('OPEN');

DROP OWNED BY regress_medaudit_asks CASCADE; DROP ROLE regress_medaudit_asks; DELETE FROM medaudit.access_grant;
DROP VIEW medaudit_data.visit, medaudit_data.person, medaudit_data.facility, medaudit_data.diagnosis;
DROP VIEW IF EXISTS medaudit_data.charge;
DELETE FROM medaudit.binding; DELETE FROM medaudit.gateway; DELETE FROM medaudit.exemption; DELETE FROM medaudit.self_report;
TRUNCATE medaudit.run;
ALTER TABLE medaudit.finding DISABLE TRIGGER guard; ALTER TABLE medaudit.finding_line DISABLE TRIGGER guard;
TRUNCATE medaudit.finding;
ALTER TABLE medaudit.finding ENABLE TRIGGER guard; ALTER TABLE medaudit.finding_line ENABLE TRIGGER guard;
DELETE FROM medaudit.rule WHERE rule_code ~ '^t_';
UPDATE medaudit.rule AS r SET enabled = true FROM warehouse.was AS w WHERE w.rule_code = r.rule_code;
DROP SCHEMA warehouse CASCADE;
