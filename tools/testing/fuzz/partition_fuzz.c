/* SPDX-License-Identifier: GPL-2.0-only */
/* Whatever is on a disk, partitions lie inside of it, have sectors, and different numbers. */
#include <linux/errno.h>
#include <oshit/container_of.h>
#include <oshit/partition.h>
#include <oshit/string.h>

#include "fuzz.h"

struct fuzz_disk {
	struct partition_reader reader;
	const u8 *data;
};

static int read_sector(struct partition_reader *reader, u64 sector, void *buf)
{
	struct fuzz_disk *disk = container_of(reader, struct fuzz_disk, reader);

	FUZZ_ASSERT(sector < reader->nr_sectors);
	memcpy(buf, disk->data + sector * PARTITION_SECTOR, PARTITION_SECTOR);
	return 0;
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	struct fuzz_disk disk = {
		.reader = { .read = read_sector, .nr_sectors = size / PARTITION_SECTOR },
		.data = data,
	};
	struct partition_table table;
	u32 seen = 0;

	FUZZ_ASSERT(!parse_partitions(&disk.reader, &table));
	FUZZ_ASSERT(table.nr <= MAX_PARTITIONS);
	for (unsigned int i = 0; i < table.nr; i++) {
		const struct partition *part = &table.parts[i];

		FUZZ_ASSERT(part->number >= 1 && part->number <= MAX_PARTITIONS);
		FUZZ_ASSERT(!(seen & 1u << part->number));
		seen |= 1u << part->number;
		FUZZ_ASSERT(part->nr && part->first < disk.reader.nr_sectors &&
			    part->nr <= disk.reader.nr_sectors - part->first);
	}
	return 0;
}
