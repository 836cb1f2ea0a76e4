-- run_fills: runs that ask of dispensed drugs
\set SHOW_CONTEXT never
SET datestyle = iso;
SET client_min_messages = error;
SELECT format('DROP VIEW medaudit_data.%I', relname) FROM pg_class WHERE relnamespace = 'medaudit_data'::regnamespace AND relkind = 'v' AND relname IN (SELECT relation FROM medaudit.relation_column) \gexec
DELETE FROM medaudit.rule WHERE NOT shipped;
ALTER TABLE medaudit.finding DISABLE TRIGGER guard;
ALTER TABLE medaudit.finding_line DISABLE TRIGGER guard;
TRUNCATE medaudit.run, medaudit.finding, medaudit.binding;
DROP SCHEMA IF EXISTS shop CASCADE;
CREATE SCHEMA shop;
CREATE TABLE shop.facility AS SELECT * FROM (VALUES ('H1', '第一医院'), ('S1', '甲药店'), ('S2', '乙药店'), ('S3', '丙药店')) AS t (facility_id, name);
CREATE TABLE shop.person AS SELECT 'P' || n AS person_id, name FROM unnest('{张三,李四,王五,赵六,钱七,孙八,周九,吴十,郑一,冯二}'::text[]) WITH ORDINALITY AS t (name, n);
CREATE TABLE shop.visit (visit_id text, person_id text, facility_id text, admitted_at timestamp, discharged_at timestamp, visit_type text, main_diagnosis text, total_amount numeric, referral_visit_id text, settled_at timestamp);
CREATE TABLE shop.charge (visit_id text, line_id text, item_code text, item_name text, quantity numeric, amount numeric, charged_at timestamp, claimed numeric, days_supply numeric, take_home bool, spec text, dose text, frequency text, category text DEFAULT '09');
-- a dispensing is a visit of one line: person, facility, date, drug, days, packs, yuan
CREATE FUNCTION shop.dispense(person text, place text, day date, drug text, days numeric, packs numeric DEFAULT 1, yuan numeric DEFAULT 100, kind text DEFAULT '41', diagnosis text DEFAULT NULL, settled date DEFAULT NULL) RETURNS void LANGUAGE sql AS $$
	INSERT INTO shop.visit SELECT concat_ws('-', person, place, day, left(drug, 8)), person, place, day + time '09:00', day + time '09:10', kind, diagnosis, yuan, NULL, settled;
	INSERT INTO shop.charge VALUES (concat_ws('-', person, place, day, left(drug, 8)), '1', CASE drug WHEN '二甲双胍片' THEN 'XA10BAE101A001010100001' WHEN '格列吡嗪片' THEN 'XA10BBG059A001010100001' WHEN '格列美脲片' THEN 'XA10BBG064A001010100001' WHEN '氯化钠注射液' THEN 'XB05XAL040B002010100001' WHEN '氯化钾注射液' THEN 'XB05XAL047B002010100001' ELSE 'XC08CAA001A001010100001' END,
		drug, packs, yuan, day + time '09:05', yuan, days, NULL, NULL, NULL, NULL);
$$;
DO $$
BEGIN
	-- V41, V63, P1 flag: metformin for 30 days every 8 days from three places; P2 not: a return of the box that was too much; P3 not: 12 weeks refilled in time
	FOR i IN 0..5 LOOP PERFORM shop.dispense('P1', 'S' || 1 + i % 3, date '2025-01-01' + 8 * i, '二甲双胍片', 30); END LOOP;
	PERFORM shop.dispense('P2', 'S1', '2025-01-01', '二甲双胍片', 84), shop.dispense('P2', 'S1', '2025-01-20', '二甲双胍片', 84), shop.dispense('P2', 'S1', '2025-01-21', '二甲双胍片', 84, -1, -100);
	PERFORM shop.dispense('P3', 'S1', '2025-01-01', '二甲双胍片', 84), shop.dispense('P3', 'S1', '2025-03-10', '二甲双胍片', 84), shop.dispense('P3', 'S2', '2025-05-20', '二甲双胍片', 84);
	-- V42b, P4 flag: 17 days left of 30, 11 more than may be; not: on day 24, and 9 left, 3 more
	PERFORM shop.dispense('P4', 'S1', '2025-02-01', '氨氯地平片', 30), shop.dispense('P4', 'S2', '2025-02-14', '氨氯地平片', 30);
	PERFORM shop.dispense('P5', 'S1', '2025-02-01', '氨氯地平片', 30), shop.dispense('P5', 'S1', '2025-02-25', '氨氯地平片', 30), shop.dispense('P5', 'S1', '2025-03-24', '氨氯地平片', 30);
	-- V63, P6 not: four places at the normal pace
	FOR i IN 0..3 LOOP PERFORM shop.dispense('P6', 'S' || 1 + i % 3, date '2025-01-01' + 30 * i, '二甲双胍片', 30); END LOOP;
	-- V42a, P7 flag: two sulfonylureas; P8 not: a change from one to the other; P9 not: solutions
	PERFORM shop.dispense('P7', 'H1', '2025-01-01', '格列吡嗪片', 30, kind => '11'), shop.dispense('P7', 'S2', '2025-01-10', '格列美脲片', 30), shop.dispense('P7', 'H1', '2025-01-31', '格列吡嗪片', 30, kind => '11');
	PERFORM shop.dispense('P8', 'H1', '2025-01-01', '格列吡嗪片', 30), shop.dispense('P8', 'H1', '2025-01-15', '格列美脲片', 30), shop.dispense('P8', 'H1', '2025-02-14', '格列美脲片', 30);
	PERFORM shop.dispense('P9', 'H1', '2025-01-01', '氯化钠注射液', 10), shop.dispense('P9', 'H1', '2025-01-01', '氯化钾注射液', 10);
	-- the episode of a year is not found again in the book of the next one
	PERFORM shop.dispense('P9', 'S1', '2024-03-01', '二甲双胍片', 150);
	-- a stock that goes on over the turn of the year
	PERFORM shop.dispense('P10', 'S1', '2024-11-01', '二甲双胍片', 90), shop.dispense('P10', 'S2', '2024-12-01', '二甲双胍片', 90), shop.dispense('P10', 'S3', '2025-01-05', '二甲双胍片', 90, settled => '2025-02-03');
END $$;
-- V41, V45 (h) flag: 3 packs of 24 at 3 a day for a cold; not: hypertension, one pack that lasts 8 days, no dose, a pack that came back
INSERT INTO shop.visit SELECT 'L' || n, 'P5', 'H1', timestamp '2025-03-05 09:00' + n * interval '1 hour', timestamp '2025-03-05 09:30' + n * interval '1 hour', '11', d, 36, NULL FROM unnest('{J00,I10,J00,J00,J00}'::text[]) WITH ORDINALITY AS t (d, n);
INSERT INTO shop.charge (visit_id, line_id, item_code, item_name, quantity, amount, charged_at, claimed, spec, dose, frequency)
SELECT 'L' || n, l, 'XR05XXF001A001010100001', '感冒片', q, 12 * q, timestamp '2025-03-05 09:10' + n * interval '1 hour', 6 * q, '12片×2板', '1片', CASE WHEN n <> 4 THEN 'tid' ELSE 'prn' END FROM (VALUES (1, 'a', 3), (2, 'a', 3), (3, 'a', 1), (4, 'a', 3), (5, 'a', 3), (5, 'b', -2)) AS t (n, l, q);
-- not: beyond the limit only with packs that are self-paid (6), or all of which are (7); what came back was claimed, whatever its return says (8)
INSERT INTO shop.visit SELECT 'L' || n, 'P5', 'H1', timestamp '2025-03-05 09:00' + n * interval '1 hour', timestamp '2025-03-05 09:30' + n * interval '1 hour', '11', 'J00', 36, NULL FROM generate_series(6, 8) AS n;
INSERT INTO shop.charge (visit_id, line_id, item_code, item_name, quantity, amount, charged_at, claimed, spec, dose, frequency)
SELECT 'L' || n, l, 'XR05XXF001A001010100001', '感冒片', q, 12 * q, timestamp '2025-03-05 09:10' + n * interval '1 hour', c, '12片×2板', '1片', f
FROM (VALUES (6, 'a', 1, 6, 'tid'), (6, 'b', 2, 0, 'tid'), (6, 'c', 1, 0, 'prn'), (7, 'a', 3, 0, 'tid'), (8, 'a', 3, 18, 'tid'), (8, 'b', -2, 0, 'tid')) AS t (n, l, q, c, f);
-- flag: several lines of a drug, what was dispensed last is too much; what comes back says nothing of the dose and takes the charge of its price
INSERT INTO shop.person VALUES ('G1', '郑七');
INSERT INTO shop.visit VALUES ('L9', 'G1', 'H1', '2025-03-06 09:00', '2025-03-06 10:00', '11', 'J00', 66.02, NULL);
INSERT INTO shop.charge (visit_id, line_id, item_code, item_name, quantity, amount, charged_at, claimed, spec, dose, frequency)
SELECT 'L9', l, 'XR05XXF001A001010100001', '感冒片', q, y, timestamp '2025-03-06 09:00' + m * interval '1 minute', 6 * q, '12片×2板', '1片', f
FROM (VALUES ('a', 2, 24.01, 10, 'tid'), ('b', 2, 20.01, 20, 'tid'), ('c', 3, 33, 30, 'tid'), ('d', -1, -11, 40, NULL)) AS t (l, q, y, m, f);
-- V34, V35 flag: P4 in hospital, drugs from a shop on an inner date; not: on the dates of admission and discharge, by referral, from the hospital itself
INSERT INTO shop.visit VALUES ('stay', 'P4', 'H1', '2025-02-10 08:00', '2025-02-20 10:00', '21', 'I10', 900, NULL);
SELECT shop.dispense('P4', 'S3', '2025-02-10', '二甲双胍片', 7), shop.dispense('P4', 'S3', '2025-02-20', '二甲双胍片', 7), shop.dispense('P4', 'S1', '2025-02-12', '二甲双胍片', 7), shop.dispense('P4', 'H1', '2025-02-13', '二甲双胍片', 7);
UPDATE shop.visit SET referral_visit_id = 'stay' WHERE visit_id LIKE 'P4-S1-2025-02-12%';
-- what a family collects on time, not: metformin that was used up three days before; flag: a new drug beside it, what comes too early, or after months
INSERT INTO shop.person VALUES ('F1', '郑二'), ('F2', '郑三'), ('F3', '郑四'), ('F4', '郑五');
INSERT INTO shop.visit SELECT 'stay-' || p, p, 'H1', '2025-02-05 08:00', '2025-02-20 10:00', '21', 'I63', 900 FROM unnest('{F1,F2,F3,F4}'::text[]) AS p;
SELECT shop.dispense('F1', 'S1', '2025-01-10', '二甲双胍片', 30), shop.dispense('F1', 'S1', '2025-02-12', '二甲双胍片', 30), shop.dispense('F2', 'S1', '2025-01-10', '二甲双胍片', 30), shop.dispense('F2', 'S1', '2025-02-12', '二甲双胍片', 30), shop.dispense('F2', 'S2', '2025-02-13', '氨氯地平片', 30),
	shop.dispense('F3', 'S1', '2025-01-30', '二甲双胍片', 30), shop.dispense('F3', 'S1', '2025-02-12', '二甲双胍片', 30), shop.dispense('F4', 'S1', '2024-11-10', '二甲双胍片', 30), shop.dispense('F4', 'S1', '2025-02-12', '二甲双胍片', 30);
-- nor what was dispensed nobody knows where
INSERT INTO shop.person VALUES ('F5', '郑六');
INSERT INTO shop.visit VALUES ('stay-F5', 'F5', 'H1', '2025-02-05 08:00', '2025-02-20 10:00', '21', 'I63', 900);
SELECT shop.dispense('F5', NULL, '2025-02-12', '二甲双胍片', 30);
CALL medaudit.bind('facility', 'shop.facility');
CALL medaudit.bind('person', 'shop.person');
CALL medaudit.bind('visit', 'shop.visit');
CALL medaudit.bind('charge', 'shop.charge');
CREATE VIEW shop.found AS
SELECT f.rule_code, f.subject_kind AS subject, f.subject_id, replace(f.key, chr(31), '|') AS key, f.person_id, f.facility_id, f.certainty, f.excess_quantity AS excess, f.gross_amount AS gross, f.claimed_amount AS claimed, f.involved_amount AS involved, f.judged_on,
	(SELECT string_agg(concat_ws('/', l.visit_id, l.line_id, l.excess_amount), ' ' ORDER BY l.line_no) FROM medaudit.finding_line AS l WHERE l.finding_id = f.finding_id) AS lines, f.evidence, f.evidence_text
FROM medaudit.finding AS f;

\pset format unaligned
CALL medaudit.run_audit('2024-01-01', '2026-01-01', '{early_refills,stockpiles,many_facilities,duplicate_therapy,long_supply,drugs_in_stay}');
SELECT step_no, coalesce(rule_code, step) AS step, state, rows, error FROM medaudit.run_progress WHERE run_id = (SELECT max(run_id) FROM medaudit.run) ORDER BY step_no;
SELECT rule_code, subject, subject_id, key, person_id, facility_id, certainty, excess, gross, claimed, involved, judged_on, lines FROM shop.found ORDER BY rule_code, subject_id COLLATE "C", key COLLATE "C";
SELECT DISTINCT ON (rule_code) rule_code, evidence, evidence_text FROM shop.found ORDER BY rule_code, subject_id COLLATE "C", key COLLATE "C";
SELECT key, involved, evidence_text FROM shop.found WHERE rule_code = 'drugs_in_stay' ORDER BY key COLLATE "C";
-- lines are those of the bill, less what came back: none is in excess by more than it cost
SELECT f.key, f.gross_amount AS of, f.excess_quantity AS packs, f.evidence -> 'formula' AS formula, f.evidence_text FROM medaudit.finding AS f WHERE f.key = 'L9';
SELECT l.line_id, l.quantity, l.amount, l.excess_quantity AS packs, l.excess_amount AS gross, l.excess_claimed AS claimed, l.evidence_text FROM medaudit.finding AS f JOIN medaudit.finding_line AS l USING (finding_id) WHERE f.key = 'L9' ORDER BY l.line_no;
SELECT problem, rows FROM medaudit.data_quality WHERE relation = 'charge' OR problem LIKE 'a dispensing during%' ORDER BY problem;

-- however the time is cut: months in any order leave what one run of the years leaves
CREATE TABLE shop.stood AS SELECT * FROM shop.found;
TRUNCATE medaudit.run, medaudit.finding;
CREATE PROCEDURE shop.run_months(VARIADIC months date[]) LANGUAGE plpgsql AS $$
DECLARE
	month date;
BEGIN
	FOREACH month IN ARRAY months LOOP
		CALL medaudit.run_audit(month, (month + interval '1 month')::date, '{early_refills,stockpiles,many_facilities,duplicate_therapy,long_supply,drugs_in_stay}');
	END LOOP;
END $$;
CALL shop.run_months('2025-02-01', '2024-12-01', '2025-05-01', '2025-01-01', '2025-03-01', '2024-11-01', '2024-03-01');
SELECT count(*) AS differ FROM ((TABLE shop.stood EXCEPT ALL TABLE shop.found) UNION ALL (TABLE shop.found EXCEPT ALL TABLE shop.stood)) AS d;
-- it grows under its key: the same finding, with more in it
SELECT finding_id AS before FROM medaudit.finding WHERE rule_code = 'stockpiles' AND subject_id = 'P1' \gset
SELECT shop.dispense('P1', 'S1', '2025-03-01', '二甲双胍片', 60);
CALL shop.run_months('2025-03-01');
SELECT finding_id = :before AS same, state, judged_on, involved_amount AS involved, evidence ->> 'peak_stock_days' AS peak FROM medaudit.finding WHERE rule_code = 'stockpiles' AND subject_id = 'P1' ORDER BY finding_id;
-- what comes back later takes it away
INSERT INTO shop.visit VALUES ('back', 'P1', 'S1', '2025-04-01', '2025-04-01', '41', NULL, -160);
INSERT INTO shop.charge (visit_id, line_id, item_code, quantity, amount, charged_at, days_supply) VALUES ('back', '1', 'XA10BAE101A001010100001', -1, -100, '2025-04-01', 60), ('back', '2', 'XA10BAE101A001010100001', -1, -100, '2025-04-01', 30), ('back', '3', 'XA10BAE101A001010100001', -1, -100, '2025-04-01', 30);
CALL shop.run_months('2025-04-01');
SELECT count(*) AS left FROM medaudit.finding WHERE rule_code = 'stockpiles' AND subject_id = 'P1';
-- two numbers of one person are one of the people
CREATE TABLE shop.two AS SELECT 'Q1' AS person_id, '李一' AS name, '11010519491231002X' AS resident_id UNION ALL SELECT 'Q2', '李一', '11010519491231002X';
CALL medaudit.bind('person', 'shop.two');
SELECT shop.dispense('Q1', 'S1', '2025-06-01', '二甲双胍片', 84), shop.dispense('Q2', 'S2', '2025-06-03', '二甲双胍片', 84);
CALL shop.run_months('2025-06-01');
SELECT subject_id, person_id, key, lines FROM shop.found WHERE rule_code = 'stockpiles' AND judged_on >= '2025-06-01';
-- thresholds of the rule
SELECT medaudit.set_rule('stockpiles', parameters => '{"max_days": 170}');
CALL shop.run_months('2025-06-01');
SELECT count(*) AS left FROM shop.found WHERE rule_code = 'stockpiles' AND judged_on >= '2025-06-01';
SELECT rule_code, name, value FROM medaudit.rule_parameters WHERE rule_code IN ('early_refills', 'stockpiles', 'many_facilities', 'duplicate_therapy') AND changed ORDER BY 1, 2;
SELECT medaudit.set_rule('stockpiles', parameters => '{"max_days": null}');
SELECT medaudit.set_rule('drugs_in_stay', parameters => '{"leave_out_refills": false}');
CALL shop.run_months('2025-02-01');
SELECT key, involved, evidence -> 'dispensings' AS dispensings, evidence -> 'refills_left_out' AS left_out FROM shop.found WHERE rule_code = 'drugs_in_stay' ORDER BY key COLLATE "C";
SELECT medaudit.set_rule('drugs_in_stay', parameters => '{"leave_out_refills": null}');
-- a child on the number of its mother is somebody else: a month in which only it is seen leaves what she was dispensed
CREATE TABLE shop.kin AS SELECT * FROM (VALUES ('M', '陈母', '11010519491231002X', date '1949-12-31'), ('C', '陈子', '11010519491231002X', '1975-05-01')) AS t (person_id, name, resident_id, birth_date);
CALL medaudit.bind('person', 'shop.kin');
INSERT INTO shop.visit VALUES ('stay-M', 'M', 'H1', '2025-07-10 08:00', '2025-07-20 10:00', '21', 'I63', 900);
SELECT shop.dispense('M', 'S1', '2025-07-01', '二甲双胍片', 84), shop.dispense('M', 'S2', '2025-07-03', '二甲双胍片', 84), shop.dispense('M', 'S1', '2025-07-12', '氨氯地平片', 30), shop.dispense('C', 'S1', '2025-09-02', '氨氯地平片', 7);
CALL shop.run_months('2025-07-01', '2025-09-01');
SELECT string_agg(rule_code, ' ' ORDER BY rule_code) AS left FROM shop.found WHERE person_id = 'M';
-- her own month takes away what came back, and the month itself what is there no more
INSERT INTO shop.visit VALUES ('back-M', 'M', 'S2', '2025-10-01', '2025-10-01', '41', NULL, -100);
INSERT INTO shop.charge (visit_id, line_id, item_code, quantity, amount, charged_at, days_supply) VALUES ('back-M', '1', 'XA10BAE101A001010100001', -1, -100, '2025-10-01', 84);
CALL shop.run_months('2025-10-01');
SELECT string_agg(rule_code, ' ' ORDER BY rule_code) AS left FROM shop.found WHERE person_id = 'M';
DELETE FROM shop.visit WHERE visit_id LIKE 'M-S1-2025-07-12%';
CALL shop.run_months('2025-07-01');
SELECT count(*) AS left FROM shop.found WHERE person_id = 'M';
-- visits that were taken back dispensed nothing
CALL medaudit.run_audit('2024-01-01', '2026-01-01', '{stockpiles}');
SELECT count(*) > 0 AS some FROM medaudit.finding WHERE rule_code = 'stockpiles' AND state = 'open';
UPDATE shop.visit SET total_amount = 0;
CALL medaudit.run_audit('2024-01-01', '2026-01-01', '{stockpiles}');
SELECT count(*) AS left_over FROM medaudit.finding WHERE rule_code = 'stockpiles' AND state = 'open';
DROP SCHEMA shop CASCADE;
TRUNCATE medaudit.run, medaudit.finding, medaudit.binding;
