/*
 * drug_codes.h
 *		National drug codes, cut to what is taken for one drug.
 *
 * A code of full form says, from left to right, the ATC class (of Chinese patent
 * drugs the class of their effect), the substance, the dosage form, the strength,
 * the pack and the company.  Any other code is one drug by itself.
 */
#ifndef MEDAUDIT_DRUG_CODES_H
#define MEDAUDIT_DRUG_CODES_H

#include "base/packed.h"

/* As code_has_form() reads them: western drugs, Chinese patent drugs. */
#define WESTERN_DRUG_FORM	"X@##@@@###@############"
#define PATENT_DRUG_FORM	"Z@##@@@#############"

/* What two codes have in common to be one drug, from the finest on. */
typedef enum DrugLevel
{
	DRUG_CODE,
	DRUG_PRODUCT,				/* whatever company */
	DRUG_STRENGTH,				/* and pack */
	DRUG_GENERIC,				/* and dosage form and strength */
	DRUG_CLASS,
	DRUG_SUBGROUP
} DrugLevel;

/* Of an argument: NULL is 22004, another name than those below 22023. */
extern DrugLevel drug_level_argument(FunctionCallInfo fcinfo, int argument, const char *name);

extern bool drug_code_is_national(TextSpan code);

/* A code, cut to LEVEL; one that is not national is itself. */
extern TextSpan drug_code_cut(TextSpan code, DrugLevel level);

#endif							/* MEDAUDIT_DRUG_CODES_H */
