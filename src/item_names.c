/*
 * item_names.c
 *		Are two names of a drug, service or material the same thing?
 *
 * A name is normalized and taken apart: marks, tags and makers go away;
 * numbers are read with what they count (0.75g and 750mg are the same mass,
 * 六项 and 6项 the same count); veto words are noted; form words are split
 * off; what remains is the core.  Two names are compared by core, as the Dice
 * coefficient of their bigrams (shared pairs of neighbouring characters, twice,
 * over all pairs), and are different beyond doubt when numbers of one kind
 * contradict or a veto word stands in one only: CT平扫 and CT增强 share most
 * characters and not the price.
 *
 * All words are compiled once per backend into one array sorted by first code
 * point.  A comparison is linear in the names but for the bigrams, which are
 * sorted; some microseconds and a few kB, freed with the call.
 */
#include "postgres.h"
#include "compat.h"

#include <math.h>
#include <unicode/uchar.h>

#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/memutils.h"

#include "fixed.h"
#include "normalize.h"

#define WORD_LIMIT			8	/* code points */
#define NUMBER_LIMIT		64	/* numbers of a name that are compared */
#define NAME_LIMIT			4000	/* code points */

/* What differs is worth less of the likeness of two cores. */
#define OTHER_FORM			0.7
#define NO_FORM				0.95
#define OTHER_LAST			0.8

typedef enum WordClass
{
	WORD_VETO,					/* value: its bit */
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
	NUMBER_LEVELS				/* 层 */
} NumberKind;

typedef struct WordSource
{
	const char *word;			/* UTF-8, in normal form */
	WordClass	class;
	int			value;
	double		factor;
} WordSource;

typedef struct Word
{
	uint32		points[WORD_LIMIT];
	int			length;
	WordClass	class;
	int			value;
	double		factor;
} Word;

typedef struct Number
{
	NumberKind	kind;
	double		value;			/* in the smallest unit of its kind */
} Number;

typedef struct ItemName
{
	PointText	points;			/* normal form, Roman numerals as digits */
	bool	   *taken;			/* of each point: no part of the core */
	PointText	core;
	Number		numbers[NUMBER_LIMIT];
	int			number_count;
	uint64		vetoes;
	int			form;			/* 0: none */
} ItemName;

/*
 * Equal values are the same veto or form.  A number that every name of a kind
 * carries is in unit words, not here.
 */
static const WordSource word_sources[] = {
	{"左", WORD_VETO, 0, 0}, {"右", WORD_VETO, 1, 0},
	{"单侧", WORD_VETO, 2, 0}, {"双侧", WORD_VETO, 3, 0},
	{"单胎", WORD_VETO, 4, 0}, {"双胎", WORD_VETO, 5, 0},
	{"单人", WORD_VETO, 6, 0}, {"双人", WORD_VETO, 7, 0},
	{"单腔", WORD_VETO, 8, 0}, {"双腔", WORD_VETO, 9, 0},
	{"单眼", WORD_VETO, 10, 0}, {"双眼", WORD_VETO, 11, 0},
	{"单极", WORD_VETO, 12, 0}, {"双极", WORD_VETO, 13, 0},
	{"平扫", WORD_VETO, 14, 0}, {"增强", WORD_VETO, 15, 0},
	{"首次", WORD_VETO, 16, 0}, {"初次", WORD_VETO, 16, 0},
	{"每增加", WORD_VETO, 17, 0}, {"每加", WORD_VETO, 17, 0},
	{"加收", WORD_VETO, 18, 0}, {"再次", WORD_VETO, 19, 0},
	{"浓", WORD_VETO, 20, 0}, {"复方", WORD_VETO, 21, 0},
	{"小儿", WORD_VETO, 22, 0}, {"儿童", WORD_VETO, 22, 0},
	{"新生儿", WORD_VETO, 23, 0}, {"缓释", WORD_VETO, 24, 0},
	{"控释", WORD_VETO, 25, 0}, {"肠溶", WORD_VETO, 26, 0},
	{"无痛", WORD_VETO, 27, 0}, {"急诊", WORD_VETO, 28, 0},
	{"床旁", WORD_VETO, 29, 0}, {"床边", WORD_VETO, 29, 0},
	{"定性", WORD_VETO, 30, 0}, {"定量", WORD_VETO, 31, 0},
	{"根治", WORD_VETO, 32, 0}, {"次全", WORD_VETO, 33, 0},
	{"开放", WORD_VETO, 34, 0}, {"腹腔镜", WORD_VETO, 35, 0},
	{"胸腔镜", WORD_VETO, 36, 0}, {"宫腔镜", WORD_VETO, 37, 0},
	{"关节镜", WORD_VETO, 38, 0}, {"内镜", WORD_VETO, 39, 0},
	{"内窥镜", WORD_VETO, 39, 0}, {"机器人", WORD_VETO, 40, 0},
	{"甲型", WORD_VETO, 41, 0}, {"甲肝", WORD_VETO, 41, 0},
	{"乙型", WORD_VETO, 42, 0}, {"乙肝", WORD_VETO, 42, 0},
	{"丙型", WORD_VETO, 43, 0}, {"丙肝", WORD_VETO, 43, 0},
	{"丁型", WORD_VETO, 44, 0}, {"丁肝", WORD_VETO, 44, 0},
	{"戊型", WORD_VETO, 45, 0}, {"戊肝", WORD_VETO, 45, 0},
	{"(大)", WORD_VETO, 46, 0}, {"大换药", WORD_VETO, 46, 0},
	{"大抢救", WORD_VETO, 46, 0}, {"大清创", WORD_VETO, 46, 0},
	{"(中)", WORD_VETO, 47, 0}, {"中换药", WORD_VETO, 47, 0},
	{"中抢救", WORD_VETO, 47, 0}, {"中清创", WORD_VETO, 47, 0},
	{"(小)", WORD_VETO, 48, 0}, {"小换药", WORD_VETO, 48, 0},
	{"小抢救", WORD_VETO, 48, 0}, {"小清创", WORD_VETO, 48, 0},
	{"(特大)", WORD_VETO, 49, 0}, {"特大换药", WORD_VETO, 49, 0},
	{"特级", WORD_VETO, 50, 0}, {"上肢", WORD_VETO, 51, 0},
	{"下肢", WORD_VETO, 52, 0}, {"浅", WORD_VETO, 53, 0},
	{"深", WORD_VETO, 54, 0}, {"动态", WORD_VETO, 55, 0},
	{"黑白", WORD_VETO, 56, 0}, {"彩色", WORD_VETO, 57, 0},
	{"彩超", WORD_VETO, 57, 0}, {"b超", WORD_VETO, 58, 0},

	{"kg", WORD_UNIT, NUMBER_MASS, 1e9}, {"g", WORD_UNIT, NUMBER_MASS, 1e6},
	{"mg", WORD_UNIT, NUMBER_MASS, 1e3}, {"μg", WORD_UNIT, NUMBER_MASS, 1},
	{"l", WORD_UNIT, NUMBER_VOLUME, 1e6}, {"ml", WORD_UNIT, NUMBER_VOLUME, 1e3},
	{"μl", WORD_UNIT, NUMBER_VOLUME, 1},
	{"u", WORD_UNIT, NUMBER_ACTIVITY, 1},
	{"万u", WORD_UNIT, NUMBER_ACTIVITY, 1e4},
	{"%", WORD_UNIT, NUMBER_PERCENT, 1},
	{"m", WORD_UNIT, NUMBER_LENGTH, 1e3}, {"cm", WORD_UNIT, NUMBER_LENGTH, 10},
	{"mm", WORD_UNIT, NUMBER_LENGTH, 1},
	{"片", WORD_UNIT, NUMBER_PACK, 1}, {"粒", WORD_UNIT, NUMBER_PACK, 1},
	{"支", WORD_UNIT, NUMBER_PACK, 1}, {"瓶", WORD_UNIT, NUMBER_PACK, 1},
	{"袋", WORD_UNIT, NUMBER_PACK, 1}, {"丸", WORD_UNIT, NUMBER_PACK, 1},
	{"包", WORD_UNIT, NUMBER_PACK, 1}, {"贴", WORD_UNIT, NUMBER_PACK, 1},
	{"枚", WORD_UNIT, NUMBER_PACK, 1}, {"板", WORD_UNIT, NUMBER_PACK, 1},
	{"盒", WORD_UNIT, NUMBER_PACK, 1}, {"s", WORD_UNIT, NUMBER_PACK, 1},
	{"导联", WORD_UNIT, NUMBER_LEADS, 1}, {"导", WORD_UNIT, NUMBER_LEADS, 1},
	{"项", WORD_UNIT, NUMBER_ITEMS, 1}, {"次", WORD_UNIT, NUMBER_TIMES, 1},
	{"个", WORD_UNIT, NUMBER_PIECES, 1}, {"根", WORD_UNIT, NUMBER_PIECES, 1},
	{"颗", WORD_UNIT, NUMBER_PIECES, 1}, {"条", WORD_UNIT, NUMBER_PIECES, 1},
	{"部位", WORD_UNIT, NUMBER_SITES, 1}, {"个部位", WORD_UNIT, NUMBER_SITES, 1},
	{"联", WORD_UNIT, NUMBER_JOINED, 1}, {"通道", WORD_UNIT, NUMBER_CHANNELS, 1},
	{"道", WORD_UNIT, NUMBER_CHANNELS, 1}, {"维", WORD_UNIT, NUMBER_DIMENSIONS, 1},
	{"腔", WORD_UNIT, NUMBER_LUMENS, 1}, {"价", WORD_UNIT, NUMBER_VALENCES, 1},
	{"型", WORD_UNIT, NUMBER_TYPE, 1}, {"期", WORD_UNIT, NUMBER_STAGE, 1},
	{"级", WORD_UNIT, NUMBER_GRADE, 1}, {"度", WORD_UNIT, NUMBER_DEGREE, 1},
	{"代", WORD_UNIT, NUMBER_GENERATION, 1},
	{"小时", WORD_UNIT, NUMBER_HOURS, 60}, {"h", WORD_UNIT, NUMBER_HOURS, 60},
	{"分钟", WORD_UNIT, NUMBER_HOURS, 1}, {"min", WORD_UNIT, NUMBER_HOURS, 1},
	{"日", WORD_UNIT, NUMBER_DAYS, 1}, {"天", WORD_UNIT, NUMBER_DAYS, 1},
	{"人", WORD_UNIT, NUMBER_PERSONS, 1}, {"层", WORD_UNIT, NUMBER_LEVELS, 1},

	{"注射液", WORD_FORM, 1, 0}, {"注射剂", WORD_FORM, 1, 0},
	{"注射用", WORD_FORM_BEFORE, 2, 0}, {"粉针剂", WORD_FORM, 2, 0},
	{"粉针", WORD_FORM, 2, 0},
	{"软胶囊", WORD_FORM, 3, 0}, {"硬胶囊", WORD_FORM, 4, 0},
	{"胶囊剂", WORD_FORM, 4, 0}, {"胶囊", WORD_FORM, 4, 0},
	{"薄膜衣片", WORD_FORM, 5, 0}, {"糖衣片", WORD_FORM, 5, 0},
	{"片剂", WORD_FORM, 5, 0}, {"片", WORD_FORM, 5, 0},
	{"分散片", WORD_FORM, 6, 0}, {"咀嚼片", WORD_FORM, 7, 0},
	{"泡腾片", WORD_FORM, 8, 0}, {"颗粒剂", WORD_FORM, 9, 0},
	{"颗粒", WORD_FORM, 9, 0}, {"冲剂", WORD_FORM, 9, 0},
	{"口服液", WORD_FORM, 10, 0}, {"口服溶液", WORD_FORM, 10, 0},
	{"合剂", WORD_FORM, 10, 0}, {"糖浆", WORD_FORM, 11, 0},
	{"滴丸", WORD_FORM, 12, 0}, {"丸", WORD_FORM, 13, 0},
	{"乳膏", WORD_FORM, 14, 0}, {"软膏", WORD_FORM, 15, 0},
	{"凝胶", WORD_FORM, 16, 0}, {"滴眼液", WORD_FORM, 17, 0},
	{"喷雾剂", WORD_FORM, 18, 0}, {"气雾剂", WORD_FORM, 19, 0},
	{"栓剂", WORD_FORM, 20, 0}, {"栓", WORD_FORM, 20, 0},
	{"贴膏", WORD_FORM, 21, 0}, {"贴剂", WORD_FORM, 21, 0},
	{"混悬液", WORD_FORM, 22, 0}, {"干混悬剂", WORD_FORM, 23, 0},

	{"检测", WORD_ENDING, 0, 0}, {"测定", WORD_ENDING, 0, 0},
	{"检查", WORD_ENDING, 0, 0}, {"检验", WORD_ENDING, 0, 0},
	{"费", WORD_ENDING, 0, 0},

	{"甲", WORD_TAG, 0, 0}, {"乙", WORD_TAG, 0, 0}, {"丙", WORD_TAG, 0, 0},
	{"甲类", WORD_TAG, 1, 0}, {"乙类", WORD_TAG, 1, 0},
	{"丙类", WORD_TAG, 1, 0}, {"集采", WORD_TAG, 1, 0},
	{"国谈", WORD_TAG, 1, 0}, {"谈判", WORD_TAG, 1, 0},
	{"自费", WORD_TAG, 1, 0}, {"进口", WORD_TAG, 1, 0},
	{"国产", WORD_TAG, 1, 0}, {"医保", WORD_TAG, 1, 0},
	{"基药", WORD_TAG, 1, 0}, {"省采", WORD_TAG, 1, 0},
	{"中选", WORD_TAG, 1, 0}, {"带量", WORD_TAG, 1, 0},
	{"zy-", WORD_TAG, 1, 0},

	{"药业", WORD_MAKER, 0, 0}, {"制药", WORD_MAKER, 0, 0},
	{"公司", WORD_MAKER, 0, 0}, {"厂", WORD_MAKER, 0, 0},
	{"股份", WORD_MAKER, 0, 0}, {"集团", WORD_MAKER, 0, 0},
	{"医药", WORD_MAKER, 0, 0}, {"生物", WORD_MAKER, 0, 0},
};

static Word *words;				/* by first code point, longest first */

/* -------- Words -------- */

static int
compare_words(const void *a, const void *b)
{
	const Word *x = a;
	const Word *y = b;

	if (x->points[0] != y->points[0])
		return x->points[0] > y->points[0] ? 1 : -1;
	return y->length - x->length;
}

/* Compiles the words, once per backend. */
static void
load_words(void)
{
	Word	   *loaded = MemoryContextAllocZero(TopMemoryContext,
												lengthof(word_sources) * sizeof(Word));

	for (int i = 0; i < (int) lengthof(word_sources); i++)
	{
		const WordSource *source = &word_sources[i];

		Assert(strlen(source->word) <= WORD_LIMIT * 3);
		loaded[i].length = fold_decode(source->word, strlen(source->word),
									   loaded[i].points);
		loaded[i].class = source->class;
		loaded[i].value = source->value;
		loaded[i].factor = source->factor;
	}
	qsort(loaded, lengthof(word_sources), sizeof(Word), compare_words);
	words = loaded;
}

/* The longest word of CLASS at POINTS, NULL if there is none. */
static const Word *
word_at(WordClass class, const uint32 *points, int count)
{
	int			low = 0;
	int			high = lengthof(word_sources);

	if (count <= 0)
		return NULL;
	while (low < high)
	{
		int			middle = (low + high) / 2;

		if (words[middle].points[0] < points[0])
			low = middle + 1;
		else
			high = middle;
	}
	for (; low < (int) lengthof(word_sources) &&
		 words[low].points[0] == points[0]; low++)
		if (words[low].class == class && words[low].length <= count &&
			memcmp(words[low].points, points,
				   words[low].length * sizeof(uint32)) == 0)
			return &words[low];
	return NULL;
}

/* The longest word of CLASS that ends TEXT. */
static const Word *
word_at_end(WordClass class, const PointText *name)
{
	for (int length = Min(WORD_LIMIT, name->length); length > 0; length--)
	{
		const Word *word = word_at(class, name->points + name->length - length,
								   length);

		if (word != NULL && word->length == length)
			return word;
	}
	return NULL;
}

/* -------- Taking a name apart -------- */

static void
take(ItemName *name, int from, int length)
{
	memset(name->taken + from, true, length);
}

/* Does a Roman number here count types, stages, grades or degrees? */
static bool
counts_roman(const uint32 *points, int at, int count, int length)
{
	uint32		before = at > 0 ? points[at - 1] : 0;
	uint32		next = at + length < count ? points[at + length] : 0;

	return !point_is_letter(before) && !point_is_digit(before) &&
		(next == 0x578B || next == 0x671F || next == 0x7EA7 ||
		 next == 0x5EA6 || next == 0x4EE3);
}

/* Normal form with ii型 as 2型. */
static void
read_points(text *value, PointText *points)
{
	PointText	normal;

	normalize_span(VARDATA_ANY(value), VARSIZE_ANY_EXHDR(value), NULL, &normal);
	if (normal.length > NAME_LIMIT)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("an item name must not be longer than %d characters",
						NAME_LIMIT)));
	point_text_init(points, normal.length);
	for (int at = 0; at < normal.length;)
	{
		int			value_read;
		int			length = roman_number(normal.points + at,
										  normal.length - at, &value_read);

		if (length > 0 &&
			counts_roman(normal.points, at, normal.length, length))
		{
			if (value_read >= 10)
				point_text_append(points, '0' + value_read / 10);
			point_text_append(points, '0' + value_read % 10);
			at += length;
		}
		else
			point_text_append(points, normal.points[at++]);
	}
	pfree(normal.points);
}

/* (甲), (集采) and (某某药业) say nothing about what the item is. */
static void
take_brackets(ItemName *name)
{
	const uint32 *points = name->points.points;
	int			count = name->points.length;

	for (int open = 0; open < count; open++)
	{
		PointText	inside = name->points;
		const Word *tag;
		int			close = open + 1;

		if (points[open] != '(')
			continue;
		while (close < count && points[close] != ')' && points[close] != '(')
			close++;
		if (close >= count || points[close] != ')')
			continue;
		inside.points = name->points.points + open + 1;
		inside.length = close - open - 1;
		tag = word_at(WORD_TAG, inside.points, inside.length);
		if ((tag != NULL && tag->length == inside.length) ||
			word_at_end(WORD_MAKER, &inside) != NULL)
			take(name, open, close - open + 1);
	}
}

/* Marks, tags and brackets taken away in front of the name. */
static void
take_front(ItemName *name)
{
	const uint32 *points = name->points.points;
	int			count = name->points.length;
	int			at = 0;

	while (at < count)
	{
		const Word *tag = word_at(WORD_TAG, points + at, count - at);
		int			length = 0;

		if (name->taken[at])
			length = 1;
		else if (tag != NULL && tag->value == 1 && tag->length < count - at)
			length = tag->length;
		else if (!u_isalnum(points[at]) && points[at] != '(')
			length = 1;
		if (length == 0)
			return;
		take(name, at, length);
		at += length;
	}
}

/* 12, 0.25, or a number in words; returns its length, 0 if there is none. */
static int
read_number(const uint32 *points, int count, double *value)
{
	double		scale = 1;
	int			length = 0;
	int64		words_value;

	*value = 0;
	while (length < count && length < 15 && point_is_digit(points[length]))
		*value = *value * 10 + (points[length++] - '0');
	if (length == 0)
	{
		length = chinese_number(points, count, &words_value);
		*value = (double) words_value;
		return length;
	}
	if (length + 1 < count && points[length] == '.' &&
		point_is_digit(points[length + 1]))
		for (length++; length < count && length < 20 &&
			 point_is_digit(points[length]); length++)
		{
			scale *= 10;
			*value = *value * 10 + (points[length] - '0');
		}
	*value /= scale;
	return length;
}

static void
add_number(ItemName *name, NumberKind kind, double value)
{
	if (name->number_count < NUMBER_LIMIT)
	{
		name->numbers[name->number_count].kind = kind;
		name->numbers[name->number_count++].value = value;
	}
}

/* The unit at POINTS; a unit in letters must end where the letters end. */
static const Word *
unit_at(const uint32 *points, int count)
{
	const Word *unit = word_at(WORD_UNIT, points, count);

	if (unit != NULL && point_is_letter(unit->points[unit->length - 1]) &&
		unit->length < count && point_is_letter(points[unit->length]))
		return NULL;
	return unit;
}

/*
 * A number at AT: with its unit it is taken out of the core; a bare one
 * stays.  Words are numbers only before a unit (六项, but 三七), and 一次性 is
 * none.  Returns how far to go on.
 */
static int
read_number_at(ItemName *name, int at)
{
	const uint32 *points = name->points.points + at;
	int			count = name->points.length - at;
	bool		ordinal = at > 0 && points[-1] == 0x7B2C;	/* 第 */
	bool		in_words = !point_is_digit(points[0]);
	const Word *unit;
	double		value;
	int			length = read_number(points, count, &value);

	if (length == 0)
		return 1;
	unit = unit_at(points + length, count - length);
	if (unit != NULL && unit->value == NUMBER_TIMES &&
		length + 1 < count && points[length + 1] == 0x6027)
		unit = NULL;			/* 一次性 */
	if (ordinal)
	{
		add_number(name, NUMBER_ORDINAL, value);
		take(name, at - 1, length + 1);
		return length;
	}
	if (unit == NULL)
	{
		if (!in_words)
			add_number(name, NUMBER_BARE, value);
		return length;
	}
	add_number(name, unit->value, value * unit->factor);
	take(name, at, length + unit->length);
	return length + unit->length;
}

static void
read_numbers(ItemName *name)
{
	int			at = 0;

	while (at < name->points.length)
		at += name->taken[at] ? 1 : read_number_at(name, at);
}

/* 左右 and 浓度 are no vetoes; sizes leave the core. */
static void
read_vetoes(ItemName *name)
{
	const uint32 *points = name->points.points;
	int			count = name->points.length;

	for (int at = 0; at < count; at++)
	{
		const Word *veto;
		uint32		next;

		if (name->taken[at])
			continue;
		veto = word_at(WORD_VETO, points + at, count - at);
		if (veto == NULL)
			continue;
		next = at + veto->length < count ? points[at + veto->length] : 0;
		if ((veto->value == 0 && next == 0x53F3) ||
			(veto->value == 1 && at > 0 && points[at - 1] == 0x5DE6) ||
			(veto->value == 20 && next == 0x5EA6))
			continue;
		name->vetoes |= UINT64CONST(1) << veto->value;
		if (veto->value >= 46 && veto->value <= 49)
			take(name, at, points[at] == '(' ? veto->length : veto->length - 2);
	}
}

/* Letters, digits and Han that nothing has taken; pack words after / go too. */
static void
build_core(ItemName *name)
{
	const uint32 *points = name->points.points;
	int			count = name->points.length;

	point_text_init(&name->core, count);
	for (int at = 0; at < count; at++)
	{
		const Word *unit = points[at] == '/' ?
		word_at(WORD_UNIT, points + at + 1, count - at - 1) : NULL;

		if (unit != NULL)
			at += unit->length;
		else if (!name->taken[at] && u_isalnum(points[at]))
			point_text_append(&name->core, points[at]);
	}
}

/* Splits form words and empty endings off; at least two characters stay. */
static void
split_core(ItemName *name)
{
	PointText  *core = &name->core;
	const Word *word = word_at(WORD_FORM_BEFORE, core->points, core->length);

	if (word != NULL && core->length >= word->length + 2)
	{
		name->form = word->value;
		core->points += word->length;
		core->length -= word->length;
	}
	while ((word = word_at_end(WORD_ENDING, core)) != NULL &&
		   core->length >= word->length + 2)
		core->length -= word->length;
	word = word_at_end(WORD_FORM, core);
	if (word != NULL && core->length >= word->length + 2)
	{
		name->form = word->value;
		core->length -= word->length;
	}
}

static int
compare_numbers(const void *a, const void *b)
{
	const Number *x = a;
	const Number *y = b;

	if (x->kind != y->kind)
		return x->kind > y->kind ? 1 : -1;
	return (x->value > y->value) - (x->value < y->value);
}

static void
take_name_apart(text *value, ItemName *name)
{
	memset(name, 0, sizeof(*name));
	read_points(value, &name->points);
	name->taken = palloc0(name->points.length + 1);
	take_brackets(name);
	take_front(name);
	read_vetoes(name);
	read_numbers(name);
	build_core(name);
	split_core(name);
	qsort(name->numbers, name->number_count, sizeof(Number), compare_numbers);
}

/* -------- Comparing -------- */

/* How many numbers from AT on are of the same kind. */
static int
same_kind(const ItemName *name, int at)
{
	int			end = at;

	while (end < name->number_count &&
		   name->numbers[end].kind == name->numbers[at].kind)
		end++;
	return end - at;
}

/* Do numbers of one kind contradict, or does an ordinal stand in one only? */
static bool
numbers_contradict(const ItemName *a, const ItemName *b)
{
	int			i = 0;
	int			j = 0;

	while (i < a->number_count || j < b->number_count)
	{
		int			kind_a = i < a->number_count ? (int) a->numbers[i].kind : INT_MAX;
		int			kind_b = j < b->number_count ? (int) b->numbers[j].kind : INT_MAX;
		int			count_a = kind_a <= kind_b ? same_kind(a, i) : 0;
		int			count_b = kind_b <= kind_a ? same_kind(b, j) : 0;

		if (kind_a == kind_b)
		{
			if (count_a != count_b)
				return true;
			for (int k = 0; k < count_a; k++)
				if (fabs(a->numbers[i + k].value - b->numbers[j + k].value) >
					1e-9 * fabs(a->numbers[i + k].value))
					return true;
		}
		else if (Min(kind_a, kind_b) == NUMBER_ORDINAL)
			return true;
		i += count_a;
		j += count_b;
	}
	return false;
}

static int
compare_bigrams(const void *a, const void *b)
{
	uint64		x = *(const uint64 *) a;
	uint64		y = *(const uint64 *) b;

	return (x > y) - (x < y);
}

/* Sorted pairs of neighbours; the character itself when there is but one. */
static int
sorted_bigrams(const PointText *core, uint64 **bigrams)
{
	int			count = Max(core->length - 1, 1);

	*bigrams = palloc(count * sizeof(uint64));
	(*bigrams)[0] = core->points[0];
	for (int i = 0; i + 1 < core->length; i++)
		(*bigrams)[i] = (uint64) core->points[i] << 32 | core->points[i + 1];
	qsort(*bigrams, count, sizeof(uint64), compare_bigrams);
	return count;
}

/* Dice coefficient of the bigrams of two cores, neither empty. */
static double
core_likeness(const PointText *a, const PointText *b)
{
	uint64	   *x;
	uint64	   *y;
	int			m = sorted_bigrams(a, &x);
	int			n = sorted_bigrams(b, &y);
	int			common = 0;

	for (int i = 0, j = 0; i < m && j < n;)
	{
		if (x[i] == y[j])
		{
			common++;
			i++;
			j++;
		}
		else if (x[i] < y[j])
			i++;
		else
			j++;
	}
	return 2.0 * common / (m + n);
}

static double
item_name_similarity(text *first, text *second)
{
	ItemName	a;
	ItemName	b;
	double		likeness;

	fold_require_utf8();
	if (words == NULL)
		load_words();
	take_name_apart(first, &a);
	take_name_apart(second, &b);
	if (a.points.length == 0 || b.points.length == 0)
		return 0;
	if (point_text_equal(&a.points, &b.points))
		return 1;
	if (a.vetoes != b.vetoes || numbers_contradict(&a, &b))
		return 0;
	if (a.core.length == 0 || b.core.length == 0)
		return 0;
	likeness = core_likeness(&a.core, &b.core);
	if (a.core.points[a.core.length - 1] != b.core.points[b.core.length - 1])
		likeness *= OTHER_LAST;
	if (a.form != b.form)
		likeness *= a.form == 0 || b.form == 0 ? NO_FORM : OTHER_FORM;
	return likeness;
}

PG_FUNCTION_INFO_V1(medaudit_item_name_similarity);

/* item_name_similarity(text, text): strict; an empty name is like none. */
Datum
medaudit_item_name_similarity(PG_FUNCTION_ARGS)
{
	PG_RETURN_FLOAT8(item_name_similarity(PG_GETARG_TEXT_PP(0),
										  PG_GETARG_TEXT_PP(1)));
}

PG_FUNCTION_INFO_V1(medaudit_substitution_score);

/*
 * substitution_score(local_name, national_name, local_price, national_price):
 * (1 - similarity) * (1 - local price / national price), 0 where the item
 * charged is not dearer.  Strict; a negative price is 22023.
 */
Datum
medaudit_substitution_score(PG_FUNCTION_ARGS)
{
	int64		local = fixed_from_numeric(PG_GETARG_DATUM(2), "local_price");
	int64		national = fixed_from_numeric(PG_GETARG_DATUM(3), "national_price");

	if (local < 0 || national < 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("%s must not be negative",
						local < 0 ? "local_price" : "national_price")));
	if (national <= local)
		PG_RETURN_FLOAT8(0);
	PG_RETURN_FLOAT8((1 - item_name_similarity(PG_GETARG_TEXT_PP(0),
											   PG_GETARG_TEXT_PP(1))) *
					 (1 - (double) local / (double) national));
}
