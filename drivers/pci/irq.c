/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Interrupts of PCI functions: a message, if the function can send one, else its line.
 *
 * A message is a write to memory, address and data in the MSI capability (PCI Local Bus 3.0, 6.8).
 * One vector is used however many the function could send.  The data is the same for all CPUs, so
 * when the interrupt moves only the address changes, by one write.
 *
 * A line (INTx) goes through the chipset's router, which the firmware has set up; the line register
 * tells to which input.  That is the number of an old interrupt, and the input with this number is
 * asked for, level-triggered.  Devices may share one: each of their handlers is called, and looks
 * whether its device has something.  ACPI's method _PRT could tell of more inputs; there is no
 * interpreter.
 */
#include <linux/errno.h>
#include <oshit/atomic.h>
#include <oshit/boot_param.h>
#include <oshit/init.h>

#include "pci.h"

#define NR_LINES 16 /* old interrupts; 255 in the register means none */

static struct pci_line {
	struct pci_device *first; /* then ->next_on_line; only grows, while booting */
} lines[NR_LINES];

static bool no_msi; /* pci_nomsi */
BOOT_PARAM_FLAG("pci_nomsi", no_msi);

/* --- messages --- */

static void msi_write(void *data, const struct msi_message *message)
{
	const struct pci_device *dev = data;
	u16 control = pci_read16(dev, dev->msi + PCI_MSI_FLAGS);
	bool is_64 = control & PCI_MSI_FLAGS_64BIT;

	pci_write32(dev, dev->msi + PCI_MSI_ADDRESS_LO, (u32)message->address);
	if (is_64)
		pci_write32(dev, dev->msi + PCI_MSI_ADDRESS_HI, (u32)(message->address >> 32));
	pci_write16(dev, dev->msi + (is_64 ? PCI_MSI_DATA_64 : PCI_MSI_DATA_32),
		    (u16)message->data);
}

/* And says how many vectors: one. */
static void msi_enable(const struct pci_device *dev, u16 enable)
{
	u16 control = pci_read16(dev, dev->msi + PCI_MSI_FLAGS);

	control &= (u16) ~(PCI_MSI_FLAGS_QSIZE | PCI_MSI_FLAGS_ENABLE);
	pci_write16(dev, dev->msi + PCI_MSI_FLAGS, control | enable);
}

static void set_line(const struct pci_device *dev, u16 disable)
{
	u16 command = pci_read16(dev, PCI_COMMAND);

	command &= (u16)~PCI_COMMAND_INTX_DISABLE;
	pci_write16(dev, PCI_COMMAND, command | disable);
}

static int request_msi(struct pci_device *dev, irq_handler_t handler, const char *name, void *data)
{
	int irq, err;

	if (!dev->msi || no_msi)
		return -ENODEV;
	irq = irq_alloc_msi(msi_write, dev);
	if (irq < 0)
		return irq;
	err = irq_request((unsigned int)irq, handler, name, data);
	if (err) {
		irq_release_msi((unsigned int)irq);
		return err;
	}
	dev->irq = (unsigned int)irq;
	dev->irq_kind = PCI_IRQ_MSI;
	set_line(dev, PCI_COMMAND_INTX_DISABLE);
	msi_enable(dev, PCI_MSI_FLAGS_ENABLE);
	return 0;
}

/* --- lines --- */

/* One of the devices may have meant it; each handler looks for itself. */
static void line_interrupt(unsigned int irq, void *data)
{
	struct pci_line *line = data;
	struct pci_device *dev = smp_load_acquire(&line->first);

	for (; dev; dev = dev->next_on_line)
		dev->line_handler(irq, dev->line_data);
}

/* The line's interrupt, with our handler; also if it has it already. */
static int get_line(struct pci_line *line, unsigned int nr)
{
	int irq = irq_from_isa(nr), err;

	if (irq < 0 || line->first)
		return irq;
	err = irq_request((unsigned int)irq, line_interrupt, "pci", line);
	return err ?: irq;
}

static int request_line(struct pci_device *dev, irq_handler_t handler, void *data)
{
	struct pci_line *line;
	int irq;

	if (!dev->irq_pin || !dev->irq_line || dev->irq_line >= NR_LINES)
		return -ENODEV;
	line = &lines[dev->irq_line];
	irq = get_line(line, dev->irq_line);
	if (irq < 0)
		return irq;
	dev->irq = (unsigned int)irq;
	dev->irq_kind = PCI_IRQ_LINE;
	dev->line_data = data;
	dev->line_handler = handler;
	dev->next_on_line = line->first;
	smp_store_release(&line->first, dev);
	if (dev->msi)
		msi_enable(dev, 0);
	set_line(dev, 0);
	return 0;
}

int pci_request_irq(struct pci_device *dev, irq_handler_t handler, const char *name, void *data)
{
	int err = request_msi(dev, handler, name, data);

	return err ? request_line(dev, handler, data) : 0;
}
