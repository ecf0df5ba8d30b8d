/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the scheduler knows of an address space: enough to load it on a CPU.  struct mm_struct,
 * which is of a higher tier, embeds it.
 *
 * A kernel thread has none (NULL): it runs on the tables that the CPU happens to have loaded, for
 * all have the kernel's half (lazy TLB).  So the tables of an address space that nobody uses any
 * more may still be loaded somewhere: `cpus` says where, and mm_context_unload() ends it.
 */
#ifndef OSHIT_MM_CONTEXT_H
#define OSHIT_MM_CONTEXT_H

#include <oshit/cpumask.h>
#include <oshit/types.h>

struct mm_context { /* i: constant   a: atomic bits */
	phys_addr_t root; /* i  the top page table */
	struct cpumask cpus; /* a  which have it loaded, in use or lazily */
};

/* The kernel's own tables: loaded where there are no others. */
extern struct mm_context kernel_mm_context;

/* Tells where the kernel's tables are. Boot. */
void mm_context_init(phys_addr_t root);

/*
 * Makes this CPU translate by @next; NULL: goes on with what is loaded.  Context: the switch of
 * tasks, or a task with preemption off; interrupts off.
 */
void switch_mm(struct mm_context *next);

/*
 * If this CPU runs no task with an address space, it leaves the tables that it has loaded for the
 * kernel's own: true; it remembers nothing of them then.  Context: any that may not be moved.
 */
bool mm_context_leave_lazy(void);

/*
 * Has all CPUs forget @context, which no task uses any more and none will.  After that its tables
 * may be freed.  Context: task, interrupts on.
 */
void mm_context_unload(struct mm_context *context);

#endif
