/*
 * days.c
 *		Calendar days as years, months and days of a month, and back.
 *
 * The arithmetic is PostgreSQL's own, which counts Julian days.
 */
#include "postgres.h"
#include "base/compat.h"

#include "utils/datetime.h"

#include "base/days.h"

/* Is there such a day: no 30th of February, no 13th month? */
bool
calendar_day_exists(int year, int month, int day_of_month)
{
	return month >= 1 && month <= 12 && day_of_month >= 1 &&
		day_of_month <= day_tab[isleap(year)][month - 1];
}

/* The number of a day that exists. */
int32
day_of_calendar(int year, int month, int day_of_month)
{
	return date2j(year, month, day_of_month) - POSTGRES_EPOCH_JDATE;
}

void
calendar_of_day(int32 day, int *year, int *month, int *day_of_month)
{
	j2date(day + POSTGRES_EPOCH_JDATE, year, month, day_of_month);
}
