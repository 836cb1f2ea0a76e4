/*
 * charge_accepted.h
 *		What was let through under a cap so far, with running sums.
 *
 * Lines come in order of key and time.  The sum of what was accepted in any
 * window of keys is a difference of two running sums, which two binary searches
 * find: of 2, 1 and 3 at the keys 10, 10 and 12 the sums are 0, 2, 3, 6, and
 * from key 12 on 6 - 3.
 */
#ifndef MEDAUDIT_CHARGE_ACCEPTED_H
#define MEDAUDIT_CHARGE_ACCEPTED_H

#include "charge/charge.h"

/* Lines let through, if in part, with running sums of what was accepted. */
typedef struct Accepted
{
	int			count;
	int64	   *keys;
	Timestamp  *times;
	int32	   *lines;
	int64	   *sums;			/* of the first i; count + 1 of them */
} Accepted;

/* The first accepted line at KEY and not before AT, or at a later key. */
static inline int
accepted_find(const Accepted *accepted, int64 key, Timestamp at)
{
	int			low = 0;
	int			high = accepted->count;

	while (low < high)
	{
		int			middle = low + (high - low) / 2;

		if (accepted->keys[middle] < key ||
			(accepted->keys[middle] == key && accepted->times[middle] < at))
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static inline void
accepted_add(Accepted *accepted, const Candidate *candidate, int64 value)
{
	int			i = accepted->count++;

	accepted->keys[i] = candidate->key;
	accepted->times[i] = candidate->at;
	accepted->lines[i] = candidate->line;
	accepted->sums[i + 1] = fixed_add(accepted->sums[i], value);
}

extern void accepted_init(Accepted *accepted, int count);
extern void accepted_free(Accepted *accepted);
extern int64 accepted_value(const Accepted *accepted, const Candidate *candidate);
extern int64 accepted_between(const Accepted *accepted, int64 from, int64 to);
extern int	accepted_behind(const Accepted *accepted, int64 key, Timestamp at, int32 line);

#endif							/* MEDAUDIT_CHARGE_ACCEPTED_H */
