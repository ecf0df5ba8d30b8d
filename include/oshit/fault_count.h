/* SPDX-License-Identifier: GPL-2.0-only */
/* Page faults of programs, counted by kind on each CPU: CONFIG_FAULT_COUNTERS. */
#ifndef OSHIT_FAULT_COUNT_H
#define OSHIT_FAULT_COUNT_H

#include <oshit/percpu.h>
#include <oshit/types.h>

enum fault_kind {
	FAULT_ANON, /* a new page of zeros */
	FAULT_ZERO, /* the shared page of zeros */
	FAULT_FILE, /* a page of the page cache */
	FAULT_FILE_COPY, /* a copy of one, to write to */
	FAULT_COW, /* a copy of a page that is shared, or of zeros */
	FAULT_SWAP, /* a page that was in swap, or on its way there */
	FAULT_REUSE, /* a page that nobody shares any more is writable again */
	FAULT_SPURIOUS, /* nothing to do: another CPU was faster, or the TLB out of date */
	FAULT_RACED, /* work was done in vain: another CPU was faster meanwhile */
	FAULT_STACK, /* a stack grew; what follows counts, too */
	FAULT_BY_AREA, /* of those above: with the lock of the area alone */
	FAULT_BY_MM, /* with mmap_lock */
	FAULT_IN_KERNEL, /* of those above: the kernel touched the program's memory */
	FAULT_SEGV, /* the program may not: SIGSEGV, SIGBUS, EFAULT */
	FAULT_OOM, /* no memory: the program ends */
	NR_FAULT_KINDS,
};

#ifdef CONFIG_FAULT_COUNTERS
DECLARE_PER_CPU(unsigned long[NR_FAULT_KINDS], fault_counts);

/* Any context. */
static inline void count_fault(enum fault_kind kind)
{
	this_cpu_inc(fault_counts[kind]);
}
#else
static inline void count_fault(enum fault_kind kind __maybe_unused)
{
}
#endif

#endif
