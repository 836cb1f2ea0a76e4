/*
 * ledger_net.c
 *		Netting: refunds are taken from the charges they undo.
 *
 * Within a run (one visit, one item) refunds that name a line take from it
 * first; the others, in order, take from charges of the same unit price not
 * later than themselves, latest first, then from any charge not later, latest
 * first, then from later ones, earliest first.
 *
 * Both "latest first" searches are stacks of charges met so far, one per unit
 * price and one for all, linked through arrays; "earliest first" follows
 * pointers to the next open charge, shortened as they are walked.  A run of n
 * lines costs n log n time (sorting unit prices and identifiers) and 40 bytes
 * a line; runs without refunds cost one look at each line.
 */
#include "postgres.h"
#include "compat.h"

#include "miscadmin.h"

#include "fixed.h"
#include "ledger.h"

typedef struct Netting
{
	LedgerLine *lines;			/* of the run */
	int32		count;
	int32	   *price;			/* unit price class of each line */
	int32	   *top_same;		/* by class: latest charge met, -1 */
	int32	   *below_same;		/* the charge met before of that class */
	int32		top_any;
	int32	   *below_any;
	int32	   *next_open;		/* at or after this index; count: none */
	int32		met;			/* charges before this index are on the stacks */
} Netting;

const char *
ledger_status_name(LedgerStatus status)
{
	static const char *const names[] = {
		"kept", "reduced", "cancelled", "refund", "orphan", "odd"
	};

	return names[status];
}

static inline bool
is_refund(const LedgerLine *line)
{
	return line->status == LEDGER_REFUND || line->status == LEDGER_ORPHAN;
}

/* A charge refunds may still take from. */
static inline bool
is_open(const LedgerLine *line)
{
	return ledger_line_counts(line) && line->left_quantity > 0;
}

/*
 * A refund has a negative quantity, or none and a negative amount.  Amount
 * and claimed must not point the other way.
 */
static LedgerStatus
first_status(const LedgerLine *line)
{
	if (line->quantity < 0 || (line->quantity == 0 && line->amount < 0))
		return line->amount > 0 || line->claimed > 0 ? LEDGER_ODD : LEDGER_ORPHAN;
	if (line->amount < 0 || line->claimed < 0)
		return LEDGER_ODD;
	if (line->quantity == 0)
		return line->amount > 0 ? LEDGER_ODD : LEDGER_CANCELLED;
	return LEDGER_KEPT;
}

/* Takes MONEY (negative) and CLAIMED from the charge, TAKEN from its quantity. */
static void
lower_charge(LedgerLine *charge, int64 taken, int64 money, int64 claimed)
{
	charge->left_quantity -= taken;
	charge->left_amount = fixed_add(charge->left_amount, money);
	charge->left_claimed = fixed_add(charge->left_claimed, claimed);
	charge->status = charge->left_quantity == 0 ? LEDGER_CANCELLED : LEDGER_REDUCED;
}

static void
close_refund(LedgerLine *refund)
{
	refund->left_quantity = refund->left_amount = refund->left_claimed = 0;
	refund->status = LEDGER_REFUND;
}

/*
 * Moves min(rest of the refund, open quantity) with its share of the refund's
 * own money; the last part takes what is left of it.
 */
static void
take(LedgerLine *refund, LedgerLine *charge)
{
	int64		taken = Min(-refund->left_quantity, charge->left_quantity);
	int64		money = refund->left_amount;
	int64		claimed = refund->left_claimed;

	if (taken < -refund->left_quantity)
	{
		money = fixed_part(refund->amount, taken, -refund->quantity);
		claimed = fixed_part(refund->claimed, taken, -refund->quantity);
	}
	lower_charge(charge, taken, money, claimed);
	refund->left_quantity += taken;
	refund->left_amount = fixed_subtract(refund->left_amount, money);
	refund->left_claimed = fixed_subtract(refund->left_claimed, claimed);
	if (refund->left_quantity == 0)
		close_refund(refund);
}

/* A refund of money alone: all of it from one charge, or none. */
static bool
take_money(LedgerLine *refund, LedgerLine *charge)
{
	if (!is_open(charge) || charge->left_amount < -refund->left_amount)
		return false;
	lower_charge(charge, 0, refund->left_amount, refund->left_claimed);
	close_refund(refund);
	return true;
}

/* One refund takes from one charge; true when nothing of it is left. */
static bool
settle(LedgerLine *refund, LedgerLine *charge)
{
	if (refund->quantity == 0)
		return take_money(refund, charge);
	if (is_open(charge))
		take(refund, charge);
	return refund->status == LEDGER_REFUND;
}

/* ---- refunds that name a line ---- */

static int
compare_line_ids(const void *a, const void *b, void *lines)
{
	int32		left = *(const int32 *) a;
	int32		right = *(const int32 *) b;
	int			result = text_span_compare(((LedgerLine *) lines)[left].line_id,
										   ((LedgerLine *) lines)[right].line_id);

	return result != 0 ? result : (left > right) - (left < right);
}

/* First position of ORDER whose line id is not below ID. */
static int32
find_line_id(const Netting *net, const int32 *order, int32 count, TextSpan id)
{
	int32		low = 0;
	int32		high = count;

	while (low < high)
	{
		int32		middle = low + (high - low) / 2;

		if (text_span_compare(net->lines[order[middle]].line_id, id) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static void
settle_referenced(Netting *net)
{
	int32	   *order = palloc_extended(sizeof(int32) * net->count, MCXT_ALLOC_HUGE);
	int32		charges = 0;

	for (int32 i = 0; i < net->count; i++)
		if (!is_refund(&net->lines[i]) && net->lines[i].line_id.data != NULL)
			order[charges++] = i;
	qsort_arg(order, charges, sizeof(int32), compare_line_ids, net->lines);
	for (int32 i = 0; i < net->count; i++)
	{
		LedgerLine *refund = &net->lines[i];
		TextSpan	id = refund->original_line_id;

		CHECK_FOR_INTERRUPTS();
		if (refund->status != LEDGER_ORPHAN || id.data == NULL)
			continue;
		for (int32 at = find_line_id(net, order, charges, id);
			 at < charges && text_span_equal(net->lines[order[at]].line_id, id); at++)
			if (settle(refund, &net->lines[order[at]]))
				break;
	}
	pfree(order);
}

/* ---- the others ---- */

static int
compare_unit_prices(const void *a, const void *b, void *lines)
{
	const LedgerLine *left = &((LedgerLine *) lines)[*(const int32 *) a];
	const LedgerLine *right = &((LedgerLine *) lines)[*(const int32 *) b];

	/* both quantities of one sign or none, refunds turned into charges */
	return fixed_compare_products(Abs(left->amount), Abs(right->quantity),
								  Abs(right->amount), Abs(left->quantity));
}

/* Numbers the unit prices of charges and refunds; -1 where there is none. */
static int32
classify_unit_prices(Netting *net)
{
	int32	   *order = palloc_extended(sizeof(int32) * net->count, MCXT_ALLOC_HUGE);
	int32		priced = 0;
	int32		classes = 0;

	for (int32 i = 0; i < net->count; i++)
	{
		net->price[i] = -1;
		if (net->lines[i].quantity != 0 && net->lines[i].status != LEDGER_ODD)
			order[priced++] = i;
	}
	qsort_arg(order, priced, sizeof(int32), compare_unit_prices, net->lines);
	for (int32 i = 0; i < priced; i++)
	{
		if (i > 0 && compare_unit_prices(&order[i - 1], &order[i], net->lines) != 0)
			classes++;
		net->price[order[i]] = classes;
	}
	pfree(order);
	return classes + 1;
}

/* Puts the charges not later than AT on the stacks. */
static void
meet_charges(Netting *net, Timestamp at)
{
	for (; net->met < net->count && net->lines[net->met].charged_at <= at; net->met++)
	{
		int32		i = net->met;

		if (!ledger_line_counts(&net->lines[i]))
			continue;
		net->below_any[i] = net->top_any;
		net->top_any = i;
		net->below_same[i] = net->top_same[net->price[i]];
		net->top_same[net->price[i]] = i;
	}
}

/* Takes from a stack, latest first; what is used up leaves it for good. */
static bool
settle_from_stack(Netting *net, LedgerLine *refund, int32 *top, const int32 *below)
{
	while (*top >= 0)
	{
		if (is_open(&net->lines[*top]) && settle(refund, &net->lines[*top]))
			return true;
		*top = below[*top];
	}
	return false;
}

/* A refund of money looks at the whole stack and removes nothing. */
static bool
settle_money_from_stack(Netting *net, LedgerLine *refund)
{
	for (int32 i = net->top_any; i >= 0; i = net->below_any[i])
	{
		CHECK_FOR_INTERRUPTS();
		if (take_money(refund, &net->lines[i]))
			return true;
	}
	return false;
}

/* The first open charge at or after FROM. */
static int32
find_next_open(Netting *net, int32 from)
{
	int32		found = from;

	while (found < net->count && !is_open(&net->lines[found]))
		found = net->next_open[found];
	while (from < found)
	{
		int32		next = net->next_open[from];

		net->next_open[from] = found;
		from = next;
	}
	return found;
}

static void
settle_unreferenced(Netting *net, LedgerLine *refund)
{
	int32		later;

	meet_charges(net, refund->charged_at);
	if (refund->quantity == 0)
	{
		settle_money_from_stack(net, refund);
		return;
	}
	if (settle_from_stack(net, refund, &net->top_same[net->price[refund - net->lines]], net->below_same) ||
		settle_from_stack(net, refund, &net->top_any, net->below_any))
		return;
	for (later = find_next_open(net, net->met); later < net->count;
		 later = find_next_open(net, later + 1))
	{
		CHECK_FOR_INTERRUPTS();
		if (settle(refund, &net->lines[later]))
			return;
	}
}

static void
settle_all_unreferenced(Netting *net)
{
	int32		classes;
	int32	   *block = palloc_extended(sizeof(int32) * 5 * (Size) net->count, MCXT_ALLOC_HUGE);

	net->price = block;
	net->below_same = block + net->count;
	net->below_any = block + 2 * (Size) net->count;
	net->next_open = block + 3 * (Size) net->count;
	net->top_same = block + 4 * (Size) net->count;
	classes = classify_unit_prices(net);
	for (int32 i = 0; i < classes && i < net->count; i++)
		net->top_same[i] = -1;
	for (int32 i = 0; i < net->count; i++)
		net->next_open[i] = i + 1;
	net->top_any = -1;
	net->met = 0;
	for (int32 i = 0; i < net->count; i++)
	{
		CHECK_FOR_INTERRUPTS();
		if (net->lines[i].status == LEDGER_ORPHAN)
			settle_unreferenced(net, &net->lines[i]);
	}
	pfree(block);
}

/* Nets the lines of one visit and item. */
static void
net_run(LedgerLine *lines, int32 count)
{
	Netting		net;
	bool		has_refunds = false;
	bool		has_references = false;
	bool		has_rest = false;

	for (int32 i = 0; i < count; i++)
	{
		lines[i].status = first_status(&lines[i]);
		if (lines[i].status == LEDGER_ORPHAN)
		{
			has_refunds = true;
			has_references |= lines[i].original_line_id.data != NULL;
		}
	}
	if (!has_refunds)
		return;
	net.lines = lines;
	net.count = count;
	if (has_references)
		settle_referenced(&net);
	for (int32 i = 0; i < count; i++)
		has_rest |= lines[i].status == LEDGER_ORPHAN;
	if (has_rest)
		settle_all_unreferenced(&net);
}

/* Fills status and what is left of every line. */
void
ledger_net(Ledger *ledger)
{
	for (int32 r = 0; r < ledger->run_count; r++)
	{
		CHECK_FOR_INTERRUPTS();
		net_run(ledger->lines + ledger->runs[r].first, ledger->runs[r].count);
	}
}
