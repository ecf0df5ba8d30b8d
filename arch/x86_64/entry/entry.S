/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Entry from exceptions and interrupts.
 *
 * All 256 vectors have a stub of 16 bytes that makes the stack look alike: where the processor
 * pushes no error code a 0 takes its place, then comes the vector number.  The common code turns
 * that into a struct pt_regs (<asm/ptrace.h>; the error code is in orig_rax) and calls
 * trap_entry(regs, vector) in C.
 *
 * GS: in kernel mode it holds the per-CPU offset.  An entry from user mode swaps it in.  NMI,
 * machine check, double fault and debug may hit the kernel between its entry and that SWAPGS, so
 * they look at the register itself instead of the saved CS.  A program may load any address there
 * (WRGSBASE), also one of the kernel, so it is compared with this CPU's own offset, which stands at
 * the end of each of the stacks that these four have (tables.c).  A program that has guessed that
 * number has what the kernel would have swapped in.
 *
 * The processor takes the direction and AC flags over from what was interrupted: a program may set
 * AC, which would switch SMAP off, and the kernel has it set while it copies.
 *
 * NMI: no other comes until an IRET, which is good, for it would begin at the same end of the same
 * stack.  But any IRET will do, also that of a page fault in the handler, which looks at memory
 * that may not be there.  So whatever returns into the handler does it by POPF and RET.
 */
#include <arch/linkage.h>
#include <arch/mds.h>
#include <arch/msr.h>
#include <arch/segment.h>
#include <arch/smap.h>
#include <arch/tss.h>

#include "regs.h"

#define VECTORS_WITH_ERROR_CODE ((1 << 8) | (0x1f << 10) | (1 << 17) | (1 << 21) | (3 << 29))
#define VECTORS_PARANOID	((1 << 1) | (1 << 2) | (1 << 8) | (1 << 18))

	.section .text, "ax"

/* On entry: vector, error code, then the processor's frame.  On exit: pt_regs; vector in ESI. */
.macro SAVE_REGS
	cld
	CLAC
	xchgq	%rdi, (%rsp)
	pushq	%rsi
	movl	%edi, %esi
	PUSH_AND_CLEAR_REGS
	movq	%rsp, %rdi
.endm

.macro RESTORE_REGS
	POP_REGS
	addq	$8, %rsp			/* error code */
.endm

#define NR_REGS 21				/* struct pt_regs, in words */
#define REGS_RIP 16 * 8
#define REGS_CS 17 * 8
#define REGS_EFLAGS 18 * 8
#define REGS_RSP 19 * 8
#define TRAP_DEBUG 1
#define TRAP_NMI 2

	.p2align 4
OBJECT(trap_stubs)
vector = 0
.rept 256
	.p2align 4
	.if vector < 32 && (VECTORS_WITH_ERROR_CODE >> (vector & 31)) & 1
	.else
	pushq	$0
	.endif
	.if vector < 128
	pushq	$vector
	.else
	pushq	$vector - 256			/* a short form; masked below */
	.endif
	.if vector < 32 && (VECTORS_PARANOID >> (vector & 31)) & 1
	jmp	trap_common_paranoid
	.else
	jmp	trap_common
	.endif
	vector = vector + 1
.endr
END_OBJECT(trap_stubs)

LOCAL_FUNC(trap_common)
	SAVE_REGS
	movzbl	%sil, %esi
	testb	$3, REGS_CS(%rsp)
	jz	1f
	swapgs
	call	trap_entry
	jmp	return_by_iret
1:	leaq	iret_to_user(%rip), %rax
	cmpq	%rax, REGS_RIP(%rsp)
	je	iret_has_failed
	call	trap_entry
	cmpb	$0, %gs:nmi_is_running(%rip)
	jne	return_within_nmi
	RESTORE_REGS
	iretq
END_FUNC(trap_common)

/*
 * The IRET to a program has faulted.  GS and the general registers are the program's already, and
 * its frame is still at the end of the stack: put together again, they are what the program would
 * have if the exception were its own.  So it is treated as that.
 */
LOCAL_FUNC(iret_has_failed)
	swapgs
	movq	%gs:cpu_tss + TSS_RSP0(%rip), %rdi
	subq	$NR_REGS * 8, %rdi
	movq	%rdi, %rbx
	/* Upwards by less than their size, so the last goes first. */
	movl	$REGS_RIP / 8, %ecx
	leaq	REGS_RIP - 8(%rsp), %r8
	leaq	REGS_RIP - 8(%rdi), %rdi
	xchgq	%rsi, %r8
	std
	rep movsq
	cld
	movl	%r8d, %esi
	movq	%rbx, %rsp
	movq	%rbx, %rdi
	call	trap_entry
	jmp	return_by_iret
END_FUNC(iret_has_failed)

/* As IRET, but NMIs stay off.  What it pops lies right below the stack that it returns to, where at
 * most SS and RSP of the frame are, which are read by then. */
LOCAL_FUNC(return_within_nmi)
	movq	REGS_RSP(%rsp), %rdi
	subq	$16, %rdi
	movq	REGS_RIP(%rsp), %rsi
	movq	REGS_EFLAGS(%rsp), %rdx
	movq	%rsi, 8(%rdi)
	movq	%rdx, (%rdi)
	movq	%rdi, REGS_RIP(%rsp)
	RESTORE_REGS
	popq	%rsp
	popfq
	ret
END_FUNC(return_within_nmi)

LOCAL_FUNC(trap_common_paranoid)
	SAVE_REGS
	movzbl	%sil, %esi
	cmpl	$TRAP_DEBUG, %esi
	jne	3f
	testb	$3, REGS_CS(%rsp)
	jnz	debug_from_user
3:
	movl	$MSR_GS_BASE, %ecx
	rdmsr
	shlq	$32, %rdx
	orq	%rdx, %rax
	cmpq	%rax, NR_REGS * 8 + IST_PERCPU_OFFSET(%rsp)
	je	1f
	swapgs
	movl	$1, %ebx			/* survives the call: swap back */
1:	cmpl	$TRAP_NMI, %esi
	jne	5f
	movb	$1, %gs:nmi_is_running(%rip)
	call	trap_entry
	movb	$0, %gs:nmi_is_running(%rip)
	jmp	6f
5:	call	trap_entry
	cmpb	$0, %gs:nmi_is_running(%rip)
	jne	return_within_nmi
6:	testb	$3, REGS_CS(%rsp)
	jz	4f
	CLEAR_CPU_BUFFERS
4:	testl	%ebx, %ebx
	jz	2f
	swapgs
2:	RESTORE_REGS
	iretq
END_FUNC(trap_common_paranoid)

/* A program's step: what follows may sleep, so it goes on where an ordinary trap would have
 * begun. */
LOCAL_FUNC(debug_from_user)
	swapgs
	movq	%gs:cpu_tss + TSS_RSP0(%rip), %rdi
	subq	$NR_REGS * 8, %rdi
	movq	%rdi, %rbx
	movq	%rsp, %rsi
	movl	$NR_REGS, %ecx
	rep movsq
	movq	%rbx, %rsp
	movq	%rbx, %rdi
	movl	$TRAP_DEBUG, %esi
	call	trap_entry
	jmp	return_by_iret
END_FUNC(debug_from_user)

	.section .note.GNU-stack, "", @progbits
