/*
 * arena.h
 *		Room for texts that are put together or kept, block after block.
 *
 * A block is as large as ARENA_BLOCK or the text that needs more; texts stay
 * where they are and go away with the arena's context.
 */
#ifndef MEDAUDIT_ARENA_H
#define MEDAUDIT_ARENA_H

#include "utils/memutils.h"

#include "base/packed.h"

#define ARENA_BLOCK		8192

typedef struct Arena
{
	MemoryContext context;
	char	   *at;
	Size		left;
	Size		total;			/* bytes of all blocks */
} Arena;

static inline void
arena_init(Arena *arena, MemoryContext context)
{
	memset(arena, 0, sizeof(Arena));
	arena->context = context;
}

static inline char *
arena_take(Arena *arena, Size length)
{
	char	   *result;

	if (unlikely(length > arena->left))
	{
		arena->left = Max(length, ARENA_BLOCK);
		arena->at = MemoryContextAllocHuge(arena->context, arena->left);
		arena->total += arena->left;
	}
	result = arena->at;
	arena->at += length;
	arena->left -= length;
	return result;
}

/* A copy of SPAN. */
static inline TextSpan
arena_keep(Arena *arena, TextSpan span)
{
	TextSpan	kept = {arena_take(arena, span.length), span.length};

	if (span.length > 0)
		memcpy(unconstify(char *, kept.data), span.data, span.length);
	return kept;
}

#endif							/* MEDAUDIT_ARENA_H */
