/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * HPET (IA-PC HPET specification 1.0a): a counter at a rate that it states itself, to 0.05 %.
 *
 * It serves twice: the TSC is measured against it, and it drives the clock where the TSC cannot.
 * For the latter the counter must have 64 bits.  They are read in halves, since not every chipset
 * passes a read of 64 bits on in one piece: high, low, and high again if the low half has wrapped
 * less than half its range ago.  Its comparators, which could interrupt, are not used: each CPU
 * has a timer of its own.
 */
#define pr_fmt(fmt) "hpet: " fmt

#include <arch/io.h>
#include <oshit/boot_param.h>
#include <oshit/clocksource.h>
#include <oshit/hpet.h>
#include <oshit/init.h>
#include <oshit/printk.h>
#include <oshit/string.h>
#include <linux/errno.h>

enum hpet_register {
	HPET_CAPABILITIES = 0x00, /* the period is in the upper half */
	HPET_PERIOD = 0x04, /* femtoseconds */
	HPET_CONFIG = 0x10,
	HPET_COUNTER = 0xf0,
	HPET_COUNTER_HIGH = 0xf4,
};

#define HPET_64BIT	   (1u << 13)
#define HPET_ENABLE	   (1u << 0)
#define HPET_LEGACY	   (1u << 1) /* takes the interrupts of PIT and RTC */
#define HPET_PERIOD_MAX	   100000000u /* the specification wants 10 MHz at least */
#define FEMTOSECONDS_IN_NS 1000000u
#define TICK_TRIES	   1000

static u8 __iomem *hpet_registers __ro_after_init; /* NULL: there is none */
static u64 mult __ro_after_init;
static bool disabled __ro_after_init; /* hpet=disable */

static u32 hpet_read(enum hpet_register reg)
{
	return mmio_read32(hpet_registers + reg);
}

static u64 hpet_read_counter(void)
{
	u64 high = hpet_read(HPET_COUNTER_HIGH);
	u32 low = hpet_read(HPET_COUNTER);

	if (!(low >> 31)) /* it may have wrapped between the two */
		high = hpet_read(HPET_COUNTER_HIGH);
	return high << 32 | low;
}

static struct clocksource hpet_source = {
	.name = "hpet",
	.read = hpet_read_counter,
	.rating = 250,
};

u64 hpet_mult(void)
{
	return mult;
}

u32 hpet_read_low(void)
{
	return hpet_read(HPET_COUNTER);
}

static __init bool counter_counts(void)
{
	u32 first = hpet_read_low();

	for (unsigned int tries = 0; tries < TICK_TRIES; tries++)
		if (hpet_read_low() != first)
			return true;
	return false;
}

__init void hpet_init(u8 __iomem *registers)
{
	u32 period;

	if (!registers || disabled)
		return;
	hpet_registers = registers;
	period = hpet_read(HPET_PERIOD);
	if (!period || period > HPET_PERIOD_MAX) {
		pr_warn("not used: a period of %u femtoseconds cannot be", period);
		return;
	}
	mmio_write32((hpet_read(HPET_CONFIG) | HPET_ENABLE) & ~HPET_LEGACY,
		     registers + HPET_CONFIG);
	if (!counter_counts()) {
		pr_warn("not used: it does not count");
		return;
	}
	mult = ((u64)period << CLOCK_SHIFT) / FEMTOSECONDS_IN_NS;
	pr_info("%lu kHz", clock_hz_of_mult(mult) / 1000);
	if (hpet_read(HPET_CAPABILITIES) & HPET_64BIT) {
		hpet_source.mult = mult;
		clocksource_register(&hpet_source);
	} else {
		pr_info("its 32 bits are too few for the clock");
	}
}

static __init int set_hpet(const char *value)
{
	if (!value || strcmp(value, "disable"))
		return -EINVAL;
	disabled = true;
	return 0;
}
BOOT_PARAM("hpet", set_hpet);

static __init int set_nohpet(const char *value __maybe_unused)
{
	disabled = true;
	return 0;
}
BOOT_PARAM("nohpet", set_nohpet);
