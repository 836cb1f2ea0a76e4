/*
 * dispensings.c
 *		From the fills of a book to dispensings, and the stock they make.
 *
 * A book of fills is a ledger: the item is the drug, the quantity counts days of
 * supply, the visit is the place.  Packs of one strength that are dispensed on one
 * date at one place add up; strengths stand side by side (warfarin 2.5 mg and 3 mg,
 * 30 days each, are 30 days), so that the longest of them counts.
 *
 * Stock is what was left of the drug and what came: nothing is capped, and days in
 * hospital are not added back, for that would accuse a person of what the hospital
 * gave.
 *
 * Cost: n log n in lines; memory 84 bytes a line that counts beside the opened book.
 */
#include "postgres.h"
#include "base/compat.h"

#include "miscadmin.h"
#include "utils/date.h"
#include "utils/memutils.h"

#include "base/fixed.h"
#include "base/sort.h"
#include "ledger/dispensings.h"

/* ---- drugs and strengths by number ---- */

static int32
position_of_text(const TextSpan *sorted, int32 count, TextSpan wanted)
{
	int32		low = 0;
	int32		high = count;

	while (low < high)
	{
		int32		middle = low + (high - low) / 2;

		if (text_span_compare(sorted[middle], wanted) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/*
 * What each item of the book is at LEVEL: its number among the distinct codes at
 * that level, which are left in NAMES.
 */
static int32 *
number_items(const Ledger *book, DrugLevel level, TextSpan **names, int32 *count)
{
	TextSpan   *distinct = palloc_extended(mul_size(Max(book->item_count, 1), sizeof(TextSpan)),
										   MCXT_ALLOC_HUGE);
	int32	   *numbers = palloc(mul_size(Max(book->item_count, 1), sizeof(int32)));

	for (int32 i = 0; i < book->item_count; i++)
		distinct[i] = drug_code_cut(book->items[i], level);
	*count = distinct_texts(distinct, book->item_count);
	*names = distinct;
	for (int32 i = 0; i < book->item_count; i++)
	{
		CHECK_FOR_INTERRUPTS();
		numbers[i] = position_of_text(distinct, *count, drug_code_cut(book->items[i], level));
	}
	return numbers;
}

/* ---- fills in order ---- */

static inline int
compare_fills(const Fill *a, const Fill *b)
{
	int			result = pg_cmp_s32(a->drug, b->drug);

	if (result == 0)
		result = pg_cmp_s32(a->day, b->day);
	if (result == 0)
		result = pg_cmp_s32(a->place, b->place);
	if (result == 0)
		result = pg_cmp_s32(a->strength, b->strength);
	if (result == 0)
		result = pg_cmp_s32(a->line, b->line);
	return result;
}

#define ST_SORT sort_fills
#define ST_ELEMENT_TYPE Fill
#define ST_COMPARE(a, b) compare_fills(a, b)
#define ST_SCOPE static
#define ST_CHECK_FOR_INTERRUPTS
#define ST_DEFINE
#include "lib/sort_template.h"

/* The lines that count; returns how many there are. */
static int32
gather_fills(Dispensings *all)
{
	const Ledger *book = all->book;
	TextSpan   *strengths;
	int32		strength_count;
	int32	   *strength_of_item = number_items(book, DRUG_STRENGTH, &strengths, &strength_count);
	int32		count = 0;

	all->fills = palloc_extended(mul_size(Max(book->line_count, 1), sizeof(Fill)), MCXT_ALLOC_HUGE);
	for (int32 i = 0; i < book->line_count; i++)
	{
		const LedgerLine *line = &book->lines[i];
		Fill	   *fill = &all->fills[count];

		if (!ledger_line_counts(line))
			continue;
		fill->drug = all->drug_of_item[line->item];
		fill->day = ledger_line_day(line);
		fill->place = line->visit;
		fill->strength = strength_of_item[line->item];
		fill->line = i;
		count++;
	}
	sort_fills(all->fills, count);
	return count;
}

/* ---- dispensings and their stock ---- */

static const LedgerLine *
line_of_fill(const Dispensings *all, const Fill *fill)
{
	return &all->book->lines[fill->line];
}

static bool
same_dispensing(const Fill *a, const Fill *b)
{
	return a->drug == b->drug && a->day == b->day && a->place == b->place;
}

/* The greatest, over its strengths, of the days added within one; and its money. */
static void
add_fills(const Dispensings *all, Dispensing *dispensing)
{
	const Fill *fill = &all->fills[dispensing->first];
	int64		days = 0;

	dispensing->days = dispensing->amount = 0;
	for (int32 i = 0; i < dispensing->count; i++, fill++)
	{
		const LedgerLine *line = line_of_fill(all, fill);

		if (i > 0 && fill->strength != fill[-1].strength)
			days = 0;
		days = fixed_add(days, line->left_quantity);
		dispensing->days = Max(dispensing->days, days);
		dispensing->amount = fixed_add(dispensing->amount, line->left_amount);
	}
}

/* BEFORE: the dispensing before it of the same drug; NULL: it is the first. */
static void
add_stock(Dispensing *dispensing, const Dispensing *before)
{
	dispensing->before = 0;
	if (before != NULL)
	{
		int64		left = before->after - (int64) (dispensing->day - before->day) * FIXED_ONE;

		dispensing->before = Max(left, 0);
	}
	dispensing->after = fixed_add(dispensing->before, dispensing->days);
}

static void
make_dispensings(Dispensings *all, int32 fills)
{
	all->dispensings = palloc_extended(mul_size(Max(fills, 1), sizeof(Dispensing)), MCXT_ALLOC_HUGE);
	for (int32 first = 0, end; first < fills; first = end)
	{
		const Fill *fill = &all->fills[first];
		Dispensing *dispensing = &all->dispensings[all->count];
		const Dispensing *before = all->count > 0 ? dispensing - 1 : NULL;

		CHECK_FOR_INTERRUPTS();
		for (end = first + 1; end < fills; end++)
			if (!same_dispensing(fill, &all->fills[end]))
				break;
		dispensing->drug = fill->drug;
		dispensing->day = fill->day;
		dispensing->place = fill->place;
		dispensing->first = first;
		dispensing->count = end - first;
		add_fills(all, dispensing);
		add_stock(dispensing, before != NULL && before->drug == fill->drug ? before : NULL);
		all->count++;
	}
}

Dispensings *
dispensings_of_call(FunctionCallInfo fcinfo)
{
	DrugLevel	level = drug_level_argument(fcinfo, 1, "drug_level");
	Dispensings *all;

	if (PG_ARGISNULL(0))
		return NULL;
	all = palloc0(sizeof(Dispensings));
	all->book = ledger_open((struct varlena *) PG_GETARG_POINTER(0));
	all->level = level;
	if (all->book->line_count == 0)
		return all;
	all->drug_of_item = number_items(all->book, level, &all->drugs, &all->drug_count);
	make_dispensings(all, gather_fills(all));
	return all;
}

int32
dispensings_of_drug(const Dispensings *all, int32 first)
{
	int32		end = first + 1;

	while (end < all->count && all->dispensings[end].drug == all->dispensings[first].drug)
		end++;
	return end;
}

int32
dispensings_places(Dispensings *all, int32 first, int32 count)
{
	int32		places = 0;

	if (all->last_seen == NULL)
		all->last_seen = palloc0(mul_size(all->book->visit_count, sizeof(int32)));
	all->round++;
	for (int32 i = first; i < first + count; i++)
	{
		int32		place = all->dispensings[i].place;

		if (all->book->visits[place].data == NULL || all->last_seen[place] == all->round)
			continue;
		all->last_seen[place] = all->round;
		places++;
	}
	return places;
}

Datum
dispensings_fill_ids(const Dispensings *all, int32 first, int32 count)
{
	const Dispensing *last = &all->dispensings[first + count - 1];
	int32		fills = last->first + last->count - all->dispensings[first].first;
	TextSpan   *ids = palloc(mul_size(fills, sizeof(TextSpan)));
	int32		known = 0;

	for (int32 i = first; i < first + count; i++)
	{
		const Dispensing *dispensing = &all->dispensings[i];
		int32		before = known;

		CHECK_FOR_INTERRUPTS();
		for (int32 f = dispensing->first; f < dispensing->first + dispensing->count; f++)
		{
			TextSpan	id = line_of_fill(all, &all->fills[f])->line_id;

			if (id.data != NULL)
				ids[known++] = id;
		}
		sort_texts(ids + before, known - before);
	}
	return detector_text_array(ids, known);
}

/* ---- values of a row ---- */

void
supply_put_drug(Datum *values, int column, const Dispensings *all, int32 drug)
{
	values[column] = detector_text(all->drugs[drug]);
}

void
supply_put_place(Datum *values, bool *nulls, int column, const Dispensings *all, int32 place)
{
	TextSpan	name = all->book->visits[place];

	nulls[column] = name.data == NULL;
	values[column] = name.data == NULL ? (Datum) 0 : detector_text(name);
}

void
supply_put_day(Datum *values, int column, int32 day)
{
	values[column] = DateADTGetDatum(day);
}

void
supply_put_days(Datum *values, int column, int64 days)
{
	values[column] = NumericGetDatum(fixed_to_quantity(days));
}

void
supply_put_yuan(Datum *values, int column, int64 amount)
{
	values[column] = NumericGetDatum(fixed_to_money(amount));
}

void
supply_put_ratio(Datum *values, bool *nulls, int column, int64 days, int32 span)
{
	nulls[column] = span == 0;
	values[column] = span == 0 ? (Datum) 0 :
		NumericGetDatum(fixed_to_ratio(days, span * FIXED_ONE));
}
