/*
 * run_lock.c
 *		The lock of an audit run, and who may write findings.
 *
 * A run commits after each of its steps, so that its lock must outlive
 * transactions; and it must end with the run, however that ends.  A session
 * lock of the default lock method does: commits keep it, an abort of the
 * transaction gives it back, and so does the end of the process.  A commit that
 * is not the procedure's own, that is the end of the statement, gives it back
 * here.  So a session that does not run anything holds nothing.
 *
 * No other command reaches its tag: advisory locks have another, PREPARE and
 * the like take the locks of tables without any right to them, and nothing in
 * the server takes user locks any more.  Who may not write runs gets neither
 * this lock nor that of the ranking.
 *
 * Findings are written by a run, which holds the lock, and follow the events that
 * people add.  Triggers ask here whether either is at work.
 */
#include "postgres.h"

#include "base/compat.h"

#include "access/xact.h"
#include "catalog/pg_class.h"
#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "fmgr.h"
#include "miscadmin.h"
#include "storage/lock.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

/* What a lock is about, in the last field of its tag. */
#define LOCK_RUN 1
#define LOCK_RANKING 2

static bool run_lock_held = false;
static LOCKTAG run_lock_tag;
static bool deciding = false;

static void
make_lock_tag(LOCKTAG *tag, Oid relation, uint16 what)
{
	memset(tag, 0, sizeof(LOCKTAG));
	tag->locktag_field1 = MyDatabaseId;
	tag->locktag_field2 = RelationRelationId;
	tag->locktag_field3 = relation;
	tag->locktag_field4 = what;
	tag->locktag_type = LOCKTAG_USERLOCK;
	tag->locktag_lockmethodid = DEFAULT_LOCKMETHOD;
}

static void
release_run_lock(void)
{
	if (run_lock_held)
	{
		run_lock_held = false;
		LockRelease(&run_lock_tag, ExclusiveLock, true);
	}
}

/*
 * The end of a transaction: that of a step of the run is committed from within
 * the procedure, any other is the end of the run.
 */
static void
end_run_lock(XactEvent event, void *unused)
{
	(void) unused;
	if (event == XACT_EVENT_ABORT
		|| (event == XACT_EVENT_COMMIT && !SPI_inside_nonatomic_context()))
		release_run_lock();
}

/* The table NAME beside the function that asks, to which the caller needs MODE. */
static Oid
permitted_table(FunctionCallInfo fcinfo, const char *name, AclMode mode)
{
	Oid			namespace = get_func_namespace(fcinfo->flinfo->fn_oid);
	Oid			relation = get_relname_relid(name, namespace);
	AclResult	answer;

	if (!OidIsValid(relation))
		elog(ERROR, "table \"%s\" is missing", name);
	answer = pg_class_aclcheck(relation, GetUserId(), mode);
	if (answer != ACLCHECK_OK)
		aclcheck_error(answer, OBJECT_TABLE, name);
	return relation;
}

/*
 * Takes the lock of the run.  False where another session has it; never NULL.
 * Only a procedure that may commit can hold it.
 */
PG_FUNCTION_INFO_V1(medaudit_take_run_lock);
Datum
medaudit_take_run_lock(PG_FUNCTION_ARGS)
{
	static bool registered = false;
	Oid			run = permitted_table(fcinfo, "run", ACL_INSERT);

	if (!SPI_inside_nonatomic_context())
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_TRANSACTION_TERMINATION),
				 errmsg("the lock of an audit run needs a procedure that may commit")));
	if (!registered)
	{
		RegisterXactCallback(end_run_lock, NULL);
		registered = true;
	}
	if (!run_lock_held)
	{
		make_lock_tag(&run_lock_tag, run, LOCK_RUN);
		run_lock_held = LockAcquire(&run_lock_tag, ExclusiveLock, true, true)
			!= LOCKACQUIRE_NOT_AVAIL;
	}
	PG_RETURN_BOOL(run_lock_held);
}

/* Gives the lock of the run back, where this session has it. */
PG_FUNCTION_INFO_V1(medaudit_release_run_lock);
Datum
medaudit_release_run_lock(PG_FUNCTION_ARGS)
{
	(void) fcinfo;
	release_run_lock();
	PG_RETURN_VOID();
}

/* Waits until nobody else ranks; until the end of the transaction. */
PG_FUNCTION_INFO_V1(medaudit_take_rank_lock);
Datum
medaudit_take_rank_lock(PG_FUNCTION_ARGS)
{
	LOCKTAG		tag;

	make_lock_tag(&tag, permitted_table(fcinfo, "ranked_line", ACL_UPDATE),
				  LOCK_RANKING);
	(void) LockAcquire(&tag, ExclusiveLock, false, false);
	PG_RETURN_VOID();
}

/* Whether this session runs an audit, or a finding is just following its events. */
/* Whether this session is making a run. */
PG_FUNCTION_INFO_V1(medaudit_run_lock_held);
Datum
medaudit_run_lock_held(PG_FUNCTION_ARGS)
{
	(void) fcinfo;
	PG_RETURN_BOOL(run_lock_held);
}

PG_FUNCTION_INFO_V1(medaudit_findings_open);
Datum
medaudit_findings_open(PG_FUNCTION_ARGS)
{
	(void) fcinfo;
	PG_RETURN_BOOL(run_lock_held || deciding);
}

/*
 * Has findings follow their events, with the rights of the caller, past the guard:
 * _write_shadows() takes from the events all that it writes, so that whoever calls
 * this can make nothing else of them.
 */
PG_FUNCTION_INFO_V1(medaudit_shadow_findings);
Datum
medaudit_shadow_findings(PG_FUNCTION_ARGS)
{
	Oid			types[] = {INT8ARRAYOID};
	Datum		values[] = {PG_GETARG_DATUM(0)};

	SPI_connect();
	deciding = true;
	PG_TRY();
	{
		SPI_execute_with_args("CALL medaudit._write_shadows($1)", 1, types, values, NULL, false, 0);
	}
	PG_FINALLY();
	{
		deciding = false;
	}
	PG_END_TRY();
	SPI_finish();
	PG_RETURN_VOID();
}
