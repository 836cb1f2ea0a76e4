/*
 * stays_format.c
 *		The stored form of a book of stays.
 *
 *		version, skipped, number of stays; nothing more when there are none
 *		dictionaries of persons, facilities, diagnoses, tags: count, front-coded
 *		tag sets: count, each a count and ascending tag numbers
 *		visit_ids in the book's order, front-coded
 *		unit of time, unit of money, earliest admission in microseconds
 *		per stay: flags; admission after the stay before; length (may be below 0
 *		within a day); person, facility, diagnosis + 1, tag set + 1 where there
 *		is a choice; amount; for a stay of several rows the times of the last
 *
 * The bytes are the same on every platform and for every order of input.
 */
#include "postgres.h"
#include "base/compat.h"

#include "miscadmin.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

#include "base/units.h"
#include "stays/stays_internal.h"

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
write_texts_of_book(PackedWriter *writer, const Stays *book)
{
	TextSpan	before = {NULL, 0};

	packed_dictionary(writer, book->persons, book->person_count);
	packed_dictionary(writer, book->facilities, book->facility_count);
	packed_dictionary(writer, book->diagnoses, book->diagnosis_count);
	packed_dictionary(writer, book->tags, book->tag_count);
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

	spans = packed_read_dictionary(&reader->packed, count, 0);
	if (*count < least)
		packed_damaged(&reader->packed);
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
		if (kept > 0 && stay_compare(&book->stays[kept - 1], &stay) >= 0)
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

/* Reads the numbers that a book begins with, without decoding the rest. */
void
stays_read_counts(struct varlena *book, uint64 *skipped, uint64 *count)
{
	PackedReader reader;

	packed_reader_init(&reader, VARDATA_ANY(book), VARSIZE_ANY_EXHDR(book),
					   "stays", ERRCODE_DATA_CORRUPTED);
	(void) packed_read_byte(&reader);
	*skipped = packed_read_unsigned(&reader);
	*count = packed_read_unsigned(&reader);
}
