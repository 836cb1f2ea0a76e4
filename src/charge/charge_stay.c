/*
 * charge_stay.c
 *		What a visit says about when and where its lines were charged.
 *
 * In a stay a bill may be posted after the day it is for, so a date tells less
 * than in a visit of one date: how many dates and hours the stay has, whether
 * all of its lines lie on one of them, and which visits are of one provider.
 * All of it is read when a rule first asks, and kept for the call.
 *
 * Cost: one context for each visit asked for; providers read those of all
 * visits of the book and sort them.
 */
#include "postgres.h"
#include "base/compat.h"

#include "miscadmin.h"
#include "utils/timestamp.h"

#include "charge/charge.h"

/* The longest unit that says something, in bytes. */
#define LONGEST_UNIT	16

typedef struct KnownUnit
{
	const char *name;
	RowUnit		unit;
} KnownUnit;

static const KnownUnit known_units[] = {
	{"日", UNIT_DAY}, {"天", UNIT_DAY}, {"床日", UNIT_DAY}, {"day", UNIT_DAY}, {"d", UNIT_DAY},
	{"小时", UNIT_HOUR}, {"时", UNIT_HOUR}, {"钟头", UNIT_HOUR}, {"hour", UNIT_HOUR}, {"h", UNIT_HOUR},
	{"次", UNIT_TIMES}, {"人次", UNIT_TIMES}, {"项", UNIT_TIMES}, {"例", UNIT_TIMES}, {"time", UNIT_TIMES}
};

static bool
span_begins(TextSpan span, const char *with)
{
	int			length = strlen(with);

	return span.length >= length && memcmp(span.data, with, length) == 0;
}

/* Without blanks and in lower case, into BUFFER; what is longer says nothing. */
static TextSpan
unit_without_blanks(TextSpan unit, char *buffer)
{
	TextSpan	rest = unit;
	TextSpan	clean = {buffer, 0};

	while (rest.length > 0)
	{
		int			skip = 0;

		if (strchr(" \t\n\r\f\v", *rest.data) != NULL)
			skip = 1;
		else if (span_begins(rest, "　"))
			skip = strlen("　");
		if (skip == 0 && clean.length == LONGEST_UNIT)
			break;
		if (skip == 0)
			buffer[clean.length++] = pg_ascii_tolower((unsigned char) *rest.data);
		rest.data += Max(skip, 1);
		rest.length -= Max(skip, 1);
	}
	return clean;
}

/* The unit of a row, as _unit_key() compares it: 每天, 元/日 and 日 are one. */
RowUnit
row_unit(const Rulebook *book, const RuleRow *row)
{
	char		buffer[LONGEST_UNIT];
	TextSpan	unit = unit_without_blanks(rule_text(book, row->unit), buffer);
	TextSpan	rest = unit;

	if (unit.length == 0)
		return UNIT_NONE;
	if (span_begins(rest, "元"))
	{
		rest.data += strlen("元");
		rest.length -= strlen("元");
	}
	if (span_begins(rest, "/") || span_begins(rest, "每"))
	{
		int			skip = *rest.data == '/' ? 1 : strlen("每");

		unit.data = rest.data + skip;
		unit.length = rest.length - skip;
	}
	for (size_t i = 0; i < lengthof(known_units); i++)
		if (unit.length == (int) strlen(known_units[i].name) && span_begins(unit, known_units[i].name))
			return known_units[i].unit;
	return UNIT_OTHER;
}

/* As dates and hours; an end at midnight has no time of day. */
static StaySpan
measure_span(Timestamp from, Timestamp to)
{
	StaySpan	span;

	span.dates = (int64) day_of_timestamp(to) - day_of_timestamp(from) + 1;
	span.hours_known = !is_midnight(from) && !is_midnight(to);
	if (is_midnight(to))
		to += USECS_PER_DAY;
	span.hours = (to - from + USECS_PER_HOUR - 1) / USECS_PER_HOUR;
	return span;
}

/*
 * Is the visit a known part of a stay of one provider?  Then a cap of the stay
 * holds for it by its own dates (charge_parts.c).
 */
static bool
visit_is_part(const VisitContext *context)
{
	return context->stay_id.data != NULL && context->facility_id.data != NULL &&
		context->part_from != DT_NOBEGIN && context->part_to != DT_NOBEGIN &&
		context->part_from <= context->part_to;
}

static void
measure_stay(VisitStay *stay, const VisitContext *context)
{
	StaySpan	whole = measure_span(context->admitted_at, context->discharged_at);

	if (whole.dates < 1)
	{
		/* a stay that ends before it begins says nothing about its length */
		stay->kind = STAY_OPEN;
		stay->missing = NEEDS_ADMITTED_AT | NEEDS_DISCHARGED_AT;
		return;
	}
	stay->kind = whole.dates == 1 ? STAY_ONE_DATE : STAY_CLOSED;
	stay->whole = whole;
	stay->discharged_on = day_of_timestamp(context->discharged_at);
	stay->is_part = visit_is_part(context);
	if (stay->is_part)
		stay->part = measure_span(context->part_from, context->part_to);
}

static void
read_stay(ChargeAudit *audit, int32 visit, VisitStay *stay)
{
	const VisitContext *context = audit_context(audit, visit);
	bool		admitted = context->admitted_at != DT_NOBEGIN;
	bool		discharged = context->discharged_at != DT_NOBEGIN;

	stay->read = true;
	if (admitted && discharged)
		measure_stay(stay, context);
	else if (admitted || discharged)
	{
		stay->kind = STAY_OPEN;
		stay->missing = admitted ? NEEDS_DISCHARGED_AT : NEEDS_ADMITTED_AT;
	}
}

static VisitStay *
stay_kept(ChargeAudit *audit, int32 visit)
{
	if (audit->stays == NULL)
		audit->stays = (VisitStay *)
			MemoryContextAllocExtended(CurrentMemoryContext,
									   mul_size(audit->ledger->visit_count, sizeof(VisitStay)),
									   MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);
	if (!audit->stays[visit].read)
		read_stay(audit, visit, &audit->stays[visit]);
	return &audit->stays[visit];
}

const VisitStay *
stay_of_visit(ChargeAudit *audit, int32 visit)
{
	return stay_kept(audit, visit);
}

/* Do all lines of the visit that refunds have left lie on one date? */
static bool
lines_on_one_date(Ledger *ledger, int32 visit)
{
	bool		seen = false;
	int32		day = 0;

	ledger_read_rest(ledger);
	for (int32 run = first_run_of_visit(ledger, visit);
		 run < ledger->run_count && ledger->runs[run].visit == visit; run++)
		for (int32 i = 0; i < ledger->runs[run].count; i++)
		{
			const LedgerLine *line = &ledger->lines[ledger->runs[run].first + i];

			if (!line_is_judged(line))
				continue;
			if (seen && ledger_line_day(line) != day)
				return false;
			seen = true;
			day = ledger_line_day(line);
		}
	return true;
}

/* Was the bill of a stay of three dates or more posted whole on one date? */
bool
visit_is_posted_late(ChargeAudit *audit, int32 visit)
{
	VisitStay  *stay = stay_kept(audit, visit);

	if (stay->kind != STAY_CLOSED || stay->whole.dates < 3)
		return false;
	if (!stay->lines_read)
	{
		stay->lines_read = true;
		stay->lines_on_one_date = lines_on_one_date(audit->ledger, visit);
	}
	return stay->lines_on_one_date;
}

bool
provider_is_known(ChargeAudit *audit, int32 visit)
{
	return audit_context(audit, visit)->facility_id.data != NULL;
}

static inline int
compare_facilities(const int32 *a, const int32 *b, ChargeAudit *audit)
{
	int			order = text_span_compare(audit_context(audit, *a)->facility_id,
										  audit_context(audit, *b)->facility_id);

	return order != 0 ? order : (*a > *b) - (*a < *b);
}

#define ST_SORT sort_by_facility
#define ST_ELEMENT_TYPE int32
#define ST_COMPARE(a, b, audit) compare_facilities(a, b, audit)
#define ST_COMPARE_ARG_TYPE ChargeAudit
#define ST_CHECK_FOR_INTERRUPTS
#define ST_SCOPE static
#define ST_DEFINE
#include "lib/sort_template.h"

static bool
same_provider(ChargeAudit *audit, int32 a, int32 b)
{
	return provider_is_known(audit, a) &&
		text_span_equal(audit_context(audit, a)->facility_id,
						audit_context(audit, b)->facility_id);
}

/*
 * The visits by provider: each has the number of its provider's first visit.
 * One whose provider is not known is a provider of its own.
 */
const int32 *
providers_of_visits(ChargeAudit *audit)
{
	int32		count = audit->ledger->visit_count;
	Size		size = mul_size(count, sizeof(int32));
	int32	   *order;

	if (audit->providers != NULL)
		return audit->providers;
	audit->providers = (int32 *) MemoryContextAllocHuge(CurrentMemoryContext, size);
	order = (int32 *) MemoryContextAllocHuge(CurrentMemoryContext, size);
	for (int32 i = 0; i < count; i++)
		order[i] = i;
	sort_by_facility(order, count, audit);
	for (int32 i = 0; i < count; i++)
	{
		bool		same = i > 0 && same_provider(audit, order[i], order[i - 1]);

		audit->providers[order[i]] = same ? audit->providers[order[i - 1]] : order[i];
	}
	pfree(order);
	return audit->providers;
}

/*
 * A copy of CANDIDATES with those of one provider together, otherwise in their
 * order; ENDS, as many as there are visits, says where each provider's end, by
 * its number, and so where the next one's begin.
 */
Candidate *
candidates_by_provider(ChargeAudit *audit, const Candidates *candidates, int *ends)
{
	const int32 *providers = providers_of_visits(audit);
	Size		size = mul_size(candidates->count, sizeof(Candidate));
	Candidate  *copy = (Candidate *) MemoryContextAllocHuge(CurrentMemoryContext, size);
	int			end = 0;

	memset(ends, 0, audit->ledger->visit_count * sizeof(int));
	for (int i = 0; i < candidates->count; i++)
		ends[providers[audit_line(audit, candidates->list[i].line)->visit]]++;
	for (int32 i = 0; i < audit->ledger->visit_count; i++)
	{
		int			begin = end;

		end += ends[i];
		ends[i] = begin;
	}
	for (int i = 0; i < candidates->count; i++)
		copy[ends[providers[audit_line(audit, candidates->list[i].line)->visit]]++] = candidates->list[i];
	return copy;
}
