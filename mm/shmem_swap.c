/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Shared memory in swap: of mappings without a file, of files of tmpfs and memfd_create().
 *
 * An address space has two trees with the same indices: of the pages that are in memory, and of the
 * places in swap of those that are not.  A page moves from one to the other in one section of
 * mapping->lock, with the page locked; so each index is in at most one, but while a page is being
 * filled:
 *
 *	out	unmapped from all areas; a slot, and a place in the swap cache; then, if nobody else
 *		has a reference, from pages to swapped
 *	in	who wants it finds no page, and adds a new one, as for the first touch.  Whoever
 *		fills it looks whether its index is in swapped; if so it is copied from the page in
 *		the swap cache, which may have to be read, and the slot is given up
 *
 * A page on its way out belongs to the swap cache alone: who wants it back meanwhile copies it.  So
 * all who share the memory see the page of the mapping, and only that.
 *
 * What a file has.  An index that is in either tree counts once: against the limits of a tmpfs, in
 * st_blocks, as promised memory (nr_held, ops->charge_page()).  Both trees are looked at in one
 * section of the lock by who would take nothing for a hole.  Room that fallocate() has taken and
 * nobody has filled is a page that is not up to date; it needs no slot to go, but leaves a mark.
 *
 * Holes, and the end.  What is punched, or cut off, must not come back.  From shmem_punch_begin()
 * on no page goes to swap, and what was there is forgotten; who had begun to bring it in has a page
 * in the mapping by then, that the punching takes.  An address space that ends begins so, for good.
 *
 * A device that goes.  All address spaces that ever had something in swap are in a list.  One is
 * visited at a time; it is not pinned: who ends it waits until the visit is over, which is soon.
 *
 * Locks: the page's, then that of a page in the swap cache; mapping->lock; objects_lock inside.
 */
#include <arch/page_ops.h>
#include <oshit/err.h>
#include <oshit/mm.h>
#include <oshit/rmap.h>
#include <oshit/sched.h>
#include <oshit/spinlock.h>
#include <oshit/wait.h>

#include "mapping.h"
#include "mm_internal.h"
#include "shmem.h"
#include "swap.h"

static DEFINE_SPINLOCK(objects_lock);
static LIST_HEAD(objects); /* struct shmem_swap */
static unsigned long nr_objects;
static struct task_struct *visitor; /* brings all back from a device; NULL: nobody */
static struct wait_queue_head visits = WAIT_QUEUE_HEAD_INIT(visits); /* for their end */

void shmem_swap_init(struct address_space *mapping, struct shmem_swap *swap)
{
	*swap = (struct shmem_swap){ .mapping = mapping };
	INIT_LIST_HEAD(&swap->link);
	mapping->swap = swap;
}

/* What stands in a tree in the place of a page: an entry is never present, so its lowest bit is
 * free.  Entry 0: room that nobody has filled. */
static struct page *to_value(swap_entry_t entry)
{
	return (struct page *)(entry.pte | PTE_PRESENT);
}

static swap_entry_t to_entry(const struct page *value)
{
	return swap_entry_of((pte_t)value & ~PTE_PRESENT);
}

/* Of a page that may go to swap; NULL. */
static struct address_space *mapping_of(const struct page *page)
{
	struct address_space *mapping = page->mapping;

	return mapping && !page_is_anon(page) && mapping->swap ? mapping : NULL;
}

/* --- what is there, under the lock --- */

bool shmem_is_held(const struct address_space *mapping, unsigned long index)
{
	return mapping->swap && page_tree_find(&mapping->swap->swapped, index);
}

bool shmem_is_swapped(const struct address_space *mapping, unsigned long index)
{
	struct page *value = NULL;

	if (mapping->swap)
		value = page_tree_find(&mapping->swap->swapped, index);
	return value && to_entry(value).pte;
}

bool shmem_next_swapped(const struct address_space *mapping, unsigned long *index)
{
	struct page *value = NULL;

	if (!mapping->swap)
		return false;
	do {
		value = page_tree_find_next(&mapping->swap->swapped, index);
	} while (value && !to_entry(value).pte && ++*index);
	return value;
}

static void note_object(struct shmem_swap *swap)
{
	if (!list_empty(&swap->link))
		return;
	spin_lock(&objects_lock);
	list_add_tail(&swap->link, &objects);
	nr_objects++;
	spin_unlock(&objects_lock);
}

/* --- out --- */

/* The page, locked, unmapped, and with @nr_refs references that are known, leaves @value behind.
 * 0; -EBUSY; -EAGAIN: see page_tree_insert(). Afterwards the mapping may be gone. */
static int try_move(struct page *page, struct page *value, int nr_refs,
		    struct page_tree_node **spare)
{
	struct address_space *mapping = page->mapping;
	struct shmem_swap *swap = mapping->swap;
	unsigned long index = page->index;
	int err = -EBUSY;

	spin_lock(&mapping->lock);
	/* New references come from the tree. */
	if (page_ref_count(page) == nr_refs && !page_map_count(page) && !swap->nr_punching)
		err = page_tree_insert(&swap->swapped, index, value, spare);
	if (!err) {
		if (to_entry(value).pte)
			note_object(swap);
		take_from_tree(mapping, index);
	}
	/* Takes back nodes that were put in for nothing. */
	if (err == -EBUSY)
		page_tree_give_up(&swap->swapped, index);
	spin_unlock(&mapping->lock);
	if (!err)
		put_page(page); /* the tree's */
	return err;
}

static int move(struct page *page, struct page *value, int nr_refs, gfp_t gfp)
{
	struct page_tree_node *spare = NULL;
	int err;

	while ((err = try_move(page, value, nr_refs, &spare)) == -EAGAIN) {
		spare = page_tree_alloc_node(gfp);
		if (!spare)
			break;
	}
	page_tree_free_node(spare);
	if (err == -EAGAIN) {
		struct address_space *mapping = page->mapping;

		spin_lock(&mapping->lock);
		page_tree_give_up(&mapping->swap->swapped, page->index);
		spin_unlock(&mapping->lock);
	}
	return err;
}

bool shmem_may_go(const struct page *page)
{
	return mapping_of(page);
}

bool shmem_add_to_swap(struct page *page, gfp_t gfp, struct deferred_flush *flush)
{
	swap_entry_t entry;

	if (!mapping_of(page) || !page_is_uptodate(page))
		return false;
	if (page_map_count(page) && !try_unmap_cached_page(page, flush))
		return false;
	if (!swap_place(page, gfp))
		return false;
	entry = page_swap_entry(page);
	swap_entry_get(entry); /* the mapping's */
	/* Of the tree, the swap cache, and the caller. */
	if (!move(page, to_value(entry), 3, gfp))
		return true;
	swap_entry_put(entry);
	swap_cache_remove(page);
	page->private = PAGE_PRIVATE_SHMEM;
	page_set_uptodate(page);
	return false;
}

bool shmem_drop_unfilled(struct page *page, gfp_t gfp)
{
	if (!mapping_of(page) || page_is_uptodate(page))
		return false;
	return !move(page, to_value(swap_entry_of(0)), 2, gfp);
}

/* --- in --- */

/* A guess, unless the index has a page: then what is there was there before. */
static struct page *find_value(struct address_space *mapping, unsigned long index)
{
	struct page *value;

	if (!mapping->swap || !READ_ONCE(mapping->swap->swapped.root))
		return NULL;
	spin_lock(&mapping->lock);
	value = page_tree_find(&mapping->swap->swapped, index);
	spin_unlock(&mapping->lock);
	return value;
}

/* 0: it is not there. */
static swap_entry_t find_entry(struct address_space *mapping, unsigned long index)
{
	struct page *value = find_value(mapping, index);

	return value ? to_entry(value) : swap_entry_of(0);
}

/* Of an index that has a page. */
static struct page *take_value(struct address_space *mapping, unsigned long index)
{
	struct page *value;

	spin_lock(&mapping->lock);
	value = page_tree_remove(&mapping->swap->swapped, index);
	spin_unlock(&mapping->lock);
	return value;
}

/* Copies what a page in the swap cache holds. 0; -EAGAIN: it is not that page any more; -EIO. */
static int copy_cached(struct page *page, struct page *cached, swap_entry_t entry)
{
	int err = -EAGAIN;

	lock_page(cached);
	if (page_in_swap_cache(cached) && page_swap_entry(cached).pte == entry.pte) {
		err = page_is_uptodate(cached) ? 0 : -EIO;
		if (err)
			swap_cache_remove(cached); /* who tries again reads again */
		else
			copy_page(page_to_virt(page), page_to_virt(cached));
	}
	unlock_page(cached);
	swap_drop_orphan(cached);
	put_page(cached);
	return err;
}

/* Nobody is killed for a device that goes: he may be the one who waits for the end of the visit. */
static gfp_t read_gfp(void)
{
	return READ_ONCE(visitor) == current ? GFP_USER | __GFP_NOKILL | __GFP_NOWARN : GFP_KERNEL;
}

/* The mapping names the slot all the time, so it does not go. */
static int read_entry(struct page *page, swap_entry_t entry)
{
	bool has_read = false;
	int err;

	do {
		struct page *cached = swap_cache_get(entry);

		if (!cached) {
			cached = swap_read(entry, read_gfp());
			has_read = !IS_ERR(cached);
		}
		err = IS_ERR(cached) ? (int)PTR_ERR(cached) : copy_cached(page, cached, entry);
		/* Read ahead, by somebody else, and failed; or he was faster. */
		if ((err == -EIO && !has_read) || err == -EEXIST)
			err = -EAGAIN;
	} while (err == -EAGAIN);
	return err;
}

int shmem_swap_in(struct address_space *mapping, struct page *page)
{
	struct page *value = find_value(mapping, page->index);
	swap_entry_t entry = value ? to_entry(value) : swap_entry_of(0);
	int err;

	if (!value)
		return -ENOENT;
	err = entry.pte ? read_entry(page, entry) : 0;
	if (err == -ENOENT)
		return -ENOENT; /* punched meanwhile */
	if (err)
		return err;
	if (!take_value(mapping, page->index) || !entry.pte)
		return -ENOENT;
	swap_entry_put(entry);
	return 0;
}

bool shmem_fault_wait(const struct vm_fault *fault)
{
	swap_entry_t entry;
	struct page *page;

	if (!(fault->flags & FAULT_FLAG_MAY_UNLOCK))
		return false;
	entry = find_entry(fault->area->mapping, fault->pgoff);
	if (!entry.pte)
		return false;
	/* Should the slot be somebody else's by now, his page is read, and that is all. */
	page = swap_cache_get(entry);
	if (!page)
		page = swap_read(entry, GFP_KERNEL);
	if (IS_ERR(page))
		return false;
	if (!page_is_uptodate(page))
		return fault_wait_unlocked(fault, page);
	put_page(page);
	return false;
}

struct page *shmem_swap_cached(struct address_space *mapping, unsigned long index)
{
	swap_entry_t entry = find_entry(mapping, index);

	return entry.pte ? swap_cache_get(entry) : NULL;
}

static bool next_entry(struct address_space *mapping, unsigned long *index, swap_entry_t *entry)
{
	struct page *value = NULL;

	if (!mapping->swap)
		return false;
	spin_lock(&mapping->lock);
	if (shmem_next_swapped(mapping, index))
		value = page_tree_find(&mapping->swap->swapped, *index);
	spin_unlock(&mapping->lock);
	if (value)
		*entry = to_entry(value);
	return value;
}

unsigned long shmem_nr_swapped(struct address_space *mapping, unsigned long first,
			       unsigned long last)
{
	unsigned long index = first, nr = 0;
	swap_entry_t entry;

	for (; next_entry(mapping, &index, &entry) && index <= last; index++) {
		nr++;
		cond_resched();
	}
	return nr;
}

void shmem_will_need(struct address_space *mapping, unsigned long first, unsigned long last)
{
	unsigned long index = first;
	swap_entry_t entry;

	for (; next_entry(mapping, &index, &entry) && index <= last; index++) {
		struct page *page;

		if (!swap_is_only_on_disk(entry))
			continue;
		page = swap_read(entry, GFP_USER | __GFP_NORETRY | __GFP_NOWARN);
		if (page == ERR_PTR(-ENOMEM))
			return;
		if (!IS_ERR(page))
			put_page(page);
		cond_resched();
	}
}

/* --- going --- */

enum forget_what {
	FORGET_ALL,
	FORGET_ROOM, /* that nobody has filled */
};

/* The next value of [*@index, @last] leaves the tree; NULL: there is none. */
static struct page *forget_next(struct address_space *mapping, unsigned long *index,
				unsigned long last, enum forget_what what)
{
	struct page_tree *swapped = &mapping->swap->swapped;
	struct page *value;

	spin_lock(&mapping->lock);
	do {
		value = page_tree_find_next(swapped, index);
	} while (value && what == FORGET_ROOM && to_entry(value).pte && ++*index <= last);
	if (value && *index > last)
		value = NULL;
	if (value) {
		page_tree_remove(swapped, *index);
		/* Else a page is being filled, which counts from here on. */
		if (!page_tree_find(&mapping->pages, *index))
			uncharge_index(mapping);
	}
	spin_unlock(&mapping->lock);
	return value;
}

static void forget(struct address_space *mapping, unsigned long first, unsigned long last,
		   enum forget_what what)
{
	unsigned long index = first;
	struct page *value;

	do {
		value = forget_next(mapping, &index, last, what);
		if (value && to_entry(value).pte)
			swap_entry_put(to_entry(value));
		cond_resched();
	} while (value && index++ < last);
}

static void hold_pages(struct address_space *mapping, bool is_ending)
{
	spin_lock(&mapping->lock);
	mapping->swap->nr_punching++;
	if (is_ending)
		WRITE_ONCE(mapping->swap->is_ending, true);
	spin_unlock(&mapping->lock);
}

void shmem_punch_begin(struct address_space *mapping, unsigned long first, unsigned long last)
{
	if (!mapping->swap)
		return;
	hold_pages(mapping, false);
	forget(mapping, first, last, FORGET_ALL);
}

void shmem_punch_end(struct address_space *mapping)
{
	if (!mapping->swap)
		return;
	spin_lock(&mapping->lock);
	mapping->swap->nr_punching--;
	spin_unlock(&mapping->lock);
}

void shmem_unreserve(struct address_space *mapping, unsigned long first, unsigned long last)
{
	if (mapping->swap)
		forget(mapping, first, last, FORGET_ROOM);
}

static bool is_visited(const struct shmem_swap *swap)
{
	bool is_visited;

	spin_lock(&objects_lock);
	is_visited = swap->is_visited;
	spin_unlock(&objects_lock);
	return is_visited;
}

void shmem_swap_stop(struct address_space *mapping)
{
	struct shmem_swap *swap = mapping->swap;

	if (!swap)
		return;
	hold_pages(mapping, true);
	if (list_empty(&swap->link))
		return; /* and stays so */
	spin_lock(&objects_lock);
	list_del_init(&swap->link);
	nr_objects--;
	spin_unlock(&objects_lock);
	wait_event(visits, !is_visited(swap));
}

void shmem_swap_destroy(struct address_space *mapping)
{
	if (mapping->swap)
		forget(mapping, 0, ~0UL, FORGET_ALL);
}

/* --- a device that goes; one at a time --- */

/* The first of the list, which becomes the last, and stays until end_visit(); NULL: none. */
static struct shmem_swap *begin_visit(void)
{
	struct shmem_swap *swap = NULL;

	spin_lock(&objects_lock);
	if (!list_empty(&objects)) {
		swap = list_first_entry(&objects, struct shmem_swap, link);
		list_move_tail(&swap->link, &objects);
		swap->is_visited = true;
	}
	spin_unlock(&objects_lock);
	return swap;
}

static void end_visit(struct shmem_swap *swap)
{
	spin_lock(&objects_lock);
	swap->is_visited = false;
	spin_unlock(&objects_lock);
	/* It may be gone by now. */
	wake_up_all(&visits);
}

static bool next_on_device(struct address_space *mapping, unsigned int device, unsigned long *index)
{
	swap_entry_t entry;

	while (next_entry(mapping, index, &entry)) {
		if (pte_swap_device(entry.pte) == device)
			return true;
		++*index;
	}
	return false;
}

static int swap_in_object(struct shmem_swap *swap, unsigned int device)
{
	struct address_space *mapping = swap->mapping;

	for (unsigned long index = 0; next_on_device(mapping, device, &index); index++) {
		struct page *page;

		if (READ_ONCE(swap->is_ending))
			return 0;
		page = read_cache_page(mapping, index, CACHE_OFF_SWAP);
		if (!IS_ERR(page))
			put_page(page);
		else if (PTR_ERR(page) != -ERANGE)
			return (int)PTR_ERR(page);
		if (signal_pending(current))
			return -EINTR;
		cond_resched();
	}
	return 0;
}

int shmem_swap_in_all(unsigned int device)
{
	unsigned long nr = READ_ONCE(nr_objects);
	int err = 0;

	WRITE_ONCE(visitor, current);
	while (nr-- && !err) {
		struct shmem_swap *swap = begin_visit();

		if (!swap)
			break;
		err = swap_in_object(swap, device);
		end_visit(swap);
	}
	WRITE_ONCE(visitor, NULL);
	return err;
}
