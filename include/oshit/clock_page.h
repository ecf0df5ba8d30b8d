/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the clock is read from, in a page of its own that user programs see, too (the vDSO's).  The
 * theory stands at the head of kernel/time/clock.c.
 */
#ifndef OSHIT_CLOCK_PAGE_H
#define OSHIT_CLOCK_PAGE_H

#include <arch/page.h>
#include <oshit/clocksource.h>
#include <oshit/seqlock.h>

struct clock_page { /* alone in its page; holds nothing that a user program may not see */
	seqcount_latch_t latch; /* writers hold clock_lock */
	struct clock_params copies[2];
} __aligned(PAGE_SIZE);

extern struct clock_page clock_page;

/* Where @params puts @cycles of its counter. */
static __always_inline u64 clock_params_ns(const struct clock_params *params, u64 cycles)
{
	u64 delta = cycles - params->base_cycles;

	if (likely((s64)delta >= 0))
		return params->base_ns + clock_scale(delta, params->mult);
	return params->base_ns - clock_scale(-delta, params->mult_before);
}

#endif
