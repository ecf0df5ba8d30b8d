/* SPDX-License-Identifier: GPL-2.0-only */
/* What there is to say about a CPU: its part of /proc/cpuinfo, and what it is vulnerable to. */
#ifndef ARCH_CPUINFO_H
#define ARCH_CPUINFO_H

#include <oshit/types.h>

struct seq_file;

/* An online CPU. Task. */
void arch_cpuinfo_show(struct seq_file *m, unsigned int cpu);

/* The system's own interrupts, a line each: name, counts of the online CPUs, text. Task. */
void arch_interrupts_show(struct seq_file *m);

/* Number @nr of the weaknesses that Linux has a file for, as its name and what it says of this
 * machine; NULL: there are not so many. */
const char *arch_vulnerability(unsigned int nr, const char **state);

#endif
