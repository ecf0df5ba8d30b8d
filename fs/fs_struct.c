/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Where a process is: root, working directory, umask.
 *
 * All are in one list, so that pivot_root() finds each: a new one joins the list with the places
 * that it is given, so none is passed over, whether its task is known yet or not.
 *
 * Locks: fs->lock for the paths, inside of task->files_lock for those of other tasks, and of
 * all_lock for the list; references are taken under it, dropped outside.
 */
#include <linux/capability.h>
#include <linux/errno.h>
#include <linux/limits.h>
#include <oshit/cred.h>
#include <oshit/err.h>
#include <oshit/files.h>
#include <oshit/fs.h>
#include <oshit/math.h>
#include <oshit/namei.h>
#include <oshit/sched.h>
#include <oshit/slab.h>
#include <oshit/string.h>
#include <oshit/syscalls.h>
#include <oshit/task.h>
#include <oshit/uaccess.h>

#define DEFAULT_UMASK 022

static DEFINE_SPINLOCK(all_lock);
static LIST_HEAD(all); /* struct fs_struct, under all_lock */

static struct fs_struct *alloc_fs(void)
{
	struct fs_struct *fs = kzalloc(sizeof(*fs), GFP_KERNEL);

	if (!fs)
		return NULL;
	refcount_set(&fs->users, 1);
	spin_lock_init(&fs->lock);
	return fs;
}

/* @fs, new, gets its places and joins the list. Under all_lock. */
static void add_at(struct fs_struct *fs, const struct path *root, const struct path *cwd)
{
	fs->root = *root;
	fs->cwd = *cwd;
	path_get(&fs->root);
	path_get(&fs->cwd);
	list_add_tail(&fs->node, &all);
}

struct fs_struct *fs_new(void)
{
	struct fs_struct *fs = alloc_fs();

	if (!fs)
		return NULL;
	fs->umask = DEFAULT_UMASK;
	spin_lock(&all_lock);
	add_at(fs, &rootfs_path, &rootfs_path);
	spin_unlock(&all_lock);
	return fs;
}

struct fs_struct *fs_copy(struct fs_struct *old)
{
	struct fs_struct *new = alloc_fs();

	if (!new)
		return NULL;
	spin_lock(&all_lock);
	spin_lock(&old->lock);
	new->umask = old->umask;
	add_at(new, &old->root, &old->cwd);
	spin_unlock(&old->lock);
	spin_unlock(&all_lock);
	return new;
}

void fs_put(struct fs_struct *fs)
{
	if (!fs || !refcount_dec_and_test(&fs->users))
		return;
	spin_lock(&all_lock);
	list_del(&fs->node);
	spin_unlock(&all_lock);
	path_put(&fs->root);
	path_put(&fs->cwd);
	kfree(fs);
}

static void get_path_of(const struct path *which, struct path *path)
{
	struct fs_struct *fs = current->fs;

	spin_lock(&fs->lock);
	*path = *which;
	path_get(path);
	spin_unlock(&fs->lock);
}

static void set_path_of(struct path *which, const struct path *path)
{
	struct fs_struct *fs = current->fs;
	struct path old;

	path_get(path);
	spin_lock(&fs->lock);
	old = *which;
	*which = *path;
	spin_unlock(&fs->lock);
	path_put(&old);
}

bool get_task_place(struct task_struct *task, enum task_place which, struct path *path)
{
	struct fs_struct *fs;

	spin_lock(&task->files_lock);
	fs = task->fs;
	if (fs) {
		spin_lock(&fs->lock);
		*path = which == TASK_ROOT ? fs->root : fs->cwd;
		path_get(path);
		spin_unlock(&fs->lock);
	}
	spin_unlock(&task->files_lock);
	return fs;
}

/* Return: 1 if *@place was @old, whose reference is the caller's then. Under fs->lock. */
static unsigned int replace_place(struct path *place, const struct path *old,
				  const struct path *new)
{
	if (!path_equal(place, old))
		return 0;
	path_get(new);
	*place = *new;
	return 1;
}

void replace_fs_places(const struct path *old, const struct path *new)
{
	struct fs_struct *fs;
	unsigned int nr = 0;

	spin_lock(&all_lock);
	list_for_each_entry(fs, &all, node) {
		spin_lock(&fs->lock);
		nr += replace_place(&fs->root, old, new);
		nr += replace_place(&fs->cwd, old, new);
		spin_unlock(&fs->lock);
	}
	spin_unlock(&all_lock);
	while (nr--)
		path_put(old);
}

int task_umask(struct task_struct *task)
{
	int umask = -1;

	spin_lock(&task->files_lock);
	if (task->fs)
		umask = (int)READ_ONCE(task->fs->umask);
	spin_unlock(&task->files_lock);
	return umask;
}

static void get_rootfs(struct path *path)
{
	*path = rootfs_path;
	path_get(path);
}

void get_fs_root(struct path *path)
{
	if (current->fs)
		get_path_of(&current->fs->root, path);
	else
		get_rootfs(path);
}

void get_fs_cwd(struct path *path)
{
	if (current->fs)
		get_path_of(&current->fs->cwd, path);
	else
		get_rootfs(path);
}

void set_fs_root(const struct path *path)
{
	set_path_of(&current->fs->root, path);
}

void set_fs_cwd(const struct path *path)
{
	set_path_of(&current->fs->cwd, path);
}

unsigned int current_umask(void)
{
	return current->fs ? READ_ONCE(current->fs->umask) : 0;
}

long sys_umask(int mask)
{
	return xchg(&current->fs->umask, (unsigned int)mask & 0777);
}

/* --- changing and telling where one is --- */

/* Whether a process may be at @path: 0 or -errno. */
static int may_enter(const struct path *path)
{
	struct inode *inode = d_inode(path->dentry);

	return S_ISDIR(inode->mode) ? inode_permission(inode, MAY_EXEC) : -ENOTDIR;
}

long sys_chdir(const char __user *name)
{
	struct path path;
	int err = user_path(AT_FDCWD, name, LOOKUP_FOLLOW | LOOKUP_DIRECTORY, &path);

	if (err)
		return err;
	err = may_enter(&path);
	if (!err)
		set_fs_cwd(&path);
	path_put(&path);
	return err;
}

long sys_fchdir(unsigned int nr)
{
	struct fd fd = fdget_raw(nr);
	int err;

	if (!fd.file)
		return -EBADF;
	err = may_enter(&fd.file->path);
	if (!err)
		set_fs_cwd(&fd.file->path);
	fdput(fd);
	return err;
}

long sys_chroot(const char __user *name)
{
	struct path path;
	int err = user_path(AT_FDCWD, name, LOOKUP_FOLLOW | LOOKUP_DIRECTORY, &path);

	if (err)
		return err;
	err = may_enter(&path);
	if (!err && !capable(CAP_SYS_CHROOT))
		err = -EPERM;
	if (!err)
		set_fs_root(&path);
	path_put(&path);
	return err;
}

/* The name of the working directory with its 0, in @page. Bytes or -errno. */
static long cwd_name(char *page, char **name)
{
	static const char unreachable[] = "(unreachable)";
	struct path root, cwd;
	enum d_where where;

	get_fs_root(&root);
	get_fs_cwd(&cwd);
	*name = d_path_where(&cwd, &root, page, PATH_MAX, &where);
	path_put(&cwd);
	path_put(&root);
	if (IS_ERR(*name))
		return PTR_ERR(*name);
	if (where == D_DELETED)
		return -ENOENT;
	if (where == D_UNREACHABLE) {
		if ((size_t)(*name - page) < sizeof(unreachable) - 1)
			return -ENAMETOOLONG;
		*name -= sizeof(unreachable) - 1;
		memcpy(*name, unreachable, sizeof(unreachable) - 1);
	}
	return page + PATH_MAX - *name;
}

long sys_getcwd(char __user *buf, unsigned long size)
{
	char *page = kmalloc(PATH_MAX, GFP_KERNEL), *name;
	long len;

	if (!page)
		return -ENOMEM;
	len = cwd_name(page, &name);
	if (len > 0 && (unsigned long)len > size)
		len = -ERANGE;
	if (len > 0 && copy_to_user(buf, name, len))
		len = -EFAULT;
	kfree(page);
	return len;
}
