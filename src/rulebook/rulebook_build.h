/*
 * rulebook_build.h
 *		How rows become a rulebook: the builder and what it shares.
 *
 * Whoever has rows (JSON, tables, another rulebook) interns their texts and
 * lists, hands over rules and rows, and takes the finished flat value.  In a
 * row that is being built RuleText.offset is the number of an interned text
 * (length 0, or RULE_NONE for NULL) and RuleList.offset that of an interned
 * list.
 */
#ifndef MEDAUDIT_RULEBOOK_BUILD_H
#define MEDAUDIT_RULEBOOK_BUILD_H

#include "base/dictionary.h"
#include "rulebook/rulebook_columns.h"

typedef struct RulebookBuilder RulebookBuilder;

/* A row of medaudit.package as it stands in BOOK. */
static inline PackageRow
package_row_of(const Rulebook *book, const RuleComponent *component)
{
	const RulePackage *package = &book->packages[component->package];
	PackageRow	row = {
		package->package_price, package->valid_from, package->valid_to, package->min_parts,
		package->rule, package->package_code, component->component_code, package->facility_ranks
	};

	return row;
}

/* Collecting (rulebook_build.c). */
extern RulebookBuilder *rulebook_builder(void);
extern RuleText builder_text(RulebookBuilder *builder, TextSpan span);
extern void builder_prefetch(const RulebookBuilder *builder, TextSpan span);
extern RuleList builder_texts(RulebookBuilder *builder, TextSpan *spans, int count);
extern RuleList builder_ints(RulebookBuilder *builder, int32 *values, int count);
extern RuleEntry *builder_rule(RulebookBuilder *builder, TextSpan rule_code,
							   uint32 *index);
extern bool builder_find_rule(RulebookBuilder *builder, TextSpan rule_code,
							  uint32 *index);
extern void builder_row(RulebookBuilder *builder, const RuleRow *row);
extern void builder_package(RulebookBuilder *builder, const PackageRow *row);
extern void builder_alias(RulebookBuilder *builder, TextSpan item_code,
						  TextSpan national_code);
extern void builder_book(RulebookBuilder *builder, const Rulebook *book);
extern void builder_allow_repeats(RulebookBuilder *builder);
extern void builder_used_aliases(RulebookBuilder *builder);
extern struct varlena *builder_finish(RulebookBuilder *builder);

/*
 * Private to rulebook_build.c, which collects, rulebook_order.c, which puts in
 * order, and rulebook_write.c.
 */
/* What is noted of a string beside its number. */
typedef struct InternNote
{
	uint32		rule;			/* of a rule's code: its number; RULE_NONE */
	uint32		rank;			/* RULE_NONE: not used by what is written */
} InternNote;

/* Distinct byte strings, numbered as they come. */
typedef struct Interner
{
	Dictionary	strings;
	InternNote *notes;			/* by number */
	uint32		room;			/* for so many of them */
	uint32	   *by_rank;
	uint32		ranked;
} Interner;

/* The first word of an interned list, before its members. */
#define LIST_OF_INTS	0
#define LIST_OF_TEXTS	1

typedef struct AliasRow
{
	RuleText	item_code;
	RuleText	national_code;
} AliasRow;

struct RulebookBuilder
{
	MemoryContext context;
	MemoryContext result;		/* where the value goes */
	Interner	texts;
	Interner	lists;			/* words: ints, or numbers of texts */
	RuleEntry  *rules;
	uint32		rule_count;
	uint32		rule_room;
	RuleRow    *rows;
	uint32		row_count;
	uint32		row_room;
	PackageRow *packages;
	uint32		package_count;
	uint32		package_room;
	AliasRow   *aliases;
	uint32		alias_count;
	uint32		alias_room;
	KindColumns row_columns[RULE_KINDS];	/* of charge_rule, by kind */
	bool		allow_repeats;	/* equal rows count once */
	bool		used_aliases;	/* leave out aliases that meet nothing */
	uint32		set_count;
	/* What is written. */
	RuleRow   **row_order;
	uint32		rows_written;
	RulePackage *packages_written;
	uint32		packages_written_count;
	RuleComponent *components;
	uint32		component_count;
	uint32		list_words;
	uint32	   *list_offsets;	/* by rank, in words */
	uint32		text_length;
	uint32	   *text_offsets;	/* by rank, in bytes */
};

extern void builder_put_in_order(RulebookBuilder *builder);

/* The bytes of a text of a row in progress. */
static inline TextSpan
builder_span(const RulebookBuilder *builder, RuleText text)
{
	TextSpan	span = {NULL, 0};

	if (text.length != RULE_NONE)
	{
		span = builder->texts.strings.spans[text.offset];
	}
	return span;
}

static inline const RuleEntry *
builder_rule_at(const RulebookBuilder *builder, uint32 index)
{
	return &builder->rules[index];
}

/* List NUMBER: of what it is, then its words. */
static inline uint32 *
builder_list(const RulebookBuilder *builder, uint32 number)
{
	/* every length is a multiple of four, so every address is */
	return (uint32 *) builder->lists.strings.spans[number].data;
}

static inline bool
builder_list_has_texts(const RulebookBuilder *builder, uint32 number)
{
	return builder_list(builder, number)[0] == LIST_OF_TEXTS;
}

static inline uint32 *
builder_list_words(const RulebookBuilder *builder, uint32 number)
{
	return builder_list(builder, number) + 1;
}

static inline uint32
builder_list_length(const RulebookBuilder *builder, uint32 number)
{
	return builder->lists.strings.spans[number].length / sizeof(uint32) - 1;
}

/* Checking (rulebook_check.c). */
extern void rule_row_init(RuleRow *row);
extern void package_row_init(PackageRow *row);
extern void rule_row_check(const RulebookBuilder *builder, RuleRow *row);
extern void package_row_check(const RulebookBuilder *builder, PackageRow *row);
extern void rule_row_refuse(const RulebookBuilder *builder, const RuleRow *row,
							const char *problem) pg_attribute_noreturn();
extern void package_row_refuse(const RulebookBuilder *builder,
							   const PackageRow *row,
							   const char *problem) pg_attribute_noreturn();
extern const char *rule_list_problem(const TextSpan *members, int count);

/* JSON (rulebook_json.c), tables (rulebook_compile.c). */
extern struct varlena *rulebook_from_jsonb(Datum document, int sqlstate);
extern char *rulebook_to_json(const Rulebook *book);
extern struct varlena *rulebook_compile(ArrayType *rule_codes);

#endif							/* MEDAUDIT_RULEBOOK_BUILD_H */
