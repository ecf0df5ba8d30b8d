/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Huge pages seen from programs that fork, write, protect and unmap: each byte is what was written,
 * counts and reverse mappings agree with the tables after each step, and all memory comes back.
 */
#include <oshit/check_mm.h>
#include <oshit/gfp.h>
#include <oshit/math.h>
#include <oshit/mmzone.h>
#include <oshit/page.h>
#include <oshit/page_stock.h>
#include <oshit/rmap.h>
#include <oshit/shrinker.h>
#include <oshit/sizes.h>
#include <oshit/test_random.h>
#include <oshit/thp.h>

#include "huge_memory.h"
#include "test_user.h"

#define NR_PAGES  USER_PROGRAM_PAGES
#define NR_HUGE	  (NR_PAGES / HUGE_PAGES)
#define NR_MM	  3
#define HUGE_ANON (USER_ANON | MAP_NORESERVE) /* for small machines */
#ifdef HUGE_TEST_STEPS
#define NR_STEPS HUGE_TEST_STEPS
#else
#define NR_STEPS 2000
#endif

/* A program with @nr_huge times 2 MiB at USER_BASE, which is aligned. */
static struct mm_struct *new_program(struct test *t, unsigned long nr_huge)
{
	return user_new_mapped(t, nr_huge * HUGE_SIZE, MAP_NORESERVE);
}

/* Whether a huge page maps @addr. */
static bool is_huge(struct mm_struct *mm, unsigned long addr)
{
	const pte_t *pmd = user_pmd_find(mm, addr);

	return pmd && pmd_is_huge(*pmd);
}

static unsigned long nr_huge_entries(struct mm_struct *mm)
{
	return atomic64_read(&mm->counters[MM_HUGE_ENTRIES]);
}

/* Writes to the first page, and skips the test if that got no huge page for want of memory. */
static bool touch_huge(struct test *t, struct mm_struct *mm, unsigned long addr, u8 value)
{
	EXPECT_TRUE(t, user_write(mm, addr, value));
	if (is_huge(mm, addr))
		return true;
	mmput(mm);
	test_skip(t, "no block of 2 MiB is free");
	return false;
}

static void first_write_brings_a_huge_page_of_zeros(struct test *t)
{
	struct mm_struct *mm = new_program(t, 2);

	if (!touch_huge(t, mm, USER_BASE + 5 * PAGE_SIZE + 3, 7))
		return;
	EXPECT_EQ(t, mm_resident_pages(mm), HUGE_PAGES);
	EXPECT_EQ(t, nr_huge_entries(mm), 1ul);
	for (unsigned long page = 0; page < HUGE_PAGES; page++)
		EXPECT_EQ(t, user_read(mm, user_page_addr(page) + 3), page == 5 ? 7 : 0);
	user_expect_mappings(t, mm, USER_BASE + 5 * PAGE_SIZE);
	user_expect_sound(t, mm);
	mmput(mm);
}

static void area_without_all_of_it_gets_small_pages(struct test *t)
{
	struct mm_struct *mm = user_new(t);

	user_map(mm, USER_BASE + PAGE_SIZE, HUGE_SIZE + HUGE_SIZE / 2, HUGE_ANON | MAP_FIXED);
	user_write(mm, USER_BASE + PAGE_SIZE, 1);
	user_write(mm, USER_BASE + HUGE_SIZE, 1);
	EXPECT_EQ(t, nr_huge_entries(mm), 0ul);
	EXPECT_EQ(t, mm_resident_pages(mm), 2ul);
	user_expect_sound(t, mm);
	mmput(mm);
}

static void advice_decides(struct test *t)
{
	enum thp_mode before = thp_mode;
	struct mm_struct *mm = new_program(t, 3);

	ASSERT_OK(t, user_advise(mm, USER_BASE, HUGE_SIZE, MADV_NOHUGEPAGE));
	ASSERT_OK(t, user_advise(mm, USER_BASE + HUGE_SIZE, HUGE_SIZE, MADV_HUGEPAGE));
	thp_mode = THP_MADVISE;
	for (unsigned long i = 0; i < 3; i++)
		user_write(mm, USER_BASE + i * HUGE_SIZE, 1);
	thp_mode = before;
	EXPECT_FALSE(t, is_huge(mm, USER_BASE));
	EXPECT_FALSE(t, is_huge(mm, USER_BASE + 2 * HUGE_SIZE));
	user_expect_sound(t, mm);
	mmput(mm);
}

static void zeros_are_shared_until_they_are_written_to(struct test *t)
{
	struct mm_struct *mm = new_program(t, 2), *child;

	EXPECT_EQ(t, user_read(mm, USER_BASE + 12345), 0);
	EXPECT_EQ(t, user_read(mm, USER_BASE + HUGE_SIZE), 0);
	if (IS_ENABLED(CONFIG_HUGE_ZERO_PAGE))
		EXPECT_EQ(t, mm_resident_pages(mm), 0ul);
	child = user_fork(t, mm);
	EXPECT_TRUE(t, user_write(mm, USER_BASE + 12345, 9));
	EXPECT_EQ(t, user_read(mm, USER_BASE + 12345), 9);
	EXPECT_EQ(t, user_read(child, USER_BASE + 12345), 0);
	/* A part of zeros changes. */
	ASSERT_OK(t, user_protect(child, USER_BASE, PAGE_SIZE, PROT_READ));
	EXPECT_EQ(t, user_read(child, USER_BASE), 0);
	EXPECT_TRUE(t, user_write(child, USER_BASE + PAGE_SIZE, 1));
	EXPECT_EQ(t, user_read(child, USER_BASE + 2 * PAGE_SIZE), 0);
	user_expect_sound(t, mm);
	user_expect_sound(t, child);
	mmput(child);
	mmput(mm);
}

static void unused_zeros_are_given_back(struct test *t)
{
	struct mm_struct *mm = new_program(t, 1);

	user_read(mm, USER_BASE);
	shrink_caches(GFP_KERNEL, ~0UL);
	EXPECT_EQ(t, user_read(mm, USER_BASE + 100), 0);
	mmput(mm);
	shrink_caches(GFP_KERNEL, ~0UL);
	EXPECT_EQ(t, (void *)huge_zero_page, NULL);
}

static void fork_shares_and_a_write_copies_one_page(struct test *t)
{
	struct mm_struct *mm = new_program(t, 1), *child;

	if (!touch_huge(t, mm, USER_BASE, 1))
		return;
	user_write(mm, USER_BASE + PAGE_SIZE, 2);
	child = user_fork(t, mm);
	EXPECT_EQ(t, user_read(child, USER_BASE), 1);
	user_expect_mappings(t, mm, USER_BASE);
	EXPECT_TRUE(t, user_write(child, USER_BASE, 3));
	EXPECT_EQ(t, user_read(mm, USER_BASE), 1);
	EXPECT_EQ(t, user_read(child, USER_BASE), 3);
	EXPECT_EQ(t, user_read(child, USER_BASE + PAGE_SIZE), 2);
	if (IS_ENABLED(CONFIG_COW))
		EXPECT_TRUE(t, is_huge(mm, USER_BASE));
	EXPECT_FALSE(t, is_huge(child, USER_BASE));
	user_expect_mappings(t, child, USER_BASE);
	user_expect_mappings(t, child, USER_BASE + PAGE_SIZE);
	user_expect_sound(t, mm);
	user_expect_sound(t, child);
	mmput(mm);
	EXPECT_EQ(t, user_read(child, USER_BASE + PAGE_SIZE), 2);
	user_expect_sound(t, child);
	EXPECT_TRUE(t, user_write(child, USER_BASE + PAGE_SIZE, 4));
	mmput(child);
}

static void last_owner_writes_to_all_of_it_again(struct test *t)
{
	struct mm_struct *mm = new_program(t, 1), *child;
	struct page *head;

	if (!touch_huge(t, mm, USER_BASE, 1))
		return;
	head = user_page(mm, USER_BASE);
	child = user_fork(t, mm);
	user_write(child, USER_BASE, 2);
	mmput(child);
	EXPECT_TRUE(t, user_write(mm, USER_BASE, 3));
	EXPECT_EQ(t, (void *)user_page(mm, USER_BASE), (void *)head);
	if (IS_ENABLED(CONFIG_COW))
		EXPECT_TRUE(t, is_huge(mm, USER_BASE));
	user_expect_sound(t, mm);
	mmput(mm);
}

static void part_that_goes_leaves_the_others(struct test *t)
{
	struct mm_struct *mm = new_program(t, 1);

	if (!touch_huge(t, mm, USER_BASE, 1))
		return;
	user_write(mm, user_page_addr(511), 2);
	ASSERT_OK(t, user_unmap(mm, user_page_addr(1), 510 * PAGE_SIZE));
	EXPECT_EQ(t, mm_resident_pages(mm), 2ul);
	EXPECT_EQ(t, user_read(mm, USER_BASE), 1);
	EXPECT_EQ(t, user_read(mm, user_page_addr(511)), 2);
	EXPECT_EQ(t, user_read(mm, user_page_addr(1)), USER_SEGV);
	EXPECT_EQ(t, page_ref_count(user_page(mm, USER_BASE)), 1);
	user_expect_sound(t, mm);
	mmput(mm);
}

static void advice_drops_a_part_or_all(struct test *t)
{
	struct mm_struct *mm = new_program(t, 2);

	if (!touch_huge(t, mm, USER_BASE, 1) || !touch_huge(t, mm, USER_BASE + HUGE_SIZE, 2))
		return;
	ASSERT_OK(t, user_advise(mm, USER_BASE + HUGE_SIZE, HUGE_SIZE, MADV_DONTNEED));
	EXPECT_EQ(t, mm_resident_pages(mm), HUGE_PAGES);
	ASSERT_OK(t, user_advise(mm, USER_BASE, 3 * PAGE_SIZE, MADV_DONTNEED));
	EXPECT_EQ(t, mm_resident_pages(mm), HUGE_PAGES - 3);
	EXPECT_EQ(t, user_read(mm, USER_BASE), 0);
	EXPECT_EQ(t, user_read(mm, USER_BASE + HUGE_SIZE), 0);
	user_expect_sound(t, mm);
	mmput(mm);
}

static void rights_of_all_change_in_one_entry(struct test *t)
{
	struct mm_struct *mm = new_program(t, 1);

	if (!touch_huge(t, mm, USER_BASE, 1))
		return;
	ASSERT_OK(t, user_protect(mm, USER_BASE, HUGE_SIZE, PROT_READ));
	EXPECT_TRUE(t, is_huge(mm, USER_BASE));
	EXPECT_FALSE(t, user_write(mm, USER_BASE, 2));
	ASSERT_OK(t, user_protect(mm, USER_BASE, HUGE_SIZE, PROT_NONE));
	EXPECT_TRUE(t, is_huge(mm, USER_BASE));
	EXPECT_EQ(t, user_read(mm, USER_BASE), USER_SEGV);
	user_expect_sound(t, mm);
	ASSERT_OK(t, user_protect(mm, USER_BASE, HUGE_SIZE, USER_RW));
	EXPECT_EQ(t, user_read(mm, USER_BASE), 1);
	EXPECT_TRUE(t, user_write(mm, USER_BASE + 1, 2));
	EXPECT_TRUE(t, is_huge(mm, USER_BASE));
	user_expect_sound(t, mm);
	mmput(mm);
}

static void rights_of_a_part_split_the_entry(struct test *t)
{
	struct mm_struct *mm = new_program(t, 1);

	if (!touch_huge(t, mm, USER_BASE, 1))
		return;
	ASSERT_OK(t, user_protect(mm, user_page_addr(100), PAGE_SIZE, PROT_NONE));
	EXPECT_FALSE(t, is_huge(mm, USER_BASE));
	EXPECT_EQ(t, user_read(mm, user_page_addr(100)), USER_SEGV);
	EXPECT_TRUE(t, user_write(mm, user_page_addr(99), 9));
	EXPECT_EQ(t, mm_resident_pages(mm), HUGE_PAGES);
	user_expect_sound(t, mm);
	mmput(mm);
}

/* A hidden huge page is split, and shows up again page by page. */
static void hidden_page_can_be_split(struct test *t)
{
	struct mm_struct *mm = new_program(t, 1);

	if (!touch_huge(t, mm, user_page_addr(7), 77))
		return;
	ASSERT_OK(t, user_protect(mm, USER_BASE, HUGE_SIZE, PROT_NONE));
	ASSERT_OK(t, user_protect(mm, user_page_addr(7), PAGE_SIZE, PROT_READ));
	EXPECT_EQ(t, user_read(mm, user_page_addr(7)), 77);
	EXPECT_EQ(t, user_read(mm, user_page_addr(8)), USER_SEGV);
	user_expect_sound(t, mm);
	mmput(mm);
}

static void page_is_split_where_it_is_mapped(struct test *t)
{
	struct mm_struct *family[4] = { new_program(t, 1) };
	struct page *head;

	if (!touch_huge(t, family[0], USER_BASE, 1))
		return;
	head = user_page(family[0], USER_BASE);
	huge_page_get(head);
	for (unsigned int i = 1; i < 4; i++)
		family[i] = user_fork(t, family[i - 1]);
	/* Another has all of it, as reclaim may. */
	huge_page_get(head);
	EXPECT_FALSE(t, huge_page_try_split(head));
	huge_page_put(head);
	EXPECT_TRUE(t, huge_page_try_split(head));
	huge_page_put(head);
	EXPECT_EQ(t, (void *)page_huge_head(head), NULL);
	for (unsigned int i = 0; i < 4; i++) {
		EXPECT_FALSE(t, is_huge(family[i], USER_BASE));
		EXPECT_EQ(t, user_read(family[i], USER_BASE), 1);
		user_expect_sound(t, family[i]);
		user_expect_mappings(t, family[i], user_page_addr(17));
	}
	for (unsigned int i = 0; i < 4; i++)
		mmput(family[i]);
}

/* Two that share it unmap different halves: what nobody maps is free at once. */
static void halves_go_when_nobody_maps_them(struct test *t)
{
	struct mm_struct *mm = new_program(t, 1), *child;

	if (!touch_huge(t, mm, USER_BASE, 1))
		return;
	user_write(mm, user_page_addr(300), 2);
	child = user_fork(t, mm);
	ASSERT_OK(t, user_unmap(mm, USER_BASE, HUGE_SIZE / 2));
	ASSERT_OK(t, user_unmap(child, USER_BASE + HUGE_SIZE / 2, HUGE_SIZE / 2));
	EXPECT_EQ(t, user_read(child, USER_BASE), 1);
	EXPECT_EQ(t, user_read(mm, user_page_addr(300)), 2);
	EXPECT_EQ(t, page_ref_count(user_page(child, USER_BASE)), 1);
	EXPECT_EQ(t, page_ref_count(user_page(mm, user_page_addr(300))), 1);
	user_expect_sound(t, mm);
	user_expect_sound(t, child);
	mmput(mm);
	mmput(child);
}

static void area_may_end_in_the_middle_of_one(struct test *t)
{
	struct mm_struct *mm = new_program(t, 1), *child;

	if (!touch_huge(t, mm, USER_BASE, 1))
		return;
	user_write(mm, user_page_addr(400), 4);
	ASSERT_OK(t, user_advise(mm, USER_BASE, HUGE_SIZE / 2, MADV_DONTFORK));
	user_expect_sound(t, mm);
	child = user_fork(t, mm);
	EXPECT_EQ(t, user_read(child, USER_BASE), USER_SEGV);
	EXPECT_EQ(t, user_read(child, user_page_addr(400)), 4);
	user_expect_sound(t, child);
	mmput(child);
	mmput(mm);
}

static void large_mappings_are_aligned(struct test *t)
{
	struct mm_struct *mm = user_new(t);
	unsigned long addr;

	mm->mmap_base = USER_BASE + MIB(64) + 5 * PAGE_SIZE;
	addr = user_map(mm, 0, 2 * HUGE_SIZE, HUGE_ANON);
	EXPECT_TRUE(t, thp_mode == THP_NEVER || IS_ALIGNED(addr, HUGE_SIZE));
	addr = user_map(mm, 0, HUGE_SIZE + PAGE_SIZE, HUGE_ANON);
	EXPECT_TRUE(t, IS_ALIGNED(addr, PAGE_SIZE));
	mmput(mm);
}

/* --- fallback and collapse --- */

/* Takes all blocks of 2 MiB; a list of them. */
static struct page *take_all_blocks(void)
{
	struct page *taken = NULL, *head;

	while ((head = alloc_pages(GFP_NOWAIT | __GFP_NOWARN, HUGE_ORDER))) {
		head->private = (unsigned long)taken;
		taken = head;
	}
	return taken;
}

static void give_blocks_back(struct page *taken)
{
	while (taken) {
		struct page *next = (struct page *)taken->private;

		taken->private = 0;
		__free_pages(taken, HUGE_ORDER);
		taken = next;
	}
}

static void write_all(struct test *t, struct mm_struct *mm, unsigned long nr_pages)
{
	for (unsigned long page = 0; page < nr_pages; page++)
		EXPECT_TRUE(t, user_write(mm, user_page_addr(page), (u8)(page * 7)));
}

static void expect_all(struct test *t, struct mm_struct *mm, unsigned long nr_pages)
{
	for (unsigned long page = 0; page < HUGE_PAGES; page++)
		EXPECT_EQ(t, user_read(mm, user_page_addr(page)),
			  page < nr_pages ? (u8)(page * 7) : 0);
}

static void without_a_block_small_pages_come(struct test *t)
{
	struct mm_struct *mm = new_program(t, 2);
	struct page *taken;

	page_stock_hold(); /* no block is just being zeroed */
	taken = take_all_blocks();
	EXPECT_TRUE(t, user_write(mm, USER_BASE, 1));
	EXPECT_EQ(t, user_read(mm, USER_BASE + HUGE_SIZE), 0);
	EXPECT_TRUE(t, user_write(mm, USER_BASE + HUGE_SIZE, 2));
	EXPECT_EQ(t, nr_huge_entries(mm), 0ul);
	EXPECT_EQ(t, mm_resident_pages(mm), 2ul);
	user_expect_sound(t, mm);
	mmput(mm);
	give_blocks_back(taken);
	page_stock_release();
}

/* A program with small pages, @nr of them written. */
static struct mm_struct *new_small_program(struct test *t, unsigned long nr)
{
	struct mm_struct *mm = new_program(t, 1);

	EXPECT_OK(t, user_advise(mm, USER_BASE, HUGE_SIZE, MADV_NOHUGEPAGE));
	write_all(t, mm, nr);
	EXPECT_EQ(t, nr_huge_entries(mm), 0ul);
	EXPECT_OK(t, user_advise(mm, USER_BASE, HUGE_SIZE, MADV_HUGEPAGE));
	return mm;
}

static bool collapse(struct test *t, struct mm_struct *mm)
{
	int err = khugepaged_collapse(mm, USER_BASE);

	if (err == -ENOMEM)
		test_skip(t, "no block of 2 MiB is free");
	else
		EXPECT_EQ(t, err, 0);
	return !err;
}

static void small_pages_become_a_huge_one(struct test *t)
{
	struct mm_struct *mm = new_small_program(t, HUGE_PAGES);

	if (collapse(t, mm)) {
		EXPECT_TRUE(t, is_huge(mm, USER_BASE));
		EXPECT_EQ(t, mm_resident_pages(mm), HUGE_PAGES);
		expect_all(t, mm, HUGE_PAGES);
		EXPECT_TRUE(t, user_write(mm, USER_BASE, 0));
		user_expect_sound(t, mm);
		user_expect_mappings(t, mm, user_page_addr(9));
		EXPECT_EQ(t, khugepaged_collapse(mm, USER_BASE), -EEXIST);
	}
	mmput(mm);
}

static void missing_pages_become_zeros_up_to_a_limit(struct test *t)
{
	struct mm_struct *mm = new_small_program(t, 100);
	unsigned int before = khugepaged_max_ptes_none;

	khugepaged_max_ptes_none = 411;
	EXPECT_EQ(t, khugepaged_collapse(mm, USER_BASE), -ENOENT);
	khugepaged_max_ptes_none = 412;
	user_read(mm, user_page_addr(200));
	if (collapse(t, mm)) {
		EXPECT_EQ(t, mm_resident_pages(mm), HUGE_PAGES);
		expect_all(t, mm, 100);
		user_expect_sound(t, mm);
	}
	khugepaged_max_ptes_none = before;
	mmput(mm);
}

static void page_in_use_by_the_kernel_is_refused(struct test *t)
{
	struct mm_struct *mm = new_small_program(t, HUGE_PAGES);
	struct page *page = user_page(mm, user_page_addr(77));

	get_page(page);
	EXPECT_EQ(t, khugepaged_collapse(mm, USER_BASE), -EBUSY);
	put_page(page);
	expect_all(t, mm, HUGE_PAGES);
	user_expect_sound(t, mm);
	mmput(mm);
}

static void shared_pages_are_copied_up_to_a_limit(struct test *t)
{
	struct mm_struct *mm = new_small_program(t, 8), *child = user_fork(t, mm);
	unsigned int before = khugepaged_max_ptes_shared;

	if (IS_ENABLED(CONFIG_COW)) {
		khugepaged_max_ptes_shared = 7;
		EXPECT_EQ(t, khugepaged_collapse(child, USER_BASE), -ENOENT);
	}
	khugepaged_max_ptes_shared = 8;
	if (collapse(t, child)) {
		EXPECT_TRUE(t, user_write(child, USER_BASE, 99));
		EXPECT_EQ(t, user_read(mm, USER_BASE), 0);
		expect_all(t, mm, 8);
		user_expect_sound(t, mm);
		user_expect_sound(t, child);
		user_expect_mappings(t, mm, USER_BASE);
	}
	khugepaged_max_ptes_shared = before;
	mmput(child);
	mmput(mm);
}

static void pages_that_are_left_to_others_are_not_locked(struct test *t)
{
	struct mm_struct *mm = new_small_program(t, 8), *child;
	struct page *page;

	EXPECT_OK(t, do_mlock(mm, USER_BASE, HUGE_SIZE, VM_LOCKED | VM_LOCKONFAULT));
	page = user_page(mm, USER_BASE);
	EXPECT_TRUE(t, !IS_ENABLED(CONFIG_RECLAIM) || page_has_flag(page, PG_unevictable));
	child = user_fork(t, mm);
	if (child && IS_ENABLED(CONFIG_COW) && collapse(t, mm)) {
		EXPECT_TRUE(t, user_page(child, USER_BASE) == page);
		EXPECT_FALSE(t, page_has_flag(page, PG_unevictable));
		expect_all(t, child, 8);
	}
	if (child)
		mmput(child);
	mmput(mm);
}

static void pages_in_a_row_merge_in_place(struct test *t)
{
	struct mm_struct *mm = new_program(t, 1);
	struct page *page;

	if (!touch_huge(t, mm, USER_BASE, 0))
		return;
	write_all(t, mm, HUGE_PAGES);
	page = user_page(mm, USER_BASE);
	ASSERT_OK(t, user_protect(mm, USER_BASE, PAGE_SIZE, PROT_READ));
	ASSERT_OK(t, user_protect(mm, USER_BASE, PAGE_SIZE, USER_RW));
	EXPECT_FALSE(t, is_huge(mm, USER_BASE));
	EXPECT_OK(t, khugepaged_collapse(mm, USER_BASE));
	EXPECT_TRUE(t, is_huge(mm, USER_BASE));
	EXPECT_EQ(t, (void *)user_page(mm, USER_BASE), (void *)page);
	expect_all(t, mm, HUGE_PAGES);
	user_expect_sound(t, mm);
	mmput(mm);
}

static void area_without_rights_is_left_alone(struct test *t)
{
	struct mm_struct *mm = new_small_program(t, HUGE_PAGES);

	ASSERT_OK(t, user_protect(mm, USER_BASE, HUGE_SIZE, PROT_NONE));
	EXPECT_EQ(t, khugepaged_collapse(mm, USER_BASE), -EINVAL);
	EXPECT_EQ(t, khugepaged_collapse(mm, USER_BASE + HUGE_SIZE), -EINVAL);
	user_expect_sound(t, mm);
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
	program->mm = new_program(w->t, NR_HUGE);
	user_program_set(program, 0, NR_PAGES, 0, USER_RW);
}

static void program_protect(struct world *w, struct user_program *program, unsigned long first,
			    unsigned long end)
{
	static const u8 prots[] = { USER_RW, USER_RW, PROT_READ, PROT_NONE };
	u8 prot = prots[test_random_below(&w->random, ARRAY_SIZE(prots))];
	unsigned long page = first;

	while (page < end && program->value[page] != USER_SEGV)
		program->prot[page++] = prot;
	if (page > first)
		EXPECT_OK(w->t, user_protect(program->mm, user_page_addr(first),
					     (page - first) * PAGE_SIZE, prot));
}

static void program_change(struct world *w, struct user_program *program, unsigned long first,
			   unsigned long end)
{
	unsigned long addr = user_page_addr(first), len = (end - first) * PAGE_SIZE;

	switch (test_random_below(&w->random, 5)) {
	case 0:
		EXPECT_EQ(w->t, user_map(program->mm, addr, len, HUGE_ANON | MAP_FIXED), addr);
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
		khugepaged_collapse(program->mm, addr & -HUGE_SIZE);
		break;
	default:
		program_protect(w, program, first, end);
	}
}

/* Ranges of all sizes, and often those of a huge page. */
static void choose_range(struct world *w, unsigned long *first, unsigned long *end)
{
	unsigned long huge = test_random_below(&w->random, NR_HUGE) * HUGE_PAGES;

	*first = test_random_below(&w->random, NR_PAGES);
	*end = *first + 1 + test_random_below(&w->random, NR_PAGES - *first);
	if (test_random_below(&w->random, 3) == 0) {
		*first = huge;
		*end = huge + HUGE_PAGES;
	} else if (test_random_below(&w->random, 2)) {
		*end = min(*end, *first + 8);
	}
}

static void world_step(struct world *w)
{
	struct user_program *program = &w->programs[test_random_below(&w->random, NR_MM)];
	unsigned int what = test_random_below(&w->random, 100);
	unsigned long first, end;

	choose_range(w, &first, &end);
	if (!program->mm)
		program_begin(w, program);
	else if (what < 3)
		user_program_end(program);
	else if (what < 9)
		user_program_fork(w->t, program,
				  &w->programs[test_random_below(&w->random, NR_MM)]);
	else if (what < 25)
		program_change(w, program, first, end);
	else
		user_program_access(w->t, &w->random, program, first);
	if (program->mm && what < 40) {
		user_expect_sound(w->t, program->mm);
		user_expect_mappings(w->t, program->mm, user_page_addr(first));
	}
}

static void programs_see_what_they_wrote(struct test *t)
{
	static struct world w;
	struct page_counts counts;

	page_counts_get(&counts);
	if (counts.nr_free < 2 * NR_MM * NR_PAGES) {
		test_skip(t, "too little memory");
		return;
	}
	w = (struct world){ .t = t, .random = test_random_seeded(t, 0x2a2a) };
	for (unsigned long step = 0; step < NR_STEPS && !t->nr_failures; step++)
		world_step(&w);
	for (size_t i = 0; i < NR_MM; i++)
		user_program_end(&w.programs[i]);
}

static const struct test_case huge_memory_cases[] = {
	TEST_CASE(first_write_brings_a_huge_page_of_zeros),
	TEST_CASE(area_without_all_of_it_gets_small_pages),
	TEST_CASE(advice_decides),
	TEST_CASE(zeros_are_shared_until_they_are_written_to),
	TEST_CASE(unused_zeros_are_given_back),
	TEST_CASE(fork_shares_and_a_write_copies_one_page),
	TEST_CASE(last_owner_writes_to_all_of_it_again),
	TEST_CASE(part_that_goes_leaves_the_others),
	TEST_CASE(advice_drops_a_part_or_all),
	TEST_CASE(rights_of_all_change_in_one_entry),
	TEST_CASE(rights_of_a_part_split_the_entry),
	TEST_CASE(hidden_page_can_be_split),
	TEST_CASE(page_is_split_where_it_is_mapped),
	TEST_CASE(halves_go_when_nobody_maps_them),
	TEST_CASE(area_may_end_in_the_middle_of_one),
	TEST_CASE(large_mappings_are_aligned),
	TEST_CASE(without_a_block_small_pages_come),
	TEST_CASE(small_pages_become_a_huge_one),
	TEST_CASE(missing_pages_become_zeros_up_to_a_limit),
	TEST_CASE(page_in_use_by_the_kernel_is_refused),
	TEST_CASE(shared_pages_are_copied_up_to_a_limit),
	TEST_CASE(pages_that_are_left_to_others_are_not_locked),
	TEST_CASE(pages_in_a_row_merge_in_place),
	TEST_CASE(area_without_rights_is_left_alone),
	TEST_CASE(programs_see_what_they_wrote),
};
TEST_SUITE(huge_memory, huge_memory_cases);
