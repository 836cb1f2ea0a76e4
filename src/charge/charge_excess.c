/*
 * charge_excess.c
 *		What is in excess: records, and the money that they come to.
 *
 * Evaluators record lines as they find them, as fractions of a line's amount.
 * Several rows of one rule may find the same line; settle() keeps one record of
 * each rule and line, the strongest: excess before what could not be judged,
 * then the surer, then the higher.  Of what is kept the fractions become cents,
 * so that the lines of one rule, visit and item add up to whole cents.
 *
 * Cost: O(1) per record, O(k log k) to settle k of them.  Memory: about 180
 * bytes per record, freed with the call.
 */
#include "postgres.h"
#include "base/compat.h"

#include "miscadmin.h"
#include "utils/memutils.h"

#include "base/array.h"
#include "charge/charge.h"

Excess *
record(ChargeAudit *audit, uint32 row, int32 line)
{
	static const Excess nothing = {
		.package = RULE_NONE,
		.whole = 1,
		.quantity = FIXED_NULL,
		.limit = FIXED_NULL,
		.total = FIXED_NULL,
		.partner = -1
	};
	Excess	   *excess;

	array_reserve(audit->found, audit->found_allocated, audit->found_count + 1);
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
	if (a->of_stay != b->of_stay)
		return a->of_stay ? -1 : 1;
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
	int			order;

	if (a->rule_visit != b->rule_visit)
		return a->rule_visit < b->rule_visit ? -1 : 1;
	if (a->line != b->line)
		return a->line < b->line ? -1 : 1;
	order = compare_strength(audit, &audit->found[a->index], &audit->found[b->index]);
	return order != 0 ? order : pg_cmp_s32(a->index, b->index);
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
	Size		size = mul_size(audit->found_count, sizeof(FoundKey));
	FoundKey   *keys = (FoundKey *) MemoryContextAllocHuge(CurrentMemoryContext, size);

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
void
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

/* What the records of the answer from FROM that are of one rule add up to; their end. */
int
sum_of_rule(const ChargeAudit *audit, int from, RuleSum *sum)
{
	uint32		rule = audit->answer[from]->rule;
	int			to;

	memset(sum, 0, sizeof(*sum));
	for (to = from; to < audit->answer_count && audit->answer[to]->rule == rule; to++)
	{
		const Excess *excess = audit->answer[to];

		if (excess->insufficient)
		{
			sum->insufficient++;
			continue;
		}
		sum->lines++;
		if (excess->line < 0)
			continue;
		sum->gross = fixed_add(sum->gross, excess->gross);
		sum->claimed = fixed_add(sum->claimed, excess->claimed);
	}
	return to;
}
