/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Shared anonymous memory in swap.
 *
 * An object has two trees with the same indices: of the pages that are in memory, and of the places
 * in swap of those that are not.  A page moves from one to the other in one section of the object's
 * lock, with the page locked; so each index is in at most one, but while a page is being filled:
 *
 *	out	unmapped from all areas; a slot, and a place in the swap cache; then, if nobody else
 *		has a reference, from pages to swapped
 *	in	a fault finds no page, and adds a new one, as for the first touch.  Whoever fills it
 *		looks whether its index is in swapped; if so it is copied from the page in the swap
 *		cache, which may have to be read, and the slot is given up
 *
 * A page on its way out belongs to the swap cache alone: who wants it back meanwhile copies it.  So
 * all who share the memory see the page of the object, and only that.
 *
 * Holes.  What is punched must not come back.  From shmem_punch_begin() on no page goes to swap,
 * and what was there is forgotten; who had begun to bring it in has a page in the object by then,
 * that the punching takes.
 *
 * Left out: files of tmpfs and memfd.
 *
 * Locks: the page's, then that of a page in the swap cache; pages.lock; objects_lock inside.
 */
#include <arch/page_ops.h>
#include <oshit/err.h>
#include <oshit/mm.h>
#include <oshit/page_tree.h>
#include <oshit/rmap.h>
#include <oshit/sched.h>
#include <oshit/shmem.h>
#include <oshit/spinlock.h>

#include "mapping.h"
#include "mm_internal.h"
#include "shmem.h"
#include "swap.h"

static DEFINE_SPINLOCK(objects_lock);
static LIST_HEAD(objects); /* that have, or had, something in swap */
static unsigned long nr_objects;

/* What stands in a tree in the place of a page: an entry is never present, so its lowest bit is
 * free. */
static struct page *to_value(swap_entry_t entry)
{
	return (struct page *)(entry.pte | PTE_PRESENT);
}

static swap_entry_t to_entry(const struct page *value)
{
	return swap_entry_of((pte_t)value & ~PTE_PRESENT);
}

static struct shmem_object *object_of(const struct page *page)
{
	struct address_space *mapping = page->mapping;

	if (!mapping || page_is_anon(page) || mapping->ops != &shmem_aops || mapping->host)
		return NULL;
	return container_of(mapping, struct shmem_object, pages);
}

/* Under the lock of the object. */
static void note_object(struct shmem_object *object)
{
	if (!list_empty(&object->link))
		return;
	spin_lock(&objects_lock);
	list_add_tail(&object->link, &objects);
	nr_objects++;
	spin_unlock(&objects_lock);
}

/* --- out --- */

/* The page, locked, unmapped and in the swap cache, with a reference of the caller's, moves.
 * 0; -EBUSY; -EAGAIN: see page_tree_insert(). Afterwards the object may be gone. */
static int try_move(struct shmem_object *object, struct page *page, struct page_tree_node **spare)
{
	unsigned long index = page->index;
	int err = -EBUSY;

	spin_lock(&object->pages.lock);
	/* New references come from the tree: those of the tree, the swap cache, and the caller. */
	if (page_ref_count(page) == 3 && !page_map_count(page) && !object->nr_punching)
		err = page_tree_insert(&object->swapped, index, to_value(page_swap_entry(page)),
				       spare);
	if (!err) {
		note_object(object);
		take_from_tree(&object->pages, index);
	}
	/* Takes back nodes that were put in for nothing. */
	if (err == -EBUSY)
		page_tree_give_up(&object->swapped, index);
	spin_unlock(&object->pages.lock);
	if (!err)
		put_page(page); /* the tree's */
	return err;
}

static int move(struct shmem_object *object, struct page *page, gfp_t gfp)
{
	struct page_tree_node *spare = NULL;
	int err;

	while ((err = try_move(object, page, &spare)) == -EAGAIN) {
		spare = page_tree_alloc_node(gfp);
		if (!spare)
			break;
	}
	page_tree_free_node(spare);
	return err;
}

static void give_up_move(struct shmem_object *object, unsigned long index)
{
	spin_lock(&object->pages.lock);
	page_tree_give_up(&object->swapped, index);
	spin_unlock(&object->pages.lock);
}

bool shmem_add_to_swap(struct page *page, gfp_t gfp, struct deferred_flush *flush)
{
	struct shmem_object *object = object_of(page);
	swap_entry_t entry;
	int err;

	if (!object || !page_is_uptodate(page))
		return false;
	if (page_map_count(page) && !try_unmap_cached_page(page, flush))
		return false;
	if (!swap_place(page, gfp))
		return false;
	entry = page_swap_entry(page);
	swap_entry_get(entry); /* the object's */
	err = move(object, page, gfp);
	if (!err)
		return true;
	if (err == -EAGAIN)
		give_up_move(object, page->index);
	swap_entry_put(entry);
	swap_cache_remove(page);
	page->private = PAGE_PRIVATE_SHMEM;
	page_set_uptodate(page);
	return false;
}

/* --- in --- */

static swap_entry_t find_entry(struct shmem_object *object, unsigned long index)
{
	struct page *value;

	spin_lock(&object->pages.lock);
	value = page_tree_find(&object->swapped, index);
	spin_unlock(&object->pages.lock);
	return value ? to_entry(value) : swap_entry_of(0);
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
	put_page(cached);
	return err;
}

/* The object names the slot all the time, so it does not go. */
static int read_entry(struct page *page, swap_entry_t entry)
{
	bool has_read = false;
	int err;

	do {
		struct page *cached = swap_cache_get(entry);

		if (!cached) {
			cached = swap_read(entry, GFP_KERNEL);
			has_read = !IS_ERR(cached);
		}
		err = IS_ERR(cached) ? (int)PTR_ERR(cached) : copy_cached(page, cached, entry);
		/* Read ahead, by somebody else, and failed; or he was faster. */
		if ((err == -EIO && !has_read) || err == -EEXIST)
			err = -EAGAIN;
	} while (err == -EAGAIN);
	return err;
}

int shmem_swap_in(struct shmem_object *object, struct page *page)
{
	swap_entry_t entry = find_entry(object, page->index);
	struct page *value;
	int err;

	if (!entry.pte)
		return -ENOENT;
	err = read_entry(page, entry);
	if (err == -ENOENT)
		return -ENOENT; /* punched meanwhile */
	if (err)
		return err;
	spin_lock(&object->pages.lock);
	value = page_tree_remove(&object->swapped, page->index);
	spin_unlock(&object->pages.lock);
	if (!value)
		return -ENOENT;
	swap_entry_put(entry);
	return 0;
}

bool shmem_fault_wait(const struct vm_fault *fault)
{
	struct address_space *mapping = fault->area->mapping;
	swap_entry_t entry;
	struct page *page;

	if (!(fault->flags & FAULT_FLAG_MAY_UNLOCK) || mapping->ops != &shmem_aops || mapping->host)
		return false;
	entry = find_entry(container_of(mapping, struct shmem_object, pages), fault->pgoff);
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

/* --- going --- */

/* Forgets what is in swap of [@first, @last]. */
static void forget(struct shmem_object *object, unsigned long first, unsigned long last)
{
	unsigned long index = first;
	struct page *value;

	do {
		spin_lock(&object->pages.lock);
		value = page_tree_find_next(&object->swapped, &index);
		if (value && index > last)
			value = NULL;
		if (value)
			page_tree_remove(&object->swapped, index);
		spin_unlock(&object->pages.lock);
		if (value)
			swap_entry_put(to_entry(value));
		cond_resched();
	} while (value && ++index);
}

void shmem_punch_begin(struct shmem_object *object, unsigned long first, unsigned long last)
{
	spin_lock(&object->pages.lock);
	object->nr_punching++;
	spin_unlock(&object->pages.lock);
	forget(object, first, last);
}

void shmem_punch_end(struct shmem_object *object)
{
	spin_lock(&object->pages.lock);
	object->nr_punching--;
	spin_unlock(&object->pages.lock);
}

void shmem_swap_destroy(struct shmem_object *object)
{
	if (list_empty(&object->link))
		return;
	spin_lock(&objects_lock);
	list_del(&object->link);
	nr_objects--;
	spin_unlock(&objects_lock);
	forget(object, 0, ~0UL);
}

/* --- a device that goes --- */

/* The first of the list, which becomes the last, with a user more; NULL: it is just going. */
static struct shmem_object *next_object(void)
{
	struct shmem_object *object = NULL;

	spin_lock(&objects_lock);
	if (!list_empty(&objects)) {
		object = list_first_entry(&objects, struct shmem_object, link);
		list_move_tail(&object->link, &objects);
		if (!refcount_inc_not_zero(&object->users))
			object = NULL;
	}
	spin_unlock(&objects_lock);
	return object;
}

static bool next_on_device(struct shmem_object *object, unsigned int device, unsigned long *index)
{
	struct page *value;

	spin_lock(&object->pages.lock);
	do {
		value = page_tree_find_next(&object->swapped, index);
	} while (value && pte_swap_device(to_entry(value).pte) != device && ++*index);
	spin_unlock(&object->pages.lock);
	return value;
}

static int swap_in_object(struct shmem_object *object, unsigned int device)
{
	for (unsigned long index = 0; next_on_device(object, device, &index); index++) {
		struct page *page = read_cache_page(&object->pages, index, CACHE_ANYWHERE);

		if (IS_ERR(page))
			return (int)PTR_ERR(page);
		put_page(page);
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

	while (nr-- && !err) {
		struct shmem_object *object = next_object();

		if (!object)
			continue;
		err = swap_in_object(object, device);
		shmem_put(object);
	}
	return err;
}
