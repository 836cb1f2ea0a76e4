/*
 * medaudit.c
 *		The module itself: magic block, version, reserved settings.
 */
#include "postgres.h"
#include "base/compat.h"

#include "utils/builtins.h"
#include "utils/guc.h"

MEDAUDIT_MODULE_MAGIC(MEDAUDIT_VERSION);

PGDLLEXPORT void _PG_init(void);

/*
 * Settings named medaudit.* belong to the extension: a misspelt one is an
 * error once the library is loaded.
 */
void
_PG_init(void)
{
	MarkGUCPrefixReserved("medaudit");
}

PG_FUNCTION_INFO_V1(medaudit_version);

/* The version of the library that is loaded, as its control file said it. */
Datum
medaudit_version(PG_FUNCTION_ARGS)
{
	(void) fcinfo;
	PG_RETURN_TEXT_P(cstring_to_text(MEDAUDIT_VERSION));
}
