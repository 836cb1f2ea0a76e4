/*
 * rulebook_index.h
 *		The index of a book whose records stand, for those who write it.
 */
#ifndef MEDAUDIT_RULEBOOK_INDEX_H
#define MEDAUDIT_RULEBOOK_INDEX_H

#include "rulebook/rulebook.h"

typedef struct BuiltIndex
{
	RuleIndexShape shape;
	uint32	   *filter;
	uint32	   *slots;
	RuleKey    *keys;
	uint32	   *postings;
} BuiltIndex;

extern void rulebook_index_items(Rulebook *book, BuiltIndex *built,
								 uint8 *match_kinds, uint32 **prefix_lengths,
								 uint32 *prefix_count);
extern void rulebook_index_aliases(const Rulebook *book, BuiltIndex *built);
extern bool rulebook_meets(const Rulebook *book, TextSpan code);

#endif							/* MEDAUDIT_RULEBOOK_INDEX_H */
