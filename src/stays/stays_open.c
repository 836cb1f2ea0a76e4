/*
 * stays_open.c
 *		What a detector calls: the stays of a book, and values of its rows.
 */
#include "postgres.h"
#include "base/compat.h"

#include "utils/builtins.h"
#include "utils/memutils.h"

#include "base/rows.h"
#include "stays/stays_internal.h"

Stays *
stays_open(struct varlena *book, ArrayType *exclude_tags)
{
	return stays_decode(VARDATA_ANY(book), VARSIZE_ANY_EXHDR(book), exclude_tags,
						ERRCODE_DATA_CORRUPTED, false);
}

/* Counting sort: stable, so that each part keeps the book's order. */
static int32 *
group_stays(const Stays *book, int32 groups, bool by_person, int32 **starts)
{
	int32	   *order = palloc(mul_size(Max(book->count, 1), sizeof(int32)));
	int32	   *at = palloc0(mul_size(groups + 2, sizeof(int32)));

	*starts = at;
	for (int32 i = 0; i < book->count; i++)
		at[(by_person ? book->stays[i].person : book->stays[i].facility) + 2]++;
	for (int32 g = 2; g < groups + 2; g++)
		at[g] += at[g - 1];
	for (int32 i = 0; i < book->count; i++)
		order[at[(by_person ? book->stays[i].person : book->stays[i].facility) + 1]++] = i;
	return order;
}

int32 *
stays_by_person(const Stays *book, int32 **starts)
{
	return group_stays(book, book->person_count, true, starts);
}

int32 *
stays_by_facility(const Stays *book, int32 **starts)
{
	return group_stays(book, book->facility_count, false, starts);
}

/* -- what detectors share -- */

Stays *
stays_of_call(FunctionCallInfo fcinfo, int exclude_argument)
{
	ArrayType  *exclude = detector_text_array_argument(fcinfo, exclude_argument,
													   "exclude_tags");

	if (PG_ARGISNULL(0))
		return NULL;
	return stays_open((struct varlena *) PG_GETARG_VARLENA_PP(0), exclude);
}

/* Text number NUMBER; NULL below 0. */
void
stays_put_text(Datum *values, bool *nulls, int at, const TextSpan *texts, int32 number)
{
	nulls[at] = number < 0;
	if (number >= 0)
		values[at] = detector_text(texts[number]);
}

void
stays_put_money(Datum *values, bool *nulls, int at, int64 amount)
{
	nulls[at] = amount == FIXED_NULL;
	if (amount != FIXED_NULL)
		values[at] = NumericGetDatum(fixed_to_money(amount));
}

/* The tags of a stay as text[]. */
Datum
stays_tags(const Stays *book, const Stay *stay)
{
	int32		count = stay->tag_set < 0 ? 0 : book->tag_sets[stay->tag_set].count;
	TextSpan   *tags = palloc(Max(count, 1) * sizeof(TextSpan));

	for (int32 i = 0; i < count; i++)
		tags[i] = book->tags[book->tag_sets[stay->tag_set].tags[i]];
	return detector_text_array(tags, count);
}

/* The visit_ids of COUNT stays as text[]. */
Datum
stays_visit_ids(const Stays *book, const int32 *stays, int32 count)
{
	TextSpan   *spans = palloc(Max(count, 1) * sizeof(TextSpan));

	for (int32 i = 0; i < count; i++)
		spans[i] = book->stays[stays[i]].visit_id;
	return detector_text_array(spans, count);
}
