/*
 * charge_secondary.c
 *		The second of several operations, charged in full.
 *
 * The lines of a scope are a group; its dearest unit counts in full, the others
 * at a ratio.  A group is of one provider: where that of a visit is not known,
 * the dearest may be one of another visit, and the lines that this would put
 * beyond the first are insufficient.
 *
 * Cost: O(n log n) in the lines of a set.
 */
#include "postgres.h"
#include "base/compat.h"

#include "miscadmin.h"

#include "charge/charge_kinds.h"

/* One way to go through the groups of a list. */
typedef struct GroupPass
{
	ChargeAudit *audit;
	bool		by_day;			/* of a date: lines without a time of day */
	const int32 *providers;		/* of what may be of one; NULL: what is */
	int		   *dearest;		/* in a group, by provider; -1: none */
} GroupPass;

/* Is A the dearer one: by its full price, else by what a unit was charged? */
static int
compare_dearness(ChargeAudit *audit, const Candidate *a, const Candidate *b)
{
	const LedgerLine *x = audit_line(audit, a->line);
	const LedgerLine *y = audit_line(audit, b->line);
	int64		price_a = audit_row(audit, a->row)->max_price;
	int64		price_b = audit_row(audit, b->row)->max_price;

	/* full prices in ten-thousandths; a unit's price is amount / quantity */
	return fixed_compare_products(price_a != FIXED_NULL ? price_a : x->left_amount,
								  price_b != FIXED_NULL ? FIXED_ONE : y->left_quantity,
								  price_b != FIXED_NULL ? price_b : y->left_amount,
								  price_a != FIXED_NULL ? FIXED_ONE : x->left_quantity);
}

/*
 * What UNITS of the line cost above ratio * full price each, if more than a
 * cent: units / quantity * amount - units * ratio * price.
 */
static void
judge_secondary(ChargeAudit *audit, const Candidate *candidate, const Candidate *first,
				int64 units, uint32 missing)
{
	const RuleRow *row = audit_row(audit, candidate->row);
	const LedgerLine *line = audit_line(audit, candidate->line);
	int128		allowed;
	int128		over;
	Excess	   *excess;

	if (!ledger_line_claimed(line) || units <= 0)
		return;
	if (row->max_price == FIXED_NULL)
		missing |= NEEDS_FULL_PRICE;
	else
	{
		/* all in units of 10^-12 yuan times quantity */
		allowed = multiply_wide((int128) row->ratio * row->max_price, line->left_quantity);
		over = multiply_wide(line->left_amount, (int128) FIXED_ONE * FIXED_ONE) - allowed;
		over = multiply_wide(over, units);
		if (over <= multiply_wide((int128) CENT_OF_PRODUCT * FIXED_ONE, line->left_quantity))
			return;
	}
	if (missing != 0)
		excess = record_insufficient(audit, candidate->row, candidate->line, missing);
	else
	{
		excess = record(audit, candidate->row, candidate->line);
		fixed_ratio(over,
					multiply_wide(multiply_wide(line->left_amount, line->left_quantity),
								  (int128) FIXED_ONE * FIXED_ONE),
					&excess->part, &excess->whole);
		excess->limit = fixed_multiply(row->ratio, row->max_price);
	}
	excess->units = units;
	if (first->line == candidate->line)
		return;
	record_partner(audit, excess, first->line);
	if (!excess->insufficient)
		excess->doubt |= doubts_of_line(audit, first->row, first->line);
}

/* The dearer of two lines of LIST, the earlier of equals; -1: none. */
static int
dearer(ChargeAudit *audit, const Candidate *list, int a, int b)
{
	if (a < 0 || b < 0)
		return Max(a, b);
	if (compare_dearness(audit, &list[Max(a, b)], &list[Min(a, b)]) > 0)
		return Max(a, b);
	return Min(a, b);
}

/* What leaves all of a group undecided: a member whose conditions are not known. */
static uint32
missing_of_group(const GroupPass *pass, const Candidate *list, int from, int to)
{
	uint32		missing = pass->by_day ? NEEDS_TIME_OF_DAY : 0;

	for (int i = from; i < to; i++)
		missing |= list[i].missing;
	return missing;
}

/* The lines of one scope and provider, [from, to) in order of time. */
static void
judge_group(const GroupPass *pass, const Candidate *list, int from, int to)
{
	ChargeAudit *audit = pass->audit;
	uint32		missing = missing_of_group(pass, list, from, to);
	int			first = from;

	for (int i = from + 1; i < to; i++)
		first = dearer(audit, list, first, i);
	for (int i = from; i < to; i++)
	{
		int64		units = audit_line(audit, list[i].line)->left_quantity;

		if (list[i].line == list[first].line)
			units -= Min(units, FIXED_ONE);
		if (list[i].untimed == pass->by_day)
			judge_secondary(audit, &list[i], &list[first], units, missing);
	}
}

/*
 * The lines of one scope, of providers that may be one where one of them is not
 * known: those that a dearer one of another would put beyond the first.
 */
static void
judge_possible_group(const GroupPass *pass, const Candidate *list, int from, int to)
{
	ChargeAudit *audit = pass->audit;
	uint32		missing = missing_of_group(pass, list, from, to) | NEEDS_FACILITY_ID;
	int			first = -1;
	int			first_unknown = -1;

#define PROVIDER_OF(i) (pass->providers[audit_line(audit, list[i].line)->visit])
	for (int i = from; i < to; i++)
		pass->dearest[PROVIDER_OF(i)] = -1;
	for (int i = from; i < to; i++)
	{
		int		   *own = &pass->dearest[PROVIDER_OF(i)];

		*own = dearer(audit, list, *own, i);
		first = dearer(audit, list, first, i);
		if (!provider_is_known(audit, audit_line(audit, list[i].line)->visit))
			first_unknown = dearer(audit, list, first_unknown, i);
	}
	for (int i = from; i < to; i++)
	{
		const LedgerLine *line = audit_line(audit, list[i].line);
		int			beside = first;

		if (provider_is_known(audit, line->visit))
			beside = dearer(audit, list, first_unknown, pass->dearest[PROVIDER_OF(i)]);
		if (PROVIDER_OF(beside) != PROVIDER_OF(i) && list[i].untimed == pass->by_day)
			judge_secondary(audit, &list[i], &list[beside], line->left_quantity, missing);
	}
#undef PROVIDER_OF
}

/* A scope begins with its earliest line and holds what lies in its window. */
static bool
same_group(ChargeAudit *audit, const Candidate *begins, const Candidate *candidate)
{
	const RuleRow *row = audit_row(audit, begins->row);
	ScopeWindow window = scope_window((RuleScope) row->scope, row->scope_length, begins->key);

	return candidate->key >= window.from && candidate->key <= window.to;
}

/* Judges every group of ITEMS, which have their keys. */
static void
judge_groups(const GroupPass *pass, Candidates *items)
{
	candidates_sort(items);
	for (int from = 0, to; from < items->count; from = to)
	{
		const Candidate *begins = &items->list[from];

		CHECK_FOR_INTERRUPTS();
		for (to = from + 1; to < items->count; to++)
			if (pass->by_day ? items->list[to].key != begins->key :
				!same_group(pass->audit, begins, &items->list[to]))
				break;
		if (pass->providers != NULL)
			judge_possible_group(pass, items->list, from, to);
		else
			judge_group(pass, items->list, from, to);
	}
}

/*
 * Lines without a time of day may or may not have been in one operation with
 * others of their day: they are judged among all lines of the day, and what
 * could be in excess then is insufficient.
 */
static void
judge_lines(GroupPass pass, Candidates *items)
{
	Candidates *timed = &pass.audit->others;

	pass.by_day = false;
	timed->count = 0;
	for (int i = 0; i < items->count; i++)
		pass.by_day |= items->list[i].untimed;
	if (!pass.by_day)
	{
		judge_groups(&pass, items);
		return;
	}
	for (int i = 0; i < items->count; i++)
	{
		Candidate  *candidate = &items->list[i];

		if (!candidate->untimed)
			candidate_add(timed, candidate);
		candidate->key = midnight_of_day(day_of_timestamp(candidate->at));
	}
	judge_groups(&pass, items);
	pass.by_day = false;
	judge_groups(&pass, timed);
}

static bool
some_provider_is_unknown(ChargeAudit *audit, const Candidates *items)
{
	for (int i = 0; i < items->count; i++)
		if (!provider_is_known(audit, audit_line(audit, items->list[i].line)->visit))
			return true;
	return false;
}

/* Lines of several visits: those of each provider, and what may be of one. */
static void
judge_visits(ChargeAudit *audit, Candidates *items)
{
	GroupPass	pass = {.audit = audit};
	int32		visits = audit->ledger->visit_count;
	int		   *ends = (int *) MemoryContextAllocHuge(CurrentMemoryContext,
													  mul_size(visits, sizeof(int)));
	Candidate  *copy = candidates_by_provider(audit, items, ends);

	for (int32 provider = 0, begin = 0; provider < visits; begin = ends[provider++])
	{
		Candidates	own = {
			.list = copy + begin,
			.count = ends[provider] - begin
		};

		if (own.count > 0)
			judge_lines(pass, &own);
	}
	if (some_provider_is_unknown(audit, items))
	{
		pass.providers = providers_of_visits(audit);
		pass.dearest = ends;
		judge_lines(pass, items);
	}
	pfree(copy);
	pfree(ends);
}

/* secondary: units beyond the first of a group, above ratio * full price. */
void
evaluate_secondary(ChargeAudit *audit, const SetMatch *matches, int count)
{
	GroupPass	pass = {.audit = audit};
	Candidates *items = &audit->items;

	gather(audit, items, matches, count, SIDE_ITEM, GATHER_CONDITIONS);
	if (items->count == 0)
		return;
	if (candidates_of_one_visit(audit, items))
		judge_lines(pass, items);
	else
		judge_visits(audit, items);
}
