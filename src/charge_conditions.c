/*
 * charge_conditions.c
 *		Lines judged one by one, or against their visit: price, restriction,
 *		diagnosis, course, outside_stay, and the second of several operations.
 *
 * Prices are compared exactly: quantity times price has eight decimals, so the
 * difference is kept as a fraction of the line's amount in 128 bits until it
 * becomes cents.
 *
 * Cost: O(1) per line; course and secondary sort the lines of their set.
 */
#include "postgres.h"
#include "compat.h"

#include "common/int.h"
#include "miscadmin.h"

#include "charge_audit.h"

/* One cent, in the 10^-8 yuan of quantity times price. */
#define CENT_OF_PRODUCT		(FIXED_CENT * FIXED_ONE)

static int128
multiply_wide(int128 a, int128 b)
{
	int128		result;

	if (__builtin_mul_overflow(a, b, &result))
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("price comparison is out of range")));
	return result;
}

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

	/* what the row's exclusions leave open makes a known failure unsure */
	if (failed != 0)
		missing = candidate->missing;
	else
		missing |= candidate->missing;
	excess = missing == 0 ? record_whole(audit, candidate->row, candidate->line) :
		record_insufficient(audit, candidate->row, candidate->line, missing);
	excess->failed = failed;
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
	int32		dates[EVIDENCE_PARTNERS];	/* a line of each date that counts */
	int			date_count;
} Course;

/* Keeps the first date that counts, and of the others the last ones. */
static void
count_date(Course *course, int32 line)
{
	if (course->date_count == EVIDENCE_PARTNERS)
	{
		memmove(course->dates + 1, course->dates + 2, (EVIDENCE_PARTNERS - 2) * sizeof(int32));
		course->date_count--;
	}
	course->dates[course->date_count++] = line;
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
	window.from = (int64) first_day * USECS_PER_DAY;
	window.to = candidate->at;
	record_window(excess, window);
	for (int i = 0; i < course->date_count; i++)
		record_partner(audit, excess, course->dates[i]);

	/* they are company, as those of a cap */
	excess->partner = -1;
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
				count_date(course, candidate->line);
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
run_course(Course *course)
{
	Candidates *items = course->items;

	for (int from = 0, to; from < items->count; from = to)
	{
		for (to = from + 1; to < items->count; to++)
			if (items->list[to].key != items->list[from].key)
				break;
		judge_course(course, from, to);
	}
}

/* course: distinct dates, or the span from the first, beyond max_days */
void
evaluate_course(ChargeAudit *audit, const SetMatch *matches, int count)
{
	Course		course;
	Candidates *items = &audit->items;

	gather(audit, items, matches, count, SIDE_ITEM, GATHER_JUDGED);
	if (items->count < 2)
		return;
	course.audit = audit;
	course.items = items;
	course.doubtful = false;
	for (int i = 0; i < items->count; i++)
	{
		const RuleRow *row = audit_row(audit, items->list[i].row);

		items->list[i].key = row->scope == SCOPE_VISIT ?
			audit_line(audit, items->list[i].line)->visit : 0;
		course.doubtful |= items->list[i].missing != 0;
	}
	candidates_sort(items);
	if (course.doubtful)
		run_course(&course);
	course.doubtful = false;
	run_course(&course);
}

/* ---- secondary ---- */

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
	if (first->line != candidate->line)
		record_partner(audit, excess, first->line);
}

/*
 * The lines of one scope, [from, to) in order of time.  A member whose
 * conditions are not known leaves all of the group in doubt.
 */
static void
judge_group(ChargeAudit *audit, const Candidate *list, int from, int to, bool only_untimed)
{
	int			first = from;
	int64		units = 0;
	uint32		missing = only_untimed ? NEEDS_TIME_OF_DAY : 0;

	for (int i = from + 1; i < to; i++)
		if (compare_dearness(audit, &list[i], &list[first]) > 0)
			first = i;
	for (int i = from; i < to; i++)
		missing |= list[i].missing;
	for (int i = from; i < to; i++)
	{
		units = audit_line(audit, list[i].line)->left_quantity;
		if (list[i].line == list[first].line)
			units -= Min(units, FIXED_ONE);
		if (list[i].untimed == only_untimed)
			judge_secondary(audit, &list[i], &list[first], units, missing);
	}
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
judge_groups(ChargeAudit *audit, Candidates *items, bool by_day)
{
	candidates_sort(items);
	for (int from = 0, to; from < items->count; from = to)
	{
		const Candidate *begins = &items->list[from];

		CHECK_FOR_INTERRUPTS();
		for (to = from + 1; to < items->count; to++)
			if (by_day ? items->list[to].key != begins->key :
				!same_group(audit, begins, &items->list[to]))
				break;
		judge_group(audit, items->list, from, to, by_day);
	}
}

/*
 * secondary: units beyond the first of a group, above ratio * full price.
 *
 * Lines without a time of day may or may not have been in one operation with
 * others of their day: they are judged among all lines of the day, and what
 * could be in excess then is insufficient.
 */
void
evaluate_secondary(ChargeAudit *audit, const SetMatch *matches, int count)
{
	Candidates *items = &audit->items;
	Candidates *timed = &audit->others;
	bool		untimed = false;

	gather(audit, items, matches, count, SIDE_ITEM, GATHER_CONDITIONS);
	if (items->count == 0)
		return;
	timed->count = 0;
	for (int i = 0; i < items->count; i++)
		untimed |= items->list[i].untimed;
	if (!untimed)
	{
		judge_groups(audit, items, false);
		return;
	}
	for (int i = 0; i < items->count; i++)
	{
		Candidate  *candidate = &items->list[i];

		if (!candidate->untimed)
			candidate_add(timed, candidate);
		candidate->key = (int64) day_of_timestamp(candidate->at) * USECS_PER_DAY;
	}
	judge_groups(audit, timed, false);
	judge_groups(audit, items, true);
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
	bool		excluded;
	uint32		unsure;
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
	unsure = row_excluded(audit, row, visit, &excluded);
	if (excluded)
		return;
	if (context_diagnoses(context) < 0)
		unsure |= NEEDS_DIAGNOSES;
	missing = failed != 0 ? unsure : missing | unsure;
	excess = missing == 0 ? record(audit, row_number, -1) :
		record_insufficient(audit, row_number, -1, missing);
	excess->visit = visit;
	excess->failed = failed;
	window.from = window.to = (int64) day * USECS_PER_DAY;
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
