/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Copies between user and kernel memory: blocks of 128 bytes, rounds of 32, then words, then bytes.
 * Long ones go by a string instruction where that is how the processor copies a page in the least
 * time (page_ops.c measures it), since the start of one costs as much as some blocks.
 *
 * Any access may fault, on either side of the copy.  The fix-up goes back to the start of the block
 * or round and copies byte by byte, so that the count of what was copied is exact; the fault that
 * ends that loop ends it all.  A string instruction leaves RCX, RSI and RDI at what it did not do.
 *
 * RCX counts blocks, rounds, words or bytes; RDX keeps what comes after the present loop.
 */
#include <arch/extable.h>
#include <arch/linkage.h>
#include <arch/smap.h>
#include <arch/usercopy.h>

#define STRING_LEAST 512

	.section .text, "ax"

/* 32 bytes at @offset of source and target. */
.macro MOVE_ROUND offset, fixup
.Lload0\@:
	movq	\offset(%rsi), %r8
.Lload1\@:
	movq	\offset + 8(%rsi), %r9
.Lload2\@:
	movq	\offset + 16(%rsi), %r10
.Lload3\@:
	movq	\offset + 24(%rsi), %r11
.Lstore0\@:
	movq	%r8, \offset(%rdi)
.Lstore1\@:
	movq	%r9, \offset + 8(%rdi)
.Lstore2\@:
	movq	%r10, \offset + 16(%rdi)
.Lstore3\@:
	movq	%r11, \offset + 24(%rdi)
	EXTABLE(.Lload0\@, \fixup)
	EXTABLE(.Lload1\@, \fixup)
	EXTABLE(.Lload2\@, \fixup)
	EXTABLE(.Lload3\@, \fixup)
	EXTABLE(.Lstore0\@, \fixup)
	EXTABLE(.Lstore1\@, \fixup)
	EXTABLE(.Lstore2\@, \fixup)
	EXTABLE(.Lstore3\@, \fixup)
.endm

/* size_t arch_copy_user(void *dst, const void *src, size_t len); the two below do the same */
FUNC(arch_copy_user)
	STAC
	movq	%rdx, %rcx
	shrq	$7, %rcx
	jz	.Lcopy_rounds
	cmpb	$COPY_USER_BY_MOVES, copy_user_way(%rip)
	jne	.Lcopy_string
.Lcopy_blocks:
	andl	$127, %edx
.Lcopy_block:
	MOVE_ROUND 0, .Lcopy_fault_block
	MOVE_ROUND 32, .Lcopy_fault_block
	MOVE_ROUND 64, .Lcopy_fault_block
	MOVE_ROUND 96, .Lcopy_fault_block
	subq	$-128, %rsi
	subq	$-128, %rdi
	decq	%rcx
	jnz	.Lcopy_block
.Lcopy_rounds:
	movl	%edx, %ecx
	andl	$31, %edx
	shrl	$5, %ecx
	jz	.Lcopy_words
.Lcopy_round:
	MOVE_ROUND 0, .Lcopy_fault_round
	addq	$32, %rsi
	addq	$32, %rdi
	decl	%ecx
	jnz	.Lcopy_round
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
.Lcopy_string:
	cmpq	$STRING_LEAST, %rdx
	jb	.Lcopy_blocks
	cmpb	$COPY_USER_BY_WORDS, copy_user_way(%rip)
	je	copy_user_by_words
	jmp	copy_user_by_bytes
.Lcopy_fault_block:
	shlq	$7, %rcx
	addq	%rdx, %rcx
	jmp	.Lcopy_last
.Lcopy_fault_round:
	shlq	$5, %rcx
	addq	%rdx, %rcx
	jmp	.Lcopy_last
.Lcopy_fault_word:
	leaq	(%rdx, %rcx, 8), %rcx
	jmp	.Lcopy_last
	EXTABLE(9b, .Lcopy_fault_word)
	EXTABLE(10b, .Lcopy_fault_word)
	EXTABLE(11b, .Lcopy_end)
	EXTABLE(12b, .Lcopy_end)
END_FUNC(arch_copy_user)

FUNC(copy_user_by_words)
	STAC
	movq	%rdx, %rcx
	andl	$7, %edx
	shrq	$3, %rcx
13:	rep movsq
	jmp	.Lcopy_bytes
	EXTABLE(13b, .Lcopy_fault_word)
END_FUNC(copy_user_by_words)

FUNC(copy_user_by_bytes)
	STAC
	movq	%rdx, %rcx
14:	rep movsb
	jmp	.Lcopy_end
	EXTABLE(14b, .Lcopy_last)
END_FUNC(copy_user_by_bytes)

.macro CLEAR_WORD offset
.Lclear\@:
	movq	%rax, \offset(%rdi)
	EXTABLE(.Lclear\@, .Lclear_fault_block)
.endm

/* size_t arch_clear_user(void *dst, size_t len) */
FUNC(arch_clear_user)
	STAC
	movq	%rsi, %rcx
	xorl	%eax, %eax
	shrq	$6, %rcx
	jz	.Lclear_words
	andl	$63, %esi
.Lclear_block:
	.set	offset, 0
	.rept	8
	CLEAR_WORD offset
	.set	offset, offset + 8
	.endr
	addq	$64, %rdi
	decq	%rcx
	jnz	.Lclear_block
.Lclear_words:
	movl	%esi, %ecx
	andl	$7, %esi
	shrl	$3, %ecx
	jz	.Lclear_bytes
1:	movq	%rax, (%rdi)
	addq	$8, %rdi
	decl	%ecx
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
.Lclear_fault_block:
	shlq	$6, %rcx
	addq	%rsi, %rcx
	jmp	.Lclear_last
.Lclear_fault_word:
	leal	(%rsi, %rcx, 8), %ecx
	jmp	.Lclear_last
	EXTABLE(1b, .Lclear_fault_word)
	EXTABLE(2b, .Lclear_end)
END_FUNC(arch_clear_user)

	.section .data.ro_after_init, "aw"
OBJECT(copy_user_way)
	.byte	COPY_USER_BY_MOVES
END_OBJECT(copy_user_way)

	.section .note.GNU-stack, "", @progbits
