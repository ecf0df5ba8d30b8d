/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * /sys/devices/system/cpu: which CPUs there are, which of them are on, and what they are vulnerable
 * to.  Writing 0 or 1 to cpuN/online switches one off or on; the boot CPU has no such file, as in
 * Linux.
 */
#include <arch/cpuinfo.h>
#include <linux/errno.h>
#include <oshit/cpuhp.h>
#include <oshit/cpumask.h>
#include <oshit/init.h>
#include <oshit/kstrtox.h>
#include <oshit/panic.h>
#include <oshit/printf.h>
#include <oshit/seq_file.h>
#include <oshit/slab.h>
#include <oshit/string.h>

#include "internal.h"

/* --- sets of CPUs --- */

static int mask_show(struct seq_file *m, void *unused __maybe_unused)
{
	seq_cpulist(m, kernfs_data(m));
	seq_putc(m, '\n');
	return 0;
}

static int offline_show(struct seq_file *m, void *unused __maybe_unused)
{
	struct cpumask mask;

	cpumask_andnot(&mask, &cpu_possible_mask, &cpu_online_mask);
	seq_cpulist(m, &mask);
	seq_putc(m, '\n');
	return 0;
}

static int kernel_max_show(struct seq_file *m, void *unused __maybe_unused)
{
	seq_printf(m, "%u\n", (unsigned int)NR_CPUS - 1);
	return 0;
}

static const struct kernfs_file mask_file = { .show = mask_show, .size = SYSFS_SIZE };
static const struct kernfs_file offline_file = { .show = offline_show, .size = SYSFS_SIZE };
static const struct kernfs_file kernel_max_file = { .show = kernel_max_show, .size = SYSFS_SIZE };

/* --- one CPU: the data of its files is its number --- */

static unsigned int cpu_of(const void *data)
{
	return (unsigned int)(unsigned long)data;
}

static int online_show(struct seq_file *m, void *unused __maybe_unused)
{
	seq_printf(m, "%d\n", cpu_online(cpu_of(kernfs_data(m))));
	return 0;
}

static int online_write(const void *data, char *text, size_t len __maybe_unused)
{
	bool is_on;

	if (kstrtobool(strim(text), &is_on))
		return -EINVAL;
	return cpu_switch(cpu_of(data), is_on);
}

static int zero_show(struct seq_file *m, void *unused __maybe_unused)
{
	seq_puts(m, "0\n");
	return 0;
}

static int number_show(struct seq_file *m, void *unused __maybe_unused)
{
	seq_printf(m, "%u\n", cpu_of(kernfs_data(m)));
	return 0;
}

/* No two CPUs share a core here. */
static int self_list_show(struct seq_file *m, void *unused __maybe_unused)
{
	struct cpumask mask = cpumask_of(cpu_of(kernfs_data(m)));

	seq_cpulist(m, &mask);
	seq_putc(m, '\n');
	return 0;
}

static const struct kernfs_file online_file = {
	.show = online_show,
	.write = online_write,
	.size = SYSFS_SIZE,
};
static const struct kernfs_file zero_file = { .show = zero_show, .size = SYSFS_SIZE };
static const struct kernfs_file number_file = { .show = number_show, .size = SYSFS_SIZE };
static const struct kernfs_file self_list_file = { .show = self_list_show, .size = SYSFS_SIZE };

static __init void add_cpu(struct kernfs_node *dir, unsigned int cpu)
{
	char name[sizeof("cpu4294967295")], *copy;
	const void *data = (const void *)(unsigned long)cpu;
	struct kernfs_node *topology;

	snprintf(name, sizeof(name), "cpu%u", cpu);
	copy = kstrdup(name, GFP_KERNEL);
	if (!copy)
		panic("no memory for /sys");
	dir = kernfs_mkdir(copy, dir);
	if (cpu && IS_ENABLED(CONFIG_HOTPLUG_CPU))
		kernfs_create("online", 0644, dir, &online_file, data);
	topology = kernfs_mkdir("topology", dir);
	kernfs_create("physical_package_id", 0444, topology, &zero_file, NULL);
	kernfs_create("core_id", 0444, topology, &number_file, data);
	kernfs_create("thread_siblings_list", 0444, topology, &self_list_file, data);
	kernfs_create("core_cpus_list", 0444, topology, &self_list_file, data);
	kernfs_create("core_siblings_list", 0444, topology, &mask_file, &cpu_online_mask);
	kernfs_create("package_cpus_list", 0444, topology, &mask_file, &cpu_online_mask);
}

/* --- weaknesses: the data is the number --- */

static int vulnerability_show(struct seq_file *m, void *unused __maybe_unused)
{
	const char *state;

	if (arch_vulnerability(cpu_of(kernfs_data(m)), &state))
		seq_printf(m, "%s\n", state);
	return 0;
}

static const struct kernfs_file vulnerability_file = {
	.show = vulnerability_show,
	.size = SYSFS_SIZE,
};

static __init void add_vulnerabilities(struct kernfs_node *dir)
{
	const char *name, *state;

	for (unsigned long i = 0; (name = arch_vulnerability((unsigned int)i, &state)); i++)
		kernfs_create(name, 0444, dir, &vulnerability_file, (const void *)i);
}

__init void sysfs_cpu_init(struct kernfs_node *system)
{
	struct kernfs_node *dir = kernfs_mkdir("cpu", system);
	unsigned int cpu;

	kernfs_create("online", 0444, dir, &mask_file, &cpu_online_mask);
	kernfs_create("possible", 0444, dir, &mask_file, &cpu_possible_mask);
	kernfs_create("present", 0444, dir, &mask_file, &cpu_possible_mask);
	kernfs_create("offline", 0444, dir, &offline_file, NULL);
	kernfs_create("kernel_max", 0444, dir, &kernel_max_file, NULL);
	for_each_possible_cpu(cpu)
		add_cpu(dir, cpu);
	add_vulnerabilities(kernfs_mkdir("vulnerabilities", dir));
}
