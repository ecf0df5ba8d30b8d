/* SPDX-License-Identifier: GPL-2.0-only */
/* The IOAPICs: <oshit/irq.h> has what drivers use. */
#ifndef ARCH_IOAPIC_H
#define ARCH_IOAPIC_H

#include <oshit/irq.h>

/* Interrupts of devices, by message too, get to their handlers from now on. Boot. */
void device_vectors_init(void);

/* An IOAPIC whose registers are mapped at @registers; its first input is @gsi_base. Boot. */
void ioapic_add(u8 __iomem *registers, unsigned int gsi_base);

/* ISA interrupt @isa_irq is connected to @gsi, and works like that. Boot. */
void ioapic_override(unsigned int isa_irq, unsigned int gsi, enum irq_trigger trigger);

#endif
