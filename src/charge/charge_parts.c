/*
 * charge_parts.c
 *		What the numbers of one stay leave each other under a cap of the stay.
 *
 * A stay that is settled by the month goes on under a new number: each number is
 * a visit, and part of the stay.  A cap of the stay holds for a number by its own
 * dates.  A bill may be posted under a neighbour's number, so what the whole stay
 * allows and the numbers have not used up of their own dates comes to that: it
 * is the rest, which the numbers above their own dates share in order of time.
 * What they are in excess of then is in excess of the whole, whatever number it
 * is for, so it is sure, and no number within its own dates is accused.
 *
 * 1 a day, numbers of 1 to 15 and 15 to 31 March, 31 dates in all.  14 and 18: the
 * second is 1 above its 17 dates, the rest is 31 - 14 - 17 = 0, so 1 is in excess.
 * 13 and 18: the rest is 1, nothing is.  15 and 17 both charge the 15th, and
 * neither is accused for it; 15 and 31 are 14 in excess.
 *
 * A number that is not in the book, or of another provider, has charged nothing
 * that is known here: its dates are all part of the rest.
 *
 * Cost: nothing where the visit at hand is no part of a stay.  Else the contexts
 * of the book are read and its parts sorted once, and each visit and row that is
 * asked about looks at all parts of the stay.
 */
#include "postgres.h"
#include "base/compat.h"

#include "common/int.h"
#include "miscadmin.h"

#include "base/fixed.h"
#include "charge/charge_caps_internal.h"

/* By stay, provider and time. */
static int
compare_parts(const int32 *a, const int32 *b, ChargeAudit *audit)
{
	const VisitContext *one = audit_context(audit, *a);
	const VisitContext *other = audit_context(audit, *b);
	int			order = text_span_compare(one->stay_id, other->stay_id);

	if (order == 0)
		order = text_span_compare(one->facility_id, other->facility_id);
	if (order == 0)
		order = pg_cmp_s64(one->part_from, other->part_from);
	return order != 0 ? order : pg_cmp_s32(*a, *b);
}

#define ST_SORT sort_parts
#define ST_ELEMENT_TYPE int32
#define ST_COMPARE(a, b, audit) compare_parts(a, b, audit)
#define ST_COMPARE_ARG_TYPE ChargeAudit
#define ST_CHECK_FOR_INTERRUPTS
#define ST_SCOPE static
#define ST_DEFINE
#include "lib/sort_template.h"

static bool
same_stay(ChargeAudit *audit, int32 a, int32 b)
{
	return text_span_equal(audit_context(audit, a)->stay_id, audit_context(audit, b)->stay_id) &&
		text_span_equal(audit_context(audit, a)->facility_id, audit_context(audit, b)->facility_id);
}

/* All parts of stays that the book has, found when first asked for. */
static const StayParts *
parts_of_book(ChargeAudit *audit)
{
	StayParts  *parts = &audit->parts;
	int32		count = audit->ledger->visit_count;

	if (parts->place != NULL)
		return parts;
	parts->place = (int32 *) MemoryContextAllocHuge(CurrentMemoryContext, mul_size(count, sizeof(int32)));
	parts->visits = (int32 *) MemoryContextAllocHuge(CurrentMemoryContext, mul_size(count, sizeof(int32)));
	parts->first = (int32 *) MemoryContextAllocHuge(CurrentMemoryContext, mul_size(count, sizeof(int32)));
	for (int32 i = 0; i < count; i++)
	{
		parts->place[i] = -1;
		if (stay_of_visit(audit, i)->is_part)
			parts->visits[parts->count++] = i;
	}
	sort_parts(parts->visits, parts->count, audit);
	for (int32 i = 0; i < parts->count; i++)
	{
		bool		goes_on = i > 0 && same_stay(audit, parts->visits[i], parts->visits[i - 1]);

		parts->place[parts->visits[i]] = i;
		parts->first[i] = goes_on ? parts->first[i - 1] : i;
	}
	return parts;
}

/* Is nothing summed up yet?  Then there is room for it, by place. */
bool
part_sums_begin(ChargeAudit *audit, PartSums *sums)
{
	const StayParts *parts = parts_of_book(audit);

	if (sums->charged != NULL)
		return false;
	sums->charged = (int64 *)
		MemoryContextAllocExtended(CurrentMemoryContext, mul_size(Max(parts->count, 1), sizeof(int64)),
								   MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);
	sums->row = RULE_NONE;
	return true;
}

/* Adds what the visit was charged, where it is a part of a stay. */
void
part_sums_add(ChargeAudit *audit, PartSums *sums, int32 visit, int64 value)
{
	int32		place = parts_of_book(audit)->place[visit];

	if (place >= 0)
		sums->charged[place] = fixed_add(sums->charged[place], value);
}

void
part_sums_free(PartSums *sums)
{
	if (sums->charged != NULL)
		pfree(sums->charged);
	sums->charged = NULL;
}

static int64
find_rest(ChargeAudit *audit, const PartSums *sums, RuleKind kind, uint32 row, int32 visit, SpanLimit limit)
{
	const StayParts *parts = parts_of_book(audit);
	int32		place = parts->place[visit];
	int64		used = 0;
	int64		before = 0;

	for (int32 i = parts->first[place]; i < parts->count && parts->first[i] == parts->first[place]; i++)
	{
		int64		own = limit(audit, kind, row, &stay_of_visit(audit, parts->visits[i])->part);

		CHECK_FOR_INTERRUPTS();
		used = fixed_add(used, Min(sums->charged[i], own));
		if (i < place)
			before = fixed_add(before, Max(sums->charged[i] - own, 0));
	}
	return Max(Max(limit(audit, kind, row, &stay_of_visit(audit, visit)->whole) - used, 0) - before, 0);
}

/*
 * What of a cap of the stay is there for the VISIT, one of its parts, beyond its
 * own dates: LIMIT says what the row allows on some of the dates.
 */
int64
rest_of_stay(ChargeAudit *audit, PartSums *sums, RuleKind kind, uint32 row, int32 visit, SpanLimit limit)
{
	/* the lines of a visit and row come one after the other */
	if (sums->row != row || sums->visit != visit)
	{
		sums->rest = find_rest(audit, sums, kind, row, visit, limit);
		sums->row = row;
		sums->visit = visit;
	}
	return sums->rest;
}
