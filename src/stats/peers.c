/*
 * peers.c
 *		Where the middle of some values lies, and how wide they spread.
 *
 * Final functions of aggregates that collect numbers into an array: sorted once
 * each time, quantiles of type 7 (percentile_cont of PostgreSQL), in the same
 * order of operations, so that both agree in the last digit.  NULLs are left out;
 * what is not finite is refused.
 *
 * Cost: a sort; for fifty values some three microseconds.
 */
#include "postgres.h"
#include "base/compat.h"

#include <math.h>

#include "access/htup_details.h"
#include "catalog/pg_type.h"
#include "fmgr.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/builtins.h"

#include "base/rows.h"
#include "base/sort.h"

typedef struct Values
{
	double	   *value;			/* ascending */
	int			count;
} Values;

/* The numbers of an array that are no NULLs; none for a NULL array. */
static Values
finite_values(FunctionCallInfo fcinfo, const char *name)
{
	Values		values = {NULL, 0};
	ArrayType  *array;
	Datum	   *given;
	bool	   *nulls;
	int			count;

	if (PG_ARGISNULL(0))
		return values;
	array = PG_GETARG_ARRAYTYPE_P(0);
	deconstruct_array(array, FLOAT8OID, sizeof(float8), FLOAT8PASSBYVAL, TYPALIGN_DOUBLE, &given, &nulls, &count);
	values.value = palloc(sizeof(double) * Max(count, 1));
	for (int i = 0; i < count; i++)
	{
		if (nulls[i])
			continue;
		if (!isfinite(DatumGetFloat8(given[i])))
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("values of %s must be finite", name)));
		values.value[values.count++] = DatumGetFloat8(given[i]);
	}
	sort_doubles(values.value, values.count);
	return values;
}

/* As percentile_cont() of orderedsetaggs.c interpolates. */
static double
quantile(const Values *values, double share)
{
	double		place = share * (values->count - 1);
	int			below = (int) floor(place);
	int			above = (int) ceil(place);
	double		low = values->value[below];

	return below == above ? low : low + (place - below) * (values->value[above] - low);
}

/* A row of the composite that the function returns: N, and the numbers unless there are none. */
static Datum
row_of(FunctionCallInfo fcinfo, int64 n, const double *number, int count)
{
	TupleDesc	description = detector_row_type(fcinfo);
	Datum		columns[8];
	bool		nulls[8];

	Assert(description->natts == count + 1 && count < (int) lengthof(columns));
	columns[0] = Int64GetDatum(n);
	nulls[0] = false;
	for (int i = 0; i < count; i++)
	{
		columns[i + 1] = Float8GetDatum(number[i]);
		nulls[i + 1] = n == 0;
	}
	return HeapTupleGetDatum(heap_form_tuple(description, columns, nulls));
}

/*
 * _robust_center_final(collected float8[])
 *		How many, their median, the median and the mean of the deviations from it;
 *		no values and NULL give 0 and NULLs.
 */
PG_FUNCTION_INFO_V1(medaudit_robust_center_final);
Datum
medaudit_robust_center_final(PG_FUNCTION_ARGS)
{
	Values		values = finite_values(fcinfo, "robust_center()");
	double		number[3] = {0, 0, 0};

	if (values.count > 0)
	{
		double		sum = 0;

		number[0] = quantile(&values, 0.5);
		for (int i = 0; i < values.count; i++)
			values.value[i] = fabs(values.value[i] - number[0]);
		sort_doubles(values.value, values.count);
		number[1] = quantile(&values, 0.5);
		for (int i = 0; i < values.count; i++)
			sum += values.value[i];
		number[2] = sum / values.count;
	}
	PG_RETURN_DATUM(row_of(fcinfo, values.count, number, (int) lengthof(number)));
}

/*
 * _peer_fences_final(collected float8[])
 *		How many, the lower fence, the quartiles and the upper fence; no values and
 *		NULL give 0 and NULLs.
 */
PG_FUNCTION_INFO_V1(medaudit_peer_fences_final);
Datum
medaudit_peer_fences_final(PG_FUNCTION_ARGS)
{
	Values		values = finite_values(fcinfo, "peer_fences()");
	double		number[5] = {0, 0, 0, 0, 0};

	if (values.count > 0)
	{
		number[1] = quantile(&values, 0.25);
		number[2] = quantile(&values, 0.5);
		number[3] = quantile(&values, 0.75);
		number[0] = number[1] - 1.5 * (number[3] - number[1]);
		number[4] = number[3] + 1.5 * (number[3] - number[1]);
	}
	PG_RETURN_DATUM(row_of(fcinfo, values.count, number, (int) lengthof(number)));
}

/*
 * _finite_values(collected float8[], name text)
 *		The values that are not NULL, ascending; an empty array where there are
 *		none, and for NULL.
 */
PG_FUNCTION_INFO_V1(medaudit_finite_values);
Datum
medaudit_finite_values(PG_FUNCTION_ARGS)
{
	char	   *name = PG_ARGISNULL(1) ? "" : text_to_cstring(PG_GETARG_TEXT_PP(1));
	Values		values = finite_values(fcinfo, name);
	Datum	   *sorted = palloc(sizeof(Datum) * Max(values.count, 1));

	for (int i = 0; i < values.count; i++)
		sorted[i] = Float8GetDatum(values.value[i]);
	PG_RETURN_ARRAYTYPE_P(construct_array(sorted, values.count, FLOAT8OID, sizeof(float8), FLOAT8PASSBYVAL, TYPALIGN_DOUBLE));
}
