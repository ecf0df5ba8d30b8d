/* SPDX-License-Identifier: GPL-2.0-only */
/* Interrupts of devices, and what brackets the handling of any interrupt. */
#ifndef OSHIT_IRQ_H
#define OSHIT_IRQ_H

#include <oshit/types.h>

/* First and last in the arch's entry of each interrupt; interrupts off. */
void irq_enter(void);
void irq_exit(void);

/* Brings up this machine's interrupt controllers and turns interrupts on. Boot, after mm_init(). */
void irq_init(void);

#endif
