/*
 * split_charge.c
 *		Split charge (分解收费): parts of a package charged one by one.
 *
 * The functions that tell of split packages by themselves: a score of a book,
 * and one row per package, visit and day.  What is a split package, and by how
 * much, charge_packages.c says.  A day that lacks what its price asks for is
 * not to be judged: audit_charges says so, these leave it out.
 *
 * Cost: that of the packages met; O(k log k) for k rows of the answer.
 */
#include "postgres.h"
#include "base/compat.h"

#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/date.h"
#include "utils/memutils.h"

#include "base/array.h"
#include "base/rows.h"
#include "base/sort.h"
#include "charge/charge_packages.h"

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
	if (audit->scratch->active_package_count > 0 && charge_audit_read(audit))
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
	bool		judged = charge_audit_open(&audit, fcinfo, 0, rulebook_of_call(fcinfo, PG_NARGS() > 1 ? 1 : -1));

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

	aggregate_context(fcinfo);
	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	scratch = AllocSetContextCreate(CurrentMemoryContext, "medaudit detector",
									ALLOCSET_DEFAULT_SIZES);
	outside = MemoryContextSwitchTo(scratch);
	cache = rulebook_of_call(fcinfo, -1);
	memset(&audit, 0, sizeof(audit));
	audit.book = cache->book;
	audit.scratch = charge_scratch(cache);
	audit.ledger = ledger_open_items(ledger_draft_finish((LedgerDraft *) PG_GETARG_POINTER(0)));
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
	array_reserve(rows->list, rows->allocated, rows->count + 1);
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
compare_split_rows(const SplitRow *a, const SplitRow *b, const ChargeAudit *audit)
{
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

#define ST_SORT sort_split_rows
#define ST_ELEMENT_TYPE SplitRow
#define ST_COMPARE_ARG_TYPE const ChargeAudit
#define ST_COMPARE(a, b, arg) compare_split_rows(a, b, arg)
#define ST_SCOPE static
#define ST_CHECK_FOR_INTERRUPTS
#define ST_DEFINE
#include "lib/sort_template.h"

/* The columns of split_charges, in their order. */
enum
{
	SPLIT_RULE_CODE,
	SPLIT_VISIT_ID,
	SPLIT_PACKAGE_CODE,
	SPLIT_CHARGED_ON,
	SPLIT_MODE,
	SPLIT_PARTS,
	SPLIT_COMPONENTS,
	SPLIT_COMPONENT_AMOUNT,
	SPLIT_PACKAGE_PRICE,
	SPLIT_EXCESS_AMOUNT,
	SPLIT_EXCESS_CLAIMED,
	SPLIT_SCORE,
	SPLIT_COLUMNS
};

static void
emit_split_row(DetectorRows *rows, ChargeAudit *audit, SplitRow *row)
{
	const RulePackage *package = &audit->book->packages[row->day.package];
	TextSpan	visit = audit->ledger->visits[row->day.visit];
	Datum		values[SPLIT_COLUMNS];
	bool		nulls[SPLIT_COLUMNS] = {false};

	detector_row_start(rows);
	sort_texts(row->components, row->day.parts);
	values[SPLIT_RULE_CODE] = detector_text(rule_text(audit->book, audit->book->rules[package->rule].rule_code));
	nulls[SPLIT_VISIT_ID] = visit.data == NULL;
	values[SPLIT_VISIT_ID] = nulls[SPLIT_VISIT_ID] ? (Datum) 0 : detector_text(visit);
	values[SPLIT_PACKAGE_CODE] = detector_text(code_shown(rule_text(audit->book, package->package_code)));
	values[SPLIT_CHARGED_ON] = DateADTGetDatum(row->day.day);
	values[SPLIT_MODE] = PointerGetDatum(cstring_to_text(row->day.beside ? "beside" : "instead"));
	values[SPLIT_PARTS] = Int32GetDatum(row->day.parts);
	values[SPLIT_COMPONENTS] = detector_text_array(row->components, row->day.parts);
	values[SPLIT_COMPONENT_AMOUNT] = NumericGetDatum(fixed_to_money(row->day.amount));
	values[SPLIT_PACKAGE_PRICE] = NumericGetDatum(fixed_to_money(package->package_price));
	values[SPLIT_EXCESS_AMOUNT] = NumericGetDatum(fixed_to_money(row->gross));
	values[SPLIT_EXCESS_CLAIMED] = NumericGetDatum(fixed_to_money(row->claimed));
	values[SPLIT_SCORE] = Float8GetDatum(row->day.score);
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
	if (!charge_audit_open(&audit, fcinfo, 0, rulebook_of_call(fcinfo, PG_NARGS() > 1 ? 1 : -1)) ||
		audit.book->package_count == 0)
		return detector_end(&rows);
	charge_audit_match(&audit);
	if (audit.scratch->active_package_count > 0 && charge_audit_read(&audit))
		packages_evaluate(&audit, keep_day, &found);
	if (found.count > 1)
		sort_split_rows(found.list, found.count, &audit);
	for (int i = 0; i < found.count; i++)
		emit_split_row(&rows, &audit, &found.list[i]);
	return detector_end(&rows);
}
