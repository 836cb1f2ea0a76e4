-- What people and BI tools read: findings, the worklist, sums, and what runs did.

CREATE OR REPLACE VIEW findings WITH (security_invoker = true) AS
SELECT f.finding_id, f.run_id, f.rule_code, f.rule_name, f.violation,
	f.behaviour_code, f.certainty, medaudit.label_zh(f.certainty) AS certainty_zh,
	f.article, f.subject_kind, medaudit.label_zh(f.subject_kind) AS subject_kind_zh,
	f.subject_id, f.facility_id, f.facility_name, f.person_id, f.person_name,
	f.physician_id, f.visit_id, f.judged_on,
	f.excess_quantity::numeric(16,4) AS excess_quantity,
	f.gross_amount::numeric(14,2) AS gross_amount,
	f.claimed_amount::numeric(14,2) AS claimed_amount,
	f.fund_amount::numeric(14,2) AS fund_amount,
	f.fund_basis, medaudit.label_zh(f.fund_basis) AS fund_basis_zh,
	f.involved_amount::numeric(14,2) AS involved_amount, f.score,
	(SELECT count(*) FROM medaudit.finding_line AS l
		WHERE l.finding_id = f.finding_id) AS line_count,
	coalesce(f.evidence_text, (SELECT l.evidence_text FROM medaudit.finding_line AS l
		WHERE l.finding_id = f.finding_id ORDER BY l.excess_amount DESC NULLS LAST, l.line_no
		LIMIT 1)) AS evidence_text,
	f.found_at, f.state, medaudit.label_zh(f.state) AS state_zh,
	f.article_code, f.record_no, f.department, s.run_state,
	medaudit.label_zh(s.run_state) AS run_state_zh, medaudit.article_text(f.article_code) AS article_zh
FROM medaudit.finding AS f
LEFT JOIN LATERAL medaudit._last_run(f.judged_on, f.rule_code) AS r ON true
CROSS JOIN LATERAL (SELECT medaudit._finding_run_state(f.state, f.run_id, r.run_id, r.state)
	AS run_state) AS s;

COMMENT ON VIEW findings IS '稽核发现: every finding with names beside the codes';
COMMENT ON COLUMN findings.finding_id IS '发现编号';
COMMENT ON COLUMN findings.run_id IS '运行编号: the last run that found it';
COMMENT ON COLUMN findings.rule_code IS '规则编号';
COMMENT ON COLUMN findings.rule_name IS '规则名称';
COMMENT ON COLUMN findings.violation IS '违规类型';
COMMENT ON COLUMN findings.behaviour_code IS '违规行为编码';
COMMENT ON COLUMN findings.certainty IS '确定程度: code';
COMMENT ON COLUMN findings.certainty_zh IS '确定程度';
COMMENT ON COLUMN findings.article IS '法规条款';
COMMENT ON COLUMN findings.subject_kind IS '主体类型: code';
COMMENT ON COLUMN findings.subject_kind_zh IS '主体类型';
COMMENT ON COLUMN findings.subject_id IS '主体编号';
COMMENT ON COLUMN findings.facility_id IS '定点医药机构编号';
COMMENT ON COLUMN findings.facility_name IS '定点医药机构名称';
COMMENT ON COLUMN findings.person_id IS '人员编号';
COMMENT ON COLUMN findings.person_name IS '姓名';
COMMENT ON COLUMN findings.physician_id IS '医师编号';
COMMENT ON COLUMN findings.visit_id IS '就诊编号';
COMMENT ON COLUMN findings.judged_on IS '归属日期: day that puts it into a period';
COMMENT ON COLUMN findings.excess_quantity IS '超出数量';
COMMENT ON COLUMN findings.gross_amount IS '违规金额(总额): yuan';
COMMENT ON COLUMN findings.claimed_amount IS '违规金额(符合范围): yuan';
COMMENT ON COLUMN findings.fund_amount IS '违规金额(基金): yuan; NULL: not known';
COMMENT ON COLUMN findings.fund_basis IS '基金金额依据: code';
COMMENT ON COLUMN findings.fund_basis_zh IS '基金金额依据';
COMMENT ON COLUMN findings.involved_amount IS
	'涉及金额: yuan of a pattern; never to be added to money in excess';
COMMENT ON COLUMN findings.score IS '评分';
COMMENT ON COLUMN findings.line_count IS '明细行数';
COMMENT ON COLUMN findings.evidence_text IS '证据说明: one sentence; of several lines that of the largest, then what they add up to';
COMMENT ON COLUMN findings.found_at IS '发现时间';
COMMENT ON COLUMN findings.state IS '状态: code';
COMMENT ON COLUMN findings.state_zh IS '状态';
COMMENT ON COLUMN findings.article_code IS '条款编码: of article, as A38(3)';
COMMENT ON COLUMN findings.record_no IS '住院号';
COMMENT ON COLUMN findings.department IS '科室: of the visit';
COMMENT ON COLUMN findings.run_state IS
	'末次运行状态: code: current, older (the last run of its period did not find it, yet), failed (a step of that run failed)';
COMMENT ON COLUMN findings.run_state_zh IS '末次运行状态';
COMMENT ON COLUMN findings.article_zh IS '条款内容: what the article says, in short; NULL: of other articles';

CREATE OR REPLACE VIEW finding_lines WITH (security_invoker = true) AS
SELECT l.finding_id, l.line_no, f.rule_code, f.rule_name, f.certainty,
	medaudit.label_zh(f.certainty) AS certainty_zh,
	coalesce(l.facility_id, f.facility_id) AS facility_id,
	CASE WHEN l.facility_id <> f.facility_id THEN l.facility_name
		ELSE coalesce(l.facility_name, f.facility_name) END AS facility_name,
	coalesce(l.person_id, f.person_id) AS person_id, l.visit_id, l.line_id,
	l.item_code, l.item_name, l.charged_at, l.quantity::numeric(16,4) AS quantity,
	l.amount::numeric(14,2) AS amount,
	l.excess_quantity::numeric(16,4) AS excess_quantity,
	l.excess_amount::numeric(14,2) AS excess_amount,
	l.excess_claimed::numeric(14,2) AS excess_claimed,
	l.fund_amount::numeric(14,2) AS fund_amount,
	l.other_code, l.other_visit_id, l.evidence_text, f.state,
	medaudit.label_zh(f.state) AS state_zh, coalesce(l.record_no, CASE
		WHEN l.visit_id IS NOT DISTINCT FROM f.visit_id THEN f.record_no END) AS record_no,
	CASE WHEN l.person_id IS NULL OR l.person_id = f.person_id THEN f.person_name END AS person_name
FROM medaudit.finding_line AS l
JOIN medaudit.finding AS f ON f.finding_id = l.finding_id;

COMMENT ON VIEW finding_lines IS
	'稽核发现明细: the charge lines of findings, and the visits of patterns';
COMMENT ON COLUMN finding_lines.finding_id IS '发现编号';
COMMENT ON COLUMN finding_lines.line_no IS '行号';
COMMENT ON COLUMN finding_lines.rule_code IS '规则编号';
COMMENT ON COLUMN finding_lines.rule_name IS '规则名称';
COMMENT ON COLUMN finding_lines.certainty IS '确定程度: code';
COMMENT ON COLUMN finding_lines.certainty_zh IS '确定程度';
COMMENT ON COLUMN finding_lines.facility_id IS '定点医药机构编号';
COMMENT ON COLUMN finding_lines.facility_name IS '定点医药机构名称';
COMMENT ON COLUMN finding_lines.person_id IS '人员编号';
COMMENT ON COLUMN finding_lines.visit_id IS '就诊编号';
COMMENT ON COLUMN finding_lines.line_id IS '费用明细流水号: NULL: a visit of a pattern';
COMMENT ON COLUMN finding_lines.item_code IS '医疗目录编码';
COMMENT ON COLUMN finding_lines.item_name IS '医保目录名称';
COMMENT ON COLUMN finding_lines.charged_at IS '费用发生时间';
COMMENT ON COLUMN finding_lines.quantity IS '数量: after refunds';
COMMENT ON COLUMN finding_lines.amount IS '金额: yuan after refunds';
COMMENT ON COLUMN finding_lines.excess_quantity IS '超出数量';
COMMENT ON COLUMN finding_lines.excess_amount IS '超出金额: yuan, gross';
COMMENT ON COLUMN finding_lines.excess_claimed IS '超出金额(符合范围): yuan';
COMMENT ON COLUMN finding_lines.fund_amount IS '超出金额(基金): yuan';
COMMENT ON COLUMN finding_lines.other_code IS '关联项目编码';
COMMENT ON COLUMN finding_lines.other_visit_id IS '关联就诊编号';
COMMENT ON COLUMN finding_lines.evidence_text IS '证据说明';
COMMENT ON COLUMN finding_lines.state IS '状态: code';
COMMENT ON COLUMN finding_lines.state_zh IS '状态';
COMMENT ON COLUMN finding_lines.record_no IS '住院号: of the visit of the line';
COMMENT ON COLUMN finding_lines.person_name IS '姓名: NULL where the line is of another person than the finding';

-- What counts of the lines of the open findings (ranked_line), and each open
-- finding that has no line in excess by money.  Who chooses by rule, certainty,
-- institution, person or day and asks for the first rows reads an index of
-- ranked_line, which has these columns for that.
CREATE OR REPLACE VIEW worklist WITH (security_invoker = true) AS
SELECT r.rank,
	r.finding_id, r.rule_code, f.rule_name, f.violation, r.certainty,
	medaudit.label_zh(r.certainty) AS certainty_zh, f.article, r.facility_id,
	f.facility_name, f.person_id, f.person_name,
	CASE WHEN r.line_no = 0 THEN f.visit_id ELSE l.visit_id END AS visit_id, l.line_id,
	l.item_code, l.item_name, l.charged_at, l.quantity::numeric(16,4) AS quantity,
	l.amount::numeric(14,2) AS amount,
	l.excess_quantity::numeric(16,4) AS excess_quantity,
	r.gross_once::numeric(14,2) AS gross_amount,
	r.claimed_once::numeric(14,2) AS claimed_amount,
	r.fund_once::numeric(14,2) AS fund_amount, f.fund_basis,
	medaudit.label_zh(f.fund_basis) AS fund_basis_zh,
	r.involved_amount::numeric(14,2) AS involved_amount, r.other_rules,
	CASE WHEN r.line_no > 0 THEN l.evidence_text
		ELSE coalesce(f.evidence_text, (SELECT i.evidence_text FROM medaudit.finding_line AS i
			WHERE i.finding_id = f.finding_id ORDER BY i.line_no LIMIT 1)) END AS evidence_text,
	f.subject_kind, f.subject_id, r.judged_on, f.run_id,
	CASE WHEN r.line_no = 0 OR l.visit_id IS NOT DISTINCT FROM f.visit_id
		THEN coalesce(l.record_no, f.record_no) ELSE l.record_no END AS record_no,
	f.department, r.physician_id, f.article_code,
	l.excess_amount::numeric(14,2) AS excess_amount,
	s.run_state, medaudit.label_zh(s.run_state) AS run_state_zh,
	medaudit._recurs(r.facility_id, r.rule_code, r.judged_on) AS recurs,
	medaudit.article_text(f.article_code) AS article_zh,
	medaudit.label_zh(f.subject_kind) AS subject_kind_zh,
	m.listed, medaudit.label_zh(m.listed) AS listed_zh
FROM medaudit.ranked_line AS r
LEFT JOIN medaudit.finding AS f ON f.finding_id = r.finding_id
LEFT JOIN medaudit.finding_line AS l ON l.finding_id = r.finding_id AND l.line_no = r.line_no
LEFT JOIN LATERAL medaudit._last_run(r.judged_on, r.rule_code) AS n ON true
CROSS JOIN LATERAL (SELECT medaudit._finding_run_state(f.state, f.run_id, n.run_id, n.state)
	AS run_state) AS s
CROSS JOIN LATERAL (SELECT CASE WHEN (SELECT EXISTS (SELECT FROM medaudit.standing_list))
	THEN medaudit._listed(r.facility_id, f.person_id, r.physician_id) END AS listed) AS m
WHERE r.rank IS NOT NULL
	-- outer joins are left out where nothing of them is asked, as by a count; but what row security hides is not counted
	AND (NOT (SELECT row_security_active('medaudit.finding'))
		OR EXISTS (SELECT FROM medaudit.finding AS o WHERE o.finding_id = r.finding_id));

COMMENT ON VIEW worklist IS
	'核查清单: findings that nobody or one person has judged, in the order in which to check them: certainty, fund money, claimed money; a charge line counts once, at its highest excess: under its surest finding, and where less sure ones find more of it, the rest in a row of its own';
COMMENT ON COLUMN worklist.rank IS '排序: the lowest is to be checked first; a row keeps its number while others come and go, what comes between two has one between theirs';
COMMENT ON COLUMN worklist.finding_id IS '发现编号';
COMMENT ON COLUMN worklist.rule_code IS '规则编号';
COMMENT ON COLUMN worklist.rule_name IS '规则名称';
COMMENT ON COLUMN worklist.violation IS '违规类型';
COMMENT ON COLUMN worklist.certainty IS '确定程度: code';
COMMENT ON COLUMN worklist.certainty_zh IS '确定程度';
COMMENT ON COLUMN worklist.article IS '法规条款';
COMMENT ON COLUMN worklist.facility_id IS '定点医药机构编号';
COMMENT ON COLUMN worklist.facility_name IS '定点医药机构名称';
COMMENT ON COLUMN worklist.person_id IS '人员编号';
COMMENT ON COLUMN worklist.person_name IS '姓名';
COMMENT ON COLUMN worklist.visit_id IS '就诊编号';
COMMENT ON COLUMN worklist.line_id IS '费用明细流水号: NULL for a pattern of stays';
COMMENT ON COLUMN worklist.item_code IS '医疗目录编码';
COMMENT ON COLUMN worklist.item_name IS '医保目录名称';
COMMENT ON COLUMN worklist.charged_at IS '费用发生时间';
COMMENT ON COLUMN worklist.quantity IS '数量: after refunds';
COMMENT ON COLUMN worklist.amount IS '金额: yuan after refunds';
COMMENT ON COLUMN worklist.excess_quantity IS '超出数量';
COMMENT ON COLUMN worklist.gross_amount IS
	'违规金额(总额): yuan that count in this row; what surer findings have of the line counts in theirs';
COMMENT ON COLUMN worklist.claimed_amount IS '违规金额(符合范围): yuan that count in this row';
COMMENT ON COLUMN worklist.fund_amount IS '违规金额(基金): yuan that count in this row';
COMMENT ON COLUMN worklist.fund_basis IS '基金金额依据: code';
COMMENT ON COLUMN worklist.fund_basis_zh IS '基金金额依据';
COMMENT ON COLUMN worklist.involved_amount IS
	'涉及金额: yuan of a pattern; never to be added to money in excess';
COMMENT ON COLUMN worklist.other_rules IS '其他规则数: rules that meet the same line';
COMMENT ON COLUMN worklist.evidence_text IS
	'证据说明: one sentence that the hospital can check';
COMMENT ON COLUMN worklist.subject_kind IS '主体类型: code';
COMMENT ON COLUMN worklist.subject_id IS '主体编号';
COMMENT ON COLUMN worklist.judged_on IS '归属日期: day that puts it into a period';
COMMENT ON COLUMN worklist.run_id IS '运行编号';
COMMENT ON COLUMN worklist.record_no IS '住院号: of the visit of the row';
COMMENT ON COLUMN worklist.department IS '科室: of the visit of the finding';
COMMENT ON COLUMN worklist.physician_id IS '医师编号: who ordered; NULL: not known or several';
COMMENT ON COLUMN worklist.article_code IS '条款编码: of article, as A38(3)';
COMMENT ON COLUMN worklist.excess_amount IS
	'超出金额: yuan in excess by this finding, as its sentence tells, of which gross_amount counts in this row';
COMMENT ON COLUMN worklist.run_state IS
	'末次运行状态: code: current, older (the last run of its period did not find it, yet), failed (a step of that run failed)';
COMMENT ON COLUMN worklist.run_state_zh IS '末次运行状态';
COMMENT ON COLUMN worklist.recurs IS '再次发生: the facility was told to put this right, and it was accepted, on the day of the finding or before';
COMMENT ON COLUMN worklist.subject_kind_zh IS '主体类型';
COMMENT ON COLUMN worklist.article_zh IS '条款内容: what the article says, in short; NULL: of other articles';
COMMENT ON COLUMN worklist.listed IS '名单: code: black or red where the facility, the person or the physician stands on such a list today, by code; NULL: on none';
COMMENT ON COLUMN worklist.listed_zh IS '名单';

-- What each standing finding adds when every line counts once.
CREATE OR REPLACE VIEW finding_shares WITH (security_invoker = true) AS
SELECT r.finding_id, sum(r.gross_once)::numeric(14,2) AS gross_once,
	sum(r.claimed_once)::numeric(14,2) AS claimed_once,
	sum(r.fund_once)::numeric(14,2) AS fund_once,
	sum(r.lines_once) AS lines_once
FROM medaudit.ranked_line AS r
GROUP BY r.finding_id;

COMMENT ON VIEW finding_shares IS
	'去重金额: money of each standing finding when every charge line is counted once, at its highest excess: under its surest finding, and where less sure ones find more, the rest under these';
COMMENT ON COLUMN finding_shares.finding_id IS '发现编号';
COMMENT ON COLUMN finding_shares.gross_once IS
	'去重金额(总额): yuan; NULL: all its lines count elsewhere';
COMMENT ON COLUMN finding_shares.claimed_once IS '去重金额(符合范围): yuan';
COMMENT ON COLUMN finding_shares.fund_once IS '去重金额(基金): yuan';
COMMENT ON COLUMN finding_shares.lines_once IS '去重行数';

-- What standing findings add up to, by rule and institution, person, physician and
-- institution, and by their names.  Sums of all are kept (finding_sum); to whom row
-- security shows some, these are added up.
CREATE OR REPLACE VIEW _standing_sums WITH (security_invoker = true) AS
SELECT s.rule_code, s.person_key, s.physician_id, s.facility_id, s.rule_name, s.violation, s.facility_name,
	s.findings, s.violations, s.suspicions,
	CASE WHEN s.gross_known > 0 THEN s.gross_amount END AS gross_amount,
	CASE WHEN s.claimed_known > 0 THEN s.claimed_amount END AS claimed_amount,
	CASE WHEN s.fund_known > 0 THEN s.fund_amount END AS fund_amount,
	CASE WHEN s.gross_once_known > 0 THEN s.gross_once END AS gross_once,
	CASE WHEN s.claimed_once_known > 0 THEN s.claimed_once END AS claimed_once,
	CASE WHEN s.fund_once_known > 0 THEN s.fund_once END AS fund_once,
	CASE WHEN s.involved_known > 0 THEN s.involved_amount END AS involved_amount
FROM medaudit.finding_sum AS s
WHERE NOT row_security_active('medaudit.finding')
UNION ALL
SELECT f.rule_code, f.person_key, f.physician_id, f.facility_id, f.rule_name, f.violation, f.facility_name,
	count(*), count(*) FILTER (WHERE f.certainty = 'violation'), count(*) FILTER (WHERE f.certainty = 'suspicion'),
	sum(f.gross_amount), sum(f.claimed_amount), sum(f.fund_amount),
	sum(h.gross_once), sum(h.claimed_once), sum(h.fund_once), sum(f.involved_amount)
FROM medaudit.finding AS f
LEFT JOIN medaudit.finding_shares AS h ON h.finding_id = f.finding_id
WHERE row_security_active('medaudit.finding') AND medaudit._counts(f.state, f.confirmed_claimed)
GROUP BY GROUPING SETS ((f.rule_code, f.facility_id, f.rule_name, f.violation, f.facility_name), (f.person_key),
	(f.physician_id, f.facility_id, f.facility_name))
HAVING grouping(f.rule_code) = 0 OR f.person_key IS NOT NULL OR f.physician_id IS NOT NULL;

COMMENT ON VIEW _standing_sums IS
	'有效发现合计: what the standing findings that the current user sees add up to, of a rule in an institution, of a person, of a physician in an institution';

COMMENT ON COLUMN _standing_sums.rule_code IS '规则编号: NULL: of a person or physician';
COMMENT ON COLUMN _standing_sums.person_key IS '人员序号: NULL: of a rule or physician';
COMMENT ON COLUMN _standing_sums.physician_id IS '医师编号: NULL: of a rule or person';
COMMENT ON COLUMN _standing_sums.facility_id IS '定点医药机构编号: of the findings';
COMMENT ON COLUMN _standing_sums.rule_name IS '规则名称';
COMMENT ON COLUMN _standing_sums.violation IS '违规类型';
COMMENT ON COLUMN _standing_sums.facility_name IS '定点医药机构名称';
COMMENT ON COLUMN _standing_sums.findings IS '发现数';
COMMENT ON COLUMN _standing_sums.violations IS '明确违规数';
COMMENT ON COLUMN _standing_sums.suspicions IS '可疑数';
COMMENT ON COLUMN _standing_sums.gross_amount IS '违规金额(总额): yuan; NULL: none is known';
COMMENT ON COLUMN _standing_sums.claimed_amount IS '违规金额(符合范围): yuan';
COMMENT ON COLUMN _standing_sums.fund_amount IS '违规金额(基金): yuan';
COMMENT ON COLUMN _standing_sums.gross_once IS '去重金额(总额): yuan';
COMMENT ON COLUMN _standing_sums.claimed_once IS '去重金额(符合范围): yuan';
COMMENT ON COLUMN _standing_sums.fund_once IS '去重金额(基金): yuan';
COMMENT ON COLUMN _standing_sums.involved_amount IS '涉及金额: yuan';

CREATE OR REPLACE VIEW findings_by_rule WITH (security_invoker = true) AS
SELECT s.rule_code, s.rule_name, s.violation, (ARRAY['violation', 'suspicion', 'notice'])[CASE WHEN s.violations > 0 THEN 1 WHEN s.suspicions > 0 THEN 2 ELSE 3 END] AS certainty,
	medaudit.label_zh((ARRAY['violation', 'suspicion', 'notice'])[CASE WHEN s.violations > 0 THEN 1 WHEN s.suspicions > 0 THEN 2 ELSE 3 END]) AS certainty_zh,
	s.findings, s.facilities,
	CASE WHEN row_security_active('medaudit.finding')
		THEN (SELECT count(DISTINCT f.person_key) FROM medaudit.finding AS f WHERE f.rule_code = s.rule_code AND medaudit._counts(f.state, f.confirmed_claimed))
		ELSE (SELECT count(*) FROM (SELECT DISTINCT r.person_key FROM medaudit.ranked_line AS r
			WHERE r.rule_code = s.rule_code AND r.person_key IS NOT NULL) AS d) END AS persons,
	s.gross_amount::numeric(14,2) AS gross_amount,
	s.claimed_amount::numeric(14,2) AS claimed_amount,
	s.fund_amount::numeric(14,2) AS fund_amount,
	s.gross_once::numeric(14,2) AS gross_once,
	s.claimed_once::numeric(14,2) AS claimed_once,
	s.fund_once::numeric(14,2) AS fund_once,
	s.involved_amount::numeric(14,2) AS involved_amount,
	s.violations
FROM (
	SELECT s.rule_code, max(s.rule_name) AS rule_name, max(s.violation) AS violation, sum(s.findings)::bigint AS findings,
		count(DISTINCT s.facility_id) AS facilities, sum(s.violations)::bigint AS violations, sum(s.suspicions) AS suspicions,
		sum(s.gross_amount) AS gross_amount,
		sum(s.claimed_amount) AS claimed_amount,
		sum(s.fund_amount) AS fund_amount,
		sum(s.gross_once) AS gross_once,
		sum(s.claimed_once) AS claimed_once,
		sum(s.fund_once) AS fund_once,
		sum(s.involved_amount) AS involved_amount
	FROM medaudit._standing_sums AS s
	WHERE s.rule_code IS NOT NULL
	GROUP BY s.rule_code
) AS s;

CREATE OR REPLACE VIEW findings_by_facility WITH (security_invoker = true) AS
SELECT s.facility_id, s.facility_name, s.findings, s.violations, s.rules,
	CASE WHEN row_security_active('medaudit.finding')
		THEN (SELECT count(DISTINCT f.person_key) FROM medaudit.finding AS f WHERE f.facility_id = s.facility_id AND medaudit._counts(f.state, f.confirmed_claimed))
		ELSE (SELECT count(*) FROM (SELECT DISTINCT r.person_key FROM medaudit.ranked_line AS r
			WHERE r.facility_id = s.facility_id AND r.person_key IS NOT NULL) AS d) END AS persons,
	s.gross_amount::numeric(14,2) AS gross_amount,
	s.claimed_amount::numeric(14,2) AS claimed_amount,
	s.fund_amount::numeric(14,2) AS fund_amount,
	s.gross_once::numeric(14,2) AS gross_once,
	s.claimed_once::numeric(14,2) AS claimed_once,
	s.fund_once::numeric(14,2) AS fund_once,
	s.involved_amount::numeric(14,2) AS involved_amount
FROM (
	SELECT s.facility_id, max(s.facility_name) AS facility_name, sum(s.findings)::bigint AS findings,
		sum(s.violations)::bigint AS violations, count(DISTINCT s.rule_code) AS rules,
		sum(s.gross_amount) AS gross_amount,
		sum(s.claimed_amount) AS claimed_amount,
		sum(s.fund_amount) AS fund_amount,
		sum(s.gross_once) AS gross_once,
		sum(s.claimed_once) AS claimed_once,
		sum(s.fund_once) AS fund_once,
		sum(s.involved_amount) AS involved_amount
	FROM medaudit._standing_sums AS s
	WHERE s.rule_code IS NOT NULL AND s.facility_id IS NOT NULL
	GROUP BY s.facility_id
) AS s;

CREATE OR REPLACE VIEW findings_by_person WITH (security_invoker = true) AS
SELECT p.person_id, (SELECT max(f.person_name) FROM medaudit.finding AS f
		WHERE f.person_id = p.person_id AND medaudit._counts(f.state, f.confirmed_claimed)) AS person_name,
	s.findings, s.violations,
	(SELECT count(DISTINCT f.rule_code) FROM medaudit.finding AS f
		WHERE f.person_id = p.person_id AND medaudit._counts(f.state, f.confirmed_claimed)) AS rules,
	(SELECT count(DISTINCT f.facility_id) FROM medaudit.finding AS f
		WHERE f.person_id = p.person_id AND medaudit._counts(f.state, f.confirmed_claimed)) AS facilities,
	s.gross_amount::numeric(14,2) AS gross_amount,
	s.claimed_amount::numeric(14,2) AS claimed_amount,
	s.fund_amount::numeric(14,2) AS fund_amount,
	s.gross_once::numeric(14,2) AS gross_once,
	s.claimed_once::numeric(14,2) AS claimed_once,
	s.fund_once::numeric(14,2) AS fund_once,
	s.involved_amount::numeric(14,2) AS involved_amount
FROM medaudit._standing_sums AS s
JOIN medaudit.finding_person AS p ON p.person_key = s.person_key;

CREATE OR REPLACE VIEW findings_by_physician WITH (security_invoker = true) AS
SELECT s.physician_id, s.facility_id, s.facility_name, s.findings, s.violations,
	(SELECT count(DISTINCT f.rule_code) FROM medaudit.finding AS f
		WHERE f.physician_id = s.physician_id AND medaudit._counts(f.state, f.confirmed_claimed)) AS rules,
	(SELECT count(DISTINCT f.person_id) FROM medaudit.finding AS f
		WHERE f.physician_id = s.physician_id AND medaudit._counts(f.state, f.confirmed_claimed)) AS persons,
	s.gross_amount::numeric(14,2) AS gross_amount,
	s.claimed_amount::numeric(14,2) AS claimed_amount,
	s.fund_amount::numeric(14,2) AS fund_amount,
	s.gross_once::numeric(14,2) AS gross_once,
	s.claimed_once::numeric(14,2) AS claimed_once,
	s.fund_once::numeric(14,2) AS fund_once,
	s.involved_amount::numeric(14,2) AS involved_amount
FROM (
	SELECT s.physician_id,
		(array_agg(s.facility_id ORDER BY s.findings DESC, s.facility_id COLLATE "C") FILTER (WHERE s.facility_id IS NOT NULL))[1] AS facility_id,
		(array_agg(s.facility_name ORDER BY s.findings DESC, s.facility_id COLLATE "C") FILTER (WHERE s.facility_id IS NOT NULL))[1] AS facility_name,
		sum(s.findings)::bigint AS findings, sum(s.violations)::bigint AS violations,
		sum(s.gross_amount) AS gross_amount,
		sum(s.claimed_amount) AS claimed_amount,
		sum(s.fund_amount) AS fund_amount,
		sum(s.gross_once) AS gross_once,
		sum(s.claimed_once) AS claimed_once,
		sum(s.fund_once) AS fund_once,
		sum(s.involved_amount) AS involved_amount
	FROM (
		SELECT i.physician_id, i.facility_id, max(i.facility_name) AS facility_name, sum(i.findings) AS findings, sum(i.violations) AS violations,
			sum(i.gross_amount) AS gross_amount,
			sum(i.claimed_amount) AS claimed_amount,
			sum(i.fund_amount) AS fund_amount,
			sum(i.gross_once) AS gross_once,
			sum(i.claimed_once) AS claimed_once,
			sum(i.fund_once) AS fund_once,
			sum(i.involved_amount) AS involved_amount
		FROM medaudit._standing_sums AS i
		WHERE i.physician_id IS NOT NULL
		GROUP BY i.physician_id, i.facility_id
	) AS s
	GROUP BY s.physician_id
) AS s;

COMMENT ON VIEW findings_by_rule IS
	'按规则汇总: standing findings (standing_states()) per rule';
COMMENT ON VIEW findings_by_facility IS
	'按机构汇总: standing findings (standing_states()) per facility';
COMMENT ON VIEW findings_by_person IS
	'按参保人汇总: standing findings (standing_states()) per person';
COMMENT ON VIEW findings_by_physician IS
	'按医师汇总: standing findings (standing_states()) per physician; the facility is that of most of them';

CREATE OR REPLACE VIEW national_findings WITH (security_invoker = true) AS
SELECT f.finding_id AS jr_id, l.line_no AS jrd_id, f.run_id AS task_id,
	coalesce(nullif((SELECT r.national_code FROM medaudit.rule AS r WHERE r.rule_code = f.rule_code), ''), f.rule_code) AS rule_id,
	f.rule_name, f.person_id AS patn_id,
	coalesce(l.visit_id, f.visit_id) AS mdtrt_id,
	coalesce(l.facility_id, f.facility_id) AS fixmedins_code,
	coalesce(l.evidence_text, f.evidence_text) AS vola_cont,
	CASE WHEN l.excess_claimed IS NOT NULL THEN l.excess_claimed
		WHEN l.line_no IS NULL OR l.line_no = w.line_no
			THEN coalesce(f.claimed_amount, f.involved_amount) END::numeric(14,2) AS vola_amt,
	CASE WHEN f.claimed_amount IS NULL THEN '0' ELSE '1' END AS vola_amt_stas,
	array_position('{violation,suspicion,notice}', f.certainty)::text AS sev_deg,
	f.article AS vola_evid, f.behaviour_code AS vola_bhvr_type,
	l.line_id AS rx_id, l.item_code AS vola_item_type, '3' AS trig_scen
FROM medaudit.finding AS f
LEFT JOIN medaudit.finding_line AS l ON l.finding_id = f.finding_id
LEFT JOIN LATERAL (
	SELECT min(i.line_no) AS line_no FROM medaudit.finding_line AS i
	WHERE i.finding_id = f.finding_id HAVING count(i.excess_claimed) = 0
) AS w ON true
WHERE medaudit._counts(f.state, f.confirmed_claimed);

COMMENT ON VIEW national_findings IS
	'国家接口格式: standing findings, one row per line, under the field names of interface 3101; the money of a pattern stands in its first row';
COMMENT ON COLUMN national_findings.jr_id IS '违规标识: finding_id';
COMMENT ON COLUMN national_findings.jrd_id IS '违规明细标识: line_no';
COMMENT ON COLUMN national_findings.task_id IS '任务标识: run_id';
COMMENT ON COLUMN national_findings.rule_id IS '规则标识: official code of the national framework of rules (rule.national_code), where the rule has one, else rule_code';
COMMENT ON COLUMN national_findings.rule_name IS '规则名称';
COMMENT ON COLUMN national_findings.patn_id IS '参保人标识: person_id';
COMMENT ON COLUMN national_findings.mdtrt_id IS '就诊标识: visit_id';
COMMENT ON COLUMN national_findings.fixmedins_code IS '定点医药机构编号';
COMMENT ON COLUMN national_findings.vola_cont IS '违规内容: the evidence in one sentence';
COMMENT ON COLUMN national_findings.vola_amt IS
	'违规金额: yuan in excess as claimed, or involved where vola_amt_stas is 0; NULL in the other rows of a pattern, whose money stands once';
COMMENT ON COLUMN national_findings.vola_amt_stas IS
	'违规金额计算状态: 1 an excess was computed, 0 the money is only involved';
COMMENT ON COLUMN national_findings.sev_deg IS '严重程度: 1 violation, 2 suspicion, 3 notice';
COMMENT ON COLUMN national_findings.vola_evid IS '违规依据: article';
COMMENT ON COLUMN national_findings.vola_bhvr_type IS '违规行为分类: behaviour code';
COMMENT ON COLUMN national_findings.rx_id IS '处方(医嘱)标识: line_id';
COMMENT ON COLUMN national_findings.vola_item_type IS '违规明细项目: item_code';
COMMENT ON COLUMN national_findings.trig_scen IS '触发场景: 3, after settlement';

-- A run holds this lock from its start to its end, see _take_run_lock().
CREATE OR REPLACE FUNCTION _run_is_alive(pid int) RETURNS bool
	LANGUAGE sql VOLATILE STRICT PARALLEL RESTRICTED
	RETURN EXISTS (SELECT FROM pg_locks AS l
		WHERE l.locktype = 'userlock' AND l.granted AND l.pid = _run_is_alive.pid
			AND l.classid = 'pg_class'::regclass
			AND l.objid = 'medaudit.run'::regclass AND l.objsubid = 1
			AND l.database = (SELECT d.oid FROM pg_database AS d
				WHERE d.datname = current_database()));

COMMENT ON FUNCTION _run_is_alive(int) IS
	'运行是否仍在进行: whether the backend holds the lock of run_audit(); NULL for NULL';

CREATE OR REPLACE FUNCTION _step_zh(step text) RETURNS text
	LANGUAGE sql STABLE PARALLEL SAFE
	RETURN CASE step WHEN 'charges' THEN '费用规则' WHEN 'data_quality' THEN '数据质量'
		ELSE coalesce((SELECT k.name_zh FROM medaudit.rule_kind AS k WHERE k.kind = step), step) END;

COMMENT ON FUNCTION _step_zh(text) IS
	'步骤名称: name of a step of a run in Chinese, of a kind of rule that of the kind; as it is where it has none; NULL for NULL';

-- Reasons of ours; what PostgreSQL says stays as it was said.
CREATE OR REPLACE FUNCTION _step_error_zh(error text) RETURNS text
	LANGUAGE sql STABLE PARALLEL SAFE
	RETURN CASE
		WHEN error ~ '^not bound: ' THEN '未绑定：' || (SELECT string_agg(u.name || coalesce('（' || c.name_zh || '）', ''), '、' ORDER BY u.place)
			FROM unnest(string_to_array(substr(error, 12), ', ')) WITH ORDINALITY AS u (name, place)
			LEFT JOIN medaudit.relation_column AS c ON c.relation = split_part(u.name, '.', 1) AND c.column_name = split_part(u.name, '.', 2))
		WHEN error = 'run_audit does not ask this kind' THEN '稽核运行不执行此类规则'
		WHEN error = 'prescription_cap has no row' THEN '未设处方金额上限（prescription_cap）'
		WHEN error = 'indicator_month has no row' THEN '未计算月度指标（refresh_indicators）'
		WHEN error = 'recognised_exam has no row' THEN '未设结果互认项目（recognised_exam）'
		WHEN error = 'run it over a whole month' THEN '须按整月运行'
		WHEN error = 'run it over a whole quarter' THEN '须按整季度运行'
		WHEN error = 'run it over a whole year' THEN '须按整年运行'
		WHEN error = 'the rule is no more' THEN '规则已删除'
		WHEN error = 'the rule was switched off or is of another kind now' THEN '规则已停用或已改类型'
		WHEN error = 'no such rule is enabled any more' THEN '此类规则均已停用'
		WHEN error ~ '^asked again rule by rule: ' THEN '已改为逐条规则执行：' || substr(error, 27)
		ELSE error END;

COMMENT ON FUNCTION _step_error_zh(text) IS
	'步骤说明: why a step was skipped, in Chinese; an error of PostgreSQL as it is; NULL for NULL';

CREATE OR REPLACE VIEW run_progress WITH (security_invoker = true) AS
SELECT r.run_id, r.from_date, r.to_date, r.state AS run_state,
	medaudit.label_zh(r.state) AS run_state_zh, r.started_by, r.visits,
	s.step_no, s.step, s.rule_code, s.state, medaudit.label_zh(s.state) AS state_zh,
	s.rows, s.insufficient, CASE WHEN s.state = 'running'
		THEN extract(epoch FROM clock_timestamp() - s.started_at)::numeric(12,3)
		ELSE s.seconds END AS seconds,
	s.error, s.started_at, s.finished_at, medaudit._step_zh(s.step) AS step_zh,
	(SELECT i.name_zh FROM medaudit.rule AS i WHERE i.rule_code = s.rule_code) AS rule_name,
	medaudit._step_error_zh(s.error) AS error_zh
FROM (
	SELECT i.run_id, i.from_date, i.to_date, i.started_by, i.visits,
		CASE WHEN i.state = 'running' AND NOT medaudit._run_is_alive(i.pid)
			THEN 'interrupted' ELSE i.state END AS state
	FROM medaudit.run AS i
) AS r
LEFT JOIN LATERAL (
	SELECT i.step_no, i.step, i.rule_code, i.rows, i.insufficient, i.seconds,
		i.error, i.started_at, i.finished_at,
		CASE WHEN i.state = 'running' AND r.state <> 'running'
			THEN r.state ELSE i.state END AS state
	FROM medaudit.run_step AS i WHERE i.run_id = r.run_id
) AS s ON true;

COMMENT ON VIEW run_progress IS
	'运行进度: the steps of every run, seen by others while it runs';
COMMENT ON COLUMN run_progress.run_id IS '运行编号';
COMMENT ON COLUMN run_progress.from_date IS '开始日期: first day of the period';
COMMENT ON COLUMN run_progress.to_date IS '结束日期: day after the period';
COMMENT ON COLUMN run_progress.run_state IS
	'运行状态: running, interrupted (to be resumed), done, failed';
COMMENT ON COLUMN run_progress.run_state_zh IS '运行状态';
COMMENT ON COLUMN run_progress.started_by IS '发起人';
COMMENT ON COLUMN run_progress.visits IS '就诊数: visits that are judged';
COMMENT ON COLUMN run_progress.step_no IS '步骤序号';
COMMENT ON COLUMN run_progress.step IS '步骤';
COMMENT ON COLUMN run_progress.rule_code IS '规则编号: NULL: all of the group';
COMMENT ON COLUMN run_progress.state IS
	'步骤状态: pending, running, interrupted, done, failed, skipped';
COMMENT ON COLUMN run_progress.state_zh IS '步骤状态';
COMMENT ON COLUMN run_progress.rows IS '结果数: findings of the step';
COMMENT ON COLUMN run_progress.insufficient IS '无法判断数: lines that could not be judged';
COMMENT ON COLUMN run_progress.seconds IS '用时: seconds, so far or in all';
COMMENT ON COLUMN run_progress.error IS '错误: why it failed or was skipped';
COMMENT ON COLUMN run_progress.started_at IS '开始时间';
COMMENT ON COLUMN run_progress.finished_at IS '完成时间';
COMMENT ON COLUMN run_progress.step_zh IS '步骤: in Chinese';
COMMENT ON COLUMN run_progress.rule_name IS '规则名称';
COMMENT ON COLUMN run_progress.error_zh IS '错误: in Chinese why it was skipped; what PostgreSQL said as it said it';

CREATE OR REPLACE VIEW data_quality WITH (security_invoker = true) AS
SELECT q.run_id, r.from_date, r.to_date, q.relation, q.problem, q.problem_zh, q.rows,
	q.facility_id, q.facility_name, q.month,
	array_to_string(q.examples, ', ') AS examples, medaudit._relation_zh(q.relation) AS relation_zh
FROM medaudit.run_quality AS q
JOIN medaudit.run AS r ON r.run_id = q.run_id;

COMMENT ON VIEW data_quality IS
	'数据质量: what the bound data had that a run could not use, and rules that met no data, per run; what facilities did not send, by facility and month';
COMMENT ON COLUMN data_quality.run_id IS '运行编号';
COMMENT ON COLUMN data_quality.from_date IS '开始日期: first day of the period';
COMMENT ON COLUMN data_quality.to_date IS '结束日期: day after the period';
COMMENT ON COLUMN data_quality.relation IS '关系: the relation; rule: rows of a rule''s knowledge';
COMMENT ON COLUMN data_quality.problem IS '问题: in English';
COMMENT ON COLUMN data_quality.problem_zh IS '问题说明: in Chinese';
COMMENT ON COLUMN data_quality.rows IS '行数';
COMMENT ON COLUMN data_quality.facility_id IS
	'定点医药机构编号: whose rows; NULL: of all facilities, or, of a month, of no known facility';
COMMENT ON COLUMN data_quality.facility_name IS '定点医药机构名称';
COMMENT ON COLUMN data_quality.month IS
	'月份: first day of the month that was counted; NULL: the whole period';
COMMENT ON COLUMN data_quality.examples IS
	'示例: identifiers of the first three of the rows, joined by commas, of a charge visit_id/line_id; NULL where none are kept';
COMMENT ON COLUMN data_quality.relation_zh IS '关系: in Chinese';
