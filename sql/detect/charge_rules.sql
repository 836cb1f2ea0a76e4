-- Charges against rules: what audit_charges() and its sums ask of a ledger.

-- Without settings, so that a query has the row itself and no call for each visit.
CREATE OR REPLACE FUNCTION visit_context(
	sex text DEFAULT NULL,
	birth_date date DEFAULT NULL,
	facility_rank int DEFAULT NULL,
	visit_type text DEFAULT NULL,
	insurance_type text DEFAULT NULL,
	department text DEFAULT NULL,
	admitted_at timestamp DEFAULT NULL,
	discharged_at timestamp DEFAULT NULL,
	diagnosis_codes text[] DEFAULT NULL,
	facility_id text DEFAULT NULL,
	stay_id text DEFAULT NULL,
	part_from timestamp DEFAULT NULL,
	part_to timestamp DEFAULT NULL
) RETURNS visit_context
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN ROW($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)::medaudit.visit_context;
COMMENT ON FUNCTION visit_context(text, date, int, text, text, text, timestamp, timestamp, text[], text, text, timestamp, timestamp) IS
	'就诊信息: makes a visit_context; what is left out or NULL is unknown';

CREATE OR REPLACE FUNCTION visit_context(
	sex int,
	birth_date date DEFAULT NULL,
	facility_rank int DEFAULT NULL,
	visit_type text DEFAULT NULL,
	insurance_type text DEFAULT NULL,
	department text DEFAULT NULL,
	admitted_at timestamp DEFAULT NULL,
	discharged_at timestamp DEFAULT NULL,
	diagnosis_codes text[] DEFAULT NULL,
	facility_id text DEFAULT NULL,
	stay_id text DEFAULT NULL,
	part_from timestamp DEFAULT NULL,
	part_to timestamp DEFAULT NULL
) RETURNS visit_context
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN ROW($1::text, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)::medaudit.visit_context;
COMMENT ON FUNCTION visit_context(int, date, int, text, text, text, timestamp, timestamp, text[], text, text, timestamp, timestamp) IS
	'就诊信息: makes a visit_context, with sex as a number; what is left out or NULL is unknown';

CREATE OR REPLACE FUNCTION audit_charges(book ledger, context visit_context, rules rulebook,
	OUT rule_code text, OUT visit_id text, OUT item_code text, OUT other_code text,
	OUT other_visit_id text, OUT charged_at timestamp, OUT line_id text,
	OUT quantity numeric, OUT amount numeric, OUT excess_quantity numeric,
	OUT excess_amount numeric, OUT excess_claimed numeric, OUT outcome text, OUT evidence jsonb,
	OUT certainty text) RETURNS SETOF record
	AS 'MODULE_PATHNAME', 'audit_charges_context' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 1000 ROWS 5;
COMMENT ON FUNCTION audit_charges(ledger, visit_context, rulebook) IS
	'收费审核: lines of a ledger in excess by some rule (outcome excess) or that cannot be judged (outcome insufficient, evidence says what is missing), by rule_code, visit, item and line; certainty: violation, suspicion or notice, that of the row or its rule, lowered from violation to suspicion where evidence says a doubt, NULL where insufficient; quantity and amount (yuan, gross) are what refunds left; a NULL book gives no rows; one context for the whole book; NULL: nothing is known; NULL rules is 22004';

CREATE OR REPLACE FUNCTION audit_charges(book ledger, context visit_context,
	OUT rule_code text, OUT visit_id text, OUT item_code text, OUT other_code text,
	OUT other_visit_id text, OUT charged_at timestamp, OUT line_id text,
	OUT quantity numeric, OUT amount numeric, OUT excess_quantity numeric,
	OUT excess_amount numeric, OUT excess_claimed numeric, OUT outcome text, OUT evidence jsonb,
	OUT certainty text) RETURNS SETOF record
	AS 'MODULE_PATHNAME', 'audit_charges_context' LANGUAGE C STABLE PARALLEL SAFE COST 1000 ROWS 5;
COMMENT ON FUNCTION audit_charges(ledger, visit_context) IS
	'收费审核: lines of a ledger in excess by some rule (outcome excess) or that cannot be judged (outcome insufficient, evidence says what is missing), by rule_code, visit, item and line; certainty: violation, suspicion or notice, that of the row or its rule, lowered from violation to suspicion where evidence says a doubt, NULL where insufficient; quantity and amount (yuan, gross) are what refunds left; a NULL book gives no rows; one context for the whole book; NULL: nothing is known; by the enabled rules, compiled once per statement';

CREATE OR REPLACE FUNCTION audit_charges(book ledger, contexts jsonb, rules rulebook,
	OUT rule_code text, OUT visit_id text, OUT item_code text, OUT other_code text,
	OUT other_visit_id text, OUT charged_at timestamp, OUT line_id text,
	OUT quantity numeric, OUT amount numeric, OUT excess_quantity numeric,
	OUT excess_amount numeric, OUT excess_claimed numeric, OUT outcome text, OUT evidence jsonb,
	OUT certainty text) RETURNS SETOF record
	AS 'MODULE_PATHNAME', 'audit_charges_contexts' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 1000 ROWS 5;
COMMENT ON FUNCTION audit_charges(ledger, jsonb, rulebook) IS
	'收费审核: lines of a ledger in excess by some rule (outcome excess) or that cannot be judged (outcome insufficient, evidence says what is missing), by rule_code, visit, item and line; certainty: violation, suspicion or notice, that of the row or its rule, lowered from violation to suspicion where evidence says a doubt, NULL where insufficient; quantity and amount (yuan, gross) are what refunds left; a NULL book gives no rows; contexts by visit_id, {"visit_id": {"sex": "2", ...}}; a visit not in it: nothing is known; not an object: 22023; NULL rules is 22004';

CREATE OR REPLACE FUNCTION audit_charges(book ledger, contexts jsonb,
	OUT rule_code text, OUT visit_id text, OUT item_code text, OUT other_code text,
	OUT other_visit_id text, OUT charged_at timestamp, OUT line_id text,
	OUT quantity numeric, OUT amount numeric, OUT excess_quantity numeric,
	OUT excess_amount numeric, OUT excess_claimed numeric, OUT outcome text, OUT evidence jsonb,
	OUT certainty text) RETURNS SETOF record
	AS 'MODULE_PATHNAME', 'audit_charges_contexts' LANGUAGE C STABLE PARALLEL SAFE COST 1000 ROWS 5;
COMMENT ON FUNCTION audit_charges(ledger, jsonb) IS
	'收费审核: lines of a ledger in excess by some rule (outcome excess) or that cannot be judged (outcome insufficient, evidence says what is missing), by rule_code, visit, item and line; certainty: violation, suspicion or notice, that of the row or its rule, lowered from violation to suspicion where evidence says a doubt, NULL where insufficient; quantity and amount (yuan, gross) are what refunds left; a NULL book gives no rows; contexts by visit_id, {"visit_id": {"sex": "2", ...}}; a visit not in it: nothing is known; not an object: 22023; by the enabled rules, compiled once per statement';

CREATE OR REPLACE FUNCTION audit_charges(book ledger, contexts text, rules rulebook,
	OUT rule_code text, OUT visit_id text, OUT item_code text, OUT other_code text,
	OUT other_visit_id text, OUT charged_at timestamp, OUT line_id text,
	OUT quantity numeric, OUT amount numeric, OUT excess_quantity numeric,
	OUT excess_amount numeric, OUT excess_claimed numeric, OUT outcome text, OUT evidence jsonb,
	OUT certainty text) RETURNS SETOF record
	AS 'MODULE_PATHNAME', 'audit_charges_literal' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 1000 ROWS 5;
COMMENT ON FUNCTION audit_charges(ledger, text, rulebook) IS
	'收费审核: lines of a ledger in excess by some rule (outcome excess) or that cannot be judged (outcome insufficient, evidence says what is missing), by rule_code, visit, item and line; certainty: violation, suspicion or notice, that of the row or its rule, lowered from violation to suspicion where evidence says a doubt, NULL where insufficient; quantity and amount (yuan, gross) are what refunds left; a NULL book gives no rows; an untyped literal: NULL, or contexts by visit_id as JSON text; NULL rules is 22004';

CREATE OR REPLACE FUNCTION audit_charges(book ledger, contexts text,
	OUT rule_code text, OUT visit_id text, OUT item_code text, OUT other_code text,
	OUT other_visit_id text, OUT charged_at timestamp, OUT line_id text,
	OUT quantity numeric, OUT amount numeric, OUT excess_quantity numeric,
	OUT excess_amount numeric, OUT excess_claimed numeric, OUT outcome text, OUT evidence jsonb,
	OUT certainty text) RETURNS SETOF record
	AS 'MODULE_PATHNAME', 'audit_charges_literal' LANGUAGE C STABLE PARALLEL SAFE COST 1000 ROWS 5;
COMMENT ON FUNCTION audit_charges(ledger, text) IS
	'收费审核: lines of a ledger in excess by some rule (outcome excess) or that cannot be judged (outcome insufficient, evidence says what is missing), by rule_code, visit, item and line; certainty: violation, suspicion or notice, that of the row or its rule, lowered from violation to suspicion where evidence says a doubt, NULL where insufficient; quantity and amount (yuan, gross) are what refunds left; a NULL book gives no rows; an untyped literal: NULL, or contexts by visit_id as JSON text; by the enabled rules, compiled once per statement';

CREATE OR REPLACE FUNCTION _audit_charges(book ledger, visit_ids text[], contexts visit_context[],
	line_departments jsonb, rules rulebook,
	OUT rule_code text, OUT visit_id text, OUT item_code text, OUT other_code text,
	OUT other_visit_id text, OUT charged_at timestamp, OUT line_id text,
	OUT quantity numeric, OUT amount numeric, OUT excess_quantity numeric,
	OUT excess_amount numeric, OUT excess_claimed numeric, OUT outcome text, OUT evidence jsonb,
	OUT certainty text) RETURNS SETOF record
	AS 'MODULE_PATHNAME', 'audit_charges_rows' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 1000 ROWS 5;
COMMENT ON FUNCTION _audit_charges(ledger, text[], visit_context[], jsonb, rulebook) IS
	'收费审核(就诊信息数组): as audit_charges() with contexts by visit: that of visit_ids[i] is contexts[i], in any order; a visit not among them, a NULL context or NULL arrays: nothing is known; line_departments: {"visit_id": {"line_id": department}}, as within a context of that form; two contexts of a visit, arrays of unequal length, or line_departments that are no object: 22023; a NULL visit, and NULL rules: 22004';

CREATE OR REPLACE FUNCTION _audit_charges_now(book ledger, visit_ids text[], contexts visit_context[],
	line_departments jsonb, origin text,
	OUT rule_code text, OUT visit_id text, OUT item_code text, OUT other_code text,
	OUT other_visit_id text, OUT charged_at timestamp, OUT line_id text,
	OUT quantity numeric, OUT amount numeric, OUT excess_quantity numeric,
	OUT excess_amount numeric, OUT excess_claimed numeric, OUT outcome text, OUT evidence jsonb,
	OUT certainty text) RETURNS SETOF record
	AS 'MODULE_PATHNAME', 'audit_charges_session' LANGUAGE C STABLE PARALLEL RESTRICTED COST 1000 ROWS 5;
COMMENT ON FUNCTION _audit_charges_now(ledger, text[], visit_context[], jsonb, text) IS
	'收费审核(会话规则书): as _audit_charges() by the enabled rules, which the session keeps and compiles again where origin, a name of what they are compiled from, is another than before; NULL origin is 22004';

-- Summed excess per rule, for reports: no row per line and no evidence is made.

CREATE OR REPLACE FUNCTION excess_by_rule(book ledger, context visit_context, rules rulebook,
	OUT rule_code text, OUT lines int, OUT excess_amount numeric, OUT excess_claimed numeric,
	OUT insufficient int) RETURNS SETOF record
	AS 'MODULE_PATHNAME', 'excess_by_rule_context' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 1000 ROWS 3;
COMMENT ON FUNCTION excess_by_rule(ledger, visit_context, rulebook) IS
	'按规则汇总: audit_charges() summed per rule_code, in its order: lines in excess (a visit counts as one), their excess in yuan, gross and claimed, and lines that cannot be judged; a line counts under each rule that it breaks; a NULL book gives no rows; one context for the whole book; NULL: nothing is known; NULL rules is 22004';

CREATE OR REPLACE FUNCTION excess_by_rule(book ledger, context visit_context,
	OUT rule_code text, OUT lines int, OUT excess_amount numeric, OUT excess_claimed numeric,
	OUT insufficient int) RETURNS SETOF record
	AS 'MODULE_PATHNAME', 'excess_by_rule_context' LANGUAGE C STABLE PARALLEL SAFE COST 1000 ROWS 3;
COMMENT ON FUNCTION excess_by_rule(ledger, visit_context) IS
	'按规则汇总: audit_charges() summed per rule_code, in its order: lines in excess (a visit counts as one), their excess in yuan, gross and claimed, and lines that cannot be judged; a line counts under each rule that it breaks; a NULL book gives no rows; one context for the whole book; NULL: nothing is known; by the enabled rules, compiled once per statement';

CREATE OR REPLACE FUNCTION excess_by_rule(book ledger, contexts jsonb, rules rulebook,
	OUT rule_code text, OUT lines int, OUT excess_amount numeric, OUT excess_claimed numeric,
	OUT insufficient int) RETURNS SETOF record
	AS 'MODULE_PATHNAME', 'excess_by_rule_contexts' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 1000 ROWS 3;
COMMENT ON FUNCTION excess_by_rule(ledger, jsonb, rulebook) IS
	'按规则汇总: audit_charges() summed per rule_code, in its order: lines in excess (a visit counts as one), their excess in yuan, gross and claimed, and lines that cannot be judged; a line counts under each rule that it breaks; a NULL book gives no rows; contexts by visit_id, {"visit_id": {"sex": "2", ...}}; a visit not in it: nothing is known; not an object: 22023; NULL rules is 22004';

CREATE OR REPLACE FUNCTION excess_by_rule(book ledger, contexts jsonb,
	OUT rule_code text, OUT lines int, OUT excess_amount numeric, OUT excess_claimed numeric,
	OUT insufficient int) RETURNS SETOF record
	AS 'MODULE_PATHNAME', 'excess_by_rule_contexts' LANGUAGE C STABLE PARALLEL SAFE COST 1000 ROWS 3;
COMMENT ON FUNCTION excess_by_rule(ledger, jsonb) IS
	'按规则汇总: audit_charges() summed per rule_code, in its order: lines in excess (a visit counts as one), their excess in yuan, gross and claimed, and lines that cannot be judged; a line counts under each rule that it breaks; a NULL book gives no rows; contexts by visit_id, {"visit_id": {"sex": "2", ...}}; a visit not in it: nothing is known; not an object: 22023; by the enabled rules, compiled once per statement';

CREATE OR REPLACE FUNCTION excess_by_rule(book ledger, contexts text, rules rulebook,
	OUT rule_code text, OUT lines int, OUT excess_amount numeric, OUT excess_claimed numeric,
	OUT insufficient int) RETURNS SETOF record
	AS 'MODULE_PATHNAME', 'excess_by_rule_literal' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 1000 ROWS 3;
COMMENT ON FUNCTION excess_by_rule(ledger, text, rulebook) IS
	'按规则汇总: audit_charges() summed per rule_code, in its order: lines in excess (a visit counts as one), their excess in yuan, gross and claimed, and lines that cannot be judged; a line counts under each rule that it breaks; a NULL book gives no rows; an untyped literal: NULL, or contexts by visit_id as JSON text; NULL rules is 22004';

CREATE OR REPLACE FUNCTION excess_by_rule(book ledger, contexts text,
	OUT rule_code text, OUT lines int, OUT excess_amount numeric, OUT excess_claimed numeric,
	OUT insufficient int) RETURNS SETOF record
	AS 'MODULE_PATHNAME', 'excess_by_rule_literal' LANGUAGE C STABLE PARALLEL SAFE COST 1000 ROWS 3;
COMMENT ON FUNCTION excess_by_rule(ledger, text) IS
	'按规则汇总: audit_charges() summed per rule_code, in its order: lines in excess (a visit counts as one), their excess in yuan, gross and claimed, and lines that cannot be judged; a line counts under each rule that it breaks; a NULL book gives no rows; an untyped literal: NULL, or contexts by visit_id as JSON text; by the enabled rules, compiled once per statement';

CREATE OR REPLACE FUNCTION excess_amount(book ledger, context visit_context, rules rulebook) RETURNS numeric
	AS 'MODULE_PATHNAME', 'excess_amount_context' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 1000;
COMMENT ON FUNCTION excess_amount(ledger, visit_context, rulebook) IS
	'超出金额: gross money in excess in yuan, each line once, at its highest excess; NULL book gives NULL, nothing found 0.00; one context for the whole book; NULL: nothing is known; NULL rules is 22004';

CREATE OR REPLACE FUNCTION excess_amount(book ledger, context visit_context) RETURNS numeric
	AS 'MODULE_PATHNAME', 'excess_amount_context' LANGUAGE C STABLE PARALLEL SAFE COST 1000;
COMMENT ON FUNCTION excess_amount(ledger, visit_context) IS
	'超出金额: gross money in excess in yuan, each line once, at its highest excess; NULL book gives NULL, nothing found 0.00; one context for the whole book; NULL: nothing is known; by the enabled rules, compiled once per statement';

CREATE OR REPLACE FUNCTION excess_amount(book ledger, contexts jsonb, rules rulebook) RETURNS numeric
	AS 'MODULE_PATHNAME', 'excess_amount_contexts' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 1000;
COMMENT ON FUNCTION excess_amount(ledger, jsonb, rulebook) IS
	'超出金额: gross money in excess in yuan, each line once, at its highest excess; NULL book gives NULL, nothing found 0.00; contexts by visit_id, {"visit_id": {"sex": "2", ...}}; a visit not in it: nothing is known; not an object: 22023; NULL rules is 22004';

CREATE OR REPLACE FUNCTION excess_amount(book ledger, contexts jsonb) RETURNS numeric
	AS 'MODULE_PATHNAME', 'excess_amount_contexts' LANGUAGE C STABLE PARALLEL SAFE COST 1000;
COMMENT ON FUNCTION excess_amount(ledger, jsonb) IS
	'超出金额: gross money in excess in yuan, each line once, at its highest excess; NULL book gives NULL, nothing found 0.00; contexts by visit_id, {"visit_id": {"sex": "2", ...}}; a visit not in it: nothing is known; not an object: 22023; by the enabled rules, compiled once per statement';

CREATE OR REPLACE FUNCTION excess_amount(book ledger, contexts text, rules rulebook) RETURNS numeric
	AS 'MODULE_PATHNAME', 'excess_amount_literal' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 1000;
COMMENT ON FUNCTION excess_amount(ledger, text, rulebook) IS
	'超出金额: gross money in excess in yuan, each line once, at its highest excess; NULL book gives NULL, nothing found 0.00; an untyped literal: NULL, or contexts by visit_id as JSON text; NULL rules is 22004';

CREATE OR REPLACE FUNCTION excess_amount(book ledger, contexts text) RETURNS numeric
	AS 'MODULE_PATHNAME', 'excess_amount_literal' LANGUAGE C STABLE PARALLEL SAFE COST 1000;
COMMENT ON FUNCTION excess_amount(ledger, text) IS
	'超出金额: gross money in excess in yuan, each line once, at its highest excess; NULL book gives NULL, nothing found 0.00; an untyped literal: NULL, or contexts by visit_id as JSON text; by the enabled rules, compiled once per statement';

CREATE OR REPLACE FUNCTION excess_claimed(book ledger, context visit_context, rules rulebook) RETURNS numeric
	AS 'MODULE_PATHNAME', 'excess_claimed_context' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 1000;
COMMENT ON FUNCTION excess_claimed(ledger, visit_context, rulebook) IS
	'超出申报金额: what was claimed from the fund of the excess in yuan, each line once, at its highest; NULL book gives NULL, nothing found 0.00; one context for the whole book; NULL: nothing is known; NULL rules is 22004';

CREATE OR REPLACE FUNCTION excess_claimed(book ledger, context visit_context) RETURNS numeric
	AS 'MODULE_PATHNAME', 'excess_claimed_context' LANGUAGE C STABLE PARALLEL SAFE COST 1000;
COMMENT ON FUNCTION excess_claimed(ledger, visit_context) IS
	'超出申报金额: what was claimed from the fund of the excess in yuan, each line once, at its highest; NULL book gives NULL, nothing found 0.00; one context for the whole book; NULL: nothing is known; by the enabled rules, compiled once per statement';

CREATE OR REPLACE FUNCTION excess_claimed(book ledger, contexts jsonb, rules rulebook) RETURNS numeric
	AS 'MODULE_PATHNAME', 'excess_claimed_contexts' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 1000;
COMMENT ON FUNCTION excess_claimed(ledger, jsonb, rulebook) IS
	'超出申报金额: what was claimed from the fund of the excess in yuan, each line once, at its highest; NULL book gives NULL, nothing found 0.00; contexts by visit_id, {"visit_id": {"sex": "2", ...}}; a visit not in it: nothing is known; not an object: 22023; NULL rules is 22004';

CREATE OR REPLACE FUNCTION excess_claimed(book ledger, contexts jsonb) RETURNS numeric
	AS 'MODULE_PATHNAME', 'excess_claimed_contexts' LANGUAGE C STABLE PARALLEL SAFE COST 1000;
COMMENT ON FUNCTION excess_claimed(ledger, jsonb) IS
	'超出申报金额: what was claimed from the fund of the excess in yuan, each line once, at its highest; NULL book gives NULL, nothing found 0.00; contexts by visit_id, {"visit_id": {"sex": "2", ...}}; a visit not in it: nothing is known; not an object: 22023; by the enabled rules, compiled once per statement';

CREATE OR REPLACE FUNCTION excess_claimed(book ledger, contexts text, rules rulebook) RETURNS numeric
	AS 'MODULE_PATHNAME', 'excess_claimed_literal' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 1000;
COMMENT ON FUNCTION excess_claimed(ledger, text, rulebook) IS
	'超出申报金额: what was claimed from the fund of the excess in yuan, each line once, at its highest; NULL book gives NULL, nothing found 0.00; an untyped literal: NULL, or contexts by visit_id as JSON text; NULL rules is 22004';

CREATE OR REPLACE FUNCTION excess_claimed(book ledger, contexts text) RETURNS numeric
	AS 'MODULE_PATHNAME', 'excess_claimed_literal' LANGUAGE C STABLE PARALLEL SAFE COST 1000;
COMMENT ON FUNCTION excess_claimed(ledger, text) IS
	'超出申报金额: what was claimed from the fund of the excess in yuan, each line once, at its highest; NULL book gives NULL, nothing found 0.00; an untyped literal: NULL, or contexts by visit_id as JSON text; by the enabled rules, compiled once per statement';

CREATE OR REPLACE FUNCTION rule_coverage(book ledger, rules rulebook) RETURNS numeric
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 500;
COMMENT ON FUNCTION rule_coverage(ledger, rulebook) IS
	'规则覆盖率: share (0 to 1) of the net amount on items that some rule looks at; NULL for a NULL book or a net amount of 0; NULL rules is 22004';

CREATE OR REPLACE FUNCTION rule_coverage(book ledger) RETURNS numeric
	AS 'MODULE_PATHNAME' LANGUAGE C STABLE PARALLEL SAFE COST 500;
COMMENT ON FUNCTION rule_coverage(ledger) IS
	'规则覆盖率: share (0 to 1) of the net amount on items that some rule looks at; NULL for a NULL book or a net amount of 0; by the enabled rules, compiled once per statement';
