/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A second look at the TSC's rate, a second after the boot, and more of them if it is not trusted.
 *
 * The first look corrects the rate: the span is a hundred times that of the boot, so the error is
 * a hundredth.  Where CPUID does not promise that the rate stays, every further second is compared
 * with the HPET (CONFIG_CLOCK_WATCHDOG), and a TSC that is off by more than 0.5 % is given up.
 * Readings carry bounds of their errors, so a CPU that was kept from running does not look like a
 * bad counter.
 *
 * All of it runs in a timer of the boot CPU, which never goes off.  A span in which the reference
 * may have made a turn says nothing; that happens when the machine was stopped, as by the monitor.
 */
#define pr_fmt(fmt) "tsc: " fmt

#include <oshit/clock.h>
#include <oshit/clocksource.h>
#include <oshit/hrtimer.h>
#include <oshit/init.h>
#include <oshit/math.h>
#include <oshit/printk.h>

#include "tsc.h"

#define LOOK_NS	    NSEC_PER_SEC
#define SPAN_MAX_NS (20 * NSEC_PER_SEC) /* a turn of an HPET of 100 MHz takes 42 s */
#define LIMIT_PPM   5000
#define LEAD_NS	    (10 * NSEC_PER_MSEC) /* until a new rate holds: see clocksource_adjust() */

static struct {
	struct hrtimer timer;
	struct clocksource *tsc;
	const struct tsc_reference *reference;
	struct tsc_sample last;
	enum tsc_watch mode;
	bool is_corrected;
} watch; /* by its timer alone, once that is started */

static u64 deviation_ppm(u64 mult, u64 expected)
{
	u64 difference = mult > expected ? mult - expected : expected - mult;

	return clock_scale(difference, (1000000UL << CLOCK_SHIFT) / expected);
}

static void correct(const struct tsc_rate *rate)
{
	u64 hz = clock_hz_of_mult(rate->mult);

	clocksource_adjust(watch.tsc, rate->mult, hz / (NSEC_PER_SEC / LEAD_NS));
	watch.is_corrected = true;
	pr_info("%lu.%03lu MHz by the %s, within %lu ppm", hz / 1000000, hz / 1000 % 1000,
		watch.reference->name, rate->error_ppm + 1);
}

/* Judges the time from the last sample to this one.  Returns whether to go on. */
static bool judge(const struct tsc_sample *now)
{
	struct tsc_rate rate = tsc_rate_between(watch.reference, &watch.last, now);
	u64 span_ns = clock_scale(now->cycles - watch.last.cycles, watch.tsc->mult);

	if (!rate.mult || span_ns > SPAN_MAX_NS || rate.error_ppm > LIMIT_PPM)
		return true;
	if (deviation_ppm(rate.mult, watch.tsc->mult) > LIMIT_PPM + rate.error_ppm) {
		clocksource_mark_unstable(watch.tsc, "it does not keep its pace");
		return false;
	}
	if (!watch.is_corrected)
		correct(&rate);
	return watch.mode == TSC_WATCH_ON;
}

static void look(struct hrtimer *timer)
{
	struct tsc_sample now = tsc_sample_take(watch.reference->read);

	if (watch.tsc->is_unstable || !judge(&now))
		return;
	watch.last = now;
	hrtimer_start(timer, clock_ns() + LOOK_NS);
}

__init void tsc_watch_start(struct clocksource *tsc, const struct tsc_reference *reference,
			    const struct tsc_sample *since, enum tsc_watch mode)
{
	watch.tsc = tsc;
	watch.reference = reference;
	watch.last = *since;
	watch.mode = mode;
	hrtimer_init(&watch.timer, look);
	hrtimer_start(&watch.timer, clock_ns() + LOOK_NS);
}
