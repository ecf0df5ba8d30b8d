/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * process_vm_readv and process_vm_writev: bytes in pieces from one process to another, how far a
 * call gets before what is not there, and who may.
 */
#include <sys/prctl.h>
#include <sys/uio.h>

#include "selftest.h"

#define RW (PROT_READ | PROT_WRITE)

/* A child that has the same memory, and waits until it is killed. */
static pid_t start_idle_child(struct test *t)
{
	pid_t child = fork();

	REQUIRE(t, child >= 0);
	if (!child) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		for (;;)
			pause();
	}
	return child;
}

static void end_child(pid_t child)
{
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
}

static long read_from(pid_t pid, void *to, size_t len, const void *from, size_t from_len)
{
	struct iovec local = { to, len }, remote = { (void *)from, from_len };

	return kcall(SYS_process_vm_readv, pid, &local, 1, &remote, 1, 0);
}

static long write_to(pid_t pid, const void *from, size_t len, void *to, size_t to_len)
{
	struct iovec local = { (void *)from, len }, remote = { to, to_len };

	return kcall(SYS_process_vm_writev, pid, &local, 1, &remote, 1, 0);
}

static void fill(char *addr, size_t len, unsigned int first)
{
	for (size_t i = 0; i < len; i++)
		addr[i] = (char)(i * 7 + first);
}

static void a_child_is_read_and_written(struct test *t)
{
	char *addr = map_anon(t, 8 * PAGE, RW), *copy = map_anon(t, 8 * PAGE, RW);
	pid_t child;

	fill(addr, 8 * PAGE, 1);
	child = start_idle_child(t);
	/* The child keeps what it had when it was made. */
	fill(addr, 8 * PAGE, 2);
	EXPECT_RET(t, read_from(child, copy, 6 * PAGE, addr + 100, 6 * PAGE), 6 * PAGE);
	for (size_t i = 0; i < 6 * PAGE; i++)
		if (copy[i] != (char)((i + 100) * 7 + 1))
			test_fail(t, __FILE__, __LINE__, "byte %zu", i);
	fill(copy, 8 * PAGE, 3);
	EXPECT_RET(t, write_to(child, copy, 3 * PAGE, addr + 50, 3 * PAGE), 3 * PAGE);
	/* Not to the parent, which had the same pages. */
	EXPECT_EQ(t, addr[50], (char)(50 * 7 + 2));
	EXPECT_RET(t, read_from(child, copy + 4 * PAGE, 3 * PAGE, addr + 50, 3 * PAGE), 3 * PAGE);
	EXPECT_EQ(t, memcmp(copy + 4 * PAGE, copy, 3 * PAGE), 0);
	EXPECT_RET(t, read_from(child, copy, 50, addr, 50), 50);
	EXPECT_EQ(t, copy[49], (char)(49 * 7 + 1));
	end_child(child);
}

static void pages_that_were_never_touched(struct test *t)
{
	char *addr = map_anon(t, 4 * PAGE, RW), copy[100] = { 1 };
	pid_t child = start_idle_child(t);

	EXPECT_RET(t, read_from(child, copy, 100, addr + PAGE - 50, 100), 100);
	for (int i = 0; i < 100; i++)
		EXPECT_EQ(t, copy[i], 0);
	EXPECT_RET(t, write_to(child, "words", 5, addr + 2 * PAGE, 5), 5);
	EXPECT_RET(t, read_from(child, copy, 5, addr + 2 * PAGE, 5), 5);
	EXPECT_EQ(t, memcmp(copy, "words", 5), 0);
	EXPECT_EQ(t, addr[2 * PAGE], 0);
	end_child(child);
}

static void pieces_need_not_agree(struct test *t)
{
	char from[64], to[3][16];
	struct iovec local[] = { { to[0], 3 }, { to[1], 0 }, { to[1], 13 }, { to[2], 5 } };
	struct iovec remote[] = { { from, 1 }, { from + 1, 9 }, { NULL, 0 }, { from + 10, 50 } };
	int self = getpid();

	fill(from, sizeof(from), 9);
	EXPECT_RET(t, kcall(SYS_process_vm_readv, self, local, 4, remote, 4, 0), 21);
	EXPECT_EQ(t, memcmp(to[0], from, 3), 0);
	EXPECT_EQ(t, memcmp(to[1], from + 3, 13), 0);
	EXPECT_EQ(t, memcmp(to[2], from + 16, 5), 0);
	/* The other side ends first. */
	EXPECT_RET(t, kcall(SYS_process_vm_readv, self, local, 4, remote, 2, 0), 10);
	EXPECT_RET(t, kcall(SYS_process_vm_writev, self, local, 4, remote, 4, 0), 21);
}

static void bytes_before_the_gap_are_moved(struct test *t)
{
	char *addr = map_anon(t, 4 * PAGE, RW), *copy = map_anon(t, 4 * PAGE, RW);
	int self = getpid();

	fill(addr, 4 * PAGE, 1);
	REQUIRE(t, munmap(addr + 2 * PAGE, PAGE) == 0);
	EXPECT_RET(t, read_from(self, copy, 4 * PAGE, addr + 10, 4 * PAGE - 10), 2 * PAGE - 10);
	EXPECT_EQ(t, memcmp(copy, addr + 10, 2 * PAGE - 10), 0);
	EXPECT_RET(t, read_from(self, copy, PAGE, addr + 2 * PAGE, PAGE), -EFAULT);
	REQUIRE(t, mprotect(addr + PAGE, PAGE, PROT_READ) == 0);
	EXPECT_RET(t, write_to(self, copy, 2 * PAGE, addr, 2 * PAGE), PAGE);
	EXPECT_RET(t, write_to(self, copy, PAGE, addr + PAGE, PAGE), -EFAULT);
	REQUIRE(t, mprotect(addr, PAGE, PROT_NONE) == 0);
	EXPECT_RET(t, read_from(self, copy, PAGE, addr, PAGE), -EFAULT);
	REQUIRE(t, mprotect(addr, PAGE, PROT_EXEC) == 0);
	EXPECT_RET(t, read_from(self, copy, PAGE, addr, PAGE), -EFAULT);
}

static void bad_calls_table(struct test *t)
{
	char byte = 1, *hole = map_anon(t, PAGE, PROT_NONE);
	const struct iovec good = { &byte, 1 }, none = { &byte, 0 }, negative = { &byte, -1UL },
			   kernel = { (void *)0xffffffff80000000UL, 1 };
	const long self = getpid(), p = PTR(&good), nobody = 0x3fffff;
	const struct call_row rows[] = {
		CALL(1, process_vm_readv, self, p, 1, p, 1, 0),
		CALL(-EINVAL, process_vm_readv, self, p, 1, p, 1, 1),
		CALL(-EINVAL, process_vm_writev, self, p, 1, p, 1, -1),
		CALL(-EINVAL, process_vm_readv, self, p, 1025, p, 1, 0),
		CALL(-EINVAL, process_vm_readv, self, p, 1, p, 1025, 0),
		CALL(-EINVAL, process_vm_readv, self, PTR(&negative), 1, p, 1, 0),
		CALL(-EINVAL, process_vm_readv, self, p, 1, PTR(&negative), 1, 0),
		CALL(-EFAULT, process_vm_readv, self, PTR(hole), 1, p, 1, 0),
		CALL(-EFAULT, process_vm_readv, self, p, 1, PTR(hole), 1, 0),
		CALL(-EFAULT, process_vm_readv, self, PTR(&kernel), 1, p, 1, 0),
		CALL(-EFAULT, process_vm_readv, self, p, 1, PTR(&kernel), 1, 0),
		CALL(-EFAULT, process_vm_writev, self, p, 1, PTR(&kernel), 1, 0),
		CALL(-ESRCH, process_vm_readv, nobody, p, 1, p, 1, 0),
		CALL(-ESRCH, process_vm_readv, -1, p, 1, p, 1, 0),
		CALL(-ESRCH, process_vm_readv, 0, p, 1, p, 1, 0),
		/* Nothing to move: nobody is looked for. */
		CALL(0, process_vm_readv, nobody, PTR(&none), 1, p, 1, 0),
		CALL(0, process_vm_readv, nobody, p, 1, PTR(&none), 1, 0),
		CALL(0, process_vm_readv, nobody, p, 0, p, 1, 0),
		CALL(0, process_vm_readv, nobody, p, 1, p, 0, 0),
		CALL(0, process_vm_readv, nobody, 0, 0, PTR(hole), 1, 0),
	};

	EXPECT_CALLS(t, rows);
}

static void the_dead_have_no_memory(struct test *t)
{
	char byte;
	pid_t child = fork();

	if (!child)
		_exit(0);
	REQUIRE(t, waitid(P_PID, child, NULL, WEXITED | WNOWAIT) == 0);
	EXPECT_RET(t, read_from(child, &byte, 1, &byte, 1), -ESRCH);
	waitpid(child, NULL, 0);
	EXPECT_RET(t, read_from(child, &byte, 1, &byte, 1), -ESRCH);
}

static void others_may_not(struct test *t)
{
	char byte = 1;
	pid_t child;

	SKIP_UNLESS_ROOT(t);
	child = start_idle_child(t); /* root's */
	become_nobody(t);
	EXPECT_RET(t, read_from(child, &byte, 1, &byte, 1), -EPERM);
	EXPECT_RET(t, write_to(child, &byte, 1, &byte, 1), -EPERM);
	EXPECT_RET(t, read_from(getppid(), &byte, 1, &byte, 1), -EPERM);
	EXPECT_RET(t, read_from(getpid(), &byte, 1, &byte, 1), 1);
	/* One's own child, unless it says no. */
	child = start_idle_child(t);
	EXPECT_RET(t, read_from(child, &byte, 1, &byte, 1), -EPERM); /* setuid() made it so */
	prctl(PR_SET_DUMPABLE, 1);
	child = start_idle_child(t);
	EXPECT_RET(t, read_from(child, &byte, 1, &byte, 1), 1);
	prctl(PR_SET_DUMPABLE, 0);
	child = start_idle_child(t);
	EXPECT_RET(t, read_from(child, &byte, 1, &byte, 1), -EPERM);
}

/* The child forks on and on; what is written to it reaches it and nobody else. */
static void writing_to_one_that_forks(struct test *t)
{
	volatile int *word = (volatile int *)map_anon(t, PAGE, RW);
	volatile int *failed = mmap(NULL, PAGE, RW, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	pid_t child = fork();
	int value = 0;

	REQUIRE(t, failed != MAP_FAILED);
	while (!child) {
		int before = *word, now;

		if (!fork()) {
			now = *word;
			/* What comes later is not ours. */
			for (int i = 0; i < 20; i++)
				sched_yield();
			if (*word != now)
				*failed = 1;
			_exit(0);
		}
		wait(NULL);
		if (*word < before)
			*failed = 2;
		if (*word < 0)
			_exit(0);
	}
	for (unsigned int i = 0; i < rounds(300, 1000); i++) {
		value++;
		EXPECT_RET(t, write_to(child, &value, sizeof(value), (void *)word, sizeof(value)),
			   sizeof(value));
		EXPECT_RET(t, read_from(child, &value, sizeof(value), (void *)word, sizeof(value)),
			   sizeof(value));
		EXPECT_EQ(t, value, (int)i + 1);
		sched_yield();
	}
	EXPECT_EQ(t, *word, 0);
	EXPECT_EQ(t, *failed, 0);
	end_child(child);
}

static const struct test_case process_vm_cases[] = {
	TEST_CASE(a_child_is_read_and_written),
	TEST_CASE(pages_that_were_never_touched),
	TEST_CASE(pieces_need_not_agree),
	TEST_CASE(bytes_before_the_gap_are_moved),
	TEST_CASE(bad_calls_table),
	TEST_CASE(the_dead_have_no_memory),
	TEST_CASE(others_may_not),
	TEST_CASE(writing_to_one_that_forks),
};
TEST_SUITE(process_vm, process_vm_cases);
SELFTEST_NO_HELPER
