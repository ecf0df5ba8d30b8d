/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The kernel's own page table: its final rights, and what the boot code leaves behind.
 *
 * Nothing is both writable and executable.  The table is the one that head.S began; its first
 * tables lie in the image or came from memblock, all later ones are pages of the allocator.  When a
 * table of the boot code is not needed any more its memory goes to the allocator: at once if it
 * came from memblock, and at the end of the boot if it lies in the image, where it must be
 * unmapped first, which cannot be done in the middle of a walk.
 *
 * The root's entries in the upper half are final after arch_kernel_tables_init(): the direct map,
 * the page array and the image have theirs from before, vmalloc and the fixed mappings get here
 * what they may ever use.  Every address space may copy them.
 *
 * Context: boot, one CPU; CR0.WP is on since head.S, so read-only binds the kernel, too.
 */
#define pr_fmt(fmt) "mm: " fmt

#include <arch/boot_stacks.h>
#include <arch/kasan.h>
#include <arch/layout.h>
#include <arch/mm.h>
#include <arch/msr.h>
#include <arch/page.h>
#include <oshit/bug.h>
#include <oshit/check_l1tf.h>
#include <oshit/gfp.h>
#include <oshit/init.h>
#include <oshit/math.h>
#include <oshit/mm_context.h>
#include <oshit/panic.h>
#include <oshit/printk.h>
#include <oshit/string.h>

#include "tables.h"

#define MAX_GIVEN_UP 16 /* more than head.S has */

static pte_t no_execute __ro_after_init; /* 0 on processors that have it not */
pte_t pte_supported __ro_after_init = ~PTE_NO_EXECUTE;
static char *given_up[MAX_GIVEN_UP]; /* tables of the image, at their addresses there */
static unsigned int nr_given_up;

pte_t arch_kernel_pte(enum kernel_rights rights)
{
	pte_t bits = PTE_PRESENT | PTE_ACCESSED | PTE_DIRTY | no_execute;

	switch (rights) {
	case KERNEL_RO:
		return bits;
	case KERNEL_IO:
		return bits | PTE_WRITE | PTE_WRITE_THROUGH | PTE_NO_CACHE;
	default:
		return bits | PTE_WRITE;
	}
}

void arch_free_boot_table(pte_t *table)
{
	phys_addr_t phys = virt_to_phys(table);
	char *in_image = (char *)(phys + image_offset);

	if (in_image < _text || in_image >= _end)
		free_reserved_range(phys, phys + PAGE_SIZE);
	else if (nr_given_up < MAX_GIVEN_UP)
		given_up[nr_given_up++] = in_image;
}

/*
 * Whole pages of the image: their addresses stay empty, their memory is the allocator's.
 * Returns their number, 0 without memory for the tables.
 *
 * They are cleared: a stray pointer finds no boot code, and an emulator that has translated it
 * forgets that; until then it takes a slow path for each store to such a page.
 */
static unsigned long give_away(char *start, char *end)
{
	if (start == end || kernel_unmap_part((unsigned long)start, (unsigned long)(end - start)))
		return 0;
	memset(phys_to_virt(symbol_to_phys(start)), 0, (size_t)(end - start));
	return free_reserved_range(symbol_to_phys(start), symbol_to_phys(end));
}

/* One part of the image, or of the direct map. */
static void protect(unsigned long start, unsigned long end, pte_t set, pte_t clear)
{
	if (start < end && kernel_protect(start, end - start, set, clear))
		panic("no memory for the kernel's page tables");
}

/* What the boot code mapped or prepared around the image, and no more needs to. */
static __init void unmap(unsigned long start, unsigned long end)
{
	if (start < end && kernel_unmap_part(start, end - start))
		panic("no memory for the kernel's page tables");
}

static __init void protect_image(void)
{
	unsigned long init_data = ALIGN_UP((unsigned long)_einit_text, PAGE_SIZE);
	unsigned long end = ALIGN_UP((unsigned long)_end, PAGE_SIZE);

	protect((unsigned long)_text, (unsigned long)_rodata, 0, PTE_WRITE);
	protect((unsigned long)_rodata, (unsigned long)_init_text, no_execute, PTE_WRITE);
	protect((unsigned long)_init_text, init_data, 0, PTE_WRITE);
	protect(init_data, end, no_execute, 0);
	unmap(IMAGE_WINDOW_BASE, (unsigned long)_text);
	unmap(end, IMAGE_WINDOW_BASE + IMAGE_WINDOW_SIZE);
}

/* An overflow of a boot stack must not run into what lies below. */
static __init void guard_boot_stacks(void)
{
	give_away(boot_stacks.guard, boot_stacks.stack);
	for (unsigned int i = 0; i < NR_IST; i++)
		give_away(boot_stacks.ist[i].guard, boot_stacks.ist[i].stack);
}

void arch_copy_kernel_half(pte_t *root)
{
	memcpy(root + PT_ENTRIES / 2, kernel_page_table.root + PT_ENTRIES / 2,
	       PT_ENTRIES / 2 * sizeof(*root));
}

void arch_seal_data(void)
{
	protect((unsigned long)_ro_after_init, (unsigned long)_data, 0, PTE_WRITE);
}

/* The same for the shadow of addresses. */
static __init int kasan_map_prepare(unsigned long start, unsigned long last)
{
	if (!IS_ENABLED(CONFIG_KASAN))
		return 0;
	return kernel_map_prepare((unsigned long)kasan_shadow_of(start),
				  (unsigned long)kasan_shadow_of(last));
}

__init void arch_kernel_tables_init(void)
{
	no_execute = rdmsr(MSR_EFER) & EFER_NX ? PTE_NO_EXECUTE : 0;
	pte_supported |= no_execute;
	kernel_map_init(phys_to_virt(read_cr3() & PTE_ADDR_MASK), cpu_max_leaf_level());
	mm_context_init(read_cr3() & PTE_ADDR_MASK);
	if (kernel_map_prepare(vmalloc_base, vmalloc_base + VMALLOC_SIZE - 1) ||
	    kasan_map_prepare(vmalloc_base, vmalloc_base + VMALLOC_SIZE - 1))
		panic("no memory for the kernel's page tables");
	protect(direct_map_base, direct_map_base + EARLY_MAP_SIZE, no_execute, 0);
	protect_image();
	guard_boot_stacks();
	if (no_execute)
		check_wx();
	else
		pr_warn("this processor cannot forbid execution; data can be executed");
	WARN_ON(l1tf_check_kernel(kernel_mm_context.root, NULL));
}

void arch_free_init_memory(void)
{
	unsigned long nr = give_away(_init_begin, _init_end);

	while (nr_given_up) {
		char *table = given_up[--nr_given_up];

		nr += give_away(table, table + PAGE_SIZE);
	}
	pr_info("%lu KiB of the boot code freed", nr * (PAGE_SIZE / 1024));
}
