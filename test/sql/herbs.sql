-- herbs: prescriptions of herbal pieces that are not paid alone
\set SHOW_CONTEXT never
\set VERBOSITY terse
SET datestyle = iso;
SET client_min_messages = error;
DROP SCHEMA IF EXISTS fund CASCADE;
CREATE SCHEMA fund;
DELETE FROM medaudit.rule WHERE NOT shipped;
ALTER TABLE medaudit.finding DISABLE TRIGGER guard;
ALTER TABLE medaudit.finding_line DISABLE TRIGGER guard;
TRUNCATE medaudit.run, medaudit.finding, medaudit.binding;
CREATE TABLE fund.facility AS SELECT 'F1' AS facility_id, '第一医院' AS name;
CREATE TABLE fund.person AS SELECT * FROM (VALUES ('P1', '张三'), ('P2', '李四')) AS t (person_id, name);
-- each case is a visit: prescription|item|quantity|amount|claimed|day|category (-: none)
CREATE TABLE fund.case_ (visit_id text PRIMARY KEY, note text, expected text, lines text[]);
INSERT INTO fund.case_ VALUES
	('A01', 'one herb of the list, alone', 'rx1 50.00/50.00 violation 1', '{rx1|T000700200|10|50|50|1}'),
	('A02', 'two of them and nothing else', 'rx1 110.00/90.00 violation 2', '{rx1|T000700200|10|50|50|1,rx1|T001700643|6|60|40|1}'),
	('A03', 'a herb outside the list beside them', '-', '{rx1|T000700200|10|50|50|1,rx1|T009900001|6|60|40|1}'),
	('A04', 'a herb outside the list that the patient paid', '-', '{rx1|T000700200|10|50|50|1,rx1|T009900001|6|60|0|1}'),
	('A05', 'a herb without national code, by its category', '-', '{rx1|T000700200|10|50|50|1,rx1|L-HERB|6|60|40|1}'),
	('A06', 'a western drug beside it is no herb', 'rx1 50.00/50.00 violation 1', '{rx1|T000700200|10|50|50|1,rx1|XB01ACA055A010010100001|1|12|12|1}'),
	('A07', 'two prescriptions, the other has another herb that day', 'rx1 50.00/50.00 suspicion 1', '{rx1|T000700200|10|50|50|1,rx2|T009900001|6|60|40|1}'),
	('A08', 'the other prescription is of another day', 'rx1 50.00/50.00 violation 1', '{rx1|T000700200|10|50|50|1,rx2|T009900001|6|60|40|2}'),
	('A09', 'nothing was claimed', '-', '{rx1|T000700200|10|50|0|1}'),
	('A10', 'a second herb of the list was paid by the patient', 'rx1 50.00/50.00 violation 1', '{rx1|T000700200|10|50|50|1,rx1|T001700643|6|60|0|1}'),
	('A11', 'all of it was given back', '-', '{rx1|T000700200|10|50|50|1,rx1|T000700200|-10|-50|-50|2}'),
	('A12', 'half of it was given back', 'rx1 25.00/25.00 violation 1', '{rx1|T000700200|10|50|50|1,rx1|T000700200|-5|-25|-25|2}'),
	('A13', 'what stood beside it was given back', 'rx1 50.00/50.00 violation 1', '{rx1|T000700200|10|50|50|1,rx1|T009900001|6|60|40|1,rx1|T009900001|-6|-60|-40|2}'),
	('A14', 'no number: by date and physician', '2025-03-01 D1 50.00/50.00 suspicion 1', '{|T000700200|10|50|50|1}'),
	('A15', 'no number: the other herb is of that day', '-', '{|T000700200|10|50|50|1,|T009900001|6|60|40|1}'),
	('A16', 'no number: of another day', '2025-03-01 D1 50.00/50.00 suspicion 1', '{|T000700200|10|50|50|1,|T009900001|6|60|40|2}'),
	('A17', 'a local code of a herb of the list', 'rx1 50.00/50.00 violation 1', '{rx1|L1|10|50|50|1}'),
	('A18', 'a local code of a herb outside it', '-', '{rx1|T000700200|10|50|50|1,rx1|L2|6|60|40|1}'),
	('A19', 'before the list holds for it', '-', '{rx1|T002000000|10|50|50|1}'),
	('A20', 'two prescriptions, both of herbs of the list', 'rx1 50.00/50.00 violation 1, rx2 60.00/40.00 violation 1', '{rx1|T000700200|10|50|50|1,rx2|T001700643|6|60|40|1}'),
	('H01', 'a local code beside it, of no category: it may be a herb', 'rx1 50.00/50.00 suspicion 1', '{rx1|T000700200|10|50|50|1,rx1|L-ANY|1|9|9|1|-}'),
	('H02', 'an item that the table of items has without a national code', 'rx1 50.00/50.00 suspicion 1', '{rx1|T000700200|10|50|50|1,rx1|L3|1|9|9|1|-}'),
	('H03', 'a category that says nothing of herbs', 'rx1 50.00/50.00 suspicion 1', '{rx1|T000700200|10|50|50|1,rx1|L-ANY|1|9|9|1|14}'),
	('H04', 'a local code of a category that has no herbs', 'rx1 50.00/50.00 violation 1', '{rx1|T000700200|10|50|50|1,rx1|L-ANY|1|9|9|1|检查费}'),
	('H05', 'a local code of a service, and a patent medicine by its code', 'rx1 50.00/50.00 violation 1', '{rx1|T000700200|10|50|50|1,rx1|L4|1|9|9|1|-,rx1|ZA04CAX0243010200013|1|9|9|1|-}'),
	('H06', 'what may be a herb stands in another prescription of that day', 'rx1 50.00/50.00 suspicion 1', '{rx1|T000700200|10|50|50|1,rx2|L-ANY|1|9|9|1|-}'),
	('H07', 'in another prescription of another day', 'rx1 50.00/50.00 violation 1', '{rx1|T000700200|10|50|50|1,rx2|L-ANY|1|9|9|2|-}'),
	('H08', 'in the same prescription, charged another day', 'rx1 50.00/50.00 suspicion 1', '{rx1|T000700200|10|50|50|1,rx1|L-ANY|1|9|9|2|-}'),
	('H09', 'what may be a herb, and a herb outside the list', '-', '{rx1|T000700200|10|50|50|1,rx1|L-ANY|1|9|9|1|-,rx1|T009900001|6|60|40|1}'),
	('H10', 'charged on two days, another herb in another number on the second', 'rx1 100.00/100.00 suspicion 2', '{rx1|T000700200|10|50|50|1,rx1|T000700200|10|50|50|2,rx2|T009900001|6|60|40|2}'),
	('H11', 'a herb outside the list without number, beside one with', 'rx1 50.00/50.00 suspicion 1', '{rx1|T000700200|10|50|50|1,|T009900001|6|60|40|1}'),
	('H12', 'what may be a herb was given back', 'rx1 50.00/50.00 violation 1', '{rx1|T000700200|10|50|50|1,rx1|L-ANY|1|9|9|1|-,rx1|L-ANY|-1|-9|-9|1|-}'),
	('H13', 'a herb of the category 中草药费', '-', '{rx1|T000700200|10|50|50|1,rx1|L-ANY|1|9|9|1|中草药费}'),
	('H14', 'no number, and what may be a herb', '2025-03-01 D1 50.00/50.00 suspicion 1', '{|T000700200|10|50|50|1,|L-ANY|1|9|9|1|-}');
CREATE TABLE fund.visit AS
SELECT visit_id, 'P1' AS person_id, 'F1' AS facility_id, timestamp '2025-03-01 08:00' AS admitted_at, timestamp '2025-03-03 12:00' AS discharged_at, '11' AS visit_type, 200::numeric AS total_amount, 'D1' AS physician_id, 90::numeric AS scope_amount, 60::numeric AS fund_amount, 'item' AS payment_method
FROM fund.case_;
CREATE TABLE fund.charge AS
SELECT c.visit_id, l.n::text AS line_id, CASE WHEN p[3]::numeric < 0 THEN (SELECT min(o.n) FROM unnest(c.lines) WITH ORDINALITY AS o (line, n) WHERE split_part(o.line, '|', 2) = p[2])::text END AS original_line_id,
	p[1] AS prescription_id, p[2] AS item_code, p[3]::numeric AS quantity, p[4]::numeric AS amount, p[5]::numeric AS claimed, timestamp '2025-03-01' + (p[6]::int - 1) * interval '1 day' + l.n * interval '1 minute' + interval '9 hours' AS charged_at,
	CASE p[2] WHEN 'T000700200' THEN '丁香' WHEN 'T001700643' THEN '人参片' ELSE p[2] END AS item_name, CASE WHEN p[7] = '-' THEN NULL WHEN p[7] <> '' THEN p[7] WHEN p[2] LIKE 'X%' THEN '09' ELSE '10' END AS category, 'D1' AS physician_id
FROM fund.case_ AS c, unnest(c.lines) WITH ORDINALITY AS l (line, n), LATERAL string_to_array(l.line, '|') AS p;
CREATE TABLE fund.item AS SELECT * FROM (VALUES ('L1', 'T000700200'), ('L2', 'T009900001'), ('L3', NULL), ('L4', '001103000010000')) AS t (item_code, national_code);
CALL medaudit.bind('facility', 'fund.facility');
CALL medaudit.bind('person', 'fund.person');
CALL medaudit.bind('visit', 'fund.visit');
CALL medaudit.bind('charge', 'fund.charge');
CALL medaudit.bind('item', 'fund.item');
INSERT INTO medaudit.rule (rule_code, kind, name_zh, certainty) VALUES ('t_alone', 'herb_alone', '单方不予支付', 'violation'), ('t_price', 'price', '超价', 'suspicion');
INSERT INTO medaudit.charge_rule (rule_code, item_code, valid) VALUES ('t_alone', 'T000700200', NULL), ('t_alone', 'T001700643', NULL), ('t_alone', 'T002000000', '[2026-01-01,)');
INSERT INTO medaudit.charge_rule (rule_code, item_code, max_price) VALUES ('t_price', 'T001700643', 9);
CREATE VIEW fund.found AS
SELECT c.visit_id, c.note, c.expected, (SELECT coalesce(string_agg(concat_ws(' ', substr(f.key, length(c.visit_id) + 2), f.gross_amount || '/' || f.claimed_amount, f.certainty,
		(SELECT count(*) FROM medaudit.finding_line AS l WHERE l.finding_id = f.finding_id)), ', ' ORDER BY f.key), '-')
	FROM medaudit.finding AS f WHERE f.visit_id = c.visit_id AND f.rule_code = 't_alone' AND f.state = 'open') AS got
FROM fund.case_ AS c;
CALL medaudit.run_audit('2025-01-01', '2026-01-01', '{t_alone}');
SELECT visit_id, note, expected, got FROM fund.found ORDER BY visit_id;
SELECT count(*) AS cases, count(*) FILTER (WHERE got IS DISTINCT FROM expected) AS wrong FROM fund.found;
-- what it says, and what its lines say; nothing is asked twice
SELECT key, subject_kind, subject_id, physician_id, excess_quantity, evidence, evidence_text FROM medaudit.finding WHERE visit_id IN ('A02', 'A07', 'A14') AND rule_code = 't_alone' ORDER BY key;
SELECT line_no, line_id, item_name, excess_quantity, excess_amount, excess_claimed, evidence_text FROM medaudit.finding_lines WHERE visit_id = 'A02' ORDER BY line_no;
SELECT max(finding_id) AS last FROM medaudit.finding \gset
CALL medaudit.run_audit('2025-01-01', '2026-01-01', '{t_alone}');
SELECT max(finding_id) = :last AS the_same FROM medaudit.finding;
-- a line that another rule finds too counts once in money
CALL medaudit.run_audit('2025-01-01', '2026-01-01', '{t_alone,t_price}');
SELECT w.rule_code, w.item_code, w.gross_amount, w.claimed_amount, w.fund_amount, w.fund_basis FROM medaudit.worklist AS w JOIN medaudit.finding AS f USING (finding_id) WHERE f.visit_id = 'A02' ORDER BY 1, 2;
-- what is no more goes; without claimed it is not asked
UPDATE fund.charge SET item_code = 'T009900001' WHERE visit_id = 'A01';
CALL medaudit.run_audit('2025-03-01', '2025-04-01', '{t_alone}');
SELECT got FROM fund.found WHERE visit_id = 'A01';
CALL medaudit.bind('charge', 'fund.charge', '{"claimed": "NULL"}');
CALL medaudit.run_audit('2025-03-01', '2025-04-01', '{t_alone}');
SELECT got FROM fund.found WHERE visit_id = 'A02';
ALTER TABLE fund.charge RENAME claimed TO other;
CALL medaudit.bind('charge', 'fund.charge');
CALL medaudit.run_audit('2025-03-01', '2025-04-01', '{t_alone}');
SELECT state, error FROM medaudit.run_progress WHERE run_id = (SELECT max(run_id) FROM medaudit.run) AND rule_code = 't_alone';
ALTER TABLE fund.charge RENAME other TO claimed;

-- the same in plain SQL, over random prescriptions with and without numbers
SELECT setseed(0.37);
TRUNCATE fund.case_, fund.visit, fund.charge;
INSERT INTO fund.visit SELECT 'V' || v, 'P' || 1 + v % 2, 'F1', '2025-03-01 08:00', '2025-03-03 12:00', '11', NULL, NULL, NULL, NULL, NULL FROM generate_series(1, 400) AS v;
INSERT INTO fund.charge (visit_id, line_id, prescription_id, item_code, quantity, amount, claimed, charged_at, category, physician_id)
SELECT 'V' || v, n::text, nullif('rx' || floor(random() * 4), 'rx0'), (ARRAY['T000700200', 'T001700643', 'L1', 'T009900001', 'L2', 'XB01ACA055A010010100001', 'L-HERB', 'L-ANY'])[1 + floor(random() ^ 2 * 8)],
	1 + floor(random() * 3), 10 + n, CASE WHEN random() < 0.2 THEN 0 ELSE 10 + n END, timestamp '2025-03-01 09:00' + floor(random() * 2) * interval '1 day' + n * interval '1 minute',
	NULL, nullif('D' || floor(random() * 3), 'D0')
FROM generate_series(1, 400) AS v, generate_series(1, 1 + v % 5) AS n;
UPDATE fund.charge SET category = CASE WHEN item_code LIKE 'X%' THEN '09' WHEN item_code = 'L-HERB' THEN '中药饮片' END;
CALL medaudit.bind('charge', 'fund.charge');
CALL medaudit.run_audit('2025-01-01', '2026-01-01', '{t_alone}');
CREATE TABLE fund.slow AS
SELECT c.visit_id || '/' || coalesce(c.prescription_id, concat_ws(' ', c.charged_at::date, c.physician_id)) AS key, sum(c.amount) FILTER (WHERE c.claimed > 0) AS gross, sum(c.claimed) AS claimed,
	CASE WHEN min(c.prescription_id) IS NULL OR EXISTS (SELECT FROM fund.charge AS o LEFT JOIN fund.item AS i USING (item_code) WHERE o.visit_id = c.visit_id
		AND (o.charged_at::date = ANY (array_agg(c.charged_at::date)) OR o.prescription_id = min(c.prescription_id)) AND (coalesce(i.national_code, o.item_code) LIKE 'T%' OR o.category IS DISTINCT FROM '09')
		AND coalesce(i.national_code, o.item_code) NOT IN ('T000700200', 'T001700643')) THEN 'suspicion' ELSE 'violation' END AS certainty
FROM fund.charge AS c LEFT JOIN fund.item AS i USING (item_code)
WHERE coalesce(i.national_code, c.item_code) LIKE 'T%' OR c.category = '中药饮片'
GROUP BY c.visit_id, coalesce(c.prescription_id, concat_ws(' ', c.charged_at::date, c.physician_id))
HAVING bool_and(coalesce(i.national_code, c.item_code) IN ('T000700200', 'T001700643')) AND sum(c.claimed) > 0;
SELECT count(*) > 100 AS many, count(*) FILTER (WHERE certainty = 'violation') > 20 AS sure FROM fund.slow;
SELECT count(*) AS differences FROM ((SELECT key, gross, claimed, certainty FROM fund.slow EXCEPT SELECT key, gross_amount, claimed_amount, certainty FROM medaudit.finding WHERE rule_code = 't_alone' AND state = 'open' AND visit_id LIKE 'V%')
	UNION ALL (SELECT key, gross_amount, claimed_amount, certainty FROM medaudit.finding WHERE rule_code = 't_alone' AND state = 'open' AND visit_id LIKE 'V%' EXCEPT SELECT key, gross, claimed, certainty FROM fund.slow)) AS d;
TRUNCATE medaudit.run, medaudit.finding;
-- rows alike but for their number, or for their prescription: each counts once, in a prescription only where it is known to be in it
TRUNCATE fund.visit, fund.charge;
INSERT INTO fund.visit SELECT v, 'P1', 'F1', '2025-03-01 08:00', '2025-03-03 12:00', '11', NULL, NULL, NULL, NULL, NULL FROM unnest('{W1,W2}'::text[]) AS v;
INSERT INTO fund.charge (visit_id, line_id, prescription_id, item_code, quantity, amount, claimed, charged_at)
VALUES ('W1', '1', 'rx1', 'T000700200', 1, 10, 10, '2025-03-01 09:00'), ('W1', NULL, 'rx1', 'T000700200', 1, 10, 10, '2025-03-01 09:00'),
	('W2', NULL, 'rx1', 'T000700200', 1, 10, 10, '2025-03-01 09:00'), ('W2', NULL, 'rx2', 'T000700200', 1, 10, 10, '2025-03-01 09:00');
CALL medaudit.run_audit('2025-01-01', '2026-01-01', '{t_alone}');
SELECT key, gross_amount, certainty FROM medaudit.finding WHERE rule_code = 't_alone' AND state = 'open' AND visit_id LIKE 'W%' ORDER BY key;
TRUNCATE medaudit.run, medaudit.finding;
DELETE FROM medaudit.rule WHERE rule_code LIKE 't\_%';
DO $$ DECLARE v name; BEGIN FOR v IN SELECT relation FROM medaudit.binding LOOP EXECUTE format('DROP VIEW IF EXISTS medaudit_data.%I CASCADE', v); END LOOP; END $$;
TRUNCATE medaudit.binding;
ALTER TABLE medaudit.finding ENABLE TRIGGER guard;
ALTER TABLE medaudit.finding_line ENABLE TRIGGER guard;
DROP SCHEMA fund CASCADE;
