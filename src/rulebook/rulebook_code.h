/*
 * rulebook_code.h
 *		What is compared of an item code under each way of matching.
 *
 * A service code is compared without its province, a drug code without its
 * company (product) or down to its generic name; a code that ends in % is a
 * prefix, and % alone meets every code.  Forms are worked out for every code
 * that is looked up, so they are in line.
 */
#ifndef MEDAUDIT_RULEBOOK_CODE_H
#define MEDAUDIT_RULEBOOK_CODE_H

#include "rulebook/rulebook.h"

#define SERVICE_LENGTH		15
#define PROVINCE_LENGTH		2
#define COMPANY_LENGTH		5

/* The bytes by which a code is compared. */
typedef struct CodeKey
{
	int			start;
	int			length;
	uint8		match;			/* RuleCodeMatch */
} CodeKey;

extern CodeKey rule_key(TextSpan code, uint8 match);
extern uint8 match_of_code(TextSpan code, uint8 given);

static inline bool
code_is_digits(TextSpan code)
{
	for (int i = 0; i < code.length; i++)
	{
		if (code.data[i] < '0' || code.data[i] > '9')
			return false;
	}
	return true;
}

/*
 * Fills KEY with what is compared of a service code: all but its province.  A
 * code may leave the province out.
 */
static inline bool
service_key(TextSpan code, CodeKey *key)
{
	if (code.length != SERVICE_LENGTH && code.length != SERVICE_LENGTH - PROVINCE_LENGTH)
		return false;
	key->start = code.length == SERVICE_LENGTH ? PROVINCE_LENGTH : 0;
	key->length = SERVICE_LENGTH - PROVINCE_LENGTH;
	return code_is_digits(code);
}

/*
 * The same for a drug code, of which GENERIC or PRODUCT is compared.  Western
 * drugs have X and 23 characters, Chinese patent drugs Z and 20; a code may
 * end where the comparison does.
 */
static inline bool
drug_key(TextSpan code, uint8 match, CodeKey *key)
{
	bool		western = code.length > 0 && code.data[0] == 'X';
	int			whole = western ? 23 : 20;

	if (!western && (code.length == 0 || code.data[0] != 'Z'))
		return false;
	if (match == MATCH_PRODUCT)
		key->length = whole - COMPANY_LENGTH;
	else
		key->length = western ? 10 : 11;
	return code.length == whole || code.length == key->length;
}

/*
 * Fills KEY with what is compared of CODE under MATCH; false where CODE has no
 * such form.
 */
static inline bool
code_key(TextSpan code, uint8 match, CodeKey *key)
{
	key->start = 0;
	key->length = code.length;
	key->match = match;
	if (match == MATCH_EXACT)
		return true;
	if (match == MATCH_SERVICE)
		return service_key(code, key);
	return drug_key(code, match, key);
}

#endif							/* MEDAUDIT_RULEBOOK_CODE_H */
