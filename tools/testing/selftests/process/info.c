/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Small calls about the system and this process: uname, sysinfo, getrandom, umask, personality,
 * prctl, arch_prctl, getcpu, and numbers that are no calls.
 */
#include <asm/prctl.h>
#include <linux/random.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/sysinfo.h>
#include <sys/utsname.h>

#include "selftest.h"

static void uname_looks_like_linux(struct test *t)
{
	struct utsname name;
	int major = 0, minor = 0;

	EXPECT_RET(t, kcall(SYS_uname, &name), 0);
	EXPECT_STREQ(t, name.machine, "x86_64");
	EXPECT_TRUE(t, sscanf(name.release, "%d.%d", &major, &minor) == 2);
	EXPECT_TRUE(t, major >= 4); /* what C libraries ask for */
	EXPECT_TRUE(t, name.sysname[0] && name.version[0]);
}

static void hostname_can_be_set(struct test *t)
{
	struct utsname name;
	char too_long[66];

	SKIP_UNLESS_GUEST(t);
	memset(too_long, 'x', sizeof(too_long));
	EXPECT_RET(t, kcall(SYS_sethostname, "pebble", 6), 0);
	uname(&name);
	EXPECT_STREQ(t, name.nodename, "pebble");
	EXPECT_RET(t, kcall(SYS_sethostname, too_long, 65), -EINVAL);
	EXPECT_RET(t, kcall(SYS_sethostname, too_long, -1), -EINVAL);
	EXPECT_RET(t, kcall(SYS_sethostname, NULL, 4), -EFAULT);
	REQUIRE(t, setuid(1234) == 0);
	EXPECT_RET(t, kcall(SYS_sethostname, "other", 5), -EPERM);
}

static void end_at_once(void *arg __maybe_unused)
{
}

/* Who has been waited for does not count. */
static void the_dead_do_not_count(struct test *t)
{
	struct sysinfo info = { 0 };
	int before;

	SKIP_UNLESS_GUEST(t);
	REQUIRE(t, !kcall(SYS_sysinfo, &info));
	before = info.procs;
	for (int i = 0; i < 50; i++)
		run_in_child(t, end_at_once, NULL);
	REQUIRE(t, !kcall(SYS_sysinfo, &info));
	EXPECT_LE(t, info.procs, before + 5);
	EXPECT_GE(t, info.procs, before - 5);
}

static void sysinfo_is_plausible(struct test *t)
{
	struct sysinfo info = { 0 };

	EXPECT_RET(t, kcall(SYS_sysinfo, &info), 0);
	EXPECT_GE(t, info.mem_unit, 1);
	EXPECT_GT(t, info.totalram, 0);
	EXPECT_LE(t, info.freeram, info.totalram);
	EXPECT_GE(t, info.procs, 2);
	EXPECT_LE(t, info.uptime, now_ns(CLOCK_BOOTTIME) / NS_PER_S + 1);
}

static void random_bytes_differ(struct test *t)
{
	unsigned char a[64] = { 0 }, b[64] = { 0 };
	int same = 0;

	EXPECT_RET(t, kcall(SYS_getrandom, a, sizeof(a), 0), sizeof(a));
	EXPECT_RET(t, kcall(SYS_getrandom, b, sizeof(b), GRND_NONBLOCK), sizeof(b));
	for (size_t i = 0; i < sizeof(a); i++)
		same += a[i] == b[i];
	EXPECT_LT(t, same, 10);
	EXPECT_RET(t, kcall(SYS_getrandom, a, 0, 0), 0);
	EXPECT_RET(t, kcall(SYS_getrandom, a, 8, 0x80), -EINVAL);
	EXPECT_RET(t, kcall(SYS_getrandom, a, 8, GRND_RANDOM | GRND_INSECURE), -EINVAL);
	EXPECT_RET(t, kcall(SYS_getrandom, a, 8, GRND_INSECURE), 8);
}

static void many_random_bytes_at_once(struct test *t)
{
	unsigned char *buf = (unsigned char *)map_anon(t, 1 << 20, PROT_READ | PROT_WRITE);
	unsigned int ones = 0;

	EXPECT_RET(t, kcall(SYS_getrandom, buf, 1 << 20, 0), 1 << 20);
	for (int i = 0; i < 1 << 20; i++)
		ones += (unsigned int)__builtin_popcount(buf[i]);
	/* 8M bits: half of them within 0.1 %, which is 6 standard deviations. */
	EXPECT_TRUE(t, ones > (4 << 20) - 8600 && ones < (4 << 20) + 8600);
}

static void umask_returns_the_old_one(struct test *t)
{
	int status;

	umask(0);
	EXPECT_RET(t, kcall(SYS_umask, 027), 0);
	EXPECT_RET(t, kcall(SYS_umask, 07777), 027);
	EXPECT_RET(t, kcall(SYS_umask, 022), 0777); /* only the permission bits */
	if (!fork())
		_exit(umask(0) != 022);
	wait(&status);
	EXPECT_EXIT(t, status, 0);
}

static void personality_is_kept(struct test *t)
{
	long old = kcall(SYS_personality, 0xffffffff);

	EXPECT_RET(t, kcall(SYS_personality, 0xffffffff), old); /* asking changes nothing */
	EXPECT_RET(t, kcall(SYS_personality, ADDR_NO_RANDOMIZE), old);
	EXPECT_RET(t, kcall(SYS_personality, 0xffffffff), ADDR_NO_RANDOMIZE);
}

static void names_of_tasks_are_cut(struct test *t)
{
	char name[17] = { 0 };

	EXPECT_RET(t, kcall(SYS_prctl, PR_SET_NAME, "a-rather-long-name-of-a-task"), 0);
	EXPECT_RET(t, kcall(SYS_prctl, PR_GET_NAME, name), 0);
	EXPECT_STREQ(t, name, "a-rather-long-n");
	EXPECT_RET(t, kcall(SYS_prctl, PR_SET_NAME, NULL), -EFAULT);
	EXPECT_RET(t, kcall(SYS_prctl, PR_GET_NAME, 8), -EFAULT);
}

static void prctl_knows_its_options(struct test *t)
{
	EXPECT_RET(t, kcall(SYS_prctl, 0x7fffffff, 0, 0, 0, 0), -EINVAL);
	EXPECT_RET(t, kcall(SYS_prctl, PR_GET_DUMPABLE, 0, 0, 0, 0), 1);
	EXPECT_RET(t, kcall(SYS_prctl, PR_SET_DUMPABLE, 0, 0, 0, 0), 0);
	EXPECT_RET(t, kcall(SYS_prctl, PR_GET_DUMPABLE, 0, 0, 0, 0), 0);
	EXPECT_RET(t, kcall(SYS_prctl, PR_SET_DUMPABLE, 7, 0, 0, 0), -EINVAL);
	EXPECT_RET(t, kcall(SYS_prctl, PR_SET_TIMERSLACK, 12345, 0, 0, 0), 0);
	EXPECT_RET(t, kcall(SYS_prctl, PR_GET_TIMERSLACK, 0, 0, 0, 0), 12345);
}

static void fs_and_gs_bases_are_kept(struct test *t)
{
	unsigned long old = 0, got = 0;

	EXPECT_RET(t, kcall(SYS_arch_prctl, ARCH_GET_FS, &old), 0);
	EXPECT_EQ(t, old, *(unsigned long *)old); /* the thread pointer points to itself */
	EXPECT_RET(t, kcall(SYS_arch_prctl, ARCH_SET_GS, 0x123456789000), 0);
	EXPECT_RET(t, kcall(SYS_arch_prctl, ARCH_GET_GS, &got), 0);
	EXPECT_EQ(t, got, 0x123456789000);
	sched_yield();
	EXPECT_RET(t, kcall(SYS_arch_prctl, ARCH_GET_GS, &got), 0);
	EXPECT_EQ(t, got, 0x123456789000);
	EXPECT_RET(t, kcall(SYS_arch_prctl, ARCH_SET_FS, 0xffffffff80000000UL), -EPERM);
	EXPECT_RET(t, kcall(SYS_arch_prctl, ARCH_SET_GS, 1UL << 62), -EPERM);
	EXPECT_RET(t, kcall(SYS_arch_prctl, 0x9999, 0), -EINVAL);
	EXPECT_RET(t, kcall(SYS_arch_prctl, ARCH_GET_FS, 8), -EFAULT);
}

static void gs_survives_switches_between_processes(struct test *t)
{
	unsigned long got = 0;
	int status;

	kcall(SYS_arch_prctl, ARCH_SET_GS, 0x1000);
	if (!fork()) {
		for (int i = 0; i < 200; i++) {
			kcall(SYS_arch_prctl, ARCH_SET_GS, 0x2000UL + (unsigned long)i);
			sched_yield();
			kcall(SYS_arch_prctl, ARCH_GET_GS, &got);
			if (got != 0x2000UL + (unsigned long)i)
				_exit(1);
		}
		_exit(0);
	}
	for (int i = 0; i < 200; i++) {
		sched_yield();
		kcall(SYS_arch_prctl, ARCH_GET_GS, &got);
		EXPECT_EQ(t, got, 0x1000);
	}
	wait(&status);
	EXPECT_EXIT(t, status, 0);
}

static void getcpu_tells_where_it_runs(struct test *t)
{
	unsigned int cpu = ~0U, node = ~0U;

	EXPECT_RET(t, kcall(SYS_getcpu, &cpu, &node, NULL), 0);
	EXPECT_LT(t, cpu, 4096);
	EXPECT_LT(t, node, 1024);
	EXPECT_RET(t, kcall(SYS_getcpu, NULL, NULL, NULL), 0);
	EXPECT_RET(t, kcall(SYS_getcpu, 8, NULL, NULL), -EFAULT);
}

static void unknown_numbers_are_enosys(struct test *t)
{
	static const long numbers[] = { 600, 1023, 100000, INT_MAX, INT_MIN, -1, LONG_MAX };

	for (size_t i = 0; i < ARRAY_SIZE(numbers); i++)
		EXPECT_RET(t, kcall(numbers[i], 1, 2, 3), -ENOSYS);
	EXPECT_RET(t, kcall(1L << 32 | SYS_getpid), getpid()); /* 32 bits count */
}

static void calls_clobber_nothing_but_rcx_and_r11(struct test *t)
{
	unsigned long in[6] = { 11, 12, 13, 14, 15, 16 }, out[6] = { 0 };

	__asm__ volatile("mov 0(%1), %%rdi\n\tmov 8(%1), %%rsi\n\tmov 16(%1), %%rdx\n\t"
			 "mov 24(%1), %%r10\n\tmov 32(%1), %%r8\n\tmov 40(%1), %%r9\n\t"
			 "mov %0, %%eax\n\tsyscall\n\t"
			 "mov %%rdi, 0(%2)\n\tmov %%rsi, 8(%2)\n\tmov %%rdx, 16(%2)\n\t"
			 "mov %%r10, 24(%2)\n\tmov %%r8, 32(%2)\n\tmov %%r9, 40(%2)\n\t"
			 :
			 : "i"(SYS_getpid), "r"(in), "r"(out)
			 : "rax", "rcx", "r11", "rdi", "rsi", "rdx", "r10", "r8", "r9", "memory");
	for (size_t i = 0; i < 6; i++)
		EXPECT_EQ(t, out[i], in[i]);
}

static void nothing_of_the_kernel_is_left_in_registers(struct test *t)
{
	unsigned long rcx, r11, rip;

	__asm__ volatile("syscall\n1:\tlea 1b(%%rip), %2\n\tmov %%r11, %1\n\tmov %%rcx, %0"
			 : "=r"(rcx), "=r"(r11), "=&r"(rip)
			 : "a"(SYS_getpid)
			 : "rcx", "r11", "memory");
	EXPECT_EQ(t, rcx, rip); /* the return address */
	EXPECT_EQ(t, r11 & ~0xfffUL, 0); /* flags, without RF and VM */
}

static void direction_flag_may_be_set(struct test *t)
{
	char name[390] = { 0 };
	long got;

	__asm__ volatile("std\n\tsyscall\n\tcld"
			 : "=a"(got)
			 : "0"((long)SYS_uname), "D"(name)
			 : "rcx", "r11", "memory");
	EXPECT_RET(t, got, 0);
	EXPECT_NE(t, name[0], 0);
}

static void trap_flag_across_a_call_is_harmless(struct test *t)
{
	int status;

	if (!fork()) {
		__asm__ volatile("pushfq\n\torl $0x100, (%%rsp)\n\tpopfq\n\tsyscall"
				 :
				 : "a"(SYS_getpid)
				 : "rcx", "r11", "memory");
		_exit(0);
	}
	wait(&status);
	EXPECT_KILLED(t, status, SIGTRAP);
}

static const struct test_case info_cases[] = {
	TEST_CASE(uname_looks_like_linux),
	TEST_CASE(hostname_can_be_set),
	TEST_CASE(sysinfo_is_plausible),
	TEST_CASE(the_dead_do_not_count),
	TEST_CASE(random_bytes_differ),
	TEST_CASE(many_random_bytes_at_once),
	TEST_CASE(umask_returns_the_old_one),
	TEST_CASE(personality_is_kept),
	TEST_CASE(names_of_tasks_are_cut),
	TEST_CASE(prctl_knows_its_options),
	TEST_CASE(fs_and_gs_bases_are_kept),
	TEST_CASE(gs_survives_switches_between_processes),
	TEST_CASE(getcpu_tells_where_it_runs),
	TEST_CASE(unknown_numbers_are_enosys),
	TEST_CASE(calls_clobber_nothing_but_rcx_and_r11),
	TEST_CASE(nothing_of_the_kernel_is_left_in_registers),
	TEST_CASE(direction_flag_may_be_set),
	TEST_CASE(trap_flag_across_a_call_is_harmless),
};
TEST_SUITE(info, info_cases);
SELFTEST_NO_HELPER
