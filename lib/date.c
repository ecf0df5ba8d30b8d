/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Dates and seconds.  Years are counted from March on, so that the day that some of them have
 * more is their last, and a date's place in its year does not depend on it.  400 years, an era,
 * have the same number of days always.  No state; any context.
 */
#include <oshit/date.h>

#define ERA_YEARS      400u
#define ERA_DAYS       146097u
#define DAYS_TO_1970   719468u /* from 1 March of the year 0 */
#define SECONDS_OF_DAY 86400u
#define MARCH	       3u

static bool is_leap_year(unsigned int year)
{
	return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

static unsigned int days_of_month(unsigned int year, unsigned int month)
{
	static const u8 days[12] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };

	return days[month - 1] + (month == 2 && is_leap_year(year));
}

bool date_is_valid(const struct date *date)
{
	return date->year >= 1970 && date->year <= 9999 && date->month >= 1 && date->month <= 12 &&
	       date->day >= 1 && date->day <= days_of_month(date->year, date->month) &&
	       date->hour < 24 && date->minute < 60 && date->second < 60;
}

/* Days before a month, March being 0: 31 30 31 30 31 repeats. */
static unsigned int days_before(unsigned int month)
{
	return (153 * month + 2) / 5;
}

u64 date_to_seconds(const struct date *date)
{
	unsigned int month = (date->month + 12 - MARCH) % 12;
	unsigned int year = date->year - (date->month < MARCH);
	u64 days = (u64)year * 365 + year / 4 - year / 100 + year / 400 + days_before(month) +
		   date->day - 1 - DAYS_TO_1970;

	return ((days * 24 + date->hour) * 60 + date->minute) * 60 + date->second;
}

struct date date_from_seconds(u64 seconds)
{
	u64 days = seconds / SECONDS_OF_DAY + DAYS_TO_1970;
	unsigned int rest = (unsigned int)(seconds % SECONDS_OF_DAY);
	unsigned int era = (unsigned int)(days / ERA_DAYS), day = (unsigned int)(days % ERA_DAYS);
	/* Out come the days that leap years have more: each 4th, not each 100th, but each 400th. */
	unsigned int year = (day - day / 1460 + day / 36524 - day / 146096) / 365;
	unsigned int month;

	day -= year * 365 + year / 4 - year / 100;
	month = (5 * day + 2) / 153;
	return (struct date){
		.year = era * ERA_YEARS + year + (month >= 10),
		.month = month < 10 ? month + MARCH : month - 9,
		.day = day - days_before(month) + 1,
		.hour = rest / 3600,
		.minute = rest / 60 % 60,
		.second = rest % 60,
	};
}
