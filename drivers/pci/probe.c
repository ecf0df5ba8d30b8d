/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Which PCI functions there are.
 *
 * Buses are scanned in the order of their numbers, first the one that the segment begins with; a
 * bridge adds the buses behind it, all of which have higher numbers than its own, so one pass over
 * a set of numbers finds all, and no loop of bridges can lead in circles.  On a bus 32 slots are
 * asked for function 0, and for the other seven if its header says that it has several (PCI Local
 * Bus 3.0, 6.1 and 6.2.1).
 *
 * Addresses, bus numbers and lines are those that the firmware has given; a BAR that has none is
 * left alone.  While a BAR is sized the function does not decode addresses, for it holds all ones.
 *
 * All is found while booting, and constant afterwards; there is no lock.
 *
 * Left out: giving addresses, hotplug, root buses that only ACPI's methods name.
 */
#define pr_fmt(fmt) "pci: " fmt

#include <linux/errno.h>
#include <oshit/bitmap.h>
#include <oshit/init.h>
#include <oshit/printk.h>
#include <oshit/slab.h>
#include <oshit/vmalloc.h>

#include "pci.h"

#define NR_BUSES	 256
#define NR_SLOTS	 32
#define NR_FUNCTIONS	 8
#define NR_BRIDGE_BARS	 2
#define FIRST_CAPABILITY 0x40u /* behind the header */
#define MULTI_FUNCTION	 0x80u

LIST_HEAD(pci_devices);

/* --- capabilities --- */

/* PCI Local Bus 3.0, 6.7: a list of offsets, each behind the header. */
static __init void read_capabilities(struct pci_device *dev)
{
	unsigned int at = PCI_CAPABILITY_LIST;

	if (!(pci_read16(dev, PCI_STATUS) & PCI_STATUS_CAP_LIST))
		return;
	/* A list that is longer leads in circles, or has more than anybody wants. */
	for (unsigned int i = 0; i < PCI_NR_CAPABILITIES; i++) {
		at = pci_read8(dev, at) & ~3u;
		if (at < FIRST_CAPABILITY)
			return;
		dev->capabilities[i].id = pci_read8(dev, at + PCI_CAP_LIST_ID);
		dev->capabilities[i].at = (u8)at;
		at += PCI_CAP_LIST_NEXT;
	}
}

unsigned int pci_find_capability(const struct pci_device *dev, u8 id)
{
	for (unsigned int i = 0; i < PCI_NR_CAPABILITIES && dev->capabilities[i].at; i++)
		if (dev->capabilities[i].id == id)
			return dev->capabilities[i].at;
	return 0;
}

/* --- one function --- */

static __init void size_bars(struct pci_device *dev, unsigned int nr)
{
	u32 set[PCI_NR_BARS + 1] = { 0 }, mask[PCI_NR_BARS + 1] = { 0 };
	u16 command = pci_read16(dev, PCI_COMMAND);

	pci_write16(dev, PCI_COMMAND,
		    command & (u16) ~(PCI_COMMAND_MEMORY | PCI_COMMAND_IO | PCI_COMMAND_MASTER));
	for (unsigned int i = 0; i < nr; i++) {
		unsigned int at = PCI_BASE_ADDRESS_0 + 4 * i;

		set[i] = pci_read32(dev, at);
		pci_write32(dev, at, ~0u);
		mask[i] = pci_read32(dev, at);
		pci_write32(dev, at, set[i]);
	}
	pci_write16(dev, PCI_COMMAND, command);
	for (unsigned int i = 0; i < nr;)
		i += pci_decode_bar(&dev->bars[i], &set[i], &mask[i]);
}

static __init void read_header(struct pci_device *dev)
{
	u32 class = pci_read32(dev, PCI_CLASS_REVISION);

	dev->class = class >> 8;
	dev->revision = class & 0xff;
	dev->irq_pin = pci_read8(dev, PCI_INTERRUPT_PIN);
	dev->irq_line = pci_read8(dev, PCI_INTERRUPT_LINE);
	read_capabilities(dev);
	dev->msi = (u8)pci_find_capability(dev, PCI_CAP_ID_MSI);
	if (dev->header_type == PCI_HEADER_TYPE_NORMAL) {
		size_bars(dev, PCI_NR_BARS);
	} else if (dev->header_type == PCI_HEADER_TYPE_BRIDGE) {
		size_bars(dev, NR_BRIDGE_BARS);
		dev->secondary = pci_read8(dev, PCI_SECONDARY_BUS);
		dev->subordinate = pci_read8(dev, PCI_SUBORDINATE_BUS);
	}
}

/* The function at an address that answers, with all that is known of it; NULL: no memory. */
static __init struct pci_device *new_function(const struct pci_device *address)
{
	struct pci_device *dev = kzalloc(sizeof(*dev), GFP_KERNEL);
	u32 id = pci_read32(address, PCI_VENDOR_ID);

	if (!dev)
		return NULL;
	*dev = *address;
	dev->vendor = id & 0xffff;
	dev->device = (u16)(id >> 16);
	dev->header_type = pci_read8(dev, PCI_HEADER_TYPE) & 0x7f;
	read_header(dev);
	list_add_tail(&dev->list, &pci_devices);
	return dev;
}

/* --- buses --- */

struct scan {
	DECLARE_BITMAP(buses, NR_BUSES); /* that are there */
	unsigned int last; /* that can be asked about */
	unsigned int nr_functions;
};

static __init void note_buses(struct scan *scan, const struct pci_device *bridge)
{
	if (bridge->secondary <= bridge->bus)
		return; /* the firmware has not numbered it */
	if (bridge->secondary <= scan->last)
		__set_bit(bridge->secondary, scan->buses);
}

static __init void scan_slot(struct scan *scan, struct pci_device *address)
{
	unsigned int nr = 1;

	for (unsigned int i = 0; i < nr; i++) {
		struct pci_device *dev;

		address->function = (u8)i;
		if (pci_read16(address, PCI_VENDOR_ID) == 0xffff)
			continue;
		if (!i && pci_read8(address, PCI_HEADER_TYPE) & MULTI_FUNCTION)
			nr = NR_FUNCTIONS;
		dev = new_function(address);
		if (!dev)
			continue;
		scan->nr_functions++;
		if (dev->header_type == PCI_HEADER_TYPE_BRIDGE)
			note_buses(scan, dev);
	}
}

static __init unsigned int scan_segment(u16 segment, unsigned int first, unsigned int last)
{
	struct pci_device address = { .segment = segment };
	struct scan scan = { .last = last };

	__set_bit(first, scan.buses);
	for (unsigned int bus = first; bus <= last; bus++) {
		if (!test_bit(bus, scan.buses))
			continue;
		address.bus = (u8)bus;
		for (unsigned int slot = 0; slot < NR_SLOTS; slot++) {
			address.slot = (u8)slot;
			scan_slot(&scan, &address);
		}
	}
	return scan.nr_functions;
}

__init void pci_init(void)
{
	unsigned int first, last, nr = 0;
	u16 segment;

	if (!pci_access_init()) {
		pr_info("there is none");
		return;
	}
	for (unsigned int i = 0; pci_segment(i, &segment, &first, &last); i++)
		nr += scan_segment(segment, first, last);
	pr_info("%u functions, by %s", nr, pci_access_name());
}

/* --- drivers --- */

int pci_claim(struct pci_device *dev, const char *driver)
{
	if (dev->driver)
		return -EBUSY;
	dev->driver = driver;
	return 0;
}

void pci_unclaim(struct pci_device *dev)
{
	dev->driver = NULL;
}

void __iomem *pci_map_bar(const struct pci_device *dev, unsigned int bar)
{
	const struct pci_bar *b = &dev->bars[bar];

	if (bar >= PCI_NR_BARS || !b->size || b->flags & PCI_BASE_ADDRESS_SPACE_IO)
		return NULL;
	return ioremap(b->start, b->size);
}

void pci_enable(const struct pci_device *dev)
{
	u16 command = pci_read16(dev, PCI_COMMAND);

	pci_write16(dev, PCI_COMMAND, command | PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER);
}

void pci_disable(const struct pci_device *dev)
{
	u16 command = pci_read16(dev, PCI_COMMAND);

	pci_write16(dev, PCI_COMMAND, command & (u16)~PCI_COMMAND_MASTER);
}
