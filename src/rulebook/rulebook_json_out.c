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

	if (value == FIXED_NULL)
		return;
	write_key(writer, key);
	text = DatumGetCString(DirectFunctionCall1(numeric_out,
											   NumericGetDatum(fixed_to_quantity(value))));

	appendStringInfoString(&writer->text, text);
	pfree(text);
}

static void
write_int(JsonWriter *writer, const char *key, int32 value)
{
	if (value == RULE_INT_NULL)
		return;
	write_key(writer, key);
	appendStringInfo(&writer->text, "%d", value);
}

static void
write_age(JsonWriter *writer, const char *key, int32 months, int32 days,
		  int64 time)
{
	Interval	age = {time, days, months};
	struct pg_itm parts;
	char text[	MAXDATELEN + 1];

	if (months == RULE_INT_NULL)
		return;
	interval2itm(age, &parts);
	EncodeInterval(&parts, INTSTYLE_POSTGRES, text);
	write_word(writer, key, text);
}

static void
write_ints(JsonWriter *writer, const char *key, RuleList list)
{
	if (list.count == RULE_NONE)
		return;
	write_key(writer, key);
	for (uint32 i = 0; i < list.count; i++)
		appendStringInfo(&writer->text, "%s%d", i == 0 ? "[" : ", ",
						 rule_list_ints(writer->book, list)[i]);
	appendStringInfoChar(&writer->text, ']');
}

static void
write_texts(JsonWriter *writer, const char *key, RuleList list)
{
	if (list.count == RULE_NONE)
		return;
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
write_valid(JsonWriter *writer, DateADT from, DateADT to)
{
	if (from == DATEVAL_NOBEGIN && to == DATEVAL_NOEND)
		return;
	write_key(writer, "valid");
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
write_conditions(JsonWriter *writer, const RuleRow *row)
{
	write_text(writer, "sex", row->sex);
	write_age(writer, "min_age", row->min_age_months, row->min_age_days,
			  row->min_age_time);
	write_age(writer, "max_age", row->max_age_months, row->max_age_days,
			  row->max_age_time);
	write_ints(writer, "facility_ranks", row->facility_ranks);
	write_texts(writer, "visit_types", row->visit_types);
	write_texts(writer, "insurance_types", row->insurance_types);
	write_texts(writer, "departments", row->departments);
	write_texts(writer, "diagnosis_prefixes", row->diagnosis_prefixes);
	write_texts(writer, "excluded_diagnosis_prefixes",
				row->excluded_diagnosis_prefixes);
}

static void
write_row(JsonWriter *writer, const RuleRow *row)
{
	begin_row(writer, row->rule);
	write_text(writer, "item_code", row->item_code);
	if (row->code_match_given != MATCH_EXACT)
		write_word(writer, "code_match", rule_match_name(row->code_match_given));
	write_text(writer, "other_code", row->other_code);
	write_text(writer, "item_group", row->item_group);
	if (row->scope != SCOPE_NONE)
		write_word(writer, "scope",
				   rule_scope_name(row->scope, row->scope_length));
	write_fixed(writer, "max_quantity", row->max_quantity);
	write_fixed(writer, "max_amount", row->max_amount);
	write_fixed(writer, "max_price", row->max_price);
	write_fixed(writer, "ratio", row->ratio);
	write_text(writer, "unit", row->unit);
	write_conditions(writer, row);
	write_int(writer, "max_days", row->max_days);
	write_int(writer, "days_before", row->days_before);
	if (row->certainty_given)
		write_word(writer, "certainty", rule_certainty_name(row->certainty));
	write_valid(writer, row->valid_from, row->valid_to);
	write_text(writer, "note", row->note);
	appendStringInfoChar(&writer->text, '}');
}

static void
write_package(JsonWriter *writer, const RuleComponent *component)
{
	const RulePackage *package = &writer->book->packages[component->package];

	begin_row(writer, package->rule);
	write_text(writer, "package_code", package->package_code);
	write_text(writer, "component_code", component->component_code);
	write_fixed(writer, "package_price", package->package_price);
	write_int(writer, "min_parts", package->min_parts);
	write_ints(writer, "facility_ranks", package->facility_ranks);
	write_valid(writer, package->valid_from, package->valid_to);
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
	write_conditions(&writer, row);
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
