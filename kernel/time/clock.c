/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The clock: a free-running counter, scaled.
 *
 *	nanoseconds = base_ns + ((counter - base_cycles) * mult >> 32)
 *
 * in 128 bits, so nothing has to be done from time to time to keep it from overflowing; a machine
 * that sleeps for a week wakes up with the right time.  The counter is the CPU's own (the TSC) if
 * that is sound, and else a device's (the HPET), which takes a microsecond to read.
 *
 * The four numbers exist twice, under a latch: while one copy is written readers use the other, so
 * that an NMI reads the clock even in the middle of a change.  Both lie in a page of their own
 * without a kernel address in it, so that the page can be shown to user programs as it is.
 *
 * Three things change the numbers, and none of them sets the clock back:
 *
 *	rate	A better measurement. The new line begins where the old one will be some time
 *		later, and a reader that is before that point still uses the old rate
 *		(mult_before).  So all who read, new copy or old, compute the same function, if
 *		the news arrives in time.
 *	source	Each CPU tells how far the old clock, as it reads it, is ahead of the new counter's
 *		count of time; the new clock starts with the largest lead of all, and a little
 *		more, for what the old one may gain until all CPUs see the news.  Nobody has to
 *		wait for anybody.  (An old clock that gains more than 10 us meanwhile, and one
 *		that an interrupt handler gives up, which cannot ask the other CPUs, may have
 *		been further; then they can see it go back once.)
 *	date	A new offset; the monotonic clock is not touched.
 *
 * Locks: clock_lock for writers, raw, interrupts off.  Readers take none.
 *
 * Left out: slewing by a time daemon (adjtimex), time zones, leap seconds.
 */
#define pr_fmt(fmt) "clock: " fmt

#include <arch/processor.h>
#include <oshit/atomic.h>
#include <oshit/boot_param.h>
#include <oshit/bug.h>
#include <oshit/clock.h>
#include <oshit/clock_page.h>
#include <oshit/clocksource.h>
#include <oshit/init.h>
#include <oshit/irqflags.h>
#include <oshit/math.h>
#include <oshit/page.h>
#include <oshit/printk.h>
#include <oshit/smp.h>
#include <oshit/spinlock.h>
#include <oshit/string.h>
#include <linux/errno.h>

#include "clock_state.h"

#define LEAD_NONE     (-0x7fffffffffffffffL)
#define LEAD_SLACK_NS (10 * NSEC_PER_USEC) /* 0.1 % of the time that it takes to ask all CPUs */

struct clock_page clock_page __aligned(PAGE_SIZE);

static DEFINE_RAW_SPINLOCK(clock_lock);
struct clock_state clock_state;
static const char *wanted __ro_after_init; /* clocksource= */

/* --- reading --- */

static u64 read_counter(u64 device)
{
	return likely(!device) ? cpu_cycles_ordered() : clock_state.sources[device - 1]->read();
}

/* Returns the time, and what must be added to have the date. */
static u64 read_clock(u64 *real_offset_ns)
{
	const struct clock_params *params;
	unsigned int seq;
	u64 ns;

	do {
		seq = read_seqcount_latch(&clock_page.latch);
		params = &clock_page.copies[seq & 1];
		*real_offset_ns = READ_ONCE(params->real_offset_ns);
		ns = clock_params_ns(params, read_counter(READ_ONCE(params->device)));
	} while (read_seqcount_latch_retry(&clock_page.latch, seq));
	return ns;
}

static noinline u64 clock_ns_slow(void)
{
	u64 real_offset_ns;

	return read_clock(&real_offset_ns);
}

/* Each switch of tasks and each interrupt comes here: the usual case, by itself. */
u64 clock_ns(void)
{
	unsigned int seq = read_seqcount_latch(&clock_page.latch);
	const struct clock_params *params = &clock_page.copies[seq & 1];
	u64 ns;

	if (unlikely(READ_ONCE(params->device)))
		return clock_ns_slow();
	ns = clock_params_ns(params, cpu_cycles_ordered());
	return read_seqcount_latch_retry(&clock_page.latch, seq) ? clock_ns_slow() : ns;
}

/* The first source is the CPU's own counter, whether it is sound or not. */
u64 clock_cycles_ns(u64 cycles)
{
	return clock_scale(cycles, READ_ONCE(clock_state.sources[0]->mult));
}

u64 clock_real_ns(void)
{
	u64 real_offset_ns, ns = read_clock(&real_offset_ns);

	return ns + real_offset_ns;
}

void clock_params_get(struct clock_params *params)
{
	unsigned int seq;

	do {
		seq = read_seqcount_latch(&clock_page.latch);
		*params = clock_page.copies[seq & 1];
	} while (read_seqcount_latch_retry(&clock_page.latch, seq));
}

void delay_us(unsigned long us)
{
	u64 end = clock_ns() + us * NSEC_PER_USEC;

	while (clock_ns() < end)
		cpu_relax();
}

/* --- changing; clock_lock is held, interrupts are off --- */

static void publish(const struct clock_params *params)
{
	write_seqcount_latch(&clock_page.latch);
	clock_page.copies[0] = *params;
	write_seqcount_latch(&clock_page.latch);
	clock_page.copies[1] = *params;
}

/* What stands for the source in the parameters. */
static u64 device_of(const struct clocksource *source)
{
	u64 index = 0;

	if (!source->read)
		return 0;
	while (clock_state.sources[index] != source)
		index++;
	return index + 1;
}

/* @lead_ns: how far the clock is ahead of the counter's own count of time. */
static void use_source(struct clocksource *source, long lead_ns)
{
	struct clock_params params = clock_page.copies[0];

	params.device = device_of(source);
	params.base_cycles = read_counter(params.device);
	params.mult = params.mult_before = source->mult;
	params.base_ns = clock_scale(params.base_cycles, source->mult) + (u64)lead_ns;
	publish(&params);
	WRITE_ONCE(clock_state.current, source);
}

/* The one that was asked for, else the best; one that is known to be bad only if it is alone. */
static struct clocksource *choose(void)
{
	struct clocksource *best = clock_state.current;

	for (unsigned int i = 0; i < clock_state.nr_sources; i++) {
		struct clocksource *source = clock_state.sources[i];

		if (source->is_unstable)
			continue;
		if (wanted && !strcmp(source->name, wanted))
			return source;
		if (best->is_unstable || source->rating > best->rating)
			best = source;
	}
	return best;
}

/* How far the clock is ahead of a counter, at most, on the CPUs that have been asked. */
struct clock_lead {
	struct clocksource *source;
	atomic64_t ns;
};

static void note_lead(void *arg)
{
	struct clock_lead *lead = arg;
	u64 cycles = read_counter(device_of(lead->source));
	long ns = (long)(clock_ns() - clock_scale(cycles, lead->source->mult));
	long seen = atomic64_read(&lead->ns);

	while (seen < ns && !atomic64_try_cmpxchg(&lead->ns, &seen, ns))
		;
}

/* --- interface --- */

__init void clock_start(struct clocksource *source, u64 zero_cycles)
{
	struct clock_params params = {
		.base_cycles = zero_cycles,
		.mult = source->mult,
		.mult_before = source->mult,
	};

	clock_state.sources[clock_state.nr_sources++] = source;
	clock_state.current = source;
	publish(&params);
}

__init void clocksource_register(struct clocksource *source)
{
	struct clock_lead lead = { .ns = ATOMIC_INIT(LEAD_NONE) };
	struct clocksource *best;
	unsigned long flags;

	if (WARN_ON(clock_state.nr_sources == MAX_CLOCKSOURCES))
		return;
	raw_spin_lock_irqsave(&clock_lock, flags);
	clock_state.sources[clock_state.nr_sources++] = source;
	best = choose();
	if (best != clock_state.current) {
		lead.source = best;
		note_lead(&lead);
		use_source(best, atomic64_read(&lead.ns));
	}
	raw_spin_unlock_irqrestore(&clock_lock, flags);
}

/* Leaves @source, if there is something better. */
static void leave_source(struct clocksource *source)
{
	struct clock_lead lead = { .ns = ATOMIC_INIT(LEAD_NONE) };
	unsigned long flags;

	raw_spin_lock_irqsave(&clock_lock, flags);
	source->is_unstable = true;
	lead.source = choose();
	raw_spin_unlock_irqrestore(&clock_lock, flags);
	if (lead.source == clocksource_current())
		return;
	if (in_interrupt())
		note_lead(&lead);
	else
		on_each_cpu(note_lead, &lead);
	raw_spin_lock_irqsave(&clock_lock, flags);
	use_source(lead.source, atomic64_read(&lead.ns) + (long)LEAD_SLACK_NS);
	raw_spin_unlock_irqrestore(&clock_lock, flags);
}

void clocksource_mark_unstable(struct clocksource *source, const char *why)
{
	const struct clocksource *old = clocksource_current(), *now;

	leave_source(source);
	now = clocksource_current();
	if (now == source)
		pr_warn("%s is not reliable: %s; there is nothing else, it stays", source->name,
			why);
	else if (now != old)
		pr_warn("%s is not reliable: %s; %s takes over", source->name, why, now->name);
	else
		pr_info("%s is not reliable: %s", source->name, why);
}

void clocksource_adjust(struct clocksource *source, u64 mult, u64 lead_cycles)
{
	struct clock_params params;
	unsigned long flags;
	u64 at;

	raw_spin_lock_irqsave(&clock_lock, flags);
	source->mult = mult;
	if (source == clock_state.current) {
		params = clock_page.copies[0];
		at = read_counter(params.device) + lead_cycles;
		/* A bend that is still to come is forgotten: there is one at a time. */
		if ((s64)(at - lead_cycles - params.base_cycles) < 0)
			params.mult = params.mult_before;
		/* Rounding must not set it back. */
		params.base_ns = clock_params_ns(&params, at) + 1;
		params.base_cycles = at;
		params.mult_before = params.mult;
		params.mult = mult;
		publish(&params);
	}
	raw_spin_unlock_irqrestore(&clock_lock, flags);
}

void clock_set_real_ns(u64 real_ns)
{
	struct clock_params params;
	unsigned long flags;

	raw_spin_lock_irqsave(&clock_lock, flags);
	params = clock_page.copies[0];
	params.real_offset_ns = real_ns - clock_ns();
	publish(&params);
	raw_spin_unlock_irqrestore(&clock_lock, flags);
	clock_coarse_update(clock_ns()); /* not behind the new date */
}

const struct clocksource *clocksource_current(void)
{
	return READ_ONCE(clock_state.current);
}

const struct clocksource *clocksource_get(unsigned int index)
{
	return index < READ_ONCE(clock_state.nr_sources) ? clock_state.sources[index] : NULL;
}

static __init int set_clocksource(const char *value)
{
	if (!value)
		return -EINVAL;
	wanted = value;
	return 0;
}
BOOT_PARAM("clocksource", set_clocksource);
