/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * devtmpfs: a folder of devices that the kernel itself fills.  There is one, made while booting;
 * each mount shows it: what a driver registers is there before and after it is mounted.  It is a
 * tmpfs otherwise: who may can make links in it, remove nodes, change their owners and modes.
 *
 * Locks: the VFS's.  Nodes are made by whoever registers the device, in any task, with the owner
 * and the mode that the driver says, whatever that task's are.
 *
 * Left out: nodes that go; no device does yet.
 */
#include <linux/errno.h>
#include <linux/limits.h>
#include <oshit/devtmpfs.h>
#include <oshit/err.h>
#include <oshit/fs.h>
#include <oshit/init.h>
#include <oshit/namei.h>
#include <oshit/panic.h>
#include <oshit/ramfs.h>
#include <oshit/string.h>

static int fill_super(struct super_block *sb, const char *data __maybe_unused)
{
	return tmpfs_fill_super(sb, "mode=755");
}

static struct file_system_type devtmpfs_type = {
	.name = "devtmpfs",
	.fill_super = fill_super,
};

/* Of what the caller has just made at @dentry. */
static void set_owner(struct dentry *dentry, unsigned int mode)
{
	struct inode *inode = d_inode(dentry);

	WRITE_ONCE(inode->uid, 0);
	WRITE_ONCE(inode->gid, 0);
	WRITE_ONCE(inode->mode, mode);
}

/* The folder @name in @dir, made if it is not there. Gives the reference to @dir back. ERR_PTR. */
static struct dentry *enter_folder(struct dentry *dir, const struct qstr *name)
{
	struct inode *inode = d_inode(dir);
	struct dentry *dentry;
	int err = 0;

	inode_lock(inode);
	dentry = lookup_child_locked(dir, name);
	if (!IS_ERR(dentry) && d_is_negative(dentry)) {
		err = inode->ops->mkdir(inode, dentry, 0755);
		if (!err)
			set_owner(dentry, S_IFDIR | 0755);
	}
	inode_unlock(inode);
	dput(dir);
	if (!IS_ERR(dentry) && !err && !inode_is(d_inode(dentry), S_IFDIR))
		err = -ENOTDIR;
	if (!err)
		return dentry;
	dput(dentry);
	return ERR_PTR(err);
}

static int make_node(struct dentry *dir, const struct qstr *name, unsigned int mode, u32 dev)
{
	struct inode *inode = d_inode(dir);
	struct dentry *dentry;
	int err;

	inode_lock(inode);
	dentry = lookup_child_locked(dir, name);
	if (IS_ERR(dentry)) {
		inode_unlock(inode);
		return PTR_ERR(dentry);
	}
	err = d_is_negative(dentry) ? inode->ops->mknod(inode, dentry, mode, dev) : -EEXIST;
	if (!err)
		set_owner(dentry, mode);
	inode_unlock(inode);
	dput(dentry);
	return err;
}

int devtmpfs_create_node(const char *name, unsigned int mode, u32 dev)
{
	struct dentry *dir = dget(devtmpfs_type.single->root);
	struct qstr last;
	size_t len;
	int err;

	while (name[len = strcspn(name, "/")]) {
		struct qstr folder = qstr_of(name, len);

		dir = enter_folder(dir, &folder);
		if (IS_ERR(dir))
			return PTR_ERR(dir);
		name += len + 1;
	}
	last = qstr_of(name, len);
	err = make_node(dir, &last, mode, dev);
	dput(dir);
	return err;
}

__init void devtmpfs_init(void)
{
	struct super_block *sb = mount_super(&devtmpfs_type, NULL);

	if (IS_ERR(sb))
		panic("devtmpfs: %ld", PTR_ERR(sb));
	devtmpfs_type.single = sb; /* with the reference, for good */
	register_filesystem(&devtmpfs_type);
}
