/*
 * trust.c
 *		Whose functions reading a bound view would run.
 *
 * The functions of a view run with the rights of whoever reads it: a function
 * that a binder put into an expression, as an overload that fits better or as
 * an operator, would do as its owner likes when a superuser audits.  So before
 * a view is read, everything that its rule depends on is looked at, through
 * whatever views, domains and row policies: functions and operators must
 * belong to the reader, to a superuser or to the owner of the extension.
 * Membership does not count, a superuser is a member of every role.  What a
 * trusted function calls in turn is the act of its owner.
 *
 * But some functions do what their arguments say, whoever owns them: they run
 * SQL given as text, read a relation or a type given by name, or change
 * something.  So the expressions themselves are looked at, too (trust_calls.c).
 *
 * Indexes, statistics, checks and partition keys of tables count as well:
 * PostgreSQL evaluates constant parts of their expressions when it plans, with
 * the rights of whoever asks.  What filled a materialized view does not count,
 * that is data.  What PostgreSQL has from the start is not in pg_depend, which
 * makes this cheap: a view over tables is some ten rows.  What was trusted is
 * remembered until something of it changes (trust_memory.c).
 */
#include "postgres.h"
#include "base/compat.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "catalog/indexing.h"
#include "catalog/namespace.h"
#include "catalog/objectaddress.h"
#include "catalog/pg_class.h"
#include "catalog/pg_constraint.h"
#include "catalog/pg_depend.h"
#include "catalog/pg_extension.h"
#include "catalog/pg_index.h"
#include "catalog/pg_inherits.h"
#include "catalog/pg_operator.h"
#include "catalog/pg_policy.h"
#include "catalog/pg_proc.h"
#include "catalog/pg_rewrite.h"
#include "catalog/pg_statistic_ext.h"
#include "catalog/pg_type.h"
#include "commands/extension.h"
#include "miscadmin.h"
#include "nodes/nodes.h"
#include "storage/lmgr.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/lsyscache.h"
#include "utils/syscache.h"

#include "base/array.h"
#include "sources/trust.h"
#include "sources/trust_calls.h"
#include "sources/trust_memory.h"

/* An object that has to be looked at, and the relation in which it stands. */
typedef struct Reached
{
	Oid			class_id;
	Oid			object_id;
	Oid			relation;
} Reached;

typedef struct Walk
{
	Reached    *reached;		/* each once, in the order of being found */
	int			count;
	int			allocated;
	Oid			extension_owner;
	const Reached *foreign;		/* the first that is not trusted, or NULL */
	Oid			foreign_owner;
	bool		has_obedient;
	ObjectAddress obedient;		/* or the first that does what it is told */
	Oid			obedient_in;	/* and the relation in which it stands */
} Walk;

static void
reach(Walk *walk, Oid class_id, Oid object_id, Oid relation)
{
	for (int i = 0; i < walk->count; i++)
		if (walk->reached[i].class_id == class_id && walk->reached[i].object_id == object_id)
			return;
	array_reserve(walk->reached, walk->allocated, walk->count + 1);
	walk->reached[walk->count].class_id = class_id;
	walk->reached[walk->count].object_id = object_id;
	walk->reached[walk->count++].relation = relation;
}

/* Reaches what an object depends on. */
static void
reach_dependencies(Walk *walk, Oid class_id, Oid object_id, Oid relation)
{
	Relation	depend = table_open(DependRelationId, AccessShareLock);
	ScanKeyData key[2];
	SysScanDesc scan;
	HeapTuple	tuple;

	ScanKeyInit(&key[0], Anum_pg_depend_classid, BTEqualStrategyNumber, F_OIDEQ,
				ObjectIdGetDatum(class_id));
	ScanKeyInit(&key[1], Anum_pg_depend_objid, BTEqualStrategyNumber, F_OIDEQ,
				ObjectIdGetDatum(object_id));
	scan = systable_beginscan(depend, DependDependerIndexId, true, NULL, 2, key);
	while (HeapTupleIsValid(tuple = systable_getnext(scan)))
	{
		Form_pg_depend row = (Form_pg_depend) GETSTRUCT(tuple);

		reach(walk, row->refclassid, row->refobjid, relation);
	}
	systable_endscan(scan);
	table_close(depend, AccessShareLock);
}

static bool
is_trusted(const Walk *walk, Oid owner)
{
	return owner == GetUserId() || owner == walk->extension_owner || superuser_arg(owner);
}

/*
 * What somebody trusted wrote is his act, but not a bound view: whoever binds
 * again makes it of what another wrote into binding.
 */
static bool
is_trusted_text(const Walk *walk, Oid relation)
{
	HeapTuple	tuple = SearchSysCache1(RELOID, ObjectIdGetDatum(relation));
	Form_pg_class form;
	bool		answer;

	if (!HeapTupleIsValid(tuple))
		return false;
	form = (Form_pg_class) GETSTRUCT(tuple);
	answer = is_trusted(walk, form->relowner)
		&& form->relnamespace != get_namespace_oid("medaudit_data", true);
	ReleaseSysCache(tuple);
	return answer;
}

/* Looks at the expressions that a row of a catalog holds. */
static void
look_at_expressions(Walk *walk, TupleDesc columns, HeapTuple tuple, Oid relation)
{
	for (int i = 0; i < columns->natts && !walk->has_obedient; i++)
	{
		bool		is_null;
		Datum		value;

		if (TupleDescAttr(columns, i)->atttypid != PG_NODE_TREEOID)
			continue;
		value = heap_getattr(tuple, i + 1, columns, &is_null);
		if (is_null)
			continue;
		walk->has_obedient = trust_find_obedient(stringToNode(TextDatumGetCString(value)), &walk->obedient);
		walk->obedient_in = relation;
	}
}

/* Reaches what an object of RELATION, told by a row of a catalog, depends on. */
static void
reach_row(Walk *walk, Oid catalog_id, HeapTuple tuple, Oid object_id, Oid relation)
{
	switch (catalog_id)
	{
		case InheritsRelationId:	/* a partition is a relation to look at */
			reach(walk, RelationRelationId, object_id, relation);
			break;
		case IndexRelationId:	/* an index is an object of pg_class */
			reach_dependencies(walk, RelationRelationId, object_id, relation);
			break;
		case ConstraintRelationId:	/* foreign keys lead to other tables */
			if (((Form_pg_constraint) GETSTRUCT(tuple))->contype == CONSTRAINT_CHECK)
				reach_dependencies(walk, catalog_id, object_id, relation);
			break;
		default:
			reach_dependencies(walk, catalog_id, object_id, relation);
			break;
	}
}

/* Reaches what each row of a catalog that names OWNER in KEY_COLUMN depends on. */
static void
reach_rows_of(Walk *walk, Oid catalog_id, Oid index_id, int key_column, int oid_column,
			  Oid owner, Oid relation)
{
	Relation	catalog = table_open(catalog_id, AccessShareLock);
	ScanKeyData key;
	SysScanDesc scan;
	HeapTuple	tuple;
	bool		is_act = owner == relation && is_trusted_text(walk, relation);

	ScanKeyInit(&key, key_column, BTEqualStrategyNumber, F_OIDEQ, ObjectIdGetDatum(owner));
	scan = systable_beginscan(catalog, index_id, OidIsValid(index_id), NULL, 1, &key);
	while (HeapTupleIsValid(tuple = systable_getnext(scan)))
	{
		bool		is_null;
		Oid			row = DatumGetObjectId(heap_getattr(tuple, oid_column, RelationGetDescr(catalog), &is_null));

		reach_row(walk, catalog_id, tuple, row, relation);
		if (!is_act)
			look_at_expressions(walk, RelationGetDescr(catalog), tuple, relation);
	}
	systable_endscan(scan);
	table_close(catalog, AccessShareLock);
}

/*
 * What planning meets of a table: its partition key, on whose functions the
 * table itself depends, its checks, statistics, indexes and partitions.
 */
static void
look_at_table(Walk *walk, Oid relation, bool has_index, bool has_children)
{
	reach_dependencies(walk, RelationRelationId, relation, relation);
	reach_rows_of(walk, ConstraintRelationId, ConstraintRelidTypidNameIndexId,
				  Anum_pg_constraint_conrelid, Anum_pg_constraint_oid, relation, relation);
	reach_rows_of(walk, StatisticExtRelationId, StatisticExtRelidIndexId,
				  Anum_pg_statistic_ext_stxrelid, Anum_pg_statistic_ext_oid, relation, relation);
	if (has_index)
		reach_rows_of(walk, IndexRelationId, IndexIndrelidIndexId,
					  Anum_pg_index_indrelid, Anum_pg_index_indexrelid, relation, relation);
	if (has_children)
		reach_rows_of(walk, InheritsRelationId, InheritsParentIndexId,
					  Anum_pg_inherits_inhparent, Anum_pg_inherits_inhrelid, relation, relation);
}

/* A view is what its rule says, and whoever reads a table meets its policies. */
static void
look_at_relation(Walk *walk, Oid relation)
{
	HeapTuple	tuple;
	Form_pg_class form;

	LockRelationOid(relation, AccessShareLock);
	tuple = SearchSysCache1(RELOID, ObjectIdGetDatum(relation));
	if (!HeapTupleIsValid(tuple))
		return;
	form = (Form_pg_class) GETSTRUCT(tuple);
	if (form->relkind == RELKIND_VIEW)
		reach_rows_of(walk, RewriteRelationId, RewriteRelRulenameIndexId,
					  Anum_pg_rewrite_ev_class, Anum_pg_rewrite_oid, relation, relation);
	/* a row type is as its columns' types are */
	if (form->relkind == RELKIND_VIEW || form->relkind == RELKIND_COMPOSITE_TYPE)
		reach_dependencies(walk, RelationRelationId, relation, relation);
	if (form->relrowsecurity)
		reach_rows_of(walk, PolicyRelationId, PolicyPolrelidPolnameIndexId,
					  Anum_pg_policy_polrelid, Anum_pg_policy_oid, relation, relation);
	if (form->relkind == RELKIND_RELATION || form->relkind == RELKIND_PARTITIONED_TABLE ||
		form->relkind == RELKIND_MATVIEW || form->relkind == RELKIND_FOREIGN_TABLE)
		look_at_table(walk, relation, form->relhasindex, form->relhassubclass);
	ReleaseSysCache(tuple);
}

/* Notes an object that belongs to somebody else. */
static void
look_at_owner(Walk *walk, const Reached *object, Oid owner)
{
	if (walk->foreign == NULL && !is_trusted(walk, owner))
	{
		walk->foreign = object;
		walk->foreign_owner = owner;
	}
}

static void
look_at_function(Walk *walk, const Reached *object, Oid function)
{
	HeapTuple	tuple = SearchSysCache1(PROCOID, ObjectIdGetDatum(function));

	if (!HeapTupleIsValid(tuple))
		return;
	look_at_owner(walk, object, ((Form_pg_proc) GETSTRUCT(tuple))->proowner);
	ReleaseSysCache(tuple);
}

/* Of an operator its function counts, too: it is what runs. */
static void
look_at_operator(Walk *walk, const Reached *object)
{
	HeapTuple	tuple = SearchSysCache1(OPEROID, ObjectIdGetDatum(object->object_id));
	Form_pg_operator form;

	if (!HeapTupleIsValid(tuple))
		return;
	form = (Form_pg_operator) GETSTRUCT(tuple);
	look_at_owner(walk, object, form->oprowner);
	look_at_function(walk, object, form->oprcode);
	ReleaseSysCache(tuple);
}

/* What it depends on is a domain's type, a range's functions, an array's element. */
static void
look_at_type(Walk *walk, Oid type, Oid relation)
{
	reach_dependencies(walk, TypeRelationId, type, relation);
	if (OidIsValid(get_typ_typrelid(type)))
		reach(walk, RelationRelationId, get_typ_typrelid(type), relation);
	if (get_typtype(type) == TYPTYPE_DOMAIN)
		reach_rows_of(walk, ConstraintRelationId, ConstraintTypidIndexId,
					  Anum_pg_constraint_contypid, Anum_pg_constraint_oid, type, relation);
}

static void
look_at(Walk *walk, int n)
{
	Reached		object = walk->reached[n];

	CHECK_FOR_INTERRUPTS();
	switch (object.class_id)
	{
		case RelationRelationId:
			look_at_relation(walk, object.object_id);
			break;
		case ProcedureRelationId:
			look_at_function(walk, &walk->reached[n], object.object_id);
			break;
		case OperatorRelationId:
			look_at_operator(walk, &walk->reached[n]);
			break;
		case TypeRelationId:
			look_at_type(walk, object.object_id, object.relation);
			break;
		default:
			break;
	}
}

static Oid
extension_owner(void)
{
	Relation	catalog = table_open(ExtensionRelationId, AccessShareLock);
	ScanKeyData key;
	SysScanDesc scan;
	HeapTuple	tuple;
	Oid			owner = InvalidOid;

	ScanKeyInit(&key, Anum_pg_extension_oid, BTEqualStrategyNumber, F_OIDEQ,
				ObjectIdGetDatum(get_extension_oid("medaudit", true)));
	scan = systable_beginscan(catalog, ExtensionOidIndexId, true, NULL, 1, &key);
	tuple = systable_getnext(scan);
	if (HeapTupleIsValid(tuple))
		owner = ((Form_pg_extension) GETSTRUCT(tuple))->extowner;
	systable_endscan(scan);
	table_close(catalog, AccessShareLock);
	return owner;
}

static bool
is_refused(const Walk *walk)
{
	return walk->foreign != NULL || walk->has_obedient;
}

/* Looks at everything that reading RELATION may run, up to what is refused. */
static void
walk_from(Walk *walk, Oid class_id, Oid object_id)
{
	walk->count = walk->allocated = 0;
	walk->reached = NULL;
	walk->foreign = NULL;
	walk->foreign_owner = InvalidOid;
	walk->has_obedient = false;
	walk->obedient_in = InvalidOid;
	walk->extension_owner = extension_owner();
	reach(walk, class_id, object_id, class_id == RelationRelationId ? object_id : InvalidOid);
	for (int n = 0; n < walk->count && !is_refused(walk); n++)
		look_at(walk, n);
}

static char *
describe(Oid class_id, Oid object_id)
{
	ObjectAddress address;

	ObjectAddressSet(address, class_id, object_id);
	return getObjectDescription(&address, false);
}

/* Where what is refused stands; outside of relations it is an expression. */
static char *
describe_place(Oid relation)
{
	return OidIsValid(relation) ? describe(RelationRelationId, relation) : pstrdup(_("an expression"));
}

static void
refuse_foreign(const Walk *walk, const char *what)
{
	ereport(ERROR,
			(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
			 errmsg("%s is not read: it would run %s of %s",
					what, describe(walk->foreign->class_id, walk->foreign->object_id),
					GetUserNameFromId(walk->foreign_owner, false)),
			 errdetail("It stands in %s and would run with the rights of %s.",
					   describe_place(walk->foreign->relation),
					   GetUserNameFromId(GetUserId(), false)),
			 errhint("Bind without it, or let a superuser look at it and own it.")));
}

/* What is wrong with it, whoever owns it. */
static char *
describe_obedient(const Walk *walk)
{
	ObjectAddress object = walk->obedient;

	return psprintf(object.classId == ProcedureRelationId
					? _("%s, which does what it is told") : _("%s, which not everybody may read"),
					describe(object.classId, object.objectId));
}

static void
refuse_obedient(const Walk *walk, const char *what)
{
	ereport(ERROR,
			(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
			 errmsg("%s is not read: it uses %s", what, describe_obedient(walk)),
			 errdetail("It stands in %s and would be used with the rights of %s.",
					   describe_place(walk->obedient_in),
					   GetUserNameFromId(GetUserId(), false)),
			 errhint("Bind without it, or let a superuser use it in a function or view of his own.")));
}

static void
remember(const Walk *walk, Oid class_id, Oid object_id)
{
	Oid		   *relations = palloc(walk->count * sizeof(Oid));
	int			count = 0;

	for (int i = 0; i < walk->count; i++)
		if (walk->reached[i].class_id == RelationRelationId)
			relations[count++] = walk->reached[i].object_id;
	trust_remember(class_id, object_id, relations, count);
	pfree(relations);
}

static void
check_object(Oid class_id, Oid object_id)
{
	Walk		walk;

	if (trust_remembers(class_id, object_id))
		return;
	trust_watch();
	walk_from(&walk, class_id, object_id);
	if (walk.foreign != NULL)
		refuse_foreign(&walk, describe(class_id, object_id));
	if (walk.has_obedient)
		refuse_obedient(&walk, describe(class_id, object_id));
	remember(&walk, class_id, object_id);
}

void
trust_check_relation(Oid relation)
{
	check_object(RelationRelationId, relation);
}

void
trust_check_type(Oid type)
{
	check_object(TypeRelationId, type);
}

/* The relation of a name in schema medaudit_data, InvalidOid: there is none. */
static Oid
bound_relation(text *name)
{
	Oid			schema = get_namespace_oid("medaudit_data", true);

	return OidIsValid(schema) ? get_relname_relid(text_to_cstring(name), schema) : InvalidOid;
}

PG_FUNCTION_INFO_V1(medaudit_check_trusted);

/* An error where reading a bound relation would run somebody else's function. */
Datum
medaudit_check_trusted(PG_FUNCTION_ARGS)
{
	Oid			relation = bound_relation(PG_GETARG_TEXT_PP(0));

	if (OidIsValid(relation))
		trust_check_relation(relation);
	PG_RETURN_VOID();
}

PG_FUNCTION_INFO_V1(medaudit_check_source);

/* The same of any table or view. */
Datum
medaudit_check_source(PG_FUNCTION_ARGS)
{
	trust_check_relation(PG_GETARG_OID(0));
	PG_RETURN_VOID();
}

PG_FUNCTION_INFO_V1(medaudit_untrusted);

/* The same in words, NULL where everything is trusted. */
Datum
medaudit_untrusted(PG_FUNCTION_ARGS)
{
	Oid			relation = bound_relation(PG_GETARG_TEXT_PP(0));
	Walk		walk;

	if (!OidIsValid(relation))
		PG_RETURN_NULL();
	walk_from(&walk, RelationRelationId, relation);
	if (!is_refused(&walk))
		PG_RETURN_NULL();
	if (walk.foreign == NULL)
		PG_RETURN_TEXT_P(cstring_to_text(psprintf("%s, in %s", describe_obedient(&walk),
												  describe(RelationRelationId, walk.obedient_in))));
	PG_RETURN_TEXT_P(cstring_to_text(psprintf("%s of %s in %s",
											  describe(walk.foreign->class_id, walk.foreign->object_id),
											  GetUserNameFromId(walk.foreign_owner, false),
											  describe(RelationRelationId, walk.foreign->relation))));
}
