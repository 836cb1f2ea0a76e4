/*
 * charge_caps.c
 *		Caps on quantity and money: quantity, amount, per_bed_day.
 *
 * The lines of a set go through in order of time.  Of each, what still fits
 * under the cap of its own row is accepted and counts from then on; the rest
 * is in excess.  Accepted quantities are kept as running sums beside their
 * keys, so the quantity in any window is a difference of two sums found by
 * binary search: calendar and rolling scopes, caps that change from a date on
 * and rows with different scopes are all the same to it.  A set whose total
 * fits under its smallest cap, by far the usual case, is not even sorted.
 *
 * A second, doubtful pass lets in rows whose conditions are not known, to see
 * which lines they would find (judge_items() has an example); lines without a
 * time of day in a scope of hours are compared with all that may lie in their
 * window.
 *
 * In a stay a bill may be posted after the day that it is for, so there a cap
 * per day or hour holds for the stay (charge_stay_caps.c): what the calendar finds
 * of its lines is found here all the same, but as posted late.
 *
 * Cost: O(n) for a set under its cap, else O(n log n).
 */
#include "postgres.h"
#include "base/compat.h"

#include "common/int.h"
#include "miscadmin.h"

#include "charge/charge_caps_internal.h"

/* What a per_bed_day row allows on some dates. */
static int64
bed_day_limit(ChargeAudit *audit, RuleKind kind, uint32 number, const StaySpan *span)
{
	const RuleRow *row = audit_row(audit, number);
	int64		days = row->scope == SCOPE_BED_DAY ? span->dates : Max(span->dates - 1, 1);
	int64		limit;

	Assert(kind == RULE_PER_BED_DAY);
	return pg_mul_s64_overflow(row->max_quantity, days, &limit) ? PG_INT64_MAX : limit;
}

/*
 * What of the stay a per_bed_day row multiplies with; one date, the least there
 * is, and what is missing, where the stay is not known.
 */
static StaySpan
span_in_bed(ChargeAudit *audit, int32 visit, uint32 *missing)
{
	const StaySpan least = {.dates = 1};
	const VisitContext *context = audit_context(audit, visit);
	const VisitStay *stay = stay_of_visit(audit, visit);

	if (context->admitted_at == DT_NOBEGIN)
		*missing |= NEEDS_ADMITTED_AT;
	if (context->discharged_at == DT_NOBEGIN)
		*missing |= NEEDS_DISCHARGED_AT;
	if (context->admitted_at == DT_NOBEGIN || context->discharged_at == DT_NOBEGIN)
		return least;
	if (stay->kind == STAY_OPEN)
	{
		/* a stay that ends before it begins says nothing about its length */
		*missing |= NEEDS_ADMITTED_AT | NEEDS_DISCHARGED_AT;
		return least;
	}
	return stay->is_part ? stay->part : stay->whole;
}

/*
 * The cap of one line by one row, in a part of a stay without the rest; adds to
 * MISSING what it could not know.
 */
static int64
cap_of(ChargeAudit *audit, RuleKind kind, const Candidate *candidate, uint32 *missing)
{
	StaySpan	span;

	if (kind != RULE_PER_BED_DAY)
		return cap_of_row(kind, audit_row(audit, candidate->row));
	span = span_in_bed(audit, audit_line(audit, candidate->line)->visit, missing);
	return bed_day_limit(audit, kind, candidate->row, &span);
}

/*
 * Fits the whole set under its smallest cap?  Where hours of a stay may be less
 * than those of a day, under an hour.
 */
static bool
all_fits(ChargeAudit *audit, RuleKind kind, const Candidates *items)
{
	int64		least = PG_INT64_MAX;
	int64		total = 0;
	uint32		last_row = RULE_NONE;

	for (int i = 0; i < items->count; i++)
	{
		const Candidate *candidate = &items->list[i];

		total = fixed_add(total, capped_value(audit, kind, candidate->line));
		if (candidate->row != last_row)
		{
			least = Min(least, cap_of_row(kind, audit_row(audit, candidate->row)));
			if (audit->scratch->row_flags[candidate->row] & ROW_COUNTS_HOURS)
				least = Min(least, FIXED_ONE);
			last_row = candidate->row;
		}
	}
	return total <= least;
}

/*
 * Where the window of a candidate begins among LINES.  The date from which its
 * row is valid cuts the window: partners must be valid, too.
 */
static int
window_start(CapPass *pass, const Accepted *lines, const Candidate *candidate, ScopeWindow *window)
{
	const RuleRow *row = audit_row(pass->audit, candidate->row);
	RuleScope	scope = (RuleScope) row->scope;
	Timestamp	valid = PG_INT64_MIN;

	if (!DATE_IS_NOBEGIN(row->valid_from))
		valid = midnight_of_day(row->valid_from);
	*window = scope_window(scope, row->scope_length, candidate->key);
	if (scope_is_visit(scope))
		return accepted_find(lines, window->from, valid);
	window->from = Max(window->from, valid);
	return accepted_find(lines, window->from, PG_INT64_MIN);
}

/* Has the line, rows [from, to), no time of day that one of them wants?  May all not apply? */
static void
look_at_line(const Candidates *items, int from, int to, bool *untimed, bool *unknown)
{
	*untimed = false;
	*unknown = true;
	for (int i = from; i < to; i++)
	{
		*untimed |= items->list[i].untimed;
		*unknown &= items->list[i].missing != 0;
	}
}

/*
 * All lines with a time of day, or those without one at the midnight before;
 * what is not known to count only where UNKNOWN asks for it.
 */
static void
sum_all(CapPass *pass, bool untimed, bool unknown, Accepted *into)
{
	const Candidates *items = pass->items;

	accepted_init(into, items->count);
	for (int from = 0, to; from < items->count; from = to)
	{
		Candidate	candidate = items->list[from];
		bool		without_time;
		bool		not_known;

		to = end_of_line(items, from);
		look_at_line(items, from, to, &without_time, &not_known);
		if (without_time != untimed || (not_known && !unknown))
			continue;
		if (untimed)
			candidate.key = candidate.at =
				midnight_of_day(ledger_line_day(audit_line(pass->audit, candidate.line)));
		accepted_add(into, &candidate, capped_value(pass->audit, pass->kind, candidate.line));
	}
}

/* Sums up what each part of a stay was charged, of the lines that this pass asks. */
static void
sum_parts(CapPass *pass)
{
	const Candidates *items = pass->items;

	for (int from = 0, to; from < items->count; from = to)
	{
		int32		line = items->list[from].line;
		bool		without_time;
		bool		not_known;

		CHECK_FOR_INTERRUPTS();
		to = end_of_line(items, from);
		look_at_line(items, from, to, &without_time, &not_known);
		if (!not_known || pass->doubtful)
			part_sums_add(pass->audit, &pass->parts, audit_line(pass->audit, line)->visit,
						  capped_value(pass->audit, pass->kind, line));
	}
}

/* What other numbers of the stay leave the line under a cap of bed days. */
static int64
rest_in_bed(CapPass *pass, const Candidate *candidate)
{
	int32		visit = audit_line(pass->audit, candidate->line)->visit;

	if (pass->kind != RULE_PER_BED_DAY || !stay_of_visit(pass->audit, visit)->is_part)
		return 0;
	if (part_sums_begin(pass->audit, &pass->parts))
		sum_parts(pass);
	return rest_of_stay(pass->audit, &pass->parts, pass->kind, candidate->row, visit, bed_day_limit);
}

/* What the evidence of a cap says: its limit, window, sums and partners. */
static void
explain_cap(CapPass *pass, Excess *excess, const Candidate *candidate, int64 cap)
{
	Accepted   *accepted = &pass->accepted;
	RuleScope	scope = (RuleScope) audit_row(pass->audit, candidate->row)->scope;
	ScopeWindow window;
	int			start = window_start(pass, accepted, candidate, &window);

	/* a cap that rolls has counted what came before the line */
	if (scope == SCOPE_ROLLING_DAYS || scope == SCOPE_ROLLING_HOURS)
		window.to = candidate->at;
	excess->limit = cap;
	excess->before = accepted->sums[accepted->count] - accepted->sums[start];
	if (!scope_is_visit(scope))
		record_window(excess, window);
	if (!pass->audit->want_evidence)
		return;
	for (int i = start; !excess->insufficient && i < accepted->count; i++)
	{
		CHECK_FOR_INTERRUPTS();
		if (excess->partner_count >= EVIDENCE_PARTNERS && pass->one_visit)
			break;
		record_partner(pass->audit, excess, accepted->lines[i]);
	}

	/* partners of a cap are company, not the other half of a pair */
	excess->partner = -1;
}

/* Records what the calendar finds, and what the dates of a stay make of it. */
static void
record_cap(CapPass *pass, const OverCap *found, int64 value)
{
	const Candidate *candidate = found->candidate;
	OverCap		known = *found;
	Excess	   *excess;

	if (candidate->hold == HOLD_OPEN)
		known.missing |= stay_of_visit(pass->audit, audit_line(pass->audit, candidate->line)->visit)->missing;
	excess = record_over(pass, &known, value);
	if (!excess->insufficient && (candidate->hold == HOLD_STAY || candidate->hold == HOLD_POSTED))
		excess->doubt = DOUBT_POSTED_LATE;
	explain_cap(pass, excess, candidate, found->cap);
}

/* What the line adds above the cap of one of its rows. */
static OverCap
over_cap(CapPass *pass, const Candidate *candidate, int64 value)
{
	Accepted   *accepted = &pass->accepted;
	OverCap		found = {candidate, 0, 0, candidate->missing, rest_in_bed(pass, candidate)};
	ScopeWindow window;
	int			start = window_start(pass, accepted, candidate, &window);
	int64		before = accepted->sums[accepted->count] - accepted->sums[start];
	int64		room;

	found.cap = limit_with_rest(cap_of(pass->audit, pass->kind, candidate, &found.missing), found.rest);
	room = Max(fixed_subtract(found.cap, before), 0);
	found.over = Max(fixed_subtract(value, room), 0);
	return found;
}

/*
 * Judges one line by its rows, list[from, to): what the strictest finds is not
 * accepted.  Rows in doubt are recorded in the doubtful pass only, known ones in
 * the other.
 */
static void
judge_line(CapPass *pass, const Candidate *list, int from, int to)
{
	int64		value = capped_value(pass->audit, pass->kind, list[from].line);
	int64		most = 0;
	bool		seen = false;

	for (int i = from; i < to; i++)
	{
		OverCap		found;

		if (list[i].untimed)
			continue;
		found = over_cap(pass, &list[i], value);
		if (found.missing != 0 && !pass->doubtful)
			continue;
		seen = true;
		most = Max(most, found.over);
		if (found.over > 0 && (found.missing != 0) == pass->doubtful)
			record_cap(pass, &found, value);
	}
	if (seen && value > most)
		accepted_add(&pass->accepted, &list[from], value - most);
}

/* The lines one after the other, beginning with nothing accepted. */
static void
run_pass(CapPass *pass)
{
	const Candidates *items = pass->items;

	accepted_init(&pass->accepted, items->count);
	for (int from = 0, to; from < items->count; from = to)
	{
		CHECK_FOR_INTERRUPTS();
		to = end_of_line(items, from);
		judge_line(pass, items->list, from, to);
	}
	part_sums_free(&pass->parts);
}

/* Lines without a time of day that some time of day would put above a cap. */
static void
judge_untimed(CapPass *pass)
{
	const Candidates *items = pass->items;
	Accepted	timed;
	Accepted	untimed;

	sum_all(pass, false, true, &timed);
	sum_all(pass, true, true, &untimed);
	for (int i = 0; i < items->count; i++)
	{
		const Candidate *candidate = &items->list[i];
		const RuleRow *row = audit_row(pass->audit, candidate->row);
		ScopeWindow window;
		uint32		missing = candidate->missing | NEEDS_TIME_OF_DAY;
		int64		cap;
		Excess	   *excess;

		CHECK_FOR_INTERRUPTS();
		if (!candidate->untimed)
			continue;
		cap = cap_of(pass->audit, pass->kind, candidate, &missing);
		window = scope_window_possible((RuleScope) row->scope, row->scope_length,
									   audit_line(pass->audit, candidate->line));
		if (accepted_between(&timed, window.from, window.to) +
			accepted_between(&untimed, window.from - USECS_PER_DAY + 1, window.to) <= cap)
			continue;
		excess = record_insufficient(pass->audit, candidate->row, candidate->line, missing);
		excess->limit = cap;
		record_window(excess, window);
	}
	accepted_free(&timed);
	accepted_free(&untimed);
}

/* The same lines by visit, in order of time. */
static void
sum_visits(const CapPass *pass, Accepted *into)
{
	const Candidates *items = pass->items;
	CapPass		by_visit = *pass;
	Candidates	copy = {.count = items->count};

	copy.list = (Candidate *) MemoryContextAllocHuge(CurrentMemoryContext,
													 mul_size(items->count, sizeof(Candidate)));
	memcpy(copy.list, items->list, items->count * sizeof(Candidate));
	for (int i = 0; i < copy.count; i++)
		copy.list[i].key = audit_line(pass->audit, copy.list[i].line)->visit;
	candidates_sort(&copy);
	by_visit.items = &copy;
	sum_all(&by_visit, false, pass->doubtful, into);
	pfree(copy.list);
}

/*
 * What was charged in the window of the record: of its own visit all, of other
 * visits up to the line.  What they have behind it the record does not rest on,
 * and it may not be settled yet.
 */
static int64
charged_in_window(const ChargeAudit *audit, const Excess *excess, const Accepted *charged,
				  const Accepted *visits)
{
	Timestamp	at = audit_line(audit, excess->line)->charged_at;
	int			from = accepted_find(charged, excess->window.from, PG_INT64_MIN);
	int			behind = accepted_behind(charged, at, at, excess->line);
	int			own = accepted_behind(visits, excess->visit, at, excess->line);
	int			end = accepted_find(visits, excess->visit, excess->window.to + 1);

	return fixed_add(charged->sums[Max(from, behind)] - charged->sums[from],
					 visits->sums[Max(own, end)] - visits->sums[own]);
}

/* What was charged in the window or visit of each record from FIRST on, in all. */
static void
tell_totals(CapPass *pass, int first)
{
	ChargeAudit *audit = pass->audit;
	Accepted	charged;
	Accepted	visits;

	if (!audit->want_evidence || audit->found_count == first)
		return;
	sum_all(pass, false, pass->doubtful, &charged);
	if (!pass->one_visit)
		sum_visits(pass, &visits);
	for (int i = first; i < audit->found_count; i++)
	{
		Excess	   *excess = &audit->found[i];

		if (excess->insufficient)
			continue;
		if (!excess->has_window)
			excess->total = accepted_between(&charged, excess->visit, excess->visit);
		else if (pass->one_visit)
			excess->total = accepted_between(&charged, excess->window.from, excess->window.to);
		else
			excess->total = charged_in_window(audit, excess, &charged, &visits);
	}
	accepted_free(&charged);
	if (!pass->one_visit)
		accepted_free(&visits);
}

/* As a world of doubt_by_others(): what the calendar finds. */
static void
judge_calendar(ChargeAudit *audit, Candidates *items, void *how)
{
	CapPass		pass = {
		.audit = audit,
		.items = items,
		.kind = *(RuleKind *) how
	};
	int			first = audit->found_count;

	pass.one_visit = audit->want_evidence && candidates_of_one_visit(audit, items);
	run_pass(&pass);
	tell_totals(&pass, first);
	accepted_free(&pass.accepted);
}

/*
 * One pass by the calendar, and one by the stays.
 *
 * The doubtful pass, by an example: 2 a day for everybody and 1 a day for women
 * are two rows of one set, the sex is not known, and on one date were charged
 *
 *				first pass				doubtful pass
 *		a, 1	fits					fits
 *		b, 1	fits					1 above 1: insufficient
 *		c, 2	2 above 2: in excess	2 above 1: insufficient
 *
 * The first pass asks the rows that are known to apply, here the row of 2; what
 * it finds is true whatever the sex.  The doubtful pass begins anew with both
 * rows, lets in what is left by the stricter, and records what rests on the
 * unknown one only: insufficient, for want of the sex.  So b is insufficient,
 * and c, which both have found, in excess by 2: settle() prefers what is sure.
 * For a woman b would be in excess by 1, for a man not.
 */
static void
judge_items(CapPass *pass, Candidates *stays)
{
	int			first = pass->audit->found_count;

	run_pass(pass);
	tell_totals(pass, first);
	if (!pass->doubtful)
		doubt_by_others(pass->audit, pass->items, first, judge_calendar, &pass->kind);
	judge_stays(pass, stays);
	accepted_free(&pass->accepted);
}

/* Which passes does the set need beside the first? */
static void
needed_passes(ChargeAudit *audit, RuleKind kind, const Candidates *items,
			  bool *doubtful, bool *untimed)
{
	*doubtful = *untimed = false;
	for (int i = 0; i < items->count; i++)
	{
		uint32		missing = items->list[i].missing;

		*untimed |= items->list[i].untimed;
		if (kind == RULE_PER_BED_DAY)
			(void) cap_of(audit, kind, &items->list[i], &missing);
		*doubtful |= missing != 0;
	}
}

/* quantity, amount, per_bed_day */
void
evaluate_cap(ChargeAudit *audit, const SetMatch *matches, int count)
{
	Candidates *items = &audit->items;
	Candidates *stays = &audit->others;
	CapPass		pass;
	bool		doubtful;
	bool		untimed;

	memset(&pass, 0, sizeof(pass));
	pass.audit = audit;
	pass.items = items;
	pass.kind = (RuleKind) audit->book->rules[audit_row(audit, matches[0].row)->rule].kind;
	gather(audit, items, matches, count, SIDE_ITEM, GATHER_JUDGED);
	if (items->count == 0 || all_fits(audit, pass.kind, items))
		return;
	pass.one_visit = audit->want_evidence && candidates_of_one_visit(audit, items);
	hold_caps(audit, items, stays);
	candidates_sort(items);
	needed_passes(audit, pass.kind, items, &doubtful, &untimed);
	judge_items(&pass, stays);
	pass.doubtful = true;
	if (doubtful)
		judge_items(&pass, stays);
	if (untimed)
		judge_untimed(&pass);
}
