/*
 * codes.c
 *		Codes of items, diagnoses, types of visit and facilities for comparing.
 *
 * Most codes are written as they should be: a glance at each byte says so, and
 * the argument itself is the answer.  The others are read sign by sign, width
 * and case folded.  Full-width signs are those of UTF-8: in a database of
 * another encoding only ASCII is folded.
 */
#include "postgres.h"
#include "base/compat.h"

#include "mb/pg_wchar.h"
#include "utils/builtins.h"

#include "base/codes.h"

#define NO_BREAK_SPACE		0x00A0
#define IDEOGRAPHIC_SPACE	0x3000
#define BYTE_ORDER_MARK		0xFEFF
#define FULL_WIDTH_FIRST	0xFF01	/* ! to ~, as in ASCII */
#define FULL_WIDTH_LAST		0xFF5E

static inline bool
is_blank(unsigned char sign)
{
	return sign == ' ' || (sign >= '\t' && sign <= '\r');
}

/* The ASCII sign that a code point stands for, 0: none. */
static unsigned char
narrow_sign(pg_wchar point)
{
	if (point >= FULL_WIDTH_FIRST && point <= FULL_WIDTH_LAST)
		return point - FULL_WIDTH_FIRST + '!';
	if (point == NO_BREAK_SPACE || point == IDEOGRAPHIC_SPACE || point == BYTE_ORDER_MARK)
		return ' ';
	return 0;
}

/*
 * Takes one sign off CODE, which is not empty: in half width and upper case,
 * every blank as ' '.  Of other scripts it takes and returns one byte.
 */
static unsigned char
next_sign(TextSpan *code, bool utf8)
{
	unsigned char sign = *code->data;
	int			bytes = 1;

	if (utf8 && (sign == 0xC2 || sign == 0xE3 || sign == 0xEF))
	{
		int			length = pg_utf_mblen((const unsigned char *) code->data);
		unsigned char narrow = 0;

		if (length <= code->length)
			narrow = narrow_sign(utf8_to_unicode((const unsigned char *) code->data));
		if (narrow != 0)
		{
			sign = narrow;
			bytes = length;
		}
	}
	code->data += bytes;
	code->length -= bytes;
	return is_blank(sign) ? ' ' : pg_ascii_toupper(sign);
}

unsigned char
diagnosis_next(TextSpan *code)
{
	bool		utf8 = GetDatabaseEncoding() == PG_UTF8;

	while (code->length > 0)
	{
		unsigned char sign = next_sign(code, utf8);

		if (sign != '.' && sign != ' ')
			return sign;
	}
	return 0;
}

TextSpan
diagnosis_fold(TextSpan code)
{
	char	   *signs = palloc(Max(code.length, 1));
	TextSpan	folded = {signs, 0};
	unsigned char sign;

	while ((sign = diagnosis_next(&code)) != 0)
		signs[folded.length++] = sign;
	if (folded.length == 0)
		folded.data = NULL;
	return folded;
}

/* The lowest and the highest bit of each of eight bytes. */
#define EACH_BYTE	UINT64CONST(0x0101010101010101)
#define EACH_TOP	(EACH_BYTE * 0x80)

/* Is one of eight signs below CODE_SUFFIX, or a small letter, or above these? */
static inline bool
any_unclean(uint64 signs)
{
	uint64		below = (signs - EACH_BYTE * CODE_SUFFIX) & ~signs;
	uint64		above = ((signs & ~EACH_TOP) + EACH_BYTE * (0x80 - 'a')) | signs;

	return ((below | above) & EACH_TOP) != 0;
}

/*
 * Is nothing to be folded?  Codes of other scripts are not asked further.  Signs
 * are looked at by eights, the last ones twice: nearly all codes are clean, and
 * every book is asked.
 */
static inline bool
is_clean(const char *data, int length)
{
	uint64		signs;

	if (length < 8)
	{
		signs = EACH_BYTE * '0';
		for (int i = 0; i < length; i++)
			signs = signs << 8 | (unsigned char) data[i];
		return !any_unclean(signs) && (length == 0 || (data[0] != ' ' && data[length - 1] != ' '));
	}
	for (int i = 0; i < length - 8; i += 8)
	{
		memcpy(&signs, data + i, 8);
		if (any_unclean(signs))
			return false;
	}
	memcpy(&signs, data + length - 8, 8);
	return !any_unclean(signs) && data[0] != ' ' && data[length - 1] != ' ';
}

TextSpan
code_trim(TextSpan code)
{
	bool		utf8 = GetDatabaseEncoding() == PG_UTF8;
	TextSpan	rest = code;
	const char *end = NULL;

	while (code.length > 0 && next_sign(&rest, utf8) == ' ')
		code = rest;
	for (rest = code; rest.length > 0;)
		if (next_sign(&rest, utf8) != ' ')
			end = rest.data;
	code.length = end == NULL ? 0 : end - code.data;
	if (end == NULL)
		code.data = NULL;
	return code;
}

TextSpan
code_fold(TextSpan code)
{
	bool		utf8 = GetDatabaseEncoding() == PG_UTF8;
	TextSpan	rest;
	TextSpan	folded = {NULL, 0};
	char	   *signs;

	if (code.length > 0 && is_clean(code.data, code.length))
		return code;
	rest = code_trim(code);
	if (rest.length == 0 || is_clean(rest.data, rest.length))
		return rest;
	folded.data = signs = palloc(rest.length);
	while (rest.length > 0)
		signs[folded.length++] = next_sign(&rest, utf8);
	return folded;
}

bool
code_is_folded(TextSpan code)
{
	return is_clean(code.data, code.length) || text_span_equal(code_fold(code), code);
}

bool
code_equal(TextSpan a, TextSpan b)
{
	if (text_span_equal(a, b))
		return true;
	return !(is_clean(a.data, a.length) && is_clean(b.data, b.length)) &&
		text_span_equal(code_fold(a), code_fold(b));
}

TextSpan
code_shown(TextSpan code)
{
	const char *suffix = code.length > 0 ? memchr(code.data, CODE_SUFFIX, code.length) : NULL;

	if (suffix != NULL)
		code.length = suffix - code.data;
	return code;
}

bool
code_begins_with(TextSpan code, TextSpan prefix)
{
	bool		utf8 = GetDatabaseEncoding() == PG_UTF8;

	code = code_trim(code);
	prefix = code_trim(prefix);
	if (prefix.length == 0)
		return false;
	while (prefix.length > 0)
		if (code.length == 0 || next_sign(&code, utf8) != next_sign(&prefix, utf8))
			return false;
	return true;
}

PG_FUNCTION_INFO_V1(medaudit_code_fold);

/* A code for comparing; nothing but blanks gives the empty text; strict. */
Datum
medaudit_code_fold(PG_FUNCTION_ARGS)
{
	text	   *code = PG_GETARG_TEXT_PP(0);
	TextSpan	given = text_span(code);
	TextSpan	folded;

	if (is_clean(given.data, given.length))
		PG_RETURN_DATUM(PG_GETARG_DATUM(0));
	folded = code_fold(given);
	PG_RETURN_TEXT_P(cstring_to_text_with_len(folded.data == NULL ? "" : folded.data, folded.length));
}

PG_FUNCTION_INFO_V1(medaudit_diagnosis_fold);

/* A diagnosis code for comparing; NULL where it says nothing; strict. */
Datum
medaudit_diagnosis_fold(PG_FUNCTION_ARGS)
{
	TextSpan	folded = diagnosis_fold(text_span(PG_GETARG_TEXT_PP(0)));

	if (folded.data == NULL)
		PG_RETURN_NULL();
	PG_RETURN_TEXT_P(cstring_to_text_with_len(folded.data, folded.length));
}

bool
code_has_form(const char *data, int length, const char *form)
{
	if ((int) strlen(form) != length)
		return false;
	for (int i = 0; i < length; i++)
	{
		char		c = data[i];
		bool		digit = c >= '0' && c <= '9';

		switch (form[i])
		{
			case '@':
				if (c < 'A' || c > 'Z')
					return false;
				break;
			case '#':
				if (!digit)
					return false;
				break;
			case '%':
				if (!digit && c != 'x')
					return false;
				break;
			default:
				if (c != form[i])
					return false;
		}
	}
	return true;
}
