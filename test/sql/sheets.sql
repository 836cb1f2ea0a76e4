-- sheets: what stands about an institution, out and back
\set SHOW_CONTEXT never
SET datestyle = iso;
SET client_min_messages = warning;
SELECT c, medaudit.sheet_text(c) FROM unnest(ARRAY['0012', '33010619900307203', '1-2', '3/4', '12E5', '1.50', 'XN05', '张三', '=1+1', ' ＝1', '1-Jan', 'MAR1', '3月5日', '5%', ' 0012', 'March', 'A38(1)', '-5', '@a', E'\ta', '', NULL]) AS c;
INSERT INTO medaudit.finding (finding_id, run_id, rule_code, certainty, subject_kind, subject_id, person_id, person_name, visit_id, facility_id, record_no, department, gross_amount, claimed_amount, fund_amount,
	evidence, key, judged_on, rule_name, evidence_text, article, fingerprint, state)
SELECT i, 9001, CASE WHEN i = 3 THEN 'a' ELSE 'b' END, 'violation', 'facility', 'F1', 'P1', '张三', 'V' || i, 'F1', '0007', '内科', 30, 20, 10, '{}', 'K' || i, date '2026-03-05' - i, '规则', '合计', '第三十八条', '\x01',
	CASE WHEN i = 4 THEN 'superseded' ELSE 'open' END FROM generate_series(1, 5) AS i;
-- two lines of its own, one of another institution, and a finding without lines (5)
INSERT INTO medaudit.finding_line (finding_id, line_no, visit_id, line_id, item_code, item_name, charged_at, quantity, amount, excess_quantity, excess_amount, excess_claimed, fund_amount, facility_id, person_id, record_no, evidence_text)
SELECT i, l, CASE WHEN l = 3 THEN 'W' ELSE 'V' END || i, '000' || l, '0012', '药', '2026-03-05 10:00', 2, 20, 1, 10 * l, 8 * l, 4, CASE WHEN l = 3 THEN 'F2' ELSE 'F1' END, CASE WHEN l = 3 THEN 'P2' ELSE 'P1' END, CASE WHEN l = 3 THEN '0099' END, '第' || l || '行'
FROM generate_series(1, 4) AS i, generate_series(1, 3) AS l;
INSERT INTO medaudit.run_finding (run_id, rule_code, identity, fingerprint) SELECT 9001, f.rule_code, medaudit._finding_identity(f.subject_kind, f.subject_id, f.key), f.fingerprint FROM medaudit.finding AS f WHERE finding_id IN (2, 4);
INSERT INTO medaudit.run_finding (run_id, rule_code, identity, fingerprint) SELECT 9001, f.rule_code, medaudit._finding_identity(f.subject_kind, f.subject_id, f.key), '\x02' FROM medaudit.finding AS f WHERE finding_id = 1;
\pset expanded on
SELECT * FROM medaudit.facility_lines('F1') LIMIT 1;
SELECT * FROM medaudit.facility_lines('F2') LIMIT 1;
SELECT * FROM medaudit.facility_lines('F1') OFFSET 6;
\pset expanded off
-- each line once, by rule, day and finding; another's are not shown, what is put aside neither
SELECT "序号", "疑点编号", "费用明细流水号", "违规金额" FROM medaudit.facility_lines('F1');
SELECT count(*), count(*) FILTER (WHERE "姓名" IS NOT NULL) AS named FROM medaudit.facility_lines('F2');
-- of a run: what it found, with this content
SELECT DISTINCT "疑点编号" FROM medaudit.facility_lines('F1', 9001);
SELECT count(*) FROM medaudit.facility_lines('F1', 9002);
SELECT count(*) FROM medaudit.facility_lines('nowhere');
SELECT count(*) FROM medaudit.facility_lines(NULL);
-- it comes back under the same headings, and what cannot be taken is told
CREATE TABLE pg_temp.back AS SELECT "疑点编号"::text, "序号"::text, CASE WHEN "序号" = 1 THEN '医嘱见病历第3页' END AS "机构说明" FROM medaudit.facility_lines('F1');
INSERT INTO pg_temp.back VALUES ('3', '8', '　'), ('777', '9', '不认可'), ('abc', '10', '不认可'), ('888', '11', ' ');
SELECT medaudit.import_reviews('pg_temp.back');
SELECT finding_id, step, note FROM medaudit.finding_event;
ALTER TABLE pg_temp.back RENAME "机构说明" TO "说明";
\set VERBOSITY sqlstate
SELECT medaudit.import_reviews('pg_temp.back');
\set VERBOSITY default
-- until when it can be appealed against
INSERT INTO medaudit.gateway VALUES (session_user) ON CONFLICT DO NOTHING;
SELECT medaudit.review_finding(3, 'confirm', actor => a) FROM unnest('{ann,ben}'::text[]) AS a;
SELECT medaudit.issue_findings('{3}', '2026-04-30');
SELECT "疑点编号", "状态", "申诉期限" FROM medaudit.facility_lines('F1') LIMIT 3;

-- what was withdrawn is on no sheet
SELECT medaudit.appeal_finding(3, '病历齐全', '2026-04-02');
SELECT count(*) FROM medaudit.facility_lines('F1') WHERE "疑点编号" = 3;
SELECT medaudit.settle_finding(3, 'withdrawn');
SELECT count(*) FROM medaudit.facility_lines('F1') WHERE "疑点编号" = 3;

ALTER TABLE medaudit.finding_event DISABLE TRIGGER keep_events;
ALTER TABLE medaudit.finding DISABLE TRIGGER guard; ALTER TABLE medaudit.finding_line DISABLE TRIGGER guard;
DELETE FROM medaudit.finding_event; DELETE FROM medaudit.finding; DELETE FROM medaudit.run_finding; DELETE FROM medaudit.gateway;
ALTER TABLE medaudit.finding_event ENABLE TRIGGER keep_events;
ALTER TABLE medaudit.finding ENABLE TRIGGER guard; ALTER TABLE medaudit.finding_line ENABLE TRIGGER guard;
