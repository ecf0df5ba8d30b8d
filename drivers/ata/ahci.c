/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * AHCI controllers: their set-up and their interrupts (Serial ATA AHCI 1.3.1).  What a port does is
 * told in ahci_port.c.
 *
 * Set-up (10.1.2, 10.6.3): the firmware is asked to let go, the HBA is reset, and all ports are
 * looked at at once, by works, for a disk may take seconds until its motor turns.  A port that the
 * firmware had switched on and found empty is not waited for.  Then the disks get their names in
 * the order of their ports, and interrupts are turned on.
 *
 * The handler takes the ports' events and gives each to its disk's thread: PORT_IS is cleared
 * before HBA_IS (10.7.2.1), so what comes in between raises the interrupt again.
 *
 * Everything is set up while booting and stays.  Left out: hotplug, power saving, port multipliers,
 * ATAPI, coalescing of commands.
 */
#define pr_fmt(fmt) "ahci: " fmt

#include <arch/io.h>
#include <linux/errno.h>
#include <oshit/ahci.h>
#include <oshit/init.h>
#include <oshit/page.h>
#include <oshit/printk.h>
#include <oshit/sizes.h>
#include <oshit/slab.h>
#include <oshit/vmalloc.h>

#include "ahci.h"

#define RESET_MS    1000 /* 10.4.3 */
#define HANDOFF_MS  25
#define FIRMWARE_MS 2000 /* as long as it is busy */

static struct ahci_hba *first_hba;
static struct ahci_hba **last __initdata = &first_hba;

static u32 hba_read(const struct ahci_hba *hba, enum ahci_register reg)
{
	return mmio_read32(hba->registers + reg);
}

static void hba_write(const struct ahci_hba *hba, enum ahci_register reg, u32 value)
{
	mmio_write32(value, hba->registers + reg);
}

static void ahci_interrupt(unsigned int irq __maybe_unused, void *data)
{
	struct ahci_hba *hba = data;
	u32 status = hba_read(hba, HBA_IS), rest = status;

	while (rest) {
		struct ahci_port *port = hba->ports[__builtin_ctz(rest)];
		u32 events;

		rest &= rest - 1;
		if (!port)
			continue;
		events = mmio_read32(port->registers + PORT_IS);
		mmio_write32(events, port->registers + PORT_IS);
		/* Read with acquire in ahci_reap(). */
		__atomic_fetch_or(&port->events, events, __ATOMIC_RELEASE);
		disk_attention(&port->disk);
	}
	hba_write(hba, HBA_IS, status);
}

/* --- set-up --- */

static __init void take_from_firmware(struct ahci_hba *hba)
{
	if (!(hba_read(hba, HBA_CAP2) & CAP2_BOH))
		return;
	hba_write(hba, HBA_BOHC, hba_read(hba, HBA_BOHC) | BOHC_OOS);
	if (ahci_wait(hba->registers, HBA_BOHC, BOHC_BOS, 0, HANDOFF_MS))
		return;
	if (hba_read(hba, HBA_BOHC) & BOHC_BB)
		ahci_wait(hba->registers, HBA_BOHC, BOHC_BOS, 0, FIRMWARE_MS);
}

/* What the firmware has seen at a port, if it has switched it on. */
static __init bool port_is_empty(const struct ahci_hba *hba, const struct ahci_port *port)
{
	u32 command = mmio_read32(port->registers + PORT_CMD);

	if (hba->cap & CAP_SSS && !(command & CMD_SUD))
		return false;
	return !(mmio_read32(port->registers + PORT_SSTS) & SSTS_DET);
}

static void probe_work(struct work_struct *work)
{
	ahci_port_probe(container_of(work, struct ahci_port, probe));
}

static __init int add_ports(struct ahci_hba *hba)
{
	u32 implemented = hba_read(hba, HBA_PI);

	for (unsigned int i = 0; i < AHCI_MAX_PORTS; i++) {
		struct ahci_port *port;

		if (!(implemented >> i & 1))
			continue;
		port = kzalloc(sizeof(*port), GFP_KERNEL);
		if (!port)
			return -ENOMEM;
		port->hba = hba;
		port->number = i;
		port->registers = hba->registers + HBA_PORTS + i * HBA_PORT_SIZE;
		port->was_empty = port_is_empty(hba, port);
		INIT_WORK(&port->probe, probe_work);
		hba->ports[i] = port;
	}
	return 0;
}

static __init int reset_hba(struct ahci_hba *hba)
{
	hba_write(hba, HBA_GHC, GHC_AE);
	hba_write(hba, HBA_GHC, GHC_AE | GHC_HR);
	if (!ahci_wait(hba->registers, HBA_GHC, GHC_HR, 0, RESET_MS))
		return -EIO;
	hba_write(hba, HBA_GHC, GHC_AE);
	return 0;
}

static __init int set_up(struct ahci_hba *hba)
{
	int err;

	pci_enable(hba->pci);
	hba->registers = pci_map_bar(hba->pci, AHCI_BAR);
	if (!hba->registers)
		return -ENODEV;
	hba->cap = hba_read(hba, HBA_CAP);
	if (!(hba->cap & CAP_S64A) && max_pfn > GIB(4) / PAGE_SIZE)
		return -EOPNOTSUPP; /* it cannot reach all memory */
	take_from_firmware(hba);
	err = add_ports(hba) ?: reset_hba(hba);
	return err ?: pci_request_irq(hba->pci, ahci_interrupt, "ahci", hba);
}

static __init void give_up(struct ahci_hba *hba)
{
	for (unsigned int i = 0; i < AHCI_MAX_PORTS; i++)
		kfree(hba->ports[i]);
	iounmap(hba->registers);
	pci_disable(hba->pci);
	pci_unclaim(hba->pci);
	kfree(hba);
}

static __init void start_probe(struct pci_device *pci)
{
	struct ahci_hba *hba = kzalloc(sizeof(*hba), GFP_KERNEL);
	int err;

	if (!hba || pci_claim(pci, "ahci")) {
		kfree(hba);
		return;
	}
	hba->pci = pci;
	err = set_up(hba);
	if (err) {
		pr_warn("controller at %02x:%02x.%x is not used: error %d", pci->bus, pci->slot,
			pci->function, -err);
		give_up(hba);
		return;
	}
	*last = hba;
	last = &hba->next;
	for (unsigned int i = 0; i < AHCI_MAX_PORTS; i++)
		if (hba->ports[i])
			queue_work(system_wq, &hba->ports[i]->probe);
}

__init void ahci_probe(void)
{
	struct pci_device *pci;

	for_each_pci_class(pci, PCI_CLASS_STORAGE_SATA_AHCI) start_probe(pci);
}

/* The port's disk gets a name, or the port goes. */
static __init void finish_port(struct ahci_hba *hba, unsigned int i)
{
	struct ahci_port *port = hba->ports[i];
	int err;

	flush_work(&port->probe);
	err = port->probe_error;
	if (!err) {
		err = disk_register(&port->disk);
		if (err)
			ahci_port_shut_down(port);
	}
	if (err) {
		hba->ports[i] = NULL;
		kfree(port);
		return;
	}
	ahci_port_enable(port);
}

static __init void finish_hba(struct ahci_hba *hba)
{
	for (unsigned int i = 0; i < AHCI_MAX_PORTS; i++)
		if (hba->ports[i])
			finish_port(hba, i);
	hba_write(hba, HBA_IS, ~0u);
	hba_write(hba, HBA_GHC, GHC_AE | GHC_IE);
}

__init void ahci_finish(void)
{
	for (struct ahci_hba *hba = first_hba; hba; hba = hba->next)
		finish_hba(hba);
}
