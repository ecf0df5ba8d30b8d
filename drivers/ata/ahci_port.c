/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A port of an AHCI controller, and the disk at it (Serial ATA AHCI 1.3.1).
 *
 * The port has a list of up to 32 slots.  A command is a header in its slot, a table with the frame
 * for the disk and the pieces of memory, and a bit in PORT_CI; a queued one (NCQ) has its slot's
 * number as its tag, and also a bit in PORT_SACT.  The HBA clears the bit in CI when the command is
 * over, or, if queued, when the disk has it; the disk then clears that in SACT when it is over.  So
 * what has ended is what we have issued and finds itself in neither.  Queued commands are used if
 * both sides can; otherwise one command at a time.
 *
 * The interrupt handler (ahci.c) clears PORT_IS, notes it in ->events, and wakes the disk's thread
 * (block/disk.c), which alone touches everything else here.  An event that comes after the note is
 * another interrupt; one before it is seen in CI and SACT.
 *
 * Errors (6.2).  After an error the HBA has stopped at the command, and the disk has thrown away
 * its queue.  Which of several queued commands failed only the disk's log could tell; instead all
 * that have not ended go back as victims, and the block layer tries them one at a time, when there
 * can be no doubt.  The port is stopped, its errors cleared, and it starts again; after an error
 * among queued commands, of the link, or when the disk is still busy, it is reset first.  The same
 * way a port that does not answer is recovered; what had ended by then, its interrupt lost, counts
 * as done.
 *
 * Reset and start (10.1.2, 10.4.2): COMRESET for a millisecond, wait until the link is there, clear
 * PORT_SERR so that the first frame of the disk comes through, and wait until the disk is not busy,
 * which takes as long as its motor needs.  All waiting sleeps.
 */
#define pr_fmt(fmt) "ahci: " fmt

#include <arch/io.h>
#include <arch/page.h>
#include <linux/errno.h>
#include <oshit/boot_param.h>
#include <oshit/clock.h>
#include <oshit/gfp.h>
#include <oshit/init.h>
#include <oshit/math.h>
#include <oshit/printk.h>
#include <oshit/sched.h>
#include <oshit/string.h>

#include "ahci.h"

#define POLL_NS	    100000 /* between two looks at a register */
#define STOP_MS	    500 /* 10.1.2 */
#define COMRESET_NS NSEC_PER_MSEC /* 10.4.2: at least 1 ms */
#define DETECT_MS   20 /* a disk answers within 10 ms, SATA 3.0, 8.4.1 */
#define LINK_MS	    1000
#define SPIN_UP_MS  30000
#define IDENTIFY_MS 5000
#define MAX_SECTORS 1024 /* of a command: 512 KiB */

static bool no_ncq; /* ahci_noncq */
BOOT_PARAM_FLAG("ahci_noncq", no_ncq);

static u32 port_read(const struct ahci_port *port, enum ahci_port_register reg)
{
	return mmio_read32(port->registers + reg);
}

static void port_write(const struct ahci_port *port, enum ahci_port_register reg, u32 value)
{
	mmio_write32(value, port->registers + reg);
}

bool ahci_wait(u8 __iomem *registers, unsigned int offset, u32 mask, u32 value, unsigned int ms)
{
	u64 deadline = clock_ns() + ms * NSEC_PER_MSEC;

	while ((mmio_read32(registers + offset) & mask) != value) {
		if (clock_ns() > deadline)
			return (mmio_read32(registers + offset) & mask) == value;
		schedule_timeout_ns(POLL_NS);
	}
	return true;
}

static bool port_wait(struct ahci_port *port, enum ahci_port_register reg, u32 mask, u32 value,
		      unsigned int ms)
{
	return ahci_wait(port->registers, reg, mask, value, ms);
}

/* --- start, stop, reset --- */

/* The HBA runs no commands afterwards, and forgets those it had. 10.1.2, 10.4. */
static int port_stop(struct ahci_port *port)
{
	port_write(port, PORT_CMD, port_read(port, PORT_CMD) & ~(u32)CMD_ST);
	return port_wait(port, PORT_CMD, CMD_CR, 0, STOP_MS) ? 0 : -EIO;
}

static void clear_errors(struct ahci_port *port)
{
	port_write(port, PORT_SERR, ~0u);
	port_write(port, PORT_IS, ~0u);
	__atomic_store_n(&port->events, 0, __ATOMIC_RELAXED);
}

static bool disk_is_ready(struct ahci_port *port)
{
	return !(port_read(port, PORT_TFD) & (TFD_BSY | TFD_DRQ)) &&
	       (port_read(port, PORT_SSTS) & SSTS_DET) == DET_READY;
}

/* Of a stopped port. */
static int port_start(struct ahci_port *port)
{
	if (!port_wait(port, PORT_TFD, TFD_BSY | TFD_DRQ, 0, SPIN_UP_MS) || !disk_is_ready(port))
		return -EIO;
	clear_errors(port);
	port_write(port, PORT_CMD, port_read(port, PORT_CMD) | CMD_ST);
	return 0;
}

/* COMRESET, of a stopped port. -ENODEV: nothing is there. */
static int port_reset(struct ahci_port *port)
{
	u32 sctl = port_read(port, PORT_SCTL) & ~(u32)SSTS_DET;

	port_write(port, PORT_SCTL, sctl | SCTL_DET_RESET);
	port_read(port, PORT_SCTL);
	schedule_timeout_ns(COMRESET_NS);
	port_write(port, PORT_SCTL, sctl);
	/* Bit 0 alone: somebody is there; with bit 1: the link is. */
	if (!port_wait(port, PORT_SSTS, DET_PRESENT, DET_PRESENT, DETECT_MS))
		return -ENODEV;
	if (!port_wait(port, PORT_SSTS, SSTS_DET, DET_READY, LINK_MS))
		return -EIO;
	clear_errors(port);
	return 0;
}

static int port_restart(struct ahci_port *port, bool reset)
{
	int err = port_stop(port);

	if (err || reset || !disk_is_ready(port))
		err = port_reset(port);
	return err ?: port_start(port);
}

/* --- commands --- */

static u32 slot_mask(unsigned int slot)
{
	return 1u << slot;
}

static void set_piece(struct ahci_piece *piece, const void *memory, u32 size)
{
	phys_addr_t phys = virt_to_phys(memory);

	piece->address = (u32)phys;
	piece->address_high = (u32)(phys >> 32);
	piece->last_byte = size - 1;
}

/* What is contiguous in memory becomes one piece, as in block/queue.c. Returns their number. */
static u16 fill_pieces(struct ahci_table *table, const struct io_request *head)
{
	const struct io_request *req = head;
	u16 nr = 0;

	while (req && req->size) {
		const char *start = req->buffer;
		u32 size = 0;

		do {
			size += req->size;
			req = req->next;
		} while (req && (const char *)req->buffer == start + size);
		set_piece(&table->pieces[nr++], start, size);
	}
	return nr;
}

static void fill_command(struct ahci_port *port, unsigned int slot, const struct ata_taskfile *task,
			 u16 nr_pieces, bool is_write)
{
	struct ahci_header *header = &port->memory->headers[slot];
	phys_addr_t table = virt_to_phys(&port->tables[slot]);

	ata_fill_fis(port->tables[slot].fis, task);
	*header = (struct ahci_header){
		.flags = (u16)(HEADER_FIS_DWORDS | (is_write ? HEADER_WRITE : 0)),
		.nr_pieces = nr_pieces,
		.table = (u32)table,
		.table_high = (u32)(table >> 32),
	};
}

static int ahci_issue(struct disk *disk, struct io_request *head)
{
	struct ahci_port *port = disk->driver_data;
	unsigned int slot = (unsigned int)__builtin_ctz(~port->outstanding);
	bool is_write = head->op == IO_WRITE;
	bool is_queued = port->is_queued && head->op != IO_FLUSH;
	struct ata_taskfile task;
	u16 nr_pieces;

	nr_pieces = fill_pieces(&port->tables[slot], head);
	if (head->op == IO_FLUSH)
		ata_flush(&task, &port->ata);
	else if (is_queued)
		ata_queued_transfer(&task, is_write, head->sector, head->nr_sectors, slot);
	else
		ata_transfer(&task, &port->ata, is_write, head->sector, head->nr_sectors);
	fill_command(port, slot, &task, nr_pieces, is_write);
	port->slots[slot] = head;
	port->outstanding |= slot_mask(slot);
	/* 5.5.1: SACT first. Stores to memory are seen before stores to registers. */
	if (is_queued)
		port_write(port, PORT_SACT, slot_mask(slot));
	port_write(port, PORT_CI, slot_mask(slot));
	return 0;
}

static void end_slot(struct ahci_port *port, unsigned int slot, int status)
{
	struct io_request *head = port->slots[slot];

	port->slots[slot] = NULL;
	port->outstanding &= ~slot_mask(slot);
	disk_command_done(&port->disk, head, status);
}

/* Those of @slots. */
static void end_slots(struct ahci_port *port, u32 slots, int status)
{
	while (slots) {
		unsigned int slot = (unsigned int)__builtin_ctz(slots);

		slots &= ~slot_mask(slot);
		end_slot(port, slot, status);
	}
}

static u32 ended_slots(struct ahci_port *port)
{
	return port->outstanding & ~(port_read(port, PORT_CI) | port_read(port, PORT_SACT));
}

static bool only_one_is_out(const struct ahci_port *port)
{
	return !(port->outstanding & (port->outstanding - 1));
}

/* The port has stopped at an error. 0; -errno: it does not start again. */
static int handle_error(struct ahci_port *port, u32 events)
{
	u32 tfd = port_read(port, PORT_TFD), serr = port_read(port, PORT_SERR);
	int err;

	pr_warn("%s: error, interrupts %#x, status %#x, link %#x, commands %#x", port->disk.name,
		events, tfd, serr, port->outstanding);
	/* An unqueued command may be over with an error, its bit cleared or not. */
	if (port->is_queued && !only_one_is_out(port))
		end_slots(port, ended_slots(port), 0);
	err = port_restart(port, port->is_queued || events & ~(u32)IS_TFES & IS_ERRORS);
	end_slots(port, port->outstanding, only_one_is_out(port) ? -EIO : -EAGAIN);
	return err;
}

static int ahci_reap(struct disk *disk)
{
	struct ahci_port *port = disk->driver_data;
	u32 events = __atomic_exchange_n(&port->events, 0, __ATOMIC_ACQUIRE);

	if (unlikely(events & IS_ERRORS))
		return handle_error(port, events);
	end_slots(port, ended_slots(port), 0);
	return 0;
}

static int ahci_recover(struct disk *disk)
{
	struct ahci_port *port = disk->driver_data;
	u32 events =
		__atomic_exchange_n(&port->events, 0, __ATOMIC_ACQUIRE) | port_read(port, PORT_IS);
	u32 ended;
	int err;

	/* What ended at an error must not pass for done because nobody has heard of that yet. */
	if (events & IS_ERRORS)
		return handle_error(port, events);
	ended = ended_slots(port);
	if (ended)
		pr_warn("%s: commands %#x have ended without an interrupt", disk->name, ended);
	end_slots(port, ended, 0);
	err = port_restart(port, true);
	end_slots(port, port->outstanding, -EAGAIN);
	return err;
}

const struct disk_ops ahci_disk_ops = {
	.issue = ahci_issue,
	.reap = ahci_reap,
	.recover = ahci_recover,
};

/* --- what is there --- */

/* From anywhere: an HBA that cannot reach all memory is not used (set_up()). */
static int alloc_memory(struct ahci_port *port)
{
	unsigned int order = get_order(CAP_NCS(port->hba->cap) * sizeof(struct ahci_table));

	port->memory = (struct ahci_memory *)__get_free_pages(GFP_KERNEL | __GFP_ZERO, 0);
	port->tables = (struct ahci_table *)__get_free_pages(GFP_KERNEL | __GFP_ZERO, order);
	return port->memory && port->tables ? 0 : -ENOMEM;
}

static void free_memory(struct ahci_port *port)
{
	unsigned int order = get_order(CAP_NCS(port->hba->cap) * sizeof(struct ahci_table));

	free_pages((unsigned long)port->memory, 0);
	free_pages((unsigned long)port->tables, order);
	port->memory = NULL;
	port->tables = NULL;
}

/* Memory that the HBA does not let go of is lost, rather than written to when others have it. */
void ahci_port_shut_down(struct ahci_port *port)
{
	int err = port_stop(port);

	port_write(port, PORT_CMD, port_read(port, PORT_CMD) & ~(u32)CMD_FRE);
	if (!port_wait(port, PORT_CMD, CMD_FR, 0, STOP_MS) || err)
		pr_err("port %u does not stop", port->number);
	else
		free_memory(port);
}

static void set_memory(struct ahci_port *port)
{
	phys_addr_t list = virt_to_phys(port->memory->headers);
	phys_addr_t frames = virt_to_phys(port->memory->received);

	port_write(port, PORT_CLB, (u32)list);
	port_write(port, PORT_CLBU, (u32)(list >> 32));
	port_write(port, PORT_FB, (u32)frames);
	port_write(port, PORT_FBU, (u32)(frames >> 32));
}

/* Power, frames, link, disk. -ENODEV: no disk. */
static int bring_up(struct ahci_port *port)
{
	int err = port_stop(port);
	u32 sig;

	if (err)
		return err;
	set_memory(port);
	port_write(port, PORT_CMD, port_read(port, PORT_CMD) | CMD_POD | CMD_SUD | CMD_FRE);
	/* The reset of the HBA was one for the link, too: perhaps it is there again. */
	if ((port_read(port, PORT_SSTS) & SSTS_DET) == DET_READY)
		clear_errors(port);
	else
		err = port_reset(port);
	err = err ?: port_start(port);
	if (err)
		return err;
	sig = port_read(port, PORT_SIG);
	if (sig != SIG_ATA && sig != SIG_ATAPI)
		pr_info("port %u: no disk: signature %#x", port->number, sig);
	return sig == SIG_ATA ? 0 : -ENODEV;
}

static int identify(struct ahci_port *port)
{
	const struct ata_taskfile task = { .command = ATA_IDENTIFY_DEVICE };

	set_piece(&port->tables[0].pieces[0], port->memory->identify,
		  sizeof(port->memory->identify));
	fill_command(port, 0, &task, 1, false);
	port_write(port, PORT_CI, 1);
	if (!port_wait(port, PORT_CI, 1, 0, IDENTIFY_MS) || port_read(port, PORT_TFD) & TFD_ERR)
		return -EIO;
	return ata_parse_identify(port->memory->identify, &port->ata);
}

static int describe_disk(struct ahci_port *port)
{
	const struct ata_disk *ata = &port->ata;
	struct disk *disk = &port->disk;

	if (ata->sector_bytes != SECTOR_SIZE) {
		pr_warn("port %u: sectors of %u bytes are not supported", port->number,
			ata->sector_bytes);
		return -EOPNOTSUPP;
	}
	port->is_queued =
		IS_ENABLED(CONFIG_AHCI_NCQ) && !no_ncq && ata->has_ncq && port->hba->cap & CAP_SNCQ;
	*disk = (struct disk){
		.ops = &ahci_disk_ops,
		.driver_data = port,
		.driver = "ahci",
		.nr_sectors = ata->nr_sectors,
		.block_size = ata->block_bytes,
		.max_sectors = ata->has_lba48 ? MAX_SECTORS : ATA_MAX_SECTORS,
		.max_segments = AHCI_MAX_PIECES,
		.depth = 1,
		.rotates = ata->rotates,
		.has_cache = ata->has_write_cache,
	};
	/* 5.5.1: no more than the HBA has slots and the disk tags. */
	if (port->is_queued)
		disk->depth = (u16)min(CAP_NCS(port->hba->cap), ata->queue_depth);
	memcpy(disk->model, ata->model, sizeof(disk->model));
	memcpy(disk->serial, ata->serial, sizeof(disk->serial));
	memcpy(disk->revision, ata->revision, sizeof(disk->revision));
	return 0;
}

void ahci_port_probe(struct ahci_port *port)
{
	int err = port->was_empty ? -ENODEV : alloc_memory(port);

	if (!err)
		err = bring_up(port);
	if (!err)
		err = identify(port) ?: describe_disk(port);
	if (err && err != -ENODEV)
		pr_warn("port %u: its disk is not used: error %d", port->number, -err);
	if (err)
		ahci_port_shut_down(port);
	port->probe_error = err;
}

void ahci_port_enable(struct ahci_port *port)
{
	clear_errors(port);
	port_write(port, PORT_IE, IS_WANTED);
}
