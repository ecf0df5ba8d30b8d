/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Swap: devices, slots, and the cache of pages that have one.
 *
 * A slot is a page on a device.  Its count (mm/swap_slots.c) says who names it: each entry of a
 * table that was made for it, and the swap cache, if the page is in memory as well.  At 0 it is
 * free.
 *
 *	resident --add_to_swap()--> cached, dirty --try_to_unmap()--> cached, entries name the slot
 *	                                                                |            ^
 *	                                             swap_writepage()   v            | swap_read()
 *	                                               cached, clean --free--> on the device alone
 *
 * A page is in the cache (PG_swapcache) from the moment it has a slot until it loses it: so whoever
 * faults on an entry finds the one page that all who share it must see, be it on its way out, on
 * its way in, or mapped by others already.  The cache is a tree of pages a device, by slot, and
 * holds a reference to each.  page->private is the entry.  It keeps the mapping and index that it
 * had as a private page: as long as an entry names the slot there is an area of that anon_vma.
 *
 * A page in the cache that is clean is what the slot holds.  To keep that true it is mapped
 * read-only.  Who wants to write takes it out of the cache if nobody else names the slot, else he
 * copies it (mm/swap_in.c).  Only a page that has not been written out yet, and so is dirty, may
 * still be writable somewhere.
 *
 * When the last entry goes that names a slot, or maps its page, the page leaves the cache.  If it
 * is being stored it does so when that ends; if its lock is held, when whoever has it has given it
 * back: who locks a page in the cache calls swap_drop_orphan() behind unlock_page().
 *
 * The page's lock.  With it a page comes into the cache and leaves it, its entries become swap
 * entries, or one of these maps it again, and its storing begins; that ends without.  So with it,
 * and no PG_writeback, a page is in the cache, in its slot, dirty or not, as it was found.
 *
 * References.  An entry that maps the page has one, and so have the cache, the disk while it reads
 * or writes it, and who has isolated it, or waits for it; the lists have none.  Another comes from
 * an entry, under the lock of its table, or from the tree, under device->lock.  So a page that
 * nobody maps, and that has two under device->lock, is the cache's and the caller's alone, and once
 * out of the tree nobody finds it (swap_cache_free_page()).
 *
 * Devices are used by priority, those of the same one in turn, a run of slots each (a cluster, if
 * it is free), so that requests merge and what is read ahead lies together.  One that is to go
 * gives out no more slots; then everybody who has entries of it is visited (swap_in_all()).
 *
 * Locks: page lock, lock of a table, device->lock, each outside of the next.  The count of a slot,
 * the tree, PG_swapcache and page->private change under device->lock, the last two with the page
 * locked as well.
 */
#define pr_fmt(fmt) "swap: " fmt

#include <oshit/bug.h>
#include <oshit/disk.h>
#include <oshit/gfp.h>
#include <oshit/init.h>
#include <oshit/mutex.h>
#include <oshit/page_tree.h>
#include <oshit/pagecache.h>
#include <oshit/printk.h>
#include <oshit/rmap.h>
#include <oshit/sched.h>
#include <oshit/spinlock.h>
#include <oshit/string.h>
#include <oshit/vmstat.h>
#include <oshit/workingset.h>

#include "shmem.h"
#include "swap.h"
#include "swap_slots.h"
#include "user_page.h"

/*
 * l: ->lock   m: under swap.mutex and l; either to read, or none to guess: take_slot() looks again
 * i: set before is_there is
 */
struct swap_device {
	spinlock_t lock;
	bool is_there; /* m  has slots, which may be named */
	bool is_open; /* m  gives out slots */
	struct swap_source source; /* i */
	struct swap_slots slots; /* l */
	unsigned long nr_usable; /* i  slots */
	struct page_tree cache; /* l */
};

static struct {
	struct mutex mutex; /* devices come and go */
	bool is_removing; /* under the mutex */
	int least_priority; /* under the mutex  of those that were given none */
	struct swap_device devices[SWAP_MAX_DEVICES];
	unsigned int turn; /* a  the device whose turn it is, among equal ones */
	atomic64_t nr_slots, nr_free;
} swap = {
	.mutex = MUTEX_INIT(swap.mutex), .least_priority = -1, /* as Linux: the first gets -2 */
};

static_assert(SWAP_MAX_DEVICES <= PTE_SWAP_DEVICES, "a device has a number in an entry");

void __init swap_init(void)
{
	for (unsigned int i = 0; i < SWAP_MAX_DEVICES; i++)
		spin_lock_init(&swap.devices[i].lock);
	page_io_init();
}

static struct swap_device *device_of(swap_entry_t entry)
{
	return &swap.devices[pte_swap_device(entry.pte)];
}

static swap_entry_t entry_at(const struct swap_device *device, unsigned long slot)
{
	return swap_entry_of(pte_make_swap((unsigned long)(device - swap.devices), slot));
}

unsigned long nr_swap_slots(void)
{
	return (unsigned long)atomic64_read(&swap.nr_slots);
}

unsigned long nr_free_swap_slots(void)
{
	return (unsigned long)atomic64_read(&swap.nr_free);
}

/* --- slots: under device->lock --- */

static bool is_in_use(const struct swap_device *device, unsigned long slot)
{
	unsigned int count;

	if (!device->is_there || slot >= device->slots.nr)
		return false;
	count = swap_slots_count(&device->slots, slot);
	return count && count <= SWAP_SLOT_MAX;
}

/* Return: what is left. */
static unsigned int put_slot(struct swap_device *device, unsigned long slot)
{
	unsigned int left = swap_slots_put(&device->slots, slot);

	if (!left && device->is_open)
		atomic64_inc(&swap.nr_free);
	return left;
}

/* Without the lock. */
static void lock_and_put_slot(struct swap_device *device, unsigned long slot)
{
	spin_lock(&device->lock);
	put_slot(device, slot);
	spin_unlock(&device->lock);
}

static void take_out(struct swap_device *device, struct page *page)
{
	unsigned long slot = pte_swap_slot(page->private);

	WARN_ON_ONCE(page_tree_remove(&device->cache, slot) != page);
	__atomic_fetch_and(&page->flags, ~(BIT(PG_swapcache) | BIT(PG_dirty) | BIT(PG_uptodate)),
			   __ATOMIC_RELAXED);
	WRITE_ONCE(page->private, 0);
	put_slot(device, slot);
	vm_stat_add(NR_SWAP_CACHED, -1);
}

static int put_in(struct swap_device *device, struct page *page, unsigned long slot,
		  struct page_tree_node **spare)
{
	int err = page_tree_insert(&device->cache, slot, page, spare);

	if (err)
		return err;
	get_page(page);
	WRITE_ONCE(page->private, entry_at(device, slot).pte);
	set_bit(PG_swapcache, &page->flags);
	vm_stat_add(NR_SWAP_CACHED, 1);
	return 0;
}

/* --- entries --- */

void swap_entry_get(swap_entry_t entry)
{
	struct swap_device *device = device_of(entry);

	spin_lock(&device->lock);
	WARN_ON_ONCE(!swap_slots_get(&device->slots, pte_swap_slot(entry.pte)));
	spin_unlock(&device->lock);
}

unsigned int swap_entry_count(swap_entry_t entry)
{
	struct swap_device *device = device_of(entry);
	unsigned long slot = pte_swap_slot(entry.pte);
	unsigned int count;

	spin_lock(&device->lock);
	count = swap_slots_count(&device->slots, slot) - !!page_tree_find(&device->cache, slot);
	spin_unlock(&device->lock);
	return count;
}

static bool can_be_orphan(struct page *page)
{
	return page_in_swap_cache(page) && !page_is_mapped(page) &&
	       !page_has_flag(page, PG_writeback);
}

/* Whether it is in the cache for nobody. Without the page's lock: it may be so no more. */
static bool is_orphan(struct page *page)
{
	swap_entry_t entry = page_swap_entry(page);
	struct swap_device *device = device_of(entry);
	unsigned long slot = pte_swap_slot(entry.pte);
	bool is_alone;

	if (!can_be_orphan(page))
		return false;
	spin_lock(&device->lock);
	is_alone = is_in_use(device, slot) && swap_slots_count(&device->slots, slot) == 1 &&
		   page_tree_find(&device->cache, slot) == page;
	spin_unlock(&device->lock);
	return is_alone;
}

/* Again, for it may have become one while it was locked, and who saw to that has found the lock. */
void __swap_drop_orphan(struct page *page)
{
	while (is_orphan(page) && trylock_page(page)) {
		if (can_be_orphan(page))
			swap_cache_leave(page);
		unlock_page(page);
	}
}

void swap_entry_put(swap_entry_t entry)
{
	struct swap_device *device = device_of(entry);
	unsigned long slot = pte_swap_slot(entry.pte);
	struct page *page = NULL;

	spin_lock(&device->lock);
	if (put_slot(device, slot) == 1)
		page = page_tree_find(&device->cache, slot);
	if (page)
		get_page(page);
	spin_unlock(&device->lock);
	if (!page)
		return;
	__swap_drop_orphan(page);
	put_page(page);
}

void swap_cache_mapped(struct page *page)
{
	swap_entry_t entry = page_swap_entry(page);

	lock_and_put_slot(device_of(entry), pte_swap_slot(entry.pte));
}

/* --- the cache --- */

bool page_in_swap_cache(const struct page *page)
{
	return page_has_flag(page, PG_swapcache);
}

struct page *swap_cache_get(swap_entry_t entry)
{
	struct swap_device *device = device_of(entry);
	struct page *page = NULL;

	spin_lock(&device->lock);
	if (device->is_there)
		page = page_tree_find(&device->cache, pte_swap_slot(entry.pte));
	if (page)
		get_page(page);
	spin_unlock(&device->lock);
	return page;
}

bool swap_is_only_on_disk(swap_entry_t entry)
{
	struct swap_device *device = device_of(entry);
	unsigned long slot = pte_swap_slot(entry.pte);
	bool is_alone;

	spin_lock(&device->lock);
	is_alone = is_in_use(device, slot) && !page_tree_find(&device->cache, slot);
	spin_unlock(&device->lock);
	return is_alone;
}

enum slot_use {
	SLOT_IS_COUNTED, /* by who took it: for the cache */
	SLOT_TO_COUNT, /* the cache is one more that names it */
};

static int put_in_cache(struct swap_device *device, struct page *page, unsigned long slot,
			enum slot_use use, gfp_t gfp)
{
	struct page_tree_node *spare = NULL;
	int err;

	do {
		spin_lock(&device->lock);
		err = is_in_use(device, slot) ? put_in(device, page, slot, &spare) : -ENOENT;
		if (!err && use == SLOT_TO_COUNT)
			swap_slots_get(&device->slots, slot);
		spin_unlock(&device->lock);
		if (err == -EAGAIN) {
			spare = page_tree_alloc_node(gfp);
			err = spare ? -EAGAIN : -ENOMEM;
		}
	} while (err == -EAGAIN);
	if (err && err != -EEXIST) {
		spin_lock(&device->lock);
		page_tree_give_up(&device->cache, slot);
		spin_unlock(&device->lock);
	}
	page_tree_free_node(spare);
	return err;
}

int swap_cache_add(struct page *page, swap_entry_t entry, gfp_t gfp)
{
	struct swap_device *device = device_of(entry);
	unsigned long slot = pte_swap_slot(entry.pte);
	int err = put_in_cache(device, page, slot, SLOT_TO_COUNT, gfp);

	if (!err)
		workingset_refault(page, device, slot);
	return err;
}

void swap_cache_remove(struct page *page)
{
	struct swap_device *device = device_of(page_swap_entry(page));

	spin_lock(&device->lock);
	take_out(device, page);
	spin_unlock(&device->lock);
	put_page(page);
}

bool swap_cache_leave(struct page *page)
{
	swap_entry_t entry = page_swap_entry(page);
	struct swap_device *device = device_of(entry);
	bool is_alone;

	if (!page_in_swap_cache(page))
		return true;
	spin_lock(&device->lock);
	is_alone = swap_slots_count(&device->slots, pte_swap_slot(entry.pte)) == 1;
	if (is_alone)
		take_out(device, page);
	spin_unlock(&device->lock);
	if (is_alone)
		put_page(page);
	return is_alone;
}

void swap_cache_relax(struct page *page)
{
	if (page_in_swap_cache(page) && !page_has_flag(page, PG_writeback) &&
	    swap_slots_are_scarce())
		swap_cache_leave(page);
}

bool swap_cache_free_page(struct page *page)
{
	struct swap_device *device = device_of(page_swap_entry(page));
	bool is_alone;

	spin_lock(&device->lock);
	/* More references come from the tree, under this lock, or from entries that map it. */
	is_alone = page_ref_count(page) == 2 && !page_is_mapped(page) &&
		   !page_has_flag(page, PG_dirty);
	if (is_alone) {
		workingset_evict(device, pte_swap_slot(page->private));
		take_out(device, page);
	}
	spin_unlock(&device->lock);
	if (is_alone)
		put_page(page);
	return is_alone;
}

/* --- going out --- */

/* The open device with the highest priority that has a slot; of equal ones the first from the one
 * whose turn it is.  NULL: all are full. */
static struct swap_device *choose_device(void)
{
	unsigned int turn = READ_ONCE(swap.turn);
	struct swap_device *best = NULL;

	for (unsigned int i = 0; i < SWAP_MAX_DEVICES; i++) {
		struct swap_device *device = &swap.devices[(turn + i) % SWAP_MAX_DEVICES];

		if (!READ_ONCE(device->is_open) ||
		    READ_ONCE(device->slots.nr_used) >= READ_ONCE(device->nr_usable))
			continue;
		if (!best || device->source.priority > best->source.priority)
			best = device;
	}
	return best;
}

/* 0: it is full, or goes. After a run it is the next one's turn. */
static unsigned long take_slot(struct swap_device *device)
{
	unsigned int index = (unsigned int)(device - swap.devices);
	unsigned long slot = 0;

	spin_lock(&device->lock);
	if (device->is_open)
		slot = swap_slots_take(&device->slots);
	if (slot) {
		atomic64_dec(&swap.nr_free);
		WRITE_ONCE(swap.turn, index + swap_slots_run_is_over(&device->slots));
	}
	spin_unlock(&device->lock);
	return slot;
}

/* 0; -ENOSPC; -ENOMEM. */
static int place(struct page *page, gfp_t gfp)
{
	struct swap_device *device;
	unsigned long slot;
	int err;

	do {
		device = choose_device();
		slot = device ? take_slot(device) : 0;
	} while (device && !slot);
	if (!slot)
		return -ENOSPC;
	err = put_in_cache(device, page, slot, SLOT_IS_COUNTED, gfp);
	if (err) {
		lock_and_put_slot(device, slot);
		return err;
	}
	return 0;
}

bool add_to_swap(struct page *page, gfp_t gfp)
{
	if (!page_is_anon(page) || page_in_swap_cache(page) || !page_anon_vma(page))
		return false;
	return swap_place(page, gfp);
}

bool swap_place(struct page *page, gfp_t gfp)
{
	if (place(page, gfp))
		return false;
	set_bit(PG_dirty, &page->flags);
	page_set_uptodate(page);
	return true;
}

/* --- what page_io.c wants to know --- */

u64 swap_sector(swap_entry_t entry, struct disk **disk)
{
	const struct swap_source *source = &device_of(entry)->source;

	*disk = source->disk;
	return source->first_sector + (pte_swap_slot(entry.pte) << (PAGE_SHIFT - SECTOR_SHIFT));
}

#define CLUSTER 8UL /* slots, a power of two */

unsigned int swap_cluster(swap_entry_t entry, unsigned long *first)
{
	const struct swap_device *device = device_of(entry);

	*first = pte_swap_slot(entry.pte) & -CLUSTER;
	return (unsigned int)min(CLUSTER, READ_ONCE(device->slots.nr) - *first);
}

/* --- devices --- */

static struct swap_device *find_place(void)
{
	for (unsigned int i = 0; i < SWAP_MAX_DEVICES; i++)
		if (!swap.devices[i].is_there)
			return &swap.devices[i];
	return NULL;
}

static unsigned long mark_bad(struct swap_device *device, const struct swap_source *source)
{
	unsigned long nr_usable = source->nr_pages - 1;

	for (unsigned int i = 0; i < source->nr_bad; i++) {
		u32 slot = source->bad_pages[i];

		if (!slot || slot >= source->nr_pages || swap_slots_count(&device->slots, slot))
			continue;
		swap_slots_mark_bad(&device->slots, slot);
		nr_usable--;
	}
	return nr_usable;
}

static void open_device(struct swap_device *device)
{
	spin_lock(&device->lock);
	device->is_there = true;
	WRITE_ONCE(device->is_open, true);
	atomic64_add((s64)(device->nr_usable - device->slots.nr_used), &swap.nr_free);
	atomic64_add((s64)device->nr_usable, &swap.nr_slots);
	spin_unlock(&device->lock);
}

static void close_device(struct swap_device *device)
{
	spin_lock(&device->lock);
	WRITE_ONCE(device->is_open, false);
	atomic64_sub((s64)(device->nr_usable - device->slots.nr_used), &swap.nr_free);
	atomic64_sub((s64)device->nr_usable, &swap.nr_slots);
	spin_unlock(&device->lock);
}

static int add_device(struct swap_device *device, const struct swap_source *source)
{
	int err = swap_slots_init(&device->slots, source->nr_pages);

	if (err)
		return err;
	device->source = *source;
	device->source.bad_pages = NULL;
	if (source->priority < 0)
		device->source.priority = --swap.least_priority;
	device->nr_usable = mark_bad(device, source);
	open_device(device);
	return 0;
}

int swap_device_add(const struct swap_source *source)
{
	struct swap_device *device;
	int err = -EPERM;

	if (source->nr_pages < 2)
		return -EINVAL;
	mutex_lock(&swap.mutex);
	device = find_place();
	if (device)
		err = add_device(device, source);
	mutex_unlock(&swap.mutex);
	return err;
}

bool swap_device_peek(unsigned int index, struct swap_info *info)
{
	const struct swap_device *device = &swap.devices[index];

	if (index >= SWAP_MAX_DEVICES)
		return false;
	*info = (struct swap_info){
		.disk = device->source.disk,
		.first_sector = device->source.first_sector,
		.private = device->source.private,
		.nr_pages = device->nr_usable,
		.nr_used = device->slots.nr_used,
		.priority = device->source.priority,
	};
	memcpy(info->name, device->source.name, sizeof(info->name));
	return device->is_there;
}

bool swap_device_info(unsigned int index, struct swap_info *info)
{
	struct swap_device *device = &swap.devices[index];
	bool is_there;

	if (index >= SWAP_MAX_DEVICES)
		return false;
	spin_lock(&device->lock);
	is_there = swap_device_peek(index, info);
	spin_unlock(&device->lock);
	return is_there;
}

/* The next page in the cache from slot *@from on, with a reference. */
static struct page *next_cached(struct swap_device *device, unsigned long *from)
{
	struct page *page;

	spin_lock(&device->lock);
	page = page_tree_find_next(&device->cache, from);
	if (page)
		get_page(page);
	spin_unlock(&device->lock);
	return page;
}

void swap_cache_shrink(unsigned int index)
{
	struct swap_device *device = &swap.devices[index];
	unsigned long slot = 0;
	struct page *page;

	while ((page = next_cached(device, &slot))) {
		lock_page(page);
		if (page_in_swap_cache(page) && device_of(page_swap_entry(page)) == device) {
			page_wait_writeback(page);
			swap_cache_leave(page);
		}
		unlock_page(page);
		swap_drop_orphan(page);
		put_page(page);
		slot++;
		cond_resched();
	}
}

/* Until nobody names a slot: who forks meanwhile copies entries to where we have been. */
static int empty_device(struct swap_device *device)
{
	unsigned int index = (unsigned int)(device - swap.devices);
	int err = 0;

	while (READ_ONCE(device->slots.nr_used) && !err) {
		err = swap_in_all(index, GFP_USER | __GFP_NOKILL | __GFP_NOWARN);
		err = err ?: shmem_swap_in_all(index);
		if (!err)
			swap_cache_shrink(index);
		if (!err && signal_pending(current))
			err = -EINTR;
		cond_resched();
	}
	return err;
}

static void forget_device(struct swap_device *device)
{
	struct swap_slots slots;

	spin_lock(&device->lock);
	device->is_there = false;
	slots = device->slots;
	memset(&device->slots, 0, sizeof(device->slots));
	spin_unlock(&device->lock);
	swap_slots_destroy(&slots);
}

int swap_device_remove(unsigned int index)
{
	struct swap_device *device = &swap.devices[index];
	int err = 0;

	if (index >= SWAP_MAX_DEVICES)
		return -EINVAL;
	mutex_lock(&swap.mutex);
	if (!device->is_there)
		err = -EINVAL;
	else if (swap.is_removing)
		err = -EBUSY;
	else
		swap.is_removing = true;
	if (!err)
		close_device(device);
	mutex_unlock(&swap.mutex);
	if (err)
		return err;
	err = empty_device(device);
	mutex_lock(&swap.mutex);
	swap.is_removing = false;
	if (err)
		open_device(device);
	else
		forget_device(device);
	mutex_unlock(&swap.mutex);
	return err;
}
