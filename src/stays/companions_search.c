/*
 * companions_search.c
 *		Pairs of people of whom two or more stays may match: the candidates.
 *
 * Times are ticks after the first admission of the book, days or seconds.  The
 * grid lays the stays of each facility out by admission and, within it, by
 * discharge: what matches a stay are a few neighbouring cells, each a run of
 * people.
 *
 * Most matches are chance and do not recur, so they are never looked at: who
 * recurs has two stays that match two stays of the other.  Each two stays of a
 * person make a double stay; sorted by both facilities and admission dates, the
 * double stays that match are neighbours and are found by merging the list with
 * itself; all that is compared stands in the list.  People with more than
 * MANY_STAYS stays, whose double stays would be too many, and searches for a
 * single match go through the grid instead: they count the people in the cells
 * around their stays one by one.  So do searches within minutes: few are at one
 * place within minutes by chance, and the cells around a stay are as few as they.
 *
 * People with fewer than min_times stays are left out before.  Time is n log n
 * plus the candidates; memory some 60 bytes a stay, 16 a double stay (at most
 * (MANY_STAYS - 1) / 2 a stay, usually one or two) and as much again for the
 * largest facility, and 8 a candidate, of which there are at most
 * CANDIDATES_MAX.
 */
#include "postgres.h"
#include "base/compat.h"

#include "miscadmin.h"
#include "utils/memutils.h"

#include "base/array.h"
#include "base/sort.h"
#include "stays/companions.h"

/* Candidates kept at once; half of them may be left after dropping doubles. */
#define CANDIDATES_MAX			(1 << 24)

/* People with more stays are searched through the grid. */
#define MANY_STAYS				24

/* Beyond this tolerance nearly everything matches, and the grid is as good. */
#define DOUBLE_STAYS_WITHIN		31

#define ST_SORT sort_grid_stays
#define ST_ELEMENT_TYPE GridStay
#define ST_COMPARE(a, b) ((a)->discharged != (b)->discharged ? \
						  pg_cmp_s32((a)->discharged, (b)->discharged) : \
						  pg_cmp_s32((a)->person, (b)->person))
#define ST_SCOPE static
#define ST_CHECK_FOR_INTERRUPTS
#define ST_DEFINE
#include "lib/sort_template.h"

/* -- the grid -- */

static void
grid_init(Grid *grid, const Stays *book)
{
	grid->persons = palloc(mul_size(book->count, sizeof(int32)));
	grid->cells = palloc(mul_size((Size) book->count + 1, sizeof(Ticked)));
	grid->rows = palloc(mul_size((Size) book->count + 1, sizeof(Ticked)));
	grid->facility_rows = palloc(mul_size((Size) book->facility_count + 1, sizeof(int32)));
	grid->count = grid->cell_count = grid->row_count = 0;
}

/* The stays of one facility and admission become the cells of a row. */
static void
add_row(Grid *grid, int32 admitted, GridStay *stays, int32 count)
{
	sort_grid_stays(stays, count);
	grid->rows[grid->row_count].tick = admitted;
	grid->rows[grid->row_count].first = grid->cell_count;
	for (int32 i = 0; i < count; i++)
	{
		if (i == 0 || stays[i].discharged != stays[i - 1].discharged)
		{
			grid->cells[grid->cell_count].tick = stays[i].discharged;
			grid->cells[grid->cell_count++].first = grid->count;
		}
		grid->persons[grid->count++] = stays[i].person;
	}
	grid->row_count++;
}

/* Lays the stays out by facility; only those of one row are left to sort. */
static void
grid_fill(Grid *grid, const CompanionSearch *search)
{
	const int32 *starts = search->facility_starts;
	GridStay   *stays = search->grid_stays;

	for (int32 f = 0; f < search->book->facility_count; f++)
	{
		grid->facility_rows[f] = grid->row_count;
		for (int32 i = starts[f]; i < starts[f + 1];)
		{
			int32		end = i + 1;

			CHECK_FOR_INTERRUPTS();
			while (end < starts[f + 1] && stays[end].admitted == stays[i].admitted)
				end++;
			add_row(grid, stays[i].admitted, stays + i, end - i);
			i = end;
		}
	}
	grid->facility_rows[search->book->facility_count] = grid->row_count;
	grid->rows[grid->row_count].first = grid->cell_count;
	grid->cells[grid->cell_count].first = grid->count;
}

/* The grid, made when it is first asked for. */
const Grid *
companions_grid(CompanionSearch *search)
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

/* -- candidates -- */

void
companions_too_many(void)
{
	ereport(ERROR,
			(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
			 errmsg("too many pairs of companions"),
			 errdetail("At most %d pairs are looked for.", COMPANION_PAIRS_MAX),
			 errhint("Raise min_times, lower within_days, or leave institutions and planned cycles out by exclude_tags.")));
}

static void
drop_doubles(CompanionSearch *search)
{
	search->candidate_count = distinct_uint64(search->candidates, search->candidate_count);
}

static void
add_candidate(CompanionSearch *search, int32 a, int32 b)
{
	if (unlikely(search->candidate_count == CANDIDATES_MAX))
	{
		drop_doubles(search);
		if (search->candidate_count > CANDIDATES_MAX / 2)
			companions_too_many();
	}
	array_reserve(search->candidates, search->candidate_allocated, search->candidate_count + 1);
	search->candidates[search->candidate_count++] =
		(uint64) Min(a, b) << 32 | (uint32) Max(a, b);
}

/* -- candidates by double stays -- */

/*
 * Two stays of a person.  The key is, from the highest bits down: facility of
 * the first, facility of the second, admission of the first, admission of the
 * second, in ticks.  Lengths are cut to 16 bits, which
 * only ever lets more match: candidates are judged by the stays themselves.
 */
typedef struct DoubleStay
{
	uint64		key;
	int32		person;
	uint16		first_length;	/* from admission to discharge */
	uint16		second_length;
} DoubleStay;

/* How many bits of a key hold a facility and a tick. */
typedef struct KeyBits
{
	int			facility;
	int			tick;
	uint64		last_tick;
} KeyBits;

#define ST_SORT sort_few_double_stays
#define ST_ELEMENT_TYPE DoubleStay
#define ST_COMPARE(a, b) pg_cmp_u64((a)->key, (b)->key)
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
key_bits(const CompanionSearch *search, KeyBits *bits)
{
	bits->last_tick = search->last_admitted;
	bits->facility = bits_of(search->book->facility_count - 1);
	bits->tick = bits_of(bits->last_tick);
	return 2 * (bits->facility + bits->tick) <= 63;
}

static inline uint16
length_of(const Visit *visit)
{
	return (uint16) Min((int64) visit->discharged - visit->admitted, PG_UINT16_MAX);
}

static inline void
put_double_stay(const KeyBits *bits, DoubleStay *double_stay, const Visit *a, const Visit *b)
{
	uint64		facilities = (uint64) a->facility << bits->facility | (uint64) b->facility;
	uint64		ticks = (uint64) a->admitted << bits->tick | (uint64) b->admitted;

	double_stay->key = facilities << (2 * bits->tick) | ticks;
	double_stay->person = a->person;
	double_stay->first_length = length_of(a);
	double_stay->second_length = length_of(b);
}

/* Are two stays of a person so close that another's match them in either order? */
static inline bool
in_both_orders(const CompanionSearch *search, const Visit *earlier, const Visit *later)
{
	return (int64) later->admitted - earlier->admitted <= 2 * search->within;
}

static inline bool
few_stays(const CompanionSearch *search, int32 person)
{
	return search->counts[person] >= search->min_times &&
		search->counts[person] <= MANY_STAYS;
}

/* Adds up in PUT how many double stays begin at each facility. */
static void
count_double_stays(const CompanionSearch *search, int32 person, int64 *put)
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
put_double_stays(const CompanionSearch *search, const KeyBits *bits, int32 person,
				 DoubleStay *double_stays, int64 *put)
{
	const Visit *visits = search->visits + search->starts[person];
	int32		count = search->counts[person];

	for (int32 i = 0; i < count; i++)
		for (int32 j = i + 1; j < count; j++)
		{
			const Visit *a = &visits[i];
			const Visit *b = &visits[j];

			put_double_stay(bits, &double_stays[put[a->facility]++], a, b);
			if (in_both_orders(search, a, b))
				put_double_stay(bits, &double_stays[put[b->facility]++], b, a);
		}
}

/* All double stays, sorted: by facility first, then each of these in the cache. */
static DoubleStay *
find_double_stays(const CompanionSearch *search, const KeyBits *bits, int64 *count)
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
						  bits->facility + 2 * bits->tick);
	}
	pfree(buffer);
	pfree(ends);
	return double_stays;
}

/* Compares a double stay with those from AT on whose key is at most LAST. */
static inline void
match_double_stay(CompanionSearch *search, const KeyBits *bits, const DoubleStay *one,
				  const DoubleStay *at, const DoubleStay *end, uint64 last)
{
	uint64		mask = (UINT64CONST(1) << bits->tick) - 1;
	int64		first = (int64) (one->key >> bits->tick & mask) + one->first_length;
	int64		second = (int64) (one->key & mask) + one->second_length;

	for (; at < end && at->key <= last; at++)
	{
		CHECK_FOR_INTERRUPTS();
		if (at->person != one->person &&
			Abs((int64) (at->key >> bits->tick & mask) + at->first_length - first) <= search->within &&
			Abs((int64) (at->key & mask) + at->second_length - second) <= search->within)
			add_candidate(search, one->person, at->person);
	}
}

/*
 * Merges the sorted double stays with themselves: per tick after the first
 * admission one pointer, which only moves on, to the first that could match.
 */
static void
search_double_stays(CompanionSearch *search, const KeyBits *bits)
{
	int64		count;
	DoubleStay *double_stays = find_double_stays(search, bits, &count);
	DoubleStay *end = double_stays + count;
	DoubleStay **from = palloc((search->within + 1) * sizeof(DoubleStay *));
	uint64		tick_mask = (UINT64CONST(1) << bits->tick) - 1;
	uint64		within = search->within;

	for (uint64 after = 0; after <= within; after++)
		from[after] = double_stays;
	for (DoubleStay *one = double_stays; one < end; one++)
	{
		uint64		first = one->key >> bits->tick & tick_mask;
		uint64		second = one->key & tick_mask;
		uint64		least = one->key - Min(second, within);
		uint64		last = one->key + Min(bits->last_tick - second, within);

		match_double_stay(search, bits, one, one + 1, end, last);
		for (uint64 after = 1; after <= within && first + after <= bits->last_tick; after++)
		{
			while (from[after] < end && from[after]->key < least + (after << bits->tick))
				from[after]++;
			match_double_stay(search, bits, one, from[after], end, last + (after << bits->tick));
		}
	}
	pfree(from);
	pfree(double_stays);
}

/* -- candidates by the grid -- */

/* Counts the people in a cell; returns the new length of touched. */
static int32
meet_cell(CompanionSearch *search, const Ticked *cell, int32 person, int32 touched)
{
	const int32 *end = search->grid.persons + cell[1].first;

	for (const int32 *at = search->grid.persons + cell->first; at < end; at++)
		if (*at != person && search->met[*at]++ == 0)
			search->touched[touched++] = *at;
	return touched;
}

/* The same for the cells around one stay. */
static int32
meet_around(CompanionSearch *search, const Visit *stay, int32 touched)
{
	const Grid *grid = &search->grid;
	int64		within = search->within;
	int32		end_row = grid->facility_rows[stay->facility + 1];

	for (int32 row = first_ticked(grid->rows, grid->facility_rows[stay->facility],
								  end_row, (int64) stay->admitted - within);
		 row < end_row && (int64) grid->rows[row].tick - stay->admitted <= within; row++)
	{
		int32		end = grid->rows[row + 1].first;

		CHECK_FOR_INTERRUPTS();
		for (int32 c = first_cell(grid, row, stay->discharged - within);
			 c < end && grid->cells[c].tick - (int64) stay->discharged <= within; c++)
			touched = meet_cell(search, &grid->cells[c], stay->person, touched);
	}
	return touched;
}

static void
search_person(CompanionSearch *search, int32 person)
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
search_grid(CompanionSearch *search, bool everybody)
{
	const Stays *book = search->book;
	bool		some = false;

	for (int32 p = 0; p < book->person_count && !some; p++)
		some = search->counts[p] >= search->min_times &&
			(everybody || !few_stays(search, p));
	if (!some)
		return;
	(void) companions_grid(search);
	search->met = palloc0(Max(book->person_count, 1) * sizeof(int32));
	search->touched = palloc(Max(book->person_count, 1) * sizeof(int32));
	for (int32 p = 0; p < book->person_count; p++)
		if (search->counts[p] >= search->min_times &&
			(everybody || !few_stays(search, p)))
			search_person(search, p);
}

/* How many stays that ended each person and each facility has, added up. */
static void
count_visits(CompanionSearch *search)
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

/* The whole second of a time. */
static int64
second_of(Timestamp at)
{
	int64		second = at / USECS_PER_SEC;

	return at % USECS_PER_SEC < 0 ? second - 1 : second;
}

/* The first tick of the book, and how far its ticks reach. */
static int64
find_first_tick(const CompanionSearch *search)
{
	const Stays *book = search->book;
	int64		first;
	int64		last;

	if (!search->by_clock)
		return book->stays[0].admitted;
	first = second_of(book->stays[0].admitted_at);
	last = first;
	for (int32 i = 0; i < book->count; i++)
		if (!stay_is_open(&book->stays[i]))
			last = Max(last, second_of(book->stays[i].discharged_at));
	if (last - first > PG_INT32_MAX)
		ereport(ERROR,
				(errcode(ERRCODE_DATETIME_VALUE_OUT_OF_RANGE),
				 errmsg("the stays of the book reach over more than 68 years"),
				 errhint("By the clock companions are sought within a few years; by dates in any time.")));
	return first;
}

/* The visits by person and by facility: counting sorts that keep the book's order. */
static void
find_visits(CompanionSearch *search)
{
	const Stays *book = search->book;
	int64		first_tick = find_first_tick(search);

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
		visit->admitted = (int32) ((search->by_clock ? second_of(stay->admitted_at)
									: stay->admitted) - first_tick);
		visit->discharged = (int32) ((search->by_clock ? second_of(stay->discharged_at)
									  : stay->discharged) - first_tick);
		visit->person = stay->person;
		visit->stay = i;
		grid_stay = &search->grid_stays[search->facility_starts[stay->facility + 1]++];
		grid_stay->admitted = visit->admitted;
		grid_stay->discharged = visit->discharged;
		search->last_admitted = visit->admitted;
		grid_stay->person = stay->person;
	}
}

/* Candidates, ascending, each once. */
void
companions_find_candidates(CompanionSearch *search)
{
	KeyBits		bits;

	find_visits(search);
	array_reserve(search->candidates, search->candidate_allocated, 1024);
	if (search->min_times > 1 && search->within <= DOUBLE_STAYS_WITHIN &&
		key_bits(search, &bits))
	{
		search_double_stays(search, &bits);
		search_grid(search, false);
	}
	else
		search_grid(search, true);
	drop_doubles(search);
}
