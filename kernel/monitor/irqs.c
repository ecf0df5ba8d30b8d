/* SPDX-License-Identifier: GPL-2.0-only */
/* The irq command: interrupts of devices, who handles them, how often they came to each CPU. */
#include <linux/errno.h>

#include <arch/irq.h>
#include <oshit/irq.h>
#include <oshit/monitor.h>

static unsigned long total(unsigned int irq)
{
	unsigned long sum = 0;
	unsigned int cpu;

	for_each_possible_cpu(cpu)
		sum += arch_irq_count(irq, cpu);
	return sum;
}

/* The counts of those CPUs that had any. */
static void print_counts(unsigned int irq)
{
	unsigned int cpu;

	for_each_possible_cpu(cpu)
		if (arch_irq_count(irq, cpu))
			monitor_printf(" %u:%u", cpu, arch_irq_count(irq, cpu));
	monitor_printf("\n");
}

static int irq_command(int argc, char **argv)
{
	const char *name, *chip;

	if (argc != 1)
		return -EINVAL;
	monitor_printf("irq  count      to   chip     name         cpu:count\n");
	for (unsigned int irq = 0; irq < NR_IRQS && !monitor_interrupted(); irq++) {
		if (!irq_describe(irq, &name, &chip))
			continue;
		monitor_printf("%-4u %-10lu %-4u %-8s %-12s", irq, total(irq), irq_target(irq),
			       chip, name);
		print_counts(irq);
	}
	arch_irq_print_system(monitor_printf);
	return 0;
}
MONITOR_COMMAND(irq, "", "interrupts: handlers, targets, how often they came", irq_command);
