/*
 * duplicate_therapy.c
 *		Two drugs of like action at one time (重复用药).
 *
 * From each dispensing a drug covers as many dates as its stock then has days, a
 * part of a day being a date, at most to the next dispensing.  What two drugs of
 * one class cover together falls into runs of consecutive dates; a run tells of
 * both only where each of them was dispensed within it, for a person who changes
 * from one drug to another has something left of the first.
 *
 * Cost: dispensings times drugs of their class; memory 8 bytes a dispensing.
 */
#include "postgres.h"
#include "base/compat.h"

#include "miscadmin.h"
#include "utils/date.h"

#include "base/fixed.h"
#include "ledger/dispensings.h"

/* The last date that there is. */
#define LAST_DATE	(DATE_END_JULIAN - POSTGRES_EPOCH_JDATE - 1)

/* Dates, both ends inside. */
typedef struct Span
{
	int32		from;
	int32		to;
} Span;

/* A drug with a class, and when it is covered. */
typedef struct CoveredDrug
{
	int32		drug;
	TextSpan	class;
	int32		first;			/* its dispensings */
	int32		end;
	Span	   *spans;			/* apart from each other, ascending */
	int32		span_count;
} CoveredDrug;

typedef struct TherapySearch
{
	DetectorRows *rows;
	const Dispensings *all;
	int32		min_days;
	CoveredDrug *drugs;			/* by drug, so that a class stands together */
	int32		count;
} TherapySearch;

/* ---- cover ---- */

/* The last date that the dispensing at AT covers, of a drug that ends at END. */
static int32
covered_to(const Dispensings *all, int32 at, int32 end)
{
	const Dispensing *dispensing = &all->dispensings[at];
	int64		dates = dispensing->after / FIXED_ONE + (dispensing->after % FIXED_ONE > 0);
	int64		to = dispensing->day + dates - 1;

	return (int32) Min(to, at + 1 < end ? dispensing[1].day - 1 : LAST_DATE);
}

/* Fills the spans of a drug into ROOM, which has one for each dispensing. */
static void
cover_dates(const Dispensings *all, CoveredDrug *drug, Span *room)
{
	drug->spans = room;
	drug->span_count = 0;
	for (int32 i = drug->first; i < drug->end; i++)
	{
		int32		from = all->dispensings[i].day;
		int32		to = covered_to(all, i, drug->end);

		CHECK_FOR_INTERRUPTS();
		if (drug->span_count > 0 && room[drug->span_count - 1].to >= from - 1)
			room[drug->span_count - 1].to = Max(room[drug->span_count - 1].to, to);
		else
		{
			room[drug->span_count].from = from;
			room[drug->span_count++].to = to;
		}
	}
}

/* Of each drug of the book its class, data NULL where none of its codes has one. */
static TextSpan *
classes_of_drugs(const Dispensings *all, DrugLevel class_level)
{
	TextSpan   *classes = palloc0(mul_size(Max(all->drug_count, 1), sizeof(TextSpan)));

	for (int32 i = 0; i < all->book->item_count; i++)
		if (drug_code_is_national(all->book->items[i]))
			classes[all->drug_of_item[i]] = drug_code_cut(all->book->items[i], class_level);
	return classes;
}

static void
find_covered_drugs(TherapySearch *search, DrugLevel class_level)
{
	const Dispensings *all = search->all;
	TextSpan   *classes = classes_of_drugs(all, class_level);
	Span	   *room = palloc_extended(mul_size(Max(all->count, 1), sizeof(Span)), MCXT_ALLOC_HUGE);

	search->drugs = palloc_extended(mul_size(Max(all->drug_count, 1), sizeof(CoveredDrug)), MCXT_ALLOC_HUGE);
	for (int32 first = 0, end; first < all->count; first = end)
	{
		CoveredDrug *drug = &search->drugs[search->count];

		end = dispensings_of_drug(all, first);
		drug->drug = all->dispensings[first].drug;
		drug->class = classes[drug->drug];
		if (drug->class.data == NULL)
			continue;
		drug->first = first;
		drug->end = end;
		cover_dates(all, drug, room + first);
		search->count++;
	}
}

/* ---- pairs ---- */

/* The first dispensing of the drug on DAY or later. */
static int32
first_dispensing_from(const Dispensings *all, const CoveredDrug *drug, int32 day)
{
	int32		low = drug->first;
	int32		high = drug->end;

	while (low < high)
	{
		int32		middle = low + (high - low) / 2;

		if (all->dispensings[middle].day < day)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

enum
{
	THERAPY_CLASS,
	THERAPY_DRUG,
	THERAPY_OTHER_DRUG,
	THERAPY_FROM_ON,
	THERAPY_TO_ON,
	THERAPY_OVERLAP_DAYS,
	THERAPY_FILL_IDS,
	THERAPY_OTHER_FILL_IDS,
	THERAPY_COLUMNS
};

/* Both drugs are covered on these dates; both must have been dispensed on some. */
static void
judge_run(const TherapySearch *search, const CoveredDrug *drug, const CoveredDrug *other, Span run)
{
	const Dispensings *all = search->all;
	int32		first = first_dispensing_from(all, drug, run.from);
	int32		count = first_dispensing_from(all, drug, run.to + 1) - first;
	int32		other_first = first_dispensing_from(all, other, run.from);
	int32		other_count = first_dispensing_from(all, other, run.to + 1) - other_first;
	Datum		values[THERAPY_COLUMNS];
	bool		nulls[THERAPY_COLUMNS] = {false};

	if (count == 0 || other_count == 0)
		return;
	detector_row_start(search->rows);
	values[THERAPY_CLASS] = detector_text(drug->class);
	supply_put_drug(values, THERAPY_DRUG, all, drug->drug);
	supply_put_drug(values, THERAPY_OTHER_DRUG, all, other->drug);
	supply_put_day(values, THERAPY_FROM_ON, run.from);
	supply_put_day(values, THERAPY_TO_ON, run.to);
	values[THERAPY_OVERLAP_DAYS] = Int32GetDatum(run.to - run.from + 1);
	values[THERAPY_FILL_IDS] = dispensings_fill_ids(all, first, count);
	values[THERAPY_OTHER_FILL_IDS] = dispensings_fill_ids(all, other_first, other_count);
	detector_row(search->rows, values, nulls);
}

static void
search_pair(const TherapySearch *search, const CoveredDrug *drug, const CoveredDrug *other)
{
	int32		i = 0;
	int32		o = 0;

	while (i < drug->span_count && o < other->span_count)
	{
		Span		run = {Max(drug->spans[i].from, other->spans[o].from),
		Min(drug->spans[i].to, other->spans[o].to)};

		CHECK_FOR_INTERRUPTS();
		if (run.to - run.from + 1 >= search->min_days)
			judge_run(search, drug, other, run);
		if (drug->spans[i].to < other->spans[o].to)
			i++;
		else
			o++;
	}
}

static void
search_pairs(const TherapySearch *search)
{
	for (int32 i = 0; i < search->count; i++)
		for (int32 o = i + 1; o < search->count &&
			 text_span_equal(search->drugs[i].class, search->drugs[o].class); o++)
			search_pair(search, &search->drugs[i], &search->drugs[o]);
}

PG_FUNCTION_INFO_V1(supply_duplicate_therapy);

/*
 * Runs of at least min_days dates covered by two drugs of one class, each of which
 * was dispensed within the run.
 */
Datum
supply_duplicate_therapy(PG_FUNCTION_ARGS)
{
	DetectorRows rows;
	TherapySearch search = {0};
	DrugLevel	class_level;

	detector_begin(&rows, fcinfo);
	search.rows = &rows;
	class_level = drug_level_argument(fcinfo, 2, "class_level");
	/* of finer ones a drug would be in several */
	if (class_level < drug_level_argument(fcinfo, 1, "drug_level"))
		detector_argument_range("class_level", "drug_level or coarser");
	search.min_days = detector_int(fcinfo, 3, "min_days", 1);
	search.all = dispensings_of_call(fcinfo);
	if (search.all == NULL)
		return detector_end(&rows);
	find_covered_drugs(&search, class_level);
	search_pairs(&search);
	return detector_end(&rows);
}
