/* SPDX-License-Identifier: GPL-2.0-only */
/* The interrupt controllers of this machine: found, mapped, brought up. */
#define pr_fmt(fmt) "irq: " fmt

#include <arch/apic.h>
#include <arch/irqflags.h>
#include <arch/page.h>
#include <oshit/init.h>
#include <oshit/irq.h>
#include <oshit/panic.h>
#include <oshit/printk.h>
#include <oshit/vmalloc.h>

__init void irq_init(void)
{
	phys_addr_t registers = lapic_phys();
	void __iomem *mapped;

	legacy_pic_mask();
	if (!registers) {
		pr_warn("this processor has no local APIC; devices are polled");
		return;
	}
	mapped = ioremap(registers, PAGE_SIZE);
	if (!mapped)
		panic("no memory for the mapping of the local APIC");
	lapic_init(mapped);
	arch_irq_enable();
}
