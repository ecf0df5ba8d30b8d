/* SPDX-License-Identifier: GPL-2.0-only */
/* The monitor's `timers` and `clock`. */
#include <linux/errno.h>
#include <oshit/clock.h>
#include <oshit/clocksource.h>
#include <oshit/cpumask.h>
#include <oshit/date.h>
#include <oshit/hrtimer.h>
#include <oshit/kstrtox.h>
#include <oshit/monitor.h>
#include <oshit/nofault.h>

#include "hrtimer_queue.h"

static int monitor_clock(int argc, char **argv __maybe_unused)
{
	struct date date = date_from_seconds(clock_real_ns() / NSEC_PER_SEC);
	const struct clocksource *source;
	u64 now = clock_ns();

	if (argc != 1)
		return -EINVAL;
	monitor_printf("%lu.%09lu s since the boot, %04u-%02u-%02u %02u:%02u:%02u UTC\n",
		       now / NSEC_PER_SEC, now % NSEC_PER_SEC, date.year, date.month, date.day,
		       date.hour, date.minute, date.second);
	for (unsigned int i = 0; (source = clocksource_get(i)); i++)
		monitor_printf("%-6s %8lu kHz, rating %u%s%s\n", source->name,
			       clock_hz_of_mult(source->mult) / 1000, source->rating,
			       source->is_unstable ? ", unstable" : "",
			       source == clocksource_current() ? ", in use" : "");
	return 0;
}
MONITOR_COMMAND(clock, "", "time, date, and the counters that could drive the clock",
		monitor_clock);

/* Milliseconds until a deadline, or a negative number, in a text of a few numbers. */
static void show_delay(u64 deadline_ns, u64 now_ns)
{
	u64 ns = deadline_ns > now_ns ? deadline_ns - now_ns : now_ns - deadline_ns;

	monitor_printf("%s%lu.%06lu ms", deadline_ns < now_ns ? "-" : "", ns / NSEC_PER_MSEC,
		       ns % NSEC_PER_MSEC);
}

static void show_queue(unsigned int cpu)
{
	const struct hrtimer_queue *queue = per_cpu_ptr(&hrtimer_queue, cpu);
	const struct rb_node *node = queue->tree.first;
	u64 now = clock_ns();

	monitor_printf("CPU %u: %u queued, %lu interrupts, %lu calls, event ", cpu,
		       queue->nr_queued, queue->nr_events, queue->nr_calls);
	if (queue->event_ns == HRTIMER_NO_DEADLINE)
		monitor_printf("none");
	else
		show_delay(queue->event_ns, now);
	monitor_printf("\n");
	for (unsigned int i = 0; node && i < queue->nr_queued && !monitor_interrupted(); i++) {
		struct hrtimer timer;

		if (kernel_read_nofault(&timer, rb_entry(node, struct hrtimer, node),
					sizeof(timer))) {
			monitor_printf("  a timer at %p, which is no memory\n", node);
			return;
		}
		monitor_printf("  %p in ", rb_entry(node, struct hrtimer, node));
		show_delay(timer.deadline_ns, now);
		monitor_printf(": %pS\n", timer.fn);
		node = rb_next(node);
	}
}

static int monitor_timers(int argc, char **argv)
{
	unsigned int cpu;

	if (argc > 2)
		return -EINVAL;
	if (argc == 2) {
		if (kstrtouint(argv[1], 0, &cpu) || cpu >= nr_cpu_ids || !cpu_possible(cpu))
			return -EINVAL;
		show_queue(cpu);
		return 0;
	}
	for_each_possible_cpu(cpu)
		if (!monitor_interrupted())
			show_queue(cpu);
	return 0;
}
MONITOR_COMMAND(timers, "[CPU]", "timers that wait, in the order of their deadlines",
		monitor_timers);
