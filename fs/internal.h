/* SPDX-License-Identifier: GPL-2.0-only */
/* Between the files of fs/. */
#ifndef FS_INTERNAL_H
#define FS_INTERNAL_H

#include <oshit/fs.h>
#include <oshit/namei.h>

/* Links of the tree of mounts: fs/namespace.c. Inside of the rename lock. */
extern spinlock_t mount_lock;

/* Boot: caches. */
void namei_init(void);
void anon_init(void);

/* --- fs/file_table.c, fs/open.c --- */

/* A file with one reference and nothing in it; ERR_PTR(-ENFILE, -ENOMEM). */
struct file *alloc_empty_file(unsigned int flags);

/* --- fs/create.c --- */

/* Whether the caller may make something in @dir, whose rwsem is held for writing. 0 or -errno. */
int may_create(struct inode *dir);

enum victim { VICTIM_ANY, VICTIM_FILE, VICTIM_DIR };
/* The same for removing what is there; -ENOTDIR, -EISDIR if it is not of that kind. */
int may_delete(struct inode *dir, struct dentry *dentry, enum victim kind);

/* --- fs/file.c --- */

/* O_CLOEXEC of a descriptor: whether it is set; -EBADF. */
int fd_get_close_on_exec(unsigned int fd);
int fd_set_close_on_exec(unsigned int fd, unsigned int flags);

/* Whether the descriptor is still @file. */
bool fd_is_file(unsigned int fd, const struct file *file);

/* --- fs/fdtable.c --- */

unsigned int fdtable_size_for(unsigned int fd);
/* The arrays for @size descriptors, all free. NULL: no memory. */
struct fdtable *fdtable_alloc(unsigned int size);
void fdtable_free(struct fdtable *table);
/* Takes over what is in @from, which is not larger. */
void fdtable_copy(struct fdtable *to, const struct fdtable *from);
/* The first free descriptor from @start on; table->size: none. */
unsigned int fdtable_find_free(const struct fdtable *table, unsigned int start);
void fdtable_take(struct fdtable *table, unsigned int fd, unsigned int flags);
void fdtable_release(struct fdtable *table, unsigned int fd);
/* Highest descriptor taken + 1. */
unsigned int fdtable_used(const struct fdtable *table);

#endif
