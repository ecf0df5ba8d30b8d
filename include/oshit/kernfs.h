/* SPDX-License-Identifier: GPL-2.0-only */
/* Trees of files that are made while booting and shown by proc and sysfs: fs/kernfs.c. */
#ifndef OSHIT_KERNFS_H
#define OSHIT_KERNFS_H

#include <oshit/fs.h>
#include <oshit/list.h>
#include <oshit/types.h>

struct seq_file;
struct seq_operations;

struct kernfs_file { /* what a file shows, and does when it is written to */
	int (*show)(struct seq_file *m, void *unused); /* a text of one record; or */
	const struct seq_operations *seq; /* one of many */
	/* NULL: -EIO. @text ends with 0. 0 or -errno. May sleep. */
	int (*write)(const void *data, char *text, size_t len);
	/* Asked when it is opened: whether show() may tell secrets. NULL: no. */
	bool (*may_see)(void);
	loff_t size; /* that stat() tells */
};

struct kernfs_node { /* i: set before the file system is mounted */
	const char *name; /* i */
	unsigned int mode; /* i */
	u64 ino; /* i */
	unsigned int nr_dirs; /* i  below it */
	bool modes_bind; /* i  no mode, no access: for root, too; as the folder has it */
	const struct kernfs_file *file; /* i  of a file */
	const void *data; /* i  of file: kernfs_data() */
	const char *link; /* i  of a link */
	struct list_head children; /* i  of a directory, in the order in which they came */
	struct list_head sibling; /* i */
};

/* Boot; names are kept, not copied. All panic without memory. */
struct kernfs_node *kernfs_mkdir(const char *name, struct kernfs_node *dir);
void kernfs_create(const char *name, unsigned int mode, struct kernfs_node *dir,
		   const struct kernfs_file *file, const void *data);
void kernfs_symlink(const char *name, struct kernfs_node *dir, const char *link);

/* For a file's show(): what kernfs_create() was given. */
const void *kernfs_data(const struct seq_file *m);
/* For the same: whether may_see() said so to who opened the file. */
bool kernfs_may_see(const struct seq_file *m);

struct kernfs_number { /* the data of a file that shows and sets a number */
	unsigned long *value;
	unsigned long max, min; /* what may be set */
};
extern const struct kernfs_file kernfs_number_file;

/* --- for the file systems --- */

/* An inode of @node; NULL: no memory. */
struct inode *kernfs_inode(struct super_block *sb, const struct kernfs_node *node);
/* Of a directory that may have more than its nodes: -ENOENT if none of these has the name. */
int kernfs_lookup(struct inode *dir, struct dentry *dentry);
/* Nodes from ctx->pos on, the first of which is 2. False: no room. */
bool kernfs_iterate(const struct kernfs_node *dir, struct dir_context *ctx);
/* Of inodes whose mode and owner nobody changes. */
int kernfs_setattr(struct inode *inode, const struct iattr *attr);

#endif
