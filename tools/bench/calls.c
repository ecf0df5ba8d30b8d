/* SPDX-License-Identifier: GPL-2.0-only */
/* Calls that do little: the price of entering the kernel, and of asking for the time. */
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "bench.h"

/* A plain loop of the program, for comparison: what the machine itself gives. */
static void user_loop(unsigned long count)
{
	for (unsigned long i = 0; i < count; i++)
		__asm__ volatile("" ::: "memory");
}

static void null_call(unsigned long count)
{
	for (unsigned long i = 0; i < count; i++)
		syscall(SYS_getppid);
}

static void unknown_call(unsigned long count)
{
	for (unsigned long i = 0; i < count; i++)
		syscall(1000);
}

static void clock_call(unsigned long count)
{
	struct timespec now;

	for (unsigned long i = 0; i < count; i++)
		syscall(SYS_clock_gettime, CLOCK_MONOTONIC, &now);
}

static void clock_library(unsigned long count)
{
	struct timespec now;

	for (unsigned long i = 0; i < count; i++)
		clock_gettime(CLOCK_MONOTONIC, &now);
}

const struct metric call_metrics[] = {
	{ "user_loop", user_loop, "a turn of an empty loop" },
	{ "null_call", null_call, "getppid" },
	{ "unknown_call", unknown_call, "a number that is no call" },
	{ "clock_call", clock_call, "clock_gettime by system call" },
	{ "clock_library", clock_library,
	  "clock_gettime of the library: by the vDSO, if there is one" },
	{ 0 },
};
