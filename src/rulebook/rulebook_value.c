/*
 * rulebook_value.c
 *		The flat value of a rulebook: where its sections stand, how it is
 *		sealed, and whether what is there can be trusted.
 *
 * The value is written once and read in place.  Whoever reads it goes through
 * rulebook_open(), which checks every count, offset and enumeration against
 * the bytes that are there, so that damaged storage is an error and never a
 * crash.
 *
 * Opening is one pass over the records and a copy of the value.
 */
#include "postgres.h"
#include "base/compat.h"

#include "common/cryptohash.h"
#include "port/pg_bswap.h"
#include "utils/memutils.h"

#include "rulebook/rulebook_columns.h"
#include "rulebook/rulebook_value.h"

StaticAssertDecl(sizeof(RuleEntry) == 32, "stored form of a rule");
StaticAssertDecl(sizeof(RuleRow) % 8 == 0 &&
				 sizeof(RuleRow) == offsetof(RuleRow, padding) + sizeof(((RuleRow *) 0)->padding),
				 "stored form of a row, without a hole at its end");
StaticAssertDecl(sizeof(RulePackage) == 48, "stored form of a package");
StaticAssertDecl(sizeof(RuleComponent) == 16, "stored form of a component");
StaticAssertDecl(sizeof(RuleAlias) == 16, "stored form of an alias");
StaticAssertDecl(sizeof(RuleKey) == 20, "stored form of a key");
StaticAssertDecl(sizeof(RulebookHeader) == 88, "stored form of the header");

int64		rulebook_opened;

/*
 * Of each record: how many int64s, then int32s, then bytes.  A big-endian
 * machine swaps by this.
 */
typedef struct RecordShape
{
	int			longs;
	int			words;
	int			bytes;
} RecordShape;

static const RecordShape shapes[RULEBOOK_SECTIONS] = {
	[SECTION_RULES] = {0, 6, 8},
	[SECTION_ROWS] = {
		offsetof(RuleRow, min_age) / 8,
		(offsetof(RuleRow, code_match) - offsetof(RuleRow, min_age)) / 4,
		sizeof(RuleRow) - offsetof(RuleRow, code_match)
	},
	[SECTION_PACKAGES] = {1, 10, 0},
	[SECTION_COMPONENTS] = {0, 4, 0},
	[SECTION_ALIASES] = {0, 4, 0},
	[SECTION_LISTS] = {0, 1, 0},
	[SECTION_TEXTS] = {0, 0, 1},
	[SECTION_PREFIXES] = {0, 1, 0},
	[SECTION_ITEM_FILTER] = {0, 1, 0},
	[SECTION_ITEM_SLOTS] = {0, 1, 0},
	[SECTION_ITEM_KEYS] = {0, 5, 0},
	[SECTION_ITEM_POSTINGS] = {0, 1, 0},
	[SECTION_ALIAS_FILTER] = {0, 1, 0},
	[SECTION_ALIAS_SLOTS] = {0, 1, 0},
	[SECTION_ALIAS_KEYS] = {0, 5, 0},
	[SECTION_ALIAS_POSTINGS] = {0, 1, 0}
};

static uint32
section_count(const RulebookHeader *header, RulebookSection section)
{
	const uint32 counts[RULEBOOK_SECTIONS] = {
		header->rule_count, header->row_count, header->package_count,
		header->component_count, header->alias_count, header->list_words,
		header->text_length, header->prefix_count,
		RULE_FILTER_WORDS(&header->item_index), header->item_index.slot_count,
		header->item_index.key_count, header->item_index.posting_count,
		RULE_FILTER_WORDS(&header->alias_index), header->alias_index.slot_count,
		header->alias_index.key_count, header->alias_index.posting_count
	};

	return counts[section];
}

/* Where the sections begin; 64 bits hold whatever a damaged header says. */
void
rulebook_layout(const RulebookHeader *header, RulebookLayout *layout)
{
	uint64		at = sizeof(RulebookHeader);

	for (int i = 0; i < RULEBOOK_SECTIONS; i++)
	{
		const RecordShape *shape = &shapes[i];
		uint64		size = 8 * shape->longs + 4 * shape->words + shape->bytes;

		layout->offset[i] = at;
		at += (size * section_count(header, i) + 7) & ~UINT64CONST(7);
	}
	layout->length = at;
}

/* Points BOOK into the content at BASE, which is in native byte order. */
void
rulebook_view(Rulebook *book, const char *base)
{
	const RulebookHeader *header = (const RulebookHeader *) base;
	RulebookLayout layout;
	const uint64 *at = layout.offset;

	rulebook_layout(header, &layout);
	book->base = base;
	book->header = header;
	book->rule_count = header->rule_count;
	book->row_count = header->row_count;
	book->set_count = header->set_count;
	book->package_count = header->package_count;
	book->component_count = header->component_count;
	book->alias_count = header->alias_count;
	book->rules = (const RuleEntry *) (base + at[SECTION_RULES]);
	book->rows = (const RuleRow *) (base + at[SECTION_ROWS]);
	book->packages = (const RulePackage *) (base + at[SECTION_PACKAGES]);
	book->components = (const RuleComponent *) (base + at[SECTION_COMPONENTS]);
	book->aliases = (const RuleAlias *) (base + at[SECTION_ALIASES]);
	book->lists = (const uint32 *) (base + at[SECTION_LISTS]);
	book->texts = base + at[SECTION_TEXTS];
	book->prefix_lengths = (const uint32 *) (base + at[SECTION_PREFIXES]);
	book->item_index.shape = header->item_index;
	book->item_index.filter = (const uint32 *) (base + at[SECTION_ITEM_FILTER]);
	book->item_index.slots = (const uint32 *) (base + at[SECTION_ITEM_SLOTS]);
	book->item_index.keys = (const RuleKey *) (base + at[SECTION_ITEM_KEYS]);
	book->item_index.postings = (const uint32 *) (base + at[SECTION_ITEM_POSTINGS]);
	book->alias_index.shape = header->alias_index;
	book->alias_index.filter = (const uint32 *) (base + at[SECTION_ALIAS_FILTER]);
	book->alias_index.slots = (const uint32 *) (base + at[SECTION_ALIAS_SLOTS]);
	book->alias_index.keys = (const RuleKey *) (base + at[SECTION_ALIAS_KEYS]);
	book->alias_index.postings = (const uint32 *) (base + at[SECTION_ALIAS_POSTINGS]);
}

#ifdef WORDS_BIGENDIAN
static void
swap_records(char *at, uint32 count, const RecordShape *shape)
{
	for (uint32 i = 0; i < count; i++)
	{
		for (int k = 0; k < shape->longs; k++, at += 8)
			*(uint64 *) at = pg_bswap64(*(uint64 *) at);
		for (int k = 0; k < shape->words; k++, at += 4)
			*(uint32 *) at = pg_bswap32(*(uint32 *) at);
		at += shape->bytes;
	}
}
#endif

/* Between stored (little-endian) and native order, in place. */
void
rulebook_swap_header(char *base)
{
#ifdef WORDS_BIGENDIAN
	const RecordShape words = {0, 16, 0};

	swap_records(base + offsetof(RulebookHeader, length), 1, &words);
#else
	(void) base;
#endif
}

static void
swap_sections(char *base, const RulebookHeader *header,
			  const RulebookLayout *layout)
{
#ifdef WORDS_BIGENDIAN
	for (int i = 0; i < RULEBOOK_SECTIONS; i++)
	{
		if (shapes[i].longs + shapes[i].words > 0)
			swap_records(base + layout->offset[i], section_count(header, i),
						 &shapes[i]);
	}
#else
	(void) base;
	(void) header;
	(void) layout;
#endif
}

/* SHA-256 of the content but for the digest itself, first half. */
void
rulebook_digest(const char *base, Size length, uint8 *digest)
{
	pg_cryptohash_ctx *hash = pg_cryptohash_create(PG_SHA256);
	const uint8 zeros[16] = {0};
	const Size	at = offsetof(RulebookHeader, digest);
	uint8		result[32];

	if (hash == NULL || pg_cryptohash_init(hash) < 0 ||
		pg_cryptohash_update(hash, (const uint8 *) base, at) < 0 ||
		pg_cryptohash_update(hash, zeros, 16) < 0 ||
		pg_cryptohash_update(hash, (const uint8 *) base + at + 16,
							 length - at - 16) < 0 ||
		pg_cryptohash_final(hash, result, sizeof(result)) < 0)
		elog(ERROR, "could not compute a digest");
	pg_cryptohash_free(hash);
	memcpy(digest, result, 16);
}

/* Turns what was written in native order into a stored value. */
void
rulebook_seal(struct varlena *value)
{
	char	   *base = (char *) value + RULEBOOK_LEAD;
	RulebookHeader header;
	RulebookLayout layout;
	uint8		digest[16];

	memcpy(&header, base, sizeof(header));
	rulebook_layout(&header, &layout);
	swap_sections(base, &header, &layout);
	rulebook_swap_header(base);
	rulebook_digest(base, layout.length, digest);
	memcpy(base + offsetof(RulebookHeader, digest), digest, 16);
	SET_VARSIZE(value, RULEBOOK_LEAD + layout.length);
	memset(VARDATA(value), 0, RULEBOOK_LEAD - VARHDRSZ);
	*(uint8 *) VARDATA(value) = RULEBOOK_VERSION;
}

/*
 * Validation.
 */
typedef struct Bounds
{
	const Rulebook *book;
	uint32		text_start;
	uint32		text_end;
	uint32		list_start;
	uint32		list_end;
	bool		good;
} Bounds;

static inline void
check_text(Bounds *bounds, RuleText text)
{
	if (text.length == RULE_NONE)
		return;
	if (text.offset < bounds->text_start || text.offset > bounds->text_end ||
		text.length > bounds->text_end - text.offset)
		bounds->good = false;
}

static inline bool
check_list(Bounds *bounds, RuleList list, Size each)
{
	if (list.count == RULE_NONE)
		return false;
	if (list.offset < bounds->list_start || list.offset > bounds->list_end ||
		list.offset % sizeof(uint32) != 0 ||
		list.count > (bounds->list_end - list.offset) / each)
	{
		bounds->good = false;
		return false;
	}
	return true;
}

static inline void
check_texts(Bounds *bounds, RuleList list)
{
	if (!check_list(bounds, list, sizeof(RuleText)))
		return;
	for (uint32 i = 0; i < list.count; i++)
	{
		RuleText	member = rule_list_texts(bounds->book, list)[i];

		if (member.length == RULE_NONE)
			bounds->good = false;
		check_text(bounds, member);
	}
}

static inline void
check_columns(Bounds *bounds, const RuleRow *row)
{
	UNROLL_COLUMNS
		for (int i = 0; i < (int) lengthof(rule_columns); i++)
	{
		const RuleColumn *column = &rule_columns[i];

		if (column_is_text(column))
			check_text(bounds, ROW_PART(RuleText, row, column->offset));
		else if (column->type == COLUMN_INTS)
			check_list(bounds, ROW_PART(RuleList, row, column->offset), sizeof(int32));
		else if (column->type == COLUMN_TEXTS)
			check_texts(bounds, ROW_PART(RuleList, row, column->offset));
	}
}

static void
check_rows(Bounds *bounds)
{
	const Rulebook *book = bounds->book;

	for (uint32 i = 0; i < book->row_count; i++)
	{
		const RuleRow *row = &book->rows[i];

		check_columns(bounds, row);
		if (row->rule >= book->rule_count || row->set >= book->set_count ||
			row->code_match > MATCH_EVERY || row->other_match > MATCH_EVERY ||
			row->code_match_given > MATCH_GENERIC ||
			row->scope > SCOPE_SPAN || row->certainty > CERTAINTY_NOTICE ||
			row->certainty_given > 1)
			bounds->good = false;
	}
	if (book->set_count > book->row_count)
		bounds->good = false;
}

static void
check_rules(Bounds *bounds)
{
	const Rulebook *book = bounds->book;

	for (uint32 i = 0; i < book->rule_count; i++)
	{
		check_text(bounds, book->rules[i].rule_code);
		check_text(bounds, book->rules[i].name_zh);
		check_text(bounds, book->rules[i].violation);
		if (book->rules[i].kind >= RULE_KINDS ||
			book->rules[i].certainty > CERTAINTY_NOTICE ||
			book->rules[i].rule_code.length == RULE_NONE)
			bounds->good = false;
	}
}

static void
check_packages(Bounds *bounds)
{
	const Rulebook *book = bounds->book;
	uint64		next = 0;

	for (uint32 i = 0; i < book->package_count; i++)
	{
		const RulePackage *package = &book->packages[i];

		check_text(bounds, package->package_code);
		check_list(bounds, package->facility_ranks, sizeof(int32));
		if (package->rule >= book->rule_count ||
			package->first_component != next)
			bounds->good = false;
		next += package->component_count;
	}
	if (next != book->component_count)
		bounds->good = false;
	for (uint32 i = 0; i < book->component_count; i++)
	{
		check_text(bounds, book->components[i].component_code);
		if (book->components[i].package >= book->package_count)
			bounds->good = false;
	}
	for (uint32 i = 0; i < book->alias_count; i++)
	{
		check_text(bounds, book->aliases[i].item_code);
		check_text(bounds, book->aliases[i].national_code);
		if (book->aliases[i].item_code.length == RULE_NONE ||
			book->aliases[i].national_code.length == RULE_NONE)
			bounds->good = false;
	}
}

/* What each side may point to. */
static bool
good_posting(const Rulebook *book, uint32 posting)
{
	const uint32 limits[] = {
		book->row_count, book->row_count, book->package_count,
		book->component_count
	};

	return posting >> 2 < limits[posting & 3];
}

/* A probe must end at an empty slot, and a slot must name a key. */
static void
check_index(Bounds *bounds, const RuleIndex *index)
{
	const RuleIndexShape *shape = &index->shape;
	uint32		used = 0;

	if (shape->slot_count < 8 ||
		(shape->slot_count & (shape->slot_count - 1)) != 0)
	{
		bounds->good = false;
		return;
	}
	for (uint32 i = 0; i < shape->slot_count; i++)
	{
		uint32		number = index->slots[i] & (shape->slot_count - 1);

		if (index->slots[i] == 0)
			continue;
		used++;
		if (number == 0 || number > shape->key_count)
			bounds->good = false;
	}
	if (used == shape->slot_count)
		bounds->good = false;
	for (uint32 i = 0; i < shape->key_count; i++)
	{
		const RuleKey *key = &index->keys[i];
		RuleText	code = {key->offset, key->length};

		check_text(bounds, code);
		if (key->length == RULE_NONE || key->first > shape->posting_count ||
			key->count > shape->posting_count - key->first)
			bounds->good = false;
	}
	for (uint32 i = 0; i < shape->posting_count; i++)
	{
		if (!good_posting(bounds->book, index->postings[i]))
			bounds->good = false;
	}
}

/* Whether everything in BOOK points inside of it. */
static bool
good_book(const Rulebook *book)
{
	RulebookLayout layout;
	Bounds		bounds;

	rulebook_layout(book->header, &layout);
	bounds.book = book;
	bounds.text_start = (uint32) layout.offset[SECTION_TEXTS];
	bounds.text_end = bounds.text_start + book->header->text_length;
	bounds.list_start = (uint32) layout.offset[SECTION_LISTS];
	bounds.list_end = bounds.list_start +
		sizeof(uint32) * book->header->list_words;
	bounds.good = true;
	check_rules(&bounds);
	check_rows(&bounds);
	check_packages(&bounds);
	if (bounds.good)
	{
		check_index(&bounds, &book->item_index);
		check_index(&bounds, &book->alias_index);
	}
	return bounds.good;
}

/*
 * Opens the content of SIZE bytes at BASE, aligned and writable; false where
 * it is damaged.
 */
bool
rulebook_open_content(Rulebook *book, char *base, Size size)
{
	RulebookHeader *header = (RulebookHeader *) base;
	RulebookLayout layout;

	if (size < sizeof(RulebookHeader))
		return false;
	rulebook_swap_header(base);
	rulebook_layout(header, &layout);
	if (header->length != size || layout.length != size)
		return false;
	swap_sections(base, header, &layout);
	rulebook_view(book, base);
	return good_book(book);
}

/* Whether LEAD, the first bytes of a value, is of the version at hand. */
bool
rulebook_good_lead(const char *lead)
{
	return lead[0] == RULEBOOK_VERSION && lead[1] == 0 && lead[2] == 0 &&
		lead[3] == 0;
}

/* A validated copy of a detoasted VALUE, in CONTEXT. */
Rulebook *
rulebook_open(const struct varlena *value, MemoryContext context)
{
	Size		size = VARSIZE_ANY_EXHDR(value);
	Rulebook   *book = MemoryContextAllocZero(context, sizeof(Rulebook));
	char	   *base;

	if (size < RULEBOOK_LEAD - VARHDRSZ + sizeof(RulebookHeader))
		ereport(ERROR,
				(errcode(ERRCODE_DATA_CORRUPTED),
				 errmsg("damaged value of type rulebook")));
	if (!rulebook_good_lead(VARDATA_ANY(value)))
		ereport(ERROR,
				(errcode(ERRCODE_DATA_CORRUPTED),
				 errmsg("value of type rulebook has an unknown version"),
				 errhint("Compile the rules again, or update the extension.")));
	size -= RULEBOOK_LEAD - VARHDRSZ;
	base = MemoryContextAllocHuge(context, size);
	memcpy(base, VARDATA_ANY(value) + RULEBOOK_LEAD - VARHDRSZ, size);
	if (!rulebook_open_content(book, base, size))
		ereport(ERROR,
				(errcode(ERRCODE_DATA_CORRUPTED),
				 errmsg("damaged value of type rulebook")));
	rulebook_opened++;
	return book;
}
