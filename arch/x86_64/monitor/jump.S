/* SPDX-License-Identifier: GPL-2.0-only */
/* int arch_jump_save(struct arch_jump *jump), see <arch/monitor.h>. */
#include <arch/linkage.h>

FUNC(arch_jump_save)
	movq	(%rsp), %rax
	leaq	8(%rsp), %rdx
	movq	%rbx, 0(%rdi)
	movq	%rbp, 8(%rdi)
	movq	%r12, 16(%rdi)
	movq	%r13, 24(%rdi)
	movq	%r14, 32(%rdi)
	movq	%r15, 40(%rdi)
	movq	%rdx, 48(%rdi)
	movq	%rax, 56(%rdi)
	xorl	%eax, %eax
	ret
END_FUNC(arch_jump_save)
