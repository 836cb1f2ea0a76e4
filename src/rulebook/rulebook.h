/*
 * rulebook.h
 *		Charge rules as one flat, position-independent value, read in place.
 *
 * Everything inside is found by offsets from the first content byte: the
 * header, fixed-size records, the hash index and a pool of texts and lists.
 * Integers are little-endian on disk; a big-endian machine swaps the copy that
 * rulebook_open() makes.  A detector keeps one validated copy per statement in
 * its FmgrInfo, so that per call an unchanged rulebook costs a comparison of
 * digests.
 */
#ifndef MEDAUDIT_RULEBOOK_H
#define MEDAUDIT_RULEBOOK_H

#include "fmgr.h"
#include "base/fixed.h"
#include "base/packed.h"
#include "utils/array.h"
#include "utils/date.h"

#define RULEBOOK_VERSION	1
#define RULE_NONE			PG_UINT32_MAX	/* a missing text, list, index */
#define RULE_INT_NULL		PG_INT32_MIN	/* a missing int */

typedef enum RuleKind
{
	RULE_DUPLICATE,
	RULE_EXCLUSIVE,
	RULE_QUANTITY,
	RULE_AMOUNT,
	RULE_PER_BED_DAY,
	RULE_PRICE,
	RULE_SECONDARY,
	RULE_RESTRICTION,
	RULE_DIAGNOSIS,
	RULE_COURSE,
	RULE_PREREQUISITE,
	RULE_OUTSIDE_STAY,
	RULE_RESETTLED,
	RULE_NOT_PAYABLE,
	RULE_PACKAGE
} RuleKind;
#define RULE_KINDS			(RULE_PACKAGE + 1)

typedef enum RuleScope
{
	SCOPE_NONE,					/* no scope given */
	SCOPE_VISIT,
	SCOPE_INSTANT,
	SCOPE_HOUR,
	SCOPE_DAY,
	SCOPE_WEEK,
	SCOPE_MONTH,
	SCOPE_QUARTER,
	SCOPE_YEAR,
	SCOPE_ROLLING_HOURS,		/* scope_length hours by the clock */
	SCOPE_ROLLING_DAYS,			/* scope_length consecutive dates */
	SCOPE_BED_DAY,
	SCOPE_BED_NIGHT,
	SCOPE_SPAN
} RuleScope;

typedef enum RuleCodeMatch
{
	MATCH_EXACT,
	MATCH_SERVICE,
	MATCH_PRODUCT,
	MATCH_GENERIC,
	MATCH_PREFIX,				/* item_code ends in % */
	MATCH_EVERY					/* item_code is % */
} RuleCodeMatch;

typedef enum RuleCertainty
{
	CERTAINTY_VIOLATION,
	CERTAINTY_SUSPICION,
	CERTAINTY_NOTICE
} RuleCertainty;

/* A text in the pool; length RULE_NONE stands for NULL. */
typedef struct RuleText
{
	uint32		offset;
	uint32		length;
} RuleText;

/* COUNT RuleTexts, or int32s, at OFFSET; count RULE_NONE stands for NULL. */
typedef struct RuleList
{
	uint32		offset;
	uint32		count;
} RuleList;

/* An age but for its time of day; months RULE_INT_NULL stands for NULL. */
typedef struct RuleAge
{
	int32		months;
	int32		days;
} RuleAge;

/* A row of medaudit.rule, as far as detectors and their readers need it. */
typedef struct RuleEntry
{
	RuleText	rule_code;
	RuleText	name_zh;
	RuleText	violation;
	uint8		kind;			/* RuleKind */
	uint8		certainty;		/* RuleCertainty */
	uint8		padding[6];
} RuleEntry;

/*
 * A row of medaudit.charge_rule: 8-byte fields first, then 4-byte ones, then
 * bytes.  Its columns are listed in rulebook_columns.h.
 */
typedef struct RuleRow
{
	int64		max_quantity;	/* ten-thousandths; FIXED_NULL: missing */
	int64		max_amount;
	int64		max_price;
	int64		ratio;
	int64		min_age_time;	/* microseconds part of the interval */
	int64		max_age_time;
	RuleAge		min_age;
	RuleAge		max_age;
	int32		max_days;		/* RULE_INT_NULL: missing */
	int32		days_before;
	int32		scope_length;	/* of the rolling scopes */
	DateADT		valid_from;		/* inclusive; DATEVAL_NOBEGIN */
	DateADT		valid_to;		/* exclusive; DATEVAL_NOEND */
	uint32		rule;			/* index into rules */
	uint32		set;			/* rows of one rule and item_group share it */
	RuleText	item_code;
	RuleText	other_code;
	RuleText	item_group;
	RuleText	unit;
	RuleText	sex;
	RuleText	note;
	RuleList	facility_ranks; /* int32 */
	RuleList	visit_types;	/* RuleText, as are those below */
	RuleList	excluded_visit_types;
	RuleList	insurance_types;
	RuleList	departments;
	RuleList	diagnosis_prefixes;
	RuleList	excluded_diagnosis_prefixes;
	uint8		code_match;		/* RuleCodeMatch of item_code */
	uint8		other_match;	/* RuleCodeMatch of other_code */
	uint8		scope;			/* RuleScope */
	uint8		certainty;		/* RuleCertainty: the row's, else its rule's */
	uint8		certainty_given;
	uint8		code_match_given;	/* what the row itself said, else exact */
	uint8		padding[6];
} RuleRow;

/* The package rows of one rule, package code and validity. */
typedef struct RulePackage
{
	int64		package_price;
	DateADT		valid_from;
	DateADT		valid_to;
	int32		min_parts;
	uint32		rule;
	uint32		first_component;	/* index into components */
	uint32		component_count;	/* distinct components of the package */
	RuleText	package_code;
	RuleList	facility_ranks;
} RulePackage;

typedef struct RuleComponent
{
	RuleText	component_code;
	uint32		package;		/* index into packages */
	uint32		padding;
} RuleComponent;

/* A local code that stands for a national one. */
typedef struct RuleAlias
{
	RuleText	item_code;
	RuleText	national_code;
} RuleAlias;

/*
 * One hash table: a filter of two bits a key, so small that it stays in cache;
 * slots by open addressing, each the number of a key plus one with a tag of
 * the hash above it (0: empty); keys that name a run of postings; postings of
 * index << 2 | side.
 */
typedef struct RuleIndexShape
{
	uint32		slot_count;		/* power of two from 8, at most half used */
	uint32		key_count;
	uint32		posting_count;
} RuleIndexShape;

typedef struct RuleKey
{
	uint32		offset;			/* of the bytes compared */
	uint32		length;
	uint32		match;			/* RuleCodeMatch */
	uint32		first;			/* index into postings */
	uint32		count;
} RuleKey;

/* Words of the filter: at least 8 bits a key. */
#define RULE_FILTER_WORDS(shape)	((shape)->slot_count / 8)

typedef struct RuleIndex
{
	RuleIndexShape shape;
	const uint32 *filter;
	const uint32 *slots;
	const RuleKey *keys;
	const uint32 *postings;
} RuleIndex;

/*
 * A stored value is its varlena header, four bytes of lead (version, zeros)
 * and the content, which so begins at a multiple of 8 in every copy that
 * PostgreSQL makes.
 */
#define RULEBOOK_LEAD		8

/*
 * The first bytes of the content.  The sections follow in the order in which
 * the header counts them, each at a multiple of 8, so that no offset needs to
 * be stored or trusted.
 */
typedef struct RulebookHeader
{
	uint8		match_kinds;	/* bit per RuleCodeMatch that has a key */
	uint8		padding[7];
	uint8		digest[16];		/* of the content with this left zero */
	uint32		length;			/* of the content, in bytes */
	uint32		rule_count;
	uint32		row_count;
	uint32		package_count;
	uint32		component_count;
	uint32		alias_count;
	uint32		list_words;		/* lists: 4-byte words */
	uint32		text_length;	/* texts: bytes */
	uint32		prefix_count;	/* distinct lengths of prefixes, ascending */
	uint32		set_count;
	RuleIndexShape item_index;
	RuleIndexShape alias_index;
} RulebookHeader;

/* A validated rulebook, ready to be read. */
typedef struct Rulebook
{
	const char *base;			/* first content byte */
	uint32		rule_count;
	uint32		row_count;
	uint32		set_count;
	uint32		package_count;
	uint32		component_count;
	const RuleEntry *rules;
	const RuleRow *rows;
	const RulePackage *packages;
	const RuleComponent *components;
	const RulebookHeader *header;
	uint32		alias_count;
	const RuleAlias *aliases;
	const uint32 *lists;
	const char *texts;
	const uint32 *prefix_lengths;
	RuleIndex	item_index;
	RuleIndex	alias_index;	/* what local codes meet through aliases */
} Rulebook;

static inline TextSpan
rule_text(const Rulebook *book, RuleText t)
{
	TextSpan	span = {t.length == RULE_NONE ? NULL : book->base + t.offset,
	t.length == RULE_NONE ? 0 : (int) t.length};

	return span;
}

static inline const RuleText *
rule_list_texts(const Rulebook *book, RuleList list)
{
	return (const RuleText *) (book->base + list.offset);
}

static inline const int32 *
rule_list_ints(const Rulebook *book, RuleList list)
{
	return (const int32 *) (book->base + list.offset);
}

/* Zeroed room for COUNT elements; more than 1 GB is allowed. */
static inline void *
rulebook_alloc(MemoryContext context, Size each, Size count)
{
	return MemoryContextAllocExtended(context, mul_size(each, Max(count, 1)),
									  MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);
}

/* What one item code of the data meets in the index. */
typedef enum RuleSide
{
	SIDE_ITEM,					/* index is a row: the code meets item_code */
	SIDE_OTHER,					/* index is a row: the code meets other_code */
	SIDE_PACKAGE,				/* index is a package: the code is the package */
	SIDE_COMPONENT				/* index is a component */
} RuleSide;

typedef struct RuleMatch
{
	uint32		index;
	uint8		side;			/* RuleSide */
	int32		item;			/* what the caller passed */
} RuleMatch;

typedef struct RuleMatches
{
	RuleMatch  *matches;
	int			count;
	int			allocated;
} RuleMatches;

/*
 * Appends what CODE meets, each (side, index) once, in no promised order.
 * MATCHES grows in the context it was allocated in; ITEM is carried along.
 */
extern void rulebook_match(const Rulebook *book, TextSpan code, int32 item,
						   RuleMatches *matches);

/*
 * The rulebook that argument ARGUMENT of the call brings, or, where ARGUMENT
 * is negative, the enabled rules compiled once per statement.  NULL argument:
 * error 22004 that names it.  The result lives until the statement ends and is
 * the same pointer for the same rulebook; the cache is the only thing kept
 * under fn_extra, and detectors hang what they keep per rulebook on
 * cache->detector (allocated in cache->context, reset to NULL together with
 * the rulebook when another one comes).
 */
typedef struct RulebookCache
{
	MemoryContext context;
	Rulebook   *book;
	void	   *detector;
	/* private from here */
	struct varlena *compiled;	/* as a value, for compile_rules() */
	char	   *toast_pointer;	/* of the stored value seen last */
	int			toast_length;
	uint32		local_xid;		/* with the next three: the snapshot */
	uint32		command;
	uint32		snapshot_xmax;
	uint32		snapshot_running;
	char	   *asked;			/* the rule codes that were compiled */
	uint64		generation;		/* of the session's book; 0: another one */
} RulebookCache;

extern RulebookCache *rulebook_of_call(FunctionCallInfo fcinfo, int argument);

/*
 * The enabled rules as the session keeps them, compiled where ORIGIN, the
 * caller's name of what they are compiled from, is another than before.  The
 * book is good until this function is called again.
 */
extern RulebookCache *rulebook_of_session(FunctionCallInfo fcinfo, const char *origin);

/* The stored value itself, for compile_rules(): statement-long, not to be freed. */
extern struct varlena *rulebook_compiled(FunctionCallInfo fcinfo,
										 ArrayType *rule_codes);

/* Does the row ask anything of a visit? */
extern bool rule_row_has_conditions(const RuleRow *row);

/* Or does it say so in words that nobody has made conditions of yet? */
extern bool rule_row_is_pending(const Rulebook *book, const RuleRow *row);

/* Is CODE, by itself or through its national codes, of the generic name of DRUG? */
extern bool rulebook_same_drug(const Rulebook *book, TextSpan drug, TextSpan code);

extern char *rule_conditions_to_json(const Rulebook *book, const RuleRow *row);
extern char *rule_scope_name(uint8 scope, int32 length);
extern const char *rule_kind_name(RuleKind kind);
extern const char *rule_certainty_name(RuleCertainty certainty);

#endif							/* MEDAUDIT_RULEBOOK_H */
