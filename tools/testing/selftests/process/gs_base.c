/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A GS base that no program needs: WRGSBASE loads any canonical address, also one of the kernel.
 * The kernel has its own data behind GS and must never take the program's for it, whatever comes
 * when: calls, faults, interrupts, and NMIs if the machine makes some meanwhile.
 */
#include <cpuid.h>

#include "selftest.h"

#define HWCAP2_FSGSBASE 2

static void write_gs_base(unsigned long base)
{
	__asm__ volatile("wrgsbase %0" : : "r"(base) : "memory");
}

static unsigned long read_gs_base(void)
{
	unsigned long base;

	__asm__ volatile("rdgsbase %0" : "=r"(base));
	return base;
}

static bool has_fsgsbase(void)
{
	unsigned int a, b = 0, c, d;

	__get_cpuid_count(7, 0, &a, &b, &c, &d);
	return b & 1 && (is_oshit() || getauxval(AT_HWCAP2) & HWCAP2_FSGSBASE);
}

static const unsigned long bases[] = {
	0,
	0x1000,
	0x7ffffffff000,
	0xffff800000000000,
	0xffff888000000000,
	0xffffc90000000000,
	0xffffffff81000000,
	~0UL,
};

/* Calls, faults and sleeping for @ms with each of the bases; none is lost. */
static void keep_bases(struct test *t, unsigned int ms)
{
	char *memory = map_anon(t, PAGE, PROT_READ | PROT_WRITE);

	for (size_t i = 0; i < ARRAY_SIZE(bases); i++) {
		long long until = now_ns(CLOCK_MONOTONIC) + ms * 1000000LL;

		write_gs_base(bases[i]);
		do {
			for (int k = 0; k < 100; k++)
				kcall(SYS_getppid);
			kcall(SYS_madvise, memory, PAGE, MADV_DONTNEED);
			memory[0] = 1;
			kcall(SYS_sched_yield);
		} while (now_ns(CLOCK_MONOTONIC) < until);
		EXPECT_EQ(t, read_gs_base(), bases[i]);
	}
}

static void any_base_is_kept(struct test *t)
{
	SKIP_IF(t, !has_fsgsbase(), "no FSGSBASE");
	keep_bases(t, 1);
}

static void keep_bases_long(void *t)
{
	keep_bases(t, rounds(2, 500));
}

/* One on each of two CPUs, which change places. */
static void any_base_is_kept_by_many(struct test *t)
{
	pid_t pids[4];

	SKIP_IF(t, !has_fsgsbase(), "no FSGSBASE");
	for (size_t i = 0; i < ARRAY_SIZE(pids); i++)
		pids[i] = start_child(t, keep_bases_long, t);
	for (size_t i = 0; i < ARRAY_SIZE(pids); i++)
		EXPECT_EXIT(t, wait_for(t, pids[i]), 0);
}

static void bases_of_the_kernel_are_refused_by_prctl(struct test *t)
{
	unsigned long base = 1;

	EXPECT_RET(t, kcall(SYS_arch_prctl, 0x1001 /* ARCH_SET_GS */, 0xffff888000000000), -EPERM);
	EXPECT_RET(t, kcall(SYS_arch_prctl, 0x1001, 0x12345000), 0);
	EXPECT_RET(t, kcall(SYS_arch_prctl, 0x1004 /* ARCH_GET_GS */, &base), 0);
	EXPECT_EQ(t, base, 0x12345000UL);
	EXPECT_RET(t, kcall(SYS_arch_prctl, 0x1004, 8), -EFAULT);
}

static const struct test_case gs_base_cases[] = {
	TEST_CASE(any_base_is_kept),
	TEST_CASE(any_base_is_kept_by_many),
	TEST_CASE(bases_of_the_kernel_are_refused_by_prctl),
};
TEST_SUITE(gs_base, gs_base_cases);
SELFTEST_NO_HELPER
