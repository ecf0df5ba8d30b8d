/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Transparent huge pages: mm/huge_memory.c and mm/khugepaged.c.  Counters have Linux's names, those
 * of /proc/vmstat; tunables those of /sys/kernel/mm/transparent_hugepage.
 */
#ifndef OSHIT_THP_H
#define OSHIT_THP_H

#include <arch/pgtable.h>
#include <oshit/percpu.h>
#include <oshit/types.h>

struct mm_struct;
struct vm_area;

#define HUGE_ORDER 9
#define HUGE_PAGES (1UL << HUGE_ORDER)
#define HUGE_SIZE  PT_LEVEL_SIZE(1)

enum thp_event {
	THP_FAULT_ALLOC,
	THP_FAULT_FALLBACK,
	THP_COLLAPSE_ALLOC,
	THP_COLLAPSE_ALLOC_FAILED,
	THP_COLLAPSE_IN_PLACE, /* ours: 512 pages that lay in a row already */
	THP_SPLIT_PAGE,
	THP_SPLIT_PMD,
	THP_ZERO_PAGE_ALLOC,
	THP_ZERO_PAGE_ALLOC_FAILED,
	NR_THP_EVENTS,
};

enum thp_mode {
	THP_ALWAYS, /* wherever one fits */
	THP_MADVISE, /* where a program asks for it */
	THP_NEVER,
	NR_THP_MODES,
};

#ifdef CONFIG_THP
DECLARE_PER_CPU(unsigned long[NR_THP_EVENTS], thp_events);

static inline void count_thp(enum thp_event event)
{
	this_cpu_inc(thp_events[event]);
}

extern enum thp_mode thp_mode; /* transparent_hugepage=, and tests */
extern const char *const thp_mode_names[NR_THP_MODES]; /* Linux's */

/* How a mapping of @len bytes of anonymous memory is best aligned. */
static inline unsigned long thp_mapping_align(unsigned long len)
{
	return len % HUGE_SIZE || thp_mode == THP_NEVER ? PAGE_SIZE : HUGE_SIZE;
}

/* MADV_HUGEPAGE, an area that may hold a huge page, or a fault that found none: khugepaged is to
 * look at the mm. Task, a user of @mm. */
void khugepaged_enter(struct mm_struct *mm);
/* The last user of @mm has gone; afterwards khugepaged does not look at it. Task, mmap_lock not
 * held; sleeps until the thread has done its present range. */
void khugepaged_exit(struct mm_struct *mm);
void thp_init(void); /* boot */
void khugepaged_init(void); /* the thread; before the first program */

/* Tunables of khugepaged, as in sysfs. */
extern unsigned long khugepaged_pages_to_scan; /* between two sleeps */
extern unsigned long khugepaged_scan_sleep_millisecs; /* on the command line, too */
extern unsigned long khugepaged_alloc_sleep_millisecs; /* after a failure */
extern unsigned long khugepaged_max_ptes_none; /* of 512: that may be empty, or zeros */
extern unsigned long khugepaged_max_ptes_shared; /* of 512: of pages that others map, too */

/* One range: 0: it is a huge page now; -errno: why not. For tests. Takes mmap_lock. */
int khugepaged_collapse(struct mm_struct *mm, unsigned long addr);
#else
static inline unsigned long thp_mapping_align(unsigned long len __maybe_unused)
{
	return PAGE_SIZE;
}

static inline void khugepaged_enter(struct mm_struct *mm __maybe_unused)
{
}

static inline void khugepaged_exit(struct mm_struct *mm __maybe_unused)
{
}

static inline void thp_init(void)
{
}

static inline void khugepaged_init(void)
{
}
#endif

#endif
