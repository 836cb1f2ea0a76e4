/*
 * array.c
 *		Arrays that grow as they fill.
 */
#include "postgres.h"
#include "base/compat.h"

#include "utils/memutils.h"

#include "base/array.h"

/* The next size of an array with room for ALLOCATED that is to hold WANTED. */
int32
array_next_size(int64 allocated, int64 wanted)
{
	int64		next = Max(Max(allocated * 2, wanted), ARRAY_LEAST);

	if (wanted > PG_INT32_MAX)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("too many elements for one value"),
				 errdetail("At most %d are counted.", PG_INT32_MAX)));
	next = Min(next, PG_INT32_MAX);
	/* were it less than twice, n appends would copy n * n elements */
	Assert(next >= wanted && (next >= allocated * 2 || next == PG_INT32_MAX));
	return (int32) next;
}

/* ARRAY with room for ALLOCATED elements of EACH bytes; NULL: a new one. */
void *
array_resize(MemoryContext context, void *array, int64 allocated, Size each)
{
	Size		bytes = mul_size((Size) allocated, each);

	array = array == NULL ? MemoryContextAllocHuge(context, bytes) :
		repalloc_huge(array, bytes);
	Assert(GetMemoryChunkSpace(array) >= bytes);
	return array;
}
