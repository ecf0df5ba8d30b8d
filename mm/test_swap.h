/* SPDX-License-Identifier: GPL-2.0-only */
/* For tests of swap: a disk of their own, in memory, which fails or does not answer when it is told
 * to. */
#ifndef MM_TEST_SWAP_H
#define MM_TEST_SWAP_H

#include <linux/errno.h>
#include <oshit/disk.h>
#include <oshit/mm.h>
#include <oshit/mmzone.h>
#include <oshit/sched.h>
#include <oshit/slab.h>
#include <oshit/string.h>
#include <oshit/swap.h>
#include <oshit/test.h>
#include <oshit/vmalloc.h>
#include <oshit/vmstat.h>

#include "swap.h"

#define DISK_PAGES 2048UL /* what a random program has, and some */
#define MIN_FREE   (8 * DISK_PAGES) /* the disk, the programs, and what KASAN keeps of both */
#define MAX_OUT	   8

struct test_disk {
	struct disk disk;
	u8 *bytes;
	struct io_request *out[MAX_OUT];
	unsigned int nr_out;
	bool fails_to_read, fails_to_write;
	bool holds; /* what it is asked for */
	unsigned int index; /* of the swap device */
};

static int issue(struct disk *disk, struct io_request *head)
{
	struct test_disk *test = container_of(disk, struct test_disk, disk);

	test->out[test->nr_out++] = head;
	disk_attention(disk);
	return 0;
}

static void transfer(struct test_disk *test, struct io_request *req)
{
	u8 *place = test->bytes + (req->sector << SECTOR_SHIFT);

	if (req->op == IO_READ)
		memcpy(req->buffer, place, req->size);
	else if (req->op == IO_WRITE)
		memcpy(place, req->buffer, req->size);
}

static int reap(struct disk *disk)
{
	struct test_disk *test = container_of(disk, struct test_disk, disk);

	while (test->nr_out && !READ_ONCE(test->holds)) {
		struct io_request *head = test->out[--test->nr_out];
		bool fails = READ_ONCE(
			*(head->op == IO_READ ? &test->fails_to_read : &test->fails_to_write));

		for (struct io_request *req = fails ? NULL : head; req; req = req->next)
			transfer(test, req);
		disk_command_done(disk, head, fails ? -EIO : 0);
	}
	return 0;
}

static int recover(struct disk *disk __maybe_unused)
{
	return -EIO;
}

static const struct disk_ops test_disk_ops = { .issue = issue, .reap = reap, .recover = recover };

static void free_disk(struct test_disk *test)
{
	vfree(test->bytes);
	kfree(test);
}

static struct test_disk *alloc_disk(void)
{
	struct page_counts counts;

	page_counts_get(&counts);
	return counts.nr_free < MIN_FREE ? NULL : kzalloc(sizeof(struct test_disk), GFP_KERNEL);
}

/* It is swapped to from now on. 0 or -errno. */
static int add_disk(struct test_disk *test)
{
	struct swap_source source = {
		.disk = &test->disk,
		.nr_pages = DISK_PAGES,
		.priority = 32767,
		.name = "test",
	};
	struct swap_info info;
	int err = swap_device_add(&source);

	test->index = 0;
	while (!err && (!swap_device_info(test->index, &info) || info.disk != &test->disk))
		test->index++;
	return err;
}

static struct test_disk *new_disk(struct test *t)
{
	struct test_disk *test = alloc_disk();

	if (test)
		test->bytes = vzalloc(DISK_PAGES * PAGE_SIZE);
	if (!test || !test->bytes) {
		if (test)
			free_disk(test);
		test_skip(t, "no memory");
		return NULL;
	}
	test->disk = (struct disk){
		.ops = &test_disk_ops,
		.nr_sectors = DISK_PAGES * (PAGE_SIZE / SECTOR_SIZE),
		.max_sectors = 64,
		.max_segments = 8,
		.depth = MAX_OUT,
		.timeout_ms = 10000,
		.name = "test",
	};
	if (disk_start(&test->disk)) {
		free_disk(test);
		test_skip(t, "no memory");
		return NULL;
	}
	if (add_disk(test)) {
		disk_stop(&test->disk);
		free_disk(test);
		test_skip(t, "no memory");
		return NULL;
	}
	return test;
}

static unsigned long nr_used(const struct test_disk *test)
{
	struct swap_info info;

	return swap_device_info(test->index, &info) ? info.nr_used : 0;
}

/* Until all that was begun is on the disk. */
static void wait_for_disk(void)
{
	while (vm_stat_read(NR_WRITEBACK))
		usleep(1000);
}

/* What is in the swap cache as well is read from there: away with it, whosever it is.  How many
 * pages stay, for they are dirty, or somebody has a reference. */
static inline unsigned long forget_disk_cache(const struct test_disk *disk)
{
	unsigned long nr_left = 0;

	wait_for_disk();
	for (unsigned long slot = 1; slot < DISK_PAGES; slot++) {
		struct page *page = swap_cache_get(swap_entry_of(pte_make_swap(disk->index, slot)));

		if (!page)
			continue;
		lock_page(page);
		nr_left += !swap_cache_free_page(page);
		unlock_page(page);
		put_page(page);
	}
	return nr_left;
}

static void end_disk(struct test *t, struct test_disk *test)
{
	EXPECT_OK(t, swap_device_remove(test->index));
	disk_stop(&test->disk);
	free_disk(test);
}

#endif
