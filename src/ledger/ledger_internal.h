/*
 * ledger_internal.h
 *		What the makers of the ledger share: gathering, stored form, netting.
 *
 * Detectors include ledger.h alone.
 */
#ifndef MEDAUDIT_LEDGER_INTERNAL_H
#define MEDAUDIT_LEDGER_INTERNAL_H

#include "lib/stringinfo.h"

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

/*
 * Everything lives in CONTEXT.  A draft with categories has one with each item in
 * its rows, and with each of its books those of the book's items.
 */
struct LedgerDraft
{
	MemoryContext context;
	PackedWriter rows;			/* made with the first row */
	PackedWriter books;			/* each: length, bytes; made with the first */
	int64		row_count;
	int64		line_count;		/* of rows and books */
	int64		skipped;		/* not counting the books' */
	Size		item_at;		/* offset of the last item code in the buffer */
	Size		visit_at;
	Size		category_at;
	int			item_length;
	int			visit_length;	/* -1: no tag */
	int			category_length;
	int32		book_count;
	bool		with_categories;
};

extern void ledger_draft_init(LedgerDraft *draft, MemoryContext context, bool with_categories);
extern LedgerDraft *ledger_draft_create(MemoryContext context);
extern void ledger_draft_add(LedgerDraft *draft, TextSpan visit, TextSpan item,
							 const LedgerLine *line);
extern void ledger_draft_add_with_category(LedgerDraft *draft, TextSpan visit, TextSpan item,
										   TextSpan category, const LedgerLine *line);
extern void ledger_draft_append(LedgerDraft *draft, struct varlena *book);
extern void ledger_draft_skip(LedgerDraft *draft, int64 rows);
extern void ledger_draft_join(LedgerDraft *draft, const LedgerDraft *other);
extern void ledger_draft_send(StringInfo message, const LedgerDraft *draft);
extern void ledger_draft_receive(StringInfo message, LedgerDraft *draft);

/* Time of a line; infinity is no time. */
extern Timestamp ledger_check_time(Timestamp charged_at);

/* Has nothing come at all, not even a row that was skipped? */
static inline bool
ledger_draft_is_empty(const LedgerDraft *draft)
{
	return draft->line_count == 0 && draft->book_count == 0 && draft->skipped == 0;
}

/* ---- categories that are gathered with the lines ---- */

/* Lines of an item disagree about its category: a length in a TextSpan. */
#define CATEGORY_SEVERAL	(-1)

/* Of each item of a book, in its order; of length 0 where nothing is known. */
typedef struct LedgerCategories
{
	TextSpan   *of_item;
	int32		count;
} LedgerCategories;

/* Another line of the item has CATEGORY. */
static inline void
ledger_category_meet(TextSpan *known, TextSpan category)
{
	if (category.length == 0 || known->length == CATEGORY_SEVERAL)
		return;
	if (known->length == 0)
		*known = category;
	else if (!text_span_equal(*known, category))
		known->length = CATEGORY_SEVERAL;
}

/* As in rows and beside books: 0 none, 1 several, else length + 1 and the bytes. */
static inline void
ledger_category_write(PackedWriter *writer, TextSpan category)
{
	packed_reserve(writer, 5 + (Size) Max(category.length, 0));
	if (category.length <= 0)
	{
		packed_unsigned_reserved(writer, category.length == CATEGORY_SEVERAL);
		return;
	}
	packed_unsigned_reserved(writer, (uint64) category.length + 1);
	memcpy(writer->data + writer->used, category.data, category.length);
	writer->used += category.length;
}

static inline TextSpan
ledger_category_read(PackedReader *reader)
{
	uint64		code = packed_read_unsigned(reader);
	TextSpan	category = {"", code == 1 ? CATEGORY_SEVERAL : 0};

	if (code <= 1)
		return category;
	if (code - 1 > (uint64) (reader->end - reader->at))
		packed_damaged(reader);
	category.data = (const char *) reader->at;
	category.length = (int) (code - 1);
	reader->at += category.length;
	return category;
}

extern struct varlena *ledger_draft_finish_with_categories(const LedgerDraft *draft,
														   LedgerCategories *categories);

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
extern Ledger *ledger_decode_items(const void *content, Size length, int sqlstate);
extern void ledger_decode_lines(Ledger *ledger, const bool *wanted);
extern void ledger_read_counts(const void *content, Size length, int32 *lines, int64 *skipped);
extern struct varlena *ledger_encode(Ledger *draft, MemoryContext context);

/* ---- reading (ledger_fold.c, ledger_net.c) ---- */

extern void ledger_fold_items(Ledger *ledger);
extern void ledger_merge_items(Ledger *ledger);
extern void ledger_net(Ledger *ledger);

#endif							/* MEDAUDIT_LEDGER_INTERNAL_H */
