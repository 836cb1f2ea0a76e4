/*
 * ledger_open.c
 *		What a detector calls: the lines of a ledger, netted, and their times.
 *
 * Opening a ledger costs about 15 ns a line where it holds neither refunds nor
 * codes written in several ways; its items alone, about 10 ns each.  The times of
 * day are marked when a detector first asks for them, which sorts the lines
 * (n log n).
 */
#include "postgres.h"
#include "base/compat.h"

#include "miscadmin.h"

#include "ledger/ledger_internal.h"

static struct varlena *
plain_book(struct varlena *book)
{
	struct varlena *plain = pg_detoast_datum_packed(book);

	/* a page is read from its end: what comes next stands before this book */
	packed_prefetch((const char *) plain - PREFETCH_BYTES, PREFETCH_BYTES);
	return plain;
}

Ledger *
ledger_read(struct varlena *book)
{
	struct varlena *plain = plain_book(book);

	return ledger_decode(VARDATA_ANY(plain), VARSIZE_ANY_EXHDR(plain),
						 ERRCODE_DATA_CORRUPTED);
}

Ledger *
ledger_open(struct varlena *book)
{
	Ledger	   *ledger = ledger_read(book);

	ledger_fold_items(ledger);
	ledger_net(ledger);
	return ledger;
}

Ledger *
ledger_open_items(struct varlena *book)
{
	struct varlena *plain = plain_book(book);

	return ledger_decode_items(VARDATA_ANY(plain), VARSIZE_ANY_EXHDR(plain), ERRCODE_DATA_CORRUPTED);
}

void
ledger_read_lines(Ledger *ledger, const bool *wanted)
{
	if (ledger->rest == NULL)
		return;
	ledger_decode_lines(ledger, wanted);
	ledger_net(ledger);
}

/* What is one item only its lines show: all are read. */
void
ledger_fold(Ledger *ledger)
{
	if (ledger->rest == NULL)
		return;
	ledger_decode_lines(ledger, NULL);
	ledger_merge_items(ledger);
	ledger_net(ledger);
}

void
ledger_rename_items(Ledger *ledger, TextSpan *names)
{
	if (ledger->line_count == 0)
		return;
	ledger->items = names;
	ledger_merge_items(ledger);
	ledger_net(ledger);
}

/* ---- times of day ---- */

#define LEAST_LINES_OF_A_POSTING	5

typedef struct LineTime
{
	int32		visit;
	LedgerLine *line;
} LineTime;

static inline int
compare_line_times(const LineTime *a, const LineTime *b)
{
	return a->visit != b->visit ? pg_cmp_s32(a->visit, b->visit) :
		pg_cmp_s64(a->line->charged_at, b->line->charged_at);
}

#define ST_SORT sort_line_times
#define ST_ELEMENT_TYPE LineTime
#define ST_COMPARE(a, b) compare_line_times(a, b)
#define ST_SCOPE static
#define ST_CHECK_FOR_INTERRUPTS
#define ST_DEFINE
#include "lib/sort_template.h"

/*
 * A line at midnight has no time of day, nor has any of at least 5 lines of a
 * visit and day that all carry the same clock time: the system posted them
 * together.
 */
void
ledger_mark_times(Ledger *ledger)
{
	LineTime   *times;

	if (ledger->times_marked || ledger->line_count == 0)
		return;
	ledger_read_rest(ledger);
	ledger->times_marked = true;
	times = palloc_extended(sizeof(LineTime) * ledger->line_count, MCXT_ALLOC_HUGE);
	for (int32 i = 0; i < ledger->line_count; i++)
	{
		times[i].visit = ledger->lines[i].visit;
		times[i].line = &ledger->lines[i];
	}
	sort_line_times(times, ledger->line_count);
	for (int32 first = 0, end; first < ledger->line_count; first = end)
	{
		LedgerLine *line = times[first].line;
		bool		posted;

		for (end = first + 1; end < ledger->line_count; end++)
			if (times[end].visit != times[first].visit ||
				ledger_line_day(times[end].line) != ledger_line_day(line))
				break;
		posted = end - first >= LEAST_LINES_OF_A_POSTING &&
			times[end - 1].line->charged_at == line->charged_at;
		for (int32 i = first; i < end; i++)
			times[i].line->has_time = !posted &&
				!is_midnight(times[i].line->charged_at);
	}
	pfree(times);
}
