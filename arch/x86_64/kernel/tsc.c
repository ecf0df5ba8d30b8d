/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The time-stamp counter: how fast it is, and whether it can be the clock.
 *
 * Rate.  The kernel needs a clock before it knows any other counter, so it starts with a guess:
 * what CPUID states (leaf 0x15: crystal times ratio; leaf 0x16: nominal MHz), else a millisecond of
 * the timer that every PC has, channel 2 of the 8254.  Then comes the measurement: the TSC and the
 * HPET (else the 8254 again) are read while booting, and a second time when the boot is nearly
 * done, or what has passed is enough for the bound of the error (tsc_rate.c) to be 0.04 %.  A
 * second later comes a third look (tsc_watch.c).
 *
 * Soundness.  CPUID promises that the TSC neither changes its rate nor stops ("invariant"), or it
 * does not, as in an emulator where it is in fact the host's; then it is watched.  That all CPUs
 * read the same is not taken on trust but tested when they come up (tsc_sync.c).
 *
 *	tsc=unstable	do not use it		tsc=reliable	do not check it
 */
#define pr_fmt(fmt) "tsc: " fmt

#include <arch/clock.h>
#include <arch/cpufeature.h>
#include <arch/io.h>
#include <arch/msr.h>
#include <arch/processor.h>
#include <oshit/boot_param.h>
#include <oshit/clock.h>
#include <oshit/clocksource.h>
#include <oshit/cpuhp.h>
#include <oshit/hpet.h>
#include <oshit/init.h>
#include <oshit/irqflags.h>
#include <oshit/math.h>
#include <oshit/percpu.h>
#include <oshit/printf.h>
#include <oshit/printk.h>
#include <oshit/string.h>
#include <linux/errno.h>

#include "lapic_timer.h"
#include "tsc.h"
#include "tsc_sync.h"

#define PIT_HZ	      1193182UL
#define PIT_CHANNEL2  0x42
#define PIT_COMMAND   0x43
#define PIT_GATE      0x61
#define GATE_CHANNEL2 0x01
#define GATE_SPEAKER  0x02
#define PIT_MODE0_CH2 0xb0 /* channel 2, low then high byte, counts down once and wraps */
#define PIT_LATCH_CH2 0x80

#define GUESS_NS      NSEC_PER_MSEC
#define GUESS_TRIES   100000 /* reads; a machine without an 8254 ends here */
#define FALLBACK_HZ   1000000000UL
#define ERROR_MAX_PPM 400
#define SPAN_MAX_NS   (50 * NSEC_PER_MSEC) /* less than the 8254 needs for 65536 counts */

enum tsc_check {
	TSC_CHECK,
	TSC_RELIABLE, /* by the command line */
	TSC_UNSTABLE,
};

static struct clocksource tsc_source = {
	.name = "tsc",
	.rating = 300,
};
static struct tsc_reference reference __ro_after_init;
static struct tsc_sample first_sample;
static enum tsc_check tsc_check __ro_after_init;

/* --- the 8254 --- */

static void pit_start(void)
{
	u8 gate = inb(PIT_GATE) & ~GATE_SPEAKER;

	outb(gate | GATE_CHANNEL2, PIT_GATE);
	outb(PIT_MODE0_CH2, PIT_COMMAND);
	outb(0xff, PIT_CHANNEL2);
	outb(0xff, PIT_CHANNEL2);
}

/* Counts since pit_start(). */
static u64 pit_read(void)
{
	u64 low;

	outb(PIT_LATCH_CH2, PIT_COMMAND);
	low = inb(PIT_CHANNEL2);
	return 0xffff - (low | (u64)inb(PIT_CHANNEL2) << 8);
}

/* --- the first guess --- */

/* Intel SDM volume 2, CPUID leaves 15H and 16H; 0 if not stated. */
static __init u64 cpuid_hz(void)
{
	u32 max_leaf = cpuid(0, 0).eax;
	struct cpuid_result r;

	if (max_leaf < 0x15)
		return 0;
	r = cpuid(0x15, 0);
	if (r.eax && r.ebx && r.ecx)
		return (u64)r.ecx * r.ebx / r.eax;
	if (r.eax && r.ebx && max_leaf >= 0x16)
		return (u64)(cpuid(0x16, 0).eax & 0xffff) * 1000000;
	return 0;
}

static __init u64 pit_hz(void)
{
	u64 start, end, counts;
	unsigned int tries;

	pit_start();
	start = cpu_cycles();
	for (tries = 0; tries < GUESS_TRIES; tries++) {
		counts = pit_read();
		end = cpu_cycles();
		/* The first reading of all may come before the count is loaded. */
		if (counts < 0xff00 && counts >= GUESS_NS * PIT_HZ / NSEC_PER_SEC)
			return (end - start) * PIT_HZ / counts;
	}
	return 0;
}

__init void arch_clock_start(u64 first_cycles)
{
	u64 hz = cpuid_hz();

	if (!hz)
		hz = pit_hz();
	if (!hz)
		hz = FALLBACK_HZ;
	tsc_source.mult = clock_mult_of_hz(hz);
	clock_start(&tsc_source, first_cycles);
}

bool tsc_is_invariant(void)
{
	return cpu_has(X86_FEATURE_CONSTANT_TSC);
}

/* --- the measurement --- */

static u64 hpet_count(void)
{
	return hpet_read_low();
}

static __init void choose_reference(void)
{
	if (hpet_mult()) {
		reference = (struct tsc_reference){ "HPET", hpet_count, 0xffffffff, hpet_mult() };
		return;
	}
	reference = (struct tsc_reference){ "8254", pit_read, 0xffff, clock_mult_of_hz(PIT_HZ) };
	pit_start();
	delay_us(10); /* until the count is loaded */
}

__init void tsc_measure(void)
{
	choose_reference();
	first_sample = tsc_sample_take(reference.read);
}

static __init u64 span_ns(void)
{
	return clock_scale(cpu_cycles() - first_sample.cycles, tsc_source.mult);
}

/* Until the bound is good enough, or the 8254 would soon begin its next turn. */
static __init struct tsc_rate measure_rate(void)
{
	struct tsc_sample sample;
	struct tsc_rate rate;

	if (reference.mask == 0xffff && span_ns() > SPAN_MAX_NS) {
		pit_start();
		delay_us(10);
		first_sample = tsc_sample_take(reference.read);
	}
	do {
		sample = tsc_sample_take(reference.read);
		rate = tsc_rate_between(&reference, &first_sample, &sample);
	} while (rate.error_ppm > ERROR_MAX_PPM && span_ns() < SPAN_MAX_NS);
	return rate;
}

static __init enum tsc_watch watch_mode(void)
{
	if (tsc_is_invariant() || tsc_check == TSC_RELIABLE || !IS_ENABLED(CONFIG_CLOCK_WATCHDOG))
		return TSC_WATCH_ONCE;
	return TSC_WATCH_ON;
}

/* A CPU that has come up. Its clock was not looked at before. */
static int check_cpu(unsigned int cpu)
{
	static char why[64]; /* CPUs come up one by one */
	u64 warp;

	if (tsc_check == TSC_RELIABLE || tsc_source.is_unstable)
		return 0;
	warp = tsc_warp(cpu);
	if (warp) {
		scnprintf(why, sizeof(why), "CPUs %u and %u differ by %lu cycles", cpu,
			  smp_processor_id(), warp);
		clocksource_mark_unstable(&tsc_source, why);
	}
	return 0;
}

static const struct cpuhp_ops check_ops = {
	.name = "clock check",
	.startup = check_cpu,
};

__init void arch_clock_finish(void)
{
	struct tsc_rate rate = measure_rate();
	unsigned long flags;
	u64 hz;

	if (rate.mult) {
		clocksource_adjust(&tsc_source, rate.mult, 0);
		hz = clock_hz_of_mult(rate.mult);
		pr_info("%lu.%03lu MHz by the %s, within %lu ppm", hz / 1000000, hz / 1000 % 1000,
			reference.name, rate.error_ppm);
	} else {
		hz = clock_hz_of_mult(tsc_source.mult);
		pr_warn("no other counter; %lu MHz is a guess", hz / 1000000);
	}
	if (!cpu_has(X86_FEATURE_TSC))
		clocksource_mark_unstable(&tsc_source, "the processor does not say it has one");
	else if (tsc_check == TSC_UNSTABLE)
		clocksource_mark_unstable(&tsc_source, "the command line says so");
	cpuhp_register(CPUHP_CLOCK_CHECK, &check_ops);
	lapic_timer_finish(tsc_source.mult);
	local_irq_save(flags);
	lapic_timer_start_cpu();
	local_irq_restore(flags);
	if (hpet_mult() && !tsc_source.is_unstable)
		tsc_watch_start(&tsc_source, &reference, &first_sample, watch_mode());
}

static __init int set_tsc(const char *value)
{
	if (value && !strcmp(value, "reliable"))
		tsc_check = TSC_RELIABLE;
	else if (value && !strcmp(value, "unstable"))
		tsc_check = TSC_UNSTABLE;
	else
		return -EINVAL;
	return 0;
}
BOOT_PARAM("tsc", set_tsc);
