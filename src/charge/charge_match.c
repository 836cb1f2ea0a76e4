/*
 * charge_match.c
 *		What of a rulebook the items of a ledger meet.
 *
 * A statement sees the same few thousand codes in millions of books, so what a
 * code meets is looked up in the rulebook once and then kept; a book only asks
 * for its matches.  Where so many codes come that keeping them all would take
 * more than some 20 MB, they are forgotten and looked up anew.
 *
 * What a row says of one item alone, such as a price, is handed over to be
 * judged at once.  The rest is filed under the set of rows it belongs to (the
 * rows of one rule and item_group, or one row), so that only sets that meet
 * something are looked at.  The filing uses arrays as long as the rulebook
 * that are kept per statement and stamped with the number of the call: nothing
 * in a call costs time in proportion to the rulebook.
 *
 * Cost of a call: one hash for each distinct item and one step for each of its
 * matches.  The table of codes is larger than the nearest cache: keys are made for
 * some items at a time, and their places asked for, before the first is looked at.
 * Memory of a statement: 12 bytes for each set, 12 for each match and about 100 for
 * each code that is kept.
 */
#include "postgres.h"
#include "base/compat.h"

#include "miscadmin.h"
#include "utils/memutils.h"

#include "base/array.h"
#include "charge/charge.h"

/* Codes, and matches of them, that are kept at most: about 20 MB. */
#define KNOWN_CODES_MOST	65536
#define KNOWN_MATCHES_MOST	(1 << 20)

/* What one code meets: a row, package or component. */
typedef struct KnownMatch
{
	uint32		index;
	uint32		place;			/* its set or package */
	uint8		side;			/* RuleSide */
	uint8		kind;			/* RuleKind of a row */
	bool		alone;			/* judged by itself, not with its set */
} KnownMatch;

/*
 * A code as a key of fixed size: words that cover its bytes, and its length.
 * Longer codes are rare, and looked up each time.
 */
#define CODE_KEY_LONGEST	24

typedef struct CodeWords
{
	uint64		words[3];
	uint32		length;
	uint32		hash;
} CodeWords;

typedef struct KnownCode
{
	CodeWords	code;
	uint32		first;			/* index into matches */
	uint32		count;
	bool		folded;			/* else it meets nothing as it is */
	char		status;
} KnownCode;

static inline uint64
load_word(const char *at)
{
	uint64		word;

	memcpy(&word, at, sizeof(word));
	return word;
}

static inline bool
code_words_equal(const CodeWords *a, const CodeWords *b)
{
	return ((a->words[0] ^ b->words[0]) | (a->words[1] ^ b->words[1]) |
			(a->words[2] ^ b->words[2]) | (a->length ^ b->length)) == 0;
}

/* Codes differ in few bytes, anywhere: each step spreads them over the word. */
static inline uint32
code_words_hash(const CodeWords *key)
{
	const uint64 multiplier = UINT64CONST(0x9E3779B97F4A7C15);
	uint64		hash = (key->words[0] ^ key->length) * multiplier;

	hash = ((hash ^ hash >> 32) + key->words[1]) * multiplier;
	hash = ((hash ^ hash >> 32) + key->words[2]) * multiplier;
	hash = (hash ^ hash >> 32) * multiplier;
	return (uint32) (hash >> 32);
}

/* CODE is not longer than CODE_KEY_LONGEST. */
static inline CodeWords
code_words(TextSpan code)
{
	CodeWords	key = {{0, 0, 0}, (uint32) code.length, 0};

	if (code.length >= 8)
	{
		key.words[0] = load_word(code.data);
		key.words[1] = load_word(code.data + Min(code.length - 8, 8));
		key.words[2] = load_word(code.data + code.length - 8);
	}
	else
		for (int i = 0; i < code.length; i++)
			key.words[0] = key.words[0] << 8 | (uint8) code.data[i];
	key.hash = code_words_hash(&key);
	return key;
}

/* PostgreSQL's own table has parameters that it does not use itself. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wunused-parameter"
#define SH_PREFIX			known
#define SH_ELEMENT_TYPE		KnownCode
#define SH_KEY_TYPE			CodeWords
#define SH_KEY				code
#define SH_HASH_KEY(table, key)	(key).hash
#define SH_EQUAL(table, a, b)	code_words_equal(&(a), &(b))
#define SH_STORE_HASH
#define SH_GET_HASH(table, entry)	(entry)->code.hash
#define SH_FILLFACTOR		(0.5)	/* first place, mostly */
#define SH_SCOPE			static inline
#define SH_DEFINE
#define SH_DECLARE
#include "lib/simplehash.h"
#pragma GCC diagnostic pop

struct KnownCodes
{
	MemoryContext context;
	known_hash *codes;
	KnownMatch *matches;		/* of one code after the other */
	uint32		match_count;
	uint32		matches_allocated;
	RuleMatches found;			/* of the code that is looked up */
};

static uint8
flags_of_row(const Rulebook *book, const RuleRow *row)
{
	RuleKind	kind = (RuleKind) book->rules[row->rule].kind;
	uint8		flags = 0;

	if (!DATE_IS_NOBEGIN(row->valid_from) || !DATE_IS_NOEND(row->valid_to))
		flags |= ROW_HAS_VALIDITY;
	if (row->excluded_diagnosis_prefixes.count != RULE_NONE)
		flags |= ROW_HAS_EXCLUSIONS;
	if (scope_is_fine((RuleScope) row->scope))
		flags |= ROW_IS_FINE;
	if (scope_is_within_day((RuleScope) row->scope, row->scope_length))
		flags |= ROW_WITHIN_DAY;
	if (row->item_group.length == RULE_NONE &&
		(row->code_match == MATCH_PREFIX || row->code_match == MATCH_EVERY))
		flags |= ROW_PER_ITEM;

	/* these kinds judge their conditions themselves */
	if (kind != RULE_RESTRICTION && kind != RULE_DIAGNOSIS && rule_row_has_conditions(row))
		flags |= ROW_HAS_CONDITIONS;
	return flags;
}

static void *
alloc_zero_huge(MemoryContext context, Size count, Size each)
{
	return MemoryContextAllocExtended(context, mul_size(Max(count, 1), each),
									  MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);
}

/*
 * May what the row says of one item be judged without the rest of its set?
 * Conditions and prices are a matter of each line, repeats of each item; a cap
 * counts over all items that meet it, so it must be clear that only one does.
 */
static bool
row_stands_alone(const Rulebook *book, const RuleRow *row, uint8 flags, uint32 rows_of_set)
{
	switch ((RuleKind) book->rules[row->rule].kind)
	{
		case RULE_PRICE:
		case RULE_RESTRICTION:
		case RULE_OUTSIDE_STAY:
		case RULE_NOT_PAYABLE:
			return true;
		case RULE_DUPLICATE:
		case RULE_RESETTLED:
			return rows_of_set == 1;
		case RULE_QUANTITY:
		case RULE_AMOUNT:
		case RULE_PER_BED_DAY:
		case RULE_COURSE:
			return rows_of_set == 1 &&
				((flags & ROW_PER_ITEM) ||
				 (row->code_match == MATCH_EXACT && book->alias_count == 0));
		default:
			return false;
	}
}

/* Hours of a day, which may not be more than those of the stay either. */
static bool
row_counts_hours(const Rulebook *book, const RuleRow *row)
{
	return book->rules[row->rule].kind == RULE_QUANTITY &&
		scope_is_calendar((RuleScope) row->scope, row->scope_length) &&
		row->scope != SCOPE_HOUR && row_unit(book, row) == UNIT_HOUR;
}

static void
set_row_flags(ChargeScratch *scratch, const Rulebook *book)
{
	uint32	   *rows_of_set = (uint32 *) alloc_zero_huge(CurrentMemoryContext, book->set_count, sizeof(uint32));

	for (uint32 i = 0; i < book->row_count; i++)
		rows_of_set[book->rows[i].set]++;
	for (uint32 i = 0; i < book->row_count; i++)
	{
		const RuleRow *row = &book->rows[i];
		uint8		flags = flags_of_row(book, row);

		if (row_stands_alone(book, row, flags, rows_of_set[row->set]))
			flags |= ROW_ALONE;
		if (row_counts_hours(book, row))
			flags |= ROW_COUNTS_HOURS;
		scratch->row_flags[i] = flags;
	}
	pfree(rows_of_set);
}

static int
compare_rule_codes(const void *a, const void *b, void *arg)
{
	const Rulebook *book = (const Rulebook *) arg;

	return text_span_compare(rule_text(book, book->rules[*(const uint32 *) a].rule_code),
							 rule_text(book, book->rules[*(const uint32 *) b].rule_code));
}

static void
rank_rules(ChargeScratch *scratch, const Rulebook *book, MemoryContext context)
{
	uint32	   *order = (uint32 *) MemoryContextAllocHuge(context,
														  mul_size(book->rule_count + 1, sizeof(uint32)));

	scratch->rule_rank = (uint32 *) MemoryContextAllocHuge(context,
														   mul_size(book->rule_count + 1, sizeof(uint32)));
	for (uint32 i = 0; i < book->rule_count; i++)
		order[i] = i;
	qsort_arg(order, book->rule_count, sizeof(uint32), compare_rule_codes, unconstify(Rulebook *, book));
	for (uint32 i = 0; i < book->rule_count; i++)
		scratch->rule_rank[order[i]] = i;
	pfree(order);
}

/* Forgets all codes. */
static void
known_codes_reset(KnownCodes *known)
{
	MemoryContext outside;

	MemoryContextReset(known->context);
	outside = MemoryContextSwitchTo(known->context);
	known->codes = known_create(known->context, 1024, NULL);
	known->match_count = 0;
	known->matches_allocated = 4096;
	known->matches = (KnownMatch *) palloc(known->matches_allocated * sizeof(KnownMatch));
	known->found.allocated = 64;
	known->found.matches = (RuleMatch *) palloc(known->found.allocated * sizeof(RuleMatch));
	MemoryContextSwitchTo(outside);
}

static KnownCodes *
known_codes_create(MemoryContext context)
{
	KnownCodes *known = (KnownCodes *) MemoryContextAlloc(context, sizeof(KnownCodes));

	known->context = AllocSetContextCreate(context, "medaudit known codes", ALLOCSET_DEFAULT_SIZES);
	known_codes_reset(known);
	return known;
}

static KnownMatch
known_match(const ChargeScratch *scratch, const Rulebook *book, const RuleMatch *match)
{
	KnownMatch	known = {
		.index = match->index,
		.side = match->side
	};

	if (match->side == SIDE_PACKAGE)
		known.place = match->index;
	else if (match->side == SIDE_COMPONENT)
		known.place = book->components[match->index].package;
	else
	{
		const RuleRow *row = &book->rows[match->index];

		known.place = row->set;
		known.kind = book->rules[row->rule].kind;
		known.alone = match->side == SIDE_ITEM && (scratch->row_flags[match->index] & ROW_ALONE);
	}
	return known;
}

/* Looks CODE up in the rulebook and keeps what it meets, from the last match on. */
static void
look_up_code(ChargeScratch *scratch, const Rulebook *book, TextSpan code)
{
	KnownCodes *known = scratch->known;

	known->found.count = 0;
	rulebook_match(book, code, 0, &known->found);
	array_reserve(known->matches, known->matches_allocated,
				  known->match_count + (uint32) known->found.count);
	for (int i = 0; i < known->found.count; i++)
		known->matches[known->match_count++] = known_match(scratch, book, &known->found.matches[i]);
}

/* Looks a code up that has not been met; forgets the others where they are many. */
static KnownCode *
learn_code(ChargeScratch *scratch, const Rulebook *book, TextSpan code, CodeWords key)
{
	KnownCodes *known = scratch->known;
	bool		folded = code_is_folded(code);
	KnownCode  *entry;
	uint32		first;
	bool		found;

	if (known->codes->members >= KNOWN_CODES_MOST || known->match_count >= KNOWN_MATCHES_MOST)
		known_codes_reset(known);
	first = known->match_count;
	if (folded)
		look_up_code(scratch, book, code);
	entry = known_insert(known->codes, key, &found);
	entry->first = first;
	entry->count = known->match_count - first;
	entry->folded = folded;
	return entry;
}

/* A code longer than a key: looked up each time, kept until the next one is. */
static void
look_up_long_code(ChargeScratch *scratch, const Rulebook *book, TextSpan code, KnownCode *entry)
{
	KnownCodes *known = scratch->known;

	entry->first = known->match_count;
	entry->folded = code_is_folded(code);
	if (entry->folded)
		look_up_code(scratch, book, code);
	entry->count = known->match_count - entry->first;
	known->match_count = entry->first;
}

/* The scratch of a rulebook, made on its first use in a statement. */
ChargeScratch *
charge_scratch(RulebookCache *cache)
{
	const Rulebook *book = cache->book;
	ChargeScratch *scratch = (ChargeScratch *) cache->detector;
	MemoryContext context = cache->context;

	if (scratch != NULL)
		return scratch;
	scratch = (ChargeScratch *) MemoryContextAllocZero(context, sizeof(ChargeScratch));
	scratch->sets = (SetSeen *) alloc_zero_huge(context, book->set_count, sizeof(SetSeen));
	scratch->packages = (SetSeen *) alloc_zero_huge(context, book->package_count, sizeof(SetSeen));
	scratch->row_flags = (uint8 *) alloc_zero_huge(context, book->row_count, 1);
	scratch->active_sets = (uint32 *) alloc_zero_huge(context, book->set_count, sizeof(uint32));
	scratch->active_packages = (uint32 *) alloc_zero_huge(context, book->package_count, sizeof(uint32));
	set_row_flags(scratch, book);
	for (uint32 i = 0; i < book->row_count; i++)
		if (book->rules[book->rows[i].rule].kind == RULE_DIAGNOSIS)
			scratch->visit_row_count++;
	scratch->visit_rows = (uint32 *) alloc_zero_huge(context, scratch->visit_row_count, sizeof(uint32));
	scratch->visit_row_count = 0;
	for (uint32 i = 0; i < book->row_count; i++)
		if (book->rules[book->rows[i].rule].kind == RULE_DIAGNOSIS)
			scratch->visit_rows[scratch->visit_row_count++] = i;
	rank_rules(scratch, book, context);
	scratch->context = context;
	scratch->shape.context = context;
	scratch->filed_allocated = 256;
	scratch->filed = (RuleMatch *) MemoryContextAlloc(context, scratch->filed_allocated * sizeof(RuleMatch));
	scratch->next = (int32 *) MemoryContextAlloc(context, scratch->filed_allocated * sizeof(int32));
	scratch->known = known_codes_create(context);
	cache->detector = scratch;
	return scratch;
}

/* Begins a call: stamps of earlier ones become void. */
static void
scratch_next_call(ChargeScratch *scratch, const Rulebook *book)
{
	if (++scratch->epoch == 0)
	{
		memset(scratch->sets, 0, book->set_count * sizeof(SetSeen));
		memset(scratch->packages, 0, book->package_count * sizeof(SetSeen));
		scratch->epoch = 1;
	}
	scratch->filed_count = 0;
	for (int kind = 0; kind < RULE_KINDS; kind++)
		scratch->alone[kind].count = 0;
	scratch->active_set_count = 0;
	scratch->active_package_count = 0;
}

/* Files match NUMBER under SEEN; true when it is the first there. */
static inline bool
file_match(ChargeScratch *scratch, SetSeen *seen, int number, RuleSide side)
{
	bool		first = seen->epoch != scratch->epoch;

	if (first)
	{
		seen->epoch = scratch->epoch;
		seen->head = -1;
		seen->sides = 0;
	}
	scratch->next[number] = seen->head;
	seen->head = number;
	seen->sides |= 1U << side;
	return first;
}

static void
file_item_match(ChargeScratch *scratch, const KnownMatch *match, int32 item)
{
	int			number = scratch->filed_count++;
	RuleSide	side = (RuleSide) match->side;

	if (number == scratch->filed_allocated)
	{
		array_reserve(scratch->filed, scratch->filed_allocated, number + 1);
		scratch->next = array_resize(scratch->context, scratch->next,
									 scratch->filed_allocated, sizeof(int32));
	}
	scratch->filed[number].index = match->index;
	scratch->filed[number].side = match->side;
	scratch->filed[number].item = item;
	if (side == SIDE_ITEM || side == SIDE_OTHER)
	{
		if (file_match(scratch, &scratch->sets[match->place], number, side))
			scratch->active_sets[scratch->active_set_count++] = match->place;
	}
	else if (file_match(scratch, &scratch->packages[match->place], number, side))
		scratch->active_packages[scratch->active_package_count++] = match->place;
}

static void
keep_alone(ChargeScratch *scratch, const KnownMatch *match, int32 item)
{
	MatchList  *alone = &scratch->alone[match->kind];
	SetMatch   *place;

	array_reserve_in(scratch->context, alone->list, alone->allocated, alone->count + 1);
	place = &alone->list[alone->count++];
	place->row = match->index;
	place->item = item;
	place->side = match->side;
}

/* Keys that are made before the first is looked at. */
#define KEYS_AHEAD	32

/* What COUNT items from FIRST on are looked up by. */
static void
make_keys(const ChargeAudit *audit, int32 first, int32 count, CodeWords *keys)
{
	const struct known_hash *codes = audit->scratch->known->codes;

	for (int32 i = 0; i < count; i++)
	{
		TextSpan	code = audit->ledger->items[first + i];

		if (code.length > CODE_KEY_LONGEST)
			continue;
		keys[i] = code_words(code);
		__builtin_prefetch(&codes->data[keys[i].hash & codes->sizemask]);
	}
}

/* What one item meets: what is judged alone, and the rest filed.  False: its code is not folded. */
static bool
match_item(ChargeAudit *audit, int32 item, CodeWords key)
{
	ChargeScratch *scratch = audit->scratch;
	TextSpan	code = audit->ledger->items[item];
	KnownCode	long_code;
	const KnownCode *entry = &long_code;
	const KnownMatch *matches;

	if (unlikely(code.length > CODE_KEY_LONGEST))
		look_up_long_code(scratch, audit->book, code, &long_code);
	else
	{
		entry = known_lookup(scratch->known->codes, key);
		if (unlikely(entry == NULL))
			entry = learn_code(scratch, audit->book, code, key);
	}
	matches = scratch->known->matches + entry->first;
	for (uint32 i = 0; i < entry->count; i++)
		if (matches[i].alone)
			keep_alone(scratch, &matches[i], item);
		else
			file_item_match(scratch, &matches[i], item);
	return entry->folded;
}

static bool
match_items(ChargeAudit *audit)
{
	int32		count = audit->ledger->item_count;
	bool		folded = true;
	CodeWords	keys[KEYS_AHEAD];

	scratch_next_call(audit->scratch, audit->book);
	for (int32 first = 0; folded && first < count; first += KEYS_AHEAD)
	{
		int32		next = Min(count - first, KEYS_AHEAD);

		CHECK_FOR_INTERRUPTS();
		make_keys(audit, first, next, keys);
		for (int32 i = 0; folded && i < next; i++)
			folded = match_item(audit, first + i, keys[i]);
	}
	return folded;
}

/* Finds what every item meets, by its folded code. */
void
charge_audit_match(ChargeAudit *audit)
{
	if (match_items(audit))
		return;
	ledger_fold(audit->ledger);
	if (!match_items(audit))
		elog(ERROR, "a folded code is not folded");
}

/* An exclusive pair needs both its sides, all others the item. */
static bool
set_is_complete(const ChargeAudit *audit, const SetSeen *seen)
{
	const RuleRow *row = audit_row(audit, audit->scratch->filed[seen->head].index);

	if (audit->book->rules[row->rule].kind == RULE_EXCLUSIVE)
		return seen->sides == ((1 << SIDE_ITEM) | (1 << SIDE_OTHER));
	return (seen->sides & (1 << SIDE_ITEM)) != 0;
}

/* Marks the items of the list that begins at HEAD. */
static void
want_filed(const ChargeScratch *scratch, bool *wanted, int32 head)
{
	for (int32 i = head; i >= 0; i = scratch->next[i])
		wanted[scratch->filed[i].item] = true;
}

/* Forgets the sets that are not complete, and marks the items of the rest. */
static void
want_sets(ChargeAudit *audit, bool *wanted)
{
	ChargeScratch *scratch = audit->scratch;
	uint32		kept = 0;

	for (uint32 i = 0; i < scratch->active_set_count; i++)
	{
		uint32		set = scratch->active_sets[i];

		if (!set_is_complete(audit, &scratch->sets[set]))
			continue;
		want_filed(scratch, wanted, scratch->sets[set].head);
		scratch->active_sets[kept++] = set;
	}
	scratch->active_set_count = kept;
}

static void
want_alone(const ChargeScratch *scratch, bool *wanted)
{
	for (int kind = 0; kind < RULE_KINDS; kind++)
	{
		const MatchList *alone = &scratch->alone[kind];

		for (int i = 0; i < alone->count; i++)
			wanted[alone->list[i].item] = true;
	}
}

/*
 * Reads the lines of the items whose matches are judged; all of them where rows
 * look at visits.  False: there is nothing to judge, and no line is read.
 */
bool
charge_audit_read(ChargeAudit *audit)
{
	ChargeScratch *scratch = audit->scratch;
	Ledger	   *ledger = audit->ledger;
	bool	   *wanted = (bool *) MemoryContextAllocExtended(CurrentMemoryContext, Max(ledger->item_count, 1),
															 MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);
	bool		any;

	want_alone(scratch, wanted);
	want_sets(audit, wanted);
	for (uint32 i = 0; i < scratch->active_package_count; i++)
		want_filed(scratch, wanted, scratch->packages[scratch->active_packages[i]].head);
	any = memchr(wanted, true, ledger->item_count) != NULL;
	if (!any && scratch->visit_row_count == 0)
		return false;
	ledger_read_lines(ledger, scratch->visit_row_count > 0 ? NULL : wanted);
	return true;
}

/* The matches of a set, in the order of the items; how many. */
int
collect_set(ChargeAudit *audit, const SetSeen *seen)
{
	ChargeScratch *scratch = audit->scratch;
	const RuleMatch *matches = scratch->filed;
	int			count = 0;
	int			place;

	for (int32 i = seen->head; i >= 0; i = scratch->next[i])
		count++;
	if (count > audit->set_matches_allocated)
	{
		audit->set_matches_allocated = Max(count, 64);
		audit->set_matches = (SetMatch *)
			MemoryContextAllocHuge(CurrentMemoryContext,
								   mul_size(audit->set_matches_allocated, sizeof(SetMatch)));
	}

	/* the list runs backwards */
	place = count;
	for (int32 i = seen->head; i >= 0; i = scratch->next[i])
	{
		SetMatch   *match = &audit->set_matches[--place];

		match->row = matches[i].index;
		match->item = matches[i].item;
		match->side = matches[i].side;
	}
	return count;
}
