/* SPDX-License-Identifier: GPL-2.0-only */
/* Registers and structures of AHCI (Serial ATA AHCI 1.3.1), and what the files here share. */
#ifndef ATA_AHCI_H
#define ATA_AHCI_H

#include <oshit/bitops.h>
#include <oshit/disk.h>
#include <oshit/pci.h>
#include <oshit/workqueue.h>

#include "ata.h"

#define AHCI_BAR       5
#define AHCI_MAX_PORTS 32
#define AHCI_MAX_SLOTS 32

enum ahci_register { /* 3.1 */
		     HBA_CAP = 0x00,
		     HBA_GHC = 0x04,
		     HBA_IS = 0x08,
		     HBA_PI = 0x0c,
		     HBA_CAP2 = 0x24,
		     HBA_BOHC = 0x28,
		     HBA_PORTS = 0x100,
		     HBA_PORT_SIZE = 0x80,
};

#define CAP_S64A     BIT(31)
#define CAP_SNCQ     BIT(30)
#define CAP_SSS	     BIT(27)
#define CAP_NCS(cap) (((cap) >> 8 & 0x1f) + 1)
#define GHC_HR	     BIT(0)
#define GHC_IE	     BIT(1)
#define GHC_AE	     BIT(31)
#define CAP2_BOH     BIT(0)
#define BOHC_BOS     BIT(0)
#define BOHC_OOS     BIT(1)
#define BOHC_BB	     BIT(4)

enum ahci_port_register { /* 3.3 */
			  PORT_CLB = 0x00,
			  PORT_CLBU = 0x04,
			  PORT_FB = 0x08,
			  PORT_FBU = 0x0c,
			  PORT_IS = 0x10,
			  PORT_IE = 0x14,
			  PORT_CMD = 0x18,
			  PORT_TFD = 0x20,
			  PORT_SIG = 0x24,
			  PORT_SSTS = 0x28,
			  PORT_SCTL = 0x2c,
			  PORT_SERR = 0x30,
			  PORT_SACT = 0x34,
			  PORT_CI = 0x38,
};

#define CMD_ST	       BIT(0)
#define CMD_SUD	       BIT(1)
#define CMD_POD	       BIT(2)
#define CMD_FRE	       BIT(4)
#define CMD_FR	       BIT(14)
#define CMD_CR	       BIT(15)
#define TFD_ERR	       BIT(0)
#define TFD_DRQ	       BIT(3)
#define TFD_BSY	       BIT(7)
#define SSTS_DET       0xfu
#define DET_PRESENT    0x1u
#define DET_READY      0x3u
#define SCTL_DET_RESET 0x1u
#define SIG_ATA	       0x00000101u
#define SIG_ATAPI      0xeb140101u

/* Interrupts of a port, 3.3.5. */
#define IS_DHRS	       BIT(0) /* a register frame: an unqueued command has ended */
#define IS_PSS	       BIT(1)
#define IS_DSS	       BIT(2)
#define IS_SDBS	       BIT(3) /* set device bits: queued commands have ended */
#define IS_UFS	       BIT(4)
#define IS_PCS	       BIT(6) /* something was plugged in or pulled out */
#define IS_PRCS	       BIT(22) /* the link has gone or come */
#define IS_OFS	       BIT(24) /* overflow: more data than the command has memory */
#define IS_IFS	       BIT(27) /* fatal error of the interface */
#define IS_HBDS	       BIT(28) /* of the bus: data */
#define IS_HBFS	       BIT(29) /* of the bus: fatal */
#define IS_TFES	       BIT(30) /* the device has set the error bit */
#define IS_ERRORS      (IS_UFS | IS_PCS | IS_PRCS | IS_OFS | IS_IFS | IS_HBDS | IS_HBFS | IS_TFES)
#define IS_WANTED      (IS_ERRORS | IS_DHRS | IS_PSS | IS_DSS | IS_SDBS)

/* --- in memory --- */

struct ahci_header { /* of a command, 4.2.2 */
	u16 flags; /* HEADER_ */
	u16 nr_pieces; /* entries of the table's list */
	u32 nr_bytes; /* out  transferred */
	u32 table, table_high;
	u32 reserved[4];
};
static_assert(sizeof(struct ahci_header) == 32, "AHCI 1.3.1, figure 11");

#define HEADER_FIS_DWORDS (ATA_FIS_BYTES / 4)
#define HEADER_WRITE	  BIT(6)

struct ahci_piece { /* of memory, 4.2.3.3 */
	u32 address, address_high;
	u32 reserved;
	u32 last_byte; /* bytes less one; odd */
};
static_assert(sizeof(struct ahci_piece) == 16, "AHCI 1.3.1, figure 16");

#define AHCI_MAX_PIECES 56 /* so that a table has 1 KiB */

struct ahci_table { /* 4.2.3 */
	u8 fis[64];
	u8 packet[16];
	u8 reserved[48];
	struct ahci_piece pieces[AHCI_MAX_PIECES];
};
static_assert(sizeof(struct ahci_table) == 1024, "tables lie side by side, aligned to 128");

struct ahci_memory { /* of a port; a page */
	struct ahci_header headers[AHCI_MAX_SLOTS]; /* aligned to 1 KiB */
	u8 received[256]; /* frames from the device, aligned to 256 */
	u8 unused[256];
	u16 identify[ATA_IDENTIFY_WORDS];
};

/* --- in the driver --- */

struct ahci_hba;

struct ahci_port { /* i: constant once the disk is registered   t: the disk's thread   a: atomic */
	struct disk disk;
	struct ahci_hba *hba; /* i */
	unsigned int number; /* i */
	u8 __iomem *registers; /* i */
	struct ahci_memory *memory; /* i */
	struct ahci_table *tables; /* i  one a slot */
	struct ata_disk ata; /* i */
	bool is_queued; /* i  NCQ is used */
	bool was_empty; /* i  before the reset: nothing to wait for */
	u32 outstanding; /* t  slots whose commands are at the disk */
	struct io_request *slots[AHCI_MAX_SLOTS]; /* t */
	u32 events; /* a  PORT_IS bits that the handler has seen */
	struct work_struct probe;
	int probe_error; /* of ->probe: 0: there is a disk */
};

struct ahci_hba { /* i: constant once set up */
	struct ahci_hba *next; /* i */
	struct pci_device *pci; /* i */
	u8 __iomem *registers; /* i */
	u32 cap; /* i */
	struct ahci_port *ports[AHCI_MAX_PORTS]; /* i  NULL: none */
};

/* ahci_port.c: looks what there is at a port, once the HBA has been reset: ->probe_error. Task;
 * sleeps. */
void ahci_port_probe(struct ahci_port *port);
/* Its interrupts on. */
void ahci_port_enable(struct ahci_port *port);
/* Stops the port, so that the HBA writes nothing any more, and frees its memory, if it does. Task;
 * sleeps. */
void ahci_port_shut_down(struct ahci_port *port);
/* For disk->ops. */
extern const struct disk_ops ahci_disk_ops;

/* Waits until (register & @mask) == @value, asking now and then; false: not within @ms. Sleeps. */
bool ahci_wait(u8 __iomem *registers, unsigned int offset, u32 mask, u32 value, unsigned int ms);

#endif
