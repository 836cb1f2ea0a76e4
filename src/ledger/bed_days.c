/*
 * bed_days.c
 *		Days without care (挂床): which inner days of a stay had any service.
 *
 * Only days between the dates of admission and discharge are judged.  A day
 * is active when an item that is not passive (bed, nursing, consultation) has
 * remaining quantity, bare when nothing at all was charged.  One byte per day of
 * the stay is marked while the lines pass by once; whether an item is passive is
 * decided once per item.
 *
 * Treatment is billed by the week as well, on its first day or its last: there a
 * quantity of n says n days.  They are taken to be that day, then those before it
 * on which no care is known, then those after it.
 *
 * What is passive and what is treatment is told by beginnings of codes, or by the
 * class of each item and its category.  By classes passive items go by one name
 * before refunds are netted, for a bed is given back under another bed's code.
 *
 * Cost: O(lines + items * prefixes + days), where days are covered at most
 * O(days) more for each date with such a line; memory nine bytes per day.
 */
#include "postgres.h"
#include "base/compat.h"

#include "access/htup_details.h"
#include "catalog/pg_type.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/date.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

#include "base/codes.h"
#include "base/days.h"
#include "base/fixed.h"
#include "base/rows.h"
#include "ledger/care_classes.h"
#include "ledger/ledger.h"

/* What was charged on a day. */
#define DAY_CHARGED		(1 << 0)
#define DAY_ACTIVE		(1 << 1)

typedef struct BedDays
{
	int32		admitted;		/* first date of the stay */
	int32		stay_days;		/* dates of the stay, both ends counted */
	uint8	   *days;			/* what was charged, per date of the stay */
	int64	   *further;		/* days beyond its own that lines of a date
								 * stand for */
	int32		active;
	int32		idle;
	int32		longest;
	int32		bare;
} BedDays;

/* Beginnings of item codes. */
typedef struct ItemPrefixes
{
	int			count;
	TextSpan   *prefixes;
} ItemPrefixes;

/* Of the array argument NAME; a trailing % is allowed. */
static ItemPrefixes
item_prefixes(FunctionCallInfo fcinfo, int argument, const char *name)
{
	ArrayType  *array = detector_text_array_argument(fcinfo, argument, name);
	Datum	   *values;
	bool	   *nulls;
	ItemPrefixes items;

	deconstruct_array(array, TEXTOID, -1, false, TYPALIGN_INT, &values, &nulls, &items.count);
	items.prefixes = (TextSpan *) palloc(mul_size(Max(items.count, 1), sizeof(TextSpan)));
	for (int i = 0; i < items.count; i++)
	{
		TextSpan   *prefix = &items.prefixes[i];

		if (nulls[i])
			detector_argument_null(name);
		*prefix = code_fold(text_span(DatumGetTextPP(values[i])));
		if (prefix->length > 0 && prefix->data[prefix->length - 1] == '%')
			prefix->length--;
	}
	return items;
}

static bool
item_is_among(TextSpan item, const ItemPrefixes *items)
{
	for (int i = 0; i < items->count; i++)
		if (items->prefixes[i].length <= item.length &&
			memcmp(items->prefixes[i].data, item.data, items->prefixes[i].length) == 0)
			return true;
	return false;
}

/* Marks the dates of one run of lines, which may be LASTING: n units are n days. */
static void
mark_run(BedDays *bed, const Ledger *ledger, const LedgerRun *run, uint8 mark, bool lasting)
{
	for (int32 i = run->first; i < run->first + run->count; i++)
	{
		const LedgerLine *line = &ledger->lines[i];
		int64		day = (int64) ledger_line_day(line) - bed->admitted;
		int64		units = lasting ? line->left_quantity / FIXED_ONE : 0;

		if (!ledger_line_counts(line))
			continue;
		if (units >= 2)
		{
			/* posted beside the stay: of its nearest date */
			day = Min(Max(day, 0), bed->stay_days - 1);
			bed->further[day] += Min(units - 1, bed->stay_days);
		}
		if (day >= 0 && day < bed->stay_days)
			bed->days[day] |= mark;
	}
}

static void
mark_days(BedDays *bed, const Ledger *ledger, const ItemPrefixes *passive,
		  const ItemPrefixes *lasting)
{
	for (int32 run = 0; run < ledger->run_count; run++)
	{
		TextSpan	item = ledger->items[ledger->runs[run].item];
		bool		is_passive = item_is_among(item, passive);

		CHECK_FOR_INTERRUPTS();
		mark_run(bed, ledger, &ledger->runs[run],
				 is_passive ? DAY_CHARGED : DAY_CHARGED | DAY_ACTIVE,
				 !is_passive && item_is_among(item, lasting));
	}
}

/* The days beyond their own that lines of DAY stand for. */
static void
cover_from(BedDays *bed, int32 day)
{
	int64		left = bed->further[day];

	for (int32 i = day - 1; left > 0 && i >= 0; i--)
	{
		if (!(bed->days[i] & DAY_ACTIVE))
		{
			bed->days[i] |= DAY_CHARGED | DAY_ACTIVE;
			left--;
		}
	}
	for (int32 i = day + 1; left > 0 && i < bed->stay_days; i++)
	{
		if (!(bed->days[i] & DAY_ACTIVE))
		{
			bed->days[i] |= DAY_CHARGED | DAY_ACTIVE;
			left--;
		}
	}
}

static void
cover_days(BedDays *bed)
{
	for (int32 day = 0; day < bed->stay_days; day++)
	{
		CHECK_FOR_INTERRUPTS();
		if (bed->further[day] > 0)
			cover_from(bed, day);
	}
}

/* Neither the day of admission nor that of discharge is judged. */
static void
count_days(BedDays *bed)
{
	int32		run = 0;

	for (int32 i = 1; i < bed->stay_days - 1; i++)
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

	for (int32 i = 1; i < bed->stay_days - 1; i++)
		if (!(bed->days[i] & DAY_ACTIVE))
			dates[count++] = DateADTGetDatum(bed->admitted + i);
	return PointerGetDatum(construct_array(dates, count, DATEOID, sizeof(DateADT), true,
										   TYPALIGN_INT));
}

/* Columns of the result. */
enum
{
	BED_STAY_DAYS,
	BED_ACTIVE_DAYS,
	BED_IDLE_DAYS,
	BED_LONGEST_IDLE,
	BED_IDLE_SHARE,
	BED_BARE_DAYS,
	BED_IDLE_DATES,
	BED_UNKNOWN,				/* by classes only */
	BED_COLUMNS
};

/* A row of the type DESC, which may lack the last column. */
static Datum
bed_days_row(TupleDesc desc, const BedDays *bed, bool unknown)
{
	int32		inner_days = Max(bed->stay_days - 2, 0);
	Datum		values[BED_COLUMNS];
	bool		nulls[BED_COLUMNS] = {false};

	values[BED_STAY_DAYS] = Int32GetDatum(bed->stay_days);
	values[BED_ACTIVE_DAYS] = Int32GetDatum(bed->active);
	values[BED_IDLE_DAYS] = Int32GetDatum(bed->idle);
	values[BED_LONGEST_IDLE] = Int32GetDatum(bed->longest);
	nulls[BED_IDLE_SHARE] = inner_days == 0;
	values[BED_IDLE_SHARE] = Float8GetDatum(inner_days == 0 ? 0 : (double) bed->idle / inner_days);
	values[BED_BARE_DAYS] = Int32GetDatum(bed->bare);
	values[BED_IDLE_DATES] = idle_dates(bed);
	values[BED_UNKNOWN] = BoolGetDatum(unknown);
	return HeapTupleGetDatum(heap_form_tuple(desc, values, nulls));
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

/*
 * The stay of a call, its admission being argument ADMISSION and its discharge
 * the next.  False where book, admission or discharge is NULL, or the discharge
 * comes before the admission: such a stay cannot be judged.
 */
static bool
stay_of_call(FunctionCallInfo fcinfo, int admission, BedDays *bed)
{
	int32		discharged;

	if (PG_ARGISNULL(0) || PG_ARGISNULL(admission) || PG_ARGISNULL(admission + 1))
		return false;
	memset(bed, 0, sizeof(*bed));
	bed->admitted = day_of_timestamp(finite_argument(fcinfo, admission, "admitted_at"));
	discharged = day_of_timestamp(finite_argument(fcinfo, admission + 1, "discharged_at"));
	if (discharged < bed->admitted)
		return false;
	bed->stay_days = discharged - bed->admitted + 1;
	bed->days = (uint8 *) palloc0(bed->stay_days);
	bed->further = (int64 *) palloc0(mul_size(bed->stay_days, sizeof(int64)));
	return true;
}

static void
judge_days(BedDays *bed, const Ledger *ledger, const ItemPrefixes *passive,
		   const ItemPrefixes *lasting)
{
	mark_days(bed, ledger, passive, lasting);
	cover_days(bed);
	count_days(bed);
}

static Datum
bed_days_answer(FunctionCallInfo fcinfo, const ItemPrefixes *passive,
				const ItemPrefixes *lasting)
{
	BedDays		bed;

	if (!stay_of_call(fcinfo, 1, &bed))
		PG_RETURN_NULL();
	judge_days(&bed, ledger_open(PG_DETOAST_DATUM_PACKED(PG_GETARG_DATUM(0))), passive, lasting);
	PG_RETURN_DATUM(bed_days_row(detector_row_type(fcinfo), &bed, false));
}

PG_FUNCTION_INFO_V1(bed_days);

/* NULL passive_items, or a NULL in it, is 22004. */
Datum
bed_days(PG_FUNCTION_ARGS)
{
	ItemPrefixes passive = item_prefixes(fcinfo, 3, "passive_items");
	ItemPrefixes none = {0, NULL};

	return bed_days_answer(fcinfo, &passive, &none);
}

PG_FUNCTION_INFO_V1(bed_days_lasting);

/* The same where the quantity of lasting_items is a number of days. */
Datum
bed_days_lasting(PG_FUNCTION_ARGS)
{
	ItemPrefixes passive = item_prefixes(fcinfo, 3, "passive_items");
	ItemPrefixes lasting = item_prefixes(fcinfo, 4, "lasting_items");

	return bed_days_answer(fcinfo, &passive, &lasting);
}

/* ---- by classes ---- */

/* By these names items go that are passive, or begin where they are lasting. */
static TextSpan passive_name = {"!PASSIVE", 8};
static TextSpan lasting_mark = {"!TREATMENT", 10};

static TextSpan
lasting_name(TextSpan item)
{
	TextSpan	code = code_fold(item);
	TextSpan	name;
	char	   *room;

	name.length = lasting_mark.length + code.length;
	name.data = room = (char *) palloc(name.length);
	memcpy(room, lasting_mark.data, lasting_mark.length);
	if (code.length > 0)
		memcpy(room + lasting_mark.length, code.data, code.length);
	return name;
}

/*
 * Names the items of lines as they came by what the classes say of them.  Is one
 * of no known class?
 */
static bool
name_by_classes(Ledger *ledger, const TextSpan *categories, CareClasses *classes)
{
	static const TextSpan no_category = {"", 0};
	TextSpan   *names = (TextSpan *) palloc_extended(mul_size(Max(ledger->item_count, 1), sizeof(TextSpan)),
													 MCXT_ALLOC_HUGE);
	bool		unknown = false;

	for (int32 i = 0; i < ledger->item_count; i++)
	{
		TextSpan	item = ledger->items[i];
		CareKind	kind = care_of_key(classes, ledger_category_key(item, categories == NULL ?
																	no_category : categories[i]));

		CHECK_FOR_INTERRUPTS();
		unknown |= kind == CARE_UNKNOWN;
		names[i] = kind == CARE_PASSIVE ? passive_name :
			kind == CARE_LASTING ? lasting_name(item) : item;
	}
	ledger_rename_items(ledger, names);
	return unknown;
}

PG_FUNCTION_INFO_V1(bed_days_classes);

/*
 * (book, categories, admitted_at, discharged_at, keys, classes): what is of no
 * known class is care, and said to be there.  NULL keys or classes: nothing is
 * known.
 */
Datum
bed_days_classes(PG_FUNCTION_ARGS)
{
	CareClasses *classes = care_classes_of_call(fcinfo, 4, 5);
	ItemPrefixes passive = {1, &passive_name};
	ItemPrefixes lasting = {1, &lasting_mark};
	BedDays		bed;
	Ledger	   *ledger;
	bool		unknown;

	if (!stay_of_call(fcinfo, 2, &bed))
		PG_RETURN_NULL();
	ledger = ledger_read(PG_DETOAST_DATUM_PACKED(PG_GETARG_DATUM(0)));
	unknown = name_by_classes(ledger, ledger_categories(fcinfo, 1, ledger->item_count), classes);
	judge_days(&bed, ledger, &passive, &lasting);
	PG_RETURN_DATUM(bed_days_row(care_classes_row_type(classes), &bed, unknown));
}
