-- Operators and their classes, so that books sort, group and join.

CREATE OPERATOR = (
	LEFTARG = ledger, RIGHTARG = ledger, FUNCTION = _ledger_eq,
	COMMUTATOR = =, NEGATOR = <>, RESTRICT = eqsel, JOIN = eqjoinsel,
	HASHES, MERGES
);
CREATE OPERATOR <> (
	LEFTARG = ledger, RIGHTARG = ledger, FUNCTION = _ledger_ne,
	COMMUTATOR = <>, NEGATOR = =, RESTRICT = neqsel, JOIN = neqjoinsel
);
CREATE OPERATOR < (
	LEFTARG = ledger, RIGHTARG = ledger, FUNCTION = _ledger_lt,
	COMMUTATOR = >, NEGATOR = >=, RESTRICT = scalarltsel, JOIN = scalarltjoinsel
);
CREATE OPERATOR <= (
	LEFTARG = ledger, RIGHTARG = ledger, FUNCTION = _ledger_le,
	COMMUTATOR = >=, NEGATOR = >, RESTRICT = scalarlesel, JOIN = scalarlejoinsel
);
CREATE OPERATOR > (
	LEFTARG = ledger, RIGHTARG = ledger, FUNCTION = _ledger_gt,
	COMMUTATOR = <, NEGATOR = <=, RESTRICT = scalargtsel, JOIN = scalargtjoinsel
);
CREATE OPERATOR >= (
	LEFTARG = ledger, RIGHTARG = ledger, FUNCTION = _ledger_ge,
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
	FUNCTION 1 _ledger_cmp(ledger, ledger),
	FUNCTION 4 btequalimage(oid);
CREATE OPERATOR CLASS ledger_ops DEFAULT FOR TYPE ledger USING hash AS
	OPERATOR 1 =,
	FUNCTION 1 _ledger_hash(ledger),
	FUNCTION 2 _ledger_hash_extended(ledger, bigint);
COMMENT ON OPERATOR CLASS ledger_ops USING btree IS
	'费用账册次序: sorts by bytes, for DISTINCT, GROUP BY and merge joins; the order means nothing';
COMMENT ON OPERATOR CLASS ledger_ops USING hash IS
	'费用账册散列: hashes bytes, for GROUP BY, DISTINCT, hash joins and partitions';
COMMENT ON OPERATOR FAMILY ledger_ops USING btree IS
	'费用账册次序: family of operator class ledger_ops';
COMMENT ON OPERATOR FAMILY ledger_ops USING hash IS
	'费用账册散列: family of operator class ledger_ops';

CREATE OPERATOR = (
	LEFTARG = stays, RIGHTARG = stays, FUNCTION = _stays_eq,
	COMMUTATOR = =, NEGATOR = <>, RESTRICT = eqsel, JOIN = eqjoinsel,
	HASHES, MERGES
);
CREATE OPERATOR <> (
	LEFTARG = stays, RIGHTARG = stays, FUNCTION = _stays_ne,
	COMMUTATOR = <>, NEGATOR = =, RESTRICT = neqsel, JOIN = neqjoinsel
);
CREATE OPERATOR < (
	LEFTARG = stays, RIGHTARG = stays, FUNCTION = _stays_lt,
	COMMUTATOR = >, NEGATOR = >=, RESTRICT = scalarltsel, JOIN = scalarltjoinsel
);
CREATE OPERATOR <= (
	LEFTARG = stays, RIGHTARG = stays, FUNCTION = _stays_le,
	COMMUTATOR = >=, NEGATOR = >, RESTRICT = scalarlesel, JOIN = scalarlejoinsel
);
CREATE OPERATOR > (
	LEFTARG = stays, RIGHTARG = stays, FUNCTION = _stays_gt,
	COMMUTATOR = <, NEGATOR = <=, RESTRICT = scalargtsel, JOIN = scalargtjoinsel
);
CREATE OPERATOR >= (
	LEFTARG = stays, RIGHTARG = stays, FUNCTION = _stays_ge,
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
	FUNCTION 1 _stays_cmp(stays, stays),
	FUNCTION 4 btequalimage(oid);
CREATE OPERATOR CLASS stays_ops DEFAULT FOR TYPE stays USING hash AS
	OPERATOR 1 =,
	FUNCTION 1 _stays_hash(stays),
	FUNCTION 2 _stays_hash_extended(stays, bigint);
COMMENT ON OPERATOR CLASS stays_ops USING btree IS
	'住院册次序: sorts by bytes, for DISTINCT, GROUP BY and merge joins; the order means nothing';
COMMENT ON OPERATOR CLASS stays_ops USING hash IS
	'住院册散列: hashes bytes, for GROUP BY, DISTINCT, hash joins and partitions';
COMMENT ON OPERATOR FAMILY stays_ops USING btree IS
	'住院册次序: family of operator class stays_ops';
COMMENT ON OPERATOR FAMILY stays_ops USING hash IS
	'住院册散列: family of operator class stays_ops';

CREATE OPERATOR = (
	LEFTARG = rulebook, RIGHTARG = rulebook, FUNCTION = _rulebook_eq,
	COMMUTATOR = =, NEGATOR = <>, RESTRICT = eqsel, JOIN = eqjoinsel,
	HASHES, MERGES
);
CREATE OPERATOR <> (
	LEFTARG = rulebook, RIGHTARG = rulebook, FUNCTION = _rulebook_ne,
	COMMUTATOR = <>, NEGATOR = =, RESTRICT = neqsel, JOIN = neqjoinsel
);
CREATE OPERATOR < (
	LEFTARG = rulebook, RIGHTARG = rulebook, FUNCTION = _rulebook_lt,
	COMMUTATOR = >, NEGATOR = >=, RESTRICT = scalarltsel, JOIN = scalarltjoinsel
);
CREATE OPERATOR <= (
	LEFTARG = rulebook, RIGHTARG = rulebook, FUNCTION = _rulebook_le,
	COMMUTATOR = >=, NEGATOR = >, RESTRICT = scalarlesel, JOIN = scalarlejoinsel
);
CREATE OPERATOR > (
	LEFTARG = rulebook, RIGHTARG = rulebook, FUNCTION = _rulebook_gt,
	COMMUTATOR = <, NEGATOR = <=, RESTRICT = scalargtsel, JOIN = scalargtjoinsel
);
CREATE OPERATOR >= (
	LEFTARG = rulebook, RIGHTARG = rulebook, FUNCTION = _rulebook_ge,
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
	FUNCTION 1 _rulebook_cmp(rulebook, rulebook),
	FUNCTION 4 btequalimage(oid);
CREATE OPERATOR CLASS rulebook_ops DEFAULT FOR TYPE rulebook USING hash AS
	OPERATOR 1 =,
	FUNCTION 1 _rulebook_hash(rulebook),
	FUNCTION 2 _rulebook_hash_extended(rulebook, bigint);
COMMENT ON OPERATOR CLASS rulebook_ops USING btree IS
	'规则书次序: sorts by bytes, for DISTINCT, GROUP BY and merge joins; the order means nothing';
COMMENT ON OPERATOR CLASS rulebook_ops USING hash IS
	'规则书散列: hashes bytes, for GROUP BY, DISTINCT, hash joins and partitions';
COMMENT ON OPERATOR FAMILY rulebook_ops USING btree IS
	'规则书次序: family of operator class rulebook_ops';
COMMENT ON OPERATOR FAMILY rulebook_ops USING hash IS
	'规则书散列: family of operator class rulebook_ops';
