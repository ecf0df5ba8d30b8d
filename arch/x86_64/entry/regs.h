/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The general registers in struct pt_regs, for all ways into the kernel and out of it.  They lie
 * between what the processor or the entry has pushed, from orig_rax upwards, and the stack pointer.
 */
#ifndef ENTRY_REGS_H
#define ENTRY_REGS_H

/*
 * Behind RDI and RSI, which the caller has pushed.  No stale user value may steer a speculated
 * kernel load, so all are cleared but RDI and RSI; RBP 0 ends a backtrace.
 */
.macro PUSH_AND_CLEAR_REGS rax=%rax
	pushq	%rdx
	pushq	%rcx
	pushq	\rax
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
	xorl	%edx, %edx
	xorl	%ecx, %ecx
	xorl	%eax, %eax
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

/* All of them; orig_rax is what the stack pointer points to then. */
.macro POP_REGS
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
.endm

#endif
