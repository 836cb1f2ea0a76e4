/*
 * address.h
 *		A Chinese address in parts.
 *
 * Reading goes in three steps: the divisions (address_place.c, with the names
 * of gazetteer.c), then everything below the county (address_grammar.c, with
 * the numbers of address_number.c), then the key of a home (address.c).  All of
 * them read by the words of address_words.c.
 */
#ifndef MEDAUDIT_ADDRESS_H
#define MEDAUDIT_ADDRESS_H

#include <wchar.h>

#include "address/address_words.h"
#include "address/gazetteer.h"
#include "text/fold.h"

/* A code point of a wide literal. */
typedef wchar_t WideChar;

/* Where a place lies: leading digits of its code, 0 where unknown. */
typedef struct Place
{
	int32		province;		/* 51 */
	int32		city;			/* 5101 */
	int32		county;			/* 510107 */
} Place;

typedef struct Address
{
	Place		place;
	PointText	district;		/* a county by a name without a certain code */
	PointText	town;
	PointText	village;
	PointText	group;			/* 2组 */
	PointText	road;
	PointText	house;			/* 5, 832弄125, 5附3: without the last 号 */
	PointText	poi;
	int			poi_before_house;	/* how much of it stands before the house */
	PointText	building;
	PointText	unit;
	PointText	floor;
	PointText	room;
	bool		lane_only;		/* the house ends in 弄: no house in it yet */
	bool		institution;	/* names a care home, a hospital, a school */
} Address;

/* One number of an address in canonical form: 十二 is 12, 03 is 3, b11. */
#define ELEMENT_MAX 24

typedef struct Element
{
	uint32		digits[ELEMENT_MAX];
	int			length;
	bool		han;			/* written in Chinese numerals */
	bool		long_digits;	/* more digits than any number of a home */
} Element;

/* address_number.c */
extern int	address_read_element(const AddressText *text, int from, Element *element);
extern UnitKind address_unit(const AddressText *text, int from, int *length);
extern bool address_is_dash(const AddressText *text, int from);
extern bool address_is_numeral(uint32 c);
extern void address_fold_numerals(const PointText *from, PointText *to);

/* address_marks.c */
extern int	address_marker(const AddressText *text, int from, bool behind_room,
						   int *kept);
extern int	address_postcode(const AddressText *text, int from);
extern bool address_names_place(const AddressWords *words, const PointText *name);

/* address_place.c */
extern int	address_read_place(const Gazetteer *gazetteer, const AddressText *text,
							   const Place *region, Address *address);

/* address_grammar.c */
extern void address_read_tail(const Gazetteer *gazetteer, const AddressText *text,
							  const Place *region, PointText *scratch,
							  Address *address);

/* The rest of TEXT from FROM on. */
static inline AddressText
address_rest(const AddressText *text, int from)
{
	AddressText rest = *text;

	rest.at += from;
	rest.count -= from;
	return rest;
}

/*
 * Does the text at FROM begin with WORD?  Words are wide literals, which hold
 * code points wherever PostgreSQL's UTF-8 databases run.
 */
static inline bool
address_starts(const AddressText *text, int from, const WideChar *word)
{
	for (int i = 0; word[i] != 0; i++)
		if (from + i >= text->count || text->at[from + i] != (uint32) word[i])
			return false;
	return true;
}

/* Is C one of the code points of SET? */
static inline bool
address_in_points(uint32 c, const PointText *set)
{
	for (int i = 0; i < set->length; i++)
		if (set->points[i] == c)
			return true;
	return false;
}

/* Is C one of the characters of SET?  Zero is in no set. */
static inline bool
address_in_set(uint32 c, const WideChar *set)
{
	for (; *set != 0; set++)
		if ((uint32) *set == c)
			return true;
	return false;
}

static inline bool
address_ends(const PointText *name, const WideChar *word)
{
	AddressText text = address_text_of(name, NULL);
	int			from = name->length - (int) wcslen(word);

	return from >= 0 && address_starts(&text, from, word);
}

static inline void
point_text_add(PointText *to, const uint32 *points, int length)
{
	for (int i = 0; i < length; i++)
		point_text_append(to, points[i]);
}

static inline void
point_text_add_text(PointText *to, const PointText *more)
{
	point_text_add(to, more->points, more->length);
}

static inline void
point_text_add_word(PointText *to, const WideChar *word)
{
	for (; *word != 0; word++)
		point_text_append(to, (uint32) *word);
}

#endif							/* MEDAUDIT_ADDRESS_H */
