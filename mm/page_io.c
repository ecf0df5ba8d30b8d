/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Pages to and from swap devices.
 *
 * Writing is asynchronous: the page is unlocked at once and has PG_writeback until the disk's
 * thread calls back.  Requests for it are there from the start, NR_WRITES of them, so that writing
 * needs no memory; when all are under way reclaim looks for something else, or waits
 * (reclaim_throttle()).  One that fails leaves the page dirty, in memory.  What is written is to go
 * when it is on the disk (PG_reclaim).
 *
 * Reading is asynchronous, too: the page is locked as long, and who needs it waits for the lock.
 * So nobody else does.  A page that could not be read is unlocked without PG_uptodate.  What was
 * swapped out together is often wanted together, so the slots around come with it, as far as there
 * is memory at once.
 *
 * Locks: writes.lock, interrupts as they are; in callbacks those of the lists of pages.
 */
#define pr_fmt(fmt) "swap: " fmt

#include <linux/errno.h>
#include <oshit/container_of.h>
#include <oshit/dirty.h>
#include <oshit/disk.h>
#include <oshit/err.h>
#include <oshit/init.h>
#include <oshit/io_request.h>
#include <oshit/lru.h>
#include <oshit/math.h>
#include <oshit/pagecache.h>
#include <oshit/printk.h>
#include <oshit/rmap.h>
#include <oshit/sched.h>
#include <oshit/slab.h>
#include <oshit/spinlock.h>
#include <oshit/swap.h>
#include <oshit/vmstat.h>

#include "swap.h"

#define NR_WRITES 256
#define WAIT_NS	  10000000UL /* the wake-up may have come before */

struct swap_io {
	struct io_request req;
	struct page *page; /* with a reference */
	struct swap_io *next; /* of those that are free */
};

static struct {
	spinlock_t lock;
	struct swap_io *free;
	unsigned int nr_free;
	struct swap_io all[NR_WRITES];
} writes;

static struct kmem_cache *read_cache __ro_after_init;

static atomic_t nr_failed_writes, nr_failed_reads;

void __init page_io_init(void)
{
	spin_lock_init(&writes.lock);
	for (unsigned int i = 0; i < NR_WRITES; i++) {
		writes.all[i].next = writes.free;
		writes.free = &writes.all[i];
	}
	writes.nr_free = NR_WRITES;
	read_cache = kmem_cache_create("swap_read", sizeof(struct swap_io), 0, SLAB_PANIC, NULL);
}

static void fill_request(struct swap_io *io, struct page *page, enum io_op op, struct disk **disk)
{
	io->page = page;
	io->req = (struct io_request){
		.op = op,
		.sector = swap_sector(page_swap_entry(page), disk),
		.buffer = page_to_virt(page),
		.size = PAGE_SIZE,
	};
}

/* One more page could not be @what. The first is told, the second, the fourth and so on: a disk
 * that is broken fails for each page. */
static void note_failure(atomic_t *nr_failed, const char *what, int err)
{
	unsigned int nr = (unsigned int)atomic_inc_return(nr_failed);

	if (!(nr & (nr - 1)))
		pr_err("a page could not be %s (error %d, %u until now)\n", what, err, nr);
}

/* --- out --- */

static struct swap_io *get_write(void)
{
	struct swap_io *io;

	spin_lock(&writes.lock);
	io = writes.free;
	if (io) {
		writes.free = io->next;
		writes.nr_free--;
	}
	spin_unlock(&writes.lock);
	return io;
}

bool swap_can_write(unsigned int nr)
{
	return READ_ONCE(writes.nr_free) > nr;
}

static void put_write(struct swap_io *io)
{
	spin_lock(&writes.lock);
	io->next = writes.free;
	writes.free = io;
	writes.nr_free++;
	spin_unlock(&writes.lock);
}

void swap_wait_for_writes(unsigned int nr)
{
	while (READ_ONCE(writes.nr_free) < nr && !fatal_signal_pending(current))
		writeback_wait(WAIT_NS);
}

static void end_write(struct swap_io *io, int err)
{
	struct page *page = io->page;

	put_write(io);
	if (err) {
		set_bit(PG_dirty, &page->flags);
		clear_bit(PG_reclaim, &page->flags);
		note_failure(&nr_failed_writes, "stored: it stays in memory", err);
	} else {
		vm_stat_add(PSWPOUT, 1);
	}
	page_end_writeback(page);
	lru_writeback_end(page);
	swap_drop_orphan(page);
	put_page(page);
	/* Who waits for these finds that all is done. */
	vm_stat_add(NR_WRITTEN, 1);
	vm_stat_add(NR_WRITEBACK, -1);
	writeback_progress();
}

static void write_done(struct io_request *req)
{
	end_write(container_of(req, struct swap_io, req), req->status);
}

int swap_writepage(struct page *page)
{
	struct swap_io *io = get_write();
	struct disk *disk;
	int err;

	if (!io)
		return -EBUSY;
	fill_request(io, page, IO_WRITE, &disk);
	io->req.done = write_done;
	get_page(page);
	set_bit(PG_reclaim, &page->flags);
	set_bit(PG_writeback, &page->flags);
	clear_bit(PG_dirty, &page->flags);
	vm_stat_add(NR_WRITEBACK, 1);
	unlock_page(page);
	err = submit_io(disk, &io->req);
	if (err)
		end_write(io, err);
	return 0;
}

/* --- in --- */

static void end_read(struct swap_io *io, int err)
{
	struct page *page = io->page;

	kmem_cache_free(read_cache, io);
	if (err) {
		note_failure(&nr_failed_reads, "read", err);
	} else {
		page_set_uptodate(page);
		vm_stat_add(PSWPIN, 1);
	}
	unlock_page(page);
	swap_drop_orphan(page);
	put_page(page);
}

static void read_done(struct io_request *req)
{
	end_read(container_of(req, struct swap_io, req), req->status);
}

/* A page in the cache, locked, and the request that will fill it. ERR_PTR: as of swap_read(). */
static struct swap_io *prepare_read(swap_entry_t entry, gfp_t gfp)
{
	struct swap_io *io = kmem_cache_alloc(read_cache, gfp);
	struct page *page = io ? alloc_page(gfp) : NULL;
	struct disk *disk;
	int err = page ? 0 : -ENOMEM;

	if (page) {
		page->mapping = (struct address_space *)PAGE_MAPPING_ANON;
		page->index = 0;
		set_bit(PG_locked, &page->flags);
		err = swap_cache_add(page, entry, gfp);
	}
	if (err) {
		if (page) {
			clear_bit(PG_locked, &page->flags);
			put_page(page);
		}
		if (io)
			kmem_cache_free(read_cache, io);
		return ERR_PTR(err);
	}
	lru_add(page);
	fill_request(io, page, IO_READ, &disk);
	io->req.done = read_done;
	io->req.private = disk;
	return io;
}

static void submit_read(struct swap_io *io)
{
	int err = submit_io(io->req.private, &io->req);

	if (err)
		end_read(io, err);
}

/* The slots around, but itself. */
static void read_neighbours(swap_entry_t entry)
{
	unsigned long first, slot = pte_swap_slot(entry.pte);
	unsigned int nr = swap_cluster(entry, &first);

	for (unsigned int i = 0; i < nr; i++) {
		swap_entry_t other =
			swap_entry_of(pte_make_swap(pte_swap_device(entry.pte), first + i));
		struct swap_io *io;

		if (first + i == slot || !swap_is_only_on_disk(other))
			continue;
		io = prepare_read(other, GFP_NOWAIT | __GFP_NOWARN);
		if (io == ERR_PTR(-ENOMEM))
			return;
		if (!IS_ERR(io))
			submit_read(io);
	}
}

struct page *swap_read(swap_entry_t entry, gfp_t gfp)
{
	struct swap_io *io = prepare_read(entry, gfp);
	struct page *page;

	if (IS_ERR(io))
		return ERR_PTR(PTR_ERR(io));
	page = io->page;
	get_page(page); /* the caller's; the other is the request's */
	submit_read(io);
	read_neighbours(entry);
	return page;
}
