/* SPDX-License-Identifier: GPL-2.0-only */
/* The interrupt flag of this CPU. */
#ifndef ARCH_IRQFLAGS_H
#define ARCH_IRQFLAGS_H

#include <asm/processor-flags.h>
#include <oshit/types.h>

static inline unsigned long arch_irq_flags(void)
{
	unsigned long flags;

	__asm__ __volatile__("pushfq; popq %0" : "=rm"(flags) : : "memory");
	return flags;
}

static inline void arch_irq_disable(void)
{
	__asm__ __volatile__("cli" ::: "memory");
}

static inline void arch_irq_enable(void)
{
	__asm__ __volatile__("sti" ::: "memory");
}

/* @flags: what arch_irq_save() returned. */
static inline bool arch_irqs_disabled_flags(unsigned long flags)
{
	return !(flags & X86_EFLAGS_IF);
}

static inline bool arch_irqs_disabled(void)
{
	return arch_irqs_disabled_flags(arch_irq_flags());
}

/* Returns the old flags and turns interrupts off. */
static inline unsigned long arch_irq_save(void)
{
	unsigned long flags = arch_irq_flags();

	arch_irq_disable();
	return flags;
}

static inline void arch_irq_restore(unsigned long flags)
{
	if (flags & X86_EFLAGS_IF)
		arch_irq_enable();
}

#endif
