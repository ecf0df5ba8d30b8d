/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * devpts: the names of pseudo-terminals.  Each mount is a file system of its own, with numbers of
 * its own; in it are "ptmx", which makes a pair of a master and a slave when it is opened, and a
 * node for each slave, named by its number, as long as its master lives.
 *
 * A file system is a list of nodes in order of their numbers; a new one gets the lowest that is
 * free.  Nodes appear and go by the driver alone: no call makes, renames or removes any.
 *
 * Options as Linux: uid= gid= mode= of the nodes (else the user's and group of who opens ptmx,
 * 0600), ptmxmode= (0000: the ptmx of /dev is meant to be used), max=.
 *
 * A remount sets them all anew.
 *
 * Locks: the root's rwsem for its list.  nodes_lock, innermost, ties an inode to its slave; both
 * for changes of the options, so either is enough to read them.
 */
#include <linux/errno.h>
#include <linux/magic.h>
#include <linux/major.h>
#include <oshit/container_of.h>
#include <oshit/cred.h>
#include <oshit/devpts.h>
#include <oshit/err.h>
#include <oshit/fs.h>
#include <oshit/init.h>
#include <oshit/kstrtox.h>
#include <oshit/math.h>
#include <oshit/namei.h>
#include <oshit/printf.h>
#include <oshit/seq_file.h>
#include <oshit/slab.h>
#include <oshit/string.h>
#include <oshit/tty.h>

#define MAX_PTYS	4096U /* as Linux's kernel.pty.max */
#define NO_MAX		(1U << 20) /* the largest max= */
#define FIRST_SLAVE	MKDEV(UNIX98_PTY_SLAVE_MAJOR, 0)
#define NAME_BYTES	12 /* of a number */
#define PTMX_POSITION	2 /* in readdir(), behind "." and ".." */
#define SLAVES_POSITION 3

struct devpts_options {
	unsigned int mode, ptmx_mode, max;
	u32 uid, gid;
	bool has_uid, has_gid;
};

struct devpts {
	struct super_block *sb;
	struct list_head nodes; /* struct devpts_inode, by index */
	unsigned int nr;
	struct inode *ptmx;
	struct devpts_options options; /* written under the root's rwsem and nodes_lock */
};

struct devpts_inode {
	struct inode inode; /* ->private: the slave, under nodes_lock */
	struct list_head link;
	unsigned int index;
};

static DEFINE_SPINLOCK(nodes_lock);

/* The root has it. */
static struct devpts *devpts_of_sb(struct super_block *sb)
{
	return d_inode(sb->root)->private;
}

static struct devpts_inode *node_of(struct inode *inode)
{
	return container_of(inode, struct devpts_inode, inode);
}

/* --- names --- */

static struct devpts_inode *find_node(struct devpts *devpts, unsigned int index)
{
	struct devpts_inode *node;

	list_for_each_entry(node, &devpts->nodes, link)
		if (node->index == index)
			return node;
	return NULL;
}

static struct inode *find_name(struct devpts *devpts, const struct qstr *name)
{
	long index = qstr_to_number(name, MAX_PTYS);
	struct devpts_inode *node;

	if (qstr_is(name, "ptmx"))
		return devpts->ptmx;
	node = index < 0 ? NULL : find_node(devpts, (unsigned int)index);
	return node ? &node->inode : NULL;
}

static int devpts_lookup(struct inode *dir, struct dentry *dentry)
{
	struct inode *inode = find_name(dir->private, &dentry->name);

	if (inode)
		d_instantiate(dentry, ihold(inode));
	return 0;
}

static int devpts_iterate(struct file *file, struct dir_context *ctx)
{
	struct devpts *devpts = file_inode(file)->private;
	struct devpts_inode *node;
	char name[NAME_BYTES];
	int len;

	if (!dir_emit_dots(file, ctx))
		return 0;
	if (ctx->pos == PTMX_POSITION) {
		if (!ctx->actor(ctx, "ptmx", 4, devpts->ptmx->ino, S_IFCHR >> 12))
			return 0;
		ctx->pos = SLAVES_POSITION;
	}
	list_for_each_entry(node, &devpts->nodes, link) {
		loff_t pos = SLAVES_POSITION + (loff_t)node->index;

		if (pos < ctx->pos)
			continue;
		ctx->pos = pos;
		len = snprintf(name, sizeof(name), "%u", node->index);
		if (!ctx->actor(ctx, name, (unsigned int)len, node->inode.ino, S_IFCHR >> 12))
			return 0;
		ctx->pos = pos + 1;
	}
	return 0;
}

static const struct inode_operations devpts_dir_ops = { .lookup = devpts_lookup };

static const struct file_operations devpts_dir_fops = {
	.llseek = noop_llseek,
	.iterate = devpts_iterate,
	.fsync = noop_fsync,
};

/* --- nodes --- */

static struct inode *new_node(struct devpts *devpts, unsigned int mode, u32 dev)
{
	struct inode *inode = new_inode(devpts->sb);

	if (!inode)
		return NULL;
	inode->mode = S_IFCHR | mode;
	inode->uid = devpts->options.has_uid ? devpts->options.uid : current_cred()->fsuid;
	inode->gid = devpts->options.has_gid ? devpts->options.gid : current_cred()->fsgid;
	INIT_LIST_HEAD(&node_of(inode)->link);
	init_special_inode(inode, inode->mode, dev);
	return inode;
}

/* The lowest free number takes its place behind the one before it. */
static void link_node(struct devpts *devpts, struct devpts_inode *new)
{
	struct list_head *before = &devpts->nodes;
	struct devpts_inode *node;

	list_for_each_entry(node, &devpts->nodes, link) {
		if (node->index != new->index)
			break;
		new->index++;
		before = &node->link;
	}
	list_add(&new->link, before);
	devpts->nr++;
}

/* A look-up before may have left word that there is no such name. */
static void forget_name(struct devpts *devpts, unsigned int index)
{
	char name[NAME_BYTES];
	unsigned int len = (unsigned int)snprintf(name, sizeof(name), "%u", index);
	struct qstr qstr = qstr_of(name, len);
	struct dentry *dentry = d_lookup(devpts->sb->root, &qstr);

	if (dentry)
		d_drop(dentry);
	dput(dentry);
}

int devpts_add(struct devpts *devpts, struct tty_struct *slave)
{
	struct inode *root = d_inode(devpts->sb->root), *inode;
	int index = -ENOSPC;

	inode_lock(root);
	if (devpts->nr >= min(devpts->options.max, MAX_PTYS))
		goto unlock;
	inode = new_node(devpts, devpts->options.mode, FIRST_SLAVE);
	if (!inode) {
		index = -ENOMEM;
		goto unlock;
	}
	link_node(devpts, node_of(inode));
	index = (int)node_of(inode)->index;
	inode->rdev = FIRST_SLAVE + (u32)index;
	inode->private = tty_get(slave);
	forget_name(devpts, (unsigned int)index);
unlock:
	inode_unlock(root);
	return index;
}

void devpts_remove(struct devpts *devpts, int index)
{
	struct inode *root = d_inode(devpts->sb->root);
	struct devpts_inode *node;
	struct tty_struct *slave;

	inode_lock(root);
	node = find_node(devpts, (unsigned int)index);
	list_del(&node->link);
	devpts->nr--;
	forget_name(devpts, node->index);
	inode_unlock(root);
	inode_add_links(&node->inode, -1);
	spin_lock(&nodes_lock);
	slave = node->inode.private;
	node->inode.private = NULL;
	spin_unlock(&nodes_lock);
	tty_put(slave);
	iput(&node->inode);
}

struct tty_struct *devpts_tty(struct inode *inode)
{
	struct tty_struct *tty;

	if (inode->sb->magic != DEVPTS_SUPER_MAGIC)
		return NULL;
	spin_lock(&nodes_lock);
	tty = inode->private;
	if (tty)
		tty_get(tty);
	spin_unlock(&nodes_lock);
	return tty;
}

/* --- which one --- */

static int walk_to_pts(struct path *path)
{
	const struct qstr pts = qstr_of("pts", 3);
	struct dentry *parent = dget_parent(path->dentry), *child;
	struct inode *dir = d_inode(parent);

	inode_lock(dir);
	child = lookup_child_locked(parent, &pts);
	inode_unlock(dir);
	dput(parent);
	if (IS_ERR(child))
		return PTR_ERR(child);
	dput(path->dentry);
	path->dentry = child;
	follow_mounts(path);
	return 0;
}

struct devpts *devpts_of(const struct file *file, struct path *root)
{
	int err = 0;

	*root = file->path;
	path_get(root);
	if (file_inode(file)->sb->magic != DEVPTS_SUPER_MAGIC)
		err = walk_to_pts(root);
	if (!err && root->mnt->sb->magic != DEVPTS_SUPER_MAGIC)
		err = -ENODEV;
	if (err) {
		path_put(root);
		return ERR_PTR(err);
	}
	dput(root->dentry);
	root->dentry = dget(root->mnt->sb->root);
	refcount_inc(&root->mnt->sb->refs);
	return devpts_of_sb(root->mnt->sb);
}

void devpts_put(struct devpts *devpts)
{
	super_put(devpts->sb);
}

/* --- the file system --- */

static struct inode *devpts_alloc_inode(struct super_block *sb __maybe_unused)
{
	struct devpts_inode *node = kzalloc(sizeof(*node), GFP_KERNEL);

	return node ? &node->inode : NULL;
}

static void devpts_free_inode(struct inode *inode)
{
	kfree(node_of(inode));
}

/* The root goes with its dentry; what it has is ours. */
static void devpts_evict_inode(struct inode *inode)
{
	struct devpts *devpts = inode->private;

	if (!S_ISDIR(inode->mode) || !devpts)
		return;
	if (devpts->ptmx)
		iput(devpts->ptmx);
	kfree(devpts);
}

static int parse_id(const char *value, u32 *id, bool *has)
{
	*has = true;
	return kstrtouint(value, 10, id) ? -EINVAL : 0;
}

static int parse_max(const char *value, unsigned int *max)
{
	return kstrtouint(value, 10, max) || *max > NO_MAX ? -EINVAL : 0;
}

static int parse_mode(const char *value, unsigned int *mode)
{
	if (kstrtouint(value, 8, mode))
		return -EINVAL;
	*mode &= S_PERMISSIONS;
	return 0;
}

/* "newinstance" is what every mount is. */
static int parse_option(void *to, const char *name, const char *value)
{
	struct devpts_options *options = to;

	if (!value)
		return strcmp(name, "newinstance") ? -EINVAL : 0;
	if (!strcmp(name, "uid"))
		return parse_id(value, &options->uid, &options->has_uid);
	if (!strcmp(name, "gid"))
		return parse_id(value, &options->gid, &options->has_gid);
	if (!strcmp(name, "mode"))
		return parse_mode(value, &options->mode);
	if (!strcmp(name, "ptmxmode"))
		return parse_mode(value, &options->ptmx_mode);
	return strcmp(name, "max") ? -EINVAL : parse_max(value, &options->max);
}

static int parse_options(const char *data, struct devpts_options *options)
{
	*options = (struct devpts_options){ .mode = 0600, .max = NO_MAX };
	return parse_mount_options(data, parse_option, options);
}

/* What is not given is as at a mount without options; nodes that are there keep what they have. */
static int devpts_remount(struct super_block *sb, const char *data)
{
	struct devpts *devpts = devpts_of_sb(sb);
	struct inode *root = d_inode(sb->root);
	struct devpts_options options;
	int err = parse_options(data, &options);

	if (err)
		return err;
	inode_lock(root);
	spin_lock(&nodes_lock);
	devpts->options = options;
	spin_unlock(&nodes_lock);
	WRITE_ONCE(devpts->ptmx->mode, S_IFCHR | options.ptmx_mode);
	inode_unlock(root);
	return 0;
}

static void devpts_show_options(struct seq_file *m, struct super_block *sb)
{
	struct devpts_options options;

	spin_lock(&nodes_lock);
	options = devpts_of_sb(sb)->options;
	spin_unlock(&nodes_lock);
	if (options.has_uid)
		seq_printf(m, ",uid=%u", options.uid);
	if (options.has_gid)
		seq_printf(m, ",gid=%u", options.gid);
	seq_printf(m, ",mode=%03o,ptmxmode=%03o", options.mode, options.ptmx_mode);
	if (options.max < NO_MAX)
		seq_printf(m, ",max=%u", options.max);
}

static const struct super_operations devpts_super_ops = {
	.alloc_inode = devpts_alloc_inode,
	.free_inode = devpts_free_inode,
	.evict_inode = devpts_evict_inode,
	.remount = devpts_remount,
	.show_options = devpts_show_options,
};

static int make_root(struct devpts *devpts)
{
	struct inode *root = new_inode(devpts->sb);

	if (!root)
		return -ENOMEM;
	root->mode = S_IFDIR | 0755;
	root->nlink = 2;
	root->ops = &devpts_dir_ops;
	root->fops = &devpts_dir_fops;
	devpts->sb->root = d_make_root(root);
	if (!devpts->sb->root)
		return -ENOMEM;
	root->private = devpts;
	return 0;
}

static int devpts_fill_super(struct super_block *sb, const char *data)
{
	struct devpts *devpts = kzalloc(sizeof(*devpts), GFP_KERNEL);
	int err;

	if (!devpts)
		return -ENOMEM;
	sb->ops = &devpts_super_ops;
	sb->magic = DEVPTS_SUPER_MAGIC;
	sb->flags = SB_NOSYNC;
	devpts->sb = sb;
	INIT_LIST_HEAD(&devpts->nodes);
	err = parse_options(data, &devpts->options) ?: make_root(devpts);
	if (err) {
		kfree(devpts);
		return err;
	}
	devpts->ptmx = new_node(devpts, devpts->options.ptmx_mode, MKDEV(TTYAUX_MAJOR, 2));
	return devpts->ptmx ? 0 : -ENOMEM; /* then the root frees it */
}

static struct file_system_type devpts_type = { .name = "devpts", .fill_super = devpts_fill_super };

__init void devpts_init(void)
{
	register_filesystem(&devpts_type);
}
