/*
 * trust_calls.c
 *		Functions that do what their arguments say.
 *
 * query_to_xml('SELECT ...') belongs to a superuser and does as whoever wrote
 * its argument likes.  So of what an expression calls these are refused:
 *
 * - of PostgreSQL's own functions those that are volatile (they run SQL, read
 *   files, set settings, or change something), the stable ones that read what
 *   is named to them, and, called by name, those of the server's inside, which
 *   take a cstring: record_in() makes a value of whatever type it is told;
 * - of other extensions all that are not immutable, such as crosstab() and
 *   dblink(): anybody who may create in the database can bring trusted ones in,
 *   and they belong to a superuser then;
 * - of medaudit's own those that are volatile, or take a relation: _import_sheet()
 *   reads it.
 *
 * Catalogues that not everybody may read, as pg_authid with its passwords, are
 * read with the rights of whoever audits, and end up in findings.
 *
 * Functions that a superuser wrote himself are his act.
 */
#include "postgres.h"
#include "base/compat.h"

#include "access/htup_details.h"
#include "access/transam.h"
#include "catalog/dependency.h"
#include "catalog/pg_class.h"
#include "catalog/pg_proc.h"
#include "catalog/pg_type.h"
#include "commands/extension.h"
#include "nodes/nodeFuncs.h"
#include "nodes/parsenodes.h"
#include "nodes/primnodes.h"
#include "utils/acl.h"
#include "utils/syscache.h"

#include "sources/trust_calls.h"

/* Stable functions of PostgreSQL that read or make what they are told by name. */
static const char *const told_by_name[] = {
	"table_to_xml", "table_to_xmlschema", "table_to_xml_and_xmlschema",
	"schema_to_xml", "schema_to_xmlschema", "schema_to_xml_and_xmlschema",
	"database_to_xml", "database_to_xmlschema", "database_to_xml_and_xmlschema",
	"query_to_xml", "query_to_xmlschema", "query_to_xml_and_xmlschema",
	"cursor_to_xml", "cursor_to_xmlschema",
	"pg_input_is_valid", "pg_input_error_info"
};

static bool
is_told_by_name(const char *name)
{
	for (int i = 0; i < (int) lengthof(told_by_name); i++)
		if (strcmp(name, told_by_name[i]) == 0)
			return true;
	return false;
}

static bool
takes(Form_pg_proc function, Oid type)
{
	for (int i = 0; i < function->pronargs; i++)
		if (function->proargtypes.values[i] == type)
			return true;
	return false;
}

/* BY_NAME: it is called as a function, not by a cast of the server. */
static bool
obeys(Oid id, Form_pg_proc function, bool by_name)
{
	Oid			extension;

	if (id < FirstNormalObjectId)
		return function->provolatile == PROVOLATILE_VOLATILE
			|| is_told_by_name(NameStr(function->proname))
			|| (by_name && takes(function, CSTRINGOID));
	extension = getExtensionOfObject(ProcedureRelationId, id);
	if (!OidIsValid(extension))
		return false;
	if (extension == get_extension_oid("medaudit", true))
		return function->provolatile == PROVOLATILE_VOLATILE
			|| takes(function, REGCLASSOID);
	return function->provolatile != PROVOLATILE_IMMUTABLE;
}

static bool
note_obedient(Oid id, bool by_name, ObjectAddress *found)
{
	HeapTuple	tuple = SearchSysCache1(PROCOID, ObjectIdGetDatum(id));
	bool		answer;

	if (!HeapTupleIsValid(tuple))
		return false;
	answer = obeys(id, (Form_pg_proc) GETSTRUCT(tuple), by_name);
	ReleaseSysCache(tuple);
	if (answer)
		ObjectAddressSet(*found, ProcedureRelationId, id);
	return answer;
}

static bool
look_at_call(Oid id, void *found)
{
	return note_obedient(id, false, found);
}

static bool
note_catalogue(Query *query, ObjectAddress *found)
{
	ListCell   *cell;

	foreach(cell, query->rtable)
	{
		RangeTblEntry *entry = lfirst_node(RangeTblEntry, cell);

		if (entry->rtekind != RTE_RELATION || entry->relid >= FirstNormalObjectId
			|| pg_class_aclcheck(entry->relid, ACL_ID_PUBLIC, ACL_SELECT) == ACLCHECK_OK)
			continue;
		ObjectAddressSet(*found, RelationRelationId, entry->relid);
		return true;
	}
	return false;
}

static bool
find_obedient(Node *node, void *found)
{
	if (node == NULL)
		return false;
	if (IsA(node, Query))
		return note_catalogue((Query *) node, found)
			|| query_tree_walker((Query *) node, find_obedient, found, 0);
	if (IsA(node, FuncExpr) && note_obedient(((FuncExpr *) node)->funcid, true, found))
		return true;
	return check_functions_in_node(node, look_at_call, found)
		|| expression_tree_walker(node, find_obedient, found);
}

bool
trust_find_obedient(Node *node, ObjectAddress *found)
{
	return find_obedient(node, found);
}
