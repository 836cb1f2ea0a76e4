/*
 * companions.c
 *		Pairs of people whose stays keep falling together (结伴住院), and what
 *		hangs together by such pairs.
 *
 * Two stays match when they are at one facility and their admission dates and
 * discharge dates each differ by at most within_days; or, by the clock, their
 * admissions and discharges by at most so many seconds, which finds cards that
 * pay one after another (a payment is a stay of no length; fractions of a second
 * are cut, as a clock shows it).  companions_search.c finds
 * the candidates, of which a maximum matching of the stays (no stay counts
 * twice) leaves the companions: time and memory are of the search, and about a
 * microsecond a candidate.
 *
 * Chance: were stays of a facility assigned at random, each pair of stays of
 * two people there would match with the share of matching pairs among all pairs
 * of stays of different people there.  Adding these up for all stays of both
 * gives the expected number, and a Poisson tail the p-value.
 */
#include "postgres.h"
#include "base/compat.h"

#include "lib/bipartite_match.h"
#include "miscadmin.h"
#include "utils/memutils.h"

#include "base/graph.h"
#include "base/rows.h"
#include "base/sort.h"
#include "base/tails.h"
#include "stays/companions.h"

/* What the matching of core can number. */
#define STAYS_OF_PERSON_MAX		32000

typedef struct Pair
{
	int32		person;
	int32		other;
	int32		times;
	const int32 *stays;			/* matched, in order of the person's stays */
	const int32 *other_stays;
	double		expected;
} Pair;

typedef struct Pairing Pairing;
typedef void (*PairFound) (Pairing *pairing, const Pair *pair);

/* A call of companions or companion_groups. */
struct Pairing
{
	CompanionSearch search;
	PairFound	found;
	int64		pairs;
	double	   *weights;		/* per facility: chance of a match */

	/* of the pair at hand */
	MemoryContext pair_context;

	/* of companions */
	DetectorRows *rows;

	/* of companion_groups */
	double		max_p;			/* pairs above it join nothing */
	Forest		forest;
	int32	   *pairs_of;		/* per first person of a pair */
	int64	   *times_of;
};

/* -- chance -- */

/* Matching pairs of stays at a facility, those of one person included. */
static double
count_matches(const CompanionSearch *search, const Grid *grid, int32 facility)
{
	int32		last_row = grid->facility_rows[facility + 1];
	int64		within = search->within;
	double		matches = 0;

	for (int32 row = grid->facility_rows[facility]; row < last_row; row++)
		for (int32 c = grid->rows[row].first; c < grid->rows[row + 1].first; c++)
		{
			const Ticked *cell = &grid->cells[c];
			double		size = grid->cells[c + 1].first - cell->first;
			int32		end = first_cell(grid, row, cell->tick + within + 1);

			CHECK_FOR_INTERRUPTS();
			matches += size * (size - 1) / 2;
			matches += size * (grid->cells[end].first - grid->cells[c + 1].first);
			for (int32 later = row + 1; later < last_row &&
				 grid->rows[later].tick - (int64) grid->rows[row].tick <= within;
				 later++)
			{
				int32		from = first_cell(grid, later, cell->tick - within);

				end = first_cell(grid, later, cell->tick + within + 1);
				matches += size * (grid->cells[end].first - grid->cells[from].first);
			}
		}
	return matches;
}

/* Takes the pairs of one person's own stays out of both counts. */
static void
leave_out_own(const CompanionSearch *search, int32 person, double *matches, double *all,
			  int32 *seen)
{
	const Visit *visits = search->visits + search->starts[person];
	int32		count = search->counts[person];

	for (int32 i = 0; i < count; i++)
	{
		all[visits[i].facility] -= seen[visits[i].facility]++;
		for (int32 j = i - 1; j >= 0; j--)
		{
			if ((int64) visits[i].admitted - visits[j].admitted > search->within)
				break;
			if (visits_match(search, &visits[i], &visits[j]))
				matches[visits[i].facility]--;
		}
	}
	for (int32 i = 0; i < count; i++)
		seen[visits[i].facility] = 0;
}

/* Per facility, matching pairs of different people ÷ all pairs of different people. */
static void
find_weights(Pairing *pairing)
{
	const Stays *book = pairing->search.book;
	double	   *all = palloc0(book->facility_count * sizeof(double));
	int32	   *seen = palloc0(book->facility_count * sizeof(int32));
	const Grid *grid = companions_grid(&pairing->search);

	pairing->weights = palloc0(book->facility_count * sizeof(double));
	for (int32 f = 0; f < book->facility_count; f++)
	{
		double		stays = grid->cells[grid->rows[grid->facility_rows[f + 1]].first].first -
		grid->cells[grid->rows[grid->facility_rows[f]].first].first;

		all[f] = stays * (stays - 1) / 2;
		pairing->weights[f] = count_matches(&pairing->search, grid, f);
	}
	for (int32 p = 0; p < book->person_count; p++)
		leave_out_own(&pairing->search, p, pairing->weights, all, seen);
	for (int32 f = 0; f < book->facility_count; f++)
		pairing->weights[f] = all[f] > 0 ? pairing->weights[f] / all[f] : 0;
	pfree(all);
	pfree(seen);
}

/* -- pairs -- */

/*
 * The matching stays of two people where none matches several of the other's,
 * as nearly always; else -1.
 */
static int32
match_plainly(const CompanionSearch *search, int32 person, int32 other, int32 *stays,
			  int32 *other_stays)
{
	const Visit *left = search->visits + search->starts[person];
	const Visit *right = search->visits + search->starts[other];
	int32		taken = -1;
	int32		times = 0;

	for (int32 i = 0; i < search->counts[person]; i++)
	{
		int32		partner = -1;

		CHECK_FOR_INTERRUPTS();
		for (int32 j = 0; j < search->counts[other]; j++)
		{
			if (!visits_match(search, &left[i], &right[j]))
				continue;
			/* partners only ever ascend, or something is matched twice */
			if (partner >= 0 || j <= taken)
				return -1;
			partner = taken = j;
		}
		if (partner < 0)
			continue;
		stays[times] = left[i].stay;
		other_stays[times++] = right[partner].stay;
	}
	return times;
}

/*
 * The maximum matching of two people's stays, by core's Hopcroft-Karp; its
 * edges in order of the first one's stays.  Returns its size.
 */
static int32
match_stays(const CompanionSearch *search, int32 person, int32 other, int32 *stays,
			int32 *other_stays)
{
	const Visit *left = search->visits + search->starts[person];
	const Visit *right = search->visits + search->starts[other];
	int32		left_count = search->counts[person];
	int32		right_count = search->counts[other];
	short	  **adjacency = palloc0((left_count + 1) * sizeof(short *));
	short	   *edges = palloc((right_count + 1) * sizeof(short));
	BipartiteMatchState *matching;
	int32		times = 0;

	for (int32 i = 0; i < left_count; i++)
	{
		short		degree = 0;

		CHECK_FOR_INTERRUPTS();
		for (int32 j = 0; j < right_count; j++)
			if (visits_match(search, &left[i], &right[j]))
				edges[++degree] = (short) (j + 1);
		if (degree == 0)
			continue;
		edges[0] = degree;
		adjacency[i + 1] = palloc((degree + 1) * sizeof(short));
		memcpy(adjacency[i + 1], edges, (degree + 1) * sizeof(short));
	}
	matching = BipartiteMatch(left_count, right_count, adjacency);
	for (int32 i = 0; i < left_count; i++)
		if (matching->pair_uv[i + 1] > 0)
		{
			stays[times] = left[i].stay;
			other_stays[times++] = right[matching->pair_uv[i + 1] - 1].stay;
		}
	return times;
}

static double
expected_times(const Pairing *pairing, int32 person, int32 other)
{
	const CompanionSearch *search = &pairing->search;
	const Visit *left = search->visits + search->starts[person];
	const Visit *right = search->visits + search->starts[other];
	double		expected = 0;

	for (int32 i = 0; i < search->counts[person]; i++)
		for (int32 j = 0; j < search->counts[other]; j++)
			if (left[i].facility == right[j].facility)
				expected += pairing->weights[left[i].facility];
	return expected;
}

static void
judge_pair(Pairing *pairing, int32 person, int32 other)
{
	const CompanionSearch *search = &pairing->search;
	MemoryContext outside = MemoryContextSwitchTo(pairing->pair_context);
	int32		most = Min(search->counts[person], search->counts[other]);
	int32	   *stays;
	int32	   *other_stays;
	Pair		pair;

	if (Max(search->counts[person], search->counts[other]) > STAYS_OF_PERSON_MAX)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("a person has more than %d stays", STAYS_OF_PERSON_MAX),
				 errhint("Such an identifier stands for many people; leave it out.")));
	stays = palloc(most * sizeof(int32));
	other_stays = palloc(most * sizeof(int32));
	pair.times = match_plainly(search, person, other, stays, other_stays);
	if (pair.times < 0)
		pair.times = match_stays(search, person, other, stays, other_stays);
	if (pair.times >= search->min_times)
	{
		if (++pairing->pairs > COMPANION_PAIRS_MAX)
			companions_too_many();
		pair.person = person;
		pair.other = other;
		pair.stays = stays;
		pair.other_stays = other_stays;
		pair.expected = expected_times(pairing, person, other);
		pairing->found(pairing, &pair);
	}
	MemoryContextSwitchTo(outside);
	MemoryContextReset(pairing->pair_context);
}

static void
find_pairs(Pairing *pairing)
{
	CompanionSearch *search = &pairing->search;

	companions_find_candidates(search);
	if (search->candidate_count == 0)
		return;
	find_weights(pairing);
	pairing->pair_context = AllocSetContextCreate(CurrentMemoryContext,
												  "medaudit companions",
												  ALLOCSET_DEFAULT_SIZES);
	for (int32 i = 0; i < search->candidate_count; i++)
		judge_pair(pairing, (int32) (search->candidates[i] >> 32),
				   (int32) (search->candidates[i] & PG_UINT32_MAX));
}

/* Thresholds and book of a call; false where there is nothing to search. */
static bool
pairing_of_call(FunctionCallInfo fcinfo, Pairing *pairing, bool by_clock, PairFound found)
{
	CompanionSearch *search = &pairing->search;

	memset(pairing, 0, sizeof(Pairing));
	search->by_clock = by_clock;
	search->within = by_clock ? detector_seconds(fcinfo, 1, "within", SECS_PER_DAY)
		: detector_int(fcinfo, 1, "within_days", 0);
	search->min_times = detector_int(fcinfo, 2, "min_times", 1);
	search->book = stays_of_call(fcinfo, 3);
	pairing->found = found;
	return search->book != NULL && search->book->count > 1 &&
		search->book->person_count > 1;
}

/* -- companions -- */

/* Distinct facilities of the matched stays. */
static int
pair_facilities(const Stays *book, const Pair *pair)
{
	int32	   *facilities = palloc(pair->times * sizeof(int32));

	for (int32 i = 0; i < pair->times; i++)
		facilities[i] = book->stays[pair->stays[i]].facility;
	return distinct_int32(facilities, pair->times);
}

/* Columns of the result. */
enum
{
	PAIR_PERSON_ID,
	PAIR_OTHER_PERSON_ID,
	PAIR_TIMES,
	PAIR_FACILITIES,
	PAIR_FIRST_ADMITTED,
	PAIR_LAST_ADMITTED,
	PAIR_EXPECTED,
	PAIR_P_VALUE,
	PAIR_VISIT_IDS,
	PAIR_OTHER_VISIT_IDS,
	PAIR_COLUMNS
};

static void
emit_pair(Pairing *pairing, const Pair *pair)
{
	const Stays *book = pairing->search.book;
	DateADT		first = book->stays[pair->stays[0]].admitted;
	DateADT		last = first;
	Datum		values[PAIR_COLUMNS];
	bool		nulls[PAIR_COLUMNS] = {0};

	for (int32 i = 0; i < pair->times; i++)
	{
		DateADT		admitted = book->stays[pair->stays[i]].admitted;
		DateADT		other = book->stays[pair->other_stays[i]].admitted;

		first = Min(first, Min(admitted, other));
		last = Max(last, Max(admitted, other));
	}
	detector_row_start(pairing->rows);
	values[PAIR_PERSON_ID] = detector_text(book->persons[pair->person]);
	values[PAIR_OTHER_PERSON_ID] = detector_text(book->persons[pair->other]);
	values[PAIR_TIMES] = Int32GetDatum(pair->times);
	values[PAIR_FACILITIES] = Int32GetDatum(pair_facilities(book, pair));
	values[PAIR_FIRST_ADMITTED] = DateADTGetDatum(first);
	values[PAIR_LAST_ADMITTED] = DateADTGetDatum(last);
	values[PAIR_EXPECTED] = Float8GetDatum(pair->expected);
	values[PAIR_P_VALUE] = Float8GetDatum(poisson_tail(pair->expected, pair->times));
	values[PAIR_VISIT_IDS] = stays_visit_ids(book, pair->stays, pair->times);
	values[PAIR_OTHER_VISIT_IDS] = stays_visit_ids(book, pair->other_stays, pair->times);
	detector_row(pairing->rows, values, nulls);
}

static Datum
emit_pairs(FunctionCallInfo fcinfo, bool by_clock)
{
	DetectorRows rows;
	Pairing		pairing;

	detector_begin(&rows, fcinfo);
	if (pairing_of_call(fcinfo, &pairing, by_clock, emit_pair))
	{
		pairing.rows = &rows;
		find_pairs(&pairing);
	}
	return detector_end(&rows);
}

PG_FUNCTION_INFO_V1(companions_pairs);

/* Pairs of people with min_times matching stays.  NULL book: no rows. */
Datum
companions_pairs(PG_FUNCTION_ARGS)
{
	return emit_pairs(fcinfo, false);
}

PG_FUNCTION_INFO_V1(companions_pairs_by_clock);

/* The same, where the times and not the dates are compared. */
Datum
companions_pairs_by_clock(PG_FUNCTION_ARGS)
{
	return emit_pairs(fcinfo, true);
}

/* -- groups -- */

static void
join_pair(Pairing *pairing, const Pair *pair)
{
	if (pairing->max_p < 1 && poisson_tail(pair->expected, pair->times) > pairing->max_p)
		return;
	forest_join(&pairing->forest, pair->person, pair->other);
	pairing->pairs_of[pair->person]++;
	pairing->times_of[pair->person] += pair->times;
}

/* Columns of the result. */
enum
{
	GROUP_GROUP_NO,
	GROUP_PERSON_IDS,
	GROUP_PAIRS,
	GROUP_TIMES,
	GROUP_COLUMNS
};

static void
emit_group(Pairing *pairing, int32 number, const int32 *persons, int32 count)
{
	TextSpan   *spans;
	int64		pairs = 0;
	int64		times = 0;
	Datum		values[GROUP_COLUMNS];
	bool		nulls[GROUP_COLUMNS] = {0};

	detector_row_start(pairing->rows);
	spans = palloc(count * sizeof(TextSpan));
	for (int32 i = 0; i < count; i++)
	{
		spans[i] = pairing->search.book->persons[persons[i]];
		pairs += pairing->pairs_of[persons[i]];
		times += pairing->times_of[persons[i]];
	}
	values[GROUP_GROUP_NO] = Int32GetDatum(number);
	values[GROUP_PERSON_IDS] = detector_text_array(spans, count);
	values[GROUP_PAIRS] = Int32GetDatum((int32) pairs);
	values[GROUP_TIMES] = Int32GetDatum((int32) Min(times, PG_INT32_MAX));
	detector_row(pairing->rows, values, nulls);
}

static Datum
emit_groups(FunctionCallInfo fcinfo, bool by_clock)
{
	DetectorRows rows;
	Pairing		pairing;
	double		max_p;

	detector_begin(&rows, fcinfo);
	max_p = detector_float(fcinfo, 4, "max_p", 0, 1);
	if (pairing_of_call(fcinfo, &pairing, by_clock, join_pair))
	{
		int32		persons = pairing.search.book->person_count;
		int32	   *starts = palloc(mul_size((Size) persons + 1, sizeof(int32)));
		int32	   *members;
		int32		number = 0;

		pairing.rows = &rows;
		pairing.max_p = max_p;
		forest_init(&pairing.forest, persons);
		pairing.pairs_of = palloc0(persons * sizeof(int32));
		pairing.times_of = palloc0(persons * sizeof(int64));
		find_pairs(&pairing);
		members = forest_groups(&pairing.forest, starts);
		for (int32 p = 0; p < persons; p++)
			if (starts[p + 1] - starts[p] > 1)
				emit_group(&pairing, ++number, members + starts[p],
						   starts[p + 1] - starts[p]);
	}
	return detector_end(&rows);
}

PG_FUNCTION_INFO_V1(companions_groups);

/* People connected by companions, in order of their first.  NULL book: no rows. */
Datum
companions_groups(PG_FUNCTION_ARGS)
{
	return emit_groups(fcinfo, false);
}

PG_FUNCTION_INFO_V1(companions_groups_by_clock);

/* The same, where the times and not the dates are compared. */
Datum
companions_groups_by_clock(PG_FUNCTION_ARGS)
{
	return emit_groups(fcinfo, true);
}
