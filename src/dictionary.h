/*
 * dictionary.h
 *		Distinct strings of a book: numbered as they come, then sorted.
 *
 * A book under construction interns each code or identifier once and keeps
 * its number; dictionary_sort() then tells the rank of each number in bytewise
 * order.  One string costs a hash and a probe of core's simplehash, and 48
 * bytes; strings are not copied, they must outlive the dictionary.
 */
#ifndef MEDAUDIT_DICTIONARY_H
#define MEDAUDIT_DICTIONARY_H

#include "packed.h"

typedef struct Dictionary
{
	TextSpan   *spans;			/* in order of number; after sorting, of rank */
	int32	   *ranks;			/* number -> rank; NULL before sorting */
	int32		count;
	int32		allocated;
	struct span_table_hash *table;
} Dictionary;

extern void dictionary_init(Dictionary *dictionary, int expected);
extern int32 dictionary_number(Dictionary *dictionary, TextSpan span);
extern void dictionary_sort(Dictionary *dictionary);

#endif							/* MEDAUDIT_DICTIONARY_H */
