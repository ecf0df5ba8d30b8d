/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The machine's ACPI tables: found once while booting, then constant.
 *
 * The loader says where the root pointer is; if it does not, we look where BIOS firmware keeps it,
 * in the first KiB of the extended BIOS data area and between 0xe0000 and 1 MiB (ACPI
 * specification 6.4, 5.2.5.1).  Tables are read where the firmware left them, through the direct
 * map, from memory that the map marks as reserved; the parsers in lib/acpi.c trust nothing.
 * There is no interpreter for AML; all we want from the DSDT is the value that switches off.
 */
#define pr_fmt(fmt) "acpi: " fmt

#include <arch/page.h>
#include <oshit/acpi_tables.h>
#include <oshit/boot_info.h>
#include <oshit/init.h>
#include <oshit/printf.h>
#include <oshit/printk.h>
#include <oshit/sizes.h>
#include <oshit/string.h>

#include "acpi.h"

#define MAX_TABLES    64
#define EBDA_SEGMENT  0x40e /* word in the BIOS data area: EBDA's address / 16 */
#define EBDA_SCAN     KIB(1)
#define BIOS_SCAN     0xe0000
#define BIOS_SCAN_END 0x100000

static struct known_table {
	struct acpi_table table;
	phys_addr_t addr;
} tables[MAX_TABLES] __ro_after_init;
static unsigned int nr_tables __ro_after_init;

const struct acpi_table *acpi_find_table(const char *signature, unsigned int index)
{
	unsigned int i;

	for (i = 0; i < nr_tables; i++)
		if (!strcmp(tables[i].table.signature, signature) && !index--)
			return &tables[i].table;
	return NULL;
}

const struct acpi_table *acpi_get_table(unsigned int index, phys_addr_t *addr)
{
	if (index >= nr_tables)
		return NULL;
	*addr = tables[index].addr;
	return &tables[index].table;
}

static __init const void *map_table(struct acpi_walk *walk __maybe_unused, phys_addr_t addr,
				    size_t len)
{
	return addr + len <= EARLY_MAP_SIZE ? phys_to_virt(addr) : NULL;
}

static __init void found_table(struct acpi_walk *walk __maybe_unused, phys_addr_t addr,
			       const struct acpi_table *table)
{
	if (nr_tables == MAX_TABLES) {
		pr_warn("no room for table %s", table->signature);
		return;
	}
	tables[nr_tables].table = *table;
	tables[nr_tables++].addr = addr;
}

static __init void bad_table(struct acpi_walk *walk __maybe_unused, phys_addr_t addr,
			     const char *why)
{
	pr_warn("table at %#lx is not used: %s", addr, why);
}

static __init const void *find_rsdp(void)
{
	phys_addr_t ebda = (phys_addr_t) * (const u16 *)phys_to_virt(EBDA_SEGMENT) << 4;
	const void *rsdp = NULL;

	if (boot_info.rsdp)
		return phys_to_virt(boot_info.rsdp);
	if (ebda)
		rsdp = acpi_scan_rsdp(phys_to_virt(ebda), EBDA_SCAN);
	return rsdp ?: acpi_scan_rsdp(phys_to_virt(BIOS_SCAN), BIOS_SCAN_END - BIOS_SCAN);
}

/* One line with the names of all tables. */
static __init void log_tables(const struct acpi_rsdp *rsdp)
{
	char names[MAX_TABLES * 5 + 1];
	size_t len = 0;
	unsigned int i;

	for (i = 0; i < nr_tables; i++)
		len += scnprintf(names + len, sizeof(names) - len, " %s",
				 tables[i].table.signature);
	pr_info("%s, revision %u:%s", rsdp->oem, rsdp->revision, names);
}

__init void acpi_init(void)
{
	static struct acpi_walk walk __initdata = {
		.map = map_table,
		.found = found_table,
		.bad = bad_table,
	};
	const void *place = find_rsdp();
	struct acpi_rsdp rsdp;

	if (!place || acpi_parse_rsdp(place, ACPI_RSDP_LEN, &rsdp)) {
		pr_warn("no tables; one processor, and no way to switch off");
		return;
	}
	if (acpi_walk_tables(&walk, &rsdp)) {
		pr_warn("the root table is corrupt; one processor, and no way to switch off");
		return;
	}
	log_tables(&rsdp);
	acpi_power_init();
}
