/* SPDX-License-Identifier: GPL-2.0-only */
/* Which CPUs there are, and what each is in the middle of. */
#include <oshit/cpumask.h>
#include <oshit/init.h>
#include <oshit/preempt.h>

struct cpumask cpu_possible_mask __ro_after_init = { .bits = { 1 } };
struct cpumask cpu_online_mask = { .bits = { 1 } };
struct cpumask cpu_active_mask = { .bits = { 1 } };

#if NR_CPUS > 1
unsigned int nr_cpu_ids __ro_after_init = 1;
#endif

DEFINE_PER_CPU(unsigned int, preempt_count) = PREEMPT_NO_NEED;
