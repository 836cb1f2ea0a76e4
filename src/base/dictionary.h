/*
 * dictionary.h
 *		Distinct strings of a book: numbered as they come, then sorted.
 *
 * A book under construction interns each code or identifier once and keeps
 * its number; dictionary_sort() then tells the rank of each number in bytewise
 * order.  Strings must outlive the dictionary, or it keeps copies of them.
 */
#ifndef MEDAUDIT_DICTIONARY_H
#define MEDAUDIT_DICTIONARY_H

#include "base/arena.h"
#include "base/packed.h"

typedef struct DictionaryBucket
{
	uint32		hash;
	int32		number;			/* -1: free */
} DictionaryBucket;

typedef struct Dictionary
{
	TextSpan   *spans;			/* in order of number; after sorting, of rank */
	int32	   *ranks;			/* number -> rank; NULL before sorting */
	int32		count;
	int32		allocated;
	int32		last;			/* number found last, while there are few */
	DictionaryBucket *buckets;	/* NULL while there are few */
	uint32		mask;
	bool		keeps_copies;
	Arena		copies;			/* its context is the dictionary's */
} Dictionary;

extern void dictionary_init(Dictionary *dictionary, int expected);
extern void dictionary_init_copying(Dictionary *dictionary, MemoryContext context);
extern void dictionary_prefetch(const Dictionary *dictionary, TextSpan span);
extern int32 dictionary_add(Dictionary *dictionary, TextSpan span, bool *is_new);
extern int32 dictionary_find(Dictionary *dictionary, TextSpan span);
extern void dictionary_sort(Dictionary *dictionary);
extern void dictionary_sort_used(Dictionary *dictionary, const bool *used);

/* The number of SPAN, a new one where it has not been seen. */
static inline int32
dictionary_number(Dictionary *dictionary, TextSpan span)
{
	bool		is_new;

	return dictionary_add(dictionary, span, &is_new);
}

#endif							/* MEDAUDIT_DICTIONARY_H */
