/*
 * rulebook_columns.h
 *		The columns of the tables charge_rule and package: one list for each.
 *
 * Whoever handles rows column by column loops over these lists: compiling from
 * the tables, JSON in and out, building, checking, order, writing, validation,
 * and the question whether a row has conditions.  A new column of charge_rule
 * is a field of RuleRow and a line of rule_columns.
 *
 * A row is a RuleRow or a PackageRow; the type of a column says what stands at
 * its offset.  The lists stand here for the loops that run for every row: before
 * such a loop UNROLL_COLUMNS makes types and offsets constants, and nothing is
 * left of it but what one would write by hand.
 *
 * The order of a list is that of the keys of the JSON form, of the comparison
 * of rows, and of what a row lacks first.
 */
#ifndef MEDAUDIT_RULEBOOK_COLUMNS_H
#define MEDAUDIT_RULEBOOK_COLUMNS_H

#include "port/pg_bitutils.h"
#include "rulebook/rulebook.h"

typedef enum RuleColumnType
{
	COLUMN_TEXT,				/* RuleText */
	COLUMN_CODE,				/* RuleText, folded: a code of an item */
	COLUMN_FIXED,				/* int64, ten-thousandths, not negative */
	COLUMN_INT,					/* int32, not negative */
	COLUMN_AGE,					/* RuleAge; other: int64, the time */
	COLUMN_INTS,				/* RuleList of int32 */
	COLUMN_TEXTS,				/* RuleList of RuleText */
	COLUMN_MATCH,				/* uint8, RuleCodeMatch; exact where missing */
	COLUMN_SCOPE,				/* uint8, RuleScope; other: int32, its length */
	COLUMN_CERTAINTY,			/* uint8, RuleCertainty; other: is it given? */
	COLUMN_VALID				/* DateADT; other: DateADT, the end */
} RuleColumnType;

/* A row of medaudit.package. */
typedef struct PackageRow
{
	int64		package_price;	/* ten-thousandths; FIXED_NULL: missing */
	DateADT		valid_from;
	DateADT		valid_to;
	int32		min_parts;
	uint32		rule;
	RuleText	package_code;
	RuleText	component_code;
	RuleList	facility_ranks;
} PackageRow;

/* What a column says of its row: bits, so that several can be asked for. */
typedef enum RuleColumnRole
{
	ROLE_KEY = 1 << 0,			/* what the row is about */
	ROLE_CONDITION = 1 << 1,	/* what it asks of a visit */
	ROLE_EXCLUSION = 1 << 2,	/* visits that it leaves out */
	ROLE_VALIDITY = 1 << 3,		/* when it holds */
	ROLE_VALUE = 1 << 4			/* what it says then */
} RuleColumnRole;

/* Rows that agree in all of these must not be valid at the same time. */
#define ROLES_OF_KEY	(ROLE_KEY | ROLE_CONDITION | ROLE_EXCLUSION)
#define ROLES_ALL		(ROLES_OF_KEY | ROLE_VALIDITY | ROLE_VALUE)

typedef struct RuleColumn
{
	const char *name;			/* in the table and in JSON */
	uint8		type;			/* RuleColumnType */
	uint8		role;			/* RuleColumnRole */
	uint16		offset;			/* in the row */
	uint16		other;			/* of the second part, where the type has one */
	uint32		needed_by;		/* bit per RuleKind that cannot do without it */
	uint32		taken_by;		/* bit per RuleKind that takes it besides */
} RuleColumn;

/* Sets of columns are bits of 32. */
#define COLUMNS_MOST	32

typedef struct RuleColumns
{
	const RuleColumn *list;
	int			count;
} RuleColumns;

#define KIND(kind)		(1U << RULE_##kind)
#define EVERY_KIND		((1U << RULE_KINDS) - 1)
#define OF_ITEMS		(EVERY_KIND & ~(KIND(DIAGNOSIS) | KIND(PACKAGE)))
#define OF_TIME \
	(KIND(DUPLICATE) | KIND(EXCLUSIVE) | KIND(QUANTITY) | KIND(AMOUNT) | \
	 KIND(PER_BED_DAY) | KIND(SECONDARY) | KIND(PREREQUISITE))
#define OF_PAIRS		(KIND(EXCLUSIVE) | KIND(PREREQUISITE))
#define OF_QUANTITY		(KIND(QUANTITY) | KIND(PER_BED_DAY))
#define NO_KIND			0

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

extern const RuleColumns rule_row_columns;
extern const RuleColumns package_row_columns;

/* Before a loop over a list whose length the compiler knows. */
#define UNROLL_COLUMNS		_Pragma("GCC unroll 32")

static inline bool
column_is_text(const RuleColumn *column)
{
	return column->type == COLUMN_TEXT || column->type == COLUMN_CODE;
}

static inline bool
column_is_list(const RuleColumn *column)
{
	return column->type == COLUMN_INTS || column->type == COLUMN_TEXTS;
}

/* The part of TYPE that stands at OFFSET of a row. */
#define ROW_PART(type, row, offset)	(*(type *) ((char *) (row) + (offset)))

extern const RuleColumn *column_named(const RuleColumns *columns, TextSpan name);

/* Makes every column of ROW missing; the rest becomes zero. */
extern void columns_init(const RuleColumns *columns, void *row, Size size);

/* The columns that ROW gives, as bits by their number. */
extern uint32 columns_given(const RuleColumns *columns, const void *row);

/* Compares the columns of ROLES in their order, by rank where they are texts. */
extern int	columns_compare(const RuleColumns *columns, int roles,
							const void *a, const void *b);

/* What a kind asks of the columns of a list, as bits by their number. */
typedef struct KindColumns
{
	uint32		needed;
	uint32		taken;
	uint32		one_of;			/* at least one of these; 0: none */
	uint32		words;			/* or this, which says in words what they will */
} KindColumns;

extern KindColumns columns_of_kind(const RuleColumns *columns, RuleKind kind);

/* What is missing among the columns GIVEN, or not taken; NULL: nothing. */
extern const char *columns_problem(const RuleColumns *columns, const KindColumns *kind,
								   uint32 given);

/* The first of the columns in BITS, and its removal from them. */
static inline const RuleColumn *
columns_next(const RuleColumns *columns, uint32 *bits)
{
	int			number = pg_rightmost_one_pos32(*bits);

	*bits &= *bits - 1;
	return &columns->list[number];
}

#endif							/* MEDAUDIT_RULEBOOK_COLUMNS_H */
