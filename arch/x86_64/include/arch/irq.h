/* SPDX-License-Identifier: GPL-2.0-only */
/* How many interrupts of devices there can be, and where messages that raise one are sent. */
#ifndef ARCH_IRQ_H
#define ARCH_IRQ_H

#include <arch/vectors.h>
#include <oshit/irq.h>

#define NR_IRQS		  0xb0u /* the device vectors, <arch/vectors.h> */
#define ARCH_RESERVED_IRQ (VECTOR_INT80 - VECTOR_FIRST_DEVICE) /* its vector has another use */

/* Whether interrupts of devices can be sent to @cpu: their addresses have 8 bits. */
bool arch_irq_can_target(unsigned int cpu);

/* What a device writes to raise @irq on @cpu. */
struct msi_message arch_msi_compose(unsigned int irq, unsigned int cpu);

/* How often @irq came to @cpu. */
unsigned int arch_irq_count(unsigned int irq, unsigned int cpu);

/* Prints, one a line, what the system's own interrupts are and how often they came in all. */
void arch_irq_print_system(void (*print)(const char *fmt, ...));

#endif
