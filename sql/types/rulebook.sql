CREATE TYPE rulebook;

CREATE FUNCTION rulebook_in(cstring) RETURNS rulebook
	AS 'MODULE_PATHNAME', 'rulebook_in'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1000;

CREATE FUNCTION rulebook_out(rulebook) RETURNS cstring
	AS 'MODULE_PATHNAME', 'rulebook_out'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1000;

CREATE FUNCTION rulebook_recv(internal) RETURNS rulebook
	AS 'MODULE_PATHNAME', 'rulebook_recv'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1000;

CREATE FUNCTION rulebook_send(rulebook) RETURNS bytea
	AS 'MODULE_PATHNAME', 'rulebook_send'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 100;

-- Records hold int64, hence ALIGNMENT double.  STORAGE external: it is read
-- once per statement, which should not pay for decompression, and a reader can
-- fetch the digest alone.
CREATE TYPE rulebook (
	INPUT = rulebook_in,
	OUTPUT = rulebook_out,
	RECEIVE = rulebook_recv,
	SEND = rulebook_send,
	INTERNALLENGTH = VARIABLE,
	ALIGNMENT = double,
	STORAGE = external
);

COMMENT ON TYPE rulebook IS
	'规则书: charge rules compiled into one flat value with its index inside; text and jsonb form: an array of objects with the column names of medaudit.rule, charge_rule and package';
COMMENT ON FUNCTION rulebook_in(cstring) IS
	'规则书输入: text input of rulebook, the JSON form; other text, a name of a rule too, is 22P02, a wrong rule 22023, overlapping validity 23P01';
COMMENT ON FUNCTION rulebook_out(rulebook) IS
	'规则书输出: text output of rulebook, the JSON form; the same for the same rules, whatever the settings';
COMMENT ON FUNCTION rulebook_recv(internal) IS
	'规则书二进制输入: binary input of rulebook; damaged bytes are 22P03';
COMMENT ON FUNCTION rulebook_send(rulebook) IS
	'规则书二进制输出: binary output of rulebook, the same bytes on every platform';

CREATE FUNCTION rulebook_from_bytes(bytes bytea) RETURNS rulebook
	AS 'MODULE_PATHNAME', 'rulebook_from_bytes'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1000;

COMMENT ON FUNCTION rulebook_from_bytes(bytea) IS
	'规则书字节转入: a rulebook from the bytes of rulebook_send(), checked like binary input; damaged bytes are 22P03';

CREATE FUNCTION rulebook_from_json(document jsonb) RETURNS rulebook
	AS 'MODULE_PATHNAME', 'rulebook_from_json'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1000;

COMMENT ON FUNCTION rulebook_from_json(jsonb) IS
	'由JSON成规则书: a rulebook from an array of objects with the column names of rule, charge_rule and package; a wrong document, key or row is 22023, overlapping validity of one key 23P01';

CREATE FUNCTION rulebook_as_json(rules rulebook) RETURNS jsonb
	AS 'MODULE_PATHNAME', 'rulebook_as_json'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1000;

COMMENT ON FUNCTION rulebook_as_json(rulebook) IS
	'规则书转JSON: the rules as an array of objects, which gives the same rulebook again; NULL gives NULL';

CREATE CAST (jsonb AS rulebook) WITH FUNCTION rulebook_from_json(jsonb);
CREATE CAST (rulebook AS jsonb) WITH FUNCTION rulebook_as_json(rulebook);

COMMENT ON CAST (jsonb AS rulebook) IS
	'由JSON成规则书: rules without tables';
COMMENT ON CAST (rulebook AS jsonb) IS
	'规则书转JSON: rules that people and programs can read';

CREATE FUNCTION rulebook_concat(rules rulebook, more_rules rulebook) RETURNS rulebook
	AS 'MODULE_PATHNAME', 'rulebook_concat'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1000;

COMMENT ON FUNCTION rulebook_concat(rulebook, rulebook) IS
	'规则书合并: rules and rows of both, equal rows once; the same rule_code with another kind is 22023, overlapping validity of one key 23P01, NULL gives NULL';

CREATE OPERATOR || (
	FUNCTION = rulebook_concat,
	LEFTARG = rulebook,
	RIGHTARG = rulebook
);

COMMENT ON OPERATOR || (rulebook, rulebook) IS
	'规则书合并: rules and rows of both';

CREATE FUNCTION rule_count(rules rulebook) RETURNS int
	AS 'MODULE_PATHNAME', 'rulebook_rule_count'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1;

COMMENT ON FUNCTION rule_count(rulebook) IS
	'规则条数: number of rules (rule codes) in a rulebook; NULL gives NULL';

CREATE FUNCTION rule_match(rules rulebook, items text[],
	OUT rule_code text, OUT rows bigint, OUT rows_that_match bigint,
	OUT items_matched bigint)
	RETURNS SETOF record
	AS 'MODULE_PATHNAME', 'rulebook_rule_match'
	LANGUAGE C IMMUTABLE PARALLEL SAFE COST 1000 ROWS 100;

COMMENT ON FUNCTION rule_match(rulebook, text[]) IS
	'规则命中核对: per rule the number of its rows, of rows whose codes meet one of the items, and of distinct items that meet the rule, ordered by rule_code; rows_that_match 0 = the rule meets no code of the data; NULL rules is 22004, NULL items no rows';

CREATE FUNCTION rulebook_reads(OUT validated bigint, OUT detoasted bigint,
	OUT compiled bigint)
	AS 'MODULE_PATHNAME', 'rulebook_reads'
	LANGUAGE C VOLATILE STRICT PARALLEL RESTRICTED COST 1;

COMMENT ON FUNCTION rulebook_reads() IS
	'规则书读取计数: how often this session validated a rulebook, fetched a stored one and compiled the tables; for tests and tuning';
