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

typedef enum PartKind
{
	PART_NOTHING,
	PART_TOWN,
	PART_VILLAGE,
	PART_ROAD,
	PART_NUMBER
} PartKind;

typedef struct Reader
{
	const Gazetteer *gazetteer;
	const Place *region;
	const uint32 *at;
	int			count;
	int			from;
	Address    *address;
	PointText  *name;			/* what no suffix has closed yet */
	PartKind	last;			/* what was read last, when NAME is empty */
	bool		one_dash;		/* the text holds no more than one dash */
} Reader;

/* A suffix that closes a name. */
typedef struct NameSuffix
{
	const WideChar *word;
	PartKind	kind;
	const WideChar *canonical;	/* what the key holds instead */
	const WideChar *not_before; /* the name goes on before these */
} NameSuffix;

static const NameSuffix name_suffixes[] = {
	{L"街道办事处", PART_TOWN, L"街道", L""},
	{L"街道办", PART_TOWN, L"街道", L""},
	{L"街道", PART_TOWN, L"街道", L""},
	{L"镇", PART_TOWN, L"镇", L"村路街区"},
	{L"乡", PART_TOWN, L"乡", L"村路街镇巷"},
	{L"苏木", PART_TOWN, L"苏木", L""},
	{L"团场", PART_TOWN, L"团", L""},
	{L"团", PART_TOWN, L"团", L"路街村结聚"},
	{L"村民委员会", PART_VILLAGE, L"村", L""},
	{L"村委会", PART_VILLAGE, L"村", L""},
	{L"村委", PART_VILLAGE, L"村", L""},
	{L"村", PART_VILLAGE, L"村", L"镇乡路街"},
	{L"行政村", PART_VILLAGE, L"村", L""},
	{L"社区", PART_VILLAGE, L"社区", L"医卫"},
	{L"居民委员会", PART_VILLAGE, L"社区", L""},
	{L"居委会", PART_VILLAGE, L"社区", L""},
	{L"嘎查", PART_VILLAGE, L"嘎查", L""},
	{L"路", PART_ROAD, L"路", L"口镇乡村社"},
	{L"街", PART_ROAD, L"街", L"口镇乡村社坊"},
	{L"大道", PART_ROAD, L"大道", L"镇乡村"},
	{L"道", PART_ROAD, L"道", L"口镇乡村县外里观"},
	{L"巷", PART_ROAD, L"巷", L"口镇乡村子"},
	{L"胡同", PART_ROAD, L"胡同", L""},
	{L"弄", PART_ROAD, L"弄", L"堂口"},
};

/* Ends of names inside which a number with 号 is a building, not a house. */
static const WideChar *const estate_ends[] = {
	L"小区", L"公寓", L"广场", L"中心", L"市场", L"宿舍", L"家属院",
	L"大院", L"公馆", L"名都", L"国际", L"人家", L"新城", L"别墅", L"社区",
	L"苑", L"园", L"庭", L"邸", L"府", L"厦", L"郡", L"阁", L"轩", L"楼", L"居"
};

/* Institutions: many people, no home. */
static const WideChar *const care_homes[] = {
	L"养老", L"敬老院", L"福利院", L"福利中心", L"老年公寓", L"老年护理",
	L"护理院", L"养护院", L"托老所", L"光荣院", L"疗养院", L"救助站", L"救助中心",
	L"安养", L"护养", L"康养中心", L"颐养院", L"监狱", L"看守所", L"戒毒所",
	L"拘留所", L"收容所", L"孤儿院", L"荣军院", L"休养所", L"干休所门诊"
};
static const WideChar *const institutions[] = {
	L"医院", L"卫生院", L"卫生室", L"卫生所", L"卫生服务", L"保健院", L"诊所",
	L"门诊部", L"康复中心", L"疾控中心", L"学校", L"小学", L"中学", L"大学",
	L"学院", L"幼儿园", L"幼教", L"职高", L"技校", L"党校", L"一中", L"二中",
	L"三中", L"寺庙", L"兵营", L"军营"
};

/* Behind an institution's name: homes of its people, or a place beside it. */
static const WideChar *const not_inside[] = {
	L"家属", L"宿舍", L"小区", L"公寓", L"家园", L"花园", L"新村", L"教师",
	L"教工", L"教职工", L"职工", L"职员", L"员工", L"家苑", L"苑", L"住宅",
	L"生活区", L"科技园", L"集资", L"旁", L"对面", L"附近", L"隔壁", L"后面", L"斜对面",
	L"城", L"路", L"街", L"巷", L"村", L"里", L"南门", L"北门", L"东门", L"西门"
};

static bool
starts_with_any(const uint32 *at, int count, int from,
				const WideChar *const *words, Size number)
{
	for (Size i = 0; i < number; i++)
		if (address_starts(at, count, from, words[i]))
			return true;
	return false;
}

/* Does NAME, not closed by a suffix, name an institution? */
static bool
names_institution(const PointText *name)
{
	const uint32 *at = name->points;
	int			count = name->length;

	for (int i = 0; i < count; i++)
	{
		if (starts_with_any(at, count, i, care_homes, lengthof(care_homes)))
			return true;
		for (Size k = 0; k < lengthof(institutions); k++)
			if (address_starts(at, count, i, institutions[k]) &&
				!starts_with_any(at, count,
								 i + (int) wcslen(institutions[k]),
								 not_inside, lengthof(not_inside)))
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
is_estate(const PointText *name)
{
	PointText	head = *name;

	if (head.length > 2 &&
		address_in_set(head.points[head.length - 1], L"区期") &&
		(address_in_set(head.points[head.length - 2], L"东南西北中") ||
		 address_is_numeral(head.points[head.length - 2]) ||
		 head.points[head.length - 2] < 0x80))
		head.length -= 2;
	for (Size i = 0; i < lengthof(estate_ends); i++)
		if (address_ends(&head, estate_ends[i]))
			return true;
	return false;
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
	if (names_institution(name))
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
	int			stop = Min(reader->count, from + LOOK_AHEAD);

	for (int i = from; i < stop; i++)
		if (point_is_digit(reader->at[i]) || address_is_numeral(reader->at[i]))
			return true;
	return false;
}

/*
 * A chain that ends in a room: building, unit, floor take what stands before
 * it, as far as they are still free.
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

/* A number with 号: a house, a building or a room, by what stands before. */
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

/* A number, or a chain, without a word behind it. */
static void
read_bare(Reader *reader, const Element *elements, int count, bool estate,
		  bool named, PartKind last)
{
	Address    *address = reader->address;
	bool		open = is_open(address);
	bool		after_road = open && !named && last != PART_NUMBER &&
	has_way(address);
	bool		tall = elements[count - 1].length > 2;

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
 * building 3, unit 2.
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
	bool		estate = named && is_estate(reader->name);
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
			put_chain(address, elements, count);
			break;
		case UNIT_GROUP:
			put_elements(&address->group, elements, 0, count);
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
	if (from >= reader->count)
		return false;
	return address_in_set(reader->at[from],
						  L"路街道巷区期段村里苑院省县乡镇国坊条团支环排号社大小码组队门米") ||
		address_starts(reader->at, reader->count, from, L"胡同");
}

/*
 * Is a number in Chinese numerals alone a number here, or part of a name?  Three
 * digits are a room at the end of the text (时代广场一二零一), or a house right
 * behind a road.
 */
static bool
numerals_count(const Reader *reader, const Element *element, int end)
{
	const Address *address = reader->address;
	bool		ends = end >= reader->count || reader->at[end] == '(';

	if (element->length >= 3 && ends)
		return true;
	if (reader->name->length > 0)
		return false;
	if (is_inside(address) || address->house.length > 0)
		return ends || element->length >= 3;
	return reader->last == PART_ROAD && element->length >= 3;
}

/* The word for a building made of a floor's: 3楼2单元. */
static UnitKind
settle_unit(const Reader *reader, UnitKind kind, int end)
{
	Element		element;
	int			next;
	int			length;

	if (kind != UNIT_FLOOR || is_inside(reader->address))
		return kind;
	next = address_read_element(reader->at, reader->count, end, &element);
	if (next > 0 && address_unit(reader->at, reader->count, next,
								 &length) == UNIT_UNIT)
		return UNIT_BUILDING;
	return kind;
}

/*
 * The length of a postcode at FROM, 0 if none.  Six digits alone inside a
 * building are its room, where there is none yet.
 */
static int
postcode_at(const Reader *reader, int from)
{
	if (point_is_digit(reader->at[from]) && is_inside(reader->address) &&
		reader->address->room.length == 0)
		return 0;
	return address_postcode(reader->at, reader->count, from);
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

	if (from >= reader->count)
		return false;
	if (before->length > 2 &&
		address_postcode(reader->at, reader->count, from) > 0)
		return true;
	length = address_marker(reader->at, reader->count, from, true, &kept);
	return length > 0 && (from + length >= reader->count ||
						  reader->at[from + length] == '(' ||
						  reader->at[from + length] == ')');
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
	UnitKind	kind = address_unit(reader->at, reader->count, end, &length);

	while (kind == UNIT_NONE && count < MAX_CHAIN)
	{
		int			next = end;

		while (next < reader->count &&
			   address_is_dash(reader->at, reader->count, next) &&
			   next < end + 4)
			next++;
		/* 9b1161: a building with a letter needs no dash */
		if (next == end &&
			(next >= reader->count || !point_is_digit(reader->at[next]) ||
			 !point_is_letter(reader->at[next - 1])))
			break;
		if (next > end && part_ends(reader, next, &elements[count - 1]))
			break;
		next = address_read_element(reader->at, reader->count, next,
									&elements[count]);
		if (next < 0 || elements[count].long_digits)
			break;
		count++;
		end = next;
		kind = address_unit(reader->at, reader->count, end, &length);
	}
	if (kind == UNIT_NONE &&
		(number_in_name(reader, end) ||
		 (count == 1 && elements[0].han &&
		  !numerals_count(reader, &elements[0], end))))
	{
		point_text_add(reader->name, reader->at + reader->from,
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
	length = address_marker(reader->at, reader->count, reader->from, room,
							&kept);
	/* 5楼A, but 5楼A934 is room a934 */
	if (length == 0 ||
		(room && part->length == 0 && reader->from + length < reader->count &&
		 (reader->at[reader->from + length] == '-' ||
		  point_is_digit(reader->at[reader->from + length]))))
		return false;
	point_text_add(part, reader->at + reader->from, kept);
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
	uint32		sign = reader->at[reader->from];
	Element		element;
	int			length;
	int			end;

	if ((sign != L'附' && sign != L'之') || part->length == 0 ||
		reader->name->length > 0)
		return false;
	end = address_read_element(reader->at, reader->count, reader->from + 1,
							   &element);
	/* 3栋附1号 is house 1 by 3栋, and 3栋之101 a room */
	if (end < 0 || (part != &address->house && part != &address->room &&
					(sign == L'附' || element.length > 2)))
		return false;
	point_text_append(part, sign == L'附' ? sign : '-');
	point_text_add(part, element.digits, element.length);
	if (address_unit(reader->at, reader->count, end, &length) == UNIT_HOUSE)
		end += length;
	reader->from = end;
	return true;
}

/*
 * Adds a storey that no number and word of its own say; behind the room it is
 * the room's: 101地下室 is not 地下101室.
 */
static void
put_storey(Address *address, const WideChar *word, const Element *element)
{
	PointText  *part = address->room.length > 0 ? &address->room :
	&address->floor;

	if (address->room.length == 0 && part->length > 0)
		point_text_append(part, '-');
	point_text_add_word(part, word);
	if (element != NULL)
		point_text_add(part, element->digits, element->length);
}

/* A number and a floor's word at FROM; returns where they end, 0 if none. */
static int
floor_at(const Reader *reader, int from, Element *element)
{
	int			length;
	int			end = address_read_element(reader->at, reader->count, from,
										   element);

	if (end < 0 || element->length > 2 ||
		address_unit(reader->at, reader->count, end, &length) != UNIT_FLOOR)
		return 0;
	return end + length;
}

/*
 * 地下室, 底层, 地下1层 behind a number, and 3栋-1层 where no other dash shows that
 * dashes but join.  They tell the basement and the ground floor from the rest.
 */
static bool
read_storey(Reader *reader)
{
	const WideChar *word;
	Element		element;
	int			from = reader->from;
	int			end;
	int			length;

	if (reader->last != PART_NUMBER || reader->name->length > 0)
		return false;
	length = address_storey(reader->at, reader->count, from, &word);
	if (length > 0)
	{
		end = floor_at(reader, from + length, &element);
		if (end > 0 && word[0] == L'地')
			put_storey(reader->address, element.digits[0] == L'负' ? L"" : L"负",
					   &element);
		else
		{
			put_storey(reader->address, word, NULL);
			end = from + length;
		}
		reader->from = end;
		return true;
	}
	if (reader->at[from] != '-' || !reader->one_dash ||
		point_is_digit(reader->at[from - 1]) ||
		(end = floor_at(reader, from + 1, &element)) == 0)
		return false;
	put_storey(reader->address, L"负", &element);
	reader->from = end;
	return true;
}

/* The suffix at FROM that may close the name there, NULL if there is none. */
static const NameSuffix *
find_suffix(const Reader *reader)
{
	uint32		c = reader->at[reader->from];

	if (!address_in_set(c, L"街镇乡苏村行社居嘎路大道巷胡弄团"))
		return NULL;
	for (Size i = 0; i < lengthof(name_suffixes); i++)
	{
		const NameSuffix *suffix = &name_suffixes[i];
		int			after;

		if ((uint32) suffix->word[0] != c ||
			!address_starts(reader->at, reader->count, reader->from,
							suffix->word))
			continue;
		after = reader->from + (int) wcslen(suffix->word);
		if (after < reader->count &&
			address_in_set(reader->at[after], suffix->not_before))
			return NULL;
		return suffix;
	}
	return NULL;
}

/* Appends NAME and its canonical suffix to PART unless PART is just that. */
static void
close_into(PointText *part, const PointText *name, const WideChar *suffix)
{
	int			before = part->length;
	int			added;

	point_text_add(part, name->points, name->length);
	point_text_add_word(part, suffix);
	added = part->length - before;
	if (before == added &&
		memcmp(part->points, part->points + before,
			   (Size) added * sizeof(uint32)) == 0)
		part->length = before;
}

/* Divisions may follow the town that was put before them. */
static void
read_late_place(Reader *reader)
{
	Address    *address = reader->address;
	int			from = reader->from;

	if (address->place.province != 0 || address->district.length > 0 ||
		from + 3 >= reader->count ||
		(reader->at[from + 2] != L'省' && reader->at[from + 3] != L'省'))
		return;
	reader->from += address_read_place(reader->gazetteer, reader->at + from,
									   reader->count - from, reader->region,
									   address);
}

/* 中段, 四段 and the like belong to the road before them. */
static void
read_section(Reader *reader)
{
	const uint32 *at = reader->at;
	int			from = reader->from;

	if (from + 1 < reader->count && at[from + 1] == L'段' &&
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

/* Closes the name with the suffix at hand; false when it does not fit. */
static bool
close_name(Reader *reader)
{
	Address    *address = reader->address;
	const NameSuffix *suffix;

	if (below_road(address) || (suffix = find_suffix(reader)) == NULL)
		return false;
	if (reader->name->length == 0)
	{
		/* 红星村村委会, 佳灵社区居委会 */
		if (suffix->kind != PART_VILLAGE || reader->last != PART_VILLAGE)
			return false;
		reader->from += (int) wcslen(suffix->word);
		return true;
	}
	switch (suffix->kind)
	{
		case PART_TOWN:
			if (address->road.length > 0 ||
				reader->name->length > LONGEST_TOWN ||
				(suffix->canonical[0] == L'团' && !is_number(reader->name)))
				return false;
			close_into(&address->town, reader->name, suffix->canonical);
			break;
		case PART_VILLAGE:
			/* 新村 is as often an estate */
			if (address_ends(reader->name, L"新"))
				return false;
			close_into(&address->village, reader->name, suffix->canonical);
			break;
		default:
			close_into(&address->road, reader->name, suffix->canonical);
			break;
	}
	reader->name->length = 0;
	reader->last = suffix->kind;
	reader->from += (int) wcslen(suffix->word);
	if (suffix->kind == PART_TOWN)
		read_late_place(reader);
	else if (suffix->kind == PART_ROAD)
		read_section(reader);
	return true;
}

/* Areas that end a name early, so that the town behind them stands alone. */
static void
close_zone(Reader *reader)
{
	static const WideChar *const zones[] = {
		L"开发区", L"工业区", L"工业园区", L"工业园", L"产业园", L"新区"
	};

	if (below_road(reader->address))
		return;
	for (Size i = 0; i < lengthof(zones); i++)
		if (address_ends(reader->name, zones[i]))
		{
			flush_name(reader);
			return;
		}
}

/*
 * A remark in brackets without a number, (电梯房), is left out; else only the
 * brackets, and so where a sign or a storey stands in them: 501(东户),
 * 101(地下室).
 */
static void
read_bracket(Reader *reader)
{
	int			stop = Min(reader->count, reader->from + LOOK_AHEAD);
	const WideChar *word;
	int			kept;

	if (reader->last == PART_NUMBER && reader->name->length == 0 &&
		(address_storey(reader->at, reader->count, reader->from + 1, &word) > 0 ||
		 address_marker(reader->at, reader->count, reader->from + 1, true,
						&kept) > 0))
	{
		reader->from++;
		return;
	}
	for (int i = reader->from + 1; i < stop; i++)
	{
		if (point_is_digit(reader->at[i]) || address_is_numeral(reader->at[i]))
			break;
		if (reader->at[i] == ')')
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

	if (reader->at[reader->from] != L'第')
		return false;
	end = address_read_element(reader->at, reader->count, reader->from + 1,
							   &element);
	if (end < 0 || address_unit(reader->at, reader->count, end,
								&length) == UNIT_NONE)
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
	uint32		c = reader->at[reader->from];
	Element		elements[MAX_CHAIN];
	int			end;

	if (c == '(')
		read_bracket(reader);
	else if (read_postcode(reader))
		;
	else if (read_marker(reader) || read_storey(reader))
		;
	else if (c == ')' || c == '"' || c == '#' ||
			 address_is_dash(reader->at, reader->count, reader->from))
		reader->from++;
	else if (read_attached(reader) || skip_ordinal(reader))
		;
	else if ((end = address_read_element(reader->at, reader->count,
										 reader->from, &elements[0])) > 0)
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
		if (reader->from < reader->count &&
			(c == L'区' || (c == L'园' && reader->at[reader->from] != L'区')))
			close_zone(reader);
	}
}

/*
 * Reads the COUNT code points at AT, what follows the divisions, into ADDRESS.
 * SCRATCH is room for a name.
 */
void
address_read_tail(const Gazetteer *gazetteer, const uint32 *at, int count,
				  const Place *region, PointText *scratch, Address *address)
{
	Reader		reader = {gazetteer, region, at, count, 0, address, scratch,
	PART_NOTHING, true};
	int			dashes = 0;

	scratch->length = 0;
	for (int i = 0; i < count; i++)
		dashes += at[i] == '-';
	reader.one_dash = dashes <= 1;
	while (reader.from < count)
	{
		CHECK_FOR_INTERRUPTS();
		read_next(&reader);
	}
	flush_name(&reader);
}
