/* SPDX-License-Identifier: GPL-2.0-only */
#include <arch/timer.h>
#include <host.h>
#include <oshit/atomic.h>
#include <oshit/clock.h>
#include <oshit/hrtimer.h>
#include <oshit/irqflags.h>

#include "sim_timer.h"

u64 sim_now_ns;
u64 sim_event_ns[NR_CPUS];
unsigned long sim_nr_sets;

u64 clock_ns(void)
{
	return __atomic_load_n(&sim_now_ns, __ATOMIC_RELAXED);
}

void arch_timer_set(u64 deadline_ns)
{
	sim_event_ns[smp_processor_id()] = deadline_ns;
	__atomic_fetch_add(&sim_nr_sets, 1, __ATOMIC_RELAXED);
}

void arch_timer_stop(void)
{
	sim_event_ns[smp_processor_id()] = HRTIMER_NO_DEADLINE;
}

void sim_reset(void)
{
	host_cpus_reset();
	sim_now_ns = 0;
	sim_nr_sets = 0;
	for (unsigned int cpu = 0; cpu < NR_CPUS; cpu++)
		sim_event_ns[cpu] = HRTIMER_NO_DEADLINE;
}

void sim_on_cpu(unsigned int cpu, void (*fn)(void))
{
	unsigned int self = smp_processor_id();
	unsigned long flags;

	host_cpu_enter(cpu);
	local_irq_save(flags);
	fn();
	local_irq_restore(flags);
	host_cpu_enter(self);
}

void sim_take_interrupts(unsigned int cpu)
{
	while (sim_event_ns[cpu] <= clock_ns()) {
		sim_event_ns[cpu] = HRTIMER_NO_DEADLINE;
		sim_on_cpu(cpu, hrtimer_interrupt);
	}
}
