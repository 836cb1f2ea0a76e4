/*
 * together.c
 *		In together, out together (同进同出): people of one household admitted to
 *		one facility and discharged from it within days of each other.
 *
 * Per facility, a window is an admission date a, a discharge date d and the
 * tolerances: it holds the unused stays admitted in [a, a + w] and discharged in
 * [d, d + w'], of each person the first.  The window with most people is taken,
 * its stays are used up, and so on: groups span, they never chain.
 *
 * Only dates on which somebody is admitted matter as a: any other window holds
 * nothing that the one beginning at its first admission does not.  So there is
 * one best window per admission date; a tournament tree finds the best of all,
 * and taking it changes only the dates within w of it.  With windows of m stays
 * that is n log m once and m log m per group; n and m are small in a home, and
 * in the book of a whole facility m is what comes in within w days.
 *
 * Discharge dates begin a window where somebody is discharged; where a person
 * has two stays among those admitted in [a, a + w], dropping one can bring the
 * other up, and windows are tried at every date at which their stays change.
 */
#include "postgres.h"
#include "base/compat.h"

#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

#include "base/array.h"
#include "base/rows.h"
#include "base/sort.h"
#include "stays/stays.h"

#define DEFAULT_WITHIN_DAYS	1
#define DEFAULT_MIN_PEOPLE	2
#define DEFAULT_MAX_PEOPLE	15

/* Households this small are looked through by pairs before all else. */
#define FEW_STAYS	32

typedef struct Tolerance
{
	int			admit_within_days;
	int			discharge_within_days;
	int			min_people;
	int			max_people;
} Tolerance;

/* The best window that begins at one admission date. */
typedef struct Window
{
	int32		people;			/* 0: none with enough */
	int32	   *members;		/* stays, in order */
	DateADT		first_discharged;
} Window;

typedef struct HouseholdGroup
{
	int32		people;
	int32		times;
	int32	   *members;		/* stays, in order */
} HouseholdGroup;

typedef struct Search
{
	const Stays *book;
	Tolerance	tolerance;
	HouseholdGroup *groups;
	int32		group_count;
	int32		group_allocated;

	/* of the facility at hand */
	const int32 *order;			/* its ended stays */
	int32		count;
	int32	   *first;			/* per admission date, its first in order */
	int32		date_count;
	Window	   *windows;		/* per admission date */
	int32	   *tree;			/* winners; the leaves begin at tree_leaves */
	int32		tree_leaves;

	/* of the whole book */
	bool	   *used;			/* by stay */
	int32	   *inside;			/* by person: stays in the window at hand */
	int32	   *near;			/* stays of the window at hand, by discharge */
	int32	   *members;
	int64	   *starts;			/* candidate discharge dates */
} Search;

static int
compare_discharges(const int32 *a, const int32 *b, const Stay *stays)
{
	DateADT		dx = stays[*a].discharged;
	DateADT		dy = stays[*b].discharged;

	return dx != dy ? pg_cmp_s32(dx, dy) : pg_cmp_s32(*a, *b);
}

#define ST_SORT sort_by_discharge
#define ST_ELEMENT_TYPE int32
#define ST_COMPARE_ARG_TYPE const Stay
#define ST_COMPARE(a, b, arg) compare_discharges(a, b, arg)
#define ST_SCOPE static
#define ST_CHECK_FOR_INTERRUPTS
#define ST_DEFINE
#include "lib/sort_template.h"

/* Below 0: X is the better window. */
static int
compare_windows(const Search *search, const Window *x, const Window *y)
{
	const Stay *stays = search->book->stays;
	int			order = pg_cmp_s32(y->people, x->people);

	if (order != 0 || x->people == 0)
		return order;
	order = pg_cmp_s32(stays[x->members[0]].admitted, stays[y->members[0]].admitted);
	if (order == 0)
		order = pg_cmp_s32(x->first_discharged, y->first_discharged);
	for (int i = 0; order == 0 && i < x->people; i++)
		order = text_span_compare(stays[x->members[i]].visit_id,
								  stays[y->members[i]].visit_id);
	/* Rows without visit_id are told apart by person. */
	for (int i = 0; order == 0 && i < x->people; i++)
		order = pg_cmp_s32(stays[x->members[i]].person,
						   stays[y->members[i]].person);
	return order;
}

/*
 * Makes the window of near[from] to near[until - 1], which has PEOPLE, and
 * keeps it in BEST if it is better.  The marks under inside are lent: each
 * person's count is turned negative when met and back again after.
 */
static void
offer_window(Search *search, int32 from, int32 until, int32 people, Window *best)
{
	const Stay *stays = search->book->stays;
	int32	   *members = search->members;
	Window		window;
	int32		kept = 0;

	memcpy(members, search->near + from, (until - from) * sizeof(int32));
	sort_int32(members, until - from);
	window.people = people;
	window.members = members;
	window.first_discharged = DATEVAL_NOEND;
	for (int32 i = 0; i < until - from; i++)
	{
		const Stay *stay = &stays[members[i]];

		if (search->inside[stay->person] < 0)
			continue;
		search->inside[stay->person] = -search->inside[stay->person];
		window.first_discharged = Min(window.first_discharged, stay->discharged);
		members[kept++] = members[i];
	}
	for (int32 i = 0; i < kept; i++)
		search->inside[stays[members[i]].person] *= -1;
	if (best->people > 0 && compare_windows(search, best, &window) <= 0)
		return;
	if (best->people < people)
	{
		if (best->members != NULL)
			pfree(best->members);
		best->members = palloc(people * sizeof(int32));
	}
	best->people = people;
	best->first_discharged = window.first_discharged;
	memcpy(best->members, members, people * sizeof(int32));
}

/* Discharge dates at which windows over near are to begin, ascending. */
static int32
window_starts(Search *search, int32 near_count, bool repeated)
{
	const Stay *stays = search->book->stays;
	int32		count = 0;
	int32		distinct = 0;

	for (int32 i = 0; i < near_count; i++)
	{
		int64		date = stays[search->near[i]].discharged;

		search->starts[count++] = date;
		if (repeated)
		{
			search->starts[count++] = date - search->tolerance.discharge_within_days;
			search->starts[count++] = date + 1;
		}
	}
	if (repeated)
		return distinct_int64(search->starts, count);
	for (int32 i = 0; i < count; i++)
		if (distinct == 0 || search->starts[distinct - 1] != search->starts[i])
			search->starts[distinct++] = search->starts[i];
	return distinct;
}

/* Slides over the discharge dates of near and keeps the best window. */
static void
slide_discharges(Search *search, int32 near_count, bool repeated, Window *best)
{
	const Stay *stays = search->book->stays;
	int32		starts;
	int32		from = 0;
	int32		until = 0;
	int32		people = 0;

	sort_by_discharge(search->near, near_count, stays);
	starts = window_starts(search, near_count, repeated);
	for (int32 s = 0; s < starts; s++)
	{
		int64		start = search->starts[s];

		while (until < near_count && stays[search->near[until]].discharged <=
			   start + search->tolerance.discharge_within_days)
			people += search->inside[stays[search->near[until++]].person]++ == 0;
		while (from < until && stays[search->near[from]].discharged < start)
			people -= --search->inside[stays[search->near[from++]].person] == 0;
		if (people >= search->tolerance.min_people && people >= best->people)
			offer_window(search, from, until, people, best);
	}
	while (from < until)
		search->inside[stays[search->near[from++]].person] = 0;
}

/* The best window that begins at admission date number DATE. */
static void
judge_date(Search *search, int32 date)
{
	const Stay *stays = search->book->stays;
	Window	   *best = &search->windows[date];
	int64		last = (int64) stays[search->order[search->first[date]]].admitted +
	search->tolerance.admit_within_days;
	int32		near_count = 0;
	int32		people = 0;
	bool		begins = false;

	CHECK_FOR_INTERRUPTS();
	if (best->members != NULL)
		pfree(best->members);
	best->members = NULL;
	best->people = 0;
	for (int32 i = search->first[date]; i < search->count; i++)
	{
		int32		stay = search->order[i];

		if (stays[stay].admitted > last)
			break;
		if (search->used[stay])
			continue;
		begins |= i < search->first[date + 1];
		people += search->inside[stays[stay].person]++ == 0;
		search->near[near_count++] = stay;
	}
	for (int32 i = 0; i < near_count; i++)
		search->inside[stays[search->near[i]].person] = 0;
	if (begins && people >= search->tolerance.min_people)
		slide_discharges(search, near_count, people < near_count, best);
}

/* Renews the winners above leaf DATE. */
static void
play(Search *search, int32 date)
{
	for (int32 node = (search->tree_leaves + date) / 2; node > 0; node /= 2)
	{
		int32		left = search->tree[node * 2];
		int32		right = search->tree[node * 2 + 1];

		if (left < 0 || right < 0)
			search->tree[node] = left < 0 ? right : left;
		else
			search->tree[node] = compare_windows(search, &search->windows[left],
												 &search->windows[right]) <= 0 ? left : right;
	}
}

static void
build_tree(Search *search)
{
	search->tree_leaves = 1;
	while (search->tree_leaves < search->date_count)
		search->tree_leaves *= 2;
	search->tree = palloc(search->tree_leaves * 2 * sizeof(int32));
	memset(search->tree, 0xFF, search->tree_leaves * 2 * sizeof(int32));
	for (int32 d = 0; d < search->date_count; d++)
	{
		search->tree[search->tree_leaves + d] = d;
		judge_date(search, d);
	}
	for (int32 d = 0; d < search->date_count; d++)
		play(search, d);
}

static void
take_group(Search *search, Window *window)
{
	HouseholdGroup *group;

	array_reserve(search->groups, search->group_allocated, search->group_count + 1);
	group = &search->groups[search->group_count++];
	group->people = window->people;
	group->times = 1;
	group->members = window->members;
	window->members = NULL;
	window->people = 0;
	for (int32 i = 0; i < group->people; i++)
		search->used[group->members[i]] = true;
}

/* After a group of DATE was taken: every date whose windows could hold it. */
static void
judge_again(Search *search, int32 date)
{
	const Stay *stays = search->book->stays;
	int64		at = stays[search->order[search->first[date]]].admitted;
	int32		from = date;

	while (from > 0 &&
		   stays[search->order[search->first[from - 1]]].admitted >=
		   at - search->tolerance.admit_within_days)
		from--;
	for (; from < search->date_count; from++)
	{
		if (stays[search->order[search->first[from]]].admitted >
			at + search->tolerance.admit_within_days)
			break;
		judge_date(search, from);
		play(search, from);
	}
}

/* Numbers the admission dates of the facility's stays. */
static void
find_dates(Search *search)
{
	const Stay *stays = search->book->stays;

	search->first = palloc((search->count + 1) * sizeof(int32));
	search->date_count = 0;
	for (int32 i = 0; i < search->count; i++)
		if (i == 0 || stays[search->order[i]].admitted !=
			stays[search->order[i - 1]].admitted)
			search->first[search->date_count++] = i;
	search->first[search->date_count] = search->count;
}

static void
search_facility(Search *search)
{
	find_dates(search);
	search->windows = palloc0(search->date_count * sizeof(Window));
	build_tree(search);
	for (;;)
	{
		int32		date = search->tree[1];

		if (search->windows[date].people == 0)
			break;
		take_group(search, &search->windows[date]);
		judge_again(search, date);
	}
	pfree(search->first);
	pfree(search->windows);
	pfree(search->tree);
}

/*
 * Is there any pair of different people at all?  A sweep over the stays of a
 * small facility book, before anything is built.
 */
static bool
some_pair(const Search *search)
{
	const Stay *stays = search->book->stays;

	if (search->count > FEW_STAYS)
		return true;
	for (int32 i = 1; i < search->count; i++)
	{
		const Stay *stay = &stays[search->order[i]];

		for (int32 j = i - 1; j >= 0; j--)
		{
			const Stay *before = &stays[search->order[j]];

			if ((int64) stay->admitted - before->admitted >
				search->tolerance.admit_within_days)
				break;
			if (stay->person != before->person &&
				Abs((int64) stay->discharged - before->discharged) <=
				search->tolerance.discharge_within_days)
				return true;
		}
	}
	return false;
}

/* Groups that share at least two people with each group, itself included. */
static void
count_times(Search *search)
{
	const Stays *book = search->book;
	int32	   *starts = palloc0((book->person_count + 2) * sizeof(int32));
	int32	   *shared = palloc0(search->group_count * sizeof(int32));
	int32	   *of_person;
	int32		total = 0;

	for (int32 g = 0; g < search->group_count; g++)
		for (int32 i = 0; i < search->groups[g].people; i++, total++)
			starts[book->stays[search->groups[g].members[i]].person + 2]++;
	for (int32 p = 2; p < book->person_count + 2; p++)
		starts[p] += starts[p - 1];
	of_person = palloc(Max(total, 1) * sizeof(int32));
	for (int32 g = 0; g < search->group_count; g++)
		for (int32 i = 0; i < search->groups[g].people; i++)
			of_person[starts[book->stays[search->groups[g].members[i]].person + 1]++] = g;
	for (int32 g = 0; g < search->group_count; g++)
	{
		HouseholdGroup *group = &search->groups[g];

		CHECK_FOR_INTERRUPTS();
		group->times = 0;
		for (int32 i = 0; i < group->people; i++)
		{
			int32		person = book->stays[group->members[i]].person;

			for (int32 k = starts[person]; k < starts[person + 1]; k++)
				group->times += ++shared[of_person[k]] == 2;
		}
		for (int32 i = 0; i < group->people; i++)
		{
			int32		person = book->stays[group->members[i]].person;

			for (int32 k = starts[person]; k < starts[person + 1]; k++)
				shared[of_person[k]] = 0;
		}
	}
}

/* All groups of a book, facility by facility, in the order they are taken. */
static void
find_groups(Search *search, const Stays *book, Tolerance tolerance)
{
	int32	   *starts;
	int32	   *order;

	memset(search, 0, sizeof(Search));
	search->book = book;
	search->tolerance = tolerance;
	if (book->person_count < tolerance.min_people || book->count < tolerance.min_people)
		return;
	order = stays_by_facility(book, &starts);
	for (int32 f = 0; f < book->facility_count; f++)
	{
		search->count = 0;
		for (int32 i = starts[f]; i < starts[f + 1]; i++)
			if (!stay_is_open(&book->stays[order[i]]))
				order[starts[f] + search->count++] = order[i];
		search->order = order + starts[f];
		if (search->count < tolerance.min_people || !some_pair(search))
			continue;
		if (search->used == NULL)
		{
			search->used = palloc0(book->count);
			search->inside = palloc0(book->person_count * sizeof(int32));
			search->near = palloc(book->count * sizeof(int32));
			search->members = palloc(book->count * sizeof(int32));
			search->starts = MemoryContextAllocHuge(CurrentMemoryContext,
													book->count * 3 * sizeof(int64));
		}
		search_facility(search);
	}
	if (search->group_count > 1)
		count_times(search);
}

/* Columns of the result. */
enum
{
	TOGETHER_FACILITY_ID,
	TOGETHER_PEOPLE,
	TOGETHER_TIMES,
	TOGETHER_PERSON_IDS,
	TOGETHER_VISIT_IDS,
	TOGETHER_FIRST_ADMITTED,
	TOGETHER_LAST_ADMITTED,
	TOGETHER_FIRST_DISCHARGED,
	TOGETHER_LAST_DISCHARGED,
	TOGETHER_AMOUNT,
	TOGETHER_COLUMNS
};

/* person_ids and visit_ids of a home; an institution's stay NULL. */
static void
put_members(const Search *search, const HouseholdGroup *group, Datum *values, bool *nulls)
{
	const Stays *book = search->book;
	TextSpan   *spans;
	int32	   *persons;

	nulls[TOGETHER_PERSON_IDS] = nulls[TOGETHER_VISIT_IDS] = group->people > search->tolerance.max_people;
	if (nulls[TOGETHER_PERSON_IDS])
		return;
	spans = palloc(group->people * sizeof(TextSpan));
	persons = palloc(group->people * sizeof(int32));
	for (int32 i = 0; i < group->people; i++)
		persons[i] = book->stays[group->members[i]].person;
	sort_int32(persons, group->people);
	for (int32 i = 0; i < group->people; i++)
		spans[i] = book->persons[persons[i]];
	values[TOGETHER_PERSON_IDS] = detector_text_array(spans, group->people);
	for (int32 i = 0; i < group->people; i++)
		spans[i] = book->stays[group->members[i]].visit_id;
	values[TOGETHER_VISIT_IDS] = detector_text_array(spans, group->people);
}

static void
emit_group(DetectorRows *rows, const Search *search, const HouseholdGroup *group)
{
	const Stays *book = search->book;
	const Stay *stay = &book->stays[group->members[0]];
	DateADT		first_admitted = stay->admitted;
	DateADT		last_admitted = stay->admitted;
	DateADT		first_discharged = stay->discharged;
	DateADT		last_discharged = stay->discharged;
	int64		amount = FIXED_NULL;
	Datum		values[TOGETHER_COLUMNS];
	bool		nulls[TOGETHER_COLUMNS] = {0};

	detector_row_start(rows);
	for (int32 i = 0; i < group->people; i++)
	{
		stay = &book->stays[group->members[i]];
		last_admitted = Max(last_admitted, stay->admitted);
		first_discharged = Min(first_discharged, stay->discharged);
		last_discharged = Max(last_discharged, stay->discharged);
		amount = stay_add_amounts(amount, stay->amount);
	}
	values[TOGETHER_FACILITY_ID] = detector_text(book->facilities[stay->facility]);
	values[TOGETHER_PEOPLE] = Int32GetDatum(group->people);
	values[TOGETHER_TIMES] = Int32GetDatum(group->times);
	put_members(search, group, values, nulls);
	values[TOGETHER_FIRST_ADMITTED] = DateADTGetDatum(first_admitted);
	values[TOGETHER_LAST_ADMITTED] = DateADTGetDatum(last_admitted);
	values[TOGETHER_FIRST_DISCHARGED] = DateADTGetDatum(first_discharged);
	values[TOGETHER_LAST_DISCHARGED] = DateADTGetDatum(last_discharged);
	stays_put_money(values, nulls, TOGETHER_AMOUNT, amount);
	detector_row(rows, values, nulls);
}

PG_FUNCTION_INFO_V1(together_same_household);

/*
 * Groups of people of one household's book.  More than max_people: the arrays
 * are NULL.  NULL book: no rows.
 */
Datum
together_same_household(PG_FUNCTION_ARGS)
{
	DetectorRows rows;
	Tolerance	tolerance;
	Search		search;
	ArrayType  *exclude_tags;

	detector_begin(&rows, fcinfo);
	tolerance.admit_within_days = detector_int(fcinfo, 1, "admit_within_days", 0);
	tolerance.discharge_within_days = detector_int(fcinfo, 2, "discharge_within_days", 0);
	tolerance.min_people = detector_int(fcinfo, 3, "min_people", 2);
	tolerance.max_people = detector_int(fcinfo, 4, "max_people", 1);
	exclude_tags = detector_text_array_argument(fcinfo, 5, "exclude_tags");
	if (!PG_ARGISNULL(0))
	{
		find_groups(&search,
					stays_open((struct varlena *) PG_GETARG_VARLENA_PP(0), exclude_tags),
					tolerance);
		for (int32 g = 0; g < search.group_count; g++)
			emit_group(&rows, &search, &search.groups[g]);
	}
	return detector_end(&rows);
}

/* -- the aggregate -- */

/*
 * Most homes have no pair at all: looks at the rows of a small state as they
 * came, before anything is allocated.  True when in doubt.
 */
static bool
state_may_match(const StaysState *state)
{
	StayRow		rows[FEW_STAYS];
	int			count;

	if (stays_state_one_person(state))
		return false;
	count = stays_state_peek(state, rows, FEW_STAYS);
	if (count < 0)
		return true;
	for (int i = 1; i < count; i++)
		for (int j = 0; j < i; j++)
			if (rows[i].discharged_at != STAY_OPEN &&
				rows[j].discharged_at != STAY_OPEN &&
				Abs(day_of_timestamp(rows[i].admitted_at) - day_of_timestamp(rows[j].admitted_at)) <=
				DEFAULT_WITHIN_DAYS &&
				Abs(day_of_timestamp(rows[i].discharged_at) - day_of_timestamp(rows[j].discharged_at)) <=
				DEFAULT_WITHIN_DAYS &&
				text_span_equal(rows[i].facility_id, rows[j].facility_id) &&
				!text_span_equal(rows[i].person_id, rows[j].person_id))
				return true;
	return false;
}

PG_FUNCTION_INFO_V1(together_final);

/*
 * Stays in groups of the default thresholds; those of an institution (more
 * than max_people) do not count.  NULL where there was no row.
 */
Datum
together_final(PG_FUNCTION_ARGS)
{
	StaysState *state;
	Tolerance	tolerance = {DEFAULT_WITHIN_DAYS, DEFAULT_WITHIN_DAYS,
	DEFAULT_MIN_PEOPLE, DEFAULT_MAX_PEOPLE};
	Search		search;
	MemoryContext outside;
	MemoryContext scratch;
	int32		result = 0;

	aggregate_context(fcinfo);
	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	state = (StaysState *) PG_GETARG_POINTER(0);
	if (!state_may_match(state))
		PG_RETURN_INT32(0);
	scratch = AllocSetContextCreate(CurrentMemoryContext, "medaudit together",
									ALLOCSET_DEFAULT_SIZES);
	outside = MemoryContextSwitchTo(scratch);
	find_groups(&search, stays_state_read(state, false), tolerance);
	for (int32 g = 0; g < search.group_count; g++)
		if (search.groups[g].people <= tolerance.max_people)
			result += search.groups[g].people;
	MemoryContextSwitchTo(outside);
	MemoryContextDelete(scratch);
	PG_RETURN_INT32(result);
}
