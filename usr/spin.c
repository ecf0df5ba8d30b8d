/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Who gets the CPU?  Two processes for each CPU count as fast as they can for half a second.  All
 * have the same priority, so a fair scheduler lets them come equally far; a round-robin one
 * nearly so.  The counts meet in a page shared by all.
 */
#define _GNU_SOURCE
#include <sched.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define NS_PER_S  1000000000L
#define RUN_NS	  (NS_PER_S / 2)
#define MAX_SPINS 64

static long now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * NS_PER_S + now.tv_nsec;
}

static int nr_cpus(void)
{
	cpu_set_t set;

	return sched_getaffinity(0, sizeof(set), &set) ? 1 : CPU_COUNT(&set);
}

int main(void)
{
	int nr = 2 * nr_cpus() < MAX_SPINS ? 2 * nr_cpus() : MAX_SPINS;
	long until = now_ns() + RUN_NS, least, most = 0;
	volatile long *counts = mmap(NULL, MAX_SPINS * sizeof(long), PROT_READ | PROT_WRITE,
				     MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (counts == MAP_FAILED)
		return 1;
	for (int i = 0; i < nr; i++) {
		if (!fork()) {
			while (now_ns() < until)
				counts[i]++;
			_exit(0);
		}
	}
	while (wait(NULL) > 0)
		;
	least = counts[0];
	for (int i = 0; i < nr; i++) {
		dprintf(1, "spin: process %d of %d counted to %ld\n", i + 1, nr, counts[i]);
		least = counts[i] < least ? counts[i] : least;
		most = counts[i] > most ? counts[i] : most;
	}
	dprintf(1, "spin: the last came %ld %% as far as the first\n",
		most ? least * 100 / most : 0);
	return least ? 0 : 1;
}
