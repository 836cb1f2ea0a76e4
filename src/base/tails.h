/*
 * tails.h
 *		Upper tails of counting distributions: how surprising is a count?
 */
#ifndef MEDAUDIT_TAILS_H
#define MEDAUDIT_TAILS_H

/* P(X >= count) of a Poisson variable. */
extern double poisson_tail(double expected, double count);

/* P(X >= count) of COUNT successes in TRIALS. */
extern double binomial_tail(double trials, double probability, double count);

/* P(X >= count); VARIANCE must exceed MEAN, which is what tells it from Poisson. */
extern double negative_binomial_tail(double mean, double variance, double count);

/* P(X <= z) of a standard normal variable. */
extern double normal_below(double z);

#endif							/* MEDAUDIT_TAILS_H */
