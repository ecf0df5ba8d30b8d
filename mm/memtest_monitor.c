/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Monitor command memtest: marches over the free pages.
 *
 * Free are the blocks on the lists of the zones and those that were never used; what CPUs keep, and
 * all that is allocated, is left alone.  The rest of the kernel stands still, so a block that is
 * free stays so; but it may have been stopped inside the allocator, with a block half way on or off
 * a list: then the zone's lock is held, and the zone is left out.  Poisoned pages are poisoned
 * again at the end, also after Ctrl-C.
 */
#include <linux/errno.h>

#include <oshit/bitmap.h>
#include <oshit/container_of.h>
#include <oshit/kstrtox.h>
#include <oshit/math.h>
#include <oshit/mmzone.h>
#include <oshit/monitor.h>
#include <oshit/sizes.h>

#include "memtest.h"
#include "page_alloc.h"
#include "page_debug.h"

#define PAGE_WORDS (PAGE_SIZE / sizeof(u64))
#define MAX_SHOWN  16 /* bad words; the others are counted */

struct free_memory_test { /* one run of the command */
	struct memtest test;
	unsigned long max_pages; /* in   to test */
	unsigned long nr_pages; /* out  tested */
	unsigned long nr_bad_words, nr_bad_pages; /* out */
	unsigned long last_bad_pfn;
};

static DECLARE_BITMAP(free_pages_of_block, BLOCK_PAGES); /* the monitor is one */

static void report_bad(struct memtest *test, const u64 *word, u64 expected, u64 found)
{
	struct free_memory_test *run = container_of(test, struct free_memory_test, test);
	phys_addr_t phys = virt_to_phys(word);

	if (run->nr_bad_words++ < MAX_SHOWN)
		monitor_printf("bad: physical 0x%lx, pfn 0x%lx: 0x%016lx, not 0x%016lx; bits %lx\n",
			       phys, phys / PAGE_SIZE, found, expected, found ^ expected);
	if (run->last_bad_pfn != phys / PAGE_SIZE)
		run->nr_bad_pages++;
	run->last_bad_pfn = phys / PAGE_SIZE;
}

static bool zone_is_still(const struct zone *zone)
{
	return !raw_spin_is_locked(&zone->lock);
}

/* The pages of a block of 4 MiB that are free, as a bitmap; returns their number. */
static unsigned long find_free_pages(const struct zone *zone, unsigned long block)
{
	unsigned long nr = 0;

	bitmap_zero(free_pages_of_block, BLOCK_PAGES);
	if (test_bit(block, page_blocks_fresh)) {
		bitmap_fill(free_pages_of_block, BLOCK_PAGES);
		return BLOCK_PAGES;
	}
	if (!test_bit(block, page_blocks_written))
		return 0;
	for (unsigned long i = 0; i < BLOCK_PAGES;) {
		const struct page *page = pfn_to_page(block * BLOCK_PAGES + i);
		unsigned long nr_here = 1;

		if (page_has_flag(page, PG_buddy) && page_zone(page) == zone) {
			nr_here = min(1UL << page_order(page), BLOCK_PAGES - i);
			bitmap_set(free_pages_of_block, i, nr_here);
			nr += nr_here;
		}
		i += nr_here;
	}
	return nr;
}

static u64 *page_words(unsigned long block, unsigned long i)
{
	return phys_to_virt((block * BLOCK_PAGES + i) * PAGE_SIZE);
}

static void march_block(struct free_memory_test *run, enum memtest_step step, unsigned long block)
{
	for (unsigned long n = 0; n < BLOCK_PAGES; n++) {
		unsigned long i = step == MEMTEST_DOWN ? BLOCK_PAGES - 1 - n : n;

		if (test_bit(i, free_pages_of_block))
			memtest_step(&run->test, step, page_words(block, i), PAGE_WORDS);
	}
}

/* Blocks [@first, @last] of the zone that are tested, because the limit allows it. */
static unsigned long last_block(struct free_memory_test *run, const struct zone *zone)
{
	unsigned long block = zone->start_pfn / BLOCK_PAGES;
	unsigned long end = DIV_ROUND_UP(zone->end_pfn, BLOCK_PAGES);

	while (block < end && run->nr_pages < run->max_pages)
		run->nr_pages += find_free_pages(zone, block++);
	return block;
}

/* False: interrupted. */
static bool march(struct free_memory_test *run, const struct zone *zone, enum memtest_step step,
		  unsigned long end)
{
	unsigned long first = zone->start_pfn / BLOCK_PAGES;

	for (unsigned long n = 0; n < end - first; n++) {
		unsigned long block = step == MEMTEST_DOWN ? end - 1 - n : first + n;

		if (find_free_pages(zone, block))
			march_block(run, step, block);
		if (monitor_interrupted())
			return false;
	}
	return true;
}

static bool march_patterns(struct free_memory_test *run, const struct zone *zone, unsigned long end)
{
	for (unsigned int pattern = 0; pattern < MEMTEST_NR_PATTERNS; pattern++) {
		monitor_printf("%s: %s\n", zone->name, memtest_pattern_name(pattern));
		run->test.pattern = pattern;
		for (int step = 0; step < NR_MEMTEST_STEPS; step++)
			if (!march(run, zone, step, end))
				return false;
	}
	return true;
}

static __no_sanitize_address void poison_page(u64 *words)
{
	for (size_t i = 0; i < PAGE_WORDS; i++)
		WRITE_ONCE(words[i], PAGE_POISON * 0x0101010101010101UL);
}

static void poison_again(const struct zone *zone, unsigned long end)
{
	for (unsigned long block = zone->start_pfn / BLOCK_PAGES; block < end; block++) {
		if (!find_free_pages(zone, block) || test_bit(block, page_blocks_fresh))
			continue;
		for (unsigned long i = 0; i < BLOCK_PAGES; i++)
			if (test_bit(i, free_pages_of_block) &&
			    page_has_flag(pfn_to_page(block * BLOCK_PAGES + i), PG_poisoned))
				poison_page(page_words(block, i));
	}
}

static bool test_zone(struct free_memory_test *run, const struct zone *zone, unsigned int nr_rounds)
{
	unsigned long end = last_block(run, zone);
	bool done = true;

	for (run->test.round = 0; done && run->test.round < nr_rounds; run->test.round++)
		done = march_patterns(run, zone, end);
	if (IS_ENABLED(CONFIG_DEBUG_PAGE_POISON))
		poison_again(zone, end);
	return done;
}

static int parse_args(int argc, char **argv, unsigned int *nr_rounds, unsigned long *max_pages)
{
	unsigned int max_mib;

	*nr_rounds = 1;
	*max_pages = ~0UL;
	if (argc > 3 || (argc > 1 && kstrtouint(argv[1], 0, nr_rounds)))
		return -EINVAL;
	if (argc > 2) {
		if (kstrtouint(argv[2], 0, &max_mib))
			return -EINVAL;
		*max_pages = max_mib * (MIB(1) / PAGE_SIZE);
	}
	return 0;
}

static int memtest(int argc, char **argv)
{
	struct free_memory_test run = { .test.bad = report_bad, .last_bad_pfn = ~0UL };
	unsigned int nr_rounds;
	const struct zone *zone;
	bool done = true;

	if (parse_args(argc, argv, &nr_rounds, &run.max_pages))
		return -EINVAL;
	for_each_zone(zone)
	{
		if (!done || !zone->nr_managed)
			continue;
		if (zone_is_still(zone))
			done = test_zone(&run, zone, nr_rounds);
		else
			monitor_printf("%s: its lock is held, left out\n", zone->name);
	}
	monitor_printf("%lu MiB of free memory tested%s: %lu bad words, %lu bad pages\n",
		       run.nr_pages / (MIB(1) / PAGE_SIZE), done ? "" : " in part",
		       run.nr_bad_words, run.nr_bad_pages);
	return 0;
}
MONITOR_COMMAND(memtest, "[ROUNDS [MIB]]",
		"march patterns over the free memory\n"
		"Allocated memory is left alone. 64 rounds put walking bits into each place. MIB\n"
		"limits what is tested. Ctrl-C ends it.",
		memtest);
