/*
 * line_problems.c
 *		What contradicts itself within one charge line, and how often it does.
 *
 * Dates are compared as dates: a charge on the day of discharge at 23:59 is
 * inside the stay.  A cent is the rounding that billing systems do.
 *
 * Cost: some 50 ns a line where no number has more than four decimals, else
 * under a microsecond.  The counts of a group take 20 bytes.
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
#include "ledger/line_problems.h"

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

void
line_numbers_read(LineNumbers *line, FunctionCallInfo fcinfo, int quantity, int price,
				  int amount, int claimed)
{
	bool		exact_claim = true;

	line->exact = true;
	line->quantity = fixed_argument(fcinfo, quantity, "quantity", &line->exact);
	line->price = fixed_argument(fcinfo, price, "unit_price", &line->exact);
	line->amount = fixed_argument(fcinfo, amount, "amount", &line->exact);
	line->claimed = fixed_argument(fcinfo, claimed, "claimed", &exact_claim);
	line->given_quantity = PG_GETARG_DATUM(quantity);
	line->given_price = PG_GETARG_DATUM(price);
	line->given_amount = PG_GETARG_DATUM(amount);
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
product_differs_slowly(const LineNumbers *line)
{
	Datum		product = DirectFunctionCall2(numeric_mul, line->given_quantity, line->given_price);
	Datum		difference = DirectFunctionCall2(numeric_sub, product, line->given_amount);

	return DatumGetBool(DirectFunctionCall2(numeric_gt,
											DirectFunctionCall1(numeric_abs, difference),
											NumericGetDatum(fixed_to_money(FIXED_CENT))));
}

/*
 * Is amount another than quantity * price, by more than a cent?  National
 * prices have six decimals, which a large quantity makes more than a cent of:
 * what ten-thousandths cannot say is multiplied as it came.
 */
static bool
product_differs(const LineNumbers *line)
{
	const int128 cent = (int128) FIXED_CENT * FIXED_ONE;
	int128		difference;

	if (line->quantity == FIXED_NULL || line->price == FIXED_NULL || line->amount == FIXED_NULL)
		return false;
	if (!line->exact)
		return product_differs_slowly(line);
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
	LineNumbers line;
	Problems	problems;

	line_numbers_read(&line, fcinfo, ARG_QUANTITY, ARG_UNIT_PRICE, ARG_AMOUNT, ARG_CLAIMED);
	problems.count = 0;
	check_dates(fcinfo, &problems);
	add_problem(&problems, line.quantity == FIXED_NULL, "no_quantity");
	add_problem(&problems, line.amount == FIXED_NULL, "no_amount");
	add_problem(&problems, signs_differ(&line), "sign");
	add_problem(&problems, product_differs(&line),
				"amount_not_quantity_times_price");
	add_problem(&problems, claim_exceeds(&line), "claimed_above_amount");
	PG_RETURN_ARRAYTYPE_P(construct_array(problems.names, problems.count, TEXTOID, -1, false,
										  TYPALIGN_INT));
}

/* ---- how many lines of a group have a problem ---- */

uint32
line_problems_of(const LineNumbers *line, bool incomplete, bool bad)
{
	return (uint32) incomplete << LINE_INCOMPLETE | (uint32) bad << LINE_BAD |
		(uint32) signs_differ(line) << LINE_SIGN |
		(uint32) product_differs(line) << LINE_PRODUCT |
		(uint32) claim_exceeds(line) << LINE_CLAIM;
}

/* Adds LINES to a count. */
static void
add_lines(LineCounts *counts, int which, int32 lines)
{
	if (pg_add_s32_overflow(counts->lines[which], lines, &counts->lines[which]))
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("integer out of range")));
}

void
line_counts_add(LineCounts *counts, uint32 problems)
{
	for (int i = 0; i < LINE_PROBLEMS; i++)
		add_lines(counts, i, problems >> i & 1);
}

void
line_counts_join(LineCounts *counts, const LineCounts *other)
{
	for (int i = 0; i < LINE_PROBLEMS; i++)
		add_lines(counts, i, other->lines[i]);
}

void
line_counts_send(StringInfo message, const LineCounts *counts)
{
	for (int i = 0; i < LINE_PROBLEMS; i++)
		pq_sendint32(message, counts->lines[i]);
}

void
line_counts_receive(StringInfo message, LineCounts *counts)
{
	for (int i = 0; i < LINE_PROBLEMS; i++)
		counts->lines[i] = pq_getmsgint(message, sizeof(int32));
}

/* The counts as int[]. */
Datum
line_counts_array(const LineCounts *counts)
{
	Datum		lines[LINE_PROBLEMS];

	for (int i = 0; i < LINE_PROBLEMS; i++)
		lines[i] = Int32GetDatum(counts->lines[i]);
	return PointerGetDatum(construct_array(lines, LINE_PROBLEMS, INT4OID, sizeof(int32), true,
										   TYPALIGN_INT));
}
