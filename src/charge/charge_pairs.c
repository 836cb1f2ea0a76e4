/*
 * charge_pairs.c
 *		One charge beside another: exclusive and prerequisite.
 *
 * The partners of a row are sorted by key, those without a time of day (where
 * the scope wants one) apart by their day.  Whether a line has a partner is
 * then a binary search for its window.  A partner is certain when both times
 * are known, possible when a time of day could bring it into the window.
 *
 * What contains an item is charged by the same provider: the partners of an
 * exclusive line are those of its own provider, and possible ones those of
 * visits that may be of one, because the facility of either is not known.  A
 * prerequisite may have been charged anywhere; where it is the class of the drug
 * itself, another drug of that class is meant.
 *
 * Cost: O((a + b) log b) for a lines against b partners; nothing when only one
 * side of an exclusive pair is in the book.
 */
#include "postgres.h"
#include "base/compat.h"

#include "miscadmin.h"

#include "charge/charge_kinds.h"

/* Some of the partners, in order; but the first are made when asked for. */
typedef enum PartnerChoice
{
	PARTNERS_OWN,				/* all, by provider and then by key */
	PARTNERS_CLEAR,				/* so, those whose date is not in doubt */
	PARTNERS_UNKNOWN,			/* of visits whose provider is not known, by
								 * key */
	PARTNERS_ANY,				/* all, by key */
	PARTNER_CHOICES
} PartnerChoice;

typedef struct PartnerList
{
	bool		made;
	Candidates	timed;
	Candidates	untimed;		/* at the midnight before */
} PartnerList;

/* The partners of one row or set. */
typedef struct Partners
{
	ChargeAudit *audit;
	const int32 *providers;		/* NULL: all are of one, or it does not matter */
	PartnerList lists[PARTNER_CHOICES];
} Partners;

static inline int32
provider_of(const Partners *partners, int32 line)
{
	if (partners->providers == NULL)
		return 0;
	return partners->providers[audit_line(partners->audit, line)->visit];
}

static inline int
compare_partners(const Candidate *a, const Candidate *b, const Partners *partners)
{
	int32		x = provider_of(partners, a->line);
	int32		y = provider_of(partners, b->line);

	if (x != y)
		return x < y ? -1 : 1;
	if (a->key != b->key)
		return a->key < b->key ? -1 : 1;
	if (a->at != b->at)
		return a->at < b->at ? -1 : 1;
	if (a->line != b->line)
		return a->line < b->line ? -1 : 1;
	return (a->row > b->row) - (a->row < b->row);
}

#define ST_SORT sort_partners
#define ST_ELEMENT_TYPE Candidate
#define ST_COMPARE(a, b, partners) compare_partners(a, b, partners)
#define ST_COMPARE_ARG_TYPE const Partners
#define ST_CHECK_FOR_INTERRUPTS
#define ST_SCOPE static
#define ST_DEFINE
#include "lib/sort_template.h"

static void
sort_list(const Partners *partners, Candidates *list, bool by_provider)
{
	if (by_provider && partners->providers != NULL)
		sort_partners(list->list, list->count, partners);
	else
		candidates_sort(list);
}

static Candidate *
candidates_room(int count)
{
	return (Candidate *) MemoryContextAllocHuge(CurrentMemoryContext, mul_size(count, sizeof(Candidate)));
}

/* All of audit->others, of which the timed ones stay where they are. */
static void
split_partners(Partners *partners)
{
	Candidates *all = &partners->audit->others;
	PartnerList *own = &partners->lists[PARTNERS_OWN];
	int			kept = 0;

	for (int i = 0; i < all->count; i++)
	{
		Candidate  *place;

		if (!all->list[i].untimed)
		{
			all->list[kept++] = all->list[i];
			continue;
		}
		if (own->untimed.list == NULL)
			own->untimed.list = candidates_room(all->count);
		place = &own->untimed.list[own->untimed.count++];
		*place = all->list[i];
		place->key = midnight_of_day(ledger_line_day(audit_line(partners->audit, place->line)));
	}
	own->made = true;
	own->timed = *all;
	own->timed.count = kept;
	sort_list(partners, &own->timed, true);
	sort_list(partners, &own->untimed, true);
}

/* May a line of that many be of as many days of its stay? */
static bool
fits_stay(ChargeAudit *audit, const LedgerLine *line)
{
	const VisitStay *stay = stay_of_visit(audit, line->visit);

	return stay->kind == STAY_OPEN ||
		(stay->kind == STAY_CLOSED && line->left_quantity <= stay->whole.dates * FIXED_ONE);
}

/*
 * Counts the line more than one day of what is charged by the day?  Where its
 * row has no unit, as many as the stay has may be days: nursing x 3, but not 24
 * hours of it.
 */
static bool
line_counts_days(ChargeAudit *audit, uint32 row_number, int32 number)
{
	const RuleRow *row = audit_row(audit, row_number);
	const LedgerLine *line = audit_line(audit, number);
	RowUnit		unit;

	if (!scope_is_calendar((RuleScope) row->scope, row->scope_length) || row->scope == SCOPE_HOUR ||
		line->left_quantity <= FIXED_ONE)
		return false;
	unit = row_unit(audit->book, row);
	return unit == UNIT_DAY || (unit == UNIT_NONE && fits_stay(audit, line));
}

/* May the date of the line be that of posting, so that the pair was none? */
static bool
date_is_in_doubt(ChargeAudit *audit, uint32 row, int32 line)
{
	return (doubts_of_line(audit, row, line) & DOUBT_POSTED_LATE) ||
		line_counts_days(audit, row, line);
}

static bool
is_chosen(ChargeAudit *audit, PartnerChoice choice, uint32 row, const Candidate *partner)
{
	switch (choice)
	{
		case PARTNERS_CLEAR:
			return !date_is_in_doubt(audit, row, partner->line);
		case PARTNERS_UNKNOWN:
			return !provider_is_known(audit, audit_line(audit, partner->line)->visit);
		default:
			return true;
	}
}

static void
choose(const Partners *partners, PartnerChoice choice, uint32 row, const Candidates *from,
	   Candidates *into)
{
	into->list = candidates_room(Max(from->count, 1));
	for (int i = 0; i < from->count; i++)
		if (is_chosen(partners->audit, choice, row, &from->list[i]))
			into->list[into->count++] = from->list[i];
	sort_list(partners, into, choice == PARTNERS_CLEAR);
}

/* The partners of that choice; ROW is that of all who ask. */
static const PartnerList *
partners_of(Partners *partners, PartnerChoice choice, uint32 row)
{
	const PartnerList *own = &partners->lists[PARTNERS_OWN];
	PartnerList *list = &partners->lists[choice];

	if (list->made)
		return list;
	list->made = true;
	choose(partners, choice, row, &own->timed, &list->timed);
	choose(partners, choice, row, &own->untimed, &list->untimed);
	return list;
}

/* The lists that were made beside audit->others. */
static void
partners_free(Partners *partners)
{
	for (int i = 0; i < PARTNER_CHOICES; i++)
	{
		if (i != PARTNERS_OWN && partners->lists[i].timed.list != NULL)
			pfree(partners->lists[i].timed.list);
		if (partners->lists[i].untimed.list != NULL)
			pfree(partners->lists[i].untimed.list);
	}
}

/*
 * Is the partner, asked for as another drug of a class, the drug itself?  A row
 * whose other_code is how its own drug begins (XL01EL% beside an XL01EL...) asks for
 * another one, and strengths, packs and companies of one generic name are one drug.
 */
static bool
is_same_drug(ChargeAudit *audit, const RuleRow *row, const RuleRow *other, int32 partner)
{
	const Rulebook *book = audit->book;
	TextSpan	drug = rule_text(book, row->item_code);
	TextSpan	class = rule_text(book, other->other_code);

	if (other->other_match != MATCH_PREFIX || book->rules[row->rule].kind != RULE_PREREQUISITE ||
		drug.length < class.length || memcmp(drug.data, class.data, class.length - 1) != 0)
		return false;
	return rulebook_same_drug(book, drug, ledger_line_code(audit->ledger, audit_line(audit, partner)));
}

/* May PARTNER stand beside the line?  A line is never its own. */
static bool
partner_serves(ChargeAudit *audit, const Candidate *candidate, const Candidate *partner)
{
	const RuleRow *row = audit_row(audit, candidate->row);
	const RuleRow *other = audit_row(audit, partner->row);

	if (candidate->line == partner->line || is_same_drug(audit, row, other, partner->line))
		return false;
	return date_is_valid(row->valid_from, row->valid_to,
						 ledger_line_day(audit_line(audit, partner->line))) &&
		date_is_valid(other->valid_from, other->valid_to,
					  ledger_line_day(audit_line(audit, candidate->line)));
}

/* The first of LIST, by provider where BY_PROVIDER, at that key and time or later. */
static int
list_find(const Partners *partners, const Candidates *list, bool by_provider, int32 provider,
		  int64 key, Timestamp at)
{
	int			low = 0;
	int			high = list->count;

	while (low < high)
	{
		int			middle = low + (high - low) / 2;
		const Candidate *partner = &list->list[middle];
		int32		own = by_provider ? provider_of(partners, partner->line) : provider;

		if (own < provider ||
			(own == provider && (partner->key < key || (partner->key == key && partner->at < at))))
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* The first partner of that choice between FROM and TO; -1: none. */
static int32
partner_between(Partners *partners, const Candidate *candidate, PartnerChoice choice,
				const Candidates *list, int64 from, int64 to)
{
	bool		by_provider = choice == PARTNERS_OWN || choice == PARTNERS_CLEAR;
	int32		provider = provider_of(partners, candidate->line);

	for (int i = list_find(partners, list, by_provider, provider, from, PG_INT64_MIN);
		 i < list->count; i++)
	{
		CHECK_FOR_INTERRUPTS();
		if (list->list[i].key > to ||
			(by_provider && provider_of(partners, list->list[i].line) != provider))
			break;
		if (partner_serves(partners->audit, candidate, &list->list[i]))
			return list->list[i].line;
	}
	return -1;
}

static ScopeWindow
window_of(ChargeAudit *audit, const Candidate *candidate)
{
	const RuleRow *row = audit_row(audit, candidate->row);

	return scope_window_possible((RuleScope) row->scope, row->scope_length,
								 audit_line(audit, candidate->line));
}

/* A partner whose times are known, as is that of the line; -1: none. */
static int32
certain_partner(Partners *partners, const Candidate *candidate, PartnerChoice choice)
{
	ScopeWindow window = window_of(partners->audit, candidate);

	if (candidate->untimed)
		return -1;
	return partner_between(partners, candidate, choice,
						   &partners_of(partners, choice, candidate->row)->timed,
						   window.from, window.to);
}

/* What could be a partner if only the times of day were known. */
static int32
possible_partner(Partners *partners, const Candidate *candidate, PartnerChoice choice)
{
	const PartnerList *list = partners_of(partners, choice, candidate->row);
	ScopeWindow window = window_of(partners->audit, candidate);
	int32		partner = -1;

	if (candidate->untimed)
		partner = partner_between(partners, candidate, choice, &list->timed, window.from, window.to);
	if (partner < 0 && list->untimed.count > 0)
		partner = partner_between(partners, candidate, choice, &list->untimed,
								  window.from - USECS_PER_DAY + 1, window.to);
	return partner;
}

static void
explain_pair(ChargeAudit *audit, Excess *excess, const Candidate *candidate, int32 partner)
{
	if (partner >= 0)
		record_partner(audit, excess, partner);
	if (!scope_is_visit((RuleScope) audit_row(audit, candidate->row)->scope))
		record_window(excess, window_of(audit, candidate));
}

/* ---- exclusive ---- */

/* Of a visit, a partner on the date of the line; -1: none. */
static int32
partner_on_date(Partners *partners, const Candidate *candidate)
{
	const Candidates *list = &partners->lists[PARTNERS_OWN].timed;
	Timestamp	midnight = midnight_of_day(day_of_timestamp(candidate->at));

	for (int i = list_find(partners, list, false, 0, candidate->key, midnight);
		 i < list->count; i++)
	{
		CHECK_FOR_INTERRUPTS();
		if (list->list[i].key != candidate->key || list->list[i].at >= midnight + USECS_PER_DAY)
			break;
		if (partner_serves(partners->audit, candidate, &list->list[i]))
			return list->list[i].line;
	}
	return -1;
}

/*
 * The partner with which the pair is the surest, and what is in doubt of it: in
 * a visit one on the date of the line, within a day one whose date is sure.
 */
static int32
surest_partner(Partners *partners, const Candidate *candidate, uint32 *doubt)
{
	ChargeAudit *audit = partners->audit;
	int32		partner = certain_partner(partners, candidate, PARTNERS_OWN);
	int32		surer = -1;

	*doubt = 0;
	if (partner < 0)
		return -1;
	if (audit_row(audit, candidate->row)->scope == SCOPE_VISIT)
	{
		surer = partner_on_date(partners, candidate);
		*doubt = surer < 0 ? DOUBT_OTHER_SESSION : 0;
	}
	else if (date_is_in_doubt(audit, candidate->row, candidate->line))
		*doubt = DOUBT_POSTED_LATE;
	else if (date_is_in_doubt(audit, candidate->row, partner))
	{
		surer = certain_partner(partners, candidate, PARTNERS_CLEAR);
		*doubt = surer < 0 ? DOUBT_POSTED_LATE : 0;
	}
	return surer < 0 ? partner : surer;
}

/* What may be a partner, and what was not known to say that it is. */
static int32
doubtful_partner(Partners *partners, const Candidate *candidate, uint32 *missing)
{
	int32		visit = audit_line(partners->audit, candidate->line)->visit;
	PartnerChoice choice;
	int32		partner = possible_partner(partners, candidate, PARTNERS_OWN);

	*missing = NEEDS_TIME_OF_DAY;
	if (partner >= 0 || partners->providers == NULL)
		return partner;
	choice = provider_is_known(partners->audit, visit) ? PARTNERS_UNKNOWN : PARTNERS_ANY;
	*missing = NEEDS_FACILITY_ID;
	partner = certain_partner(partners, candidate, choice);
	if (partner >= 0)
		return partner;
	*missing = NEEDS_FACILITY_ID | NEEDS_TIME_OF_DAY;
	return possible_partner(partners, candidate, choice);
}

static void
judge_exclusive(Partners *partners, const Candidate *candidate)
{
	ChargeAudit *audit = partners->audit;
	uint32		missing = 0;
	uint32		doubt;
	int32		partner = surest_partner(partners, candidate, &doubt);
	Excess	   *excess;

	if (partner < 0)
		partner = doubtful_partner(partners, candidate, &missing);
	if (partner < 0)
		return;
	missing |= candidate->missing;
	excess = missing == 0 ? record_whole(audit, candidate->row, candidate->line) :
		record_insufficient(audit, candidate->row, candidate->line, missing);
	excess->doubt = missing == 0 ? doubt : 0;
	explain_pair(audit, excess, candidate, partner);
}

static int
compare_matches_by_row(const void *a, const void *b)
{
	const SetMatch *x = (const SetMatch *) a;
	const SetMatch *y = (const SetMatch *) b;

	if (x->row != y->row)
		return x->row < y->row ? -1 : 1;
	return x->item != y->item ? (x->item < y->item ? -1 : 1) : (int) x->side - (int) y->side;
}

/*
 * Lines present as partners: the row's validity holds for them, but not what
 * it says of the visits it applies to; self-paid ones are present, too.
 */
static void
gather_partners(Partners *partners, ChargeAudit *audit, const SetMatch *matches, int count,
				RuleSide side, bool of_one_provider)
{
	memset(partners, 0, sizeof(*partners));
	partners->audit = audit;
	gather(audit, &audit->others, matches, count, side, 0);
	if (of_one_provider && audit->others.count > 0 &&
		!(candidates_of_one_visit(audit, &audit->items) &&
		  candidates_of_one_visit(audit, &audit->others) &&
		  audit_line(audit, audit->items.list[0].line)->visit ==
		  audit_line(audit, audit->others.list[0].line)->visit))
		partners->providers = providers_of_visits(audit);
	split_partners(partners);
}

/* The lines of one row's other side against those of its item. */
static void
evaluate_exclusive_row(ChargeAudit *audit, const SetMatch *matches, int count)
{
	Partners	partners;
	bool		across = !scope_is_visit((RuleScope) audit_row(audit, matches[0].row)->scope);

	gather(audit, &audit->items, matches, count, SIDE_OTHER, GATHER_JUDGED);
	if (audit->items.count == 0)
		return;
	gather_partners(&partners, audit, matches, count, SIDE_ITEM, across);
	for (int i = 0; i < audit->items.count && audit->others.count > 0; i++)
		judge_exclusive(&partners, &audit->items.list[i]);
	partners_free(&partners);
}

/* exclusive: the other's lines while the item is charged, row by row. */
void
evaluate_exclusive(ChargeAudit *audit, const SetMatch *matches, int count)
{
	SetMatch   *sorted = (SetMatch *) matches;

	if (count > 2)
		qsort(sorted, count, sizeof(SetMatch), compare_matches_by_row);
	for (int from = 0, to; from < count; from = to)
	{
		CHECK_FOR_INTERRUPTS();
		for (to = from + 1; to < count; to++)
			if (sorted[to].row != sorted[from].row)
				break;
		if (to - from >= 2)
			evaluate_exclusive_row(audit, sorted + from, to - from);
	}
}

/* ---- prerequisite ---- */

static void
judge_prerequisite(Partners *partners, const Candidate *candidate)
{
	ChargeAudit *audit = partners->audit;
	uint32		missing = candidate->missing;
	Excess	   *excess;
	int32		partner;

	if (certain_partner(partners, candidate, PARTNERS_OWN) >= 0)
		return;
	partner = possible_partner(partners, candidate, PARTNERS_OWN);
	if (partner >= 0)
		missing |= NEEDS_TIME_OF_DAY;
	excess = missing == 0 ? record_whole(audit, candidate->row, candidate->line) :
		record_insufficient(audit, candidate->row, candidate->line, missing);
	explain_pair(audit, excess, candidate, partner);
}

/* prerequisite: the item without any of the set's others in its scope. */
void
evaluate_prerequisite(ChargeAudit *audit, const SetMatch *matches, int count)
{
	Candidates *items = &audit->items;
	Partners	partners;

	gather(audit, items, matches, count, SIDE_ITEM, GATHER_JUDGED);
	if (items->count == 0)
		return;
	gather_partners(&partners, audit, matches, count, SIDE_OTHER, false);
	for (int i = 0; i < items->count; i++)
	{
		CHECK_FOR_INTERRUPTS();
		judge_prerequisite(&partners, &items->list[i]);
	}
	partners_free(&partners);
}
