/*
 * packed.c
 *		Bounded byte writer and reader of the book formats.
 */
#include "postgres.h"
#include "base/compat.h"

#include "common/int.h"
#include "mb/pg_wchar.h"
#include "utils/memutils.h"

#include "base/packed.h"

void
packed_writer_init(PackedWriter *writer, MemoryContext context, Size expected)
{
	writer->context = context;
	writer->allocated = VARHDRSZ + expected;
	writer->data = MemoryContextAlloc(context, writer->allocated);
	writer->used = VARHDRSZ;
}

/* Doubles until MORE bytes fit; the bound is that of any varlena, 1 GB. */
void
packed_grow(PackedWriter *writer, Size more)
{
	Size		wanted = add_size(writer->used, more);
	Size		next = writer->allocated * 2;

	if (wanted > MaxAllocSize)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("book is too large"),
				 errdetail("A book holds at most 1 GB."),
				 errhint("Gather smaller groups, for example by visit instead of by person.")));
	next = Min(Max(next, wanted), MaxAllocSize);
	writer->data = repalloc(writer->data, next);
	writer->allocated = next;
}

void
packed_bytes(PackedWriter *writer, const void *data, Size length)
{
	if (length == 0)
		return;
	packed_reserve(writer, length);
	memcpy(writer->data + writer->used, data, length);
	writer->used += length;
}

void
packed_text(PackedWriter *writer, TextSpan span)
{
	packed_unsigned(writer, span.length);
	packed_bytes(writer, span.data, span.length);
}

/* The next string of a sorted dictionary: bytes shared with BEFORE, the rest. */
void
packed_front_coded(PackedWriter *writer, TextSpan before, TextSpan span)
{
	int			shared = packed_shared(before, span);

	packed_unsigned(writer, shared);
	packed_unsigned(writer, span.length - shared);
	packed_bytes(writer, span.data + shared, span.length - shared);
}

/* A sorted dictionary: count, then each string against the one before. */
void
packed_dictionary(PackedWriter *writer, const TextSpan *spans, int32 count)
{
	TextSpan	before = {NULL, 0};

	packed_unsigned(writer, count);
	for (int32 i = 0; i < count; i++)
	{
		packed_front_coded(writer, before, spans[i]);
		before = spans[i];
	}
}

/* The buffer as a varlena; the writer is not to be used after. */
struct varlena *
packed_finish(PackedWriter *writer)
{
	SET_VARSIZE(writer->data, writer->used);
	return (struct varlena *) writer->data;
}

/* Counts of rows left out; what passes every bound stays there. */
int64
book_add_skipped(int64 a, int64 b)
{
	int64		sum;

	return pg_add_s64_overflow(a, b, &sum) ? PG_INT64_MAX : sum;
}

/* 22003 where a finished book would count more than it can say. */
void
book_check_skipped(int64 skipped)
{
	if (skipped > BOOK_MOST_SKIPPED)
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("number of rows left out of a book is out of range"),
				 errdetail("The most is 10000000000000 (10^13).")));
}

void
packed_reader_init(PackedReader *reader, const void *data, Size length,
				   const char *what, int sqlstate)
{
	reader->at = data;
	reader->end = reader->at + length;
	reader->what = what;
	reader->sqlstate = sqlstate;
}

void
packed_damaged(const PackedReader *reader)
{
	ereport(ERROR,
			(errcode(reader->sqlstate),
			 errmsg("damaged value of type %s", reader->what)));
}

/* A varint of several bytes; at most 10, the last of which holds one bit. */
uint64
packed_read_long(PackedReader *reader)
{
	uint64		value = 0;

	for (int shift = 0; shift < 64; shift += 7)
	{
		uint8		byte = packed_read_byte(reader);

		if (shift == 63 && byte > 1)
			break;
		value |= (uint64) (byte & 0x7F) << shift;
		if (byte < 0x80)
			return value;
	}
	packed_damaged(reader);
}

TextSpan
packed_read_text(PackedReader *reader)
{
	int			length = packed_read_count(reader, 1);
	TextSpan	span = {(const char *) reader->at, length};

	reader->at += length;
	return span;
}

/*
 * Strings are put together in blocks of so many bytes, smaller ones where
 * little is left to read: books of a few lines are read by the thousand.
 */
#define BLOCK_BYTES		1024

/*
 * Codes up to this length are copied as so many bytes, whatever lies behind
 * them: that is one move, and a block has room for it past its end.
 */
#define COPY_BYTES		32

/*
 * Is the next string, of which SHARED bytes are those of BEFORE and REST follow,
 * behind it?  The writer shares all it may, so that the next byte decides, but
 * behind the most that may be shared.
 */
static inline bool
ascends(const PackedReader *reader, TextSpan before, int shared, int rest)
{
	TextSpan	old = {before.data + shared, before.length - shared};
	TextSpan	new = {(const char *) reader->at, rest};

	if (rest == 0)
		return false;
	if (old.length == 0 || *reader->at > (uint8) *old.data)
		return true;
	return shared == PACKED_MOST_SHARED && text_span_compare(old, new) < 0;
}

/*
 * Reads COUNT front-coded strings into SPANS and checks that they ascend.  What
 * a string shares is bounded by the one before and PACKED_MOST_SHARED.
 */
static void
read_front_coded(PackedReader *reader, TextSpan *spans, int count)
{
	TextSpan	before = {NULL, 0};
	char	   *block = NULL;
	Size		left = 0;
	Size		total = 0;

	for (int i = 0; i < count; i++)
	{
		uint64		shared = packed_read_unsigned(reader);
		int			rest = packed_read_count(reader, 1);
		Size		length;

		if (unlikely(shared > (uint64) Min(before.length, PACKED_MOST_SHARED)))
			packed_damaged(reader);
		if (unlikely(i > 0 && !ascends(reader, before, (int) shared, rest)))
			packed_damaged(reader);
		length = shared + rest;
		total += length;
		if (unlikely(total > MaxAllocSize))
			packed_damaged(reader);
		if (block == NULL || length > left)
		{
			left = Max(length, Min(BLOCK_BYTES, (Size) (reader->end - reader->at)));
			block = palloc(left + 2 * COPY_BYTES);
		}
		if (likely(i > 0 && length <= COPY_BYTES && reader->end - reader->at >= COPY_BYTES))
		{
			char		whole[COPY_BYTES];

			/* the two may overlap, past what is shared */
			memcpy(whole, before.data, COPY_BYTES);
			memcpy(block, whole, COPY_BYTES);
			memcpy(block + shared, reader->at, COPY_BYTES);
		}
		else
		{
			if (shared > 0)
				memcpy(block, before.data, shared);
			memcpy(block + shared, reader->at, rest);
		}
		reader->at += rest;
		before.data = block;
		before.length = (int) length;
		spans[i] = before;
		block += length;
		left -= length;
	}
}

/*
 * Reads a sorted dictionary: count, strings.  In front of the strings are
 * RESERVE places for the caller's own.
 */
TextSpan *
packed_read_dictionary(PackedReader *reader, int32 *count, int32 reserve)
{
	TextSpan   *spans;

	*count = packed_read_count(reader, 2);
	spans = palloc_extended(mul_size(Max((Size) *count + reserve, 1), sizeof(TextSpan)),
							MCXT_ALLOC_HUGE);
	read_front_coded(reader, spans + reserve, *count);
	return spans;
}

/* All of the input must have been read. */
void
packed_read_end(PackedReader *reader)
{
	if (reader->at != reader->end)
		packed_damaged(reader);
}

/* Text from outside must be valid in the database's encoding, without NUL. */
void
packed_check_text(const PackedReader *reader, TextSpan span)
{
	if (span.length > 0 &&
		(memchr(span.data, 0, span.length) != NULL ||
		 !pg_verifymbstr(span.data, span.length, true)))
		packed_damaged(reader);
}

/* What a reader has before it must be VALUE, byte for byte. */
void
packed_check_same(const PackedReader *reader, const struct varlena *value)
{
	Size		length = VARSIZE_ANY_EXHDR(value);

	if (length != (Size) (reader->end - reader->at) ||
		memcmp(VARDATA_ANY(value), reader->at, length) != 0)
		ereport(ERROR,
				(errcode(reader->sqlstate),
				 errmsg("damaged value of type %s", reader->what),
				 errdetail("The value is not in the form in which it is stored.")));
}
