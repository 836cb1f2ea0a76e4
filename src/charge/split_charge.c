/*
 * split_charge.c
 *		Split charge (分解收费): parts of a package charged one by one.
 *
 * For a package P at price p with components C, per visit and day: parts =
 * distinct components charged, n = the largest component quantity rounded up,
 * sum = their amount.  Is P itself charged that day, all of sum is in excess;
 * else what sum exceeds n times p by.  Score = parts / |C| * excess / sum.
 * Self-paid components count nothing; a self-paid P is present.
 *
 * Only packages of which the book holds enough components are looked at; their
 * lines are sorted by visit, day and component.  A price that holds for some
 * facility ranks needs the context of the visit: without one the day is not to
 * be judged, audit_charges says so, split_charges and the score leave it out.
 *
 * Cost: O(n log n) in the component lines of packages met; 16 bytes per line.
 */
#include "postgres.h"
#include "base/compat.h"

#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/date.h"
#include "utils/memutils.h"

#include "base/rows.h"
#include "charge/charge_audit.h"

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
			if (parts->count >= parts->allocated)
			{
				parts->allocated = Max(parts->allocated * 2, 64);
				parts->list = parts->list == NULL ?
					(PackagePart *) palloc(parts->allocated * sizeof(PackagePart)) :
					(PackagePart *) repalloc_huge(parts->list,
												  mul_size(parts->allocated, sizeof(PackagePart)));
			}
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
static void
packages_evaluate(ChargeAudit *audit, PackageVisitor visitor, void *extra)
{
	PackageParts parts = {NULL, 0, 0};

	link_runs(audit);
	for (uint32 i = 0; i < audit->scratch->active_package_count; i++)
		evaluate_package(audit, audit->scratch->active_packages[i], &parts, visitor, extra);
}

static int
compare_lines(const void *a, const void *b)
{
	int32		x = *(const int32 *) a;
	int32		y = *(const int32 *) b;

	return (x > y) - (x < y);
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
	qsort(parts, day->line_count, sizeof(int32), compare_lines);
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
		excess->window.from = (int64) day->day * USECS_PER_DAY;
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

/* ---- split_charge_score ---- */

static void
highest_score(ChargeAudit *audit, const PackageDay *day, void *extra)
{
	double	   *score = (double *) extra;

	(void) audit;
	if (day->missing == 0 && day->score > *score)
		*score = day->score;
}

/* The highest score of the book; needs no contexts. */
static double
score_of(ChargeAudit *audit)
{
	double		score = 0;

	if (audit->book->package_count == 0)
		return 0;
	charge_audit_match(audit);
	if (audit->scratch->active_package_count > 0)
		packages_evaluate(audit, highest_score, &score);
	return score;
}

PG_FUNCTION_INFO_V1(split_charge_score);

/* 0 where nothing was split; NULL book gives NULL, NULL rules 22004. */
Datum
split_charge_score(PG_FUNCTION_ARGS)
{
	MemoryContext scratch = AllocSetContextCreate(CurrentMemoryContext, "medaudit detector",
												  ALLOCSET_DEFAULT_SIZES);
	MemoryContext outside = MemoryContextSwitchTo(scratch);
	ChargeAudit audit;
	double		score = 0;
	bool		judged = charge_audit_open(&audit, fcinfo, PG_NARGS() > 1 ? 1 : -1);

	if (judged)
		score = score_of(&audit);
	MemoryContextSwitchTo(outside);
	MemoryContextDelete(scratch);
	if (!judged)
		PG_RETURN_NULL();
	PG_RETURN_FLOAT8(score);
}

PG_FUNCTION_INFO_V1(split_charge_score_final);

/* Final function over the ledger's state: the score by the enabled rules. */
Datum
split_charge_score_final(PG_FUNCTION_ARGS)
{
	MemoryContext scratch;
	MemoryContext outside;
	ChargeAudit audit;
	RulebookCache *cache;
	double		score;

	if (!AggCheckCallContext(fcinfo, NULL))
		elog(ERROR, "ledger aggregate function called in non-aggregate context");
	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	scratch = AllocSetContextCreate(CurrentMemoryContext, "medaudit detector",
									ALLOCSET_DEFAULT_SIZES);
	outside = MemoryContextSwitchTo(scratch);
	cache = rulebook_of_call(fcinfo, -1);
	memset(&audit, 0, sizeof(audit));
	audit.book = cache->book;
	audit.scratch = charge_scratch(cache);
	audit.ledger = ledger_open(ledger_draft_finish((LedgerDraft *) PG_GETARG_POINTER(0)));
	score = score_of(&audit);
	MemoryContextSwitchTo(outside);
	MemoryContextDelete(scratch);
	PG_RETURN_FLOAT8(score);
}

/* ---- split_charges ---- */

typedef struct SplitRow
{
	PackageDay	day;
	int64		gross;
	int64		claimed;
	TextSpan   *components;
} SplitRow;

typedef struct SplitRows
{
	SplitRow   *list;
	int			count;
	int			allocated;
} SplitRows;

static void
keep_day(ChargeAudit *audit, const PackageDay *day, void *extra)
{
	SplitRows  *rows = (SplitRows *) extra;
	SplitRow   *row;
	FixedSum	gross;
	FixedSum	claimed;
	int			parts = 0;

	if (day->missing != 0)
		return;
	if (rows->count >= rows->allocated)
	{
		rows->allocated = Max(rows->allocated * 2, 16);
		rows->list = rows->list == NULL ?
			(SplitRow *) palloc(rows->allocated * sizeof(SplitRow)) :
			(SplitRow *) repalloc_huge(rows->list, mul_size(rows->allocated, sizeof(SplitRow)));
	}
	row = &rows->list[rows->count++];
	row->day = *day;
	row->gross = row->claimed = 0;
	row->components = (TextSpan *) palloc(mul_size(day->parts, sizeof(TextSpan)));
	fixed_sum_init(&gross);
	fixed_sum_init(&claimed);
	for (int i = 0; i < day->line_count; i++)
	{
		const LedgerLine *line = audit_line(audit, day->lines[i].line);

		row->gross += fixed_sum_next(&gross, line->left_amount, day->excess, day->amount);
		row->claimed += fixed_sum_next(&claimed, line->left_claimed, day->excess, day->amount);
		if (i == 0 || day->lines[i].component != day->lines[i - 1].component)
			row->components[parts++] =
				code_shown(rule_text(audit->book, audit->book->components[day->lines[i].component].component_code));
	}
}

static int
compare_spans(const void *a, const void *b)
{
	return text_span_compare(*(const TextSpan *) a, *(const TextSpan *) b);
}

static int
compare_split_rows(const void *x, const void *y, void *arg)
{
	const ChargeAudit *audit = (const ChargeAudit *) arg;
	const SplitRow *a = (const SplitRow *) x;
	const SplitRow *b = (const SplitRow *) y;
	const RulePackage *p = &audit->book->packages[a->day.package];
	const RulePackage *q = &audit->book->packages[b->day.package];
	int			order;

	if (p->rule != q->rule)
		return audit->scratch->rule_rank[p->rule] < audit->scratch->rule_rank[q->rule] ? -1 : 1;
	if (a->day.visit != b->day.visit)
		return a->day.visit < b->day.visit ? -1 : 1;
	order = text_span_compare(rule_text(audit->book, p->package_code),
							  rule_text(audit->book, q->package_code));
	if (order != 0)
		return order;
	if (a->day.day != b->day.day)
		return a->day.day < b->day.day ? -1 : 1;
	return p->package_price < q->package_price ? -1 : p->package_price > q->package_price;
}

static void
emit_split_row(DetectorRows *rows, ChargeAudit *audit, SplitRow *row)
{
	const RulePackage *package = &audit->book->packages[row->day.package];
	TextSpan	visit = audit->ledger->visits[row->day.visit];
	Datum		values[12];
	bool		nulls[12] = {false};

	detector_row_start(rows);
	qsort(row->components, row->day.parts, sizeof(TextSpan), compare_spans);
	values[0] = detector_text(rule_text(audit->book, audit->book->rules[package->rule].rule_code));
	nulls[1] = visit.data == NULL;
	values[1] = nulls[1] ? (Datum) 0 : detector_text(visit);
	values[2] = detector_text(code_shown(rule_text(audit->book, package->package_code)));
	values[3] = DateADTGetDatum(row->day.day);
	values[4] = PointerGetDatum(cstring_to_text(row->day.beside ? "beside" : "instead"));
	values[5] = Int32GetDatum(row->day.parts);
	values[6] = detector_text_array(row->components, row->day.parts);
	values[7] = NumericGetDatum(fixed_to_money(row->day.amount));
	values[8] = NumericGetDatum(fixed_to_money(package->package_price));
	values[9] = NumericGetDatum(fixed_to_money(row->gross));
	values[10] = NumericGetDatum(fixed_to_money(row->claimed));
	values[11] = Float8GetDatum(row->day.score);
	detector_row(rows, values, nulls);
}

PG_FUNCTION_INFO_V1(split_charges);

/* One row per package, visit and day in excess. */
Datum
split_charges(PG_FUNCTION_ARGS)
{
	DetectorRows rows;
	ChargeAudit audit;
	SplitRows	found = {NULL, 0, 0};

	detector_begin(&rows, fcinfo);
	if (!charge_audit_open(&audit, fcinfo, PG_NARGS() > 1 ? 1 : -1) ||
		audit.book->package_count == 0)
		return detector_end(&rows);
	charge_audit_match(&audit);
	if (audit.scratch->active_package_count > 0)
		packages_evaluate(&audit, keep_day, &found);
	if (found.count > 1)
		qsort_arg(found.list, found.count, sizeof(SplitRow), compare_split_rows, &audit);
	for (int i = 0; i < found.count; i++)
		emit_split_row(&rows, &audit, &found.list[i]);
	return detector_end(&rows);
}
