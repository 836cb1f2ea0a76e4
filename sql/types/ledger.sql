-- The book of charge lines: its aggregates and what is read of it.

CREATE OR REPLACE FUNCTION _ledger_to_jsonb(ledger) RETURNS jsonb
	AS 'MODULE_PATHNAME', 'ledger_to_jsonb' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION _ledger_to_jsonb(ledger) IS
	'费用账册转 JSON: {"v": 1, "items": {code: [[charged_at, quantity, amount, line_id, original_line_id, visit_id, claimed], …]}, "skipped": n}; NULL gives NULL';

-- What carries no other types than its own, an engine or a driver, carries bytes.
CREATE OR REPLACE FUNCTION ledger_from_bytes(bytes bytea) RETURNS ledger
	AS 'MODULE_PATHNAME', 'ledger_from_bytes' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;
COMMENT ON FUNCTION ledger_from_bytes(bytea) IS
	'费用账册字节转入: a ledger from the bytes of ledger_send(), checked like binary input; damaged bytes are 22P03; NULL gives NULL';

-- Gathering

CREATE OR REPLACE FUNCTION _ledger_transition(internal, text, numeric, numeric, timestamp) RETURNS internal
	AS 'MODULE_PATHNAME', 'ledger_transition' LANGUAGE C IMMUTABLE PARALLEL SAFE;
CREATE OR REPLACE FUNCTION _ledger_transition(internal, text, numeric, numeric, timestamp, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'ledger_transition' LANGUAGE C IMMUTABLE PARALLEL SAFE;
CREATE OR REPLACE FUNCTION _ledger_transition(internal, text, numeric, numeric, timestamp, text, text, text, numeric) RETURNS internal
	AS 'MODULE_PATHNAME', 'ledger_transition_full' LANGUAGE C IMMUTABLE PARALLEL SAFE;
CREATE OR REPLACE FUNCTION _ledger_rollup_transition(internal, ledger) RETURNS internal
	AS 'MODULE_PATHNAME', 'ledger_rollup_transition' LANGUAGE C IMMUTABLE PARALLEL SAFE;
CREATE OR REPLACE FUNCTION _ledger_combine(internal, internal) RETURNS internal
	AS 'MODULE_PATHNAME', 'ledger_combine' LANGUAGE C IMMUTABLE PARALLEL SAFE;
CREATE OR REPLACE FUNCTION _ledger_serialize(internal) RETURNS bytea
	AS 'MODULE_PATHNAME', 'ledger_serialize' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
CREATE OR REPLACE FUNCTION _ledger_deserialize(bytea, internal) RETURNS internal
	AS 'MODULE_PATHNAME', 'ledger_deserialize' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
CREATE OR REPLACE FUNCTION _ledger_final(internal) RETURNS ledger
	AS 'MODULE_PATHNAME', 'ledger_final' LANGUAGE C IMMUTABLE PARALLEL SAFE;

COMMENT ON FUNCTION _ledger_transition(internal, text, numeric, numeric, timestamp) IS
	'费用账册累积: support function of aggregate ledger';
COMMENT ON FUNCTION _ledger_transition(internal, text, numeric, numeric, timestamp, text) IS
	'费用账册累积: support function of aggregate ledger';
COMMENT ON FUNCTION _ledger_transition(internal, text, numeric, numeric, timestamp, text, text, text, numeric) IS
	'费用账册累积: support function of aggregate ledger';
COMMENT ON FUNCTION _ledger_rollup_transition(internal, ledger) IS
	'费用账册合并累积: support function of aggregate rollup';
COMMENT ON FUNCTION _ledger_combine(internal, internal) IS
	'费用账册并行合并: support function of aggregates over ledgers';
COMMENT ON FUNCTION _ledger_serialize(internal) IS
	'费用账册并行传出: support function of aggregates over ledgers';
COMMENT ON FUNCTION _ledger_deserialize(bytea, internal) IS
	'费用账册并行传入: support function of aggregates over ledgers';
COMMENT ON FUNCTION _ledger_final(internal) IS
	'费用账册完成: support function of aggregates over ledgers';

CREATE OR REPLACE AGGREGATE ledger(item_code text, quantity numeric, amount numeric, charged_at timestamp) (
	SFUNC = _ledger_transition,
	STYPE = internal,
	SSPACE = 2048,
	FINALFUNC = _ledger_final,
	COMBINEFUNC = _ledger_combine,
	SERIALFUNC = _ledger_serialize,
	DESERIALFUNC = _ledger_deserialize,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE ledger(text, numeric, numeric, timestamp) IS
	'费用账册: gathers charge lines (item code, quantity, gross amount in yuan, time of charge) into a ledger; a row with a NULL is left out and counted by skipped_count; no row gives NULL; NaN, infinity or more than 10^13 is 22003, an infinite time 22008, more than 5 million lines 54000';

CREATE OR REPLACE AGGREGATE ledger(item_code text, quantity numeric, amount numeric, charged_at timestamp, line_id text) (
	SFUNC = _ledger_transition,
	STYPE = internal,
	SSPACE = 2048,
	FINALFUNC = _ledger_final,
	COMBINEFUNC = _ledger_combine,
	SERIALFUNC = _ledger_serialize,
	DESERIALFUNC = _ledger_deserialize,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE ledger(text, numeric, numeric, timestamp, text) IS
	'费用账册: as the form with four arguments, and keeps the identifier of each line (may be NULL)';

CREATE OR REPLACE AGGREGATE ledger(item_code text, quantity numeric, amount numeric, charged_at timestamp,
						line_id text, original_line_id text, visit_id text, claimed numeric) (
	SFUNC = _ledger_transition,
	STYPE = internal,
	SSPACE = 2048,
	FINALFUNC = _ledger_final,
	COMBINEFUNC = _ledger_combine,
	SERIALFUNC = _ledger_serialize,
	DESERIALFUNC = _ledger_deserialize,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE ledger(text, numeric, numeric, timestamp, text, text, text, numeric) IS
	'费用账册: as the form with four arguments, and keeps line identifier, the line a refund undoes, the visit (which keeps visits of a person apart) and the amount claimed from the fund in yuan; each of the four may be NULL, claimed NULL means amount';

CREATE OR REPLACE AGGREGATE rollup(ledger) (
	SFUNC = _ledger_rollup_transition,
	STYPE = internal,
	SSPACE = 8192,
	FINALFUNC = _ledger_final,
	COMBINEFUNC = _ledger_combine,
	SERIALFUNC = _ledger_serialize,
	DESERIALFUNC = _ledger_deserialize,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE rollup(ledger) IS
	'费用账册合并: the lines of all ledgers in one; refunds then net across them; NULL ledgers are passed over, none gives NULL';

CREATE OR REPLACE FUNCTION _ledger_concat(ledger, ledger) RETURNS ledger
	AS 'MODULE_PATHNAME', 'ledger_concat' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 100;
COMMENT ON FUNCTION _ledger_concat(ledger, ledger) IS
	'费用账册相加: the lines of both ledgers in one; NULL gives NULL';

-- Reading

CREATE OR REPLACE FUNCTION lines(book ledger, OUT visit_id text, OUT line_id text, OUT item_code text,
					  OUT quantity numeric, OUT amount numeric, OUT claimed numeric,
					  OUT charged_at timestamp, OUT status text) RETURNS SETOF record
	AS 'MODULE_PATHNAME', 'ledger_lines' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 100 ROWS 50;
COMMENT ON FUNCTION lines(ledger) IS
	'费用明细: the lines of a ledger in order, with the quantity, amount and claimed amount (yuan) that netting has left and a status: kept, reduced, cancelled, refund (used), orphan (refund with a rest), odd (contradictory signs); NULL gives no rows';

CREATE OR REPLACE FUNCTION line_count(book ledger) RETURNS int
	AS 'MODULE_PATHNAME', 'ledger_line_count' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 20;
COMMENT ON FUNCTION line_count(ledger) IS
	'明细行数: number of lines in a ledger, refunds included; NULL gives NULL';

CREATE OR REPLACE FUNCTION item_count(book ledger) RETURNS int
	AS 'MODULE_PATHNAME', 'ledger_item_count' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 20;
COMMENT ON FUNCTION item_count(ledger) IS
	'项目数: number of distinct items; codes that are one when folded are one item in a ledger; NULL gives NULL';

CREATE OR REPLACE FUNCTION skipped_count(book ledger) RETURNS int
	AS 'MODULE_PATHNAME', 'ledger_skipped_count' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 20;
COMMENT ON FUNCTION skipped_count(ledger) IS
	'缺项行数: rows left out of a ledger because item code, quantity, amount or time was NULL; NULL gives NULL';

CREATE OR REPLACE FUNCTION net_amount(book ledger) RETURNS numeric
	AS 'MODULE_PATHNAME', 'ledger_net_amount' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 50;
COMMENT ON FUNCTION net_amount(ledger) IS
	'净额: gross amount in yuan after refunds, orphan refunds left out; NULL gives NULL';

CREATE OR REPLACE FUNCTION net_claimed(book ledger) RETURNS numeric
	AS 'MODULE_PATHNAME', 'ledger_net_claimed' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 50;
COMMENT ON FUNCTION net_claimed(ledger) IS
	'申报净额: amount in yuan claimed from the fund after refunds, orphan refunds left out; NULL gives NULL';

-- What a run asks of each visit's book: of lines as they came, refunds beside charges,
-- but for the dates, which are those of what refunds have left.

CREATE OR REPLACE FUNCTION _refunded_items(book ledger) RETURNS int
	AS 'MODULE_PATHNAME', 'ledger_refunded_items' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 50;
COMMENT ON FUNCTION _refunded_items(ledger) IS
	'退费超出收费项目数: how many pairs of visit and item code have a negative sum of quantity: more was refunded than charged; NULL gives NULL';

CREATE OR REPLACE FUNCTION _lines_outside(book ledger, admitted_at timestamp, discharged_at timestamp,
	OUT before int, OUT after int) RETURNS record
	AS 'MODULE_PATHNAME', 'ledger_lines_outside' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 50;
COMMENT ON FUNCTION _lines_outside(ledger, timestamp, timestamp) IS
	'住院日期外明细数: lines of which line_problems() would say before_admission and after_discharge, by date; a bound that is NULL or infinite is not asked about; a NULL ledger gives NULL';

CREATE OR REPLACE FUNCTION _charged_dates(book ledger, OUT first_on date, OUT last_on date) RETURNS record
	AS 'MODULE_PATHNAME', 'ledger_charged_dates' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 50;
COMMENT ON FUNCTION _charged_dates(ledger) IS
	'首末收费日期: dates of the first and the last line of which refunds have left something; NULLs where there is none, and for a NULL ledger';

CREATE OR REPLACE FUNCTION _item_sums(book ledger, categories text[] DEFAULT NULL,
	OUT item_code text, OUT category text, OUT lines int, OUT quantity numeric, OUT amount numeric,
	OUT refunds bool) RETURNS SETOF record
	AS 'MODULE_PATHNAME', 'ledger_item_sums' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 100 ROWS 20;
COMMENT ON FUNCTION _item_sums(ledger, text[]) IS
	'项目合计: lines, quantity and gross amount in yuan of each distinct item code, in bytewise order; category from categories, an element for each of them (see gathered_lines), NULL where that is empty or there are none; refunds: some line has an amount below 0; a NULL ledger gives no rows; elements of another number than items are 22023';

-- Categories of items, which stand beside a book.

CREATE OR REPLACE FUNCTION _item_categories_rollup(internal, ledger, text[]) RETURNS internal
	AS 'MODULE_PATHNAME', 'item_categories_rollup' LANGUAGE C IMMUTABLE PARALLEL SAFE;
CREATE OR REPLACE FUNCTION _item_categories_combine(internal, internal) RETURNS internal
	AS 'MODULE_PATHNAME', 'item_categories_combine' LANGUAGE C IMMUTABLE PARALLEL SAFE;
CREATE OR REPLACE FUNCTION _item_categories_serialize(internal) RETURNS bytea
	AS 'MODULE_PATHNAME', 'item_categories_serialize' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
CREATE OR REPLACE FUNCTION _item_categories_deserialize(bytea, internal) RETURNS internal
	AS 'MODULE_PATHNAME', 'item_categories_deserialize' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
CREATE OR REPLACE FUNCTION _item_categories_final(internal) RETURNS text[]
	AS 'MODULE_PATHNAME', 'item_categories_final' LANGUAGE C IMMUTABLE PARALLEL SAFE;
CREATE OR REPLACE FUNCTION _category_keys_transition(internal, ledger, text[]) RETURNS internal
	AS 'MODULE_PATHNAME', 'category_keys_transition' LANGUAGE C IMMUTABLE PARALLEL SAFE;
CREATE OR REPLACE FUNCTION _category_keys_combine(internal, internal) RETURNS internal
	AS 'MODULE_PATHNAME', 'category_keys_combine' LANGUAGE C IMMUTABLE PARALLEL SAFE;
CREATE OR REPLACE FUNCTION _category_keys_serialize(internal) RETURNS bytea
	AS 'MODULE_PATHNAME', 'category_keys_serialize' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
CREATE OR REPLACE FUNCTION _category_keys_deserialize(bytea, internal) RETURNS internal
	AS 'MODULE_PATHNAME', 'category_keys_deserialize' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
CREATE OR REPLACE FUNCTION _category_keys_final(internal) RETURNS text[]
	AS 'MODULE_PATHNAME', 'category_keys_final' LANGUAGE C IMMUTABLE PARALLEL SAFE;

COMMENT ON FUNCTION _item_categories_rollup(internal, ledger, text[]) IS
	'项目类别合并累积: support function of aggregate _rollup_categories';
COMMENT ON FUNCTION _item_categories_combine(internal, internal) IS
	'项目类别并行合并: support function of aggregate _rollup_categories';
COMMENT ON FUNCTION _item_categories_serialize(internal) IS
	'项目类别并行传出: support function of aggregate _rollup_categories';
COMMENT ON FUNCTION _item_categories_deserialize(bytea, internal) IS
	'项目类别并行传入: support function of aggregate _rollup_categories';
COMMENT ON FUNCTION _item_categories_final(internal) IS
	'项目类别完成: support function of aggregate _rollup_categories';
COMMENT ON FUNCTION _category_keys_transition(internal, ledger, text[]) IS
	'项目与类别累积: support function of aggregate _distinct_item_categories';
COMMENT ON FUNCTION _category_keys_combine(internal, internal) IS
	'项目与类别并行合并: support function of aggregate _distinct_item_categories';
COMMENT ON FUNCTION _category_keys_serialize(internal) IS
	'项目与类别并行传出: support function of aggregate _distinct_item_categories';
COMMENT ON FUNCTION _category_keys_deserialize(bytea, internal) IS
	'项目与类别并行传入: support function of aggregate _distinct_item_categories';
COMMENT ON FUNCTION _category_keys_final(internal) IS
	'项目与类别完成: support function of aggregate _distinct_item_categories';

CREATE OR REPLACE AGGREGATE _rollup_categories(book ledger, categories text[]) (
	SFUNC = _item_categories_rollup,
	STYPE = internal,
	SSPACE = 2048,
	FINALFUNC = _item_categories_final,
	COMBINEFUNC = _item_categories_combine,
	SERIALFUNC = _item_categories_serialize,
	DESERIALFUNC = _item_categories_deserialize,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE _rollup_categories(ledger, text[]) IS
	'项目类别合并: the categories of rollup(book), from those of its books (see gathered_lines); an empty text where no book knows one or where they know several; NULL where none knows any; a NULL book is passed over; elements of another number than items are 22023';

CREATE OR REPLACE AGGREGATE _distinct_item_categories(book ledger, categories text[]) (
	SFUNC = _category_keys_transition,
	STYPE = internal,
	SSPACE = 16384,
	FINALFUNC = _category_keys_final,
	COMBINEFUNC = _category_keys_combine,
	SERIALFUNC = _category_keys_serialize,
	DESERIALFUNC = _category_keys_deserialize,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE _distinct_item_categories(ledger, text[]) IS
	'项目与类别: the distinct item_code || chr(31) || category of books and their categories (see gathered_lines), in bytewise order; an empty text where the category is not known; a NULL book is passed over, none gives NULL; elements of another number than items are 22023';
