/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The page cache: the pages of a file, or of shared anonymous memory, that are in memory, and the
 * areas that map them.  A struct address_space is embedded in what owns the data; the page cache
 * knows no inode.
 *
 * Who uses a page has a reference to it.  Its lock (lock_page()) says more: as long as it is held
 * the page stays in its mapping, it is not cleaned, and nobody else fills it.  The flags, all of
 * which change under it:
 *
 *	PG_uptodate	the contents are those of the file; before that nobody may see them
 *	PG_dirty	they are newer than what the file system has stored
 *
 * mm/filemap.c tells how pages come, mm/truncate.c how they go, mm/writeback.c how they are
 * stored.  Context of all functions here: task, may sleep, unless it says otherwise.
 */
#ifndef OSHIT_PAGECACHE_H
#define OSHIT_PAGECACHE_H

#include <oshit/interval_tree.h>
#include <oshit/list.h>
#include <oshit/math.h>
#include <oshit/page.h>
#include <oshit/page_tree.h>
#include <oshit/rwsem.h>
#include <oshit/spinlock.h>
#include <oshit/types.h>

struct address_space;
struct shmem_swap;
struct vm_area;
struct vm_fault;
struct vm_operations;

struct address_space_operations {
	/* Fills @page, locked and not up to date, with what belongs at page->index. May sleep.
	 * 0 or -errno. */
	int (*read_page)(struct address_space *mapping, struct page *page);
	/* Stores @page, locked, and has stored it on return. NULL: the pages are all there is, none
	 * is ever dirty. May sleep. 0 or -errno. */
	int (*write_page)(struct address_space *mapping, struct page *page);
	/* There is to be one page more, in memory or in swap. 0 or -ENOSPC. And one less. Any task,
	 * with spinlocks held. Both or neither. */
	int (*charge_page)(struct address_space *mapping);
	void (*uncharge_page)(struct address_space *mapping);
	/* The same for @nr of them, in the order of their indices, up to PAGE_BATCH; the result of
	 * each is in @errors. NULL: one by one. */
	void (*write_pages)(struct address_space *mapping, struct page **pages, int *errors,
			    unsigned int nr);
	/* Begins to fill @nr pages from @index on, those that nobody has begun to; waits for none.
	 * NULL: each is read when it is wanted. */
	void (*read_ahead)(struct address_space *mapping, unsigned long index, unsigned long nr);
};
#define PAGE_BATCH 32u

struct address_space { /* l: ->lock   m: ->i_mmap_lock   i: constant   a: atomic */
	spinlock_t lock;
	struct page_tree pages; /* l  a reference to each page */
	unsigned long nr_held; /* l  pages that are in memory, or have a place in swap */
	const struct address_space_operations *ops; /* i */
	u64 size; /* a  bytes, by the owner; accesses through mappings behind it: SIGBUS */
	void *host; /* i  of the owner: its inode, or NULL */
	u64 number; /* a  address_space_number(); 0: nobody has asked */
	struct rw_semaphore i_mmap_lock;
	struct interval_tree i_mmap; /* m  struct vm_area.mapped, in pages of the file */
	unsigned int nr_areas; /* m  in i_mmap */
	atomic_t writable; /* a  areas that may write to the pages; below 0: none may come */
	int error; /* a  of a write_page() that nobody has been told yet */
	struct list_head dirty; /* lock in mm/dirty.c  in its list, if it has dirty pages */
	unsigned long store_from; /* a  where filemap_write_some() goes on */
#ifdef CONFIG_SWAP
	struct shmem_swap *swap; /* i  of shared memory, <oshit/shmem.h>; NULL: none is in swap */
#endif
#ifdef CONFIG_MONITOR
	struct list_head cached; /* cached_lock  in cached_mappings, if it has pages */
#endif
};

#ifdef CONFIG_MONITOR
extern struct list_head cached_mappings; /* those that have pages */
#endif

/* page->private of the pages of shared anonymous memory, which are counted apart; else it is 0. */
#define PAGE_PRIVATE_SHMEM 1

void address_space_init(struct address_space *mapping, const struct address_space_operations *ops,
			void *host);

/* A number that no other mapping has or ever had. Any context. */
u64 address_space_number(struct address_space *mapping);

/* Pages up to the end of the file. Any context. */
static inline unsigned long mapping_nr_pages(const struct address_space *mapping)
{
	return DIV_ROUND_UP(READ_ONCE(mapping->size), PAGE_SIZE);
}

/* --- locks of pages: mm/page_lock.c --- */

void __lock_page(struct page *page);
void __unlock_page(struct page *page);
/* Sleeps until a page that the caller has locked is not being stored any more. */
void page_wait_writeback(struct page *page);
/* PG_writeback goes, and who waits for it is woken up. Any context but NMI. */
void page_end_writeback(struct page *page);
/* Boot. */
void page_lock_init(void);

static inline bool trylock_page(struct page *page)
{
	return !test_and_set_bit_lock(PG_locked, &page->flags);
}

static inline void lock_page(struct page *page)
{
	if (!trylock_page(page))
		__lock_page(page);
}

/* Any task, also with spinlocks held. */
static inline void unlock_page(struct page *page)
{
	unsigned long expected = READ_ONCE(page->flags);

	/* Nobody waits: one exchange. */
	if (expected & BIT(PG_waiters) ||
	    !__atomic_compare_exchange_n(&page->flags, &expected, expected & ~BIT(PG_locked), false,
					 __ATOMIC_RELEASE, __ATOMIC_RELAXED))
		__unlock_page(page);
}

/* What was written to the page before is seen by who finds it up to date. */
static inline bool page_is_uptodate(const struct page *page)
{
	return __atomic_load_n(&page->flags, __ATOMIC_ACQUIRE) & BIT(PG_uptodate);
}

static inline void page_set_uptodate(struct page *page)
{
	__atomic_fetch_or(&page->flags, BIT(PG_uptodate), __ATOMIC_RELEASE);
}

/* --- finding and filling: mm/filemap.c --- */

/* The page at @index with a reference for the caller, up to date or not; NULL: it is not in memory.
 * Any task. */
struct page *find_get_page(struct address_space *mapping, unsigned long index);
/* The same if it is up to date; waits for who fills it, and brings it back from swap. NULL: there
 * is none; ERR_PTR(-EIO, -ENOMEM): it is in swap. */
struct page *find_read_page(struct address_space *mapping, unsigned long index);
/* The same, locked. NULL: there is none, or it does not come. */
struct page *find_lock_page(struct address_space *mapping, unsigned long index);

/* The first byte from @pos on that a page has been filled for, and the first for which none has,
 * in memory and in swap; perhaps behind the end of the file. Holes of files whose pages are all
 * there is. */
u64 mapping_seek_data(struct address_space *mapping, u64 pos);
u64 mapping_seek_hole(struct address_space *mapping, u64 pos);

/* Where a new page may be. */
enum cache_bound {
	CACHE_IN_FILE, /* not behind the end of the file: -ERANGE, also if that moves meanwhile */
	CACHE_ANYWHERE, /* the caller keeps the end from moving */
	CACHE_IN_SWAP, /* where it is in swap: -ERANGE, also if it has come, or gone, meanwhile */
	CACHE_OFF_SWAP, /* the same, for a device that goes: nobody is killed for it */
};

/**
 * read_cache_page() - the page at @index, up to date, brought in if need be
 *
 * Of several who want the same page one reads it, the others wait for him.
 *
 * Return: the page with a reference for the caller; ERR_PTR(-ENOMEM, -ERANGE), or the error of
 * ops->read_page().
 */
struct page *read_cache_page(struct address_space *mapping, unsigned long index,
			     enum cache_bound bound);
/* The same, locked. */
struct page *lock_cache_page(struct address_space *mapping, unsigned long index,
			     enum cache_bound bound);
/* The same, but it may not be up to date: the caller fills it, or takes it out again. */
struct page *grab_cache_page(struct address_space *mapping, unsigned long index,
			     enum cache_bound bound);
/* A page at @index that nobody has filled, or begun to, locked; NULL: there is one, or no memory.
 * Waits for nobody. */
struct page *trygrab_new_page(struct address_space *mapping, unsigned long index,
			      enum cache_bound bound);
/* There is a page at @index afterwards, perhaps not up to date. 0 or -ENOMEM. */
int reserve_cache_page(struct address_space *mapping, unsigned long index);

/* The ->fault() of areas that have a ->mapping. */
int filemap_fault(struct vm_fault *fault);
/* And their ->fault_around(). */
void filemap_fault_around(struct vm_area *area, unsigned long pgoff, struct page **pages,
			  unsigned int nr);

/* --- areas: mm/mapping.c --- */

/* An area joins those of its ->mapping, moved its edges there, or leaves them; copy: it shows the
 * same pages as @original, which is there. i_mmap_lock held for writing. */
void mapping_add_area(struct vm_area *area);
void mapping_add_copy(struct vm_area *area, struct vm_area *original);
void mapping_move_area(struct vm_area *area);
void mapping_remove_area(struct vm_area *area);

enum unmap_what {
	UNMAP_CACHED, /* the pages of the cache */
	UNMAP_COPIES_TOO, /* and those that private mappings have made of them */
};
/* Takes the pages [@first, @last] of the file out of all page tables. */
void unmap_mapping_pages(struct address_space *mapping, unsigned long first, unsigned long last,
			 enum unmap_what what);

/*
 * One more, one less mapping that may write to the pages: an area that is shared and has
 * VM_MAYWRITE.  deny: there is to be none from now on.  Any task.  0; -EPERM: denied; -EBUSY: there
 * is one.
 */
int mapping_map_writable(struct address_space *mapping);
int mapping_deny_writable(struct address_space *mapping);

static inline void mapping_unmap_writable(struct address_space *mapping)
{
	atomic_dec(&mapping->writable);
}

/* --- going: mm/truncate.c --- */

/* Of mm/: takes the page at @index out of the tree. mapping->lock is held. */
struct page *take_from_tree(struct address_space *mapping, unsigned long index);
/* The same: an index has neither a page nor a place in swap any more. */
void uncharge_index(struct address_space *mapping);

/* Takes @page out of the cache. It is locked, mapped nowhere, and the caller has a reference. */
void remove_cache_page(struct address_space *mapping, struct page *page);

/**
 * truncate_pagecache() - forget what lies behind the end of the file
 *
 * The owner has set the new size before; he keeps others from changing it, and from writing.
 * Afterwards nobody has a page behind the end mapped, a copy of one included, and the last page is
 * zeros behind the end.
 */
void truncate_pagecache(struct address_space *mapping);
/* Zeros in the place of bytes [@start, @end): whole pages go, the others are overwritten. */
void punch_pagecache(struct address_space *mapping, u64 start, u64 end);
/* Takes back what reserve_cache_page() has put into [@first, @last] and nobody has filled since. */
void unreserve_cache_pages(struct address_space *mapping, unsigned long first, unsigned long last);
/* Takes pages [@first, @last] out of the cache and all page tables, dirty ones too. */
void invalidate_cache_pages(struct address_space *mapping, unsigned long first,
			    unsigned long last);
/* @bytes have been stored at @pos, past the cache: a page that nobody has changed leaves it, others
 * get the new bytes, and stay dirty. Context: task; waits for pages that are being stored. */
void overwrite_cache_pages(struct address_space *mapping, u64 pos, const void *bytes, size_t len);
/* Frees up to @nr pages that are clean and that nobody uses, from *@index on, which is moved on, to
 * 0 at the end. Waits for no page. Return: how many. */
unsigned long drop_clean_pages(struct address_space *mapping, unsigned long *index,
			       unsigned long nr);
/* The same of one page, locked, with a reference of the caller's. False: somebody uses it. */
bool drop_clean_page(struct address_space *mapping, struct page *page);
/* The last of a mapping: nobody else knows it, nothing maps it. */
void evict_pagecache(struct address_space *mapping);

/* --- storing: mm/writeback.c --- */

static inline bool mapping_tracks_dirty(const struct address_space *mapping)
{
	return mapping->ops && mapping->ops->write_page;
}

/* The page, locked, has been written to, or is about to be. Does nothing where no page is ever
 * dirty. */
void set_page_dirty(struct page *page);

/**
 * filemap_write_and_wait() - store the dirty pages [@first, @last]
 * What is written to them from now on makes them dirty again.
 * Return: 0, or an error of ops->write_page(), now or earlier if nobody was told.
 */
int filemap_write_and_wait(struct address_space *mapping, unsigned long first, unsigned long last);

/* Stores about @nr dirty pages, from where it was last on. An error is left for who asks for it by
 * the above. Return: how many. */
unsigned long filemap_write_some(struct address_space *mapping, unsigned long nr);

#endif
