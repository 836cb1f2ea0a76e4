/*
 * charge_candidates.c
 *		The lines that the rows of a rulebook look at.
 *
 * An evaluator names the matches of a set; gather() walks the runs of their
 * items and takes the lines that are judged, lie on a date for which the row is
 * valid, and are of a visit that it applies to.  What a condition or exclusion
 * could not tell is kept with the line, so that unknown is never taken for yes
 * or no.
 *
 * Cost: O(1) per line, and one context per visit where rows have conditions.
 * Memory: 32 bytes per line of the set at hand, in lists that are used again.
 */
#include "postgres.h"
#include "base/compat.h"

#include "miscadmin.h"
#include "utils/memutils.h"

#include "base/array.h"
#include "charge/charge.h"

#define ALL_NEEDS			((1 << NEEDS_COUNT) - 1)

/* Links the runs of each item, in ledger order. */
void
link_runs(ChargeAudit *audit)
{
	const Ledger *ledger = audit->ledger;

	if (audit->first_run != NULL)
		return;
	audit->first_run = (int32 *) MemoryContextAllocHuge(CurrentMemoryContext,
														mul_size(ledger->item_count + 1, sizeof(int32)));
	audit->next_run = (int32 *) MemoryContextAllocHuge(CurrentMemoryContext,
													   mul_size(ledger->run_count + 1, sizeof(int32)));
	memset(audit->first_run, 0xFF, ledger->item_count * sizeof(int32));
	for (int32 run = ledger->run_count - 1; run >= 0; run--)
	{
		int32		item = ledger->runs[run].item;

		audit->next_run[run] = audit->first_run[item];
		audit->first_run[item] = run;
	}
}

/* Runs are in order of visit. */
int32
first_run_of_visit(const Ledger *ledger, int32 visit)
{
	int32		low = 0;
	int32		high = ledger->run_count;

	while (low < high)
	{
		int32		middle = low + (high - low) / 2;

		if (ledger->runs[middle].visit < visit)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* Which of the row's conditions are known to fail for a line, which are not known. */
void
conditions_of_line(ChargeAudit *audit, const RuleRow *row, const LedgerLine *line,
				   DateADT on, uint32 *failed, uint32 *missing)
{
	const VisitContext *context = audit_context(audit, line->visit);
	TextSpan	department = context->department;

	if (row->departments.count != RULE_NONE)
		department = department_of_line(context, line->line_id);
	conditions_judge(context, audit->book, row, on, department, ALL_NEEDS, failed, missing);
}

/*
 * Does the row leave the visit out, by one of its diagnoses?  Where none is
 * known it does not, but that is UNSURE.
 */
bool
row_excludes(ChargeAudit *audit, const RuleRow *row, int32 visit, bool *unsure)
{
	const VisitContext *context;

	*unsure = false;
	if (row->excluded_diagnosis_prefixes.count == RULE_NONE)
		return false;
	context = audit_context(audit, visit);
	*unsure = context_diagnoses(context) < 0;
	return diagnoses_meet(context, audit->book, row->excluded_diagnosis_prefixes, NULL);
}

/* Does the row apply to the line?  False: known not to. */
static bool
row_applies(ChargeAudit *audit, uint32 row_number, const LedgerLine *line, DateADT on,
			uint32 *missing, bool *unsure)
{
	const RuleRow *row = audit_row(audit, row_number);
	uint32		failed = 0;

	if (audit->scratch->row_flags[row_number] & ROW_HAS_CONDITIONS)
		conditions_of_line(audit, row, line, on, &failed, missing);
	return failed == 0 && !row_excludes(audit, row, line->visit, unsure);
}

static void
candidates_reserve(Candidates *into, int more)
{
	array_reserve(into->list, into->allocated, Max(into->count + more, 64));
}

void
candidate_add(Candidates *into, const Candidate *candidate)
{
	candidates_reserve(into, 1);
	into->list[into->count++] = *candidate;
}

/* Adds the lines of one run that the row looks at. */
static void
gather_run(ChargeAudit *audit, Candidates *into, uint32 row_number, const LedgerRun *run,
		   int which)
{
	const RuleRow *row = audit_row(audit, row_number);
	uint8		flags = audit->scratch->row_flags[row_number];

	if (!(which & GATHER_CONDITIONS))
		flags &= ~(ROW_HAS_CONDITIONS | ROW_HAS_EXCLUSIONS);
	candidates_reserve(into, run->count);
	for (int32 i = run->first; i < run->first + run->count; i++)
	{
		const LedgerLine *line = audit_line(audit, i);
		Candidate  *candidate = &into->list[into->count];

		if (!line_is_judged(line) || ((which & GATHER_CLAIMED) && !ledger_line_claimed(line)))
			continue;
		candidate->missing = 0;
		candidate->unsure = false;
		candidate->hold = HOLD_DATE;
		if (flags & (ROW_HAS_VALIDITY | ROW_HAS_CONDITIONS | ROW_HAS_EXCLUSIONS))
		{
			int32		day = ledger_line_day(line);

			if (!date_is_valid(row->valid_from, row->valid_to, day))
				continue;
			if ((flags & (ROW_HAS_CONDITIONS | ROW_HAS_EXCLUSIONS)) &&
				!row_applies(audit, row_number, line, day, &candidate->missing, &candidate->unsure))
				continue;
		}
		candidate->key = scope_key((RuleScope) row->scope, line);
		candidate->at = line->charged_at;
		candidate->line = i;
		candidate->row = row_number;
		candidate->untimed = (flags & ROW_IS_FINE) && !line->has_time;
		into->count++;
	}
}

/*
 * The lines that the rows of MATCHES look at on SIDE: judged ones, on a valid
 * date, and as WHICH says.
 */
void
gather(ChargeAudit *audit, Candidates *into, const SetMatch *matches, int count,
	   RuleSide side, int which)
{
	into->count = 0;
	for (int i = 0; i < count; i++)
	{
		if (matches[i].side != side)
			continue;
		if (audit->scratch->row_flags[matches[i].row] & ROW_IS_FINE)
			ledger_mark_times(audit->ledger);
		for (int32 run = audit->first_run[matches[i].item]; run >= 0; run = audit->next_run[run])
		{
			CHECK_FOR_INTERRUPTS();
			gather_run(audit, into, matches[i].row, &audit->ledger->runs[run], which);
		}
	}
}

static inline int
compare_candidates(const Candidate *a, const Candidate *b)
{
	if (a->key != b->key)
		return a->key < b->key ? -1 : 1;
	if (a->at != b->at)
		return a->at < b->at ? -1 : 1;
	if (a->line != b->line)
		return a->line < b->line ? -1 : 1;
	return (a->row > b->row) - (a->row < b->row);
}

#define ST_SORT sort_candidates
#define ST_ELEMENT_TYPE Candidate
#define ST_COMPARE(a, b) compare_candidates(a, b)
#define ST_CHECK_FOR_INTERRUPTS
#define ST_SCOPE static
#define ST_DEFINE
#include "lib/sort_template.h"

/* By key, time and ledger order; the lines of one run mostly are already. */
void
candidates_sort(Candidates *candidates)
{
	sort_candidates(candidates->list, candidates->count);
}

/* The first candidate whose key is KEY or later. */
int
candidates_find(const Candidates *candidates, int64 key)
{
	int			low = 0;
	int			high = candidates->count;

	while (low < high)
	{
		int			middle = low + (high - low) / 2;

		if (candidates->list[middle].key < key)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

bool
candidates_of_one_visit(const ChargeAudit *audit, const Candidates *candidates)
{
	if (audit->ledger->visit_count < 2)
		return true;
	for (int i = 1; i < candidates->count; i++)
		if (audit_line(audit, candidates->list[i].line)->visit !=
			audit_line(audit, candidates->list[0].line)->visit)
			return false;
	return true;
}
