/*
 * trust_words.c
 *		Types that analysing an expression would make values of.
 *
 * A literal of a row type, '(x,1)'::pair, is read when the expression is
 * analysed, and a domain in the row runs its check then: before anybody can
 * have looked at the view that is going to be made.  So the words of the
 * expression are looked at first.  Every type that a literal may be taken for
 * is named, stands in a relation that is named, or is taken by a function or an
 * operator that is named; all that have the name count, whichever is chosen.
 */
#include "postgres.h"
#include "base/compat.h"

#include "access/transam.h"
#include "catalog/namespace.h"
#include "catalog/pg_class.h"
#include "catalog/pg_type.h"
#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"
#include "nodes/parsenodes.h"
#include "parser/parse_type.h"
#include "parser/parser.h"
#include "storage/lockdefs.h"
#include "utils/syscache.h"

#include "sources/trust.h"
#include "sources/trust_words.h"

/* The server's own types run nothing but the server. */
static void
check_type(Oid type)
{
	if (type >= FirstNormalObjectId)
		trust_check_type(type);
}

static void
check_type_name(TypeName *name)
{
	int32		modifier;
	Type		type = LookupTypeName(NULL, name, &modifier, true);

	if (type == NULL)
		return;
	check_type(typeTypeId(type));
	ReleaseSysCache((HeapTuple) type);
}

static void
check_arguments(FuncCandidateList candidates)
{
	for (; candidates != NULL; candidates = candidates->next)
		for (int i = 0; i < candidates->nargs; i++)
			check_type(candidates->args[i]);
}

/* What looks like a function may be a type: pair('(x,1)'). */
static void
check_function_name(List *name)
{
	check_arguments(function_candidates(name));
	check_type_name(makeTypeNameFromNameList(name));
}

static void
check_relation_name(RangeVar *name)
{
	Oid			relation = RangeVarGetRelid(name, NoLock, true);

	if (OidIsValid(relation))
		trust_check_relation(relation);
}

static bool
check_words(Node *node, void *context)
{
	if (node == NULL)
		return false;
	if (IsA(node, TypeName))
		check_type_name((TypeName *) node);
	else if (IsA(node, FuncCall))
		check_function_name(((FuncCall *) node)->funcname);
	else if (IsA(node, A_Expr) && ((A_Expr *) node)->name != NIL)
		check_arguments(operator_candidates(((A_Expr *) node)->name));
	else if (IsA(node, SubLink) && ((SubLink *) node)->operName != NIL)
		check_arguments(operator_candidates(((SubLink *) node)->operName));
	else if (IsA(node, RangeVar))
		check_relation_name((RangeVar *) node);
	return raw_expression_tree_walker(node, check_words, context);
}

void
trust_check_words(const char *query)
{
	ListCell   *cell;

	foreach(cell, raw_parser(query, RAW_PARSE_DEFAULT))
	{
		Node	   *statement = lfirst_node(RawStmt, cell)->stmt;

		/* others are refused as what they are */
		if (IsA(statement, SelectStmt))
			(void) check_words(statement, NULL);
	}
}
