/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef OSHIT_AHCI_H
#define OSHIT_AHCI_H

#ifdef CONFIG_SATA_AHCI
/* Boot, after pci_init(): begins to look for disks; the other one waits for that, and registers
 * them. Task; sleeps. */
void ahci_probe(void);
void ahci_finish(void);
#else
static inline void ahci_probe(void)
{
}
static inline void ahci_finish(void)
{
}
#endif

#endif
