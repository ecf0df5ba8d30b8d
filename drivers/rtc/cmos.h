/* SPDX-License-Identifier: GPL-2.0-only */
/* Between the driver and its test. */
#ifndef RTC_CMOS_H
#define RTC_CMOS_H

#include <oshit/date.h>
#include <oshit/types.h>

struct cmos_reading { /* as the registers are */
	u8 second, minute, hour, day, month, year;
	u8 century; /* 0: there is no such register */
	u8 format; /* status register B */
};

#define CMOS_24_HOURS 0x02
#define CMOS_BINARY   0x04 /* else each half byte is a decimal digit */
#define CMOS_PM	      0x80 /* in the hour, if that goes to 12 */

/* What date the registers mean. 0, or -EINVAL if none. Any context. */
int cmos_decode(const struct cmos_reading *reading, struct date *date);

#endif
