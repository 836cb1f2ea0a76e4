/*
 * stay_gaps.c
 *		What the stays of one person say by their order: split stays
 *		(分解住院), overlapping stays (叠床住院), events within a stay, frequent
 *		stays (住院频次高).
 *
 * A counting sort puts each person's stays together in the book's order; all
 * else is one pass over them.  Days are calendar dates, whatever the clock
 * says.  The stays still running stand in a heap by their end, or in a list
 * where each of them makes a row: n stays with k overlapping pairs cost
 * n log n + k.
 */
#include "postgres.h"
#include "base/compat.h"

#include "lib/binaryheap.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "utils/date.h"
#include "utils/timestamp.h"

#include "base/codes.h"
#include "base/rows.h"
#include "stays/stays.h"

/* -- split stays -- */

typedef struct SplitSearch
{
	DetectorRows *rows;
	const Stays *book;
	int			max_gap_days;
	bool		same_facility;
	const int32 *diagnosis_class;	/* NULL: diagnoses are not asked */
	binaryheap *running;		/* stays that no admission has passed yet */
	const Stay **ended;			/* what ended last, by facility if asked */
} SplitSearch;

typedef struct DiagnosisHead
{
	TextSpan	head;
	int32		diagnosis;
} DiagnosisHead;

static int
compare_heads(const DiagnosisHead *a, const DiagnosisHead *b)
{
	return text_span_compare(a->head, b->head);
}

#define ST_SORT sort_heads
#define ST_ELEMENT_TYPE DiagnosisHead
#define ST_COMPARE(a, b) compare_heads(a, b)
#define ST_SCOPE static
#define ST_CHECK_FOR_INTERRUPTS
#define ST_DEFINE
#include "lib/sort_template.h"

/*
 * Numbers the diagnoses so that equal numbers share their first DIGITS
 * characters, as folded; -1: the code says nothing and is like no other.
 */
static int32 *
diagnosis_classes(const Stays *book, int digits)
{
	int32		count = book->diagnosis_count;
	int32	   *classes = palloc(Max(count, 1) * sizeof(int32));
	DiagnosisHead *heads = palloc(mul_size(Max(count, 1), sizeof(DiagnosisHead)));

	for (int32 i = 0; i < count; i++)
	{
		TextSpan	head = diagnosis_fold(book->diagnoses[i]);

		if (head.data != NULL)
			head.length = pg_mbcharcliplen(head.data, head.length, digits);
		heads[i].head = head;
		heads[i].diagnosis = i;
	}
	sort_heads(heads, count);
	for (int32 i = 0, first = 0; i < count; i++)
	{
		if (!text_span_equal(heads[i].head, heads[first].head))
			first = i;
		classes[heads[i].diagnosis] = heads[i].head.data == NULL ? -1 : first;
	}
	return classes;
}

/* Columns of the result. */
enum
{
	SPLIT_PERSON_ID,
	SPLIT_VISIT_ID,
	SPLIT_NEXT_VISIT_ID,
	SPLIT_FACILITY_ID,
	SPLIT_NEXT_FACILITY_ID,
	SPLIT_GAP_DAYS,
	SPLIT_DIAGNOSIS,
	SPLIT_NEXT_DIAGNOSIS,
	SPLIT_AMOUNT,
	SPLIT_NEXT_AMOUNT,
	SPLIT_COLUMNS
};

static void
emit_split(const SplitSearch *search, const Stay *stay, const Stay *next, int gap)
{
	const Stays *book = search->book;
	Datum		values[SPLIT_COLUMNS];
	bool		nulls[SPLIT_COLUMNS] = {0};

	detector_row_start(search->rows);
	values[SPLIT_PERSON_ID] = detector_text(book->persons[stay->person]);
	values[SPLIT_VISIT_ID] = detector_text(stay->visit_id);
	values[SPLIT_NEXT_VISIT_ID] = detector_text(next->visit_id);
	values[SPLIT_FACILITY_ID] = detector_text(book->facilities[stay->facility]);
	values[SPLIT_NEXT_FACILITY_ID] = detector_text(book->facilities[next->facility]);
	values[SPLIT_GAP_DAYS] = Int32GetDatum(gap);
	stays_put_text(values, nulls, SPLIT_DIAGNOSIS, book->diagnoses, stay->diagnosis);
	stays_put_text(values, nulls, SPLIT_NEXT_DIAGNOSIS, book->diagnoses, next->diagnosis);
	stays_put_money(values, nulls, SPLIT_AMOUNT, stay->amount);
	stays_put_money(values, nulls, SPLIT_NEXT_AMOUNT, next->amount);
	detector_row(search->rows, values, nulls);
}

static bool
diagnoses_alike(const SplitSearch *search, const Stay *stay, const Stay *next)
{
	int32		class;

	if (search->diagnosis_class == NULL)
		return true;
	if (stay->diagnosis < 0 || next->diagnosis < 0)
		return false;
	class = search->diagnosis_class[stay->diagnosis];
	return class >= 0 && class == search->diagnosis_class[next->diagnosis];
}

/* First ended comes first; on one date the first in order. */
static int
compare_ends(Datum a, Datum b, void *arg)
{
	const Stay *stays = ((const SplitSearch *) arg)->book->stays;
	int32		x = DatumGetInt32(a);
	int32		y = DatumGetInt32(b);

	return stays[x].discharged != stays[y].discharged ?
		pg_cmp_s32(stays[y].discharged, stays[x].discharged) : pg_cmp_s32(y, x);
}

/*
 * What has ended by DATE is running no more.  They come out as they ended, and
 * what comes later began later or ended later, so each may overwrite the one
 * before.
 */
static void
end_stays(const SplitSearch *search, DateADT date)
{
	while (!binaryheap_empty(search->running))
	{
		const Stay *stay = &search->book->stays[DatumGetInt32(binaryheap_first(search->running))];

		if (stay->discharged > date)
			return;
		search->ended[search->same_facility ? stay->facility : 0] = stay;
		(void) binaryheap_remove_first(search->running);
	}
}

/* The stays of one person, in order: each with the one that ended last before it. */
static void
search_splits(const SplitSearch *search, const int32 *order, int32 count)
{
	binaryheap_reset(search->running);
	for (int32 i = 0; i < count; i++)
	{
		const Stay *stay = &search->book->stays[order[i]];
		const Stay *before;

		CHECK_FOR_INTERRUPTS();
		end_stays(search, stay->admitted);
		before = search->ended[search->same_facility ? stay->facility : 0];
		/* persons come one after the other, and leave theirs behind */
		if (before != NULL && before->person == stay->person &&
			(int64) stay->admitted - before->discharged <= search->max_gap_days &&
			diagnoses_alike(search, before, stay))
			emit_split(search, before, stay, stay->admitted - before->discharged);
		if (!stay_is_open(stay))
			binaryheap_add(search->running, Int32GetDatum(order[i]));
	}
}

/* Every person of the book. */
static void
search_splits_of_book(SplitSearch *search, int digits)
{
	const Stays *book = search->book;
	int32	   *starts;
	int32	   *order = stays_by_person(book, &starts);

	search->diagnosis_class = digits > 0 ? diagnosis_classes(book, digits) : NULL;
	search->running = binaryheap_allocate(book->count, compare_ends, search);
	search->ended = palloc0(mul_size(search->same_facility ? book->facility_count : 1,
									 sizeof(Stay *)));
	for (int32 p = 0; p < book->person_count; p++)
		if (starts[p + 1] - starts[p] > 1)
			search_splits(search, order + starts[p], starts[p + 1] - starts[p]);
}

PG_FUNCTION_INFO_V1(stay_gaps_split);

/*
 * Pairs of a stay and the one before it that ended last, with at most
 * max_gap_days dates between them and diagnoses that begin alike.  NULL book:
 * no rows.
 */
Datum
stay_gaps_split(PG_FUNCTION_ARGS)
{
	DetectorRows rows;
	SplitSearch search;
	int			digits;

	detector_begin(&rows, fcinfo);
	search.rows = &rows;
	search.max_gap_days = detector_int(fcinfo, 1, "max_gap_days", 0);
	search.same_facility = detector_bool(fcinfo, 2, "same_facility");
	digits = detector_int(fcinfo, 3, "diagnosis_digits", 0);
	search.book = stays_of_call(fcinfo, 4);
	if (search.book != NULL && search.book->count > 1)
		search_splits_of_book(&search, digits);
	return detector_end(&rows);
}

/* -- overlapping stays -- */

/* Columns of the result. */
enum
{
	OVERLAP_PERSON_ID,
	OVERLAP_VISIT_ID,
	OVERLAP_OTHER_VISIT_ID,
	OVERLAP_FACILITY_ID,
	OVERLAP_OTHER_FACILITY_ID,
	OVERLAP_NIGHTS,
	OVERLAP_FROM_DATE,
	OVERLAP_TO_DATE,
	OVERLAP_COLUMNS
};

static void
emit_overlap(DetectorRows *rows, const Stays *book, const Stay *stay,
			 const Stay *other)
{
	DateADT		until = Min(stay->discharged, other->discharged);
	Datum		values[OVERLAP_COLUMNS];
	bool		nulls[OVERLAP_COLUMNS] = {0};

	detector_row_start(rows);
	values[OVERLAP_PERSON_ID] = detector_text(book->persons[stay->person]);
	values[OVERLAP_VISIT_ID] = detector_text(stay->visit_id);
	values[OVERLAP_OTHER_VISIT_ID] = detector_text(other->visit_id);
	values[OVERLAP_FACILITY_ID] = detector_text(book->facilities[stay->facility]);
	values[OVERLAP_OTHER_FACILITY_ID] = detector_text(book->facilities[other->facility]);
	nulls[OVERLAP_NIGHTS] = nulls[OVERLAP_TO_DATE] = until == DATEVAL_NOEND;
	values[OVERLAP_NIGHTS] = Int32GetDatum(until - other->admitted);
	values[OVERLAP_FROM_DATE] = DateADTGetDatum(other->admitted);
	values[OVERLAP_TO_DATE] = DateADTGetDatum(until);
	detector_row(rows, values, nulls);
}

/* May STAY still share MIN_NIGHTS nights with one admitted on DATE? */
static inline bool
reaches(const Stay *stay, DateADT date, int min_nights)
{
	return stay_is_open(stay) || (int64) stay->discharged - date >= min_nights;
}

/*
 * The stays of one person, in order: RUNNING holds those before that still
 * reach the admission date, which only grows.
 */
static void
search_overlaps(DetectorRows *rows, const Stays *book, const int32 *order,
				int32 count, int min_nights, const Stay **running)
{
	int32		running_count = 0;

	for (int32 i = 0; i < count; i++)
	{
		const Stay *stay = &book->stays[order[i]];
		bool		long_enough = reaches(stay, stay->admitted, min_nights);
		int32		kept = 0;

		for (int32 r = 0; r < running_count; r++)
		{
			CHECK_FOR_INTERRUPTS();
			if (!reaches(running[r], stay->admitted, min_nights))
				continue;
			running[kept++] = running[r];
			if (long_enough)
				emit_overlap(rows, book, running[r], stay);
		}
		running_count = kept;
		if (long_enough)
			running[running_count++] = stay;
	}
}

PG_FUNCTION_INFO_V1(stay_gaps_overlapping);

/*
 * Every pair of a person's stays that share at least min_nights nights; both
 * still in: nights and to_date NULL.  NULL book: no rows.
 */
Datum
stay_gaps_overlapping(PG_FUNCTION_ARGS)
{
	DetectorRows rows;
	int			min_nights;
	Stays	   *book;

	detector_begin(&rows, fcinfo);
	min_nights = detector_int(fcinfo, 1, "min_nights", 0);
	book = stays_of_call(fcinfo, 2);
	if (book != NULL && book->count > 1)
	{
		int32	   *starts;
		int32	   *order = stays_by_person(book, &starts);
		const Stay **running = palloc(book->count * sizeof(Stay *));

		for (int32 p = 0; p < book->person_count; p++)
			if (starts[p + 1] - starts[p] > 1)
				search_overlaps(&rows, book, order + starts[p],
								starts[p + 1] - starts[p], min_nights, running);
	}
	return detector_end(&rows);
}

/* -- events within a stay -- */

/* Columns of the result. */
enum
{
	EVENT_PERSON_ID,
	EVENT_VISIT_ID,
	EVENT_EVENT_VISIT_ID,
	EVENT_FACILITY_ID,
	EVENT_EVENT_FACILITY_ID,
	EVENT_EVENT_AT,
	EVENT_DAY_OF_STAY,
	EVENT_EVENT_TAGS,
	EVENT_COLUMNS
};

static void
emit_event(DetectorRows *rows, const Stays *book, const Stay *stay,
		   const Stay *event)
{
	Datum		values[EVENT_COLUMNS];
	bool		nulls[EVENT_COLUMNS] = {0};

	detector_row_start(rows);
	values[EVENT_PERSON_ID] = detector_text(book->persons[stay->person]);
	values[EVENT_VISIT_ID] = detector_text(stay->visit_id);
	values[EVENT_EVENT_VISIT_ID] = detector_text(event->visit_id);
	values[EVENT_FACILITY_ID] = detector_text(book->facilities[stay->facility]);
	values[EVENT_EVENT_FACILITY_ID] = detector_text(book->facilities[event->facility]);
	values[EVENT_EVENT_AT] = TimestampGetDatum(event->admitted_at);
	values[EVENT_DAY_OF_STAY] = Int32GetDatum(event->admitted - stay->admitted + 1);
	values[EVENT_EVENT_TAGS] = stays_tags(book, event);
	detector_row(rows, values, nulls);
}

/* Less than a night and a day: nobody slept there and was in hospital as well. */
static inline bool
is_visit(const Stay *stay)
{
	return !stay_is_open(stay) && (int64) stay->discharged - stay->admitted <= 1;
}

/* As search_overlaps(): RUNNING holds the stays that reach beyond the date. */
static void
search_events(DetectorRows *rows, const Stays *book, const int32 *order,
			  int32 count, const Stay **running)
{
	int32		running_count = 0;

	for (int32 i = 0; i < count; i++)
	{
		const Stay *stay = &book->stays[order[i]];
		bool		is_event = is_visit(stay);
		int32		kept = 0;

		for (int32 r = 0; r < running_count; r++)
		{
			CHECK_FOR_INTERRUPTS();
			if (running[r]->discharged <= stay->admitted)
				continue;
			running[kept++] = running[r];
			if (is_event && running[r]->admitted < stay->admitted)
				emit_event(rows, book, running[r], stay);
		}
		running_count = kept;
		if (!is_event)
			running[running_count++] = stay;
	}
}

PG_FUNCTION_INFO_V1(stay_gaps_events);

/*
 * Visits of less than a night and a day that begin on a date strictly inside
 * another stay of the person: who was in hospital, who was seen elsewhere?
 * NULL book: no rows.
 */
Datum
stay_gaps_events(PG_FUNCTION_ARGS)
{
	DetectorRows rows;
	Stays	   *book;

	detector_begin(&rows, fcinfo);
	book = stays_of_call(fcinfo, 1);
	if (book != NULL && book->count > 1)
	{
		int32	   *starts;
		int32	   *order = stays_by_person(book, &starts);
		const Stay **running = palloc(book->count * sizeof(Stay *));

		for (int32 p = 0; p < book->person_count; p++)
			if (starts[p + 1] - starts[p] > 1)
				search_events(&rows, book, order + starts[p],
							  starts[p + 1] - starts[p], running);
	}
	return detector_end(&rows);
}

/* -- frequent stays -- */

static int
count_facilities(const Stays *book, const int32 *order, int32 count, int32 *seen,
				 int32 mark)
{
	int			facilities = 0;

	for (int32 i = 0; i < count; i++)
	{
		int32		facility = book->stays[order[i]].facility;

		facilities += seen[facility] != mark;
		seen[facility] = mark;
	}
	return facilities;
}

/* Columns of the result. */
enum
{
	FREQUENT_PERSON_ID,
	FREQUENT_STAY_COUNT,
	FREQUENT_FACILITIES,
	FREQUENT_FIRST_ADMITTED,
	FREQUENT_LAST_ADMITTED,
	FREQUENT_VISIT_IDS,
	FREQUENT_AMOUNT,
	FREQUENT_COLUMNS
};

static void
emit_frequent(DetectorRows *rows, const Stays *book, const int32 *order,
			  int32 count, int facilities)
{
	int64		amount = FIXED_NULL;
	Datum		values[FREQUENT_COLUMNS];
	bool		nulls[FREQUENT_COLUMNS] = {0};

	detector_row_start(rows);
	for (int32 i = 0; i < count; i++)
		amount = stay_add_amounts(amount, book->stays[order[i]].amount);
	values[FREQUENT_PERSON_ID] = detector_text(book->persons[book->stays[order[0]].person]);
	values[FREQUENT_STAY_COUNT] = Int32GetDatum(count);
	values[FREQUENT_FACILITIES] = Int32GetDatum(facilities);
	values[FREQUENT_FIRST_ADMITTED] = DateADTGetDatum(book->stays[order[0]].admitted);
	values[FREQUENT_LAST_ADMITTED] = DateADTGetDatum(book->stays[order[count - 1]].admitted);
	values[FREQUENT_VISIT_IDS] = stays_visit_ids(book, order, count);
	stays_put_money(values, nulls, FREQUENT_AMOUNT, amount);
	detector_row(rows, values, nulls);
}

/*
 * The densest run of a person's stays admitted within PERIOD dates, the last of
 * them on ENDS_FROM or later: two pointers; the first of the longest wins.
 */
static int32
densest_run(const Stays *book, const int32 *order, int32 count, int period,
			DateADT ends_from, int32 *first)
{
	int32		longest = 0;
	int32		from = 0;

	*first = 0;
	for (int32 i = 0; i < count; i++)
	{
		while ((int64) book->stays[order[i]].admitted -
			   book->stays[order[from]].admitted >= period)
			from++;
		if (i - from + 1 > longest && book->stays[order[i]].admitted >= ends_from)
		{
			longest = i - from + 1;
			*first = from;
		}
	}
	return longest;
}

PG_FUNCTION_INFO_V1(stay_gaps_frequent);

/*
 * Per person the densest run of stays admitted within period_days dates, if
 * it has min_stays; a fifth argument is the date from which on its last one is
 * admitted.  NULL book: no rows.
 */
Datum
stay_gaps_frequent(PG_FUNCTION_ARGS)
{
	DetectorRows rows;
	int			period;
	int			min_stays;
	DateADT		ends_from = PG_NARGS() > 4 && !PG_ARGISNULL(4) ? PG_GETARG_DATEADT(4) : DATEVAL_NOBEGIN;
	Stays	   *book;

	detector_begin(&rows, fcinfo);
	period = detector_int(fcinfo, 1, "period_days", 1);
	min_stays = detector_int(fcinfo, 2, "min_stays", 1);
	book = stays_of_call(fcinfo, 3);
	if (book != NULL && book->count >= min_stays)
	{
		int32	   *starts;
		int32	   *order = stays_by_person(book, &starts);
		int32	   *seen = palloc0(Max(book->facility_count, 1) * sizeof(int32));

		for (int32 p = 0; p < book->person_count; p++)
		{
			int32		count = starts[p + 1] - starts[p];
			int32		first;

			CHECK_FOR_INTERRUPTS();
			if (count < min_stays)
				continue;
			count = densest_run(book, order + starts[p], count, period, ends_from, &first);
			if (count >= min_stays)
				emit_frequent(&rows, book, order + starts[p] + first, count,
							  count_facilities(book, order + starts[p] + first,
											   count, seen, p + 1));
		}
	}
	return detector_end(&rows);
}
