/* SPDX-License-Identifier: GPL-2.0-only */
/* Simulated CPUs are threads: one that waits for another lets it run. */
#ifndef ARCH_PROCESSOR_H
#define ARCH_PROCESSOR_H

void cpu_relax(void);

/* The counter of a test that has one. */
unsigned long cpu_cycles_ordered(void);

#endif
