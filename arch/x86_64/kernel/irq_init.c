/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The interrupt controllers of this machine: found, mapped, brought up.  What there is, and how the
 * old ISA devices are connected, is in the MADT (ACPI specification 6.4, 5.2.12).  Without one the
 * local APIC works alone, and devices are polled.
 */
#define pr_fmt(fmt) "irq: " fmt

#include <arch/apic.h>
#include <arch/cpufeature.h>
#include <arch/ioapic.h>
#include <arch/irqflags.h>
#include <arch/page.h>
#include <oshit/acpi_tables.h>
#include <oshit/init.h>
#include <oshit/irq.h>
#include <oshit/panic.h>
#include <oshit/printk.h>
#include <oshit/vmalloc.h>

#define INTI_POLARITY	0x3 /* MPS INTI flags: 1 is high, 3 is low, 0 as the bus has it */
#define INTI_ACTIVE_LOW 0x3
#define INTI_TRIGGER	0xc /* 4 is edge, 12 is level */
#define INTI_LEVEL	0xc
#define ALL_PROCESSORS	(~0u)

static __init enum irq_trigger trigger_of(u16 flags)
{
	bool is_low = (flags & INTI_POLARITY) == INTI_ACTIVE_LOW;

	if ((flags & INTI_TRIGGER) == INTI_LEVEL)
		return is_low ? IRQ_LEVEL_LOW : IRQ_LEVEL_HIGH;
	return is_low ? IRQ_EDGE_LOW : IRQ_EDGE_HIGH;
}

/* A pin that differs between processors is left alone. */
static __init void take_nmi_pin(const struct acpi_madt_entry *entry)
{
	enum irq_trigger trigger = trigger_of(entry->nmi.flags);

	if (entry->nmi.processor_uid == ALL_PROCESSORS)
		lapic_set_nmi_pin(entry->nmi.lint,
				  trigger == IRQ_EDGE_LOW ? LAPIC_LVT_ACTIVE_LOW : 0);
}

static __init void add_ioapic(const struct acpi_madt_entry *entry)
{
	u8 __iomem *registers = ioremap(entry->ioapic.address, PAGE_SIZE);

	if (registers)
		ioapic_add(registers, entry->ioapic.gsi_base);
	else
		pr_warn("the IOAPIC at %#x cannot be mapped", entry->ioapic.address);
}

static __init void take_entry(const struct acpi_madt_entry *entry)
{
	if (entry->type == ACPI_MADT_IOAPIC)
		add_ioapic(entry);
	else if (entry->type == ACPI_MADT_OVERRIDE)
		ioapic_override(entry->override.source, entry->override.gsi,
				trigger_of(entry->override.flags));
	else if (entry->type == ACPI_MADT_LAPIC_NMI || entry->type == ACPI_MADT_X2APIC_NMI)
		take_nmi_pin(entry);
}

static __init void read_madt(void)
{
	const struct acpi_table *madt = acpi_find_table("APIC", 0);
	struct acpi_madt_entry entry;
	size_t pos = 0;

	if (!madt) {
		pr_warn("no MADT; devices are polled");
		return;
	}
	while (acpi_madt_next(madt, &pos, &entry) > 0)
		take_entry(&entry);
}

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
	/* Messages need no IOAPIC. */
	device_vectors_init();
	read_madt();
	lapic_init(mapped);
	irq_cpuhp_init();
	cpu_features_cpuhp_init();
	arch_irq_enable();
}
