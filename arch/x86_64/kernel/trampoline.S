/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The first instructions of every CPU but the first.
 *
 * A start-up interrupt sets a CPU going in real mode at a page below 1 MiB (Intel SDM volume 3,
 * 8.4.4).  This page is a copy of `trampoline`, with addresses filled in by the boot CPU.  It goes
 * by protected mode to 64-bit mode, on page tables that map the first 2 MiB one to one and the
 * kernel's half as the kernel's do, and jumps into the image.  It writes nothing and uses no stack,
 * so any number of CPUs may be in it at once.  EBX holds the page's address.
 */
#include <arch/linkage.h>
#include <arch/msr.h>
#include <arch/smpboot.h>

#define CODE32		8
#define CODE64		16
#define DATA		24
#define CR0_PROTECTED	0x11		/* ET PE */
#define CR0_PAGED	0x80050033	/* PG AM WP NE ET MP PE, as in head.S */
#define CR4_PAE		0x20

	.section .rodata, "a"
	.p2align 3
OBJECT(trampoline)
	.code16
	cli
	cld
	movw	%cs, %ax
	movw	%ax, %ds
	xorl	%ebx, %ebx
	movw	%ax, %bx
	shll	$4, %ebx
	lgdtl	gdt_pointer - trampoline
	movl	$CR0_PROTECTED, %eax
	movl	%eax, %cr0
	ljmpl	*(trampoline_far_32 - trampoline)

	.code32
OBJECT(trampoline_32)
	movl	$DATA, %eax
	movl	%eax, %ds
	movl	%eax, %es
	movl	%eax, %ss
	movl	$CR4_PAE, %eax
	movl	%eax, %cr4
	movl	trampoline_cr3 - trampoline(%ebx), %eax
	movl	%eax, %cr3
	movl	$MSR_EFER, %ecx
	movl	trampoline_efer - trampoline(%ebx), %eax
	xorl	%edx, %edx
	wrmsr
	movl	$CR0_PAGED, %eax
	movl	%eax, %cr0
	ljmpl	*(trampoline_far_64 - trampoline)(%ebx)

	.code64
OBJECT(trampoline_64)
	jmpq	*(trampoline_entry - trampoline)(%rbx)

	.p2align 3
OBJECT(trampoline_gdt)
	.quad 0
	.quad 0x00cf9b000000ffff		/* CODE32 */
	.quad 0x00af9b000000ffff		/* CODE64 */
	.quad 0x00cf93000000ffff		/* DATA */
gdt_end:
gdt_pointer:
	.word gdt_end - trampoline_gdt - 1
OBJECT(trampoline_gdt_address)
	.long 0
	.p2align 3
OBJECT(trampoline_far_32)
	.long 0
	.word CODE32
	.p2align 3
OBJECT(trampoline_far_64)
	.long 0
	.word CODE64
	.p2align 3
OBJECT(trampoline_cr3)
	.long 0
OBJECT(trampoline_efer)
	.long 0
OBJECT(trampoline_entry)
	.quad 0
OBJECT(trampoline_end)
END_OBJECT(trampoline)

	.section .text, "ax"
	.code64
FUNC(ap_entry)
	movq	ap_cr3(%rip), %rax
	movq	%rax, %cr3
	xorl	%eax, %eax
	movl	%eax, %fs
	movl	%eax, %gs

	/* Leaf 0xb has the whole number, leaf 1 the 8 bits that an xAPIC has. */
	cpuid
	cmpl	$0xb, %eax
	jb	1f
	movl	$0xb, %eax
	xorl	%ecx, %ecx
	cpuid
	testl	%ebx, %ebx			/* 0: the leaf is not there after all */
	jnz	2f
1:	movl	$1, %eax
	cpuid
	shrl	$24, %ebx
	movl	%ebx, %edx
2:	leaq	cpu_apic_id(%rip), %rsi
	movl	ap_nr_cpus(%rip), %ecx
	xorl	%edi, %edi
3:	cmpl	%edx, (%rsi, %rdi, 4)
	je	5f
	incl	%edi
	cmpl	%ecx, %edi
	jb	3b
4:	cli					/* nobody has started this CPU */
	hlt
	jmp	4b
5:	leaq	cpu_stack_end(%rip), %rsi
	movq	(%rsi, %rdi, 8), %rsp
	xorl	%ebp, %ebp			/* ends a backtrace */
	call	ap_start
	ud2
END_FUNC(ap_entry)

	.section .note.GNU-stack, "", @progbits
