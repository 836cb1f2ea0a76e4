/*
 * rulebook_json_out.c
 *		The JSON form of a rulebook, in one pass over it.
 *
 * Written as text in the order of the book (definitions, rows, packages,
 * aliases) with the spacing of jsonb; what is missing is left out.
 */
#include "postgres.h"
#include "base/compat.h"

#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/datetime.h"
#include "utils/json.h"
#include "utils/timestamp.h"

#include "base/days.h"
#include "rulebook/rulebook_build.h"
#include "rulebook/rulebook_words.h"

typedef struct JsonWriter
{
	StringInfoData text;
	const Rulebook *book;
	bool		first;			/* no key yet in this object */
} JsonWriter;

static void
write_key(JsonWriter *writer, const char *key)
{
	appendStringInfo(&writer->text, "%s\"%s\": ", writer->first ? "" : ", ",
					 key);
	writer->first = false;
}

static void
write_string(JsonWriter *writer, TextSpan span)
{
	char	   *copy = pnstrdup(span.data, span.length);

	escape_json(&writer->text, copy);
	pfree(copy);
}

static void
write_text(JsonWriter *writer, const char *key, RuleText text)
{
	if (text.length == RULE_NONE)
		return;
	write_key(writer, key);
	write_string(writer, rule_text(writer->book, text));
}

/* Words of our own, which need no escapes. */
static void
write_word(JsonWriter *writer, const char *key, const char *word)
{
	write_key(writer, key);
	appendStringInfo(&writer->text, "\"%s\"", word);
}

static void
write_fixed(JsonWriter *writer, const char *key, int64 value)
{
	char	   *text;

	write_key(writer, key);
	text = DatumGetCString(DirectFunctionCall1(numeric_out,
											   NumericGetDatum(fixed_to_quantity(value))));

	appendStringInfoString(&writer->text, text);
	pfree(text);
}

static void
write_int(JsonWriter *writer, const char *key, int32 value)
{
	write_key(writer, key);
	appendStringInfo(&writer->text, "%d", value);
}

static void
write_age(JsonWriter *writer, const char *key, RuleAge given, int64 time)
{
	Interval	age = {time, given.days, given.months};
	struct pg_itm parts;
	char		buffer[MAXDATELEN + 1];

	interval2itm(age, &parts);
	EncodeInterval(&parts, INTSTYLE_POSTGRES, buffer);
	write_word(writer, key, buffer);
}

static void
write_ints(JsonWriter *writer, const char *key, RuleList list)
{
	write_key(writer, key);
	for (uint32 i = 0; i < list.count; i++)
		appendStringInfo(&writer->text, "%s%d", i == 0 ? "[" : ", ",
						 rule_list_ints(writer->book, list)[i]);
	appendStringInfoChar(&writer->text, ']');
}

static void
write_texts(JsonWriter *writer, const char *key, RuleList list)
{
	write_key(writer, key);
	for (uint32 i = 0; i < list.count; i++)
	{
		appendStringInfoString(&writer->text, i == 0 ? "[" : ", ");
		write_string(writer,
					 rule_text(writer->book,
							   rule_list_texts(writer->book, list)[i]));
	}
	appendStringInfoChar(&writer->text, ']');
}

static void
write_date(JsonWriter *writer, DateADT date, DateADT none)
{
	int			year;
	int			month;
	int			day;

	if (date == none)
		return;
	calendar_of_day(date, &year, &month, &day);
	appendStringInfo(&writer->text, "%04d-%02d-%02d%s", year > 0 ? year : 1 - year,
					 month, day, year > 0 ? "" : " BC");
}

/* As daterange writes it, [from,to). */
static void
write_valid(JsonWriter *writer, const char *key, DateADT from, DateADT to)
{
	write_key(writer, key);
	appendStringInfoString(&writer->text,
						   from == DATEVAL_NOBEGIN ? "\"(" : "\"[");
	write_date(writer, from, DATEVAL_NOBEGIN);
	appendStringInfoChar(&writer->text, ',');
	write_date(writer, to, DATEVAL_NOEND);
	appendStringInfoString(&writer->text, ")\"");
}

static void
begin_object(JsonWriter *writer)
{
	CHECK_FOR_INTERRUPTS();
	appendStringInfoString(&writer->text, writer->text.len > 1 ? ", {" : "{");
	writer->first = true;
}

static void
begin_row(JsonWriter *writer, uint32 rule)
{
	const RuleEntry *entry = &writer->book->rules[rule];

	begin_object(writer);
	write_text(writer, "rule_code", entry->rule_code);
	write_word(writer, "kind", rule_kind_name(entry->kind));
}

static void
write_rule(JsonWriter *writer, uint32 number)
{
	const RuleEntry *rule = &writer->book->rules[number];

	begin_row(writer, number);
	write_text(writer, "name_zh", rule->name_zh);
	write_text(writer, "violation", rule->violation);
	write_word(writer, "certainty", rule_certainty_name(rule->certainty));
	appendStringInfoChar(&writer->text, '}');
}

static void
write_column(JsonWriter *writer, const RuleColumn *column, const void *row)
{
	const char *key = column->name;
	uint8		word = ROW_PART(uint8, row, column->offset);

	switch ((RuleColumnType) column->type)
	{
		case COLUMN_TEXT:
		case COLUMN_CODE:
			write_text(writer, key, ROW_PART(RuleText, row, column->offset));
			break;
		case COLUMN_FIXED:
			write_fixed(writer, key, ROW_PART(int64, row, column->offset));
			break;
		case COLUMN_INT:
			write_int(writer, key, ROW_PART(int32, row, column->offset));
			break;
		case COLUMN_AGE:
			write_age(writer, key, ROW_PART(RuleAge, row, column->offset),
					  ROW_PART(int64, row, column->other));
			break;
		case COLUMN_INTS:
			write_ints(writer, key, ROW_PART(RuleList, row, column->offset));
			break;
		case COLUMN_TEXTS:
			write_texts(writer, key, ROW_PART(RuleList, row, column->offset));
			break;
		case COLUMN_MATCH:
			write_word(writer, key, rule_match_name(word));
			break;
		case COLUMN_SCOPE:
			write_word(writer, key, rule_scope_name(word, ROW_PART(int32, row, column->other)));
			break;
		case COLUMN_CERTAINTY:
			write_word(writer, key, rule_certainty_name(word));
			break;
		case COLUMN_VALID:
			write_valid(writer, key, ROW_PART(DateADT, row, column->offset),
						ROW_PART(DateADT, row, column->other));
			break;
	}
}

/* The columns of ROLES that the row gives, in their order. */
static void
write_columns(JsonWriter *writer, const RuleColumns *columns, int roles, const void *row)
{
	uint32		given = columns_given(columns, row);

	while (given != 0)
	{
		const RuleColumn *column = columns_next(columns, &given);

		if (column->role & roles)
			write_column(writer, column, row);
	}
}

static void
write_row(JsonWriter *writer, const RuleRow *row)
{
	begin_row(writer, row->rule);
	write_columns(writer, &rule_row_columns, ROLES_ALL, row);
	appendStringInfoChar(&writer->text, '}');
}

static void
write_package(JsonWriter *writer, const RuleComponent *component)
{
	PackageRow	row = package_row_of(writer->book, component);

	begin_row(writer, row.rule);
	write_columns(writer, &package_row_columns, ROLES_ALL, &row);
	appendStringInfoChar(&writer->text, '}');
}

static void
write_alias(JsonWriter *writer, const RuleAlias *alias)
{
	begin_object(writer);
	write_text(writer, "item_code", alias->item_code);
	write_text(writer, "national_code", alias->national_code);
	appendStringInfoChar(&writer->text, '}');
}

/* What a row asks of a visit, as one JSON object. */
char *
rule_conditions_to_json(const Rulebook *book, const RuleRow *row)
{
	JsonWriter	writer;

	initStringInfo(&writer.text);
	writer.book = book;
	writer.first = true;
	appendStringInfoChar(&writer.text, '{');
	write_columns(&writer, &rule_row_columns, ROLE_CONDITION | ROLE_EXCLUSION, row);
	appendStringInfoChar(&writer.text, '}');
	return writer.text.data;
}

/* Definitions, rows, packages, aliases: each in the book's order. */
char *
rulebook_to_json(const Rulebook *book)
{
	JsonWriter	writer;

	initStringInfo(&writer.text);
	writer.book = book;
	appendStringInfoChar(&writer.text, '[');
	for (uint32 i = 0; i < book->rule_count; i++)
		write_rule(&writer, i);
	for (uint32 i = 0; i < book->row_count; i++)
		write_row(&writer, &book->rows[i]);
	for (uint32 i = 0; i < book->component_count; i++)
		write_package(&writer, &book->components[i]);
	for (uint32 i = 0; i < book->alias_count; i++)
		write_alias(&writer, &book->aliases[i]);
	appendStringInfoChar(&writer.text, ']');
	return writer.text.data;
}
