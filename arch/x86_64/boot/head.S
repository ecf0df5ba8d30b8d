/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The kernel's first instructions, for all loaders.
 *
 * PVH (Xen's direct boot, as QEMU, Firecracker and Cloud Hypervisor do it) and Multiboot2 (GRUB)
 * both jump to us in 32-bit protected mode without paging, with flat segments and a pointer to
 * their information in EBX.  Neither promises a stack, and Multiboot2 may have moved the image, so
 * this code first learns where it runs (EBP = load address minus link address of the physical
 * image) and refers to everything by its distance from there.
 *
 * Steps: check for long mode; map the first 4 GiB one to one with 2 MiB pages; switch to 64 bits;
 * call early_start() in C, still at physical addresses, which chooses the slide (KASLR), applies
 * the relocations and maps the image; jump into the mapped image; call start_kernel().
 */
#include <arch/layout.h>
#include <arch/linkage.h>
#include <arch/msr.h>
#include <arch/segment.h>

#define MULTIBOOT2_MAGIC	0xe85250d6	/* Multiboot2 specification, 3.1.1 */
#define MULTIBOOT2_LOADER_MAGIC 0x36d76289	/* 3.3: in EAX at entry */
#define PVH_MAGIC		0x336ec578	/* first word of struct hvm_start_info */
#define XEN_ELFNOTE_PHYS32_ENTRY 18

#define PTE_PRESENT_WRITE	0x003
#define PDE_LARGE		0x083

/* Distance of a symbol from the start of the image; the linker knows it, the assembler does not. */
#define OFF(symbol)		((symbol) - image_head)

	.section .head.text, "ax"
	.code32
OBJECT(image_head)
#ifdef CONFIG_MULTIBOOT2
	.p2align 3
multiboot2_header:
	.long MULTIBOOT2_MAGIC
	.long 0						/* i386, protected mode */
	.long multiboot2_end - multiboot2_header
	.long -(MULTIBOOT2_MAGIC + (multiboot2_end - multiboot2_header))
	/* Information request: the kernel wants these, and boots without them. */
	.p2align 3
1:	.word 1, 1
	.long 2f - 1b
	.long 1, 3, 6, 8, 14, 15			/* command line, modules, map, fb, ACPI */
2:
	/* Entry address; the loader adds what it relocated by. */
	.p2align 3
	.word 3, 0
	.long 12
	.long OFF(multiboot2_start) + IMAGE_PHYS_BASE
	/* Framebuffer: any mode will do; text is welcome. */
	.p2align 3
	.word 5, 1
	.long 20
	.long 0, 0, 0
	/* Modules on page boundaries. */
	.p2align 3
	.word 6, 0
	.long 8
	/* Relocatable: from 2 MiB, below 4 GiB, in steps of 2 MiB, as low as possible. */
	.p2align 3
	.word 10, 0
	.long 24
	.long IMAGE_PHYS_BASE, 0xffe00000, IMAGE_ALIGN, 1
	.p2align 3
	.word 0, 0
	.long 8
multiboot2_end:
#endif
END_OBJECT(image_head)

#ifdef CONFIG_PVH
FUNC(pvh_start)
	movl	$PVH_MAGIC, %eax
	jmp	start32
END_FUNC(pvh_start)
#endif

FUNC(multiboot2_start)
	/* EAX holds MULTIBOOT2_LOADER_MAGIC: fall through. */
END_FUNC(multiboot2_start)

LOCAL_FUNC(start32)
	cli
	cld
	/*
	 * Learn the load address.  CALL needs four bytes of stack: borrow the first four of the
	 * loader's information, and give them back.
	 */
	movl	(%ebx), %edi
	leal	4(%ebx), %esp
	call	1f
1:	popl	%ebp
	movl	%edi, (%ebx)
	subl	$OFF(1b), %ebp				/* EBP: physical address of image_head */
	leal	OFF(boot_stacks) + BOOT_STACK_END(%ebp), %esp

	movl	%eax, OFF(boot_magic)(%ebp)
	movl	%ebx, OFF(boot_params_phys)(%ebp)
	rdtsc
	movl	%eax, OFF(boot_cycles)(%ebp)
	movl	%edx, OFF(boot_cycles) + 4(%ebp)

	call	build_identity_map
	call	check_long_mode				/* leaves feature bits in EDI */

	/* Long mode: AMD64 manual volume 2, 14.6.1. */
	movl	%cr4, %eax
	orl	$0x20, %eax				/* PAE */
	movl	%eax, %cr4
	leal	OFF(early_pml4)(%ebp), %eax
	movl	%eax, %cr3
	movl	$MSR_EFER, %ecx
	rdmsr
	orl	$EFER_LME, %eax
	btl	$20, %edi				/* CPUID 8000_0001h EDX: no-execute */
	jnc	2f
	orl	$EFER_NX, %eax
2:	wrmsr
	movl	$0x80050033, %eax			/* PG AM WP NE ET MP PE */
	movl	%eax, %cr0

	leal	OFF(boot_gdt)(%ebp), %eax
	movl	%eax, OFF(boot_gdt_pointer) + 2(%ebp)
	lgdt	OFF(boot_gdt_pointer)(%ebp)
	leal	OFF(start64)(%ebp), %eax
	pushl	$KERNEL_CS
	pushl	%eax
	lretl
END_FUNC(start32)

/* Leaves the feature bits of CPUID 8000_0001h EDX in EDI.  Does not return without long mode. */
LOCAL_FUNC(check_long_mode)
	movl	$0x80000000, %eax
	cpuid
	cmpl	$0x80000001, %eax
	jb	no_long_mode
	movl	$0x80000001, %eax
	cpuid
	movl	%edx, %edi
	btl	$29, %edx
	jnc	no_long_mode
	ret
END_FUNC(check_long_mode)

LOCAL_FUNC(no_long_mode)
	leal	OFF(no_long_mode_text)(%ebp), %esi
	movl	$0xb8000, %edi
1:	lodsb
	testb	%al, %al
	jz	3f
	movb	%al, %cl
	movw	$0x3fd, %dx				/* COM1 line status: wait for room */
2:	inb	%dx, %al
	testb	$0x20, %al
	jz	2b
	movb	%cl, %al
	movw	$0x3f8, %dx
	outb	%al, %dx
	movb	$0x0f, %ah
	stosw
	jmp	1b
3:	hlt
	jmp	3b
END_FUNC(no_long_mode)

/* The first 4 GiB at their own addresses; the image's window gets its empty page directories. */
LOCAL_FUNC(build_identity_map)
	leal	OFF(early_pd)(%ebp), %edi
	movl	$PDE_LARGE, %eax
	xorl	%ecx, %ecx
1:	movl	%eax, (%edi, %ecx, 8)
	movl	$0, 4(%edi, %ecx, 8)
	addl	$IMAGE_ALIGN, %eax
	incl	%ecx
	cmpl	$4 * 512, %ecx
	jne	1b

	leal	OFF(early_pdpt)(%ebp), %esi
	leal	PTE_PRESENT_WRITE(%edi), %eax
	xorl	%ecx, %ecx
2:	movl	%eax, (%esi, %ecx, 8)
	addl	$0x1000, %eax
	incl	%ecx
	cmpl	$4, %ecx
	jne	2b

	leal	OFF(early_pml4)(%ebp), %edi
	leal	PTE_PRESENT_WRITE(%esi), %eax
	movl	%eax, (%edi)
	leal	OFF(early_image_pdpt) + PTE_PRESENT_WRITE(%ebp), %eax
	movl	%eax, ((IMAGE_WINDOW_BASE >> 39) & 511) * 8(%edi)
	leal	OFF(early_image_pdpt)(%ebp), %edi
	leal	OFF(early_image_pd) + PTE_PRESENT_WRITE(%ebp), %eax
	movl	%eax, 510 * 8(%edi)
	addl	$0x1000, %eax
	movl	%eax, 511 * 8(%edi)
	ret
END_FUNC(build_identity_map)

	.code64
LOCAL_FUNC(start64)
	movl	$KERNEL_DS, %eax
	movl	%eax, %ds
	movl	%eax, %es
	movl	%eax, %ss
	xorl	%eax, %eax
	movl	%eax, %fs
	movl	%eax, %gs
	leaq	boot_stacks + BOOT_STACK_END(%rip), %rsp
	xorl	%ebp, %ebp
	leaq	image_head(%rip), %rdi
	call	early_start				/* returns image_offset */

	/* From here on in the mapped image; the stack too. */
	addq	%rax, %rsp
	leaq	1f(%rip), %rdx
	addq	%rax, %rdx
	jmpq	*%rdx
1:	xorl	%ebp, %ebp
	call	arch_start
	ud2
END_FUNC(start64)

	.section .init.rodata, "a"
no_long_mode_text:
	.asciz "OShit: this processor has no 64-bit mode\r\n"

	.section .init.data, "aw"
	.p2align 3
boot_gdt:
	.quad 0, 0
	.quad 0x00af9b000000ffff			/* KERNEL_CS: 64-bit code */
	.quad 0x00cf93000000ffff			/* KERNEL_DS */
boot_gdt_end:
boot_gdt_pointer:
	.word boot_gdt_end - boot_gdt - 1
	.long 0
	.p2align 3
OBJECT(boot_cycles)
	.quad 0
END_OBJECT(boot_cycles)
OBJECT(boot_magic)
	.long 0
END_OBJECT(boot_magic)
OBJECT(boot_params_phys)
	.long 0
END_OBJECT(boot_params_phys)

	.section .bss..page_aligned, "aw", @nobits
	.p2align 12
OBJECT(early_pml4)
	.skip 4096
END_OBJECT(early_pml4)
OBJECT(early_pdpt)
	.skip 4096
END_OBJECT(early_pdpt)
OBJECT(early_pd)
	.skip 4 * 4096
END_OBJECT(early_pd)
OBJECT(early_direct_pdpt)
	.skip 2 * 4096
END_OBJECT(early_direct_pdpt)
OBJECT(early_image_pdpt)
	.skip 4096
END_OBJECT(early_image_pdpt)
OBJECT(early_image_pd)
	.skip 2 * 4096
END_OBJECT(early_image_pd)

#ifdef CONFIG_PVH
	/* Where a PVH loader enters: the physical address, as the image is linked. */
	.section .note.Xen, "a", @note
	.p2align 2
	.long 2f - 1f
	.long 4f - 3f
	.long XEN_ELFNOTE_PHYS32_ENTRY
1:	.asciz "Xen"
2:	.p2align 2
3:	.long OFF(pvh_start) + IMAGE_PHYS_BASE
4:	.p2align 2
#endif
	.section .note.GNU-stack, "", @progbits
