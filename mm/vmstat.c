/* SPDX-License-Identifier: GPL-2.0-only */
/* Counters of memory: <oshit/vmstat.h> has the theory. */
#include <oshit/cpumask.h>
#include <oshit/math.h>
#include <oshit/vmstat.h>

DEFINE_PER_CPU(long[NR_VM_STATS], vm_stats);

unsigned long vm_stat_read(enum vm_stat stat)
{
	unsigned int cpu;
	long sum = 0;

	for_each_possible_cpu(cpu)
		sum += READ_ONCE(per_cpu(vm_stats, cpu)[stat]);
	return (unsigned long)max(sum, 0L);
}
