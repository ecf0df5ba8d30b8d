/* SPDX-License-Identifier: GPL-2.0-only */
/* Interrupts, as far as no port differs. */
#include <oshit/irq.h>
#include <oshit/preempt.h>

void irq_enter(void)
{
	hardirq_enter();
}

void irq_exit(void)
{
	hardirq_exit();
}
