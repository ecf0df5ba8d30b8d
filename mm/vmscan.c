/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Reclaim: which pages go when memory is short, and how.
 *
 * Lists.  Pages come to the head of an inactive list and go from its end.  What is used meanwhile
 * gets a second chance; what is used again goes to the active list, which is long enough if it is
 * as long as the inactive one (longer on large machines), and from whose end pages fall back when
 * it is longer.  So a page that is used once, when a large file is read, passes the inactive list
 * and goes, and the active list does not notice.  What was read, evicted and read again in a short
 * time is active at once (mm/workingset.c).
 *
 *	new -> inactive -- used twice --> active -- not used for long --> inactive
 *	           |
 *	           +-- not used --> unmapped -> stored, if dirty -> freed
 *
 * How a page was used, when it comes to the end of the inactive list:
 *
 *	entries that used it	marked before	what becomes of it
 *	of private memory	any		active
 *	of a file, one		no		marked, stays inactive: perhaps it was only once
 *	of a file, one		yes		active
 *	of a file, several	any		active
 *	of a file, to execute	any		active
 *	none			any		goes
 *
 * read() and write() mark a page, too (mark_page_accessed()).
 *
 * How much of which list.  Pages of files are cheap to get back if they are read from front to
 * back, private memory is not, but may be used less; nobody knows beforehand.  Each kind has a
 * cost: what was looked at and had to stay, was written out, or came back soon.  Who cost less
 * lately is looked at more, weighted by vm_swappiness.  Without a free place in swap private memory
 * stays.
 *
 * Effort.  A turn begins with 1/4096 of each list and doubles as long as it does not find enough,
 * to the whole.  Shrinkers are asked in the same proportion.  So the work for a page that is freed
 * does not depend on how much memory there is.
 *
 * Nothing here waits for a lock of a page, or of a reverse mapping: the caller of the allocation
 * may hold it.  Dirty pages of files are not stored here either (mm/dirty.c), private ones are
 * handed to swap, which does not wait.  A turn that found mostly such pages waits for the disk a
 * while.
 *
 * Reserve.  Who reclaims has is_reclaiming: his own allocations do not reclaim again, and may use
 * all that is free.  Below half of the min mark all others wait for kswapd first (mm/kswapd.c).
 *
 * A page goes in two steps: out of all tables, and, when processors have forgotten it, to the disk
 * or to the free ones.  In between is one flush for up to LRU_BATCH pages, which stay locked as
 * long (mm/deferred_flush.c).
 *
 * Locks: as for page locks, all tried; lru.lock; mapping->lock.
 *
 * Source of the rules: Linux's mm/vmscan.c.
 */
#include <arch/tlb.h>
#include <oshit/bug.h>
#include <oshit/dirty.h>
#include <oshit/lru.h>
#include <oshit/math.h>
#include <oshit/mm.h>
#include <oshit/pagecache.h>
#include <oshit/rmap.h>
#include <oshit/sched.h>
#include <oshit/swap.h>
#include <oshit/vmscan.h>
#include <oshit/vmstat.h>
#include <oshit/workingset.h>

#include "deferred_flush.h"
#include "huge_memory.h"
#include "mapping.h"
#include "referenced.h"
#include "shmem.h"
#include "swap.h"
#include "user_page.h"
#include "vmscan.h"

#define NR_TRIES       16 /* turns that free nothing, before somebody may have to die */
#define WAIT_NS	       (100 * NSEC_PER_MSEC)
#define MAX_SWAPPINESS 200

unsigned long vm_swappiness = 60;

enum fate {
	FATE_STAY, /* another round of the inactive list */
	FATE_ACTIVATE,
	FATE_LOCKED, /* to those that nobody looks through: or it is of a file that never goes */
	FATE_GO, /* nobody uses it, or has it mapped any more: it can be stored, or freed */
	FATE_FREED, /* the caller's reference is the last */
	FATE_GONE, /* the page is not the caller's business any more, and neither his reference */
};

/* Some pages, which the caller has isolated, on their way out. */
struct eviction {
	struct scan_control *sc; /* in */
	struct deferred_flush flush;
	unsigned int nr_to_write; /* of those that wait for the flush */
	struct page *staying[LRU_BATCH]; /* go back to the lists */
	unsigned int nr_staying;
	unsigned long nr_freed; /* out */
};

/* --- one page: what it is used for --- */

/* What its use says, by the table above. The page is locked, unless it is private. */
static enum fate judge(struct page *page)
{
	struct page_references found;
	bool was_marked;

	page_references_get(page, &found);
	if (found.is_locked)
		return FATE_LOCKED;
	was_marked = test_and_clear_bit(PG_referenced, &page->flags);
	if (!found.nr)
		return FATE_GO;
	if (!page_has_flag(page, PG_file))
		return FATE_ACTIVATE;
	set_bit(PG_referenced, &page->flags);
	return was_marked || found.nr > 1 || found.is_code ? FATE_ACTIVATE : FATE_STAY;
}

/* Cannot go before it is stored: it is put aside, and comes back to the end of the inactive list
 * when it is. */
static enum fate wait_for_store(struct scan_control *sc, struct page *page)
{
	set_bit(PG_reclaim, &page->flags);
	sc->nr_not_clean++;
	return FATE_ACTIVATE;
}

/* --- one page: out of the tables --- */

struct discard_walk {
	struct rmap_walk walk;
	struct page *page;
	bool is_gone; /* out */
};

/*
 * Of the one entry that maps the page, and a clean one.  Once it is empty no processor writes to
 * the page: to set the dirty bit it looks at the entry again.  Nor can anybody get a reference.
 * Some may still read it, and who faults on the entry, or goes by it, waits for no page: so they
 * forget it before the table is unlocked.
 */
static bool discard_in_area(struct rmap_walk *walk, struct vm_area *area, unsigned long addr)
{
	struct discard_walk *discard = container_of(walk, struct discard_walk, walk);
	struct page *page = discard->page;
	pte_t *pte = NULL;

	if (addr >= area->start && addr < area->end && !mm_is_going(area->mm))
		pte = user_pte_find_lock(area->mm, addr);
	if (!pte)
		return true;
	/* The flag under the lock: mlock() sets it first, then looks what is there. */
	if (pte_counted_page(*pte) == page && !(*pte & PTE_DIRTY) && page_ref_count(page) == 2 &&
	    !(READ_ONCE(area->flags) & VM_LOCKED)) {
		pte_t old = xchg(pte, 0);

		discard->is_gone = !(old & PTE_DIRTY);
		if (!discard->is_gone)
			WRITE_ONCE(*pte, old);
	}
	if (discard->is_gone) {
		page_remove_map(page);
		WRITE_ONCE(area->mm->peak_pages, mm_peak_pages(area->mm));
		atomic64_dec(&area->mm->counters[MM_ANON_PAGES]);
		flush_tlb_mm_range(&area->mm->context, addr, addr);
	}
	user_pte_unlock(area->mm, pte);
	if (discard->is_gone)
		put_page(page);
	return !discard->is_gone;
}

/* A private page that was given up (MADV_FREE): zeros are as good, unless it was written since. */
static enum fate discard_page(struct page *page)
{
	struct discard_walk discard = { .walk.visit = discard_in_area, .page = page };

	if (page_map_count(page) == 1 && !page_has_flag(page, PG_dirty) &&
	    !page_in_swap_cache(page))
		rmap_walk_try(page, 1, &discard.walk);
	if (discard.is_gone)
		return FATE_FREED;
	clear_bit(PG_file, &page->flags);
	return FATE_ACTIVATE;
}

/* The permissions of who reclaims, but not his wishes. */
static gfp_t swap_gfp(const struct scan_control *sc)
{
	return (sc->gfp & GFP_KERNEL) | __GFP_NOWARN;
}

/* Finds a place in swap for what has none yet. */
static bool place_in_swap(struct eviction *eviction, struct page *page)
{
	gfp_t gfp = swap_gfp(eviction->sc);

	return page_is_anon(page) ? add_to_swap(page, gfp)
				  : shmem_add_to_swap(page, gfp, &eviction->flush);
}

/* Private memory, and files that have no other place. */
static enum fate unmap_to_swap(struct eviction *eviction, struct page *page)
{
	struct scan_control *sc = eviction->sc;

	if (!page_is_anon(page) && !page_in_swap_cache(page) && !shmem_may_go(page))
		return FATE_LOCKED;
	/* Room in a file that nobody has filled: the file keeps that. */
	if (!page_in_swap_cache(page) && shmem_drop_unfilled(page, swap_gfp(sc)))
		return FATE_FREED;
	/* Nobody names its slot any more: only who has a reference may still look at it. */
	if (page_in_swap_cache(page) && !page_is_mapped(page) && swap_cache_leave(page))
		return page_ref_count(page) == 1 ? FATE_FREED : FATE_STAY;
	if (!(sc->gfp & __GFP_IO))
		return FATE_STAY;
	/* Unmapped and not stored it would help nobody, and cost its users a fault. */
	if ((!page_in_swap_cache(page) || page_has_flag(page, PG_dirty)) &&
	    !swap_can_write(eviction->nr_to_write)) {
		sc->nr_not_clean++;
		return FATE_STAY;
	}
	if (!page_in_swap_cache(page) && !place_in_swap(eviction, page))
		return FATE_ACTIVATE;
	if (page_is_mapped(page) && !try_to_unmap(page, &eviction->flush))
		return FATE_ACTIVATE;
	eviction->nr_to_write += page_has_flag(page, PG_dirty);
	return FATE_GO;
}

static enum fate unmap_file_page(struct eviction *eviction, struct page *page)
{
	if (page_map_count(page) && !try_unmap_cached_page(page, &eviction->flush))
		return FATE_ACTIVATE;
	return FATE_GO;
}

/* It has left its file, or its program, or has not come there yet: it goes with the reference of
 * who has it, and nobody would look for it in swap. */
static bool is_nobodys(struct page *page)
{
	if (page_in_swap_cache(page))
		return false;
	return !page->mapping || (page_is_anon(page) && !page_is_mapped(page));
}

/* Takes a page that nobody uses out of all tables; processors may know it still. It is locked. */
static enum fate unmap_page(struct eviction *eviction, struct page *page)
{
	enum fate fate;

	if (is_nobodys(page))
		return FATE_STAY;
	fate = judge(page);
	if (fate == FATE_ACTIVATE)
		swap_cache_relax(page);
	if (fate != FATE_GO)
		return fate;
	if (page_has_flag(page, PG_file))
		return page_is_anon(page) ? discard_page(page) : unmap_file_page(eviction, page);
	return unmap_to_swap(eviction, page);
}

/* --- one page: out of memory --- */

/* Nobody maps it, and no processor knows it. *@is_locked: whether it still is. */
static enum fate store_or_free(struct scan_control *sc, struct page *page, bool *is_locked)
{
	if (page_has_flag(page, PG_file)) {
		if (page_has_flag(page, PG_dirty))
			return wait_for_store(sc, page);
		return drop_clean_page(page->mapping, page) ? FATE_FREED : FATE_STAY;
	}
	if (page_has_flag(page, PG_dirty)) {
		sc->nr_not_clean++;
		*is_locked = swap_writepage(page);
		return *is_locked ? FATE_ACTIVATE : FATE_STAY;
	}
	return swap_cache_free_page(page) ? FATE_FREED : FATE_STAY;
}

#ifdef CONFIG_THP
/* A huge page goes page by page: it is split if nobody uses any of it. */
static enum fate evict_huge_page(struct scan_control *sc, struct page *head)
{
	enum fate fate = judge(head);

	if (fate != FATE_GO)
		return fate;
	if (!(sc->gfp & __GFP_IO) || nr_free_swap_slots() < HUGE_PAGES)
		return FATE_ACTIVATE;
	if (!huge_page_try_split(head))
		return FATE_STAY;
	lru_isolated_freed(HUGE_PAGES);
	huge_page_put(head);
	return FATE_GONE;
}

static void put_isolated(struct page *page)
{
	if (page_has_flag(page, PG_huge))
		huge_page_put(page);
	else
		put_page(page);
}
#else
static enum fate evict_huge_page(struct scan_control *sc __maybe_unused,
				 struct page *head __maybe_unused)
{
	return FATE_STAY;
}

static void put_isolated(struct page *page)
{
	put_page(page);
}
#endif

/* --- lists --- */

static void putback(struct page **pages, unsigned int nr)
{
	if (!nr)
		return;
	lru_putback_pages(pages, nr);
	for (unsigned int i = 0; i < nr; i++)
		put_isolated(pages[i]);
}

static void count_scan(const struct scan_control *sc, bool is_file, unsigned long nr_scanned,
		       unsigned long nr_freed)
{
	vm_stat_add(sc->is_kswapd ? PGSCAN_KSWAPD : PGSCAN_DIRECT, (long)nr_scanned);
	vm_stat_add(sc->is_kswapd ? PGSTEAL_KSWAPD : PGSTEAL_DIRECT, (long)nr_freed);
	vm_stat_add(is_file ? PGSCAN_FILE : PGSCAN_ANON, (long)nr_scanned);
	vm_stat_add(is_file ? PGSTEAL_FILE : PGSTEAL_ANON, (long)nr_freed);
}

/* For a page that goes back to a list: which. */
static void mark_for_list(struct page *page, enum fate fate)
{
	if (fate == FATE_ACTIVATE) {
		set_bit(PG_active, &page->flags);
		vm_stat_add(PGACTIVATE, 1);
		workingset_age(1);
	} else if (fate == FATE_LOCKED) {
		set_bit(PG_unevictable, &page->flags);
		vm_stat_add(UNEVICTABLE_PGS_CULLED, 1);
	}
}

static void carry_out(struct eviction *eviction, struct page *page, enum fate fate)
{
	if (fate == FATE_GONE)
		return;
	if (fate == FATE_FREED) {
		lru_isolated_freed(1);
		put_page(page);
		eviction->nr_freed++;
		return;
	}
	mark_for_list(page, fate);
	eviction->staying[eviction->nr_staying++] = page;
}

/* No processor knows a translation that was taken away. The page is locked. */
static void end_eviction(struct eviction *eviction, struct page *page, enum fate fate)
{
	bool is_locked = true;

	if (fate == FATE_GO)
		fate = store_or_free(eviction->sc, page, &is_locked);
	if (is_locked) {
		unlock_page(page);
		swap_drop_orphan(page);
	}
	carry_out(eviction, page, fate);
}

/* As far as it goes without a flush. True: it waits for that, locked, with *@fate. */
static bool begin_eviction(struct eviction *eviction, struct page *page, enum fate *fate)
{
	unsigned int nr_before = nr_deferred(&eviction->flush);

	if (page_has_flag(page, PG_huge)) {
		carry_out(eviction, page, evict_huge_page(eviction->sc, page));
		return false;
	}
	if (page_has_flag(page, PG_writeback)) {
		carry_out(eviction, page, wait_for_store(eviction->sc, page));
		return false;
	}
	if (!trylock_page(page)) {
		carry_out(eviction, page, FATE_STAY);
		return false;
	}
	*fate = unmap_page(eviction, page);
	if (nr_deferred(&eviction->flush) != nr_before)
		return true;
	end_eviction(eviction, page, *fate);
	return false;
}

/* Pages that one flush does for. */
#define NR_UNMAPPED (IS_ENABLED(CONFIG_RECLAIM_TLB_BATCH) ? LRU_BATCH : 1)

/* Pages that were isolated: each goes, or goes back to a list; @pages serves to keep those that
 * wait. Return: how many are free. */
static unsigned long evict_pages(struct scan_control *sc, struct page **pages, unsigned int nr)
{
	struct eviction eviction = { .sc = sc };
	enum fate fates[LRU_BATCH];
	unsigned int nr_waiting = 0;

	for (unsigned int i = 0; i < nr; i++) {
		struct page *page = pages[i];

		if (begin_eviction(&eviction, page, &fates[nr_waiting]))
			pages[nr_waiting++] = page;
		cond_resched();
		if (nr_waiting < NR_UNMAPPED && i + 1 < nr)
			continue;
		deferred_flush_end(&eviction.flush);
		for (unsigned int j = 0; j < nr_waiting; j++)
			end_eviction(&eviction, pages[j], fates[j]);
		nr_waiting = 0;
		eviction.nr_to_write = 0;
	}
	putback(eviction.staying, eviction.nr_staying);
	return eviction.nr_freed;
}

static void shrink_inactive(struct scan_control *sc, enum lru_list list, unsigned int nr)
{
	struct lru_isolation isolation = { .list = list, .highest = sc->highest };
	unsigned int nr_taken = lru_isolate(&isolation, nr);
	unsigned long nr_freed = evict_pages(sc, isolation.pages, nr_taken);

	lru_note_cost(lru_is_file(list),
		      isolation.nr_scanned - min(isolation.nr_scanned, nr_freed));
	sc->nr_scanned += isolation.nr_scanned;
	sc->nr_reclaimed += nr_freed;
	count_scan(sc, lru_is_file(list), isolation.nr_scanned, nr_freed);
}

void reclaim_isolated(struct page **pages, unsigned int nr)
{
	struct scan_control sc = { .gfp = GFP_KERNEL, .highest = ZONE_NORMAL };
	bool was_reclaiming = current->is_reclaiming;

	current->is_reclaiming = true;
	evict_pages(&sc, pages, nr);
	current->is_reclaiming = was_reclaiming;
}

/* Of an active list: only code that is in use stays there. Its page is locked, if it can be. */
static enum fate judge_active(struct page *page)
{
	struct page_references found;

	if (page_has_flag(page, PG_file)) {
		if (!trylock_page(page))
			return FATE_STAY;
		page_references_get(page, &found);
		unlock_page(page);
	} else {
		page_references_get(page, &found);
	}
	if (found.is_locked)
		return FATE_LOCKED;
	return found.nr && found.is_code && page_has_flag(page, PG_file) ? FATE_ACTIVATE
									 : FATE_STAY;
}

static void shrink_active(struct scan_control *sc, enum lru_list list, unsigned int nr)
{
	struct lru_isolation isolation = { .list = list, .highest = sc->highest };
	unsigned int nr_taken = lru_isolate(&isolation, nr);
	long nr_deactivated = 0;

	for (unsigned int i = 0; i < nr_taken; i++) {
		struct page *page = isolation.pages[i];
		enum fate fate = judge_active(page);

		if (fate == FATE_ACTIVATE)
			continue;
		clear_bit(PG_active, &page->flags);
		if (fate == FATE_LOCKED)
			mark_for_list(page, fate);
		else
			nr_deactivated++;
	}
	putback(isolation.pages, nr_taken);
	vm_stat_add(PGREFILL, (long)isolation.nr_scanned);
	vm_stat_add(PGDEACTIVATE, nr_deactivated);
}

/* --- how much --- */

static unsigned long root_of(unsigned long n)
{
	unsigned long root = 0;

	while ((root + 1) * (root + 1) <= n)
		root++;
	return root;
}

/*
 * An inactive list is long enough if it is as long as the active one; on a large machine a smaller
 * part is, because there is more time to see that a page is used: sqrt(10 * GiB) times smaller.
 */
static bool inactive_is_low(bool is_file)
{
	unsigned long inactive = lru_nr_pages(is_file ? LRU_INACTIVE_FILE : LRU_INACTIVE_ANON);
	unsigned long active = lru_nr_pages(is_file ? LRU_ACTIVE_FILE : LRU_ACTIVE_ANON);
	unsigned long gib = (inactive + active) >> (30 - PAGE_SHIFT);

	return inactive * (gib ? root_of(10 * gib) : 1) < active;
}

/* Private pages that may go: as many as there are free slots, and those that have one. */
static unsigned long nr_swappable(void)
{
	return nr_free_swap_slots() + vm_stat_read(NR_SWAP_CACHED);
}

static bool can_swap(gfp_t gfp)
{
	return gfp & __GFP_IO && READ_ONCE(vm_swappiness) && nr_swappable() > LRU_BATCH;
}

/* Weights of the two kinds. */
static void weigh(const struct scan_control *sc, unsigned long weights[2])
{
	unsigned long swappiness = min(READ_ONCE(vm_swappiness), (unsigned long)MAX_SWAPPINESS);
	unsigned long anon, file;

	weights[0] = 0;
	weights[1] = 1;
	if (!can_swap(sc->gfp))
		return;
	if (!sc->priority) {
		weights[0] = 1;
		return;
	}
	lru_costs(&anon, &file);
	/* Each gets its share of the effort at least once in three times. */
	weights[0] = swappiness * (anon + file + 1) / (anon + (anon + file) / 3 + 1);
	weights[1] =
		(MAX_SWAPPINESS - swappiness) * (anon + file + 1) / (file + (anon + file) / 3 + 1);
}

static void plan(const struct scan_control *sc, unsigned long targets[NR_LRU_LISTS])
{
	unsigned long weights[2];

	weigh(sc, weights);
	for (enum lru_list list = 0; list < LRU_UNEVICTABLE; list++) {
		unsigned long size = lru_nr_pages(list), weight = weights[lru_is_file(list)];

		targets[list] = max(size >> sc->priority, min(size, RECLAIM_BATCH)) * weight /
				(weights[0] + weights[1]);
		if (weight && size && !targets[list])
			targets[list] = 1;
	}
}

static void shrink_list(struct scan_control *sc, enum lru_list list, unsigned long *target)
{
	unsigned int nr = (unsigned int)min(*target, (unsigned long)LRU_BATCH);

	*target -= nr;
	if (!nr)
		return;
	if (!lru_is_active(list))
		shrink_inactive(sc, list, nr);
	else if (inactive_is_low(lru_is_file(list)))
		shrink_active(sc, list, nr);
}

static bool is_done(const unsigned long targets[NR_LRU_LISTS])
{
	return !targets[LRU_INACTIVE_ANON] && !targets[LRU_INACTIVE_FILE] &&
	       !targets[LRU_ACTIVE_FILE];
}

static void shrink_lists(struct scan_control *sc)
{
	unsigned long targets[NR_LRU_LISTS];

	plan(sc, targets);
	while (!is_done(targets) && sc->nr_reclaimed < sc->nr_to_reclaim) {
		for (enum lru_list list = 0; list < LRU_UNEVICTABLE; list++)
			shrink_list(sc, list, &targets[list]);
		cond_resched();
	}
	/* Private memory ages even while it is not what is looked at. */
	if (can_swap(sc->gfp) && inactive_is_low(false))
		shrink_active(sc, LRU_ACTIVE_ANON, LRU_BATCH);
}

void reclaim_pass(struct scan_control *sc)
{
	bool was_reclaiming = current->is_reclaiming;

	current->is_reclaiming = true;
	shrink_lists(sc);
	sc->nr_reclaimed += shrink_in_proportion(sc->gfp, sc->priority);
	current->is_reclaiming = was_reclaiming;
	if (sc->nr_not_clean)
		flusher_wake();
}

unsigned long reclaimable_pages(gfp_t gfp)
{
	unsigned long nr = lru_nr_pages(LRU_INACTIVE_FILE) + lru_nr_pages(LRU_ACTIVE_FILE);

	if (can_swap(gfp))
		nr += min(lru_nr_pages(LRU_INACTIVE_ANON) + lru_nr_pages(LRU_ACTIVE_ANON),
			  nr_swappable());
	return nr + lru_nr_isolated();
}

void reclaim_throttle(const struct scan_control *sc)
{
	/* Who may not start I/O may be what the disk waits for. */
	if (sc->gfp & __GFP_IO && sc->nr_not_clean > sc->nr_scanned / 4)
		writeback_wait(WAIT_NS);
}

/* --- for himself --- */

/* One turn. Pages. */
static unsigned long reclaim_for(gfp_t gfp, unsigned int order)
{
	struct scan_control sc = {
		.gfp = gfp,
		.highest = gfp & __GFP_DMA32 ? ZONE_DMA32 : ZONE_NORMAL,
		.nr_to_reclaim = max(RECLAIM_BATCH, 1UL << order),
	};

	vm_stat_add(ALLOCSTALL, 1);
	lru_drain_all();
	for (int priority = RECLAIM_PRIORITY; priority >= 0; priority--) {
		sc.priority = (unsigned int)priority;
		sc.nr_scanned = 0;
		sc.nr_not_clean = 0;
		reclaim_pass(&sc);
		if (sc.nr_reclaimed >= sc.nr_to_reclaim || page_alloc_has_free(gfp, order))
			break;
		reclaim_throttle(&sc);
	}
	if (sc.nr_reclaimed)
		kswapd_retry();
	return sc.nr_reclaimed;
}

/* The hook of the page allocator. */
static unsigned long reclaim(gfp_t gfp, unsigned int order)
{
	unsigned long nr_freed = 0;

	if (kswapd_wait(gfp, order))
		return 1;
	if (!IS_ENABLED(CONFIG_DIRECT_RECLAIM))
		return kswapd_wait_turn(gfp, order) ? 1 : shrink_caches(gfp, SHRINK_BATCH);
	for (unsigned int i = gfp & __GFP_NORETRY ? 1 : NR_TRIES; i && !nr_freed; i--) {
		nr_freed = reclaim_for(gfp, order);
		if (!nr_freed && (!reclaimable_pages(gfp) || fatal_signal_pending(current)))
			break;
	}
	return nr_freed;
}

void reclaim_init(void)
{
	static const struct page_alloc_hooks hooks = {
		.reclaim = reclaim,
		.low = kswapd_wake,
	};

	kswapd_init();
	if (!IS_ENABLED(CONFIG_KSWAPD))
		workingset_enable();
	page_alloc_add_hooks(&hooks);
}
