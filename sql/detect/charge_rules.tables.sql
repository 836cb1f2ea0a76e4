-- Charge rules: what is known about a visit, and the audit of a ledger.

CREATE TYPE visit_context AS (
	sex text,
	birth_date date,
	facility_rank int,
	visit_type text,
	insurance_type text,
	department text,
	admitted_at timestamp,
	discharged_at timestamp,
	diagnosis_codes text[],
	facility_id text,
	stay_id text,
	part_from timestamp,
	part_to timestamp
);
COMMENT ON TYPE visit_context IS
	'就诊信息: what rules may ask about a visit beside its lines; NULL in any place means unknown, never failed';
COMMENT ON COLUMN visit_context.sex IS '性别: 1 male, 2 female; anything else is unknown';
COMMENT ON COLUMN visit_context.birth_date IS '出生日期: ages are judged on the date of the charge';
COMMENT ON COLUMN visit_context.facility_rank IS '医疗机构等级: as the facility_ranks of the rules count it';
COMMENT ON COLUMN visit_context.visit_type IS '就医方式: compared with the visit_types of the rules';
COMMENT ON COLUMN visit_context.insurance_type IS '险种: compared with the insurance_types of the rules';
COMMENT ON COLUMN visit_context.department IS '科室: compared with the departments of the rules';
COMMENT ON COLUMN visit_context.admitted_at IS '入院时间: local time';
COMMENT ON COLUMN visit_context.discharged_at IS '出院时间: local time; NULL where still in or unknown';
COMMENT ON COLUMN visit_context.diagnosis_codes IS '诊断编码: all diagnoses of the visit, any rank; an empty array means none';
COMMENT ON COLUMN visit_context.facility_id IS '医疗机构编号: of the provider; what is contained in what is asked within one provider only, visits of equal facility_id are of one';
COMMENT ON COLUMN visit_context.stay_id IS '整次住院标识: visits of equal stay_id are one stay under several numbers; NULL where the visit is all of it';
COMMENT ON COLUMN visit_context.part_from IS '本编号起始时间: of a stay under several numbers, from when on the visit is; admitted_at is that of the whole';
COMMENT ON COLUMN visit_context.part_to IS '本编号截止时间: until when; discharged_at is that of the whole';
