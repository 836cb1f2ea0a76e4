-- Findings: what a run found and what it was.  A finding is known by its rule,
-- its subject and a key (the visit, or a digest of the visits that it joins), so
-- that another run of the same period finds the same one again.

CREATE SEQUENCE run_id_seq;
CREATE SEQUENCE finding_id_seq;

COMMENT ON SEQUENCE run_id_seq IS '审核批次序号: numbers the audit runs';
COMMENT ON SEQUENCE finding_id_seq IS '疑点序号: numbers the findings';

CREATE TABLE run (
	run_id bigint PRIMARY KEY DEFAULT nextval('medaudit.run_id_seq'),
	from_date date NOT NULL,
	to_date date NOT NULL,
	rules text[],
	state text NOT NULL DEFAULT 'running'
		CHECK (state IN ('running', 'done', 'failed')),
	visits bigint,
	started_by name NOT NULL DEFAULT current_user,
	started_at timestamptz NOT NULL DEFAULT clock_timestamp(),
	finished_at timestamptz,
	pid int NOT NULL DEFAULT pg_backend_pid(),
	scope text NOT NULL DEFAULT 'period' CONSTRAINT run_scope CHECK (scope IN ('period', 'persons')),
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
COMMENT ON COLUMN run.scope IS
	'范围: period: all visits of its days; persons: those of people of whom something changed, from_date to to_date are the days of these changes (audit_changes)';
COMMENT ON COLUMN run.finished_at IS '完成时间: when it ended; NULL: not yet';

CREATE TABLE run_step (
	run_id bigint NOT NULL,
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
		DEFAULT nextval('medaudit.finding_id_seq'),
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
	found_at timestamptz NOT NULL DEFAULT now(),
	state text NOT NULL DEFAULT 'open' CHECK (state IN
		('open', 'first_review', 'reviewed', 'issued', 'appealed', 'settled', 'dismissed', 'exempt', 'self_reported',
			'changed', 'superseded')),
	key text NOT NULL,
	judged_on date NOT NULL,
	rule_name text NOT NULL,
	facility_name text,
	person_name text,
	evidence_text text,
	fingerprint bytea NOT NULL,
	decided_state text,
	article_code text,
	record_no text,
	department text,
	people text[],
	confirmed_gross numeric,
	confirmed_claimed numeric,
	confirmed_fund numeric,
	facility_region text,
	person_key bigint
);

-- One standing finding per identity; those put aside may stand beside it.
CREATE UNIQUE INDEX finding_identity ON finding
	(rule_code, subject_kind, subject_id, key)
	WHERE state NOT IN ('changed', 'superseded');
CREATE INDEX finding_period ON finding (judged_on, rule_code);
-- what people look up
CREATE INDEX finding_of_facility ON finding (facility_id, judged_on);
CREATE INDEX finding_of_person ON finding (person_id);
CREATE INDEX finding_of_physician ON finding (physician_id);
CREATE INDEX finding_of_visit ON finding (visit_id);
CREATE INDEX finding_found_at ON finding (found_at);
-- as findings shows them, the dearest first and what is not known last
CREATE INDEX finding_gross ON finding ((gross_amount::numeric(14,2)) DESC NULLS LAST);
CREATE INDEX finding_claimed ON finding ((claimed_amount::numeric(14,2)) DESC NULLS LAST);
CREATE INDEX finding_fund ON finding ((fund_amount::numeric(14,2)) DESC NULLS LAST);

CREATE TABLE finding_person (
	person_key bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
	person_id text NOT NULL UNIQUE
);

COMMENT ON TABLE finding_person IS
	'发现人员序号: numbers of the persons of findings, for tables that those read who must not know whom they judge';
COMMENT ON SEQUENCE finding_person_person_key_seq IS '人员序号序列: numbers the persons of findings';
COMMENT ON COLUMN finding_person.person_key IS '人员序号';
COMMENT ON COLUMN finding_person.person_id IS '人员编号';

COMMENT ON TABLE finding IS
	'稽核发现: one row per rule, subject and visit (or group of visits); a clue with its arithmetic, never a verdict';
COMMENT ON COLUMN finding.finding_id IS
	'发现编号: stays the same when a run finds the same again';
COMMENT ON COLUMN finding.run_id IS '运行编号: the last run that found it';
COMMENT ON COLUMN finding.rule_code IS '规则编号: medaudit.rule';
COMMENT ON COLUMN finding.violation IS '违规类型: of the rule';
COMMENT ON COLUMN finding.behaviour_code IS '违规行为编码: of the rule';
COMMENT ON COLUMN finding.certainty IS '确定程度: violation, suspicion, notice';
COMMENT ON COLUMN finding.article IS '法规条款: articles of law as printed';
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
	'状态: what its events (finding_event) say: open, first_review, reviewed, issued, appealed, settled, dismissed; exempt, self_reported: set aside by data; changed: a later run found it with other content, superseded: a later run found it no more';
COMMENT ON COLUMN finding.key IS
	'标识: the visit (see hit_key), or SHA-256 of the sorted visits that it joins, in hex';
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
COMMENT ON COLUMN finding.article_code IS '条款编码: code of article, as A38(3); NULL: not known';
COMMENT ON COLUMN finding.record_no IS '住院号: of the visit';
COMMENT ON COLUMN finding.department IS '科室: of the visit';
COMMENT ON COLUMN finding.confirmed_gross IS
	'认定金额(总额): yuan, as its events say; NULL: as found, or not decided';
COMMENT ON COLUMN finding.confirmed_claimed IS
	'认定金额(符合范围): yuan, of a pattern of its money involved, as its events say; NULL: as found, or not decided';
COMMENT ON COLUMN finding.confirmed_fund IS
	'认定金额(基金): yuan, as its events say; NULL: as found, not known, or not decided';
COMMENT ON COLUMN finding.facility_region IS
	'归属区划: region of the facility, as it was when found; NULL: not known';
COMMENT ON COLUMN finding.person_key IS '人员序号: of person_id in finding_person';
COMMENT ON COLUMN finding.people IS
	'涉及姓名: names that its sentences may tell, to be masked; NULL: none but person_name';

CREATE TABLE finding_line (
	finding_id bigint NOT NULL,
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
	record_no text,
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
COMMENT ON COLUMN finding_line.record_no IS '住院号: of the visit';

CREATE TABLE run_quality (
	run_id bigint NOT NULL,
	relation text NOT NULL,
	problem text NOT NULL,
	problem_zh text NOT NULL,
	rows bigint NOT NULL,
	facility_id text,
	facility_name text,
	month date,
	examples text[],
	CONSTRAINT run_quality_key UNIQUE NULLS NOT DISTINCT (run_id, relation, problem, facility_id, month)
);

COMMENT ON TABLE run_quality IS
	'数据质量: rows of the bound relations that a run could not use, and rows of rules that met no data';
COMMENT ON COLUMN run_quality.run_id IS '运行编号: the run';
COMMENT ON COLUMN run_quality.relation IS '关系: the relation; rule: rows of a rule''s knowledge';
COMMENT ON COLUMN run_quality.problem IS '问题: what is wrong, in English';
COMMENT ON COLUMN run_quality.problem_zh IS '问题说明: what is wrong, in Chinese';
COMMENT ON COLUMN run_quality.rows IS '行数: how many rows';
COMMENT ON COLUMN run_quality.facility_id IS
	'定点医药机构编号: whose rows; NULL: of all facilities, or, of a month, of no known facility';
COMMENT ON COLUMN run_quality.facility_name IS '定点医药机构名称: of facility_id';
COMMENT ON COLUMN run_quality.month IS
	'月份: first day of the month that was counted; NULL: the whole period';
COMMENT ON COLUMN run_quality.examples IS
	'示例: identifiers of the first three of the rows, of a charge visit_id/line_id; NULL where none are kept';

SELECT pg_extension_config_dump('run_id_seq', '');
SELECT pg_extension_config_dump('finding_id_seq', '');
SELECT pg_extension_config_dump('run', '');
SELECT pg_extension_config_dump('run_step', '');
SELECT pg_extension_config_dump('run_quality', '');
SELECT pg_extension_config_dump('finding', '');
SELECT pg_extension_config_dump('finding_person', '');
SELECT pg_extension_config_dump(pg_get_serial_sequence('medaudit.finding_person', 'person_key')::regclass, '');
SELECT pg_extension_config_dump('finding_line', '');
