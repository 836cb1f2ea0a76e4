/*
 * charge_audit.c
 *		One audit of a ledger against a rulebook: from items to money.
 *
 * charge_match.c finds what the items of the book meet.  What stands alone is
 * handed to the evaluator of its kind match by match, the rest set by set (the
 * rows of one rule and item_group, or one row); an exclusive pair needs both
 * its sides.
 *
 * The evaluators (charge_kinds.h) gather lines and record what is in excess of
 * their rule; then charge_doubt.c says what a hospital could answer, and
 * charge_excess.c turns the records into money.  This file calls all of them
 * and none of them calls it.
 *
 * Cost of a call: one look-up per distinct item; O(lines) to decode those of the
 * items that are judged and to pass over the others, none where nothing is met;
 * O(n log n) for the lines of the sets that are met.
 */
#include "postgres.h"
#include "base/compat.h"

#include "miscadmin.h"

#include "charge/charge_kinds.h"

typedef void (*Evaluator) (ChargeAudit *audit, const SetMatch *matches, int count);

static const Evaluator evaluators[RULE_KINDS] = {
	[RULE_DUPLICATE] = evaluate_duplicate,
	[RULE_EXCLUSIVE] = evaluate_exclusive,
	[RULE_QUANTITY] = evaluate_cap,
	[RULE_AMOUNT] = evaluate_cap,
	[RULE_PER_BED_DAY] = evaluate_cap,
	[RULE_PRICE] = evaluate_price,
	[RULE_SECONDARY] = evaluate_secondary,
	[RULE_RESTRICTION] = evaluate_restriction,
	[RULE_COURSE] = evaluate_course,
	[RULE_PREREQUISITE] = evaluate_prerequisite,
	[RULE_OUTSIDE_STAY] = evaluate_outside_stay,
	[RULE_RESETTLED] = evaluate_resettled,
	[RULE_NOT_PAYABLE] = evaluate_not_payable
};

static bool
match_is_of_visits(const ChargeAudit *audit, const SetMatch *match)
{
	return scope_is_visit((RuleScope) audit_row(audit, match->row)->scope);
}

/*
 * Lines are sorted by visit or by time, so rows of a group that ask for both
 * are judged apart.  Moves the former to the front; how many.
 */
static int
split_by_order(ChargeAudit *audit, int count)
{
	SetMatch   *matches = audit->set_matches;
	SetMatch   *by_time;
	int			by_visit = 0;
	int			rest = 0;

	for (int i = 0; i < count; i++)
		by_visit += match_is_of_visits(audit, &matches[i]);
	if (by_visit == 0 || by_visit == count)
		return by_visit;
	by_time = (SetMatch *) palloc(mul_size(count, sizeof(SetMatch)));
	by_visit = 0;
	for (int i = 0; i < count; i++)
		if (match_is_of_visits(audit, &matches[i]))
			matches[by_visit++] = matches[i];
		else
			by_time[rest++] = matches[i];
	memcpy(matches + by_visit, by_time, rest * sizeof(SetMatch));
	pfree(by_time);
	return by_visit;
}

/* Evaluates matches [from, to), item by item where the rows say so. */
static void
evaluate_matches(ChargeAudit *audit, RuleKind kind, int from, int to)
{
	const SetMatch *matches = audit->set_matches;

	if (from == to)
		return;
	if (!(audit->scratch->row_flags[matches[from].row] & ROW_PER_ITEM))
	{
		evaluators[kind] (audit, matches + from, to - from);
		return;
	}
	for (int next; from < to; from = next)
	{
		CHECK_FOR_INTERRUPTS();
		for (next = from + 1; next < to; next++)
			if (matches[next].item != matches[from].item)
				break;
		evaluators[kind] (audit, matches + from, next - from);
	}
}

/* What stands alone, kind by kind: what one meets often is met many times. */
static void
evaluate_alone(ChargeAudit *audit)
{
	for (int kind = 0; kind < RULE_KINDS; kind++)
	{
		const MatchList *alone = &audit->scratch->alone[kind];

		for (int i = 0; i < alone->count; i++)
		{
			CHECK_FOR_INTERRUPTS();
			evaluators[kind] (audit, &alone->list[i], 1);
		}
	}
}

/* Hands one set's matches to the evaluator of its kind. */
static void
evaluate_set(ChargeAudit *audit, uint32 set)
{
	ChargeScratch *scratch = audit->scratch;
	SetSeen    *seen = &scratch->sets[set];
	const RuleRow *row = audit_row(audit, scratch->filed[seen->head].index);
	RuleKind	kind = (RuleKind) audit->book->rules[row->rule].kind;
	int			count;

	if (evaluators[kind] == NULL)
		return;
	count = collect_set(audit, seen);

	/* what pairs items up looks at all of them in any case */
	if (kind == RULE_EXCLUSIVE || kind == RULE_PREREQUISITE)
		evaluators[kind] (audit, audit->set_matches, count);
	else
	{
		int			by_visit = count > 1 ? split_by_order(audit, count) : 0;

		evaluate_matches(audit, kind, 0, by_visit);
		evaluate_matches(audit, kind, by_visit, count);
	}
}

/*
 * Sets an audit of the book in ARGUMENT by the rulebook of CACHE up in
 * CurrentMemoryContext, the scratch of the call; the book's items alone are read.
 * False: no book.
 */
bool
charge_audit_open(ChargeAudit *audit, FunctionCallInfo fcinfo, int argument, RulebookCache *cache)
{
	memset(audit, 0, sizeof(*audit));
	if (PG_ARGISNULL(argument))
		return false;
	audit->book = cache->book;
	audit->scratch = charge_scratch(cache);
	audit->contexts.shape = &audit->scratch->shape;
	audit->ledger = ledger_open_items(PG_DETOAST_DATUM_PACKED(PG_GETARG_DATUM(argument)));
	return true;
}

/* The whole audit, in CurrentMemoryContext, which is the scratch of the call. */
void
charge_audit_run(ChargeAudit *audit)
{
	ChargeScratch *scratch = audit->scratch;

	charge_audit_match(audit);
	if (!charge_audit_read(audit))
		return;
	link_runs(audit);
	evaluate_alone(audit);
	for (uint32 i = 0; i < scratch->active_set_count; i++)
		evaluate_set(audit, scratch->active_sets[i]);
	if (scratch->active_package_count > 0)
		evaluate_packages(audit);
	for (uint32 i = 0; i < scratch->visit_row_count; i++)
		evaluate_diagnosis(audit, scratch->visit_rows[i]);
	if (audit->found_count > 0)
	{
		doubt_found(audit);
		settle(audit);
	}
}
