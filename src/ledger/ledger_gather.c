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
#include "base/rows.h"
#include "ledger/ledger_internal.h"

/* A worker finishes states of so many rows. */
#define LEAST_ROWS_TO_FINISH	32

/* A visit of five lines fits; a power of two with the varlena header. */
#define FIRST_ALLOCATION	(256 - VARHDRSZ)

/* Bytes of a row besides its texts: flags, 5 lengths, 4 numbers. */
#define ROW_MOST_BYTES		(1 + 5 * 5 + 4 * 10)

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

void
ledger_draft_init(LedgerDraft *draft, MemoryContext context, bool with_categories)
{
	memset(draft, 0, sizeof(LedgerDraft));
	draft->context = context;
	draft->item_length = -1;
	draft->visit_length = -1;
	draft->with_categories = with_categories;
}

LedgerDraft *
ledger_draft_create(MemoryContext context)
{
	LedgerDraft *draft = MemoryContextAlloc(context, sizeof(LedgerDraft));

	ledger_draft_init(draft, context, false);
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
		(length == 0 || memcmp(rows->data + at, span.data, length) == 0);
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

/* Does the row before have this item, and this category where these are kept? */
static inline bool
same_item(const LedgerDraft *draft, TextSpan item, TextSpan category)
{
	return same_text(&draft->rows, draft->item_at, draft->item_length, item) &&
		(!draft->with_categories ||
		 same_text(&draft->rows, draft->category_at, draft->category_length, category));
}

static inline void
append_item(LedgerDraft *draft, TextSpan item, TextSpan category)
{
	draft->item_at = append_text(&draft->rows, item);
	draft->item_length = item.length;
	if (!draft->with_categories)
		return;
	ledger_category_write(&draft->rows, category);
	draft->category_at = draft->rows.used - category.length;
	draft->category_length = category.length;
}

/* Appends a line: VISIT, ITEM and of LINE what is stored, not what is left. */
static inline void
add_row(LedgerDraft *draft, TextSpan visit, TextSpan item, TextSpan category,
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
	packed_reserve(rows, ROW_MOST_BYTES + (Size) visit.length + item.length + category.length +
				   line->line_id.length + line->original_line_id.length);
	flags_at = rows->used++;
	if (draft->row_count++ == 0 || !same_visit(draft, visit))
	{
		flags |= ROW_VISIT;
		append_visit(draft, visit);
	}
	if (!same_item(draft, item, category))
	{
		flags |= ROW_ITEM;
		append_item(draft, item, category);
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

void
ledger_draft_add(LedgerDraft *draft, TextSpan visit, TextSpan item, const LedgerLine *line)
{
	TextSpan	none = {NULL, 0};

	Assert(!draft->with_categories);
	add_row(draft, visit, item, none, line);
}

void
ledger_draft_add_with_category(LedgerDraft *draft, TextSpan visit, TextSpan item,
							   TextSpan category, const LedgerLine *line)
{
	Assert(draft->with_categories);
	add_row(draft, visit, item, category, line);
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

/* The categories of the items of the book appended last: their length, these. */
static void
append_categories(LedgerDraft *draft, const LedgerCategories *categories)
{
	PackedWriter bytes;

	packed_writer_init(&bytes, CurrentMemoryContext, 64);
	for (int32 i = 0; i < categories->count; i++)
		ledger_category_write(&bytes, categories->of_item[i]);
	packed_unsigned(&draft->books, bytes.used - VARHDRSZ);
	packed_bytes(&draft->books, bytes.data + VARHDRSZ, bytes.used - VARHDRSZ);
	pfree(bytes.data);
}

/* Keeps the bytes of a finished ledger; they are read at the end. */
void
ledger_draft_append(LedgerDraft *draft, struct varlena *book)
{
	Assert(!draft->with_categories);
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
	context = aggregate_context(fcinfo);
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

static inline Timestamp
check_time(Timestamp at, const char *name)
{
	if (TIMESTAMP_NOT_FINITE(at))
		ereport(ERROR,
				(errcode(ERRCODE_DATETIME_VALUE_OUT_OF_RANGE),
				 errmsg("%s must be finite", name)));
	return at;
}

Timestamp
ledger_check_time(Timestamp charged_at)
{
	return check_time(charged_at, "charged_at");
}

/*
 * Reads item_code, quantity, amount and charged_at (arguments 1 to 4), as the
 * aggregate calls them; a row that lacks one is counted as skipped.
 */
static inline bool
read_basic_arguments(FunctionCallInfo fcinfo, LedgerDraft *draft, LedgerLine *line,
					 const char *quantity, const char *charged_at)
{
	if (PG_ARGISNULL(1) || PG_ARGISNULL(2) || PG_ARGISNULL(3) || PG_ARGISNULL(4))
	{
		draft->skipped++;
		return false;
	}
	line->quantity = fixed_from_numeric(PG_GETARG_DATUM(2), quantity);
	line->amount = fixed_from_numeric(PG_GETARG_DATUM(3), "amount");
	line->charged_at = check_time(PG_GETARG_TIMESTAMP(4), charged_at);
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

	if (read_basic_arguments(fcinfo, draft, &line, "quantity", "charged_at"))
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

	if (read_basic_arguments(fcinfo, draft, &line, "quantity", "charged_at"))
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

PG_FUNCTION_INFO_V1(fills_transition);

/*
 * (state, drug_code, days_supply, amount, dispensed_at, facility_id, fill_id,
 * original_fill_id): a dispensed drug is a line whose quantity counts days and
 * whose visit is the place.  The last three may be NULL.
 */
Datum
fills_transition(PG_FUNCTION_ARGS)
{
	LedgerDraft *draft = state_of_call(fcinfo);
	LedgerLine	line;

	if (read_basic_arguments(fcinfo, draft, &line, "days_supply", "dispensed_at"))
	{
		line.line_id = text_argument(fcinfo, 6);
		line.original_line_id = text_argument(fcinfo, 7);
		ledger_draft_add(draft, text_argument(fcinfo, 5), text_argument(fcinfo, 1), &line);
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
	draft->category_at = other->category_at + shift;
	draft->category_length = other->category_length;
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

/* What OTHER has, which stays as it is. */
void
ledger_draft_join(LedgerDraft *draft, const LedgerDraft *other)
{
	Assert(draft->with_categories == other->with_categories);
	add_lines(draft, other->line_count);
	draft->skipped += other->skipped;
	if (other->row_count > 0)
		append_rows(draft, other);
	if (other->book_count > 0)
		append_books(draft, other);
}

PG_FUNCTION_INFO_V1(ledger_combine);

/* Joins two states; either may be missing. */
Datum
ledger_combine(PG_FUNCTION_ARGS)
{
	LedgerDraft *draft;

	if (PG_ARGISNULL(1))
	{
		if (PG_ARGISNULL(0))
			PG_RETURN_NULL();
		PG_RETURN_DATUM(PG_GETARG_DATUM(0));
	}
	draft = state_of_call(fcinfo);
	ledger_draft_join(draft, (const LedgerDraft *) PG_GETARG_POINTER(1));
	PG_RETURN_POINTER(draft);
}

/* The state between processes of one version: nothing, a finished book or its rows. */
#define STATE_EMPTY		0
#define STATE_BOOK		1
#define STATE_ROWS		2

/* Bytes of a state of rows before them. */
#define ROWS_HEADER_BYTES	(1 + 3 * 4 + 5 * 8)

static void
send_rows(StringInfo message, const LedgerDraft *draft)
{
	Size		length = draft->rows.used - VARHDRSZ;

	enlargeStringInfo(message, length + ROWS_HEADER_BYTES);
	pq_sendbyte(message, STATE_ROWS);
	pq_sendint32(message, draft->item_length);
	pq_sendint32(message, draft->visit_length);
	pq_sendint32(message, draft->category_length);
	pq_sendint64(message, draft->row_count);
	pq_sendint64(message, draft->skipped);
	pq_sendint64(message, draft->item_at);
	pq_sendint64(message, draft->visit_at);
	pq_sendint64(message, draft->category_at);
	pq_sendbytes(message, (char *) draft->rows.data + VARHDRSZ, length);
}

static void
receive_rows(StringInfo message, LedgerDraft *draft)
{
	int			length;

	draft->item_length = pq_getmsgint(message, 4);
	draft->visit_length = pq_getmsgint(message, 4);
	draft->category_length = pq_getmsgint(message, 4);
	draft->row_count = draft->line_count = pq_getmsgint64(message);
	draft->skipped = pq_getmsgint64(message);
	draft->item_at = pq_getmsgint64(message);
	draft->visit_at = pq_getmsgint64(message);
	draft->category_at = pq_getmsgint64(message);
	length = message->len - message->cursor;
	packed_writer_init(&draft->rows, draft->context, length);
	packed_bytes(&draft->rows, pq_getmsgbytes(message, length), length);
}

/* The lines in order, as the only book of a draft has them. */
static void
send_book(StringInfo message, const LedgerDraft *draft)
{
	LedgerDraft finished;
	LedgerCategories categories;
	struct varlena *book = ledger_draft_finish_with_categories(draft, &categories);

	ledger_draft_init(&finished, CurrentMemoryContext, draft->with_categories);
	append_book(&finished, VARDATA_ANY(book), VARSIZE_ANY_EXHDR(book));
	if (draft->with_categories)
		append_categories(&finished, &categories);
	enlargeStringInfo(message, 1 + finished.books.used);
	pq_sendbyte(message, STATE_BOOK);
	pq_sendbytes(message, (char *) finished.books.data + VARHDRSZ, finished.books.used - VARHDRSZ);
}

static void
receive_book(StringInfo message, LedgerDraft *draft)
{
	int			length = message->len - message->cursor;
	const char *bytes = pq_getmsgbytes(message, length);
	PackedReader reader;
	TextSpan	book;
	int32		lines;
	int64		skipped;

	packed_reader_init(&reader, bytes, length, "ledger", ERRCODE_INTERNAL_ERROR);
	book = packed_read_text(&reader);
	ledger_read_counts(book.data, book.length, &lines, &skipped);
	add_lines(draft, lines);
	packed_writer_init(&draft->books, draft->context, length);
	packed_bytes(&draft->books, bytes, length);
	draft->book_count = 1;
}

/* A draft as the rest of a message. */
void
ledger_draft_send(StringInfo message, const LedgerDraft *draft)
{
	if (ledger_draft_is_empty(draft))
		pq_sendbyte(message, STATE_EMPTY);
	else if (draft->book_count == 0 && draft->row_count > 0 &&
			 draft->row_count < LEAST_ROWS_TO_FINISH)
		send_rows(message, draft);
	else
		send_book(message, draft);
}

/* Reads it into a new draft. */
void
ledger_draft_receive(StringInfo message, LedgerDraft *draft)
{
	switch (pq_getmsgbyte(message))
	{
		case STATE_EMPTY:
			break;
		case STATE_ROWS:
			receive_rows(message, draft);
			break;
		case STATE_BOOK:
			receive_book(message, draft);
			break;
		default:
			elog(ERROR, "unexpected version of a ledger aggregate state");
	}
}

PG_FUNCTION_INFO_V1(ledger_serialize);

Datum
ledger_serialize(PG_FUNCTION_ARGS)
{
	StringInfoData message;

	aggregate_context(fcinfo);
	pq_begintypsend(&message);
	ledger_draft_send(&message, (const LedgerDraft *) PG_GETARG_POINTER(0));
	PG_RETURN_BYTEA_P(pq_endtypsend(&message));
}

PG_FUNCTION_INFO_V1(ledger_deserialize);

Datum
ledger_deserialize(PG_FUNCTION_ARGS)
{
	bytea	   *bytes = PG_GETARG_BYTEA_PP(0);
	LedgerDraft *draft = ledger_draft_create(CurrentMemoryContext);
	StringInfoData message;

	aggregate_context(fcinfo);
	message.data = VARDATA_ANY(bytes);
	message.len = message.maxlen = VARSIZE_ANY_EXHDR(bytes);
	message.cursor = 0;
	ledger_draft_receive(&message, draft);
	PG_RETURN_POINTER(draft);
}

PG_FUNCTION_INFO_V1(ledger_final);

/* NULL where no row came at all. */
Datum
ledger_final(PG_FUNCTION_ARGS)
{
	aggregate_context(fcinfo);
	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	PG_RETURN_POINTER(ledger_draft_finish((LedgerDraft *) PG_GETARG_POINTER(0)));
}
