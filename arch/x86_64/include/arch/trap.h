/* SPDX-License-Identifier: GPL-2.0-only */
/* Vectors of the x86 exceptions, AMD64 manual volume 2, table 8-1. */
#ifndef ARCH_TRAP_H
#define ARCH_TRAP_H

#include <oshit/percpu.h>
#include <oshit/types.h>

struct pt_regs;

enum trap_vector {
	TRAP_DIVIDE_ERROR = 0,
	TRAP_DEBUG = 1,
	TRAP_NMI = 2,
	TRAP_BREAKPOINT = 3,
	TRAP_INVALID_OPCODE = 6,
	TRAP_NO_FPU = 7,
	TRAP_DOUBLE_FAULT = 8,
	TRAP_GENERAL_PROTECTION = 13,
	TRAP_PAGE_FAULT = 14,
	TRAP_X87 = 16,
	TRAP_ALIGNMENT = 17,
	TRAP_MACHINE_CHECK = 18,
	TRAP_SIMD = 19,
	NR_EXCEPTIONS = 32,
};

/* Error code of a page fault, AMD64 manual volume 2, 8.4.2. */
#define FAULT_PROTECTION (1u << 0) /* the page is there; its rights forbid the access */
#define FAULT_WRITE	 (1u << 1)
#define FAULT_USER	 (1u << 2)
#define FAULT_RESERVED	 (1u << 3) /* a reserved bit is set in a table */
#define FAULT_EXECUTE	 (1u << 4)

/* "page fault", "divide error", ... */
const char *trap_name(unsigned int vector);

/* From entry.S, for every exception and interrupt. */
void trap_entry(struct pt_regs *regs, unsigned int vector);

/* Set by entry.S while the handler of an NMI runs. */
DECLARE_PER_CPU(u8, nmi_is_running);

/* Fills the IDT; traps of this CPU work from then on. Boot CPU. */
void trap_init(void);

enum gate_user { GATE_FOR_KERNEL, GATE_FOR_USERS /* INT n reaches it */ };

/* Says where a vector enters the kernel, with interrupts off. Boot CPU. */
void idt_set_gate(unsigned int vector, const void *entry, enum gate_user user);

/* Gives @cpu the stack of slot @ist, which ends at @end; all of them before its
 * cpu_tables_init(). */
void cpu_tables_set_stack(unsigned int cpu, unsigned int ist, void *end);

/* GDT, TSS and IST stacks of the calling CPU; loads the IDT. */
void cpu_tables_init(unsigned int cpu);

#endif
