/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What memory is used for, and what happened to it: counters of all of the machine, for
 * /proc/meminfo and vmstat.  Each CPU adds to a word of its own; the sum is about right while they
 * do, and exact when they do not.  Pages unless said otherwise.  Context of all: any.
 */
#ifndef OSHIT_VMSTAT_H
#define OSHIT_VMSTAT_H

#include <oshit/percpu.h>
#include <oshit/types.h>

enum vm_stat {
	NR_FILE_PAGES, /* of page caches, shared anonymous memory included */
	NR_SHMEM, /* of these: files in memory that tmpfs and shared mappings make */
	NR_ANON_MAPPED, /* mapped by programs, and theirs alone or copied when written to */
	NR_FILE_MAPPED, /* of a page cache, and mapped by programs */
	NR_ANON_THPS, /* huge pages that programs map as such */
	NR_PAGETABLE, /* tables of programs */
	PGFAULT, /* faults that were mended */
	PGMAJFAULT, /* of these: a device was read */
	NR_VM_STATS,
};

DECLARE_PER_CPU(long[NR_VM_STATS], vm_stats);

static inline void vm_stat_add(enum vm_stat stat, long nr)
{
	this_cpu_add(vm_stats[stat], nr);
}

/* Sum over all CPUs, not below 0. */
unsigned long vm_stat_read(enum vm_stat stat);

#endif
