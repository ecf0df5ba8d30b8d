/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Telling of what happens to files: the places where it happens call these.  While nobody watches
 * anything each is a look at a number.  Theory and locks: fs/inotify.c.
 */
#ifndef OSHIT_INOTIFY_H
#define OSHIT_INOTIFY_H

#include <linux/inotify.h>
#include <oshit/compiler.h>
#include <oshit/dcache.h>
#include <oshit/fs.h>
#include <oshit/types.h>

#ifdef CONFIG_INOTIFY_USER
extern unsigned int inotify_nr_watches; /* of all */

/* The parts behind the look. Task; may sleep; directories may be locked. */
void inotify_tell(struct inode *inode, u32 what, u32 cookie, const struct qstr *name);
void inotify_tell_both(struct dentry *dentry, u32 what);
void inotify_tell_of_file(struct dentry *dentry, u32 what);
void inotify_inode_goes(struct inode *inode);
void inotify_unmount(const struct super_block *sb);
u32 inotify_new_cookie(void);

static inline bool inotify_is_used(void)
{
	return unlikely(READ_ONCE(inotify_nr_watches));
}
#else
static inline bool inotify_is_used(void)
{
	return false;
}
static inline void inotify_tell(struct inode *inode __maybe_unused, u32 what __maybe_unused,
				u32 cookie __maybe_unused, const struct qstr *name __maybe_unused)
{
}
static inline void inotify_tell_both(struct dentry *dentry __maybe_unused, u32 what __maybe_unused)
{
}
static inline void inotify_tell_of_file(struct dentry *dentry __maybe_unused,
					u32 what __maybe_unused)
{
}
static inline void inotify_inode_goes(struct inode *inode __maybe_unused)
{
}
static inline void inotify_unmount(const struct super_block *sb __maybe_unused)
{
}
static inline u32 inotify_new_cookie(void)
{
	return 0;
}
#endif

/* Something has happened to the file behind @dentry: who watches it is told, and who watches the
 * directory. */
static inline void notify_dentry(struct dentry *dentry, u32 what)
{
	if (inotify_is_used())
		inotify_tell_both(dentry, what);
}

/* By way of an open file: IN_EXCL_UNLINK spares who watches it when it has no name any more. */
static inline void notify_file(struct file *file, u32 what)
{
	if (inotify_is_used() && file->path.dentry)
		inotify_tell_of_file(file->path.dentry, what);
}

/* To the directory, with what it calls @inode. */
static inline void notify_name(struct inode *dir, const struct qstr *name, struct inode *inode,
			       u32 what)
{
	if (inotify_is_used())
		inotify_tell(dir, what | (inode && inode_is(inode, S_IFDIR) ? IN_ISDIR : 0), 0,
			     name);
}

/* To who watches the inode itself. */
static inline void notify_inode(struct inode *inode, u32 what)
{
	if (inotify_is_used())
		inotify_tell(inode, what | (inode_is(inode, S_IFDIR) ? IN_ISDIR : 0), 0, NULL);
}

/* The last dentry of an inode without a name lets it go. */
static inline void notify_inode_goes(struct inode *inode)
{
	if (inotify_is_used() && !READ_ONCE(inode->nlink))
		inotify_inode_goes(inode);
}

static inline void notify_unmount(const struct super_block *sb)
{
	if (inotify_is_used())
		inotify_unmount(sb);
}

#endif
