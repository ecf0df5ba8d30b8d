/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Configuration space.  Where the firmware has an MCFG table it lies in memory, 4 KiB a function,
 * 1 MiB a bus (ECAM, PCI Express Base 3.0, 7.2.2); each of the table's entries is a segment, a PCI
 * machine of its own, and is mapped whole.  Otherwise there are 256 bytes a function behind two
 * ports, address and data (mechanism #1, PCI Local Bus 3.0, 3.2.2.3.2), and one segment.
 *
 * Locks: ports_lock keeps the two accesses to the ports together, interrupts off; the MSI code
 * calls with the lock of irq.c held.  ECAM needs none.
 */
#define pr_fmt(fmt) "pci: " fmt

#include <arch/io.h>
#include <linux/errno.h>
#include <oshit/acpi_tables.h>
#include <oshit/boot_param.h>
#include <oshit/init.h>
#include <oshit/math.h>
#include <oshit/printk.h>
#include <oshit/sizes.h>
#include <oshit/spinlock.h>
#include <oshit/string.h>
#include <oshit/vmalloc.h>

#include "pci.h"

#define ADDRESS_PORT   0xcf8
#define DATA_PORT      0xcfc
#define ADDRESS_ENABLE 0x80000000u
#define MAX_SEGMENTS   8
#define BUS_SIZE       MIB(1)
#define LAST_BUS       255
#define PORTS_SPACE    256u /* bytes of a function that the ports reach */

static struct ecam {
	u8 __iomem *base; /* of bus number `first` */
	u16 segment;
	u8 first, last;
} ecams[MAX_SEGMENTS] __ro_after_init;
static unsigned int nr_ecams __ro_after_init;
static bool has_ports __ro_after_init;
static bool no_ecam; /* pci=nommconf */
static bool is_off; /* pci=off */

static DEFINE_RAW_SPINLOCK(ports_lock);

static __init int pci_param(const char *value)
{
	if (value && !strcmp(value, "nommconf"))
		no_ecam = true;
	else if (value && !strcmp(value, "off"))
		is_off = true;
	else
		return -EINVAL;
	return 0;
}
BOOT_PARAM("pci", pci_param);

/* The function's register in memory; NULL: not there. */
static u8 __iomem *ecam_address(const struct pci_device *dev, unsigned int offset)
{
	for (unsigned int i = 0; i < nr_ecams; i++) {
		const struct ecam *ecam = &ecams[i];

		if (ecam->segment == dev->segment && dev->bus >= ecam->first &&
		    dev->bus <= ecam->last)
			return ecam->base + (dev->bus - ecam->first) * BUS_SIZE +
			       (dev->slot << 15 | dev->function << 12 | offset);
	}
	return NULL;
}

/* Selects a register; the lock is held. False: the ports do not reach it. */
static bool select_port(const struct pci_device *dev, unsigned int offset)
{
	if (!has_ports || dev->segment || offset >= PORTS_SPACE)
		return false;
	outl(ADDRESS_ENABLE | (u32)dev->bus << 16 | (u32)dev->slot << 11 | (u32)dev->function << 8 |
		     (offset & ~3u),
	     ADDRESS_PORT);
	return true;
}

static u32 ports_read(const struct pci_device *dev, unsigned int offset)
{
	unsigned long flags;
	u32 value = ~0u;

	raw_spin_lock_irqsave(&ports_lock, flags);
	if (select_port(dev, offset))
		value = inl(DATA_PORT);
	raw_spin_unlock_irqrestore(&ports_lock, flags);
	return value >> offset % 4 * 8;
}

u32 pci_read32(const struct pci_device *dev, unsigned int offset)
{
	u8 __iomem *place = ecam_address(dev, offset);

	return place ? mmio_read32(place) : ports_read(dev, offset);
}

u16 pci_read16(const struct pci_device *dev, unsigned int offset)
{
	u8 __iomem *place = ecam_address(dev, offset);

	return place ? mmio_read16(place) : (u16)ports_read(dev, offset);
}

u8 pci_read8(const struct pci_device *dev, unsigned int offset)
{
	u8 __iomem *place = ecam_address(dev, offset);

	return place ? mmio_read8(place) : (u8)ports_read(dev, offset);
}

/* 4 bytes or 2, as they are: a neighbour may have bits that are cleared by writing ones. */
static void ports_write(const struct pci_device *dev, unsigned int offset, u32 value, size_t bytes)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&ports_lock, flags);
	if (select_port(dev, offset)) {
		if (bytes == sizeof(u32))
			outl(value, DATA_PORT);
		else
			outw((u16)value, (u16)(DATA_PORT + offset % 4));
	}
	raw_spin_unlock_irqrestore(&ports_lock, flags);
}

void pci_write32(const struct pci_device *dev, unsigned int offset, u32 value)
{
	u8 __iomem *place = ecam_address(dev, offset);

	if (place)
		mmio_write32(value, place);
	else
		ports_write(dev, offset, value, sizeof(value));
}

void pci_write16(const struct pci_device *dev, unsigned int offset, u16 value)
{
	u8 __iomem *place = ecam_address(dev, offset);

	if (place)
		mmio_write16(value, place);
	else
		ports_write(dev, offset, value, sizeof(value));
}

/* --- what there is --- */

static __init void add_ecam(const struct acpi_ecam *entry)
{
	size_t size = (entry->last_bus - entry->first_bus + 1u) * BUS_SIZE;
	u8 __iomem *base;

	if (nr_ecams == MAX_SEGMENTS) {
		pr_warn("no room for segment %u", entry->segment);
		return;
	}
	base = ioremap(entry->base + entry->first_bus * BUS_SIZE, size);
	if (!base) {
		pr_warn("configuration space at %#lx cannot be mapped", entry->base);
		return;
	}
	ecams[nr_ecams++] = (struct ecam){ .base = base,
					   .segment = entry->segment,
					   .first = entry->first_bus,
					   .last = entry->last_bus };
}

static __init void find_ecams(void)
{
	const struct acpi_table *table = acpi_find_table("MCFG", 0);
	struct acpi_ecam entry;
	size_t pos = 0;

	while (table && acpi_mcfg_next(table, &pos, &entry) > 0)
		add_ecam(&entry);
}

/* The address port keeps what is written to it, if there is one. */
static __init bool ports_answer(void)
{
	u32 before = inl(ADDRESS_PORT), answer;

	outl(ADDRESS_ENABLE, ADDRESS_PORT);
	answer = inl(ADDRESS_PORT);
	outl(before, ADDRESS_PORT);
	return answer == ADDRESS_ENABLE;
}

__init bool pci_access_init(void)
{
	if (is_off)
		return false;
	if (!no_ecam)
		find_ecams();
	if (!nr_ecams)
		has_ports = ports_answer();
	return nr_ecams || has_ports;
}

const char *pci_access_name(void)
{
	return nr_ecams ? "ECAM" : "ports";
}

bool pci_segment(unsigned int index, u16 *segment, unsigned int *first, unsigned int *last)
{
	if (!nr_ecams) {
		*segment = 0;
		*first = 0;
		*last = LAST_BUS;
		return !index;
	}
	if (index >= nr_ecams)
		return false;
	*segment = ecams[index].segment;
	*first = ecams[index].first;
	*last = ecams[index].last;
	return true;
}
