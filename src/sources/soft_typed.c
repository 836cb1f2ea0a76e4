/*
 * soft_typed.c
 *		Values of proper types that cannot be judged, and text without blanks.
 *
 * These stand around each column of a bound view, so they run once per row and
 * column: what is well gives its own datum back after a comparison or two.
 */
#include "postgres.h"
#include "base/compat.h"

#include "catalog/pg_type_d.h"
#include "common/shortest_dec.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/rangetypes.h"

#include "base/codes.h"
#include "sources/soft.h"

PG_FUNCTION_INFO_V1(medaudit_read_time);

/* The time, NULL where it is infinite or not of the years 1900 to 2200. */
Datum
medaudit_read_time(PG_FUNCTION_ARGS)
{
	Timestamp	time = PG_GETARG_TIMESTAMP(0);

	if (!soft_time_is_known(time))
		PG_RETURN_NULL();
	PG_RETURN_TIMESTAMP(time);
}

PG_FUNCTION_INFO_V1(medaudit_read_date);

/* The date, NULL where it is infinite or not of the years 1900 to 2200. */
Datum
medaudit_read_date(PG_FUNCTION_ARGS)
{
	DateADT		date = PG_GETARG_DATEADT(0);

	if (!soft_date_is_known(date))
		PG_RETURN_NULL();
	PG_RETURN_DATEADT(date);
}

PG_FUNCTION_INFO_V1(medaudit_read_date_text);

/* A date written as text, with or without a time; NULL: it cannot be read. */
Datum
medaudit_read_date_text(PG_FUNCTION_ARGS)
{
	Timestamp	time;

	if (!soft_read_time(code_fold(text_span(PG_GETARG_TEXT_PP(0))), &time))
		PG_RETURN_NULL();
	PG_RETURN_DATUM(DirectFunctionCall1(timestamp_date, TimestampGetDatum(time)));
}

/* Infinity or any time of 9999-12-31: how "still in" is written. */
static bool
time_is_open(Timestamp time)
{
	return TIMESTAMP_IS_NOEND(time) ||
		(time >= midnight_of_day(DAY_LAST_OF_YEAR_9999) &&
		 time < midnight_of_day(DAY_LAST_OF_YEAR_9999 + 1));
}

PG_FUNCTION_INFO_V1(medaudit_time_is_open);

Datum
medaudit_time_is_open(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(time_is_open(PG_GETARG_TIMESTAMP(0)));
}

PG_FUNCTION_INFO_V1(medaudit_time_is_open_text);

/* The same of text: 9999-12-31 in any form that to_time() reads, or infinity. */
Datum
medaudit_time_is_open_text(PG_FUNCTION_ARGS)
{
	TextSpan	written = code_fold(text_span(PG_GETARG_TEXT_PP(0)));
	Timestamp	time = 0;

	if (written.length == 8 && memcmp(written.data, "INFINITY", 8) == 0)
		PG_RETURN_BOOL(true);
	(void) soft_read_time(written, &time);
	PG_RETURN_BOOL(time_is_open(time));
}

static Datum
known_number(FunctionCallInfo fcinfo, int64 limit)
{
	if (!soft_number_is_known(PG_GETARG_DATUM(0), limit))
		PG_RETURN_NULL();
	PG_RETURN_DATUM(PG_GETARG_DATUM(0));
}

PG_FUNCTION_INFO_V1(medaudit_read_amount);

/* The number, NULL where it is NaN, infinite or beyond 10^11. */
Datum
medaudit_read_amount(PG_FUNCTION_ARGS)
{
	return known_number(fcinfo, SOFT_AMOUNT_MAX);
}

PG_FUNCTION_INFO_V1(medaudit_read_quantity);

/* The number, NULL where it is NaN, infinite or beyond 10^9. */
Datum
medaudit_read_quantity(PG_FUNCTION_ARGS)
{
	return known_number(fcinfo, SOFT_QUANTITY_MAX);
}

/*
 * The number that the shortest text of a float says, whatever
 * extra_float_digits is: 0.1 is 0.1 and not what the bits of it are.
 */
static Datum
known_shortest(FunctionCallInfo fcinfo, char *shortest, int64 limit)
{
	Datum		result;

	for (char *sign = shortest; *sign != '\0'; sign++)
		*sign = pg_ascii_toupper((unsigned char) *sign);
	if (!soft_read_number(span_of(shortest, strlen(shortest)), limit, &result))
		PG_RETURN_NULL();
	PG_RETURN_DATUM(result);
}

static Datum
known_float8(FunctionCallInfo fcinfo, int64 limit)
{
	char		shortest[DOUBLE_SHORTEST_DECIMAL_LEN];

	double_to_shortest_decimal_buf(PG_GETARG_FLOAT8(0), shortest);
	return known_shortest(fcinfo, shortest, limit);
}

static Datum
known_float4(FunctionCallInfo fcinfo, int64 limit)
{
	char		shortest[FLOAT_SHORTEST_DECIMAL_LEN];

	float_to_shortest_decimal_buf(PG_GETARG_FLOAT4(0), shortest);
	return known_shortest(fcinfo, shortest, limit);
}

PG_FUNCTION_INFO_V1(medaudit_read_amount_float8);
PG_FUNCTION_INFO_V1(medaudit_read_amount_float4);
PG_FUNCTION_INFO_V1(medaudit_read_quantity_float8);
PG_FUNCTION_INFO_V1(medaudit_read_quantity_float4);

Datum
medaudit_read_amount_float8(PG_FUNCTION_ARGS)
{
	return known_float8(fcinfo, SOFT_AMOUNT_MAX);
}

Datum
medaudit_read_amount_float4(PG_FUNCTION_ARGS)
{
	return known_float4(fcinfo, SOFT_AMOUNT_MAX);
}

Datum
medaudit_read_quantity_float8(PG_FUNCTION_ARGS)
{
	return known_float8(fcinfo, SOFT_QUANTITY_MAX);
}

Datum
medaudit_read_quantity_float4(PG_FUNCTION_ARGS)
{
	return known_float4(fcinfo, SOFT_QUANTITY_MAX);
}

PG_FUNCTION_INFO_V1(medaudit_read_integer);

/* A whole number as int4; NULL where it has a fraction or is out of range. */
Datum
medaudit_read_integer(PG_FUNCTION_ARGS)
{
	int64		value;

	if (!soft_number_is_integer(PG_GETARG_DATUM(0), &value))
		PG_RETURN_NULL();
	PG_RETURN_INT32(value);
}

PG_FUNCTION_INFO_V1(medaudit_read_weights);

/* The array, NULL where a number in it is NULL or cannot be judged. */
Datum
medaudit_read_weights(PG_FUNCTION_ARGS)
{
	ArrayType  *weights = PG_GETARG_ARRAYTYPE_P(0);
	Datum	   *values;
	bool	   *nulls;
	int			count;

	deconstruct_array(weights, NUMERICOID, -1, false, TYPALIGN_INT, &values, &nulls, &count);
	for (int i = 0; i < count; i++)
		if (nulls[i] || !soft_number_is_known(values[i], SOFT_AMOUNT_MAX))
			PG_RETURN_NULL();
	PG_RETURN_ARRAYTYPE_P(weights);
}

/* Infinity and, as an end, 9999-12-31 are no dates but say that there is none. */
static bool
bound_is_known(const RangeBound *bound)
{
	DateADT		date = DatumGetDateADT(bound->val);

	if (bound->infinite || soft_date_is_known(date))
		return true;
	if (bound->lower)
		return DATE_IS_NOBEGIN(date);
	return DATE_IS_NOEND(date) || date == SOFT_END_DAY || date == DAY_LAST_OF_YEAR_9999 ||
		date == DAY_LAST_OF_YEAR_9999 + 1;
}

PG_FUNCTION_INFO_V1(medaudit_read_period);

/* The range of dates, NULL where an end of it cannot be judged. */
Datum
medaudit_read_period(PG_FUNCTION_ARGS)
{
	RangeType  *period = PG_GETARG_RANGE_P(0);
	TypeCacheEntry *type = range_get_typcache(fcinfo, RangeTypeGetOid(period));
	RangeBound	lower;
	RangeBound	upper;
	bool		empty;

	range_deserialize(type, period, &lower, &upper, &empty);
	if (!empty && (!bound_is_known(&lower) || !bound_is_known(&upper)))
		PG_RETURN_NULL();
	PG_RETURN_RANGE_P(period);
}

/* One end of a range as text; nothing is no end, 9999-12-31 none either. */
static bool
read_bound(TextSpan written, bool lower, bool inclusive, RangeBound *bound)
{
	TextSpan	folded = code_fold(written);
	Timestamp	time = 0;

	bound->lower = lower;
	bound->inclusive = inclusive;
	bound->infinite = folded.length == 0;
	bound->val = DateADTGetDatum(0);
	if (bound->infinite)
		return true;
	if (soft_read_time(folded, &time))
		bound->val = DirectFunctionCall1(timestamp_date, TimestampGetDatum(time));
	else
	{
		if (lower || !time_is_open(time))
			return false;
		bound->infinite = true;
	}
	return true;
}

/* Reads [from,to) or [from,to]; the comma stands between dates that have none. */
static bool
read_period(TextSpan written, RangeBound *lower, RangeBound *upper)
{
	const char *end;
	const char *comma;

	/* nothing has no end to look at */
	if (written.length < 3)
		return false;
	end = written.data + written.length - 1;
	if ((*written.data != '[' && *written.data != '(') || (*end != ']' && *end != ')'))
		return false;
	comma = memchr(written.data, ',', written.length);
	return comma != NULL &&
		read_bound(span_of(written.data + 1, comma - written.data - 1),
				   true, *written.data == '[', lower) &&
		read_bound(span_of(comma + 1, end - comma - 1), false, *end == ']', upper);
}

PG_FUNCTION_INFO_V1(medaudit_read_period_text);

/* A range of dates written as PostgreSQL writes it; NULL: cannot be read. */
Datum
medaudit_read_period_text(PG_FUNCTION_ARGS)
{
	TypeCacheEntry *type = range_get_typcache(fcinfo, DATERANGEOID);
	RangeBound	lower;
	RangeBound	upper;

	if (!read_period(code_fold(text_span(PG_GETARG_TEXT_PP(0))), &lower, &upper) ||
		(!lower.infinite && !upper.infinite &&
		 DatumGetDateADT(lower.val) > DatumGetDateADT(upper.val)))
		PG_RETURN_NULL();
	PG_RETURN_RANGE_P(make_bounded_range(type, &lower, &upper));
}

/* Can TEXT begin or end with a blank?  Those of more bytes are asked closely. */
static inline bool
may_have_blanks(TextSpan written)
{
	unsigned char first;
	unsigned char last;

	if (written.length == 0)
		return true;
	first = written.data[0];
	last = written.data[written.length - 1];
	return first <= ' ' || first == 0xC2 || first == 0xE3 || first == 0xEF ||
		last <= ' ' || last == 0xA0 || last == 0x80 || last == 0xBF;
}

PG_FUNCTION_INFO_V1(medaudit_read_text);

/* The text without blanks around; NULL where nothing is left; strict. */
Datum
medaudit_read_text(PG_FUNCTION_ARGS)
{
	TextSpan	given = text_span(PG_GETARG_TEXT_PP(0));
	TextSpan	trimmed;

	if (!may_have_blanks(given))
		PG_RETURN_DATUM(PG_GETARG_DATUM(0));
	trimmed = code_trim(given);
	if (trimmed.length == 0)
		PG_RETURN_NULL();
	if (trimmed.length == given.length)
		PG_RETURN_DATUM(PG_GETARG_DATUM(0));
	PG_RETURN_TEXT_P(cstring_to_text_with_len(trimmed.data, trimmed.length));
}

PG_FUNCTION_INFO_V1(medaudit_read_code);

/* The code as code_fold() gives it; NULL where nothing is left; strict. */
Datum
medaudit_read_code(PG_FUNCTION_ARGS)
{
	TextSpan	given = text_span(PG_GETARG_TEXT_PP(0));
	TextSpan	folded = code_fold(given);

	if (folded.length == 0)
		PG_RETURN_NULL();
	if (folded.data == given.data && folded.length == given.length)
		PG_RETURN_DATUM(PG_GETARG_DATUM(0));
	PG_RETURN_TEXT_P(cstring_to_text_with_len(folded.data, folded.length));
}
