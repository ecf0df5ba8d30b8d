/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * From the registers of a PC's real-time clock to a date.  Digits may be binary or decimal, hours
 * go to 12 or 24, and the century is in a register that ACPI names, or is not there: then two
 * digits mean 1970 to 2069.  No state; any context.
 */
#include <linux/errno.h>

#include "cmos.h"

#define CENTURY_CHANGES_AT 70 /* 69 is 2069 */

static int decode_byte(u8 byte, u8 format)
{
	if (format & CMOS_BINARY)
		return byte;
	if ((byte & 0xf) > 9 || byte >> 4 > 9)
		return -EINVAL;
	return (byte >> 4) * 10 + (byte & 0xf);
}

static int decode_hour(u8 byte, u8 format)
{
	int hour;

	if (format & CMOS_24_HOURS)
		return decode_byte(byte, format);
	hour = decode_byte(byte & 0x7f, format);
	if (hour < 1 || hour > 12)
		return -EINVAL;
	return hour % 12 + (byte & CMOS_PM ? 12 : 0);
}

static int decode_year(const struct cmos_reading *reading)
{
	int year = decode_byte(reading->year, reading->format);
	int century = decode_byte(reading->century, reading->format);

	if (year < 0 || year > 99)
		return -EINVAL;
	if (reading->century && century >= 19 && century <= 99)
		return century * 100 + year;
	return year + (year < CENTURY_CHANGES_AT ? 2000 : 1900);
}

int cmos_decode(const struct cmos_reading *reading, struct date *date)
{
	int second = decode_byte(reading->second, reading->format);
	int minute = decode_byte(reading->minute, reading->format);
	int hour = decode_hour(reading->hour, reading->format);
	int day = decode_byte(reading->day, reading->format);
	int month = decode_byte(reading->month, reading->format);
	int year = decode_year(reading);

	if (second < 0 || minute < 0 || hour < 0 || day < 0 || month < 0 || year < 0)
		return -EINVAL;
	*date = (struct date){
		.year = (unsigned int)year,
		.month = (unsigned int)month,
		.day = (unsigned int)day,
		.hour = (unsigned int)hour,
		.minute = (unsigned int)minute,
		.second = (unsigned int)second,
	};
	return date_is_valid(date) ? 0 : -EINVAL;
}
