/*
 * readable.c
 *		Numbers as registers have them: which of them can be read at all?
 *
 * A column of resident numbers or telephones holds what was typed in haste,
 * masked, encrypted, or of another document.  readable_resident_id() gives
 * numbers and misspelt ones, readable_phone() those that are digits; all else
 * is NULL, and unknown is never a finding.
 *
 * A run asks both of every person of the register, so that plain ASCII, which
 * nearly all of them is, goes byte by byte into a few characters on the stack:
 * 0.1 microseconds, and nothing is allocated but the result.  What else there is
 * goes through the fold or the normal form first, and yields the same signs.
 */
#include "postgres.h"
#include "base/compat.h"

#include "utils/builtins.h"

#include "text/identity.h"
#include "text/normalize.h"

/* More signs than these are no number: 0086 86 and eleven digits are 17. */
#define SIGNS_LIMIT			20

#define PHONE_SHORTEST		7
#define PHONE_LONGEST		12
#define MOBILE_LENGTH		11

/* What is left of a number when blanks and separators are gone. */
typedef struct Signs
{
	char		data[SIGNS_LIMIT];
	int			length;
} Signs;

/* What a character of a number is to the one who reads it. */
typedef enum SignKind
{
	SIGN_KEPT,
	SIGN_SKIPPED,				/* a blank, a separator */
	SIGN_WRONG,					/* it is no number */
	SIGN_UNCLEAR				/* its neighbours decide */
} SignKind;

static inline bool
is_digit(uint32 point)
{
	return point >= '0' && point <= '9';
}

/* Blanks and controls of ASCII, which folding removes. */
static inline bool
is_invisible(uint32 byte)
{
	return byte <= ' ' || byte == 0x7F;
}

static inline bool
add_sign(Signs *signs, char sign)
{
	if (signs->length == SIGNS_LIMIT)
		return false;
	signs->data[signs->length++] = sign;
	return true;
}

/* How many of the signs, from AT on, are digits. */
static int
digits_from(const Signs *signs, int at)
{
	int			count = 0;

	while (at + count < signs->length && is_digit(signs->data[at + count]))
		count++;
	return count;
}

/* -------- Resident numbers -------- */

/* A letter in its capital form, a digit, 0 for anything else. */
static inline char
resident_sign(uint32 point)
{
	if (point >= 'a' && point <= 'z')
		return point - 'a' + 'A';
	return is_digit(point) || (point >= 'A' && point <= 'Z') ? point : 0;
}

/* The signs of folded text; false where something else stands among them. */
static bool
fold_resident(const text *value, Signs *signs)
{
	PointText	folded;
	bool		all = true;

	signs->length = 0;
	fold_span(VARDATA_ANY(value), VARSIZE_ANY_EXHDR(value), &folded);
	for (int i = 0; all && i < folded.length; i++)
	{
		char		sign = resident_sign(folded.points[i]);

		all = sign != 0 && add_sign(signs, sign);
	}
	pfree(folded.points);
	return all;
}

static bool
read_resident_signs(const text *value, Signs *signs)
{
	const unsigned char *data = (const unsigned char *) VARDATA_ANY(value);
	int			length = VARSIZE_ANY_EXHDR(value);

	signs->length = 0;
	for (int i = 0; i < length; i++)
	{
		char		sign = resident_sign(data[i]);

		if (unlikely(data[i] >= 0x80))
			return fold_resident(value, signs);
		if (sign != 0 ? !add_sign(signs, sign) : !is_invisible(data[i]))
			return false;
	}
	return true;
}

/*
 * A digit lost or added, or up to three letters for digits.  Sixteen digits are
 * not read: half an MD5 has sixteen characters, and one in two thousand of them
 * has no letter.
 */
static bool
is_misspelt(const Signs *signs)
{
	int			length = signs->length;
	int			leading = digits_from(signs, 0);
	bool		but_last = leading == length - 1 && signs->data[length - 1] == 'X';
	int			letters = 0;

	switch (length)
	{
		case 14:
		case 15:
			return leading == length;
		case 17:
		case 19:
			return leading == length || but_last;
		case 18:
			for (int i = 0; i < length; i++)
				letters += !is_digit(signs->data[i]);
			return letters <= 3;
		default:
			return false;
	}
}

PG_FUNCTION_INFO_V1(medaudit_readable_resident_id);

/* The number as resident_id_normalize() has it, NULL for what is none; strict. */
Datum
medaudit_readable_resident_id(PG_FUNCTION_ARGS)
{
	char		upgraded[RESIDENT_LENGTH];
	bool		is_old;
	Signs		signs;

	fold_require_utf8();
	if (!read_resident_signs(PG_GETARG_TEXT_PP(0), &signs))
		PG_RETURN_NULL();
	if (resident_number_valid(signs.data, signs.length, upgraded, &is_old))
		PG_RETURN_TEXT_P(is_old ?
						 cstring_to_text_with_len(upgraded, RESIDENT_LENGTH) :
						 cstring_to_text_with_len(signs.data, signs.length));
	if (!is_misspelt(&signs))
		PG_RETURN_NULL();
	PG_RETURN_TEXT_P(cstring_to_text_with_len(signs.data, signs.length));
}

/* -------- Telephones -------- */

/* Does a hidden digit stand in the text, as it came: * # ＊ × ? */
static bool
is_masked(const char *data, int length)
{
	for (int i = 0; i < length; i++)
	{
		const unsigned char *at = (const unsigned char *) data + i;

		if (*at == '*' || *at == '#' ||
			(i + 1 < length && at[0] == 0xC3 && at[1] == 0x97) ||
			(i + 2 < length && at[0] == 0xEF && at[1] == 0xBC && at[2] == 0x8A))
			return true;
	}
	return false;
}

/* What a byte of ASCII is before it is folded; letters may be signs of times. */
static SignKind
phone_byte_kind(unsigned char byte)
{
	if (is_digit(byte) || byte == '+')
		return SIGN_KEPT;
	if (is_invisible(byte) || strchr("()-[]{},~", byte) != NULL)
		return SIGN_SKIPPED;
	return byte == '*' || byte == '#' ? SIGN_WRONG : SIGN_UNCLEAR;
}

/* The signs of normal text; false where something else stands among them. */
static bool
normalize_phone(const text *value, Signs *signs)
{
	PointText	normal;
	bool		all = true;

	signs->length = 0;
	if (is_masked(VARDATA_ANY(value), VARSIZE_ANY_EXHDR(value)))
		return false;
	normalize_span(VARDATA_ANY(value), VARSIZE_ANY_EXHDR(value), NULL, &normal);
	for (int i = 0; all && i < normal.length; i++)
	{
		uint32		point = normal.points[i];

		if (point != '(' && point != ')' && point != FOLDED_SEPARATOR)
			all = (is_digit(point) || point == '+') && add_sign(signs, point);
	}
	pfree(normal.points);
	return all;
}

static bool
read_phone_signs(const text *value, Signs *signs)
{
	const unsigned char *data = (const unsigned char *) VARDATA_ANY(value);
	int			length = VARSIZE_ANY_EXHDR(value);

	signs->length = 0;
	for (int i = 0; i < length; i++)
		switch (data[i] < 0x80 ? phone_byte_kind(data[i]) : SIGN_UNCLEAR)
		{
			case SIGN_KEPT:
				if (!add_sign(signs, data[i]))
					return false;
				break;
			case SIGN_SKIPPED:
				break;
			case SIGN_WRONG:
				return false;
			case SIGN_UNCLEAR:
				return normalize_phone(value, signs);
		}
	return true;
}

/* Where the number begins: behind +86 or 0086, and behind 86 of a mobile one. */
static int
skip_country(const Signs *signs)
{
	const char *data = signs->data;
	int			length = signs->length;
	int			at = 0;

	if (length >= 3 && memcmp(data, "+86", 3) == 0)
		at = 3;
	else if (length >= 4 && memcmp(data, "0086", 4) == 0)
		at = 4;
	if (length - at == 2 + MOBILE_LENGTH && memcmp(data + at, "861", 3) == 0)
		at += 2;
	return at;
}

static bool
is_one_sign(const char *data, int length)
{
	for (int i = 1; i < length; i++)
		if (data[i] != data[0])
			return false;
	return true;
}

PG_FUNCTION_INFO_V1(medaudit_readable_phone);

/*
 * Seven to twelve digits; NULL for anything else, and for one digit repeated;
 * strict.
 */
Datum
medaudit_readable_phone(PG_FUNCTION_ARGS)
{
	Signs		signs;
	int			at;
	int			length;

	fold_require_utf8();
	if (!read_phone_signs(PG_GETARG_TEXT_PP(0), &signs))
		PG_RETURN_NULL();
	at = skip_country(&signs);
	length = signs.length - at;
	if (length < PHONE_SHORTEST || length > PHONE_LONGEST ||
		digits_from(&signs, at) != length ||
		is_one_sign(signs.data + at, length))
		PG_RETURN_NULL();
	PG_RETURN_TEXT_P(cstring_to_text_with_len(signs.data + at, length));
}
