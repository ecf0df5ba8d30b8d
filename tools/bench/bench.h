/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Metrics: what one operation of a kernel costs, in nanoseconds.  A metric is a function that does
 * the operation @count times; the frame finds a count that takes long enough to be measured,
 * repeats it, and prints the median with the lowest and highest of the samples.
 *
 * A function that needs preparations which are not to be counted calls pause_clock() before and
 * resume_clock() behind them.  What the kernel cannot do yet is skipped with unsupported().
 */
#ifndef BENCH_H
#define BENCH_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#define PAGE 4096UL

struct metric {
	const char *name; /* words joined by "_", unique */
	void (*run)(unsigned long count);
	const char *what; /* one operation, in words */
};

/* Each ends with a row without a name. */
extern const struct metric call_metrics[], process_metrics[], memory_metrics[], file_metrics[],
	signal_metrics[], ipc_metrics[], sched_metrics[], program_metrics[], swap_metrics[];

void create_write_delete(unsigned long count); /* a metric of files that two CPUs do as well */

long long now_ns(void); /* CLOCK_MONOTONIC */
void pause_clock(void);
void resume_clock(void);
void discount_ns(long long ns); /* of this sample, as if the clock had been paused */

/* Ends this metric: the kernel refused what it needs. Does not return. */
_Noreturn void unsupported(const char *what);

/* fork(); the child, which sees 0, ends with this process at the latest. */
pid_t start_child(void);
/* Kills @child and waits for its end. */
void end_child(pid_t child);

/* Binds this process to the @nth CPU that it may use; false if there are fewer. */
bool bind_to_cpu(int nth);

/* Path of this program; run with the argument "--exit" it ends at once. */
extern const char *self_path;

#endif
