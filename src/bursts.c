/*
 * bursts.c
 *		What is too much alike in the stays of a facility: days with too many
 *		admissions (入院时间集中) and amounts too close together (出院报销金额接近).
 *
 * Admissions: each day against the same weekday of the weeks before, so that
 * weekdays and slow growth explain themselves.  The count is judged by a
 * Poisson distribution with their mean, by a negative binomial one where they
 * vary more than that allows.
 *
 * Amounts: sorted, every amount begins a band of the tolerated width; the
 * fullest band is taken, then the fullest of what is left.  What is to be
 * expected in it follows a log-normal distribution fitted, by median and
 * median absolute deviation, to the stays outside the band.
 *
 * Both n log n.
 */
#include "postgres.h"
#include "compat.h"

#include <float.h>
#include <math.h>

#include "lib/binaryheap.h"
#include "miscadmin.h"
#include "utils/memutils.h"

#include "rows.h"
#include "stays.h"
#include "tails.h"

/* -- bursts of admissions -- */

typedef struct BurstRules
{
	int			weeks;
	int			min_excess;
	double		min_ratio;
	double		max_p;
} BurstRules;

typedef struct Baseline
{
	double		mean;
	double		variance;		/* unbiased */
} Baseline;

/* The same weekday of the weeks before DAY, counted from the book's first. */
static Baseline
baseline_of(const int32 *admissions, int32 day, int weeks)
{
	Baseline	baseline = {0, 0};

	for (int w = 1; w <= weeks; w++)
		baseline.mean += admissions[day - 7 * w];
	baseline.mean /= weeks;
	for (int w = 1; w <= weeks; w++)
	{
		double		deviation = admissions[day - 7 * w] - baseline.mean;

		baseline.variance += deviation * deviation;
	}
	baseline.variance /= Max(weeks - 1, 1);
	return baseline;
}

/*
 * P(as many or more).  No admission in any of the weeks does not mean that
 * none can come: one in all weeks and this day is the least that is expected.
 */
static double
burst_p(const Baseline *baseline, int weeks, int32 admissions)
{
	if (baseline->variance > baseline->mean)
		return negative_binomial_tail(baseline->mean, baseline->variance, admissions);
	return poisson_tail(Max(baseline->mean, 1.0 / (weeks + 1)), admissions);
}

static void
emit_burst(DetectorRows *rows, const Stays *book, int32 first_stay, DateADT date,
		   int32 admissions, double expected, double p)
{
	int32	   *stays;
	Datum		values[5];
	bool		nulls[5] = {0};

	detector_row_start(rows);
	stays = palloc(admissions * sizeof(int32));
	for (int32 i = 0; i < admissions; i++)
		stays[i] = first_stay + i;
	values[0] = DateADTGetDatum(date);
	values[1] = Int32GetDatum(admissions);
	values[2] = Float8GetDatum(expected);
	values[3] = Float8GetDatum(p);
	values[4] = stays_visit_ids(book, stays, admissions);
	detector_row(rows, values, nulls);
}

static void
search_bursts(DetectorRows *rows, const Stays *book, const BurstRules *rules)
{
	DateADT		first = book->stays[0].admitted;
	int32		days = book->stays[book->count - 1].admitted - first + 1;
	int32	   *admissions = palloc0(mul_size(days, sizeof(int32)));
	int32		stay = 0;

	for (int32 i = 0; i < book->count; i++)
		admissions[book->stays[i].admitted - first]++;
	for (int32 day = 0; day < days; stay += admissions[day++])
	{
		int32		count = admissions[day];
		Baseline	baseline;
		double		p;

		CHECK_FOR_INTERRUPTS();
		if (day / 7 < rules->weeks || count == 0 || count < rules->min_excess)
			continue;
		baseline = baseline_of(admissions, day, rules->weeks);
		if (count - baseline.mean < rules->min_excess ||
			count < rules->min_ratio * baseline.mean)
			continue;
		p = burst_p(&baseline, rules->weeks, count);
		if (p <= rules->max_p)
			emit_burst(rows, book, stay, first + day, count, baseline.mean, p);
	}
}

PG_FUNCTION_INFO_V1(bursts_admissions);

/*
 * Days with more admissions than the same weekday of the weeks before
 * explains; days without that many weeks before them are not judged.
 */
Datum
bursts_admissions(PG_FUNCTION_ARGS)
{
	DetectorRows rows;
	BurstRules	rules;
	Stays	   *book;

	detector_begin(&rows, fcinfo);
	rules.weeks = detector_int(fcinfo, 1, "weeks", 1);
	rules.min_excess = detector_int(fcinfo, 2, "min_excess", 0);
	rules.min_ratio = detector_float(fcinfo, 3, "min_ratio", 0, DBL_MAX);
	rules.max_p = detector_float(fcinfo, 4, "max_p", 0, 1);
	book = stays_of_call(fcinfo, 5);
	if (book != NULL && book->count > 0)
		search_bursts(&rows, book, &rules);
	return detector_end(&rows);
}

/* -- similar amounts -- */

/* Fewer stays outside a band say nothing about how amounts spread. */
#define LEAST_OTHERS	5

typedef struct AmountSearch
{
	const Stays *book;
	int64		tolerance_rel;	/* ten-thousandths */
	int64		tolerance_abs;
	int64		least;			/* stays a band must have */
	int32	   *order;			/* stays with a positive amount, by amount */
	int32		count;
	int32	   *end;			/* per start: where its band ends by now */
	int32	   *key;			/* per start: band size as the heap knows it */
	bool	   *used;
	double	   *deviations;		/* scratch */
} AmountSearch;

static inline int64
amount_at(const AmountSearch *search, int32 i)
{
	return search->book->stays[search->order[i]].amount;
}

static int
compare_amounts(const void *a, const void *b, void *stays)
{
	int32		x = *(const int32 *) a;
	int32		y = *(const int32 *) b;
	int64		ax = ((const Stay *) stays)[x].amount;
	int64		ay = ((const Stay *) stays)[y].amount;

	if (ax != ay)
		return ax < ay ? -1 : 1;
	return (x > y) - (x < y);
}

static int
compare_int32(const void *a, const void *b)
{
	int32		x = *(const int32 *) a;
	int32		y = *(const int32 *) b;

	return (x > y) - (x < y);
}

static int
compare_doubles(const void *a, const void *b)
{
	double		x = *(const double *) a;
	double		y = *(const double *) b;

	return (x > y) - (x < y);
}

/* Fullest band first; among equals the lowest. */
static int
compare_starts(Datum a, Datum b, void *arg)
{
	const AmountSearch *search = arg;
	int32		x = DatumGetInt32(a);
	int32		y = DatumGetInt32(b);

	if (search->key[x] != search->key[y])
		return search->key[x] > search->key[y] ? 1 : -1;
	return (x < y) - (x > y);
}

static int64
band_width(const AmountSearch *search, int64 low)
{
	return Max(search->tolerance_abs, fixed_multiply(low, search->tolerance_rel));
}

/* Sorts the amounts and finds where the band that each begins ends. */
static void
find_bands(AmountSearch *search)
{
	const Stays *book = search->book;
	int32		end = 0;

	search->order = palloc(mul_size(book->count, sizeof(int32)));
	for (int32 i = 0; i < book->count; i++)
		if (book->stays[i].amount != FIXED_NULL && book->stays[i].amount > 0)
			search->order[search->count++] = i;
	qsort_arg(search->order, search->count, sizeof(int32), compare_amounts, book->stays);
	search->end = palloc(mul_size(Max(search->count, 1), sizeof(int32)));
	search->key = palloc(mul_size(Max(search->count, 1), sizeof(int32)));
	search->used = palloc0(Max(search->count, 1));
	for (int32 i = 0; i < search->count; i++)
	{
		int64		high = fixed_add(amount_at(search, i),
									 band_width(search, amount_at(search, i)));

		while (end < search->count && amount_at(search, end) <= high)
			end++;
		search->end[i] = end;
		search->key[i] = end - i;
	}
}

/*
 * The chance that an amount falls into the width of the band, by a log-normal
 * distribution fitted to the stays outside; -1 where they are too few or all
 * alike.
 */
static double
chance_of_band(AmountSearch *search, int32 from, int32 to)
{
	int32		others = search->count - (to - from);
	double	   *values;
	double		median;
	double		spread;
	int64		low = amount_at(search, from);

	if (others < LEAST_OTHERS)
		return -1;
	values = search->deviations;
	for (int32 i = 0, o = 0; i < search->count; i++)
		if (i < from || i >= to)
			values[o++] = log((double) amount_at(search, i));
	median = (values[(others - 1) / 2] + values[others / 2]) / 2;
	for (int32 o = 0; o < others; o++)
		values[o] = fabs(values[o] - median);
	qsort(values, others, sizeof(double), compare_doubles);
	spread = 1.4826 * (values[(others - 1) / 2] + values[others / 2]) / 2;
	if (spread == 0)
	{
		for (int32 o = 0; o < others; o++)
			spread += values[o] / others * 1.2533;
	}
	if (!(spread > 0))
		return -1;
	return normal_below((log((double) (low + band_width(search, low))) - median) / spread) -
		normal_below((log((double) low) - median) / spread);
}

static void
emit_band(DetectorRows *rows, AmountSearch *search, int32 from, int32 to)
{
	double		chance = chance_of_band(search, from, to);
	int32		count = to - from;
	int32	   *stays;
	Datum		values[7];
	bool		nulls[7] = {0};

	detector_row_start(rows);
	stays = palloc(count * sizeof(int32));
	memcpy(stays, search->order + from, count * sizeof(int32));
	qsort(stays, count, sizeof(int32), compare_int32);
	stays_put_money(values, nulls, 0, amount_at(search, from));
	stays_put_money(values, nulls, 1, amount_at(search, to - 1));
	values[2] = Int32GetDatum(count);
	values[3] = Float8GetDatum((double) count / search->count);
	nulls[4] = nulls[5] = chance < 0;
	values[4] = Float8GetDatum(chance * search->count);
	/* One band could begin at every amount. */
	values[5] = Float8GetDatum(Min(1, search->count *
								   binomial_tail(search->count, Max(chance, 0), count)));
	values[6] = stays_visit_ids(search->book, stays, count);
	detector_row(rows, values, nulls);
}

/* The band's stays are used up: bands that reached into it end before it. */
static void
take_band(AmountSearch *search, int32 from, int32 to)
{
	for (int32 i = from; i < to; i++)
		search->used[i] = true;
	for (int32 i = from - 1; i >= 0 && search->end[i] > from; i--)
		search->end[i] = from;
}

static void
search_amounts(DetectorRows *rows, AmountSearch *search)
{
	binaryheap *heap = binaryheap_allocate(Max(search->count, 1), compare_starts, search);

	search->deviations = palloc(mul_size(Max(search->count, 1), sizeof(double)));
	for (int32 i = 0; i < search->count; i++)
		if (search->key[i] >= search->least)
			binaryheap_add_unordered(heap, Int32GetDatum(i));
	binaryheap_build(heap);
	while (!binaryheap_empty(heap))
	{
		int32		start = DatumGetInt32(binaryheap_first(heap));
		int32		size = search->end[start] - start;

		CHECK_FOR_INTERRUPTS();
		if (search->used[start] || size < search->least)
			(void) binaryheap_remove_first(heap);
		else if (size < search->key[start])
		{
			search->key[start] = size;
			binaryheap_replace_first(heap, Int32GetDatum(start));
		}
		else
		{
			(void) binaryheap_remove_first(heap);
			take_band(search, start, search->end[start]);
			emit_band(rows, search, start, search->end[start]);
		}
	}
}

/* A numeric threshold that is not below 0. */
static int64
numeric_threshold(FunctionCallInfo fcinfo, int argument, const char *name)
{
	int64		value;

	if (PG_ARGISNULL(argument))
		detector_argument_null(name);
	value = fixed_from_numeric(PG_GETARG_DATUM(argument), name);
	if (value < 0)
		detector_argument_range(name, "at least 0");
	return value;
}

PG_FUNCTION_INFO_V1(bursts_similar_amounts);

/*
 * Bands of amounts that hold at least min_stays and min_share of the stays
 * with a positive amount.
 */
Datum
bursts_similar_amounts(PG_FUNCTION_ARGS)
{
	DetectorRows rows;
	AmountSearch search;
	int			min_stays;
	double		min_share;

	detector_begin(&rows, fcinfo);
	memset(&search, 0, sizeof(search));
	search.tolerance_rel = numeric_threshold(fcinfo, 1, "tolerance_rel");
	search.tolerance_abs = numeric_threshold(fcinfo, 2, "tolerance_abs");
	min_stays = detector_int(fcinfo, 3, "min_stays", 1);
	min_share = detector_float(fcinfo, 4, "min_share", 0, 1);
	search.book = stays_of_call(fcinfo, 5);
	if (search.book != NULL && search.book->count >= min_stays)
	{
		find_bands(&search);
		search.least = Max(min_stays, (int64) ceil(min_share * search.count - 1e-9));
		search_amounts(&rows, &search);
	}
	return detector_end(&rows);
}
