/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The slab allocator against a model: what is held, how large, and the bytes that must be in it.
 * Tests use the live allocator and caches of their own, and give everything back.
 */
#include <oshit/bitops.h>
#include <oshit/kasan.h>
#include <oshit/math.h>
#include <oshit/mm_report.h>
#include <oshit/mmzone.h>
#include <oshit/page_stock.h>
#include <oshit/shrinker.h>
#include <oshit/sizes.h>
#include <oshit/slab.h>
#include <oshit/string.h>
#include <oshit/test.h>

#include <oshit/test_random.h>

#define NR_HELD	  700
#define MAX_TAKEN (GIB(2) / PAGE_SIZE) /* the emulator takes seconds for more */
#define NR_STEPS  (100000UL * TEST_SCALE)

static struct held {
	u8 *memory; /* NULL: none */
	size_t size;
	u8 byte; /* all of it */
} held[NR_HELD];

static unsigned long count_free_pages(void)
{
	struct page_counts counts;

	page_counts_get_still(&counts);
	return counts.nr_free;
}

static size_t random_size(struct test_random *random)
{
	size_t limit = 1UL << test_random_below(random, 15);

	return 1 + test_random_below(random, limit);
}

static void check_held(struct test *t, const struct held *h)
{
	ASSERT_TRUE(t, memchr_inv(h->memory, h->byte, h->size) == NULL);
}

static void take(struct test *t, struct held *h, struct test_random *random)
{
	bool zero = test_random_below(random, 4) == 0;

	h->size = random_size(random);
	h->memory = __kmalloc(h->size, GFP_KERNEL | (zero ? __GFP_ZERO : 0));
	ASSERT_TRUE(t, h->memory != NULL);
	ASSERT_GE(t, ksize(h->memory), h->size);
	ASSERT_TRUE(t, IS_ALIGNED((unsigned long)h->memory, 32));
	if (IS_POWER_OF_2(h->size) && h->size <= PAGE_SIZE)
		ASSERT_TRUE(t, IS_ALIGNED((unsigned long)h->memory, h->size));
	if (zero)
		ASSERT_TRUE(t, memchr_inv(h->memory, 0, h->size) == NULL);
	h->byte = test_random_next(random);
	memset(h->memory, h->byte, h->size);
}

static void resize(struct test *t, struct held *h, struct test_random *random)
{
	size_t size = random_size(random);
	u8 *moved = krealloc(h->memory, size, GFP_KERNEL);

	ASSERT_TRUE(t, moved != NULL);
	ASSERT_TRUE(t, memchr_inv(moved, h->byte, min(size, h->size)) == NULL);
	h->memory = moved;
	h->size = size;
	memset(moved, h->byte, size);
}

static void give(struct test *t, struct held *h)
{
	check_held(t, h);
	kfree(h->memory);
	h->memory = NULL;
}

static void random_load(struct test *t, u64 seed)
{
	struct test_random random = test_random_seeded(t, seed);

	for (size_t step = 0; step < NR_STEPS && !t->nr_failures; step++) {
		struct held *h = &held[test_random_below(&random, NR_HELD)];

		if (!h->memory)
			take(t, h, &random);
		else if (test_random_below(&random, 4) == 0)
			resize(t, h, &random);
		else
			give(t, h);
	}
	for (size_t i = 0; i < NR_HELD; i++)
		if (held[i].memory)
			give(t, &held[i]);
	test_note(t, "%lu steps", NR_STEPS);
}

/* The first load makes the magazines, which stay. */
static void random_load_keeps_objects_apart_and_leaks_none(struct test *t)
{
	unsigned long before;

	random_load(t, 0x736c61626c6f6164UL);
	shrink_caches(GFP_KERNEL, ~0UL);
	before = count_free_pages();
	random_load(t, 0x6c6f61646261UL);
	shrink_caches(GFP_KERNEL, ~0UL);
	EXPECT_EQ(t, count_free_pages(), before);
	EXPECT_EQ(t, page_alloc_verify(), 0U);
}

static void class_is_the_smallest_that_holds(struct test *t)
{
	for (size_t size = 1; size <= KMALLOC_MAX_CACHE_SIZE; size++) {
		unsigned int class = kmalloc_class(size);
		struct kmem_cache_info info, below;

		ASSERT_LT(t, class, (unsigned int)NR_KMALLOC_CLASSES);
		kmem_cache_info_get(kmalloc_caches[class], &info);
		ASSERT_GE(t, (size_t)info.size, size);
		if (class == 0)
			continue;
		kmem_cache_info_get(kmalloc_caches[class - 1], &below);
		ASSERT_LT(t, (size_t)below.size, size);
	}
}

static void odd_sizes_are_answered(struct test *t)
{
	void *memory = kmalloc(0, GFP_KERNEL);

	EXPECT_TRUE(t, memory == ZERO_SIZE_PTR);
	EXPECT_EQ(t, ksize(memory), 0UL);
	kfree(memory);
	kfree(NULL);
	EXPECT_TRUE(t, __kmalloc(KMALLOC_MAX_SIZE + 1, GFP_KERNEL | __GFP_NOWARN) == NULL);
	EXPECT_TRUE(t, __kmalloc(~0UL, GFP_KERNEL | __GFP_NOWARN) == NULL);
	EXPECT_TRUE(t, kmalloc_array(1UL << 33, 1UL << 33, GFP_KERNEL) == NULL);
	EXPECT_TRUE(t, kmem_cache_create("none", 0, 0, 0, NULL) == NULL);
	EXPECT_TRUE(t, kmem_cache_create("odd", 8, 24, 0, NULL) == NULL);
	EXPECT_TRUE(t, kmem_cache_create("huge", 10000, 0, 0, NULL) == NULL);
}

static void large_memory_is_whole_pages(struct test *t)
{
	unsigned long before = count_free_pages();
	char *memory = __kmalloc(5 * PAGE_SIZE, GFP_KERNEL | __GFP_ZERO);

	ASSERT_TRUE(t, memory != NULL);
	EXPECT_TRUE(t, IS_ALIGNED((unsigned long)memory, PAGE_SIZE));
	EXPECT_EQ(t, ksize(memory), (IS_ENABLED(CONFIG_KASAN) ? 5 : 8) * PAGE_SIZE);
	EXPECT_EQ(t, count_free_pages(), before - 8);
	kfree(memory);
	EXPECT_EQ(t, count_free_pages(), before);
}

static void resize_zeroed(struct test *t, size_t from, size_t to)
{
	u8 *memory = kzalloc(from, GFP_KERNEL);

	ASSERT_TRUE(t, memory != NULL);
	memset(memory, 0x55, from);
	memory = krealloc(memory, from - from / 4, GFP_KERNEL | __GFP_ZERO);
	ASSERT_TRUE(t, memory != NULL);
	memory = krealloc(memory, to, GFP_KERNEL | __GFP_ZERO);
	ASSERT_TRUE(t, memory != NULL);
	EXPECT_TRUE(t, memchr_inv(memory, 0x55, from - from / 4) == NULL);
	EXPECT_TRUE(t, memchr_inv(memory + from - from / 4, 0, to - (from - from / 4)) == NULL);
	kfree(memory);
}

static void grown_memory_is_zero_if_asked(struct test *t)
{
	resize_zeroed(t, 40, 64);
	resize_zeroed(t, 40, 500);
	resize_zeroed(t, 5000, 8000);
	resize_zeroed(t, 5000, 30000);
	resize_zeroed(t, 20000, 32000);
}

/* From a class to a smaller one of which there is no object, and no page for one. */
static void shrinking_never_fails(struct test *t)
{
	struct page *list = NULL, *page;
	u8 *memory, *shrunk;

	if (count_free_pages() > MAX_TAKEN)
		return test_skip(t, "too much memory to take it all");
	memory = kmalloc(8000, GFP_KERNEL);
	ASSERT_TRUE(t, memory != NULL);
	memset(memory, 0x33, 8000);
	shrink_caches(GFP_KERNEL, ~0UL);
	while ((page = alloc_page(__GFP_MEMALLOC | __GFP_NOWARN))) {
		page->private = (unsigned long)list;
		list = page;
	}
	shrunk = krealloc(memory, 700, GFP_NOWAIT | __GFP_NOWARN);
	EXPECT_TRUE(t, shrunk != NULL);
	while ((page = list)) {
		list = (struct page *)page->private;
		__free_page(page);
	}
	if (shrunk)
		EXPECT_TRUE(t, memchr_inv(shrunk, 0x33, 700) == NULL);
	kfree(shrunk ?: memory);
	drain_local_pages();
}

static void strings_are_copied(struct test *t)
{
	char *copy = kstrdup("OShit", GFP_KERNEL);

	ASSERT_TRUE(t, copy != NULL);
	EXPECT_STREQ(t, copy, "OShit");
	kfree(copy);
}

struct thing {
	u64 words[11];
};

/* Of the 31 objects in a magazine half move at once; a slab's end cuts a batch short. */
static void many_objects_take_the_lock_once_a_batch(struct test *t)
{
	struct kmem_cache *cache = kmem_cache_create("batched", 64, 0, 0, NULL);
	struct kmem_cache_info before, after;
	static void *objects[310];

	ASSERT_TRUE(t, cache != NULL);
	kmem_cache_free(cache, kmem_cache_alloc(cache, GFP_KERNEL)); /* makes the magazine */
	kmem_cache_info_get(cache, &before);
	for (size_t i = 0; i < ARRAY_SIZE(objects); i++)
		objects[i] = kmem_cache_alloc(cache, GFP_KERNEL);
	for (size_t i = 0; i < ARRAY_SIZE(objects); i++)
		kmem_cache_free(cache, objects[i]);
	kmem_cache_info_get(cache, &after);
	EXPECT_LE(t, after.nr_batches - before.nr_batches,
		  2 * ARRAY_SIZE(objects) / 15 + 2 * ARRAY_SIZE(objects) / after.per_slab + 2);
	test_note(t, "%lu locked batches for %lu objects out and in",
		  after.nr_batches - before.nr_batches, ARRAY_SIZE(objects));
	kmem_cache_destroy(cache);
}

static unsigned int nr_made;

static void make_thing(void *object)
{
	struct thing *thing = object;

	nr_made++;
	for (size_t i = 0; i < ARRAY_SIZE(thing->words); i++)
		thing->words[i] = i * 77;
}

static bool is_made(const struct thing *thing)
{
	for (size_t i = 0; i < ARRAY_SIZE(thing->words); i++)
		if (thing->words[i] != i * 77)
			return false;
	return true;
}

static void constructed_state_outlives_a_free(struct test *t)
{
	struct kmem_cache *cache =
		kmem_cache_create("thing", sizeof(struct thing), 0, 0, make_thing);
	struct thing *things[100];

	ASSERT_TRUE(t, cache != NULL);
	nr_made = 0;
	for (size_t round = 0; round < 5; round++) {
		for (size_t i = 0; i < ARRAY_SIZE(things); i++) {
			things[i] = kmem_cache_alloc(cache, GFP_KERNEL);
			ASSERT_TRUE(t, things[i] && is_made(things[i]));
		}
		for (size_t i = 0; i < ARRAY_SIZE(things); i++)
			kmem_cache_free(cache, things[i]);
		kasan_release_cache(cache);
	}
	EXPECT_LT(t, nr_made, 400U);
	kmem_cache_destroy(cache);
}

static void cache_of(struct test *t, unsigned int size, unsigned int align)
{
	struct kmem_cache *cache = kmem_cache_create("some", size, align, 0, NULL);
	struct kmem_cache_info info;
	static void *objects[300];

	ASSERT_TRUE(t, cache != NULL);
	for (size_t i = 0; i < ARRAY_SIZE(objects); i++) {
		objects[i] = kmem_cache_alloc(cache, GFP_KERNEL);
		ASSERT_TRUE(t, objects[i] && IS_ALIGNED((unsigned long)objects[i], align));
		memset(objects[i], i, size);
	}
	kmem_cache_info_get(cache, &info);
	EXPECT_EQ(t, info.nr_objects, ARRAY_SIZE(objects));
	for (size_t i = 0; i < ARRAY_SIZE(objects); i++) {
		ASSERT_TRUE(t, memchr_inv(objects[i], i, size) == NULL);
		kmem_cache_free(cache, objects[i]);
	}
	kmem_cache_shrink(cache);
	kmem_cache_info_get(cache, &info);
	EXPECT_EQ(t, info.nr_slabs, 0UL);
	EXPECT_EQ(t, info.nr_objects, 0UL);
	kmem_cache_destroy(cache);
}

static void caches_of_all_shapes_come_and_go(struct test *t)
{
	unsigned long before;

	cache_of(t, 64, 64);
	shrink_caches(GFP_KERNEL, ~0UL);
	before = count_free_pages();
	for (unsigned int size = 1; size <= 3000; size = size * 3 / 2 + 1)
		for (unsigned int align = 1; align <= PAGE_SIZE; align *= 8)
			cache_of(t, size, align);
	shrink_caches(GFP_KERNEL, ~0UL);
	EXPECT_EQ(t, count_free_pages(), before);
}

/* From here on: misuse on purpose. */
static struct kmem_cache *victims;

static void *victim(struct test *t, unsigned int size)
{
	victims = kmem_cache_create("victim", size, 0, 0, NULL);
	EXPECT_TRUE(t, victims != NULL);
	return kmem_cache_alloc(victims, GFP_KERNEL);
}

static void expect_reports(struct test *t, unsigned int nr)
{
	EXPECT_EQ(t, mm_report_count(), nr);
	mm_report_expect(MM_NONE);
}

static void double_free_is_reported(struct test *t)
{
	void *object;

	if (!IS_ENABLED(CONFIG_DEBUG_SLAB_DOUBLE_FREE))
		return test_skip(t, "DEBUG_SLAB_DOUBLE_FREE is off");
	object = victim(t, 100);
	kmem_cache_free(victims, object);
	mm_report_expect(MM_DOUBLE_FREE);
	kmem_cache_free(victims, object);
	kmem_cache_shrink(victims); /* leaves the magazine, and perhaps the slab */
	expect_reports(t, 1);
	kmem_cache_destroy(victims);
}

/* An address in the direct map where there is no memory and no page array, or NULL. */
static void *find_hole(void)
{
	for (unsigned long pfn = 0; pfn < max_pfn; pfn += BLOCK_PAGES) {
		if (!pfn_is_valid(pfn))
			return phys_to_virt(pfn << PAGE_SHIFT);
	}
	return NULL;
}

static void invalid_free_is_reported(struct test *t)
{
	static u8 not_allocated[64];
	void *hole = find_hole();
	u8 *object;

	if (!IS_ENABLED(CONFIG_DEBUG_SLAB_INVALID_FREE))
		return test_skip(t, "DEBUG_SLAB_INVALID_FREE is off");
	object = victim(t, 100);
	mm_report_expect(MM_INVALID_FREE);
	kmem_cache_free(victims, object + 8);
	kfree(object + 1);
	kfree(not_allocated);
	expect_reports(t, 3);
	mm_report_expect(MM_INVALID_FREE);
	if (hole)
		kfree(hole);
	expect_reports(t, hole ? 1 : 0);
	kmem_cache_free(victims, object);
	kmem_cache_destroy(victims);
}

static void free_to_wrong_cache_is_reported(struct test *t)
{
	void *object, *other = kmalloc(100, GFP_KERNEL);

	if (!IS_ENABLED(CONFIG_DEBUG_SLAB_INVALID_FREE))
		return kfree(other), test_skip(t, "DEBUG_SLAB_INVALID_FREE is off");
	object = victim(t, 100);
	mm_report_expect(MM_WRONG_CACHE);
	kmem_cache_free(victims, other);
	expect_reports(t, 1);
	kfree(other);
	kmem_cache_free(victims, object);
	kmem_cache_destroy(victims);
}

/* Behind KASAN's back, which would see the write itself. */
static noinline __no_sanitize_address void spoil(volatile u8 *at)
{
	*at = 1;
}

static void write_out_of_bounds_is_reported(struct test *t)
{
	volatile u8 *object;
	volatile u8 *memory;

	if (!IS_ENABLED(CONFIG_DEBUG_SLAB_REDZONE))
		return test_skip(t, "DEBUG_SLAB_REDZONE is off");
	object = victim(t, 100);
	memory = kmalloc(41, GFP_KERNEL);
	mm_report_expect(MM_OUT_OF_BOUNDS);
	spoil(&object[100]);
	spoil(&object[-1]);
	kmem_cache_free(victims, (void *)object);
	EXPECT_EQ(t, mm_report_count(), 2U);
	spoil(&memory[41]); /* inside its class, outside of what was asked for */
	kfree((void *)memory);
	expect_reports(t, 3);
	kmem_cache_destroy(victims);
}

static void write_after_free_is_reported(struct test *t)
{
	volatile u8 *object;
	void *again;

	if (!IS_ENABLED(CONFIG_DEBUG_SLAB_POISON))
		return test_skip(t, "DEBUG_SLAB_POISON is off");
	object = victim(t, 100);
	kmem_cache_free(victims, (void *)object);
	spoil(&object[50]);
	kasan_release_cache(victims);
	mm_report_expect(MM_USE_AFTER_FREE);
	again = kmem_cache_alloc(victims, GFP_KERNEL);
	while (again && !mm_report_count()) {
		kmem_cache_free(victims, again);
		kasan_release_cache(victims);
		again = kmem_cache_alloc(victims, GFP_KERNEL);
	}
	expect_reports(t, 1);
	kmem_cache_free(victims, again);
	kmem_cache_destroy(victims);
}

static void leak_is_reported_when_the_cache_goes(struct test *t)
{
	void *object = victim(t, 100);

	mm_report_expect(MM_LEAK);
	kmem_cache_destroy(victims);
	expect_reports(t, 1);
	kmem_cache_free(victims, object);
	kmem_cache_destroy(victims);
}

/* --- memory in pieces --- */

#define MARK	  0x5a /* at the end of pages that are not free */
#define MARK_SIZE 64

static u8 *mark_of(const struct page *page)
{
	return (u8 *)page_to_virt(page) + PAGE_SIZE - MARK_SIZE;
}

/* All pages that there are, then each second is free: no two free ones lie together. */
static void break_memory(struct list_head *kept)
{
	struct page *page, *next;

	while ((page = alloc_page(__GFP_MEMALLOC | __GFP_NOWARN))) {
		memset(mark_of(page), MARK, MARK_SIZE);
		list_add(&page->lru, kept);
	}
	list_for_each_entry_safe(page, next, kept, lru) {
		if (!(page_to_pfn(page) & 1))
			continue;
		list_del(&page->lru);
		__free_page(page);
	}
}

/* Return: how many of those kept were written to. */
static unsigned int mend_memory(struct list_head *kept)
{
	unsigned int nr_changed = 0;
	struct page *page, *next;

	list_for_each_entry_safe(page, next, kept, lru) {
		nr_changed += memchr_inv(mark_of(page), MARK, MARK_SIZE) != NULL;
		list_del(&page->lru);
		__free_page(page);
	}
	return nr_changed;
}

#define NR_PIECES 100

/* Sizes whose slabs are blocks: those that divide a page, and one that does not. */
static void use_objects(struct test *t, unsigned int size)
{
	static u8 *objects[NR_PIECES];
	unsigned int nr_got = 0, nr_wrong = 0;

	for (unsigned int i = 0; i < NR_PIECES; i++) {
		objects[i] = kmalloc(size, GFP_NOWAIT | __GFP_NOWARN);
		if (!objects[i])
			break;
		memset(objects[i], (int)(i + 1), size);
		nr_got++;
	}
	EXPECT_EQ(t, nr_got, (unsigned int)NR_PIECES);
	for (unsigned int i = 0; i < nr_got; i++) {
		nr_wrong += memchr_inv(objects[i], (int)(i + 1), size) != NULL;
		kfree(objects[i]);
	}
	EXPECT_EQ(t, nr_wrong, 0u);
}

/* Objects of a cache whose slabs are blocks, but few of which begin where a page does. */
static void use_cache(struct test *t, struct kmem_cache *cache)
{
	static void *objects[NR_PIECES];

	for (unsigned int i = 0; i < NR_PIECES; i++)
		objects[i] = kmem_cache_alloc(cache, GFP_NOWAIT | __GFP_NOWARN);
	for (unsigned int i = 0; i < NR_PIECES; i++) {
		EXPECT_TRUE(t, objects[i]);
		kmem_cache_free(cache, objects[i]);
	}
}

static void slabs_are_small_where_memory_is_in_pieces(struct test *t)
{
	struct kmem_cache *cache;
	LIST_HEAD(kept);

	/* The host gives memory to what is written to, and has less than it promises. */
	if (count_free_pages() > MAX_TAKEN)
		return test_skip(t, "too much memory to take it all");
	cache = kmem_cache_create("slab_test", 528, 0, 0, NULL);
	ASSERT_TRUE(t, cache);
	/* Blocks that other CPUs have, or give back meanwhile, are few. */
	break_memory(&kept);
	use_cache(t, cache);
	use_objects(t, 512);
	/* With something between them these need more than a page. */
	if (!IS_ENABLED(CONFIG_KASAN) && !IS_ENABLED(CONFIG_DEBUG_SLAB_REDZONE) &&
	    !IS_ENABLED(CONFIG_DEBUG_SLAB_DOUBLE_FREE) && !IS_ENABLED(CONFIG_SLAB_OWNER)) {
		use_objects(t, 1024);
		use_objects(t, 4096);
	}
	/* Nor does anybody look after a red zone in a page beside. */
	EXPECT_EQ(t, mend_memory(&kept), 0u);
	kmem_cache_destroy(cache);
	shrink_caches(GFP_KERNEL, ~0UL);
	EXPECT_EQ(t, page_alloc_verify(), 0U);
}

static const struct test_case slab_cases[] = {
	TEST_CASE(random_load_keeps_objects_apart_and_leaks_none),
	TEST_CASE(class_is_the_smallest_that_holds),
	TEST_CASE(odd_sizes_are_answered),
	TEST_CASE(large_memory_is_whole_pages),
	TEST_CASE(grown_memory_is_zero_if_asked),
	TEST_CASE(shrinking_never_fails),
	TEST_CASE(strings_are_copied),
	TEST_CASE(many_objects_take_the_lock_once_a_batch),
	TEST_CASE(constructed_state_outlives_a_free),
	TEST_CASE(caches_of_all_shapes_come_and_go),
	TEST_CASE(double_free_is_reported),
	TEST_CASE(invalid_free_is_reported),
	TEST_CASE(free_to_wrong_cache_is_reported),
	TEST_CASE(write_out_of_bounds_is_reported),
	TEST_CASE(write_after_free_is_reported),
	TEST_CASE(leak_is_reported_when_the_cache_goes),
	TEST_CASE(slabs_are_small_where_memory_is_in_pieces),
};
TEST_SUITE(slab, slab_cases);
