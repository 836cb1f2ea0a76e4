/*
 * gather_lines.c
 *		All that is kept of the lines of a visit, gathered in one pass.
 *
 * The book of the lines, the categories of its items, what contradicts itself in
 * how many of them, how many there are and whether one has come twice: five
 * questions of the same lines, which one aggregate answers, so that a line is read
 * and its numbers are decoded once.  The row that comes out is a gathered_lines.
 *
 * The state is a draft of the ledger, whose rows keep the category beside the item,
 * and counters; line numbers are hashes in a list (seen.h), and counts of problems
 * are made with the first problem.  A line costs one append; a visit of few lines
 * takes 600 bytes.  What remains is done when the group is finished, and in
 * parallel by the worker that has met it (ledger_gather.c).
 *
 * Lines of no known visit go into no book; they are counted all the same.
 */
#include "postgres.h"
#include "base/compat.h"

#include "access/htup_details.h"
#include "funcapi.h"
#include "libpq/pqformat.h"
#include "utils/builtins.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

#include "base/rows.h"
#include "base/seen.h"
#include "ledger/ledger_internal.h"
#include "ledger/line_problems.h"

typedef struct GatheredLines
{
	LedgerDraft draft;
	Seen		line_ids;
	LineCounts *problems;		/* NULL before the first */
	int64		lines;
	int64		in_period;		/* within the period, or at no known time */
	int64		incomplete;		/* those of them that no rule can see */
} GatheredLines;

#define STATE_VERSION	1

enum
{
	ARG_STATE,
	ARG_VISIT_ID,
	ARG_ITEM_CODE,
	ARG_QUANTITY,
	ARG_AMOUNT,
	ARG_CHARGED_AT,
	ARG_CLAIMED,
	ARG_LINE_ID,
	ARG_ORIGINAL_LINE_ID,
	ARG_CATEGORY,
	ARG_UNIT_PRICE,
	ARG_BAD,
	ARG_FROM_TIME,
	ARG_TO_TIME
};

/* Columns of gathered_lines. */
enum
{
	OUT_BOOK,
	OUT_CATEGORIES,
	OUT_LINES,
	OUT_PROBLEMS,
	OUT_IN_PERIOD,
	OUT_INCOMPLETE,
	OUT_TWICE,
	OUT_COLUMNS
};

static GatheredLines *
gathered_create(MemoryContext context)
{
	GatheredLines *gathered = MemoryContextAllocZero(context, sizeof(GatheredLines));

	ledger_draft_init(&gathered->draft, context, true);
	seen_init(&gathered->line_ids, context);
	return gathered;
}

/* The state of an aggregate call, made where there is none yet. */
static GatheredLines *
state_of_call(FunctionCallInfo fcinfo)
{
	MemoryContext context;

	if (likely(!PG_ARGISNULL(ARG_STATE)))
		return (GatheredLines *) PG_GETARG_POINTER(ARG_STATE);
	context = aggregate_context(fcinfo);
	return gathered_create(context);
}

/* NULL has no data. */
static inline TextSpan
text_argument(FunctionCallInfo fcinfo, int argument)
{
	TextSpan	none = {NULL, 0};

	return PG_ARGISNULL(argument) ? none : text_span(PG_GETARG_TEXT_PP(argument));
}

static inline LineCounts *
problems_of(GatheredLines *gathered)
{
	if (gathered->problems == NULL)
		gathered->problems = MemoryContextAllocZero(gathered->draft.context, sizeof(LineCounts));
	return gathered->problems;
}

/* A line at no known time is within every period, a period without bounds nowhere. */
static inline bool
is_in_period(FunctionCallInfo fcinfo)
{
	if (PG_ARGISNULL(ARG_CHARGED_AT))
		return true;
	return !PG_ARGISNULL(ARG_FROM_TIME) && !PG_ARGISNULL(ARG_TO_TIME) &&
		PG_GETARG_TIMESTAMP(ARG_CHARGED_AT) >= PG_GETARG_TIMESTAMP(ARG_FROM_TIME) &&
		PG_GETARG_TIMESTAMP(ARG_CHARGED_AT) < PG_GETARG_TIMESTAMP(ARG_TO_TIME);
}

/* A line that lacks nothing goes into the book. */
static inline void
add_to_book(LedgerDraft *draft, FunctionCallInfo fcinfo, const LineNumbers *numbers)
{
	LedgerLine	line;

	line.charged_at = ledger_check_time(PG_GETARG_TIMESTAMP(ARG_CHARGED_AT));
	line.quantity = numbers->quantity;
	line.amount = numbers->amount;
	line.claimed_given = numbers->claimed != FIXED_NULL;
	line.claimed = line.claimed_given ? numbers->claimed : line.amount;
	line.line_id = text_argument(fcinfo, ARG_LINE_ID);
	line.original_line_id = text_argument(fcinfo, ARG_ORIGINAL_LINE_ID);
	ledger_draft_add_with_category(draft, text_argument(fcinfo, ARG_VISIT_ID),
								   text_argument(fcinfo, ARG_ITEM_CODE),
								   text_argument(fcinfo, ARG_CATEGORY), &line);
}

PG_FUNCTION_INFO_V1(gather_lines_transition);

/*
 * (state, visit_id, item_code, quantity, amount, charged_at, claimed, line_id,
 * original_line_id, category, unit_price, bad, from_time, to_time): each may be
 * NULL; a line is bad, too, that lacks its visit or what a book asks for.
 */
Datum
gather_lines_transition(PG_FUNCTION_ARGS)
{
	GatheredLines *gathered = state_of_call(fcinfo);
	LineNumbers numbers;
	uint32		problems;
	bool		incomplete = PG_ARGISNULL(ARG_ITEM_CODE) || PG_ARGISNULL(ARG_QUANTITY) ||
	PG_ARGISNULL(ARG_AMOUNT) || PG_ARGISNULL(ARG_CHARGED_AT);

	line_numbers_read(&numbers, fcinfo, ARG_QUANTITY, ARG_UNIT_PRICE, ARG_AMOUNT, ARG_CLAIMED);
	problems = line_problems_of(&numbers, incomplete,
								incomplete || PG_ARGISNULL(ARG_VISIT_ID) ||
								(!PG_ARGISNULL(ARG_BAD) && PG_GETARG_BOOL(ARG_BAD)));
	if (unlikely(problems != 0))
		line_counts_add(problems_of(gathered), problems);
	gathered->lines++;
	if (is_in_period(fcinfo))
	{
		gathered->in_period++;
		gathered->incomplete += incomplete;
	}
	seen_text(&gathered->line_ids, text_argument(fcinfo, ARG_LINE_ID));
	if (PG_ARGISNULL(ARG_VISIT_ID))
		PG_RETURN_POINTER(gathered);
	if (incomplete)
		ledger_draft_skip(&gathered->draft, 1);
	else
		add_to_book(&gathered->draft, fcinfo, &numbers);
	PG_RETURN_POINTER(gathered);
}

PG_FUNCTION_INFO_V1(gather_lines_combine);

/* Joins two states; either may be missing. */
Datum
gather_lines_combine(PG_FUNCTION_ARGS)
{
	GatheredLines *gathered;
	const GatheredLines *other;

	if (PG_ARGISNULL(1))
	{
		if (PG_ARGISNULL(0))
			PG_RETURN_NULL();
		PG_RETURN_DATUM(PG_GETARG_DATUM(0));
	}
	gathered = state_of_call(fcinfo);
	other = (const GatheredLines *) PG_GETARG_POINTER(1);
	ledger_draft_join(&gathered->draft, &other->draft);
	seen_join(&gathered->line_ids, &other->line_ids);
	if (other->problems != NULL)
		line_counts_join(problems_of(gathered), other->problems);
	gathered->lines += other->lines;
	gathered->in_period += other->in_period;
	gathered->incomplete += other->incomplete;
	PG_RETURN_POINTER(gathered);
}

PG_FUNCTION_INFO_V1(gather_lines_serialize);

Datum
gather_lines_serialize(PG_FUNCTION_ARGS)
{
	const GatheredLines *gathered = (const GatheredLines *) PG_GETARG_POINTER(0);
	StringInfoData message;

	aggregate_context(fcinfo);
	pq_begintypsend(&message);
	pq_sendbyte(&message, STATE_VERSION);
	pq_sendint64(&message, gathered->lines);
	pq_sendint64(&message, gathered->in_period);
	pq_sendint64(&message, gathered->incomplete);
	pq_sendbyte(&message, gathered->problems != NULL);
	if (gathered->problems != NULL)
		line_counts_send(&message, gathered->problems);
	seen_send(&message, &gathered->line_ids);
	ledger_draft_send(&message, &gathered->draft);
	PG_RETURN_BYTEA_P(pq_endtypsend(&message));
}

PG_FUNCTION_INFO_V1(gather_lines_deserialize);

Datum
gather_lines_deserialize(PG_FUNCTION_ARGS)
{
	bytea	   *bytes = PG_GETARG_BYTEA_PP(0);
	GatheredLines *gathered = gathered_create(CurrentMemoryContext);
	StringInfoData message;

	aggregate_context(fcinfo);
	message.data = VARDATA_ANY(bytes);
	message.len = message.maxlen = VARSIZE_ANY_EXHDR(bytes);
	message.cursor = 0;
	if (pq_getmsgbyte(&message) != STATE_VERSION)
		elog(ERROR, "unexpected version of an aggregate state");
	gathered->lines = pq_getmsgint64(&message);
	gathered->in_period = pq_getmsgint64(&message);
	gathered->incomplete = pq_getmsgint64(&message);
	if (pq_getmsgbyte(&message) != 0)
		line_counts_receive(&message, problems_of(gathered));
	seen_receive(&message, &gathered->line_ids);
	ledger_draft_receive(&message, &gathered->draft);
	PG_RETURN_POINTER(gathered);
}

/*
 * The categories as text[], '' where lines disagree; false where none is known.
 * Counts the items about which they do.
 */
static bool
categories_datum(LedgerCategories *categories, Datum *result, int32 *several)
{
	bool		any = false;

	for (int32 i = 0; i < categories->count; i++)
	{
		TextSpan   *category = &categories->of_item[i];

		any |= category->length != 0;
		*several += category->length == CATEGORY_SEVERAL;
		category->length = Max(category->length, 0);
	}
	if (any)
		*result = detector_text_array(categories->of_item, categories->count);
	return any;
}

PG_FUNCTION_INFO_V1(gather_lines_final);

/* NULL where no line came at all. */
Datum
gather_lines_final(PG_FUNCTION_ARGS)
{
	const GatheredLines *gathered;
	LineCounts	problems = {{0}};
	Datum		values[OUT_COLUMNS] = {0};
	bool		nulls[OUT_COLUMNS] = {false};

	aggregate_context(fcinfo);
	if (PG_ARGISNULL(ARG_STATE))
		PG_RETURN_NULL();
	gathered = (const GatheredLines *) PG_GETARG_POINTER(ARG_STATE);
	nulls[OUT_BOOK] = nulls[OUT_CATEGORIES] = ledger_draft_is_empty(&gathered->draft);
	if (!nulls[OUT_BOOK])
	{
		LedgerCategories categories;

		values[OUT_BOOK] = PointerGetDatum(ledger_draft_finish_with_categories(&gathered->draft,
																			   &categories));
		nulls[OUT_CATEGORIES] = !categories_datum(&categories, &values[OUT_CATEGORIES],
												  &problems.lines[LINE_CATEGORY]);
	}
	values[OUT_LINES] = Int64GetDatum(gathered->lines);
	if (gathered->problems != NULL)
		line_counts_join(&problems, gathered->problems);
	nulls[OUT_PROBLEMS] = gathered->problems == NULL && problems.lines[LINE_CATEGORY] == 0;
	if (!nulls[OUT_PROBLEMS])
		values[OUT_PROBLEMS] = line_counts_array(&problems);
	values[OUT_IN_PERIOD] = Int64GetDatum(gathered->in_period);
	values[OUT_INCOMPLETE] = Int64GetDatum(gathered->incomplete);
	values[OUT_TWICE] = BoolGetDatum(gathered->line_ids.twice);
	PG_RETURN_DATUM(HeapTupleGetDatum(heap_form_tuple(detector_row_type(fcinfo), values, nulls)));
}
