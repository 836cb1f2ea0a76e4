/*
 * link_groups.c
 *		People who hang together by what they share: household, phone, address.
 *
 * The state is one growing buffer to which each row appends person, kind and
 * value; combining appends one buffer to the other.  The final function numbers
 * people and values, lists the people of each value (a counting sort), joins
 * those of every value that at least two and at most max_people share, and
 * reads the groups off a union-find forest.  Values that more people share (a
 * hospital's phone, a collective household) link nobody.
 *
 * Time is linear in the rows, but for sorting the people's identifiers.  The
 * state takes the bytes of its texts and 3 more a row; the final function about
 * 60 bytes a row beside it, for its moment.  A group of aggregation holds at
 * most 1 GB of texts.
 */
#include "postgres.h"
#include "base/compat.h"

#include "access/htup_details.h"
#include "catalog/pg_type.h"
#include "funcapi.h"
#include "libpq/pqformat.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/typcache.h"

#include "base/dictionary.h"
#include "base/graph.h"
#include "base/packed.h"
#include "base/rows.h"

#define STATE_VERSION 1

typedef struct LinkState
{
	PackedWriter rows;
	int32		count;
	int32		max_people;
} LinkState;

/* The rows by number, and the values they name. */
typedef struct Links
{
	int32		count;
	int32	   *person;			/* of a row: rank of the person */
	int32	   *value;			/* of a row */
	Dictionary	people;
	Dictionary	values;			/* kind and value together */
	Dictionary	kinds;
	int32	   *kind;			/* of a value */
} Links;

/* A kind that links the people of a group. */
typedef struct GroupKind
{
	int32		root;
	int32		kind;
} GroupKind;

static LinkState *
create_state(MemoryContext context, int32 max_people, Size expected)
{
	LinkState  *state = MemoryContextAllocZero(context, sizeof(LinkState));

	packed_writer_init(&state->rows, context, expected);
	state->max_people = max_people;
	return state;
}

static void
check_same_limit(int32 a, int32 b)
{
	if (a != b)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("argument \"max_people\" must be the same in all rows"),
				 errdetail("One row has %d, another %d.", a, b)));
}

static void
add_count(LinkState *state, int32 more)
{
	if (more > INT_MAX / 2 - state->count)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("too many links"),
				 errhint("Gather smaller groups, for example by region.")));
	state->count += more;
}

PG_FUNCTION_INFO_V1(link_groups_transition);

/*
 * A row with a NULL person, kind or value says nothing; max_people NULL is
 * 22004, below 2, or not the same in all rows, 22023.
 */
Datum
link_groups_transition(PG_FUNCTION_ARGS)
{
	MemoryContext context;
	LinkState  *state = PG_ARGISNULL(0) ? NULL :
	(LinkState *) PG_GETARG_POINTER(0);
	int			max_people = detector_int(fcinfo, 4, "max_people", 2);

	context = aggregate_context(fcinfo);
	if (state == NULL)
		state = create_state(context, max_people, 1024 - VARHDRSZ);
	check_same_limit(state->max_people, max_people);
	if (PG_ARGISNULL(1) || PG_ARGISNULL(2) || PG_ARGISNULL(3))
		PG_RETURN_POINTER(state);
	add_count(state, 1);
	packed_text(&state->rows, text_span(PG_GETARG_TEXT_PP(1)));
	packed_text(&state->rows, text_span(PG_GETARG_TEXT_PP(2)));
	packed_text(&state->rows, text_span(PG_GETARG_TEXT_PP(3)));
	PG_RETURN_POINTER(state);
}

PG_FUNCTION_INFO_V1(link_groups_combine);

Datum
link_groups_combine(PG_FUNCTION_ARGS)
{
	MemoryContext context;
	LinkState  *a;
	LinkState  *b;

	context = aggregate_context(fcinfo);
	if (PG_ARGISNULL(1))
	{
		if (PG_ARGISNULL(0))
			PG_RETURN_NULL();
		PG_RETURN_POINTER(PG_GETARG_POINTER(0));
	}
	b = (LinkState *) PG_GETARG_POINTER(1);
	a = PG_ARGISNULL(0) ? create_state(context, b->max_people, b->rows.used) :
		(LinkState *) PG_GETARG_POINTER(0);
	check_same_limit(a->max_people, b->max_people);
	add_count(a, b->count);
	packed_bytes(&a->rows, b->rows.data + VARHDRSZ, b->rows.used - VARHDRSZ);
	PG_RETURN_POINTER(a);
}

PG_FUNCTION_INFO_V1(link_groups_serialize);

Datum
link_groups_serialize(PG_FUNCTION_ARGS)
{
	LinkState  *state = (LinkState *) PG_GETARG_POINTER(0);
	StringInfoData message;

	aggregate_context(fcinfo);
	pq_begintypsend(&message);
	pq_sendbyte(&message, STATE_VERSION);
	pq_sendint32(&message, state->count);
	pq_sendint32(&message, state->max_people);
	pq_sendbytes(&message, (char *) state->rows.data + VARHDRSZ,
				 (int) (state->rows.used - VARHDRSZ));
	PG_RETURN_BYTEA_P(pq_endtypsend(&message));
}

PG_FUNCTION_INFO_V1(link_groups_deserialize);

Datum
link_groups_deserialize(PG_FUNCTION_ARGS)
{
	bytea	   *bytes = PG_GETARG_BYTEA_PP(0);
	StringInfoData message;
	LinkState  *state;
	int32		count;
	int			length;

	aggregate_context(fcinfo);
	message.data = VARDATA_ANY(bytes);
	message.len = message.maxlen = VARSIZE_ANY_EXHDR(bytes);
	message.cursor = 0;
	if (pq_getmsgbyte(&message) != STATE_VERSION)
		elog(ERROR, "unexpected version of a link_groups state");
	count = pq_getmsgint(&message, 4);
	length = message.len - message.cursor - 4;
	state = create_state(CurrentMemoryContext, pq_getmsgint(&message, 4),
						 length);
	state->count = count;
	packed_bytes(&state->rows, pq_getmsgbytes(&message, length), length);
	PG_RETURN_POINTER(state);
}

static int32 *
allocate_numbers(Size count)
{
	return palloc_extended(mul_size(Max(count, 1), sizeof(int32)),
						   MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);
}

/* Numbers the value of a row; a new one gets its kind noted. */
static int32
number_value(Links *links, TextSpan labelled, TextSpan kind)
{
	bool		is_new;
	int32		value = dictionary_add(&links->values, labelled, &is_new);

	if (is_new)
		links->kind[value] = dictionary_number(&links->kinds, kind);
	return value;
}

/* Decodes the rows of STATE. */
static void
read_links(const LinkState *state, Links *links)
{
	PackedReader reader;

	links->count = state->count;
	links->person = allocate_numbers(state->count);
	links->value = allocate_numbers(state->count);
	links->kind = allocate_numbers(state->count);
	dictionary_init(&links->people, 16);
	dictionary_init(&links->values, 16);
	dictionary_init(&links->kinds, 8);
	packed_reader_init(&reader, state->rows.data + VARHDRSZ,
					   state->rows.used - VARHDRSZ, "link_groups",
					   ERRCODE_DATA_CORRUPTED);
	for (int32 i = 0; i < links->count; i++)
	{
		TextSpan	kind;
		TextSpan	labelled;

		CHECK_FOR_INTERRUPTS();
		links->person[i] = dictionary_number(&links->people,
											 packed_read_text(&reader));
		labelled.data = (const char *) reader.at;
		kind = packed_read_text(&reader);
		(void) packed_read_text(&reader);
		labelled.length = (int) ((const char *) reader.at - labelled.data);
		links->value[i] = number_value(links, labelled, kind);
	}
	packed_read_end(&reader);
	dictionary_sort(&links->people);
	dictionary_sort(&links->kinds);
	for (int32 i = 0; i < links->count; i++)
		links->person[i] = links->people.ranks[links->person[i]];
}

/* The people of each value: rows sorted by value. */
static int32 *
people_by_value(const Links *links, int32 *starts)
{
	int32	   *people = allocate_numbers(links->count);
	int32	   *next = allocate_numbers((Size) links->values.count + 1);

	for (int32 i = 0; i < links->count; i++)
		starts[links->value[i] + 1]++;
	for (int32 v = 0; v < links->values.count; v++)
		starts[v + 1] += starts[v];
	memcpy(next, starts, ((Size) links->values.count + 1) * sizeof(int32));
	for (int32 i = 0; i < links->count; i++)
		people[next[links->value[i]]++] = links->person[i];
	pfree(next);
	return people;
}

/*
 * Joins the people of every value that links; returns for each value whether
 * it does.
 */
static bool *
join_people(const Links *links, const int32 *people, const int32 *starts,
			int32 max_people, Forest *forest)
{
	bool	   *linking = palloc_extended(Max(links->values.count, 1),
										  MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);
	int32	   *seen = allocate_numbers(links->people.count);

	for (int32 v = 0; v < links->values.count; v++)
	{
		int32		distinct = 0;

		CHECK_FOR_INTERRUPTS();
		for (int32 i = starts[v]; i < starts[v + 1]; i++)
		{
			distinct += seen[people[i]] != v + 1;
			seen[people[i]] = v + 1;
		}
		linking[v] = distinct >= 2 && distinct <= max_people;
		for (int32 i = starts[v] + 1; linking[v] && i < starts[v + 1]; i++)
			forest_join(forest, people[starts[v]], people[i]);
	}
	pfree(seen);
	return linking;
}

static int
compare_group_kinds(const void *a, const void *b)
{
	const GroupKind *x = a;
	const GroupKind *y = b;

	return x->root != y->root ? pg_cmp_s32(x->root, y->root) : pg_cmp_s32(x->kind, y->kind);
}

/* Which kinds link each group, sorted by root and kind, each once. */
static GroupKind *
kinds_of_groups(const Links *links, const int32 *people, const int32 *starts,
				const bool *linking, Forest *forest, int32 *count)
{
	GroupKind  *kinds = palloc_extended(mul_size(Max(links->values.count, 1),
												 sizeof(GroupKind)),
										MCXT_ALLOC_HUGE);
	int32		found = 0;
	int32		kept = 0;

	for (int32 v = 0; v < links->values.count; v++)
	{
		if (!linking[v])
			continue;
		kinds[found].root = forest_find(forest, people[starts[v]]);
		kinds[found++].kind = links->kinds.ranks[links->kind[v]];
	}
	qsort(kinds, found, sizeof(GroupKind), compare_group_kinds);
	for (int32 i = 0; i < found; i++)
		if (i == 0 || compare_group_kinds(&kinds[i], &kinds[i - 1]) != 0)
			kinds[kept++] = kinds[i];
	*count = kept;
	return kinds;
}

/* An array of the texts of DICTIONARY that NUMBERS name. */
static Datum
text_array_of(const Dictionary *dictionary, const int32 *numbers, int32 count)
{
	TextSpan   *spans = palloc(mul_size(count, sizeof(TextSpan)));

	for (int32 i = 0; i < count; i++)
		spans[i] = dictionary->spans[numbers[i]];
	return detector_text_array(spans, count);
}

/* Columns of the result. */
enum
{
	LINK_GROUP_NO,
	LINK_PEOPLE,
	LINK_PERSON_IDS,
	LINK_KINDS,
	LINK_COLUMNS
};

/* One group as a row of medaudit.link_group. */
static Datum
make_group(TupleDesc descriptor, const Links *links, int32 group_no,
		   const int32 *members, int32 people, const GroupKind *kinds,
		   int32 kind_count)
{
	Datum		values[LINK_COLUMNS];
	bool		nulls[LINK_COLUMNS] = {false};
	int32	   *kind_numbers = palloc(mul_size(kind_count, sizeof(int32)));

	for (int32 i = 0; i < kind_count; i++)
		kind_numbers[i] = kinds[i].kind;
	values[LINK_GROUP_NO] = Int32GetDatum(group_no);
	values[LINK_PEOPLE] = Int32GetDatum(people);
	values[LINK_PERSON_IDS] = text_array_of(&links->people, members, people);
	values[LINK_KINDS] = text_array_of(&links->kinds, kind_numbers, kind_count);
	return HeapTupleGetDatum(heap_form_tuple(descriptor, values, nulls));
}

/* All groups of two people and more as an array of ELEMENT_TYPE. */
static ArrayType *
make_groups(const Links *links, Forest *forest, const GroupKind *kinds,
			int32 kind_count, Oid element_type)
{
	TupleDesc	descriptor = lookup_rowtype_tupdesc_copy(element_type, -1);
	int32	   *starts = allocate_numbers((Size) links->people.count + 1);
	int32	   *members = forest_groups(forest, starts);
	Datum	   *groups;
	int32		count = 0;
	int32		kind = 0;

	groups = palloc_extended(mul_size(Max(links->people.count / 2, 1),
									  sizeof(Datum)), MCXT_ALLOC_HUGE);
	for (int32 root = 0; root < links->people.count; root++)
	{
		int32		people = starts[root + 1] - starts[root];
		int32		first_kind = kind;

		CHECK_FOR_INTERRUPTS();
		while (kind < kind_count && kinds[kind].root == root)
			kind++;
		if (people < 2)
			continue;
		groups[count] = make_group(descriptor, links, count + 1,
								   members + starts[root], people,
								   kinds + first_kind, kind - first_kind);
		count++;
	}
	return construct_array(groups, count, element_type, -1, false,
						   TYPALIGN_DOUBLE);
}

PG_FUNCTION_INFO_V1(link_groups_final);

/* No rows give NULL, rows without a link an empty array. */
Datum
link_groups_final(PG_FUNCTION_ARGS)
{
	const LinkState *state;
	Links		links;
	Forest		forest;
	GroupKind  *kinds;
	int32		kind_count;
	int32	   *starts;
	int32	   *people;
	bool	   *linking;
	Oid			type = get_fn_expr_rettype(fcinfo->flinfo);

	aggregate_context(fcinfo);
	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	state = (LinkState *) PG_GETARG_POINTER(0);
	read_links(state, &links);
	starts = allocate_numbers((Size) links.values.count + 1);
	people = people_by_value(&links, starts);
	forest_init(&forest, links.people.count);
	linking = join_people(&links, people, starts, state->max_people, &forest);
	kinds = kinds_of_groups(&links, people, starts, linking, &forest,
							&kind_count);
	PG_RETURN_ARRAYTYPE_P(make_groups(&links, &forest, kinds, kind_count,
									  get_element_type(type)));
}
