/*
 * graph.c
 *		Union-find over numbered things, and their groups in order.
 *
 * The root of a group is its least member, so that the result does not depend
 * on the order of joins; with path halving a join costs O(log n) amortized.
 * Memory is 4 bytes a thing.
 */
#include "postgres.h"
#include "base/compat.h"

#include "utils/memutils.h"

#include "base/graph.h"

/* COUNT things, each alone, in CurrentMemoryContext. */
void
forest_init(Forest *forest, int32 count)
{
	forest->count = count;
	forest->parent = palloc_extended(mul_size(Max(count, 1), sizeof(int32)),
									 MCXT_ALLOC_HUGE);
	for (int32 i = 0; i < count; i++)
		forest->parent[i] = i;
}

/* A and B hang together. */
void
forest_join(Forest *forest, int32 a, int32 b)
{
	a = forest_find(forest, a);
	b = forest_find(forest, b);
	if (a < b)
		forest->parent[b] = a;
	else
		forest->parent[a] = b;
}

/*
 * All things sorted by group, then by number.  STARTS, with room for count + 1,
 * gets where the group of each root begins; of things that are no root, where
 * the next group begins.
 */
int32 *
forest_groups(Forest *forest, int32 *starts)
{
	int32	   *members = palloc_extended(mul_size(Max(forest->count, 1),
												   sizeof(int32)),
										  MCXT_ALLOC_HUGE);
	int32	   *next = palloc_extended(mul_size((Size) forest->count + 1,
												sizeof(int32)),
									   MCXT_ALLOC_HUGE);

	memset(starts, 0, ((Size) forest->count + 1) * sizeof(int32));
	for (int32 i = 0; i < forest->count; i++)
		starts[forest_find(forest, i) + 1]++;
	for (int32 i = 0; i < forest->count; i++)
		starts[i + 1] += starts[i];
	memcpy(next, starts, ((Size) forest->count + 1) * sizeof(int32));
	for (int32 i = 0; i < forest->count; i++)
		members[next[forest_find(forest, i)]++] = i;
	pfree(next);
	return members;
}
