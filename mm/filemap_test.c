/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The page cache with a store behind it: an array of bytes that stands for a disk and counts what
 * is read and written.  Programs are address spaces that nobody runs; their accesses are faults by
 * the test, and what they see are the entries.
 *
 * The race at the end has tasks fault, drop pages and fork while one truncates and punches holes.
 * Nobody is stopped for the checks: once a truncation has returned, and until the size grows again,
 * there is no entry behind the end in any address space, whoever still faults.
 */
#include <linux/errno.h>
#include <linux/mman.h>
#include <oshit/err.h>
#include <oshit/gfp.h>
#include <oshit/kthread.h>
#include <oshit/math.h>
#include <oshit/mm.h>
#include <oshit/mutex.h>
#include <oshit/pagecache.h>
#include <oshit/sched.h>
#include <oshit/sizes.h>
#include <oshit/slab.h>
#include <oshit/string.h>
#include <oshit/test.h>
#include <oshit/test_random.h>

#include "user_page.h"
#include "user_table.h"

#define BASE	 0x40000000UL
#define NR_PAGES 40UL

struct store {
	struct address_space mapping;
	struct mutex cut_lock; /* the size changes under it */
	u8 first_bytes[NR_PAGES]; /* of each page; the others are zeros */
	atomic_t nr_reads, nr_writes;
	int error; /* of the next reads and writes */
	bool cut_in_fault; /* the next fault waits until a truncation waits for its page */
	struct task_struct *cutter; /* does that */
};

static struct store *store_of(struct address_space *mapping)
{
	return container_of(mapping, struct store, mapping);
}

static int store_read_page(struct address_space *mapping, struct page *page)
{
	struct store *store = store_of(mapping);

	atomic_inc(&store->nr_reads);
	yield(); /* as a disk would */
	if (store->error)
		return store->error;
	memset(page_to_virt(page), 0, PAGE_SIZE);
	*(u8 *)page_to_virt(page) = store->first_bytes[page->index];
	return 0;
}

static int store_write_page(struct address_space *mapping, struct page *page)
{
	struct store *store = store_of(mapping);

	atomic_inc(&store->nr_writes);
	yield();
	if (!store->error)
		store->first_bytes[page->index] = *(u8 *)page_to_virt(page);
	return store->error;
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

static int cut_all(void *data);

/* As a fault that has looked at the size and then is slow: a truncation gets as far as it can. */
static int store_fault(struct vm_fault *fault)
{
	struct store *store = store_of(fault->area->mapping);
	int result = filemap_fault(fault);

	if (result & VM_FAULT_ERROR || !store->cut_in_fault)
		return result;
	store->cut_in_fault = false;
	store->cutter = kthread_run(cut_all, store, "cutter");
	while (!IS_ERR(store->cutter) && !page_has_flag(fault->page, PG_waiters))
		yield();
	return result;
}

static const struct vm_operations store_vm_ops = {
	.fault = store_fault,
	.fault_around = filemap_fault_around,
	.page_mkwrite = store_page_mkwrite,
};

static struct store *new_store(struct test *t)
{
	struct store *store = kzalloc(sizeof(*store), GFP_KERNEL);

	if (!store) {
		test_fail(t, __FILE__, __LINE__, "no memory");
		return NULL;
	}
	address_space_init(&store->mapping, &store_aops, NULL);
	mutex_init(&store->cut_lock);
	store->mapping.size = NR_PAGES * PAGE_SIZE;
	for (size_t i = 0; i < NR_PAGES; i++)
		store->first_bytes[i] = (u8)(i + 1);
	return store;
}

static void free_store(struct test *t, struct store *store)
{
	EXPECT_EQ(t, store->mapping.nr_areas, 0u);
	EXPECT_EQ(t, interval_tree_empty(&store->mapping.i_mmap), true);
	evict_pagecache(&store->mapping);
	EXPECT_EQ(t, store->mapping.pages.nr_pages, 0ul);
	EXPECT_EQ(t, store->mapping.pages.nr_tagged[PAGE_TAG_DIRTY], 0ul);
	kfree(store);
}

/* --- address spaces --- */

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

/* All of @store from BASE on, MAP_SHARED or MAP_PRIVATE. */
static struct mm_struct *map_store(struct test *t, struct store *store, unsigned long kind)
{
	struct mmap_request request = {
		.addr = BASE,
		.len = NR_PAGES * PAGE_SIZE,
		.prot = PROT_READ | PROT_WRITE,
		.flags = kind | MAP_FIXED,
		/* The memory side never looks into it. */
		.file = (struct file *)store,
		.file_ops = &store_mmap_ops,
	};
	struct mm_struct *mm = mm_alloc();
	unsigned long addr = -ENOMEM;

	if (mm) {
		mm->mmap_base = GIB(64);
		down_write(&mm->mmap_lock);
		addr = do_mmap(mm, &request);
		mmap_write_unlock(mm);
	}
	if (addr != BASE) {
		test_fail(t, __FILE__, __LINE__, "mmap: %ld", (long)addr);
		return NULL;
	}
	return mm;
}

static int fault(struct mm_struct *mm, unsigned long page, unsigned int flags)
{
	struct vm_area *area;
	int result = VM_FAULT_SIGSEGV;

	down_read(&mm->mmap_lock);
	area = vma_lookup(&mm->areas, BASE + page * PAGE_SIZE);
	if (area)
		result = handle_mm_fault(area, BASE + page * PAGE_SIZE, flags);
	up_read(&mm->mmap_lock);
	return result & VM_FAULT_ERROR;
}

static pte_t entry_of(struct mm_struct *mm, unsigned long page)
{
	pte_t *pte = user_table_find(mm, BASE + page * PAGE_SIZE);

	return pte ? READ_ONCE(*pte) : 0;
}

/* Where the page lies in the direct map. The test alone uses the address space. */
static u8 *bytes_of(struct mm_struct *mm, unsigned long page, unsigned int flags)
{
	pte_t entry = entry_of(mm, page);

	while (!(entry & PTE_PRESENT) || (flags & FAULT_FLAG_WRITE && !(entry & PTE_WRITE))) {
		if (fault(mm, page, flags))
			return NULL;
		entry = entry_of(mm, page);
	}
	return phys_to_virt(pte_phys(entry));
}

static int read_byte(struct mm_struct *mm, unsigned long page)
{
	const u8 *bytes = bytes_of(mm, page, 0);

	return bytes ? *bytes : -1;
}

static bool write_byte(struct mm_struct *mm, unsigned long page, u8 value)
{
	u8 *bytes = bytes_of(mm, page, FAULT_FLAG_WRITE);

	if (bytes)
		*bytes = value;
	return bytes;
}

static bool is_writable(struct mm_struct *mm, unsigned long page)
{
	return entry_of(mm, page) & PTE_WRITE;
}

static unsigned long nr_dirty(const struct store *store)
{
	return store->mapping.pages.nr_tagged[PAGE_TAG_DIRTY];
}

static void truncate_store(struct store *store, u64 size)
{
	WRITE_ONCE(store->mapping.size, size);
	truncate_pagecache(&store->mapping);
}

static int cut_all(void *data)
{
	truncate_store(data, 0);
	while (!kthread_should_stop())
		yield();
	return 0;
}

/* --- properties --- */

#define NR_READERS 4

static int read_all(void *data)
{
	struct store *store = data;
	int nr_bad = 0;

	for (unsigned long i = 0; i < NR_PAGES; i++) {
		struct page *page = read_cache_page(&store->mapping, i, CACHE_IN_FILE);

		if (IS_ERR(page)) {
			nr_bad++;
			continue;
		}
		nr_bad += *(u8 *)page_to_virt(page) != i + 1;
		put_page(page);
	}
	while (!kthread_should_stop())
		yield();
	return nr_bad;
}

static void page_is_read_once_by_many(struct test *t)
{
	struct store *store = new_store(t);
	struct task_struct *tasks[NR_READERS];

	if (!store)
		return;
	for (size_t i = 0; i < NR_READERS; i++)
		tasks[i] = kthread_run(read_all, store, "reader/%zu", i);
	/* One that is stopped before it has begun reads nothing. */
	while (store->mapping.pages.nr_pages < NR_PAGES)
		yield();
	for (size_t i = 0; i < NR_READERS; i++) {
		int result = IS_ERR(tasks[i]) ? -ENOMEM : kthread_stop(tasks[i]);

		EXPECT_TRUE(t, result == 0 || result == -EINTR);
	}
	EXPECT_EQ(t, atomic_read(&store->nr_reads), (int)NR_PAGES);
	free_store(t, store);
}

static void failed_reading_is_tried_again(struct test *t)
{
	struct store *store = new_store(t);
	struct mm_struct *mm = store ? map_store(t, store, MAP_SHARED) : NULL;
	struct page *page;

	if (!mm)
		return;
	store->error = -EIO;
	page = read_cache_page(&store->mapping, 3, CACHE_IN_FILE);
	EXPECT_EQ(t, PTR_ERR(page), -EIO);
	EXPECT_EQ(t, fault(mm, 3, 0), VM_FAULT_SIGBUS);
	EXPECT_EQ(t, store->mapping.pages.nr_pages, 0ul);
	store->error = 0;
	EXPECT_EQ(t, read_byte(mm, 3), 4);
	EXPECT_EQ(t, PTR_ERR(read_cache_page(&store->mapping, NR_PAGES, CACHE_IN_FILE)), -ERANGE);
	EXPECT_EQ(t, atomic_read(&store->nr_reads), 3);
	mmput(mm);
	free_store(t, store);
}

/* A page is dirty from the first write on, until it is stored, and then from the next on. */
static void write_fault_makes_a_page_dirty(struct test *t)
{
	struct store *store = new_store(t);
	struct mm_struct *mm = store ? map_store(t, store, MAP_SHARED) : NULL;

	if (!mm)
		return;
	for (u8 round = 1; round <= 3; round++) {
		EXPECT_EQ(t, read_byte(mm, 5), round == 1 ? 6 : 100 + round - 1);
		if (IS_ENABLED(CONFIG_DIRTY_FAULTS)) {
			EXPECT_EQ(t, nr_dirty(store), 0ul);
			EXPECT_FALSE(t, is_writable(mm, 5));
		}
		EXPECT_TRUE(t, write_byte(mm, 5, 100 + round));
		EXPECT_EQ(t, nr_dirty(store), 1ul);
		EXPECT_TRUE(t, is_writable(mm, 5));
		EXPECT_OK(t, filemap_write_and_wait(&store->mapping, 6, ~0UL));
		EXPECT_EQ(t, store->first_bytes[5], round == 1 ? 6 : 100 + round - 1);
		EXPECT_OK(t, filemap_write_and_wait(&store->mapping, 0, ~0UL));
		EXPECT_EQ(t, store->first_bytes[5], 100 + round);
		EXPECT_EQ(t, atomic_read(&store->nr_writes), round);
	}
	mmput(mm);
	EXPECT_OK(t, filemap_write_and_wait(&store->mapping, 0, ~0UL));
	EXPECT_EQ(t, nr_dirty(store), 0ul);
	free_store(t, store);
}

/* Wherever the page is mapped, and not in private copies. */
static void storing_protects_all_mappings(struct test *t)
{
	struct store *store = new_store(t);
	struct mm_struct *a = store ? map_store(t, store, MAP_SHARED) : NULL;
	struct mm_struct *b = a ? map_store(t, store, MAP_SHARED) : NULL;
	struct mm_struct *copy = b ? map_store(t, store, MAP_PRIVATE) : NULL;

	if (!copy)
		return;
	EXPECT_TRUE(t, write_byte(copy, 7, 99));
	EXPECT_EQ(t, nr_dirty(store), 0ul);
	EXPECT_TRUE(t, write_byte(a, 7, 50) && write_byte(b, 7, 51));
	EXPECT_OK(t, filemap_write_and_wait(&store->mapping, 0, ~0UL));
	EXPECT_EQ(t, store->first_bytes[7], 51);
	if (IS_ENABLED(CONFIG_DIRTY_FAULTS))
		EXPECT_FALSE(t, is_writable(a, 7) || is_writable(b, 7));
	EXPECT_TRUE(t, is_writable(copy, 7));
	EXPECT_TRUE(t, write_byte(b, 7, 52));
	EXPECT_EQ(t, read_byte(a, 7), 52);
	EXPECT_EQ(t, read_byte(copy, 7), 99);
	EXPECT_EQ(t, nr_dirty(store), 1ul);
	mmput(a);
	mmput(b);
	mmput(copy);
	free_store(t, store);
}

/* mprotect() flushes at its end, so until then a CPU may write by an entry that forbids it. */
static void storing_cleans_what_could_be_written_once(struct test *t)
{
	static const unsigned long less[] = { PROT_READ, PROT_NONE };
	struct store *store = IS_ENABLED(CONFIG_DIRTY_FAULTS) ? new_store(t) : NULL;
	struct mm_struct *mm = store ? map_store(t, store, MAP_SHARED) : NULL;

	if (!mm)
		return;
	for (unsigned long i = 0; i < ARRAY_SIZE(less); i++) {
		EXPECT_TRUE(t, write_byte(mm, i, 70));
		down_write(&mm->mmap_lock);
		EXPECT_OK(t, do_mprotect(mm, BASE + i * PAGE_SIZE, PAGE_SIZE, less[i]));
		mmap_write_unlock(mm);
		EXPECT_NE(t, entry_of(mm, i) & PTE_DIRTY, 0ul);
	}
	EXPECT_OK(t, filemap_write_and_wait(&store->mapping, 0, ~0UL));
	for (unsigned long i = 0; i < ARRAY_SIZE(less); i++) {
		EXPECT_EQ(t, entry_of(mm, i) & PTE_DIRTY, 0ul);
		EXPECT_EQ(t, store->first_bytes[i], 70);
	}
	down_write(&mm->mmap_lock);
	EXPECT_OK(t, do_mprotect(mm, BASE, 2 * PAGE_SIZE, PROT_READ | PROT_WRITE));
	mmap_write_unlock(mm);
	for (unsigned long i = 0; i < ARRAY_SIZE(less); i++)
		EXPECT_EQ(t, read_byte(mm, i), 70);
	mmput(mm);
	free_store(t, store);
}

/* A page that is stored between the two looks at it from outside is stored once more. */
static void bytes_from_outside_are_stored(struct test *t)
{
	struct store *store = new_store(t);
	struct mm_struct *mm = store ? map_store(t, store, MAP_SHARED) : NULL;
	struct page *page;

	if (!mm)
		return;
	down_read(&mm->mmap_lock);
	page = mm_remote_page(mm, BASE, FAULT_FLAG_WRITE);
	ASSERT_TRUE(t, page);
	EXPECT_OK(t, filemap_write_and_wait(&store->mapping, 0, ~0UL));
	*(u8 *)page_to_virt(page) = 80;
	mm_remote_written(page);
	put_page(page);
	up_read(&mm->mmap_lock);
	EXPECT_EQ(t, nr_dirty(store), 1ul);
	EXPECT_OK(t, filemap_write_and_wait(&store->mapping, 0, ~0UL));
	EXPECT_EQ(t, store->first_bytes[0], 80);
	mmput(mm);
	free_store(t, store);
}

static void error_of_storing_is_told_once(struct test *t)
{
	struct store *store = new_store(t);
	struct mm_struct *mm = store ? map_store(t, store, MAP_SHARED) : NULL;

	if (!mm)
		return;
	EXPECT_TRUE(t, write_byte(mm, 0, 77));
	store->error = -EIO;
	EXPECT_EQ(t, filemap_write_and_wait(&store->mapping, 0, ~0UL), -EIO);
	store->error = 0;
	EXPECT_EQ(t, nr_dirty(store), 1ul);
	EXPECT_OK(t, filemap_write_and_wait(&store->mapping, 0, ~0UL));
	EXPECT_EQ(t, store->first_bytes[0], 77);
	mmput(mm);
	free_store(t, store);
}

static void truncation_unmaps_and_forgets(struct test *t)
{
	struct store *store = new_store(t);
	struct mm_struct *mm = store ? map_store(t, store, MAP_SHARED) : NULL;
	struct mm_struct *copy = mm ? map_store(t, store, MAP_PRIVATE) : NULL;

	if (!copy)
		return;
	for (unsigned long i = 0; i < NR_PAGES; i++)
		EXPECT_TRUE(t, write_byte(mm, i, 9) && write_byte(copy, i, 10));
	truncate_store(store, 5 * PAGE_SIZE + 1);
	EXPECT_EQ(t, store->mapping.pages.nr_pages, 6ul);
	EXPECT_EQ(t, nr_dirty(store), 6ul);
	EXPECT_EQ(t, mm_resident_pages(mm), 6ul);
	EXPECT_EQ(t, mm_resident_pages(copy), 6ul);
	EXPECT_EQ(t, read_byte(mm, 5), 9);
	EXPECT_EQ(t, read_byte(mm, 6), -1);
	EXPECT_EQ(t, read_byte(copy, 6), -1);
	EXPECT_FALSE(t, write_byte(copy, 6, 1));
	punch_pagecache(&store->mapping, PAGE_SIZE, 3 * PAGE_SIZE + 1);
	EXPECT_EQ(t, mm_resident_pages(mm), 4ul);
	EXPECT_EQ(t, mm_resident_pages(copy), 6ul);
	EXPECT_EQ(t, read_byte(mm, 3), 0);
	EXPECT_EQ(t, read_byte(copy, 1), 10);
	mmput(mm);
	mmput(copy);
	free_store(t, store);
}

/* What a fault maps that began in front of the end goes with the rest: the page, or the copy. */
static void slow_fault_maps_nothing_behind_the_end(struct test *t)
{
	static const unsigned long kinds[] = { MAP_SHARED, MAP_PRIVATE };

	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		struct store *store = new_store(t);
		struct mm_struct *mm = store ? map_store(t, store, kinds[i]) : NULL;

		if (!mm)
			return;
		store->cut_in_fault = true;
		EXPECT_OK(t, fault(mm, 9, FAULT_FLAG_WRITE));
		ASSERT_FALSE(t, IS_ERR(store->cutter));
		EXPECT_OK(t, kthread_stop(store->cutter));
		EXPECT_EQ(t, entry_of(mm, 9), 0ul);
		EXPECT_EQ(t, mm_resident_pages(mm), 0ul);
		EXPECT_EQ(t, store->mapping.pages.nr_pages, 0ul);
		EXPECT_EQ(t, fault(mm, 9, FAULT_FLAG_WRITE), VM_FAULT_SIGBUS);
		mmput(mm);
		free_store(t, store);
	}
}

static const struct mm_struct *space_of(const struct interval *interval)
{
	return interval ? container_of(interval, struct vm_area, mapped)->mm : NULL;
}

static void areas_are_known_to_their_file(struct test *t)
{
	struct store *store = new_store(t);
	struct mm_struct *mm = store ? map_store(t, store, MAP_SHARED) : NULL, *child;
	const struct interval *first;

	if (!mm)
		return;
	EXPECT_EQ(t, store->mapping.nr_areas, 1u);
	down_write(&mm->mmap_lock);
	EXPECT_OK(t, do_mprotect(mm, BASE + 4 * PAGE_SIZE, PAGE_SIZE, PROT_READ));
	EXPECT_EQ(t, store->mapping.nr_areas, 3u);
	EXPECT_OK(t, do_munmap(mm, BASE + 10 * PAGE_SIZE, PAGE_SIZE));
	EXPECT_EQ(t, store->mapping.nr_areas, 4u);
	EXPECT_OK(t, do_mprotect(mm, BASE + 4 * PAGE_SIZE, PAGE_SIZE, PROT_READ | PROT_WRITE));
	EXPECT_EQ(t, store->mapping.nr_areas, 2u);
	mmap_write_unlock(mm);
	child = mm_copy(mm);
	EXPECT_EQ(t, store->mapping.nr_areas, 4u);
	/* A walk meets the parent first: what fork copies meanwhile it finds in the child then. */
	first = interval_tree_first(&store->mapping.i_mmap, 3, 3);
	EXPECT_EQ(t, (const void *)space_of(first), (const void *)mm);
	EXPECT_EQ(t, (const void *)space_of(interval_tree_next(first, 3, 3)), (const void *)child);
	mmput(child);
	mmput(mm);
	free_store(t, store);
}

/* --- the race --- */

#define NR_FAULTERS 3
#define NR_ROUNDS   100
#define NR_SPACES   3 /* two shared, one private */

struct race {
	struct store *store;
	struct mm_struct *spaces[NR_SPACES];
	atomic_t nr_bad;
};

struct faulter {
	struct race *race;
	struct test_random random;
};

/* The size stands still. */
static unsigned int entries_behind_the_end(struct race *race, struct mm_struct *mm)
{
	unsigned int nr = 0;

	for (unsigned long page = mapping_nr_pages(&race->store->mapping); page < NR_PAGES; page++)
		nr += entry_of(mm, page) != 0;
	return nr;
}

static void drop_some(struct mm_struct *mm, unsigned long page)
{
	down_write(&mm->mmap_lock);
	do_madvise(mm, BASE + page * PAGE_SIZE, PAGE_SIZE, MADV_DONTNEED);
	mmap_write_unlock(mm);
}

/* A child has nothing behind the end, either. */
static void fork_and_look(struct race *race, struct mm_struct *mm)
{
	struct mm_struct *child = mm_copy(mm);

	if (IS_ERR(child))
		return;
	mutex_lock(&race->store->cut_lock);
	atomic_add((int)entries_behind_the_end(race, child), &race->nr_bad);
	mutex_unlock(&race->store->cut_lock);
	mmput(child);
}

static int fault_at_random(void *data)
{
	struct faulter *faulter = data;
	struct race *race = faulter->race;

	while (!kthread_should_stop()) {
		struct mm_struct *mm = race->spaces[test_random_below(&faulter->random, NR_SPACES)];
		unsigned long page = test_random_below(&faulter->random, NR_PAGES);

		switch (test_random_below(&faulter->random, 64)) {
		case 0:
			fork_and_look(race, mm);
			break;
		case 1:
			filemap_write_and_wait(&race->store->mapping, 0, ~0UL);
			break;
		case 2 ... 5:
			drop_some(mm, page);
			break;
		default:
			fault(mm, page, page & 1 ? FAULT_FLAG_WRITE : 0);
			break;
		}
		cond_resched();
	}
	return 0;
}

/* Cuts, looks, and grows again. */
static void cut_once(struct race *race, struct test_random *random)
{
	struct store *store = race->store;
	unsigned long index;

	mutex_lock(&store->cut_lock);
	truncate_store(store, test_random_below(random, NR_PAGES * PAGE_SIZE));
	for (size_t i = 0; i < NR_SPACES; i++)
		atomic_add((int)entries_behind_the_end(race, race->spaces[i]), &race->nr_bad);
	index = mapping_nr_pages(&store->mapping);
	spin_lock(&store->mapping.lock);
	if (page_tree_find_next(&store->mapping.pages, &index))
		atomic_inc(&race->nr_bad);
	spin_unlock(&store->mapping.lock);
	WRITE_ONCE(store->mapping.size, NR_PAGES * PAGE_SIZE);
	mutex_unlock(&store->cut_lock);
	punch_pagecache(&store->mapping, test_random_below(random, NR_PAGES) * PAGE_SIZE,
			NR_PAGES * PAGE_SIZE);
}

/* Each page of the file that is mapped is the one in the cache. */
static void expect_no_stale_page(struct test *t, struct race *race)
{
	for (size_t i = 0; i < NR_SPACES; i++) {
		for (unsigned long index = 0; index < NR_PAGES; index++) {
			struct page *page = pte_counted_page(entry_of(race->spaces[i], index));
			struct page *cached = find_get_page(&race->store->mapping, index);

			if (page && !page_is_anon(page))
				EXPECT_EQ(t, (void *)page, (void *)cached);
			if (cached)
				put_page(cached);
		}
	}
}

static void run_race(struct test *t, struct race *race)
{
	struct faulter faulters[NR_FAULTERS];
	struct task_struct *tasks[NR_FAULTERS];
	struct test_random random = test_random_seeded(t, 0xcafe);

	for (size_t i = 0; i < NR_FAULTERS; i++) {
		faulters[i] = (struct faulter){ race, { .state = 0x1234567 + i } };
		tasks[i] = kthread_run(fault_at_random, &faulters[i], "faulter/%zu", i);
	}
	for (size_t i = 0; i < NR_ROUNDS; i++) {
		cut_once(race, &random);
		yield();
	}
	for (size_t i = 0; i < NR_FAULTERS; i++)
		if (!IS_ERR(tasks[i]))
			kthread_stop(tasks[i]);
	EXPECT_EQ(t, atomic_read(&race->nr_bad), 0);
	expect_no_stale_page(t, race);
}

static void faults_race_with_truncation(struct test *t)
{
	struct race race = { .store = new_store(t) };

	if (!race.store)
		return;
	race.spaces[0] = map_store(t, race.store, MAP_SHARED);
	race.spaces[1] = map_store(t, race.store, MAP_SHARED);
	race.spaces[2] = map_store(t, race.store, MAP_PRIVATE);
	if (race.spaces[0] && race.spaces[1] && race.spaces[2])
		run_race(t, &race);
	for (size_t i = 0; i < NR_SPACES; i++)
		if (race.spaces[i])
			mmput(race.spaces[i]);
	free_store(t, race.store);
}

static const struct test_case filemap_cases[] = {
	TEST_CASE(page_is_read_once_by_many),
	TEST_CASE(failed_reading_is_tried_again),
	TEST_CASE(write_fault_makes_a_page_dirty),
	TEST_CASE(storing_protects_all_mappings),
	TEST_CASE(storing_cleans_what_could_be_written_once),
	TEST_CASE(bytes_from_outside_are_stored),
	TEST_CASE(error_of_storing_is_told_once),
	TEST_CASE(truncation_unmaps_and_forgets),
	TEST_CASE(slow_fault_maps_nothing_behind_the_end),
	TEST_CASE(areas_are_known_to_their_file),
	TEST_CASE(faults_race_with_truncation),
};
TEST_SUITE(filemap, filemap_cases);
