-- Equality, hashes and an order of books: equal contents have equal bytes.
-- The order is that of the bytes and means nothing; it lets values be sorted,
-- grouped, joined and replicated.


CREATE FUNCTION ledger_eq(ledger, ledger) RETURNS bool
	AS 'MODULE_PATHNAME', 'medaudit_book_eq' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;
CREATE FUNCTION ledger_ne(ledger, ledger) RETURNS bool
	AS 'MODULE_PATHNAME', 'medaudit_book_ne' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;
CREATE FUNCTION ledger_lt(ledger, ledger) RETURNS bool
	AS 'MODULE_PATHNAME', 'medaudit_book_lt' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;
CREATE FUNCTION ledger_le(ledger, ledger) RETURNS bool
	AS 'MODULE_PATHNAME', 'medaudit_book_le' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;
CREATE FUNCTION ledger_gt(ledger, ledger) RETURNS bool
	AS 'MODULE_PATHNAME', 'medaudit_book_gt' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;
CREATE FUNCTION ledger_ge(ledger, ledger) RETURNS bool
	AS 'MODULE_PATHNAME', 'medaudit_book_ge' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;
CREATE FUNCTION ledger_cmp(ledger, ledger) RETURNS int
	AS 'MODULE_PATHNAME', 'medaudit_book_cmp' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;
CREATE FUNCTION ledger_hash(ledger) RETURNS int
	AS 'MODULE_PATHNAME', 'medaudit_book_hash' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;
CREATE FUNCTION ledger_hash_extended(ledger, bigint) RETURNS bigint
	AS 'MODULE_PATHNAME', 'medaudit_book_hash_extended' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;

COMMENT ON FUNCTION ledger_eq(ledger, ledger) IS
	'费用账册相等: function of the operator =';
COMMENT ON FUNCTION ledger_ne(ledger, ledger) IS
	'费用账册不等: function of the operator <>';
COMMENT ON FUNCTION ledger_lt(ledger, ledger) IS
	'费用账册次序: function of the operator <';
COMMENT ON FUNCTION ledger_le(ledger, ledger) IS
	'费用账册次序: function of the operator <=';
COMMENT ON FUNCTION ledger_gt(ledger, ledger) IS
	'费用账册次序: function of the operator >';
COMMENT ON FUNCTION ledger_ge(ledger, ledger) IS
	'费用账册次序: function of the operator >=';
COMMENT ON FUNCTION ledger_cmp(ledger, ledger) IS
	'费用账册次序: support function of operator class ledger_ops';
COMMENT ON FUNCTION ledger_hash(ledger) IS
	'费用账册散列: support function of operator class ledger_ops';
COMMENT ON FUNCTION ledger_hash_extended(ledger, bigint) IS
	'费用账册散列: support function of operator class ledger_ops';

CREATE OPERATOR = (
	LEFTARG = ledger, RIGHTARG = ledger, FUNCTION = ledger_eq,
	COMMUTATOR = =, NEGATOR = <>, RESTRICT = eqsel, JOIN = eqjoinsel,
	HASHES, MERGES
);
CREATE OPERATOR <> (
	LEFTARG = ledger, RIGHTARG = ledger, FUNCTION = ledger_ne,
	COMMUTATOR = <>, NEGATOR = =, RESTRICT = neqsel, JOIN = neqjoinsel
);
CREATE OPERATOR < (
	LEFTARG = ledger, RIGHTARG = ledger, FUNCTION = ledger_lt,
	COMMUTATOR = >, NEGATOR = >=, RESTRICT = scalarltsel, JOIN = scalarltjoinsel
);
CREATE OPERATOR <= (
	LEFTARG = ledger, RIGHTARG = ledger, FUNCTION = ledger_le,
	COMMUTATOR = >=, NEGATOR = >, RESTRICT = scalarlesel, JOIN = scalarlejoinsel
);
CREATE OPERATOR > (
	LEFTARG = ledger, RIGHTARG = ledger, FUNCTION = ledger_gt,
	COMMUTATOR = <, NEGATOR = <=, RESTRICT = scalargtsel, JOIN = scalargtjoinsel
);
CREATE OPERATOR >= (
	LEFTARG = ledger, RIGHTARG = ledger, FUNCTION = ledger_ge,
	COMMUTATOR = <=, NEGATOR = <, RESTRICT = scalargesel, JOIN = scalargejoinsel
);

COMMENT ON OPERATOR = (ledger, ledger) IS
	'费用账册相等: are the bytes of both equal, however they are stored; NULL gives NULL';
COMMENT ON OPERATOR <> (ledger, ledger) IS
	'费用账册不等: do the bytes of both differ; NULL gives NULL';
COMMENT ON OPERATOR < (ledger, ledger) IS
	'费用账册次序: is the first before the second in the order of bytes, which means nothing; NULL gives NULL';
COMMENT ON OPERATOR <= (ledger, ledger) IS
	'费用账册次序: is the first not behind the second in the order of bytes, which means nothing; NULL gives NULL';
COMMENT ON OPERATOR > (ledger, ledger) IS
	'费用账册次序: is the first behind the second in the order of bytes, which means nothing; NULL gives NULL';
COMMENT ON OPERATOR >= (ledger, ledger) IS
	'费用账册次序: is the first not before the second in the order of bytes, which means nothing; NULL gives NULL';

CREATE OPERATOR CLASS ledger_ops DEFAULT FOR TYPE ledger USING btree AS
	OPERATOR 1 <, OPERATOR 2 <=, OPERATOR 3 =, OPERATOR 4 >=, OPERATOR 5 >,
	FUNCTION 1 ledger_cmp(ledger, ledger),
	FUNCTION 4 btequalimage(oid);
CREATE OPERATOR CLASS ledger_ops DEFAULT FOR TYPE ledger USING hash AS
	OPERATOR 1 =,
	FUNCTION 1 ledger_hash(ledger),
	FUNCTION 2 ledger_hash_extended(ledger, bigint);
COMMENT ON OPERATOR CLASS ledger_ops USING btree IS
	'费用账册次序: sorts by bytes, for DISTINCT, GROUP BY and merge joins; the order means nothing';
COMMENT ON OPERATOR CLASS ledger_ops USING hash IS
	'费用账册散列: hashes bytes, for GROUP BY, DISTINCT, hash joins and partitions';
COMMENT ON OPERATOR FAMILY ledger_ops USING btree IS
	'费用账册次序: family of operator class ledger_ops';
COMMENT ON OPERATOR FAMILY ledger_ops USING hash IS
	'费用账册散列: family of operator class ledger_ops';

CREATE FUNCTION stays_eq(stays, stays) RETURNS bool
	AS 'MODULE_PATHNAME', 'medaudit_book_eq' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;
CREATE FUNCTION stays_ne(stays, stays) RETURNS bool
	AS 'MODULE_PATHNAME', 'medaudit_book_ne' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;
CREATE FUNCTION stays_lt(stays, stays) RETURNS bool
	AS 'MODULE_PATHNAME', 'medaudit_book_lt' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;
CREATE FUNCTION stays_le(stays, stays) RETURNS bool
	AS 'MODULE_PATHNAME', 'medaudit_book_le' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;
CREATE FUNCTION stays_gt(stays, stays) RETURNS bool
	AS 'MODULE_PATHNAME', 'medaudit_book_gt' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;
CREATE FUNCTION stays_ge(stays, stays) RETURNS bool
	AS 'MODULE_PATHNAME', 'medaudit_book_ge' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;
CREATE FUNCTION stays_cmp(stays, stays) RETURNS int
	AS 'MODULE_PATHNAME', 'medaudit_book_cmp' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;
CREATE FUNCTION stays_hash(stays) RETURNS int
	AS 'MODULE_PATHNAME', 'medaudit_book_hash' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;
CREATE FUNCTION stays_hash_extended(stays, bigint) RETURNS bigint
	AS 'MODULE_PATHNAME', 'medaudit_book_hash_extended' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;

COMMENT ON FUNCTION stays_eq(stays, stays) IS
	'住院册相等: function of the operator =';
COMMENT ON FUNCTION stays_ne(stays, stays) IS
	'住院册不等: function of the operator <>';
COMMENT ON FUNCTION stays_lt(stays, stays) IS
	'住院册次序: function of the operator <';
COMMENT ON FUNCTION stays_le(stays, stays) IS
	'住院册次序: function of the operator <=';
COMMENT ON FUNCTION stays_gt(stays, stays) IS
	'住院册次序: function of the operator >';
COMMENT ON FUNCTION stays_ge(stays, stays) IS
	'住院册次序: function of the operator >=';
COMMENT ON FUNCTION stays_cmp(stays, stays) IS
	'住院册次序: support function of operator class stays_ops';
COMMENT ON FUNCTION stays_hash(stays) IS
	'住院册散列: support function of operator class stays_ops';
COMMENT ON FUNCTION stays_hash_extended(stays, bigint) IS
	'住院册散列: support function of operator class stays_ops';

CREATE OPERATOR = (
	LEFTARG = stays, RIGHTARG = stays, FUNCTION = stays_eq,
	COMMUTATOR = =, NEGATOR = <>, RESTRICT = eqsel, JOIN = eqjoinsel,
	HASHES, MERGES
);
CREATE OPERATOR <> (
	LEFTARG = stays, RIGHTARG = stays, FUNCTION = stays_ne,
	COMMUTATOR = <>, NEGATOR = =, RESTRICT = neqsel, JOIN = neqjoinsel
);
CREATE OPERATOR < (
	LEFTARG = stays, RIGHTARG = stays, FUNCTION = stays_lt,
	COMMUTATOR = >, NEGATOR = >=, RESTRICT = scalarltsel, JOIN = scalarltjoinsel
);
CREATE OPERATOR <= (
	LEFTARG = stays, RIGHTARG = stays, FUNCTION = stays_le,
	COMMUTATOR = >=, NEGATOR = >, RESTRICT = scalarlesel, JOIN = scalarlejoinsel
);
CREATE OPERATOR > (
	LEFTARG = stays, RIGHTARG = stays, FUNCTION = stays_gt,
	COMMUTATOR = <, NEGATOR = <=, RESTRICT = scalargtsel, JOIN = scalargtjoinsel
);
CREATE OPERATOR >= (
	LEFTARG = stays, RIGHTARG = stays, FUNCTION = stays_ge,
	COMMUTATOR = <=, NEGATOR = <, RESTRICT = scalargesel, JOIN = scalargejoinsel
);

COMMENT ON OPERATOR = (stays, stays) IS
	'住院册相等: are the bytes of both equal, however they are stored; NULL gives NULL';
COMMENT ON OPERATOR <> (stays, stays) IS
	'住院册不等: do the bytes of both differ; NULL gives NULL';
COMMENT ON OPERATOR < (stays, stays) IS
	'住院册次序: is the first before the second in the order of bytes, which means nothing; NULL gives NULL';
COMMENT ON OPERATOR <= (stays, stays) IS
	'住院册次序: is the first not behind the second in the order of bytes, which means nothing; NULL gives NULL';
COMMENT ON OPERATOR > (stays, stays) IS
	'住院册次序: is the first behind the second in the order of bytes, which means nothing; NULL gives NULL';
COMMENT ON OPERATOR >= (stays, stays) IS
	'住院册次序: is the first not before the second in the order of bytes, which means nothing; NULL gives NULL';

CREATE OPERATOR CLASS stays_ops DEFAULT FOR TYPE stays USING btree AS
	OPERATOR 1 <, OPERATOR 2 <=, OPERATOR 3 =, OPERATOR 4 >=, OPERATOR 5 >,
	FUNCTION 1 stays_cmp(stays, stays),
	FUNCTION 4 btequalimage(oid);
CREATE OPERATOR CLASS stays_ops DEFAULT FOR TYPE stays USING hash AS
	OPERATOR 1 =,
	FUNCTION 1 stays_hash(stays),
	FUNCTION 2 stays_hash_extended(stays, bigint);
COMMENT ON OPERATOR CLASS stays_ops USING btree IS
	'住院册次序: sorts by bytes, for DISTINCT, GROUP BY and merge joins; the order means nothing';
COMMENT ON OPERATOR CLASS stays_ops USING hash IS
	'住院册散列: hashes bytes, for GROUP BY, DISTINCT, hash joins and partitions';
COMMENT ON OPERATOR FAMILY stays_ops USING btree IS
	'住院册次序: family of operator class stays_ops';
COMMENT ON OPERATOR FAMILY stays_ops USING hash IS
	'住院册散列: family of operator class stays_ops';

CREATE FUNCTION rulebook_eq(rulebook, rulebook) RETURNS bool
	AS 'MODULE_PATHNAME', 'medaudit_book_eq' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;
CREATE FUNCTION rulebook_ne(rulebook, rulebook) RETURNS bool
	AS 'MODULE_PATHNAME', 'medaudit_book_ne' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;
CREATE FUNCTION rulebook_lt(rulebook, rulebook) RETURNS bool
	AS 'MODULE_PATHNAME', 'medaudit_book_lt' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;
CREATE FUNCTION rulebook_le(rulebook, rulebook) RETURNS bool
	AS 'MODULE_PATHNAME', 'medaudit_book_le' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;
CREATE FUNCTION rulebook_gt(rulebook, rulebook) RETURNS bool
	AS 'MODULE_PATHNAME', 'medaudit_book_gt' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;
CREATE FUNCTION rulebook_ge(rulebook, rulebook) RETURNS bool
	AS 'MODULE_PATHNAME', 'medaudit_book_ge' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;
CREATE FUNCTION rulebook_cmp(rulebook, rulebook) RETURNS int
	AS 'MODULE_PATHNAME', 'medaudit_book_cmp' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;
CREATE FUNCTION rulebook_hash(rulebook) RETURNS int
	AS 'MODULE_PATHNAME', 'medaudit_book_hash' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;
CREATE FUNCTION rulebook_hash_extended(rulebook, bigint) RETURNS bigint
	AS 'MODULE_PATHNAME', 'medaudit_book_hash_extended' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;

COMMENT ON FUNCTION rulebook_eq(rulebook, rulebook) IS
	'规则书相等: function of the operator =';
COMMENT ON FUNCTION rulebook_ne(rulebook, rulebook) IS
	'规则书不等: function of the operator <>';
COMMENT ON FUNCTION rulebook_lt(rulebook, rulebook) IS
	'规则书次序: function of the operator <';
COMMENT ON FUNCTION rulebook_le(rulebook, rulebook) IS
	'规则书次序: function of the operator <=';
COMMENT ON FUNCTION rulebook_gt(rulebook, rulebook) IS
	'规则书次序: function of the operator >';
COMMENT ON FUNCTION rulebook_ge(rulebook, rulebook) IS
	'规则书次序: function of the operator >=';
COMMENT ON FUNCTION rulebook_cmp(rulebook, rulebook) IS
	'规则书次序: support function of operator class rulebook_ops';
COMMENT ON FUNCTION rulebook_hash(rulebook) IS
	'规则书散列: support function of operator class rulebook_ops';
COMMENT ON FUNCTION rulebook_hash_extended(rulebook, bigint) IS
	'规则书散列: support function of operator class rulebook_ops';

CREATE OPERATOR = (
	LEFTARG = rulebook, RIGHTARG = rulebook, FUNCTION = rulebook_eq,
	COMMUTATOR = =, NEGATOR = <>, RESTRICT = eqsel, JOIN = eqjoinsel,
	HASHES, MERGES
);
CREATE OPERATOR <> (
	LEFTARG = rulebook, RIGHTARG = rulebook, FUNCTION = rulebook_ne,
	COMMUTATOR = <>, NEGATOR = =, RESTRICT = neqsel, JOIN = neqjoinsel
);
CREATE OPERATOR < (
	LEFTARG = rulebook, RIGHTARG = rulebook, FUNCTION = rulebook_lt,
	COMMUTATOR = >, NEGATOR = >=, RESTRICT = scalarltsel, JOIN = scalarltjoinsel
);
CREATE OPERATOR <= (
	LEFTARG = rulebook, RIGHTARG = rulebook, FUNCTION = rulebook_le,
	COMMUTATOR = >=, NEGATOR = >, RESTRICT = scalarlesel, JOIN = scalarlejoinsel
);
CREATE OPERATOR > (
	LEFTARG = rulebook, RIGHTARG = rulebook, FUNCTION = rulebook_gt,
	COMMUTATOR = <, NEGATOR = <=, RESTRICT = scalargtsel, JOIN = scalargtjoinsel
);
CREATE OPERATOR >= (
	LEFTARG = rulebook, RIGHTARG = rulebook, FUNCTION = rulebook_ge,
	COMMUTATOR = <=, NEGATOR = <, RESTRICT = scalargesel, JOIN = scalargejoinsel
);

COMMENT ON OPERATOR = (rulebook, rulebook) IS
	'规则书相等: are the bytes of both equal, however they are stored; NULL gives NULL';
COMMENT ON OPERATOR <> (rulebook, rulebook) IS
	'规则书不等: do the bytes of both differ; NULL gives NULL';
COMMENT ON OPERATOR < (rulebook, rulebook) IS
	'规则书次序: is the first before the second in the order of bytes, which means nothing; NULL gives NULL';
COMMENT ON OPERATOR <= (rulebook, rulebook) IS
	'规则书次序: is the first not behind the second in the order of bytes, which means nothing; NULL gives NULL';
COMMENT ON OPERATOR > (rulebook, rulebook) IS
	'规则书次序: is the first behind the second in the order of bytes, which means nothing; NULL gives NULL';
COMMENT ON OPERATOR >= (rulebook, rulebook) IS
	'规则书次序: is the first not before the second in the order of bytes, which means nothing; NULL gives NULL';

CREATE OPERATOR CLASS rulebook_ops DEFAULT FOR TYPE rulebook USING btree AS
	OPERATOR 1 <, OPERATOR 2 <=, OPERATOR 3 =, OPERATOR 4 >=, OPERATOR 5 >,
	FUNCTION 1 rulebook_cmp(rulebook, rulebook),
	FUNCTION 4 btequalimage(oid);
CREATE OPERATOR CLASS rulebook_ops DEFAULT FOR TYPE rulebook USING hash AS
	OPERATOR 1 =,
	FUNCTION 1 rulebook_hash(rulebook),
	FUNCTION 2 rulebook_hash_extended(rulebook, bigint);
COMMENT ON OPERATOR CLASS rulebook_ops USING btree IS
	'规则书次序: sorts by bytes, for DISTINCT, GROUP BY and merge joins; the order means nothing';
COMMENT ON OPERATOR CLASS rulebook_ops USING hash IS
	'规则书散列: hashes bytes, for GROUP BY, DISTINCT, hash joins and partitions';
COMMENT ON OPERATOR FAMILY rulebook_ops USING btree IS
	'规则书次序: family of operator class rulebook_ops';
COMMENT ON OPERATOR FAMILY rulebook_ops USING hash IS
	'规则书散列: family of operator class rulebook_ops';
