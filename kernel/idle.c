/* SPDX-License-Identifier: GPL-2.0-only */
/* What a CPU does that has nothing to do. */
#include <arch/processor.h>
#include <oshit/cpuhp.h>
#include <oshit/irqflags.h>

void cpu_startup_entry(void)
{
	for (;;) {
		local_irq_disable();
		if (cpuhp_should_die())
			cpuhp_die();
		cpu_wait_for_interrupt();
	}
}
