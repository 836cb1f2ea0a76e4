/*
 * charge_packages.c
 *		Packages charged part by part, visit by visit and day by day.
 *
 * For a package P at price p with components C, per visit and day: parts =
 * distinct components charged, n = the largest component quantity rounded up,
 * sum = their amount.  Is P itself charged that day, all of sum is in excess;
 * else what sum exceeds n times p by.  Score = parts / |C| * excess / sum.
 * Self-paid components count nothing; a self-paid P is present.
 *
 * P costs 100 and has four components.  On one day three of them are charged,
 * the first twice: 2 x 45, 60 and 80, 230 together.  The largest quantity is 2,
 * so two packages would have been 200: 30 are in excess, and the score is
 * 3/4 * 30/230.  Charged beside P itself, all 230 are.
 *
 * Only packages of which the book holds enough components are looked at; their
 * lines are sorted by visit, day and component.  A price that holds for some
 * facility ranks needs the context of the visit: without one the day is MISSING
 * something, which each reader makes of what it must.
 *
 * Cost: O(n log n) in the component lines of packages met; 16 bytes per line.
 */
#include "postgres.h"
#include "base/compat.h"

#include "miscadmin.h"
#include "utils/date.h"
#include "utils/memutils.h"

#include "base/array.h"
#include "base/sort.h"
#include "charge/charge_kinds.h"
#include "charge/charge_packages.h"

typedef struct PackageParts
{
	PackagePart *list;
	int			count;
	int			allocated;
} PackageParts;

#define THE_PACKAGE		PG_UINT32_MAX

static int
compare_parts(const void *x, const void *y)
{
	const PackagePart *a = (const PackagePart *) x;
	const PackagePart *b = (const PackagePart *) y;

	if (a->visit != b->visit)
		return a->visit < b->visit ? -1 : 1;
	if (a->day != b->day)
		return a->day < b->day ? -1 : 1;
	if (a->component != b->component)
		return a->component < b->component ? -1 : 1;
	return (a->line > b->line) - (a->line < b->line);
}

/*
 * Adds the lines of ITEM that count for a component, or are there as the
 * package itself: THE_PACKAGE, which sorts behind all components.
 */
static void
collect_parts(ChargeAudit *audit, PackageParts *parts, const RulePackage *package,
			  uint32 component, int32 item)
{
	for (int32 run = audit->first_run[item]; run >= 0; run = audit->next_run[run])
	{
		const LedgerRun *lines = &audit->ledger->runs[run];

		for (int32 i = lines->first; i < lines->first + lines->count; i++)
		{
			const LedgerLine *line = audit_line(audit, i);
			PackagePart *part;

			CHECK_FOR_INTERRUPTS();
			if (!line_is_judged(line) ||
				(component != THE_PACKAGE && !ledger_line_claimed(line)) ||
				!date_is_valid(package->valid_from, package->valid_to, ledger_line_day(line)))
				continue;
			array_reserve(parts->list, parts->allocated, parts->count + 1);
			part = &parts->list[parts->count++];
			part->visit = line->visit;
			part->day = ledger_line_day(line);
			part->component = component;
			part->line = i;
		}
	}
}

/* Sums up the lines of a day: parts, the largest quantity and the amount. */
static void
sum_day(ChargeAudit *audit, PackageDay *day)
{
	int64		quantity = 0;
	int64		largest = 0;

	day->parts = 0;
	day->amount = 0;
	for (int i = 0; i < day->line_count; i++)
	{
		const LedgerLine *line = audit_line(audit, day->lines[i].line);

		if (i == 0 || day->lines[i].component != day->lines[i - 1].component)
		{
			day->parts++;
			quantity = 0;
		}
		quantity = fixed_add(quantity, line->left_quantity);
		largest = Max(largest, quantity);
		day->amount = fixed_add(day->amount, line->left_amount);
	}
	day->times = largest / FIXED_ONE + (largest % FIXED_ONE != 0);
}

/* Does the price hold for the visit's facility?  False: known not to. */
static bool
rank_applies(ChargeAudit *audit, const RulePackage *package, PackageDay *day)
{
	const int32 *ranks = rule_list_ints(audit->book, package->facility_ranks);
	int32		rank;

	if (package->facility_ranks.count == RULE_NONE)
		return true;
	rank = audit_context(audit, day->visit)->facility_rank;
	if (rank == RULE_INT_NULL)
	{
		day->missing |= NEEDS_FACILITY_RANK;
		return true;
	}
	for (uint32 i = 0; i < package->facility_ranks.count; i++)
		if (ranks[i] == rank)
			return true;
	return false;
}

static void
judge_day(ChargeAudit *audit, PackageDay *day, PackageVisitor visitor, void *extra)
{
	const RulePackage *package = &audit->book->packages[day->package];
	int128		allowed;

	while (day->line_count > 0 && day->lines[day->line_count - 1].component == THE_PACKAGE)
	{
		day->beside = true;
		day->line_count--;
	}
	sum_day(audit, day);
	if (day->parts < package->min_parts || day->amount <= 0 ||
		!rank_applies(audit, package, day))
		return;
	allowed = day->beside ? 0 : (int128) day->times * package->package_price;
	if (allowed >= day->amount)
		return;
	day->excess = day->amount - (int64) allowed;
	day->score = (double) day->parts / package->component_count *
		(day->beside ? 1.0 : (double) day->excess / day->amount);
	visitor(audit, day, extra);
}

/* Components of the package that the book holds at all. */
static int
components_met(ChargeAudit *audit, uint32 package)
{
	ChargeScratch *scratch = audit->scratch;
	int			count = 0;

	for (int32 m = scratch->packages[package].head; m >= 0; m = scratch->next[m])
		count += scratch->filed[m].side == SIDE_COMPONENT;
	return count;
}

static void
evaluate_package(ChargeAudit *audit, uint32 number, PackageParts *parts,
				 PackageVisitor visitor, void *extra)
{
	ChargeScratch *scratch = audit->scratch;
	const RulePackage *package = &audit->book->packages[number];

	if (components_met(audit, number) < package->min_parts)
		return;
	parts->count = 0;
	for (int32 m = scratch->packages[number].head; m >= 0; m = scratch->next[m])
	{
		const RuleMatch *match = &scratch->filed[m];

		collect_parts(audit, parts, package,
					  match->side == SIDE_COMPONENT ? match->index : THE_PACKAGE, match->item);
	}
	if (parts->count > 1)
		qsort(parts->list, parts->count, sizeof(PackagePart), compare_parts);
	for (int from = 0, to; from < parts->count; from = to)
	{
		PackageDay	day;

		CHECK_FOR_INTERRUPTS();
		memset(&day, 0, sizeof(day));
		for (to = from + 1; to < parts->count; to++)
			if (parts->list[to].visit != parts->list[from].visit ||
				parts->list[to].day != parts->list[from].day)
				break;
		day.package = number;
		day.visit = parts->list[from].visit;
		day.day = parts->list[from].day;
		day.lines = parts->list + from;
		day.line_count = to - from;
		judge_day(audit, &day, visitor, extra);
	}
}

/* Shows VISITOR every visit and day on which a package was split. */
void
packages_evaluate(ChargeAudit *audit, PackageVisitor visitor, void *extra)
{
	PackageParts parts = {NULL, 0, 0};

	link_runs(audit);
	for (uint32 i = 0; i < audit->scratch->active_package_count; i++)
		evaluate_package(audit, audit->scratch->active_packages[i], &parts, visitor, extra);
}

/*
 * The lines of the day in ledger order; before them, where the package itself
 * is charged, the first of its own.
 */
static int32 *
lines_in_order(const PackageDay *day)
{
	int32	   *lines = (int32 *) palloc(mul_size(day->line_count + 1, sizeof(int32)));
	int32	   *parts = lines;

	if (day->beside)
		*parts++ = day->lines[day->line_count].line;
	for (int i = 0; i < day->line_count; i++)
		parts[i] = day->lines[i].line;
	sort_int32(parts, day->line_count);
	return lines;
}

/* ---- as a kind of audit_charges ---- */

/*
 * Spreads the day's excess over its component lines by amount, in cents that
 * add up to it.
 */
static void
record_package_day(ChargeAudit *audit, const PackageDay *day, void *extra)
{
	int32	   *lines = lines_in_order(day);
	int32	   *parts = day->beside ? lines + 1 : lines;
	FixedSum	gross;
	FixedSum	claimed;

	(void) extra;
	fixed_sum_init(&gross);
	fixed_sum_init(&claimed);
	for (int i = 0; i < day->line_count; i++)
	{
		const LedgerLine *line = audit_line(audit, parts[i]);
		Excess	   *excess = record(audit, RULE_NONE, parts[i]);

		excess->rule = audit->book->packages[day->package].rule;
		excess->package = day->package;
		excess->insufficient = day->missing != 0;
		excess->missing = day->missing;
		excess->part = day->excess;
		excess->whole = day->amount;
		excess->limit = audit->book->packages[day->package].package_price;
		excess->units = day->beside ? 0 : day->times;
		excess->before = day->amount;
		excess->parts = day->parts;
		excess->window.from = midnight_of_day(day->day);
		excess->window.to = excess->window.from + USECS_PER_DAY - 1;
		excess->has_window = true;
		excess->gross = fixed_sum_next(&gross, line->left_amount, day->excess, day->amount);
		excess->claimed = fixed_sum_next(&claimed, line->left_claimed, day->excess, day->amount);
		excess->settled = true;
		if (audit->want_evidence)
		{
			excess->partners = lines;
			excess->partner_count = Min(parts - lines + day->line_count, EVIDENCE_PARTNERS);
		}
	}
}

void
evaluate_packages(ChargeAudit *audit)
{
	packages_evaluate(audit, record_package_day, NULL);
}
