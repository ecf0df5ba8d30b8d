/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Counters that all CPUs add to and few read: each CPU collects in a word of its own, and passes it
 * on to the common count when it has a batch.
 *
 *	static DEFINE_PERCPU_COUNTER(nr_dirty);
 *	percpu_counter_add(&nr_dirty, 1);
 *
 * The common count is off by at most a batch for each CPU; the sum is exact while nobody adds.  A
 * CPU that goes off keeps its word, which still counts.  Context of all: any but NMI.
 */
#ifndef OSHIT_PERCPU_COUNTER_H
#define OSHIT_PERCPU_COUNTER_H

#include <oshit/percpu.h>
#include <oshit/spinlock.h>
#include <oshit/types.h>

#define PERCPU_COUNTER_BATCH 32

struct percpu_counter { /* l: lock */
	raw_spinlock_t lock;
	s64 count; /* l  atomic to read */
	s32 __percpu *local; /* each CPU's own, with interrupts off */
};

#define DEFINE_PERCPU_COUNTER(name)                                     \
	DEFINE_PER_CPU(s32, name##_local);                              \
	static struct percpu_counter name = {                           \
		.lock = RAW_SPINLOCK_INIT, .local = &name##_local       \
	}

/* Adds; passes on what reaches @batch. */
void percpu_counter_add_batch(struct percpu_counter *counter, s64 amount, s32 batch);

static inline void percpu_counter_add(struct percpu_counter *counter, s64 amount)
{
	percpu_counter_add_batch(counter, amount, PERCPU_COUNTER_BATCH);
}

static inline void percpu_counter_inc(struct percpu_counter *counter)
{
	percpu_counter_add(counter, 1);
}

static inline void percpu_counter_dec(struct percpu_counter *counter)
{
	percpu_counter_add(counter, -1);
}

/* Sets it to @value; nobody else adds meanwhile. */
void percpu_counter_set(struct percpu_counter *counter, s64 value);

/* Fast and roughly; of what cannot be negative, never negative. */
static inline s64 percpu_counter_read(const struct percpu_counter *counter)
{
	return READ_ONCE(counter->count);
}

static inline s64 percpu_counter_read_positive(const struct percpu_counter *counter)
{
	s64 count = percpu_counter_read(counter);

	return count > 0 ? count : 0;
}

/* Adds all up. */
s64 percpu_counter_sum(struct percpu_counter *counter);

/* -1, 0, 1: below, at, above @limit.  Adds up only if the rough count is too close. */
int percpu_counter_compare(struct percpu_counter *counter, s64 limit);

#endif
