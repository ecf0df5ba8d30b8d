/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A tree of processes: each forks FAN children until the tree is DEPTH levels deep, waits for all,
 * and returns by its exit status how many processes its part of the tree had.  So the root knows
 * the size of the whole without any memory shared: status is what fork and wait pass upwards.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#define DEPTH 5
#define FAN   2
#define TOTAL ((1 << DEPTH) - 1) /* for FAN 2; must fit into the 8 bits of a status */

static int grow(int level);

/* Starts one child and leaves in it with its part of the sum. */
static void start_child(int level)
{
	pid_t child = fork();

	if (child < 0) {
		perror("forktree: fork");
		exit(0);
	}
	if (!child)
		exit(grow(level));
}

static int grow(int level)
{
	int total = 1, status;

	dprintf(1, "%*sprocess %d, child of %d\n", 2 * level, "", getpid(), getppid());
	if (level == DEPTH - 1)
		return total;
	for (int i = 0; i < FAN; i++)
		start_child(level + 1);
	while (wait(&status) > 0)
		total += WIFEXITED(status) ? WEXITSTATUS(status) : 0;
	return total;
}

int main(void)
{
	int total = grow(0);

	dprintf(1, "forktree: %d processes, expected %d\n", total, TOTAL);
	return total == TOTAL ? 0 : 1;
}
