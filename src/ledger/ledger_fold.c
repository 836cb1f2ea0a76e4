/*
 * ledger_fold.c
 *		One item for the codes that are one when folded.
 *
 * A book keeps codes as they came.  Where all are folded already, which a glance
 * at each distinct code says, nothing is done.  Else the lines get the folded
 * codes as their items, keep their spelling beside it, and are put in order
 * anew: refunds meet charges, and lines each other, whatever way the code was
 * written.
 */
#include "postgres.h"
#include "base/compat.h"

#include "miscadmin.h"

#include "base/codes.h"
#include "ledger/ledger_internal.h"

static bool
all_folded(const Ledger *ledger)
{
	for (int32 i = 0; i < ledger->item_count; i++)
		if (!code_is_folded(ledger->items[i]))
			return false;
	return true;
}

typedef struct Spelling
{
	TextSpan	folded;
	int32		number;			/* of the code as it was given */
} Spelling;

#define ST_SORT sort_spellings
#define ST_ELEMENT_TYPE Spelling
#define ST_COMPARE(a, b) text_span_compare((a)->folded, (b)->folded)
#define ST_SCOPE static
#define ST_CHECK_FOR_INTERRUPTS
#define ST_DEFINE
#include "lib/sort_template.h"

/* Makes the folded codes the items; the item of each spelling. */
static int32 *
fold_codes(Ledger *ledger)
{
	int32		count = ledger->item_count;
	Spelling   *spellings = palloc_extended(sizeof(Spelling) * count, MCXT_ALLOC_HUGE);
	int32	   *item_of = palloc_extended(sizeof(int32) * count, MCXT_ALLOC_HUGE);

	for (int32 i = 0; i < count; i++)
	{
		spellings[i].folded = code_fold(ledger->items[i]);
		if (spellings[i].folded.data == NULL)
			spellings[i].folded.data = "";
		spellings[i].number = i;
	}
	sort_spellings(spellings, count);
	ledger->spellings = ledger->items;
	ledger->items = palloc_extended(sizeof(TextSpan) * count, MCXT_ALLOC_HUGE);
	ledger->item_count = 0;
	for (int32 i = 0; i < count; i++)
	{
		if (i == 0 || !text_span_equal(spellings[i - 1].folded, spellings[i].folded))
			ledger->items[ledger->item_count++] = spellings[i].folded;
		item_of[spellings[i].number] = ledger->item_count - 1;
	}
	pfree(spellings);
	return item_of;
}

/* The order of a book; past what a line says, how its code was written. */
static int
compare_lines(const LedgerLine *a, const LedgerLine *b)
{
	int			order = pg_cmp_s32(a->visit, b->visit);

	if (order == 0)
		order = pg_cmp_s32(a->item, b->item);
	if (order == 0)
		order = ledger_line_compare(a, b);
	return order != 0 ? order : pg_cmp_s32(a->spelling, b->spelling);
}

typedef LedgerLine *LinePlace;

#define ST_SORT sort_lines
#define ST_ELEMENT_TYPE LinePlace
#define ST_COMPARE(a, b) compare_lines(*(a), *(b))
#define ST_SCOPE static
#define ST_CHECK_FOR_INTERRUPTS
#define ST_DEFINE
#include "lib/sort_template.h"

static void
order_lines(Ledger *ledger)
{
	LinePlace  *order = palloc_extended(sizeof(LinePlace) * ledger->line_count, MCXT_ALLOC_HUGE);
	LedgerLine *lines = palloc_extended(sizeof(LedgerLine) * ledger->line_count, MCXT_ALLOC_HUGE);

	for (int32 i = 0; i < ledger->line_count; i++)
		order[i] = &ledger->lines[i];
	sort_lines(order, ledger->line_count);
	for (int32 i = 0; i < ledger->line_count; i++)
	{
		CHECK_FOR_INTERRUPTS();
		lines[i] = *order[i];
	}
	pfree(order);
	pfree(ledger->lines);
	ledger->lines = lines;
}

/* There are no more runs than before. */
static void
make_runs(Ledger *ledger)
{
	LedgerRun  *run = NULL;

	ledger->run_count = 0;
	for (int32 i = 0; i < ledger->line_count; i++)
	{
		const LedgerLine *line = &ledger->lines[i];

		if (run == NULL || run->visit != line->visit || run->item != line->item)
		{
			run = &ledger->runs[ledger->run_count++];
			run->visit = line->visit;
			run->item = line->item;
			run->first = i;
			run->count = 0;
		}
		run->count++;
	}
}

/* The items, in any order, are folded, and those of one folded code become one. */
void
ledger_merge_items(Ledger *ledger)
{
	int32	   *item_of = fold_codes(ledger);

	for (int32 i = 0; i < ledger->line_count; i++)
	{
		LedgerLine *line = &ledger->lines[i];

		line->spelling = line->item;
		line->item = item_of[line->item];
	}
	pfree(item_of);
	order_lines(ledger);
	make_runs(ledger);
}

void
ledger_fold_items(Ledger *ledger)
{
	if (!all_folded(ledger))
		ledger_merge_items(ledger);
}
