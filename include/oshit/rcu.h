/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Read-copy-update: readers take no lock, write nothing and never wait; who takes something out of
 * a structure frees it only when all readers that may have found it there are done.
 *
 *	reader					updater, under a lock of its own
 *	rcu_read_lock();			old = list->first;
 *	p = rcu_dereference(list->first);	rcu_assign_pointer(list->first, old->next);
 *	... *p ...				call_rcu(&old->rcu, free_it);	and goes on
 *	rcu_read_unlock();
 *
 * A reader may not sleep and is not preempted; sections nest.  Interrupt and NMI handlers may read,
 * too.  The time until all readers that run now are done is a grace period: kernel/rcu.c has the
 * theory.
 */
#ifndef OSHIT_RCU_H
#define OSHIT_RCU_H

#include <oshit/atomic.h>
#include <oshit/lockdep.h>
#include <oshit/percpu.h>
#include <oshit/preempt.h>
#include <oshit/rcu_types.h>

static __always_inline void rcu_read_lock(void)
{
	preempt_disable();
}

static __always_inline void rcu_read_unlock(void)
{
	preempt_enable();
}

/* A pointer that an updater may change meanwhile; what it leads to is as it was before it was
 * published.  With lockdep it must be in a reader, or have interrupts off, or hold a spinlock. */
#define rcu_dereference(p)                  \
	({                                  \
		lockdep_check_rcu_reader(); \
		smp_load_acquire(&(p));     \
	})

/* The same for the updater, whose lock keeps the pointer still: @held asserts that. */
#define rcu_dereference_protected(p, lock) \
	({                                 \
		lockdep_assert_held(lock); \
		(p);                       \
	})

/* Publishes what @value leads to, which is complete. */
#define rcu_assign_pointer(p, value) smp_store_release(&(p), value)

/**
 * call_rcu() - call @fn(@head) when all readers that run now are done
 * Calls from one CPU run in order.  They run in the thread "rcu", with preemption as usual; they
 * may take what a task may take and should not sleep: others wait behind them.
 * Context: any but NMI; may be called by the callbacks.
 */
void call_rcu(struct rcu_head *head, rcu_callback_t fn);

/* Waits until all readers that run now are done.  Context: task, may sleep; not in a reader. */
void synchronize_rcu(void);

/* Waits until all calls that were asked for before have run.  Context: as synchronize_rcu(), and
 * holding nothing that a callback could want. */
void rcu_barrier(void);

/* How far it is, for the monitor and for reclaim. */
struct rcu_state {
	unsigned long nr_begun; /* batches of calls, each behind a grace period */
	unsigned long nr_ended;
	unsigned long nr_asked; /* CPUs that had to be interrupted for it */
	unsigned long nr_called; /* callbacks that have run */
	bool has_calls; /* some have not */
};
void rcu_get_state(struct rcu_state *state);

/* --- for the scheduler and the boot --- */

/* A grace period waits for this CPU. */
DECLARE_PER_CPU(bool, rcu_is_wanted);
void rcu_report(void);

/* The CPU is in no reader: it switches tasks. Interrupts off. */
static __always_inline void rcu_quiescent(void)
{
	if (unlikely(this_cpu_test(rcu_is_wanted)))
		rcu_report();
}

/* Boot: CPUs are counted from here on; before smp_init(). */
void rcu_init(void);
/* The thread that runs grace periods and callbacks. */
void rcu_start(void);
int rcu_thread(void *data);

#endif
