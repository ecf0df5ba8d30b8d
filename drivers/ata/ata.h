/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * ATA commands and what disks say of themselves (ATA8-ACS; SATA 3.0 for the frames).  No state, no
 * device: also on the host.
 */
#ifndef ATA_ATA_H
#define ATA_ATA_H

#include <oshit/types.h>

#define ATA_IDENTIFY_WORDS 256
#define ATA_FIS_BYTES	   20 /* a register frame from host to device */

enum ata_command { /* ATA8-ACS, 7 */
	ATA_READ_DMA = 0xc8,
	ATA_READ_DMA_EXT = 0x25,
	ATA_READ_FPDMA_QUEUED = 0x60,
	ATA_WRITE_DMA = 0xca,
	ATA_WRITE_DMA_EXT = 0x35,
	ATA_WRITE_FPDMA_QUEUED = 0x61,
	ATA_FLUSH_CACHE = 0xe7,
	ATA_FLUSH_CACHE_EXT = 0xea,
	ATA_IDENTIFY_DEVICE = 0xec,
};

struct ata_disk { /* out of IDENTIFY DEVICE */
	u64 nr_sectors; /* that can be addressed */
	u32 sector_bytes; /* of a logical sector */
	u32 block_bytes; /* of a physical one */
	bool has_lba48;
	bool has_ncq;
	unsigned int queue_depth; /* 1..32 */
	bool has_write_cache; /* and it is on */
	bool has_flush_ext;
	bool rotates;
	char model[41], serial[21], revision[9];
};

/* 0; -EINVAL: no disk that can be used: damaged, without LBA, without sectors. */
int ata_parse_identify(const u16 words[ATA_IDENTIFY_WORDS], struct ata_disk *disk);

struct ata_taskfile { /* what the registers of a command hold */
	enum ata_command command;
	u16 features, count;
	u64 lba; /* 48 bits */
	u8 device;
};

/* A read (or write) of @nr sectors, which the command can express. @tag: of a queued command. */
void ata_transfer(struct ata_taskfile *taskfile, const struct ata_disk *disk, bool is_write,
		  u64 sector, u32 nr);
void ata_queued_transfer(struct ata_taskfile *taskfile, bool is_write, u64 sector, u32 nr,
			 unsigned int tag);
void ata_flush(struct ata_taskfile *taskfile, const struct ata_disk *disk);

void ata_fill_fis(u8 fis[ATA_FIS_BYTES], const struct ata_taskfile *taskfile);

/* Sectors of one command. */
#define ATA_MAX_SECTORS	      256u /* with 28 bits of LBA; 0 in the register */
#define ATA_MAX_SECTORS_LBA48 65536u

#endif
