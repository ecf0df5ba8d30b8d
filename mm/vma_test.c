/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Areas against a model that holds one attribute a page: a set of areas is right if it covers the
 * pages that the model says are mapped, with what the model says, in as few areas as that needs.
 */
#include <linux/errno.h>

#include <oshit/math.h>
#include <oshit/slab.h>
#include <oshit/test.h>
#include <oshit/test_random.h>
#include <oshit/vma.h>

#ifdef VMA_TEST_STEPS
#define NR_STEPS VMA_TEST_STEPS
#else
#define NR_STEPS 20000
#endif
#define BASE	  0x10000UL
#define NR_PAGES  512UL
#define END	  (BASE + NR_PAGES * PAGE_SIZE)
#define MAX_AREAS 65530

static unsigned long page_addr(unsigned long page)
{
	return BASE + page * PAGE_SIZE;
}

static void empty_areas(struct vm_areas *areas)
{
	while (!list_empty(&areas->list)) {
		struct vm_area *area = list_first_entry(&areas->list, struct vm_area, list);

		vma_remove(areas, area);
		vma_free(area);
	}
}

/* An anonymous area of pages [@first, @end), as mmap() would make it. */
static struct vm_area *new_area(unsigned long first, unsigned long end, unsigned long flags)
{
	struct vm_area *area = vma_alloc();

	if (!area)
		return NULL;
	area->start = page_addr(first);
	area->end = page_addr(end);
	area->pgoff = area->start >> PAGE_SHIFT;
	area->flags = flags;
	return area;
}

static struct vm_area *add_area(struct test *t, struct vm_areas *areas, unsigned long first,
				unsigned long end)
{
	struct vm_area *area = new_area(first, end, VM_READ);

	EXPECT_NE(t, (void *)area, NULL);
	EXPECT_OK(t, vma_insert(areas, area));
	return area;
}

static void address_is_found_in_its_area_or_before_the_next(struct test *t)
{
	struct vm_areas areas;
	struct vm_area *low, *high;

	vm_areas_init(&areas, MAX_AREAS);
	low = add_area(t, &areas, 2, 4);
	high = add_area(t, &areas, 8, 9);
	EXPECT_EQ(t, (void *)vma_lookup(&areas, page_addr(3)), (void *)low);
	EXPECT_EQ(t, (void *)vma_lookup(&areas, page_addr(4)), NULL);
	EXPECT_EQ(t, (void *)vma_find(&areas, 0), (void *)low);
	EXPECT_EQ(t, (void *)vma_find(&areas, page_addr(4)), (void *)high);
	EXPECT_EQ(t, (void *)vma_find(&areas, page_addr(9)), NULL);
	EXPECT_EQ(t, (void *)vma_find_in(&areas, page_addr(4), page_addr(8)), NULL);
	EXPECT_EQ(t, (void *)vma_find_in(&areas, page_addr(3), page_addr(8)), (void *)low);
	empty_areas(&areas);
}

static void overlap_is_refused(struct test *t)
{
	struct vm_areas areas;
	struct vm_area *area = new_area(3, 5, VM_READ);

	vm_areas_init(&areas, MAX_AREAS);
	add_area(t, &areas, 2, 4);
	EXPECT_EQ(t, vma_insert(&areas, area), -EEXIST);
	vma_free(area);
	empty_areas(&areas);
}

static void split_then_merge_restores_area(struct test *t)
{
	struct vm_areas areas;
	struct vm_area *area;

	vm_areas_init(&areas, MAX_AREAS);
	area = add_area(t, &areas, 10, 20);
	ASSERT_OK(t, vma_isolate(&areas, page_addr(12), page_addr(15)));
	EXPECT_EQ(t, areas.nr, 3u);
	EXPECT_EQ(t, vma_lookup(&areas, page_addr(13))->pgoff, page_addr(12) >> PAGE_SHIFT);
	vma_merge_in(&areas, page_addr(12), page_addr(15));
	EXPECT_EQ(t, areas.nr, 1u);
	EXPECT_EQ(t, (void *)vma_find(&areas, 0), (void *)area);
	EXPECT_EQ(t, area->start, page_addr(10));
	EXPECT_EQ(t, area->end, page_addr(20));
	EXPECT_EQ(t, vma_verify(&areas), 0u);
	empty_areas(&areas);
}

static void area_that_closes_a_gap_joins_both_sides(struct test *t)
{
	struct vm_areas areas;
	struct vm_area wanted = { .start = page_addr(4), .end = page_addr(6), .flags = VM_READ };

	wanted.pgoff = wanted.start >> PAGE_SHIFT;
	vm_areas_init(&areas, MAX_AREAS);
	add_area(t, &areas, 2, 4);
	add_area(t, &areas, 6, 9);
	ASSERT_NE(t, (void *)vma_extend(&areas, &wanted), NULL);
	EXPECT_EQ(t, areas.nr, 1u);
	EXPECT_EQ(t, vma_find(&areas, 0)->end, page_addr(9));
	empty_areas(&areas);
}

static void areas_of_two_files_stay_apart(struct test *t)
{
	struct vm_areas areas;
	struct vm_area *area;

	vm_areas_init(&areas, MAX_AREAS);
	add_area(t, &areas, 2, 4);
	area = new_area(4, 6, VM_READ);
	area->file = (struct file *)&areas;
	ASSERT_OK(t, vma_insert(&areas, area));
	vma_merge_in(&areas, page_addr(2), page_addr(6));
	EXPECT_EQ(t, areas.nr, 2u);
	empty_areas(&areas);
}

static int nr_open;

static void count_open(struct vm_area *area __maybe_unused)
{
	nr_open++;
}

static void count_close(struct vm_area *area __maybe_unused)
{
	nr_open--;
}

static void each_piece_holds_the_mapping_open_once(struct test *t)
{
	static const struct vm_operations ops = { .open = count_open, .close = count_close };
	struct vm_areas areas;
	struct vm_area *area = new_area(0, 30, VM_READ);

	nr_open = 1;
	area->ops = &ops;
	vm_areas_init(&areas, MAX_AREAS);
	ASSERT_OK(t, vma_insert(&areas, area));
	ASSERT_OK(t, vma_isolate(&areas, page_addr(5), page_addr(9)));
	EXPECT_EQ(t, nr_open, 3);
	vma_merge_in(&areas, page_addr(5), page_addr(9));
	EXPECT_EQ(t, nr_open, 1);
	empty_areas(&areas);
}

/* The second split fails: the first must be undone. */
static void full_set_is_left_as_it_was(struct test *t)
{
	struct vm_areas areas;

	vm_areas_init(&areas, 2);
	add_area(t, &areas, 0, 30);
	EXPECT_EQ(t, vma_isolate(&areas, page_addr(5), page_addr(9)), -ENOMEM);
	EXPECT_EQ(t, areas.nr, 1u);
	EXPECT_EQ(t, vma_verify(&areas), 0u);
	empty_areas(&areas);
}

static void gap_is_the_highest_that_fits(struct test *t)
{
	struct vm_areas areas;
	struct vma_gap gap = { .size = 2 * PAGE_SIZE, .align = PAGE_SIZE };

	gap.low = page_addr(1);
	gap.high = page_addr(20);
	vm_areas_init(&areas, MAX_AREAS);
	EXPECT_EQ(t, vma_find_gap(&areas, &gap), page_addr(18));
	add_area(t, &areas, 17, 20);
	add_area(t, &areas, 13, 16); /* one page between */
	add_area(t, &areas, 3, 6);
	EXPECT_EQ(t, vma_find_gap(&areas, &gap), page_addr(11));
	gap.align = 8 * PAGE_SIZE;
	gap.low = 0;
	EXPECT_EQ(t, vma_find_gap(&areas, &gap), page_addr(8));
	gap.size = 8 * PAGE_SIZE;
	EXPECT_EQ(t, vma_find_gap(&areas, &gap), 8 * PAGE_SIZE);
	gap.size = 18 * PAGE_SIZE;
	EXPECT_EQ(t, vma_find_gap(&areas, &gap), 0ul);
	empty_areas(&areas);
}

/* --- random steps --- */

struct vma_model {
	struct test *t;
	struct test_random random;
	struct vm_areas areas;
	u8 flags[NR_PAGES]; /* 0: not mapped */
	u8 birth[NR_PAGES]; /* pages of two births do not merge: another offset */
};

static void model_unmap(struct vma_model *m, unsigned long first, unsigned long end)
{
	struct vm_area *area;

	ASSERT_OK(m->t, vma_isolate(&m->areas, page_addr(first), page_addr(end)));
	while ((area = vma_find_in(&m->areas, page_addr(first), page_addr(end)))) {
		vma_remove(&m->areas, area);
		vma_free(area);
	}
	for (; first < end; first++)
		m->flags[first] = 0;
}

static void model_map(struct vma_model *m, unsigned long first, unsigned long end)
{
	unsigned long flags = 1 + test_random_below(&m->random, 3);
	u8 birth = test_random_below(&m->random, 8) == 0;
	struct vm_area *area = new_area(first, end, flags);

	model_unmap(m, first, end);
	area->pgoff += birth * 1000;
	if (vma_extend(&m->areas, area))
		vma_free(area);
	else
		EXPECT_OK(m->t, vma_insert(&m->areas, area));
	for (; first < end; first++) {
		m->flags[first] = flags;
		m->birth[first] = birth;
	}
}

static void model_protect(struct vma_model *m, unsigned long first, unsigned long end)
{
	unsigned long flags = 1 + test_random_below(&m->random, 3);
	struct vm_area *area;

	ASSERT_OK(m->t, vma_isolate(&m->areas, page_addr(first), page_addr(end)));
	for_each_vma_in(area, &m->areas, page_addr(first), page_addr(end))
		area->flags = flags;
	vma_merge_in(&m->areas, page_addr(first), page_addr(end));
	for (; first < end; first++)
		if (m->flags[first])
			m->flags[first] = flags;
}

static bool model_is_free(const struct vma_model *m, unsigned long first, unsigned long end)
{
	while (first < end && !m->flags[first])
		first++;
	return first == end;
}

/* The highest place by trying each; 0: none. */
static unsigned long model_gap(const struct vma_model *m, const struct vma_gap *gap)
{
	unsigned long nr = gap->size / PAGE_SIZE, high = (gap->high - BASE) / PAGE_SIZE;

	for (unsigned long end = high; end >= nr && page_addr(end - nr) >= gap->low; end--)
		if (IS_ALIGNED(page_addr(end - nr), gap->align) && model_is_free(m, end - nr, end))
			return page_addr(end - nr);
	return 0;
}

static void compare_gap(struct vma_model *m)
{
	unsigned long low = test_random_below(&m->random, NR_PAGES);
	unsigned long high = low + test_random_below(&m->random, NR_PAGES - low) + 1;
	struct vma_gap gap = {
		.size = (1 + test_random_below(&m->random, 40)) * PAGE_SIZE,
		.align = PAGE_SIZE << test_random_below(&m->random, 5),
		.low = page_addr(low),
		.high = page_addr(high),
	};

	EXPECT_EQ(m->t, vma_find_gap(&m->areas, &gap), model_gap(m, &gap));
}

static void compare_pages(struct vma_model *m)
{
	for (unsigned long page = 0; page < NR_PAGES; page++) {
		struct vm_area *area = vma_lookup(&m->areas, page_addr(page));
		unsigned long pgoff = (page_addr(page) >> PAGE_SHIFT) + m->birth[page] * 1000;

		ASSERT_EQ(m->t, area ? area->flags : 0, m->flags[page]);
		if (area)
			ASSERT_EQ(m->t, vma_pgoff_at(area, page_addr(page)), pgoff);
	}
}

static void model_step(struct vma_model *m)
{
	unsigned long first = test_random_below(&m->random, NR_PAGES);
	unsigned long end = first + 1 + test_random_below(&m->random, min(64UL, NR_PAGES - first));

	switch (test_random_below(&m->random, 4)) {
	case 0:
		model_map(m, first, end);
		break;
	case 1:
		model_unmap(m, first, end);
		break;
	case 2:
		model_protect(m, first, end);
		break;
	default:
		compare_gap(m);
	}
}

/* vma_verify() proves that no two neighbours could be one: with the pages right, it is minimal. */
static void random_changes_agree_with_model(struct test *t)
{
	static struct vma_model m;

	m = (struct vma_model){ .t = t, .random = test_random_seeded(t, 0x5eed0a2ea) };
	vm_areas_init(&m.areas, MAX_AREAS);
	for (unsigned long step = 0; step < NR_STEPS && !t->nr_failures; step++) {
		model_step(&m);
		if (step % 64 == 0)
			compare_pages(&m);
		if (step % 8 == 0)
			ASSERT_EQ(t, vma_verify(&m.areas), 0u);
	}
	compare_pages(&m);
	empty_areas(&m.areas);
}

static const struct test_case vma_cases[] = {
	TEST_CASE(address_is_found_in_its_area_or_before_the_next),
	TEST_CASE(overlap_is_refused),
	TEST_CASE(split_then_merge_restores_area),
	TEST_CASE(area_that_closes_a_gap_joins_both_sides),
	TEST_CASE(areas_of_two_files_stay_apart),
	TEST_CASE(each_piece_holds_the_mapping_open_once),
	TEST_CASE(full_set_is_left_as_it_was),
	TEST_CASE(gap_is_the_highest_that_fits),
	TEST_CASE(random_changes_agree_with_model),
};
TEST_SUITE(vma, vma_cases);
