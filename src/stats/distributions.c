/*
 * distributions.c
 *		Tails and quantiles of distributions, for SQL.
 *
 * Tails are those of base/tails.c.  The quantile of the normal distribution is
 * algorithm AS 241 (M. J. Wichura, The Percentage Points of the Normal
 * Distribution, 1988): three quotients of polynomials, of the middle, of the
 * tails and of far tails.  That of Student's t is where its tail, or its middle,
 * has the probability asked for: Newton's method on logarithms, kept between
 * bounds by bisection.  Beyond 10^9 sqrt(degrees) the tail is a power, and its
 * inverse is written down.
 *
 * Cost: less than a microsecond for the normal quantile, six to ten for a tail,
 * some thirty for the quantile of Student's t.  All are STRICT.
 */
#include "postgres.h"
#include "base/compat.h"

#include <float.h>
#include <math.h>

#include "fmgr.h"
#include "utils/float.h"

#include "base/rows.h"
#include "base/tails.h"

/* Up to here every whole number is a float8. */
#define MOST_COUNTED	9007199254740991.0

/* -- arguments -- */

static double
number_argument(FunctionCallInfo fcinfo, int argument, const char *name)
{
	double		value = PG_GETARG_FLOAT8(argument);

	if (isnan(value))
		detector_argument_range(name, "a number");
	return value;
}

static double
probability_argument(FunctionCallInfo fcinfo, int argument, const char *name)
{
	double		p = PG_GETARG_FLOAT8(argument);

	if (!(p > 0 && p < 1))
		detector_argument_range(name, "greater than 0 and less than 1");
	return p;
}

static double
counted_argument(FunctionCallInfo fcinfo, int argument, const char *name)
{
	double		value = PG_GETARG_FLOAT8(argument);

	if (!(value >= 0 && value <= MOST_COUNTED))
		detector_argument_range(name, "between 0 and 9007199254740991");
	return value;
}

/* -- quantiles -- */

#define MOST_POWER	7

/* Wichura's coefficients, those of the highest power first. */
typedef struct Quotient
{
	double		above[MOST_POWER + 1];
	double		below[MOST_POWER + 1];
} Quotient;

static const Quotient middle = {
	{2.5090809287301226727e3, 3.3430575583588128105e4, 6.7265770927008700853e4,
		4.5921953931549871457e4, 1.3731693765509461125e4, 1.9715909503065514427e3,
	1.3314166789178437745e2, 3.3871328727963666080e0},
	{5.2264952788528545610e3, 2.8729085735721942674e4, 3.9307895800092710610e4,
		2.1213794301586595867e4, 5.3941960214247511077e3, 6.8718700749205790830e2,
	4.2313330701600911252e1, 1.0}
};

static const Quotient tail = {
	{7.74545014278341407640e-4, 2.27238449892691845833e-2, 2.41780725177450611770e-1,
		1.27045825245236838258e0, 3.64784832476320460504e0, 5.76949722146069140550e0,
	4.63033784615654529590e0, 1.42343711074968357734e0},
	{1.05075007164441684324e-9, 5.47593808499534494600e-4, 1.51986665636164571966e-2,
		1.48103976427480074590e-1, 6.89767334985100004550e-1, 1.67638483018380384940e0,
	2.05319162663775882187e0, 1.0}
};

static const Quotient far_tail = {
	{2.01033439929228813265e-7, 2.71155556874348757815e-5, 1.24266094738807843860e-3,
		2.65321895265761230930e-2, 2.96560571828504891230e-1, 1.78482653991729133580e0,
	5.46378491116411436990e0, 6.65790464350110377720e0},
	{2.04426310338993978564e-15, 1.42151175831644588870e-7, 1.84631831751005468180e-5,
		7.86869131145613259100e-4, 1.48753612908506148525e-2, 1.36929880922735805310e-1,
	5.99832206555887937690e-1, 1.0}
};

static double
quotient_at(const Quotient *quotient, double x)
{
	double		above = 0;
	double		below = 0;

	for (int k = 0; k <= MOST_POWER; k++)
	{
		above = above * x + quotient->above[k];
		below = below * x + quotient->below[k];
	}
	return above / below;
}

/* Where a standard normal variable is below with probability P. */
static double
normal_quantile(double p)
{
	double		from_middle = p - 0.5;
	double		root;
	double		quantile;

	if (fabs(from_middle) <= 0.425)
		return from_middle *
			quotient_at(&middle, 0.180625 - from_middle * from_middle);
	root = sqrt(-log(from_middle < 0 ? p : 1 - p));
	if (root <= 5)
		quantile = quotient_at(&tail, root - 1.6);
	else
		quantile = quotient_at(&far_tail, root - 5);
	return from_middle < 0 ? -quantile : quantile;
}

#define FAR			1e9			/* of sqrt(degrees) */
#define MOST_FAR	100			/* degrees: with more no tail reaches so far */

/*
 * Where the tail of Student's t has the probability P, were it a power there:
 * P(T >= t) = (degrees / t^2)^(degrees / 2) / (degrees B(degrees / 2, 1 / 2)).
 */
static double
student_far_quantile(double p, double degrees)
{
	double		a = degrees / 2;
	double		beta = sqrt(M_PI) * tgamma(a) / tgamma(a + 0.5);

	return sqrt(degrees) * pow(p * degrees * beta, -1 / degrees);
}

static double
student_density(double t, double degrees)
{
	double		at_0 = exp(lgamma((degrees + 1) / 2) - lgamma(degrees / 2)) /
	sqrt(degrees * M_PI);

	return at_0 * exp(-(degrees + 1) / 2 * log1p(t * t / degrees));
}

/*
 * Where the probability OF (student_tail, which falls, or student_within, which
 * grows) is P: Newton's method for its logarithm as a function of log(t), from
 * T on.  It is concave in both cases, so that from one side the steps lead to
 * the place and never past it; the bounds catch the first step from the other.
 */
static double
student_solve(double (*of) (double t, double degrees), double p, double degrees,
			  double t, double low, double high)
{
	bool		falls = of == student_tail;

	for (;;)
	{
		double		value = of(t, degrees);
		double		step = log(value / p) * value / (student_density(t, degrees) * t);
		double		next;

		if (!falls)
			step = -step;
		next = t * exp(step);
		/* the error left is about the square of the step */
		if (fabs(step) < 1e-9)
			return next;
		if (step > 0)
			low = t;
		else
			high = t;
		if (!(next > low && next < high))
			next = sqrt(low) * sqrt(high);
		if (high <= low * (1 + 2 * DBL_EPSILON))
			return next;
		t = next;
	}
}

/* Where Student's t is above with probability P, of less than a half. */
static double
student_upper_quantile(double p, double degrees)
{
	double		z = -normal_quantile(p);
	double		start = z + z * (z * z + 1) / (4 * degrees);
	double		half;

	if (degrees <= MOST_FAR)
	{
		double		far = student_far_quantile(p, degrees);

		if (far > FAR * sqrt(degrees))
			return far;
		start = Max(start, far);
	}
	if (p <= student_tail(1, degrees))
		return student_solve(student_tail, p, degrees, Max(start, 1), 0.5,
							 2 * FAR * sqrt(degrees));
	half = 0.5 - p;
	start = half / student_density(0, degrees);
	return student_solve(student_within, half, degrees, start, start / 2, 2);
}

/* -- what SQL calls -- */

/* P(X >= count) of a Poisson variable; a count between two is the next one. */
PG_FUNCTION_INFO_V1(distributions_poisson_tail);
Datum
distributions_poisson_tail(PG_FUNCTION_ARGS)
{
	double		expected = counted_argument(fcinfo, 0, "expected");
	double		count = number_argument(fcinfo, 1, "count");

	PG_RETURN_FLOAT8(poisson_tail(expected, ceil(count)));
}

/* P(X >= count) of a binomial variable; trials are whole. */
PG_FUNCTION_INFO_V1(distributions_binomial_tail);
Datum
distributions_binomial_tail(PG_FUNCTION_ARGS)
{
	double		trials = counted_argument(fcinfo, 0, "trials");
	double		p = detector_float(fcinfo, 1, "p", 0, 1);
	double		count = number_argument(fcinfo, 2, "count");

	if (floor(trials) != trials)
		detector_argument_range("trials", "a whole number");
	PG_RETURN_FLOAT8(binomial_tail(trials, p, ceil(count)));
}

/* P(X >= x) of chi square. */
PG_FUNCTION_INFO_V1(distributions_chi_square_tail);
Datum
distributions_chi_square_tail(PG_FUNCTION_ARGS)
{
	double		x = number_argument(fcinfo, 0, "x");
	int			degrees = detector_int(fcinfo, 1, "degrees", 1);

	PG_RETURN_FLOAT8(chi_square_tail(x, degrees));
}

/* The quantile of the standard normal distribution. */
PG_FUNCTION_INFO_V1(distributions_normal_quantile);
Datum
distributions_normal_quantile(PG_FUNCTION_ARGS)
{
	PG_RETURN_FLOAT8(normal_quantile(probability_argument(fcinfo, 0, "p")));
}

/* The quantile of Student's t; one that no float8 holds is an error. */
PG_FUNCTION_INFO_V1(distributions_student_quantile);
Datum
distributions_student_quantile(PG_FUNCTION_ARGS)
{
	double		p = probability_argument(fcinfo, 0, "p");
	int			degrees = detector_int(fcinfo, 1, "degrees", 1);
	double		quantile;

	if (p == 0.5)
		PG_RETURN_FLOAT8(0);
	quantile = student_upper_quantile(p < 0.5 ? p : 1 - p, degrees);
	if (isinf(quantile))
		float_overflow_error();
	PG_RETURN_FLOAT8(p < 0.5 ? -quantile : quantile);
}
