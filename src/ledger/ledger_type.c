/*
 * ledger_type.c
 *		The ledger type: binary form, accessors, ledger || ledger.
 */
#include "postgres.h"
#include "base/compat.h"

#include "libpq/pqformat.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

#include "base/fixed.h"
#include "base/rows.h"
#include "ledger/ledger_internal.h"

/* ---- binary ---- */

PG_FUNCTION_INFO_V1(ledger_send);

/* The stored bytes: they are the same on every platform. */
Datum
ledger_send(PG_FUNCTION_ARGS)
{
	struct varlena *book = PG_DETOAST_DATUM_PACKED(PG_GETARG_DATUM(0));
	StringInfoData message;

	pq_begintypsend(&message);
	pq_sendbytes(&message, VARDATA_ANY(book), VARSIZE_ANY_EXHDR(book));
	PG_RETURN_BYTEA_P(pq_endtypsend(&message));
}

static void
check_texts(const PackedReader *reader, const Ledger *ledger)
{
	for (int32 i = 0; i < ledger->item_count; i++)
		packed_check_text(reader, ledger->items[i]);
	for (int32 i = 0; i < ledger->visit_count; i++)
		packed_check_text(reader, ledger->visits[i]);
	for (int32 i = 0; i < ledger->line_count; i++)
	{
		CHECK_FOR_INTERRUPTS();
		packed_check_text(reader, ledger->lines[i].line_id);
		packed_check_text(reader, ledger->lines[i].original_line_id);
	}
}

/*
 * Checks everything: writing anew what was read must give these bytes, so that
 * what comes in is what the aggregates make.
 */
static struct varlena *
receive_book(const char *bytes, int length)
{
	Ledger	   *ledger = ledger_decode(bytes, length, ERRCODE_INVALID_BINARY_REPRESENTATION);
	PackedReader reader;
	struct varlena *book;

	packed_reader_init(&reader, bytes, length, "ledger", ERRCODE_INVALID_BINARY_REPRESENTATION);
	check_texts(&reader, ledger);
	book = ledger_encode(ledger, CurrentMemoryContext);
	packed_check_same(&reader, book);
	return book;
}

PG_FUNCTION_INFO_V1(ledger_recv);

Datum
ledger_recv(PG_FUNCTION_ARGS)
{
	StringInfo	message = (StringInfo) PG_GETARG_POINTER(0);
	int			length = message->len - message->cursor;

	PG_RETURN_POINTER(receive_book(pq_getmsgbytes(message, length), length));
}

PG_FUNCTION_INFO_V1(ledger_from_bytes);

/* As binary input, from a bytea such as ledger_send() gives. */
Datum
ledger_from_bytes(PG_FUNCTION_ARGS)
{
	bytea	   *bytes = PG_GETARG_BYTEA_PP(0);

	PG_RETURN_POINTER(receive_book(VARDATA_ANY(bytes), VARSIZE_ANY_EXHDR(bytes)));
}

/* ---- accessors ---- */

static Ledger *
ledger_of_call(FunctionCallInfo fcinfo)
{
	return ledger_open(PG_DETOAST_DATUM_PACKED(PG_GETARG_DATUM(0)));
}

static void
read_counts_of_call(FunctionCallInfo fcinfo, int32 *lines, int64 *skipped)
{
	struct varlena *book = PG_DETOAST_DATUM_PACKED(PG_GETARG_DATUM(0));

	ledger_read_counts(VARDATA_ANY(book), VARSIZE_ANY_EXHDR(book), lines, skipped);
}

PG_FUNCTION_INFO_V1(ledger_line_count);

/* Lines in the book, refunds included. */
Datum
ledger_line_count(PG_FUNCTION_ARGS)
{
	int32		lines;
	int64		skipped;

	read_counts_of_call(fcinfo, &lines, &skipped);
	PG_RETURN_INT32(lines);
}

PG_FUNCTION_INFO_V1(ledger_item_count);

/* Distinct item codes in the book. */
Datum
ledger_item_count(PG_FUNCTION_ARGS)
{
	PG_RETURN_INT32(ledger_of_call(fcinfo)->item_count);
}

PG_FUNCTION_INFO_V1(ledger_skipped_count);

/* Rows left out since a required column was NULL. */
Datum
ledger_skipped_count(PG_FUNCTION_ARGS)
{
	int32		lines;
	int64		skipped;

	read_counts_of_call(fcinfo, &lines, &skipped);
	if (skipped > PG_INT32_MAX)
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("integer out of range")));
	PG_RETURN_INT32((int32) skipped);
}

/* Sum of what is left, orphan refunds left out. */
static Datum
net_sum(FunctionCallInfo fcinfo, bool of_claimed)
{
	Ledger	   *ledger = ledger_of_call(fcinfo);
	int64		sum = 0;

	for (int32 i = 0; i < ledger->line_count; i++)
	{
		const LedgerLine *line = &ledger->lines[i];

		if (line->status != LEDGER_ORPHAN)
			sum = fixed_add(sum, of_claimed ? line->left_claimed : line->left_amount);
	}
	PG_RETURN_NUMERIC(fixed_to_money(sum));
}

PG_FUNCTION_INFO_V1(ledger_net_amount);

Datum
ledger_net_amount(PG_FUNCTION_ARGS)
{
	return net_sum(fcinfo, false);
}

PG_FUNCTION_INFO_V1(ledger_net_claimed);

Datum
ledger_net_claimed(PG_FUNCTION_ARGS)
{
	return net_sum(fcinfo, true);
}

/* Columns of the result. */
enum
{
	LINE_VISIT_ID,
	LINE_LINE_ID,
	LINE_ITEM_CODE,
	LINE_QUANTITY,
	LINE_AMOUNT,
	LINE_CLAIMED,
	LINE_CHARGED_AT,
	LINE_STATUS,
	LINE_COLUMNS
};

PG_FUNCTION_INFO_V1(ledger_lines);

/* Every line with what netting has left of it, in the book's order. */
Datum
ledger_lines(PG_FUNCTION_ARGS)
{
	DetectorRows rows;
	Ledger	   *ledger;

	detector_begin(&rows, fcinfo);
	ledger = ledger_of_call(fcinfo);
	for (int32 i = 0; i < ledger->line_count; i++)
	{
		const LedgerLine *line = &ledger->lines[i];
		TextSpan	visit = ledger->visits[line->visit];
		Datum		values[LINE_COLUMNS];
		bool		nulls[LINE_COLUMNS] = {false};

		detector_row_start(&rows);
		nulls[LINE_VISIT_ID] = visit.data == NULL;
		values[LINE_VISIT_ID] = nulls[LINE_VISIT_ID] ? (Datum) 0 : detector_text(visit);
		nulls[LINE_LINE_ID] = line->line_id.data == NULL;
		values[LINE_LINE_ID] = nulls[LINE_LINE_ID] ? (Datum) 0 : detector_text(line->line_id);
		values[LINE_ITEM_CODE] = detector_text(ledger_line_code(ledger, line));
		values[LINE_QUANTITY] = NumericGetDatum(fixed_to_quantity(line->left_quantity));
		values[LINE_AMOUNT] = NumericGetDatum(fixed_to_money(line->left_amount));
		values[LINE_CLAIMED] = NumericGetDatum(fixed_to_money(line->left_claimed));
		values[LINE_CHARGED_AT] = TimestampGetDatum(line->charged_at);
		values[LINE_STATUS] = CStringGetTextDatum(ledger_status_name(line->status));
		detector_row(&rows, values, nulls);
	}
	return detector_end(&rows);
}

PG_FUNCTION_INFO_V1(ledger_concat);

/* ledger || ledger: the lines of both, netted together when read. */
Datum
ledger_concat(PG_FUNCTION_ARGS)
{
	LedgerDraft *draft = ledger_draft_create(CurrentMemoryContext);

	ledger_draft_append(draft, PG_DETOAST_DATUM_PACKED(PG_GETARG_DATUM(0)));
	ledger_draft_append(draft, PG_DETOAST_DATUM_PACKED(PG_GETARG_DATUM(1)));
	PG_RETURN_POINTER(ledger_draft_finish(draft));
}
