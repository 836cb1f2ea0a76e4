/*
 * audit.c
 *		What the audit run asks of the server that SQL cannot say.
 *
 * A run commits after each of its steps.  Whether it may is known only to the
 * executor: CALL outside a transaction block is non-atomic, inside a block, a
 * function or a multi-statement query it is not.  Asking first lets run_audit()
 * refuse with a hint before it has done anything.
 */
#include "postgres.h"

#include "base/compat.h"

#include "executor/spi.h"
#include "fmgr.h"

/* Whether the procedure that asks may COMMIT.  No arguments, never NULL. */
PG_FUNCTION_INFO_V1(audit_may_commit);
Datum
audit_may_commit(PG_FUNCTION_ARGS)
{
	(void) fcinfo;
	PG_RETURN_BOOL(SPI_inside_nonatomic_context());
}
