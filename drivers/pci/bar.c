/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What base address registers mean.  A device wires the low bits of its BAR to 0, as many as its
 * size needs, so all ones written to it read back as the negative of the size; the lowest bits tell
 * the kind (PCI Local Bus 3.0, 6.2.5.1).  A BAR of 64 bits takes the next one as its upper half.
 */
#include <oshit/bitops.h>

#include "pci.h"

#define IO_SPACE 0x10000u /* of an x86 machine */

static unsigned int decode_io(struct pci_bar *bar, u32 set, u32 mask)
{
	u32 size_bits = mask & (u32)PCI_BASE_ADDRESS_IO_MASK;

	bar->flags = PCI_BASE_ADDRESS_SPACE_IO;
	bar->start = set & (u32)PCI_BASE_ADDRESS_IO_MASK;
	bar->size = size_bits & -size_bits;
	if (bar->start + bar->size > IO_SPACE)
		bar->size = 0;
	return 1;
}

unsigned int pci_decode_bar(struct pci_bar *bar, const u32 set[2], const u32 mask[2])
{
	bool is_64 = (set[0] & PCI_BASE_ADDRESS_MEM_TYPE_MASK) == PCI_BASE_ADDRESS_MEM_TYPE_64;
	u64 size_bits;

	*bar = (struct pci_bar){ 0 };
	if (set[0] & PCI_BASE_ADDRESS_SPACE_IO)
		return decode_io(bar, set[0], mask[0]);
	bar->flags = set[0] & ~(u32)PCI_BASE_ADDRESS_MEM_MASK;
	bar->start = set[0] & (u32)PCI_BASE_ADDRESS_MEM_MASK;
	size_bits = mask[0] & (u32)PCI_BASE_ADDRESS_MEM_MASK;
	if (is_64) {
		bar->start |= (u64)set[1] << 32;
		size_bits |= (u64)mask[1] << 32;
	} else if (size_bits) {
		size_bits |= 0xffffffffUL << 32;
	}
	bar->size = size_bits & -size_bits;
	/* Not given an address, or one that makes no sense. */
	if (!bar->start || bar->start & (bar->size - 1) || bar->start + bar->size < bar->start)
		bar->size = 0;
	return is_64 ? 2 : 1;
}
