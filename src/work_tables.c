/*
 * work_tables.c
 *		Statistics of the working tables of an audit run.
 *
 * The tables belong to the extension, and whoever runs an audit fills them
 * anew.  Plans over them are bad without statistics, but until PostgreSQL 17
 * gave MAINTAIN as a right, ANALYZE was for the owner alone.  So it is run here
 * with the rights of the owner, as autovacuum would: of these tables only, for
 * whoever may write them, and restricted to what does not outlive it.
 *
 * A run asks a table a few times and then empties it, so it is sampled sparingly:
 * 3,000 rows say as much about joins and groups as 30,000, which cost 14 times
 * as much.
 */
#include "postgres.h"
#include "base/compat.h"

#include "catalog/namespace.h"
#include "catalog/pg_class.h"
#include "catalog/pg_type_d.h"
#include "executor/spi.h"
#include "fmgr.h"
#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/guc.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/syscache.h"

#define WORK_SCHEMA "medaudit_work"

/* ANALYZE samples 300 rows for each unit of it. */
#define STATISTICS_TARGET "10"

static Oid
owner_of_relation(Oid relation)
{
	HeapTuple	tuple = SearchSysCache1(RELOID, ObjectIdGetDatum(relation));
	Oid			owner;

	if (!HeapTupleIsValid(tuple))
		elog(ERROR, "cache lookup failed for relation %u", relation);
	owner = ((Form_pg_class) GETSTRUCT(tuple))->relowner;
	ReleaseSysCache(tuple);
	return owner;
}

/* The table of this name, which the caller may write. */
static Oid
work_table(const char *name)
{
	Oid			relation = get_relname_relid(name,
											 get_namespace_oid(WORK_SCHEMA, false));

	if (!OidIsValid(relation) || get_rel_relkind(relation) != RELKIND_RELATION)
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_TABLE),
				 errmsg("there is no working table \"%s\"", name)));
	if (pg_class_aclcheck(relation, GetUserId(), ACL_INSERT) != ACLCHECK_OK)
		aclcheck_error(ACLCHECK_NO_PRIV, OBJECT_TABLE, name);
	return relation;
}

/* ANALYZE as the owner; an error gives the rights back with the transaction. */
static void
analyze_as_owner(const char *name, Oid relation)
{
	Oid			caller;
	int			context;
	int			nesting = NewGUCNestLevel();
	char	   *command = psprintf("ANALYZE " WORK_SCHEMA ".%s",
								   quote_identifier(name));

	GetUserIdAndSecContext(&caller, &context);
	SetUserIdAndSecContext(owner_of_relation(relation),
						   context | SECURITY_RESTRICTED_OPERATION);
	(void) set_config_option("default_statistics_target", STATISTICS_TARGET,
							 PGC_USERSET, PGC_S_SESSION, GUC_ACTION_SAVE,
							 true, 0, false);
	if (SPI_execute(command, false, 0) != SPI_OK_UTILITY)
		elog(ERROR, "could not execute \"%s\"", command);
	AtEOXact_GUC(false, nesting);
	SetUserIdAndSecContext(caller, context);
}

PG_FUNCTION_INFO_V1(medaudit_analyze);

/* The named working tables; a NULL among the names is none of them. */
Datum
medaudit_analyze(PG_FUNCTION_ARGS)
{
	Datum	   *names;
	bool	   *nulls;
	int			count;

	deconstruct_array(PG_GETARG_ARRAYTYPE_P(0), TEXTOID, -1, false,
					  TYPALIGN_INT, &names, &nulls, &count);
	SPI_connect();
	for (int i = 0; i < count; i++)
	{
		char	   *name;

		if (nulls[i])
			continue;
		name = TextDatumGetCString(names[i]);
		analyze_as_owner(name, work_table(name));
	}
	SPI_finish();
	PG_RETURN_VOID();
}
