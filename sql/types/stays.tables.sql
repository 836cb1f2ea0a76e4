-- The type of the book of stays.
CREATE TYPE stays;

CREATE FUNCTION _stays_in(cstring) RETURNS stays
	AS 'MODULE_PATHNAME', 'stays_in' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
CREATE FUNCTION _stays_out(stays) RETURNS cstring
	AS 'MODULE_PATHNAME', 'stays_out' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
CREATE FUNCTION _stays_recv(internal) RETURNS stays
	AS 'MODULE_PATHNAME', 'stays_recv' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
CREATE FUNCTION stays_send(stays) RETURNS bytea
	AS 'MODULE_PATHNAME', 'stays_send' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

COMMENT ON FUNCTION _stays_in(cstring) IS '住院册输入: reads the JSON text form of a book of stays; anything else is 22P02 with a hint, amounts of a visit that add up to more than 10^13 yuan 22003';
COMMENT ON FUNCTION _stays_out(stays) IS '住院册输出: the JSON text form of a book of stays';
COMMENT ON FUNCTION _stays_recv(internal) IS '住院册接收: reads the binary form of a book of stays; what is not byte for byte a stored book is 22P03';
COMMENT ON FUNCTION stays_send(stays) IS '住院册发送: the binary form of a book of stays, the same on every platform';

-- Books are read whole and compress well once they are large.
CREATE TYPE stays (
	INPUT = _stays_in,
	OUTPUT = _stays_out,
	RECEIVE = _stays_recv,
	SEND = stays_send,
	INTERNALLENGTH = VARIABLE,
	ALIGNMENT = int4,
	STORAGE = extended
);
COMMENT ON TYPE stays IS '住院册: the stays of a person, household, facility or ward in one compact value, one stay per visit, ordered by admission, discharge (none last) and visit_id';
