/* SPDX-License-Identifier: GPL-2.0-only */
/* The monitor's `pci`: functions, their addresses, interrupts and drivers. */
#include <linux/errno.h>
#include <oshit/math.h>
#include <oshit/monitor.h>
#include <oshit/string.h>

#include "pci.h"

static void show_bars(const struct pci_device *dev)
{
	for (unsigned int i = 0; i < PCI_NR_BARS; i++) {
		const struct pci_bar *bar = &dev->bars[i];

		if (!bar->size)
			continue;
		monitor_printf("    BAR %u: %s at 0x%lx, %lu bytes%s\n", i,
			       bar->flags & PCI_BASE_ADDRESS_SPACE_IO ? "ports" : "memory",
			       bar->start, bar->size,
			       bar->flags & PCI_BASE_ADDRESS_MEM_PREFETCH &&
					       !(bar->flags & PCI_BASE_ADDRESS_SPACE_IO)
				       ? ", prefetchable"
				       : "");
	}
}

static void show_capabilities(const struct pci_device *dev)
{
	static const struct {
		u8 id;
		const char *name;
	} known[] = {
		{ PCI_CAP_ID_PM, "power management" }, { PCI_CAP_ID_MSI, "MSI" },
		{ PCI_CAP_ID_VNDR, "vendor's" },       { PCI_CAP_ID_EXP, "PCI Express" },
		{ PCI_CAP_ID_MSIX, "MSI-X" },	       { PCI_CAP_ID_SATA, "SATA" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(known); i++) {
		unsigned int at = pci_find_capability(dev, known[i].id);

		if (at)
			monitor_printf("    capability at 0x%x: %s\n", at, known[i].name);
	}
}

static void show_function(const struct pci_device *dev)
{
	static const char *const irq_kinds[] = { "", "line", "MSI" };

	monitor_printf("%04x:%02x:%02x.%x %04x:%04x class %06x", dev->segment, dev->bus, dev->slot,
		       dev->function, dev->vendor, dev->device, dev->class);
	if (dev->secondary)
		monitor_printf(", bridge to buses %u to %u", dev->secondary, dev->subordinate);
	if (dev->irq_kind != PCI_IRQ_NONE)
		monitor_printf(", interrupt %u by %s", dev->irq, irq_kinds[dev->irq_kind]);
	monitor_printf("%s%s\n", dev->driver ? ", " : "", dev->driver ?: "");
}

static int monitor_pci(int argc, char **argv)
{
	const struct pci_device *dev;
	bool verbose = argc == 2 && !strcmp(argv[1], "-v");

	if (argc > 2 || (argc == 2 && !verbose))
		return -EINVAL;
	for_each_pci_device(dev)
	{
		show_function(dev);
		if (verbose) {
			show_bars(dev);
			show_capabilities(dev);
		}
		if (monitor_interrupted())
			break;
	}
	return 0;
}
MONITOR_COMMAND(pci, "[-v]", "PCI functions; -v: also addresses and capabilities", monitor_pci);
