/*
 * expression.c
 *		What an SQL expression over a source is, without running any of it.
 *
 * Planning a query evaluates what is constant in it, functions included, with
 * the rights of whoever asks.  An expression that somebody else wrote is only
 * parsed here, so that whose functions it calls can be looked at before.  Even
 * that reads literals, so that its types are looked at first.
 */
#include "postgres.h"
#include "compat.h"

#include "catalog/pg_type_d.h"
#include "executor/spi.h"
#include "nodes/parsenodes.h"
#include "parser/parser.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/plancache.h"
#include "utils/regproc.h"

#include "trust_words.h"

PG_FUNCTION_INFO_V1(medaudit_expression_type);

/*
 * The type of an expression over a relation, of a domain its base type.  Text
 * that is more than one expression is 42601, else the parser's own errors.
 */
Datum
medaudit_expression_type(PG_FUNCTION_ARGS)
{
	char	   *source = DatumGetCString(DirectFunctionCall1(regclassout, PG_GETARG_DATUM(0)));
	char	   *expression = text_to_cstring(PG_GETARG_TEXT_PP(1));
	char	   *query = psprintf("SELECT (%s\n) AS x FROM %s", expression, source);
	SPIPlanPtr	plan;
	List	   *queries;
	TupleDesc	result;
	Oid			type;

	trust_check_words(query);
	SPI_connect();
	plan = SPI_prepare(query, 0, NULL);
	queries = plan != NULL ? SPI_plan_get_plan_sources(plan) : NIL;
	result = list_length(queries) == 1 ?
		((CachedPlanSource *) linitial(queries))->resultDesc : NULL;
	if (result == NULL || result->natts != 1)
		ereport(ERROR,
				(errcode(ERRCODE_SYNTAX_ERROR),
				 errmsg("\"%s\" is not one expression", expression)));
	type = getBaseType(TupleDescAttr(result, 0)->atttypid);
	SPI_finish();
	PG_RETURN_OID(type);
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
