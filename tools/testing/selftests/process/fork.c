/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * fork and vfork: what the child gets, what it does not share, and many of them.
 */
#include <sys/sysinfo.h>
#include <sys/times.h>

#include "selftest.h"

static void fork_returns_twice(struct test *t)
{
	pid_t parent = getpid();
	long child = kcall(SYS_fork);
	int status;

	if (!child)
		_exit(getppid() == parent && getpid() != parent ? 42 : 1);
	REQUIRE(t, child > 0);
	EXPECT_RET(t, kcall(SYS_wait4, child, &status, 0, NULL), child);
	EXPECT_EXIT(t, status, 42);
}

static void registers_survive_in_the_child(struct test *t)
{
	long pid, r12, r13, rbx;
	int status;

	__asm__ volatile("mov $0x1111111111111111, %%rbx\n\t"
			 "mov $0x2222222222222222, %%r12\n\t"
			 "mov $0x3333333333333333, %%r13\n\t"
			 "mov %4, %%eax\n\t"
			 "syscall\n\t"
			 "mov %%rbx, %1\n\t"
			 "mov %%r12, %2\n\t"
			 "mov %%r13, %3"
			 : "=&a"(pid), "=m"(rbx), "=m"(r12), "=m"(r13)
			 : "i"(SYS_fork)
			 : "rbx", "r12", "r13", "rcx", "r11", "memory");
	if (!pid)
		_exit(rbx != 0x1111111111111111 || r12 != 0x2222222222222222 ||
		      r13 != 0x3333333333333333);
	status = wait_for(t, (pid_t)pid);
	EXPECT_EXIT(t, status, 0);
}

static void floating_point_state_is_inherited(struct test *t)
{
	double in = 1.5, out = 0;
	long pid;

	__asm__ volatile("movsd %2, %%xmm7\n\t"
			 "syscall\n\t"
			 "movsd %%xmm7, %1"
			 : "=a"(pid), "=m"(out)
			 : "m"(in), "0"((long)SYS_fork)
			 : "xmm7", "rcx", "r11", "memory");
	if (!pid)
		_exit(out != 1.5);
	EXPECT_EXIT(t, wait_for(t, (pid_t)pid), 0);
	EXPECT_TRUE(t, out == 1.5);
}

static void child_has_ids_of_its_parent(struct test *t)
{
	pid_t group = getpgrp(), session = getsid(0);
	int status;

	if (!fork())
		_exit(getpgrp() != group || getsid(0) != session || getuid() != getuid());
	wait(&status);
	EXPECT_EXIT(t, status, 0);
}

static void child_starts_with_no_cpu_time(struct test *t)
{
	volatile unsigned long sum = 0;
	struct rusage usage;
	int status;

	do {
		for (int i = 0; i < 1000000; i++)
			sum += (unsigned long)i;
		getrusage(RUSAGE_SELF, &usage);
	} while (usage.ru_utime.tv_sec * 1000000 + usage.ru_utime.tv_usec < 30000);
	if (!fork()) {
		getrusage(RUSAGE_SELF, &usage);
		_exit(usage.ru_utime.tv_sec || usage.ru_utime.tv_usec >= 20000);
	}
	wait(&status);
	EXPECT_EXIT(t, status, 0);
}

static void sleep_long(void *arg __maybe_unused)
{
	sleep_ms(20000);
}

static void child_has_no_children(struct test *t)
{
	pid_t sleeper = start_child(t, sleep_long, NULL);
	int status;

	if (!fork())
		_exit(kcall(SYS_wait4, -1, NULL, 0, NULL) != -ECHILD);
	waitpid(-1, &status, 0);
	EXPECT_EXIT(t, status, 0);
	kill(sleeper, SIGKILL);
	wait_for(t, sleeper);
}

static void file_position_is_shared(struct test *t)
{
	char path[PATH_MAX + 8];
	int fd;

	snprintf(path, sizeof(path), "%s/file", scratch_folder(t));
	fd = open(path, O_RDWR | O_CREAT, 0600);
	REQUIRE(t, fd >= 0 && write(fd, "0123456789", 10) == 10);
	unlink(path);
	lseek(fd, 2, SEEK_SET);
	if (!fork()) {
		lseek(fd, 3, SEEK_CUR);
		_exit(0);
	}
	wait(NULL);
	EXPECT_EQ(t, lseek(fd, 0, SEEK_CUR), 5);
}

static void closing_in_the_child_closes_nothing(struct test *t)
{
	int fd = dup(1);

	REQUIRE(t, fd >= 0);
	if (!fork()) {
		close(fd);
		_exit(0);
	}
	wait(NULL);
	EXPECT_EQ(t, fcntl(fd, F_GETFD), 0);
}

/* --- vfork */

static volatile int vfork_value;

/* Nothing between the call and its end may return in the child: all in one function, in asm. */
static noinline long vfork_and_set(int value)
{
	long pid;

	__asm__ volatile("syscall\n\t"
			 "test %%eax, %%eax\n\t"
			 "jnz 1f\n\t"
			 "mov %2, %1\n\t"
			 "mov $7, %%edi\n\t"
			 "mov %3, %%eax\n\t"
			 "syscall\n"
			 "1:"
			 : "=a"(pid), "=m"(vfork_value)
			 : "r"(value), "i"(SYS_exit), "0"((long)SYS_vfork)
			 : "rcx", "r11", "rdi", "memory");
	return pid;
}

static void vfork_shares_memory_and_waits(struct test *t)
{
	long pid = vfork_and_set(5);

	REQUIRE(t, pid > 0);
	EXPECT_EQ(t, vfork_value, 5);
	EXPECT_EXIT(t, wait_for(t, (pid_t)pid), 7);
}

static void vfork_waits_until_exec(struct test *t)
{
	long long before = now_ns(CLOCK_MONOTONIC), took;
	int ends[2];
	pid_t pid;

	REQUIRE(t, !pipe2(ends, O_CLOEXEC) && dup2(ends[0], 9) == 9);
	pid = vfork();
	if (!pid) {
		sleep_ms(50);
		execl(self_path(), self_path(), "--helper", "wait", NULL);
		_exit(1);
	}
	took = now_ns(CLOCK_MONOTONIC) - before;
	EXPECT_GE(t, took, 50 * 1000000LL); /* the parent waited for exec ... */
	EXPECT_EQ(t, waitpid(pid, NULL, WNOHANG), 0); /* ... and not for exit */
	close(ends[1]);
	EXPECT_EXIT(t, wait_for(t, pid), 3);
}

/* --- many */

static void stack_of_forks_unwinds(struct test *t)
{
	int depth = (int)rounds(50, 500), level, status = 0;

	for (level = 0; level < depth; level++) {
		pid_t pid = fork();

		REQUIRE(t, pid >= 0);
		if (pid) {
			waitpid(pid, &status, 0);
			break;
		}
	}
	if (level == depth)
		_exit(0); /* the deepest */
	if (level)
		_exit(status ? 1 : 0);
	EXPECT_EXIT(t, status, 0);
}

/* Without what caches keep, and what KASAN holds back of freed memory. */
static unsigned long free_kib(void)
{
	struct sysinfo info;
	int fd = is_oshit() ? open("/proc/sys/vm/drop_caches", O_WRONLY) : -1;

	if (fd >= 0) {
		(void)!write(fd, "2", 1);
		close(fd);
	}
	return sysinfo(&info) ? 0 : info.freeram * info.mem_unit / 1024;
}

static void thousands_of_forks_leave_nothing(struct test *t)
{
	unsigned long before, after;

	for (int i = 0; i < 50; i++) { /* what is kept for the next time */
		if (!fork())
			_exit(0);
		wait(NULL);
	}
	before = free_kib();
	for (unsigned int i = 0; i < rounds(500, 5000); i++) {
		pid_t pid = fork();

		REQUIRE(t, pid >= 0);
		if (!pid)
			_exit(i & 0x7f);
		EXPECT_EXIT(t, wait_for(t, pid), (int)(i & 0x7f));
	}
	after = free_kib();
	if (is_oshit() && after < before)
		EXPECT_LT(t, before - after, 2048); /* 400 bytes a fork, were they lost */
}

static void many_at_once(struct test *t)
{
	int nr = (int)rounds(100, 1000), ended = 0, status;
	pid_t pid;

	for (int i = 0; i < nr; i++) {
		pid = fork();
		REQUIRE(t, pid >= 0);
		if (!pid) {
			sleep_ms(20);
			_exit(5);
		}
	}
	while ((pid = wait(&status)) > 0) {
		EXPECT_EXIT(t, status, 5);
		ended++;
	}
	EXPECT_EQ(t, ended, nr);
}

static void limit_of_processes_holds(struct test *t)
{
	struct rlimit limit = { 3, 3 };
	long got[6];
	int nr = 0;

	SKIP_UNLESS_ROOT(t);
	REQUIRE(t, setrlimit(RLIMIT_NPROC, &limit) == 0 && setresuid(54321, 54321, 54321) == 0);
	for (int i = 0; i < 6; i++) {
		got[i] = kcall(SYS_fork);
		if (!got[i])
			for (;;)
				pause();
		nr += got[i] > 0;
		if (got[i] < 0)
			EXPECT_RET(t, got[i], -EAGAIN);
	}
	EXPECT_EQ(t, nr, 2); /* and the parent */
	for (int i = 0; i < 6; i++)
		if (got[i] > 0)
			kill((pid_t)got[i], SIGKILL);
	while (wait(NULL) > 0)
		;
}

/* "wait": the vforked program ends with the pipe that is descriptor 9 */
int selftest_helper(int argc __maybe_unused, char **argv __maybe_unused)
{
	char byte;

	return read(9, &byte, 1) ? 4 : 3;
}

static const struct test_case fork_cases[] = {
	TEST_CASE(fork_returns_twice),
	TEST_CASE(registers_survive_in_the_child),
	TEST_CASE(floating_point_state_is_inherited),
	TEST_CASE(child_has_ids_of_its_parent),
	TEST_CASE(child_starts_with_no_cpu_time),
	TEST_CASE(child_has_no_children),
	TEST_CASE(file_position_is_shared),
	TEST_CASE(closing_in_the_child_closes_nothing),
	TEST_CASE(vfork_shares_memory_and_waits),
	TEST_CASE(vfork_waits_until_exec),
	TEST_CASE(stack_of_forks_unwinds),
	TEST_CASE(thousands_of_forks_leave_nothing),
	TEST_CASE(many_at_once),
	TEST_CASE(limit_of_processes_holds),
};
TEST_SUITE(fork, fork_cases);
