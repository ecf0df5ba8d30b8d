/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The page cache: how pages come.
 *
 * A page joins its file empty, and is filled under its lock by whoever has that first; PG_uptodate
 * then tells everybody else that there is nothing to do.  So a page is read once, however many want
 * it.  If the reading fails the page leaves the file again, and the next one tries anew.
 *
 *	new, in the tree	lock, read		PG_uptodate, unlock
 *	    not up to date  ->  others wait here  ->	found and used without the lock
 *
 * Whoever locks a page that he has found looks at page->mapping afterwards: it is NULL if the page
 * has left the file meanwhile, and the search begins again.
 *
 * Faults may only bring in what lies in front of the end of the file.  A truncation sets the size,
 * then removes pages until the tree has none behind it; the size is looked at again under the lock
 * of the tree, so a page that comes later than the last look of the truncation sees the new size,
 * and one that comes before is removed.  filemap_fault() looks once more with the page locked: from
 * there on the truncation waits for the lock, and unmaps what the fault has mapped.
 *
 * The tree holds a reference to each page.
 *
 * Pages of shared memory may be in swap: then they are not in the tree, but count as pages that the
 * file has (mm/shmem_swap.c).
 *
 * Locks: the page's outside of mapping->lock, which is for the tree, and is never held while
 * something is allocated or read.
 */
#include <linux/errno.h>
#include <oshit/dirty.h>
#include <oshit/err.h>
#include <oshit/gfp.h>
#include <oshit/lru.h>
#include <oshit/math.h>
#include <oshit/mm.h>
#include <oshit/pagecache.h>
#include <oshit/shmem.h>
#include <oshit/vmstat.h>
#include <oshit/workingset.h>

#include "mm_internal.h"
#include "shmem.h"
#include "swap.h"

void address_space_init(struct address_space *mapping, const struct address_space_operations *ops,
			void *host)
{
	*mapping = (struct address_space){ .ops = ops, .host = host };
	spin_lock_init(&mapping->lock);
	init_rwsem(&mapping->i_mmap_lock);
	mapping->i_mmap = (struct interval_tree)INTERVAL_TREE;
	INIT_LIST_HEAD(&mapping->dirty);
}

#ifdef CONFIG_MONITOR
LIST_HEAD(cached_mappings);
static DEFINE_SPINLOCK(cached_lock);

/* The number of pages has changed; mapping->lock is held. */
static void note_first_page(struct address_space *mapping)
{
	if (mapping->pages.nr_pages != 1)
		return;
	spin_lock(&cached_lock);
	list_add_tail(&mapping->cached, &cached_mappings);
	spin_unlock(&cached_lock);
}

static void note_last_page(struct address_space *mapping)
{
	if (mapping->pages.nr_pages)
		return;
	spin_lock(&cached_lock);
	list_del(&mapping->cached);
	spin_unlock(&cached_lock);
}
#else
static void note_first_page(struct address_space *mapping __maybe_unused)
{
}

static void note_last_page(struct address_space *mapping __maybe_unused)
{
}
#endif

u64 address_space_number(struct address_space *mapping)
{
	static atomic64_t last;
	u64 number = READ_ONCE(mapping->number), none = 0;

	if (number)
		return number;
	number = (u64)atomic64_fetch_add(1, &last) + 1;
	/* Who comes second takes the number of the first. */
	if (__atomic_compare_exchange_n(&mapping->number, &none, number, false, __ATOMIC_SEQ_CST,
					__ATOMIC_RELAXED))
		return number;
	return none;
}

/* There is to be a page at @index: one that is in swap counts already. Under mapping->lock. */
static int charge_index(struct address_space *mapping, unsigned long index)
{
	int err = 0;

	if (shmem_is_held(mapping, index))
		return 0;
	if (mapping->ops->charge_page)
		err = mapping->ops->charge_page(mapping);
	if (!err)
		mapping->nr_held++;
	return err;
}

void uncharge_index(struct address_space *mapping)
{
	mapping->nr_held--;
	if (mapping->ops && mapping->ops->uncharge_page)
		mapping->ops->uncharge_page(mapping);
}

/* --- finding --- */

struct page *find_get_page(struct address_space *mapping, unsigned long index)
{
	struct page *page;

	spin_lock(&mapping->lock);
	page = page_tree_find(&mapping->pages, index);
	if (page)
		get_page(page);
	spin_unlock(&mapping->lock);
	return page;
}

/* Locks a page that was found. False: it has left the file, and the reference is dropped. */
static bool lock_found_page(struct address_space *mapping, struct page *page)
{
	lock_page(page);
	if (likely(page->mapping == mapping))
		return true;
	unlock_page(page);
	swap_drop_orphan(page); /* shared memory that has gone to swap */
	put_page(page);
	return false;
}

#define IN_SWAP ERR_PTR(-ERANGE)

/* The page with a reference; one that is not up to date is not in swap.  NULL: none; IN_SWAP: it is
 * there, and perhaps a page for it. */
static struct page *find_page(struct address_space *mapping, unsigned long index)
{
	struct page *page;

	spin_lock(&mapping->lock);
	page = page_tree_find(&mapping->pages, index);
	if ((!page || unlikely(!page_is_uptodate(page))) && shmem_is_swapped(mapping, index))
		page = IN_SWAP;
	else if (page)
		get_page(page);
	spin_unlock(&mapping->lock);
	return page;
}

/* Waits for who fills a page that was found; the reference goes if it is not up to date.  NULL:
 * nobody has filled it; IN_SWAP: it has left the file, look again. */
static struct page *wait_filled(struct address_space *mapping, struct page *page)
{
	bool is_filled;

	if (!lock_found_page(mapping, page))
		return IN_SWAP;
	is_filled = page_is_uptodate(page);
	unlock_page(page);
	if (is_filled)
		return page;
	put_page(page);
	return NULL;
}

struct page *find_read_page(struct address_space *mapping, unsigned long index)
{
	struct page *page;

	do {
		page = find_page(mapping, index);
		if (page == IN_SWAP)
			page = read_cache_page(mapping, index, CACHE_IN_SWAP);
		else if (page && unlikely(!page_is_uptodate(page)))
			page = wait_filled(mapping, page);
	} while (page == IN_SWAP);
	return page;
}

struct page *find_lock_page(struct address_space *mapping, unsigned long index)
{
	struct page *page;

	do {
		page = find_read_page(mapping, index);
	} while (!IS_ERR_OR_NULL(page) && !lock_found_page(mapping, page));
	return IS_ERR(page) ? NULL : page;
}

u64 mapping_seek_data(struct address_space *mapping, u64 pos)
{
	unsigned long index = pos >> PAGE_SHIFT, swapped = index;
	struct page *page;
	bool is_there;

	spin_lock(&mapping->lock);
	do {
		page = page_tree_find_next(&mapping->pages, &index);
	} while (page && !page_is_uptodate(page) && ++index);
	is_there = page;
	if (shmem_next_swapped(mapping, &swapped)) {
		index = is_there ? min(index, swapped) : swapped;
		is_there = true;
	}
	spin_unlock(&mapping->lock);
	return is_there ? max(pos, (u64)index << PAGE_SHIFT) : ~0UL;
}

/* Under the lock. */
static bool has_data(const struct address_space *mapping, unsigned long index)
{
	const struct page *page = page_tree_find(&mapping->pages, index);

	return (page && page_is_uptodate(page)) || shmem_is_swapped(mapping, index);
}

u64 mapping_seek_hole(struct address_space *mapping, u64 pos)
{
	unsigned long index = pos >> PAGE_SHIFT, nr_pages = mapping_nr_pages(mapping);

	spin_lock(&mapping->lock);
	while (has_data(mapping, index) && ++index < nr_pages)
		;
	spin_unlock(&mapping->lock);
	return max(pos, (u64)index << PAGE_SHIFT);
}

/* --- bringing in --- */

static void count_cached(const struct address_space *mapping, long nr)
{
	vm_stat_add(NR_FILE_PAGES, nr);
	if (mapping->ops && mapping->ops->read_page == shmem_read_page)
		vm_stat_add(NR_SHMEM, nr);
}

/* Whether there may be a page at @index. Under the lock. */
static bool is_within(const struct address_space *mapping, unsigned long index,
		      enum cache_bound bound)
{
	switch (bound) {
	case CACHE_IN_FILE:
		return index < mapping_nr_pages(mapping);
	case CACHE_ANYWHERE:
		return true;
	default:
		return shmem_is_swapped(mapping, index);
	}
}

static int insert_and_charge(struct address_space *mapping, struct page *page,
			     struct page_tree_node **spare)
{
	int err = page_tree_insert(&mapping->pages, page->index, page, spare);

	if (err)
		return err;
	err = charge_index(mapping, page->index);
	if (err)
		page_tree_remove(&mapping->pages, page->index);
	return err;
}

/* 0: *@page has joined the file; -EEXIST: *@page is now the one that was there, the caller gets a
 * reference in both cases; -ERANGE; -ENOSPC; -EAGAIN: see page_tree_insert(). */
static int try_insert(struct address_space *mapping, struct page **page,
		      struct page_tree_node **spare, enum cache_bound bound)
{
	unsigned long index = (*page)->index;
	int err = -ERANGE;

	spin_lock(&mapping->lock);
	if (is_within(mapping, index, bound))
		err = insert_and_charge(mapping, *page, spare);
	if (!err) {
		note_first_page(mapping);
		count_cached(mapping, 1);
	}
	if (err == -EEXIST)
		*page = page_tree_find(&mapping->pages, index);
	if (!err || err == -EEXIST)
		get_page(*page);
	spin_unlock(&mapping->lock);
	return err;
}

struct page *take_from_tree(struct address_space *mapping, unsigned long index)
{
	struct page *page = page_tree_remove(&mapping->pages, index);

	if (page) {
		page->mapping = NULL;
		count_cached(mapping, -1);
		note_last_page(mapping);
		dirty_note_mapping(mapping);
		if (!shmem_is_held(mapping, index))
			uncharge_index(mapping);
	}
	return page;
}

/* Takes back the nodes that an insertion was given before it was given up. */
static void give_up_insertion(struct address_space *mapping, unsigned long index)
{
	spin_lock(&mapping->lock);
	page_tree_give_up(&mapping->pages, index);
	spin_unlock(&mapping->lock);
}

/* @page joins the file, which takes over the reference; returns the page that is there then. */
static struct page *add_to_cache(struct address_space *mapping, struct page *page,
				 enum cache_bound bound, gfp_t gfp)
{
	struct page_tree_node *spare = NULL;
	struct page *there = page;
	int err;

	while ((err = try_insert(mapping, &there, &spare, bound)) == -EAGAIN) {
		spare = page_tree_alloc_node(gfp);
		if (!spare) {
			err = -ENOMEM;
			break;
		}
	}
	page_tree_free_node(spare);
	if (!err) {
		workingset_refault(page, mapping, page->index);
		lru_add(page);
		return page;
	}
	if (err != -EEXIST)
		give_up_insertion(mapping, page->index);
	page->mapping = NULL;
	put_page(page);
	return err == -EEXIST ? there : ERR_PTR(err);
}

/* The page at @index, up to date or not. */
static struct page *find_or_add_page(struct address_space *mapping, unsigned long index,
				     enum cache_bound bound)
{
	struct page *page = find_get_page(mapping, index);
	gfp_t gfp = GFP_USER;

	if (page)
		return page;
	/* A file grows without end and belongs to nobody: its writer is refused, rather than that
	 * others are killed for it. */
	if (bound == CACHE_ANYWHERE || bound == CACHE_OFF_SWAP)
		gfp |= __GFP_NOKILL | __GFP_NOWARN;
	page = alloc_page(gfp);
	if (!page)
		return ERR_PTR(-ENOMEM);
	page->mapping = mapping;
	page->index = index;
	return add_to_cache(mapping, page, bound, gfp);
}

/* Of a page that is locked. On failure it has left the file. */
static int fill_page(struct address_space *mapping, struct page *page)
{
	int err = mapping->ops->read_page(mapping, page);

	if (err)
		remove_cache_page(mapping, page);
	else
		page_set_uptodate(page);
	return err;
}

struct page *grab_cache_page(struct address_space *mapping, unsigned long index,
			     enum cache_bound bound)
{
	struct page *page;

	do {
		page = find_or_add_page(mapping, index, bound);
	} while (!IS_ERR(page) && !lock_found_page(mapping, page));
	return page;
}

struct page *trygrab_new_page(struct address_space *mapping, unsigned long index,
			      enum cache_bound bound)
{
	struct page *page = find_get_page(mapping, index);

	if (!page)
		page = find_or_add_page(mapping, index, bound);
	else if (page_is_uptodate(page))
		goto put;
	if (IS_ERR(page))
		return NULL;
	if (!trylock_page(page))
		goto put;
	if (page->mapping == mapping && !page_is_uptodate(page))
		return page;
	unlock_page(page);
put:
	put_page(page);
	return NULL;
}

struct page *lock_cache_page(struct address_space *mapping, unsigned long index,
			     enum cache_bound bound)
{
	struct page *page = grab_cache_page(mapping, index, bound);
	int err;

	if (IS_ERR(page) || likely(page_is_uptodate(page)))
		return page;
	err = fill_page(mapping, page);
	if (!err)
		return page;
	unlock_page(page);
	put_page(page);
	return ERR_PTR(err);
}

struct page *read_cache_page(struct address_space *mapping, unsigned long index,
			     enum cache_bound bound)
{
	struct page *page = find_get_page(mapping, index);

	if (page && likely(page_is_uptodate(page)))
		return page;
	if (page)
		put_page(page);
	page = lock_cache_page(mapping, index, bound);
	if (!IS_ERR(page))
		unlock_page(page);
	return page;
}

int reserve_cache_page(struct address_space *mapping, unsigned long index)
{
	struct page *page;
	bool is_held;

	spin_lock(&mapping->lock);
	is_held = shmem_is_held(mapping, index);
	spin_unlock(&mapping->lock);
	if (is_held)
		return 0;
	page = find_or_add_page(mapping, index, CACHE_ANYWHERE);
	if (IS_ERR(page))
		return PTR_ERR(page);
	put_page(page);
	return 0;
}

/* --- faults --- */

#define AROUND_PAGES 16UL /* what is read with a page that is not there: its neighbours */

/* Begins to read what the fault wants, and what is behind it if the area is read from front to
 * back, else what is beside it. Return: VM_FAULT_MAJOR if a device is read, or 0. */
static int read_around(const struct vm_fault *fault)
{
	struct address_space *mapping = fault->area->mapping;
	unsigned long index = fault->pgoff & -AROUND_PAGES;
	struct page *page;

	if (!mapping->ops->read_ahead)
		return 0;
	page = find_get_page(mapping, fault->pgoff);
	if (page) {
		bool is_there = page_is_uptodate(page);

		put_page(page);
		return is_there ? 0 : VM_FAULT_MAJOR;
	}
	if (fault->area->flags & VM_SEQ_READ)
		mapping->ops->read_ahead(mapping, fault->pgoff, PAGE_BATCH);
	else if (!(fault->area->flags & VM_RAND_READ))
		mapping->ops->read_ahead(mapping, index, AROUND_PAGES);
	return VM_FAULT_MAJOR;
}

/* For the page, which has begun to come. False: it has not, or the fault may not let go. */
static bool wait_unlocked(const struct vm_fault *fault)
{
	struct page *page;

	if (!(fault->flags & FAULT_FLAG_MAY_UNLOCK))
		return false;
	page = find_get_page(fault->area->mapping, fault->pgoff);
	if (!page)
		return false;
	if (!page_is_uptodate(page) && page_has_flag(page, PG_locked))
		return fault_wait_unlocked(fault, page);
	put_page(page);
	return false;
}

int filemap_fault(struct vm_fault *fault)
{
	struct address_space *mapping = fault->area->mapping;
	struct page *page;
	int result;

	if (fault->pgoff >= mapping_nr_pages(mapping))
		return VM_FAULT_SIGBUS;
	if (shmem_fault_wait(fault))
		return VM_FAULT_UNLOCKED | VM_FAULT_MAJOR;
	result = read_around(fault);
	if (result && wait_unlocked(fault))
		return VM_FAULT_UNLOCKED | result;
	page = lock_cache_page(mapping, fault->pgoff, CACHE_IN_FILE);
	if (IS_ERR(page))
		return PTR_ERR(page) == -ENOMEM ? VM_FAULT_OOM : VM_FAULT_SIGBUS;
	if (fault->pgoff >= mapping_nr_pages(mapping)) {
		unlock_page(page);
		put_page(page);
		return VM_FAULT_SIGBUS;
	}
	fault->page = page;
	return result | VM_FAULT_LOCKED;
}

/* Whether the page, which was just found, can be mapped without waiting: locked then. */
static bool lock_ready_page(struct page *page)
{
	return page && page_is_uptodate(page) && trylock_page(page);
}

void filemap_fault_around(struct vm_area *area, unsigned long pgoff, struct page **pages,
			  unsigned int nr)
{
	struct address_space *mapping = area->mapping;

	/* What is in the tree is of the file, and stays so as long as it is locked. */
	spin_lock(&mapping->lock);
	for (unsigned int i = 0; i < nr; i++) {
		pages[i] = NULL;
		if (pgoff + i < mapping_nr_pages(mapping))
			pages[i] = page_tree_find(&mapping->pages, pgoff + i);
		if (lock_ready_page(pages[i]))
			get_page(pages[i]);
		else
			pages[i] = NULL;
	}
	spin_unlock(&mapping->lock);
}
