/* SPDX-License-Identifier: GPL-2.0-only */
/* Ranges of a small region, against a map with a byte a page. */
#include <linux/errno.h>

#include <arch/page.h>
#include <oshit/math.h>
#include <oshit/string.h>
#include <oshit/test.h>
#include <oshit/test_random.h>

#include "vmalloc_tree.h"

#define BASE	 0xffffc90000001000UL /* not aligned to more than a page */
#define NR_PAGES 256UL
#define NR_SLOTS 64UL

#ifndef NR_TREE_STEPS /* the host makes millions */
#define NR_TREE_STEPS 20000
#endif

static struct vmalloc_tree tree;
static struct vmalloc_range ranges[NR_SLOTS];
static u8 owners[NR_PAGES]; /* slot + 1, 0: free */

static void reset(void)
{
	vmalloc_tree_init(&tree, BASE, BASE + NR_PAGES * PAGE_SIZE);
	memset(ranges, 0, sizeof(ranges));
	memset(owners, 0, sizeof(owners));
}

static bool run_is_free(unsigned long first, unsigned long nr)
{
	if (first + nr > NR_PAGES)
		return false;
	return !memchr_inv(&owners[first], 0, nr);
}

/* The first page of the lowest place for @nr pages at @align; NR_PAGES: there is none. */
static unsigned long lowest_place(unsigned long nr, unsigned long align)
{
	for (unsigned long i = 0; i < NR_PAGES; i++)
		if (IS_ALIGNED(BASE + i * PAGE_SIZE, align) && run_is_free(i, nr))
			return i;
	return NR_PAGES;
}

static unsigned long max_gap_below(const struct rb_node *node)
{
	return node ? rb_entry(node, struct vmalloc_range, node)->max_gap : 0;
}

/* The rules of mm/vmalloc_tree.c; returns the bytes that are in use. */
static unsigned long verify(struct test *t)
{
	unsigned long end = BASE, used = 0;
	struct vmalloc_range *range;

	rb_for_each_entry(range, &tree.root, node) {
		unsigned long below =
			max(max_gap_below(range->node.left), max_gap_below(range->node.right));

		EXPECT_EQ(t, range->gap, range->start - end);
		EXPECT_LE(t, end, range->start);
		EXPECT_EQ(t, range->max_gap, max(range->gap, below));
		end = range->end;
		used += range->end - range->start;
	}
	EXPECT_EQ(t, end, BASE + NR_PAGES * PAGE_SIZE);
	return used;
}

static void take(struct test *t, unsigned long slot, unsigned long nr, unsigned long align)
{
	struct vmalloc_range *range = &ranges[slot];
	unsigned long place = lowest_place(nr, align), first;
	int err = vmalloc_tree_insert(&tree, range, nr * PAGE_SIZE, align);

	EXPECT_EQ(t, err, place == NR_PAGES ? -ENOSPC : 0);
	if (err)
		return;
	first = (range->start - BASE) / PAGE_SIZE;
	EXPECT_EQ(t, range->end - range->start, nr * PAGE_SIZE);
	EXPECT_TRUE(t, IS_ALIGNED(range->start, align));
	EXPECT_TRUE(t, range->start >= BASE && run_is_free(first, nr));
	if (align == PAGE_SIZE)
		EXPECT_EQ(t, first, place);
	if (!t->nr_failures)
		memset(&owners[first], (int)slot + 1, nr);
}

static void give(unsigned long slot)
{
	unsigned long first = (ranges[slot].start - BASE) / PAGE_SIZE;

	memset(&owners[first], 0, (ranges[slot].end - ranges[slot].start) / PAGE_SIZE);
	vmalloc_tree_remove(&tree, &ranges[slot]);
	ranges[slot].start = 0;
}

static void find_agrees(struct test *t, unsigned long page)
{
	unsigned long addr = BASE + page * PAGE_SIZE + page % PAGE_SIZE;
	struct vmalloc_range *range = vmalloc_tree_find(&tree, addr);

	EXPECT_TRUE(t, vmalloc_tree_peek(&tree, addr) == range);
	while (page < NR_PAGES && !owners[page])
		page++;
	EXPECT_TRUE(t, range == (page < NR_PAGES ? &ranges[owners[page] - 1] : NULL));
}

static void random_ranges_agree_with_map(struct test *t)
{
	struct test_random random = test_random_seeded(t, 0x766d616c6c6f63);
	unsigned long used = 0;

	reset();
	for (unsigned long step = 0; step < NR_TREE_STEPS && !t->nr_failures; step++) {
		unsigned long slot = test_random_below(&random, NR_SLOTS);
		unsigned long nr = 1 + test_random_below(&random, 24);
		unsigned long align = PAGE_SIZE << test_random_below(&random, 6);

		if (ranges[slot].start)
			give(slot);
		else
			take(t, slot, nr, step % 2 ? PAGE_SIZE : align);
		find_agrees(t, test_random_below(&random, NR_PAGES));
		if (step % 64 == 0)
			used = max(used, verify(t));
	}
	test_note(t, "%u steps; at most %lu of %lu pages used", (unsigned int)NR_TREE_STEPS,
		  used / PAGE_SIZE, NR_PAGES);
	for (unsigned long slot = 0; slot < NR_SLOTS; slot++)
		if (ranges[slot].start)
			give(slot);
	EXPECT_EQ(t, verify(t), 0UL);
	EXPECT_EQ(t, tree.end.gap, NR_PAGES * PAGE_SIZE);
}

static void region_can_be_filled_to_the_last_page(struct test *t)
{
	reset();
	for (unsigned long i = 0; i < 4; i++)
		take(t, i, NR_PAGES / 4, PAGE_SIZE);
	EXPECT_EQ(t, verify(t), NR_PAGES * PAGE_SIZE);
	EXPECT_EQ(t, vmalloc_tree_insert(&tree, &ranges[4], PAGE_SIZE, PAGE_SIZE), -ENOSPC);
	give(2);
	take(t, 4, NR_PAGES / 4, PAGE_SIZE);
	EXPECT_EQ(t, ranges[4].start, BASE + NR_PAGES / 2 * PAGE_SIZE);
}

/* The only gap that fits is smaller than size + alignment, and aligned by chance. */
static void last_aligned_place_is_found(struct test *t)
{
	unsigned long align = 16 * PAGE_SIZE;

	reset();
	take(t, 0, 15, PAGE_SIZE); /* up to a multiple of 16 pages */
	take(t, 1, 16, align);
	take(t, 2, NR_PAGES - 31, PAGE_SIZE);
	give(1);
	EXPECT_OK(t, vmalloc_tree_insert(&tree, &ranges[1], 16 * PAGE_SIZE, align));
	EXPECT_TRUE(t, IS_ALIGNED(ranges[1].start, align));
}

static void impossible_sizes_are_refused(struct test *t)
{
	reset();
	EXPECT_EQ(t, vmalloc_tree_insert(&tree, &ranges[0], -PAGE_SIZE, PAGE_SIZE), -ENOSPC);
	EXPECT_EQ(t, vmalloc_tree_insert(&tree, &ranges[0], -PAGE_SIZE, 1UL << 63), -ENOSPC);
	EXPECT_EQ(t, vmalloc_tree_insert(&tree, &ranges[0], PAGE_SIZE, 1UL << 63), -ENOSPC);
	EXPECT_EQ(t, verify(t), 0UL);
}

static const struct test_case vmalloc_tree_cases[] = {
	TEST_CASE(random_ranges_agree_with_map),
	TEST_CASE(region_can_be_filled_to_the_last_page),
	TEST_CASE(last_aligned_place_is_found),
	TEST_CASE(impossible_sizes_are_refused),
};
TEST_SUITE(vmalloc_tree, vmalloc_tree_cases);
