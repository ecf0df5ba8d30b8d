/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Any order of map, unmap and protect leaves the pages that a model of small pages has, uses large
 * pages where they fit, and no table in the end.  Allocations fail when the input says so.
 */
#include <linux/errno.h>

#include <arch/bug.h>
#include <arch/page.h>
#include <oshit/math.h>
#include <oshit/pgwalk.h>
#include <oshit/string.h>

#include "fuzz.h"

#define BASE	  0x7f8000000000UL
#define NR_PAGES  1536UL /* three large pages */
#define NR_TABLES 16
#define OP_SIZE	  6 /* bytes: what, rights or failure, first page, number of pages */
#define FLAGS	  (PTE_PRESENT | PTE_ACCESSED | PTE_DIRTY)

void host_bug(const char *file __maybe_unused, int line __maybe_unused)
{
	__builtin_trap();
}

unsigned long direct_map_base; /* 0: physical addresses are those of the program */

static pte_t tables[NR_TABLES][PT_ENTRIES] __aligned(PAGE_SIZE);
static bool table_used[NR_TABLES];
static unsigned int nr_left; /* allocations that succeed */
static pte_t model[NR_PAGES];

static pte_t *alloc_table(struct page_table *pt __maybe_unused)
{
	for (unsigned int i = 0; nr_left && i < NR_TABLES; i++) {
		if (table_used[i])
			continue;
		nr_left--;
		table_used[i] = true;
		return memset(tables[i], 0, sizeof(tables[i]));
	}
	return NULL;
}

static void free_table(struct page_table *pt __maybe_unused, pte_t *table)
{
	unsigned int i = (table - tables[0]) / PT_ENTRIES;

	FUZZ_ASSERT(i < NR_TABLES && table_used[i]);
	memset(table, 0xff, sizeof(tables[i]));
	table_used[i] = false;
}

static void flush(struct page_table *pt __maybe_unused, unsigned long start, unsigned long last)
{
	FUZZ_ASSERT(start <= last && start >= BASE);
}

static const struct page_table_ops ops = {
	.alloc_table = alloc_table,
	.free_table = free_table,
	.flush = flush,
};

static bool model_is_large(unsigned long first)
{
	if (!model[first] || !IS_ALIGNED(model[first] & PTE_ADDR_MASK, PT_LEVEL_SIZE(1)))
		return false;
	for (unsigned long i = 0; i < PT_ENTRIES; i++)
		if (model[first + i] != model[first] + i * PAGE_SIZE)
			return false;
	return true;
}

static void compare(struct page_table *pt)
{
	unsigned int level = 0;

	for (unsigned long i = 0; i < NR_PAGES; i++) {
		unsigned long addr = BASE + i * PAGE_SIZE;
		pte_t pte = page_table_query(pt, addr, &level);

		if (pte && level)
			pte = (pte & ~PTE_LARGE) + (addr & (PT_LEVEL_SIZE(level) - 1));
		FUZZ_ASSERT(pte == model[i]);
		FUZZ_ASSERT(i % PT_ENTRIES || (pte && level) == model_is_large(i));
	}
}

static void map(struct page_table *pt, unsigned long first, unsigned long nr, u8 how)
{
	phys_addr_t phys = (first + (how & 4 ? PT_ENTRIES : how & 8)) * PAGE_SIZE;
	pte_t flags = FLAGS | (how & 1 ? PTE_WRITE : 0) | (how & 2 ? PTE_NO_EXECUTE : 0);
	bool taken = false;
	int err;

	for (unsigned long i = first; i < first + nr; i++)
		taken |= model[i] != 0;
	nr_left = how & 0x80 ? how >> 4 & 7 : NR_TABLES;
	err = page_table_map(pt, BASE + first * PAGE_SIZE, phys, nr * PAGE_SIZE, flags);
	FUZZ_ASSERT((err == -EEXIST) == taken && (!err || taken || nr_left == 0));
	for (unsigned long i = 0; !err && i < nr; i++)
		model[first + i] = (phys + i * PAGE_SIZE) | flags;
}

static void protect(struct page_table *pt, unsigned long first, unsigned long nr, u8 how)
{
	pte_t set = (how & 1 ? PTE_WRITE : 0) | (how & 2 ? PTE_NO_EXECUTE : 0);
	pte_t clear = (how & 4 ? PTE_WRITE : 0) | (how & 8 ? PTE_NO_EXECUTE : 0);

	FUZZ_ASSERT(!page_table_protect(pt, BASE + first * PAGE_SIZE, nr * PAGE_SIZE, set, clear));
	for (unsigned long i = first; i < first + nr; i++)
		if (model[i])
			model[i] = (model[i] & ~clear) | set;
}

static void call(struct page_table *pt, const u8 *op)
{
	unsigned long first = (op[2] | (unsigned long)op[3] << 8) % NR_PAGES;
	unsigned long nr = 1 + (op[4] | (unsigned long)op[5] << 8) % (NR_PAGES - first);

	nr_left = NR_TABLES;
	switch (op[0] % 3) {
	case 0:
		map(pt, first, nr, op[1]);
		break;
	case 1:
		protect(pt, first, nr, op[1]);
		break;
	default:
		FUZZ_ASSERT(!page_table_unmap(pt, BASE + first * PAGE_SIZE, nr * PAGE_SIZE));
		memset(&model[first], 0, nr * sizeof(model[0]));
		break;
	}
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	static pte_t root[PT_ENTRIES] __aligned(PAGE_SIZE);
	struct page_table pt = { .root = root, .max_leaf_level = 2, .ops = &ops };

	memset(root, 0, sizeof(root));
	memset(model, 0, sizeof(model));
	for (; size >= OP_SIZE; data += OP_SIZE, size -= OP_SIZE)
		call(&pt, data);
	compare(&pt);
	FUZZ_ASSERT(!page_table_unmap(&pt, BASE, NR_PAGES * PAGE_SIZE));
	for (unsigned int i = 0; i < NR_TABLES; i++)
		FUZZ_ASSERT(!table_used[i]);
	return 0;
}
