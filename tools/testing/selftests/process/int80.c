/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * int 0x80 on this kernel is a second gate with the 64-bit numbers and registers.  Linux has the
 * 32-bit calls there, so these cases are for this kernel alone; where neither is, SIGSEGV comes.
 */
#include "selftest.h"

static long int80(long nr, long a, long b, long c)
{
	long result;

	__asm__ volatile("int $0x80"
			 : "=a"(result)
			 : "0"(nr), "D"(a), "S"(b), "d"(c)
			 : "rcx", "r8", "r9", "r10", "r11", "memory");
	return result;
}

static void try_gate(void *arg __maybe_unused)
{
	_exit(int80(SYS_getpid, 0, 0, 0) == getpid() ? 0 : 1);
}

static bool has_gate(struct test *t)
{
	return is_oshit() && run_in_child(t, try_gate, NULL) == 0;
}

#define SKIP_WITHOUT_GATE(t) SKIP_IF(t, !has_gate(t), "int 0x80 is no gate for 64-bit calls here")

static void same_numbers_give_the_same_results(struct test *t)
{
	SKIP_WITHOUT_GATE(t);
	EXPECT_RET(t, int80(SYS_getpid, 0, 0, 0), kcall(SYS_getpid));
	EXPECT_RET(t, int80(SYS_getppid, 0, 0, 0), kcall(SYS_getppid));
	EXPECT_RET(t, int80(SYS_close, 1000, 0, 0), -EBADF);
	EXPECT_RET(t, int80(100000, 0, 0, 0), -ENOSYS);
}

static void pointers_are_64_bits_wide(struct test *t)
{
	struct timespec *ts = (struct timespec *)map_anon(t, PAGE, PROT_READ | PROT_WRITE);

	SKIP_WITHOUT_GATE(t);
	EXPECT_RET(t, int80(SYS_clock_gettime, CLOCK_MONOTONIC, (long)ts, 0), 0);
	EXPECT_NE(t, to_ns(ts), 0);
	EXPECT_RET(t, int80(SYS_clock_gettime, CLOCK_MONOTONIC, 8, 0), -EFAULT);
}

static void fork_works_through_the_gate(struct test *t)
{
	SKIP_WITHOUT_GATE(t);
	long pid = int80(SYS_fork, 0, 0, 0);

	if (!pid)
		int80(SYS_exit_group, 77, 0, 0);
	EXPECT_EXIT(t, wait_for(t, (pid_t)pid), 77);
}

static const struct test_case int80_cases[] = {
	TEST_CASE(same_numbers_give_the_same_results),
	TEST_CASE(pointers_are_64_bits_wide),
	TEST_CASE(fork_works_through_the_gate),
};
TEST_SUITE(int80, int80_cases);
SELFTEST_NO_HELPER
