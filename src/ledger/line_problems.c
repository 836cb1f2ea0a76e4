/*
 * line_problems.c
 *		What contradicts itself within one charge line, and how often it does.
 *
 * Dates are compared as dates: a charge on the day of discharge at 23:59 is
 * inside the stay.  A cent is the rounding that billing systems do.
 *
 * Cost: some 50 ns a line where no number has more than four decimals, else
 * under a microsecond.  The counts of a group take nothing before there is
 * something to count, and 20 bytes then.
 */
#include "postgres.h"
#include "base/compat.h"

#include "catalog/pg_type.h"
#include "libpq/pqformat.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

#include "base/fixed.h"
#include "base/rows.h"

#define MOST_PROBLEMS	12

typedef struct Problems
{
	Datum		names[MOST_PROBLEMS];
	int			count;
} Problems;

enum
{
	ARG_ADMITTED_AT,
	ARG_DISCHARGED_AT,
	ARG_CHARGED_AT,
	ARG_QUANTITY,
	ARG_UNIT_PRICE,
	ARG_AMOUNT,
	ARG_CLAIMED
};

static void
add_problem(Problems *problems, bool there, const char *name)
{
	Assert(problems->count < MOST_PROBLEMS);
	if (there)
		problems->names[problems->count++] = PointerGetDatum(cstring_to_text(name));
}

/* The numbers of a line, in ten-thousandths; FIXED_NULL: not given. */
typedef struct LineNumbers
{
	int64		quantity;
	int64		price;
	int64		amount;
	int64		claimed;
	bool		exact;			/* nothing of the first three was rounded */
} LineNumbers;

static int64
fixed_argument(FunctionCallInfo fcinfo, int argument, const char *name, bool *exact)
{
	bool		this_one;
	int64		value;

	if (PG_ARGISNULL(argument))
		return FIXED_NULL;
	value = fixed_read_numeric(PG_GETARG_DATUM(argument), name, &this_one);
	*exact &= this_one;
	return value;
}

/* Quantity, price, amount and claim: the arguments from FIRST on. */
static LineNumbers
numbers_of_call(FunctionCallInfo fcinfo, int first)
{
	LineNumbers line;
	bool		exact_claim = true;

	line.exact = true;
	line.quantity = fixed_argument(fcinfo, first, "quantity", &line.exact);
	line.price = fixed_argument(fcinfo, first + 1, "unit_price", &line.exact);
	line.amount = fixed_argument(fcinfo, first + 2, "amount", &line.exact);
	line.claimed = fixed_argument(fcinfo, first + 3, "claimed", &exact_claim);
	return line;
}

static void
check_dates(FunctionCallInfo fcinfo, Problems *problems)
{
	int32		admitted = 0;
	int32		discharged = 0;
	int32		charged = 0;
	bool		begins = detector_day(fcinfo, ARG_ADMITTED_AT, &admitted);
	bool		ends = detector_day(fcinfo, ARG_DISCHARGED_AT, &discharged);

	add_problem(problems, begins && ends && discharged < admitted, "discharge_before_admission");
	if (!detector_day(fcinfo, ARG_CHARGED_AT, &charged))
	{
		add_problem(problems, true, "no_charged_at");
		return;
	}
	add_problem(problems, begins && charged < admitted, "before_admission");
	add_problem(problems, ends && charged > discharged, "after_discharge");
}

static inline int
sign_of(int64 value)
{
	return (value > 0) - (value < 0);
}

static inline int64
magnitude(int64 value)
{
	return value < 0 ? -value : value;
}

/* Do quantity, amount and claim point different ways? */
static bool
signs_differ(const LineNumbers *line)
{
	bool		differ = line->price != FIXED_NULL && line->price < 0;

	if (line->quantity != FIXED_NULL && line->amount != FIXED_NULL)
		differ |= sign_of(line->quantity) * sign_of(line->amount) < 0 ||
			(line->quantity == 0 && line->amount > 0);
	if (line->amount != FIXED_NULL && line->claimed != FIXED_NULL)
		differ |= sign_of(line->amount) * sign_of(line->claimed) < 0;
	return differ;
}

/* The product and what it differs by are PostgreSQL's own. */
static bool
product_differs_slowly(Datum quantity, Datum price, Datum amount)
{
	Datum		product = DirectFunctionCall2(numeric_mul, quantity, price);
	Datum		difference = DirectFunctionCall2(numeric_sub, product, amount);

	return DatumGetBool(DirectFunctionCall2(numeric_gt,
											DirectFunctionCall1(numeric_abs, difference),
											NumericGetDatum(fixed_to_money(FIXED_CENT))));
}

/*
 * Is amount another than quantity * price, by more than a cent?  National
 * prices have six decimals, which a large quantity makes more than a cent of:
 * what ten-thousandths cannot say is multiplied as it came.  FIRST is the
 * argument of the quantity; price and amount follow it.
 */
static bool
product_differs(FunctionCallInfo fcinfo, int first, const LineNumbers *line)
{
	const int128 cent = (int128) FIXED_CENT * FIXED_ONE;
	int128		difference;

	if (line->quantity == FIXED_NULL || line->price == FIXED_NULL || line->amount == FIXED_NULL)
		return false;
	if (!line->exact)
		return product_differs_slowly(PG_GETARG_DATUM(first), PG_GETARG_DATUM(first + 1),
									  PG_GETARG_DATUM(first + 2));
	difference = (int128) line->quantity * line->price - (int128) line->amount * FIXED_ONE;
	return difference > cent || difference < -cent;
}

static bool
claim_exceeds(const LineNumbers *line)
{
	return line->amount != FIXED_NULL && line->claimed != FIXED_NULL &&
		magnitude(line->claimed) > magnitude(line->amount);
}

PG_FUNCTION_INFO_V1(line_problems);

/*
 * Problems found, in a fixed order; none gives an empty array.  A NULL price,
 * claim, admission or discharge is not asked about; a NULL charged_at, quantity
 * or amount is a problem itself.
 */
Datum
line_problems(PG_FUNCTION_ARGS)
{
	LineNumbers line = numbers_of_call(fcinfo, ARG_QUANTITY);
	Problems	problems;

	problems.count = 0;
	check_dates(fcinfo, &problems);
	add_problem(&problems, line.quantity == FIXED_NULL, "no_quantity");
	add_problem(&problems, line.amount == FIXED_NULL, "no_amount");
	add_problem(&problems, signs_differ(&line), "sign");
	add_problem(&problems, product_differs(fcinfo, ARG_QUANTITY, &line),
				"amount_not_quantity_times_price");
	add_problem(&problems, claim_exceeds(&line), "claimed_above_amount");
	PG_RETURN_ARRAYTYPE_P(construct_array(problems.names, problems.count, TEXTOID, -1, false,
										  TYPALIGN_INT));
}

/* ---- how many lines of a group have a problem ---- */

/* What is counted, in the order of the result. */
enum
{
	COUNT_INCOMPLETE,
	COUNT_BAD,
	COUNT_SIGN,
	COUNT_PRODUCT,
	COUNT_CLAIM,
	COUNTS
};

typedef struct LineCounts
{
	int32		lines[COUNTS];
} LineCounts;

#define COUNTS_VERSION	1

enum
{
	COUNTED_STATE,
	COUNTED_ITEM_CODE,
	COUNTED_QUANTITY,
	COUNTED_UNIT_PRICE,
	COUNTED_AMOUNT,
	COUNTED_CLAIMED,
	COUNTED_CHARGED_AT,
	COUNTED_BAD
};

/* Adds LINES to a count. */
static void
add_lines(LineCounts *counts, int which, int32 lines)
{
	if (pg_add_s32_overflow(counts->lines[which], lines, &counts->lines[which]))
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("integer out of range")));
}

/* The state of an aggregate call, made where there is none yet. */
static LineCounts *
counts_of_call(FunctionCallInfo fcinfo)
{
	MemoryContext context;

	if (!AggCheckCallContext(fcinfo, &context))
		elog(ERROR, "aggregate function called in non-aggregate context");
	if (!PG_ARGISNULL(0))
		return (LineCounts *) PG_GETARG_POINTER(0);
	return (LineCounts *) MemoryContextAllocZero(context, sizeof(LineCounts));
}

PG_FUNCTION_INFO_V1(line_counts_transition);

/*
 * (state, item_code, quantity, unit_price, amount, claimed, charged_at, bad): a
 * group without problems has no state; a NULL bad is not bad.
 */
Datum
line_counts_transition(PG_FUNCTION_ARGS)
{
	LineNumbers line = numbers_of_call(fcinfo, COUNTED_QUANTITY);
	bool		found[COUNTS];
	bool		any = false;
	LineCounts *counts;

	found[COUNT_INCOMPLETE] = PG_ARGISNULL(COUNTED_ITEM_CODE) || PG_ARGISNULL(COUNTED_QUANTITY) ||
		PG_ARGISNULL(COUNTED_AMOUNT) || PG_ARGISNULL(COUNTED_CHARGED_AT);
	found[COUNT_BAD] = !PG_ARGISNULL(COUNTED_BAD) && PG_GETARG_BOOL(COUNTED_BAD);
	found[COUNT_SIGN] = signs_differ(&line);
	found[COUNT_PRODUCT] = product_differs(fcinfo, COUNTED_QUANTITY, &line);
	found[COUNT_CLAIM] = claim_exceeds(&line);
	for (int i = 0; i < COUNTS; i++)
		any |= found[i];
	if (!any && PG_ARGISNULL(COUNTED_STATE))
		PG_RETURN_NULL();
	counts = counts_of_call(fcinfo);
	for (int i = 0; i < COUNTS; i++)
		add_lines(counts, i, found[i]);
	PG_RETURN_POINTER(counts);
}

PG_FUNCTION_INFO_V1(line_counts_combine);

/* Joins two states; either may be missing. */
Datum
line_counts_combine(PG_FUNCTION_ARGS)
{
	const LineCounts *other;
	LineCounts *counts;

	if (PG_ARGISNULL(1))
	{
		if (PG_ARGISNULL(0))
			PG_RETURN_NULL();
		PG_RETURN_DATUM(PG_GETARG_DATUM(0));
	}
	counts = counts_of_call(fcinfo);
	other = (const LineCounts *) PG_GETARG_POINTER(1);
	for (int i = 0; i < COUNTS; i++)
		add_lines(counts, i, other->lines[i]);
	PG_RETURN_POINTER(counts);
}

PG_FUNCTION_INFO_V1(line_counts_serialize);

Datum
line_counts_serialize(PG_FUNCTION_ARGS)
{
	const LineCounts *counts = (const LineCounts *) PG_GETARG_POINTER(0);
	StringInfoData message;

	if (!AggCheckCallContext(fcinfo, NULL))
		elog(ERROR, "aggregate function called in non-aggregate context");
	pq_begintypsend(&message);
	pq_sendbyte(&message, COUNTS_VERSION);
	for (int i = 0; i < COUNTS; i++)
		pq_sendint32(&message, counts->lines[i]);
	PG_RETURN_BYTEA_P(pq_endtypsend(&message));
}

PG_FUNCTION_INFO_V1(line_counts_deserialize);

Datum
line_counts_deserialize(PG_FUNCTION_ARGS)
{
	bytea	   *bytes = PG_GETARG_BYTEA_PP(0);
	LineCounts *counts = (LineCounts *) palloc0(sizeof(LineCounts));
	StringInfoData message;

	if (!AggCheckCallContext(fcinfo, NULL))
		elog(ERROR, "aggregate function called in non-aggregate context");
	message.data = VARDATA_ANY(bytes);
	message.len = message.maxlen = VARSIZE_ANY_EXHDR(bytes);
	message.cursor = 0;
	if (pq_getmsgbyte(&message) != COUNTS_VERSION)
		elog(ERROR, "unexpected version of an aggregate state");
	for (int i = 0; i < COUNTS; i++)
		counts->lines[i] = pq_getmsgint(&message, sizeof(int32));
	pq_getmsgend(&message);
	PG_RETURN_POINTER(counts);
}

PG_FUNCTION_INFO_V1(line_counts_final);

/* The counts as int[]; NULL where there is nothing to tell. */
Datum
line_counts_final(PG_FUNCTION_ARGS)
{
	const LineCounts *counts;
	Datum		lines[COUNTS];

	if (!AggCheckCallContext(fcinfo, NULL))
		elog(ERROR, "aggregate function called in non-aggregate context");
	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	counts = (const LineCounts *) PG_GETARG_POINTER(0);
	for (int i = 0; i < COUNTS; i++)
		lines[i] = Int32GetDatum(counts->lines[i]);
	PG_RETURN_ARRAYTYPE_P(construct_array(lines, COUNTS, INT4OID, sizeof(int32), true,
										  TYPALIGN_INT));
}
