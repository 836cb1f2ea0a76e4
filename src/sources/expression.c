/*
 * expression.c
 *		What an SQL expression over a source is, without running any of it.
 *
 * Planning a query evaluates what is constant in it, functions included, with
 * the rights of whoever asks.  An expression that somebody else wrote is only
 * parsed here, so that whose functions it calls can be looked at before.  Even
 * that reads literals, so that its types are looked at first.
 *
 * A time with zone that becomes anything else on the way is another time in each
 * session, whatever type comes out: only AT TIME ZONE says which is meant.
 */
#include "postgres.h"
#include "base/compat.h"

#include "catalog/pg_proc.h"
#include "catalog/pg_type_d.h"
#include "executor/spi.h"
#include "nodes/nodeFuncs.h"
#include "nodes/parsenodes.h"
#include "parser/parser.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/plancache.h"
#include "utils/regproc.h"

#include "sources/trust_words.h"

/*
 * An expression over a relation, parsed; within SPI.  Text that is more than one
 * expression is 42601, else the parser's own errors.
 */
static CachedPlanSource *
parse_expression(Datum relation, const char *expression)
{
	char	   *source = DatumGetCString(DirectFunctionCall1(regclassout, relation));
	char	   *query = psprintf("SELECT (%s\n) AS x FROM %s", expression, source);
	SPIPlanPtr	plan;
	List	   *queries;
	CachedPlanSource *parsed;

	trust_check_words(query);
	plan = SPI_prepare(query, 0, NULL);
	queries = plan != NULL ? SPI_plan_get_plan_sources(plan) : NIL;
	parsed = list_length(queries) == 1 ? linitial(queries) : NULL;
	if (parsed == NULL || parsed->resultDesc == NULL || parsed->resultDesc->natts != 1)
		ereport(ERROR,
				(errcode(ERRCODE_SYNTAX_ERROR),
				 errmsg("\"%s\" is not one expression", expression)));
	return parsed;
}

PG_FUNCTION_INFO_V1(medaudit_expression_type);

/* The type of an expression over a relation, of a domain its base type. */
Datum
medaudit_expression_type(PG_FUNCTION_ARGS)
{
	char	   *expression = text_to_cstring(PG_GETARG_TEXT_PP(1));
	Oid			type;

	SPI_connect();
	type = getBaseType(TupleDescAttr(parse_expression(PG_GETARG_DATUM(0), expression)->resultDesc, 0)->atttypid);
	SPI_finish();
	PG_RETURN_OID(type);
}

static bool
is_of_type(Node *expression, Oid type)
{
	return getBaseType(exprType(expression)) == type;
}

/* Functions that ask the zone are stable; AT TIME ZONE names one and is not. */
static bool
asks_zone(FuncExpr *call)
{
	ListCell   *cell;

	if (func_volatile(call->funcid) == PROVOLATILE_IMMUTABLE)
		return false;
	foreach(cell, call->args)
	{
		if (is_of_type(lfirst(cell), TIMESTAMPTZOID))
			return true;
		if (call->funcresulttype == TIMESTAMPTZOID &&
			(is_of_type(lfirst(cell), TIMESTAMPOID) || is_of_type(lfirst(cell), DATEOID)))
			return true;
	}
	return false;
}

static bool
depends_on_zone(Node *node, void *unused)
{
	if (node == NULL)
		return false;
	if (IsA(node, FuncExpr) && asks_zone((FuncExpr *) node))
		return true;
	if (IsA(node, CoerceViaIO) && is_of_type((Node *) ((CoerceViaIO *) node)->arg, TIMESTAMPTZOID))
		return true;
	if (IsA(node, Query))
		return query_tree_walker((Query *) node, depends_on_zone, unused, 0);
	return expression_tree_walker(node, depends_on_zone, unused);
}

PG_FUNCTION_INFO_V1(medaudit_expression_zoned);

/* Whether a time with zone is turned into another type by the session's zone. */
Datum
medaudit_expression_zoned(PG_FUNCTION_ARGS)
{
	char	   *expression = text_to_cstring(PG_GETARG_TEXT_PP(1));
	bool		zoned;

	SPI_connect();
	zoned = depends_on_zone((Node *) linitial(parse_expression(PG_GETARG_DATUM(0), expression)->query_list), NULL);
	SPI_finish();
	PG_RETURN_BOOL(zoned);
}

PG_FUNCTION_INFO_V1(medaudit_check_query);

/* 42601 for text that is not exactly one SELECT. */
Datum
medaudit_check_query(PG_FUNCTION_ARGS)
{
	List	   *statements = raw_parser(text_to_cstring(PG_GETARG_TEXT_PP(0)), RAW_PARSE_DEFAULT);

	if (list_length(statements) != 1 ||
		!IsA(linitial_node(RawStmt, statements)->stmt, SelectStmt))
		ereport(ERROR,
				(errcode(ERRCODE_SYNTAX_ERROR),
				 errmsg("columns and row_filter must be expressions")));
	PG_RETURN_VOID();
}
