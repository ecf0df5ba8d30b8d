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
	NR_FILE_DIRTY, /* newer than what is stored */
	NR_WRITEBACK, /* being stored */
	PGFAULT, /* faults that were mended */
	PGMAJFAULT, /* of these: a device was read */
	NR_DIRTIED, /* pages of files that became dirty */
	NR_WRITTEN, /* that were stored, or could not be: of files, and to swap */
	PGACTIVATE, /* to an active list, and from there */
	PGDEACTIVATE,
	PGREFILL, /* looked at on an active list */
	PGROTATED, /* to the end of an inactive list, when they had been stored */
	PGSCAN_KSWAPD, /* looked at on an inactive list, and freed: by whom, and what */
	PGSCAN_DIRECT,
	PGSTEAL_KSWAPD,
	PGSTEAL_DIRECT,
	PGSCAN_ANON,
	PGSCAN_FILE,
	PGSTEAL_ANON,
	PGSTEAL_FILE,
	ALLOCSTALL, /* times that a task reclaimed for itself */
	PAGEOUTRUN, /* times that kswapd did */
	SLABS_SCANNED, /* pages that shrinkers were asked for */
	WORKINGSET_REFAULT_ANON, /* pages that came back soon, and to an active list */
	WORKINGSET_REFAULT_FILE,
	WORKINGSET_ACTIVATE_ANON,
	WORKINGSET_ACTIVATE_FILE,
	NR_SWAP_CACHED, /* in the swap cache */
	PSWPIN, /* read from swap, and written to it */
	PSWPOUT,
	UNEVICTABLE_PGS_CULLED, /* found locked by a scan */
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
