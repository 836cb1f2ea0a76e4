/*
 * companions.h
 *		Which pairs of people may be companions: the search for candidates.
 *
 * companions_search.c lays the stays out and finds the candidates, companions.c
 * judges them.
 */
#ifndef MEDAUDIT_COMPANIONS_H
#define MEDAUDIT_COMPANIONS_H

#include "stays/stays.h"

/* What has one date begins at FIRST of the level below. */
typedef struct Dated
{
	DateADT		date;
	int32		first;
} Dated;

/* More companions than this are no finding but an error. */
#define COMPANION_PAIRS_MAX		5000000

/*
 * Days: the cells of a facility and admission date.  Cells: the people with one
 * discharge date among these, ascending.
 */
typedef struct Grid
{
	int32	   *persons;		/* of each stay, in the order of cells */
	Dated	   *cells;			/* into persons; one more at the end */
	Dated	   *days;			/* into cells; one more at the end */
	int32	   *facility_days;	/* per facility its first day; one more */
	int32		count;
	int32		cell_count;
	int32		day_count;
} Grid;

/* The first of LIST from LOW to HIGH with a date of at least DATE, else HIGH. */
static inline int32
first_dated(const Dated *list, int32 low, int32 high, int64 date)
{
	while (low < high)
	{
		int32		middle = low + (high - low) / 2;

		if (list[middle].date < date)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* The first cell of DAY with a discharge date of at least DATE. */
static inline int32
first_cell(const Grid *grid, int32 day, int64 date)
{
	return first_dated(grid->cells, grid->days[day].first, grid->days[day + 1].first, date);
}

/* A stay with a discharge, reduced to what matching asks. */
typedef struct Visit
{
	int32		facility;
	DateADT		admitted;
	DateADT		discharged;
	int32		person;
	int32		stay;
} Visit;

/* The same for the grid. */
typedef struct GridStay
{
	DateADT		admitted;
	DateADT		discharged;
	int32		person;
} GridStay;

/* Everything lives in the context of the call. */
typedef struct CompanionSearch
{
	const Stays *book;
	int			within_days;
	int			min_times;

	Visit	   *visits;			/* by person, in order */
	int32	   *starts;			/* per person its first visit; one more */
	int32	   *counts;			/* per person its visits */
	GridStay   *grid_stays;		/* by facility, in order; gone with the grid */
	int32	   *facility_starts;	/* per facility its first one; one more */
	Grid		grid;			/* made when it is first asked for */
	int32	   *met;			/* per person: matches with the one at hand */
	int32	   *touched;
	uint64	   *candidates;		/* person << 32 | other, ascending */
	int32		candidate_count;
	int32		candidate_allocated;
} CompanionSearch;

/* Do two stays match? */
static inline bool
visits_match(const CompanionSearch *search, const Visit *a, const Visit *b)
{
	return a->facility == b->facility &&
		Abs((int64) a->admitted - b->admitted) <= search->within_days &&
		Abs((int64) a->discharged - b->discharged) <= search->within_days;
}

/* Fills visits and candidates; book, within_days and min_times are given. */
extern void companions_find_candidates(CompanionSearch *search);
extern const Grid *companions_grid(CompanionSearch *search);
extern void companions_too_many(void) pg_attribute_noreturn();

#endif							/* MEDAUDIT_COMPANIONS_H */
