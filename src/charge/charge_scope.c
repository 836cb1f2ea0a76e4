/*
 * charge_scope.c
 *		When two lines lie in one scope.
 *
 * Calendar scopes give the calendar unit around a time, rolling scopes the
 * times at most so far away on either side; all in constant time, without
 * PostgreSQL's interval arithmetic.
 */
#include "postgres.h"
#include "base/compat.h"

#include "base/days.h"
#include "charge/charge_scope.h"

/* From midnight of one day to the last microsecond before another. */
static ScopeWindow
window_of_days(int64 first, int64 after)
{
	ScopeWindow window;

	window.from = first * USECS_PER_DAY;
	window.to = after * USECS_PER_DAY - 1;
	return window;
}

/* The block of so many months (1, 3 or 12) of its year that holds DAY. */
static ScopeWindow
window_of_months(int32 day, int block)
{
	int			year;
	int			month;
	int			day_of_month;
	int			first;
	int			after;

	calendar_of_day(day, &year, &month, &day_of_month);
	first = (month - 1) / block * block + 1;
	after = first + block;
	return window_of_days(day_of_calendar(year, first, 1),
						  day_of_calendar(after > 12 ? year + 1 : year,
										  after > 12 ? after - 12 : after, 1));
}

static ScopeWindow
window_of_hour(Timestamp at)
{
	ScopeWindow window;
	int64		into = at % USECS_PER_HOUR;

	if (into < 0)
		into += USECS_PER_HOUR;
	window.from = at - into;
	window.to = window.from + USECS_PER_HOUR - 1;
	return window;
}

/* Monday to Sunday. */
static ScopeWindow
window_of_week(int32 day)
{
	int64		monday = (int64) day - weekday_of_day(day) + 1;

	return window_of_days(monday, monday + 7);
}

/* Longer than any book; keeps the arithmetic inside int64. */
#define LONGEST_SCOPE	10000000

/* The keys in the scope of KEY; LENGTH is that of the rolling scopes. */
ScopeWindow
scope_window(RuleScope scope, int32 length, int64 key)
{
	ScopeWindow window = {key, key};
	int32		day;

	length = Min(length, LONGEST_SCOPE);
	if (scope_is_visit(scope) || scope == SCOPE_INSTANT)
		return window;
	switch (scope)
	{
		case SCOPE_HOUR:
			return window_of_hour(key);
		case SCOPE_ROLLING_HOURS:
			window.from = key - (int64) length * USECS_PER_HOUR;
			window.to = key + (int64) length * USECS_PER_HOUR;
			return window;
		case SCOPE_DAY:
			day = day_of_timestamp(key);
			return window_of_days(day, (int64) day + 1);
		case SCOPE_ROLLING_DAYS:
			day = day_of_timestamp(key);
			return window_of_days((int64) day - length + 1, (int64) day + length);
		case SCOPE_WEEK:
			return window_of_week(day_of_timestamp(key));
		case SCOPE_MONTH:
			return window_of_months(day_of_timestamp(key), 1);
		case SCOPE_QUARTER:
			return window_of_months(day_of_timestamp(key), 3);
		case SCOPE_YEAR:
			return window_of_months(day_of_timestamp(key), 12);
		default:
			/* no scope, and span: the whole book */
			window.from = PG_INT64_MIN;
			window.to = PG_INT64_MAX;
			return window;
	}
}

/*
 * The keys that may lie in the scope of LINE: as scope_window() when its time
 * of day is known, else what any time of its day would reach.
 */
ScopeWindow
scope_window_possible(RuleScope scope, int32 length, const LedgerLine *line)
{
	ScopeWindow window;

	if (!scope_is_fine(scope) || line->has_time)
		return scope_window(scope, length, scope_key(scope, line));
	window = window_of_days(ledger_line_day(line), (int64) ledger_line_day(line) + 1);
	window.from = scope_window(scope, length, window.from).from;
	window.to = scope_window(scope, length, window.to).to;
	return window;
}
