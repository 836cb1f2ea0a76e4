/*
 * charge_caps_internal.h
 *		What the caps of dates and the caps of stays share.
 */
#ifndef MEDAUDIT_CHARGE_CAPS_INTERNAL_H
#define MEDAUDIT_CHARGE_CAPS_INTERNAL_H

#include "charge/charge_accepted.h"
#include "charge/charge_kinds.h"

/* What parts of stays were charged under the set at hand. */
typedef struct PartSums
{
	int64	   *charged;		/* by place; NULL: not summed up yet */
	uint32		row;			/* RULE_NONE: no rest is told yet */
	int32		visit;
	int64		rest;			/* told last, for that row and visit */
} PartSums;

typedef struct CapPass
{
	ChargeAudit *audit;
	RuleKind	kind;
	bool		doubtful;		/* lines with unknown conditions, too */
	bool		one_visit;		/* all lines are of one; false: not known */
	const Candidates *items;	/* by key and time */
	Accepted	accepted;
	PartSums	parts;
} CapPass;

/* What one row finds of a line. */
typedef struct OverCap
{
	const Candidate *candidate;
	int64		over;
	int64		cap;
	uint32		missing;
	int64		rest;			/* of the cap: left by other numbers of the
								 * stay */
} OverCap;

/* What a row allows on so many dates of a stay. */
typedef int64 (*SpanLimit) (ChargeAudit *audit, RuleKind kind, uint32 row, const StaySpan *span);

static inline int64
capped_value(const ChargeAudit *audit, RuleKind kind, int32 line)
{
	return kind == RULE_AMOUNT ? audit_line(audit, line)->left_amount :
		audit_line(audit, line)->left_quantity;
}

static inline int64
cap_of_row(RuleKind kind, const RuleRow *row)
{
	return kind == RULE_AMOUNT ? row->max_amount : row->max_quantity;
}

/* The rows of one line stand together: their end. */
static inline int
end_of_line(const Candidates *items, int from)
{
	int			to = from + 1;

	while (to < items->count && items->list[to].line == items->list[from].line)
		to++;
	return to;
}

/* Records what a row finds of a line, or what it lacks to say so. */
static inline Excess *
record_over(CapPass *pass, const OverCap *found, int64 value)
{
	const Candidate *candidate = found->candidate;
	Excess	   *excess;

	if (found->missing != 0)
		return record_insufficient(pass->audit, candidate->row, candidate->line, found->missing);
	excess = record(pass->audit, candidate->row, candidate->line);
	excess->part = found->over;
	excess->whole = value;
	excess->rest = found->rest;
	if (pass->kind != RULE_AMOUNT)
		excess->quantity = found->over;
	return excess;
}

/* The limit with what other numbers of the stay have left. */
static inline int64
limit_with_rest(int64 limit, int64 rest)
{
	return limit > PG_INT64_MAX - rest ? PG_INT64_MAX : limit + rest;
}

/* charge_parts.c */
extern bool part_sums_begin(ChargeAudit *audit, PartSums *sums);
extern void part_sums_add(ChargeAudit *audit, PartSums *sums, int32 visit, int64 value);
extern void part_sums_free(PartSums *sums);
extern int64 rest_of_stay(ChargeAudit *audit, PartSums *sums, RuleKind kind, uint32 row,
						  int32 visit, SpanLimit limit);

/* charge_stay_caps.c */
extern void hold_caps(ChargeAudit *audit, Candidates *items, Candidates *stays);
extern void judge_stays(CapPass *pass, Candidates *stays);

#endif							/* MEDAUDIT_CHARGE_CAPS_INTERNAL_H */
