/* SPDX-License-Identifier: GPL-2.0-only */
/* What the CPUs have done: /proc/stat. */
#include <oshit/clock.h>
#include <oshit/entry.h>
#include <oshit/init.h>
#include <oshit/loadavg.h>
#include <oshit/sched.h>
#include <oshit/smp.h>

#include "internal.h"

static unsigned long cpu_ticks(u64 ns)
{
	return ns / USER_TICK_NS;
}

/* user nice system idle iowait irq softirq steal guest guest_nice */
static void show_cpu(struct seq_file *m, const u64 times_ns[NR_CPU_TIMES])
{
	seq_printf(m, " %lu 0 %lu %lu 0 %lu 0 0 0 0\n", cpu_ticks(times_ns[CPU_TIME_USER]),
		   cpu_ticks(times_ns[CPU_TIME_SYSTEM]), cpu_ticks(times_ns[CPU_TIME_IDLE]),
		   cpu_ticks(times_ns[CPU_TIME_IRQ]));
}

static void show_cpus(struct seq_file *m)
{
	u64 times_ns[NR_CPU_TIMES] = { 0 };
	unsigned int cpu;

	sched_charge_all();
	for_each_possible_cpu(cpu)
		for (int i = 0; i < NR_CPU_TIMES; i++)
			times_ns[i] += cpu_time_ns(cpu, (enum cpu_time)i);
	seq_puts(m, "cpu ");
	show_cpu(m, times_ns);
	for_each_online_cpu(cpu) {
		for (int i = 0; i < NR_CPU_TIMES; i++)
			times_ns[i] = cpu_time_ns(cpu, (enum cpu_time)i);
		seq_printf(m, "cpu%u", cpu);
		show_cpu(m, times_ns);
	}
}

static int stat_show(struct seq_file *m, void *unused __maybe_unused)
{
	struct task_counts counts;
	unsigned long nr_switches = 0;
	unsigned int cpu;

	show_cpus(m);
	for_each_possible_cpu(cpu)
		nr_switches += cpu_nr_switches(cpu);
	task_counts_get(&counts);
	seq_printf(m, "ctxt %lu\nbtime %lu\nprocesses %lu\nprocs_running %u\nprocs_blocked %u\n",
		   nr_switches, (unsigned long)((clock_real_ns() - clock_ns()) / NSEC_PER_SEC),
		   (unsigned long)nr_forks(), counts.nr_running, counts.nr_blocked);
	seq_puts(m, "softirq 0 0 0 0 0 0 0 0 0 0 0\n");
	return 0;
}

static const struct proc_file stat_file = { .show = stat_show };

__init void proc_stat_init(void)
{
	proc_create("stat", 0444, NULL, &stat_file, NULL);
}
