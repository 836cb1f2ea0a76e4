/*
 * stays_type.c
 *		The type of books of stays: binary form, accessors, stays || stays.
 */
#include "postgres.h"
#include "base/compat.h"

#include "libpq/pqformat.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

#include "base/rows.h"
#include "stays/stays_internal.h"

/* -- binary -- */

PG_FUNCTION_INFO_V1(stays_send);

/* The bytes of the book; they are the same on every platform. */
Datum
stays_send(PG_FUNCTION_ARGS)
{
	struct varlena *book = (struct varlena *) PG_GETARG_VARLENA_PP(0);
	StringInfoData out;

	pq_begintypsend(&out);
	pq_sendbytes(&out, VARDATA_ANY(book), VARSIZE_ANY_EXHDR(book));
	PG_RETURN_BYTEA_P(pq_endtypsend(&out));
}

PG_FUNCTION_INFO_V1(stays_recv);

/* Building the same stays anew must give the bytes that came. */
Datum
stays_recv(PG_FUNCTION_ARGS)
{
	StringInfo	message = (StringInfo) PG_GETARG_POINTER(0);
	int			length = message->len - message->cursor;
	const char *bytes = pq_getmsgbytes(message, length);
	MemoryContext outside = CurrentMemoryContext;
	MemoryContext scratch = stays_scratch();
	PackedReader reader;
	StaysBuilder *builder;
	struct varlena *book;

	packed_reader_init(&reader, bytes, length, "stays", ERRCODE_INVALID_BINARY_REPRESENTATION);
	MemoryContextSwitchTo(scratch);
	builder = stays_builder(0, true);
	stays_builder_add_book(builder,
						   stays_decode(bytes, length, NULL,
										ERRCODE_INVALID_BINARY_REPRESENTATION, true));
	book = stays_encode(stays_builder_finish(builder), outside);
	MemoryContextSwitchTo(outside);
	MemoryContextDelete(scratch);
	packed_check_same(&reader, book);
	PG_RETURN_POINTER(book);
}

/* -- operators and accessors -- */

PG_FUNCTION_INFO_V1(stays_concatenate);

/* Both books as one; a visit that stands in both becomes one stay. */
Datum
stays_concatenate(PG_FUNCTION_ARGS)
{
	struct varlena *left = PG_GETARG_VARLENA_PP(0);
	struct varlena *right = PG_GETARG_VARLENA_PP(1);
	MemoryContext scratch = stays_scratch();
	MemoryContext outside = MemoryContextSwitchTo(scratch);
	StaysBuilder *builder = stays_builder(0, true);
	struct varlena *book;

	stays_builder_add_book(builder, stays_open(left, NULL));
	stays_builder_add_book(builder, stays_open(right, NULL));
	book = stays_encode(stays_builder_finish(builder), outside);
	MemoryContextSwitchTo(outside);
	MemoryContextDelete(scratch);
	PG_RETURN_POINTER(book);
}

PG_FUNCTION_INFO_V1(stays_count);

Datum
stays_count(PG_FUNCTION_ARGS)
{
	uint64		skipped;
	uint64		count;

	stays_read_counts((struct varlena *) PG_GETARG_VARLENA_PP(0), &skipped, &count);
	PG_RETURN_INT32((int32) Min(count, (uint64) PG_INT32_MAX));
}

PG_FUNCTION_INFO_V1(stays_skipped_count);

Datum
stays_skipped_count(PG_FUNCTION_ARGS)
{
	uint64		skipped;
	uint64		count;

	stays_read_counts((struct varlena *) PG_GETARG_VARLENA_PP(0), &skipped, &count);
	PG_RETURN_INT32((int32) Min(skipped, (uint64) PG_INT32_MAX));
}

static void
emit_stay(DetectorRows *rows, const Stays *book, const Stay *stay, TextSpan *tags)
{
	Datum		values[8];
	bool		nulls[8] = {0};
	int			count = 0;

	detector_row_start(rows);
	if (stay->tag_set >= 0)
		for (; count < book->tag_sets[stay->tag_set].count; count++)
			tags[count] = book->tags[book->tag_sets[stay->tag_set].tags[count]];
	values[0] = detector_text(stay->visit_id);
	values[1] = detector_text(book->persons[stay->person]);
	values[2] = detector_text(book->facilities[stay->facility]);
	values[3] = TimestampGetDatum(stay->admitted_at);
	values[4] = TimestampGetDatum(stay->discharged_at);
	nulls[4] = stay_is_open(stay);
	nulls[5] = stay->diagnosis < 0;
	if (!nulls[5])
		values[5] = detector_text(book->diagnoses[stay->diagnosis]);
	nulls[6] = stay->amount == FIXED_NULL;
	if (!nulls[6])
		values[6] = NumericGetDatum(fixed_to_money(stay->amount));
	values[7] = detector_text_array(tags, count);
	detector_row(rows, values, nulls);
}

PG_FUNCTION_INFO_V1(stays_rows);

/* The stays of a book in its order, merged by visit. */
Datum
stays_rows(PG_FUNCTION_ARGS)
{
	DetectorRows rows;
	Stays	   *book;
	TextSpan   *tags;

	detector_begin(&rows, fcinfo);
	if (!PG_ARGISNULL(0))
	{
		book = stays_open((struct varlena *) PG_GETARG_VARLENA_PP(0), NULL);
		tags = palloc(Max(book->tag_count, 1) * sizeof(TextSpan));
		for (int32 i = 0; i < book->count; i++)
		{
			CHECK_FOR_INTERRUPTS();
			emit_stay(&rows, book, &book->stays[i], tags);
		}
	}
	return detector_end(&rows);
}
