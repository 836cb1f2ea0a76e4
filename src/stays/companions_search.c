/*
 * companions_search.c
 *		Pairs of people of whom two or more stays may match: the candidates.
 *
 * The grid lays the stays of each facility out by admission date and, within
 * it, by discharge date: what matches a stay are a few neighbouring cells, each
 * a run of people.
 *
 * Most matches are chance and do not recur, so they are never looked at: who
 * recurs has two stays that match two stays of the other.  Each two stays of a
 * person make a double stay; sorted by both facilities and admission dates, the
 * double stays that match are neighbours and are found by merging the list with
 * itself; all that is compared stands in the list.  People with more than
 * MANY_STAYS stays, whose double stays would be too many, and searches for a
 * single match go through the grid instead: they count the people in the cells
 * around their stays one by one.
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
	grid->cells = palloc(mul_size((Size) book->count + 1, sizeof(Dated)));
	grid->days = palloc(mul_size((Size) book->count + 1, sizeof(Dated)));
	grid->facility_days = palloc(mul_size((Size) book->facility_count + 1, sizeof(int32)));
	grid->count = grid->cell_count = grid->day_count = 0;
}

/* The stays of one facility and admission date become the cells of a day. */
static void
add_day(Grid *grid, DateADT admitted, GridStay *stays, int32 count)
{
	sort_grid_stays(stays, count);
	grid->days[grid->day_count].date = admitted;
	grid->days[grid->day_count].first = grid->cell_count;
	for (int32 i = 0; i < count; i++)
	{
		if (i == 0 || stays[i].discharged != stays[i - 1].discharged)
		{
			grid->cells[grid->cell_count].date = stays[i].discharged;
			grid->cells[grid->cell_count++].first = grid->count;
		}
		grid->persons[grid->count++] = stays[i].person;
	}
	grid->day_count++;
}

/* Lays the stays out by facility; only those of one day are left to sort. */
static void
grid_fill(Grid *grid, const CompanionSearch *search)
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
put_double_stay(const CompanionSearch *search, const KeyBits *bits, DoubleStay *double_stay,
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
in_both_orders(const CompanionSearch *search, const Visit *earlier, const Visit *later)
{
	return (int64) later->admitted - earlier->admitted <= 2 * search->within_days;
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

			put_double_stay(search, bits, &double_stays[put[a->facility]++], a, b);
			if (in_both_orders(search, a, b))
				put_double_stay(search, bits, &double_stays[put[b->facility]++], b, a);
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
						  bits->facility + 2 * bits->day);
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
search_double_stays(CompanionSearch *search, const KeyBits *bits)
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
meet_cell(CompanionSearch *search, const Dated *cell, int32 person, int32 touched)
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
	int64		within = search->within_days;
	int32		end_day = grid->facility_days[stay->facility + 1];

	for (int32 day = first_dated(grid->days, grid->facility_days[stay->facility],
								 end_day, (int64) stay->admitted - within);
		 day < end_day && (int64) grid->days[day].date - stay->admitted <= within; day++)
	{
		int32		end = grid->days[day + 1].first;

		CHECK_FOR_INTERRUPTS();
		for (int32 c = first_cell(grid, day, stay->discharged - within);
			 c < end && grid->cells[c].date - (int64) stay->discharged <= within; c++)
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

/* The visits by person and by facility: counting sorts that keep the book's order. */
static void
find_visits(CompanionSearch *search)
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

/* Candidates, ascending, each once. */
void
companions_find_candidates(CompanionSearch *search)
{
	KeyBits		bits;

	find_visits(search);
	array_reserve(search->candidates, search->candidate_allocated, 1024);
	if (search->min_times > 1 && search->within_days <= DOUBLE_STAYS_WITHIN &&
		key_bits(search->book, &bits))
	{
		search_double_stays(search, &bits);
		search_grid(search, false);
	}
	else
		search_grid(search, true);
	drop_doubles(search);
}
