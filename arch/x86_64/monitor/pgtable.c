/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The page tables that the processor uses now, from CR3 down: the way to one address, or all that
 * is mapped in a range, neighbours with equal rights put together.  Tables are read through the
 * direct map without trust in them: an entry that points nowhere ends the walk there.
 *
 * The rights of a page are those of all levels together: writable and user need every level,
 * no-execute any.  Four levels; five (LA57) are left out.
 */
#include <linux/errno.h>

#include <arch/monitor.h>
#include <arch/msr.h>
#include <arch/page.h>
#include <oshit/math.h>
#include <oshit/monitor.h>
#include <oshit/nofault.h>
#include <oshit/sizes.h>
#include <oshit/vmalloc.h>

#define ENTRY_PRESENT  (1UL << 0)
#define ENTRY_WRITE    (1UL << 1)
#define ENTRY_USER     (1UL << 2)
#define ENTRY_PWT      (1UL << 3)
#define ENTRY_PCD      (1UL << 4)
#define ENTRY_ACCESSED (1UL << 5)
#define ENTRY_DIRTY    (1UL << 6)
#define ENTRY_LARGE    (1UL << 7) /* level 2 and 3; PAT at level 1 */
#define ENTRY_GLOBAL   (1UL << 8)
#define ENTRY_NX       (1UL << 63)
#define ENTRY_ADDRESS  0x000ffffffffff000UL

#define TOP_LEVEL      4
#define TABLE_ENTRIES  512

/* What a range is compared by: accessed and dirty differ from page to page and say little. */
#define RANGE_ALL      (ENTRY_PRESENT | ENTRY_WRITE | ENTRY_USER) /* need every level */
#define RANGE_LEAF     (ENTRY_PWT | ENTRY_PCD | ENTRY_GLOBAL) /* the last level's */

static const char *const level_names[TOP_LEVEL + 1] = { "", "PT", "PD", "PDPT", "PML4" };

struct range_dump { /* one dump under way */
	unsigned long from, to; /* in   first and last byte */
	unsigned long start, last; /* out  range found so far, first and last byte */
	u64 flags; /* out  of that range */
	unsigned int level; /* out  of its entries; 0: no range yet */
};

/* Bytes that an entry of @level maps, as a shift. */
static unsigned int level_shift(unsigned int level)
{
	return PAGE_SHIFT + 9 * (level - 1);
}

static unsigned int entry_index(unsigned long addr, unsigned int level)
{
	return addr >> level_shift(level) & (TABLE_ENTRIES - 1);
}

static bool is_leaf(u64 entry, unsigned int level)
{
	return level == 1 || (level <= 3 && (entry & ENTRY_LARGE));
}

static int read_entry(phys_addr_t table, unsigned int index, u64 *entry)
{
	return kernel_read_nofault(entry, (u64 *)phys_to_virt(table) + index, sizeof(*entry));
}

static void print_flags(u64 flags)
{
	monitor_printf("%s %s %s%s%s%s%s%s", flags & ENTRY_WRITE ? "rw" : "ro",
		       flags & ENTRY_NX ? "nx" : "x ", flags & ENTRY_USER ? "user" : "kernel",
		       flags & ENTRY_GLOBAL ? " global" : "", flags & ENTRY_PWT ? " pwt" : "",
		       flags & ENTRY_PCD ? " pcd" : "", flags & ENTRY_ACCESSED ? " accessed" : "",
		       flags & ENTRY_DIRTY ? " dirty" : "");
}

static void print_entry(u64 entry, unsigned int level, unsigned int index)
{
	monitor_printf("%-4s [%3u] %016lx ", level_names[level], index, entry);
	if (!(entry & ENTRY_PRESENT)) {
		monitor_printf("not present\n");
		return;
	}
	print_flags(entry);
	monitor_printf(is_leaf(entry, level) ? " page\n" : " table\n");
}

static void print_translation(unsigned long addr, u64 entry, unsigned int level)
{
	u64 offset = (1UL << level_shift(level)) - 1;

	monitor_printf("0x%lx is physical 0x%lx, in a page of %lu KiB\n", addr,
		       (entry & ENTRY_ADDRESS & ~offset) | (addr & offset), (offset + 1) / KIB(1));
}

/* Whose address it is, if the region of vmalloc has it. */
static void print_area(unsigned long addr)
{
	struct vmalloc_info info;

	if (!is_vmalloc_addr((void *)addr))
		return;
	if (!vmalloc_peek(addr, &info) || addr < info.start) {
		monitor_printf("in no area of vmalloc\n");
		return;
	}
	monitor_printf("%s %s area of %lu KiB at 0x%lx, made by %pS\n",
		       addr < info.start + info.size ? "in the" : "in the guard page behind the",
		       vmalloc_kind_name(info.kind), info.size / KIB(1), info.start, info.caller);
}

static void walk_to(unsigned long addr)
{
	phys_addr_t table = read_cr3() & ENTRY_ADDRESS;
	unsigned int index;
	u64 entry;

	monitor_printf("CR3  %016lx\n", read_cr3());
	for (unsigned int level = TOP_LEVEL; level > 0; level--) {
		index = entry_index(addr, level);
		if (read_entry(table, index, &entry)) {
			monitor_printf("the table at physical 0x%lx cannot be read\n", table);
			return;
		}
		print_entry(entry, level, index);
		if (!(entry & ENTRY_PRESENT))
			return;
		if (is_leaf(entry, level)) {
			print_translation(addr, entry, level);
			return;
		}
		table = entry & ENTRY_ADDRESS;
	}
}

static void print_range(const struct range_dump *dump)
{
	if (!dump->level)
		return;
	monitor_printf("%016lx - %016lx %10lu KiB %-4s ", dump->start, dump->last,
		       (dump->last - dump->start) / KIB(1) + 1, level_names[dump->level]);
	print_flags(dump->flags);
	monitor_printf("\n");
}

static void add_page(struct range_dump *dump, unsigned long addr, u64 flags, unsigned int level)
{
	if (dump->level != level || dump->flags != flags || dump->last + 1 != addr) {
		print_range(dump);
		dump->start = addr;
		dump->flags = flags;
		dump->level = level;
	}
	dump->last = addr + (1UL << level_shift(level)) - 1;
}

/* The rights below @entry, given those above it. */
static u64 combine(u64 above, u64 entry)
{
	return (above & entry & RANGE_ALL) | (entry & RANGE_LEAF) | ((above | entry) & ENTRY_NX);
}

static unsigned long canonical(unsigned long addr)
{
	return (unsigned long)((long)(addr << 16) >> 16);
}

static void dump_table(struct range_dump *dump, phys_addr_t table, unsigned int level,
		       unsigned long base, u64 above)
{
	u64 size = 1UL << level_shift(level);
	unsigned long addr;
	u64 entry;

	for (unsigned int i = 0; i < TABLE_ENTRIES && !monitor_interrupted(); i++) {
		addr = canonical(base + i * size);
		if (addr + size - 1 < dump->from || addr > dump->to)
			continue;
		if (read_entry(table, i, &entry) || !(entry & ENTRY_PRESENT))
			continue;
		if (is_leaf(entry, level))
			add_page(dump, addr, combine(above, entry), level);
		else if (level > 1)
			dump_table(dump, entry & ENTRY_ADDRESS, level - 1, addr,
				   combine(above, entry));
	}
}

static int pgtable(int argc, char **argv)
{
	struct range_dump dump = { .to = ~0UL };
	unsigned long addr = 0;

	if (argc > 3 || (argc > 1 && monitor_parse_address(argv[1], &addr)) ||
	    (argc > 2 && monitor_parse_address(argv[2], &dump.to)))
		return -EINVAL;
	if (argc == 2) {
		print_area(addr);
		walk_to(addr);
		return 0;
	}
	dump.from = addr;
	dump_table(&dump, read_cr3() & ENTRY_ADDRESS, TOP_LEVEL, 0, ENTRY_PRESENT | RANGE_ALL);
	print_range(&dump);
	return 0;
}
MONITOR_COMMAND(pgtable, "[ADDRESS|START END]",
		"page table entries on the way to ADDRESS\n"
		"With START and END, or nothing: what is mapped there, by ranges of equal rights.",
		pgtable);
