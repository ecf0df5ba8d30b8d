/* SPDX-License-Identifier: GPL-2.0-only */
/* Between mm/vmscan.c and mm/kswapd.c. */
#ifndef MM_VMSCAN_H
#define MM_VMSCAN_H

#include <oshit/mmzone.h>
#include <oshit/shrinker.h>

#define RECLAIM_BATCH SHRINK_BATCH /* pages that one who reclaims for himself is content with */

struct scan_control { /* one turn of reclaim */
	gfp_t gfp; /* in */
	enum zone_id highest; /* in   pages of higher zones are of no use */
	bool is_kswapd; /* in */
	unsigned int priority; /* in   looks at 1 in (1 << priority) pages of the lists */
	unsigned long nr_to_reclaim; /* in   pages */
	unsigned long nr_reclaimed; /* out  adds, as the rest */
	unsigned long nr_scanned; /* out */
	unsigned long nr_not_clean; /* out  could not go: dirty, or in writeback */
};

/* Once through the lists and the shrinkers, at sc->priority, until there is enough. Before the
 * first of a turn lru_drain_all(). */
void reclaim_pass(struct scan_control *sc);
/* Pages that the caller has isolated, up to LRU_BATCH, and not used lately: they go, as far as they
 * can without waiting, or back to the lists.  His references go, too. Task; may sleep. */
void reclaim_isolated(struct page **pages, unsigned int nr);
/* Whether there is anything on the lists that could be freed. */
unsigned long reclaimable_pages(gfp_t gfp);
/* Waits, if much of what was looked at has to be stored first, for some of it; not without
 * __GFP_IO. */
void reclaim_throttle(const struct scan_control *sc);

#ifdef CONFIG_KSWAPD
void kswapd_init(void);
/* A hook of the page allocator. Any context. */
void kswapd_wake(gfp_t gfp, unsigned int order);
/* Memory is very short, and kswapd is getting on: its turn is waited for, by who may. True: he
 * need not reclaim any more. */
bool kswapd_wait(gfp_t gfp, unsigned int order);
/* For who may not reclaim for himself: kswapd tries, even if it has given up. False: it has now.
 * Task. */
bool kswapd_wait_turn(gfp_t gfp, unsigned int order);
/* Who reclaims for himself was successful: kswapd may try again. */
void kswapd_retry(void);
#else
static inline void kswapd_init(void)
{
}

static inline void kswapd_wake(gfp_t gfp __maybe_unused, unsigned int order __maybe_unused)
{
}

static inline bool kswapd_wait(gfp_t gfp __maybe_unused, unsigned int order __maybe_unused)
{
	return false;
}

static inline bool kswapd_wait_turn(gfp_t gfp __maybe_unused, unsigned int order __maybe_unused)
{
	return false;
}

static inline void kswapd_retry(void)
{
}
#endif

#endif
