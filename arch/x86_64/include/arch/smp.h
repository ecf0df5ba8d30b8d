/* SPDX-License-Identifier: GPL-2.0-only */
/* What a port does for several CPUs.  CPUs are named by the kernel's numbers. */
#ifndef ARCH_SMP_H
#define ARCH_SMP_H

#include <oshit/cpumask.h>
#include <oshit/types.h>

/* Interrupts to one CPU. Any context. */
void arch_send_call(unsigned int cpu);
void arch_send_reschedule(unsigned int cpu);
void arch_send_stop(unsigned int cpu);
void arch_send_nmi(unsigned int cpu);

/* Whether the CPUs are those of a virtual machine, which its host may run or not. Boot. */
bool arch_cpus_are_virtual(void);

/* Takes over the handlers of these. Boot. */
void arch_smp_handlers_init(void);

/* Sleeps until arch_send_stop(), or a little shorter; no other interrupt is served. Interrupts
 * off, in the handler of a stop interrupt or in none, between arch_halt_begin() and
 * arch_halt_end(). */
void arch_halt_begin(void);
void arch_halt(void);
void arch_halt_end(void);

struct pt_regs;

/* Whether the interrupted code was waiting for interrupts. */
bool arch_is_halted(const struct pt_regs *regs);

/* Enters each CPU that the firmware names, up to @max in all, into cpu_possible_mask, and reserves
 * what their start needs. Boot, before mm_init(). */
void arch_smp_find_cpus(unsigned int max);

/* Gives @cpu what it starts with; @stack is its idle task's, KERNEL_STACK_SIZE bytes. 0 or -ENOMEM.
 * Boot. */
int arch_cpu_prepare(unsigned int cpu, void *stack);

/* Starts CPUs, all at once; each comes to cpu_bringup().  They are off or parked. Task. */
void arch_cpus_start(const struct cpumask *cpus);

/* Holds a CPU that did not come up so that it never will. */
void arch_cpu_hold(unsigned int cpu);

/* This CPU does nothing more until arch_cpus_start(). Interrupts off. Calls @parked when nothing
 * but this loop is used any more. */
void __noreturn arch_cpu_park(void (*parked)(void));

#endif
