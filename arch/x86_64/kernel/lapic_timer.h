/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef KERNEL_LAPIC_TIMER_H
#define KERNEL_LAPIC_TIMER_H

#include <oshit/types.h>

/* The boot CPU's timer starts to count, without interrupts. Boot. */
void lapic_timer_measure(void);

/* Computes its rate. @tsc_mult: nanoseconds per cycle of the TSC << CLOCK_SHIFT. Boot. */
void lapic_timer_finish(u64 tsc_mult);

/* This CPU's timer works from now on. Interrupts off. */
void lapic_timer_start_cpu(void);

#endif
