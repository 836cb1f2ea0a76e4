/*
 * occupancy.c
 *		How many are in: the census of a facility, ward or bed at midnight, its
 *		peak, and the runs of days above the licensed beds (超床位).
 *
 * A stay occupies the nights from its admission date to the night before its
 * discharge date; one without discharge is in for good.  The census is a step
 * function: admissions come sorted, discharges are sorted once, and a merge of
 * the two gives the steps.  n log n; the people of a run above capacity come
 * from a list of those in, carried along.
 */
#include "postgres.h"
#include "base/compat.h"

#include "miscadmin.h"
#include "utils/memutils.h"

#include "base/rows.h"
#include "base/sort.h"
#include "stays/stays.h"

/* The census from one date to the next step. */
typedef struct Step
{
	DateADT		from;
	DateADT		to;				/* DATEVAL_NOEND: nobody's discharge is known */
	int32		occupied;
} Step;

/* Merges admissions and discharges, date by date. */
typedef struct Census
{
	const Stays *book;
	DateADT    *discharged;		/* ascending, of stays that hold a night */
	int32		discharge_count;
	int32		next_stay;
	int32		next_discharge;
	int32		occupied;
	DateADT		at;				/* where the next step begins */
	bool		begun;
} Census;

static inline bool
holds_a_night(const Stay *stay)
{
	return stay->discharged > stay->admitted;
}

static void
census_init(Census *census, const Stays *book)
{
	memset(census, 0, sizeof(Census));
	census->book = book;
	census->discharged = palloc(Max(book->count, 1) * sizeof(DateADT));
	for (int32 i = 0; i < book->count; i++)
		if (holds_a_night(&book->stays[i]) && !stay_is_open(&book->stays[i]))
			census->discharged[census->discharge_count++] = book->stays[i].discharged;
	sort_int32(census->discharged, census->discharge_count);
}

/* The next date at which somebody comes or goes; DATEVAL_NOEND: none. */
static DateADT
next_change(Census *census)
{
	const Stays *book = census->book;
	DateADT		next = DATEVAL_NOEND;

	while (census->next_stay < book->count &&
		   !holds_a_night(&book->stays[census->next_stay]))
		census->next_stay++;
	if (census->next_stay < book->count)
		next = book->stays[census->next_stay].admitted;
	if (census->next_discharge < census->discharge_count)
		next = Min(next, census->discharged[census->next_discharge]);
	return next;
}

/* Takes in and lets go whoever does so on DATE. */
static void
change(Census *census, DateADT date)
{
	const Stays *book = census->book;

	for (; census->next_stay < book->count &&
		 book->stays[census->next_stay].admitted == date; census->next_stay++)
		census->occupied += holds_a_night(&book->stays[census->next_stay]);
	for (; census->next_discharge < census->discharge_count &&
		 census->discharged[census->next_discharge] == date; census->next_discharge++)
		census->occupied--;
}

/*
 * The next step; false at the end.  Steps follow each other without gaps and
 * differ in their number; nobody in at the end gives no step.
 */
static bool
next_step(Census *census, Step *step)
{
	DateADT		date;

	if (!census->begun)
	{
		census->begun = true;
		census->at = next_change(census);
		if (census->at == DATEVAL_NOEND)
			return false;
		change(census, census->at);
	}
	step->from = census->at;
	step->occupied = census->occupied;
	for (;;)
	{
		CHECK_FOR_INTERRUPTS();
		date = next_change(census);
		if (date == DATEVAL_NOEND)
			break;
		change(census, date);
		if (census->occupied != step->occupied)
			break;
	}
	step->to = date;
	census->at = date;
	return step->from != DATEVAL_NOEND &&
		(date != DATEVAL_NOEND || step->occupied > 0);
}

/* Columns of the result. */
enum
{
	STEP_FROM_DATE,
	STEP_TO_DATE,
	STEP_OCCUPIED,
	STEP_COLUMNS
};

PG_FUNCTION_INFO_V1(occupancy_steps);

/* The census in steps; to_date NULL: still in.  NULL book: no rows. */
Datum
occupancy_steps(PG_FUNCTION_ARGS)
{
	DetectorRows rows;
	Stays	   *book;
	Census		census;
	Step		step;

	detector_begin(&rows, fcinfo);
	book = stays_of_call(fcinfo, 1);
	if (book != NULL)
	{
		census_init(&census, book);
		while (next_step(&census, &step))
		{
			Datum		values[STEP_COLUMNS];
			bool		nulls[STEP_COLUMNS] = {0};

			values[STEP_FROM_DATE] = DateADTGetDatum(step.from);
			values[STEP_TO_DATE] = DateADTGetDatum(step.to);
			nulls[STEP_TO_DATE] = step.to == DATEVAL_NOEND;
			values[STEP_OCCUPIED] = Int32GetDatum(step.occupied);
			detector_row_start(&rows);
			detector_row(&rows, values, nulls);
		}
	}
	return detector_end(&rows);
}

PG_FUNCTION_INFO_V1(occupancy_peak);

/* The highest census, 0 for a book in which nobody stays a night. */
Datum
occupancy_peak(PG_FUNCTION_ARGS)
{
	MemoryContext scratch = AllocSetContextCreate(CurrentMemoryContext,
												  "medaudit occupancy",
												  ALLOCSET_DEFAULT_SIZES);
	MemoryContext outside = MemoryContextSwitchTo(scratch);
	Stays	   *book = stays_of_call(fcinfo, 1);
	int32		peak = 0;

	if (book != NULL)
	{
		Census		census;
		Step		step;

		census_init(&census, book);
		while (next_step(&census, &step))
			peak = Max(peak, step.occupied);
	}
	MemoryContextSwitchTo(outside);
	MemoryContextDelete(scratch);
	if (book == NULL)
		PG_RETURN_NULL();
	PG_RETURN_INT32(peak);
}

/* -- above capacity -- */

/* Consecutive steps above the beds. */
typedef struct Run
{
	DateADT		from;
	DateADT		to;
	int32		peak;
	int64		bed_days;		/* above the beds; -1: without end */
} Run;

/* Who is in, carried from run to run: indexes of stays, in order. */
typedef struct Inside
{
	int32	   *stays;
	int32		count;
	int32		next_stay;
} Inside;

static void
carry_inside(Inside *inside, const Stays *book, const Run *run)
{
	int32		kept = 0;

	for (int32 i = 0; i < inside->count; i++)
		if (book->stays[inside->stays[i]].discharged > run->from)
			inside->stays[kept++] = inside->stays[i];
	for (; inside->next_stay < book->count; inside->next_stay++)
	{
		const Stay *stay = &book->stays[inside->next_stay];

		if (stay->admitted >= run->to)
			break;
		if (holds_a_night(stay) && stay->discharged > run->from)
			inside->stays[kept++] = inside->next_stay;
	}
	inside->count = kept;
}

/* Columns of the result. */
enum
{
	RUN_FROM_DATE,
	RUN_TO_DATE,
	RUN_OCCUPIED,
	RUN_EXCESS,
	RUN_EXCESS_BED_DAYS,
	RUN_VISIT_IDS,
	RUN_COLUMNS
};

static void
emit_run(DetectorRows *rows, const Stays *book, const Run *run, int beds,
		 Inside *inside)
{
	Datum		values[RUN_COLUMNS];
	bool		nulls[RUN_COLUMNS] = {0};

	carry_inside(inside, book, run);
	detector_row_start(rows);
	values[RUN_FROM_DATE] = DateADTGetDatum(run->from);
	values[RUN_TO_DATE] = DateADTGetDatum(run->to);
	values[RUN_OCCUPIED] = Int32GetDatum(run->peak);
	values[RUN_EXCESS] = Int32GetDatum(run->peak - beds);
	nulls[RUN_TO_DATE] = nulls[RUN_EXCESS_BED_DAYS] = run->bed_days < 0;
	values[RUN_EXCESS_BED_DAYS] = Int32GetDatum((int32) Min(run->bed_days, PG_INT32_MAX));
	values[RUN_VISIT_IDS] = stays_visit_ids(book, inside->stays, inside->count);
	detector_row(rows, values, nulls);
}

/* Adds a step above the beds to the run, or begins it. */
static void
extend_run(Run *run, const Step *step, int beds)
{
	if (run->peak == 0)
	{
		run->from = step->from;
		run->bed_days = 0;
	}
	run->to = step->to;
	run->peak = Max(run->peak, step->occupied);
	run->bed_days = step->to == DATEVAL_NOEND ? -1 :
		run->bed_days + ((int64) step->to - step->from) * (step->occupied - beds);
}

static void
search_runs(DetectorRows *rows, const Stays *book, int beds, int min_days)
{
	Census		census;
	Step		step;
	Run			run = {0};
	Inside		inside = {0};
	bool		more;

	inside.stays = palloc(Max(book->count, 1) * sizeof(int32));
	census_init(&census, book);
	do
	{
		more = next_step(&census, &step);
		if (more && step.occupied > beds)
		{
			extend_run(&run, &step, beds);
			continue;
		}
		if (run.peak > 0 &&
			(run.bed_days < 0 || (int64) run.to - run.from >= min_days))
			emit_run(rows, book, &run, beds, &inside);
		run.peak = 0;
	} while (more);
}

PG_FUNCTION_INFO_V1(occupancy_over_capacity);

/*
 * Runs of at least min_days days with more people in than beds: occupied and
 * excess are those of the worst day.  NULL book: no rows.
 */
Datum
occupancy_over_capacity(PG_FUNCTION_ARGS)
{
	DetectorRows rows;
	int			beds;
	int			min_days;
	Stays	   *book;

	detector_begin(&rows, fcinfo);
	beds = detector_int(fcinfo, 1, "beds", 0);
	min_days = detector_int(fcinfo, 2, "min_days", 1);
	book = stays_of_call(fcinfo, 3);
	if (book != NULL && book->count > beds)
		search_runs(&rows, book, beds, min_days);
	return detector_end(&rows);
}
