/*
 * soft.c
 *		Times, money and flags as hospitals write them in text columns.
 *
 * The text is folded as a code is (half width, upper case, no blanks around:
 * nothing is done to text that is so already) and read once from left to right
 * by a grammar that takes only what can be read in one way.  31/01/2025 and
 * 01/02/25 are not: which number is the day nobody knows.  Neither are the day
 * numbers of spreadsheets, nor 1,2345.
 *
 * Chinese signs are told by their bytes in UTF-8; in a database of another
 * encoding they do not occur, and only ASCII is read.
 */
#include "postgres.h"
#include "base/compat.h"

#include "utils/builtins.h"

#include "base/codes.h"
#include "sources/soft.h"

/* Longer text is no number; a numeric column gives at most half of this. */
#define NUMBER_LIMIT		200

/* Beyond it every number is beyond its bound, or nothing. */
#define EXPONENT_LIMIT		100

/* What has not been read yet. */
typedef struct Reader
{
	const char *at;
	const char *end;
} Reader;

typedef struct Clock
{
	int			hour;
	int			minute;
	int			second;
	int			microsecond;
} Clock;

static inline bool
at_end(const Reader *reader)
{
	return reader->at == reader->end;
}

/* The next byte, 0 at the end. */
static inline char
peek(const Reader *reader)
{
	return reader->at < reader->end ? *reader->at : 0;
}

static inline bool
at_digit(const Reader *reader)
{
	return peek(reader) >= '0' && peek(reader) <= '9';
}

static int
digits_ahead(const Reader *reader)
{
	const char *at = reader->at;

	while (at < reader->end && *at >= '0' && *at <= '9')
		at++;
	return at - reader->at;
}

/* Takes a sign of one or more bytes, if it comes next. */
static bool
take(Reader *reader, const char *sign)
{
	int			length = strlen(sign);

	if (reader->end - reader->at < length || memcmp(reader->at, sign, length) != 0)
		return false;
	reader->at += length;
	return true;
}

static void
take_blanks(Reader *reader)
{
	while (peek(reader) == ' ')
		reader->at++;
}

/* Takes the next COUNT digits, which are there. */
static int
take_digits(Reader *reader, int count)
{
	int			value = 0;

	for (int i = 0; i < count; i++)
		value = value * 10 + (*reader->at++ - '0');
	return value;
}

/* Takes a number of one or two digits, as of a month or an hour. */
static bool
take_short(Reader *reader, int *value)
{
	int			count = digits_ahead(reader);

	if (count < 1 || count > 2)
		return false;
	*value = take_digits(reader, count);
	return true;
}

/* 20250131, 2025-1-31, 2025/01/31, 2025.1.31, 2025年1月31日 */
static bool
take_date(Reader *reader, int *year, int *month, int *day)
{
	int			digits = digits_ahead(reader);
	char		separator[2] = {0, 0};

	if (digits == 8 || digits == 12 || digits == 14)
	{
		*year = take_digits(reader, 4);
		*month = take_digits(reader, 2);
		*day = take_digits(reader, 2);
		return true;
	}
	if (digits != 4)
		return false;
	*year = take_digits(reader, 4);
	if (take(reader, "年"))
		return take_short(reader, month) && take(reader, "月") &&
			take_short(reader, day) && (take(reader, "日") || take(reader, "号"));
	separator[0] = peek(reader);
	return (separator[0] == '-' || separator[0] == '/' || separator[0] == '.') &&
		take(reader, separator) && take_short(reader, month) &&
		take(reader, separator) && take_short(reader, day);
}

/* Digits after the point, rounded to microseconds. */
static bool
take_fraction(Reader *reader, int *microsecond)
{
	int			unit = 1000000;

	*microsecond = 0;
	if (!take(reader, "."))
		return true;
	if (!at_digit(reader))
		return false;
	for (; at_digit(reader); reader->at++)
	{
		if (unit == 1 && *reader->at >= '5')
			*microsecond += 1;
		unit /= 10;
		*microsecond += (*reader->at - '0') * unit;
	}
	return true;
}

/* 083000, 0830, 8:30, 08:30:00.123, 8时30分, 8时30分15秒 */
static bool
take_clock(Reader *reader, Clock *clock)
{
	int			digits = digits_ahead(reader);

	if (digits == 4 || digits == 6)
	{
		clock->hour = take_digits(reader, 2);
		clock->minute = take_digits(reader, 2);
		if (digits == 4)
			return true;
		clock->second = take_digits(reader, 2);
		return take_fraction(reader, &clock->microsecond);
	}
	if (!take_short(reader, &clock->hour))
		return false;
	if (take(reader, "时") || take(reader, "点"))
	{
		if (!at_digit(reader))
			return true;
		if (!take_short(reader, &clock->minute) || !take(reader, "分"))
			return false;
		return !at_digit(reader) ||
			(take_short(reader, &clock->second) && take(reader, "秒"));
	}
	if (!take(reader, ":") || !take_short(reader, &clock->minute))
		return false;
	return !take(reader, ":") ||
		(take_short(reader, &clock->second) && take_fraction(reader, &clock->microsecond));
}

/* Local time may say that it is eight hours before Greenwich's. */
static bool
take_local_offset(Reader *reader)
{
	take_blanks(reader);
	if (!take(reader, "+"))
		return true;
	if (!take(reader, "08") && !take(reader, "8"))
		return false;
	if (take(reader, ":"))
		return take(reader, "00");
	return at_end(reader) || take(reader, "00");
}

/* As PostgreSQL takes them: 24:00:00 is the next midnight, 60 seconds a minute. */
static bool
clock_is_valid(const Clock *clock)
{
	if (clock->hour == 24)
		return clock->minute == 0 && clock->second == 0 && clock->microsecond == 0;
	return clock->hour < 24 && clock->minute < 60 && clock->second <= 60;
}

bool
soft_read_time(TextSpan written, Timestamp *result)
{
	Reader		reader = {written.data, written.data + written.length};
	Clock		clock = {0, 0, 0, 0};
	int			year;
	int			month;
	int			day;

	if (written.length == 0 || !take_date(&reader, &year, &month, &day))
		return false;
	if (!at_end(&reader))
	{
		if (!take(&reader, "T"))
			take_blanks(&reader);
		if (!take_clock(&reader, &clock) || !take_local_offset(&reader) || !at_end(&reader))
			return false;
	}
	if (!calendar_day_exists(year, month, day) || !clock_is_valid(&clock))
		return false;
	*result = midnight_of_day(day_of_calendar(year, month, day)) +
		((clock.hour * 60 + clock.minute) * 60 + clock.second) * USECS_PER_SEC +
		clock.microsecond;
	return soft_time_is_known(*result);
}

PG_FUNCTION_INFO_V1(medaudit_to_time);

/* A local time written as text; NULL where it cannot be read; strict. */
Datum
medaudit_to_time(PG_FUNCTION_ARGS)
{
	Timestamp	result;

	if (!soft_read_time(code_fold(text_span(PG_GETARG_TEXT_PP(0))), &result))
		PG_RETURN_NULL();
	PG_RETURN_TIMESTAMP(result);
}

/* Takes a sign, the marks of a currency, or both, in either order. */
static void
take_sign(Reader *reader, char *sign)
{
	bool		marked = false;

	while (!at_end(reader))
	{
		if (*sign == 0 && (take(reader, "-") || take(reader, "−")))
			*sign = '-';
		else if (*sign == 0 && take(reader, "+"))
			*sign = '+';
		else if (!marked && (take(reader, "¥") || take(reader, "￥")))
			marked = true;
		else
			break;
		take_blanks(reader);
	}
}

/*
 * Takes the whole part, copying its digits.  Commas stand before every three
 * of them or nowhere, and not behind a lone zero: 0,123 is somebody's decimal.
 */
static bool
take_whole(Reader *reader, char **out)
{
	int			digits = digits_ahead(reader);
	bool		grouped = digits >= 1 && digits <= 3 && peek(reader) != '0';

	for (;;)
	{
		memcpy(*out, reader->at, digits);
		*out += digits;
		reader->at += digits;
		if (peek(reader) != ',')
			return true;
		reader->at++;
		digits = digits_ahead(reader);
		if (!grouped || digits != 3)
			return false;
	}
}

/* Takes an exponent, copying it; false where it is none or out of reason. */
static bool
take_exponent(Reader *reader, char **out)
{
	int			digits;
	Reader		number;

	if (!take(reader, "E"))
		return true;
	*(*out)++ = 'E';
	if (peek(reader) == '-' || peek(reader) == '+')
		*(*out)++ = *reader->at++;
	digits = digits_ahead(reader);
	number = *reader;
	if (digits < 1 || digits > 3 || take_digits(&number, digits) > EXPONENT_LIMIT)
		return false;
	memcpy(*out, reader->at, digits);
	*out += digits;
	reader->at += digits;
	return true;
}

/* Copies a number into PLAIN, of NUMBER_LIMIT bytes, as numeric takes it. */
static bool
take_number(Reader *reader, char *plain)
{
	char		sign = 0;
	char	   *out = plain + 1;
	int			digits;

	take_sign(reader, &sign);
	plain[0] = sign == '-' ? '-' : '+';
	if (!take_whole(reader, &out))
		return false;
	digits = out - plain - 1;
	if (take(reader, "."))
	{
		int			decimals = digits_ahead(reader);

		*out++ = '.';
		memcpy(out, reader->at, decimals);
		out += decimals;
		reader->at += decimals;
		digits += decimals;
	}
	if (digits == 0 || !take_exponent(reader, &out))
		return false;
	*out = '\0';
	return true;
}

bool
soft_read_number(TextSpan written, int64 limit, Datum *result)
{
	Reader		reader = {written.data, written.data + written.length};
	char		plain[NUMBER_LIMIT + 2];

	if (written.length == 0 || written.length > NUMBER_LIMIT || !take_number(&reader, plain))
		return false;
	take_blanks(&reader);
	take(&reader, "元");
	if (!at_end(&reader))
		return false;
	*result = DirectFunctionCall3(numeric_in, CStringGetDatum(plain),
								  ObjectIdGetDatum(InvalidOid), Int32GetDatum(-1));
	return soft_number_is_known(*result, limit);
}

static Datum
read_number(FunctionCallInfo fcinfo, int64 limit)
{
	Datum		result;

	if (!soft_read_number(code_fold(text_span(PG_GETARG_TEXT_PP(0))), limit, &result))
		PG_RETURN_NULL();
	PG_RETURN_DATUM(result);
}

PG_FUNCTION_INFO_V1(medaudit_to_amount);

/* Money written as text; NULL where it cannot be read or judged; strict. */
Datum
medaudit_to_amount(PG_FUNCTION_ARGS)
{
	return read_number(fcinfo, SOFT_AMOUNT_MAX);
}

PG_FUNCTION_INFO_V1(medaudit_read_quantity_text);

/* As to_amount(), within the bound of quantities. */
Datum
medaudit_read_quantity_text(PG_FUNCTION_ARGS)
{
	return read_number(fcinfo, SOFT_QUANTITY_MAX);
}

PG_FUNCTION_INFO_V1(medaudit_read_integer_text);

/* A whole number written as text; NULL where it is none or no int4; strict. */
Datum
medaudit_read_integer_text(PG_FUNCTION_ARGS)
{
	Datum		number;
	int64		value;

	if (!soft_read_number(code_fold(text_span(PG_GETARG_TEXT_PP(0))), FIXED_MAX, &number) ||
		!soft_number_is_integer(number, &value))
		PG_RETURN_NULL();
	PG_RETURN_INT32(value);
}

PG_FUNCTION_INFO_V1(medaudit_to_flag);

/* Yes or no, as they are written; NULL for anything else; strict. */
Datum
medaudit_to_flag(PG_FUNCTION_ARGS)
{
	static const char *const yes[] = {"1", "是", "有", "Y", "YES", "T", "TRUE"};
	static const char *const no[] = {"0", "否", "无", "N", "NO", "F", "FALSE"};
	TextSpan	written = code_fold(text_span(PG_GETARG_TEXT_PP(0)));

	StaticAssertStmt(lengthof(yes) == lengthof(no), "each yes has its no");
	for (int i = 0; i < (int) lengthof(yes); i++)
	{
		if (text_span_equal(written, span_of(yes[i], strlen(yes[i]))))
			PG_RETURN_BOOL(true);
		if (text_span_equal(written, span_of(no[i], strlen(no[i]))))
			PG_RETURN_BOOL(false);
	}
	PG_RETURN_NULL();
}
