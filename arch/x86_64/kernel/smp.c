/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Interrupts from one CPU to another, by the local APICs.
 *
 * A CPU that is stopped halts with interrupts on; the task priority keeps away all but the stop
 * interrupt, so that no device, no timer and no call runs anything there: a call could wait for a
 * CPU that is stopped.  The stop interrupt itself must be ended before, or none like it would come
 * in.
 */
#include <arch/apic.h>
#include <arch/cpufeature.h>
#include <arch/irqflags.h>
#include <arch/smp.h>
#include <arch/smpboot.h>
#include <arch/vectors.h>
#include <asm/processor-flags.h>
#include <asm/ptrace.h>
#include <oshit/init.h>
#include <oshit/nofault.h>
#include <oshit/sched.h>
#include <oshit/smp.h>

#define OPCODE_HLT 0xf4

void arch_send_call(unsigned int cpu)
{
	lapic_send(cpu_apic_id[cpu], LAPIC_ICR_FIXED | LAPIC_ICR_ASSERT | VECTOR_CALL);
}

void arch_send_reschedule(unsigned int cpu)
{
	lapic_send(cpu_apic_id[cpu], LAPIC_ICR_FIXED | LAPIC_ICR_ASSERT | VECTOR_RESCHEDULE);
}

void arch_send_stop(unsigned int cpu)
{
	lapic_send(cpu_apic_id[cpu], LAPIC_ICR_FIXED | LAPIC_ICR_ASSERT | VECTOR_STOP);
}

void arch_send_nmi(unsigned int cpu)
{
	lapic_send(cpu_apic_id[cpu], LAPIC_ICR_NMI | LAPIC_ICR_ASSERT);
}

void arch_halt_begin(void)
{
	lapic_write(LAPIC_TASK_PRIORITY, LAPIC_PRIORITY_STOPPED);
	lapic_eoi();
}

void arch_halt(void)
{
	__asm__ __volatile__("sti; hlt; cli" ::: "memory");
}

void arch_halt_end(void)
{
	lapic_write(LAPIC_TASK_PRIORITY, 0);
}

bool arch_is_halted(const struct pt_regs *regs)
{
	u8 opcode;

	return regs->eflags & X86_EFLAGS_IF &&
	       !kernel_read_nofault(&opcode, (void *)(regs->rip - 1), 1) && opcode == OPCODE_HLT;
}

static void call_interrupt(struct pt_regs *regs, unsigned int vector)
{
	smp_call_interrupt();
}

static void reschedule_interrupt(struct pt_regs *regs, unsigned int vector)
{
	sched_ipi();
}

static void stop_interrupt(struct pt_regs *regs, unsigned int vector)
{
	smp_stop_interrupt(regs);
}

__init bool arch_cpus_are_virtual(void)
{
	return cpu_has(X86_FEATURE_HYPERVISOR);
}

__init void arch_smp_handlers_init(void)
{
	vector_set_handler(VECTOR_CALL, call_interrupt);
	vector_set_handler(VECTOR_RESCHEDULE, reschedule_interrupt);
	vector_set_handler(VECTOR_STOP, stop_interrupt);
}
