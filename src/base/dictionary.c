/*
 * dictionary.c
 *		Distinct strings of a book: numbered as they come, then sorted.
 *
 * Most groups hold a handful of strings, so the first ones are compared one by
 * one and nothing is allocated for those that never come; from more than
 * FEW_STRINGS on, an open-addressing table of twice their number finds them.
 * 16 bytes a string, and 16 to 32 for its buckets.
 */
#include "postgres.h"
#include "base/compat.h"

#include "miscadmin.h"
#include "utils/memutils.h"

#include "base/array.h"
#include "base/dictionary.h"

#define FEW_STRINGS	8

/* Codes differ in few bytes, anywhere: each step spreads them over the word. */
static inline uint32
hash_of(TextSpan span)
{
	const uint64 multiplier = UINT64CONST(0x9E3779B97F4A7C15);
	const char *data = span.data;
	int			left = span.length;
	uint64		hash = (uint64) span.length * multiplier;
	uint64		word = 0;

	for (; left >= 8; left -= 8, data += 8)
	{
		memcpy(&word, data, 8);
		hash = (hash ^ word) * multiplier;
		hash ^= hash >> 32;
	}
	for (word = 0; left > 0; left--)
		word = word << 8 | (uint8) *data++;
	hash = (hash ^ word) * multiplier;
	hash = (hash ^ hash >> 32) * multiplier;
	return (uint32) (hash >> 32);
}

static void
enter(Dictionary *dictionary, uint32 hash, int32 number)
{
	uint32		at = hash & dictionary->mask;

	while (dictionary->buckets[at].number >= 0)
		at = (at + 1) & dictionary->mask;
	dictionary->buckets[at].hash = hash;
	dictionary->buckets[at].number = number;
}

/* Room for ALLOCATED strings, a power of two; buckets stay at most half full. */
static void
make_room(Dictionary *dictionary, int32 allocated)
{
	MemoryContext context = dictionary->copies.context;
	DictionaryBucket *before = dictionary->buckets;
	Size		buckets_before = (Size) dictionary->allocated * 2;
	Size		buckets = (Size) allocated * 2;

	dictionary->allocated = allocated;
	dictionary->spans = array_resize(context, dictionary->spans, allocated, sizeof(TextSpan));
	if (allocated <= FEW_STRINGS)
		return;
	dictionary->mask = (uint32) buckets - 1;
	dictionary->buckets = MemoryContextAllocHuge(context, buckets * sizeof(DictionaryBucket));
	memset(dictionary->buckets, 0xFF, buckets * sizeof(DictionaryBucket));
	for (int32 i = 0; before == NULL && i < dictionary->count; i++)
		enter(dictionary, hash_of(dictionary->spans[i]), i);
	if (before == NULL)
		return;
	for (Size at = 0; at < buckets_before; at++)
		if (before[at].number >= 0)
			enter(dictionary, before[at].hash, before[at].number);
	pfree(before);
}

/* Everything lies in CurrentMemoryContext, from when the first string comes. */
void
dictionary_init(Dictionary *dictionary, int expected)
{
	memset(dictionary, 0, sizeof(Dictionary));
	arena_init(&dictionary->copies, CurrentMemoryContext);
	if (expected > FEW_STRINGS)
	{
		int32		room = FEW_STRINGS;

		while (room < expected && room < PG_INT32_MAX / 4)
			room *= 2;
		make_room(dictionary, room);
	}
}

/* One in CONTEXT that keeps copies of its strings. */
void
dictionary_init_copying(Dictionary *dictionary, MemoryContext context)
{
	dictionary_init(dictionary, 0);
	dictionary->copies.context = context;
	dictionary->keeps_copies = true;
}

/*
 * Asks for the cache line where SPAN will be looked up: with a million strings it
 * is in no cache.
 */
void
dictionary_prefetch(const Dictionary *dictionary, TextSpan span)
{
	if (dictionary->buckets != NULL)
		__builtin_prefetch(&dictionary->buckets[hash_of(span) & dictionary->mask]);
}

static int32
look_up(const Dictionary *dictionary, TextSpan span, uint32 hash)
{
	uint32		at = hash & dictionary->mask;

	for (; dictionary->buckets[at].number >= 0; at = (at + 1) & dictionary->mask)
	{
		const DictionaryBucket *bucket = &dictionary->buckets[at];

		if (bucket->hash == hash &&
			text_span_equal(dictionary->spans[bucket->number], span))
			return bucket->number;
	}
	return -1;
}

/* From the first on, but where it is the one found last. */
static int32
look_through(Dictionary *dictionary, TextSpan span)
{
	if (dictionary->last < dictionary->count &&
		text_span_equal(dictionary->spans[dictionary->last], span))
		return dictionary->last;
	for (int32 i = 0; i < dictionary->count; i++)
		if (text_span_equal(dictionary->spans[i], span))
			return dictionary->last = i;
	return -1;
}

static int32
append(Dictionary *dictionary, TextSpan span, uint32 hash)
{
	int32		number = dictionary->count;

	if (number == dictionary->allocated)
	{
		bool		hashed = dictionary->buckets != NULL;

		make_room(dictionary, Max(dictionary->allocated * 2, FEW_STRINGS));
		if (!hashed && dictionary->buckets != NULL)
			hash = hash_of(span);
	}
	dictionary->spans[number] = dictionary->keeps_copies ?
		arena_keep(&dictionary->copies, span) : span;
	dictionary->count++;
	if (dictionary->buckets != NULL)
		enter(dictionary, hash, number);
	return number;
}

/* The number of SPAN, -1 where it has not been seen. */
int32
dictionary_find(Dictionary *dictionary, TextSpan span)
{
	return dictionary->buckets == NULL ? look_through(dictionary, span) :
		look_up(dictionary, span, hash_of(span));
}

/* The number of SPAN, a new one where it has not been seen. */
int32
dictionary_add(Dictionary *dictionary, TextSpan span, bool *is_new)
{
	uint32		hash = 0;
	int32		number;

	*is_new = false;
	if (dictionary->buckets != NULL)
	{
		hash = hash_of(span);
		number = look_up(dictionary, span, hash);
	}
	else
		number = look_through(dictionary, span);
	if (number < 0)
	{
		number = append(dictionary, span, hash);
		*is_new = true;
	}
	return number;
}

typedef struct NumberedSpan
{
	TextSpan	span;
	int32		number;
} NumberedSpan;

#define ST_SORT sort_numbered_spans
#define ST_ELEMENT_TYPE NumberedSpan
#define ST_COMPARE(a, b) text_span_compare((a)->span, (b)->span)
#define ST_SCOPE static
#define ST_CHECK_FOR_INTERRUPTS
#define ST_DEFINE
#include "lib/sort_template.h"

/*
 * Sorts the strings bytewise and drops those not USED (NULL: all are); their
 * rank is -1.  Interning ends here.
 */
void
dictionary_sort_used(Dictionary *dictionary, const bool *used)
{
	int32		count = dictionary->count;
	int32		kept = 0;
	NumberedSpan *sorted;

	dictionary->ranks = palloc(sizeof(int32) * Max(count, 1));
	if (count == 0)
		return;
	sorted = palloc_extended(sizeof(NumberedSpan) * count, MCXT_ALLOC_HUGE);
	for (int32 i = 0; i < count; i++)
	{
		dictionary->ranks[i] = -1;
		if (used != NULL && !used[i])
			continue;
		sorted[kept].span = dictionary->spans[i];
		sorted[kept++].number = i;
	}
	sort_numbered_spans(sorted, kept);
	for (int32 i = 0; i < kept; i++)
	{
		dictionary->spans[i] = sorted[i].span;
		dictionary->ranks[sorted[i].number] = i;
	}
	dictionary->count = kept;
	pfree(sorted);
}

void
dictionary_sort(Dictionary *dictionary)
{
	dictionary_sort_used(dictionary, NULL);
}
