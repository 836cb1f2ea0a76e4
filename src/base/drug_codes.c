/*
 * drug_codes.c
 *		National drug codes, cut to what is taken for one drug.
 */
#include "postgres.h"
#include "base/compat.h"

#include "utils/builtins.h"

#include "base/codes.h"
#include "base/drug_codes.h"
#include "base/rows.h"

/* In the order of DrugLevel; of a whole code as many bytes as there are. */
static const struct
{
	const char *name;
	int			western;
	int			patent;
}			levels[] = {
	{"code", 23, 20},
	{"product", 18, 15},
	{"strength", 16, 13},
	{"generic", 10, 11},
	{"class", 6, 6},
	{"subgroup", 5, 5}
};

DrugLevel
drug_level_argument(FunctionCallInfo fcinfo, int argument, const char *name)
{
	TextSpan	given;

	if (PG_ARGISNULL(argument))
		detector_argument_null(name);
	given = text_span(PG_GETARG_TEXT_PP(argument));
	for (int i = 0; i < (int) lengthof(levels); i++)
	{
		TextSpan	known = {levels[i].name, (int) strlen(levels[i].name)};

		if (text_span_equal(given, known))
			return (DrugLevel) i;
	}
	detector_argument_range(name, "code, product, strength, generic, class or subgroup");
}

static bool
is_western(TextSpan code)
{
	return code_has_form(code.data, code.length, WESTERN_DRUG_FORM);
}

static bool
is_patent(TextSpan code)
{
	return code_has_form(code.data, code.length, PATENT_DRUG_FORM);
}

bool
drug_code_is_national(TextSpan code)
{
	return is_western(code) || is_patent(code);
}

TextSpan
drug_code_cut(TextSpan code, DrugLevel level)
{
	if (is_western(code))
		code.length = levels[level].western;
	else if (is_patent(code))
		code.length = levels[level].patent;
	return code;
}

PG_FUNCTION_INFO_V1(medaudit_drug_level);

/* NULL for a NULL code; a NULL level is 22004, an unknown one 22023. */
Datum
medaudit_drug_level(PG_FUNCTION_ARGS)
{
	DrugLevel	level = drug_level_argument(fcinfo, 1, "level");

	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	PG_RETURN_DATUM(detector_text(drug_code_cut(text_span(PG_GETARG_TEXT_PP(0)), level)));
}
