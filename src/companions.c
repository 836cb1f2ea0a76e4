/*
 * companions.c
 *		Pairs of people whose stays keep falling together (结伴住院), and what
 *		hangs together by such pairs.
 *
 * Two stays match when they are at one facility and their admission dates and
 * discharge dates each differ by at most within_days.  The grid lays the stays
 * of each facility out by admission date and, within it, by discharge date:
 * what matches a stay are a few neighbouring cells, each a run of people.
 *
 * Most matches are chance and do not recur, so they are never looked at: who
 * recurs has two stays that match two stays of the other.  Each two stays of a
 * person make a double stay; sorted by both facilities and admission dates, the
 * double stays that match are neighbours and are found by merging the list with
 * itself; all that is compared stands in the list.  People with more than MANY_STAYS stays, whose double stays would
 * be too many, and searches for a single match go through the grid instead:
 * they count the people in the cells around their stays one by one.  The same
 * grid then tells how many stays of a facility match by chance.
 *
 * Both yield candidates, of which a maximum matching of the stays (no stay counts
 * twice) then leaves the companions.  People with fewer than min_times stays are
 * left out before.  Time is n log n plus the candidates; memory some 60 bytes a
 * stay, 16 a double stay (at most (MANY_STAYS - 1) / 2 a stay, usually one or two)
 * and as much again for the largest facility, and 8 a candidate, of which there
 * are at most CANDIDATES_MAX.
 *
 * Chance: were stays of a facility assigned at random, each pair of stays of
 * two people there would match with the share of matching pairs among all pairs
 * of stays of different people there.  Adding these up for all stays of both
 * gives the expected number, and a Poisson tail the p-value.
 */
#include "postgres.h"
#include "compat.h"

#include "lib/bipartite_match.h"
#include "miscadmin.h"
#include "utils/memutils.h"

#include "graph.h"
#include "rows.h"
#include "stays.h"
#include "tails.h"

/* More companions than this are no finding but an error. */
#define COMPANION_PAIRS_MAX		5000000

/* Candidates kept at once; half of them may be left after dropping doubles. */
#define CANDIDATES_MAX			(1 << 24)

/* People with more stays are searched through the grid. */
#define MANY_STAYS				24

/* Beyond this tolerance nearly everything matches, and the grid is as good. */
#define DOUBLE_STAYS_WITHIN		31

/* What the matching of core can number. */
#define STAYS_OF_PERSON_MAX		32000

/* Stays with one admission and one discharge date: people, ascending. */
typedef struct Cell
{
	DateADT		discharged;
	int32		first;			/* into persons */
} Cell;

/* Cells with one admission date, by discharge date. */
typedef struct Day
{
	DateADT		admitted;
	int32		first;			/* into cells */
} Day;

typedef struct Grid
{
	int32	   *persons;		/* of each stay, in the order of cells */
	Cell	   *cells;			/* one more at the end */
	Day		   *days;			/* one more at the end */
	int32	   *facility_days;	/* per facility its first day; one more */
	int32		count;
	int32		cell_count;
	int32		day_count;
} Grid;

typedef struct Pair
{
	int32		person;
	int32		other;
	int32		times;
	const int32 *stays;			/* matched, in order of the person's stays */
	const int32 *other_stays;
	double		expected;
} Pair;

/* A stay with a discharge, reduced to what matching asks. */
typedef struct Visit
{
	int32		facility;
	DateADT		admitted;
	DateADT		discharged;
	int32		person;
	int32		stay;
} Visit;

/* The same for the grid. */
typedef struct GridStay
{
	DateADT		admitted;
	DateADT		discharged;
	int32		person;
} GridStay;

typedef struct Search Search;
typedef void (*PairFound) (Search *search, const Pair *pair);

struct Search
{
	const Stays *book;
	int			within_days;
	int			min_times;
	PairFound	found;
	int64		pairs;

	Visit	   *visits;			/* by person, in order */
	int32	   *starts;			/* per person its first visit; one more */
	int32	   *counts;			/* per person its visits */
	GridStay   *grid_stays;		/* by facility, in order; gone with the grid */
	int32	   *facility_starts;	/* per facility its first one; one more */
	double	   *weights;		/* per facility: chance of a match */
	Grid		grid;			/* made when it is first asked for */
	int32	   *met;			/* per person: matches with the one at hand */
	int32	   *touched;
	uint64	   *candidates;		/* person << 32 | other */
	int32		candidate_count;
	int32		candidate_allocated;

	/* of the pair at hand */
	MemoryContext pair_context;

	/* of companions */
	DetectorRows *rows;

	/* of companion_groups */
	Forest		forest;
	int32	   *pairs_of;		/* per first person of a pair */
	int64	   *times_of;
};


#define ST_SORT sort_grid_stays
#define ST_ELEMENT_TYPE GridStay
#define ST_COMPARE(a, b) ((a)->discharged != (b)->discharged ? \
						  ((a)->discharged < (b)->discharged ? -1 : 1) : \
						  ((a)->person > (b)->person) - ((a)->person < (b)->person))
#define ST_SCOPE static
#define ST_CHECK_FOR_INTERRUPTS
#define ST_DEFINE
#include "lib/sort_template.h"

#define ST_SORT sort_candidates
#define ST_ELEMENT_TYPE uint64
#define ST_COMPARE(a, b) ((*(a) > *(b)) - (*(a) < *(b)))
#define ST_SCOPE static
#define ST_CHECK_FOR_INTERRUPTS
#define ST_DEFINE
#include "lib/sort_template.h"

#define ST_SORT sort_numbers
#define ST_ELEMENT_TYPE int32
#define ST_COMPARE(a, b) ((*(a) > *(b)) - (*(a) < *(b)))
#define ST_SCOPE static
#define ST_DEFINE
#include "lib/sort_template.h"

/* -- the grid -- */

static void
grid_init(Grid *grid, const Stays *book)
{
	grid->persons = palloc(mul_size(book->count, sizeof(int32)));
	grid->cells = palloc(mul_size((Size) book->count + 1, sizeof(Cell)));
	grid->days = palloc(mul_size((Size) book->count + 1, sizeof(Day)));
	grid->facility_days = palloc(mul_size((Size) book->facility_count + 1, sizeof(int32)));
	grid->count = grid->cell_count = grid->day_count = 0;
}

/* The stays of one facility and admission date become the cells of a day. */
static void
add_day(Grid *grid, DateADT admitted, GridStay *stays, int32 count)
{
	sort_grid_stays(stays, count);
	grid->days[grid->day_count].admitted = admitted;
	grid->days[grid->day_count].first = grid->cell_count;
	for (int32 i = 0; i < count; i++)
	{
		if (i == 0 || stays[i].discharged != stays[i - 1].discharged)
		{
			grid->cells[grid->cell_count].discharged = stays[i].discharged;
			grid->cells[grid->cell_count++].first = grid->count;
		}
		grid->persons[grid->count++] = stays[i].person;
	}
	grid->day_count++;
}

/* Lays the stays out by facility; only those of one day are left to sort. */
static void
grid_fill(Grid *grid, const Search *search)
{
	const int32 *starts = search->facility_starts;
	GridStay   *stays = search->grid_stays;

	for (int32 f = 0; f < search->book->facility_count; f++)
	{
		grid->facility_days[f] = grid->day_count;
		for (int32 i = starts[f]; i < starts[f + 1];)
		{
			int32		end = i + 1;

			CHECK_FOR_INTERRUPTS();
			while (end < starts[f + 1] && stays[end].admitted == stays[i].admitted)
				end++;
			add_day(grid, stays[i].admitted, stays + i, end - i);
			i = end;
		}
	}
	grid->facility_days[search->book->facility_count] = grid->day_count;
	grid->days[grid->day_count].first = grid->cell_count;
	grid->cells[grid->cell_count].first = grid->count;
}

static const Grid *
grid_of(Search *search)
{
	if (search->grid_stays != NULL)
	{
		grid_init(&search->grid, search->book);
		grid_fill(&search->grid, search);
		pfree(search->grid_stays);
		search->grid_stays = NULL;
	}
	return &search->grid;
}

/* The first day of FACILITY with an admission date of at least DATE. */
static int32
first_day(const Grid *grid, int32 facility, int64 date)
{
	int32		low = grid->facility_days[facility];
	int32		high = grid->facility_days[facility + 1];

	while (low < high)
	{
		int32		middle = low + (high - low) / 2;

		if (grid->days[middle].admitted < date)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* The first cell of DAY with a discharge date of at least DATE. */
static int32
first_cell(const Grid *grid, int32 day, int64 date)
{
	int32		low = grid->days[day].first;
	int32		high = grid->days[day + 1].first;

	while (low < high)
	{
		int32		middle = low + (high - low) / 2;

		if (grid->cells[middle].discharged < date)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* -- chance -- */

/* Matching pairs of stays at a facility, those of one person included. */
static double
count_matches(const Search *search, const Grid *grid, int32 facility)
{
	int32		last_day = grid->facility_days[facility + 1];
	int64		within = search->within_days;
	double		matches = 0;

	for (int32 day = grid->facility_days[facility]; day < last_day; day++)
		for (int32 c = grid->days[day].first; c < grid->days[day + 1].first; c++)
		{
			const Cell *cell = &grid->cells[c];
			double		size = grid->cells[c + 1].first - cell->first;
			int32		end = first_cell(grid, day, cell->discharged + within + 1);

			CHECK_FOR_INTERRUPTS();
			matches += size * (size - 1) / 2;
			matches += size * (grid->cells[end].first - grid->cells[c + 1].first);
			for (int32 later = day + 1; later < last_day &&
				 grid->days[later].admitted - (int64) grid->days[day].admitted <= within;
				 later++)
			{
				int32		from = first_cell(grid, later, cell->discharged - within);

				end = first_cell(grid, later, cell->discharged + within + 1);
				matches += size * (grid->cells[end].first - grid->cells[from].first);
			}
		}
	return matches;
}

static inline bool
visits_match(const Search *search, const Visit *a, const Visit *b)
{
	return a->facility == b->facility &&
		Abs((int64) a->admitted - b->admitted) <= search->within_days &&
		Abs((int64) a->discharged - b->discharged) <= search->within_days;
}

/* Takes the pairs of one person's own stays out of both counts. */
static void
leave_out_own(const Search *search, int32 person, double *matches, double *all,
			  int32 *seen)
{
	const Visit *visits = search->visits + search->starts[person];
	int32		count = search->counts[person];

	for (int32 i = 0; i < count; i++)
	{
		all[visits[i].facility] -= seen[visits[i].facility]++;
		for (int32 j = i - 1; j >= 0; j--)
		{
			if ((int64) visits[i].admitted - visits[j].admitted > search->within_days)
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
find_weights(Search *search)
{
	const Stays *book = search->book;
	double	   *all = palloc0(book->facility_count * sizeof(double));
	int32	   *seen = palloc0(book->facility_count * sizeof(int32));
	const Grid *grid = grid_of(search);

	search->weights = palloc0(book->facility_count * sizeof(double));
	for (int32 f = 0; f < book->facility_count; f++)
	{
		double		stays = grid->cells[grid->days[grid->facility_days[f + 1]].first].first -
		grid->cells[grid->days[grid->facility_days[f]].first].first;

		all[f] = stays * (stays - 1) / 2;
		search->weights[f] = count_matches(search, grid, f);
	}
	for (int32 p = 0; p < book->person_count; p++)
		leave_out_own(search, p, search->weights, all, seen);
	for (int32 f = 0; f < book->facility_count; f++)
		search->weights[f] = all[f] > 0 ? search->weights[f] / all[f] : 0;
	pfree(all);
	pfree(seen);
}

/* -- pairs -- */

static void too_many_pairs(void) pg_attribute_noreturn();

static void
too_many_pairs(void)
{
	ereport(ERROR,
			(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
			 errmsg("too many pairs of companions"),
			 errdetail("At most %d pairs are looked for.", COMPANION_PAIRS_MAX),
			 errhint("Raise min_times, lower within_days, or leave institutions and planned cycles out by exclude_tags.")));
}

/*
 * The matching stays of two people where none matches several of the other's,
 * as nearly always; else -1.
 */
static int32
match_plainly(const Search *search, int32 person, int32 other, int32 *stays,
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
match_stays(const Search *search, int32 person, int32 other, int32 *stays,
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
expected_times(const Search *search, int32 person, int32 other)
{
	const Visit *left = search->visits + search->starts[person];
	const Visit *right = search->visits + search->starts[other];
	double		expected = 0;

	for (int32 i = 0; i < search->counts[person]; i++)
		for (int32 j = 0; j < search->counts[other]; j++)
			if (left[i].facility == right[j].facility)
				expected += search->weights[left[i].facility];
	return expected;
}

static void
judge_pair(Search *search, int32 person, int32 other)
{
	MemoryContext outside = MemoryContextSwitchTo(search->pair_context);
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
		if (++search->pairs > COMPANION_PAIRS_MAX)
			too_many_pairs();
		pair.person = person;
		pair.other = other;
		pair.stays = stays;
		pair.other_stays = other_stays;
		pair.expected = expected_times(search, person, other);
		search->found(search, &pair);
	}
	MemoryContextSwitchTo(outside);
	MemoryContextReset(search->pair_context);
}

/* -- candidates -- */

static void
drop_doubles(Search *search)
{
	int32		kept = 0;

	sort_candidates(search->candidates, search->candidate_count);
	for (int32 i = 0; i < search->candidate_count; i++)
		if (kept == 0 || search->candidates[kept - 1] != search->candidates[i])
			search->candidates[kept++] = search->candidates[i];
	search->candidate_count = kept;
}

static void
add_candidate(Search *search, int32 a, int32 b)
{
	if (search->candidate_count == search->candidate_allocated)
	{
		if (search->candidate_allocated == CANDIDATES_MAX)
		{
			drop_doubles(search);
			if (search->candidate_count > CANDIDATES_MAX / 2)
				too_many_pairs();
		}
		else
		{
			search->candidate_allocated *= 2;
			search->candidates = repalloc_huge(search->candidates,
											   search->candidate_allocated * sizeof(uint64));
		}
	}
	search->candidates[search->candidate_count++] =
		(uint64) Min(a, b) << 32 | (uint32) Max(a, b);
}

/* -- candidates by double stays -- */

/*
 * Two stays of a person.  The key is, from the highest bits down: facility of
 * the first, facility of the second, admission of the first, admission of the
 * second, in days after the book's first.  Lengths are cut to 16 bits, which
 * only ever lets more match: candidates are judged by the stays themselves.
 */
typedef struct DoubleStay
{
	uint64		key;
	int32		person;
	uint16		first_days;		/* from admission to discharge */
	uint16		second_days;
} DoubleStay;

/* How many bits of a key hold a facility and a day. */
typedef struct KeyBits
{
	int			facility;
	int			day;
	uint64		last_day;
} KeyBits;

#define ST_SORT sort_few_double_stays
#define ST_ELEMENT_TYPE DoubleStay
#define ST_COMPARE(a, b) (((a)->key > (b)->key) - ((a)->key < (b)->key))
#define ST_SCOPE static
#define ST_DEFINE
#include "lib/sort_template.h"

#define RADIX_BITS		9
#define RADIX_VALUES	(1 << RADIX_BITS)

/* Sorts by the lowest BITS bits of the key, from the lowest digit up. */
static void
sort_double_stays(DoubleStay *stays, DoubleStay *buffer, int64 count, int bits)
{
	DoubleStay *from = stays;
	DoubleStay *to = buffer;
	int64		starts[RADIX_VALUES + 1];

	if (count < RADIX_VALUES)
	{
		sort_few_double_stays(stays, count);
		return;
	}
	for (int shift = 0; shift < bits; shift += RADIX_BITS)
	{
		DoubleStay *sorted = to;

		CHECK_FOR_INTERRUPTS();
		memset(starts, 0, sizeof(starts));
		for (int64 i = 0; i < count; i++)
			starts[(from[i].key >> shift & (RADIX_VALUES - 1)) + 1]++;
		for (int v = 0; v < RADIX_VALUES; v++)
			starts[v + 1] += starts[v];
		for (int64 i = 0; i < count; i++)
			sorted[starts[from[i].key >> shift & (RADIX_VALUES - 1)]++] = from[i];
		to = from;
		from = sorted;
	}
	if (from != stays)
		memcpy(stays, from, count * sizeof(DoubleStay));
}

static int
bits_of(uint64 value)
{
	int			bits = 0;

	for (; value > 0; value >>= 1)
		bits++;
	return bits;
}

/* False where a key does not fit: years of millions of facilities. */
static bool
key_bits(const Stays *book, KeyBits *bits)
{
	bits->last_day = book->stays[book->count - 1].admitted - book->stays[0].admitted;
	bits->facility = bits_of(book->facility_count - 1);
	bits->day = bits_of(bits->last_day);
	return 2 * (bits->facility + bits->day) <= 63;
}

static inline uint16
days_of(const Visit *visit)
{
	return (uint16) Min((int64) visit->discharged - visit->admitted, PG_UINT16_MAX);
}

static inline void
put_double_stay(const Search *search, const KeyBits *bits, DoubleStay *double_stay,
				const Visit *a, const Visit *b)
{
	DateADT		base = search->book->stays[0].admitted;
	uint64		facilities = (uint64) a->facility << bits->facility | (uint64) b->facility;
	uint64		days = (uint64) (a->admitted - base) << bits->day |
	(uint64) (b->admitted - base);

	double_stay->key = facilities << (2 * bits->day) | days;
	double_stay->person = a->person;
	double_stay->first_days = days_of(a);
	double_stay->second_days = days_of(b);
}

/* Are two stays of a person so close that another's match them in either order? */
static inline bool
in_both_orders(const Search *search, const Visit *earlier, const Visit *later)
{
	return (int64) later->admitted - earlier->admitted <= 2 * search->within_days;
}

static inline bool
few_stays(const Search *search, int32 person)
{
	return search->counts[person] >= search->min_times &&
		search->counts[person] <= MANY_STAYS;
}

/* Adds up in PUT how many double stays begin at each facility. */
static void
count_double_stays(const Search *search, int32 person, int64 *put)
{
	const Visit *visits = search->visits + search->starts[person];
	int32		count = search->counts[person];

	for (int32 i = 0; i < count; i++)
	{
		put[visits[i].facility] += count - 1 - i;
		for (int32 j = i + 1; j < count && in_both_orders(search, &visits[i], &visits[j]); j++)
			put[visits[j].facility]++;
	}
}

/* Puts those of a person where PUT says, per facility. */
static void
put_double_stays(const Search *search, const KeyBits *bits, int32 person,
				 DoubleStay *double_stays, int64 *put)
{
	const Visit *visits = search->visits + search->starts[person];
	int32		count = search->counts[person];

	for (int32 i = 0; i < count; i++)
		for (int32 j = i + 1; j < count; j++)
		{
			const Visit *a = &visits[i];
			const Visit *b = &visits[j];

			put_double_stay(search, bits, &double_stays[put[a->facility]++], a, b);
			if (in_both_orders(search, a, b))
				put_double_stay(search, bits, &double_stays[put[b->facility]++], b, a);
		}
}

/* All double stays, sorted: by facility first, then each of these in the cache. */
static DoubleStay *
find_double_stays(const Search *search, const KeyBits *bits, int64 *count)
{
	const Stays *book = search->book;
	int64	   *ends = palloc0((book->facility_count + 1) * sizeof(int64));
	int64		most = 0;
	DoubleStay *double_stays;
	DoubleStay *buffer;

	for (int32 p = 0; p < book->person_count; p++)
		if (few_stays(search, p))
			count_double_stays(search, p, ends + 1);
	for (int32 f = 0; f < book->facility_count; f++)
	{
		most = Max(most, ends[f + 1]);
		ends[f + 1] += ends[f];
	}
	*count = ends[book->facility_count];
	double_stays = MemoryContextAllocHuge(CurrentMemoryContext,
										  Max(*count, 1) * sizeof(DoubleStay));
	for (int32 p = 0; p < book->person_count; p++)
	{
		CHECK_FOR_INTERRUPTS();
		if (few_stays(search, p))
			put_double_stays(search, bits, p, double_stays, ends);
	}
	buffer = MemoryContextAllocHuge(CurrentMemoryContext, Max(most, 1) * sizeof(DoubleStay));
	for (int32 f = 0; f < book->facility_count; f++)
	{
		int64		begin = f == 0 ? 0 : ends[f - 1];

		sort_double_stays(double_stays + begin, buffer, ends[f] - begin,
						  bits->facility + 2 * bits->day);
	}
	pfree(buffer);
	pfree(ends);
	return double_stays;
}

/* Compares a double stay with those from AT on whose key is at most LAST. */
static inline void
match_double_stay(Search *search, const KeyBits *bits, const DoubleStay *one,
				  const DoubleStay *at, const DoubleStay *end, uint64 last)
{
	uint64		mask = (UINT64CONST(1) << bits->day) - 1;
	int64		first = (int64) (one->key >> bits->day & mask) + one->first_days;
	int64		second = (int64) (one->key & mask) + one->second_days;

	for (; at < end && at->key <= last; at++)
	{
		CHECK_FOR_INTERRUPTS();
		if (at->person != one->person &&
			Abs((int64) (at->key >> bits->day & mask) + at->first_days - first) <= search->within_days &&
			Abs((int64) (at->key & mask) + at->second_days - second) <= search->within_days)
			add_candidate(search, one->person, at->person);
	}
}

/*
 * Merges the sorted double stays with themselves: per day after the first
 * admission one pointer, which only moves on, to the first that could match.
 */
static void
search_double_stays(Search *search, const KeyBits *bits)
{
	int64		count;
	DoubleStay *double_stays = find_double_stays(search, bits, &count);
	DoubleStay *end = double_stays + count;
	DoubleStay **from = palloc((search->within_days + 1) * sizeof(DoubleStay *));
	uint64		day_mask = (UINT64CONST(1) << bits->day) - 1;
	uint64		within = search->within_days;

	for (uint64 after = 0; after <= within; after++)
		from[after] = double_stays;
	for (DoubleStay *one = double_stays; one < end; one++)
	{
		uint64		first = one->key >> bits->day & day_mask;
		uint64		second = one->key & day_mask;
		uint64		least = one->key - Min(second, within);
		uint64		last = one->key + Min(bits->last_day - second, within);

		match_double_stay(search, bits, one, one + 1, end, last);
		for (uint64 after = 1; after <= within && first + after <= bits->last_day; after++)
		{
			while (from[after] < end && from[after]->key < least + (after << bits->day))
				from[after]++;
			match_double_stay(search, bits, one, from[after], end, last + (after << bits->day));
		}
	}
	pfree(from);
	pfree(double_stays);
}

/* -- candidates by the grid -- */

/* Counts the people in a cell; returns the new length of touched. */
static int32
meet_cell(Search *search, const Cell *cell, int32 person, int32 touched)
{
	const int32 *end = search->grid.persons + cell[1].first;

	for (const int32 *at = search->grid.persons + cell->first; at < end; at++)
		if (*at != person && search->met[*at]++ == 0)
			search->touched[touched++] = *at;
	return touched;
}

/* The same for the cells around one stay. */
static int32
meet_around(Search *search, const Visit *stay, int32 touched)
{
	const Grid *grid = &search->grid;
	int64		within = search->within_days;
	int32		end_day = grid->facility_days[stay->facility + 1];

	for (int32 day = first_day(grid, stay->facility, stay->admitted - within);
		 day < end_day && (int64) grid->days[day].admitted - stay->admitted <= within; day++)
	{
		int32		end = grid->days[day + 1].first;

		CHECK_FOR_INTERRUPTS();
		for (int32 c = first_cell(grid, day, stay->discharged - within);
			 c < end && grid->cells[c].discharged - (int64) stay->discharged <= within; c++)
			touched = meet_cell(search, &grid->cells[c], stay->person, touched);
	}
	return touched;
}

static void
search_person(Search *search, int32 person)
{
	const Visit *visits = search->visits + search->starts[person];
	int32		touched = 0;

	for (int32 i = 0; i < search->counts[person]; i++)
		touched = meet_around(search, &visits[i], touched);
	for (int32 i = 0; i < touched; i++)
	{
		int32		other = search->touched[i];

		if (search->met[other] >= search->min_times)
			add_candidate(search, person, other);
		search->met[other] = 0;
	}
}

/* Through the grid: everybody, or only those with many stays. */
static void
search_grid(Search *search, bool everybody)
{
	const Stays *book = search->book;
	bool		some = false;

	for (int32 p = 0; p < book->person_count && !some; p++)
		some = search->counts[p] >= search->min_times &&
			(everybody || !few_stays(search, p));
	if (!some)
		return;
	(void) grid_of(search);
	search->met = palloc0(Max(book->person_count, 1) * sizeof(int32));
	search->touched = palloc(Max(book->person_count, 1) * sizeof(int32));
	for (int32 p = 0; p < book->person_count; p++)
		if (search->counts[p] >= search->min_times &&
			(everybody || !few_stays(search, p)))
			search_person(search, p);
}

/* How many stays that ended each person and each facility has, added up. */
static void
count_visits(Search *search)
{
	const Stays *book = search->book;

	search->starts = palloc0(mul_size((Size) book->person_count + 1, sizeof(int32)));
	search->facility_starts = palloc0(mul_size((Size) book->facility_count + 2, sizeof(int32)));
	for (int32 i = 0; i < book->count; i++)
	{
		if (stay_is_open(&book->stays[i]))
			continue;
		search->starts[book->stays[i].person + 1]++;
		search->facility_starts[book->stays[i].facility + 2]++;
	}
	for (int32 p = 0; p < book->person_count; p++)
		search->starts[p + 1] += search->starts[p];
	for (int32 f = 2; f < book->facility_count + 2; f++)
		search->facility_starts[f] += search->facility_starts[f - 1];
}

/* The visits by person and by facility: counting sorts that keep the book's order. */
static void
find_visits(Search *search)
{
	const Stays *book = search->book;

	count_visits(search);
	search->counts = palloc0(mul_size(book->person_count, sizeof(int32)));
	search->visits = MemoryContextAllocHuge(CurrentMemoryContext,
											book->count * sizeof(Visit));
	search->grid_stays = MemoryContextAllocHuge(CurrentMemoryContext,
												book->count * sizeof(GridStay));
	for (int32 i = 0; i < book->count; i++)
	{
		const Stay *stay = &book->stays[i];
		Visit	   *visit;
		GridStay   *grid_stay;

		if (stay_is_open(stay))
			continue;
		visit = &search->visits[search->starts[stay->person] + search->counts[stay->person]++];
		visit->facility = stay->facility;
		visit->admitted = stay->admitted;
		visit->discharged = stay->discharged;
		visit->person = stay->person;
		visit->stay = i;
		grid_stay = &search->grid_stays[search->facility_starts[stay->facility + 1]++];
		grid_stay->admitted = stay->admitted;
		grid_stay->discharged = stay->discharged;
		grid_stay->person = stay->person;
	}
}

static void
search_pairs(Search *search)
{
	KeyBits		bits;

	find_visits(search);
	search->candidate_allocated = 1024;
	search->candidates = palloc(search->candidate_allocated * sizeof(uint64));
	if (search->min_times > 1 && search->within_days <= DOUBLE_STAYS_WITHIN &&
		key_bits(search->book, &bits))
	{
		search_double_stays(search, &bits);
		search_grid(search, false);
	}
	else
		search_grid(search, true);
	if (search->candidate_count == 0)
		return;
	drop_doubles(search);
	find_weights(search);
	search->pair_context = AllocSetContextCreate(CurrentMemoryContext,
												 "medaudit companions",
												 ALLOCSET_DEFAULT_SIZES);
	for (int32 i = 0; i < search->candidate_count; i++)
		judge_pair(search, (int32) (search->candidates[i] >> 32),
				   (int32) (search->candidates[i] & PG_UINT32_MAX));
}

/* Thresholds and book of a call; false where there is nothing to search. */
static bool
search_of_call(FunctionCallInfo fcinfo, Search *search, PairFound found)
{
	memset(search, 0, sizeof(Search));
	search->within_days = detector_int(fcinfo, 1, "within_days", 0);
	search->min_times = detector_int(fcinfo, 2, "min_times", 1);
	search->book = stays_of_call(fcinfo, 3);
	search->found = found;
	return search->book != NULL && search->book->count > 1 &&
		search->book->person_count > 1;
}

/* -- companions -- */

/* Distinct facilities of the matched stays. */
static int
pair_facilities(const Stays *book, const Pair *pair)
{
	int32	   *facilities = palloc(pair->times * sizeof(int32));
	int			distinct = 0;

	for (int32 i = 0; i < pair->times; i++)
		facilities[i] = book->stays[pair->stays[i]].facility;
	sort_numbers(facilities, pair->times);
	for (int32 i = 0; i < pair->times; i++)
		distinct += i == 0 || facilities[i] != facilities[i - 1];
	return distinct;
}

static void
emit_pair(Search *search, const Pair *pair)
{
	const Stays *book = search->book;
	DateADT		first = book->stays[pair->stays[0]].admitted;
	DateADT		last = first;
	Datum		values[10];
	bool		nulls[10] = {0};

	for (int32 i = 0; i < pair->times; i++)
	{
		DateADT		admitted = book->stays[pair->stays[i]].admitted;
		DateADT		other = book->stays[pair->other_stays[i]].admitted;

		first = Min(first, Min(admitted, other));
		last = Max(last, Max(admitted, other));
	}
	detector_row_start(search->rows);
	values[0] = detector_text(book->persons[pair->person]);
	values[1] = detector_text(book->persons[pair->other]);
	values[2] = Int32GetDatum(pair->times);
	values[3] = Int32GetDatum(pair_facilities(book, pair));
	values[4] = DateADTGetDatum(first);
	values[5] = DateADTGetDatum(last);
	values[6] = Float8GetDatum(pair->expected);
	values[7] = Float8GetDatum(poisson_tail(pair->expected, pair->times));
	values[8] = stays_visit_ids(book, pair->stays, pair->times);
	values[9] = stays_visit_ids(book, pair->other_stays, pair->times);
	detector_row(search->rows, values, nulls);
}

PG_FUNCTION_INFO_V1(companions_pairs);

/* Pairs of people with min_times matching stays.  NULL book: no rows. */
Datum
companions_pairs(PG_FUNCTION_ARGS)
{
	DetectorRows rows;
	Search		search;

	detector_begin(&rows, fcinfo);
	if (search_of_call(fcinfo, &search, emit_pair))
	{
		search.rows = &rows;
		search_pairs(&search);
	}
	return detector_end(&rows);
}

/* -- groups -- */

static void
join_pair(Search *search, const Pair *pair)
{
	forest_join(&search->forest, pair->person, pair->other);
	search->pairs_of[pair->person]++;
	search->times_of[pair->person] += pair->times;
}

static void
emit_group(Search *search, int32 number, const int32 *persons, int32 count)
{
	TextSpan   *spans;
	int64		pairs = 0;
	int64		times = 0;
	Datum		values[4];
	bool		nulls[4] = {0};

	detector_row_start(search->rows);
	spans = palloc(count * sizeof(TextSpan));
	for (int32 i = 0; i < count; i++)
	{
		spans[i] = search->book->persons[persons[i]];
		pairs += search->pairs_of[persons[i]];
		times += search->times_of[persons[i]];
	}
	values[0] = Int32GetDatum(number);
	values[1] = detector_text_array(spans, count);
	values[2] = Int32GetDatum((int32) pairs);
	values[3] = Int32GetDatum((int32) Min(times, PG_INT32_MAX));
	detector_row(search->rows, values, nulls);
}

PG_FUNCTION_INFO_V1(companions_groups);

/* People connected by companions, in order of their first.  NULL book: no rows. */
Datum
companions_groups(PG_FUNCTION_ARGS)
{
	DetectorRows rows;
	Search		search;

	detector_begin(&rows, fcinfo);
	if (search_of_call(fcinfo, &search, join_pair))
	{
		int32		persons = search.book->person_count;
		int32	   *starts = palloc(mul_size((Size) persons + 1, sizeof(int32)));
		int32	   *members;
		int32		number = 0;

		search.rows = &rows;
		forest_init(&search.forest, persons);
		search.pairs_of = palloc0(persons * sizeof(int32));
		search.times_of = palloc0(persons * sizeof(int64));
		search_pairs(&search);
		members = forest_groups(&search.forest, starts);
		for (int32 p = 0; p < persons; p++)
			if (starts[p + 1] - starts[p] > 1)
				emit_group(&search, ++number, members + starts[p],
						   starts[p + 1] - starts[p]);
	}
	return detector_end(&rows);
}
