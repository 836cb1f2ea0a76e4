-- Cases (案件): findings that are followed up together, and the money that was ordered
-- back and came.

CREATE SEQUENCE case_id_seq;
CREATE SEQUENCE recovery_entry_id_seq;
COMMENT ON SEQUENCE case_id_seq IS '案件序号: numbers the cases';
COMMENT ON SEQUENCE recovery_entry_id_seq IS '追回记录序号: numbers the entries of recovery';

CREATE TABLE audit_case (
	case_id bigint PRIMARY KEY DEFAULT nextval('medaudit.case_id_seq'),
	title text NOT NULL CHECK (btrim(title) <> ''),
	source text NOT NULL CONSTRAINT audit_case_source CHECK (source IN ('model', 'tip', 'flight', 'self_check', 'transfer')),
	subject_kind text,
	subject_id text,
	opened_on date NOT NULL DEFAULT current_date,
	opened_by text NOT NULL DEFAULT session_user,
	handler text,
	state text NOT NULL DEFAULT 'open' CONSTRAINT audit_case_state CHECK (state IN ('open', 'decided', 'closed')),
	decided_on date,
	document_no text,
	referred_to text
);

COMMENT ON TABLE audit_case IS '案件: findings of one matter, from opening to the end of recovery';
COMMENT ON COLUMN audit_case.case_id IS '案件编号';
COMMENT ON COLUMN audit_case.title IS '案由';
COMMENT ON COLUMN audit_case.source IS '来源: model 模型筛查, tip 举报, flight 飞行检查, self_check 自查, transfer 移送';
COMMENT ON COLUMN audit_case.subject_kind IS '主体类型: of all of its findings, else of the facility of all; NULL: they have neither in common';
COMMENT ON COLUMN audit_case.subject_id IS '主体编号';
COMMENT ON COLUMN audit_case.opened_on IS '立案日期';
COMMENT ON COLUMN audit_case.opened_by IS '立案人';
COMMENT ON COLUMN audit_case.handler IS '承办人';
COMMENT ON COLUMN audit_case.state IS '状态: open 办理中, decided 已决定, closed 已结案';
COMMENT ON COLUMN audit_case.decided_on IS '决定日期';
COMMENT ON COLUMN audit_case.document_no IS '文书号: of the decision';
COMMENT ON COLUMN audit_case.referred_to IS '移送机关: NULL: not referred';

CREATE TABLE case_finding (
	case_id bigint NOT NULL,
	finding_id bigint NOT NULL,
	open bool NOT NULL DEFAULT true,
	PRIMARY KEY (case_id, finding_id)
);
CREATE UNIQUE INDEX case_finding_once ON case_finding (finding_id) WHERE open;

COMMENT ON TABLE case_finding IS '案件疑点: the findings of each case; a finding stands in one case that is not closed';
COMMENT ON COLUMN case_finding.case_id IS '案件编号';
COMMENT ON COLUMN case_finding.finding_id IS '发现编号';
COMMENT ON COLUMN case_finding.open IS '是否在办: whether its case is not closed; kept by a trigger';

CREATE TABLE recovery_entry (
	entry_id bigint PRIMARY KEY DEFAULT nextval('medaudit.recovery_entry_id_seq'),
	case_id bigint NOT NULL,
	kind text NOT NULL CONSTRAINT recovery_entry_kind CHECK (kind IN ('ordered', 'received', 'offset', 'waived', 'corrected')),
	amount numeric NOT NULL CONSTRAINT recovery_entry_amount CHECK (amount <> 0 AND abs(amount) < 1e12 AND amount = round(amount, 2)),
	on_date date NOT NULL CHECK (isfinite(on_date)),
	channel text,
	document_no text,
	entered_by text NOT NULL,
	entered_at timestamptz NOT NULL
);
CREATE INDEX recovery_entry_case ON recovery_entry (case_id);

COMMENT ON TABLE recovery_entry IS '追回记录: money of a case, entry by entry; rows are added and never changed';
COMMENT ON COLUMN recovery_entry.entry_id IS '记录编号';
COMMENT ON COLUMN recovery_entry.case_id IS '案件编号';
COMMENT ON COLUMN recovery_entry.kind IS '类型: ordered 应退, received 已退, offset 抵扣, waived 免予追回, corrected 更正应退';
COMMENT ON COLUMN recovery_entry.amount IS '金额: yuan; below 0: so much less of what was entered before';
COMMENT ON COLUMN recovery_entry.on_date IS '发生日期';
COMMENT ON COLUMN recovery_entry.channel IS '方式: how it came';
COMMENT ON COLUMN recovery_entry.document_no IS '文书号或票据号';
COMMENT ON COLUMN recovery_entry.entered_by IS '登记人: a trigger says who';
COMMENT ON COLUMN recovery_entry.entered_at IS '登记时间: a trigger says when';

SELECT pg_extension_config_dump('case_id_seq', '');
SELECT pg_extension_config_dump('recovery_entry_id_seq', '');
SELECT pg_extension_config_dump('audit_case', '');
SELECT pg_extension_config_dump('case_finding', '');
SELECT pg_extension_config_dump('recovery_entry', '');
