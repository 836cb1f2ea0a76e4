/*
 * ledger_net.c
 *		Netting: refunds are taken from the charges they undo.
 *
 * Within a run (one visit, one item) refunds that name a line take from it
 * first; the others, in order, take from charges of the same unit price not
 * later than themselves, latest first, then from any charge not later, latest
 * first, then from later ones, earliest first.  A refund of money alone takes
 * from the first charge of the line it names, else from the latest charge not
 * later, whose amount suffices.
 *
 * Nothing is looked at twice for nothing.  Both "latest first" searches are
 * stacks of charges met so far, one per unit price and one for all, linked
 * through arrays, which lose what is used up.  "Earliest first", and the lines
 * of one identifier, follow pointers to the next open charge, shortened as
 * they are walked.  Refunds of money ask a tree of the amounts left for the
 * first or last that suffices; it is built only where there are such refunds.
 * Each step of netting uses up a charge or a refund, so that a run of n lines
 * costs n log n time, whatever its identifiers and refunds are.  It takes 24
 * bytes a line, and 32 more where refunds are of money; runs without refunds
 * cost one look at each line.
 */
#include "postgres.h"
#include "base/compat.h"

#include "miscadmin.h"
#include "port/pg_bitutils.h"

#include "base/fixed.h"
#include "ledger/ledger_internal.h"

/*
 * Charges in an order, found by what is left of them.  MOST is the tree of
 * amounts left: node 1 is the root, the leaves begin at LEAVES.
 */
typedef struct Charges
{
	LedgerLine *lines;			/* of the run */
	const int32 *order;			/* their indexes; NULL: as they stand */
	int32		count;
	int32	   *next_open;		/* at or after this position; count: none */
	uint32		leaves;			/* a power of two; 0: no refund asks */
	int64	   *most;
} Charges;

/* A charge that nothing can be taken from suffices for nothing. */
#define NOTHING_LEFT	PG_INT64_MIN

/* What refunds that name no line need besides. */
typedef struct Netting
{
	Charges		charges;
	int32	   *price;			/* unit price class of each line */
	int32	   *top_same;		/* by class: latest charge met, -1 */
	int32	   *below_same;		/* the charge met before of that class */
	int32		top_any;
	int32	   *below_any;
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

/* A refund of money alone: all of it from one charge, which suffices. */
static void
take_money(LedgerLine *refund, LedgerLine *charge)
{
	lower_charge(charge, 0, refund->left_amount, refund->left_claimed);
	close_refund(refund);
}

/* ---- charges by what is left of them ---- */

static inline LedgerLine *
charge_at(const Charges *charges, int32 at)
{
	return &charges->lines[charges->order == NULL ? at : charges->order[at]];
}

static inline int64
amount_left(const LedgerLine *charge)
{
	return is_open(charge) ? charge->left_amount : NOTHING_LEFT;
}

/* Room for the pointers and, where a refund of WITH_MONEY asks, the tree. */
static void
charges_init(Charges *charges, LedgerLine *lines, const int32 *order, int32 count, bool with_money)
{
	charges->lines = lines;
	charges->order = order;
	charges->count = count;
	charges->next_open = palloc_extended(sizeof(int32) * Max((Size) count, 1), MCXT_ALLOC_HUGE);
	for (int32 i = 0; i < count; i++)
		charges->next_open[i] = i + 1;
	charges->leaves = 0;
	charges->most = NULL;
	if (!with_money || count == 0)
		return;
	charges->leaves = pg_nextpower2_32((uint32) count);
	charges->most = palloc_extended(sizeof(int64) * 2 * (Size) charges->leaves, MCXT_ALLOC_HUGE);
	for (uint32 i = 0; i < charges->leaves; i++)
		charges->most[charges->leaves + i] =
			i < (uint32) count ? amount_left(charge_at(charges, (int32) i)) : NOTHING_LEFT;
	for (uint32 node = charges->leaves - 1; node > 0; node--)
		charges->most[node] = Max(charges->most[2 * node], charges->most[2 * node + 1]);
}

static void
charges_free(Charges *charges)
{
	pfree(charges->next_open);
	if (charges->most != NULL)
		pfree(charges->most);
}

/* The tree after something was taken from the charge at AT. */
static void
amount_changed(Charges *charges, int32 at)
{
	uint32		node = charges->leaves + (uint32) at;

	charges->most[node] = amount_left(charge_at(charges, at));
	for (node /= 2; node > 0; node /= 2)
	{
		int64		most = Max(charges->most[2 * node], charges->most[2 * node + 1]);

		if (charges->most[node] == most)
			break;
		charges->most[node] = most;
	}
}

/* The first charge at or after FROM of which LEAST is left; count: none. */
static int32
first_that_suffices(const Charges *charges, int32 from, int64 least)
{
	uint32		node = charges->leaves + (uint32) from;

	if (from >= charges->count)
		return charges->count;
	while (charges->most[node] < least)
	{
		/* on to the right of all that this node spans */
		while (node & 1)
			node /= 2;
		if (node == 0)
			return charges->count;
		node++;
	}
	while (node < charges->leaves)
		node = charges->most[2 * node] >= least ? 2 * node : 2 * node + 1;
	return (int32) (node - charges->leaves);
}

/* The last charge before BEFORE of which LEAST is left; -1: none. */
static int32
last_that_suffices(const Charges *charges, int32 before, int64 least)
{
	uint32		node = charges->leaves + (uint32) before - 1;

	if (before == 0)
		return -1;
	while (charges->most[node] < least)
	{
		/* on to the left of all that this node spans */
		while ((node & 1) == 0)
			node /= 2;
		if (node == 1)
			return -1;
		node--;
	}
	while (node < charges->leaves)
		node = charges->most[2 * node + 1] >= least ? 2 * node + 1 : 2 * node;
	return (int32) (node - charges->leaves);
}

/* The first open charge at or after FROM; count: none. */
static int32
find_next_open(Charges *charges, int32 from)
{
	int32		found = from;

	while (found < charges->count && !is_open(charge_at(charges, found)))
		found = charges->next_open[found];
	while (from < found)
	{
		int32		next = charges->next_open[from];

		charges->next_open[from] = found;
		from = next;
	}
	return found;
}

/* Takes from the open charge at AT; true when nothing of the refund is left. */
static bool
settle(Charges *charges, LedgerLine *refund, int32 at)
{
	if (refund->quantity == 0)
		take_money(refund, charge_at(charges, at));
	else
		take(refund, charge_at(charges, at));
	if (charges->leaves > 0)
		amount_changed(charges, at);
	return refund->status == LEDGER_REFUND;
}

/* ---- refunds that name a line ---- */

static inline int
compare_line_ids(const int32 *a, const int32 *b, const LedgerLine *lines)
{
	int			result = text_span_compare(lines[*a].line_id, lines[*b].line_id);

	return result != 0 ? result : (*a > *b) - (*a < *b);
}

#define ST_SORT sort_by_line_id
#define ST_ELEMENT_TYPE int32
#define ST_COMPARE(a, b, arg) compare_line_ids(a, b, arg)
#define ST_COMPARE_ARG_TYPE const LedgerLine
#define ST_SCOPE static
#define ST_CHECK_FOR_INTERRUPTS
#define ST_DECLARE
#define ST_DEFINE
#include "lib/sort_template.h"

/* First position whose line id is not below ID. */
static int32
find_line_id(const Charges *charges, TextSpan id)
{
	int32		low = 0;
	int32		high = charges->count;

	while (low < high)
	{
		int32		middle = low + (high - low) / 2;

		if (text_span_compare(charge_at(charges, middle)->line_id, id) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* The next charge of line ID that REFUND can take from; count: none. */
static int32
next_of_line_id(Charges *charges, const LedgerLine *refund, int32 from)
{
	int32		at = refund->quantity == 0 ?
	first_that_suffices(charges, from, -refund->left_amount) : find_next_open(charges, from);

	if (at < charges->count &&
		!text_span_equal(charge_at(charges, at)->line_id, refund->original_line_id))
		return charges->count;
	return at;
}

static void
settle_referenced(LedgerLine *lines, int32 count, bool with_money)
{
	int32	   *order = palloc_extended(sizeof(int32) * count, MCXT_ALLOC_HUGE);
	Charges		charges;
	int32		known = 0;

	for (int32 i = 0; i < count; i++)
		if (!is_refund(&lines[i]) && lines[i].line_id.data != NULL)
			order[known++] = i;
	if (known > 1)
		sort_by_line_id(order, known, lines);
	charges_init(&charges, lines, order, known, with_money);
	for (int32 i = 0; i < count; i++)
	{
		LedgerLine *refund = &lines[i];
		int32		at;

		CHECK_FOR_INTERRUPTS();
		if (refund->status != LEDGER_ORPHAN || refund->original_line_id.data == NULL)
			continue;
		at = find_line_id(&charges, refund->original_line_id);
		do
			at = next_of_line_id(&charges, refund, at);
		while (at < known && !settle(&charges, refund, at));
	}
	charges_free(&charges);
	pfree(order);
}

/* ---- the others ---- */

static inline int
compare_unit_prices(const int32 *a, const int32 *b, const LedgerLine *lines)
{
	const LedgerLine *left = &lines[*a];
	const LedgerLine *right = &lines[*b];

	/* both quantities of one sign or none, refunds turned into charges */
	return fixed_compare_products(Abs(left->amount), Abs(right->quantity),
								  Abs(right->amount), Abs(left->quantity));
}

#define ST_SORT sort_by_unit_price
#define ST_ELEMENT_TYPE int32
#define ST_COMPARE(a, b, arg) compare_unit_prices(a, b, arg)
#define ST_COMPARE_ARG_TYPE const LedgerLine
#define ST_SCOPE static
#define ST_CHECK_FOR_INTERRUPTS
#define ST_DECLARE
#define ST_DEFINE
#include "lib/sort_template.h"

/* Numbers the unit prices of charges and refunds; -1 where there is none. */
static int32
classify_unit_prices(Netting *net)
{
	const LedgerLine *lines = net->charges.lines;
	int32		count = net->charges.count;
	int32	   *order = palloc_extended(sizeof(int32) * count, MCXT_ALLOC_HUGE);
	int32		priced = 0;
	int32		classes = 0;

	for (int32 i = 0; i < count; i++)
	{
		net->price[i] = -1;
		if (lines[i].quantity != 0 && lines[i].status != LEDGER_ODD)
			order[priced++] = i;
	}
	if (priced > 1)
		sort_by_unit_price(order, priced, lines);
	for (int32 i = 0; i < priced; i++)
	{
		if (i > 0 && compare_unit_prices(&order[i - 1], &order[i], lines) != 0)
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
	const Charges *charges = &net->charges;

	for (; net->met < charges->count && charges->lines[net->met].charged_at <= at; net->met++)
	{
		int32		i = net->met;

		if (!ledger_line_counts(&charges->lines[i]))
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
		if (is_open(&net->charges.lines[*top]) && settle(&net->charges, refund, *top))
			return true;
		*top = below[*top];
	}
	return false;
}

static void
settle_unreferenced(Netting *net, LedgerLine *refund)
{
	Charges    *charges = &net->charges;
	int32		at;

	meet_charges(net, refund->charged_at);
	if (refund->quantity == 0)
	{
		at = last_that_suffices(charges, net->met, -refund->left_amount);
		if (at >= 0)
			settle(charges, refund, at);
		return;
	}
	if (settle_from_stack(net, refund, &net->top_same[net->price[refund - charges->lines]], net->below_same) ||
		settle_from_stack(net, refund, &net->top_any, net->below_any))
		return;
	for (at = find_next_open(charges, net->met); at < charges->count;
		 at = find_next_open(charges, at + 1))
	{
		CHECK_FOR_INTERRUPTS();
		if (settle(charges, refund, at))
			return;
	}
}

static void
settle_all_unreferenced(LedgerLine *lines, int32 count, bool with_money)
{
	Netting		net;
	int32		classes;
	int32	   *block = palloc_extended(sizeof(int32) * 4 * (Size) count, MCXT_ALLOC_HUGE);

	charges_init(&net.charges, lines, NULL, count, with_money);
	net.price = block;
	net.below_same = block + count;
	net.below_any = block + 2 * (Size) count;
	net.top_same = block + 3 * (Size) count;
	classes = classify_unit_prices(&net);
	for (int32 i = 0; i < classes && i < count; i++)
		net.top_same[i] = -1;
	net.top_any = -1;
	net.met = 0;
	for (int32 i = 0; i < count; i++)
	{
		CHECK_FOR_INTERRUPTS();
		if (lines[i].status == LEDGER_ORPHAN)
			settle_unreferenced(&net, &lines[i]);
	}
	charges_free(&net.charges);
	pfree(block);
}

/* Nets the lines of one visit and item. */
static void
net_run(LedgerLine *lines, int32 count)
{
	bool		has_refunds = false;
	bool		has_references = false;
	bool		with_money = false;
	bool		has_rest = false;

	for (int32 i = 0; i < count; i++)
	{
		lines[i].status = first_status(&lines[i]);
		if (lines[i].status == LEDGER_ORPHAN)
		{
			has_refunds = true;
			has_references |= lines[i].original_line_id.data != NULL;
			with_money |= lines[i].quantity == 0;
		}
	}
	if (!has_refunds)
		return;
	if (has_references)
		settle_referenced(lines, count, with_money);
	for (int32 i = 0; i < count; i++)
		has_rest |= lines[i].status == LEDGER_ORPHAN;
	if (has_rest)
		settle_all_unreferenced(lines, count, with_money);
}

/* Fills status and what is left of every line. */
void
ledger_net(Ledger *ledger)
{
	if (!ledger->needs_netting)
		return;
	for (int32 r = 0; r < ledger->run_count; r++)
	{
		CHECK_FOR_INTERRUPTS();
		if (ledger->wanted == NULL || ledger->wanted[ledger->runs[r].item])
			net_run(ledger->lines + ledger->runs[r].first, ledger->runs[r].count);
	}
}
