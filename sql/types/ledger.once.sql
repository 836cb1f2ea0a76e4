-- Casts and operators of the ledger.

CREATE CAST (ledger AS jsonb) WITH FUNCTION _ledger_to_jsonb(ledger);
COMMENT ON CAST (ledger AS jsonb) IS
	'费用账册转 JSON: the text form of a ledger as jsonb';
CREATE OPERATOR || (LEFTARG = ledger, RIGHTARG = ledger, FUNCTION = _ledger_concat, COMMUTATOR = ||);
COMMENT ON OPERATOR || (ledger, ledger) IS
	'费用账册相加: the lines of both ledgers in one; NULL gives NULL';
