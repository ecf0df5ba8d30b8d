/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Switching tasks.  The stack of a task that does not run ends in a struct switch_frame, and that
 * of a new one looks as if it had left at thread_entry.
 */
#include <arch/boot_stacks.h>
#include <arch/fpu.h>
#include <arch/msr.h>
#include <arch/thread.h>
#include <arch/tss.h>
#include <asm/ptrace.h>
#include <oshit/sched.h>

#include "thread.h"

/* Above all frames is room for the registers of user mode, a multiple of 16 bytes. */
#define USER_REGS_ROOM ((sizeof(struct pt_regs) + 15) & -16UL)

static unsigned long stack_end(const struct task_struct *task)
{
	return (unsigned long)task->stack + KERNEL_STACK_SIZE;
}

void arch_thread_init(struct task_struct *task)
{
	struct switch_frame *frame = (struct switch_frame *)(stack_end(task) - USER_REGS_ROOM) - 1;

	*frame = (struct switch_frame){ .rip = (unsigned long)thread_entry };
	task->thread.sp = (unsigned long)frame;
}

/* FS and GS are the program's. The kernel's own GS base is in use, so the user's is in the other
 * register, and the program may have changed both without asking. */
static void switch_user_state(struct task_struct *prev, struct task_struct *next)
{
	if (prev->user) {
		prev->thread.fs_base = rdmsr(MSR_FS_BASE);
		prev->thread.gs_base = rdmsr(MSR_KERNEL_GS_BASE);
	}
	if (next->user) {
		wrmsr(MSR_FS_BASE, next->thread.fs_base);
		wrmsr(MSR_KERNEL_GS_BASE, next->thread.gs_base);
		this_cpu_ptr(&cpu_tss)->rsp[0] = stack_end(next);
		if (IS_ENABLED(CONFIG_RSEQ) && next->has_rseq)
			set_bit(TIF_RSEQ, &next->notify);
	}
}

struct task_struct *arch_switch_to(struct task_struct *prev, struct task_struct *next)
{
	if (prev->user || next->user)
		switch_user_state(prev, next);
	if (prev->thread.fpu_is_used || next->thread.fpu_is_used || next->mm)
		fpu_switch(prev, next);
	return switch_stacks(prev, &prev->thread.sp, next->thread.sp);
}

void *arch_boot_stack(void)
{
	return boot_stacks.stack;
}
