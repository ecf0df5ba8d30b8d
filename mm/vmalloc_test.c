/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * vmalloc, vmap, ioremap and kernel stacks on the live kernel.  Each test ends with as many areas
 * and free pages as it began with.
 */
#include <linux/errno.h>

#include <arch/mm.h>
#include <arch/page.h>
#include <oshit/kernel_map.h>
#include <oshit/kernel_stack.h>
#include <oshit/math.h>
#include <oshit/mm_report.h>
#include <oshit/mmzone.h>
#include <oshit/page_stock.h>
#include <oshit/nofault.h>
#include <oshit/shrinker.h>
#include <oshit/sizes.h>
#include <oshit/string.h>
#include <oshit/test.h>
#include <oshit/test_random.h>
#include <oshit/vmalloc.h>

struct state { /* what must be the same after a test */
	struct vmalloc_counts areas;
	struct page_counts pages;
};

static void state_save(struct state *state)
{
	/* The stock of tables gets as many as it ever keeps: these are not aligned. */
	iounmap(ioremap(max_pfn * PAGE_SIZE + GIB(1) + PAGE_SIZE, MIB(32)));
	kernel_stack_drain();
	shrink_caches(GFP_KERNEL, ~0UL);
	vmalloc_counts_get(&state->areas);
	page_counts_get_still(&state->pages);
}

static void state_check(struct test *t, const struct state *before)
{
	struct state now;

	kernel_stack_drain();
	shrink_caches(GFP_KERNEL, ~0UL);
	vmalloc_counts_get(&now.areas);
	page_counts_get_still(&now.pages);
	EXPECT_EQ(t, now.areas.nr_areas, before->areas.nr_areas);
	EXPECT_EQ(t, now.areas.nr_pages, before->areas.nr_pages);
	EXPECT_EQ(t, now.pages.nr_free, before->pages.nr_free);
	EXPECT_EQ(t, page_alloc_verify(), 0U);
}

/* Whether a byte can be read and written where it is. */
static bool can_access(const void *addr)
{
	u8 byte;

	return !kernel_read_nofault(&byte, addr, 1) &&
	       !kernel_write_nofault((void *)addr, &byte, 1);
}

static void memory_holds_what_was_written(struct test *t)
{
	static const size_t sizes[] = { 1, 4096, 4097, KIB(64), MIB(2), MIB(3) + 1 };
	struct state before;

	state_save(&before);
	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		u8 *memory;

		if (sizes[i] / PAGE_SIZE > before.pages.nr_free / 2)
			break; /* a small machine */
		memory = vmalloc(sizes[i]);
		ASSERT_TRUE(t, memory);
		EXPECT_TRUE(t, IS_ALIGNED((unsigned long)memory, PAGE_SIZE));
		memset(memory, 0x5a, sizes[i]);
		EXPECT_FALSE(t, memchr_inv(memory, 0x5a, sizes[i]));
		vfree(memory);
	}
	state_check(t, &before);
}

static void vzalloc_is_zero(struct test *t)
{
	struct state before;
	u8 *memory;

	state_save(&before);
	for (int i = 0; i < 2; i++) {
		memory = vzalloc(KIB(40));
		ASSERT_TRUE(t, memory);
		EXPECT_FALSE(t, memchr_inv(memory, 0, KIB(40)));
		memset(memory, 0xff, KIB(40));
		vfree(memory);
	}
	state_check(t, &before);
}

static void pages_beside_an_area_are_not_there(struct test *t)
{
	struct state before;
	u8 *areas[4];

	state_save(&before);
	for (size_t i = 0; i < ARRAY_SIZE(areas); i++) {
		areas[i] = vmalloc((i + 1) * PAGE_SIZE - i);
		ASSERT_TRUE(t, areas[i]);
	}
	for (size_t i = 0; i < ARRAY_SIZE(areas); i++) {
		EXPECT_TRUE(t, can_access(areas[i]));
		EXPECT_TRUE(t, can_access(areas[i] + (i + 1) * PAGE_SIZE - 1));
		EXPECT_FALSE(t, can_access(areas[i] - 1));
		EXPECT_FALSE(t, can_access(areas[i] - PAGE_SIZE));
		EXPECT_FALSE(t, can_access(areas[i] + (i + 1) * PAGE_SIZE));
	}
	for (size_t i = 0; i < ARRAY_SIZE(areas); i++)
		vfree(areas[i]);
	state_check(t, &before);
}

static void freed_area_faults_and_its_addresses_are_used_again(struct test *t)
{
	struct state before;
	u8 *first, *second;

	state_save(&before);
	first = vmalloc(KIB(8));
	ASSERT_TRUE(t, first);
	EXPECT_TRUE(t, can_access(first));
	vfree(first);
	EXPECT_FALSE(t, can_access(first));
	second = vmalloc(KIB(8));
	EXPECT_TRUE(t, second == first);
	EXPECT_TRUE(t, can_access(second));
	vfree(second);
	state_check(t, &before);
}

static void large_area_uses_large_pages(struct test *t)
{
	struct state before;
	struct page *probe = alloc_pages(GFP_KERNEL | __GFP_NOWARN, 9);
	unsigned int level;
	u8 *memory;

	if (!probe)
		return test_skip(t, "no free block of 2 MiB");
	__free_pages(probe, 9);
	state_save(&before);
	memory = vmalloc(MIB(2) + PAGE_SIZE);
	ASSERT_TRUE(t, memory);
	EXPECT_TRUE(t, IS_ALIGNED((unsigned long)memory, MIB(2)));
	EXPECT_NE(t, kernel_query((unsigned long)memory, &level), 0UL);
	EXPECT_EQ(t, level, 1U);
	EXPECT_NE(t, kernel_query((unsigned long)memory + MIB(2), &level), 0UL);
	EXPECT_EQ(t, level, 0U);
	EXPECT_TRUE(t, vmalloc_to_page(memory + 5 * PAGE_SIZE) == vmalloc_to_page(memory) + 5);
	vfree(memory);
	state_check(t, &before);
}

static void vmap_shows_the_pages_in_their_order(struct test *t)
{
	struct page *pages[5];
	struct state before;
	u8 *memory;

	state_save(&before);
	for (size_t i = 0; i < ARRAY_SIZE(pages); i++) {
		pages[i] = alloc_page(GFP_KERNEL);
		ASSERT_TRUE(t, pages[i]);
		memset(page_to_virt(pages[i]), (int)i, PAGE_SIZE);
	}
	memory = vmap(pages, ARRAY_SIZE(pages));
	ASSERT_TRUE(t, memory);
	for (size_t i = 0; i < ARRAY_SIZE(pages); i++) {
		EXPECT_FALSE(t, memchr_inv(memory + i * PAGE_SIZE, (int)i, PAGE_SIZE));
		EXPECT_TRUE(t, vmalloc_to_page(memory + i * PAGE_SIZE) == pages[i]);
		memory[i * PAGE_SIZE] = 0xee;
		EXPECT_EQ(t, *(u8 *)page_to_virt(pages[i]), 0xee);
	}
	vunmap(memory);
	EXPECT_FALSE(t, can_access(memory));
	for (size_t i = 0; i < ARRAY_SIZE(pages); i++) {
		EXPECT_EQ(t, page_ref_count(pages[i]), 1);
		__free_page(pages[i]);
	}
	state_check(t, &before);
}

static void ioremap_is_uncached_and_keeps_the_offset(struct test *t)
{
	phys_addr_t phys = max_pfn * PAGE_SIZE + GIB(1) + 0x234; /* nothing is there */
	struct state before;
	unsigned long addr;
	unsigned int level;
	pte_t pte;

	state_save(&before);
	addr = (__force unsigned long)ioremap(phys, PAGE_SIZE);
	ASSERT_TRUE(t, addr);
	EXPECT_EQ(t, addr % PAGE_SIZE, 0x234UL);
	for (int i = 0; i < 2; i++) { /* the offset makes it two pages */
		phys_addr_t page = (phys & PAGE_MASK) + i * PAGE_SIZE;

		pte = kernel_query(addr + i * PAGE_SIZE, &level);
		EXPECT_EQ(t, pte, arch_kernel_pte(KERNEL_IO) | page);
	}
	EXPECT_TRUE(t, pte & PTE_NO_CACHE);
	EXPECT_TRUE(t, pte & PTE_WRITE_THROUGH);
	EXPECT_FALSE(t, vmalloc_to_page((void *)addr));
	iounmap((void __iomem __force *)addr);
	EXPECT_EQ(t, kernel_query(addr, &level), 0UL);
	state_check(t, &before);
}

static void large_ioremap_uses_large_pages(struct test *t)
{
	phys_addr_t phys = ALIGN_UP(max_pfn * PAGE_SIZE, GIB(1)) + GIB(1);
	struct state before;
	unsigned long addr;
	unsigned int level;

	state_save(&before);
	addr = (__force unsigned long)ioremap(phys, MIB(64));
	ASSERT_TRUE(t, addr);
	EXPECT_NE(t, kernel_query(addr + MIB(63), &level), 0UL);
	EXPECT_EQ(t, level, 1U);
	iounmap((void __iomem __force *)addr);
	state_check(t, &before);
}

static void ioremap_refuses_what_makes_no_sense(struct test *t)
{
	struct state before;

	state_save(&before);
	EXPECT_FALSE(t, ioremap(0xfee00000, 0));
	EXPECT_FALSE(t, ioremap(-PAGE_SIZE, PAGE_SIZE));
	EXPECT_FALSE(t, ioremap(-PAGE_SIZE, 2 * PAGE_SIZE));
	EXPECT_FALSE(t, ioremap(1UL << 52, PAGE_SIZE));
	EXPECT_FALSE(t, ioremap(max_pfn * PAGE_SIZE, VMALLOC_SIZE));
	EXPECT_FALSE(t, vmap(NULL, 0));
	state_check(t, &before);
}

static void nothing_in_vmalloc_is_executable(struct test *t)
{
	pte_t no_execute = arch_kernel_pte(KERNEL_RW) & PTE_NO_EXECUTE;
	struct state before;
	unsigned int level;
	void *memory, *stack;

	if (!no_execute)
		return test_skip(t, "the processor cannot forbid execution");
	state_save(&before);
	memory = vmalloc(KIB(16));
	stack = kernel_stack_alloc();
	EXPECT_TRUE(t, kernel_query((unsigned long)memory, &level) & PTE_NO_EXECUTE);
	EXPECT_TRUE(t, kernel_query((unsigned long)stack, &level) & PTE_NO_EXECUTE);
	EXPECT_TRUE(t, arch_kernel_pte(KERNEL_IO) & PTE_NO_EXECUTE);
	EXPECT_TRUE(t, arch_kernel_pte(KERNEL_RO) & PTE_NO_EXECUTE);
	EXPECT_FALSE(t, arch_kernel_pte(KERNEL_RO) & PTE_WRITE);
	kernel_stack_free(stack);
	vfree(memory);
	state_check(t, &before);
}

static void absurd_sizes_are_refused(struct test *t)
{
	gfp_t gfp = GFP_KERNEL | __GFP_NOWARN;
	struct state before;

	state_save(&before);
	EXPECT_FALSE(t, __vmalloc(0, gfp));
	EXPECT_FALSE(t, __vmalloc(~0UL, gfp));
	EXPECT_FALSE(t, __vmalloc(VMALLOC_SIZE, gfp));
	EXPECT_FALSE(t, __vmalloc((before.pages.nr_managed + 1) * PAGE_SIZE, gfp));
	vfree(NULL);
	vunmap(NULL);
	iounmap(NULL);
	kernel_stack_free(NULL);
	state_check(t, &before);
}

/* More than is free and less than there is: it fails half way. */
static void failed_allocation_gives_all_back(struct test *t)
{
	struct state before;
	void *memory;

	state_save(&before);
	memory = __vmalloc((before.pages.nr_free + 1) * PAGE_SIZE, GFP_KERNEL | __GFP_NOWARN);
	EXPECT_FALSE(t, memory);
	drain_local_pages();
	state_check(t, &before);
}

static void expect_bad_free(struct test *t, const void *addr, void (*free)(const void *addr))
{
	mm_report_expect(MM_INVALID_FREE);
	free(addr);
	EXPECT_EQ(t, mm_report_count(), 1U);
	EXPECT_TRUE(t, mm_report_object() == addr);
	mm_report_expect(MM_NONE);
}

static void frees_of_what_is_no_area_are_reported(struct test *t)
{
	struct state before;
	u8 *memory;

	state_save(&before);
	memory = vmalloc(KIB(12));
	ASSERT_TRUE(t, memory);
	expect_bad_free(t, memory + PAGE_SIZE, vfree);
	expect_bad_free(t, memory + 1, vfree);
	expect_bad_free(t, memory - PAGE_SIZE, vfree);
	expect_bad_free(t, memory, vunmap);
	expect_bad_free(t, (void *)state_save, vfree);
	vfree(memory);
	expect_bad_free(t, memory, vfree);
	state_check(t, &before);
}

/* --- random load --- */

#define NR_AREAS 24
#define NR_STEPS 1500

struct load { /* one area */
	u64 *memory; /* NULL: none */
	size_t nr_words;
	u64 mark; /* in the first and the last word of each page */
};

static void load_fill(struct load *load)
{
	for (size_t i = 0; i < load->nr_words; i += PAGE_SIZE / sizeof(u64)) {
		load->memory[i] = load->mark + i;
		load->memory[i + PAGE_SIZE / sizeof(u64) - 1] = ~(load->mark + i);
	}
}

static size_t load_damage(const struct load *load)
{
	size_t nr_bad = 0;

	for (size_t i = 0; i < load->nr_words; i += PAGE_SIZE / sizeof(u64)) {
		nr_bad += load->memory[i] != load->mark + i;
		nr_bad += load->memory[i + PAGE_SIZE / sizeof(u64) - 1] != ~(load->mark + i);
	}
	return nr_bad;
}

static void load_step(struct test *t, struct test_random *random, struct load *load)
{
	size_t nr_pages = 1 + test_random_below(random, test_random_below(random, 64) ? 20 : 600);

	if (load->memory) {
		EXPECT_EQ(t, load_damage(load), 0UL);
		vfree(load->memory);
		load->memory = NULL;
		return;
	}
	load->memory = __vmalloc(nr_pages * PAGE_SIZE, GFP_KERNEL | __GFP_NOWARN);
	load->nr_words = nr_pages * PAGE_SIZE / sizeof(u64);
	load->mark = test_random_next(random);
	if (load->memory)
		load_fill(load);
}

static void areas_never_overlap_under_random_load(struct test *t)
{
	struct test_random random = test_random_seeded(t, 0x61726561);
	struct load loads[NR_AREAS] = {};
	struct state before;

	state_save(&before);
	for (int step = 0; step < NR_STEPS && !t->nr_failures; step++)
		load_step(t, &random, &loads[test_random_below(&random, NR_AREAS)]);
	for (size_t i = 0; i < NR_AREAS; i++)
		if (loads[i].memory)
			load_step(t, &random, &loads[i]);
	state_check(t, &before);
}

static const struct test_case vmalloc_cases[] = {
	TEST_CASE(memory_holds_what_was_written),
	TEST_CASE(vzalloc_is_zero),
	TEST_CASE(pages_beside_an_area_are_not_there),
	TEST_CASE(freed_area_faults_and_its_addresses_are_used_again),
	TEST_CASE(large_area_uses_large_pages),
	TEST_CASE(vmap_shows_the_pages_in_their_order),
	TEST_CASE(ioremap_is_uncached_and_keeps_the_offset),
	TEST_CASE(large_ioremap_uses_large_pages),
	TEST_CASE(ioremap_refuses_what_makes_no_sense),
	TEST_CASE(nothing_in_vmalloc_is_executable),
	TEST_CASE(absurd_sizes_are_refused),
	TEST_CASE(failed_allocation_gives_all_back),
	TEST_CASE(frees_of_what_is_no_area_are_reported),
	TEST_CASE(areas_never_overlap_under_random_load),
};
TEST_SUITE(vmalloc, vmalloc_cases);

/* --- stacks --- */

static void stack_is_aligned_and_guarded(struct test *t)
{
	struct stack_bounds bounds;
	struct state before;
	u8 *stack;

	state_save(&before);
	stack = kernel_stack_alloc();
	ASSERT_TRUE(t, stack);
	EXPECT_TRUE(t, IS_ALIGNED((unsigned long)stack, PAGE_SIZE));
	memset(stack, 0xa5, KERNEL_STACK_SIZE);
	if (IS_ENABLED(CONFIG_STACK_GUARD)) {
		EXPECT_FALSE(t, can_access(stack - 1));
		EXPECT_FALSE(t, can_access(stack + KERNEL_STACK_SIZE));
		ASSERT_TRUE(t, kernel_stack_find((unsigned long)stack - 1, &bounds));
		EXPECT_EQ(t, bounds.start, (unsigned long)stack);
		ASSERT_TRUE(t, kernel_stack_find((unsigned long)stack + 100, &bounds));
		EXPECT_EQ(t, bounds.end, (unsigned long)stack + KERNEL_STACK_SIZE);
	}
	kernel_stack_free(stack);
	state_check(t, &before);
}

static void freed_stack_is_used_again_at_once(struct test *t)
{
	struct state before;
	void *stack;

	state_save(&before);
	stack = kernel_stack_alloc();
	ASSERT_TRUE(t, stack);
	kernel_stack_free(stack);
	EXPECT_TRUE(t, kernel_stack_alloc() == stack);
	kernel_stack_free(stack);
	state_check(t, &before);
}

/* More than a CPU keeps for itself. */
static void stacks_come_back_without_being_mapped_anew(struct test *t)
{
	void *stacks[16], *again[16];
	struct vmalloc_counts kept;
	struct state before;

	if (!IS_ENABLED(CONFIG_STACK_GUARD))
		return test_skip(t, "stacks are no areas");
	state_save(&before);
	for (size_t i = 0; i < ARRAY_SIZE(stacks); i++)
		ASSERT_TRUE(t, stacks[i] = kernel_stack_alloc());
	for (size_t i = 0; i < ARRAY_SIZE(stacks); i++)
		kernel_stack_free(stacks[i]);
	vmalloc_counts_get(&kept);
	EXPECT_EQ(t, kept.nr_areas, before.areas.nr_areas + ARRAY_SIZE(stacks));
	for (size_t i = 0; i < ARRAY_SIZE(again); i++)
		ASSERT_TRUE(t, again[i] = kernel_stack_alloc());
	vmalloc_counts_get(&kept);
	EXPECT_EQ(t, kept.nr_areas, before.areas.nr_areas + ARRAY_SIZE(stacks));
	for (size_t i = 0; i < ARRAY_SIZE(again); i++)
		kernel_stack_free(again[i]);
	state_check(t, &before);
}

/* 36 of 80, and memory that is short gets all but this CPU's own. */
static void kept_stacks_are_bounded_and_given_back(struct test *t)
{
	static void *stacks[80];
	struct vmalloc_counts kept;
	struct state before;

	if (!IS_ENABLED(CONFIG_STACK_GUARD))
		return test_skip(t, "stacks are no areas");
	state_save(&before);
	for (size_t i = 0; i < ARRAY_SIZE(stacks); i++)
		ASSERT_TRUE(t, stacks[i] = kernel_stack_alloc());
	for (size_t i = 0; i < ARRAY_SIZE(stacks); i++)
		kernel_stack_free(stacks[i]);
	vmalloc_counts_get(&kept);
	EXPECT_LE(t, kept.nr_areas, before.areas.nr_areas + 36);
	EXPECT_GE(t, kept.nr_areas, before.areas.nr_areas + 16);
	shrink_caches(GFP_KERNEL, ~0UL);
	vmalloc_counts_get(&kept);
	EXPECT_LE(t, kept.nr_areas, before.areas.nr_areas + 4);
	state_check(t, &before);
}

static void many_stacks_are_apart(struct test *t)
{
	static u64 *stacks[40];
	struct state before;

	state_save(&before);
	for (size_t i = 0; i < ARRAY_SIZE(stacks); i++) {
		stacks[i] = kernel_stack_alloc();
		ASSERT_TRUE(t, stacks[i]);
		memset(stacks[i], (int)i, KERNEL_STACK_SIZE);
	}
	for (size_t i = 0; i < ARRAY_SIZE(stacks); i++)
		EXPECT_FALSE(t, memchr_inv(stacks[i], (int)i, KERNEL_STACK_SIZE));
	for (size_t i = 0; i < ARRAY_SIZE(stacks); i++)
		kernel_stack_free(stacks[i]);
	state_check(t, &before);
}

static void add_one(void *number)
{
	struct stack_bounds bounds;
	unsigned long here = (unsigned long)&bounds;

	if (!IS_ENABLED(CONFIG_STACK_GUARD) || kernel_stack_find(here, &bounds))
		++*(int *)number;
}

static void function_runs_on_another_stack(struct test *t)
{
	struct state before;
	char *stack;
	int number = 41;

	state_save(&before);
	stack = kernel_stack_alloc();
	ASSERT_TRUE(t, stack);
	memset(stack, 0, KERNEL_STACK_SIZE);
	arch_call_on_stack(add_one, &number, stack + KERNEL_STACK_SIZE);
	EXPECT_EQ(t, number, 42);
	EXPECT_TRUE(t, memchr_inv(stack, 0, KERNEL_STACK_SIZE)); /* it was used */
	kernel_stack_free(stack);
	state_check(t, &before);
}

static void boot_stacks_have_guards(struct test *t)
{
	unsigned long here = (unsigned long)&here;
	struct stack_bounds bounds;

	if (!arch_find_boot_stack(here, &bounds))
		return test_skip(t, "not on a boot stack");
	EXPECT_FALSE(t, can_access((char *)bounds.start - 1));
	EXPECT_FALSE(t, can_access((char *)bounds.start - PAGE_SIZE));
	EXPECT_TRUE(t, can_access((char *)bounds.start));
	EXPECT_FALSE(t, can_access((char *)bounds.end)); /* the guard of the next */
}

static const struct test_case kernel_stack_cases[] = {
	TEST_CASE(stack_is_aligned_and_guarded),
	TEST_CASE(freed_stack_is_used_again_at_once),
	TEST_CASE(many_stacks_are_apart),
	TEST_CASE(function_runs_on_another_stack),
	TEST_CASE(boot_stacks_have_guards),
	TEST_CASE(stacks_come_back_without_being_mapped_anew),
	TEST_CASE(kept_stacks_are_bounded_and_given_back),
};
TEST_SUITE(kernel_stack, kernel_stack_cases);
