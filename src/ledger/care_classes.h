/*
 * care_classes.h
 *		What the class of a charge says about care: a map kept for a statement.
 */
#ifndef MEDAUDIT_CARE_CLASSES_H
#define MEDAUDIT_CARE_CLASSES_H

#include "fmgr.h"
#include "access/tupdesc.h"
#include "base/packed.h"

typedef enum CareKind
{
	CARE_UNKNOWN,				/* of no known class */
	CARE_PASSIVE,				/* bed, nursing, consultation: no care */
	CARE_LASTING,				/* treatment: may be billed by the week */
	CARE_GIVEN					/* whatever else */
} CareKind;

typedef struct CareClasses CareClasses;

/*
 * The map that two text[] arguments bring: keys as ledger_category_key() makes
 * them, and the class of each.  It is the only thing kept under fn_extra.
 */
extern CareClasses *care_classes_of_call(FunctionCallInfo fcinfo, int keys, int classes);
extern CareKind care_of_key(CareClasses *map, TextSpan key);

/* The row type of the call, kept with the map. */
extern TupleDesc care_classes_row_type(const CareClasses *map);

#endif							/* MEDAUDIT_CARE_CLASSES_H */
