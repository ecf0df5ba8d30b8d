/* SPDX-License-Identifier: GPL-2.0-only */
/* For programs of one file that are process 1 of a machine of their own. */
#ifndef BENCH_ALONE_H
#define BENCH_ALONE_H

#include <stdio.h>
#include <sys/reboot.h>
#include <time.h>
#include <unistd.h>

static inline long long now_ns(void) /* CLOCK_MONOTONIC */
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000000LL + now.tv_nsec;
}

/* Says why, and ends the process; of process 1 the machine. */
static inline _Noreturn void fail(const char *what)
{
	perror(what);
	if (getpid() == 1)
		reboot(RB_POWER_OFF);
	_exit(1);
}

#endif
