/*
 * normalize.c
 *		normalize_text(): one spelling for what claims spell in many ways.
 *
 * A text is folded code point by code point (fold.c) and then rewritten by
 * rules that look at neighbours, in one pass from left to right that is
 * repeated until it changes nothing: aliases (longest first), runs of
 * separators become one, unit words after a digit (5毫升, 5ml), counts before 次
 * (三次, 3次), Roman numerals after 因子, 型, 期 and 级, x between numbers.  The
 * last pass is the proof that the result is normal: normalizing it again
 * yields the same.
 *
 * A text that is normal already and holds nothing that a rule might start with
 * is recognized while it is read and given back as it came, without a copy.
 *
 * Aliases are compiled once, the shipped ones per backend, those of a call
 * once per statement: an array sorted by first code point, longest first.
 * Cost: time linear in the text times the number of passes (two, rarely
 * three), memory 8 bytes a code point, freed with the call.
 */
#include "postgres.h"
#include "base/compat.h"

#include <unicode/uchar.h>
#include <unicode/ulocdata.h>
#include <unicode/uversion.h>

#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/jsonb.h"
#include "utils/memutils.h"

#include "text/normalize.h"

/* Aliases that chase each other are an error after so many passes. */
#define PASS_LIMIT			32

typedef struct Alias
{
	const uint32 *from;
	const uint32 *to;
	int			from_length;
	int			to_length;
	int			origin;			/* larger wins among equal froms */
} Alias;

struct AliasSet
{
	int			count;
	Alias	   *aliases;		/* by first code point, longest first */
};

/* What a call with aliases of its own keeps per statement. */
typedef struct AliasCache
{
	MemoryContext context;
	struct varlena *source;
	AliasSet   *set;
} AliasCache;

static AliasSet *shipped_set;

/*
 * Shipped aliases: variant spellings that only a word shows, old names of
 * drugs, long names of examinations.  A word that also means something else
 * (安定: a drug and a district) has no place here.
 */
static const char *const shipped_aliases[][2] = {
	{"黄耆", "黄芪"},
	{"胺酸", "氨酸"},
	{"苡仁", "薏苡仁"},
	{"薏仁", "薏苡仁"},
	{"薏米", "薏苡仁"},
	{"山栀子", "栀子"},
	{"元胡", "延胡索"},
	{"玄胡", "延胡索"},
	{"川贝", "川贝母"},
	{"淮山药", "山药"},
	{"怀山药", "山药"},
	{"云苓", "茯苓"},
	{"白藓皮", "白鲜皮"},
	{"仙灵脾", "淫羊藿"},
	{"破故纸", "补骨脂"},
	{"阿斯匹林", "阿司匹林"},
	{"盘尼西林", "青霉素"},
	{"扑热息痛", "对乙酰氨基酚"},
	{"醋氨酚", "对乙酰氨基酚"},
	{"心得安", "普萘洛尔"},
	{"心痛定", "硝苯地平"},
	{"消心痛", "硝酸异山梨酯"},
	{"消炎痛", "吲哚美辛"},
	{"氟哌酸", "诺氟沙星"},
	{"氟嗪酸", "氧氟沙星"},
	{"病毒唑", "利巴韦林"},
	{"无环鸟苷", "阿昔洛韦"},
	{"痢特灵", "呋喃唑酮"},
	{"胃复安", "甲氧氯普胺"},
	{"灭滴灵", "甲硝唑"},
	{"雷米封", "异烟肼"},
	{"速尿", "呋塞米"},
	{"强的松", "泼尼松"},
	{"考的松", "可的松"},
	{"维他命", "维生素"},
	{"开搏通", "卡托普利"},
	{"甲氰咪胍", "西咪替丁"},
	{"氟脲嘧啶", "氟尿嘧啶"},
	{"核磁共振", "磁共振"},
	{"磁共振(mri)", "磁共振"},
	{"x线计算机体层(ct)", "ct"},
	{"x线计算机体层-ct", "ct"},
	{"x射线计算机体层(ct)", "ct"},
	{"计算机体层(ct)", "ct"},
	{"x射线", "x线"},
	{"x光", "x线"},
	{"b型超声", "b超"},
	{"彩色多普勒超声", "彩超"},
	{"彩色超声", "彩超"},
	{"乙型肝炎", "乙肝"},
	{"甲型肝炎", "甲肝"},
	{"丙型肝炎", "丙肝"},
	{"重症监护病房", "icu"},
};

typedef struct Word
{
	uint32		points[4];
	int			length;
} Word;

/*
 * Unit words and what they become after a digit.  not_before: what must not
 * follow (2克氏针 are two pins).
 */
typedef struct UnitWord
{
	Word		word;
	Word		unit;
	uint32		not_before[8];
} UnitWord;

static const UnitWord unit_words[] = {
	{{{0x56FD, 0x9645, 0x5355, 0x4F4D}, 4}, {{'u'}, 1}, {0}},	/* 国际单位 */
	{{{0x5355, 0x4F4D}, 2}, {{'u'}, 1}, {0}},	/* 单位 */
	{{{0x6BEB, 0x5347}, 2}, {{'m', 'l'}, 2}, {0}},	/* 毫升 */
	{{{0x5FAE, 0x5347}, 2}, {{0x03BC, 'l'}, 2}, {0}},	/* 微升 */
	{{{0x6BEB, 0x514B}, 2}, {{'m', 'g'}, 2}, {0}},	/* 毫克 */
	{{{0x5FAE, 0x514B}, 2}, {{0x03BC, 'g'}, 2}, {0}},	/* 微克 */
	{{{0x5343, 0x514B}, 2}, {{'k', 'g'}, 2}, {0}},	/* 千克 */
	{{{0x516C, 0x65A4}, 2}, {{'k', 'g'}, 2}, {0}},	/* 公斤 */
	{{{0x5398, 0x7C73}, 2}, {{'c', 'm'}, 2}, {0}},	/* 厘米 */
	{{{0x6BEB, 0x7C73}, 2}, {{'m', 'm'}, 2}, {0}},	/* 毫米 */
	{{{0x514B}, 1}, {{'g'}, 1}, /* 克, not 克氏 拉 隆 雷 林 罗 */
	{0x6C0F, 0x62C9, 0x9686, 0x96F7, 0x6797, 0x7F57}},
	{{{0x5347}, 1}, {{'l'}, 1}, /* 升, not 升华 高 降 级 压 */
	{0x534E, 0x9AD8, 0x964D, 0x7EA7, 0x538B}},
	{{{'i', 'u'}, 2}, {{'u'}, 1}, {0}},
	{{{'u', 'g'}, 2}, {{0x03BC, 'g'}, 2}, {0}},
	{{{'m', 'c', 'g'}, 3}, {{0x03BC, 'g'}, 2}, {0}},
};

#define POINT_CI			0x6B21	/* 次 */
#define POINT_XING			0x6027	/* 性 */
#define POINT_WAN			0x4E07	/* 万 */

/* Where folded text must be looked at more closely. */
static const uint32 marked_points[] = {
	'0', '1', '2', '3', '4', '5', '6', '7', '8', '9',
	FOLDED_SEPARATOR, POINT_CI,
	0x5B50, 0x578B, 0x671F, 0x7EA7, /* 子 型 期 级 */
};

/* -------- Numbers in words -------- */

/* Chinese digits, ten, hundred, thousand, in common and in banking forms. */
typedef struct Numeral
{
	uint32		point;
	int			value;
} Numeral;

static const Numeral numerals[] = {
	{0x96F6, 0}, {0x4E00, 1}, {0x58F9, 1}, {0x4E8C, 2}, {0x8D30, 2},
	{0x4E24, 2}, {0x4E09, 3}, {0x53C1, 3}, {0x56DB, 4}, {0x8086, 4},
	{0x4E94, 5}, {0x4F0D, 5}, {0x516D, 6}, {0x9646, 6}, {0x4E03, 7},
	{0x67D2, 7}, {0x516B, 8}, {0x634C, 8}, {0x4E5D, 9}, {0x7396, 9},
	{0x5341, 10}, {0x62FE, 10}, {0x767E, 100}, {0x4F70, 100},
	{0x5343, 1000}, {0x4EDF, 1000},
};

/* The value of a numeral, -1 for anything else. */
static int
chinese_numeral(uint32 point)
{
	for (int i = 0; i < (int) lengthof(numerals); i++)
		if (numerals[i].point == point)
			return numerals[i].value;
	return -1;
}

/*
 * Reads 三, 十二, 二百零五, or digits in a row (二零五 = 205).  Mixed up ones
 * (三二十) are no number.
 */
int
chinese_number(const uint32 *points, int count, int64 *value)
{
	int64		total = 0;
	int64		digit = -1;
	int			length = 0;
	bool		has_unit = false;
	bool		has_row = false;

	for (; length < count && length < 12; length++)
	{
		int			numeral = chinese_numeral(points[length]);

		if (numeral < 0)
			break;
		if (numeral >= 10)
		{
			if (has_row || (digit < 0 && total > 0))
				return 0;
			total += (digit < 0 ? 1 : digit) * numeral;
			digit = -1;
			has_unit = true;
		}
		else if (digit > 0 || (digit == 0 && !has_unit))
		{
			if (has_unit)
				return 0;
			digit = digit * 10 + numeral;
			has_row = true;
		}
		else
			digit = numeral;
	}
	/* two digits in a row are a range: 两三次 */
	if (has_row && length == 2 && digit > 10 && digit % 10 != 0)
		return 0;
	*value = total + Max(digit, 0);
	return length;
}

/* Longest first, so that viii is not read as v. */
int
roman_number(const uint32 *points, int count, int *value)
{
	static const char *const numbers[] = {
		"i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x", "xi",
		"xii", "xiii", "xiv", "xv", "xvi", "xvii", "xviii", "xix", "xx"
	};
	int			length = 0;

	while (length < count && length < 8 &&
		   (points[length] == 'i' || points[length] == 'v' ||
			points[length] == 'x'))
		length++;
	if (length == 0 || (length < count && (point_is_letter(points[length]) ||
										   point_is_digit(points[length]))))
		return 0;
	for (int n = 0; n < (int) lengthof(numbers); n++)
	{
		bool		equal = (int) strlen(numbers[n]) == length;

		for (int i = 0; equal && i < length; i++)
			equal = (uint32) numbers[n][i] == points[i];
		if (equal)
		{
			*value = n + 1;
			return length;
		}
	}
	return 0;
}

static void
append_number(PointText *out, int64 value)
{
	char		digits[32];

	snprintf(digits, sizeof(digits), INT64_FORMAT, value);
	for (const char *c = digits; *c != '\0'; c++)
		point_text_append(out, (uint32) *c);
}

/* -------- Aliases -------- */

/* By first code point, then longest first, then text, then last origin first. */
static int
compare_aliases(const void *a, const void *b)
{
	const Alias *x = a;
	const Alias *y = b;

	if (x->from[0] != y->from[0])
		return x->from[0] > y->from[0] ? 1 : -1;
	if (x->from_length != y->from_length)
		return y->from_length - x->from_length;
	for (int i = 1; i < x->from_length; i++)
		if (x->from[i] != y->from[i])
			return x->from[i] > y->from[i] ? 1 : -1;
	return y->origin - x->origin;
}

/* The first alias that starts with POINT, or the end of the set. */
static const Alias *
first_alias(const AliasSet *set, uint32 point)
{
	int			low = 0;
	int			high = set->count;

	while (low < high)
	{
		int			middle = low + (high - low) / 2;

		if (set->aliases[middle].from[0] < point)
			low = middle + 1;
		else
			high = middle;
	}
	return set->aliases + low;
}

/* The longest alias that stands at POINTS. */
static const Alias *
match_alias(const AliasSet *set, const uint32 *points, int count)
{
	const Alias *alias = first_alias(set, points[0]);
	const Alias *end = set->aliases + set->count;

	for (; alias < end && alias->from[0] == points[0]; alias++)
		if (alias->from_length <= count &&
			memcmp(alias->from, points,
				   alias->from_length * sizeof(uint32)) == 0)
			return alias;
	return NULL;
}

static const uint32 *
folded_copy(const char *data, int length, int *count)
{
	PointText text;

	fold_span(data, length, &text);
	*count = text.length;
	return text.points;
}

/* Does the canonical text contain its alias, and more? */
static bool
alias_contains_itself(const Alias *alias)
{
	for (int at = 0; at + alias->from_length <= alias->to_length; at++)
		if (alias->to_length > alias->from_length &&
			memcmp(alias->to + at, alias->from,
				   alias->from_length * sizeof(uint32)) == 0)
			return true;
	return false;
}

/*
 * Adds a pair to the set, folded; an alias that folds to nothing is refused.
 * A canonical text that contains its alias (苡仁, 薏苡仁) is protected from it.
 */
static void
add_alias(AliasSet *set, TextSpan from, TextSpan to, int origin)
{
	Alias	   *alias = &set->aliases[set->count];

	alias->from = folded_copy(from.data, from.length, &alias->from_length);
	alias->to = folded_copy(to.data, to.length, &alias->to_length);
	alias->origin = origin;
	if (alias_contains_itself(alias))
	{
		alias[1] = *alias;
		alias[1].from = alias->to;
		alias[1].from_length = alias->to_length;
		alias[1].origin = -1;
		set->count++;
	}
	if (alias->from_length == 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("an alias must not be empty"),
				 errdetail("\"%.*s\" holds nothing but blanks and invisible characters.",
						   from.length, from.data)));
	set->count++;
}

static TextSpan
span_of_string(const char *string)
{
	TextSpan	span = {string, strlen(string)};

	return span;
}

/* The shipped aliases with room for MORE, in CurrentMemoryContext. */
static AliasSet *
start_alias_set(int more)
{
	AliasSet   *set = palloc0(sizeof(AliasSet));

	/* Each may bring one that protects it. */
	set->aliases = palloc(mul_size(lengthof(shipped_aliases) + more,
								   2 * sizeof(Alias)));
	for (int i = 0; i < (int) lengthof(shipped_aliases); i++)
		add_alias(set, span_of_string(shipped_aliases[i][0]),
				  span_of_string(shipped_aliases[i][1]), i);
	return set;
}

/* Sorts, and of equal aliases keeps the one that was added last. */
static void
finish_alias_set(AliasSet *set)
{
	int			kept = 0;

	qsort(set->aliases, set->count, sizeof(Alias), compare_aliases);
	for (int i = 0; i < set->count; i++)
	{
		const Alias *before = kept > 0 ? &set->aliases[kept - 1] : NULL;
		const Alias *alias = &set->aliases[i];

		if (before != NULL && before->from_length == alias->from_length &&
			memcmp(before->from, alias->from,
				   alias->from_length * sizeof(uint32)) == 0)
			continue;
		set->aliases[kept++] = *alias;
	}
	set->count = kept;
}

/* Tells the fold table where the rules below may start. */
static void
mark_rules(void)
{
	for (int i = 0; i < (int) lengthof(marked_points); i++)
		fold_mark(marked_points[i], FOLD_MARKED);
	for (int i = 0; i < (int) lengthof(unit_words); i++)
		fold_mark(unit_words[i].word.points[0], FOLD_STARTS);
	for (int i = 0; i < (int) lengthof(numerals); i++)
		fold_mark(numerals[i].point, FOLD_STARTS);
	fold_mark('i', FOLD_STARTS);
	fold_mark('v', FOLD_STARTS);
	fold_mark('x', FOLD_STARTS);
	fold_mark(FOLDED_SEPARATOR, FOLD_STARTS);
}

/* Compiles the shipped aliases, once per backend. */
static void
load_shipped_aliases(void)
{
	MemoryContext context;
	MemoryContext old;
	AliasSet   *set;

	context = AllocSetContextCreate(CurrentMemoryContext, "medaudit aliases",
									ALLOCSET_SMALL_SIZES);
	old = MemoryContextSwitchTo(context);
	set = start_alias_set(0);
	finish_alias_set(set);
	MemoryContextSwitchTo(old);
	for (int i = 0; i < set->count; i++)
		fold_mark(set->aliases[i].from[0], FOLD_MARKED | FOLD_STARTS);
	mark_rules();
	MemoryContextSetParent(context, TopMemoryContext);
	shipped_set = set;
}

static TextSpan
span_of_jsonb_string(const JsonbValue *value)
{
	TextSpan	span = {value->val.string.val, value->val.string.len};

	return span;
}

/* {"alias": "canonical", ...} on top of the shipped ones. */
static AliasSet *
compile_aliases(Jsonb *source)
{
	JsonbIterator *iterator;
	JsonbIteratorToken token;
	JsonbValue	value;
	JsonbValue	key;
	AliasSet   *set;

	if (!JB_ROOT_IS_OBJECT(source))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("aliases must be a jsonb object"),
				 errhint("Write '{\"alias\": \"canonical\"}', or pass medaudit.text_aliases().")));
	set = start_alias_set(JB_ROOT_COUNT(source));
	iterator = JsonbIteratorInit(&source->root);
	(void) JsonbIteratorNext(&iterator, &value, true);
	while ((token = JsonbIteratorNext(&iterator, &key, true)) == WJB_KEY)
	{
		(void) JsonbIteratorNext(&iterator, &value, true);
		if (value.type != jbvString)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("the alias \"%.*s\" must stand for a string",
							key.val.string.len, key.val.string.val)));
		add_alias(set, span_of_jsonb_string(&key),
				  span_of_jsonb_string(&value), INT_MAX / 2);
	}
	finish_alias_set(set);
	return set;
}

/* -------- Rules that look at neighbours -------- */

static bool
word_stands_at(const Word *word, const uint32 *points, int count)
{
	if (word->length > count)
		return false;
	for (int i = 0; i < word->length; i++)
		if (word->points[i] != points[i])
			return false;
	return true;
}

/* Does OUT end in a digit, or in 万 after one (10万单位)? */
static bool
ends_in_number(const PointText *out)
{
	int			last = out->length - 1;

	if (last >= 1 && out->points[last] == POINT_WAN)
		last--;
	return last >= 0 && point_is_digit(out->points[last]);
}

/* A unit word after a number: returns the length it takes, 0 if none. */
static int
rewrite_unit(const uint32 *points, int count, PointText *out)
{
	if (!ends_in_number(out))
		return 0;
	for (int i = 0; i < (int) lengthof(unit_words); i++)
	{
		const Word *word = &unit_words[i].word;
		const Word *unit = &unit_words[i].unit;
		uint32		next;

		if (!word_stands_at(word, points, count))
			continue;
		next = word->length < count ? points[word->length] : 0;
		if (point_is_letter(word->points[0]) && point_is_letter(next))
			continue;
		for (int j = 0; next != 0 && j < (int) lengthof(unit_words[i].not_before); j++)
			if (unit_words[i].not_before[j] == next)
				return 0;
		for (int j = 0; j < unit->length; j++)
			point_text_append(out, unit->points[j]);
		return word->length;
	}
	return 0;
}

/* A count before 次 (三次, 第十二次), but not 一次性. */
static int
rewrite_count(const uint32 *points, int count, PointText *out)
{
	int64		value;
	int			length;

	if (out->length > 0 &&
		(chinese_numeral(out->points[out->length - 1]) >= 0 ||
		 point_is_digit(out->points[out->length - 1])))
		return 0;
	length = chinese_number(points, count, &value);
	if (length == 0 || length >= count || points[length] != POINT_CI)
		return 0;
	if (length + 1 < count && points[length + 1] == POINT_XING)
		return 0;
	append_number(out, value);
	return length;
}

/* A Roman number after 因子, 型, 期 or 级. */
static int
rewrite_roman(const uint32 *points, int count, PointText *out)
{
	uint32		last = out->length > 0 ? out->points[out->length - 1] : 0;
	int			value;
	int			length;

	if (!(last == 0x578B || last == 0x671F || last == 0x7EA7 ||
		  (last == 0x5B50 && out->length > 1 &&
		   out->points[out->length - 2] == 0x56E0)))
		return 0;
	length = roman_number(points, count, &value);
	if (length > 0)
		append_number(out, value);
	return length;
}

/* Does OUT end in a quantity: a digit, a digit and its unit, a pack word? */
static bool
ends_in_quantity(const PointText *out)
{
	static const uint32 pack_words[] = {	/* 片粒支瓶盒袋丸板枚贴s */
		0x7247, 0x7C92, 0x652F, 0x74F6, 0x76D2, 0x888B, 0x4E38, 0x677F,
		0x679A, 0x8D34
	};
	int			last = out->length - 1;
	int			letters = 0;

	if (last < 0)
		return false;
	for (int i = 0; i < (int) lengthof(pack_words); i++)
		if (out->points[last] == pack_words[i])
			return true;
	if (out->points[last] == '%')
		last--;
	while (last >= 0 && letters < 3 &&
		   (point_is_letter(out->points[last]) || out->points[last] == 0x03BC))
	{
		last--;
		letters++;
	}
	return last >= 0 && point_is_digit(out->points[last]);
}

/* 0.25gx24, 3x3: x is the multiplication sign. */
static bool
is_times_sign(const uint32 *points, int count, const PointText *out)
{
	return points[0] == 'x' && count > 1 && point_is_digit(points[1]) &&
		ends_in_quantity(out);
}

/* One pass of all rules over IN; returns whether anything changed. */
static bool
rewrite(const PointText *in, const AliasSet *set, PointText *out)
{
	int			at = 0;

	out->length = 0;
	while (at < in->length)
	{
		const uint32 *points = in->points + at;
		int			count = in->length - at;
		const Alias *alias = NULL;
		bool		starts = (fold_entry(points[0]) & FOLD_STARTS) != 0;
		int			taken;

		if ((at & 0xFFF) == 0xFFF)
			CHECK_FOR_INTERRUPTS();
		if (starts || set != shipped_set)
			alias = match_alias(set, points, count);
		if (alias == NULL && !starts)
		{
			point_text_append(out, points[0]);
			at++;
		}
		else if (alias != NULL)
		{
			for (int i = 0; i < alias->to_length; i++)
				point_text_append(out, alias->to[i]);
			at += alias->from_length;
		}
		else if (points[0] == FOLDED_SEPARATOR ||
				 is_times_sign(points, count, out))
		{
			if (out->length == 0 ||
				out->points[out->length - 1] != FOLDED_SEPARATOR)
				point_text_append(out, FOLDED_SEPARATOR);
			at++;
		}
		else if ((taken = rewrite_unit(points, count, out)) > 0 ||
				 (taken = rewrite_count(points, count, out)) > 0 ||
				 (taken = rewrite_roman(points, count, out)) > 0)
			at += taken;
		else
		{
			point_text_append(out, points[0]);
			at++;
		}
	}
	return !point_text_equal(in, out);
}

/*
 * Rewrites RESULT until it rests.  Aliases of a user may chase each other or
 * grow without end; that is the user's error.
 */
static void
settle(PointText *result, const AliasSet *set)
{
	PointText	other;
	int			longest = INT_MAX / 8;

	if (result->length <= 10000)
		longest = result->length * 16 + 1000;
	point_text_init(&other, result->length + 8);
	for (int pass = 0; rewrite(result, set, &other); pass++)
	{
		PointText	swap = *result;

		*result = other;
		other = swap;
		if (pass >= PASS_LIMIT || result->length > longest)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("the aliases do not come to rest"),
					 errdetail("Each replacement makes room for another one."),
					 errhint("No canonical text may lead back to one of its aliases.")));
	}
	pfree(other.points);
}

/*
 * A unit word or an alias may bring a letter and a combining accent together
 * (5克 with an accent on top): folds and settles until nothing changes, for
 * which once is the rule.
 */
static void
fold_again(PointText *result, const AliasSet *set)
{
	for (int pass = 0; pass < PASS_LIMIT; pass++)
	{
		text	   *encoded = point_text_encode(result->points, result->length);
		PointText	folded;

		fold_span(VARDATA(encoded), VARSIZE(encoded) - VARHDRSZ, &folded);
		pfree(encoded);
		if (point_text_equal(&folded, result))
		{
			pfree(folded.points);
			return;
		}
		pfree(result->points);
		*result = folded;
		settle(result, set);
	}
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("the aliases do not come to rest")));
}

void
normalize_span(const char *data, int length, const AliasSet *aliases,
			   PointText *result)
{
	bool		separate;

	if (unlikely(shipped_set == NULL))
		load_shipped_aliases();
	if (aliases == NULL)
		aliases = shipped_set;
	separate = fold_span(data, length, result);
	settle(result, aliases);
	if (!separate || aliases != shipped_set)
		fold_again(result, aliases);
}

/* Nothing to fold and nothing a rule could start with? */
static bool
is_plainly_normal(const char *data, int length)
{
	const uint8 *bytes = (const uint8 *) data;
	int32		at = 0;

	while (at < length)
	{
		UChar32		point;

		U8_NEXT(bytes, at, length, point);
		if (unlikely(point < 0))
			fold_invalid_sequence();
		if ((fold_entry(point) & (FOLD_SAME | FOLD_JOINS | FOLD_MARKED)) !=
			FOLD_SAME)
			return false;
	}
	return true;
}

static text *
normalize_text_span(const char *data, int length)
{
	PointText	normal;
	text	   *result;

	normalize_span(data, length, NULL, &normal);
	result = point_text_encode(normal.points, normal.length);
	pfree(normal.points);
	return result;
}

/* -------- SQL -------- */

PG_FUNCTION_INFO_V1(medaudit_normalize_text);

/* normalize_text(text): strict; empty stays empty. */
Datum
medaudit_normalize_text(PG_FUNCTION_ARGS)
{
	text	   *value = PG_GETARG_TEXT_PP(0);
	const char *data = VARDATA_ANY(value);
	int			length = VARSIZE_ANY_EXHDR(value);

	fold_require_utf8();
	if (unlikely(shipped_set == NULL))
		load_shipped_aliases();
	if (is_plainly_normal(data, length))
		PG_RETURN_TEXT_P(value);
	PG_RETURN_TEXT_P(normalize_text_span(data, length));
}

/* The compiled aliases of this call, compiled anew only when they change. */
static const AliasSet *
aliases_of_call(FunctionCallInfo fcinfo, Jsonb *source)
{
	AliasCache *cache = fcinfo->flinfo->fn_extra;
	MemoryContext old;

	if (cache != NULL && cache->set != NULL &&
		VARSIZE(cache->source) == VARSIZE(source) &&
		memcmp(cache->source, source, VARSIZE(source)) == 0)
		return cache->set;
	if (cache == NULL)
	{
		cache = MemoryContextAllocZero(fcinfo->flinfo->fn_mcxt,
									   sizeof(AliasCache));
		cache->context = AllocSetContextCreate(fcinfo->flinfo->fn_mcxt,
											   "medaudit aliases of a call",
											   ALLOCSET_DEFAULT_SIZES);
		fcinfo->flinfo->fn_extra = cache;
	}
	cache->set = NULL;
	MemoryContextReset(cache->context);
	old = MemoryContextSwitchTo(cache->context);
	cache->source = palloc(VARSIZE(source));
	memcpy(cache->source, source, VARSIZE(source));
	cache->set = compile_aliases((Jsonb *) cache->source);
	MemoryContextSwitchTo(old);
	return cache->set;
}

PG_FUNCTION_INFO_V1(medaudit_normalize_text_aliases);

/*
 * normalize_text(text, jsonb): the same with more aliases.  NULL text gives
 * NULL, NULL aliases are 22004.
 */
Datum
medaudit_normalize_text_aliases(PG_FUNCTION_ARGS)
{
	text	   *value;
	const AliasSet *set;
	PointText	normal;

	fold_require_utf8();
	if (PG_ARGISNULL(1))
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				 errmsg("aliases must not be null")));
	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	value = PG_GETARG_TEXT_PP(0);
	set = aliases_of_call(fcinfo, PG_GETARG_JSONB_P(1));
	normalize_span(VARDATA_ANY(value), VARSIZE_ANY_EXHDR(value), set, &normal);
	PG_RETURN_TEXT_P(point_text_encode(normal.points, normal.length));
}

PG_FUNCTION_INFO_V1(medaudit_icu_version);

/* What the text functions stand on: ICU, Unicode and CLDR at run time. */
Datum
medaudit_icu_version(PG_FUNCTION_ARGS)
{
	UErrorCode	status = U_ZERO_ERROR;
	UVersionInfo version;
	char		icu[U_MAX_VERSION_STRING_LENGTH];
	char		unicode[U_MAX_VERSION_STRING_LENGTH];
	char		cldr[U_MAX_VERSION_STRING_LENGTH];

	(void) fcinfo;
	u_getVersion(version);
	u_versionToString(version, icu);
	u_getUnicodeVersion(version);
	u_versionToString(version, unicode);
	ulocdata_getCLDRVersion(version, &status);
	if (U_FAILURE(status))
		strlcpy(cldr, "unknown", sizeof(cldr));
	else
		u_versionToString(version, cldr);
	PG_RETURN_TEXT_P(cstring_to_text(psprintf("%s, Unicode %s, CLDR %s",
											  icu, unicode, cldr)));
}
