/*
 * address_grammar.c
 *		An address below its county: town, village, road, house, building, room.
 *
 * One pass from left to right.  Characters gather in a name until a suffix
 * closes it (镇, 村, 路 …) or a number follows.  A number is read with all that
 * belongs to it: its word (5号, 三幢), or the numbers it is chained to
 * (3-2-501), and goes to the first part that fits, in the order in which
 * addresses are written: house, building, unit, floor, room.  What no suffix
 * closes is a point of interest (poi): an estate, a building's name.
 *
 * Every number lands in some part, but for numbers of seven digits and more
 * (telephones), so that neighbours stay apart; names after the room (a person,
 * a firm) are left out.  Time is linear in the text: the looks ahead are
 * bounded.
 */
#include "postgres.h"
#include "base/compat.h"

#include "miscadmin.h"

#include "address/address.h"

#define MAX_CHAIN		5
#define LOOK_AHEAD		48
#define LONGEST_TOWN	12

typedef struct Reader
{
	const Gazetteer *gazetteer;
	const Place *region;
	AddressText text;
	int			from;
	Address    *address;
	PointText  *name;			/* what no suffix has closed yet */
	PartKind	last;			/* what was read last, when NAME is empty */
	bool		one_dash;		/* the text holds no more than one dash */
} Reader;

/*
 * Does NAME, not closed by a suffix, name an institution?  青羊敬老院 does, and
 * 青羊医院, but 青羊医院家属院 and 青羊医院对面 are homes.
 */
static bool
names_institution(const Reader *reader)
{
	AddressText name = address_text_of(reader->name, reader->text.words);

	for (int i = 0; i < name.count; i++)
	{
		const AddressWord *word = NULL;

		if (address_word(&name, i, WORDS_CARE_HOME, NULL) != NULL)
			return true;
		while ((word = address_word(&name, i, WORDS_INSTITUTION, word)) != NULL)
			if (address_word(&name, i + word->word.length, WORDS_BESIDE, NULL) == NULL)
				return true;
	}
	return false;
}

/* Has a number inside a compound been read: building, unit, floor? */
static bool
is_inside(const Address *address)
{
	return address->building.length > 0 || address->unit.length > 0 ||
		address->floor.length > 0;
}

static bool
below_road(const Address *address)
{
	return address->house.length > 0 || address->room.length > 0 ||
		is_inside(address);
}

/* Is NAME an estate or a building, with or without its part (A区, 二期)? */
static bool
is_estate(const Reader *reader)
{
	PointText	head = *reader->name;

	if (head.length > 2 &&
		address_in_set(head.points[head.length - 1], L"区期") &&
		(address_in_set(head.points[head.length - 2], L"东南西北中") ||
		 address_is_numeral(head.points[head.length - 2]) ||
		 head.points[head.length - 2] < 0x80))
		head.length -= 2;
	return address_word_ends(reader->text.words, &head, WORDS_ESTATE);
}

static bool
has_digit(const PointText *name)
{
	for (int i = 0; i < name->length; i++)
		if (point_is_digit(name->points[i]))
			return true;
	return false;
}

/* The name gathered so far is a point of interest. */
static void
flush_name(Reader *reader)
{
	Address    *address = reader->address;
	PointText  *name = reader->name;

	if (name->length == 0)
		return;
	if (names_institution(reader))
		address->institution = true;
	/* what follows the room is about persons and firms, unless it has numbers */
	if (address->room.length == 0 || has_digit(name))
		point_text_add(&address->poi, name->points, name->length);
	name->length = 0;
	reader->last = PART_NOTHING;
}

/* Appends the elements FROM to TO - 1, joined by dashes, to a part. */
static void
put_elements(PointText *part, const Element *elements, int from, int to)
{
	for (int i = from; i < to; i++)
	{
		if (i > from || (part->length > 0))
			point_text_append(part, '-');
		point_text_add(part, elements[i].digits, elements[i].length);
	}
}

/* Is a number still to come within a short distance? */
static bool
number_ahead(const Reader *reader, int from)
{
	int			stop = Min(reader->text.count, from + LOOK_AHEAD);

	for (int i = from; i < stop; i++)
		if (point_is_digit(reader->text.at[i]) || address_is_numeral(reader->text.at[i]))
			return true;
	return false;
}

/*
 * A chain that ends in a room: building, unit, floor take what stands before
 * it, as far as they are still free.
 *
 *		5号3栋5楼2-1		room 2-1: the floor is there already
 *		5号501-2			room 501-2; so 1203-1501, but not 120-501
 *		5号3-2-501		building 3, unit 2, room 501; 3-501 has no unit
 *		5号3栋501-2		room 501-2: no entrance has a number of three digits
 *		5号3栋2-5-501		unit 2, floor 5, room 501
 *		5号3栋2单元5-501	floor 5, room 501
 */
static void
put_chain(Address *address, const Element *elements, int count)
{
	int			last = count - 1;

	if (address->room.length > 0 || address->floor.length > 0)
		put_elements(&address->room, elements, 0, count);
	else if (!is_inside(address) && count == 2 &&
			 elements[0].length > 2 &&
			 (elements[1].length <= 2 || elements[0].length > 3))
		put_elements(&address->room, elements, 0, count);
	else if (!is_inside(address))
	{
		put_elements(&address->building, elements, 0, Min(last, 1));
		put_elements(&address->unit, elements, 1, Min(last, 2));
		put_elements(&address->floor, elements, 2, last);
		put_elements(&address->room, elements, last, count);
	}
	else if (last > 0 && elements[0].length > 2)
		put_elements(&address->room, elements, 0, count);
	else
	{
		int			used = 0;

		if (address->unit.length == 0 && last > 0)
			put_elements(&address->unit, elements, used++, 1);
		put_elements(&address->floor, elements, used, last);
		put_elements(&address->room, elements, last, count);
	}
}

/* Adds a house number: the first, or the one behind a lane (832弄125). */
static void
put_house(Address *address, const Element *elements, int from, int to)
{
	address->poi_before_house = address->poi.length;
	for (int i = from; i < to; i++)
	{
		if (i > from)
			point_text_append(&address->house, '-');
		point_text_add(&address->house, elements[i].digits, elements[i].length);
	}
	address->lane_only = false;
}

/*
 * A number with 号: a house, a building or a room, by what stands before.
 *
 *		佳灵路5号3栋2号501	2号 is unit 2: a room is still to come
 *		佳灵路5号3栋2号		room 2; so all of 佳灵路5-3-501号 is a chain
 *		佳灵路105-107-109号	one house with three numbers
 *		阳光花园3号501		building 3, as ever in an estate; 阳光花园3号, too
 *		漕溪路250弄12-501号	house 250弄12, room 501
 *		佳灵路5号			house 5; 佳灵路5-3号 house 5-3
 *		佳灵路5号12号501		building 12: the house is there already
 *		佳灵路5号12号		room 12; so 阳光花园103号 is room 103
 */
static void
read_house(Reader *reader, const Element *elements, int count, bool estate)
{
	Address    *address = reader->address;
	bool		open = address->house.length == 0 || address->lane_only;
	bool		ahead = number_ahead(reader, reader->from);
	bool		list = count > 2 && open && !estate && elements[0].length > 2;

	if (is_inside(address) && count == 1 && ahead &&
		address->unit.length == 0 && address->floor.length == 0)
		put_elements(&address->unit, elements, 0, 1);
	else if (is_inside(address) || (count > 2 && !list))
		put_chain(address, elements, count);
	else if (estate && count == 1 && (ahead || elements[0].length <= 2))
		put_elements(&address->building, elements, 0, 1);
	else if (open && count == 2 && address->lane_only)
	{
		put_house(address, elements, 0, 1);
		put_chain(address, elements + 1, 1);
	}
	else if (open && !estate)
		put_house(address, elements, 0, count);
	else if (count == 1 && ahead)
		put_elements(&address->building, elements, 0, 1);
	else
		put_chain(address, elements, count);
}

/* May a house number still follow? */
static bool
is_open(const Address *address)
{
	return (address->house.length == 0 || address->lane_only) &&
		!is_inside(address);
}

/* Is there a road, or what stands for one in a village? */
static bool
has_way(const Address *address)
{
	return address->road.length > 0 || address->group.length > 0 ||
		address->village.length > 0;
}

/*
 * A number, or a chain, without a word behind it.
 *
 *		佳灵路5号501		room 501: the house is there already
 *		阳光坊103		room 103: three digits behind a name
 *		阳光花园3		building 3
 *		佳灵路5			house 5
 *		佳灵路5-3-2-501	house 5, building 3, unit 2, room 501
 *		佳灵路5-3		house 5-3; 105-501, too; 红星村5-3 likewise
 *		佳灵路5-501		building 5, room 501
 *		阳光坊5-3		building 5, room 3: an estate, not a road
 */
static void
read_bare(Reader *reader, const Element *elements, int count, bool estate,
		  bool named, PartKind last)
{
	Address    *address = reader->address;
	bool		open = is_open(address);
	bool		after_road = false;
	bool		tall = elements[count - 1].length > 2;

	if (open && !named && last != PART_NUMBER)
		after_road = has_way(address);
	if (count == 1)
	{
		if (is_inside(address) || !open)
			put_chain(address, elements, 1);
		else if (named && tall)
			put_elements(&address->room, elements, 0, 1);
		else if (named && estate)
			put_elements(&address->building, elements, 0, 1);
		else
			put_house(address, elements, 0, 1);
	}
	else if (after_road && count >= 4)
	{
		put_house(address, elements, 0, 1);
		put_chain(address, elements + 1, count - 1);
	}
	else if (after_road && count == 2 && (!tall || elements[0].length > 2))
		put_house(address, elements, 0, 2);
	else
		put_chain(address, elements, count);
}

/*
 * The numbers before the last in front of a word for a part: 3-2单元 is
 * building 3, unit 2; 3-5楼 building 3, floor 5; 3栋2-5楼 unit 2, floor 5.
 */
static void
put_before(Address *address, const Element *elements, int count)
{
	int			used = 0;

	if (used < count && address->building.length == 0)
		put_elements(&address->building, elements, used, used + 1), used++;
	if (used < count)
		put_elements(&address->unit, elements, used, count);
}

/* B1层 is 负1层. */
static void
put_floor(Address *address, const Element *element)
{
	Element		floor = *element;

	if (floor.length > 1 && floor.digits[0] == 'b' &&
		point_is_digit(floor.digits[1]))
		floor.digits[0] = L'负';
	put_elements(&address->floor, &floor, 0, 1);
}

/* Puts numbers with the word of KIND behind the last into the address. */
static void
place_numbers(Reader *reader, const Element *elements, int count,
			  UnitKind kind)
{
	Address    *address = reader->address;
	bool		named = reader->name->length > 0;
	bool		estate = named && is_estate(reader);
	PartKind	last = reader->last;

	flush_name(reader);
	switch (kind)
	{
		case UNIT_NONE:
			read_bare(reader, elements, count, estate, named, last);
			break;
		case UNIT_HOUSE:
			read_house(reader, elements, count, estate);
			break;
		case UNIT_LANE:
			/* 250弄; a house in it may follow */
			put_house(address, elements, 0, count);
			point_text_append(&address->house, L'弄');
			address->lane_only = true;
			break;
		case UNIT_BUILDING:
			put_elements(&address->building, elements, 0, count);
			break;
		case UNIT_UNIT:
			put_before(address, elements, count - 1);
			put_elements(&address->unit, elements, count - 1, count);
			break;
		case UNIT_FLOOR:
			put_before(address, elements, count - 1);
			put_floor(address, &elements[count - 1]);
			break;
		case UNIT_ROOM:
			/* 3-2-501室 */
			put_chain(address, elements, count);
			break;
		case UNIT_GROUP:
			put_elements(&address->group, elements, 0, count);
			/* 3社 is 3组 */
			point_text_append(&address->group, L'组');
			break;
		case UNIT_COMPANY:
			put_elements(&address->village, elements, 0, count);
			point_text_append(&address->village, L'连');
			break;
	}
	reader->last = PART_NUMBER;
}

/* Does a word at FROM make the number before it part of a name: 8路, A区? */
static bool
number_in_name(const Reader *reader, int from)
{
	if (from >= reader->text.count)
		return false;
	return address_in_set(reader->text.at[from],
						  L"路街道巷区期段村里苑院省县乡镇国坊条团支环排号社大小码组队门米") ||
		address_starts(&reader->text, from, L"胡同");
}

/*
 * Is a number in Chinese numerals alone a number here, or part of a name?  Three
 * digits are a room at the end of the text (时代广场一二零一), or a house right
 * behind a road (佳灵路一二三); one is a number at the end behind a building
 * (5号3栋五).  红星村一二三阳光 holds a name, and 佳灵路5号五福楼301.
 */
static bool
numerals_count(const Reader *reader, const Element *element, int end)
{
	const Address *address = reader->address;
	bool		ends = end >= reader->text.count || reader->text.at[end] == '(';

	if (element->length >= 3 && ends)
		return true;
	if (reader->name->length > 0)
		return false;
	if (is_inside(address) || address->house.length > 0)
		return ends || element->length >= 3;
	return reader->last == PART_ROAD && element->length >= 3;
}

/* The word for a building made of a floor's: 3楼2单元 is in building 3, 3楼501 not. */
static UnitKind
settle_unit(const Reader *reader, UnitKind kind, int end)
{
	Element		element;
	int			next;
	int			length;

	if (kind != UNIT_FLOOR || is_inside(reader->address))
		return kind;
	next = address_read_element(&reader->text, end, &element);
	if (next > 0 && address_unit(&reader->text, next, &length) == UNIT_UNIT)
		return UNIT_BUILDING;
	return kind;
}

/*
 * The length of a postcode at FROM, 0 if none.  Six digits alone inside a
 * building are its room, where there is none yet: 3栋610041, but 3栋501-610041.
 */
static int
postcode_at(const Reader *reader, int from)
{
	if (point_is_digit(reader->text.at[from]) && is_inside(reader->address) &&
		reader->address->room.length == 0)
		return 0;
	return address_postcode(&reader->text, from);
}

/*
 * Behind a dash: a postcode, or a sign that ends the text, is no number of the
 * chain: 501-610041, 501-东户; but 3-a-501.
 */
static bool
part_ends(const Reader *reader, int from, const Element *before)
{
	int			kept;
	int			length;

	if (from >= reader->text.count)
		return false;
	if (before->length > 2 && address_postcode(&reader->text, from) > 0)
		return true;
	length = address_marker(&reader->text, from, true, &kept);
	return length > 0 && (from + length >= reader->text.count ||
						  reader->text.at[from + length] == '(' ||
						  reader->text.at[from + length] == ')');
}

/*
 * Reads a number or chain of numbers at the reader's place.  Where it turns
 * out to belong to a name, its first number goes there.
 */
static void
read_number(Reader *reader, int first_end, Element *elements)
{
	int			count = 1;
	int			end = first_end;
	int			length;
	UnitKind	kind = address_unit(&reader->text, end, &length);

	while (kind == UNIT_NONE && count < MAX_CHAIN)
	{
		int			next = end;

		while (next < reader->text.count &&
			   address_is_dash(&reader->text, next) && next < end + 4)
			next++;
		/* 9b1161: a building with a letter needs no dash */
		if (next == end &&
			(next >= reader->text.count || !point_is_digit(reader->text.at[next]) ||
			 !point_is_letter(reader->text.at[next - 1])))
			break;

		/*
		 * 501-610041, 501-东户: the chain ends before what is no number of
		 * it
		 */
		if (next > end && part_ends(reader, next, &elements[count - 1]))
			break;
		next = address_read_element(&reader->text, next, &elements[count]);
		if (next < 0 || elements[count].long_digits)
			break;
		count++;
		end = next;
		kind = address_unit(&reader->text, end, &length);
	}

	/*
	 * 青羊8路5号, 阳光A区, 红星村一二三阳光: the number is the
	 * name's
	 */
	if (kind == UNIT_NONE &&
		(number_in_name(reader, end) ||
		 (count == 1 && elements[0].han &&
		  !numerals_count(reader, &elements[0], end))))
	{
		point_text_add(reader->name, reader->text.at + reader->from,
					   first_end - reader->from);
		/* 9-12号仓库 is not 91-2号仓库 */
		if (end > first_end)
			point_text_append(reader->name, '-');
		reader->from = first_end;
		return;
	}
	end += length;
	reader->from = end;
	place_numbers(reader, elements, count, settle_unit(reader, kind, end));
}

/*
 * Words that say on which side: 5号甲, 501东户, 501室A, 5楼A.  They tell
 * neighbours apart.
 */
static bool
read_marker(Reader *reader)
{
	Address    *address = reader->address;
	PointText  *part = &address->house;
	bool		room = address->room.length > 0 || address->floor.length > 0;
	int			length;
	int			kept;

	if (room)
		part = &address->room;
	else if (part->length == 0 || is_inside(address))
		return false;
	if (reader->last != PART_NUMBER || reader->name->length > 0)
		return false;
	length = address_marker(&reader->text, reader->from, room, &kept);
	/* 5楼A, but 5楼A934 is room a934 */
	if (length == 0 ||
		(room && part->length == 0 && reader->from + length < reader->text.count &&
		 (reader->text.at[reader->from + length] == '-' ||
		  point_is_digit(reader->text.at[reader->from + length]))))
		return false;
	point_text_add(part, reader->text.at + reader->from, kept);
	reader->from += length;
	return true;
}

/* The part that holds the number read last, as addresses are written. */
static PointText *
deepest_part(Address *address)
{
	if (address->room.length > 0)
		return &address->room;
	if (address->floor.length > 0)
		return &address->floor;
	if (address->unit.length > 0)
		return &address->unit;
	if (address->building.length > 0)
		return &address->building;
	return &address->house;
}

/*
 * 附3 or 之3 behind a number: another home at the same number.  5号之3 is 5之3号
 * and 5-3号, 501室之一 is 501-1.
 */
static bool
read_attached(Reader *reader)
{
	Address    *address = reader->address;
	PointText  *part = deepest_part(address);
	uint32		sign = reader->text.at[reader->from];
	Element		element;
	int			length;
	int			end;

	if ((sign != L'附' && sign != L'之') || part->length == 0 ||
		reader->name->length > 0)
		return false;
	end = address_read_element(&reader->text, reader->from + 1, &element);
	/* 3栋附1号 is house 1 by 3栋, and 3栋之101 a room */
	if (end < 0 || (part != &address->house && part != &address->room &&
					(sign == L'附' || element.length > 2)))
		return false;
	point_text_append(part, sign == L'附' ? sign : '-');
	point_text_add(part, element.digits, element.length);
	if (address_unit(&reader->text, end, &length) == UNIT_HOUSE)
		end += length;
	reader->from = end;
	return true;
}

/*
 * Where a storey goes that no number and word of its own say; behind the room it
 * is the room's: 101地下室 is not 地下101室.
 */
static PointText *
storey_part(Address *address)
{
	if (address->room.length > 0)
		return &address->room;
	if (address->floor.length > 0)
		point_text_append(&address->floor, '-');
	return &address->floor;
}

/* A number and a floor's word at FROM; returns where they end, 0 if none. */
static int
floor_at(const Reader *reader, int from, Element *element)
{
	int			length;
	int			end = address_read_element(&reader->text, from, element);

	if (end < 0 || element->length > 2 ||
		address_unit(&reader->text, end, &length) != UNIT_FLOOR)
		return 0;
	return end + length;
}

/* Puts the number of a floor below the ground into the part. */
static void
put_storey(PointText *part, const Element *floor)
{
	if (floor->digits[0] != L'负')
		point_text_append(part, L'负');
	point_text_add(part, floor->digits, floor->length);
}

/*
 * 地下室, 底层, 地下1层 behind a number, and 3栋-1层 where no other dash shows that
 * dashes but join.  They tell the basement and the ground floor from the rest:
 *
 *		3栋地下室3号	floor 地下, room 3
 *		3栋地下1层3号	floor 负1, room 3
 *		3栋底层3号		floor 底, room 3
 *		3栋-1层3号		floor 负1; but in 5号3-2-1层 the dash joins
 */
static bool
read_storey(Reader *reader)
{
	const AddressWord *storey;
	PointText  *part;
	Element		floor;
	int			from = reader->from;
	int			end;

	if (reader->last != PART_NUMBER || reader->name->length > 0)
		return false;
	storey = address_word(&reader->text, from, WORDS_STOREY, NULL);
	if (storey == NULL)
	{
		if (reader->text.at[from] != '-' || !reader->one_dash ||
			point_is_digit(reader->text.at[from - 1]) ||
			(end = floor_at(reader, from + 1, &floor)) == 0)
			return false;
		put_storey(storey_part(reader->address), &floor);
		reader->from = end;
		return true;
	}
	part = storey_part(reader->address);
	end = floor_at(reader, from + storey->word.length, &floor);
	if (end > 0 && storey->canonical.points[0] == L'地')
		put_storey(part, &floor);
	else
	{
		point_text_add_text(part, &storey->canonical);
		end = from + storey->word.length;
	}
	reader->from = end;
	return true;
}

/*
 * The suffix that may close the name here, NULL if there is none: 镇 of 青羊镇,
 * but not of 青羊镇街, where the name goes on.
 */
static const AddressWord *
find_suffix(const Reader *reader)
{
	const AddressWord *suffix = address_word(&reader->text, reader->from, WORDS_SUFFIX, NULL);
	int			after;

	if (suffix == NULL)
		return NULL;
	after = reader->from + suffix->word.length;
	if (after < reader->text.count &&
		address_in_points(reader->text.at[after], &suffix->not_before))
		return NULL;
	return suffix;
}

/* Appends NAME and its canonical suffix to PART unless PART is just that. */
static void
close_into(PointText *part, const PointText *name, const PointText *suffix)
{
	int			before = part->length;
	int			added;

	point_text_add_text(part, name);
	point_text_add_text(part, suffix);
	added = part->length - before;
	if (before == added &&
		memcmp(part->points, part->points + before,
			   (Size) added * sizeof(uint32)) == 0)
		part->length = before;
}

/* Divisions may follow the town that was put before them: 青羊镇四川省成都市武侯区. */
static void
read_late_place(Reader *reader)
{
	Address    *address = reader->address;
	int			from = reader->from;
	AddressText rest;

	if (address->place.province != 0 || address->district.length > 0 ||
		from + 3 >= reader->text.count ||
		(reader->text.at[from + 2] != L'省' && reader->text.at[from + 3] != L'省'))
		return;
	rest = address_rest(&reader->text, from);
	reader->from += address_read_place(reader->gazetteer, &rest, reader->region, address);
}

/* 中段, 四段 and the like belong to the road before them: 佳灵路中段5号. */
static void
read_section(Reader *reader)
{
	const uint32 *at = reader->text.at;
	int			from = reader->from;

	if (from + 1 < reader->text.count && at[from + 1] == L'段' &&
		(address_in_set(at[from], L"东西南北中上下前后") ||
		 point_is_digit(at[from]) || address_is_numeral(at[from])))
	{
		point_text_add(&reader->address->road, at + from, 2);
		reader->from += 2;
	}
}

/* 143团 and 一四三团 are regiments of the corps, 共青团 is none. */
static bool
is_number(const PointText *name)
{
	for (int i = 0; i < name->length; i++)
		if (!point_is_digit(name->points[i]) &&
			!address_is_numeral(name->points[i]))
			return false;
	return true;
}

/* Puts the name with its suffix into its part; false when it does not fit there. */
static bool
close_part(Reader *reader, const AddressWord *suffix)
{
	Address    *address = reader->address;

	switch (suffix->value)
	{
		case PART_TOWN:

			/*
			 * 佳灵路青羊镇: too late; 共青团 is no regiment, 143团
			 * is
			 */
			if (address->road.length > 0 ||
				reader->name->length > LONGEST_TOWN ||
				(suffix->canonical.points[0] == L'团' && !is_number(reader->name)))
				return false;
			close_into(&address->town, reader->name, &suffix->canonical);
			return true;
		case PART_VILLAGE:
			/* 青羊新村 is as often an estate */
			if (address_ends(reader->name, L"新"))
				return false;
			close_into(&address->village, reader->name, &suffix->canonical);
			return true;
		default:
			/* 佳灵路东一巷: both are the road */
			close_into(&address->road, reader->name, &suffix->canonical);
			return true;
	}
}

/*
 * Closes the name with the suffix at hand; false when it does not fit.  Behind
 * a house it never does: 佳灵路5号青羊镇 names a shop or a person there.
 */
static bool
close_name(Reader *reader)
{
	const AddressWord *suffix;

	if (below_road(reader->address) || (suffix = find_suffix(reader)) == NULL)
		return false;
	if (reader->name->length == 0)
	{
		/* 红星村村委会, 佳灵社区居委会: said twice */
		if (suffix->value != PART_VILLAGE || reader->last != PART_VILLAGE)
			return false;
		reader->from += suffix->word.length;
		return true;
	}
	if (!close_part(reader, suffix))
		return false;
	reader->name->length = 0;
	reader->last = (PartKind) suffix->value;
	reader->from += suffix->word.length;
	if (suffix->value == PART_TOWN)
		read_late_place(reader);
	else if (suffix->value == PART_ROAD)
		read_section(reader);
	return true;
}

/*
 * Areas that end a name early, so that the town behind them stands alone:
 * 高新开发区青羊镇 is the town 青羊镇, and 高新开发区 a name.
 */
static void
close_zone(Reader *reader)
{
	if (!below_road(reader->address) &&
		address_word_ends(reader->text.words, reader->name, WORDS_ZONE))
		flush_name(reader);
}

/*
 * A remark in brackets without a number, (电梯房), is left out; else only the
 * brackets, and so where a sign or a storey stands in them: 501(东户),
 * 101(地下室).
 */
static void
read_bracket(Reader *reader)
{
	int			stop = Min(reader->text.count, reader->from + LOOK_AHEAD);
	int			kept;

	if (reader->last == PART_NUMBER && reader->name->length == 0 &&
		(address_word(&reader->text, reader->from + 1, WORDS_STOREY, NULL) != NULL ||
		 address_marker(&reader->text, reader->from + 1, true, &kept) > 0))
	{
		reader->from++;
		return;
	}
	for (int i = reader->from + 1; i < stop; i++)
	{
		if (point_is_digit(reader->text.at[i]) || address_is_numeral(reader->text.at[i]))
			break;
		if (reader->text.at[i] == ')')
		{
			reader->from = i + 1;
			return;
		}
	}
	reader->from++;
}

/* 第 before the number of a part says nothing: 第3栋, but 第三小学. */
static bool
skip_ordinal(Reader *reader)
{
	Element		element;
	int			length;
	int			end;

	if (reader->text.at[reader->from] != L'第')
		return false;
	end = address_read_element(&reader->text, reader->from + 1, &element);
	if (end < 0 || address_unit(&reader->text, end, &length) == UNIT_NONE)
		return false;
	reader->from++;
	return true;
}

static bool
read_postcode(Reader *reader)
{
	int			length = postcode_at(reader, reader->from);

	reader->from += length;
	return length > 0;
}

/* Reads whatever stands at the reader's place; always moves on. */
static void
read_next(Reader *reader)
{
	uint32		c = reader->text.at[reader->from];
	Element		elements[MAX_CHAIN];
	int			end;

	if (c == '(')
		read_bracket(reader);
	else if (read_postcode(reader))
		;
	else if (read_marker(reader) || read_storey(reader))
		;
	else if (c == ')' || c == '"' || c == '#' ||
			 address_is_dash(&reader->text, reader->from))
		reader->from++;
	else if (read_attached(reader) || skip_ordinal(reader))
		;
	else if ((end = address_read_element(&reader->text, reader->from, &elements[0])) > 0)
	{
		/* a telephone number, a customer's number */
		if (elements[0].long_digits)
			reader->from = end;
		else
			read_number(reader, end, elements);
	}
	else if (!close_name(reader))
	{
		point_text_append(reader->name, c);
		reader->from++;
		if (reader->from < reader->text.count &&
			(c == L'区' || (c == L'园' && reader->text.at[reader->from] != L'区')))
			close_zone(reader);
	}
}

/*
 * Reads TEXT, what follows the divisions, into ADDRESS.  SCRATCH is room for a
 * name.
 */
void
address_read_tail(const Gazetteer *gazetteer, const AddressText *text,
				  const Place *region, PointText *scratch, Address *address)
{
	Reader		reader = {
		.gazetteer = gazetteer,
		.region = region,
		.text = *text,
		.address = address,
		.name = scratch
	};
	int			dashes = 0;

	scratch->length = 0;
	for (int i = 0; i < text->count; i++)
		dashes += text->at[i] == '-';

	reader.one_dash = dashes <= 1;
	while (reader.from < text->count)
	{
		CHECK_FOR_INTERRUPTS();
		read_next(&reader);
	}
	flush_name(&reader);
}
