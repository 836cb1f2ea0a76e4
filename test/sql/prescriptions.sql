-- prescriptions: what one costs, and several instead of one
\set SHOW_CONTEXT never
SET datestyle = iso;
SET client_min_messages = error;
SELECT format('DROP VIEW medaudit_data.%I', relname) FROM pg_class WHERE relnamespace = 'medaudit_data'::regnamespace AND relkind = 'v' AND relname IN (SELECT relation FROM medaudit.relation_column) \gexec
DELETE FROM medaudit.rule WHERE NOT shipped;
ALTER TABLE medaudit.finding DISABLE TRIGGER guard;
ALTER TABLE medaudit.finding_line DISABLE TRIGGER guard;
TRUNCATE medaudit.run, medaudit.finding, medaudit.binding;
DELETE FROM medaudit.prescription_cap;

-- the row that says most, else the one that began last; of whom or where is not known the greatest
INSERT INTO medaudit.prescription_cap (person_class, visit_type, max_amount, valid) VALUES (NULL, NULL, 200, NULL), ('离休', NULL, 450, NULL), (NULL, '41', 80, NULL), ('离休', '11', 400, '[2020-01-01,2024-07-01)'), ('离休', '11', 500, '[2024-01-01,)');
SELECT c AS person_class, t AS visit_type, medaudit._prescription_cap(c, t, '2023-12-31') AS in_2023, medaudit._prescription_cap(c, t, '2024-03-01') AS both, medaudit._prescription_cap(c, t, '2025-03-01') AS later
FROM (VALUES ('在职', '11'), ('在职', '4101'), ('离休', '11'), ('离休人员', '41'), (NULL, '11'), (NULL, '41'), ('在职', NULL), ('', '11'), (NULL, NULL)) AS v (c, t);
DELETE FROM medaudit.prescription_cap WHERE visit_type IS NULL AND person_class IS NULL;
SELECT medaudit._prescription_cap('在职', '11', '2025-03-01') AS no_row, medaudit._prescription_cap('离休', '41', NULL) AS no_day;
SELECT medaudit._window_starts('{2025-01-01,2025-01-01,2025-01-03,2025-01-04,2025-01-09}', 3) AS starts, medaudit._window_starts('{}', 3) AS none, medaudit._window_starts(NULL, 3) AS null_days;
DELETE FROM medaudit.prescription_cap WHERE visit_type = '11';
INSERT INTO medaudit.prescription_cap (max_amount) VALUES (200);

DROP SCHEMA IF EXISTS clinic CASCADE;
CREATE SCHEMA clinic;
CREATE TABLE clinic.facility AS SELECT * FROM (VALUES ('H1', '第一医院'), ('H2', '第二医院'), ('S1', '甲药店')) AS t (facility_id, name);
CREATE TABLE clinic.person (person_id text, name text, person_class text);
CREATE TABLE clinic.visit (visit_id text, person_id text, facility_id text, admitted_at timestamp, discharged_at timestamp, visit_type text, main_diagnosis text, total_amount numeric, scope_amount numeric, fund_amount numeric, department text, physician_id text, settled_at timestamp);
CREATE TABLE clinic.charge (visit_id text, line_id text, original_line_id text, item_code text, item_name text, quantity numeric, amount numeric, charged_at timestamp, claimed numeric, days_supply numeric, prescription_id text, take_home bool, category text DEFAULT '09');
-- a visit with its lines: yuan[/claimed][@prescription]
CREATE FUNCTION clinic.visit(id text, person text, day date, lines text[], place text DEFAULT 'H1', physician text DEFAULT 'D1', dept text DEFAULT '内科', diagnosis text DEFAULT 'I10.x00', kind text DEFAULT '11', days numeric DEFAULT 7, drug text DEFAULT NULL, hour int DEFAULT 9) RETURNS void LANGUAGE sql AS $$
	INSERT INTO clinic.person SELECT person, '病人' || person, '在职' WHERE person NOT IN (SELECT person_id FROM clinic.person);
	INSERT INTO clinic.charge (visit_id, line_id, item_code, item_name, quantity, amount, charged_at, claimed, days_supply, prescription_id)
	SELECT id, n::text, coalesce(drug, 'DRUG-' || id || '-' || n), '药' || n, 1, (regexp_match(l, '^[0-9.]+'))[1]::numeric, day + hour * interval '1 hour' + n * interval '1 minute',
		coalesce((regexp_match(l, '/([0-9.]+)'))[1]::numeric, (regexp_match(l, '^[0-9.]+'))[1]::numeric), days, (regexp_match(l, '@(.*)'))[1]
	FROM unnest(lines) WITH ORDINALITY AS t (l, n);
	INSERT INTO clinic.visit SELECT id, person, place, day + hour * interval '1 hour', day + (hour + 1) * interval '1 hour', kind, diagnosis, (SELECT sum(amount) FROM clinic.charge WHERE visit_id = id), (SELECT sum(claimed) FROM clinic.charge WHERE visit_id = id), (SELECT sum(claimed) / 2 FROM clinic.charge WHERE visit_id = id), dept, physician, day;
$$;
INSERT INTO clinic.person VALUES ('A3', '病人A3', '离休'), ('A4', '病人A4', '离休'), ('A5', '病人A5', NULL), ('A6', '病人A6', NULL);
DO $$
BEGIN
	-- V10 flag: 250 of one number; some of it claimed; not: at the cap, one that came back, what is self-paid, also beside what is claimed
	PERFORM clinic.visit('a1', 'A1', '2025-01-05', '{150@rx1,100/25@rx1}'), clinic.visit('a1b', 'A1', '2025-03-05', '{120@rx1,80@rx1}'), clinic.visit('a1c', 'A1', '2025-04-05', '{150/0@rx1,100/0@rx1}'), clinic.visit('a1d', 'A1', '2025-04-06', '{150@rx1,100/0@rx1}');
	PERFORM clinic.visit('a2', 'A2', '2025-01-05', '{150@rx1,100@rx1}');
	INSERT INTO clinic.charge (visit_id, line_id, original_line_id, item_code, quantity, amount, charged_at, claimed) VALUES ('a2', '3', '2', 'DRUG-a2-2', -1, -100, '2025-02-01', -100);
	-- flag: above 450 for the retired cadres, or for whom the class is not known; not: below it
	PERFORM clinic.visit('a3', 'A3', '2025-01-05', '{400@rx1}'), clinic.visit('a4', 'A4', '2025-01-05', '{500@rx1}'), clinic.visit('a5', 'A5', '2025-01-05', '{400@rx1}'), clinic.visit('a6', 'A6', '2025-01-05', '{500@rx1}');
	-- without numbers, flag: two visits to one physician on one day; not: two departments, two days
	PERFORM clinic.visit('a7', 'A7', '2025-01-05', '{150}'), clinic.visit('a7b', 'A7', '2025-01-05', '{100}', hour => 15);
	PERFORM clinic.visit('a8', 'A8', '2025-01-05', '{150}', diagnosis => 'J00'), clinic.visit('a8b', 'A8', '2025-01-05', '{100}', physician => 'D2', dept => '眼科', hour => 15);
	-- the same physician in another department; nobody known: each visit, and a notice
	PERFORM clinic.visit('a8c', 'A8', '2025-01-05', '{100}', dept => '骨科', hour => 11);
	PERFORM clinic.visit('a9', 'A9', '2025-01-05', '{150}', physician => NULL, dept => NULL), clinic.visit('a9b', 'A9', '2025-01-05', '{100}', physician => '', dept => NULL, hour => 15), clinic.visit('a9c', 'A9', '2025-02-05', '{150,90}', physician => NULL, dept => ' ');
	-- flag: 100 at a pharmacy, whose cap is 80; not: what is taken home from a stay
	PERFORM clinic.visit('a10', 'A10', '2025-01-05', '{100}', place => 'S1', kind => '41', physician => NULL, dept => NULL), clinic.visit('a11', 'A11', '2025-01-05', '{900}', kind => '21');
	-- V11 flag: two of one physician within three dates; not: on the fourth, other diseases, physicians, places, one below 0.7 of the cap, one above it
	PERFORM clinic.visit('b1', 'B1', '2025-01-30', '{160}'), clinic.visit('b1b', 'B1', '2025-02-01', '{100,50}');
	PERFORM clinic.visit('b2', 'B2', '2025-01-05', '{160}'), clinic.visit('b2b', 'B2', '2025-01-08', '{160}');
	PERFORM clinic.visit('b3', 'B3', '2025-01-05', '{160}'), clinic.visit('b3b', 'B3', '2025-01-06', '{160}', diagnosis => 'J00.x00');
	PERFORM clinic.visit('b4', 'B4', '2025-01-05', '{160}'), clinic.visit('b4b', 'B4', '2025-01-06', '{160}', physician => 'D2');
	PERFORM clinic.visit('b5', 'B5', '2025-01-05', '{160}'), clinic.visit('b5b', 'B5', '2025-01-06', '{160}', place => 'H2');
	PERFORM clinic.visit('b6', 'B6', '2025-01-05', '{160}'), clinic.visit('b6b', 'B6', '2025-01-06', '{139.99}'), clinic.visit('b6c', 'B6', '2025-01-07', '{200.01}');
	-- flag: 140 and 200, of E11.9 and E11.7; of one department where no physician is known; two numbers of one visit
	PERFORM clinic.visit('b7', 'B7', '2025-01-05', '{140}', diagnosis => 'E11.900'), clinic.visit('b7b', 'B7', '2025-01-06', '{200}', diagnosis => 'e11.7');
	PERFORM clinic.visit('b8', 'B8', '2025-01-05', '{160}', physician => NULL), clinic.visit('b8b', 'B8', '2025-01-06', '{160}', physician => NULL);
	PERFORM clinic.visit('b9', 'B9', '2025-01-05', '{160@x,170@y,190@z}');
	-- not: what is given day by day, a day at a time; a notice where the days are not known; flag: where much is left
	PERFORM clinic.visit('b10-' || n, 'B10', date '2025-01-04' + n, '{160}', days => 1, drug => 'INFUSION') FROM generate_series(1, 3) AS n;
	PERFORM clinic.visit('b11-' || n, 'B11', date '2025-01-04' + n, '{160}', days => NULL, drug => 'INFUSION') FROM generate_series(1, 3) AS n;
	PERFORM clinic.visit('b12-' || n, 'B12', date '2025-01-04' + n, '{160}', days => 7, drug => 'TABLET') FROM generate_series(1, 2) AS n;
	-- not: self-paid, or near the cap only with what is; flag: what came back was claimed, whatever its return says, and what is left is below the cap
	PERFORM clinic.visit('b14', 'B14', '2025-01-05', '{160}'), clinic.visit('b14b', 'B14', '2025-01-06', '{160/0}'), clinic.visit('b14c', 'B14', '2025-01-07', '{100,60/0}');
	PERFORM clinic.visit('b15', 'B15', '2025-01-05', '{160,90}'), clinic.visit('b15b', 'B15', '2025-01-06', '{160}');
	INSERT INTO clinic.charge (visit_id, line_id, original_line_id, item_code, quantity, amount, charged_at, claimed) VALUES ('b15', '3', '2', 'DRUG-b15-2', -1, -90, '2025-01-05 12:00', 0);
	-- not compared: no diagnosis
	PERFORM clinic.visit('b13', 'B13', '2025-01-05', '{160}', diagnosis => NULL), clinic.visit('b13b', 'B13', '2025-01-06', '{160}', diagnosis => '');
END $$;
-- over the turn of the year, and with a visit in another year
DO $$
BEGIN
	PERFORM clinic.visit('e1', 'E1', '2024-12-30', '{160}'), clinic.visit('e1b', 'E1', '2024-12-31', '{170}'), clinic.visit('e1c', 'E1', '2025-01-01', '{180}');
	PERFORM clinic.visit('e2', 'E2', '2024-11-05', '{10}'), clinic.visit('e2b', 'E2', '2025-02-05', '{210}'), clinic.visit('e2c', 'E2', '2025-03-05', '{150}'), clinic.visit('e2d', 'E2', '2025-03-06', '{150}');
END $$;
-- dirty rows: without amount, facility, person or time; delivered twice; two charges of one number; not settled
INSERT INTO clinic.charge (visit_id, line_id, item_code, quantity, amount, charged_at, prescription_id) VALUES ('a3', '9', 'X', 1, NULL, '2025-01-05 09:30', 'rx1'), ('a3', '8', 'X', 1, 900, NULL, 'rx1'), ('nowhere', '1', 'X', 1, 900, '2025-01-05', 'rx1'), ('a3', '7', 'X', 1, 90, '2025-01-05 09:31', 'rx1'), ('a3', '7', 'X', 1, 91, '2025-01-05 09:31', 'rx1');
INSERT INTO clinic.charge SELECT * FROM clinic.charge WHERE visit_id IN ('b2', 'a5');
INSERT INTO clinic.visit VALUES ('d1', 'A3', NULL, '2025-01-05', '2025-01-05', '11', 'I10', 900), ('d2', NULL, 'H1', '2025-01-05', '2025-01-05', '11', 'I10', 900), ('d3', 'B2', 'H1', '2025-01-06', NULL, '11', 'I10', 180);
UPDATE clinic.visit SET department = '内科', physician_id = 'D1' WHERE visit_id LIKE 'd_';
INSERT INTO clinic.charge (visit_id, line_id, item_code, quantity, amount, charged_at) VALUES ('d1', '1', 'X', 1, 900, '2025-01-05 09:30'), ('d2', '1', 'X', 1, 900, '2025-01-05 09:30'), ('d3', '1', 'X', 1, 180, '2025-01-06 09:30');
UPDATE clinic.charge SET take_home = true WHERE visit_id = 'a11';
CALL medaudit.bind('facility', 'clinic.facility');
CALL medaudit.bind('person', 'clinic.person');
CALL medaudit.bind('visit', 'clinic.visit');
CALL medaudit.bind('charge', 'clinic.charge');
CREATE VIEW clinic.found AS
SELECT f.rule_code, f.subject_kind AS subject, f.subject_id, replace(f.key, chr(31), '|') AS key, f.person_id, f.visit_id, f.physician_id, f.certainty, f.gross_amount AS gross, f.claimed_amount AS claimed, f.fund_amount AS fund, f.involved_amount AS involved, f.judged_on,
	(SELECT string_agg(concat_ws('/', l.visit_id, l.line_id, l.excess_amount, l.excess_claimed), ' ' ORDER BY l.line_no) FROM medaudit.finding_line AS l WHERE l.finding_id = f.finding_id) AS lines, f.evidence, f.evidence_text
FROM medaudit.finding AS f;

\pset format unaligned
CALL medaudit.run_audit('2024-01-01', '2026-01-01', '{split_prescriptions,prescription_amount}');
SELECT step_no, coalesce(rule_code, step) AS step, state, rows, error FROM medaudit.run_progress WHERE run_id = (SELECT max(run_id) FROM medaudit.run) ORDER BY step_no;
SELECT rule_code, subject, subject_id, key, person_id, physician_id, certainty, gross, claimed, fund, involved, judged_on, lines FROM clinic.found ORDER BY rule_code, key COLLATE "C";
SELECT evidence, evidence_text FROM clinic.found WHERE key ~ '^(a1/|a6/|A7|B1|B8|B11)' ORDER BY rule_code, key COLLATE "C";
SELECT relation, problem, rows FROM medaudit.run_quality WHERE problem ~ 'prescription' AND run_id = (SELECT max(run_id) FROM medaudit.run) ORDER BY 1, 2;

-- however the time is cut: months in any order leave what one run of the year leaves
CREATE TABLE clinic.stood AS SELECT * FROM clinic.found;
TRUNCATE medaudit.run, medaudit.finding;
CREATE PROCEDURE clinic.run_months(VARIADIC months date[]) LANGUAGE plpgsql AS $$
DECLARE
	month date;
BEGIN
	FOREACH month IN ARRAY months LOOP
		CALL medaudit.run_audit(month, (month + interval '1 month')::date, '{split_prescriptions,prescription_amount}');
	END LOOP;
END $$;
CALL clinic.run_months('2025-02-01', '2025-04-01', '2025-01-01', '2025-03-01', '2024-12-01', '2024-11-01');
SELECT count(*) AS differ FROM ((TABLE clinic.stood EXCEPT ALL TABLE clinic.found) UNION ALL (TABLE clinic.found EXCEPT ALL TABLE clinic.stood)) AS d;
-- it grows under its key; what comes back later takes it away, in the run of the month in which it came back
SELECT clinic.visit('b1c', 'B1', '2025-02-01', '{170}', hour => 15, physician => 'D1', dept => '外科');
CALL clinic.run_months('2025-02-01');
SELECT f.key, f.involved, f.judged_on, f.evidence ->> 'prescriptions' AS prescriptions, s.involved AS before FROM clinic.found AS f JOIN clinic.stood AS s USING (rule_code, subject_id, key) WHERE f.person_id = 'B1';
SELECT clinic.visit('back', 'A1', '2025-05-01', '{1}');
UPDATE clinic.visit SET total_amount = -101 WHERE visit_id = 'back';
UPDATE clinic.charge SET item_code = 'DRUG-a1-2', quantity = -1, amount = -100, claimed = 0 WHERE visit_id = 'back';
CALL clinic.run_months('2025-05-01');
SELECT count(*) AS left FROM clinic.found WHERE person_id = 'A1';
-- thresholds of the rule, and its bounds
SELECT medaudit.set_rule('split_prescriptions', parameters => '{"period_days": 4, "min_share": 0.8}');
CALL clinic.run_months('2025-01-01');
SELECT string_agg(person_id, ' ' ORDER BY person_id COLLATE "C") AS split FROM clinic.found WHERE rule_code = 'split_prescriptions' AND judged_on < '2025-02-01';
SELECT medaudit.set_rule('split_prescriptions', parameters => '{"min_share": 1.1}');
SELECT medaudit.set_rule('split_prescriptions', parameters => '{"period_days": 0}');
SELECT medaudit.set_rule('split_prescriptions', parameters => '{"period_days": null, "min_share": null}');
-- without a cap, without physicians and departments, they are off and say so; what holds at other times or places is counted
UPDATE medaudit.prescription_cap SET valid = '[2030-01-01,)';
CALL clinic.run_months('2025-01-01');
SELECT problem, rows FROM medaudit.run_quality WHERE problem ~ 'prescription' AND run_id = (SELECT max(run_id) FROM medaudit.run) ORDER BY 1;
DELETE FROM medaudit.prescription_cap;
CALL clinic.run_months('2025-01-01');
SELECT coalesce(rule_code, step) AS step, state, error FROM medaudit.run_progress WHERE run_id = (SELECT max(run_id) FROM medaudit.run) ORDER BY step_no;
INSERT INTO medaudit.prescription_cap (max_amount) VALUES (200);
CALL medaudit.bind('visit', 'clinic.visit', '{"physician_id": null, "department": null}');
SELECT string_agg(relation, ' ' ORDER BY relation) AS off_by FROM medaudit.sources() WHERE 'split_prescriptions' = ANY (rules_off);

-- the same in plain SQL, over random prescriptions
\set ECHO none
\o /dev/null
TRUNCATE medaudit.run, medaudit.finding, medaudit.binding, clinic.visit, clinic.charge, clinic.person;
SELECT setseed(0.25);
SELECT clinic.visit(format('r%s', n), 'R' || n % 40, date '2025-03-01' + (random() * 40)::int, ARRAY(SELECT (20 + random() * 110)::int || CASE WHEN n % 3 = 0 THEN '@' || (random() * 2)::int ELSE '' END
		FROM generate_series(1, 1 + n % 3) ORDER BY random()), physician => 'D' || (random() * 2)::int, dept => 'K' || n % 2, diagnosis => (ARRAY['I10', 'J00', NULL])[1 + (random() * 1.6)::int], kind => CASE WHEN n % 8 = 5 THEN '14' ELSE '11' END, hour => 1 + n % 20)
FROM generate_series(1, 1500) AS n;
INSERT INTO clinic.charge (visit_id, line_id, original_line_id, item_code, quantity, amount, charged_at, claimed)
SELECT c.visit_id, 'back' || c.line_id, c.line_id, c.item_code, -1, -c.amount, c.charged_at + interval '20 days', -c.claimed FROM clinic.charge AS c WHERE hashtext(c.visit_id || c.line_id) % 9 = 0;
CREATE TABLE clinic.shuffled AS SELECT * FROM clinic.charge ORDER BY random();
CALL medaudit.bind('visit', 'clinic.visit');
CALL medaudit.bind('charge', 'clinic.shuffled');
UPDATE medaudit.prescription_cap SET visit_type = '11';
CALL medaudit.run_audit('2025-03-01', '2025-05-01', '{split_prescriptions,prescription_amount}');
\o
\set ECHO all
CREATE TEMP TABLE plain AS
SELECT v.person_id, v.physician_id, left(v.main_diagnosis, 3) AS disease, coalesce(v.visit_id || '/' || c.prescription_id, concat_ws('/', v.person_id, v.admitted_at::date, v.physician_id, v.department)) AS key,
	v.admitted_at::date AS day, sum(c.amount) AS amount, bool_or(v.visit_type = '11') AS capped
FROM clinic.charge AS c JOIN clinic.visit AS v USING (visit_id)
WHERE c.amount > 0 AND NOT EXISTS (SELECT FROM clinic.charge AS b WHERE b.visit_id = c.visit_id AND b.original_line_id = c.line_id)
GROUP BY v.person_id, v.physician_id, left(v.main_diagnosis, 3), 4, v.admitted_at::date;
CREATE TEMP TABLE written AS SELECT person_id, physician_id, key, day, CASE WHEN count(DISTINCT disease) = 1 THEN min(disease) END AS disease, sum(amount) AS amount, bool_or(capped) AS capped FROM plain GROUP BY 1, 2, 3, 4;
SELECT count(*) > 20 AS some, count(*) FILTER (WHERE f.key IS NULL OR w.key IS NULL) AS differ, sum(f.gross_amount) = sum(w.amount - 200) AS same_money, bool_and(f.gross_amount = (SELECT sum(l.excess_amount) FROM medaudit.finding_line AS l WHERE l.finding_id = f.finding_id)) AS lines_add_up
FROM (SELECT * FROM medaudit.finding WHERE rule_code = 'prescription_amount') AS f FULL JOIN (SELECT * FROM written WHERE capped AND amount > 200) AS w ON w.key = f.key AND f.gross_amount = w.amount - 200;
SELECT count(*) > 5 AS some, count(*) FILTER (WHERE f.of IS NULL OR w.of IS NULL) AS differ
FROM (SELECT DISTINCT concat_ws('|', person_id, physician_id, evidence ->> 'diagnosis') AS of FROM medaudit.finding WHERE rule_code = 'split_prescriptions') AS f
FULL JOIN (SELECT DISTINCT concat_ws('|', a.person_id, a.physician_id, a.disease) AS of FROM written AS a JOIN written AS b ON b.person_id = a.person_id AND b.physician_id = a.physician_id AND b.disease = a.disease AND b.key <> a.key
	AND b.day - a.day BETWEEN 0 AND 2 AND a.amount BETWEEN 140 AND 200 AND b.amount BETWEEN 140 AND 200 AND a.capped AND b.capped) AS w ON w.of = f.of;
SELECT q.problem, q.rows > 50 AS some, q.rows = CASE WHEN q.problem ~ 'diagnosis' THEN count(*) FILTER (WHERE w.disease IS NULL) ELSE count(*) FILTER (WHERE NOT w.capped) END AS same
FROM medaudit.run_quality AS q CROSS JOIN written AS w WHERE q.problem ~ 'prescription' GROUP BY q.problem, q.rows ORDER BY 1;
-- cheap ones of which it is not known to whom they belong are counted: two visits of one day with other diagnoses, one number of two physicians; not: one that lacks nothing
TRUNCATE medaudit.run, medaudit.finding, clinic.visit, clinic.charge, clinic.person;
DO $$ BEGIN PERFORM clinic.visit('w1', 'W1', '2025-03-05', '{10}'), clinic.visit('w1b', 'W1', '2025-03-05', '{10}', diagnosis => 'J00', hour => 15), clinic.visit('w2', 'W2', '2025-03-05', '{10@rx1,10@rx1}'), clinic.visit('w3', 'W3', '2025-03-05', '{10@rx1,10@rx1}'); END $$;
CREATE TABLE clinic.by_line AS SELECT c.*, CASE WHEN c.visit_id = 'w2' AND c.line_id = '2' THEN 'D2' END AS physician_id, CASE WHEN c.visit_id = 'w2' AND c.line_id = '2' THEN '外科' END AS department FROM clinic.charge AS c;
CALL medaudit.bind('charge', 'clinic.by_line');
CALL clinic.run_months('2025-03-01');
SELECT problem, rows FROM medaudit.run_quality WHERE problem ~ 'prescription';
DELETE FROM medaudit.prescription_cap;
DROP SCHEMA clinic CASCADE;
TRUNCATE medaudit.run, medaudit.finding, medaudit.binding;
