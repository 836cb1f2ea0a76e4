/*
 * charge_doubt.c
 *		What a hospital could answer a row: why it is no violation.
 *
 * Some doubts are of the line itself: its bill was posted late, or no diagnosis
 * is known by which the rule leaves visits out.  Others come through the lines
 * that it is counted with, which may be of another facility, of another date or
 * of a visit that the rule leaves out.  Whether a row rests on such lines is
 * decided by the arithmetic: the set is judged again without them, and a row
 * that is smaller there, or gone, is in doubt.  First the lines of one provider
 * alone, then of these the ones whose dates can be trusted, then of these the
 * ones that the rule is known to apply to, so that a row that none of these
 * three makes smaller rests on none of such lines.
 *
 * Two examples, each of one line in facility F1 (a) and one in F2 (b).  1 a
 * week; b is 2 on Monday, a is 1 on Tuesday.  All together, b is 1 above the
 * cap and a is 1.  F1 alone: a fits, so a is in doubt (other_facility).  F2
 * alone: b is still 1 above, and sure.
 *
 * 1 a day; b is 1 at 7:00, a is 3 at 8:00 in a stay of 1 to 3 March.  All
 * together, a is 3 above the cap.  F1 alone: 2 above, less than 3, so it rests
 * on F2 (other_facility).  Without lines that may have been posted after the
 * day they are for, which in a stay of several dates a is: nothing, less than
 * 2, so it rests on its date, too (posted_late).  What of a stands for the
 * stay as a whole, charge_stay_caps.c says.
 *
 * Cost: nothing for lines of one visit and row; else, where something is in excess,
 * O(n log n) in the lines of the set.
 */
#include "postgres.h"
#include "base/compat.h"

#include "miscadmin.h"

#include "charge/charge.h"

/* What a date that may be one of posting means for a row, by its scope. */
typedef enum DateUse
{
	DATES_LONG,					/* nothing: longer than a day */
	DATES_FINE,					/* a day or finer */
	DATES_CAPPED				/* a cap of a date or hour, which in a stay
								 * holds for it */
} DateUse;

static bool
row_is_within_day(const ChargeAudit *audit, uint32 row)
{
	return audit->scratch->row_flags[row] & ROW_WITHIN_DAY;
}

static bool
exclusions_are_unknown(ChargeAudit *audit, uint32 row, int32 visit)
{
	return (audit->scratch->row_flags[row] & ROW_HAS_EXCLUSIONS) &&
		context_diagnoses(audit_context(audit, visit)) < 0;
}

/* The doubts of a line, or of the partner of one, that it has by itself. */
uint32
doubts_of_line(ChargeAudit *audit, uint32 row, int32 line)
{
	int32		visit = audit_line(audit, line)->visit;
	uint32		doubt = 0;

	if (exclusions_are_unknown(audit, row, visit))
		doubt |= DOUBT_EXCLUSIONS_UNKNOWN;
	if (row_is_within_day(audit, row) && visit_is_posted_late(audit, visit))
		doubt |= DOUBT_POSTED_LATE;
	return doubt;
}

static bool
row_is_cap(const ChargeAudit *audit, uint32 row)
{
	RuleKind	kind = (RuleKind) audit->book->rules[audit_row(audit, row)->rule].kind;

	return kind == RULE_QUANTITY || kind == RULE_AMOUNT || kind == RULE_PER_BED_DAY;
}

static DateUse
use_of_dates(const ChargeAudit *audit, uint32 number)
{
	const RuleRow *row = audit_row(audit, number);

	if (!row_is_within_day(audit, number))
		return DATES_LONG;
	return row_is_cap(audit, number) && scope_is_calendar((RuleScope) row->scope, row->scope_length) ?
		DATES_CAPPED : DATES_FINE;
}

static uint32
doubts_of_record(ChargeAudit *audit, const Excess *excess)
{
	if (excess->row == RULE_NONE)
		return visit_is_posted_late(audit, excess->visit) ? DOUBT_POSTED_LATE : 0;

	/* a cap says itself what it makes of dates */
	if (excess->line < 0 || row_is_cap(audit, excess->row))
		return exclusions_are_unknown(audit, excess->row, excess->visit) ? DOUBT_EXCLUSIONS_UNKNOWN : 0;
	return doubts_of_line(audit, excess->row, excess->line);
}

/* Adds to all that is in excess the doubts that it has by itself. */
void
doubt_found(ChargeAudit *audit)
{
	for (int i = 0; i < audit->found_count; i++)
		if (!audit->found[i].insufficient)
			audit->found[i].doubt |= doubts_of_record(audit, &audit->found[i]);
}

/* ---- judged again without the lines in doubt ---- */

/* A record that is judged again, by line and row. */
typedef struct Again
{
	int32		provider;
	DateUse		dates;
	int32		line;
	uint32		row;
	int			found;
	int64		before;			/* its part in the world before */
	int64		part;			/* in this one */
} Again;

/* A smaller world: some of the lines of a set, in the order of the set. */
typedef struct World
{
	ChargeAudit *audit;
	WorldJudge	judge;
	void	   *how;
	Candidates	items;
	Again	   *again;
	int			count;
} World;

static inline int
compare_again(const Again *a, const Again *b)
{
	if (a->provider != b->provider)
		return a->provider < b->provider ? -1 : 1;
	if (a->dates != b->dates)
		return a->dates < b->dates ? -1 : 1;
	if (a->line != b->line)
		return a->line < b->line ? -1 : 1;
	return (a->row > b->row) - (a->row < b->row);
}

#define ST_SORT sort_again
#define ST_ELEMENT_TYPE Again
#define ST_COMPARE(a, b) compare_again(a, b)
#define ST_CHECK_FOR_INTERRUPTS
#define ST_SCOPE static
#define ST_DEFINE
#include "lib/sort_template.h"

static Again *
find_again(World *world, int32 line, uint32 row)
{
	Again		wanted = {
		.provider = world->again[0].provider,
		.dates = use_of_dates(world->audit, row),
		.line = line,
		.row = row
	};
	int			low = 0;
	int			high = world->count;

	while (low < high)
	{
		int			middle = low + (high - low) / 2;

		if (compare_again(&world->again[middle], &wanted) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == world->count || compare_again(&world->again[low], &wanted) != 0)
		return NULL;
	return &world->again[low];
}

/* What stands without the lines in doubt names a partner that does. */
static void
take_partner(Excess *excess, int32 partner)
{
	if (excess->partner < 0)
		return;
	excess->partner = partner;
	if (excess->partner_count > 0)
		excess->partners[0] = partner;
}

/*
 * What stands whole without the lines of others is told without them: its
 * partners, what was counted before it, and the rest of its evidence.
 */
static void
take_evidence(Excess *excess, const Excess *surer)
{
	uint32		doubt = excess->doubt;

	if (excess->part != surer->part)
	{
		take_partner(excess, surer->partner);
		return;
	}
	*excess = *surer;
	excess->doubt = doubt;
}

/* Judges the world; what is smaller in it than in the one before has DOUBT. */
static void
judge_world(World *world, uint32 doubt)
{
	ChargeAudit *audit = world->audit;
	int			first = audit->found_count;
	bool		want_evidence = audit->want_evidence;
	bool		told = want_evidence && doubt == DOUBT_OTHER_FACILITY;

	audit->want_evidence = told;
	world->judge(audit, &world->items, world->how);
	audit->want_evidence = want_evidence;
	for (int i = first; i < audit->found_count; i++)
	{
		const Excess *excess = &audit->found[i];
		Again	   *again = excess->insufficient ? NULL : find_again(world, excess->line, excess->row);

		if (again == NULL)
			continue;
		again->part = excess->part;
		if (again->part < again->before)
			continue;
		if (told)
			take_evidence(&audit->found[again->found], excess);
		else
			take_partner(&audit->found[again->found], excess->partner);
	}
	audit->found_count = first;
	for (int i = 0; i < world->count; i++)
	{
		Again	   *again = &world->again[i];

		if (again->part < again->before)
			audit->found[again->found].doubt |= doubt;
		again->before = again->part;
		again->part = 0;
	}
}

/* May the date of a line, the rows [from, to), be one of posting, as USE sees it? */
static bool
date_is_in_doubt(ChargeAudit *audit, const Candidates *items, int from, int to, DateUse use)
{
	int32		visit = audit_line(audit, items->list[from].line)->visit;

	for (int i = from; i < to; i++)
		if (items->list[i].hold == HOLD_TIMED)
			return false;
	return use == DATES_CAPPED ? stay_of_visit(audit, visit)->kind >= STAY_CLOSED :
		visit_is_posted_late(audit, visit);
}

/* Leaves out the lines whose date is in doubt. */
static int
keep_dated(World *world)
{
	Candidates *items = &world->items;
	DateUse		use = world->again[0].dates;
	int			kept = 0;

	if (use == DATES_LONG)
		return items->count;
	for (int from = 0, to; from < items->count; from = to)
	{
		for (to = from + 1; to < items->count; to++)
			if (items->list[to].line != items->list[from].line)
				break;
		if (date_is_in_doubt(world->audit, items, from, to, use))
			continue;
		for (int i = from; i < to; i++)
			items->list[kept++] = items->list[i];
	}
	return kept;
}

/* Leaves out what rows look at that may not apply to the visit. */
static int
keep_sure(World *world)
{
	Candidates *items = &world->items;
	int			kept = 0;

	for (int i = 0; i < items->count; i++)
		if (!items->list[i].unsure)
			items->list[kept++] = items->list[i];
	return kept;
}

static void
judge_kept(World *world, int (*keep) (World *), uint32 doubt)
{
	int			before = world->items.count;

	world->items.count = keep(world);
	if (world->items.count < before)
		judge_world(world, doubt);
}

/* All that is in excess from record FIRST on, in the order of compare_again(); how many. */
static int
records_again(ChargeAudit *audit, int first, Again *all)
{
	const int32 *providers = providers_of_visits(audit);
	int			count = 0;

	for (int i = first; i < audit->found_count; i++)
	{
		const Excess *excess = &audit->found[i];
		Again	   *again = &all[count];

		if (excess->insufficient)
			continue;
		again->provider = providers[excess->visit];
		again->dates = use_of_dates(audit, excess->row);
		again->line = excess->line;
		again->row = excess->row;
		again->found = i;
		again->before = excess->part;
		again->part = 0;
		count++;
	}
	sort_again(all, count);
	return count;
}

/* Judges a copy of OWN, what a provider has of the set, without ever more of it. */
static void
judge_provider(World *world, const Candidates *own, bool others)
{
	memcpy(world->items.list, own->list, own->count * sizeof(Candidate));
	world->items.count = own->count;
	if (others)
		judge_world(world, DOUBT_OTHER_FACILITY);
	judge_kept(world, keep_dated, DOUBT_POSTED_LATE);
	judge_kept(world, keep_sure, DOUBT_EXCLUSIONS_UNKNOWN);
}

/* The records of AGAIN, COUNT, each provider's and use of dates by themselves. */
static void
judge_again(World *world, const Candidates *items, Again *again, int count)
{
	ChargeAudit *audit = world->audit;
	int		   *ends = (int *) MemoryContextAllocHuge(CurrentMemoryContext,
													  mul_size(audit->ledger->visit_count, sizeof(int)));
	Candidate  *copy = candidates_by_provider(audit, items, ends);

	world->items.list = (Candidate *)
		MemoryContextAllocHuge(CurrentMemoryContext, mul_size(items->count, sizeof(Candidate)));
	for (int from = 0, to; from < count; from = to)
	{
		int32		provider = again[from].provider;
		int			begin = provider == 0 ? 0 : ends[provider - 1];
		Candidates	own = {
			.list = copy + begin,
			.count = ends[provider] - begin
		};

		CHECK_FOR_INTERRUPTS();
		for (to = from + 1; to < count; to++)
			if (again[to].provider != provider || again[to].dates != again[from].dates)
				break;
		world->again = again + from;
		world->count = to - from;
		judge_provider(world, &own, own.count < items->count);
	}
	pfree(world->items.list);
	pfree(copy);
	pfree(ends);
}

/* May some, but not all of the rows leave the visit out? */
static bool
some_are_unsure(const Candidates *items)
{
	for (int i = 1; i < items->count; i++)
		if (items->list[i].unsure != items->list[0].unsure)
			return true;
	return false;
}

/*
 * Adds to what JUDGE has found in ITEMS, from record FIRST on, the doubts that
 * come with the lines of other visits.  ITEMS are in the order that JUDGE wants.
 */
void
doubt_by_others(ChargeAudit *audit, const Candidates *items, int first, WorldJudge judge, void *how)
{
	World		world = {
		.audit = audit,
		.judge = judge,
		.how = how
	};
	Again	   *again;
	int			count;

	if (audit->found_count == first ||
		(candidates_of_one_visit(audit, items) && !some_are_unsure(items)))
		return;
	again = (Again *) MemoryContextAllocHuge(CurrentMemoryContext,
											 mul_size(audit->found_count - first, sizeof(Again)));
	count = records_again(audit, first, again);
	if (count > 0)
		judge_again(&world, items, again, count);
	pfree(again);
}
