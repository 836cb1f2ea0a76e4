/*
 * sort.h
 *		Sorting numbers and texts, and what is distinct of them.
 *
 * PostgreSQL's sort template, compiled once for each: n log n, in place, linear
 * for what is sorted already, and interruptible.  What sorts structs of its own
 * takes the template itself.
 */
#ifndef MEDAUDIT_SORT_H
#define MEDAUDIT_SORT_H

#include "base/packed.h"

extern void sort_int32(int32 *values, Size count);
extern void sort_int64(int64 *values, Size count);
extern void sort_uint64(uint64 *values, Size count);

/* Of numbers that are none the order is not defined. */
extern void sort_doubles(double *values, Size count);
extern void sort_texts(TextSpan *texts, Size count);

/* They sort, keep one of each, and return how many are left. */
extern int32 distinct_int32(int32 *values, int32 count);
extern int32 distinct_int64(int64 *values, int32 count);
extern int32 distinct_uint64(uint64 *values, int32 count);
extern int32 distinct_texts(TextSpan *texts, int32 count);

#endif							/* MEDAUDIT_SORT_H */
