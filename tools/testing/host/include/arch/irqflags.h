/* SPDX-License-Identifier: GPL-2.0-only */
/* Host tests have no interrupts; the flag is kept to check that its users pair. */
#ifndef ARCH_IRQFLAGS_H
#define ARCH_IRQFLAGS_H

#include <oshit/types.h>

extern _Thread_local bool host_irqs_off;

static inline unsigned long arch_irq_flags(void)
{
	return host_irqs_off;
}

static inline void arch_irq_disable(void)
{
	host_irqs_off = true;
}

static inline void arch_irq_enable(void)
{
	host_irqs_off = false;
}

static inline bool arch_irqs_disabled_flags(unsigned long flags)
{
	return flags;
}

static inline bool arch_irqs_disabled(void)
{
	return host_irqs_off;
}

static inline unsigned long arch_irq_save(void)
{
	unsigned long flags = host_irqs_off;

	host_irqs_off = true;
	return flags;
}

static inline void arch_irq_restore(unsigned long flags)
{
	host_irqs_off = flags;
}

#endif
