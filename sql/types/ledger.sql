-- The book of charge lines.

CREATE TYPE ledger;

CREATE FUNCTION ledger_in(cstring) RETURNS ledger
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
CREATE FUNCTION ledger_out(ledger) RETURNS cstring
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
CREATE FUNCTION ledger_recv(internal) RETURNS ledger
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
CREATE FUNCTION ledger_send(ledger) RETURNS bytea
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

-- Storage external: the bytes are packed already, so that compressing them
-- again costs time and gains little; a large book still moves out of line.
-- Alignment int4 is the least a varlena may have; the bytes are read singly.
CREATE TYPE ledger (
	INPUT = ledger_in,
	OUTPUT = ledger_out,
	RECEIVE = ledger_recv,
	SEND = ledger_send,
	INTERNALLENGTH = VARIABLE,
	ALIGNMENT = int4,
	STORAGE = external
);

COMMENT ON TYPE ledger IS
	'费用账册: charge lines of a visit or person gathered into one compact value; detectors read it, rollup and || merge it';
COMMENT ON FUNCTION ledger_in(cstring) IS
	'费用账册输入: reads the JSON text form of a ledger; anything else is 22P02 with a hint';
COMMENT ON FUNCTION ledger_out(ledger) IS
	'费用账册输出: the JSON text form of a ledger, lines as they came';
COMMENT ON FUNCTION ledger_recv(internal) IS
	'费用账册二进制输入: reads and fully checks the binary form; what is not byte for byte a stored ledger is 22P03';
COMMENT ON FUNCTION ledger_send(ledger) IS
	'费用账册二进制输出: the stored bytes, the same on every platform';

CREATE FUNCTION ledger_to_jsonb(ledger) RETURNS jsonb
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION ledger_to_jsonb(ledger) IS
	'费用账册转 JSON: {"v": 1, "items": {code: [[charged_at, quantity, amount, line_id, original_line_id, visit_id, claimed], …]}, "skipped": n}; NULL gives NULL';
CREATE CAST (ledger AS jsonb) WITH FUNCTION ledger_to_jsonb(ledger);
COMMENT ON CAST (ledger AS jsonb) IS
	'费用账册转 JSON: the text form of a ledger as jsonb';

-- Gathering

CREATE FUNCTION ledger_transition(internal, text, numeric, numeric, timestamp) RETURNS internal
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;
CREATE FUNCTION ledger_transition(internal, text, numeric, numeric, timestamp, text) RETURNS internal
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;
CREATE FUNCTION ledger_transition(internal, text, numeric, numeric, timestamp, text, text, text, numeric) RETURNS internal
	AS 'MODULE_PATHNAME', 'ledger_transition_full' LANGUAGE C IMMUTABLE PARALLEL SAFE;
CREATE FUNCTION ledger_rollup_transition(internal, ledger) RETURNS internal
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;
CREATE FUNCTION ledger_combine(internal, internal) RETURNS internal
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;
CREATE FUNCTION ledger_serialize(internal) RETURNS bytea
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
CREATE FUNCTION ledger_deserialize(bytea, internal) RETURNS internal
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
CREATE FUNCTION ledger_final(internal) RETURNS ledger
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;

COMMENT ON FUNCTION ledger_transition(internal, text, numeric, numeric, timestamp) IS
	'费用账册累积: support function of aggregate ledger';
COMMENT ON FUNCTION ledger_transition(internal, text, numeric, numeric, timestamp, text) IS
	'费用账册累积: support function of aggregate ledger';
COMMENT ON FUNCTION ledger_transition(internal, text, numeric, numeric, timestamp, text, text, text, numeric) IS
	'费用账册累积: support function of aggregate ledger';
COMMENT ON FUNCTION ledger_rollup_transition(internal, ledger) IS
	'费用账册合并累积: support function of aggregate rollup';
COMMENT ON FUNCTION ledger_combine(internal, internal) IS
	'费用账册并行合并: support function of aggregates over ledgers';
COMMENT ON FUNCTION ledger_serialize(internal) IS
	'费用账册并行传出: support function of aggregates over ledgers';
COMMENT ON FUNCTION ledger_deserialize(bytea, internal) IS
	'费用账册并行传入: support function of aggregates over ledgers';
COMMENT ON FUNCTION ledger_final(internal) IS
	'费用账册完成: support function of aggregates over ledgers';

CREATE AGGREGATE ledger(item_code text, quantity numeric, amount numeric, charged_at timestamp) (
	SFUNC = ledger_transition,
	STYPE = internal,
	SSPACE = 2048,
	FINALFUNC = ledger_final,
	COMBINEFUNC = ledger_combine,
	SERIALFUNC = ledger_serialize,
	DESERIALFUNC = ledger_deserialize,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE ledger(text, numeric, numeric, timestamp) IS
	'费用账册: gathers charge lines (item code, quantity, gross amount in yuan, time of charge) into a ledger; a row with a NULL is left out and counted by skipped_count; no row gives NULL; NaN, infinity or more than 10^13 is 22003, an infinite time 22008, more than 5 million lines 54000';

CREATE AGGREGATE ledger(item_code text, quantity numeric, amount numeric, charged_at timestamp, line_id text) (
	SFUNC = ledger_transition,
	STYPE = internal,
	SSPACE = 2048,
	FINALFUNC = ledger_final,
	COMBINEFUNC = ledger_combine,
	SERIALFUNC = ledger_serialize,
	DESERIALFUNC = ledger_deserialize,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE ledger(text, numeric, numeric, timestamp, text) IS
	'费用账册: as the form with four arguments, and keeps the identifier of each line (may be NULL)';

CREATE AGGREGATE ledger(item_code text, quantity numeric, amount numeric, charged_at timestamp,
						line_id text, original_line_id text, visit_id text, claimed numeric) (
	SFUNC = ledger_transition,
	STYPE = internal,
	SSPACE = 2048,
	FINALFUNC = ledger_final,
	COMBINEFUNC = ledger_combine,
	SERIALFUNC = ledger_serialize,
	DESERIALFUNC = ledger_deserialize,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE ledger(text, numeric, numeric, timestamp, text, text, text, numeric) IS
	'费用账册: as the form with four arguments, and keeps line identifier, the line a refund undoes, the visit (which keeps visits of a person apart) and the amount claimed from the fund in yuan; each of the four may be NULL, claimed NULL means amount';

CREATE AGGREGATE rollup(ledger) (
	SFUNC = ledger_rollup_transition,
	STYPE = internal,
	SSPACE = 8192,
	FINALFUNC = ledger_final,
	COMBINEFUNC = ledger_combine,
	SERIALFUNC = ledger_serialize,
	DESERIALFUNC = ledger_deserialize,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE rollup(ledger) IS
	'费用账册合并: the lines of all ledgers in one; refunds then net across them; NULL ledgers are passed over, none gives NULL';

CREATE FUNCTION ledger_concat(ledger, ledger) RETURNS ledger
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 100;
COMMENT ON FUNCTION ledger_concat(ledger, ledger) IS
	'费用账册相加: the lines of both ledgers in one; NULL gives NULL';
CREATE OPERATOR || (LEFTARG = ledger, RIGHTARG = ledger, FUNCTION = ledger_concat, COMMUTATOR = ||);
COMMENT ON OPERATOR || (ledger, ledger) IS
	'费用账册相加: the lines of both ledgers in one; NULL gives NULL';

-- Reading

CREATE FUNCTION lines(book ledger, OUT visit_id text, OUT line_id text, OUT item_code text,
					  OUT quantity numeric, OUT amount numeric, OUT claimed numeric,
					  OUT charged_at timestamp, OUT status text) RETURNS SETOF record
	AS 'MODULE_PATHNAME', 'ledger_lines' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 100 ROWS 50;
COMMENT ON FUNCTION lines(ledger) IS
	'费用明细: the lines of a ledger in order, with the quantity, amount and claimed amount (yuan) that netting has left and a status: kept, reduced, cancelled, refund (used), orphan (refund with a rest), odd (contradictory signs); NULL gives no rows';

CREATE FUNCTION line_count(book ledger) RETURNS int
	AS 'MODULE_PATHNAME', 'ledger_line_count' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 20;
COMMENT ON FUNCTION line_count(ledger) IS
	'明细行数: number of lines in a ledger, refunds included; NULL gives NULL';

CREATE FUNCTION item_count(book ledger) RETURNS int
	AS 'MODULE_PATHNAME', 'ledger_item_count' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 20;
COMMENT ON FUNCTION item_count(ledger) IS
	'项目数: number of distinct items; codes that are one when folded are one item in a ledger; NULL gives NULL';

CREATE FUNCTION skipped_count(book ledger) RETURNS int
	AS 'MODULE_PATHNAME', 'ledger_skipped_count' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 20;
COMMENT ON FUNCTION skipped_count(ledger) IS
	'缺项行数: rows left out of a ledger because item code, quantity, amount or time was NULL; NULL gives NULL';

CREATE FUNCTION net_amount(book ledger) RETURNS numeric
	AS 'MODULE_PATHNAME', 'ledger_net_amount' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 50;
COMMENT ON FUNCTION net_amount(ledger) IS
	'净额: gross amount in yuan after refunds, orphan refunds left out; NULL gives NULL';

CREATE FUNCTION net_claimed(book ledger) RETURNS numeric
	AS 'MODULE_PATHNAME', 'ledger_net_claimed' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 50;
COMMENT ON FUNCTION net_claimed(ledger) IS
	'申报净额: amount in yuan claimed from the fund after refunds, orphan refunds left out; NULL gives NULL';
