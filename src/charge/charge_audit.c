/*
 * charge_audit.c
 *		One audit of a ledger against a rulebook: from items to money.
 *
 * charge_match.c finds what the items of the book meet.  What stands alone is
 * handed to the evaluator of its kind match by match, the rest set by set (the
 * rows of one rule and item_group, or one row); an exclusive pair needs both
 * its sides.
 *
 * The evaluators (charge_caps.c, charge_pairs.c, charge_conditions.c,
 * split_charge.c) record lines in excess; settle() keeps one record per rule
 * and line, the highest, and turns exact fractions into cents.
 *
 * Cost of a call: O(lines) to decode, one look-up per distinct item,
 * O(n log n) for the lines of the sets that are met.  Memory: 24 bytes per
 * line of the set at hand, about 200 bytes per record, freed with the call.
 */
#include "postgres.h"
#include "base/compat.h"

#include "miscadmin.h"
#include "utils/memutils.h"

#include "charge/charge_audit.h"

#define ALL_NEEDS			((1 << NEEDS_COUNT) - 1)

typedef void (*Evaluator) (ChargeAudit *audit, const SetMatch *matches, int count);

static const Evaluator evaluators[RULE_KINDS] = {
	[RULE_DUPLICATE] = evaluate_duplicate,
	[RULE_EXCLUSIVE] = evaluate_exclusive,
	[RULE_QUANTITY] = evaluate_cap,
	[RULE_AMOUNT] = evaluate_cap,
	[RULE_PER_BED_DAY] = evaluate_cap,
	[RULE_PRICE] = evaluate_price,
	[RULE_SECONDARY] = evaluate_secondary,
	[RULE_RESTRICTION] = evaluate_restriction,
	[RULE_COURSE] = evaluate_course,
	[RULE_PREREQUISITE] = evaluate_prerequisite,
	[RULE_OUTSIDE_STAY] = evaluate_outside_stay,
	[RULE_RESETTLED] = evaluate_resettled
};

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

const VisitContext *
audit_context(ChargeAudit *audit, int32 visit)
{
	return context_of_visit(&audit->contexts, audit->ledger, visit);
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
	if (into->count + more > into->allocated)
	{
		into->allocated = Max(into->allocated * 2, Max(into->count + more, 64));
		into->list = into->list == NULL ?
			(Candidate *) palloc(into->allocated * sizeof(Candidate)) :
			(Candidate *) repalloc_huge(into->list, into->allocated * sizeof(Candidate));
	}
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

Excess *
record(ChargeAudit *audit, uint32 row, int32 line)
{
	static const Excess nothing = {
		.package = RULE_NONE,.whole = 1,.quantity = FIXED_NULL,.limit = FIXED_NULL,.total = FIXED_NULL,.partner = -1
	};
	Excess	   *excess;

	if (audit->found_count >= audit->found_allocated)
	{
		audit->found_allocated = Max(audit->found_allocated * 2, 16);
		audit->found = audit->found == NULL ?
			(Excess *) palloc(audit->found_allocated * sizeof(Excess)) :
			(Excess *) repalloc_huge(audit->found,
									 mul_size(audit->found_allocated, sizeof(Excess)));
	}
	excess = &audit->found[audit->found_count++];
	*excess = nothing;
	excess->row = row;
	if (row != RULE_NONE)
		excess->rule = audit_row(audit, row)->rule;
	excess->line = line;
	if (line >= 0)
		excess->visit = audit_line(audit, line)->visit;
	return excess;
}

/* The line, whole. */
Excess *
record_whole(ChargeAudit *audit, uint32 row, int32 line)
{
	Excess	   *excess = record(audit, row, line);

	excess->part = 1;
	excess->quantity = audit_line(audit, line)->left_quantity;
	return excess;
}

Excess *
record_insufficient(ChargeAudit *audit, uint32 row, int32 line, uint32 missing)
{
	Excess	   *excess = record(audit, row, line);

	excess->insufficient = true;
	excess->missing = missing;
	return excess;
}

void
record_window(Excess *excess, ScopeWindow window)
{
	excess->has_window = true;
	excess->window = window;
}

/* Adds a number to a list that holds COUNT and grows by powers of two. */
static int32 *
list_add(int32 *list, int count, int32 number)
{
	if (count == 0)
		list = (int32 *) palloc(2 * sizeof(int32));
	else if (count >= 2 && (count & (count - 1)) == 0)
		list = (int32 *) repalloc_huge(list, mul_size(2 * count, sizeof(int32)));
	list[count] = number;
	return list;
}

/* Notes another visit that the record rests on, once. */
static void
record_visit(ChargeAudit *audit, Excess *excess, int32 visit)
{
	if (audit->visit_marks == NULL)
		audit->visit_marks = (uint32 *)
			MemoryContextAllocExtended(CurrentMemoryContext,
									   mul_size(audit->ledger->visit_count, sizeof(uint32)),
									   MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);
	if (excess->mark == 0)
		excess->mark = ++audit->last_mark;
	if (visit == excess->visit || audit->visit_marks[visit] == excess->mark)
		return;
	audit->visit_marks[visit] = excess->mark;
	excess->visits = list_add(excess->visits, excess->visit_count++, visit);
}

/*
 * Adds a partner to the evidence; the first one is the partner.  Where there are
 * more than are told, the visits of all of them are.
 */
void
record_partner(ChargeAudit *audit, Excess *excess, int32 line)
{
	if (excess->partner < 0)
		excess->partner = line;
	if (!audit->want_evidence)
		return;
	if (excess->partner_count < EVIDENCE_PARTNERS)
	{
		excess->partners = list_add(excess->partners, excess->partner_count++, line);
		return;
	}
	if (excess->visit_count == 0)
		for (int i = 0; i < EVIDENCE_PARTNERS; i++)
			record_visit(audit, excess, audit_line(audit, excess->partners[i])->visit);
	record_visit(audit, excess, audit_line(audit, line)->visit);
}

static bool
match_is_of_visits(const ChargeAudit *audit, const SetMatch *match)
{
	return scope_is_visit((RuleScope) audit_row(audit, match->row)->scope);
}

/*
 * Lines are sorted by visit or by time, so rows of a group that ask for both
 * are judged apart.  Moves the former to the front; how many.
 */
static int
split_by_order(ChargeAudit *audit, int count)
{
	SetMatch   *matches = audit->set_matches;
	SetMatch   *by_time;
	int			by_visit = 0;
	int			rest = 0;

	for (int i = 0; i < count; i++)
		by_visit += match_is_of_visits(audit, &matches[i]);
	if (by_visit == 0 || by_visit == count)
		return by_visit;
	by_time = (SetMatch *) palloc(mul_size(count, sizeof(SetMatch)));
	by_visit = 0;
	for (int i = 0; i < count; i++)
		if (match_is_of_visits(audit, &matches[i]))
			matches[by_visit++] = matches[i];
		else
			by_time[rest++] = matches[i];
	memcpy(matches + by_visit, by_time, rest * sizeof(SetMatch));
	pfree(by_time);
	return by_visit;
}

/* Evaluates matches [from, to), item by item where the rows say so. */
static void
evaluate_matches(ChargeAudit *audit, RuleKind kind, int from, int to)
{
	const SetMatch *matches = audit->set_matches;

	if (from == to)
		return;
	if (!(audit->scratch->row_flags[matches[from].row] & ROW_PER_ITEM))
	{
		evaluators[kind] (audit, matches + from, to - from);
		return;
	}
	for (int next; from < to; from = next)
	{
		CHECK_FOR_INTERRUPTS();
		for (next = from + 1; next < to; next++)
			if (matches[next].item != matches[from].item)
				break;
		evaluators[kind] (audit, matches + from, next - from);
	}
}

/* What stands alone, kind by kind: what one meets often is met many times. */
static void
evaluate_alone(ChargeAudit *audit)
{
	for (int kind = 0; kind < RULE_KINDS; kind++)
	{
		const MatchList *alone = &audit->scratch->alone[kind];

		for (int i = 0; i < alone->count; i++)
		{
			CHECK_FOR_INTERRUPTS();
			evaluators[kind] (audit, &alone->list[i], 1);
		}
	}
}

/* Hands one set's matches to the evaluator of its kind. */
static void
evaluate_set(ChargeAudit *audit, uint32 set)
{
	ChargeScratch *scratch = audit->scratch;
	SetSeen    *seen = &scratch->sets[set];
	const RuleRow *row = audit_row(audit, scratch->filed[seen->head].index);
	RuleKind	kind = (RuleKind) audit->book->rules[row->rule].kind;
	int			count;

	if (kind == RULE_EXCLUSIVE && seen->sides != ((1 << SIDE_ITEM) | (1 << SIDE_OTHER)))
		return;
	if (!(seen->sides & (1 << SIDE_ITEM)) || evaluators[kind] == NULL)
		return;
	count = collect_set(audit, seen);

	/* what pairs items up looks at all of them in any case */
	if (kind == RULE_EXCLUSIVE || kind == RULE_PREREQUISITE)
		evaluators[kind] (audit, audit->set_matches, count);
	else
	{
		int			by_visit = count > 1 ? split_by_order(audit, count) : 0;

		evaluate_matches(audit, kind, 0, by_visit);
		evaluate_matches(audit, kind, by_visit, count);
	}
}

/* The row's own certainty, else its rule's; in doubt nothing is a violation. */
RuleCertainty
certainty_of(const ChargeAudit *audit, const Excess *excess)
{
	RuleCertainty certainty = (RuleCertainty) (excess->row == RULE_NONE ?
											   audit->book->rules[excess->rule].certainty :
											   audit_row(audit, excess->row)->certainty);

	return excess->doubt != 0 && certainty == CERTAINTY_VIOLATION ? CERTAINTY_SUSPICION : certainty;
}

/* The surer one; of equal certainty the one without doubt. */
static int
compare_certainty(const ChargeAudit *audit, const Excess *a, const Excess *b)
{
	RuleCertainty x = certainty_of(audit, a);
	RuleCertainty y = certainty_of(audit, b);

	return x != y ? (x < y ? -1 : 1) : (a->doubt != 0) - (b->doubt != 0);
}

/* Excess before insufficient, then the surer, then the higher, then settled ties. */
static int
compare_strength(const ChargeAudit *audit, const Excess *a, const Excess *b)
{
	int			order;

	if (a->insufficient != b->insufficient)
		return a->insufficient ? 1 : -1;
	order = a->insufficient ? 0 : compare_certainty(audit, a, b);
	if (order != 0)
		return order;
	if (a->settled && b->settled && a->gross != b->gross)
		return a->gross > b->gross ? -1 : 1;
	order = fixed_compare_products(b->part, a->whole, a->part, b->whole);
	if (order != 0)
		return order;
	if (a->doubt != b->doubt)
		return a->doubt < b->doubt ? -1 : 1;
	if (a->partner != b->partner)
		return a->partner < b->partner ? -1 : 1;
	if (a->row != b->row)
		return a->row < b->row ? -1 : 1;
	return (a->package > b->package) - (a->package < b->package);
}

/* What is sorted instead of the records, which are large. */
typedef struct FoundKey
{
	uint64		rule_visit;		/* rank of the rule, then the visit */
	int32		line;			/* -1, the visit, is first */
	int32		index;			/* into found */
} FoundKey;

static inline int
compare_found(const FoundKey *a, const FoundKey *b, const ChargeAudit *audit)
{
	if (a->rule_visit != b->rule_visit)
		return a->rule_visit < b->rule_visit ? -1 : 1;
	if (a->line != b->line)
		return a->line < b->line ? -1 : 1;
	return compare_strength(audit, &audit->found[a->index], &audit->found[b->index]);
}

#define ST_SORT sort_found
#define ST_ELEMENT_TYPE FoundKey
#define ST_COMPARE(a, b, audit) compare_found(a, b, audit)
#define ST_COMPARE_ARG_TYPE const ChargeAudit
#define ST_CHECK_FOR_INTERRUPTS
#define ST_SCOPE static
#define ST_DEFINE
#include "lib/sort_template.h"

/* The records in the order of the answer, of each rule and line the strongest first. */
static FoundKey *
sorted_found(const ChargeAudit *audit)
{
	FoundKey   *keys = (FoundKey *)
	MemoryContextAllocHuge(CurrentMemoryContext,
						   mul_size(audit->found_count, sizeof(FoundKey)));

	for (int i = 0; i < audit->found_count; i++)
	{
		const Excess *excess = &audit->found[i];

		keys[i].rule_visit = (uint64) audit->scratch->rule_rank[excess->rule] << 32 |
			(uint32) excess->visit;
		keys[i].line = excess->line;
		keys[i].index = i;
	}
	sort_found(keys, audit->found_count, audit);
	return keys;
}

/* Fractions of the lines of one rule, visit and item add up to whole cents. */
typedef struct Cents
{
	FixedSum	gross;
	FixedSum	claimed;
	const Excess *last;
} Cents;

static void
round_excess(const ChargeAudit *audit, Cents *cents, Excess *excess)
{
	const LedgerLine *line = audit_line(audit, excess->line);
	const Excess *last = cents->last;

	if (last == NULL || last->rule != excess->rule || last->visit != excess->visit ||
		audit_line(audit, last->line)->item != line->item)
	{
		fixed_sum_init(&cents->gross);
		fixed_sum_init(&cents->claimed);
	}
	excess->gross = fixed_sum_next(&cents->gross, line->left_amount,
								   excess->part, excess->whole);
	excess->claimed = fixed_sum_next(&cents->claimed, line->left_claimed,
									 excess->part, excess->whole);
	cents->last = excess;
}

/* The answer: one record per rule and line, in its order, in money. */
static void
settle(ChargeAudit *audit)
{
	FoundKey   *keys = sorted_found(audit);
	Cents		cents = {.last = NULL};

	audit->answer = (Excess **)
		MemoryContextAllocHuge(CurrentMemoryContext,
							   mul_size(audit->found_count, sizeof(Excess *)));
	for (int i = 0; i < audit->found_count; i++)
	{
		Excess	   *excess = &audit->found[keys[i].index];

		if (i > 0 && keys[i].rule_visit == keys[i - 1].rule_visit &&
			keys[i].line == keys[i - 1].line)
		{
			Excess	   *strongest = audit->answer[audit->answer_count - 1];

			strongest->missing |= excess->insufficient && strongest->insufficient ?
				excess->missing : 0;
			continue;
		}
		audit->answer[audit->answer_count++] = excess;
		if (!excess->insufficient && !excess->settled && excess->line >= 0)
			round_excess(audit, &cents, excess);
	}
	pfree(keys);
}

/*
 * Sets an audit up in CurrentMemoryContext, the scratch of the call; RULES is
 * the argument that brings the rulebook, or negative.  False: no book.
 */
bool
charge_audit_open(ChargeAudit *audit, FunctionCallInfo fcinfo, int rules)
{
	RulebookCache *cache = rulebook_of_call(fcinfo, rules);

	memset(audit, 0, sizeof(*audit));
	if (PG_ARGISNULL(0))
		return false;
	audit->book = cache->book;
	audit->scratch = charge_scratch(cache);
	audit->ledger = ledger_open(PG_DETOAST_DATUM_PACKED(PG_GETARG_DATUM(0)));
	return true;
}

/* The whole audit, in CurrentMemoryContext, which is the scratch of the call. */
void
charge_audit_run(ChargeAudit *audit)
{
	ChargeScratch *scratch = audit->scratch;

	charge_audit_match(audit);
	link_runs(audit);
	evaluate_alone(audit);
	for (uint32 i = 0; i < scratch->active_set_count; i++)
		evaluate_set(audit, scratch->active_sets[i]);
	if (scratch->active_package_count > 0)
		evaluate_packages(audit);
	for (uint32 i = 0; i < scratch->visit_row_count; i++)
		evaluate_diagnosis(audit, scratch->visit_rows[i]);
	if (audit->found_count > 0)
	{
		doubt_found(audit);
		settle(audit);
	}
}
