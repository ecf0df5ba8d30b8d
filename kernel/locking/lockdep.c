/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Lockdep: finds deadlocks that have not happened yet.
 *
 * A deadlock needs two CPUs in an unlucky moment; the order in which locks nest shows in every run.
 * So lockdep learns, class by class, which lock is taken while which is held and which are used by
 * interrupts, and reports the first step that contradicts what it has learnt: if no report came, no
 * interleaving of what was seen can deadlock.  Classes and orders: kernel/locking/lockdep_graph.c.
 *
 * This file keeps the locks that are held, for each task a stack of them.  An interrupt handler
 * puts its locks on top of the interrupted task's, and has taken them off when it returns; locks of
 * another context are no predecessors, since the handler did not choose to run there.  A lock that
 * was tried does not wait, so it follows from nothing; what is taken under it does.  Order counts
 * from the last held lock that was not tried, since that one follows from those below it.  Locks of
 * a class that are tried one behind the other share a place in the stack: some try very many.
 *
 * At once, without learning, it reports:
 *	a lock of a class that is held already (unless by another subclass),
 *	a release of what is not held, a lock in memory that is freed,
 *	sleeping with a spinlock, with interrupts or preemption off, or in an interrupt,
 *	a lock held where a task ends or goes back to user mode.
 *
 * Each entry turns interrupts off and marks the CPU busy: locks that are taken while lockdep works,
 * by a console for instance, are not seen, nor are those of NMI.  No memory is allocated.
 * Left out: shared locks count as exclusive ones, since readers here wait behind writers.
 */
#include <oshit/bug.h>
#include <oshit/irqflags.h>
#include <oshit/lockdep.h>
#include <oshit/math.h>
#include <oshit/percpu.h>
#include <oshit/preempt.h>
#include <oshit/sched.h>
#include <oshit/stacktrace.h>

#include "lockdep_internal.h"

static DEFINE_PER_CPU(bool, busy); /* this CPU is inside lockdep */
static bool scheduler_runs;

struct lockdep_task *lockdep_current(void)
{
	return &current->lockdep;
}

void lockdep_task_init(struct lockdep_task *task)
{
	task->nr_held = 0;
}

void lockdep_scheduler_runs(void)
{
	WRITE_ONCE(scheduler_runs, true);
}

/* False: not now.  Else interrupts are off until lockdep_leave(). */
static bool lockdep_enter(unsigned long *flags)
{
	if (!lockdep_is_on() || in_nmi())
		return false;
	*flags = arch_irq_save();
	if (this_cpu_read(busy)) {
		arch_irq_restore(*flags);
		return false;
	}
	this_cpu_write(busy, true);
	return true;
}

static void lockdep_leave(unsigned long flags)
{
	this_cpu_write(busy, false);
	arch_irq_restore(flags);
}

static u8 context_now(void)
{
	return (u8)((preempt_count() & HARDIRQ_MASK) / HARDIRQ_OFFSET);
}

static bool report(enum lockdep_problem problem, const char *what)
{
	return lockdep_report_begin(problem, what);
}

static void report_plain(enum lockdep_problem problem, const char *what)
{
	if (report(problem, what))
		lockdep_report_end();
}

/* --- held locks --- */

static bool map_has_class(const struct lockdep_map *map, u16 class)
{
	for (unsigned int i = 0; i < LOCKDEP_SUBCLASSES; i++) {
		if (READ_ONCE(map->class[i]) == class)
			return true;
	}
	return false;
}

/* By itself, or as one of those that share a place. */
static struct held_lock *find_held(struct lockdep_task *task, const struct lockdep_map *map)
{
	struct held_lock *shared = NULL;

	for (unsigned int i = task->nr_held; i-- > 0;) {
		struct held_lock *held = &task->held[i];

		if (held->map == map)
			return held;
		if (!shared && (held->nr_more || !held->map) && map_has_class(map, held->class))
			shared = held;
	}
	return shared;
}

static void check_recursion(struct lockdep_task *task, const struct held_lock *new)
{
	for (unsigned int i = 0; i < task->nr_held; i++) {
		const struct held_lock *held = &task->held[i];

		if (held->map != new->map &&
		    (held->class != new->class || held->context != new->context))
			continue;
		if (report(LOCKDEP_RECURSION, "a lock of this class is held already")) {
			lockdep_print_class("wanted:", new->class);
			lockdep_report_end();
		}
		return;
	}
}

static void add_orders(struct lockdep_task *task, const struct held_lock *new)
{
	for (unsigned int i = task->nr_held; i-- > 0;) {
		const struct held_lock *held = &task->held[i];

		if (held->context != new->context)
			return;
		if (held->class != new->class)
			lock_graph_add(held->class, new);
		if (!(held->flags & LOCK_TRIED))
			return;
	}
}

static void note_uses(const struct held_lock *new, bool irqs_on)
{
	if (new->context && !(new->flags &LOCK_TRIED))
		lock_graph_use(new, USED_IN_IRQ);
	if (irqs_on)
		lock_graph_use(new, USED_IRQS_ON);
}

/* The last one, if the new one may share its place. */
static struct held_lock *find_companion(struct lockdep_task *task, const struct held_lock *new)
{
	struct held_lock *last = task->nr_held ? &task->held[task->nr_held - 1] : NULL;

	if (!last || !(new->flags &LOCK_TRIED) || last->flags != new->flags ||
	    last->class != new->class || last->context != new->context)
		return NULL;
	return last;
}

static void push(struct lockdep_task *task, const struct held_lock *new, bool irqs_on)
{
	struct held_lock *companion = find_companion(task, new);

	if (task->nr_held == LOCKDEP_MAX_HELD && !companion) {
		report_plain(LOCKDEP_FULL, "LOCKDEP_MAX_HELD is too low");
		return;
	}
	if (!(new->flags &LOCK_TRIED)) {
		check_recursion(task, new);
		add_orders(task, new);
	}
	note_uses(new, irqs_on);
	if (companion)
		companion->nr_more++;
	else
		task->held[task->nr_held++] = *new;
}

noinline void lock_acquire(struct lockdep_map *map, unsigned int subclass, unsigned int flags)
{
	struct held_lock new = { .map = map, .flags = (u8)flags };
	unsigned long irqs;

	if (!lockdep_enter(&irqs))
		return;
	new.class = lock_class_of(map, min(subclass, LOCKDEP_SUBCLASSES - 1u));
	new.context = context_now();
	if (new.class) {
		stack_trace_save(new.trace, LOCKDEP_HELD_TRACE, 1);
		push(lockdep_current(), &new, !arch_irqs_disabled_flags(irqs));
	}
	lockdep_leave(irqs);
}

/* Nearly always it is the last one. */
static void pop(struct lockdep_task *task, struct held_lock *held, const struct lockdep_map *map)
{
	unsigned int i = (unsigned int)(held - task->held);

	if (held->nr_more) {
		held->nr_more--;
		if (held->map == map)
			held->map = NULL;
		return;
	}
	for (task->nr_held--; i < task->nr_held; i++)
		task->held[i] = task->held[i + 1];
}

void lock_release(struct lockdep_map *map)
{
	struct held_lock *held;
	unsigned long irqs;

	if (!lockdep_enter(&irqs))
		return;
	held = find_held(lockdep_current(), map);
	if (held) {
		pop(lockdep_current(), held, map);
	} else if (report(LOCKDEP_NOT_HELD, "release of a lock that is not held")) {
		lockdep_print_class("released:", lock_class_of(map, 0));
		lockdep_report_end();
	}
	lockdep_leave(irqs);
}

void lock_contended(struct lockdep_map *map)
{
	u16 class = READ_ONCE(map->class[0]);

	if (class)
		__atomic_fetch_add(&lock_classes[class].nr_contended, 1, __ATOMIC_RELAXED);
}

void lockdep_irqs_on(void)
{
	const struct lockdep_task *task;
	u8 context = context_now();
	unsigned long irqs;

	if (!lockdep_enter(&irqs))
		return;
	task = lockdep_current();
	for (unsigned int i = task->nr_held; i-- > 0 && task->held[i].context == context;)
		lock_graph_use(&task->held[i], USED_IRQS_ON);
	lockdep_leave(irqs);
}

void lockdep_init_map(struct lockdep_map *map, const char *name, const struct lock_class_key *key)
{
	lockdep_check_freed(map, sizeof(*map));
	*map = (struct lockdep_map){ .key = key, .name = name };
}

/* --- assertions --- */

bool lock_is_held(const struct lockdep_map *map)
{
	unsigned long irqs;
	bool held;

	if (!lockdep_enter(&irqs))
		return true; /* whoever asserts is to be content */
	held = find_held(lockdep_current(), map);
	lockdep_leave(irqs);
	return held;
}

void lockdep_check_held(const struct lockdep_map *map, unsigned int unwanted_flags)
{
	const struct held_lock *held;
	unsigned long irqs;

	if (!lockdep_enter(&irqs))
		return;
	held = find_held(lockdep_current(), map);
	if (!held)
		report_plain(LOCKDEP_NOT_HELD, "a lock should be held here");
	else if (held->flags & unwanted_flags)
		report_plain(LOCKDEP_NOT_HELD, "a lock is held for reading only");
	lockdep_leave(irqs);
}

void lockdep_check_irqs(bool disabled)
{
	unsigned long irqs;

	if (!lockdep_enter(&irqs))
		return;
	if (arch_irqs_disabled_flags(irqs) != disabled)
		report_plain(LOCKDEP_CONTEXT, disabled ? "interrupts should be off here"
						       : "interrupts should be on here");
	lockdep_leave(irqs);
}

void lockdep_check_rcu_reader(void)
{
	unsigned long irqs;

	if (in_atomic() || !READ_ONCE(scheduler_runs) || !lockdep_enter(&irqs))
		return;
	if (!arch_irqs_disabled_flags(irqs))
		report_plain(LOCKDEP_CONTEXT, "rcu_dereference() in no reader");
	lockdep_leave(irqs);
}

static bool holds_spinlock(const struct lockdep_task *task)
{
	for (unsigned int i = 0; i < task->nr_held; i++) {
		if (task->held[i].flags & LOCK_SPINS)
			return true;
	}
	return false;
}

void lockdep_check_no_spinlock(const char *what)
{
	unsigned long irqs;

	if (!lockdep_enter(&irqs))
		return;
	if (holds_spinlock(lockdep_current()))
		report_plain(LOCKDEP_CONTEXT, what);
	lockdep_leave(irqs);
}

void lockdep_check_big_lock(bool held)
{
	unsigned long irqs;

	if (held || !lockdep_enter(&irqs))
		return;
	report_plain(LOCKDEP_CONTEXT, "a spinlock_t without the big kernel lock");
	lockdep_leave(irqs);
}

void lockdep_check_sleep(void)
{
	unsigned long irqs;

	if (!READ_ONCE(scheduler_runs) || !lockdep_enter(&irqs))
		return;
	if (in_interrupt())
		report_plain(LOCKDEP_SLEEP, "sleeping in an interrupt");
	else if (holds_spinlock(lockdep_current()))
		report_plain(LOCKDEP_SLEEP, "sleeping with a spinlock held");
	else if (in_atomic())
		report_plain(LOCKDEP_SLEEP, "sleeping with preemption off");
	else if (arch_irqs_disabled_flags(irqs))
		report_plain(LOCKDEP_SLEEP, "sleeping with interrupts off");
	lockdep_leave(irqs);
}

void lockdep_check_none_held(const char *where)
{
	unsigned long irqs;

	if (!lockdep_enter(&irqs))
		return;
	if (lockdep_current()->nr_held)
		report_plain(LOCKDEP_HELD_AT_EXIT, where);
	lockdep_leave(irqs);
}

void lockdep_check_freed(const void *start, size_t size)
{
	const struct lockdep_task *task;
	unsigned long irqs;

	if (!lockdep_enter(&irqs))
		return;
	task = lockdep_current();
	for (unsigned int i = 0; i < task->nr_held; i++) {
		const char *map = (const char *)task->held[i].map;

		if (map >= (const char *)start && map < (const char *)start + size) {
			report_plain(LOCKDEP_HELD_FREED, "memory with a held lock is given away");
			break;
		}
	}
	lockdep_leave(irqs);
}
