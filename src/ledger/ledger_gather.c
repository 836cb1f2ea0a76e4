/*
 * ledger_gather.c
 *		Gathering charge lines into a ledger: the aggregates.
 *
 * The transition state is a growing buffer of rows.  A row costs one append: a
 * byte of flags, the item code (left out where the row before had the same), the
 * time, quantity and amount as varints in the coarsest unit that loses
 * nothing; 8 to 30 bytes, no palloc, no hashing, no conversion to text.
 *
 * Beside the rows a state holds whole books, as bytes: those that rollup and ||
 * are given, and what comes from other processes.  A worker finishes a state
 * of many rows and sends the book, so that the sorting is done in parallel; a
 * group that one worker alone has met is then one book, the result as it is.
 * Few rows, as of a group that all workers have met, travel as they are.  What
 * is left to do at the end, ledger_build.c does.
 */
#include "postgres.h"
#include "base/compat.h"

#include "libpq/pqformat.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

#include "base/fixed.h"
#include "ledger/ledger_internal.h"

/* A worker finishes states of so many rows. */
#define LEAST_ROWS_TO_FINISH	32

/* A usual visit of 30 lines fits; a power of two with the varlena header. */
#define FIRST_ALLOCATION	(1024 - VARHDRSZ)

/* Bytes of a row besides its texts: flags, 4 lengths, 4 numbers. */
#define ROW_MOST_BYTES		(1 + 4 * 5 + 4 * 10)

static inline void
add_lines(LedgerDraft *draft, int64 count)
{
	draft->line_count += count;
	if (unlikely(draft->line_count > LEDGER_MAX_LINES))
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("ledger has too many lines"),
				 errdetail("A ledger holds at most %d lines.", LEDGER_MAX_LINES),
				 errhint("Gather smaller groups, for example by person or by visit.")));
}

LedgerDraft *
ledger_draft_create(MemoryContext context)
{
	LedgerDraft *draft = MemoryContextAllocZero(context, sizeof(LedgerDraft));

	draft->context = context;
	draft->item_length = -1;
	draft->visit_length = -1;
	return draft;
}

void
ledger_draft_skip(LedgerDraft *draft, int64 rows)
{
	draft->skipped += rows;
}

/* Writes a text and its length into reserved room; returns where it stands. */
static inline Size
append_text(PackedWriter *rows, TextSpan span)
{
	Size		at;

	packed_unsigned_reserved(rows, span.length);
	at = rows->used;
	memcpy(rows->data + at, span.data, span.length);
	rows->used += span.length;
	return at;
}

/* Does SPAN stand at offset AT of the buffer? */
static inline bool
same_text(const PackedWriter *rows, Size at, int length, TextSpan span)
{
	return span.length == length &&
		memcmp(rows->data + at, span.data, length) == 0;
}

static inline bool
same_visit(const LedgerDraft *draft, TextSpan visit)
{
	if (visit.data == NULL)
		return draft->visit_length < 0;
	return same_text(&draft->rows, draft->visit_at, draft->visit_length, visit);
}

/* The visit as length + 1 and its bytes; 0 for no tag. */
static void
append_visit(LedgerDraft *draft, TextSpan visit)
{
	PackedWriter *rows = &draft->rows;

	packed_unsigned_reserved(rows, visit.data == NULL ? 0 : (uint64) visit.length + 1);
	draft->visit_at = rows->used;
	draft->visit_length = visit.data == NULL ? -1 : visit.length;
	if (visit.length > 0)
		memcpy(rows->data + rows->used, visit.data, visit.length);
	rows->used += visit.length;
}

/* Appends a line: VISIT, ITEM and of LINE what is stored, not what is left. */
void
ledger_draft_add(LedgerDraft *draft, TextSpan visit, TextSpan item,
				 const LedgerLine *line)
{
	PackedWriter *rows = &draft->rows;
	Size		flags_at;
	uint8		flags = 0;
	int64		seconds = line->charged_at / USECS_PER_SEC;
	int64		units = line->quantity / FIXED_ONE;
	int64		cents = line->amount / FIXED_CENT;

	add_lines(draft, 1);
	if (draft->row_count == 0)
		packed_writer_init(rows, draft->context, FIRST_ALLOCATION);
	packed_reserve(rows, ROW_MOST_BYTES + (Size) visit.length + item.length +
				   line->line_id.length + line->original_line_id.length);
	flags_at = rows->used++;
	if (draft->row_count++ == 0 || !same_visit(draft, visit))
	{
		flags |= ROW_VISIT;
		append_visit(draft, visit);
	}
	if (!same_text(rows, draft->item_at, draft->item_length, item))
	{
		flags |= ROW_ITEM;
		draft->item_at = append_text(rows, item);
		draft->item_length = item.length;
	}
	if (seconds * USECS_PER_SEC == line->charged_at)
		flags |= ROW_SECONDS;
	packed_unsigned_reserved(rows, packed_zigzag((flags & ROW_SECONDS) ? seconds : line->charged_at));
	if (units * FIXED_ONE == line->quantity)
		flags |= ROW_WHOLE;
	packed_unsigned_reserved(rows, packed_zigzag((flags & ROW_WHOLE) ? units : line->quantity));
	if (cents * FIXED_CENT == line->amount)
		flags |= ROW_CENTS;
	packed_unsigned_reserved(rows, packed_zigzag((flags & ROW_CENTS) ? cents : line->amount));
	if (line->claimed_given)
	{
		flags |= ROW_CLAIMED;
		packed_unsigned_reserved(rows, packed_zigzag(line->claimed));
	}
	if (line->line_id.data != NULL)
	{
		flags |= ROW_LINE_ID;
		append_text(rows, line->line_id);
	}
	if (line->original_line_id.data != NULL)
	{
		flags |= ROW_ORIGINAL;
		append_text(rows, line->original_line_id);
	}
	rows->data[flags_at] = flags;
}

static void
append_book(LedgerDraft *draft, const char *book, Size length)
{
	int32		lines;
	int64		skipped;

	ledger_read_counts(book, length, &lines, &skipped);
	add_lines(draft, lines);
	if (draft->book_count++ == 0)
		packed_writer_init(&draft->books, draft->context, length + 10);
	packed_unsigned(&draft->books, length);
	packed_bytes(&draft->books, book, length);
}

/* Keeps the bytes of a finished ledger; they are read at the end. */
void
ledger_draft_append(LedgerDraft *draft, struct varlena *book)
{
	append_book(draft, VARDATA_ANY(book), VARSIZE_ANY_EXHDR(book));
}

/* The state of an aggregate call, created on its first row. */
static LedgerDraft *
state_of_call(FunctionCallInfo fcinfo)
{
	MemoryContext context;

	/*
	 * SQL cannot make a state: where there is one, an aggregate has called
	 * before
	 */
	if (likely(!PG_ARGISNULL(0)))
		return (LedgerDraft *) PG_GETARG_POINTER(0);
	if (!AggCheckCallContext(fcinfo, &context))
		elog(ERROR, "ledger aggregate function called in non-aggregate context");
	return ledger_draft_create(context);
}

static inline TextSpan
text_argument(FunctionCallInfo fcinfo, int argument)
{
	TextSpan	none = {NULL, 0};

	if (PG_ARGISNULL(argument))
		return none;
	return text_span(PG_GETARG_TEXT_PP(argument));
}

/* Time of a line; infinity is no time. */
static Timestamp
charged_at_argument(Timestamp charged_at)
{
	if (TIMESTAMP_NOT_FINITE(charged_at))
		ereport(ERROR,
				(errcode(ERRCODE_DATETIME_VALUE_OUT_OF_RANGE),
				 errmsg("charged_at must be finite")));
	return charged_at;
}

/*
 * Reads item_code, quantity, amount and charged_at (arguments 1 to 4); a row
 * that lacks one is counted as skipped.
 */
static inline bool
read_basic_arguments(FunctionCallInfo fcinfo, LedgerDraft *draft, LedgerLine *line)
{
	if (PG_ARGISNULL(1) || PG_ARGISNULL(2) || PG_ARGISNULL(3) || PG_ARGISNULL(4))
	{
		draft->skipped++;
		return false;
	}
	line->quantity = fixed_from_numeric(PG_GETARG_DATUM(2), "quantity");
	line->amount = fixed_from_numeric(PG_GETARG_DATUM(3), "amount");
	line->charged_at = charged_at_argument(PG_GETARG_TIMESTAMP(4));
	line->claimed = line->amount;
	line->claimed_given = false;
	line->line_id.data = NULL;
	line->line_id.length = 0;
	line->original_line_id = line->line_id;
	return true;
}

PG_FUNCTION_INFO_V1(ledger_transition);

/* (state, item_code, quantity, amount, charged_at [, line_id]) */
Datum
ledger_transition(PG_FUNCTION_ARGS)
{
	LedgerDraft *draft = state_of_call(fcinfo);
	TextSpan	untagged = {NULL, 0};
	LedgerLine	line;

	if (read_basic_arguments(fcinfo, draft, &line))
	{
		if (PG_NARGS() > 5)
			line.line_id = text_argument(fcinfo, 5);
		ledger_draft_add(draft, untagged, text_argument(fcinfo, 1), &line);
	}
	PG_RETURN_POINTER(draft);
}

PG_FUNCTION_INFO_V1(ledger_transition_full);

/* As above, then original_line_id, visit_id, claimed; each may be NULL. */
Datum
ledger_transition_full(PG_FUNCTION_ARGS)
{
	LedgerDraft *draft = state_of_call(fcinfo);
	LedgerLine	line;

	if (read_basic_arguments(fcinfo, draft, &line))
	{
		line.line_id = text_argument(fcinfo, 5);
		line.original_line_id = text_argument(fcinfo, 6);
		if (!PG_ARGISNULL(8))
		{
			line.claimed = fixed_from_numeric(PG_GETARG_DATUM(8), "claimed");
			line.claimed_given = true;
		}
		ledger_draft_add(draft, text_argument(fcinfo, 7), text_argument(fcinfo, 1), &line);
	}
	PG_RETURN_POINTER(draft);
}

PG_FUNCTION_INFO_V1(ledger_rollup_transition);

/* (state, ledger): appends the lines of a book; NULL is passed over. */
Datum
ledger_rollup_transition(PG_FUNCTION_ARGS)
{
	LedgerDraft *draft;

	if (PG_ARGISNULL(1))
	{
		if (PG_ARGISNULL(0))
			PG_RETURN_NULL();
		PG_RETURN_DATUM(PG_GETARG_DATUM(0));
	}
	draft = state_of_call(fcinfo);
	ledger_draft_append(draft, PG_DETOAST_DATUM_PACKED(PG_GETARG_DATUM(1)));
	PG_RETURN_POINTER(draft);
}

/* Appends the rows of OTHER, whose first row spells out visit and item. */
static void
append_rows(LedgerDraft *draft, const LedgerDraft *other)
{
	Size		length = other->rows.used - VARHDRSZ;
	Size		shift;

	if (draft->row_count == 0)
		packed_writer_init(&draft->rows, draft->context, Max(length, FIRST_ALLOCATION));
	shift = draft->rows.used - VARHDRSZ;
	packed_bytes(&draft->rows, other->rows.data + VARHDRSZ, length);
	draft->row_count += other->row_count;
	draft->item_at = other->item_at + shift;
	draft->item_length = other->item_length;
	draft->visit_at = other->visit_at + shift;
	draft->visit_length = other->visit_length;
}

static void
append_books(LedgerDraft *draft, const LedgerDraft *other)
{
	Size		length = other->books.used - VARHDRSZ;

	if (draft->book_count == 0)
		packed_writer_init(&draft->books, draft->context, length);
	packed_bytes(&draft->books, other->books.data + VARHDRSZ, length);
	draft->book_count += other->book_count;
}

PG_FUNCTION_INFO_V1(ledger_combine);

/* Joins two states; either may be missing. */
Datum
ledger_combine(PG_FUNCTION_ARGS)
{
	LedgerDraft *draft;
	const LedgerDraft *other;

	if (PG_ARGISNULL(1))
	{
		if (PG_ARGISNULL(0))
			PG_RETURN_NULL();
		PG_RETURN_DATUM(PG_GETARG_DATUM(0));
	}
	draft = state_of_call(fcinfo);
	other = (const LedgerDraft *) PG_GETARG_POINTER(1);
	add_lines(draft, other->line_count);
	draft->skipped += other->skipped;
	if (other->row_count > 0)
		append_rows(draft, other);
	if (other->book_count > 0)
		append_books(draft, other);
	PG_RETURN_POINTER(draft);
}

/* The state between processes of one version: a finished book or its rows. */
#define STATE_BOOK		1
#define STATE_ROWS		2

/* Bytes of a state of rows before them. */
#define ROWS_HEADER_BYTES	(1 + 2 * 4 + 4 * 8)

static void
send_rows(StringInfo message, const LedgerDraft *draft)
{
	Size		length = draft->rows.used - VARHDRSZ;

	enlargeStringInfo(message, length + ROWS_HEADER_BYTES);
	pq_sendbyte(message, STATE_ROWS);
	pq_sendint32(message, draft->item_length);
	pq_sendint32(message, draft->visit_length);
	pq_sendint64(message, draft->row_count);
	pq_sendint64(message, draft->skipped);
	pq_sendint64(message, draft->item_at);
	pq_sendint64(message, draft->visit_at);
	pq_sendbytes(message, (char *) draft->rows.data + VARHDRSZ, length);
}

static void
receive_rows(StringInfo message, LedgerDraft *draft)
{
	int			length;

	draft->item_length = pq_getmsgint(message, 4);
	draft->visit_length = pq_getmsgint(message, 4);
	draft->row_count = draft->line_count = pq_getmsgint64(message);
	draft->skipped = pq_getmsgint64(message);
	draft->item_at = pq_getmsgint64(message);
	draft->visit_at = pq_getmsgint64(message);
	length = message->len - message->cursor;
	packed_writer_init(&draft->rows, draft->context, length);
	packed_bytes(&draft->rows, pq_getmsgbytes(message, length), length);
}

PG_FUNCTION_INFO_V1(ledger_serialize);

Datum
ledger_serialize(PG_FUNCTION_ARGS)
{
	const LedgerDraft *draft = (const LedgerDraft *) PG_GETARG_POINTER(0);
	StringInfoData message;

	if (!AggCheckCallContext(fcinfo, NULL))
		elog(ERROR, "ledger aggregate function called in non-aggregate context");
	pq_begintypsend(&message);
	if (draft->book_count == 0 && draft->row_count > 0 &&
		draft->row_count < LEAST_ROWS_TO_FINISH)
		send_rows(&message, draft);
	else
	{
		struct varlena *book = ledger_draft_finish(draft);

		enlargeStringInfo(&message, VARSIZE_ANY(book));
		pq_sendbyte(&message, STATE_BOOK);
		pq_sendbytes(&message, VARDATA_ANY(book), VARSIZE_ANY_EXHDR(book));
	}
	PG_RETURN_BYTEA_P(pq_endtypsend(&message));
}

PG_FUNCTION_INFO_V1(ledger_deserialize);

Datum
ledger_deserialize(PG_FUNCTION_ARGS)
{
	bytea	   *bytes = PG_GETARG_BYTEA_PP(0);
	LedgerDraft *draft = ledger_draft_create(CurrentMemoryContext);
	StringInfoData message;

	if (!AggCheckCallContext(fcinfo, NULL))
		elog(ERROR, "ledger aggregate function called in non-aggregate context");
	message.data = VARDATA_ANY(bytes);
	message.len = message.maxlen = VARSIZE_ANY_EXHDR(bytes);
	message.cursor = 0;
	switch (pq_getmsgbyte(&message))
	{
		case STATE_ROWS:
			receive_rows(&message, draft);
			break;
		case STATE_BOOK:
			append_book(draft, message.data + 1, message.len - 1);
			break;
		default:
			elog(ERROR, "unexpected version of a ledger aggregate state");
	}
	PG_RETURN_POINTER(draft);
}

PG_FUNCTION_INFO_V1(ledger_final);

/* NULL where no row came at all. */
Datum
ledger_final(PG_FUNCTION_ARGS)
{
	if (!AggCheckCallContext(fcinfo, NULL))
		elog(ERROR, "ledger aggregate function called in non-aggregate context");
	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	PG_RETURN_POINTER(ledger_draft_finish((LedgerDraft *) PG_GETARG_POINTER(0)));
}
