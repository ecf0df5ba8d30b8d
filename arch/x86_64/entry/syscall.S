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
 * There is no 32-bit code: the GDT has no segment for it and a program no LDT.  SYSCALL out of it,
 * and SYSENTER, have their registers set all the same, for what they hold at reset is ring 0 at
 * address 0.
 *
 * SYSRET is fast, but faults in kernel mode if RCX is no canonical address, and cannot restore RF
 * or TF right: syscall_dispatch() says whether it may be used.  IRETQ does everything.
 * Sources: AMD64 manual volume 2, 6.1.1; volume 3, SYSCALL, SYSRET.
 */
#include <arch/linkage.h>
#include <arch/mds.h>
#include <arch/segment.h>
#include <arch/smap.h>
#include <arch/tss.h>
#include <asm/errno.h>

#include "regs.h"

	.section .text, "ax"

/* RAX is the number of the call and stands in orig_rax; in its own place what a call that is not
 * there returns. */
.macro SAVE_CALL_REGS
	pushq	%rax
	pushq	%rdi
	pushq	%rsi
	PUSH_AND_CLEAR_REGS rax=$-ENOSYS
	xorl	%esi, %esi
	movq	%rsp, %rdi
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
	SAVE_CALL_REGS
	call	syscall_dispatch
	testb	%al, %al
	jz	return_by_iret
	POP_REGS		/* RCX is RIP and R11 the flags, else it would not do */
	movq	32(%rsp), %rsp
	CLEAR_CPU_BUFFERS
	swapgs
	sysretq
END_FUNC(syscall_entry)

/* SYSCALL in 32-bit code: there is none, but what SYSCALL enters must not be address 0. */
FUNC(syscall32_entry)
	movl	$-ENOSYS, %eax
	sysretl
END_FUNC(syscall32_entry)

#ifdef CONFIG_INT80
/* A gate that users may name.  The processor has changed stacks and pushed its frame. */
FUNC(int80_entry)
	cld
	CLAC
	swapgs
	SAVE_CALL_REGS
	call	syscall_dispatch
	jmp	return_by_iret
END_FUNC(int80_entry)
#endif

/*
 * All returns to user mode by IRET, but those of NMI and its like.  Also where a task that has
 * never been in user mode begins: its stack holds nothing but its pt_regs.
 */
FUNC(return_by_iret)
	POP_REGS
	addq	$8, %rsp			/* orig_rax */
	CLEAR_CPU_BUFFERS
	swapgs
	.globl	iret_to_user			/* may fault: entry.S */
	.hidden	iret_to_user
iret_to_user:
	iretq
END_FUNC(return_by_iret)

/* void enter_user(struct pt_regs *regs): for a new task, at the end of its first kernel
 * function. */
FUNC(enter_user)
	movq	%rdi, %rsp
	jmp	return_by_iret
END_FUNC(enter_user)

	.section .note.GNU-stack, "", @progbits
