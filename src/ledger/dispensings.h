/*
 * dispensings.h
 *		Dispensed drugs: what the detectors over a book of fills read.
 *
 * One drug at the level that is asked for, one date and one place are one
 * dispensing, with the stock of the drug before and after it.
 */
#ifndef MEDAUDIT_DISPENSINGS_H
#define MEDAUDIT_DISPENSINGS_H

#include "base/drug_codes.h"
#include "base/rows.h"
#include "ledger/ledger.h"

/* A line of the book that counts. */
typedef struct Fill
{
	int32		drug;			/* index into drugs */
	int32		day;
	int32		place;			/* index into the visits of the book */
	int32		strength;		/* one number for each strength of a drug */
	int32		line;			/* index into the lines of the book */
} Fill;

typedef struct Dispensing
{
	int32		drug;
	int32		day;
	int32		place;
	int32		first;			/* index of its first fill */
	int32		count;
	int64		days;			/* of supply, ten-thousandths */
	int64		amount;
	int64		before;			/* days of the drug in stock */
	int64		after;
} Dispensing;

typedef struct Dispensings
{
	const Ledger *book;
	DrugLevel	level;
	TextSpan   *drugs;			/* bytewise ascending */
	int32		drug_count;
	int32	   *drug_of_item;	/* of each item of the book */
	Fill	   *fills;			/* by dispensing, then strength */
	Dispensing *dispensings;	/* by drug, day and place */
	int32		count;
	int32	   *last_seen;		/* of each place: scratch */
	int32		round;
} Dispensings;

/*
 * Of the book that is argument 0, read at the level that is argument 1; NULL for
 * a NULL book, whose level is looked at all the same.
 */
extern Dispensings *dispensings_of_call(FunctionCallInfo fcinfo);

/* The dispensings of one drug go from FIRST to before what is returned. */
extern int32 dispensings_of_drug(const Dispensings *all, int32 first);

/* Known places among COUNT dispensings from FIRST on. */
extern int32 dispensings_places(Dispensings *all, int32 first, int32 count);

/* Identifiers of their fills, by dispensing, then bytewise; fills without are left out. */
extern Datum dispensings_fill_ids(const Dispensings *all, int32 first, int32 count);

/* Values of a row. */
extern void supply_put_drug(Datum *values, int column, const Dispensings *all, int32 drug);
extern void supply_put_place(Datum *values, bool *nulls, int column, const Dispensings *all, int32 place);
extern void supply_put_day(Datum *values, int column, int32 day);
extern void supply_put_days(Datum *values, int column, int64 days);
extern void supply_put_yuan(Datum *values, int column, int64 amount);

/* Days of supply for each of SPAN days; NULL where that is 0. */
extern void supply_put_ratio(Datum *values, bool *nulls, int column, int64 days, int32 span);

#endif							/* MEDAUDIT_DISPENSINGS_H */
