/*
 * rulebook_order.c
 *		Puts what a builder collected into one order.
 *
 * Numbers of texts, lists and rules become ranks, so that rows compare as
 * integers and the value does not depend on the order of arrival.  Rows of one
 * key stand together after sorting; overlapping validity is then a comparison
 * of neighbours.
 */
#include "postgres.h"
#include "base/compat.h"

#include "miscadmin.h"
#include "utils/memutils.h"

#include "rulebook/rulebook_build.h"
#include "rulebook/rulebook_index.h"

/*
 * Ranks of texts.
 */
typedef struct TextOrder
{
	uint64		prefix;			/* first eight bytes, most significant first */
	uint32		number;
} TextOrder;

static inline int
compare_texts(const TextOrder *a, const TextOrder *b, const Interner *texts)
{
	if (a->prefix != b->prefix)
		return pg_cmp_u64(a->prefix, b->prefix);
	return text_span_compare(texts->strings.spans[a->number], texts->strings.spans[b->number]);
}

#define ST_SORT sort_text_order
#define ST_ELEMENT_TYPE TextOrder
#define ST_COMPARE(a, b, arg) compare_texts(a, b, arg)
#define ST_COMPARE_ARG_TYPE const Interner
#define ST_SCOPE static
#define ST_CHECK_FOR_INTERRUPTS
#define ST_DECLARE
#define ST_DEFINE
#include "lib/sort_template.h"

static void
use_text(RulebookBuilder *builder, RuleText text)
{
	if (text.length != RULE_NONE)
		builder->texts.notes[text.offset].rank = 0;
}

static void
use_list(RulebookBuilder *builder, RuleList list)
{
	if (list.count == RULE_NONE || builder->lists.notes[list.offset].rank == 0)
		return;
	builder->lists.notes[list.offset].rank = 0;
	if (!builder_list_has_texts(builder, list.offset))
		return;
	for (uint32 i = 0; i < list.count; i++)
		builder->texts.notes[builder_list_words(builder, list.offset)[i]].rank = 0;
}

static pg_attribute_always_inline void
use_columns(RulebookBuilder *builder, const RuleColumn *list, int count, const void *row)
{
	UNROLL_COLUMNS
		for (int i = 0; i < count; i++)
	{
		if (column_is_text(&list[i]))
			use_text(builder, ROW_PART(RuleText, row, list[i].offset));
		else if (column_is_list(&list[i]))
			use_list(builder, ROW_PART(RuleList, row, list[i].offset));
	}
}

static void
use_rows(RulebookBuilder *builder)
{
	for (uint32 i = 0; i < builder->row_count; i++)
		use_columns(builder, rule_columns, lengthof(rule_columns), &builder->rows[i]);
	for (uint32 i = 0; i < builder->package_count; i++)
		use_columns(builder, package_columns, lengthof(package_columns), &builder->packages[i]);
}

/* Marks what will be written; the rest gets no rank. */
static void
mark_used(RulebookBuilder *builder)
{
	for (uint32 i = 0; i < builder->rule_count; i++)
	{
		use_text(builder, builder->rules[i].rule_code);
		use_text(builder, builder->rules[i].name_zh);
		use_text(builder, builder->rules[i].violation);
	}
	use_rows(builder);
	for (uint32 i = 0; i < builder->alias_count; i++)
	{
		use_text(builder, builder->aliases[i].item_code);
		use_text(builder, builder->aliases[i].national_code);
	}
}

static uint64
text_prefix(TextSpan text)
{
	uint64		prefix = 0;

	for (int i = 0; i < 8; i++)
		prefix = prefix << 8 | (i < text.length ? (uint8) text.data[i] : 0);
	return prefix;
}

static void
rank_texts(RulebookBuilder *builder)
{
	Interner   *texts = &builder->texts;
	const TextSpan *spans = texts->strings.spans;
	TextOrder  *order = rulebook_alloc(builder->context, sizeof(TextOrder),
									   texts->strings.count);
	uint64		length = 0;

	for (int32 i = 0; i < texts->strings.count; i++)
	{
		if (texts->notes[i].rank == RULE_NONE)
			continue;
		order[texts->ranked].prefix = text_prefix(spans[i]);
		order[texts->ranked++].number = i;
	}
	sort_text_order(order, texts->ranked, texts);
	texts->by_rank = rulebook_alloc(builder->context, sizeof(uint32),
									texts->ranked);
	builder->text_offsets = rulebook_alloc(builder->context, sizeof(uint32),
										   texts->ranked);
	for (uint32 i = 0; i < texts->ranked; i++)
	{
		texts->by_rank[i] = order[i].number;
		texts->notes[order[i].number].rank = i;
		builder->text_offsets[i] = (uint32) length;
		length += spans[order[i].number].length;
		if (length > MaxAllocSize)
			ereport(ERROR,
					(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
					 errmsg("rulebook is too large"),
					 errdetail("A rulebook holds at most 1 GB.")));
	}
	builder->text_length = (uint32) length;
	pfree(order);
}

/*
 * Ranks of lists.
 */
static inline int
compare_lists(const uint32 *a, const uint32 *b, const RulebookBuilder *builder)
{
	const uint32 *left = builder_list(builder, *a);
	const uint32 *right = builder_list(builder, *b);
	uint32		count_left = builder_list_length(builder, *a);
	uint32		count_right = builder_list_length(builder, *b);
	int			result = pg_cmp_s32(left[0], right[0]);

	for (uint32 i = 1; result == 0 && i <= Min(count_left, count_right); i++)
		result = pg_cmp_s32((int32) left[i], (int32) right[i]);
	return result != 0 ? result : pg_cmp_s64(count_left, count_right);
}

#define ST_SORT sort_lists
#define ST_ELEMENT_TYPE uint32
#define ST_COMPARE(a, b, arg) compare_lists(a, b, arg)
#define ST_COMPARE_ARG_TYPE const RulebookBuilder
#define ST_SCOPE static
#define ST_CHECK_FOR_INTERRUPTS
#define ST_DECLARE
#define ST_DEFINE
#include "lib/sort_template.h"

/* In lists of texts ranks take the place of numbers. */
static void
translate_list_words(RulebookBuilder *builder, uint32 number)
{
	uint32	   *words = builder_list_words(builder, number);

	if (!builder_list_has_texts(builder, number))
		return;
	for (uint32 i = 0; i < builder_list_length(builder, number); i++)
		words[i] = builder->texts.notes[words[i]].rank;
}

static void
rank_lists(RulebookBuilder *builder)
{
	Interner   *lists = &builder->lists;
	uint64		words = 0;

	lists->by_rank = rulebook_alloc(builder->context, sizeof(uint32),
									lists->strings.count);
	builder->list_offsets = rulebook_alloc(builder->context, sizeof(uint32),
										   lists->strings.count);
	for (int32 i = 0; i < lists->strings.count; i++)
	{
		if (lists->notes[i].rank == RULE_NONE)
			continue;
		translate_list_words(builder, i);
		lists->by_rank[lists->ranked++] = i;
	}
	sort_lists(lists->by_rank, lists->ranked, builder);
	for (uint32 i = 0; i < lists->ranked; i++)
	{
		uint32		number = lists->by_rank[i];

		lists->notes[number].rank = i;
		builder->list_offsets[i] = (uint32) words;
		words += (uint64) builder_list_length(builder, number) *
			(builder_list_has_texts(builder, number) ? 2 : 1);
		if (words > MaxAllocSize / sizeof(uint32))
			ereport(ERROR,
					(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
					 errmsg("rulebook is too large"),
					 errdetail("A rulebook holds at most 1 GB.")));
	}
	builder->list_words = (uint32) words;
}

/*
 * Ranks in place of numbers.
 */
static inline void
rank_text(const RulebookBuilder *builder, RuleText *given)
{
	given->offset = given->length == RULE_NONE ? RULE_NONE :
		builder->texts.notes[given->offset].rank;
}

static inline void
rank_list(const RulebookBuilder *builder, RuleList *list)
{
	list->offset = list->count == RULE_NONE ? RULE_NONE :
		builder->lists.notes[list->offset].rank;
}

static TextSpan
ranked_span(const RulebookBuilder *builder, RuleText text)
{
	TextSpan	span = {NULL, 0};

	if (text.length != RULE_NONE)
	{
		span = builder->texts.strings.spans[builder->texts.by_rank[text.offset]];
	}
	return span;
}

static int
compare_rules(const void *a, const void *b)
{
	uint32		left = ((const RuleEntry *) a)->rule_code.offset;
	uint32		right = ((const RuleEntry *) b)->rule_code.offset;

	return (left > right) - (left < right);
}

/* Sorts the rules; returns where each one went. */
static uint32 *
order_rules(RulebookBuilder *builder)
{
	uint32	   *moved = rulebook_alloc(builder->context, sizeof(uint32),
									   builder->rule_count);
	uint32	   *number_of_rank = rulebook_alloc(builder->context,
												sizeof(uint32),
												builder->texts.ranked);

	for (uint32 i = 0; i < builder->rule_count; i++)
	{
		rank_text(builder, &builder->rules[i].rule_code);
		rank_text(builder, &builder->rules[i].name_zh);
		rank_text(builder, &builder->rules[i].violation);
		number_of_rank[builder->rules[i].rule_code.offset] = i;
	}
	qsort(builder->rules, builder->rule_count, sizeof(RuleEntry), compare_rules);
	for (uint32 i = 0; i < builder->rule_count; i++)
		moved[number_of_rank[builder->rules[i].rule_code.offset]] = i;
	pfree(number_of_rank);
	return moved;
}

static pg_attribute_always_inline void
rank_columns(const RulebookBuilder *builder, const RuleColumn *list, int count, void *row)
{
	UNROLL_COLUMNS
		for (int i = 0; i < count; i++)
	{
		if (column_is_text(&list[i]))
			rank_text(builder, &ROW_PART(RuleText, row, list[i].offset));
		else if (column_is_list(&list[i]))
			rank_list(builder, &ROW_PART(RuleList, row, list[i].offset));
	}
}

#define COMPARE(field) \
	do { \
		if (a->field != b->field) \
			return a->field < b->field ? -1 : 1; \
	} while (0)

/*
 * Order of rows: the key first, that is all that says when a row applies but
 * validity; then validity; then what it says.
 */
static int
compare_row_keys(const RuleRow *a, const RuleRow *b)
{
	COMPARE(rule);
	COMPARE(item_group.offset);
	COMPARE(item_code.offset);
	COMPARE(other_code.offset);
	return columns_compare(&rule_row_columns, ROLES_OF_KEY, a, b);
}

static int
compare_row_values(const RuleRow *a, const RuleRow *b)
{
	int			result = columns_compare(&rule_row_columns, ROLE_VALIDITY, a, b);

	return result != 0 ? result : columns_compare(&rule_row_columns, ROLE_VALUE, a, b);
}

/* What is sorted: the fields that mostly decide beside the row. */
typedef struct RowOrder
{
	uint64		set;			/* rule, item_group */
	uint64		codes;			/* item_code, other_code */
	RuleRow    *row;
} RowOrder;

static inline int
compare_rows(const RowOrder *a, const RowOrder *b)
{
	int			result;

	COMPARE(set);
	COMPARE(codes);
	result = compare_row_keys(a->row, b->row);
	return result != 0 ? result : compare_row_values(a->row, b->row);
}

#define ST_SORT sort_rows
#define ST_ELEMENT_TYPE RowOrder
#define ST_COMPARE(a, b) compare_rows(a, b)
#define ST_SCOPE static
#define ST_CHECK_FOR_INTERRUPTS
#define ST_DECLARE
#define ST_DEFINE
#include "lib/sort_template.h"

static void
refuse_overlap(const RulebookBuilder *builder, uint32 rule, const char *what,
			   RuleText code)
{
	TextSpan	rule_code = ranked_span(builder, builder->rules[rule].rule_code);
	TextSpan	item = ranked_span(builder, code);

	ereport(ERROR,
			(errcode(ERRCODE_EXCLUSION_VIOLATION),
			 errmsg("rule \"%.*s\", %s \"%.*s\": two rows of the same key are valid at the same time",
					rule_code.length, rule_code.data, _(what),
					item.length, item.data == NULL ? "" : item.data),
			 errdetail("Rows that differ only in limits, days, certainty, note or validity must not overlap in \"valid\".")));
}

/* Drops repeats where they are allowed and refuses overlaps. */
static void
check_row_overlaps(RulebookBuilder *builder)
{
	uint32		kept = 0;

	for (uint32 i = 0; i < builder->row_count; i++)
	{
		RuleRow    *row = builder->row_order[i];
		RuleRow    *before = kept > 0 ? builder->row_order[kept - 1] : NULL;

		if (before != NULL && compare_row_keys(before, row) == 0)
		{
			if (builder->allow_repeats && compare_row_values(before, row) == 0)
				continue;
			if (row->valid_from < before->valid_to)
				refuse_overlap(builder, row->rule, "item", row->item_code);
		}
		builder->row_order[kept++] = row;
	}
	builder->rows_written = kept;
}

/* Rows of one rule and item_group share a set; others have one each. */
static void
number_sets(RulebookBuilder *builder)
{
	for (uint32 i = 0; i < builder->rows_written; i++)
	{
		RuleRow    *row = builder->row_order[i];
		RuleRow    *before = i > 0 ? builder->row_order[i - 1] : NULL;

		if (before == NULL || before->rule != row->rule ||
			before->item_group.offset != row->item_group.offset ||
			row->item_group.length == RULE_NONE)
			builder->set_count++;
		row->set = builder->set_count - 1;
	}
}

static void
order_rows(RulebookBuilder *builder, const uint32 *moved)
{
	RowOrder   *order = rulebook_alloc(builder->context, sizeof(RowOrder),
									   builder->row_count);

	builder->row_order = rulebook_alloc(builder->context, sizeof(RuleRow *),
										builder->row_count);
	for (uint32 i = 0; i < builder->row_count; i++)
	{
		RuleRow    *row = &builder->rows[i];

		row->rule = moved[row->rule];
		rank_columns(builder, rule_columns, lengthof(rule_columns), row);
		order[i].set = (uint64) row->rule << 32 | row->item_group.offset;
		order[i].codes = (uint64) row->item_code.offset << 32 | row->other_code.offset;
		order[i].row = row;
	}
	sort_rows(order, builder->row_count);
	for (uint32 i = 0; i < builder->row_count; i++)
		builder->row_order[i] = order[i].row;
	pfree(order);
	check_row_overlaps(builder);
	number_sets(builder);
}

/*
 * Packages.
 */
static int
compare_package_keys(const PackageRow *a, const PackageRow *b)
{
	COMPARE(rule);
	return columns_compare(&package_row_columns, ROLES_OF_KEY, a, b);
}

static int
compare_packages(const void *left, const void *right)
{
	int			result = compare_package_keys(left, right);

	if (result == 0)
		result = columns_compare(&package_row_columns, ROLE_VALIDITY, left, right);
	return result != 0 ? result : columns_compare(&package_row_columns, ROLE_VALUE, left, right);
}

static void
add_package(RulebookBuilder *builder, const PackageRow *row)
{
	RulePackage *package =
	&builder->packages_written[builder->packages_written_count++];

	package->package_price = row->package_price;
	package->valid_from = row->valid_from;
	package->valid_to = row->valid_to;
	package->min_parts = row->min_parts;
	package->rule = row->rule;
	package->first_component = builder->component_count;
	package->component_count = 0;
	package->package_code = row->package_code;
	package->facility_ranks = row->facility_ranks;
}

static void
add_component(RulebookBuilder *builder, const PackageRow *row)
{
	RuleComponent *component = &builder->components[builder->component_count++];

	component->component_code = row->component_code;
	component->package = builder->packages_written_count - 1;
	component->padding = 0;
	builder->packages_written[component->package].component_count++;
}

/* Whether ROW belongs to the package of BEFORE; refuses what contradicts. */
static bool
same_package(const RulebookBuilder *builder, const PackageRow *before,
			 const PackageRow *row)
{
	TextSpan	rule_code;
	TextSpan	package;

	if (before == NULL || compare_package_keys(before, row) != 0)
		return false;
	if (before->valid_from != row->valid_from ||
		before->valid_to != row->valid_to)
	{
		if (row->valid_from < before->valid_to)
			refuse_overlap(builder, row->rule, "package", row->package_code);
		return false;
	}
	if (before->package_price == row->package_price &&
		before->min_parts == row->min_parts)
		return true;
	rule_code = ranked_span(builder, builder->rules[row->rule].rule_code);
	package = ranked_span(builder, row->package_code);
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("rule \"%.*s\" (package), item \"%.*s\": rows differ in package_price or min_parts",
					rule_code.length, rule_code.data,
					package.length, package.data)));
}

static void
order_packages(RulebookBuilder *builder, const uint32 *moved)
{
	const PackageRow *before = NULL;

	for (uint32 i = 0; i < builder->package_count; i++)
	{
		PackageRow *row = &builder->packages[i];

		row->rule = moved[row->rule];
		rank_columns(builder, package_columns, lengthof(package_columns), row);
	}
	qsort(builder->packages, builder->package_count, sizeof(PackageRow),
		  compare_packages);
	builder->packages_written = rulebook_alloc(builder->context,
											   sizeof(RulePackage),
											   builder->package_count);
	builder->components = rulebook_alloc(builder->context,
										 sizeof(RuleComponent),
										 builder->package_count);
	for (uint32 i = 0; i < builder->package_count; i++)
	{
		PackageRow *row = &builder->packages[i];

		if (!same_package(builder, before, row))
			add_package(builder, row);
		else if (before->component_code.offset == row->component_code.offset)
		{
			if (!builder->allow_repeats)
				refuse_overlap(builder, row->rule, "package", row->package_code);
			continue;
		}
		add_component(builder, row);
		before = row;
	}
}

static int
compare_aliases(const void *left, const void *right)
{
	const AliasRow *a = left;
	const AliasRow *b = right;

	COMPARE(item_code.offset);
	COMPARE(national_code.offset);
	return 0;
}

static void
order_aliases(RulebookBuilder *builder)
{
	uint32		kept = 0;

	for (uint32 i = 0; i < builder->alias_count; i++)
	{
		rank_text(builder, &builder->aliases[i].item_code);
		rank_text(builder, &builder->aliases[i].national_code);
	}
	if (builder->alias_count > 1)
		qsort(builder->aliases, builder->alias_count, sizeof(AliasRow),
			  compare_aliases);
	for (uint32 i = 0; i < builder->alias_count; i++)
	{
		if (kept > 0 && compare_aliases(&builder->aliases[kept - 1],
										&builder->aliases[i]) == 0)
			continue;
		builder->aliases[kept++] = builder->aliases[i];
	}
	builder->alias_count = kept;
}

/*
 * Leaves out aliases whose national code meets nothing, by an index over the
 * codes as they were collected.
 */
static RuleText
unranked(const uint32 *offsets, RuleText code)
{
	if (code.length != RULE_NONE)
		code.offset = offsets[code.offset];
	return code;
}

/* The texts one behind the other, as a value has them; OFFSETS by number. */
static char *
texts_together(const RulebookBuilder *builder, uint32 **offsets)
{
	const Dictionary *texts = &builder->texts.strings;
	char	   *together = rulebook_alloc(builder->context, 1, texts->copies.total);
	Size		length = 0;

	*offsets = rulebook_alloc(builder->context, sizeof(uint32), texts->count);
	for (int32 i = 0; i < texts->count; i++)
	{
		(*offsets)[i] = (uint32) length;
		memcpy(together + length, texts->spans[i].data, texts->spans[i].length);
		length += texts->spans[i].length;
	}
	return together;
}

static void
collected_view(RulebookBuilder *builder, Rulebook *book, RulebookHeader *header)
{
	RuleRow    *rows = rulebook_alloc(builder->context, sizeof(RuleRow),
									  builder->row_count);
	RulePackage *packages = rulebook_alloc(builder->context,
										   sizeof(RulePackage),
										   builder->package_count);
	RuleComponent *components = rulebook_alloc(builder->context,
											   sizeof(RuleComponent),
											   builder->package_count);

	uint32	   *offsets;
	char	   *together = texts_together(builder, &offsets);

	memset(book, 0, sizeof(*book));
	memset(header, 0, sizeof(*header));
	for (uint32 i = 0; i < builder->row_count; i++)
	{
		rows[i] = builder->rows[i];
		rows[i].item_code = unranked(offsets, builder->rows[i].item_code);
		rows[i].other_code = unranked(offsets, builder->rows[i].other_code);
	}
	for (uint32 i = 0; i < builder->package_count; i++)
	{
		packages[i].package_code =
			unranked(offsets, builder->packages[i].package_code);
		components[i].component_code =
			unranked(offsets, builder->packages[i].component_code);
	}
	book->base = together;
	book->rules = builder->rules;
	book->rule_count = builder->rule_count;
	book->rows = rows;
	book->packages = packages;
	book->components = components;
	book->row_count = builder->row_count;
	book->package_count = book->component_count = builder->package_count;
	book->header = header;
}

static void
drop_unused_aliases(RulebookBuilder *builder)
{
	Rulebook	book;
	RulebookHeader header;
	BuiltIndex	built;
	uint32	   *lengths;
	uint32		kept = 0;

	collected_view(builder, &book, &header);
	rulebook_index_items(&book, &built, &header.match_kinds, &lengths,
						 &header.prefix_count);
	book.prefix_lengths = lengths;
	book.item_index.shape = built.shape;
	book.item_index.filter = built.filter;
	book.item_index.slots = built.slots;
	book.item_index.keys = built.keys;
	book.item_index.postings = built.postings;
	for (uint32 i = 0; i < builder->alias_count; i++)
	{
		TextSpan	national = builder_span(builder,
											builder->aliases[i].national_code);

		CHECK_FOR_INTERRUPTS();
		if (rulebook_meets(&book, national))
			builder->aliases[kept++] = builder->aliases[i];
	}
	builder->alias_count = kept;
}

/* Numbers become ranks; rules, rows, packages and aliases are sorted. */
void
builder_put_in_order(RulebookBuilder *builder)
{
	uint32	   *moved;

	if (builder->used_aliases && builder->alias_count > 0)
		drop_unused_aliases(builder);
	mark_used(builder);
	rank_texts(builder);
	rank_lists(builder);
	moved = order_rules(builder);
	order_rows(builder, moved);
	order_packages(builder, moved);
	order_aliases(builder);
}
