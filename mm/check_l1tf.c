/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A walk over page tables for entries that L1 Terminal Fault could use: not present, but with an
 * address below the end of memory.  A processor that has this flaw reads by speculation what the
 * address names, if it is in its first cache, whoever it belongs to; so the address bits of such an
 * entry must be 0 (the first page of memory is nobody's), or lie where no memory is:
 * <arch/pgtable.h> says how they get there.  Entries of all levels count.
 *
 * Who walks: kernel tables once at boot; the tables of each address space before they are freed, so
 * that whatever a test has done to them is looked at; the monitor, both at any time.  Tables may be
 * broken, or half changed when the monitor looks, so they are read as memory that may not be there.
 */
#define pr_fmt(fmt) "l1tf: " fmt

#include <oshit/check_l1tf.h>
#include <oshit/nofault.h>
#include <oshit/page.h>
#include <oshit/printk.h>

#define MAX_REPORTS 8 /* of a walk; more are only counted */

struct l1tf_walk {
	void (*report)(pte_t pte, unsigned long addr, unsigned int level); /* i */
	unsigned int nr_found;
};

static bool leads_to_memory(pte_t pte)
{
	phys_addr_t phys = pte & PTE_ADDR_MASK;

	return !(pte & PTE_PRESENT) && phys && phys >> PAGE_SHIFT < max_pfn;
}

static unsigned long sign_extend(unsigned long addr)
{
	return (unsigned long)((long)(addr << 16) >> 16);
}

static void check_entry(struct l1tf_walk *walk, pte_t pte, unsigned long addr, unsigned int level)
{
	if (leads_to_memory(pte) && walk->nr_found++ < MAX_REPORTS)
		walk->report(pte, sign_extend(addr), level);
}

/* Entries @first to @last of the table at @table, which is for addresses from @addr. Calls itself
 * once a level. */
static void check_table(struct l1tf_walk *walk, phys_addr_t table, unsigned long addr,
			unsigned int level, unsigned int first, unsigned int last)
{
	const pte_t *entries = phys_to_virt(table);
	pte_t pte;

	for (unsigned int i = first; i <= last; i++) {
		unsigned long at = addr + i * PT_LEVEL_SIZE(level);

		if (kernel_read_nofault(&pte, &entries[i], sizeof(pte)))
			return;
		check_entry(walk, pte, at, level);
		if (level && pte_is_table(pte))
			check_table(walk, pte & PTE_ADDR_MASK, at, level - 1, 0, PT_ENTRIES - 1);
	}
}

static void report_to_log(pte_t pte, unsigned long addr, unsigned int level)
{
	pr_err("entry %#lx of level %u for %#lx leads to memory", pte, level, addr);
}

unsigned int l1tf_check_user(phys_addr_t root, l1tf_report_fn report)
{
	struct l1tf_walk walk = { .report = report ?: report_to_log };

	check_table(&walk, root, 0, PT_ROOT_LEVEL, 0, PT_ENTRIES / 2 - 1);
	return walk.nr_found;
}

unsigned int l1tf_check_kernel(phys_addr_t root, l1tf_report_fn report)
{
	struct l1tf_walk walk = { .report = report ?: report_to_log };

	check_table(&walk, root, 0, PT_ROOT_LEVEL, PT_ENTRIES / 2, PT_ENTRIES - 1);
	return walk.nr_found;
}
