/*
 * dose.c
 *		How often and how much: the frequency and dose text of prescriptions.
 *
 * A text is normalized, its numbers in words become digits (一日三次: 1日3次),
 * words that say when or how but not how often (饭后, po) vanish, and what is
 * left is spelled in one letter a word:
 *
 *		T 次   D 日 天   W 周   M 月   H 小时   N 分钟   E 每   G 隔   K 各
 *		A 早   B 中 午   C 晚   S 睡前   / per   - separator   ? anything else
 *
 * so that each form is a handful of letters that a short reader takes apart.
 * What the reader does not understand to its end is NULL, never a guess and
 * never 0; so is whatever is taken as needed (prn).  Numbers are fractions of
 * int64, hence exact.  Cost: a microsecond or so; nothing is kept.
 */
#include "postgres.h"
#include "compat.h"

#include "common/int.h"
#include "utils/builtins.h"
#include "utils/numeric.h"

#include "normalize.h"

/* Longer texts are no frequency and no dose. */
#define SPELLED_LIMIT		64
#define FREQUENCY_LIMIT		1440	/* once a minute */

typedef struct Fraction
{
	int64		numerator;
	int64		denominator;
} Fraction;

typedef struct Reader
{
	const char *at;
} Reader;

typedef struct Term
{
	const char *word;			/* UTF-8, in normal form */
	const char *letters;
} Term;

/* Longest first where one begins another. */
static const Term frequency_terms[] = {
	{"必要时", "P"}, {"需要时", "P"}, {"按需", "P"}, {"备用", "P"},
	{"疼痛时", "P"}, {"痛时", "P"}, {"发热时", "P"}, {"发作时", "P"},
	{"饭前", ""}, {"饭后", ""}, {"餐前", ""}, {"餐后", ""}, {"饭时", ""},
	{"餐中", ""}, {"空腹", ""}, {"口服", ""}, {"外用", ""}, {"含服", ""},
	{"静滴", ""}, {"静注", ""}, {"肌注", ""}, {"皮下", ""}, {"服用", ""},
	{"给药", ""}, {"睡前", "S"}, {"临睡", "S"}, {"小时", "H"}, {"钟头", "H"},
	{"分钟", "N"}, {"星期", "W"}, {"礼拜", "W"}, {"早上", "A"}, {"早晨", "A"},
	{"中午", "B"}, {"晚上", "C"}, {"晚间", "C"}, {"夜间", "C"}, {"个", ""},
	{"次", "T"}, {"回", "T"}, {"日", "D"}, {"天", "D"}, {"周", "W"},
	{"月", "M"}, {"时", "H"}, {"每", "E"}, {"隔", "G"}, {"各", "K"},
	{"早", "A"}, {"晨", "A"}, {"中", "B"}, {"午", "B"}, {"晚", "C"},
	{"夜", "C"}, {"服", ""},
};

static const struct
{
	const char *abbreviation;
	int			numerator;		/* 0: as needed */
	int			denominator;
}			abbreviations[] = {
	{"prn", 0, 1}, {"sos", 0, 1},
	{"stat", 1, 1}, {"st", 1, 1}, {"once", 1, 1},
	{"qd", 1, 1}, {"qn", 1, 1}, {"qm", 1, 1}, {"qhs", 1, 1}, {"hs", 1, 1},
	{"qam", 1, 1}, {"qpm", 1, 1},
	{"bid", 2, 1}, {"tid", 3, 1}, {"qid", 4, 1},
	{"qod", 1, 2}, {"qh", 24, 1},
	{"qow", 1, 14}, {"biw", 2, 7}, {"tiw", 3, 7}, {"qw", 1, 7},
};

/* How a drug is given and with what meals: no matter here. */
static const char *const route_words[] = {
	"po", "iv", "im", "ih", "sc", "ivgtt", "ivdrip", "gtt", "ac", "pc", "cc",
	"sl", "pr", "inh", "top",
};

/* -------- Fractions -------- */

static Fraction
fraction(int64 numerator, int64 denominator)
{
	Fraction	f = {numerator, denominator};

	return f;
}

/* a * b; false when it does not fit. */
static bool
fraction_multiply(Fraction a, Fraction b, Fraction *result)
{
	return !pg_mul_s64_overflow(a.numerator, b.numerator, &result->numerator) &&
		!pg_mul_s64_overflow(a.denominator, b.denominator, &result->denominator);
}

static bool
fraction_divide(Fraction a, Fraction b, Fraction *result)
{
	if (b.numerator <= 0)
		return false;
	return fraction_multiply(a, fraction(b.denominator, b.numerator), result);
}

static Datum
fraction_to_numeric(Fraction f)
{
	Datum		quotient;

	quotient = DirectFunctionCall2(numeric_div,
								   NumericGetDatum(int64_to_numeric(f.numerator)),
								   NumericGetDatum(int64_to_numeric(f.denominator)));
	return DirectFunctionCall1(numeric_trim_scale, quotient);
}

/*
 * Reads 12, 0.25, 1/2; at most 12 digits.  False, and nothing read, where no
 * number stands.
 */
static bool
read_fraction(Reader *reader, Fraction *result)
{
	const char *at = reader->at;
	Fraction	read = {0, 1};
	int			digits = 0;

	for (; *at >= '0' && *at <= '9' && digits < 12; at++, digits++)
		read.numerator = read.numerator * 10 + (*at - '0');
	if (digits == 0)
		return false;
	if (at[0] == '.' && at[1] >= '0' && at[1] <= '9')
		for (at++; *at >= '0' && *at <= '9' && digits < 12; at++, digits++)
		{
			read.numerator = read.numerator * 10 + (*at - '0');
			read.denominator *= 10;
		}
	else if (at[0] == '/' && at[1] >= '2' && at[1] <= '9' &&
			 !(at[2] >= '0' && at[2] <= '9'))
	{
		read.denominator = at[1] - '0';
		at += 2;
	}
	if (*at >= '0' && *at <= '9')
		return false;
	reader->at = at;
	*result = read;
	return true;
}

/* -------- Spelling -------- */

/* Does the UTF-8 WORD stand at POINTS?  Returns its length there, 0 if not. */
static int
term_stands_at(const char *word, const uint32 *points, int count)
{
	uint32		wanted[8];
	int			length = fold_decode(word, Min(strlen(word), 8 * 3), wanted);

	if (length > count ||
		memcmp(wanted, points, length * sizeof(uint32)) != 0)
		return 0;
	return length;
}

/* Appends a number in words as digits; returns what it took. */
static int
spell_number(const uint32 *points, int count, char *out, int *used)
{
	int64		value;
	int			taken;

	if (points[0] == 0x534A)	/* 半 */
	{
		/* 1片半 is read where units are; 半片 is half of one. */
		*used += snprintf(out + *used, 4, "0.5");
		return 1;
	}
	taken = chinese_number(points, count, &value);
	if (taken > 0)
		*used += snprintf(out + *used, 16, INT64_FORMAT, value);
	return taken;
}

/* The letters for the first of TERMS that stands at POINTS; 0 if none does. */
static int
spell_term(const uint32 *points, int count, const Term *terms, int term_count,
		   char *out, int *used)
{
	for (int i = 0; i < term_count; i++)
	{
		int			taken = term_stands_at(terms[i].word, points, count);

		if (taken > 0)
		{
			*used += snprintf(out + *used, 8, "%s", terms[i].letters);
			return taken;
		}
	}
	return 0;
}

/*
 * Spells VALUE into OUT: numbers as digits, terms by their letters, ASCII as it
 * is, all else as ?.  False when it is too long to be what we look for.
 */
static bool
spell(text *value, const Term *terms, int term_count, char *out)
{
	PointText	normal;
	int			used = 0;
	int			at = 0;

	if (VARSIZE_ANY_EXHDR(value) > 1000)
		return false;
	normalize_span(VARDATA_ANY(value), VARSIZE_ANY_EXHDR(value), NULL, &normal);
	while (at < normal.length)
	{
		const uint32 *points = normal.points + at;
		int			count = normal.length - at;
		int			taken;

		if (used + 32 > SPELLED_LIMIT)
			return false;
		if ((taken = spell_number(points, count, out, &used)) == 0 &&
			(taken = spell_term(points, count, terms, term_count, out,
								&used)) == 0)
		{
			out[used++] = points[0] < 0x80 ? (char) points[0] : '?';
			taken = 1;
		}
		at += taken;
	}
	out[used] = '\0';
	pfree(normal.points);
	return true;
}

/* -------- Frequency -------- */

/* Days in a unit of time: H, N, D, W, M; false for anything else. */
static bool
unit_days(char letter, Fraction *days)
{
	switch (letter)
	{
		case 'N':
			*days = fraction(1, 1440);
			return true;
		case 'H':
		case 'h':
			*days = fraction(1, 24);
			return true;
		case 'D':
		case 'd':
			*days = fraction(1, 1);
			return true;
		case 'W':
		case 'w':
			*days = fraction(7, 1);
			return true;
		case 'M':
			*days = fraction(30, 1);
			return true;
		default:
			return false;
	}
}

/* [number] unit: a span of days.  Nothing is read where none stands. */
static bool
read_span(Reader *reader, Fraction *days)
{
	Reader		ahead = *reader;
	Fraction	number;
	Fraction	unit;

	if (!read_fraction(&ahead, &number))
		number = fraction(1, 1);
	if (!unit_days(*ahead.at, &unit) || !fraction_multiply(number, unit, days))
		return false;
	ahead.at++;
	*reader = ahead;
	return true;
}

/* number T */
static bool
read_times(Reader *reader, Fraction *times)
{
	Reader		ahead = *reader;
	Fraction	number;

	if (!read_fraction(&ahead, &number) || *ahead.at != 'T')
		return false;
	ahead.at++;
	*times = number;
	*reader = ahead;
	return true;
}

/* Nothing may follow but a duration (tid×7天) or a remark in brackets. */
static bool
reads_to_end(const Reader *reader)
{
	return *reader->at == '\0' || *reader->at == '-' || *reader->at == '(';
}

/* How it is given, if that stands here. */
static bool
read_route(Reader *reader)
{
	int			best = 0;

	for (int i = 0; i < (int) lengthof(route_words); i++)
	{
		int			length = strlen(route_words[i]);

		if (length > best &&
			strncmp(reader->at, route_words[i], length) == 0)
			best = length;
	}
	reader->at += best;
	return best > 0;
}

/* qd, bid, prn; a route may follow. */
static bool
read_abbreviation(Reader *reader, Fraction *times)
{
	for (int i = 0; i < (int) lengthof(abbreviations); i++)
	{
		Reader		ahead = *reader;
		int			length = strlen(abbreviations[i].abbreviation);

		if (strncmp(ahead.at, abbreviations[i].abbreviation, length) != 0)
			continue;
		ahead.at += length;
		while (read_route(&ahead))
			;
		if (!reads_to_end(&ahead))
			continue;
		*reader = ahead;
		*times = fraction(abbreviations[i].numerator,
						  abbreviations[i].denominator);
		return true;
	}
	return false;
}

/* q8h, q12小时, q3d, q2w; and 2w as the dictionaries have it. */
static bool
read_every(Reader *reader, Fraction *times)
{
	Reader		ahead = *reader;
	Fraction	days;
	bool		has_q = *ahead.at == 'q';

	if (has_q)
		ahead.at++;
	if (!(*ahead.at >= '1' && *ahead.at <= '9') || !read_span(&ahead, &days))
		return false;
	if (!has_q && ahead.at[-1] != 'w')
		return false;
	while (read_route(&ahead))
		;
	if (!reads_to_end(&ahead) || !fraction_divide(fraction(1, 1), days, times))
		return false;
	*reader = ahead;
	return true;
}

/* 每日3次, 1日3次, 每8小时, 每晚1次; 隔日1次; 3次/日, 3/日, 3次每日. */
static bool
read_times_per_span(Reader *reader, Fraction *result)
{
	Reader		ahead = *reader;
	Fraction	days = {1, 1};
	Fraction	times = {1, 1};

	if (*ahead.at == 'G')		/* 隔2日 leaves two days out */
	{
		Fraction	number = {1, 1};
		Fraction	unit;

		ahead.at++;
		(void) read_fraction(&ahead, &number);
		if (!unit_days(*ahead.at++, &unit) || number.denominator != 1)
			return false;
		number.numerator++;
		(void) read_times(&ahead, &times);
		if (!fraction_multiply(number, unit, &days))
			return false;
	}
	else if (*ahead.at == 'E')
	{
		ahead.at++;
		if (!read_span(&ahead, &days))
			return false;
		(void) read_times(&ahead, &times);
	}
	else if (read_span(&ahead, &days))
	{
		if (!read_times(&ahead, &times))
			return false;
	}
	else
	{
		if (!read_times(&ahead, &times) && !read_fraction(&ahead, &times))
			return false;
		if (*ahead.at != '/' && *ahead.at != 'E')
			return false;
		ahead.at++;
		if (!read_span(&ahead, &days))
			return false;
	}
	if (!reads_to_end(&ahead) || !fraction_divide(times, days, result))
		return false;
	*reader = ahead;
	return true;
}

/* 早晚各1次, 早中晚, 睡前, 每晚1次, 每日早晚: counts the hours named. */
static bool
read_hours_of_day(Reader *reader, Fraction *times)
{
	Reader		ahead = *reader;
	int			hours = 0;
	Fraction	each = {1, 1};

	if (*ahead.at == 'E')
		ahead.at++;
	else if (*ahead.at == '1' && ahead.at[1] == 'D')
		ahead.at++;
	if (*ahead.at == 'D')
		ahead.at++;
	for (; *ahead.at != '\0' && strchr("ABCS-", *ahead.at) != NULL; ahead.at++)
		if (*ahead.at != '-' && !(*ahead.at == 'S' && hours > 0))
			hours++;
	if (hours == 0)
		return false;
	if (*ahead.at == 'K')
		ahead.at++;
	else if (hours > 1 && *ahead.at >= '0' && *ahead.at <= '9')
		return false;
	(void) read_times(&ahead, &each);
	if (!reads_to_end(&ahead) ||
		!fraction_multiply(fraction(hours, 1), each, times))
		return false;
	*reader = ahead;
	return true;
}

/* Takes dots out of q.d. and leaves those of numbers. */
static void
drop_dots_of_letters(char *spelled)
{
	char	   *to = spelled;

	for (const char *from = spelled; *from != '\0'; from++)
	{
		bool		in_number = from > spelled && from[-1] >= '0' &&
		from[-1] <= '9' && from[1] >= '0' && from[1] <= '9';

		if (*from != '.' || in_number)
			*to++ = *from;
	}
	*to = '\0';
}

PG_FUNCTION_INFO_V1(medaudit_times_per_day);

/* times_per_day(text): strict; NULL for as needed and for unknown. */
Datum
medaudit_times_per_day(PG_FUNCTION_ARGS)
{
	char		spelled[SPELLED_LIMIT];
	Reader		reader = {spelled};
	Fraction	times;

	fold_require_utf8();
	if (!spell(PG_GETARG_TEXT_PP(0), frequency_terms,
			   lengthof(frequency_terms), spelled))
		PG_RETURN_NULL();
	drop_dots_of_letters(spelled);
	if (strchr(spelled, 'P') != NULL || strstr(spelled, "prn") != NULL)
		PG_RETURN_NULL();
	while (read_route(&reader))
		;
	while (*reader.at == '-')
		reader.at++;
	if (!read_abbreviation(&reader, &times) && !read_every(&reader, &times) &&
		!read_times_per_span(&reader, &times) &&
		!read_hours_of_day(&reader, &times))
		PG_RETURN_NULL();
	if (times.numerator <= 0 ||
		times.numerator / times.denominator > FREQUENCY_LIMIT)
		PG_RETURN_NULL();
	PG_RETURN_DATUM(fraction_to_numeric(times));
}

/* -------- Doses and packs -------- */

typedef enum Dimension
{
	DIMENSION_NONE,				/* a bare number */
	DIMENSION_MASS,				/* micrograms */
	DIMENSION_VOLUME,			/* microlitres */
	DIMENSION_ACTIVITY,			/* units */
	DIMENSION_COUNT				/* tablets, vials, ... */
} Dimension;

typedef struct DoseUnit
{
	const char *word;			/* UTF-8, in normal form */
	const char *shown;
	Dimension	dimension;
	int64		factor;
} DoseUnit;

/* Longest first where one begins another. */
static const DoseUnit dose_units[] = {
	{"kg", "kg", DIMENSION_MASS, INT64CONST(1000000000)},
	{"mg", "mg", DIMENSION_MASS, 1000},
	{"μg", "μg", DIMENSION_MASS, 1},
	{"g", "g", DIMENSION_MASS, 1000000},
	{"ml", "ml", DIMENSION_VOLUME, 1000},
	{"μl", "μl", DIMENSION_VOLUME, 1},
	{"cc", "ml", DIMENSION_VOLUME, 1000},
	{"l", "l", DIMENSION_VOLUME, 1000000},
	{"u", "u", DIMENSION_ACTIVITY, 1},
	{"tab", "片", DIMENSION_COUNT, 1},
	{"cap", "粒", DIMENSION_COUNT, 1},
	{"amp", "支", DIMENSION_COUNT, 1},
	{"#", "片", DIMENSION_COUNT, 1},
	{"s", "片", DIMENSION_COUNT, 1},
	{"胶囊", "粒", DIMENSION_COUNT, 1},
	{"片", "片", DIMENSION_COUNT, 1},
	{"粒", "粒", DIMENSION_COUNT, 1},
	{"丸", "丸", DIMENSION_COUNT, 1},
	{"支", "支", DIMENSION_COUNT, 1},
	{"瓶", "瓶", DIMENSION_COUNT, 1},
	{"袋", "袋", DIMENSION_COUNT, 1},
	{"包", "包", DIMENSION_COUNT, 1},
	{"贴", "贴", DIMENSION_COUNT, 1},
	{"枚", "枚", DIMENSION_COUNT, 1},
	{"滴", "滴", DIMENSION_COUNT, 1},
	{"喷", "喷", DIMENSION_COUNT, 1},
	{"吸", "吸", DIMENSION_COUNT, 1},
	{"揿", "揿", DIMENSION_COUNT, 1},
	{"板", "板", DIMENSION_COUNT, 1},
	{"盒", "盒", DIMENSION_COUNT, 1},
	{"颗", "粒", DIMENSION_COUNT, 1},
	{"只", "支", DIMENSION_COUNT, 1},
	{"剂", "剂", DIMENSION_COUNT, 1},
};

typedef struct Quantity
{
	Fraction	number;			/* as written, 万 and 亿 included */
	const DoseUnit *unit;		/* NULL: a bare number */
} Quantity;

/* A place in normalized text. */
typedef struct PointReader
{
	const uint32 *points;
	int			count;
} PointReader;

static void
skip_points(PointReader *reader, int length)
{
	reader->points += length;
	reader->count -= length;
}

static bool
skip_word(PointReader *reader, const char *word)
{
	int			length = term_stands_at(word, reader->points, reader->count);

	skip_points(reader, length);
	return length > 0;
}

/* 半, 二, 12, 0.25, 1/2 */
static bool
read_point_number(PointReader *reader, Fraction *number)
{
	char		digits[32];
	Reader		ascii = {digits};
	int			length = 0;
	int64		value;
	int			taken;

	if (skip_word(reader, "半"))
	{
		*number = fraction(1, 2);
		return true;
	}
	taken = chinese_number(reader->points, reader->count, &value);
	if (taken > 0)
	{
		*number = fraction(value, 1);
		skip_points(reader, taken);
		return true;
	}
	while (length < reader->count && length < 20 &&
		   (point_is_digit(reader->points[length]) ||
			reader->points[length] == '.' || reader->points[length] == '/'))
	{
		digits[length] = (char) reader->points[length];
		length++;
	}
	digits[length] = '\0';
	if (!read_fraction(&ascii, number))
		return false;
	skip_points(reader, ascii.at - digits);
	return true;
}

static const DoseUnit *
read_unit(PointReader *reader)
{
	for (int i = 0; i < (int) lengthof(dose_units); i++)
		if (skip_word(reader, dose_units[i].word))
			return &dose_units[i];
	return NULL;
}

/* number [万|亿] [unit] [半] */
static bool
read_quantity(PointReader *reader, Quantity *quantity)
{
	Fraction	scaled;
	int64		scale = 1;

	if (!read_point_number(reader, &quantity->number))
		return false;
	if (skip_word(reader, "万"))
		scale = 10000;
	else if (skip_word(reader, "亿"))
		scale = 100000000;
	if (!fraction_multiply(quantity->number, fraction(scale, 1), &scaled))
		return false;
	quantity->number = scaled;
	(void) skip_word(reader, "单");
	quantity->unit = read_unit(reader);
	if (quantity->unit != NULL &&
		quantity->unit->dimension == DIMENSION_COUNT && skip_word(reader, "半"))
	{
		quantity->number.numerator = quantity->number.numerator * 2 +
			quantity->number.denominator;
		quantity->number.denominator *= 2;
	}
	return true;
}

static bool
normal_reader(text *value, PointReader *reader)
{
	PointText	normal;

	if (VARSIZE_ANY_EXHDR(value) > 1000)
		return false;
	normalize_span(VARDATA_ANY(value), VARSIZE_ANY_EXHDR(value), NULL, &normal);
	reader->points = normal.points;
	reader->count = normal.length;
	return true;
}

/* A whole dose text: [每次|1次|口服] quantity [/次]; more than 0. */
static bool
read_dose(text *value, Quantity *dose)
{
	PointReader reader;

	if (!normal_reader(value, &reader))
		return false;
	(void) skip_word(&reader, "口服");
	if (!skip_word(&reader, "每次"))
		(void) skip_word(&reader, "1次");
	(void) skip_word(&reader, "服");
	if (!read_quantity(&reader, dose) || dose->number.numerator <= 0)
		return false;
	if (!skip_word(&reader, "/次"))
		(void) skip_word(&reader, "每次");
	return reader.count == 0 || reader.points[0] == '(';
}

/* What a specification says of one unit, and how many units a pack has. */
typedef struct Specification
{
	Quantity	strengths[DIMENSION_ACTIVITY + 1];	/* by dimension */
	Fraction	pack;			/* numerator 0: not said */
} Specification;

/* Takes one more quantity of a specification into account. */
static bool
add_to_specification(Specification *specification, const Quantity *quantity)
{
	Dimension	dimension = quantity->unit->dimension;

	if (quantity->number.numerator <= 0)
		return false;
	if (dimension == DIMENSION_COUNT)
	{
		Fraction	before = specification->pack;

		if (before.numerator == 0)
			before.numerator = 1;
		return fraction_multiply(before, quantity->number,
								 &specification->pack);
	}
	if (specification->strengths[dimension].unit == NULL)
		specification->strengths[dimension] = *quantity;
	return true;
}

/*
 * 0.25g×12片/盒, 10ml:0.5g×5支, 12片×2板: quantities between separators.  The
 * first mass, volume and activity are the strength of one unit, counts are
 * multiplied.  What is no quantity is passed over.
 */
static bool
read_specification(text *value, Specification *specification)
{
	PointReader reader;

	memset(specification, 0, sizeof(*specification));
	specification->pack = fraction(0, 1);
	if (!normal_reader(value, &reader))
		return false;
	while (reader.count > 0)
	{
		Quantity	quantity;
		PointReader before = reader;

		if (point_is_digit(reader.points[0]) &&
			read_quantity(&reader, &quantity))
		{
			if (quantity.unit != NULL &&
				!add_to_specification(specification, &quantity))
				return false;
		}
		if (reader.count == before.count)
			skip_points(&reader, 1);
	}
	return true;
}

PG_FUNCTION_INFO_V1(medaudit_dose_amount);

/* dose_amount(text): the number of one dose; strict; NULL for unknown. */
Datum
medaudit_dose_amount(PG_FUNCTION_ARGS)
{
	Quantity	dose;

	fold_require_utf8();
	if (!read_dose(PG_GETARG_TEXT_PP(0), &dose))
		PG_RETURN_NULL();
	PG_RETURN_DATUM(fraction_to_numeric(dose.number));
}

PG_FUNCTION_INFO_V1(medaudit_dose_unit);

/* dose_unit(text): its unit in normal form; strict; NULL without one. */
Datum
medaudit_dose_unit(PG_FUNCTION_ARGS)
{
	Quantity	dose;

	fold_require_utf8();
	if (!read_dose(PG_GETARG_TEXT_PP(0), &dose) || dose.unit == NULL)
		PG_RETURN_NULL();
	PG_RETURN_TEXT_P(cstring_to_text(dose.unit->shown));
}

PG_FUNCTION_INFO_V1(medaudit_dose_amount_of_spec);

/*
 * dose_amount(dose, spec): the dose in units of the pack: 0.5g of 0.25g a
 * tablet is 2.  Strict; NULL when either is unknown or they do not relate.
 */
Datum
medaudit_dose_amount_of_spec(PG_FUNCTION_ARGS)
{
	Quantity	dose;
	Specification specification;
	const Quantity *strength;
	Fraction	amount;
	Fraction	part;

	fold_require_utf8();
	if (!read_dose(PG_GETARG_TEXT_PP(0), &dose))
		PG_RETURN_NULL();
	if (dose.unit == NULL || dose.unit->dimension == DIMENSION_COUNT)
		PG_RETURN_DATUM(fraction_to_numeric(dose.number));
	if (!read_specification(PG_GETARG_TEXT_PP(1), &specification))
		PG_RETURN_NULL();
	strength = &specification.strengths[dose.unit->dimension];
	if (strength->unit == NULL ||
		!fraction_multiply(dose.number, fraction(dose.unit->factor, 1),
						   &amount) ||
		!fraction_multiply(strength->number,
						   fraction(strength->unit->factor, 1), &part) ||
		!fraction_divide(amount, part, &amount))
		PG_RETURN_NULL();
	PG_RETURN_DATUM(fraction_to_numeric(amount));
}

PG_FUNCTION_INFO_V1(medaudit_pack_units);

/* pack_units(spec): units in a pack; strict; NULL when it does not say. */
Datum
medaudit_pack_units(PG_FUNCTION_ARGS)
{
	Specification specification;

	fold_require_utf8();
	if (!read_specification(PG_GETARG_TEXT_PP(0), &specification) ||
		specification.pack.numerator <= 0)
		PG_RETURN_NULL();
	PG_RETURN_DATUM(fraction_to_numeric(specification.pack));
}
