/*
 * soft.h
 *		What a value of a warehouse may be, and reading it without an error.
 *
 * One unreadable value among millions must not stop a run: what cannot be read
 * or judged is unknown, whatever its type.  The answer never depends on
 * DateStyle, TimeZone or locale.
 */
#ifndef MEDAUDIT_SOFT_H
#define MEDAUDIT_SOFT_H

#include "utils/builtins.h"
#include "utils/date.h"
#include "utils/timestamp.h"

#include "base/days.h"
#include "base/fixed.h"
#include "base/packed.h"

/* Bounds of money and of quantities, in ten-thousandths. */
#define SOFT_AMOUNT_MAX		(INT64CONST(100000000000) * FIXED_ONE)
#define SOFT_QUANTITY_MAX	(INT64CONST(1000000000) * FIXED_ONE)

/* The first day that is judged, 1900-01-01, and the one after the last. */
#define SOFT_FIRST_DAY		(2415021 - POSTGRES_EPOCH_JDATE)
#define SOFT_END_DAY		(2524959 - POSTGRES_EPOCH_JDATE)	/* 2201-01-01 */

static inline TextSpan
span_of(const char *data, Size length)
{
	TextSpan	span = {data, (int) length};

	return span;
}

static inline bool
soft_time_is_known(Timestamp time)
{
	return time >= SOFT_FIRST_DAY * USECS_PER_DAY && time < SOFT_END_DAY * USECS_PER_DAY;
}

static inline bool
soft_date_is_known(DateADT date)
{
	return date >= SOFT_FIRST_DAY && date < SOFT_END_DAY;
}

/* A number that is neither NaN nor infinite nor beyond LIMIT? */
static inline bool
soft_number_is_known(Datum number, int64 limit)
{
	int64		value;

	Assert(limit >= FIXED_SMALL);
	return fixed_is_small(number) ||
		(fixed_try_from_numeric(number, &value) && value >= -limit && value <= limit);
}

/* A whole number that an int4 holds? */
static inline bool
soft_number_is_integer(Datum number, int64 *value)
{
	if (!fixed_try_from_numeric(number, value) || *value % FIXED_ONE != 0)
		return false;
	*value /= FIXED_ONE;
	return *value >= PG_INT32_MIN && *value <= PG_INT32_MAX &&
		DatumGetBool(DirectFunctionCall2(numeric_eq, number,
										 NumericGetDatum(int64_to_numeric(*value))));
}

/* False: cannot be read.  The text is folded as a code is, see codes.h. */
extern bool soft_read_time(TextSpan written, Timestamp *result);
extern bool soft_read_number(TextSpan written, int64 limit, Datum *result);

#endif							/* MEDAUDIT_SOFT_H */
