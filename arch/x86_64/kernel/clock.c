/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The clock: the time-stamp counter, scaled to nanoseconds.
 *
 * Its rate comes from CPUID leaf 0x15 where the processor states it, and else from the one timer
 * that every PC has: channel 2 of the 8254, whose gate and output are in port 0x61.  It counts
 * down at 1193182 Hz; the cycles that pass meanwhile give the rate.
 * nanoseconds = cycles * clock_mult >> CLOCK_SHIFT, in 128 bits, so it never
 * overflows.
 */
#include <arch/clock.h>
#include <arch/io.h>
#include <arch/msr.h>
#include <arch/processor.h>
#include <oshit/clock.h>
#include <oshit/init.h>

#define CLOCK_SHIFT	32
#define PIT_HZ		1193182UL
#define PIT_CHANNEL2	0x42
#define PIT_COMMAND	0x43
#define PIT_GATE	0x61
#define GATE_CHANNEL2	0x01
#define GATE_SPEAKER	0x02
#define GATE_OUTPUT2	0x20
#define PIT_MODE0_CH2	0xb0 /* channel 2, low then high byte, interrupt on terminal count */
#define CALIBRATE_TICKS (PIT_HZ / 200) /* 5 ms */
#define CALIBRATE_LIMIT 100000 /* reads of the port; a machine without an 8254 ends here */
#define FALLBACK_HZ	1000000000UL

static u64 clock_mult __ro_after_init;
static u64 clock_base __ro_after_init; /* cycles at time 0 */

/* Crystal times ratio, Intel SDM volume 2, CPUID leaf 15H; 0 if not stated. */
static __init u64 cpuid_hz(void)
{
	struct cpuid_result r;

	if (cpuid(0, 0).eax < 0x15)
		return 0;
	r = cpuid(0x15, 0);
	return r.eax && r.ecx ? (u64)r.ecx * r.ebx / r.eax : 0;
}

static __init u64 pit_hz(void)
{
	u8 gate = inb(PIT_GATE) & ~GATE_SPEAKER;
	unsigned int tries = CALIBRATE_LIMIT;
	u64 start, end;

	outb(gate & ~GATE_CHANNEL2, PIT_GATE);
	outb(PIT_MODE0_CH2, PIT_COMMAND);
	outb(CALIBRATE_TICKS & 0xff, PIT_CHANNEL2);
	outb(CALIBRATE_TICKS >> 8, PIT_CHANNEL2);
	outb(gate | GATE_CHANNEL2, PIT_GATE);
	start = cpu_cycles();
	while (!(inb(PIT_GATE) & GATE_OUTPUT2) && --tries)
		cpu_relax();
	end = cpu_cycles();
	outb(gate, PIT_GATE);
	return tries ? (end - start) * PIT_HZ / CALIBRATE_TICKS : 0;
}

__init void clock_init(u64 first_cycles)
{
	u64 hz = cpuid_hz();

	if (!hz)
		hz = pit_hz();
	if (!hz)
		hz = FALLBACK_HZ;
	clock_base = first_cycles;
	clock_mult = (NSEC_PER_SEC << CLOCK_SHIFT) / hz; /* 2^62 at most */
}

u64 clock_ns(void)
{
	return (u64)((unsigned __int128)(cpu_cycles() - clock_base) * clock_mult >> CLOCK_SHIFT);
}

void delay_us(unsigned long us)
{
	u64 end = clock_ns() + us * NSEC_PER_USEC;

	while (clock_ns() < end)
		cpu_relax();
}
