/* SPDX-License-Identifier: GPL-2.0-only */
/* The ACPI tables of this machine; <oshit/acpi.h> reads what is in them. */
#ifndef OSHIT_ACPI_TABLES_H
#define OSHIT_ACPI_TABLES_H

#include <oshit/acpi.h>
#include <oshit/types.h>

#ifdef CONFIG_ACPI
/* Finds the tables, and takes over power off and restart. Boot, after memory_map_init(). */
void acpi_init(void);

/* The table number @index (from 0) of a signature, "APIC" or the like; NULL if there is none.
 * Any context after acpi_init(); the table stays. */
const struct acpi_table *acpi_find_table(const char *signature, unsigned int index);

/* All good tables in the firmware's order, for the monitor; NULL past the last. */
const struct acpi_table *acpi_get_table(unsigned int index, phys_addr_t *addr);
#else
static inline void acpi_init(void)
{
}
static inline const struct acpi_table *acpi_find_table(const char *signature __maybe_unused,
						       unsigned int index __maybe_unused)
{
	return NULL;
}
static inline const struct acpi_table *acpi_get_table(unsigned int index __maybe_unused,
						      phys_addr_t *addr __maybe_unused)
{
	return NULL;
}
#endif

#endif
