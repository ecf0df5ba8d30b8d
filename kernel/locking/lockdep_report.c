/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What lockdep prints.  The first problem is printed and ends the checks, as the tables may be
 * wrong from then on.  A test that provokes a problem expects it: it is counted instead, and what
 * would have caused it is not learnt.
 */
#define pr_fmt(fmt) "lockdep: " fmt

#include <oshit/atomic.h>
#include <oshit/percpu.h>
#include <oshit/printk.h>
#include <oshit/stacktrace.h>

#include "lockdep_internal.h"

static bool is_on = true; /* atomic */
static struct { /* by the test, before what it provokes */
	enum lockdep_problem problem;
	atomic_t count;
} expected;

bool lockdep_is_on(void)
{
	return READ_ONCE(is_on);
}

void lockdep_expect(enum lockdep_problem problem)
{
	atomic_set(&expected.count, 0);
	WRITE_ONCE(expected.problem, problem);
}

unsigned int lockdep_expected(void)
{
	WRITE_ONCE(expected.problem, LOCKDEP_NO_PROBLEM);
	return (unsigned int)atomic_read(&expected.count);
}

bool lockdep_report_begin(enum lockdep_problem problem, const char *what)
{
	if (READ_ONCE(expected.problem) == problem) {
		atomic_inc(&expected.count);
		return false;
	}
	if (!xchg(&is_on, false))
		return false;
	pr_err("BUG: %s", what);
	pr_err("found on CPU %u, here:", smp_processor_id());
	stack_trace_show(LOG_ERR, NULL);
	return true;
}

void lockdep_report_end(void)
{
	lockdep_print_held(lockdep_current());
	pr_err("end of report; lockdep is off from here on");
}

static void print_trace(const unsigned long *trace)
{
	unsigned int nr = 0;

	while (nr < LOCKDEP_HELD_TRACE && trace[nr])
		nr++;
	stack_trace_print(LOG_ERR, trace, nr);
}

void lockdep_print_class(const char *intro, u16 class)
{
	const struct lock_class *c = &lock_classes[class];

	if (c->name)
		pr_err("%s %s (class %u, subclass %u)", intro, c->name, class, c->subclass);
	else
		pr_err("%s %pS (class %u, subclass %u)", intro, c->key, class, c->subclass);
}

void lockdep_print_held(const struct lockdep_task *task)
{
	pr_err("held: %u", task->nr_held);
	for (unsigned int i = task->nr_held; i-- > 0;) {
		const struct held_lock *held = &task->held[i];

		lockdep_print_class(held->context ? "  by an interrupt:" : "  ", held->class);
		print_trace(held->trace);
	}
}

/* The edges of a way, from its end back to its beginning. */
static void print_path(struct lock_path *path)
{
	u16 class = path->found;

	/* A later search has overwritten which edge led where. */
	lock_graph_search(path, class, 0);
	while (class != path->from) {
		const struct lock_edge *edge = &lock_edges[lock_classes[class].parent];

		lockdep_print_class("known:", edge->to);
		lockdep_print_class("was taken with this held:", edge->from);
		print_trace(edge->trace);
		class = path->backward ? edge->to : edge->from;
	}
}

void lockdep_report_cycle(struct lock_path *path, u16 held, u16 wanted)
{
	if (!lockdep_report_begin(LOCKDEP_CYCLE, "locks are taken in two orders"))
		return;
	lockdep_print_class("wanted:", wanted);
	lockdep_print_class("with this held:", held);
	print_path(path);
	lockdep_report_end();
}

void lockdep_report_inversion(struct lock_path *to_irq, struct lock_path *to_on)
{
	u16 irq = to_irq->found, on = to_on->found;

	if (!lockdep_report_begin(LOCKDEP_IRQ_INVERSION,
				  "a lock that interrupts take depends on one held with them on"))
		return;
	lockdep_print_class("taken by an interrupt:", irq);
	print_trace(lock_classes[irq].trace[USED_IN_IRQ - 1]);
	lockdep_print_class("held with interrupts on:", on);
	print_trace(lock_classes[on].trace[USED_IRQS_ON - 1]);
	if (to_irq->from != to_on->from) {
		lockdep_print_class("wanted now:", to_on->from);
		lockdep_print_class("with this held:", to_irq->from);
	}
	print_path(to_irq);
	print_path(to_on);
	lockdep_report_end();
}
