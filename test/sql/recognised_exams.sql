-- recognised_exams: examinations done again elsewhere while their result held
\set SHOW_CONTEXT never
SET datestyle = iso;
SET client_min_messages = error;
SELECT format('DROP VIEW medaudit_data.%I', relname) FROM pg_class WHERE relnamespace = 'medaudit_data'::regnamespace AND relkind = 'v' AND relname IN (SELECT relation FROM medaudit.relation_column) \gexec
DELETE FROM medaudit.rule WHERE NOT shipped;
ALTER TABLE medaudit.finding DISABLE TRIGGER guard;
ALTER TABLE medaudit.finding_line DISABLE TRIGGER guard;
TRUNCATE medaudit.run, medaudit.finding, medaudit.binding;
-- bad rows of the list
\set VERBOSITY sqlstate
INSERT INTO medaudit.recognised_exam (item_code, valid_days) VALUES ('', 7);
INSERT INTO medaudit.recognised_exam (item_code, valid_days) VALUES ('CT', 0);
INSERT INTO medaudit.recognised_exam (item_code, valid_days) VALUES ('CT', 367);
INSERT INTO medaudit.recognised_exam (item_code, valid_days) VALUES ('CT', NULL);
INSERT INTO medaudit.recognised_exam (item_code, valid_days, code_match) VALUES ('CT', 7, 'product');
INSERT INTO medaudit.recognised_exam (item_code, valid_days, valid) VALUES ('CT', 7, 'empty');
INSERT INTO medaudit.recognised_exam (item_code, valid_days) VALUES ('CT', 7), ('CT', 8);
\set VERBOSITY default
DROP SCHEMA IF EXISTS lab CASCADE;
CREATE SCHEMA lab;
CREATE TABLE lab.facility AS SELECT * FROM (VALUES ('H1', '第一医院', 'K1'), ('H2', '第二医院', 'K2'), ('H3', '第二医院东院', 'K2')) AS t (facility_id, name, credit_code);
CREATE TABLE lab.person AS SELECT 'P' || n AS person_id, '患者' || n AS name FROM generate_series(1, 30) AS n;
CREATE TABLE lab.visit (visit_id text, person_id text, facility_id text, admitted_at timestamp, discharged_at timestamp, visit_type text DEFAULT '11', total_amount numeric DEFAULT 200, settled_at timestamp);
CREATE TABLE lab.charge (visit_id text, line_id text, item_code text, item_name text, quantity numeric DEFAULT 1, amount numeric DEFAULT 180, charged_at timestamp, claimed numeric DEFAULT 180, category text DEFAULT '03');
CREATE TABLE lab.operation (visit_id text, operation_code text, operated_at timestamp);
CREATE TABLE lab.item AS SELECT * FROM (VALUES ('本院CT', '002103000010000', 'H2'), ('002103000010000', NULL, NULL), ('胸片', '002101020150000', NULL)) AS t (item_code, national_code, facility_id);
-- a visit with one line, or more of it
CREATE FUNCTION lab.exam(person text, place text, at timestamp, item text DEFAULT '002103000010000', claimed numeric DEFAULT 180, settled timestamp DEFAULT NULL, category text DEFAULT '03', quantity numeric DEFAULT 1, visit text DEFAULT NULL) RETURNS void LANGUAGE sql AS $$
	INSERT INTO lab.visit SELECT v, person, place, at, at + interval '1 hour', '11', 200, settled FROM coalesce(visit, concat_ws('-', person, place, to_char(at, 'MMDD'))) AS v WHERE NOT EXISTS (SELECT FROM lab.visit AS o WHERE o.visit_id = v);
	INSERT INTO lab.charge (visit_id, line_id, item_code, item_name, quantity, amount, charged_at, claimed, category) SELECT v, 1 + (SELECT count(*) FROM lab.charge AS c WHERE c.visit_id = v), item, CASE WHEN item LIKE '%CT' OR item LIKE '002103%' THEN 'CT平扫' ELSE '其他' || item END, quantity, 180 * quantity, at + interval '10 minutes', claimed * quantity, category FROM coalesce(visit, concat_ws('-', person, place, to_char(at, 'MMDD'))) AS v;
$$;
DO $$
BEGIN
	-- P1 flag: five days after, elsewhere; P2 flag: on the last day, and on the one before, by a local code mapped to the same
	PERFORM lab.exam('P1', 'H1', '2025-03-01 09:00'), lab.exam('P1', 'H2', '2025-03-06 09:00'), lab.exam('P2', 'H1', '2025-03-01 09:00'), lab.exam('P2', 'H2', '2025-03-15 09:00', '本院CT');
	-- P3 not: a day later; P4 not: the same place; P5 not: two houses of one hospital; P6 not: another code, as another part of the body has
	PERFORM lab.exam('P3', 'H1', '2025-03-01 09:00'), lab.exam('P3', 'H2', '2025-03-16 09:00'), lab.exam('P4', 'H1', '2025-03-01 09:00'), lab.exam('P4', 'H1', '2025-03-06 09:00'),
		lab.exam('P5', 'H2', '2025-03-01 09:00'), lab.exam('P5', 'H3', '2025-03-06 09:00'), lab.exam('P6', 'H1', '2025-03-01 09:00'), lab.exam('P6', 'H2', '2025-03-06 09:00', '002103000020000');
	-- P7 not: paid by himself; P8 flag: paid by himself before; P9 not: taken back; P10 not: the first was taken back
	PERFORM lab.exam('P7', 'H1', '2025-03-01 09:00'), lab.exam('P7', 'H2', '2025-03-06 09:00', claimed => 0), lab.exam('P8', 'H1', '2025-03-01 09:00', claimed => 0), lab.exam('P8', 'H2', '2025-03-06 09:00'),
		lab.exam('P9', 'H1', '2025-03-01 09:00'), lab.exam('P9', 'H2', '2025-03-06 09:00'), lab.exam('P9', 'H2', '2025-03-06 09:30', quantity => -1),
		lab.exam('P10', 'H1', '2025-03-01 09:00'), lab.exam('P10', 'H1', '2025-03-01 09:30', quantity => -1), lab.exam('P10', 'H2', '2025-03-06 09:00');
	-- P11 not: operated in between, by the relation; P12 not: by a charge; P13 flag: before the first; P14 not: on some day of a stay
	PERFORM lab.exam(p, 'H1', '2025-03-01 09:00'), lab.exam(p, 'H2', '2025-03-06 09:00') FROM unnest('{P11,P12,P13,P14}'::text[]) AS p;
	PERFORM lab.exam('P11', 'H1', '2025-03-03 09:00', '床位'), lab.exam('P12', 'H1', '2025-03-03 09:00', '阑尾', category => '06'), lab.exam('P13', 'H1', '2025-02-27 09:00', '阑尾', category => '06'), lab.exam('P14', 'H1', '2025-03-03 09:00', '床位');
	-- P15 flag once: three places in turn are two; P16 flag: settled months later, and the first later still; P17 flag: two items of one visit; P18 not: before the row holds
	PERFORM lab.exam('P15', 'H1', '2025-03-01 09:00'), lab.exam('P15', 'H2', '2025-03-04 09:00'), lab.exam('P15', 'H1', '2025-03-07 09:00'),
		lab.exam('P16', 'H1', '2025-03-01 09:00', settled => '2025-05-20'), lab.exam('P16', 'H2', '2025-03-06 09:00', settled => '2025-04-10'),
		lab.exam('P17', 'H1', '2025-03-01 09:00'), lab.exam('P17', 'H1', '2025-03-01 09:00', '胸片'), lab.exam('P17', 'H2', '2025-03-06 09:00'), lab.exam('P17', 'H2', '2025-03-06 09:00', '002101020150000'),
		lab.exam('P18', 'H1', '2024-11-01 09:00', '002502030200000'), lab.exam('P18', 'H2', '2024-11-03 09:00', '002502030200000'), lab.exam('P18', 'H1', '2025-03-01 09:00', '002502030200000'), lab.exam('P18', 'H2', '2025-03-03 09:00', '002502030200000');
	-- P19 not: a place that is not known; P20 not: not settled; what has no category or time harms nobody
	PERFORM lab.exam('P19', 'H1', '2025-03-01 09:00'), lab.exam('P19', NULL, '2025-03-06 09:00'), lab.exam('P20', 'H1', '2025-03-01 09:00'), lab.exam('P20', 'H2', '2025-03-06 09:00', category => NULL);
	-- P21 not: on one date, both without a time of day; P22, P23 not: one of them without; P24 flag: by the time of day; P25 flag: dates alone tell
	PERFORM lab.exam('P21', 'H1', '2025-03-01 00:00'), lab.exam('P21', 'H2', '2025-03-01 00:00'), lab.exam('P22', 'H1', '2025-03-01 00:00'), lab.exam('P22', 'H2', '2025-03-01 09:00'),
		lab.exam('P23', 'H1', '2025-03-01 09:00'), lab.exam('P23', 'H2', '2025-03-01 00:00'), lab.exam('P24', 'H1', '2025-03-01 09:00'), lab.exam('P24', 'H2', '2025-03-01 10:00'), lab.exam('P25', 'H1', '2025-03-01 00:00'), lab.exam('P25', 'H2', '2025-03-02 00:00');
	UPDATE lab.charge SET charged_at = charged_at::date WHERE charged_at::time < '01:00';
END $$;
UPDATE lab.visit SET discharged_at = NULL WHERE person_id = 'P20' AND facility_id = 'H1';
INSERT INTO lab.operation VALUES ('P11-H1-0303', '47.0', '2025-03-03 11:00'), ('P14-H1-0303', '47.0', NULL), (NULL, '47.0', NULL);
CALL medaudit.bind('facility', 'lab.facility');
CALL medaudit.bind('person', 'lab.person');
CALL medaudit.bind('visit', 'lab.visit');
CALL medaudit.bind('charge', 'lab.charge', '{"category": null}');
CREATE VIEW lab.found AS
SELECT f.subject_kind AS subject, f.subject_id, f.key, f.person_id, f.certainty, f.gross_amount AS gross, f.involved_amount AS involved, f.judged_on,
	(SELECT string_agg(concat_ws('/', l.visit_id, l.line_id, l.item_code), ' ' ORDER BY l.line_no) FROM medaudit.finding_line AS l WHERE l.finding_id = f.finding_id) AS lines, f.evidence, f.evidence_text
FROM medaudit.finding AS f;

\pset format unaligned
-- off without a list, and without anything that tells of surgery
CALL medaudit.run_audit('2024-01-01', '2026-01-01', '{repeated_exam}');
SELECT step, state, error FROM medaudit.run_progress ORDER BY run_id, step_no;
SELECT relation, rules_off FROM medaudit.sources() WHERE rules_off @> '{repeated_exam}' ORDER BY relation;
CALL medaudit.bind('charge', 'lab.charge');
CALL medaudit.bind('item', 'lab.item');
CALL medaudit.run_audit('2024-01-01', '2026-01-01', '{repeated_exam}');
SELECT step, state, error FROM medaudit.run_progress WHERE run_id = (SELECT max(run_id) FROM medaudit.run) ORDER BY step_no;
INSERT INTO medaudit.recognised_exam (item_code, valid_days, valid) VALUES ('002103000010000', 14, NULL), ('0021010201%', 7, NULL), ('002502030200000', 7, '[2025-01-01,)');
CALL medaudit.bind('operation', 'lab.operation');
CALL medaudit.run_audit('2024-01-01', '2026-01-01', '{repeated_exam}');
SELECT step, state, rows, error FROM medaudit.run_progress WHERE run_id = (SELECT max(run_id) FROM medaudit.run) ORDER BY step_no;
SELECT subject, subject_id, key, person_id, certainty, gross, involved, judged_on, lines FROM lab.found ORDER BY key COLLATE "C";
SELECT evidence, evidence_text FROM lab.found WHERE key = 'P17-H2-0306';
SELECT l.evidence, l.evidence_text FROM medaudit.finding_line AS l JOIN medaudit.finding AS f USING (finding_id) WHERE f.key = 'P2-H2-0315';
SELECT relation, problem, rows, examples FROM medaudit.data_quality WHERE relation = 'operation' OR problem LIKE '%which was the later%' ORDER BY relation, problem;
-- without the relation the charges tell; a row that ends with a longer beginning goes before
CREATE TABLE lab.stood AS SELECT * FROM lab.found;
DROP VIEW medaudit_data.operation;
DELETE FROM medaudit.binding WHERE relation = 'operation';
INSERT INTO medaudit.recognised_exam (item_code, valid_days) VALUES ('00210102015%', 3);
CALL medaudit.run_audit('2024-01-01', '2026-01-01', '{repeated_exam}');
SELECT key, lines FROM lab.found WHERE (key, lines) NOT IN (SELECT key, lines FROM lab.stood) ORDER BY key COLLATE "C";
DELETE FROM medaudit.recognised_exam WHERE item_code = '00210102015%';
CALL medaudit.bind('operation', 'lab.operation');

-- however the time is cut: months in any order leave what one run of the years leaves
TRUNCATE medaudit.run, medaudit.finding;
CREATE PROCEDURE lab.run_months(VARIADIC months date[]) LANGUAGE plpgsql AS $$
DECLARE
	month date;
BEGIN
	FOREACH month IN ARRAY months LOOP
		CALL medaudit.run_audit(month, (month + interval '1 month')::date, '{repeated_exam}');
	END LOOP;
END $$;
CALL lab.run_months('2025-05-01', '2024-11-01', '2025-04-01', '2025-02-01', '2025-03-01');
SELECT count(*) AS differ FROM ((TABLE lab.stood EXCEPT ALL TABLE lab.found) UNION ALL (TABLE lab.found EXCEPT ALL TABLE lab.stood)) AS d;
-- by days, and again: the same; the first one is taken back: what rests on it goes, though it is of another month
CALL medaudit.run_audit('2025-03-06', '2025-03-07', '{repeated_exam}');
SELECT count(*) AS differ FROM ((TABLE lab.stood EXCEPT ALL TABLE lab.found) UNION ALL (TABLE lab.found EXCEPT ALL TABLE lab.stood)) AS d;
UPDATE lab.visit SET total_amount = 0 WHERE visit_id = 'P16-H1-0301';
CALL lab.run_months('2025-05-01');
SELECT count(*) AS left FROM lab.found WHERE person_id = 'P16';

-- the same answer as slow plain SQL, on random examinations
\set ECHO none
TRUNCATE medaudit.run, medaudit.finding, lab.visit, lab.charge, lab.operation;
SELECT setseed(0.48);
INSERT INTO lab.visit (visit_id, person_id, facility_id, admitted_at, discharged_at, visit_type)
SELECT 'V' || n, 'P' || 1 + (random() * 11)::int, 'H' || 1 + (random() * 2)::int, d, d + interval '1 hour', '11'
FROM (SELECT n, timestamp '2025-01-01' + (random() * 120)::int * interval '1 day' + (random() * 86399)::int * interval '1 second' AS d FROM generate_series(1, 400) AS n) AS r ORDER BY md5(n::text);
INSERT INTO lab.charge (visit_id, line_id, item_code, quantity, amount, charged_at, claimed, category)
SELECT visit_id, l, i.item, 1, 100, admitted_at + l * interval '1 minute', CASE WHEN random() < 0.2 THEN 0 ELSE 100 END, CASE WHEN i.item = 'cut' THEN '06' ELSE '03' END
FROM lab.visit, generate_series(1, 2) AS l, LATERAL (SELECT (ARRAY['002103000010000', '002101020150000', '002502030200000', 'other', 'other', 'cut'])[1 + (random() * 5 + 0 * l + 0 * length(visit_id))::int] AS item) AS i ORDER BY md5(visit_id || l);
INSERT INTO lab.operation SELECT visit_id, '1', admitted_at FROM lab.visit WHERE random() < 0.05;
CALL medaudit.run_audit('2025-01-01', '2026-01-01', '{repeated_exam}');
CREATE VIEW lab.slow AS
WITH line AS (
	SELECT c.*, v.person_id, CASE v.facility_id WHEN 'H3' THEN 'H2' ELSE v.facility_id END AS house, r.valid_days
	FROM lab.charge AS c JOIN lab.visit AS v USING (visit_id) JOIN (VALUES ('002103000010000', 14), ('002101020150000', 7), ('002502030200000', 7)) AS r (item_code, valid_days) USING (item_code)
), cut AS (
	SELECT v.person_id, c.charged_at::date AS day FROM lab.charge AS c JOIN lab.visit AS v USING (visit_id) WHERE c.category = '06'
	UNION SELECT v.person_id, o.operated_at::date FROM lab.operation AS o JOIN lab.visit AS v USING (visit_id)
)
SELECT l.visit_id, l.line_id FROM line AS l
WHERE l.claimed > 0 AND EXISTS (SELECT FROM line AS e WHERE e.person_id = l.person_id AND e.item_code = l.item_code AND e.house <> l.house
		AND e.charged_at < l.charged_at AND l.charged_at::date - e.charged_at::date <= l.valid_days
		AND NOT EXISTS (SELECT FROM cut AS u WHERE u.person_id = l.person_id AND u.day BETWEEN e.charged_at::date AND l.charged_at::date));
\set ECHO all
SELECT count(*) > 20 AS enough, count(*) FILTER (WHERE visit_id IS NULL OR found IS NULL) AS differ
FROM (SELECT s.visit_id, l.visit_id AS found FROM lab.slow AS s FULL JOIN medaudit.finding_line AS l ON l.visit_id = s.visit_id AND l.line_id = s.line_id::text) AS d;
-- beside a charge rule names are read with those of its lines: they are the same
UPDATE lab.charge SET item_name = concat(item_code, line_id);
CALL medaudit.run_audit('2025-01-01', '2026-01-01', '{repeated_exam}');
CREATE TEMPORARY TABLE alone AS SELECT f.rule_code, f.key, f.evidence, f.evidence_text, l.line_no, l.item_name, l.evidence_text AS line_text
FROM medaudit.finding AS f JOIN medaudit.finding_line AS l USING (finding_id) WHERE f.rule_code = 'repeated_exam';
CALL medaudit.run_audit('2025-01-01', '2026-01-01', '{repeated_exam,starter_duplicate}');
SELECT bool_and(state = 'done') AS done FROM medaudit.run_step WHERE run_id = (SELECT max(run_id) FROM medaudit.run);
SELECT (SELECT count(item_name) > 0 FROM alone) AS named, count(*) AS differ FROM (
	(TABLE alone EXCEPT ALL SELECT f.rule_code, f.key, f.evidence, f.evidence_text, l.line_no, l.item_name, l.evidence_text AS line_text
FROM medaudit.finding AS f JOIN medaudit.finding_line AS l USING (finding_id) WHERE f.rule_code = 'repeated_exam')
	UNION ALL (SELECT f.rule_code, f.key, f.evidence, f.evidence_text, l.line_no, l.item_name, l.evidence_text AS line_text
FROM medaudit.finding AS f JOIN medaudit.finding_line AS l USING (finding_id) WHERE f.rule_code = 'repeated_exam' EXCEPT ALL TABLE alone)) AS d;
DROP TABLE alone;
DROP SCHEMA lab CASCADE;
DELETE FROM medaudit.recognised_exam;
TRUNCATE medaudit.run, medaudit.finding, medaudit.binding;
SELECT format('DROP VIEW medaudit_data.%I', relname) FROM pg_class WHERE relnamespace = 'medaudit_data'::regnamespace AND relkind = 'v' AND relname IN (SELECT relation FROM medaudit.relation_column) \gexec
