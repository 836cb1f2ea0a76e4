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

/* Building the same stays anew must give the bytes that came. */
static struct varlena *
receive_book(const char *bytes, int length)
{
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
	return book;
}

PG_FUNCTION_INFO_V1(stays_recv);

Datum
stays_recv(PG_FUNCTION_ARGS)
{
	StringInfo	message = (StringInfo) PG_GETARG_POINTER(0);
	int			length = message->len - message->cursor;

	PG_RETURN_POINTER(receive_book(pq_getmsgbytes(message, length), length));
}

PG_FUNCTION_INFO_V1(stays_from_bytes);

/* As binary input, from a bytea such as stays_send() gives. */
Datum
stays_from_bytes(PG_FUNCTION_ARGS)
{
	bytea	   *bytes = PG_GETARG_BYTEA_PP(0);

	PG_RETURN_POINTER(receive_book(VARDATA_ANY(bytes), VARSIZE_ANY_EXHDR(bytes)));
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

/* Columns of the result. */
enum
{
	ROW_VISIT_ID,
	ROW_PERSON_ID,
	ROW_FACILITY_ID,
	ROW_ADMITTED_AT,
	ROW_DISCHARGED_AT,
	ROW_DIAGNOSIS,
	ROW_AMOUNT,
	ROW_TAGS,
	ROW_COLUMNS
};

static void
emit_stay(DetectorRows *rows, const Stays *book, const Stay *stay)
{
	Datum		values[ROW_COLUMNS];
	bool		nulls[ROW_COLUMNS] = {0};

	detector_row_start(rows);
	values[ROW_VISIT_ID] = detector_text(stay->visit_id);
	values[ROW_PERSON_ID] = detector_text(book->persons[stay->person]);
	values[ROW_FACILITY_ID] = detector_text(book->facilities[stay->facility]);
	values[ROW_ADMITTED_AT] = TimestampGetDatum(stay->admitted_at);
	values[ROW_DISCHARGED_AT] = TimestampGetDatum(stay->discharged_at);
	nulls[ROW_DISCHARGED_AT] = stay_is_open(stay);
	stays_put_text(values, nulls, ROW_DIAGNOSIS, book->diagnoses, stay->diagnosis);
	stays_put_money(values, nulls, ROW_AMOUNT, stay->amount);
	values[ROW_TAGS] = stays_tags(book, stay);
	detector_row(rows, values, nulls);
}

PG_FUNCTION_INFO_V1(stays_rows);

/* The stays of a book in its order, merged by visit. */
Datum
stays_rows(PG_FUNCTION_ARGS)
{
	DetectorRows rows;
	Stays	   *book;

	detector_begin(&rows, fcinfo);
	if (!PG_ARGISNULL(0))
	{
		book = stays_open((struct varlena *) PG_GETARG_VARLENA_PP(0), NULL);
		for (int32 i = 0; i < book->count; i++)
		{
			CHECK_FOR_INTERRUPTS();
			emit_stay(&rows, book, &book->stays[i]);
		}
	}
	return detector_end(&rows);
}
