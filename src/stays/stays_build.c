/*
 * stays_build.c
 *		Rows become stays: merged by visit, put in order, numbered.
 *
 * Rows arrive in any order; texts get numbers through dictionaries, rows of
 * one visit become one stay as they arrive.  Finishing drops what nothing uses,
 * sorts dictionaries and stays and renumbers, so that equal contents give equal
 * bytes.  n log n in the stays, about 130 bytes a stay while building.
 *
 * Which row is the last, and so brings the diagnosis, follows (admitted_at,
 * discharged_at, diagnosis).  A stay remembers those times where they are not
 * its own: merging books in any order gives what gathering their rows gives.
 */
#include "postgres.h"
#include "base/compat.h"

#include "miscadmin.h"
#include "utils/memutils.h"

#include "base/array.h"
#include "base/dictionary.h"
#include "base/sort.h"
#include "stays/stays_internal.h"

struct StaysBuilder
{
	Dictionary	visits;
	Dictionary	persons;
	Dictionary	facilities;
	Dictionary	diagnoses;
	Dictionary	tags;
	Dictionary	tag_sets;		/* bytes of ascending int32 tag numbers */
	Stay	   *stays;
	int32	   *carries;		/* of the amounts of stays; NULL: none yet */
	int32		count;
	int32		allocated;
	int64		skipped;
	bool		merge;
};

/* What a sum of amounts keeps of itself; multiples of it are carried. */
#define AMOUNT_CARRY	(INT64CONST(1) << 62)

StaysBuilder *
stays_builder(int expected, bool merge)
{
	StaysBuilder *builder = palloc0(sizeof(StaysBuilder));

	dictionary_init(&builder->visits, 0);
	dictionary_init(&builder->persons, 0);
	dictionary_init(&builder->facilities, 0);
	dictionary_init(&builder->diagnoses, 0);
	dictionary_init(&builder->tags, 0);
	dictionary_init(&builder->tag_sets, 0);
	builder->allocated = Min(Max(expected, 4), STAYS_MAX);
	builder->stays = MemoryContextAllocHuge(CurrentMemoryContext,
											builder->allocated * sizeof(Stay));
	builder->merge = merge;
	return builder;
}

void
stays_builder_skip(StaysBuilder *builder, int64 skipped)
{
	builder->skipped = book_add_skipped(builder->skipped, skipped);
}

/* The number of the set with these COUNT tag numbers, which it sorts. */
static int32
tag_set_number(StaysBuilder *builder, int32 *tags, int count)
{
	TextSpan	key = {(const char *) tags, 0};

	if (count == 0)
		return -1;
	key.length = distinct_int32(tags, count) * (int) sizeof(int32);
	return dictionary_number(&builder->tag_sets, key);
}

static int32
tag_set_of(StaysBuilder *builder, const StayRow *row)
{
	int32	   *tags;

	if (row->tag_count == 0)
		return -1;
	tags = palloc(row->tag_count * sizeof(int32));
	for (int i = 0; i < row->tag_count; i++)
		tags[i] = dictionary_number(&builder->tags, row->tags[i]);
	return tag_set_number(builder, tags, row->tag_count);
}

static int32
tag_set_union(StaysBuilder *builder, int32 a, int32 b)
{
	TextSpan	first;
	TextSpan	second;
	char	   *both;

	if (a < 0 || a == b)
		return b;
	if (b < 0)
		return a;
	first = builder->tag_sets.spans[a];
	second = builder->tag_sets.spans[b];
	both = palloc(first.length + second.length);
	memcpy(both, first.data, first.length);
	memcpy(both + first.length, second.data, second.length);
	return tag_set_number(builder, (int32 *) both,
						  (first.length + second.length) / (int) sizeof(int32));
}

static int
compare_numbers(const Dictionary *dictionary, int32 a, int32 b)
{
	if (a == b)
		return 0;
	if (a < 0 || b < 0)
		return a < 0 ? -1 : 1;
	return text_span_compare(dictionary->spans[a], dictionary->spans[b]);
}

/* Is NEXT before SO_FAR, so that person and facility are to be taken of it? */
static bool
comes_first(const StaysBuilder *builder, const Stay *so_far, const Stay *next)
{
	int			order = pg_cmp_s64(next->admitted_at, so_far->admitted_at);

	if (order == 0)
		order = compare_numbers(&builder->persons, next->person, so_far->person);
	if (order == 0)
		order = compare_numbers(&builder->facilities, next->facility, so_far->facility);
	return order < 0;
}

/* Is the last row of NEXT behind that of SO_FAR? */
static bool
comes_last(const StaysBuilder *builder, const Stay *so_far, const Stay *next)
{
	int			order = pg_cmp_s64(next->last_admitted_at, so_far->last_admitted_at);

	if (order == 0)
		order = pg_cmp_s64(next->last_discharged_at, so_far->last_discharged_at);
	if (order == 0)
		order = compare_numbers(&builder->diagnoses, next->diagnosis, so_far->diagnosis);
	return order > 0;
}

/* Room for as many as there are stays; zeroed where nothing was carried so far. */
static void
grow_carries(StaysBuilder *builder, int32 from)
{
	builder->carries = array_resize(CurrentMemoryContext, builder->carries,
									builder->allocated, sizeof(int32));
	memset(builder->carries + from, 0, (Size) (builder->allocated - from) * sizeof(int32));
}

/*
 * Adds to the amount of a stay.  Whether the sum is in range is asked when all
 * rows are in: before, it depends on their order.
 */
static void
add_amount(StaysBuilder *builder, Stay *stay, int64 amount)
{
	if (stay->amount == FIXED_NULL || amount == FIXED_NULL)
	{
		stay->amount = stay_add_amounts(stay->amount, amount);
		return;
	}
	stay->amount += amount;
	if (likely(stay->amount < AMOUNT_CARRY && stay->amount > -AMOUNT_CARRY))
		return;
	if (builder->carries == NULL)
		grow_carries(builder, 0);
	builder->carries[stay - builder->stays] += stay->amount > 0 ? 1 : -1;
	stay->amount += stay->amount > 0 ? -AMOUNT_CARRY : AMOUNT_CARRY;
}

/* 22003 where the amounts of a visit add up to more than a value may hold. */
static void
check_amounts(const StaysBuilder *builder)
{
	for (int32 i = 0; i < builder->count; i++)
	{
		Stay	   *stay = &builder->stays[i];
		int128		sum = stay->amount;

		if (builder->carries != NULL)
			sum += (int128) builder->carries[i] * AMOUNT_CARRY;
		if (stay->amount != FIXED_NULL && (sum > FIXED_MAX || sum < -FIXED_MAX))
			ereport(ERROR,
					(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
					 errmsg("sum of amounts of visit \"%.*s\" is out of range",
							stay->visit_id.length, stay->visit_id.data),
					 errdetail("The largest magnitude is 10000000000000 (10^13).")));
		if (stay->amount != FIXED_NULL)
			stay->amount = (int64) sum;
	}
}

static void
merge_stay(StaysBuilder *builder, Stay *stay, const Stay *next)
{
	if (comes_last(builder, stay, next))
	{
		stay->diagnosis = next->diagnosis;
		stay->last_admitted_at = next->last_admitted_at;
		stay->last_discharged_at = next->last_discharged_at;
	}
	if (comes_first(builder, stay, next))
	{
		stay->person = next->person;
		stay->facility = next->facility;
	}
	stay->admitted_at = Min(stay->admitted_at, next->admitted_at);
	stay->discharged_at = Max(stay->discharged_at, next->discharged_at);
	add_amount(builder, stay, next->amount);
	stay->tag_set = tag_set_union(builder, stay->tag_set, next->tag_set);
}

static void
append_stay(StaysBuilder *builder, const Stay *stay)
{
	if (builder->count >= STAYS_MAX)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("book of stays is too large"),
				 errdetail("A book holds at most %d stays.", STAYS_MAX),
				 errhint("Gather smaller groups, for example by person or by facility.")));
	if (builder->count == builder->allocated)
	{
		array_reserve(builder->stays, builder->allocated, builder->count + 1);
		if (builder->carries != NULL)
			grow_carries(builder, builder->count);
	}
	builder->stays[builder->count++] = *stay;
}

void
stays_builder_add(StaysBuilder *builder, const StayRow *row)
{
	Stay		stay;
	bool		is_new;
	int32		visit;

	stay.admitted_at = row->admitted_at;
	stay.discharged_at = row->discharged_at;
	stay.last_admitted_at = row->last_admitted_at;
	stay.last_discharged_at = row->last_discharged_at;
	stay.amount = row->amount;
	stay.visit_id = row->visit_id;
	stay.person = dictionary_number(&builder->persons, row->person_id);
	stay.facility = dictionary_number(&builder->facilities, row->facility_id);
	stay.diagnosis = row->diagnosis.data == NULL ? -1 :
		dictionary_number(&builder->diagnoses, row->diagnosis);
	stay.tag_set = tag_set_of(builder, row);
	if (builder->merge)
	{
		visit = dictionary_add(&builder->visits, row->visit_id, &is_new);
		if (!is_new)
		{
			merge_stay(builder, &builder->stays[visit], &stay);
			return;
		}
	}
	append_stay(builder, &stay);
}

void
stays_builder_add_book(StaysBuilder *builder, const Stays *book)
{
	StayRow		row;

	row.tags = palloc(Max(book->tag_count, 1) * sizeof(TextSpan));
	for (int32 i = 0; i < book->count; i++)
	{
		const Stay *stay = &book->stays[i];

		CHECK_FOR_INTERRUPTS();
		row.visit_id = stay->visit_id;
		row.person_id = book->persons[stay->person];
		row.facility_id = book->facilities[stay->facility];
		row.diagnosis.data = NULL;
		if (stay->diagnosis >= 0)
			row.diagnosis = book->diagnoses[stay->diagnosis];
		row.admitted_at = stay->admitted_at;
		row.discharged_at = stay->discharged_at;
		row.last_admitted_at = stay->last_admitted_at;
		row.last_discharged_at = stay->last_discharged_at;
		row.amount = stay->amount;
		row.tag_count = 0;
		if (stay->tag_set >= 0)
		{
			const TagSet *set = &book->tag_sets[stay->tag_set];

			for (int t = 0; t < set->count; t++)
				row.tags[row.tag_count++] = book->tags[set->tags[t]];
		}
		stays_builder_add(builder, &row);
	}
	stays_builder_skip(builder, book->skipped);
}

static void
mark_tags(const StaysBuilder *builder, int32 tag_set, bool *used)
{
	TextSpan	set = builder->tag_sets.spans[tag_set];
	const int32 *tags = (const int32 *) set.data;

	for (int i = 0; i < set.length / (int) sizeof(int32); i++)
		used[tags[i]] = true;
}

/* The number that a stay has at FIELD, an offset; -1: none. */
static inline int32 *
number_at(const StaysBuilder *builder, int32 stay, Size field)
{
	return (int32 *) ((char *) &builder->stays[stay] + field);
}

/* Sorts a dictionary and gives the stays its new numbers. */
static void
renumber(StaysBuilder *builder, Dictionary *dictionary, Size field)
{
	bool	   *used = palloc0(Max(dictionary->count, 1));

	for (int32 i = 0; i < builder->count; i++)
		if (*number_at(builder, i, field) >= 0)
			used[*number_at(builder, i, field)] = true;
	dictionary_sort_used(dictionary, used);
	for (int32 i = 0; i < builder->count; i++)
	{
		int32	   *number = number_at(builder, i, field);

		if (*number >= 0)
			*number = dictionary->ranks[*number];
	}
	pfree(used);
}

#define ST_SORT sort_stays
#define ST_ELEMENT_TYPE Stay
#define ST_COMPARE(a, b) stay_compare(a, b)
#define ST_SCOPE static
#define ST_CHECK_FOR_INTERRUPTS
#define ST_DEFINE
#include "lib/sort_template.h"

/* Tag sets get their numbers in the order in which sorted stays use them. */
static void
finish_tag_sets(StaysBuilder *builder, Stays *book)
{
	int32		sets = builder->tag_sets.count;
	int32	   *renumbered;
	bool	   *used;

	if (sets == 0)
		return;
	used = palloc0(builder->tags.count);
	renumbered = palloc(sets * sizeof(int32));
	memset(renumbered, 0xFF, sets * sizeof(int32));
	book->tag_sets = palloc(sets * sizeof(TagSet));
	for (int32 i = 0; i < book->count; i++)
		if (book->stays[i].tag_set >= 0)
			mark_tags(builder, book->stays[i].tag_set, used);
	dictionary_sort_used(&builder->tags, used);
	for (int32 i = 0; i < book->count; i++)
	{
		int32		old = book->stays[i].tag_set;

		if (old < 0)
			continue;
		if (renumbered[old] < 0)
		{
			TextSpan	span = builder->tag_sets.spans[old];
			const int32 *tags = (const int32 *) span.data;
			TagSet	   *set = &book->tag_sets[book->tag_set_count];

			set->count = span.length / (int) sizeof(int32);
			set->tags = palloc(span.length);
			for (int t = 0; t < set->count; t++)
				set->tags[t] = builder->tags.ranks[tags[t]];
			sort_int32(set->tags, set->count);
			renumbered[old] = book->tag_set_count++;
		}
		book->stays[i].tag_set = renumbered[old];
	}
}

/* The finished book, in CurrentMemoryContext; the builder is used up. */
Stays *
stays_builder_finish(StaysBuilder *builder)
{
	Stays	   *book = palloc0(sizeof(Stays));

	check_amounts(builder);
	book_check_skipped(builder->skipped);
	renumber(builder, &builder->persons, offsetof(Stay, person));
	renumber(builder, &builder->facilities, offsetof(Stay, facility));
	renumber(builder, &builder->diagnoses, offsetof(Stay, diagnosis));
	sort_stays(builder->stays, builder->count);
	for (int32 i = 0; i < builder->count; i++)
	{
		builder->stays[i].admitted = date_of_timestamp(builder->stays[i].admitted_at);
		builder->stays[i].discharged = date_of_timestamp(builder->stays[i].discharged_at);
	}
	book->count = builder->count;
	book->stays = builder->stays;
	book->skipped = builder->skipped;
	finish_tag_sets(builder, book);
	book->persons = builder->persons.spans;
	book->person_count = builder->persons.count;
	book->facilities = builder->facilities.spans;
	book->facility_count = builder->facilities.count;
	book->diagnoses = builder->diagnoses.spans;
	book->diagnosis_count = builder->diagnoses.count;
	book->tags = builder->tags.spans;
	book->tag_count = builder->tags.count;
	return book;
}
