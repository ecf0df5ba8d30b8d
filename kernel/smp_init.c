/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Which CPUs are used, and their start at boot.
 *
 * `maxcpus=N` starts no more than N; the others can be switched on later.  `nosmp` and `maxcpus=0`
 * leave only the boot CPU, as if the machine had no other.
 */
#define pr_fmt(fmt) "smp: " fmt

#include <arch/page.h>
#include <arch/smp.h>
#include <linux/errno.h>
#include <oshit/boot_param.h>
#include <oshit/clock.h>
#include <oshit/cpuhp.h>
#include <oshit/init.h>
#include <oshit/kernel_stack.h>
#include <oshit/kstrtox.h>
#include <oshit/panic.h>
#include <oshit/printk.h>
#include <oshit/qspinlock.h>
#include <oshit/smp.h>

static unsigned long max_cpus __initdata = NR_CPUS;

static __init int maxcpus_param(const char *value)
{
	return value ? kstrtoul(value, 0, &max_cpus) : -EINVAL;
}
BOOT_PARAM("maxcpus", maxcpus_param);

static __init int nosmp_param(const char *value __maybe_unused)
{
	max_cpus = 0;
	return 0;
}
BOOT_PARAM("nosmp", nosmp_param);

static bool no_pvspin __initdata;
BOOT_PARAM_FLAG("nopvspin", no_pvspin);

__init void smp_prepare(void)
{
	unsigned int cpu;

	smp_open_calls();
	if (max_cpus == 0)
		return;
	arch_smp_find_cpus(NR_CPUS);
	for_each_possible_cpu(cpu)
		nr_cpu_ids = cpu + 1;
}

/* Stacks are kept for ever, so that a CPU can come back without memory. */
static __init bool give_stack(unsigned int cpu)
{
	void *stack = kernel_stack_alloc();

	return stack && !arch_cpu_prepare(cpu, stack);
}

__init void smp_init(void)
{
	struct cpumask wanted = { .bits = { 0 } };
	u64 start_ns = clock_ns();
	unsigned int cpu;

	arch_smp_handlers_init();
	for_each_possible_cpu(cpu) {
		if (cpu == 0)
			continue;
		if (!give_stack(cpu))
			panic("no memory for the stacks of CPU %u", cpu);
		if (cpu < max_cpus)
			cpumask_set_cpu(cpu, &wanted);
	}
	if (nr_cpu_ids == 1)
		return;
	if (arch_cpus_are_virtual() && !no_pvspin)
		spin_without_queue();
	cpus_up(&wanted);
	pr_info("%u of %u CPUs are on, after %lu us", num_online_cpus(),
		cpumask_weight(&cpu_possible_mask), (clock_ns() - start_ns) / NSEC_PER_USEC);
}
