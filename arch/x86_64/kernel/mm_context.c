/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Which page tables a CPU uses.  Loading CR3 throws away what the TLB has, so it happens only
 * between two different user address spaces: a kernel thread goes on with the tables that are
 * there.  Each CPU knows what it has loaded, and each context by a mask which CPUs have it, in use
 * or lazily.  A lazy CPU pays with interrupts when the other CPUs change the address space; at the
 * first of them it goes over to the kernel's own tables, and is left alone.  A CPU that goes off
 * leaves with the kernel's tables, as it comes on with them.
 */
#include <arch/msr.h>
#include <oshit/cpuhp.h>
#include <oshit/init.h>
#include <oshit/irqflags.h>
#include <oshit/mm_context.h>
#include <oshit/sched.h>
#include <oshit/smp.h>

struct mm_context kernel_mm_context;
static DEFINE_PER_CPU(struct mm_context *, loaded_mm) = &kernel_mm_context;

void switch_mm(struct mm_context *next)
{
	struct mm_context *loaded = this_cpu_read(loaded_mm);
	unsigned int cpu = smp_processor_id();

	if (!next || next == loaded)
		return;
	/* In this order: who flushes for @next from now on reaches this CPU, too. */
	cpumask_set_cpu(cpu, &next->cpus);
	write_cr3(next->root);
	this_cpu_write(loaded_mm, next);
	cpumask_clear_cpu(cpu, &loaded->cpus);
}

bool mm_context_leave_lazy(void)
{
	unsigned long flags;
	bool is_lazy;

	local_irq_save(flags);
	is_lazy = !current->mm;
	if (is_lazy)
		switch_mm(&kernel_mm_context);
	local_irq_restore(flags);
	return is_lazy;
}

static void unload(void *arg)
{
	if (this_cpu_read(loaded_mm) == arg)
		switch_mm(&kernel_mm_context);
}

void mm_context_unload(struct mm_context *context)
{
	unsigned int cpu;

	for_each_cpu(cpu, &context->cpus)
		smp_call_function_single(cpu, unload, context, SMP_WAIT);
}

/* On the CPU that goes off. */
static int leave_programs(unsigned int cpu __maybe_unused)
{
	switch_mm(&kernel_mm_context);
	return 0;
}

static const struct cpuhp_ops mm_context_step = {
	.name = "mm_context",
	.teardown = leave_programs,
};

__init void mm_context_init(phys_addr_t root)
{
	kernel_mm_context.root = root;
	cpuhp_register(CPUHP_MM_CONTEXT, &mm_context_step);
}
