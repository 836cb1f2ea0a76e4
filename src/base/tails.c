/*
 * tails.c
 *		Upper tails of counting distributions: how surprising is a count?
 *
 * Through the regularized incomplete gamma function P(a, x) (series below
 * a + 1, continued fraction above) and the regularized incomplete beta
 * function I_x(a, b) (continued fraction): Abramowitz and Stegun 6.5.29,
 * 6.5.31 and 26.5.8, evaluated by Lentz's method.  Small tails keep their
 * relative precision: they come from the series itself, not from 1 - p.
 */
#include "postgres.h"
#include "base/compat.h"

#include <float.h>
#include <math.h>

#include "base/tails.h"

#define MOST_TERMS	100000
#define PRECISION	1e-15
#define TINY		1e-300

/* Lower incomplete gamma by its series, for x < a + 1. */
static double
gamma_series(double a, double x)
{
	double		term = 1 / a;
	double		sum = term;

	for (int n = 1; n < MOST_TERMS && term > sum * PRECISION; n++)
	{
		term *= x / (a + n);
		sum += term;
	}
	return sum * exp(a * log(x) - x - lgamma(a));
}

/* Upper incomplete gamma by its continued fraction, for x >= a + 1. */
static double
gamma_fraction(double a, double x)
{
	double		b = x + 1 - a;
	double		c = 1 / TINY;
	double		d = 1 / b;
	double		h = d;

	for (int n = 1; n < MOST_TERMS; n++)
	{
		double		an = -n * (n - a);
		double		factor;

		b += 2;
		d = an * d + b;
		d = 1 / (fabs(d) < TINY ? TINY : d);
		c = b + an / c;
		c = fabs(c) < TINY ? TINY : c;
		factor = c * d;
		h *= factor;
		if (fabs(factor - 1) < PRECISION)
			break;
	}
	return h * exp(a * log(x) - x - lgamma(a));
}

/* One step of Lentz's method for the fraction below. */
static double
lentz(double numerator, double *c, double *d)
{
	*d = 1 + numerator * *d;
	*d = 1 / (fabs(*d) < TINY ? TINY : *d);
	*c = 1 + numerator / *c;
	*c = fabs(*c) < TINY ? TINY : *c;
	return *c * *d;
}

/* Continued fraction of the incomplete beta, for x < (a + 1) / (a + b + 2). */
static double
beta_fraction(double a, double b, double x)
{
	double		c = 1;
	double		d = 1 - (a + b) * x / (a + 1);
	double		h;

	d = 1 / (fabs(d) < TINY ? TINY : d);
	h = d;
	for (int m = 1; m < MOST_TERMS; m++)
	{
		double		factor;

		h *= lentz(m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m)), &c, &d);
		factor = lentz(-(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1)),
					   &c, &d);
		h *= factor;
		if (fabs(factor - 1) < PRECISION)
			break;
	}
	return h;
}

/* I_x(a, b). */
static double
beta_below(double a, double b, double x)
{
	double		front;

	if (x <= 0 || x >= 1)
		return x <= 0 ? 0 : 1;
	front = exp(lgamma(a + b) - lgamma(a) - lgamma(b) + a * log(x) + b * log1p(-x));
	if (x < (a + 1) / (a + b + 2))
		return Min(front * beta_fraction(a, b, x) / a, 1);
	return Max(1 - front * beta_fraction(b, a, 1 - x) / b, 0);
}

double
poisson_tail(double expected, double count)
{
	if (count <= 0)
		return 1;
	if (expected <= 0)
		return 0;
	if (expected < count + 1)
		return Min(gamma_series(count, expected), 1);
	return Max(1 - gamma_fraction(count, expected), 0);
}

double
binomial_tail(double trials, double probability, double count)
{
	if (count <= 0)
		return 1;
	if (count > trials)
		return 0;
	return beta_below(count, trials - count + 1, probability);
}

double
negative_binomial_tail(double mean, double variance, double count)
{
	if (count <= 0)
		return 1;
	if (mean <= 0)
		return 0;
	return beta_below(count, mean * mean / (variance - mean), 1 - mean / variance);
}

double
normal_below(double z)
{
	return 0.5 * erfc(-z / sqrt(2.0));
}
