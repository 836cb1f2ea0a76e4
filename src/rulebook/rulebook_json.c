/*
 * rulebook_json.c
 *		Rulebooks as JSON: an array of objects with the column names of the
 *		tables rule, charge_rule and package.
 *
 * An object with a column of charge_rule or package is a row; one with none
 * defines its rule.  `certainty` therefore is the row's in a charge row and
 * the rule's elsewhere.  {"item_code", "national_code"} is an alias.
 * Definitions are read first, so objects may come in any order.  Columns that
 * only describe are accepted and dropped, unknown ones are refused.
 *
 * Nothing here depends on a setting: dates are ISO, intervals are written in
 * PostgreSQL's own style and read without signs, so input and output are
 * immutable.
 *
 * Cost: one pass over the document for rules and one for rows; the form that
 * goes out is in rulebook_json_out.c.
 */
#include "postgres.h"
#include "base/compat.h"

#include "catalog/pg_type.h"
#include "lib/stringinfo.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/datetime.h"
#include "utils/fmgroids.h"
#include "utils/json.h"
#include "utils/jsonb.h"
#include "utils/timestamp.h"

#include "base/days.h"
#include "rulebook/rulebook_build.h"
#include "rulebook/rulebook_words.h"

/* Keys of an object that are no column of a row: the rule's, and what only describes. */
static const char *const rule_keys[] = {
	"rule_code", "kind", "name_zh", "violation", "name_en", "subject", "article",
	"article_code", "behaviour_code", "national_code", "source", "parameters",
	"enabled", "shipped", "published_on", "charge_rule_id", "package_id"
};

/* One object while it is read; also what the error context tells. */
typedef struct ObjectReader
{
	RulebookBuilder *builder;
	JsonbContainer *object;
	int			sqlstate;		/* of a document of the wrong shape */
	TextSpan	rule_code;
	TextSpan	key;
	bool		charge;			/* has a column of charge_rule, of package */
	bool		package;
	RuleRow		no_row;			/* every column missing */
} ObjectReader;

static void
object_context(void *argument)
{
	ObjectReader *reader = argument;

	if (reader->rule_code.data != NULL && reader->key.data != NULL)
		errcontext("rulebook object of rule \"%.*s\", key \"%.*s\"",
				   reader->rule_code.length, reader->rule_code.data,
				   reader->key.length, reader->key.data);
	else if (reader->rule_code.data != NULL)
		errcontext("rulebook object of rule \"%.*s\"",
				   reader->rule_code.length, reader->rule_code.data);
}

/* The value of KEY in OBJECT, or NULL where it is missing or null. */
static JsonbValue *
object_value(JsonbContainer *object, const char *key, JsonbValue *result)
{
	JsonbValue *value = getKeyJsonValueFromContainer(object, key, strlen(key),
													 result);

	return value == NULL || value->type == jbvNull ? NULL : value;
}

static void refuse_value(const ObjectReader *reader, const char *problem)
			pg_attribute_noreturn();

static void
refuse_value(const ObjectReader *reader, const char *problem)
{
	JsonbValue	item;

	if (object_value(reader->object, "item_code", &item) != NULL &&
		item.type == jbvString)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("rule \"%.*s\", item \"%.*s\", key \"%.*s\": %s",
						reader->rule_code.length, reader->rule_code.data,
						item.val.string.len, item.val.string.val,
						reader->key.length, reader->key.data, _(problem))));
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("rule \"%.*s\", key \"%.*s\": %s",
					reader->rule_code.length, reader->rule_code.data,
					reader->key.length, reader->key.data, _(problem))));
}

static void
refuse_shape(int sqlstate, const char *problem)
{
	ereport(ERROR,
			(errcode(sqlstate),
			 errmsg("rules as JSON must be an array of objects"),
			 errdetail_internal("%s", _(problem))));
}

static TextSpan
key_span(const JsonbValue *key)
{
	TextSpan	span = {key->val.string.val, key->val.string.len};

	return span;
}

static bool
is_rule_key(TextSpan key)
{
	for (int i = 0; i < (int) lengthof(rule_keys); i++)
	{
		if (rule_word_is(key, rule_keys[i]))
			return true;
	}
	return false;
}

/* A string or number as text; anything else is refused. */
static TextSpan
scalar_text(const ObjectReader *reader, const JsonbValue *value)
{
	TextSpan	span = {NULL, 0};

	if (value->type == jbvString)
	{
		span.data = value->val.string.val;
		span.length = value->val.string.len;
	}
	else if (value->type == jbvNumeric)
	{
		span.data = DatumGetCString(DirectFunctionCall1(numeric_out,
														NumericGetDatum(value->val.numeric)));
		span.length = strlen(span.data);
	}
	else
		refuse_value(reader, "a text is expected");
	return span;
}

static char *
scalar_cstring(const ObjectReader *reader, const JsonbValue *value)
{
	TextSpan	span = scalar_text(reader, value);

	return pnstrdup(span.data, span.length);
}

static int64
scalar_fixed(const ObjectReader *reader, const JsonbValue *value)
{
	Datum		number;
	int64		result;

	if (value->type == jbvNumeric)
		number = NumericGetDatum(value->val.numeric);
	else
		number = DirectFunctionCall3(numeric_in,
									 CStringGetDatum(scalar_cstring(reader, value)),
									 ObjectIdGetDatum(InvalidOid),
									 Int32GetDatum(-1));
	if (!fixed_try_from_numeric(number, &result))
		fixed_from_numeric(number,
						   psprintf("rule \"%.*s\", key \"%.*s\": number",
									reader->rule_code.length,
									reader->rule_code.data,
									reader->key.length, reader->key.data));
	return result;
}

static int32
scalar_int(const ObjectReader *reader, const JsonbValue *value)
{
	return pg_strtoint32(scalar_cstring(reader, value));
}

/* An interval without signs; a bare number is years. */
static void
scalar_age(const ObjectReader *reader, const JsonbValue *value, RuleAge *age, int64 *time)
{
	char	   *text = scalar_cstring(reader, value);
	Interval   *given;

	if (strchr(text, '-') != NULL)
		refuse_value(reader, "an age has no sign");
	if (strspn(text, "0123456789") == strlen(text))
		text = psprintf("%s years", text);

	given = DatumGetIntervalP(DirectFunctionCall3(interval_in,
												  CStringGetDatum(text),
												  ObjectIdGetDatum(InvalidOid),
												  Int32GetDatum(-1)));
	age->months = given->month;
	age->days = given->day;
	*time = given->time;
}

/* YYYY-MM-DD, more digits of the year, BC: whatever a date can be and is written as. */
static bool
read_date(const char *written, DateADT *date)
{
	int			year;
	int			month;
	int			day;
	int			read = 0;

	if (sscanf(written, "%7d-%2d-%2d%n", &year, &month, &day, &read) != 3 || year < 1)
		return false;
	if (strcmp(written + read, " BC") == 0)
		year = 1 - year;
	else if (written[read] != '\0')
		return false;
	if (!calendar_day_exists(year, month, day) ||
		!IS_VALID_JULIAN(year, month, day))
		return false;
	*date = day_of_calendar(year, month, day);
	return true;
}

/*
 * One bound of a date range; nothing or infinity is no bound.  Shifts the
 * inclusive and exclusive forms to [from, to).
 */
static DateADT
range_bound(const ObjectReader *reader, const char *written, int length,
			DateADT none, bool plus_one)
{
	char	   *copy = pnstrdup(written, length);
	DateADT		date;
	char	   *end = copy + length;

	while (*copy == ' ' || *copy == '"')
		copy++;
	while (end > copy && (end[-1] == ' ' || end[-1] == '"'))
		*--end = '\0';
	if (*copy == '\0' || strcmp(copy, "infinity") == 0 ||
		strcmp(copy, "-infinity") == 0)
		return none;
	if (!read_date(copy, &date) || !IS_VALID_DATE(date))
		refuse_value(reader, "a range of dates like [2024-01-01,2025-01-01) is expected");
	return date + (plus_one ? 1 : 0);
}

static void
scalar_valid(const ObjectReader *reader, const JsonbValue *value,
			 DateADT *valid_from, DateADT *valid_to)
{
	char	   *written = scalar_cstring(reader, value);
	int			length = strlen(written);
	char	   *comma = strchr(written, ',');

	if (strcmp(written, "empty") == 0)
		refuse_value(reader, "the range of dates is empty");
	if (length < 3 || comma == NULL || (written[0] != '[' && written[0] != '(') ||
		(written[length - 1] != ']' && written[length - 1] != ')'))
		refuse_value(reader, "a range of dates like [2024-01-01,2025-01-01) is expected");
	*valid_from = range_bound(reader, written + 1, comma - written - 1,
							  DATEVAL_NOBEGIN, written[0] == '(');
	*valid_to = range_bound(reader, comma + 1, written + length - 1 - comma - 1,
							DATEVAL_NOEND, written[length - 1] == ']');
	if (*valid_from >= *valid_to)
		refuse_value(reader, "the range of dates is empty");
}

/*
 * Lists: an array, the text of a PostgreSQL array, or one member.
 */
static int
array_literal(char *literal, TextSpan **spans)
{
	ArrayType  *array = DatumGetArrayTypeP(OidInputFunctionCall(F_ARRAY_IN,
																literal,
																TEXTOID, -1));
	Datum	   *values;
	bool	   *nulls;
	int			count;

	deconstruct_array(array, TEXTOID, -1, false, TYPALIGN_INT,
					  &values, &nulls, &count);
	*spans = palloc0(sizeof(TextSpan) * Max(count, 1));
	for (int i = 0; i < count; i++)
	{
		if (!nulls[i])
			(*spans)[i] = text_span(DatumGetTextPP(values[i]));
	}
	return count;
}

static int
list_members(const ObjectReader *reader, const JsonbValue *value,
			 TextSpan **spans)
{
	int			count = 0;
	const char *problem;

	if (value->type == jbvBinary &&
		JsonContainerIsArray(value->val.binary.data))
	{
		JsonbContainer *array = value->val.binary.data;

		count = JsonContainerSize(array);
		*spans = palloc(sizeof(TextSpan) * Max(count, 1));
		for (int i = 0; i < count; i++)
			(*spans)[i] = scalar_text(reader,
									  getIthJsonbValueFromContainer(array, i));
	}
	else
	{
		char	   *text = scalar_cstring(reader, value);

		if (text[0] == '{')
			count = array_literal(text, spans);
		else
		{
			*spans = palloc(sizeof(TextSpan));
			(*spans)[0].data = text;

			(*spans)[0].length = strlen(text);
			count = 1;
		}
	}
	problem = rule_list_problem(*spans, count);
	if (problem != NULL)
		refuse_value(reader, problem);
	return count;
}

static RuleList
list_of_texts(const ObjectReader *reader, const JsonbValue *value)
{
	TextSpan   *spans;
	int			count = list_members(reader, value, &spans);

	return builder_texts(reader->builder, spans, count);
}

static RuleList
list_of_ints(const ObjectReader *reader, const JsonbValue *value)
{
	TextSpan   *spans;
	int			count = list_members(reader, value, &spans);
	int32	   *values = palloc(sizeof(int32) * count);

	for (int i = 0; i < count; i++)
		values[i] = pg_strtoint32(pnstrdup(spans[i].data, spans[i].length));
	return builder_ints(reader->builder, values, count);
}

/* Sets one column of ROW, the row at hand. */
static void
set_column(ObjectReader *reader, const RuleColumn *column, const JsonbValue *value, void *row)
{
	void	   *target = &ROW_PART(char, row, column->offset);

	switch ((RuleColumnType) column->type)
	{
		case COLUMN_TEXT:
		case COLUMN_CODE:
			*(RuleText *) target = builder_text(reader->builder, scalar_text(reader, value));
			break;
		case COLUMN_FIXED:
			*(int64 *) target = scalar_fixed(reader, value);
			break;
		case COLUMN_INT:
			*(int32 *) target = scalar_int(reader, value);
			break;
		case COLUMN_AGE:
			scalar_age(reader, value, target, &ROW_PART(int64, row, column->other));
			break;
		case COLUMN_INTS:
			*(RuleList *) target = list_of_ints(reader, value);
			break;
		case COLUMN_TEXTS:
			*(RuleList *) target = list_of_texts(reader, value);
			break;
		case COLUMN_MATCH:
			if (!rule_match_parse(scalar_text(reader, value), target))
				refuse_value(reader, "exact, service, product or generic is expected");
			break;
		case COLUMN_SCOPE:
			if (!rule_scope_parse(scalar_text(reader, value), target,
								  &ROW_PART(int32, row, column->other)))
				refuse_value(reader, "visit, instant, hour, day, week, month, quarter, year, span, bed_day, bed_night, N hours or N days is expected");
			break;
		case COLUMN_CERTAINTY:
			if (!rule_certainty_parse(scalar_text(reader, value), target))
				refuse_value(reader, "violation, suspicion or notice is expected");
			ROW_PART(uint8, row, column->other) = true;
			break;
		case COLUMN_VALID:
			scalar_valid(reader, value, target, &ROW_PART(DateADT, row, column->other));
			break;
	}
}

/* What a key is of: bits, for what both tables have is of either. */
#define IN_CHARGE		1
#define IN_PACKAGE		2
#define IN_BOTH			(IN_CHARGE | IN_PACKAGE)

/* The tables that have the column; -1: no such key. */
static int
tables_of_key(TextSpan key)
{
	int			tables = 0;

	if (column_named(&rule_row_columns, key) != NULL)
		tables |= IN_CHARGE;
	if (column_named(&package_row_columns, key) != NULL)
		tables |= IN_PACKAGE;
	if (tables == 0)
		return is_rule_key(key) ? 0 : -1;

	/* the rule's, where there is no row */
	return rule_word_is(key, "certainty") ? 0 : tables;
}

/* Sees which columns an object brings, and that all are known. */
static void
classify(ObjectReader *reader)
{
	JsonbIterator *iterator = JsonbIteratorInit(reader->object);
	JsonbValue	key;
	JsonbValue	value;
	JsonbIteratorToken token;
	bool		either = false;

	reader->charge = reader->package = false;
	while ((token = JsonbIteratorNext(&iterator, &key, true)) != WJB_DONE)
	{
		int			tables;

		if (token != WJB_KEY)
			continue;
		tables = tables_of_key(key_span(&key));
		if (tables < 0)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("rule \"%.*s\": unknown key \"%.*s\"",
							reader->rule_code.length, reader->rule_code.data,
							key.val.string.len, key.val.string.val)));
		if (JsonbIteratorNext(&iterator, &value, true) == WJB_VALUE && value.type == jbvNull)
			continue;
		either |= tables == IN_BOTH;
		reader->charge |= tables == IN_CHARGE;
		reader->package |= tables == IN_PACKAGE;
	}
	if (reader->charge && reader->package)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("rule \"%.*s\": one object has columns of charge_rule and of package",
						reader->rule_code.length, reader->rule_code.data)));
	reader->charge |= either && !reader->package;
}

/* A rule has a national code, too. */
static bool
is_alias(ObjectReader *reader)
{
	JsonbValue	value;

	return object_value(reader->object, "national_code", &value) != NULL &&
		object_value(reader->object, "rule_code", &value) == NULL;
}

/* {"item_code", "national_code"} and nothing else. */
static bool
read_alias(ObjectReader *reader)
{
	JsonbValue	national;
	JsonbValue	item;

	if (!is_alias(reader))
		return false;
	object_value(reader->object, "national_code", &national);
	if (object_value(reader->object, "item_code", &item) == NULL ||
		JsonContainerSize(reader->object) != 2 ||
		item.type != jbvString || national.type != jbvString)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("an alias has item_code and national_code and nothing else")));
	builder_alias(reader->builder, scalar_text(reader, &item),
				  scalar_text(reader, &national));
	return true;
}

static void
read_rule_code(ObjectReader *reader)
{
	JsonbValue	value;

	reader->rule_code.data = NULL;
	reader->rule_code.length = 0;
	reader->key = reader->rule_code;
	if (object_value(reader->object, "rule_code", &value) == NULL ||
		value.type != jbvString || value.val.string.len == 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("an object of a rulebook has no rule_code")));
	reader->rule_code = scalar_text(reader, &value);
}

static void
refuse_kind(const ObjectReader *reader, const JsonbValue *value)
{
	StringInfoData known;
	TextSpan	kind = {"", 0};

	if (value->type == jbvString)
		kind = scalar_text(reader, value);
	initStringInfo(&known);
	for (int i = 0; i < RULE_KINDS; i++)
		appendStringInfo(&known, "%s%s", i > 0 ? ", " : "", rule_kind_name(i));
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("rule \"%.*s\": unknown kind \"%.*s\"",
					reader->rule_code.length, reader->rule_code.data,
					kind.length, kind.data),
			 errhint("The kinds of rules over charges are %s.", known.data)));
}

static void
read_kind(ObjectReader *reader, RuleEntry *rule)
{
	JsonbValue	value;
	uint8		kind;

	if (object_value(reader->object, "kind", &value) == NULL)
		return;
	if (value.type != jbvString ||
		!rule_kind_parse(scalar_text(reader, &value), &kind))
		refuse_kind(reader, &value);
	if (rule->kind != RULE_KINDS && rule->kind != kind)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("rule \"%.*s\" is of kind %s and of kind %s",
						reader->rule_code.length, reader->rule_code.data,
						rule_kind_name(rule->kind), rule_kind_name(kind))));
	rule->kind = kind;
}

static void
read_rule_text(ObjectReader *reader, const char *key, RuleText *target)
{
	JsonbValue	value;

	reader->key.data = key;
	reader->key.length = strlen(key);
	if (target->length == RULE_NONE &&
		object_value(reader->object, key, &value) != NULL)
		*target = builder_text(reader->builder, scalar_text(reader, &value));
}

/* First pass: the rule that an object names, its kind and names. */
static void
read_rule(ObjectReader *reader)
{
	RuleEntry  *rule;
	JsonbValue	value;
	uint32		index;

	if (is_alias(reader))
		return;
	read_rule_code(reader);
	classify(reader);
	rule = builder_rule(reader->builder, reader->rule_code, &index);
	read_kind(reader, rule);
	read_rule_text(reader, "name_zh", &rule->name_zh);
	read_rule_text(reader, "violation", &rule->violation);
	reader->key.data = "certainty";
	reader->key.length = strlen(reader->key.data);
	if (!reader->charge &&
		object_value(reader->object, "certainty", &value) != NULL &&
		!rule_certainty_parse(scalar_text(reader, &value), &rule->certainty))
		refuse_value(reader, "violation, suspicion or notice is expected");
}

static void
read_columns(ObjectReader *reader, const RuleColumns *columns, void *row)
{
	JsonbIterator *iterator = JsonbIteratorInit(reader->object);
	JsonbValue	key;
	JsonbValue	value;
	JsonbIteratorToken token;

	while ((token = JsonbIteratorNext(&iterator, &key, true)) != WJB_DONE)
	{
		const RuleColumn *column;

		if (token != WJB_KEY)
			continue;
		JsonbIteratorNext(&iterator, &value, true);
		reader->key = key_span(&key);
		column = column_named(columns, reader->key);
		if (column != NULL && value.type != jbvNull)
			set_column(reader, column, &value, row);
	}
	reader->key.data = NULL;
}

/* Second pass: rows and aliases. */
static void
read_row(ObjectReader *reader)
{
	uint32		rule;

	if (read_alias(reader))
		return;
	read_rule_code(reader);
	builder_rule(reader->builder, reader->rule_code, &rule);
	if (builder_rule_at(reader->builder, rule)->kind == RULE_KINDS)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("rule \"%.*s\" has no kind",
						reader->rule_code.length, reader->rule_code.data)));
	classify(reader);
	if (!reader->charge && !reader->package)
		return;
	if (reader->package)
	{
		PackageRow	row;

		package_row_init(&row);
		read_columns(reader, &package_row_columns, &row);
		row.rule = rule;
		builder_package(reader->builder, &row);
	}
	else
	{
		RuleRow		row = reader->no_row;

		read_columns(reader, &rule_row_columns, &row);
		row.rule = rule;
		builder_row(reader->builder, &row);
	}
}

static void
read_objects(ObjectReader *reader, JsonbContainer *array,
			 void (*read) (ObjectReader *reader))
{
	JsonbIterator *iterator = JsonbIteratorInit(array);
	JsonbValue	value;
	JsonbIteratorToken token;

	while ((token = JsonbIteratorNext(&iterator, &value, true)) != WJB_DONE)
	{
		CHECK_FOR_INTERRUPTS();
		if (token != WJB_ELEM)
			continue;
		if (value.type != jbvBinary ||
			!JsonContainerIsObject(value.val.binary.data))
			refuse_shape(reader->sqlstate, "A member of the array is no object.");
		reader->object = value.val.binary.data;
		read(reader);
	}
}

/* Builds a rulebook; a document of another shape is SQLSTATE. */
struct varlena *
rulebook_from_jsonb(Datum document, int sqlstate)
{
	Jsonb	   *jsonb = DatumGetJsonbP(document);
	ObjectReader reader;
	ErrorContextCallback callback;
	MemoryContext before;

	memset(&reader, 0, sizeof(reader));
	if (!JB_ROOT_IS_ARRAY(jsonb) || JB_ROOT_IS_SCALAR(jsonb))
		refuse_shape(sqlstate, "The document is no array.");
	reader.builder = rulebook_builder();
	rule_row_init(&reader.no_row);
	reader.sqlstate = sqlstate;
	callback.callback = object_context;
	callback.arg = &reader;
	callback.previous = error_context_stack;
	error_context_stack = &callback;
	before = MemoryContextSwitchTo(reader.builder->context);
	read_objects(&reader, &jsonb->root, read_rule);
	read_objects(&reader, &jsonb->root, read_row);
	MemoryContextSwitchTo(before);
	error_context_stack = callback.previous;
	return builder_finish(reader.builder);
}
