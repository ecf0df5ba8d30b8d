/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Which exceptions are the monitor's: breakpoints and steps bring the CPU into it, any other that
 * strikes while it runs is its own fault, from which it returns to its prompt.  It lets pass what
 * others expect: faults with a fix-up, assertions that only warn, and NMI and machine checks, which
 * come from outside.
 *
 * A single step is the trap flag in the saved flags.  Interrupts are masked for the step, or the
 * first instruction of the interrupt's handler would be the one that traps; an instruction that
 * itself sets or clears the interrupt flag keeps what it did.
 */
#include <arch/extable.h>
#include <arch/layout.h>
#include <arch/monitor.h>
#include <arch/msr.h>
#include <arch/trap.h>
#include <oshit/bug.h>
#include <oshit/init.h>
#include <oshit/kasan.h>
#include <oshit/monitor.h>
#include <oshit/nofault.h>
#include <oshit/trap.h>

#define OPCODE_POPF 0x9d
#define OPCODE_IRET 0xcf
#define OPCODE_CLI  0xfa

static bool step_restores_if; /* the CPU in the monitor only; IF was masked for this step */

void arch_jump_from_trap(struct pt_regs *regs, const struct arch_jump *jump)
{
	regs->rbx = jump->rbx;
	regs->rbp = jump->rbp;
	regs->r12 = jump->r12;
	regs->r13 = jump->r13;
	regs->r14 = jump->r14;
	regs->r15 = jump->r15;
	regs->rsp = jump->rsp;
	regs->rip = jump->rip;
	regs->rax = 1;
	regs->eflags = X86_EFLAGS_FIXED;
	kasan_forget_stack((u8 *)jump->rsp - KERNEL_STACK_SIZE, KERNEL_STACK_SIZE);
}

static bool sets_interrupt_flag(unsigned long rip)
{
	u8 opcode = 0;

	if (kernel_read_nofault(&opcode, (void *)rip, 1))
		return false;
	return opcode == OPCODE_POPF || opcode == OPCODE_IRET || opcode == OPCODE_CLI;
}

void arch_step_begin(struct pt_regs *regs)
{
	step_restores_if = (regs->eflags & X86_EFLAGS_IF) && !sets_interrupt_flag(regs->rip);
	if (step_restores_if)
		regs->eflags &= ~X86_EFLAGS_IF;
	regs->eflags |= X86_EFLAGS_TF;
}

void arch_step_end(struct pt_regs *regs)
{
	regs->eflags &= ~X86_EFLAGS_TF;
	if (step_restores_if)
		regs->eflags |= X86_EFLAGS_IF;
	step_restores_if = false;
}

void arch_write_code(unsigned long addr, u8 code)
{
	unsigned long cr0 = read_cr0();

	/* Without WP the kernel may write where the page tables say read-only. */
	write_cr0(cr0 & ~X86_CR0_WP);
	*(volatile u8 *)addr = code;
	write_cr0(cr0);
}

static bool is_warning(const struct pt_regs *regs)
{
	struct bug_entry *bug = bug_find(regs->rip);

	return bug && (bug->flags & BUG_WARNING);
}

/* An exception inside the monitor. */
static bool own_trap(struct pt_regs *regs, unsigned int vector)
{
	if (vector == TRAP_NMI || vector == TRAP_MACHINE_CHECK)
		return false;
	if (vector != TRAP_DOUBLE_FAULT && extable_fixup(regs))
		return true;
	if (vector == TRAP_INVALID_OPCODE && is_warning(regs))
		return false;
	if (vector == TRAP_PAGE_FAULT)
		monitor_printf("\ncannot access 0x%lx", read_cr2());
	return monitor_recover(regs, trap_name(vector));
}

static bool monitor_trap(struct pt_regs *regs, unsigned int vector)
{
	if (monitor_is_active())
		return own_trap(regs, vector);
	if (vector == TRAP_BREAKPOINT)
		monitor_trap_breakpoint(regs);
	else if (vector == TRAP_DEBUG)
		monitor_trap_step(regs);
	else
		return false;
	return true;
}

__init void arch_monitor_init(void)
{
	trap_monitor_hook = monitor_trap;
}
