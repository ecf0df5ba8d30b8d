/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Power off and restart by ACPI's fixed registers (ACPI specification 6.4, 4.8.3.2 and 4.8.3.6).
 *
 * S5 means: write the sleep type that the DSDT names for it, with the sleep-enable bit, to the PM1
 * control registers.  That works in ACPI mode only; a BIOS that starts in legacy mode is asked to
 * change over first, by a command to its SMI port.  All values are read while booting, so that the
 * hooks can run in any context, with the rest of the kernel stopped.
 */
#define pr_fmt(fmt) "acpi: " fmt

#include <arch/io.h>
#include <arch/page.h>
#include <oshit/acpi_tables.h>
#include <oshit/clock.h>
#include <oshit/init.h>
#include <oshit/printk.h>
#include <oshit/reboot.h>

#include "acpi.h"

#define PM1_SCI_ENABLE	   (1u << 0)
#define PM1_SLEEP_TYPE(t)  ((u16)(t) << 10)
#define PM1_SLEEP_TYPE_ALL PM1_SLEEP_TYPE(7)
#define PM1_SLEEP_ENABLE   (1u << 13)
#define ENABLE_TRIES	   3000 /* of 1 ms: firmware may be slow, and it happens once */
#define POWER_OFF_WAIT_US  100000

static struct acpi_fadt fadt __ro_after_init;
static u8 s5_type_a __ro_after_init;
static u8 s5_type_b __ro_after_init;

static void enter_acpi_mode(void)
{
	u16 pm1a = (u16)fadt.pm1a_control.address;
	unsigned int tries;

	if (inw(pm1a) & PM1_SCI_ENABLE || !fadt.smi_command || !fadt.acpi_enable)
		return;
	outb(fadt.acpi_enable, (u16)fadt.smi_command);
	for (tries = 0; tries < ENABLE_TRIES && !(inw(pm1a) & PM1_SCI_ENABLE); tries++)
		delay_us(1000);
}

static void write_sleep(u16 port, u8 type)
{
	u16 value = inw(port) & (u16) ~(PM1_SLEEP_TYPE_ALL | PM1_SLEEP_ENABLE);

	outw(value | PM1_SLEEP_TYPE(type), port);
	outw(value | PM1_SLEEP_TYPE(type) | PM1_SLEEP_ENABLE, port);
}

static void acpi_power_off(void)
{
	enter_acpi_mode();
	write_sleep((u16)fadt.pm1a_control.address, s5_type_a);
	if (fadt.pm1b_control.address)
		write_sleep((u16)fadt.pm1b_control.address, s5_type_b);
	delay_us(POWER_OFF_WAIT_US);
}

static void acpi_restart(void)
{
	const struct acpi_register *reg = &fadt.reset;

	if (reg->space == ACPI_SPACE_IO)
		outb(fadt.reset_value, (u16)reg->address);
	else if (reg->space == ACPI_SPACE_MEMORY && reg->address < EARLY_MAP_SIZE)
		mmio_write8(fadt.reset_value, (void __iomem *)phys_to_virt(reg->address));
	delay_us(POWER_OFF_WAIT_US);
}

/* The DSDT has S5 on all machines seen; the specification allows an SSDT, too. */
static __init bool find_s5(void)
{
	const struct acpi_table *table = acpi_find_table("DSDT", 0);
	unsigned int i = 0;

	while (table) {
		if (!acpi_parse_s5(table, &s5_type_a, &s5_type_b))
			return true;
		table = acpi_find_table("SSDT", i++);
	}
	return false;
}

__init void acpi_power_init(void)
{
	const struct acpi_table *table = acpi_find_table("FACP", 0);

	if (!table || acpi_parse_fadt(table, &fadt)) {
		pr_warn("no FADT: this machine cannot be switched off");
		return;
	}
	if (fadt.has_reset && fadt.reset.address)
		restart_hook = acpi_restart;
	if (!fadt.hardware_reduced && fadt.pm1a_control.space == ACPI_SPACE_IO &&
	    fadt.pm1a_control.address && find_s5())
		power_off_hook = acpi_power_off;
	else
		pr_warn("no S5 registers: this machine cannot be switched off");
}
