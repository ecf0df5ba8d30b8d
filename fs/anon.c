/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Files that never had a name: pipes and the like.  They have inodes of a file system of their own
 * that is mounted nowhere.
 */
#include <linux/errno.h>
#include <linux/magic.h>
#include <oshit/fs.h>
#include <oshit/init.h>
#include <oshit/panic.h>
#include <oshit/slab.h>

#include "internal.h"

static struct mount *anon_mount; /* constant after boot */
static struct kmem_cache *inode_cache;

static struct inode *anon_alloc_inode(struct super_block *sb __maybe_unused)
{
	return kmem_cache_alloc(inode_cache, GFP_KERNEL);
}

static void anon_free_inode(struct inode *inode)
{
	kmem_cache_free(inode_cache, inode);
}

static const struct super_operations anon_super_ops = {
	.alloc_inode = anon_alloc_inode,
	.free_inode = anon_free_inode,
};

struct inode *anonymous_inode(unsigned int mode)
{
	struct inode *inode = new_inode(anon_mount->sb);

	if (!inode)
		return ERR_PTR(-ENOMEM);
	inode_init_owner(inode, NULL, mode);
	return inode;
}

struct file *anonymous_file_on(struct mount *mnt, struct inode *inode, const char *name,
			       unsigned int flags, const struct file_operations *ops)
{
	struct file *file = alloc_empty_file(flags);

	if (IS_ERR(file))
		return file;
	file->path.dentry = d_alloc_anonymous(inode, name);
	if (!file->path.dentry) {
		fput(file);
		return ERR_PTR(-ENOMEM);
	}
	file->path.mnt = mntget(mnt);
	file->inode = inode;
	file->ops = ops;
	file->mode = ((flags + 1) & (FMODE_READ | FMODE_WRITE)) | FMODE_OPENED;
	return file;
}

struct file *anonymous_file(struct inode *inode, const char *name, unsigned int flags,
			    const struct file_operations *ops)
{
	return anonymous_file_on(anon_mount, inode, name, flags, ops);
}

struct file *nameless_file(const char *name, unsigned int flags, const struct file_operations *ops,
			   void *private)
{
	struct inode *inode = anonymous_inode(0600);
	struct file *file;

	if (IS_ERR(inode))
		return ERR_CAST(inode);
	file = anonymous_file(inode, name, flags, ops);
	if (IS_ERR(file))
		iput(inode);
	else
		file->private = private;
	return file;
}

loff_t stay_llseek(struct file *file, loff_t offset __maybe_unused, int whence __maybe_unused)
{
	return file->pos;
}

int fill_nowhere_super(struct super_block *sb, unsigned long magic)
{
	struct inode *root;

	sb->ops = &anon_super_ops;
	sb->magic = magic;
	sb->flags = SB_NOSYNC;
	root = new_inode(sb);
	if (!root)
		return -ENOMEM;
	root->mode = S_IFDIR | 0500;
	sb->root = d_make_root(root);
	return sb->root ? 0 : -ENOMEM;
}

static int anon_fill_super(struct super_block *sb, const char *data __maybe_unused)
{
	return fill_nowhere_super(sb, PIPEFS_MAGIC);
}

static struct file_system_type anon_type = { .name = "pipefs", .fill_super = anon_fill_super };

__init void anon_init(void)
{
	inode_cache = kmem_cache_create("anon_inode", sizeof(struct inode), 0, SLAB_PANIC, NULL);
	register_filesystem(&anon_type);
	anon_mount = kern_mount("pipefs", "pipefs", NULL);
	if (IS_ERR(anon_mount))
		panic("pipefs: %ld", PTR_ERR(anon_mount));
}
