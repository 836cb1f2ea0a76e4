/*
 * rows.c
 *		What every detector shares: its scratch memory, its arguments, its rows.
 *
 * The scratch context is made per call: PostgreSQL keeps deleted contexts of
 * the default size on a free list, so making one costs about as much as
 * resetting one, and nothing has to be remembered between calls.
 */
#include "postgres.h"
#include "base/compat.h"

#include "access/htup_details.h"
#include "catalog/pg_type.h"
#include "common/int.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"
#include "utils/tuplestore.h"

#include "base/days.h"
#include "base/fixed.h"
#include "base/rows.h"

void
detector_begin(DetectorRows *rows, FunctionCallInfo fcinfo)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;

	if (result == NULL || !IsA(result, ReturnSetInfo))
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("set-valued function called in context that cannot accept a set")));
	rows->fcinfo = fcinfo;
	rows->row = NULL;
	rows->result = NULL;
	rows->scratch = AllocSetContextCreate(CurrentMemoryContext,
										  "medaudit detector",
										  ALLOCSET_DEFAULT_SIZES);
	rows->outside = MemoryContextSwitchTo(rows->scratch);
}

/* Values of the next row are to be made in a context of its own. */
void
detector_row_start(DetectorRows *rows)
{
	if (rows->row == NULL)
		rows->row = AllocSetContextCreate(rows->scratch,
										  "medaudit row",
										  ALLOCSET_DEFAULT_SIZES);
	MemoryContextSwitchTo(rows->row);
}

/*
 * Emits the row and forgets what was made for it since detector_row_start().
 * Rows may be millions, and making one is slower than finding it.
 */
void
detector_row(DetectorRows *rows, Datum *values, bool *nulls)
{
	CHECK_FOR_INTERRUPTS();
	if (rows->result == NULL)
	{
		InitMaterializedSRF(rows->fcinfo, MAT_SRF_USE_EXPECTED_DESC);
		rows->result = (ReturnSetInfo *) rows->fcinfo->resultinfo;
	}
	tuplestore_putvalues(rows->result->setResult, rows->result->setDesc,
						 values, nulls);
	MemoryContextSwitchTo(rows->scratch);
	if (rows->row != NULL)
		MemoryContextReset(rows->row);
}

Datum
detector_end(DetectorRows *rows)
{
	FunctionCallInfo fcinfo = rows->fcinfo;

	MemoryContextSwitchTo(rows->outside);
	MemoryContextDelete(rows->scratch);
	if (rows->result == NULL)
		((ReturnSetInfo *) fcinfo->resultinfo)->isDone = ExprEndResult;
	PG_RETURN_NULL();
}

void
detector_argument_null(const char *name)
{
	ereport(ERROR,
			(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
			 errmsg("argument \"%s\" must not be null", name)));
}

void
detector_argument_range(const char *name, const char *range)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("argument \"%s\" must be %s", name, _(range))));
}

int
detector_int(FunctionCallInfo fcinfo, int argument, const char *name, int least)
{
	int			value;

	if (PG_ARGISNULL(argument))
		detector_argument_null(name);
	value = PG_GETARG_INT32(argument);
	if (value < least)
		detector_argument_range(name, psprintf(_("at least %d"), least));
	return value;
}

/* Whole seconds of an interval without months, from 0 to MOST. */
int
detector_seconds(FunctionCallInfo fcinfo, int argument, const char *name, int most)
{
	Interval   *value;
	int64		span = 0;

	if (PG_ARGISNULL(argument))
		detector_argument_null(name);
	value = PG_GETARG_INTERVAL_P(argument);
	/* neither days nor what is added to them may overflow */
	if (value->month != 0 || Abs((int64) value->day) > DAYS_PER_MONTH * MONTHS_PER_YEAR ||
		pg_add_s64_overflow(value->day * USECS_PER_DAY, value->time, &span) ||
		span < 0 || span > most * USECS_PER_SEC)
		detector_argument_range(name, psprintf(_("from 0 to %d seconds, without months"), most));
	return (int) (span / USECS_PER_SEC);
}

bool
detector_bool(FunctionCallInfo fcinfo, int argument, const char *name)
{
	if (PG_ARGISNULL(argument))
		detector_argument_null(name);
	return PG_GETARG_BOOL(argument);
}

/* LEAST and MOST are allowed themselves; NaN never is. */
double
detector_float(FunctionCallInfo fcinfo, int argument, const char *name,
			   double least, double most)
{
	double		value;

	if (PG_ARGISNULL(argument))
		detector_argument_null(name);
	value = PG_GETARG_FLOAT8(argument);
	if (!(value >= least && value <= most))
		detector_argument_range(name, psprintf(_("between %g and %g"), least, most));
	return value;
}

/* A numeric, not below 0, in ten-thousandths; NaN and what is too large never are. */
int64
detector_fixed(FunctionCallInfo fcinfo, int argument, const char *name)
{
	int64		value;

	if (PG_ARGISNULL(argument))
		detector_argument_null(name);
	if (!fixed_try_from_numeric(PG_GETARG_DATUM(argument), &value) || value < 0)
		detector_argument_range(name, psprintf("between 0 and %lld",
											   (long long) (FIXED_MAX / FIXED_ONE)));
	return value;
}

/* The day of a timestamp argument; false where it is NULL or infinite. */
bool
detector_day(FunctionCallInfo fcinfo, int argument, int32 *day)
{
	if (PG_ARGISNULL(argument) || TIMESTAMP_NOT_FINITE(PG_GETARG_TIMESTAMP(argument)))
		return false;
	*day = day_of_timestamp(PG_GETARG_TIMESTAMP(argument));
	return true;
}

/* A text[] argument, in CurrentMemoryContext where it had to be detoasted. */
ArrayType *
detector_text_array_argument(FunctionCallInfo fcinfo, int argument,
							 const char *name)
{
	if (PG_ARGISNULL(argument))
		detector_argument_null(name);
	return PG_GETARG_ARRAYTYPE_P(argument);
}

TupleDesc
detector_find_row_type(FunctionCallInfo fcinfo, MemoryContext context)
{
	MemoryContext before = MemoryContextSwitchTo(context);
	TupleDesc	desc;

	if (get_call_result_type(fcinfo, NULL, &desc) != TYPEFUNC_COMPOSITE)
		elog(ERROR, "return type must be a row type");
	desc = BlessTupleDesc(desc);
	MemoryContextSwitchTo(before);
	return desc;
}

TupleDesc
detector_row_type(FunctionCallInfo fcinfo)
{
	FmgrInfo   *function = fcinfo->flinfo;

	if (unlikely(function->fn_extra == NULL))
		function->fn_extra = detector_find_row_type(fcinfo, function->fn_mcxt);
	return (TupleDesc) function->fn_extra;
}

MemoryContext
aggregate_context(FunctionCallInfo fcinfo)
{
	MemoryContext context;

	if (!AggCheckCallContext(fcinfo, &context))
		elog(ERROR, "aggregate function called in non-aggregate context");
	return context;
}

/* An empty span may stand nowhere. */
Datum
detector_text(TextSpan span)
{
	return PointerGetDatum(cstring_to_text_with_len(span.length == 0 ? "" : span.data, span.length));
}

Datum
detector_text_array(const TextSpan *spans, int count)
{
	Datum	   *values = (Datum *) palloc(mul_size(Max(count, 1), sizeof(Datum)));

	for (int i = 0; i < count; i++)
		values[i] = detector_text(spans[i]);
	return PointerGetDatum(construct_array(values, count, TEXTOID, -1, false,
										   TYPALIGN_INT));
}
