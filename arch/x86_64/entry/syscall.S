/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Entry by SYSCALL and by INT 0x80, and the way back to user mode.
 *
 * SYSCALL changes nothing but RIP, CS, SS and the flags; RCX and R11 hold what was there.  The
 * stack is still the user's, so the first thing is to get our own, from the TSS of this CPU, where
 * it stands for interrupts anyway; the slot of ring 2, which nothing uses, keeps the user's RSP
 * meanwhile.  Interrupts are off until the frame is complete (MSR_SYSCALL_MASK).
 *
 * Between SYSCALL and SWAPGS, and between SWAPGS and SYSRET, the kernel runs on the user's GS, or
 * on the user's stack: only NMI, machine check and debug exceptions can come there, which have
 * stacks of their own and look at GS itself (entry.S).
 *
 * SYSRET is fast, but faults in kernel mode if RCX is no canonical address, and cannot restore RF
 * or TF right: syscall_dispatch() says whether it may be used.  IRETQ does everything.
 * Sources: AMD64 manual volume 2, 6.1.1; volume 3, SYSCALL, SYSRET.
 */
#include <arch/linkage.h>
#include <arch/mds.h>
#include <arch/segment.h>
#include <arch/tss.h>
#include <asm/errno.h>

#define REGS_RAX 10 * 8

	.section .text, "ax"

/* The general registers below orig_rax, as struct pt_regs has them; RAX is what is returned. */
.macro PUSH_REGS
	pushq	%rdi
	pushq	%rsi
	pushq	%rdx
	pushq	%rcx
	pushq	$-ENOSYS
	pushq	%r8
	pushq	%r9
	pushq	%r10
	pushq	%r11
	pushq	%rbx
	pushq	%rbp
	pushq	%r12
	pushq	%r13
	pushq	%r14
	pushq	%r15
	/* No user value may steer a speculated kernel load; RBP 0 ends a backtrace. */
	xorl	%ecx, %ecx
	xorl	%edx, %edx
	xorl	%esi, %esi
	xorl	%r8d, %r8d
	xorl	%r9d, %r9d
	xorl	%r10d, %r10d
	xorl	%r11d, %r11d
	xorl	%ebx, %ebx
	xorl	%ebp, %ebp
	xorl	%r12d, %r12d
	xorl	%r13d, %r13d
	xorl	%r14d, %r14d
	xorl	%r15d, %r15d
.endm

FUNC(syscall_entry)
	swapgs
	movq	%rsp, %gs:cpu_tss + TSS_RSP2(%rip)
	movq	%gs:cpu_tss + TSS_RSP0(%rip), %rsp
	pushq	$USER_DS
	pushq	%gs:cpu_tss + TSS_RSP2(%rip)
	pushq	%r11
	pushq	$USER_CS
	pushq	%rcx
	pushq	%rax
	PUSH_REGS
	movq	%rsp, %rdi
	call	syscall_dispatch
	testb	%al, %al
	jz	return_by_iret
	popq	%r15
	popq	%r14
	popq	%r13
	popq	%r12
	popq	%rbp
	popq	%rbx
	popq	%rsi				/* R11: the flags, below */
	popq	%r10
	popq	%r9
	popq	%r8
	popq	%rax
	popq	%rsi				/* RCX: RIP, below */
	popq	%rdx
	popq	%rsi
	popq	%rdi
	movq	8(%rsp), %rcx
	movq	24(%rsp), %r11
	movq	32(%rsp), %rsp
	CLEAR_CPU_BUFFERS
	swapgs
	sysretq
END_FUNC(syscall_entry)

#ifdef CONFIG_INT80
/* A gate that users may name.  The processor has changed stacks and pushed its frame. */
FUNC(int80_entry)
	cld
	swapgs
	pushq	%rax
	PUSH_REGS
	movq	%rsp, %rdi
	call	syscall_dispatch
	jmp	return_by_iret
END_FUNC(int80_entry)
#endif

/* Where a task that has never been in user mode begins: its stack holds nothing but its pt_regs. */
FUNC(return_by_iret)
	popq	%r15
	popq	%r14
	popq	%r13
	popq	%r12
	popq	%rbp
	popq	%rbx
	popq	%r11
	popq	%r10
	popq	%r9
	popq	%r8
	popq	%rax
	popq	%rcx
	popq	%rdx
	popq	%rsi
	popq	%rdi
	addq	$8, %rsp			/* orig_rax */
	CLEAR_CPU_BUFFERS
	swapgs
	iretq
END_FUNC(return_by_iret)

/* void enter_user(struct pt_regs *regs): for a new task, at the end of its first kernel
 * function. */
FUNC(enter_user)
	movq	%rdi, %rsp
	jmp	return_by_iret
END_FUNC(enter_user)

	.section .note.GNU-stack, "", @progbits
