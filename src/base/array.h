/*
 * array.h
 *		Arrays that grow as they fill.
 *
 * An array is a pointer, NULL at first, and how many elements it has room for.
 * Each growth doubles it, so that n appends cost O(n); what fits is a comparison
 * in line.  Beyond 1 GB an array goes on growing.
 *
 *		array_reserve(list->items, list->allocated, list->count + 1);
 *		list->items[list->count++] = item;
 */
#ifndef MEDAUDIT_ARRAY_H
#define MEDAUDIT_ARRAY_H

/* The first allocation holds so many elements at least. */
#define ARRAY_LEAST		16

extern int32 array_next_size(int64 allocated, int64 wanted);
extern void *array_resize(MemoryContext context, void *array, int64 allocated, Size each);

/* Room for WANTED elements; a new array lies in CONTEXT, and stays there. */
#define array_reserve_in(context, array, allocated, wanted) \
	do { \
		if (unlikely((wanted) > (allocated))) \
		{ \
			(allocated) = array_next_size(allocated, wanted); \
			(array) = array_resize(context, array, allocated, sizeof(*(array))); \
		} \
	} while (0)

#define array_reserve(array, allocated, wanted) \
	array_reserve_in(CurrentMemoryContext, array, allocated, wanted)

#endif							/* MEDAUDIT_ARRAY_H */
