/*
 * stays.h
 *		The book of stays: what its detectors read.
 *
 * A detector calls stays_open() in its scratch context and gets the stays in
 * the book's total order (admitted_at, discharged_at with NULL last, visit_id),
 * one per visit.  Texts point into the book's bytes or the scratch context.
 */
#ifndef MEDAUDIT_STAYS_H
#define MEDAUDIT_STAYS_H

#include "datatype/timestamp.h"
#include "base/days.h"
#include "base/fixed.h"
#include "base/packed.h"
#include "utils/array.h"
#include "utils/date.h"

/* Stands for SQL NULL where a stay has no discharge yet: after every other. */
#define STAY_OPEN		DT_NOEND

typedef struct Stay
{
	Timestamp	admitted_at;
	Timestamp	discharged_at;	/* STAY_OPEN: still in */
	Timestamp	last_admitted_at;	/* of the row that brought the diagnosis */
	Timestamp	last_discharged_at;
	int64		amount;			/* ten-thousandths; FIXED_NULL: not given */
	TextSpan	visit_id;
	DateADT		admitted;		/* dates of the two times above */
	DateADT		discharged;		/* DATEVAL_NOEND: still in */
	int32		person;			/* index into persons */
	int32		facility;		/* index into facilities */
	int32		diagnosis;		/* index into diagnoses; -1: none */
	int32		tag_set;		/* index into tag_sets; -1: no tags */
} Stay;

/* Distinct sets of tags: ascending indexes into tags. */
typedef struct TagSet
{
	int32		count;
	int32	   *tags;
} TagSet;

typedef struct Stays
{
	int32		count;
	int32		person_count;
	int32		facility_count;
	int32		diagnosis_count;
	int32		tag_count;
	int32		tag_set_count;
	int64		skipped;
	Stay	   *stays;
	TextSpan   *persons;		/* bytewise ascending, as the next three */
	TextSpan   *facilities;
	TextSpan   *diagnoses;
	TextSpan   *tags;
	TagSet	   *tag_sets;
} Stays;

static inline bool
stay_is_open(const Stay *stay)
{
	return stay->discharged_at == STAY_OPEN;
}

/*
 * Decodes a book into CurrentMemoryContext, without the stays that carry one
 * of EXCLUDE_TAGS (a text array; NULL: none).  SQLSTATE of damaged bytes is
 * data_corrupted.
 */
extern Stays *stays_open(struct varlena *book, ArrayType *exclude_tags);

/*
 * Stays by person (or facility): indexes in the book's order; those of person
 * p are order[starts[p]] to order[starts[p + 1] - 1].
 */
extern int32 *stays_by_person(const Stays *book, int32 **starts);
extern int32 *stays_by_facility(const Stays *book, int32 **starts);

/* Amounts add up; one that is not given adds nothing. */
static inline int64
stay_add_amounts(int64 a, int64 b)
{
	if (a == FIXED_NULL)
		return b;
	return b == FIXED_NULL ? a : fixed_add(a, b);
}

/*
 * What detectors share: the book of the call's first argument without the
 * stays of EXCLUDE_ARGUMENT (NULL for a NULL book), and values of a row that
 * may be missing.
 */
extern Stays *stays_of_call(FunctionCallInfo fcinfo, int exclude_argument);
extern void stays_put_text(Datum *values, bool *nulls, int at,
						   const TextSpan *texts, int32 number);
extern void stays_put_money(Datum *values, bool *nulls, int at, int64 amount);
extern Datum stays_tags(const Stays *book, const Stay *stay);
extern Datum stays_visit_ids(const Stays *book, const int32 *stays, int32 count);

/* One row as it comes in. */
typedef struct StayRow
{
	TextSpan	visit_id;
	TextSpan	person_id;
	TextSpan	facility_id;
	TextSpan	diagnosis;		/* data NULL: none */
	Timestamp	admitted_at;
	Timestamp	discharged_at;	/* STAY_OPEN */
	Timestamp	last_admitted_at;
	Timestamp	last_discharged_at;
	int64		amount;			/* FIXED_NULL */
	int			tag_count;
	TextSpan   *tags;
} StayRow;

/*
 * Rows as the state of the aggregates holds them, packed one after the other:
 * another aggregate may share it to ask its question at once.
 */
typedef struct StaysState StaysState;

extern bool stays_state_one_person(const StaysState *state);
extern Stays *stays_state_read(const StaysState *state, bool merge);
extern int	stays_state_peek(const StaysState *state, StayRow *rows, int most);

#endif							/* MEDAUDIT_STAYS_H */
