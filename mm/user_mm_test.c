/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Address spaces seen from a program.  A test reads and writes "user memory" as a processor would:
 * by the tables, with a fault where they do not permit the access, and nothing else.  What a read
 * finds is compared with a model of what was written, through mapping, protecting, dropping and
 * generations of fork.  At the end nothing may be left: no page, no object.
 */
#include <linux/errno.h>
#include <linux/mman.h>
#include <oshit/check_l1tf.h>
#include <oshit/check_mm.h>
#include <oshit/err.h>
#include <oshit/gfp.h>
#include <oshit/math.h>
#include <oshit/mm.h>
#include <oshit/mmzone.h>
#include <oshit/page.h>
#include <oshit/sizes.h>
#include <oshit/string.h>
#include <oshit/test.h>
#include <oshit/test_random.h>

#include "test_user.h"

#ifdef USER_MM_TEST_STEPS
#define NR_STEPS USER_MM_TEST_STEPS
#else
#define NR_STEPS 3000
#endif
#define NR_PAGES 48UL
#define NR_MM	 4

/* --- properties --- */

static void untouched_memory_reads_as_zero_and_costs_no_page(struct test *t)
{
	struct mm_struct *mm = user_new(t);
	unsigned long addr = user_map(mm, 0, MIB(1), USER_ANON);

	EXPECT_EQ(t, user_read(mm, addr), 0);
	EXPECT_EQ(t, user_read(mm, addr + MIB(1) - 1), 0);
	if (IS_ENABLED(CONFIG_ZERO_PAGE))
		EXPECT_EQ(t, mm_resident_pages(mm), 0ul);
	EXPECT_TRUE(t, user_write(mm, addr, 7));
	EXPECT_EQ(t, user_read(mm, addr), 7);
	EXPECT_EQ(t, user_read(mm, addr + MIB(1)), USER_SEGV);
	mmput(mm);
}

static void bad_requests_get_the_errno_of_linux(struct test *t)
{
	struct mm_struct *mm = user_new(t);
	struct mmap_request request = { .len = PAGE_SIZE, .prot = USER_RW, .flags = MAP_ANONYMOUS };

	EXPECT_EQ(t, user_map(mm, 0, 0, USER_ANON), (unsigned long)-EINVAL);
	EXPECT_EQ(t, user_map(mm, 0, ~0UL, USER_ANON), (unsigned long)-ENOMEM);
	EXPECT_EQ(t, user_map(mm, 0, USER_END + PAGE_SIZE, USER_ANON), (unsigned long)-ENOMEM);
	EXPECT_EQ(t, user_map_as(mm, &request), (unsigned long)-EINVAL);
	EXPECT_EQ(t, user_map(mm, USER_BASE + 1, PAGE_SIZE, USER_ANON | MAP_FIXED),
		  (unsigned long)-EINVAL);
	EXPECT_EQ(t, user_map(mm, USER_END, PAGE_SIZE, USER_ANON | MAP_FIXED),
		  (unsigned long)-ENOMEM);
	EXPECT_EQ(t, user_map(mm, -PAGE_SIZE, PAGE_SIZE, USER_ANON | MAP_FIXED),
		  (unsigned long)-ENOMEM);
	EXPECT_EQ(t, user_map(mm, 0, PAGE_SIZE, USER_ANON | MAP_FIXED), (unsigned long)-EPERM);
	EXPECT_EQ(t, user_map(mm, USER_BASE, PAGE_SIZE, USER_ANON | MAP_FIXED), USER_BASE);
	EXPECT_EQ(t, user_map(mm, USER_BASE, PAGE_SIZE, USER_ANON | MAP_FIXED_NOREPLACE),
		  (unsigned long)-EEXIST);
	EXPECT_EQ(t, user_unmap(mm, USER_BASE, 0), -EINVAL);
	EXPECT_EQ(t, user_unmap(mm, USER_BASE + 1, PAGE_SIZE), -EINVAL);
	EXPECT_EQ(t, user_unmap(mm, USER_BASE, USER_END), -EINVAL);
	EXPECT_EQ(t, user_protect(mm, USER_BASE, 2 * PAGE_SIZE, PROT_READ), -ENOMEM);
	EXPECT_EQ(t, user_protect(mm, USER_BASE, PAGE_SIZE, 0x1000), -EINVAL);
	EXPECT_EQ(t, user_advise(mm, USER_BASE, PAGE_SIZE, 12345), -EINVAL);
	EXPECT_EQ(t, user_advise(mm, USER_BASE, 2 * PAGE_SIZE, MADV_DONTNEED), -ENOMEM);
	mmput(mm);
}

static void protection_takes_and_gives_back_without_loss(struct test *t)
{
	static const unsigned long less[] = { PROT_READ, PROT_NONE };
	struct mm_struct *mm = user_new(t);

	user_map(mm, USER_BASE, 3 * PAGE_SIZE, USER_ANON | MAP_FIXED);
	ASSERT_TRUE(t, user_write(mm, user_page_addr(1), 42));
	for (size_t i = 0; i < ARRAY_SIZE(less); i++) {
		ASSERT_OK(t, user_protect(mm, user_page_addr(1), PAGE_SIZE, less[i]));
		EXPECT_EQ(t, mm->areas.nr, 3u);
		EXPECT_FALSE(t, user_write(mm, user_page_addr(1), 1));
		EXPECT_EQ(t, user_read(mm, user_page_addr(1)), less[i] ? 42 : USER_SEGV);
		ASSERT_OK(t, user_protect(mm, user_page_addr(1), PAGE_SIZE, USER_RW));
		EXPECT_EQ(t, mm->areas.nr, 1u);
		EXPECT_EQ(t, user_read(mm, user_page_addr(1)), 42);
		EXPECT_TRUE(t, user_write(mm, user_page_addr(1), 42));
	}
	EXPECT_EQ(t, mm_resident_pages(mm), 1ul);
	mmput(mm);
}

/* L1 Terminal Fault: no entry without the present bit leads to memory that exists. */
static void hidden_page_cannot_be_reached_by_speculation(struct test *t)
{
	struct mm_struct *mm = user_new(t);
	pte_t *pte;

	user_map(mm, USER_BASE, PAGE_SIZE, USER_ANON | MAP_FIXED);
	ASSERT_TRUE(t, user_write(mm, USER_BASE, 1));
	ASSERT_OK(t, user_protect(mm, USER_BASE, PAGE_SIZE, PROT_NONE));
	pte = user_table_find(mm, USER_BASE);
	EXPECT_EQ(t, *pte & PTE_PRESENT, 0ul);
	if (IS_ENABLED(CONFIG_MITIGATION_L1TF))
		EXPECT_GE(t, (*pte & PTE_ADDR_MASK) >> PAGE_SHIFT, max_pfn);
	mmput(mm);
}

static unsigned long reported_addr;

static void note_report(pte_t pte __maybe_unused, unsigned long addr, unsigned int level)
{
	reported_addr = level ? 0 : addr;
}

/* The walk that looks for such entries finds the only one there is. */
static void entry_that_speculation_could_use_is_found(struct test *t)
{
	struct mm_struct *mm;
	pte_t *pte, good;

	if (!IS_ENABLED(CONFIG_DEBUG_L1TF)) {
		test_skip(t, "DEBUG_L1TF is off");
		return;
	}
	mm = user_new(t);
	user_map(mm, USER_BASE, 2 * PAGE_SIZE, USER_ANON | MAP_FIXED);
	ASSERT_TRUE(t, user_write(mm, user_page_addr(0), 1));
	ASSERT_TRUE(t, user_write(mm, user_page_addr(1), 1));
	ASSERT_OK(t, user_protect(mm, user_page_addr(1), PAGE_SIZE, PROT_NONE));
	EXPECT_EQ(t, l1tf_check_user(mm->context.root, note_report), 0u);
	pte = user_table_find(mm, user_page_addr(1));
	good = *pte;
	*pte = pte_phys(good);
	EXPECT_EQ(t, l1tf_check_user(mm->context.root, note_report), 1u);
	EXPECT_EQ(t, reported_addr, user_page_addr(1));
	*pte = good;
	EXPECT_EQ(t, l1tf_check_user(mm->context.root, note_report), 0u);
	mmput(mm);
}

static void each_side_of_a_fork_keeps_its_own(struct test *t)
{
	struct mm_struct *parent = user_new(t), *child;

	user_map(parent, USER_BASE, 2 * PAGE_SIZE, USER_ANON | MAP_FIXED);
	user_write(parent, user_page_addr(0), 1);
	user_write(parent, user_page_addr(1), 2);
	child = mm_copy(parent);
	ASSERT_FALSE(t, IS_ERR(child));
	EXPECT_TRUE(t, user_write(child, user_page_addr(0), 11));
	EXPECT_TRUE(t, user_write(parent, user_page_addr(1), 12));
	EXPECT_EQ(t, user_read(parent, user_page_addr(0)), 1);
	EXPECT_EQ(t, user_read(child, user_page_addr(0)), 11);
	EXPECT_EQ(t, user_read(child, user_page_addr(1)), 2);
	EXPECT_EQ(t, user_read(parent, user_page_addr(1)), 12);
	EXPECT_EQ(t, mm_resident_pages(parent), 2ul);
	EXPECT_EQ(t, mm_resident_pages(child), 2ul);
	mmput(child);
	mmput(parent);
}

/* After the child is gone the page is written in place: the same page, no copy. */
static void last_owner_writes_in_place(struct test *t)
{
	struct mm_struct *parent = user_new(t), *child;
	phys_addr_t before;

	user_map(parent, USER_BASE, PAGE_SIZE, USER_ANON | MAP_FIXED);
	user_write(parent, USER_BASE, 1);
	before = pte_phys(*user_table_find(parent, USER_BASE));
	child = mm_copy(parent);
	ASSERT_FALSE(t, IS_ERR(child));
	mmput(child);
	EXPECT_TRUE(t, user_write(parent, USER_BASE, 2));
	EXPECT_EQ(t, pte_phys(*user_table_find(parent, USER_BASE)), before);
	mmput(parent);
}

static void shared_memory_is_one_for_all_generations(struct test *t)
{
	struct mm_struct *parent = user_new(t), *child;

	ASSERT_EQ(
		t,
		user_map(parent, USER_BASE, 2 * PAGE_SIZE, MAP_SHARED | MAP_ANONYMOUS | MAP_FIXED),
		USER_BASE);
	user_write(parent, user_page_addr(0), 1);
	child = mm_copy(parent);
	ASSERT_FALSE(t, IS_ERR(child));
	EXPECT_TRUE(t, user_write(child, user_page_addr(0), 5));
	EXPECT_TRUE(t, user_write(child, user_page_addr(1), 6));
	EXPECT_EQ(t, user_read(parent, user_page_addr(0)), 5);
	EXPECT_EQ(t, user_read(parent, user_page_addr(1)), 6);
	EXPECT_EQ(t, atomic64_read(&parent->counters[MM_SHMEM_PAGES]), 2);
	EXPECT_EQ(t, mm_resident_pages(parent), 2ul);
	mmput(parent);
	EXPECT_EQ(t, user_read(child, user_page_addr(1)), 6);
	mmput(child);
}

static bool is_mapped(struct mm_struct *mm, unsigned long page)
{
	pte_t *pte = user_table_find(mm, user_page_addr(page));

	return pte && *pte;
}

/* Of 40 pages, the last of which was never there, those around the one that is read: in its window
 * of 16, within the area, and nothing that is not in memory. A write maps one page alone. */
static void reading_maps_the_neighbours(struct test *t)
{
	struct mm_struct *mm = user_new(t);

	user_map(mm, user_page_addr(3), 37 * PAGE_SIZE, MAP_SHARED | MAP_ANONYMOUS | MAP_FIXED);
	for (unsigned long page = 3; page < 39; page++)
		user_write(mm, user_page_addr(page), (u8)page);
	EXPECT_EQ(t, mm_resident_pages(mm), 36ul);
	ASSERT_OK(t, user_advise(mm, user_page_addr(3), 37 * PAGE_SIZE, MADV_DONTNEED));
	EXPECT_EQ(t, user_read(mm, user_page_addr(10)), 10);
	for (unsigned long page = 3; page < 40; page++)
		EXPECT_EQ(t, is_mapped(mm, page),
			  IS_ENABLED(CONFIG_FAULT_AROUND) ? page < 16 : page == 10);
	user_write(mm, user_page_addr(20), 99);
	EXPECT_EQ(t, is_mapped(mm, 21), false);
	EXPECT_EQ(t, user_read(mm, user_page_addr(36)), 36);
	EXPECT_EQ(t, is_mapped(mm, 39), false);
	EXPECT_EQ(t, mm_resident_pages(mm), IS_ENABLED(CONFIG_FAULT_AROUND) ? 13 + 1 + 7ul : 3ul);
	for (unsigned long page = 3; page < 39; page++)
		EXPECT_EQ(t, user_read(mm, user_page_addr(page)), page == 20 ? 99 : (int)page);
	mmput(mm);
}

static void advice_for_forks_is_followed(struct test *t)
{
	struct mm_struct *parent = user_new(t), *child;

	user_map(parent, USER_BASE, 3 * PAGE_SIZE, USER_ANON | MAP_FIXED);
	for (unsigned long page = 0; page < 3; page++)
		user_write(parent, user_page_addr(page), 9);
	ASSERT_OK(t, user_advise(parent, user_page_addr(0), PAGE_SIZE, MADV_DONTFORK));
	ASSERT_OK(t, user_advise(parent, user_page_addr(1), PAGE_SIZE, MADV_WIPEONFORK));
	child = mm_copy(parent);
	ASSERT_FALSE(t, IS_ERR(child));
	EXPECT_EQ(t, user_read(child, user_page_addr(0)), USER_SEGV);
	EXPECT_EQ(t, user_read(child, user_page_addr(1)), 0);
	EXPECT_EQ(t, user_read(child, user_page_addr(2)), 9);
	mmput(child);
	mmput(parent);
}

static void heap_grows_shrinks_and_comes_back_empty(struct test *t)
{
	struct mm_struct *mm = user_new(t);
	unsigned long end;

	mm->start_brk = mm->brk = USER_BASE + 100;
	down_write(&mm->mmap_lock);
	EXPECT_EQ(t, do_brk(mm, USER_BASE), USER_BASE + 100);
	end = do_brk(mm, USER_BASE + 3 * PAGE_SIZE);
	mmap_write_unlock(mm);
	EXPECT_EQ(t, end, USER_BASE + 3 * PAGE_SIZE);
	EXPECT_TRUE(t, user_write(mm, USER_BASE + 2 * PAGE_SIZE, 3));
	down_write(&mm->mmap_lock);
	do_brk(mm, USER_BASE + PAGE_SIZE);
	EXPECT_EQ(t, mm_resident_pages(mm), 0ul);
	do_brk(mm, USER_BASE + 3 * PAGE_SIZE);
	mmap_write_unlock(mm);
	EXPECT_EQ(t, user_read(mm, USER_BASE + 2 * PAGE_SIZE), 0);
	mmput(mm);
}

static void stack_grows_until_something_is_near(struct test *t)
{
	struct mm_struct *mm = user_new(t);
	struct vm_area *stack;
	unsigned long top = USER_BASE + MIB(16);

	user_map(mm, top - PAGE_SIZE, PAGE_SIZE, USER_ANON | MAP_FIXED | MAP_GROWSDOWN);
	user_map(mm, USER_BASE, PAGE_SIZE, USER_ANON | MAP_FIXED);
	down_write(&mm->mmap_lock);
	stack = vma_lookup(&mm->areas, top - 1);
	EXPECT_OK(t, expand_stack(stack, top - 10 * PAGE_SIZE + 5));
	EXPECT_EQ(t, stack->start, top - 10 * PAGE_SIZE);
	EXPECT_EQ(t, mm->stack_pages, 10ul);
	EXPECT_EQ(t, expand_stack(stack, USER_BASE + STACK_GUARD_GAP), -ENOMEM);
	mmap_write_unlock(mm);
	EXPECT_EQ(t, user_read(mm, top - 10 * PAGE_SIZE), 0);
	/* Nor does mmap() put anything into its way. */
	EXPECT_EQ(t,
		  user_map(mm, top - 11 * PAGE_SIZE, PAGE_SIZE, USER_ANON) >= top ||
			  user_map(mm, top - 11 * PAGE_SIZE, PAGE_SIZE, USER_ANON) <
				  top - STACK_GUARD_GAP - 10 * PAGE_SIZE,
		  true);
	mmput(mm);
}

static void stack_that_reaches_another_joins_it(struct test *t)
{
	struct mm_struct *mm = user_new(t);

	user_map(mm, user_page_addr(0), PAGE_SIZE, USER_ANON | MAP_FIXED | MAP_GROWSDOWN);
	user_map(mm, user_page_addr(3), PAGE_SIZE, USER_ANON | MAP_FIXED | MAP_GROWSDOWN);
	down_write(&mm->mmap_lock);
	EXPECT_OK(t, expand_stack(vma_lookup(&mm->areas, user_page_addr(3)), user_page_addr(1)));
	EXPECT_EQ(t, vma_verify(&mm->areas), 0u);
	EXPECT_EQ(t, mm->areas.nr, 1u);
	mmap_write_unlock(mm);
	mmput(mm);
}

/* There is no page offset below 0, and what was moved has that of its old place. */
static void moved_stack_grows_to_page_offset_zero(struct test *t)
{
	struct mm_struct *mm = user_new(t);
	unsigned long low = 0x20 * PAGE_SIZE, top = USER_BASE + MIB(16);
	struct vm_area *stack;

	user_map(mm, low, PAGE_SIZE, USER_ANON | MAP_FIXED | MAP_GROWSDOWN);
	EXPECT_TRUE(t, user_write(mm, low, 1));
	EXPECT_EQ(t, user_move(mm, low, PAGE_SIZE, top), top);
	down_write(&mm->mmap_lock);
	stack = vma_lookup(&mm->areas, top);
	EXPECT_EQ(t, expand_stack(stack, top - 0x21 * PAGE_SIZE), -ENOMEM);
	EXPECT_OK(t, expand_stack(stack, top - 0x20 * PAGE_SIZE));
	EXPECT_EQ(t, stack->pgoff, 0ul);
	mmap_write_unlock(mm);
	EXPECT_TRUE(t, user_write(mm, top - 0x20 * PAGE_SIZE, 2));
	EXPECT_EQ(t, user_read(mm, top), 1);
	mmput(mm);
}

/* Who takes pages away may count before who has brought them. */
static void peak_is_right_while_counts_lag(struct test *t)
{
	struct mm_struct *mm = user_new(t);

	user_map(mm, USER_BASE, PAGE_SIZE, USER_ANON | MAP_FIXED);
	EXPECT_TRUE(t, user_write(mm, USER_BASE, 1));
	atomic64_sub(2, &mm->counters[MM_FILE_PAGES]);
	EXPECT_OK(t, user_unmap(mm, USER_BASE, PAGE_SIZE));
	atomic64_add(2, &mm->counters[MM_FILE_PAGES]);
	EXPECT_LE(t, mm_peak_pages(mm), 1ul);
	mmput(mm);
}

/* What a child does not inherit may have been all that kept two areas apart. */
static void areas_that_differ_in_the_parent_alone_merge(struct test *t)
{
	struct mm_struct *mm = user_new(t), *child;

	user_map(mm, USER_BASE, 4 * PAGE_SIZE, USER_ANON | MAP_FIXED);
	EXPECT_TRUE(t,
		    user_write(mm, user_page_addr(0), 1) && user_write(mm, user_page_addr(3), 4));
	ASSERT_OK(t, do_mlock(mm, user_page_addr(2), PAGE_SIZE, VM_LOCKED));
	EXPECT_EQ(t, mm->areas.nr, 3u);
	child = mm_copy(mm);
	ASSERT_FALSE(t, IS_ERR(child));
	EXPECT_EQ(t, vma_verify(&child->areas), 0u);
	EXPECT_EQ(t, child->areas.nr, 1u);
	EXPECT_EQ(t, user_read(child, user_page_addr(3)), 4);
	EXPECT_EQ(t, mm->areas.nr, 3u);
	mmput(child);
	mmput(mm);
}

static void lowest_tables_go_with_the_last_mapping(struct test *t)
{
	struct mm_struct *mm = user_new(t);

	user_map(mm, USER_BASE, PAGE_SIZE, USER_ANON | MAP_FIXED);
	user_map(mm, USER_BASE + MIB(4), PAGE_SIZE, USER_ANON | MAP_FIXED);
	user_write(mm, USER_BASE, 1);
	user_write(mm, USER_BASE + MIB(4), 1);
	EXPECT_EQ(t, atomic64_read(&mm->nr_tables), 4); /* one, one, and two */
	ASSERT_OK(t, user_unmap(mm, USER_BASE, PAGE_SIZE));
	EXPECT_EQ(t, atomic64_read(&mm->nr_tables), 3);
	EXPECT_EQ(t, (void *)user_table_find(mm, USER_BASE), NULL);
	EXPECT_NE(t, (void *)user_table_find(mm, USER_BASE + MIB(4)), NULL);
	ASSERT_OK(t, user_unmap(mm, USER_BASE + MIB(4), PAGE_SIZE));
	EXPECT_EQ(t, mm->pt.root[pt_index(USER_BASE, PT_ROOT_LEVEL)], 0ul);
	EXPECT_EQ(t, atomic64_read(&mm->nr_tables), 0);
	mmput(mm);
}

/* Areas that share tables of each level, taken away at once, between two that stay. */
static void shared_tables_go_with_the_last_of_many_areas(struct test *t)
{
	const unsigned long middle[] = { MIB(4), MIB(5), MIB(6), GIB(1), GIB(300) };
	struct mm_struct *mm = user_new(t);

	user_map(mm, USER_BASE, PAGE_SIZE, USER_ANON | MAP_FIXED);
	user_write(mm, USER_BASE, 1);
	user_map(mm, USER_BASE + GIB(600), PAGE_SIZE, USER_ANON | MAP_FIXED);
	user_write(mm, USER_BASE + GIB(600), 2);
	for (size_t i = 0; i < ARRAY_SIZE(middle); i++) {
		user_map(mm, USER_BASE + middle[i], 2 * PAGE_SIZE, USER_ANON | MAP_FIXED);
		user_write(mm, USER_BASE + middle[i], 3);
	}
	ASSERT_OK(t, user_unmap(mm, USER_BASE + MIB(2), GIB(599)));
	for (size_t i = 0; i < ARRAY_SIZE(middle); i++)
		EXPECT_EQ(t, (void *)user_table_find(mm, USER_BASE + middle[i]), NULL);
	EXPECT_EQ(t, user_read(mm, USER_BASE), 1);
	EXPECT_EQ(t, user_read(mm, USER_BASE + GIB(600)), 2);
	mmput(mm); /* no page is left, says the frame of the tests */
}

/* --- moving --- */

/* Aligned alike, the table itself goes to the new place, with all its pages. */
static void aligned_tables_move_whole(struct test *t)
{
	struct mm_struct *mm = user_new(t);
	pte_t *before;

	user_map(mm, USER_BASE, MIB(4), USER_ANON | MAP_FIXED);
	user_advise(mm, USER_BASE, MIB(4), MADV_NOHUGEPAGE);
	for (unsigned long page = 0; page < 1024; page += 100)
		user_write(mm, user_page_addr(page), (u8)(page / 100 + 1));
	before = user_table_find(mm, USER_BASE + MIB(2));
	EXPECT_EQ(t, user_move(mm, USER_BASE, MIB(4), USER_BASE + MIB(64)), USER_BASE + MIB(64));
	EXPECT_EQ(t, (void *)user_table_find(mm, USER_BASE + MIB(66)), (void *)before);
	EXPECT_EQ(t, (void *)user_table_find(mm, USER_BASE), NULL);
	for (unsigned long page = 0; page < 1024; page += 100)
		EXPECT_EQ(t, user_read(mm, user_page_addr(page) + MIB(64)), (int)(page / 100 + 1));
	EXPECT_EQ(t, user_read(mm, USER_BASE), USER_SEGV);
	EXPECT_EQ(t, mm_resident_pages(mm), 11ul);
	EXPECT_EQ(t, vma_verify(&mm->areas), 0u);
	mmput(mm);
}

/* A page offset that has pages stays, so what comes back is one area again. */
static void area_that_comes_back_merges(struct test *t)
{
	struct mm_struct *mm = user_new(t);

	user_map(mm, USER_BASE, 3 * PAGE_SIZE, USER_ANON | MAP_FIXED);
	user_write(mm, user_page_addr(1), 5);
	EXPECT_EQ(t, user_move(mm, user_page_addr(1), PAGE_SIZE, user_page_addr(8)),
		  user_page_addr(8));
	EXPECT_EQ(t, mm->areas.nr, 3u);
	EXPECT_EQ(t, vma_lookup(&mm->areas, user_page_addr(8))->pgoff,
		  user_page_addr(1) >> PAGE_SHIFT);
	EXPECT_EQ(t, user_move(mm, user_page_addr(8), PAGE_SIZE, user_page_addr(1)),
		  user_page_addr(1));
	EXPECT_EQ(t, mm->areas.nr, 1u);
	EXPECT_EQ(t, user_read(mm, user_page_addr(1)), 5);
	mmput(mm);
}

static pte_t entry_at(struct mm_struct *mm, unsigned long addr)
{
	return *user_table_find(mm, addr);
}

/* Reclaim may throw away what no entry calls dirty: that, and nothing else. */
static void freed_pages_are_clean_until_they_are_written(struct test *t)
{
	struct mm_struct *mm = user_new(t), *child;

	user_map(mm, USER_BASE, 2 * PAGE_SIZE, USER_ANON | MAP_FIXED);
	user_write(mm, user_page_addr(0), 1);
	user_write(mm, user_page_addr(1), 2);
	EXPECT_NE(t, entry_at(mm, user_page_addr(0)) & PTE_DIRTY, 0ul);
	ASSERT_OK(t, user_advise(mm, user_page_addr(0), PAGE_SIZE, MADV_FREE));
	EXPECT_EQ(t, entry_at(mm, user_page_addr(0)) & PTE_DIRTY, 0ul);
	EXPECT_NE(t, entry_at(mm, user_page_addr(1)) & PTE_DIRTY, 0ul);
	EXPECT_EQ(t, user_read(mm, user_page_addr(0)), 1);
	child = mm_copy(mm);
	ASSERT_FALSE(t, IS_ERR(child));
	EXPECT_TRUE(t, user_write(child, user_page_addr(0), 3));
	/* A page of two is left alone. */
	ASSERT_OK(t, user_advise(mm, user_page_addr(1), PAGE_SIZE, MADV_FREE));
	EXPECT_EQ(t, !(entry_at(mm, user_page_addr(1)) & PTE_DIRTY), !IS_ENABLED(CONFIG_COW));
	mmput(child);
	mmput(mm);
}

/* The copy is the writer's, the page of the reader is the one that is mapped. */
static void pages_are_reached_from_outside(struct test *t)
{
	struct mm_struct *mm = user_new(t), *child;
	struct page *page;

	user_map(mm, USER_BASE, 2 * PAGE_SIZE, USER_ANON | MAP_FIXED);
	user_write(mm, USER_BASE, 1);
	child = mm_copy(mm);
	ASSERT_FALSE(t, IS_ERR(child));
	down_read(&child->mmap_lock);
	page = mm_remote_page(child, USER_BASE, FAULT_FLAG_WRITE);
	ASSERT_TRUE(t, page);
	*(u8 *)page_to_virt(page) = 2;
	put_page(page);
	EXPECT_FALSE(t, mm_remote_page(child, user_page_addr(2), 0));
	up_read(&child->mmap_lock);
	EXPECT_EQ(t, user_read(child, USER_BASE), 2);
	EXPECT_EQ(t, user_read(mm, USER_BASE), 1);
	ASSERT_OK(t, user_protect(mm, USER_BASE, PAGE_SIZE, PROT_READ));
	down_read(&mm->mmap_lock);
	EXPECT_FALSE(t, mm_remote_page(mm, USER_BASE, FAULT_FLAG_WRITE));
	page = mm_remote_page(mm, USER_BASE, 0);
	EXPECT_EQ(t, page ? *(u8 *)page_to_virt(page) : 0, 1);
	up_read(&mm->mmap_lock);
	put_page(page);
	mmput(child);
	mmput(mm);
}

/* --- random programs --- */

struct world {
	struct test *t;
	struct test_random random;
	struct user_program programs[NR_MM];
};

static void program_begin(struct world *w, struct user_program *program)
{
	user_program_end(program);
	program->mm = user_new(w->t);
	user_program_set(program, 0, NR_PAGES, USER_SEGV, 0);
}

/* To some place that does not overlap. All of it must be one area, or nothing happens. */
static void program_move(struct world *w, struct user_program *program, unsigned long first,
			 unsigned long end)
{
	unsigned long to = test_random_below(&w->random, NR_PAGES - (end - first) + 1);
	struct vm_area *area = vma_lookup(&program->mm->areas, user_page_addr(first));
	unsigned long len = (end - first) * PAGE_SIZE, got;

	if (to < end && first < to + (end - first))
		return;
	if (!area || area->end < user_page_addr(end))
		return;
	got = user_move(program->mm, user_page_addr(first), len, user_page_addr(to));
	EXPECT_EQ(w->t, got, user_page_addr(to));
	for (unsigned long page = first; page < end; page++, to++) {
		program->value[to] = program->value[page];
		program->prot[to] = program->prot[page];
		program->value[page] = USER_SEGV;
	}
}

static void program_protect(struct world *w, struct user_program *program, unsigned long first,
			    unsigned long end)
{
	static const u8 prots[] = { USER_RW, PROT_READ, PROT_NONE };
	u8 prot = prots[test_random_below(&w->random, ARRAY_SIZE(prots))];

	for (unsigned long page = first; page < end; page++) {
		if (program->value[page] == USER_SEGV)
			continue;
		EXPECT_OK(w->t, user_protect(program->mm, user_page_addr(page), PAGE_SIZE, prot));
		program->prot[page] = prot;
	}
}

static void program_change(struct world *w, struct user_program *program, unsigned long first,
			   unsigned long end)
{
	unsigned long addr = user_page_addr(first), len = (end - first) * PAGE_SIZE;

	switch (test_random_below(&w->random, 5)) {
	case 0:
		EXPECT_EQ(w->t, user_map(program->mm, addr, len, USER_ANON | MAP_FIXED), addr);
		user_program_set(program, first, end, 0, USER_RW);
		break;
	case 1:
		EXPECT_OK(w->t, user_unmap(program->mm, addr, len));
		user_program_set(program, first, end, USER_SEGV, 0);
		break;
	case 2:
		user_program_drop(program, first, end);
		break;
	case 3:
		program_protect(w, program, first, end);
		break;
	default:
		program_move(w, program, first, end);
	}
}

static void world_step(struct world *w)
{
	struct user_program *program = &w->programs[test_random_below(&w->random, NR_MM)];
	unsigned long first = test_random_below(&w->random, NR_PAGES);
	unsigned long end = first + 1 + test_random_below(&w->random, min(8UL, NR_PAGES - first));
	unsigned int what = test_random_below(&w->random, 100);

	if (!program->mm)
		program_begin(w, program);
	else if (what < 2)
		user_program_end(program);
	else if (what < 8)
		user_program_fork(w->t, program,
				  &w->programs[test_random_below(&w->random, NR_MM)]);
	else if (what < 30)
		program_change(w, program, first, end);
	else
		user_program_access(w->t, &w->random, program, first);
	if (program->mm) {
		user_expect_sound(w->t, program->mm);
		user_expect_mappings(w->t, program->mm, user_page_addr(first));
	}
}

static void programs_see_what_they_wrote(struct test *t)
{
	static struct world w;

	w = (struct world){ .t = t, .random = test_random_seeded(t, 0xc0ffee) };
	for (unsigned long step = 0; step < NR_STEPS && !t->nr_failures; step++)
		world_step(&w);
	for (size_t i = 0; i < NR_MM; i++)
		user_program_end(&w.programs[i]);
}

static const struct test_case user_mm_cases[] = {
	TEST_CASE(untouched_memory_reads_as_zero_and_costs_no_page),
	TEST_CASE(bad_requests_get_the_errno_of_linux),
	TEST_CASE(protection_takes_and_gives_back_without_loss),
	TEST_CASE(hidden_page_cannot_be_reached_by_speculation),
	TEST_CASE(entry_that_speculation_could_use_is_found),
	TEST_CASE(each_side_of_a_fork_keeps_its_own),
	TEST_CASE(last_owner_writes_in_place),
	TEST_CASE(shared_memory_is_one_for_all_generations),
	TEST_CASE(reading_maps_the_neighbours),
	TEST_CASE(advice_for_forks_is_followed),
	TEST_CASE(heap_grows_shrinks_and_comes_back_empty),
	TEST_CASE(stack_grows_until_something_is_near),
	TEST_CASE(stack_that_reaches_another_joins_it),
	TEST_CASE(moved_stack_grows_to_page_offset_zero),
	TEST_CASE(peak_is_right_while_counts_lag),
	TEST_CASE(areas_that_differ_in_the_parent_alone_merge),
	TEST_CASE(lowest_tables_go_with_the_last_mapping),
	TEST_CASE(shared_tables_go_with_the_last_of_many_areas),
	TEST_CASE(aligned_tables_move_whole),
	TEST_CASE(area_that_comes_back_merges),
	TEST_CASE(freed_pages_are_clean_until_they_are_written),
	TEST_CASE(pages_are_reached_from_outside),
	TEST_CASE(programs_see_what_they_wrote),
};
TEST_SUITE(user_mm, user_mm_cases);
