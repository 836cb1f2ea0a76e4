/*
 * item_coverage.c
 *		Lines and money by item over many books: what was charged, and how much
 *		of it lies in codes of one kind or another.
 *
 * Aggregates over ledgers that never join their lines: _charged_codes() and
 * _charged_counts() number the codes of a group as they come (one dictionary, 8
 * bytes of counter a code) and give the same order, for they share a state;
 * _coverage() adds lines and money of each book to counters by kind of its
 * code, a set of bits that is looked up once an item of a book in a dictionary
 * made once a statement.
 *
 * Cost: decoding, about 10 ns a line, and one probe an item of each book; memory
 * grows with distinct codes, not with lines.  Lines are taken as they came, with
 * refunds, codes as they were written.
 */
#include "postgres.h"
#include "base/compat.h"

#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/memutils.h"

#include "base/array.h"
#include "base/dictionary.h"
#include "base/fixed.h"
#include "base/rows.h"
#include "ledger/ledger.h"

static MemoryContext
scratch_in(MemoryContext context)
{
	return AllocSetContextCreate(context, "medaudit coverage", ALLOCSET_SMALL_SIZES);
}

/* ---- what was charged ---- */

typedef struct ChargedItems
{
	MemoryContext scratch;		/* of one book */
	Dictionary	codes;
	int64	   *counts;			/* lines by number of the code */
	int32		counts_allocated;
} ChargedItems;

static ChargedItems *
charged_items_create(MemoryContext context)
{
	ChargedItems *charged = MemoryContextAllocZero(context, sizeof(ChargedItems));

	charged->scratch = scratch_in(context);
	dictionary_init_copying(&charged->codes, context);
	return charged;
}

static void
add_charged(ChargedItems *charged, MemoryContext context, TextSpan code, int32 lines)
{
	int32		number = dictionary_number(&charged->codes, code);

	if (number >= charged->counts_allocated)
	{
		int32		before = charged->counts_allocated;

		array_reserve_in(context, charged->counts, charged->counts_allocated, number + 1);
		memset(charged->counts + before, 0,
			   sizeof(int64) * (charged->counts_allocated - before));
	}
	charged->counts[number] += lines;
}

PG_FUNCTION_INFO_V1(charged_items_transition);

/* (state, book): a NULL book has no lines. */
Datum
charged_items_transition(PG_FUNCTION_ARGS)
{
	MemoryContext context = aggregate_context(fcinfo);
	ChargedItems *charged = PG_ARGISNULL(0) ? charged_items_create(context) :
	(ChargedItems *) PG_GETARG_POINTER(0);
	MemoryContext outside;
	Ledger	   *ledger;

	if (PG_ARGISNULL(1))
		PG_RETURN_POINTER(charged);
	outside = MemoryContextSwitchTo(charged->scratch);
	ledger = ledger_read((struct varlena *) PG_GETARG_POINTER(1));
	for (int32 i = 0; i < ledger->run_count; i++)
		add_charged(charged, context, ledger->items[ledger->runs[i].item], ledger->runs[i].count);
	MemoryContextSwitchTo(outside);
	MemoryContextReset(charged->scratch);
	PG_RETURN_POINTER(charged);
}

PG_FUNCTION_INFO_V1(charged_codes_final);

/* The codes, in the order in which they came. */
Datum
charged_codes_final(PG_FUNCTION_ARGS)
{
	ChargedItems *charged;

	aggregate_context(fcinfo);
	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	charged = (ChargedItems *) PG_GETARG_POINTER(0);
	PG_RETURN_DATUM(detector_text_array(charged->codes.spans, charged->codes.count));
}

PG_FUNCTION_INFO_V1(charged_counts_final);

/* How many lines each has. */
Datum
charged_counts_final(PG_FUNCTION_ARGS)
{
	ChargedItems *charged;
	Datum	   *values;

	aggregate_context(fcinfo);
	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	charged = (ChargedItems *) PG_GETARG_POINTER(0);
	values = (Datum *) palloc_array(Datum, Max(charged->codes.count, 1));
	for (int32 i = 0; i < charged->codes.count; i++)
		values[i] = Int64GetDatum(charged->counts[i]);
	PG_RETURN_ARRAYTYPE_P(construct_array(values, charged->codes.count, INT8OID, sizeof(int64),
										  FLOAT8PASSBYVAL, TYPALIGN_DOUBLE));
}

/* ---- how much of it lies in codes of a kind ---- */

#define KIND_BITS		3		/* not listed, no national form, no rule */
#define COUNTERS		(1 + KIND_BITS)

typedef struct Coverage
{
	int64		lines[COUNTERS];	/* of all, then of each bit */
	int64		amount[COUNTERS];	/* ten-thousandths */
} Coverage;

/* Kinds of codes, made from the arguments of the first row of a statement. */
typedef struct CodeKinds
{
	MemoryContext scratch;		/* of one book */
	Dictionary	codes;
	int32		named;			/* how many of them: others come with the
								 * books */
	int32	   *kinds;
} CodeKinds;

static Datum *
array_elements(ArrayType *array, Oid type, int length, bool by_value, char align, int *count)
{
	Datum	   *values;

	if (ARR_HASNULL(array) && array_contains_nulls(array))
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				 errmsg("codes and kinds must not contain NULL")));
	deconstruct_array(array, type, length, by_value, align, &values, NULL, count);
	return values;
}

static CodeKinds *
read_kinds(FunctionCallInfo fcinfo)
{
	CodeKinds  *known = palloc0(sizeof(CodeKinds));
	int			codes;
	int			kinds;
	Datum	   *code = array_elements(PG_GETARG_ARRAYTYPE_P(2), TEXTOID, -1, false, TYPALIGN_INT,
									  &codes);
	Datum	   *kind = array_elements(PG_GETARG_ARRAYTYPE_P(3), INT4OID, sizeof(int32), true,
									  TYPALIGN_INT, &kinds);

	if (codes != kinds)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("%d codes have %d kinds", codes, kinds)));
	known->scratch = scratch_in(CurrentMemoryContext);
	dictionary_init_copying(&known->codes, CurrentMemoryContext);
	known->kinds = palloc0_array(int32, Max(codes, 1));
	for (int i = 0; i < codes; i++)
	{
		int32		number = dictionary_number(&known->codes, text_span(DatumGetTextPP(code[i])));

		known->kinds[number] = DatumGetInt32(kind[i]);
	}
	known->named = known->codes.count;
	return known;
}

/* The kinds of the statement; NULL arrays are 22004. */
static CodeKinds *
kinds_of_call(FunctionCallInfo fcinfo)
{
	if (fcinfo->flinfo->fn_extra == NULL)
	{
		MemoryContext outside;

		if (PG_ARGISNULL(2) || PG_ARGISNULL(3))
			detector_argument_null(PG_ARGISNULL(2) ? "codes" : "kinds");
		outside = MemoryContextSwitchTo(fcinfo->flinfo->fn_mcxt);
		fcinfo->flinfo->fn_extra = read_kinds(fcinfo);
		MemoryContextSwitchTo(outside);
	}
	return fcinfo->flinfo->fn_extra;
}

/* Adds the lines of a run; a code that was not named stands in no counter. */
static void
add_covered(Coverage *coverage, CodeKinds *known, const Ledger *ledger, const LedgerRun *run)
{
	int32		number = dictionary_number(&known->codes, ledger->items[run->item]);
	int64		amount = 0;

	if (number >= known->named)
		return;
	for (int32 i = run->first; i < run->first + run->count; i++)
		amount = fixed_add(amount, ledger->lines[i].amount);
	for (int bit = 0; bit < COUNTERS; bit++)
		if (bit == 0 || (known->kinds[number] & (1 << (bit - 1))) != 0)
		{
			coverage->lines[bit] += run->count;
			coverage->amount[bit] = fixed_add(coverage->amount[bit], amount);
		}
}

PG_FUNCTION_INFO_V1(coverage_transition);

/* (state, book, codes, kinds): a NULL book has no lines. */
Datum
coverage_transition(PG_FUNCTION_ARGS)
{
	MemoryContext context = aggregate_context(fcinfo);
	CodeKinds  *known = kinds_of_call(fcinfo);
	Coverage   *coverage;
	MemoryContext outside;
	Ledger	   *ledger;

	if (PG_ARGISNULL(0))
		coverage = MemoryContextAllocZero(context, sizeof(Coverage));
	else
		coverage = (Coverage *) PG_GETARG_POINTER(0);
	if (PG_ARGISNULL(1))
		PG_RETURN_POINTER(coverage);
	outside = MemoryContextSwitchTo(known->scratch);
	ledger = ledger_read((struct varlena *) PG_GETARG_POINTER(1));
	for (int32 i = 0; i < ledger->run_count; i++)
		add_covered(coverage, known, ledger, &ledger->runs[i]);
	MemoryContextSwitchTo(outside);
	MemoryContextReset(known->scratch);
	PG_RETURN_POINTER(coverage);
}

PG_FUNCTION_INFO_V1(coverage_final);

/* Lines and money of all codes, then of each bit. */
Datum
coverage_final(PG_FUNCTION_ARGS)
{
	Coverage   *coverage;
	Datum		values[2 * COUNTERS];

	aggregate_context(fcinfo);
	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	coverage = (Coverage *) PG_GETARG_POINTER(0);
	for (int i = 0; i < COUNTERS; i++)
	{
		values[2 * i] = NumericGetDatum(int64_to_numeric(coverage->lines[i]));
		values[2 * i + 1] = NumericGetDatum(fixed_to_money(coverage->amount[i]));
	}
	PG_RETURN_ARRAYTYPE_P(construct_array(values, 2 * COUNTERS, NUMERICOID, -1, false,
										  TYPALIGN_INT));
}
