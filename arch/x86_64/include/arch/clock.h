/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef ARCH_CLOCK_H
#define ARCH_CLOCK_H

#include <oshit/types.h>

/* Measures the cycle counter; clock_ns() counts from @first_cycles. Boot CPU. */
void clock_init(u64 first_cycles);

#endif
