/*
 * ledger_build.c
 *		The ledger of the rows and books that were gathered.
 *
 * Decodes rows and, one after the other, books, numbers codes and visits, sorts
 * these (n log n in what is distinct) and hands the lines to the encoding, which
 * puts them in order by their ranks (linear but for lines of one visit and item
 * out of order).  It takes about 160 bytes a line for that moment, however many
 * books there are, and leaves what was gathered as it was.
 */
#include "postgres.h"
#include "base/compat.h"

#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/memutils.h"

#include "base/arena.h"
#include "base/array.h"
#include "base/dictionary.h"
#include "base/fixed.h"
#include "ledger/ledger_internal.h"

/* A usual book is decoded in so many bytes. */
#define SCRATCH_BYTES		(64 * 1024)

/* What reading the rows and books of a state carries on. */
typedef struct DraftReader
{
	PackedReader bytes;
	Dictionary	items;
	Dictionary	visits;
	int32		item;
	int32		visit;			/* -1: no tag */
	bool		has_untagged;
	LedgerLine *next;			/* where the next line goes */
	int64		skipped;
	uint8		common;			/* flags that every row has */
	bool		claims;			/* some row has a claim of its own */
	bool		with_categories;
	MemoryContext scratch;		/* of the book at hand */
	TextSpan	book;			/* its bytes, which stay */
	TextSpan	book_categories;	/* of its items */
	TextSpan   *categories;		/* by number of the item, where they are */
	int32		category_count;
	int32		categories_allocated;
	Arena		kept;			/* texts that only the scratch has */
} DraftReader;

/* What a line or a book says of the category of an item, by its number. */
static void
meet_category(DraftReader *reader, int32 number, TextSpan category)
{
	TextSpan	none = {"", 0};

	array_reserve(reader->categories, reader->categories_allocated, number + 1);
	while (reader->category_count <= number)
		reader->categories[reader->category_count++] = none;
	ledger_category_meet(&reader->categories[number], category);
}

static inline int32
read_item(DraftReader *reader)
{
	int32		number = dictionary_number(&reader->items, packed_read_text(&reader->bytes));

	if (reader->with_categories)
		meet_category(reader, number, ledger_category_read(&reader->bytes));
	return number;
}

/* Reads one row; item and visit are numbers of the dictionaries. */
static inline void
read_row(DraftReader *reader)
{
	PackedReader *bytes = &reader->bytes;
	LedgerLine *line = reader->next++;
	uint8		flags = packed_read_byte(bytes);

	reader->common &= flags;
	if (flags & ROW_VISIT)
	{
		uint64		length = packed_read_unsigned(bytes);
		TextSpan	visit = {(const char *) bytes->at, (int) length - 1};

		if (length == 0)
			reader->visit = -1;
		else
		{
			bytes->at += visit.length;
			reader->visit = dictionary_number(&reader->visits, visit);
		}
		reader->has_untagged |= length == 0;
	}
	if (flags & ROW_ITEM)
		reader->item = read_item(reader);
	line->visit = reader->visit;
	line->item = reader->item;
	line->charged_at = packed_read_signed(bytes);
	if (flags & ROW_SECONDS)
		line->charged_at *= USECS_PER_SEC;
	line->quantity = packed_read_signed(bytes);
	if (flags & ROW_WHOLE)
		line->quantity *= FIXED_ONE;
	line->amount = packed_read_signed(bytes);
	if (flags & ROW_CENTS)
		line->amount *= FIXED_CENT;
	line->claimed_given = (flags & ROW_CLAIMED) != 0;
	reader->claims |= line->claimed_given;
	line->claimed = line->claimed_given ? packed_read_signed(bytes) : line->amount;
	line->line_id.data = NULL;
	line->line_id.length = 0;
	if (flags & ROW_LINE_ID)
		line->line_id = packed_read_text(bytes);
	line->original_line_id.data = NULL;
	line->original_line_id.length = 0;
	if (flags & ROW_ORIGINAL)
		line->original_line_id = packed_read_text(bytes);
}

static void
read_rows(DraftReader *reader, const LedgerDraft *draft)
{
	if (draft->row_count == 0)
		return;
	packed_prefetch(draft->rows.data, draft->rows.used);
	packed_reader_init(&reader->bytes, draft->rows.data + VARHDRSZ,
					   draft->rows.used - VARHDRSZ, "ledger", ERRCODE_INTERNAL_ERROR);
	for (int64 i = 0; i < draft->row_count; i++)
		read_row(reader);
	packed_read_end(&reader->bytes);
}

/* SPAN of the book at hand, where it stays: in the book's bytes or a copy. */
static TextSpan
keep_text(DraftReader *reader, TextSpan span)
{
	if (span.length == 0 || (span.data >= reader->book.data &&
							 span.data < reader->book.data + reader->book.length))
		return span;
	return arena_keep(&reader->kept, span);
}

/* The numbers of a book's items or visits in the dictionary; -1: no tag. */
static int32 *
number_texts(DraftReader *reader, Dictionary *dictionary, const TextSpan *spans, int32 count)
{
	int32	   *numbers = MemoryContextAllocHuge(reader->scratch, sizeof(int32) * Max(count, 1));

	for (int32 i = 0; i < count; i++)
	{
		bool		is_new = false;

		numbers[i] = spans[i].data == NULL ? -1 : dictionary_add(dictionary, spans[i], &is_new);
		if (is_new)
			dictionary->spans[numbers[i]] = keep_text(reader, spans[i]);
	}
	return numbers;
}

static void
categories_begin(PackedReader *categories, TextSpan bytes)
{
	packed_reader_init(categories, bytes.data, bytes.length, "categories of items",
					   ERRCODE_INTERNAL_ERROR);
}

/* The categories of the book at hand; ITEMS: the numbers of its items. */
static void
read_book_categories(DraftReader *reader, const int32 *items, int32 count)
{
	PackedReader categories;

	categories_begin(&categories, reader->book_categories);
	for (int32 i = 0; i < count; i++)
		meet_category(reader, items[i], ledger_category_read(&categories));
	packed_read_end(&categories);
}

/* The lines of the book at hand, decoded in the scratch context. */
static void
read_book(DraftReader *reader)
{
	MemoryContext outside = MemoryContextSwitchTo(reader->scratch);
	Ledger	   *book = ledger_decode(reader->book.data, reader->book.length, ERRCODE_DATA_CORRUPTED);
	int32	   *items;
	int32	   *visits;

	MemoryContextSwitchTo(outside);
	CHECK_FOR_INTERRUPTS();
	items = number_texts(reader, &reader->items, book->items, book->item_count);
	visits = number_texts(reader, &reader->visits, book->visits, book->visit_count);
	if (reader->with_categories)
		read_book_categories(reader, items, book->item_count);
	for (int32 i = 0; i < book->line_count; i++)
	{
		LedgerLine *line = reader->next++;

		*line = book->lines[i];
		line->item = items[line->item];
		line->visit = visits[line->visit];
		line->line_id = keep_text(reader, line->line_id);
		line->original_line_id = keep_text(reader, line->original_line_id);
	}
	reader->has_untagged |= book->line_count > 0 && visits[0] < 0;
	reader->skipped = book_add_skipped(reader->skipped, book->skipped);
	MemoryContextReset(reader->scratch);
}

static void
books_begin(PackedReader *books, const LedgerDraft *draft)
{
	packed_reader_init(books, draft->books.data + VARHDRSZ,
					   draft->books.used - VARHDRSZ, "ledger", ERRCODE_INTERNAL_ERROR);
}

static void
read_books(DraftReader *reader, const LedgerDraft *draft)
{
	PackedReader books;

	if (draft->book_count == 0)
		return;
	reader->scratch = AllocSetContextCreate(CurrentMemoryContext, "ledger book",
											0, SCRATCH_BYTES, ALLOCSET_DEFAULT_MAXSIZE);
	books_begin(&books, draft);
	for (int32 i = 0; i < draft->book_count; i++)
	{
		reader->book = packed_read_text(&books);
		if (reader->with_categories)
			reader->book_categories = packed_read_text(&books);
		read_book(reader);
	}
	packed_read_end(&books);
	MemoryContextDelete(reader->scratch);
}

/* Replaces numbers of items and visits by their ranks in bytewise order. */
static void
rank_texts(DraftReader *reader, Ledger *ledger)
{
	int			untagged = reader->has_untagged ? 1 : 0;

	dictionary_sort(&reader->items);
	dictionary_sort(&reader->visits);
	ledger->item_count = reader->items.count;
	ledger->items = reader->items.spans;
	ledger->visit_count = reader->visits.count + untagged;
	ledger->visits = palloc(sizeof(TextSpan) * (reader->visits.count + 1));
	ledger->visits[0].data = NULL;
	ledger->visits[0].length = 0;
	if (reader->visits.count > 0)
		memcpy(ledger->visits + untagged, reader->visits.spans,
			   sizeof(TextSpan) * reader->visits.count);
	for (int32 i = 0; i < ledger->line_count; i++)
	{
		LedgerLine *line = &ledger->lines[i];

		line->item = reader->items.ranks[line->item];
		line->visit = line->visit < 0 ? 0 : reader->visits.ranks[line->visit] + untagged;
	}
}

/* What the flags of the rows tell of all lines; of books it is not known. */
static uint8
what_is_known(const LedgerDraft *draft, const DraftReader *reader)
{
	uint8		known = 0;

	if (draft->book_count > 0)
		return 0;
	if (reader->common & ROW_SECONDS)
		known |= LEDGER_ALL_SECONDS;
	if (reader->common & ROW_WHOLE)
		known |= LEDGER_ALL_WHOLE;
	/* a claim of its own may be finer than the amount */
	if ((reader->common & ROW_CENTS) && !reader->claims)
		known |= LEDGER_ALL_CENTS;
	return known;
}

/* The only book of a draft, as it is; CATEGORIES, if wanted, of its items. */
static struct varlena *
copy_book(const LedgerDraft *draft, LedgerCategories *categories)
{
	PackedReader books;
	PackedReader reader;
	TextSpan	book;

	books_begin(&books, draft);
	book = packed_read_text(&books);
	if (categories != NULL)
	{
		TextSpan	bytes = packed_read_text(&books);

		/* each takes a byte or more */
		categories->of_item = palloc_extended(mul_size(Max(bytes.length, 1), sizeof(TextSpan)),
											  MCXT_ALLOC_HUGE);
		categories->count = 0;
		categories_begin(&reader, bytes);
		while (reader.at < reader.end)
			categories->of_item[categories->count++] = ledger_category_read(&reader);
	}
	return (struct varlena *) cstring_to_text_with_len(book.data, book.length);
}

/* The categories in order of the items, which rank_texts() has found. */
static void
rank_categories(const DraftReader *reader, LedgerCategories *categories)
{
	int32		count = reader->category_count;

	Assert(count == reader->items.count);
	categories->count = count;
	categories->of_item = palloc_extended(mul_size(Max(count, 1), sizeof(TextSpan)),
										  MCXT_ALLOC_HUGE);
	for (int32 i = 0; i < count; i++)
		categories->of_item[reader->items.ranks[i]] = reader->categories[i];
}

static void
reader_init(DraftReader *reader, const LedgerDraft *draft, LedgerLine *lines)
{
	memset(reader, 0, sizeof(DraftReader));
	arena_init(&reader->kept, CurrentMemoryContext);
	dictionary_init(&reader->items, 32);
	dictionary_init(&reader->visits, 1);
	reader->visit = -1;
	reader->next = lines;
	reader->skipped = draft->skipped;
	reader->common = 0xFF;
	reader->with_categories = draft->with_categories;
}

/*
 * The ledger of a draft, in CurrentMemoryContext, and the categories of its items
 * where the draft has them; the draft stays as it is.
 */
struct varlena *
ledger_draft_finish_with_categories(const LedgerDraft *draft, LedgerCategories *categories)
{
	DraftReader reader;
	Ledger		ledger;

	if (draft->book_count == 1 && draft->row_count == 0 && draft->skipped == 0)
		return copy_book(draft, draft->with_categories ? categories : NULL);
	memset(&ledger, 0, sizeof(ledger));
	ledger.line_count = (int32) draft->line_count;
	ledger.lines = palloc_extended(sizeof(LedgerLine) * Max(ledger.line_count, 1),
								   MCXT_ALLOC_HUGE);
	reader_init(&reader, draft, ledger.lines);
	read_rows(&reader, draft);
	read_books(&reader, draft);
	ledger.known = what_is_known(draft, &reader);
	ledger.skipped = reader.skipped;
	book_check_skipped(ledger.skipped);
	rank_texts(&reader, &ledger);
	if (draft->with_categories)
		rank_categories(&reader, categories);
	return ledger_encode(&ledger, CurrentMemoryContext);
}

/* As it is of a draft without categories. */
struct varlena *
ledger_draft_finish(const LedgerDraft *draft)
{
	Assert(!draft->with_categories);
	return ledger_draft_finish_with_categories(draft, NULL);
}
