/*
 * fold.h
 *		Text as folded code points: the alphabet in which medaudit compares.
 *
 * Folding maps each code point by itself: Unicode's NFKC case fold, then
 * traditional to simplified, then our own table of brackets, separators and
 * variants; blanks, controls and invisible characters vanish.  What depends on
 * neighbours (aliases, unit words) is the business of normalize.h.
 */
#ifndef MEDAUDIT_FOLD_H
#define MEDAUDIT_FOLD_H

#include "fmgr.h"
#include "base/packed.h"

/* A growing array of code points, palloc'd. */
typedef struct PointText
{
	uint32	   *points;
	int			length;
	int			allocated;
} PointText;

/* What fold_entry() knows about a code point. */
#define FOLD_VALUE_MASK		0x001FFFFFU /* code point, or place in the pool */
#define FOLD_KNOWN			0x00200000U
#define FOLD_SAME			0x00400000U /* folds to itself */
#define FOLD_ONE			0x00800000U /* folds to one code point */
#define FOLD_NOTHING		0x01000000U /* vanishes */
#define FOLD_JOINS			0x02000000U /* may join what stands before it */
#define FOLD_MARKED			0x04000000U /* text that holds it is read closely */
#define FOLD_STARTS			0x08000000U /* a rule of normalize.c may start
										 * here */

#define FOLDED_SEPARATOR	((uint32) '-')

extern void fold_require_utf8(void);
extern uint32 fold_compute_entry(uint32 point);
extern void fold_mark(uint32 point, uint32 mark);
extern int	fold_decode(const char *data, int length, uint32 *points);
extern void fold_invalid_sequence(void) pg_attribute_noreturn();

/*
 * Folds DATA; *OUT is initialized here, in CurrentMemoryContext.  False says
 * that the text holds something that may join what stands before it.
 */
extern bool fold_span(const char *data, int length, PointText *out);

extern void point_text_init(PointText *out, int expected);
extern void point_text_grow(PointText *out, int more);
extern text *point_text_encode(const uint32 *points, int length);
extern bool point_text_equal(const PointText *a, const PointText *b);

static inline void
point_text_append(PointText *out, uint32 point)
{
	if (unlikely(out->length >= out->allocated))
		point_text_grow(out, 1);
	out->points[out->length++] = point;
}

/* The table: pages of 256 code points, filled as they are met. */
extern uint32 *fold_pages[0x110000 / 256];

static inline uint32
fold_entry(uint32 point)
{
	const uint32 *page = fold_pages[point >> 8];
	uint32		entry = page != NULL ? page[point & 0xFF] : 0;

	return likely(entry != 0) ? entry : fold_compute_entry(point);
}

static inline bool
point_is_digit(uint32 point)
{
	return point >= '0' && point <= '9';
}

static inline bool
point_is_letter(uint32 point)
{
	return point >= 'a' && point <= 'z';
}

#endif							/* MEDAUDIT_FOLD_H */
