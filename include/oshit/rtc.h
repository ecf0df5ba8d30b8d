/* SPDX-License-Identifier: GPL-2.0-only */
/* The clock that runs on a battery. */
#ifndef OSHIT_RTC_H
#define OSHIT_RTC_H

#ifdef CONFIG_RTC_CMOS
/* Reads the date once and sets clock_real_ns() by it. Boot, once the clock has its final rate. */
void rtc_init(void);
#else
static inline void rtc_init(void)
{
}
#endif

#endif
