/*
 * charge.h
 *		One audit of a ledger against a rulebook: what the whole wing shares.
 *
 * charge_match.c finds the rows and sets of rows that the book's items meet and
 * charge_audit.c hands each to the evaluator of its kind (charge_kinds.h);
 * evaluators gather candidate lines (charge_candidates.c) and record what is in
 * excess (charge_excess.c), which at the end becomes money.
 */
#ifndef MEDAUDIT_CHARGE_H
#define MEDAUDIT_CHARGE_H

#include "base/codes.h"
#include "charge/charge_context.h"
#include "charge/charge_scope.h"
#include "ledger/ledger.h"
#include "rulebook/rulebook.h"

/* Partners that the evidence of one line lists at most. */
#define EVIDENCE_PARTNERS	20

/* A code of the book that meets a row of the set at hand. */
typedef struct SetMatch
{
	uint32		row;
	int32		item;
	uint8		side;			/* SIDE_ITEM or SIDE_OTHER */
} SetMatch;

/* What a row needs beside its item: computed once per rulebook. */
#define ROW_HAS_VALIDITY	(1 << 0)
#define ROW_HAS_CONDITIONS	(1 << 1)
#define ROW_HAS_EXCLUSIONS	(1 << 2)
#define ROW_IS_FINE			(1 << 3)
#define ROW_PER_ITEM		(1 << 4)	/* each item by itself */
#define ROW_ALONE			(1 << 5)	/* each match by itself */
#define ROW_WITHIN_DAY		(1 << 6)	/* its scope is a day or finer */
#define ROW_COUNTS_HOURS	(1 << 7)	/* a cap of hours a day */

/* The units that say something about when a line was due. */
typedef enum RowUnit
{
	UNIT_NONE,					/* no unit given */
	UNIT_DAY,					/* 日 */
	UNIT_HOUR,					/* 小时 */
	UNIT_TIMES,					/* 次 */
	UNIT_OTHER
} RowUnit;

/* What the dates of a visit say about when its lines were due. */
typedef enum StayKind
{
	STAY_NOT_KNOWN,				/* no dates: nothing */
	STAY_ONE_DATE,				/* they were due on that date */
	STAY_CLOSED,				/* they may have been posted after they were
								 * due */
	STAY_OPEN					/* so they may, and how long it was is not
								 * known */
} StayKind;

/* How long a stay was, or a part of it. */
typedef struct StaySpan
{
	bool		hours_known;	/* both ends have a time of day */
	int64		dates;			/* both ends counted */
	int64		hours;			/* between, rounded up; where an end has no
								 * time of day, as many as may be */
} StaySpan;

typedef struct VisitStay
{
	bool		read;
	uint8		kind;			/* StayKind */
	bool		is_part;		/* the visit is one number of several */
	bool		lines_read;
	bool		lines_on_one_date;
	uint32		missing;		/* of an open one */
	int32		discharged_on;	/* a date */
	StaySpan	whole;			/* from admission to discharge */
	StaySpan	part;			/* what of it the visit is, where it is a part */
} VisitStay;

/* The visits of a book that are parts of stays (charge_parts.c). */
typedef struct StayParts
{
	int32	   *place;			/* by visit: its place below, -1: no part;
								 * NULL: not found yet */
	int32	   *visits;			/* by stay, provider and time */
	int32	   *first;			/* by place: that of the first part of the
								 * stay */
	int32		count;
} StayParts;

/* For what of the time a cap holds, as the dates of a line can be trusted. */
typedef enum CapHold
{
	HOLD_DATE,					/* as its row says */
	HOLD_TIMED,					/* so, though in a stay: charged by the clock */
	HOLD_STAY,					/* for the stay; the date may be one of
								 * posting */
	HOLD_POSTED,				/* as its row says; the date may be of posting */
	HOLD_OPEN					/* for a stay of which an end is not known */
} CapHold;
#define CAP_HOLDS			(HOLD_OPEN + 1)

/* A line that a row looks at. */
typedef struct Candidate
{
	int64		key;			/* scope_key() of the row */
	Timestamp	at;
	int32		line;
	uint32		row;
	uint32		missing;		/* conditions of the row not known to hold */
	bool		untimed;		/* the scope wants a time of day, it has none */
	bool		unsure;			/* whether the row leaves the visit out is not
								 * known */
	uint8		hold;			/* CapHold of a cap */
} Candidate;

typedef struct Candidates
{
	Candidate  *list;
	int			count;
	int			allocated;
} Candidates;

/* Which lines gather() takes. */
#define GATHER_CLAIMED		(1 << 0)	/* no self-paid ones */
#define GATHER_CONDITIONS	(1 << 1)	/* of visits the row applies to */
#define GATHER_JUDGED		(GATHER_CLAIMED | GATHER_CONDITIONS)

/* Why a row in excess is no violation: what a hospital could answer. */
#define DOUBT_OTHER_FACILITY		(1 << 0)
#define DOUBT_OTHER_SESSION			(1 << 1)
#define DOUBT_POSTED_LATE			(1 << 2)
#define DOUBT_NEWBORN_ON_MOTHER		(1 << 3)
#define DOUBT_EXCLUSIONS_UNKNOWN	(1 << 4)
#define DOUBT_COUNT					5

/* One line in excess by one rule, or not to be judged. */
typedef struct Excess
{
	uint32		rule;
	uint32		row;			/* RULE_NONE for packages */
	uint32		package;		/* RULE_NONE for rows */
	int32		line;			/* -1: the visit */
	int32		visit;
	bool		insufficient;
	bool		has_window;
	bool		settled;		/* gross and claimed are final */
	bool		of_stay;		/* by the cap of a stay, of so many units */
	bool		stay_in_hours;	/* hours, not dates */
	uint32		failed;			/* conditions */
	uint32		missing;
	uint32		doubt;
	int64		part;			/* of the line's amount: part / whole */
	int64		whole;
	int64		quantity;		/* FIXED_NULL: money only */
	int64		gross;
	int64		claimed;
	int64		limit;			/* FIXED_NULL: none */
	int64		before;			/* what was counted before the line */
	int64		total;			/* what was charged in all; FIXED_NULL: not
								 * said */
	int64		units;			/* as the kind uses it */
	int64		rest;			/* of the limit: what other numbers of the
								 * stay have left */
	int			parts;			/* distinct components of a package */
	ScopeWindow window;
	int32		partner;		/* line, -1: none */
	int32	   *partners;
	int			partner_count;
	int32	   *visits;			/* others that the partners are of, where not
								 * all of them are told */
	int			visit_count;
	uint32		mark;			/* of its visits; 0: none yet */
} Excess;

/* What the records of one rule add up to. */
typedef struct RuleSum
{
	int64		lines;
	int64		insufficient;
	int64		gross;
	int64		claimed;
} RuleSum;

/* What a statement keeps per rulebook: reused by every call. */
typedef struct SetSeen
{
	uint32		epoch;
	int32		head;			/* of a list through filed */
	uint32		sides;
} SetSeen;

typedef struct KnownCodes KnownCodes;

typedef struct MatchList
{
	SetMatch   *list;
	int			count;
	int			allocated;
} MatchList;

typedef struct ChargeScratch
{
	MemoryContext context;
	uint32		epoch;
	SetSeen    *sets;
	SetSeen    *packages;
	uint8	   *row_flags;
	uint32	   *rule_rank;		/* place of each rule by rule_code */
	uint32	   *visit_rows;		/* rows that look at visits, not at items */
	uint32		visit_row_count;
	KnownCodes *known;			/* what codes met so far meet */
	RuleMatch  *filed;			/* matches that are judged by set or package */
	int32	   *next;			/* beside filed: lists of sets and packages */
	int			filed_count;
	int			filed_allocated;
	MatchList	alone[RULE_KINDS];	/* matches that are judged one by one */
	uint32	   *active_sets;
	uint32		active_set_count;
	uint32	   *active_packages;
	uint32		active_package_count;
	ContextShape shape;			/* of the contexts met */
} ChargeScratch;

/* How an argument says what is known of the visits of a book (charge_context.c). */
typedef void (*ReadContexts) (ContextSource *source, FunctionCallInfo fcinfo, int argument);

typedef struct ChargeAudit
{
	const Rulebook *book;
	ChargeScratch *scratch;
	Ledger	   *ledger;
	ContextSource contexts;
	VisitStay  *stays;			/* by visit, where already asked */
	StayParts	parts;			/* where already asked */
	int32	   *providers;		/* by visit: the first visit of its provider */
	bool		want_evidence;
	int32	   *first_run;		/* by item; runs of one item are linked */
	int32	   *next_run;
	SetMatch   *set_matches;
	int			set_matches_allocated;
	Candidates	items;
	Candidates	others;
	Excess	   *found;			/* as the evaluators record them */
	int			found_count;
	int			found_allocated;
	Excess	  **answer;			/* what of them is the answer, in its order */
	int			answer_count;
	uint32	   *visit_marks;	/* by visit: that of the record that has it */
	uint32		last_mark;
} ChargeAudit;

static inline bool
date_is_valid(DateADT from, DateADT to, DateADT day)
{
	return (DATE_IS_NOBEGIN(from) || day >= from) && (DATE_IS_NOEND(to) || day < to);
}

/*
 * Is the line judged at all?  A charge that refunds of another price have left
 * with a negative amount, or a claim of one, contradicts itself as an odd line
 * does.
 */
static inline bool
line_is_judged(const LedgerLine *line)
{
	return ledger_line_counts(line) && line->left_amount >= 0 && line->left_claimed >= 0;
}

static inline const RuleRow *
audit_row(const ChargeAudit *audit, uint32 row)
{
	return &audit->book->rows[row];
}

static inline LedgerLine *
audit_line(const ChargeAudit *audit, int32 line)
{
	return &audit->ledger->lines[line];
}

/* The item code of a line, as results show it. */
static inline TextSpan
audit_line_code(const ChargeAudit *audit, int32 line)
{
	return code_shown(ledger_line_code(audit->ledger, audit_line(audit, line)));
}

static inline const VisitContext *
audit_context(ChargeAudit *audit, int32 visit)
{
	return context_of_visit(&audit->contexts, audit->ledger, visit);
}

/* charge_match.c */
extern ChargeScratch *charge_scratch(RulebookCache *cache);
extern void charge_audit_match(ChargeAudit *audit);
extern bool charge_audit_read(ChargeAudit *audit);
extern int	collect_set(ChargeAudit *audit, const SetSeen *seen);

/* charge_candidates.c */
extern void link_runs(ChargeAudit *audit);
extern int32 first_run_of_visit(const Ledger *ledger, int32 visit);
extern void conditions_of_line(ChargeAudit *audit, const RuleRow *row,
							   const LedgerLine *line, DateADT on,
							   uint32 *failed, uint32 *missing);
extern bool row_excludes(ChargeAudit *audit, const RuleRow *row, int32 visit, bool *unsure);
extern void gather(ChargeAudit *audit, Candidates *into, const SetMatch *matches,
				   int count, RuleSide side, int which);
extern void candidate_add(Candidates *into, const Candidate *candidate);
extern void candidates_sort(Candidates *candidates);
extern int	candidates_find(const Candidates *candidates, int64 key);
extern bool candidates_of_one_visit(const ChargeAudit *audit, const Candidates *candidates);

/* charge_excess.c */
extern Excess *record(ChargeAudit *audit, uint32 row, int32 line);
extern Excess *record_whole(ChargeAudit *audit, uint32 row, int32 line);
extern Excess *record_insufficient(ChargeAudit *audit, uint32 row, int32 line,
								   uint32 missing);
extern void record_window(Excess *excess, ScopeWindow window);
extern void record_partner(ChargeAudit *audit, Excess *excess, int32 line);
extern RuleCertainty certainty_of(const ChargeAudit *audit, const Excess *excess);
extern void settle(ChargeAudit *audit);
extern int	sum_of_rule(const ChargeAudit *audit, int from, RuleSum *sum);

/* charge_stay.c */
extern RowUnit row_unit(const Rulebook *book, const RuleRow *row);
extern const VisitStay *stay_of_visit(ChargeAudit *audit, int32 visit);
extern bool visit_is_posted_late(ChargeAudit *audit, int32 visit);
extern const int32 *providers_of_visits(ChargeAudit *audit);
extern bool provider_is_known(ChargeAudit *audit, int32 visit);
extern Candidate *candidates_by_provider(ChargeAudit *audit, const Candidates *candidates,
										 int *ends);

/* charge_doubt.c */
typedef void (*WorldJudge) (ChargeAudit *audit, Candidates *items, void *how);

extern uint32 doubts_of_line(ChargeAudit *audit, uint32 row, int32 line);
extern void doubt_found(ChargeAudit *audit);
extern void doubt_by_others(ChargeAudit *audit, const Candidates *items, int first,
							WorldJudge judge, void *how);

/* charge_audit.c: all of it together */
extern bool charge_audit_open(ChargeAudit *audit, FunctionCallInfo fcinfo, int argument, RulebookCache *cache);
extern void charge_audit_run(ChargeAudit *audit);

/* charge_evidence.c */
extern void evidence_prepare(ChargeAudit *audit, const Excess *excess);
extern Datum evidence_of(const ChargeAudit *audit, const Excess *excess);

#endif							/* MEDAUDIT_CHARGE_H */
