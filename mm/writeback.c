/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Which pages of files must be stored, and storing them.
 *
 * A page is dirty if its contents are newer than what its file system has stored: PG_dirty, and a
 * tag in the tree by which such pages are found.  write(2) says so when it has copied; a program
 * that writes through a mapping says nothing, so its first write must fault.  Pages of a shared
 * mapping are mapped read-only as long as they are clean, whatever the area permits; the fault that
 * a write takes makes the page dirty, with the page locked, before it makes the entry writable
 * (mm/fault.c).  The rule, which holds while the page is not locked:
 *
 *	an entry that permits writing  =>  PG_dirty
 *
 * Storing takes the lock, write-protects all entries, flushes, then clears PG_dirty and hands the
 * page to the file system.  A write before the flush is in what is stored; one after it faults,
 * waits for the lock, and makes the page dirty again.
 *
 * The tag stays until the page is stored.  So whoever stores the same pages meanwhile finds them by
 * it, waits for their locks, and does not return before they are stored, whoever did it.
 *
 * Where a file system stores many pages better than one, up to PAGE_BATCH are handed to it
 * together, all locked; after the first only pages whose lock is free are added.
 *
 * A file system in memory has no write_page(): none of its pages is ever dirty, and its mappings
 * are writable from the first fault on.
 *
 * Without CONFIG_DIRTY_FAULTS entries are never write-protected.  Then a page counts as dirty from
 * when it is mapped writable until nobody has it mapped any more, and is stored each time.
 *
 * Locks: the page's, then i_mmap_lock for the entries, mapping->lock for the tag.
 */
#include <linux/errno.h>
#include <oshit/dirty.h>
#include <oshit/gfp.h>
#include <oshit/lru.h>
#include <oshit/mm.h>
#include <oshit/pagecache.h>
#include <oshit/sched.h>
#include <oshit/vmstat.h>

#include "mm_internal.h"
#include "mapping.h"

void set_page_dirty(struct page *page)
{
	struct address_space *mapping = READ_ONCE(page->mapping);

	if (!mapping || !mapping_tracks_dirty(mapping) || test_and_set_bit(PG_dirty, &page->flags))
		return;
	spin_lock(&mapping->lock);
	if (page->mapping == mapping) {
		page_tree_set_tag(&mapping->pages, page->index, PAGE_TAG_DIRTY);
		dirty_note_mapping(mapping);
	}
	spin_unlock(&mapping->lock);
	vm_stat_add(NR_FILE_DIRTY, 1);
	vm_stat_add(NR_DIRTIED, 1);
	mm_count_stored(PAGE_SIZE);
}

/* Of a page that has been stored. */
static void clear_dirty_tag(struct address_space *mapping, struct page *page)
{
	spin_lock(&mapping->lock);
	if (!page_has_flag(page, PG_dirty))
		page_tree_clear_tag(&mapping->pages, page->index, PAGE_TAG_DIRTY);
	dirty_note_mapping(mapping);
	spin_unlock(&mapping->lock);
}

struct write_batch {
	struct address_space *mapping;
	struct page *pages[PAGE_BATCH]; /* locked, with a reference, clean from now on */
	int errors[PAGE_BATCH];
	unsigned int nr;
	unsigned long nr_stored; /* of all batches, tried ones included */
};

static void end_store(struct write_batch *batch, struct page *page, int err)
{
	if (err || (!IS_ENABLED(CONFIG_DIRTY_FAULTS) && page_map_count(page)))
		set_page_dirty(page);
	if (err)
		WRITE_ONCE(batch->mapping->error, err);
	clear_dirty_tag(batch->mapping, page);
	clear_bit(PG_writeback, &page->flags);
	vm_stat_add(NR_WRITEBACK, -1);
	vm_stat_add(NR_WRITTEN, 1);
	lru_writeback_end(page);
	unlock_page(page);
	put_page(page);
	writeback_progress();
}

static void store_batch(struct write_batch *batch)
{
	struct address_space *mapping = batch->mapping;

	if (mapping->ops->write_pages && batch->nr)
		mapping->ops->write_pages(mapping, batch->pages, batch->errors, batch->nr);
	else if (batch->nr)
		batch->errors[0] = mapping->ops->write_page(mapping, batch->pages[0]);
	for (unsigned int i = 0; i < batch->nr; i++)
		end_store(batch, batch->pages[i], batch->errors[i]);
	batch->nr = 0;
}

/* Of a page that is locked. */
static void add_to_batch(struct write_batch *batch, struct page *page)
{
	if (page->mapping != batch->mapping || !page_has_flag(page, PG_dirty)) {
		unlock_page(page);
		put_page(page);
		return;
	}
	if (IS_ENABLED(CONFIG_DIRTY_FAULTS))
		page_write_protect(page);
	clear_bit(PG_dirty, &page->flags);
	vm_stat_add(NR_FILE_DIRTY, -1);
	vm_stat_add(NR_WRITEBACK, 1);
	set_bit(PG_writeback, &page->flags);
	batch->pages[batch->nr++] = page;
	batch->nr_stored++;
	if (!batch->mapping->ops->write_pages || batch->nr == PAGE_BATCH)
		store_batch(batch);
}

static struct page *next_dirty_page(struct address_space *mapping, unsigned long *index,
				    unsigned long last)
{
	struct page *page;

	spin_lock(&mapping->lock);
	page = page_tree_find_tagged(&mapping->pages, index, PAGE_TAG_DIRTY);
	if (page && *index > last)
		page = NULL;
	if (page)
		get_page(page);
	spin_unlock(&mapping->lock);
	return page;
}

/* Pages from *@index on, up to @last; *@index goes behind the last. */
static void store_pages(struct write_batch *batch, unsigned long *index, unsigned long last,
			unsigned long nr)
{
	struct page *page;

	while (batch->nr_stored < nr && (page = next_dirty_page(batch->mapping, index, last))) {
		/* With pages locked, no other is waited for. */
		if (batch->nr && !trylock_page(page)) {
			store_batch(batch);
			lock_page(page);
		} else if (!batch->nr) {
			lock_page(page);
		}
		add_to_batch(batch, page);
		++*index;
		cond_resched();
	}
	store_batch(batch);
}

int filemap_write_and_wait(struct address_space *mapping, unsigned long first, unsigned long last)
{
	struct write_batch batch = { .mapping = mapping };

	if (!mapping_tracks_dirty(mapping))
		return 0;
	store_pages(&batch, &first, last, ~0UL);
	return __atomic_exchange_n(&mapping->error, 0, __ATOMIC_RELAXED);
}

unsigned long filemap_write_some(struct address_space *mapping, unsigned long nr)
{
	unsigned long start = READ_ONCE(mapping->store_from), index = start;
	struct write_batch batch = { .mapping = mapping };

	if (!mapping_tracks_dirty(mapping))
		return 0;
	store_pages(&batch, &index, ~0UL, nr);
	if (batch.nr_stored < nr && start) {
		index = 0;
		store_pages(&batch, &index, start - 1, nr);
	}
	WRITE_ONCE(mapping->store_from, index);
	return batch.nr_stored;
}
