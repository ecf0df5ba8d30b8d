/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * proc: a file system that shows what the kernel knows, in the formats of Linux.
 *
 * There are two kinds of entries.  Those of the whole machine are a tree that is made while booting
 * and never changes (fs/kernfs.c).  Those of tasks are not kept anywhere: a look-up finds the task
 * by its number and makes an inode for it.
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

struct kernfs_node proc_root = {
	.name = "/proc",
	.mode = S_IFDIR | 0555,
	.ino = PROC_ROOT_INO,
	.children = LIST_HEAD_INIT(proc_root.children),
};

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

/* There are no options. */
static int proc_fill_super(struct super_block *sb, const char *data)
{
	struct inode *root;

	if (data && *data)
		return -EINVAL;
	sb->ops = &proc_super_ops;
	sb->magic = PROC_SUPER_MAGIC;
	sb->flags = SB_NOSYNC;
	sb->block_size = 1024;
	root = kernfs_inode(sb, &proc_root);
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
	kernfs_symlink("mounts", &proc_root, "self/mounts");
	proc_system_init();
	proc_disks_init();
	proc_memory_init();
	proc_zoneinfo_init();
	proc_stat_init();
	proc_sysctl_init();
	proc_net_init();
	proc_config_init();
	register_filesystem(&proc_type);
}
