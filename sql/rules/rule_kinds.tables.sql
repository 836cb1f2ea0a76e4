-- The kinds of rule are data.  A kind says which book its rules read, which
-- function a run asks, and what it needs; its thresholds are rows of
-- rule_parameter, their values rule.parameters.  So a new rule over stays, drugs,
-- cards or indicators is a function and a row, for medaudit and for a fund's own
-- analysts.  Rules over charges are judged by their rows of charge_rule and
-- package, which are compiled into rulebooks, and have no parameters.

CREATE TABLE rule_kind (
	kind text PRIMARY KEY,
	book text NOT NULL CONSTRAINT rule_kind_book
		CHECK (book IN ('charges', 'stays', 'persons', 'fills', 'cards', 'stock', 'claims', 'indicators')),
	name_zh text NOT NULL,
	place int NOT NULL,
	asks text,
	needs text[] NOT NULL DEFAULT '{}',
	natural_period text NOT NULL DEFAULT 'day' CONSTRAINT rule_kind_natural_period
		CHECK (natural_period IN ('day', 'month', 'quarter', 'year')),
	anchored bool NOT NULL DEFAULT false,
	shipped bool NOT NULL DEFAULT false,
	reach text NOT NULL DEFAULT 'period' CONSTRAINT rule_kind_reach
		CHECK (reach IN ('period', 'visit', 'person', 'person_year', 'year', 'quarter', 'subject')),
	scope text NOT NULL DEFAULT 'region' CONSTRAINT rule_kind_scope CHECK (scope IN ('person', 'facility', 'region'))
);

COMMENT ON TABLE rule_kind IS
	'规则类型: the kinds that rule.kind may have; add_rule_kind() adds one of your own';
COMMENT ON COLUMN rule_kind.kind IS '类型: lower-case ASCII name';
COMMENT ON COLUMN rule_kind.book IS
	'数据簿: what its rules read: charges (compiled into a rulebook), stays, persons, fills, cards, stock, claims or indicators';
COMMENT ON COLUMN rule_kind.name_zh IS '中文名称: name of the kind';
COMMENT ON COLUMN rule_kind.place IS
	'执行次序: steps of a run go in this order, then by rule_code; of a kind of your own after the shipped ones of its book, where it is not given';
COMMENT ON COLUMN rule_kind.asks IS
	'判定函数: schema, name and arguments of the function (bigint, text, jsonb) that a run asks for the findings of a rule; text, for a server with a regprocedure in a table cannot be upgraded by pg_upgrade; NULL: rules over charges, and kinds that no run asks';
COMMENT ON COLUMN rule_kind.needs IS
	'所需数据: relations (swipe) and columns (facility.beds) without which its rules are off; one of several (person.address|person.phone) will do';
COMMENT ON COLUMN rule_kind.natural_period IS
	'自然周期: day, month, quarter or year; a run whose period does not hold a whole one skips the kind, a longer one judges each whole one by itself';
COMMENT ON COLUMN rule_kind.anchored IS
	'是否锚定: the finding is known by what does not change when it grows (person and year, first day of a spell), not by its visits';
COMMENT ON COLUMN rule_kind.reach IS
	'可及范围: of which standing findings of another day a run knows that they are no more: period: of none; else of those all of whose visits it has read and of which one is judged (visit; of stays one by the last settlement of all its numbers), or of a person with one that is (person; over fills and claims not of who only shares his resident number), the latter only of the book of a year that it asked (person_year); of any such book (year); of any date of a calendar quarter that it asked whole (quarter); of all about a person with a visit that is judged (subject)';
COMMENT ON COLUMN rule_kind.scope IS
	'判定所需范围: all of whom its rules must see at once: of a person and those of one resident number with him (person), of a facility (facility), or of everybody (region); says what a server that has some of the persons can ask, see rules_by_scope()';
COMMENT ON COLUMN rule_kind.shipped IS '是否内置: comes with medaudit; set by the extension only';

CREATE TABLE rule_parameter (
	kind text NOT NULL,
	name text NOT NULL,
	type text NOT NULL CONSTRAINT rule_parameter_type
		CHECK (type IN ('int', 'numeric', 'float8', 'text', 'text[]', 'bool', 'interval')),
	default_value jsonb,
	minimum numeric,
	maximum numeric,
	unit text,
	meaning_zh text,
	meaning_en text,
	shipped bool NOT NULL DEFAULT false,
	choices text[],
	PRIMARY KEY (kind, name)
);

COMMENT ON TABLE rule_parameter IS
	'规则参数定义: the parameters that the rules of a kind take; their values stand in rule.parameters, both together in the view rule_parameters';
COMMENT ON COLUMN rule_parameter.kind IS '类型: the kind of rule';
COMMENT ON COLUMN rule_parameter.name IS '参数名: lower-case ASCII name';
COMMENT ON COLUMN rule_parameter.type IS
	'数据类型: int, numeric, float8, text, text[], bool or interval';
COMMENT ON COLUMN rule_parameter.default_value IS
	'默认值: what holds where a rule says nothing; NULL: then it has no value';
COMMENT ON COLUMN rule_parameter.minimum IS
	'最小值: least value of a number, allowed itself; of an interval in seconds; NULL: none';
COMMENT ON COLUMN rule_parameter.maximum IS '最大值: greatest value, likewise';
COMMENT ON COLUMN rule_parameter.unit IS '单位: of a number, as 天, 元, 次';
COMMENT ON COLUMN rule_parameter.meaning_zh IS '中文含义: what it says';
COMMENT ON COLUMN rule_parameter.meaning_en IS '英文含义: the same in English';
COMMENT ON COLUMN rule_parameter.shipped IS '是否内置: comes with medaudit; set by the extension only';
COMMENT ON COLUMN rule_parameter.choices IS
	'可选值: the values that a text, or each of a text[], may have; NULL: any';

CREATE TABLE evidence_template (
	kind text NOT NULL,
	zh text NOT NULL,
	en text,
	shipped bool NOT NULL DEFAULT false,
	PRIMARY KEY (kind, shipped)
);

COMMENT ON TABLE evidence_template IS
	'疑点说明模板: the sentence of a finding whose kind writes none itself; {name} is a fact of its evidence, [ … ] is left out where a fact in it is not known; a row of yours (shipped false) goes before the shipped one of the same kind';
COMMENT ON COLUMN evidence_template.kind IS '类型: the kind of rule';
COMMENT ON COLUMN evidence_template.zh IS
	'中文模板: as {person_name}在{facility_name}一年内住院{stays}次[，费用合计{amount:money}]。';
COMMENT ON COLUMN evidence_template.en IS '英文模板: the same in English';
COMMENT ON COLUMN evidence_template.shipped IS '是否内置: comes with medaudit; set by the extension only';

-- One thing that a function found: the row that asks of a kind returns.
CREATE TYPE run_group AS (
	subject_kind text,
	subject_id text,
	key text,
	person_id text,
	visit_id text,
	facility_id text,
	physician_id text,
	visit_ids text[],
	line_ids text[],
	excess_quantity numeric,
	gross_amount numeric,
	claimed_amount numeric,
	involved_amount numeric,
	score float8,
	certainty text,
	evidence jsonb,
	evidence_text text,
	judged_on date
);

COMMENT ON TYPE run_group IS
	'判定结果: one thing that the function of a kind of rule found (see add_rule_kind()), which becomes a finding: whose it is, what it is known by, its visits and lines, money and evidence; NULL of subject_kind is the subject of the rule, of key the visit, of involved_amount the total of its visits, of judged_on the day of the last settled of them, of evidence_text what the template of the kind says';

GRANT SELECT ON rule_kind, rule_parameter, evidence_template TO PUBLIC;
SELECT pg_extension_config_dump('rule_kind', 'WHERE NOT shipped');
SELECT pg_extension_config_dump('rule_parameter', 'WHERE NOT shipped');
SELECT pg_extension_config_dump('evidence_template', 'WHERE NOT shipped');
