/* SPDX-License-Identifier: GPL-2.0-only */
/* What the CPUs are and have done: /proc/stat, interrupts, cpuinfo. */
#include <arch/cpuinfo.h>
#include <arch/irq.h>
#include <oshit/clock.h>
#include <oshit/entry.h>
#include <oshit/init.h>
#include <oshit/loadavg.h>
#include <oshit/sched.h>
#include <oshit/smp.h>

#include "internal.h"

/* user nice system idle iowait irq softirq steal guest guest_nice */
static void show_cpu(struct seq_file *m, const u64 times_ns[NR_CPU_TIMES])
{
	seq_printf(m, " %lu 0 %lu %lu 0 %lu 0 0 0 0\n", ns_to_user_ticks(times_ns[CPU_TIME_USER]),
		   ns_to_user_ticks(times_ns[CPU_TIME_SYSTEM]),
		   ns_to_user_ticks(times_ns[CPU_TIME_IDLE]),
		   ns_to_user_ticks(times_ns[CPU_TIME_IRQ]));
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

static unsigned long irq_total(unsigned int irq)
{
	unsigned long sum = 0;
	unsigned int cpu;

	for_each_possible_cpu(cpu)
		sum += arch_irq_count(irq, cpu);
	return sum;
}

/* All of devices, then each by its number. */
static void show_irqs(struct seq_file *m)
{
	unsigned long sum = 0;

	for (unsigned int irq = 0; irq < NR_IRQS; irq++)
		sum += irq_total(irq);
	seq_printf(m, "intr %lu", sum);
	for (unsigned int irq = 0; irq < NR_IRQS; irq++)
		seq_printf(m, " %lu", irq_total(irq));
	seq_putc(m, '\n');
}

static int stat_show(struct seq_file *m, void *unused __maybe_unused)
{
	struct task_counts counts;
	unsigned long nr_switches = 0;
	unsigned int cpu;

	show_cpus(m);
	show_irqs(m);
	for_each_possible_cpu(cpu)
		nr_switches += cpu_nr_switches(cpu);
	task_counts_get(&counts);
	seq_printf(m, "ctxt %lu\nbtime %lu\nprocesses %lu\nprocs_running %u\nprocs_blocked %u\n",
		   nr_switches, (unsigned long)((clock_real_ns() - clock_ns()) / NSEC_PER_SEC),
		   (unsigned long)nr_forks(), counts.nr_running, counts.nr_blocked);
	seq_puts(m, "softirq 0 0 0 0 0 0 0 0 0 0 0\n");
	return 0;
}

static const struct kernfs_file stat_file = { .show = stat_show };

/* --- interrupts --- */

static void show_irq(struct seq_file *m, unsigned int irq)
{
	const char *name, *chip;
	unsigned int cpu;

	if (!irq_describe(irq, &name, &chip))
		return;
	seq_printf(m, "%3u: ", irq);
	for_each_online_cpu(cpu)
		seq_printf(m, "%10u ", arch_irq_count(irq, cpu));
	seq_printf(m, " %8s  %s\n", chip, name);
}

static int interrupts_show(struct seq_file *m, void *unused __maybe_unused)
{
	unsigned int cpu;

	seq_printf(m, "%11s", "");
	for_each_online_cpu(cpu)
		seq_printf(m, "CPU%-8u", cpu);
	seq_putc(m, '\n');
	for (unsigned int irq = 0; irq < NR_IRQS; irq++)
		show_irq(m, irq);
	arch_interrupts_show(m);
	return 0;
}

static const struct kernfs_file interrupts_file = { .show = interrupts_show };

/* --- cpuinfo: the position is a number of a CPU --- */

static void *cpu_at(loff_t *pos)
{
	unsigned int cpu = cpumask_next((unsigned int)*pos - 1, &cpu_online_mask);

	if (cpu >= nr_cpu_ids)
		return NULL;
	*pos = cpu;
	return (void *)(cpu + 1UL); /* not NULL */
}

static void *cpuinfo_start(struct seq_file *m __maybe_unused, loff_t *pos)
{
	return *pos < NR_CPUS ? cpu_at(pos) : NULL;
}

static void *cpuinfo_next(struct seq_file *m __maybe_unused, void *record __maybe_unused,
			  loff_t *pos)
{
	++*pos;
	return cpuinfo_start(m, pos);
}

static void cpuinfo_stop(struct seq_file *m __maybe_unused, void *record __maybe_unused)
{
}

static int cpuinfo_show(struct seq_file *m, void *record)
{
	arch_cpuinfo_show(m, (unsigned int)(unsigned long)record - 1);
	return 0;
}

static const struct seq_operations cpuinfo_ops = { cpuinfo_start, cpuinfo_next, cpuinfo_stop,
						   cpuinfo_show };
static const struct kernfs_file cpuinfo_file = { .seq = &cpuinfo_ops };

__init void proc_stat_init(void)
{
	kernfs_create("interrupts", 0444, &proc_root, &interrupts_file, NULL);
	kernfs_create("cpuinfo", 0444, &proc_root, &cpuinfo_file, NULL);
	kernfs_create("stat", 0444, &proc_root, &stat_file, NULL);
}
