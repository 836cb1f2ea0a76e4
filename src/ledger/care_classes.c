/*
 * care_classes.c
 *		What the class of a charge says about care: a map kept for a statement.
 *
 * Keys come as one array of all items and categories of a run, some 50,000 and
 * 2 MB.  A hash table over a copy of it is built by the first call and kept under
 * fn_extra.  Constants of the plan and, in FROM, parameters of the statement
 * never change; other arguments are compared byte by byte with the copy, which
 * costs some 0.2 ms a call where they are large.
 */
#include "postgres.h"
#include "base/compat.h"

#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "nodes/execnodes.h"
#include "nodes/primnodes.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/datum.h"
#include "utils/memutils.h"

#include "base/dictionary.h"
#include "base/rows.h"
#include "ledger/care_classes.h"

struct CareClasses
{
	MemoryContext context;		/* of what is below; emptied for other arrays */
	TupleDesc	row_type;
	bool		constant;		/* the arguments are */
	bool		built;
	ArrayType  *keys;			/* copies; NULL: nothing is known */
	ArrayType  *classes;
	Dictionary	numbers;		/* of the keys, whose texts are the copy's */
	uint8	   *kinds;			/* CareKind by number */
};

TupleDesc
care_classes_row_type(const CareClasses *map)
{
	return map->row_type;
}

static CareKind
kind_of_class(TextSpan class)
{
	static const struct
	{
		const char *name;
		CareKind	kind;
	}			kinds[] = {
		{"bed", CARE_PASSIVE},
		{"nursing", CARE_PASSIVE},
		{"consultation", CARE_PASSIVE},
		{"treatment", CARE_LASTING}
	};

	for (size_t i = 0; i < lengthof(kinds); i++)
	{
		TextSpan	name = {kinds[i].name, strlen(kinds[i].name)};

		if (text_span_equal(class, name))
			return kinds[i].kind;
	}
	return CARE_GIVEN;
}

/*
 * Can the argument not change while fn_extra is kept?  A parameter cannot where
 * the call stands in FROM, for that belongs to one execution of a statement.
 * Elsewhere it may: PL/pgSQL keeps the state of an expression while its variables
 * get other values.
 */
static bool
is_constant(FunctionCallInfo fcinfo, int argument)
{
	Node	   *call = (Node *) fcinfo->flinfo->fn_expr;
	Node	   *value;

	if (call == NULL || !IsA(call, FuncExpr) ||
		argument >= list_length(((FuncExpr *) call)->args))
		return false;
	value = (Node *) list_nth(((FuncExpr *) call)->args, argument);
	return IsA(value, Const) ||
		(IsA(value, Param) && ((Param *) value)->paramkind == PARAM_EXTERN &&
		 fcinfo->resultinfo != NULL && IsA(fcinfo->resultinfo, ReturnSetInfo));
}

static CareClasses *
map_of_call(FunctionCallInfo fcinfo, int keys, int classes)
{
	CareClasses *map = (CareClasses *) fcinfo->flinfo->fn_extra;

	if (likely(map != NULL))
		return map;
	map = (CareClasses *) MemoryContextAllocZero(fcinfo->flinfo->fn_mcxt, sizeof(CareClasses));
	map->context = AllocSetContextCreate(fcinfo->flinfo->fn_mcxt, "classes of charges",
										 ALLOCSET_DEFAULT_SIZES);
	map->row_type = detector_find_row_type(fcinfo, fcinfo->flinfo->fn_mcxt);
	map->constant = is_constant(fcinfo, keys) && is_constant(fcinfo, classes);
	fcinfo->flinfo->fn_extra = map;
	return map;
}

static bool
same_array(const ArrayType *kept, const ArrayType *given)
{
	if (kept == NULL || given == NULL)
		return kept == given;
	return VARSIZE(kept) == VARSIZE(given) && memcmp(kept, given, VARSIZE(kept)) == 0;
}

static ArrayType *
array_argument(FunctionCallInfo fcinfo, int argument)
{
	return PG_ARGISNULL(argument) ? NULL : PG_GETARG_ARRAYTYPE_P(argument);
}

/* Enters the keys of the copies; of equal ones the first says the class. */
static void
enter_keys(CareClasses *map)
{
	Datum	   *keys;
	Datum	   *classes;
	bool	   *no_key;
	bool	   *no_class;
	int			count;
	int			class_count;

	deconstruct_array(map->keys, TEXTOID, -1, false, TYPALIGN_INT, &keys, &no_key, &count);
	deconstruct_array(map->classes, TEXTOID, -1, false, TYPALIGN_INT, &classes, &no_class,
					  &class_count);
	if (count != class_count)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("keys and classes must have equally many elements")));
	map->kinds = (uint8 *) MemoryContextAllocHuge(map->context, Max(count, 1));
	for (int i = 0; i < count; i++)
	{
		bool		is_new;
		int32		number;

		CHECK_FOR_INTERRUPTS();
		if (no_key[i])
			detector_argument_null("keys");
		number = dictionary_add(&map->numbers, text_span(DatumGetTextPP(keys[i])), &is_new);
		if (is_new)
			map->kinds[number] = no_class[i] ? CARE_UNKNOWN :
				kind_of_class(text_span(DatumGetTextPP(classes[i])));
	}
}

static void
build_map(CareClasses *map, const ArrayType *keys, const ArrayType *classes)
{
	MemoryContext before;

	map->built = false;
	map->keys = map->classes = NULL;
	MemoryContextReset(map->context);
	before = MemoryContextSwitchTo(map->context);
	dictionary_init(&map->numbers, 0);
	if (keys != NULL)
		map->keys = (ArrayType *) DatumGetPointer(datumCopy(PointerGetDatum(keys), false, -1));
	if (classes != NULL)
		map->classes = (ArrayType *) DatumGetPointer(datumCopy(PointerGetDatum(classes), false, -1));
	if (keys != NULL && classes != NULL)
		enter_keys(map);
	map->built = true;
	MemoryContextSwitchTo(before);
}

CareClasses *
care_classes_of_call(FunctionCallInfo fcinfo, int keys, int classes)
{
	CareClasses *map = map_of_call(fcinfo, keys, classes);
	ArrayType  *given_keys;
	ArrayType  *given_classes;

	if (map->built && map->constant)
		return map;
	given_keys = array_argument(fcinfo, keys);
	given_classes = array_argument(fcinfo, classes);
	if (!map->built || !same_array(map->keys, given_keys) ||
		!same_array(map->classes, given_classes))
		build_map(map, given_keys, given_classes);
	return map;
}

CareKind
care_of_key(CareClasses *map, TextSpan key)
{
	int32		number = dictionary_find(&map->numbers, key);

	return number < 0 ? CARE_UNKNOWN : (CareKind) map->kinds[number];
}
