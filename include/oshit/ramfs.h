/* SPDX-License-Identifier: GPL-2.0-only */
/* Files in memory: fs/ramfs.c. */
#ifndef OSHIT_RAMFS_H
#define OSHIT_RAMFS_H

#include <oshit/types.h>

struct inode;
struct super_block;

/* Boot: the types "ramfs" and "rootfs". */
void ramfs_init(void);

/* An inode with one reference and no name; @dir, where it will be made, or NULL. NULL: no
 * memory. */
struct inode *ramfs_new_inode(struct super_block *sb, const struct inode *dir, unsigned int mode,
			      u32 dev);

#ifdef CONFIG_TMPFS
/* Boot: the type "tmpfs". */
void tmpfs_init(void);
#endif
/* ->fill_super() of tmpfs, and of what is one under another name. */
int tmpfs_fill_super(struct super_block *sb, const char *data);

#endif
