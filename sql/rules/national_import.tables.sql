-- What import_national() did with each sheet.
CREATE TABLE national_import (
	directory_schema text NOT NULL,
	sheet text NOT NULL,
	codes text,
	layout text,
	rule_code text,
	rows bigint NOT NULL DEFAULT 0,
	points bigint NOT NULL DEFAULT 0,
	imported bigint NOT NULL DEFAULT 0,
	replaced bigint NOT NULL DEFAULT 0,
	standing bigint NOT NULL DEFAULT 0,
	refused bigint NOT NULL DEFAULT 0,
	reasons jsonb NOT NULL DEFAULT '{}',
	imported_at timestamptz NOT NULL DEFAULT now()
);

COMMENT ON TABLE national_import IS
	'国家规则导入结果: what the last import_national() of a schema took in of each sheet and rule, and what it left out and why; the rows left out stand in import_problem';
COMMENT ON COLUMN national_import.directory_schema IS '所在模式: the schema of the sheets';
COMMENT ON COLUMN national_import.sheet IS '表页: the table that was read';
COMMENT ON COLUMN national_import.codes IS '编码表页: the table of its codes; NULL: it needs none';
COMMENT ON COLUMN national_import.layout IS
	'格式: layout of import_rules(); NULL: rows of a sheet, or of a rule in it, that no layout reads';
COMMENT ON COLUMN national_import.rule_code IS '规则编号: the rule that got the rows';
COMMENT ON COLUMN national_import.rows IS
	'行数: rows that were read, one for each code and one for each name without code; imported, standing and refused add up to it';
COMMENT ON COLUMN national_import.points IS
	'知识点数: different things that they say of a product or item, as the authority counts them';
COMMENT ON COLUMN national_import.imported IS '导入行数: rows that came in';
COMMENT ON COLUMN national_import.replaced IS
	'替换行数: of them, those that go before a row which stood until the day from which they hold';
COMMENT ON COLUMN national_import.standing IS '已有行数: rows that stood already as they are';
COMMENT ON COLUMN national_import.refused IS '未导入行数: rows that were left out';
COMMENT ON COLUMN national_import.reasons IS
	'未导入原因: {reason: rows}; where a reason names another row, n stands for its number';
COMMENT ON COLUMN national_import.imported_at IS '导入时间: when';

GRANT SELECT ON national_import TO PUBLIC;
