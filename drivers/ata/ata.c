/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What IDENTIFY DEVICE says (ATA8-ACS, 7.16), and how commands are laid out: as register values
 * (7), and as the frame that carries these to a device (SATA 3.0, 10.3.4).
 *
 * Words of IDENTIFY that a disk does not support hold 0, or all ones in disks that say so nowhere;
 * some are valid only if their upper two bits are 01.  Text has its bytes swapped.
 */
#include <linux/errno.h>
#include <oshit/bitops.h>

#include "ata.h"

enum identify_word {
	WORD_CONFIGURATION = 0, /* bit 15: not an ATA device */
	WORD_SERIAL = 10,
	WORD_REVISION = 23,
	WORD_MODEL = 27,
	WORD_CAPABILITIES = 49, /* bit 9: LBA, bit 8: DMA */
	WORD_SECTORS = 60, /* two */
	WORD_QUEUE_DEPTH = 75, /* bits 4:0, less one */
	WORD_SATA = 76, /* bit 8: NCQ */
	WORD_COMMANDS = 83, /* bit 10: LBA48, 13: FLUSH CACHE EXT */
	WORD_COMMANDS_ON = 85, /* bit 5: the write cache */
	WORD_SECTORS_48 = 100, /* four */
	WORD_SECTOR_SIZE = 106, /* bits 13, 12, 3:0 */
	WORD_SECTOR_WORDS = 117, /* two */
	WORD_ROTATION = 217, /* 1: none */
	WORD_INTEGRITY = 255, /* low byte 0xa5: the sum of all bytes is 0 */
};

#define SIGNATURE_INTEGRITY 0xa5
#define DEVICE_LBA	    0x40u
#define FIS_HOST_TO_DEVICE  0x27
#define FIS_IS_COMMAND	    0x80

static u64 number(const u16 *words, unsigned int nr)
{
	u64 value = 0;

	while (nr--)
		value = value << 16 | words[nr];
	return value;
}

static void copy_text(char *text, const u16 *words, unsigned int nr)
{
	unsigned int len = 0, start = 0;

	for (unsigned int i = 0; i < 2 * nr; i++) {
		char c = (char)(words[i / 2] >> (i % 2 ? 0 : 8));

		text[i] = c >= ' ' && c <= '~' ? c : ' ';
	}
	while (start < 2 * nr && text[start] == ' ')
		start++;
	for (unsigned int i = start; i < 2 * nr; i++)
		text[i - start] = text[i];
	len = 2 * nr - start;
	while (len && text[len - 1] == ' ')
		len--;
	text[len] = '\0';
}

static bool is_intact(const u16 *words)
{
	u8 sum = 0;

	if ((words[WORD_INTEGRITY] & 0xff) != SIGNATURE_INTEGRITY)
		return true;
	for (unsigned int i = 0; i < ATA_IDENTIFY_WORDS; i++)
		sum += (u8)(words[i] & 0xff) + (u8)(words[i] >> 8);
	return !sum;
}

static bool is_valid(u16 word)
{
	return (word & 0xc000) == 0x4000;
}

static void parse_sector_size(const u16 *words, struct ata_disk *disk)
{
	u16 size = words[WORD_SECTOR_SIZE];

	disk->sector_bytes = 512;
	if (is_valid(size) && size & BIT(12))
		disk->sector_bytes = 2 * (u32)number(&words[WORD_SECTOR_WORDS], 2);
	disk->block_bytes = disk->sector_bytes;
	if (is_valid(size) && size & BIT(13))
		disk->block_bytes <<= size & 0xf;
}

static void parse_features(const u16 *words, struct ata_disk *disk)
{
	u16 commands = is_valid(words[WORD_COMMANDS]) ? words[WORD_COMMANDS] : 0;

	disk->has_lba48 = commands & BIT(10);
	disk->has_flush_ext = commands & BIT(13);
	disk->has_write_cache =
		words[WORD_COMMANDS_ON] & BIT(5) && words[WORD_COMMANDS_ON] != 0xffff;
	disk->has_ncq = words[WORD_SATA] & BIT(8) && words[WORD_SATA] != 0xffff && disk->has_lba48;
	disk->queue_depth = disk->has_ncq ? (words[WORD_QUEUE_DEPTH] & 0x1f) + 1u : 1;
	disk->rotates = words[WORD_ROTATION] != 1;
}

int ata_parse_identify(const u16 words[ATA_IDENTIFY_WORDS], struct ata_disk *disk)
{
	*disk = (struct ata_disk){ 0 };
	if (words[WORD_CONFIGURATION] & BIT(15) || !is_intact(words) ||
	    !(words[WORD_CAPABILITIES] & BIT(9)) || !(words[WORD_CAPABILITIES] & BIT(8)))
		return -EINVAL;
	parse_features(words, disk);
	parse_sector_size(words, disk);
	copy_text(disk->serial, &words[WORD_SERIAL], 10);
	copy_text(disk->revision, &words[WORD_REVISION], 4);
	copy_text(disk->model, &words[WORD_MODEL], 20);
	disk->nr_sectors = disk->has_lba48 ? number(&words[WORD_SECTORS_48], 4)
					   : number(&words[WORD_SECTORS], 2);
	return !disk->nr_sectors || disk->nr_sectors >> 48 ? -EINVAL : 0;
}

void ata_transfer(struct ata_taskfile *taskfile, const struct ata_disk *disk, bool is_write,
		  u64 sector, u32 nr)
{
	*taskfile = (struct ata_taskfile){ .lba = sector, .device = DEVICE_LBA };
	if (disk->has_lba48) {
		taskfile->command = is_write ? ATA_WRITE_DMA_EXT : ATA_READ_DMA_EXT;
		taskfile->count = (u16)nr;
	} else {
		/* Bits 27:24 of the address are in the device register. */
		taskfile->command = is_write ? ATA_WRITE_DMA : ATA_READ_DMA;
		taskfile->count = (u8)nr;
		taskfile->lba = sector & 0xffffff;
		taskfile->device |= sector >> 24 & 0xf;
	}
}

/* 7.73: the count is in the features, the tag in bits 7:3 of the count. */
void ata_queued_transfer(struct ata_taskfile *taskfile, bool is_write, u64 sector, u32 nr,
			 unsigned int tag)
{
	*taskfile = (struct ata_taskfile){
		.command = is_write ? ATA_WRITE_FPDMA_QUEUED : ATA_READ_FPDMA_QUEUED,
		.features = (u16)nr,
		.count = (u16)(tag << 3),
		.lba = sector,
		.device = DEVICE_LBA,
	};
}

void ata_flush(struct ata_taskfile *taskfile, const struct ata_disk *disk)
{
	*taskfile = (struct ata_taskfile){
		.command = disk->has_flush_ext ? ATA_FLUSH_CACHE_EXT : ATA_FLUSH_CACHE,
		.device = DEVICE_LBA,
	};
}

void ata_fill_fis(u8 fis[ATA_FIS_BYTES], const struct ata_taskfile *taskfile)
{
	for (unsigned int i = 0; i < ATA_FIS_BYTES; i++)
		fis[i] = 0;
	fis[0] = FIS_HOST_TO_DEVICE;
	fis[1] = FIS_IS_COMMAND;
	fis[2] = (u8)taskfile->command;
	fis[3] = (u8)taskfile->features;
	fis[7] = taskfile->device;
	fis[11] = (u8)(taskfile->features >> 8);
	fis[12] = (u8)taskfile->count;
	fis[13] = (u8)(taskfile->count >> 8);
	for (unsigned int i = 0; i < 3; i++) {
		fis[4 + i] = (u8)(taskfile->lba >> 8 * i);
		fis[8 + i] = (u8)(taskfile->lba >> 8 * (i + 3));
	}
}
