/*
 * seen.c
 *		Whether one of some texts has come before: the numbers of a visit's lines.
 *
 * A few hashes are a list that is looked through from its beginning; more stand in
 * a table of open addressing, which doubles while more than half full: 8 to 32
 * bytes a text, one probe for most.
 */
#include "postgres.h"
#include "base/compat.h"

#include "common/hashfn.h"
#include "libpq/pqformat.h"
#include "miscadmin.h"
#include "utils/memutils.h"

#include "base/seen.h"

#define FIRST_SLOTS		8
#define LIST_MOST_SLOTS	32

void
seen_init(Seen *seen, MemoryContext context)
{
	memset(seen, 0, sizeof(Seen));
	seen->context = context;
}

static inline bool
is_list(const Seen *seen)
{
	return seen->slot_count <= LIST_MOST_SLOTS;
}

/* Puts HASH where there is room for it; false where it is there already. */
static inline bool
put(Seen *seen, uint64 hash)
{
	uint64		at = is_list(seen) ? 0 : hash & (seen->slot_count - 1);

	while (seen->slots[at] != 0)
	{
		if (seen->slots[at] == hash)
			return false;
		at = (at + 1) & (seen->slot_count - 1);
	}
	seen->slots[at] = hash;
	seen->used++;
	return true;
}

/* A table of less than twice its texts would be full at once. */
static uint64
next_size(const Seen *seen)
{
	if (seen->slot_count == LIST_MOST_SLOTS)
		return 4 * LIST_MOST_SLOTS;
	return Max(2 * seen->slot_count, FIRST_SLOTS);
}

static void
make_room(Seen *seen)
{
	uint64	   *old = seen->slots;
	uint64		old_count = seen->slot_count;

	CHECK_FOR_INTERRUPTS();
	seen->slot_count = next_size(seen);
	seen->slots = MemoryContextAllocExtended(seen->context, sizeof(uint64) * seen->slot_count,
											 MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);
	seen->used = 0;
	for (uint64 i = 0; i < old_count; i++)
		if (old[i] != 0)
			put(seen, old[i]);
	if (old != NULL)
		pfree(old);
}

/* One more text of this hash; the last free place of a list is not filled. */
static inline void
see(Seen *seen, uint64 hash)
{
	if (unlikely(seen->used + 1 >= (is_list(seen) ? seen->slot_count : seen->slot_count / 2)))
		make_room(seen);
	seen->twice = !put(seen, hash) || seen->twice;
}

/* Never 0; short texts, which have no zero bytes, are their own hash, spread. */
static inline uint64
hash_of(TextSpan span)
{
	uint64		hash = 0;

	if (span.length > (int) sizeof(uint64))
	{
		hash = hash_bytes_extended((const unsigned char *) span.data, span.length, 0);
		return hash == 0 ? 1 : hash;
	}
	for (int i = 0; i < span.length; i++)
		hash = hash << 8 | (unsigned char) span.data[i];
	hash *= UINT64CONST(0x9E3779B97F4A7C15);
	return hash ^ hash >> 32;
}

/* The empty text is none. */
void
seen_text(Seen *seen, TextSpan span)
{
	if (span.length > 0 && !seen->twice)
		see(seen, hash_of(span));
}

void
seen_join(Seen *seen, const Seen *other)
{
	seen->twice = seen->twice || other->twice;
	for (uint64 i = 0; i < other->slot_count && !seen->twice; i++)
		if (other->slots[i] != 0)
			see(seen, other->slots[i]);
}

/* Whether one came twice, else how many came and their hashes. */
void
seen_send(StringInfo message, const Seen *seen)
{
	pq_sendbyte(message, seen->twice);
	if (seen->twice)
		return;
	pq_sendint64(message, seen->used);
	for (uint64 i = 0; i < seen->slot_count; i++)
		if (seen->slots[i] != 0)
			pq_sendint64(message, seen->slots[i]);
}

void
seen_receive(StringInfo message, Seen *seen)
{
	uint64		count;

	seen->twice = pq_getmsgbyte(message) != 0;
	if (seen->twice)
		return;
	count = pq_getmsgint64(message);
	for (uint64 i = 0; i < count; i++)
		see(seen, pq_getmsgint64(message));
}
