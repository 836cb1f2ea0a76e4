/*
 * ledger.h
 *		The book of charge lines: what its detectors read.
 *
 * A detector calls ledger_open() in a scratch context that it resets per row
 * and gets the lines in the book's total order, netted.  Texts point into the
 * book's bytes or the scratch context; nothing is to be freed one by one.
 */
#ifndef MEDAUDIT_LEDGER_H
#define MEDAUDIT_LEDGER_H

#include "base/days.h"
#include "base/packed.h"

typedef enum LedgerStatus
{
	LEDGER_KEPT,				/* a charge nothing was taken from */
	LEDGER_REDUCED,				/* a charge with less left */
	LEDGER_CANCELLED,			/* a charge with nothing left: not judged */
	LEDGER_REFUND,				/* a refund used up */
	LEDGER_ORPHAN,				/* a refund with a rest */
	LEDGER_ODD					/* signs contradict: not judged */
} LedgerStatus;

typedef struct LedgerLine
{
	Timestamp	charged_at;
	int64		quantity;		/* as charged, ten-thousandths */
	int64		amount;
	int64		claimed;		/* amount where none was given */
	int64		left_quantity;	/* after netting */
	int64		left_amount;
	int64		left_claimed;
	int32		visit;			/* index into visits */
	int32		item;			/* index into items */
	TextSpan	line_id;		/* data NULL: none */
	TextSpan	original_line_id;
	uint8		status;			/* LedgerStatus */
	bool		claimed_given;
	bool		has_time;		/* only after ledger_mark_times() */
	int32		spelling;		/* index into spellings, where there are any */
} LedgerLine;

/* The lines of one visit and item stand together. */
typedef struct LedgerRun
{
	int32		visit;
	int32		item;
	int32		first;			/* index of its first line */
	int32		count;
} LedgerRun;

typedef struct Ledger
{
	int32		line_count;
	int32		item_count;
	int32		visit_count;	/* at least 1 where there are lines */
	int32		run_count;
	int64		skipped;
	LedgerLine *lines;
	TextSpan   *items;			/* bytewise ascending */
	TextSpan   *spellings;		/* NULL: items stand as they were given */
	TextSpan   *visits;			/* bytewise ascending; data NULL: no tag,
								 * first */
	LedgerRun  *runs;
	bool		needs_netting;	/* refunds or contradictory signs among the
								 * lines */
	bool		times_marked;
	uint8		known;			/* of its makers: LEDGER_ALL_... */
	struct LedgerRest *rest;	/* NULL: all lines are read */
	const bool *wanted;			/* items whose lines are read; NULL: all or
								 * none */
} Ledger;

/* A line that detectors may judge and count: a charge with something left. */
static inline bool
ledger_line_counts(const LedgerLine *line)
{
	return line->status == LEDGER_KEPT || line->status == LEDGER_REDUCED;
}

/* A self-paid line is present, but never in excess and under no cap. */
static inline bool
ledger_line_claimed(const LedgerLine *line)
{
	return line->left_claimed != 0;
}

/* Calendar day of a line, in PostgreSQL's date numbering. */
static inline int32
ledger_line_day(const LedgerLine *line)
{
	return day_of_timestamp(line->charged_at);
}

/*
 * Decodes and nets a ledger into CurrentMemoryContext; keeps pointing into BOOK.
 * Codes of items that are one when folded are one item.
 */
extern Ledger *ledger_open(struct varlena *book);

/*
 * The items alone, as they were given.  Who looks at a few of them asks for their
 * lines with ledger_read_lines(), WANTED by item and kept as long as the ledger
 * (NULL: all of them), and before it looks at others with ledger_read_rest();
 * neither costs anything where all lines are read already.  Where one of the codes
 * is not folded, ledger_fold() comes first.
 */
extern Ledger *ledger_open_items(struct varlena *book);
extern void ledger_fold(Ledger *ledger);
extern void ledger_read_lines(Ledger *ledger, const bool *wanted);

static inline void
ledger_read_rest(Ledger *ledger)
{
	if (ledger->rest != NULL)
		ledger_read_lines(ledger, NULL);
}

/* The lines as they came: codes as they were given, refunds beside charges. */
extern Ledger *ledger_read(struct varlena *book);

/*
 * Gives each item of such lines another name, folded as codes are; items of one
 * name become one, and the lines are netted.
 */
extern void ledger_rename_items(Ledger *ledger, TextSpan *names);

/* The item code of a line as it was given. */
static inline TextSpan
ledger_line_code(const Ledger *ledger, const LedgerLine *line)
{
	return ledger->spellings == NULL ? ledger->items[line->item] : ledger->spellings[line->spelling];
}

/* Fills has_time of every line; cheap when done already. */
extern void ledger_mark_times(Ledger *ledger);

extern const char *ledger_status_name(LedgerStatus status);

/* ---- categories of items, which stand beside a book (item_categories.c) ---- */

/*
 * The text[] argument that says of each of the ITEMS distinct codes of a book, as
 * they were given and in bytewise order, of what category it is.  NULL where the
 * argument is; else each has data, of length 0 where nothing is known.
 */
extern TextSpan *ledger_categories(FunctionCallInfo fcinfo, int argument, int32 items);
extern TextSpan ledger_category_key(TextSpan item, TextSpan category);

/*
 * Lines under construction: the state of the ledger's aggregates, which another
 * aggregate may share to ask its question at once.
 */
typedef struct LedgerDraft LedgerDraft;

extern struct varlena *ledger_draft_finish(const LedgerDraft *draft);

#endif							/* MEDAUDIT_LEDGER_H */
