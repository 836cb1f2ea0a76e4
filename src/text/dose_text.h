/*
 * dose_text.h
 *		What frequency, dose and pack texts have in common: exact fractions, and
 *		a normal form in which times signs, blanks between numbers and numbers
 *		that stand for a range do not vanish.
 */
#ifndef MEDAUDIT_DOSE_TEXT_H
#define MEDAUDIT_DOSE_TEXT_H

#include "text/normalize.h"

/* Stands for a times sign in normal form; fold.c makes a separator of it. */
#define TIMES_SIGN		'^'

typedef struct Fraction
{
	int64		numerator;
	int64		denominator;
} Fraction;

static inline Fraction
fraction(int64 numerator, int64 denominator)
{
	Fraction	f = {numerator, denominator};

	return f;
}

extern bool fraction_multiply(Fraction a, Fraction b, Fraction *result);
extern bool fraction_divide(Fraction a, Fraction b, Fraction *result);
extern bool fraction_equal(Fraction a, Fraction b);
extern Datum fraction_to_numeric(Fraction f);
extern const char *fraction_read(const char *at, Fraction *result);

extern bool dose_text_read(text *value, PointText *normal);
extern int	dose_word_stands_at(const char *word, const uint32 *points,
								int count);

#endif							/* MEDAUDIT_DOSE_TEXT_H */
