/*
 * days.h
 *		Calendar days, numbered as PostgreSQL's date: 0 is 2000-01-01.
 *
 * A day is a calendar day of local time.  What a detector asks of every line is
 * inline and costs a division; what turns days into years, months and days of
 * the Gregorian calendar stands in days.c.
 */
#ifndef MEDAUDIT_DAYS_H
#define MEDAUDIT_DAYS_H

#include "datatype/timestamp.h"
#include "utils/date.h"

/* Times of a claim lie in the years 1 to 9999; their differences never overflow. */
#define DAY_FIRST_OF_YEAR_1		(-730119)
#define DAY_LAST_OF_YEAR_9999	2921939

/* The day of a finite time. */
static inline int32
day_of_timestamp(Timestamp at)
{
	int64		day = at / USECS_PER_DAY;

	if (at % USECS_PER_DAY < 0)
		day--;
	return (int32) day;
}

/* The same of any time: infinity stays infinity. */
static inline DateADT
date_of_timestamp(Timestamp at)
{
	if (unlikely(TIMESTAMP_NOT_FINITE(at)))
		return TIMESTAMP_IS_NOEND(at) ? DATEVAL_NOEND : DATEVAL_NOBEGIN;
	return day_of_timestamp(at);
}

/* Its first moment. */
static inline Timestamp
midnight_of_day(int32 day)
{
	return (Timestamp) day * USECS_PER_DAY;
}

/* A time that is its day's first moment is most often a mere date. */
static inline bool
is_midnight(Timestamp at)
{
	return at % USECS_PER_DAY == 0;
}

/* Of a finite day, from Monday 1 to Sunday 7; day 0 was a Saturday. */
static inline int
weekday_of_day(int32 day)
{
	int			since_monday = (day + 5) % 7;

	return since_monday < 0 ? since_monday + 8 : since_monday + 1;
}

extern bool calendar_day_exists(int year, int month, int day_of_month);
extern int32 day_of_calendar(int year, int month, int day_of_month);
extern void calendar_of_day(int32 day, int *year, int *month, int *day_of_month);

#endif							/* MEDAUDIT_DAYS_H */
