/*
 * rulebook_call.c
 *		The rulebook of a call: brought by an argument or compiled, and kept
 *		for the statement.
 *
 * A detector keeps the opened book under fn_extra.  A call that brings the
 * same value compares 16 bytes of digest; a stored value that is out of line
 * is fetched when its toast pointer is new, and even then only its first
 * bytes, if they show the digest that is open already.  What is compiled from
 * the tables holds as long as the snapshot shows the same rows.
 *
 * Who asks for one visit at a time has the enabled rules kept for the session,
 * with a name for what they were compiled from: to compile thousands takes
 * longer than to judge.  They take a few hundred bytes a row, until others come.
 */
#include "postgres.h"
#include "base/compat.h"

#include "access/detoast.h"
#include "access/htup_details.h"
#include "catalog/pg_type.h"
#include "funcapi.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/snapmgr.h"

#include "rulebook/rulebook_build.h"
#include "rulebook/rulebook_value.h"

/* What this backend did, for tests that count. */
static int64 detoasted;
static int64 compiled;

/*
 * What the snapshot sees; the same numbers, the same rows: below its xmax
 * transactions only end.  A standby lists those that run as subtransactions,
 * of which a primary may list some or none.
 */
static bool
same_snapshot(RulebookCache *cache)
{
	Snapshot	snapshot = GetActiveSnapshot();
	uint32		local_xid = my_local_transaction_id();
	uint32		running = snapshot->takenDuringRecovery ?
	(uint32) snapshot->subxcnt << 1 | 1 : snapshot->xcnt << 1;
	bool		same = cache->local_xid == local_xid &&
	cache->command == snapshot->curcid &&
	cache->snapshot_xmax == snapshot->xmax &&
	cache->snapshot_running == running;

	cache->local_xid = local_xid;
	cache->command = snapshot->curcid;
	cache->snapshot_xmax = snapshot->xmax;
	cache->snapshot_running = running;
	return same;
}

static RulebookCache *
cache_of_call(FunctionCallInfo fcinfo)
{
	RulebookCache *cache = fcinfo->flinfo->fn_extra;

	if (cache == NULL)
	{
		cache = MemoryContextAllocZero(fcinfo->flinfo->fn_mcxt,
									   sizeof(RulebookCache));
		cache->context = AllocSetContextCreate(fcinfo->flinfo->fn_mcxt,
											   "rulebook",
											   ALLOCSET_DEFAULT_SIZES);
		cache->local_xid = InvalidLocalTransactionId;
		fcinfo->flinfo->fn_extra = cache;
	}
	return cache;
}

static void
forget_book(RulebookCache *cache)
{
	cache->book = NULL;
	cache->detector = NULL;
	cache->compiled = NULL;
	cache->toast_pointer = NULL;
	cache->asked = NULL;
	MemoryContextReset(cache->context);
}

/* Whether LEAD, the first bytes of a value, shows the book that is open. */
static inline bool
same_digest(const RulebookCache *cache, const char *lead)
{
	return cache->book != NULL &&
		memcmp(lead + RULEBOOK_LEAD - VARHDRSZ + offsetof(RulebookHeader, digest),
			   cache->book->header->digest, 16) == 0;
}

static void
remember_pointer(RulebookCache *cache, const struct varlena *value)
{
	if (cache->toast_pointer != NULL)
		pfree(cache->toast_pointer);
	cache->toast_length = VARSIZE_ANY(value);
	cache->toast_pointer = MemoryContextAlloc(cache->context,
											  cache->toast_length);
	memcpy(cache->toast_pointer, value, cache->toast_length);
}

/* A value that is stored out of line or compressed. */
static void
open_extended(RulebookCache *cache, struct varlena *value)
{
	bool		same = same_snapshot(cache);
	struct varlena *head;
	struct varlena *whole;

	if (same && cache->toast_pointer != NULL &&
		cache->toast_length == (int) VARSIZE_ANY(value) &&
		memcmp(cache->toast_pointer, value, cache->toast_length) == 0)
		return;
	head = detoast_attr_slice(value, 0, RULEBOOK_HEAD_SIZE);
	if (VARSIZE_ANY_EXHDR(head) < RULEBOOK_HEAD_SIZE ||
		!same_digest(cache, VARDATA_ANY(head)))
	{
		whole = detoast_attr(value);
		detoasted++;
		forget_book(cache);
		cache->book = rulebook_open(whole, cache->context);
		pfree(whole);
	}
	pfree(head);
	if (VARATT_IS_EXTERNAL(value))
		remember_pointer(cache, value);
}

static void
open_argument(RulebookCache *cache, struct varlena *value)
{
	if (VARATT_IS_EXTERNAL(value) || VARATT_IS_COMPRESSED(value))
	{
		open_extended(cache, value);
		return;
	}
	if (VARSIZE_ANY_EXHDR(value) >= RULEBOOK_HEAD_SIZE &&
		same_digest(cache, VARDATA_ANY(value)))
		return;
	forget_book(cache);
	cache->book = rulebook_open(value, cache->context);
}

/* The key under which a compiled rulebook is kept: the codes asked for. */
static const char *
codes_as_text(ArrayType *rule_codes)
{
	Oid			output;
	bool		is_varlena;

	if (rule_codes == NULL)
		return "";
	getTypeOutputInfo(TEXTARRAYOID, &output, &is_varlena);
	return OidOutputFunctionCall(output, PointerGetDatum(rule_codes));
}

static void
open_compiled(RulebookCache *cache, ArrayType *rule_codes, bool keep_value)
{
	bool		same = same_snapshot(cache);
	const char *asked = codes_as_text(rule_codes);
	MemoryContext before;

	if (same && cache->asked != NULL && strcmp(cache->asked, asked) == 0)
		return;
	forget_book(cache);
	before = MemoryContextSwitchTo(cache->context);
	if (keep_value)
		cache->compiled = rulebook_compile(rule_codes);
	else
	{
		struct varlena *value = rulebook_compile(rule_codes);

		cache->book = rulebook_open(value, cache->context);
		pfree(value);
	}
	compiled++;
	cache->asked = pstrdup(asked);
	MemoryContextSwitchTo(before);
}

RulebookCache *
rulebook_of_call(FunctionCallInfo fcinfo, int argument)
{
	RulebookCache *cache = cache_of_call(fcinfo);

	if (argument < 0)
		open_compiled(cache, NULL, false);
	else if (PG_ARGISNULL(argument))
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				 errmsg("rules must not be null"),
				 errdetail("Argument \"rules\" is a rulebook."),
				 errhint("Call the form without \"rules\" to apply the enabled rules.")));
	else
		open_argument(cache, (struct varlena *) PG_GETARG_POINTER(argument));
	return cache;
}

/* The enabled rules that this session compiled last, how many before, and from what. */
static struct
{
	MemoryContext context;
	Rulebook   *book;
	uint64		generation;
	char	   *origin;
}			kept;

/* Compiles them aside, so that an error leaves what is kept as it is. */
static void
keep_enabled(const char *origin)
{
	MemoryContext context = AllocSetContextCreate(CurrentMemoryContext, "rulebook of the session",
												  ALLOCSET_DEFAULT_SIZES);
	MemoryContext before = MemoryContextSwitchTo(context);
	struct varlena *value = rulebook_compile(NULL);
	Rulebook   *book = rulebook_open(value, context);
	char	   *name = pstrdup(origin);

	pfree(value);
	MemoryContextSwitchTo(before);
	compiled++;
	MemoryContextSetParent(context, TopMemoryContext);
	if (kept.context != NULL)
		MemoryContextDelete(kept.context);
	kept.context = context;
	kept.book = book;
	kept.generation++;
	kept.origin = name;
}

RulebookCache *
rulebook_of_session(FunctionCallInfo fcinfo, const char *origin)
{
	RulebookCache *cache = cache_of_call(fcinfo);

	if (kept.book == NULL || strcmp(kept.origin, origin) != 0)
		keep_enabled(origin);
	if (cache->generation != kept.generation)
	{
		forget_book(cache);
		cache->book = kept.book;
		cache->generation = kept.generation;
	}
	return cache;
}

struct varlena *
rulebook_compiled(FunctionCallInfo fcinfo, ArrayType *rule_codes)
{
	RulebookCache *cache = cache_of_call(fcinfo);

	open_compiled(cache, rule_codes, true);
	return cache->compiled;
}

PG_FUNCTION_INFO_V1(rulebook_compile_enabled);

/* compile_rules(): the enabled rules, once per statement. */
Datum
rulebook_compile_enabled(PG_FUNCTION_ARGS)
{
	PG_RETURN_POINTER(rulebook_compiled(fcinfo, NULL));
}

PG_FUNCTION_INFO_V1(rulebook_compile_named);

/*
 * compile_rules(VARIADIC rule_codes): the named rules, enabled or not, once
 * per statement and list.  An unknown code is 22023, NULL 22004.
 */
Datum
rulebook_compile_named(PG_FUNCTION_ARGS)
{
	if (PG_ARGISNULL(0))
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				 errmsg("rule_codes must not be null")));
	PG_RETURN_POINTER(rulebook_compiled(fcinfo, PG_GETARG_ARRAYTYPE_P(0)));
}

/* The columns of rulebook_reads(). */
enum
{
	READS_OPENED,
	READS_FETCHED,
	READS_COMPILED,
	READS_COLUMNS
};

PG_FUNCTION_INFO_V1(rulebook_reads);

/* How often this backend opened, fetched and compiled a rulebook. */
Datum
rulebook_reads(PG_FUNCTION_ARGS)
{
	TupleDesc	description;
	Datum		values[READS_COLUMNS];
	bool		nulls[READS_COLUMNS] = {false};

	if (get_call_result_type(fcinfo, NULL, &description) != TYPEFUNC_COMPOSITE)
		elog(ERROR, "return type must be a row type");
	values[READS_OPENED] = Int64GetDatum(rulebook_opened);
	values[READS_FETCHED] = Int64GetDatum(detoasted);
	values[READS_COMPILED] = Int64GetDatum(compiled);
	PG_RETURN_DATUM(HeapTupleGetDatum(heap_form_tuple(BlessTupleDesc(description),
													  values, nulls)));
}
