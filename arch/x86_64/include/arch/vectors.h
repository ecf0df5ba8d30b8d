/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Interrupt vectors.  The upper four bits are the priority at the local APIC: of two that wait, the
 * higher one goes first.
 *
 *	0x00-0x1f	exceptions
 *	0x20-0x2f	the legacy interrupt controllers, masked: only their spurious ones can come
 *	0x30-0xdf	devices; the same vector means the same device on every CPU
 *	0xe0-0xef	what the system sends itself
 *	0xf0-0xff	what a stopped CPU must still take: it keeps all the others away
 */
#ifndef ARCH_VECTORS_H
#define ARCH_VECTORS_H

#define NR_VECTORS	     256

#define VECTOR_PIC	     0x20
#define NR_PIC_VECTORS	     16
#define VECTOR_FIRST_DEVICE  0x30
#define VECTOR_INT80	     0x80 /* system calls, as Linux has them; no device's */
#define VECTOR_LAST_DEVICE   0xdf
#define VECTOR_TIMER	     0xe0 /* this CPU's local APIC timer */
#define VECTOR_RESCHEDULE    0xe1
#define VECTOR_CALL	     0xe2 /* the call queue has something */
#define VECTOR_STOP	     0xf0
#define VECTOR_ERROR	     0xfe /* the local APIC's own errors */
#define VECTOR_SPURIOUS	     0xff /* an interrupt that went away; the low 4 bits must be set */

struct pt_regs;

/* Interrupts off, in_hardirq(). The local APIC is told of the end afterwards. */
typedef void (*vector_handler_t)(struct pt_regs *regs, unsigned int vector);

/* Says who handles a vector from 0x20 up; NULL: nobody. Any context. */
void vector_set_handler(unsigned int vector, vector_handler_t handler);

/* How often the vector came to @cpu. */
unsigned int vector_count(unsigned int vector, unsigned int cpu);

/* Counts what came to this CPU; the handler of an interrupt that others dispatch for it. */
void vector_count_inc(unsigned int vector);

/* From the trap entry. */
void vector_dispatch(struct pt_regs *regs, unsigned int vector);
void nmi_dispatch(struct pt_regs *regs);

#endif
