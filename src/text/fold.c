/*
 * fold.c
 *		Folding single code points, by ICU once and by a table ever after.
 *
 * ICU's NFKC case fold, its Traditional-Simplified transliterator and our own
 * list are asked once per code point and backend; the answer is kept in a
 * two-level table (256 code points a page, at most 4.5 MB if all of Unicode is
 * met, about 100 kB in practice).  Opening the transliterator takes some 20 ms
 * and happens on the first call; it is closed again at once, its 2,900 pairs
 * stay.  A folded code point then costs a few nanoseconds.
 *
 * Folding a text is folding its code points one after another as long as none
 * of them can join the one before (a combining accent, a Hangul vowel).  Where
 * one can, the whole text goes through ICU's normalizer, again and again until
 * nothing changes, because removing a blank may bring two together.
 *
 * Every value that a fold yields folds to itself, which makes the whole
 * idempotent.
 */
#include "postgres.h"
#include "base/compat.h"

#include <unicode/uchar.h>
#include <unicode/unorm2.h>
#include <unicode/uset.h>
#include <unicode/ustring.h>
#include <unicode/utrans.h>

#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "utils/memutils.h"

#include "base/array.h"
#include "text/fold.h"

/* Longer text is no name: its code points must fit one allocation. */
#define FOLD_LIMIT			(100 * 1024 * 1024)

/* NFKC makes at most 18 code points of one. */
#define EXPANSION_LIMIT		32
#define EXPANSION_DEPTH		8

typedef struct FoldPair
{
	uint32		from;
	uint32		to;				/* 0: vanishes */
} FoldPair;

uint32	   *fold_pages[0x110000 / 256];

static const UNormalizer2 *case_fold;
static FoldPair *simplified;	/* ascending by from */
static int	simplified_count;

/* Foldings to several code points: a count, then the code points. */
static uint32 *expansions;
static int	expansions_used;
static int	expansions_allocated;

/*
 * What ICU leaves and claims data need, ascending.  Brackets become (),
 * separators -, quotes " and ', fraction slashes /.  The rest are variants
 * that Traditional-Simplified misses, Japanese forms that Chinese input
 * methods offer, and radicals that text taken from PDF files contains instead
 * of the characters.  A pair of equals keeps a simplified character that ICU
 * would change (it swaps 苎 and 苧).
 */
static const FoldPair own_pairs[] = {
	{'*', '-'}, {',', '-'},
	{'[', '('}, {']', ')'}, {'`', '\''}, {'{', '('}, {'}', ')'}, {'~', '-'},
	{0x00AB, '('}, {0x00B4, '\''}, {0x00B7, '-'}, {0x00BB, ')'}, {0x00D7, '-'},
	{0x0387, '-'},
	{0x2010, '-'}, {0x2011, '-'}, {0x2012, '-'}, {0x2013, '-'}, {0x2014, '-'},
	{0x2015, '-'}, {0x2018, '\''}, {0x2019, '\''}, {0x201A, '\''},
	{0x201B, '\''}, {0x201C, '"'}, {0x201D, '"'}, {0x201E, '"'}, {0x201F, '"'},
	{0x2022, '-'}, {0x2027, '-'}, {0x2032, '\''}, {0x2039, '('}, {0x203A, ')'},
	{0x2043, '-'}, {0x2044, '/'}, {0x204E, '-'},
	{0x2212, '-'}, {0x2215, '/'}, {0x2217, '-'}, {0x2219, '-'}, {0x223C, '-'},
	{0x22C5, '-'}, {0x22C6, '-'},
	{0x2500, '-'}, {0x2501, '-'}, {0x2716, '-'}, {0x2715, '-'}, {0x2731, '-'},
	{0x2768, '('}, {0x2769, ')'}, {0x276A, '('}, {0x276B, ')'}, {0x276C, '('},
	{0x276D, ')'}, {0x2772, '('}, {0x2773, ')'}, {0x2774, '('}, {0x2775, ')'},
	{0x27E8, '('}, {0x27E9, ')'}, {0x27EA, '('}, {0x27EB, ')'},
	{0x2800, 0},
	{0x2E40, '-'},
	{0x2EA0, 0x6C11}, {0x2EC4, 0x897F}, {0x2EC5, 0x89C1}, {0x2EC6, 0x89D2},
	{0x2EC9, 0x8D1D}, {0x2ECB, 0x8F66}, {0x2ED3, 0x957F}, {0x2ED4, 0x95E8},
	{0x2ED8, 0x9752}, {0x2EDA, 0x9875}, {0x2EDB, 0x98CE}, {0x2EDC, 0x98DE},
	{0x2EDD, 0x98DF}, {0x2EE2, 0x9A6C}, {0x2EE5, 0x9C7C}, {0x2EE6, 0x9E1F},
	{0x2EE8, 0x9EA6}, {0x2EE9, 0x9EC4}, {0x2EEC, 0x9F50}, {0x2EEE, 0x9F7F},
	{0x2EF0, 0x9F99},
	{0x3001, '-'}, {0x3003, '"'}, {0x3007, 0x96F6},
	{0x3008, '('}, {0x3009, ')'}, {0x300A, '('}, {0x300B, ')'}, {0x300C, '('},
	{0x300D, ')'}, {0x300E, '('}, {0x300F, ')'}, {0x3010, '('}, {0x3011, ')'},
	{0x3014, '('}, {0x3015, ')'}, {0x3016, '('}, {0x3017, ')'}, {0x3018, '('},
	{0x3019, ')'}, {0x301A, '('}, {0x301B, ')'}, {0x301C, '-'}, {0x301D, '"'},
	{0x301E, '"'}, {0x301F, '"'}, {0x3030, '-'}, {0x30FB, '-'}, {0x30FC, '-'},
	{0x4FF1, 0x4FF1},			/* 俱 */
	{0x5412, 0x5412},			/* 吒 */
	{0x5869, 0x76D0},			/* 塩 盐 */
	{0x59CA, 0x59CA},			/* 姊 */
	{0x6804, 0x8363},			/* 栄 荣 */
	{0x685F, 0x6808},			/* 桟 栈 */
	{0x7519, 0x82F7},			/* 甙 苷 */
	{0x82CE, 0x82CE},			/* 苎 */
	{0x85AC, 0x836F},			/* 薬 药 */
	{0x8856, 0x5F04},			/* 衖 弄 */
	{0x8DE4, 0x8DE4},			/* 跤 */
	{0x90A8, 0x6751},			/* 邨 村 */
	{0x91AF, 0x9170},			/* 醯 酰 */
	{0x962A, 0x962A},			/* 阪 */
};

/* Reports an ICU failure of the call named WHAT. */
static void
check_icu(UErrorCode status, const char *what)
{
	if (U_FAILURE(status))
		ereport(ERROR,
				(errcode(ERRCODE_EXTERNAL_ROUTINE_EXCEPTION),
				 errmsg("ICU could not %s: %s", _(what), u_errorName(status))));
}

/* Text functions need Unicode: other encodings are refused by name. */
void
fold_require_utf8(void)
{
	if (unlikely(GetDatabaseEncoding() != PG_UTF8))
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("text functions of medaudit need the database encoding UTF8, not %s",
						GetDatabaseEncodingName()),
				 errhint("Create the database with ENCODING 'UTF8'; everything else of medaudit works in this one.")));
}

void
fold_invalid_sequence(void)
{
	ereport(ERROR,
			(errcode(ERRCODE_CHARACTER_NOT_IN_REPERTOIRE),
			 errmsg("invalid byte sequence for encoding \"UTF8\"")));
}

void
point_text_init(PointText *out, int expected)
{
	out->allocated = Max(expected, 16);
	out->length = 0;
	out->points = palloc(mul_size(out->allocated, sizeof(uint32)));
}

/* Makes room for MORE code points, doubling. */
void
point_text_grow(PointText *out, int more)
{
	Size		wanted = Max((Size) out->length + more,
							 (Size) out->allocated * 2);

	if (wanted > MaxAllocSize / sizeof(uint32))
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("text is too long to be normalized")));
	out->points = repalloc(out->points, wanted * sizeof(uint32));
	out->allocated = (int) wanted;
}

bool
point_text_equal(const PointText *a, const PointText *b)
{
	return a->length == b->length &&
		(a->length == 0 ||
		 memcmp(a->points, b->points, a->length * sizeof(uint32)) == 0);
}

/* Code points to a palloc'd text. */
text *
point_text_encode(const uint32 *points, int length)
{
	text	   *result = palloc(VARHDRSZ + mul_size(length, 4));
	uint8	   *bytes = (uint8 *) VARDATA(result);
	int32		used = 0;

	for (int i = 0; i < length; i++)
		U8_APPEND_UNSAFE(bytes, used, points[i]);
	SET_VARSIZE(result, VARHDRSZ + used);
	return result;
}

/* Decodes into POINTS, which has room for LENGTH; returns their number. */
int
fold_decode(const char *data, int length, uint32 *points)
{
	const uint8 *bytes = (const uint8 *) data;
	int			count = 0;
	int32		at = 0;

	while (at < length)
	{
		UChar32		point;

		U8_NEXT(bytes, at, length, point);
		if (unlikely(point < 0))
			fold_invalid_sequence();
		points[count++] = (uint32) point;
	}
	return count;
}

static int
compare_pairs(const void *a, const void *b)
{
	uint32		x = ((const FoldPair *) a)->from;
	uint32		y = ((const FoldPair *) b)->from;

	return (x > y) - (x < y);
}

static const FoldPair *
find_pair(const FoldPair *pairs, int count, uint32 point)
{
	FoldPair	key = {point, 0};

	return bsearch(&key, pairs, count, sizeof(FoldPair), compare_pairs);
}

/* What the transliterator makes of one code point, itself unless one other. */
static uint32
transliterate_point(const UTransliterator *transliterator, uint32 point,
					UErrorCode *status)
{
	UChar		buffer[16];
	int32		length = 0;
	int32		limit;
	int32		at = 0;
	UChar32		result;

	U16_APPEND_UNSAFE(buffer, length, point);
	limit = length;
	utrans_transUChars(transliterator, buffer, &length, lengthof(buffer), 0,
					   &limit, status);
	if (U_FAILURE(*status) || length == 0)
		return point;
	U16_NEXT(buffer, at, length, result);
	return at == length ? (uint32) result : point;
}

/* Collects the pairs of the source set; never raises. */
static int
collect_simplified(const UTransliterator *transliterator, const USet *sources,
				   FoldPair *pairs, int room, UErrorCode *status)
{
	int			count = 0;

	for (int i = 0; i < uset_getItemCount(sources); i++)
	{
		UChar32		first;
		UChar32		last;

		if (uset_getItem(sources, i, &first, &last, NULL, 0, status) != 0)
			continue;
		for (UChar32 point = first; point <= last && count < room; point++)
		{
			uint32		to = transliterate_point(transliterator, point, status);

			if (U_FAILURE(*status))
				return count;
			if (to != (uint32) point)
			{
				pairs[count].from = point;
				pairs[count++].to = to;
			}
		}
	}
	return count;
}

/*
 * Reads the traditional-to-simplified pairs out of ICU.  The transliterator
 * and its source set are closed on every way out.
 */
static void
load_simplified(void)
{
	static const char name[] = "Traditional-Simplified";
	UChar		id[sizeof(name)];
	UErrorCode	status = U_ZERO_ERROR;
	UTransliterator *transliterator;
	USet	   *volatile sources = NULL;

	u_charsToUChars(name, id, sizeof(name));
	transliterator = utrans_openU(id, -1, UTRANS_FORWARD, NULL, 0, NULL, &status);
	check_icu(status, "open the transliterator Traditional-Simplified");
	PG_TRY();
	{
		FoldPair   *pairs;
		int			room;

		sources = utrans_getSourceSet(transliterator, false, NULL, &status);
		check_icu(status, "list the traditional characters");
		room = uset_size(sources);
		pairs = MemoryContextAlloc(TopMemoryContext,
								   Max(room, 1) * sizeof(FoldPair));
		simplified_count = collect_simplified(transliterator, sources, pairs,
											  room, &status);
		if (U_FAILURE(status))
			pfree(pairs);
		check_icu(status, "transliterate a traditional character");
		simplified = pairs;
	}
	PG_FINALLY();
	{
		uset_close(sources);
		utrans_close(transliterator);
	}
	PG_END_TRY();
	qsort(simplified, simplified_count, sizeof(FoldPair), compare_pairs);
}

/* Once per backend, before the first code point is folded. */
static void
load_icu(void)
{
	UErrorCode	status = U_ZERO_ERROR;

	fold_require_utf8();
	if (simplified == NULL)
		load_simplified();
	/* A singleton of ICU's: there is nothing to close. */
	case_fold = unorm2_getNFKCCasefoldInstance(&status);
	if (U_FAILURE(status))
		case_fold = NULL;
	check_icu(status, "load the NFKC case fold");
}

/* Is POINT a blank, a control or an invisible character? */
static bool
point_is_invisible(uint32 point)
{
	return u_isUWhiteSpace(point) ||
		u_hasBinaryProperty(point, UCHAR_DEFAULT_IGNORABLE_CODE_POINT) ||
		u_charType(point) == U_CONTROL_CHAR ||
		u_charType(point) == U_FORMAT_CHAR;
}

/* The own table is small, so it is searched without promise of its order. */
static const FoldPair *
find_own_pair(uint32 point)
{
	for (int i = 0; i < (int) lengthof(own_pairs); i++)
		if (own_pairs[i].from == point)
			return &own_pairs[i];
	return NULL;
}

/* Appends to OUT what POINT folds to, each result folded in turn. */
static int
expand_point(uint32 point, uint32 *out, int used, int depth)
{
	const FoldPair *pair = find_own_pair(point);
	UErrorCode	status = U_ZERO_ERROR;
	UChar		source[2];
	UChar		folded[EXPANSION_LIMIT];
	int32		length = 0;
	int32		at = 0;

	if (depth > EXPANSION_DEPTH || used >= EXPANSION_LIMIT)
		elog(ERROR, "folding of U+%04X does not end", point);
	if (pair == NULL)
		pair = find_pair(simplified, simplified_count, point);
	if (pair != NULL && pair->to == point)
	{
		out[used++] = point;
		return used;
	}
	if (pair != NULL)
		return pair->to == 0 ? used :
			expand_point(pair->to, out, used, depth + 1);
	if (point_is_invisible(point))
		return used;
	U16_APPEND_UNSAFE(source, length, point);
	length = unorm2_normalize(case_fold, source, length, folded,
							  lengthof(folded), &status);
	check_icu(status, "fold a character");
	while (at < length)
	{
		UChar32		part;

		U16_NEXT(folded, at, length, part);
		if ((uint32) part != point)
			used = expand_point(part, out, used, depth + 1);
		else
			out[used++] = point;
	}
	return used;
}

/* Stores an expansion in the pool and returns its place. */
static uint32
keep_expansion(const uint32 *points, int count)
{
	int			place = expansions_used;

	array_reserve_in(TopMemoryContext, expansions, expansions_allocated,
					 Max(expansions_used + count + 1, 1024));
	expansions[expansions_used++] = count;
	memcpy(expansions + expansions_used, points, count * sizeof(uint32));
	expansions_used += count;
	return place;
}

/* Asks ICU and our own table about POINT, keeps and returns the answer. */
uint32
fold_compute_entry(uint32 point)
{
	uint32		out[EXPANSION_LIMIT + 1];
	uint32		entry = FOLD_KNOWN;
	int			count;

	if (case_fold == NULL)
		load_icu();
	if (fold_pages[point >> 8] == NULL)
		fold_pages[point >> 8] =
			MemoryContextAllocZero(TopMemoryContext, 256 * sizeof(uint32));
	count = expand_point(point, out, 0, 0);
	if (count == 0)
		entry |= FOLD_NOTHING;
	else
	{
		if (!unorm2_hasBoundaryBefore(case_fold, point) ||
			!unorm2_hasBoundaryBefore(case_fold, out[0]))
			entry |= FOLD_JOINS;
		if (count == 1)
			entry |= FOLD_ONE | out[0];
		else
			entry |= keep_expansion(out, count);
		if (count == 1 && out[0] == point)
			entry |= FOLD_SAME;
	}
	fold_pages[point >> 8][point & 0xFF] = entry;
	return entry;
}

/* From now on fold_entry(POINT) carries MARK. */
void
fold_mark(uint32 point, uint32 mark)
{
	uint32		entry = fold_entry(point);

	fold_pages[point >> 8][point & 0xFF] = entry | mark;
}

/* Folds COUNT code points one by one; true when none can join another. */
static bool
fold_each(const uint32 *points, int count, PointText *out)
{
	bool		separate = true;

	for (int i = 0; i < count; i++)
	{
		uint32		entry = fold_entry(points[i]);

		if ((i & 0xFFFF) == 0xFFFF)
			CHECK_FOR_INTERRUPTS();
		if (unlikely(entry & FOLD_JOINS))
			separate = false;
		if (likely(entry & FOLD_ONE))
			point_text_append(out, entry & FOLD_VALUE_MASK);
		else if ((entry & FOLD_NOTHING) == 0)
		{
			const uint32 *expansion = expansions + (entry & FOLD_VALUE_MASK);

			for (uint32 j = 1; j <= expansion[0]; j++)
				point_text_append(out, expansion[j]);
		}
	}
	return separate;
}

/* ICU's NFKC case fold of whole text, which composes what joins. */
static int
fold_composing(const uint32 *points, int count, uint32 **result)
{
	UErrorCode	status = U_ZERO_ERROR;
	UChar	   *source = palloc(mul_size(Max(count, 1), 2 * sizeof(UChar)));
	UChar	   *folded;
	int32		source_length = 0;
	int32		length;
	int32		at = 0;
	int			used = 0;

	for (int i = 0; i < count; i++)
		U16_APPEND_UNSAFE(source, source_length, points[i]);
	length = unorm2_normalize(case_fold, source, source_length, NULL, 0, &status);
	if (status != U_BUFFER_OVERFLOW_ERROR)
		check_icu(status, "measure a text");
	status = U_ZERO_ERROR;
	folded = palloc(mul_size(length + 1, sizeof(UChar)));
	length = unorm2_normalize(case_fold, source, source_length, folded,
							  length + 1, &status);
	check_icu(status, "fold a text");
	*result = palloc(mul_size(length + 1, sizeof(uint32)));
	while (at < length)
	{
		UChar32		point;

		U16_NEXT(folded, at, length, point);
		(*result)[used++] = point;
	}
	pfree(source);
	pfree(folded);
	return used;
}

/*
 * The slow way for text in which something joins: compose, fold each, until
 * it rests.  Each round composes or removes something, so it does come to
 * rest; the bound only guards against an ICU that surprises us.
 */
static void
fold_joining(const uint32 *points, int count, PointText *out)
{
	for (int round = 0; round < 16; round++)
	{
		uint32	   *composed;
		int			length = fold_composing(points, count, &composed);

		CHECK_FOR_INTERRUPTS();
		out->length = 0;
		fold_each(composed, length, out);
		pfree(composed);
		if (out->length == count &&
			memcmp(out->points, points, count * sizeof(uint32)) == 0)
			return;
		count = out->length;
		composed = palloc(mul_size(count + 1, sizeof(uint32)));
		memcpy(composed, out->points, count * sizeof(uint32));
		points = composed;
	}
	elog(ERROR, "folding of a text does not come to rest");
}

/* Folds a whole text, see the head of the file. */
bool
fold_span(const char *data, int length, PointText *out)
{
	uint32		local[256];
	uint32	   *points = local;
	int			count;
	bool		separate;

	if (unlikely(case_fold == NULL))
		load_icu();
	if (length > FOLD_LIMIT)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("text of more than %d bytes cannot be normalized",
						FOLD_LIMIT)));
	if (length > (int) lengthof(local))
		points = palloc(mul_size(length, sizeof(uint32)));
	count = fold_decode(data, length, points);
	point_text_init(out, count + 8);
	separate = fold_each(points, count, out);
	if (!separate)
		fold_joining(points, count, out);
	if (points != local)
		pfree(points);
	return separate;
}
