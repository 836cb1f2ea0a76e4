-- The type of compiled rules.
CREATE TYPE rulebook;

CREATE FUNCTION _rulebook_in(cstring) RETURNS rulebook
	AS 'MODULE_PATHNAME', 'rulebook_in'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1000;

CREATE FUNCTION _rulebook_out(rulebook) RETURNS cstring
	AS 'MODULE_PATHNAME', 'rulebook_out'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1000;

CREATE FUNCTION _rulebook_recv(internal) RETURNS rulebook
	AS 'MODULE_PATHNAME', 'rulebook_recv'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1000;

CREATE FUNCTION rulebook_send(rulebook) RETURNS bytea
	AS 'MODULE_PATHNAME', 'rulebook_send'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 100;

-- Records hold int64, hence ALIGNMENT double.  STORAGE external: it is read
-- once per statement, which should not pay for decompression, and a reader can
-- fetch the digest alone.
CREATE TYPE rulebook (
	INPUT = _rulebook_in,
	OUTPUT = _rulebook_out,
	RECEIVE = _rulebook_recv,
	SEND = rulebook_send,
	INTERNALLENGTH = VARIABLE,
	ALIGNMENT = double,
	STORAGE = external
);

COMMENT ON TYPE rulebook IS
	'规则书: charge rules compiled into one flat value with its index inside; text and jsonb form: an array of objects with the column names of medaudit.rule, charge_rule and package';
COMMENT ON FUNCTION _rulebook_in(cstring) IS
	'规则书输入: text input of rulebook, the JSON form; other text, a name of a rule too, is 22P02, a wrong rule 22023, overlapping validity 23P01';
COMMENT ON FUNCTION _rulebook_out(rulebook) IS
	'规则书输出: text output of rulebook, the JSON form; the same for the same rules, whatever the settings';
COMMENT ON FUNCTION _rulebook_recv(internal) IS
	'规则书二进制输入: binary input of rulebook; damaged bytes are 22P03';
COMMENT ON FUNCTION rulebook_send(rulebook) IS
	'规则书二进制输出: binary output of rulebook, the same bytes on every platform';
