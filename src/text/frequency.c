/*
 * frequency.c
 *		How often: the frequency text of prescriptions, times_per_day().
 *
 * A text is brought to normal form (dose_text.h) and spelled in one letter a
 * word, numbers as digits:
 *
 *		T 次   D 日 天   W 周   M 月   H 小时   N 分钟   O 点   E 每   G 隔   K 各
 *		A 早   B 中 午   C 晚   S 睡前   F 饭后   R 口服   L 连服   U 片
 *		/ per   - separator   ^ times sign   ? anything else
 *
 * so that each form is a handful of letters.  A sentence is a row of clauses:
 * a frequency, said once or twice in other words (bid(每日2次)), hours of the
 * day that agree with it (每日2次,早晚), and at most one dose (每次2片) and one
 * duration (×7天), which do not matter.  What is not understood to its end is
 * NULL, never a guess and never 0: ranges (2-3次/日), sequences (先…后…, 用3天停
 * 4天), whatever is taken as needed (prn, 疼痛时).  Numbers are fractions of
 * int64, hence exact.  Cost: a microsecond or two; nothing is kept.
 */
#include "postgres.h"
#include "base/compat.h"

#include "text/dose_text.h"

/* Longer sentences are no frequency. */
#define SPELLED_LIMIT		160
#define FREQUENCY_LIMIT		1440	/* once a minute */

typedef struct Reader
{
	const char *at;
} Reader;

/* What a sentence has said so far. */
typedef struct Sentence
{
	Fraction	times;			/* per day; numerator 0: not said */
	int			hours;			/* the hours of the day that TIMES rests on */
	int			moments;		/* how many hours of the day are named alone, */
	int			moment_hours;	/* and which */
	bool		bare_span;		/* 每日 without a number of times */
	bool		bare_dose;		/* 2片 without 每次 */
	bool		has_dose;
	bool		has_duration;
	bool		in_brackets;
	bool		contradicts;
} Sentence;

/* Hours of the day, as bits. */
#define HOUR_EVENING		4
#define HOUR_BEDTIME		8

typedef struct Term
{
	const char *word;			/* UTF-8, in normal form */
	const char *letters;
} Term;

/* Longest first where one begins another. */
static const Term terms[] = {
	{"饭前", "F"}, {"饭后", "F"}, {"餐前", "F"}, {"餐后", "F"}, {"饭时", "F"},
	{"餐时", "F"}, {"餐中", "F"}, {"饭中", "F"}, {"随餐", "F"}, {"空腹", "F"},
	{"口服", "R"}, {"外用", "R"}, {"含服", "R"}, {"含化", "R"}, {"嚼服", "R"},
	{"冲服", "R"}, {"送服", "R"}, {"煎服", "R"}, {"舌下", "R"}, {"吸入", "R"},
	{"静滴", "R"}, {"静注", "R"}, {"肌注", "R"}, {"皮下注射", "R"},
	{"皮下", "R"}, {"静脉滴注", "R"}, {"静脉注射", "R"}, {"肌内注射", "R"},
	{"肌肉注射", "R"}, {"滴眼", "R"}, {"服用", "R"}, {"使用", "R"},
	{"给药", "R"},
	{"睡前", "S"}, {"临睡前", "S"}, {"临睡", "S"}, {"入睡前", "S"},
	{"小时", "H"}, {"钟头", "H"}, {"分钟", "N"}, {"星期", "W"}, {"礼拜", "W"},
	{"早上", "A"}, {"早晨", "A"}, {"清晨", "A"}, {"晨起", "A"}, {"上午", "A"},
	{"中午", "B"}, {"下午", "B"}, {"晚上", "C"}, {"晚间", "C"}, {"夜间", "C"},
	{"连服", "L"}, {"连用", "L"}, {"连续", "L"}, {"疗程", "L"}, {"共", "L"},
	{"胶囊", "U"}, {"μg", "U"}, {"片", "U"}, {"粒", "U"}, {"丸", "U"},
	{"支", "U"}, {"瓶", "U"}, {"袋", "U"}, {"包", "U"}, {"贴", "U"},
	{"枚", "U"}, {"滴", "U"}, {"喷", "U"}, {"吸", "U"}, {"揿", "U"},
	{"颗", "U"}, {"剂", "U"},
	{"个", "R"}, {"次", "T"}, {"回", "T"}, {"日", "D"}, {"天", "D"},
	{"周", "W"}, {"月", "M"}, {"时", "H"}, {"点", "O"}, {"每", "E"},
	{"隔", "G"}, {"各", "K"}, {"早", "A"}, {"晨", "A"}, {"中", "B"},
	{"午", "B"}, {"晚", "C"}, {"夜", "C"}, {"服", "R"}, {"用", "R"},
	{";", "-"}, {"。", "-"}, {"!", "-"},
};

typedef struct Abbreviation
{
	const char *abbreviation;
	int			numerator;
	int			denominator;
} Abbreviation;

static const Abbreviation abbreviations[] = {
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

/* Units of a dose in letters; the others are U. */
static const char *const unit_words[] = {
	"mg", "ml", "g", "u", "tab", "cap", "amp", "#", "U",
};

/* -------- Spelling -------- */

/* Appends a number in words as digits; returns what it took. */
static int
spell_number(const uint32 *points, int count, char *out, int *used)
{
	int64		value;
	int			taken;

	if (points[0] == 0x534A)	/* 半 */
	{
		*used += snprintf(out + *used, 4, "0.5");
		return 1;
	}
	taken = chinese_number(points, count, &value);
	if (taken > 0)
		*used += snprintf(out + *used, 16, INT64_FORMAT, value);
	return taken;
}

/* Appends the letters of the term that stands at POINTS, if any does. */
static int
spell_term(const uint32 *points, int count, char *out, int *used)
{
	for (int i = 0; i < (int) lengthof(terms); i++)
	{
		int			taken = dose_word_stands_at(terms[i].word, points, count);

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
 * is, all else as ?.  False when it is too long or its numbers are unclear.
 */
static bool
spell(text *value, char *out)
{
	PointText	normal;
	int			used = 0;
	int			at = 0;

	if (!dose_text_read(value, &normal))
		return false;
	while (at < normal.length)
	{
		const uint32 *points = normal.points + at;
		int			count = normal.length - at;
		int			taken;

		if (used + 32 > SPELLED_LIMIT)
			return false;
		if ((taken = spell_number(points, count, out, &used)) == 0 &&
			(taken = spell_term(points, count, out, &used)) == 0)
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

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Takes dots out of q.d. and leaves those of numbers. */
static void
drop_dots_of_letters(char *spelled)
{
	char	   *to = spelled;

	for (const char *from = spelled; *from != '\0'; from++)
	{
		bool		in_number = false;

		if (from > spelled)
			in_number = is_digit(from[-1]) && is_digit(from[1]);
		if (*from != '.' || in_number)
			*to++ = *from;
	}
	*to = '\0';
}

/*
 * Takes out what says neither how often nor how much: routes, meals and how
 * long before or after them (饭后半小时, 睡前30分钟).  Between two numbers it
 * stays, so that 3个7 is no 37.
 */
static void
drop_remarks(char *spelled)
{
	char	   *to = spelled;
	const char *from = spelled;

	while (*from != '\0')
	{
		const char *next = from + 1;
		const char *after = NULL;
		Fraction	span;

		if (*from == 'F' || *from == 'S')
			after = fraction_read(next, &span);
		if (after != NULL && (*after == 'H' || *after == 'N'))
			next = after + 1;
		if (*from == 'S' || (*from != 'F' && *from != 'R') ||
			(to > spelled && is_digit(to[-1]) && is_digit(*next)))
			*to++ = *from;
		from = next;
	}
	*to = '\0';
}

/* -------- Numbers and units -------- */

/* A number; nothing is read where none stands. */
static bool
read_number(Reader *reader, Fraction *number)
{
	const char *end = fraction_read(reader->at, number);

	if (end == NULL)
		return false;
	reader->at = end;
	return true;
}

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

	if (!read_number(&ahead, &number))
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

	if (!read_number(&ahead, &number) || *ahead.at != 'T')
		return false;
	ahead.at++;
	*times = number;
	*reader = ahead;
	return true;
}

/* The longest of COUNT words that stands here. */
static bool
read_word(Reader *reader, const char *const *list, int count)
{
	int			best = 0;

	for (int i = 0; i < count; i++)
	{
		int			length = strlen(list[i]);

		if (length > best && strncmp(reader->at, list[i], length) == 0)
			best = length;
	}
	reader->at += best;
	return best > 0;
}

/* -------- Frequency -------- */

/* qd, bid: the longest that stands here. */
static bool
read_abbreviation(Reader *reader, Fraction *times)
{
	int			best = 0;

	for (int i = 0; i < (int) lengthof(abbreviations); i++)
	{
		int			length = strlen(abbreviations[i].abbreviation);

		if (length > best &&
			strncmp(reader->at, abbreviations[i].abbreviation, length) == 0)
		{
			best = length;
			*times = fraction(abbreviations[i].numerator,
							  abbreviations[i].denominator);
		}
	}
	reader->at += best;
	return best > 0;
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
	if (!fraction_divide(fraction(1, 1), days, times))
		return false;
	*reader = ahead;
	return true;
}

/*
 * 隔2日 leaves two days out, 每隔1天 is 隔天; but 隔8小时 is every eight hours, as
 * nobody gives a drug every nine.
 */
static bool
read_days_left_out(Reader *reader, Fraction *days)
{
	Fraction	number = {1, 1};
	Fraction	unit;
	bool		counted;
	char		letter;

	counted = read_number(reader, &number);
	letter = *reader->at;
	if (!unit_days(letter, &unit) || number.denominator != 1)
		return false;
	reader->at++;
	if (letter == 'H' || letter == 'h' || letter == 'N')
	{
		if (!counted)
			return false;
	}
	else
		number.numerator++;
	return fraction_multiply(number, unit, days);
}

/* 每日3次, 1日3次, 每8小时; 隔日1次; 3次/日, 3/日, 3次每日, 1次/晚. */
static bool
read_times_per_span(Reader *reader, Fraction *result)
{
	Reader		ahead = *reader;
	Fraction	days = {1, 1};
	Fraction	times = {1, 1};

	if (*ahead.at == 'E' || *ahead.at == 'G')
	{
		bool		left_out;

		if (*ahead.at == 'E')
			ahead.at++;
		left_out = *ahead.at == 'G';
		if (left_out)
			ahead.at++;
		if (!(left_out ? read_days_left_out(&ahead, &days) :
			  read_span(&ahead, &days)))
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
		if (!read_times(&ahead, &times) && !read_number(&ahead, &times))
			return false;
		if (*ahead.at != '/' && *ahead.at != 'E')
			return false;
		ahead.at++;
		if (*ahead.at == 'A' || *ahead.at == 'B' || *ahead.at == 'C')
			ahead.at++;
		else if (!read_span(&ahead, &days))
			return false;
	}
	if (!fraction_divide(times, days, result))
		return false;
	*reader = ahead;
	return true;
}

/* The bit of an hour of the day, 0 for anything else. */
static int
hour_of_day(char letter)
{
	switch (letter)
	{
		case 'A':
			return 1;
		case 'B':
			return 2;
		case 'C':
			return HOUR_EVENING;
		case 'S':
			return HOUR_BEDTIME;
		default:
			return 0;
	}
}

/* Counts the hours named here; 睡前 behind 晚 is the same. */
static int
read_hours(Reader *reader, int *hours)
{
	int			count = 0;

	*hours = 0;
	for (;;)
	{
		const char *next = reader->at;
		int			hour;

		while (count > 0 && *next == '-')
			next++;
		hour = hour_of_day(*next);
		if (hour == 0)
			return count;
		if (hour != HOUR_BEDTIME || count == 0)
			count++;
		*hours |= hour;
		reader->at = next + 1;
	}
}

/*
 * 早晚各1次, 早中晚, 睡前, 每晚1次, 每日早晚: counts the hours named.  *ALONE: the
 * text says no more than when, as behind another frequency (每日2次,早晚).
 */
static bool
read_hours_of_day(Reader *reader, Fraction *times, int *hours, bool *alone)
{
	Reader		ahead = *reader;
	int			count;
	Fraction	each = {1, 1};

	if (*ahead.at == 'E')
		ahead.at++;
	else if (*ahead.at == '1' && ahead.at[1] == 'D')
		ahead.at++;
	if (*ahead.at == 'D')
		ahead.at++;
	*alone = ahead.at == reader->at;
	count = read_hours(&ahead, hours);
	if (count == 0)
		return false;
	if (*ahead.at == 'K')
	{
		*alone = false;
		ahead.at++;
	}
	else if (count > 1 && is_digit(*ahead.at))
		return false;
	if (read_times(&ahead, &each))
		*alone = false;
	if (!fraction_multiply(fraction(count, 1), each, times))
		return false;
	*reader = ahead;
	return true;
}

/* -------- Sentences -------- */

/*
 * Adds a frequency to the sentence: the first, or the same in other words.
 * 每日早上1次,晚上1次 is not the same twice.
 */
static void
add_frequency(Sentence *sentence, Fraction times, int hours)
{
	if (times.numerator <= 0 || (hours != 0 && sentence->hours != 0) ||
		(sentence->times.numerator != 0 &&
		 !fraction_equal(sentence->times, times)))
		sentence->contradicts = true;
	sentence->times = times;
	sentence->hours |= hours;
}

static bool
read_frequency(Reader *reader, Sentence *sentence)
{
	Fraction	times;
	int			hours = 0;
	bool		alone;

	if (read_abbreviation(reader, &times) || read_every(reader, &times))
		add_frequency(sentence, times, 0);
	else if (!read_hours_of_day(reader, &times, &hours, &alone))
	{
		const char *start = reader->at;

		if (!read_times_per_span(reader, &times))
			return false;
		add_frequency(sentence, times, 0);
		sentence->bare_span |= *start == 'E' && start[1] != 'G' &&
			strchr("DWM", reader->at[-1]) != NULL;
	}
	else if (!alone)
		add_frequency(sentence, times, hours);
	else
	{
		sentence->contradicts |= sentence->moments > 0;
		sentence->moments = (int) times.numerator;
		sentence->moment_hours = hours;
	}
	return true;
}

/* [每次|1次] number unit [/次]; a dose says nothing here, but once. */
static bool
read_dose(Reader *reader, Sentence *sentence)
{
	Reader		ahead = *reader;
	Fraction	number;
	bool		each;

	if (sentence->has_dose)
		return false;
	each = strncmp(ahead.at, "ET", 2) == 0 || strncmp(ahead.at, "1T", 2) == 0;
	if (each)
		ahead.at += 2;
	if (!read_number(&ahead, &number) ||
		!read_word(&ahead, unit_words, lengthof(unit_words)))
		return false;
	if (strncmp(ahead.at, "/T", 2) == 0 || strncmp(ahead.at, "ET", 2) == 0)
	{
		ahead.at += 2;
		each = true;
	}
	sentence->has_dose = true;
	sentence->bare_dose = !each;
	*reader = ahead;
	return true;
}

/* ×7天, 连服7天, tid 7d: for how long, behind the frequency and once. */
static bool
read_duration(Reader *reader, Sentence *sentence)
{
	Reader		ahead = *reader;
	const char *before = reader->at - 1;
	Fraction	number;
	Fraction	unit;

	if (sentence->has_duration ||
		(sentence->times.numerator == 0 && sentence->moments == 0))
		return false;
	if (*ahead.at == TIMES_SIGN || *ahead.at == 'L')
		ahead.at++;
	else if (*before != '-' && *before != '(' && *before != 'T' &&
			 !point_is_letter(*before))
		return false;
	if (!read_number(&ahead, &number) || number.numerator <= 0 ||
		*ahead.at == 'H' || *ahead.at == 'h' || *ahead.at == 'N' ||
		!unit_days(*ahead.at, &unit))
		return false;
	ahead.at++;
	if (is_digit(*ahead.at))
		return false;
	sentence->has_duration = true;
	*reader = ahead;
	return true;
}

/*
 * Hours of the clock in brackets, as dictionaries have them: bid(8-16),
 * qd(8:00).  Bare numbers must lie apart as doses do: (2-3) is a range.
 */
static bool
read_clock(Reader *reader, Sentence *sentence)
{
	Reader		ahead = *reader;
	Fraction	hour;
	int64		before = -100;
	int			count = 0;

	while (read_number(&ahead, &hour))
	{
		bool		bare = true;

		if (hour.denominator != 1 || hour.numerator > 24)
			return false;
		if (*ahead.at == ':' && is_digit(ahead.at[1]) && is_digit(ahead.at[2]))
			ahead.at += 3, bare = false;
		else if (*ahead.at == 'O' || *ahead.at == 'H')
			ahead.at++, bare = false;
		else if (strncmp(ahead.at, "am", 2) == 0 ||
				 strncmp(ahead.at, "pm", 2) == 0)
			ahead.at += 2, bare = false;
		if (bare && hour.numerator - before < 3 && before - hour.numerator < 3)
			return false;
		before = hour.numerator;
		count++;
		if (*ahead.at != '-')
			break;
		ahead.at++;
	}
	if (count == 0 || *ahead.at != ')' || sentence->moments > 0)
		return false;
	sentence->moments = count;
	*reader = ahead;
	return true;
}

/* Brackets hold clauses as the rest does; they do not nest. */
static bool
read_sign(Reader *reader, Sentence *sentence)
{
	char		sign = *reader->at;

	if (sign == '(' ? sentence->in_brackets :
		sign == ')' ? !sentence->in_brackets : sign != '-')
		return false;
	if (sign != '-')
		sentence->in_brackets = sign == '(';
	reader->at++;
	return true;
}

/*
 * Do the hours named alone agree with the frequency?  As many as times a day,
 * or one where it is once in one day or several.  Beside hours that the
 * frequency rests on only 睡前 of an evening says nothing new.
 */
static bool
moments_agree(const Sentence *sentence)
{
	Fraction	times = sentence->times;

	if (sentence->moments == 0)
		return true;
	if (sentence->hours != 0 && sentence->moment_hours != 0 &&
		(sentence->moment_hours != HOUR_BEDTIME ||
		 (sentence->hours & ~(HOUR_EVENING | HOUR_BEDTIME)) != 0))
		return false;
	return fraction_equal(times, fraction(sentence->moments, 1)) ||
		(sentence->moments == 1 && times.numerator <= times.denominator);
}

/* Reads SPELLED to its end; false when anything in it is not understood. */
static bool
read_sentence(const char *spelled, Fraction *times)
{
	Reader		reader = {spelled};
	Sentence	sentence = {.times = {0, 1}};

	while (*reader.at != '\0')
	{
		if (!read_sign(&reader, &sentence) &&
			!read_word(&reader, route_words, lengthof(route_words)) &&
			!read_duration(&reader, &sentence) &&
			!read_frequency(&reader, &sentence) &&
			!read_dose(&reader, &sentence) &&
			!(sentence.in_brackets && read_clock(&reader, &sentence)))
			return false;
	}
	if (sentence.times.numerator == 0)
	{
		if (sentence.moment_hours == 0)
			return false;
		sentence.times = fraction(sentence.moments, 1);
	}
	/* 每日3片 is three a day and does not say how often */
	if (sentence.contradicts || (sentence.bare_span && sentence.bare_dose))
		return false;
	*times = sentence.times;
	return moments_agree(&sentence);
}

PG_FUNCTION_INFO_V1(medaudit_times_per_day);

/* times_per_day(text): strict; NULL for as needed and for unknown. */
Datum
medaudit_times_per_day(PG_FUNCTION_ARGS)
{
	char		spelled[SPELLED_LIMIT];
	Fraction	times;

	fold_require_utf8();
	if (!spell(PG_GETARG_TEXT_PP(0), spelled))
		PG_RETURN_NULL();
	if (spelled[0] == '-' && is_digit(spelled[1]))
		PG_RETURN_NULL();		/* -3次/日 */
	drop_dots_of_letters(spelled);
	drop_remarks(spelled);
	if (!read_sentence(spelled, &times) ||
		times.numerator / times.denominator > FREQUENCY_LIMIT)
		PG_RETURN_NULL();
	PG_RETURN_DATUM(fraction_to_numeric(times));
}
