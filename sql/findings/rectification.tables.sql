-- What an institution was told to put right (整改).

CREATE SEQUENCE rectification_id_seq;
COMMENT ON SEQUENCE rectification_id_seq IS '整改序号: numbers the rectifications';

CREATE TABLE rectification (
	rectification_id bigint PRIMARY KEY DEFAULT nextval('medaudit.rectification_id_seq'),
	case_id bigint,
	facility_id text NOT NULL,
	rule_codes text[] NOT NULL CHECK (rule_codes <> '{}'),
	ordered_on date NOT NULL,
	due_on date,
	reported_on date,
	accepted_on date CHECK (isfinite(accepted_on)),
	accepted_by text,
	verdict text
);

COMMENT ON TABLE rectification IS '整改: what a facility was told to put right, and whether that was accepted';
COMMENT ON COLUMN rectification.rectification_id IS '整改编号';
COMMENT ON COLUMN rectification.case_id IS '案件编号: NULL: of no case';
COMMENT ON COLUMN rectification.facility_id IS '定点医药机构编号: as runs read it, however it was written';
COMMENT ON COLUMN rectification.rule_codes IS '规则编号: what it is about';
COMMENT ON COLUMN rectification.ordered_on IS '责令日期';
COMMENT ON COLUMN rectification.due_on IS '期限';
COMMENT ON COLUMN rectification.reported_on IS '上报日期';
COMMENT ON COLUMN rectification.accepted_on IS '验收日期: NULL: not accepted';
COMMENT ON COLUMN rectification.accepted_by IS '验收人';
COMMENT ON COLUMN rectification.verdict IS '验收意见';

CREATE INDEX rectification_facility ON rectification (facility_id);

SELECT pg_extension_config_dump('rectification_id_seq', '');
SELECT pg_extension_config_dump('rectification', '');
