/*
 * charge_conditions.c
 *		Lines judged one by one, or against their visit: price, restriction,
 *		not_payable, diagnosis, course and outside_stay.
 *
 * Prices are compared exactly: quantity times price has eight decimals, so the
 * difference is kept as a fraction of the line's amount in 128 bits until it
 * becomes cents.
 *
 * Cost: O(1) per line; course sorts the lines of its set.
 */
#include "postgres.h"
#include "base/compat.h"

#include "miscadmin.h"

#include "charge/charge_kinds.h"

/* What the line costs above its price, if by more than a cent and 0.1 %. */
static void
judge_price(ChargeAudit *audit, const Candidate *candidate)
{
	const RuleRow *row = audit_row(audit, candidate->row);
	const LedgerLine *line = audit_line(audit, candidate->line);
	int128		allowed = (int128) line->left_quantity * row->max_price;
	int128		over = (int128) line->left_amount * FIXED_ONE - allowed;
	Excess	   *excess;

	if (over <= CENT_OF_PRODUCT || multiply_wide(over, 1000) <= allowed)
		return;
	if (candidate->missing != 0)
		excess = record_insufficient(audit, candidate->row, candidate->line, candidate->missing);
	else
	{
		excess = record(audit, candidate->row, candidate->line);
		fixed_ratio(over, (int128) line->left_amount * FIXED_ONE,
					&excess->part, &excess->whole);
	}
	excess->limit = row->max_price;
}

/* price */
void
evaluate_price(ChargeAudit *audit, const SetMatch *matches, int count)
{
	Candidates *items = &audit->items;

	gather(audit, items, matches, count, SIDE_ITEM, GATHER_JUDGED);
	for (int i = 0; i < items->count; i++)
	{
		CHECK_FOR_INTERRUPTS();
		judge_price(audit, &items->list[i]);
	}
}

/* ---- restriction ---- */

static void
judge_restriction(ChargeAudit *audit, const Candidate *candidate)
{
	const RuleRow *row = audit_row(audit, candidate->row);
	const LedgerLine *line = audit_line(audit, candidate->line);
	uint32		failed;
	uint32		missing;
	Excess	   *excess;

	conditions_of_line(audit, row, line, ledger_line_day(line), &failed, &missing);
	if (failed == 0 && missing == 0)
		return;
	excess = failed != 0 ? record_whole(audit, candidate->row, candidate->line) :
		record_insufficient(audit, candidate->row, candidate->line, missing);
	excess->failed = failed;
	if (fails_as_mother(audit_context(audit, line->visit), row, ledger_line_day(line), failed))
		excess->doubt = DOUBT_NEWBORN_ON_MOTHER;
}

/* restriction: a known condition fails */
void
evaluate_restriction(ChargeAudit *audit, const SetMatch *matches, int count)
{
	Candidates *items = &audit->items;

	gather(audit, items, matches, count, SIDE_ITEM, GATHER_JUDGED);
	for (int i = 0; i < items->count; i++)
	{
		CHECK_FOR_INTERRUPTS();
		judge_restriction(audit, &items->list[i]);
	}
}

/* ---- not_payable ---- */

/* not_payable: whatever of the item was claimed, the line whole */
void
evaluate_not_payable(ChargeAudit *audit, const SetMatch *matches, int count)
{
	Candidates *items = &audit->items;

	gather(audit, items, matches, count, SIDE_ITEM, GATHER_JUDGED);
	for (int i = 0; i < items->count; i++)
	{
		const Candidate *candidate = &items->list[i];

		CHECK_FOR_INTERRUPTS();
		if (candidate->missing == 0)
			record_whole(audit, candidate->row, candidate->line);
		else
			record_insufficient(audit, candidate->row, candidate->line, candidate->missing);
	}
}

/* ---- outside_stay ---- */

static void
judge_outside_stay(ChargeAudit *audit, const Candidate *candidate)
{
	const RuleRow *row = audit_row(audit, candidate->row);
	const LedgerLine *line = audit_line(audit, candidate->line);
	const VisitContext *context = audit_context(audit, line->visit);
	int64		day = ledger_line_day(line);
	ScopeWindow window = {PG_INT64_MIN, PG_INT64_MAX};
	uint32		missing = 0;
	Excess	   *excess;

	if (context->admitted_at == DT_NOBEGIN)
		missing |= NEEDS_ADMITTED_AT;
	else
		window.from = ((int64) day_of_timestamp(context->admitted_at) -
					   (row->days_before == RULE_INT_NULL ? 0 : row->days_before)) * USECS_PER_DAY;
	if (context->discharged_at == DT_NOBEGIN)
		missing |= NEEDS_DISCHARGED_AT;
	else
		window.to = ((int64) day_of_timestamp(context->discharged_at) + 1 +
					 (row->max_days == RULE_INT_NULL ? 1 : row->max_days)) * USECS_PER_DAY - 1;
	if (day * USECS_PER_DAY < window.from || day * USECS_PER_DAY > window.to)
		missing = 0;
	else if (missing == 0)
		return;
	missing |= candidate->missing;
	excess = missing == 0 ? record_whole(audit, candidate->row, candidate->line) :
		record_insufficient(audit, candidate->row, candidate->line, missing);
	record_window(excess, window);
}

/* outside_stay: charged before the admission or after the discharge */
void
evaluate_outside_stay(ChargeAudit *audit, const SetMatch *matches, int count)
{
	Candidates *items = &audit->items;

	gather(audit, items, matches, count, SIDE_ITEM, GATHER_JUDGED);
	for (int i = 0; i < items->count; i++)
	{
		CHECK_FOR_INTERRUPTS();
		judge_outside_stay(audit, &items->list[i]);
	}
}

/* ---- course ---- */

typedef struct Course
{
	ChargeAudit *audit;
	Candidates *items;
	bool		doubtful;		/* lines with unknown conditions, too */
	int32	   *dates;			/* a line of each date that counts */
	int			date_count;
} Course;

/* Tells the first date that counts, and of the others the last ones. */
static void
explain_course(const Course *course, Excess *excess)
{
	int			count = course->date_count;
	int			last = Max(count - EVIDENCE_PARTNERS + 1, 1);

	if (!course->audit->want_evidence || count == 0)
		return;
	record_partner(course->audit, excess, course->dates[0]);
	for (int i = last; i < count; i++)
		record_partner(course->audit, excess, course->dates[i]);
	for (int i = 1; i < last; i++)
		record_partner(course->audit, excess, course->dates[i]);

	/* they are company, as those of a cap */
	excess->partner = -1;
}

static void
record_course(Course *course, const Candidate *candidate, int32 nth, int32 first_day)
{
	ChargeAudit *audit = course->audit;
	const RuleRow *row = audit_row(audit, candidate->row);
	ScopeWindow window;
	Excess	   *excess;

	excess = candidate->missing == 0 ? record_whole(audit, candidate->row, candidate->line) :
		record_insufficient(audit, candidate->row, candidate->line, candidate->missing);
	excess->limit = row->max_days * FIXED_ONE;
	excess->units = nth;
	window.from = midnight_of_day(first_day);
	window.to = candidate->at;
	record_window(excess, window);
	explain_course(course, excess);
}

/*
 * The lines of one course, [from, to) in order of time: those of dates beyond
 * the row's max_days.  Days are counted by distinct date, or from the first.
 */
static void
judge_course(Course *course, int from, int to)
{
	int32		first_day = 0;
	int32		last_day = 0;
	int32		days = 0;

	course->date_count = 0;
	for (int i = from; i < to; i++)
	{
		const Candidate *candidate = &course->items->list[i];
		const RuleRow *row = audit_row(course->audit, candidate->row);
		int32		day = day_of_timestamp(candidate->at);
		int32		nth;

		CHECK_FOR_INTERRUPTS();
		if (candidate->missing != 0 && !course->doubtful)
			continue;
		if (days == 0)
			first_day = day;
		if (days == 0 || day != last_day)
		{
			days++;
			if (days <= (row->scope == SCOPE_SPAN ? 1 : row->max_days))
				course->dates[course->date_count++] = candidate->line;
		}
		last_day = day;
		nth = row->scope == SCOPE_SPAN ? day - first_day : days;
		if (nth > row->max_days && (candidate->missing != 0) == course->doubtful)
			record_course(course, candidate, nth, first_day);
	}
}

/*
 * A set counts the dates of all its lines.  Without a scope, and as a span, a
 * course reaches over the whole book.
 */
static void
run_course(Course *course, Candidates *items)
{
	course->items = items;
	for (int from = 0, to; from < items->count; from = to)
	{
		for (to = from + 1; to < items->count; to++)
			if (items->list[to].key != items->list[from].key)
				break;
		judge_course(course, from, to);
	}
}

/* As a world of doubt_by_others(): what is known to apply. */
static void
judge_courses(ChargeAudit *audit, Candidates *items, void *how)
{
	(void) audit;
	run_course((Course *) how, items);
}

/* course: distinct dates, or the span from the first, beyond max_days */
void
evaluate_course(ChargeAudit *audit, const SetMatch *matches, int count)
{
	Course		course;
	Candidates *items = &audit->items;
	int			first;

	gather(audit, items, matches, count, SIDE_ITEM, GATHER_JUDGED);
	if (items->count < 2)
		return;
	course.audit = audit;
	course.doubtful = false;
	course.dates = (int32 *) MemoryContextAllocHuge(CurrentMemoryContext,
													mul_size(items->count, sizeof(int32)));
	for (int i = 0; i < items->count; i++)
	{
		const RuleRow *row = audit_row(audit, items->list[i].row);

		items->list[i].key = row->scope == SCOPE_VISIT ?
			audit_line(audit, items->list[i].line)->visit : 0;
		course.doubtful |= items->list[i].missing != 0;
	}
	candidates_sort(items);
	if (course.doubtful)
		run_course(&course, items);
	course.doubtful = false;
	first = audit->found_count;
	run_course(&course, items);
	doubt_by_others(audit, items, first, judge_courses, &course);
	pfree(course.dates);
}

/* ---- diagnosis ---- */

/*
 * The date on which a visit is judged: its admission, else its first charge, but
 * of a child born during the stay the birth.
 * False: refunds have left nothing of the visit.
 */
static bool
visit_day(ChargeAudit *audit, int32 run, DateADT *day)
{
	const Ledger *ledger = audit->ledger;
	int32		visit = ledger->runs[run].visit;
	const VisitContext *context = audit_context(audit, visit);
	Timestamp	first = PG_INT64_MAX;

	for (; run < ledger->run_count && ledger->runs[run].visit == visit; run++)
		for (int32 i = 0; i < ledger->runs[run].count; i++)
		{
			const LedgerLine *line = &ledger->lines[ledger->runs[run].first + i];

			/* lines of a run are in order of time */
			if (!line_is_judged(line))
				continue;
			first = Min(first, line->charged_at);
			break;
		}
	*day = day_of_timestamp(context->admitted_at != DT_NOBEGIN ? context->admitted_at : first);
	if (context->birth_date > *day &&
		context->birth_date <= day_of_timestamp(Max(context->discharged_at, first)))
		*day = context->birth_date;
	return first != PG_INT64_MAX;
}

static void
judge_diagnosis(ChargeAudit *audit, uint32 row_number, int32 run)
{
	const RuleRow *row = audit_row(audit, row_number);
	int32		visit = audit->ledger->runs[run].visit;
	const VisitContext *context = audit_context(audit, visit);
	ScopeWindow window;
	DateADT		day;
	bool		unsure;
	uint32		failed;
	uint32		missing;
	Excess	   *excess;

	if (!visit_day(audit, run, &day) || !date_is_valid(row->valid_from, row->valid_to, day))
		return;
	conditions_judge(context, audit->book, row, day, context->department,
					 ~(uint32) NEEDS_DIAGNOSES, &failed, &missing);
	if (failed == 0 && missing == 0)
		return;
	if (context_diagnoses(context) >= 0 &&
		!diagnoses_meet(context, audit->book, row->diagnosis_prefixes, NULL))
		return;
	if (row_excludes(audit, row, visit, &unsure))
		return;
	if (failed != 0)
		missing = 0;
	if (context_diagnoses(context) < 0)
		missing |= NEEDS_DIAGNOSES;
	excess = missing == 0 ? record(audit, row_number, -1) :
		record_insufficient(audit, row_number, -1, missing);
	excess->visit = visit;
	excess->failed = failed;
	if (missing == 0 && fails_as_mother(context, row, day, failed))
		excess->doubt = DOUBT_NEWBORN_ON_MOTHER;
	window.from = window.to = midnight_of_day(day);
	record_window(excess, window);
}

/* diagnosis: the visit has the diagnosis and a condition fails */
void
evaluate_diagnosis(ChargeAudit *audit, uint32 row)
{
	const Ledger *ledger = audit->ledger;

	for (int32 run = 0; run < ledger->run_count; run++)
	{
		CHECK_FOR_INTERRUPTS();
		if (run == 0 || ledger->runs[run - 1].visit != ledger->runs[run].visit)
			judge_diagnosis(audit, row, run);
	}
}
