/*
 * ledger_raw.c
 *		What is asked of lines as they came: nothing is folded, nothing netted.
 *
 * A run asks this of the book of each visit instead of reading the lines again:
 * what was refunded beyond what was charged, which lines lie outside a stay, and
 * sums by item.  On which dates something was charged is asked of what refunds
 * have left: what was taken back whole was not done on its date.
 *
 * Cost: O(lines), decoding them included; memory that of the decoded book, and
 * 32 bytes an item for the sums.
 */
#include "postgres.h"
#include "base/compat.h"

#include "access/htup_details.h"
#include "funcapi.h"
#include "miscadmin.h"

#include "base/fixed.h"
#include "base/rows.h"
#include "ledger/ledger.h"

static Ledger *
lines_of_call(FunctionCallInfo fcinfo)
{
	return ledger_read((struct varlena *) PG_GETARG_POINTER(0));
}

static Datum
row_of_call(FunctionCallInfo fcinfo, Datum *values, bool *nulls)
{
	return HeapTupleGetDatum(heap_form_tuple(detector_row_type(fcinfo), values, nulls));
}

PG_FUNCTION_INFO_V1(ledger_refunded_items);

/* Items of visits of which more was refunded than charged; strict. */
Datum
ledger_refunded_items(PG_FUNCTION_ARGS)
{
	const Ledger *ledger = lines_of_call(fcinfo);
	int32		items = 0;

	if (!ledger->needs_netting)
		PG_RETURN_INT32(0);
	for (int32 r = 0; r < ledger->run_count; r++)
	{
		const LedgerRun *run = &ledger->runs[r];
		int128		quantity = 0;

		CHECK_FOR_INTERRUPTS();
		for (int32 i = run->first; i < run->first + run->count; i++)
			quantity += ledger->lines[i].quantity;
		items += quantity < 0;
	}
	PG_RETURN_INT32(items);
}

enum
{
	OUTSIDE_BEFORE,
	OUTSIDE_AFTER,
	OUTSIDE_COLUMNS
};

PG_FUNCTION_INFO_V1(ledger_lines_outside);

/*
 * Lines dated before the date of admission and after that of discharge; a bound
 * that is NULL or infinite is not asked about.  NULL for a NULL book.
 */
Datum
ledger_lines_outside(PG_FUNCTION_ARGS)
{
	int32		admitted = PG_INT32_MIN;
	int32		discharged = PG_INT32_MAX;
	bool		bounded = detector_day(fcinfo, 1, &admitted) | detector_day(fcinfo, 2, &discharged);
	int32		before = 0;
	int32		after = 0;
	const Ledger *ledger;
	Datum		values[OUTSIDE_COLUMNS];
	bool		nulls[OUTSIDE_COLUMNS] = {false};

	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	if (bounded)
	{
		ledger = lines_of_call(fcinfo);
		for (int32 i = 0; i < ledger->line_count; i++)
		{
			int32		day = ledger_line_day(&ledger->lines[i]);

			before += day < admitted;
			after += day > discharged;
		}
	}
	values[OUTSIDE_BEFORE] = Int32GetDatum(before);
	values[OUTSIDE_AFTER] = Int32GetDatum(after);
	return row_of_call(fcinfo, values, nulls);
}

enum
{
	DATES_FIRST,
	DATES_LAST,
	DATES_COLUMNS
};

PG_FUNCTION_INFO_V1(ledger_charged_dates);

/*
 * The dates of the first and the last charge of which refunds have left something;
 * NULLs: none; strict.  Without refunds, by far the usual case, opening costs no
 * more than reading.
 */
Datum
ledger_charged_dates(PG_FUNCTION_ARGS)
{
	const Ledger *ledger = ledger_open((struct varlena *) PG_GETARG_POINTER(0));
	Timestamp	first = DT_NOEND;
	Timestamp	last = DT_NOBEGIN;
	Datum		values[DATES_COLUMNS] = {0};
	bool		nulls[DATES_COLUMNS] = {true, true};

	for (int32 i = 0; i < ledger->line_count; i++)
	{
		const LedgerLine *line = &ledger->lines[i];

		if (!ledger_line_counts(line))
			continue;
		first = Min(first, line->charged_at);
		last = Max(last, line->charged_at);
	}
	if (!TIMESTAMP_IS_NOEND(first))
	{
		nulls[DATES_FIRST] = nulls[DATES_LAST] = false;
		values[DATES_FIRST] = DateADTGetDatum(day_of_timestamp(first));
		values[DATES_LAST] = DateADTGetDatum(day_of_timestamp(last));
	}
	return row_of_call(fcinfo, values, nulls);
}

enum
{
	SUM_ITEM_CODE,
	SUM_CATEGORY,
	SUM_LINES,
	SUM_QUANTITY,
	SUM_AMOUNT,
	SUM_REFUNDS,
	SUM_COLUMNS
};

typedef struct ItemSum
{
	int32		lines;
	bool		refunds;
	int64		quantity;
	int64		amount;
} ItemSum;

static ItemSum *
sum_items(const Ledger *ledger)
{
	ItemSum    *sums = (ItemSum *) MemoryContextAllocExtended(CurrentMemoryContext,
															  mul_size(Max(ledger->item_count, 1), sizeof(ItemSum)),
															  MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);

	for (int32 i = 0; i < ledger->line_count; i++)
	{
		const LedgerLine *line = &ledger->lines[i];
		ItemSum    *sum = &sums[line->item];

		sum->lines++;
		sum->refunds |= line->amount < 0;
		sum->quantity = fixed_add(sum->quantity, line->quantity);
		sum->amount = fixed_add(sum->amount, line->amount);
	}
	return sums;
}

PG_FUNCTION_INFO_V1(ledger_item_sums);

/* A row for each distinct code, by code; no rows for a NULL book. */
Datum
ledger_item_sums(PG_FUNCTION_ARGS)
{
	DetectorRows rows;
	const Ledger *ledger;
	const TextSpan *categories;
	const ItemSum *sums;

	detector_begin(&rows, fcinfo);
	if (PG_ARGISNULL(0))
		return detector_end(&rows);
	ledger = lines_of_call(fcinfo);
	categories = ledger_categories(fcinfo, 1, ledger->item_count);
	sums = sum_items(ledger);
	for (int32 i = 0; i < ledger->item_count; i++)
	{
		Datum		values[SUM_COLUMNS];
		bool		nulls[SUM_COLUMNS] = {false};

		detector_row_start(&rows);
		nulls[SUM_CATEGORY] = categories == NULL || categories[i].length == 0;
		values[SUM_CATEGORY] = nulls[SUM_CATEGORY] ? (Datum) 0 : detector_text(categories[i]);
		values[SUM_ITEM_CODE] = detector_text(ledger->items[i]);
		values[SUM_LINES] = Int32GetDatum(sums[i].lines);
		values[SUM_QUANTITY] = NumericGetDatum(fixed_to_quantity(sums[i].quantity));
		values[SUM_AMOUNT] = NumericGetDatum(fixed_to_money(sums[i].amount));
		values[SUM_REFUNDS] = BoolGetDatum(sums[i].refunds);
		detector_row(&rows, values, nulls);
	}
	return detector_end(&rows);
}
