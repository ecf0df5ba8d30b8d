/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Open files.  A struct file is what descriptors refer to; dup() and fork() share it, so position
 * and O_ flags belong to it.  The last reference closes it, in the task that drops it.
 *
 * The number of open files of the whole system is limited, since they are kernel memory that any
 * program can ask for: to what a tenth of memory holds at 1 KiB each, as Linux does.  Privileged
 * tasks may exceed it.
 */
#include <linux/capability.h>
#include <linux/errno.h>
#include <oshit/cred.h>
#include <oshit/eventpoll.h>
#include <oshit/file_lock.h>
#include <oshit/fs.h>
#include <oshit/init.h>
#include <oshit/inotify.h>
#include <oshit/math.h>
#include <oshit/slab.h>

#include "internal.h"

#define MIN_FILES_MAX 8192UL

static struct kmem_cache *file_cache;
static unsigned long files_max; /* constant after boot */
static atomic64_t nr_files;

struct file *alloc_empty_file(unsigned int flags)
{
	struct file *file;

	if ((unsigned long)atomic64_read(&nr_files) >= files_max && !capable(CAP_SYS_ADMIN))
		return ERR_PTR(-ENFILE);
	file = kmem_cache_zalloc(file_cache, GFP_KERNEL);
	if (!file)
		return ERR_PTR(-ENOMEM);
	atomic64_inc(&nr_files);
	refcount_set(&file->refs, 1);
	spin_lock_init(&file->lock);
	mutex_init(&file->pos_lock);
	file->flags = flags;
	return file;
}

void file_counts_get(struct file_counts *counts)
{
	counts->nr_files = (unsigned long)atomic64_read(&nr_files);
	counts->max = files_max;
}

void fput(struct file *file)
{
	if (!refcount_dec_and_test(&file->refs))
		return;
	if (file->mode & FMODE_OPENED)
		notify_file(file, file->mode & FMODE_WRITE ? IN_CLOSE_WRITE : IN_CLOSE_NOWRITE);
	epoll_forget(file);
	locks_remove_file(file);
	if (file->mode & FMODE_OPENED && file->ops->release)
		file->ops->release(file->inode, file);
	if (file->mode & FMODE_WRITER) {
		put_write_access(file->inode);
		mnt_drop_write(file->path.mnt);
	} else if (file->mode & FMODE_EXEC) {
		allow_write_access(file->inode);
	}
	if (file->path.dentry)
		path_put(&file->path);
	kmem_cache_free(file_cache, file);
	atomic64_dec(&nr_files);
}

__init void file_table_init(void)
{
	file_cache = kmem_cache_create("file", sizeof(struct file), 0, SLAB_PANIC, NULL);
	files_max = max(MIN_FILES_MAX, max_pfn * (PAGE_SIZE / 1024) / 10);
}
