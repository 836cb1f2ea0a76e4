/*
 * address_number.c
 *		The numbers of an address, and the words behind them.
 *
 * A home is told from its neighbour by numbers alone, and each number has many
 * spellings: 3栋, 三幢, 03号楼, ３座.  Here a number becomes one canonical
 * element, whatever its numerals, and the word behind it one of seven kinds.
 * All look a fixed distance ahead: the time is linear in the text.
 */
#include "postgres.h"
#include "base/compat.h"

#include "address/address.h"

/* The value of a Chinese digit, -1 for anything else. */
static int
han_digit(uint32 c)
{
	switch (c)
	{
		case L'零':
		case L'〇':
		case L'○':
			return 0;
		case L'一':
		case L'壹':
			return 1;
		case L'二':
		case L'贰':
		case L'两':
			return 2;
		case L'三':
		case L'叁':
			return 3;
		case L'四':
		case L'肆':
			return 4;
		case L'五':
		case L'伍':
			return 5;
		case L'六':
		case L'陆':
			return 6;
		case L'七':
		case L'柒':
			return 7;
		case L'八':
		case L'捌':
			return 8;
		case L'九':
		case L'玖':
			return 9;
		default:
			return -1;
	}
}

/* The value of 十, 百, 千; 0 for anything else. */
static int
han_power(uint32 c)
{
	switch (c)
	{
		case L'十':
		case L'拾':
			return 10;
		case L'百':
		case L'佰':
			return 100;
		case L'千':
		case L'仟':
			return 1000;
		default:
			return 0;
	}
}

bool
address_is_numeral(uint32 c)
{
	return han_digit(c) >= 0 || han_power(c) > 0;
}

/* Where the run of Chinese numerals at FROM ends; FROM if none starts there. */
static int
numeral_run(const uint32 *at, int count, int from)
{
	int			end = from;

	/* 百 and 千 alone begin names: 百货, 千岛湖 */
	if (from >= count ||
		(han_digit(at[from]) < 0 && han_power(at[from]) != 10))
		return from;
	while (end < count && address_is_numeral(at[end]))
		end++;
	return end;
}

/* Appends the decimal digits of VALUE. */
static void
add_decimal(PointText *to, int64 value)
{
	char		digits[24];

	snprintf(digits, sizeof(digits), INT64_FORMAT, value);
	for (const char *d = digits; *d != '\0'; d++)
		point_text_append(to, (uint32) *d);
}

/* Appends a run without 十 百 千, digit by digit: 二零一 is 201. */
static void
add_digitwise(PointText *to, const uint32 *run, int length)
{
	for (int i = 0; i < length; i++)
		point_text_append(to, (uint32) ('0' + han_digit(run[i])));
}

/* The value of a run with 十 百 千: 二十一, 一百零二, 三百五 (350). */
static int64
positional_value(const uint32 *run, int length)
{
	int64		total = 0;
	int64		digit = -1;
	int			last_power = 0;

	for (int i = 0; i < length; i++)
	{
		int			power = han_power(run[i]);

		if (power == 0)
		{
			digit = han_digit(run[i]);
			if (digit == 0)
				last_power = 0;
			continue;
		}
		total += (digit > 0 ? digit : 1) * power;
		digit = -1;
		last_power = power;
	}
	if (digit > 0)
		total += last_power >= 100 ? digit * (last_power / 10) : digit;
	return total;
}

/* Appends the canonical digits of a run of Chinese numerals. */
static void
add_numerals(PointText *to, const uint32 *run, int length)
{
	bool		positional = false;

	for (int i = 0; i < length; i++)
		positional |= han_power(run[i]) > 0;
	if (positional && length <= 16)
		add_decimal(to, positional_value(run, length));
	else if (positional)
		point_text_add(to, run, length);
	else
		add_digitwise(to, run, length);
}

/* TO = FROM with every run of Chinese numerals in digits: 文三路 is 文3路. */
void
address_fold_numerals(const PointText *from, PointText *to)
{
	int			i = 0;

	while (i < from->length)
	{
		int			end = numeral_run(from->points, from->length, i);

		if (end > i)
			add_numerals(to, from->points + i, end - i);
		else
			point_text_append(to, from->points[end++]);
		i = end;
	}
}

static bool
is_number_sign(uint32 c)
{
	return point_is_digit(c) || address_is_numeral(c);
}

/*
 * Is the code point at FROM a dash between numbers?  Folding made one sign of
 * most; 一 between two digits is a dash that an input method turned around.
 */
bool
address_is_dash(const AddressText *text, int from)
{
	const uint32 *at = text->at;
	uint32		c = at[from];

	if (c == '-' || c == '_' || c == '/' || c == '.' || c == ':' || c == ';' ||
		c == '\\' || c == '|' || c == '+' || c == '\'')
		return true;
	if (from == 0 || from + 1 >= text->count)
		return false;
	if (c == L'一')
		return point_is_digit(at[from - 1]) && point_is_digit(at[from + 1]);
	if (c == L'之')
		return is_number_sign(at[from - 1]) && is_number_sign(at[from + 1]);
	return false;
}

/* Adds C to an element unless that is full. */
static void
element_add(Element *element, uint32 c)
{
	if (element->length < ELEMENT_MAX)
		element->digits[element->length++] = c;
	else
		element->long_digits = true;
}

/* Reads Arabic digits without leading zeros; returns where they end. */
static int
read_digits(const uint32 *at, int count, int from, Element *element)
{
	int			end = from;
	int			digits;

	while (end < count && point_is_digit(at[end]))
		end++;
	while (from < end - 1 && at[from] == '0')
		from++;
	digits = end - from;
	element->long_digits = digits >= 7;
	for (int i = from; i < end; i++)
		element_add(element, at[i]);
	return end;
}

/* Reads Chinese numerals; returns where they end. */
static int
read_numerals(const uint32 *at, int count, int from, Element *element)
{
	int			end = numeral_run(at, count, from);
	uint32		room[32];
	PointText	digits = {room, 0, lengthof(room)};

	element->han = true;
	if (end - from > 16)
	{
		element->long_digits = true;
		return end;
	}
	add_numerals(&digits, at + from, end - from);
	for (int i = 0; i < digits.length; i++)
		if (i == digits.length - 1 || digits.points[i] != '0' ||
			element->length > 0)
			element_add(element, digits.points[i]);
	return end;
}

/* Letters behind digits belong to them (96a), but f means a floor. */
static int
read_suffix_letters(const uint32 *at, int count, int from, Element *element)
{
	int			end = from;

	while (end < count && point_is_letter(at[end]))
		end++;
	if (end - from > 2 || (end - from == 1 && at[from] == 'f'))
		return from;
	/* 9b1161 is building 9b, room 1161; 4s2 is left alone */
	if (end < count && point_is_digit(at[end]) &&
		(end - from != 1 || end + 2 >= count || !point_is_digit(at[end + 1]) ||
		 !point_is_digit(at[end + 2])))
		return from;
	for (int i = from; i < end; i++)
		element_add(element, at[i]);
	return end;
}

/* One letter or sign is a number when a building or a room bears it. */
static int
read_lone_sign(const AddressText *text, int from, Element *element)
{
	const uint32 *at = text->at;
	bool		letter = point_is_letter(at[from]);
	int			length;
	UnitKind	unit;

	if (!letter && !address_in_set(at[from], L"甲乙丙丁戊己庚辛东西南北中左右前后"))
		return -1;
	if (letter && from + 2 < text->count && at[from + 1] == '-' &&
		point_is_digit(at[from + 2]))
	{
		element_add(element, at[from]);
		return from + 1;
	}
	unit = address_unit(text, from + 1, &length);
	if (unit != UNIT_BUILDING && unit != UNIT_UNIT && unit != UNIT_ROOM)
		return -1;
	/* gates of an estate and houses called 东屋 are names */
	if (!letter && at[from + 1] == L'门')
		return -1;
	element_add(element, at[from]);
	return from + 1;
}

/*
 * Reads one number at FROM: digits or numerals with a few letters or 甲乙丙丁
 * around them, or one such sign before a word for a building, a unit or a
 * room.  Returns where it ends, -1 if there is none.
 */
int
address_read_element(const AddressText *text, int from, Element *element)
{
	const uint32 *at = text->at;
	int			count = text->count;
	int			start = from;
	int			letters = 0;

	element->length = 0;
	element->han = false;
	element->long_digits = false;
	if (from >= count)
		return -1;
	if (address_in_set(at[from], L"甲乙丙丁戊己庚辛负"))
		from++;
	else
		while (from < count && letters < 4 && point_is_letter(at[from]))
			from++, letters++;
	if (from < count && point_is_digit(at[from]))
	{
		Element		digits;

		digits.length = 0;
		for (int i = start; i < from; i++)
			element_add(element, at[i]);
		from = read_digits(at, count, from, &digits);
		element->long_digits = digits.long_digits;
		for (int i = 0; i < digits.length; i++)
			element_add(element, digits.digits[i]);
		return read_suffix_letters(at, count, from, element);
	}
	if (from - start <= 2 && numeral_run(at, count, from) > from)
	{
		for (int i = start; i < from; i++)
			element_add(element, at[i]);
		return read_numerals(at, count, from, element);
	}
	return read_lone_sign(text, start, element);
}

/*
 * What the word at FROM makes of the number before it, and its length.  5号 is a
 * house, 5号楼 a building; but 5号大街 is a road (WORDS_NUMBERED), and before what
 * a word must not stand it does not count: in 5座谈 座 is no building.
 */
UnitKind
address_unit(const AddressText *text, int from, int *length)
{
	const AddressWord *word = NULL;

	*length = 0;
	while ((word = address_word(text, from, WORDS_UNIT, word)) != NULL)
	{
		int			end = from + word->word.length;

		if (word->value == UNIT_HOUSE && address_word(text, from + 1, WORDS_NUMBERED, NULL) != NULL)
			return UNIT_NONE;
		if (end < text->count && address_in_points(text->at[end], &word->not_before))
			continue;
		*length = word->word.length;
		return (UnitKind) word->value;
	}
	return UNIT_NONE;
}
