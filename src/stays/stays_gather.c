/*
 * stays_gather.c
 *		Gathering stays into a book: the aggregates.
 *
 * A row is packed onto the end of one growing buffer and nothing else happens
 * to it: no hashing, no conversion to text, no allocation but the buffer's
 * doubling.  What equals the row before (person, facility, diagnosis, tags) is
 * a flag.  Combining appends the bytes of the other state behind a mark that
 * forgets the row before; rolling up appends whole books.  Merging, sorting
 * (stays_build.c) and encoding happen once, in the final function, in a scratch
 * context, and leave the state as it was.
 *
 * Cost: a state takes 256 bytes, of which the rows take some 160, and beyond
 * that a buffer that doubles; a row about 35 bytes with ids of 10 to 18
 * characters.
 */
#include "postgres.h"
#include "base/compat.h"

#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

#include "base/rows.h"
#include "stays/stays_internal.h"

/* Flags of a packed row, a varint; the usual ones fit its first byte. */
#define ROW_SAME_PERSON		0x01
#define ROW_SAME_FACILITY	0x02
#define ROW_SAME_DIAGNOSIS	0x04
#define ROW_NO_DIAGNOSIS	0x08
#define ROW_SAME_TAGS		0x10
#define ROW_OPEN			0x20
#define ROW_NO_AMOUNT		0x40
#define ROW_RESET			0x80	/* no row: forget the row before */
#define ROW_BOOK			0x100	/* no row: a whole book follows */

#define STATE_VERSION		1

/* The state and its first bytes together fill one chunk of 256 bytes. */
#define STATE_BYTES			256

/* Where in the buffer a text of the last row stands; offset 0: nowhere. */
typedef struct Place
{
	uint32		offset;
	uint32		length;
} Place;

struct StaysState
{
	PackedWriter rows;
	Place		person;
	Place		facility;
	Place		diagnosis;
	Place		tags;			/* count and texts, packed */
	Timestamp	admitted_at;
	int64		skipped;
	int32		row_count;		/* estimate, for the first allocation */
	bool		several_persons;
	uint8		first_bytes[FLEXIBLE_ARRAY_MEMBER]; /* rows begin here */
};

static StaysState *
stays_state_create(MemoryContext context)
{
	StaysState *state = MemoryContextAlloc(context, STATE_BYTES);

	memset(state, 0, offsetof(StaysState, first_bytes));
	state->rows.context = context;
	state->rows.data = state->first_bytes;
	state->rows.used = VARHDRSZ;
	state->rows.allocated = STATE_BYTES - offsetof(StaysState, first_bytes);
	return state;
}

/*
 * Room for MORE bytes, to be called before anything is written: the first
 * bytes cannot grow in place, they move to a buffer of its own.
 */
static inline void
state_reserve(StaysState *state, Size more)
{
	PackedWriter *rows = &state->rows;

	if (likely(rows->allocated - rows->used >= more))
		return;
	if (rows->data == state->first_bytes)
	{
		PackedWriter larger;

		packed_writer_init(&larger, rows->context, add_size(rows->used, Max(more, STATE_BYTES)));
		memcpy(larger.data, rows->data, rows->used);
		larger.used = rows->used;
		*rows = larger;
	}
	else
		packed_grow(rows, more);
}

static void
stays_state_skip(StaysState *state)
{
	state->skipped++;
}

/* False when in doubt. */
bool
stays_state_one_person(const StaysState *state)
{
	return !state->several_persons;
}

static inline bool
is_at(const StaysState *state, Place place, TextSpan span)
{
	return place.offset != 0 && place.length == (uint32) span.length &&
		memcmp(state->rows.data + place.offset, span.data, span.length) == 0;
}

/* Appends a text into room reserved before and remembers where it is. */
static inline void
put_text(StaysState *state, TextSpan span, Place *place)
{
	PackedWriter *rows = &state->rows;

	packed_unsigned_reserved(rows, span.length);
	if (place != NULL)
	{
		place->offset = (uint32) rows->used;
		place->length = span.length;
	}
	memcpy(rows->data + rows->used, span.data, span.length);
	rows->used += span.length;
}

/* Tags behind the row; the row's flag is set when they are those before. */
static void
put_tags(StaysState *state, ArrayType *tags, Size flags_at)
{
	PackedWriter *rows = &state->rows;
	Size		start = rows->used;
	Datum	   *values;
	bool	   *nulls;
	int			count;
	int			known = 0;

	deconstruct_array(tags, TEXTOID, -1, false, TYPALIGN_INT, &values, &nulls, &count);
	for (int i = 0; i < count; i++)
		known += !nulls[i];
	state_reserve(state, add_size(VARSIZE_ANY(tags), 10 * (Size) (count + 1)));
	packed_unsigned(rows, known);
	for (int i = 0; i < count; i++)
		if (!nulls[i])
			packed_text(rows, text_span(DatumGetTextPP(values[i])));
	if (state->tags.offset != 0 && state->tags.length == rows->used - start &&
		memcmp(rows->data + state->tags.offset, rows->data + start,
			   state->tags.length) == 0)
	{
		rows->used = start;
		rows->data[flags_at] |= ROW_SAME_TAGS;
		return;
	}
	state->tags.offset = (uint32) start;
	state->tags.length = (uint32) (rows->used - start);
}

/* No tags: a flag when the row before had none either, else a count of 0. */
static inline void
put_no_tags(StaysState *state, Size flags_at)
{
	PackedWriter *rows = &state->rows;

	if (state->tags.offset == 0)
		rows->data[flags_at] |= ROW_SAME_TAGS;
	else
	{
		packed_byte(rows, 0);
		state->tags.offset = 0;
	}
}

static uint8
row_flags(StaysState *state, const StayRow *row)
{
	uint8		flags = 0;

	if (is_at(state, state->person, row->person_id))
		flags |= ROW_SAME_PERSON;
	else if (state->person.offset != 0)
		state->several_persons = true;
	if (is_at(state, state->facility, row->facility_id))
		flags |= ROW_SAME_FACILITY;
	if (row->diagnosis.data == NULL)
		flags |= ROW_NO_DIAGNOSIS;
	else if (is_at(state, state->diagnosis, row->diagnosis))
		flags |= ROW_SAME_DIAGNOSIS;
	if (row->discharged_at == STAY_OPEN)
		flags |= ROW_OPEN;
	if (row->amount == FIXED_NULL)
		flags |= ROW_NO_AMOUNT;
	return flags;
}

/* Appends one row; of its tags only TAGS (NULL: none) count. */
static void
stays_state_add(StaysState *state, const StayRow *row, ArrayType *tags)
{
	PackedWriter *rows = &state->rows;
	uint8		flags = row_flags(state, row);
	Size		flags_at;

	state_reserve(state, 2 + 4 * 5 + 3 * 10 + (Size) row->visit_id.length +
				  row->person_id.length + row->facility_id.length +
				  row->diagnosis.length);
	flags_at = rows->used;
	rows->data[rows->used++] = flags;
	put_text(state, row->visit_id, NULL);
	if (!(flags & ROW_SAME_PERSON))
		put_text(state, row->person_id, &state->person);
	if (!(flags & ROW_SAME_FACILITY))
		put_text(state, row->facility_id, &state->facility);
	if (!(flags & (ROW_SAME_DIAGNOSIS | ROW_NO_DIAGNOSIS)))
		put_text(state, row->diagnosis, &state->diagnosis);
	packed_unsigned_reserved(rows, packed_zigzag(row->admitted_at - state->admitted_at));
	state->admitted_at = row->admitted_at;
	if (!(flags & ROW_OPEN))
		packed_unsigned_reserved(rows, packed_zigzag(row->discharged_at - row->admitted_at));
	if (!(flags & ROW_NO_AMOUNT))
		packed_unsigned_reserved(rows, packed_zigzag(row->amount));
	if (tags != NULL && ARR_NDIM(tags) > 0)
		put_tags(state, tags, flags_at);
	else
		put_no_tags(state, flags_at);
	state->row_count += state->row_count < STAYS_MAX;
}

/* The next row will repeat nothing. */
static void
reset_row_before(StaysState *state)
{
	state_reserve(state, 10);
	packed_unsigned(&state->rows, ROW_RESET);
	state->person.offset = 0;
	state->facility.offset = 0;
	state->diagnosis.offset = 0;
	state->tags.offset = 0;
	state->admitted_at = 0;
}

/* -- reading the packed rows -- */

typedef struct RowReader
{
	PackedReader packed;
	StayRow		row;			/* of the row before, until overwritten */
	TextSpan	diagnosis;		/* of the last row that had one */
} RowReader;

static void
read_row_tags(RowReader *reader)
{
	StayRow    *row = &reader->row;

	row->tag_count = packed_read_count(&reader->packed, 1);
	row->tags = palloc(Max(row->tag_count, 1) * sizeof(TextSpan));
	for (int i = 0; i < row->tag_count; i++)
		row->tags[i] = packed_read_text(&reader->packed);
}

static void
read_row(RowReader *reader, unsigned flags)
{
	PackedReader *packed = &reader->packed;
	StayRow    *row = &reader->row;

	row->visit_id = packed_read_text(packed);
	if (!(flags & ROW_SAME_PERSON))
		row->person_id = packed_read_text(packed);
	if (!(flags & ROW_SAME_FACILITY))
		row->facility_id = packed_read_text(packed);
	if (!(flags & (ROW_SAME_DIAGNOSIS | ROW_NO_DIAGNOSIS)))
		reader->diagnosis = packed_read_text(packed);
	row->diagnosis = reader->diagnosis;
	if (flags & ROW_NO_DIAGNOSIS)
		row->diagnosis.data = NULL;
	row->admitted_at += packed_read_signed(packed);
	row->discharged_at = flags & ROW_OPEN ? STAY_OPEN :
		row->admitted_at + packed_read_signed(packed);
	row->amount = flags & ROW_NO_AMOUNT ? FIXED_NULL : packed_read_signed(packed);
	if (!(flags & ROW_SAME_TAGS))
		read_row_tags(reader);
	row->last_admitted_at = row->admitted_at;
	row->last_discharged_at = row->discharged_at;
}

static void
row_reader_init(RowReader *reader, const StaysState *state)
{
	memset(reader, 0, sizeof(RowReader));
	packed_reader_init(&reader->packed, state->rows.data + VARHDRSZ,
					   state->rows.used - VARHDRSZ, "stays",
					   ERRCODE_DATA_CORRUPTED);
}

/*
 * Goes on to the next row or book: its flags, or false at the end.  A row is
 * read into reader->row; a book is left to the caller.
 */
static bool
next_row(RowReader *reader, unsigned *flags)
{
	while (reader->packed.at < reader->packed.end)
	{
		*flags = (unsigned) packed_read_unsigned(&reader->packed);
		if (*flags & ROW_RESET)
		{
			memset(&reader->row, 0, sizeof(reader->row));
			continue;
		}
		if (!(*flags & ROW_BOOK))
			read_row(reader, *flags);
		return true;
	}
	return false;
}

/*
 * All rows of a state as a finished book in CurrentMemoryContext; MERGE as
 * for stays_builder().  The texts point into the state.
 */
Stays *
stays_state_read(const StaysState *state, bool merge)
{
	RowReader	reader;
	StaysBuilder *builder = stays_builder(state->row_count, merge);
	unsigned	flags;

	row_reader_init(&reader, state);
	while (next_row(&reader, &flags))
	{
		CHECK_FOR_INTERRUPTS();
		if (flags & ROW_BOOK)
		{
			TextSpan	book = packed_read_text(&reader.packed);

			stays_builder_add_book(builder,
								   stays_decode(book.data, book.length, NULL,
												ERRCODE_DATA_CORRUPTED, false));
		}
		else
			stays_builder_add(builder, &reader.row);
	}
	stays_builder_skip(builder, state->skipped);
	return stays_builder_finish(builder);
}

/*
 * The rows of a small state of single rows without tags, as they came, into
 * ROWS; -1 when there are more than MOST.
 */
int
stays_state_peek(const StaysState *state, StayRow *rows, int most)
{
	RowReader	reader;
	unsigned	flags;
	int			count = 0;

	row_reader_init(&reader, state);
	while (next_row(&reader, &flags))
	{
		if (count == most)
			return -1;
		rows[count++] = reader.row;
	}
	return count;
}

/* -- the aggregates' support functions -- */

static StaysState *
state_of_call(FunctionCallInfo fcinfo, MemoryContext context)
{
	if (PG_ARGISNULL(0))
		return stays_state_create(context);
	return (StaysState *) PG_GETARG_POINTER(0);
}

/* A finite time within the years 1 to 9999. */
static Timestamp
time_argument(FunctionCallInfo fcinfo, int argument, const char *name)
{
	Timestamp	at = PG_GETARG_TIMESTAMP(argument);

	if (!stay_time_valid(at))
		ereport(ERROR,
				(errcode(ERRCODE_DATETIME_VALUE_OUT_OF_RANGE),
				 errmsg("%s is out of range", name),
				 errdetail("Times of a stay lie in the years 1 to 9999; a stay without discharge has a null discharged_at.")));
	return at;
}

/*
 * Takes the times of a row; false when the row cannot be used because it has
 * no admission or ends before it.
 */
static bool
row_times(FunctionCallInfo fcinfo, int first, StayRow *row)
{
	if (PG_ARGISNULL(first))
		return false;
	row->admitted_at = time_argument(fcinfo, first, "admitted_at");
	row->discharged_at = STAY_OPEN;
	if (PG_ARGISNULL(first + 1))
		return true;
	row->discharged_at = time_argument(fcinfo, first + 1, "discharged_at");
	return !stay_times_contradict(row->admitted_at, row->discharged_at);
}

static void
take_row(FunctionCallInfo fcinfo, StaysState *state, ArrayType *tags)
{
	StayRow		row;

	if (PG_ARGISNULL(1) || PG_ARGISNULL(2) || PG_ARGISNULL(3) ||
		!row_times(fcinfo, 4, &row))
	{
		stays_state_skip(state);
		return;
	}
	row.visit_id = text_span(PG_GETARG_TEXT_PP(1));
	row.person_id = text_span(PG_GETARG_TEXT_PP(2));
	row.facility_id = text_span(PG_GETARG_TEXT_PP(3));
	row.diagnosis.data = NULL;
	row.diagnosis.length = 0;
	if (!PG_ARGISNULL(6))
		row.diagnosis = text_span(PG_GETARG_TEXT_PP(6));
	row.amount = PG_ARGISNULL(7) ? FIXED_NULL :
		fixed_from_numeric(PG_GETARG_DATUM(7), "amount");
	stays_state_add(state, &row, tags);
}

PG_FUNCTION_INFO_V1(stays_transition);

/* One row into the state; rows that cannot be used are counted. */
Datum
stays_transition(PG_FUNCTION_ARGS)
{
	StaysState *state = state_of_call(fcinfo, aggregate_context(fcinfo));

	take_row(fcinfo, state, NULL);
	PG_RETURN_POINTER(state);
}

PG_FUNCTION_INFO_V1(stays_tagged_transition);

/* The same with tags; NULL and NULL elements are no tags. */
Datum
stays_tagged_transition(PG_FUNCTION_ARGS)
{
	StaysState *state = state_of_call(fcinfo, aggregate_context(fcinfo));

	take_row(fcinfo, state, PG_ARGISNULL(8) ? NULL : PG_GETARG_ARRAYTYPE_P(8));
	PG_RETURN_POINTER(state);
}

PG_FUNCTION_INFO_V1(stays_household_transition);

/* A row of person, facility and times alone: no visit, no money. */
Datum
stays_household_transition(PG_FUNCTION_ARGS)
{
	StaysState *state = state_of_call(fcinfo, aggregate_context(fcinfo));
	StayRow		row;

	if (PG_ARGISNULL(1) || PG_ARGISNULL(2) || !row_times(fcinfo, 3, &row))
		stays_state_skip(state);
	else
	{
		row.visit_id.data = "";
		row.visit_id.length = 0;
		row.diagnosis.data = NULL;
		row.diagnosis.length = 0;
		row.amount = FIXED_NULL;
		row.person_id = text_span(PG_GETARG_TEXT_PP(1));
		row.facility_id = text_span(PG_GETARG_TEXT_PP(2));
		stays_state_add(state, &row, NULL);
	}
	PG_RETURN_POINTER(state);
}

PG_FUNCTION_INFO_V1(stays_rollup_transition);

/* A whole book into the state; NULL adds nothing. */
Datum
stays_rollup_transition(PG_FUNCTION_ARGS)
{
	MemoryContext context = aggregate_context(fcinfo);
	StaysState *state;
	TextSpan	book;

	if (PG_ARGISNULL(1))
	{
		if (PG_ARGISNULL(0))
			PG_RETURN_NULL();
		PG_RETURN_POINTER(PG_GETARG_POINTER(0));
	}
	state = state_of_call(fcinfo, context);
	book = text_span((text *) PG_GETARG_VARLENA_PP(1));
	state_reserve(state, add_size(20, book.length));
	packed_unsigned(&state->rows, ROW_BOOK);
	packed_text(&state->rows, book);
	state->several_persons = true;
	PG_RETURN_POINTER(state);
}

/* Appends what the packed rows of another state say. */
static void
append_rows(StaysState *state, const uint8 *rows, Size length, int64 skipped,
			int32 row_count, bool several_persons)
{
	if (length > 0)
	{
		state->several_persons |= several_persons || state->rows.used > VARHDRSZ;
		state_reserve(state, length);
		packed_bytes(&state->rows, rows, length);
		reset_row_before(state);
	}
	state->skipped += skipped;
	state->row_count = Min(state->row_count + row_count, STAYS_MAX);
}

PG_FUNCTION_INFO_V1(stays_combine);

Datum
stays_combine(PG_FUNCTION_ARGS)
{
	MemoryContext context = aggregate_context(fcinfo);
	StaysState *state;
	StaysState *other;

	if (PG_ARGISNULL(1))
	{
		if (PG_ARGISNULL(0))
			PG_RETURN_NULL();
		PG_RETURN_POINTER(PG_GETARG_POINTER(0));
	}
	state = state_of_call(fcinfo, context);
	other = (StaysState *) PG_GETARG_POINTER(1);
	if (state->rows.used > VARHDRSZ)
		reset_row_before(state);
	append_rows(state, other->rows.data + VARHDRSZ, other->rows.used - VARHDRSZ,
				other->skipped, other->row_count, other->several_persons);
	PG_RETURN_POINTER(state);
}

PG_FUNCTION_INFO_V1(stays_serialize);

/* Version, skipped, number of rows, several persons, the packed rows. */
Datum
stays_serialize(PG_FUNCTION_ARGS)
{
	StaysState *state;
	PackedWriter writer;

	(void) aggregate_context(fcinfo);
	state = (StaysState *) PG_GETARG_POINTER(0);
	packed_writer_init(&writer, CurrentMemoryContext, state->rows.used + 32);
	packed_byte(&writer, STATE_VERSION);
	packed_unsigned(&writer, state->skipped);
	packed_unsigned(&writer, state->row_count);
	packed_byte(&writer, state->several_persons);
	packed_bytes(&writer, state->rows.data + VARHDRSZ, state->rows.used - VARHDRSZ);
	PG_RETURN_BYTEA_P((bytea *) packed_finish(&writer));
}

PG_FUNCTION_INFO_V1(stays_deserialize);

Datum
stays_deserialize(PG_FUNCTION_ARGS)
{
	StaysState *state;
	bytea	   *bytes;
	PackedReader reader;
	int64		skipped;
	int32		row_count;
	bool		several_persons;

	(void) aggregate_context(fcinfo);
	bytes = PG_GETARG_BYTEA_PP(0);
	packed_reader_init(&reader, VARDATA_ANY(bytes), VARSIZE_ANY_EXHDR(bytes),
					   "stays", ERRCODE_INVALID_BINARY_REPRESENTATION);
	if (packed_read_byte(&reader) != STATE_VERSION)
		packed_damaged(&reader);
	skipped = (int64) packed_read_unsigned(&reader);
	row_count = (int32) packed_read_unsigned(&reader);
	several_persons = packed_read_byte(&reader) != 0;
	state = stays_state_create(CurrentMemoryContext);
	append_rows(state, reader.at, reader.end - reader.at, skipped, row_count,
				several_persons);
	PG_RETURN_POINTER(state);
}

PG_FUNCTION_INFO_V1(stays_final);

/* The book; NULL where there was no row at all.  The state stays as it is. */
Datum
stays_final(PG_FUNCTION_ARGS)
{
	MemoryContext outside;
	MemoryContext scratch;
	struct varlena *book;

	(void) aggregate_context(fcinfo);
	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	scratch = stays_scratch();
	outside = MemoryContextSwitchTo(scratch);
	book = stays_encode(stays_state_read((StaysState *) PG_GETARG_POINTER(0), true),
						outside);
	MemoryContextSwitchTo(outside);
	MemoryContextDelete(scratch);
	PG_RETURN_POINTER(book);
}
