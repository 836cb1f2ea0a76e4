-- Dispensed drugs: their book, what is taken for one drug, and how long they last.

CREATE OR REPLACE FUNCTION drug_level(code text, level text) RETURNS text
	AS 'MODULE_PATHNAME', 'medaudit_drug_level' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 1;
COMMENT ON FUNCTION drug_level(text, text) IS
	'药品编码层级: a national drug code of full form cut to level: code (as given), product (without the company), strength (without pack and company), generic (10 characters of an X code, 11 of a Z code), class (6) or subgroup (5); any other code as it is. A NULL code gives NULL; a NULL level is 22004, an unknown one 22023';

-- Gathering: a fill is a charge whose quantity counts days, its visit the place.

CREATE OR REPLACE FUNCTION _fills_transition(internal, text, numeric, numeric, timestamp, text, text, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'fills_transition' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION _fills_transition(internal, text, numeric, numeric, timestamp, text, text, text) IS
	'配药账册累积: support function of aggregate fills';

CREATE OR REPLACE AGGREGATE fills(drug_code text, days_supply numeric, amount numeric, dispensed_at timestamp,
						facility_id text, fill_id text, original_fill_id text) (
	SFUNC = _fills_transition,
	STYPE = internal,
	SSPACE = 2048,
	FINALFUNC = _ledger_final,
	COMBINEFUNC = _ledger_combine,
	SERIALFUNC = _ledger_serialize,
	DESERIALFUNC = _ledger_deserialize,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE fills(text, numeric, numeric, timestamp, text, text, text) IS
	'配药账册: gathers dispensed drugs (code, days of supply, gross amount in yuan, time, place, identifier, the fill that a return takes back) into a ledger whose quantities count days and whose visits are places; negative days are a return (退药), netted as the refunds of a ledger, never across places; a row without drug, days, amount or time is left out and counted by skipped_count; place and identifiers may be NULL; no row gives NULL; NaN, infinity or more than 10^13 is 22003, an infinite time 22008, more than 5 million rows 54000';

-- Reading

CREATE OR REPLACE FUNCTION stock_curve(f ledger, drug_level text DEFAULT 'generic')
	RETURNS TABLE (drug text, dispensed_on date, facility_id text, days_supply numeric, stock_before numeric, stock_after numeric, amount numeric, fill_ids text[])
	AS 'MODULE_PATHNAME', 'supply_stock_curve' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 100 ROWS 20;
COMMENT ON FUNCTION stock_curve(ledger, text) IS
	'药品存量曲线: each dispensing of a book of fills (one drug at drug_level, one date, one place), in order of drug, date and place: its days, the greatest, over strengths, of those added within one; days in stock before and after it; its amount in yuan, and identifiers. A NULL book gives no rows; a NULL drug_level is 22004, an unknown one 22023';

CREATE OR REPLACE FUNCTION supply(f ledger, drug_level text DEFAULT 'generic', until date DEFAULT NULL)
	RETURNS TABLE (drug text, fill_count int, facilities int, first_on date, last_on date, days_supplied numeric, days_observed int, days_covered numeric, possession_ratio numeric, covered_share numeric, oversupply_days numeric, peak_stock_days numeric, amount numeric)
	AS 'MODULE_PATHNAME', 'supply_of_drugs' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 100 ROWS 5;
COMMENT ON FUNCTION supply(ledger, text, date) IS
	'药品持有情况: per drug of a book of fills the days supplied, observed (from the first dispensing to until) and covered, both ratios to the days observed (CMA1 and CMA5; with until CMA2 and CMA6, the latter PDC), 6 decimals, NULL where none is observed; days left and the greatest stock; dispensings on or after until are left out; NULL until: the date of the last dispensing. A NULL book gives no rows; a NULL drug_level is 22004, an unknown one 22023, an infinite until 22008';

CREATE OR REPLACE FUNCTION early_refills(f ledger, drug_level text DEFAULT 'generic', tolerance numeric DEFAULT 0.2, min_days numeric DEFAULT 3)
	RETURNS TABLE (drug text, dispensed_on date, facility_id text, previous_on date, previous_facility_id text, previous_days numeric, stock_before numeric, allowed_days numeric, early_days numeric, amount numeric, fill_ids text[])
	AS 'MODULE_PATHNAME', 'supply_early_refills' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 100 ROWS 2;
COMMENT ON FUNCTION early_refills(ledger, text, numeric, numeric) IS
	'提前配药: dispensings before which more than allowed_days were left of the drug: the greater of min_days and tolerance times the days of the dispensing before; early_days: how much more. A NULL book gives no rows; NULL thresholds are 22004, thresholds out of range and an unknown drug_level 22023';

CREATE OR REPLACE FUNCTION stockpiles(f ledger, drug_level text, max_days numeric)
	RETURNS TABLE (drug text, episode_from date, reached_on date, peak_on date, peak_stock_days numeric, excess_days numeric, fill_count int, facilities int, amount numeric, excess_amount numeric, fill_ids text[])
	AS 'MODULE_PATHNAME', 'supply_stockpiles' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 100 ROWS 1;
COMMENT ON FUNCTION stockpiles(ledger, text, numeric) IS
	'超量囤药: episodes, each from a dispensing that found nothing left to before the next such one, whose stock of a drug exceeds max_days; with their dispensings up to the last one above, and of each the days and yuan beyond max_days. A NULL book gives no rows; NULL thresholds are 22004, thresholds out of range and an unknown drug_level 22023';

CREATE OR REPLACE FUNCTION many_facilities(f ledger, drug_level text DEFAULT 'generic', period_days int DEFAULT 180, min_facilities int DEFAULT 3)
	RETURNS TABLE (drug text, first_on date, last_on date, facilities int, fill_count int, days_supplied numeric, possession_ratio numeric, amount numeric, facility_ids text[], fill_ids text[])
	AS 'MODULE_PATHNAME', 'supply_many_facilities' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 100 ROWS 1;
COMMENT ON FUNCTION many_facilities(ledger, text, int, int) IS
	'多机构配药: per drug that came from at least min_facilities places within period_days consecutive dates the window with most places, then most dispensings, then the earliest; possession_ratio: days dispensed before its last date ÷ days from its first to its last date. A place that is not known is none. A NULL book gives no rows; NULL thresholds are 22004, thresholds out of range and an unknown drug_level 22023';

CREATE OR REPLACE FUNCTION _many_facilities(f ledger, drug_level text, period_days int, min_facilities int, ends_from date)
	RETURNS TABLE (drug text, first_on date, last_on date, facilities int, fill_count int, days_supplied numeric, possession_ratio numeric, amount numeric, facility_ids text[], fill_ids text[])
	AS 'MODULE_PATHNAME', 'supply_many_facilities' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 100 ROWS 1;
COMMENT ON FUNCTION _many_facilities(ledger, text, int, int, date) IS
	'多机构配药（截至日起）: as many_facilities(), of the windows whose last dispensing is on ends_from or later; NULL ends_from: of all';

CREATE OR REPLACE FUNCTION duplicate_therapy(f ledger, drug_level text DEFAULT 'generic', class_level text DEFAULT 'class', min_days int DEFAULT 7)
	RETURNS TABLE (class text, drug text, other_drug text, from_on date, to_on date, overlap_days int, fill_ids text[], other_fill_ids text[])
	AS 'MODULE_PATHNAME', 'supply_duplicate_therapy' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 100 ROWS 1;
COMMENT ON FUNCTION duplicate_therapy(ledger, text, text, int) IS
	'重复用药: runs of at least min_days consecutive dates that are covered by two drugs of one class and hold a dispensing of each, with the fills dispensed in the run; codes that are not of national form are in no class. A NULL book gives no rows; NULL thresholds are 22004; thresholds out of range, unknown levels, and a class_level finer than drug_level are 22023';
