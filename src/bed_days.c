/*
 * bed_days.c
 *		Days without care (挂床): which inner days of a stay had any service.
 *
 * Only days between the dates of admission and discharge are looked at.  A day
 * is active when an item that is not passive (bed, nursing, consultation) has
 * remaining quantity, bare when nothing at all was charged.  One byte per inner
 * day is marked while the lines pass by once; whether an item is passive is
 * decided once per item.
 *
 * Cost: O(lines + items * prefixes + days); memory one byte per day.
 */
#include "postgres.h"
#include "compat.h"

#include "access/htup_details.h"
#include "catalog/pg_type.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/date.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

#include "charge_scope.h"
#include "ledger.h"
#include "rows.h"

/* What was charged on a day. */
#define DAY_CHARGED		(1 << 0)
#define DAY_ACTIVE		(1 << 1)

typedef struct BedDays
{
	int32		first;			/* first inner date */
	int32		count;			/* of inner dates; 0: none */
	uint8	   *days;
	int32		stay_days;
	int32		active;
	int32		idle;
	int32		longest;
	int32		bare;
} BedDays;

/* Prefixes of passive items; a trailing % is allowed. */
static TextSpan *
passive_prefixes(FunctionCallInfo fcinfo, int argument, int *count)
{
	ArrayType  *array = detector_text_array_argument(fcinfo, argument, "passive_items");
	Datum	   *values;
	bool	   *nulls;
	TextSpan   *prefixes;

	deconstruct_array(array, TEXTOID, -1, false, TYPALIGN_INT, &values, &nulls, count);
	prefixes = (TextSpan *) palloc(mul_size(Max(*count, 1), sizeof(TextSpan)));
	for (int i = 0; i < *count; i++)
	{
		if (nulls[i])
			detector_argument_null("passive_items");
		prefixes[i] = text_span(DatumGetTextPP(values[i]));
		if (prefixes[i].length > 0 && prefixes[i].data[prefixes[i].length - 1] == '%')
			prefixes[i].length--;
	}
	return prefixes;
}

static bool
item_is_passive(TextSpan item, const TextSpan *prefixes, int count)
{
	for (int i = 0; i < count; i++)
		if (prefixes[i].length <= item.length &&
			memcmp(prefixes[i].data, item.data, prefixes[i].length) == 0)
			return true;
	return false;
}

/* Marks the inner days of one run of lines. */
static void
mark_run(BedDays *bed, const Ledger *ledger, const LedgerRun *run, uint8 mark)
{
	for (int32 i = run->first; i < run->first + run->count; i++)
	{
		int64		day = (int64) ledger_line_day(&ledger->lines[i]) - bed->first;

		if (ledger_line_counts(&ledger->lines[i]) && day >= 0 && day < bed->count)
			bed->days[day] |= mark;
	}
}

static void
mark_days(BedDays *bed, const Ledger *ledger, const TextSpan *prefixes, int count)
{
	for (int32 run = 0; run < ledger->run_count; run++)
	{
		bool		passive = item_is_passive(ledger->items[ledger->runs[run].item], prefixes, count);

		CHECK_FOR_INTERRUPTS();
		mark_run(bed, ledger, &ledger->runs[run],
				 passive ? DAY_CHARGED : DAY_CHARGED | DAY_ACTIVE);
	}
}

static void
count_days(BedDays *bed)
{
	int32		run = 0;

	for (int32 i = 0; i < bed->count; i++)
	{
		if (bed->days[i] & DAY_ACTIVE)
		{
			bed->active++;
			run = 0;
			continue;
		}
		bed->idle++;
		run++;
		bed->longest = Max(bed->longest, run);
		if (bed->days[i] == 0)
			bed->bare++;
	}
}

static Datum
idle_dates(const BedDays *bed)
{
	Datum	   *dates = (Datum *) palloc(mul_size(Max(bed->idle, 1), sizeof(Datum)));
	int			count = 0;

	for (int32 i = 0; i < bed->count; i++)
		if (!(bed->days[i] & DAY_ACTIVE))
			dates[count++] = DateADTGetDatum(bed->first + i);
	return PointerGetDatum(construct_array(dates, count, DATEOID, sizeof(DateADT), true,
										   TYPALIGN_INT));
}

static Datum
bed_days_row(FunctionCallInfo fcinfo, const BedDays *bed)
{
	TupleDesc	desc;
	Datum		values[7];
	bool		nulls[7] = {false};

	if (get_call_result_type(fcinfo, NULL, &desc) != TYPEFUNC_COMPOSITE)
		elog(ERROR, "return type must be a row type");
	values[0] = Int32GetDatum(bed->stay_days);
	values[1] = Int32GetDatum(bed->active);
	values[2] = Int32GetDatum(bed->idle);
	values[3] = Int32GetDatum(bed->longest);
	nulls[4] = bed->count == 0;
	values[4] = Float8GetDatum(bed->count == 0 ? 0 : (double) bed->idle / bed->count);
	values[5] = Int32GetDatum(bed->bare);
	values[6] = idle_dates(bed);
	return HeapTupleGetDatum(heap_form_tuple(BlessTupleDesc(desc), values, nulls));
}

static Timestamp
finite_argument(FunctionCallInfo fcinfo, int argument, const char *name)
{
	Timestamp	at = PG_GETARG_TIMESTAMP(argument);

	if (TIMESTAMP_NOT_FINITE(at))
		ereport(ERROR,
				(errcode(ERRCODE_DATETIME_VALUE_OUT_OF_RANGE),
				 errmsg("argument \"%s\" must be finite", name)));
	return at;
}

PG_FUNCTION_INFO_V1(bed_days);

/*
 * NULL where book, admission or discharge is NULL, or the discharge comes
 * before the admission: such a stay cannot be judged.  NULL passive_items, or a
 * NULL in it, is 22004.
 */
Datum
bed_days(PG_FUNCTION_ARGS)
{
	BedDays		bed;
	TextSpan   *prefixes;
	int			prefix_count;
	int32		admitted;
	int32		discharged;

	prefixes = passive_prefixes(fcinfo, 3, &prefix_count);
	if (PG_ARGISNULL(0) || PG_ARGISNULL(1) || PG_ARGISNULL(2))
		PG_RETURN_NULL();
	admitted = day_of_timestamp(finite_argument(fcinfo, 1, "admitted_at"));
	discharged = day_of_timestamp(finite_argument(fcinfo, 2, "discharged_at"));
	if (discharged < admitted)
		PG_RETURN_NULL();

	memset(&bed, 0, sizeof(bed));
	bed.stay_days = discharged - admitted + 1;
	bed.first = admitted + 1;
	bed.count = Max(discharged - admitted - 1, 0);
	bed.days = (uint8 *) palloc0(Max(bed.count, 1));
	mark_days(&bed, ledger_open(PG_DETOAST_DATUM_PACKED(PG_GETARG_DATUM(0))),
			  prefixes, prefix_count);
	count_days(&bed);
	PG_RETURN_DATUM(bed_days_row(fcinfo, &bed));
}
