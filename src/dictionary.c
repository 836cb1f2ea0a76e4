/*
 * dictionary.c
 *		Distinct strings of a book: numbered as they come, then sorted.
 */
#include "postgres.h"
#include "compat.h"

#include "common/hashfn.h"
#include "miscadmin.h"
#include "utils/memutils.h"

#include "dictionary.h"

typedef struct SpanEntry
{
	TextSpan	span;
	uint32		hash;
	int32		number;
	char		status;
} SpanEntry;

#define SH_PREFIX span_table
#define SH_ELEMENT_TYPE SpanEntry
#define SH_KEY_TYPE TextSpan
#define SH_KEY span
#define SH_HASH_KEY(tb, key) \
	hash_bytes((const unsigned char *) (key).data, (key).length)
#define SH_EQUAL(tb, a, b) text_span_equal(a, b)
#define SH_STORE_HASH
#define SH_GET_HASH(tb, entry) (entry)->hash
#define SH_SCOPE static inline
#define SH_DECLARE
#define SH_DEFINE
/* core's template has parameters that some of its functions leave unused */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wunused-parameter"
#include "lib/simplehash.h"
#pragma GCC diagnostic pop

/* Everything is allocated in CurrentMemoryContext. */
void
dictionary_init(Dictionary *dictionary, int expected)
{
	dictionary->allocated = Max(expected, 8);
	dictionary->spans = palloc(sizeof(TextSpan) * dictionary->allocated);
	dictionary->ranks = NULL;
	dictionary->count = 0;
	dictionary->table = span_table_create(CurrentMemoryContext, dictionary->allocated, NULL);
}

/* The number of SPAN, a new one where it has not been seen. */
int32
dictionary_number(Dictionary *dictionary, TextSpan span)
{
	bool		found;
	SpanEntry  *entry = span_table_insert(dictionary->table, span, &found);

	if (found)
		return entry->number;
	if (dictionary->count == dictionary->allocated)
	{
		dictionary->allocated *= 2;
		dictionary->spans = repalloc_huge(dictionary->spans,
										  sizeof(TextSpan) * dictionary->allocated);
	}
	dictionary->spans[dictionary->count] = span;
	entry->number = dictionary->count++;
	return entry->number;
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

/* Sorts the strings bytewise; interning ends here. */
void
dictionary_sort(Dictionary *dictionary)
{
	NumberedSpan *sorted = palloc_extended(sizeof(NumberedSpan) * Max(dictionary->count, 1),
										   MCXT_ALLOC_HUGE);

	for (int32 i = 0; i < dictionary->count; i++)
	{
		sorted[i].span = dictionary->spans[i];
		sorted[i].number = i;
	}
	sort_numbered_spans(sorted, dictionary->count);
	dictionary->ranks = palloc(sizeof(int32) * Max(dictionary->count, 1));
	for (int32 i = 0; i < dictionary->count; i++)
	{
		dictionary->spans[i] = sorted[i].span;
		dictionary->ranks[sorted[i].number] = i;
	}
	pfree(sorted);
}
