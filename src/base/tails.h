/*
 * tails.h
 *		Tails of distributions: how surprising is a count, a sum of squares?
 *
 * Relative error at most 10^-12, near 0 too, whatever the parameters; what is
 * below 2.2 * 10^-308 has fewer digits, and ends as 0.  A call costs some six
 * to ten microseconds and allocates nothing.  None of the arguments may be NaN.
 */
#ifndef MEDAUDIT_TAILS_H
#define MEDAUDIT_TAILS_H

/* P(X >= count) of a Poisson variable. */
extern double poisson_tail(double expected, double count);

/* P(X >= count) of COUNT successes in TRIALS; both whole and below 2^53. */
extern double binomial_tail(double trials, double probability, double count);

/* P(X >= count); VARIANCE must exceed MEAN, which is what tells it from Poisson. */
extern double negative_binomial_tail(double mean, double variance, double count);

/* P(X >= x) of chi square. */
extern double chi_square_tail(double x, double degrees);

/* P(T >= t) and P(0 <= T <= t) of Student's t, for t from 0 to 10^100. */
extern double student_tail(double t, double degrees);
extern double student_within(double t, double degrees);

/* P(X <= z) of a standard normal variable. */
extern double normal_below(double z);

#endif							/* MEDAUDIT_TAILS_H */
