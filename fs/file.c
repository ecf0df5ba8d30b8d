/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Tables of descriptors.
 *
 * A descriptor is taken (its bit is set) before there is a file behind it: open() reserves it,
 * works, then installs the file; nobody sees it half done.  A table grows by a larger copy; since
 * all look under the lock, the old one can be freed at once.
 *
 * fdget() takes neither lock nor reference if the table has one user: then only the caller could
 * close the file, or share the table, and it is busy here.
 *
 * Locks: files->lock for everything in the table; nothing is taken inside of it, files are closed
 * outside.  Others reach a task's table under task->files_lock, around it.
 */
#include <linux/close_range.h>
#include <linux/errno.h>
#include <linux/resource.h>
#include <oshit/bitmap.h>
#include <oshit/bug.h>
#include <oshit/file_lock.h>
#include <oshit/files.h>
#include <oshit/fs.h>
#include <oshit/init.h>
#include <oshit/math.h>
#include <oshit/rlimit.h>
#include <oshit/slab.h>
#include <oshit/syscalls.h>

#include "internal.h"

static struct kmem_cache *files_cache;

struct files_struct *files_new(void)
{
	struct files_struct *files = kmem_cache_zalloc(files_cache, GFP_KERNEL);

	if (!files)
		return NULL;
	refcount_set(&files->users, 1);
	spin_lock_init(&files->lock);
	files->first.size = NR_OPEN_DEFAULT;
	files->first.files = files->first_files;
	files->first.open = files->first_open;
	files->first.close_on_exec = files->first_close_on_exec;
	files->table = &files->first;
	return files;
}

/* A descriptor has left the table. */
static void close_file(struct files_struct *files, struct file *file)
{
	locks_remove_posix(file, files);
	fput(file);
}

static void free_table(struct files_struct *files, struct fdtable *table)
{
	if (table != &files->first)
		fdtable_free(table);
}

void files_put(struct files_struct *files)
{
	unsigned int fd;

	if (!files || !refcount_dec_and_test(&files->users))
		return;
	for_each_set_bit(fd, files->table->open, files->table->size)
		if (files->table->files[fd])
			close_file(files, files->table->files[fd]);
	free_table(files, files->table);
	kmem_cache_free(files_cache, files);
}

/* Makes room for @fd. Called and returns with the lock held, but drops it. 0 or -ENOMEM. */
static int grow(struct files_struct *files, unsigned int fd) __must_hold(&files->lock)
{
	struct fdtable *larger, *old;

	while (fd >= files->table->size) {
		spin_unlock(&files->lock);
		larger = fdtable_alloc(fdtable_size_for(fd));
		spin_lock(&files->lock);
		if (!larger)
			return -ENOMEM;
		old = files->table;
		if (larger->size > old->size) {
			fdtable_copy(larger, old);
			files->table = larger;
		} else {
			old = larger;
		}
		if (old == &files->first)
			continue;
		spin_unlock(&files->lock);
		fdtable_free(old);
		spin_lock(&files->lock);
	}
	return 0;
}

/* References to all files go into @to, and the reserved descriptors out of it. */
static void copy_files(struct files_struct *to, const struct files_struct *from)
{
	const struct fdtable *table = from->table;
	unsigned int fd;

	for_each_set_bit(fd, table->open, table->size) {
		struct file *file = table->files[fd];

		if (!file)
			continue;
		fdtable_take(to->table, fd, test_bit(fd, table->close_on_exec) ? O_CLOEXEC : 0);
		to->table->files[fd] = get_file(file);
	}
}

struct files_struct *files_copy(struct files_struct *old)
{
	struct files_struct *new = files_new();
	unsigned int used;

	if (!new)
		return NULL;
	spin_lock(&old->lock);
	while ((used = fdtable_used(old->table)) > new->table->size) {
		struct fdtable *larger;

		spin_unlock(&old->lock);
		larger = fdtable_alloc(fdtable_size_for(used - 1));
		if (!larger) {
			files_put(new);
			return NULL;
		}
		free_table(new, new->table);
		new->table = larger;
		spin_lock(&old->lock);
	}
	copy_files(new, old);
	spin_unlock(&old->lock);
	return new;
}

int unshare_files(void)
{
	struct files_struct *old = current->files, *new;

	if (refcount_read(&old->users) == 1)
		return 0;
	new = files_copy(old);
	if (!new)
		return -ENOMEM;
	spin_lock(&current->files_lock);
	current->files = new;
	spin_unlock(&current->files_lock);
	files_put(old);
	return 0;
}

void files_close_on_exec(struct files_struct *files)
{
	unsigned int fd;
	struct file *file;

	spin_lock(&files->lock);
	for_each_set_bit(fd, files->table->close_on_exec, files->table->size) {
		file = files->table->files[fd];
		fdtable_release(files->table, fd);
		files->next_fd = min(files->next_fd, fd);
		spin_unlock(&files->lock);
		if (file)
			close_file(files, file);
		spin_lock(&files->lock);
	}
	spin_unlock(&files->lock);
}

/* --- descriptors --- */

static unsigned int max_fds(void)
{
	return min(current_limit(RLIMIT_NOFILE), (unsigned long)NR_OPEN_MAX);
}

/* Under the lock, which may be dropped meanwhile. */
static int alloc_fd_locked(struct files_struct *files, unsigned int start, unsigned int flags)
{
	unsigned int fd;
	int err;

	for (;;) {
		fd = fdtable_find_free(files->table, max(start, files->next_fd));
		fd = max(fd, start);
		if (fd >= max_fds())
			return -EMFILE;
		if (fd < files->table->size)
			break;
		err = grow(files, fd);
		if (err)
			return err;
	}
	if (start <= files->next_fd)
		files->next_fd = fd + 1;
	fdtable_take(files->table, fd, flags);
	return fd;
}

int alloc_fd(unsigned int start, unsigned int flags)
{
	struct files_struct *files = current->files;
	int fd;

	spin_lock(&files->lock);
	fd = alloc_fd_locked(files, start, flags);
	spin_unlock(&files->lock);
	return fd;
}

void put_unused_fd(unsigned int fd)
{
	struct files_struct *files = current->files;

	spin_lock(&files->lock);
	fdtable_release(files->table, fd);
	files->next_fd = min(files->next_fd, fd);
	spin_unlock(&files->lock);
}

void fd_install(unsigned int fd, struct file *file)
{
	struct files_struct *files = current->files;

	spin_lock(&files->lock);
	WARN_ON_ONCE(files->table->files[fd]);
	files->table->files[fd] = file;
	spin_unlock(&files->lock);
}

int fd_add(struct file *file, unsigned int flags)
{
	int fd = alloc_fd(0, flags);

	if (fd < 0)
		fput(file);
	else
		fd_install(fd, file);
	return fd;
}

/* The file of @fd, or NULL. Under the lock, or by the one user. */
static struct file *file_at(const struct files_struct *files, unsigned int fd)
{
	return fd < files->table->size ? files->table->files[fd] : NULL;
}

static struct file *fget_raw(unsigned int fd)
{
	struct files_struct *files = current->files;
	struct file *file;

	spin_lock(&files->lock);
	file = file_at(files, fd);
	if (file)
		get_file(file);
	spin_unlock(&files->lock);
	return file;
}

struct file *fget(unsigned int fd)
{
	struct file *file = fget_raw(fd);

	if (file && file->mode & FMODE_PATH) {
		fput(file);
		file = NULL;
	}
	return file;
}

struct fd fdget_raw(unsigned int fd)
{
	struct files_struct *files = current->files;
	struct fd result = { .referenced = false };

	if (!files)
		return result;
	if (likely(refcount_read(&files->users) == 1)) {
		result.file = file_at(files, fd);
	} else {
		result.file = fget_raw(fd);
		result.referenced = result.file;
	}
	return result;
}

struct fd fdget(unsigned int fd)
{
	struct files_struct *files = current->files;
	struct fd result = { .referenced = false };

	/* What most calls find, by as few steps as can be: poll() makes them for each file. */
	if (likely(files && refcount_read(&files->users) == 1)) {
		result.file = file_at(files, fd);
		if (result.file && unlikely(result.file->mode & FMODE_PATH))
			result.file = NULL;
		return result;
	}
	result = fdget_raw(fd);

	if (result.file && result.file->mode & FMODE_PATH) {
		fdput(result);
		result = (struct fd){ .referenced = false };
	}
	return result;
}

/* Others may wait in read() for what another thread writes: they hold no lock meanwhile. */
static bool has_locked_pos(const struct file *file)
{
	return !(file->mode & FMODE_STREAM) &&
	       (inode_is(file_inode(file), S_IFREG) || inode_is(file_inode(file), S_IFDIR));
}

struct fd fdget_pos(unsigned int nr)
{
	struct fd fd = fdget(nr);

	/* The reference of the table is the only one: nobody else can move the position. */
	if (fd.file && has_locked_pos(fd.file) &&
	    (fd.referenced || refcount_read(&fd.file->refs) > 1)) {
		mutex_lock(&fd.file->pos_lock);
		fd.pos_locked = true;
	}
	return fd;
}

void fd_drop(struct fd fd)
{
	fput(fd.file);
}

void fd_unlock_pos(struct fd fd)
{
	mutex_unlock(&fd.file->pos_lock);
}

/* --- of any task --- */

/* Under the lock. */
static struct task_file next_file(const struct fdtable *table, unsigned int from)
{
	struct task_file next = { .file = NULL };
	unsigned int fd;

	for (fd = from; fd < table->size && !next.file; fd++) {
		fd = find_next_bit(table->open, table->size, fd);
		if (fd >= table->size)
			break;
		next.file = table->files[fd]; /* NULL: reserved only */
		next.fd = fd;
	}
	if (next.file) {
		get_file(next.file);
		next.close_on_exec = test_bit(next.fd, table->close_on_exec);
	}
	return next;
}

/* The table itself is not held beyond the lock: else its task would not be the one to close it. */
struct task_file get_task_file(struct task_struct *task, unsigned int from)
{
	struct task_file next = { .file = NULL };

	spin_lock(&task->files_lock);
	if (task->files) {
		spin_lock(&task->files->lock);
		next = next_file(task->files->table, from);
		spin_unlock(&task->files->lock);
	}
	spin_unlock(&task->files_lock);
	return next;
}

unsigned int task_nr_fds(struct task_struct *task)
{
	unsigned int nr = 0;

	spin_lock(&task->files_lock);
	if (task->files) {
		spin_lock(&task->files->lock);
		nr = task->files->table->size;
		spin_unlock(&task->files->lock);
	}
	spin_unlock(&task->files_lock);
	return nr;
}

/* --- the calls --- */

/* Takes the file out; NULL: there is none. Under the lock. */
static struct file *take_out(struct files_struct *files, unsigned int fd)
{
	struct file *file = file_at(files, fd);

	if (file) {
		fdtable_release(files->table, fd);
		files->next_fd = min(files->next_fd, fd);
	}
	return file;
}

long sys_close(unsigned int fd)
{
	struct files_struct *files = current->files;
	struct file *file;

	spin_lock(&files->lock);
	file = take_out(files, fd);
	spin_unlock(&files->lock);
	if (!file)
		return -EBADF;
	close_file(files, file);
	return 0;
}

static void close_range(struct files_struct *files, unsigned int first, unsigned int last)
{
	struct file *file;
	unsigned int fd;

	spin_lock(&files->lock);
	for (fd = first; fd <= last && fd < files->table->size; fd++) {
		fd = find_next_bit(files->table->open, files->table->size, fd);
		if (fd > last || fd >= files->table->size)
			break;
		file = take_out(files, fd);
		if (!file)
			continue;
		spin_unlock(&files->lock);
		close_file(files, file);
		spin_lock(&files->lock);
	}
	spin_unlock(&files->lock);
}

static void set_close_on_exec_range(struct files_struct *files, unsigned int first,
				    unsigned int last)
{
	unsigned int fd;

	spin_lock(&files->lock);
	for_each_set_bit(fd, files->table->open, files->table->size)
		if (fd >= first && fd <= last)
			__set_bit(fd, files->table->close_on_exec);
	spin_unlock(&files->lock);
}

long sys_close_range(unsigned int first, unsigned int last, unsigned int flags)
{
	if (flags & ~(CLOSE_RANGE_UNSHARE | CLOSE_RANGE_CLOEXEC) || first > last)
		return -EINVAL;
	if (flags & CLOSE_RANGE_UNSHARE && unshare_files())
		return -ENOMEM;
	if (flags & CLOSE_RANGE_CLOEXEC)
		set_close_on_exec_range(current->files, first, last);
	else
		close_range(current->files, first, last);
	return 0;
}

long sys_dup(unsigned int fd)
{
	struct file *file = fget_raw(fd);

	return file ? fd_add(file, 0) : -EBADF;
}

/* @to becomes @file, whose reference it takes over on success. */
static int replace_fd(struct files_struct *files, unsigned int to, struct file *file,
		      unsigned int flags)
{
	struct file *old;
	int err;

	spin_lock(&files->lock);
	err = grow(files, to);
	if (!err) {
		old = files->table->files[to];
		/* Another thread has reserved it, and is about to install a file. */
		if (!old && test_bit(to, files->table->open))
			err = -EBUSY;
	}
	if (err) {
		spin_unlock(&files->lock);
		return err;
	}
	fdtable_take(files->table, to, flags);
	files->table->files[to] = file;
	spin_unlock(&files->lock);
	if (old)
		close_file(files, old);
	return 0;
}

long sys_dup3(unsigned int fd, unsigned int to, int flags)
{
	struct file *file;
	int err;

	if (flags & ~O_CLOEXEC || fd == to)
		return -EINVAL;
	if (to >= max_fds())
		return -EBADF;
	file = fget_raw(fd);
	if (!file)
		return -EBADF;
	err = replace_fd(current->files, to, file, flags);
	if (err)
		fput(file);
	return err ?: (long)to;
}

long sys_dup2(unsigned int fd, unsigned int to)
{
	struct file *file;

	if (fd != to)
		return sys_dup3(fd, to, 0);
	file = fget_raw(fd);
	if (!file)
		return -EBADF;
	fput(file);
	return to;
}

/* --- of fs/fcntl.c and fs/lock_calls.c --- */

int fd_get_close_on_exec(unsigned int fd)
{
	struct files_struct *files = current->files;
	int result = -EBADF;

	spin_lock(&files->lock);
	if (file_at(files, fd))
		result = test_bit(fd, files->table->close_on_exec);
	spin_unlock(&files->lock);
	return result;
}

int fd_set_close_on_exec(unsigned int fd, unsigned int flags)
{
	struct files_struct *files = current->files;
	int err = -EBADF;

	spin_lock(&files->lock);
	if (file_at(files, fd)) {
		fdtable_take(files->table, fd, flags);
		err = 0;
	}
	spin_unlock(&files->lock);
	return err;
}

bool fd_is_file(unsigned int fd, const struct file *file)
{
	struct files_struct *files = current->files;
	bool is;

	spin_lock(&files->lock);
	is = file_at(files, fd) == file;
	spin_unlock(&files->lock);
	return is;
}

__init void files_init(void)
{
	files_cache =
		kmem_cache_create("files_struct", sizeof(struct files_struct), 0, SLAB_PANIC, NULL);
}
