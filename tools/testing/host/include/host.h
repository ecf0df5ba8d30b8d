/* SPDX-License-Identifier: GPL-2.0-only */
/* What host tests may ask of the simulated machine. */
#ifndef HOST_HOST_H
#define HOST_HOST_H

#include <oshit/types.h>

/* Address space for @size bytes of physical memory, untouched, as the direct map. */
void *host_machine_new(unsigned long size);

/* Fresh copies of the per-CPU template for all simulated CPUs; the caller is on CPU 0. */
void host_cpus_reset(void);

/* The calling thread continues on simulated CPU @cpu. */
void host_cpu_enter(unsigned int cpu);

/* Runs @fn(cpu) on @nr threads, each on a CPU of its own, and waits for all. */
void host_run_on_cpus(unsigned int nr, void (*fn)(unsigned int cpu));

/* Nanoseconds since some start. */
u64 host_time_ns(void);

#endif
