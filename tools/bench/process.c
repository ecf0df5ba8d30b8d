/* SPDX-License-Identifier: GPL-2.0-only */
/* Processes and threads: made, replaced, ended. */
#include <pthread.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench.h"

static void wait_for(pid_t child)
{
	if (child < 0)
		unsupported("fork");
	if (waitpid(child, NULL, 0) != child)
		unsupported("waitpid");
}

static void fork_exit(unsigned long count)
{
	for (unsigned long i = 0; i < count; i++) {
		pid_t child = fork();

		if (!child)
			_exit(0);
		wait_for(child);
	}
}

/* The same with @mib MiB that were touched: what page tables cost. */
static void fork_resident(unsigned long count, size_t mib)
{
	char *memory;

	pause_clock();
	memory = mmap(NULL, mib << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (memory == MAP_FAILED)
		unsupported("mmap");
	madvise(memory, mib << 20, MADV_NOHUGEPAGE);
	memset(memory, 1, mib << 20);
	resume_clock();
	fork_exit(count);
	pause_clock();
	munmap(memory, mib << 20);
	resume_clock();
}

static void fork_16m(unsigned long count)
{
	fork_resident(count, 16);
}

static void fork_exec(unsigned long count)
{
	for (unsigned long i = 0; i < count; i++) {
		pid_t child = fork();

		if (!child) {
			execl(self_path, self_path, "--exit", (char *)NULL);
			_exit(1);
		}
		wait_for(child);
	}
}

/* A function of its own: the child writes to its frame. */
static __attribute__((noinline)) pid_t vfork_and_exec(void)
{
	pid_t child = vfork();

	if (!child) {
		execl(self_path, self_path, "--exit", (char *)NULL);
		_exit(1);
	}
	return child;
}

static void vfork_exec(unsigned long count)
{
	for (unsigned long i = 0; i < count; i++)
		wait_for(vfork_and_exec());
}

static void *nothing(void *arg)
{
	return arg;
}

static void thread_create_join(unsigned long count)
{
	for (unsigned long i = 0; i < count; i++) {
		pthread_t thread;

		if (pthread_create(&thread, NULL, nothing, NULL))
			unsupported("pthread_create");
		pthread_join(thread, NULL);
	}
}

const struct metric process_metrics[] = {
	{ "fork_exit", fork_exit, "fork, exit, wait" },
	{ "fork_exit_16m", fork_16m, "the same with 16 MiB resident" },
	{ "fork_exec", fork_exec, "fork, exec of this program, exit, wait" },
	{ "vfork_exec", vfork_exec, "vfork, exec of this program, exit, wait" },
	{ "thread_create_join", thread_create_join, "a thread from birth to end" },
	{ 0 },
};
