/* SPDX-License-Identifier: GPL-2.0-only */
/* Between the files of this folder. */
#ifndef ACPI_ACPI_H
#define ACPI_ACPI_H

/* Reads FADT and DSDT, and registers power off and restart. After the tables are known. */
void acpi_power_init(void);

#endif
