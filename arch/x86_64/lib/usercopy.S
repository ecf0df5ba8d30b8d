/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Copies between user and kernel memory, 32 bytes a round, then words, then bytes.  Any access may
 * fault, on either side of the copy.  The fix-up goes back to the start of the round and copies
 * byte by byte, so that the count of what was copied is exact; the fault that ends that loop ends
 * it all.
 *
 * RCX counts rounds, words or bytes; RDX keeps what comes after the present loop.
 */
#include <arch/extable.h>
#include <arch/linkage.h>
#include <arch/smap.h>

	.section .text, "ax"

/* size_t arch_copy_user(void *dst, const void *src, size_t len) */
FUNC(arch_copy_user)
	STAC
	movq	%rdx, %rcx
	shrq	$5, %rcx
	jz	.Lcopy_words
	andl	$31, %edx
1:	movq	(%rsi), %r8
2:	movq	8(%rsi), %r9
3:	movq	16(%rsi), %r10
4:	movq	24(%rsi), %r11
5:	movq	%r8, (%rdi)
6:	movq	%r9, 8(%rdi)
7:	movq	%r10, 16(%rdi)
8:	movq	%r11, 24(%rdi)
	addq	$32, %rsi
	addq	$32, %rdi
	decq	%rcx
	jnz	1b
.Lcopy_words:
	movl	%edx, %ecx
	andl	$7, %edx
	shrl	$3, %ecx
	jz	.Lcopy_bytes
9:	movq	(%rsi), %r8
10:	movq	%r8, (%rdi)
	addq	$8, %rsi
	addq	$8, %rdi
	decl	%ecx
	jnz	9b
.Lcopy_bytes:
	movl	%edx, %ecx
.Lcopy_last:
	testq	%rcx, %rcx
	jz	.Lcopy_end
11:	movb	(%rsi), %r8b
12:	movb	%r8b, (%rdi)
	incq	%rsi
	incq	%rdi
	decq	%rcx
	jnz	11b
.Lcopy_end:
	CLAC
	movq	%rcx, %rax
	ret
.Lcopy_fault_round:
	shlq	$5, %rcx
	addq	%rdx, %rcx
	jmp	.Lcopy_last
.Lcopy_fault_word:
	leal	(%rdx, %rcx, 8), %ecx
	jmp	.Lcopy_last
	EXTABLE(1b, .Lcopy_fault_round)
	EXTABLE(2b, .Lcopy_fault_round)
	EXTABLE(3b, .Lcopy_fault_round)
	EXTABLE(4b, .Lcopy_fault_round)
	EXTABLE(5b, .Lcopy_fault_round)
	EXTABLE(6b, .Lcopy_fault_round)
	EXTABLE(7b, .Lcopy_fault_round)
	EXTABLE(8b, .Lcopy_fault_round)
	EXTABLE(9b, .Lcopy_fault_word)
	EXTABLE(10b, .Lcopy_fault_word)
	EXTABLE(11b, .Lcopy_end)
	EXTABLE(12b, .Lcopy_end)
END_FUNC(arch_copy_user)

/* size_t arch_clear_user(void *dst, size_t len) */
FUNC(arch_clear_user)
	STAC
	movq	%rsi, %rcx
	xorl	%eax, %eax
	andl	$7, %esi
	shrq	$3, %rcx
	jz	.Lclear_bytes
1:	movq	%rax, (%rdi)
	addq	$8, %rdi
	decq	%rcx
	jnz	1b
.Lclear_bytes:
	movl	%esi, %ecx
.Lclear_last:
	testq	%rcx, %rcx
	jz	.Lclear_end
2:	movb	%al, (%rdi)
	incq	%rdi
	decq	%rcx
	jnz	2b
.Lclear_end:
	CLAC
	movq	%rcx, %rax
	ret
.Lclear_fault:
	leaq	(%rsi, %rcx, 8), %rcx
	jmp	.Lclear_last
	EXTABLE(1b, .Lclear_fault)
	EXTABLE(2b, .Lclear_end)
END_FUNC(arch_clear_user)

	.section .note.GNU-stack, "", @progbits
