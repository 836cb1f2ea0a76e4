-- excess_by_rule() over many books: a number for each rule, and no row for each visit.

CREATE OR REPLACE FUNCTION _excess_totals_transition(internal, ledger, visit_context, rulebook) RETURNS internal
	AS 'MODULE_PATHNAME', 'excess_totals_context' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 1000;
CREATE OR REPLACE FUNCTION _excess_totals_transition(internal, ledger, visit_context) RETURNS internal
	AS 'MODULE_PATHNAME', 'excess_totals_context' LANGUAGE C STABLE PARALLEL SAFE COST 1000;
CREATE OR REPLACE FUNCTION _excess_totals_transition(internal, ledger, jsonb, rulebook) RETURNS internal
	AS 'MODULE_PATHNAME', 'excess_totals_contexts' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 1000;
CREATE OR REPLACE FUNCTION _excess_totals_transition(internal, ledger, jsonb) RETURNS internal
	AS 'MODULE_PATHNAME', 'excess_totals_contexts' LANGUAGE C STABLE PARALLEL SAFE COST 1000;
CREATE OR REPLACE FUNCTION _excess_totals_transition(internal, ledger, text, rulebook) RETURNS internal
	AS 'MODULE_PATHNAME', 'excess_totals_literal' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 1000;
CREATE OR REPLACE FUNCTION _excess_totals_transition(internal, ledger, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'excess_totals_literal' LANGUAGE C STABLE PARALLEL SAFE COST 1000;
CREATE OR REPLACE FUNCTION _excess_totals_combine(internal, internal) RETURNS internal
	AS 'MODULE_PATHNAME', 'excess_totals_combine' LANGUAGE C IMMUTABLE PARALLEL SAFE;
CREATE OR REPLACE FUNCTION _excess_totals_serialize(internal) RETURNS bytea
	AS 'MODULE_PATHNAME', 'excess_totals_serialize' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
CREATE OR REPLACE FUNCTION _excess_totals_deserialize(bytea, internal) RETURNS internal
	AS 'MODULE_PATHNAME', 'excess_totals_deserialize' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
CREATE OR REPLACE FUNCTION _excess_totals_final(internal) RETURNS excess_total[]
	AS 'MODULE_PATHNAME', 'excess_totals_final' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION _excess_totals_transition(internal, ledger, visit_context, rulebook) IS '规则合计累积: support function of aggregate excess_totals';
COMMENT ON FUNCTION _excess_totals_transition(internal, ledger, visit_context) IS '规则合计累积: support function of aggregate excess_totals';
COMMENT ON FUNCTION _excess_totals_transition(internal, ledger, jsonb, rulebook) IS '规则合计累积: support function of aggregate excess_totals';
COMMENT ON FUNCTION _excess_totals_transition(internal, ledger, jsonb) IS '规则合计累积: support function of aggregate excess_totals';
COMMENT ON FUNCTION _excess_totals_transition(internal, ledger, text, rulebook) IS '规则合计累积: support function of aggregate excess_totals';
COMMENT ON FUNCTION _excess_totals_transition(internal, ledger, text) IS '规则合计累积: support function of aggregate excess_totals';
COMMENT ON FUNCTION _excess_totals_combine(internal, internal) IS '规则合计并行合并: support function of aggregate excess_totals';
COMMENT ON FUNCTION _excess_totals_serialize(internal) IS '规则合计序列化: support function of aggregate excess_totals';
COMMENT ON FUNCTION _excess_totals_deserialize(bytea, internal) IS '规则合计反序列化: support function of aggregate excess_totals';
COMMENT ON FUNCTION _excess_totals_final(internal) IS '规则合计结果: support function of aggregate excess_totals';

CREATE OR REPLACE AGGREGATE excess_totals(book ledger, context visit_context, rules rulebook) (
	SFUNC = _excess_totals_transition,
	STYPE = internal,
	SSPACE = 1024,
	FINALFUNC = _excess_totals_final,
	COMBINEFUNC = _excess_totals_combine,
	SERIALFUNC = _excess_totals_serialize,
	DESERIALFUNC = _excess_totals_deserialize,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE excess_totals(ledger, visit_context, rulebook) IS
	'规则合计: excess_by_rule() added up over many books, an array of excess_total by rule_code: books in which the rule found something, lines in excess, their excess in yuan, gross and claimed, and lines that cannot be judged; a NULL book counts nothing, no rows give NULL, books in which nothing is found an empty array, sums beyond 9 x 10^14 yuan 22003; one context for the whole book; NULL: nothing is known; NULL rules is 22004';

CREATE OR REPLACE AGGREGATE excess_totals(book ledger, context visit_context) (
	SFUNC = _excess_totals_transition,
	STYPE = internal,
	SSPACE = 1024,
	FINALFUNC = _excess_totals_final,
	COMBINEFUNC = _excess_totals_combine,
	SERIALFUNC = _excess_totals_serialize,
	DESERIALFUNC = _excess_totals_deserialize,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE excess_totals(ledger, visit_context) IS
	'规则合计: excess_by_rule() added up over many books, an array of excess_total by rule_code: books in which the rule found something, lines in excess, their excess in yuan, gross and claimed, and lines that cannot be judged; a NULL book counts nothing, no rows give NULL, books in which nothing is found an empty array, sums beyond 9 x 10^14 yuan 22003; one context for the whole book; NULL: nothing is known; by the enabled rules, compiled once per statement';

CREATE OR REPLACE AGGREGATE excess_totals(book ledger, contexts jsonb, rules rulebook) (
	SFUNC = _excess_totals_transition,
	STYPE = internal,
	SSPACE = 1024,
	FINALFUNC = _excess_totals_final,
	COMBINEFUNC = _excess_totals_combine,
	SERIALFUNC = _excess_totals_serialize,
	DESERIALFUNC = _excess_totals_deserialize,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE excess_totals(ledger, jsonb, rulebook) IS
	'规则合计: excess_by_rule() added up over many books, an array of excess_total by rule_code: books in which the rule found something, lines in excess, their excess in yuan, gross and claimed, and lines that cannot be judged; a NULL book counts nothing, no rows give NULL, books in which nothing is found an empty array, sums beyond 9 x 10^14 yuan 22003; contexts by visit_id, {"visit_id": {"sex": "2", ...}}; a visit not in it: nothing is known; not an object: 22023; NULL rules is 22004';

CREATE OR REPLACE AGGREGATE excess_totals(book ledger, contexts jsonb) (
	SFUNC = _excess_totals_transition,
	STYPE = internal,
	SSPACE = 1024,
	FINALFUNC = _excess_totals_final,
	COMBINEFUNC = _excess_totals_combine,
	SERIALFUNC = _excess_totals_serialize,
	DESERIALFUNC = _excess_totals_deserialize,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE excess_totals(ledger, jsonb) IS
	'规则合计: excess_by_rule() added up over many books, an array of excess_total by rule_code: books in which the rule found something, lines in excess, their excess in yuan, gross and claimed, and lines that cannot be judged; a NULL book counts nothing, no rows give NULL, books in which nothing is found an empty array, sums beyond 9 x 10^14 yuan 22003; contexts by visit_id, {"visit_id": {"sex": "2", ...}}; a visit not in it: nothing is known; not an object: 22023; by the enabled rules, compiled once per statement';

CREATE OR REPLACE AGGREGATE excess_totals(book ledger, contexts text, rules rulebook) (
	SFUNC = _excess_totals_transition,
	STYPE = internal,
	SSPACE = 1024,
	FINALFUNC = _excess_totals_final,
	COMBINEFUNC = _excess_totals_combine,
	SERIALFUNC = _excess_totals_serialize,
	DESERIALFUNC = _excess_totals_deserialize,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE excess_totals(ledger, text, rulebook) IS
	'规则合计: excess_by_rule() added up over many books, an array of excess_total by rule_code: books in which the rule found something, lines in excess, their excess in yuan, gross and claimed, and lines that cannot be judged; a NULL book counts nothing, no rows give NULL, books in which nothing is found an empty array, sums beyond 9 x 10^14 yuan 22003; an untyped literal: NULL, or contexts by visit_id as JSON text; NULL rules is 22004';

CREATE OR REPLACE AGGREGATE excess_totals(book ledger, contexts text) (
	SFUNC = _excess_totals_transition,
	STYPE = internal,
	SSPACE = 1024,
	FINALFUNC = _excess_totals_final,
	COMBINEFUNC = _excess_totals_combine,
	SERIALFUNC = _excess_totals_serialize,
	DESERIALFUNC = _excess_totals_deserialize,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE excess_totals(ledger, text) IS
	'规则合计: excess_by_rule() added up over many books, an array of excess_total by rule_code: books in which the rule found something, lines in excess, their excess in yuan, gross and claimed, and lines that cannot be judged; a NULL book counts nothing, no rows give NULL, books in which nothing is found an empty array, sums beyond 9 x 10^14 yuan 22003; an untyped literal: NULL, or contexts by visit_id as JSON text; by the enabled rules, compiled once per statement';
