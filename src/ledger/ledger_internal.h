/*
 * ledger_internal.h
 *		What the makers of the ledger share: gathering, stored form, netting.
 *
 * Detectors include ledger.h alone.
 */
#ifndef MEDAUDIT_LEDGER_INTERNAL_H
#define MEDAUDIT_LEDGER_INTERNAL_H

#include "ledger/ledger.h"

#define LEDGER_MAX_LINES	5000000

/* What is known of every line, so that encoding it need not look. */
#define LEDGER_ALL_SECONDS	0x01	/* times are whole seconds */
#define LEDGER_ALL_WHOLE	0x02	/* quantities are whole units */
#define LEDGER_ALL_CENTS	0x04	/* amounts and claims are whole cents */

/* ---- gathering (ledger_gather.c) and what becomes of it (ledger_build.c) ---- */

/* What a row of the buffer holds besides time, quantity and amount. */
#define ROW_VISIT			0x01	/* a visit other than the row before's */
#define ROW_ITEM			0x02	/* an item other than the row before's */
#define ROW_LINE_ID			0x04
#define ROW_ORIGINAL		0x08
#define ROW_CLAIMED			0x10
#define ROW_SECONDS			0x20	/* the time is in seconds */
#define ROW_WHOLE			0x40	/* the quantity is in units */
#define ROW_CENTS			0x80	/* the amount is in cents */

/* Everything lives in CONTEXT. */
struct LedgerDraft
{
	MemoryContext context;
	PackedWriter rows;			/* made with the first row */
	PackedWriter books;			/* each: length, bytes; made with the first */
	int32		book_count;
	int64		row_count;
	int64		line_count;		/* of rows and books */
	int64		skipped;		/* not counting the books' */
	Size		item_at;		/* offset of the last item code in the buffer */
	int			item_length;
	Size		visit_at;
	int			visit_length;	/* -1: no tag */
};

extern LedgerDraft *ledger_draft_create(MemoryContext context);
extern void ledger_draft_add(LedgerDraft *draft, TextSpan visit, TextSpan item,
							 const LedgerLine *line);
extern void ledger_draft_append(LedgerDraft *draft, struct varlena *book);
extern void ledger_draft_skip(LedgerDraft *draft, int64 rows);

/* ---- the stored form (ledger_format.c) ---- */

/*
 * The total order of the lines of one visit and item.  Past the identifiers the
 * other columns keep the bytes independent of input order where claims are not
 * told apart by them.
 */
static inline int
ledger_line_compare(const LedgerLine *a, const LedgerLine *b)
{
	int			result = pg_cmp_s64(a->charged_at, b->charged_at);

	if (result == 0)
		result = pg_cmp_s64(a->quantity, b->quantity);
	if (result == 0)
		result = pg_cmp_s64(a->amount, b->amount);
	if (result == 0)
		result = text_span_compare(a->line_id, b->line_id);
	if (result == 0)
		result = text_span_compare(a->original_line_id, b->original_line_id);
	if (result == 0)
		result = pg_cmp_s64(a->claimed, b->claimed);
	if (result == 0)
		result = a->claimed_given - b->claimed_given;
	if (result == 0)
		result = (a->line_id.data != NULL) - (b->line_id.data != NULL);
	if (result == 0)
		result = (a->original_line_id.data != NULL) - (b->original_line_id.data != NULL);
	return result;
}

extern Ledger *ledger_decode(const void *content, Size length, int sqlstate);
extern void ledger_read_counts(const void *content, Size length, int32 *lines, int64 *skipped);
extern TextSpan *ledger_read_items(const void *content, Size length, int32 *count);
extern struct varlena *ledger_encode(Ledger *draft, MemoryContext context);

/* ---- reading (ledger_fold.c, ledger_net.c) ---- */

extern void ledger_fold_items(Ledger *ledger);
extern void ledger_merge_items(Ledger *ledger);
extern void ledger_net(Ledger *ledger);

#endif							/* MEDAUDIT_LEDGER_INTERNAL_H */
