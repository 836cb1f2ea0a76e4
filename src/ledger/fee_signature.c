/*
 * fee_signature.c
 *		Likeness of two ledgers from 257 bytes each.
 *
 * The likeness is the weighted Jaccard of the items' remaining quantities:
 * sum of min(q, q') over sum of max(q, q').  A signature holds 128 samples by
 * improved consistent weighted sampling (S. Ioffe, Improved Consistent Weighted
 * Sampling, Weighted Minhash and L1 Sketching, ICDM 2010): two ledgers agree in
 * a sample with a probability that is exactly their likeness.  The share of
 * samples that agree is therefore an unbiased estimate with the standard error
 * sqrt(J (1 - J) / 128), at most 0.045; 19 of 20 estimates lie within 0.09.
 *
 * Each sample keeps 16 bits of the item and level it chose; that two choices
 * agree by accident, 1 in 65536, is taken out of the estimate.  The random
 * numbers of a sample depend on the item code alone.
 *
 * Cost: 128 times three logarithms per distinct item, about 10 microseconds
 * each; comparing two signatures takes some 50 nanoseconds.
 */
#include "postgres.h"
#include "base/compat.h"

#include <math.h>

#include "common/hashfn.h"
#include "miscadmin.h"
#include "utils/memutils.h"

#include "base/fixed.h"
#include "ledger/ledger.h"

#define SIGNATURE_VERSION	1
#define SAMPLES				128
#define SIGNATURE_BYTES		(1 + 2 * SAMPLES)

typedef struct Sample
{
	double		least;			/* logarithm of the smallest draw */
	uint16		choice;
} Sample;

/* splitmix64: the next of a sequence that STATE alone decides. */
static uint64
next_random(uint64 *state)
{
	uint64		z = (*state += UINT64CONST(0x9E3779B97F4A7C15));

	z = (z ^ (z >> 30)) * UINT64CONST(0xBF58476D1CE4E5B9);
	z = (z ^ (z >> 27)) * UINT64CONST(0x94D049BB133111EB);
	return z ^ (z >> 31);
}

/* In (0, 1), never an end. */
static double
next_uniform(uint64 *state)
{
	return ((double) (next_random(state) >> 11) + 0.5) / 9007199254740992.0;
}

/* Lets one item of the given quantity draw for every sample. */
static void
draw_item(Sample *samples, TextSpan item, double log_quantity)
{
	uint64		state = hash_bytes_extended((const unsigned char *) item.data, item.length, 0);
	uint64		name = state;

	for (int i = 0; i < SAMPLES; i++)
	{
		double		r = -log(next_uniform(&state) * next_uniform(&state));
		double		c = -log(next_uniform(&state) * next_uniform(&state));
		double		beta = next_uniform(&state);
		double		level = floor(log_quantity / r + beta);
		double		draw = log(c) - r * (level + 1.0 - beta);

		if (draw < samples[i].least)
		{
			uint64		choice = name ^ ((uint64) (int64) level * UINT64CONST(0xD6E8FEB86659FD93));

			samples[i].least = draw;
			samples[i].choice = (uint16) next_random(&choice);
		}
	}
}

/* Remaining quantities of each item over all visits. */
static double *
item_quantities(const Ledger *ledger)
{
	double	   *quantities = (double *) MemoryContextAllocExtended(CurrentMemoryContext,
																   mul_size(Max(ledger->item_count, 1), sizeof(double)),
																   MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);

	for (int32 i = 0; i < ledger->line_count; i++)
		if (ledger_line_counts(&ledger->lines[i]))
			quantities[ledger->lines[i].item] += (double) ledger->lines[i].left_quantity / FIXED_ONE;
	return quantities;
}

PG_FUNCTION_INFO_V1(fee_signature);

/* NULL for a NULL ledger and for one of which nothing remains. */
Datum
fee_signature(PG_FUNCTION_ARGS)
{
	Ledger	   *ledger = ledger_open(PG_DETOAST_DATUM_PACKED(PG_GETARG_DATUM(0)));
	double	   *quantities = item_quantities(ledger);
	Sample		samples[SAMPLES];
	bool		empty = true;
	bytea	   *result;
	uint8	   *out;

	for (int i = 0; i < SAMPLES; i++)
	{
		samples[i].least = INFINITY;
		samples[i].choice = 0;
	}
	for (int32 item = 0; item < ledger->item_count; item++)
	{
		CHECK_FOR_INTERRUPTS();
		if (quantities[item] <= 0)
			continue;
		empty = false;
		draw_item(samples, ledger->items[item], log(quantities[item]));
	}
	if (empty)
		PG_RETURN_NULL();
	result = (bytea *) palloc(VARHDRSZ + SIGNATURE_BYTES);
	SET_VARSIZE(result, VARHDRSZ + SIGNATURE_BYTES);
	out = (uint8 *) VARDATA(result);
	*out++ = SIGNATURE_VERSION;
	for (int i = 0; i < SAMPLES; i++)
	{
		*out++ = (uint8) (samples[i].choice & 0xFF);
		*out++ = (uint8) (samples[i].choice >> 8);
	}
	PG_RETURN_BYTEA_P(result);
}

static const uint8 *
signature_argument(FunctionCallInfo fcinfo, int argument)
{
	bytea	   *signature = PG_GETARG_BYTEA_PP(argument);
	const uint8 *bytes = (const uint8 *) VARDATA_ANY(signature);

	if (VARSIZE_ANY_EXHDR(signature) != SIGNATURE_BYTES || bytes[0] != SIGNATURE_VERSION)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("not a fee signature"),
				 errhint("Signatures are made by fee_signature(ledger).")));
	return bytes + 1;
}

PG_FUNCTION_INFO_V1(signature_similarity);

/* Likeness between 0 and 1; what is no signature is 22023. */
Datum
signature_similarity(PG_FUNCTION_ARGS)
{
	const uint8 *a = signature_argument(fcinfo, 0);
	const uint8 *b = signature_argument(fcinfo, 1);
	int			agree = 0;
	double		share;

	for (int i = 0; i < SAMPLES; i++)
		agree += a[2 * i] == b[2 * i] && a[2 * i + 1] == b[2 * i + 1];
	share = (double) agree / SAMPLES;
	PG_RETURN_FLOAT8(Max(0.0, (share - 1.0 / 65536) / (1.0 - 1.0 / 65536)));
}
