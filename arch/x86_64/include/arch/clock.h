/* SPDX-License-Identifier: GPL-2.0-only */
/* The counters of this kind of machine, and how their rates are measured. */
#ifndef ARCH_CLOCK_H
#define ARCH_CLOCK_H

#include <oshit/types.h>

/* Starts clock_ns(), which counts from @first_cycles, with a rate that may be wrong by some percent
 * until arch_clock_finish().  Boot CPU, first of all. */
void arch_clock_start(u64 first_cycles);

/* Begins to measure the counters against each other; the boot goes on meanwhile.  After
 * acpi_init(). */
void arch_clock_measure(void);

/* Ends that; waits some milliseconds if it has been too short for 0.04 %.  From now on the boot
 * CPU's event source works, and those of others as they come up.  Boot CPU, before smp_init(). */
void arch_clock_finish(void);

#endif
