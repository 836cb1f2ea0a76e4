-- Soft reading: what a column of a warehouse says, NULL where it cannot be read
-- or judged.  bind() puts these around every column of a bound view.

CREATE OR REPLACE FUNCTION to_time(written text) RETURNS timestamp
	AS 'MODULE_PATHNAME', 'medaudit_to_time'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 2;

COMMENT ON FUNCTION to_time(text) IS
	'读取时间: a local time written as text: 2025-01-31 08:30:00, 2025/1/31, 2025.1.31, 2025年1月31日8时30分, 20250131, 20250131083000, with T or blanks between, fractions, full-width digits, an offset of +08; NULL for what can be read in more than one way or not at all, for another offset, and outside the years 1900 to 2200. Never an error; no setting matters. NULL gives NULL';

CREATE OR REPLACE FUNCTION to_amount(written text) RETURNS numeric
	AS 'MODULE_PATHNAME', 'medaudit_to_amount'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 2;

COMMENT ON FUNCTION to_amount(text) IS
	'读取金额: a number written as text: 12.50, -3, ￥1,234.50, 12元, 1.5e3, in half or full width; NULL for what cannot be read (1,2345, 0,5), for NaN, infinity and what is beyond 10^11. Never an error; no setting matters. NULL gives NULL';

CREATE OR REPLACE FUNCTION to_flag(written text) RETURNS bool
	AS 'MODULE_PATHNAME', 'medaudit_to_flag'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 2;

COMMENT ON FUNCTION to_flag(text) IS
	'读取标志: true for 1, 是, 有, y, yes, t, true; false for 0, 否, 无, n, no, f, false; of any case and width; NULL for anything else. Never an error. NULL gives NULL';

CREATE OR REPLACE FUNCTION _read_time(value timestamp) RETURNS timestamp
	AS 'MODULE_PATHNAME', 'medaudit_read_time'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1;

COMMENT ON FUNCTION _read_time(timestamp) IS
	'可用时间: the time; NULL where it is infinite or not of the years 1900 to 2200, and for NULL';

CREATE OR REPLACE FUNCTION _read_date(value date) RETURNS date
	AS 'MODULE_PATHNAME', 'medaudit_read_date'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1;

COMMENT ON FUNCTION _read_date(date) IS
	'可用日期: the date; NULL where it is infinite or not of the years 1900 to 2200, and for NULL';

CREATE OR REPLACE FUNCTION _read_date(value text) RETURNS date
	AS 'MODULE_PATHNAME', 'medaudit_read_date_text'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1;

COMMENT ON FUNCTION _read_date(text) IS
	'读取日期: the date of to_time(); NULL where that is';

CREATE OR REPLACE FUNCTION _time_is_open(value timestamp) RETURNS bool
	AS 'MODULE_PATHNAME', 'medaudit_time_is_open'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1;

COMMENT ON FUNCTION _time_is_open(timestamp) IS
	'未结束时间: whether a time says that something goes on: infinity or any time of 9999-12-31; NULL for NULL';

CREATE OR REPLACE FUNCTION _time_is_open(value text) RETURNS bool
	AS 'MODULE_PATHNAME', 'medaudit_time_is_open_text'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1;

COMMENT ON FUNCTION _time_is_open(text) IS
	'未结束时间: the same of a time written as text; NULL for NULL';

CREATE OR REPLACE FUNCTION _read_amount(value numeric) RETURNS numeric
	AS 'MODULE_PATHNAME', 'medaudit_read_amount'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1;

COMMENT ON FUNCTION _read_amount(numeric) IS
	'可用金额: the number; NULL where it is NaN, infinite or beyond 10^11, and for NULL';

CREATE OR REPLACE FUNCTION _read_amount(value float8) RETURNS numeric
	AS 'MODULE_PATHNAME', 'medaudit_read_amount_float8'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1;

COMMENT ON FUNCTION _read_amount(float8) IS
	'可用金额: the number that the shortest text of the float says; NULL where _read_amount(numeric) is';

CREATE OR REPLACE FUNCTION _read_amount(value float4) RETURNS numeric
	AS 'MODULE_PATHNAME', 'medaudit_read_amount_float4'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1;

COMMENT ON FUNCTION _read_amount(float4) IS
	'可用金额: the number that the shortest text of the float says; NULL where _read_amount(numeric) is';

CREATE OR REPLACE FUNCTION _read_quantity(value numeric) RETURNS numeric
	AS 'MODULE_PATHNAME', 'medaudit_read_quantity'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1;

COMMENT ON FUNCTION _read_quantity(numeric) IS
	'可用数量: the number; NULL where it is NaN, infinite or beyond 10^9, and for NULL';

CREATE OR REPLACE FUNCTION _read_quantity(value float8) RETURNS numeric
	AS 'MODULE_PATHNAME', 'medaudit_read_quantity_float8'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1;

COMMENT ON FUNCTION _read_quantity(float8) IS
	'可用数量: the number that the shortest text of the float says; NULL where _read_quantity(numeric) is';

CREATE OR REPLACE FUNCTION _read_quantity(value float4) RETURNS numeric
	AS 'MODULE_PATHNAME', 'medaudit_read_quantity_float4'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1;

COMMENT ON FUNCTION _read_quantity(float4) IS
	'可用数量: the number that the shortest text of the float says; NULL where _read_quantity(numeric) is';

CREATE OR REPLACE FUNCTION _read_quantity(value text) RETURNS numeric
	AS 'MODULE_PATHNAME', 'medaudit_read_quantity_text'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1;

COMMENT ON FUNCTION _read_quantity(text) IS
	'读取数量: as to_amount(), NULL beyond 10^9';

CREATE OR REPLACE FUNCTION _read_integer(value numeric) RETURNS int
	AS 'MODULE_PATHNAME', 'medaudit_read_integer'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1;

COMMENT ON FUNCTION _read_integer(numeric) IS
	'可用整数: the number; NULL where it has a fraction, is NaN, infinite or no int4, and for NULL';

CREATE OR REPLACE FUNCTION _read_integer(value text) RETURNS int
	AS 'MODULE_PATHNAME', 'medaudit_read_integer_text'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1;

COMMENT ON FUNCTION _read_integer(text) IS
	'读取整数: a whole number written as text; NULL where it is none, and for NULL';

CREATE OR REPLACE FUNCTION _read_period(value daterange) RETURNS daterange
	AS 'MODULE_PATHNAME', 'medaudit_read_period'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1;

COMMENT ON FUNCTION _read_period(daterange) IS
	'可用期间: the range; NULL where an end of it is not of the years 1900 to 2200; infinity and, as its end, 9999-12-31 are no ends. NULL gives NULL';

CREATE OR REPLACE FUNCTION _read_period(value text) RETURNS daterange
	AS 'MODULE_PATHNAME', 'medaudit_read_period_text'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1;

COMMENT ON FUNCTION _read_period(text) IS
	'读取期间: a range written as [2025-01-01,2026-01-01), its dates as to_time() reads them, an empty one or 9999-12-31 as no end; NULL where it cannot be read, and for NULL';

CREATE OR REPLACE FUNCTION _read_weights(value numeric[]) RETURNS numeric[]
	AS 'MODULE_PATHNAME', 'medaudit_read_weights'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1;

COMMENT ON FUNCTION _read_weights(numeric[]) IS
	'可用权重: the array; NULL where a number of it is NULL, NaN, infinite or beyond 10^11, and for NULL';

CREATE OR REPLACE FUNCTION _read_text(value text) RETURNS text
	AS 'MODULE_PATHNAME', 'medaudit_read_text'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1;

COMMENT ON FUNCTION _read_text(text) IS
	'文本去空格: the text without blanks around; NULL where nothing is left, and for NULL';

CREATE OR REPLACE FUNCTION _read_code(value text) RETURNS text
	AS 'MODULE_PATHNAME', 'medaudit_read_code'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1;

COMMENT ON FUNCTION _read_code(text) IS
	'读取编码: the code as code_fold() gives it; NULL where nothing is left, and for NULL';
