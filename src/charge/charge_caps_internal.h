/*
 * charge_caps_internal.h
 *		What the caps of dates and the caps of stays share.
 */
#ifndef MEDAUDIT_CHARGE_CAPS_INTERNAL_H
#define MEDAUDIT_CHARGE_CAPS_INTERNAL_H

#include "charge/charge_kinds.h"

/* Lines let through, if in part, with running sums of what was accepted. */
typedef struct Accepted
{
	int			count;
	int64	   *keys;
	Timestamp  *times;
	int32	   *lines;
	int64	   *sums;			/* of the first i; count + 1 of them */
} Accepted;

typedef struct CapPass
{
	ChargeAudit *audit;
	RuleKind	kind;
	bool		doubtful;		/* lines with unknown conditions, too */
	bool		one_visit;		/* all lines are of one; false: not known */
	const Candidates *items;	/* by key and time */
	Accepted	accepted;
} CapPass;

/* What one row finds of a line. */
typedef struct OverCap
{
	const Candidate *candidate;
	int64		over;
	int64		cap;
	uint32		missing;
} OverCap;

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

/* charge_caps.c */
extern void accepted_init(Accepted *accepted, int count);
extern void accepted_free(Accepted *accepted);
extern void accepted_add(Accepted *accepted, const Candidate *candidate, int64 value);
extern int	accepted_find(const Accepted *accepted, int64 key, Timestamp at);
extern int64 accepted_value(const Accepted *accepted, const Candidate *candidate);
extern int64 accepted_between(const Accepted *accepted, int64 from, int64 to);
extern Excess *record_over(CapPass *pass, const OverCap *found, int64 value);

/* charge_stay_caps.c */
extern void hold_caps(ChargeAudit *audit, Candidates *items, Candidates *stays);
extern void judge_stays(CapPass *pass, Candidates *stays);

#endif							/* MEDAUDIT_CHARGE_CAPS_INTERNAL_H */
