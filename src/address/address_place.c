/*
 * address_place.c
 *		The divisions at the head of an address: province, city, county.
 *
 * Names are taken from the gazetteer, in full (武侯区) or without their suffix
 * (武侯), as long as one follows the other; what a name means is settled by
 * those before it, then by the region the caller knows, and what stays open
 * stays open: 鼓楼区 alone is a name without a code.  A name without suffix
 * counts only where it cannot be the first half of something else (南京路,
 * 和平小区).  A county that no gazetteer knows is read by its suffix.
 */
#include "postgres.h"
#include "base/compat.h"

#include "address/address.h"

#define LONGEST_NAME 32

typedef struct PlaceReader
{
	const Gazetteer *gazetteer;
	AddressText text;
	const Place *region;
	Address    *address;
} PlaceReader;

typedef struct Match
{
	const Division *division;	/* NULL: several, none preferred */
	int			length;
} Match;

static Place
place_of(const Division *division)
{
	Place		place = {province_of(division->code), 0, 0};

	if (division->level != LEVEL_PROVINCE)
		place.city = city_of(division->code);
	if (division->level == LEVEL_COUNTY)
		place.county = division->code;
	return place;
}

/* Does A, as far as it says anything, say the same as B? */
static bool
agrees(const Place *a, const Place *b)
{
	return (a->province == 0 || b->province == 0 ||
			a->province == b->province) &&
		(a->city == 0 || b->city == 0 || a->city == b->city) &&
		(a->county == 0 || b->county == 0 || a->county == b->county);
}

/* In how many levels A and B say the same thing. */
static int
agreement(const Place *a, const Place *b)
{
	return (a->province != 0 && a->province == b->province) +
		(a->city != 0 && a->city == b->city) +
		(a->county != 0 && a->county == b->county);
}

static bool
is_known(const Address *address)
{
	return address->place.county != 0 || address->district.length > 0;
}

/* Does the text at FROM make a road, an estate or the like of a short name? */
static bool
makes_a_name(const AddressText *text, int from)
{
	const uint32 *at = text->at;
	int			count = text->count;

	if (from >= count)
		return false;
	if (address_in_set(at[from],
					   L"路街道巷弄里村镇乡桥湾河山江湖站门坊庄庙寺堂城港口楼苑园府"))
		return true;
	if (address_word(text, from, WORDS_NO_DIVISION, NULL) != NULL)
		return true;
	if (address_in_set(at[from], L"东西南北中前后上下新老内外环") ||
		point_is_digit(at[from]) || address_is_numeral(at[from]))
		return from + 1 < count &&
			(address_in_set(at[from + 1], L"路街道巷弄环") ||
			 address_starts(text, from + 1, L"大道") ||
			 address_starts(text, from + 1, L"大街"));
	return false;
}

/*
 * Is a division under, or the same as, PLACE written at FROM?  Then what stands
 * before it is a division for sure: 成都 before 武侯佳灵路 is, before 佳灵路 it may
 * be a name.
 */
static bool
place_goes_on(const PlaceReader *reader, int from, const Place *place)
{
	const Gazetteer *gazetteer = reader->gazetteer;
	uint32		node = GAZETTEER_ROOT;

	for (int i = from; i < reader->text.count && i < from + LONGEST_NAME; i++)
	{
		node = gazetteer_step(gazetteer, node, reader->text.at[i]);
		if (node == 0)
			return false;
		for (int s = gazetteer->first_spelling[node]; s >= 0;
			 s = gazetteer->spellings[s].next)
		{
			const Spelling *spelling = &gazetteer->spellings[s];
			Place		other = place_of(&gazetteer->divisions[spelling->division]);

			if (other.city == 0 || !agrees(&other, place))
				continue;
			if (spelling->form == NAME_FULL ||
				(place->city != 0 && place->county == 0 && other.county != 0 &&
				 !makes_a_name(&reader->text, i + 1)))
				return true;
		}
	}
	return false;
}

/*
 * Is the 区 at END the end of a name that is no county: 和平小区, 高新开发区,
 * 青羊东区?  But 东区, 城区 alone are counties of some cities.
 */
static bool
common_area(const uint32 *at, int from, int end)
{
	uint32		before = at[end - 1];

	if (address_in_set(before,
					   L"小社园校厂院库新矿郊山景片业发宅活务流储税商作居示"))
		return true;
	return end - from != 2 && address_in_set(before, L"东西南北中");
}

/*
 * The length of a county's name read by its suffix at FROM, 0 if there is
 * none: old names such as 江干区, and those of a gazetteer that lacks them.
 */
static int
county_by_suffix(const PlaceReader *reader, int from)
{
	for (int i = from; i < reader->text.count && i <= from + 4; i++)
	{
		uint32		c = reader->text.at[i];

		if (c < 0x3400 || address_is_numeral(c) ||
			address_in_set(c, L"路街道镇乡村巷弄号栋幢社"))
			return 0;
		if (i == from || (i + 1 < reader->text.count &&
						  address_in_set(reader->text.at[i + 1], L"镇乡村场路")))
			continue;
		if (c == L'区' && i >= from + 2 && !common_area(reader->text.at, from, i))
			return i - from + 1;
		if (c == L'县' || (c == L'市' && i + 1 < reader->text.count))
			return i - from + 1;
	}
	return 0;
}

/*
 * May a full name of DIVISION, LENGTH long, stand at FROM?
 *
 *		成都市场5号					no: a market
 *		宁波市慈溪市宁波市慈溪市		yes, once more
 *		金城镇江苏省常州市武进区		yes, and what was read before is a town
 *		四川省广东省广州市			yes: 广州市 proves it; before 青羊路 no
 *		东区青羊路5号				no: of many cities; 攀枝花市东区 yes
 */
static bool
full_name_fits(const PlaceReader *reader, const Division *division,
			   int from, int length)
{
	const Place *known = &reader->address->place;
	Place		place = place_of(division);

	if (division->suffix == L'市' && from + length < reader->text.count &&
		reader->text.at[from + length] == L'场')
		return false;
	if (is_known(reader->address))
	{
		/* repeated, or the address begins anew: 金城镇江苏省常州市 */
		if ((known->county != 0 || division->level != LEVEL_COUNTY) &&
			known->province != 0 && agrees(&place, known))
			return true;
		return division->level == LEVEL_PROVINCE &&
			place_goes_on(reader, from + length, &place);
	}
	if (!agrees(&place, known))
		return division->level == LEVEL_PROVINCE &&
			place_goes_on(reader, from + length, &place);
	/* 城区, 东区, 郊区 say something within their city only */
	if (division->level == LEVEL_COUNTY && length <= 2 &&
		division->suffix == L'区')
		return known->city == place.city ||
			(known->city == 0 && reader->region->city == place.city);
	return true;
}

/*
 * May a short name of DIVISION stand at FROM?
 *
 *		四川成都武侯佳灵路5号		yes: one proves the one before
 *		浙江奉化市青羊路5号			not 奉化: 奉化市 has another suffix than 奉化区
 *		杭州江干区青羊路5号			yes: an old county of it follows
 *		南京路5号, 北京花园5号		no: they begin other names
 *		四川成都佳灵路5号			yes: 四川 is known already
 *		成都佳灵路5号				yes where no region is given, or one that agrees
 */
static bool
short_name_fits(const PlaceReader *reader, const Division *division,
				int from, int length)
{
	const Place *known = &reader->address->place;
	Place		place = place_of(division);

	if (is_known(reader->address))
		return known->county != 0 && agrees(&place, known) &&
			place_goes_on(reader, from + length, known);
	if (!agrees(&place, known))
		return false;
	if (place_goes_on(reader, from + length, &place))
		return true;
	/* another suffix than the division's own: 奉化市, now 奉化区 */
	if (from + length < reader->text.count &&
		address_in_set(reader->text.at[from + length], L"市县区旗"))
		return false;
	if (division->level != LEVEL_COUNTY &&
		county_by_suffix(reader, from + length) > 0)
		return true;
	if (makes_a_name(&reader->text, from + length))
		return false;
	if (known->province != 0)
		return true;
	if (!agrees(&place, reader->region))
		return false;
	return division->level != LEVEL_COUNTY || division->suffix == L'市' ||
		reader->region->city == place.city;
}

/*
 * Chooses among the divisions of one spelling.  Full names come before short
 * ones and higher levels before lower; of equals the one that agrees most with
 * the region; if none does, a full name of a county is a match without a
 * division.
 */
static bool
choose(const PlaceReader *reader, uint32 node, int from, Match *match)
{
	const Gazetteer *gazetteer = reader->gazetteer;
	int			best_rank = -1;
	bool		tie = false;

	for (int s = gazetteer->first_spelling[node]; s >= 0;
		 s = gazetteer->spellings[s].next)
	{
		const Spelling *spelling = &gazetteer->spellings[s];
		const Division *division = &gazetteer->divisions[spelling->division];
		bool		full = spelling->form == NAME_FULL;
		Place		place = place_of(division);
		int			rank;

		if (!(full ? full_name_fits(reader, division, from, match->length) :
			  short_name_fits(reader, division, from, match->length)))
			continue;
		rank = (full ? 100 : 0) + (LEVEL_COUNTY - division->level) * 10 +
			agreement(&place, reader->region);
		if (rank == best_rank)
			tie |= match->division->code != division->code;
		if (rank <= best_rank)
			continue;
		best_rank = rank;
		tie = false;
		match->division = division;
	}
	if (tie && best_rank < 100)
		return false;
	if (tie)
		match->division = NULL;
	return best_rank >= 0;
}

/* The longest name at FROM that fits. */
static bool
match_name(const PlaceReader *reader, int from, Match *match)
{
	const Gazetteer *gazetteer = reader->gazetteer;
	uint32		node = GAZETTEER_ROOT;
	uint32		ends[LONGEST_NAME];
	int			longest = 0;

	while (longest < LONGEST_NAME && from + longest < reader->text.count)
	{
		node = gazetteer_step(gazetteer, node, reader->text.at[from + longest]);
		if (node == 0)
			break;
		ends[longest++] = node;
	}
	for (int length = longest; length > 0; length--)
	{
		match->length = length;
		if (gazetteer->first_spelling[ends[length - 1]] >= 0 &&
			choose(reader, ends[length - 1], from, match))
			return true;
	}
	return false;
}

/*
 * Takes over what a name says.  鼓楼区 is in four cities: without one it is a
 * name without a code.  A division that contradicts those before begins anew.
 */
static void
take_match(const PlaceReader *reader, int from, const Match *match)
{
	Address    *address = reader->address;
	Place		place;

	if (match->division == NULL)
	{
		address->district.length = 0;
		point_text_add(&address->district, reader->text.at + from, match->length);
		return;
	}
	place = place_of(match->division);
	if (!agrees(&place, &address->place))
	{
		memset(&address->place, 0, sizeof(Place));
		address->district.length = 0;
	}
	address->place.province = place.province;
	if (place.city != 0)
		address->place.city = place.city;
	if (place.county != 0)
		address->place.county = place.county;
}

/*
 * Words before or between divisions that say nothing, and postcodes:
 * 中国四川省-成都市610041市辖区武侯区.
 */
static int
skip_filler(const AddressText *text, int from)
{
	while (from < text->count)
	{
		int			before = from;
		AddressText rest;

		if (address_is_dash(text, from) || text->at[from] == ')' ||
			text->at[from] == '"')
			from++;
		rest = address_rest(text, from);
		from += address_postcode(&rest, 0);
		from += address_word_length(text, from, WORDS_FILLER);
		if (from == before)
			break;
	}
	return from;
}

/*
 * The name of a level before a county's name: 重庆市县云阳县.  Returns where the
 * county begins, FROM if there is no such thing.
 */
static int
skip_level(const PlaceReader *reader, int from)
{
	const AddressWord *level = NULL;

	if (reader->address->place.province == 0 || is_known(reader->address))
		return from;
	while ((level = address_word(&reader->text, from, WORDS_LEVEL, level)) != NULL)
	{
		int			end = from + level->word.length;
		Match		match;

		if (match_name(reader, end, &match))
			return end;
	}
	return from;
}

/* The cities that the divisions of the corps in Xinjiang run, by number. */
static const int32 corps_cities[] = {
	0, 659002, 659006, 659003, 659008, 659007, 659004, 659010, 659001, 659012,
	659005, 0, 0, 659011, 659009
};

/* Is 师 at END of a division: said so before, or before a regiment (143团)? */
static bool
corps_goes_on(const PlaceReader *reader, int end, bool said)
{
	Element		element;
	int			next;

	if (said || reader->address->place.province == 65)
		return end >= reader->text.count ||
			!address_in_set(reader->text.at[end], L"路街巷大范傅");
	next = address_read_element(&reader->text, end, &element);
	return next > 0 && next < reader->text.count && reader->text.at[next] == L'团';
}

/*
 * 新疆生产建设兵团第八师, 兵团农八师: the division's city where the address names
 * no county itself; the two divisions without a city stay in the town.
 * Returns where it ends, FROM if none stands there.
 */
static int
read_corps(const PlaceReader *reader, int from)
{
	Address    *address = reader->address;
	Element		element;
	int			end = from;
	int			number = 0;
	int			next;
	bool		said;

	end += address_word_length(&reader->text, from, WORDS_CORPS);
	if (end > from && address->place.province == 0)
		address->place.province = 65;
	next = end;
	/* alone it begins names, too: 兵团路 */
	if (end == from && address_starts(&reader->text, from, L"兵团"))
		next += 2;
	said = next > from;
	if (address_starts(&reader->text, next, L"农业"))
		next += 2;
	while (next < reader->text.count && address_in_set(reader->text.at[next], L"农第"))
		next++;
	next = address_read_element(&reader->text, next, &element);
	if (next < 0 || next >= reader->text.count || reader->text.at[next] != L'师' ||
		(address->place.province != 0 && address->place.province != 65) ||
		!corps_goes_on(reader, next + 1, said))
		return end;
	for (int i = 0; i < element.length; i++)
	{
		if (!point_is_digit(element.digits[i]) || i > 1)
			return end;
		number = number * 10 + (int) (element.digits[i] - '0');
	}
	address->place.province = 65;
	if (number >= (int) lengthof(corps_cities) || corps_cities[number] == 0)
	{
		point_text_add(&address->town, element.digits, element.length);
		point_text_append(&address->town, L'师');
	}
	else if (!is_known(address) && address->place.city == 0)
	{
		address->place.city = corps_cities[number] / 100;
		address->place.county = corps_cities[number];
	}
	return next + 1;
}

/*
 * A county whose suffix changed (富阳市, now 富阳区) under its new code: the
 * only county of that short name that agrees with what is known.
 */
static const Division *
renamed_county(const PlaceReader *reader, int from, int length)
{
	const Gazetteer *gazetteer = reader->gazetteer;
	const Division *found = NULL;
	uint32		node = GAZETTEER_ROOT;

	for (int i = 0; i < length - 1 && node != 0; i++)
		node = gazetteer_step(gazetteer, node, reader->text.at[from + i]);
	if (node == 0)
		return NULL;
	for (int s = gazetteer->first_spelling[node]; s >= 0;
		 s = gazetteer->spellings[s].next)
	{
		const Division *division;
		Place		place;

		division = &gazetteer->divisions[gazetteer->spellings[s].division];
		place = place_of(division);
		if (division->level != LEVEL_COUNTY ||
			!agrees(&place, &reader->address->place))
			continue;
		if (found != NULL && found->code != division->code)
			return NULL;
		found = division;
	}
	return found;
}

/*
 * Reads a county by its suffix; returns where it ends, FROM if none: 江干区, which
 * was dissolved, is a name in 杭州市; 富阳市 is 富阳区 by its new code.
 */
static int
read_unknown_county(const PlaceReader *reader, int from)
{
	Match		match;

	match.length = county_by_suffix(reader, from);
	if (match.length == 0)
		return from;
	match.division = renamed_county(reader, from, match.length);
	take_match(reader, from, &match);
	return from + match.length;
}

/* The known county once more, under its old suffix: 杭州市富阳区富阳市青羊路5号. */
static int
skip_old_name(const PlaceReader *reader, int from)
{
	int			length = county_by_suffix(reader, from);
	const Division *division;

	if (length == 0 || reader->address->place.county == 0)
		return from;
	division = renamed_county(reader, from, length);
	if (division == NULL || division->code != reader->address->place.county)
		return from;
	return from + length;
}

/* Does the text at FROM begin with NAME? */
static bool
repeats(const AddressText *text, int from, const PointText *name)
{
	return text->count - from >= name->length &&
				memcmp(text->at + from, name->points, name->length * sizeof(uint32)) == 0;
}

/*
 * Reads the divisions at the head of an address into ADDRESS; returns where
 * the rest begins.  REGION is what the caller knows of the place; it decides
 * between namesakes and is not put into the address here.
 */
int
address_read_place(const Gazetteer *gazetteer, const AddressText *text,
				   const Place *region, Address *address)
{
	PlaceReader reader = {gazetteer, *text, region, address};
	Match		match;
	int			from = skip_filler(text, 0);

	while (from < text->count)
	{
		int			end = read_corps(&reader, from);

		if (end == from)
			end = skip_level(&reader, from);
		if (end > from)
			from = end;
		else if (match_name(&reader, from, &match))
		{
			take_match(&reader, from, &match);
			from += match.length;
		}
		else if (address->district.length > 0 &&
				 repeats(text, from, &address->district))
			from += address->district.length;
		else
		{
			end = is_known(address) ? skip_old_name(&reader, from) :
				read_unknown_county(&reader, from);
			if (end == from)
				break;
			from = end;
		}
		from = skip_filler(text, from);
	}
	return from;
}
