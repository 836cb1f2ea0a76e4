/*
 * rulebook_index.c
 *		Which rows of a rulebook an item code meets: the index, and looking up.
 *
 * Every code of a rulebook is a key: the bytes that are compared (all of them,
 * or without province, company, …) and how (RuleCodeMatch).  A key names its
 * postings, the rows, packages and components that carry it.  Keys are found
 * by open addressing in 32-bit slots that hold the number of a key and, in the
 * bits left, a tag of the hash.  Before them stands a filter of two bits a
 * key: 1 MB for a million keys, so that a code that meets nothing seldom goes
 * further and seldom misses the cache.  A code is looked up once for each way of matching and each
 * length of prefix that the book contains, and for nothing else.
 *
 * Aliases cost nothing where there are none: a second index maps a local code
 * to what its national codes meet and it does not meet itself, worked out when
 * the book is built.
 *
 * Look-up: one hash and about one cache line for each way of matching.  Space:
 * at most 16 bytes of slots, 2 of filter, 20 of key and 4 of posting for each
 * code.
 */
#include "postgres.h"
#include "base/compat.h"

#include "miscadmin.h"
#include "port/pg_bitutils.h"
#include "port/pg_bswap.h"
#include "utils/memutils.h"

#include "base/array.h"
#include "rulebook/rulebook_code.h"
#include "rulebook/rulebook_index.h"

static inline uint64
load_eight(const char *at)
{
	uint64		word;

	memcpy(&word, at, 8);
#ifdef WORDS_BIGENDIAN
	word = pg_bswap64(word);
#endif
	return word;
}

/* The same on every platform, as slots are part of the stored value. */
static inline uint64
hash_code(const char *data, int length, uint8 match)
{
	const uint64 multiplier = UINT64CONST(0x9E3779B97F4A7C15);
	uint64		hash = ((uint64) length << 8 | match) * multiplier;
	uint64		tail = 0;

	if (length >= 8)
	{
		for (int i = 0; i + 8 < length; i += 8)
		{
			hash = (hash ^ load_eight(data + i)) * multiplier;
			hash ^= hash >> 29;
		}
		tail = load_eight(data + length - 8);
	}
	else
	{
		for (int i = 0; i < length; i++)
			tail = tail << 8 | (uint8) data[i];
	}
	hash = (hash ^ tail) * multiplier;
	return hash ^ hash >> 32;
}

static inline uint32
index_mask(const RuleIndexShape *shape)
{
	return shape->slot_count - 1;
}

/* The two bits of a hash in its word of the filter. */
static inline uint32
filter_bits(uint64 hash)
{
	return (uint32) 1 << (hash >> 59) | (uint32) 1 << (hash >> 54 & 31);
}

static inline uint32
filter_word(const RuleIndexShape *shape, uint64 hash)
{
	return (uint32) (hash >> 32) & (RULE_FILTER_WORDS(shape) - 1);
}

/* The number of the key with these bytes and HASH, or RULE_NONE. */
static inline uint32
index_find(const RuleIndex *index, const char *base, const char *data,
		   int length, uint8 match, uint64 hash)
{
	uint32		mask = index_mask(&index->shape);
	uint32		tag = (uint32) (hash >> 32) & ~mask;

	for (uint32 at = (uint32) hash & mask;; at = (at + 1) & mask)
	{
		uint32		slot = index->slots[at];
		const RuleKey *key;

		if (slot == 0)
			return RULE_NONE;
		if ((slot & ~mask) != tag)
			continue;
		key = &index->keys[(slot & mask) - 1];
		if (key->length == (uint32) length && key->match == match &&
			memcmp(base + key->offset, data, length) == 0)
			return (slot & mask) - 1;
	}
}

static void
append_postings(const RuleIndex *index, uint32 number, int32 item,
				RuleMatches *matches)
{
	const RuleKey *key = &index->keys[number];

	array_reserve(matches->matches, matches->allocated, matches->count + (int) key->count);
	for (uint32 i = 0; i < key->count; i++)
	{
		uint32		posting = index->postings[key->first + i];
		RuleMatch  *match = &matches->matches[matches->count++];

		match->index = posting >> 2;
		match->side = posting & 3;
		match->item = item;
	}
}

static inline void
match_key(const Rulebook *book, const RuleIndex *index, const char *data,
		  int length, uint8 match, int32 item, RuleMatches *matches)
{
	uint64		hash = hash_code(data, length, match);
	uint32		bits = filter_bits(hash);
	uint32		number;

	if (likely((index->filter[filter_word(&index->shape, hash)] & bits) != bits))
		return;
	number = index_find(index, book->base, data, length, match, hash);
	if (number != RULE_NONE)
		append_postings(index, number, item, matches);
}

static void
match_items(const Rulebook *book, TextSpan code, int32 item,
			RuleMatches *matches)
{
	uint8		ways = book->header->match_kinds;
	CodeKey		key;

	for (uint8 match = MATCH_EXACT; match <= MATCH_GENERIC; match++)
	{
		if ((ways & 1 << match) && code_key(code, match, &key))
			match_key(book, &book->item_index, code.data + key.start,
					  key.length, match, item, matches);
	}
	if (!(ways & 1 << MATCH_PREFIX))
		return;
	for (uint32 i = 0; i < book->header->prefix_count; i++)
	{
		if (book->prefix_lengths[i] > (uint32) code.length)
			break;
		match_key(book, &book->item_index, code.data, book->prefix_lengths[i],
				  MATCH_PREFIX, item, matches);
	}
}

/* What CODE meets, by itself and through its national codes. */
void
rulebook_match(const Rulebook *book, TextSpan code, int32 item,
			   RuleMatches *matches)
{
	if (matches->matches == NULL)
	{
		matches->allocated = 16;
		matches->matches = palloc(sizeof(RuleMatch) * matches->allocated);
	}
	match_items(book, code, item, matches);
	if (book->alias_index.shape.key_count > 0)
		match_key(book, &book->alias_index, code.data, code.length,
				  MATCH_EXACT, item, matches);
}

/* Whether CODE meets anything by itself; needs the item index only. */
bool
rulebook_meets(const Rulebook *book, TextSpan code)
{
	RuleMatches matches = {NULL, 0, 16};
	bool		result;

	matches.matches = palloc(sizeof(RuleMatch) * matches.allocated);
	match_items(book, code, 0, &matches);
	result = matches.count > 0;
	pfree(matches.matches);
	return result;
}

static bool
same_generic(TextSpan drug, TextSpan code)
{
	CodeKey		left;
	CodeKey		right;

	return code_key(drug, MATCH_GENERIC, &left) && code_key(code, MATCH_GENERIC, &right) &&
		left.length == right.length && memcmp(drug.data, code.data, left.length) == 0;
}

/* The first alias of CODE; the aliases are in bytewise order of it. */
static uint32
first_alias(const Rulebook *book, TextSpan code)
{
	uint32		low = 0;
	uint32		high = book->alias_count;

	while (low < high)
	{
		uint32		middle = low + (high - low) / 2;

		if (text_span_compare(rule_text(book, book->aliases[middle].item_code), code) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

bool
rulebook_same_drug(const Rulebook *book, TextSpan drug, TextSpan code)
{
	if (same_generic(drug, code))
		return true;
	for (uint32 i = first_alias(book, code);
		 i < book->alias_count && text_span_equal(rule_text(book, book->aliases[i].item_code), code); i++)
	{
		if (same_generic(drug, rule_text(book, book->aliases[i].national_code)))
			return true;
	}
	return false;
}

/*
 * Building.  Keys get their numbers in the order in which records stand, so
 * that the same records always make the same bytes.
 */
typedef struct IndexWork
{
	const char *base;
	BuiltIndex *built;
	uint32	   *key_of;			/* by posting, in the order of arrival */
	uint32	   *posting;
	uint32		count;
	uint32		room;
} IndexWork;

static void *
huge_zero(Size each, Size count)
{
	return rulebook_alloc(CurrentMemoryContext, each, count);
}

/* Room that is written before it is read: most of it is never touched. */
static void *
huge(Size each, Size count)
{
	return MemoryContextAllocHuge(CurrentMemoryContext, mul_size(each, count));
}

/* The slots of KEYS keys: at most half of them taken, which a stored value shows. */
static uint32
slots_for(uint32 keys)
{
	return pg_nextpower2_32(Max(2 * keys, 8));
}

static void
make_slots(BuiltIndex *built, uint32 count)
{
	built->shape.slot_count = count;
	built->slots = huge_zero(sizeof(uint32), count);
}

static void
work_init(IndexWork *work, const char *base, BuiltIndex *built, Size most_keys,
		  uint32 expected_keys)
{
	memset(work, 0, sizeof(*work));
	memset(built, 0, sizeof(*built));
	work->base = base;
	work->built = built;
	work->room = Max(most_keys, 8);
	work->key_of = huge(sizeof(uint32), work->room);
	work->posting = huge(sizeof(uint32), work->room);
	built->keys = huge(sizeof(RuleKey), work->room);
	make_slots(built, slots_for(expected_keys));
}

static void
place_key(BuiltIndex *built, uint32 number, uint64 hash)
{
	uint32		mask = index_mask(&built->shape);
	uint32		at = (uint32) hash & mask;

	while (built->slots[at] != 0)
		at = (at + 1) & mask;
	built->slots[at] = ((uint32) (hash >> 32) & ~mask) | (number + 1);
}

static void
remake_slots(BuiltIndex *built, const char *base, uint32 count)
{
	pfree(built->slots);
	make_slots(built, count);
	for (uint32 i = 0; i < built->shape.key_count; i++)
	{
		const RuleKey *key = &built->keys[i];

		place_key(built, i, hash_code(base + key->offset, key->length, key->match));
	}
}

static uint32
find_or_add_key(IndexWork *work, const char *data, int length, uint8 match)
{
	BuiltIndex *built = work->built;
	uint64		hash = hash_code(data, length, match);
	RuleIndex	index;
	RuleKey    *key;
	uint32		number;

	index.shape = built->shape;
	index.slots = built->slots;
	index.keys = built->keys;
	number = index_find(&index, work->base, data, length, match, hash);
	if (number != RULE_NONE)
		return number;
	number = built->shape.key_count;
	if (built->shape.slot_count < slots_for(number + 1))
		remake_slots(built, work->base, slots_for(number + 1));
	built->shape.key_count++;
	key = &built->keys[number];
	key->offset = data - work->base;
	key->length = length;
	key->match = match;
	key->first = key->count = 0;
	place_key(built, number, hash);
	return number;
}

static void
add_posting(IndexWork *work, const char *data, int length, uint8 match,
			uint32 posting)
{
	uint32		number = find_or_add_key(work, data, length, match);

	if (work->count == work->room)
	{
		array_reserve(work->key_of, work->room, work->count + 1);
		work->posting = array_resize(CurrentMemoryContext, work->posting, work->room,
									 sizeof(uint32));
	}
	work->key_of[work->count] = number;
	work->posting[work->count++] = posting;
	work->built->keys[number].count++;
}

static void
fill_filter(BuiltIndex *built, const char *base)
{
	built->filter = huge_zero(sizeof(uint32), RULE_FILTER_WORDS(&built->shape));
	for (uint32 i = 0; i < built->shape.key_count; i++)
	{
		const RuleKey *key = &built->keys[i];
		uint64		hash = hash_code(base + key->offset, key->length,
									 key->match);

		built->filter[filter_word(&built->shape, hash)] |= filter_bits(hash);
	}
}

/* Gives each key its run of postings, in the order of arrival. */
static void
work_finish(IndexWork *work)
{
	BuiltIndex *built = work->built;
	uint32		first = 0;

	for (uint32 i = 0; i < built->shape.key_count; i++)
	{
		built->keys[i].first = first;
		first += built->keys[i].count;
		built->keys[i].count = 0;
	}
	built->postings = huge_zero(sizeof(uint32), first);
	built->shape.posting_count = first;
	for (uint32 i = 0; i < work->count; i++)
	{
		RuleKey    *key = &built->keys[work->key_of[i]];

		built->postings[key->first + key->count++] = work->posting[i];
	}
	pfree(work->key_of);
	pfree(work->posting);
	if (built->shape.slot_count > slots_for(built->shape.key_count))
		remake_slots(built, work->base, slots_for(built->shape.key_count));
	fill_filter(built, work->base);
}

static void
index_code(IndexWork *work, const Rulebook *book, RuleText text, uint8 match,
		   uint32 number, RuleSide side)
{
	TextSpan	code = rule_text(book, text);
	CodeKey		key;

	if (code.data == NULL)
		return;
	key = rule_key(code, match);
	add_posting(work, code.data + key.start, key.length, key.match,
				number << 2 | side);
}

/* Rows ahead of the one at hand whose slots are asked for. */
#define SLOTS_AHEAD		8

static void
ask_for_slot(const IndexWork *work, const Rulebook *book, const RuleRow *row)
{
	const BuiltIndex *built = work->built;
	TextSpan	code = rule_text(book, row->item_code);
	CodeKey		key;

	if (code.data == NULL)
		return;
	key = rule_key(code, row->code_match);
	packed_prefetch(&built->slots[(uint32) hash_code(code.data + key.start, key.length, key.match) &
								  index_mask(&built->shape)], sizeof(uint32));
}

static int
compare_lengths(const void *a, const void *b)
{
	uint32		left = *(const uint32 *) a;
	uint32		right = *(const uint32 *) b;

	return (left > right) - (left < right);
}

/* The ways of matching that have a key, and the distinct prefix lengths. */
static void
summarize_keys(const BuiltIndex *built, uint8 *match_kinds,
			   uint32 **prefix_lengths, uint32 *prefix_count)
{
	uint32	   *lengths = huge_zero(sizeof(uint32), built->shape.key_count);
	uint32		count = 0;
	uint32		distinct = 0;

	*match_kinds = 0;
	for (uint32 i = 0; i < built->shape.key_count; i++)
	{
		*match_kinds |= 1 << built->keys[i].match;
		if (built->keys[i].match == MATCH_PREFIX)
			lengths[count++] = built->keys[i].length;
	}
	qsort(lengths, count, sizeof(uint32), compare_lengths);
	for (uint32 i = 0; i < count; i++)
	{
		if (i == 0 || lengths[i] != lengths[i - 1])
			lengths[distinct++] = lengths[i];
	}
	*prefix_lengths = lengths;
	*prefix_count = distinct;
}

void
rulebook_index_items(Rulebook *book, BuiltIndex *built, uint8 *match_kinds,
					 uint32 **prefix_lengths, uint32 *prefix_count)
{
	IndexWork	work;

	work_init(&work, book->base, built,
			  2 * (Size) book->row_count + book->package_count + book->component_count,
			  book->row_count);
	for (uint32 i = 0; i < book->row_count; i++)
	{
		const RuleRow *row = &book->rows[i];

		CHECK_FOR_INTERRUPTS();
		if (i + SLOTS_AHEAD < book->row_count)
			ask_for_slot(&work, book, &row[SLOTS_AHEAD]);
		if (rule_row_is_pending(book, row))
			continue;
		index_code(&work, book, row->item_code, row->code_match, i, SIDE_ITEM);
		index_code(&work, book, row->other_code, row->other_match, i, SIDE_OTHER);
	}
	for (uint32 i = 0; i < book->package_count; i++)
		index_code(&work, book, book->packages[i].package_code,
				   match_of_code(rule_text(book, book->packages[i].package_code), MATCH_EXACT),
				   i, SIDE_PACKAGE);
	for (uint32 i = 0; i < book->component_count; i++)
		index_code(&work, book, book->components[i].component_code,
				   match_of_code(rule_text(book, book->components[i].component_code), MATCH_EXACT),
				   i, SIDE_COMPONENT);
	work_finish(&work);
	summarize_keys(built, match_kinds, prefix_lengths, prefix_count);
}

static int
compare_matches(const void *a, const void *b)
{
	const RuleMatch *left = a;
	const RuleMatch *right = b;

	if (left->index != right->index)
		return left->index < right->index ? -1 : 1;
	return (int) left->side - (int) right->side;
}

/*
 * What the national codes of one local code meet and it does not meet itself.
 * Item 0 marks what it meets itself, which sorts out equal pairs.
 */
static void
index_alias(IndexWork *work, TextSpan local,
			RuleMatches *matches, int direct)
{
	RuleMatch  *all = matches->matches;
	RuleMatch  *own = palloc(sizeof(RuleMatch) * Max(direct, 1));

	memcpy(own, all, sizeof(RuleMatch) * direct);
	qsort(own, direct, sizeof(RuleMatch), compare_matches);
	qsort(all + direct, matches->count - direct, sizeof(RuleMatch),
		  compare_matches);
	for (int i = direct; i < matches->count; i++)
	{
		if (i > direct && compare_matches(&all[i - 1], &all[i]) == 0)
			continue;
		if (bsearch(&all[i], own, direct, sizeof(RuleMatch), compare_matches))
			continue;
		add_posting(work, local.data, local.length, MATCH_EXACT,
					all[i].index << 2 | all[i].side);
	}
	pfree(own);
}

/* BOOK's item index stands; its aliases are in order of item_code. */
void
rulebook_index_aliases(const Rulebook *book, BuiltIndex *built)
{
	IndexWork	work;
	RuleMatches matches = {NULL, 0, 0};
	uint32		next;

	work_init(&work, book->base, built, book->alias_count, book->alias_count);
	matches.allocated = 16;
	matches.matches = palloc(sizeof(RuleMatch) * matches.allocated);
	for (uint32 i = 0; i < book->alias_count; i = next)
	{
		TextSpan	local = rule_text(book, book->aliases[i].item_code);
		int			direct;

		CHECK_FOR_INTERRUPTS();
		matches.count = 0;
		match_items(book, local, 0, &matches);
		direct = matches.count;
		for (next = i; next < book->alias_count &&
			 book->aliases[next].item_code.offset ==
			 book->aliases[i].item_code.offset; next++)
			match_items(book, rule_text(book, book->aliases[next].national_code),
						0, &matches);
		index_alias(&work, local, &matches, direct);
	}
	work_finish(&work);
	pfree(matches.matches);
}
