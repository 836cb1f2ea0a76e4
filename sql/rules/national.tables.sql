-- National rule files: tables of text columns under the published Chinese
-- headers become rows of rule and charge_rule.  A layout says which columns a
-- file has and which rule it makes; a word of the files (儿童, 二级, 住院)
-- gets its meaning from national_term; a row that cannot be read is told with
-- its number and reason and stops nothing.

CREATE TABLE import_layout (
	layout text PRIMARY KEY,
	rule_code text NOT NULL,
	kind text NOT NULL,
	violation text NOT NULL,
	name_zh text NOT NULL,
	name_en text NOT NULL,
	certainty text NOT NULL,
	article text,
	behaviour_code text,
	code_match text NOT NULL,
	headers text[] NOT NULL,
	code_headers text[],
	national_code text,
	rule_names text[],
	known_by text
);

COMMENT ON TABLE import_layout IS
	'规则文件格式: the layouts that import_rules() reads; read only';
COMMENT ON COLUMN import_layout.layout IS
	'格式: first argument of import_rules()';
COMMENT ON COLUMN import_layout.rule_code IS '规则编号: the rule that it makes';
COMMENT ON COLUMN import_layout.kind IS '规则类型: kind of the rule';
COMMENT ON COLUMN import_layout.violation IS '违规类型: violation of the rule';
COMMENT ON COLUMN import_layout.name_zh IS '规则名称: Chinese name of the rule';
COMMENT ON COLUMN import_layout.name_en IS '英文名称: English name of the rule';
COMMENT ON COLUMN import_layout.certainty IS
	'确定程度: violation only where the rule is arithmetic';
COMMENT ON COLUMN import_layout.article IS
	'法规条款: article of Regulation 735; NULL: none';
COMMENT ON COLUMN import_layout.behaviour_code IS
	'违规行为编码: national behaviour code; NULL: none';
COMMENT ON COLUMN import_layout.code_match IS
	'编码匹配: how its codes meet those of the data, unless the caller says';
COMMENT ON COLUMN import_layout.headers IS
	'表头: columns that the source must have';
COMMENT ON COLUMN import_layout.code_headers IS
	'编码表头: columns of the sheet of codes; NULL: the layout has one sheet';
COMMENT ON COLUMN import_layout.national_code IS
	'国家规则编码: official code of the rule that it makes; NULL: it has none';
COMMENT ON COLUMN import_layout.rule_names IS
	'规则名称: by which sheets of one row a code (from batch 9 on, and revisions) call their rows of this layout; NULL: it stands in no such sheet';
COMMENT ON COLUMN import_layout.known_by IS
	'识别依据: regular expression that the column 限定类型 (or 备注, where there is none) of its sheets matches, where headers alone do not tell';

-- The sheets of a layout may hold several rules of the framework.
CREATE TABLE import_layout_rule (
	rule_code text PRIMARY KEY,
	layout text NOT NULL REFERENCES import_layout,
	rule_name text NOT NULL,
	word text,
	name_zh text NOT NULL,
	name_en text NOT NULL,
	national_code text NOT NULL
);

COMMENT ON TABLE import_layout_rule IS
	'规则文件的其他规则: rules that a layout makes beside its own, of the rows that its sheets call by their names; read only';
COMMENT ON COLUMN import_layout_rule.rule_code IS '规则编号: the rule that it makes';
COMMENT ON COLUMN import_layout_rule.layout IS '格式: the layout that reads the rows, and whose kind, certainty and articles the rule has';
COMMENT ON COLUMN import_layout_rule.rule_name IS '规则名称: how sheets of one row a code call the rows';
COMMENT ON COLUMN import_layout_rule.word IS '限定对象: the cell of other sheets by which a row is one of the rule; NULL: they do not tell';
COMMENT ON COLUMN import_layout_rule.name_zh IS '规则名称: Chinese name of the rule';
COMMENT ON COLUMN import_layout_rule.name_en IS '英文名称: English name of the rule';
COMMENT ON COLUMN import_layout_rule.national_code IS '国家规则编码: official code of the rule';

CREATE TABLE national_term (
	term text NOT NULL,
	shipped bool NOT NULL DEFAULT false,
	sex text,
	min_age interval,
	max_age interval,
	facility_ranks int[],
	visit_types text[],
	insurance_types text[],
	PRIMARY KEY (term, shipped)
);

COMMENT ON TABLE national_term IS
	'限定用语: what a word of the national files means here; a row of yours (shipped false) goes before the shipped one of the same term';
COMMENT ON COLUMN national_term.term IS '用语: the word as published';
COMMENT ON COLUMN national_term.shipped IS '内置: comes with medaudit';
COMMENT ON COLUMN national_term.sex IS '性别: 1 or 2';
COMMENT ON COLUMN national_term.min_age IS '最小年龄: from this age on';
COMMENT ON COLUMN national_term.max_age IS '年龄上限: below this age';
COMMENT ON COLUMN national_term.facility_ranks IS
	'机构等级: classes of facility_rank() that fulfil it';
COMMENT ON COLUMN national_term.visit_types IS
	'医疗类别: values of visit.visit_type that fulfil it';
COMMENT ON COLUMN national_term.insurance_types IS
	'险种类型: values of insurance_type that fulfil it';

-- Levels of hospitals.  The codes are not in order (12 to 14 have a class but
-- no grade), so rules by level count classes: 3, 2, 1, and 0 for none.
CREATE TABLE facility_level (
	level_code text NOT NULL CHECK (level_code <> ''),
	class int NOT NULL CHECK (class >= 0),
	name_zh text,
	shipped bool NOT NULL DEFAULT false,
	PRIMARY KEY (level_code, shipped)
);

COMMENT ON TABLE facility_level IS
	'医院等级: the class that a level of hospital ranks by, for facility_rank(); a row of yours (shipped false) goes before the shipped one of the same code';
COMMENT ON COLUMN facility_level.level_code IS
	'等级编码: national code (hosp_lv, two digits) or a local one';
COMMENT ON COLUMN facility_level.class IS
	'等级: 3 tertiary, 2 secondary, 1 primary, 0 without a level';
COMMENT ON COLUMN facility_level.name_zh IS
	'等级名称: name of the level, which facility_rank() takes too';
COMMENT ON COLUMN facility_level.shipped IS '内置: comes with medaudit';

GRANT SELECT ON facility_level TO PUBLIC;
SELECT pg_extension_config_dump('facility_level', 'WHERE NOT shipped');

GRANT SELECT ON import_layout, import_layout_rule, national_term TO PUBLIC;
SELECT pg_extension_config_dump('national_term', 'WHERE NOT shipped');

CREATE TABLE import_problem (
	layout text NOT NULL,
	source text NOT NULL,
	row_number bigint NOT NULL,
	reason text NOT NULL,
	fields jsonb NOT NULL,
	imported_at timestamptz NOT NULL DEFAULT now()
);

COMMENT ON TABLE import_problem IS
	'导入问题: rows that the last import_rules() of a source could not take in';
COMMENT ON COLUMN import_problem.layout IS '格式: layout of the import';
COMMENT ON COLUMN import_problem.source IS '来源: table that was read';
COMMENT ON COLUMN import_problem.row_number IS
	'行号: number of the data row in the source, from 1';
COMMENT ON COLUMN import_problem.reason IS '原因: why it was left out';
COMMENT ON COLUMN import_problem.fields IS '原文: the row as it stands';
COMMENT ON COLUMN import_problem.imported_at IS '导入时间: when';

CREATE TYPE import_row AS (
	row_number bigint,
	fields jsonb,
	problem text,
	item_code text,
	other_code text,
	item_group text,
	scope text,
	max_quantity numeric,
	ratio numeric,
	unit text,
	sex text,
	min_age interval,
	max_age interval,
	facility_ranks int[],
	visit_types text[],
	insurance_types text[],
	max_days int,
	certainty text,
	note text,
	excluded_visit_types text[],
	published_on date,
	valid daterange,
	rule_code text
);

COMMENT ON TYPE import_row IS
	'导入行: what one row of a national file says, or its problem';
