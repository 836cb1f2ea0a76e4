/*
 * audit.c
 *		What the audit run asks of the server that SQL cannot say.
 *
 * A run commits after each of its steps.  Whether it may is known only to the
 * executor: CALL outside a transaction block is non-atomic, inside a block, a
 * function or a multi-statement query it is not.  Asking first lets run_audit()
 * refuse with a hint before it has done anything.
 *
 * What a step has freed, glibc keeps for the next one, in pieces that it may not fit
 * in: half of the private memory of a run was such.  Between steps it is given back.
 * Looking how much it is costs microseconds, giving it back some 3 milliseconds for
 * 100 MB.
 */
#include "postgres.h"

#include "base/compat.h"

#ifdef __GLIBC__
#include <malloc.h>
#endif

#include "executor/spi.h"
#include "fmgr.h"

/* Of so much the next statement will need some again. */
#define FREE_KEPT	((size_t) 16 * 1024 * 1024)

/* Whether the procedure that asks may COMMIT.  No arguments, never NULL. */
PG_FUNCTION_INFO_V1(audit_may_commit);
Datum
audit_may_commit(PG_FUNCTION_ARGS)
{
	(void) fcinfo;
	PG_RETURN_BOOL(SPI_inside_nonatomic_context());
}

/* Gives memory that was freed back to the system, where the C library keeps it.  Never NULL. */
PG_FUNCTION_INFO_V1(audit_return_memory);
Datum
audit_return_memory(PG_FUNCTION_ARGS)
{
	(void) fcinfo;
#if defined(__GLIBC__) && __GLIBC_PREREQ(2, 33)
	if (mallinfo2().fordblks > FREE_KEPT)
		(void) malloc_trim(0);
#endif
	PG_RETURN_VOID();
}
