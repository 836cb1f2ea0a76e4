-- The book of charge lines.

CREATE TYPE ledger;

CREATE FUNCTION _ledger_in(cstring) RETURNS ledger
	AS 'MODULE_PATHNAME', 'ledger_in' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
CREATE FUNCTION _ledger_out(ledger) RETURNS cstring
	AS 'MODULE_PATHNAME', 'ledger_out' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
CREATE FUNCTION _ledger_recv(internal) RETURNS ledger
	AS 'MODULE_PATHNAME', 'ledger_recv' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
CREATE FUNCTION ledger_send(ledger) RETURNS bytea
	AS 'MODULE_PATHNAME', 'ledger_send' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

-- Storage external: the bytes are packed already, so that compressing them
-- again costs time and gains little; a large book still moves out of line.
-- Alignment int4 is the least a varlena may have; the bytes are read singly.
CREATE TYPE ledger (
	INPUT = _ledger_in,
	OUTPUT = _ledger_out,
	RECEIVE = _ledger_recv,
	SEND = ledger_send,
	INTERNALLENGTH = VARIABLE,
	ALIGNMENT = int4,
	STORAGE = external
);

COMMENT ON TYPE ledger IS
	'费用账册: charge lines of a visit or person gathered into one compact value; detectors read it, rollup and || merge it';
COMMENT ON FUNCTION _ledger_in(cstring) IS
	'费用账册输入: reads the JSON text form of a ledger; anything else is 22P02 with a hint';
COMMENT ON FUNCTION _ledger_out(ledger) IS
	'费用账册输出: the JSON text form of a ledger, lines as they came';
COMMENT ON FUNCTION _ledger_recv(internal) IS
	'费用账册二进制输入: reads and fully checks the binary form; what is not byte for byte a stored ledger is 22P03';
COMMENT ON FUNCTION ledger_send(ledger) IS
	'费用账册二进制输出: the stored bytes, the same on every platform';
