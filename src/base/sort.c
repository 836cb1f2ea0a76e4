/*
 * sort.c
 *		Sorting numbers and texts, and what is distinct of them.
 */
#include "postgres.h"
#include "base/compat.h"

#include "miscadmin.h"

#include "base/sort.h"

#define ST_SORT sort_int32
#define ST_ELEMENT_TYPE int32
#define ST_COMPARE(a, b) pg_cmp_s32(*(a), *(b))
#define ST_SCOPE
#define ST_CHECK_FOR_INTERRUPTS
#define ST_DEFINE
#include "lib/sort_template.h"

#define ST_SORT sort_int64
#define ST_ELEMENT_TYPE int64
#define ST_COMPARE(a, b) pg_cmp_s64(*(a), *(b))
#define ST_SCOPE
#define ST_CHECK_FOR_INTERRUPTS
#define ST_DEFINE
#include "lib/sort_template.h"

#define ST_SORT sort_uint64
#define ST_ELEMENT_TYPE uint64
#define ST_COMPARE(a, b) pg_cmp_u64(*(a), *(b))
#define ST_SCOPE
#define ST_CHECK_FOR_INTERRUPTS
#define ST_DEFINE
#include "lib/sort_template.h"

#define ST_SORT sort_doubles
#define ST_ELEMENT_TYPE double
#define ST_COMPARE(a, b) (*(a) < *(b) ? -1 : *(a) > *(b))
#define ST_SCOPE
#define ST_CHECK_FOR_INTERRUPTS
#define ST_DEFINE
#include "lib/sort_template.h"

#define ST_SORT sort_texts
#define ST_ELEMENT_TYPE TextSpan
#define ST_COMPARE(a, b) text_span_compare(*(a), *(b))
#define ST_SCOPE
#define ST_CHECK_FOR_INTERRUPTS
#define ST_DEFINE
#include "lib/sort_template.h"

/* Sorted COUNT of VALUES without repetitions, their number left in COUNT. */
#define KEEP_DISTINCT(values, count) \
	do { \
		int32		kept = Min(count, 1); \
		for (int32 i = 1; i < (count); i++) \
			if ((values)[i] != (values)[kept - 1]) \
				(values)[kept++] = (values)[i]; \
		(count) = kept; \
	} while (0)

int32
distinct_int32(int32 *values, int32 count)
{
	sort_int32(values, count);
	KEEP_DISTINCT(values, count);
	return count;
}

int32
distinct_int64(int64 *values, int32 count)
{
	sort_int64(values, count);
	KEEP_DISTINCT(values, count);
	return count;
}

int32
distinct_uint64(uint64 *values, int32 count)
{
	sort_uint64(values, count);
	KEEP_DISTINCT(values, count);
	return count;
}

int32
distinct_texts(TextSpan *texts, int32 count)
{
	int32		kept = Min(count, 1);

	sort_texts(texts, count);
	for (int32 i = 1; i < count; i++)
		if (!text_span_equal(texts[i], texts[kept - 1]))
			texts[kept++] = texts[i];
	return kept;
}
