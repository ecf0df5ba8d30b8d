/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The page-table walker.
 *
 * A walk descends from the root along a range and shows each entry in which the way ends, empty or
 * mapping a page of any size, to a callback.  The callback changes the entry, or asks for smaller
 * pieces: then an empty entry gets an empty table, and a page is split into a table of 512 parts
 * that map the same.  On the way back each table that was entered is looked at: one without entries
 * goes, and 512 neighbours that one large page could replace are merged.  So callers never see page
 * sizes, and a split that loses its reason heals by itself.
 *
 * Entries that point to tables allow everything; the rights are those of the leaf.
 *
 * Only what a processor may have cached is flushed: an entry was present and changed, or a table
 * goes.  Freed tables wait until the translations that lead through them are flushed: another CPU
 * may still walk them.  They wait untouched, in a small array: a link stored inside of them would
 * be taken for an entry.
 *
 * Processors set the accessed and dirty bits of a table in use at any time.  A change of rights
 * keeps them, as it is one atomic exchange.  Where many entries become one or one many, those of a
 * writable page are all set, for no exchange could cover them: at worst a page counts as written.
 *
 * A root whose entries are final (the kernel's half is copied into every address space) keeps the
 * tables that it points to, even empty, and gets no more of them.
 *
 * Left out: levels above 4, PAT bits (their place differs between small and large pages).
 * Locks: the caller's.
 */
#include <linux/errno.h>

#include <arch/page.h>
#include <oshit/bug.h>
#include <oshit/container_of.h>
#include <oshit/math.h>
#include <oshit/pgwalk.h>

#define TABLE_BITS    (PTE_PRESENT | PTE_WRITE)
#define CANONICAL_LOW (1UL << 47) /* first address of the hole */
#define USED_BITS     (PTE_ACCESSED | PTE_DIRTY) /* written by processors */

static pte_t *table_of(pte_t entry)
{
	return phys_to_virt(entry & PTE_ADDR_MASK);
}

static bool is_table(pte_t entry, unsigned int level)
{
	return level > 0 && pte_is_table(entry);
}

static bool is_canonical(unsigned long addr)
{
	return addr < CANONICAL_LOW || addr >= -CANONICAL_LOW;
}

bool page_walk_covers(const struct page_walk *walk, unsigned long addr, unsigned int level)
{
	return walk->start <= addr && addr + (PT_LEVEL_SIZE(level) - 1) <= walk->last;
}

/* The entry of @level at @addr was present and changed. */
static void flush_later(struct page_walk *walk, unsigned long addr, unsigned int level)
{
	unsigned long first = addr & -PT_LEVEL_SIZE(level);

	walk->flush_start = min(walk->flush_start, first);
	walk->flush_last = max(walk->flush_last, first + (PT_LEVEL_SIZE(level) - 1));
}

static void nothing_to_flush(struct page_walk *walk)
{
	walk->flush_start = ~0UL;
	walk->flush_last = 0;
}

static void flush_and_free(struct page_walk *walk)
{
	struct page_table *pt = walk->pt;

	if (walk->flush_start <= walk->flush_last)
		pt->ops->flush(pt, walk->flush_start, walk->flush_last);
	nothing_to_flush(walk);
	while (walk->nr_freed)
		pt->ops->free_table(pt, walk->freed[--walk->nr_freed]);
}

static void free_later(struct page_walk *walk, pte_t *table)
{
	if (walk->nr_freed == PGWALK_MAX_FREE)
		flush_and_free(walk);
	walk->freed[walk->nr_freed++] = table;
}

/* Puts a table in the place of *@pte that maps the same: nothing, or the page in 512 parts. */
static int split(struct page_walk *walk, pte_t *pte, unsigned int level)
{
	pte_t part = *pte;
	unsigned int i;
	pte_t *table;

	if (WARN_ON_ONCE(level == PT_ROOT_LEVEL && walk->pt->root_is_final))
		return -EINVAL;
	table = walk->pt->ops->alloc_table(walk->pt);
	if (!table)
		return -ENOMEM;
	if (level == 1)
		part &= ~PTE_LARGE;
	if (part & PTE_WRITE)
		part |= USED_BITS;
	if (*pte)
		for (i = 0; i < PT_ENTRIES; i++)
			table[i] = part + i * PT_LEVEL_SIZE(level - 1);
	WRITE_ONCE(*pte, virt_to_phys(table) | TABLE_BITS | (*pte & PTE_USER));
	return 0;
}

static bool is_empty(const pte_t *table)
{
	unsigned int i;

	for (i = 0; i < PT_ENTRIES; i++)
		if (table[i])
			return false;
	return true;
}

/* The large page of @level that maps what the table does; 0 if there is none. */
static pte_t merged(const pte_t *table, unsigned int level)
{
	pte_t first = table[0] & ~USED_BITS, used = first & PTE_WRITE ? USED_BITS : 0;
	unsigned int i;

	if (!(first & PTE_PRESENT) || is_table(first, level - 1) ||
	    !IS_ALIGNED(first & PTE_ADDR_MASK, PT_LEVEL_SIZE(level)))
		return 0;
	for (i = 0; i < PT_ENTRIES; i++) {
		if ((table[i] & ~USED_BITS) != first + i * PT_LEVEL_SIZE(level - 1))
			return 0;
		used |= table[i] & USED_BITS;
	}
	return first | used | PTE_LARGE;
}

/*
 * After a change in the table below *@pte.  The translations of an empty table were flushed when
 * they went, so one address is enough to make processors forget the table; those of a merged one
 * are there still.
 */
static void tidy(struct page_walk *walk, pte_t *pte, unsigned int level, unsigned long addr)
{
	pte_t *table = table_of(*pte);
	pte_t large = 0;

	if (level == PT_ROOT_LEVEL && walk->pt->root_is_final)
		return;
	if (level <= walk->pt->max_leaf_level && !walk->keeps_parts)
		large = merged(table, level);
	if (!large && !is_empty(table))
		return;
	WRITE_ONCE(*pte, large);
	flush_later(walk, addr, large ? level : 0);
	free_later(walk, table);
}

/* Shows an entry that points to no table, and puts one there if the callback wants it. */
static int show_entry(struct page_walk *walk, pte_t *pte, unsigned int level, unsigned long addr)
{
	pte_t old = READ_ONCE(*pte);
	int err = 0;

	if (walk->large && old)
		err = walk->large(walk, pte, addr & -PT_LEVEL_SIZE(level), level);
	else if (walk->entry)
		err = walk->entry(walk, pte, addr & -PT_LEVEL_SIZE(level), level);
	if (err == PGWALK_DESCEND && is_table(READ_ONCE(*pte), level))
		return err; /* the callback has put one there */
	if (err == PGWALK_DESCEND) {
		if (WARN_ON_ONCE(level == 0))
			return -EINVAL;
		err = split(walk, pte, level) ?: PGWALK_DESCEND;
	}
	if (old & PTE_PRESENT && *pte != old && !walk->large)
		flush_later(walk, addr, level);
	return err;
}

static int walk_table(struct page_walk *walk, pte_t *table, unsigned int level, unsigned long addr);

static int walk_entry(struct page_walk *walk, pte_t *pte, unsigned int level, unsigned long addr)
{
	int err = is_table(*pte, level) ? PGWALK_DESCEND : show_entry(walk, pte, level, addr);

	if (err != PGWALK_DESCEND)
		return err;
	err = walk_table(walk, table_of(*pte), level - 1, addr);
	if (walk->changes)
		tidy(walk, pte, level, addr);
	return err;
}

/* The part of the range that lies in this table of level 0, at once. */
static int walk_lowest(struct page_walk *walk, pte_t *table, unsigned long addr)
{
	unsigned int first = pt_index(addr, 0), last = PT_ENTRIES - 1;

	if ((addr ^ walk->last) >> PT_LEVEL_SHIFT(1) == 0)
		last = pt_index(walk->last, 0);
	return walk->table(walk, &table[first], addr & PAGE_MASK, last - first + 1);
}

/* Nobody asks for an empty entry. */
static bool shows_nothing(const struct page_walk *walk, pte_t entry)
{
	return !entry && !walk->entry;
}

/* The part of the range from @addr to the end of this table. */
static int walk_table(struct page_walk *walk, pte_t *table, unsigned int level, unsigned long addr)
{
	unsigned int i;
	int err;

	if (level == 0 && walk->table)
		return walk_lowest(walk, table, addr);
	for (i = pt_index(addr, level); i < PT_ENTRIES; i++) {
		err = shows_nothing(walk, table[i]) ? 0 : walk_entry(walk, &table[i], level, addr);
		if (err)
			return err;
		addr = (addr | (PT_LEVEL_SIZE(level) - 1)) + 1;
		if (!addr || addr > walk->last)
			break;
	}
	return 0;
}

/*
 * The way down that all of the range shares, from the root to the table in which it parts, *@level,
 * or ends.  Who changes tables walks it with walk_table(), which looks at them on the way back.
 */
static pte_t *common_table(const struct page_walk *walk, unsigned int *level)
{
	unsigned long differ = walk->start ^ walk->last;
	pte_t *table = walk->pt->root;

	*level = PT_ROOT_LEVEL;
	while (*level && !walk->changes && !(differ >> PT_LEVEL_SHIFT(*level))) {
		pte_t entry = READ_ONCE(table[pt_index(walk->start, *level)]);

		if (!pte_is_table(entry))
			break;
		table = table_of(entry);
		--*level;
	}
	return table;
}

int page_walk_range(struct page_walk *walk)
{
	unsigned int level;
	pte_t *table;
	int err;

	if (walk->start > walk->last || !is_canonical(walk->start) || !is_canonical(walk->last) ||
	    (walk->start ^ walk->last) >> 63)
		return -EINVAL;
	walk->nr_freed = 0;
	nothing_to_flush(walk);
	table = common_table(walk, &level);
	err = walk_table(walk, table, level, walk->start);
	flush_and_free(walk);
	return err;
}

/* Fills in the range of a walk. False if it is empty, wraps, or is not made of pages. */
static bool set_range(struct page_walk *walk, unsigned long virt, u64 size)
{
	walk->start = virt;
	walk->last = virt + size - 1;
	return size && walk->last >= virt && IS_ALIGNED(virt | size, PAGE_SIZE);
}

/* --- map --- */

struct map_walk {
	struct page_walk walk;
	struct page_source *source;
	pte_t flags;
};

struct phys_range { /* the source that is one range of physical memory */
	struct page_source source;
	phys_addr_t next;
};

static phys_addr_t take_from_range(struct page_source *source, u64 size)
{
	struct phys_range *range = container_of(source, struct phys_range, source);
	phys_addr_t phys = range->next;

	if (!IS_ALIGNED(phys, size))
		return PHYS_NONE;
	range->next += size;
	return phys;
}

static int map_entry(struct page_walk *walk, pte_t *pte, unsigned long addr, unsigned int level)
{
	struct map_walk *map = container_of(walk, struct map_walk, walk);
	phys_addr_t phys;

	if (level > walk->pt->max_leaf_level || !page_walk_covers(walk, addr, level))
		return PGWALK_DESCEND;
	phys = map->source->take(map->source, PT_LEVEL_SIZE(level));
	if (phys == PHYS_NONE)
		return level ? PGWALK_DESCEND : -EINVAL;
	WRITE_ONCE(*pte, phys | map->flags | (level ? PTE_LARGE : 0));
	return 0;
}

static int find_page(struct page_walk *walk __maybe_unused, pte_t *pte,
		     unsigned long addr __maybe_unused, unsigned int level __maybe_unused)
{
	return *pte ? -EEXIST : 0;
}

static int leave_entry(struct page_walk *walk __maybe_unused, pte_t *pte __maybe_unused,
		       unsigned long addr __maybe_unused, unsigned int level __maybe_unused)
{
	return 0;
}

/* Merges the tables on the way to @addr that one large page could replace. */
static void merge_around(struct page_table *pt, unsigned long addr)
{
	struct page_walk walk = {
		.pt = pt,
		.start = addr,
		.last = addr,
		.entry = leave_entry,
		.changes = true,
	};

	page_walk_range(&walk);
}

/*
 * Nothing is merged before all is mapped: undoing a merge with a neighbour takes a table, and the
 * want of one may be why there is something to undo.  Only at its ends can a mapping complete a
 * large page; inside it has used large ones already.
 */
int page_table_map_source(struct page_table *pt, unsigned long virt, u64 size,
			  struct page_source *source, pte_t flags)
{
	struct map_walk map = {
		.walk = { .pt = pt, .entry = find_page },
		.source = source,
		.flags = flags,
	};
	int err;

	if (!set_range(&map.walk, virt, size))
		return -EINVAL;
	err = page_walk_range(&map.walk);
	if (err)
		return err;
	map.walk.entry = map_entry;
	map.walk.changes = map.walk.keeps_parts = true;
	err = page_walk_range(&map.walk);
	if (err) {
		page_table_unmap(pt, virt, size);
		return err;
	}
	merge_around(pt, map.walk.start);
	merge_around(pt, map.walk.last);
	return 0;
}

int page_table_map(struct page_table *pt, unsigned long virt, phys_addr_t phys, u64 size,
		   pte_t flags)
{
	struct phys_range range = { .source.take = take_from_range, .next = phys };

	if (!IS_ALIGNED(phys, PAGE_SIZE))
		return -EINVAL;
	return page_table_map_source(pt, virt, size, &range.source, flags);
}

/* --- unmap --- */

struct unmap_walk {
	struct page_walk walk;
	struct page_sink *sink; /* or NULL */
};

static phys_addr_t phys_of(pte_t pte, unsigned int level)
{
	return pte & PTE_ADDR_MASK & -PT_LEVEL_SIZE(level);
}

static int unmap_entry(struct page_walk *walk, pte_t *pte, unsigned long addr, unsigned int level)
{
	struct unmap_walk *unmap = container_of(walk, struct unmap_walk, walk);
	pte_t old = *pte;

	if (!old)
		return 0;
	if (!page_walk_covers(walk, addr, level))
		return PGWALK_DESCEND;
	WRITE_ONCE(*pte, 0);
	if (unmap->sink && old & PTE_PRESENT)
		unmap->sink->put(unmap->sink, phys_of(old, level), PT_LEVEL_SIZE(level));
	return 0;
}

int page_table_unmap_sink(struct page_table *pt, unsigned long virt, u64 size,
			  struct page_sink *sink)
{
	struct unmap_walk unmap = {
		.walk = { .pt = pt, .entry = unmap_entry, .changes = true },
		.sink = sink,
	};

	return set_range(&unmap.walk, virt, size) ? page_walk_range(&unmap.walk) : -EINVAL;
}

int page_table_unmap(struct page_table *pt, unsigned long virt, u64 size)
{
	return page_table_unmap_sink(pt, virt, size, NULL);
}

/* --- protect --- */

struct protect_walk {
	struct page_walk walk;
	pte_t set, clear;
};

static int protect_entry(struct page_walk *walk, pte_t *pte, unsigned long addr, unsigned int level)
{
	struct protect_walk *protect = container_of(walk, struct protect_walk, walk);
	pte_t old = READ_ONCE(*pte), wanted;

	do {
		wanted = (old & ~protect->clear) | protect->set;
		if (!old || wanted == old)
			return 0;
		if (!page_walk_covers(walk, addr, level))
			return PGWALK_DESCEND;
	} while (!__atomic_compare_exchange_n(pte, &old, wanted, false, __ATOMIC_RELAXED,
					      __ATOMIC_RELAXED));
	return 0;
}

int page_table_protect(struct page_table *pt, unsigned long virt, u64 size, pte_t set, pte_t clear)
{
	struct protect_walk protect = {
		.walk = { .pt = pt, .entry = protect_entry, .changes = true },
		.set = set,
		.clear = clear,
	};

	return set_range(&protect.walk, virt, size) ? page_walk_range(&protect.walk) : -EINVAL;
}

/* --- query --- */

struct query_walk {
	struct page_walk walk;
	pte_t *pte;
	unsigned int level;
};

static int query_entry(struct page_walk *walk, pte_t *pte, unsigned long addr __maybe_unused,
		       unsigned int level)
{
	struct query_walk *query = container_of(walk, struct query_walk, walk);

	query->pte = pte;
	query->level = level;
	return 0;
}

pte_t *page_table_entry(struct page_table *pt, unsigned long virt, unsigned int *level)
{
	struct query_walk query = { .walk = { .pt = pt, .entry = query_entry } };

	query.walk.start = query.walk.last = virt;
	if (page_walk_range(&query.walk))
		return NULL;
	*level = query.level;
	return query.pte;
}

pte_t page_table_query(struct page_table *pt, unsigned long virt, unsigned int *level)
{
	pte_t *pte = page_table_entry(pt, virt, level);

	return pte ? READ_ONCE(*pte) : 0;
}
