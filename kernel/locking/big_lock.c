/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The big kernel lock (CONFIG_LOCKING_BIG).
 *
 * Whoever runs kernel code holds it: tasks from where they enter the kernel, kernel threads from
 * where they begin to run, and handlers of devices' interrupts.  So one CPU at a time is in the
 * kernel, and a spinlock_t need only keep off what else runs on this CPU.
 *
 * Some code runs without, on any number of CPUs at once, and keeps its data under raw_spinlock_t
 * or without a lock:
 *
 *	the idle loop, and a CPU on its way up or down
 *	handlers of other CPUs' interrupts (calls, reschedule, TLB, stop) and of the timer, so all
 *		functions of hrtimers, and what these wake: the scheduler, wait queues, workqueues
 *	NMI, the log, the monitor
 *	page allocator, slab allocator and per-CPU counters, which all of these may use
 *
 * Its depth belongs to the CPU, which is the task's while it runs: schedule() takes it along
 * (big_lock_drop(), big_lock_retake()).  Waiting is with interrupts off, since a handler that comes
 * then would want the lock, too; so the loop answers the calls of other CPUs, of which one may be
 * the holder, waiting for us.  Nobody may wait for it with a raw lock held: the holder may want
 * that one.  Lockdep checks this, and that each spinlock_t is taken under it.
 *
 * Whoever comes first gets it: a queue would hand it to CPUs that a virtual machine does not run at
 * the moment.  A CPU that has waited for PATIENCE_NS has it promised: then nobody else may take it,
 * and a holder that computes is asked to go through the scheduler, as if its slice were over
 * (big_lock_is_wanted()).
 */
#include <arch/processor.h>
#include <oshit/atomic.h>
#include <oshit/big_lock.h>
#include <oshit/bug.h>
#include <oshit/clock.h>
#include <oshit/irqflags.h>
#include <oshit/lockdep.h>
#include <oshit/percpu.h>
#include <oshit/preempt.h>
#include <oshit/smp.h>

#define PATIENCE_NS (5 * NSEC_PER_MSEC) /* half a slice */

static struct { /* a: atomic; numbers of CPUs + 1, 0: none */
	unsigned int holder; /* a */
	unsigned int promised_to; /* a */
} big_lock __aligned(64);

static DEFINE_PER_CPU(unsigned int, depth); /* interrupts off */

/* Asks for a promise; once it has that, asks the holder again and again to give way. */
static void insist(unsigned int me, u64 *next_ns)
{
	unsigned int promised_to = READ_ONCE(big_lock.promised_to), holder;
	u64 now_ns = clock_ns();

	if (!*next_ns)
		*next_ns = now_ns + PATIENCE_NS;
	if (now_ns < *next_ns)
		return;
	if (!promised_to && cmpxchg(&big_lock.promised_to, 0, me) == 0)
		promised_to = me;
	holder = READ_ONCE(big_lock.holder);
	if (promised_to == me && holder)
		smp_send_reschedule(holder - 1);
	*next_ns = now_ns + PATIENCE_NS;
}

static bool try_to_take(unsigned int me)
{
	unsigned int promised_to = READ_ONCE(big_lock.promised_to), free = 0;

	if ((promised_to && promised_to != me) || READ_ONCE(big_lock.holder))
		return false;
	if (!__atomic_compare_exchange_n(&big_lock.holder, &free, me, false, __ATOMIC_ACQUIRE,
					 __ATOMIC_RELAXED))
		return false;
	if (promised_to == me)
		WRITE_ONCE(big_lock.promised_to, 0);
	return true;
}

/* Interrupts off.  Calls that it answers end like interrupts, and must not switch to another task:
 * what comes here now would wait behind itself. */
static void take(void)
{
	unsigned int me = smp_processor_id() + 1;
	u64 insist_ns = 0;

	preempt_disable();
	while (!try_to_take(me)) {
		insist(me, &insist_ns);
		smp_poll_calls();
		cpu_relax();
	}
	preempt_enable_no_resched();
}

static void release(void)
{
	smp_store_release(&big_lock.holder, 0);
}

bool big_lock_is_wanted(void)
{
	return this_cpu_read(depth) && READ_ONCE(big_lock.promised_to);
}

void big_kernel_lock(void)
{
	unsigned long flags;

	local_irq_save(flags);
	if (!this_cpu_read(depth)) {
		lockdep_check_no_spinlock("the big kernel lock is taken with a spinlock held");
		take();
	}
	this_cpu_inc(depth);
	local_irq_restore(flags);
}

void big_kernel_unlock(void)
{
	unsigned long flags;

	local_irq_save(flags);
	if (!WARN_ON_ONCE(!this_cpu_read(depth)) && this_cpu_add_return(depth, -1U) == 0)
		release();
	local_irq_restore(flags);
}

bool big_lock_is_held(void)
{
	return this_cpu_read(depth);
}

unsigned int big_lock_drop(void)
{
	unsigned int levels;
	unsigned long flags;

	local_irq_save(flags);
	levels = this_cpu_read(depth);
	if (levels) {
		this_cpu_write(depth, 0);
		release();
	}
	local_irq_restore(flags);
	return levels;
}

void big_lock_retake(unsigned int levels)
{
	unsigned long flags;

	if (!levels)
		return;
	local_irq_save(flags);
	take();
	this_cpu_write(depth, levels);
	local_irq_restore(flags);
}
