/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a process has open, and where it is.  struct files_struct is the table of descriptors,
 * struct fs_struct root, working directory and umask; threads share both, or not (clone()).
 */
#ifndef OSHIT_FILES_H
#define OSHIT_FILES_H

#include <oshit/bitops.h>
#include <oshit/compiler.h>
#include <oshit/list.h>
#include <oshit/mount.h>
#include <oshit/refcount.h>
#include <oshit/spinlock.h>
#include <oshit/types.h>

struct file;
struct task_struct;

#define NR_OPEN_DEFAULT BITS_PER_LONG /* descriptors in the structure itself */
#define NR_OPEN_MAX	(1024U * 1024) /* descriptors of any table; Linux's fs.nr_open */

/* The part without locks and files: fs/fdtable.c. Grows, never shrinks. */
struct fdtable {
	unsigned int size; /* descriptors there is room for; a multiple of BITS_PER_LONG */
	struct file **files; /* NULL: free, or reserved if its bit is set */
	unsigned long *open; /* a bit for each that is taken */
	unsigned long *close_on_exec;
};

struct files_struct { /* l: ->lock */
	refcount_t users; /* tasks */
	spinlock_t lock;
	unsigned int next_fd; /* l  all below are taken */
	struct fdtable *table; /* l  points to @first, or to a larger one */
	struct fdtable first; /* l  of the arrays that follow */
	struct file *first_files[NR_OPEN_DEFAULT];
	unsigned long first_open[1], first_close_on_exec[1];
};

/* Boot: caches. */
void files_init(void);

/* An empty table; NULL: no memory. May sleep. */
struct files_struct *files_new(void);

static inline struct files_struct *files_get(struct files_struct *files)
{
	refcount_inc(&files->users);
	return files;
}

/* NULL is ignored; the last one closes all. May sleep. */
void files_put(struct files_struct *files);
/* A table of its own with the same files; NULL: no memory. May sleep. */
struct files_struct *files_copy(struct files_struct *files);
/* The caller's table becomes its own. 0 or -ENOMEM. */
int unshare_files(void);
/* For execve(): the table is the caller's alone. */
void files_close_on_exec(struct files_struct *files);

/* --- those of any task --- */

struct task_file {
	struct file *file; /* with a reference; NULL: there is none */
	unsigned int fd;
	bool close_on_exec;
};

/* The first of @task's open files with a descriptor not below @from. Any task. */
struct task_file get_task_file(struct task_struct *task, unsigned int from);
/* How many descriptors its table has room for; 0: it has none. Any task. */
unsigned int task_nr_fds(struct task_struct *task);

enum task_place { TASK_ROOT, TASK_CWD };
/* Where @task is; *@path gets references. False: it has ended, or is the kernel's. Any task. */
bool get_task_place(struct task_struct *task, enum task_place which, struct path *path);
/* Its umask, or -1. */
int task_umask(struct task_struct *task);

/* --- descriptors of the caller's table --- */

/**
 * alloc_fd() - reserve the lowest free descriptor
 * @start: not below
 * @flags: O_CLOEXEC or 0
 *
 * Context: task; may sleep. Return: the descriptor; -EMFILE; -ENOMEM.
 */
int alloc_fd(unsigned int start, unsigned int flags);
/* The other way to give a reserved descriptor back. */
void put_unused_fd(unsigned int fd);
/* A reserved descriptor becomes @file, whose reference it takes over. */
void fd_install(unsigned int fd, struct file *file);
/* alloc_fd() and fd_install(); the reference is dropped on failure. */
int fd_add(struct file *file, unsigned int flags);

/*
 * A file for the time of a call.  If the table is the caller's alone nobody can close the file
 * meanwhile, and no reference is taken.  Not to be kept, not to be given away.
 */
struct fd {
	struct file *file; /* NULL: there is none */
	bool referenced; /* fdput() has something to drop */
	bool pos_locked;
};

struct fd fdget(unsigned int fd); /* not of O_PATH */
struct fd fdget_raw(unsigned int fd); /* of any kind */
/* With the position locked, if it needs to be. */
struct fd fdget_pos(unsigned int fd);

void fd_drop(struct fd fd); /* what fdput() does where it has to do something */
void fd_unlock_pos(struct fd fd);

static inline void fdput(struct fd fd)
{
	if (unlikely(fd.referenced))
		fd_drop(fd);
}

static inline void fdput_pos(struct fd fd)
{
	if (unlikely(fd.pos_locked))
		fd_unlock_pos(fd);
	fdput(fd);
}

/* --- fs_struct --- */

struct fs_struct { /* l: ->lock */
	refcount_t users; /* tasks */
	spinlock_t lock;
	unsigned int umask; /* l  read by anybody */
	struct path root, cwd; /* l  hold references */
	struct list_head node; /* in the list of all */
};

/* At the root of the root file system; NULL: no memory. May sleep. */
struct fs_struct *fs_new(void);

static inline struct fs_struct *fs_get(struct fs_struct *fs)
{
	refcount_inc(&fs->users);
	return fs;
}

void fs_put(struct fs_struct *fs); /* NULL is ignored */
struct fs_struct *fs_copy(struct fs_struct *fs); /* NULL: no memory */

/* The caller's, with references. A kernel thread without one is at the root. */
void get_fs_root(struct path *path);
void get_fs_cwd(struct path *path);
/* Take references of their own. */
void set_fs_root(const struct path *path);
void set_fs_cwd(const struct path *path);
/* Whoever is at @old, by root or working directory, is at @new afterwards. May sleep. */
void replace_fs_places(const struct path *old, const struct path *new);
unsigned int current_umask(void);

#endif
