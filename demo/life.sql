-- The life of findings: five of one rule at one hospital stand on its sheet and are
-- reviewed; one is dismissed, four are issued, two of them appealed against, and settled;
-- three become a case, with its fine, and money comes back; points, and a list.  Next month
-- the same two things happen there again: one is exempt by then, the other recurs.

\set ON_ERROR_STOP 1
SET client_min_messages = warning;
SET jit = off;

-- This session speaks for several people, as an application with one login does.
INSERT INTO medaudit.gateway VALUES (session_user, 'the demonstration') ON CONFLICT DO NOTHING;

SELECT f.facility_id AS facility, min(f.facility_name) AS name
FROM medaudit.finding AS f WHERE f.rule_code = 'starter_exclusive' AND f.certainty = 'violation' AND f.state = 'open'
GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT 1 \gset
SELECT ids[1] AS f1, ids[2] AS f2, ids[3] AS f3, ids[4] AS f4, ids[5] AS f5
FROM (SELECT array_agg(f.finding_id ORDER BY f.judged_on, f.finding_id) AS ids FROM medaudit.finding AS f
	WHERE f.facility_id = :'facility' AND f.rule_code = 'starter_exclusive' AND f.certainty = 'violation' AND f.state = 'open') AS i \gset

\echo
\echo What check_visit() says of one of the visits by itself; a hospital would have asked before it settled:
SELECT scene_zh, rule_code, certainty, excess_amount, evidence_text
FROM medaudit.check_visit((SELECT f.visit_id FROM medaudit.finding AS f WHERE f.finding_id = :f1)) WHERE outcome = 'excess';

\echo The sheet of the hospital, as demo/sheets writes it for each:
SELECT "序号", "疑点编号", "规则名称", "就诊编号", "项目名称", "数量", "违规金额", "证据"
FROM medaudit.facility_lines(:'facility') WHERE "疑点编号" IN (:f1, :f2, :f3, :f4, :f5);

\echo Two people review each; where they differ, a third decides.
SELECT f.id, medaudit.review_finding(f.id, 'confirm', actor => '王敏') AS first, medaudit.review_finding(f.id, 'confirm', actor => '李强') AS second
FROM unnest(ARRAY[:f1, :f2, :f3]::bigint[]) AS f (id);
SELECT medaudit.review_finding(:f4, 'dismiss', 'documented', '病历载明两次不同部位', actor => '王敏') AS first,
	medaudit.review_finding(:f4, 'dismiss', 'documented', actor => '李强') AS second;
SELECT medaudit.review_finding(:f5, 'confirm', actor => '王敏') AS first, medaudit.review_finding(:f5, 'dismiss', 'other', actor => '李强') AS second,
	medaudit.review_finding(:f5, 'confirm', actor => '赵宁') AS third;

\echo Another hospital has one confirmed, too; it was told nothing yet.
SELECT min(f.finding_id) AS other FROM medaudit.finding AS f
WHERE f.rule_code = 'starter_exclusive' AND f.certainty = 'violation' AND f.state = 'open' AND f.facility_id <> :'facility' \gset
SELECT medaudit.review_finding(:other, 'confirm', actor => '王敏') AS first, medaudit.review_finding(:other, 'confirm', actor => '李强') AS second;

\echo They go out, ten working days for an answer; the hospital writes into its sheet, and appeals against two.
SELECT medaudit.issue_findings(ARRAY[:f1, :f2, :f3, :f5]::bigint[], medaudit.add_workdays('2026-01-05', 10), '清医保核〔2026〕1号', actor => '陈局') AS issued;
CREATE TEMPORARY TABLE answer AS SELECT DISTINCT "疑点编号", CASE "疑点编号" WHEN :f1 THEN '已核对，同意退回' ELSE '请见病历' END AS "机构说明"
FROM medaudit.facility_lines(:'facility') WHERE "疑点编号" IN (:f1, :f2, :f3);
SELECT medaudit.import_reviews('pg_temp.answer') AS answers;
SELECT medaudit.appeal_finding(:f2, '部分项目为医嘱要求', '2026-01-12', actor => '陈局') AS second, medaudit.appeal_finding(:f3, '不属实', '2026-01-13', actor => '陈局') AS third;

\echo Appeals are settled by somebody who did not review; what nobody appealed against stands when its time is over.
SELECT medaudit.settle_finding(:f2, 'reduced', (SELECT round(s.confirmed_claimed / 2, 2) FROM medaudit.finding_states AS s WHERE s.finding_id = :f2), '核减一半', actor => '陈局') AS second,
	medaudit.settle_finding(:f3, 'withdrawn', note => '病历属实', actor => '陈局') AS third, medaudit.settle_due('2026-02-01') AS in_time;
SELECT finding_id, state_zh, found_claimed, confirmed_claimed, first_reviewer, second_reviewer FROM medaudit.finding_states
WHERE finding_id IN (:f1, :f2, :f3, :f4, :f5) ORDER BY 1;

\echo A case, what is ordered back and what has come:
SELECT medaudit.open_case(:'name' || '不得同收项目', ARRAY[:f1, :f2, :f5]::bigint[], 'model', actor => '陈局') AS case_id \gset
SELECT sum(confirmed_claimed) AS ordered FROM medaudit.finding_states WHERE finding_id IN (:f1, :f2, :f5) \gset
SELECT medaudit.record_recovery(:case_id, 'ordered', :ordered, '2026-02-10', document_no => '清医保决〔2026〕1号') > 0 AS ordered,
	medaudit.record_recovery(:case_id, 'received', round(:ordered / 2, 2), '2026-02-20', '转账') > 0 AS received;
SELECT title, subject, ordered, received, waived, outstanding FROM medaudit.recovery_balance WHERE case_id = :case_id;

\echo What the law provides for in it: A38(3), charges that may not be made together; were it fraud, A40.
SELECT '第三十八条' AS article, p.* FROM medaudit.penalty(:case_id, 'A38(3)') AS p UNION ALL SELECT '第四十条', p.* FROM medaudit.penalty(:case_id, 'A40') AS p;
INSERT INTO medaudit.demerit (subject_kind, subject_id, on_date, points, responsibility, case_id, document_no)
VALUES ('physician', 'D-demo', '2026-02-12', 5, '主要责任', :case_id, '清医保记〔2026〕1号'), ('physician', 'D-demo', '2026-03-02', 4, '一般责任', NULL, '清医保记〔2026〕7号');
SELECT subject, year, points, largest, standing_zh FROM medaudit.demerit_year;
INSERT INTO medaudit.standing_list (subject_kind, subject_code, list, reason, document_no, valid)
VALUES ('facility', :'facility', 'black', '不得同收项目', '清医保决〔2026〕1号', '[2026-02-15,)');
INSERT INTO medaudit.rectification (case_id, facility_id, rule_codes, ordered_on, accepted_on, accepted_by)
VALUES (:case_id, :'facility', '{starter_exclusive}', '2026-02-10', '2026-02-25', '陈局');

\echo What was dismissed is asked to be exempt for the year, and approved by somebody else.
SELECT medaudit.exempt_finding(:f4, '[2026-01-01,2027-01-01)', actor => '王敏') AS exemption \gset
SELECT medaudit.approve_exemption(:exemption, actor => '陈局');

-- Next month: the visits of the first and of the dismissed finding come again.
CREATE TEMPORARY TABLE again AS
SELECT f.finding_id, f.visit_id AS was, 'N' || f.finding_id AS is_now, timestamp '2026-03-10' - date_trunc('day', m.begntime) AS later
FROM medaudit.finding AS f JOIN yb.mdtrt_d AS m ON m.mdtrt_id = f.visit_id WHERE f.finding_id IN (:f1, :f4);
INSERT INTO yb.mdtrt_d SELECT (jsonb_populate_record(m, jsonb_build_object('mdtrt_id', a.is_now, 'begntime', m.begntime + a.later, 'endtime', m.endtime + a.later))).*
FROM yb.mdtrt_d AS m JOIN again AS a ON a.was = m.mdtrt_id;
INSERT INTO yb.setl_d SELECT (jsonb_populate_record(s, jsonb_build_object('setl_id', 'N' || s.setl_id, 'mdtrt_id', a.is_now, 'setl_time', s.setl_time + a.later))).*
FROM yb.setl_d AS s JOIN again AS a ON a.was = s.mdtrt_id;
INSERT INTO yb.setl_list_diag_d SELECT (jsonb_populate_record(d, jsonb_build_object('mdtrt_id', a.is_now))).* FROM yb.setl_list_diag_d AS d JOIN again AS a ON a.was = d.mdtrt_id;
INSERT INTO yb.fee_list_d SELECT (jsonb_populate_record(c, jsonb_build_object('mdtrt_id', a.is_now, 'fee_ocur_time', c.fee_ocur_time + a.later))).*
FROM yb.fee_list_d AS c JOIN again AS a ON a.was = c.mdtrt_id;
CALL medaudit.run_audit('2026-03-01', '2026-04-01');

\echo The run of next month: what is exempt stands aside with its money, what was put right and happens again is marked.
SELECT f.visit_id, medaudit.label_zh(f.state) AS state_zh, f.claimed_amount, f.evidence #>> '{exemption,exemption_id}' AS exemption, coalesce(w.recurs, false) AS recurs
FROM medaudit.finding AS f LEFT JOIN medaudit.worklist AS w ON w.finding_id = f.finding_id
WHERE f.run_id = (SELECT max(run_id) FROM medaudit.run) AND f.rule_code = 'starter_exclusive' ORDER BY f.visit_id;
SELECT problem_zh, rows FROM medaudit.data_quality WHERE run_id = (SELECT max(run_id) FROM medaudit.run) AND problem ~ 'exempt';
SELECT facility_name, before_per_month, after_per_month, findings_after, money_after FROM medaudit.recurrence WHERE rule_code = 'starter_exclusive';

\echo Who else has the same, and was told nothing:
SELECT facility_name, findings, confirmed_claimed FROM medaudit.similar_facilities('starter_exclusive');

\echo Where something is most likely to be wrong, by what was confirmed of the rules:
SELECT facility_name, findings, rules, rules_judged, risk, place FROM medaudit.risk_profile ORDER BY risk DESC NULLS LAST, facility_id LIMIT 3;

\echo The whole history of one of them, chained by hash:
SELECT h.at::date AS day, h.step_zh, h.actor, h.verdict_zh, h.confirmed_claimed, h.document_no, h.note FROM medaudit.finding_history AS h WHERE h.finding_id = :f2 ORDER BY h.event_id;
SELECT count(*) AS broken FROM medaudit.check_finding_log();

SELECT NOT coalesce((
	SELECT array_agg(s.state ORDER BY i.nth) = '{settled,settled,settled,dismissed,settled}' AND count(*) FILTER (WHERE s.confirmed_claimed = 0) = 2
	FROM unnest(ARRAY[:f1, :f2, :f3, :f4, :f5]::bigint[]) WITH ORDINALITY AS i (id, nth) JOIN medaudit.finding_states AS s ON s.finding_id = i.id)
	AND (SELECT outstanding > 0 AND outstanding = ordered - received FROM medaudit.recovery_balance WHERE case_id = :case_id)
	AND (SELECT string_agg(f.state || ' ' || coalesce(w.recurs, false), ', ' ORDER BY f.state) = 'exempt false, open true'
		FROM medaudit.finding AS f LEFT JOIN (SELECT DISTINCT i.finding_id, i.recurs FROM medaudit.worklist AS i) AS w ON w.finding_id = f.finding_id
		WHERE f.visit_id IN ('N' || :f1, 'N' || :f4) AND f.rule_code = 'starter_exclusive')
	AND EXISTS (SELECT FROM medaudit.similar_facilities('starter_exclusive'))
	AND (SELECT p.returned > 0 AND p.returned < :ordered AND p.fine_low = p.returned AND p.fine_high = 2 * p.returned AND p.suspend_low IS NULL FROM medaudit.penalty(:case_id, 'A38(3)') AS p)
	AND (SELECT p.fine_high = 5 * p.returned AND (p.suspend_low, p.suspend_high) = (6, 12) FROM medaudit.penalty(:case_id, 'A40') AS p)
	AND (SELECT d.standing = 'suspended' FROM medaudit.demerit_year AS d WHERE d.subject_id = 'D-demo')
	AND NOT EXISTS (SELECT FROM medaudit.worklist AS w WHERE (w.facility_id = :'facility') <> coalesce(w.listed = 'black', false))
	AND (SELECT r.risk > 0 AND r.rules_judged = 1 FROM medaudit.risk_profile AS r WHERE r.facility_id = :'facility')
	AND NOT EXISTS (SELECT FROM medaudit.check_finding_log()), false) AS is_wrong \gset
\if :is_wrong
	DO $$BEGIN RAISE 'a life of findings went otherwise'; END$$;
\endif
