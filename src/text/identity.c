/*
 * identity.c
 *		Numbers of persons, organisations and things: are they what they claim?
 *
 * Every function reads a few bytes, allocates nothing but its result and
 * depends on nothing but its argument, so that all are IMMUTABLE and can
 * index.  They take a number as it stands: full-width digits, a small x or
 * blanks are wrong until resident_id_normalize() has put them right, because
 * whoever joins on raw text must know that they do not join.
 *
 * Formats: GB 11643-1999 (residents; also the permits of Hong Kong, Macao and
 * Taiwan residents and of foreigners, which share its shape), GB 32100-2015
 * (organisations), the national codes of the medical insurance.
 */
#include "postgres.h"
#include "base/compat.h"

#include "mb/pg_wchar.h"
#include "utils/builtins.h"
#include "utils/date.h"

#include "base/codes.h"
#include "base/days.h"
#include "base/drug_codes.h"
#include "text/identity.h"
#include "text/normalize.h"

typedef enum ResidentKind
{
	RESIDENT_NEW,				/* 18 characters */
	RESIDENT_OLD,				/* 15 digits, upgraded in digits */
	RESIDENT_FOREIGN_OLD		/* 3 letters and 12 digits: shape only */
} ResidentKind;

typedef struct ResidentId
{
	ResidentKind kind;
	char		digits[RESIDENT_LENGTH];	/* the 18-character form */
	int			year;
	int			month;
	int			day;
} ResidentId;

/* -------- Small readers -------- */

static inline bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool
all_digits(const char *data, int length)
{
	for (int i = 0; i < length; i++)
		if (!is_digit(data[i]))
			return false;
	return true;
}

static int
read_number(const char *data, int length)
{
	int			value = 0;

	for (int i = 0; i < length; i++)
		value = value * 10 + (data[i] - '0');
	return value;
}

/* ISO 7064 MOD 11-2 over the first 17 digits. */
static char
resident_check(const char *digits)
{
	static const int weights[] = {
		7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2
	};
	int			sum = 0;

	for (int i = 0; i < RESIDENT_LENGTH - 1; i++)
		sum += (digits[i] - '0') * weights[i];
	return "10X98765432"[sum % 11];
}

/* -------- Residents -------- */

/*
 * 15 digits to 18: the century goes in, the check digit on.  Sequence numbers
 * 996 to 999 were kept for people born before 1900.
 */
static void
upgrade_resident(const char *data, ResidentId *id)
{
	bool		before_1900 = read_number(data + 12, 3) >= 996;

	id->kind = RESIDENT_OLD;
	memcpy(id->digits, data, 6);
	memcpy(id->digits + 6, before_1900 ? "18" : "19", 2);
	memcpy(id->digits + 8, data + 6, 9);
	id->digits[17] = resident_check(id->digits);
}

/* Permanent residence of foreigners before 2023: AAA, place, yymmdd, number. */
static bool
is_old_foreign(const char *data, int length)
{
	if (length != OLD_LENGTH || !all_digits(data + 3, 12))
		return false;
	for (int i = 0; i < 3; i++)
		if (data[i] < 'A' || data[i] > 'Z')
			return false;
	return true;
}

/* Fills ID from 18 or 15 characters; says what is wrong with its characters. */
static const char *
read_resident(const char *data, int length, ResidentId *id)
{
	int			characters = pg_mbstrlen_with_len(data, length);

	if (is_old_foreign(data, length))
	{
		id->kind = RESIDENT_FOREIGN_OLD;
		return NULL;
	}
	if (characters != RESIDENT_LENGTH && characters != OLD_LENGTH)
		return "length";
	if (length != characters)
		return "characters";
	if (length == OLD_LENGTH)
	{
		if (!all_digits(data, length))
			return "characters";
		upgrade_resident(data, id);
		return NULL;
	}
	if (!all_digits(data, 17) || !(is_digit(data[17]) || data[17] == 'X'))
		return "characters";
	id->kind = RESIDENT_NEW;
	memcpy(id->digits, data, RESIDENT_LENGTH);
	return NULL;
}

/*
 * What is wrong in one word, NULL when nothing is.  Areas are not looked up:
 * codes of former districts stay in people's numbers for life.  No area
 * begins with 0.
 */
static const char *
resident_problem(const char *data, int length, ResidentId *id)
{
	const char *problem = read_resident(data, length, id);

	if (problem != NULL)
		return problem;
	if (id->kind == RESIDENT_FOREIGN_OLD)
	{
		/* The century is not in it: any year with that February will do. */
		int			year = 2000 + read_number(data + 7, 2);

		return calendar_day_exists(year, read_number(data + 9, 2),
								   read_number(data + 11, 2)) ? NULL : "date";
	}
	if (id->digits[0] == '0')
		return "area";
	id->year = read_number(id->digits + 6, 4);
	id->month = read_number(id->digits + 10, 2);
	id->day = read_number(id->digits + 12, 2);
	if (id->year < 1800 || id->year > 2099 ||
		!calendar_day_exists(id->year, id->month, id->day))
		return "date";
	if (id->digits[17] != resident_check(id->digits))
		return "check";
	return NULL;
}

bool
resident_number_valid(const char *data, int length, char *upgraded,
					  bool *is_old)
{
	ResidentId	id;

	if (resident_problem(data, length, &id) != NULL)
		return false;
	*is_old = id.kind == RESIDENT_OLD;
	if (*is_old)
		memcpy(upgraded, id.digits, RESIDENT_LENGTH);
	return true;
}

/* The argument as a valid number with date and sex in it, or false. */
static bool
resident_of_call(FunctionCallInfo fcinfo, ResidentId *id)
{
	text	   *value = PG_GETARG_TEXT_PP(0);

	return resident_problem(VARDATA_ANY(value), VARSIZE_ANY_EXHDR(value),
							id) == NULL &&
		id->kind != RESIDENT_FOREIGN_OLD;
}

PG_FUNCTION_INFO_V1(medaudit_resident_id_valid);

/* True for a number without a problem; strict. */
Datum
medaudit_resident_id_valid(PG_FUNCTION_ARGS)
{
	text	   *value = PG_GETARG_TEXT_PP(0);
	ResidentId	id;

	PG_RETURN_BOOL(resident_problem(VARDATA_ANY(value),
									VARSIZE_ANY_EXHDR(value), &id) == NULL);
}

PG_FUNCTION_INFO_V1(medaudit_resident_id_problem);

/* length, characters, area, date or check; NULL when valid; strict. */
Datum
medaudit_resident_id_problem(PG_FUNCTION_ARGS)
{
	text	   *value = PG_GETARG_TEXT_PP(0);
	ResidentId	id;
	const char *problem = resident_problem(VARDATA_ANY(value),
										   VARSIZE_ANY_EXHDR(value), &id);

	if (problem == NULL)
		PG_RETURN_NULL();
	PG_RETURN_TEXT_P(cstring_to_text(problem));
}

PG_FUNCTION_INFO_V1(medaudit_resident_id_normalize);

/*
 * Folded, blanks removed, capitals, 15 valid digits upgraded to 18.  What is
 * no valid number comes back folded only; strict.
 */
Datum
medaudit_resident_id_normalize(PG_FUNCTION_ARGS)
{
	text	   *value = PG_GETARG_TEXT_PP(0);
	PointText	folded;
	ResidentId	id;
	text	   *result;

	fold_require_utf8();
	fold_span(VARDATA_ANY(value), VARSIZE_ANY_EXHDR(value), &folded);
	for (int i = 0; i < folded.length; i++)
		if (point_is_letter(folded.points[i]))
			folded.points[i] -= 'a' - 'A';
	result = point_text_encode(folded.points, folded.length);
	if (resident_problem(VARDATA(result), VARSIZE(result) - VARHDRSZ,
						 &id) == NULL && id.kind == RESIDENT_OLD)
		result = cstring_to_text_with_len(id.digits, RESIDENT_LENGTH);
	PG_RETURN_TEXT_P(result);
}

PG_FUNCTION_INFO_V1(medaudit_resident_id_birth_date);

/* NULL when the number is not valid, or holds two digits of the year only. */
Datum
medaudit_resident_id_birth_date(PG_FUNCTION_ARGS)
{
	ResidentId	id;

	if (!resident_of_call(fcinfo, &id))
		PG_RETURN_NULL();
	PG_RETURN_DATEADT(day_of_calendar(id.year, id.month, id.day));
}

PG_FUNCTION_INFO_V1(medaudit_resident_id_sex);

/* 1 male (odd sequence number), 2 female; NULL when the number is not valid. */
Datum
medaudit_resident_id_sex(PG_FUNCTION_ARGS)
{
	ResidentId	id;

	if (!resident_of_call(fcinfo, &id))
		PG_RETURN_NULL();
	PG_RETURN_TEXT_P(cstring_to_text((id.digits[16] - '0') % 2 == 1 ? "1" : "2"));
}

/* Do two digits name a province, region or municipality of GB/T 2260? */
static bool
is_province(const char *digits)
{
	static const char provinces[] =
	"11 12 13 14 15 21 22 23 31 32 33 34 35 36 37 41 42 43 44 45 46 "
	"50 51 52 53 54 61 62 63 64 65 71 81 82 ";

	for (const char *at = provinces; *at != '\0'; at += 3)
		if (at[0] == digits[0] && at[1] == digits[1])
			return true;
	return false;
}

PG_FUNCTION_INFO_V1(medaudit_resident_id_region);

/*
 * The six digits of the area; for a foreigner (9, province, nationality) the
 * province that issued it and four zeros.  NULL when the number is not valid.
 */
Datum
medaudit_resident_id_region(PG_FUNCTION_ARGS)
{
	ResidentId	id;
	char		region[7] = "000000";

	if (!resident_of_call(fcinfo, &id))
		PG_RETURN_NULL();
	if (id.digits[0] == '9' && is_province(id.digits + 1))
		memcpy(region, id.digits + 1, 2);
	else
		memcpy(region, id.digits, 6);
	PG_RETURN_TEXT_P(cstring_to_text(region));
}

/* -------- Organisations -------- */

/* GB 32100: check character over 31 digits, remainder 0 giving 0. */
static bool
credit_code_is_valid(const char *data, int length)
{
	static const char charset[] = "0123456789ABCDEFGHJKLMNPQRTUWXY";
	static const int weights[] = {
		1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28
	};
	int			sum = 0;
	int			last = 0;

	if (length != 18)
		return false;
	for (int i = 0; i < 18; i++)
	{
		const char *place = memchr(charset, data[i], 31);

		if (place == NULL)
			return false;
		last = place - charset;
		if (i < 17)
			sum += last * weights[i];
	}
	return (31 - sum % 31) % 31 == last;
}

PG_FUNCTION_INFO_V1(medaudit_credit_code_valid);

/* Unified social credit code; strict. */
Datum
medaudit_credit_code_valid(PG_FUNCTION_ARGS)
{
	text	   *value = PG_GETARG_TEXT_PP(0);

	PG_RETURN_BOOL(credit_code_is_valid(VARDATA_ANY(value),
										VARSIZE_ANY_EXHDR(value)));
}

/* -------- Codes -------- */

/* GTIN: the last digit makes the weighted sum (3, 1, 3 from the right) even. */
static bool
gtin_is_valid(const char *digits, int length)
{
	int			sum = 0;

	if (!all_digits(digits, length))
		return false;
	for (int i = 0; i < length; i++)
		sum += (digits[i] - '0') * ((length - i) % 2 == 0 ? 3 : 1);
	return sum % 10 == 0;
}

/*
 * The leading KEEP characters of a drug code whose parts end at the given
 * lengths; a code may come with its last parts left off.  NULL if it is none.
 */
static text *
drug_code_part(const char *data, int length, bool product)
{
	static const int western_ends[] = {10, 14, 16, 18, 23};
	static const int patent_ends[] = {11, 13, 15, 20};
	bool		western = length > 0 && data[0] == 'X';
	const int  *ends = western ? western_ends : patent_ends;
	int			count = western ? 5 : 4;
	int			keep = product ? ends[count - 2] : ends[0];
	char		pattern[] = WESTERN_DRUG_FORM;

	if (!western)
		strlcpy(pattern, PATENT_DRUG_FORM, sizeof(pattern));
	for (int i = 0; i < count; i++)
	{
		if (ends[i] != length || length < keep)
			continue;
		pattern[length] = '\0';
		if (code_has_form(data, length, pattern))
			return cstring_to_text_with_len(data, keep);
	}
	return NULL;
}

static Datum
return_drug_code_part(FunctionCallInfo fcinfo, bool product)
{
	text	   *value = PG_GETARG_TEXT_PP(0);
	text	   *part = drug_code_part(VARDATA_ANY(value),
									  VARSIZE_ANY_EXHDR(value), product);

	if (part == NULL)
		PG_RETURN_NULL();
	PG_RETURN_TEXT_P(part);
}

PG_FUNCTION_INFO_V1(medaudit_drug_code_generic);

/* 10 characters of an X code, 11 of a Z code, NULL of anything else; strict. */
Datum
medaudit_drug_code_generic(PG_FUNCTION_ARGS)
{
	return return_drug_code_part(fcinfo, false);
}

PG_FUNCTION_INFO_V1(medaudit_drug_code_product);

/* The drug code without its company; NULL of anything else; strict. */
Datum
medaudit_drug_code_product(PG_FUNCTION_ARGS)
{
	return return_drug_code_part(fcinfo, true);
}

PG_FUNCTION_INFO_V1(medaudit_service_code_parent);

/* The first 11 of 15 digits: no sub-item, no surcharge; strict. */
Datum
medaudit_service_code_parent(PG_FUNCTION_ARGS)
{
	text	   *value = PG_GETARG_TEXT_PP(0);

	if (VARSIZE_ANY_EXHDR(value) != 15 || !all_digits(VARDATA_ANY(value), 15))
		PG_RETURN_NULL();
	PG_RETURN_TEXT_P(cstring_to_text_with_len(VARDATA_ANY(value), 11));
}

typedef struct CodePattern
{
	const char *pattern;
	const char *kind;
} CodePattern;

/* In this order: 15 digits are a service before they are a person. */
static const CodePattern code_patterns[] = {
	{WESTERN_DRUG_FORM, "drug_western"},
	{PATENT_DRUG_FORM, "drug_patent"},
	{"T#########", "drug_herbal"},
	{"###############", "service"},
	{"C###################", "material"},
	{"C##########################", "material"},
	{"H###########", "facility"},
	{"P###########", "facility"},
	{"D############", "physician"},
	{"N############", "nurse"},
	{"HY############", "pharmacist"},
	{"HJ############", "technician"},
	{"@##.%##", "diagnosis"},
	{"@##.%##x###", "diagnosis"},
	{"##.####", "procedure"},
	{"##.####x###", "procedure"},
	{"####################", "trace"},
	{"国药准字@########", "approval"},
};

PG_FUNCTION_INFO_V1(medaudit_code_kind);

/* What a code is, by its shape; NULL when it is none we know; strict. */
Datum
medaudit_code_kind(PG_FUNCTION_ARGS)
{
	text	   *value = PG_GETARG_TEXT_PP(0);
	const char *data = VARDATA_ANY(value);
	int			length = VARSIZE_ANY_EXHDR(value);
	ResidentId	id;

	for (int i = 0; i < (int) lengthof(code_patterns); i++)
		if (code_has_form(data, length, code_patterns[i].pattern))
			PG_RETURN_TEXT_P(cstring_to_text(code_patterns[i].kind));
	if (length == 18 && resident_problem(data, length, &id) == NULL)
		PG_RETURN_TEXT_P(cstring_to_text("resident_id"));
	if (credit_code_is_valid(data, length))
		PG_RETURN_TEXT_P(cstring_to_text("credit_code"));
	if ((length == 13 || length == 14) && gtin_is_valid(data, length))
		PG_RETURN_TEXT_P(cstring_to_text("barcode"));
	PG_RETURN_NULL();
}

/* (01) and 14 digits that check, then at least one more element. */
static bool
is_gs1_string(const char *data, int length)
{
	bool		brackets = length > 4 && memcmp(data, "(01)", 4) == 0;
	int			start = brackets ? 4 : 2;

	if (!brackets && (length < 2 || memcmp(data, "01", 2) != 0))
		return false;
	return length > start + 14 + 2 && gtin_is_valid(data + start, 14) &&
		(is_digit(data[start + 14]) || data[start + 14] == '(');
}

/* Nothing but blanks and zeros? */
static bool
is_blank_or_zero(const char *data, int length)
{
	for (int i = 0; i < length; i++)
		if (data[i] != '0' && data[i] != ' ' && data[i] != '-')
			return false;
	return true;
}

PG_FUNCTION_INFO_V1(medaudit_trace_code_kind);

/* defect, mashangfangxin, gs1, barcode or unknown (issuer); strict. */
Datum
medaudit_trace_code_kind(PG_FUNCTION_ARGS)
{
	text	   *value = PG_GETARG_TEXT_PP(0);
	const char *data = VARDATA_ANY(value);
	int			length = VARSIZE_ANY_EXHDR(value);
	const char *kind = "unknown";

	if (is_blank_or_zero(data, length))
		kind = "defect";
	else if (length == 20 && data[0] == '8' && all_digits(data, length))
		kind = "mashangfangxin";
	else if (is_gs1_string(data, length))
		kind = "gs1";
	else if ((length == 13 || length == 14) && gtin_is_valid(data, length))
		kind = "barcode";
	PG_RETURN_TEXT_P(cstring_to_text(kind));
}

/*
 * Does the text name one pack?  Of at least 13 letters and digits, not all the
 * same, and not the barcode of a product, which all of its packs share.
 */
static bool
names_a_pack(const char *data, int length)
{
	bool		alike = true;

	if (length < 13)
		return false;
	for (int i = 0; i < length; i++)
	{
		if (!(data[i] >= '0' && data[i] <= '9') &&
			!(data[i] >= 'A' && data[i] <= 'Z') &&
			!(data[i] >= 'a' && data[i] <= 'z'))
			return false;
		alike = alike && data[i] == data[0];
	}
	if (alike)
		return false;
	return length > 14 || !gtin_is_valid(data, length);
}

PG_FUNCTION_INFO_V1(medaudit_is_trace_code);

/* Strict. */
Datum
medaudit_is_trace_code(PG_FUNCTION_ARGS)
{
	text	   *value = PG_GETARG_TEXT_PP(0);

	PG_RETURN_BOOL(names_a_pack(VARDATA_ANY(value), VARSIZE_ANY_EXHDR(value)));
}

/* -------- Masks -------- */

/* Keeps FIRST and LAST characters and puts a star for each one between. */
static text *
mask_between(text *value, int first, int last)
{
	const char *data = VARDATA_ANY(value);
	int			length = VARSIZE_ANY_EXHDR(value);
	int			characters = pg_mbstrlen_with_len(data, length);
	int			head = pg_mbcharcliplen(data, length, first);
	int			tail = pg_mbcharcliplen(data, length, characters - last);
	int			stars = characters - first - last;
	text	   *result;
	char	   *out;

	if (stars <= 0)
		return value;
	result = palloc(VARHDRSZ + head + stars + length - tail);
	out = VARDATA(result);
	memcpy(out, data, head);
	memset(out + head, '*', stars);
	memcpy(out + head + stars, data + tail, length - tail);
	SET_VARSIZE(result, VARHDRSZ + head + stars + length - tail);
	return result;
}

PG_FUNCTION_INFO_V1(medaudit_mask_name);

/* The first character stays, of a name of one none; strict. */
Datum
medaudit_mask_name(PG_FUNCTION_ARGS)
{
	text	   *value = PG_GETARG_TEXT_PP(0);
	int			characters = pg_mbstrlen_with_len(VARDATA_ANY(value),
												  VARSIZE_ANY_EXHDR(value));

	PG_RETURN_TEXT_P(mask_between(value, characters > 1 ? 1 : 0, 0));
}

PG_FUNCTION_INFO_V1(medaudit_mask_id);

/* The first third (at most 6) and the last quarter (at most 4) stay; strict. */
Datum
medaudit_mask_id(PG_FUNCTION_ARGS)
{
	text	   *value = PG_GETARG_TEXT_PP(0);
	int			characters = pg_mbstrlen_with_len(VARDATA_ANY(value),
												  VARSIZE_ANY_EXHDR(value));

	PG_RETURN_TEXT_P(mask_between(value, Min(characters / 3, 6),
								  Min(characters / 4, 4)));
}

/*
 * How far down points[at] ends a part of the public administration: 2 province
 * or region, 4 prefecture or city, 5 a city under one, 6 district or county,
 * 8 town or subdistrict; 0 for anything else.  ABOVE is the level before it.
 */
static int
public_level(const uint32 *points, int at, int count, int above)
{
	uint32		before = at > 0 ? points[at - 1] : 0;
	uint32		next = at + 1 < count ? points[at + 1] : 0;

	switch (points[at])
	{
		case 0x7701:			/* 省 */
			return 2;
		case 0x5DDE:			/* 州 of 自治州, not of 杭州 */
			return before == 0x6CBB ? 4 : 0;
		case 0x76DF:			/* 盟 */
			return 4;
		case 0x5E02:			/* 市, not 市场 */
			return next == 0x573A ? 0 : above < 4 ? 4 : 5;
		case 0x533A:			/* 区 of 自治区; not of 社区, 小区, 园区 */
			if (before == 0x6CBB)
				return 2;
			return before == 0x793E || before == 0x5C0F || before == 0x56ED ?
				0 : 6;
		case 0x53BF:			/* 县 */
		case 0x65D7:			/* 旗 */
			return 6;
		case 0x9547:			/* 镇 */
		case 0x4E61:			/* 乡 */
			return 8;
		case 0x9053:			/* 道 of 街道 */
			return before == 0x8857 ? 8 : 0;
		default:
			return 0;
	}
}

/* A digit, 路, 巷, 弄, 号 or a street: from here on it leads to one home. */
static bool
leads_to_home(const uint32 *points, int at, int count)
{
	uint32		point = points[at];
	uint32		next = at + 1 < count ? points[at + 1] : 0;

	return point_is_digit(point) || (point >= 0xFF10 && point <= 0xFF19) ||
		point == 0x8DEF || point == 0x5DF7 || point == 0x5F04 ||
		point == 0x53F7 || (point == 0x8857 && next != 0x9053);
}

PG_FUNCTION_INFO_V1(medaudit_mask_address);

/* Province to town stay, the rest becomes four stars; strict. */
Datum
medaudit_mask_address(PG_FUNCTION_ARGS)
{
	text	   *value = PG_GETARG_TEXT_PP(0);
	int			length = VARSIZE_ANY_EXHDR(value);
	uint32	   *points;
	int			count;
	int			keep = 0;
	int			above = 0;

	fold_require_utf8();
	points = palloc(mul_size(length + 4, sizeof(uint32)));
	count = fold_decode(VARDATA_ANY(value), length, points);
	for (int at = 0; at < count && !leads_to_home(points, at, count); at++)
	{
		int			level = public_level(points, at, count, above);

		if (at > 0 && level > above)
		{
			above = level;
			keep = at + 1;
		}
	}
	if (keep < count)
	{
		for (int i = 0; i < 4; i++)
			points[keep + i] = '*';
		keep += 4;
	}
	PG_RETURN_TEXT_P(point_text_encode(points, keep));
}

/* -------- Numbers in texts -------- */

/* The digits that stand together in a text, of many the last ones. */
typedef struct DigitRun
{
	char		signs[RESIDENT_LENGTH];
	int			kept;
	int			length;
	bool		apart;			/* no letter, digit or point before it */
} DigitRun;

/*
 * The sign at DATA, 0 where it is no letter, digit or point of ASCII, and how
 * many bytes it takes.  Digits and X may be wide (U+FF10 to U+FF19, U+FF38, U+FF58).
 */
static inline char
read_sign(const unsigned char *data, const unsigned char *end, bool wide, int *bytes)
{
	unsigned char sign = *data;

	*bytes = 1;
	if (wide && sign == 0xEF && end - data >= 3)
	{
		*bytes = 3;
		if (data[1] == 0xBC && data[2] >= 0x90 && data[2] <= 0x99)
			return '0' + (data[2] - 0x90);
		return (data[1] == 0xBC && data[2] == 0xB8) ||
			(data[1] == 0xBD && data[2] == 0x98) ? 'X' : 0;
	}
	if (is_digit(sign) || sign == '.' || (sign >= 'A' && sign <= 'Z'))
		return sign;
	if (sign >= 'a' && sign <= 'z')
		return sign == 'x' ? 'X' : sign;
	return 0;
}

static bool
is_resident(const char *signs, int length)
{
	ResidentId	id;

	return resident_problem(signs, length, &id) == NULL;
}

/* Adds a digit, or the X at the end; whether the last 18 signs are a number. */
static inline bool
run_add(DigitRun *run, char sign)
{
	if (run->kept == RESIDENT_LENGTH)
		memmove(run->signs, run->signs + 1, --run->kept);
	run->signs[run->kept++] = sign;
	run->length++;
	return run->kept == RESIDENT_LENGTH && is_resident(run->signs, RESIDENT_LENGTH);
}

/*
 * Whether the run that ends before SIGN is a number of 15 digits, which has no
 * check digit: it must stand by itself, with no letter or fraction behind it.
 */
static bool
run_is_old(const DigitRun *run, char sign, const unsigned char *rest,
		   const unsigned char *end, bool wide)
{
	int			bytes;

	return run->length == OLD_LENGTH && run->apart &&
		(sign == 0 || (sign == '.' &&
					   !(rest < end && is_digit(read_sign(rest, end, wide, &bytes))))) &&
		is_resident(run->signs, OLD_LENGTH);
}

PG_FUNCTION_INFO_V1(medaudit_tells_number);

/*
 * Whether a valid resident number stands in a text; strict.  Asked of every
 * sentence of a run, nearly none of which holds one: one pass, no copy.
 */
Datum
medaudit_tells_number(PG_FUNCTION_ARGS)
{
	text	   *value = PG_GETARG_TEXT_PP(0);
	const unsigned char *data = (const unsigned char *) VARDATA_ANY(value);
	const unsigned char *end = data + VARSIZE_ANY_EXHDR(value);
	bool		wide = GetDatabaseEncoding() == PG_UTF8;
	DigitRun	run = {.apart = true};
	int			bytes;

	for (; data < end; data += bytes)
	{
		char		sign = read_sign(data, end, wide, &bytes);

		if (is_digit(sign) || (sign == 'X' && run.length >= RESIDENT_LENGTH - 1))
		{
			if (run_add(&run, sign))
				PG_RETURN_BOOL(true);
			if (sign != 'X')
				continue;
		}
		if (run_is_old(&run, sign, data + bytes, end, wide))
			PG_RETURN_BOOL(true);
		run.kept = run.length = 0;
		run.apart = sign == 0;
	}
	PG_RETURN_BOOL(run_is_old(&run, 0, end, end, wide));
}
