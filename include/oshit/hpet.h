/* SPDX-License-Identifier: GPL-2.0-only */
/* The high precision event timer: a counter that the clock is measured against, and a spare one. */
#ifndef OSHIT_HPET_H
#define OSHIT_HPET_H

#include <oshit/types.h>

#ifdef CONFIG_HPET_TIMER
/* Checks it and lets it count. @registers: mapped uncached, or NULL. Boot. */
void hpet_init(u8 __iomem *registers);

/* Nanoseconds per count << CLOCK_SHIFT; 0: there is none. */
u64 hpet_mult(void);

/* The lower half of the counter; only if hpet_mult() is not 0. Any context. */
u32 hpet_read_low(void);
#else
static inline void hpet_init(u8 __iomem *registers __maybe_unused)
{
}
static inline u64 hpet_mult(void)
{
	return 0;
}
static inline u32 hpet_read_low(void)
{
	return 0;
}
#endif

#endif
