/*
 * ledger_format.c
 *		The stored form of a ledger.
 *
 *		version, flags
 *		lines, skipped rows						varints
 *		time unit, quantity unit, amount unit	a byte each: TimeUnit, FixedUnit
 *		earliest time in that unit				signed
 *		item codes								count, front-coded, ascending
 *		[visits]								untagged?, count, front-coded
 *		runs, ascending by visit and item		[runs of the visit, [item gap],] lines
 *		lines of the runs						time after the line before, quantity,
 *												amount, [claimed], [line id, original]
 *
 * Units are the coarsest that lose nothing over the whole book, so that a
 * usual line (minutes, whole units, cents) takes 5 to 8 bytes.  The bytes are
 * the same on every platform and for every order of input.  Decoding is one
 * pass, about 15 ns a line; all it allocates is bounded by the input, at most
 * some 60 bytes for each of its bytes.  Who asks for a few items has their lines
 * alone decoded, and the numbers of the others passed over eight bytes at a time,
 * about 2 ns a line.
 */
#include "postgres.h"
#include "base/compat.h"

#include "miscadmin.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

#include "base/arena.h"
#include "base/array.h"
#include "base/fixed.h"
#include "base/units.h"
#include "ledger/ledger_internal.h"

#define LEDGER_VERSION		1

#define HAS_VISITS			0x01
#define HAS_LINE_IDS		0x02
#define HAS_ORIGINALS		0x04
#define HAS_CLAIMED			0x08
#define KNOWN_FLAGS			0x0F

/* Least bytes of a line: time, quantity, amount. */
#define LINE_LEAST_BYTES	3

typedef struct Units
{
	TimeUnit	time;
	FixedUnit	quantity;
	FixedUnit	amount;
} Units;

/* What of a book is not read yet. */
struct LedgerRest
{
	PackedReader reader;		/* at the visits, then at the first line */
	Units		units;
	int64		base;
	uint8		flags;
	bool		runs_read;
};

typedef const LedgerLine *LinePointer;

#define ST_SORT sort_run
#define ST_ELEMENT_TYPE LinePointer
#define ST_COMPARE(a, b) ledger_line_compare(*(a), *(b))
#define ST_SCOPE static
#define ST_CHECK_FOR_INTERRUPTS
#define ST_DEFINE
#include "lib/sort_template.h"

static inline int32
rank_of(const LedgerLine *line, bool by_visit)
{
	return by_visit ? line->visit : line->item;
}

/* Puts FROM into INTO by one of their ranks, of which there are RANKS; stable. */
static inline void
distribute(const LinePointer *from, LinePointer *into, int32 count, int32 ranks, bool by_visit)
{
	int32	   *next = MemoryContextAllocExtended(CurrentMemoryContext, sizeof(int32) * ((Size) ranks + 1),
												  MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);

	for (int32 i = 0; i < count; i++)
		next[rank_of(from[i], by_visit) + 1]++;
	for (int32 i = 1; i < ranks; i++)
		next[i] += next[i - 1];
	for (int32 i = 0; i < count; i++)
	{
		CHECK_FOR_INTERRUPTS();
		into[next[rank_of(from[i], by_visit)]++] = from[i];
	}
	pfree(next);
}

static inline bool
same_run(const LedgerLine *a, const LedgerLine *b)
{
	return a->item == b->item && a->visit == b->visit;
}

/* Index of the first line past the run that begins at FIRST. */
static inline int32
run_end(LinePointer *lines, int32 count, int32 first)
{
	int32		end = first + 1;

	while (end < count && same_run(lines[end], lines[first]))
		end++;
	return end;
}

/*
 * The lines by visit and item, and in the total order within these.  Items and
 * visits are ranks already, and the lines of one item mostly come in order.
 */
static LinePointer *
lines_in_order(const Ledger *draft)
{
	int32		count = draft->line_count;
	Size		bytes = sizeof(LedgerLine *) * (Size) count;
	LinePointer *lines = palloc_extended(bytes, MCXT_ALLOC_HUGE);
	LinePointer *other = palloc_extended(bytes, MCXT_ALLOC_HUGE);

	for (int32 i = 0; i < count; i++)
		other[i] = &draft->lines[i];
	distribute(other, lines, count, draft->item_count, false);
	if (draft->visit_count > 1)
	{
		LinePointer *by_item = lines;

		distribute(by_item, other, count, draft->visit_count, true);
		lines = other;
		other = by_item;
	}
	pfree(other);
	for (int32 first = 0, end; first < count; first = end)
	{
		CHECK_FOR_INTERRUPTS();
		end = run_end(lines, count, first);
		if (end - first > 1)
			sort_run(lines + first, end - first);
	}
	return lines;
}

/*
 * The coarsest units that lose nothing.  Where it is known of all lines that a
 * unit loses nothing, they are looked at until no coarser one is left.
 */
static Units
coarsest_units(const Ledger *draft)
{
	Units		units = {TIME_UNIT_DAY, FIXED_UNIT_WHOLE, FIXED_UNIT_WHOLE};
	TimeUnit	least_time = (draft->known & LEDGER_ALL_SECONDS) ? TIME_UNIT_SECOND : TIME_UNIT_MICROSECOND;
	FixedUnit	least_quantity = (draft->known & LEDGER_ALL_WHOLE) ? FIXED_UNIT_WHOLE : FIXED_UNIT_TEN_THOUSANDTH;
	FixedUnit	least_amount = (draft->known & LEDGER_ALL_CENTS) ? FIXED_UNIT_HUNDREDTH : FIXED_UNIT_TEN_THOUSANDTH;

	for (int32 i = 0; i < draft->line_count && units.time > least_time; i++)
		while (!time_is_multiple(draft->lines[i].charged_at, units.time))
			units.time--;
	for (int32 i = 0; i < draft->line_count && units.quantity > least_quantity; i++)
		while (!fixed_is_multiple(draft->lines[i].quantity, units.quantity))
			units.quantity--;
	for (int32 i = 0; i < draft->line_count && units.amount > least_amount; i++)
		while (!fixed_is_multiple(draft->lines[i].amount, units.amount) ||
			   !fixed_is_multiple(draft->lines[i].claimed, units.amount))
			units.amount--;
	return units;
}

static uint8
flags_of(const Ledger *draft)
{
	uint8		flags = 0;

	if (draft->visit_count > 1 || (draft->visit_count == 1 && draft->visits[0].data != NULL))
		flags |= HAS_VISITS;
	for (int32 i = 0; i < draft->line_count; i++)
	{
		const LedgerLine *line = &draft->lines[i];

		flags |= line->line_id.data != NULL ? HAS_LINE_IDS : 0;
		flags |= line->original_line_id.data != NULL ? HAS_ORIGINALS : 0;
		flags |= line->claimed_given ? HAS_CLAIMED : 0;
	}
	return flags;
}

/* Runs of one visit: how many, then for each the item's gap and its lines. */
static void
write_visit_runs(PackedWriter *writer, LinePointer *lines, int32 first, int32 end)
{
	int32		runs = 0;
	int32		next_item = 0;

	for (int32 i = first; i < end; i = run_end(lines, end, i))
		runs++;
	packed_unsigned(writer, runs);
	for (int32 i = first; i < end;)
	{
		int32		after = run_end(lines, end, i);

		packed_unsigned(writer, lines[i]->item - next_item);
		packed_unsigned(writer, after - i);
		next_item = lines[i]->item + 1;
		i = after;
	}
}

static void
write_runs(PackedWriter *writer, LinePointer *lines, int32 count, bool has_visits)
{
	for (int32 first = 0; first < count;)
	{
		int32		end = first + 1;

		if (has_visits)
		{
			while (end < count && lines[end]->visit == lines[first]->visit)
				end++;
			write_visit_runs(writer, lines, first, end);
		}
		else
		{
			end = run_end(lines, count, first);
			packed_unsigned(writer, end - first);
		}
		first = end;
	}
}

/* An identifier against the one before: 0 for none, else shared + 1, rest. */
static void
write_identifier(PackedWriter *writer, TextSpan *before, TextSpan span)
{
	int			shared;

	if (span.data == NULL)
	{
		packed_unsigned(writer, 0);
		return;
	}
	shared = packed_shared(*before, span);
	packed_unsigned(writer, shared + 1);
	packed_unsigned(writer, span.length - shared);
	packed_bytes(writer, span.data + shared, span.length - shared);
	*before = span;
}

static void
write_lines(PackedWriter *writer, LinePointer *lines, int32 count, uint8 flags, Units units,
			int64 base)
{
	TextSpan	id_before = {NULL, 0};
	TextSpan	original_before = {NULL, 0};
	int64		time_before = base;

	for (int32 i = 0; i < count; i++)
	{
		const LedgerLine *line = lines[i];
		int64		at = time_in_units(line->charged_at, units.time);

		CHECK_FOR_INTERRUPTS();
		if (i == 0 || !same_run(line, lines[i - 1]))
			time_before = base;
		packed_reserve(writer, 50);
		packed_unsigned_reserved(writer, at - time_before);
		packed_unsigned_reserved(writer, packed_zigzag(fixed_in_units(line->quantity, units.quantity)));
		packed_unsigned_reserved(writer, packed_zigzag(fixed_in_units(line->amount, units.amount)));
		/* 0: not given; 1: the amount itself; else the number after 2 */
		if (flags & HAS_CLAIMED)
			packed_unsigned_reserved(writer, !line->claimed_given ? 0 :
									 line->claimed == line->amount ? 1 :
									 packed_zigzag(fixed_in_units(line->claimed, units.amount)) + 2);
		if (flags & HAS_LINE_IDS)
			write_identifier(writer, &id_before, line->line_id);
		if (flags & HAS_ORIGINALS)
			write_identifier(writer, &original_before, line->original_line_id);
		time_before = at;
	}
}

static Timestamp
earliest_time(const Ledger *draft)
{
	Timestamp	earliest = draft->lines[0].charged_at;

	for (int32 i = 1; i < draft->line_count; i++)
		earliest = Min(earliest, draft->lines[i].charged_at);
	return earliest;
}

/*
 * The stored form of lines in any order, whose items and visits are ranks in
 * sorted dictionaries that hold nothing else.  Allocated in CONTEXT.
 */
struct varlena *
ledger_encode(Ledger *draft, MemoryContext context)
{
	uint8		flags = flags_of(draft);
	PackedWriter writer;
	Units		units;
	LinePointer *lines;
	int64		base;

	packed_writer_init(&writer, context, 64 + 12 * (Size) draft->line_count);
	packed_byte(&writer, LEDGER_VERSION);
	packed_byte(&writer, flags);
	packed_unsigned(&writer, draft->line_count);
	packed_unsigned(&writer, draft->skipped);
	if (draft->line_count == 0)
		return packed_finish(&writer);
	units = coarsest_units(draft);
	packed_byte(&writer, units.time);
	packed_byte(&writer, units.quantity);
	packed_byte(&writer, units.amount);
	base = time_in_units(earliest_time(draft), units.time);
	packed_signed(&writer, base);
	packed_dictionary(&writer, draft->items, draft->item_count);
	if (flags & HAS_VISITS)
	{
		bool		untagged = draft->visits[0].data == NULL;

		packed_byte(&writer, untagged);
		packed_dictionary(&writer, draft->visits + untagged, draft->visit_count - untagged);
	}
	lines = lines_in_order(draft);
	write_runs(&writer, lines, draft->line_count, (flags & HAS_VISITS) != 0);
	write_lines(&writer, lines, draft->line_count, flags, units, base);
	pfree(lines);
	return packed_finish(&writer);
}

static void
read_visits(PackedReader *reader, Ledger *ledger, uint8 flags)
{
	bool		untagged = true;
	int32		tagged = 0;

	if (flags & HAS_VISITS)
	{
		uint8		byte = packed_read_byte(reader);

		if (byte > 1)
			packed_damaged(reader);
		untagged = byte == 1;
		ledger->visits = packed_read_dictionary(reader, &tagged, 1);
		if (tagged == 0)
			packed_damaged(reader);
	}
	else
		ledger->visits = palloc(sizeof(TextSpan));
	ledger->visits[0].data = NULL;
	ledger->visits[0].length = 0;
	if (!untagged)
		ledger->visits++;
	ledger->visit_count = tagged + untagged;
}

static void
add_run(PackedReader *reader, Ledger *ledger, int32 *allocated, int32 visit, int32 item, int32 first)
{
	uint64		count = packed_read_unsigned(reader);
	LedgerRun  *run;

	if (count == 0 || count > (uint64) (ledger->line_count - first))
		packed_damaged(reader);
	array_reserve(ledger->runs, *allocated, ledger->run_count + 1);
	run = &ledger->runs[ledger->run_count++];
	run->visit = visit;
	run->item = item;
	run->first = first;
	run->count = (int32) count;
}

/* Reads the runs; every item and every visit must have one. */
static void
read_runs(PackedReader *reader, Ledger *ledger, uint8 flags)
{
	int32		allocated = Max(ledger->item_count, 8);
	int32		first = 0;
	int32		items_met = 0;
	bool	   *met = NULL;

	ledger->runs = palloc_extended(sizeof(LedgerRun) * allocated, MCXT_ALLOC_HUGE);
	if (flags & HAS_VISITS)
		met = palloc0(ledger->item_count);
	for (int32 visit = 0; visit < ledger->visit_count; visit++)
	{
		uint64		runs = ledger->item_count;
		int64		item = -1;

		if (flags & HAS_VISITS)
			runs = packed_read_unsigned(reader);
		if (runs == 0 || runs > (uint64) ledger->item_count)
			packed_damaged(reader);
		while (runs-- > 0)
		{
			uint64		gap = (flags & HAS_VISITS) ? packed_read_unsigned(reader) : 0;

			if (gap >= (uint64) (ledger->item_count - item - 1))
				packed_damaged(reader);
			item += gap + 1;
			add_run(reader, ledger, &allocated, visit, (int32) item, first);
			first += ledger->runs[ledger->run_count - 1].count;
			if (met != NULL && !met[item])
			{
				met[item] = true;
				items_met++;
			}
		}
		CHECK_FOR_INTERRUPTS();
	}
	if (first != ledger->line_count || (met != NULL && items_met != ledger->item_count))
		packed_damaged(reader);
}

static char *
take_room(PackedReader *reader, Arena *arena, Size length)
{
	if (length > MaxAllocSize || arena->total > MaxAllocHugeSize / 2)
		packed_damaged(reader);
	return arena_take(arena, length);
}

static TextSpan
read_identifier(PackedReader *reader, Arena *arena, TextSpan *before)
{
	uint64		shared = packed_read_unsigned(reader);
	TextSpan	span = {NULL, 0};
	int			rest;
	char	   *together;

	if (shared-- == 0)
		return span;
	if (shared > (uint64) Min(before->length, PACKED_MOST_SHARED))
		packed_damaged(reader);
	rest = packed_read_count(reader, 1);
	span.length = (int) shared + rest;
	if (shared == 0)
		span.data = (const char *) reader->at;
	else if (rest == 0)
		span.data = before->data;
	else
	{
		together = take_room(reader, arena, span.length);
		memcpy(together, before->data, shared);
		memcpy(together + shared, reader->at, rest);
		span.data = together;
	}
	reader->at += rest;
	*before = span;
	return span;
}

/* Bounds of what a varint may say, in its unit. */
typedef struct Limits
{
	int64		last_time;
	int64		quantity;
	int64		amount;
} Limits;

static inline int64
read_bounded(PackedReader *reader, uint64 zigzag, int64 limit)
{
	int64		value = (int64) (zigzag >> 1) ^ -(int64) (zigzag & 1);

	if (unlikely(value > limit || value < -limit))
		packed_damaged(reader);
	return value;
}

/*
 * Reads the lines run by run, those of WANTED items alone where it is not NULL:
 * then a line must be numbers, without identifiers.  Values go through locals:
 * the reader's bytes may alias anything, so that fields read back would be
 * loaded again.
 */
static pg_attribute_always_inline void
read_lines(PackedReader *reader, Ledger *ledger, uint8 flags, Units units, int64 base, const bool *wanted)
{
	const int	numbers = (flags & HAS_CLAIMED) ? 4 : 3;
	int64		passed = 0;
	int64		time_unit = time_units[units.time];
	int64		quantity_unit = fixed_units[units.quantity];
	int64		amount_unit = fixed_units[units.amount];
	Limits		limits = {(END_TIMESTAMP - 1) / time_unit, FIXED_MAX / quantity_unit, FIXED_MAX / amount_unit};
	Arena		arena;
	TextSpan	none = {NULL, 0};
	TextSpan	id_before = none;
	TextSpan	original_before = none;
	bool		all_plain = true;

	arena_init(&arena, CurrentMemoryContext);
	for (int32 r = 0; r < ledger->run_count; r++)
	{
		LedgerRun	run = ledger->runs[r];
		LedgerLine *line = ledger->lines + run.first;
		int64		at = base;

		CHECK_FOR_INTERRUPTS();
		if (wanted != NULL)
		{
			if (!wanted[run.item])
			{
				passed += run.count;
				continue;
			}
			packed_pass_numbers(reader, passed * numbers);
			passed = 0;
		}
		for (int32 i = 0; i < run.count; i++, line++)
		{
			uint64		after = packed_read_unsigned(reader);
			int64		quantity = read_bounded(reader, packed_read_unsigned(reader), limits.quantity) * quantity_unit;
			int64		amount = read_bounded(reader, packed_read_unsigned(reader), limits.amount) * amount_unit;
			uint64		how = (flags & HAS_CLAIMED) ? packed_read_unsigned(reader) : 0;
			int64		claimed = how < 2 ? amount : read_bounded(reader, how - 2, limits.amount) * amount_unit;

			/* a book may be one run */
			if (i % 65536 == 65535)
				CHECK_FOR_INTERRUPTS();
			if (unlikely(after > (uint64) limits.last_time - (uint64) at))
				packed_damaged(reader);
			at += after;
			line->charged_at = at * time_unit;
			line->quantity = line->left_quantity = quantity;
			line->amount = line->left_amount = amount;
			line->claimed = line->left_claimed = claimed;
			line->visit = run.visit;
			line->item = run.item;
			line->line_id = (flags & HAS_LINE_IDS) ? read_identifier(reader, &arena, &id_before) : none;
			line->original_line_id = (flags & HAS_ORIGINALS) ? read_identifier(reader, &arena, &original_before) : none;
			line->status = LEDGER_KEPT;
			line->claimed_given = how > 0;
			all_plain &= quantity > 0 && amount >= 0 && claimed >= 0;
		}
	}
	/* whatever is no plain charge may be a refund or contradict itself */
	ledger->needs_netting = !all_plain;
}

static int
read_unit(PackedReader *reader, int units)
{
	uint8		unit = packed_read_byte(reader);

	if (unit >= units)
		packed_damaged(reader);
	return unit;
}

/* Reads what stands before the units: flags, counts.  Returns the flags. */
static uint8
read_head(PackedReader *reader, Ledger *ledger)
{
	uint8		flags;
	uint64		count;

	if (packed_read_byte(reader) != LEDGER_VERSION)
		ereport(ERROR,
				(errcode(reader->sqlstate),
				 errmsg("unsupported version of type ledger")));
	flags = packed_read_byte(reader);
	count = packed_read_unsigned(reader);
	ledger->skipped = (int64) packed_read_unsigned(reader);
	if ((flags & ~KNOWN_FLAGS) != 0 || ledger->skipped < 0 || ledger->skipped > BOOK_MOST_SKIPPED ||
		count > LEDGER_MAX_LINES ||
		count > (uint64) (reader->end - reader->at) / LINE_LEAST_BYTES)
		packed_damaged(reader);
	ledger->line_count = (int32) count;
	return flags;
}

/* Lines and skipped rows of a ledger, without reading the lines. */
void
ledger_read_counts(const void *content, Size length, int32 *lines, int64 *skipped)
{
	PackedReader reader;
	Ledger		ledger;

	packed_reader_init(&reader, content, length, "ledger", ERRCODE_DATA_CORRUPTED);
	read_head(&reader, &ledger);
	*lines = ledger.line_count;
	*skipped = ledger.skipped;
}

static void
read_units(PackedReader *reader, struct LedgerRest *rest)
{
	rest->units.time = read_unit(reader, lengthof(time_units));
	rest->units.quantity = read_unit(reader, lengthof(fixed_units));
	rest->units.amount = read_unit(reader, lengthof(fixed_units));
	rest->base = packed_read_signed(reader);
	if (rest->base < MIN_TIMESTAMP / time_units[rest->units.time] ||
		rest->base > (END_TIMESTAMP - 1) / time_units[rest->units.time])
		packed_damaged(reader);
}

/*
 * Decodes of LENGTH bytes at CONTENT what stands before the visits: counts and
 * item codes.  Whatever does not fit is reported with SQLSTATE; texts point into
 * CONTENT or the current context.
 */
Ledger *
ledger_decode_items(const void *content, Size length, int sqlstate)
{
	Ledger	   *ledger = palloc0(sizeof(Ledger));
	struct LedgerRest *rest = palloc0(sizeof(struct LedgerRest));
	PackedReader *reader = &rest->reader;

	packed_reader_init(reader, content, length, "ledger", sqlstate);
	packed_prefetch(content, length);
	rest->flags = read_head(reader, ledger);
	if (ledger->line_count == 0)
	{
		packed_read_end(reader);
		return ledger;
	}
	read_units(reader, rest);
	ledger->items = packed_read_dictionary(reader, &ledger->item_count, 0);
	if (ledger->item_count == 0)
		packed_damaged(reader);
	ledger->rest = rest;
	return ledger;
}

/*
 * Decodes the visits, and of the lines those of WANTED items; NULL: of all.
 * Where lines have identifiers, each of which is written against the one before,
 * all are read.
 */
void
ledger_decode_lines(Ledger *ledger, const bool *wanted)
{
	struct LedgerRest *rest = ledger->rest;
	PackedReader reader;

	if (!rest->runs_read)
	{
		read_visits(&rest->reader, ledger, rest->flags);
		read_runs(&rest->reader, ledger, rest->flags);
		ledger->lines = palloc_extended(sizeof(LedgerLine) * ledger->line_count, MCXT_ALLOC_HUGE);
		rest->runs_read = true;
	}
	reader = rest->reader;
	if (wanted != NULL && !(rest->flags & (HAS_LINE_IDS | HAS_ORIGINALS)))
	{
		read_lines(&reader, ledger, rest->flags & HAS_CLAIMED, rest->units, rest->base, wanted);
		ledger->wanted = wanted;
		return;
	}
	/* most books have nothing but times, quantities and amounts */
	if (rest->flags == 0)
		read_lines(&reader, ledger, 0, rest->units, rest->base, NULL);
	else
		read_lines(&reader, ledger, rest->flags, rest->units, rest->base, NULL);
	packed_read_end(&reader);
	ledger->wanted = NULL;
	ledger->rest = NULL;
}

/* All of LENGTH bytes at CONTENT, not netted. */
Ledger *
ledger_decode(const void *content, Size length, int sqlstate)
{
	Ledger	   *ledger = ledger_decode_items(content, length, sqlstate);

	if (ledger->rest != NULL)
		ledger_decode_lines(ledger, NULL);
	return ledger;
}
