/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Sorting by sleeping.  One child for each number sleeps until start + number: absolute deadlines,
 * so it does not matter how long the forks take, and the kernel's timer queue does the sorting.
 * The children end in the order of their deadlines; wait tells the parent.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static const unsigned char numbers[] = { 70, 10, 50, 90, 20, 40, 80, 30, 60 };

#define NR	(sizeof(numbers) / sizeof(numbers[0]))
#define TICK_NS (4 * 1000 * 1000L) /* between two numbers that differ by one: 4 ms */

static void sleep_and_tell(struct timespec start, unsigned char number)
{
	long ns = start.tv_nsec + number * TICK_NS;
	struct timespec until = { start.tv_sec + ns / 1000000000, ns % 1000000000 };

	clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL);
	exit(number);
}

int main(void)
{
	struct timespec start;
	int status, last = 0, sorted = 1;

	clock_gettime(CLOCK_MONOTONIC, &start);
	for (size_t i = 0; i < NR; i++) {
		pid_t child = fork();

		if (!child)
			sleep_and_tell(start, numbers[i]);
		if (child < 0)
			return 1;
	}
	for (size_t i = 0; i < NR && wait(&status) > 0; i++) {
		dprintf(1, "sleepers: %d wakes\n", WEXITSTATUS(status));
		sorted &= WEXITSTATUS(status) >= last;
		last = WEXITSTATUS(status);
	}
	dprintf(1, "sleepers: %s\n", sorted ? "sorted" : "not sorted");
	return sorted ? 0 : 1;
}
