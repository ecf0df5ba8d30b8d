/* SPDX-License-Identifier: GPL-2.0-only */
/* The interrupt controllers of this machine: found, mapped, brought up. */
#define pr_fmt(fmt) "irq: " fmt

#include <arch/apic.h>
#include <arch/fixmap.h>
#include <arch/irqflags.h>
#include <oshit/init.h>
#include <oshit/irq.h>
#include <oshit/panic.h>
#include <oshit/printk.h>

__init void irq_init(void)
{
	phys_addr_t registers = lapic_phys();

	legacy_pic_mask();
	if (!registers) {
		pr_warn("this processor has no local APIC; devices are polled");
		return;
	}
	lapic_init(fixmap_device(FIXMAP_LAPIC, registers));
	arch_irq_enable();
}
