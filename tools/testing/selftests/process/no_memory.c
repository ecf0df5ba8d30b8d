/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Calls whose allocations fail.  A kernel with fault injection ("fail_alloc=N" on this kernel's
 * command line) lets some allocations fail that a task named "fail_alloc" makes; on others these
 * calls simply succeed.  Each either works, or fails with an errno that says so, or, where a page
 * cannot be had, ends the program by SIGKILL; and nothing is lost.
 */
#include <sys/prctl.h>
#include <sys/sysinfo.h>

#include "selftest.h"

static bool is_no_memory(long result)
{
	return result == -ENOMEM || result == -EAGAIN;
}

static void fork_and_wait(void)
{
	long pid = kcall(SYS_fork);
	int status;

	if (!pid)
		_exit(0);
	if (pid < 0 && !is_no_memory(pid))
		_exit(2);
	if (pid > 0)
		kcall(SYS_wait4, pid, &status, 0, NULL);
}

/* Maps, splits areas, touches, unmaps. */
static void map_and_unmap(void)
{
	long addr = kcall(SYS_mmap, 0, 16 * PAGE, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	long err;

	if (addr < 0 && addr > -4096) {
		if (addr != -ENOMEM)
			_exit(3);
		return;
	}
	*(volatile char *)addr = 1;
	err = kcall(SYS_mprotect, addr + 4 * PAGE, PAGE, PROT_READ);
	if (err && err != -ENOMEM)
		_exit(4);
	err = kcall(SYS_munmap, addr + 8 * PAGE, PAGE);
	if (err && err != -ENOMEM)
		_exit(5);
	if (kcall(SYS_munmap, addr, 16 * PAGE) && kcall(SYS_munmap, addr, 16 * PAGE) &&
	    kcall(SYS_munmap, addr, 16 * PAGE))
		_exit(6);
}

static void open_and_close(void)
{
	int fds[2];
	long err = kcall(SYS_pipe2, fds, 0), fd;

	if (err && err != -ENOMEM && err != -ENFILE)
		_exit(7);
	if (err)
		return;
	fd = kcall(SYS_dup, fds[0]);
	if (fd >= 0)
		close((int)fd);
	else if (fd != -ENOMEM)
		_exit(8);
	close(fds[0]);
	close(fds[1]);
}

static int nothing(void *arg __maybe_unused)
{
	return 0;
}

static void clone_thread(void)
{
	static char stack[16384] __attribute__((aligned(16)));
	int pid = clone(nothing, stack + sizeof(stack), CLONE_VM | CLONE_FILES | CLONE_FS | SIGCHLD,
			NULL);

	if (pid < 0 && errno != ENOMEM && errno != EAGAIN)
		_exit(9);
	if (pid > 0)
		waitpid(pid, NULL, 0);
}

static void execute_self(void)
{
	char *const argv[] = { (char *)self_path(), "--helper", "x", NULL };
	char *const envp[] = { NULL };
	long pid = kcall(SYS_vfork), err;
	int status = 0;

	if (!pid) {
		err = kcall(SYS_execve, self_path(), argv, envp);
		kcall(SYS_exit_group, err == -ENOMEM || err == -EAGAIN ? 61 : 10);
	}
	if (pid < 0) {
		if (!is_no_memory(pid))
			_exit(11);
		return;
	}
	kcall(SYS_wait4, pid, &status, 0, NULL);
	/* Behind the point of no return there is nobody to tell. */
	if (!(WIFEXITED(status) && WEXITSTATUS(status) == 61) && !WIFSIGNALED(status))
		_exit(12);
}

int selftest_helper(int argc __maybe_unused, char **argv __maybe_unused)
{
	return 61;
}

static void work(void *fn)
{
	if (prctl(PR_SET_NAME, "fail_alloc"))
		_exit(1);
	for (unsigned int i = 0; i < rounds(5, 60); i++)
		((void (*)(void))fn)();
}

static unsigned long free_kib(void)
{
	struct sysinfo info;

	return sysinfo(&info) ? 0 : info.freeram * info.mem_unit / 1024;
}

/* One process after the other does it, until each is ended by the kernel or has done its rounds. */
static void survives(struct test *t, void (*fn)(void))
{
	unsigned long before = 0;

	for (unsigned int i = 0; i < rounds(2, 32); i++) {
		int status = run_in_child(t, work, (void *)fn);

		if (i == 16) /* what caches keep, and a quarantine, is there by then */
			before = free_kib();
		if (WIFSIGNALED(status))
			EXPECT_EQ(t, WTERMSIG(status), SIGKILL);
		else
			EXPECT_EXIT(t, status, 0);
	}
	if (!is_oshit())
		return;
	/* What a task had is given back behind its end, by others. */
	for (int i = 0; i < 100 && free_kib() + 2048 < before; i++)
		sleep_ms(20);
	EXPECT_GE(t, free_kib() + 2048, before);
}

static void fork_without_memory(struct test *t)
{
	survives(t, fork_and_wait);
}

static void clone_without_memory(struct test *t)
{
	survives(t, clone_thread);
}

static void mapping_without_memory(struct test *t)
{
	survives(t, map_and_unmap);
}

static void descriptors_without_memory(struct test *t)
{
	survives(t, open_and_close);
}

static void exec_without_memory(struct test *t)
{
	survives(t, execute_self);
}

static const struct test_case no_memory_cases[] = {
	TEST_CASE(fork_without_memory),	   TEST_CASE(clone_without_memory),
	TEST_CASE(mapping_without_memory), TEST_CASE(descriptors_without_memory),
	TEST_CASE(exec_without_memory),
};
TEST_SUITE(no_memory, no_memory_cases);
