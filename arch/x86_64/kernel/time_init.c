/* SPDX-License-Identifier: GPL-2.0-only */
/* The counters of this machine: found, mapped, and begun to be measured. */
#include <arch/clock.h>
#include <arch/page.h>
#include <oshit/acpi_tables.h>
#include <oshit/hpet.h>
#include <oshit/init.h>
#include <oshit/vmalloc.h>

#include "lapic_timer.h"
#include "tsc.h"

static __init void find_hpet(void)
{
	const struct acpi_table *table = acpi_find_table("HPET", 0);
	struct acpi_hpet hpet;

	if (!IS_ENABLED(CONFIG_HPET_TIMER) || !table || acpi_parse_hpet(table, &hpet) ||
	    hpet.address.space != ACPI_SPACE_MEMORY || !hpet.address.address)
		return;
	hpet_init(ioremap(hpet.address.address, PAGE_SIZE));
}

__init void arch_clock_measure(void)
{
	find_hpet();
	lapic_timer_measure();
	tsc_measure();
}
