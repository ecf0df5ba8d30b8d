/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Walks: from a name to a place.
 *
 * A walk takes one component after the other, in the directory where it stands.  A symbolic link
 * on the way is a detour: what is left of the name is put on a stack, and the walk goes on with
 * what the link says; when that is used up it continues with the top of the stack.
 *
 *	/a/b/c, b -> x/y	/a/b	stack: c	x/y	stack: c	c
 *
 * Everything on the stack that is empty belongs to links at the end, so the last component of all
 * is one with nothing but empty names below it.  It is left to the caller: whether it must exist,
 * or be followed if it is a link, depends on what he wants.
 *
 * The walk holds references to where it stands, and to the links on the stack, whose names it
 * reads.
 *
 * Locks: a look-up that the dentry cache cannot answer takes the directory's rwsem.  No lock is
 * held between components.
 */
#include <linux/errno.h>
#include <linux/limits.h>
#include <oshit/err.h>
#include <oshit/files.h>
#include <oshit/fs.h>
#include <oshit/init.h>
#include <oshit/namei.h>
#include <oshit/sched.h>
#include <oshit/slab.h>
#include <oshit/string.h>
#include <oshit/uaccess.h>

#include "internal.h"
#include "walk.h"

static struct kmem_cache *name_cache;

/* --- names from programs --- */

char *getname_empty(const char __user *user)
{
	char *name = kmem_cache_alloc(name_cache, GFP_KERNEL);
	long len;

	if (!name)
		return ERR_PTR(-ENOMEM);
	len = strncpy_from_user(name, user, PATH_MAX);
	if (len >= 0 && len < PATH_MAX)
		return name;
	kmem_cache_free(name_cache, name);
	return ERR_PTR(len < 0 ? len : -ENAMETOOLONG);
}

char *getname(const char __user *user)
{
	char *name = getname_empty(user);

	if (IS_ERR(name) || *name)
		return name;
	putname(name);
	return ERR_PTR(-ENOENT);
}

void putname(char *name)
{
	kmem_cache_free(name_cache, name);
}

const char *path_basename(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

__init void namei_init(void)
{
	name_cache = kmem_cache_create("names", PATH_MAX, 0, SLAB_PANIC, NULL);
}

/* --- look-ups --- */

/* Asks the file system. The directory's rwsem is held for writing. */
static struct dentry *lookup_in_fs(struct dentry *parent, const struct qstr *name)
{
	struct inode *dir = d_inode(parent);
	struct dentry *dentry;
	int err;

	if (dir->flags & S_DEAD)
		return ERR_PTR(-ENOENT);
	dentry = d_alloc(parent, name);
	if (!dentry)
		return ERR_PTR(-ENOMEM);
	err = dir->ops->lookup(dir, dentry);
	if (err) {
		dput(dentry);
		return ERR_PTR(err);
	}
	d_rehash(dentry);
	return dentry;
}

/* What the cache has, if the file system does not say that it is out of date. */
static struct dentry *lookup_cached(struct dentry *parent, const struct qstr *name)
{
	struct dentry *dentry = d_lookup(parent, name);
	struct inode *dir = d_inode(parent);

	if (!dentry || !dir->ops->revalidate || dir->ops->revalidate(dir, dentry))
		return dentry;
	d_drop(dentry);
	dput(dentry);
	return NULL;
}

struct dentry *lookup_child_locked(struct dentry *parent, const struct qstr *name)
{
	struct dentry *dentry = lookup_cached(parent, name);

	lockdep_assert_held_write(&d_inode(parent)->rwsem);
	return dentry ?: lookup_in_fs(parent, name);
}

static struct dentry *lookup_child(struct dentry *parent, const struct qstr *name)
{
	struct dentry *dentry = lookup_cached(parent, name);
	struct inode *dir = d_inode(parent);

	if (dentry)
		return dentry;
	inode_lock(dir);
	dentry = lookup_child_locked(parent, name);
	inode_unlock(dir);
	return dentry;
}

static bool is_dir(const struct dentry *dentry)
{
	struct inode *inode = d_inode(dentry);

	return inode && S_ISDIR(inode->mode);
}

static bool is_link(const struct inode *inode)
{
	return S_ISLNK(inode->mode) && inode->ops && inode->ops->get_link;
}

/* --- the walk --- */

static void go_to_root(struct walk *walk)
{
	path_put(&walk->path);
	walk->path = walk->root;
	path_get(&walk->path);
}

static int start_at_fd(struct walk *walk, int dfd)
{
	struct fd fd = fdget_raw(dfd);

	if (!fd.file)
		return -EBADF;
	walk->path = fd.file->path;
	path_get(&walk->path);
	fdput(fd);
	return 0;
}

int walk_start(struct walk *walk, int dfd, const char *name, unsigned int flags)
{
	int err;

	memset(walk, 0, offsetof(struct walk, inline_stack));
	walk->stack = walk->inline_stack;
	walk->flags = flags;
	if (!*name && !(flags & LOOKUP_EMPTY))
		return -ENOENT;
	get_fs_root(&walk->root);
	if (*name == '/') {
		walk->path = walk->root;
		path_get(&walk->path);
		return 0;
	}
	if (dfd == AT_FDCWD) {
		get_fs_cwd(&walk->path);
		return 0;
	}
	err = start_at_fd(walk, dfd);
	if (err)
		path_put(&walk->root);
	return err;
}

static void pop_link(struct walk *walk)
{
	struct walk_link *link = &walk->stack[--walk->depth];

	if (link->body.free)
		link->body.free(link->body.arg);
	path_put(&link->path);
}

void walk_end(struct walk *walk)
{
	while (walk->depth)
		pop_link(walk);
	if (walk->stack != walk->inline_stack)
		kfree(walk->stack);
	if (walk->path.dentry)
		path_put(&walk->path);
	path_put(&walk->root);
}

static int grow_stack(struct walk *walk)
{
	struct walk_link *stack;

	if (walk->depth < WALK_INLINE_LINKS || walk->stack != walk->inline_stack)
		return 0;
	stack = kmalloc_array(MAXSYMLINKS, sizeof(*stack), GFP_KERNEL);
	if (!stack)
		return -ENOMEM;
	memcpy(stack, walk->inline_stack, sizeof(walk->inline_stack));
	walk->stack = stack;
	return 0;
}

/* Follows a link that leads to a place: no name is walked, so nothing goes on the stack. */
static const char *jump(struct walk *walk, struct path *link, const char *rest)
{
	struct inode *inode = d_inode(link->dentry);
	struct path place;
	int err = inode->ops->get_place(inode, &place);

	touch_atime(link);
	path_put(link);
	if (err)
		return ERR_PTR(err);
	path_put(&walk->path);
	walk->path = place;
	return rest;
}

const char *walk_link(struct walk *walk, struct path *path, const char *rest)
{
	struct inode *inode = d_inode(path->dentry);
	struct walk_link *link;
	const char *name;
	int err = walk->nr_links++ >= MAXSYMLINKS ? -ELOOP : grow_stack(walk);

	if (READ_ONCE(path->mnt->flags) & MNT_NOSYMFOLLOW)
		err = -ELOOP;
	if (!err && inode->ops->get_place)
		return jump(walk, path, rest);
	if (err) {
		path_put(path);
		return ERR_PTR(err);
	}
	link = &walk->stack[walk->depth++];
	*link = (struct walk_link){ .path = *path, .rest = rest };
	touch_atime(path);
	name = inode->ops->get_link(inode, &link->body);
	if (IS_ERR(name))
		return name;
	if (!*name)
		return ERR_PTR(-ENOENT);
	if (*name == '/')
		go_to_root(walk);
	return name;
}

/* Whether @path is below the root of its mount: of a bind mount one can be moved out. */
static bool is_connected(const struct path *path)
{
	return path->mnt->root == path->mnt->sb->root || d_is_below(path->dentry, path->mnt->root);
}

/* To the directory above, but not above the root of the walk. 0 or -ENOENT. */
static int go_up(struct walk *walk)
{
	struct dentry *parent;

	while (!path_equal(&walk->path, &walk->root)) {
		if (walk->path.dentry != walk->path.mnt->root) {
			parent = dget_parent(walk->path.dentry);
			dput(walk->path.dentry);
			walk->path.dentry = parent;
			if (!is_connected(&walk->path))
				return -ENOENT;
			break;
		}
		if (!follow_up(&walk->path))
			break;
	}
	follow_mounts(&walk->path);
	return 0;
}

/* The child that walk->last names, with what is mounted on it. */
static int find_child(struct walk *walk, struct path *child)
{
	child->dentry = lookup_child(walk->path.dentry, &walk->last);
	if (IS_ERR(child->dentry))
		return PTR_ERR(child->dentry);
	child->mnt = mntget(walk->path.mnt);
	if (d_is_negative(child->dentry)) {
		path_put(child);
		return -ENOENT;
	}
	follow_mounts(child);
	return 0;
}

/* Takes walk->last; a link only if @follow says so. Return: where to go on: @rest, or what a link
 * says. */
static const char *step(struct walk *walk, const char *rest, enum walk_follow follow)
{
	struct path child;
	int err = 0;

	if (walk->last_type == LAST_DOTDOT)
		err = go_up(walk);
	if (walk->last_type != LAST_NAME)
		return err ? ERR_PTR(err) : rest;
	err = find_child(walk, &child);
	if (err)
		return ERR_PTR(err);
	if (follow == WALK_FOLLOW && is_link(d_inode(child.dentry)))
		return walk_link(walk, &child, rest);
	path_put(&walk->path);
	walk->path = child;
	return rest;
}

static const char *skip_slashes(const char *name)
{
	while (*name == '/')
		name++;
	return name;
}

/* Takes a component off @name into walk->last. Return: what follows, without slashes. */
static const char *next_component(struct walk *walk, const char *name)
{
	struct qstr last = qstr_until_slash(name);
	unsigned int len = last.len;

	if (len > NAME_MAX)
		return ERR_PTR(-ENAMETOOLONG);
	walk->last_type = LAST_NAME;
	if (name[0] == '.' && len == 1)
		walk->last_type = LAST_DOT;
	else if (name[0] == '.' && name[1] == '.' && len == 2)
		walk->last_type = LAST_DOTDOT;
	walk->last = last;
	return skip_slashes(name + len);
}

/* Drops names that are used up. Return: the next that is not; NULL: none. */
static const char *next_name(struct walk *walk)
{
	const char *rest = "";

	while (walk->depth && !*rest) {
		rest = walk->stack[walk->depth - 1].rest;
		pop_link(walk);
	}
	return *rest ? rest : NULL;
}

static bool nothing_follows(const struct walk *walk)
{
	unsigned int i;

	for (i = 0; i < walk->depth; i++)
		if (*walk->stack[i].rest)
			return false;
	return true;
}

static int may_look_up(const struct walk *walk)
{
	if (!is_dir(walk->path.dentry))
		return -ENOTDIR;
	return inode_permission(d_inode(walk->path.dentry), MAY_EXEC);
}

int walk_to_last(struct walk *walk, const char *name)
{
	int err;

	name = skip_slashes(name);
	for (;;) {
		if (!*name) {
			name = next_name(walk);
			if (!name) {
				walk->last_type = LAST_ROOT;
				return 0;
			}
		}
		err = may_look_up(walk);
		if (err)
			return err;
		name = next_component(walk, name);
		if (IS_ERR(name))
			return PTR_ERR(name);
		if (!*name && nothing_follows(walk))
			return 0;
		name = step(walk, name, WALK_FOLLOW);
		if (IS_ERR(name))
			return PTR_ERR(name);
		name = skip_slashes(name);
	}
}

/* Whether slashes follow the last component: it must be a directory. */
static bool has_slash(const struct walk *walk)
{
	return walk->last_type == LAST_NAME && walk->last.name[walk->last.len] == '/';
}

const char *walk_last(struct walk *walk)
{
	const char *name;

	if (has_slash(walk))
		walk->flags |= LOOKUP_FOLLOW | LOOKUP_DIRECTORY;
	if (walk->last_type == LAST_ROOT)
		return NULL;
	name = step(walk, "", walk->flags & LOOKUP_FOLLOW ? WALK_FOLLOW : WALK_STAY);
	return IS_ERR(name) || *name ? name : NULL;
}

/* Walks the whole name. */
static int walk_all(struct walk *walk, const char *name)
{
	int err;

	do {
		err = walk_to_last(walk, name);
		if (err)
			return err;
		name = walk_last(walk);
		if (IS_ERR(name))
			return PTR_ERR(name);
	} while (name);
	if (walk->flags & LOOKUP_DIRECTORY && !is_dir(walk->path.dentry))
		return -ENOTDIR;
	return 0;
}

static void take_path(struct walk *walk, struct path *path)
{
	*path = walk->path;
	walk->path.dentry = NULL;
}

int path_lookup(int dfd, const char *name, unsigned int flags, struct path *path)
{
	struct walk walk;
	int err = walk_start(&walk, dfd, name, flags);

	if (err)
		return err;
	err = walk_all(&walk, name);
	if (!err)
		take_path(&walk, path);
	walk_end(&walk);
	return err;
}

int user_path(int dfd, const char __user *user, unsigned int flags, struct path *path)
{
	char *name = flags & LOOKUP_EMPTY ? getname_empty(user) : getname(user);
	int err;

	if (IS_ERR(name))
		return PTR_ERR(name);
	err = path_lookup(dfd, name, flags, path);
	putname(name);
	return err;
}

int path_parent(int dfd, const char *name, struct parent_path *parent)
{
	struct walk walk;
	int err = walk_start(&walk, dfd, name, 0);

	if (err)
		return err;
	err = walk_to_last(&walk, name);
	if (!err) {
		take_path(&walk, &parent->path);
		parent->last = walk.last;
		parent->type = walk.last_type;
	}
	walk_end(&walk);
	return err;
}
