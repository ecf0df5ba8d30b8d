/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the monitor needs of a port: a point to return to from a trap, single steps, and trap
 * instructions in the code.
 */
#ifndef ARCH_MONITOR_H
#define ARCH_MONITOR_H

#include <asm/processor-flags.h>
#include <asm/ptrace.h>
#include <oshit/types.h>

#define ARCH_BREAKPOINT_CODE 0xcc /* INT3 */
#define ARCH_BREAKPOINT_SIZE 1 /* bytes that the instruction pointer is behind it */

struct arch_jump { /* what a function preserves for its caller, in the order of jump.S */
	unsigned long rbx, rbp, r12, r13, r14, r15;
	unsigned long rsp, rip; /* after arch_jump_save() has returned */
};

/* Returns 0, and again 1 for each arch_jump_from_trap(); as setjmp() of C, whose rules for local
 * variables hold. The caller must not have returned by then. */
int arch_jump_save(struct arch_jump *jump) __attribute__((returns_twice));

/* Makes the end of the trap that saved @regs return from arch_jump_save(@jump). */
void arch_jump_from_trap(struct pt_regs *regs, const struct arch_jump *jump);

static inline unsigned long instruction_pointer(const struct pt_regs *regs)
{
	return regs->rip;
}

static inline bool regs_irqs_disabled(const struct pt_regs *regs)
{
	return !(regs->eflags & X86_EFLAGS_IF);
}

static inline void arch_set_instruction_pointer(struct pt_regs *regs, unsigned long ip)
{
	regs->rip = ip;
}

/* After the trap returns to @regs, one instruction runs, without interrupts, and traps again;
 * then arch_step_end() undoes the change of the flags. */
void arch_step_begin(struct pt_regs *regs);
void arch_step_end(struct pt_regs *regs);

/* Writes a byte of kernel code, write-protected as it is. No other CPU may run that code. */
void arch_write_code(unsigned long addr, u8 code);

/* Sends the exceptions to the monitor; once, while booting. */
void arch_monitor_init(void);

#endif
