/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Lists of pages by how lately they were used.
 *
 * There is one set of lists for all of the machine, not one for each zone.  What makes a page worth
 * keeping is when it was used, not where it lies; and nearly all requests can be served from any
 * zone.  For the rare one that cannot a scan passes over the pages of other zones.
 *
 * A list holds no references, so a page is freed when its last user lets it go, and who asks
 * whether a page is his alone need not know of the lists.  Instead the last put_page() takes the
 * page off:
 *
 *	last put		refs 0, then takes the lock, takes the page off, frees it
 *	scan			takes the lock; passes over a page with refs 0, else adds one
 *
 * Pages come through batches, one of each CPU, so that the lock is taken for LRU_BATCH of them.  A
 * page in a batch has PG_lru like one on a list, and page->lru tells its slot, so that it can be
 * taken off from there just as well:
 *
 *	on a list	lru.prev, lru.next	as usual
 *	in a batch	lru.prev NULL		lru.next is the address of the slot
 *
 * Only the CPU itself puts pages into slots, one after the other, with preemption off: first the
 * page, then PG_lru.  Slots are emptied by anybody, under the lock, if the page has PG_lru.  So
 * what another CPU empties in between is a hole, and no more; a batch that is full goes to the
 * lists and begins again.
 *
 * PG_lru, and the flags that choose the list of a page that has it, change under the lock, by
 * atomic operations, for other flags change without.
 *
 * Locks: lru.lock, interrupts off; nothing is taken inside.
 */
#include <oshit/bug.h>
#include <oshit/cpumask.h>
#include <oshit/gfp.h>
#include <oshit/list.h>
#include <oshit/lru.h>
#include <oshit/pagecache.h>
#include <oshit/percpu.h>
#include <oshit/preempt.h>
#include <oshit/rmap.h>
#include <oshit/spinlock.h>
#include <oshit/thp.h>
#include <oshit/vmstat.h>
#include <oshit/workingset.h>

struct lru_batch {
	unsigned int nr; /* slots that were filled; its CPU's */
	struct page *pages[LRU_BATCH];
};

static DEFINE_PER_CPU(struct lru_batch, lru_batch);

static struct {
	raw_spinlock_t lock;
	struct list_head lists[NR_LRU_LISTS]; /* the last was used longest ago */
	unsigned long nr[NR_LRU_LISTS]; /* pages */
	unsigned long costs[2]; /* of anon, of file: lru_note_cost() */
} lru = {
	.lock = RAW_SPINLOCK_INIT,
	.lists = {
		LIST_HEAD_INIT(lru.lists[LRU_INACTIVE_ANON]),
		LIST_HEAD_INIT(lru.lists[LRU_ACTIVE_ANON]),
		LIST_HEAD_INIT(lru.lists[LRU_INACTIVE_FILE]),
		LIST_HEAD_INIT(lru.lists[LRU_ACTIVE_FILE]),
		LIST_HEAD_INIT(lru.lists[LRU_UNEVICTABLE]),
	},
};
static atomic64_t nr_isolated; /* pages */

static_assert(PG_file == PG_active + 1 && PG_unevictable == PG_active + 2, "numbers of lists");

static __always_inline enum lru_list list_of_flags(unsigned long flags)
{
	enum lru_list list = flags >> PG_active & 7;

	return list < LRU_UNEVICTABLE ? list : LRU_UNEVICTABLE;
}

static __always_inline unsigned long pages_of_flags(unsigned long flags)
{
	return IS_ENABLED(CONFIG_THP) && unlikely(flags & BIT(PG_huge)) ? HUGE_PAGES : 1;
}

static unsigned long pages_of(const struct page *page)
{
	return pages_of_flags(READ_ONCE(page->flags));
}

static enum lru_list list_of(const struct page *page)
{
	return list_of_flags(READ_ONCE(page->flags));
}

static void clear_flags(struct page *page, unsigned long flags)
{
	__atomic_fetch_and(&page->flags, ~flags, __ATOMIC_RELAXED);
}

/* --- under the lock --- */

enum place {
	PLACE_HEAD, /* of the list: was used last */
	PLACE_END, /* is looked at next */
};

/* @flags: those of the page. */
static __always_inline void link_by_flags(struct page *page, unsigned long flags, enum place place)
{
	enum lru_list list = list_of_flags(flags);

	if (place == PLACE_HEAD)
		list_add(&page->lru, &lru.lists[list]);
	else
		list_add_tail(&page->lru, &lru.lists[list]);
	lru.nr[list] += pages_of_flags(flags);
}

static __always_inline void link_page(struct page *page, enum place place)
{
	link_by_flags(page, READ_ONCE(page->flags), place);
}

static bool is_in_batch(const struct page *page)
{
	return !page->lru.prev;
}

/* Of a page with PG_lru, which it keeps. */
static __always_inline void unlink_page(struct page *page)
{
	unsigned long flags = READ_ONCE(page->flags);

	if (is_in_batch(page)) {
		WRITE_ONCE(*(struct page **)page->lru.next, NULL);
	} else {
		list_del(&page->lru);
		lru.nr[list_of_flags(flags)] -= pages_of_flags(flags);
	}
}

/* The same of one that is being freed: what it leaves behind in page->lru does not matter. */
static __always_inline void unlink_dead(struct page *page, unsigned long flags)
{
	if (is_in_batch(page)) {
		WRITE_ONCE(*(struct page **)page->lru.next, NULL);
	} else {
		__list_del(page->lru.prev, page->lru.next);
		lru.nr[list_of_flags(flags)] -= pages_of_flags(flags);
	}
}

static void empty_batch(struct lru_batch *batch)
{
	for (unsigned int i = 0; i < LRU_BATCH; i++) {
		struct page *page = READ_ONCE(batch->pages[i]);
		unsigned long flags;

		if (!page)
			continue;
		flags = READ_ONCE(page->flags);
		/* Without the flag it is just being put there. */
		if (!(flags & BIT(PG_lru)))
			continue;
		WRITE_ONCE(batch->pages[i], NULL);
		link_by_flags(page, flags, PLACE_HEAD);
	}
}

/* --- coming --- */

static noinline void flush_batch(struct lru_batch *batch)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&lru.lock, flags);
	empty_batch(batch);
	batch->nr = 0;
	raw_spin_unlock_irqrestore(&lru.lock, flags);
}

/* Preemption is off between these two. */
static __always_inline struct lru_batch *put_into_batch(struct page *page)
{
	struct lru_batch *batch;

	preempt_disable();
	batch = this_cpu_ptr(&lru_batch);
	page->lru.prev = NULL;
	page->lru.next = (struct list_head *)&batch->pages[batch->nr];
	/* Who empties slots sees where it is, and that it is not there yet. */
	smp_store_release(&batch->pages[batch->nr], page);
	batch->nr++;
	return batch;
}

static __always_inline void leave_batch(struct lru_batch *batch)
{
	if (unlikely(batch->nr == LRU_BATCH))
		flush_batch(batch);
	preempt_enable();
}

bool lru_page_is_file(const struct page *page)
{
	const struct address_space *mapping = READ_ONCE(page->mapping);

	return mapping && !page_is_anon(page) && mapping_tracks_dirty(mapping);
}

void lru_add(struct page *page)
{
	struct lru_batch *batch;

	if (lru_page_is_file(page))
		set_bit(PG_file, &page->flags);
	batch = put_into_batch(page);
	__atomic_fetch_or(&page->flags, BIT(PG_lru), __ATOMIC_RELEASE);
	leave_batch(batch);
}

void lru_add_new(struct page *page)
{
	struct lru_batch *batch = put_into_batch(page);

	/* Nobody else changes flags of a page that he does not know. */
	smp_store_release(&page->flags, page->flags | BIT(PG_lru));
	leave_batch(batch);
}

void lru_drain_all(void)
{
	unsigned long flags;
	unsigned int cpu;

	raw_spin_lock_irqsave(&lru.lock, flags);
	for_each_possible_cpu(cpu)
		if (percpu_exists(cpu))
			empty_batch(per_cpu_ptr(&lru_batch, cpu));
	raw_spin_unlock_irqrestore(&lru.lock, flags);
}

/* --- going --- */

void lru_del_pages(struct page **pages, unsigned int nr)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&lru.lock, flags);
	for (unsigned int i = 0; i < nr; i++) {
		struct page *page = pages[i];
		unsigned long old = READ_ONCE(page->flags);

		if (likely(old & BIT(PG_lru)))
			unlink_dead(page, old);
		/* Nobody else finds it any more. */
		page->flags = old & ~LRU_FLAGS;
	}
	raw_spin_unlock_irqrestore(&lru.lock, flags);
}

void lru_del(struct page *page)
{
	lru_del_pages(&page, 1);
}

/* --- moving --- */

struct move {
	unsigned long change; /* flags that become ... */
	unsigned long value; /* ... what this says */
	enum place place; /* of one in a batch its CPU decides */
};

/* Under the lock. False: the page is on no list, nothing changes. */
static bool move_locked(struct page *page, const struct move *move)
{
	bool is_linked;

	if (!page_has_flag(page, PG_lru))
		return false;
	is_linked = !is_in_batch(page);
	if (is_linked)
		unlink_page(page);
	clear_flags(page, move->change & ~move->value);
	__atomic_fetch_or(&page->flags, move->value, __ATOMIC_RELAXED);
	if (is_linked)
		link_page(page, move->place);
	return true;
}

static bool move_page(struct page *page, const struct move *move)
{
	unsigned long flags;
	bool is_listed;

	raw_spin_lock_irqsave(&lru.lock, flags);
	is_listed = move_locked(page, move);
	raw_spin_unlock_irqrestore(&lru.lock, flags);
	return is_listed;
}

static noinline void activate(struct page *page)
{
	static const struct move to_active = { BIT(PG_active) | BIT(PG_referenced), BIT(PG_active),
					       PLACE_HEAD };

	if (!move_page(page, &to_active))
		return;
	workingset_age(1);
	vm_stat_add(PGACTIVATE, 1);
}

void mark_page_accessed(struct page *page)
{
	unsigned long flags = READ_ONCE(page->flags);

	if (!(flags & BIT(PG_referenced)))
		set_bit(PG_referenced, &page->flags);
	else if (!(flags & (BIT(PG_active) | BIT(PG_unevictable))))
		activate(page);
}

void lru_mlock(struct page *page)
{
	static const struct move to_unevictable = { BIT(PG_unevictable) | BIT(PG_active),
						    BIT(PG_unevictable), PLACE_HEAD };

	if (!page_has_flag(page, PG_unevictable))
		move_page(page, &to_unevictable);
}

void lru_munlock(struct page *page)
{
	static const struct move to_evictable = { BIT(PG_unevictable), 0, PLACE_HEAD };

	if (page_has_flag(page, PG_unevictable))
		move_page(page, &to_evictable);
}

void lru_deactivate(struct page *page)
{
	static const struct move to_inactive = { BIT(PG_active) | BIT(PG_referenced), 0,
						 PLACE_END };

	if (move_page(page, &to_inactive))
		vm_stat_add(PGDEACTIVATE, 1);
}

void lru_make_discardable(struct page *page)
{
	static const struct move to_discardable = {
		BIT(PG_active) | BIT(PG_referenced) | BIT(PG_file), BIT(PG_file), PLACE_END
	};

	if (move_page(page, &to_discardable))
		vm_stat_add(PGDEACTIVATE, 1);
}

void lru_writeback_end(struct page *page)
{
	static const struct move to_be_freed = { BIT(PG_active), 0, PLACE_END };
	unsigned long flags;

	if (!page_has_flag(page, PG_reclaim))
		return;
	raw_spin_lock_irqsave(&lru.lock, flags);
	if (!page_has_flag(page, PG_unevictable) && move_locked(page, &to_be_freed))
		vm_stat_add(PGROTATED, 1);
	clear_flags(page, BIT(PG_reclaim));
	raw_spin_unlock_irqrestore(&lru.lock, flags);
}

/* --- isolating --- */

int isolate_lru_page(struct page *page)
{
	unsigned long flags;
	int err = -EBUSY;

	raw_spin_lock_irqsave(&lru.lock, flags);
	if (page_has_flag(page, PG_lru) && !page_has_flag(page, PG_huge)) {
		unlink_page(page);
		clear_flags(page, BIT(PG_lru));
		atomic_inc(&page->refcount);
		atomic64_inc(&nr_isolated);
		err = 0;
	}
	raw_spin_unlock_irqrestore(&lru.lock, flags);
	return err;
}

void lru_putback_pages(struct page **pages, unsigned int nr)
{
	unsigned long flags, nr_pages = 0;

	raw_spin_lock_irqsave(&lru.lock, flags);
	for (unsigned int i = 0; i < nr; i++) {
		__atomic_fetch_or(&pages[i]->flags, BIT(PG_lru), __ATOMIC_RELAXED);
		link_page(pages[i], PLACE_HEAD);
		nr_pages += pages_of(pages[i]);
	}
	raw_spin_unlock_irqrestore(&lru.lock, flags);
	atomic64_sub((s64)nr_pages, &nr_isolated);
}

void lru_isolated_freed(unsigned long nr)
{
	atomic64_sub((s64)nr, &nr_isolated);
}

void putback_lru_page(struct page *page)
{
	lru_putback_pages(&page, 1);
	put_page(page);
}

static bool try_get(struct page *page)
{
	if (IS_ENABLED(CONFIG_THP) && page_has_flag(page, PG_huge))
		return atomic_inc_not_zero(&page->whole_refs);
	return atomic_inc_not_zero(&page->refcount);
}

unsigned int lru_isolate(struct lru_isolation *isolation, unsigned int nr)
{
	struct list_head *list = &lru.lists[isolation->list];
	unsigned long flags, nr_pages = 0;
	unsigned int nr_taken = 0;

	raw_spin_lock_irqsave(&lru.lock, flags);
	for (unsigned int i = 0; i < nr && !list_empty(list); i++) {
		struct page *page = list_last_entry(list, struct page, lru);

		isolation->nr_scanned += pages_of(page);
		/* One that is just being freed, or is of no use. */
		if (page_zone_id(page) > isolation->highest || !try_get(page)) {
			list_move(&page->lru, list);
			continue;
		}
		unlink_page(page);
		clear_flags(page, BIT(PG_lru));
		nr_pages += pages_of(page);
		isolation->pages[nr_taken++] = page;
	}
	raw_spin_unlock_irqrestore(&lru.lock, flags);
	atomic64_add((s64)nr_pages, &nr_isolated);
	return nr_taken;
}

/* --- huge pages --- */

/* Called before the head loses PG_huge. */
void lru_forget_huge(struct page *head)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&lru.lock, flags);
	if (page_has_flag(head, PG_lru))
		unlink_page(head);
	clear_flags(head, LRU_FLAGS);
	raw_spin_unlock_irqrestore(&lru.lock, flags);
}

/* Takes @nr pages off, all or none: who scans has one of them isolated, then. */
bool lru_take_row(struct page *first, unsigned int nr)
{
	unsigned long flags;
	bool all = true;

	raw_spin_lock_irqsave(&lru.lock, flags);
	for (unsigned int i = 0; i < nr && all; i++)
		all = page_has_flag(first + i, PG_lru);
	for (unsigned int i = 0; i < nr && all; i++) {
		unlink_page(first + i);
		clear_flags(first + i, LRU_FLAGS);
	}
	raw_spin_unlock_irqrestore(&lru.lock, flags);
	return all;
}

/* And back. */
void lru_give_row(struct page *first, unsigned int nr)
{
	for (unsigned int i = 0; i < nr; i++)
		lru_add(first + i);
}

/* --- what there is --- */

/* Both are halved when they become more than a quarter of what there is: what is long ago counts
 * ever less. */
void lru_note_cost(bool is_file, unsigned long nr)
{
	unsigned long flags, nr_pages = 0;

	raw_spin_lock_irqsave(&lru.lock, flags);
	lru.costs[is_file] += nr;
	for (enum lru_list list = LRU_INACTIVE_ANON; list < LRU_UNEVICTABLE; list++)
		nr_pages += lru.nr[list];
	if (lru.costs[0] + lru.costs[1] > nr_pages / 4) {
		lru.costs[0] /= 2;
		lru.costs[1] /= 2;
	}
	raw_spin_unlock_irqrestore(&lru.lock, flags);
}

void lru_costs(unsigned long *anon, unsigned long *file)
{
	*anon = READ_ONCE(lru.costs[0]);
	*file = READ_ONCE(lru.costs[1]);
}

unsigned long lru_nr_pages(enum lru_list list)
{
	return READ_ONCE(lru.nr[list]);
}

unsigned long lru_nr_isolated(void)
{
	return (unsigned long)atomic64_read(&nr_isolated);
}

static unsigned int verify_list(enum lru_list list)
{
	unsigned long nr = 0;
	unsigned int nr_wrong = 0;
	struct page *page;

	list_for_each_entry(page, &lru.lists[list], lru) {
		nr += pages_of(page);
		nr_wrong += !page_has_flag(page, PG_lru) || list_of(page) != list;
	}
	return nr_wrong + (nr != lru.nr[list]);
}

unsigned int lru_verify_stopped(void)
{
	unsigned int nr_wrong = 0;

	for (enum lru_list list = 0; list < NR_LRU_LISTS; list++)
		nr_wrong += verify_list(list);
	return nr_wrong;
}

unsigned int lru_verify(void)
{
	unsigned int nr_wrong;
	unsigned long flags;

	raw_spin_lock_irqsave(&lru.lock, flags);
	nr_wrong = lru_verify_stopped();
	raw_spin_unlock_irqrestore(&lru.lock, flags);
	return nr_wrong;
}
