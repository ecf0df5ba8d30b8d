/* SPDX-License-Identifier: GPL-2.0-only */
/* The OOM killer: who has to go when there is no memory. mm/oom_kill.c. */
#ifndef OSHIT_OOM_H
#define OSHIT_OOM_H

#include <linux/oom.h>
#include <oshit/sched.h>
#include <oshit/types.h>

struct oom_counts { /* since boot */
	unsigned long nr_requests; /* allocations that could not go on */
	unsigned long nr_kills; /* processes */
	unsigned long nr_reaped_pages; /* taken from victims before they came to their end */
};

struct oom_usage { /* pages of a process */
	unsigned long anon, file, shmem, swapped, tables, total;
};

/* A process that could be chosen. */
struct oom_candidate {
	int pid, adj;
	unsigned int uid;
	char comm[TASK_COMM_LEN];
	struct oom_usage usage;
	long points;
};

#define OOM_NR_SHOWN 10 /* of the largest, in the log */

#ifdef CONFIG_OOM_KILLER
void oom_init(void); /* the thread; before the first program. May sleep */

/* A fault of the calling program failed for want of memory. True: it is to be tried again, for
 * somebody has gone, or there may be memory by now; false: the program is to die. May sleep. */
bool pagefault_out_of_memory(void);

/* The calling thread has left its address space, which may have been a victim's. */
void oom_task_left_mm(void);

/* What the thread saw when it last chose. For the monitor, all CPUs stopped. */
extern struct oom_candidate oom_largest[OOM_NR_SHOWN];
extern unsigned int oom_nr_largest;

/* A snapshot. Any context. */
void oom_counts_get(struct oom_counts *counts);
#else
static inline void oom_init(void)
{
}

static inline bool pagefault_out_of_memory(void)
{
	return false;
}

static inline void oom_task_left_mm(void)
{
}
#endif

#endif
