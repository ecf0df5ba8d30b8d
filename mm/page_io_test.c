/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What becomes of a page on its way to swap whose program lets it go, or for which there is no
 * request.  Programs are address spaces that nobody runs.
 */
#include <oshit/lru.h>
#include <oshit/pagecache.h>
#include <oshit/sched.h>
#include <oshit/vmstat.h>

#include "deferred_flush.h"
#include "swap.h"
#include "test_swap.h"
#include "test_user.h"

#define NR_PAGES 300UL /* more than can be written at once */

/* A program with a byte of its own in each of NR_PAGES pages. */
static struct mm_struct *begin(struct test *t, struct test_disk **disk)
{
	struct mm_struct *mm;

	*disk = new_disk(t);
	mm = *disk ? user_new_mapped(t, NR_PAGES * PAGE_SIZE, 0) : NULL;
	if (*disk && !mm)
		end_disk(t, *disk);
	if (mm)
		user_advise(mm, USER_BASE, NR_PAGES * PAGE_SIZE, MADV_NOHUGEPAGE);
	for (unsigned long i = 0; mm && i < NR_PAGES; i++)
		EXPECT_TRUE(t, user_write(mm, user_page_addr(i), (u8)(i + 1)));
	return mm;
}

static void finish(struct test *t, struct test_disk *disk, struct mm_struct *mm)
{
	mmput(mm);
	wait_for_disk();
	EXPECT_EQ(t, nr_used(disk), 0ul);
	EXPECT_EQ(t, lru_verify(), 0u);
	end_disk(t, disk);
}

/* The last entry goes while somebody has the page's lock, and the next who has it, too. */
static void who_wrote_from_outside_sees_to_an_orphan(struct test *t)
{
	struct test_disk *disk;
	struct mm_struct *mm = begin(t, &disk);
	struct page *page;

	if (!mm)
		return;
	down_read(&mm->mmap_lock);
	page = mm_remote_page(mm, USER_BASE, FAULT_FLAG_WRITE);
	up_read(&mm->mmap_lock);
	EXPECT_OK(t, user_advise(mm, USER_BASE, PAGE_SIZE, MADV_PAGEOUT));
	wait_for_disk();
	EXPECT_TRUE(t, page_in_swap_cache(page));
	lock_page(page);
	EXPECT_OK(t, user_unmap(mm, USER_BASE, PAGE_SIZE));
	EXPECT_EQ(t, nr_used(disk), 1ul);
	unlock_page(page);
	mm_remote_written(page);
	EXPECT_EQ(t, nr_used(disk), 0ul);
	EXPECT_FALSE(t, page_in_swap_cache(page));
	put_page(page);
	finish(t, disk, mm);
}

/* As reclaim does it. 0, with the page on its way; or what swap_writepage() says, and it is in
 * swap, unmapped and isolated. */
static int begin_to_store(struct test *t, struct page *page)
{
	struct deferred_flush flush = { 0 };
	int err;

	EXPECT_OK(t, isolate_lru_page(page));
	lock_page(page);
	EXPECT_TRUE(t, add_to_swap(page, GFP_KERNEL));
	EXPECT_TRUE(t, try_to_unmap(page, &flush));
	deferred_flush_end(&flush);
	err = swap_writepage(page);
	if (!err)
		putback_lru_page(page);
	return err;
}

static void page_without_a_request_is_as_it_was(struct test *t)
{
	struct test_disk *disk;
	struct mm_struct *mm = begin(t, &disk);
	struct page *page = NULL;
	unsigned long nr = 0;
	int err = 0;

	if (!mm)
		return;
	WRITE_ONCE(disk->holds, true);
	for (; !err && nr < NR_PAGES; nr++) {
		page = user_page(mm, user_page_addr(nr));
		err = begin_to_store(t, page);
	}
	EXPECT_EQ(t, err, -EBUSY);
	if (err) {
		EXPECT_TRUE(t, page_has_flag(page, PG_locked));
		EXPECT_TRUE(t, page_has_flag(page, PG_dirty));
		EXPECT_FALSE(t, page_has_flag(page, PG_writeback));
		/* Nobody else can see to it while it is locked. */
		EXPECT_OK(t, user_unmap(mm, user_page_addr(nr - 1), PAGE_SIZE));
		EXPECT_EQ(t, nr_used(disk), nr);
		unlock_page(page);
		swap_drop_orphan(page);
		EXPECT_EQ(t, nr_used(disk), nr - 1);
		putback_lru_page(page);
	}
	WRITE_ONCE(disk->holds, false);
	disk_attention(&disk->disk);
	wait_for_disk();
	for (unsigned long i = 0; i < nr - 1; i++)
		EXPECT_EQ(t, user_read(mm, user_page_addr(i)), (int)(u8)(i + 1));
	finish(t, disk, mm);
}

static const struct test_case page_io_cases[] = {
	TEST_CASE(who_wrote_from_outside_sees_to_an_orphan),
	TEST_CASE(page_without_a_request_is_as_it_was),
};
TEST_SUITE(page_io, page_io_cases);
