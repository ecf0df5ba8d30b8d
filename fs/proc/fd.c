/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * /proc/PID/fd and fdinfo.  An entry of fd/ is a link that leads to the open file's place, whatever
 * the name that it shows; so a file that was removed, or never had a name, can be opened through
 * it.  Which file that is, is asked each time: a descriptor may be closed and used again.
 *
 * The directory may be searched by its own process even if the mode forbids it: a program that
 * gave up its rights finds its own files.
 */
#include <linux/errno.h>
#include <oshit/files.h>
#include <oshit/init.h>
#include <oshit/printf.h>
#include <oshit/ptrace.h>
#include <oshit/string.h>

#include "internal.h"

#define LINK_SIZE 64 /* what stat() says; as Linux */

/* The open file of descriptor @fd alone; NULL file: there is none. */
static struct task_file file_of(struct task_struct *task, unsigned int fd)
{
	struct task_file found = get_task_file(task, fd);

	if (found.file && found.fd != fd) {
		fput(found.file);
		found.file = NULL;
	}
	return found;
}

/* --- entries --- */

/* Of which kind an entry is, and the rights of a link: those that the file was opened with. */
static unsigned int link_mode(const struct file *file)
{
	return S_IFLNK | (file->mode & FMODE_READ ? 0500 : 0) |
	       (file->mode & FMODE_WRITE ? 0300 : 0);
}

static int get_file_place(const struct proc_inode *link, struct task_struct *task,
			  struct path *path)
{
	struct task_file found = file_of(task, link->fd);

	if (!found.file)
		return -ENOENT;
	*path = found.file->path;
	path_get(path);
	fput(found.file);
	return 0;
}

/* Also the mode: another file may have the descriptor by now. */
static bool fd_revalidate(struct inode *dir, struct dentry *dentry)
{
	struct inode *inode = d_inode(dentry);
	struct task_struct *task;
	struct task_file found;

	if (!proc_pid_revalidate(dir, dentry))
		return false;
	task = proc_task(inode);
	if (!task)
		return false;
	found = file_of(task, proc_inode_of(inode)->fd);
	put_task_struct(task);
	if (!found.file)
		return false;
	if (S_ISLNK(inode->mode))
		WRITE_ONCE(inode->mode, link_mode(found.file));
	fput(found.file);
	return true;
}

/* --- the directories --- */

enum fd_dir { FD_LINKS, FD_INFO };

static int show_fdinfo(struct seq_file *m, struct task_struct *task);
static const struct pid_entry link_entry = { .get_place = get_file_place };
static const struct pid_entry fdinfo_entry = { .show = show_fdinfo };

static struct inode *fd_inode(struct inode *dir, const struct task_file *found, enum fd_dir kind)
{
	const struct proc_inode *parent = proc_inode_of(dir);
	unsigned int mode = kind == FD_LINKS ? link_mode(found->file) : S_IFREG | 0444;
	struct inode *inode =
		proc_pid_inode(dir->sb, parent, mode,
			       pid_ino(parent->task.pid, parent->is_thread,
				       kind == FD_LINKS ? PID_INO_FD : PID_INO_FDINFO, found->fd));

	if (!inode)
		return NULL;
	proc_inode_of(inode)->fd = found->fd;
	proc_inode_of(inode)->pid_entry = kind == FD_LINKS ? &link_entry : &fdinfo_entry;
	if (kind == FD_LINKS) {
		inode->ops = &proc_link_ops;
		i_size_write(inode, LINK_SIZE);
	} else {
		inode->fops = &proc_single_fops;
	}
	return inode;
}

static int fd_lookup(struct inode *dir, struct dentry *dentry, enum fd_dir kind)
{
	long fd = qstr_to_number(&dentry->name, 0x7fffffff);
	struct task_struct *task = fd < 0 ? NULL : proc_task(dir);
	struct task_file found;
	struct inode *inode;
	int err = -ENOENT;

	if (!task)
		return -ENOENT;
	found = file_of(task, (unsigned int)fd);
	if (found.file) {
		inode = fd_inode(dir, &found, kind);
		fput(found.file);
		err = inode ? 0 : -ENOMEM;
		if (inode) {
			proc_update_owner(inode, task);
			proc_instantiate(dentry, inode);
		}
	}
	put_task_struct(task);
	return err;
}

static int fd_links_lookup(struct inode *dir, struct dentry *dentry)
{
	return fd_lookup(dir, dentry, FD_LINKS);
}

static int fdinfo_lookup(struct inode *dir, struct dentry *dentry)
{
	return fd_lookup(dir, dentry, FD_INFO);
}

/* Positions are 2 + descriptor. */
static bool emit_fds(struct task_struct *task, struct file *dir, struct dir_context *ctx,
		     enum fd_dir kind)
{
	const struct proc_inode *parent = proc_inode_of(file_inode(dir));
	enum pid_ino group = kind == FD_LINKS ? PID_INO_FD : PID_INO_FDINFO;
	char name[sizeof("2147483647")];
	struct task_file found;
	unsigned int len;

	while (ctx->pos - 2 <= NR_OPEN_MAX) {
		found = get_task_file(task, (unsigned int)(ctx->pos - 2));
		if (!found.file)
			return true;
		fput(found.file);
		ctx->pos = found.fd + 2;
		len = (unsigned int)snprintf(name, sizeof(name), "%u", found.fd);
		if (!ctx->actor(ctx, name, len,
				pid_ino(parent->task.pid, parent->is_thread, group, found.fd),
				(kind == FD_LINKS ? S_IFLNK : S_IFREG) >> 12))
			return false;
		ctx->pos++;
	}
	return true;
}

static int fd_iterate(struct file *file, struct dir_context *ctx, enum fd_dir kind)
{
	struct task_struct *task = proc_task(file_inode(file));

	if (!task)
		return -ENOENT;
	if (dir_emit_dots(file, ctx))
		emit_fds(task, file, ctx, kind);
	put_task_struct(task);
	return 0;
}

static int fd_links_iterate(struct file *file, struct dir_context *ctx)
{
	return fd_iterate(file, ctx, FD_LINKS);
}

static int fdinfo_iterate(struct file *file, struct dir_context *ctx)
{
	return fd_iterate(file, ctx, FD_INFO);
}

static int fd_permission(const struct inode *inode, unsigned int mask)
{
	int err = generic_permission(inode, mask);
	struct task_struct *task = err ? proc_task(inode) : NULL;

	if (task && task->user && current->user && task->user->signal == current->user->signal)
		err = 0;
	if (task)
		put_task_struct(task);
	return err;
}

/* fdinfo/ can be listed by all, but only who may look into the process sees what is there. */
static int fdinfo_permission(const struct inode *inode, unsigned int mask)
{
	struct task_struct *task = proc_task(inode);
	bool may = task && ptrace_may_access(task, PTRACE_FSCREDS);

	if (task)
		put_task_struct(task);
	if (!task)
		return -ESRCH;
	return may ? generic_permission(inode, mask) : -EACCES;
}

const struct inode_operations proc_fd_ops = {
	.lookup = fd_links_lookup,
	.revalidate = fd_revalidate,
	.permission = fd_permission,
	.setattr = kernfs_setattr,
};

const struct inode_operations proc_fdinfo_ops = {
	.lookup = fdinfo_lookup,
	.revalidate = fd_revalidate,
	.permission = fdinfo_permission,
	.setattr = kernfs_setattr,
};

const struct file_operations proc_fd_fops = {
	.llseek = noop_llseek,
	.iterate = fd_links_iterate,
};

const struct file_operations proc_fdinfo_fops = {
	.llseek = noop_llseek,
	.iterate = fdinfo_iterate,
};

/* --- /proc/PID/fdinfo/N --- */

static int show_fdinfo(struct seq_file *m, struct task_struct *task)
{
	struct task_file found = file_of(task, proc_inode_of(m->private)->fd);
	struct file *file = found.file;

	if (!file)
		return -ENOENT;
	seq_printf(m, "pos:\t%lli\nflags:\t0%o\nmnt_id:\t%u\nino:\t%lu\n",
		   (long long)READ_ONCE(file->pos),
		   READ_ONCE(file->flags) | (found.close_on_exec ? O_CLOEXEC : 0),
		   file->path.mnt->id, (unsigned long)file_inode(file)->ino);
	if (file->ops && file->ops->show_fdinfo)
		file->ops->show_fdinfo(m, file);
	fput(file);
	return 0;
}
