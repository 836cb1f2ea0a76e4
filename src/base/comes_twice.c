/*
 * comes_twice.c
 *		Whether one of some texts comes twice: the codes of a visit's diagnoses.
 */
#include "postgres.h"
#include "base/compat.h"

#include "fmgr.h"
#include "libpq/pqformat.h"
#include "utils/builtins.h"

#include "base/rows.h"
#include "base/seen.h"

static Seen *
seen_create(FunctionCallInfo fcinfo)
{
	MemoryContext context;
	Seen	   *seen;

	context = aggregate_context(fcinfo);
	seen = MemoryContextAlloc(context, sizeof(Seen));
	seen_init(seen, context);
	return seen;
}

static Seen *
seen_of_call(FunctionCallInfo fcinfo)
{
	return likely(!PG_ARGISNULL(0)) ? (Seen *) PG_GETARG_POINTER(0) : seen_create(fcinfo);
}

PG_FUNCTION_INFO_V1(comes_twice_transition);

/* (state, text): NULL and the empty text are none. */
Datum
comes_twice_transition(PG_FUNCTION_ARGS)
{
	Seen	   *seen = seen_of_call(fcinfo);

	if (!PG_ARGISNULL(1))
		seen_text(seen, text_span(PG_GETARG_TEXT_PP(1)));
	PG_RETURN_POINTER(seen);
}

PG_FUNCTION_INFO_V1(comes_twice_combine);

Datum
comes_twice_combine(PG_FUNCTION_ARGS)
{
	Seen	   *seen;

	if (PG_ARGISNULL(1))
	{
		if (PG_ARGISNULL(0))
			PG_RETURN_NULL();
		PG_RETURN_DATUM(PG_GETARG_DATUM(0));
	}
	seen = seen_of_call(fcinfo);
	seen_join(seen, (const Seen *) PG_GETARG_POINTER(1));
	PG_RETURN_POINTER(seen);
}

PG_FUNCTION_INFO_V1(comes_twice_serialize);

Datum
comes_twice_serialize(PG_FUNCTION_ARGS)
{
	StringInfoData message;

	aggregate_context(fcinfo);
	pq_begintypsend(&message);
	seen_send(&message, (const Seen *) PG_GETARG_POINTER(0));
	PG_RETURN_BYTEA_P(pq_endtypsend(&message));
}

PG_FUNCTION_INFO_V1(comes_twice_deserialize);

Datum
comes_twice_deserialize(PG_FUNCTION_ARGS)
{
	bytea	   *bytes = PG_GETARG_BYTEA_PP(0);
	Seen	   *seen = (Seen *) palloc(sizeof(Seen));
	StringInfoData message;

	aggregate_context(fcinfo);
	seen_init(seen, CurrentMemoryContext);
	message.data = VARDATA_ANY(bytes);
	message.len = message.maxlen = VARSIZE_ANY_EXHDR(bytes);
	message.cursor = 0;
	seen_receive(&message, seen);
	pq_getmsgend(&message);
	PG_RETURN_POINTER(seen);
}

PG_FUNCTION_INFO_V1(comes_twice_final);

/* NULL where no row came. */
Datum
comes_twice_final(PG_FUNCTION_ARGS)
{
	aggregate_context(fcinfo);
	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	PG_RETURN_BOOL(((Seen *) PG_GETARG_POINTER(0))->twice);
}
