/*
 * ledger.c
 *		The ledger type: text, jsonb and binary forms, accessors, times of day.
 *
 * Gathering is in ledger_gather.c, the stored form in ledger_format.c, netting
 * in ledger_net.c.  Text is JSON: {"v": 1, "items": {code: [[charged_at,
 * quantity, amount, line_id, original_line_id, visit_id, claimed], …]},
 * "skipped": n}; a line leaves out what is null at its end.
 */
#include "postgres.h"
#include "base/compat.h"

#include "catalog/pg_type.h"
#include "libpq/pqformat.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/datetime.h"
#include "utils/json.h"
#include "utils/jsonb.h"
#include "utils/timestamp.h"

#include "base/book_text.h"
#include "base/fixed.h"
#include "base/rows.h"
#include "ledger/ledger.h"

/* ---- text out ---- */

static void
append_fixed(StringInfo out, int64 value)
{
	uint64		magnitude = value < 0 ? -(uint64) value : (uint64) value;
	uint64		rest = magnitude % FIXED_ONE;
	int			decimals = 4;

	appendStringInfo(out, "%s" UINT64_FORMAT, value < 0 ? "-" : "", magnitude / FIXED_ONE);
	if (rest == 0)
		return;
	for (; rest % 10 == 0; decimals--)
		rest /= 10;
	appendStringInfo(out, ".%0*d", decimals, (int) rest);
}

/* A text as a JSON string, or null. */
static void
append_json_text(StringInfo out, TextSpan span)
{
	if (span.data == NULL)
		appendStringInfoString(out, "null");
	else
		escape_json(out, pnstrdup(span.data, span.length));
}

static void
append_line(StringInfo out, const Ledger *ledger, const LedgerLine *line)
{
	TextSpan	visit = ledger->visits[line->visit];
	int			last = line->claimed_given ? 4 : visit.data != NULL ? 3 :
	line->original_line_id.data != NULL ? 2 : line->line_id.data != NULL ? 1 : 0;
	char		time[MAXDATELEN + 1];

	JsonEncodeDateTime(time, TimestampGetDatum(line->charged_at), TIMESTAMPOID, NULL);
	appendStringInfo(out, "[\"%s\",", time);
	append_fixed(out, line->quantity);
	appendStringInfoChar(out, ',');
	append_fixed(out, line->amount);
	if (last >= 1)
	{
		appendStringInfoChar(out, ',');
		append_json_text(out, line->line_id);
	}
	if (last >= 2)
	{
		appendStringInfoChar(out, ',');
		append_json_text(out, line->original_line_id);
	}
	if (last >= 3)
	{
		appendStringInfoChar(out, ',');
		append_json_text(out, visit);
	}
	if (last >= 4)
	{
		appendStringInfoChar(out, ',');
		append_fixed(out, line->claimed);
	}
	appendStringInfoChar(out, ']');
}

static int
compare_runs_by_item(const void *a, const void *b)
{
	const LedgerRun *left = a;
	const LedgerRun *right = b;

	if (left->item != right->item)
		return left->item < right->item ? -1 : 1;
	return (left->visit > right->visit) - (left->visit < right->visit);
}

static char *
ledger_to_cstring(struct varlena *book)
{
	Ledger	   *ledger = ledger_decode(VARDATA_ANY(book), VARSIZE_ANY_EXHDR(book),
									   ERRCODE_DATA_CORRUPTED);
	StringInfoData out;

	initStringInfo(&out);
	appendStringInfoString(&out, "{\"v\":1,\"items\":{");
	if (ledger->run_count > 0)
		qsort(ledger->runs, ledger->run_count, sizeof(LedgerRun), compare_runs_by_item);
	for (int32 r = 0; r < ledger->run_count; r++)
	{
		const LedgerRun *run = &ledger->runs[r];
		bool		begins = r == 0 || run[-1].item != run->item;

		CHECK_FOR_INTERRUPTS();
		if (begins)
		{
			appendStringInfoString(&out, r == 0 ? "" : "],");
			append_json_text(&out, ledger->items[run->item]);
			appendStringInfoString(&out, ":[");
		}
		for (int32 i = 0; i < run->count; i++)
		{
			if (!begins || i > 0)
				appendStringInfoChar(&out, ',');
			append_line(&out, ledger, &ledger->lines[run->first + i]);
		}
	}
	appendStringInfoString(&out, ledger->run_count > 0 ? "]}" : "}");
	if (ledger->skipped > 0)
		appendStringInfo(&out, ",\"skipped\":" INT64_FORMAT, ledger->skipped);
	appendStringInfoChar(&out, '}');
	return out.data;
}

PG_FUNCTION_INFO_V1(ledger_out);

Datum
ledger_out(PG_FUNCTION_ARGS)
{
	PG_RETURN_CSTRING(ledger_to_cstring(PG_DETOAST_DATUM_PACKED(PG_GETARG_DATUM(0))));
}

PG_FUNCTION_INFO_V1(ledger_to_jsonb);

/* The text form as jsonb. */
Datum
ledger_to_jsonb(PG_FUNCTION_ARGS)
{
	char	   *json = ledger_to_cstring(PG_DETOAST_DATUM_PACKED(PG_GETARG_DATUM(0)));

	PG_RETURN_DATUM(DirectFunctionCall1(jsonb_in, CStringGetDatum(json)));
}

/* ---- text in ---- */

static void bad_text(const char *detail) pg_attribute_noreturn();

static void
bad_text(const char *detail)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
			 errmsg("invalid input for type ledger"),
			 errdetail("%s", detail)));
}

static void
bad_line(TextSpan item, const char *problem)
{
	bad_text(psprintf("A line of item \"%.*s\" %s.",
					  pg_mbcliplen(item.data, item.length, 64), item.data, problem));
}

/* A JSON string or null. */
static TextSpan
text_element(const JsonbValue *value, TextSpan item)
{
	TextSpan	span = {NULL, 0};

	if (value->type == jbvNull)
		return span;
	if (value->type != jbvString)
		bad_line(item, "has an identifier that is not a string");
	span.data = value->val.string.val;
	span.length = value->val.string.len;
	return span;
}

static int64
number_element(const JsonbValue *value, TextSpan item, const char *what)
{
	if (value->type != jbvNumeric)
		bad_line(item, psprintf("has no number as %s", what));
	return fixed_from_numeric(NumericGetDatum(value->val.numeric), what);
}

/*
 * A finite time as PostgreSQL writes and reads it; 'now' and its like, which
 * say something else every day, are none.
 */
static Timestamp
time_element(const JsonbValue *value, TextSpan item)
{
	char	   *fields[MAXDATEFIELDS];
	int			types[MAXDATEFIELDS];
	char		buffer[MAXDATELEN + MAXDATEFIELDS];
	int			count;
	int			kind;
	int			zone;
	struct pg_tm parts;
	fsec_t		fraction;
	Timestamp	result;

	if (value->type != jbvString || value->val.string.len == 0 ||
		!isdigit((unsigned char) value->val.string.val[0]) ||
		ParseDateTime(pnstrdup(value->val.string.val, value->val.string.len),
					  buffer, sizeof(buffer), fields, types, MAXDATEFIELDS, &count) != 0 ||
		decode_datetime(fields, types, count, &kind, &parts, &fraction, &zone) != 0 ||
		kind != DTK_DATE || tm2timestamp(&parts, fraction, NULL, &result) != 0)
		bad_line(item, "has no time in its first place");
	return result;
}

/* [charged_at, quantity, amount, line_id, original_line_id, visit_id, claimed] */
static void
parse_line(LedgerDraft *draft, TextSpan item, JsonbContainer *array)
{
	JsonbIterator *iterator = JsonbIteratorInit(array);
	JsonbValue	value;
	LedgerLine	line = {0};
	TextSpan	visit = {NULL, 0};
	int			position = 0;
	JsonbIteratorToken token;

	while ((token = JsonbIteratorNext(&iterator, &value, true)) != WJB_DONE)
	{
		if (token != WJB_ELEM)
			continue;
		switch (position++)
		{
			case 0:
				line.charged_at = time_element(&value, item);
				break;
			case 1:
				line.quantity = number_element(&value, item, "quantity");
				break;
			case 2:
				line.claimed = line.amount = number_element(&value, item, "amount");
				break;
			case 3:
				line.line_id = text_element(&value, item);
				break;
			case 4:
				line.original_line_id = text_element(&value, item);
				break;
			case 5:
				visit = text_element(&value, item);
				break;
			case 6:
				line.claimed_given = value.type != jbvNull;
				if (line.claimed_given)
					line.claimed = number_element(&value, item, "claimed");
				break;
			default:
				bad_line(item, "has more than seven elements");
		}
	}
	if (position < 3)
		bad_line(item, "has fewer than three elements");
	ledger_draft_add(draft, visit, item, &line);
}

static void
parse_items(LedgerDraft *draft, JsonbContainer *items)
{
	JsonbIterator *iterator = JsonbIteratorInit(items);
	TextSpan	item = {NULL, 0};
	JsonbValue	value;
	JsonbIteratorToken token;

	while ((token = JsonbIteratorNext(&iterator, &value, true)) != WJB_DONE)
	{
		JsonbIterator *lines;

		if (token == WJB_KEY)
		{
			item.data = value.val.string.val;
			item.length = value.val.string.len;
		}
		if (token != WJB_VALUE)
			continue;
		if (value.type != jbvBinary || !JsonContainerIsArray(value.val.binary.data))
			bad_text("The value of an item must be an array of lines.");
		lines = JsonbIteratorInit(value.val.binary.data);
		while ((token = JsonbIteratorNext(&lines, &value, true)) != WJB_DONE)
		{
			CHECK_FOR_INTERRUPTS();
			if (token != WJB_ELEM)
				continue;
			if (value.type != jbvBinary || !JsonContainerIsArray(value.val.binary.data))
				bad_line(item, "is not an array");
			parse_line(draft, item, value.val.binary.data);
		}
	}
}

static bool
key_is(const JsonbValue *key, const char *name)
{
	return key->val.string.len == (int) strlen(name) &&
		memcmp(key->val.string.val, name, key->val.string.len) == 0;
}

static int64
whole_number(const JsonbValue *value, const char *what)
{
	int64		number = -1;

	if (value->type == jbvNumeric)
		number = fixed_from_numeric(NumericGetDatum(value->val.numeric), what);
	if (number < 0 || number % FIXED_ONE != 0)
		bad_text(psprintf("\"%s\" must be a whole number.", what));
	return number / FIXED_ONE;
}

PG_FUNCTION_INFO_V1(ledger_in);

/* Whatever is not a ledger's text form is 22P02. */
Datum
ledger_in(PG_FUNCTION_ARGS)
{
	BookText	input = {"ledger", PG_GETARG_CSTRING(0),
		"The text of a ledger is JSON such as {\"v\": 1, \"items\": {}}; "
	"the aggregate ledger(item_code, quantity, amount, charged_at) gathers charge lines."};
	Jsonb	   *json = book_text_to_jsonb(&input);
	LedgerDraft *draft = ledger_draft_create(CurrentMemoryContext);
	JsonbIterator *iterator;
	JsonbValue	key = {0};
	JsonbValue	value;
	JsonbIteratorToken token;
	bool		versioned = false;

	if (!JB_ROOT_IS_OBJECT(json))
		bad_text("A ledger is a JSON object.");
	iterator = JsonbIteratorInit(&json->root);
	while ((token = JsonbIteratorNext(&iterator, &value, true)) != WJB_DONE)
	{
		if (token == WJB_KEY)
			key = value;
		if (token != WJB_VALUE)
			continue;
		if (key_is(&key, "v"))
			versioned = whole_number(&value, "v") == 1;
		else if (key_is(&key, "skipped"))
			ledger_draft_skip(draft, whole_number(&value, "skipped"));
		else if (!key_is(&key, "items"))
			bad_text("A ledger has the keys \"v\", \"items\" and \"skipped\".");
		else if (value.type != jbvBinary || !JsonContainerIsObject(value.val.binary.data))
			bad_text("\"items\" must be an object.");
		else
			parse_items(draft, value.val.binary.data);
	}
	if (!versioned)
		bad_text("\"v\" must be 1.");
	PG_RETURN_POINTER(ledger_draft_finish(draft));
}

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

PG_FUNCTION_INFO_V1(ledger_recv);

/*
 * Reads the stored bytes and checks everything: writing anew what was read must
 * give these bytes, so that what comes in is what the aggregates make.
 */
Datum
ledger_recv(PG_FUNCTION_ARGS)
{
	StringInfo	message = (StringInfo) PG_GETARG_POINTER(0);
	int			length = message->len - message->cursor;
	const char *bytes = pq_getmsgbytes(message, length);
	Ledger	   *ledger = ledger_decode(bytes, length, ERRCODE_INVALID_BINARY_REPRESENTATION);
	PackedReader reader;
	struct varlena *book;

	packed_reader_init(&reader, bytes, length, "ledger", ERRCODE_INVALID_BINARY_REPRESENTATION);
	check_texts(&reader, ledger);
	book = ledger_encode(ledger, CurrentMemoryContext);
	packed_check_same(&reader, book);
	PG_RETURN_POINTER(book);
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
		Datum		values[8];
		bool		nulls[8] = {false};

		detector_row_start(&rows);
		nulls[0] = visit.data == NULL;
		values[0] = nulls[0] ? (Datum) 0 : detector_text(visit);
		nulls[1] = line->line_id.data == NULL;
		values[1] = nulls[1] ? (Datum) 0 : detector_text(line->line_id);
		values[2] = detector_text(ledger_line_code(ledger, line));
		values[3] = NumericGetDatum(fixed_to_quantity(line->left_quantity));
		values[4] = NumericGetDatum(fixed_to_money(line->left_amount));
		values[5] = NumericGetDatum(fixed_to_money(line->left_claimed));
		values[6] = TimestampGetDatum(line->charged_at);
		values[7] = CStringGetTextDatum(ledger_status_name(line->status));
		detector_row(&rows, values, nulls);
	}
	return detector_end(&rows);
}

/* ---- times of day ---- */

#define LEAST_LINES_OF_A_POSTING	5

typedef struct LineTime
{
	int32		visit;
	LedgerLine *line;
} LineTime;

static inline int
compare_line_times(const LineTime *a, const LineTime *b)
{
	if (a->visit != b->visit)
		return a->visit < b->visit ? -1 : 1;
	return (a->line->charged_at > b->line->charged_at) -
		(a->line->charged_at < b->line->charged_at);
}

#define ST_SORT sort_line_times
#define ST_ELEMENT_TYPE LineTime
#define ST_COMPARE(a, b) compare_line_times(a, b)
#define ST_SCOPE static
#define ST_CHECK_FOR_INTERRUPTS
#define ST_DEFINE
#include "lib/sort_template.h"

/*
 * A line at midnight has no time of day, nor has any of at least 5 lines of a
 * visit and day that all carry the same clock time: the system posted them
 * together.
 */
void
ledger_mark_times(Ledger *ledger)
{
	LineTime   *times;

	if (ledger->times_marked || ledger->line_count == 0)
		return;
	ledger->times_marked = true;
	times = palloc_extended(sizeof(LineTime) * ledger->line_count, MCXT_ALLOC_HUGE);
	for (int32 i = 0; i < ledger->line_count; i++)
	{
		times[i].visit = ledger->lines[i].visit;
		times[i].line = &ledger->lines[i];
	}
	sort_line_times(times, ledger->line_count);
	for (int32 first = 0, end; first < ledger->line_count; first = end)
	{
		LedgerLine *line = times[first].line;
		bool		posted;

		for (end = first + 1; end < ledger->line_count; end++)
			if (times[end].visit != times[first].visit ||
				ledger_line_day(times[end].line) != ledger_line_day(line))
				break;
		posted = end - first >= LEAST_LINES_OF_A_POSTING &&
			times[end - 1].line->charged_at == line->charged_at;
		for (int32 i = first; i < end; i++)
			times[i].line->has_time = !posted &&
				!is_midnight(times[i].line->charged_at);
	}
	pfree(times);
}
