/*
 * item_categories.c
 *		Categories of items, which stand beside a book.
 *
 * A book keeps no categories.  Where they are wanted they stand beside it as a
 * text[]: element i is of the book's i-th distinct code, as it was given and in
 * bytewise order; '' where no line of the item has a category, or lines disagree.
 *
 * They are gathered with the lines (gather_lines.c).  Books that are rolled up bring
 * theirs without their lines: the state is a buffer of pairs of item and category,
 * a text left out where the pair before had the same, some 20 bytes an item.  A
 * buffer that has grown is reduced to what matters, at most two categories an item,
 * and may then double: memory goes with the distinct items, time with n log n.
 *
 * The distinct pairs of many books are gathered in a hash table.
 */
#include "postgres.h"
#include "base/compat.h"

#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/memutils.h"

#include "base/dictionary.h"
#include "base/rows.h"
#include "ledger/ledger_internal.h"

/* What is between an item code and its category in a key. */
#define KEY_SEPARATOR		'\x1F'

static const TextSpan no_category = {"", 0};

TextSpan *
ledger_categories(FunctionCallInfo fcinfo, int argument, int32 items)
{
	TextSpan   *categories;
	Datum	   *values;
	bool	   *nulls;
	int			count;

	if (PG_ARGISNULL(argument))
		return NULL;
	deconstruct_array(PG_GETARG_ARRAYTYPE_P(argument), TEXTOID, -1, false, TYPALIGN_INT,
					  &values, &nulls, &count);
	if (count != items)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("categories are of %d items, the ledger has %d", count, items)));
	categories = (TextSpan *) palloc_extended(mul_size(Max(count, 1), sizeof(TextSpan)),
											  MCXT_ALLOC_HUGE);
	for (int i = 0; i < count; i++)
		categories[i] = nulls[i] ? no_category : text_span(DatumGetTextPP(values[i]));
	return categories;
}

/* Item and category as one text, in CurrentMemoryContext. */
TextSpan
ledger_category_key(TextSpan item, TextSpan category)
{
	TextSpan	key;
	char	   *room;

	key.length = item.length + 1 + category.length;
	key.data = room = (char *) palloc(key.length);
	memcpy(room, item.data, item.length);
	room[item.length] = KEY_SEPARATOR;
	memcpy(room + item.length + 1, category.data, category.length);
	return key;
}

/* The items of the book that is argument 1, and their categories, argument 2. */
static int32
items_of_call(FunctionCallInfo fcinfo, TextSpan **items, TextSpan **categories)
{
	struct varlena *book = PG_DETOAST_DATUM_PACKED(PG_GETARG_DATUM(1));
	Ledger	   *ledger = ledger_decode_items(VARDATA_ANY(book), VARSIZE_ANY_EXHDR(book), ERRCODE_DATA_CORRUPTED);

	*items = ledger->items;
	*categories = ledger_categories(fcinfo, 2, ledger->item_count);
	return ledger->item_count;
}

/* ---- the category of each item of a group ---- */

/* A usual visit of 10 items fits; a power of two with the varlena header. */
#define FIRST_ALLOCATION	(256 - VARHDRSZ)

/* Buffers are not reduced before they have so many bytes. */
#define LEAST_TO_REDUCE		8192

#define STATE_VERSION		1

typedef struct Pair
{
	TextSpan	item;
	TextSpan	category;		/* of length 0: none */
} Pair;

/* A text in the buffer; length -1: none yet. */
typedef struct Place
{
	Size		at;
	int			length;
} Place;

typedef struct PairBuffer
{
	MemoryContext context;
	PackedWriter bytes;			/* made with the first pair */
	int64		count;			/* of the pairs in it */
	Place		item;			/* of the last pair */
	Place		category;
	Size		reduce_at;		/* so many bytes are reduced */
} PairBuffer;

static void
buffer_init(PairBuffer *buffer, MemoryContext context)
{
	memset(buffer, 0, sizeof(PairBuffer));
	buffer->context = context;
	buffer->item.length = buffer->category.length = -1;
	buffer->reduce_at = LEAST_TO_REDUCE;
}

/* Does SPAN stand at PLACE? */
static inline bool
stands_at(const PackedWriter *bytes, Place place, TextSpan span)
{
	return place.length == span.length &&
		memcmp(bytes->data + place.at, span.data, span.length) == 0;
}

/* Appends SPAN as its length + 1 and its bytes, or 0 where it stands at PLACE. */
static inline void
append_text(PackedWriter *bytes, Place *place, TextSpan span)
{
	if (stands_at(bytes, *place, span))
	{
		packed_unsigned_reserved(bytes, 0);
		return;
	}
	packed_unsigned_reserved(bytes, (uint64) span.length + 1);
	place->at = bytes->used;
	place->length = span.length;
	memcpy(bytes->data + bytes->used, span.data, span.length);
	bytes->used += span.length;
}

static void
append_pair(PairBuffer *buffer, TextSpan item, TextSpan category)
{
	PackedWriter *bytes = &buffer->bytes;

	if (buffer->count == 0)
		packed_writer_init(bytes, buffer->context, FIRST_ALLOCATION);
	else if (stands_at(bytes, buffer->item, item) && stands_at(bytes, buffer->category, category))
		return;
	packed_reserve(bytes, 2 * 5 + (Size) item.length + category.length);
	append_text(bytes, &buffer->item, item);
	append_text(bytes, &buffer->category, category);
	buffer->count++;
}

/* Reads what append_text() wrote; LAST is the text before. */
static void
read_text(PackedReader *reader, TextSpan *last)
{
	uint64		length = packed_read_unsigned(reader);

	if (length == 0)
		return;
	if (length - 1 > (uint64) (reader->end - reader->at))
		packed_damaged(reader);
	last->data = (const char *) reader->at;
	last->length = (int) (length - 1);
	reader->at += last->length;
}

static inline int
compare_pairs(const Pair *a, const Pair *b)
{
	int			order = text_span_compare(a->item, b->item);

	return order != 0 ? order : text_span_compare(a->category, b->category);
}

#define ST_SORT sort_pairs
#define ST_ELEMENT_TYPE Pair
#define ST_COMPARE(a, b) compare_pairs(a, b)
#define ST_SCOPE static
#define ST_CHECK_FOR_INTERRUPTS
#define ST_DEFINE
#include "lib/sort_template.h"

static Pair *
read_pairs(const PairBuffer *buffer)
{
	Pair	   *pairs = (Pair *) palloc_extended(mul_size(Max(buffer->count, 1), sizeof(Pair)),
												 MCXT_ALLOC_HUGE);
	PackedReader reader;
	Pair		last = {no_category, no_category};

	if (buffer->count == 0)
		return pairs;
	packed_reader_init(&reader, buffer->bytes.data + VARHDRSZ, buffer->bytes.used - VARHDRSZ,
					   "categories of items", ERRCODE_INTERNAL_ERROR);
	for (int64 i = 0; i < buffer->count; i++)
	{
		read_text(&reader, &last.item);
		read_text(&reader, &last.category);
		pairs[i] = last;
	}
	packed_read_end(&reader);
	return pairs;
}

/*
 * What of the pairs matters, by item: one without a category where none has one,
 * the one category, or two of several.  Returns how many.
 */
static int64
matter_of_buffer(const PairBuffer *buffer, Pair **result)
{
	Pair	   *pairs = read_pairs(buffer);
	int64		kept = 0;
	int64		of_item = 0;	/* kept of the item at hand */

	sort_pairs(pairs, buffer->count);
	for (int64 i = 0; i < buffer->count; i++)
	{
		Pair	   *last = &pairs[kept - 1];

		if (kept == 0 || !text_span_equal(last->item, pairs[i].item))
			of_item = 0;
		else if (text_span_equal(last->category, pairs[i].category) || of_item == 2)
			continue;
		else if (last->category.length == 0)
		{
			*last = pairs[i];
			continue;
		}
		pairs[kept++] = pairs[i];
		of_item++;
	}
	*result = pairs;
	return kept;
}

/* What matters of FROM, appended to INTO. */
static void
append_matter(PairBuffer *into, const PairBuffer *from)
{
	Pair	   *pairs;
	int64		count = matter_of_buffer(from, &pairs);

	for (int64 i = 0; i < count; i++)
		append_pair(into, pairs[i].item, pairs[i].category);
	pfree(pairs);
}

static void
reduce_buffer(PairBuffer *buffer)
{
	PairBuffer	reduced;

	buffer_init(&reduced, buffer->context);
	append_matter(&reduced, buffer);
	reduced.reduce_at = Max(2 * reduced.bytes.used, LEAST_TO_REDUCE);
	pfree(buffer->bytes.data);
	*buffer = reduced;
}

static inline void
reduce_if_grown(PairBuffer *buffer)
{
	if (unlikely(buffer->bytes.used > buffer->reduce_at))
		reduce_buffer(buffer);
}

/* The state of an aggregate call, made where there is none yet. */
static PairBuffer *
buffer_of_call(FunctionCallInfo fcinfo)
{
	MemoryContext context;
	PairBuffer *buffer;

	if (likely(!PG_ARGISNULL(0)))
		return (PairBuffer *) PG_GETARG_POINTER(0);
	context = aggregate_context(fcinfo);
	buffer = (PairBuffer *) MemoryContextAlloc(context, sizeof(PairBuffer));
	buffer_init(buffer, context);
	return buffer;
}

/* The state as it was, where a row brings nothing. */
static Datum
state_unchanged(FunctionCallInfo fcinfo)
{
	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	PG_RETURN_DATUM(PG_GETARG_DATUM(0));
}

PG_FUNCTION_INFO_V1(item_categories_rollup);

/* (state, book, categories): a NULL book is passed over. */
Datum
item_categories_rollup(PG_FUNCTION_ARGS)
{
	PairBuffer *buffer;
	TextSpan   *items;
	TextSpan   *categories;
	int32		count;

	if (PG_ARGISNULL(1))
		return state_unchanged(fcinfo);
	buffer = buffer_of_call(fcinfo);
	count = items_of_call(fcinfo, &items, &categories);
	for (int32 i = 0; i < count; i++)
		append_pair(buffer, items[i], categories == NULL ? no_category : categories[i]);
	reduce_if_grown(buffer);
	PG_RETURN_POINTER(buffer);
}

PG_FUNCTION_INFO_V1(item_categories_combine);

/* Joins two states; either may be missing. */
Datum
item_categories_combine(PG_FUNCTION_ARGS)
{
	PairBuffer *buffer;

	if (PG_ARGISNULL(1))
		return state_unchanged(fcinfo);
	buffer = buffer_of_call(fcinfo);
	append_matter(buffer, (const PairBuffer *) PG_GETARG_POINTER(1));
	reduce_if_grown(buffer);
	PG_RETURN_POINTER(buffer);
}

PG_FUNCTION_INFO_V1(item_categories_serialize);

/* Version, number of pairs, the pairs that matter. */
Datum
item_categories_serialize(PG_FUNCTION_ARGS)
{
	PairBuffer	reduced;
	PackedWriter message;

	aggregate_context(fcinfo);
	buffer_init(&reduced, CurrentMemoryContext);
	append_matter(&reduced, (const PairBuffer *) PG_GETARG_POINTER(0));
	packed_writer_init(&message, CurrentMemoryContext, 16 + reduced.bytes.used);
	packed_byte(&message, STATE_VERSION);
	packed_unsigned(&message, reduced.count);
	if (reduced.count > 0)
		packed_bytes(&message, reduced.bytes.data + VARHDRSZ, reduced.bytes.used - VARHDRSZ);
	PG_RETURN_BYTEA_P(packed_finish(&message));
}

PG_FUNCTION_INFO_V1(item_categories_deserialize);

Datum
item_categories_deserialize(PG_FUNCTION_ARGS)
{
	bytea	   *bytes = PG_GETARG_BYTEA_PP(0);
	PairBuffer *buffer = (PairBuffer *) palloc(sizeof(PairBuffer));
	PackedReader reader;

	aggregate_context(fcinfo);
	buffer_init(buffer, CurrentMemoryContext);
	packed_reader_init(&reader, VARDATA_ANY(bytes), VARSIZE_ANY_EXHDR(bytes),
					   "categories of items", ERRCODE_INTERNAL_ERROR);
	if (packed_read_byte(&reader) != STATE_VERSION)
		elog(ERROR, "unexpected version of an aggregate state");
	buffer->count = packed_read_count(&reader, 2);
	if (buffer->count > 0)
	{
		packed_writer_init(&buffer->bytes, buffer->context, reader.end - reader.at);
		packed_bytes(&buffer->bytes, reader.at, reader.end - reader.at);
	}
	PG_RETURN_POINTER(buffer);
}

PG_FUNCTION_INFO_V1(item_categories_final);

/* An element for each item; NULL where none has a category. */
Datum
item_categories_final(PG_FUNCTION_ARGS)
{
	Pair	   *pairs;
	TextSpan   *categories;
	int64		count;
	int			items = 0;
	bool		any = false;

	aggregate_context(fcinfo);
	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	count = matter_of_buffer((const PairBuffer *) PG_GETARG_POINTER(0), &pairs);
	categories = (TextSpan *) palloc_extended(mul_size(Max(count, 1), sizeof(TextSpan)),
											  MCXT_ALLOC_HUGE);
	for (int64 i = 0; i < count; i++)
	{
		any |= pairs[i].category.length > 0;
		if (i > 0 && text_span_equal(pairs[i].item, pairs[i - 1].item))
			categories[items - 1] = no_category;
		else
			categories[items++] = pairs[i].category;
	}
	if (!any)
		PG_RETURN_NULL();
	PG_RETURN_DATUM(detector_text_array(categories, items));
}

/* ---- the distinct pairs of many books ---- */

static Dictionary *
keys_of_call(FunctionCallInfo fcinfo)
{
	MemoryContext context;
	Dictionary *keys;

	context = aggregate_context(fcinfo);
	if (!PG_ARGISNULL(0))
		return (Dictionary *) PG_GETARG_POINTER(0);
	keys = (Dictionary *) MemoryContextAlloc(context, sizeof(Dictionary));
	dictionary_init_copying(keys, context);
	return keys;
}

PG_FUNCTION_INFO_V1(category_keys_transition);

/* (state, book, categories): a NULL book is passed over. */
Datum
category_keys_transition(PG_FUNCTION_ARGS)
{
	Dictionary *keys;
	TextSpan   *items;
	TextSpan   *categories;
	int32		count;

	if (PG_ARGISNULL(1))
		return state_unchanged(fcinfo);
	keys = keys_of_call(fcinfo);
	count = items_of_call(fcinfo, &items, &categories);
	for (int32 i = 0; i < count; i++)
	{
		CHECK_FOR_INTERRUPTS();
		dictionary_number(keys, ledger_category_key(items[i], categories == NULL ? no_category :
													categories[i]));
	}
	PG_RETURN_POINTER(keys);
}

PG_FUNCTION_INFO_V1(category_keys_combine);

/* Joins two states; either may be missing. */
Datum
category_keys_combine(PG_FUNCTION_ARGS)
{
	Dictionary *keys;
	const Dictionary *other;

	if (PG_ARGISNULL(1))
		return state_unchanged(fcinfo);
	keys = keys_of_call(fcinfo);
	other = (const Dictionary *) PG_GETARG_POINTER(1);
	for (int32 i = 0; i < other->count; i++)
	{
		CHECK_FOR_INTERRUPTS();
		dictionary_number(keys, other->spans[i]);
	}
	PG_RETURN_POINTER(keys);
}

PG_FUNCTION_INFO_V1(category_keys_serialize);

/* Version, number of keys, keys. */
Datum
category_keys_serialize(PG_FUNCTION_ARGS)
{
	const Dictionary *keys = (const Dictionary *) PG_GETARG_POINTER(0);
	PackedWriter message;

	aggregate_context(fcinfo);
	packed_writer_init(&message, CurrentMemoryContext, 64 + 32 * (Size) keys->count);
	packed_byte(&message, STATE_VERSION);
	packed_unsigned(&message, keys->count);
	for (int32 i = 0; i < keys->count; i++)
		packed_text(&message, keys->spans[i]);
	PG_RETURN_BYTEA_P(packed_finish(&message));
}

PG_FUNCTION_INFO_V1(category_keys_deserialize);

Datum
category_keys_deserialize(PG_FUNCTION_ARGS)
{
	bytea	   *bytes = PG_GETARG_BYTEA_PP(0);
	Dictionary *keys = (Dictionary *) palloc(sizeof(Dictionary));
	PackedReader reader;
	int			count;

	aggregate_context(fcinfo);
	dictionary_init_copying(keys, CurrentMemoryContext);
	packed_reader_init(&reader, VARDATA_ANY(bytes), VARSIZE_ANY_EXHDR(bytes),
					   "categories of items", ERRCODE_INTERNAL_ERROR);
	if (packed_read_byte(&reader) != STATE_VERSION)
		elog(ERROR, "unexpected version of an aggregate state");
	count = packed_read_count(&reader, 1);
	for (int i = 0; i < count; i++)
		dictionary_number(keys, packed_read_text(&reader));
	packed_read_end(&reader);
	PG_RETURN_POINTER(keys);
}

#define ST_SORT sort_keys
#define ST_ELEMENT_TYPE TextSpan
#define ST_COMPARE(a, b) text_span_compare(*(a), *(b))
#define ST_SCOPE static
#define ST_CHECK_FOR_INTERRUPTS
#define ST_DEFINE
#include "lib/sort_template.h"

PG_FUNCTION_INFO_V1(category_keys_final);

/* The keys in bytewise order; NULL where no book came. */
Datum
category_keys_final(PG_FUNCTION_ARGS)
{
	const Dictionary *keys;
	TextSpan   *sorted;

	aggregate_context(fcinfo);
	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	keys = (const Dictionary *) PG_GETARG_POINTER(0);
	sorted = (TextSpan *) palloc_extended(mul_size(Max(keys->count, 1), sizeof(TextSpan)),
										  MCXT_ALLOC_HUGE);
	if (keys->count > 0)
		memcpy(sorted, keys->spans, mul_size(keys->count, sizeof(TextSpan)));
	sort_keys(sorted, keys->count);
	PG_RETURN_DATUM(detector_text_array(sorted, keys->count));
}
