/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A child that never gives the CPU back.  It makes no system call, so only the timer interrupt can
 * take the CPU away: on a kernel that preempts, the parent goes on with its work, even on one CPU,
 * and ends the child when it has seen enough.
 */
#include <signal.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define NR_ROUNDS 5

static _Noreturn void be_evil(void)
{
	for (;;)
		__asm__ volatile("" ::: "memory");
}

int main(void)
{
	const struct timespec nap = { .tv_nsec = 50 * 1000 * 1000 };
	struct rusage usage;
	int status;
	pid_t child = fork();

	if (child < 0) {
		perror("evilchild: fork");
		return 1;
	}
	if (!child)
		be_evil();
	for (int i = 1; i <= NR_ROUNDS; i++) {
		nanosleep(&nap, NULL);
		dprintf(1, "evilchild: the parent still runs, round %d of %d\n", i, NR_ROUNDS);
	}
	kill(child, SIGKILL);
	if (wait4(child, &status, 0, &usage) != child || !WIFSIGNALED(status))
		return 1;
	dprintf(1, "evilchild: the child is dead (signal %d) and has used %ld ms of CPU time\n",
		WTERMSIG(status), usage.ru_utime.tv_sec * 1000 + usage.ru_utime.tv_usec / 1000);
	return 0;
}
