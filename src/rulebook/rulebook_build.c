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

#include "base/array.h"
#include "base/codes.h"
#include "base/sort.h"
#include "rulebook/rulebook_build.h"

/*
 * The number of a byte string, new or known; what is noted of a new one says
 * nothing yet.
 */
static uint32
intern(RulebookBuilder *builder, Interner *interner, TextSpan span)
{
	bool		is_new;
	int32		number = dictionary_add(&interner->strings, span, &is_new);

	if (is_new)
	{
		array_reserve_in(builder->context, interner->notes, interner->room, (uint32) number + 1);
		interner->notes[number].rule = interner->notes[number].rank = RULE_NONE;
	}
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
	dictionary_init_copying(&builder->texts.strings, context);
	dictionary_init_copying(&builder->lists.strings, context);
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
	result.offset = intern(builder, &builder->texts, span);
	result.length = span.length;
	return result;
}

/*
 * Asks for the cache line where SPAN will be looked up: with a million texts it
 * is in no cache.
 */
void
builder_prefetch(const RulebookBuilder *builder, TextSpan span)
{
	if (span.data != NULL)
		dictionary_prefetch(&builder->texts.strings, span);
}

/* A list of COUNT words behind the first, which says of what they are. */
static RuleList
intern_list(RulebookBuilder *builder, uint32 *words, uint32 count)
{
	TextSpan	key = {(const char *) words, (int) ((count + 1) * sizeof(uint32))};
	RuleList	result = {intern(builder, &builder->lists, key), count};

	return result;
}

/* A list of texts, which is a set: sorted, each member once. */
RuleList
builder_texts(RulebookBuilder *builder, TextSpan *spans, int count)
{
	uint32	   *words = palloc(mul_size((Size) count + 1, sizeof(uint32)));
	RuleList	result;

	count = distinct_texts(spans, count);
	words[0] = LIST_OF_TEXTS;
	for (int i = 0; i < count; i++)
		words[i + 1] = builder_text(builder, spans[i]).offset;
	result = intern_list(builder, words, count);
	pfree(words);
	return result;
}

RuleList
builder_ints(RulebookBuilder *builder, int32 *values, int count)
{
	uint32	   *words = palloc(mul_size((Size) count + 1, sizeof(uint32)));
	RuleList	result;

	count = distinct_int32(values, count);
	words[0] = LIST_OF_INTS;
	memcpy(words + 1, values, count * sizeof(int32));
	result = intern_list(builder, words, count);
	pfree(words);
	return result;
}

/* True where the rule is known; INDEX is its number. */
bool
builder_find_rule(RulebookBuilder *builder, TextSpan rule_code, uint32 *index)
{
	RuleText	code = builder_text(builder, rule_code);

	*index = builder->texts.notes[code.offset].rule;
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
	array_reserve_in(builder->context, builder->rules, builder->rule_room,
					 builder->rule_count + 1);
	*index = builder->rule_count++;
	rule = &builder->rules[*index];
	memset(rule, 0, sizeof(RuleEntry));
	rule->rule_code = builder_text(builder, rule_code);
	rule->name_zh = rule->violation = no_text;
	rule->kind = RULE_KINDS;
	rule->certainty = CERTAINTY_SUSPICION;
	builder->texts.notes[rule->rule_code.offset].rule = *index;
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
	if (folded.data == NULL)
		folded.data = "";
	return builder_text(builder, folded);
}

static pg_attribute_always_inline void
fold_codes(RulebookBuilder *builder, const RuleColumn *list, int count, void *row)
{
	UNROLL_COLUMNS
		for (int i = 0; i < count; i++)
	{
		RuleText   *code = &ROW_PART(RuleText, row, list[i].offset);

		if (list[i].type == COLUMN_CODE)
			*code = folded_code(builder, *code);
	}
}

void
builder_row(RulebookBuilder *builder, const RuleRow *row)
{
	RuleRow    *added;

	array_reserve_in(builder->context, builder->rows, builder->row_room,
					 builder->row_count + 1);
	added = &builder->rows[builder->row_count++];
	*added = *row;
	fold_codes(builder, rule_columns, lengthof(rule_columns), added);
	rule_row_check(builder, added);
}

void
builder_package(RulebookBuilder *builder, const PackageRow *row)
{
	PackageRow *added;

	array_reserve_in(builder->context, builder->packages, builder->package_room,
					 builder->package_count + 1);
	added = &builder->packages[builder->package_count++];
	*added = *row;
	fold_codes(builder, package_columns, lengthof(package_columns), added);
	package_row_check(builder, added);
}

void
builder_alias(RulebookBuilder *builder, TextSpan item_code,
			  TextSpan national_code)
{
	AliasRow   *alias;

	if (code_equal(item_code, national_code))
		return;
	array_reserve_in(builder->context, builder->aliases, builder->alias_room,
					 builder->alias_count + 1);
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
