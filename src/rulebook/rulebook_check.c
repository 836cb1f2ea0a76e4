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

/* What a kind may have beside conditions, validity, unit, certainty and note. */
#define FIELD_ITEM			(1 << 0)
#define FIELD_OTHER			(1 << 1)
#define FIELD_GROUP			(1 << 2)
#define FIELD_SCOPE			(1 << 3)
#define FIELD_MAX_QUANTITY	(1 << 4)
#define FIELD_MAX_AMOUNT	(1 << 5)
#define FIELD_MAX_PRICE		(1 << 6)
#define FIELD_RATIO			(1 << 7)
#define FIELD_MAX_DAYS		(1 << 8)
#define FIELD_DAYS_BEFORE	(1 << 9)
#define FIELD_DIAGNOSES		(1 << 10)
#define FIELD_CONDITION		(1 << 11)	/* any but diagnoses */
#define FIELD_ANY_CONDITION (1 << 12)	/* any, diagnoses too */
#define FIELD_COUNT			10	/* those that a kind may not take */

static const char *const field_names[] = {
	"item_code", "other_code", "item_group", "scope", "max_quantity",
	"max_amount", "max_price", "ratio", "max_days", "days_before",
	"diagnosis_prefixes",
	"a condition (sex, age, facility_ranks, visit_types, insurance_types or departments)",
	"a condition (sex, age, facility_ranks, visit_types, insurance_types, departments or diagnosis_prefixes)"
};

#define SCOPES_OF_TIME \
	(1 << SCOPE_VISIT | 1 << SCOPE_INSTANT | 1 << SCOPE_HOUR | 1 << SCOPE_DAY | \
	 1 << SCOPE_WEEK | 1 << SCOPE_MONTH | 1 << SCOPE_QUARTER | \
	 1 << SCOPE_YEAR | 1 << SCOPE_ROLLING_HOURS | 1 << SCOPE_ROLLING_DAYS)

typedef struct KindRule
{
	int			needs;
	int			takes;			/* beside what it needs */
	int			scopes;
} KindRule;

static const KindRule kinds[RULE_KINDS] = {
	[RULE_DUPLICATE] = {FIELD_ITEM | FIELD_SCOPE,
	FIELD_GROUP, SCOPES_OF_TIME},
	[RULE_EXCLUSIVE] = {FIELD_ITEM | FIELD_OTHER | FIELD_SCOPE,
	FIELD_GROUP, SCOPES_OF_TIME},
	[RULE_QUANTITY] = {FIELD_ITEM | FIELD_SCOPE | FIELD_MAX_QUANTITY,
	FIELD_GROUP, SCOPES_OF_TIME},
	[RULE_AMOUNT] = {FIELD_ITEM | FIELD_SCOPE | FIELD_MAX_AMOUNT,
	FIELD_GROUP, SCOPES_OF_TIME},
	[RULE_PER_BED_DAY] = {FIELD_ITEM | FIELD_SCOPE | FIELD_MAX_QUANTITY,
	FIELD_GROUP, 1 << SCOPE_BED_DAY | 1 << SCOPE_BED_NIGHT},
	[RULE_PRICE] = {FIELD_ITEM | FIELD_MAX_PRICE, FIELD_GROUP, 0},
	[RULE_SECONDARY] = {FIELD_ITEM | FIELD_GROUP | FIELD_RATIO | FIELD_SCOPE,
	FIELD_MAX_PRICE, SCOPES_OF_TIME},
	[RULE_RESTRICTION] = {FIELD_ITEM | FIELD_ANY_CONDITION,
	FIELD_GROUP, 0},
	[RULE_DIAGNOSIS] = {FIELD_DIAGNOSES | FIELD_CONDITION, 0, 0},
	[RULE_COURSE] = {FIELD_ITEM | FIELD_MAX_DAYS,
	FIELD_GROUP | FIELD_SCOPE, 1 << SCOPE_VISIT | 1 << SCOPE_SPAN},
	[RULE_PREREQUISITE] = {FIELD_ITEM | FIELD_OTHER | FIELD_SCOPE,
	FIELD_GROUP, SCOPES_OF_TIME},
	[RULE_OUTSIDE_STAY] = {FIELD_ITEM,
	FIELD_GROUP | FIELD_MAX_DAYS | FIELD_DAYS_BEFORE, 0},
	[RULE_RESETTLED] = {FIELD_ITEM, FIELD_GROUP, 0},
	[RULE_PACKAGE] = {0, 0, 0}
};

void
rule_row_init(RuleRow *row)
{
	RuleText	no_text = {0, RULE_NONE};
	RuleList	no_list = {0, RULE_NONE};

	memset(row, 0, sizeof(RuleRow));
	row->max_quantity = row->max_amount = FIXED_NULL;
	row->max_price = row->ratio = FIXED_NULL;
	row->min_age_months = row->max_age_months = RULE_INT_NULL;
	row->max_days = row->days_before = RULE_INT_NULL;
	row->valid_from = DATEVAL_NOBEGIN;
	row->valid_to = DATEVAL_NOEND;
	row->item_code = row->other_code = row->item_group = no_text;
	row->unit = row->sex = row->note = no_text;
	row->facility_ranks = row->visit_types = row->insurance_types = no_list;
	row->departments = row->diagnosis_prefixes = no_list;
	row->excluded_diagnosis_prefixes = no_list;
}

void
package_row_init(PackageRow *row)
{
	RuleText	no_text = {0, RULE_NONE};
	RuleList	no_list = {0, RULE_NONE};

	memset(row, 0, sizeof(PackageRow));
	row->package_price = FIXED_NULL;
	row->min_parts = 2;
	row->valid_from = DATEVAL_NOBEGIN;
	row->valid_to = DATEVAL_NOEND;
	row->package_code = row->component_code = no_text;
	row->facility_ranks = no_list;
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
						rule_kind_name(entry->kind), problem)));
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("rule \"%.*s\" (%s), item \"%.*s\": %s",
					rule_code.length, rule_code.data,
					rule_kind_name(entry->kind), item.length, item.data,
					problem)));
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
		return "a list is empty";
	for (int i = 0; i < count; i++)
	{
		if (members[i].data == NULL)
			return "a list has a null member";
		rest = members[i];
		if (diagnosis_next(&rest) == 0)
			return "a list has an empty member";
	}
	return NULL;
}

/* The fields that the row brings, as FIELD_ bits. */
static int
fields_of(const RuleRow *row)
{
	bool		condition = row->sex.length != RULE_NONE ||
	row->min_age_months != RULE_INT_NULL ||
	row->max_age_months != RULE_INT_NULL ||
	row->facility_ranks.count != RULE_NONE ||
	row->visit_types.count != RULE_NONE ||
	row->insurance_types.count != RULE_NONE ||
	row->departments.count != RULE_NONE;
	bool		diagnoses = row->diagnosis_prefixes.count != RULE_NONE;

	return (row->item_code.length != RULE_NONE ? FIELD_ITEM : 0) |
		(row->other_code.length != RULE_NONE ? FIELD_OTHER : 0) |
		(row->item_group.length != RULE_NONE ? FIELD_GROUP : 0) |
		(row->scope != SCOPE_NONE ? FIELD_SCOPE : 0) |
		(row->max_quantity != FIXED_NULL ? FIELD_MAX_QUANTITY : 0) |
		(row->max_amount != FIXED_NULL ? FIELD_MAX_AMOUNT : 0) |
		(row->max_price != FIXED_NULL ? FIELD_MAX_PRICE : 0) |
		(row->ratio != FIXED_NULL ? FIELD_RATIO : 0) |
		(row->max_days != RULE_INT_NULL ? FIELD_MAX_DAYS : 0) |
		(row->days_before != RULE_INT_NULL ? FIELD_DAYS_BEFORE : 0) |
		(diagnoses ? FIELD_DIAGNOSES : 0) |
		(condition ? FIELD_CONDITION : 0) |
		(condition || diagnoses ? FIELD_ANY_CONDITION : 0);
}

static void
check_fields(const RulebookBuilder *builder, const RuleRow *row,
			 const KindRule *kind)
{
	int			has = fields_of(row);
	int			missing = kind->needs & ~has;
	int			surplus = has & ~(kind->needs | kind->takes) &
	((1 << FIELD_COUNT) - 1);

	for (int i = 0; missing != 0; i++, missing >>= 1)
	{
		if (missing & 1)
			rule_row_refuse(builder, row,
							psprintf("%s is missing", field_names[i]));
	}
	for (int i = 0; surplus != 0; i++, surplus >>= 1)
	{
		if (surplus & 1)
			rule_row_refuse(builder, row,
							psprintf("this kind takes no %s", field_names[i]));
	}
	if (row->scope != SCOPE_NONE && !(kind->scopes & 1 << row->scope))
		rule_row_refuse(builder, row,
						psprintf("this kind takes no scope \"%s\"",
								 rule_scope_name(row->scope, row->scope_length)));
}

/* Within the range that its text form reads back. */
static inline bool
fixed_in_range(int64 value)
{
	return value == FIXED_NULL || (value <= FIXED_MAX && value >= -FIXED_MAX);
}

/* A half-open range of dates that are dates, or open ends. */
static const char *
valid_problem(DateADT from, DateADT to)
{
	if (from >= to)
		return "valid is empty";
	if ((from != DATEVAL_NOBEGIN && !IS_VALID_DATE(from)) ||
		(to != DATEVAL_NOEND && !IS_VALID_DATE(to)))
		return "valid is out of range";
	return NULL;
}

/* What tables and JSON cannot say: half an age, a length of a scope that has none. */
static void
check_parts(const RulebookBuilder *builder, const RuleRow *row)
{
	bool		rolling = row->scope == SCOPE_ROLLING_HOURS || row->scope == SCOPE_ROLLING_DAYS;

	if ((row->min_age_months == RULE_INT_NULL && (row->min_age_days != 0 || row->min_age_time != 0)) ||
		(row->max_age_months == RULE_INT_NULL && (row->max_age_days != 0 || row->max_age_time != 0)))
		rule_row_refuse(builder, row, "an age has no months");
	if (rolling ? !rule_scope_length_in_range(row->scope, row->scope_length) : row->scope_length != 0)
		rule_row_refuse(builder, row, "the length of the scope is out of range");
	if (!fixed_in_range(row->max_quantity) || !fixed_in_range(row->max_amount) ||
		!fixed_in_range(row->max_price))
		rule_row_refuse(builder, row, "a limit is out of range");
}

static void
check_limits(const RulebookBuilder *builder, const RuleRow *row, RuleKind kind)
{
	const char *problem = valid_problem(row->valid_from, row->valid_to);

	if (row->max_quantity != FIXED_NULL && row->max_quantity < 0)
		rule_row_refuse(builder, row, "max_quantity is negative");
	if (row->max_amount != FIXED_NULL && row->max_amount < 0)
		rule_row_refuse(builder, row, "max_amount is negative");
	if (row->max_price != FIXED_NULL && row->max_price < 0)
		rule_row_refuse(builder, row, "max_price is negative");
	if (row->ratio != FIXED_NULL &&
		(row->ratio <= 0 || row->ratio > FIXED_ONE))
		rule_row_refuse(builder, row, "ratio is not above 0 and at most 1");
	if (row->max_days != RULE_INT_NULL &&
		row->max_days < (kind == RULE_COURSE ? 1 : 0))
		rule_row_refuse(builder, row, "max_days is too small");
	if (row->days_before != RULE_INT_NULL && row->days_before < 0)
		rule_row_refuse(builder, row, "days_before is negative");
	if (problem != NULL)
		rule_row_refuse(builder, row, problem);
}

/* Far beyond any life, and safe to add to any date of birth. */
static bool
age_in_range(int32 months, int32 days, int64 time)
{
	return months <= 12000 && days <= 366000 && time <= 366000 * USECS_PER_DAY;
}

/*
 * Ages are not negative and leave room between them.  Months and days cannot
 * be compared exactly; a mean month serves, as only a clear contradiction is
 * an error.
 */
static void
check_ages(const RulebookBuilder *builder, const RuleRow *row)
{
	bool		low = row->min_age_months != RULE_INT_NULL;
	bool		high = row->max_age_months != RULE_INT_NULL;
	double		span;

	if ((low && (row->min_age_months < 0 || row->min_age_days < 0 ||
				 row->min_age_time < 0)) ||
		(high && (row->max_age_months < 0 || row->max_age_days < 0 ||
				  row->max_age_time < 0)))
		rule_row_refuse(builder, row, "an age is negative");
	if ((low && !age_in_range(row->min_age_months, row->min_age_days,
							  row->min_age_time)) ||
		(high && !age_in_range(row->max_age_months, row->max_age_days,
							   row->max_age_time)))
		rule_row_refuse(builder, row, "an age is above 1000 years");
	if (!low || !high)
		return;
	span = ((double) row->max_age_months - row->min_age_months) * 30.436875 +
		((double) row->max_age_days - row->min_age_days) +
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

static void
check_codes(const RulebookBuilder *builder, RuleRow *row)
{
	TextSpan	item = builder_span(builder, row->item_code);
	TextSpan	other = builder_span(builder, row->other_code);
	TextSpan	group = builder_span(builder, row->item_group);

	if (item.data != NULL && item.length == 0)
		rule_row_refuse(builder, row, "item_code is empty");
	if (other.data != NULL && other.length == 0)
		rule_row_refuse(builder, row, "other_code is empty");
	if (group.data != NULL && group.length == 0)
		rule_row_refuse(builder, row, "item_group is empty");
	row->code_match = match_of_code(item, row->code_match_given);
	row->other_match = match_of_code(other, row->code_match_given);
}

/* Checks ROW and fills what follows from it. */
void
rule_row_check(const RulebookBuilder *builder, RuleRow *row)
{
	const RuleEntry *rule = builder_rule_at(builder, row->rule);

	if (rule->kind == RULE_PACKAGE)
		rule_row_refuse(builder, row, "this kind takes package rows only");
	check_fields(builder, row, &kinds[rule->kind]);
	if (rule->kind == RULE_DIAGNOSIS && row->item_code.length != RULE_NONE)
		rule_row_refuse(builder, row, "this kind takes no item_code");
	check_codes(builder, row);
	check_parts(builder, row);
	check_limits(builder, row, rule->kind);
	check_ages(builder, row);
	check_sex(builder, row);
	if (!row->certainty_given)
		row->certainty = rule->certainty;
}

void
package_row_check(const RulebookBuilder *builder, PackageRow *row)
{
	const RuleEntry *rule = builder_rule_at(builder, row->rule);
	TextSpan	package = builder_span(builder, row->package_code);
	TextSpan	component = builder_span(builder, row->component_code);
	const char *problem = NULL;

	if (rule->kind != RULE_PACKAGE)
		problem = "package columns belong to kind package";
	else if (package.length == 0)
		problem = "package_code is missing";
	else if (component.length == 0)
		problem = "component_code is missing";
	else if (row->package_price == FIXED_NULL)
		problem = "package_price is missing";
	else if (row->package_price < 0)
		problem = "package_price is negative";
	else if (row->min_parts < 1)
		problem = "min_parts is below 1";
	else if (text_span_equal(package, component))
		problem = "a package is its own component";
	else if (!fixed_in_range(row->package_price))
		problem = "package_price is out of range";
	else
		problem = valid_problem(row->valid_from, row->valid_to);
	if (problem != NULL)
		package_row_refuse(builder, row, problem);
}
