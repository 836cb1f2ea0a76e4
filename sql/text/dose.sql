-- Frequencies, doses and packs as prescriptions write them.

CREATE OR REPLACE FUNCTION times_per_day(frequency text) RETURNS numeric
	AS 'MODULE_PATHNAME', 'medaudit_times_per_day'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;

COMMENT ON FUNCTION times_per_day(text) IS
	'每日次数: how many times a day a frequency text means (tid 3, qod 0.5, q8h 3, 每周三次 3/7); NULL for as needed (prn, 必要时), for ranges, sequences and stops, and for what is not understood to its end, never 0. NULL gives NULL. Needs a UTF8 database';

CREATE OR REPLACE FUNCTION dose_amount(dose text) RETURNS numeric
	AS 'MODULE_PATHNAME', 'medaudit_dose_amount'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;

COMMENT ON FUNCTION dose_amount(text) IS
	'每次用量: the number of one dose in the unit it is written in (2片 2, 半片 0.5, 500mg 500, 80万单位 800000); see dose_unit(). NULL for ranges, for as needed and for what is not understood to its end, never 0. NULL gives NULL. Needs a UTF8 database';

CREATE OR REPLACE FUNCTION dose_amount(dose text, spec text) RETURNS numeric
	AS 'MODULE_PATHNAME', 'medaudit_dose_amount_of_spec'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;

COMMENT ON FUNCTION dose_amount(text, text) IS
	'每次用量(按最小单位): one dose in units of the pack that spec describes (0.5g of 0.25g×12片/盒 is 2); a count or a bare number stays. NULL when either is not understood to its end or their units do not relate. NULL gives NULL. Needs a UTF8 database';

CREATE OR REPLACE FUNCTION dose_unit(dose text) RETURNS text
	AS 'MODULE_PATHNAME', 'medaudit_dose_unit'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;

COMMENT ON FUNCTION dose_unit(text) IS
	'用量单位: the unit of a dose in one spelling (mg, ml, u, 片 …); NULL where none is written or the dose is not understood. NULL gives NULL. Needs a UTF8 database';

CREATE OR REPLACE FUNCTION pack_units(spec text) RETURNS numeric
	AS 'MODULE_PATHNAME', 'medaudit_pack_units'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;

COMMENT ON FUNCTION pack_units(text) IS
	'包装数量: how many tablets, vials … a pack has by its specification (0.25g×12片/盒 12, 12片×2板 24); NULL when it does not say, when a total beside the counts is not their product (12片×2板(30片)), or when it is not understood to its end. NULL gives NULL. Needs a UTF8 database';

CREATE OR REPLACE FUNCTION days_supply(quantity numeric, pack_units numeric, dose_per_time numeric, times_per_day numeric)
	RETURNS numeric
	LANGUAGE sql IMMUTABLE PARALLEL SAFE COST 2
	RETURN CASE
		WHEN pack_units > 0 AND pack_units < 'Infinity'
			AND dose_per_time > 0 AND dose_per_time < 'Infinity'
			AND times_per_day > 0 AND times_per_day < 'Infinity'
			AND quantity > '-Infinity' AND quantity < 'Infinity'
		THEN trim_scale(round(
			quantity * pack_units / (dose_per_time * times_per_day), 6))
	END;

COMMENT ON FUNCTION days_supply(numeric, numeric, numeric, numeric) IS
	'用药天数: days that quantity packs of pack_units units last at dose_per_time units a time, rounded to 6 decimals; negative for a refund. NULL when an argument is NULL, not finite, or (but for quantity) not positive';
