/*
 * charge_scope.h
 *		When two lines lie in one scope.
 *
 * Every scope is a window of keys: a line's key is its time, or its visit where
 * the scope is the visit, and the window of a key holds the keys in its scope.
 * Windows are monotone in the key, so sorted lines need only binary searches.
 */
#ifndef MEDAUDIT_CHARGE_SCOPE_H
#define MEDAUDIT_CHARGE_SCOPE_H

#include "ledger/ledger.h"
#include "rulebook/rulebook.h"

typedef struct ScopeWindow
{
	int64		from;			/* both ends inside */
	int64		to;
} ScopeWindow;

/* Does the scope ask for a time of day? */
static inline bool
scope_is_fine(RuleScope scope)
{
	return scope == SCOPE_INSTANT || scope == SCOPE_HOUR || scope == SCOPE_ROLLING_HOURS;
}

/* One date or one hour by the calendar: what a stay has so many of. */
static inline bool
scope_is_calendar(RuleScope scope, int32 length)
{
	return scope == SCOPE_HOUR || scope == SCOPE_DAY ||
		(scope == SCOPE_ROLLING_DAYS && length == 1);
}

/* A day or finer: what is posted late under one date, it takes for done on it. */
static inline bool
scope_is_within_day(RuleScope scope, int32 length)
{
	return scope == SCOPE_INSTANT || scope_is_calendar(scope, length) ||
		(scope == SCOPE_ROLLING_HOURS && length <= 24);
}

/* Scopes that never leave a visit. */
static inline bool
scope_is_visit(RuleScope scope)
{
	return scope == SCOPE_VISIT || scope == SCOPE_BED_DAY || scope == SCOPE_BED_NIGHT;
}

static inline int64
scope_key(RuleScope scope, const LedgerLine *line)
{
	return scope_is_visit(scope) ? line->visit : line->charged_at;
}

extern ScopeWindow scope_window(RuleScope scope, int32 length, int64 key);
extern ScopeWindow scope_window_possible(RuleScope scope, int32 length,
										 const LedgerLine *line);

#endif							/* MEDAUDIT_CHARGE_SCOPE_H */
