/* SPDX-License-Identifier: GPL-2.0-only */
/* The event source of each CPU: one interrupt, once, at a given time. */
#ifndef ARCH_TIMER_H
#define ARCH_TIMER_H

#include <oshit/types.h>

/**
 * arch_timer_set() - have hrtimer_interrupt() called on this CPU, once
 * @deadline_ns: by clock_ns(); a time in the past means at once
 *
 * Takes the place of what was set before.  The interrupt may come early if the deadline is farther
 * away than the hardware counts: the caller sets it again.  This CPU, interrupts off.
 */
void arch_timer_set(u64 deadline_ns);

/* No event any more; one that is on its way may still come. This CPU, interrupts off. */
void arch_timer_stop(void);

#endif
