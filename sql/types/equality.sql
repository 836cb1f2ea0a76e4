-- Equality, hashes and an order of books: equal contents have equal bytes.
-- The order is that of the bytes and means nothing; it lets values be sorted,
-- grouped, joined and replicated.


CREATE OR REPLACE FUNCTION _ledger_eq(ledger, ledger) RETURNS bool
	AS 'MODULE_PATHNAME', 'medaudit_book_eq' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;
CREATE OR REPLACE FUNCTION _ledger_ne(ledger, ledger) RETURNS bool
	AS 'MODULE_PATHNAME', 'medaudit_book_ne' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;
CREATE OR REPLACE FUNCTION _ledger_lt(ledger, ledger) RETURNS bool
	AS 'MODULE_PATHNAME', 'medaudit_book_lt' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;
CREATE OR REPLACE FUNCTION _ledger_le(ledger, ledger) RETURNS bool
	AS 'MODULE_PATHNAME', 'medaudit_book_le' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;
CREATE OR REPLACE FUNCTION _ledger_gt(ledger, ledger) RETURNS bool
	AS 'MODULE_PATHNAME', 'medaudit_book_gt' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;
CREATE OR REPLACE FUNCTION _ledger_ge(ledger, ledger) RETURNS bool
	AS 'MODULE_PATHNAME', 'medaudit_book_ge' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;
CREATE OR REPLACE FUNCTION _ledger_cmp(ledger, ledger) RETURNS int
	AS 'MODULE_PATHNAME', 'medaudit_book_cmp' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;
CREATE OR REPLACE FUNCTION _ledger_hash(ledger) RETURNS int
	AS 'MODULE_PATHNAME', 'medaudit_book_hash' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;
CREATE OR REPLACE FUNCTION _ledger_hash_extended(ledger, bigint) RETURNS bigint
	AS 'MODULE_PATHNAME', 'medaudit_book_hash_extended' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;

COMMENT ON FUNCTION _ledger_eq(ledger, ledger) IS
	'费用账册相等: function of the operator =';
COMMENT ON FUNCTION _ledger_ne(ledger, ledger) IS
	'费用账册不等: function of the operator <>';
COMMENT ON FUNCTION _ledger_lt(ledger, ledger) IS
	'费用账册次序: function of the operator <';
COMMENT ON FUNCTION _ledger_le(ledger, ledger) IS
	'费用账册次序: function of the operator <=';
COMMENT ON FUNCTION _ledger_gt(ledger, ledger) IS
	'费用账册次序: function of the operator >';
COMMENT ON FUNCTION _ledger_ge(ledger, ledger) IS
	'费用账册次序: function of the operator >=';
COMMENT ON FUNCTION _ledger_cmp(ledger, ledger) IS
	'费用账册次序: support function of operator class ledger_ops';
COMMENT ON FUNCTION _ledger_hash(ledger) IS
	'费用账册散列: support function of operator class ledger_ops';
COMMENT ON FUNCTION _ledger_hash_extended(ledger, bigint) IS
	'费用账册散列: support function of operator class ledger_ops';

CREATE OR REPLACE FUNCTION _stays_eq(stays, stays) RETURNS bool
	AS 'MODULE_PATHNAME', 'medaudit_book_eq' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;
CREATE OR REPLACE FUNCTION _stays_ne(stays, stays) RETURNS bool
	AS 'MODULE_PATHNAME', 'medaudit_book_ne' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;
CREATE OR REPLACE FUNCTION _stays_lt(stays, stays) RETURNS bool
	AS 'MODULE_PATHNAME', 'medaudit_book_lt' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;
CREATE OR REPLACE FUNCTION _stays_le(stays, stays) RETURNS bool
	AS 'MODULE_PATHNAME', 'medaudit_book_le' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;
CREATE OR REPLACE FUNCTION _stays_gt(stays, stays) RETURNS bool
	AS 'MODULE_PATHNAME', 'medaudit_book_gt' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;
CREATE OR REPLACE FUNCTION _stays_ge(stays, stays) RETURNS bool
	AS 'MODULE_PATHNAME', 'medaudit_book_ge' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;
CREATE OR REPLACE FUNCTION _stays_cmp(stays, stays) RETURNS int
	AS 'MODULE_PATHNAME', 'medaudit_book_cmp' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;
CREATE OR REPLACE FUNCTION _stays_hash(stays) RETURNS int
	AS 'MODULE_PATHNAME', 'medaudit_book_hash' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;
CREATE OR REPLACE FUNCTION _stays_hash_extended(stays, bigint) RETURNS bigint
	AS 'MODULE_PATHNAME', 'medaudit_book_hash_extended' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;

COMMENT ON FUNCTION _stays_eq(stays, stays) IS
	'住院册相等: function of the operator =';
COMMENT ON FUNCTION _stays_ne(stays, stays) IS
	'住院册不等: function of the operator <>';
COMMENT ON FUNCTION _stays_lt(stays, stays) IS
	'住院册次序: function of the operator <';
COMMENT ON FUNCTION _stays_le(stays, stays) IS
	'住院册次序: function of the operator <=';
COMMENT ON FUNCTION _stays_gt(stays, stays) IS
	'住院册次序: function of the operator >';
COMMENT ON FUNCTION _stays_ge(stays, stays) IS
	'住院册次序: function of the operator >=';
COMMENT ON FUNCTION _stays_cmp(stays, stays) IS
	'住院册次序: support function of operator class stays_ops';
COMMENT ON FUNCTION _stays_hash(stays) IS
	'住院册散列: support function of operator class stays_ops';
COMMENT ON FUNCTION _stays_hash_extended(stays, bigint) IS
	'住院册散列: support function of operator class stays_ops';

CREATE OR REPLACE FUNCTION _rulebook_eq(rulebook, rulebook) RETURNS bool
	AS 'MODULE_PATHNAME', 'medaudit_book_eq' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;
CREATE OR REPLACE FUNCTION _rulebook_ne(rulebook, rulebook) RETURNS bool
	AS 'MODULE_PATHNAME', 'medaudit_book_ne' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;
CREATE OR REPLACE FUNCTION _rulebook_lt(rulebook, rulebook) RETURNS bool
	AS 'MODULE_PATHNAME', 'medaudit_book_lt' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;
CREATE OR REPLACE FUNCTION _rulebook_le(rulebook, rulebook) RETURNS bool
	AS 'MODULE_PATHNAME', 'medaudit_book_le' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;
CREATE OR REPLACE FUNCTION _rulebook_gt(rulebook, rulebook) RETURNS bool
	AS 'MODULE_PATHNAME', 'medaudit_book_gt' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;
CREATE OR REPLACE FUNCTION _rulebook_ge(rulebook, rulebook) RETURNS bool
	AS 'MODULE_PATHNAME', 'medaudit_book_ge' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;
CREATE OR REPLACE FUNCTION _rulebook_cmp(rulebook, rulebook) RETURNS int
	AS 'MODULE_PATHNAME', 'medaudit_book_cmp' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;
CREATE OR REPLACE FUNCTION _rulebook_hash(rulebook) RETURNS int
	AS 'MODULE_PATHNAME', 'medaudit_book_hash' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;
CREATE OR REPLACE FUNCTION _rulebook_hash_extended(rulebook, bigint) RETURNS bigint
	AS 'MODULE_PATHNAME', 'medaudit_book_hash_extended' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;

COMMENT ON FUNCTION _rulebook_eq(rulebook, rulebook) IS
	'规则书相等: function of the operator =';
COMMENT ON FUNCTION _rulebook_ne(rulebook, rulebook) IS
	'规则书不等: function of the operator <>';
COMMENT ON FUNCTION _rulebook_lt(rulebook, rulebook) IS
	'规则书次序: function of the operator <';
COMMENT ON FUNCTION _rulebook_le(rulebook, rulebook) IS
	'规则书次序: function of the operator <=';
COMMENT ON FUNCTION _rulebook_gt(rulebook, rulebook) IS
	'规则书次序: function of the operator >';
COMMENT ON FUNCTION _rulebook_ge(rulebook, rulebook) IS
	'规则书次序: function of the operator >=';
COMMENT ON FUNCTION _rulebook_cmp(rulebook, rulebook) IS
	'规则书次序: support function of operator class rulebook_ops';
COMMENT ON FUNCTION _rulebook_hash(rulebook) IS
	'规则书散列: support function of operator class rulebook_ops';
COMMENT ON FUNCTION _rulebook_hash_extended(rulebook, bigint) IS
	'规则书散列: support function of operator class rulebook_ops';
