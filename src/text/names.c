/*
 * names.c
 *		Names of persons: a key to compare, a match with masked ones, pinyin.
 *
 * A key is the folded name (fold.c: width, case, traditional characters)
 * without blanks, middle dots and other separators; no alias and no number
 * rule touches it, for 张三 is no third 张.  Characters that stand for one that
 * is hidden or missing (* × ? 某) become a star, which name_matches() lets
 * stand for any one character.
 *
 * Pinyin comes from ICU's Han-Latin/Names, which knows the readings that
 * surnames have (单 shan, 仇 qiu) and no others: a key to find candidates by,
 * never to decide by.  The transliterator takes 0.1 s to open; it is opened on
 * the first call of a backend and kept.
 */
#include "postgres.h"
#include "base/compat.h"

#include <unicode/ustring.h>
#include <unicode/utrans.h>

#include "utils/builtins.h"

#include "text/normalize.h"

/* Of longer text only so many code points are read as a name. */
#define PINYIN_LIMIT		64
#define PINYIN_ID			"Han-Latin/Names; NFD; [:Mn:] Remove; Lower"

static UTransliterator *han_latin;

/* Does the byte sequence at DATA stand for a hidden character?  Its length. */
static int
hidden_character(const char *data, int length)
{
	static const char *const hidden[] = {
		"*", "＊", "×", "✱", "?", "？", "某", "\357\277\275"
	};

	/* Most bytes of names begin none of them. */
	if (strchr("*?\303\342\346\357", data[0]) == NULL)
		return 0;
	for (int i = 0; i < (int) lengthof(hidden); i++)
	{
		int			bytes = strlen(hidden[i]);

		if (bytes <= length && memcmp(hidden[i], data, bytes) == 0)
			return bytes;
	}
	return 0;
}

/*
 * Folds a piece of a name and appends all but its separators and dots.  False
 * says that something in it may join what stands before.
 */
static bool
append_name_piece(const char *data, int length, PointText *key)
{
	PointText	folded;
	bool		separate;

	if (length == 0)
		return true;
	separate = fold_span(data, length, &folded);
	for (int i = 0; i < folded.length; i++)
	{
		uint32		point = folded.points[i];

		if (point != FOLDED_SEPARATOR && point != '.' && point != '\'' &&
			point != '"')
			point_text_append(key, point == '?' ? '*' : point);
	}
	pfree(folded.points);
	return separate;
}

/*
 * The key of NAME; KEY is initialized here.  Where a separator that goes may
 * bring two characters together, the key is made of the key until it rests.
 */
static void
make_name_key(text *name, PointText *key)
{
	const char *data = VARDATA_ANY(name);
	int			length = VARSIZE_ANY_EXHDR(name);
	int			start = 0;
	bool		separate = true;

	fold_require_utf8();
	point_text_init(key, length);
	for (int at = 0; at < length;)
	{
		int			hidden = hidden_character(data + at, length - at);

		if (hidden == 0)
		{
			at++;
			continue;
		}
		separate &= append_name_piece(data + start, at - start, key);
		point_text_append(key, '*');
		at += hidden;
		start = at;
	}
	separate &= append_name_piece(data + start, length - start, key);
	if (!separate)
	{
		text	   *again = point_text_encode(key->points, key->length);

		if (VARSIZE(again) - VARHDRSZ != (Size) length ||
			memcmp(VARDATA(again), data, length) != 0)
			make_name_key(again, key);
	}
}

PG_FUNCTION_INFO_V1(medaudit_name_key);

/* name_key(text): strict; empty stays empty. */
Datum
medaudit_name_key(PG_FUNCTION_ARGS)
{
	PointText	key;

	make_name_key(PG_GETARG_TEXT_PP(0), &key);
	PG_RETURN_TEXT_P(point_text_encode(key.points, key.length));
}

PG_FUNCTION_INFO_V1(medaudit_name_matches);

/*
 * name_matches(text, text): equal keys, a star being any one character; strict.
 * An empty name matches none.
 */
Datum
medaudit_name_matches(PG_FUNCTION_ARGS)
{
	PointText	a;
	PointText	b;

	make_name_key(PG_GETARG_TEXT_PP(0), &a);
	make_name_key(PG_GETARG_TEXT_PP(1), &b);
	if (a.length != b.length || a.length == 0)
		PG_RETURN_BOOL(false);
	for (int i = 0; i < a.length; i++)
		if (a.points[i] != b.points[i] && a.points[i] != '*' &&
			b.points[i] != '*')
			PG_RETURN_BOOL(false);
	PG_RETURN_BOOL(true);
}

/* Opens the transliterator, once per backend. */
static void
open_han_latin(void)
{
	static const char name[] = PINYIN_ID;
	UChar		id[sizeof(name)];
	UErrorCode	status = U_ZERO_ERROR;
	UTransliterator *opened;

	u_charsToUChars(name, id, sizeof(name));
	opened = utrans_openU(id, -1, UTRANS_FORWARD, NULL, 0, NULL, &status);
	if (U_FAILURE(status))
		ereport(ERROR,
				(errcode(ERRCODE_EXTERNAL_ROUTINE_EXCEPTION),
				 errmsg("ICU could not open the transliterator Han-Latin/Names: %s",
						u_errorName(status))));
	han_latin = opened;
}

PG_FUNCTION_INFO_V1(medaudit_name_pinyin);

/* name_pinyin(text): small letters a to z of the name's reading; strict. */
Datum
medaudit_name_pinyin(PG_FUNCTION_ARGS)
{
	PointText	key;
	UErrorCode	status = U_ZERO_ERROR;
	UChar		buffer[PINYIN_LIMIT * 16];
	char		letters[PINYIN_LIMIT * 16];
	int32		length = 0;
	int32		limit;
	int			used = 0;

	make_name_key(PG_GETARG_TEXT_PP(0), &key);
	if (han_latin == NULL)
		open_han_latin();
	for (int i = 0; i < Min(key.length, PINYIN_LIMIT); i++)
		U16_APPEND_UNSAFE(buffer, length, key.points[i]);
	limit = length;
	utrans_transUChars(han_latin, buffer, &length, lengthof(buffer), 0, &limit,
					   &status);
	if (U_FAILURE(status))
		ereport(ERROR,
				(errcode(ERRCODE_EXTERNAL_ROUTINE_EXCEPTION),
				 errmsg("ICU could not transliterate a name: %s",
						u_errorName(status))));
	for (int i = 0; i < length; i++)
		if (buffer[i] >= 'a' && buffer[i] <= 'z')
			letters[used++] = (char) buffer[i];
	PG_RETURN_TEXT_P(cstring_to_text_with_len(letters, used));
}
