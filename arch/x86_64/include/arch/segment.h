/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * GDT selectors.  The order is what SYSCALL and SYSRET demand (AMD64 manual volume 2, 6.1.1):
 * kernel code, kernel data; user data right before user code.
 */
#ifndef ARCH_SEGMENT_H
#define ARCH_SEGMENT_H

#define KERNEL_CS	  0x10
#define KERNEL_DS	  0x18
#define USER32_CS	  0x23 /* no descriptor: only SYSRET's base */
#define USER_DS		  0x2b
#define USER_CS		  0x33
#define TSS_SEL		  0x40 /* 16 bytes */
#define CPU_NUMBER_SEL	  0x7b /* no segment: its limit is the number of the CPU; Linux's place */
#define GDT_SIZE	  0x80

/* Interrupt stack table slots, AMD64 manual volume 2, 8.9.4.  Slot 0 means "the current stack". */
#define IST_NMI		  1
#define IST_DOUBLE_FAULT  2
#define IST_MACHINE_CHECK 3
#define IST_DEBUG	  4
#define NR_IST		  4
/* Their last 16 bytes: nothing, and the per-CPU offset of the CPU, for entry.S. */
#define IST_END_SIZE	  16
#define IST_PERCPU_OFFSET 8

#endif
