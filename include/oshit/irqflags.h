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

#ifdef CONFIG_LOCKDEP
/* Interrupts, off now, are about to be turned on: what is held is held with them on. */
void lockdep_irqs_on(void);
#else
static inline void lockdep_irqs_on(void)
{
}
#endif

#define local_irq_save(flags) ((flags) = arch_irq_save())
#define local_irq_disable()   arch_irq_disable()
#define irqs_disabled()	      arch_irqs_disabled()

static inline void local_irq_restore(unsigned long flags)
{
	if (IS_ENABLED(CONFIG_LOCKDEP) && !arch_irqs_disabled_flags(flags))
		lockdep_irqs_on();
	arch_irq_restore(flags);
}

static inline void local_irq_enable(void)
{
	lockdep_irqs_on();
	arch_irq_enable();
}

#endif
