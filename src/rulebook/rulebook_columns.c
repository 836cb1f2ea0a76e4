/*
 * rulebook_columns.c
 *		What a row gives of its columns, and how rows compare by them.
 */
#include "postgres.h"
#include "base/compat.h"

#include "lib/stringinfo.h"

#include "rulebook/rulebook_columns.h"

/* They say nothing without one beside those that they need. */
#define NEED_A_CONDITION	(KIND(RESTRICTION) | KIND(DIAGNOSIS))

/*
 * Of these a row may say its condition in its note alone, as published texts of
 * indications do: it is kept, and counted, until somebody has read it.
 */
#define MAY_BE_PENDING		KIND(RESTRICTION)

const RuleColumns rule_row_columns = {rule_columns, lengthof(rule_columns)};
const RuleColumns package_row_columns = {package_columns, lengthof(package_columns)};

StaticAssertDecl(lengthof(rule_columns) <= COLUMNS_MOST && lengthof(package_columns) <= COLUMNS_MOST,
				 "sets of columns are bits");
StaticAssertDecl(RULE_KINDS < 32, "sets of kinds are bits");

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

static pg_attribute_always_inline bool
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

/* Every row is asked what it gives. */
static pg_attribute_always_inline uint32
bits_of_given(const RuleColumn *list, int count, const void *row)
{
	uint32		bits = 0;

	UNROLL_COLUMNS
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
		else if (column->offset == offsetof(RuleRow, note) && columns == &rule_row_columns &&
				 (MAY_BE_PENDING & 1U << kind))
			result.words |= 1U << i;
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
		return psprintf(_("%s is missing"), columns_next(columns, &missing)->name);
	if (kind->one_of != 0 && !((kind->one_of | kind->words) & given))
		return psprintf(_("a condition (%s) is missing"), names_of_columns(columns, kind->one_of));
	if (surplus != 0)
		return psprintf(_("this kind takes no %s"), columns_next(columns, &surplus)->name);
	return NULL;
}

/* As bits_of_given(): a row is asked by every statement that reads it. */
bool
rule_row_has_conditions(const RuleRow *row)
{
	bool		result = false;

	UNROLL_COLUMNS
		for (int i = 0; i < (int) lengthof(rule_columns); i++)
	{
		if (rule_columns[i].role == ROLE_CONDITION)
			result |= column_is_given(&rule_columns[i], row);
	}
	return result;
}

/* Does the row say what it asks in its note alone? */
bool
rule_row_is_pending(const Rulebook *book, const RuleRow *row)
{
	return (MAY_BE_PENDING & 1U << book->rules[row->rule].kind) && !rule_row_has_conditions(row);
}
