/*
 * stays_book.c
 *		Building, encoding and decoding the book of stays.
 *
 * Rows arrive in any order; texts get numbers through dictionaries, rows of
 * one visit become one stay as they arrive.  Finishing drops what nothing uses,
 * sorts dictionaries and stays and renumbers, so that equal contents give equal
 * bytes.  n log n in the stays, about 130 bytes a stay while building.
 *
 * The bytes of a book:
 *		version, skipped, number of stays; nothing more when there are none
 *		dictionaries of persons, facilities, diagnoses, tags: count, front-coded
 *		tag sets: count, each a count and ascending tag numbers
 *		visit_ids in the book's order, front-coded
 *		unit of time, unit of money, earliest admission in microseconds
 *		per stay: flags; admission after the stay before; length (may be below 0
 *		within a day); person, facility, diagnosis + 1, tag set + 1 where there
 *		is a choice; amount; for a stay of several rows the times of the last
 *
 * Which row is the last, and so brings the diagnosis, follows (admitted_at,
 * discharged_at, diagnosis).  A stay remembers those times where they are not
 * its own: merging books in any order gives what gathering their rows gives.
 */
#include "postgres.h"
#include "base/compat.h"

#include "common/int.h"
#include "miscadmin.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

#include "base/days.h"
#include "base/dictionary.h"
#include "base/units.h"
#include "stays/stays.h"

#define STAYS_VERSION	1

#define STAY_FLAG_OPEN			1
#define STAY_FLAG_NO_AMOUNT		2
#define STAY_FLAG_LAST_APART	4
#define STAY_FLAG_LAST_OPEN		8
#define STAY_FLAGS				15

/* The unit of time as a book says it, and back: 0 is the day. */
static inline uint8
stored_unit(int unit)
{
	return (uint8) (TIME_UNIT_DAY - unit);
}

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

bool
stay_times_contradict(Timestamp admitted_at, Timestamp discharged_at)
{
	if (discharged_at >= admitted_at)
		return false;
	/* A discharge posted as a mere date is not before its own day. */
	return !is_midnight(discharged_at) || admitted_at - discharged_at >= USECS_PER_DAY;
}

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

static int
compare_int32(const void *a, const void *b)
{
	int32		x = *(const int32 *) a;
	int32		y = *(const int32 *) b;

	return (x > y) - (x < y);
}

/* The number of the set with these COUNT tag numbers, which it sorts. */
static int32
tag_set_number(StaysBuilder *builder, int32 *tags, int count)
{
	TextSpan	key;
	int			kept = 0;

	if (count == 0)
		return -1;
	qsort(tags, count, sizeof(int32), compare_int32);
	for (int i = 0; i < count; i++)
		if (kept == 0 || tags[kept - 1] != tags[i])
			tags[kept++] = tags[i];
	key.data = (const char *) tags;
	key.length = kept * sizeof(int32);
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

static int
compare_times(Timestamp a, Timestamp b)
{
	return (a > b) - (a < b);
}

/* Is NEXT before SO_FAR, so that person and facility are to be taken of it? */
static bool
comes_first(const StaysBuilder *builder, const Stay *so_far, const Stay *next)
{
	int			order = compare_times(next->admitted_at, so_far->admitted_at);

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
	int			order = compare_times(next->last_admitted_at, so_far->last_admitted_at);

	if (order == 0)
		order = compare_times(next->last_discharged_at, so_far->last_discharged_at);
	if (order == 0)
		order = compare_numbers(&builder->diagnoses, next->diagnosis, so_far->diagnosis);
	return order > 0;
}

/* Zeroed where nothing was carried so far. */
static void
grow_carries(StaysBuilder *builder, int32 from)
{
	Size		bytes = (Size) builder->allocated * sizeof(int32);

	if (builder->carries == NULL)
		builder->carries = MemoryContextAllocHuge(CurrentMemoryContext, bytes);
	else
		builder->carries = repalloc_huge(builder->carries, bytes);
	memset(builder->carries + from, 0, bytes - (Size) from * sizeof(int32));
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
		builder->allocated *= 2;
		builder->stays = repalloc_huge(builder->stays,
									   builder->allocated * sizeof(Stay));
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

/*
 * The order of stays; visit_id decides between equal times, and where rows
 * carry none the person and the facility.
 */
static int
compare_stays(const void *a, const void *b)
{
	const Stay *x = (const Stay *) a;
	const Stay *y = (const Stay *) b;
	int			order = compare_times(x->admitted_at, y->admitted_at);

	if (order == 0)
		order = compare_times(x->discharged_at, y->discharged_at);
	if (order == 0)
		order = text_span_compare(x->visit_id, y->visit_id);
	if (order == 0)
		order = compare_int32(&x->person, &y->person);
	return order != 0 ? order : compare_int32(&x->facility, &y->facility);
}

static void
mark_tags(const StaysBuilder *builder, int32 tag_set, bool *used)
{
	TextSpan	set = builder->tag_sets.spans[tag_set];
	const int32 *tags = (const int32 *) set.data;

	for (int i = 0; i < set.length / (int) sizeof(int32); i++)
		used[tags[i]] = true;
}

/* Sorts a dictionary and gives the stays its new numbers. */
#define RENUMBER(builder, dictionary, field) \
	do { \
		bool	   *used = palloc0(Max((builder)->dictionary.count, 1)); \
		for (int32 i = 0; i < (builder)->count; i++) \
			if ((builder)->stays[i].field >= 0) \
				used[(builder)->stays[i].field] = true; \
		dictionary_sort_used(&(builder)->dictionary, used); \
		for (int32 i = 0; i < (builder)->count; i++) \
			if ((builder)->stays[i].field >= 0) \
				(builder)->stays[i].field = \
					(builder)->dictionary.ranks[(builder)->stays[i].field]; \
		pfree(used); \
	} while (0)

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
			qsort(set->tags, set->count, sizeof(int32), compare_int32);
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
	RENUMBER(builder, persons, person);
	RENUMBER(builder, facilities, facility);
	RENUMBER(builder, diagnoses, diagnosis);
	if (builder->count > 1)
		qsort(builder->stays, builder->count, sizeof(Stay), compare_stays);
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

/* -- encoding -- */

static TimeUnit
coarsest_unit(const Stays *book)
{
	Timestamp	base = book->stays[0].admitted_at;
	TimeUnit	unit = TIME_UNIT_DAY;

	for (int32 i = 0; i < book->count; i++)
	{
		const Stay *stay = &book->stays[i];
		Timestamp	times[4] = {stay->admitted_at, stay->discharged_at,
		stay->last_admitted_at, stay->last_discharged_at};

		for (int t = 0; t < 4; t++)
			while (times[t] != STAY_OPEN && !time_is_multiple(times[t] - base, unit))
				unit--;
	}
	return unit;
}

static bool
amounts_in_cents(const Stays *book)
{
	for (int32 i = 0; i < book->count; i++)
		if (book->stays[i].amount != FIXED_NULL &&
			!fixed_is_multiple(book->stays[i].amount, FIXED_UNIT_HUNDREDTH))
			return false;
	return true;
}

static void
write_texts(PackedWriter *writer, const TextSpan *spans, int32 count)
{
	TextSpan	before = {NULL, 0};

	packed_unsigned(writer, count);
	for (int32 i = 0; i < count; i++)
	{
		packed_front_coded(writer, before, spans[i]);
		before = spans[i];
	}
}

static void
write_texts_of_book(PackedWriter *writer, const Stays *book)
{
	TextSpan	before = {NULL, 0};

	write_texts(writer, book->persons, book->person_count);
	write_texts(writer, book->facilities, book->facility_count);
	write_texts(writer, book->diagnoses, book->diagnosis_count);
	write_texts(writer, book->tags, book->tag_count);
	packed_unsigned(writer, book->tag_set_count);
	for (int32 i = 0; i < book->tag_set_count; i++)
	{
		packed_unsigned(writer, book->tag_sets[i].count);
		for (int t = 0; t < book->tag_sets[i].count; t++)
			packed_unsigned(writer, book->tag_sets[i].tags[t]);
	}
	for (int32 i = 0; i < book->count; i++)
	{
		packed_front_coded(writer, before, book->stays[i].visit_id);
		before = book->stays[i].visit_id;
	}
}

static uint8
stay_flags(const Stay *stay)
{
	uint8		flags = 0;

	if (stay_is_open(stay))
		flags |= STAY_FLAG_OPEN;
	if (stay->amount == FIXED_NULL)
		flags |= STAY_FLAG_NO_AMOUNT;
	if (stay->last_admitted_at != stay->admitted_at ||
		stay->last_discharged_at != stay->discharged_at)
	{
		flags |= STAY_FLAG_LAST_APART;
		if (stay->last_discharged_at == STAY_OPEN)
			flags |= STAY_FLAG_LAST_OPEN;
	}
	return flags;
}

static void
write_stay(PackedWriter *writer, const Stays *book, const Stay *stay,
		   Timestamp before, TimeUnit unit, FixedUnit money)
{
	uint8		flags = stay_flags(stay);

	packed_byte(writer, flags);
	packed_unsigned(writer, time_in_units(stay->admitted_at - before, unit));
	if (!(flags & STAY_FLAG_OPEN))
		packed_signed(writer, time_in_units(stay->discharged_at - stay->admitted_at, unit));
	if (book->person_count > 1)
		packed_unsigned(writer, stay->person);
	if (book->facility_count > 1)
		packed_unsigned(writer, stay->facility);
	if (book->diagnosis_count > 0)
		packed_unsigned(writer, stay->diagnosis + 1);
	if (book->tag_set_count > 0)
		packed_unsigned(writer, stay->tag_set + 1);
	if (!(flags & STAY_FLAG_NO_AMOUNT))
		packed_signed(writer, fixed_in_units(stay->amount, money));
	if (flags & STAY_FLAG_LAST_APART)
	{
		packed_unsigned(writer, time_in_units(stay->last_admitted_at - stay->admitted_at, unit));
		if (!(flags & STAY_FLAG_LAST_OPEN))
			packed_signed(writer, time_in_units(stay->last_discharged_at -
												stay->last_admitted_at, unit));
	}
}

struct varlena *
stays_encode(const Stays *book, MemoryContext context)
{
	PackedWriter writer;
	TimeUnit	unit;
	bool		cents;
	Timestamp	before;

	packed_writer_init(&writer, context, 64 + (Size) book->count * 24);
	packed_byte(&writer, STAYS_VERSION);
	packed_unsigned(&writer, book->skipped);
	packed_unsigned(&writer, book->count);
	if (book->count == 0)
		return packed_finish(&writer);
	write_texts_of_book(&writer, book);
	unit = coarsest_unit(book);
	cents = amounts_in_cents(book);
	packed_byte(&writer, stored_unit(unit));
	packed_byte(&writer, cents);
	before = book->stays[0].admitted_at;
	packed_signed(&writer, before);
	for (int32 i = 0; i < book->count; i++)
	{
		write_stay(&writer, book, &book->stays[i], before, unit,
				   cents ? FIXED_UNIT_HUNDREDTH : FIXED_UNIT_TEN_THOUSANDTH);
		before = book->stays[i].admitted_at;
	}
	return packed_finish(&writer);
}

/* -- decoding -- */

typedef struct StayReader
{
	PackedReader packed;
	Stays	   *book;
	int64		unit;
	int64		money;
	bool	   *excluded;		/* by tag set; NULL: none */
} StayReader;

static TextSpan *
read_texts(StayReader *reader, int32 *count, int least, bool check_texts)
{
	TextSpan   *spans;

	*count = packed_read_count(&reader->packed, 2);
	if (*count < least)
		packed_damaged(&reader->packed);
	spans = palloc(mul_size(Max(*count, 1), sizeof(TextSpan)));
	packed_read_front_coded(&reader->packed, spans, *count);
	for (int32 i = 0; check_texts && i < *count; i++)
		packed_check_text(&reader->packed, spans[i]);
	return spans;
}

/* A number below LIMIT. */
static int32
read_index(StayReader *reader, int32 limit)
{
	uint64		value = packed_read_unsigned(&reader->packed);

	if (value >= (uint64) limit)
		packed_damaged(&reader->packed);
	return (int32) value;
}

static void
read_tag_sets(StayReader *reader)
{
	Stays	   *book = reader->book;

	book->tag_set_count = packed_read_count(&reader->packed, 2);
	book->tag_sets = palloc(mul_size(Max(book->tag_set_count, 1), sizeof(TagSet)));
	for (int32 i = 0; i < book->tag_set_count; i++)
	{
		TagSet	   *set = &book->tag_sets[i];

		set->count = packed_read_count(&reader->packed, 1);
		if (set->count < 1)
			packed_damaged(&reader->packed);
		set->tags = palloc(mul_size(set->count, sizeof(int32)));
		for (int t = 0; t < set->count; t++)
		{
			set->tags[t] = read_index(reader, book->tag_count);
			if (t > 0 && set->tags[t] <= set->tags[t - 1])
				packed_damaged(&reader->packed);
		}
	}
}

/*
 * Visit ids share bytes with the one before but do not ascend, so that they
 * are read here: sizes first, then the texts into one block.
 */
static void
read_visit_ids(StayReader *reader, bool check_texts)
{
	PackedReader *packed = &reader->packed;
	Stays	   *book = reader->book;
	const uint8 *start = packed->at;
	Size		before = 0;
	Size		total = 0;
	char	   *block;

	for (int32 i = 0; i < book->count; i++)
	{
		uint64		shared = packed_read_unsigned(packed);
		int			rest = packed_read_count(packed, 1);

		if (shared > Min(before, PACKED_MOST_SHARED))
			packed_damaged(packed);
		packed->at += rest;
		before = shared + rest;
		total += before;
		if (total > MaxAllocSize)
			packed_damaged(packed);
	}
	block = palloc(Max(total, 1));
	packed->at = start;
	for (int32 i = 0; i < book->count; i++)
	{
		TextSpan   *span = &book->stays[i].visit_id;
		int			shared = (int) packed_read_unsigned(packed);
		int			rest = (int) packed_read_unsigned(packed);

		if (shared > 0)
			memcpy(block, book->stays[i - 1].visit_id.data, shared);
		memcpy(block + shared, packed->at, rest);
		packed->at += rest;
		span->data = block;
		span->length = shared + rest;
		block += span->length;
		if (check_texts)
			packed_check_text(packed, *span);
	}
}

static Timestamp
time_after(StayReader *reader, Timestamp from, int64 units)
{
	int64		distance;
	Timestamp	result;

	if (pg_mul_s64_overflow(units, reader->unit, &distance) ||
		pg_add_s64_overflow(from, distance, &result) ||
		!stay_time_valid(result))
		packed_damaged(&reader->packed);
	return result;
}

/* A distance that is never below 0. */
static Timestamp
read_time_from(StayReader *reader, Timestamp from)
{
	uint64		units = packed_read_unsigned(&reader->packed);

	if (units > (uint64) PG_INT64_MAX)
		packed_damaged(&reader->packed);
	return time_after(reader, from, (int64) units);
}

static Timestamp
read_discharge(StayReader *reader, Timestamp admitted_at)
{
	Timestamp	result = time_after(reader, admitted_at,
									packed_read_signed(&reader->packed));

	if (stay_times_contradict(admitted_at, result))
		packed_damaged(&reader->packed);
	return result;
}

static int64
read_amount(StayReader *reader)
{
	int64		amount;

	if (pg_mul_s64_overflow(packed_read_signed(&reader->packed), reader->money,
							&amount) || amount > FIXED_MAX || amount < -FIXED_MAX)
		packed_damaged(&reader->packed);
	return amount;
}

static void
read_last(StayReader *reader, Stay *stay, uint8 flags)
{
	stay->last_admitted_at = stay->admitted_at;
	stay->last_discharged_at = stay->discharged_at;
	if (!(flags & STAY_FLAG_LAST_APART))
		return;
	stay->last_admitted_at = read_time_from(reader, stay->admitted_at);
	stay->last_discharged_at = STAY_OPEN;
	if (!(flags & STAY_FLAG_LAST_OPEN))
		stay->last_discharged_at = read_discharge(reader, stay->last_admitted_at);
	if (stay->last_discharged_at > stay->discharged_at)
		packed_damaged(&reader->packed);
}

static void
read_stay(StayReader *reader, Stay *stay, Timestamp before)
{
	Stays	   *book = reader->book;
	uint8		flags = packed_read_byte(&reader->packed);

	if ((flags & ~STAY_FLAGS) != 0)
		packed_damaged(&reader->packed);
	stay->admitted_at = read_time_from(reader, before);
	stay->discharged_at = STAY_OPEN;
	if (!(flags & STAY_FLAG_OPEN))
		stay->discharged_at = read_discharge(reader, stay->admitted_at);
	stay->admitted = date_of_timestamp(stay->admitted_at);
	stay->discharged = date_of_timestamp(stay->discharged_at);
	stay->person = book->person_count > 1 ? read_index(reader, book->person_count) : 0;
	stay->facility = book->facility_count > 1 ? read_index(reader, book->facility_count) : 0;
	stay->diagnosis = book->diagnosis_count > 0 ?
		read_index(reader, book->diagnosis_count + 1) - 1 : -1;
	stay->tag_set = book->tag_set_count > 0 ?
		read_index(reader, book->tag_set_count + 1) - 1 : -1;
	stay->amount = flags & STAY_FLAG_NO_AMOUNT ? FIXED_NULL : read_amount(reader);
	read_last(reader, stay, flags);
}

/* Which tag sets hold an excluded tag; leaves excluded NULL where none does. */
static void
find_excluded(StayReader *reader, ArrayType *exclude_tags)
{
	Stays	   *book = reader->book;
	ArrayIterator iterator;
	Datum		value;
	bool		isnull;

	if (exclude_tags == NULL || book->tag_set_count == 0 ||
		ARR_NDIM(exclude_tags) == 0)
		return;
	reader->excluded = palloc0(book->tag_set_count);
	iterator = array_create_iterator(exclude_tags, 0, NULL);
	while (array_iterate(iterator, &value, &isnull))
	{
		TextSpan	tag;

		if (isnull)
			continue;
		tag = text_span(DatumGetTextPP(value));
		for (int32 i = 0; i < book->tag_set_count; i++)
			for (int t = 0; t < book->tag_sets[i].count; t++)
				if (text_span_equal(book->tags[book->tag_sets[i].tags[t]], tag))
					reader->excluded[i] = true;
	}
	array_free_iterator(iterator);
}

/* The stays, in order; those excluded are read over and dropped. */
static void
read_stays(StayReader *reader)
{
	Stays	   *book = reader->book;
	uint8		stored = packed_read_byte(&reader->packed);
	uint8		cents = packed_read_byte(&reader->packed);
	Timestamp	before = packed_read_signed(&reader->packed);
	int32		kept = 0;

	if (stored >= lengthof(time_units) || cents > 1 || !stay_time_valid(before))
		packed_damaged(&reader->packed);
	reader->unit = time_units[stored_unit(stored)];
	reader->money = cents ? FIXED_CENT : 1;
	for (int32 i = 0; i < book->count; i++)
	{
		Stay		stay;

		CHECK_FOR_INTERRUPTS();
		stay.visit_id = book->stays[i].visit_id;
		read_stay(reader, &stay, before);
		before = stay.admitted_at;
		if (reader->excluded != NULL && stay.tag_set >= 0 &&
			reader->excluded[stay.tag_set])
			continue;
		if (kept > 0 && compare_stays(&book->stays[kept - 1], &stay) >= 0)
			packed_damaged(&reader->packed);
		book->stays[kept++] = stay;
	}
	book->count = kept;
}

/*
 * Decodes LENGTH bytes at DATA.  Whatever does not fit together is refused
 * with SQLSTATE; CHECK_TEXTS is for bytes from outside.
 */
Stays *
stays_decode(const char *data, Size length, ArrayType *exclude_tags,
			 int sqlstate, bool check_texts)
{
	StayReader	reader;
	Stays	   *book = palloc0(sizeof(Stays));
	uint64		skipped;

	memset(&reader, 0, sizeof(reader));
	packed_reader_init(&reader.packed, data, length, "stays", sqlstate);
	reader.book = book;
	if (packed_read_byte(&reader.packed) != STAYS_VERSION)
		packed_damaged(&reader.packed);
	skipped = packed_read_unsigned(&reader.packed);
	if (skipped > (uint64) BOOK_MOST_SKIPPED)
		packed_damaged(&reader.packed);
	book->skipped = (int64) skipped;
	book->count = packed_read_count(&reader.packed, 4);
	if (book->count > STAYS_MAX)
		packed_damaged(&reader.packed);
	if (book->count > 0)
	{
		book->persons = read_texts(&reader, &book->person_count, 1, check_texts);
		book->facilities = read_texts(&reader, &book->facility_count, 1, check_texts);
		book->diagnoses = read_texts(&reader, &book->diagnosis_count, 0, check_texts);
		book->tags = read_texts(&reader, &book->tag_count, 0, check_texts);
		read_tag_sets(&reader);
		book->stays = MemoryContextAllocHuge(CurrentMemoryContext,
											 book->count * sizeof(Stay));
		read_visit_ids(&reader, check_texts);
		find_excluded(&reader, exclude_tags);
		read_stays(&reader);
	}
	packed_read_end(&reader.packed);
	return book;
}

Stays *
stays_open(struct varlena *book, ArrayType *exclude_tags)
{
	return stays_decode(VARDATA_ANY(book), VARSIZE_ANY_EXHDR(book), exclude_tags,
						ERRCODE_DATA_CORRUPTED, false);
}

/* Counting sort: stable, so that each part keeps the book's order. */
static int32 *
group_stays(const Stays *book, int32 groups, bool by_person, int32 **starts)
{
	int32	   *order = palloc(mul_size(Max(book->count, 1), sizeof(int32)));
	int32	   *at = palloc0(mul_size(groups + 2, sizeof(int32)));

	*starts = at;
	for (int32 i = 0; i < book->count; i++)
		at[(by_person ? book->stays[i].person : book->stays[i].facility) + 2]++;
	for (int32 g = 2; g < groups + 2; g++)
		at[g] += at[g - 1];
	for (int32 i = 0; i < book->count; i++)
		order[at[(by_person ? book->stays[i].person : book->stays[i].facility) + 1]++] = i;
	return order;
}

int32 *
stays_by_person(const Stays *book, int32 **starts)
{
	return group_stays(book, book->person_count, true, starts);
}

int32 *
stays_by_facility(const Stays *book, int32 **starts)
{
	return group_stays(book, book->facility_count, false, starts);
}
