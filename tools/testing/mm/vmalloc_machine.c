/* SPDX-License-Identifier: GPL-2.0-only */
/* The kernel's page table and vmalloc on the usual machine; after boot_slab.c. */
#include <arch/mm.h>
#include <arch/stack.h>
#include <arch/tlb.h>
#include <oshit/atomic.h>
#include <oshit/bug.h>
#include <oshit/gfp.h>
#include <oshit/kernel_map.h>
#include <oshit/kernel_stack.h>
#include <oshit/math.h>
#include <oshit/mmzone.h>
#include <oshit/slab.h>
#include <oshit/vmalloc.h>

#include "vmalloc_machine.h"

#define TLB_PAGES      (1UL << 18) /* virtual pages from vmalloc_base on: 1 GiB */
#define MAX_PFN	       (1UL << 21)
#define DEVICE_PHYS    (1UL << 40)
#define MAX_LOAD_PAGES 64
#define LARGE_PAGES    (LARGE_PAGE_SIZE / PAGE_SIZE)

unsigned long vmalloc_base = VMALLOC_BASE + (7UL << 30);

/* --- the TLB --- */

static u32 tlb[TLB_PAGES]; /* a  pfn + 1 of the translation that some CPU remembers; 0: none */
static u32 nr_translations[MAX_PFN]; /* a  to that page, remembered */

static void tlb_remember(unsigned long addr, unsigned long pfn)
{
	unsigned long i = (addr - vmalloc_base) / PAGE_SIZE;

	if (i < TLB_PAGES && pfn < MAX_PFN &&
	    !__atomic_exchange_n(&tlb[i], (u32)pfn + 1, __ATOMIC_SEQ_CST))
		__atomic_fetch_add(&nr_translations[pfn], 1, __ATOMIC_SEQ_CST);
}

void flush_tlb_kernel_range(unsigned long start, unsigned long last)
{
	for (unsigned long i = (start - vmalloc_base) / PAGE_SIZE;
	     i < TLB_PAGES && i <= (last - vmalloc_base) / PAGE_SIZE; i++) {
		u32 pfn = __atomic_exchange_n(&tlb[i], 0, __ATOMIC_SEQ_CST);

		if (pfn)
			__atomic_fetch_sub(&nr_translations[pfn - 1], 1, __ATOMIC_SEQ_CST);
	}
}

/* --- the machine --- */

pte_t arch_kernel_pte(enum kernel_rights rights)
{
	pte_t bits = PTE_PRESENT | PTE_NO_EXECUTE;

	if (rights == KERNEL_IO)
		bits |= PTE_NO_CACHE | PTE_WRITE_THROUGH;
	return rights == KERNEL_RO ? bits : bits | PTE_WRITE;
}

void arch_free_boot_table(pte_t *table __maybe_unused)
{
	WARN_ON(true);
}

bool arch_find_boot_stack(unsigned long addr __maybe_unused,
			  struct stack_bounds *bounds __maybe_unused)
{
	return false;
}

static unsigned long count_tables(const pte_t *table, unsigned int level)
{
	unsigned long nr = 0;

	for (unsigned long i = 0; level && i < PT_ENTRIES; i++)
		if (table[i] & PTE_PRESENT && !(table[i] & PTE_LARGE))
			nr += 1 + count_tables(phys_to_virt(table[i] & PTE_ADDR_MASK), level - 1);
	return nr;
}

unsigned long vmalloc_machine_tables(void)
{
	return count_tables(kernel_page_table.root, PT_ROOT_LEVEL);
}

static __attribute__((constructor(103))) void boot_vmalloc(void)
{
	kernel_map_init((pte_t *)get_zeroed_page(GFP_KERNEL), 2);
	BUG_ON(kernel_map_prepare(vmalloc_base, vmalloc_base + VMALLOC_SIZE - 1));
	vmalloc_init();
}

/* --- the load --- */

static void fail(struct vmalloc_load *load, const char *error)
{
	load->error = load->error ?: error;
}

/* The physical address at @addr, as a CPU finds it; PHYS_NONE: a fault. */
static phys_addr_t translate(unsigned long addr)
{
	unsigned int level;
	pte_t pte = kernel_query(addr, &level);
	phys_addr_t phys;

	if (!(pte & PTE_PRESENT))
		return PHYS_NONE;
	phys = (pte & PTE_ADDR_MASK & -PT_LEVEL_SIZE(level)) + (addr & (PT_LEVEL_SIZE(level) - 1));
	tlb_remember(addr & PAGE_MASK, phys / PAGE_SIZE);
	return phys;
}

static bool owns_pages(const struct load_area *area)
{
	return area->kind == VMALLOC_PAGES || area->kind == VMALLOC_STACK;
}

static void write_marks(struct vmalloc_load *load, const struct load_area *area)
{
	for (unsigned long i = 0; i < area->nr_pages; i++) {
		unsigned long addr = area->addr + i * PAGE_SIZE;
		unsigned int level;
		pte_t pte = kernel_query(addr, &level);
		unsigned long offset = addr & (PT_LEVEL_SIZE(level) - 1);
		phys_addr_t phys = (pte & PTE_ADDR_MASK & -PT_LEVEL_SIZE(level)) + offset;

		if (!pte || phys / PAGE_SIZE >= MAX_PFN)
			return fail(load, "a page of a new area is not mapped");
		if (area->kind == VMALLOC_PAGES &&
		    __atomic_load_n(&nr_translations[phys / PAGE_SIZE], __ATOMIC_SEQ_CST))
			fail(load, "a CPU has an old translation to a new page");
		*(u64 *)phys_to_virt(translate(addr)) = area->mark + i;
	}
}

static void check_memory(struct vmalloc_load *load, const struct load_area *area)
{
	for (unsigned long i = 0; i < area->nr_pages; i++) {
		phys_addr_t phys = translate(area->addr + i * PAGE_SIZE);

		if (phys == PHYS_NONE)
			return fail(load, "a page of an area is not mapped");
		if (area->kind == VMALLOC_IO && phys != DEVICE_PHYS + (area->mark + i) * PAGE_SIZE)
			fail(load, "a device is mapped wrongly");
		if (area->kind == VMALLOC_MAP && phys != page_to_phys(area->pages[i]))
			fail(load, "vmap() shows another page");
		if (owns_pages(area) && *(u64 *)phys_to_virt(phys) != area->mark + i)
			fail(load, "memory of an area was overwritten");
	}
}

static void check_area(struct vmalloc_load *load, const struct load_area *area)
{
	check_memory(load, area);
	if (translate(area->addr - PAGE_SIZE) != PHYS_NONE ||
	    translate(area->addr + area->nr_pages * PAGE_SIZE) != PHYS_NONE)
		fail(load, "a guard page is mapped");
	if (area->nr_pages >= LARGE_PAGES && area->addr % LARGE_PAGE_SIZE)
		fail(load, "a large area is not aligned");
}

static unsigned long make_vmap(struct load_area *area)
{
	struct page **pages = kmalloc_array(area->nr_pages, sizeof(*pages), GFP_KERNEL);
	unsigned long addr = 0, nr = 0;

	while (pages && nr < area->nr_pages && (pages[nr] = alloc_page(GFP_KERNEL | __GFP_NOWARN)))
		nr++;
	if (pages && nr == area->nr_pages)
		addr = (unsigned long)vmap(pages, (unsigned int)nr);
	area->pages = pages;
	while (!addr && nr)
		__free_page(pages[--nr]);
	if (!addr)
		kfree(pages);
	return addr;
}

static void take(struct vmalloc_load *load, struct load_area *area, u32 op)
{
	static u64 marks;

	area->nr_pages = 1 + op / 1024 % MAX_LOAD_PAGES;
	if (op / 64 % 16 == 0) /* some are large */
		area->nr_pages += op / 1024 % 1500;
	area->mark = __atomic_add_fetch(&marks, 1UL << 32, __ATOMIC_RELAXED);
	switch (op / 16 % 4) {
	case 0:
		area->kind = VMALLOC_IO;
		area->mark = op / 1024;
		area->addr = (__force unsigned long)ioremap(DEVICE_PHYS + area->mark * PAGE_SIZE,
							    area->nr_pages * PAGE_SIZE);
		break;
	case 1:
		area->kind = VMALLOC_MAP;
		area->addr = make_vmap(area);
		break;
	case 2:
		area->kind = VMALLOC_STACK;
		area->nr_pages = KERNEL_STACK_SIZE / PAGE_SIZE;
		area->addr = (unsigned long)kernel_stack_alloc();
		break;
	default:
		area->kind = VMALLOC_PAGES;
		area->addr = (unsigned long)__vmalloc(area->nr_pages * PAGE_SIZE,
						      GFP_KERNEL | __GFP_NOWARN);
		break;
	}
	if (area->addr && owns_pages(area))
		write_marks(load, area);
	if (area->addr)
		check_area(load, area);
}

static void free_area(struct load_area *area)
{
	switch (area->kind) {
	case VMALLOC_IO:
		return iounmap((void __iomem __force *)(area->addr + 5));
	case VMALLOC_STACK:
		return kernel_stack_free((void *)area->addr);
	case VMALLOC_PAGES:
		return vfree((void *)area->addr);
	default:
		vunmap((void *)area->addr);
		for (unsigned long i = 0; i < area->nr_pages; i++)
			__free_page(area->pages[i]);
		kfree(area->pages);
	}
}

static void give(struct vmalloc_load *load, struct load_area *area)
{
	check_area(load, area);
	free_area(area);
	area->addr = 0;
}

void vmalloc_load_step(struct vmalloc_load *load, u32 op)
{
	struct load_area *area = &load->areas[op % LOAD_SLOTS];

	if (area->addr)
		give(load, area);
	else
		take(load, area, op);
}

void vmalloc_load_end(struct vmalloc_load *load)
{
	for (unsigned int i = 0; i < LOAD_SLOTS; i++)
		if (load->areas[i].addr)
			give(load, &load->areas[i]);
	kernel_stack_drain();
}
