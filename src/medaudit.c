/*
 * medaudit.c
 *		The module itself: magic block, version, settings, messages.
 */
#include "postgres.h"
#include "base/compat.h"

#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/guc.h"

MEDAUDIT_MODULE_MAGIC(MEDAUDIT_VERSION);

PGDLLEXPORT void _PG_init(void);

/* Whose report it is; read by SQL alone (report.sql). */
static char *fund_name;

/*
 * Settings named medaudit.* belong to the extension: a misspelt one is an
 * error once the library is loaded.
 */
void
_PG_init(void)
{
	DefineCustomStringVariable("medaudit.fund_name",
							   "Name of the fund, for the head of reports.", NULL,
							   &fund_name, "", PGC_USERSET, 0, NULL, NULL, NULL);
	MarkGUCPrefixReserved("medaudit");
	pg_bindtextdomain(TEXTDOMAIN);
}

PG_FUNCTION_INFO_V1(medaudit_version);

/* The version of the library that is loaded, as its control file said it. */
Datum
medaudit_version(PG_FUNCTION_ARGS)
{
	(void) fcinfo;
	PG_RETURN_TEXT_P(cstring_to_text(MEDAUDIT_VERSION));
}

PG_FUNCTION_INFO_V1(medaudit_say);

/*
 * A message in the language of lc_messages, or as it is.  Strict.  An empty one
 * is what catalogues call their header, and stays empty.
 */
Datum
medaudit_say(PG_FUNCTION_ARGS)
{
	char	   *message = text_to_cstring(PG_GETARG_TEXT_PP(0));

	if (message[0] == '\0')
		PG_RETURN_DATUM(PG_GETARG_DATUM(0));
	PG_RETURN_TEXT_P(cstring_to_text(_(message)));
}
