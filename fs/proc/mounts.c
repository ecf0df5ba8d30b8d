/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * /proc/PID/mounts and mountinfo: what of the tree of mounts the process can reach from its root.
 * The position is the id of a mount, which only grows, so each that stays is shown once.
 */
#include <linux/errno.h>
#include <linux/limits.h>
#include <oshit/err.h>
#include <oshit/files.h>
#include <oshit/math.h>
#include <oshit/slab.h>

#include "internal.h"

#define ESCAPED " \t\n\\" /* between words */

struct mounts_file {
	struct pid_ref task;
	struct path root; /* from start() to stop(); no dentry: the task has none any more */
};

static void *mounts_start(struct seq_file *m, loff_t *pos)
{
	struct mounts_file *mounts = m->private;
	struct task_struct *task = task_find_ref(mounts->task);

	mounts->root.dentry = NULL;
	if (!task)
		return NULL;
	if (!get_task_place(task, TASK_ROOT, &mounts->root))
		mounts->root.dentry = NULL;
	put_task_struct(task);
	return mounts->root.dentry ? mount_next((unsigned int)*pos) : NULL;
}

static void *mounts_next(struct seq_file *m __maybe_unused, void *record, loff_t *pos)
{
	struct mount *mnt = record;

	*pos = mnt->id + 1;
	mntput(mnt);
	return mount_next((unsigned int)*pos);
}

static void mounts_stop(struct seq_file *m, void *record)
{
	struct mounts_file *mounts = m->private;

	mntput(record);
	if (mounts->root.dentry)
		path_put(&mounts->root);
}

/* Where it is mounted. SEQ_SKIP: the process cannot go there. */
static int show_place(struct seq_file *m, struct mount *mnt)
{
	const struct mounts_file *mounts = m->private;
	const struct path place = { mnt, mnt->root };
	char *page = kmalloc(PATH_MAX, GFP_KERNEL), *name;
	enum d_where where;
	int err = 0;

	if (!page)
		return -ENOMEM;
	name = d_path_where(&place, &mounts->root, page, PATH_MAX, &where);
	if (IS_ERR(name))
		err = PTR_ERR(name);
	else if (where == D_UNREACHABLE)
		err = SEQ_SKIP;
	else
		seq_escape(m, name, ESCAPED);
	kfree(page);
	return err;
}

static void show_mount_options(struct seq_file *m, const struct mount *mnt)
{
	static const struct {
		unsigned int flag;
		const char *text;
	} options[] = {
		{ MNT_NOSUID, ",nosuid" },	   { MNT_NODEV, ",nodev" },
		{ MNT_NOEXEC, ",noexec" },	   { MNT_NOATIME, ",noatime" },
		{ MNT_NODIRATIME, ",nodiratime" },
	};
	unsigned int flags = READ_ONCE(mnt->flags);

	for (size_t i = 0; i < ARRAY_SIZE(options); i++)
		if (flags & options[i].flag)
			seq_puts(m, options[i].text);
	if (!(flags & (MNT_NOATIME | MNT_STRICTATIME)))
		seq_puts(m, ",relatime");
	if (flags & MNT_NOSYMFOLLOW)
		seq_puts(m, ",nosymfollow");
}

static void show_fs_options(struct seq_file *m, struct super_block *sb)
{
	if (sb->ops->show_options)
		sb->ops->show_options(m, sb);
}

static bool is_readonly(const struct super_block *sb)
{
	return READ_ONCE(sb->flags) & SB_RDONLY;
}

static int mounts_show(struct seq_file *m, void *record)
{
	struct mount *mnt = record;
	int err;

	seq_escape(m, mnt->device, ESCAPED);
	seq_putc(m, ' ');
	err = show_place(m, mnt);
	if (err)
		return err;
	seq_printf(m, " %s %s", mnt->sb->type->name, mnt_is_readonly(mnt) ? "ro" : "rw");
	show_mount_options(m, mnt);
	show_fs_options(m, mnt->sb);
	seq_puts(m, " 0 0\n");
	return 0;
}

/* The place in its own file system that a mount shows. */
static int show_root(struct seq_file *m, struct mount *mnt)
{
	char *page, *name;
	int err = 0;

	if (mnt->root == mnt->sb->root) {
		seq_putc(m, '/');
		return 0;
	}
	page = kmalloc(PATH_MAX, GFP_KERNEL);
	if (!page)
		return -ENOMEM;
	name = dentry_path(mnt->root, page, PATH_MAX);
	if (IS_ERR(name))
		err = PTR_ERR(name);
	else
		seq_escape(m, name, ESCAPED);
	kfree(page);
	return err;
}

static int mountinfo_show(struct seq_file *m, void *record)
{
	struct mount *mnt = record;
	int err;

	seq_printf(m, "%u %u %u:%u ", mnt->id, mount_parent_id(mnt), MAJOR(mnt->sb->dev),
		   MINOR(mnt->sb->dev));
	err = show_root(m, mnt);
	if (err)
		return err;
	seq_putc(m, ' ');
	err = show_place(m, mnt);
	if (err)
		return err;
	seq_puts(m, READ_ONCE(mnt->flags) & MNT_READONLY ? " ro" : " rw");
	show_mount_options(m, mnt);
	seq_printf(m, " - %s ", mnt->sb->type->name);
	seq_escape(m, mnt->device, ESCAPED);
	seq_puts(m, is_readonly(mnt->sb) ? " ro" : " rw");
	show_fs_options(m, mnt->sb);
	seq_putc(m, '\n');
	return 0;
}

static const struct seq_operations mounts_seq_ops = { mounts_start, mounts_next, mounts_stop,
						      mounts_show };
static const struct seq_operations mountinfo_seq_ops = { mounts_start, mounts_next, mounts_stop,
							 mountinfo_show };

static int open_mounts(struct inode *inode, struct file *file, const struct seq_operations *ops)
{
	struct mounts_file *mounts = kzalloc(sizeof(*mounts), GFP_KERNEL);
	int err;

	if (!mounts)
		return -ENOMEM;
	mounts->task = proc_inode_of(inode)->task;
	err = seq_open(file, ops, mounts);
	if (err)
		kfree(mounts);
	return err;
}

static int mounts_open(struct inode *inode, struct file *file)
{
	return open_mounts(inode, file, &mounts_seq_ops);
}

static int mountinfo_open(struct inode *inode, struct file *file)
{
	return open_mounts(inode, file, &mountinfo_seq_ops);
}

static int mounts_release(struct inode *inode, struct file *file)
{
	kfree(((struct seq_file *)file->private)->private);
	return seq_release(inode, file);
}

const struct file_operations proc_mounts_fops = {
	.llseek = seq_lseek,
	.read = seq_read,
	.open = mounts_open,
	.release = mounts_release,
};

const struct file_operations proc_mountinfo_fops = {
	.llseek = seq_lseek,
	.read = seq_read,
	.open = mountinfo_open,
	.release = mounts_release,
};
