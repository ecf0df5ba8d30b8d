/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A guest for the harness's own tests: prints the file OUTPUT on the first serial port, then ends
 * as the macro END says.  Multiboot 1, 32 bits, without a stack: the smallest thing QEMU loads.
 */
#define EXIT(code)	mov $code, %eax; mov $0xf4, %edx; outl %eax, %dx
#define POWEROFF	mov $0x2000, %eax; mov $0x604, %edx; outw %ax, %dx
#define RESET		lidt no_idt; ud2
#define HANG		nop
/* Waits for a typed 'y'. */
#define ASK		7: mov $0x3fd, %edx; inb %dx, %al; test $1, %al; jz 7b; \
			mov $0x3f8, %edx; inb %dx, %al; cmp $'y', %al; jne 7b; EXIT(0x10)

	.section .text
	.long	0x1badb002, 0, -0x1badb002
	.globl	_start
_start:
	mov	$output, %esi
1:	lodsb
	test	%al, %al
	jz	2f
	mov	$0x3f8, %edx
	outb	%al, %dx
	jmp	1b
2:	END
3:	cli
	hlt
	jmp	3b
no_idt:
	.word	0
	.long	0
output:
	.incbin	OUTPUT
	.byte	0
