/*
 * charge_pairs.c
 *		One charge beside another: exclusive and prerequisite.
 *
 * The partners of a row are sorted by key, those without a time of day (where
 * the scope wants one) apart by their day.  Whether a line has a partner is
 * then a binary search for its window.  A partner is certain when both times
 * are known, possible when a time of day could bring it into the window.
 *
 * Cost: O((a + b) log b) for a lines against b partners; nothing when only one
 * side of an exclusive pair is in the book.
 */
#include "postgres.h"
#include "compat.h"

#include "miscadmin.h"

#include "charge_audit.h"

/* The partners of one row or set, in order of key. */
typedef struct Partners
{
	Candidates	timed;
	Candidates	untimed;		/* at the midnight before */
} Partners;

static void
split_partners(ChargeAudit *audit, Partners *partners)
{
	Candidates *all = &audit->others;
	int			kept = 0;

	memset(partners, 0, sizeof(*partners));
	for (int i = 0; i < all->count; i++)
	{
		if (!all->list[i].untimed)
		{
			all->list[kept++] = all->list[i];
			continue;
		}
		if (partners->untimed.list == NULL)
			partners->untimed.list = (Candidate *)
				MemoryContextAllocHuge(CurrentMemoryContext,
									   mul_size(all->count, sizeof(Candidate)));
		partners->untimed.list[partners->untimed.count] = all->list[i];
		partners->untimed.list[partners->untimed.count++].key =
			(int64) ledger_line_day(audit_line(audit, all->list[i].line)) * USECS_PER_DAY;
	}
	partners->timed = *all;
	partners->timed.count = kept;
	candidates_sort(&partners->timed);
	candidates_sort(&partners->untimed);
}

/* May PARTNER stand beside the line?  A line is never its own. */
static bool
partner_serves(ChargeAudit *audit, const Candidate *candidate, const Candidate *partner)
{
	const RuleRow *row = audit_row(audit, candidate->row);
	const RuleRow *other = audit_row(audit, partner->row);

	if (candidate->line == partner->line)
		return false;
	return date_is_valid(row->valid_from, row->valid_to,
						 ledger_line_day(audit_line(audit, partner->line))) &&
		date_is_valid(other->valid_from, other->valid_to,
					  ledger_line_day(audit_line(audit, candidate->line)));
}

/* The first partner between FROM and TO; -1: none. */
static int32
partner_between(ChargeAudit *audit, const Candidate *candidate, const Candidates *partners,
				int64 from, int64 to)
{
	for (int i = candidates_find(partners, from); i < partners->count; i++)
	{
		CHECK_FOR_INTERRUPTS();
		if (partners->list[i].key > to)
			break;
		if (partner_serves(audit, candidate, &partners->list[i]))
			return partners->list[i].line;
	}
	return -1;
}

static ScopeWindow
window_of(ChargeAudit *audit, const Candidate *candidate)
{
	const RuleRow *row = audit_row(audit, candidate->row);

	return scope_window_possible((RuleScope) row->scope, row->scope_length,
								 audit_line(audit, candidate->line));
}

static int32
certain_partner(ChargeAudit *audit, const Candidate *candidate, const Partners *partners)
{
	ScopeWindow window = window_of(audit, candidate);

	if (candidate->untimed)
		return -1;
	return partner_between(audit, candidate, &partners->timed, window.from, window.to);
}

/* What could be a partner if only the times of day were known. */
static int32
possible_partner(ChargeAudit *audit, const Candidate *candidate, const Partners *partners)
{
	ScopeWindow window = window_of(audit, candidate);
	int32		partner = -1;

	if (candidate->untimed)
		partner = partner_between(audit, candidate, &partners->timed, window.from, window.to);
	if (partner < 0 && partners->untimed.count > 0)
		partner = partner_between(audit, candidate, &partners->untimed,
								  window.from - USECS_PER_DAY + 1, window.to);
	return partner;
}

static void
explain_pair(ChargeAudit *audit, Excess *excess, const Candidate *candidate, int32 partner)
{
	if (partner >= 0)
		record_partner(audit, excess, partner);
	if (!scope_is_visit((RuleScope) audit_row(audit, candidate->row)->scope))
		record_window(excess, window_of(audit, candidate));
}

static void
judge_exclusive(ChargeAudit *audit, const Candidate *candidate, const Partners *partners)
{
	int32		partner = certain_partner(audit, candidate, partners);
	uint32		missing = candidate->missing;
	Excess	   *excess;

	if (partner < 0)
	{
		partner = possible_partner(audit, candidate, partners);
		if (partner < 0)
			return;
		missing |= NEEDS_TIME_OF_DAY;
	}
	excess = missing == 0 ? record_whole(audit, candidate->row, candidate->line) :
		record_insufficient(audit, candidate->row, candidate->line, missing);
	explain_pair(audit, excess, candidate, partner);
}

static int
compare_matches_by_row(const void *a, const void *b)
{
	const SetMatch *x = (const SetMatch *) a;
	const SetMatch *y = (const SetMatch *) b;

	if (x->row != y->row)
		return x->row < y->row ? -1 : 1;
	return x->item != y->item ? (x->item < y->item ? -1 : 1) : (int) x->side - (int) y->side;
}

/*
 * Lines present as partners: the row's validity holds for them, but not what
 * it says of the visits it applies to; self-paid ones are present, too.  The
 * list of those without a time of day is to be freed.
 */
static void
gather_partners(ChargeAudit *audit, const SetMatch *matches, int count, RuleSide side,
				Partners *partners)
{
	gather(audit, &audit->others, matches, count, side, 0);
	split_partners(audit, partners);
}

/* exclusive: the other's lines while the item is charged, row by row. */
void
evaluate_exclusive(ChargeAudit *audit, const SetMatch *matches, int count)
{
	SetMatch   *sorted = (SetMatch *) matches;

	if (count > 2)
		qsort(sorted, count, sizeof(SetMatch), compare_matches_by_row);
	for (int from = 0, to; from < count; from = to)
	{
		Partners	partners;

		CHECK_FOR_INTERRUPTS();
		for (to = from + 1; to < count; to++)
			if (sorted[to].row != sorted[from].row)
				break;
		if (to - from < 2)
			continue;
		gather(audit, &audit->items, sorted + from, to - from, SIDE_OTHER, GATHER_JUDGED);
		if (audit->items.count == 0)
			continue;
		gather_partners(audit, sorted + from, to - from, SIDE_ITEM, &partners);
		if (partners.timed.count + partners.untimed.count == 0)
			continue;
		for (int i = 0; i < audit->items.count; i++)
			judge_exclusive(audit, &audit->items.list[i], &partners);
		if (partners.untimed.list != NULL)
			pfree(partners.untimed.list);
	}
}

static void
judge_prerequisite(ChargeAudit *audit, const Candidate *candidate, const Partners *partners)
{
	uint32		missing = candidate->missing;
	Excess	   *excess;
	int32		partner;

	if (certain_partner(audit, candidate, partners) >= 0)
		return;
	partner = possible_partner(audit, candidate, partners);
	if (partner >= 0)
		missing |= NEEDS_TIME_OF_DAY;
	excess = missing == 0 ? record_whole(audit, candidate->row, candidate->line) :
		record_insufficient(audit, candidate->row, candidate->line, missing);
	explain_pair(audit, excess, candidate, partner);
}

/* prerequisite: the item without any of the set's others in its scope. */
void
evaluate_prerequisite(ChargeAudit *audit, const SetMatch *matches, int count)
{
	Candidates *items = &audit->items;
	Partners	partners;

	gather(audit, items, matches, count, SIDE_ITEM, GATHER_JUDGED);
	if (items->count == 0)
		return;
	gather_partners(audit, matches, count, SIDE_OTHER, &partners);
	for (int i = 0; i < items->count; i++)
	{
		CHECK_FOR_INTERRUPTS();
		judge_prerequisite(audit, &items->list[i], &partners);
	}
}
