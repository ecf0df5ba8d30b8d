/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * From a vector to its handler.  The table is the same for all CPUs; a pointer is changed as a
 * whole, so dispatch takes no lock.  Each CPU counts what comes to it.
 *
 * An interrupt that nobody handles is told once per vector and then only counted.  The spurious
 * ones get no end-of-interrupt, for the local APIC has not begun one.
 */
#define pr_fmt(fmt) "irq: " fmt

#include <arch/apic.h>
#include <arch/irq.h>
#include <arch/msr.h>
#include <arch/syscall.h>
#include <arch/trap.h>
#include <arch/vectors.h>
#include <asm/ptrace.h>
#include <oshit/bitmap.h>
#include <oshit/bug.h>
#include <oshit/irq.h>
#include <oshit/math.h>
#include <oshit/percpu.h>
#include <oshit/preempt.h>
#include <oshit/printk.h>
#include <oshit/smp.h>
#include <oshit/stacktrace.h>

static vector_handler_t handlers[NR_VECTORS]; /* atomic */
static unsigned long told[BITS_TO_LONGS(NR_VECTORS)]; /* atomic; reported as unhandled */
static DEFINE_PER_CPU(unsigned int[NR_VECTORS], counts);

void vector_set_handler(unsigned int vector, vector_handler_t handler)
{
	if (WARN_ON(vector < VECTOR_PIC || vector >= NR_VECTORS))
		return;
	/* Pairs with the acquire in vector_dispatch(): what the handler needs is there. */
	__atomic_store_n(&handlers[vector], handler, __ATOMIC_RELEASE);
}

unsigned int vector_count(unsigned int vector, unsigned int cpu)
{
	return READ_ONCE(per_cpu(counts, cpu)[vector]);
}

void vector_count_inc(unsigned int vector)
{
	this_cpu_inc(counts[vector]);
}

bool irq_came_from_user(void)
{
	return regs_are_user(this_cpu_read(irq_regs)->cs);
}

static bool is_spurious(unsigned int vector)
{
	return vector == VECTOR_SPURIOUS || vector < VECTOR_PIC + NR_PIC_VECTORS;
}

static void unhandled(unsigned int vector)
{
	unsigned long mask = BIT_MASK(vector);

	if (!(__atomic_fetch_or(&told[BIT_WORD(vector)], mask, __ATOMIC_RELAXED) & mask))
		pr_warn("vector %#x came to CPU %u and nobody asked for it", vector,
			smp_processor_id());
}

void vector_dispatch(struct pt_regs *regs, unsigned int vector)
{
	vector_handler_t handler = __atomic_load_n(&handlers[vector], __ATOMIC_ACQUIRE);

	struct pt_regs *outer_regs;

	irq_enter();
	outer_regs = this_cpu_read(irq_regs);
	this_cpu_write(irq_regs, regs);
	vector_count_inc(vector);
	if (handler)
		handler(regs, vector);
	else if (!is_spurious(vector))
		unhandled(vector);
	if (!is_spurious(vector) && lapic_present)
		lapic_eoi();
	this_cpu_write(irq_regs, outer_regs);
	irq_exit();
}

/* It may come before a page fault has read CR2, and itself read what is not there. */
void nmi_dispatch(struct pt_regs *regs)
{
	unsigned long cr2 = read_cr2();

	nmi_enter();
	vector_count_inc(TRAP_NMI);
	if (!smp_nmi(regs)) {
		pr_warn("NMI on CPU %u and nobody asked for it", smp_processor_id());
		stack_trace_show(LOG_WARNING, regs);
	}
	nmi_exit();
	if (read_cr2() != cr2)
		write_cr2(cr2);
}

void arch_irq_print_system(void (*print)(const char *fmt, ...))
{
	static const struct {
		unsigned int vector;
		const char *name;
	} rows[] = {
		{ TRAP_NMI, "NMI" },
		{ VECTOR_TIMER, "timer" },
		{ VECTOR_RESCHEDULE, "reschedule" },
		{ VECTOR_CALL, "call" },
		{ VECTOR_STOP, "stop" },
		{ VECTOR_ERROR, "APIC error" },
		{ VECTOR_SPURIOUS, "spurious" },
	};
	unsigned long sum;
	unsigned int cpu;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		sum = 0;
		for_each_possible_cpu(cpu)
			sum += vector_count(rows[i].vector, cpu);
		print("     %-10lu %s\n", sum, rows[i].name);
	}
}
