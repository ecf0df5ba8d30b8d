/* SPDX-License-Identifier: GPL-2.0-only */
/* Commands about the CPUs: which there are and what they were doing, and how far each is up. */
#include <linux/errno.h>

#include <arch/monitor.h>
#include <oshit/cpuhp.h>
#include <oshit/monitor.h>
#include <oshit/smp.h>

#include "parse.h"

static const char *mark(unsigned int cpu)
{
	return cpu == monitor_viewed_cpu() ? "*" : " ";
}

static void print_cpu(unsigned int cpu)
{
	struct pt_regs *regs = smp_stopped_regs(cpu);

	monitor_printf("%s%-4u ", mark(cpu), cpu);
	if (!cpu_online(cpu))
		monitor_printf("off\n");
	else if (cpu == smp_processor_id())
		monitor_printf("in the monitor\n");
	else if (!smp_cpu_is_stopped(cpu))
		monitor_printf("runs: it could not be stopped\n");
	else if (regs)
		monitor_printf("stopped at 0x%lx %pS\n", instruction_pointer(regs),
			       (void *)instruction_pointer(regs));
	else
		monitor_printf("stopped\n");
}

static int cpu_command(int argc, char **argv)
{
	unsigned long number;
	unsigned int cpu;

	if (argc > 2 || (argc == 2 && parse_number(argv[1], &number)))
		return -EINVAL;
	if (argc == 2) {
		if (number >= NR_CPUS || !cpu_online((unsigned int)number)) {
			monitor_printf("CPU %lu is not on\n", number);
			return 0;
		}
		monitor_view_cpu((unsigned int)number);
		print_cpu((unsigned int)number);
		return 0;
	}
	for_each_possible_cpu(cpu) {
		if (monitor_interrupted())
			break;
		print_cpu(cpu);
	}
	return 0;
}
MONITOR_COMMAND(cpu, "[N]",
		"list the CPUs, or look at CPU N from now on\n"
		"regs and backtrace then show that CPU's. An asterisk marks the one in view.",
		cpu_command);

static void print_steps(unsigned int cpu)
{
	enum cpuhp_step state = cpuhp_state(cpu);
	const char *name;

	monitor_printf("%-4u %s", cpu, cpu_online(cpu) ? "on " : "off");
	for (unsigned int step = 0; step <= state; step++) {
		name = cpuhp_step_name((enum cpuhp_step)step);
		if (name)
			monitor_printf(" %s", name);
	}
	monitor_printf("\n");
}

static int hotplug(int argc, char **argv)
{
	unsigned int cpu;

	if (argc != 1)
		return -EINVAL;
	for_each_possible_cpu(cpu) {
		if (monitor_interrupted())
			break;
		print_steps(cpu);
	}
	return 0;
}
MONITOR_COMMAND(hotplug, "", "which steps of its way up each CPU has taken", hotplug);
