/*
 * rulebook_compile.c
 *		Rulebooks from the tables rule, charge_rule and package, and the check
 *		that the triggers of these tables call.
 *
 * Rows are read typed and go straight from the executor into the builder: no
 * result is kept, nothing is converted to text.  The triggers of the tables build a
 * rulebook of the rows that share a code with those that changed and throw it
 * away: what compiles is right, and there is no second set of rules about
 * rules.
 *
 * Where the relation item is bound and has national_code, its pairs of local
 * and national code become aliases (item_units.sql), those that no rule looks
 * at left out.
 *
 * Where item is bound, rows that count in another unit than an item they meet
 * is charged in are read as _rows_by_unit() has them instead (item_units.sql).
 *
 * On a worker of a distributed engine nothing is compiled: it has no rules of the fund.
 *
 * Cost: reading the tables and about 1 microsecond a row.
 */
#include "postgres.h"
#include "base/compat.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "catalog/namespace.h"
#include "catalog/pg_namespace.h"
#include "catalog/pg_type.h"
#include "commands/extension.h"
#include "executor/spi.h"
#include "executor/tuptable.h"
#include "funcapi.h"
#include "lib/stringinfo.h"
#include "miscadmin.h"
#include "nodes/params.h"
#include "tcop/dest.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/guc.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/rangetypes.h"
#include "utils/timestamp.h"
#include "utils/typcache.h"

#include "rulebook/rulebook_build.h"
#include "rulebook/rulebook_words.h"
#include "sources/trust.h"

/* The columns of rule in the order in which they are read. */
enum
{
	RULE_CODE, RULE_KIND_NAME, RULE_NAME_ZH, RULE_VIOLATION, RULE_CERTAINTY
};

#define RULE_SELECT \
	"SELECT r.rule_code, r.kind, r.name_zh, r.violation, r.certainty" \
	" FROM medaudit.rule AS r "

/* Rows of charge_rule and package: rule_code, then the columns of their list. */
enum
{
	ROW_RULE_CODE,
	ROW_FIRST_COLUMN
};

enum
{
	ALIAS_ITEM_CODE,
	ALIAS_NATIONAL_CODE
};

#define ALIAS_SELECT \
	"SELECT a.item_code, a.national_code FROM medaudit._item_aliases() AS a"

/* The rows whose key is among the pairs ($1, $2) of rule and code. */
#define PAIRS \
	"(SELECT DISTINCT p.rule_code," \
	" medaudit.code_fold(coalesce(p.code, '')) AS code" \
	" FROM ROWS FROM (pg_catalog.unnest($1), pg_catalog.unnest($2))" \
	" AS p (rule_code, code)) AS k"

/* From here on reading all rows of the rules is cheaper than finding some. */
#define MANY_PAIRS		10000

/* Rows as they stand, and those in the units of the items they meet. */
#define BY_UNIT \
	"WITH unit AS MATERIALIZED (SELECT u.* FROM medaudit._rows_by_unit() AS u) "
#define OWN_UNIT \
	" AND NOT (c.charge_rule_id = ANY (ARRAY(" \
	"SELECT u.off FROM unit AS u WHERE u.off IS NOT NULL)))"
#define ITEM_UNITS \
	"(SELECT (u.condition).* FROM unit AS u WHERE u.off IS NULL) AS c "

#define OF_RULES \
	"WHERE c.rule_code IN (SELECT pg_catalog.unnest($1))"

typedef struct TableReader TableReader;

struct TableReader
{
	DestReceiver receiver;		/* first: what the executor knows of it */
	RulebookBuilder *builder;
	TypeCacheEntry *daterange;
	RuleRow		no_row;			/* every column missing */
	bool		named;			/* rules were asked for by name */
	MemoryContext scratch;		/* of a row */
	ErrorContextCallback *caller;	/* what errors tell of where they arose */
	void		(*take) (TableReader *reader);
	const Datum *values;		/* of the row at hand */
	const bool *nulls;
};

static TextSpan
column_text(const TableReader *reader, int column)
{
	TextSpan	span = {NULL, 0};

	if (!reader->nulls[column])
		span = text_span(DatumGetTextPP(reader->values[column]));
	return span;
}

static RuleText
column_interned(const TableReader *reader, int column)
{
	return builder_text(reader->builder, column_text(reader, column));
}

/*
 * The values that follow are not NULL.  Each function fills what stands in a
 * row and returns what is wrong, or NULL.
 */
static const char *
take_age(const RuleColumn *column, Datum value, void *row)
{
	const Interval *given = DatumGetIntervalP(value);
	RuleAge		age = {given->month, given->day};

	ROW_PART(RuleAge, row, column->offset) = age;
	ROW_PART(int64, row, column->other) = given->time;
	return NULL;
}

static const char *
take_texts(const TableReader *reader, Datum value, RuleList *list)
{
	Datum	   *values;
	bool	   *nulls;
	int			count;
	TextSpan   *spans;
	const char *problem;

	deconstruct_array(DatumGetArrayTypeP(value), TEXTOID, -1, false, TYPALIGN_INT,
					  &values, &nulls, &count);
	spans = palloc0(sizeof(TextSpan) * Max(count, 1));
	for (int i = 0; i < count; i++)
	{
		if (!nulls[i])
			spans[i] = text_span(DatumGetTextPP(values[i]));
	}
	problem = rule_list_problem(spans, count);
	if (problem == NULL)
		*list = builder_texts(reader->builder, spans, count);
	return problem;
}

static const char *
take_ints(const TableReader *reader, Datum value, RuleList *list)
{
	Datum	   *values;
	bool	   *nulls;
	int			count;
	int32	   *numbers;
	TextSpan   *spans;
	const char *problem;

	deconstruct_array(DatumGetArrayTypeP(value), INT4OID, sizeof(int32), true, TYPALIGN_INT,
					  &values, &nulls, &count);
	numbers = palloc(sizeof(int32) * Max(count, 1));
	spans = palloc0(sizeof(TextSpan) * Max(count, 1));
	for (int i = 0; i < count; i++)
	{
		numbers[i] = nulls[i] ? 0 : DatumGetInt32(values[i]);
		spans[i].data = nulls[i] ? NULL : "1";
		spans[i].length = 1;
	}
	problem = rule_list_problem(spans, count);
	if (problem == NULL)
		*list = builder_ints(reader->builder, numbers, count);
	return problem;
}

static const char *
take_match(TextSpan name, uint8 *match)
{
	return rule_match_parse(name, match) ? NULL :
		gettext_noop("code_match is none of exact, service, product, generic");
}

static const char *
take_scope(const RuleColumn *column, TextSpan name, void *row)
{
	return rule_scope_parse(name, &ROW_PART(uint8, row, column->offset),
							&ROW_PART(int32, row, column->other)) ? NULL :
		psprintf(_("scope \"%.*s\" is none of visit, instant, hour, day, week, month, quarter, year, span, bed_day, bed_night, N hours, N days"),
				 name.length, name.data);
}

static const char *
take_certainty(const RuleColumn *column, TextSpan name, void *row)
{
	ROW_PART(uint8, row, column->other) = true;
	return rule_certainty_parse(name, &ROW_PART(uint8, row, column->offset)) ? NULL :
		gettext_noop("certainty is none of violation, suspicion, notice");
}

static const char *
take_valid(TableReader *reader, const RuleColumn *column, Datum value, void *row)
{
	RangeBound	lower;
	RangeBound	upper;
	bool		empty;

	if (reader->daterange == NULL)
		reader->daterange = lookup_type_cache(DATERANGEOID, TYPECACHE_RANGE_INFO);
	range_deserialize(reader->daterange, DatumGetRangeTypeP(value), &lower, &upper, &empty);
	ROW_PART(DateADT, row, column->offset) =
		lower.infinite ? DATEVAL_NOBEGIN : DatumGetDateADT(lower.val);
	ROW_PART(DateADT, row, column->other) =
		upper.infinite ? DATEVAL_NOEND : DatumGetDateADT(upper.val);
	return empty ? gettext_noop("valid is empty") : NULL;
}

static const char *
take_column(TableReader *reader, const RuleColumn *column, Datum value, void *row)
{
	switch ((RuleColumnType) column->type)
	{
		case COLUMN_TEXT:
		case COLUMN_CODE:
			ROW_PART(RuleText, row, column->offset) =
				builder_text(reader->builder, text_span(DatumGetTextPP(value)));
			return NULL;
		case COLUMN_FIXED:
			ROW_PART(int64, row, column->offset) = fixed_from_numeric(value, column->name);
			return NULL;
		case COLUMN_INT:
			ROW_PART(int32, row, column->offset) = DatumGetInt32(value);
			return NULL;
		case COLUMN_AGE:
			return take_age(column, value, row);
		case COLUMN_INTS:
			return take_ints(reader, value, &ROW_PART(RuleList, row, column->offset));
		case COLUMN_TEXTS:
			return take_texts(reader, value, &ROW_PART(RuleList, row, column->offset));
		case COLUMN_MATCH:
			return take_match(text_span(DatumGetTextPP(value)), &ROW_PART(uint8, row, column->offset));
		case COLUMN_SCOPE:
			return take_scope(column, text_span(DatumGetTextPP(value)), row);
		case COLUMN_CERTAINTY:
			return take_certainty(column, text_span(DatumGetTextPP(value)), row);
		case COLUMN_VALID:
			return take_valid(reader, column, value, row);
	}
	return NULL;
}

/* The columns behind rule_code, in the order of their list. */
static const char *
take_columns(TableReader *reader, const RuleColumns *columns, void *row)
{
	const char *problem = NULL;

	for (int i = 0; i < columns->count && problem == NULL; i++)
	{
		int			at = ROW_FIRST_COLUMN + i;

		if (!reader->nulls[at])
			problem = take_column(reader, &columns->list[i], reader->values[at], row);
	}
	return problem;
}

/* Adds the rule at hand; rules of other kinds are not for a rulebook. */
static void
take_rule(TableReader *reader)
{
	TextSpan	rule_code = column_text(reader, RULE_CODE);
	TextSpan	certainty = column_text(reader, RULE_CERTAINTY);
	RuleEntry  *rule;
	uint32		index;
	uint8		kind;

	if (!rule_kind_parse(column_text(reader, RULE_KIND_NAME), &kind))
	{
		if (!reader->named)
			return;
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("rule \"%.*s\" is not about charges and has no place in a rulebook",
						rule_code.length, rule_code.data)));
	}
	rule = builder_rule(reader->builder, rule_code, &index);
	rule->kind = kind;
	rule->name_zh = column_interned(reader, RULE_NAME_ZH);
	rule->violation = column_interned(reader, RULE_VIOLATION);
	if (!rule_certainty_parse(certainty, &rule->certainty))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("rule \"%.*s\": \"%.*s\" is no certainty",
						rule_code.length, rule_code.data,
						certainty.length, certainty.data)));
}

static void
take_row(TableReader *reader)
{
	RuleRow		row = reader->no_row;
	const char *problem;

	/* the code of the item, which is the first of its columns */
	builder_prefetch(reader->builder, column_text(reader, ROW_FIRST_COLUMN));
	if (!builder_find_rule(reader->builder, column_text(reader, ROW_RULE_CODE), &row.rule))
		return;
	problem = take_columns(reader, &rule_row_columns, &row);
	if (problem != NULL)
		rule_row_refuse(reader->builder, &row, problem);
	builder_row(reader->builder, &row);
}

static void
take_package(TableReader *reader)
{
	PackageRow	row;
	const char *problem;

	package_row_init(&row);
	if (!builder_find_rule(reader->builder, column_text(reader, ROW_RULE_CODE), &row.rule))
		return;
	problem = take_columns(reader, &package_row_columns, &row);
	if (problem != NULL)
		package_row_refuse(reader->builder, &row, problem);
	builder_package(reader->builder, &row);
}

static void
take_alias(TableReader *reader)
{
	builder_alias(reader->builder, column_text(reader, ALIAS_ITEM_CODE),
				  column_text(reader, ALIAS_NATIONAL_CODE));
}

/* The executor hands over a row; what is wrong with it is not the query's fault. */
static bool
receive_row(TupleTableSlot *slot, DestReceiver *self)
{
	TableReader *reader = (TableReader *) self;
	ErrorContextCallback *query = error_context_stack;
	MemoryContext outside = MemoryContextSwitchTo(reader->scratch);

	CHECK_FOR_INTERRUPTS();
	slot_getallattrs(slot);
	reader->values = slot->tts_values;
	reader->nulls = slot->tts_isnull;
	error_context_stack = reader->caller;
	reader->take(reader);
	error_context_stack = query;
	MemoryContextSwitchTo(outside);
	MemoryContextReset(reader->scratch);
	return true;
}

static void
receive_begin(DestReceiver *self, int operation, TupleDesc columns)
{
	(void) self;
	(void) operation;
	(void) columns;
}

static void
receive_end(DestReceiver *self)
{
	(void) self;
}

static void
reader_init(TableReader *reader)
{
	memset(reader, 0, sizeof(*reader));
	reader->receiver.receiveSlot = receive_row;
	reader->receiver.rStartup = receive_begin;
	reader->receiver.rShutdown = receive_end;
	reader->receiver.rDestroy = receive_end;
	reader->receiver.mydest = DestNone;
	reader->builder = rulebook_builder();
	rule_row_init(&reader->no_row);
	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "could not read the rule tables");
	reader->scratch = AllocSetContextCreate(CurrentMemoryContext, "rulebook row",
											ALLOCSET_DEFAULT_SIZES);
}

/* NULL where there are none: that is what an executor is given then. */
static ParamListInfo
text_array_parameters(int count, Datum first, Datum second)
{
	ParamListInfo list;

	if (count == 0)
		return NULL;
	list = makeParamList(count);
	for (int i = 0; i < count; i++)
	{
		list->params[i].value = i == 0 ? first : second;
		list->params[i].isnull = false;
		list->params[i].pflags = PARAM_FLAG_CONST;
		list->params[i].ptype = TEXTARRAYOID;
	}
	return list;
}

/*
 * Runs QUERY with up to two text[] parameters and hands over each row.  What
 * stands in front of pg_catalog in the caller's search_path is not meant.
 */
static void
read_table(TableReader *reader, const char *query, Datum first, Datum second,
		   void (*take) (TableReader *reader))
{
	Oid			types[2] = {TEXTARRAYOID, TEXTARRAYOID};
	int			parameters = strstr(query, "$2") ? 2 : strstr(query, "$1") ? 1 : 0;
	int			level = NewGUCNestLevel();
	SPIPlanPtr	plan;
	SPIExecuteOptions options = {
		.params = text_array_parameters(parameters, first, second),
		.read_only = true,
		.dest = &reader->receiver
	};

	reader->take = take;
	reader->caller = error_context_stack;
	(void) set_config_option("search_path", "pg_catalog, pg_temp", PGC_USERSET,
							 PGC_S_SESSION, GUC_ACTION_SAVE, true, 0, false);
	plan = SPI_prepare(query, parameters, types);
	if (plan == NULL || SPI_execute_plan_extended(plan, &options) < 0)
		elog(ERROR, "could not read the rule tables");
	SPI_freeplan(plan);
	AtEOXact_GUC(true, level);
}

/* Whether the relation item is bound with its codes and COLUMN. */
static bool
item_is_bound(const char *column)
{
	Oid			schema = get_namespace_oid("medaudit_data", true);
	Oid			item = OidIsValid(schema) ?
	get_relname_relid("item", schema) : InvalidOid;

	if (OidIsValid(item))
		trust_check_relation(item);
	return OidIsValid(item) &&
		get_attnum(item, "item_code") != InvalidAttrNumber &&
		get_attnum(item, column) != InvalidAttrNumber;
}

static void
read_aliases(TableReader *reader)
{
	if (!item_is_bound("item_code"))
		return;
	builder_used_aliases(reader->builder);
	read_table(reader,
			   ALIAS_SELECT, (Datum) 0, (Datum) 0, take_alias);
}

/* Every code that was asked for must be a rule. */
static void
check_codes(TableReader *reader, ArrayType *rule_codes)
{
	Datum	   *values;
	bool	   *nulls;
	int			count;

	deconstruct_array(rule_codes, TEXTOID, -1, false, TYPALIGN_INT,
					  &values, &nulls, &count);
	for (int i = 0; i < count; i++)
	{
		TextSpan	rule_code;
		uint32		index;

		if (nulls[i])
			ereport(ERROR,
					(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
					 errmsg("rule_codes must not contain nulls")));
		rule_code = text_span(DatumGetTextPP(values[i]));
		if (!builder_find_rule(reader->builder, rule_code, &index))
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("rule \"%.*s\" does not exist",
							rule_code.length, rule_code.data),
					 errhint("Table medaudit.rule lists the rules.")));
	}
}

/* rule_code and the columns of SOURCE, which stands behind FROM AS c. */
static char *
select_columns(const RuleColumns *columns, const char *source)
{
	StringInfoData query;

	initStringInfo(&query);
	appendStringInfoString(&query, "SELECT c.rule_code");
	for (int i = 0; i < columns->count; i++)
		appendStringInfo(&query, ", c.%s", columns->list[i].name);
	appendStringInfo(&query, " FROM %s", source);
	return query.data;
}

static void
read_columns(TableReader *reader, const RuleColumns *columns, const char *source,
			 Datum first, Datum second)
{
	char	   *query = select_columns(columns, source);

	read_table(reader, query, first, second,
			   columns == &rule_row_columns ? take_row : take_package);
	pfree(query);
}

/* The rows of charge_rule that CONDITION takes, in the units of the items. */
static void
read_rows(TableReader *reader, const char *condition, Datum codes)
{
	char	   *source = psprintf("medaudit.charge_rule AS c %s", condition);

	if (!item_is_bound("national_code"))
		read_columns(reader, &rule_row_columns, source, codes, (Datum) 0);
	else
		read_table(reader,
				   psprintf(BY_UNIT "%s" OWN_UNIT " UNION ALL %s", select_columns(&rule_row_columns, source),
							select_columns(&rule_row_columns, psprintf(ITEM_UNITS "%s", condition))),
				   codes, (Datum) 0, take_row);
}

static void
read_enabled(TableReader *reader)
{
	read_table(reader, RULE_SELECT "WHERE r.enabled",
			   (Datum) 0, (Datum) 0, take_rule);
	read_rows(reader, "JOIN medaudit.rule AS r"
			  " ON r.rule_code = c.rule_code WHERE r.enabled", (Datum) 0);
	read_columns(reader, &package_row_columns,
				 "medaudit.package AS c JOIN medaudit.rule AS r"
				 " ON r.rule_code = c.rule_code WHERE r.enabled", (Datum) 0, (Datum) 0);
}

static void
read_named(TableReader *reader, ArrayType *rule_codes)
{
	Datum		codes = PointerGetDatum(rule_codes);

	reader->named = true;
	read_table(reader, RULE_SELECT "WHERE r.rule_code = ANY ($1)",
			   codes, (Datum) 0, take_rule);
	check_codes(reader, rule_codes);
	read_rows(reader, "WHERE c.rule_code = ANY ($1)", codes);
	read_columns(reader, &package_row_columns,
				 "medaudit.package AS c WHERE c.rule_code = ANY ($1)", codes, (Datum) 0);
}

/*
 * Whether this is a worker of Citus, which keeps the number of its group, of the
 * coordinator 0, in a table of pg_catalog: its one row, not a query, for a query
 * would be planned by the engine.
 */
static bool
is_worker(void)
{
	Oid			local_group = get_relname_relid("pg_dist_local_group", PG_CATALOG_NAMESPACE);
	AttrNumber	column = OidIsValid(local_group) ?
	get_attnum(local_group, "groupid") : InvalidAttrNumber;
	Relation	relation;
	SysScanDesc scan;
	HeapTuple	row;
	bool		worker = false;

	if (column == InvalidAttrNumber || get_atttype(local_group, column) != INT4OID)
		return false;
	relation = table_open(local_group, AccessShareLock);
	scan = systable_beginscan(relation, InvalidOid, false, NULL, 0, NULL);
	if ((row = systable_getnext(scan)) != NULL)
	{
		bool		is_null;
		Datum		group = heap_getattr(row, column, RelationGetDescr(relation), &is_null);

		worker = !is_null && DatumGetInt32(group) > 0;
	}
	systable_endscan(scan);
	table_close(relation, AccessShareLock);
	return worker;
}

/*
 * The tables of rules are the coordinator's: those of a worker hold what came with
 * the extension, and would judge by that.
 */
static void
check_not_worker(void)
{
	if (!creating_extension && is_worker())
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("rules are not compiled on a worker"),
				 errdetail("The rules of the fund stand on the coordinator; a worker has those that came with medaudit."),
				 errhint("Compile them there and give them as a value: (SELECT medaudit.compile_rules()).")));
}

/* The enabled rules, or those named; the value is in the caller's context. */
struct varlena *
rulebook_compile(ArrayType *rule_codes)
{
	MemoryContext caller = CurrentMemoryContext;
	TableReader reader;
	struct varlena *result;

	check_not_worker();
	reader_init(&reader);
	if (rule_codes == NULL)
		read_enabled(&reader);
	else
		read_named(&reader, rule_codes);
	read_aliases(&reader);
	SPI_finish();
	MemoryContextSwitchTo(caller);
	result = builder_finish(reader.builder);
	return result;
}

/* Reads the rows that share rule and code with a pair. */
static void
read_pairs(TableReader *reader, Datum rule_codes, Datum codes)
{
	read_columns(reader, &rule_row_columns, PAIRS
				 " JOIN medaudit.charge_rule AS c ON c.rule_code = k.rule_code"
				 " AND medaudit.code_fold(coalesce(c.item_code, '')) = k.code",
				 rule_codes, codes);
	read_columns(reader, &package_row_columns, PAIRS
				 " JOIN medaudit.package AS c ON c.rule_code = k.rule_code"
				 " AND medaudit.code_fold(c.package_code) = k.code",
				 rule_codes, codes);
}

PG_FUNCTION_INFO_V1(rulebook_check_rows);

/*
 * Checks the rows of charge_rule and package whose rule and item_code or
 * package_code are among the given pairs, by building a rulebook of them.
 */
Datum
rulebook_check_rows(PG_FUNCTION_ARGS)
{
	ArrayType  *rule_codes = PG_GETARG_ARRAYTYPE_P(0);
	Datum		rules = PointerGetDatum(rule_codes);
	TableReader reader;

	reader_init(&reader);
	read_table(&reader, RULE_SELECT
			   "WHERE r.rule_code IN (SELECT pg_catalog.unnest($1))",
			   rules, (Datum) 0, take_rule);
	if (ArrayGetNItems(ARR_NDIM(rule_codes), ARR_DIMS(rule_codes)) < MANY_PAIRS)
		read_pairs(&reader, rules, PG_GETARG_DATUM(1));
	else
	{
		read_columns(&reader, &rule_row_columns, "medaudit.charge_rule AS c " OF_RULES,
					 rules, (Datum) 0);
		read_columns(&reader, &package_row_columns, "medaudit.package AS c " OF_RULES,
					 rules, (Datum) 0);
	}
	SPI_finish();
	pfree(builder_finish(reader.builder));
	PG_RETURN_VOID();
}

PG_FUNCTION_INFO_V1(rulebook_in_extension_script);

/* Whether CREATE or ALTER EXTENSION is at work: who ships rows. */
Datum
rulebook_in_extension_script(PG_FUNCTION_ARGS)
{
	(void) fcinfo;
	PG_RETURN_BOOL(creating_extension);
}
