/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * How to clear and copy a page, and long pieces of user memory: measured at boot.
 *
 * Which way is the fastest cannot be told from the processor's flags: one with enhanced string
 * instructions clears a page by REP STOSB in a hundred cycles, and an emulator that announces them
 * needs seventeen times as long for it as for plain stores.  Each way is tried on pages that are in
 * the cache, as those just allocated often are; the shortest of a few tries counts, for what comes
 * between can only make one longer.
 *
 * Until then plain stores are used, which are never bad.  Set once, by the boot CPU, before there
 * are others.
 */
#define pr_fmt(fmt) "page_ops: " fmt

#include <arch/page_ops.h>
#include <arch/processor.h>
#include <arch/usercopy.h>
#include <oshit/gfp.h>
#include <oshit/init.h>
#include <oshit/math.h>
#include <oshit/panic.h>
#include <oshit/printk.h>

#define NR_TRIES 8

struct clear_way {
	const char *name;
	void (*clear)(void *page);
};

struct copy_way {
	const char *name;
	void (*copy)(void *to, const void *from);
	u8 user_way; /* the same for long copies from and to user memory */
};

static const struct clear_way clear_ways[] __initconst = {
	{ "stores", clear_page_by_stores },
	{ "stosq", clear_page_by_words },
	{ "stosb", clear_page_by_bytes },
};

static const struct copy_way copy_ways[] __initconst = {
	{ "moves", copy_page_by_moves, COPY_USER_BY_MOVES },
	{ "movsq", copy_page_by_words, COPY_USER_BY_WORDS },
	{ "movsb", copy_page_by_bytes, COPY_USER_BY_BYTES },
};

struct page_ops page_ops __ro_after_init = {
	.clear_name = "stores",
	.copy_name = "moves",
	.clear = clear_page_by_stores,
	.copy = copy_page_by_moves,
};

static __init u64 cycles_to_clear(const struct clear_way *way, void *page)
{
	u64 least = ~0UL;

	for (unsigned int i = 0; i < NR_TRIES; i++) {
		u64 start = cpu_cycles_ordered();

		way->clear(page);
		least = min(least, cpu_cycles_ordered() - start);
	}
	return least;
}

static __init u64 cycles_to_copy(const struct copy_way *way, void *to, const void *from)
{
	u64 least = ~0UL;

	for (unsigned int i = 0; i < NR_TRIES; i++) {
		u64 start = cpu_cycles_ordered();

		way->copy(to, from);
		least = min(least, cpu_cycles_ordered() - start);
	}
	return least;
}

static __init void choose_clear(void *page)
{
	u64 least = ~0UL;

	for (size_t i = 0; i < ARRAY_SIZE(clear_ways); i++) {
		u64 cycles = cycles_to_clear(&clear_ways[i], page);

		if (cycles < least) {
			least = cycles;
			page_ops.clear_name = clear_ways[i].name;
			page_ops.clear = clear_ways[i].clear;
		}
	}
}

static __init void choose_copy(void *to, const void *from)
{
	u64 least = ~0UL;

	for (size_t i = 0; i < ARRAY_SIZE(copy_ways); i++) {
		u64 cycles = cycles_to_copy(&copy_ways[i], to, from);

		if (cycles < least) {
			least = cycles;
			page_ops.copy_name = copy_ways[i].name;
			page_ops.copy = copy_ways[i].copy;
			copy_user_way = copy_ways[i].user_way;
		}
	}
}

__init void page_ops_init(void)
{
	void *page = (void *)__get_free_page(GFP_KERNEL);
	void *other = (void *)__get_free_page(GFP_KERNEL);

	if (!page || !other)
		panic("no memory to measure how to clear a page");
	clear_page(other);
	choose_clear(page);
	choose_copy(page, other);
	free_page((unsigned long)page);
	free_page((unsigned long)other);
	pr_info("pages are cleared by %s, copied by %s", page_ops.clear_name, page_ops.copy_name);
}
