/*
 * fixed.c
 *		Money and quantities as int64 ten-thousandths, exact.
 *
 * The packed numeric of a tuple is a header, base-10000 digits and the weight
 * of the first digit; the digit of weight -1 is our unit.  Decoding it takes a
 * few nanoseconds.  The layout is private to numeric.c, so the first use in a
 * backend checks the decoder against PostgreSQL's own arithmetic on probes of
 * every form and falls back to that arithmetic for good if one differs.
 */
#include "postgres.h"
#include "base/compat.h"

#include "common/int.h"
#include "utils/builtins.h"

#include "base/fixed.h"

/* The packed form: see the head of PostgreSQL's numeric.c. */
#define DIGIT_BASE			10000
#define FORM_MASK			0xC000
#define FORM_SHORT			0x8000
#define FORM_SPECIAL		0xC000
#define SHORT_NEGATIVE		0x2000
#define SHORT_WEIGHT_SIGN	0x0040
#define SHORT_WEIGHT_MASK	0x003F
#define LONG_NEGATIVE		0x4000
#define SPECIAL_KIND		0xF000
#define SPECIAL_NAN			0xC000

/* A ratio is told in millionths. */
#define RATIO_ONE			1000000

typedef enum Decoded
{
	DECODED,
	DECODED_NAN,
	DECODED_INFINITE,
	DECODED_TOO_LARGE
} Decoded;

/*
 * Decodes a detoasted numeric of LENGTH content bytes; EXACT: nothing had to be
 * rounded.  The digits are read bytewise: a short varlena header leaves them
 * unaligned.
 */
static inline Decoded
decode_packed(const char *content, Size length, int64 *result, bool *exact)
{
	uint16		header;
	int			weight;
	bool		negative;
	int			digits;
	uint64		value = 0;
	int			position;

	memcpy(&header, content, sizeof(header));
	content += sizeof(header);
	length -= sizeof(header);
	if ((header & FORM_MASK) == FORM_SPECIAL)
		return (header & SPECIAL_KIND) == SPECIAL_NAN ? DECODED_NAN : DECODED_INFINITE;
	if (header & FORM_SHORT)
	{
		negative = (header & SHORT_NEGATIVE) != 0;
		weight = header & SHORT_WEIGHT_MASK;
		if (header & SHORT_WEIGHT_SIGN)
			weight |= ~SHORT_WEIGHT_MASK;
	}
	else
	{
		int16		long_weight;

		memcpy(&long_weight, content, sizeof(long_weight));
		content += sizeof(long_weight);
		length -= sizeof(long_weight);
		negative = (header & FORM_MASK) == LONG_NEGATIVE;
		weight = long_weight;
	}
	digits = (int) (length / sizeof(int16));
	/* PostgreSQL keeps no digits of nothing but zeros at the end */
	*exact = digits <= weight + 2 || digits == 0;
	if (digits > 0 && weight > 4)
		return DECODED_TOO_LARGE;

	/* digits of weight >= -1 make the number, the next one rounds it */
	for (position = 0; position <= weight + 1; position++)
	{
		int16		digit = 0;

		if (position < digits)
			memcpy(&digit, content + position * sizeof(digit), sizeof(digit));
		if (value > (uint64) FIXED_MAX / DIGIT_BASE)
			return DECODED_TOO_LARGE;
		value = value * DIGIT_BASE + digit;
	}
	if (weight >= -2 && weight + 2 < digits)
	{
		int16		digit;

		memcpy(&digit, content + (weight + 2) * sizeof(digit), sizeof(digit));
		if (digit >= DIGIT_BASE / 2)
			value++;
	}
	if (value > (uint64) FIXED_MAX)
		return DECODED_TOO_LARGE;
	*result = negative ? -(int64) value : (int64) value;
	return DECODED;
}

/* The same through PostgreSQL's own arithmetic: slow, and always right. */
static Decoded
decode_by_arithmetic(Numeric value, int64 *result, bool *exact)
{
	Datum		unrounded;
	Datum		scaled;
	Datum		bound = NumericGetDatum(int64_to_numeric(FIXED_MAX));
	Datum		number = NumericGetDatum(value);

	if (numeric_is_nan(value))
		return DECODED_NAN;
	if (numeric_is_inf(value))
		return DECODED_INFINITE;
	unrounded = DirectFunctionCall2(numeric_mul, number,
									NumericGetDatum(int64_to_numeric(FIXED_ONE)));
	scaled = DirectFunctionCall2(numeric_round, unrounded, Int32GetDatum(0));
	*exact = DatumGetBool(DirectFunctionCall2(numeric_eq, scaled, unrounded));
	if (DatumGetBool(DirectFunctionCall2(numeric_gt,
										 DirectFunctionCall1(numeric_abs, scaled), bound)))
		return DECODED_TOO_LARGE;
	*result = DatumGetInt64(DirectFunctionCall1(numeric_int8, scaled));
	return DECODED;
}

/* Does the decoder agree with PostgreSQL about numerics of every form? */
static bool
packed_form_is_known(void)
{
	static const char *const probes[] = {
		"0", "0.0000", "1", "-1", "12.5", "-12.50", "0.0001", "-0.00005", "0.00004",
		"9999.9999", "10000", "99999999.99995", "123456789012.3456", "-10000000000000",
		"10000000000000.00004", "10000000000000.00005", "1e20", "-1e60", "1e-30",
		"5e-5", "4.99999e-5", "NaN", "Infinity", "-Infinity",
		"1.00000000000000000000000000000000000000000000000000000000000000000000000001"
	};

	for (int i = 0; i < (int) lengthof(probes); i++)
	{
		Numeric		number = DatumGetNumeric(DirectFunctionCall3(numeric_in, CStringGetDatum(probes[i]),
																 ObjectIdGetDatum(InvalidOid), Int32GetDatum(-1)));
		int64		fast = 0;
		int64		sure = 0;
		bool		exact = false;
		bool		surely_exact = false;
		Decoded		kind = decode_packed(VARDATA_ANY(number), VARSIZE_ANY_EXHDR(number), &fast, &exact);

		if (kind != decode_by_arithmetic(number, &sure, &surely_exact) || fast != sure ||
			(kind == DECODED && exact != surely_exact))
			return false;
	}
	return true;
}

/* Whether the decoder is to be used, found out once. */
static inline bool
decoder_serves(void)
{
	static enum
	{
		UNCHECKED, KNOWN, UNKNOWN
	}			form = UNCHECKED;

	if (unlikely(form == UNCHECKED))
		form = packed_form_is_known() ? KNOWN : UNKNOWN;
	return likely(form == KNOWN);
}

static inline Decoded
decode(Datum datum, int64 *result, bool *exact)
{
	if (decoder_serves())
	{
		struct varlena *value = PG_DETOAST_DATUM_PACKED(datum);

		return decode_packed(VARDATA_ANY(value), VARSIZE_ANY_EXHDR(value), result, exact);
	}
	return decode_by_arithmetic(DatumGetNumeric(datum), result, exact);
}

/*
 * Is it surely a number below FIXED_SMALL?  A look at the header, which says so of
 * nearly all; false says nothing.
 */
bool
fixed_is_small(Datum value)
{
	const char *stored = DatumGetPointer(value);
	uint16		header;

	if (VARATT_IS_EXTERNAL(stored) || VARATT_IS_COMPRESSED(stored) || !decoder_serves())
		return false;
	memcpy(&header, VARDATA_ANY(stored), sizeof(header));
	return (header & FORM_MASK) == FORM_SHORT &&
		((header & SHORT_WEIGHT_SIGN) != 0 || (header & SHORT_WEIGHT_MASK) <= 1);
}

/*
 * Numeric to ten-thousandths, rounded half away from zero; EXACT: it had no
 * finer decimals.  NaN, infinity and what passes FIXED_MAX are 22003; WHAT names
 * the value in the message.
 */
int64
fixed_read_numeric(Datum value, const char *what, bool *exact)
{
	int64		result = 0;

	switch (decode(value, &result, exact))
	{
		case DECODED:
			break;
		case DECODED_NAN:
			ereport(ERROR,
					(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
					 errmsg("%s must not be NaN", what)));
			break;
		case DECODED_INFINITE:
			ereport(ERROR,
					(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
					 errmsg("%s must not be infinite", what)));
			break;
		case DECODED_TOO_LARGE:
			ereport(ERROR,
					(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
					 errmsg("%s is out of range", what),
					 errdetail("The largest magnitude is 10000000000000 (10^13).")));
	}
	return result;
}

int64
fixed_from_numeric(Datum value, const char *what)
{
	bool		exact;

	return fixed_read_numeric(value, what, &exact);
}

/* As fixed_from_numeric(), false instead of an error. */
bool
fixed_try_from_numeric(Datum value, int64 *result)
{
	bool		exact;

	return decode(value, result, &exact) == DECODED;
}

/* Money with at least two decimals, more only where they are not zero. */
Numeric
fixed_to_money(int64 value)
{
	if (value % FIXED_CENT == 0)
		return int64_div_fast_to_numeric(value / FIXED_CENT, 2);
	if (value % 10 == 0)
		return int64_div_fast_to_numeric(value / 10, 3);
	return int64_div_fast_to_numeric(value, 4);
}

/* VALUE in units of 10^-DECIMALS, with as few decimals as say it. */
static Numeric
with_few_decimals(int64 value, int decimals)
{
	while (decimals > 0 && value % 10 == 0)
	{
		value /= 10;
		decimals--;
	}
	if (decimals == 0)
		return int64_to_numeric(value);
	return int64_div_fast_to_numeric(value, decimals);
}

Numeric
fixed_to_quantity(int64 value)
{
	return with_few_decimals(value, 4);
}

static void
out_of_range(void)
{
	ereport(ERROR,
			(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
			 errmsg("sum of amounts or quantities is out of range")));
}

int64
fixed_add(int64 a, int64 b)
{
	int64		result;

	if (unlikely(pg_add_s64_overflow(a, b, &result)))
		out_of_range();
	return result;
}

int64
fixed_subtract(int64 a, int64 b)
{
	int64		result;

	if (unlikely(pg_sub_s64_overflow(a, b, &result)))
		out_of_range();
	return result;
}

static int64
narrow(int128 value)
{
	if (unlikely(value > PG_INT64_MAX || value < PG_INT64_MIN))
		out_of_range();
	return (int64) value;
}

/* n / d rounded half away from zero; d > 0. */
static int128
divide_rounded(int128 n, int128 d)
{
	int128		quotient = n / d;
	int128		rest = n % d;

	if (rest < 0)
		return -rest >= d + rest ? quotient - 1 : quotient;
	return rest >= d - rest ? quotient + 1 : quotient;
}

/* a * b of two ten-thousandths numbers, rounded to ten-thousandths. */
int64
fixed_multiply(int64 a, int64 b)
{
	return narrow(divide_rounded((int128) a * b, FIXED_ONE));
}

/* amount * part / whole, rounded to ten-thousandths; 0 where whole is 0. */
int64
fixed_part(int64 amount, int64 part, int64 whole)
{
	int128		n = (int128) amount * part;

	if (whole == 0)
		return 0;
	return narrow(whole < 0 ? divide_rounded(-n, -(int128) whole) : divide_rounded(n, whole));
}

/*
 * part / whole (not 0), rounded to 6 decimals, with as few as say it.  Where the
 * millionths are too many for an int64, units and millionths are put together.
 */
Numeric
fixed_to_ratio(int64 part, int64 whole)
{
	int128		n = (int128) part * RATIO_ONE;
	int128		ratio = divide_rounded(whole < 0 ? -n : n, whole < 0 ? -(int128) whole : whole);

	if (ratio == (int64) ratio)
		return with_few_decimals((int64) ratio, 6);
	return DatumGetNumeric(DirectFunctionCall2(numeric_add,
											   NumericGetDatum(int64_to_numeric((int64) (ratio / RATIO_ONE))),
											   NumericGetDatum(with_few_decimals((int64) (ratio % RATIO_ONE), 6))));
}

/* The sign of a * b - c * d, exactly. */
int
fixed_compare_products(int64 a, int64 b, int64 c, int64 d)
{
	int128		left = (int128) a * b;
	int128		right = (int128) c * d;

	return (left > right) - (left < right);
}

void
fixed_sum_init(FixedSum *sum)
{
	sum->whole = 0;
	sum->numerator = 0;
	sum->denominator = 1;
	sum->shown = 0;
}

static int128
greatest_common_divisor(int128 a, int128 b)
{
	while (b != 0)
	{
		int128		rest;

		/* small numbers are divided in a fraction of the time */
		if (a <= PG_INT64_MAX && b <= PG_INT64_MAX)
			rest = (int64) a % (int64) b;
		else
			rest = a % b;
		a = b;
		b = rest;
	}
	return a;
}

/*
 * part / whole in lowest terms and int64s.  Where 63 bits do not hold it, the
 * fraction is cut to 62 bits: an error below 10^-18 of the line's amount.
 */
void
fixed_ratio(int128 part, int128 whole, int64 *small_part, int64 *small_whole)
{
	int128		divisor = greatest_common_divisor(part < 0 ? -part : part, whole);

	if (divisor > 1)
	{
		part /= divisor;
		whole /= divisor;
	}
	while (whole > PG_INT64_MAX / 2 || part > PG_INT64_MAX / 2)
	{
		whole /= 2;
		part /= 2;
	}
	*small_part = (int64) part;
	*small_whole = (int64) Max(whole, 1);
}

/*
 * Adds n / d (0 <= n < d) to the fraction.  Denominators are quantities, few
 * and with common factors; should their least common multiple pass 126 bits
 * after all, the fraction is rounded to 2^-62 of a ten-thousandth.
 */
static void
add_fraction(FixedSum *sum, int128 n, int128 d)
{
	int128		common = greatest_common_divisor(sum->denominator, d);
	int128		widen = d / common;
	int128		limit = (int128) 1 << 126;

	if (sum->denominator > limit / 2 / widen)
	{
		int128		coarse = (int128) 1 << 62;

		sum->numerator = (int128) ((long double) sum->numerator / (long double) sum->denominator * (long double) coarse);
		sum->denominator = coarse;
		n = (int128) ((long double) n / (long double) d * (long double) coarse);
		d = coarse;
		common = coarse;
		widen = 1;
	}
	sum->numerator = sum->numerator * widen + n * (sum->denominator / common);
	sum->denominator *= widen;
	if (sum->numerator >= sum->denominator)
	{
		sum->numerator -= sum->denominator;
		sum->whole = fixed_add(sum->whole, 1);
	}
	common = greatest_common_divisor(sum->denominator, sum->numerator);
	sum->numerator /= common;
	sum->denominator /= common;
}

/*
 * Adds amount * part / whole (whole != 0) and returns how much the sum,
 * rounded to cents half away from zero, has grown.
 */
int64
fixed_sum_next(FixedSum *sum, int64 amount, int64 part, int64 whole)
{
	int128		n = (int128) amount * part;
	int128		d = whole;
	int128		quotient;
	int128		rest;
	int64		cents;
	int64		grown;

	Assert(whole != 0);
	if (d < 0)
	{
		n = -n;
		d = -d;
	}
	if (likely(n == (int64) n && d <= PG_INT64_MAX))
	{
		quotient = (int64) n / (int64) d;
		rest = (int64) n % (int64) d;
	}
	else
	{
		quotient = n / d;
		rest = n % d;
	}
	if (rest < 0)
	{
		quotient--;
		rest += d;
	}
	sum->whole = fixed_add(sum->whole, narrow(quotient));
	if (rest != 0)
		add_fraction(sum, rest, d);

	/*
	 * whole + fraction, floored, plus a sign of life: enough to round a sum
	 * half away from zero, since half a cent is a whole ten-thousandth number
	 */
	cents = sum->whole / FIXED_CENT;
	rest = sum->whole % FIXED_CENT;
	if (rest < 0)
	{
		cents--;
		rest += FIXED_CENT;
	}
	if (rest > FIXED_CENT / 2 ||
		(rest == FIXED_CENT / 2 && (sum->whole >= 0 || sum->numerator > 0)))
		cents++;
	grown = fixed_subtract(cents * FIXED_CENT, sum->shown);
	sum->shown = cents * FIXED_CENT;
	return grown;
}
