/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Page allocator.  Each CPU keeps a few single pages in an array used as a stack, so that most
 * calls take no lock and find a page that is warm in the cache.  The array is filled from the zones
 * and emptied into them in batches; larger blocks come from the zones (mm/buddy.c) each time.
 *
 * A request tries the zones from the best it may use downwards, first as long as they stay above
 * their low mark; then it wakes kswapd, and tries as long as they stay above min.  Then it reclaims
 * if it may sleep, tries again, and as the last resort asks whoever kills tasks.  It never waits
 * for memory that nobody is about to free.  Who reclaims may allocate for that, down to the last
 * page.
 *
 * Who may touch a CPU's list: code on that CPU, between pcp_enter() and pcp_leave(), as told in
 * mm/cpu_claim.h; who finds it taken uses the zones.  The list of a CPU that is off belongs to the
 * one that took it off.  With PAGE_PREFILL a thread of each CPU fills its list when that is low,
 * from below, so that the warm pages stay on top (page_prefill()); with PAGE_PREZERO some of the
 * free pages hold zeros (mm/page_stock.c).
 *
 * A page: free (on a zone's list, or on a CPU's: no reference) -> allocated with one reference ->
 * more by get_page() -> freed by the last put_page(), or by __free_pages() of its only owner.
 *
 * With DEBUG_PAGE_GUARD a few requests are served by mm/page_guard.c instead of the zones.
 *
 * Locks: zone->lock, interrupts off, for the free lists.  Left out: mobility, compaction, NUMA.
 */

#define pr_fmt(fmt) "page_alloc: " fmt

#include <arch/page_ops.h>
#include <oshit/clock.h>
#include <oshit/bug.h>
#include <oshit/fail_alloc.h>
#include <oshit/init.h>
#include <oshit/kasan.h>
#include <oshit/lockdep.h>
#include <oshit/lru.h>
#include <oshit/math.h>
#include <oshit/page_stock.h>
#include <oshit/percpu.h>
#include <oshit/preempt.h>
#include <oshit/printk.h>
#include <oshit/sched.h>
#include <oshit/shrinker.h>
#include <oshit/stacktrace.h>
#include <oshit/string.h>

#include "cpu_claim.h"
#include "page_alloc.h"
#include "page_debug.h"
#include "page_guard.h"

#define PCP_CAPACITY	128 /* pages: 512 KiB a CPU, and 64 pages each time a lock is taken */
#define PCP_MIN		8 /* on the smallest machine */
#define PCP_SHARE	512 /* a CPU keeps at most this part of all memory */
#define NR_PAGE_ROUNDS	64 /* of reclaim, as long as they free something: for a page */
#define NR_BLOCK_ROUNDS 8 /* and for a block */
#define MAX_OOM_ORDER	3 /* nobody is killed for larger blocks: their users can do without */

struct page_cpu_list { /* c: this CPU, between pcp_enter() and pcp_leave() */
	cpu_claim_t claim;
	unsigned int nr; /* c */
	unsigned int reserve; /* c  down to here without a look; then the filler is woken */
	unsigned long nr_taken; /* c  since boot */
	unsigned long nr_prefilled; /* c  since boot */
	struct task_struct *filler; /* set once; NULL: none */
	struct page *pages[PCP_CAPACITY]; /* c  the last is the warmest */
};

struct page_request {
	gfp_t gfp; /* in */
	unsigned int order; /* in */
	enum watermark mark; /* in   below which no zone may fall */
};

struct zone zones[NR_ZONES] = {
	[ZONE_DMA32] = { .name = "DMA32" },
	[ZONE_NORMAL] = { .name = "Normal" },
};

static DEFINE_PER_CPU(struct page_cpu_list, page_cpu_list);
static unsigned int pcp_limit __ro_after_init = PCP_MIN; /* pages that a CPU keeps at most */
static struct page_alloc_hooks hooks;

void page_alloc_add_hooks(const struct page_alloc_hooks *more)
{
	WRITE_ONCE(hooks.low, more->low ?: hooks.low);
	WRITE_ONCE(hooks.reclaim, more->reclaim ?: hooks.reclaim);
	WRITE_ONCE(hooks.out_of_memory, more->out_of_memory ?: hooks.out_of_memory);
	WRITE_ONCE(hooks.exhausted, more->exhausted ?: hooks.exhausted);
}

void page_alloc_set_cpu_limits(void)
{
	unsigned long share =
		(zones[ZONE_DMA32].nr_managed + zones[ZONE_NORMAL].nr_managed) / PCP_SHARE;

	pcp_limit = clamp(share, (unsigned long)PCP_MIN, (unsigned long)PCP_CAPACITY);
}

/* *@pcp is this CPU's list, for the caller alone; false if the caller interrupted its user. */
static __always_inline bool pcp_enter(struct page_cpu_list **pcp)
{
	preempt_disable();
	*pcp = this_cpu_ptr(&page_cpu_list);
	if (unlikely(!claim_enter(&(*pcp)->claim))) {
		preempt_enable();
		return false;
	}
	return true;
}

static __always_inline void pcp_leave(struct page_cpu_list *pcp)
{
	claim_leave(&pcp->claim);
	preempt_enable();
}

/* After @pcp was filled or emptied: the next time that it becomes low is told. */
static void pcp_arm(struct page_cpu_list *pcp)
{
	pcp->reserve = pcp->filler ? pcp_limit / 4 : 0;
}

static __always_inline struct page *pcp_pop(struct page_cpu_list *pcp)
{
	pcp->nr_taken++;
	return pcp->pages[--pcp->nr];
}

/* Gives the @nr coldest pages back. */
static void pcp_drain(struct page_cpu_list *pcp, unsigned int nr)
{
	buddy_give_pages(pcp->pages, nr);
	pcp->nr -= nr;
	memmove(pcp->pages, pcp->pages + nr, pcp->nr * sizeof(pcp->pages[0]));
}

/* First on each way that a closed list leads to: another CPU may have asked. */
static void drain_if_asked(void)
{
	struct page_cpu_list *pcp;

	preempt_disable();
	pcp = this_cpu_ptr(&page_cpu_list);
	if (claim_enter_to_drain(&pcp->claim)) {
		pcp_drain(pcp, pcp->nr);
		claim_leave(&pcp->claim);
	}
	preempt_enable();
}

void drain_local_pages(void)
{
	struct page_cpu_list *pcp;

	drain_if_asked();
	if (!pcp_enter(&pcp))
		return;
	pcp_drain(pcp, pcp->nr);
	pcp_leave(pcp);
}

void drain_all_pages(void)
{
	unsigned int cpu, me;

	preempt_disable();
	me = smp_processor_id();
	for (cpu = 0; cpu < NR_CPUS; cpu++)
		if (cpu != me && percpu_exists(cpu))
			claim_ask_drain(&per_cpu_ptr(&page_cpu_list, cpu)->claim);
	preempt_enable();
	drain_local_pages();
	pages_zeroed_give_back();
}

void drain_dead_cpu_pages(unsigned int cpu)
{
	struct page_cpu_list *pcp = per_cpu_ptr(&page_cpu_list, cpu);

	pcp_drain(pcp, pcp->nr);
}

/* How many pages @zone can give to the request before it falls below its mark. No lock: a guess. */
static unsigned long zone_can_spare(const struct zone *zone, const struct page_request *request)
{
	unsigned long keep = zone->watermarks[request->mark], nr_free;

	if (request->mark == WMARK_MIN && request->gfp & __GFP_HIGH)
		keep /= 2;
	if (request->mark == WMARK_MIN && request->gfp & __GFP_MEMALLOC)
		keep = 0;
	else if (zone < &zones[best_zone(request->gfp)])
		keep += zone->nr_spared;
	nr_free = READ_ONCE(zone->nr_free);
	return nr_free > keep ? nr_free - keep : 0;
}

static struct page *zone_take(struct zone *zone, const struct page_request *request)
{
	struct page *page = NULL;
	unsigned long flags;

	if (!zone_can_spare(zone, request))
		return NULL;
	raw_spin_lock_irqsave(&zone->lock, flags);
	if (zone_can_spare(zone, request) >= 1UL << request->order)
		page = buddy_take(zone, request->order);
	if (page)
		zone->nr_blocks_taken++;
	raw_spin_unlock_irqrestore(&zone->lock, flags);
	return page;
}

/* Fills @pcp, which is empty, with half of what it may hold, or with what there is. */
static void zone_refill(struct zone *zone, struct page_cpu_list *pcp,
			const struct page_request *request)
{
	unsigned long nr, flags;

	if (!zone_can_spare(zone, request))
		return;
	raw_spin_lock_irqsave(&zone->lock, flags);
	zone->nr_batches++;
	nr = min(zone_can_spare(zone, request), (unsigned long)pcp_limit / 2);
	pcp->nr = buddy_take_pages(zone, pcp->pages, (unsigned int)nr);
	raw_spin_unlock_irqrestore(&zone->lock, flags);
	pcp_arm(pcp);
}

/* A single page by way of this CPU's list. */
static struct page *refill_and_take(const struct page_request *request)
{
	struct page_cpu_list *pcp;
	struct page *page = NULL;

	if (!pcp_enter(&pcp))
		return NULL;
	for (int id = best_zone(request->gfp); id >= 0 && !pcp->nr; id--)
		zone_refill(&zones[id], pcp, request);
	if (pcp->nr)
		page = pcp_pop(pcp);
	pcp_leave(pcp);
	return page;
}

#ifdef CONFIG_PAGE_PREFILL
/* If this CPU's list has become low: wakes its filler, once. */
static void wake_filler_if_low(void)
{
	struct task_struct *filler = NULL;
	struct page_cpu_list *pcp;

	if (!pcp_enter(&pcp))
		return;
	if (pcp->nr <= pcp->reserve) {
		pcp->reserve = 0;
		filler = pcp->filler;
	}
	pcp_leave(pcp);
	if (filler)
		wake_up_state(filler, TASK_IDLE);
}

void page_prefill_set_task(unsigned int cpu, struct task_struct *task)
{
	WRITE_ONCE(per_cpu_ptr(&page_cpu_list, cpu)->filler, task);
}

/* Puts pages of @zone below those that there are. */
static void prefill_from(struct zone *zone, struct page_cpu_list *pcp,
			 const struct page_request *request)
{
	unsigned long flags, nr;

	raw_spin_lock_irqsave(&zone->lock, flags);
	nr = min(zone_can_spare(zone, request), (unsigned long)pcp_limit / 2 - pcp->nr);
	if (page_stock_is_held())
		nr = 0;
	memmove(pcp->pages + nr, pcp->pages, pcp->nr * sizeof(pcp->pages[0]));
	buddy_take_pages(zone, pcp->pages, (unsigned int)nr);
	pcp->nr += nr;
	pcp->nr_prefilled += nr;
	zone->nr_batches += nr != 0;
	raw_spin_unlock_irqrestore(&zone->lock, flags);
}

void page_prefill(void)
{
	static const struct page_request request = { .mark = WMARK_LOW };
	struct page_cpu_list *pcp;

	if (!pcp_enter(&pcp))
		return;
	for (int id = best_zone(request.gfp); id >= 0 && pcp->nr <= pcp_limit / 4; id--) {
		if (zone_can_spare(&zones[id], &request))
			prefill_from(&zones[id], pcp, &request);
	}
	pcp_arm(pcp);
	pcp_leave(pcp);
}
#else
static void wake_filler_if_low(void)
{
}
#endif

static bool served_by_cpu_list(gfp_t gfp, unsigned int order)
{
	return order == 0 && !(gfp & __GFP_DMA32);
}

static struct page *take_from_zones(const struct page_request *request)
{
	struct page *page = NULL;

	if (served_by_cpu_list(request->gfp, request->order))
		page = refill_and_take(request);
	for (int id = best_zone(request->gfp); id >= 0 && !page; id--)
		page = zone_take(&zones[id], request);
	return page;
}

/* Without lists of pages: what shrinkers have, by those first that know it. */
static unsigned long shrink_some(gfp_t gfp, unsigned int order)
{
	unsigned long nr_wanted = max(1UL << order, SHRINK_BATCH), nr_freed = 0;

	for (int priority = RECLAIM_PRIORITY; priority >= 0 && nr_freed < nr_wanted; priority--)
		nr_freed += shrink_in_proportion(gfp, (unsigned int)priority);
	return nr_freed;
}

static unsigned long reclaim(gfp_t gfp, unsigned int order)
{
	unsigned long (*hook)(gfp_t gfp, unsigned int order) = READ_ONCE(hooks.reclaim);

	return (hook ?: shrink_some)(gfp, order);
}

static bool kill_somebody(const struct page_request *request)
{
	bool (*hook)(gfp_t gfp, unsigned int order) = READ_ONCE(hooks.out_of_memory);

	if (request->gfp & (__GFP_NORETRY | __GFP_NOKILL) || request->order > MAX_OOM_ORDER)
		return false;
	return hook && hook(request->gfp, request->order);
}

/* How often what is freed may go to others, or not fit together, before somebody has to die. */
static unsigned int nr_rounds(const struct page_request *request)
{
	if (request->gfp & __GFP_NORETRY)
		return 1;
	return request->order ? NR_BLOCK_ROUNDS : NR_PAGE_ROUNDS;
}

/* Frees memory and tries again, until something comes of it or there is no hope. */
static struct page *reclaim_and_take(struct page_request *request)
{
	struct page *page = NULL;

	do {
		unsigned long nr_freed = 1;

		/* So that it comes to its end. */
		if (READ_ONCE(current->is_oom_victim))
			request->gfp |= __GFP_HIGH;
		for (unsigned int i = nr_rounds(request); i && nr_freed && !page; i--) {
			nr_freed = reclaim(request->gfp, request->order);
			page = take_from_zones(request);
			if (page)
				break;
			drain_all_pages();
			page = take_from_zones(request);
		}
	} while (!page && kill_somebody(request));
	return page;
}

/* At most once a second: a program can make them happen, and the log is for others, too. */
static void warn_failed(gfp_t gfp, unsigned int order)
{
	static u64 quiet_until_ns; /* two CPUs at once report both: no harm */
	struct page_counts counts;
	u64 now_ns = clock_ns();

	if (gfp & __GFP_NOWARN || now_ns < READ_ONCE(quiet_until_ns))
		return;
	WRITE_ONCE(quiet_until_ns, now_ns + NSEC_PER_SEC);
	page_counts_get(&counts);
	pr_warn("no memory: order %u, gfp 0x%x; %lu of %lu pages free\n", order, gfp,
		counts.nr_free, counts.nr_managed);
	stack_trace_show(LOG_WARNING, NULL);
}

static bool is_reclaiming(void)
{
	return !in_interrupt() && current->is_reclaiming;
}

/* Who rather fails leaves something to those for whose sake he does. */
static enum watermark last_mark(gfp_t gfp)
{
	return gfp & __GFP_NOKILL ? WMARK_LOW : WMARK_MIN;
}

/* The zones in turn, with ever more effort. */
static struct page *take_with_effort(gfp_t gfp, unsigned int order)
{
	struct page_request request = { .gfp = gfp, .order = order, .mark = WMARK_LOW };
	void (*low)(gfp_t gfp, unsigned int order) = READ_ONCE(hooks.low);
	void (*exhausted)(gfp_t gfp, unsigned int order) = READ_ONCE(hooks.exhausted);
	struct page *page = take_from_zones(&request);

	if (page)
		return page;
	pages_zeroed_give_back();
	if (low)
		low(gfp, order);
	/* Who frees memory gets what there is, and frees none for that. */
	if (is_reclaiming())
		request.gfp |= __GFP_MEMALLOC;
	request.mark = last_mark(gfp);
	page = take_from_zones(&request);
	if (!page) {
		drain_all_pages();
		page = take_from_zones(&request);
	}
	if (!page && gfp & __GFP_DIRECT_RECLAIM && !(request.gfp & __GFP_MEMALLOC))
		page = reclaim_and_take(&request);
	else if (!page && gfp & __GFP_HIGH && exhausted)
		exhausted(gfp, order);
	if (!page)
		warn_failed(gfp, order);
	return page;
}

bool page_alloc_has_free(gfp_t gfp, unsigned int order)
{
	const struct page_request request = { .gfp = gfp, .order = order, .mark = last_mark(gfp) };

	for (int id = best_zone(gfp); id >= 0; id--) {
		const struct zone *zone = &zones[id];
		unsigned long nr_blocks = 0;

		for (unsigned int i = order; i < NR_PAGE_ORDERS; i++)
			nr_blocks += READ_ONCE(zone->areas[i].nr_free);
		if (nr_blocks && zone_can_spare(zone, &request) >= 1UL << order)
			return true;
	}
	return false;
}

/* *@page is the warmest page of this CPU's list. False: the list is low, empty or in use. */
static __always_inline bool take_from_cpu_list(struct page **page)
{
	struct page_cpu_list *pcp;

	if (unlikely(!pcp_enter(&pcp)))
		return false;
	if (unlikely(pcp->nr <= pcp->reserve)) {
		pcp_leave(pcp);
		return false;
	}
	*page = pcp_pop(pcp);
	pcp_leave(pcp);
	return true;
}

static void make_tails(struct page *head, unsigned int order)
{
	for (struct page *page = head + 1; page < head + (1UL << order); page++) {
		page->flags = (page->flags & PAGE_ZONE_MASK) | BIT(PG_tail);
		page->head = head;
		page->mapping = NULL;
		page->private = 0;
	}
}

/* A free block, whose head has no flag but perhaps PG_poisoned, becomes the caller's. */
static __always_inline void prepare(struct page *page, unsigned int order)
{
	kasan_unpoison(page_to_virt(page), PAGE_SIZE << order);
	if (IS_ENABLED(CONFIG_DEBUG_PAGE_POISON))
		page_check_poison(page, order);
	page->mapping = NULL;
	page->private = 0;
	atomic_set(&page->refcount, 1);
	page_note_alloc(page);
}

static void clear_block(char *memory, unsigned int order)
{
	for (char *end = memory + (PAGE_SIZE << order); memory < end; memory += PAGE_SIZE)
		clear_page(memory);
}

static void prepare_block(struct page *page, gfp_t gfp, unsigned int order)
{
	prepare(page, order);
	page->flags |= (unsigned long)order << PAGE_ORDER_SHIFT;
	make_tails(page, order);
	if (gfp & __GFP_ZERO)
		clear_block(page_to_virt(page), order);
}

static noinline struct page *alloc_guarded(gfp_t gfp, unsigned int order)
{
	struct page *page = page_guard_take(order);

	if (page)
		prepare_block(page, gfp, order);
	return page;
}

static noinline struct page *alloc_slowly(gfp_t gfp, unsigned int order)
{
	struct page *page = NULL;

	if (WARN_ON_ONCE(order > MAX_PAGE_ORDER))
		return NULL;
	if (!order && gfp & __GFP_ZERO)
		page = page_take_zeroed(gfp);
	else if (IS_ENABLED(CONFIG_THP) && order == PREZERO_ORDER && gfp & __GFP_ZERO)
		page = page_take_zeroed_block(gfp);
	if (page) {
		prepare_block(page, gfp & ~__GFP_ZERO, order);
		return page;
	}
	drain_if_asked();
	if (served_by_cpu_list(gfp, order)) {
		wake_filler_if_low();
		take_from_cpu_list(&page);
	}
	if (!page)
		page = take_with_effort(gfp, order);
	if (page)
		prepare_block(page, gfp, order);
	return page;
}

/* One that holds zeros: from the stock, or zeroed now. */
static struct page *alloc_zeroed(gfp_t gfp)
{
	struct page *page = page_stock_is_worth_it() ? page_take_zeroed(gfp) : NULL;

	if (page) {
		prepare(page, 0);
		return page;
	}
	if (unlikely(!take_from_cpu_list(&page)))
		return alloc_slowly(gfp, 0);
	prepare(page, 0);
	clear_page(page_to_virt(page));
	return page;
}

struct page *alloc_pages(gfp_t gfp, unsigned int order)
{
	struct page *page;

	if (should_fail_alloc(gfp))
		return NULL;
	if (page_guard_is_due()) {
		page = alloc_guarded(gfp, order);
		if (page)
			return page;
	}
	if (unlikely(order | (gfp & __GFP_DMA32)))
		return alloc_slowly(gfp, order);
	if (gfp & __GFP_ZERO)
		return alloc_zeroed(gfp);
	if (unlikely(!take_from_cpu_list(&page)))
		return alloc_slowly(gfp, order);
	prepare(page, 0);
	return page;
}

static noinline void free_block(struct page *page, unsigned int order)
{
	struct zone *zone = page_zone(page);
	unsigned long flags;

	if (page_is_guarded(page))
		return page_guard_give(page, order);
	page->flags &= PAGE_ZONE_MASK | BIT(PG_poisoned);
	for (struct page *tail = page + 1; tail < page + (1UL << order); tail++)
		tail->flags &= PAGE_ZONE_MASK | BIT(PG_poisoned);
	raw_spin_lock_irqsave(&zone->lock, flags);
	buddy_give(zone, page, order);
	zone->nr_blocks_put++;
	raw_spin_unlock_irqrestore(&zone->lock, flags);
}

/* The CPU's list is full, or in use by the code that we interrupted. */
static noinline void free_slowly(struct page *page)
{
	struct page_cpu_list *pcp;

	drain_if_asked();
	if (!pcp_enter(&pcp))
		return free_block(page, 0);
	if (pcp->nr >= pcp_limit)
		pcp_drain(pcp, DIV_ROUND_UP(pcp->nr, 2));
	pcp_arm(pcp);
	pcp->pages[pcp->nr++] = page;
	pcp_leave(pcp);
}

static __always_inline void free_single(struct page *page)
{
	struct page_cpu_list *pcp;

	if (unlikely(!pcp_enter(&pcp)))
		return free_slowly(page);
	if (unlikely(pcp->nr >= pcp_limit)) {
		pcp_leave(pcp);
		return free_slowly(page);
	}
	pcp->pages[pcp->nr++] = page;
	pcp_leave(pcp);
}

static noinline void free_badly(struct page *page, unsigned int order)
{
	if (page_report_bad_free(page, order))
		return;
	page->flags &= PAGE_ZONE_MASK;
	atomic_set(&page->refcount, 0);
	atomic_set(&page->mapcount, 0);
	free_block(page, order);
}

/* @page has no reference any more, and goes to a list next. */
static __always_inline void note_freed(struct page *page, unsigned int order)
{
	lockdep_check_freed(page_to_virt(page), PAGE_SIZE << order);
	page_note_free(page);
	page_poison(page, order);
	kasan_poison(page_to_virt(page), PAGE_SIZE << order, KASAN_PAGE_FREE);
}

static __always_inline void free_checked(struct page *page, unsigned int order)
{
	if (DEBUG_PAGE_FREE && unlikely(!page_can_be_freed(page, order)))
		return free_badly(page, order);
	if (!DEBUG_PAGE_FREE)
		page->flags &= PAGE_ZONE_MASK;
	atomic_set(&page->refcount, 0);
	note_freed(page, order);
	if (unlikely(order || page_is_guarded(page)))
		return free_block(page, order);
	free_single(page);
}

void __free_pages(struct page *page, unsigned int order)
{
	free_checked(page, order);
}

void __free_page(struct page *page)
{
	free_checked(page, 0);
}

void free_zeroed_page(struct page *page)
{
	if ((DEBUG_PAGE_FREE && unlikely(!page_can_be_freed(page, 0))) || page_is_guarded(page) ||
	    !page_stock_takes(page))
		return __free_pages(page, 0);
	page->flags &= PAGE_ZONE_MASK;
	lockdep_check_freed(page_to_virt(page), PAGE_SIZE);
	page_note_free(page);
	atomic_set(&page->refcount, 0);
	kasan_poison(page_to_virt(page), PAGE_SIZE, KASAN_PAGE_FREE);
	page_stock_put(page);
}

unsigned long __get_free_pages(gfp_t gfp, unsigned int order)
{
	struct page *page = alloc_pages(gfp, order);

	return page ? (unsigned long)page_to_virt(page) : 0;
}

void free_pages(unsigned long addr, unsigned int order)
{
	struct page *page = virt_to_page((void *)addr);

	if (!addr)
		return;
	if (IS_ENABLED(CONFIG_DEBUG_PAGE_INVALID_FREE) && !pfn_is_valid(page_to_pfn(page)))
		return free_badly(page, order);
	__free_pages(page, order);
}

void get_page(struct page *page)
{
	atomic_inc(&page_head(page)->refcount);
}

/* True: that was the last reference. */
static __always_inline bool drop_reference(struct page *head)
{
	int nr_left = atomic_dec_return(&head->refcount);

	if (likely(nr_left > 0))
		return false;
	if (likely(!nr_left))
		return true;
	atomic_inc(&head->refcount);
	WARN_ON_ONCE(!page_report_bad_free(head, page_order(head)));
	return false;
}

/* Nobody has a reference to take another from, and no list has the page. */
static __always_inline void free_unused(struct page *head)
{
	atomic_set(&head->refcount, 1);
	__free_pages(head, page_order(head));
}

void put_page(struct page *page)
{
	struct page *head = page_head(page);

	if (!drop_reference(head))
		return;
	if (head->flags & LRU_FLAGS)
		lru_del(head);
	free_unused(head);
}

/* Free pages go to this CPU's list as long as there is room, as in free_single(); then to the
 * zones, without a detour. */
static void free_some(struct page **pages, unsigned int nr)
{
	struct page_cpu_list *pcp;
	unsigned int nr_kept = 0;

	if (pcp_enter(&pcp)) {
		nr_kept = min(nr, pcp_limit - pcp->nr);
		memcpy(pcp->pages + pcp->nr, pages, nr_kept * sizeof(pages[0]));
		pcp->nr += nr_kept;
		pcp_leave(pcp);
	}
	if (nr_kept == nr)
		return;
	drain_if_asked();
	buddy_give_pages(pages + nr_kept, nr - nr_kept);
}

/* Single pages without a reference; those on lists are taken off. */
static noinline void free_dead(struct page **pages, unsigned int nr, bool any_listed)
{
	unsigned int nr_free = 0;

	if (any_listed)
		lru_del_pages(pages, nr);
	for (unsigned int i = 0; i < nr; i++) {
		struct page *page = pages[i];

		if (unlikely((page->flags & ~PAGE_ZONE_MASK) || page->counts ||
			     page_is_guarded(page))) {
			free_unused(page);
			continue;
		}
		note_freed(page, 0);
		pages[nr_free++] = page;
	}
	free_some(pages, nr_free);
}

void put_pages(struct page **pages, unsigned long nr)
{
	struct page *dead[LRU_BATCH];
	unsigned long flags = 0; /* of all the dead */
	unsigned int nr_dead = 0;

	for (unsigned long i = 0; i < nr; i++) {
		struct page *head = page_head(pages[i]);

		if (!drop_reference(head))
			continue;
		flags |= head->flags;
		dead[nr_dead++] = head;
		if (nr_dead == LRU_BATCH) {
			free_dead(dead, nr_dead, flags & LRU_FLAGS);
			nr_dead = 0;
			flags = 0;
		}
	}
	if (nr_dead)
		free_dead(dead, nr_dead, flags & LRU_FLAGS);
}

void split_page(struct page *head, unsigned int order)
{
	/* The head of a huge page may be on a list, where others change its flags. */
	__atomic_fetch_and(&head->flags, ~PAGE_ORDER_MASK, __ATOMIC_RELAXED);
	for (struct page *page = head + 1; page < head + (1UL << order); page++) {
		page->flags &= PAGE_ZONE_MASK;
		page->alloc_stack = head->alloc_stack;
		atomic_set(&page->refcount, 1);
	}
}

void join_pages(struct page *head, unsigned int order)
{
	head->flags |= (unsigned long)order << PAGE_ORDER_SHIFT;
	for (struct page *page = head + 1; page < head + (1UL << order); page++)
		atomic_set(&page->refcount, 0);
	make_tails(head, order);
}

void page_counts_get(struct page_counts *counts)
{
	unsigned long nr_guarded = page_guard_nr_used();
	const struct zone *zone;

	*counts = (struct page_counts){ .batch = pcp_limit / 2 };
	for (unsigned int cpu = 0; cpu < NR_CPUS; cpu++) {
		const struct page_cpu_list *pcp = per_cpu_ptr(&page_cpu_list, cpu);

		if (!percpu_exists(cpu))
			continue;
		counts->nr_on_cpus += READ_ONCE(pcp->nr);
		counts->nr_taken += READ_ONCE(pcp->nr_taken);
	}
	for_each_zone(zone)
	{
		counts->nr_zeroed += READ_ONCE(zone->nr_zeroed);
		counts->nr_zeroed_huge += READ_ONCE(zone->nr_zeroed_blocks) << PREZERO_ORDER;
	}
	counts->nr_free = counts->nr_on_cpus + counts->nr_zeroed + counts->nr_zeroed_huge;
	for_each_zone(zone)
	{
		counts->nr_managed += READ_ONCE(zone->nr_managed);
		counts->nr_free += READ_ONCE(zone->nr_free);
		counts->nr_fresh += READ_ONCE(zone->nr_fresh) * BLOCK_PAGES;
	}
	/* As if they came from there. */
	counts->nr_free -= min(nr_guarded, counts->nr_free);
}

unsigned int page_cpu_list_count(unsigned int cpu)
{
	return READ_ONCE(per_cpu_ptr(&page_cpu_list, cpu)->nr);
}

/* --- what is done ahead of need --- */

static atomic_t nr_holds;

bool page_stock_is_held(void)
{
	return atomic_read(&nr_holds);
}

/* Who moves pages ahead of need looks at the count under the lock. */
void page_stock_hold(void)
{
	struct zone *zone;
	unsigned long flags;

	atomic_inc(&nr_holds);
	for_each_zone(zone)
	{
		raw_spin_lock_irqsave(&zone->lock, flags);
		raw_spin_unlock_irqrestore(&zone->lock, flags);
	}
	page_prezero_wait();
}

void page_stock_release(void)
{
	if (atomic_dec_and_test(&nr_holds))
		page_prezero_resume();
}

void page_stock_counts_get(struct page_stock_counts *counts)
{
	*counts = (struct page_stock_counts){ 0 };
	for (unsigned int cpu = 0; cpu < NR_CPUS; cpu++) {
		if (percpu_exists(cpu))
			counts->nr_prefilled +=
				READ_ONCE(per_cpu_ptr(&page_cpu_list, cpu)->nr_prefilled);
	}
	page_prezero_counts(counts);
}

void page_counts_get_still(struct page_counts *counts)
{
	page_stock_hold();
	page_counts_get(counts);
	page_stock_release();
}
