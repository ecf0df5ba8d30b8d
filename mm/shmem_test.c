/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Shared memory that has bytes, a size and a limit, as files of tmpfs and memfd have, and a disk of
 * the test's own to swap to.  Programs are address spaces that nobody runs; whoever touches their
 * pages has a reference meanwhile, as a processor has an entry.
 */
#include <oshit/kthread.h>
#include <oshit/lru.h>
#include <oshit/math.h>
#include <oshit/pagecache.h>
#include <oshit/sched.h>
#include <oshit/shmem.h>
#include <oshit/vmstat.h>
#include <oshit/vmscan.h>

#include "swap.h"
#include "test_swap.h"
#include "test_user.h"
#include "vmscan.h"

#define NR_PAGES 64UL

struct test_file {
	struct address_space mapping;
	struct shmem_swap swap;
	atomic64_t nr_charged;
	s64 max;
};

static struct test_file *file_of(struct address_space *mapping)
{
	return container_of(mapping, struct test_file, mapping);
}

static int charge(struct address_space *mapping)
{
	struct test_file *file = file_of(mapping);

	if (atomic64_inc_return(&file->nr_charged) <= file->max)
		return 0;
	atomic64_dec(&file->nr_charged);
	return -ENOSPC;
}

static void uncharge(struct address_space *mapping)
{
	atomic64_dec(&file_of(mapping)->nr_charged);
}

static const struct address_space_operations test_aops = {
	.read_page = shmem_read_page,
	.charge_page = charge,
	.uncharge_page = uncharge,
};

static void init_file(struct test_file *file)
{
	*file = (struct test_file){ .max = NR_PAGES };
	address_space_init(&file->mapping, &test_aops, file);
	shmem_swap_init(&file->mapping, &file->swap);
	file->mapping.size = NR_PAGES * PAGE_SIZE;
}

/* --- bytes; each word of a page is the same --- */

static int write_page(struct test_file *file, unsigned long index, u64 value)
{
	struct page *page = read_cache_page(&file->mapping, index, CACHE_ANYWHERE);
	u64 *words;

	if (IS_ERR(page))
		return (int)PTR_ERR(page);
	words = page_to_virt(page);
	for (size_t i = 0; i < PAGE_SIZE / sizeof(*words); i++)
		words[i] = value;
	put_page(page);
	return 0;
}

/* The word at @at of a page; 0: a hole; -errno. */
static long read_word(struct test_file *file, unsigned long index, size_t at)
{
	struct page *page = find_read_page(&file->mapping, index);
	long value;

	if (IS_ERR_OR_NULL(page))
		return PTR_ERR(page);
	value = ((long *)page_to_virt(page))[at];
	put_page(page);
	return value;
}

static long read_page(struct test_file *file, unsigned long index)
{
	return read_word(file, index, index * 7 % (PAGE_SIZE / sizeof(u64)));
}

static void fill_file(struct test *t, struct test_file *file)
{
	for (unsigned long i = 0; i < NR_PAGES; i++)
		EXPECT_OK(t, write_page(file, i, i + 1));
}

/* Those that nobody uses. */
static void page_out(struct test_file *file, unsigned long first, unsigned long nr)
{
	struct page *pages[LRU_BATCH];
	unsigned int nr_taken = 0;

	lru_drain_all();
	for (unsigned long index = first; index < first + nr; index++) {
		struct page *page = find_get_page(&file->mapping, index);

		if (page && !isolate_lru_page(page))
			pages[nr_taken++] = page;
		if (page)
			put_page(page);
		if (nr_taken < LRU_BATCH && index + 1 < first + nr)
			continue;
		swap_wait_for_writes(nr_taken);
		reclaim_isolated(pages, nr_taken);
		nr_taken = 0;
	}
}

static struct test_disk *begin(struct test *t, struct test_file *file)
{
	struct test_disk *disk = new_disk(t);

	if (disk)
		init_file(file);
	return disk;
}

static void end_file(struct test *t, struct test_file *file)
{
	evict_pagecache(&file->mapping);
	EXPECT_EQ(t, file->mapping.nr_held, 0ul);
	EXPECT_EQ(t, atomic64_read(&file->nr_charged), 0l);
	EXPECT_TRUE(t, !file->swap.swapped.root);
}

static void finish(struct test *t, struct test_disk *disk, struct test_file *file)
{
	end_file(t, file);
	wait_for_disk();
	EXPECT_EQ(t, nr_used(disk), 0ul);
	end_disk(t, disk);
}

static void bytes_go_and_come_back(struct test *t)
{
	unsigned long ins = vm_stat_read(PSWPIN), shmem = vm_stat_read(NR_SHMEM);
	struct test_file file;
	struct test_disk *disk = begin(t, &file);

	if (!disk)
		return;
	fill_file(t, &file);
	EXPECT_EQ(t, vm_stat_read(NR_SHMEM), shmem + NR_PAGES);
	page_out(&file, 0, NR_PAGES);
	EXPECT_EQ(t, vm_stat_read(NR_SHMEM), shmem);
	EXPECT_EQ(t, file.mapping.pages.nr_pages, 0ul);
	EXPECT_EQ(t, nr_used(disk), NR_PAGES);
	EXPECT_EQ(t, read_page(&file, 0), 1l); /* from the cache */
	forget_disk_cache(disk);
	for (unsigned long i = 0; i < NR_PAGES; i++)
		EXPECT_EQ(t, read_page(&file, i), (long)i + 1);
	EXPECT_GE(t, vm_stat_read(PSWPIN) - ins, NR_PAGES - 1);
	EXPECT_EQ(t, nr_used(disk), 0ul);
	finish(t, disk, &file);
}

/* What is out still counts, once, and is no hole. */
static void what_is_out_belongs_to_the_file(struct test *t)
{
	struct test_file file;
	struct test_disk *disk = begin(t, &file);

	if (!disk)
		return;
	for (unsigned long i = 8; i < 16; i++)
		EXPECT_OK(t, write_page(&file, i, i + 1));
	file.max = 8;
	page_out(&file, 10, 4);
	EXPECT_EQ(t, nr_used(disk), 4ul);
	EXPECT_EQ(t, file.mapping.nr_held, 8ul);
	EXPECT_EQ(t, atomic64_read(&file.nr_charged), 8l);
	EXPECT_EQ(t, write_page(&file, 20, 1), -ENOSPC);
	EXPECT_EQ(t, mapping_seek_data(&file.mapping, 0), 8 * PAGE_SIZE);
	EXPECT_EQ(t, mapping_seek_data(&file.mapping, 11 * PAGE_SIZE + 5), 11 * PAGE_SIZE + 5);
	EXPECT_EQ(t, mapping_seek_hole(&file.mapping, 8 * PAGE_SIZE), 16 * PAGE_SIZE);
	EXPECT_EQ(t, mapping_seek_data(&file.mapping, 16 * PAGE_SIZE), ~0UL);
	/* The limit is reached, but it comes back, and is overwritten. */
	EXPECT_EQ(t, read_page(&file, 10), 11l);
	EXPECT_OK(t, write_page(&file, 11, 99));
	EXPECT_OK(t, reserve_cache_page(&file.mapping, 12));
	EXPECT_EQ(t, file.mapping.pages.nr_pages, 6ul);
	EXPECT_EQ(t, read_page(&file, 11), 99l);
	EXPECT_EQ(t, file.mapping.nr_held, 8ul);
	EXPECT_EQ(t, atomic64_read(&file.nr_charged), 8l);
	finish(t, disk, &file);
}

static void cuts_and_holes_reach_what_is_out(struct test *t)
{
	const size_t last = PAGE_SIZE / sizeof(u64) - 1;
	struct test_file file;
	struct test_disk *disk = begin(t, &file);

	if (!disk)
		return;
	fill_file(t, &file);
	page_out(&file, 0, NR_PAGES);
	forget_disk_cache(disk);
	punch_pagecache(&file.mapping, 4 * PAGE_SIZE + 100, 8 * PAGE_SIZE + 100);
	EXPECT_EQ(t, file.mapping.nr_held, NR_PAGES - 3);
	EXPECT_EQ(t, read_word(&file, 4, 0), 5l);
	EXPECT_EQ(t, read_word(&file, 4, last), 0l);
	EXPECT_EQ(t, read_page(&file, 5), 0l);
	EXPECT_EQ(t, read_word(&file, 8, 0), 0l);
	EXPECT_EQ(t, read_word(&file, 8, last), 9l);
	EXPECT_EQ(t, mapping_seek_hole(&file.mapping, 0), 5 * PAGE_SIZE);
	file.mapping.size = 32 * PAGE_SIZE + 100;
	truncate_pagecache(&file.mapping);
	EXPECT_EQ(t, file.mapping.nr_held, 30ul);
	file.mapping.size = NR_PAGES * PAGE_SIZE;
	EXPECT_EQ(t, read_word(&file, 32, 0), 33l);
	EXPECT_EQ(t, read_word(&file, 32, last), 0l);
	EXPECT_EQ(t, read_page(&file, 33), 0l);
	EXPECT_EQ(t, read_page(&file, 31), 32l);
	EXPECT_EQ(t, atomic64_read(&file.nr_charged), 30l);
	EXPECT_EQ(t, nr_used(disk), 30ul - 4);
	finish(t, disk, &file);
}

/* Of fallocate(): it goes without a slot, and is taken back as if it had not. */
static void room_that_nobody_has_filled_needs_no_slot(struct test *t)
{
	struct test_file file;
	struct test_disk *disk = begin(t, &file);

	if (!disk)
		return;
	EXPECT_OK(t, write_page(&file, 3, 4));
	for (unsigned long i = 0; i < 8; i++)
		EXPECT_OK(t, reserve_cache_page(&file.mapping, i));
	page_out(&file, 0, 8);
	EXPECT_EQ(t, nr_used(disk), 1ul);
	EXPECT_EQ(t, file.mapping.pages.nr_pages, 0ul);
	EXPECT_EQ(t, file.mapping.nr_held, 8ul);
	EXPECT_EQ(t, mapping_seek_data(&file.mapping, 0), 3 * PAGE_SIZE);
	EXPECT_EQ(t, mapping_seek_hole(&file.mapping, 3 * PAGE_SIZE), 4 * PAGE_SIZE);
	EXPECT_EQ(t, read_page(&file, 0), 0l);
	EXPECT_EQ(t, file.mapping.pages.nr_pages, 0ul);
	file.max = 8;
	EXPECT_OK(t, write_page(&file, 1, 2));
	EXPECT_OK(t, reserve_cache_page(&file.mapping, 2));
	EXPECT_EQ(t, file.mapping.nr_held, 8ul);
	unreserve_cache_pages(&file.mapping, 0, 7);
	EXPECT_EQ(t, file.mapping.nr_held, 2ul);
	EXPECT_EQ(t, atomic64_read(&file.nr_charged), 2l);
	EXPECT_EQ(t, read_page(&file, 1), 2l);
	EXPECT_EQ(t, read_page(&file, 3), 4l);
	finish(t, disk, &file);
}

static void disk_that_fails_is_an_error_for_who_asks(struct test *t)
{
	struct test_file file;
	struct test_disk *disk = begin(t, &file);

	if (!disk)
		return;
	fill_file(t, &file);
	WRITE_ONCE(disk->fails_to_write, true);
	page_out(&file, 0, 4); /* and stays in the swap cache */
	wait_for_disk();
	EXPECT_EQ(t, read_page(&file, 2), 3l);
	WRITE_ONCE(disk->fails_to_write, false);
	page_out(&file, 0, NR_PAGES);
	forget_disk_cache(disk);
	WRITE_ONCE(disk->fails_to_read, true);
	EXPECT_EQ(t, read_page(&file, 9), -EIO);
	EXPECT_EQ(t, write_page(&file, 9, 99), -EIO);
	EXPECT_EQ(t, swap_device_remove(disk->index), -EIO);
	EXPECT_EQ(t, file.mapping.nr_held, NR_PAGES);
	WRITE_ONCE(disk->fails_to_read, false);
	EXPECT_EQ(t, read_page(&file, 9), 10l);
	end_disk(t, disk);
	EXPECT_EQ(t, file.mapping.pages.nr_pages, NR_PAGES);
	for (unsigned long i = 0; i < NR_PAGES; i++)
		EXPECT_EQ(t, read_page(&file, i), (long)i + 1);
	end_file(t, &file);
}

/* --- programs that map it --- */

static int check_file(struct file *file __maybe_unused, unsigned long *flags __maybe_unused)
{
	return 0;
}

static const struct vm_operations file_vm_ops = {
	.fault = filemap_fault,
	.fault_around = filemap_fault_around,
};

static int attach_file(struct vm_area *area)
{
	area->mapping = &((struct test_file *)area->file)->mapping;
	area->ops = &file_vm_ops;
	return 0;
}

static const struct mmap_file_ops file_mmap_ops = { .check = check_file, .attach = attach_file };

static struct mm_struct *map_file(struct test *t, struct test_file *file, unsigned long kind)
{
	struct mmap_request request = {
		.addr = USER_BASE,
		.len = NR_PAGES * PAGE_SIZE,
		.prot = USER_RW,
		.flags = kind | MAP_FIXED,
		/* The memory side never looks into it. */
		.file = (struct file *)file,
		.file_ops = &file_mmap_ops,
	};
	struct mm_struct *mm = user_new(t);

	if (mm)
		EXPECT_EQ(t, user_map_as(mm, &request), USER_BASE);
	return mm;
}

static void page_out_mapped(struct mm_struct *mm, unsigned long first, unsigned long nr)
{
	down_read(&mm->mmap_lock);
	do_madvise(mm, user_page_addr(first), nr * PAGE_SIZE, MADV_PAGEOUT);
	up_read(&mm->mmap_lock);
}

static void mappings_and_readers_see_one_file(struct test *t)
{
	struct test_file file;
	struct test_disk *disk = begin(t, &file);
	struct mm_struct *mm = disk ? map_file(t, &file, MAP_SHARED) : NULL;
	struct mm_struct *copier = mm ? map_file(t, &file, MAP_PRIVATE) : NULL;

	if (!copier)
		return;
	fill_file(t, &file);
	for (unsigned long i = 0; i < NR_PAGES; i++)
		EXPECT_TRUE(t, user_write(mm, user_page_addr(i), (u8)(i + 100)));
	EXPECT_TRUE(t, user_write(copier, user_page_addr(1), 77));
	page_out_mapped(mm, 0, NR_PAGES);
	EXPECT_EQ(t, nr_used(disk), NR_PAGES);
	user_expect_sound(t, mm);
	forget_disk_cache(disk);
	EXPECT_EQ(t, read_word(&file, 5, 0) & 0xff, 105l);
	EXPECT_OK(t, write_page(&file, 6, 200));
	EXPECT_EQ(t, user_read(mm, user_page_addr(6)), 200);
	EXPECT_EQ(t, user_read(mm, user_page_addr(7)), 107);
	EXPECT_EQ(t, user_read(copier, user_page_addr(7)), 107);
	EXPECT_EQ(t, user_read(copier, user_page_addr(1)), 77);
	EXPECT_EQ(t, user_read(mm, user_page_addr(1)), 101);
	file.mapping.size = 2 * PAGE_SIZE;
	truncate_pagecache(&file.mapping);
	EXPECT_EQ(t, user_read(mm, user_page_addr(7)), USER_SEGV);
	EXPECT_EQ(t, user_read(copier, user_page_addr(2)), USER_SEGV);
	user_expect_sound(t, mm);
	user_expect_sound(t, copier);
	mmput(mm);
	mmput(copier);
	finish(t, disk, &file);
}

/* --- several CPUs --- */

#define NR_USERS  3
#define NR_STABLE 24UL /* pages in front of where the file is cut */
#define NR_ROUNDS 60

struct race {
	struct test_file file;
	struct mm_struct *spaces[2];
	atomic_t nr_bad;
};

struct user {
	struct race *race;
	unsigned long number;
	struct test_random random;
	u8 values[NR_STABLE]; /* of the pages that are its own */
};

/* A byte of the page by a mapping, as it is written or read by a processor. USER_SEGV. */
static int access_mapped(struct mm_struct *mm, unsigned long index, int value)
{
	unsigned int flags = value < 0 ? 0 : FAULT_FLAG_WRITE;
	struct page *page;

	down_read(&mm->mmap_lock);
	page = mm_remote_page(mm, user_page_addr(index), flags);
	if (!page) {
		value = USER_SEGV;
	} else {
		u8 *byte = page_to_virt(page);

		if (value < 0)
			value = READ_ONCE(*byte);
		else
			WRITE_ONCE(*byte, (u8)value);
		put_page(page);
	}
	up_read(&mm->mmap_lock);
	return value;
}

static bool is_right(struct user *user, unsigned long index)
{
	struct race *race = user->race;
	struct mm_struct *mm = race->spaces[test_random_below(&user->random, 2)];
	u8 *value = &user->values[index], next = (u8)test_random_next(&user->random);

	switch (test_random_below(&user->random, 4)) {
	case 0:
		return (read_word(&race->file, index, 0) & 0xff) == *value;
	case 1:
		*value = next;
		return !write_page(&race->file, index, next);
	case 2:
		*value = next;
		return access_mapped(mm, index, next) == next;
	default:
		return access_mapped(mm, index, -1) == *value;
	}
}

static int use_at_random(void *data)
{
	struct user *user = data;
	struct race *race = user->race;

	while (!kthread_should_stop()) {
		unsigned long index = test_random_below(&user->random, NR_PAGES);

		if (index >= NR_STABLE)
			access_mapped(race->spaces[index & 1], index, index & 2 ? 1 : -1);
		else if (index % NR_USERS == user->number && !is_right(user, index))
			atomic_inc(&race->nr_bad);
		cond_resched();
	}
	return 0;
}

static int page_out_at_random(void *data)
{
	struct user *user = data;
	struct race *race = user->race;

	while (!kthread_should_stop()) {
		unsigned long first = test_random_below(&user->random, NR_PAGES);
		unsigned long nr = min(NR_PAGES - first, 16ul);

		if (first & 1)
			page_out_mapped(race->spaces[first / 2 & 1], first, nr);
		else
			page_out(&race->file, first, nr);
		usleep(200);
	}
	return 0;
}

/* Behind the end is nothing, in memory or in swap, as long as it stands still. */
static void cut_and_grow(struct race *race, struct test_random *random)
{
	struct address_space *mapping = &race->file.mapping;
	u64 size = (NR_STABLE + test_random_below(random, NR_PAGES - NR_STABLE)) * PAGE_SIZE;

	WRITE_ONCE(mapping->size, size);
	truncate_pagecache(mapping);
	if (mapping_seek_data(mapping, size) != ~0UL)
		atomic_inc(&race->nr_bad);
	WRITE_ONCE(mapping->size, NR_PAGES * PAGE_SIZE);
	msleep(2);
	punch_pagecache(mapping, size - test_random_below(random, size - NR_STABLE * PAGE_SIZE),
			NR_PAGES * PAGE_SIZE);
}

static void run_race(struct test *t, struct race *race)
{
	struct test_random random = test_random_seeded(t, 0xf11e);
	struct task_struct *tasks[NR_USERS + 1];
	struct user users[NR_USERS + 1];

	for (unsigned long i = 0; i <= NR_USERS; i++) {
		users[i] = (struct user){ race, i, { .state = 0x7654321 + i }, { 0 } };
		tasks[i] = kthread_run(i < NR_USERS ? use_at_random : page_out_at_random, &users[i],
				       "shmem/%lu", i);
	}
	for (unsigned int i = 0; i < NR_ROUNDS; i++) {
		cut_and_grow(race, &random);
		msleep(2);
	}
	for (unsigned long i = 0; i <= NR_USERS; i++) {
		EXPECT_FALSE(t, IS_ERR(tasks[i]));
		if (!IS_ERR(tasks[i]))
			kthread_stop(tasks[i]);
	}
	EXPECT_EQ(t, atomic_read(&race->nr_bad), 0);
	EXPECT_EQ(t, atomic64_read(&race->file.nr_charged), (long)race->file.mapping.nr_held);
	EXPECT_EQ(t, race->file.mapping.nr_held,
		  race->file.mapping.pages.nr_pages + race->file.swap.swapped.nr_pages);
}

static void faults_race_with_page_out_and_truncation(struct test *t)
{
	struct race *race = kzalloc(sizeof(*race), GFP_KERNEL);
	struct test_disk *disk = race ? begin(t, &race->file) : NULL;

	if (!disk) {
		kfree(race);
		return;
	}
	for (size_t i = 0; i < 2; i++)
		race->spaces[i] = map_file(t, &race->file, MAP_SHARED);
	if (race->spaces[0] && race->spaces[1])
		run_race(t, race);
	for (size_t i = 0; i < 2; i++) {
		if (!race->spaces[i])
			continue;
		user_expect_sound(t, race->spaces[i]);
		mmput(race->spaces[i]);
	}
	finish(t, disk, &race->file);
	kfree(race);
}

/* Files come and go, and what they have in swap with them. */
static int make_and_end_files(void *data)
{
	atomic_t *nr_bad = data;
	struct test_file *file = kzalloc(sizeof(*file), GFP_KERNEL);

	while (file && !kthread_should_stop()) {
		init_file(file);
		for (unsigned long i = 0; i < NR_PAGES; i++)
			atomic_add(!!write_page(file, i, i + 1), nr_bad);
		page_out(file, 0, NR_PAGES);
		for (unsigned long i = 0; i < NR_PAGES; i += 5)
			atomic_add(read_page(file, i) != (long)i + 1, nr_bad);
		evict_pagecache(&file->mapping);
		atomic_add(file->mapping.nr_held != 0, nr_bad);
		memset(file, 0x5a, sizeof(*file)); /* as if it were freed */
		cond_resched();
	}
	kfree(file);
	while (!kthread_should_stop())
		usleep(1000);
	return 0;
}

static void files_end_while_a_device_goes(struct test *t)
{
	struct test_disk *disk = new_disk(t);
	struct task_struct *tasks[NR_USERS];
	atomic_t nr_bad = ATOMIC_INIT(0);

	if (!disk)
		return;
	for (unsigned long i = 0; i < NR_USERS; i++)
		tasks[i] = kthread_run(make_and_end_files, &nr_bad, "shmem/%lu", i);
	for (unsigned int i = 0; i < NR_ROUNDS; i++) {
		msleep(3);
		EXPECT_OK(t, swap_device_remove(disk->index));
		EXPECT_OK(t, add_disk(disk));
	}
	for (unsigned long i = 0; i < NR_USERS; i++) {
		EXPECT_FALSE(t, IS_ERR(tasks[i]));
		if (!IS_ERR(tasks[i]))
			kthread_stop(tasks[i]);
	}
	EXPECT_EQ(t, atomic_read(&nr_bad), 0);
	wait_for_disk();
	EXPECT_EQ(t, nr_used(disk), 0ul);
	end_disk(t, disk);
}

static const struct test_case shmem_cases[] = {
	TEST_CASE(bytes_go_and_come_back),
	TEST_CASE(what_is_out_belongs_to_the_file),
	TEST_CASE(cuts_and_holes_reach_what_is_out),
	TEST_CASE(room_that_nobody_has_filled_needs_no_slot),
	TEST_CASE(disk_that_fails_is_an_error_for_who_asks),
	TEST_CASE(mappings_and_readers_see_one_file),
	TEST_CASE(faults_race_with_page_out_and_truncation),
	TEST_CASE(files_end_while_a_device_goes),
};
TEST_SUITE(shmem, shmem_cases);
