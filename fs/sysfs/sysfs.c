/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * sysfs: what programs look for below /sys.
 *
 * Linux shows all its devices there; this shows what C libraries and common programs ask: CPUs and
 * huge pages.  The tree is made while booting (fs/kernfs.c), and has the upper folders of Linux's
 * even where nothing is in them.
 */
#include <linux/errno.h>
#include <linux/magic.h>
#include <oshit/fs.h>
#include <oshit/init.h>
#include <oshit/math.h>
#include <oshit/slab.h>
#include <oshit/sysfs.h>

#include "internal.h"

static struct kmem_cache *inode_cache;

static struct kernfs_node sysfs_root = {
	.name = "/sys",
	.mode = S_IFDIR | 0555,
	.ino = 1,
	.modes_bind = true,
	.children = LIST_HEAD_INIT(sysfs_root.children),
};

static struct inode *sysfs_alloc_inode(struct super_block *sb __maybe_unused)
{
	return kmem_cache_alloc(inode_cache, GFP_KERNEL);
}

static void sysfs_free_inode(struct inode *inode)
{
	kmem_cache_free(inode_cache, inode);
}

static const struct super_operations sysfs_super_ops = {
	.alloc_inode = sysfs_alloc_inode,
	.free_inode = sysfs_free_inode,
};

static int sysfs_fill_super(struct super_block *sb, const char *data __maybe_unused)
{
	struct inode *root;

	sb->ops = &sysfs_super_ops;
	sb->magic = SYSFS_MAGIC;
	sb->flags = SB_NOSYNC;
	root = kernfs_inode(sb, &sysfs_root);
	if (!root)
		return -ENOMEM;
	sb->root = d_make_root(root);
	return sb->root ? 0 : -ENOMEM;
}

static struct file_system_type sysfs_type = { .name = "sysfs", .fill_super = sysfs_fill_super };

__init void sysfs_init(void)
{
	static const char *const folders[] = { "block", "bus", "class", "dev", "fs", "module" };
	struct kernfs_node *devices, *kernel;

	inode_cache = kmem_cache_create("sysfs_inode", sizeof(struct inode), 0, SLAB_PANIC, NULL);
	for (size_t i = 0; i < ARRAY_SIZE(folders); i++)
		kernfs_mkdir(folders[i], &sysfs_root);
	devices = kernfs_mkdir("devices", &sysfs_root);
	sysfs_cpu_init(kernfs_mkdir("system", devices));
	kernel = kernfs_mkdir("kernel", &sysfs_root);
	sysfs_thp_init(kernfs_mkdir("mm", kernel));
	register_filesystem(&sysfs_type);
}
