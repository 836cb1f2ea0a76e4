/*
 * rulebook_check.c
 *		What a rule row must bring and must not contradict.
 *
 * This is the one place that knows the table of kinds: every row passes here,
 * whether it comes from JSON, from another rulebook or from the tables, and
 * the triggers of the tables call the same code by building a rulebook of the
 * rows that changed.  A row costs a few dozen comparisons.
 */
#include "postgres.h"
#include "base/compat.h"

#include "datatype/timestamp.h"

#include "base/codes.h"
#include "rulebook/rulebook_build.h"
#include "rulebook/rulebook_code.h"
#include "rulebook/rulebook_words.h"

#define SCOPES_OF_TIME \
	(1 << SCOPE_VISIT | 1 << SCOPE_INSTANT | 1 << SCOPE_HOUR | 1 << SCOPE_DAY | \
	 1 << SCOPE_WEEK | 1 << SCOPE_MONTH | 1 << SCOPE_QUARTER | \
	 1 << SCOPE_YEAR | 1 << SCOPE_ROLLING_HOURS | 1 << SCOPE_ROLLING_DAYS)

/* The scopes that a kind takes, where it takes one. */
static const int scopes_of_kind[RULE_KINDS] = {
	[RULE_DUPLICATE] = SCOPES_OF_TIME,
	[RULE_EXCLUSIVE] = SCOPES_OF_TIME,
	[RULE_QUANTITY] = SCOPES_OF_TIME,
	[RULE_AMOUNT] = SCOPES_OF_TIME,
	[RULE_PER_BED_DAY] = 1 << SCOPE_BED_DAY | 1 << SCOPE_BED_NIGHT,
	[RULE_SECONDARY] = SCOPES_OF_TIME,
	[RULE_COURSE] = 1 << SCOPE_VISIT | 1 << SCOPE_SPAN,
	[RULE_PREREQUISITE] = SCOPES_OF_TIME
};

void
rule_row_init(RuleRow *row)
{
	columns_init(&rule_row_columns, row, sizeof(RuleRow));
}

void
package_row_init(PackageRow *row)
{
	columns_init(&package_row_columns, row, sizeof(PackageRow));
	row->min_parts = 2;
}

/* 22023 that names the rule, the code at hand and what is wrong. */
static void
refuse(const RulebookBuilder *builder, uint32 rule, RuleText code,
	   const char *problem)
{
	const RuleEntry *entry = builder_rule_at(builder, rule);
	TextSpan	rule_code = builder_span(builder, entry->rule_code);
	TextSpan	item = builder_span(builder, code);

	if (item.data == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("rule \"%.*s\" (%s), row without item_code: %s",
						rule_code.length, rule_code.data,
						rule_kind_name(entry->kind), _(problem))));
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("rule \"%.*s\" (%s), item \"%.*s\": %s",
					rule_code.length, rule_code.data,
					rule_kind_name(entry->kind), item.length, item.data,
					_(problem))));
}

void
rule_row_refuse(const RulebookBuilder *builder, const RuleRow *row,
				const char *problem)
{
	refuse(builder, row->rule, row->item_code, problem);
	pg_unreachable();
}

void
package_row_refuse(const RulebookBuilder *builder, const PackageRow *row,
				   const char *problem)
{
	refuse(builder, row->rule, row->package_code, problem);
	pg_unreachable();
}

/*
 * What is wrong with a list, or NULL: no list could be met by nothing, so an
 * empty one is a mistake, and an empty prefix, or one of blanks and dots, would be
 * met by everything.
 */
const char *
rule_list_problem(const TextSpan *members, int count)
{
	TextSpan	rest;

	if (count == 0)
		return gettext_noop("a list is empty");
	for (int i = 0; i < count; i++)
	{
		if (members[i].data == NULL)
			return gettext_noop("a list has a null member");
		rest = members[i];
		if (diagnosis_next(&rest) == 0)
			return gettext_noop("a list has an empty member");
	}
	return NULL;
}

static void
check_scope(const RulebookBuilder *builder, const RuleRow *row, RuleKind kind)
{
	if (row->scope != SCOPE_NONE && !(scopes_of_kind[kind] & 1 << row->scope))
		rule_row_refuse(builder, row,
						psprintf(_("this kind takes no scope \"%s\""),
								 rule_scope_name(row->scope, row->scope_length)));
}

/* A half-open range of dates that are dates, or open ends. */
static const char *
valid_problem(DateADT from, DateADT to)
{
	if (from >= to)
		return gettext_noop("valid is empty");
	if ((from != DATEVAL_NOBEGIN && !IS_VALID_DATE(from)) ||
		(to != DATEVAL_NOEND && !IS_VALID_DATE(to)))
		return gettext_noop("valid is out of range");
	return NULL;
}

/* What tables and JSON cannot say: a length of a scope that has none. */
static void
check_length(const RulebookBuilder *builder, const RuleRow *row)
{
	bool		rolling = row->scope == SCOPE_ROLLING_HOURS || row->scope == SCOPE_ROLLING_DAYS;

	if (rolling ? !rule_scope_length_in_range(row->scope, row->scope_length) : row->scope_length != 0)
		rule_row_refuse(builder, row, "the length of the scope is out of range");
}

/* Within the range that its text form reads back. */
static const char *
fixed_problem(const RuleColumn *column, int64 value)
{
	if (value < 0)
		return psprintf(_("%s is negative"), column->name);
	return value > FIXED_MAX ? psprintf(_("%s is out of range"), column->name) : NULL;
}

static const char *
int_problem(const RuleColumn *column, int32 value)
{
	return value < 0 ? psprintf(_("%s is negative"), column->name) : NULL;
}

/* Nothing negative, nothing far beyond any life. */
static const char *
age_problem(RuleAge age, int64 time)
{
	if (age.months < 0 || age.days < 0 || time < 0)
		return gettext_noop("an age is negative");

	/* safe to add to any date of birth */
	if (age.months > 12000 || age.days > 366000 || time > 366000 * USECS_PER_DAY)
		return gettext_noop("an age is above 1000 years");
	return NULL;
}

/* What is wrong with a column that is given, by itself, or NULL. */
static const char *
column_problem(const RuleColumn *column, const void *row)
{
	switch ((RuleColumnType) column->type)
	{
		case COLUMN_FIXED:
			return fixed_problem(column, ROW_PART(int64, row, column->offset));
		case COLUMN_INT:
			return int_problem(column, ROW_PART(int32, row, column->offset));
		case COLUMN_AGE:
			return age_problem(ROW_PART(RuleAge, row, column->offset),
							   ROW_PART(int64, row, column->other));
		case COLUMN_VALID:
			return valid_problem(ROW_PART(DateADT, row, column->offset),
								 ROW_PART(DateADT, row, column->other));
		case COLUMN_CODE:
			if (ROW_PART(RuleText, row, column->offset).length == 0)
				return psprintf(_("%s is empty"), column->name);
			return NULL;
		default:
			return NULL;
	}
}

/* What is wrong with the columns of ROW as a row of KIND, or NULL. */
static const char *
row_problem(const RuleColumns *columns, const KindColumns *kind, const void *row)
{
	uint32		given = columns_given(columns, row);
	const char *problem = columns_problem(columns, kind, given);

	while (problem == NULL && given != 0)
		problem = column_problem(columns_next(columns, &given), row);
	return problem;
}

/* What tables and JSON cannot say: days or a time of an age that is missing. */
static bool
age_is_half(RuleAge age, int64 time)
{
	return age.months == RULE_INT_NULL && (age.days != 0 || time != 0);
}

static void
check_limits(const RulebookBuilder *builder, const RuleRow *row, RuleKind kind)
{
	if (row->ratio != FIXED_NULL && (row->ratio == 0 || row->ratio > FIXED_ONE))
		rule_row_refuse(builder, row, "ratio is not above 0 and at most 1");
	if (kind == RULE_COURSE && row->max_days < 1)
		rule_row_refuse(builder, row, "max_days is too small");
	if (row->item_group.length == 0)
		rule_row_refuse(builder, row, "item_group is empty");
}

/*
 * Ages leave room between them.  Months and days cannot be compared exactly; a
 * mean month serves, as only a clear contradiction is an error.
 */
static void
check_ages(const RulebookBuilder *builder, const RuleRow *row)
{
	double		span;

	if (age_is_half(row->min_age, row->min_age_time) || age_is_half(row->max_age, row->max_age_time))
		rule_row_refuse(builder, row, "an age has no months");
	if (row->min_age.months == RULE_INT_NULL || row->max_age.months == RULE_INT_NULL)
		return;
	span = ((double) row->max_age.months - row->min_age.months) * 30.436875 +
		((double) row->max_age.days - row->min_age.days) +
		((double) row->max_age_time - row->min_age_time) / USECS_PER_DAY;
	if (!(span > 0))
		rule_row_refuse(builder, row, "min_age is not below max_age");
}

static void
check_sex(const RulebookBuilder *builder, const RuleRow *row)
{
	TextSpan	sex = builder_span(builder, row->sex);

	if (sex.data != NULL && !rule_word_is(sex, "1") && !rule_word_is(sex, "2"))
		rule_row_refuse(builder, row,
						"sex is neither 1 (male) nor 2 (female)");
}

/* Checks ROW and fills what follows from it. */
void
rule_row_check(const RulebookBuilder *builder, RuleRow *row)
{
	const RuleEntry *rule = builder_rule_at(builder, row->rule);
	const char *problem;

	if (rule->kind == RULE_PACKAGE)
		rule_row_refuse(builder, row, "this kind takes package rows only");
	problem = row_problem(&rule_row_columns, &builder->row_columns[rule->kind], row);
	if (problem != NULL)
		rule_row_refuse(builder, row, problem);
	check_scope(builder, row, rule->kind);
	check_length(builder, row);
	check_limits(builder, row, rule->kind);
	check_ages(builder, row);
	check_sex(builder, row);
	row->code_match = match_of_code(builder_span(builder, row->item_code), row->code_match_given);
	row->other_match = match_of_code(builder_span(builder, row->other_code), row->code_match_given);
	if (!row->certainty_given)
		row->certainty = rule->certainty;
}

void
package_row_check(const RulebookBuilder *builder, PackageRow *row)
{
	const RuleEntry *rule = builder_rule_at(builder, row->rule);
	KindColumns kind = columns_of_kind(&package_row_columns, RULE_PACKAGE);
	const char *problem = NULL;

	if (rule->kind != RULE_PACKAGE)
		problem = gettext_noop("package columns belong to kind package");
	if (problem == NULL)
		problem = row_problem(&package_row_columns, &kind, row);
	if (problem == NULL && row->min_parts < 1)
		problem = gettext_noop("min_parts is below 1");
	if (problem == NULL && text_span_equal(builder_span(builder, row->package_code),
										   builder_span(builder, row->component_code)))
		problem = gettext_noop("a package is its own component");
	if (problem != NULL)
		package_row_refuse(builder, row, problem);
}
