/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Runs selftest programs one after the other, each under a time limit, and makes one report of
 * theirs: a program is a test, its cases are indented below it.
 *
 *	run FOLDER PROGRAM...		on any Linux; PROGRAM is relative to FOLDER
 *
 * As process 1 it takes folder and programs from /selftests, one a line in /selftests/list, and
 * powers the machine off at the end: the machine is then a test of its own.  It begins with what
 * only process 1 can try: signals that would end others, and execve() by a thread.
 *
 * A program that does not end in time is killed with its process group.  The limit is in seconds,
 * SELFTEST_SECONDS or 60.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define FOLDER	     "/selftests"
#define MAX_PROGRAMS 256
#define MAX_LIST     16384
#define NAP_NS	     (2 * 1000 * 1000)

static double seconds_now(void)
{
	struct timespec now = { 0 };

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static double limit(void)
{
	const char *text = getenv("SELFTEST_SECONDS");

	return text ? atof(text) : 60;
}

/* Reaps until @child has ended, others that init has inherited as well; false after the limit. */
static bool wait_within_limit(pid_t child, int *status)
{
	const struct timespec nap = { .tv_nsec = NAP_NS };
	double deadline = seconds_now() + limit();

	for (;;) {
		int other = 0;
		pid_t ended = waitpid(-1, &other, WNOHANG);

		if (ended == child) {
			*status = other;
			return true;
		}
		if (ended > 0)
			continue;
		if (ended < 0 || seconds_now() > deadline)
			return false;
		nanosleep(&nap, NULL);
	}
}

static _Noreturn void become(const char *folder, const char *program)
{
	struct rlimit no_core;
	char path[4096];

	getrlimit(RLIMIT_CORE, &no_core);
	no_core.rlim_cur = 0;
	setrlimit(RLIMIT_CORE, &no_core);
	setpgid(0, 0);
	setenv("TAP_INDENT", "4", 1);
	snprintf(path, sizeof(path), "%s/%s", folder, program);
	execl(path, path, (char *)NULL);
	dprintf(1, "# %s: %s\n", path, strerror(errno));
	_exit(127);
}

/* True if every case passed or was skipped. */
static bool run(const char *folder, const char *program)
{
	int status = -1;
	pid_t child = fork();

	if (!child)
		become(folder, program);
	if (child < 0)
		return false;
	if (!wait_within_limit(child, &status)) {
		dprintf(1, "# %s: not at its end after %.0f s\n", program, limit());
		kill(-child, SIGKILL);
		waitpid(child, &status, 0);
		return false;
	}
	kill(-child, SIGKILL); /* what it has left behind */
	if (!status || (WIFEXITED(status) && WEXITSTATUS(status) == 1))
		return !status;
	dprintf(1, "# %s: ended with wait status %#x\n", program, status);
	return false;
}

static int run_all(const char *folder, char **programs, int nr)
{
	int failed = 0;

	dprintf(1, "TAP version 13\n1..%d\n", nr);
	for (int i = 0; i < nr; i++) {
		bool ok = run(folder, programs[i]);

		dprintf(1, "%s %d - %s\n", ok ? "ok" : "not ok", i + 1, programs[i]);
		failed += !ok;
	}
	return failed ? 1 : 0;
}

/* The lines of /selftests/list. */
static int read_list(char **programs)
{
	static char text[MAX_LIST];
	char *rest = NULL;
	int nr = 0, fd = open(FOLDER "/list", O_RDONLY);
	ssize_t len = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);

	if (len < 0) {
		dprintf(1, "Bail out! %s: %s\n", FOLDER "/list", strerror(errno));
		return 0;
	}
	close(fd);
	for (char *line = strtok_r(text, "\n", &rest); line && nr < MAX_PROGRAMS;
	     line = strtok_r(NULL, "\n", &rest))
		programs[nr++] = line;
	return nr;
}

/* Process 1 is spared a signal that would end it, also one that comes while it blocks it. */
static void survive_signal(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigprocmask(SIG_BLOCK, &set, NULL);
	kill(1, SIGTERM);
	sigprocmask(SIG_UNBLOCK, &set, NULL);
	kill(1, SIGKILL);
}

static int execute_again(void *path)
{
	execl(path, path, "again", NULL);
	_exit(1);
}

/* A thread takes the place of process 1, whose first thread ends thereby. */
static void execute_in_thread(char *path)
{
	static char stack[65536] __attribute__((aligned(16)));

	clone(execute_again, stack + sizeof(stack),
	      CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD, path);
	for (;;)
		pause();
}

int main(int argc, char **argv)
{
	static char *programs[MAX_PROGRAMS];

	if (getpid() == 1) {
		survive_signal();
		if (argc < 2 || strcmp(argv[1], "again"))
			execute_in_thread(argv[0]);
		mount("proc", "/proc", "proc", 0, NULL); /* tests that need it look */
		mount("sysfs", "/sys", "sysfs", 0, NULL);
		run_all(FOLDER, programs, read_list(programs));
		sync();
		return reboot(RB_POWER_OFF);
	}
	if (argc < 3) {
		dprintf(2, "usage: %s FOLDER PROGRAM...\n", argv[0]);
		return 2;
	}
	return run_all(argv[1], argv + 2, argc - 2);
}
