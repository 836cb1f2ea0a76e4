/*
 * address_words.c
 *		The words by which addresses are read, in one list.
 *
 * A line of the source is "kind word", and behind tabs what the key holds
 * instead of the word and the characters before which it does not count:
 * "village 村委会\t村", "town 镇\t\t村路街区".  The words that come with medaudit
 * are compiled in (the build makes word_data.h from address_words.csv) and read
 * once per backend, in a fraction of a millisecond; a fund's own stand among
 * the lines of compile_divisions() and are merged with them once per statement.
 *
 * A word of one's own goes before a shipped one of the same length, and in
 * place of one of the same kind and spelling.  Memory: some 90 kB.
 */
#include "postgres.h"
#include "base/compat.h"

#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "utils/memutils.h"

#include "address/address_words.h"
#include "text/normalize.h"

/* One string, made by the build: "town 街道办事处\t街道\t\n ..." */
static const char shipped_words[] = {
#include "address/word_data.h"
};

typedef struct WordKind
{
	const char *name;
	AddressWordList list;
	int			value;
} WordKind;

static const WordKind word_kinds[] = {
	{"town", WORDS_SUFFIX, PART_TOWN},
	{"village", WORDS_SUFFIX, PART_VILLAGE},
	{"road", WORDS_SUFFIX, PART_ROAD},
	{"house", WORDS_UNIT, UNIT_HOUSE},
	{"lane", WORDS_UNIT, UNIT_LANE},
	{"building", WORDS_UNIT, UNIT_BUILDING},
	{"unit", WORDS_UNIT, UNIT_UNIT},
	{"floor", WORDS_UNIT, UNIT_FLOOR},
	{"room", WORDS_UNIT, UNIT_ROOM},
	{"group", WORDS_UNIT, UNIT_GROUP},
	{"company", WORDS_UNIT, UNIT_COMPANY},
	{"numbered", WORDS_NUMBERED, 0},
	{"estate", WORDS_ESTATE, 0},
	{"zone", WORDS_ZONE, 0},
	{"care_home", WORDS_CARE_HOME, 0},
	{"institution", WORDS_INSTITUTION, 0},
	{"beside", WORDS_BESIDE, 0},
	{"side", WORDS_SIDE, SIDE_OF_BOTH},
	{"room_side", WORDS_SIDE, SIDE_OF_ROOM},
	{"part", WORDS_PART, 0},
	{"storey", WORDS_STOREY, 0},
	{"postcode", WORDS_POSTCODE, 0},
	{"common", WORDS_COMMON, 0},
	{"no_name", WORDS_NO_NAME, 0},
	{"no_division", WORDS_NO_DIVISION, 0},
	{"filler", WORDS_FILLER, 0},
	{"level", WORDS_LEVEL, 0},
	{"corps", WORDS_CORPS, 0},
};

/* Words of a source, as they are read. */
typedef struct WordReader
{
	AddressWord *words;
	int			count;
	bool		own;
} WordReader;

const char *
address_words_source(Size *length)
{
	*length = sizeof(shipped_words) - 1;
	return shipped_words;
}

/* Is the line one of a word, not of a division?  Divisions begin with a digit. */
bool
address_words_line(const char *line)
{
	return *line >= 'a' && *line <= 'z';
}

static void
invalid_line(const char *line, int length)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("invalid word of addresses: \"%.*s\"",
					pg_mbcliplen(line, length, 60), line),
			 errdetail("A line holds a kind, a blank and a word that is more than blanks, and may hold what stands for it and what must not follow behind tabs."),
			 errhint("Make the value with compile_divisions().")));
}

/* The kind at the head of the line, with the blank behind it. */
static const WordKind *
kind_of_line(const char *line, int length)
{
	for (Size i = 0; i < lengthof(word_kinds); i++)
	{
		int			size = (int) strlen(word_kinds[i].name);

		if (length > size && line[size] == ' ' && memcmp(line, word_kinds[i].name, size) == 0)
			return &word_kinds[i];
	}
	invalid_line(line, length);
	return NULL;				/* keep compilers quiet */
}

/* Folds the field of *LINE up to a tab or the end, and moves behind it. */
static void
read_field(const char **line, const char *end, PointText *field)
{
	const char *stop = memchr(*line, '\t', end - *line);

	if (stop == NULL)
		stop = end;
	normalize_span(*line, (int) (stop - *line), NULL, field);
	if (field->length == 0)
	{
		pfree(field->points);
		field->points = NULL;
	}
	*line = stop < end ? stop + 1 : end;
}

static void
read_word(WordReader *reader, const char *line, const char *end)
{
	const WordKind *kind = kind_of_line(line, (int) Min(end - line, 1000));
	AddressWord *word = &reader->words[reader->count];
	const char *at = line + strlen(kind->name) + 1;

	word->list = kind->list;
	word->value = kind->value;
	word->own = reader->own;
	word->order = reader->count++;
	read_field(&at, end, &word->word);
	read_field(&at, end, &word->canonical);
	read_field(&at, end, &word->not_before);
	if (word->word.length == 0 || at < end)
		invalid_line(line, (int) Min(end - line, 1000));
	if (word->canonical.length == 0)
		word->canonical = word->word;
}

/* Reads those lines of SOURCE that are words. */
static void
read_words(WordReader *reader, const char *source, Size length)
{
	const char *end = source + length;

	for (const char *line = source; line < end;)
	{
		const char *stop = memchr(line, '\n', end - line);

		if (stop == NULL)
			stop = end;
		CHECK_FOR_INTERRUPTS();
		if (stop > line && address_words_line(line))
			read_word(reader, line, stop);
		line = stop + 1;
	}
}

static int
count_words(const char *source, Size length)
{
	int			count = 0;

	for (const char *line = source; line != NULL && line < source + length;)
	{
		const char *stop = memchr(line, '\n', source + length - line);

		count += address_words_line(line);
		line = stop == NULL ? NULL : stop + 1;
	}
	return count;
}

static inline uint32
bucket_of(const AddressWord *word)
{
	return word->word.points[0] % WORD_BUCKETS;
}

/* By list and bucket; there the longest first, and one's own first. */
static int
compare_words(const void *x, const void *y)
{
	const AddressWord *a = x;
	const AddressWord *b = y;

	if (a->list != b->list)
		return a->list < b->list ? -1 : 1;
	if (bucket_of(a) != bucket_of(b))
		return bucket_of(a) < bucket_of(b) ? -1 : 1;
	if (a->word.length != b->word.length)
		return a->word.length > b->word.length ? -1 : 1;
	if (a->own != b->own)
		return a->own ? -1 : 1;
	return (a->order > b->order) - (a->order < b->order);
}

/* Does a word of one's own stand for the shipped one, among COUNT of one list? */
static bool
is_replaced(const AddressWord *word, const AddressWord *others, int count)
{
	for (int i = 0; i < count && !word->own; i++)
		if (others[i].own && others[i].value == word->value &&
			point_text_equal(&others[i].word, &word->word))
			return true;
	return false;
}

/* Leaves out shipped words that own ones replace; how many are left. */
static int
drop_replaced(AddressWord *words, int count)
{
	int			kept = 0;
	int			first = 0;		/* of the list */

	for (int i = 0; i < count; i++)
	{
		if (kept == 0 || words[first].list != words[i].list)
			first = kept;
		if (!is_replaced(&words[i], words + first, kept - first))
			words[kept++] = words[i];
	}
	return kept;
}

static void
fill_buckets(AddressWords *to, const AddressWord *words, int count)
{
	int			at = 0;

	for (int list = 0; list < ADDRESS_WORD_LISTS; list++)
	{
		WordBuckets *buckets = &to->lists[list];
		int			first = at;

		buckets->words = words + first;
		for (uint32 bucket = 0; bucket < WORD_BUCKETS; bucket++)
		{
			while (at < count && words[at].list == (AddressWordList) list &&
				   bucket_of(&words[at]) == bucket)
				at++;
			buckets->start[bucket + 1] = (uint16) (at - first);
		}
	}
}

/*
 * The shipped words and those among the lines of OWN, in CONTEXT.  A line that
 * begins as a word and is none is 22023; others are not looked at.
 */
const AddressWords *
address_words_build(const char *own, Size length, MemoryContext context)
{
	MemoryContext old = MemoryContextSwitchTo(context);
	AddressWords *words = palloc0(sizeof(AddressWords));
	int			count = count_words(own, length);
	WordReader	reader = {NULL, 0, true};

	if (count > PG_UINT16_MAX / 2)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("too many words of addresses: %d", count)));
	count += count_words(shipped_words, sizeof(shipped_words) - 1);
	reader.words = palloc(mul_size(count, sizeof(AddressWord)));
	read_words(&reader, own, length);
	reader.own = false;
	read_words(&reader, shipped_words, sizeof(shipped_words) - 1);
	qsort(reader.words, reader.count, sizeof(AddressWord), compare_words);
	reader.count = drop_replaced(reader.words, reader.count);
	fill_buckets(words, reader.words, reader.count);
	MemoryContextSwitchTo(old);
	return words;
}

/* The words this build came with, made on the first use in a backend. */
const AddressWords *
address_words_shipped(void)
{
	static const AddressWords *shipped = NULL;
	MemoryContext context;
	const AddressWords *built;

	if (shipped != NULL)
		return shipped;
	context = AllocSetContextCreate(CurrentMemoryContext, "medaudit address words",
									ALLOCSET_DEFAULT_SIZES);
	built = address_words_build("", 0, context);
	MemoryContextSetParent(context, TopMemoryContext);
	shipped = built;
	return shipped;
}
