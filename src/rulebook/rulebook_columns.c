/*
 * rulebook_columns.c
 *		The columns of the tables charge_rule and package: one list for each.
 *
 * The order of a list is that of the keys of the JSON form, of the comparison
 * of rows, and of what a row lacks first.
 */
#include "postgres.h"
#include "base/compat.h"

#include "lib/stringinfo.h"

#include "rulebook/rulebook_build.h"
#include "rulebook/rulebook_columns.h"

#define KIND(kind)		(1U << RULE_##kind)
#define EVERY_KIND		((1U << RULE_KINDS) - 1)
#define OF_ITEMS		(EVERY_KIND & ~(KIND(DIAGNOSIS) | KIND(PACKAGE)))
#define OF_TIME \
	(KIND(DUPLICATE) | KIND(EXCLUSIVE) | KIND(QUANTITY) | KIND(AMOUNT) | \
	 KIND(PER_BED_DAY) | KIND(SECONDARY) | KIND(PREREQUISITE))
#define OF_PAIRS		(KIND(EXCLUSIVE) | KIND(PREREQUISITE))
#define OF_QUANTITY		(KIND(QUANTITY) | KIND(PER_BED_DAY))
#define NO_KIND			0

/* They say nothing without one beside those that they need. */
#define NEED_A_CONDITION	(KIND(RESTRICTION) | KIND(DIAGNOSIS))

#define COLUMN(name, type, role, needed, taken) \
	{#name, type, role, offsetof(RuleRow, name), 0, needed, taken}
#define PARTS(name, type, role, first, second, needed, taken) \
	{#name, type, role, offsetof(RuleRow, first), offsetof(RuleRow, second), needed, taken}

static const RuleColumn rule_columns[] = {
	COLUMN(item_code, COLUMN_CODE, ROLE_KEY, OF_ITEMS, NO_KIND),
	PARTS(code_match, COLUMN_MATCH, ROLE_KEY, code_match_given, code_match_given, NO_KIND, EVERY_KIND),
	COLUMN(other_code, COLUMN_CODE, ROLE_KEY, OF_PAIRS, NO_KIND),
	COLUMN(item_group, COLUMN_TEXT, ROLE_KEY, KIND(SECONDARY), OF_ITEMS),
	PARTS(scope, COLUMN_SCOPE, ROLE_KEY, scope, scope_length, OF_TIME, KIND(COURSE)),
	COLUMN(max_quantity, COLUMN_FIXED, ROLE_VALUE, OF_QUANTITY, NO_KIND),
	COLUMN(max_amount, COLUMN_FIXED, ROLE_VALUE, KIND(AMOUNT), NO_KIND),
	COLUMN(max_price, COLUMN_FIXED, ROLE_VALUE, KIND(PRICE), KIND(SECONDARY)),
	COLUMN(ratio, COLUMN_FIXED, ROLE_VALUE, KIND(SECONDARY), NO_KIND),
	COLUMN(unit, COLUMN_TEXT, ROLE_KEY, NO_KIND, EVERY_KIND),
	COLUMN(sex, COLUMN_TEXT, ROLE_CONDITION, NO_KIND, EVERY_KIND),
	PARTS(min_age, COLUMN_AGE, ROLE_CONDITION, min_age, min_age_time, NO_KIND, EVERY_KIND),
	PARTS(max_age, COLUMN_AGE, ROLE_CONDITION, max_age, max_age_time, NO_KIND, EVERY_KIND),
	COLUMN(facility_ranks, COLUMN_INTS, ROLE_CONDITION, NO_KIND, EVERY_KIND),
	COLUMN(visit_types, COLUMN_TEXTS, ROLE_CONDITION, NO_KIND, EVERY_KIND),
	COLUMN(excluded_visit_types, COLUMN_TEXTS, ROLE_CONDITION, NO_KIND, EVERY_KIND),
	COLUMN(insurance_types, COLUMN_TEXTS, ROLE_CONDITION, NO_KIND, EVERY_KIND),
	COLUMN(departments, COLUMN_TEXTS, ROLE_CONDITION, NO_KIND, EVERY_KIND),
	COLUMN(diagnosis_prefixes, COLUMN_TEXTS, ROLE_CONDITION, KIND(DIAGNOSIS), EVERY_KIND),
	COLUMN(excluded_diagnosis_prefixes, COLUMN_TEXTS, ROLE_EXCLUSION, NO_KIND, EVERY_KIND),
	COLUMN(max_days, COLUMN_INT, ROLE_VALUE, KIND(COURSE), KIND(OUTSIDE_STAY)),
	COLUMN(days_before, COLUMN_INT, ROLE_VALUE, NO_KIND, KIND(OUTSIDE_STAY)),
	PARTS(certainty, COLUMN_CERTAINTY, ROLE_VALUE, certainty, certainty_given, NO_KIND, EVERY_KIND),
	PARTS(valid, COLUMN_VALID, ROLE_VALIDITY, valid_from, valid_to, NO_KIND, EVERY_KIND),
	COLUMN(note, COLUMN_TEXT, ROLE_VALUE, NO_KIND, EVERY_KIND)
};

#define PACKAGE(name, type, role, needed, taken) \
	{#name, type, role, offsetof(PackageRow, name), 0, needed, taken}

static const RuleColumn package_columns[] = {
	PACKAGE(package_code, COLUMN_CODE, ROLE_KEY, KIND(PACKAGE), NO_KIND),
	PACKAGE(component_code, COLUMN_CODE, ROLE_VALUE, KIND(PACKAGE), NO_KIND),
	PACKAGE(package_price, COLUMN_FIXED, ROLE_VALUE, KIND(PACKAGE), NO_KIND),
	PACKAGE(min_parts, COLUMN_INT, ROLE_VALUE, NO_KIND, KIND(PACKAGE)),
	PACKAGE(facility_ranks, COLUMN_INTS, ROLE_CONDITION, NO_KIND, KIND(PACKAGE)),
	{"valid", COLUMN_VALID, ROLE_VALIDITY, offsetof(PackageRow, valid_from), offsetof(PackageRow, valid_to), NO_KIND, KIND(PACKAGE)}
};

const RuleColumns rule_row_columns = {rule_columns, lengthof(rule_columns)};
const RuleColumns package_row_columns = {package_columns, lengthof(package_columns)};

StaticAssertDecl(lengthof(rule_columns) <= COLUMNS_MOST && lengthof(package_columns) <= COLUMNS_MOST,
				 "sets of columns are bits");
StaticAssertDecl(RULE_KINDS < 32, "sets of kinds are bits");

ColumnPlaces
column_places(const RuleColumns *columns, uint32 types)
{
	ColumnPlaces places = {0};

	for (int i = 0; i < columns->count; i++)
	{
		if (types & COLUMN_BIT(columns->list[i].type))
			places.offset[places.count++] = columns->list[i].offset;
	}
	return places;
}

const RuleColumn *
column_named(const RuleColumns *columns, TextSpan name)
{
	for (int i = 0; i < columns->count; i++)
	{
		const char *own = columns->list[i].name;

		if (name.length > 0 && own[0] == name.data[0] &&
			strlen(own) == (size_t) name.length && memcmp(own, name.data, name.length) == 0)
			return &columns->list[i];
	}
	return NULL;
}

/* What stands where a column is missing, unless that is zero. */
static void
column_init(const RuleColumn *column, void *row)
{
	const RuleText no_text = {0, RULE_NONE};
	const RuleList no_list = {0, RULE_NONE};

	switch ((RuleColumnType) column->type)
	{
		case COLUMN_TEXT:
		case COLUMN_CODE:
			ROW_PART(RuleText, row, column->offset) = no_text;
			break;
		case COLUMN_FIXED:
			ROW_PART(int64, row, column->offset) = FIXED_NULL;
			break;
		case COLUMN_INT:
			ROW_PART(int32, row, column->offset) = RULE_INT_NULL;
			break;
		case COLUMN_AGE:
			ROW_PART(RuleAge, row, column->offset).months = RULE_INT_NULL;
			break;
		case COLUMN_INTS:
		case COLUMN_TEXTS:
			ROW_PART(RuleList, row, column->offset) = no_list;
			break;
		case COLUMN_VALID:
			ROW_PART(DateADT, row, column->offset) = DATEVAL_NOBEGIN;
			ROW_PART(DateADT, row, column->other) = DATEVAL_NOEND;
			break;
		case COLUMN_MATCH:
		case COLUMN_SCOPE:
		case COLUMN_CERTAINTY:
			break;
	}
}

void
columns_init(const RuleColumns *columns, void *row, Size size)
{
	memset(row, 0, size);
	for (int i = 0; i < columns->count; i++)
		column_init(&columns->list[i], row);
}

static inline bool
column_is_given(const RuleColumn *column, const void *row)
{
	switch ((RuleColumnType) column->type)
	{
		case COLUMN_TEXT:
		case COLUMN_CODE:
			return ROW_PART(RuleText, row, column->offset).length != RULE_NONE;
		case COLUMN_FIXED:
			return ROW_PART(int64, row, column->offset) != FIXED_NULL;
		case COLUMN_INT:
			return ROW_PART(int32, row, column->offset) != RULE_INT_NULL;
		case COLUMN_AGE:
			return ROW_PART(RuleAge, row, column->offset).months != RULE_INT_NULL;
		case COLUMN_INTS:
		case COLUMN_TEXTS:
			return ROW_PART(RuleList, row, column->offset).count != RULE_NONE;
		case COLUMN_MATCH:
			return ROW_PART(uint8, row, column->offset) != MATCH_EXACT;
		case COLUMN_SCOPE:
			return ROW_PART(uint8, row, column->offset) != SCOPE_NONE;
		case COLUMN_CERTAINTY:
			return ROW_PART(uint8, row, column->other);
		case COLUMN_VALID:
			return ROW_PART(DateADT, row, column->offset) != DATEVAL_NOBEGIN ||
				ROW_PART(DateADT, row, column->other) != DATEVAL_NOEND;
	}
	return false;
}

/*
 * Every row is asked what it gives, so the loop over a list that stands in this
 * file is unrolled: types and offsets are constants then, a few instructions a
 * column instead of a switch.
 */
static inline uint32
bits_of_given(const RuleColumn *list, int count, const void *row)
{
	uint32		bits = 0;

#pragma GCC unroll 32
	for (int i = 0; i < count; i++)
		bits |= (uint32) column_is_given(&list[i], row) << i;
	return bits;
}

uint32
columns_given(const RuleColumns *columns, const void *row)
{
	if (columns == &rule_row_columns)
		return bits_of_given(rule_columns, lengthof(rule_columns), row);
	return bits_of_given(columns->list, columns->count, row);
}

#define COMPARE_PART(type, offset) \
	do { \
		type		left = ROW_PART(type, a, offset); \
		type		right = ROW_PART(type, b, offset); \
		if (left != right) \
			return left < right ? -1 : 1; \
	} while (0)

static int
compare_ages(const RuleColumn *column, const void *a, const void *b)
{
	const RuleAge left = ROW_PART(RuleAge, a, column->offset);
	const RuleAge right = ROW_PART(RuleAge, b, column->offset);

	if (left.months != right.months)
		return left.months < right.months ? -1 : 1;
	if (left.days != right.days)
		return left.days < right.days ? -1 : 1;
	COMPARE_PART(int64, column->other);
	return 0;
}

/* Texts and lists begin with their rank. */
static int
compare_column(const RuleColumn *column, const void *a, const void *b)
{
	switch ((RuleColumnType) column->type)
	{
		case COLUMN_TEXT:
		case COLUMN_CODE:
		case COLUMN_INTS:
		case COLUMN_TEXTS:
			COMPARE_PART(uint32, column->offset);
			break;
		case COLUMN_FIXED:
			COMPARE_PART(int64, column->offset);
			break;
		case COLUMN_INT:
			COMPARE_PART(int32, column->offset);
			break;
		case COLUMN_AGE:
			return compare_ages(column, a, b);
		case COLUMN_MATCH:
			COMPARE_PART(uint8, column->offset);
			break;
		case COLUMN_SCOPE:
			COMPARE_PART(uint8, column->offset);
			COMPARE_PART(int32, column->other);
			break;
		case COLUMN_CERTAINTY:
			COMPARE_PART(uint8, column->other);
			COMPARE_PART(uint8, column->offset);
			break;
		case COLUMN_VALID:
			COMPARE_PART(DateADT, column->offset);
			COMPARE_PART(DateADT, column->other);
			break;
	}
	return 0;
}

int
columns_compare(const RuleColumns *columns, int roles, const void *a, const void *b)
{
	for (int i = 0; i < columns->count; i++)
	{
		int			result = 0;

		if (columns->list[i].role & roles)
			result = compare_column(&columns->list[i], a, b);
		if (result != 0)
			return result;
	}
	return 0;
}

/* "sex, min_age or departments" */
static char *
names_of_columns(const RuleColumns *columns, uint32 bits)
{
	StringInfoData names;

	initStringInfo(&names);
	appendStringInfoString(&names, columns_next(columns, &bits)->name);
	while (bits != 0)
	{
		const char *name = columns_next(columns, &bits)->name;

		appendStringInfo(&names, "%s%s", bits != 0 ? ", " : " or ", name);
	}
	return names.data;
}

KindColumns
columns_of_kind(const RuleColumns *columns, RuleKind kind)
{
	KindColumns result = {0};

	for (int i = 0; i < columns->count; i++)
	{
		const RuleColumn *column = &columns->list[i];

		if (column->needed_by & 1U << kind)
			result.needed |= 1U << i;
		else if (column->role == ROLE_CONDITION && (NEED_A_CONDITION & 1U << kind))
			result.one_of |= 1U << i;
		if (column->taken_by & 1U << kind)
			result.taken |= 1U << i;
	}
	return result;
}

const char *
columns_problem(const RuleColumns *columns, const KindColumns *kind, uint32 given)
{
	uint32		missing = kind->needed & ~given;
	uint32		surplus = given & ~(kind->needed | kind->taken);

	if (missing != 0)
		return psprintf("%s is missing", columns_next(columns, &missing)->name);
	if (kind->one_of != 0 && !(kind->one_of & given))
		return psprintf("a condition (%s) is missing", names_of_columns(columns, kind->one_of));
	if (surplus != 0)
		return psprintf("this kind takes no %s", columns_next(columns, &surplus)->name);
	return NULL;
}

/* As bits_of_given(): a row is asked by every statement that reads it. */
bool
rule_row_has_conditions(const RuleRow *row)
{
	bool		result = false;

#pragma GCC unroll 32
	for (int i = 0; i < (int) lengthof(rule_columns); i++)
	{
		if (rule_columns[i].role == ROLE_CONDITION)
			result |= column_is_given(&rule_columns[i], row);
	}
	return result;
}
