/*
 * line_problems.c
 *		What contradicts itself within one charge line.
 *
 * Dates are compared as dates: a charge on the day of discharge at 23:59 is
 * inside the stay.  A cent is the rounding that billing systems do.
 *
 * Cost: under a microsecond; constant memory.
 */
#include "postgres.h"
#include "base/compat.h"

#include "catalog/pg_type.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

#include "base/days.h"
#include "base/fixed.h"

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

static int64
fixed_argument(FunctionCallInfo fcinfo, int argument, const char *name)
{
	return PG_ARGISNULL(argument) ? FIXED_NULL :
		fixed_from_numeric(PG_GETARG_DATUM(argument), name);
}

static bool
timestamp_argument(FunctionCallInfo fcinfo, int argument, int32 *day)
{
	if (PG_ARGISNULL(argument) || TIMESTAMP_NOT_FINITE(PG_GETARG_TIMESTAMP(argument)))
		return false;
	*day = day_of_timestamp(PG_GETARG_TIMESTAMP(argument));
	return true;
}

static void
check_dates(FunctionCallInfo fcinfo, Problems *problems)
{
	int32		admitted = 0;
	int32		discharged = 0;
	int32		charged = 0;
	bool		begins = timestamp_argument(fcinfo, ARG_ADMITTED_AT, &admitted);
	bool		ends = timestamp_argument(fcinfo, ARG_DISCHARGED_AT, &discharged);

	add_problem(problems, begins && ends && discharged < admitted, "discharge_before_admission");
	if (!timestamp_argument(fcinfo, ARG_CHARGED_AT, &charged))
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

/* Do quantity, amount and claim point the same way? */
static void
check_signs(Problems *problems, int64 quantity, int64 price, int64 amount, int64 claimed)
{
	bool		wrong = price != FIXED_NULL && price < 0;

	if (quantity != FIXED_NULL && amount != FIXED_NULL)
		wrong |= sign_of(quantity) * sign_of(amount) < 0 || (quantity == 0 && amount > 0);
	if (amount != FIXED_NULL && claimed != FIXED_NULL)
		wrong |= sign_of(amount) * sign_of(claimed) < 0;
	add_problem(problems, wrong, "sign");
}

/*
 * Is amount another than quantity * price, by more than a cent?  National
 * prices have six decimals, which a large quantity makes more than a cent of:
 * the product is PostgreSQL's own.
 */
static bool
product_differs(Datum quantity, Datum price, Datum amount)
{
	Datum		product = DirectFunctionCall2(numeric_mul, quantity, price);
	Datum		difference = DirectFunctionCall2(numeric_sub, product, amount);

	return DatumGetBool(DirectFunctionCall2(numeric_gt,
											DirectFunctionCall1(numeric_abs, difference),
											NumericGetDatum(fixed_to_money(FIXED_CENT))));
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
	int64		quantity = fixed_argument(fcinfo, ARG_QUANTITY, "quantity");
	int64		price = fixed_argument(fcinfo, ARG_UNIT_PRICE, "unit_price");
	int64		amount = fixed_argument(fcinfo, ARG_AMOUNT, "amount");
	int64		claimed = fixed_argument(fcinfo, ARG_CLAIMED, "claimed");
	Problems	problems;

	problems.count = 0;
	check_dates(fcinfo, &problems);
	add_problem(&problems, quantity == FIXED_NULL, "no_quantity");
	add_problem(&problems, amount == FIXED_NULL, "no_amount");
	check_signs(&problems, quantity, price, amount, claimed);
	add_problem(&problems, quantity != FIXED_NULL && price != FIXED_NULL && amount != FIXED_NULL &&
				product_differs(PG_GETARG_DATUM(ARG_QUANTITY), PG_GETARG_DATUM(ARG_UNIT_PRICE),
								PG_GETARG_DATUM(ARG_AMOUNT)), "amount_not_quantity_times_price");
	add_problem(&problems, amount != FIXED_NULL && claimed != FIXED_NULL &&
				magnitude(claimed) > magnitude(amount), "claimed_above_amount");
	PG_RETURN_ARRAYTYPE_P(construct_array(problems.names, problems.count, TEXTOID, -1, false,
										  TYPALIGN_INT));
}
