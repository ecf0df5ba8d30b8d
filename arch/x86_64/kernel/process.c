/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The machine's side of programs: the registers at their border, and the bases of FS and GS, which
 * are theirs alone.
 *
 * The registers with which a task came from user mode lie at the very end of its kernel stack,
 * where the processor begins to push.
 */
#include <arch/fpu.h>
#include <arch/msr.h>
#include <arch/segment.h>
#include <arch/syscall.h>
#include <arch/tss.h>
#include <asm/prctl.h>
#include <asm/processor-flags.h>
#include <asm/ptrace.h>
#include <linux/errno.h>
#include <linux/sched.h>
#include <oshit/entry.h>
#include <oshit/fork.h>
#include <oshit/irqflags.h>
#include <oshit/nofault.h>
#include <oshit/syscalls.h>
#include <oshit/uaccess.h>
#include <oshit/user_task.h>

struct pt_regs *task_pt_regs(const struct task_struct *task)
{
	return (struct pt_regs *)((char *)task->stack + KERNEL_STACK_SIZE) - 1;
}

bool task_call_peek(const struct task_struct *task, struct task_call *call)
{
	const char *stack = READ_ONCE(task->stack);
	struct pt_regs regs;

	if (!stack ||
	    kernel_read_nofault(&regs, stack + KERNEL_STACK_SIZE - sizeof(regs), sizeof(regs)))
		return false;
	smp_rmb(); /* pairs with task_free_unused() */
	if (READ_ONCE(task->stack) != stack)
		return false;
	*call = (struct task_call){
		.nr = (long)regs.orig_rax,
		.args = { regs.rdi, regs.rsi, regs.rdx, regs.r10, regs.r8, regs.r9 },
		.sp = regs.rsp,
		.ip = regs.rip,
	};
	return true;
}

unsigned long user_stack_pointer(const struct pt_regs *regs)
{
	return regs->rsp;
}

/* MSR_KERNEL_GS_BASE holds the user's base while the kernel runs. */
int arch_copy_thread(struct task_struct *child, const struct clone_request *request)
{
	struct pt_regs *regs = task_pt_regs(child);
	int err = fpu_copy(child);

	if (err)
		return err;
	*regs = *task_pt_regs(current);
	regs->rax = 0;
	if (request->stack)
		regs->rsp = request->stack;
	child->thread.fs_base = rdmsr(MSR_FS_BASE);
	child->thread.gs_base = rdmsr(MSR_KERNEL_GS_BASE);
	if (!(request->flags & CLONE_SETTLS))
		return 0;
	if (request->tls >= USER_END)
		return -EPERM;
	child->thread.fs_base = request->tls;
	return 0;
}

void arch_start_program(struct pt_regs *regs, unsigned long ip, unsigned long sp)
{
	*regs = (struct pt_regs){
		.rip = ip,
		.rsp = sp,
		.cs = USER_CS,
		.ss = USER_DS,
		.eflags = X86_EFLAGS_IF | X86_EFLAGS_FIXED,
		.orig_rax = -1UL, /* no call to be made again */
	};
	if (ip >= USER_END)
		force_sig(SIGSEGV);
	wrmsr(MSR_FS_BASE, 0);
	wrmsr(MSR_KERNEL_GS_BASE, 0);
	fpu_reset();
}

void __noreturn enter_user_first(void)
{
	struct pt_regs *regs = task_pt_regs(current);

	exit_to_user(regs);
	enter_user(regs);
}

void arch_adopt_stack(struct task_struct *task)
{
	unsigned long flags;

	local_irq_save(flags);
	this_cpu_ptr(&cpu_tss)->rsp[0] = (unsigned long)task->stack + KERNEL_STACK_SIZE;
	local_irq_restore(flags);
}

unsigned long arch_hwcap(void)
{
	return cpuid(1, 0).edx;
}

long sys_arch_prctl(int code, unsigned long addr)
{
	switch (code) {
	case ARCH_SET_FS:
	case ARCH_SET_GS:
		if (addr >= USER_END)
			return -EPERM;
		wrmsr(code == ARCH_SET_FS ? MSR_FS_BASE : MSR_KERNEL_GS_BASE, addr);
		return 0;
	case ARCH_GET_FS:
		return put_user(rdmsr(MSR_FS_BASE), (unsigned long __user *)addr);
	case ARCH_GET_GS:
		return put_user(rdmsr(MSR_KERNEL_GS_BASE), (unsigned long __user *)addr);
	default:
		return -EINVAL;
	}
}
