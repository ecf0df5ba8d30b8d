/* SPDX-License-Identifier: GPL-2.0-only */
/* Promised memory: what counts, that all of it is given back, and what each mode refuses. */
#include <linux/errno.h>
#include <linux/mman.h>
#include <oshit/err.h>
#include <oshit/math.h>
#include <oshit/mm.h>
#include <oshit/overcommit.h>
#include <oshit/sizes.h>
#include <oshit/test.h>

#include "test_user.h"

static void promises_are_given_back(struct test *t)
{
	unsigned long before = vm_committed_pages();
	struct mm_struct *mm = user_new(t), *child;

	user_map(mm, USER_BASE, 16 * PAGE_SIZE, USER_ANON | MAP_FIXED);
	EXPECT_EQ(t, vm_committed_pages() - before, 16ul);
	user_map(mm, USER_BASE + MIB(1), 8 * PAGE_SIZE, USER_ANON | MAP_FIXED | MAP_NORESERVE);
	EXPECT_EQ(t, vm_committed_pages() - before, 16ul);
	user_map(mm, USER_BASE + MIB(2), 4 * PAGE_SIZE, MAP_SHARED | MAP_ANONYMOUS | MAP_FIXED);
	EXPECT_EQ(t, vm_committed_pages() - before, 20ul);
	child = mm_copy(mm);
	ASSERT_FALSE(t, IS_ERR(child));
	EXPECT_EQ(t, vm_committed_pages() - before, 36ul);
	ASSERT_OK(t, user_unmap(child, USER_BASE + 3 * PAGE_SIZE, 2 * PAGE_SIZE));
	EXPECT_EQ(t, vm_committed_pages() - before, 34ul);
	EXPECT_EQ(
		t,
		user_move(mm, USER_BASE + 3 * PAGE_SIZE, 2 * PAGE_SIZE, USER_BASE + 14 * PAGE_SIZE),
		USER_BASE + 14 * PAGE_SIZE);
	EXPECT_EQ(t, vm_committed_pages() - before, 32ul);
	ASSERT_OK(t, user_protect(mm, USER_BASE, 3 * PAGE_SIZE, PROT_READ));
	ASSERT_OK(t, user_protect(mm, USER_BASE, 3 * PAGE_SIZE, USER_RW));
	EXPECT_EQ(t, vm_committed_pages() - before, 32ul);
	mmput(mm);
	EXPECT_EQ(t, vm_committed_pages() - before, 18ul);
	mmput(child);
	EXPECT_EQ(t, vm_committed_pages(), before);
}

static void strict_accounting_refuses_in_time(struct test *t)
{
	unsigned long mode = overcommit_memory, kbytes = overcommit_kbytes;
	unsigned long free = MIB(16) + (PAGE_SIZE << 10), huge;
	struct mm_struct *mm = user_new(t);

	huge = (memory_total_pages() + 1) << PAGE_SHIFT;
	EXPECT_EQ(t, user_map(mm, 0, huge, USER_ANON), (unsigned long)-ENOMEM);
	EXPECT_LT(t, user_map(mm, 0, huge, USER_ANON | MAP_NORESERVE), USER_END);
	overcommit_memory = OVERCOMMIT_ALWAYS;
	EXPECT_LT(t, user_map(mm, 0, huge, USER_ANON), USER_END);
	mmput(mm);
	mm = user_new(t);
	overcommit_memory = OVERCOMMIT_NEVER;
	/* Room for some megabytes, of which the reserves take less than a half. */
	overcommit_kbytes = ((vm_committed_pages() << PAGE_SHIFT) + free) >> 10;
	EXPECT_EQ(t, user_map(mm, 0, free, USER_ANON), (unsigned long)-ENOMEM);
	EXPECT_EQ(t, user_map(mm, 0, free, USER_ANON | MAP_NORESERVE), (unsigned long)-ENOMEM);
	EXPECT_EQ(t, user_map(mm, USER_BASE, MIB(4), USER_ANON), USER_BASE);
	EXPECT_EQ(t, user_map(mm, USER_BASE + MIB(64), free, MAP_SHARED | MAP_ANONYMOUS),
		  (unsigned long)-ENOMEM);
	overcommit_memory = mode;
	overcommit_kbytes = kbytes;
	mmput(mm);
}

static const struct test_case overcommit_cases[] = {
	TEST_CASE(promises_are_given_back),
	TEST_CASE(strict_accounting_refuses_in_time),
};
TEST_SUITE(overcommit, overcommit_cases);
