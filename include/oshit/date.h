/* SPDX-License-Identifier: GPL-2.0-only */
/* Dates of the Gregorian calendar, UTC, without leap seconds, as numbers of seconds since 1970. */
#ifndef OSHIT_DATE_H
#define OSHIT_DATE_H

#include <oshit/types.h>

struct date {
	unsigned int year; /* 1970.. */
	unsigned int month; /* 1..12 */
	unsigned int day; /* 1..31 */
	unsigned int hour, minute, second;
};

/* Whether there is such a date, from 1970 to 9999. */
bool date_is_valid(const struct date *date);

/* @date: valid. Any context. */
u64 date_to_seconds(const struct date *date);

/* The inverse. Any context. */
struct date date_from_seconds(u64 seconds);

#endif
