/* SPDX-License-Identifier: GPL-2.0-only */
/* The clock and event sources of simulated CPUs. */
#ifndef TESTING_SIM_TIMER_H
#define TESTING_SIM_TIMER_H

#include <oshit/percpu.h>
#include <oshit/types.h>

extern u64 sim_now_ns; /* what clock_ns() says */
extern u64 sim_event_ns[NR_CPUS]; /* what arch_timer_set() was told last */
extern unsigned long sim_nr_sets; /* calls of it, by all CPUs */

/* Fresh CPUs at time 0; the caller is on CPU 0. */
void sim_reset(void);

/* The calling thread runs @fn as CPU @cpu. */
void sim_on_cpu(unsigned int cpu, void (*fn)(void));

/* CPU @cpu takes timer interrupts for as long as its event is due. */
void sim_take_interrupts(unsigned int cpu);

#endif
