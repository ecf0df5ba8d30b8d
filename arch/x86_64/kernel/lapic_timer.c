/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The event source of each CPU is the timer of its local APIC (Intel SDM volume 3, 11.5.4).
 *
 * One-shot mode: it counts down from a number that is written to it, at a rate that nobody states
 * and that is measured against the TSC while booting.  All CPUs share the rate.  It has 32 bits,
 * seconds to minutes; what is farther away comes early, and its user sets it again.
 *
 * TSC-deadline mode (CONFIG_TSC_DEADLINE): the processor compares its own TSC with a number; no
 * rate to measure, no limit, one MSR write.  Only with an invariant TSC, and counted from the TSC
 * of the moment, so that it does not matter whether the CPUs agree.
 *
 * A processor without a local APIC has no event source: timers are queued and never run.  No x86-64
 * processor lacks one; an emulator can be told to.
 */
#define pr_fmt(fmt) "timer: " fmt

#include <arch/apic.h>
#include <arch/cpufeature.h>
#include <arch/msr.h>
#include <arch/processor.h>
#include <arch/timer.h>
#include <arch/vectors.h>
#include <oshit/bug.h>
#include <oshit/clock.h>
#include <oshit/clocksource.h>
#include <oshit/cpuhp.h>
#include <oshit/hrtimer.h>
#include <oshit/init.h>
#include <oshit/irqflags.h>
#include <oshit/math.h>
#include <oshit/printk.h>

#include "lapic_timer.h"
#include "tsc.h"

#define MSR_TSC_DEADLINE 0x6e0
#define COUNT_MAX	 0xffffffffu
#define DELTA_MAX_NS	 (3600 * NSEC_PER_SEC)
#define SPAN_MIN_NS	 (2 * NSEC_PER_MSEC)
#define FAR_NS		 (20 * NSEC_PER_MSEC)
#define FAR_SHIFT	 10 /* 0.1 %: more than the error of both measured rates */

enum lapic_timer_mode {
	TIMER_NONE, /* not measured yet, or no local APIC */
	TIMER_ONESHOT,
	TIMER_TSC_DEADLINE,
};

static enum lapic_timer_mode mode __ro_after_init;
static u64 counts_mult __ro_after_init; /* counts, or cycles, per nanosecond << CLOCK_SHIFT */
static struct tsc_sample first_sample __initdata;

static u64 lapic_timer_count(void)
{
	return COUNT_MAX - lapic_read(LAPIC_TIMER_CURRENT);
}

__init void lapic_timer_measure(void)
{
	if (!lapic_present)
		return;
	lapic_write(LAPIC_LVT_TIMER, LAPIC_LVT_MASKED | LAPIC_TIMER_ONESHOT);
	lapic_write(LAPIC_TIMER_DIVIDE, LAPIC_TIMER_DIVIDE_1);
	lapic_write(LAPIC_TIMER_INITIAL, COUNT_MAX);
	first_sample = tsc_sample_take(lapic_timer_count);
}

static __init bool has_tsc_deadline(void)
{
	return IS_ENABLED(CONFIG_TSC_DEADLINE) && tsc_is_invariant() &&
	       cpu_has(X86_FEATURE_TSC_DEADLINE);
}

/* Counts per nanosecond; 0 if it does not count. */
static __init u64 measured_mult(u64 tsc_mult)
{
	struct tsc_sample sample;
	u64 ns;

	do {
		sample = tsc_sample_take(lapic_timer_count);
		ns = clock_scale(sample.cycles - first_sample.cycles, tsc_mult);
	} while (ns < SPAN_MIN_NS);
	return ((sample.count - first_sample.count) << CLOCK_SHIFT) / ns;
}

static void timer_interrupt(struct pt_regs *regs __maybe_unused, unsigned int vector __maybe_unused)
{
	hrtimer_interrupt();
}

static int timer_startup(unsigned int cpu __maybe_unused)
{
	lapic_timer_start_cpu();
	return 0;
}

static int timer_teardown(unsigned int cpu __maybe_unused)
{
	arch_timer_stop();
	return 0;
}

static int queue_teardown(unsigned int cpu)
{
	hrtimers_cpu_dead(cpu);
	return 0;
}

static const struct cpuhp_ops timer_ops = {
	.name = "timer",
	.startup = timer_startup, /* on the CPU */
	.teardown = timer_teardown, /* on the CPU */
};

static const struct cpuhp_ops queue_ops = {
	.name = "timer queue", .teardown = queue_teardown, /* on another one */
};

__init void lapic_timer_finish(u64 tsc_mult)
{
	u64 khz;

	if (!lapic_present) {
		pr_warn("no local APIC: timers do not run");
		return;
	}
	if (has_tsc_deadline()) {
		counts_mult = ~0UL / tsc_mult;
		mode = TIMER_TSC_DEADLINE;
		pr_info("TSC deadline");
	} else {
		counts_mult = measured_mult(tsc_mult);
		if (!counts_mult) {
			pr_warn("the local APIC's timer does not count: timers do not run");
			return;
		}
		mode = TIMER_ONESHOT;
		khz = clock_scale(1000000, counts_mult);
		pr_info("local APIC, %lu.%03lu MHz", khz / 1000, khz % 1000);
	}
	vector_set_handler(VECTOR_TIMER, timer_interrupt);
	cpuhp_register(CPUHP_TIMER, &timer_ops);
	cpuhp_register(CPUHP_TIMERS_PREPARE, &queue_ops);
}

void lapic_timer_start_cpu(void)
{
	switch (mode) {
	case TIMER_NONE:
		return;
	case TIMER_ONESHOT:
		lapic_write(LAPIC_TIMER_DIVIDE, LAPIC_TIMER_DIVIDE_1);
		lapic_write(LAPIC_LVT_TIMER, LAPIC_TIMER_ONESHOT | VECTOR_TIMER);
		break;
	case TIMER_TSC_DEADLINE:
		lapic_write(LAPIC_LVT_TIMER, LAPIC_TIMER_TSC_DEADLINE | VECTOR_TIMER);
		/* A write to a register in memory and one to an MSR keep no order by themselves. */
		__asm__ __volatile__("mfence" ::: "memory");
		break;
	}
	hrtimers_cpu_starting();
}

void arch_timer_set(u64 deadline_ns)
{
	u64 now = clock_ns();
	u64 delta_ns = deadline_ns > now ? min(deadline_ns - now, DELTA_MAX_NS) : 0;

	if (delta_ns > FAR_NS) /* rather early than late; it is set again then */
		delta_ns -= delta_ns >> FAR_SHIFT;
	switch (mode) {
	case TIMER_NONE:
		break;
	case TIMER_ONESHOT:
		/* Rounded up: not early by a fraction, and 0 would stop it. */
		lapic_write(LAPIC_TIMER_INITIAL,
			    (u32)min(clock_scale(delta_ns, counts_mult) + 1, (u64)COUNT_MAX));
		break;
	case TIMER_TSC_DEADLINE:
		wrmsr(MSR_TSC_DEADLINE, cpu_cycles() + clock_scale(delta_ns, counts_mult) + 1);
		break;
	}
}

void arch_timer_stop(void)
{
	if (mode == TIMER_ONESHOT)
		lapic_write(LAPIC_TIMER_INITIAL, 0);
	else if (mode == TIMER_TSC_DEADLINE)
		wrmsr(MSR_TSC_DEADLINE, 0);
}
