/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Swap: private memory that nobody uses goes to a disk.  mm/swap.c has the theory; fs/swapon.c says
 * what devices there are.
 */
#ifndef OSHIT_SWAP_H
#define OSHIT_SWAP_H

#include <linux/errno.h>
#include <oshit/gfp.h>
#include <oshit/types.h>

struct deferred_flush;
struct disk;
struct mm_struct;
struct page;

#define SWAP_MAX_DEVICES 8

/* Where to swap to. */
struct swap_source {
	struct disk *disk;
	u64 first_sector; /* on the disk, of the page that holds the header */
	unsigned long nr_pages; /* with the header's */
	const u32 *bad_pages; /* not to be used; read by swap_device_add() alone */
	unsigned int nr_bad;
	int priority; /* the highest is used first; -1: below all that are there */
	char name[32]; /* "/dev/sdb1" */
	void *private; /* of who adds it */
};

struct swap_info {
	struct disk *disk;
	u64 first_sector;
	void *private;
	char name[32];
	unsigned long nr_pages; /* that can be used */
	unsigned long nr_used;
	int priority;
};

#ifdef CONFIG_SWAP
/* Boot. */
void swap_init(void);

/* --- devices. Context: task; may sleep --- */

/* 0; -EPERM: there are as many as can be; -EINVAL: no page could be used; -ENOMEM. */
int swap_device_add(const struct swap_source *source);

/**
 * swap_device_remove() - bring back all that is on a device
 * @index: 0 .. SWAP_MAX_DEVICES - 1
 * Return: 0: nobody reads or writes there any more, and nobody will; -EINVAL: there is none;
 * -EBUSY: somebody else is at it; -ENOMEM; -EINTR: a signal; -EIO: a page cannot be read. It goes
 * on being used unless 0.
 */
int swap_device_remove(unsigned int index);

/* Of one that is in use. Task; false: there is none. */
bool swap_device_info(unsigned int index, struct swap_info *info);
/* The same without a lock, for the monitor: what is there while everything is stopped. */
bool swap_device_peek(unsigned int index, struct swap_info *info);

/* Pages that all devices hold, and those that are free. Any context. */
unsigned long nr_swap_slots(void);
unsigned long nr_free_swap_slots(void);

/* --- for reclaim: pages are locked, with a reference of the caller's --- */

/* Finds a slot for a private page and puts it into the swap cache, dirty. False: there is none, or
 * no memory, or the page is not private. */
bool add_to_swap(struct page *page, gfp_t gfp);
bool page_in_swap_cache(const struct page *page);

/* All entries that map the page, which is in the swap cache, become swap entries; the caller
 * flushes. False: somebody still maps it. Waits for no lock but those of tables. */
bool try_to_unmap(struct page *page, struct deferred_flush *flush);

/* Begins to store a page that nobody maps, and unlocks it. It has PG_writeback meanwhile, and is
 * dirty again if it fails. 0; -EBUSY: too many are under way, nothing was done. */
int swap_writepage(struct page *page);

/* Whether swap_writepage() would begin now if @nr others did before. A guess: others write, too. */
bool swap_can_write(unsigned int nr);

/* A page that is in use: where slots are scarce it gives its own back, if nobody else names it. */
void swap_cache_relax(struct page *page);

/* Takes a clean page that nobody maps out of the cache. False: somebody else has a reference.
 * Afterwards the caller's is the last. */
bool swap_cache_free_page(struct page *page);

/* --- for address spaces --- */

/* An address space that has swap entries is known to swap_device_remove(), until it goes. */
void swap_forget_mm(struct mm_struct *mm);
#else
static inline void swap_init(void)
{
}

static inline int swap_device_add(const struct swap_source *source __maybe_unused)
{
	return -ENOSYS;
}

static inline int swap_device_remove(unsigned int index __maybe_unused)
{
	return -EINVAL;
}

static inline bool swap_device_info(unsigned int index __maybe_unused,
				    struct swap_info *info __maybe_unused)
{
	return false;
}

static inline unsigned long nr_swap_slots(void)
{
	return 0;
}

static inline unsigned long nr_free_swap_slots(void)
{
	return 0;
}

static inline bool add_to_swap(struct page *page __maybe_unused, gfp_t gfp __maybe_unused)
{
	return false;
}

static inline bool page_in_swap_cache(const struct page *page __maybe_unused)
{
	return false;
}

static inline bool try_to_unmap(struct page *page __maybe_unused,
				struct deferred_flush *flush __maybe_unused)
{
	return false;
}

static inline int swap_writepage(struct page *page __maybe_unused)
{
	return -EBUSY;
}

static inline bool swap_can_write(unsigned int nr __maybe_unused)
{
	return false;
}

static inline void swap_cache_relax(struct page *page __maybe_unused)
{
}

static inline bool swap_cache_free_page(struct page *page __maybe_unused)
{
	return false;
}

static inline void swap_forget_mm(struct mm_struct *mm __maybe_unused)
{
}
#endif

#endif
