-- Days without care, likeness of ledgers, contradictions within a line.

CREATE OR REPLACE FUNCTION bed_days(book ledger, admitted_at timestamp, discharged_at timestamp,
	passive_items text[] DEFAULT '{}',
	OUT stay_days int, OUT active_days int, OUT idle_days int, OUT longest_idle int,
	OUT idle_share float8, OUT bare_days int, OUT idle_dates date[]) RETURNS record
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 100;
COMMENT ON FUNCTION bed_days(ledger, timestamp, timestamp, text[]) IS
	'挂床天数: days of a stay without care; stay_days = discharge date - admission date + 1; of the days between, active: an item not matched by passive_items (prefixes: bed, nursing, consultation) has remaining quantity, idle: none has, bare: nothing was charged at all; idle_share of the inner days (NULL where there are none); NULL book, admission or discharge, or discharge before admission, gives NULL; NULL passive_items is 22004';

CREATE OR REPLACE FUNCTION _bed_days(book ledger, admitted_at timestamp, discharged_at timestamp,
	passive_items text[], lasting_items text[],
	OUT stay_days int, OUT active_days int, OUT idle_days int, OUT longest_idle int,
	OUT idle_share float8, OUT bare_days int, OUT idle_dates date[]) RETURNS record
	AS 'MODULE_PATHNAME', 'bed_days_lasting' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 100;
COMMENT ON FUNCTION _bed_days(ledger, timestamp, timestamp, text[], text[]) IS
	'挂床天数(含按周计费): as bed_days(); a line of an item matched by lasting_items (prefixes: treatment) of which n >= 2 units remain covers n dates of the stay: its own, then those before it without care, the latest first, then those after it; lines are taken by date. NULL lasting_items is 22004';

CREATE OR REPLACE FUNCTION _bed_days(book ledger, categories text[], admitted_at timestamp, discharged_at timestamp,
	keys text[], classes text[],
	OUT stay_days int, OUT active_days int, OUT idle_days int, OUT longest_idle int,
	OUT idle_share float8, OUT bare_days int, OUT idle_dates date[], OUT unknown bool) RETURNS record
	AS 'MODULE_PATHNAME', 'bed_days_classes' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 100;
COMMENT ON FUNCTION _bed_days(ledger, text[], timestamp, timestamp, text[], text[]) IS
	'挂床天数(按收费分类): as the form with passive_items and lasting_items, by classes: classes[i] is that of keys[i], item_code || chr(31) || category as _distinct_item_categories() tells them, categories are those of the items of book; items of class bed, nursing and consultation are passive and netted as one item, those of class treatment are lasting; unknown: some item has no key or a NULL class, and counts as care; NULL keys or classes: nothing is known; elements of other numbers are 22023, a NULL key 22004. Keys and classes that are constants or, in FROM, parameters of a statement are read once, others compared in each call';

CREATE OR REPLACE FUNCTION fee_signature(book ledger) RETURNS bytea
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10000;
COMMENT ON FUNCTION fee_signature(ledger) IS
	'费用特征: 257 bytes (weighted MinHash of item and remaining quantity) for signature_similarity; NULL for a NULL ledger and for one of which refunds have left nothing';

CREATE OR REPLACE FUNCTION signature_similarity(a bytea, b bytea) RETURNS float8
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5;
COMMENT ON FUNCTION signature_similarity(bytea, bytea) IS
	'费用相似度: likeness (0 to 1) of two ledgers by their fee_signature: estimates sum of least over sum of greatest item quantities with a standard error of at most 0.045; NULL gives NULL, what is no signature is 22023';

CREATE OR REPLACE FUNCTION line_problems(admitted_at timestamp, discharged_at timestamp, charged_at timestamp,
	quantity numeric, unit_price numeric, amount numeric, claimed numeric) RETURNS text[]
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 5;
COMMENT ON FUNCTION line_problems(timestamp, timestamp, timestamp, numeric, numeric, numeric, numeric) IS
	'明细一致性: what contradicts itself in a charge line, in this order: discharge_before_admission, no_charged_at, before_admission, after_discharge (by date), no_quantity, no_amount, sign, amount_not_quantity_times_price (by more than 0.01 yuan), claimed_above_amount; none gives an empty array; a NULL stay, price or claim is not asked about';
