-- The official names of the rules that rules of medaudit are: the national framework
-- of rules 1.0 gives them codes, the book of 2025 adds names that have none yet.
CREATE TABLE national_rule (
	name_zh text PRIMARY KEY,
	national_code text UNIQUE,
	class_zh text NOT NULL
);

COMMENT ON TABLE national_rule IS
	'国家规则名称: official names and codes of the national rules that rules here may be; read only';
COMMENT ON COLUMN national_rule.name_zh IS '规则名称: official name';
COMMENT ON COLUMN national_rule.national_code IS
	'国家规则编码: of the national framework 1.0, for rule.national_code; NULL: a name of the book of 2025 without code';
COMMENT ON COLUMN national_rule.class_zh IS '规则分类: 政策类, 管理类 or 医疗类, and its part';

GRANT SELECT ON national_rule TO PUBLIC;
