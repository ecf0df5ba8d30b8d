/* SPDX-License-Identifier: GPL-2.0-only */
/* Partition tables, read from sectors. No state; also on the host. */
#ifndef OSHIT_PARTITION_H
#define OSHIT_PARTITION_H

#include <oshit/types.h>

#define PARTITION_SECTOR 512
#define MAX_PARTITIONS	 15 /* numbers from 1 on that a disk's device numbers have room for */

struct partition {
	unsigned int number; /* 1..MAX_PARTITIONS */
	u64 first, nr; /* sectors; inside of the disk, at least one */
};

struct partition_reader { /* embedded in what the callback needs */
	/* Sector @sector, below @nr_sectors, into @buf. 0 or -errno. */
	int (*read)(struct partition_reader *reader, u64 sector, void *buf);
	u64 nr_sectors;
};

enum partition_kind { PARTITIONS_NONE, PARTITIONS_MBR, PARTITIONS_GPT };

struct partition_table {
	enum partition_kind kind;
	unsigned int nr;
	struct partition parts[MAX_PARTITIONS]; /* numbers differ */
};

/* Nothing of what is read is trusted. 0, also if there is no table; or the error of a read.
 * Context: that of ->read(). */
int parse_partitions(struct partition_reader *reader, struct partition_table *table);

#endif
