/*
 * charge_repeats.c
 *		The same charge again: duplicate and resettled.
 *
 * Lines are sorted so that equal ones (item, quantity, amount) stand together
 * in order of time.  duplicate keeps the last one accepted: since lines come in
 * order of time, no earlier one can be nearer.  Self-paid lines are present and
 * may be what another repeats, but are never in excess themselves.
 *
 * Cost: O(n log n) in the lines of items charged more than once; a few lines
 * of one visit are compared with each other where they stand.
 */
#include "postgres.h"
#include "base/compat.h"

#include "miscadmin.h"

#include "charge/charge_kinds.h"

/* Lines of an item that are compared pair by pair: as many as bits of a uint32. */
#define FEW_LINES	32

static inline int
compare_equal_charges(const ChargeAudit *audit, const Candidate *a, const Candidate *b)
{
	const LedgerLine *x = audit_line(audit, a->line);
	const LedgerLine *y = audit_line(audit, b->line);

	if (x->item != y->item)
		return x->item < y->item ? -1 : 1;
	if (x->left_quantity != y->left_quantity)
		return x->left_quantity < y->left_quantity ? -1 : 1;
	if (x->left_amount != y->left_amount)
		return x->left_amount < y->left_amount ? -1 : 1;
	return 0;
}

static inline int
compare_repeats(const Candidate *a, const Candidate *b, const ChargeAudit *audit)
{
	int			order = compare_equal_charges(audit, a, b);

	if (order != 0)
		return order;
	if (a->key != b->key)
		return a->key < b->key ? -1 : 1;
	if (a->at != b->at)
		return a->at < b->at ? -1 : 1;
	if (a->line != b->line)
		return a->line < b->line ? -1 : 1;
	return (a->row > b->row) - (a->row < b->row);
}

#define ST_SORT sort_repeats
#define ST_ELEMENT_TYPE Candidate
#define ST_COMPARE(a, b, audit) compare_repeats(a, b, audit)
#define ST_COMPARE_ARG_TYPE const ChargeAudit
#define ST_CHECK_FOR_INTERRUPTS
#define ST_SCOPE static
#define ST_DEFINE
#include "lib/sort_template.h"

/* May the line at I share its scope with another of its equals [from, to)? */
static int32
possible_repeat(ChargeAudit *audit, const Candidate *list, int from, int to, int i)
{
	const RuleRow *row = audit_row(audit, list[i].row);
	ScopeWindow window = scope_window_possible((RuleScope) row->scope, row->scope_length,
											   audit_line(audit, list[i].line));

	/* equals are in order of time: walk away from the line in both directions */
	for (int step = -1; step <= 1; step += 2)
		for (int j = i + step; j >= from && j < to; j += step)
		{
			const LedgerLine *other = audit_line(audit, list[j].line);
			int64		midnight = midnight_of_day(ledger_line_day(other));

			if (list[j].line == list[i].line)
				continue;
			if (list[j].at < window.from - USECS_PER_DAY || list[j].at > window.to + USECS_PER_DAY)
				break;
			if (other->has_time ? other->charged_at >= window.from && other->charged_at <= window.to :
				midnight + USECS_PER_DAY - 1 >= window.from && midnight <= window.to)
				return list[j].line;
		}
	return -1;
}

static void
record_repeat(ChargeAudit *audit, const Candidate *candidate, int32 partner, uint32 missing)
{
	const RuleRow *row = audit_row(audit, candidate->row);
	Excess	   *excess;

	if (!ledger_line_claimed(audit_line(audit, candidate->line)))
		return;
	excess = missing != 0 ?
		record_insufficient(audit, candidate->row, candidate->line, missing) :
		record_whole(audit, candidate->row, candidate->line);
	record_partner(audit, excess, partner);
	if (audit->want_evidence && !scope_is_visit((RuleScope) row->scope))
		record_window(excess, scope_window_possible((RuleScope) row->scope, row->scope_length,
													audit_line(audit, candidate->line)));
}

/* Is the accepted line ACCEPTED in the scope before the candidate? */
static bool
repeats(ChargeAudit *audit, const Candidate *candidate, const Candidate *accepted)
{
	const RuleRow *row = audit_row(audit, candidate->row);
	ScopeWindow window = scope_window((RuleScope) row->scope, row->scope_length, candidate->key);

	return accepted->key >= window.from && accepted->key <= window.to &&
		date_is_valid(row->valid_from, row->valid_to,
					  ledger_line_day(audit_line(audit, accepted->line)));
}

/* Equal lines of one item, list[from, to), in order of key and time. */
static void
judge_equals(ChargeAudit *audit, const Candidate *list, int from, int to)
{
	int			accepted = -1;

	for (int i = from, next; i < to; i = next)
	{
		bool		repeated = false;
		bool		timed = false;

		CHECK_FOR_INTERRUPTS();
		for (next = i; next < to && list[next].line == list[i].line; next++)
		{
			timed |= !list[next].untimed;
			if (list[next].untimed)
			{
				int32		other = possible_repeat(audit, list, from, to, next);

				if (other >= 0)
					record_repeat(audit, &list[next], other,
								  list[next].missing | NEEDS_TIME_OF_DAY);
			}
			else if (accepted >= 0 && repeats(audit, &list[next], &list[accepted]))
			{
				record_repeat(audit, &list[next], list[accepted].line, list[next].missing);
				repeated |= list[next].missing == 0 &&
					ledger_line_claimed(audit_line(audit, list[next].line));
			}
		}
		if (!repeated && timed)
			accepted = i;
	}
}

/* Has one of the items more than one line? */
static bool
may_repeat(const ChargeAudit *audit, const SetMatch *matches, int count)
{
	for (int i = 0; i < count; i++)
	{
		int32		run = audit->first_run[matches[i].item];

		if (audit->next_run[run] >= 0 || audit->ledger->runs[run].count > 1)
			return true;
	}
	return false;
}

/*
 * May the lines of the only match be judged where they stand?  So they may be
 * where few lines of one visit are judged by nothing but their scope.
 */
static bool
stands_in_order(const ChargeAudit *audit, const SetMatch *match)
{
	int32		run = audit->first_run[match->item];

	return audit->next_run[run] < 0 && audit->ledger->runs[run].count <= FEW_LINES &&
		!(audit->scratch->row_flags[match->row] &
		  (ROW_HAS_VALIDITY | ROW_HAS_CONDITIONS | ROW_HAS_EXCLUSIONS | ROW_IS_FINE));
}

/* The accepted line before the line I that equals it, -1: none. */
static int
equal_before(const LedgerLine *lines, int i, uint32 accepted)
{
	for (int j = i - 1; j >= 0; j--)
		if (lines[j].left_quantity == lines[i].left_quantity &&
			lines[j].left_amount == lines[i].left_amount && (accepted & 1U << j))
			return j;
	return -1;
}

/* As judge_equals() for all lines of one item, which are in order of time. */
static void
judge_in_order(ChargeAudit *audit, const SetMatch *match)
{
	const RuleRow *row = audit_row(audit, match->row);
	const LedgerRun *run = &audit->ledger->runs[audit->first_run[match->item]];
	const LedgerLine *lines = audit_line(audit, run->first);
	uint32		accepted = 0;	/* a bit for each line */

	for (int i = 0; i < run->count; i++)
	{
		Candidate	candidate = {
			.line = run->first + i,
			.row = match->row
		};
		Candidate	before;
		int			j;

		if (!line_is_judged(&lines[i]))
			continue;
		j = equal_before(lines, i, accepted);
		if (j >= 0)
		{
			candidate.key = scope_key((RuleScope) row->scope, &lines[i]);
			before.key = scope_key((RuleScope) row->scope, &lines[j]);
			before.line = run->first + j;
			if (repeats(audit, &candidate, &before))
			{
				record_repeat(audit, &candidate, before.line, 0);
				if (ledger_line_claimed(&lines[i]))
					continue;
			}
		}
		accepted |= 1U << i;
	}
}

/* ITEMS, with equals together: as a world of doubt_by_others(). */
static void
judge_duplicates(ChargeAudit *audit, Candidates *items, void *how)
{
	(void) how;
	for (int from = 0, to; from < items->count; from = to)
	{
		CHECK_FOR_INTERRUPTS();
		for (to = from + 1; to < items->count; to++)
			if (compare_equal_charges(audit, &items->list[from], &items->list[to]) != 0)
				break;
		if (to - from > 1)
			judge_equals(audit, items->list, from, to);
	}
}

/* duplicate: a line that repeats an accepted one of its scope. */
void
evaluate_duplicate(ChargeAudit *audit, const SetMatch *matches, int count)
{
	Candidates *items = &audit->items;
	int			first;

	if (!may_repeat(audit, matches, count))
		return;
	if (count == 1 && stands_in_order(audit, matches))
	{
		judge_in_order(audit, matches);
		return;
	}
	gather(audit, items, matches, count, SIDE_ITEM, GATHER_CONDITIONS);
	if (items->count < 2)
		return;
	sort_repeats(items->list, items->count, audit);
	first = audit->found_count;
	judge_duplicates(audit, items, NULL);
	doubt_by_others(audit, items, first, judge_duplicates, NULL);
}

/*
 * Which of two visits is the earlier one: by admission, else by the first
 * charge, then by the tag.
 */
static Timestamp
visit_begins(ChargeAudit *audit, int32 visit)
{
	const VisitContext *context = audit_context(audit, visit);
	Ledger	   *ledger = audit->ledger;
	Timestamp	first = PG_INT64_MAX;

	if (context->admitted_at != DT_NOBEGIN)
		return context->admitted_at;
	ledger_read_rest(ledger);
	for (int32 run = first_run_of_visit(ledger, visit);
		 run < ledger->run_count && ledger->runs[run].visit == visit; run++)
		for (int32 i = 0; i < ledger->runs[run].count; i++)
		{
			const LedgerLine *line = audit_line(audit, ledger->runs[run].first + i);

			if (!line_is_judged(line))
				continue;
			first = Min(first, line->charged_at);
			break;
		}
	return first;
}

/*
 * Equal lines of one time, list[from, to): those of the earliest visit stay,
 * those of later visits are in excess.
 */
static void
judge_resettled(ChargeAudit *audit, const Candidate *list, int from, int to)
{
	int			earliest = from;
	Timestamp	begins = visit_begins(audit, audit_line(audit, list[from].line)->visit);

	for (int i = from + 1; i < to; i++)
		if (audit_line(audit, list[i].line)->visit != audit_line(audit, list[i - 1].line)->visit)
		{
			Timestamp	other = visit_begins(audit, audit_line(audit, list[i].line)->visit);

			if (other < begins)
			{
				begins = other;
				earliest = i;
			}
		}
	for (int i = from; i < to; i++)
	{
		CHECK_FOR_INTERRUPTS();
		if (audit_line(audit, list[i].line)->visit != audit_line(audit, list[earliest].line)->visit)
			record_repeat(audit, &list[i], list[earliest].line, list[i].missing);
	}
}

/* ITEMS, with equals together in order of time: as a world of doubt_by_others(). */
static void
judge_settlements(ChargeAudit *audit, Candidates *items, void *how)
{
	(void) how;
	for (int from = 0, to; from < items->count; from = to)
	{
		const Candidate *first = &items->list[from];

		CHECK_FOR_INTERRUPTS();
		for (to = from + 1; to < items->count; to++)
			if (items->list[to].at != first->at ||
				compare_equal_charges(audit, first, &items->list[to]) != 0)
				break;

		/* ledger order is by visit: one visit only, nothing to ask */
		if (audit_line(audit, items->list[to - 1].line)->visit != audit_line(audit, first->line)->visit)
			judge_resettled(audit, items->list, from, to);
	}
}

/* resettled: the same charge at the same time under a later visit. */
void
evaluate_resettled(ChargeAudit *audit, const SetMatch *matches, int count)
{
	Candidates *items = &audit->items;
	int			first;

	if (audit->ledger->visit_count < 2)
		return;
	gather(audit, items, matches, count, SIDE_ITEM, GATHER_CONDITIONS);
	for (int i = 0; i < items->count; i++)
		items->list[i].key = items->list[i].at;
	sort_repeats(items->list, items->count, audit);
	first = audit->found_count;
	judge_settlements(audit, items, NULL);
	doubt_by_others(audit, items, first, judge_settlements, NULL);
}
