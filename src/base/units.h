/*
 * units.h
 *		Units in which books store times, money and quantities.
 *
 * A book stores numbers in the coarsest unit that loses nothing over the whole
 * book, so that a usual one takes a byte or two.  Both tables go from the finest
 * unit to the coarsest, and each unit is a multiple of those before it.  The
 * functions divide by constants, of which the compiler makes multiplications.
 */
#ifndef MEDAUDIT_UNITS_H
#define MEDAUDIT_UNITS_H

#include "datatype/timestamp.h"

#include "base/fixed.h"

typedef enum TimeUnit
{
	TIME_UNIT_MICROSECOND,
	TIME_UNIT_MILLISECOND,
	TIME_UNIT_SECOND,
	TIME_UNIT_MINUTE,
	TIME_UNIT_HOUR,
	TIME_UNIT_DAY
} TimeUnit;

/* In microseconds. */
static const int64 time_units[] = {
	1, 1000, USECS_PER_SEC, USECS_PER_MINUTE, USECS_PER_HOUR, USECS_PER_DAY
};

/* Of money: yuan; of quantities: pieces. */
typedef enum FixedUnit
{
	FIXED_UNIT_TEN_THOUSANDTH,
	FIXED_UNIT_THOUSANDTH,
	FIXED_UNIT_HUNDREDTH,
	FIXED_UNIT_TENTH,
	FIXED_UNIT_WHOLE
} FixedUnit;

/* In ten-thousandths, as numbers stand in memory. */
static const int64 fixed_units[] = {1, 10, FIXED_CENT, 1000, FIXED_ONE};

/* Is VALUE, in microseconds, a multiple of the unit? */
static inline bool
time_is_multiple(int64 value, TimeUnit unit)
{
	switch (unit)
	{
		case TIME_UNIT_DAY:
			return value % USECS_PER_DAY == 0;
		case TIME_UNIT_HOUR:
			return value % USECS_PER_HOUR == 0;
		case TIME_UNIT_MINUTE:
			return value % USECS_PER_MINUTE == 0;
		case TIME_UNIT_SECOND:
			return value % USECS_PER_SEC == 0;
		case TIME_UNIT_MILLISECOND:
			return value % 1000 == 0;
		default:
			return true;
	}
}

/* VALUE, a multiple of the unit, in the unit. */
static inline int64
time_in_units(int64 value, TimeUnit unit)
{
	switch (unit)
	{
		case TIME_UNIT_DAY:
			return value / USECS_PER_DAY;
		case TIME_UNIT_HOUR:
			return value / USECS_PER_HOUR;
		case TIME_UNIT_MINUTE:
			return value / USECS_PER_MINUTE;
		case TIME_UNIT_SECOND:
			return value / USECS_PER_SEC;
		case TIME_UNIT_MILLISECOND:
			return value / 1000;
		default:
			return value;
	}
}

/* The same of money and quantities, in ten-thousandths. */
static inline bool
fixed_is_multiple(int64 value, FixedUnit unit)
{
	switch (unit)
	{
		case FIXED_UNIT_WHOLE:
			return value % FIXED_ONE == 0;
		case FIXED_UNIT_TENTH:
			return value % 1000 == 0;
		case FIXED_UNIT_HUNDREDTH:
			return value % FIXED_CENT == 0;
		case FIXED_UNIT_THOUSANDTH:
			return value % 10 == 0;
		default:
			return true;
	}
}

static inline int64
fixed_in_units(int64 value, FixedUnit unit)
{
	switch (unit)
	{
		case FIXED_UNIT_WHOLE:
			return value / FIXED_ONE;
		case FIXED_UNIT_TENTH:
			return value / 1000;
		case FIXED_UNIT_HUNDREDTH:
			return value / FIXED_CENT;
		case FIXED_UNIT_THOUSANDTH:
			return value / 10;
		default:
			return value;
	}
}

#endif							/* MEDAUDIT_UNITS_H */
