/*
 * stays_internal.h
 *		What the makers of the book of stays share: building and stored form.
 *
 * Detectors include stays.h alone.
 */
#ifndef MEDAUDIT_STAYS_INTERNAL_H
#define MEDAUDIT_STAYS_INTERNAL_H

#include "utils/memutils.h"

#include "stays/stays.h"

#define STAYS_MAX		10000000

static inline bool
stay_time_valid(Timestamp at)
{
	return at >= midnight_of_day(DAY_FIRST_OF_YEAR_1) &&
		at < midnight_of_day(DAY_LAST_OF_YEAR_9999 + 1);
}

/*
 * A discharge earlier than its admission; one posted as a mere date is not before
 * its own day.
 */
static inline bool
stay_times_contradict(Timestamp admitted_at, Timestamp discharged_at)
{
	if (discharged_at >= admitted_at)
		return false;
	return !is_midnight(discharged_at) || admitted_at - discharged_at >= USECS_PER_DAY;
}

/*
 * The order of stays; visit_id decides between equal times, and where rows
 * carry none the person and the facility.
 */
static inline int
stay_compare(const Stay *x, const Stay *y)
{
	int			order = pg_cmp_s64(x->admitted_at, y->admitted_at);

	if (order == 0)
		order = pg_cmp_s64(x->discharged_at, y->discharged_at);
	if (order == 0)
		order = text_span_compare(x->visit_id, y->visit_id);
	if (order == 0)
		order = pg_cmp_s32(x->person, y->person);
	return order != 0 ? order : pg_cmp_s32(x->facility, y->facility);
}

/* A context for one call, below the current one. */
static inline MemoryContext
stays_scratch(void)
{
	return AllocSetContextCreate(CurrentMemoryContext, "medaudit stays",
								 ALLOCSET_DEFAULT_SIZES);
}

/*
 * Building a book: rows in any order, then one finish.  Rows of one visit
 * become one stay unless MERGE is false (rows that carry no visit_id).
 */
typedef struct StaysBuilder StaysBuilder;

extern StaysBuilder *stays_builder(int expected, bool merge);
extern void stays_builder_add(StaysBuilder *builder, const StayRow *row);
extern void stays_builder_add_book(StaysBuilder *builder, const Stays *book);
extern void stays_builder_skip(StaysBuilder *builder, int64 skipped);
extern Stays *stays_builder_finish(StaysBuilder *builder);
extern struct varlena *stays_encode(const Stays *book, MemoryContext context);
extern void stays_read_counts(struct varlena *book, uint64 *skipped, uint64 *count);
extern Stays *stays_decode(const char *data, Size length, ArrayType *exclude_tags,
						   int sqlstate, bool check_texts);

#endif							/* MEDAUDIT_STAYS_INTERNAL_H */
