/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Reverse mapping: whatever has become of areas, a walk from a page finds exactly the entries that
 * map it, and looks at few others.  The random programs of user_mm_test.c ask the same.
 */
#include <oshit/check_mm.h>
#include <oshit/gfp.h>
#include <oshit/page.h>
#include <oshit/rmap.h>

#include "test_user.h"

#define NR_GENERATIONS 40

static struct mm_struct *new_program(struct test *t, unsigned long nr_pages)
{
	return user_new_mapped(t, nr_pages * PAGE_SIZE, 0);
}

static struct vm_area *area_at(struct mm_struct *mm, unsigned long page)
{
	return vma_lookup(&mm->areas, user_page_addr(page));
}

static unsigned int chain_length(const struct vm_area *area)
{
	unsigned int nr = 0;

	for (const struct anon_vma_chain *link = area->anon_chain; link; link = link->next)
		nr++;
	return nr;
}

/* A walk from the page at @page finds as many entries as its count says: @nr. */
static void expect_mappings(struct test *t, struct mm_struct *mm, unsigned long page,
			    unsigned int nr)
{
	struct page *mapped = user_page(mm, user_page_addr(page));

	EXPECT_NE(t, (void *)mapped, NULL);
	if (!mapped)
		return;
	EXPECT_EQ(t, page_all_maps(mapped), (int)nr);
	EXPECT_EQ(t, rmap_count_entries(mapped), nr);
}

struct visit_count {
	struct rmap_walk walk;
	unsigned int nr;
};

static bool count_visit(struct rmap_walk *walk, struct vm_area *area __maybe_unused,
			unsigned long addr __maybe_unused)
{
	container_of(walk, struct visit_count, walk)->nr++;
	return true;
}

/* How many areas a walk from the page at @page looks at. */
static unsigned int nr_visits(struct mm_struct *mm, unsigned long page)
{
	struct visit_count count = { .walk.visit = count_visit };

	rmap_walk(user_page(mm, user_page_addr(page)), 1, &count.walk);
	return count.nr;
}

static void area_gets_an_anon_vma_with_its_first_page(struct test *t)
{
	struct mm_struct *mm = new_program(t, 4);

	EXPECT_EQ(t, (void *)area_at(mm, 0)->anon_vma, NULL);
	if (IS_ENABLED(CONFIG_ZERO_PAGE)) {
		EXPECT_EQ(t, user_read(mm, user_page_addr(0)), 0);
		EXPECT_EQ(t, (void *)area_at(mm, 0)->anon_vma, NULL);
	}
	EXPECT_TRUE(t, user_write(mm, user_page_addr(1), 1));
	EXPECT_NE(t, (void *)area_at(mm, 0)->anon_vma, NULL);
	expect_mappings(t, mm, 1, 1);
	user_expect_sound(t, mm);
	mmput(mm);
}

/* A family of 1 + 3 + 9. */
static void page_is_found_in_all_generations(struct test *t)
{
	struct mm_struct *family[13] = { new_program(t, 4) };

	user_write(family[0], user_page_addr(1), 1);
	for (unsigned int i = 1; i < 13; i++)
		family[i] = user_fork(t, family[(i - 1) / 3]);
	expect_mappings(t, family[0], 1, IS_ENABLED(CONFIG_COW) ? 13 : 1);
	user_write(family[7], user_page_addr(1), 7);
	expect_mappings(t, family[0], 1, IS_ENABLED(CONFIG_COW) ? 12 : 1);
	expect_mappings(t, family[7], 1, 1);
	mmput(family[0]);
	family[0] = NULL;
	expect_mappings(t, family[12], 1, IS_ENABLED(CONFIG_COW) ? 11 : 1);
	for (unsigned int i = 1; i < 13; i++) {
		user_expect_sound(t, family[i]);
		EXPECT_EQ(t, user_read(family[i], user_page_addr(1)), i == 7 ? 7 : 1);
		mmput(family[i]);
	}
}

static void new_page_of_a_child_is_looked_for_in_it_alone(struct test *t)
{
	struct mm_struct *parent = new_program(t, 4), *child, *grandchild;

	user_write(parent, user_page_addr(0), 1);
	child = user_fork(t, parent);
	user_write(child, user_page_addr(0), 2);
	user_write(child, user_page_addr(1), 2);
	EXPECT_EQ(t, nr_visits(child, 0), 1u);
	EXPECT_EQ(t, nr_visits(child, 1), 1u);
	EXPECT_EQ(t, nr_visits(parent, 0), 2u);
	grandchild = user_fork(t, child);
	EXPECT_EQ(t, nr_visits(child, 1), 2u);
	EXPECT_EQ(t, chain_length(area_at(grandchild, 0)), 2u);
	mmput(grandchild);
	mmput(child);
	mmput(parent);
}

static void child_that_writes_nothing_has_no_anon_vma(struct test *t)
{
	struct mm_struct *parent = new_program(t, 4), *child;

	user_write(parent, user_page_addr(0), 1);
	child = user_fork(t, parent);
	EXPECT_EQ(t, (void *)area_at(child, 0)->anon_vma, NULL);
	EXPECT_EQ(t, chain_length(area_at(child, 0)), 1u);
	mmput(child);
	mmput(parent);
}

static void split_parts_map_what_the_whole_did(struct test *t)
{
	struct mm_struct *mm = new_program(t, 8), *child;

	for (unsigned long page = 0; page < 8; page++)
		user_write(mm, user_page_addr(page), (u8)page);
	child = user_fork(t, mm);
	ASSERT_OK(t, user_protect(mm, user_page_addr(3), 2 * PAGE_SIZE, PROT_READ));
	ASSERT_OK(t, user_unmap(child, user_page_addr(5), PAGE_SIZE));
	EXPECT_EQ(t, mm->areas.nr, 3u);
	for (unsigned long page = 0; page < 8; page++)
		expect_mappings(t, mm, page, IS_ENABLED(CONFIG_COW) && page != 5 ? 2 : 1);
	user_expect_sound(t, mm);
	user_expect_sound(t, child);
	ASSERT_OK(t, user_protect(mm, user_page_addr(3), 2 * PAGE_SIZE, USER_RW));
	EXPECT_EQ(t, mm->areas.nr, 1u);
	for (unsigned long page = 0; page < 8; page++)
		expect_mappings(t, mm, page, IS_ENABLED(CONFIG_COW) && page != 5 ? 2 : 1);
	user_expect_sound(t, mm);
	mmput(mm);
	mmput(child);
}

/* Unlike rights keep them apart when they get their first pages. */
static void neighbours_that_may_merge_share_an_anon_vma(struct test *t)
{
	struct mm_struct *mm = new_program(t, 6);

	ASSERT_OK(t, user_protect(mm, user_page_addr(2), 2 * PAGE_SIZE, PROT_READ));
	for (unsigned long page = 0; page < 6; page++)
		user_write(mm, user_page_addr(page), (u8)page);
	EXPECT_EQ(t, mm->areas.nr, 3u);
	ASSERT_OK(t, user_protect(mm, user_page_addr(2), 2 * PAGE_SIZE, USER_RW));
	EXPECT_LE(t, mm->areas.nr, 2u); /* the outer ones were no neighbours */
	user_expect_sound(t, mm);
	mmput(mm);

	mm = new_program(t, 6);
	ASSERT_OK(t, user_protect(mm, user_page_addr(3), 3 * PAGE_SIZE, USER_RW | PROT_EXEC));
	user_write(mm, user_page_addr(0), 1);
	user_write(mm, user_page_addr(5), 1);
	EXPECT_EQ(t, (void *)area_at(mm, 0)->anon_vma, (void *)area_at(mm, 5)->anon_vma);
	ASSERT_OK(t, user_protect(mm, user_page_addr(3), 3 * PAGE_SIZE, USER_RW));
	EXPECT_EQ(t, mm->areas.nr, 1u);
	expect_mappings(t, mm, 0, 1);
	expect_mappings(t, mm, 5, 1);
	mmput(mm);
}

/* What lies between has no page yet and could join either, but not both. */
static void strangers_do_not_merge_over_a_gap(struct test *t)
{
	struct mm_struct *mm = new_program(t, 6);

	ASSERT_OK(t, user_unmap(mm, user_page_addr(2), 2 * PAGE_SIZE));
	user_write(mm, user_page_addr(0), 1);
	user_write(mm, user_page_addr(5), 5);
	EXPECT_NE(t, (void *)area_at(mm, 0)->anon_vma, (void *)area_at(mm, 5)->anon_vma);
	user_map(mm, user_page_addr(2), 2 * PAGE_SIZE, USER_ANON | MAP_FIXED);
	EXPECT_EQ(t, mm->areas.nr, 2u);
	user_expect_sound(t, mm);
	for (unsigned long page = 0; page < 6; page++) {
		user_write(mm, user_page_addr(page), 9);
		expect_mappings(t, mm, page, 1);
	}
	mmput(mm);
}

static void child_may_merge_what_its_parent_had_split(struct test *t)
{
	struct mm_struct *parent = new_program(t, 6), *child;

	for (unsigned long page = 0; page < 6; page++)
		user_write(parent, user_page_addr(page), (u8)page);
	ASSERT_OK(t, user_protect(parent, user_page_addr(3), 3 * PAGE_SIZE, PROT_READ));
	child = user_fork(t, parent);
	user_write(child, user_page_addr(0), 9); /* now it has one anon_vma more than the other */
	ASSERT_OK(t, user_protect(child, user_page_addr(3), 3 * PAGE_SIZE, USER_RW));
	EXPECT_EQ(t, child->areas.nr, 1u);
	user_expect_sound(t, child);
	for (unsigned long page = 1; page < 6; page++)
		expect_mappings(t, child, page, IS_ENABLED(CONFIG_COW) ? 2 : 1);
	mmput(child);
	mmput(parent);
}

/* Each child outlives its parent, and each writes. */
static void line_of_children_has_short_chains(struct test *t)
{
	struct mm_struct *mm = new_program(t, NR_GENERATIONS + 1);

	user_write(mm, user_page_addr(NR_GENERATIONS), 77);
	for (unsigned int i = 0; i < NR_GENERATIONS && !t->nr_failures; i++) {
		struct mm_struct *child;

		user_write(mm, user_page_addr(i), (u8)i);
		child = user_fork(t, mm);
		if (!child)
			break;
		user_write(child, user_page_addr(i), (u8)(i + 1));
		mmput(mm);
		mm = child;
		EXPECT_LE(t, chain_length(area_at(mm, 0)), 3u);
		expect_mappings(t, mm, NR_GENERATIONS, 1);
		expect_mappings(t, mm, i, 1);
	}
	user_expect_sound(t, mm);
	mmput(mm);
}

/* One parent of many: its pages are in all, theirs in one each. */
static void many_children_do_not_slow_down_each_other(struct test *t)
{
	struct mm_struct *parent = new_program(t, 2), *children[24];

	user_write(parent, user_page_addr(0), 1);
	for (unsigned int i = 0; i < 24; i++) {
		children[i] = user_fork(t, parent);
		user_write(children[i], user_page_addr(1), (u8)i);
	}
	expect_mappings(t, parent, 0, IS_ENABLED(CONFIG_COW) ? 25 : 1);
	EXPECT_EQ(t, nr_visits(parent, 0), 25u);
	for (unsigned int i = 0; i < 24; i++) {
		EXPECT_EQ(t, nr_visits(children[i], 1), 1u);
		mmput(children[i]);
	}
	EXPECT_EQ(t, nr_visits(parent, 0), 1u);
	mmput(parent);
}

static void last_owner_has_its_page_to_itself(struct test *t)
{
	struct mm_struct *parent = new_program(t, 2), *child;
	struct page *page;

	user_write(parent, user_page_addr(0), 1);
	page = user_page(parent, user_page_addr(0));
	child = user_fork(t, parent);
	user_write(parent, user_page_addr(0), 2);
	user_write(child, user_page_addr(1), 3);
	user_write(child, user_page_addr(0), 3);
	if (IS_ENABLED(CONFIG_COW))
		EXPECT_EQ(t, (void *)user_page(child, user_page_addr(0)), (void *)page);
	EXPECT_EQ(t, nr_visits(child, 0), IS_ENABLED(CONFIG_COW) ? 1u : 2u);
	user_expect_sound(t, child);
	mmput(child);
	mmput(parent);
}

static void page_that_is_gone_is_not_walked(struct test *t)
{
	struct mm_struct *mm = new_program(t, 2);
	struct page *page;

	user_write(mm, user_page_addr(0), 1);
	page = user_page(mm, user_page_addr(0));
	get_page(page);
	mmput(mm);
	EXPECT_EQ(t, rmap_count_entries(page), 0u);
	EXPECT_EQ(t, (void *)page_lock_anon_vma(page), NULL);
	put_page(page);
}

static void locked_page_keeps_its_anon_vma(struct test *t)
{
	struct mm_struct *mm = new_program(t, 2);
	struct anon_vma *anon_vma;
	struct page *page;

	user_write(mm, user_page_addr(0), 1);
	page = user_page(mm, user_page_addr(0));
	get_page(page);
	anon_vma = page_lock_anon_vma(page);
	EXPECT_EQ(t, (void *)anon_vma, (void *)page_anon_vma(page));
	page_unlock_anon_vma(anon_vma);
	mmput(mm);
	put_page(page);
}

static void heap_that_grows_stays_one_area(struct test *t)
{
	struct mm_struct *mm = user_new(t), *child;

	mm->start_brk = mm->brk = USER_BASE;
	for (unsigned long i = 1; i <= 8; i++) {
		down_write(&mm->mmap_lock);
		EXPECT_EQ(t, do_brk(mm, user_page_addr(i)), user_page_addr(i));
		mmap_write_unlock(mm);
		user_write(mm, user_page_addr(i - 1), (u8)i);
	}
	EXPECT_EQ(t, mm->areas.nr, 1u);
	child = user_fork(t, mm);
	down_write(&child->mmap_lock);
	do_brk(child, user_page_addr(10));
	do_brk(child, user_page_addr(4));
	mmap_write_unlock(child);
	EXPECT_EQ(t, child->areas.nr, 1u);
	expect_mappings(t, mm, 3, IS_ENABLED(CONFIG_COW) ? 2 : 1);
	expect_mappings(t, mm, 4, 1);
	user_expect_sound(t, child);
	mmput(child);
	mmput(mm);
}

static const struct test_case rmap_cases[] = {
	TEST_CASE(area_gets_an_anon_vma_with_its_first_page),
	TEST_CASE(page_is_found_in_all_generations),
	TEST_CASE(new_page_of_a_child_is_looked_for_in_it_alone),
	TEST_CASE(child_that_writes_nothing_has_no_anon_vma),
	TEST_CASE(split_parts_map_what_the_whole_did),
	TEST_CASE(neighbours_that_may_merge_share_an_anon_vma),
	TEST_CASE(strangers_do_not_merge_over_a_gap),
	TEST_CASE(child_may_merge_what_its_parent_had_split),
	TEST_CASE(line_of_children_has_short_chains),
	TEST_CASE(many_children_do_not_slow_down_each_other),
	TEST_CASE(last_owner_has_its_page_to_itself),
	TEST_CASE(page_that_is_gone_is_not_walked),
	TEST_CASE(locked_page_keeps_its_anon_vma),
	TEST_CASE(heap_that_grows_stays_one_area),
};
TEST_SUITE(rmap, rmap_cases);
