/*
 * dose_text.c
 *		Reading the text of prescriptions without losing what makes it unsure.
 *
 * normalize.h makes one separator of times signs, commas and tildes and drops
 * blanks, which is right for names and wrong here: 12*2 is a product and 12~24
 * a range, "1 2" is no 12.  So times signs become a sign of their own first,
 * and texts whose numbers run into each other, or stand for a range as 两三 and
 * 十二三 do, are refused before normalizing could make one number of them.
 */
#include "postgres.h"
#include "base/compat.h"

#include <unicode/uchar.h>

#include "common/int.h"
#include "utils/builtins.h"
#include "utils/numeric.h"

#include "text/dose_text.h"

/* Longer texts are no frequency, no dose and no pack. */
#define TEXT_LIMIT			1000

/* -------- Fractions -------- */

/* a * b; false when it does not fit. */
bool
fraction_multiply(Fraction a, Fraction b, Fraction *result)
{
	return !pg_mul_s64_overflow(a.numerator, b.numerator, &result->numerator) &&
		!pg_mul_s64_overflow(a.denominator, b.denominator, &result->denominator);
}

bool
fraction_divide(Fraction a, Fraction b, Fraction *result)
{
	if (b.numerator <= 0)
		return false;
	return fraction_multiply(a, fraction(b.denominator, b.numerator), result);
}

bool
fraction_equal(Fraction a, Fraction b)
{
	int64		left;
	int64		right;

	return !pg_mul_s64_overflow(a.numerator, b.denominator, &left) &&
		!pg_mul_s64_overflow(b.numerator, a.denominator, &right) &&
		left == right;
}

Datum
fraction_to_numeric(Fraction f)
{
	Datum		quotient;

	quotient = DirectFunctionCall2(numeric_div,
								   NumericGetDatum(int64_to_numeric(f.numerator)),
								   NumericGetDatum(int64_to_numeric(f.denominator)));
	return DirectFunctionCall1(numeric_trim_scale, quotient);
}

/*
 * Reads 12, 0.25, 1/2; at most 12 digits.  Returns where it ends, NULL where
 * no number stands.
 */
const char *
fraction_read(const char *at, Fraction *result)
{
	Fraction	read = {0, 1};
	int			digits = 0;

	for (; *at >= '0' && *at <= '9' && digits < 12; at++, digits++)
		read.numerator = read.numerator * 10 + (*at - '0');
	if (digits == 0)
		return NULL;
	if (at[0] == '.' && at[1] >= '0' && at[1] <= '9')
		for (at++; *at >= '0' && *at <= '9' && digits < 12; at++, digits++)
		{
			read.numerator = read.numerator * 10 + (*at - '0');
			read.denominator *= 10;
		}
	else if (at[0] == '/' && at[1] >= '2' && at[1] <= '9' &&
			 !(at[2] >= '0' && at[2] <= '9'))
	{
		read.denominator = at[1] - '0';
		at += 2;
	}
	if (*at >= '0' && *at <= '9')
		return NULL;
	*result = read;
	return at;
}

/* -------- Text -------- */

/* Does the UTF-8 WORD stand at POINTS?  Returns its length there, 0 if not. */
int
dose_word_stands_at(const char *word, const uint32 *points, int count)
{
	uint32		wanted[8];
	int			length = fold_decode(word, Min(strlen(word), 8 * 3), wanted);

	if (length > count ||
		memcmp(wanted, points, length * sizeof(uint32)) != 0)
		return 0;
	return length;
}

static bool
is_any_digit(uint32 point)
{
	return point_is_digit(point) || (point >= 0xFF10 && point <= 0xFF19);
}

/* A number in one character (½, ②) beside a digit reads as one with it. */
static bool
is_number_sign(uint32 point)
{
	return point >= 0x80 && u_charType(point) == U_OTHER_NUMBER;
}

/*
 * Would two numbers become one when blanks go and signs unfold: "1 2", 1½?
 */
static bool
numbers_collide(const uint32 *points, int count)
{
	uint32		before = 0;		/* the last code point that stays */
	bool		gap = false;

	for (int i = 0; i < count; i++)
	{
		bool		number = is_any_digit(points[i]) || is_number_sign(points[i]);

		if (fold_entry(points[i]) & FOLD_NOTHING)
		{
			gap = true;
			continue;
		}
		if (number && (is_any_digit(before) || is_number_sign(before)) &&
			(gap || is_number_sign(points[i]) || is_number_sign(before)))
			return true;
		before = points[i];
		gap = false;
	}
	return false;
}

/* Is the code point at AT a times sign: × * ✕, or x before a number? */
static bool
is_times_sign(const uint32 *points, int count, int at)
{
	uint32		point = points[at];

	if (point == '*' || point == 0x00D7 || point == 0xFF0A || point == 0x2715 ||
		point == 0x2716 || point == 0x2217)
		return true;
	if (point != 'x' && point != 'X' && point != 0xFF58 && point != 0xFF38)
		return false;
	for (at++; at < count && (fold_entry(points[at]) & FOLD_NOTHING); at++)
		;
	return at < count && is_any_digit(points[at]);
}

static bool
is_numeral(uint32 point)
{
	int64		value;

	/* 半 beside another numeral is as unclear: 两半片 */
	return point == 0x534A || chinese_number(&point, 1, &value) > 0;
}

/*
 * Do numerals stand for more than one number, or none: 两三次, 十二三片, 1二片,
 * 一百五?  Runs that chinese_number() reads to their end are one number, but
 * for digits in a row without a zero.  千克 is a unit.
 */
static bool
numerals_unclear(const uint32 *points, int count)
{
	for (int from = 0; from < count; from++)
	{
		int			end = from;
		bool		zero = false;
		int64		value;
		int			powers = 0;

		while (end < count && is_numeral(points[end]) &&
			   !(points[end] == 0x5343 && end + 1 < count &&
				 points[end + 1] == 0x514B))
		{
			zero |= points[end] == 0x96F6;
			powers += points[end] == 0x767E || points[end] == 0x5343 ||
				points[end] == 0x4F70 || points[end] == 0x4EDF;
			end++;
		}
		if (end == from)
			continue;
		if ((from > 0 && point_is_digit(points[from - 1])) ||
			(end < count && point_is_digit(points[end])))
			return true;
		if (end - from > 1 &&
			chinese_number(points + from, end - from, &value) != end - from)
			return true;
		if (powers > 0 && value % 10 != 0 && !zero &&
			value % 100 / 10 == 0)
			return true;		/* 一百五: 150 or 105 */
		from = end - 1;
	}
	return false;
}

/*
 * VALUE in normal form with TIMES_SIGN where it multiplies; *NORMAL is
 * initialized here.  False when it is too long or its numbers are unclear.
 */
bool
dose_text_read(text *value, PointText *normal)
{
	int			length = VARSIZE_ANY_EXHDR(value);
	PointText	raw;
	PointText	folded;
	text	   *marked;
	bool		unclear;

	if (length > TEXT_LIMIT)
		return false;
	point_text_init(&raw, length);
	raw.length = fold_decode(VARDATA_ANY(value), length, raw.points);
	if (numbers_collide(raw.points, raw.length))
		return false;
	for (int i = 0; i < raw.length; i++)
		if (is_times_sign(raw.points, raw.length, i))
			raw.points[i] = TIMES_SIGN;
	marked = point_text_encode(raw.points, raw.length);
	fold_span(VARDATA(marked), VARSIZE(marked) - VARHDRSZ, &folded);
	unclear = numerals_unclear(folded.points, folded.length);
	pfree(folded.points);
	if (!unclear)
		normalize_span(VARDATA(marked), VARSIZE(marked) - VARHDRSZ, NULL, normal);
	pfree(marked);
	pfree(raw.points);
	return !unclear;
}
