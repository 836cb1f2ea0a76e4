/*
 * rows.h
 *		What every detector shares: its scratch memory, its arguments, its rows.
 *
 *		DetectorRows rows;
 *
 *		detector_begin(&rows, fcinfo);			-- now in rows.scratch
 *		for (...)
 *		{
 *			detector_row_start(&rows);			-- now in a context of the row
 *			values[0] = detector_text(span);
 *			detector_row(&rows, values, nulls); -- back in rows.scratch
 *		}
 *		return detector_end(&rows);				-- scratch is gone
 *
 * A detector that emits no row ends in value-per-call mode and never builds a
 * tuplestore: that is the usual case, and 15 times cheaper.
 */
#ifndef MEDAUDIT_ROWS_H
#define MEDAUDIT_ROWS_H

#include "fmgr.h"
#include "nodes/execnodes.h"
#include "base/packed.h"
#include "utils/array.h"

typedef struct DetectorRows
{
	FunctionCallInfo fcinfo;
	MemoryContext scratch;		/* of this call; deleted by detector_end() */
	MemoryContext row;			/* of one row; NULL before the first */
	MemoryContext outside;		/* where the caller was */
	ReturnSetInfo *result;		/* set up with the first row */
} DetectorRows;

extern void detector_begin(DetectorRows *rows, FunctionCallInfo fcinfo);
extern void detector_row_start(DetectorRows *rows);
extern void detector_row(DetectorRows *rows, Datum *values, bool *nulls);
extern Datum detector_end(DetectorRows *rows);

/* Thresholds: NULL is 22004 and names the argument, out of range is 22023. */
extern void detector_argument_null(const char *name) pg_attribute_noreturn();
extern void detector_argument_range(const char *name, const char *range) pg_attribute_noreturn();
extern int	detector_int(FunctionCallInfo fcinfo, int argument, const char *name, int least);
extern int	detector_seconds(FunctionCallInfo fcinfo, int argument, const char *name, int most);
extern bool detector_bool(FunctionCallInfo fcinfo, int argument, const char *name);
extern double detector_float(FunctionCallInfo fcinfo, int argument, const char *name,
							 double least, double most);
extern int64 detector_fixed(FunctionCallInfo fcinfo, int argument, const char *name);
extern bool detector_day(FunctionCallInfo fcinfo, int argument, int32 *day);
extern ArrayType *detector_text_array_argument(FunctionCallInfo fcinfo, int argument,
											   const char *name);

/*
 * The row type of what the call returns, which lives in CONTEXT; and the same
 * looked up once, in fn_extra, of which the function makes no other use.
 */
extern TupleDesc detector_find_row_type(FunctionCallInfo fcinfo, MemoryContext context);
extern TupleDesc detector_row_type(FunctionCallInfo fcinfo);

/* Where the state of an aggregate lives; an error where the call is of none. */
extern MemoryContext aggregate_context(FunctionCallInfo fcinfo);

/* Results, made in CurrentMemoryContext. */
extern Datum detector_text(TextSpan span);
extern Datum detector_text_array(const TextSpan *spans, int count);

#endif							/* MEDAUDIT_ROWS_H */
