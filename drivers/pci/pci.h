/* SPDX-License-Identifier: GPL-2.0-only */
/* Between the files of this folder. */
#ifndef PCI_PCI_H
#define PCI_PCI_H

#include <oshit/pci.h>

/* Finds out how configuration space is reached. Boot. False: there is no PCI. */
bool pci_access_init(void);

/* How, in words, for the log. */
const char *pci_access_name(void);

/* The buses of segment number @index that can be asked about, from *@first to *@last; false past
 * the last segment. */
bool pci_segment(unsigned int index, u16 *segment, unsigned int *first, unsigned int *last);

/*
 * What a BAR's bits say, read back after all ones were written (PCI Local Bus 3.0, 6.2.5.1).
 * @low, @high: the BAR and the one behind it, as set; @low_mask, @high_mask: as read back.
 * Return: how many BARs it takes, 1 or 2.  No state: also on the host.
 */
unsigned int pci_decode_bar(struct pci_bar *bar, const u32 set[2], const u32 mask[2]);

#endif
