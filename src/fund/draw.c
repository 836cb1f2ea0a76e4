/*
 * draw.c
 *		What draws need that SQL cannot say, or says slowly.
 *
 * The order of a draw: each unit has the number u in (0, 1) that the first 52 bits
 * of its key say, and a chance p; by u / (1 - u) * (1 - p) / p they are drawn, who is
 * certain first, ties by key.  A million are numbered and sorted in less than a
 * second, in 48 bytes each.  A list of so many is looked through for one that comes
 * twice by the interner of books; 40 bytes each beside their texts.
 *
 * Rows of medaudit.plan_unit are nobody's to change, but a draw fills in what it
 * made of them.  A trigger asks here whether one is at work in this session.
 * _write_draw() takes all that it writes from the seed of the plan, so that
 * whoever calls this can make nothing else of the units.
 */
#include "postgres.h"
#include "base/compat.h"

#include <math.h>

#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "fmgr.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/datum.h"
#include "utils/float.h"

#include "base/dictionary.h"
#include "base/packed.h"
#include "base/rows.h"
#include "fund/draw_key.h"

static bool drawing = false;

typedef struct Numbered
{
	double		score;
	uint8		key[PG_SHA256_DIGEST_LENGTH];
	int32		unit;
} Numbered;

#define ST_SORT sort_numbered
#define ST_ELEMENT_TYPE Numbered
#define ST_COMPARE(a, b) compare_numbered(a, b)
#define ST_SCOPE static
#define ST_CHECK_FOR_INTERRUPTS
#define ST_DEFINE
static int	compare_numbered(const Numbered *a, const Numbered *b);
#include "lib/sort_template.h"

static int
compare_numbered(const Numbered *a, const Numbered *b)
{
	if (a->score != b->score)
		return a->score < b->score ? -1 : 1;
	return memcmp(a->key, b->key, PG_SHA256_DIGEST_LENGTH);
}

/* -- the order of a draw -- */

#define BITS_OF_U		52

/* In the middle of its step, so that it is neither 0 nor 1. */
static double
uniform_of(const uint8 *key)
{
	return ldexp((double) (draw_key_bits(key) >> (64 - BITS_OF_U)) + 0.5, -BITS_OF_U);
}

/* Where a unit with the number U and the chance P stands. */
static double
score_of(double u, double p)
{
	if (p >= 1)
		return 0;
	if (!(p > 0))
		return get_float8_infinity();
	return u / (1 - u) * ((1 - p) / p);
}

static Numbered *
number_units(TextSpan seed, const Datum *ids, const Datum *chances, int32 count)
{
	Numbered   *units = palloc_extended(mul_size(Max(count, 1), sizeof(Numbered)),
										MCXT_ALLOC_HUGE);
	DrawKeys	keys;

	draw_keys_begin(&keys, seed);
	for (int32 i = 0; i < count; i++)
	{
		TextSpan	id = draw_text(text_span(DatumGetTextPP(ids[i])));

		if ((i & 0xFFFF) == 0)
			CHECK_FOR_INTERRUPTS();
		draw_key(&keys, &id, 1, units[i].key);
		units[i].score = score_of(uniform_of(units[i].key), DatumGetFloat8(chances[i]));
		units[i].unit = i;
	}
	draw_keys_end(&keys);
	if (count > 1)
		sort_numbered(units, count);
	return units;
}

static Datum
key_bytes(const uint8 *key)
{
	bytea	   *result = palloc(VARHDRSZ + PG_SHA256_DIGEST_LENGTH);

	SET_VARSIZE(result, VARHDRSZ + PG_SHA256_DIGEST_LENGTH);
	memcpy(VARDATA(result), key, PG_SHA256_DIGEST_LENGTH);
	return PointerGetDatum(result);
}

/* Columns of the result. */
enum
{
	ORDER_PLACE,
	ORDER_ID,
	ORDER_INCLUSION,
	ORDER_KEY,
	ORDER_COLUMNS
};

/*
 * Units (identifiers, chances) in the order of their draw, MOST of them, or all
 * where that is NULL.  The caller has checked what they are.
 */
PG_FUNCTION_INFO_V1(medaudit_draw_order);
Datum
medaudit_draw_order(PG_FUNCTION_ARGS)
{
	DetectorRows rows;
	Datum	   *ids;
	Datum	   *chances;
	Numbered   *units;
	int			count;
	int			chance_count;
	int			most;

	if (PG_ARGISNULL(0))
		detector_argument_null("seed");
	if (PG_ARGISNULL(2))
		detector_argument_null("inclusions");
	detector_begin(&rows, fcinfo);
	deconstruct_array(detector_text_array_argument(fcinfo, 1, "ids"), TEXTOID, -1, false,
					  TYPALIGN_INT, &ids, NULL, &count);
	deconstruct_array(PG_GETARG_ARRAYTYPE_P(2), FLOAT8OID, sizeof(float8), FLOAT8PASSBYVAL,
					  TYPALIGN_DOUBLE, &chances, NULL, &chance_count);
	if (count != chance_count)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg_internal("there are %d units and %d chances", count, chance_count)));
	most = PG_ARGISNULL(3) ? count : Min(count, PG_GETARG_INT32(3));
	units = number_units(draw_text(text_span(PG_GETARG_TEXT_PP(0))), ids, chances, count);
	for (int i = 0; i < most; i++)
	{
		Datum		values[ORDER_COLUMNS];
		bool		nulls[ORDER_COLUMNS] = {false};

		detector_row_start(&rows);
		values[ORDER_PLACE] = Int32GetDatum(i + 1);
		values[ORDER_ID] = ids[units[i].unit];
		values[ORDER_INCLUSION] = chances[units[i].unit];
		values[ORDER_KEY] = key_bytes(units[i].key);
		detector_row(&rows, values, nulls);
	}
	return detector_end(&rows);
}

/* -- past the guard -- */

/* Whether a plan is just being drawn; never NULL. */
PG_FUNCTION_INFO_V1(medaudit_drawing);
Datum
medaudit_drawing(PG_FUNCTION_ARGS)
{
	(void) fcinfo;
	PG_RETURN_BOOL(drawing);
}

/* Has the units of a plan follow its seed, with the rights of the caller. */
PG_FUNCTION_INFO_V1(medaudit_draw_units);
Datum
medaudit_draw_units(PG_FUNCTION_ARGS)
{
	Oid			types[] = {INT8OID};
	Datum		values[] = {PG_GETARG_DATUM(0)};

	SPI_connect();
	drawing = true;
	PG_TRY();
	{
		SPI_execute_with_args("CALL medaudit._write_draw($1)", 1, types, values, NULL, false, 0);
	}
	PG_FINALLY();
	{
		drawing = false;
	}
	PG_END_TRY();
	SPI_finish();
	PG_RETURN_VOID();
}

/* -- twice -- */

/* The first of some texts that has come before; NULL where none has.  NULLs are none. */
PG_FUNCTION_INFO_V1(medaudit_first_repeated);
Datum
medaudit_first_repeated(PG_FUNCTION_ARGS)
{
	ArrayType  *array = PG_GETARG_ARRAYTYPE_P(0);
	ArrayIterator iterator = array_create_iterator(array, 0, NULL);
	Dictionary	seen;
	Datum		value;
	bool		is_null;

	dictionary_init(&seen, 16);
	for (int32 asked = 0; array_iterate(iterator, &value, &is_null); asked++)
	{
		bool		is_new = true;

		if ((asked & 0xFFFF) == 0)
			CHECK_FOR_INTERRUPTS();
		if (!is_null)
			dictionary_add(&seen, text_span(DatumGetTextPP(value)), &is_new);
		if (!is_new)
			PG_RETURN_DATUM(datumCopy(value, false, -1));
	}
	PG_RETURN_NULL();
}
