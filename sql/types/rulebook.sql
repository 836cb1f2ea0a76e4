-- The compiled rules as a value: read, counted, put together.

CREATE OR REPLACE FUNCTION rulebook_from_bytes(bytes bytea) RETURNS rulebook
	AS 'MODULE_PATHNAME', 'rulebook_from_bytes'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1000;

COMMENT ON FUNCTION rulebook_from_bytes(bytea) IS
	'规则书字节转入: a rulebook from the bytes of rulebook_send(), checked like binary input; damaged bytes are 22P03';

CREATE OR REPLACE FUNCTION _rulebook_from_json(document jsonb) RETURNS rulebook
	AS 'MODULE_PATHNAME', 'rulebook_from_json'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1000;

COMMENT ON FUNCTION _rulebook_from_json(jsonb) IS
	'由JSON成规则书: a rulebook from an array of objects with the column names of rule, charge_rule and package; a wrong document, key or row is 22023, overlapping validity of one key 23P01';

CREATE OR REPLACE FUNCTION _rulebook_as_json(rules rulebook) RETURNS jsonb
	AS 'MODULE_PATHNAME', 'rulebook_as_json'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1000;

COMMENT ON FUNCTION _rulebook_as_json(rulebook) IS
	'规则书转JSON: the rules as an array of objects, which gives the same rulebook again; NULL gives NULL';

CREATE OR REPLACE FUNCTION _rulebook_concat(rules rulebook, more_rules rulebook) RETURNS rulebook
	AS 'MODULE_PATHNAME', 'rulebook_concat'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1000;

COMMENT ON FUNCTION _rulebook_concat(rulebook, rulebook) IS
	'规则书合并: rules and rows of both, equal rows once; the same rule_code with another kind is 22023, overlapping validity of one key 23P01, NULL gives NULL';

CREATE OR REPLACE FUNCTION rule_count(rules rulebook) RETURNS int
	AS 'MODULE_PATHNAME', 'rulebook_rule_count'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1;

COMMENT ON FUNCTION rule_count(rulebook) IS
	'规则条数: number of rules (rule codes) in a rulebook; NULL gives NULL';

CREATE OR REPLACE FUNCTION rule_match(rules rulebook, items text[],
	OUT rule_code text, OUT rows bigint, OUT rows_that_match bigint,
	OUT items_matched bigint, OUT rows_pending bigint)
	RETURNS SETOF record
	AS 'MODULE_PATHNAME', 'rulebook_rule_match'
	LANGUAGE C IMMUTABLE PARALLEL SAFE COST 1000 ROWS 100;

COMMENT ON FUNCTION rule_match(rulebook, text[]) IS
	'规则命中核对: per rule the number of its rows, of rows whose codes meet one of the items, and of distinct items that meet the rule, ordered by rule_code; rows_that_match 0 = the rule meets no code of the data; rows_pending (待补诊断): rows that say what they ask in their note alone, judge nothing and meet nothing; NULL rules is 22004, NULL items no rows';

CREATE OR REPLACE FUNCTION rulebook_reads(OUT validated bigint, OUT detoasted bigint,
	OUT compiled bigint)
	AS 'MODULE_PATHNAME', 'rulebook_reads'
	LANGUAGE C VOLATILE STRICT PARALLEL RESTRICTED COST 1;

COMMENT ON FUNCTION rulebook_reads() IS
	'规则书读取计数: how often this session validated a rulebook, fetched a stored one and compiled the tables; for tests and tuning';
