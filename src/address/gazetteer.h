/*
 * gazetteer.h
 *		Names of provinces, cities and counties, and where they lie.
 */
#ifndef MEDAUDIT_GAZETTEER_H
#define MEDAUDIT_GAZETTEER_H

#include "text/fold.h"

/* How a name was written. */
typedef enum NameForm
{
	NAME_FULL,					/* 武侯区 */
	NAME_SHORT					/* 武侯: suffix left out */
} NameForm;

typedef enum DivisionLevel
{
	LEVEL_PROVINCE,
	LEVEL_CITY,
	LEVEL_COUNTY
} DivisionLevel;

typedef struct Division
{
	int32		code;			/* GB/T 2260, six digits */
	DivisionLevel level;
	const char *name;			/* official name, in the source */
	int			name_length;	/* bytes */
	uint32		suffix;			/* last code point of the name: 省 市 县 区 … */
} Division;

/* One way to write one division; those of equal spelling form a chain. */
typedef struct Spelling
{
	int32		division;
	NameForm	form;
	int32		next;			/* -1 ends the chain */
} Spelling;

typedef struct TrieSlot
{
	uint32		parent;
	uint32		c;
	uint32		child;			/* 0: slot is free */
} TrieSlot;

typedef struct Gazetteer
{
	Division   *divisions;		/* by code; of one code the first name leads */
	int			division_count;
	Spelling   *spellings;
	int			spelling_count;
	int32	   *first_spelling; /* of a node, -1: none */
	uint32		node_count;
	TrieSlot   *slots;
	uint32		slot_mask;
	uint32		node_limit;
} Gazetteer;

#define GAZETTEER_ROOT 1

extern Gazetteer *gazetteer_build(const char *source, Size length,
								  MemoryContext context);
extern const char *gazetteer_shipped(Size *length);
extern const Division *gazetteer_find(const Gazetteer *gazetteer, int32 code);

/* The node that C leads to from NODE, 0 when there is none. */
static inline uint32
gazetteer_step(const Gazetteer *gazetteer, uint32 node, uint32 c)
{
	uint32		at = (node * 0x9E3779B1u) ^ (c * 0x85EBCA6Bu);

	at ^= at >> 15;
	for (;; at++)
	{
		const TrieSlot *slot = &gazetteer->slots[at & gazetteer->slot_mask];

		if (slot->child == 0)
			return 0;
		if (slot->parent == node && slot->c == c)
			return slot->child;
	}
}

/* Parts of a code: 51 0000, 5101 00. */
static inline int32
province_of(int32 code)
{
	return code / 10000;
}

static inline int32
city_of(int32 code)
{
	return code / 100;
}

#endif							/* MEDAUDIT_GAZETTEER_H */
