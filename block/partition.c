/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Partition tables.
 *
 * MBR: four entries in sector 0.  One of them may be an extended partition: a chain of sectors that
 * look the same, each with a logical partition, counted from that sector, and the next of the
 * chain, counted from where the extended partition begins.  Logical ones have numbers from 5 on.
 * The extended one itself shows its first two sectors, as in Linux.
 *
 * GPT (UEFI specification 2.10, 5.3): a header in sector 1, a copy in the last one; each with a
 * checksum of its own and one of the array of entries.  The copy counts if the first is damaged.
 * There must be a protective entry of type 0xee in an MBR: otherwise the GPT may be a leftover.
 *
 * Nothing is trusted: entries behind the end are dropped, those that reach over it are cut, chains
 * that go on for ever or lead backwards end, and an array has at most MAX_ARRAY_BYTES.
 */
#include <linux/errno.h>
#include <oshit/crc32.h>
#include <oshit/math.h>
#include <oshit/partition.h>
#include <oshit/string.h>

#define MBR_ENTRIES	  446
#define MBR_SIGNATURE	  510
#define NR_MBR_ENTRIES	  4
#define FIRST_LOGICAL	  5
#define MAX_CHAIN	  64
#define EXTENDED_SECTORS  2

#define TYPE_EMPTY	  0x00
#define TYPE_EXTENDED	  0x05
#define TYPE_EXTENDED_LBA 0x0f
#define TYPE_LINUX_EXT	  0x85
#define TYPE_PROTECTIVE	  0xee

#define GPT_HEADER_MIN	  92
#define GPT_ENTRY_MIN	  128
#define MAX_ARRAY_BYTES	  (1u << 20)

struct mbr_entry {
	u8 status, type;
	u64 first, nr; /* as they stand there */
};

static u64 number(const u8 *bytes, unsigned int size)
{
	u64 value = 0;

	while (size--)
		value = value << 8 | bytes[size];
	return value;
}

static void add(struct partition_table *table, const struct partition_reader *reader,
		unsigned int nr, u64 first, u64 size)
{
	if (nr > MAX_PARTITIONS || table->nr == MAX_PARTITIONS || !size ||
	    first >= reader->nr_sectors)
		return;
	table->parts[table->nr++] = (struct partition){
		.number = nr,
		.first = first,
		.nr = min(size, reader->nr_sectors - first),
	};
}

/* --- MBR --- */

static bool has_signature(const u8 *sector)
{
	return sector[MBR_SIGNATURE] == 0x55 && sector[MBR_SIGNATURE + 1] == 0xaa;
}

static struct mbr_entry entry_at(const u8 *sector, unsigned int i)
{
	const u8 *at = sector + MBR_ENTRIES + i * 16;

	return (struct mbr_entry){
		.status = at[0],
		.type = at[4],
		.first = number(at + 8, 4),
		.nr = number(at + 12, 4),
	};
}

static bool is_extended(const struct mbr_entry *entry)
{
	return entry->type == TYPE_EXTENDED || entry->type == TYPE_EXTENDED_LBA ||
	       entry->type == TYPE_LINUX_EXT;
}

static bool is_used(const struct mbr_entry *entry)
{
	return entry->type != TYPE_EMPTY && entry->nr;
}

/* A boot sector without partitions has the same signature, but code or text in their place. */
static bool is_mbr(const u8 *sector)
{
	if (!has_signature(sector))
		return false;
	for (unsigned int i = 0; i < NR_MBR_ENTRIES; i++)
		if (entry_at(sector, i).status & 0x7f)
			return false;
	return true;
}

/* The sector of the chain at @at: what is in it, and *@next, 0 if it is the last. */
static void parse_link(struct partition_table *table, const struct partition_reader *reader,
		       const u8 *sector, u64 at, u64 *next)
{
	for (unsigned int i = 0; i < NR_MBR_ENTRIES; i++) {
		struct mbr_entry entry = entry_at(sector, i);
		unsigned int nr = FIRST_LOGICAL;

		if (!is_used(&entry))
			continue;
		if (is_extended(&entry)) {
			if (!*next)
				*next = entry.first;
			continue;
		}
		for (unsigned int k = 0; k < table->nr; k++)
			nr = max(nr, table->parts[k].number + 1);
		add(table, reader, nr, at + entry.first, entry.nr);
	}
}

/* A link that cannot be read is the end: what was found before is good. */
static void parse_chain(struct partition_reader *reader, struct partition_table *table,
			const struct mbr_entry *extended)
{
	u8 sector[PARTITION_SECTOR];
	u64 at = extended->first, next;

	for (unsigned int i = 0; i < MAX_CHAIN && at < reader->nr_sectors; i++) {
		if (reader->read(reader, at, sector) || !has_signature(sector))
			break;
		next = 0;
		parse_link(table, reader, sector, at, &next);
		/* Forwards, and inside. */
		if (!next || next >= extended->nr || extended->first + next <= at)
			break;
		at = extended->first + next;
	}
}

static void parse_mbr(struct partition_reader *reader, struct partition_table *table,
		      const u8 *sector)
{
	table->kind = PARTITIONS_MBR;
	for (unsigned int i = 0; i < NR_MBR_ENTRIES; i++) {
		struct mbr_entry entry = entry_at(sector, i);

		if (is_used(&entry))
			add(table, reader, i + 1, entry.first,
			    is_extended(&entry) ? min_t(u64, entry.nr, EXTENDED_SECTORS)
						: entry.nr);
	}
	for (unsigned int i = 0; i < NR_MBR_ENTRIES; i++) {
		struct mbr_entry entry = entry_at(sector, i);

		if (is_used(&entry) && is_extended(&entry))
			parse_chain(reader, table, &entry);
	}
}

/* --- GPT --- */

struct gpt_header {
	u64 first_usable, last_usable, entries;
	u32 nr_entries, entry_size, entries_crc;
};

/* The bytes of its own checksum count as 0. */
static u32 header_crc(const u8 *sector, u32 size)
{
	static const u8 zero[4];
	u32 crc = crc32(CRC32_INIT, sector, 16);

	crc = crc32(crc, zero, sizeof(zero));
	return crc32(crc, sector + 20, size - 20);
}

static bool parse_header(const struct partition_reader *reader, const u8 *sector, u64 at,
			 struct gpt_header *header)
{
	u32 size = (u32)number(sector + 12, 4);

	if (memcmp(sector, "EFI PART", 8) || size < GPT_HEADER_MIN || size > PARTITION_SECTOR ||
	    number(sector + 16, 4) != header_crc(sector, size) || number(sector + 24, 8) != at)
		return false;
	*header = (struct gpt_header){
		.first_usable = number(sector + 40, 8),
		.last_usable = number(sector + 48, 8),
		.entries = number(sector + 72, 8),
		.nr_entries = (u32)number(sector + 80, 4),
		.entry_size = (u32)number(sector + 84, 4),
		.entries_crc = (u32)number(sector + 88, 4),
	};
	return header->entry_size >= GPT_ENTRY_MIN && header->entry_size <= PARTITION_SECTOR &&
	       PARTITION_SECTOR % header->entry_size == 0 && header->nr_entries &&
	       (u64)header->nr_entries * header->entry_size <= MAX_ARRAY_BYTES &&
	       header->first_usable <= header->last_usable &&
	       header->last_usable < reader->nr_sectors && header->entries < reader->nr_sectors;
}

static void parse_entry(struct partition_table *table, const struct partition_reader *reader,
			const struct gpt_header *header, const u8 *at, u32 index)
{
	static const u8 unused[16];
	u64 first = number(at + 32, 8), last = number(at + 40, 8);

	if (!memcmp(at, unused, sizeof(unused)) || first < header->first_usable || last < first ||
	    last > header->last_usable)
		return;
	if (index < MAX_PARTITIONS)
		add(table, reader, index + 1, first, last - first + 1);
}

/* 0; -EINVAL: the checksum is wrong; or the error of a read. */
static int parse_entries(struct partition_reader *reader, struct partition_table *table,
			 const struct gpt_header *header)
{
	u32 left = header->nr_entries * header->entry_size, crc = CRC32_INIT, index = 0;
	u8 sector[PARTITION_SECTOR];
	u64 at = header->entries;

	for (; left; at++) {
		u32 part = min_t(u32, left, PARTITION_SECTOR);
		int err = at < reader->nr_sectors ? reader->read(reader, at, sector) : -EINVAL;

		if (err)
			return err;
		crc = crc32(crc, sector, part);
		left -= part;
		for (u32 pos = 0; pos < part; pos += header->entry_size)
			parse_entry(table, reader, header, sector + pos, index++);
	}
	return crc == header->entries_crc ? 0 : -EINVAL;
}

static int try_gpt(struct partition_reader *reader, struct partition_table *table, u64 at)
{
	u8 sector[PARTITION_SECTOR];
	struct gpt_header header;
	int err;

	*table = (struct partition_table){ .kind = PARTITIONS_GPT };
	if (at >= reader->nr_sectors)
		return -EINVAL;
	err = reader->read(reader, at, sector);
	if (!err && !parse_header(reader, sector, at, &header))
		err = -EINVAL;
	return err ?: parse_entries(reader, table, &header);
}

static bool is_protective(const u8 *sector)
{
	for (unsigned int i = 0; i < NR_MBR_ENTRIES; i++)
		if (entry_at(sector, i).type == TYPE_PROTECTIVE)
			return true;
	return false;
}

int parse_partitions(struct partition_reader *reader, struct partition_table *table)
{
	u8 sector[PARTITION_SECTOR];
	int err;

	*table = (struct partition_table){ 0 };
	if (!reader->nr_sectors)
		return 0;
	err = reader->read(reader, 0, sector);
	if (err || !is_mbr(sector))
		return err;
	if (!is_protective(sector)) {
		parse_mbr(reader, table, sector);
		return 0;
	}
	err = try_gpt(reader, table, 1);
	if (err)
		err = try_gpt(reader, table, reader->nr_sectors - 1);
	if (!err)
		return 0;
	*table = (struct partition_table){ 0 };
	return err == -EINVAL ? 0 : err;
}
