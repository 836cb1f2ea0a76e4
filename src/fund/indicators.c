/*
 * indicators.c
 *		What indicators of months ask of the charge lines of visits, and add up.
 *
 * _visit_line_kinds() says which kinds of charges there are among the lines that
 * visit_lines.c has gathered; SQL then tells what each kind is, and with that
 * _visit_line_sums() adds up the lines of a visit: a line that was delivered twice
 * once, and no line of a number under which different charges stand.
 *
 * Cost: 100 ns a line or so for each function, of which half is the dictionary of
 * kinds; memory of that dictionary, which grows with different kinds, and of the
 * lines of one visit.
 */
#include "postgres.h"
#include "base/compat.h"

#include "access/htup_details.h"
#include "catalog/pg_type.h"
#include "common/int.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/date.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"

#include "base/array.h"
#include "base/dictionary.h"
#include "base/fixed.h"
#include "base/rows.h"
#include "fund/visit_lines.h"

/* Is the line of the time of its visit?  One at no known time is. */
static inline bool
is_near(const VisitLine *line, DateADT from, DateADT to)
{
	return line->day == NO_DAY || (line->day >= from && line->day < to);
}

static inline TextSpan
bytes_of(const void *data, int length)
{
	TextSpan	span = {data, length};

	return span;
}

/* ---- which kinds there are ---- */

typedef struct LineKinds
{
	Dictionary	kinds;
	Dictionary	procured;		/* month and number of the kind */
} LineKinds;

typedef struct ProcuredKey
{
	DateADT		month;
	int32		number;
} ProcuredKey;

PG_FUNCTION_INFO_V1(visit_line_kinds_transition);

/* (state, lines, month, charged_from, charged_to): NULL lines are none. */
Datum
visit_line_kinds_transition(PG_FUNCTION_ARGS)
{
	MemoryContext context = aggregate_context(fcinfo);
	LineKinds  *found;
	PackedReader reader;
	VisitLine	line;

	if (PG_ARGISNULL(0))
	{
		found = MemoryContextAlloc(context, sizeof(LineKinds));
		dictionary_init_copying(&found->kinds, context);
		dictionary_init_copying(&found->procured, context);
	}
	else
		found = (LineKinds *) PG_GETARG_POINTER(0);
	if (PG_ARGISNULL(1) || PG_ARGISNULL(2) || PG_ARGISNULL(3) || PG_ARGISNULL(4))
		PG_RETURN_POINTER(found);
	visit_lines_read(&reader, (struct varlena *) PG_GETARG_BYTEA_PP(1));
	while (visit_lines_next(&reader, &line))
	{
		ProcuredKey key = {PG_GETARG_DATEADT(2), 0};

		CHECK_FOR_INTERRUPTS();
		if (!is_near(&line, PG_GETARG_DATEADT(3), PG_GETARG_DATEADT(4)))
			continue;
		key.number = dictionary_number(&found->kinds, line.kind);
		if (line.procured)
			(void) dictionary_number(&found->procured, bytes_of(&key, sizeof(key)));
	}
	PG_RETURN_POINTER(found);
}

/* One of the three texts of each kind. */
static Datum
kind_texts(const LineKind *kinds, int count, Size place)
{
	TextSpan   *texts = palloc(sizeof(TextSpan) * Max(count, 1));

	for (int i = 0; i < count; i++)
		texts[i] = *(const TextSpan *) ((const char *) &kinds[i] + place);
	return detector_text_array(texts, count);
}

PG_FUNCTION_INFO_V1(visit_line_kinds_final);

/* The texts of the kinds, and of those that were procured their months and places. */
Datum
visit_line_kinds_final(PG_FUNCTION_ARGS)
{
	const LineKinds *found;
	LineKind   *kinds;
	Datum	   *months;
	Datum	   *places;
	Datum		values[5];
	bool		nulls[5] = {false};
	int			count;

	aggregate_context(fcinfo);
	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	found = (const LineKinds *) PG_GETARG_POINTER(0);
	count = found->kinds.count;
	kinds = palloc(sizeof(LineKind) * Max(count, 1));
	for (int i = 0; i < count; i++)
		kinds[i] = line_kind_read(found->kinds.spans[i]);
	values[0] = kind_texts(kinds, count, offsetof(LineKind, item_code));
	values[1] = kind_texts(kinds, count, offsetof(LineKind, category));
	values[2] = kind_texts(kinds, count, offsetof(LineKind, payment_class));
	count = found->procured.count;
	months = palloc(sizeof(Datum) * Max(count, 1));
	places = palloc(sizeof(Datum) * Max(count, 1));
	for (int i = 0; i < count; i++)
	{
		ProcuredKey key;

		memcpy(&key, found->procured.spans[i].data, sizeof(key));
		months[i] = DateADTGetDatum(key.month);
		places[i] = Int32GetDatum(key.number + 1);
	}
	values[3] = PointerGetDatum(construct_array(months, count, DATEOID, sizeof(DateADT), true, TYPALIGN_INT));
	values[4] = PointerGetDatum(construct_array(places, count, INT4OID, sizeof(int32), true, TYPALIGN_INT));
	PG_RETURN_DATUM(HeapTupleGetDatum(heap_form_tuple(detector_row_type(fcinfo), values, nulls)));
}

/* ---- the sums of a visit ---- */

/* What a kind is, as bits of its traits; the lowest four hold its class. */
#define CLASS_MASK		0x000F
#define IS_CT			0x0010
#define IS_MRI			0x0020
#define IS_ANTIBIOTIC	0x0040
#define IS_MEDICINE		0x0080
#define OUTSIDE_KNOWN	0x0100
#define IS_OUTSIDE		0x0200

typedef enum ChargeClass
{
	CLASS_NONE,
	CLASS_DRUG,
	CLASS_EXAM,
	CLASS_MATERIAL,
	CLASS_TREATMENT,
	CLASS_SURGERY,
	CLASS_PASSIVE,				/* bed, nursing, consultation */
	CLASS_OTHER,
	CLASS_UNKNOWN
} ChargeClass;

typedef struct KindTraits
{
	int32		traits;
	int32		generic;		/* number of its generic name; -1: not known */
	int64		minutes;		/* FIXED_NULL: not known */
} KindTraits;

typedef enum Sum
{
	SUM_LINES,
	SUM_AMOUNT,
	SUM_DRUG,
	SUM_EXAM,
	SUM_MATERIAL,
	SUM_TREATMENT,
	SUM_SURGERY,
	SUM_CT,
	SUM_MRI,
	SUM_UNKNOWN,
	SUM_JUDGED,
	SUM_OUTSIDE,
	SUM_ANTIBIOTIC,
	SUM_PROCURABLE,
	SUM_PROCURED,
	SUMS
} Sum;

enum
{
	ARG_LINES,
	ARG_MONTH,
	ARG_FROM,
	ARG_TO,
	ARG_STAY,
	ARG_ADMITTED,
	ARG_DISCHARGED,
	ARG_PHYSICIAN,
	ARG_CAP,
	ARG_ITEM_CODES,
	ARG_CATEGORIES,
	ARG_PAYMENT_CLASSES,
	ARG_TRAITS,
	ARG_GENERICS,
	ARG_MINUTES,
	ARG_MONTHS,
	ARG_BOUGHT
};

enum
{
	OUT_SUMS,
	OUT_ONE_DATE,
	OUT_LAST_ACTIVE,
	OUT_PRESCRIPTIONS,
	OUT_LARGE,
	OUT_CAP_DAYS,
	OUT_CAP_AMOUNTS,
	OUT_PHYSICIANS,
	OUT_DAYS,
	OUT_MINUTES,
	OUT_COLUMNS
};

/* A line that counts, with what its kind is. */
typedef struct CountedLine
{
	VisitLine	line;
	const KindTraits *kind;
	bool		left_out;
} CountedLine;

/* Made once a statement. */
typedef struct SumsCall
{
	TupleDesc	row_type;
	MemoryContext scratch;		/* of one visit */
	Dictionary	kinds;
	KindTraits *traits;			/* by number of the kind */
	Dictionary	bought;			/* month and generic of what was procured */
	CountedLine *lines;
	int32		lines_allocated;
	int			count;
	bool		several;		/* of a number of a line there are two */
} SumsCall;

/* An array argument of COUNT elements, of which none is NULL unless NULLS is given. */
static Datum *
array_of_call(FunctionCallInfo fcinfo, int argument, Oid type, int *count, bool **nulls)
{
	Datum	   *values;
	int16		length;
	bool		by_value;
	char		align;

	if (PG_ARGISNULL(argument))
		detector_argument_null("kinds");
	get_typlenbyvalalign(type, &length, &by_value, &align);
	deconstruct_array(PG_GETARG_ARRAYTYPE_P(argument), type, length, by_value, align, &values, nulls, count);
	return values;
}

static void
same_length(int count, int other)
{
	if (count != other)
		ereport(ERROR,
				(errcode(ERRCODE_ARRAY_SUBSCRIPT_ERROR),
				 errmsg("arrays of kinds must have one length")));
}

static void
read_kinds(SumsCall *call, FunctionCallInfo fcinfo)
{
	int			count;
	int			other;
	bool	   *no_minutes;
	Datum	   *item_code = array_of_call(fcinfo, ARG_ITEM_CODES, TEXTOID, &count, NULL);
	Datum	   *category = array_of_call(fcinfo, ARG_CATEGORIES, TEXTOID, &other, NULL);
	Datum	   *payment_class;
	Datum	   *traits;
	Datum	   *generic;
	Datum	   *minutes;
	PackedWriter packed;

	same_length(count, other);
	payment_class = array_of_call(fcinfo, ARG_PAYMENT_CLASSES, TEXTOID, &other, NULL);
	same_length(count, other);
	traits = array_of_call(fcinfo, ARG_TRAITS, INT4OID, &other, NULL);
	same_length(count, other);
	generic = array_of_call(fcinfo, ARG_GENERICS, INT4OID, &other, NULL);
	same_length(count, other);
	minutes = array_of_call(fcinfo, ARG_MINUTES, NUMERICOID, &other, &no_minutes);
	same_length(count, other);
	dictionary_init_copying(&call->kinds, CurrentMemoryContext);
	call->traits = palloc(sizeof(KindTraits) * Max(count, 1));
	packed_writer_init(&packed, CurrentMemoryContext, 256);
	for (int i = 0; i < count; i++)
	{
		LineKind	kind = {text_span(DatumGetTextPP(item_code[i])), text_span(DatumGetTextPP(category[i])),
		text_span(DatumGetTextPP(payment_class[i]))};
		KindTraits *known = &call->traits[dictionary_number(&call->kinds, line_kind_pack(&packed, &kind))];

		known->traits = DatumGetInt32(traits[i]);
		known->generic = DatumGetInt32(generic[i]);
		if (no_minutes[i] || !fixed_try_from_numeric(minutes[i], &known->minutes))
			known->minutes = FIXED_NULL;
	}
}

static void
read_bought(SumsCall *call, FunctionCallInfo fcinfo)
{
	int			count;
	int			other;
	Datum	   *month = array_of_call(fcinfo, ARG_MONTHS, DATEOID, &count, NULL);
	Datum	   *generic = array_of_call(fcinfo, ARG_BOUGHT, INT4OID, &other, NULL);

	same_length(count, other);
	dictionary_init_copying(&call->bought, CurrentMemoryContext);
	for (int i = 0; i < count; i++)
	{
		ProcuredKey key = {DatumGetDateADT(month[i]), DatumGetInt32(generic[i])};

		(void) dictionary_number(&call->bought, bytes_of(&key, sizeof(key)));
	}
}

static SumsCall *
call_of(FunctionCallInfo fcinfo)
{
	FmgrInfo   *function = fcinfo->flinfo;

	if (unlikely(function->fn_extra == NULL))
	{
		MemoryContext outside = MemoryContextSwitchTo(function->fn_mcxt);
		SumsCall   *call = palloc0(sizeof(SumsCall));

		call->row_type = detector_find_row_type(fcinfo, function->fn_mcxt);
		call->scratch = AllocSetContextCreate(function->fn_mcxt, "medaudit visit sums", ALLOCSET_SMALL_SIZES);
		read_kinds(call, fcinfo);
		read_bought(call, fcinfo);
		function->fn_extra = call;
		MemoryContextSwitchTo(outside);
	}
	return (SumsCall *) function->fn_extra;
}

static inline bool
is_stay(FunctionCallInfo fcinfo)
{
	return !PG_ARGISNULL(ARG_STAY) && PG_GETARG_BOOL(ARG_STAY);
}

/* Bytewise, and what is not known is equal to what is not known. */
static int
compare_lines(const VisitLine *a, const VisitLine *b)
{
	int			order;

#define COMPARE(x, y) do { if ((x) != (y)) return (x) < (y) ? -1 : 1; } while (0)
	COMPARE(a->number, b->number);
	COMPARE(a->quantity > 0, b->quantity > 0);
	COMPARE(a->quantity, b->quantity);
	COMPARE(a->amount, b->amount);
	COMPARE(a->day, b->day);
	COMPARE(a->claim, b->claim);
	COMPARE(a->procured, b->procured);
#undef COMPARE
	if ((order = text_span_compare(a->kind, b->kind)) != 0 ||
		(order = text_span_compare(a->physician, b->physician)) != 0)
		return order;
	return text_span_compare(a->prescription, b->prescription);
}

static int
by_number(const void *a, const void *b)
{
	return compare_lines(&((const CountedLine *) a)->line, &((const CountedLine *) b)->line);
}

static void
read_lines(SumsCall *call, FunctionCallInfo fcinfo)
{
	TextSpan	physician = {"", 0};
	PackedReader reader;
	VisitLine	line;

	if (!PG_ARGISNULL(ARG_PHYSICIAN))
		physician = text_span(PG_GETARG_TEXT_PP(ARG_PHYSICIAN));
	call->count = 0;
	call->several = false;
	visit_lines_read(&reader, (struct varlena *) PG_GETARG_BYTEA_PP(ARG_LINES));
	while (visit_lines_next(&reader, &line))
	{
		int32		number;

		CHECK_FOR_INTERRUPTS();
		if (!is_near(&line, PG_GETARG_DATEADT(ARG_FROM), PG_GETARG_DATEADT(ARG_TO)))
			continue;
		if (line.physician.length == 0)
			line.physician = physician;
		if (is_stay(fcinfo))
			line.prescription.length = 0;
		number = dictionary_find(&call->kinds, line.kind);
		if (number < 0)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("kind of a charge line is not known")));
		array_reserve_in(fcinfo->flinfo->fn_mcxt, call->lines, call->lines_allocated, call->count + 1);
		call->lines[call->count].line = line;
		call->lines[call->count].kind = &call->traits[number];
		call->lines[call->count].left_out = line.amount == FIXED_NULL;
		call->count++;
	}
}

#define FEW_LINES	16

/* Has a number of a line come twice?  Few lines are compared one by one. */
static bool
some_came_twice(SumsCall *call)
{
	uint64		slots = 4 * FEW_LINES;
	uint64	   *seen;

	if (call->count > FEW_LINES)
	{
		while (slots < 2 * (uint64) call->count)
			slots *= 2;
		seen = palloc0(mul_size(slots, sizeof(uint64)));
		for (int i = 0; i < call->count; i++)
		{
			uint64		number = call->lines[i].line.number;
			uint64		at = number & (slots - 1);

			for (; number != 0 && seen[at] != 0; at = (at + 1) & (slots - 1))
				if (seen[at] == number)
					return true;
			seen[at] = number;
		}
		return false;
	}
	for (int i = 1; i < call->count; i++)
		for (int j = 0; j < i; j++)
			if (call->lines[i].line.number == call->lines[j].line.number && call->lines[i].line.number != 0)
				return true;
	return false;
}

/*
 * Of equal lines of one number all but one are left out, and all where there are
 * different charges of that number.
 */
static void
leave_out_twice(SumsCall *call)
{
	int			end;

	qsort(call->lines, call->count, sizeof(CountedLine), by_number);
	for (int first = 0; first < call->count; first = end)
	{
		int			charges = 0;

		for (end = first; end < call->count && call->lines[end].line.number == call->lines[first].line.number; end++)
		{
			if (call->lines[first].line.number == 0)
				continue;
			if (end > first && compare_lines(&call->lines[end - 1].line, &call->lines[end].line) == 0)
				call->lines[end].left_out = true;
			else
				charges += call->lines[end].line.quantity > 0;
		}
		for (int i = first; i < end && charges > 1; i++)
			call->lines[i].left_out = true;
	}
}

static inline void
add_to(int64 *sum, int64 value)
{
	*sum = fixed_add(*sum, value);
}

/* In which sum a line of a class is; -1: in none. */
static inline int
sum_of_class(int class)
{
	switch (class)
	{
		case CLASS_DRUG:
			return SUM_DRUG;
		case CLASS_EXAM:
			return SUM_EXAM;
		case CLASS_MATERIAL:
			return SUM_MATERIAL;
		case CLASS_TREATMENT:
			return SUM_TREATMENT;
		case CLASS_SURGERY:
			return SUM_SURGERY;
		case CLASS_UNKNOWN:
			return SUM_UNKNOWN;
		default:
			return -1;
	}
}

static void
add_line(SumsCall *call, int64 *sums, const CountedLine *counted, DateADT month)
{
	const VisitLine *line = &counted->line;
	int32		traits = counted->kind->traits;
	int			class = traits & CLASS_MASK;
	int			sum = sum_of_class(class);

	sums[SUM_LINES]++;
	add_to(&sums[SUM_AMOUNT], line->amount);
	if (sum >= 0)
		add_to(&sums[sum], line->amount);
	if ((traits & IS_CT) != 0)
		add_to(&sums[SUM_CT], line->amount);
	if ((traits & IS_MRI) != 0)
		add_to(&sums[SUM_MRI], line->amount);
	if ((traits & IS_ANTIBIOTIC) != 0)
		add_to(&sums[SUM_ANTIBIOTIC], line->amount);
	if ((class == CLASS_DRUG || class == CLASS_EXAM) && ((traits & OUTSIDE_KNOWN) != 0 || line->claim != CLAIM_UNKNOWN))
	{
		add_to(&sums[SUM_JUDGED], line->amount);
		if ((traits & OUTSIDE_KNOWN) != 0 ? (traits & IS_OUTSIDE) != 0 : line->claim == CLAIM_NONE)
			add_to(&sums[SUM_OUTSIDE], line->amount);
	}
	if (counted->kind->generic >= 0 && call->bought.count > 0)
	{
		ProcuredKey key = {month, counted->kind->generic};

		if (dictionary_find(&call->bought, bytes_of(&key, sizeof(key))) < 0)
			return;
		add_to(&sums[SUM_PROCURABLE], line->amount);
		if (line->procured)
			add_to(&sums[SUM_PROCURED], line->amount);
	}
}

static Datum
array_datum(Datum *values, int count, Oid type)
{
	int16		length;
	bool		by_value;
	char		align;

	get_typlenbyvalalign(type, &length, &by_value, &align);
	return PointerGetDatum(construct_array(values, count, type, length, by_value, align));
}

static void
sum_money(SumsCall *call, DateADT month, Datum *values, bool *nulls)
{
	int64		sums[SUMS] = {0};
	Datum		sum_values[SUMS];
	int32		first = PG_INT32_MAX;
	int32		last = NO_DAY;

	for (int i = 0; i < call->count; i++)
	{
		const CountedLine *counted = &call->lines[i];

		if (counted->left_out)
			continue;
		add_line(call, sums, counted, month);
		if (counted->line.day != NO_DAY)
		{
			first = Min(first, counted->line.day);
			last = Max(last, counted->line.day);
		}
	}
	for (int i = 0; i < SUMS; i++)
		sum_values[i] = Int64GetDatum(sums[i]);
	values[OUT_SUMS] = array_datum(sum_values, SUMS, INT8OID);
	values[OUT_ONE_DATE] = BoolGetDatum(first == last);
	nulls[OUT_ONE_DATE] = last == NO_DAY;
}

/* ---- dates of a stay, and of physicians ---- */

static int
by_physician(const void *a, const void *b)
{
	const VisitLine *x = &((const CountedLine *) a)->line;
	const VisitLine *y = &((const CountedLine *) b)->line;
	int			order = text_span_compare(x->physician, y->physician);

	return order != 0 ? order : (x->day > y->day) - (x->day < y->day);
}

static int
by_day(const void *a, const void *b)
{
	int32		x = ((const CountedLine *) a)->line.day;
	int32		y = ((const CountedLine *) b)->line.day;

	return (x > y) - (x < y);
}

/* Those that count, sorted. */
static int
sort_counted(SumsCall *call, int (*compare) (const void *, const void *))
{
	int			count = 0;
	bool		sorted = true;

	for (int i = 0; i < call->count; i++)
		if (!call->lines[i].left_out)
		{
			if (i != count)
				call->lines[count] = call->lines[i];
			sorted = sorted && (count == 0 || compare(&call->lines[count - 1], &call->lines[count]) <= 0);
			count++;
		}
	call->count = count;
	if (!sorted)
		qsort(call->lines, count, sizeof(CountedLine), compare);
	return count;
}

/* The last date of a stay on which more was charged than bed, nursing and consultation. */
static void
find_last_active(SumsCall *call, FunctionCallInfo fcinfo, Datum *values, bool *nulls)
{
	int			count;
	int			end;

	nulls[OUT_LAST_ACTIVE] = true;
	if (!is_stay(fcinfo) || PG_ARGISNULL(ARG_ADMITTED) || PG_ARGISNULL(ARG_DISCHARGED))
		return;
	count = sort_counted(call, by_day);
	for (int first = 0; first < count; first = end)
	{
		int32		day = call->lines[first].line.day;
		int64		active = 0;

		for (end = first; end < count && call->lines[end].line.day == day; end++)
			if ((call->lines[end].kind->traits & CLASS_MASK) != CLASS_PASSIVE)
				add_to(&active, call->lines[end].line.amount);
		if (active > 0 && day != NO_DAY && day >= PG_GETARG_DATEADT(ARG_ADMITTED) && day <= PG_GETARG_DATEADT(ARG_DISCHARGED))
		{
			values[OUT_LAST_ACTIVE] = DateADTGetDatum(day);
			nulls[OUT_LAST_ACTIVE] = false;
		}
	}
}

/* Each date of each physician, with minutes of work in hundred-millionths. */
static void
list_days(SumsCall *call, Datum *values, bool *nulls)
{
	int			count = sort_counted(call, by_physician);
	TextSpan   *physicians = palloc(sizeof(TextSpan) * Max(count, 1));
	Datum	   *days = palloc(sizeof(Datum) * Max(count, 1));
	Datum	   *minutes = palloc(sizeof(Datum) * Max(count, 1));
	bool	   *unknown = palloc(sizeof(bool) * Max(count, 1));
	int			from_one = 1;
	int			rows = 0;
	int			end;

	for (int first = 0; first < count; first = end)
	{
		int64		worked = 0;
		bool		none = true;

		for (end = first; end < count && by_physician(&call->lines[first], &call->lines[end]) == 0; end++)
		{
			const CountedLine *counted = &call->lines[end];
			int64		product;

			if (counted->kind->minutes == FIXED_NULL || counted->line.quantity == FIXED_NULL)
				continue;
			if (pg_mul_s64_overflow(counted->kind->minutes, counted->line.quantity, &product))
				ereport(ERROR,
						(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
						 errmsg("minutes of work are out of range")));
			add_to(&worked, product);
			none = false;
		}
		if (call->lines[first].line.day == NO_DAY || call->lines[first].line.physician.length == 0)
			continue;
		physicians[rows] = call->lines[first].line.physician;
		days[rows] = DateADTGetDatum(call->lines[first].line.day);
		minutes[rows] = Int64GetDatum(worked);
		unknown[rows++] = none;
	}
	nulls[OUT_PHYSICIANS] = nulls[OUT_DAYS] = nulls[OUT_MINUTES] = rows == 0;
	if (rows == 0)
		return;
	values[OUT_PHYSICIANS] = detector_text_array(physicians, rows);
	values[OUT_DAYS] = array_datum(days, rows, DATEOID);
	values[OUT_MINUTES] = PointerGetDatum(construct_md_array(minutes, unknown, 1, &rows, &from_one, INT8OID,
															 sizeof(int64), FLOAT8PASSBYVAL, TYPALIGN_DOUBLE));
}

/* ---- prescriptions ---- */

/* Drugs of one prescription: without a number of one date and physician. */
static int
compare_prescriptions(const CountedLine *a, const CountedLine *b)
{
	int			order = text_span_compare(a->line.prescription, b->line.prescription);

	if (order != 0 || a->line.prescription.length > 0)
		return order;
	return by_physician(a, b);
}

static int
by_prescription(const void *a, const void *b)
{
	const CountedLine *x = a;
	const CountedLine *y = b;
	int			order = compare_prescriptions(x, y);

	return order != 0 ? order : (x->kind->generic > y->kind->generic) - (x->kind->generic < y->kind->generic);
}

typedef struct Prescription
{
	int			drugs;
	int64		amount;
	int32		day;			/* PG_INT32_MAX: not known */
} Prescription;

/* Drugs that were not taken back, from FIRST on and before END. */
static Prescription
read_prescription(const CountedLine *lines, int first, int end)
{
	Prescription read = {0, 0, PG_INT32_MAX};
	int			next;

	for (; first < end; first = next)
	{
		int64		amount = 0;
		int32		day = PG_INT32_MAX;

		for (next = first; next < end && lines[next].kind->generic == lines[first].kind->generic; next++)
		{
			add_to(&amount, lines[next].line.amount);
			if (lines[next].line.day != NO_DAY)
				day = Min(day, lines[next].line.day);
		}
		if (amount <= 0)
			continue;
		read.drugs++;
		add_to(&read.amount, amount);
		read.day = Min(read.day, day);
	}
	return read;
}

#define MANY_DRUGS	5

/* Counts prescriptions; those of few drugs that cost more than the least cap are listed. */
static void
count_prescriptions(SumsCall *call, FunctionCallInfo fcinfo, Datum *values, bool *nulls)
{
	int			count;
	int			end;
	int			prescriptions = 0;
	int			large = 0;
	int			listed = 0;
	Datum	   *days;
	Datum	   *amounts;

	for (int i = 0; i < call->count; i++)
		if (is_stay(fcinfo) || (call->lines[i].kind->traits & IS_MEDICINE) == 0)
			call->lines[i].left_out = true;
	count = sort_counted(call, by_prescription);
	days = palloc(sizeof(Datum) * Max(count, 1));
	amounts = palloc(sizeof(Datum) * Max(count, 1));
	for (int first = 0; first < count; first = end)
	{
		Prescription read;

		for (end = first; end < count && compare_prescriptions(&call->lines[first], &call->lines[end]) == 0; end++)
			;
		read = read_prescription(call->lines, first, end);
		prescriptions += read.drugs > 0;
		large += read.drugs >= MANY_DRUGS;
		if (read.drugs == 0 || read.drugs >= MANY_DRUGS || read.day == PG_INT32_MAX || PG_ARGISNULL(ARG_CAP) ||
			read.amount <= PG_GETARG_INT64(ARG_CAP))
			continue;
		days[listed] = DateADTGetDatum(read.day);
		amounts[listed++] = Int64GetDatum(read.amount);
	}
	values[OUT_PRESCRIPTIONS] = Int32GetDatum(prescriptions);
	values[OUT_LARGE] = Int32GetDatum(large);
	nulls[OUT_CAP_DAYS] = nulls[OUT_CAP_AMOUNTS] = listed == 0;
	if (listed == 0)
		return;
	values[OUT_CAP_DAYS] = array_datum(days, listed, DATEOID);
	values[OUT_CAP_AMOUNTS] = array_datum(amounts, listed, INT8OID);
}

PG_FUNCTION_INFO_V1(medaudit_visit_line_sums);

/*
 * _visit_line_sums(lines bytea, month date, charged_from date, charged_to date, stay bool, admitted date,
 *		discharged date, physician_id text, cap bigint, item_codes text[], categories text[],
 *		payment_classes text[], traits int[], generics int[], minutes numeric[], months date[], bought int[])
 *		NULL where the lines or their time are; the arrays are those of the whole statement.
 */
Datum
medaudit_visit_line_sums(PG_FUNCTION_ARGS)
{
	SumsCall   *call;
	MemoryContext outside;
	Datum		values[OUT_COLUMNS] = {0};
	bool		nulls[OUT_COLUMNS] = {false};
	Datum		result;
	HeapTuple	row;

	if (PG_ARGISNULL(ARG_LINES) || PG_ARGISNULL(ARG_MONTH) || PG_ARGISNULL(ARG_FROM) || PG_ARGISNULL(ARG_TO))
		PG_RETURN_NULL();
	call = call_of(fcinfo);
	outside = MemoryContextSwitchTo(call->scratch);
	read_lines(call, fcinfo);
	if (some_came_twice(call))
		leave_out_twice(call);
	sum_money(call, PG_GETARG_DATEADT(ARG_MONTH), values, nulls);
	find_last_active(call, fcinfo, values, nulls);
	list_days(call, values, nulls);
	count_prescriptions(call, fcinfo, values, nulls);
	MemoryContextSwitchTo(outside);
	row = heap_form_tuple(call->row_type, values, nulls);
	result = HeapTupleGetDatum(row);
	MemoryContextReset(call->scratch);
	PG_RETURN_DATUM(result);
}
