/* SPDX-License-Identifier: GPL-2.0-only */
/* The kernel's table as it is once booting is done, and while it changes. */
#include <arch/mm.h>
#include <arch/page.h>
#include <oshit/container_of.h>
#include <oshit/kernel_map.h>
#include <oshit/math.h>
#include <oshit/mmzone.h>
#include <oshit/nofault.h>
#include <oshit/sizes.h>
#include <oshit/string.h>
#include <oshit/test.h>
#include <oshit/vmalloc.h>

#define KERNEL_HALF (PT_ENTRIES / 2)

static bool can_read(const void *addr)
{
	u8 byte;

	return !kernel_read_nofault(&byte, addr, 1);
}

static void code_and_data_of_the_boot_are_gone(struct test *t)
{
	unsigned long nr_kept = 0;

	for (char *page = _init_begin; page < _init_end; page += PAGE_SIZE) {
		EXPECT_FALSE(t, can_read(page));
		nr_kept += !pfn_is_managed(symbol_to_phys(page) >> PAGE_SHIFT);
	}
	EXPECT_EQ(t, nr_kept, 0UL);
	EXPECT_TRUE(t, can_read(_rodata));
	EXPECT_TRUE(t, can_read(_init_end));
}

struct rights_walk {
	struct page_walk walk;
	unsigned long executable; /* out  pages */
	unsigned long outside_text; /* out  of them */
	unsigned long writable; /* out  of them */
};

static int note_rights(struct page_walk *walk, pte_t *pte, unsigned long addr, unsigned int level)
{
	struct rights_walk *rights = container_of(walk, struct rights_walk, walk);
	unsigned long nr = PT_LEVEL_SIZE(level) / PAGE_SIZE;

	if (!(*pte & PTE_PRESENT) || *pte & PTE_NO_EXECUTE)
		return 0;
	rights->executable += nr;
	rights->writable += *pte & PTE_WRITE ? nr : 0;
	if (addr < (unsigned long)_text || addr + nr * PAGE_SIZE > (unsigned long)_rodata)
		rights->outside_text += nr;
	return 0;
}

static void text_alone_is_executable(struct test *t)
{
	struct rights_walk rights = {
		.walk = { .pt = &kernel_page_table,
			  .start = -(1UL << 47),
			  .last = ~0UL,
			  .entry = note_rights },
	};
	void *memory = vmalloc(MIB(3));

	if (!(arch_kernel_pte(KERNEL_RW) & PTE_NO_EXECUTE))
		return test_skip(t, "the processor cannot forbid execution");
	EXPECT_OK(t, page_walk_range(&rights.walk));
	EXPECT_EQ(t, rights.executable, (unsigned long)(_rodata - _text) / PAGE_SIZE);
	EXPECT_EQ(t, rights.outside_text, 0UL);
	EXPECT_EQ(t, rights.writable, 0UL);
	vfree(memory);
}

static void root_is_the_same_after_all_changes(struct test *t)
{
	phys_addr_t device = ALIGN_UP(max_pfn * PAGE_SIZE, GIB(1)) + GIB(1);
	static pte_t before[PT_ENTRIES];
	void *areas[8];

	if (IS_ENABLED(CONFIG_KASAN))
		return test_skip(t, "the shadow of 512 GiB is too large");
	memcpy(before, kernel_page_table.root, sizeof(before));
	for (size_t i = 0; i < ARRAY_SIZE(areas); i++)
		areas[i] = (__force void *)ioremap(device, GIB(66));
	EXPECT_TRUE(t, areas[7]); /* over 512 GiB: more than one entry of the root */
	for (size_t i = 0; i < ARRAY_SIZE(areas); i++)
		iounmap((__force void __iomem *)areas[i]);
	for (size_t i = KERNEL_HALF; i < PT_ENTRIES; i++)
		EXPECT_EQ(t, kernel_page_table.root[i] & ~PTE_ACCESSED, before[i] & ~PTE_ACCESSED);
	for (size_t i = 0; i < KERNEL_HALF; i++)
		EXPECT_EQ(t, kernel_page_table.root[i], 0UL);
}

static void part_of_a_large_page_can_be_protected_and_healed(struct test *t)
{
	struct page *block = alloc_pages(GFP_KERNEL | __GFP_NOWARN, 9);
	unsigned long addr;
	unsigned int level;
	u8 byte = 1;

	if (!block)
		return test_skip(t, "no free block of 2 MiB");
	addr = (unsigned long)page_to_virt(block);
	ASSERT_OK(t, kernel_protect(addr + PAGE_SIZE, PAGE_SIZE, 0, PTE_WRITE));
	EXPECT_NE(t, kernel_query(addr, &level), 0UL);
	EXPECT_EQ(t, level, 0U);
	EXPECT_TRUE(t, kernel_write_nofault((void *)(addr + PAGE_SIZE), &byte, 1));
	EXPECT_OK(t, kernel_write_nofault((void *)addr, &byte, 1));
	ASSERT_OK(t, kernel_protect(addr + PAGE_SIZE, PAGE_SIZE, PTE_WRITE, 0));
	EXPECT_OK(t, kernel_write_nofault((void *)(addr + PAGE_SIZE), &byte, 1));
	EXPECT_NE(t, kernel_query(addr, &level), 0UL);
	EXPECT_GT(t, level, 0U);
	__free_pages(block, 9);
}

static unsigned int level_of(unsigned long addr)
{
	unsigned int level = 0;

	return kernel_query(addr, &level) ? level : 0;
}

/* An address in the direct map that one entry of 1 GiB maps, a GiB that holds free memory; or 0. */
static unsigned long find_gigantic(struct page **page)
{
	struct page *pages[64];
	unsigned long found = 0;
	size_t nr = 0;

	/* The highest memory is given out first: boot memory lies in the lowest GiB. */
	while (!found && nr < ARRAY_SIZE(pages)) {
		pages[nr] = alloc_pages(GFP_KERNEL | __GFP_NOWARN, MAX_PAGE_ORDER);
		if (!pages[nr])
			break;
		if (level_of((unsigned long)page_to_virt(pages[nr])) == 2)
			found = (unsigned long)page_to_virt(pages[nr]);
		nr++;
	}
	if (found)
		*page = pages[--nr];
	while (nr)
		__free_pages(pages[--nr], MAX_PAGE_ORDER);
	return found;
}

static void gigantic_pages_of_the_direct_map_split_and_merge(struct test *t)
{
	struct page *page;
	unsigned long addr = find_gigantic(&page), other;

	if (!addr)
		return test_skip(t, "no GiB of memory is mapped by one entry");
	other = addr ^ MIB(512);
	EXPECT_EQ(t, level_of(other), 2U);
	ASSERT_OK(t, kernel_protect(addr, PAGE_SIZE, PTE_WRITE, 0));
	EXPECT_EQ(t, level_of(addr), 2U); /* nothing has changed */
	ASSERT_OK(t, kernel_protect(addr, PAGE_SIZE, 0, PTE_WRITE));
	EXPECT_EQ(t, level_of(addr), 0U);
	EXPECT_EQ(t, level_of(other), 1U);
	ASSERT_OK(t, kernel_protect(addr, PAGE_SIZE, PTE_WRITE, 0));
	EXPECT_EQ(t, level_of(addr), 2U);
	EXPECT_EQ(t, level_of(other), 2U);
	__free_pages(page, MAX_PAGE_ORDER);
}

static const struct test_case kernel_map_cases[] = {
	TEST_CASE(code_and_data_of_the_boot_are_gone),
	TEST_CASE(text_alone_is_executable),
	TEST_CASE(root_is_the_same_after_all_changes),
	TEST_CASE(part_of_a_large_page_can_be_protected_and_healed),
	TEST_CASE(gigantic_pages_of_the_direct_map_split_and_merge),
};
TEST_SUITE(kernel_map, kernel_map_cases);
