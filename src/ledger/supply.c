/*
 * supply.c
 *		How long dispensed drugs last: possession and cover, early refills (提前配药),
 *		stockpiles (超量囤药), many places (多机构配药).
 *
 * Each goes once through the dispensings of a drug in order of date and place,
 * with the stock that they make (dispensings.c).  possession_ratio and
 * covered_share are CMA1 and CMA5 of AdhereR where they end with the last
 * dispensing, CMA2 and CMA6, the PDC of PQA, where they end at a date.
 *
 * Cost beside the dispensings: linear; memory one number a place.
 */
#include "postgres.h"
#include "base/compat.h"

#include "miscadmin.h"
#include "utils/date.h"

#include "base/fixed.h"
#include "base/sort.h"
#include "ledger/dispensings.h"

/* -- the curve -- */

enum
{
	CURVE_DRUG,
	CURVE_DISPENSED_ON,
	CURVE_FACILITY_ID,
	CURVE_DAYS_SUPPLY,
	CURVE_STOCK_BEFORE,
	CURVE_STOCK_AFTER,
	CURVE_AMOUNT,
	CURVE_FILL_IDS,
	CURVE_COLUMNS
};

PG_FUNCTION_INFO_V1(supply_stock_curve);

/* Every dispensing with the stock before and after it; no rows for a NULL book. */
Datum
supply_stock_curve(PG_FUNCTION_ARGS)
{
	DetectorRows rows;
	const Dispensings *all;

	detector_begin(&rows, fcinfo);
	all = dispensings_of_call(fcinfo);
	for (int32 i = 0; all != NULL && i < all->count; i++)
	{
		const Dispensing *dispensing = &all->dispensings[i];
		Datum		values[CURVE_COLUMNS];
		bool		nulls[CURVE_COLUMNS] = {false};

		detector_row_start(&rows);
		supply_put_drug(values, CURVE_DRUG, all, dispensing->drug);
		supply_put_day(values, CURVE_DISPENSED_ON, dispensing->day);
		supply_put_place(values, nulls, CURVE_FACILITY_ID, all, dispensing->place);
		supply_put_days(values, CURVE_DAYS_SUPPLY, dispensing->days);
		supply_put_days(values, CURVE_STOCK_BEFORE, dispensing->before);
		supply_put_days(values, CURVE_STOCK_AFTER, dispensing->after);
		supply_put_yuan(values, CURVE_AMOUNT, dispensing->amount);
		values[CURVE_FILL_IDS] = dispensings_fill_ids(all, i, 1);
		detector_row(&rows, values, nulls);
	}
	return detector_end(&rows);
}

/* -- possession and cover -- */

/* What COUNT dispensings from FIRST on come to by the date UNTIL. */
typedef struct SupplySum
{
	int32		first;
	int32		count;
	int32		until;
	int64		supplied;
	int64		covered;
	int64		peak;
	int64		amount;
} SupplySum;

static void
sum_supply(const Dispensings *all, SupplySum *sum)
{
	sum->supplied = sum->covered = sum->peak = sum->amount = 0;
	for (int32 i = 0; i < sum->count; i++)
	{
		const Dispensing *dispensing = &all->dispensings[sum->first + i];
		int32		next = i + 1 < sum->count ? dispensing[1].day : sum->until;

		CHECK_FOR_INTERRUPTS();
		if (dispensing->day < sum->until)
			sum->supplied = fixed_add(sum->supplied, dispensing->days);
		sum->covered += Min(dispensing->after, (int64) (next - dispensing->day) * FIXED_ONE);
		sum->peak = Max(sum->peak, dispensing->after);
		sum->amount = fixed_add(sum->amount, dispensing->amount);
	}
}

enum
{
	SUPPLY_DRUG,
	SUPPLY_FILL_COUNT,
	SUPPLY_FACILITIES,
	SUPPLY_FIRST_ON,
	SUPPLY_LAST_ON,
	SUPPLY_DAYS_SUPPLIED,
	SUPPLY_DAYS_OBSERVED,
	SUPPLY_DAYS_COVERED,
	SUPPLY_POSSESSION_RATIO,
	SUPPLY_COVERED_SHARE,
	SUPPLY_OVERSUPPLY_DAYS,
	SUPPLY_PEAK_STOCK_DAYS,
	SUPPLY_AMOUNT,
	SUPPLY_COLUMNS
};

static void
emit_supply(DetectorRows *rows, Dispensings *all, const SupplySum *sum)
{
	const Dispensing *first = &all->dispensings[sum->first];
	int32		observed = sum->until - first->day;
	Datum		values[SUPPLY_COLUMNS];
	bool		nulls[SUPPLY_COLUMNS] = {false};
	int32		places = dispensings_places(all, sum->first, sum->count);

	detector_row_start(rows);
	supply_put_drug(values, SUPPLY_DRUG, all, first->drug);
	values[SUPPLY_FILL_COUNT] = Int32GetDatum(sum->count);
	values[SUPPLY_FACILITIES] = Int32GetDatum(places);
	supply_put_day(values, SUPPLY_FIRST_ON, first->day);
	supply_put_day(values, SUPPLY_LAST_ON, first[sum->count - 1].day);
	supply_put_days(values, SUPPLY_DAYS_SUPPLIED, sum->supplied);
	values[SUPPLY_DAYS_OBSERVED] = Int32GetDatum(observed);
	supply_put_days(values, SUPPLY_DAYS_COVERED, sum->covered);
	supply_put_ratio(values, nulls, SUPPLY_POSSESSION_RATIO, sum->supplied, observed);
	supply_put_ratio(values, nulls, SUPPLY_COVERED_SHARE, sum->covered, observed);
	supply_put_days(values, SUPPLY_OVERSUPPLY_DAYS, sum->supplied - sum->covered);
	supply_put_days(values, SUPPLY_PEAK_STOCK_DAYS, sum->peak);
	supply_put_yuan(values, SUPPLY_AMOUNT, sum->amount);
	detector_row(rows, values, nulls);
}

/* An infinite date ends nothing. */
static void
check_until(DateADT until)
{
	if (DATE_NOT_FINITE(until))
		ereport(ERROR,
				(errcode(ERRCODE_DATETIME_VALUE_OUT_OF_RANGE),
				 errmsg("argument \"until\" must be finite")));
}

PG_FUNCTION_INFO_V1(supply_of_drugs);

/*
 * A row for each drug that was dispensed before until; NULL until: the date of
 * the last dispensing, whose supply then counts for nothing but peak, count and
 * amount.
 */
Datum
supply_of_drugs(PG_FUNCTION_ARGS)
{
	DetectorRows rows;
	Dispensings *all;
	bool		given = !PG_ARGISNULL(2);
	DateADT		until = given ? PG_GETARG_DATEADT(2) : 0;

	detector_begin(&rows, fcinfo);
	all = dispensings_of_call(fcinfo);
	if (given)
		check_until(until);
	for (int32 first = 0, end; all != NULL && first < all->count; first = end)
	{
		SupplySum	sum;

		sum.first = first;
		end = dispensings_of_drug(all, first);
		sum.until = given ? until : all->dispensings[end - 1].day;
		sum.count = end - first;
		while (given && sum.count > 0 && all->dispensings[first + sum.count - 1].day >= until)
			sum.count--;
		if (sum.count == 0)
			continue;
		sum_supply(all, &sum);
		emit_supply(&rows, all, &sum);
	}
	return detector_end(&rows);
}

/* -- early refills -- */

enum
{
	EARLY_DRUG,
	EARLY_DISPENSED_ON,
	EARLY_FACILITY_ID,
	EARLY_PREVIOUS_ON,
	EARLY_PREVIOUS_FACILITY_ID,
	EARLY_PREVIOUS_DAYS,
	EARLY_STOCK_BEFORE,
	EARLY_ALLOWED_DAYS,
	EARLY_EARLY_DAYS,
	EARLY_AMOUNT,
	EARLY_FILL_IDS,
	EARLY_COLUMNS
};

static void
emit_early_refill(DetectorRows *rows, const Dispensings *all, int32 at, int64 allowed)
{
	const Dispensing *refill = &all->dispensings[at];
	const Dispensing *previous = refill - 1;
	Datum		values[EARLY_COLUMNS];
	bool		nulls[EARLY_COLUMNS] = {false};

	detector_row_start(rows);
	supply_put_drug(values, EARLY_DRUG, all, refill->drug);
	supply_put_day(values, EARLY_DISPENSED_ON, refill->day);
	supply_put_place(values, nulls, EARLY_FACILITY_ID, all, refill->place);
	supply_put_day(values, EARLY_PREVIOUS_ON, previous->day);
	supply_put_place(values, nulls, EARLY_PREVIOUS_FACILITY_ID, all, previous->place);
	supply_put_days(values, EARLY_PREVIOUS_DAYS, previous->days);
	supply_put_days(values, EARLY_STOCK_BEFORE, refill->before);
	supply_put_days(values, EARLY_ALLOWED_DAYS, allowed);
	supply_put_days(values, EARLY_EARLY_DAYS, refill->before - allowed);
	supply_put_yuan(values, EARLY_AMOUNT, refill->amount);
	values[EARLY_FILL_IDS] = dispensings_fill_ids(all, at, 1);
	detector_row(rows, values, nulls);
}

PG_FUNCTION_INFO_V1(supply_early_refills);

/*
 * Dispensings with more left of the drug than the greater of min_days and
 * tolerance times the days of the dispensing before.
 */
Datum
supply_early_refills(PG_FUNCTION_ARGS)
{
	DetectorRows rows;
	int64		tolerance;
	int64		min_days;
	const Dispensings *all;

	detector_begin(&rows, fcinfo);
	tolerance = detector_fixed(fcinfo, 2, "tolerance");
	min_days = detector_fixed(fcinfo, 3, "min_days");
	all = dispensings_of_call(fcinfo);
	for (int32 i = 1; all != NULL && i < all->count; i++)
	{
		const Dispensing *refill = &all->dispensings[i];
		int64		allowed;

		CHECK_FOR_INTERRUPTS();
		/* the first dispensing of a drug finds nothing left */
		if (refill->before <= min_days)
			continue;
		allowed = Max(min_days, fixed_multiply(tolerance, refill[-1].days));
		if (refill->before > allowed)
			emit_early_refill(&rows, all, i, allowed);
	}
	return detector_end(&rows);
}

/* -- stockpiles -- */

enum
{
	PILE_DRUG,
	PILE_EPISODE_FROM,
	PILE_REACHED_ON,
	PILE_PEAK_ON,
	PILE_PEAK_STOCK_DAYS,
	PILE_EXCESS_DAYS,
	PILE_FILL_COUNT,
	PILE_FACILITIES,
	PILE_AMOUNT,
	PILE_EXCESS_AMOUNT,
	PILE_FILL_IDS,
	PILE_COLUMNS
};

/* An episode, from a dispensing that finds nothing left to the last one above. */
typedef struct Stockpile
{
	int32		first;
	int32		count;			/* 0: none lies above */
	int32		reached_on;
	int32		peak_on;
	int64		peak;
	int64		amount;
	int64		excess_days;
	FixedSum	excess_amount;
} Stockpile;

/* The dispensing at AT takes the stock above MAX_DAYS. */
static void
pile_up(Stockpile *pile, const Dispensings *all, int32 at, int64 max_days)
{
	const Dispensing *dispensing = &all->dispensings[at];
	int64		excess = Min(dispensing->days, dispensing->after - max_days);

	if (pile->count == 0)
		pile->reached_on = dispensing->day;
	if (pile->peak < dispensing->after)
	{
		pile->peak = dispensing->after;
		pile->peak_on = dispensing->day;
	}
	pile->excess_days = fixed_add(pile->excess_days, excess);
	fixed_sum_next(&pile->excess_amount, dispensing->amount, excess, dispensing->days);
	pile->count = at - pile->first + 1;
}

static void
emit_stockpile(DetectorRows *rows, Dispensings *all, const Stockpile *pile)
{
	const Dispensing *first = &all->dispensings[pile->first];
	Datum		values[PILE_COLUMNS];
	bool		nulls[PILE_COLUMNS] = {false};
	int64		amount = 0;
	int32		places = dispensings_places(all, pile->first, pile->count);

	for (int32 i = 0; i < pile->count; i++)
		amount = fixed_add(amount, first[i].amount);
	detector_row_start(rows);
	supply_put_drug(values, PILE_DRUG, all, first->drug);
	supply_put_day(values, PILE_EPISODE_FROM, first->day);
	supply_put_day(values, PILE_REACHED_ON, pile->reached_on);
	supply_put_day(values, PILE_PEAK_ON, pile->peak_on);
	supply_put_days(values, PILE_PEAK_STOCK_DAYS, pile->peak);
	supply_put_days(values, PILE_EXCESS_DAYS, pile->excess_days);
	values[PILE_FILL_COUNT] = Int32GetDatum(pile->count);
	values[PILE_FACILITIES] = Int32GetDatum(places);
	supply_put_yuan(values, PILE_AMOUNT, amount);
	supply_put_yuan(values, PILE_EXCESS_AMOUNT, pile->excess_amount.shown);
	values[PILE_FILL_IDS] = dispensings_fill_ids(all, pile->first, pile->count);
	detector_row(rows, values, nulls);
}

PG_FUNCTION_INFO_V1(supply_stockpiles);

/* Episodes, each from an empty stock on, whose peak exceeds max_days. */
Datum
supply_stockpiles(PG_FUNCTION_ARGS)
{
	DetectorRows rows;
	int64		max_days;
	Dispensings *all;
	Stockpile	pile = {0};

	detector_begin(&rows, fcinfo);
	max_days = detector_fixed(fcinfo, 2, "max_days");
	all = dispensings_of_call(fcinfo);
	for (int32 i = 0; all != NULL && i < all->count; i++)
	{
		CHECK_FOR_INTERRUPTS();
		if (all->dispensings[i].before == 0)
		{
			if (pile.count > 0)
				emit_stockpile(&rows, all, &pile);
			memset(&pile, 0, sizeof(pile));
			pile.first = i;
			fixed_sum_init(&pile.excess_amount);
		}
		if (all->dispensings[i].after > max_days)
			pile_up(&pile, all, i, max_days);
	}
	if (pile.count > 0)
		emit_stockpile(&rows, all, &pile);
	return detector_end(&rows);
}

/* -- many places -- */

enum
{
	MANY_DRUG,
	MANY_FIRST_ON,
	MANY_LAST_ON,
	MANY_FACILITIES,
	MANY_FILL_COUNT,
	MANY_DAYS_SUPPLIED,
	MANY_POSSESSION_RATIO,
	MANY_AMOUNT,
	MANY_FACILITY_IDS,
	MANY_FILL_IDS,
	MANY_COLUMNS
};

/* Dispensings of a drug within so many dates, and the known places among them. */
typedef struct PlaceWindow
{
	int32		first;
	int32		end;
	int32		places;
} PlaceWindow;

/* Changes by BY how often PLACE stands in the window; TIMES: of each place. */
static void
count_place(PlaceWindow *window, const Dispensings *all, int32 *times, int32 dispensing, int by)
{
	int32		place = all->dispensings[dispensing].place;

	if (all->book->visits[place].data == NULL)
		return;
	window->places -= times[place] > 0;
	times[place] += by;
	window->places += times[place] > 0;
}

/*
 * The window with most places, then most dispensings, then the earliest, of those
 * whose last dispensing is on ENDS_FROM or later.
 */
static PlaceWindow
densest_window(const Dispensings *all, int32 first, int32 end, int period_days, int32 ends_from,
			   int32 *times)
{
	PlaceWindow window = {first, first, 0};
	PlaceWindow best = {first, first, 0};

	for (; window.first < end; window.first++)
	{
		CHECK_FOR_INTERRUPTS();
		while (window.end < end &&
			   all->dispensings[window.end].day - all->dispensings[window.first].day < period_days)
			count_place(&window, all, times, window.end++, 1);
		if (all->dispensings[window.end - 1].day >= ends_from &&
			(window.places > best.places ||
			 (window.places == best.places && window.end - window.first > best.end - best.first)))
			best = window;
		count_place(&window, all, times, window.first, -1);
	}
	return best;
}

/* The known places of COUNT dispensings, each once and in order. */
static Datum
place_names(const Dispensings *all, int32 first, int32 count)
{
	TextSpan   *names = palloc(mul_size(count, sizeof(TextSpan)));
	int32		known = 0;

	for (int32 i = first; i < first + count; i++)
	{
		TextSpan	name = all->book->visits[all->dispensings[i].place];

		if (name.data != NULL)
			names[known++] = name;
	}
	known = distinct_texts(names, known);
	return detector_text_array(names, known);
}

static void
emit_many_places(DetectorRows *rows, const Dispensings *all, const PlaceWindow *window)
{
	const Dispensing *first = &all->dispensings[window->first];
	int32		count = window->end - window->first;
	int32		last_day = first[count - 1].day;
	int64		days = 0;
	int64		days_before_last = 0;
	int64		amount = 0;
	Datum		values[MANY_COLUMNS];
	bool		nulls[MANY_COLUMNS] = {false};

	for (int32 i = 0; i < count; i++)
	{
		days = fixed_add(days, first[i].days);
		if (first[i].day < last_day)
			days_before_last = days;
		amount = fixed_add(amount, first[i].amount);
	}
	detector_row_start(rows);
	supply_put_drug(values, MANY_DRUG, all, first->drug);
	supply_put_day(values, MANY_FIRST_ON, first->day);
	supply_put_day(values, MANY_LAST_ON, last_day);
	values[MANY_FACILITIES] = Int32GetDatum(window->places);
	values[MANY_FILL_COUNT] = Int32GetDatum(count);
	supply_put_days(values, MANY_DAYS_SUPPLIED, days);
	supply_put_ratio(values, nulls, MANY_POSSESSION_RATIO, days_before_last, last_day - first->day);
	supply_put_yuan(values, MANY_AMOUNT, amount);
	values[MANY_FACILITY_IDS] = place_names(all, window->first, count);
	values[MANY_FILL_IDS] = dispensings_fill_ids(all, window->first, count);
	detector_row(rows, values, nulls);
}

PG_FUNCTION_INFO_V1(supply_many_facilities);

/*
 * Drugs that came from at least min_facilities places within period_days dates; of
 * windows whose last dispensing is on ends_from or later, where that is given.
 */
Datum
supply_many_facilities(PG_FUNCTION_ARGS)
{
	DetectorRows rows;
	int			period_days;
	int			min_facilities;
	int32		ends_from = PG_NARGS() > 4 && !PG_ARGISNULL(4) ? PG_GETARG_DATEADT(4) : PG_INT32_MIN;
	const Dispensings *all;
	int32	   *times;

	detector_begin(&rows, fcinfo);
	period_days = detector_int(fcinfo, 2, "period_days", 1);
	min_facilities = detector_int(fcinfo, 3, "min_facilities", 1);
	all = dispensings_of_call(fcinfo);
	if (all == NULL || all->book->visit_count < min_facilities)
		return detector_end(&rows);
	times = palloc0(mul_size(all->book->visit_count, sizeof(int32)));
	for (int32 first = 0, end; first < all->count; first = end)
	{
		PlaceWindow best;

		end = dispensings_of_drug(all, first);
		best = densest_window(all, first, end, period_days, ends_from, times);
		if (best.places >= min_facilities)
			emit_many_places(&rows, all, &best);
	}
	return detector_end(&rows);
}
