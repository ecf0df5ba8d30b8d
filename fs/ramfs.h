/* SPDX-License-Identifier: GPL-2.0-only */
/* Between fs/ramfs.c, which has names and inodes, and fs/tmpfs.c, which counts and limits them. */
#ifndef FS_RAMFS_H
#define FS_RAMFS_H

#include <linux/errno.h>
#include <oshit/atomic.h>
#include <oshit/fs.h>
#include <oshit/types.h>

struct seq_file;
struct statfs;

struct tmpfs_limits { /* a: atomic; read by anybody */
	u64 max_blocks, max_inodes; /* a  pages; 0: no limit, and none is counted */
	atomic64_t nr_blocks, nr_inodes; /* a  in use */
};

struct ramfs_super { /* i: constant */
	struct inode *root; /* i  holds a reference: it must outlive its dentry */
	struct tmpfs_limits limits; /* 0 for a ramfs */
	unsigned int mode; /* a  of the root, and its owner, as the options said, to be shown */
	u32 uid, gid; /* a */
};

static inline struct ramfs_super *ramfs_super_of(struct super_block *sb)
{
	return sb->private;
}

/* A file system with a root of that mode. 0 or -ENOMEM. */
int ramfs_set_up(struct super_block *sb, unsigned long magic, unsigned int mode);

#ifdef CONFIG_TMPFS
/* One inode more. Only for who has a limit that differs from 0. 0 or -ENOSPC. */
int tmpfs_charge_inode(struct super_block *sb);
void tmpfs_uncharge_inode(struct super_block *sb);
/* Of the pages of a file. */
extern const struct address_space_operations tmpfs_aops;
int tmpfs_statfs(struct super_block *sb, struct statfs *buf);
int tmpfs_remount(struct super_block *sb, const char *data);
void tmpfs_show_options(struct seq_file *m, struct super_block *sb);
#else
#include <oshit/shmem.h>

#define tmpfs_aops	   shmem_file_aops
#define tmpfs_statfs	   NULL
#define tmpfs_remount	   NULL
#define tmpfs_show_options NULL

static inline int tmpfs_charge_inode(struct super_block *sb __maybe_unused)
{
	return 0;
}

static inline void tmpfs_uncharge_inode(struct super_block *sb __maybe_unused)
{
}
#endif

#endif
