-- What is set aside by data: lines for which an institution has a reason that holds for
-- a time, and lines whose money it has given back by itself.

CREATE SEQUENCE exemption_id_seq;
COMMENT ON SEQUENCE exemption_id_seq IS '豁免序号: numbers the exemptions';

CREATE TABLE exemption (
	exemption_id bigint PRIMARY KEY DEFAULT nextval('medaudit.exemption_id_seq'),
	rule_code text NOT NULL,
	facility_id text,
	person_id text,
	item_code text,
	reason_code text NOT NULL,
	reason text NOT NULL,
	document_no text,
	valid daterange NOT NULL CONSTRAINT exemption_ends CHECK (NOT isempty(valid) AND NOT lower_inf(valid) AND NOT upper_inf(valid)
		AND isfinite(lower(valid)) AND isfinite(upper(valid)) AND upper(valid) <= lower(valid) + interval '3 years'),
	requested_by text NOT NULL,
	requested_at timestamptz NOT NULL DEFAULT clock_timestamp(),
	approved_by text CONSTRAINT exemption_second_person CHECK (medaudit.code_fold(approved_by) <> medaudit.code_fold(requested_by)),
	approved_at timestamptz,
	revoked_on date,
	revoked_by text,
	revoked_note text,
	CONSTRAINT exemption_narrow CHECK (num_nonnulls(facility_id, person_id, item_code) > 0
		AND NOT '' = ANY (ARRAY[btrim(facility_id), btrim(person_id), btrim(item_code), btrim(reason)]))
);

COMMENT ON TABLE exemption IS
	'豁免: lines of a rule that are set aside for a time, of a facility, a person or an item or what they have in common; it holds once a second person has approved it, and always ends';
COMMENT ON COLUMN exemption.exemption_id IS '豁免编号';
COMMENT ON COLUMN exemption.rule_code IS '规则编号: the rule that does not hold';
COMMENT ON COLUMN exemption.facility_id IS '定点医药机构编号: NULL: any';
COMMENT ON COLUMN exemption.person_id IS '人员编号: NULL: any';
COMMENT ON COLUMN exemption.item_code IS '医疗目录编码: NULL: any';
COMMENT ON COLUMN exemption.reason_code IS '理由编码: of dismissal_reason';
COMMENT ON COLUMN exemption.reason IS '理由: in words';
COMMENT ON COLUMN exemption.document_no IS '文书号';
COMMENT ON COLUMN exemption.valid IS '有效期: days of settlement (judged_on) for which it holds, at most three years';
COMMENT ON COLUMN exemption.requested_by IS '申请人';
COMMENT ON COLUMN exemption.requested_at IS '申请时间';
COMMENT ON COLUMN exemption.approved_by IS '批准人: somebody else; NULL: not approved, and without effect';
COMMENT ON COLUMN exemption.approved_at IS '批准时间';
COMMENT ON COLUMN exemption.revoked_on IS '撤销日期: from then on no run knows it; NULL: not revoked';
COMMENT ON COLUMN exemption.revoked_by IS '撤销人';
COMMENT ON COLUMN exemption.revoked_note IS '撤销说明';

CREATE TABLE self_report (
	facility_id text NOT NULL,
	rule_code text NOT NULL,
	visit_id text NOT NULL,
	line_id text,
	amount numeric CHECK (amount >= 0),
	reported_on date NOT NULL DEFAULT current_date,
	CONSTRAINT self_report_once UNIQUE NULLS NOT DISTINCT (facility_id, rule_code, visit_id, line_id)
);

COMMENT ON TABLE self_report IS
	'自查自纠: what an institution found and gave back by itself; the same is not found twice';
COMMENT ON COLUMN self_report.facility_id IS '定点医药机构编号';
COMMENT ON COLUMN self_report.rule_code IS '规则编号: which rule';
COMMENT ON COLUMN self_report.visit_id IS '就诊编号';
COMMENT ON COLUMN self_report.line_id IS '费用明细流水号: NULL: all lines of the visit';
COMMENT ON COLUMN self_report.amount IS
	'退回金额: yuan; NULL: what a run finds; where the line, or without line_id all that is found in the visit, is in excess by more, it is found all the same';
COMMENT ON COLUMN self_report.reported_on IS '上报日期';

SELECT pg_extension_config_dump('exemption_id_seq', '');
SELECT pg_extension_config_dump('exemption', '');
SELECT pg_extension_config_dump('self_report', '');
