/* SPDX-License-Identifier: GPL-2.0-only */
/* The monitor's view of read-copy-update: rcu. */
#include <linux/errno.h>
#include <oshit/cpumask.h>
#include <oshit/monitor.h>
#include <oshit/rcu.h>

static int monitor_rcu(int argc, char **argv __maybe_unused)
{
	struct rcu_state state;
	unsigned int cpu;

	if (argc != 1)
		return -EINVAL;
	rcu_get_state(&state);
	monitor_printf("%lu grace periods, %lu callbacks, %lu times a CPU was interrupted\n",
		       state.nr_ended, state.nr_called, state.nr_asked);
	if (state.nr_begun == state.nr_ended)
		return 0;
	monitor_printf("one more is under way; it waits for");
	for_each_possible_cpu(cpu)
		if (READ_ONCE(per_cpu(rcu_is_wanted, cpu)))
			monitor_printf(" CPU %u", cpu);
	monitor_printf("\n");
	return 0;
}
MONITOR_COMMAND(rcu, "", "grace periods of read-copy-update, and who holds one up", monitor_rcu);
