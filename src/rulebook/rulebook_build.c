/*
 * rulebook_build.c
 *		From rows in any order to one canonical flat value.
 *
 * Texts and lists are interned while rows arrive, so that a row in progress is
 * a fixed-size record of numbers.  At the end texts are ranked bytewise, lists
 * by content, rules by code; ranks replace numbers, rows are sorted by all
 * their fields, and rows that share a key stand together, where overlapping
 * validity shows.  The same rows in any order make the same bytes, hence the
 * same digest.
 *
 * Time: n log n in rows and distinct texts.  Space while building: about 200
 * bytes a row and 24 a distinct text, beside the value itself.
 */
#include "postgres.h"
#include "base/compat.h"

#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "utils/memutils.h"

#include "base/codes.h"
#include "rulebook/rulebook_build.h"

/* Makes room for one more element; returns the array. */
static void *
room_for_one(MemoryContext context, void *array, uint32 count, uint32 *room,
			 Size each)
{
	if (count < *room)
		return array;
	if (*room > PG_UINT32_MAX / 8)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("rulebook is too large")));
	*room = Max(*room * 2, 16);
	if (array == NULL)
		return MemoryContextAllocHuge(context, mul_size(each, *room));
	return repalloc_huge(array, mul_size(each, *room));
}

static void
interner_init(Interner *interner, MemoryContext context)
{
	memset(interner, 0, sizeof(*interner));
	interner->allocated = 1024;
	interner->bytes = MemoryContextAllocHuge(context, interner->allocated);
	interner->slot_count = 64;
	interner->slots = rulebook_alloc(context, sizeof(InternSlot), interner->slot_count);
}

static uint32
intern_hash(const char *data, int length, uint32 mark)
{
	uint64		hash = UINT64CONST(0xCBF29CE484222325) ^ mark;

	while (length >= 8)
	{
		uint64		word;

		memcpy(&word, data, 8);
		hash = (hash ^ word) * UINT64CONST(0x9E3779B97F4A7C15);
		hash ^= hash >> 32;
		data += 8;
		length -= 8;
	}
	for (int i = 0; i < length; i++)
		hash = (hash ^ (uint8) data[i]) * UINT64CONST(0x100000001B3);
	hash = (hash ^ hash >> 32) * UINT64CONST(0x9E3779B97F4A7C15);
	return (uint32) (hash >> 32);
}

static void
intern_grow_slots(Interner *interner, MemoryContext context)
{
	InternSlot *before = interner->slots;
	uint32		count = interner->slot_count;
	uint32		mask;

	interner->slot_count *= 2;
	interner->slots = rulebook_alloc(context, sizeof(InternSlot), interner->slot_count);
	mask = interner->slot_count - 1;
	for (uint32 i = 0; i < count; i++)
	{
		uint32		at = before[i].hash & mask;

		if (before[i].number == 0)
			continue;
		while (interner->slots[at].number != 0)
			at = (at + 1) & mask;
		interner->slots[at] = before[i];
	}
	pfree(before);
}

static uint32
intern_add(Interner *interner, MemoryContext context, const char *data,
		   int length, uint32 mark)
{
	InternEntry *entry;

	interner->entries = room_for_one(context, interner->entries,
									 interner->count, &interner->room,
									 sizeof(InternEntry));
	if (interner->allocated - interner->used < (Size) length)
	{
		interner->allocated = Max(interner->allocated * 2,
								  interner->used + length);
		interner->bytes = repalloc_huge(interner->bytes, interner->allocated);
	}
	entry = &interner->entries[interner->count];
	entry->offset = interner->used;
	entry->length = length;
	entry->mark = mark;
	entry->rank = RULE_NONE;
	if (length > 0)
		memcpy(interner->bytes + interner->used, data, length);
	interner->used += length;
	return interner->count++;
}

/*
 * The number of a byte string, new or known.  With COMPARE_MARK strings of
 * another mark are other strings.
 */
static uint32
intern(Interner *interner, MemoryContext context, const char *data, int length,
	   uint32 mark, bool compare_mark)
{
	uint32		hash = intern_hash(data, length, compare_mark ? mark : 0);
	uint32		mask = interner->slot_count - 1;
	uint32		at = hash & mask;
	uint32		number;

	for (; interner->slots[at].number != 0; at = (at + 1) & mask)
	{
		const InternEntry *entry = &interner->entries[interner->slots[at].number - 1];

		if (interner->slots[at].hash == hash && entry->length == (uint32) length &&
			(!compare_mark || entry->mark == mark) &&
			memcmp(interner->bytes + entry->offset, data, length) == 0)
			return interner->slots[at].number - 1;
	}
	number = intern_add(interner, context, data, length, mark);
	interner->slots[at].hash = hash;
	interner->slots[at].number = number + 1;
	if (2 * interner->count > interner->slot_count)
		intern_grow_slots(interner, context);
	return number;
}

/* A builder in a context of its own, which builder_finish() deletes. */
RulebookBuilder *
rulebook_builder(void)
{
	MemoryContext context = AllocSetContextCreate(CurrentMemoryContext,
												  "rulebook builder",
												  ALLOCSET_DEFAULT_SIZES);
	RulebookBuilder *builder = MemoryContextAllocZero(context,
													  sizeof(RulebookBuilder));

	builder->context = context;
	interner_init(&builder->texts, context);
	interner_init(&builder->lists, context);
	builder->row_codes = column_places(&rule_row_columns, COLUMN_BIT(COLUMN_CODE));
	builder->package_codes = column_places(&package_row_columns, COLUMN_BIT(COLUMN_CODE));
	for (int kind = 0; kind < RULE_KINDS; kind++)
		builder->row_columns[kind] = columns_of_kind(&rule_row_columns, kind);
	return builder;
}

/* Rows that are equal in everything count once: for what is put together. */
void
builder_allow_repeats(RulebookBuilder *builder)
{
	builder->allow_repeats = true;
}

/* Aliases whose national code meets nothing are left out. */
void
builder_used_aliases(RulebookBuilder *builder)
{
	builder->used_aliases = true;
}

RuleText
builder_text(RulebookBuilder *builder, TextSpan span)
{
	RuleText	result = {0, RULE_NONE};

	if (span.data == NULL)
		return result;
	result.offset = intern(&builder->texts, builder->context, span.data,
						   span.length, RULE_NONE, false);
	result.length = builder->texts.entries[result.offset].length;
	return result;
}

/*
 * Asks for the cache line where SPAN will be looked up: with a million texts it
 * is in no cache.
 */
void
builder_prefetch(const RulebookBuilder *builder, TextSpan span)
{
	const Interner *texts = &builder->texts;

	if (span.data != NULL)
		packed_prefetch(&texts->slots[intern_hash(span.data, span.length, 0) & (texts->slot_count - 1)],
						sizeof(InternSlot));
}

static int
compare_spans(const void *a, const void *b)
{
	return text_span_compare(*(const TextSpan *) a, *(const TextSpan *) b);
}

/* A list of texts, which is a set: sorted, each member once. */
RuleList
builder_texts(RulebookBuilder *builder, TextSpan *spans, int count)
{
	RuleList	result = {0, 0};
	uint32	   *words = palloc(sizeof(uint32) * Max(count, 1));

	qsort(spans, count, sizeof(TextSpan), compare_spans);
	for (int i = 0; i < count; i++)
	{
		if (i > 0 && text_span_equal(spans[i - 1], spans[i]))
			continue;
		words[result.count++] = builder_text(builder, spans[i]).offset;
	}
	result.offset = intern(&builder->lists, builder->context,
						   (const char *) words,
						   sizeof(uint32) * result.count, 1, true);
	pfree(words);
	return result;
}

static int
compare_ints(const void *a, const void *b)
{
	int32		left = *(const int32 *) a;
	int32		right = *(const int32 *) b;

	return (left > right) - (left < right);
}

RuleList
builder_ints(RulebookBuilder *builder, int32 *values, int count)
{
	RuleList	result = {0, 0};

	qsort(values, count, sizeof(int32), compare_ints);
	for (int i = 0; i < count; i++)
	{
		if (i == 0 || values[i] != values[result.count - 1])
			values[result.count++] = values[i];
	}
	result.offset = intern(&builder->lists, builder->context,
						   (const char *) values,
						   sizeof(int32) * result.count, 0, true);
	return result;
}

/* True where the rule is known; INDEX is its number. */
bool
builder_find_rule(RulebookBuilder *builder, TextSpan rule_code, uint32 *index)
{
	RuleText text = builder_text(builder, rule_code);

	*index = builder->texts.entries[text.offset].mark;
	return *index != RULE_NONE;
}

/* The rule of that code; a new one has kind RULE_KINDS and is to be filled. */
RuleEntry *
builder_rule(RulebookBuilder *builder, TextSpan rule_code, uint32 *index)
{
	RuleEntry  *rule;
	RuleText	no_text = {0, RULE_NONE};

	if (builder_find_rule(builder, rule_code, index))
		return &builder->rules[*index];
	builder->rules = room_for_one(builder->context, builder->rules,
								  builder->rule_count, &builder->rule_room,
								  sizeof(RuleEntry));
	*index = builder->rule_count++;
	rule = &builder->rules[*index];
	memset(rule, 0, sizeof(RuleEntry));
	rule->rule_code = builder_text(builder, rule_code);
	rule->name_zh = rule->violation = no_text;
	rule->kind = RULE_KINDS;
	rule->certainty = CERTAINTY_SUSPICION;
	builder->texts.entries[rule->rule_code.offset].mark = *index;
	return rule;
}

/* Codes of a book are folded; what is blank becomes empty. */
static RuleText
folded_code(RulebookBuilder *builder, RuleText text)
{
	TextSpan	given = builder_span(builder, text);
	TextSpan	folded;

	if (given.data == NULL || code_is_folded(given))
		return text;

	folded = code_fold(given);

	/* a copy, for texts move when one is added */
	folded.data = pnstrdup(folded.data == NULL ? "" : folded.data, folded.length);
	return builder_text(builder, folded);
}

static void
fold_codes(RulebookBuilder *builder, const ColumnPlaces *codes, void *row)
{
	for (int i = 0; i < codes->count; i++)
	{
		RuleText   *code = &ROW_PART(RuleText, row, codes->offset[i]);

		*code = folded_code(builder, *code);
	}
}

void
builder_row(RulebookBuilder *builder, const RuleRow *row)
{
	RuleRow    *added;

	builder->rows = room_for_one(builder->context, builder->rows,
								 builder->row_count, &builder->row_room,
								 sizeof(RuleRow));
	added = &builder->rows[builder->row_count++];
	*added = *row;
	fold_codes(builder, &builder->row_codes, added);
	rule_row_check(builder, added);
}

void
builder_package(RulebookBuilder *builder, const PackageRow *row)
{
	PackageRow *added;

	builder->packages = room_for_one(builder->context, builder->packages,
									 builder->package_count,
									 &builder->package_room,
									 sizeof(PackageRow));
	added = &builder->packages[builder->package_count++];
	*added = *row;
	fold_codes(builder, &builder->package_codes, added);
	package_row_check(builder, added);
}

void
builder_alias(RulebookBuilder *builder, TextSpan item_code,
			  TextSpan national_code)
{
	AliasRow   *alias;

	if (code_equal(item_code, national_code))
		return;
	builder->aliases = room_for_one(builder->context, builder->aliases,
									builder->alias_count, &builder->alias_room,
									sizeof(AliasRow));
	alias = &builder->aliases[builder->alias_count++];
	alias->item_code = folded_code(builder, builder_text(builder, item_code));
	alias->national_code = folded_code(builder, builder_text(builder, national_code));
}

/*
 * Adding a finished rulebook.
 */
static RuleText
copy_text(RulebookBuilder *builder, const Rulebook *book, RuleText text)
{
	return builder_text(builder, rule_text(book, text));
}

static RuleList
copy_texts(RulebookBuilder *builder, const Rulebook *book, RuleList list)
{
	TextSpan   *spans;
	RuleList	result;

	if (list.count == RULE_NONE)
		return list;
	spans = palloc(sizeof(TextSpan) * Max(list.count, 1));
	for (uint32 i = 0; i < list.count; i++)
		spans[i] = rule_text(book, rule_list_texts(book, list)[i]);
	result = builder_texts(builder, spans, list.count);
	pfree(spans);
	return result;
}

static RuleList
copy_ints(RulebookBuilder *builder, const Rulebook *book, RuleList list)
{
	int32	   *values;
	RuleList	result;

	if (list.count == RULE_NONE)
		return list;
	values = palloc(sizeof(int32) * Max(list.count, 1));
	memcpy(values, rule_list_ints(book, list), sizeof(int32) * list.count);
	result = builder_ints(builder, values, list.count);
	pfree(values);
	return result;
}

/* What ROW refers to in BOOK, interned. */
static void
copy_columns(RulebookBuilder *builder, const Rulebook *book,
			 const RuleColumns *columns, void *row)
{
	for (int i = 0; i < columns->count; i++)
	{
		uint16		offset = columns->list[i].offset;
		RuleText   *text = &ROW_PART(RuleText, row, offset);
		RuleList   *list = &ROW_PART(RuleList, row, offset);

		switch ((RuleColumnType) columns->list[i].type)
		{
			case COLUMN_TEXT:
			case COLUMN_CODE:
				*text = copy_text(builder, book, *text);
				break;
			case COLUMN_INTS:
				*list = copy_ints(builder, book, *list);
				break;
			case COLUMN_TEXTS:
				*list = copy_texts(builder, book, *list);
				break;
			default:
				break;
		}
	}
}

/* The first book's name and certainty of a rule hold; kinds must agree. */
static uint32
copy_rule(RulebookBuilder *builder, const Rulebook *book, const RuleEntry *from)
{
	TextSpan	rule_code = rule_text(book, from->rule_code);
	uint32		index;
	RuleEntry  *rule = builder_rule(builder, rule_code, &index);

	if (rule->kind == RULE_KINDS)
	{
		rule->kind = from->kind;
		rule->certainty = from->certainty;
	}
	else if (rule->kind != from->kind)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("rule \"%.*s\" is of kind %s and of kind %s",
						rule_code.length, rule_code.data,
						rule_kind_name(rule->kind),
						rule_kind_name(from->kind))));
	if (rule->name_zh.length == RULE_NONE)
		rule->name_zh = copy_text(builder, book, from->name_zh);
	if (rule->violation.length == RULE_NONE)
		rule->violation = copy_text(builder, book, from->violation);
	return index;
}

static void
copy_row(RulebookBuilder *builder, const Rulebook *book, const RuleRow *from,
		 const uint32 *rules)
{
	RuleRow		row = *from;

	memset(row.padding, 0, sizeof(row.padding));
	row.rule = rules[from->rule];
	row.set = 0;
	copy_columns(builder, book, &rule_row_columns, &row);

	/* A row keeps the certainty it had from its own book's rule. */
	if (!row.certainty_given &&
		row.certainty != builder->rules[row.rule].certainty)
		row.certainty_given = true;
	builder_row(builder, &row);
}

static void
copy_package(RulebookBuilder *builder, const Rulebook *book,
			 const RuleComponent *component, const uint32 *rules)
{
	PackageRow	row = package_row_of(book, component);

	row.rule = rules[row.rule];
	copy_columns(builder, book, &package_row_columns, &row);
	builder_package(builder, &row);
}

void
builder_book(RulebookBuilder *builder, const Rulebook *book)
{
	uint32	   *rules = rulebook_alloc(builder->context, sizeof(uint32),
									   book->rule_count);

	for (uint32 i = 0; i < book->rule_count; i++)
		rules[i] = copy_rule(builder, book, &book->rules[i]);
	for (uint32 i = 0; i < book->row_count; i++)
	{
		CHECK_FOR_INTERRUPTS();
		copy_row(builder, book, &book->rows[i], rules);
	}
	for (uint32 i = 0; i < book->component_count; i++)
		copy_package(builder, book, &book->components[i], rules);
	for (uint32 i = 0; i < book->alias_count; i++)
		builder_alias(builder, rule_text(book, book->aliases[i].item_code),
					  rule_text(book, book->aliases[i].national_code));
	pfree(rules);
}
