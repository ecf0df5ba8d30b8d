/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Pages of block devices: brought in and stored.
 *
 * A page that is wanted at once is read by itself (->read_page).  Who reads from front to back has
 * pages read ahead of need: each is new in the cache and locked, its request is submitted with
 * those of its neighbours, which merge, and nobody waits; the callback marks the page and unlocks
 * it.  A page that could not be read leaves the cache again, and whoever wants it then tries
 * himself and is told.
 *
 * Pages are stored in batches in the same way, but waited for, with requests that are there while
 * the device is open: storing must not need memory.  store_mutex keeps them to one
 * batch at a time.
 *
 * A device need not end at the end of a page: the rest of the last one is zeros, and not stored.
 *
 * Reclaim takes clean pages (mm/vmscan.c); without CONFIG_RECLAIM a shrinker frees them in the
 * order of their places, from where it was last on.
 */
#include <linux/errno.h>
#include <oshit/bug.h>
#include <oshit/completion.h>
#include <oshit/gfp.h>
#include <oshit/init.h>
#include <oshit/math.h>
#include <oshit/shrinker.h>
#include <oshit/slab.h>
#include <oshit/string.h>

#include "bdev.h"

#define PAGE_SECTORS (PAGE_SIZE / SECTOR_SIZE)

struct page_batch {
	struct io_request reqs[PAGE_BATCH];
	struct page *pages[PAGE_BATCH];
	struct address_space *mapping; /* of a batch that is read */
	atomic_t nr_left;
	struct completion done; /* of a batch that is stored */
};

struct page_batch *page_batch_alloc(void)
{
	return kzalloc(sizeof(struct page_batch), GFP_KERNEL);
}

void page_batch_free(struct page_batch *batch)
{
	kfree(batch);
}

static struct block_device *to_bdev(struct address_space *mapping)
{
	return container_of(mapping, struct block_device, mapping);
}

/* Of the page at @index, up to the end of the device. */
static u32 page_bytes(const struct block_device *bdev, unsigned long index)
{
	return (u32)min(PAGE_SIZE, bdev_bytes(bdev) - (index << PAGE_SHIFT));
}

static void fill_request(struct block_device *bdev, struct io_request *req, enum io_op op,
			 struct page *page)
{
	*req = (struct io_request){
		.op = op,
		.sector = bdev->first + page->index * PAGE_SECTORS,
		.buffer = page_to_virt(page),
		.size = page_bytes(bdev, page->index),
	};
}

static void zero_rest(const struct block_device *bdev, struct page *page)
{
	u32 bytes = page_bytes(bdev, page->index);

	memset((char *)page_to_virt(page) + bytes, 0, PAGE_SIZE - bytes);
}

static int bdev_read_page(struct address_space *mapping, struct page *page)
{
	struct block_device *bdev = to_bdev(mapping);

	if (page->index >= mapping_nr_pages(mapping))
		return -EIO;
	zero_rest(bdev, page);
	return disk_rw(bdev->disk, IO_READ, bdev->first + page->index * PAGE_SECTORS,
		       page_to_virt(page), page_bytes(bdev, page->index));
}

/* --- reading ahead --- */

static void page_was_read(struct io_request *req)
{
	struct page_batch *batch = req->private;
	struct page *page = batch->pages[req - batch->reqs];

	if (req->status)
		remove_cache_page(batch->mapping, page);
	else
		page_set_uptodate(page);
	unlock_page(page);
	put_page(page);
	if (atomic_dec_and_test(&batch->nr_left))
		kfree(batch);
}

static unsigned int grab_pages(struct block_device *bdev, struct page_batch *batch,
			       unsigned long index, unsigned long end)
{
	unsigned int nr = 0;

	for (; index < end && nr < PAGE_BATCH; index++) {
		struct page *page = trygrab_new_page(&bdev->mapping, index, CACHE_IN_FILE);

		if (page)
			batch->pages[nr++] = page;
	}
	return nr;
}

static void submit_reads(struct block_device *bdev, struct page_batch *batch, unsigned int nr)
{
	LIST_HEAD(list);
	int err;

	batch->mapping = &bdev->mapping;
	atomic_set(&batch->nr_left, (int)nr);
	for (unsigned int i = 0; i < nr; i++) {
		zero_rest(bdev, batch->pages[i]);
		fill_request(bdev, &batch->reqs[i], IO_READ, batch->pages[i]);
		batch->reqs[i].done = page_was_read;
		batch->reqs[i].private = batch;
		list_add_tail(&batch->reqs[i].link, &list);
	}
	err = submit_io_list(bdev->disk, &list);
	for (unsigned int i = 0; err && i < nr; i++) {
		batch->reqs[i].status = err;
		page_was_read(&batch->reqs[i]);
	}
}

void bdev_read_ahead(struct block_device *bdev, unsigned long index, unsigned long nr)
{
	unsigned long end = min(index + nr, mapping_nr_pages(&bdev->mapping));
	struct page_batch *batch;
	unsigned int nr_grabbed;

	/* Without memory each page is read when it is wanted. */
	batch = kmalloc(sizeof(*batch), GFP_KERNEL | __GFP_NORETRY | __GFP_NOWARN);
	if (!batch)
		return;
	nr_grabbed = grab_pages(bdev, batch, index, end);
	if (nr_grabbed)
		submit_reads(bdev, batch, nr_grabbed);
	else
		kfree(batch);
}

/* --- storing --- */

static void page_was_stored(struct io_request *req)
{
	struct page_batch *batch = req->private;

	if (atomic_dec_and_test(&batch->nr_left))
		complete(&batch->done);
}

static int submit_writes(struct block_device *bdev, struct page_batch *batch, struct page **pages,
			 unsigned int nr)
{
	LIST_HEAD(list);

	init_completion(&batch->done);
	atomic_set(&batch->nr_left, (int)nr);
	for (unsigned int i = 0; i < nr; i++) {
		fill_request(bdev, &batch->reqs[i], IO_WRITE, pages[i]);
		batch->reqs[i].done = page_was_stored;
		batch->reqs[i].private = batch;
		list_add_tail(&batch->reqs[i].link, &list);
	}
	return submit_io_list(bdev->disk, &list);
}

/* Who writes past the cache to these places has to do so again: the pages have what was there. */
static void tell_directs(struct block_device *bdev, struct page **pages, unsigned int nr)
{
	struct direct_range *range;

	list_for_each_entry(range, &bdev->directs, link)
		for (unsigned int i = 0; i < nr && !range->was_stored; i++)
			range->was_stored =
				pages[i]->index >= range->first && pages[i]->index <= range->last;
}

static void bdev_write_pages(struct address_space *mapping, struct page **pages, int *errors,
			     unsigned int nr)
{
	struct block_device *bdev = to_bdev(mapping);
	struct page_batch *batch;
	int err;

	mutex_lock(&bdev->store_mutex);
	tell_directs(bdev, pages, nr);
	batch = bdev->store_batch;
	/* Pages get dirty only while somebody has the device open. */
	err = WARN_ON_ONCE(!batch) ? -EIO : submit_writes(bdev, batch, pages, nr);
	if (!err)
		wait_for_completion(&batch->done);
	for (unsigned int i = 0; i < nr; i++)
		errors[i] = err ?: batch->reqs[i].status;
	mutex_unlock(&bdev->store_mutex);
}

static int bdev_write_page(struct address_space *mapping, struct page *page)
{
	int err;

	bdev_write_pages(mapping, &page, &err, 1);
	return err;
}

static void bdev_mapping_read_ahead(struct address_space *mapping, unsigned long index,
				    unsigned long nr)
{
	bdev_read_ahead(to_bdev(mapping), index, nr);
}

const struct address_space_operations bdev_aops = {
	.read_page = bdev_read_page,
	.write_page = bdev_write_page,
	.write_pages = bdev_write_pages,
	.read_ahead = bdev_mapping_read_ahead,
};

/* --- giving back --- */

static unsigned long shrink_pages(struct shrinker *shrinker __maybe_unused,
				  gfp_t gfp __maybe_unused, unsigned long nr)
{
	struct block_device *bdev;
	unsigned long nr_freed = 0;

	for (bdev = bdev_first(); bdev && nr_freed < nr; bdev = smp_load_acquire(&bdev->next)) {
		unsigned long index = READ_ONCE(bdev->shrink_from);

		nr_freed += drop_clean_pages(&bdev->mapping, &index, nr - nr_freed);
		WRITE_ONCE(bdev->shrink_from, index);
	}
	return nr_freed;
}

static unsigned long count_pages(struct shrinker *shrinker __maybe_unused)
{
	struct block_device *bdev;
	unsigned long nr = 0;

	for (bdev = bdev_first(); bdev; bdev = smp_load_acquire(&bdev->next))
		nr += READ_ONCE(bdev->mapping.pages.nr_pages);
	return nr;
}

static struct shrinker bdev_shrinker = {
	.name = "bdev",
	.count = count_pages,
	.shrink = shrink_pages,
};

void bdev_drop_caches(void)
{
	while (shrink_pages(&bdev_shrinker, GFP_KERNEL, ~0UL))
		;
}

/* Where there are lists of pages by their last use, reclaim goes by them. */
__init void bdev_cache_init(void)
{
	if (!IS_ENABLED(CONFIG_RECLAIM))
		register_shrinker(&bdev_shrinker);
}
