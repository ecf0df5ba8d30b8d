/* SPDX-License-Identifier: GPL-2.0-only */
/* The kernel's monotonic clock and busy delays. */
#ifndef OSHIT_CLOCK_H
#define OSHIT_CLOCK_H

#include <oshit/types.h>

#define NSEC_PER_USEC 1000UL
#define NSEC_PER_MSEC 1000000UL
#define NSEC_PER_SEC  1000000000UL

/* Nanoseconds since the kernel's first instruction; 0 until it is calibrated. Any context. */
u64 clock_ns(void);

/* Spins for at least so long. Any context. */
void delay_us(unsigned long us);

#endif
