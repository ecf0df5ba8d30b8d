/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * tmpfs: a ramfs with limits.  Options say how many pages its files may have, and how many inodes
 * there may be; with none it may take half of memory, and have an inode for each two pages.
 *
 *	size=BYTES|PERCENT%  nr_blocks=PAGES	pages of all files together
 *	nr_inodes=NUMBER			files, directories, and further names of files
 *	mode=OCTAL  uid=ID  gid=ID		of the root
 *
 * 0 is no limit.  A page is counted when it joins its file and until it has left it, also while it
 * is in swap; so what is counted is what the files hold, and who is over the limit gets ENOSPC, or
 * SIGBUS from a mapping.  The same if it would be more than may be promised (mm/shmem.c).  All but
 * mode and owner can be changed by a remount, not below what is in use, and not from no limit to
 * one: what nobody counted cannot be limited.
 *
 * Locks: none; counters are atomic.
 *
 * Left out: huge pages (huge=never is accepted), memory policies.
 */
#include <asm/statfs.h>
#include <linux/magic.h>
#include <oshit/cred.h>
#include <oshit/err.h>
#include <oshit/init.h>
#include <oshit/kstrtox.h>
#include <oshit/math.h>
#include <oshit/mmzone.h>
#include <oshit/ramfs.h>
#include <oshit/seq_file.h>
#include <oshit/shmem.h>
#include <oshit/slab.h>
#include <oshit/string.h>

#include "ramfs.h"

#define DEFAULT_MODE (S_ISVTX | 0777)
#define MODE_BITS    (S_ISVTX | 0777)

/* --- counting --- */

/* One more of at most @max. */
static int charge(atomic64_t *nr, u64 max)
{
	long old = atomic64_read(nr);

	do {
		if ((u64)old >= max)
			return -ENOSPC;
	} while (!atomic64_try_cmpxchg(nr, &old, old + 1));
	return 0;
}

static struct tmpfs_limits *limits_of(struct super_block *sb)
{
	return &ramfs_super_of(sb)->limits;
}

int tmpfs_charge_inode(struct super_block *sb)
{
	struct tmpfs_limits *limits = limits_of(sb);
	u64 max = READ_ONCE(limits->max_inodes);

	return max ? charge(&limits->nr_inodes, max) : 0;
}

void tmpfs_uncharge_inode(struct super_block *sb)
{
	if (READ_ONCE(limits_of(sb)->max_inodes))
		atomic64_sub(1, &limits_of(sb)->nr_inodes);
}

static struct tmpfs_limits *limits_of_mapping(struct address_space *mapping)
{
	return limits_of(((struct inode *)mapping->host)->sb);
}

static int tmpfs_charge_page(struct address_space *mapping)
{
	struct tmpfs_limits *limits = limits_of_mapping(mapping);
	u64 max = READ_ONCE(limits->max_blocks);
	int err;

	if (max && charge(&limits->nr_blocks, max))
		return -ENOSPC;
	err = shmem_charge_page(mapping);
	if (err && max)
		atomic64_sub(1, &limits->nr_blocks);
	return err;
}

static void tmpfs_uncharge_page(struct address_space *mapping)
{
	struct tmpfs_limits *limits = limits_of_mapping(mapping);

	if (READ_ONCE(limits->max_blocks))
		atomic64_sub(1, &limits->nr_blocks);
	shmem_uncharge_page(mapping);
}

const struct address_space_operations tmpfs_aops = {
	.read_page = shmem_read_page,
	.charge_page = tmpfs_charge_page,
	.uncharge_page = tmpfs_uncharge_page,
};

int tmpfs_statfs(struct super_block *sb, struct statfs *buf)
{
	struct tmpfs_limits *limits = limits_of(sb);
	u64 blocks = READ_ONCE(limits->max_blocks), inodes = READ_ONCE(limits->max_inodes);

	if (blocks) {
		buf->f_blocks = (long)blocks;
		buf->f_bfree = buf->f_bavail = (long)blocks - atomic64_read(&limits->nr_blocks);
	}
	if (inodes) {
		buf->f_files = (long)inodes;
		buf->f_ffree = (long)inodes - atomic64_read(&limits->nr_inodes);
	}
	return 0;
}

/* --- options --- */

struct options {
	u64 max_blocks, max_inodes;
	unsigned int mode;
	u32 uid, gid;
};

static u64 memory_pages(void)
{
	struct page_counts counts;

	page_counts_get(&counts);
	return counts.nr_managed;
}

/* Pages for a size in bytes, or in percent of memory. */
static int parse_size(const char *value, u64 *blocks)
{
	const char *end;
	u64 bytes;
	int err = memparse(value, &end, &bytes);

	if (err)
		return -EINVAL;
	if (*end == '%' && !end[1] && bytes <= ~0UL / memory_pages() - 1) {
		*blocks = DIV_ROUND_UP(memory_pages() * bytes, 100UL); /* more than all, too */
		return 0;
	}
	if (*end)
		return -EINVAL;
	*blocks = bytes / PAGE_SIZE + !!(bytes % PAGE_SIZE);
	return 0;
}

static int parse_number(const char *value, u64 *number)
{
	return memparse(value, NULL, number) ? -EINVAL : 0;
}

static int parse_mode(const char *value, unsigned int *mode)
{
	unsigned int bits;

	if (kstrtouint(value, 8, &bits))
		return -EINVAL;
	*mode = bits & MODE_BITS;
	return 0;
}

static int parse_option(void *to, const char *name, const char *value)
{
	struct options *options = to;

	if (!strcmp(name, "inode64") || !strcmp(name, "inode32"))
		return value ? -EINVAL : 0;
	if (!value)
		return -EINVAL;
	if (!strcmp(name, "size"))
		return parse_size(value, &options->max_blocks);
	if (!strcmp(name, "nr_blocks"))
		return parse_number(value, &options->max_blocks);
	if (!strcmp(name, "nr_inodes"))
		return parse_number(value, &options->max_inodes);
	if (!strcmp(name, "mode"))
		return parse_mode(value, &options->mode);
	if (!strcmp(name, "uid"))
		return kstrtouint(value, 0, &options->uid) ? -EINVAL : 0;
	if (!strcmp(name, "gid"))
		return kstrtouint(value, 0, &options->gid) ? -EINVAL : 0;
	return !strcmp(name, "huge") && !strcmp(value, "never") ? 0 : -EINVAL;
}

/* A limit may become another, but not smaller than what is in use, and not out of nothing. */
static bool may_become(u64 old, u64 new, atomic64_t *nr)
{
	return old == new || (old && (!new || (u64)atomic64_read(nr) <= new));
}

int tmpfs_remount(struct super_block *sb, const char *data)
{
	struct ramfs_super *super = ramfs_super_of(sb);
	struct tmpfs_limits *limits = &super->limits;
	struct options options = {
		.max_blocks = limits->max_blocks,
		.max_inodes = limits->max_inodes,
	};
	int err = parse_mount_options(data, parse_option, &options);

	if (err)
		return err;
	if (!may_become(limits->max_blocks, options.max_blocks, &limits->nr_blocks) ||
	    !may_become(limits->max_inodes, options.max_inodes, &limits->nr_inodes))
		return -EINVAL;
	/* Once nobody counts, what was counted means nothing. */
	WRITE_ONCE(limits->max_blocks, options.max_blocks);
	WRITE_ONCE(limits->max_inodes, options.max_inodes);
	return 0;
}

void tmpfs_show_options(struct seq_file *m, struct super_block *sb)
{
	struct ramfs_super *super = ramfs_super_of(sb);
	u64 blocks = READ_ONCE(super->limits.max_blocks);
	u64 inodes = READ_ONCE(super->limits.max_inodes);

	if (blocks != memory_pages() / 2)
		seq_printf(m, ",size=%luk", blocks * (PAGE_SIZE / 1024));
	if (inodes != memory_pages() / 2)
		seq_printf(m, ",nr_inodes=%lu", inodes);
	if (super->mode != DEFAULT_MODE)
		seq_printf(m, ",mode=%03o", super->mode);
	if (super->uid)
		seq_printf(m, ",uid=%u", super->uid);
	if (super->gid)
		seq_printf(m, ",gid=%u", super->gid);
}

/* --- the type --- */

static int set_up(struct super_block *sb, const struct options *options)
{
	int err = ramfs_set_up(sb, TMPFS_MAGIC, options->mode);
	struct ramfs_super *super = ramfs_super_of(sb);

	if (err)
		return err;
	super->limits.max_blocks = options->max_blocks;
	super->limits.max_inodes = options->max_inodes;
	if (options->max_inodes)
		atomic64_set(&super->limits.nr_inodes, 1); /* the root */
	super->mode = options->mode;
	super->root->uid = super->uid = options->uid;
	super->root->gid = super->gid = options->gid;
	return 0;
}

int tmpfs_fill_super(struct super_block *sb, const char *data)
{
	struct options options = {
		.max_blocks = memory_pages() / 2,
		.max_inodes = memory_pages() / 2,
		.mode = DEFAULT_MODE,
		.uid = current_cred()->fsuid,
		.gid = current_cred()->fsgid,
	};

	return parse_mount_options(data, parse_option, &options) ?: set_up(sb, &options);
}

static struct file_system_type tmpfs_type = { .name = "tmpfs", .fill_super = tmpfs_fill_super };

__init void tmpfs_init(void)
{
	register_filesystem(&tmpfs_type);
}
