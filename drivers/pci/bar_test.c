/* SPDX-License-Identifier: GPL-2.0-only */
/* Address registers as devices have them. */
#include <oshit/test.h>

#include "pci.h"

static void check_bar(struct test *t, const u32 set[2], const u32 mask[2],
		      const struct pci_bar *wanted)
{
	struct pci_bar bar;

	pci_decode_bar(&bar, set, mask);
	EXPECT_EQ(t, bar.size, wanted->size);
	if (!bar.size)
		return;
	EXPECT_EQ(t, bar.start, wanted->start);
	EXPECT_EQ(t, bar.flags, wanted->flags);
}

static void bar_of_memory_tells_place_and_size(struct test *t)
{
	const u32 set[2] = { 0xfebd5000, 0 }, mask[2] = { 0xfffff000, 0 };

	check_bar(t, set, mask, &(struct pci_bar){ 0xfebd5000, 0x1000, 0 });
}

static void bar_of_64_bits_takes_the_next_one(struct test *t)
{
	const u32 set[2] = { 0x0000000c, 0x8 }, mask[2] = { 0x0000000c, 0xfffffffe };
	struct pci_bar bar;

	EXPECT_EQ(t, pci_decode_bar(&bar, set, mask), 2);
	EXPECT_EQ(t, bar.start, 0x800000000UL);
	EXPECT_EQ(t, bar.size, 0x200000000UL);
	EXPECT_EQ(t, bar.flags, PCI_BASE_ADDRESS_MEM_TYPE_64 | PCI_BASE_ADDRESS_MEM_PREFETCH);
}

static void bar_of_ports_may_decode_16_bits(struct test *t)
{
	const u32 set[2] = { 0xc0a1, 0 }, narrow[2] = { 0xffe1, 0 }, wide[2] = { 0xffffffe1, 0 };

	check_bar(t, set, narrow, &(struct pci_bar){ 0xc0a0, 32, PCI_BASE_ADDRESS_SPACE_IO });
	check_bar(t, set, wide, &(struct pci_bar){ 0xc0a0, 32, PCI_BASE_ADDRESS_SPACE_IO });
}

static void bar_without_address_is_none(struct test *t)
{
	const u32 zero[2] = { 0, 0 }, odd[2] = { 0x1800, 0 }, page[2] = { 0xfffff000, 0 };
	const u32 ones[2] = { ~0u, ~0u };
	const struct pci_bar none = { 0 };

	check_bar(t, zero, zero, &none);
	check_bar(t, zero, page, &none);
	check_bar(t, odd, page, &none);
	check_bar(t, ones, ones, &none);
}

static const struct test_case pci_bar_cases[] = {
	TEST_CASE(bar_of_memory_tells_place_and_size),
	TEST_CASE(bar_of_64_bits_takes_the_next_one),
	TEST_CASE(bar_of_ports_may_decode_16_bits),
	TEST_CASE(bar_without_address_is_none),
};
TEST_SUITE(pci_bar, pci_bar_cases);
