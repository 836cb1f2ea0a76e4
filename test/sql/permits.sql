-- permits: certificates of special diseases, and what facilities may charge
\set SHOW_CONTEXT never
SET datestyle = iso;
SET client_min_messages = error;
SELECT format('DROP VIEW medaudit_data.%I', relname) FROM pg_class WHERE relnamespace = 'medaudit_data'::regnamespace AND relkind = 'v' AND relname IN (SELECT relation FROM medaudit.relation_column) \gexec
DELETE FROM medaudit.rule WHERE NOT shipped;
ALTER TABLE medaudit.finding DISABLE TRIGGER guard;
ALTER TABLE medaudit.finding_line DISABLE TRIGGER guard;
TRUNCATE medaudit.run, medaudit.finding, medaudit.binding;
DROP SCHEMA IF EXISTS office CASCADE;
CREATE SCHEMA office;
CREATE TABLE office.facility AS SELECT * FROM (VALUES ('H1', '第一医院'), ('H2', '第二医院'), ('H3', '第三医院')) AS t (facility_id, name);
CREATE TABLE office.person AS SELECT 'P' || n AS person_id, '患者' || n AS name, CASE n WHEN 8 THEN '11010519491231002X' WHEN 9 THEN '11010519491231002X' END AS resident_id FROM generate_series(1, 12) AS n;
CREATE TABLE office.visit (visit_id text, person_id text, facility_id text, admitted_at timestamp, discharged_at timestamp, visit_type text, total_amount numeric DEFAULT 300, settled_at timestamp);
CREATE TABLE office.charge (visit_id text, line_id text, item_code text, item_name text, quantity numeric, amount numeric, charged_at timestamp, claimed numeric);
CREATE TABLE office.certificate (person_id text, disease_code text, valid text);
CREATE TABLE office.facility_item (facility_id text, item_code text, valid text);
CREATE TABLE office.item AS SELECT * FROM (VALUES ('本院1', 'N1', 'H1'), ('N1', NULL, NULL), ('N2', NULL, NULL)) AS t (item_code, national_code, facility_id);
-- V51: the fourth day after a certificate ended flags, the third does not; so before one begins
INSERT INTO office.certificate VALUES ('P1', 'M01', '[2025-01-01,2025-03-01)'), ('P2', 'M01', '[2025-01-01,2025-03-01)'), ('P3', 'M01', '[2025-03-10,)'), ('P4', 'M01', '[2025-03-10,)'), ('P5', 'M01', '[2024-01-01,2024-12-31]'), ('P5', 'M02', '[2025-04-01,2025-12-31]'), ('P6', 'M01', '(,)'), ('P7', 'M01', '去年'), ('P9', 'M01', '[2025-01-01,2025-12-31]');
INSERT INTO office.visit SELECT 'V' || n || '-' || to_char(d, 'MMDD'), 'P' || n, 'H1', d + time '09:00', d + time '10:00', kind, 300, NULL FROM (VALUES (1, date '2025-03-03', '140104'), (1, '2025-03-04', '140104'), (2, '2025-03-04', '11'), (3, '2025-03-07', '140201'), (3, '2025-03-06', '140201'), (4, '2025-03-10', '14'), (5, '2025-03-15', '140104'), (6, '2025-03-15', '140104'), (7, '2025-03-15', '140104'), (8, '2025-03-15', '140104'), (10, '2025-03-15', '9929'), (11, '2025-03-15', ' １４01')) AS t (n, d, kind);
-- taken back, without a date, and settled in another month than it was
INSERT INTO office.visit VALUES ('V12-0', 'P12', 'H1', '2025-03-15 09:00', '2025-03-15 10:00', '140104', 0, NULL), ('V12-1', 'P12', 'H1', NULL, '2025-03-15 10:00', '140104', 300, NULL), ('V12-2', 'P12', 'H1', '2025-03-15 09:00', '2025-03-15 10:00', '140104', 300, '2025-05-02');
-- V53: H1 has N1 (charged by a local code), N2 until June, not N3; H2 has N3 always; H3 has no list
INSERT INTO office.facility_item VALUES ('H1', 'N1', NULL), ('H1', 'N2', '[2025-01-01,2025-06-01)'), ('H2', 'N3', NULL), ('H2', 'N2', '[2025-01-01,)'), (NULL, 'N2', NULL), ('H2', 'N1', '某日');
INSERT INTO office.visit SELECT 'C' || n, 'P12', h, d, d + interval '1 hour', '11', 100, NULL FROM (VALUES (1, 'H1', timestamp '2025-04-01 09:00'), (2, 'H1', '2025-06-03 09:00'), (3, 'H2', '2025-06-03 09:00'), (4, 'H3', '2025-06-03 09:00'), (5, 'H1', '2025-04-05 09:00'), (6, 'H1', '2025-04-06 09:00'), (7, 'H2', '2025-04-07 09:00')) AS t (n, h, d);
INSERT INTO office.charge SELECT 'C' || n, l, item, '项目' || item, q, 100 * q, at, 90 * q * pays FROM (VALUES
	-- flag: N3, and N2 on a day after its last; not: N1 by the local code, N2 in time
	(1, 'a', 'N3', 1, timestamp '2025-04-01 09:10', 1), (1, 'b', '本院1', 1, '2025-04-01 09:10', 1), (1, 'c', 'N2', 1, '2025-04-01 09:10', 1), (2, 'a', 'N2', 2, '2025-06-03 09:10', 1), (2, 'b', 'N2', 1, '2025-05-31 23:59', 1),
	-- not: listed, a list that does not say when, a facility without list, paid by himself, taken back
	(3, 'a', 'N3', 1, '2025-06-03 09:10', 1), (3, 'b', 'N2', 1, '2025-06-03 09:10', 1), (3, 'c', 'N1', 1, '2025-06-03 09:10', 1), (4, 'a', 'N3', 1, '2025-06-03 09:10', 1), (5, 'a', 'N3', 1, '2025-04-05 09:10', 0), (6, 'a', 'N3', 1, '2025-04-06 09:10', 1), (6, 'b', 'N3', -1, '2025-04-06 09:20', 1)) AS t (n, l, item, q, at, pays);
CALL medaudit.bind('facility', 'office.facility');
CALL medaudit.bind('person', 'office.person');
CALL medaudit.bind('visit', 'office.visit');
CALL medaudit.bind('charge', 'office.charge');
CALL medaudit.bind('item', 'office.item');
CREATE VIEW office.found AS
SELECT f.rule_code, f.subject_kind AS subject, f.subject_id, f.key, f.person_id, f.certainty, f.gross_amount AS gross, f.involved_amount AS involved, f.judged_on,
	(SELECT string_agg(concat_ws('/', l.visit_id, l.line_id, l.item_code), ' ' ORDER BY l.line_no) FROM medaudit.finding_line AS l WHERE l.finding_id = f.finding_id) AS lines, f.evidence, f.evidence_text
FROM medaudit.finding AS f;

\pset format unaligned
-- off until they are bound
CALL medaudit.run_audit('2025-01-01', '2026-01-01', '{no_certificate,unlisted_item}');
SELECT step, state, error FROM medaudit.run_progress ORDER BY run_id, step_no;
SELECT relation, rules_off, note_zh FROM medaudit.sources() WHERE rules_off && '{no_certificate,unlisted_item}' ORDER BY relation;
CALL medaudit.bind('certificate', 'office.certificate');
CALL medaudit.bind('facility_item', 'office.facility_item');
CALL medaudit.run_audit('2025-01-01', '2026-01-01', '{no_certificate,unlisted_item}');
SELECT step, state, rows, error FROM medaudit.run_progress WHERE run_id = (SELECT max(run_id) FROM medaudit.run) ORDER BY step_no;
SELECT rule_code, subject, subject_id, key, person_id, certainty, gross, involved, judged_on, lines FROM office.found ORDER BY rule_code, key COLLATE "C";
SELECT evidence, evidence_text FROM office.found WHERE key IN ('V1-0304', 'V3-0306', 'V5-0315', 'V11-0315', 'C1', 'C2') ORDER BY key COLLATE "C";
SELECT l.evidence_text FROM medaudit.finding_line AS l JOIN medaudit.finding AS f USING (finding_id) WHERE f.key = 'C1';
SELECT relation, problem, problem_zh, rows, facility_id, examples FROM medaudit.data_quality WHERE relation IN ('certificate', 'facility_item') OR problem ~ 'special disease' ORDER BY relation, problem, facility_id;

-- however the time is cut, and again: the same
CREATE TABLE office.stood AS SELECT * FROM office.found;
TRUNCATE medaudit.run, medaudit.finding;
CREATE PROCEDURE office.run_months(VARIADIC months date[]) LANGUAGE plpgsql AS $$
DECLARE
	month date;
BEGIN
	FOREACH month IN ARRAY months LOOP
		CALL medaudit.run_audit(month, (month + interval '1 month')::date, '{no_certificate,unlisted_item}');
	END LOOP;
END $$;
CALL office.run_months('2025-06-01', '2025-03-01', '2025-05-01', '2025-04-01', '2025-03-01');
SELECT count(*) AS differ FROM ((TABLE office.stood EXCEPT ALL TABLE office.found) UNION ALL (TABLE office.found EXCEPT ALL TABLE office.stood)) AS d;
-- what is filed later takes it away, in a run of its day
INSERT INTO office.certificate VALUES ('P5', 'M01', '[2025-03-15,2025-03-15]');
INSERT INTO office.facility_item VALUES ('H1', 'N3', '[2025-04-01,)');
CALL medaudit.run_audit('2025-03-15', '2025-03-16', '{no_certificate,unlisted_item}');
CALL medaudit.run_audit('2025-04-01', '2025-04-02', '{no_certificate,unlisted_item}');
SELECT rule_code, key FROM office.stood WHERE key NOT IN (SELECT key FROM office.found) ORDER BY 1, 2;
-- thresholds of the rule; those of other types
SELECT medaudit.set_rule('no_certificate', parameters => '{"grace_days": 0, "visit_types": ["140104", "9929"]}');
CALL office.run_months('2025-03-01');
SELECT key FROM office.found WHERE rule_code = 'no_certificate' ORDER BY key COLLATE "C";
SELECT rule_code, name, value, changed FROM medaudit.rule_parameters WHERE rule_code = 'no_certificate' ORDER BY 2;
\set VERBOSITY sqlstate
SELECT medaudit.set_rule('no_certificate', parameters => '{"grace_days": -1}');
SELECT medaudit.set_rule('unlisted_item', parameters => '{"grace_days": 1}');
\set VERBOSITY default
SELECT medaudit.set_rule('no_certificate', parameters => '{"grace_days": 3, "visit_types": ["14"]}');

-- lists of services say nothing of drugs and materials, however these are known; lists of services and drugs do; nobody's certificates, not in a month
TRUNCATE medaudit.run, medaudit.finding, office.charge, office.facility_item, office.certificate;
CREATE TABLE office.catalogue AS SELECT * FROM (VALUES ('本地药', NULL, 'H1', 'drug'), ('本地项', NULL, 'H1', 'exam')) AS t (item_code, national_code, facility_id, class);
CALL medaudit.bind('item', 'office.catalogue');
INSERT INTO office.facility_item VALUES ('H1', '002199000010000', NULL), ('H2', '002199000010000', NULL), ('H2', 'XA01ABD075A002010100483', NULL);
INSERT INTO office.charge SELECT v, l, item, NULL, 1, 100, at, 100 FROM (VALUES ('C1', timestamp '2025-04-01 09:10'), ('C7', '2025-04-07 09:10')) AS v (v, at), (VALUES ('a', '002199000020000'), ('b', 'XA02BCA214A001010103251'), ('c', 'C0301010010000000001'), ('d', '本地药'), ('e', '本地项'), ('f', '002199000010000')) AS i (l, item);
SELECT c, medaudit._permit_class(ARRAY[c], NULL) AS class FROM unnest('{002199000020000,XA02BCA214A001010103251,C0301010010000000001,本地药}'::text[]) AS c;
SELECT c, medaudit._permit_class('{本地}', c) AS class FROM unnest('{drug,material,exam,other,NULL}'::text[]) AS c;
CALL medaudit.run_audit('2025-03-01', '2025-05-01', '{no_certificate,unlisted_item}');
SELECT rule_code, subject_id, key, certainty, lines FROM office.found ORDER BY rule_code, key COLLATE "C";
SELECT relation, problem, problem_zh, rows, facility_id FROM medaudit.data_quality WHERE relation IN ('certificate', 'facility_item') ORDER BY relation, problem, facility_id;
-- one certificate in the month, of somebody: the others are noticed, those with another suspected
INSERT INTO office.certificate VALUES ('P99', 'M01', '[2025-03-31,2025-05-01)'), ('P1', 'M01', '[2025-01-01,2025-02-01)');
CALL medaudit.run_audit('2025-03-01', '2025-04-01', '{no_certificate}');
SELECT key, certainty FROM office.found WHERE rule_code = 'no_certificate' ORDER BY key COLLATE "C";
SELECT count(*) AS not_judged FROM medaudit.run_quality WHERE relation = 'certificate' AND run_id = (SELECT max(run_id) FROM medaudit.run);
CALL medaudit.bind('item', 'office.item');

-- the same answer as slow plain SQL, on random visits
\set ECHO none
TRUNCATE medaudit.run, medaudit.finding, office.visit, office.charge, office.certificate, office.facility_item;
SELECT setseed(0.51);
INSERT INTO office.visit (visit_id, person_id, facility_id, admitted_at, discharged_at, visit_type)
SELECT 'V' || n, 'P' || 1 + (random() * 6)::int, 'H' || 1 + (random() * 2)::int, d, d + interval '1 hour', CASE WHEN random() < 0.5 THEN '140104' ELSE '11' END
FROM (SELECT n, timestamp '2025-01-01' + (random() * 300)::int * interval '1 day' + (random() * 80000)::int * interval '1 second' AS d FROM generate_series(1, 300) AS n) AS r ORDER BY md5(n::text);
INSERT INTO office.charge SELECT visit_id, l, 'N' || 1 + (random() * 5 + 0 * l + 0 * length(visit_id))::int, NULL, 1, 100, admitted_at + (random() * 40 - 20) * interval '1 day', CASE WHEN random() < 0.2 THEN 0 ELSE 100 END FROM office.visit, generate_series(1, 4) AS l ORDER BY md5(visit_id || l);
INSERT INTO office.certificate SELECT 'P' || 1 + (random() * 6)::int, 'M', format('[%s,%s]', d, d + (random() * 40)::int) FROM (SELECT date '2025-01-01' + (random() * 300)::int AS d FROM generate_series(1, 25)) AS r;
INSERT INTO office.facility_item SELECT 'H' || 1 + (random() * 1)::int, 'N' || 1 + (random() * 5)::int, CASE WHEN random() < 0.8 THEN format('[%s,%s)', d, CASE WHEN random() < 0.6 THEN d + (random() * 200)::int + 1 END) END FROM (SELECT date '2025-01-01' + (random() * 300)::int AS d FROM generate_series(1, 14)) AS r;
CALL medaudit.run_audit('2025-01-01', '2026-01-01', '{no_certificate,unlisted_item}');
CREATE VIEW office.slow AS
SELECT 'no_certificate' AS rule_code, v.visit_id, NULL AS line_id FROM office.visit AS v
WHERE v.visit_type = '140104' AND EXISTS (SELECT FROM office.certificate AS c WHERE c.valid::daterange && daterange(date_trunc('month', v.admitted_at)::date, (date_trunc('month', v.admitted_at) + interval '1 month')::date)) AND NOT EXISTS (SELECT FROM office.certificate AS c CROSS JOIN generate_series(-3, 3) AS g
	WHERE c.person_id = v.person_id AND c.valid::daterange @> v.admitted_at::date + g)
UNION ALL
SELECT 'unlisted_item', v.visit_id, c.line_id FROM office.visit AS v JOIN office.charge AS c USING (visit_id)
WHERE c.claimed > 0 AND EXISTS (SELECT FROM office.facility_item AS l WHERE l.facility_id = v.facility_id)
	AND NOT EXISTS (SELECT FROM office.facility_item AS l WHERE l.facility_id = v.facility_id AND l.item_code = c.item_code AND coalesce(l.valid::daterange @> c.charged_at::date, true));
\set ECHO all
SELECT coalesce(s.rule_code, f.rule_code) AS rule_code, count(*) > 20 AS enough, count(*) FILTER (WHERE s.visit_id IS NULL OR f.visit_id IS NULL) AS differ
FROM office.slow AS s
FULL JOIN (SELECT f.rule_code, l.visit_id, l.line_id FROM medaudit.finding_line AS l JOIN medaudit.finding AS f USING (finding_id)) AS f
	ON f.rule_code = s.rule_code AND f.visit_id = s.visit_id AND f.line_id IS NOT DISTINCT FROM s.line_id
GROUP BY 1 ORDER BY 1;
-- beside a charge rule names are read with those of its lines: they are the same
UPDATE office.charge SET item_name = concat(item_code, line_id);
CALL medaudit.run_audit('2025-01-01', '2026-01-01', '{no_certificate,unlisted_item}');
CREATE TEMPORARY TABLE alone AS SELECT f.rule_code, f.key, f.evidence, f.evidence_text, l.line_no, l.item_name, l.evidence_text AS line_text
FROM medaudit.finding AS f JOIN medaudit.finding_line AS l USING (finding_id) WHERE f.rule_code = 'unlisted_item';
CALL medaudit.run_audit('2025-01-01', '2026-01-01', '{no_certificate,unlisted_item,starter_duplicate}');
SELECT bool_and(state = 'done') AS done FROM medaudit.run_step WHERE run_id = (SELECT max(run_id) FROM medaudit.run);
SELECT (SELECT count(item_name) > 0 FROM alone) AS named, count(*) AS differ FROM (
	(TABLE alone EXCEPT ALL SELECT f.rule_code, f.key, f.evidence, f.evidence_text, l.line_no, l.item_name, l.evidence_text AS line_text
FROM medaudit.finding AS f JOIN medaudit.finding_line AS l USING (finding_id) WHERE f.rule_code = 'unlisted_item')
	UNION ALL (SELECT f.rule_code, f.key, f.evidence, f.evidence_text, l.line_no, l.item_name, l.evidence_text AS line_text
FROM medaudit.finding AS f JOIN medaudit.finding_line AS l USING (finding_id) WHERE f.rule_code = 'unlisted_item' EXCEPT ALL TABLE alone)) AS d;
DROP TABLE alone;
DROP SCHEMA office CASCADE;
TRUNCATE medaudit.run, medaudit.finding, medaudit.binding;
SELECT format('DROP VIEW medaudit_data.%I', relname) FROM pg_class WHERE relnamespace = 'medaudit_data'::regnamespace AND relkind = 'v' AND relname IN (SELECT relation FROM medaudit.relation_column) \gexec
