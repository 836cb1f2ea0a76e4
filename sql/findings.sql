-- Findings: what a run found, what it was, and the views that people and BI
-- tools read.  A finding is known by its rule, its subject and a key (the
-- visit, or a digest of the visits that it joins), so that another run of the
-- same period finds the same one again.

CREATE SEQUENCE run_id_seq;
CREATE SEQUENCE finding_id_seq;

COMMENT ON SEQUENCE run_id_seq IS '审核批次序号: numbers the audit runs';
COMMENT ON SEQUENCE finding_id_seq IS '疑点序号: numbers the findings';

CREATE TABLE run (
	run_id bigint PRIMARY KEY DEFAULT pg_catalog.nextval('medaudit.run_id_seq'),
	from_date date NOT NULL,
	to_date date NOT NULL,
	rules text[],
	state text NOT NULL DEFAULT 'running'
		CHECK (state IN ('running', 'done', 'failed')),
	visits bigint,
	started_by name NOT NULL DEFAULT current_user,
	started_at timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp(),
	finished_at timestamptz,
	pid int NOT NULL DEFAULT pg_catalog.pg_backend_pid(),
	CHECK (from_date < to_date)
);

COMMENT ON TABLE run IS '稽核运行: one row per call of run_audit()';
COMMENT ON COLUMN run.run_id IS '运行编号: number of the run';
COMMENT ON COLUMN run.from_date IS '开始日期: first day of the period';
COMMENT ON COLUMN run.to_date IS '结束日期: day after the period';
COMMENT ON COLUMN run.rules IS '规则: rules that were asked for; NULL: all enabled';
COMMENT ON COLUMN run.state IS
	'状态: running (or interrupted, see run_progress), done, failed (some step failed)';
COMMENT ON COLUMN run.visits IS '就诊数: visits that were judged';
COMMENT ON COLUMN run.started_by IS '发起人: role that called it';
COMMENT ON COLUMN run.started_at IS '开始时间: when it began';
COMMENT ON COLUMN run.finished_at IS '完成时间: when it ended; NULL: not yet';

CREATE TABLE run_step (
	run_id bigint NOT NULL REFERENCES run ON DELETE CASCADE,
	step_no int NOT NULL,
	step text NOT NULL,
	rule_code text,
	state text NOT NULL DEFAULT 'pending'
		CHECK (state IN ('pending', 'running', 'done', 'failed', 'skipped')),
	rows bigint,
	insufficient bigint,
	seconds numeric(12,3),
	error text,
	started_at timestamptz,
	finished_at timestamptz,
	PRIMARY KEY (run_id, step_no)
);

COMMENT ON COLUMN run.pid IS '进程号: backend that runs it, or ran it last';

COMMENT ON TABLE run_step IS '运行步骤: one row per rule group of a run';
COMMENT ON COLUMN run_step.run_id IS '运行编号: the run';
COMMENT ON COLUMN run_step.step_no IS '步骤序号: order within the run';
COMMENT ON COLUMN run_step.step IS '步骤: charges, data_quality, or the kind of a stay rule';
COMMENT ON COLUMN run_step.rule_code IS '规则编号: the rule; NULL: all of the group';
COMMENT ON COLUMN run_step.state IS
	'状态: pending, running, done, failed, skipped (data missing)';
COMMENT ON COLUMN run_step.rows IS '结果数: findings of the step';
COMMENT ON COLUMN run_step.insufficient IS
	'无法判断数: lines that a rule could not judge for want of data';
COMMENT ON COLUMN run_step.seconds IS '用时: seconds';
COMMENT ON COLUMN run_step.error IS '错误: why it failed or was skipped';
COMMENT ON COLUMN run_step.started_at IS '开始时间: when it began';
COMMENT ON COLUMN run_step.finished_at IS '完成时间: when it ended';

CREATE TABLE finding (
	finding_id bigint PRIMARY KEY
		DEFAULT pg_catalog.nextval('medaudit.finding_id_seq'),
	run_id bigint NOT NULL,
	rule_code text NOT NULL,
	violation text,
	behaviour_code text,
	certainty text NOT NULL CHECK (certainty IN ('violation', 'suspicion', 'notice')),
	article text,
	subject_kind text NOT NULL
		CHECK (subject_kind IN ('facility', 'pharmacy', 'physician', 'person', 'agency')),
	subject_id text NOT NULL,
	person_id text,
	visit_id text,
	facility_id text,
	physician_id text,
	excess_quantity numeric,
	gross_amount numeric,
	claimed_amount numeric,
	fund_amount numeric,
	fund_basis text CHECK (fund_basis IN ('by_item', 'case_paid', 'unknown')),
	involved_amount numeric,
	score float8,
	evidence jsonb NOT NULL,
	found_at timestamptz NOT NULL DEFAULT pg_catalog.now(),
	state text NOT NULL DEFAULT 'open' CHECK (state IN
		('open', 'reviewed', 'issued', 'dismissed', 'changed', 'superseded')),
	key text NOT NULL,
	judged_on date NOT NULL,
	rule_name text NOT NULL,
	facility_name text,
	person_name text,
	evidence_text text,
	fingerprint bytea NOT NULL,
	decided_state text
);

-- One standing finding per identity; those put aside may stand beside it.
CREATE UNIQUE INDEX finding_identity ON finding
	(rule_code, subject_kind, subject_id, key)
	WHERE state NOT IN ('changed', 'superseded');
CREATE INDEX finding_period ON finding (judged_on, rule_code);

COMMENT ON TABLE finding IS
	'稽核发现: one row per rule, subject and visit (or group of visits); a clue with its arithmetic, never a verdict';
COMMENT ON COLUMN finding.finding_id IS
	'发现编号: stays the same when a run finds the same again';
COMMENT ON COLUMN finding.run_id IS '运行编号: the last run that found it';
COMMENT ON COLUMN finding.rule_code IS '规则编号: medaudit.rule';
COMMENT ON COLUMN finding.violation IS '违规类型: of the rule';
COMMENT ON COLUMN finding.behaviour_code IS '违规行为编码: of the rule';
COMMENT ON COLUMN finding.certainty IS '确定程度: violation, suspicion, notice';
COMMENT ON COLUMN finding.article IS '法规条款: article of Regulation 735';
COMMENT ON COLUMN finding.subject_kind IS
	'主体类型: facility, pharmacy, physician, person, agency';
COMMENT ON COLUMN finding.subject_id IS '主体编号: whom it concerns';
COMMENT ON COLUMN finding.person_id IS '人员编号: NULL where several are concerned';
COMMENT ON COLUMN finding.visit_id IS
	'就诊编号: the visit, or the last of a group';
COMMENT ON COLUMN finding.facility_id IS '定点医药机构编号: where';
COMMENT ON COLUMN finding.physician_id IS '医师编号: who ordered; NULL: not known or several';
COMMENT ON COLUMN finding.excess_quantity IS '超出数量: added over its lines';
COMMENT ON COLUMN finding.gross_amount IS
	'违规金额(总额): yuan in excess at gross prices; NULL for patterns of stays';
COMMENT ON COLUMN finding.claimed_amount IS
	'违规金额(符合范围): yuan in excess as claimed from the fund';
COMMENT ON COLUMN finding.fund_amount IS
	'违规金额(基金): yuan that the fund paid for it; NULL: not known';
COMMENT ON COLUMN finding.fund_basis IS
	'基金金额依据: by_item, case_paid (the case price did not change), unknown';
COMMENT ON COLUMN finding.involved_amount IS
	'涉及金额: yuan of the visits in a pattern; never to be added to money in excess';
COMMENT ON COLUMN finding.score IS '评分: measure of the detector, where it has one';
COMMENT ON COLUMN finding.evidence IS
	'证据: facts of the largest line, and how many lines there are';
COMMENT ON COLUMN finding.found_at IS '发现时间: when it was found first';
COMMENT ON COLUMN finding.state IS
	'状态: open, reviewed, issued, dismissed; changed: a later run found it with other content, superseded: a later run found it no more';
COMMENT ON COLUMN finding.key IS
	'标识: the visit, or SHA-256 of the sorted visits that it joins, in hex';
COMMENT ON COLUMN finding.judged_on IS
	'归属日期: day of settlement (else discharge) that puts it into a period';
COMMENT ON COLUMN finding.rule_name IS '规则名称: as it was when found';
COMMENT ON COLUMN finding.facility_name IS '定点医药机构名称: as it was when found';
COMMENT ON COLUMN finding.person_name IS '姓名: as it was when found';
COMMENT ON COLUMN finding.evidence_text IS
	'证据说明: one Chinese sentence; of several lines that of the largest, then how many there are and what they add up to';
COMMENT ON COLUMN finding.fingerprint IS
	'内容指纹: digest of the money and the lines, to see whether a run found the same';
COMMENT ON COLUMN finding.decided_state IS
	'原状态: what it was before it was changed or superseded';

CREATE TABLE finding_line (
	finding_id bigint NOT NULL REFERENCES finding ON DELETE CASCADE,
	visit_id text,
	line_id text,
	item_code text,
	charged_at timestamp,
	quantity numeric,
	amount numeric,
	excess_quantity numeric,
	excess_amount numeric,
	line_no int NOT NULL,
	excess_claimed numeric,
	fund_amount numeric,
	item_name text,
	other_code text,
	other_visit_id text,
	facility_id text,
	person_id text,
	evidence jsonb,
	evidence_text text,
	facility_name text,
	PRIMARY KEY (finding_id, line_no)
);

CREATE INDEX finding_line_visit ON finding_line (visit_id, line_id);

COMMENT ON TABLE finding_line IS
	'稽核发现明细: the charge lines of a finding, or the visits of a pattern (line_id NULL)';
COMMENT ON COLUMN finding_line.finding_id IS '发现编号: the finding';
COMMENT ON COLUMN finding_line.visit_id IS '就诊编号: visit of the line';
COMMENT ON COLUMN finding_line.line_id IS
	'费用明细流水号: within the visit; NULL: the row is a visit of a pattern';
COMMENT ON COLUMN finding_line.item_code IS '医疗目录编码: what was charged';
COMMENT ON COLUMN finding_line.charged_at IS
	'费用发生时间: when; of a visit its admission';
COMMENT ON COLUMN finding_line.quantity IS '数量: what is left after refunds';
COMMENT ON COLUMN finding_line.amount IS
	'金额: yuan left after refunds; of a visit its total';
COMMENT ON COLUMN finding_line.excess_quantity IS '超出数量: part of the quantity';
COMMENT ON COLUMN finding_line.excess_amount IS '超出金额: yuan, gross';
COMMENT ON COLUMN finding_line.line_no IS '行号: order within the finding';
COMMENT ON COLUMN finding_line.excess_claimed IS
	'超出金额(符合范围): yuan as claimed from the fund';
COMMENT ON COLUMN finding_line.fund_amount IS
	'超出金额(基金): yuan; the lines of a finding add up to its own';
COMMENT ON COLUMN finding_line.item_name IS '医保目录名称: as charged';
COMMENT ON COLUMN finding_line.other_code IS
	'关联项目编码: the item or package that it collides with';
COMMENT ON COLUMN finding_line.other_visit_id IS '关联就诊编号: the other visit';
COMMENT ON COLUMN finding_line.facility_id IS '定点医药机构编号: where';
COMMENT ON COLUMN finding_line.person_id IS '人员编号: whose';
COMMENT ON COLUMN finding_line.evidence IS
	'证据: limit, window, partners and the facts of the kind of rule: enough to redo the arithmetic';
COMMENT ON COLUMN finding_line.evidence_text IS '证据说明: one Chinese sentence';
COMMENT ON COLUMN finding_line.facility_name IS '定点医药机构名称: of facility_id';

CREATE TABLE run_quality (
	run_id bigint NOT NULL REFERENCES run ON DELETE CASCADE,
	relation text NOT NULL,
	problem text NOT NULL,
	problem_zh text NOT NULL,
	rows bigint NOT NULL,
	PRIMARY KEY (run_id, relation, problem)
);

COMMENT ON TABLE run_quality IS
	'数据质量: rows of the bound relations that a run could not use, and rows of rules that met no data';
COMMENT ON COLUMN run_quality.run_id IS '运行编号: the run';
COMMENT ON COLUMN run_quality.relation IS '关系: the relation; rule: rows of a rule''s knowledge';
COMMENT ON COLUMN run_quality.problem IS '问题: what is wrong, in English';
COMMENT ON COLUMN run_quality.problem_zh IS '问题说明: what is wrong, in Chinese';
COMMENT ON COLUMN run_quality.rows IS '行数: how many rows';

SELECT pg_catalog.pg_extension_config_dump('run_id_seq', '');
SELECT pg_catalog.pg_extension_config_dump('finding_id_seq', '');
SELECT pg_catalog.pg_extension_config_dump('run', '');
SELECT pg_catalog.pg_extension_config_dump('run_step', '');
SELECT pg_catalog.pg_extension_config_dump('run_quality', '');
SELECT pg_catalog.pg_extension_config_dump('finding', '');
SELECT pg_catalog.pg_extension_config_dump('finding_line', '');

CREATE FUNCTION label_zh(code text) RETURNS text
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN CASE code
		WHEN 'violation' THEN '明确违规' WHEN 'suspicion' THEN '可疑' WHEN 'notice' THEN '提示'
		WHEN 'open' THEN '待核查' WHEN 'reviewed' THEN '已复核' WHEN 'issued' THEN '已下发'
		WHEN 'dismissed' THEN '已排除' WHEN 'changed' THEN '内容已变' WHEN 'superseded' THEN '已失效'
		WHEN 'facility' THEN '医疗机构' WHEN 'pharmacy' THEN '药店' WHEN 'physician' THEN '医师'
		WHEN 'person' THEN '参保人' WHEN 'agency' THEN '经办机构'
		WHEN 'by_item' THEN '按项目付费' WHEN 'case_paid' THEN '按病例付费' WHEN 'unknown' THEN '无法确定'
		WHEN 'running' THEN '进行中' WHEN 'interrupted' THEN '已中断' WHEN 'done' THEN '完成'
		WHEN 'failed' THEN '失败' WHEN 'pending' THEN '等待' WHEN 'skipped' THEN '未执行'
		ELSE code END;

COMMENT ON FUNCTION label_zh(text) IS
	'中文标签: Chinese label of a code of the views; the code itself where it has none; NULL for NULL';

-- What makes two rows the same charge line within a visit.
CREATE FUNCTION line_key(line finding_line) RETURNS text
	LANGUAGE sql STABLE PARALLEL SAFE
	RETURN coalesce((line).line_id, concat_ws('|', (line).item_code,
		(line).charged_at, (line).quantity, (line).amount));

COMMENT ON FUNCTION line_key(finding_line) IS
	'明细标识: the line number, or what the line says where it has none; never NULL for a line';

CREATE VIEW findings WITH (security_invoker = true) AS
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
	f.found_at, f.state, medaudit.label_zh(f.state) AS state_zh
FROM medaudit.finding AS f;

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

CREATE VIEW finding_lines WITH (security_invoker = true) AS
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
	medaudit.label_zh(f.state) AS state_zh
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

-- Which of the findings that name a line has its highest excess.  A rule names a
-- line once: lines that it names under one key are copies, told apart by their
-- number, and the first of one rule is the first of another.
CREATE FUNCTION ranked_lines(states text[])
	RETURNS TABLE (finding_id bigint, line_no int, nth bigint, rules bigint)
	LANGUAGE sql STABLE PARALLEL SAFE
AS $$
	SELECT l.finding_id, l.line_no, pg_catalog.row_number() OVER (PARTITION BY l.visit_id, l.key, l.copy
			ORDER BY l.excess_amount DESC,
				pg_catalog.array_position('{violation,suspicion,notice}', l.certainty),
				l.rule_code COLLATE "C", l.finding_id, l.line_no),
		pg_catalog.count(*) OVER (PARTITION BY l.visit_id, l.key, l.copy)
	FROM (
		SELECT i.finding_id, i.line_no, i.visit_id, i.excess_amount, f.rule_code, f.certainty,
			k.key, pg_catalog.row_number() OVER (PARTITION BY f.rule_code, i.visit_id, k.key
				ORDER BY i.excess_amount DESC, i.finding_id, i.line_no) AS copy
		FROM medaudit.finding AS f
		JOIN medaudit.finding_line AS i ON i.finding_id = f.finding_id
		CROSS JOIN LATERAL (SELECT medaudit.line_key(i) AS key) AS k
		WHERE f.state = ANY (states) AND i.excess_amount IS NOT NULL
	) AS l
$$;

COMMENT ON FUNCTION ranked_lines(text[]) IS
	'明细排名: lines in excess of the findings in these states; nth is 1 where a line has its highest excess, rules how many rules name it';

-- Each line of the open findings at its highest excess, and each open pattern.
CREATE VIEW worklist WITH (security_invoker = true) AS
WITH item AS (
	SELECT l.finding_id, l.line_no, l.visit_id, l.line_id, l.item_code, l.item_name,
		l.charged_at, l.quantity, l.amount, l.excess_quantity,
		l.excess_amount AS gross_amount, l.excess_claimed AS claimed_amount,
		l.fund_amount, NULL::numeric AS involved_amount, l.evidence_text,
		r.rules - 1 AS other_rules
	FROM medaudit.ranked_lines('{open}') AS r
	JOIN medaudit.finding_line AS l ON l.finding_id = r.finding_id AND l.line_no = r.line_no
	WHERE r.nth = 1
	UNION ALL
	SELECT f.finding_id, NULL, f.visit_id, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
		f.gross_amount, f.claimed_amount, f.fund_amount, f.involved_amount,
		coalesce(f.evidence_text, (SELECT l.evidence_text FROM medaudit.finding_line AS l
			WHERE l.finding_id = f.finding_id ORDER BY l.line_no LIMIT 1)), 0
	FROM medaudit.finding AS f
	WHERE f.state = 'open' AND NOT EXISTS (SELECT FROM medaudit.finding_line AS l
		WHERE l.finding_id = f.finding_id AND l.excess_amount IS NOT NULL)
)
SELECT row_number() OVER (ORDER BY
		array_position('{violation,suspicion,notice}', f.certainty),
		i.fund_amount DESC NULLS LAST, i.claimed_amount DESC NULLS LAST,
		i.involved_amount DESC NULLS LAST, i.finding_id, i.line_no) AS rank,
	i.finding_id, f.rule_code, f.rule_name, f.violation, f.certainty,
	medaudit.label_zh(f.certainty) AS certainty_zh, f.article, f.facility_id,
	f.facility_name, f.person_id, f.person_name, i.visit_id, i.line_id,
	i.item_code, i.item_name, i.charged_at, i.quantity::numeric(16,4) AS quantity,
	i.amount::numeric(14,2) AS amount,
	i.excess_quantity::numeric(16,4) AS excess_quantity,
	i.gross_amount::numeric(14,2) AS gross_amount,
	i.claimed_amount::numeric(14,2) AS claimed_amount,
	i.fund_amount::numeric(14,2) AS fund_amount, f.fund_basis,
	medaudit.label_zh(f.fund_basis) AS fund_basis_zh,
	i.involved_amount::numeric(14,2) AS involved_amount, i.other_rules,
	i.evidence_text, f.subject_kind, f.subject_id, f.judged_on, f.run_id
FROM item AS i
JOIN medaudit.finding AS f ON f.finding_id = i.finding_id;

COMMENT ON VIEW worklist IS
	'核查清单: open findings in the order in which to check them: certainty, fund money, claimed money; a charge line stands once, at its highest excess';
COMMENT ON COLUMN worklist.rank IS '排序: 1 is to be checked first';
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
COMMENT ON COLUMN worklist.gross_amount IS '违规金额(总额): yuan';
COMMENT ON COLUMN worklist.claimed_amount IS '违规金额(符合范围): yuan';
COMMENT ON COLUMN worklist.fund_amount IS '违规金额(基金): yuan';
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

-- What each standing finding adds when a line that several rules meet is
-- counted once, by the finding with the highest excess.
CREATE VIEW finding_shares WITH (security_invoker = true) AS
SELECT l.finding_id, (sum(l.excess_amount) FILTER (WHERE r.nth = 1))::numeric(14,2) AS gross_once,
	(sum(l.excess_claimed) FILTER (WHERE r.nth = 1))::numeric(14,2) AS claimed_once,
	(sum(l.fund_amount) FILTER (WHERE r.nth = 1))::numeric(14,2) AS fund_once,
	count(*) FILTER (WHERE r.nth = 1) AS lines_once
FROM medaudit.ranked_lines('{open,reviewed,issued}') AS r
JOIN medaudit.finding_line AS l ON l.finding_id = r.finding_id AND l.line_no = r.line_no
GROUP BY l.finding_id;

COMMENT ON VIEW finding_shares IS
	'去重金额: money of each standing finding when every charge line is counted once, at its highest excess';
COMMENT ON COLUMN finding_shares.finding_id IS '发现编号';
COMMENT ON COLUMN finding_shares.gross_once IS
	'去重金额(总额): yuan; NULL: all its lines count elsewhere';
COMMENT ON COLUMN finding_shares.claimed_once IS '去重金额(符合范围): yuan';
COMMENT ON COLUMN finding_shares.fund_once IS '去重金额(基金): yuan';
COMMENT ON COLUMN finding_shares.lines_once IS '去重行数';

CREATE VIEW findings_by_rule WITH (security_invoker = true) AS
SELECT f.rule_code, min(f.rule_name) AS rule_name, min(f.violation) AS violation,
	min(f.certainty) AS certainty, medaudit.label_zh(min(f.certainty)) AS certainty_zh,
	count(*) AS findings, count(DISTINCT f.facility_id) AS facilities,
	count(DISTINCT f.person_id) AS persons,
	sum(f.gross_amount)::numeric(14,2) AS gross_amount,
	sum(f.claimed_amount)::numeric(14,2) AS claimed_amount,
	sum(f.fund_amount)::numeric(14,2) AS fund_amount,
	sum(s.gross_once)::numeric(14,2) AS gross_once,
	sum(s.claimed_once)::numeric(14,2) AS claimed_once,
	sum(s.fund_once)::numeric(14,2) AS fund_once,
	sum(f.involved_amount)::numeric(14,2) AS involved_amount
FROM medaudit.finding AS f
LEFT JOIN medaudit.finding_shares AS s ON s.finding_id = f.finding_id
WHERE f.state IN ('open', 'reviewed', 'issued')
GROUP BY f.rule_code;

CREATE VIEW findings_by_facility WITH (security_invoker = true) AS
SELECT f.facility_id, max(f.facility_name) AS facility_name,
	count(*) AS findings, count(*) FILTER (WHERE f.certainty = 'violation') AS violations,
	count(DISTINCT f.rule_code) AS rules, count(DISTINCT f.person_id) AS persons,
	sum(f.gross_amount)::numeric(14,2) AS gross_amount,
	sum(f.claimed_amount)::numeric(14,2) AS claimed_amount,
	sum(f.fund_amount)::numeric(14,2) AS fund_amount,
	sum(s.gross_once)::numeric(14,2) AS gross_once,
	sum(s.claimed_once)::numeric(14,2) AS claimed_once,
	sum(s.fund_once)::numeric(14,2) AS fund_once,
	sum(f.involved_amount)::numeric(14,2) AS involved_amount
FROM medaudit.finding AS f
LEFT JOIN medaudit.finding_shares AS s ON s.finding_id = f.finding_id
WHERE f.state IN ('open', 'reviewed', 'issued') AND f.facility_id IS NOT NULL
GROUP BY f.facility_id;

CREATE VIEW findings_by_person WITH (security_invoker = true) AS
SELECT f.person_id, max(f.person_name) AS person_name,
	count(*) AS findings, count(*) FILTER (WHERE f.certainty = 'violation') AS violations,
	count(DISTINCT f.rule_code) AS rules, count(DISTINCT f.facility_id) AS facilities,
	sum(f.gross_amount)::numeric(14,2) AS gross_amount,
	sum(f.claimed_amount)::numeric(14,2) AS claimed_amount,
	sum(f.fund_amount)::numeric(14,2) AS fund_amount,
	sum(s.gross_once)::numeric(14,2) AS gross_once,
	sum(s.claimed_once)::numeric(14,2) AS claimed_once,
	sum(s.fund_once)::numeric(14,2) AS fund_once,
	sum(f.involved_amount)::numeric(14,2) AS involved_amount
FROM medaudit.finding AS f
LEFT JOIN medaudit.finding_shares AS s ON s.finding_id = f.finding_id
WHERE f.state IN ('open', 'reviewed', 'issued') AND f.person_id IS NOT NULL
GROUP BY f.person_id;

CREATE VIEW findings_by_physician WITH (security_invoker = true) AS
WITH main AS (
	SELECT physician_id, mode() WITHIN GROUP (ORDER BY facility_id COLLATE "C") AS facility_id
	FROM medaudit.finding
	WHERE state IN ('open', 'reviewed', 'issued') AND physician_id IS NOT NULL
	GROUP BY physician_id
)
SELECT f.physician_id, min(m.facility_id) AS facility_id,
	max(f.facility_name) FILTER (WHERE f.facility_id = m.facility_id) AS facility_name,
	count(*) AS findings,
	count(*) FILTER (WHERE f.certainty = 'violation') AS violations,
	count(DISTINCT f.rule_code) AS rules, count(DISTINCT f.person_id) AS persons,
	sum(f.gross_amount)::numeric(14,2) AS gross_amount,
	sum(f.claimed_amount)::numeric(14,2) AS claimed_amount,
	sum(f.fund_amount)::numeric(14,2) AS fund_amount,
	sum(s.gross_once)::numeric(14,2) AS gross_once,
	sum(s.claimed_once)::numeric(14,2) AS claimed_once,
	sum(s.fund_once)::numeric(14,2) AS fund_once,
	sum(f.involved_amount)::numeric(14,2) AS involved_amount
FROM medaudit.finding AS f
LEFT JOIN medaudit.finding_shares AS s ON s.finding_id = f.finding_id
JOIN main AS m ON m.physician_id = f.physician_id
WHERE f.state IN ('open', 'reviewed', 'issued')
GROUP BY f.physician_id;

COMMENT ON VIEW findings_by_rule IS
	'按规则汇总: standing findings (open, reviewed, issued) per rule';
COMMENT ON VIEW findings_by_facility IS
	'按机构汇总: standing findings (open, reviewed, issued) per facility';
COMMENT ON VIEW findings_by_person IS
	'按参保人汇总: standing findings (open, reviewed, issued) per person';
COMMENT ON VIEW findings_by_physician IS
	'按医师汇总: standing findings (open, reviewed, issued) per physician; the facility is that of most of them';

-- The four summaries share their columns, and so their comments.
DO $$
DECLARE
	item record;
BEGIN
	FOR item IN
		SELECT c.relname, a.attname, t.meaning
		FROM (VALUES
			('rule_code', '规则编号'), ('rule_name', '规则名称'), ('violation', '违规类型'),
			('certainty', '确定程度: code'), ('certainty_zh', '确定程度'),
			('facility_id', '定点医药机构编号'), ('facility_name', '定点医药机构名称'),
			('person_id', '人员编号'), ('person_name', '姓名'), ('physician_id', '医师编号'),
			('findings', '发现数'), ('violations', '明确违规数: findings of the certainty violation'),
			('facilities', '机构数'), ('persons', '人数'), ('rules', '规则数'),
			('gross_amount', '违规金额(总额): yuan, each finding by itself'),
			('claimed_amount', '违规金额(符合范围): yuan, each finding by itself'),
			('fund_amount', '违规金额(基金): yuan, each finding by itself'),
			('gross_once', '去重金额(总额): yuan, each charge line once at its highest excess over all rules'),
			('claimed_once', '去重金额(符合范围): yuan, each charge line once'),
			('fund_once', '去重金额(基金): yuan, each charge line once'),
			('involved_amount', '涉及金额: yuan of patterns; never to be added to money in excess')
		) AS t (column_name, meaning)
		JOIN pg_catalog.pg_attribute AS a ON a.attname = t.column_name
		JOIN pg_catalog.pg_class AS c ON c.oid = a.attrelid
		WHERE c.relnamespace = 'medaudit'::pg_catalog.regnamespace
			AND c.relname LIKE 'findings\_by\_%'
	LOOP
		EXECUTE pg_catalog.format('COMMENT ON COLUMN medaudit.%I.%I IS %L',
			item.relname, item.attname, item.meaning);
	END LOOP;
END
$$;

CREATE VIEW national_findings WITH (security_invoker = true) AS
SELECT f.finding_id AS jr_id, l.line_no AS jrd_id, f.run_id AS task_id,
	f.rule_code AS rule_id, f.rule_name, f.person_id AS patn_id,
	coalesce(l.visit_id, f.visit_id) AS mdtrt_id,
	coalesce(l.facility_id, f.facility_id) AS fixmedins_code,
	coalesce(l.evidence_text, f.evidence_text) AS vola_cont,
	coalesce(l.excess_claimed, f.claimed_amount, f.involved_amount)::numeric(14,2) AS vola_amt,
	CASE WHEN f.claimed_amount IS NULL THEN '0' ELSE '1' END AS vola_amt_stas,
	array_position('{violation,suspicion,notice}', f.certainty)::text AS sev_deg,
	f.article AS vola_evid, f.behaviour_code AS vola_bhvr_type,
	l.line_id AS rx_id, l.item_code AS vola_item_type, '3' AS trig_scen
FROM medaudit.finding AS f
LEFT JOIN medaudit.finding_line AS l ON l.finding_id = f.finding_id
WHERE f.state IN ('open', 'reviewed', 'issued');

COMMENT ON VIEW national_findings IS
	'国家接口格式: standing findings, one row per line, under the field names of interface 3101';
COMMENT ON COLUMN national_findings.jr_id IS '违规标识: finding_id';
COMMENT ON COLUMN national_findings.jrd_id IS '违规明细标识: line_no';
COMMENT ON COLUMN national_findings.task_id IS '任务标识: run_id';
COMMENT ON COLUMN national_findings.rule_id IS '规则标识: rule_code';
COMMENT ON COLUMN national_findings.rule_name IS '规则名称';
COMMENT ON COLUMN national_findings.patn_id IS '参保人标识: person_id';
COMMENT ON COLUMN national_findings.mdtrt_id IS '就诊标识: visit_id';
COMMENT ON COLUMN national_findings.fixmedins_code IS '定点医药机构编号';
COMMENT ON COLUMN national_findings.vola_cont IS '违规内容: the evidence in one sentence';
COMMENT ON COLUMN national_findings.vola_amt IS
	'违规金额: yuan in excess as claimed, or involved where vola_amt_stas is 0';
COMMENT ON COLUMN national_findings.vola_amt_stas IS
	'违规金额计算状态: 1 an excess was computed, 0 the money is only involved';
COMMENT ON COLUMN national_findings.sev_deg IS '严重程度: 1 violation, 2 suspicion, 3 notice';
COMMENT ON COLUMN national_findings.vola_evid IS '违规依据: article';
COMMENT ON COLUMN national_findings.vola_bhvr_type IS '违规行为分类: behaviour code';
COMMENT ON COLUMN national_findings.rx_id IS '处方(医嘱)标识: line_id';
COMMENT ON COLUMN national_findings.vola_item_type IS '违规明细项目: item_code';
COMMENT ON COLUMN national_findings.trig_scen IS '触发场景: 3, after settlement';

-- A run holds this session lock from its start to its end.
CREATE FUNCTION run_is_alive(pid int) RETURNS bool
	LANGUAGE sql VOLATILE STRICT PARALLEL RESTRICTED
	RETURN EXISTS (SELECT FROM pg_catalog.pg_locks AS l
		WHERE l.locktype = 'advisory' AND l.granted AND l.pid = run_is_alive.pid
			AND l.classid = 1835361377 AND l.objid = 1 AND l.objsubid = 2
			AND l.database = (SELECT d.oid FROM pg_catalog.pg_database AS d
				WHERE d.datname = current_database()));

COMMENT ON FUNCTION run_is_alive(int) IS
	'运行是否仍在进行: whether the backend holds the lock of run_audit(); NULL for NULL';

CREATE VIEW run_progress WITH (security_invoker = true) AS
SELECT r.run_id, r.from_date, r.to_date, r.state AS run_state,
	medaudit.label_zh(r.state) AS run_state_zh, r.started_by, r.visits,
	s.step_no, s.step, s.rule_code, s.state, medaudit.label_zh(s.state) AS state_zh,
	s.rows, s.insufficient, CASE WHEN s.state = 'running'
		THEN extract(epoch FROM clock_timestamp() - s.started_at)::numeric(12,3)
		ELSE s.seconds END AS seconds,
	s.error, s.started_at, s.finished_at
FROM (
	SELECT i.run_id, i.from_date, i.to_date, i.started_by, i.visits,
		CASE WHEN i.state = 'running' AND NOT medaudit.run_is_alive(i.pid)
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

CREATE VIEW data_quality WITH (security_invoker = true) AS
SELECT q.run_id, r.from_date, r.to_date, q.relation, q.problem, q.problem_zh, q.rows
FROM medaudit.run_quality AS q
JOIN medaudit.run AS r ON r.run_id = q.run_id;

COMMENT ON VIEW data_quality IS
	'数据质量: what the bound data had that a run could not use, and rules that met no data, per run';
COMMENT ON COLUMN data_quality.run_id IS '运行编号';
COMMENT ON COLUMN data_quality.from_date IS '开始日期: first day of the period';
COMMENT ON COLUMN data_quality.to_date IS '结束日期: day after the period';
COMMENT ON COLUMN data_quality.relation IS '关系: the relation; rule: rows of a rule''s knowledge';
COMMENT ON COLUMN data_quality.problem IS '问题: in English';
COMMENT ON COLUMN data_quality.problem_zh IS '问题说明: in Chinese';
COMMENT ON COLUMN data_quality.rows IS '行数';
