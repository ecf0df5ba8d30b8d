/* SPDX-License-Identifier: GPL-2.0-only */
/* The monitor's `locks`: what lockdep knows.  All CPUs stand still, so nothing changes. */
#include <linux/errno.h>
#include <oshit/cpumask.h>
#include <oshit/math.h>
#include <oshit/monitor.h>
#include <oshit/nofault.h>
#include <oshit/sched.h>
#include <oshit/string.h>
#include <oshit/task.h>

#include "lockdep_internal.h"

static void show_name(u16 number)
{
	const struct lock_class *class = &lock_classes[number];

	if (!number || number >= nr_lock_classes)
		monitor_printf("class %u", number);
	else if (class->name)
		monitor_printf("%s", class->name);
	else
		monitor_printf("%pS", class->key);
	if (class->subclass)
		monitor_printf("/%u", class->subclass);
}

static const char *how(const struct held_lock *held)
{
	if (held->flags & LOCK_SHARED)
		return "read";
	return held->flags & LOCK_SPINS ? "spin" : "sleep";
}

static void show_held(const struct task_struct *task)
{
	struct held_lock held;
	unsigned int nr = 0;

	kernel_read_nofault(&nr, &task->lockdep.nr_held, sizeof(nr));
	for (unsigned int i = 0; i < min(nr, LOCKDEP_MAX_HELD) && !monitor_interrupted(); i++) {
		if (kernel_read_nofault(&held, &task->lockdep.held[i], sizeof(held)))
			return;
		monitor_printf("%5d %-16.16s %5s  %p ", task->pid, task->comm, how(&held),
			       held.map);
		show_name(held.class);
		monitor_printf("%s, taken by %pS\n", held.context ? ", by an interrupt" : "",
			       (void *)held.trace[0]);
	}
}

static int show_all_held(void)
{
	const struct task_struct *task;
	unsigned int cpu;

	monitor_printf("  pid name             kind   lock\n");
	for_each_online_cpu(cpu) {
		task = per_cpu(current_task, cpu);
		if (task && !task->pid)
			show_held(task);
	}
	for (task = task_peek_from(1); task && !monitor_interrupted();
	     task = task_peek_from(task->pid + 1))
		show_held(task);
	return 0;
}

static int show_classes(void)
{
	monitor_printf("%u classes of %u, %u orders of %u; %s\n", nr_lock_classes - 1,
		       MAX_CLASSES - 1, nr_lock_edges - 1, MAX_EDGES - 1,
		       lockdep_is_on() ? "no problem so far" : "off since a report");
	monitor_printf("   waits  uses  class\n");
	for (u16 i = 1; i < nr_lock_classes && !monitor_interrupted(); i++) {
		const struct lock_class *class = &lock_classes[i];

		monitor_printf("%8u  %c%c    ", class->nr_contended,
			       class->uses & USED_IN_IRQ ? 'i' : '-',
			       class->uses & USED_IRQS_ON ? 'o' : '-');
		show_name(i);
		monitor_printf("\n");
	}
	return 0;
}

static int show_orders(void)
{
	for (unsigned int i = 1; i < nr_lock_edges && !monitor_interrupted(); i++) {
		const struct lock_edge *edge = &lock_edges[i];

		show_name(edge->from);
		monitor_printf(" -> ");
		show_name(edge->to);
		monitor_printf(", first by %pS\n", (void *)edge->trace[0]);
	}
	return 0;
}

static int monitor_locks(int argc, char **argv)
{
	if (argc == 1)
		return show_all_held();
	if (argc == 2 && !strcmp(argv[1], "classes"))
		return show_classes();
	if (argc == 2 && !strcmp(argv[1], "orders"))
		return show_orders();
	return -EINVAL;
}
MONITOR_COMMAND(locks, "[classes|orders]",
		"locks that are held, all classes, all orders\n"
		"Uses: i taken by interrupts, o held with interrupts on.",
		monitor_locks);
