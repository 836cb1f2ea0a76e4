/*
 * packed.h
 *		Bounded byte writer and reader of the book formats.
 *
 * Numbers are LEB128 varints (signed ones zigzag), strings a length and bytes,
 * sorted dictionaries are front-coded: each string says how many bytes it
 * shares with the one before, at most PACKED_MOST_SHARED, so that what a value
 * unfolds to is bounded by its size.  The bytes are the same on every platform.
 *
 * The writer grows one palloc'd buffer by doubling, with room for a varlena
 * header in front.  The reader never trusts a length, count or offset it has
 * read: whatever runs past the end, or claims more elements than bytes are
 * left, is reported through packed_damaged() with the caller's SQLSTATE.
 */
#ifndef MEDAUDIT_PACKED_H
#define MEDAUDIT_PACKED_H

#include "fmgr.h"

/*
 * Codes and identifiers are shorter.  Were there no bound, a few bytes a string
 * could stand for thousands, and a small value would take gigabytes to read.
 */
#define PACKED_MOST_SHARED	127

/* Rows left out that a book counts: what its text form reads back. */
#define BOOK_MOST_SKIPPED	INT64CONST(10000000000000)

/* A piece of text inside a book; data == NULL stands for SQL NULL. */
typedef struct TextSpan
{
	const char *data;
	int			length;
} TextSpan;

/* Bytewise order: total, independent of locale and platform. */
static inline int
text_span_compare(TextSpan a, TextSpan b)
{
	int			common = Min(a.length, b.length);
	int			result = common > 0 ? memcmp(a.data, b.data, common) : 0;

	return result != 0 ? result : (a.length > b.length) - (a.length < b.length);
}

static inline bool
text_span_equal(TextSpan a, TextSpan b)
{
	return a.length == b.length &&
		(a.length == 0 || memcmp(a.data, b.data, a.length) == 0);
}

static inline TextSpan
text_span(const text *t)
{
	TextSpan	span = {VARDATA_ANY(t), VARSIZE_ANY_EXHDR(t)};

	return span;
}

/* Bytes that SPAN shares with BEFORE, as far as they are left out. */
static inline int
packed_shared(TextSpan before, TextSpan span)
{
	int			limit = Min(Min(before.length, span.length), PACKED_MOST_SHARED);
	int			shared = 0;

	while (shared < limit && before.data[shared] == span.data[shared])
		shared++;
	return shared;
}

typedef struct PackedWriter
{
	uint8	   *data;			/* begins with VARHDRSZ bytes of header room */
	Size		used;			/* header room included */
	Size		allocated;
	MemoryContext context;
} PackedWriter;

extern void packed_writer_init(PackedWriter *writer, MemoryContext context, Size expected);
extern void packed_grow(PackedWriter *writer, Size more);
extern void packed_bytes(PackedWriter *writer, const void *data, Size length);
extern void packed_text(PackedWriter *writer, TextSpan span);
extern void packed_front_coded(PackedWriter *writer, TextSpan before, TextSpan span);
extern void packed_dictionary(PackedWriter *writer, const TextSpan *spans, int32 count);
extern struct varlena *packed_finish(PackedWriter *writer);
extern int64 book_add_skipped(int64 a, int64 b);
extern void book_check_skipped(int64 skipped);

/* Room for MORE bytes; a varint takes at most 10. */
static inline void
packed_reserve(PackedWriter *writer, Size more)
{
	if (unlikely(writer->allocated - writer->used < more))
		packed_grow(writer, more);
}

static inline void
packed_byte(PackedWriter *writer, uint8 value)
{
	packed_reserve(writer, 1);
	writer->data[writer->used++] = value;
}

/* As packed_unsigned(), into room reserved before. */
static inline void
packed_unsigned_reserved(PackedWriter *writer, uint64 value)
{
	uint8	   *at = writer->data + writer->used;

	while (value >= 0x80)
	{
		*at++ = (uint8) (value | 0x80);
		value >>= 7;
	}
	*at++ = (uint8) value;
	writer->used = at - writer->data;
}

static inline void
packed_unsigned(PackedWriter *writer, uint64 value)
{
	packed_reserve(writer, 10);
	packed_unsigned_reserved(writer, value);
}

static inline uint64
packed_zigzag(int64 value)
{
	return ((uint64) value << 1) ^ (uint64) (value >> 63);
}

static inline void
packed_signed(PackedWriter *writer, int64 value)
{
	packed_unsigned(writer, packed_zigzag(value));
}

typedef struct PackedReader
{
	const uint8 *at;
	const uint8 *end;
	const char *what;			/* name of the type, for the message */
	int			sqlstate;		/* of damaged input */
} PackedReader;

extern void packed_reader_init(PackedReader *reader, const void *data, Size length,
							   const char *what, int sqlstate);
extern void packed_damaged(const PackedReader *reader) pg_attribute_noreturn();
extern uint64 packed_read_long(PackedReader *reader);
extern TextSpan packed_read_text(PackedReader *reader);
extern TextSpan *packed_read_dictionary(PackedReader *reader, int32 *count, int32 reserve);
extern void packed_read_end(PackedReader *reader);
extern void packed_check_text(const PackedReader *reader, TextSpan span);
extern void packed_check_same(const PackedReader *reader, const struct varlena *value);

/* A usual book. */
#define PREFETCH_BYTES	1024

/*
 * Asks for LENGTH bytes, a usual book's at most, all at once: stored ones come
 * from memory, and their reader would wait for each cache line in turn.  A hint
 * that may point anywhere.
 */
static inline void
packed_prefetch(const void *data, Size length)
{
	for (Size at = 0; at < Min(length, PREFETCH_BYTES); at += 64)
		__builtin_prefetch((const char *) data + at);
}

static inline uint8
packed_read_byte(PackedReader *reader)
{
	if (unlikely(reader->at >= reader->end))
		packed_damaged(reader);
	return *reader->at++;
}

/* One to three bytes, which most numbers take, are read in line. */
static inline uint64
packed_read_unsigned(PackedReader *reader)
{
	const uint8 *at = reader->at;

	if (likely(reader->end - at >= 3))
	{
		if (at[0] < 0x80)
		{
			reader->at = at + 1;
			return at[0];
		}
		if (at[1] < 0x80)
		{
			reader->at = at + 2;
			return (uint64) (at[0] & 0x7F) | (uint64) at[1] << 7;
		}
		if (at[2] < 0x80)
		{
			reader->at = at + 3;
			return (uint64) (at[0] & 0x7F) | (uint64) (at[1] & 0x7F) << 7 | (uint64) at[2] << 14;
		}
	}
	return packed_read_long(reader);
}

/*
 * Passes over COUNT numbers without reading them, eight bytes at a time: the last
 * byte of a number has its highest bit clear.
 */
static inline void
packed_pass_numbers(PackedReader *reader, int64 count)
{
	const uint64 ends = UINT64CONST(0x8080808080808080);
	const uint8 *at = reader->at;

	while (count >= 8 && reader->end - at >= 8)
	{
		uint64		word;

		memcpy(&word, at, 8);
		count -= ((~word & ends) >> 7) * UINT64CONST(0x0101010101010101) >> 56;
		at += 8;
	}
	for (; count > 0; at++)
	{
		if (unlikely(at >= reader->end))
			packed_damaged(reader);
		count -= *at < 0x80;
	}
	reader->at = at;
}

static inline int64
packed_read_signed(PackedReader *reader)
{
	uint64		value = packed_read_unsigned(reader);

	return (int64) (value >> 1) ^ -(int64) (value & 1);
}

/*
 * A count of elements that take at least LEAST_BYTES_EACH (1 or more) each:
 * more than the bytes left can hold is damage, so that nobody allocates by a
 * bad count.
 */
static inline int
packed_read_count(PackedReader *reader, Size least_bytes_each)
{
	uint64		count = packed_read_unsigned(reader);

	if (unlikely(count > (uint64) (reader->end - reader->at) / least_bytes_each))
		packed_damaged(reader);
	return (int) count;
}

#endif							/* MEDAUDIT_PACKED_H */
