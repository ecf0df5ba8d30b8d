/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Reclaim: which pages stand on which list, and which go.  Files are a store that nobody keeps,
 * whose page says its index; programs are address spaces that nobody runs.  kswapd does not run
 * while tests do, so what goes is what a test asks to go.
 */
#include <oshit/bench.h>
#include <oshit/boot_param.h>
#include <oshit/gfp.h>
#include <oshit/init.h>
#include <oshit/kstrtox.h>
#include <oshit/lru.h>
#include <oshit/mm.h>
#include <oshit/pagecache.h>
#include <oshit/slab.h>
#include <oshit/string.h>
#include <oshit/test.h>
#include <oshit/test_random.h>
#include <oshit/vmstat.h>

#include "test_user.h"
#include "vmscan.h"

#define NR_PAGES  256UL
#define FILE_BASE (USER_BASE + GIB(1))

struct store {
	struct address_space mapping;
	unsigned int nr_reads, nr_writes;
};

static int store_read_page(struct address_space *mapping, struct page *page)
{
	container_of(mapping, struct store, mapping)->nr_reads++;
	*(unsigned long *)page_to_virt(page) = page->index;
	return 0;
}

static int store_write_page(struct address_space *mapping, struct page *page __maybe_unused)
{
	container_of(mapping, struct store, mapping)->nr_writes++;
	return 0;
}

static const struct address_space_operations store_aops = {
	.read_page = store_read_page,
	.write_page = store_write_page,
};

static int store_page_mkwrite(struct vm_fault *fault)
{
	set_page_dirty(fault->page);
	return 0;
}

static const struct vm_operations store_vm_ops = {
	.fault = filemap_fault,
	.page_mkwrite = store_page_mkwrite,
};

static int check_store(struct file *file __maybe_unused, unsigned long *flags __maybe_unused)
{
	return 0;
}

static int attach_store(struct vm_area *area)
{
	area->mapping = &((struct store *)area->file)->mapping;
	area->ops = &store_vm_ops;
	return 0;
}

static const struct mmap_file_ops store_mmap_ops = { .check = check_store, .attach = attach_store };

static struct store *new_store(struct test *t)
{
	struct store *store = kzalloc(sizeof(*store), GFP_KERNEL);

	if (!store) {
		test_skip(t, "no memory");
		return NULL;
	}
	address_space_init(&store->mapping, &store_aops, NULL);
	store->mapping.size = NR_PAGES * PAGE_SIZE;
	return store;
}

static void free_store(struct test *t, struct store *store)
{
	evict_pagecache(&store->mapping);
	EXPECT_EQ(t, store->mapping.pages.nr_pages, 0ul);
	EXPECT_EQ(t, lru_verify(), 0u);
	kfree(store);
}

static void map_store(struct test *t, struct mm_struct *mm, struct store *store)
{
	struct mmap_request request = {
		.addr = FILE_BASE,
		.len = NR_PAGES * PAGE_SIZE,
		.prot = USER_RW,
		.flags = MAP_SHARED | MAP_FIXED,
		.file = (struct file *)store, /* the memory side never looks into it */
		.file_ops = &store_mmap_ops,
	};

	EXPECT_EQ(t, user_map_as(mm, &request), FILE_BASE);
}

/* As read() would use it. */
static void use_page(struct test *t, struct store *store, unsigned long index)
{
	struct page *page = read_cache_page(&store->mapping, index, CACHE_IN_FILE);

	EXPECT_FALSE(t, IS_ERR(page));
	if (IS_ERR(page))
		return;
	mark_page_accessed(page);
	put_page(page);
}

static void use_pages(struct test *t, struct store *store, unsigned long first, unsigned long nr)
{
	for (unsigned long index = first; index < first + nr; index++)
		use_page(t, store, index);
}

static unsigned long nr_cached(struct store *store, unsigned long first, unsigned long nr)
{
	unsigned long nr_there = 0;

	for (unsigned long index = first; index < first + nr; index++) {
		struct page *page = find_get_page(&store->mapping, index);

		nr_there += page != NULL;
		if (page)
			put_page(page);
	}
	return nr_there;
}

/* The pages that are a file's and inactive are looked at once. Return: pages freed. */
static unsigned long reclaim_files(void)
{
	struct scan_control sc = {
		.gfp = GFP_NOIO,
		.highest = ZONE_NORMAL,
		.nr_to_reclaim = ~0UL,
	};
	unsigned long before = vm_stat_read(PGSTEAL_FILE);

	lru_drain_all();
	reclaim_pass(&sc);
	return vm_stat_read(PGSTEAL_FILE) - before;
}

static unsigned long nr_listed(enum lru_list list)
{
	lru_drain_all();
	return lru_nr_pages(list);
}

/* --- lists --- */

static void page_of_a_program_is_listed_as_long_as_it_lives(struct test *t)
{
	unsigned long before = nr_listed(LRU_INACTIVE_ANON);
	struct mm_struct *mm = user_new_mapped(t, NR_PAGES * PAGE_SIZE, MAP_NORESERVE);

	if (!mm)
		return;
	user_advise(mm, USER_BASE, NR_PAGES * PAGE_SIZE, MADV_NOHUGEPAGE);
	for (unsigned long i = 0; i < NR_PAGES; i++)
		EXPECT_TRUE(t, user_write(mm, user_page_addr(i), 1));
	EXPECT_EQ(t, nr_listed(LRU_INACTIVE_ANON), before + NR_PAGES);
	user_unmap(mm, USER_BASE, PAGE_SIZE);
	EXPECT_EQ(t, nr_listed(LRU_INACTIVE_ANON), before + NR_PAGES - 1);
	/* Some of these are in the batch of this CPU. */
	user_map(mm, USER_BASE, PAGE_SIZE, USER_ANON | MAP_FIXED);
	EXPECT_TRUE(t, user_write(mm, USER_BASE, 1));
	mmput(mm);
	EXPECT_EQ(t, nr_listed(LRU_INACTIVE_ANON), before);
	EXPECT_EQ(t, lru_verify(), 0u);
}

static void page_in_a_batch_can_be_taken_off(struct test *t)
{
	struct page *page = alloc_page(GFP_KERNEL);

	if (!page)
		return test_skip(t, "no memory");
	page->mapping = (struct address_space *)PAGE_MAPPING_ANON;
	lru_add_new(page);
	EXPECT_OK(t, isolate_lru_page(page));
	EXPECT_EQ(t, isolate_lru_page(page), -EBUSY);
	EXPECT_EQ(t, page_ref_count(page), 2);
	putback_lru_page(page);
	EXPECT_EQ(t, page_ref_count(page), 1);
	lru_drain_all();
	EXPECT_OK(t, isolate_lru_page(page));
	putback_lru_page(page);
	put_page(page);
	EXPECT_EQ(t, lru_verify(), 0u);
	EXPECT_EQ(t, lru_nr_isolated(), 0ul);
}

static void second_use_makes_a_page_active(struct test *t)
{
	struct store *store = new_store(t);
	unsigned long before = nr_listed(LRU_ACTIVE_FILE);

	if (!store)
		return;
	use_pages(t, store, 0, NR_PAGES);
	EXPECT_EQ(t, nr_listed(LRU_ACTIVE_FILE), before);
	use_pages(t, store, 0, 10);
	EXPECT_EQ(t, nr_listed(LRU_ACTIVE_FILE), before + 10);
	free_store(t, store);
	EXPECT_EQ(t, nr_listed(LRU_ACTIVE_FILE), before);
}

/* --- what goes --- */

static void pages_that_were_used_once_go_first(struct test *t)
{
	struct store *store = new_store(t);

	if (!store)
		return;
	use_pages(t, store, 0, 20);
	use_pages(t, store, 0, 20);
	use_pages(t, store, 20, NR_PAGES - 20);
	reclaim_files();
	EXPECT_EQ(t, nr_cached(store, 0, 20), 20ul);
	EXPECT_LT(t, nr_cached(store, 20, NR_PAGES - 20), 64ul); /* the newest may not have had
								    their turn */
	free_store(t, store);
}

static void page_in_use_is_not_taken(struct test *t)
{
	struct store *store = new_store(t);
	struct page *page;

	if (!store)
		return;
	page = read_cache_page(&store->mapping, 3, CACHE_IN_FILE);
	use_pages(t, store, 4, 100);
	for (int i = 0; i < 4; i++)
		reclaim_files();
	EXPECT_EQ(t, nr_cached(store, 3, 1), 1ul);
	EXPECT_EQ(t, nr_cached(store, 4, 100), 0ul);
	put_page(page);
	for (int i = 0; i < 4; i++)
		reclaim_files();
	EXPECT_EQ(t, nr_cached(store, 3, 1), 0ul);
	free_store(t, store);
}

static void mapped_page_has_a_second_chance(struct test *t)
{
	struct store *store = new_store(t);
	struct mm_struct *mm = store ? user_new(t) : NULL;

	if (!mm)
		return;
	map_store(t, mm, store);
	EXPECT_EQ(t, user_read(mm, FILE_BASE + 5 * PAGE_SIZE), 5);
	/* The entry says that it was used; now it does not any more. */
	reclaim_files();
	EXPECT_EQ(t, nr_cached(store, 5, 1), 1ul);
	for (int i = 0; i < 4; i++)
		reclaim_files();
	EXPECT_EQ(t, nr_cached(store, 5, 1), 0ul);
	EXPECT_EQ(t, user_table_entry(mm, FILE_BASE + 5 * PAGE_SIZE), 0ul);
	EXPECT_EQ(t, user_read(mm, FILE_BASE + 5 * PAGE_SIZE), 5);
	EXPECT_EQ(t, store->nr_reads, 2u);
	mmput(mm);
	free_store(t, store);
}

static void dirty_page_goes_when_it_is_stored(struct test *t)
{
	struct store *store = new_store(t);
	struct mm_struct *mm = store ? user_new(t) : NULL;

	if (!mm)
		return;
	map_store(t, mm, store);
	EXPECT_TRUE(t, user_write(mm, FILE_BASE, 7));
	for (int i = 0; i < 4; i++)
		reclaim_files();
	EXPECT_EQ(t, nr_cached(store, 0, 1), 1ul);
	EXPECT_EQ(t, store->nr_writes, 0u);
	EXPECT_EQ(t, filemap_write_some(&store->mapping, 10), 1ul);
	EXPECT_EQ(t, store->nr_writes, 1u);
	for (int i = 0; i < 4; i++)
		reclaim_files();
	EXPECT_EQ(t, nr_cached(store, 0, 1), 0ul);
	mmput(mm);
	free_store(t, store);
	EXPECT_EQ(t, vm_stat_read(NR_FILE_DIRTY), 0ul);
}

static void locked_page_stays(struct test *t)
{
	unsigned long before = nr_listed(LRU_UNEVICTABLE);
	struct store *store = new_store(t);
	struct mm_struct *mm = store ? user_new(t) : NULL;

	if (!mm)
		return;
	map_store(t, mm, store);
	EXPECT_EQ(t, user_read(mm, FILE_BASE), 0);
	EXPECT_OK(t, do_mlock(mm, FILE_BASE, 8 * PAGE_SIZE, VM_LOCKED));
	EXPECT_EQ(t, nr_listed(LRU_UNEVICTABLE), before + 8);
	for (int i = 0; i < 4; i++)
		reclaim_files();
	EXPECT_EQ(t, nr_cached(store, 0, 8), 8ul);
	EXPECT_OK(t, do_munlock(mm, FILE_BASE, 2 * PAGE_SIZE));
	EXPECT_EQ(t, nr_listed(LRU_UNEVICTABLE), before + 6);
	for (int i = 0; i < 4; i++)
		reclaim_files();
	EXPECT_EQ(t, nr_cached(store, 0, 8), 6ul);
	mmput(mm);
	EXPECT_EQ(t, nr_listed(LRU_UNEVICTABLE), before);
	for (int i = 0; i < 4; i++)
		reclaim_files();
	EXPECT_EQ(t, nr_cached(store, 0, 8), 0ul);
	free_store(t, store);
}

/* The child of a program with locked memory, which loses its own. */
static void page_is_locked_no_longer_than_by_who_has_it(struct test *t)
{
	unsigned long before = nr_listed(LRU_UNEVICTABLE);
	struct mm_struct *mm = user_new_mapped(t, 16 * PAGE_SIZE, 0), *child;

	if (!mm)
		return;
	EXPECT_OK(t, do_mlock(mm, USER_BASE, 16 * PAGE_SIZE, VM_LOCKED));
	EXPECT_TRUE(t, user_write(mm, user_page_addr(3), 77));
	EXPECT_EQ(t, nr_listed(LRU_UNEVICTABLE), before + 16);
	child = user_fork(t, mm);
	EXPECT_EQ(t, nr_listed(LRU_UNEVICTABLE), before + 16);
	EXPECT_OK(t, user_advise(mm, USER_BASE, 8 * PAGE_SIZE, MADV_DONTNEED_LOCKED));
	EXPECT_EQ(t, nr_listed(LRU_UNEVICTABLE), before + 8);
	mmput(mm);
	EXPECT_EQ(t, nr_listed(LRU_UNEVICTABLE), before);
	if (!child)
		return;
	EXPECT_EQ(t, user_read(child, user_page_addr(3)), 77);
	user_expect_sound(t, child);
	mmput(child);
}

static void memory_that_was_given_up_goes_unless_it_is_written(struct test *t)
{
	struct mm_struct *mm = user_new_mapped(t, 16 * PAGE_SIZE, 0);
	unsigned long nr_there = 0;

	if (!mm)
		return;
	for (unsigned long i = 0; i < 16; i++)
		EXPECT_TRUE(t, user_write(mm, user_page_addr(i), (u8)(i + 1)));
	EXPECT_OK(t, user_advise(mm, USER_BASE, 16 * PAGE_SIZE, MADV_FREE));
	/* As a processor would. */
	*user_access(mm, user_page_addr(3), FAULT_FLAG_WRITE) = 99;
	*user_table_find(mm, user_page_addr(3)) |= PTE_DIRTY | PTE_ACCESSED;
	for (int i = 0; i < 4; i++)
		reclaim_files();
	for (unsigned long i = 0; i < 16; i++)
		nr_there += user_page(mm, user_page_addr(i)) != NULL;
	EXPECT_EQ(t, nr_there, 1ul);
	EXPECT_EQ(t, user_read(mm, user_page_addr(3)), 99);
	EXPECT_EQ(t, user_read(mm, user_page_addr(4)), 0);
	user_expect_sound(t, mm);
	mmput(mm);
}

/* --- huge pages --- */

static void huge_page_is_listed_as_one(struct test *t)
{
	unsigned long before = nr_listed(LRU_INACTIVE_ANON);
	struct mm_struct *mm = user_new_mapped(t, HUGE_SIZE, MAP_NORESERVE);
	struct page *head;

	if (!mm)
		return;
	EXPECT_TRUE(t, user_write(mm, USER_BASE, 1));
	head = user_page(mm, USER_BASE);
	if (!page_huge_head(head)) {
		mmput(mm);
		return test_skip(t, "no block of 2 MiB is free");
	}
	EXPECT_TRUE(t, page_has_flag(head, PG_lru));
	EXPECT_FALSE(t, page_has_flag(head + 1, PG_lru));
	EXPECT_EQ(t, nr_listed(LRU_INACTIVE_ANON), before + HUGE_PAGES);
	/* Now each for itself. */
	EXPECT_OK(t, user_protect(mm, USER_BASE, PAGE_SIZE, PROT_READ));
	EXPECT_EQ(t, nr_listed(LRU_INACTIVE_ANON), before + HUGE_PAGES);
	EXPECT_TRUE(t, page_has_flag(head + 1, PG_lru));
	user_expect_sound(t, mm);
	mmput(mm);
	EXPECT_EQ(t, nr_listed(LRU_INACTIVE_ANON), before);
	EXPECT_EQ(t, lru_verify(), 0u);
}

/* --- cost --- */

/* reclaim_test_fill=PERCENT: of the free memory that pages of a file take before some are
 * reclaimed; else only a few do. */
static unsigned long fill_percent;

static int __init set_fill(const char *value)
{
	return value ? kstrtoul(value, 10, &fill_percent) : -EINVAL;
}
BOOT_PARAM("reclaim_test_fill", set_fill);

static void fill_memory(struct test *t, struct store *store)
{
	struct page_counts counts;
	unsigned long nr;

	page_counts_get(&counts);
	nr = max(counts.nr_free * fill_percent / 100, NR_PAGES);
	store->mapping.size = nr * PAGE_SIZE;
	use_pages(t, store, 0, nr);
	lru_drain_all();
}

/* Turns as kswapd has them: a batch each. */
static void cost_of_a_page(struct test *t)
{
	struct store *store = new_store(t);
	unsigned long before, nr, nr_scanned;
	u64 start, cycles;

	if (!store)
		return;
	fill_memory(t, store);
	before = vm_stat_read(PGSTEAL_FILE);
	nr_scanned = vm_stat_read(PGSCAN_FILE);
	start = cpu_cycles();
	for (int i = 0; i < 8; i++) {
		struct scan_control sc = {
			.gfp = GFP_NOIO,
			.highest = ZONE_NORMAL,
			.priority = RECLAIM_PRIORITY,
			.nr_to_reclaim = RECLAIM_BATCH,
		};

		reclaim_pass(&sc);
	}
	cycles = cpu_cycles() - start;
	nr = vm_stat_read(PGSTEAL_FILE) - before;
	nr_scanned = vm_stat_read(PGSCAN_FILE) - nr_scanned;
	test_note(t, "%lu MiB of pages of a file; %lu freed, %lu looked at: %lu cycles a page",
		  store->mapping.size / MIB(1), nr, nr_scanned,
		  (unsigned long)(cycles / max(nr, 1UL)));
	EXPECT_GE(t, nr, RECLAIM_BATCH);
	free_store(t, store);
}

static const struct test_case reclaim_cases[] = {
	TEST_CASE(page_of_a_program_is_listed_as_long_as_it_lives),
	TEST_CASE(page_in_a_batch_can_be_taken_off),
	TEST_CASE(second_use_makes_a_page_active),
	TEST_CASE(pages_that_were_used_once_go_first),
	TEST_CASE(page_in_use_is_not_taken),
	TEST_CASE(mapped_page_has_a_second_chance),
	TEST_CASE(dirty_page_goes_when_it_is_stored),
	TEST_CASE(locked_page_stays),
	TEST_CASE(page_is_locked_no_longer_than_by_who_has_it),
	TEST_CASE(memory_that_was_given_up_goes_unless_it_is_written),
	TEST_CASE(huge_page_is_listed_as_one),
	TEST_CASE(cost_of_a_page),
};
TEST_SUITE(reclaim, reclaim_cases);
