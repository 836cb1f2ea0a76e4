/*
 * charge_stay_caps.c
 *		Caps per day or hour in a stay: they hold for the stay.
 *
 * What a stay was charged may have been posted on a later date than it was for,
 * so more than a cap on one date proves nothing.  More than the cap times the
 * dates of the stay does: that much of the last lines is in excess for sure.
 * A cap of hours a day may not pass the hours of the stay either.
 *
 * 1 a day, in a stay of 1 to 3 March: the limit of the stay is 3.  a is 1 on the
 * first date; b, 2, and then c, 1, are on the last.  The calendar finds b above
 * its date by 1 and c by 1, both in doubt (posted_late).  Against the limit a
 * and b make up 3, and c is 1 above it whenever it was done: that is sure, and
 * settle() prefers it.  So c is in excess for sure and b in doubt.  3 on the last
 * date fit the limit: 2 of them are in doubt, none is sure.  Of 4 there 1 is.
 *
 * Hours: 24 a day, charged by the hour (小时), 50 hours on three dates.  The
 * limit is 50, not 72.  50 in one line are 26 above the date, in doubt; of 51,
 * 1 is sure.
 *
 * What counts in times (次) and has different clock times on a date before the
 * discharge was charged when it was done: there the cap of the date holds, and
 * what it leaves counts for the stay as what is there already.
 *
 * Cost: the lines of a set that is over its cap are sorted by visit once more.
 */
#include "postgres.h"
#include "base/compat.h"

#include "common/int.h"
#include "miscadmin.h"

#include "charge/charge_caps_internal.h"

/* ---- what a cap holds for ---- */

static CapHold
hold_of(ChargeAudit *audit, const Candidate *candidate)
{
	const RuleRow *row = audit_row(audit, candidate->row);
	int32		visit = audit_line(audit, candidate->line)->visit;

	if (!(audit->scratch->row_flags[candidate->row] & ROW_WITHIN_DAY))
		return HOLD_DATE;
	if (!scope_is_calendar((RuleScope) row->scope, row->scope_length))
		return visit_is_posted_late(audit, visit) ? HOLD_POSTED : HOLD_DATE;
	switch ((StayKind) stay_of_visit(audit, visit)->kind)
	{
		case STAY_CLOSED:
			return HOLD_STAY;
		case STAY_OPEN:
			return HOLD_OPEN;
		default:
			return HOLD_DATE;
	}
}

/* Was what [from, to), in order of time, tells of a date charged by the clock? */
static bool
has_clock_times(const Candidate *list, int from, int to)
{
	while (from < to && is_midnight(list[from].at))
		from++;
	return from < to && list[from].at != list[to - 1].at;
}

/* Does the row count in times, on a date before the discharge? */
static bool
counts_times(ChargeAudit *audit, const Candidate *candidate)
{
	const LedgerLine *line = audit_line(audit, candidate->line);

	return (candidate->hold == HOLD_STAY || candidate->hold == HOLD_POSTED) &&
		ledger_line_day(line) < stay_of_visit(audit, line->visit)->discharged_on &&
		row_unit(audit->book, audit_row(audit, candidate->row)) == UNIT_TIMES;
}

/* ITEMS by visit and time: finds the dates of a visit that were charged by the clock. */
static void
hold_timed(ChargeAudit *audit, Candidates *items)
{
	Candidate  *list = items->list;

	for (int from = 0, to; from < items->count; from = to)
	{
		CHECK_FOR_INTERRUPTS();
		for (to = from + 1; to < items->count; to++)
			if (audit_line(audit, list[to].line)->visit != audit_line(audit, list[from].line)->visit ||
				day_of_timestamp(list[to].at) != day_of_timestamp(list[from].at))
				break;
		if (!has_clock_times(list, from, to))
			continue;
		for (int i = from; i < to; i++)
			if (counts_times(audit, &list[i]))
				list[i].hold = HOLD_TIMED;
	}
}

/* Holds one of the caps for something else than the date? */
static bool
hold_each(ChargeAudit *audit, Candidates *items)
{
	const Candidate *last = NULL;
	bool		other = false;

	for (int i = 0; i < items->count; i++)
	{
		Candidate  *candidate = &items->list[i];

		/* lines of a run are of one row and visit */
		candidate->hold = last != NULL && last->row == candidate->row &&
			audit_line(audit, last->line)->visit == audit_line(audit, candidate->line)->visit ?
			last->hold : hold_of(audit, candidate);
		other |= candidate->hold != HOLD_DATE;
		last = candidate;
	}
	return other;
}

/* Is the candidate under the cap of a stay, or of a date of one? */
static bool
is_of_stay(ChargeAudit *audit, const Candidate *candidate)
{
	const RuleRow *row = audit_row(audit, candidate->row);

	return candidate->hold == HOLD_STAY ||
		(candidate->hold == HOLD_TIMED && scope_is_calendar((RuleScope) row->scope, row->scope_length));
}

/*
 * Says of each of ITEMS for what its cap holds.  STAYS becomes those that hold
 * for a stay, or for the dates of one, by visit and time.
 */
void
hold_caps(ChargeAudit *audit, Candidates *items, Candidates *stays)
{
	bool		one_visit;

	stays->count = 0;
	if (!hold_each(audit, items))
		return;
	one_visit = candidates_of_one_visit(audit, items);
	for (int i = 0; i < items->count && !one_visit; i++)
		items->list[i].key = audit_line(audit, items->list[i].line)->visit;
	candidates_sort(items);
	hold_timed(audit, items);
	for (int i = 0; i < items->count; i++)
	{
		Candidate  *candidate = &items->list[i];
		const LedgerLine *line = audit_line(audit, candidate->line);

		candidate->key = line->visit;
		if (is_of_stay(audit, candidate))
			candidate_add(stays, candidate);
		candidate->key = scope_key((RuleScope) audit_row(audit, candidate->row)->scope, line);
	}
}

/* ---- the cap of the stay ---- */

typedef struct StayPass
{
	CapPass    *calendar;
	Accepted	counted;		/* of the lines of the stays, in their order */
	Accepted	timed;			/* what the calendar has accepted by the clock */
	Accepted	charged;		/* all of both */
	PartSums	parts;			/* of what was charged */
} StayPass;

/* Cap times dates or hours, or all of the hours; in UNITS of HOURS. */
static int64
limit_in_units(ChargeAudit *audit, RuleKind kind, uint32 number, const StaySpan *span, int64 *units, bool *hours)
{
	const RuleRow *row = audit_row(audit, number);
	int64		limit;

	*hours = row->scope == SCOPE_HOUR;
	*units = *hours ? span->hours : span->dates;
	if (pg_mul_s64_overflow(cap_of_row(kind, row), *units, &limit))
		limit = PG_INT64_MAX;
	if (!(audit->scratch->row_flags[number] & ROW_COUNTS_HOURS) || !span->hours_known ||
		limit <= span->hours * FIXED_ONE)
		return limit;
	*hours = true;
	*units = span->hours;
	return span->hours * FIXED_ONE;
}

static int64
span_limit(ChargeAudit *audit, RuleKind kind, uint32 row, const StaySpan *span)
{
	int64		units;
	bool		hours;

	return limit_in_units(audit, kind, row, span, &units, &hours);
}

/* Of the stay, or of the part of it that the visit is, without the rest. */
static int64
stay_limit(ChargeAudit *audit, RuleKind kind, const Candidate *candidate, int64 *units, bool *hours)
{
	const VisitStay *stay = stay_of_visit(audit, audit_line(audit, candidate->line)->visit);

	return limit_in_units(audit, kind, candidate->row, stay->is_part ? &stay->part : &stay->whole, units, hours);
}

/* What other numbers of the stay leave the candidate, whose key is its visit. */
static int64
rest_for(StayPass *pass, const Candidate *candidate)
{
	ChargeAudit *audit = pass->calendar->audit;
	int32		visit = (int32) candidate->key;

	if (!stay_of_visit(audit, visit)->is_part)
		return 0;
	if (part_sums_begin(audit, &pass->parts))
		for (int32 i = 0; i < audit->parts.count; i++)
			part_sums_add(audit, &pass->parts, audit->parts.visits[i],
						  accepted_between(&pass->charged, audit->parts.visits[i], audit->parts.visits[i]));
	return rest_of_stay(audit, &pass->parts, pass->calendar->kind, candidate->row, visit, span_limit);
}

static Timestamp
midnight_of(DateADT day)
{
	return DATE_IS_NOBEGIN(day) ? PG_INT64_MIN : DATE_IS_NOEND(day) ? PG_INT64_MAX :
		midnight_of_day(day);
}

/* What lines of the visit count before the candidate, on dates that its row holds for. */
static int64
counted_before(const StayPass *pass, const Candidate *candidate)
{
	const RuleRow *row = audit_row(pass->calendar->audit, candidate->row);
	Timestamp	from = midnight_of(row->valid_from);
	Timestamp	to = midnight_of(row->valid_to);
	int			start = accepted_find(&pass->counted, candidate->key, from);
	int			first = accepted_find(&pass->timed, candidate->key, from);
	int			end = accepted_find(&pass->timed, candidate->key, to);

	return fixed_add(pass->counted.sums[pass->counted.count] - pass->counted.sums[start],
					 pass->timed.sums[Max(first, end)] - pass->timed.sums[first]);
}

/* The evidence: the stay, how many units it has, and what was charged in it. */
static void
explain_stay(StayPass *pass, Excess *excess, const Candidate *candidate, int64 limit)
{
	ChargeAudit *audit = pass->calendar->audit;
	const VisitContext *context = audit_context(audit, excess->visit);
	bool		is_part = stay_of_visit(audit, excess->visit)->is_part;
	ScopeWindow window = {is_part ? context->part_from : context->admitted_at,
	is_part ? context->part_to : context->discharged_at};

	excess->of_stay = true;
	excess->limit = limit;
	excess->before = counted_before(pass, candidate);
	(void) stay_limit(audit, pass->calendar->kind, candidate, &excess->units, &excess->stay_in_hours);
	record_window(excess, window);
	if (!audit->want_evidence)
		return;
	excess->total = accepted_between(&pass->charged, candidate->key, candidate->key);
	for (int i = accepted_find(&pass->counted, candidate->key, PG_INT64_MIN);
		 !excess->insufficient && i < pass->counted.count && excess->partner_count < EVIDENCE_PARTNERS; i++)
		record_partner(audit, excess, pass->counted.lines[i]);
	excess->partner = -1;
}

/* The rows [from, to) of a line: what the strictest finds does not count on. */
static void
judge_stay_line(StayPass *pass, const Candidates *stays, int from, int to)
{
	CapPass    *calendar = pass->calendar;
	int64		value = capped_value(calendar->audit, calendar->kind, stays->list[from].line);
	int64		most = 0;
	bool		seen = false;

	for (int i = from; i < to; i++)
	{
		const Candidate *candidate = &stays->list[i];
		OverCap		found = {candidate, 0, 0, candidate->missing, 0};
		int64		units;
		bool		hours;

		if (candidate->missing != 0 && !calendar->doubtful)
			continue;
		seen = true;
		found.rest = rest_for(pass, candidate);
		found.cap = limit_with_rest(stay_limit(calendar->audit, calendar->kind, candidate, &units, &hours), found.rest);
		found.over = value - Min(value, Max(found.cap - counted_before(pass, candidate), 0));
		most = Max(most, found.over);
		if (found.over > 0 && (found.missing != 0) == calendar->doubtful)
			explain_stay(pass, record_over(calendar, &found, value), candidate, found.cap);
	}
	if (seen && value > most)
		accepted_add(&pass->counted, &stays->list[from], value - most);
}

static bool
line_is_timed(const Candidates *stays, int from, int to)
{
	for (int i = from; i < to; i++)
		if (stays->list[i].hold == HOLD_TIMED)
			return true;
	return false;
}

/* Is one of the rows [from, to) asked in this pass? */
static bool
line_is_asked(const CapPass *pass, const Candidates *stays, int from, int to)
{
	for (int i = from; i < to; i++)
		if (stays->list[i].missing == 0 || pass->doubtful)
			return true;
	return false;
}

/* Sums up what counts of the stays whatever their caps, and what was charged. */
static void
sum_stays(StayPass *pass, const Candidates *stays)
{
	CapPass    *calendar = pass->calendar;

	for (int from = 0, to; from < stays->count; from = to)
	{
		const Candidate *candidate = &stays->list[from];
		int64		value = capped_value(calendar->audit, calendar->kind, candidate->line);

		to = end_of_line(stays, from);
		if (line_is_timed(stays, from, to))
		{
			value = accepted_value(&calendar->accepted, candidate);
			accepted_add(&pass->timed, candidate, value);
		}
		if (line_is_asked(calendar, stays, from, to))
			accepted_add(&pass->charged, candidate, value);
	}
}

/* Fits what every visit was charged under its smallest limit, whatever other numbers leave? */
static bool
stays_fit(CapPass *pass, const Candidates *stays)
{
	int64		total = 0;
	int64		least = PG_INT64_MAX;
	uint32		last_row = RULE_NONE;

	for (int i = 0; i < stays->count; i++)
	{
		const Candidate *candidate = &stays->list[i];
		bool		next_visit = i > 0 && candidate->key != stays->list[i - 1].key;
		int64		units;
		bool		hours;

		if (next_visit && total > least)
			return false;
		if (next_visit)
		{
			total = 0;
			least = PG_INT64_MAX;
		}
		if (next_visit || candidate->row != last_row)
			least = Min(least, stay_limit(pass->audit, pass->kind, candidate, &units, &hours));
		total = fixed_add(total, capped_value(pass->audit, pass->kind, candidate->line));
		last_row = candidate->row;
	}
	return total <= least;
}

/*
 * Judges the lines of stays by the caps of their stays (the head of this file
 * has examples).  PASS has been through
 * the calendar, and has what that accepted.
 */
void
judge_stays(CapPass *pass, Candidates *stays)
{
	StayPass	stay = {.calendar = pass};

	if (stays_fit(pass, stays))
		return;
	accepted_init(&stay.counted, stays->count);
	accepted_init(&stay.timed, stays->count);
	accepted_init(&stay.charged, stays->count);
	sum_stays(&stay, stays);
	for (int from = 0, to; from < stays->count; from = to)
	{
		CHECK_FOR_INTERRUPTS();
		to = end_of_line(stays, from);
		if (!line_is_timed(stays, from, to))
			judge_stay_line(&stay, stays, from, to);
	}
	accepted_free(&stay.counted);
	accepted_free(&stay.timed);
	accepted_free(&stay.charged);
	part_sums_free(&stay.parts);
}
