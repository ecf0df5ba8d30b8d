/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The real-time clock of a PC: registers of the MC146818, reached by an index and a data port.
 *
 * It is read once while booting; from there on the date is clock_real_ns().  The clock updates its
 * registers once a second and announces that 244 us before, by a bit.  A reading counts if the
 * bit was clear before and two readings agree, so that no update lay between the first register and
 * the last.  It says whole seconds; half of one is added, so the date is right to half a second.
 *
 * Left out: alarms, the periodic interrupt, and writing the date back.
 */
#define pr_fmt(fmt) "rtc: " fmt

#include <arch/io.h>
#include <oshit/acpi_tables.h>
#include <oshit/clock.h>
#include <oshit/init.h>
#include <oshit/irqflags.h>
#include <oshit/printk.h>
#include <oshit/rtc.h>
#include <oshit/string.h>
#include <linux/errno.h>

#include "cmos.h"

#define CMOS_INDEX	  0x70 /* bit 7 would keep NMIs away: always written as 0 */
#define CMOS_DATA	  0x71
#define CMOS_NR_REGISTERS 128
#define STATUS_A_UPDATE	  0x80 /* an update is near, or under way */
#define UPDATE_TRIES	  20000 /* reads of 1 us at least; an update takes 2.3 ms */
#define READ_TRIES	  5

enum cmos_register {
	CMOS_SECOND = 0x00,
	CMOS_MINUTE = 0x02,
	CMOS_HOUR = 0x04,
	CMOS_DAY = 0x07,
	CMOS_MONTH = 0x08,
	CMOS_YEAR = 0x09,
	CMOS_STATUS_A = 0x0a,
	CMOS_STATUS_B = 0x0b,
};

static u8 cmos_read(unsigned int reg)
{
	outb((u8)reg, CMOS_INDEX);
	return inb(CMOS_DATA);
}

static __init bool wait_until_stable(void)
{
	for (unsigned int tries = 0; tries < UPDATE_TRIES; tries++)
		if (!(cmos_read(CMOS_STATUS_A) & STATUS_A_UPDATE))
			return true;
	return false;
}

static __init struct cmos_reading read_registers(unsigned int century)
{
	return (struct cmos_reading){
		.second = cmos_read(CMOS_SECOND),
		.minute = cmos_read(CMOS_MINUTE),
		.hour = cmos_read(CMOS_HOUR),
		.day = cmos_read(CMOS_DAY),
		.month = cmos_read(CMOS_MONTH),
		.year = cmos_read(CMOS_YEAR),
		.century = century ? cmos_read(century) : 0,
		.format = cmos_read(CMOS_STATUS_B),
	};
}

static __init int read_reading(unsigned int century, struct cmos_reading *reading)
{
	for (unsigned int tries = 0; tries < READ_TRIES; tries++) {
		struct cmos_reading again;

		if (!wait_until_stable())
			return -EIO;
		*reading = read_registers(century);
		again = read_registers(century);
		if (!memcmp(reading, &again, sizeof(again)))
			return 0;
	}
	return -EIO;
}

/* False if the firmware says that there is no such clock. */
static __init bool ask_firmware(unsigned int *century)
{
	const struct acpi_table *table = acpi_find_table("FACP", 0);
	struct acpi_fadt fadt;

	*century = 0;
	if (!table || acpi_parse_fadt(table, &fadt))
		return true;
	if (fadt.century < CMOS_NR_REGISTERS)
		*century = fadt.century;
	return fadt.has_cmos_rtc;
}

__init void rtc_init(void)
{
	struct cmos_reading reading;
	unsigned int century;
	struct date date;

	if (!ask_firmware(&century))
		return;
	if (read_reading(century, &reading)) {
		pr_warn("the registers do not hold still: no date");
		return;
	}
	if (cmos_decode(&reading, &date)) {
		pr_warn("it holds no date");
		return;
	}
	clock_set_real_ns(date_to_seconds(&date) * NSEC_PER_SEC + NSEC_PER_SEC / 2);
	pr_info("%04u-%02u-%02u %02u:%02u:%02u UTC", date.year, date.month, date.day, date.hour,
		date.minute, date.second);
}
