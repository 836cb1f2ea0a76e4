-- manual_claims: claims paid at the counter
\set SHOW_CONTEXT never
SET datestyle = iso;
SET client_min_messages = error;
SELECT format('DROP VIEW medaudit_data.%I', relname) FROM pg_class WHERE relnamespace = 'medaudit_data'::regnamespace AND relkind = 'v' AND relname IN (SELECT relation FROM medaudit.relation_column) \gexec
DELETE FROM medaudit.rule WHERE NOT shipped;
ALTER TABLE medaudit.finding DISABLE TRIGGER guard;
ALTER TABLE medaudit.finding_line DISABLE TRIGGER guard;
TRUNCATE medaudit.run, medaudit.finding, medaudit.binding;
-- by what an invoice is known
SELECT medaudit._invoice_key('C', '1', 'I') AS code, medaudit._invoice_key(NULL, '25112000000012345678', 'I') AS electronic, medaudit._invoice_key(NULL, '1', 'I') AS issuer, medaudit._invoice_key(NULL, '1', NULL) AS nothing, medaudit._invoice_key('C', NULL, 'I') AS no_number;
SELECT code, medaudit._is_other_issuer_code(code) AS other FROM unnest('{330100000012345,12345678-9,12345678X,11010519491231002X,11010519491231002X00,91350100M000100Y43,91350100M000100Y44,X,境外,无,-,000000,"NULL",９1350100m000100y44,NULL}'::text[]) AS code;
DROP SCHEMA IF EXISTS counter CASCADE;
CREATE SCHEMA counter;
CREATE TABLE counter.facility AS SELECT * FROM (VALUES ('H1', '第一医院', '91350100M000100Y43'), ('H2', '第二医院', NULL)) AS t (facility_id, name, credit_code);
CREATE TABLE counter.person AS SELECT 'P' || n AS person_id, '参保人' || n AS name, CASE WHEN n BETWEEN 41 AND 45 THEN 'F1' WHEN n BETWEEN 51 AND 54 THEN 'F2' WHEN n BETWEEN 31 AND 36 THEN 'G' || n END AS household_id,
	CASE WHEN n IN (8, 9, 70) THEN '11010519491231002X' END AS resident_id, CASE WHEN n BETWEEN 60 AND 61 THEN '13800138000' END AS phone, CASE n WHEN 70 THEN date '1975-05-01' END AS birth_date FROM generate_series(1, 70) AS n;
CREATE TABLE counter.visit (visit_id text, person_id text, facility_id text, admitted_at timestamp, discharged_at timestamp, visit_type text, total_amount numeric DEFAULT 900, fund_amount numeric, settled_at timestamp);
CREATE TABLE counter.charge (visit_id text, item_code text, quantity numeric, amount numeric, charged_at timestamp);
CREATE TABLE counter.claim (claim_id text, person_id text, paid_on text, invoice_code text, invoice_no text, issuer_code text, invoice_date date, amount numeric, fund_amount numeric, operator_id text, approver_id text, payee_account text, visit_id text, facility_id text, admitted_on date, discharged_on date);
CREATE FUNCTION counter.pay(claim text, person text, day text, code text DEFAULT NULL, no text DEFAULT NULL, amount numeric DEFAULT 100, issuer text DEFAULT NULL, operator text DEFAULT NULL, approver text DEFAULT NULL, account text DEFAULT NULL,
	visit text DEFAULT NULL, place text DEFAULT NULL, from_on date DEFAULT NULL, to_on date DEFAULT NULL, invoice_on date DEFAULT NULL) RETURNS void LANGUAGE sql AS $$
	INSERT INTO counter.claim VALUES (claim, person, day, code, no, issuer, invoice_on, amount, amount * 0.6, operator, approver, account, visit, place, from_on, to_on) $$;
DO $$
BEGIN
	-- V67 invoice_twice, T1 flag: by the same person; T2 flag: by another, T3 flag: a third time; T4 flag: a number of twenty digits; T5 flag: width and blanks
	PERFORM counter.pay('T1a', 'P1', '2025-01-10', 'A1', '001'), counter.pay('T1b', 'P1', '2025-03-10', 'A1', '001', 120), counter.pay('T2a', 'P2', '2025-01-10', 'A1', '002'), counter.pay('T2b', 'P3', '2025-02-10', 'A1', '002'),
		counter.pay('T3', 'P4', '2025-04-10', 'A1', '002'), counter.pay('T4a', 'P5', '2025-01-10', NULL, '25112000000012345678', issuer => 'X'), counter.pay('T4b', 'P5', '2026-01-10', NULL, '25112000000012345678'), counter.pay('T5a', 'P6', '2025-01-10', 'B1', '77'), counter.pay('T5b', 'P6', '2025-02-10', ' b１', '77 ');
	-- not: two rows of one claim, taken back and paid anew, another code, another issuer, no number, delivered twice
	PERFORM counter.pay('N1', 'P1', '2025-01-10', 'A2', '001', 50), counter.pay('N1', 'P1', '2025-01-10', 'A2', '001', 60), counter.pay('N2a', 'P1', '2025-01-10', 'A3', '001'), counter.pay('N2b', 'P1', '2025-01-20', 'A3', '001', -100), counter.pay('N2c', 'P1', '2025-01-21', 'A3', '001'),
		counter.pay('N3', 'P1', '2025-01-10', 'A4', '001'), counter.pay('N4a', 'P1', '2025-01-10', NULL, '555', issuer => 'X1'), counter.pay('N4b', 'P1', '2025-01-10', NULL, '555', issuer => 'X2'), counter.pay('N5a', 'P1', '2025-01-10', 'A1'), counter.pay('N5b', 'P1', '2025-01-10', 'A1'),
		counter.pay('N6', 'P1', '2025-01-10', 'A5', '001'), counter.pay('N6', 'P1', '2025-01-10', 'A5', '001');
	-- V67 invoice_row, R flag: five numbers of five people in thirty days, over the turn of the month; S flag: six of five; not: four, five of one person, five of four, a number left out, on the 31st day, other codes
	FOR i IN 1..5 LOOP PERFORM counter.pay('R' || i, 'P1' || i, (date '2025-03-20' + 30 * (i - 1) / 4)::text, 'R', (1000 + i)::text, issuer => '91350100M000100Y43'); END LOOP;
	FOR i IN 1..6 LOOP PERFORM counter.pay('S' || i, 'P1' || least(i, 5), '2025-05-0' || i, 'S', (1000 + i)::text); END LOOP;
	FOR i IN 1..4 LOOP PERFORM counter.pay('U' || i, 'P1' || i, '2025-05-01', 'U', (1000 + i)::text); END LOOP;
	FOR i IN 1..5 LOOP PERFORM counter.pay('W' || i, 'P11', '2025-05-01', 'W', (1000 + i)::text), counter.pay('X' || i, 'P1' || least(i, 4), '2025-05-01', 'X', (1000 + i)::text),
		counter.pay('Y' || i, 'P1' || i, '2025-05-01', 'Y', (1000 + i + i / 3)::text), counter.pay('Z' || i, 'P1' || i, (date '2025-03-20' + 31 * (i - 1) / 4)::text, 'Z', (1000 + i)::text), counter.pay('V' || i, 'P1' || i, '2025-05-01', 'V' || i, (1000 + i)::text); END LOOP;
	-- two rows in one book of numbers, by their dates, and two numbers of one person are one of the people
	FOR i IN 1..10 LOOP PERFORM counter.pay('D' || i, 'P' || 20 + i, CASE WHEN i <= 5 THEN '2025-02-03' ELSE '2025-06-03' END, 'D', (9995 + i)::text); END LOOP;
	FOR i IN 1..5 LOOP PERFORM counter.pay('E' || i, CASE i WHEN 5 THEN 'P9' WHEN 4 THEN 'P8' ELSE 'P1' || i END, '2025-05-01', 'E', (1000 + i)::text); END LOOP;
	-- V67 issuer_invalid, I1 flag; not: valid, older forms, a person, taken back, none
	PERFORM counter.pay('I1', 'P1', '2025-02-01', 'I', '1', issuer => '91350100M000100Y44'), counter.pay('I2', 'P1', '2025-02-01', 'I', '3', issuer => '91350100m000100y43'), counter.pay('I3', 'P1', '2025-02-01', 'I', '5', issuer => '330100000012345'),
		counter.pay('I4', 'P1', '2025-02-01', 'I', '7', issuer => '11010519491231002X'), counter.pay('I5', 'P1', '2025-02-01', 'I', '9', issuer => '91350100M000100Y44'), counter.pay('I6', 'P1', '2025-02-02', 'I', '9', -100, issuer => '91350100M000100Y44');
	-- nor what is no credit code at all
	PERFORM counter.pay('I7' || n, 'P1', '2025-02-01', 'I', (10 + 2 * n)::text, issuer => no_code) FROM unnest('{境外,无,-,000000,"NULL"}'::text[]) WITH ORDINALITY AS o (no_code, n);
	-- V92 same_operator, flag: one in two spellings; not: two people, one of them not known
	PERFORM counter.pay('O1', 'P1', '2025-02-01', operator => 'zhang', approver => 'zhang'), counter.pay('O2', 'P2', '2025-09-01', operator => 'Zhang ', approver => 'ZHANG'), counter.pay('O3', 'P2', '2026-09-01', operator => 'zhang', approver => 'zhang'),
		counter.pay('O4', 'P1', '2025-02-01', operator => 'zhang', approver => 'li'), counter.pay('O5', 'P1', '2025-02-01', operator => 'zhang'), counter.pay('O6', 'P1', '2025-02-01', operator => '', approver => '');
	-- V92 payee_of_many, flag: five people; not: four, five of one household, four of one and one more, five over two years
	FOR i IN 1..5 LOOP PERFORM counter.pay('M' || i, 'P3' || i, '2025-0' || i || '-15', account => '6222 0000 1111 0001'), counter.pay('H' || i, 'P4' || i, '2025-02-01', account => '6222000011110003'), counter.pay('G' || i, 'P5' || i, '2025-02-01', account => '6222000011110004'),
		counter.pay('L' || i, 'P3' || i, CASE WHEN i = 5 THEN '2024-12-31' ELSE '2025-01-01' END, account => '6222000011110005'); END LOOP;
	FOR i IN 1..4 LOOP PERFORM counter.pay('K' || i, 'P3' || i, '2025-02-01', account => '6222000011110002'); END LOOP;
	PERFORM counter.pay('K5', 'P34', '2025-02-01', account => '6222000011110002');
	-- notice: five of whom no home is known, and four known ones with one more; not: four unknown ones
	FOR i IN 1..5 LOOP PERFORM counter.pay('J' || i, 'P' || 64 + i, '2025-02-01', account => '6222000011110007'), counter.pay('JA' || i, 'P' || CASE i WHEN 5 THEN 65 ELSE 30 + i END, '2025-02-01', account => '6222000011110008'),
		counter.pay('JB' || i, 'P' || 64 + least(i, 4), '2025-02-01', account => '6222000011110009'); END LOOP;
	FOR i IN 1..5 LOOP PERFORM counter.pay('Q' || i, 'P' || 59 + i - (i = 5)::int * 0, '2025-02-01', account => '6222000011110006'); END LOOP;
END $$;
-- V71 claimed_twice, flag: C1 inner dates; C2 by the visit under which it stands; C3 by the issuer and the date of the invoice; C4 another number of one person, settled after the claim
INSERT INTO counter.visit SELECT v, p, h, a, d, '21', 900, f, s FROM (VALUES
	('C1v', 'P1', 'H1', timestamp '2025-06-01 09:00', timestamp '2025-06-08 10:00', 600, NULL::timestamp), ('C2v', 'P2', 'H2', '2025-06-01 09:00', '2025-06-08 10:00', 600, NULL), ('C2own', 'P2', 'H2', '2025-06-07 09:00', '2025-06-09 10:00', 500, '2025-07-20'),
	('C3v', 'P3', 'H1', '2025-06-03 09:00', '2025-06-03 10:00', 40, NULL), ('C4v', 'P8', 'H1', '2025-06-01 09:00', '2025-06-08 10:00', 600, '2025-10-05'),
	-- not: dates that touch, another place, paid by himself, taken back, the claim's own record, not settled
	('E1v', 'P11', 'H1', '2025-06-05 09:00', '2025-06-08 10:00', 600, NULL), ('E2v', 'P12', 'H2', '2025-06-01 09:00', '2025-06-08 10:00', 600, NULL), ('E3v', 'P13', 'H1', '2025-06-01 09:00', '2025-06-08 10:00', 0, NULL), ('E4v', 'P14', 'H1', '2025-06-01 09:00', '2025-06-08 10:00', 600, NULL),
	('E5v', 'P15', 'H1', '2025-06-01 09:00', '2025-06-08 10:00', 600, NULL), ('E6v', 'P21', 'H1', '2025-06-01 09:00', NULL, 600, NULL), ('E7v', 'P22', 'H1', '2025-06-01 09:00', '2025-06-08 10:00', NULL, NULL), ('E8v', 'P23', 'H1', '2025-06-01 09:00', '2025-06-08 10:00', 600, NULL)) AS t (v, p, h, a, d, f, s);
UPDATE counter.visit SET total_amount = 0 WHERE visit_id = 'E4v';
-- a child on the number of P8 is somebody else: a month in which only it is seen does not ask whose claims C4 rests on
INSERT INTO counter.visit VALUES ('child', 'P70', 'H1', '2026-09-05 09:00', '2026-09-05 10:00', '11', 900, 600, NULL);
-- on one date C3 has another amount: notice; C5 flag: two invoices that make up the same, C6 flag: one that is the same
INSERT INTO counter.visit SELECT v, p, 'H1', timestamp '2025-06-03 09:00', '2025-06-03 10:00', '11', a, 40, NULL FROM (VALUES ('C5v', 'P24', 250), ('C6v', 'P25', 100)) AS t (v, p, a);
SELECT counter.pay('C5', 'P24', '2025-08-01', place => 'H1', from_on => '2025-06-03', no => '1', amount => 150), counter.pay('C5', 'P24', '2025-08-01', place => 'H1', from_on => '2025-06-03', no => '2'), counter.pay('C6', 'P25', '2025-08-01', place => 'H1', from_on => '2025-06-03');
SELECT counter.pay('C1', 'P1', '2025-08-01', place => 'H1', from_on => '2025-06-02', to_on => '2025-06-04'), counter.pay('C2', 'P2', '2025-07-20', visit => 'C2own'), counter.pay('C3', 'P3', '2025-08-01', issuer => '91350100M000100Y43', invoice_on => '2025-06-03'), counter.pay('C4', 'P9', '2025-08-01', place => 'H1', from_on => '2025-06-07', to_on => '2025-06-10'),
	counter.pay('E1', 'P11', '2025-08-01', place => 'H1', from_on => '2025-06-01', to_on => '2025-06-05'), counter.pay('E2', 'P12', '2025-08-01', place => 'H1', from_on => '2025-06-02', to_on => '2025-06-04'), counter.pay('E3', 'P13', '2025-08-01', place => 'H1', from_on => '2025-06-01', to_on => '2025-06-08'),
	counter.pay('E4', 'P14', '2025-08-01', place => 'H1', from_on => '2025-06-01', to_on => '2025-06-08'), counter.pay('E5', 'P15', '2025-08-01', visit => 'E5v'), counter.pay('E6', 'P21', '2025-08-01', place => 'H1', from_on => '2025-06-02', to_on => '2025-06-04'), counter.pay('E7', 'P22', '2025-08-01', place => 'H1', from_on => '2025-06-02', to_on => '2025-06-04'),
	counter.pay('E8', 'P23', '2025-08-01', place => 'H1', from_on => '2025-06-02', to_on => '2025-06-04'), counter.pay('E9', 'P23', '2025-08-09', place => 'H1', from_on => '2025-06-02', to_on => '2025-06-04', amount => -100);
UPDATE counter.claim SET claim_id = 'E8' WHERE claim_id = 'E9';
-- what cannot be read
SELECT counter.pay('B1', 'P1', '某日', 'B', '1'), counter.pay(NULL, 'P1', '2025-08-01', 'B', '1'), counter.pay('B2', 'P1', '2025-08-01', 'B', '号1');
CALL medaudit.bind('facility', 'counter.facility');
CALL medaudit.bind('person', 'counter.person');
CALL medaudit.bind('visit', 'counter.visit');
CALL medaudit.bind('charge', 'counter.charge');
CREATE VIEW counter.found AS
SELECT f.rule_code, f.subject_kind AS subject, f.subject_id, f.key, f.person_id, f.facility_id, f.certainty, f.gross_amount AS gross, f.involved_amount AS involved, f.judged_on,
	(SELECT string_agg(coalesce(l.visit_id, l.line_id), ' ' ORDER BY l.line_no) FROM medaudit.finding_line AS l WHERE l.finding_id = f.finding_id) AS lines, f.person_name, f.evidence, f.evidence_text
FROM medaudit.finding AS f;

\pset format unaligned
-- off until it is bound, and without columns
\set rules '{invoice_twice,invoice_row,issuer_invalid,claimed_twice,same_operator,payee_of_many}'
CALL medaudit.run_audit('2025-01-01', '2026-01-01', :'rules');
SELECT step, state, error FROM medaudit.run_progress ORDER BY run_id, step_no;
SELECT relation, rules_off, note_zh FROM medaudit.sources() WHERE relation = 'manual_claim';
CALL medaudit.bind('manual_claim', 'counter.claim', '{"payee_account": null, "approver_id": null}');
SELECT relation, rules_off FROM medaudit.sources() WHERE relation = 'manual_claim';
CALL medaudit.bind('manual_claim', 'counter.claim');
CALL medaudit.run_audit('2024-01-01', '2027-01-01', :'rules');
SELECT step, state, rows, error FROM medaudit.run_progress WHERE run_id = (SELECT max(run_id) FROM medaudit.run) ORDER BY step_no;
SELECT rule_code, subject, subject_id, key, person_id, facility_id, certainty, gross, involved, judged_on, lines FROM counter.found ORDER BY rule_code, subject_id COLLATE "C", key COLLATE "C";
SELECT DISTINCT ON (rule_code) rule_code, evidence, evidence_text FROM counter.found ORDER BY rule_code, subject_id COLLATE "C", key COLLATE "C";
SELECT l.line_id, l.item_name, l.charged_at, l.amount, l.person_id, l.evidence, l.evidence_text FROM medaudit.finding_line AS l JOIN medaudit.finding AS f USING (finding_id) WHERE f.rule_code = 'invoice_twice' AND f.key = 'A1/002@T2b' ORDER BY l.line_no;
SELECT relation, problem, problem_zh, rows, examples FROM medaudit.data_quality WHERE relation = 'manual_claim' ORDER BY problem;
SELECT evidence ->> 'account_end' AS account, certainty, evidence ->> 'homes' AS homes, evidence ->> 'unknown_homes' AS unknown, evidence ->> 'formula' AS formula, evidence_text FROM counter.found WHERE rule_code = 'payee_of_many' ORDER BY 1;
-- no account is told whole, nor a name to those who read masked sentences
SELECT count(*) AS told FROM medaudit.finding AS f LEFT JOIN medaudit.finding_line AS l USING (finding_id) WHERE concat(f.key, f.subject_id, f.evidence, f.evidence_text, l.evidence, l.evidence_text) ~ '622200001111';
SELECT rule_code, people FROM medaudit.finding WHERE rule_code IN ('invoice_row', 'payee_of_many', 'invoice_twice') AND people IS NOT NULL ORDER BY rule_code, key COLLATE "C" LIMIT 4;

-- however the time is cut: months in any order leave what one run of the years leaves
CREATE TABLE counter.stood AS SELECT * FROM counter.found;
TRUNCATE medaudit.run, medaudit.finding;
CREATE PROCEDURE counter.run_months(rules text[], VARIADIC months date[]) LANGUAGE plpgsql AS $$
DECLARE
	month date;
BEGIN
	FOREACH month IN ARRAY months LOOP
		CALL medaudit.run_audit(month, (month + interval '1 month')::date, rules);
	END LOOP;
END $$;
CALL counter.run_months(:'rules', '2025-10-01', '2024-12-01', '2025-08-01', '2025-02-01', '2025-01-01', '2025-07-01', '2025-04-01', '2025-03-01', '2025-06-01', '2025-05-01', '2025-09-01', '2026-01-01', '2026-09-01', '2025-11-01', '2025-12-01');
SELECT count(*) AS differ FROM ((TABLE counter.stood EXCEPT ALL TABLE counter.found) UNION ALL (TABLE counter.found EXCEPT ALL TABLE counter.stood)) AS d;
CALL medaudit.run_audit('2025-01-01', '2025-07-01', :'rules');
SELECT count(*) AS differ FROM ((TABLE counter.stood EXCEPT ALL TABLE counter.found) UNION ALL (TABLE counter.found EXCEPT ALL TABLE counter.stood)) AS d;
-- and so do months, and days, of a store of books, from which runs take the people that they need
TRUNCATE medaudit.run, medaudit.finding;
CALL medaudit.create_book_store(2);
CALL medaudit.refresh_books();
CALL counter.run_months(:'rules', '2025-10-01', '2024-12-01', '2025-08-01', '2025-02-01', '2025-01-01', '2025-07-01', '2025-04-01', '2025-03-01', '2025-06-01', '2025-05-01', '2025-09-01', '2026-01-01', '2026-09-01');
SELECT count(*) AS differ FROM ((TABLE counter.stood EXCEPT ALL TABLE counter.found) UNION ALL (TABLE counter.found EXCEPT ALL TABLE counter.stood)) AS d;
DELETE FROM medaudit.finding WHERE judged_on = '2025-08-01';
CALL medaudit.run_audit('2025-08-01', '2025-08-02', :'rules');
SELECT count(*) AS differ FROM ((TABLE counter.stood EXCEPT ALL TABLE counter.found) UNION ALL (TABLE counter.found EXCEPT ALL TABLE counter.stood)) AS d;
DROP TABLE medaudit_data.visit_book, medaudit_data.book_state, medaudit_data.visit_change, medaudit_data.person_key, medaudit_data.kept_stay, medaudit_data.due_person;
-- it grows under its key
SELECT finding_id AS before FROM medaudit.finding WHERE rule_code = 'payee_of_many' AND judged_on = '2025-05-15' \gset
SELECT counter.pay('M6', 'P36', '2025-11-15', account => '6222000011110001');
CALL counter.run_months(:'rules', '2025-11-01');
SELECT finding_id = :before AS same, state, judged_on, involved_amount AS involved, evidence ->> 'people' AS people FROM medaudit.finding WHERE rule_code = 'payee_of_many' AND evidence ->> 'account_end' = '0001';
-- homes that come to be known make a suspicion of a notice, and it stays one
UPDATE counter.person SET household_id = 'N' || person_id WHERE person_id ~ '^P6[5-9]$';
CALL counter.run_months(:'rules', '2025-02-01', '2025-02-01');
SELECT certainty, state, evidence ->> 'homes' AS homes, evidence ->> 'unknown_homes' AS unknown FROM medaudit.finding WHERE rule_code = 'payee_of_many' AND evidence ->> 'account_end' = '0007' ORDER BY finding_id;
-- what is taken back goes: of a claim, in a run of the day of its finding, and of a visit, in one of the person
SELECT counter.pay('T1b', 'P1', '2025-11-20', 'A1', '001', -120);
UPDATE counter.visit SET total_amount = 0 WHERE visit_id = 'C4v';
CALL counter.run_months(:'rules', '2025-10-01', '2025-03-01');
SELECT rule_code, key FROM counter.stood AS s WHERE NOT EXISTS (SELECT FROM counter.found AS f WHERE f.rule_code = s.rule_code AND f.key = s.key) ORDER BY 1, 2;
-- exempt by person: a finding without visits is set aside, too
INSERT INTO medaudit.gateway VALUES (session_user) ON CONFLICT DO NOTHING;
SELECT medaudit.approve_exemption(medaudit.exempt('invoice_twice', 'other', '补打票据', '[2025-01-01,2026-01-01]', person_id => 'P3', actor => 'ann'), 'ben') IS NOT NULL AS approved;
CALL counter.run_months('{invoice_twice}', '2025-02-01');
SELECT key, state FROM medaudit.finding WHERE rule_code = 'invoice_twice' AND person_id = 'P3';
-- thresholds of the rules
SELECT medaudit.set_rule('payee_of_many', parameters => '{"min_people": 4}'), medaudit.set_rule('invoice_row', parameters => '{"min_numbers": 4, "within_days": 40}');
CALL medaudit.run_audit('2024-01-01', '2027-01-01', '{invoice_row,payee_of_many}');
SELECT rule_code, key, evidence ->> 'people' AS people, evidence ->> 'homes' AS homes, evidence ->> 'account_end' AS account FROM counter.found WHERE rule_code IN ('invoice_row', 'payee_of_many') AND NOT EXISTS (SELECT FROM counter.stood AS s WHERE s.key = found.key) ORDER BY 1, 5, key COLLATE "C";
\set VERBOSITY sqlstate
SELECT medaudit.set_rule('payee_of_many', parameters => '{"min_people": 1}');
SELECT medaudit.set_rule('invoice_row', parameters => '{"within_days": "NaN"}');
\set VERBOSITY default
SELECT medaudit.set_rule('payee_of_many', parameters => '{"min_people": 5}'), medaudit.set_rule('invoice_row', parameters => '{"min_numbers": 5, "within_days": 30}');

-- the same answers as slow plain SQL, on random claims
\set ECHO none
DELETE FROM medaudit.exemption;
DELETE FROM medaudit.gateway WHERE role_name = session_user;
ALTER TABLE medaudit.finding_event DISABLE TRIGGER keep_events;
DELETE FROM medaudit.finding_event;
ALTER TABLE medaudit.finding_event ENABLE TRIGGER keep_events;
ALTER SEQUENCE medaudit.exemption_id_seq RESTART;
ALTER SEQUENCE medaudit.finding_event_id_seq RESTART;
TRUNCATE medaudit.run, medaudit.finding, counter.claim, counter.visit, counter.person;
SELECT setseed(0.67);
INSERT INTO counter.person SELECT 'P' || n, '某' || n, 'F' || n / 3, NULL, NULL FROM generate_series(1, 40) AS n;
INSERT INTO counter.visit SELECT 'V' || n, 'P' || 1 + (random() * 39)::int, 'H' || 1 + (random())::int, d, d + (random() * 6)::int * interval '1 day', '21', 900, CASE WHEN random() < 0.2 THEN 0 ELSE 600 END, NULL
FROM (SELECT n, timestamp '2025-01-01' + (random() * 150)::int * interval '1 day' AS d FROM generate_series(1, 200) AS n) AS r ORDER BY md5(n::text);
INSERT INTO counter.claim SELECT 'Q' || n, 'P' || 1 + (random() * 39)::int, (date '2025-02-01' + (random() * 70)::int)::text, 'B' || (random() * 2)::int, (1000 + (random() * 50)::int)::text, NULL, NULL, 100 + n, 60 + n,
	'O' || (random() * 3)::int, 'O' || (random() * 3)::int, 'A' || (random() * 30)::int, NULL, 'H' || 1 + (random())::int, a, a + (random() * 6)::int
FROM (SELECT n, date '2025-01-01' + (random() * 150)::int AS a FROM generate_series(1, 300) AS n) AS r ORDER BY md5(n::text);
CALL medaudit.run_audit('2025-01-01', '2026-01-01', :'rules');
CREATE VIEW counter.slow AS
SELECT 'invoice_twice' AS rule_code, c.invoice_code || '/' || c.invoice_no || '@' || c.claim_id AS key FROM counter.claim AS c
WHERE EXISTS (SELECT FROM counter.claim AS e WHERE e.invoice_code = c.invoice_code AND e.invoice_no = c.invoice_no AND (e.paid_on, e.claim_id COLLATE "C") < (c.paid_on, c.claim_id COLLATE "C"))
UNION ALL
SELECT DISTINCT 'claimed_twice', c.claim_id FROM counter.claim AS c JOIN counter.visit AS v ON v.person_id = c.person_id AND v.facility_id = c.facility_id AND v.fund_amount > 0
	AND CASE WHEN v.admitted_at = v.discharged_at AND c.admitted_on = c.discharged_on THEN v.admitted_at = c.admitted_on
		ELSE tsrange(v.admitted_at, v.discharged_at, '()') && tsrange(c.admitted_on, c.discharged_on, '()')
			OR v.admitted_at = v.discharged_at AND v.admitted_at > c.admitted_on AND v.admitted_at < c.discharged_on OR c.admitted_on = c.discharged_on AND c.admitted_on > v.admitted_at AND c.admitted_on < v.discharged_at END
UNION ALL
SELECT 'same_operator', c.operator_id || '@2025' FROM counter.claim AS c WHERE c.operator_id = c.approver_id GROUP BY c.operator_id
UNION ALL
SELECT 'payee_of_many', left(encode(sha256(c.payee_account::bytea), 'hex'), 16) || '@2025' FROM counter.claim AS c JOIN counter.person AS p USING (person_id) GROUP BY c.payee_account HAVING count(DISTINCT p.household_id) >= 5
UNION ALL
-- the numbers in a row from each one on, as far as each was paid within thirty days of all before
SELECT 'invoice_row', r.book || '/' || r.number FROM (
	WITH RECURSIVE one AS (
		SELECT DISTINCT ON (invoice_code, invoice_no) invoice_code AS book, invoice_no::int AS number, person_id, paid_on::date AS day FROM counter.claim ORDER BY invoice_code, invoice_no, paid_on, claim_id COLLATE "C"
	), row AS (
		SELECT o.book, o.number, o.number AS last, ARRAY[o.person_id] AS people, o.day AS low, o.day AS high FROM one AS o
		UNION ALL
		SELECT r.book, r.number, o.number, r.people || o.person_id, least(r.low, o.day), greatest(r.high, o.day)
		FROM row AS r JOIN one AS o ON o.book = r.book AND o.number = r.last + 1 WHERE greatest(r.high, o.day) - least(r.low, o.day) <= 30
	), longest AS MATERIALIZED (SELECT l.* FROM (SELECT DISTINCT ON (book, number) * FROM row ORDER BY book, number, last DESC) AS l WHERE (SELECT count(DISTINCT p) FROM unnest(l.people) AS p) >= 5),
	-- the first of them, and the next beyond it
	pick AS (
		(SELECT DISTINCT ON (book) book, number, last FROM longest ORDER BY book, number)
		UNION ALL
		SELECT n.* FROM pick AS p CROSS JOIN LATERAL (SELECT l.book, l.number, l.last FROM longest AS l WHERE l.book = p.book AND l.number > p.last ORDER BY l.number LIMIT 1) AS n
	)
	SELECT p.book, p.number FROM pick AS p) AS r;
\set ECHO all
SELECT coalesce(s.rule_code, f.rule_code) AS rule_code, count(*) > 2 AS enough, count(*) FILTER (WHERE s.key IS NULL OR f.key IS NULL) AS differ
FROM counter.slow AS s FULL JOIN medaudit.finding AS f ON f.rule_code = s.rule_code AND f.key = s.key GROUP BY 1 ORDER BY 1;
DROP SCHEMA counter CASCADE;
TRUNCATE medaudit.run, medaudit.finding, medaudit.binding;
SELECT format('DROP VIEW medaudit_data.%I', relname) FROM pg_class WHERE relnamespace = 'medaudit_data'::regnamespace AND relkind = 'v' AND relname IN (SELECT relation FROM medaudit.relation_column) \gexec
