/*
 * ledger_text.c
 *		The ledger as text and jsonb.
 *
 * Text is JSON: {"v": 1, "items": {code: [[charged_at, quantity, amount, line_id,
 * original_line_id, visit_id, claimed], …]}, "skipped": n}; a line leaves out
 * what is null at its end.  What comes in is gathered as rows are: it is put in
 * order and encoded anew, so that no outside bytes are stored as they came.
 */
#include "postgres.h"
#include "base/compat.h"

#include "catalog/pg_type.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/datetime.h"
#include "utils/json.h"
#include "utils/jsonb.h"
#include "utils/timestamp.h"

#include "base/book_text.h"
#include "base/fixed.h"
#include "ledger/ledger_internal.h"

/* Places of a line's array; what is null at its end is left out. */
typedef enum TextPlace
{
	PLACE_CHARGED_AT,
	PLACE_QUANTITY,
	PLACE_AMOUNT,
	PLACE_LINE_ID,
	PLACE_ORIGINAL_LINE_ID,
	PLACE_VISIT_ID,
	PLACE_CLAIMED
} TextPlace;

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

/* The last place that says something. */
static TextPlace
last_place(const LedgerLine *line, TextSpan visit)
{
	if (line->claimed_given)
		return PLACE_CLAIMED;
	if (visit.data != NULL)
		return PLACE_VISIT_ID;
	if (line->original_line_id.data != NULL)
		return PLACE_ORIGINAL_LINE_ID;
	return line->line_id.data != NULL ? PLACE_LINE_ID : PLACE_AMOUNT;
}

static void
append_line(StringInfo out, const Ledger *ledger, const LedgerLine *line)
{
	TextSpan	visit = ledger->visits[line->visit];
	TextPlace	last = last_place(line, visit);
	char		time[MAXDATELEN + 1];

	JsonEncodeDateTime(time, TimestampGetDatum(line->charged_at), TIMESTAMPOID, NULL);
	appendStringInfo(out, "[\"%s\",", time);
	append_fixed(out, line->quantity);
	appendStringInfoChar(out, ',');
	append_fixed(out, line->amount);
	if (last >= PLACE_LINE_ID)
	{
		appendStringInfoChar(out, ',');
		append_json_text(out, line->line_id);
	}
	if (last >= PLACE_ORIGINAL_LINE_ID)
	{
		appendStringInfoChar(out, ',');
		append_json_text(out, line->original_line_id);
	}
	if (last >= PLACE_VISIT_ID)
	{
		appendStringInfoChar(out, ',');
		append_json_text(out, visit);
	}
	if (last >= PLACE_CLAIMED)
	{
		appendStringInfoChar(out, ',');
		append_fixed(out, line->claimed);
	}
	appendStringInfoChar(out, ']');
}

static int
compare_runs_by_item(const LedgerRun *left, const LedgerRun *right)
{
	return left->item != right->item ? pg_cmp_s32(left->item, right->item) :
		pg_cmp_s32(left->visit, right->visit);
}

#define ST_SORT sort_runs_by_item
#define ST_ELEMENT_TYPE LedgerRun
#define ST_COMPARE(a, b) compare_runs_by_item(a, b)
#define ST_SCOPE static
#define ST_CHECK_FOR_INTERRUPTS
#define ST_DEFINE
#include "lib/sort_template.h"

static char *
ledger_to_cstring(struct varlena *book)
{
	Ledger	   *ledger = ledger_decode(VARDATA_ANY(book), VARSIZE_ANY_EXHDR(book),
									   ERRCODE_DATA_CORRUPTED);
	StringInfoData out;

	initStringInfo(&out);
	appendStringInfoString(&out, "{\"v\":1,\"items\":{");
	if (ledger->run_count > 0)
		sort_runs_by_item(ledger->runs, ledger->run_count);
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
			 errdetail_internal("%s", _(detail))));
}

static void
bad_line(TextSpan item, const char *problem)
{
	bad_text(psprintf(_("A line of item \"%.*s\" %s."),
					  pg_mbcliplen(item.data, item.length, 64), item.data, _(problem)));
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
		bad_line(item, psprintf(_("has no number as %s"), what));
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
			case PLACE_CHARGED_AT:
				line.charged_at = time_element(&value, item);
				break;
			case PLACE_QUANTITY:
				line.quantity = number_element(&value, item, "quantity");
				break;
			case PLACE_AMOUNT:
				line.claimed = line.amount = number_element(&value, item, "amount");
				break;
			case PLACE_LINE_ID:
				line.line_id = text_element(&value, item);
				break;
			case PLACE_ORIGINAL_LINE_ID:
				line.original_line_id = text_element(&value, item);
				break;
			case PLACE_VISIT_ID:
				visit = text_element(&value, item);
				break;
			case PLACE_CLAIMED:
				line.claimed_given = value.type != jbvNull;
				if (line.claimed_given)
					line.claimed = number_element(&value, item, "claimed");
				break;
			default:
				bad_line(item, "has more than seven elements");
		}
	}
	if (position <= PLACE_AMOUNT)
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
		bad_text(psprintf(_("\"%s\" must be a whole number."), what));
	return number / FIXED_ONE;
}

PG_FUNCTION_INFO_V1(ledger_in);

/* Whatever is not a ledger's text form is 22P02. */
Datum
ledger_in(PG_FUNCTION_ARGS)
{
	BookText	input = {"ledger", PG_GETARG_CSTRING(0),
		gettext_noop("The text of a ledger is JSON such as {\"v\": 1, \"items\": {}}; "
					 "the aggregate ledger(item_code, quantity, amount, charged_at) gathers charge lines.")};
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
