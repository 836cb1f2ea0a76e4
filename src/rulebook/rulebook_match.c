/*
 * rulebook_match.c
 *		Which rules meet no code of the data at all.
 *
 * Cost: one look-up for each distinct code and one step for each match.
 */
#include "postgres.h"
#include "base/compat.h"

#include "catalog/pg_type.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/builtins.h"

#include "base/codes.h"
#include "base/rows.h"
#include "base/sort.h"
#include "rulebook/rulebook.h"

/*
 * For each rule how many rows meet a code, how many codes meet it, and how many
 * rows say what they ask in words alone, and so meet nothing.
 */
typedef struct RuleTally
{
	int64		rows;
	int64		rows_that_match;
	int64		items_matched;
	int64		rows_pending;
	int32		last_item;
} RuleTally;

static uint32
rule_of_match(const Rulebook *book, const RuleMatch *match)
{
	if (match->side == SIDE_ITEM || match->side == SIDE_OTHER)
		return book->rows[match->index].rule;
	if (match->side == SIDE_PACKAGE)
		return book->packages[match->index].rule;
	return book->packages[book->components[match->index].package].rule;
}

static void
tally_item(RuleTally *tallies, uint32 rule, int32 item)
{
	if (tallies[rule].last_item == item)
		return;
	tallies[rule].last_item = item;
	tallies[rule].items_matched++;
}

/* A match of a package itself marks all its component rows. */
static void
mark_rows(const Rulebook *book, const RuleMatch *match, bool *row_met,
		  bool *component_met)
{
	if (match->side == SIDE_ITEM || match->side == SIDE_OTHER)
		row_met[match->index] = true;
	else if (match->side == SIDE_COMPONENT)
		component_met[match->index] = true;
	else
	{
		const RulePackage *package = &book->packages[match->index];

		for (uint32 i = 0; i < package->component_count; i++)
			component_met[package->first_component + i] = true;
	}
}

/* Rows without a code (kind diagnosis) look at whatever there is. */
static void
tally_rows(const Rulebook *book, RuleTally *tallies, const bool *row_met,
		   const bool *component_met, int64 items)
{
	for (uint32 i = 0; i < book->row_count; i++)
	{
		RuleTally  *tally = &tallies[book->rows[i].rule];
		bool		any = book->rows[i].item_code.length == RULE_NONE;

		tally->rows++;
		tally->rows_pending += rule_row_is_pending(book, &book->rows[i]);
		if (row_met[i] || (any && items > 0))
			tally->rows_that_match++;
		if (any)
			tally->items_matched = items;
	}
	for (uint32 i = 0; i < book->component_count; i++)
	{
		RuleTally  *tally =
		&tallies[book->packages[book->components[i].package].rule];

		tally->rows++;
		if (component_met[i])
			tally->rows_that_match++;
	}
}

/* The distinct codes of an array of text, NULLs left out. */
static int
distinct_items(ArrayType *array, TextSpan **result)
{
	Datum	   *values;
	bool	   *nulls;
	int			count;
	int			kept = 0;
	TextSpan   *spans;

	deconstruct_array(array, TEXTOID, -1, false, TYPALIGN_INT,
					  &values, &nulls, &count);
	spans = palloc(sizeof(TextSpan) * Max(count, 1));
	for (int i = 0; i < count; i++)
	{
		if (!nulls[i])
			spans[kept++] = code_fold(text_span(DatumGetTextPP(values[i])));
	}
	*result = spans;
	return distinct_texts(spans, kept);
}

static RuleTally *
tally_rules(const Rulebook *book, ArrayType *array)
{
	RuleTally  *tallies = rulebook_alloc(CurrentMemoryContext, sizeof(RuleTally), book->rule_count);
	bool	   *row_met = rulebook_alloc(CurrentMemoryContext, sizeof(bool), book->row_count);
	bool	   *component_met = rulebook_alloc(CurrentMemoryContext, sizeof(bool), book->component_count);
	RuleMatches matches = {NULL, 0, 0};
	TextSpan   *items;
	int			count = distinct_items(array, &items);

	for (int i = 0; i < count; i++)
	{
		CHECK_FOR_INTERRUPTS();
		matches.count = 0;
		rulebook_match(book, items[i], i + 1, &matches);
		for (int k = 0; k < matches.count; k++)
		{
			tally_item(tallies,
					   rule_of_match(book, &matches.matches[k]), i + 1);
			mark_rows(book, &matches.matches[k], row_met, component_met);
		}
	}
	tally_rows(book, tallies, row_met, component_met, count);
	return tallies;
}

/* The columns of rule_match(). */
enum
{
	TALLY_RULE_CODE,
	TALLY_ROWS,
	TALLY_ROWS_THAT_MATCH,
	TALLY_ITEMS_MATCHED,
	TALLY_ROWS_PENDING,
	TALLY_COLUMNS
};

PG_FUNCTION_INFO_V1(rulebook_rule_match);

/*
 * rule_match(rules, items): one row per rule in order of rule_code.  NULL
 * rules are 22004; NULL items give no rows, no items rows with zeros.
 */
Datum
rulebook_rule_match(PG_FUNCTION_ARGS)
{
	Rulebook   *book = rulebook_of_call(fcinfo, 0)->book;
	DetectorRows rows;
	RuleTally  *tallies;

	detector_begin(&rows, fcinfo);
	if (PG_ARGISNULL(1))
		return detector_end(&rows);
	tallies = tally_rules(book, PG_GETARG_ARRAYTYPE_P(1));
	for (uint32 i = 0; i < book->rule_count; i++)
	{
		TextSpan	rule_code = rule_text(book, book->rules[i].rule_code);
		Datum		values[TALLY_COLUMNS];
		bool		nulls[TALLY_COLUMNS] = {false};

		detector_row_start(&rows);
		values[TALLY_RULE_CODE] = PointerGetDatum(cstring_to_text_with_len(rule_code.data,
																		   rule_code.length));
		values[TALLY_ROWS] = Int64GetDatum(tallies[i].rows);
		values[TALLY_ROWS_THAT_MATCH] = Int64GetDatum(tallies[i].rows_that_match);
		values[TALLY_ITEMS_MATCHED] = Int64GetDatum(tallies[i].items_matched);
		values[TALLY_ROWS_PENDING] = Int64GetDatum(tallies[i].rows_pending);
		detector_row(&rows, values, nulls);
	}
	return detector_end(&rows);
}
