/*
 * address_words.h
 *		The words by which addresses are read.
 *
 * What a word means is its kind: town closes the name of a town, building makes
 * a number the number of a building.  Words of kinds that are looked for at the
 * same place form a list.  Those that come with medaudit stand in
 * address_words.csv; a fund's own come with the divisions of a call and go
 * before them.
 */
#ifndef MEDAUDIT_ADDRESS_WORDS_H
#define MEDAUDIT_ADDRESS_WORDS_H

#include "text/fold.h"

/* What a word that closes a name makes of it, and what was read last. */
typedef enum PartKind
{
	PART_NOTHING,
	PART_TOWN,
	PART_VILLAGE,
	PART_ROAD,
	PART_NUMBER
} PartKind;

/* What the word behind a number makes of it. */
typedef enum UnitKind
{
	UNIT_NONE,
	UNIT_HOUSE,					/* 号 */
	UNIT_LANE,					/* 弄 */
	UNIT_BUILDING,				/* 栋 */
	UNIT_UNIT,					/* 单元 */
	UNIT_FLOOR,					/* 楼 层 */
	UNIT_ROOM,					/* 室 */
	UNIT_GROUP,					/* 组 社 队 */
	UNIT_COMPANY				/* 连: of the corps in Xinjiang */
} UnitKind;

/* Which side a word behind a sign may stand on: 501东户, 5号东户; 501东房 only. */
typedef enum SideKind
{
	SIDE_OF_ROOM,
	SIDE_OF_BOTH
} SideKind;

typedef enum AddressWordList
{
	WORDS_SUFFIX,				/* closes a name: 青羊镇; value PartKind */
	WORDS_UNIT,					/* behind a number: 3栋; value UnitKind */
	WORDS_NUMBERED,				/* behind 号, of roads and works: 24号大街 */
	WORDS_ESTATE,				/* ends a name in which 3号 is a building */
	WORDS_ZONE,					/* ends a name before a town: 高新开发区 */
	WORDS_CARE_HOME,			/* nobody's home: 敬老院 */
	WORDS_INSTITUTION,			/* so, unless one of the next follows */
	WORDS_BESIDE,				/* 医院家属院, 医院对面 */
	WORDS_SIDE,					/* behind a sign: 501东户; value SideKind */
	WORDS_PART,					/* behind a sign, and kept: 501东单元 */
	WORDS_STOREY,				/* a storey without a number: 地下室 */
	WORDS_POSTCODE,				/* before a postcode: 邮编 */
	WORDS_COMMON,				/* kinds of places: a row of them is no name */
	WORDS_NO_NAME,				/* as a whole no name: 中路, 本村 */
	WORDS_NO_DIVISION,			/* behind the short name of a division, which
								 * is none then: 南京广场 */
	WORDS_FILLER,				/* between divisions, says nothing: 市辖区 */
	WORDS_LEVEL,				/* so, before a county: 重庆市县云阳县 */
	WORDS_CORPS,				/* 新疆生产建设兵团 */
	ADDRESS_WORD_LISTS
} AddressWordList;

/* Folded, as addresses are. */
typedef struct AddressWord
{
	PointText	word;
	PointText	canonical;		/* what the key holds instead */
	PointText	not_before;		/* the name goes on before these */
	AddressWordList list;
	int			value;			/* as the list says */
	bool		own;			/* not one that comes with medaudit */
	int			order;			/* in the source */
} AddressWord;

/*
 * One list: its words by the low six bits of their first code point, of these
 * the longest first.  Most code points begin no word, and are found so at once.
 */
#define WORD_BUCKETS 64

typedef struct WordBuckets
{
	const AddressWord *words;
	uint16		start[WORD_BUCKETS + 1];
} WordBuckets;

typedef struct AddressWords
{
	WordBuckets lists[ADDRESS_WORD_LISTS];
} AddressWords;

extern const AddressWords *address_words_shipped(void);
extern const AddressWords *address_words_build(const char *own, Size length,
											   MemoryContext context);
extern const char *address_words_source(Size *length);
extern bool address_words_line(const char *line);

/* An address, or a part of one, with the words to read it by. */
typedef struct AddressText
{
	const uint32 *at;
	int			count;
	const AddressWords *words;
} AddressText;

static inline AddressText
address_text_of(const PointText *folded, const AddressWords *words)
{
	AddressText whole;

	whole.at = folded->points;
	whole.count = folded->length;
	whole.words = words;
	return whole;
}

/*
 * The word of LIST that stands at FROM, the longest first, and one's own first;
 * behind AFTER, where that is given: the next such word.  NULL: none.
 */
static inline const AddressWord *
address_word(const AddressText *text, int from, AddressWordList list,
			 const AddressWord *after)
{
	const WordBuckets *buckets = &text->words->lists[list];
	const AddressWord *word;
	const AddressWord *end;
	uint32		bucket;

	if (from >= text->count)
		return NULL;
	bucket = text->at[from] % WORD_BUCKETS;

	word = after != NULL ? after + 1 : buckets->words + buckets->start[bucket];
	end = buckets->words + buckets->start[bucket + 1];
	for (; word < end; word++)
		if (word->word.length <= text->count - from &&
			memcmp(text->at + from, word->word.points,
				   word->word.length * sizeof(uint32)) == 0)
			return word;
	return NULL;
}

/* How long it is, 0 if none stands there. */
static inline int
address_word_length(const AddressText *text, int from, AddressWordList list)
{
	const AddressWord *word = address_word(text, from, list, NULL);

	return word == NULL ? 0 : word->word.length;
}

/* Does NAME end in a word of LIST? */
static inline bool
address_word_ends(const AddressWords *words, const PointText *name, AddressWordList list)
{
	const WordBuckets *buckets = &words->lists[list];

	for (int i = 0; i < buckets->start[WORD_BUCKETS]; i++)
	{
		const PointText *word = &buckets->words[i].word;

		if (word->length <= name->length &&
			memcmp(name->points + name->length - word->length, word->points,
				   word->length * sizeof(uint32)) == 0)
			return true;
	}
	return false;
}

#endif							/* MEDAUDIT_ADDRESS_WORDS_H */
