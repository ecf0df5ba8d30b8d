/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * proc: a file system that shows what the kernel knows, in the formats of Linux.
 *
 * There are two kinds of entries.  Those of the whole machine are a tree of struct proc_entry that
 * is made while booting and never changes, so nothing locks it.  Those of tasks are not kept
 * anywhere: a look-up finds the task by its number and makes an inode for it.
 *
 * What somebody holds open under /proc/PID must keep neither the task nor its number, memory or
 * files alive: a shell that stands there, or a program that forgets to close, would keep a dead
 * process half alive, and its files would not be closed by its own end.  So an inode has only a
 * struct pid_ref: the pid, and which use of the pid.  Each operation first finds the task by it,
 * with a reference for as long as it works (proc_task()); if the task has been waited for, the
 * operation is -ESRCH, also if a new task has the pid by then:
 *
 *	open("/proc/7/stat")	inode: (7, 4711)
 *	7 ends, is waited for
 *	another fork gets 7	the task (7, 9902)
 *	read()			finds (7, 9902), which is not meant: -ESRCH
 *
 * execve() by a thread that is not the leader takes the pid over together with the serial number,
 * so files of the process go on to show it.  Memory is remembered in the same way, by a number that
 * no other address space ever has (fs/proc/task_mem.c): what was opened before an execve() shows
 * nothing of the program behind it, which may have other rights.
 *
 * A name that is not there is an error of the look-up, as in Linux: nothing can be made here, and
 * nothing negative is remembered.  Dentries of tasks go when nobody uses them (D_VOLATILE), and a
 * walk that finds one in use asks whether it is still true (revalidate); that also brings the owner
 * up to date, who is the task's effective user, or root if the task may not be looked at.
 *
 * Numbers of inodes are made of the pid and the place of the entry, so that they agree between
 * readdir() and stat(), and between two look-ups.
 *
 * Locks: none of its own.  What is read of a task is read under tasklist_lock, siglock,
 * task->files_lock or mmap_lock, as its fields want it, never while bytes are copied to the reader.
 */
#include <asm/statfs.h>
#include <linux/errno.h>
#include <linux/magic.h>
#include <oshit/cred.h>
#include <oshit/init.h>
#include <oshit/panic.h>
#include <oshit/proc_fs.h>
#include <oshit/slab.h>
#include <oshit/string.h>
#include <oshit/uio.h>

#include "internal.h"

static struct kmem_cache *inode_cache;

struct proc_entry proc_root = {
	.name = "/proc",
	.mode = S_IFDIR | 0555,
	.ino = PROC_ROOT_INO,
	.children = LIST_HEAD_INIT(proc_root.children),
};

/* --- entries of the whole machine --- */

static __init struct proc_entry *add_entry(const char *name, unsigned int mode,
					   struct proc_entry *dir)
{
	static u64 next_ino = PROC_FIRST_INO;
	struct proc_entry *entry = kzalloc(sizeof(*entry), GFP_KERNEL);

	if (!entry)
		panic("no memory for /proc");
	entry->name = name;
	entry->mode = mode;
	entry->ino = next_ino++;
	INIT_LIST_HEAD(&entry->children);
	list_add_tail(&entry->sibling, dir ? &dir->children : &proc_root.children);
	return entry;
}

__init struct proc_entry *proc_mkdir(const char *name, struct proc_entry *dir)
{
	(dir ?: &proc_root)->nr_dirs++;
	return add_entry(name, S_IFDIR | 0555, dir);
}

__init void proc_create(const char *name, unsigned int mode, struct proc_entry *dir,
			const struct proc_file *file, const void *data)
{
	struct proc_entry *entry = add_entry(name, S_IFREG | mode, dir);

	entry->file = file;
	entry->data = data;
}

__init void proc_symlink(const char *name, struct proc_entry *dir, const char *link)
{
	add_entry(name, S_IFLNK | 0777, dir)->link = link;
}

const void *proc_data(const struct seq_file *m)
{
	return proc_inode_of(file_inode(m->file))->entry->data;
}

static int entry_open(struct inode *inode, struct file *file)
{
	const struct proc_file *shown = proc_inode_of(inode)->entry->file;

	return shown->seq ? seq_open(file, shown->seq, NULL) : single_open(file, shown->show, NULL);
}

static int entry_release(struct inode *inode, struct file *file)
{
	return proc_inode_of(inode)->entry->file->seq ? seq_release(inode, file)
						      : single_release(inode, file);
}

static long entry_write(struct file *file, struct iov_iter *from, loff_t *pos)
{
	const struct proc_file *shown = proc_inode_of(file_inode(file))->entry->file;
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
		err = shown->write(proc_inode_of(file_inode(file))->entry->data, text, len);
	}
	kfree(text);
	if (err)
		return err;
	*pos += len;
	return len;
}

/* Modes and owners belong to the kernel: nobody changes them. open() with O_TRUNC, as `echo > file`
 * has it, is no change of anything. */
int proc_setattr(struct inode *inode __maybe_unused, const struct iattr *attr)
{
	return attr->valid & (ATTR_MODE | ATTR_UID | ATTR_GID) ? -EPERM : 0;
}

static const struct inode_operations entry_file_ops = { .setattr = proc_setattr };

static const struct file_operations entry_fops = {
	.llseek = seq_lseek,
	.read = seq_read,
	.write = entry_write,
	.open = entry_open,
	.release = entry_release,
};

static const char *entry_get_link(struct inode *inode, struct link_body *body __maybe_unused)
{
	return proc_inode_of(inode)->entry->link;
}

static const struct inode_operations entry_link_ops = { .get_link = entry_get_link };

static const struct inode_operations entry_dir_ops = {
	.lookup = proc_entry_lookup,
	.setattr = proc_setattr,
};

bool proc_entry_iterate(const struct proc_entry *dir, struct dir_context *ctx)
{
	const struct proc_entry *entry;
	loff_t at = 2;

	list_for_each_entry(entry, &dir->children, sibling) {
		if (at++ < ctx->pos)
			continue;
		if (!ctx->actor(ctx, entry->name, strlen(entry->name), entry->ino,
				(entry->mode & S_IFMT) >> 12))
			return false;
		ctx->pos++;
	}
	return true;
}

static int entry_iterate(struct file *file, struct dir_context *ctx)
{
	if (dir_emit_dots(file, ctx))
		proc_entry_iterate(proc_inode_of(file_inode(file))->entry, ctx);
	return 0;
}

static const struct file_operations entry_dir_fops = {
	.llseek = noop_llseek,
	.iterate = entry_iterate,
};

static struct inode *entry_inode(struct super_block *sb, const struct proc_entry *entry)
{
	struct inode *inode = proc_new_inode(sb, entry->mode, entry->ino);

	if (!inode)
		return NULL;
	proc_inode_of(inode)->entry = entry;
	switch (entry->mode & S_IFMT) {
	case S_IFDIR:
		inode->ops = &entry_dir_ops;
		inode->fops = &entry_dir_fops;
		inode->nlink = 2 + entry->nr_dirs;
		break;
	case S_IFLNK:
		inode->ops = &entry_link_ops;
		i_size_write(inode, strlen(entry->link));
		break;
	default:
		inode->ops = &entry_file_ops;
		inode->fops = &entry_fops;
		break;
	}
	return inode;
}

int proc_entry_lookup(struct inode *dir, struct dentry *dentry)
{
	const struct proc_entry *parent = proc_inode_of(dir)->entry, *entry;

	list_for_each_entry(entry, &parent->children, sibling) {
		if (strlen(entry->name) == dentry->name.len &&
		    !memcmp(entry->name, dentry->name.name, dentry->name.len)) {
			d_instantiate(dentry, entry_inode(dir->sb, entry));
			return d_inode(dentry) ? 0 : -ENOMEM;
		}
	}
	return -ENOENT;
}

/* --- inodes --- */

struct inode *proc_new_inode(struct super_block *sb, unsigned int mode, u64 ino)
{
	struct inode *inode = new_inode(sb);

	if (!inode)
		return NULL;
	inode->mode = mode;
	inode->ino = ino;
	return inode;
}

static struct inode *proc_alloc_inode(struct super_block *sb __maybe_unused)
{
	struct proc_inode *inode = kmem_cache_zalloc(inode_cache, GFP_KERNEL);

	return inode ? &inode->inode : NULL;
}

static void proc_free_inode(struct inode *inode)
{
	kmem_cache_free(inode_cache, proc_inode_of(inode));
}

static int proc_statfs(struct super_block *sb __maybe_unused, struct statfs *buf)
{
	buf->f_bsize = buf->f_frsize = PAGE_SIZE;
	return 0;
}

static const struct super_operations proc_super_ops = {
	.statfs = proc_statfs,
	.alloc_inode = proc_alloc_inode,
	.free_inode = proc_free_inode,
};

/* --- the file system --- */

static int proc_fill_super(struct super_block *sb, const char *data __maybe_unused)
{
	struct inode *root;

	sb->ops = &proc_super_ops;
	sb->magic = PROC_SUPER_MAGIC;
	sb->flags = SB_NOSYNC;
	sb->block_size = 1024;
	root = entry_inode(sb, &proc_root);
	if (!root)
		return -ENOMEM;
	root->ops = &proc_root_ops;
	root->fops = &proc_root_fops;
	sb->root = d_make_root(root);
	return sb->root ? 0 : -ENOMEM;
}

static struct file_system_type proc_type = { .name = "proc", .fill_super = proc_fill_super };

__init void proc_init(void)
{
	inode_cache =
		kmem_cache_create("proc_inode", sizeof(struct proc_inode), 0, SLAB_PANIC, NULL);
	proc_fd_init();
	proc_symlink("mounts", NULL, "self/mounts");
	proc_system_init();
	proc_memory_init();
	proc_stat_init();
	proc_sysctl_init();
	proc_config_init();
	register_filesystem(&proc_type);
}
