/*
 * comes_twice.c
 *		Whether one of some texts comes twice: the numbers of a visit's lines.
 *
 * Hashes of 64 bits in a table of open addressing, which doubles while more than
 * half full: 16 to 32 bytes a text, no copy of any, one probe for most.  Two
 * texts of one hash look alike; whoever asks reads what looks so again.
 */
#include "postgres.h"
#include "base/compat.h"

#include "common/hashfn.h"
#include "fmgr.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/memutils.h"

#define FIRST_SLOTS		64

typedef struct Seen
{
	MemoryContext context;
	uint64	   *slots;			/* 0: free */
	uint64		slot_count;		/* a power of two */
	uint64		used;
	bool		twice;
} Seen;

/* Puts HASH into the table; false where it is there already. */
static inline bool
put(Seen *seen, uint64 hash)
{
	uint64		at = hash & (seen->slot_count - 1);

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

static void
make_room(Seen *seen, uint64 slot_count)
{
	uint64	   *old = seen->slots;
	uint64		old_count = seen->slot_count;

	seen->slots = MemoryContextAllocExtended(seen->context, sizeof(uint64) * slot_count,
											 MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);
	seen->slot_count = slot_count;
	seen->used = 0;
	for (uint64 i = 0; i < old_count; i++)
		if (old[i] != 0)
			put(seen, old[i]);
	if (old != NULL)
		pfree(old);
}

static Seen *
seen_create(FunctionCallInfo fcinfo)
{
	MemoryContext context;
	Seen	   *seen;

	if (!AggCheckCallContext(fcinfo, &context))
		elog(ERROR, "aggregate function called in non-aggregate context");
	seen = MemoryContextAllocZero(context, sizeof(Seen));
	seen->context = context;
	return seen;
}

static Seen *
seen_of_call(FunctionCallInfo fcinfo)
{
	return likely(!PG_ARGISNULL(0)) ? (Seen *) PG_GETARG_POINTER(0) : seen_create(fcinfo);
}

/* One more text of this hash. */
static inline void
see(Seen *seen, uint64 hash)
{
	if (seen->used * 2 >= seen->slot_count)
		make_room(seen, Max(seen->slot_count * 2, FIRST_SLOTS));
	seen->twice = !put(seen, hash) || seen->twice;
}

PG_FUNCTION_INFO_V1(comes_twice_transition);

/* (state, text): NULL and the empty text are none. */
Datum
comes_twice_transition(PG_FUNCTION_ARGS)
{
	Seen	   *seen = seen_of_call(fcinfo);
	text	   *value;
	uint64		hash;

	if (PG_ARGISNULL(1) || seen->twice)
		PG_RETURN_POINTER(seen);
	value = PG_GETARG_TEXT_PP(1);
	if (VARSIZE_ANY_EXHDR(value) == 0)
		PG_RETURN_POINTER(seen);
	hash = hash_bytes_extended((const unsigned char *) VARDATA_ANY(value),
							   VARSIZE_ANY_EXHDR(value), 0);
	see(seen, hash == 0 ? 1 : hash);
	PG_RETURN_POINTER(seen);
}

PG_FUNCTION_INFO_V1(comes_twice_combine);

Datum
comes_twice_combine(PG_FUNCTION_ARGS)
{
	Seen	   *seen;
	Seen	   *other;

	if (PG_ARGISNULL(1))
	{
		if (PG_ARGISNULL(0))
			PG_RETURN_NULL();
		PG_RETURN_DATUM(PG_GETARG_DATUM(0));
	}
	seen = seen_of_call(fcinfo);
	other = (Seen *) PG_GETARG_POINTER(1);
	seen->twice = seen->twice || other->twice;
	for (uint64 i = 0; i < other->slot_count && !seen->twice; i++)
		if (other->slots[i] != 0)
			see(seen, other->slots[i]);
	PG_RETURN_POINTER(seen);
}

/* What a worker sends: whether it saw one twice, then the hashes it saw. */
PG_FUNCTION_INFO_V1(comes_twice_serialize);

Datum
comes_twice_serialize(PG_FUNCTION_ARGS)
{
	Seen	   *seen = (Seen *) PG_GETARG_POINTER(0);
	uint64		count = seen->twice ? 0 : seen->used;
	Size		size = VARHDRSZ + sizeof(uint64) * (1 + count);
	bytea	   *result = (bytea *) palloc_extended(size, MCXT_ALLOC_HUGE);
	char	   *out = VARDATA(result);
	uint64		twice = seen->twice ? 1 : 0;

	SET_VARSIZE(result, size);
	memcpy(out, &twice, sizeof(uint64));
	for (uint64 i = 0; i < seen->slot_count && count > 0; i++)
		if (seen->slots[i] != 0)
			memcpy(out += sizeof(uint64), &seen->slots[i], sizeof(uint64));
	PG_RETURN_BYTEA_P(result);
}

PG_FUNCTION_INFO_V1(comes_twice_deserialize);

Datum
comes_twice_deserialize(PG_FUNCTION_ARGS)
{
	bytea	   *state = PG_GETARG_BYTEA_PP(0);
	Size		size = VARSIZE_ANY_EXHDR(state);
	const char *in = VARDATA_ANY(state);
	Seen	   *seen = seen_create(fcinfo);
	uint64		hash;

	if (size < sizeof(uint64) || size % sizeof(uint64) != 0)
		elog(ERROR, "state of _comes_twice has %zu bytes", size);
	memcpy(&hash, in, sizeof(uint64));
	seen->twice = hash != 0;
	for (Size at = sizeof(uint64); at < size; at += sizeof(uint64))
	{
		memcpy(&hash, in + at, sizeof(uint64));
		if (hash != 0)
			see(seen, hash);
	}
	PG_RETURN_POINTER(seen);
}

PG_FUNCTION_INFO_V1(comes_twice_final);

/* NULL where no row came. */
Datum
comes_twice_final(PG_FUNCTION_ARGS)
{
	if (!AggCheckCallContext(fcinfo, NULL))
		elog(ERROR, "aggregate function called in non-aggregate context");
	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	PG_RETURN_BOOL(((Seen *) PG_GETARG_POINTER(0))->twice);
}
