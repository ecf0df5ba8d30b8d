/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Trees of files that the kernel makes while booting: what proc and sysfs show of the machine.
 *
 * A node is a directory, a file or a link, and stays as it is once the file system can be mounted,
 * so nothing locks it.  An inode is made when a name is looked up, and only points to its node; it
 * goes with its dentry when memory is wanted.  A file shows a text (<oshit/seq_file.h>), and may
 * take one: a whole write(2) at a time, which never is larger than a page.
 *
 * Modes and owners are the kernel's.  A name that is not there is an error of the look-up, as in
 * Linux: nothing can be made in these file systems, and nothing negative is remembered.
 */
#include <linux/errno.h>
#include <oshit/err.h>
#include <oshit/init.h>
#include <oshit/kernfs.h>
#include <oshit/kstrtox.h>
#include <oshit/panic.h>
#include <oshit/seq_file.h>
#include <oshit/slab.h>
#include <oshit/string.h>
#include <oshit/uio.h>

#define FIRST_INO 0xf0000000UL /* as Linux's /proc */

static const struct kernfs_node *node_of(const struct inode *inode)
{
	return inode->private;
}

/* --- building --- */

static __init struct kernfs_node *add_node(const char *name, unsigned int mode,
					   struct kernfs_node *dir)
{
	static u64 next_ino = FIRST_INO;
	struct kernfs_node *node = kzalloc(sizeof(*node), GFP_KERNEL);

	if (!node)
		panic("no memory for %s", name);
	node->name = name;
	node->mode = mode;
	node->modes_bind = dir->modes_bind;
	node->ino = next_ino++;
	INIT_LIST_HEAD(&node->children);
	list_add_tail(&node->sibling, &dir->children);
	return node;
}

__init struct kernfs_node *kernfs_mkdir(const char *name, struct kernfs_node *dir)
{
	dir->nr_dirs++;
	return add_node(name, S_IFDIR | 0555, dir);
}

__init void kernfs_create(const char *name, unsigned int mode, struct kernfs_node *dir,
			  const struct kernfs_file *file, const void *data)
{
	struct kernfs_node *node = add_node(name, S_IFREG | mode, dir);

	node->file = file;
	node->data = data;
}

__init void kernfs_symlink(const char *name, struct kernfs_node *dir, const char *link)
{
	add_node(name, S_IFLNK | 0777, dir)->link = link;
}

const void *kernfs_data(const struct seq_file *m)
{
	return node_of(file_inode(m->file))->data;
}

static const bool secrets_are_seen = true;

bool kernfs_may_see(const struct seq_file *m)
{
	return m->private == &secrets_are_seen;
}

static int node_open(struct inode *inode, struct file *file)
{
	const struct kernfs_node *node = node_of(inode);
	const struct kernfs_file *shown = node->file;
	void *seen = NULL;

	if (node->modes_bind && file->mode & FMODE_WRITE && !(node->mode & 0222))
		return -EACCES;
	if (shown->may_see && shown->may_see())
		seen = (void *)&secrets_are_seen;
	return shown->seq ? seq_open(file, shown->seq, seen) : single_open(file, shown->show, seen);
}

static int node_release(struct inode *inode, struct file *file)
{
	return node_of(inode)->file->seq ? seq_release(inode, file) : single_release(inode, file);
}

static long node_write(struct file *file, struct iov_iter *from, loff_t *pos)
{
	const struct kernfs_file *shown = node_of(file_inode(file))->file;
	size_t len = from->count;
	char *text;
	int err = -EFAULT;

	if (!shown->write)
		return -EIO;
	if (len >= PAGE_SIZE)
		return -EINVAL;
	text = kmalloc(len + 1, GFP_KERNEL);
	if (!text)
		return -ENOMEM;
	if (copy_from_iter(text, len, from) == len) {
		text[len] = '\0';
		err = shown->write(node_of(file_inode(file))->data, text, len);
	}
	kfree(text);
	if (err)
		return err;
	*pos += len;
	return len;
}

/* Modes and owners belong to the kernel: nobody changes them. open() with O_TRUNC, as `echo > file`
 * has it, is no change of anything. */
int kernfs_setattr(struct inode *inode __maybe_unused, const struct iattr *attr)
{
	return attr->valid & (ATTR_MODE | ATTR_UID | ATTR_GID) ? -EPERM : 0;
}

static const struct inode_operations node_file_ops = { .setattr = kernfs_setattr };

static const struct file_operations node_fops = {
	.llseek = seq_lseek,
	.read = seq_read,
	.write = node_write,
	.open = node_open,
	.release = node_release,
};

static const char *node_get_link(struct inode *inode, struct link_body *body __maybe_unused)
{
	return node_of(inode)->link;
}

static const struct inode_operations node_link_ops = { .get_link = node_get_link };

static const struct inode_operations node_dir_ops = {
	.lookup = kernfs_lookup,
	.setattr = kernfs_setattr,
};

bool kernfs_iterate(const struct kernfs_node *dir, struct dir_context *ctx)
{
	const struct kernfs_node *node;
	loff_t at = 2;

	list_for_each_entry(node, &dir->children, sibling) {
		if (at++ < ctx->pos)
			continue;
		if (!ctx->actor(ctx, node->name, strlen(node->name), node->ino,
				(node->mode & S_IFMT) >> 12))
			return false;
		ctx->pos++;
	}
	return true;
}

static int node_iterate(struct file *file, struct dir_context *ctx)
{
	if (dir_emit_dots(file, ctx))
		kernfs_iterate(node_of(file_inode(file)), ctx);
	return 0;
}

static const struct file_operations node_dir_fops = {
	.llseek = noop_llseek,
	.iterate = node_iterate,
};

struct inode *kernfs_inode(struct super_block *sb, const struct kernfs_node *node)
{
	struct inode *inode = new_inode(sb);

	if (!inode)
		return NULL;
	inode->mode = node->mode;
	inode->ino = node->ino;
	inode->private = (void *)node;
	switch (node->mode & S_IFMT) {
	case S_IFDIR:
		inode->ops = &node_dir_ops;
		inode->fops = &node_dir_fops;
		inode->nlink = 2 + node->nr_dirs;
		break;
	case S_IFLNK:
		inode->ops = &node_link_ops;
		i_size_write(inode, strlen(node->link));
		break;
	default:
		inode->ops = &node_file_ops;
		i_size_write(inode, node->file->size);
		inode->fops = &node_fops;
		break;
	}
	return inode;
}

int kernfs_lookup(struct inode *dir, struct dentry *dentry)
{
	const struct kernfs_node *parent = node_of(dir), *node;

	list_for_each_entry(node, &parent->children, sibling) {
		if (qstr_is(&dentry->name, node->name)) {
			d_instantiate(dentry, kernfs_inode(dir->sb, node));
			return d_inode(dentry) ? 0 : -ENOMEM;
		}
	}
	return -ENOENT;
}

/* --- numbers that can be set --- */

static int number_show(struct seq_file *m, void *unused __maybe_unused)
{
	const struct kernfs_number *number = kernfs_data(m);

	seq_printf(m, "%lu\n", READ_ONCE(*number->value));
	return 0;
}

static int number_write(const void *data, char *text, size_t len __maybe_unused)
{
	const struct kernfs_number *number = data;
	unsigned long value;

	if (kstrtoul(strim(text), 10, &value) || value < number->min || value > number->max)
		return -EINVAL;
	WRITE_ONCE(*number->value, value);
	return 0;
}

const struct kernfs_file kernfs_number_file = { .show = number_show, .write = number_write };
