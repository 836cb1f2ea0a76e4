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
 * The words stand in item_words.c.  A comparison is linear in the names but for the bigrams, which are
 * sorted; some microseconds and a few kB, freed with the call.
 */
#include "postgres.h"
#include "base/compat.h"

#include <math.h>
#include <unicode/uchar.h>

#include "miscadmin.h"
#include "utils/builtins.h"

#include "base/fixed.h"
#include "base/sort.h"
#include "text/item_words.h"
#include "text/normalize.h"

#define NUMBER_LIMIT		64	/* numbers of a name that are compared */
#define NAME_LIMIT			4000	/* code points */

/* What differs is worth less of the likeness of two cores. */
#define OTHER_FORM			0.7
#define NO_FORM				0.95
#define OTHER_LAST			0.8

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

/*
 * Is the sign at AT inside the number of a tumour marker: ca19-9, cyfra21-1,
 * 糖类抗原15.3?  These are written with and without it.
 */
static bool
inside_marker(const uint32 *points, int at, int count)
{
	static const char *const markers[] = {"ca", "cyfra", "抗原"};
	int			end = at - 2;

	if ((points[at] != FOLDED_SEPARATOR && points[at] != '.') || end < 2 ||
		!point_is_digit(points[at - 1]) || !point_is_digit(points[at - 2]) ||
		at + 1 >= count || !point_is_digit(points[at + 1]) ||
		(at + 2 < count && point_is_digit(points[at + 2])))
		return false;
	if (points[end - 1] == FOLDED_SEPARATOR)
		end--;
	for (int i = 0; i < (int) lengthof(markers); i++)
	{
		uint32		marker[WORD_LIMIT];
		int			length = fold_decode(markers[i], strlen(markers[i]), marker);
		int			from = end - length;

		if (from >= 0 &&
			memcmp(points + from, marker, length * sizeof(uint32)) == 0 &&
			!(point_is_letter(marker[0]) && from > 0 &&
			  point_is_letter(points[from - 1])))
			return true;
	}
	return false;
}

/* Normal form with ii型 as 2型 and ca19-9 as ca199. */
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
		else if (inside_marker(normal.points, at, normal.length))
			at++;
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
		tag = item_word_at(WORD_TAG, inside.points, inside.length);
		if ((tag != NULL && tag->length == inside.length) ||
			item_word_at_end(WORD_MAKER, &inside) != NULL)
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
		const Word *tag = item_word_at(WORD_TAG, points + at, count - at);
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
	const Word *unit = item_word_at(WORD_UNIT, points, count);

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

/* Does a word that begins with a letter begin inside another one at AT? */
static bool
inside_letters(const ItemName *name, int at)
{
	return at > 0 && point_is_letter(name->points.points[at]) &&
		point_is_letter(name->points.points[at - 1]);
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
		veto = item_word_at(WORD_VETO, points + at, count - at);
		if (veto == NULL || inside_letters(name, at))
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

/* Notes the words that exclude each other: 抗原 and 抗体. */
static void
read_contrasts(ItemName *name)
{
	int			at = 0;

	while (at < name->points.length)
	{
		const Word *word = item_word_at(WORD_CONTRAST, name->points.points + at,
										name->points.length - at);

		if (word == NULL || name->taken[at] || inside_letters(name, at))
		{
			at++;
			continue;
		}
		if (word->factor != 0)
			add_number(name, word->value, word->factor);
		at += word->length;
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
		const Word *unit = NULL;

		if (points[at] == '/')
			unit = item_word_at(WORD_UNIT, points + at + 1, count - at - 1);
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
	const Word *word = item_word_at(WORD_FORM_BEFORE, core->points, core->length);

	if (word != NULL && core->length >= word->length + 2)
	{
		name->form = word->value;
		core->points += word->length;
		core->length -= word->length;
	}
	while ((word = item_word_at_end(WORD_ENDING, core)) != NULL &&
		   core->length >= word->length + 2)
		core->length -= word->length;
	word = item_word_at_end(WORD_FORM, core);
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

/* Sorts by kind; a contrast said twice (表面抗原HBsAg) counts once. */
static void
sort_numbers(ItemName *name)
{
	Number	   *numbers = name->numbers;
	int			kept = 0;

	qsort(numbers, name->number_count, sizeof(Number), compare_numbers);
	for (int i = 0; i < name->number_count; i++)
		if (kept == 0 || numbers[i].kind < FIRST_CONTRAST ||
			compare_numbers(&numbers[kept - 1], &numbers[i]) != 0)
			numbers[kept++] = numbers[i];
	name->number_count = kept;
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
	read_contrasts(name);
	read_numbers(name);
	build_core(name);
	split_core(name);
	sort_numbers(name);
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

static bool
is_code_letter(uint32 point)
{
	return point_is_letter(point) || (point >= 0x03B1 && point <= 0x03C9);
}

/* The run of letters of CORE at or behind *AT; its length, 0 at the end. */
static int
next_code(const PointText *core, int *at)
{
	int			end;

	while (*at < core->length && !is_code_letter(core->points[*at]))
		(*at)++;
	end = *at;
	while (end < core->length && is_code_letter(core->points[end]))
		end++;
	return end - *at;
}

/* One code, or one that goes on (mr, mri), or two names of one thing. */
static bool
same_code(const uint32 *a, int a_length, const uint32 *b, int b_length)
{
	int			shorter = Min(a_length, b_length);

	if (a_length == b_length || shorter >= 2)
		return memcmp(a, b, shorter * sizeof(uint32)) == 0;
	/* TT3 is the total T3 */
	return Max(a_length, b_length) == 2 && a[0] == 't' && b[0] == 't' &&
		a[a_length - 1] == 't' && b[b_length - 1] == 't';
}

/* Does A hold a code in letters that no code of B is like? */
static bool
has_other_code(const PointText *a, const PointText *b)
{
	int			i = 0;
	int			length;

	while ((length = next_code(a, &i)) > 0)
	{
		bool		found = false;
		int			j = 0;
		int			other;

		while (!found && (other = next_code(b, &j)) > 0)
		{
			found = same_code(a->points + i, length, b->points + j, other);
			j += other;
		}
		if (!found)
			return true;
		i += length;
		CHECK_FOR_INTERRUPTS();
	}
	return false;
}

/* The next code point of CORE that is neither letter nor digit, 0 at the end. */
static uint32
next_word_point(const PointText *core, int *at)
{
	while (*at < core->length && (is_code_letter(core->points[*at]) ||
								  point_is_digit(core->points[*at])))
		(*at)++;
	return *at < core->length ? core->points[(*at)++] : 0;
}

/*
 * Are the words the same and the codes in letters not: HBsAg定量 and HBsAb定量,
 * 维生素A and 维生素C, T3 and FT3?  A code in one only says nothing.
 */
static bool
codes_contradict(const PointText *a, const PointText *b)
{
	int			i = 0;
	int			j = 0;
	uint32		x;

	do
	{
		x = next_word_point(a, &i);
		if (x != next_word_point(b, &j))
			return false;
	} while (x != 0);
	return has_other_code(a, b) && has_other_code(b, a);
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
	sort_uint64(*bigrams, count);
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
	item_words_load();
	take_name_apart(first, &a);
	take_name_apart(second, &b);
	if (a.points.length == 0 || b.points.length == 0)
		return 0;
	if (point_text_equal(&a.points, &b.points))
		return 1;
	if (a.vetoes != b.vetoes || numbers_contradict(&a, &b))
		return 0;
	if (a.core.length == 0 || b.core.length == 0 ||
		codes_contradict(&a.core, &b.core))
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
