/*
 * rulebook_code.c
 *		What is compared of the code of a rule.
 */
#include "postgres.h"
#include "base/compat.h"

#include "rulebook/rulebook_code.h"

/* The key of a rule's code; one without the form its row asks for is exact. */
CodeKey
rule_key(TextSpan code, uint8 match)
{
	CodeKey		key;

	if (match == MATCH_EVERY || match == MATCH_PREFIX)
	{
		key.start = 0;
		key.length = code.length - 1;
		key.match = MATCH_PREFIX;
	}
	else if (!code_key(code, match, &key))
		code_key(code, MATCH_EXACT, &key);
	return key;
}

/* How a code is looked up; GIVEN is what the row says of codes in full. */
uint8
match_of_code(TextSpan code, uint8 given)
{
	if (code.data == NULL || code.length == 0 ||
		code.data[code.length - 1] != '%')
		return given;
	return code.length == 1 ? MATCH_EVERY : MATCH_PREFIX;
}
