-- Split charge: parts of a package charged one by one.

CREATE OR REPLACE FUNCTION split_charge_score(book ledger, rules rulebook) RETURNS float8
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 500;
COMMENT ON FUNCTION split_charge_score(ledger, rulebook) IS
	'分解收费评分: highest score (0 to 1) of a package charged in parts: share of its components charged times share of their amount above the package price; 0 where nothing was split, NULL for a NULL book; NULL rules is 22004';

CREATE OR REPLACE FUNCTION split_charges(book ledger, rules rulebook,
	OUT rule_code text, OUT visit_id text, OUT package_code text, OUT charged_on date,
	OUT mode text, OUT parts int, OUT components text[], OUT component_amount numeric,
	OUT package_price numeric, OUT excess_amount numeric, OUT excess_claimed numeric,
	OUT score float8) RETURNS SETOF record
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 500 ROWS 2;
COMMENT ON FUNCTION split_charges(ledger, rulebook) IS
	'分解收费: one row per package, visit and day whose parts were charged beside the package (mode beside) or instead of it for more than its price (mode instead); amounts in yuan; a NULL book gives no rows; packages bound to facility ranks need a context: see audit_charges; NULL rules is 22004';

CREATE OR REPLACE FUNCTION split_charge_score(book ledger) RETURNS float8
	AS 'MODULE_PATHNAME' LANGUAGE C STABLE PARALLEL SAFE COST 500;
COMMENT ON FUNCTION split_charge_score(ledger) IS
	'分解收费评分: highest score (0 to 1) of a package charged in parts: share of its components charged times share of their amount above the package price; 0 where nothing was split, NULL for a NULL book; by the enabled rules, compiled once per statement';

CREATE OR REPLACE FUNCTION split_charges(book ledger,
	OUT rule_code text, OUT visit_id text, OUT package_code text, OUT charged_on date,
	OUT mode text, OUT parts int, OUT components text[], OUT component_amount numeric,
	OUT package_price numeric, OUT excess_amount numeric, OUT excess_claimed numeric,
	OUT score float8) RETURNS SETOF record
	AS 'MODULE_PATHNAME' LANGUAGE C STABLE PARALLEL SAFE COST 500 ROWS 2;
COMMENT ON FUNCTION split_charges(ledger) IS
	'分解收费: one row per package, visit and day whose parts were charged beside the package (mode beside) or instead of it for more than its price (mode instead); amounts in yuan; a NULL book gives no rows; packages bound to facility ranks need a context: see audit_charges; by the enabled rules, compiled once per statement';

CREATE OR REPLACE FUNCTION _split_charge_score_final(internal) RETURNS float8
	AS 'MODULE_PATHNAME', 'split_charge_score_final' LANGUAGE C STABLE PARALLEL SAFE;
COMMENT ON FUNCTION _split_charge_score_final(internal) IS
	'分解收费评分完成: support function of aggregate split_charge_score';

CREATE OR REPLACE AGGREGATE split_charge_score(item_code text, quantity numeric, amount numeric, charged_at timestamp) (
	SFUNC = _ledger_transition,
	STYPE = internal,
	SSPACE = 2048,
	FINALFUNC = _split_charge_score_final,
	COMBINEFUNC = _ledger_combine,
	SERIALFUNC = _ledger_serialize,
	DESERIALFUNC = _ledger_deserialize,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE split_charge_score(text, numeric, numeric, timestamp) IS
	'分解收费评分: split_charge_score(ledger(...)) by the enabled rules in one call: item code, quantity, gross amount in yuan, time of charge; shares its state with ledger(...) over the same arguments; no row gives NULL';
