/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * PCI: the functions that were found while booting, their registers, and their interrupts.
 *
 *	for_each_pci_class(dev, PCI_CLASS_STORAGE_SATA_AHCI) {
 *		err = pci_claim(dev, "ahci");
 *		registers = pci_map_bar(dev, 5);
 *		pci_enable(dev);
 *		irq = pci_request_irq(dev, handler, "ahci", data);
 *	}
 *
 * Nothing comes or goes after boot.  Registers' names are those of <linux/pci_regs.h>.
 */
#ifndef OSHIT_PCI_H
#define OSHIT_PCI_H

#include <linux/pci_regs.h>
#include <oshit/irq.h>
#include <oshit/list.h>
#include <oshit/types.h>

#define PCI_NR_BARS		    6
#define PCI_NR_CAPABILITIES	    12 /* those behind are not looked at */
#define PCI_CLASS_STORAGE_SATA_AHCI 0x010601u /* base class, subclass, interface */

struct pci_bar { /* constant */
	u64 start; /* as the firmware has set it; memory or port */
	u64 size; /* bytes; 0: there is none, or it was not set */
	unsigned int flags; /* PCI_BASE_ADDRESS_ bits */
};

enum pci_irq_kind { PCI_IRQ_NONE, PCI_IRQ_LINE, PCI_IRQ_MSI };

struct pci_device { /* i: constant once found   d: of the driver that has claimed it */
	struct list_head list; /* i  in the order of their addresses */
	u16 segment; /* i */
	u8 bus, slot, function; /* i */
	u8 header_type; /* i  without the bit for several functions */
	u8 secondary, subordinate; /* i  of a bridge: the buses behind it */
	u16 vendor, device; /* i */
	u32 class; /* i  24 bits: base class, subclass, interface */
	u8 revision; /* i */
	u8 irq_pin, irq_line; /* i  1: INTA...; what the firmware has connected it to */
	u8 msi; /* i  offset of the capability; 0: none */
	struct pci_bar bars[PCI_NR_BARS]; /* i */
	struct { /* i  up to the first with at == 0 */
		u8 id; /* PCI_CAP_ID_ */
		u8 at; /* in configuration space */
	} capabilities[PCI_NR_CAPABILITIES];
	const char *driver; /* d  NULL: nobody's */
	enum pci_irq_kind irq_kind; /* d */
	unsigned int irq; /* d */
	irq_handler_t line_handler; /* i  once it is on the line, as the next two */
	void *line_data; /* for it */
	struct pci_device *next_on_line; /* that shares it */
};

#ifdef CONFIG_PCI
/* Boot: finds the way to configuration space, and the functions. Task, may sleep. */
void pci_init(void);

extern struct list_head pci_devices; /* constant after pci_init() */

/* Configuration space. Any context; @offset is a multiple of the width. What is not there reads as
 * all ones. */
u8 pci_read8(const struct pci_device *dev, unsigned int offset);
u16 pci_read16(const struct pci_device *dev, unsigned int offset);
u32 pci_read32(const struct pci_device *dev, unsigned int offset);
void pci_write16(const struct pci_device *dev, unsigned int offset, u16 value);
void pci_write32(const struct pci_device *dev, unsigned int offset, u32 value);

/* Where the first capability PCI_CAP_ID_ @id is in configuration space; 0: there is none. */
unsigned int pci_find_capability(const struct pci_device *dev, u8 id);

/* The device is @driver's from now on. 0 or -EBUSY. */
int pci_claim(struct pci_device *dev, const char *driver);
/* And not any more. */
void pci_unclaim(struct pci_device *dev);

/* Registers of a BAR in memory; NULL: it is none, it was not set, or no memory. iounmap(). */
void __iomem *pci_map_bar(const struct pci_device *dev, unsigned int bar);

/* Lets the device decode its addresses and write to memory; the other one ends both. */
void pci_enable(const struct pci_device *dev);
void pci_disable(const struct pci_device *dev);

/**
 * pci_request_irq() - have @handler called at the device's interrupts, for good
 * @dev: claimed by the caller
 * @handler: is called in interrupt context, with the number of the interrupt and @data
 * @name: of who wants it, for /proc/interrupts
 *
 * By message where device and machine can, else by the line, which others may share: @handler may
 * be called when its device has nothing.
 *
 * Context: task, boot. Return: 0; -ENODEV: the device cannot interrupt; -ENOSPC; -EBUSY: the line
 * belongs to no PCI device.
 */
int pci_request_irq(struct pci_device *dev, irq_handler_t handler, const char *name, void *data);

#define for_each_pci_device(dev)	list_for_each_entry(dev, &pci_devices, list)
#define for_each_pci_class(dev, wanted) for_each_pci_device(dev) if ((dev)->class == (wanted))
#else
static inline void pci_init(void)
{
}
#endif

#endif
