/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the kernel promises by default (vm.overcommit_memory is 0): each mapping alone may have all
 * memory, and what can never be is refused, whichever call asks for it.
 */
#include <sys/sysinfo.h>

#include "selftest.h"

#define RW   (PROT_READ | PROT_WRITE)
#define ANON (MAP_PRIVATE | MAP_ANONYMOUS)

/* More than memory and swap together. */
static size_t too_much(struct test *t)
{
	struct sysinfo info;

	REQUIRE(t, sysinfo(&info) == 0);
	return ((info.totalram + info.totalswap) * info.mem_unit + (1UL << 30)) & -PAGE;
}

/* Whether the kernel was told to be stricter, or not to care. */
static bool has_other_mode(size_t size)
{
	void *addr = mmap(NULL, size, RW, ANON, -1, 0);

	if (addr == MAP_FAILED)
		addr = mmap(NULL, size, RW, ANON | MAP_NORESERVE, -1, 0);
	else
		return true;
	if (addr == MAP_FAILED)
		return true;
	munmap(addr, size);
	return false;
}

static void what_can_never_be_is_refused(struct test *t)
{
	const size_t size = too_much(t);
	char *addr = map_anon(t, PAGE, RW);
	long brk = kcall(SYS_brk, 0);

	SKIP_IF(t, maps_at_once() || has_other_mode(size), "not the default");
	EXPECT_RET(t, kcall(SYS_mmap, 0, size, RW, ANON, -1, 0), -ENOMEM);
	EXPECT_RET(t, kcall(SYS_mmap, 0, size, RW, MAP_SHARED | MAP_ANONYMOUS, -1, 0), -ENOMEM);
	EXPECT_RET(t, kcall(SYS_mremap, addr, PAGE, size, MREMAP_MAYMOVE), -ENOMEM);
	EXPECT_RET(t, kcall(SYS_brk, brk + size), brk);
	*addr = 1; /* it is still there */
}

static void what_is_only_read_is_promised_when_it_may_be_written(struct test *t)
{
	const size_t size = too_much(t);
	char *addr;

	SKIP_IF(t, maps_at_once() || has_other_mode(size), "not the default");
	addr = mmap(NULL, size, PROT_READ, ANON, -1, 0);
	REQUIRE(t, addr != MAP_FAILED);
	EXPECT_RET(t, kcall(SYS_mprotect, addr, size, RW), -ENOMEM);
	EXPECT_RET(t, kcall(SYS_mprotect, addr + PAGE, PAGE, RW), 0);
	addr[PAGE] = 1;
	EXPECT_RET(t, kcall(SYS_munmap, addr, size), 0);
}

static void each_alone_may_have_all(struct test *t)
{
	const size_t size = ((too_much(t) - (1UL << 30)) / 4 * 3) & -PAGE;
	char *addr[8];

	SKIP_IF(t, maps_at_once() || has_other_mode(too_much(t)), "not the default");
	for (int i = 0; i < 8; i++) {
		addr[i] = mmap(NULL, size, RW, ANON, -1, 0);
		EXPECT_TRUE(t, addr[i] != MAP_FAILED);
	}
	for (int i = 0; i < 8; i++)
		EXPECT_RET(t, kcall(SYS_munmap, addr[i], size), 0);
}

static const struct test_case overcommit_cases[] = {
	TEST_CASE(what_can_never_be_is_refused),
	TEST_CASE(what_is_only_read_is_promised_when_it_may_be_written),
	TEST_CASE(each_alone_may_have_all),
};
TEST_SUITE(overcommit, overcommit_cases);
SELFTEST_NO_HELPER
