/*
 * rulebook_words.c
 *		Names of kinds, certainties, ways of matching and scopes, and the
 *		numbers that a rulebook keeps instead.
 *
 * What tables and JSON spell stands here and nowhere else.
 */
#include "postgres.h"
#include "base/compat.h"

#include <ctype.h>

#include "rulebook/rulebook_words.h"

static const char *const kinds[RULE_KINDS] = {
	[RULE_DUPLICATE] = "duplicate",
	[RULE_EXCLUSIVE] = "exclusive",
	[RULE_QUANTITY] = "quantity",
	[RULE_AMOUNT] = "amount",
	[RULE_PER_BED_DAY] = "per_bed_day",
	[RULE_PRICE] = "price",
	[RULE_SECONDARY] = "secondary",
	[RULE_RESTRICTION] = "restriction",
	[RULE_DIAGNOSIS] = "diagnosis",
	[RULE_COURSE] = "course",
	[RULE_PREREQUISITE] = "prerequisite",
	[RULE_OUTSIDE_STAY] = "outside_stay",
	[RULE_RESETTLED] = "resettled",
	[RULE_NOT_PAYABLE] = "not_payable",
	[RULE_PACKAGE] = "package"
};

static const char *const certainties[] = {"violation", "suspicion", "notice"};
static const char *const matches[] = {"exact", "service", "product", "generic"};
static const char *const scopes[] = {
	[SCOPE_NONE] = "",
	[SCOPE_VISIT] = "visit",
	[SCOPE_INSTANT] = "instant",
	[SCOPE_HOUR] = "hour",
	[SCOPE_DAY] = "day",
	[SCOPE_WEEK] = "week",
	[SCOPE_MONTH] = "month",
	[SCOPE_QUARTER] = "quarter",
	[SCOPE_YEAR] = "year",
	[SCOPE_ROLLING_HOURS] = "hours",
	[SCOPE_ROLLING_DAYS] = "days",
	[SCOPE_BED_DAY] = "bed_day",
	[SCOPE_BED_NIGHT] = "bed_night",
	[SCOPE_SPAN] = "span"
};

/* Rolling scopes reach 100 years at most, so that day arithmetic is safe. */
#define MAX_SCOPE_DAYS	36525

const char *
rule_kind_name(RuleKind kind)
{
	return kinds[kind];
}

const char *
rule_certainty_name(RuleCertainty certainty)
{
	return certainties[certainty];
}

const char *
rule_match_name(uint8 match)
{
	return matches[match];
}

char *
rule_scope_name(uint8 scope, int32 length)
{
	if (scope == SCOPE_ROLLING_HOURS || scope == SCOPE_ROLLING_DAYS)
		return psprintf("%d %s", length, scopes[scope]);
	return pstrdup(scopes[scope]);
}

bool
rule_word_is(TextSpan span, const char *word)
{
	return (size_t) span.length == strlen(word) &&
		memcmp(span.data, word, span.length) == 0;
}

/* The place of NAME among the COUNT words from FIRST on. */
static bool
parse_word(TextSpan name, const char *const *words, int first, int count,
		   uint8 *result)
{
	for (int i = first; i < count; i++)
	{
		if (rule_word_is(name, words[i]))
		{
			*result = i;
			return true;
		}
	}
	return false;
}

bool
rule_kind_parse(TextSpan name, uint8 *kind)
{
	return parse_word(name, kinds, 0, RULE_KINDS, kind);
}

bool
rule_certainty_parse(TextSpan name, uint8 *certainty)
{
	return parse_word(name, certainties, 0, lengthof(certainties), certainty);
}

bool
rule_match_parse(TextSpan name, uint8 *match)
{
	return parse_word(name, matches, 0, lengthof(matches), match);
}

bool
rule_scope_length_in_range(uint8 scope, int64 length)
{
	return length >= 1 &&
		length <= MAX_SCOPE_DAYS * (scope == SCOPE_ROLLING_HOURS ? 24 : 1);
}

/* A word, or "N hours", "N days", in the singular too. */
bool
rule_scope_parse(TextSpan name, uint8 *scope, int32 *length)
{
	int			at = 0;
	int64		number = 0;
	TextSpan	unit;

	*length = 0;
	while (at < name.length && at < 6 && isdigit((unsigned char) name.data[at]))
		number = number * 10 + (name.data[at++] - '0');
	if (at == 0)
		return parse_word(name, scopes, SCOPE_VISIT, lengthof(scopes), scope) &&
			*scope != SCOPE_ROLLING_HOURS && *scope != SCOPE_ROLLING_DAYS;
	while (at < name.length && name.data[at] == ' ')
		at++;
	unit.data = name.data + at;
	unit.length = name.length - at;
	if (rule_word_is(unit, "hours") || rule_word_is(unit, "hour"))
		*scope = SCOPE_ROLLING_HOURS;
	else if (rule_word_is(unit, "days") || rule_word_is(unit, "day"))
		*scope = SCOPE_ROLLING_DAYS;
	else
		return false;
	*length = (int32) number;
	return rule_scope_length_in_range(*scope, number);
}
