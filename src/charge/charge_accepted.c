/*
 * charge_accepted.c
 *		What was let through under a cap so far: sums of windows of it.
 *
 * Cost: O(log n) for a sum.  Memory: 28 bytes per line.
 */
#include "postgres.h"
#include "base/compat.h"

#include "utils/memutils.h"

#include "charge/charge_accepted.h"

void
accepted_init(Accepted *accepted, int count)
{
	accepted->count = 0;
	accepted->keys = (int64 *) MemoryContextAllocHuge(CurrentMemoryContext, mul_size(count, sizeof(int64)));
	accepted->times = (Timestamp *) MemoryContextAllocHuge(CurrentMemoryContext, mul_size(count, sizeof(Timestamp)));
	accepted->lines = (int32 *) MemoryContextAllocHuge(CurrentMemoryContext, mul_size(count, sizeof(int32)));
	accepted->sums = (int64 *) MemoryContextAllocHuge(CurrentMemoryContext, mul_size(count + 1, sizeof(int64)));
	accepted->sums[0] = 0;
}

void
accepted_free(Accepted *accepted)
{
	pfree(accepted->keys);
	pfree(accepted->times);
	pfree(accepted->lines);
	pfree(accepted->sums);
}

/* What was accepted of the line of the candidate, which has its key in a calendar. */
int64
accepted_value(const Accepted *accepted, const Candidate *candidate)
{
	for (int i = accepted_find(accepted, candidate->at, candidate->at);
		 i < accepted->count && accepted->keys[i] == candidate->at; i++)
		if (accepted->lines[i] == candidate->line)
			return accepted->sums[i + 1] - accepted->sums[i];
	return 0;
}

/* What was accepted at keys from FROM to TO. */
int64
accepted_between(const Accepted *accepted, int64 from, int64 to)
{
	int			start = accepted_find(accepted, from, PG_INT64_MIN);
	int			end = accepted_find(accepted, to, PG_INT64_MAX);

	return accepted->sums[Max(end, start)] - accepted->sums[start];
}

/* The first behind the line of that key and time. */
int
accepted_behind(const Accepted *accepted, int64 key, Timestamp at, int32 line)
{
	int			low = accepted_find(accepted, key, at);
	int			high = accepted_find(accepted, key, at + 1);

	while (low < high)
	{
		int			middle = low + (high - low) / 2;

		if (accepted->lines[middle] <= line)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}
