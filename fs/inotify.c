/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * inotify: a descriptor from which a program reads what happens to the files it watches.
 *
 *	instance (file)	  --- tree by number --->  watch  <--- list ---	 inode
 *	   queue of events
 *
 * A watch is of one instance and one inode, whatever the name by which it was asked for, and holds
 * a reference to the inode, so that the number stays his.  The places where files are changed call
 * notify_*() of <oshit/inotify.h>; those come here only if anything is watched at all.  An event is
 * told to who watches the inode, and, for most, to who watches the directory in which the dentry
 * is, with the name.
 *
 * A watch ends, and its reader is told so (IN_IGNORED), by inotify_rm_watch(), with an event if it
 * was for one, when the file goes (its last name, and the last that has it open), and when its file
 * system is unmounted.
 *
 * An event that equals the last one in the queue is dropped.  A full queue takes one more event,
 * which says that others were lost; so does one for which there is no memory.
 *
 * Locks: watch_sem, for reading while somebody is told, for writing where watches come and go;
 * instance->lock inside for the queue.  Inodes are let go when it is free.  Directories may be
 * locked outside of it.
 */
#include <asm/ioctls.h>
#include <linux/errno.h>
#include <linux/fcntl.h>
#include <linux/limits.h>
#include <linux/poll.h>
#include <oshit/bug.h>
#include <oshit/cred.h>
#include <oshit/entry.h>
#include <oshit/err.h>
#include <oshit/files.h>
#include <oshit/inotify.h>
#include <oshit/math.h>
#include <oshit/namei.h>
#include <oshit/poll.h>
#include <oshit/rbtree.h>
#include <oshit/rwsem.h>
#include <oshit/seq_file.h>
#include <oshit/slab.h>
#include <oshit/string.h>
#include <oshit/syscalls.h>
#include <oshit/uaccess.h>
#include <oshit/uio.h>
#include <oshit/wait.h>

#include "internal.h"

#define MAX_EVENTS    16384 /* of an instance; as Linux */
#define MAX_INSTANCES 128 /* of a user; as Linux */
#define MAX_WATCHES   65536 /* of a user */
#define NAME_ALIGN    sizeof(struct inotify_event)

#define EVENTS	      IN_ALL_EVENTS
#define OPTIONS                                                                                   \
	(IN_UNMOUNT | IN_Q_OVERFLOW | IN_IGNORED | IN_ONLYDIR | IN_DONT_FOLLOW | IN_EXCL_UNLINK | \
	 IN_MASK_CREATE | IN_MASK_ADD | IN_ISDIR | IN_ONESHOT)
#define KEPT_OPTIONS (IN_EXCL_UNLINK | IN_ONESHOT) /* of a watch */

struct event {
	struct list_head node;
	int wd;
	u32 mask, cookie;
	size_t name_len; /* 0: none */
	char name[];
};

struct instance { /* l: ->lock   w: watch_sem, for writing   i: constant */
	spinlock_t lock;
	struct list_head events; /* l  the oldest first */
	unsigned int nr_events; /* l */
	size_t size; /* l  of all, as they are read */
	struct event overflow; /* l  queued when others are lost */
	struct wait_queue_head wait;
	struct rb_root watches; /* w  by number */
	int last_wd; /* w */
	struct user_struct *user; /* i  for whom they count */
};

struct inotify_watch { /* w: watch_sem, for writing   i: constant */
	struct instance *instance; /* i */
	struct inode *inode; /* i  with a reference */
	int wd; /* i */
	u32 mask; /* w  IN_, events and KEPT_OPTIONS */
	bool has_fired; /* with IN_ONESHOT: it has had its event; set once */
	struct rb_node node; /* w  in instance->watches */
	struct hlist_node on_inode; /* w  in inode->watches */
	struct list_head all; /* w; then in a list of those that go */
};

static DECLARE_RWSEM(watch_sem);
static LIST_HEAD(all_watches); /* watch_sem */
unsigned int inotify_nr_watches; /* watch_sem, for writing; read by anybody */
static atomic_t last_cookie;

/* --- the queue --- */

static size_t padded_name(const struct event *event)
{
	return event->name_len ? ALIGN_UP(event->name_len + 1, NAME_ALIGN) : 0;
}

static size_t record_size(const struct event *event)
{
	return sizeof(struct inotify_event) + padded_name(event);
}

static void append(struct instance *instance, struct event *event)
{
	list_add_tail(&event->node, &instance->events);
	instance->nr_events++;
	instance->size += record_size(event);
}

static void append_overflow(struct instance *instance)
{
	if (list_empty(&instance->overflow.node))
		append(instance, &instance->overflow);
}

/* Under ->lock. */
static bool equals_last(const struct instance *instance, const struct event *event)
{
	const struct event *last;

	if (list_empty(&instance->events))
		return false;
	last = list_last_entry(&instance->events, struct event, node);
	return last->wd == event->wd && last->mask == event->mask &&
	       last->cookie == event->cookie && last->name_len == event->name_len &&
	       !memcmp(last->name, event->name, event->name_len);
}

static void queue_event(const struct inotify_watch *watch, u32 mask, u32 cookie,
			const struct qstr *name)
{
	struct instance *instance = watch->instance;
	size_t len = name ? name->len : 0;
	struct event *event = kmalloc(sizeof(*event) + len, GFP_NOFS);

	if (event) {
		*event = (struct event){
			.wd = watch->wd,
			.mask = mask,
			.cookie = cookie,
			.name_len = len,
		};
		memcpy(event->name, name ? name->name : "", len);
	}
	spin_lock(&instance->lock);
	if (!event || instance->nr_events >= MAX_EVENTS) {
		append_overflow(instance);
	} else if (!equals_last(instance, event)) {
		append(instance, event);
		event = NULL;
	}
	spin_unlock(&instance->lock);
	kfree(event);
	wake_up(&instance->wait);
}

/* The first event, if it fits into @size bytes; NULL: there is none; ERR_PTR(-EINVAL): it does
 * not. */
static struct event *take_event(struct instance *instance, size_t size)
{
	struct event *event = NULL;

	spin_lock(&instance->lock);
	if (!list_empty(&instance->events)) {
		event = list_first_entry(&instance->events, struct event, node);
		if (record_size(event) > size) {
			event = ERR_PTR(-EINVAL);
		} else {
			list_del_init(&event->node);
			instance->nr_events--;
			instance->size -= record_size(event);
		}
	}
	spin_unlock(&instance->lock);
	return event;
}

static void free_event(struct instance *instance, struct event *event)
{
	if (event != &instance->overflow)
		kfree(event);
}

/* --- watches; watch_sem is held for writing --- */

/* Takes @watch out of everything. It goes to @gone, to be freed when nothing is locked. */
static void unlink_watch(struct inotify_watch *watch, struct list_head *gone)
{
	rb_erase(&watch->node, &watch->instance->watches);
	hlist_del(&watch->on_inode);
	list_move_tail(&watch->all, gone);
	WRITE_ONCE(inotify_nr_watches, inotify_nr_watches - 1);
	atomic_dec(&watch->instance->user->nr_inotify_watches);
}

static void end_watch(struct inotify_watch *watch, struct list_head *gone)
{
	queue_event(watch, IN_IGNORED, 0, NULL);
	unlink_watch(watch, gone);
}

/* Nothing is locked. */
static void free_watches(struct list_head *gone)
{
	struct inotify_watch *watch, *next;

	list_for_each_entry_safe(watch, next, gone, all) {
		iput(watch->inode);
		kfree(watch);
	}
}

static struct inotify_watch *find_watch_of(struct inode *inode, const struct instance *instance)
{
	struct inotify_watch *watch;

	hlist_for_each_entry(watch, &inode->watches, on_inode)
		if (watch->instance == instance)
			return watch;
	return NULL;
}

static int compare_wd(const void *key, const struct rb_node *node)
{
	int wd = *(const int *)key, other = rb_entry(node, struct inotify_watch, node)->wd;

	return (wd > other) - (wd < other);
}

static bool has_lower_wd(const struct rb_node *a, const struct rb_node *b)
{
	return rb_entry(a, struct inotify_watch, node)->wd <
	       rb_entry(b, struct inotify_watch, node)->wd;
}

static struct inotify_watch *find_watch(struct instance *instance, int wd)
{
	return rb_entry_or_null(rb_find(&wd, &instance->watches, compare_wd), struct inotify_watch,
				node);
}

/* A number is used once before the first comes again. */
static int next_wd(struct instance *instance)
{
	do {
		instance->last_wd = instance->last_wd == __INT_MAX__ ? 1 : instance->last_wd + 1;
	} while (find_watch(instance, instance->last_wd));
	return instance->last_wd;
}

static int new_watch(struct instance *instance, struct inode *inode, u32 mask)
{
	struct inotify_watch *watch;

	if (atomic_inc_return(&instance->user->nr_inotify_watches) > MAX_WATCHES) {
		atomic_dec(&instance->user->nr_inotify_watches);
		return -ENOSPC;
	}
	watch = kzalloc(sizeof(*watch), GFP_NOFS);
	if (!watch) {
		atomic_dec(&instance->user->nr_inotify_watches);
		return -ENOMEM;
	}
	watch->instance = instance;
	watch->inode = ihold(inode);
	watch->mask = mask;
	watch->wd = next_wd(instance);
	rb_add(&watch->node, &instance->watches, has_lower_wd);
	hlist_add_head(&watch->on_inode, &inode->watches);
	list_add_tail(&watch->all, &all_watches);
	WRITE_ONCE(inotify_nr_watches, inotify_nr_watches + 1);
	return watch->wd;
}

/* --- telling --- */

/* To the watches of @inode. Return: one was for one event only, and has had it. */
static bool tell_watches(struct inode *inode, u32 what, u32 cookie, const struct qstr *name,
			 bool is_unlinked)
{
	struct inotify_watch *watch;
	bool is_over = false;

	hlist_for_each_entry(watch, &inode->watches, on_inode) {
		if (!(watch->mask & what & EVENTS) || (is_unlinked && watch->mask & IN_EXCL_UNLINK))
			continue;
		if (watch->mask & IN_ONESHOT && xchg(&watch->has_fired, true))
			continue;
		queue_event(watch, what, cookie, name);
		is_over |= watch->mask & IN_ONESHOT;
	}
	return is_over;
}

/* Those that were for one event. */
static void end_oneshots(struct inode *inode)
{
	struct inotify_watch *watch;
	struct hlist_node *next;
	LIST_HEAD(gone);

	down_write(&watch_sem);
	hlist_for_each_entry_safe(watch, next, &inode->watches, on_inode) if (watch->has_fired)
		end_watch(watch, &gone);
	up_write(&watch_sem);
	free_watches(&gone);
}

static bool is_watched(const struct inode *inode)
{
	return READ_ONCE(inode->watches.first);
}

static void tell(struct inode *inode, u32 what, u32 cookie, const struct qstr *name,
		 bool is_unlinked)
{
	bool is_over;

	if (!is_watched(inode))
		return;
	down_read(&watch_sem);
	is_over = tell_watches(inode, what, cookie, name, is_unlinked);
	up_read(&watch_sem);
	if (is_over)
		end_oneshots(inode);
}

void inotify_tell(struct inode *inode, u32 what, u32 cookie, const struct qstr *name)
{
	tell(inode, what, cookie, name, false);
}

u32 inotify_new_cookie(void)
{
	return (u32)atomic_inc_return(&last_cookie);
}

static void tell_parent(struct dentry *dentry, u32 what, bool is_unlinked)
{
	struct dentry *parent = dget_parent(dentry);
	char text[NAME_MAX + 1];
	struct qstr name;

	if (parent != dentry && is_watched(d_inode(parent))) {
		name = d_copy_name(dentry, text);
		tell(d_inode(parent), what, 0, &name, is_unlinked);
	}
	dput(parent);
}

static void tell_both(struct dentry *dentry, u32 what, bool is_unlinked)
{
	struct inode *inode = d_inode(dentry);

	if (!inode)
		return;
	if (inode_is(inode, S_IFDIR))
		what |= IN_ISDIR;
	tell_parent(dentry, what, is_unlinked);
	tell(inode, what, 0, NULL, is_unlinked);
}

void inotify_tell_both(struct dentry *dentry, u32 what)
{
	tell_both(dentry, what, false);
}

void inotify_tell_of_file(struct dentry *dentry, u32 what)
{
	tell_both(dentry, what, dentry->parent != dentry && !d_is_hashed(dentry));
}

void inotify_inode_goes(struct inode *inode)
{
	struct inotify_watch *watch;
	struct hlist_node *next;
	LIST_HEAD(gone);

	if (!is_watched(inode))
		return;
	down_write(&watch_sem);
	hlist_for_each_entry_safe(watch, next, &inode->watches, on_inode)
	{
		if (watch->mask & IN_DELETE_SELF)
			queue_event(watch, IN_DELETE_SELF, 0, NULL);
		end_watch(watch, &gone);
	}
	up_write(&watch_sem);
	free_watches(&gone);
}

void inotify_unmount(const struct super_block *sb)
{
	struct inotify_watch *watch, *next;
	LIST_HEAD(gone);

	down_write(&watch_sem);
	list_for_each_entry_safe(watch, next, &all_watches, all) {
		if (watch->inode->sb != sb)
			continue;
		queue_event(watch, IN_UNMOUNT | (inode_is(watch->inode, S_IFDIR) ? IN_ISDIR : 0), 0,
			    NULL);
		end_watch(watch, &gone);
	}
	up_write(&watch_sem);
	free_watches(&gone);
}

/* --- the file --- */

static size_t copy_event(const struct event *event, struct iov_iter *to)
{
	static const char zeros[NAME_ALIGN];
	struct inotify_event record = {
		.wd = event->wd,
		.mask = event->mask,
		.cookie = event->cookie,
		.len = (u32)padded_name(event),
	};

	return copy_to_iter(&record, sizeof(record), to) +
	       copy_to_iter(event->name, event->name_len, to) +
	       copy_to_iter(zeros, padded_name(event) - event->name_len, to);
}

static bool has_events(struct instance *instance)
{
	return READ_ONCE(instance->nr_events);
}

/* As many as fit. 0: there is none. */
static long read_events(struct instance *instance, struct iov_iter *to)
{
	struct event *event;
	size_t size, done;
	long total = 0;

	while ((event = take_event(instance, to->count))) {
		if (IS_ERR(event))
			return total ?: PTR_ERR(event);
		size = record_size(event);
		done = copy_event(event, to);
		free_event(instance, event);
		if (done != size)
			return total ?: -EFAULT;
		total += (long)size;
	}
	return total;
}

static long inotify_read(struct file *file, struct iov_iter *to, loff_t *pos __maybe_unused)
{
	struct instance *instance = file->private;
	long ret;

	while (!(ret = read_events(instance, to))) {
		if (READ_ONCE(file->flags) & O_NONBLOCK)
			return -EAGAIN;
		if (wait_event_interruptible(instance->wait, has_events(instance)))
			return -ERESTARTSYS;
	}
	return ret;
}

static unsigned int inotify_poll(struct file *file, struct poll_table *table)
{
	struct instance *instance = file->private;

	poll_wait(file, &instance->wait, table);
	return has_events(instance) ? POLLIN | POLLRDNORM : 0;
}

static long inotify_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	const struct instance *instance = file->private;

	if (cmd != FIONREAD)
		return -ENOTTY;
	return put_user((int)READ_ONCE(instance->size), (int __user *)arg);
}

static int inotify_release(struct inode *inode __maybe_unused, struct file *file)
{
	struct instance *instance = file->private;
	struct inotify_watch *watch, *next;
	struct event *event, *next_event;
	LIST_HEAD(gone);

	down_write(&watch_sem);
	list_for_each_entry_safe(watch, next, &all_watches, all)
		if (watch->instance == instance)
			unlink_watch(watch, &gone);
	up_write(&watch_sem);
	free_watches(&gone);
	list_for_each_entry_safe(event, next_event, &instance->events, node)
		free_event(instance, event);
	atomic_dec(&instance->user->nr_inotify_instances);
	put_user_struct(instance->user);
	kfree(instance);
	return 0;
}

static void inotify_show_fdinfo(struct seq_file *m, struct file *file)
{
	struct instance *instance = file->private;
	struct inotify_watch *watch;

	down_read(&watch_sem);
	rb_for_each_entry(watch, &instance->watches, node)
		seq_printf(m, "inotify wd:%x ino:%lx sdev:%x mask:%x ignored_mask:0\n", watch->wd,
			   (unsigned long)watch->inode->ino, watch->inode->sb->dev, watch->mask);
	up_read(&watch_sem);
}

static const struct file_operations inotify_fops = {
	.show_fdinfo = inotify_show_fdinfo,
	.llseek = stay_llseek,
	.read = inotify_read,
	.poll = inotify_poll,
	.ioctl = inotify_ioctl,
	.release = inotify_release,
};

/* --- the calls --- */

/* ERR_PTR(-ENOMEM, -EMFILE) */
static struct instance *instance_new(void)
{
	struct user_struct *user = get_user_struct(current_cred()->user);
	struct instance *instance = NULL;
	int err = -EMFILE;

	if (atomic_inc_return(&user->nr_inotify_instances) <= MAX_INSTANCES) {
		instance = kzalloc(sizeof(*instance), GFP_KERNEL);
		err = -ENOMEM;
	}
	if (!instance) {
		atomic_dec(&user->nr_inotify_instances);
		put_user_struct(user);
		return ERR_PTR(err);
	}
	spin_lock_init(&instance->lock);
	INIT_LIST_HEAD(&instance->events);
	INIT_LIST_HEAD(&instance->overflow.node);
	instance->overflow.wd = -1;
	instance->overflow.mask = IN_Q_OVERFLOW;
	init_waitqueue_head(&instance->wait);
	instance->user = user;
	return instance;
}

long sys_inotify_init1(int flags)
{
	struct instance *instance;
	struct file *file;

	if (flags & ~(IN_CLOEXEC | IN_NONBLOCK))
		return -EINVAL;
	instance = instance_new();
	if (IS_ERR(instance))
		return PTR_ERR(instance);
	file = nameless_file("anon_inode:inotify", O_RDONLY | (flags & IN_NONBLOCK), &inotify_fops,
			     instance);
	if (IS_ERR(file)) {
		atomic_dec(&instance->user->nr_inotify_instances);
		put_user_struct(instance->user);
		kfree(instance);
		return PTR_ERR(file);
	}
	return fd_add(file, flags & IN_CLOEXEC);
}

long sys_inotify_init(void)
{
	return sys_inotify_init1(0);
}

static int add_or_change(struct instance *instance, struct inode *inode, u32 asked)
{
	u32 mask = asked & (EVENTS | KEPT_OPTIONS);
	struct inotify_watch *watch;
	int wd;

	down_write(&watch_sem);
	watch = find_watch_of(inode, instance);
	if (!watch) {
		wd = new_watch(instance, inode, mask);
	} else if (asked & IN_MASK_CREATE) {
		wd = -EEXIST;
	} else {
		watch->mask = asked & IN_MASK_ADD ? watch->mask | mask : mask;
		wd = watch->wd;
	}
	up_write(&watch_sem);
	return wd;
}

static long watch_path(struct instance *instance, const char __user *name, u32 mask)
{
	unsigned int how = 0;
	struct path path;
	long ret;

	if (!(mask & IN_DONT_FOLLOW))
		how |= LOOKUP_FOLLOW;
	if (mask & IN_ONLYDIR)
		how |= LOOKUP_DIRECTORY;
	ret = user_path(AT_FDCWD, name, how, &path);
	if (ret)
		return ret;
	ret = inode_permission(d_inode(path.dentry), MAY_READ);
	if (!ret)
		ret = add_or_change(instance, d_inode(path.dentry), mask);
	path_put(&path);
	return ret;
}

long sys_inotify_add_watch(int fd, const char __user *name, u32 mask)
{
	struct fd f;
	long ret = -EINVAL;

	if (mask & ~(EVENTS | OPTIONS) || !(mask & (EVENTS | OPTIONS)))
		return -EINVAL;
	f = fdget((unsigned int)fd);
	if (!f.file)
		return -EBADF;
	if (f.file->ops == &inotify_fops &&
	    (mask & (IN_MASK_ADD | IN_MASK_CREATE)) != (IN_MASK_ADD | IN_MASK_CREATE))
		ret = watch_path(f.file->private, name, mask);
	fdput(f);
	return ret;
}

static int remove_watch(struct instance *instance, int wd)
{
	struct inotify_watch *watch;
	LIST_HEAD(gone);

	down_write(&watch_sem);
	watch = find_watch(instance, wd);
	if (watch)
		end_watch(watch, &gone);
	up_write(&watch_sem);
	free_watches(&gone);
	return watch ? 0 : -EINVAL;
}

long sys_inotify_rm_watch(int fd, int wd)
{
	struct fd f = fdget((unsigned int)fd);
	long ret = -EINVAL;

	if (!f.file)
		return -EBADF;
	if (f.file->ops == &inotify_fops)
		ret = remove_watch(f.file->private, wd);
	fdput(f);
	return ret;
}
