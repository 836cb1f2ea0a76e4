/*
 * item_words.h
 *		The words that item_names.c reads names of drugs and services by.
 */
#ifndef MEDAUDIT_ITEM_WORDS_H
#define MEDAUDIT_ITEM_WORDS_H

#include "text/fold.h"

#define WORD_LIMIT			8	/* code points */

typedef enum WordClass
{
	WORD_VETO,					/* value: its bit */
	WORD_CONTRAST,				/* value: kind; factor: which, 0 none */
	WORD_UNIT,					/* value: kind of number; factor */
	WORD_FORM,					/* value: the form, at the end of a core */
	WORD_FORM_BEFORE,			/* at its beginning */
	WORD_ENDING,				/* says nothing at the end of a core */
	WORD_TAG,					/* says nothing in brackets or in front */
	WORD_MAKER					/* ends the name of a maker */
} WordClass;

typedef enum NumberKind
{
	NUMBER_BARE,				/* counts nothing we know: b12 */
	NUMBER_MASS,
	NUMBER_VOLUME,
	NUMBER_ACTIVITY,
	NUMBER_PERCENT,
	NUMBER_LENGTH,
	NUMBER_PACK,
	NUMBER_LEADS,
	NUMBER_ITEMS,
	NUMBER_TIMES,
	NUMBER_ORDINAL,				/* 第二组: vetoes alone, too */
	NUMBER_PIECES,
	NUMBER_SITES,
	NUMBER_JOINED,				/* 联 */
	NUMBER_CHANNELS,
	NUMBER_DIMENSIONS,
	NUMBER_LUMENS,
	NUMBER_VALENCES,
	NUMBER_TYPE,				/* 型 */
	NUMBER_STAGE,				/* 期 */
	NUMBER_GRADE,				/* 级 */
	NUMBER_DEGREE,				/* 度 */
	NUMBER_GENERATION,			/* 代 */
	NUMBER_HOURS,
	NUMBER_DAYS,
	NUMBER_PERSONS,
	NUMBER_LEVELS,				/* 层 */
	NUMBER_CLASSES,				/* 分类 */
	NUMBER_ROWS,				/* 排 */
	NUMBER_NEEDLES,
	NUMBER_HOLES,
	NUMBER_TUBES,
	NUMBER_SEGMENTS,			/* 节段 */
	NUMBER_PLACES,				/* 处 */
	NUMBER_PHASES,				/* 相 */
	NUMBER_CATEGORY,			/* 类 */

	/* Words that exclude each other, as numbers; each counts once. */
	CONTRAST_ANTIGEN,			/* 抗原 抗体 */
	CONTRAST_MARKER,			/* of hepatitis B: surface, e, core */
	CONTRAST_DENSITY,			/* 高密度 低密度 */
	CONTRAST_SINGLE,			/* 单 双 */
	CONTRAST_QUANTITY,			/* 定性 定量 半定量 */
	CONTRAST_VESSEL,			/* 动脉 静脉 */
	CONTRAST_ABDOMEN,			/* 上腹 下腹 */
	CONTRAST_JAW,
	CONTRAST_TRACT,				/* 上消化道 下消化道 */
	CONTRAST_SEX,
	CONTRAST_SETTING,			/* 门诊 住院 */
	CONTRAST_RANK,				/* 主任 副主任 主治 */
	CONTRAST_ANESTHESIA,
	CONTRAST_OPENNESS,			/* 开放 闭合 */
	CONTRAST_COMPLEXITY			/* 单纯 复杂 */
} NumberKind;

#define FIRST_CONTRAST		CONTRAST_ANTIGEN

typedef struct Word
{
	uint32		points[WORD_LIMIT];
	int			length;
	WordClass	class;
	int			value;
	double		factor;
} Word;

extern void item_words_load(void);
extern const Word *item_word_at(WordClass class, const uint32 *points,
								int count);
extern const Word *item_word_at_end(WordClass class, const PointText *name);

#endif							/* MEDAUDIT_ITEM_WORDS_H */
