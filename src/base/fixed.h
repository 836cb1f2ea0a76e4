/*
 * fixed.h
 *		Money and quantities as int64 ten-thousandths, exact.
 *
 * SQL sees numeric; inside, 12.50 yuan is 125000.  Four decimals are what the
 * national interfaces carry for quantities and more than they carry for money.
 * Conversion in decodes the packed numeric directly (its base-10000 digits are
 * our unit); conversion out uses PostgreSQL's own constructor.
 */
#ifndef MEDAUDIT_FIXED_H
#define MEDAUDIT_FIXED_H

#include "fmgr.h"
#include "utils/numeric.h"

#define FIXED_ONE		INT64CONST(10000)
#define FIXED_CENT		INT64CONST(100)

/* Stands for SQL NULL where an int64 ten-thousandth may be missing. */
#define FIXED_NULL		PG_INT64_MIN

/*
 * Bound of one stored value, in ten-thousandths: 10^13 units.  What passes it
 * is 22003, so sums of 5 million lines still fit an int64 comfortably only
 * through the checked helpers below.
 */
#define FIXED_MAX		INT64CONST(100000000000000000)

/* What fixed_is_small() says yes to is below this: 10^8 units. */
#define FIXED_SMALL		INT64CONST(1000000000000)

extern int64 fixed_from_numeric(Datum value, const char *what);
extern int64 fixed_read_numeric(Datum value, const char *what, bool *exact);
extern bool fixed_try_from_numeric(Datum value, int64 *result);
extern bool fixed_is_small(Datum value);
extern Numeric fixed_to_money(int64 value);
extern Numeric fixed_to_quantity(int64 value);
extern Numeric fixed_to_ratio(int64 part, int64 whole);
extern int64 fixed_add(int64 a, int64 b);
extern int64 fixed_subtract(int64 a, int64 b);

/* Product and proportion through 128 bits; rounding is half away from zero. */
extern int64 fixed_multiply(int64 a, int64 b);
extern int64 fixed_part(int64 amount, int64 part, int64 whole);
extern void fixed_ratio(int128 part, int128 whole, int64 *small_part, int64 *small_whole);
extern int	fixed_compare_products(int64 a, int64 b, int64 c, int64 d);

/*
 * A running exact sum of amount * part / whole, read out in cents line by
 * line: fixed_sum_next() returns round(sum so far, 2) - round(sum before, 2),
 * in ten-thousandths, so that the lines add up to the rounded total.
 */
typedef struct FixedSum
{
	int64		whole;			/* ten-thousandths */
	int128		numerator;		/* fraction of a ten-thousandth, 0 <= n < d */
	int128		denominator;
	int64		shown;			/* what has been given out, ten-thousandths */
} FixedSum;

extern void fixed_sum_init(FixedSum *sum);
extern int64 fixed_sum_next(FixedSum *sum, int64 amount, int64 part, int64 whole);

#endif							/* MEDAUDIT_FIXED_H */
