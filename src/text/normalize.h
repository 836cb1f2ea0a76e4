/*
 * normalize.h
 *		Normal form of Chinese claims text, for the other text functions.
 *
 * Folded code points (fold.h) after aliases and after the rules that look at
 * neighbours: runs of separators, units after digits, counts before 次, Roman
 * numerals after 因子, x between numbers.
 */
#ifndef MEDAUDIT_NORMALIZE_H
#define MEDAUDIT_NORMALIZE_H

#include "text/fold.h"

/* Words to be replaced, compiled; NULL stands for the shipped ones. */
typedef struct AliasSet AliasSet;

/* Normalizes DATA; *RESULT is initialized here, in CurrentMemoryContext. */
extern void normalize_span(const char *data, int length,
						   const AliasSet *aliases, PointText *result);

/* The same as a palloc'd text, with the shipped aliases. */

/*
 * Reads a Chinese number without its unit (三, 十二, 二百零五, 叁) from POINTS;
 * returns how many code points it took, 0 where there is none.
 */
extern int	chinese_number(const uint32 *points, int count, int64 *value);

/* Reads a Roman number up to 20 in small letters; 0 where there is none. */
extern int	roman_number(const uint32 *points, int count, int *value);

#endif							/* MEDAUDIT_NORMALIZE_H */
