/*
 * stays_text.c
 *		The book of stays as text and jsonb.
 *
 * The text form is JSON:
 *		{"v": 1, "skipped": 0, "stays": [[visit_id, person_id, facility_id,
 *		 admitted_at, discharged_at, diagnosis, amount, [tags], [last_admitted_at,
 *		 last_discharged_at]], ...]}
 * where the last two are left out when there is nothing to say.  Whatever
 * comes in goes through the builder: it is checked, merged by visit, sorted
 * and encoded anew, so no outside bytes are ever stored as they came.
 */
#include "postgres.h"
#include "base/compat.h"

#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/datetime.h"
#include "utils/json.h"
#include "utils/jsonb.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

#include "base/book_text.h"
#include "base/days.h"
#include "stays/stays_internal.h"

#define TEXT_VERSION	1

/* Places of a stay's array; the last two are left out where they say nothing. */
enum
{
	PLACE_VISIT_ID,
	PLACE_PERSON_ID,
	PLACE_FACILITY_ID,
	PLACE_ADMITTED_AT,
	PLACE_DISCHARGED_AT,
	PLACE_DIAGNOSIS,
	PLACE_AMOUNT,
	PLACE_TAGS,
	PLACE_LAST_TIMES,
	PLACES
};

/* -- out -- */

static void
append_text(StringInfo out, TextSpan span)
{
	char	   *copy = pnstrdup(span.data, span.length);

	escape_json(out, copy);
	pfree(copy);
}

static void
append_time(StringInfo out, Timestamp at)
{
	char		buffer[MAXDATELEN + 1];

	if (at == STAY_OPEN)
	{
		appendStringInfoString(out, "null");
		return;
	}
	JsonEncodeDateTime(buffer, TimestampGetDatum(at), TIMESTAMPOID, NULL);
	appendStringInfo(out, "\"%s\"", buffer);
}

static void
append_amount(StringInfo out, int64 amount)
{
	Numeric		value;
	char	   *digits;

	if (amount == FIXED_NULL)
	{
		appendStringInfoString(out, "null");
		return;
	}
	value = fixed_to_money(amount);
	digits = DatumGetCString(DirectFunctionCall1(numeric_out, NumericGetDatum(value)));
	appendStringInfoString(out, digits);
	pfree(digits);
	pfree(value);
}

static void
append_tags(StringInfo out, const Stays *book, int32 tag_set)
{
	appendStringInfoString(out, ", [");
	for (int t = 0; tag_set >= 0 && t < book->tag_sets[tag_set].count; t++)
	{
		if (t > 0)
			appendStringInfoString(out, ", ");
		append_text(out, book->tags[book->tag_sets[tag_set].tags[t]]);
	}
	appendStringInfoChar(out, ']');
}

static void
append_stay(StringInfo out, const Stays *book, const Stay *stay)
{
	bool		last_apart = stay->last_admitted_at != stay->admitted_at ||
	stay->last_discharged_at != stay->discharged_at;

	appendStringInfoChar(out, '[');
	append_text(out, stay->visit_id);
	appendStringInfoString(out, ", ");
	append_text(out, book->persons[stay->person]);
	appendStringInfoString(out, ", ");
	append_text(out, book->facilities[stay->facility]);
	appendStringInfoString(out, ", ");
	append_time(out, stay->admitted_at);
	appendStringInfoString(out, ", ");
	append_time(out, stay->discharged_at);
	appendStringInfoString(out, ", ");
	if (stay->diagnosis >= 0)
		append_text(out, book->diagnoses[stay->diagnosis]);
	else
		appendStringInfoString(out, "null");
	appendStringInfoString(out, ", ");
	append_amount(out, stay->amount);
	if (stay->tag_set >= 0 || last_apart)
		append_tags(out, book, stay->tag_set);
	if (last_apart)
	{
		appendStringInfoString(out, ", [");
		append_time(out, stay->last_admitted_at);
		appendStringInfoString(out, ", ");
		append_time(out, stay->last_discharged_at);
		appendStringInfoChar(out, ']');
	}
	appendStringInfoChar(out, ']');
}

/* The text of a book, in CurrentMemoryContext. */
static char *
text_of_book(struct varlena *bytes)
{
	StringInfoData out;
	MemoryContext outside = CurrentMemoryContext;
	MemoryContext scratch = stays_scratch();
	Stays	   *book;

	initStringInfo(&out);
	MemoryContextSwitchTo(scratch);
	book = stays_open(bytes, NULL);
	appendStringInfo(&out, "{\"v\": %d, \"skipped\": " INT64_FORMAT ", \"stays\": [",
					 TEXT_VERSION, book->skipped);
	for (int32 i = 0; i < book->count; i++)
	{
		CHECK_FOR_INTERRUPTS();
		if (i > 0)
			appendStringInfoString(&out, ", ");
		append_stay(&out, book, &book->stays[i]);
	}
	appendStringInfoString(&out, "]}");
	MemoryContextSwitchTo(outside);
	MemoryContextDelete(scratch);
	return out.data;
}

PG_FUNCTION_INFO_V1(stays_out);

Datum
stays_out(PG_FUNCTION_ARGS)
{
	PG_RETURN_CSTRING(text_of_book((struct varlena *) PG_GETARG_VARLENA_PP(0)));
}

PG_FUNCTION_INFO_V1(stays_to_jsonb);

Datum
stays_to_jsonb(PG_FUNCTION_ARGS)
{
	char	   *json = text_of_book((struct varlena *) PG_GETARG_VARLENA_PP(0));

	PG_RETURN_DATUM(DirectFunctionCall1(jsonb_in, CStringGetDatum(json)));
}

/* -- in -- */

static void refuse(const char *detail) pg_attribute_noreturn();

static void
refuse(const char *detail)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
			 errmsg("invalid input for type %s", "stays"),
			 errdetail_internal("%s", _(detail))));
}

static JsonbContainer *
container_of(const JsonbValue *value, bool array)
{
	JsonbContainer *container;

	if (value == NULL || value->type != jbvBinary)
		refuse("An array is expected.");
	container = value->val.binary.data;
	if (array != JsonContainerIsArray(container))
		refuse("An array is expected.");
	return container;
}

static TextSpan
text_of(const JsonbValue *value, const char *name)
{
	TextSpan	span;

	if (value == NULL || value->type != jbvString)
		refuse(psprintf(_("The %s of a stay is a string."), name));
	span.data = value->val.string.val;
	span.length = value->val.string.len;
	return span;
}

/* DIGITS digits at *AT, and the byte FOLLOWED_BY behind them unless it is 0. */
static bool
read_number(const char **at, const char *end, int digits, char followed_by, int *result)
{
	*result = 0;
	if (end - *at < digits + (followed_by != 0))
		return false;
	for (int i = 0; i < digits; i++)
	{
		char		c = *(*at)++;

		if (c < '0' || c > '9')
			return false;
		*result = *result * 10 + (c - '0');
	}
	return followed_by == 0 || *(*at)++ == followed_by;
}

/* A fraction of a second, 1 to 6 digits behind a point, in microseconds. */
static bool
read_fraction(const char **at, const char *end, int *result)
{
	int			scale = 100000;

	*result = 0;
	if (*at == end)
		return true;
	if (*(*at)++ != '.' || *at == end)
		return false;
	for (; *at < end && scale > 0; scale /= 10, (*at)++)
	{
		if (**at < '0' || **at > '9')
			return false;
		*result += (**at - '0') * scale;
	}
	return *at == end;
}

/* yyyy-mm-ddThh:mm:ss[.ffffff], as it is written out. */
static Timestamp
time_of(const JsonbValue *value, const char *name)
{
	TextSpan	span = text_of(value, name);
	const char *at = span.data;
	const char *end = span.data + span.length;
	int			part[7];
	int64		result;

	if (!(read_number(&at, end, 4, '-', &part[0]) &&
		  read_number(&at, end, 2, '-', &part[1]) &&
		  read_number(&at, end, 2, 'T', &part[2]) &&
		  read_number(&at, end, 2, ':', &part[3]) &&
		  read_number(&at, end, 2, ':', &part[4]) &&
		  read_number(&at, end, 2, 0, &part[5]) &&
		  read_fraction(&at, end, &part[6])) ||
		part[0] < 1 || !calendar_day_exists(part[0], part[1], part[2]) ||
		part[3] > 23 || part[4] > 59 || part[5] > 59)
		refuse(psprintf(_("The %s of a stay is a time such as \"2025-03-02T09:30:00\"."), name));
	result = day_of_calendar(part[0], part[1], part[2]);
	result = ((result * 24 + part[3]) * 60 + part[4]) * 60 + part[5];
	return result * USECS_PER_SEC + part[6];
}

static bool
is_null(const JsonbValue *value)
{
	return value == NULL || value->type == jbvNull;
}

/* A pair of admission and discharge, which may be null; they must agree. */
static void
times_of(const JsonbValue *admitted, const JsonbValue *discharged,
		 Timestamp *admitted_at, Timestamp *discharged_at)
{
	*admitted_at = time_of(admitted, "admitted_at");
	*discharged_at = STAY_OPEN;
	if (!is_null(discharged))
		*discharged_at = time_of(discharged, "discharged_at");
	if (stay_times_contradict(*admitted_at, *discharged_at))
		refuse("A stay is discharged before it is admitted.");
}

static int64
amount_of(const JsonbValue *value)
{
	int64		amount;

	if (is_null(value))
		return FIXED_NULL;
	if (value->type != jbvNumeric ||
		!fixed_try_from_numeric(NumericGetDatum(value->val.numeric), &amount))
		refuse("The amount of a stay is a number within the exact range.");
	return amount;
}

static void
tags_of(const JsonbValue *value, StayRow *row)
{
	JsonbContainer *array;

	row->tag_count = 0;
	if (is_null(value))
		return;
	array = container_of(value, true);
	row->tags = palloc(Max(JsonContainerSize(array), 1) * sizeof(TextSpan));
	for (uint32 i = 0; i < JsonContainerSize(array); i++)
		row->tags[row->tag_count++] =
			text_of(getIthJsonbValueFromContainer(array, i), "tag");
}

static void
last_of(const JsonbValue *value, StayRow *row)
{
	JsonbContainer *array;

	row->last_admitted_at = row->admitted_at;
	row->last_discharged_at = row->discharged_at;
	if (is_null(value))
		return;
	array = container_of(value, true);
	if (JsonContainerSize(array) != 2)
		refuse("The times of the last row of a stay are two.");
	times_of(getIthJsonbValueFromContainer(array, 0),
			 getIthJsonbValueFromContainer(array, 1),
			 &row->last_admitted_at, &row->last_discharged_at);
	if (row->last_admitted_at < row->admitted_at ||
		row->last_discharged_at > row->discharged_at)
		refuse("The last row of a stay lies outside the stay.");
}

static void
add_stay(StaysBuilder *builder, JsonbContainer *fields)
{
	StayRow		row;
	JsonbValue *diagnosis;

	if (JsonContainerSize(fields) <= PLACE_DISCHARGED_AT || JsonContainerSize(fields) > PLACES)
		refuse("A stay is an array of 5 to 9 fields.");
	row.visit_id = text_of(getIthJsonbValueFromContainer(fields, PLACE_VISIT_ID), "visit_id");
	row.person_id = text_of(getIthJsonbValueFromContainer(fields, PLACE_PERSON_ID), "person_id");
	row.facility_id = text_of(getIthJsonbValueFromContainer(fields, PLACE_FACILITY_ID), "facility_id");
	times_of(getIthJsonbValueFromContainer(fields, PLACE_ADMITTED_AT),
			 getIthJsonbValueFromContainer(fields, PLACE_DISCHARGED_AT),
			 &row.admitted_at, &row.discharged_at);
	diagnosis = getIthJsonbValueFromContainer(fields, PLACE_DIAGNOSIS);
	row.diagnosis.data = NULL;
	row.diagnosis.length = 0;
	if (!is_null(diagnosis))
		row.diagnosis = text_of(diagnosis, "diagnosis");
	row.amount = amount_of(getIthJsonbValueFromContainer(fields, PLACE_AMOUNT));
	tags_of(getIthJsonbValueFromContainer(fields, PLACE_TAGS), &row);
	last_of(getIthJsonbValueFromContainer(fields, PLACE_LAST_TIMES), &row);
	stays_builder_add(builder, &row);
}

static JsonbValue *
member(JsonbContainer *object, const char *key, enum jbvType type)
{
	JsonbValue *value = getKeyJsonValueFromContainer(object, key, strlen(key), NULL);

	if (value == NULL || value->type != type)
		refuse(psprintf(_("The member \"%s\" is missing or of the wrong kind."), key));
	return value;
}

static int64
integer_of(const JsonbValue *value)
{
	int64		fixed;

	if (!fixed_try_from_numeric(NumericGetDatum(value->val.numeric), &fixed) ||
		fixed % FIXED_ONE != 0 || fixed < 0)
		refuse("The members \"v\" and \"skipped\" are whole numbers.");
	return fixed / FIXED_ONE;
}

/* The book that a jsonb value describes, in CurrentMemoryContext. */
static struct varlena *
book_of_jsonb(Jsonb *json)
{
	MemoryContext outside = CurrentMemoryContext;
	MemoryContext scratch = stays_scratch();
	StaysBuilder *builder;
	JsonbContainer *stays;
	struct varlena *book;

	MemoryContextSwitchTo(scratch);
	if (!JsonContainerIsObject(&json->root))
		refuse("A book of stays is a JSON object.");
	if (integer_of(member(&json->root, "v", jbvNumeric)) != TEXT_VERSION)
		refuse("The version is unknown.");
	stays = container_of(member(&json->root, "stays", jbvBinary), true);
	builder = stays_builder(Min(JsonContainerSize(stays), STAYS_MAX), true);
	stays_builder_skip(builder, integer_of(member(&json->root, "skipped", jbvNumeric)));
	for (uint32 i = 0; i < JsonContainerSize(stays); i++)
	{
		CHECK_FOR_INTERRUPTS();
		add_stay(builder, container_of(getIthJsonbValueFromContainer(stays, i), true));
	}
	book = stays_encode(stays_builder_finish(builder), outside);
	MemoryContextSwitchTo(outside);
	MemoryContextDelete(scratch);
	return book;
}

PG_FUNCTION_INFO_V1(stays_in);

Datum
stays_in(PG_FUNCTION_ARGS)
{
	BookText	input = {"stays", PG_GETARG_CSTRING(0),
		gettext_noop("The text of a book of stays is JSON such as {\"v\": 1, \"skipped\": 0, \"stays\": []}; the aggregate "
					 "stays(visit_id, person_id, facility_id, admitted_at, discharged_at, diagnosis, amount) gathers admissions.")};

	PG_RETURN_POINTER(book_of_jsonb(book_text_to_jsonb(&input)));
}

PG_FUNCTION_INFO_V1(stays_from_jsonb);

Datum
stays_from_jsonb(PG_FUNCTION_ARGS)
{
	PG_RETURN_POINTER(book_of_jsonb(PG_GETARG_JSONB_P(0)));
}
