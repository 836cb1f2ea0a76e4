/*
 * rulebook_write.c
 *		Writes the flat value from what stands in order.
 *
 * Records go first, so that the index can be built by reading them through
 * the same view that detectors use; ranks become offsets on the way.
 */
#include "postgres.h"
#include "base/compat.h"

#include "utils/memutils.h"

#include "rulebook/rulebook_build.h"
#include "rulebook/rulebook_index.h"
#include "rulebook/rulebook_value.h"

static inline RuleText
placed_text(const RulebookBuilder *builder, RuleText text, uint64 texts)
{
	RuleText	placed = {0, RULE_NONE};

	if (text.length == RULE_NONE)
		return placed;
	placed.offset = (uint32) texts + builder->text_offsets[text.offset];
	placed.length = text.length;

	return placed;
}

static inline RuleList
placed_list(const RulebookBuilder *builder, RuleList list, uint64 lists)
{
	RuleList	placed = {0, RULE_NONE};

	if (list.count == RULE_NONE)
		return placed;
	placed.offset = (uint32) lists +
		builder->list_offsets[list.offset] * sizeof(uint32);
	placed.count = list.count;
	return placed;
}

static inline void
place_columns(const RulebookBuilder *builder, RuleRow *row, uint64 texts, uint64 lists)
{
	UNROLL_COLUMNS
		for (int i = 0; i < (int) lengthof(rule_columns); i++)
	{
		const RuleColumn *column = &rule_columns[i];
		RuleText   *text_at = &ROW_PART(RuleText, row, column->offset);
		RuleList   *list_at = &ROW_PART(RuleList, row, column->offset);

		if (column_is_text(column))
			*text_at = placed_text(builder, *text_at, texts);
		else if (column_is_list(column))
			*list_at = placed_list(builder, *list_at, lists);
	}
}

/* The rows, their ranks turned into offsets. */
static void
write_rows(const RulebookBuilder *builder, char *base, const RulebookLayout *layout)
{
	RuleRow    *rows = (RuleRow *) (base + layout->offset[SECTION_ROWS]);

	for (uint32 i = 0; i < builder->rows_written; i++)
	{
		rows[i] = *builder->row_order[i];
		place_columns(builder, &rows[i], layout->offset[SECTION_TEXTS], layout->offset[SECTION_LISTS]);
	}
}

static void
write_rules(const RulebookBuilder *builder, char *base,
			const RulebookLayout *layout)
{
	uint64		texts = layout->offset[SECTION_TEXTS];
	RuleEntry  *rules = (RuleEntry *) (base + layout->offset[SECTION_RULES]);
	RuleAlias  *aliases = (RuleAlias *) (base + layout->offset[SECTION_ALIASES]);

	for (uint32 i = 0; i < builder->rule_count; i++)
	{
		rules[i] = builder->rules[i];
		rules[i].rule_code = placed_text(builder, rules[i].rule_code, texts);
		rules[i].name_zh = placed_text(builder, rules[i].name_zh, texts);
		rules[i].violation = placed_text(builder, rules[i].violation, texts);
	}
	for (uint32 i = 0; i < builder->alias_count; i++)
	{
		aliases[i].item_code =
			placed_text(builder, builder->aliases[i].item_code, texts);
		aliases[i].national_code =
			placed_text(builder, builder->aliases[i].national_code, texts);
	}
}

static void
write_packages(const RulebookBuilder *builder, char *base,
			   const RulebookLayout *layout)
{
	uint64		texts = layout->offset[SECTION_TEXTS];
	RulePackage *packages =
	(RulePackage *) (base + layout->offset[SECTION_PACKAGES]);
	RuleComponent *components =
	(RuleComponent *) (base + layout->offset[SECTION_COMPONENTS]);

	for (uint32 i = 0; i < builder->packages_written_count; i++)
	{
		packages[i] = builder->packages_written[i];
		packages[i].package_code =
			placed_text(builder, packages[i].package_code, texts);
		packages[i].facility_ranks =
			placed_list(builder, packages[i].facility_ranks,
						layout->offset[SECTION_LISTS]);
	}
	for (uint32 i = 0; i < builder->component_count; i++)
	{
		components[i] = builder->components[i];
		components[i].component_code =
			placed_text(builder, components[i].component_code, texts);
	}
}

/* Lists of texts are written as RuleTexts, ints as they are. */
static void
write_pool(const RulebookBuilder *builder, char *base,
		   const RulebookLayout *layout)
{
	const Interner *texts = &builder->texts;
	const Interner *lists = &builder->lists;

	for (uint32 i = 0; i < texts->ranked; i++)
	{
		TextSpan text = texts->strings.spans[texts->by_rank[i]];

		/* the empty one may stand nowhere */
		if (text.length > 0)
			memcpy(base + layout->offset[SECTION_TEXTS] + builder->text_offsets[i],
				   text.data, text.length);
	}
	for (uint32 i = 0; i < lists->ranked; i++)
	{
		uint32		number = lists->by_rank[i];
		uint32		count = builder_list_length(builder, number);
		const uint32 *words = builder_list_words(builder, number);
		char	   *at = base + layout->offset[SECTION_LISTS] +
		builder->list_offsets[i] * sizeof(uint32);

		if (!builder_list_has_texts(builder, number))
			memcpy(at, words, count * sizeof(uint32));
		else
		{
			for (uint32 k = 0; k < count; k++)
			{
				RuleText	member = {words[k], texts->strings.spans[texts->by_rank[words[k]]].length};

				((RuleText *) at)[k] =
					placed_text(builder, member, layout->offset[SECTION_TEXTS]);
			}
		}
	}
}

/* Zeros, from WRITTEN on, what lies between the sections, which begin at multiples of 8. */
static void
zero_gaps(char *base, const RulebookLayout *layout, uint64 written)
{
	for (int i = 1; i <= RULEBOOK_SECTIONS; i++)
	{
		uint64		end = i < RULEBOOK_SECTIONS ? layout->offset[i] : layout->length;
		uint64		from = Max(written, end - 8);

		if (from < end)
			memset(base + from, 0, end - from);
	}
}

static struct varlena *
resize_value(RulebookBuilder *builder, struct varlena *value,
			 RulebookHeader *header, RulebookLayout *layout, uint64 written)
{
	char	   *base;

	rulebook_layout(header, layout);
	if (layout->length > MaxAllocSize - RULEBOOK_LEAD - 8)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("rulebook is too large"),
				 errdetail("A rulebook holds at most 1 GB.")));
	value = value == NULL ?
		MemoryContextAllocHuge(builder->result, RULEBOOK_LEAD + layout->length) :
		repalloc_huge(value, RULEBOOK_LEAD + layout->length);
	base = (char *) value + RULEBOOK_LEAD;
	zero_gaps(base, layout, written);
	header->length = (uint32) layout->length;
	memcpy(base, header, sizeof(RulebookHeader));
	return value;
}

static void
write_index(char *base, const RulebookLayout *layout, RulebookSection filter,
			const BuiltIndex *built)
{
	memcpy(base + layout->offset[filter], built->filter,
		   sizeof(uint32) * RULE_FILTER_WORDS(&built->shape));
	memcpy(base + layout->offset[filter + 1], built->slots,
		   sizeof(uint32) * built->shape.slot_count);
	memcpy(base + layout->offset[filter + 2], built->keys,
		   sizeof(RuleKey) * built->shape.key_count);
	memcpy(base + layout->offset[filter + 3], built->postings,
		   sizeof(uint32) * built->shape.posting_count);
}

/* The records stand in VALUE; appends both indexes. */
static struct varlena *
append_indexes(RulebookBuilder *builder, struct varlena *value,
			   RulebookHeader *header, RulebookLayout *layout)
{
	Rulebook	book;
	BuiltIndex	items;
	BuiltIndex	aliases;
	uint32	   *lengths;
	char	   *base;
	uint64		written = layout->length;

	rulebook_view(&book, (char *) value + RULEBOOK_LEAD);
	rulebook_index_items(&book, &items, &header->match_kinds, &lengths,
						 &header->prefix_count);
	header->item_index = items.shape;
	value = resize_value(builder, value, header, layout, written);
	base = (char *) value + RULEBOOK_LEAD;
	memcpy(base + layout->offset[SECTION_PREFIXES], lengths,
		   sizeof(uint32) * header->prefix_count);
	write_index(base, layout, SECTION_ITEM_FILTER, &items);

	written = layout->length;
	rulebook_view(&book, base);
	rulebook_index_aliases(&book, &aliases);
	header->alias_index = aliases.shape;
	value = resize_value(builder, value, header, layout, written);
	write_index((char *) value + RULEBOOK_LEAD, layout, SECTION_ALIAS_FILTER,
				&aliases);
	return value;
}

/*
 * The flat value, in the current context; the builder is gone after.
 */
struct varlena *
builder_finish(RulebookBuilder *builder)
{
	RulebookHeader header;
	RulebookLayout layout;
	struct varlena *value;
	char	   *base;
	MemoryContext before = MemoryContextSwitchTo(builder->context);

	builder->result = before;
	builder_put_in_order(builder);
	memset(&header, 0, sizeof(header));
	header.rule_count = builder->rule_count;
	header.row_count = builder->rows_written;
	header.package_count = builder->packages_written_count;
	header.component_count = builder->component_count;
	header.alias_count = builder->alias_count;
	header.list_words = builder->list_words;
	header.text_length = builder->text_length;
	header.set_count = builder->set_count;
	value = resize_value(builder, NULL, &header, &layout, 0);
	base = (char *) value + RULEBOOK_LEAD;
	write_rules(builder, base, &layout);
	write_rows(builder, base, &layout);
	write_packages(builder, base, &layout);
	write_pool(builder, base, &layout);
	value = append_indexes(builder, value, &header, &layout);
	rulebook_seal(value);
	MemoryContextSwitchTo(before);
	MemoryContextDelete(builder->context);
	return value;
}
