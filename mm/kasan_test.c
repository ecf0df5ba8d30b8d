/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * KASAN: each kind of bad access is made on purpose and must be reported once, at its first bad
 * byte; its good neighbours must not.  What a write spoils is put back, for other checks look at it
 * later.
 */
#include <arch/kasan.h>
#include <oshit/gfp.h>
#include <oshit/kasan.h>
#include <oshit/kernel_stack.h>
#include <oshit/math.h>
#include <oshit/mm_report.h>
#include <oshit/mmzone.h>
#include <oshit/page_stock.h>
#include <oshit/shrinker.h>
#include <oshit/sizes.h>
#include <oshit/slab.h>
#include <oshit/string.h>
#include <oshit/test.h>
#include <oshit/vmalloc.h>

#define MAX_MANAGED (GIB(2) / PAGE_SIZE)
#define NR_LATER    200 /* objects that come and go between a free and its late use */

static u8 global_bytes[13];
static volatile int thirteen = 13, minus_one = -1; /* unknown to the compiler */

static noinline u8 read_byte(const volatile u8 *at)
{
	return *at;
}

static noinline u64 read_word(const volatile u8 *at)
{
	return *(const volatile u64 *)at;
}

/* A write that KASAN sees and then one that undoes it, which KASAN does not see. */
static noinline void write_byte(volatile u8 *at)
{
	*at = 0x5a;
}

static noinline __no_sanitize_address u8 peek(const volatile u8 *at)
{
	return *at;
}

static noinline __no_sanitize_address void poke(volatile u8 *at, u8 byte)
{
	*at = byte;
}

static void write_and_undo(volatile u8 *at)
{
	u8 byte = peek(at);

	write_byte(at);
	poke(at, byte);
}

/* Since mm_report_expect() there was one report, and @bad is its first bad byte. */
static void expect_one(struct test *t, const volatile void *bad)
{
	EXPECT_EQ(t, mm_report_count(), 1U);
	EXPECT_EQ(t, (unsigned long)mm_report_object(), (unsigned long)bad);
	mm_report_expect(MM_NONE);
}

static void expect_none(struct test *t)
{
	EXPECT_EQ(t, mm_report_count(), 0U);
	mm_report_expect(MM_NONE);
}

static void slab_object_ends_where_it_was_asked_to(struct test *t)
{
	static const size_t sizes[] = { 1, 8, 13, 32, 41, 64, 100, 128, 1000, 4096, 5000 };

	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		size_t size = sizes[i];
		u8 *memory = __kmalloc(size, GFP_KERNEL);

		ASSERT_TRUE(t, memory != NULL);
		mm_report_expect(MM_KASAN_SLAB_BOUNDS);
		write_byte(memory);
		write_byte(memory + size - 1);
		expect_none(t);
		mm_report_expect(MM_KASAN_SLAB_BOUNDS);
		write_and_undo(memory + size);
		expect_one(t, memory + size);
		mm_report_expect(MM_KASAN_SLAB_BOUNDS);
		read_byte(memory - 1);
		expect_one(t, memory - 1);
		kfree(memory);
	}
}

static void word_across_an_end_is_reported(struct test *t)
{
	u8 *memory = kmalloc(41, GFP_KERNEL);

	ASSERT_TRUE(t, memory != NULL);
	mm_report_expect(MM_KASAN_SLAB_BOUNDS);
	read_word(memory + 33);
	read_word(memory + 30);
	expect_none(t);
	mm_report_expect(MM_KASAN_SLAB_BOUNDS);
	read_word(memory + 34); /* across granules */
	expect_one(t, memory + 41);
	mm_report_expect(MM_KASAN_SLAB_BOUNDS);
	read_word(memory + 40);
	expect_one(t, memory + 41);
	kfree(memory);
}

static void slab_use_after_free_is_reported_long_after(struct test *t)
{
	u8 *memory = kmalloc(100, GFP_KERNEL);

	ASSERT_TRUE(t, memory != NULL);
	kfree(memory);
	for (size_t i = 0; i < NR_LATER; i++) {
		u8 *other = kmalloc(100, GFP_KERNEL);

		EXPECT_TRUE(t, other != memory);
		kfree(other);
	}
	mm_report_expect(MM_KASAN_SLAB_FREE);
	write_and_undo(memory + 50);
	expect_one(t, memory + 50);
}

static void double_and_invalid_frees_are_reported(struct test *t)
{
	u8 *memory = kmalloc(100, GFP_KERNEL);

	ASSERT_TRUE(t, memory != NULL);
	mm_report_expect(MM_INVALID_FREE);
	kfree(memory + 16);
	expect_one(t, memory + 16);
	kfree(memory);
	mm_report_expect(MM_DOUBLE_FREE);
	kfree(memory);
	expect_one(t, memory);
}

static void large_memory_ends_where_it_was_asked_to(struct test *t)
{
	u8 *memory = kmalloc(9001, GFP_KERNEL);

	ASSERT_TRUE(t, memory != NULL);
	EXPECT_EQ(t, ksize(memory), 9001UL);
	mm_report_expect(MM_KASAN_PAGE_BOUNDS);
	read_byte(memory + 9000);
	expect_none(t);
	mm_report_expect(MM_KASAN_PAGE_BOUNDS);
	read_byte(memory + 9001);
	expect_one(t, memory + 9001);
	mm_report_expect(MM_KASAN_PAGE_BOUNDS);
	read_byte(memory + 4 * PAGE_SIZE - 1);
	expect_one(t, memory + 4 * PAGE_SIZE - 1);
	kfree(memory);
	mm_report_expect(MM_KASAN_PAGE_FREE);
	read_byte(memory);
	expect_one(t, memory);
}

static void page_use_after_free_is_reported(struct test *t)
{
	for (unsigned int order = 0; order <= 2; order++) {
		u8 *memory = (u8 *)__get_free_pages(GFP_KERNEL, order);

		ASSERT_TRUE(t, memory != NULL);
		mm_report_expect(MM_KASAN_PAGE_FREE);
		read_byte(memory + (PAGE_SIZE << order) - 1);
		expect_none(t);
		free_pages((unsigned long)memory, order);
		mm_report_expect(MM_KASAN_PAGE_FREE);
		write_and_undo(memory + (PAGE_SIZE << order) - 1);
		expect_one(t, memory + (PAGE_SIZE << order) - 1);
	}
}

/* What is behind the last page faults as well, so it is only asked for. */
static void vmalloc_area_ends_where_it_was_asked_to(struct test *t)
{
	u8 *memory = vmalloc(PAGE_SIZE + 1001), *other = vmalloc(1);

	ASSERT_TRUE(t, memory && other);
	mm_report_expect(MM_KASAN_VMALLOC_BOUNDS);
	write_byte(memory);
	write_byte(memory + PAGE_SIZE + 1000);
	write_byte(other);
	expect_none(t);
	mm_report_expect(MM_KASAN_VMALLOC_BOUNDS);
	write_byte(memory + PAGE_SIZE + 1001);
	expect_one(t, memory + PAGE_SIZE + 1001);
	mm_report_expect(MM_KASAN_VMALLOC_BOUNDS);
	memset(memory, 0, 2 * PAGE_SIZE);
	expect_one(t, memory + PAGE_SIZE + 1001);
	EXPECT_EQ(t, kasan_find_closed(memory + 2 * PAGE_SIZE, 1),
		  (unsigned long)memory + 2 * PAGE_SIZE);
	vfree(memory);
	vfree(other);
}

static void used_stack_is_open_for_its_next_task(struct test *t)
{
	u8 *stack = kernel_stack_alloc();

	ASSERT_TRUE(t, stack != NULL);
	kasan_poison(stack + KERNEL_STACK_SIZE - 64, 32, KASAN_STACK_LEFT);
	kernel_stack_free(stack);
	EXPECT_TRUE(t, kernel_stack_alloc() == stack);
	EXPECT_EQ(t, kasan_find_closed(stack, KERNEL_STACK_SIZE), 0UL);
	kernel_stack_free(stack);
}

static void stack_out_of_bounds_is_reported(struct test *t)
{
	volatile u8 bytes[13] = { 0 }; /* between others of this frame */

	mm_report_expect(MM_KASAN_STACK_BOUNDS);
	read_byte(&bytes[thirteen - 1]);
	expect_none(t);
	mm_report_expect(MM_KASAN_STACK_BOUNDS);
	read_byte(&bytes[thirteen]);
	expect_one(t, &bytes[thirteen]);
	mm_report_expect(MM_KASAN_STACK_BOUNDS);
	read_byte(&bytes[minus_one]);
	expect_one(t, &bytes[minus_one]);
}

static void stack_use_after_scope_is_reported(struct test *t)
{
	volatile u8 *gone;

	{
		volatile u8 bytes[16];

		gone = bytes;
		write_byte(gone);
	}
	mm_report_expect(MM_KASAN_STACK_SCOPE);
	read_byte(gone);
	expect_one(t, gone);
}

static void forgotten_frames_are_open(struct test *t)
{
	volatile u8 bytes[13] = { 0 };

	kasan_forget_stack((void *)&bytes[0], 64);
	mm_report_expect(MM_KASAN_STACK_BOUNDS);
	read_byte(&bytes[thirteen]);
	expect_none(t);
}

static void global_out_of_bounds_is_reported(struct test *t)
{
	static const u8 constant[13] = { 1 };

	mm_report_expect(MM_KASAN_GLOBAL_BOUNDS);
	read_byte(&global_bytes[thirteen - 1]);
	read_byte(&constant[thirteen - 1]);
	expect_none(t);
	mm_report_expect(MM_KASAN_GLOBAL_BOUNDS);
	write_and_undo(&global_bytes[thirteen]);
	expect_one(t, &global_bytes[thirteen]);
	mm_report_expect(MM_KASAN_GLOBAL_BOUNDS);
	read_byte(&constant[thirteen + 8]);
	expect_one(t, &constant[thirteen + 8]);
}

static void globals_have_names(struct test *t)
{
	struct kasan_global global;

	ASSERT_TRUE(t, kasan_find_global((unsigned long)&global_bytes[thirteen], &global));
	EXPECT_TRUE(t, strstarts(global.name, "global_bytes"));
	EXPECT_EQ(t, global.start, (unsigned long)global_bytes);
	EXPECT_EQ(t, global.size, sizeof(global_bytes));
	EXPECT_FALSE(t, kasan_find_global((unsigned long)&global, &global));
}

static void ranges_of_memory_functions_are_checked(struct test *t)
{
	u8 *memory = kzalloc(24, GFP_KERNEL), *other = kmalloc(64, GFP_KERNEL);
	u8 behind;

	ASSERT_TRUE(t, memory && other);
	behind = peek(memory + 24);
	mm_report_expect(MM_KASAN_SLAB_BOUNDS);
	memset(memory, 1, 12 + thirteen);
	expect_one(t, memory + 24);
	mm_report_expect(MM_KASAN_SLAB_BOUNDS);
	memcpy(other, memory, 12 + thirteen);
	expect_one(t, memory + 24);
	mm_report_expect(MM_KASAN_SLAB_BOUNDS);
	memmove(memory, other, 12 + thirteen);
	expect_one(t, memory + 24);
	mm_report_expect(MM_KASAN_SLAB_BOUNDS);
	EXPECT_TRUE(t, !memcmp(memory, other, 12 + thirteen));
	expect_one(t, memory + 24);
	mm_report_expect(MM_KASAN_SLAB_BOUNDS);
	memset(memory, 1, 11 + thirteen);
	expect_none(t);
	poke(memory + 24, behind);
	kfree(memory);
	kfree(other);
}

static void string_without_end_is_reported(struct test *t)
{
	char *memory = kmalloc(7, GFP_KERNEL);
	u8 behind;

	ASSERT_TRUE(t, memory != NULL);
	memset(memory, 'x', 7);
	behind = peek((u8 *)memory + 7);
	poke((u8 *)memory + 7, '\0');
	mm_report_expect(MM_KASAN_SLAB_BOUNDS);
	EXPECT_EQ(t, strlen(memory), 7UL);
	expect_one(t, memory + 7);
	poke((u8 *)memory + 7, behind);
	kfree(memory);
}

static void krealloc_moves_the_end(struct test *t)
{
	u8 *memory = kmalloc(100, GFP_KERNEL), *moved;

	ASSERT_TRUE(t, memory != NULL);
	EXPECT_TRUE(t, krealloc(memory, 70, GFP_KERNEL) == memory);
	mm_report_expect(MM_KASAN_SLAB_BOUNDS);
	read_byte(memory + 70);
	expect_one(t, memory + 70);
	EXPECT_TRUE(t, krealloc(memory, 128, GFP_KERNEL) == memory);
	mm_report_expect(MM_KASAN_SLAB_BOUNDS);
	write_byte(memory + 127);
	expect_none(t);
	moved = krealloc(memory, 1000, GFP_KERNEL);
	ASSERT_TRUE(t, moved && moved != memory);
	mm_report_expect(MM_KASAN_SLAB_FREE);
	read_byte(memory);
	expect_one(t, memory);
	kfree(moved);
}

static void krealloc_of_large_memory_moves_the_end(struct test *t)
{
	u8 *memory = kmalloc(20000, GFP_KERNEL);

	ASSERT_TRUE(t, memory != NULL);
	EXPECT_TRUE(t, krealloc(memory, 30001, GFP_KERNEL) == memory);
	mm_report_expect(MM_KASAN_PAGE_BOUNDS);
	write_byte(memory + 30000);
	expect_none(t);
	mm_report_expect(MM_KASAN_PAGE_BOUNDS);
	read_byte(memory + 30001);
	expect_one(t, memory + 30001);
	kfree(memory);
}

static void range_that_wraps_is_reported(struct test *t)
{
	mm_report_expect(MM_KASAN_WILD);
	kasan_check_range(-8UL, 16, false, (unsigned long)range_that_wraps_is_reported);
	expect_one(t, (void *)-8UL);
}

/* What waits in quarantine is not in the way of a cache that goes, and not counted as used. */
static void cache_goes_with_objects_in_quarantine(struct test *t)
{
	struct kmem_cache *cache = kmem_cache_create("waiting", 200, 0, 0, NULL);
	static void *objects[100];
	struct kmem_cache_info info;

	ASSERT_TRUE(t, cache != NULL);
	for (size_t i = 0; i < ARRAY_SIZE(objects); i++)
		objects[i] = kmem_cache_alloc(cache, GFP_KERNEL);
	for (size_t i = 0; i < ARRAY_SIZE(objects); i++)
		kmem_cache_free(cache, objects[i]);
	kmem_cache_info_get(cache, &info);
	EXPECT_EQ(t, info.nr_objects, 0UL);
	EXPECT_GE(t, info.nr_slabs * info.per_slab, ARRAY_SIZE(objects));
	mm_report_expect(MM_LEAK);
	kmem_cache_destroy(cache);
	expect_none(t);
}

static unsigned long count_free_pages(void)
{
	struct page_counts counts;

	page_counts_get_still(&counts);
	return counts.nr_free;
}

static void quarantine_is_bounded_and_gives_way(struct test *t)
{
	struct page_counts counts;
	unsigned long before, nr_bytes = 0, least;

	shrink_caches(GFP_KERNEL, ~0UL);
	page_counts_get_still(&counts);
	if (counts.nr_managed > MAX_MANAGED)
		return test_skip(t, "too much memory to fill the quarantine");
	before = least = counts.nr_free;
	while (nr_bytes < counts.nr_managed * PAGE_SIZE / 8) {
		kfree(kmalloc(4096, GFP_KERNEL));
		nr_bytes += 4096;
		least = min(least, count_free_pages());
	}
	EXPECT_LT(t, least, before);
	/* 1/32, and what the CPUs' queues and the slabs' other objects add to it. */
	EXPECT_LT(t, before - least, counts.nr_managed / 16);
	shrink_caches(GFP_KERNEL, ~0UL);
	EXPECT_GE(t, count_free_pages() + 8, before);
}

static const struct test_case kasan_cases[] = {
	TEST_CASE(slab_object_ends_where_it_was_asked_to),
	TEST_CASE(word_across_an_end_is_reported),
	TEST_CASE(slab_use_after_free_is_reported_long_after),
	TEST_CASE(double_and_invalid_frees_are_reported),
	TEST_CASE(large_memory_ends_where_it_was_asked_to),
	TEST_CASE(page_use_after_free_is_reported),
	TEST_CASE(vmalloc_area_ends_where_it_was_asked_to),
	TEST_CASE(used_stack_is_open_for_its_next_task),
	TEST_CASE(stack_out_of_bounds_is_reported),
	TEST_CASE(stack_use_after_scope_is_reported),
	TEST_CASE(forgotten_frames_are_open),
	TEST_CASE(global_out_of_bounds_is_reported),
	TEST_CASE(globals_have_names),
	TEST_CASE(ranges_of_memory_functions_are_checked),
	TEST_CASE(string_without_end_is_reported),
	TEST_CASE(krealloc_moves_the_end),
	TEST_CASE(krealloc_of_large_memory_moves_the_end),
	TEST_CASE(range_that_wraps_is_reported),
	TEST_CASE(cache_goes_with_objects_in_quarantine),
	TEST_CASE(quarantine_is_bounded_and_gives_way),
};
TEST_SUITE(kasan, kasan_cases);
