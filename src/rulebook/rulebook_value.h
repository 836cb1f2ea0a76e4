/*
 * rulebook_value.h
 *		The flat value of a rulebook, for those who write and open it.
 *
 * The README of this folder has the format byte by byte.
 */
#ifndef MEDAUDIT_RULEBOOK_VALUE_H
#define MEDAUDIT_RULEBOOK_VALUE_H

#include "rulebook/rulebook.h"

typedef enum RulebookSection
{
	SECTION_RULES,
	SECTION_ROWS,
	SECTION_PACKAGES,
	SECTION_COMPONENTS,
	SECTION_ALIASES,
	SECTION_LISTS,
	SECTION_TEXTS,
	SECTION_PREFIXES,
	SECTION_ITEM_FILTER,
	SECTION_ITEM_SLOTS,
	SECTION_ITEM_KEYS,
	SECTION_ITEM_POSTINGS,
	SECTION_ALIAS_FILTER,
	SECTION_ALIAS_SLOTS,
	SECTION_ALIAS_KEYS,
	SECTION_ALIAS_POSTINGS
} RulebookSection;
#define RULEBOOK_SECTIONS	(SECTION_ALIAS_POSTINGS + 1)

/* Where the sections begin, in the order of RulebookSection. */
typedef struct RulebookLayout
{
	uint64		offset[RULEBOOK_SECTIONS];
	uint64		length;
} RulebookLayout;

/* The first bytes of a value behind its varlena header, digest and counts included. */
#define RULEBOOK_HEAD_SIZE	(RULEBOOK_LEAD - VARHDRSZ + sizeof(RulebookHeader))

/* How many values this backend opened, for tests that count. */
extern int64 rulebook_opened;

extern void rulebook_layout(const RulebookHeader *header, RulebookLayout *layout);
extern void rulebook_view(Rulebook *book, const char *base);
extern void rulebook_seal(struct varlena *value);
extern Rulebook *rulebook_open(const struct varlena *value, MemoryContext context);
extern bool rulebook_open_content(Rulebook *book, char *base, Size size);
extern bool rulebook_good_lead(const char *lead);
extern void rulebook_swap_header(char *base);
extern void rulebook_digest(const char *base, Size length, uint8 *digest);

#endif							/* MEDAUDIT_RULEBOOK_VALUE_H */
