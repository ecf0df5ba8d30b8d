/* SPDX-License-Identifier: GPL-2.0-only */
/* What disks say of themselves, and the layout of commands. */
#include <linux/errno.h>
#include <oshit/string.h>
#include <oshit/test.h>

#include "ata.h"

static u16 words[ATA_IDENTIFY_WORDS];

static void put_text(unsigned int at, unsigned int nr, const char *text)
{
	for (unsigned int i = 0; i < 2 * nr; i++) {
		u8 c = *text ? (u8)*text++ : ' ';

		words[at + i / 2] |= (u16)(c << (i % 2 ? 0 : 8));
	}
}

/* A disk of 1 TiB as they are sold. */
static void make_disk(void)
{
	memset(words, 0, sizeof(words));
	put_text(10, 10, "  SN123");
	put_text(23, 4, "1.0");
	put_text(27, 20, "DISK OF 1 TIB");
	words[49] = 0x0300;
	words[60] = 0xffff;
	words[61] = 0x0fff;
	words[75] = 31;
	words[76] = 0x0100;
	words[83] = 0x6400;
	words[85] = 0x0020;
	words[101] = 0x8000; /* 0x80000000 sectors */
	words[217] = 1;
}

static void set_integrity(void)
{
	u8 sum = 0xa5;

	for (unsigned int i = 0; i < 255; i++)
		sum += (u8)(words[i] & 0xff) + (u8)(words[i] >> 8);
	words[255] = (u16)(0xa5 | (u8)-sum << 8);
}

static void disk_tells_what_it_can(struct test *t)
{
	struct ata_disk disk;

	make_disk();
	ASSERT_OK(t, ata_parse_identify(words, &disk));
	EXPECT_EQ(t, disk.nr_sectors, 0x80000000UL);
	EXPECT_EQ(t, disk.sector_bytes, 512);
	EXPECT_EQ(t, disk.block_bytes, 512);
	EXPECT_TRUE(t,
		    disk.has_lba48 && disk.has_ncq && disk.has_flush_ext && disk.has_write_cache);
	EXPECT_EQ(t, disk.queue_depth, 32);
	EXPECT_FALSE(t, disk.rotates);
	EXPECT_STREQ(t, disk.model, "DISK OF 1 TIB");
	EXPECT_STREQ(t, disk.serial, "SN123");
	EXPECT_STREQ(t, disk.revision, "1.0");
}

static void old_disk_has_28_bits(struct test *t)
{
	struct ata_disk disk;

	make_disk();
	words[83] = 0x4000;
	ASSERT_OK(t, ata_parse_identify(words, &disk));
	EXPECT_EQ(t, disk.nr_sectors, 0xfffffff);
	EXPECT_FALSE(t, disk.has_lba48 || disk.has_ncq || disk.has_flush_ext);
	EXPECT_EQ(t, disk.queue_depth, 1);
}

static void sizes_of_sectors_are_told(struct test *t)
{
	struct ata_disk disk;

	make_disk();
	words[106] = 0x6003;
	ASSERT_OK(t, ata_parse_identify(words, &disk));
	EXPECT_EQ(t, disk.sector_bytes, 512);
	EXPECT_EQ(t, disk.block_bytes, 4096);
	words[106] = 0x5000;
	words[117] = 2048;
	ASSERT_OK(t, ata_parse_identify(words, &disk));
	EXPECT_EQ(t, disk.sector_bytes, 4096);
	EXPECT_EQ(t, disk.block_bytes, 4096);
	words[106] = 0xffff; /* not valid */
	ASSERT_OK(t, ata_parse_identify(words, &disk));
	EXPECT_EQ(t, disk.sector_bytes, 512);
}

static void nonsense_is_no_disk(struct test *t)
{
	struct ata_disk disk;

	memset(words, 0, sizeof(words));
	EXPECT_EQ(t, ata_parse_identify(words, &disk), -EINVAL);
	memset(words, 0xff, sizeof(words));
	EXPECT_EQ(t, ata_parse_identify(words, &disk), -EINVAL);
	make_disk();
	set_integrity();
	EXPECT_OK(t, ata_parse_identify(words, &disk));
	words[100] ^= 0x10;
	EXPECT_EQ(t, ata_parse_identify(words, &disk), -EINVAL);
	make_disk();
	words[101] = 0;
	EXPECT_EQ(t, ata_parse_identify(words, &disk), -EINVAL);
}

static void expect_fis(struct test *t, const struct ata_taskfile *taskfile, const char *wanted)
{
	u8 fis[ATA_FIS_BYTES];

	ata_fill_fis(fis, taskfile);
	EXPECT_TRUE(t, !memcmp(fis, wanted, ATA_FIS_BYTES));
}

static void commands_are_laid_out_as_the_standard_says(struct test *t)
{
	struct ata_disk modern = { .has_lba48 = true, .has_flush_ext = true }, old = { 0 };
	struct ata_taskfile taskfile;

	ata_transfer(&taskfile, &modern, false, 0x123456789abc, 0x1234);
	expect_fis(t, &taskfile,
		   "\x27\x80\x25\0\xbc\x9a\x78\x40\x56\x34\x12\0\x34\x12\0\0\0\0\0\0");
	ata_transfer(&taskfile, &modern, true, 1, ATA_MAX_SECTORS_LBA48);
	expect_fis(t, &taskfile, "\x27\x80\x35\0\x01\0\0\x40\0\0\0\0\0\0\0\0\0\0\0\0");
	ata_transfer(&taskfile, &old, true, 0xabcdef1, ATA_MAX_SECTORS);
	expect_fis(t, &taskfile, "\x27\x80\xca\0\xf1\xde\xbc\x4a\0\0\0\0\0\0\0\0\0\0\0\0");
	ata_queued_transfer(&taskfile, true, 0x123456789abc, 0x1234, 31);
	expect_fis(t, &taskfile,
		   "\x27\x80\x61\x34\xbc\x9a\x78\x40\x56\x34\x12\x12\xf8\0\0\0\0\0\0\0");
	ata_flush(&taskfile, &modern);
	expect_fis(t, &taskfile, "\x27\x80\xea\0\0\0\0\x40\0\0\0\0\0\0\0\0\0\0\0\0");
	ata_flush(&taskfile, &old);
	expect_fis(t, &taskfile, "\x27\x80\xe7\0\0\0\0\x40\0\0\0\0\0\0\0\0\0\0\0\0");
}

static const struct test_case ata_cases[] = {
	TEST_CASE(disk_tells_what_it_can),
	TEST_CASE(old_disk_has_28_bits),
	TEST_CASE(sizes_of_sectors_are_told),
	TEST_CASE(nonsense_is_no_disk),
	TEST_CASE(commands_are_laid_out_as_the_standard_says),
};
TEST_SUITE(ata, ata_cases);
