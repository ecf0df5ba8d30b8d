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

#define BASE	0x40000000UL
#define PROT_RW (PROT_READ | PROT_WRITE)
#define ANON	(MAP_PRIVATE | MAP_ANONYMOUS)

static struct mm_struct *new_mm(struct test *t)
{
	struct mm_struct *mm = mm_alloc();

	if (mm)
		mm->mmap_base = GIB(64);
	else
		test_skip(t, "no memory");
	return mm;
}

static unsigned long map(struct mm_struct *mm, unsigned long addr, unsigned long len,
			 unsigned long flags)
{
	struct mmap_request request = { .addr = addr, .len = len, .prot = PROT_RW, .flags = flags };

	down_write(&mm->mmap_lock);
	addr = do_mmap(mm, &request);
	mmap_write_unlock(mm);
	return addr;
}

static int unmap(struct mm_struct *mm, unsigned long addr, unsigned long len)
{
	int err;

	down_write(&mm->mmap_lock);
	err = do_munmap(mm, addr, len);
	mmap_write_unlock(mm);
	return err;
}

static int protect(struct mm_struct *mm, unsigned long addr, unsigned long len, unsigned long prot)
{
	int err;

	down_write(&mm->mmap_lock);
	err = do_mprotect(mm, addr, len, prot);
	mmap_write_unlock(mm);
	return err;
}

static unsigned long move(struct mm_struct *mm, unsigned long from, unsigned long len,
			  unsigned long to)
{
	struct mremap_request request = {
		.addr = from,
		.old_len = len,
		.new_len = len,
		.flags = MREMAP_MAYMOVE | MREMAP_FIXED,
		.new_addr = to,
	};

	down_write(&mm->mmap_lock);
	to = do_mremap(mm, &request);
	mmap_write_unlock(mm);
	return to;
}

static void promises_are_given_back(struct test *t)
{
	unsigned long before = vm_committed_pages();
	struct mm_struct *mm = new_mm(t), *child;

	map(mm, BASE, 16 * PAGE_SIZE, ANON | MAP_FIXED);
	EXPECT_EQ(t, vm_committed_pages() - before, 16ul);
	map(mm, BASE + MIB(1), 8 * PAGE_SIZE, ANON | MAP_FIXED | MAP_NORESERVE);
	EXPECT_EQ(t, vm_committed_pages() - before, 16ul);
	map(mm, BASE + MIB(2), 4 * PAGE_SIZE, MAP_SHARED | MAP_ANONYMOUS | MAP_FIXED);
	EXPECT_EQ(t, vm_committed_pages() - before, 20ul);
	child = mm_copy(mm);
	ASSERT_FALSE(t, IS_ERR(child));
	EXPECT_EQ(t, vm_committed_pages() - before, 36ul);
	ASSERT_OK(t, unmap(child, BASE + 3 * PAGE_SIZE, 2 * PAGE_SIZE));
	EXPECT_EQ(t, vm_committed_pages() - before, 34ul);
	EXPECT_EQ(t, move(mm, BASE + 3 * PAGE_SIZE, 2 * PAGE_SIZE, BASE + 14 * PAGE_SIZE),
		  BASE + 14 * PAGE_SIZE);
	EXPECT_EQ(t, vm_committed_pages() - before, 32ul);
	ASSERT_OK(t, protect(mm, BASE, 3 * PAGE_SIZE, PROT_READ));
	ASSERT_OK(t, protect(mm, BASE, 3 * PAGE_SIZE, PROT_RW));
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
	struct mm_struct *mm = new_mm(t);

	huge = (memory_total_pages() + 1) << PAGE_SHIFT;
	EXPECT_EQ(t, map(mm, 0, huge, ANON), (unsigned long)-ENOMEM);
	EXPECT_LT(t, map(mm, 0, huge, ANON | MAP_NORESERVE), USER_END);
	overcommit_memory = OVERCOMMIT_ALWAYS;
	EXPECT_LT(t, map(mm, 0, huge, ANON), USER_END);
	mmput(mm);
	mm = new_mm(t);
	overcommit_memory = OVERCOMMIT_NEVER;
	/* Room for some megabytes, of which the reserves take less than a half. */
	overcommit_kbytes = ((vm_committed_pages() << PAGE_SHIFT) + free) >> 10;
	EXPECT_EQ(t, map(mm, 0, free, ANON), (unsigned long)-ENOMEM);
	EXPECT_EQ(t, map(mm, 0, free, ANON | MAP_NORESERVE), (unsigned long)-ENOMEM);
	EXPECT_EQ(t, map(mm, BASE, MIB(4), ANON), BASE);
	EXPECT_EQ(t, map(mm, BASE + MIB(64), free, MAP_SHARED | MAP_ANONYMOUS),
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
