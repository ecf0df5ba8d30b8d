/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Affinity.  Asks on which CPUs this process may run, then binds itself to each in turn and looks
 * where it is: after sched_setaffinity returns, it must be on the one allowed.
 */
#define _GNU_SOURCE
#include <sched.h>
#include <stdio.h>

/* 0 if the process runs on @cpu, and on it alone, once it is bound to it. */
static int visit(int cpu)
{
	cpu_set_t only;

	CPU_ZERO(&only);
	CPU_SET(cpu, &only);
	if (sched_setaffinity(0, sizeof(only), &only)) {
		perror("pin: sched_setaffinity");
		return 1;
	}
	dprintf(1, "pin: bound to CPU %d, running on CPU %d\n", cpu, sched_getcpu());
	return sched_getcpu() != cpu;
}

int main(void)
{
	cpu_set_t allowed;
	int wrong = 0;

	if (sched_getaffinity(0, sizeof(allowed), &allowed)) {
		perror("pin: sched_getaffinity");
		return 1;
	}
	dprintf(1, "pin: may run on %d CPUs\n", CPU_COUNT(&allowed));
	for (int cpu = 0; cpu < CPU_SETSIZE; cpu++) {
		if (CPU_ISSET(cpu, &allowed))
			wrong += visit(cpu);
	}
	return wrong ? 1 : 0;
}
