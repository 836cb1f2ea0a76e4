/*
 * address_marks.c
 *		Words of an address that are neither names nor numbers.
 *
 * Some tell neighbours apart as numbers do and stay in the key: 东户, A, 地下室,
 * 底层.  Some say nothing of the home: postcodes.  And some look like a name and
 * name nothing: 附, 路, 小区, A区, so that a number below them finds no home.
 * All look a fixed distance ahead, or once along a name.
 */
#include "postgres.h"
#include "base/compat.h"

#include "address/address.h"

/* Does what belongs together end at FROM? */
static bool
ends_at(const AddressText *text, int from)
{
	return from >= text->count || text->at[from] == '(' || text->at[from] == ')';
}

/* One or two letters, or signs for a side: how many stand at FROM. */
static int
read_signs(const uint32 *at, int count, int from)
{
	int			length = 0;
	bool		letters = from < count && point_is_letter(at[from]);

	while (from + length < count && length < 2 &&
		   (letters ? point_is_letter(at[from + length]) :
			address_in_set(at[from + length], L"东西南北中左右前后上下甲乙丙丁")))
		length++;
	if (letters && from + length < count && point_is_letter(at[from + length]))
		return 0;
	return length;
}

/* The length of the word behind a sign that may stand there, 0 if none. */
static int
side_word(const AddressText *text, int from, bool behind_room)
{
	const AddressWord *word = NULL;

	while ((word = address_word(text, from, WORDS_SIDE, word)) != NULL)
		if (behind_room || word->value == SIDE_OF_BOTH)
			return word->word.length;
	return 0;
}

/*
 * A sign behind a room (501东户, 501室A, 501东单元, 501东1) or, at the end of the
 * text, behind a house (5号甲, 5号东院).  Returns the length of the sign with its
 * word, 0 if there is none; the first *KEPT code points go into the key: the
 * sign, and a word for a part of a building.
 *
 * 501东户: 东 is kept, of 2.  501东单元: 东单元 is kept, of 3, for the key has to
 * tell it from 501东栋.  501东方公司: none, the name of a firm begins there.
 */
int
address_marker(const AddressText *text, int from, bool behind_room, int *kept)
{
	int			end = from + read_signs(text->at, text->count, from);
	int			length;

	if (end == from)
		return 0;
	*kept = end - from;
	length = side_word(text, end, behind_room);
	if (!behind_room)
	{
		end += length;
		return ends_at(text, end) ? end - from : 0;
	}
	if (length == 0)
	{
		length = address_word_length(text, end, WORDS_PART);
		*kept += length;
	}
	end += length;
	if (length == 0 && !ends_at(text, end) && text->at[end] != '-' &&
		!point_is_digit(text->at[end]))
		return 0;
	return end - from;
}

/*
 * A postcode at FROM: behind its word (邮编610041), or six digits alone before
 * the name of a place, a bracket or the end.  Returns its length, 0 if none.
 */
int
address_postcode(const AddressText *text, int from)
{
	const uint32 *at = text->at;
	int			end = from + address_word_length(text, from, WORDS_POSTCODE);
	int			digits = 0;
	bool		said = end > from;

	while (said && end < text->count && (at[end] == ':' || at[end] == '-'))
		end++;
	while (end + digits < text->count && point_is_digit(at[end + digits]))
		digits++;
	if (said)
		return end + digits - from;
	if (digits != 6 || (from > 0 && point_is_digit(at[from - 1])))
		return 0;
	end += digits;
	if (end >= text->count || at[end] == ')')
		return digits;
	return at[end] >= 0x3400 && from == 0 &&
		address_unit(text, end, &end) == UNIT_NONE ? digits : 0;
}

/*
 * Does NAME name anything?  A row of words for kinds of places, numbers,
 * letters and sides does not: 附, 路, A区, 家属楼, 东区; 青羊区 does, for 青 and 羊
 * are none of them.
 */
bool
address_names_place(const AddressWords *words, const PointText *name)
{
	AddressText text = address_text_of(name, words);

	for (int i = 0; i < name->length;)
	{
		uint32		c = name->points[i];
		int			length = address_word_length(&text, i, WORDS_COMMON);

		if (length == 0 && c >= 0x80 && !address_is_numeral(c))
			return true;
		i += Max(length, 1);
	}
	return false;
}
