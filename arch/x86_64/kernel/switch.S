/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The switch of stacks.  For the compiler it is a call, so only the registers that a callee keeps
 * matter; they go on the old stack, and come from the new one.  struct switch_frame of thread.c
 * describes what lies there.
 */
#include <arch/linkage.h>

	.section .text, "ax"

/*
 * struct task_struct *switch_stacks(struct task_struct *prev, unsigned long *prev_sp,
 *				     unsigned long next_sp)
 * Returns on the other stack, with the @prev of the call that left this one.
 */
FUNC(switch_stacks)
	pushq	%rbp
	pushq	%rbx
	pushq	%r12
	pushq	%r13
	pushq	%r14
	pushq	%r15
	movq	%rsp, (%rsi)
	movq	%rdx, %rsp
	movq	%rdi, %rax
	popq	%r15
	popq	%r14
	popq	%r13
	popq	%r12
	popq	%rbx
	popq	%rbp
	ret
END_FUNC(switch_stacks)

/* Where the first switch to a task returns to.  RBP is 0 there: backtraces end. */
FUNC(thread_entry)
	movq	%rax, %rdi
	call	sched_first_run
	ud2
END_FUNC(thread_entry)

#ifdef CONFIG_PREEMPT
/*
 * preempt_schedule(), with all registers kept.  The frame is this function's own: its caller may
 * have none, and is then left out of backtraces.
 */
FUNC(preempt_schedule_thunk)
	pushq	%rbp
	movq	%rsp, %rbp
	pushq	%rax
	pushq	%rcx
	pushq	%rdx
	pushq	%rsi
	pushq	%rdi
	pushq	%r8
	pushq	%r9
	pushq	%r10
	pushq	%r11
	call	preempt_schedule
	popq	%r11
	popq	%r10
	popq	%r9
	popq	%r8
	popq	%rdi
	popq	%rsi
	popq	%rdx
	popq	%rcx
	popq	%rax
	popq	%rbp
	ret
END_FUNC(preempt_schedule_thunk)
#endif

	.section .note.GNU-stack, "", @progbits
