/* SPDX-License-Identifier: GPL-2.0-only */
/* The functions of this machine, whatever they are. */
#include <linux/errno.h>
#include <oshit/test.h>

#include "pci.h"

static void functions_are_found_once(struct test *t)
{
	const struct pci_device *dev, *last = NULL;

	if (list_empty(&pci_devices)) {
		test_skip(t, "no PCI");
		return;
	}
	for_each_pci_device(dev)
	{
		u32 id = pci_read32(dev, PCI_VENDOR_ID);

		EXPECT_EQ(t, id, (u32)dev->vendor | (u32)dev->device << 16);
		EXPECT_EQ(t, pci_read16(dev, PCI_DEVICE_ID), dev->device);
		EXPECT_EQ(t, pci_read8(dev, PCI_REVISION_ID), dev->revision);
		if (last && last->segment == dev->segment)
			EXPECT_TRUE(t, (last->bus << 8 | last->slot << 3 | last->function) <
					       (dev->bus << 8 | dev->slot << 3 | dev->function));
		last = dev;
	}
}

static void sizing_left_addresses_alone(struct test *t)
{
	const struct pci_device *dev;

	for_each_pci_device(dev)
	{
		for (unsigned int i = 0; i < PCI_NR_BARS; i++) {
			u32 low = pci_read32(dev, PCI_BASE_ADDRESS_0 + 4 * i);

			if (!dev->bars[i].size || dev->header_type != PCI_HEADER_TYPE_NORMAL)
				continue;
			EXPECT_EQ(t, low & ~0xfu, (u32)dev->bars[i].start & ~0xfu);
			EXPECT_EQ(t, dev->bars[i].start % dev->bars[i].size, 0);
		}
	}
}

static void claimed_device_is_refused_to_others(struct test *t)
{
	struct pci_device dev = { 0 };

	EXPECT_OK(t, pci_claim(&dev, "one"));
	EXPECT_EQ(t, pci_claim(&dev, "two"), -EBUSY);
	pci_unclaim(&dev);
	EXPECT_OK(t, pci_claim(&dev, "two"));
}

static const struct test_case pci_cases[] = {
	TEST_CASE(functions_are_found_once),
	TEST_CASE(sizing_left_addresses_alone),
	TEST_CASE(claimed_device_is_refused_to_others),
};
TEST_SUITE(pci, pci_cases);
