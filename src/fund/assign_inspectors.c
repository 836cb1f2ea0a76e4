/*
 * assign_inspectors.c
 *		Draws inspectors for targets: each target several, nobody where he is
 *		recused, and nobody with more targets than need be.
 *
 * A pair of a target and an inspector who may go there has a number that nobody
 * chose, the SHA-256 of the seed, the target and the inspector.  Pairs are taken
 * in the order of these numbers, as long as the target lacks somebody and the
 * inspector has room.  What is missing then is a maximum flow (Ford and
 * Fulkerson): from a target that lacks somebody a shortest path leads over pairs
 * that are not taken to an inspector, back over his pairs to other targets, and
 * on to an inspector with room; along it taken and not taken change places.
 * Where there is no path, nobody has more room than the bound, and the bound
 * grows by one: so it ends at the least that there is.  It begins where it must,
 * at the mean load rounded up.  What is asked in order of the numbers depends on
 * the seed alone, not on the order of the lists.
 *
 * Targets and inspectors are numbered in bytewise order.  Cost: a hash a pair,
 * about a microsecond, and a search of at most all pairs for each place that
 * was not filled at once; 40 bytes a pair.
 */
#include "postgres.h"
#include "base/compat.h"

#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/jsonb.h"

#include "base/array.h"
#include "base/dictionary.h"
#include "base/packed.h"
#include "base/rows.h"
#include "base/sort.h"
#include "fund/draw_key.h"

/* A million targets with twenty inspectors, or the other way round. */
#define MOST_PAIRS		20000000

typedef struct Pair
{
	uint64		key;			/* its first 64 bits */
	int32		target;
	int32		inspector;
} Pair;

typedef struct Assignment
{
	Dictionary	targets;
	Dictionary	inspectors;
	int32		per_target;
	Pair	   *pairs;			/* who may go where, in the order of the keys */
	int32		count;
	int32		allocated;
	bool	   *taken;			/* of a pair */
	int32	   *of_target;		/* numbers of pairs, target by target */
	int32	   *target_start;
	int32	   *of_inspector;	/* the same, inspector by inspector */
	int32	   *inspector_start;
	int32	   *lacking;		/* of a target: how many it still wants */
	int32	   *load;			/* of an inspector */
	int32		most_load;
} Assignment;

/* A search: by which pair a target or an inspector was reached, -1: not at all. */
typedef struct Search
{
	int32	   *reached_target;
	int32	   *reached_inspector;
	int32	   *queue;			/* of targets */
} Search;

#define NOT_REACHED		(-1)
#define SEARCH_BEGIN	(-2)

#define ST_SORT sort_pairs
#define ST_ELEMENT_TYPE Pair
#define ST_COMPARE(a, b) compare_pairs(a, b)
#define ST_SCOPE static
#define ST_CHECK_FOR_INTERRUPTS
#define ST_DEFINE
static int	compare_pairs(const Pair *a, const Pair *b);
#include "lib/sort_template.h"

static int
compare_pairs(const Pair *a, const Pair *b)
{
	if (a->key != b->key)
		return a->key < b->key ? -1 : 1;
	if (a->target != b->target)
		return a->target < b->target ? -1 : 1;
	return (a->inspector > b->inspector) - (a->inspector < b->inspector);
}

static void *
allocate_each(Size count, Size each)
{
	return palloc_extended(mul_size(Max(count, 1), each),
						   MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);
}

/* -- what is asked -- */

/* The texts of an argument, numbered in bytewise order. */
static void
read_names(FunctionCallInfo fcinfo, int argument, const char *name, Dictionary *names)
{
	ArrayType  *array = detector_text_array_argument(fcinfo, argument, name);
	TextSpan   *spans;
	Datum	   *values;
	bool	   *nulls;
	int			count;

	deconstruct_array(array, TEXTOID, -1, false, TYPALIGN_INT, &values, &nulls, &count);
	spans = allocate_each(count, sizeof(TextSpan));
	for (int i = 0; i < count; i++)
	{
		if (nulls[i])
			detector_argument_null(name);
		spans[i] = text_span(DatumGetTextPP(values[i]));
	}
	sort_texts(spans, count);
	dictionary_init(names, Max(count, 1));
	for (int i = 0; i < count; i++)
		if (dictionary_number(names, spans[i]) < i)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("\"%.*s\" stands in argument \"%s\" twice",
							spans[i].length, spans[i].data, name)));
}

static void
refuse_recusals(void)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("argument \"recusals\" must be an object of arrays of texts"),
			 errhint("For example {\"F1\": [\"I3\", \"I7\"]}.")));
}

/*
 * Notes who is recused: those of targets and inspectors that are not asked say
 * nothing.  The whole is read, so that what is no such object is an error wherever
 * it stands.
 */
static void
read_recusals(FunctionCallInfo fcinfo, int argument, Assignment *assignment, bool *recused)
{
	Jsonb	   *recusals;
	JsonbIterator *iterator;
	JsonbIteratorToken token;
	JsonbValue	value;
	bool		in_array = false;
	int32		target = -1;

	if (PG_ARGISNULL(argument))
		detector_argument_null("recusals");
	recusals = PG_GETARG_JSONB_P(argument);
	if (!JB_ROOT_IS_OBJECT(recusals))
		refuse_recusals();
	iterator = JsonbIteratorInit(&recusals->root);
	(void) JsonbIteratorNext(&iterator, &value, false);
	while ((token = JsonbIteratorNext(&iterator, &value, false)) != WJB_DONE)
	{
		TextSpan	span;
		int32		inspector;

		if (token == WJB_END_OBJECT)
			continue;
		if (token == WJB_END_ARRAY || (token == WJB_BEGIN_ARRAY && !in_array))
		{
			in_array = token == WJB_BEGIN_ARRAY;
			continue;
		}
		if ((token != WJB_KEY && token != WJB_ELEM) || value.type != jbvString)
			refuse_recusals();
		span.data = value.val.string.val;
		span.length = value.val.string.len;
		if (token == WJB_KEY)
		{
			target = dictionary_find(&assignment->targets, span);
			continue;
		}
		inspector = dictionary_find(&assignment->inspectors, span);
		if (target >= 0 && inspector >= 0)
			recused[(Size) target * assignment->inspectors.count + inspector] = true;
	}
}

/* -- pairs -- */

static TextSpan *
all_in_utf8(const Dictionary *names)
{
	TextSpan   *result = allocate_each(names->count, sizeof(TextSpan));

	for (int32 i = 0; i < names->count; i++)
		result[i] = draw_text(names->spans[i]);
	return result;
}

/* Every pair that is not recused, in the order of the keys. */
static void
make_pairs(Assignment *assignment, const bool *recused, TextSpan seed)
{
	TextSpan   *targets = all_in_utf8(&assignment->targets);
	TextSpan   *inspectors = all_in_utf8(&assignment->inspectors);
	DrawKeys	keys;

	draw_keys_begin(&keys, seed);
	for (int32 t = 0; t < assignment->targets.count; t++)
	{
		CHECK_FOR_INTERRUPTS();
		for (int32 i = 0; i < assignment->inspectors.count; i++)
		{
			TextSpan	parts[] = {targets[t], inspectors[i]};
			uint8		digest[PG_SHA256_DIGEST_LENGTH];
			Pair	   *pair;

			if (recused[(Size) t * assignment->inspectors.count + i])
				continue;
			array_reserve(assignment->pairs, assignment->allocated, assignment->count + 1);
			pair = &assignment->pairs[assignment->count++];
			draw_key(&keys, parts, lengthof(parts), digest);
			pair->key = draw_key_bits(digest);
			pair->target = t;
			pair->inspector = i;
		}
	}
	draw_keys_end(&keys);
	if (assignment->count > 1)
		sort_pairs(assignment->pairs, assignment->count);
}

/* The numbers of the pairs of each of COUNT targets, or inspectors, in their order. */
static int32 *
pairs_by(const Assignment *assignment, bool by_target, int32 count, int32 **starts)
{
	int32	   *numbers = allocate_each(assignment->count, sizeof(int32));
	int32	   *next = allocate_each((Size) count + 1, sizeof(int32));

	*starts = allocate_each((Size) count + 1, sizeof(int32));
	for (int32 p = 0; p < assignment->count; p++)
	{
		const Pair *pair = &assignment->pairs[p];

		(*starts)[(by_target ? pair->target : pair->inspector) + 1]++;
	}
	for (int32 i = 0; i < count; i++)
		(*starts)[i + 1] += (*starts)[i];
	memcpy(next, *starts, ((Size) count + 1) * sizeof(int32));
	for (int32 p = 0; p < assignment->count; p++)
	{
		const Pair *pair = &assignment->pairs[p];

		numbers[next[by_target ? pair->target : pair->inspector]++] = p;
	}
	pfree(next);
	return numbers;
}

static void
refuse_target(const Assignment *assignment, int32 target, const char *why)
{
	TextSpan	span = assignment->targets.spans[target];

	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("target \"%.*s\" cannot have %d inspectors", span.length, span.data,
					assignment->per_target),
			 errdetail("%s", why)));
}

/* A target of which too many are recused has no solution, whatever the load. */
static void
check_enough(const Assignment *assignment)
{
	for (int32 t = 0; t < assignment->targets.count; t++)
	{
		int32		allowed = assignment->target_start[t + 1] - assignment->target_start[t];

		if (allowed < assignment->per_target)
			refuse_target(assignment, t,
						  psprintf(_("Only %d of %d are not recused."), allowed,
								   assignment->inspectors.count));
	}
}

/* -- the flow -- */

static void
take_in_order(Assignment *assignment)
{
	for (int32 p = 0; p < assignment->count; p++)
	{
		const Pair *pair = &assignment->pairs[p];

		if (assignment->lacking[pair->target] == 0 ||
			assignment->load[pair->inspector] >= assignment->most_load)
			continue;
		assignment->taken[p] = true;
		assignment->lacking[pair->target]--;
		assignment->load[pair->inspector]++;
	}
}

/* Makes the targets of INSPECTOR reached, by the pairs that they would give up. */
static int32
reach_back(const Assignment *assignment, Search *search, int32 inspector, int32 queued)
{
	for (int32 k = assignment->inspector_start[inspector];
		 k < assignment->inspector_start[inspector + 1]; k++)
	{
		int32		p = assignment->of_inspector[k];
		int32		target = assignment->pairs[p].target;

		if (!assignment->taken[p] || search->reached_target[target] != NOT_REACHED)
			continue;
		search->reached_target[target] = p;
		search->queue[queued++] = target;
	}
	return queued;
}

/*
 * The first inspector with room that is reached from TARGET, nearest first; -1
 * where there is none.
 */
static int32
find_room(const Assignment *assignment, Search *search, int32 target)
{
	int32		queued = 0;

	memset(search->reached_target, 0xFF, assignment->targets.count * sizeof(int32));
	memset(search->reached_inspector, 0xFF, assignment->inspectors.count * sizeof(int32));
	search->reached_target[target] = SEARCH_BEGIN;
	search->queue[queued++] = target;
	for (int32 at = 0; at < queued; at++)
	{
		int32		from = search->queue[at];

		CHECK_FOR_INTERRUPTS();
		for (int32 k = assignment->target_start[from]; k < assignment->target_start[from + 1]; k++)
		{
			int32		p = assignment->of_target[k];
			int32		inspector = assignment->pairs[p].inspector;

			if (assignment->taken[p] || search->reached_inspector[inspector] != NOT_REACHED)
				continue;
			search->reached_inspector[inspector] = p;
			if (assignment->load[inspector] < assignment->most_load)
				return inspector;
			queued = reach_back(assignment, search, inspector, queued);
		}
	}
	return -1;
}

/* Back along the path to INSPECTOR: what is not taken is, what is taken is not. */
static void
change_places(Assignment *assignment, const Search *search, int32 inspector)
{
	assignment->load[inspector]++;
	for (;;)
	{
		int32		p = search->reached_inspector[inspector];
		int32		target = assignment->pairs[p].target;

		assignment->taken[p] = true;
		p = search->reached_target[target];
		if (p == SEARCH_BEGIN)
		{
			assignment->lacking[target]--;
			return;
		}
		assignment->taken[p] = false;
		inspector = assignment->pairs[p].inspector;
	}
}

/* Raises the bound as far as it must; MOST is the last. */
static void
fill_places(Assignment *assignment, int32 most)
{
	Search		search;

	search.reached_target = allocate_each(assignment->targets.count, sizeof(int32));
	search.reached_inspector = allocate_each(assignment->inspectors.count, sizeof(int32));
	search.queue = allocate_each(assignment->targets.count, sizeof(int32));
	for (int32 t = 0; t < assignment->targets.count; t++)
	{
		while (assignment->lacking[t] > 0)
		{
			int32		inspector = find_room(assignment, &search, t);

			if (inspector >= 0)
				change_places(assignment, &search, inspector);
			else if (assignment->most_load < most)
				assignment->most_load++;
			else
				refuse_target(assignment, t,
							  psprintf(_("With at most %d targets for each inspector there are not enough."), most));
		}
	}
}

static void
assign(Assignment *assignment, int32 most)
{
	int64		places = (int64) assignment->targets.count * assignment->per_target;

	assignment->of_target = pairs_by(assignment, true, assignment->targets.count,
									 &assignment->target_start);
	check_enough(assignment);
	assignment->of_inspector = pairs_by(assignment, false, assignment->inspectors.count,
										&assignment->inspector_start);
	assignment->taken = allocate_each(assignment->count, sizeof(bool));
	assignment->load = allocate_each(assignment->inspectors.count, sizeof(int32));
	assignment->lacking = allocate_each(assignment->targets.count, sizeof(int32));
	for (int32 t = 0; t < assignment->targets.count; t++)
		assignment->lacking[t] = assignment->per_target;
	assignment->most_load = Min(most, (places + assignment->inspectors.count - 1) /
								assignment->inspectors.count);
	take_in_order(assignment);
	fill_places(assignment, most);
}

/* -- what SQL calls -- */

/* Columns of the result. */
enum
{
	ASSIGN_TARGET,
	ASSIGN_INSPECTOR,
	ASSIGN_COLUMNS
};

static void
return_pairs(DetectorRows *rows, const Assignment *assignment)
{
	bool		nulls[ASSIGN_COLUMNS] = {false};
	bool	   *chosen = allocate_each(assignment->inspectors.count, sizeof(bool));

	for (int32 t = 0; t < assignment->targets.count; t++)
	{
		for (int32 k = assignment->target_start[t]; k < assignment->target_start[t + 1]; k++)
		{
			int32		p = assignment->of_target[k];

			chosen[assignment->pairs[p].inspector] = assignment->taken[p];
		}
		for (int32 i = 0; i < assignment->inspectors.count; i++)
		{
			Datum		values[ASSIGN_COLUMNS];

			if (!chosen[i])
				continue;
			chosen[i] = false;
			detector_row_start(rows);
			values[ASSIGN_TARGET] = detector_text(assignment->targets.spans[t]);
			values[ASSIGN_INSPECTOR] = detector_text(assignment->inspectors.spans[i]);
			detector_row(rows, values, nulls);
		}
	}
}

/*
 * Who goes where, by target and inspector.  NULLs, but for max_load, are 22004; a
 * name that comes twice, a number below 1, recusals of another form and a target
 * for which there are not enough 22023, too many pairs 54000.  No targets give no
 * rows.
 */
PG_FUNCTION_INFO_V1(medaudit_assign_inspectors);
Datum
medaudit_assign_inspectors(PG_FUNCTION_ARGS)
{
	DetectorRows rows;
	Assignment	assignment = {0};
	Size		pairs;
	bool	   *recused;
	int32		most;

	detector_begin(&rows, fcinfo);
	if (PG_ARGISNULL(0))
		detector_argument_null("seed");
	read_names(fcinfo, 1, "targets", &assignment.targets);
	read_names(fcinfo, 2, "inspectors", &assignment.inspectors);
	assignment.per_target = detector_int(fcinfo, 3, "per_target", 1);
	most = PG_ARGISNULL(5) ? Max(assignment.targets.count, 1) :
		detector_int(fcinfo, 5, "max_load", 1);
	pairs = (Size) assignment.targets.count * assignment.inspectors.count;
	if (pairs > MOST_PAIRS)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("too many pairs of targets and inspectors"),
				 errdetail("There are %zu, at most %d can be told apart.", pairs, MOST_PAIRS)));
	recused = allocate_each(pairs, sizeof(bool));
	read_recusals(fcinfo, 4, &assignment, recused);
	if (assignment.targets.count > 0)
	{
		make_pairs(&assignment, recused, draw_text(text_span(PG_GETARG_TEXT_PP(0))));
		assign(&assignment, most);
		return_pairs(&rows, &assignment);
	}
	return detector_end(&rows);
}
