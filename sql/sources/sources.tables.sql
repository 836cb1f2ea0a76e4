-- Sources: the warehouse's own tables under the names and types that the rest
-- of medaudit knows.  bind() makes one plain view per relation; what a view
-- may hold stands in relation_column, what was bound stands in binding.

CREATE TABLE relation_column (
	relation text NOT NULL,
	position int NOT NULL,
	column_name text NOT NULL,
	type text NOT NULL,
	reading text NOT NULL,
	required bool NOT NULL,
	name_zh text NOT NULL,
	unit text,
	national_field text,
	note text,
	PRIMARY KEY (relation, column_name),
	UNIQUE (relation, position)
);

COMMENT ON TABLE relation_column IS
	'数据字典: the columns that bind() gives each relation; read only';
COMMENT ON COLUMN relation_column.relation IS
	'关系: the relation, first argument of bind()';
COMMENT ON COLUMN relation_column.position IS
	'列序: place of the column in the view, from 1';
COMMENT ON COLUMN relation_column.column_name IS
	'列名: canonical name, a key of the columns argument of bind()';
COMMENT ON COLUMN relation_column.type IS
	'类型: PostgreSQL type that the column has in the view';
COMMENT ON COLUMN relation_column.reading IS
	'读取方式: how the source is read, see medaudit._source_reading: text, code, word (a code in lower case), time, end (infinity and 9999-12-31 are none), date, amount, quantity, integer, rank, flag, period, weights';
COMMENT ON COLUMN relation_column.required IS
	'必备: bind() refuses a source that cannot give the column';
COMMENT ON COLUMN relation_column.name_zh IS
	'中文名: the term of the national interfaces';
COMMENT ON COLUMN relation_column.unit IS
	'单位: unit of the values, or code; NULL where there is none';
COMMENT ON COLUMN relation_column.national_field IS
	'国家接口字段: field of the national interfaces; NULL: none';
COMMENT ON COLUMN relation_column.note IS
	'说明: what else a source must know';

CREATE TABLE binding (
	relation text PRIMARY KEY,
	source text NOT NULL,
	columns jsonb NOT NULL,
	row_filter text,
	bound text[] NOT NULL,
	bound_by name NOT NULL DEFAULT current_user,
	bound_at timestamptz NOT NULL DEFAULT now()
);

COMMENT ON TABLE binding IS
	'数据绑定: the arguments of the last bind() of each relation, for rebind()';
COMMENT ON COLUMN binding.relation IS '关系: the relation';
COMMENT ON COLUMN binding.source IS
	'来源: table or view of the warehouse, schema-qualified';
COMMENT ON COLUMN binding.columns IS
	'列映射: canonical name to column or SQL expression, as given';
COMMENT ON COLUMN binding.row_filter IS
	'行过滤: condition on the rows of the source; NULL: all';
COMMENT ON COLUMN binding.bound IS
	'已绑定列: canonical columns that the source gives; the others are NULL';
COMMENT ON COLUMN binding.bound_by IS '绑定人: role that bound it';
COMMENT ON COLUMN binding.bound_at IS '绑定时间: when';

GRANT SELECT ON relation_column, binding TO PUBLIC;
SELECT pg_extension_config_dump('binding', '');

CREATE TYPE source_column AS (
	column_name text,
	type text,
	required bool,
	reading text,
	expression text,
	have regtype,
	given_type text,
	reader text,
	unreadable text,
	problem text,
	problem_state text
);

COMMENT ON TYPE source_column IS
	'来源列: what bind() found for one canonical column and how it is read; expression NULL: missing';

CREATE TYPE rule_lack AS (rule_code text, name_zh text, column_name text);

COMMENT ON TYPE rule_lack IS
	'规则所缺: a rule that is off, with one column that it wants';
