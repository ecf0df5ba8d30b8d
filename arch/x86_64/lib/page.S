/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Whole pages cleared and copied, in the ways that processors differ in: by plain stores, by string
 * instructions of 8 bytes, and by those of one byte, which are the best where they are "enhanced".
 * arch/x86_64/mm/page_ops.c chooses.
 */
#include <arch/linkage.h>
#include <arch/page.h>

#define BLOCK 128

	.section .text, "ax"

/* void clear_page_by_stores(void *page) */
FUNC(clear_page_by_stores)
	xorl	%eax, %eax
	movl	$(PAGE_SIZE / BLOCK), %ecx
.Lclear_block:
	.set	offset, 0
	.rept	BLOCK / 8
	movq	%rax, offset(%rdi)
	.set	offset, offset + 8
	.endr
	subq	$-BLOCK, %rdi
	decl	%ecx
	jnz	.Lclear_block
	ret
END_FUNC(clear_page_by_stores)

/* void clear_page_by_words(void *page) */
FUNC(clear_page_by_words)
	xorl	%eax, %eax
	movl	$(PAGE_SIZE / 8), %ecx
	rep stosq
	ret
END_FUNC(clear_page_by_words)

/* void clear_page_by_bytes(void *page) */
FUNC(clear_page_by_bytes)
	xorl	%eax, %eax
	movl	$PAGE_SIZE, %ecx
	rep stosb
	ret
END_FUNC(clear_page_by_bytes)

/* void copy_page_by_moves(void *to, const void *from) */
FUNC(copy_page_by_moves)
	movl	$(PAGE_SIZE / BLOCK), %ecx
.Lcopy_block:
	.set	offset, 0
	.rept	BLOCK / 32
	movq	offset(%rsi), %rax
	movq	offset + 8(%rsi), %rdx
	movq	offset + 16(%rsi), %r8
	movq	offset + 24(%rsi), %r9
	movq	%rax, offset(%rdi)
	movq	%rdx, offset + 8(%rdi)
	movq	%r8, offset + 16(%rdi)
	movq	%r9, offset + 24(%rdi)
	.set	offset, offset + 32
	.endr
	subq	$-BLOCK, %rsi
	subq	$-BLOCK, %rdi
	decl	%ecx
	jnz	.Lcopy_block
	ret
END_FUNC(copy_page_by_moves)

/* void copy_page_by_words(void *to, const void *from) */
FUNC(copy_page_by_words)
	movl	$(PAGE_SIZE / 8), %ecx
	rep movsq
	ret
END_FUNC(copy_page_by_words)

/* void copy_page_by_bytes(void *to, const void *from) */
FUNC(copy_page_by_bytes)
	movl	$PAGE_SIZE, %ecx
	rep movsb
	ret
END_FUNC(copy_page_by_bytes)

	.section .note.GNU-stack, "", @progbits
