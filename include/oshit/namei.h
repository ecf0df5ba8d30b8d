/* SPDX-License-Identifier: GPL-2.0-only */
/* From names to places: fs/namei.c. */
#ifndef OSHIT_NAMEI_H
#define OSHIT_NAMEI_H

#include <oshit/dcache.h>
#include <oshit/mount.h>
#include <oshit/types.h>

#define MAXSYMLINKS	 40 /* followed by one walk; as Linux */

#define LOOKUP_FOLLOW	 0x1u /* a symbolic link at the end, too */
#define LOOKUP_DIRECTORY 0x2u /* -ENOTDIR if it is none */
#define LOOKUP_EMPTY	 0x4u /* "" is the place of the descriptor itself */

/**
 * path_lookup() - walk to what a name names
 * @dfd: where relative names begin: a descriptor, or AT_FDCWD
 * @name: of the kernel's
 * @path: gets the place, with references; for path_put()
 *
 * Context: task; may sleep.
 * Return: 0, -ENOENT, -ENOTDIR, -EACCES, -ELOOP, -ENAMETOOLONG, -EBADF, -ENOMEM.
 */
int path_lookup(int dfd, const char *name, unsigned int flags, struct path *path);
/* The same for a name in user memory. */
int user_path(int dfd, const char __user *name, unsigned int flags, struct path *path);

enum last_type { LAST_NAME, LAST_ROOT, LAST_DOT, LAST_DOTDOT };

struct parent_path {
	struct path path; /* the directory; for path_put() */
	struct qstr last; /* points into the name that was given */
	enum last_type type;
};

/* Walks to the directory that holds the last component. Same context and errors. */
int path_parent(int dfd, const char *name, struct parent_path *parent);

/* The child of a directory whose rwsem is held for writing: cached, or looked up; negative if
 * there is none. ERR_PTR(-errno). */
struct dentry *lookup_child_locked(struct dentry *dir, const struct qstr *name);

/**
 * start_create() - the negative dentry where something is to be made
 * @flags: LOOKUP_DIRECTORY: a directory is, so slashes may follow the name
 *
 * On success the write to the mount is allowed, parent->path is held and its directory's rwsem is
 * locked: end_create().
 *
 * Return: the dentry; ERR_PTR(-EEXIST, -EROFS, or an error of the walk).
 */
struct dentry *start_create(int dfd, const char *name, unsigned int flags,
			    struct parent_path *parent);
void end_create(struct parent_path *parent, struct dentry *dentry);

/* The operations behind the calls, on what is looked up and locked. They check permissions.
 * Context: the rwsem of the directory held for writing. 0 or -errno. */
int vfs_create(struct inode *dir, struct dentry *dentry, unsigned int mode);
int vfs_mkdir(struct inode *dir, struct dentry *dentry, unsigned int mode);
int vfs_mknod(struct inode *dir, struct dentry *dentry, unsigned int mode, u32 dev);
int vfs_symlink(struct inode *dir, struct dentry *dentry, const char *body);

/* For the kernel, by name, as the calls do it. */
int do_mkdirat(int dfd, const char *name, unsigned int mode);
int do_mknodat(int dfd, const char *name, unsigned int mode, u32 dev);
int do_symlinkat(const char *body, int dfd, const char *name);
int do_linkat(int old_dfd, const char *old_name, int new_dfd, const char *new_name, int flags);
/* A name, and where it begins if it is relative. */
struct name_at {
	int dfd;
	const char *name;
};
int do_renameat2(const struct name_at *old, const struct name_at *new, unsigned int flags);
int do_unlinkat(int dfd, const char *name);
int do_rmdirat(int dfd, const char *name);

#endif
