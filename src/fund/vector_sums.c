/*
 * vector_sums.c
 *		Many sums at once, and how many of some numbers are different.
 *
 * Indicators add up sixty numbers of each visit by five kinds of subjects: as one
 * vector that is one call in place of sixty.  _sum_vectors() keeps its state in an
 * array, to which it adds in place; _count_different() keeps 64-bit numbers (of
 * texts their hashes) in a table of open addressing, 16 to 32 bytes each.
 */
#include "postgres.h"
#include "base/compat.h"

#include "catalog/pg_type.h"
#include "common/int.h"
#include "libpq/pqformat.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/memutils.h"

#include "base/fixed.h"
#include "base/rows.h"

#define STATE_VERSION	1

/* ---- sums of many numbers at once ---- */

static inline int64 *
vector_data(ArrayType *vector)
{
	Size		offset = ARR_HASNULL(vector) ? (Size) vector->dataoffset : ARR_OVERHEAD_NONULLS(ARR_NDIM(vector));

	return (int64 *) ((char *) vector + offset);
}

/* The numbers of a vector and which of them are known; NULL: all. */
static const int64 *
vector_read(ArrayType *vector, int *length, const uint8 **known)
{
	*length = ArrayGetNItems(ARR_NDIM(vector), ARR_DIMS(vector));
	*known = ARR_NULLBITMAP(vector);
	return vector_data(vector);
}

static inline bool
is_known(const uint8 *known, int place)
{
	return known == NULL || (known[place / BITS_PER_BYTE] & (1 << place % BITS_PER_BYTE)) != 0;
}

/* A vector in which nothing is unknown: 0 stands for it. */
static ArrayType *
vector_copy(MemoryContext context, ArrayType *vector)
{
	MemoryContext outside = MemoryContextSwitchTo(context);
	const uint8 *known;
	int			length;
	const int64 *value = vector_read(vector, &length, &known);
	Datum	   *values = palloc(sizeof(Datum) * Max(length, 1));
	Datum		copy;

	for (int i = 0; i < length; i++)
		values[i] = Int64GetDatum(is_known(known, i) ? *value++ : 0);
	copy = PointerGetDatum(construct_array(values, length, INT8OID, sizeof(int64), FLOAT8PASSBYVAL, TYPALIGN_DOUBLE));
	pfree(values);
	MemoryContextSwitchTo(outside);
	return DatumGetArrayTypeP(copy);
}

PG_FUNCTION_INFO_V1(medaudit_add_vectors);

/*
 * _add_vectors(bigint[], bigint[])
 *		Adds place by place, in an aggregate to its state; NULL vectors and NULLs in
 *		them count nothing, another length is 2202E, an overflow 22003.
 */
Datum
medaudit_add_vectors(PG_FUNCTION_ARGS)
{
	MemoryContext state_context;
	bool		adds_up = AggCheckCallContext(fcinfo, &state_context) != 0;
	MemoryContext context = adds_up ? state_context : CurrentMemoryContext;
	ArrayType  *sum;
	const uint8 *known;
	const int64 *value;
	int64	   *sums;
	int			length;

	if (PG_ARGISNULL(1))
	{
		if (PG_ARGISNULL(0))
			PG_RETURN_NULL();
		PG_RETURN_DATUM(PG_GETARG_DATUM(0));
	}
	if (PG_ARGISNULL(0))
		PG_RETURN_ARRAYTYPE_P(vector_copy(context, PG_GETARG_ARRAYTYPE_P(1)));
	sum = adds_up ? PG_GETARG_ARRAYTYPE_P(0) : vector_copy(context, PG_GETARG_ARRAYTYPE_P(0));
	value = vector_read(PG_GETARG_ARRAYTYPE_P(1), &length, &known);
	if (length != ArrayGetNItems(ARR_NDIM(sum), ARR_DIMS(sum)))
		ereport(ERROR,
				(errcode(ERRCODE_ARRAY_SUBSCRIPT_ERROR),
				 errmsg("vectors of one sum must have one length")));
	sums = vector_data(sum);
	for (int i = 0; i < length; i++)
		if (is_known(known, i))
			sums[i] = fixed_add(sums[i], *value++);
	PG_RETURN_ARRAYTYPE_P(sum);
}

/* ---- how many are different ---- */

/* Numbers, spread over slots of open addressing, which double while half full. */
typedef struct Different
{
	MemoryContext context;
	uint64	   *slots;			/* 0: free */
	uint64		slot_count;		/* a power of two */
	uint64		used;
	bool		zero;			/* 0 is among them */
} Different;

#define FIRST_SLOTS	8

static void
put_different(Different *different, uint64 number)
{
	uint64		at = (number * UINT64CONST(0x9E3779B97F4A7C15) >> 32) & (different->slot_count - 1);

	while (different->slots[at] != 0)
	{
		if (different->slots[at] == number)
			return;
		at = (at + 1) & (different->slot_count - 1);
	}
	different->slots[at] = number;
	different->used++;
}

static void
different_slots(Different *different, uint64 slot_count)
{
	uint64	   *old = different->slots;
	uint64		old_count = different->slot_count;

	CHECK_FOR_INTERRUPTS();
	different->slot_count = slot_count;
	different->slots = MemoryContextAllocExtended(different->context, mul_size(sizeof(uint64), slot_count),
												  MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);
	different->used = 0;
	for (uint64 i = 0; i < old_count; i++)
		if (old[i] != 0)
			put_different(different, old[i]);
	if (old != NULL)
		pfree(old);
}

static inline void
add_different(Different *different, uint64 number)
{
	if (unlikely(2 * different->used >= different->slot_count))
		different_slots(different, Max(2 * different->slot_count, FIRST_SLOTS));
	if (number == 0)
		different->zero = true;
	else
		put_different(different, number);
}

static Different *
different_of_call(FunctionCallInfo fcinfo)
{
	MemoryContext context;
	Different  *different;

	if (likely(!PG_ARGISNULL(0)))
		return (Different *) PG_GETARG_POINTER(0);
	context = aggregate_context(fcinfo);
	different = MemoryContextAllocZero(context, sizeof(Different));
	different->context = context;
	return different;
}

PG_FUNCTION_INFO_V1(count_different_transition);

/* (state, number): NULL is none. */
Datum
count_different_transition(PG_FUNCTION_ARGS)
{
	Different  *different = different_of_call(fcinfo);

	if (!PG_ARGISNULL(1))
		add_different(different, (uint64) PG_GETARG_INT64(1));
	PG_RETURN_POINTER(different);
}

PG_FUNCTION_INFO_V1(count_different_combine);

/* Joins two states; either may be missing. */
Datum
count_different_combine(PG_FUNCTION_ARGS)
{
	Different  *different;
	const Different *other;

	if (PG_ARGISNULL(1))
	{
		if (PG_ARGISNULL(0))
			PG_RETURN_NULL();
		PG_RETURN_DATUM(PG_GETARG_DATUM(0));
	}
	different = different_of_call(fcinfo);
	other = (const Different *) PG_GETARG_POINTER(1);
	for (uint64 i = 0; i < other->slot_count; i++)
		if (other->slots[i] != 0)
			add_different(different, other->slots[i]);
	different->zero = different->zero || other->zero;
	PG_RETURN_POINTER(different);
}

PG_FUNCTION_INFO_V1(count_different_serialize);

Datum
count_different_serialize(PG_FUNCTION_ARGS)
{
	const Different *different = (const Different *) PG_GETARG_POINTER(0);
	StringInfoData message;

	aggregate_context(fcinfo);
	pq_begintypsend(&message);
	pq_sendbyte(&message, STATE_VERSION);
	pq_sendbyte(&message, different->zero);
	pq_sendint64(&message, different->used);
	for (uint64 i = 0; i < different->slot_count; i++)
		if (different->slots[i] != 0)
			pq_sendint64(&message, different->slots[i]);
	PG_RETURN_BYTEA_P(pq_endtypsend(&message));
}

PG_FUNCTION_INFO_V1(count_different_deserialize);

Datum
count_different_deserialize(PG_FUNCTION_ARGS)
{
	bytea	   *bytes = PG_GETARG_BYTEA_PP(0);
	Different  *different = palloc0(sizeof(Different));
	StringInfoData message;
	uint64		count;

	aggregate_context(fcinfo);
	different->context = CurrentMemoryContext;
	message.data = VARDATA_ANY(bytes);
	message.len = message.maxlen = VARSIZE_ANY_EXHDR(bytes);
	message.cursor = 0;
	if (pq_getmsgbyte(&message) != STATE_VERSION)
		elog(ERROR, "unexpected version of an aggregate state");
	different->zero = pq_getmsgbyte(&message) != 0;
	count = pq_getmsgint64(&message);
	for (uint64 i = 0; i < count; i++)
		add_different(different, pq_getmsgint64(&message));
	PG_RETURN_POINTER(different);
}

PG_FUNCTION_INFO_V1(count_different_final);

/* 0 for no rows. */
Datum
count_different_final(PG_FUNCTION_ARGS)
{
	const Different *different;

	aggregate_context(fcinfo);
	if (PG_ARGISNULL(0))
		PG_RETURN_INT64(0);
	different = (const Different *) PG_GETARG_POINTER(0);
	PG_RETURN_INT64(different->used + different->zero);
}
