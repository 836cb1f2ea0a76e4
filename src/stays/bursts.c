/*
 * bursts.c
 *		What is too much alike in the stays of a facility: days with too many
 *		admissions (入院时间集中) and amounts too close together (出院报销金额接近).
 *
 * Admissions: each day against the last ones of its class, which is its weekday
 * where no calendar says that it is a holiday or that people work, so that
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
#include "base/compat.h"

#include <float.h>
#include <math.h>

#include "catalog/pg_type.h"
#include "lib/binaryheap.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/date.h"
#include "utils/memutils.h"

#include "base/days.h"
#include "base/rows.h"
#include "base/sort.h"
#include "base/tails.h"
#include "stays/stays.h"

/* -- bursts of admissions -- */

#define DAY_CLASSES		7		/* of weekdays, from Monday */

typedef struct BurstRules
{
	int			weeks;
	int			min_excess;
	double		min_ratio;
	double		max_p;
} BurstRules;

/* Days that are not of the class of their weekday, ascending. */
typedef struct SpecialDays
{
	int			count;
	DateADT    *days;
	int32	   *classes;		/* 1 to DAY_CLASSES */
} SpecialDays;

typedef struct BurstSearch
{
	DetectorRows *rows;
	const Stays *book;
	BurstRules	rules;
	SpecialDays special;
	bool		with_baseline;	/* rows say what a day was compared with */
	DateADT		first;			/* date of the book's first admission */
	int32		days;			/* from it to the last one */
	int32	   *admissions;		/* per day */
	int32	   *before;			/* per day the last one of its class before
								 * it; -1: none */
} BurstSearch;

typedef struct Baseline
{
	double		mean;
	double		variance;		/* unbiased */
	int32	   *days;			/* the latest first */
} Baseline;

/* Links each day to the one of its class before it. */
static void
link_days(BurstSearch *search)
{
	int32		latest[DAY_CLASSES + 1];
	int			special = 0;

	memset(latest, -1, sizeof(latest));
	search->before = palloc(mul_size(search->days, sizeof(int32)));
	for (int32 day = 0; day < search->days; day++)
	{
		DateADT		date = search->first + day;
		int			class = weekday_of_day(date);

		while (special < search->special.count && search->special.days[special] < date)
			special++;
		if (special < search->special.count && search->special.days[special] == date)
			class = search->special.classes[special];
		search->before[day] = latest[class];
		latest[class] = day;
	}
}

/* The last days of its class before DAY; false where the book has too few. */
static bool
baseline_of(const BurstSearch *search, int32 day, Baseline *baseline)
{
	int			weeks = search->rules.weeks;
	double		mean = 0;
	double		variance = 0;

	/* not so much as a look where there cannot be that many */
	if (day < weeks)
		return false;
	for (int w = 0; w < weeks; w++)
	{
		day = search->before[day];
		if (day < 0)
			return false;
		baseline->days[w] = day;
		mean += search->admissions[day];
	}
	mean /= weeks;
	for (int w = 0; w < weeks; w++)
	{
		double		deviation = search->admissions[baseline->days[w]] - mean;

		variance += deviation * deviation;
	}
	baseline->mean = mean;
	baseline->variance = variance / Max(weeks - 1, 1);
	return true;
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

/* Columns of the result. */
enum
{
	BURST_ON_DATE,
	BURST_ADMISSIONS,
	BURST_EXPECTED,
	BURST_P_VALUE,
	BURST_VISIT_IDS,
	/* of bursts_admissions_by_class() only */
	BURST_BASELINE_DAYS,
	BURST_BASELINE_ADMISSIONS,
	BURST_COLUMNS
};

/* The days compared with and their admissions, in order of time. */
static void
put_baseline(const BurstSearch *search, const Baseline *baseline, Datum *values)
{
	int			weeks = search->rules.weeks;
	Datum	   *dates = palloc(mul_size(weeks, sizeof(Datum)));
	Datum	   *counts = palloc(mul_size(weeks, sizeof(Datum)));

	for (int w = 0; w < weeks; w++)
	{
		int32		day = baseline->days[weeks - 1 - w];

		dates[w] = DateADTGetDatum(search->first + day);
		counts[w] = Int32GetDatum(search->admissions[day]);
	}
	values[BURST_BASELINE_DAYS] = PointerGetDatum(construct_array(dates, weeks, DATEOID, sizeof(DateADT),
																  true, TYPALIGN_INT));
	values[BURST_BASELINE_ADMISSIONS] = PointerGetDatum(construct_array(counts, weeks, INT4OID, sizeof(int32),
																		true, TYPALIGN_INT));
}

static void
emit_burst(const BurstSearch *search, int32 day, int32 first_stay,
		   const Baseline *baseline, double p)
{
	int32		admissions = search->admissions[day];
	int32	   *stays;
	Datum		values[BURST_COLUMNS];
	bool		nulls[BURST_COLUMNS] = {0};

	detector_row_start(search->rows);
	stays = palloc(admissions * sizeof(int32));
	for (int32 i = 0; i < admissions; i++)
		stays[i] = first_stay + i;
	values[BURST_ON_DATE] = DateADTGetDatum(search->first + day);
	values[BURST_ADMISSIONS] = Int32GetDatum(admissions);
	values[BURST_EXPECTED] = Float8GetDatum(baseline->mean);
	values[BURST_P_VALUE] = Float8GetDatum(p);
	values[BURST_VISIT_IDS] = stays_visit_ids(search->book, stays, admissions);
	if (search->with_baseline)
		put_baseline(search, baseline, values);
	detector_row(search->rows, values, nulls);
}

static void
count_admissions(BurstSearch *search)
{
	const Stays *book = search->book;

	search->first = book->stays[0].admitted;
	search->days = book->stays[book->count - 1].admitted - search->first + 1;
	search->admissions = palloc0(mul_size(search->days, sizeof(int32)));
	for (int32 i = 0; i < book->count; i++)
		search->admissions[book->stays[i].admitted - search->first]++;
}

static void
search_bursts(BurstSearch *search)
{
	const BurstRules *rules = &search->rules;
	Baseline	baseline;
	int32		stay = 0;

	count_admissions(search);
	link_days(search);
	/* more than the book has days are never looked at */
	baseline.days = palloc(mul_size(Min(rules->weeks, search->days), sizeof(int32)));
	for (int32 day = 0; day < search->days; stay += search->admissions[day++])
	{
		int32		count = search->admissions[day];
		double		p;

		CHECK_FOR_INTERRUPTS();
		if (count == 0 || count < rules->min_excess ||
			!baseline_of(search, day, &baseline))
			continue;
		if (count - baseline.mean < rules->min_excess ||
			count < rules->min_ratio * baseline.mean)
			continue;
		p = burst_p(&baseline, rules->weeks, count);
		if (p <= rules->max_p)
			emit_burst(search, day, stay, &baseline, p);
	}
}

/* Thresholds and book, which both forms take alike. */
static void
burst_arguments(FunctionCallInfo fcinfo, BurstSearch *search, DetectorRows *rows)
{
	memset(search, 0, sizeof(*search));
	detector_begin(rows, fcinfo);
	search->rows = rows;
	search->rules.weeks = detector_int(fcinfo, 1, "weeks", 1);
	search->rules.min_excess = detector_int(fcinfo, 2, "min_excess", 0);
	search->rules.min_ratio = detector_float(fcinfo, 3, "min_ratio", 0, DBL_MAX);
	search->rules.max_p = detector_float(fcinfo, 4, "max_p", 0, 1);
	search->book = stays_of_call(fcinfo, 5);
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
	BurstSearch search;

	burst_arguments(fcinfo, &search, &rows);
	if (search.book != NULL && search.book->count > 0)
		search_bursts(&search);
	return detector_end(&rows);
}

/* An array of COUNT values of TYPE without NULLs; *COUNT < 0: any number. */
static Datum *
special_values(FunctionCallInfo fcinfo, int argument, const char *name, Oid type,
			   int *count)
{
	Datum	   *values;
	bool	   *nulls;
	int			found;

	if (PG_ARGISNULL(argument))
		detector_argument_null(name);
	deconstruct_array(PG_GETARG_ARRAYTYPE_P(argument), type, sizeof(int32), true,
					  TYPALIGN_INT, &values, &nulls, &found);
	for (int i = 0; i < found; i++)
		if (nulls[i])
			detector_argument_null(name);
	if (*count >= 0 && found != *count)
		detector_argument_range(name, psprintf(_("of %d elements"), *count));
	*count = found;
	return values;
}

static void
special_days(FunctionCallInfo fcinfo, SpecialDays *special)
{
	int			count = -1;
	Datum	   *days = special_values(fcinfo, 6, "days", DATEOID, &count);
	Datum	   *classes = special_values(fcinfo, 7, "classes", INT4OID, &count);

	special->count = count;
	special->days = palloc(mul_size(Max(count, 1), sizeof(DateADT)));
	special->classes = palloc(mul_size(Max(count, 1), sizeof(int32)));
	for (int i = 0; i < count; i++)
	{
		special->days[i] = DatumGetDateADT(days[i]);
		special->classes[i] = DatumGetInt32(classes[i]);
		if (i > 0 && special->days[i] <= special->days[i - 1])
			detector_argument_range("days", "ascending");
		if (special->classes[i] < 1 || special->classes[i] > DAY_CLASSES)
			detector_argument_range("classes", psprintf(_("between 1 and %d"), DAY_CLASSES));
	}
}

PG_FUNCTION_INFO_V1(bursts_admissions_by_class);

/*
 * As bursts_admissions(), each day against the last ones of its class, which is
 * its weekday where DAYS and CLASSES say nothing else of it; with the days
 * compared with and their admissions.  NULL arrays, or NULLs in them: 22004.
 */
Datum
bursts_admissions_by_class(PG_FUNCTION_ARGS)
{
	DetectorRows rows;
	BurstSearch search;

	burst_arguments(fcinfo, &search, &rows);
	special_days(fcinfo, &search.special);
	search.with_baseline = true;
	if (search.book != NULL && search.book->count > 0)
		search_bursts(&search);
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
compare_amounts(const int32 *a, const int32 *b, const Stay *stays)
{
	int64		ax = stays[*a].amount;
	int64		ay = stays[*b].amount;

	return ax != ay ? pg_cmp_s64(ax, ay) : pg_cmp_s32(*a, *b);
}

#define ST_SORT sort_by_amount
#define ST_ELEMENT_TYPE int32
#define ST_COMPARE_ARG_TYPE const Stay
#define ST_COMPARE(a, b, arg) compare_amounts(a, b, arg)
#define ST_SCOPE static
#define ST_CHECK_FOR_INTERRUPTS
#define ST_DEFINE
#include "lib/sort_template.h"

/* Fullest band first; among equals the lowest. */
static int
compare_starts(Datum a, Datum b, void *arg)
{
	const AmountSearch *search = arg;
	int32		x = DatumGetInt32(a);
	int32		y = DatumGetInt32(b);

	return search->key[x] != search->key[y] ?
		pg_cmp_s32(search->key[x], search->key[y]) : pg_cmp_s32(y, x);
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
	sort_by_amount(search->order, search->count, book->stays);
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
	sort_doubles(values, others);
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

/* Columns of the result. */
enum
{
	BAND_LOW,
	BAND_HIGH,
	BAND_STAY_COUNT,
	BAND_SHARE,
	BAND_EXPECTED,
	BAND_P_VALUE,
	BAND_VISIT_IDS,
	BAND_COLUMNS
};

static void
emit_band(DetectorRows *rows, AmountSearch *search, int32 from, int32 to)
{
	double		chance = chance_of_band(search, from, to);
	int32		count = to - from;
	int32	   *stays;
	Datum		values[BAND_COLUMNS];
	bool		nulls[BAND_COLUMNS] = {0};

	detector_row_start(rows);
	stays = palloc(count * sizeof(int32));
	memcpy(stays, search->order + from, count * sizeof(int32));
	sort_int32(stays, count);
	stays_put_money(values, nulls, BAND_LOW, amount_at(search, from));
	stays_put_money(values, nulls, BAND_HIGH, amount_at(search, to - 1));
	values[BAND_STAY_COUNT] = Int32GetDatum(count);
	values[BAND_SHARE] = Float8GetDatum((double) count / search->count);
	nulls[BAND_EXPECTED] = nulls[BAND_P_VALUE] = chance < 0;
	values[BAND_EXPECTED] = Float8GetDatum(chance * search->count);
	/* One band could begin at every amount. */
	values[BAND_P_VALUE] = Float8GetDatum(Min(1, search->count *
											  binomial_tail(search->count, Max(chance, 0), count)));
	values[BAND_VISIT_IDS] = stays_visit_ids(search->book, stays, count);
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
