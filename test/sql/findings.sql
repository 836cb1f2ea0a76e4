-- findings: tables and the views that people and BI tools read
\set SHOW_CONTEXT never
SET datestyle = iso;
-- findings are written by hand here, which none but tests do
ALTER TABLE medaudit.finding DISABLE TRIGGER guard;
ALTER TABLE medaudit.finding_line DISABLE TRIGGER guard;
ALTER TABLE medaudit.run DISABLE TRIGGER guard;
ALTER TABLE medaudit.run_step DISABLE TRIGGER guard;
INSERT INTO medaudit.run (run_id, from_date, to_date, state, visits, finished_at) VALUES
	(1, '2026-03-01', '2026-04-01', 'done', 8, '2026-04-02'),
	(2, '2026-04-01', '2026-05-01', 'running', 9, NULL);
INSERT INTO medaudit.run_step (run_id, step_no, step, rule_code, state, rows, seconds, error, started_at) VALUES
	(1, 1, 'charges', NULL, 'done', 4, 1.5, NULL, '2026-04-02'), (2, 1, 'charges', NULL, 'running', NULL, NULL, NULL, '2026-05-02'),
	(2, 2, 'split_stays', 'split_stays', 'pending', NULL, NULL, NULL, NULL);
INSERT INTO medaudit.run_quality VALUES (1, 'charge', 'the visit is not bound', '费用明细的就诊编号不存在', 3);

CREATE FUNCTION pg_temp.put(id bigint, rule text, sure text, visit text, gross numeric, claimed numeric,
	fund numeric, involved numeric, state text) RETURNS void LANGUAGE sql AS $$
	INSERT INTO medaudit.finding (finding_id, run_id, rule_code, violation, behaviour_code, certainty, article,
		subject_kind, subject_id, person_id, visit_id, facility_id, physician_id, gross_amount, claimed_amount,
		fund_amount, fund_basis, involved_amount, evidence, state, key, judged_on, rule_name, facility_name,
		person_name, evidence_text, fingerprint)
	VALUES (id, 1, rule, '重复收费', 'T380301', sure, 'A38(3)', 'facility', 'F1', 'P1', visit, 'F1', 'D1', gross,
		claimed, fund, CASE WHEN gross IS NOT NULL THEN 'by_item' END, involved, '{}', state, visit, '2026-03-05',
		'规则' || rule, '县人民医院', '张三', CASE WHEN gross IS NULL THEN '两次住院。' END, '\x00') $$;
SELECT pg_temp.put(1, 'r1', 'violation', 'V1', 100, 80, 40, NULL, 'open'),
	pg_temp.put(2, 'r2', 'suspicion', 'V1', 150, 120, 60, NULL, 'open'),
	pg_temp.put(3, 'r3', 'violation', 'V2', 73, 73, NULL, NULL, 'open'),
	pg_temp.put(4, 'r4', 'suspicion', 'V3', NULL, NULL, NULL, 900, 'open'),
	pg_temp.put(5, 'r1', 'violation', 'V4', 500, 500, 500, NULL, 'issued'),
	pg_temp.put(6, 'r1', 'violation', 'V5', 900, 900, 900, NULL, 'superseded'),
	pg_temp.put(7, 'r1', 'violation', 'V5', 10, 10, 5, NULL, 'open');
INSERT INTO medaudit.finding_line (finding_id, line_no, visit_id, line_id, item_code, item_name, charged_at,
	quantity, amount, excess_quantity, excess_amount, excess_claimed, fund_amount, evidence_text) VALUES
	(1, 1, 'V1', '1', 'A', '彩超', '2026-03-02 08:00', 1, 60, 1, 60, 50, 25, '第一行。'),
	(1, 2, 'V1', '2', 'A', '彩超', '2026-03-02 09:00', 1, 40, 1, 40, 30, 15, '第二行。'),
	-- the same line 1 at a higher excess by another rule, and a line of its own
	(2, 1, 'V1', '1', 'A', '彩超', '2026-03-02 08:00', 1, 60, 1, 60.01, 50.01, 25, '同一行。'),
	(2, 2, 'V1', '3', 'B', '心电图', '2026-03-02 10:00', 1, 89.99, 1, 89.99, 69.99, 35, '另一行。'),
	(3, 1, 'V2', '1', 'A', '彩超', '2026-03-03 08:00', 1, 70, 1, 70, 70, NULL, '无基金数据。'),
	(4, 1, 'V3', NULL, NULL, NULL, '2026-03-03 08:00', NULL, 900, NULL, NULL, NULL, NULL, '住院。'),
	(5, 1, 'V4', '1', 'A', '彩超', '2026-03-03 08:00', 5, 500, 5, 500, 500, 500, '已下发。'),
	(6, 1, 'V5', '1', 'A', '彩超', '2026-03-03 08:00', 9, 900, 9, 900, 900, 900, '已失效。'),
	(7, 1, 'V5', '1', 'A', '彩超', '2026-03-03 08:00', 1, 10, 1, 10, 10, 5, '新。'),
	-- lines without a number are told apart by what they say
	(3, 2, 'V2', NULL, 'A', '彩超', '2026-03-03 08:00', 1, 2, 1, 2, 2, NULL, '无行号一。'),
	(3, 3, 'V2', NULL, 'A', '彩超', '2026-03-03 09:00', 1, 1, 1, 1, 1, NULL, '无行号二。');

-- one standing finding per identity, any number that are put aside
SELECT pg_temp.put(8, 'r1', 'violation', 'V5', 1, 1, 1, NULL, 'changed');
DO $$ BEGIN
	PERFORM pg_temp.put(9, 'r1', 'violation', 'V5', 1, 1, 1, NULL, 'reviewed');
EXCEPTION WHEN unique_violation THEN RAISE NOTICE '%: a second standing finding', SQLSTATE; END $$;
DO $$ BEGIN
	UPDATE medaudit.finding SET state = 'closed' WHERE finding_id = 1;
EXCEPTION WHEN check_violation THEN RAISE NOTICE '%: no such state', SQLSTATE; END $$;

-- certainty, then fund, then claimed; each line once: line 1 of V1 at 60.00 under the sure
-- finding, and the cent more of the suspicion under that
SELECT rank, finding_id, certainty_zh, visit_id, line_id, item_name, gross_amount, claimed_amount, fund_amount,
	involved_amount, other_rules, evidence_text FROM medaudit.worklist ORDER BY rank;
SELECT finding_id, rule_name, state_zh, fund_basis_zh, line_count, evidence_text FROM medaudit.findings ORDER BY finding_id;
SELECT finding_id, line_no, line_id, facility_name, excess_amount, state FROM medaudit.finding_lines ORDER BY 1, 2;
SELECT rule_code, findings, gross_amount, gross_once, claimed_once, fund_once, involved_amount FROM medaudit.findings_by_rule ORDER BY 1;
-- both totals: line 1 of V1 is met by r1 (60, sure) and by r2 (60.01).  The rules by
-- themselves add up to 833.00; each line once, at its highest excess, to 60 less:
-- 60 + 0.01 + 40 + 89.99 + 70 + 2 + 1 + 500 + 10
SELECT sum(gross_amount) AS each_rule, sum(gross_once) AS each_line_once, sum(gross_amount) - sum(gross_once) AS met_twice,
	sum(claimed_amount) - sum(claimed_once) AS claimed_twice, sum(fund_amount) - sum(fund_once) AS fund_twice FROM medaudit.findings_by_rule;
-- the worklist has what is open of it, the line in two rows that add up to its highest excess
SELECT sum(gross_amount) AS each_line_once, sum(gross_amount) + 60 = (SELECT sum(excess_amount) FROM medaudit.finding_lines WHERE state = 'open') AS met_twice_left_out,
	count(*) FILTER (WHERE visit_id = 'V1' AND line_id = '1') AS line_1, sum(gross_amount) FILTER (WHERE visit_id = 'V1' AND line_id = '1') AS gross_of_it,
	sum(claimed_amount) FILTER (WHERE visit_id = 'V1' AND line_id = '1') AS claimed_of_it, max(excess_amount) FILTER (WHERE visit_id = 'V1' AND line_id = '1') AS highest FROM medaudit.worklist;
-- a rule is as sure as its surest finding, and says how many are sure
BEGIN;
UPDATE medaudit.finding SET certainty = 'suspicion' WHERE finding_id IN (1, 3);
SELECT rule_code, certainty, certainty_zh, findings, violations FROM medaudit.findings_by_rule ORDER BY 1;
ROLLBACK;
-- what the hospital looks up: record number of the visit, department, article
BEGIN;
UPDATE medaudit.finding SET record_no = 'Z001', department = '内科', article = '条例第三十八条第三项', article_code = 'A38(3)' WHERE finding_id IN (1, 4);
UPDATE medaudit.finding_line SET record_no = 'Z001' WHERE finding_id = 1;
UPDATE medaudit.finding_line SET record_no = 'Z003', visit_id = 'V9' WHERE finding_id = 4;
SELECT rank, finding_id, visit_id, record_no, department, physician_id, article, article_code FROM medaudit.worklist WHERE finding_id IN (1, 4, 7) ORDER BY rank;
SELECT finding_id, record_no, department, article_code FROM medaudit.findings WHERE finding_id IN (1, 4, 7) ORDER BY 1;
SELECT finding_id, visit_id, record_no FROM medaudit.finding_lines WHERE finding_id IN (1, 4, 7) ORDER BY 1, line_no;
ROLLBACK;
-- whether the last run of the period has found it, and whether that run failed; a run of
-- other rules or another period is not the last one
BEGIN;
INSERT INTO medaudit.run (run_id, from_date, to_date, rules, state) VALUES (3, '2026-03-01', '2026-03-10', '{r2,r4}', 'done'), (4, '2026-03-05', '2026-03-06', '{r4}', 'failed'),
	(5, '2026-03-06', '2026-04-01', NULL, 'failed'), (6, '2026-03-01', '2026-03-05', NULL, 'failed');
UPDATE medaudit.finding SET state = 'reviewed' WHERE finding_id = 2;
SELECT finding_id, rule_name, run_id, state, run_state, run_state_zh FROM medaudit.findings ORDER BY 1;
SELECT finding_id, run_state, run_state_zh FROM medaudit.worklist GROUP BY 1, 2, 3 ORDER BY 1;
UPDATE medaudit.finding SET state = 'open' WHERE finding_id = 2;
SELECT finding_id, run_state, run_state_zh FROM medaudit.findings WHERE finding_id = 2;
UPDATE medaudit.finding SET run_id = 3 WHERE finding_id = 2;
SELECT finding_id, run_state, run_state_zh FROM medaudit.findings WHERE finding_id = 2;
ROLLBACK;
SELECT facility_id, facility_name, findings, violations, rules, persons, gross_amount, gross_once, involved_amount FROM medaudit.findings_by_facility;
-- two lines alike without a number (or under one number twice) are two lines: 20 + 20 and 30 + 30,
-- though another rule names one of the first two at 15, and then both are more than it
BEGIN;
INSERT INTO medaudit.finding_line (finding_id, line_no, visit_id, line_id, item_code, charged_at,
	quantity, amount, excess_quantity, excess_amount, excess_claimed) VALUES
	(3, 4, 'V2', NULL, 'C', '2026-03-03 10:00', 1, 20, 1, 20, 10), (3, 5, 'V2', NULL, 'C', '2026-03-03 10:00', 1, 20, 1, 20, 10),
	(3, 6, 'V2', '9', 'C', '2026-03-03 11:00', 1, 30, 1, 30, 30), (3, 7, 'V2', '9', 'C', '2026-03-03 12:00', 1, 30, 1, 30, 30),
	(7, 2, 'V2', NULL, 'C', '2026-03-03 10:00', 1, 20, 1, 15, 7.5);
SELECT rule_code, line_id, charged_at, gross_amount, claimed_amount, other_rules FROM medaudit.worklist WHERE item_code = 'C' ORDER BY charged_at, other_rules;
SELECT finding_id, gross_once, claimed_once, lines_once FROM medaudit.finding_shares WHERE finding_id IN (3, 7) ORDER BY 1;
ROLLBACK;
SELECT person_id, person_name, findings, gross_once FROM medaudit.findings_by_person;
SELECT physician_id, findings, gross_once FROM medaudit.findings_by_physician;
-- a name is that of the code beside it, whichever sorts last
BEGIN;
UPDATE medaudit.finding SET facility_id = 'F2', facility_name = '乙医院' WHERE finding_id = 4;
UPDATE medaudit.finding_line SET facility_id = 'F3', facility_name = '丙医院' WHERE finding_id = 4;
SELECT physician_id, facility_id, facility_name, findings FROM medaudit.findings_by_physician;
SELECT facility_id, facility_name FROM medaudit.finding_lines WHERE finding_id = 4;
ROLLBACK;
-- the money of a pattern stands once, in its first row; a line without money of a finding that has some repeats none
INSERT INTO medaudit.finding_line (finding_id, line_no, visit_id, amount, evidence_text) VALUES (4, 2, 'V6', 100, '又一次住院。'), (1, 3, 'V1', 100, '无金额。');
SELECT jr_id, jrd_id, rule_id, mdtrt_id, rx_id, vola_amt, vola_amt_stas, sev_deg, vola_bhvr_type, vola_cont
FROM medaudit.national_findings ORDER BY 1, 2;
SELECT sum(vola_amt) FILTER (WHERE vola_amt_stas = '1') = (SELECT sum(claimed_amount) FROM medaudit.finding WHERE state IN ('open', 'issued')) AS excess,
	sum(vola_amt) FILTER (WHERE vola_amt_stas = '0') = (SELECT sum(involved_amount) FROM medaudit.finding) AS involved FROM medaudit.national_findings;
-- a run that is running, but by nobody, was interrupted
SELECT run_id, run_state, run_state_zh, step, rule_code, state, rows, seconds FROM medaudit.run_progress ORDER BY run_id, step_no;
SELECT * FROM medaudit.data_quality;

-- what BI tools want: a comment on every column, no arrays, jsonb or domains,
-- money with two decimals, the reader's own rights
SELECT c.relname, a.attname
FROM pg_class AS c JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0
WHERE c.relnamespace = 'medaudit'::regnamespace AND c.relkind = 'v'
	AND (col_description(c.oid, a.attnum) IS NULL OR a.atttypid::regtype::text ~ '\[\]|json|interval|range'
		OR a.attname ~ '_(amount|once|amt)$' AND format_type(a.atttypid, a.atttypmod) <> 'numeric(14,2)'
		OR obj_description(c.oid) IS NULL OR NOT 'security_invoker=true' = ANY (c.reloptions))
	AND c.relname IN ('findings', 'finding_lines', 'worklist', 'finding_shares', 'findings_by_rule', 'findings_by_facility',
		'findings_by_person', 'findings_by_physician', 'national_findings', 'run_progress', 'data_quality');
SELECT count(*) FROM pg_class AS c JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
WHERE c.oid IN ('medaudit.run'::regclass, 'medaudit.run_step'::regclass, 'medaudit.finding'::regclass,
	'medaudit.finding_line'::regclass, 'medaudit.run_quality'::regclass, 'medaudit.run_finding'::regclass, 'medaudit.run_insufficient'::regclass,
	'medaudit.ranked_line'::regclass, 'medaudit.finding_sum'::regclass) AND col_description(c.oid, a.attnum) IS NULL;
SELECT medaudit.label_zh('violation'), medaudit.label_zh('something'), medaudit.label_zh(NULL);

-- everything here is kept by a dump
SELECT array_agg(c.oid::regclass::text ORDER BY c.relname COLLATE "C")
FROM pg_extension AS e, unnest(e.extconfig) AS oid JOIN pg_class AS c USING (oid)
WHERE e.extname = 'medaudit' AND c.relname ~ 'run|finding|binding|stay_|visit_class|national_term';
TRUNCATE medaudit.run, medaudit.run_step, medaudit.run_quality, medaudit.finding, medaudit.finding_line;
ALTER TABLE medaudit.finding ENABLE TRIGGER guard;
ALTER TABLE medaudit.finding_line ENABLE TRIGGER guard;
ALTER TABLE medaudit.run ENABLE TRIGGER guard;
ALTER TABLE medaudit.run_step ENABLE TRIGGER guard;
