/*
 * tails.c
 *		Tails of distributions: how surprising is a count, a sum of squares?
 *
 * A tail is the density where it begins times the integral of how the density
 * falls from there on:
 *
 *		P(X >= x) = f(x) * integral over s >= 0 of exp(fall(s)), fall(0) = 0
 *
 * The density has the form of C. Loader (Fast and Accurate Computation of
 * Binomial Probabilities, 2000): exp(-deviance) times a factor near
 * 1 / sqrt(2 pi a), so that no logarithms of factorials of like size cancel.
 * The integrand is 1 at 0 and falls, so that every term of the trapezoidal rule
 * is positive; the double exponential substitution s = exp(u - exp(-u)) of
 * H. Takahasi and M. Mori (1974) makes it converge to the last digit with some
 * eighty points.  Neither a series nor a continued fraction needs so few where
 * parameters are large: the cost is the same for 3 cases and for 10^15.
 *
 * Only that tail is computed which begins beyond the mean; the other is 1 less
 * it.  Differences of large numbers (how far the bound is from the mean) are
 * taken once, exactly or rounded once, and handed down.
 */
#include "postgres.h"
#include "base/compat.h"

#include <float.h>
#include <math.h>

#include "base/tails.h"

#define STEP			0.09375 /* of u; at 0.125 the last digits differ */
#define FIRST_POINT		(-3.75) /* exp(-exp(3.75)) is 10^-18 */
#define NEGLIGIBLE		(-42.0) /* its exponential is 10^-18 */

/* What an integrand falls by; which fields it uses is told by the functions. */
typedef struct Fall
{
	double		(*at) (const struct Fall *fall, double s);
	double		slope;			/* downwards, at 0 */
	double		curvature;		/* downwards, at 0; at least 0 */
	double		size;
	double		share;
	double		power;
} Fall;

/* log(1 + y) - y: where y is small, all of its digits come from the series. */
static double
log_rest(double y)
{
	double		ratio = y / (2 + y);
	double		square = ratio * ratio;
	double		power = 2 * ratio * square;
	double		sum = 0;
	double		term;

	if (y < -0.6 || y > 1.5)
		return log1p(y) - y;
	for (int k = 3;; k += 2)
	{
		term = power / k;
		sum += term;
		if (fabs(term) <= DBL_EPSILON / 4 * fabs(sum))
			return sum - y * ratio;
		power *= square;
	}
}

/* exp(s) - 1 - s. */
static double
exp_rest(double s)
{
	double		term = s * s / 2;
	double		sum = 0;

	if (fabs(s) > 0.7)
		return expm1(s) - s;
	for (int k = 3; fabs(term) > DBL_EPSILON / 4 * fabs(sum); k++)
	{
		sum += term;
		term *= s / k;
	}
	return sum;
}

/* a log(a / mean) + mean - a, at least 0; DIFFERENCE is mean - a. */
static double
deviance(double a, double mean, double difference)
{
	double		ratio = difference / a;

	if (ratio < -0.6 || ratio > 1.5)
		return a * log(a / mean) + difference;
	return -a * log_rest(ratio);
}

/*
 * a^a exp(-a) / Gamma(a + 1), near 1 / sqrt(2 pi a): by Stirling's series
 * (Abramowitz and Stegun 6.1.41), whose next term is below 10^-17 from 16 on.
 */
static double
density_at_mean(double a)
{
	double		i = 1 / (a * a);
	double		rest;

	if (a < 16)
		return pow(a, a) * exp(-a) / tgamma(a + 1);
	rest = 1.0 / 1188 - i * (691.0 / 360360 - i / 156);
	rest = 1.0 / 360 - i * (1.0 / 1260 - i * (1.0 / 1680 - i * rest));
	return exp(-(1.0 / 12 - i * rest) / a) / (sqrt(2 * M_PI) * sqrt(a));
}

/* Integral of exp(fall(s)) over s >= 0. */
static double
integral_of(const Fall *fall)
{
	double		half = fall->slope / 2;
	double		unit = 1 / (half + hypot(half, sqrt(fall->curvature / 2)));
	double		sum = 0;

	/* By slope and curvature it fell by 1 there; if it falls faster, nearer. */
	while (fall->at(fall, unit) < -1.5)
		unit /= 2;
	for (int n = 0;; n++)
	{
		double		u = FIRST_POINT + n * STEP;
		double		inner = exp(-u);
		double		s = exp(u - inner);
		double		exponent = fall->at(fall, unit * s);

		if (!(exponent > NEGLIGIBLE))
			return unit * STEP * sum;
		sum += exp(exponent) * s * (1 + inner);
	}
}

/* -- the incomplete gamma function -- */

/* Of t^a exp(-t) at t = mean * exp(-s), mean <= a. */
static double
fall_of_gamma_below(const Fall *fall, double s)
{
	return -fall->slope * s - fall->size * exp_rest(-s);
}

/* Of t^(a - 1) exp(-t) at t = mean + s, mean >= a; power is a - 1. */
static double
fall_of_gamma_above(const Fall *fall, double s)
{
	return -fall->slope * s + fall->power * log_rest(s / fall->size);
}

/* P(a, mean), for mean <= a: that a Poisson variable of MEAN is a or more. */
static double
gamma_below(double a, double mean)
{
	Fall		fall = {fall_of_gamma_below, a - mean, mean, mean, 0, 0};

	return a * density_at_mean(a) * integral_of(&fall) *
		exp(-deviance(a, mean, mean - a));
}

/* Q(a, mean), for mean >= a: that it is below a. */
static double
gamma_above(double a, double mean)
{
	Fall		fall = {fall_of_gamma_above, (mean - a + 1) / mean,
	Max(a - 1, 0) / mean / mean, mean, 0, a - 1};

	return a / mean * density_at_mean(a) * integral_of(&fall) *
		exp(-deviance(a, mean, mean - a));
}

/* -- the incomplete beta function -- */

/*
 * Of t^a (1 - t)^b from t = share on, which is at most 1/2, while the odds fall
 * by exp(-s).
 */
static double
fall_of_small_share(const Fall *fall, double s)
{
	double		x = fall->share;

	return -fall->slope * s -
		fall->size * (log_rest(x * expm1(-s)) + x * exp_rest(-s));
}

/* The same from t = 1 - share on, where t is the larger part. */
static double
fall_of_large_share(const Fall *fall, double s)
{
	double		y = fall->share;

	if (s > 1)
		return -fall->slope * s - fall->size * (log1p(y * expm1(s)) - y * s);
	return -fall->slope * s -
		fall->size * (log_rest(y * expm1(s)) + y * exp_rest(s));
}

/*
 * The same where a is large: the odds against grow by 1 + s, for with exp(s)
 * the integrand would fall by the exponential of an exponential.  Where a is
 * small it has a long tail in this form.  power is b - 1.
 */
static double
fall_of_odds_against(const Fall *fall, double s)
{
	double		y = fall->share;

	if (s > 1)
		return fall->power * log1p(s) - fall->size * log1p(y * s);
	return -fall->slope * s + fall->power * log_rest(s) - fall->size * log_rest(y * s);
}

/*
 * I_x(a, b) for x at most a / (a + b), with y = 1 - x; DISTANCE is
 * a - (a + b) x, which the caller knows to its last digit.
 */
static double
beta_below(double a, double b, double x, double y, double distance)
{
	double		size = a + b;
	Fall		fall = {fall_of_small_share, distance, size * x * y, size, x, 0};

	if (x > 0.5)
	{
		fall.at = fall_of_large_share;
		fall.share = y;
	}
	if (x > 0.5 && a > 8)
	{
		fall.at = fall_of_odds_against;
		fall.slope = distance + 1;
		fall.power = b - 1;
		fall.curvature = Max(fall.power - size * y * y, 0);
	}
	return a * b / size * density_at_mean(a) * density_at_mean(b) /
		density_at_mean(size) * integral_of(&fall) *
		exp(-deviance(a, size * x, -distance) - deviance(b, size * y, distance));
}

/* I_x(a, b) for all x. */
static double
beta_tail(double a, double b, double x, double y, double distance)
{
	if (x <= 0 || y <= 0)
		return x <= 0 ? 0 : 1;
	if (distance >= 0)
		return Min(beta_below(a, b, x, y, distance), 1);
	return Max(1 - beta_below(b, a, y, x, -distance), 0);
}

/* -- distributions -- */

double
poisson_tail(double expected, double count)
{
	if (count <= 0)
		return 1;
	if (expected <= 0 || isinf(count))
		return 0;
	if (expected <= count)
		return Min(gamma_below(count, expected), 1);
	return Max(1 - gamma_above(count, expected), 0);
}

double
binomial_tail(double trials, double probability, double count)
{
	if (count <= 0)
		return 1;
	if (count > trials)
		return 0;
	return beta_tail(count, trials - count + 1, probability, 1 - probability,
					 fma(-(trials + 1), probability, count));
}

double
negative_binomial_tail(double mean, double variance, double count)
{
	double		failures = mean * mean / (variance - mean);

	if (count <= 0)
		return 1;
	if (mean <= 0)
		return 0;
	return beta_tail(count, failures, (variance - mean) / variance, mean / variance,
					 mean / variance * (count - mean));
}

double
chi_square_tail(double x, double degrees)
{
	double		a = degrees / 2;

	if (x <= 0)
		return 1;
	if (isinf(x))
		return 0;
	if (x / 2 >= a)
		return Min(gamma_above(a, x / 2), 1);
	return Max(1 - gamma_below(a, x / 2), 0);
}

/* P(|T| >= t) is I_x(degrees / 2, 1/2) at x = degrees / (degrees + t^2). */
double
student_tail(double t, double degrees)
{
	double		square = t * t;
	double		sum = degrees + square;

	if (t < 1)
		return 0.5 - student_within(t, degrees);
	return beta_below(degrees / 2, 0.5, degrees / sum, square / sum,
					  degrees / 2 * (t - 1) * (t + 1) / sum) / 2;
}

double
student_within(double t, double degrees)
{
	double		square = t * t;
	double		sum = degrees + square;

	if (t <= 0)
		return 0;
	if (t >= 1)
		return 0.5 - student_tail(t, degrees);
	return beta_below(0.5, degrees / 2, square / sum, degrees / sum,
					  degrees / 2 * (1 - t) * (1 + t) / sum) / 2;
}

double
normal_below(double z)
{
	return 0.5 * erfc(-z / sqrt(2.0));
}
