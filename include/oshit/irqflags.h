/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Interrupts of this CPU, off and on.  Pairs nest only through the saved flags:
 *
 *	local_irq_save(flags);
 *	...
 *	local_irq_restore(flags);
 */
#ifndef OSHIT_IRQFLAGS_H
#define OSHIT_IRQFLAGS_H

#include <arch/irqflags.h>

#define local_irq_save(flags)	 ((flags) = arch_irq_save())
#define local_irq_restore(flags) arch_irq_restore(flags)
#define local_irq_disable()	 arch_irq_disable()
#define local_irq_enable()	 arch_irq_enable()
#define irqs_disabled()		 arch_irqs_disabled()

#endif
