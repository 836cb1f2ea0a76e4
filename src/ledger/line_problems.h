/*
 * line_problems.h
 *		What contradicts itself within one charge line, and how often it does.
 */
#ifndef MEDAUDIT_LINE_PROBLEMS_H
#define MEDAUDIT_LINE_PROBLEMS_H

#include "lib/stringinfo.h"

#include "base/fixed.h"

/* The numbers of a line, in ten-thousandths; FIXED_NULL: not given. */
typedef struct LineNumbers
{
	int64		quantity;
	int64		price;
	int64		amount;
	int64		claimed;
	bool		exact;			/* nothing of the first three was rounded */
	Datum		given_quantity; /* as they came */
	Datum		given_price;
	Datum		given_amount;
} LineNumbers;

/* What is counted of a group, in the order of the result. */
typedef enum LineProblem
{
	LINE_INCOMPLETE,
	LINE_BAD,
	LINE_SIGN,
	LINE_PRODUCT,
	LINE_CLAIM,
	LINE_CATEGORY				/* of an item, not of a line: counted at the
								 * end */
} LineProblem;

#define LINE_PROBLEMS	(LINE_CATEGORY + 1)

typedef struct LineCounts
{
	int32		lines[LINE_PROBLEMS];
} LineCounts;

/* Quantity, price, amount and claim, as these arguments of a call have them. */
extern void line_numbers_read(LineNumbers *line, FunctionCallInfo fcinfo, int quantity, int price,
							  int amount, int claimed);

/* The problems of a line, a bit each; 0: none. */
extern uint32 line_problems_of(const LineNumbers *line, bool incomplete, bool bad);

extern void line_counts_add(LineCounts *counts, uint32 problems);
extern void line_counts_join(LineCounts *counts, const LineCounts *other);
extern void line_counts_send(StringInfo message, const LineCounts *counts);
extern void line_counts_receive(StringInfo message, LineCounts *counts);
extern Datum line_counts_array(const LineCounts *counts);

#endif							/* MEDAUDIT_LINE_PROBLEMS_H */
