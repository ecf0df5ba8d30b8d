/* SPDX-License-Identifier: GPL-2.0-only */
/* The monitor's `acpi`: which tables there are, and what the processors' table says. */
#include <oshit/acpi_tables.h>
#include <oshit/monitor.h>
#include <oshit/string.h>

static void show_madt(const struct acpi_table *table)
{
	struct acpi_madt_entry entry;
	size_t pos = 0;

	while (acpi_madt_next(table, &pos, &entry) > 0) {
		if (entry.type == ACPI_MADT_LAPIC || entry.type == ACPI_MADT_X2APIC)
			monitor_printf("  processor %u, APIC %u%s\n", entry.cpu.processor_uid,
				       entry.cpu.apic_id, entry.cpu.enabled ? "" : ", disabled");
		else if (entry.type == ACPI_MADT_IOAPIC)
			monitor_printf("  I/O APIC %u at %#x, interrupts from %u\n",
				       entry.ioapic.id, entry.ioapic.address,
				       entry.ioapic.gsi_base);
		else if (entry.type == ACPI_MADT_OVERRIDE)
			monitor_printf("  ISA interrupt %u is interrupt %u\n",
				       entry.override.source, entry.override.gsi);
	}
}

static int monitor_acpi(int argc __maybe_unused, char **argv __maybe_unused)
{
	const struct acpi_table *table;
	phys_addr_t addr;
	unsigned int i;

	for (i = 0; (table = acpi_get_table(i, &addr)); i++) {
		monitor_printf("%s at %#010lx, %6zu bytes, revision %u, %s %s\n", table->signature,
			       addr, table->len, table->revision, table->oem, table->oem_table);
		if (!strcmp(table->signature, "APIC"))
			show_madt(table);
	}
	if (!i)
		monitor_printf("there are none\n");
	return 0;
}
MONITOR_COMMAND(acpi, "", "tables of the firmware, and the processors in them", monitor_acpi);
