/*
 * address.c
 *		One key per home: parse_address() and household_key().
 *
 * An address is normalized (normalize.h), its divisions are looked up in a
 * trie (gazetteer.c), the rest is read in one pass (address_grammar.c), all by
 * the words of address_words.c.  The key is the code of the county and what
 * tells one home from its neighbours, in canonical spelling:
 * 510107|佳灵路5号|3栋2单元501室.
 *
 * The gazetteer and the words this build came with are made once per backend, a
 * user's own once per statement; the parts of an address live in buffers that
 * are reused from row to row.  Time is linear in the length of the address and
 * memory per row is its normalized text; nothing is opened and no table is read.
 */
#include "postgres.h"
#include "base/compat.h"

#include "access/htup_details.h"
#include "funcapi.h"
#include "mb/pg_wchar.h"
#include "utils/builtins.h"
#include "utils/memutils.h"

#include "address/address.h"
#include "text/normalize.h"

/* What a call site keeps between rows. */
typedef struct Reading
{
	const Gazetteer *gazetteer;
	const AddressWords *words;
	MemoryContext own_context;	/* of own ones; NULL: the shipped ones */
	text	   *divisions;		/* what the own ones were made of */
	text	   *region_text;	/* the last region asked for, and ... */
	Place		region;			/* ... what it means */
	Address		address;
	Address		region_address;
	PointText	scratch;
	PointText	key;
} Reading;

static const Gazetteer *shipped_gazetteer = NULL;

static const Gazetteer *
get_shipped_gazetteer(void)
{
	MemoryContext context;
	const Gazetteer *built;
	const char *source;
	Size		length;

	if (shipped_gazetteer != NULL)
		return shipped_gazetteer;
	source = gazetteer_shipped(&length);
	context = AllocSetContextCreate(CurrentMemoryContext, "medaudit gazetteer",
									ALLOCSET_DEFAULT_SIZES);
	built = gazetteer_build(source, length, context);
	MemoryContextSetParent(context, TopMemoryContext);
	shipped_gazetteer = built;
	return built;
}

static void
init_address(Address *address)
{
	PointText  *parts[] = {
		&address->district, &address->town, &address->village,
		&address->group, &address->road, &address->house, &address->poi,
		&address->building, &address->unit, &address->floor, &address->room
	};

	memset(address, 0, sizeof(*address));
	for (Size i = 0; i < lengthof(parts); i++)
		point_text_init(parts[i], 16);
}

static void
clear_address(Address *address)
{
	memset(&address->place, 0, sizeof(Place));
	address->district.length = address->town.length = 0;
	address->village.length = address->group.length = 0;
	address->road.length = address->house.length = address->poi.length = 0;
	address->building.length = address->unit.length = 0;
	address->floor.length = address->room.length = 0;
	address->poi_before_house = 0;
	address->lane_only = address->institution = false;
}

static Reading *
get_reading(FunctionCallInfo fcinfo)
{
	Reading    *reading = fcinfo->flinfo->fn_extra;
	MemoryContext old;

	if (likely(reading != NULL))
		return reading;
	fold_require_utf8();
	old = MemoryContextSwitchTo(fcinfo->flinfo->fn_mcxt);
	reading = palloc0(sizeof(Reading));
	init_address(&reading->address);
	init_address(&reading->region_address);
	point_text_init(&reading->scratch, 64);
	point_text_init(&reading->key, 64);
	MemoryContextSwitchTo(old);
	fcinfo->flinfo->fn_extra = reading;
	return reading;
}

static bool
same_text(const text *a, const text *b)
{
	return VARSIZE_ANY_EXHDR(a) == VARSIZE_ANY_EXHDR(b) &&
		memcmp(VARDATA_ANY(a), VARDATA_ANY(b), VARSIZE_ANY_EXHDR(a)) == 0;
}

/* A copy that lives in CONTEXT, with a four-byte header. */
static text *
keep_text(const text *value, MemoryContext context)
{
	Size		length = VARSIZE_ANY_EXHDR(value);
	text	   *copy = MemoryContextAlloc(context, length + VARHDRSZ);

	SET_VARSIZE(copy, length + VARHDRSZ);
	memcpy(VARDATA(copy), VARDATA_ANY(value), length);
	return copy;
}

/*
 * Makes the gazetteer and the words of DIVISIONS unless they are those of the
 * row before.
 */
static void
use_divisions(Reading *reading, const text *divisions, MemoryContext context)
{
	MemoryContext own;

	if (divisions == NULL)
	{
		reading->gazetteer = get_shipped_gazetteer();
		reading->words = address_words_shipped();
		return;
	}
	if (reading->divisions != NULL && same_text(reading->divisions, divisions))
		return;
	own = AllocSetContextCreate(context, "medaudit divisions",
								ALLOCSET_DEFAULT_SIZES);
	if (reading->own_context != NULL)
		MemoryContextDelete(reading->own_context);
	reading->own_context = own;
	reading->region_text = NULL;
	reading->divisions = NULL;
	divisions = keep_text(divisions, own);
	reading->gazetteer = gazetteer_build(VARDATA_ANY(divisions),
										 VARSIZE_ANY_EXHDR(divisions), own);
	reading->words = address_words_build(VARDATA_ANY(divisions),
										 VARSIZE_ANY_EXHDR(divisions), own);
	reading->divisions = unconstify(text *, divisions);
}

/* The place of a code of two, four, six or more digits, zeros at its end. */
static bool
place_of_code(const PointText *code, Place *place)
{
	int32		digits[6] = {0};

	for (int i = 0; i < code->length; i++)
	{
		if (!point_is_digit(code->points[i]))
			return false;
		if (i < 6)
			digits[i] = (int32) (code->points[i] - '0');
	}
	if (code->length < 2 || digits[0] == 0)
		return false;
	place->province = digits[0] * 10 + digits[1];
	if (digits[2] + digits[3] > 0)
		place->city = place->province * 100 + digits[2] * 10 + digits[3];
	if (place->city > 0 && digits[4] + digits[5] > 0)
		place->county = place->city * 100 + digits[4] * 10 + digits[5];
	return true;
}

/*
 * What the caller knows of the place, a code or a name.  A region that is
 * neither says nothing.
 */
static void
use_region(Reading *reading, text *region, MemoryContext context)
{
	static const Place nowhere = {0, 0, 0};
	PointText	folded;

	if (region == NULL)
	{
		memset(&reading->region, 0, sizeof(Place));
		reading->region_text = NULL;
		return;
	}
	if (reading->region_text != NULL &&
		same_text(reading->region_text, region))
		return;
	if (reading->region_text != NULL)
		pfree(reading->region_text);
	reading->region_text = NULL;
	memset(&reading->region, 0, sizeof(Place));
	normalize_span(VARDATA_ANY(region), VARSIZE_ANY_EXHDR(region), NULL, &folded);
	if (!place_of_code(&folded, &reading->region))
	{
		AddressText name = address_text_of(&folded, reading->words);

		clear_address(&reading->region_address);
		address_read_place(reading->gazetteer, &name, &nowhere, &reading->region_address);
		reading->region = reading->region_address.place;
	}
	pfree(folded.points);
	reading->region_text = keep_text(region, context);
}

/*
 * Fills in from REGION what the address leaves out, unless the two lie in
 * different places.  An uncertain county's name is kept beside its city.
 * Region 510107: 佳灵路5号 lies in it, 成都市佳灵路5号, too; 北京市佳灵路5号 does
 * not, and 成都市江干区佳灵路5号 is in 510100.
 */
static void
fill_in_region(Address *address, const Place *region)
{
	Place	   *place = &address->place;

	if (place->county != 0 || region->province == 0 ||
		(place->province != 0 && place->province != region->province) ||
		(place->city != 0 && region->city != 0 && place->city != region->city))
		return;
	place->province = region->province;
	if (region->city != 0)
		place->city = region->city;
	if (address->district.length == 0)
		place->county = region->county;
}

/*
 * The length of DATA without a postcode or telephone number at its end that
 * nothing but blanks keep apart from the number before it: 501 610041.
 */
static int
length_without_postcode(const char *data, int length)
{
	int			end = length;
	int			start;

	while (end > 0 && data[end - 1] == ' ')
		end--;
	start = end;
	while (start > 0 && data[start - 1] >= '0' && data[start - 1] <= '9')
		start--;
	if (end - start < 6 || start == 0)
		return length;
	if (data[start - 1] == ' ' ||
		(start >= 3 && memcmp(data + start - 3, "\xe3\x80\x80", 3) == 0))
		return start;
	return length;
}

/* Reads ADDRESS_TEXT into reading->address. */
static void
read_address(Reading *reading, text *address_text)
{
	PointText	folded;
	AddressText whole;
	AddressText rest;

	clear_address(&reading->address);
	normalize_span(VARDATA_ANY(address_text),
				   length_without_postcode(VARDATA_ANY(address_text),
										   VARSIZE_ANY_EXHDR(address_text)),
				   NULL, &folded);
	whole = address_text_of(&folded, reading->words);
	rest = address_rest(&whole, address_read_place(reading->gazetteer, &whole,
												   &reading->region, &reading->address));
	address_read_tail(reading->gazetteer, &rest, &reading->region,
					  &reading->scratch, &reading->address);
	fill_in_region(&reading->address, &reading->region);
	pfree(folded.points);
}

/* The most exact code that is known, six digits; 0 if none. */
static int32
code_of(const Place *place)
{
	if (place->county != 0)
		return place->county;
	if (place->city != 0)
		return place->city * 100;
	return place->province * 10000;
}

static bool
is_municipality(int32 province)
{
	return province == 11 || province == 12 || province == 31 || province == 50;
}

/* Is the floor what the room number says anyway: 5楼501室? */
static bool
floor_is_in_room(const Address *address)
{
	const PointText *floor = &address->floor;
	const PointText *room = &address->room;

	return room->length == floor->length + 2 &&
		memcmp(room->points, floor->points,
			   (Size) floor->length * sizeof(uint32)) == 0;
}

/* A suffix with a word before it that is no name: 中路, 某街道, 本村. */
static bool
is_no_name(const Reading *reading, const PointText *name)
{
	AddressText text = address_text_of(name, reading->words);

	return name->length == 0 || address_word_length(&text, 0, WORDS_NO_NAME) == name->length;
}

/*
 * Is a place named that the numbers are numbers of?  A village group, a company
 * of the corps and words for kinds of places (附1号, 路5号) name none, whatever
 * county they lie in.
 */
static bool
names_a_place(const Reading *reading)
{
	const Address *address = &reading->address;

	return !is_no_name(reading, &address->road) || !is_no_name(reading, &address->town) ||
		(!is_no_name(reading, &address->village) &&
		 !address_ends(&address->village, L"连")) ||
		address_names_place(reading->words, &address->poi);
}

/*
 * Does the address name one home?  佳灵路5号3栋501 and 佳灵路5号 do; 红星村2组,
 * 250弄, 佳灵路5号3栋 and 佳灵路5号武侯大厦 do not, nor 小区3栋501 and 医院3栋501.
 */
static bool
names_a_home(const Reading *reading)
{
	const Address *address = &reading->address;

	if (address->institution || !names_a_place(reading))
		return false;
	if (address->room.length > 0)
		return true;
	/* a name behind the house is a firm's, a shop's or a building's */
	return address->house.length > 0 && !address->lane_only &&
		address->building.length == 0 && address->unit.length == 0 &&
		address->floor.length == 0 &&
		address->poi.length == address->poi_before_house;
}

static void
add_part(PointText *key, const PointText *part, const WideChar *suffix)
{
	if (part->length == 0)
		return;
	point_text_add(key, part->points, part->length);
	point_text_add_word(key, suffix);
}

/*
 * The place of the home inside its county.  A road with a house number finds
 * it without the subdistrict and the neighbourhood, which people leave out;
 * towns and villages have roads of one name each and stay.
 *
 *		红牌楼街道佳灵路5号			佳灵路5号
 *		青羊镇红星村青羊路5号		青羊镇红星村青羊路5号
 *		红牌楼街道阳光花园			红牌楼街道|阳光花园
 *		阳光坊5号					阳光坊5号: a hamlet stands for the road
 *		佳灵路5号阳光花园			佳灵路5号|阳光花园
 */
static void
add_names(PointText *key, const Address *address)
{
	bool		found = address->road.length > 0 && address->house.length > 0;
	bool		hamlet = false;
	int			before = key->length;

	if (address->road.length == 0)
		hamlet = address->poi.length > 0 && address->poi_before_house > 0;
	if (!found || !address_ends(&address->town, L"街道"))
		address_fold_numerals(&address->town, key);
	if (!found || !address_ends(&address->village, L"社区"))
		address_fold_numerals(&address->village, key);
	add_part(key, &address->group, L"");
	address_fold_numerals(&address->road, key);
	if (hamlet)
		address_fold_numerals(&address->poi, key);
	add_part(key, &address->house, address->lane_only ? L"" : L"号");
	if (address->poi.length > 0 && !hamlet)
	{
		if (key->length > before)
			point_text_append(key, '|');
		address_fold_numerals(&address->poi, key);
	}
}

static text *
make_key(Reading *reading)
{
	const Address *address = &reading->address;
	PointText  *key = &reading->key;
	int32		code = code_of(&address->place);
	char		digits[16];

	key->length = 0;
	if (code != 0)
	{
		snprintf(digits, sizeof(digits), "%06d", code);
		for (const char *d = digits; *d != '\0'; d++)
			point_text_append(key, (uint32) *d);
	}
	add_part(key, &address->district, L"");
	point_text_append(key, '|');
	add_names(key, address);
	if (address->room.length > 0)
	{
		point_text_append(key, '|');
		add_part(key, &address->building, L"栋");
		add_part(key, &address->unit, L"单元");
		if (!floor_is_in_room(address))
			add_part(key, &address->floor, L"楼");
		add_part(key, &address->room, L"室");
	}
	return point_text_encode(key->points, key->length);
}

static text *
argument_text(FunctionCallInfo fcinfo, int argument)
{
	if (PG_NARGS() <= argument || PG_ARGISNULL(argument))
		return NULL;
	return PG_GETARG_TEXT_PP(argument);
}

/* Reads the first argument with what the others say of region and names. */
static Reading *
read_arguments(FunctionCallInfo fcinfo)
{
	Reading    *reading = get_reading(fcinfo);
	MemoryContext context = fcinfo->flinfo->fn_mcxt;

	use_divisions(reading, argument_text(fcinfo, 2), context);
	use_region(reading, argument_text(fcinfo, 1), context);
	read_address(reading, PG_GETARG_TEXT_PP(0));
	return reading;
}

PG_FUNCTION_INFO_V1(medaudit_household_key);

/*
 * household_key(address, region [, divisions]): the key of one home.  NULL for
 * NULL, for an address that does not say which home, and for an institution.
 */
Datum
medaudit_household_key(PG_FUNCTION_ARGS)
{
	Reading    *reading;

	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	reading = read_arguments(fcinfo);
	if (!names_a_home(reading))
		PG_RETURN_NULL();
	PG_RETURN_TEXT_P(make_key(reading));
}

/* The name of a division, NULL when the gazetteer has none. */
static text *
division_name(const Reading *reading, int32 code)
{
	const Division *division = NULL;

	if (code != 0)
		division = gazetteer_find(reading->gazetteer, code);
	if (division == NULL)
		return NULL;
	return cstring_to_text_with_len(division->name, division->name_length);
}

/* A part as text, NULL when empty. */
static text *
part_text(const PointText *part)
{
	if (part->length == 0)
		return NULL;
	return point_text_encode(part->points, part->length);
}

static text *
joined_text(PointText *scratch, const PointText *a, const PointText *b,
			const WideChar *end)
{
	scratch->length = 0;
	if (a != NULL)
		add_part(scratch, a, L"");
	add_part(scratch, b, end);
	return part_text(scratch);
}

/* The finest part that is present. */
static const char *
level_of(const Address *address)
{
	const Place *place = &address->place;

	if (address->room.length > 0)
		return "room";
	if (address->floor.length > 0)
		return "floor";
	if (address->unit.length > 0)
		return "unit";
	if (address->building.length > 0)
		return "building";
	if (address->house.length > 0 && !address->lane_only)
		return "house";
	if (address->poi.length > 0)
		return "poi";
	if (address->road.length > 0)
		return "road";
	if (address->group.length > 0)
		return "group";
	if (address->village.length > 0)
		return "village";
	if (address->town.length > 0)
		return "town";
	if (place->county != 0 || address->district.length > 0)
		return "district";
	if (place->city != 0)
		return "city";
	return place->province != 0 ? "province" : NULL;
}

/* The city's name: of a municipality, its own. */
static text *
city_name(const Reading *reading)
{
	const Place *place = &reading->address.place;
	text	   *name = division_name(reading, place->city * 100);

	if (name == NULL && is_municipality(place->province))
		name = division_name(reading, place->province * 10000);
	return name;
}

static text *
district_name(const Reading *reading)
{
	const Address *address = &reading->address;

	if (address->district.length > 0)
		return part_text(&address->district);
	return division_name(reading, address->place.county);
}

/* The columns of parse_address, in their order. */
enum
{
	PARSED_PROVINCE,
	PARSED_CITY,
	PARSED_DISTRICT,
	PARSED_TOWN,
	PARSED_VILLAGE,
	PARSED_ROAD,
	PARSED_HOUSE,
	PARSED_POI,
	PARSED_BUILDING,
	PARSED_UNIT,
	PARSED_FLOOR,
	PARSED_ROOM,
	PARSED_LEVEL,
	PARSED_COLUMNS
};

/* Each part as text, NULL where it is not there. */
static void
parts_as_text(Reading *reading, text **parts)
{
	const Address *address = &reading->address;
	const char *level = level_of(address);

	parts[PARSED_PROVINCE] = division_name(reading, address->place.province * 10000);
	parts[PARSED_CITY] = city_name(reading);
	parts[PARSED_DISTRICT] = district_name(reading);
	parts[PARSED_TOWN] = part_text(&address->town);
	parts[PARSED_VILLAGE] = part_text(&address->village);
	parts[PARSED_ROAD] = joined_text(&reading->scratch, &address->group, &address->road, L"");
	parts[PARSED_HOUSE] = joined_text(&reading->scratch, NULL, &address->house,
									  address->lane_only ? L"" : L"号");
	parts[PARSED_POI] = part_text(&address->poi);
	parts[PARSED_BUILDING] = part_text(&address->building);
	parts[PARSED_UNIT] = part_text(&address->unit);
	parts[PARSED_FLOOR] = part_text(&address->floor);
	parts[PARSED_ROOM] = part_text(&address->room);
	parts[PARSED_LEVEL] = level == NULL ? NULL : cstring_to_text(level);
}

PG_FUNCTION_INFO_V1(medaudit_parse_address);

/* parse_address(address [, region [, divisions]]): its parts as a record. */
Datum
medaudit_parse_address(PG_FUNCTION_ARGS)
{
	TupleDesc	descriptor;
	text	   *parts[PARSED_COLUMNS];
	Datum		values[PARSED_COLUMNS];
	bool		nulls[PARSED_COLUMNS];

	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	if (get_call_result_type(fcinfo, NULL, &descriptor) != TYPEFUNC_COMPOSITE)
		elog(ERROR, "return type must be a row type");
	parts_as_text(read_arguments(fcinfo), parts);
	for (int i = 0; i < PARSED_COLUMNS; i++)
	{
		nulls[i] = parts[i] == NULL;
		values[i] = PointerGetDatum(parts[i]);
	}
	PG_RETURN_DATUM(HeapTupleGetDatum(heap_form_tuple(BlessTupleDesc(descriptor),
													  values, nulls)));
}

PG_FUNCTION_INFO_V1(medaudit_shipped_divisions);

/* The divisions this build came with, one a line; NULL outside UTF-8. */
Datum
medaudit_shipped_divisions(PG_FUNCTION_ARGS)
{
	Size		length;
	const char *source = gazetteer_shipped(&length);

	(void) fcinfo;
	if (GetDatabaseEncoding() != PG_UTF8)
		PG_RETURN_NULL();
	PG_RETURN_TEXT_P(cstring_to_text_with_len(source, (int) length));
}

PG_FUNCTION_INFO_V1(medaudit_shipped_address_words);

/* The words of addresses this build came with, one a line; NULL outside UTF-8. */
Datum
medaudit_shipped_address_words(PG_FUNCTION_ARGS)
{
	Size		length;
	const char *source = address_words_source(&length);

	(void) fcinfo;
	if (GetDatabaseEncoding() != PG_UTF8)
		PG_RETURN_NULL();
	PG_RETURN_TEXT_P(cstring_to_text_with_len(source, (int) length));
}
