/*
 * gazetteer.c
 *		Names of provinces, cities and counties in a trie over code points.
 *
 * The source is text, one division a line: "510107 武侯区".  The shipped one is
 * compiled in (the build makes division_data.h from division/division.csv);
 * compile_divisions() makes another from the table, in which lines that begin
 * with a letter are words of address_words.c and passed over here.  Each division is entered
 * in full and in the short forms people write: 四川, 成都, 武侯, 延边, 延边州,
 * 巴马县.  Names are folded as addresses are, so both meet.
 *
 * The trie is one open-addressed table of (node, code point) -> node: about
 * 10,000 nodes and 1 MB for the shipped divisions, built in some
 * milliseconds once per backend.  A look-up costs one probe per code point and
 * ends at the first that does not go on.
 */
#include "postgres.h"
#include "base/compat.h"

#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "utils/memutils.h"

#include "address/address_words.h"
#include "address/gazetteer.h"
#include "text/normalize.h"

/* One string, made by the build: "110000 北京市\n110101 东城区\n ..." */
static const char shipped_divisions[] = {
#include "address/division_data.h"
};

/* Groups whose names stand in autonomous areas: 延边[朝鲜族]自治州. */
static const char *const peoples[] = {
	"维吾尔", "蒙古族", "回族", "藏族", "苗族", "彝族", "壮族", "布依族",
	"朝鲜族", "满族", "侗族", "瑶族", "白族", "土家族", "哈尼族", "哈萨克族",
	"哈萨克", "傣族", "黎族", "傈僳族", "佤族", "畲族", "拉祜族", "水族",
	"东乡族", "纳西族", "景颇族", "柯尔克孜族", "柯尔克孜", "土族",
	"达斡尔族", "仫佬族", "羌族", "布朗族", "撒拉族", "毛南族", "仡佬族",
	"锡伯族", "锡伯", "阿昌族", "普米族", "塔吉克族", "塔吉克", "怒族",
	"鄂温克族", "德昂族", "保安族", "裕固族", "独龙族", "鄂伦春族", "赫哲族",
	"门巴族", "珞巴族", "基诺族", "蒙古", "各族"
};

/* The text of the divisions this build came with. */
const char *
gazetteer_shipped(Size *length)
{
	*length = sizeof(shipped_divisions) - 1;
	return shipped_divisions;
}

static bool
ends_with(const char *name, int length, const char *end)
{
	int			size = (int) strlen(end);

	return length >= size && memcmp(name + length - size, end, size) == 0;
}

/* The length of NAME without the suffix END and the peoples before it. */
static int
without_autonomy(const char *name, int length, const char *end)
{
	bool		again = true;

	length -= (int) strlen(end);
	while (again)
	{
		again = false;
		for (Size i = 0; i < lengthof(peoples); i++)
		{
			int			size = (int) strlen(peoples[i]);

			/* two code points at least must be left as a name */
			if (length >= size + 6 && ends_with(name, length, peoples[i]))
			{
				length -= size;
				again = true;
				break;
			}
		}
	}
	return length;
}

typedef struct NameEnd
{
	const char *end;
	const char *suffix;			/* NULL: a plain suffix */
} NameEnd;

/*
 * The length of the short form of a name and, in SUFFIX, what may follow it in
 * a third form (州 for 自治州); 0 when the name has no short form.
 */
static int
short_form(const char *name, int length, const char **suffix)
{
	static const NameEnd ends[] = {
		{"自治区", ""}, {"自治州", "州"}, {"自治县", "县"}, {"自治旗", "旗"},
		{"特别行政区", NULL}, {"地区", NULL}, {"省", NULL}, {"市", NULL},
		{"盟", NULL}, {"县", NULL}, {"区", NULL}, {"旗", NULL}
	};

	*suffix = "";
	for (Size i = 0; i < lengthof(ends); i++)
	{
		if (!ends_with(name, length, ends[i].end))
			continue;
		if (ends[i].suffix == NULL)
			length -= (int) strlen(ends[i].end);
		else
		{
			*suffix = ends[i].suffix;
			length = without_autonomy(name, length, ends[i].end);
		}
		return length >= 6 ? length : 0;
	}
	return 0;
}

/* The child of NODE by C, made when there is none. */
static uint32
grow(Gazetteer *gazetteer, uint32 node, uint32 c)
{
	uint32		child = gazetteer_step(gazetteer, node, c);
	uint32		at = (node * 0x9E3779B1u) ^ (c * 0x85EBCA6Bu);
	TrieSlot   *slot;

	if (child != 0)
		return child;
	at ^= at >> 15;
	while (gazetteer->slots[at & gazetteer->slot_mask].child != 0)
		at++;
	if (gazetteer->node_count >= gazetteer->node_limit)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("division names grow too long when they are folded")));
	child = gazetteer->node_count++;
	slot = &gazetteer->slots[at & gazetteer->slot_mask];
	slot->parent = node;
	slot->c = c;
	slot->child = child;
	gazetteer->first_spelling[child] = -1;
	return child;
}

/* Enters one spelling of a division. */
static void
enter(Gazetteer *gazetteer, int division, NameForm form,
	  const char *text, int length, const char *suffix)
{
	uint32		node = GAZETTEER_ROOT;
	PointText	folded;
	Spelling   *spelling;
	char		name[256];
	int			size = length + (int) strlen(suffix);

	if (size > (int) sizeof(name))
		return;
	memcpy(name, text, length);
	memcpy(name + length, suffix, strlen(suffix));
	normalize_span(name, size, NULL, &folded);
	for (int i = 0; i < folded.length; i++)
		node = grow(gazetteer, node, folded.points[i]);
	pfree(folded.points);
	if (node == GAZETTEER_ROOT)
		return;
	spelling = &gazetteer->spellings[gazetteer->spelling_count];
	spelling->division = division;
	spelling->form = form;
	spelling->next = gazetteer->first_spelling[node];
	gazetteer->first_spelling[node] = gazetteer->spelling_count++;
}

/* The last code point of a division's name: 省 市 县 区 … */
static uint32
suffix_of(const Division *division)
{
	PointText	folded;
	uint32		suffix;

	normalize_span(division->name, division->name_length, NULL, &folded);
	suffix = folded.length > 0 ? folded.points[folded.length - 1] : 0;
	pfree(folded.points);
	return suffix;
}

/* Enters the full name and the short ones. */
static void
enter_division(Gazetteer *gazetteer, int index)
{
	const Division *division = &gazetteer->divisions[index];
	const char *suffix;
	int			length = short_form(division->name, division->name_length,
									&suffix);

	enter(gazetteer, index, NAME_FULL, division->name, division->name_length, "");
	if (length == 0)
		return;
	enter(gazetteer, index, NAME_SHORT, division->name, length, "");
	if (*suffix != '\0')
		enter(gazetteer, index, NAME_FULL, division->name, length, suffix);
}

/* Reads one line "510107 武侯区". */
static void
read_division(const char *line, int length, Division *division)
{
	int32		code = 0;
	int			at = 0;

	while (at < length && at < 6 && line[at] >= '0' && line[at] <= '9')
		code = code * 10 + (line[at++] - '0');
	if (at != 6 || length < 8 || line[6] != ' ' || code < 110000 ||
		length - 7 > 200)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("invalid division: \"%.*s\"",
						pg_mbcliplen(line, length, 60), line),
				 errdetail("A line holds a code of six digits, a blank and a name of at most 200 bytes."),
				 errhint("Make the value with compile_divisions().")));
	division->code = code;
	division->name = line + 7;
	division->name_length = length - 7;
	if (code % 10000 == 0)
		division->level = LEVEL_PROVINCE;
	else if (code % 100 == 0)
		division->level = LEVEL_CITY;
	else
		division->level = LEVEL_COUNTY;
}

/* Orders divisions by code; of one code, as they stand in the source. */
static int
compare_divisions(const void *a, const void *b)
{
	const Division *x = a;
	const Division *y = b;

	if (x->code != y->code)
		return x->code < y->code ? -1 : 1;
	return x->name < y->name ? -1 : x->name > y->name;
}

static void
read_source(Gazetteer *gazetteer, const char *source, Size length)
{
	const char *end = source + length;
	int			capacity = 1;

	for (const char *p = source; p < end; p++)
		capacity += *p == '\n';
	gazetteer->divisions = palloc_extended(mul_size(capacity, sizeof(Division)),
										   MCXT_ALLOC_HUGE);
	for (const char *line = source; line < end;)
	{
		const char *stop = memchr(line, '\n', end - line);

		if (stop == NULL)
			stop = end;
		CHECK_FOR_INTERRUPTS();
		if (stop > line && !address_words_line(line))
			read_division(line, (int) Min(stop - line, 1000),
						  &gazetteer->divisions[gazetteer->division_count++]);
		line = stop + 1;
	}
	qsort(gazetteer->divisions, gazetteer->division_count, sizeof(Division),
		  compare_divisions);
}

/* Room for every code point of every spelling, and the empty trie. */
static void
make_trie(Gazetteer *gazetteer)
{
	Size		nodes = 2;
	Size		slots = 64;

	for (int i = 0; i < gazetteer->division_count; i++)
		nodes += (Size) gazetteer->divisions[i].name_length + 6;
	gazetteer->node_limit = (uint32) nodes;
	while (slots < nodes)
		slots *= 2;
	gazetteer->slot_mask = (uint32) (slots - 1);
	gazetteer->slots = palloc_extended(mul_size(slots, sizeof(TrieSlot)),
									   MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);
	gazetteer->first_spelling = palloc_extended(mul_size(nodes, sizeof(int32)),
												MCXT_ALLOC_HUGE);
	gazetteer->spellings =
		palloc_extended(mul_size((Size) gazetteer->division_count * 3 + 1,
								 sizeof(Spelling)), MCXT_ALLOC_HUGE);
	gazetteer->node_count = GAZETTEER_ROOT + 1;
	gazetteer->first_spelling[GAZETTEER_ROOT] = -1;
}

/*
 * Builds the gazetteer of SOURCE in CONTEXT; SOURCE must live as long.  A line
 * that is no division is an error.
 */
Gazetteer *
gazetteer_build(const char *source, Size length, MemoryContext context)
{
	MemoryContext old = MemoryContextSwitchTo(context);
	Gazetteer  *gazetteer = palloc0(sizeof(Gazetteer));

	read_source(gazetteer, source, length);
	make_trie(gazetteer);
	for (int i = 0; i < gazetteer->division_count; i++)
	{
		CHECK_FOR_INTERRUPTS();
		gazetteer->divisions[i].suffix = suffix_of(&gazetteer->divisions[i]);
		enter_division(gazetteer, i);
	}
	MemoryContextSwitchTo(old);
	return gazetteer;
}

/* The division of a code, under its first name; NULL when unknown. */
const Division *
gazetteer_find(const Gazetteer *gazetteer, int32 code)
{
	int			low = 0;
	int			high = gazetteer->division_count;

	while (low < high)
	{
		int			middle = low + (high - low) / 2;

		if (gazetteer->divisions[middle].code < code)
			low = middle + 1;
		else
			high = middle;
	}
	if (low < gazetteer->division_count &&
		gazetteer->divisions[low].code == code)
		return &gazetteer->divisions[low];
	return NULL;
}
