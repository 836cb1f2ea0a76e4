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

/*
 * When a stay began and ended, in ticks after the first admission of the book:
 * days, or seconds where the clock is asked.  What has one tick begins at FIRST of
 * the level below.
 */
typedef struct Ticked
{
	int32		tick;
	int32		first;
} Ticked;

/* More companions than this are no finding but an error. */
#define COMPANION_PAIRS_MAX		5000000

/*
 * Rows: the cells of a facility and tick of admission.  Cells: the people with one
 * tick of discharge among these, ascending.
 */
typedef struct Grid
{
	int32	   *persons;		/* of each stay, in the order of cells */
	Ticked	   *cells;			/* into persons; one more at the end */
	Ticked	   *rows;			/* into cells; one more at the end */
	int32	   *facility_rows;	/* per facility its first row; one more */
	int32		count;
	int32		cell_count;
	int32		row_count;
} Grid;

/* The first of LIST from LOW to HIGH with a tick of at least TICK, else HIGH. */
static inline int32
first_ticked(const Ticked *list, int32 low, int32 high, int64 tick)
{
	while (low < high)
	{
		int32		middle = low + (high - low) / 2;

		if (list[middle].tick < tick)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* The first cell of ROW with a discharge at TICK or later. */
static inline int32
first_cell(const Grid *grid, int32 row, int64 tick)
{
	return first_ticked(grid->cells, grid->rows[row].first, grid->rows[row + 1].first, tick);
}

/* A stay with a discharge, reduced to what matching asks. */
typedef struct Visit
{
	int32		facility;
	int32		admitted;
	int32		discharged;
	int32		person;
	int32		stay;
} Visit;

/* The same for the grid. */
typedef struct GridStay
{
	int32		admitted;
	int32		discharged;
	int32		person;
} GridStay;

/* Everything lives in the context of the call. */
typedef struct CompanionSearch
{
	const Stays *book;
	bool		by_clock;		/* ticks are seconds */
	int32		within;			/* ticks */
	int			min_times;
	int32		last_admitted;	/* tick of the last visit */

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
		Abs((int64) a->admitted - b->admitted) <= search->within &&
		Abs((int64) a->discharged - b->discharged) <= search->within;
}

/* Fills visits and candidates; book, by_clock, within and min_times are given. */
extern void companions_find_candidates(CompanionSearch *search);
extern const Grid *companions_grid(CompanionSearch *search);
extern void companions_too_many(void) pg_attribute_noreturn();

#endif							/* MEDAUDIT_COMPANIONS_H */
