/*
 * rulebook_columns.h
 *		The columns of the tables charge_rule and package: one list for each.
 *
 * Whoever handles rows column by column loops over these lists: compiling from
 * the tables, JSON in and out, building, checking, order, writing, validation,
 * and the question whether a row has conditions.  A new column of charge_rule
 * is a field of RuleRow and a line of rulebook_columns.c.
 *
 * A row is a RuleRow or a PackageRow; the type of a column says what stands at
 * its offset.  Loops over many rows ask once for the places of a type.
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

extern const RuleColumns rule_row_columns;
extern const RuleColumns package_row_columns;

/* The part of TYPE that stands at OFFSET of a row. */
#define ROW_PART(type, row, offset)	(*(type *) ((char *) (row) + (offset)))

/* Where in a row the columns of some types stand. */
typedef struct ColumnPlaces
{
	int			count;
	uint16		offset[COLUMNS_MOST];
} ColumnPlaces;

#define COLUMN_BIT(type)	(1U << (type))
#define COLUMNS_OF_TEXT		(COLUMN_BIT(COLUMN_TEXT) | COLUMN_BIT(COLUMN_CODE))
#define COLUMNS_OF_LISTS	(COLUMN_BIT(COLUMN_INTS) | COLUMN_BIT(COLUMN_TEXTS))

extern ColumnPlaces column_places(const RuleColumns *columns, uint32 types);
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
