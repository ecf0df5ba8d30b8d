/* SPDX-License-Identifier: GPL-2.0-only */
/* Partition tables on a disk in memory. */
#include <linux/errno.h>
#include <oshit/container_of.h>
#include <oshit/crc32.h>
#include <oshit/partition.h>
#include <oshit/string.h>
#include <oshit/test.h>

#define NR_SECTORS 64 /* that have contents; the disk is larger */
#define NR_DISK	   100000UL

static struct {
	struct partition_reader reader;
	u8 sectors[NR_SECTORS][PARTITION_SECTOR];
	u8 last[40][PARTITION_SECTOR]; /* of the disk */
	u64 bad; /* sector that cannot be read */
} disk;
static struct partition_table table;

static u8 *sector_at(u64 sector)
{
	static u8 zeros[PARTITION_SECTOR];

	if (sector < NR_SECTORS)
		return disk.sectors[sector];
	if (sector >= NR_DISK - 40)
		return disk.last[sector - (NR_DISK - 40)];
	return zeros;
}

static int read_sector(struct partition_reader *reader, u64 sector, void *buf)
{
	if (sector >= reader->nr_sectors || sector == disk.bad)
		return -EIO;
	memcpy(buf, sector_at(sector), PARTITION_SECTOR);
	return 0;
}

static void reset(void)
{
	memset(&disk, 0, sizeof(disk));
	disk.reader = (struct partition_reader){ .read = read_sector, .nr_sectors = NR_DISK };
	disk.bad = ~0UL;
}

static void put(u8 *at, u64 value, unsigned int size)
{
	for (unsigned int i = 0; i < size; i++)
		at[i] = (u8)(value >> 8 * i);
}

static void put_entry(u64 sector, unsigned int i, u8 type, u64 first, u64 nr)
{
	u8 *at = sector_at(sector) + 446 + i * 16;

	at[4] = type;
	put(at + 8, first, 4);
	put(at + 12, nr, 4);
	put(sector_at(sector) + 510, 0xaa55, 2);
}

static void expect_part(struct test *t, unsigned int i, unsigned int nr, u64 first, u64 size)
{
	ASSERT_LT(t, i, table.nr);
	EXPECT_EQ(t, table.parts[i].number, nr);
	EXPECT_EQ(t, table.parts[i].first, first);
	EXPECT_EQ(t, table.parts[i].nr, size);
}

static void empty_disk_has_none(struct test *t)
{
	reset();
	EXPECT_OK(t, parse_partitions(&disk.reader, &table));
	EXPECT_EQ(t, table.kind, PARTITIONS_NONE);
	EXPECT_EQ(t, table.nr, 0);
	disk.reader.nr_sectors = 0;
	EXPECT_OK(t, parse_partitions(&disk.reader, &table));
}

static void boot_sector_of_a_file_system_is_no_table(struct test *t)
{
	reset();
	put_entry(0, 0, 0x83, 2048, 1000);
	disk.sectors[0][446] = 'N';
	EXPECT_OK(t, parse_partitions(&disk.reader, &table));
	EXPECT_EQ(t, table.nr, 0);
}

static void mbr_has_four_primaries(struct test *t)
{
	reset();
	put_entry(0, 0, 0x83, 2048, 1000);
	put_entry(0, 2, 0x82, 4096, 50);
	put_entry(0, 3, 0x0c, 90000, 20000); /* reaches over the end */
	EXPECT_OK(t, parse_partitions(&disk.reader, &table));
	EXPECT_EQ(t, table.kind, PARTITIONS_MBR);
	EXPECT_EQ(t, table.nr, 3);
	expect_part(t, 0, 1, 2048, 1000);
	expect_part(t, 1, 3, 4096, 50);
	expect_part(t, 2, 4, 90000, NR_DISK - 90000);
}

static void entries_behind_the_end_are_dropped(struct test *t)
{
	reset();
	put_entry(0, 0, 0x83, NR_DISK, 1);
	put_entry(0, 1, 0x83, 0xffffffff, 0xffffffff);
	put_entry(0, 2, 0x83, 10, 0);
	put_entry(0, 3, 0x83, NR_DISK - 1, 0xffffffff);
	EXPECT_OK(t, parse_partitions(&disk.reader, &table));
	EXPECT_EQ(t, table.nr, 1);
	expect_part(t, 0, 4, NR_DISK - 1, 1);
}

static void logical_partitions_are_a_chain(struct test *t)
{
	reset();
	put_entry(0, 0, 0x83, 1, 9);
	put_entry(0, 1, 0x05, 40, 50);
	put_entry(40, 0, 0x83, 2, 5);
	put_entry(40, 1, 0x05, 8, 10);
	put_entry(48, 0, 0x83, 2, 6);
	put_entry(48, 1, 0x05, 16, 10);
	put_entry(56, 0, 0x83, 2, 7);
	EXPECT_OK(t, parse_partitions(&disk.reader, &table));
	EXPECT_EQ(t, table.nr, 5);
	expect_part(t, 0, 1, 1, 9);
	expect_part(t, 1, 2, 40, 2);
	expect_part(t, 2, 5, 42, 5);
	expect_part(t, 3, 6, 50, 6);
	expect_part(t, 4, 7, 58, 7);
}

static void chain_that_leads_back_ends(struct test *t)
{
	reset();
	put_entry(0, 0, 0x05, 40, 50);
	put_entry(40, 0, 0x83, 2, 5);
	put_entry(40, 1, 0x05, 8, 10);
	put_entry(48, 0, 0x83, 2, 6);
	put_entry(48, 1, 0x05, 8, 10); /* itself */
	EXPECT_OK(t, parse_partitions(&disk.reader, &table));
	EXPECT_EQ(t, table.nr, 3);
	put_entry(48, 1, 0x05, 0xffffff00, 10); /* far away */
	EXPECT_OK(t, parse_partitions(&disk.reader, &table));
	EXPECT_EQ(t, table.nr, 3);
}

static void error_of_a_read_is_told_or_ends_the_chain(struct test *t)
{
	reset();
	disk.bad = 0;
	EXPECT_EQ(t, parse_partitions(&disk.reader, &table), -EIO);
	reset();
	put_entry(0, 0, 0x83, 10, 20);
	put_entry(0, 1, 0x05, 40, 50);
	disk.bad = 40;
	EXPECT_OK(t, parse_partitions(&disk.reader, &table));
	EXPECT_EQ(t, table.nr, 2);
}

/* --- GPT --- */

static void put_gpt_entry(u64 entries, unsigned int i, u64 first, u64 last)
{
	u8 *at = sector_at(entries + i / 4) + i % 4 * 128;

	memset(at, 0x11, 32);
	put(at + 32, first, 8);
	put(at + 40, last, 8);
}

static void seal_gpt(u64 header, u64 entries)
{
	u8 *at = sector_at(header);
	u32 crc = CRC32_INIT;

	memcpy(at, "EFI PART\0\0\1\0", 12);
	put(at + 12, 92, 4);
	put(at + 16, 0, 4);
	put(at + 24, header, 8);
	put(at + 40, 34, 8);
	put(at + 48, NR_DISK - 34, 8);
	put(at + 72, entries, 8);
	put(at + 80, 128, 4);
	put(at + 84, 128, 4);
	for (unsigned int i = 0; i < 32; i++)
		crc = crc32(crc, sector_at(entries + i), PARTITION_SECTOR);
	put(at + 88, crc, 4);
	put(at + 16, crc32(CRC32_INIT, at, 92), 4);
}

static void make_gpt(void)
{
	reset();
	put_entry(0, 0, 0xee, 1, 0xffffffff);
	for (u64 entries = 2; entries; entries = entries == 2 ? NR_DISK - 33 : 0) {
		put_gpt_entry(entries, 0, 34, 1000);
		put_gpt_entry(entries, 4, 2000, 2000);
		put_gpt_entry(entries, 5, 20, 30); /* not usable */
		put_gpt_entry(entries, 6, 3000, 2999);
		put_gpt_entry(entries, 7, 5000, NR_DISK);
		put_gpt_entry(entries, 100, 4000, 4001); /* no number for it */
		seal_gpt(entries == 2 ? 1 : NR_DISK - 1, entries);
	}
}

static void expect_gpt(struct test *t)
{
	EXPECT_OK(t, parse_partitions(&disk.reader, &table));
	EXPECT_EQ(t, table.kind, PARTITIONS_GPT);
	EXPECT_EQ(t, table.nr, 2);
	expect_part(t, 0, 1, 34, 967);
	expect_part(t, 1, 5, 2000, 1);
}

static void gpt_is_read(struct test *t)
{
	make_gpt();
	expect_gpt(t);
}

static void damaged_gpt_is_read_from_its_copy(struct test *t)
{
	make_gpt();
	sector_at(1)[50] ^= 1;
	expect_gpt(t);
	make_gpt();
	sector_at(3)[7] ^= 1;
	expect_gpt(t);
	make_gpt();
	disk.bad = 1;
	expect_gpt(t);
}

static void gpt_without_a_good_copy_is_none(struct test *t)
{
	make_gpt();
	sector_at(1)[50] ^= 1;
	sector_at(NR_DISK - 1)[50] ^= 1;
	EXPECT_OK(t, parse_partitions(&disk.reader, &table));
	EXPECT_EQ(t, table.nr, 0);
	/* And one without a protective MBR is a leftover. */
	make_gpt();
	memset(disk.sectors[0], 0, PARTITION_SECTOR);
	EXPECT_OK(t, parse_partitions(&disk.reader, &table));
	EXPECT_EQ(t, table.kind, PARTITIONS_NONE);
}

static const struct test_case partition_cases[] = {
	TEST_CASE(empty_disk_has_none),
	TEST_CASE(boot_sector_of_a_file_system_is_no_table),
	TEST_CASE(mbr_has_four_primaries),
	TEST_CASE(entries_behind_the_end_are_dropped),
	TEST_CASE(logical_partitions_are_a_chain),
	TEST_CASE(chain_that_leads_back_ends),
	TEST_CASE(error_of_a_read_is_told_or_ends_the_chain),
	TEST_CASE(gpt_is_read),
	TEST_CASE(damaged_gpt_is_read_from_its_copy),
	TEST_CASE(gpt_without_a_good_copy_is_none),
};
TEST_SUITE(partition, partition_cases);
