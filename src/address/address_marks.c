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

#define WORD(list, at, count, from) \
	word_at(list, lengthof(list), at, count, from)

/* The length of the first of NUMBER words that stands at FROM, 0 if none. */
static int
word_at(const WideChar *const *words, Size number, const uint32 *at,
		int count, int from)
{
	for (Size i = 0; i < number; i++)
		if (address_starts(at, count, from, words[i]))
			return (int) wcslen(words[i]);
	return 0;
}

/* Does what belongs together end at FROM? */
static bool
ends_at(const uint32 *at, int count, int from)
{
	return from >= count || at[from] == '(' || at[from] == ')';
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

/*
 * A sign behind a room (501东户, 501室A, 501东单元, 501东1) or, at the end of the
 * text, behind a house (5号甲, 5号东院).  Returns the length of the sign with its
 * word, 0 if there is none; the first *KEPT code points go into the key: the
 * sign, and a word for a part of a building.
 */
int
address_marker(const uint32 *at, int count, int from, bool behind_room,
			   int *kept)
{
	static const WideChar *const words[] = {
		L"户", L"侧", L"边", L"面", L"间", L"室", L"房", L"院", L"屋", L"首", L"头", L"套",
		L"门"
	};
	static const WideChar *const words_of_house[] = {
		L"户", L"侧", L"边", L"面", L"间", L"室", L"院", L"屋"
	};
	static const WideChar *const parts[] = {
		L"单元", L"栋", L"座", L"楼", L"梯", L"排"
	};
	int			end = from + read_signs(at, count, from);
	int			length;

	if (end == from)
		return 0;
	*kept = end - from;
	if (!behind_room)
	{
		end += WORD(words_of_house, at, count, end);
		return ends_at(at, count, end) ? end - from : 0;
	}
	length = WORD(words, at, count, end);
	if (length == 0)
	{
		length = WORD(parts, at, count, end);
		*kept += length;
	}
	end += length;
	if (length == 0 && !ends_at(at, count, end) && at[end] != '-' &&
		!point_is_digit(at[end]))
		return 0;
	return end - from;
}

/*
 * A storey without a number: 地下室, 底层.  Returns its length, 0 if none, and
 * what the key holds; 地下 before a number and a floor's word is 负, as in
 * 地下1层.
 */
int
address_storey(const uint32 *at, int count, int from,
			   const WideChar **canonical)
{
	static const struct
	{
		const WideChar *word;
		const WideChar *canonical;
	}			storeys[] = {
		{L"半地下室", L"半地下"}, {L"半地下", L"半地下"}, {L"地下室", L"地下"},
		{L"地下", L"地下"}, {L"底层", L"底"}, {L"底楼", L"底"}, {L"顶层", L"顶"},
		{L"顶楼", L"顶"}, {L"阁楼", L"阁"}, {L"夹层", L"夹"}, {L"架空层", L"架空"},
	};

	for (Size i = 0; i < lengthof(storeys); i++)
		if (address_starts(at, count, from, storeys[i].word))
		{
			*canonical = storeys[i].canonical;
			return (int) wcslen(storeys[i].word);
		}
	return 0;
}

/*
 * A postcode at FROM: behind its word (邮编610041), or six digits alone before
 * the name of a place, a bracket or the end.  Returns its length, 0 if none.
 */
int
address_postcode(const uint32 *at, int count, int from)
{
	static const WideChar *const words[] = {
		L"邮政编码", L"邮编", L"邮码"
	};
	int			end = from + WORD(words, at, count, from);
	int			digits = 0;
	bool		said = end > from;

	while (said && end < count && (at[end] == ':' || at[end] == '-'))
		end++;
	while (end + digits < count && point_is_digit(at[end + digits]))
		digits++;
	if (said)
		return end + digits - from;
	if (digits != 6 || (from > 0 && point_is_digit(at[from - 1])))
		return 0;
	end += digits;
	if (end >= count || at[end] == ')')
		return digits;
	return at[end] >= 0x3400 && from == 0 &&
		address_unit(at, count, end, &end) == UNIT_NONE ? digits : 0;
}

/*
 * Does NAME name anything?  A row of words for kinds of places, numbers,
 * letters and sides does not: 附, 路, A区, 家属楼, 东区.
 */
bool
address_names_place(const PointText *name)
{
	static const WideChar *const kinds[] = {
		L"门牌", L"胡同", L"单元", L"小区", L"花园", L"家属", L"宿舍", L"住宅", L"公寓",
		L"大院", L"大厦", L"职工", L"员工", L"地址", L"住址", L"原籍", L"不详", L"未知",
		L"附", L"之", L"第", L"路", L"街", L"道", L"巷", L"弄", L"镇", L"乡", L"村", L"组",
		L"社", L"队", L"连", L"号", L"栋", L"幢", L"座", L"楼", L"层", L"室", L"户", L"房",
		L"院", L"省", L"市", L"县", L"区", L"期", L"本", L"无", L"东", L"西", L"南", L"北",
		L"中", L"前", L"后", L"左", L"右", L"内"
	};

	for (int i = 0; i < name->length;)
	{
		uint32		c = name->points[i];
		int			length = WORD(kinds, name->points, name->length, i);

		if (length == 0 && c >= 0x80 && !address_is_numeral(c))
			return true;
		i += Max(length, 1);
	}
	return false;
}
