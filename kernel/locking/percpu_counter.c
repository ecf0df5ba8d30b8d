/* SPDX-License-Identifier: GPL-2.0-only */
/* Counters in per-CPU parts: <oshit/percpu_counter.h> has the theory. */
#include <oshit/cpumask.h>
#include <oshit/percpu_counter.h>

void percpu_counter_add_batch(struct percpu_counter *counter, s64 amount, s32 batch)
{
	unsigned long flags;
	s32 *local;
	s64 sum;

	local_irq_save(flags);
	local = this_cpu_ptr(counter->local);
	sum = *local + amount;
	if (sum >= batch || sum <= -batch) {
		raw_spin_lock(&counter->lock);
		WRITE_ONCE(counter->count, counter->count + sum);
		WRITE_ONCE(*local, 0);
		raw_spin_unlock(&counter->lock);
	} else {
		WRITE_ONCE(*local, (s32)sum);
	}
	local_irq_restore(flags);
}

void percpu_counter_set(struct percpu_counter *counter, s64 value)
{
	unsigned long flags;
	unsigned int cpu;

	raw_spin_lock_irqsave(&counter->lock, flags);
	for_each_possible_cpu(cpu)
		WRITE_ONCE(*per_cpu_ptr(counter->local, cpu), 0);
	WRITE_ONCE(counter->count, value);
	raw_spin_unlock_irqrestore(&counter->lock, flags);
}

/* The lock keeps parts from being counted on both sides, or on none, while they are passed on. */
s64 percpu_counter_sum(struct percpu_counter *counter)
{
	unsigned long flags;
	unsigned int cpu;
	s64 sum;

	raw_spin_lock_irqsave(&counter->lock, flags);
	sum = counter->count;
	for_each_possible_cpu(cpu)
		sum += READ_ONCE(*per_cpu_ptr(counter->local, cpu));
	raw_spin_unlock_irqrestore(&counter->lock, flags);
	return sum;
}

int percpu_counter_compare(struct percpu_counter *counter, s64 limit)
{
	s64 margin = (s64)PERCPU_COUNTER_BATCH * nr_cpu_ids;
	s64 count = percpu_counter_read(counter);

	if (count - limit <= margin && limit - count <= margin)
		count = percpu_counter_sum(counter);
	return (count > limit) - (count < limit);
}
