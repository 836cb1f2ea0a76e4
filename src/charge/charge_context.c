/*
 * charge_context.c
 *		What is known about a visit beside its lines: reading and judging it.
 *
 * A context comes as one visit_context for the whole book, or for a person's
 * book as a JSON object of contexts by visit_id, or as an array of visits and
 * one of their visit_contexts.  Most calls find nothing and look at no context,
 * so each is read when a rule first asks for it: one deformed tuple, or one
 * binary search in the object's keys; the diagnoses of a tuple when one asks for
 * those.  Arrays are taken apart when the first context is asked for, and each
 * of their visits is looked up in the book's.  A book without tags looks for
 * the key "".
 */
#include "postgres.h"
#include "base/compat.h"

#include "access/htup_details.h"
#include "catalog/pg_type.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/datetime.h"
#include "utils/fmgrprotos.h"
#include "utils/numeric.h"
#include "utils/timestamp.h"
#include "utils/typcache.h"

#include "base/codes.h"
#include "charge/charge_context.h"

/* The attributes of type visit_context, in their order. */
enum
{
	ATTRIBUTE_SEX,
	ATTRIBUTE_BIRTH_DATE,
	ATTRIBUTE_FACILITY_RANK,
	ATTRIBUTE_VISIT_TYPE,
	ATTRIBUTE_INSURANCE_TYPE,
	ATTRIBUTE_DEPARTMENT,
	ATTRIBUTE_ADMITTED_AT,
	ATTRIBUTE_DISCHARGED_AT,
	ATTRIBUTE_DIAGNOSIS_CODES,
	ATTRIBUTE_FACILITY_ID,
	ATTRIBUTE_STAY_ID,
	ATTRIBUTE_PART_FROM,
	ATTRIBUTE_PART_TO,
	ATTRIBUTES
};

/* A usual visit_context. */
#define CONTEXT_BYTES	192

/* The first moment of the year 1, and of 2200: what lies outside cannot be meant. */
#define FIRST_TIME		(-INT64CONST(730119) * USECS_PER_DAY)
#define END_OF_TIME		(INT64CONST(73049) * USECS_PER_DAY)

static VisitContext *
context_unknown(void)
{
	VisitContext *visit = (VisitContext *) palloc0(sizeof(VisitContext));

	visit->birth_date = DATEVAL_NOBEGIN;
	visit->facility_rank = RULE_INT_NULL;
	visit->admitted_at = DT_NOBEGIN;
	visit->discharged_at = DT_NOBEGIN;
	visit->part_from = DT_NOBEGIN;
	visit->part_to = DT_NOBEGIN;
	visit->diagnosis_count = -1;
	return visit;
}

/* 1 male, 2 female; 0 for whatever else: unknown. */
static int
sex_number(TextSpan text)
{
	if (text.data == NULL || text.length != 1)
		return 0;
	return *text.data == '1' ? 1 : *text.data == '2' ? 2 : 0;
}

/* Text that says something: what is empty or blank is not known. */
static TextSpan
span_or_unknown(TextSpan span)
{
	TextSpan	said = code_trim(span);

	return said.data == NULL ? said : span;
}

static TextSpan
datum_span(Datum value)
{
	return span_or_unknown(text_span(DatumGetTextPP(value)));
}

/* Adds a diagnosis, if it says something. */
static void
add_diagnosis(VisitContext *visit, TextSpan code)
{
	TextSpan	rest = code;

	if (code.data != NULL && diagnosis_next(&rest) != 0)
		visit->diagnoses[visit->diagnosis_count++] = code;
}

/* Codes that all say nothing are not known; an empty list says that there are none. */
static void
close_diagnoses(VisitContext *visit, int given)
{
	if (given > 0 && visit->diagnosis_count == 0)
		visit->diagnosis_count = -1;
}

static void
read_diagnoses(VisitContext *visit, ArrayType *codes)
{
	Datum	   *values;
	bool	   *nulls;
	int			count;

	deconstruct_array(codes, TEXTOID, -1, false, TYPALIGN_INT,
					  &values, &nulls, &count);
	visit->diagnoses = (TextSpan *) palloc(mul_size(Max(count, 1), sizeof(TextSpan)));
	visit->diagnosis_count = 0;
	for (int i = 0; i < count; i++)
		if (!nulls[i])
			add_diagnosis(visit, datum_span(values[i]));
	close_diagnoses(visit, count);
}

/*
 * A time before the year 1 or after 2199 says nothing: as a discharge it stands
 * for none yet.
 */
static Timestamp
time_or_unknown(Timestamp at)
{
	return at < FIRST_TIME || at >= END_OF_TIME ? DT_NOBEGIN : at;
}

static DateADT
date_or_unknown(DateADT date)
{
	return date < FIRST_TIME / USECS_PER_DAY || date >= END_OF_TIME / USECS_PER_DAY ?
		DATEVAL_NOBEGIN : date;
}

/* The row type of HEADER; the copy of an earlier one is left to the statement. */
static TupleDesc
shape_of(ContextShape *shape, HeapTupleHeader header)
{
	Oid			type = HeapTupleHeaderGetTypeId(header);
	int32		typmod = HeapTupleHeaderGetTypMod(header);
	MemoryContext before;
	TupleDesc	desc;

	if (likely(shape->desc != NULL && shape->type == type && shape->typmod == typmod))
		return shape->desc;
	desc = lookup_rowtype_tupdesc(type, typmod);
	if (desc->natts != ATTRIBUTES)
		ereport(ERROR,
				(errcode(ERRCODE_DATATYPE_MISMATCH),
				 errmsg("type visit_context has %d attributes instead of %d",
						desc->natts, ATTRIBUTES),
				 errhint("Update the extension: ALTER EXTENSION medaudit UPDATE.")));
	before = MemoryContextSwitchTo(shape->context);
	shape->desc = CreateTupleDescCopy(desc);
	shape->type = type;
	shape->typmod = typmod;
	MemoryContextSwitchTo(before);
	ReleaseTupleDesc(desc);
	return shape->desc;
}

static VisitContext *
read_composite(struct varlena *composite, ContextShape *shape)
{
	HeapTupleHeader header = DatumGetHeapTupleHeader(PointerGetDatum(composite));
	VisitContext *visit = context_unknown();
	HeapTupleData tuple;
	Datum		values[ATTRIBUTES];
	bool		nulls[ATTRIBUTES];

	tuple.t_len = HeapTupleHeaderGetDatumLength(header);
	ItemPointerSetInvalid(&tuple.t_self);
	tuple.t_tableOid = InvalidOid;
	tuple.t_data = header;
	heap_deform_tuple(&tuple, shape_of(shape, header), values, nulls);

	if (!nulls[ATTRIBUTE_SEX])
		visit->sex = sex_number(datum_span(values[ATTRIBUTE_SEX]));
	if (!nulls[ATTRIBUTE_BIRTH_DATE])
		visit->birth_date = date_or_unknown(DatumGetDateADT(values[ATTRIBUTE_BIRTH_DATE]));
	if (!nulls[ATTRIBUTE_FACILITY_RANK])
		visit->facility_rank = DatumGetInt32(values[ATTRIBUTE_FACILITY_RANK]);
	if (!nulls[ATTRIBUTE_VISIT_TYPE])
		visit->visit_type = datum_span(values[ATTRIBUTE_VISIT_TYPE]);
	if (!nulls[ATTRIBUTE_INSURANCE_TYPE])
		visit->insurance_type = datum_span(values[ATTRIBUTE_INSURANCE_TYPE]);
	if (!nulls[ATTRIBUTE_DEPARTMENT])
		visit->department = datum_span(values[ATTRIBUTE_DEPARTMENT]);
	if (!nulls[ATTRIBUTE_ADMITTED_AT])
		visit->admitted_at = time_or_unknown(DatumGetTimestamp(values[ATTRIBUTE_ADMITTED_AT]));
	if (!nulls[ATTRIBUTE_DISCHARGED_AT])
		visit->discharged_at = time_or_unknown(DatumGetTimestamp(values[ATTRIBUTE_DISCHARGED_AT]));
	if (!nulls[ATTRIBUTE_DIAGNOSIS_CODES])
		visit->diagnosis_array = (struct varlena *) DatumGetPointer(values[ATTRIBUTE_DIAGNOSIS_CODES]);
	if (!nulls[ATTRIBUTE_FACILITY_ID])
		visit->facility_id = code_fold(datum_span(values[ATTRIBUTE_FACILITY_ID]));
	if (!nulls[ATTRIBUTE_STAY_ID])
		visit->stay_id = datum_span(values[ATTRIBUTE_STAY_ID]);
	if (!nulls[ATTRIBUTE_PART_FROM])
		visit->part_from = time_or_unknown(DatumGetTimestamp(values[ATTRIBUTE_PART_FROM]));
	if (!nulls[ATTRIBUTE_PART_TO])
		visit->part_to = time_or_unknown(DatumGetTimestamp(values[ATTRIBUTE_PART_TO]));
	return visit;
}

/*
 * How many diagnoses the visit has, -1: not known.  Few rules ask for them, so
 * they are read when first asked for: in the scratch of the call, never in the
 * context of a row.
 */
int
context_diagnoses(const VisitContext *visit)
{
	VisitContext *unread = unconstify(VisitContext *, visit);

	if (visit->diagnosis_array != NULL)
	{
		read_diagnoses(unread, DatumGetArrayTypeP(PointerGetDatum(visit->diagnosis_array)));
		unread->diagnosis_array = NULL;
	}
	return visit->diagnosis_count;
}

static void
context_refused(const char *field, const char *wanted)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("\"%s\" of a visit context must be %s", field, _(wanted))));
}

static TextSpan
json_span(JsonbValue *string)
{
	TextSpan	span;

	span.data = string->val.string.val;
	span.length = string->val.string.len;
	return span_or_unknown(span);
}

/* A string or number as text; data NULL: null or absent.  FIELD is what an error names. */
static TextSpan
json_value_text(JsonbValue *value, const char *field)
{
	TextSpan	span = {NULL, 0};

	if (value == NULL || value->type == jbvNull)
		return span;
	if (value->type == jbvString)
		return json_span(value);
	if (value->type == jbvNumeric)
	{
		span.data = DatumGetCString(DirectFunctionCall1(numeric_out,
														NumericGetDatum(value->val.numeric)));
		span.length = strlen(span.data);
	}
	else
		context_refused(field, "a string or a number");
	return span;
}

static TextSpan
json_text(JsonbContainer *object, const char *field)
{
	JsonbValue	room;

	return json_value_text(getKeyJsonValueFromContainer(object, field, strlen(field), &room), field);
}

static bool
json_cstring(JsonbContainer *object, const char *field, char **result)
{
	TextSpan	span = json_text(object, field);

	if (span.data == NULL)
		return false;
	*result = pnstrdup(span.data, span.length);
	return true;
}

static Timestamp
json_timestamp(JsonbContainer *object, const char *field)
{
	char	   *text;

	if (!json_cstring(object, field, &text))
		return DT_NOBEGIN;
	return time_or_unknown(DatumGetTimestamp(DirectFunctionCall3(timestamp_in,
																 CStringGetDatum(text),
																 ObjectIdGetDatum(InvalidOid),
																 Int32GetDatum(-1))));
}

static void
json_diagnoses(VisitContext *visit, JsonbContainer *object)
{
	JsonbValue	room;
	JsonbValue *value = getKeyJsonValueFromContainer(object, "diagnosis_codes",
													 strlen("diagnosis_codes"), &room);
	JsonbContainer *array;
	int			count;

	if (value == NULL || value->type == jbvNull)
		return;
	if (value->type != jbvBinary || !JsonContainerIsArray(value->val.binary.data) ||
		JsonContainerIsScalar(value->val.binary.data))
		context_refused("diagnosis_codes", "an array of strings");
	array = value->val.binary.data;
	count = JsonContainerSize(array);
	visit->diagnoses = (TextSpan *) palloc(mul_size(Max(count, 1), sizeof(TextSpan)));
	visit->diagnosis_count = 0;
	for (int i = 0; i < count; i++)
	{
		JsonbValue *code = getIthJsonbValueFromContainer(array, i);

		if (code->type == jbvNull)
			continue;
		if (code->type != jbvString)
			context_refused("diagnosis_codes", "an array of strings");
		add_diagnosis(visit, json_span(code));
	}
	close_diagnoses(visit, count);
}

/* Departments by line_id that OBJECT has under KEY; NULL: none. */
static JsonbContainer *
json_line_departments(JsonbContainer *object, TextSpan key)
{
	JsonbValue	room;
	JsonbValue *value = getKeyJsonValueFromContainer(object, key.data == NULL ? "" : key.data,
													 key.length, &room);

	if (value == NULL || value->type == jbvNull)
		return NULL;
	if (value->type != jbvBinary || !JsonContainerIsObject(value->val.binary.data))
		context_refused("line_departments", "an object of departments by line_id");
	return value->val.binary.data;
}

/*
 * The department that charged the line, where that is known, else the visit's.
 * Lines without an identifier share the key "", where null says that theirs may
 * be any.
 */
TextSpan
department_of_line(const VisitContext *visit, TextSpan line_id)
{
	TextSpan	department;
	JsonbValue	room;
	JsonbValue *value;

	if (visit->line_departments == NULL)
		return visit->department;
	value = getKeyJsonValueFromContainer(visit->line_departments, line_id.data == NULL ? "" : line_id.data,
										 line_id.length, &room);
	department = json_value_text(value, "line_departments");
	if (department.data != NULL || (value != NULL && line_id.length == 0))
		return department;
	return visit->department;
}

static VisitContext *
read_json(JsonbContainer *object)
{
	static const TextSpan by_line = {"line_departments", lengthof("line_departments") - 1};
	VisitContext *visit = context_unknown();
	char	   *text;

	visit->sex = sex_number(json_text(object, "sex"));
	if (json_cstring(object, "birth_date", &text))
		visit->birth_date = date_or_unknown(DatumGetDateADT(DirectFunctionCall1(date_in,
																				CStringGetDatum(text))));
	if (json_cstring(object, "facility_rank", &text))
		visit->facility_rank = DatumGetInt32(DirectFunctionCall1(int4in, CStringGetDatum(text)));
	visit->visit_type = json_text(object, "visit_type");
	visit->insurance_type = json_text(object, "insurance_type");
	visit->department = json_text(object, "department");
	visit->facility_id = code_fold(json_text(object, "facility_id"));
	visit->line_departments = json_line_departments(object, by_line);
	visit->admitted_at = json_timestamp(object, "admitted_at");
	visit->discharged_at = json_timestamp(object, "discharged_at");
	visit->stay_id = json_text(object, "stay_id");
	visit->part_from = json_timestamp(object, "part_from");
	visit->part_to = json_timestamp(object, "part_to");
	json_diagnoses(visit, object);
	return visit;
}

static VisitContext *
read_by_visit(Jsonb *contexts, TextSpan tag)
{
	JsonbValue	room;
	JsonbValue *value;

	if (contexts == NULL)
		return context_unknown();
	value = getKeyJsonValueFromContainer(&contexts->root,
										 tag.data == NULL ? "" : tag.data,
										 tag.data == NULL ? 0 : tag.length, &room);
	if (value == NULL || value->type == jbvNull)
		return context_unknown();
	if (value->type != jbvBinary || !JsonContainerIsObject(value->val.binary.data))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("each visit's context must be a JSON object")));
	return read_json(value->val.binary.data);
}

void
context_source_composite(ContextSource *source, FunctionCallInfo fcinfo, int argument)
{
	if (PG_ARGISNULL(argument))
		return;
	source->one = (struct varlena *) PG_GETARG_POINTER(argument);
	packed_prefetch(source->one, CONTEXT_BYTES);
}

static void
accept_jsonb(ContextSource *source, Jsonb *contexts)
{
	if (!JB_ROOT_IS_OBJECT(contexts))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("contexts must be a JSON object of visit contexts by visit_id")));
	source->contexts = contexts;
}

void
context_source_jsonb(ContextSource *source, FunctionCallInfo fcinfo, int argument)
{
	source->by_visit = true;
	if (!PG_ARGISNULL(argument))
		accept_jsonb(source, PG_GETARG_JSONB_P(argument));
}

/* An untyped literal: NULL, or contexts by visit as JSON text. */
void
context_source_text(ContextSource *source, FunctionCallInfo fcinfo, int argument)
{
	source->by_visit = true;
	if (!PG_ARGISNULL(argument))
	{
		char	   *json = text_to_cstring(PG_GETARG_TEXT_PP(argument));

		accept_jsonb(source,
					 DatumGetJsonbP(DirectFunctionCall1(jsonb_in, CStringGetDatum(json))));
	}
}

/* Three arguments: visits, their contexts, departments of lines by visit. */
void
context_source_rows(ContextSource *source, FunctionCallInfo fcinfo, int argument)
{
	ContextRows *rows = &source->rows;

	source->by_visit = true;
	if (!PG_ARGISNULL(argument + 2))
	{
		rows->line_departments = PG_GETARG_JSONB_P(argument + 2);
		if (!JB_ROOT_IS_OBJECT(rows->line_departments))
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("line_departments must be a JSON object by visit_id")));
	}
	if (PG_ARGISNULL(argument) || PG_ARGISNULL(argument + 1))
		return;
	rows->visit_ids = PG_GETARG_ARRAYTYPE_P(argument);
	rows->contexts = PG_GETARG_ARRAYTYPE_P(argument + 1);
	if (ArrayGetNItems(ARR_NDIM(rows->visit_ids), ARR_DIMS(rows->visit_ids)) !=
		ArrayGetNItems(ARR_NDIM(rows->contexts), ARR_DIMS(rows->contexts)))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("visit_ids and contexts must have equally many elements")));
}

/* The first visit of the ledger that does not come before TAG. */
static int32
first_visit_from(const Ledger *ledger, TextSpan tag)
{
	int32		low = 0;
	int32		high = ledger->visit_count;

	while (low < high)
	{
		int32		middle = low + (high - low) / 2;

		if (text_span_compare(ledger->visits[middle], tag) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* Files CONTEXT with the visit TAG, of which the empty one is that of no tag too. */
static void
file_context(ContextRows *rows, const Ledger *ledger, TextSpan tag, struct varlena *context)
{
	for (int32 visit = first_visit_from(ledger, tag);
		 visit < ledger->visit_count && text_span_equal(ledger->visits[visit], tag); visit++)
	{
		if (rows->of_visit[visit] != NULL)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("a visit has two contexts: \"%.*s\"", tag.length, tag.data)));
		rows->of_visit[visit] = context;
	}
}

static void
file_contexts(ContextRows *rows, const Ledger *ledger)
{
	Datum	   *visit_ids;
	Datum	   *contexts;
	bool	   *unnamed;
	bool	   *unknown;
	int			count;

	rows->of_visit = (struct varlena **)
		MemoryContextAllocExtended(CurrentMemoryContext,
								   mul_size(Max(ledger->visit_count, 1), sizeof(struct varlena *)),
								   MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);
	if (rows->visit_ids == NULL)
		return;
	deconstruct_array(rows->visit_ids, TEXTOID, -1, false, TYPALIGN_INT,
					  &visit_ids, &unnamed, &count);
	deconstruct_array(rows->contexts, ARR_ELEMTYPE(rows->contexts), -1, false, TYPALIGN_DOUBLE,
					  &contexts, &unknown, &count);
	for (int i = 0; i < count; i++)
	{
		if (unnamed[i])
			ereport(ERROR,
					(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
					 errmsg("a visit of visit_ids must not be null")));
		if (!unknown[i])
			file_context(rows, ledger, text_span(DatumGetTextPP(visit_ids[i])),
						 (struct varlena *) DatumGetPointer(contexts[i]));
	}
}

static VisitContext *
read_row(ContextSource *source, const Ledger *ledger, int32 visit)
{
	ContextRows *rows = &source->rows;
	VisitContext *context;

	if (rows->of_visit == NULL)
		file_contexts(rows, ledger);
	context = rows->of_visit[visit] == NULL ? context_unknown() :
		read_composite(rows->of_visit[visit], source->shape);
	if (rows->line_departments != NULL)
		context->line_departments = json_line_departments(&rows->line_departments->root,
														  ledger->visits[visit]);
	return context;
}

static VisitContext *
read_context(ContextSource *source, const Ledger *ledger, int32 visit)
{
	if (!source->by_visit)
		return source->one == NULL ? context_unknown() :
			read_composite(source->one, source->shape);
	if (source->rows.visit_ids != NULL || source->rows.line_departments != NULL)
		return read_row(source, ledger, visit);
	return read_by_visit(source->contexts, ledger->visits[visit]);
}

/* Reads it on first use, into CurrentMemoryContext: the scratch of the call. */
const VisitContext *
context_of_visit(ContextSource *source, const Ledger *ledger, int32 visit)
{
	int32		slot = source->by_visit ? visit : 0;

	if (source->visits == NULL)
		source->visits = (VisitContext **)
			MemoryContextAllocExtended(CurrentMemoryContext,
									   mul_size(source->by_visit ? Max(ledger->visit_count, 1) : 1,
												sizeof(VisitContext *)),
									   MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);
	if (source->visits[slot] == NULL)
		source->visits[slot] = read_context(source, ledger, visit);
	return source->visits[slot];
}

/* When the age of so many months, days and microseconds is reached. */
static Timestamp
age_begins(DateADT birth_date, int32 months, int32 days, int64 time)
{
	Interval	age;

	age.month = months;
	age.day = days;
	age.time = time;
	return DatumGetTimestamp(DirectFunctionCall2(timestamp_pl_interval,
												 DirectFunctionCall1(date_timestamp,
																	 DateADTGetDatum(birth_date)),
												 IntervalPGetDatum(&age)));
}

/* Is that age reached ON that date? */
static bool
age_reached(DateADT birth_date, int32 months, int32 days, int64 time, DateADT on)
{
	return midnight_of_day(on) >= age_begins(birth_date, months, days, time);
}

/* A sign that folding leaves as it is. */
static inline bool
is_plain_sign(char sign)
{
	return (sign >= 'A' && sign <= 'Z') || (sign >= '0' && sign <= '9');
}

/* Most codes differ from most prefixes in the first letter, which is plain in both. */
static bool
diagnosis_begins_with(TextSpan code, TextSpan prefix)
{
	unsigned char wanted;

	if (code.length > 0 && prefix.length > 0 && code.data[0] != prefix.data[0] &&
		is_plain_sign(code.data[0]) && is_plain_sign(prefix.data[0]))
		return false;
	while ((wanted = diagnosis_next(&prefix)) != 0)
		if (diagnosis_next(&code) != wanted)
			return false;
	return true;
}

/* Does a known diagnosis begin with one of PREFIXES?  WHICH may be NULL. */
bool
diagnoses_meet(const VisitContext *visit, const Rulebook *book, RuleList prefixes,
			   TextSpan *which)
{
	const RuleText *list = rule_list_texts(book, prefixes);

	for (int i = 0; i < context_diagnoses(visit); i++)
		for (uint32 j = 0; j < prefixes.count; j++)
		{
			TextSpan	prefix = rule_text(book, list[j]);

			if (prefix.data == NULL || !diagnosis_begins_with(visit->diagnoses[i], prefix))
				continue;
			if (which != NULL)
				*which = visit->diagnoses[i];
			return true;
		}
	return false;
}

/* Was a child born in the visit?  By its diagnoses, or its type (52). */
bool
visit_bore_child(const VisitContext *visit)
{
	static const char *const births[] = {"O80", "O81", "O82", "O83", "O84", "Z37"};
	TextSpan	type = {"52", 2};

	if (code_begins_with(visit->visit_type, type))
		return true;
	for (int i = 0; i < context_diagnoses(visit); i++)
		for (size_t j = 0; j < lengthof(births); j++)
		{
			TextSpan	birth = {births[j], 3};

			if (diagnosis_begins_with(visit->diagnoses[i], birth))
				return true;
		}
	return false;
}

/*
 * Does nothing fail but an age limit of at most a year, on a visit in which a
 * child was born?  Then the line may be the child's, on the bill of its mother.
 */
bool
fails_as_mother(const VisitContext *visit, const RuleRow *row, DateADT on, uint32 failed)
{
	Timestamp	too_old;

	if (failed != NEEDS_BIRTH_DATE || row->max_age.months == RULE_INT_NULL)
		return false;
	too_old = age_begins(visit->birth_date, row->max_age.months, row->max_age.days,
						 row->max_age_time);
	return too_old <= age_begins(visit->birth_date, MONTHS_PER_YEAR, 0, 0) &&
		midnight_of_day(on) >= too_old && visit_bore_child(visit);
}

/* Width, case and blanks around say nothing. */
static bool
list_has_code(const Rulebook *book, RuleList list, TextSpan code)
{
	const RuleText *members = rule_list_texts(book, list);

	for (uint32 i = 0; i < list.count; i++)
		if (code_equal(rule_text(book, members[i]), code))
			return true;
	return false;
}

static bool
list_has_int(const Rulebook *book, RuleList list, int32 number)
{
	const int32 *members = rule_list_ints(book, list);

	for (uint32 i = 0; i < list.count; i++)
		if (members[i] == number)
			return true;
	return false;
}

/* Types of visits are told in more digits than rules know: 21 is met by 2105. */
static bool
list_has_start(const Rulebook *book, RuleList list, TextSpan code)
{
	const RuleText *members = rule_list_texts(book, list);

	for (uint32 i = 0; i < list.count; i++)
		if (code_begins_with(code, rule_text(book, members[i])))
			return true;
	return false;
}

static bool
list_lacks_start(const Rulebook *book, RuleList list, TextSpan code)
{
	return !list_has_start(book, list, code);
}

static void
judge_text(const Rulebook *book, RuleList list, TextSpan known, uint32 bit,
		   bool (*holds) (const Rulebook *, RuleList, TextSpan),
		   uint32 *failed, uint32 *missing)
{
	if (list.count == RULE_NONE)
		return;
	if (known.data == NULL)
		*missing |= bit;
	else if (!holds(book, list, known))
		*failed |= bit;
}

static void
judge_age(const VisitContext *visit, const RuleRow *row, DateADT on,
		  uint32 *failed, uint32 *missing)
{
	if (row->min_age.months == RULE_INT_NULL && row->max_age.months == RULE_INT_NULL)
		return;
	/* who is charged before being born has a wrong birth date */
	if (DATE_IS_NOBEGIN(visit->birth_date) || visit->birth_date > on)
		*missing |= NEEDS_BIRTH_DATE;
	else if ((row->min_age.months != RULE_INT_NULL &&
			  !age_reached(visit->birth_date, row->min_age.months,
						   row->min_age.days, row->min_age_time, on)) ||
			 (row->max_age.months != RULE_INT_NULL &&
			  age_reached(visit->birth_date, row->max_age.months,
						  row->max_age.days, row->max_age_time, on)))
		*failed |= NEEDS_BIRTH_DATE;
}

/*
 * Judges those of the row's conditions that are ASKED for: which are known to
 * fail, and which cannot be judged.  DEPARTMENT is the visit's or the line's.
 */
void
conditions_judge(const VisitContext *visit, const Rulebook *book, const RuleRow *row,
				 DateADT on, TextSpan department, uint32 asked,
				 uint32 *failed, uint32 *missing)
{
	uint32		fails = 0;
	uint32		lacks = 0;

	if (row->sex.length != RULE_NONE)
	{
		if (visit->sex == 0)
			lacks |= NEEDS_SEX;
		else if (visit->sex != sex_number(rule_text(book, row->sex)))
			fails |= NEEDS_SEX;
	}
	judge_age(visit, row, on, &fails, &lacks);
	if (row->facility_ranks.count != RULE_NONE)
	{
		if (visit->facility_rank == RULE_INT_NULL)
			lacks |= NEEDS_FACILITY_RANK;
		else if (!list_has_int(book, row->facility_ranks, visit->facility_rank))
			fails |= NEEDS_FACILITY_RANK;
	}
	judge_text(book, row->visit_types, visit->visit_type, NEEDS_VISIT_TYPE, list_has_start, &fails, &lacks);
	judge_text(book, row->excluded_visit_types, visit->visit_type, NEEDS_VISIT_TYPE, list_lacks_start, &fails, &lacks);
	judge_text(book, row->insurance_types, visit->insurance_type, NEEDS_INSURANCE_TYPE, list_has_code, &fails, &lacks);
	judge_text(book, row->departments, department, NEEDS_DEPARTMENT, list_has_code, &fails, &lacks);
	if (row->diagnosis_prefixes.count != RULE_NONE)
	{
		if (context_diagnoses(visit) < 0)
			lacks |= NEEDS_DIAGNOSES;
		else if (!diagnoses_meet(visit, book, row->diagnosis_prefixes, NULL))
			fails |= NEEDS_DIAGNOSES;
	}
	*failed = fails & asked;
	*missing = lacks & asked;
}
