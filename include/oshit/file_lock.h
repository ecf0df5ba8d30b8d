/* SPDX-License-Identifier: GPL-2.0-only */
/* Locks on files that programs ask for: record locks and flock(); fs/locks.c. */
#ifndef OSHIT_FILE_LOCK_H
#define OSHIT_FILE_LOCK_H

#include <linux/errno.h>
#include <oshit/types.h>

struct file;
struct files_struct;
struct inode;

struct lock_info { /* a lock, as programs are told of it */
	unsigned int nr; /* from 1 on */
	bool waits; /* for number @nr, and is not held yet */
	bool is_flock, is_ofd, is_write;
	int pid; /* of the process; -1: of none */
	u32 dev;
	u64 ino;
	s64 start, end; /* both included; LONG_MAX: to the end of the file, wherever that is */
};

#ifdef CONFIG_FILE_LOCKING
/* F_GETLK and its relatives, of the descriptor @fd, which was @file. Task; may sleep. */
long fcntl_lock(unsigned int fd, struct file *file, unsigned int cmd, unsigned long arg);

/* A descriptor of @file leaves the table of a process: so do its record locks on the file. Task. */
void locks_remove_posix(struct file *file, const struct files_struct *files);
/* The open file goes, and what it has locked by itself. Task. */
void locks_remove_file(struct file *file);
/* The inode goes, and nobody has a lock. Any task. */
void locks_free_inode(struct inode *inode);
/* All of them, each with those that wait for it. @tell must not sleep. Task. */
void locks_for_each(void (*tell)(void *arg, const struct lock_info *info), void *arg);
/* Boot. */
void locks_init(void);
#else
static inline long fcntl_lock(unsigned int fd __maybe_unused, struct file *file __maybe_unused,
			      unsigned int cmd __maybe_unused, unsigned long arg __maybe_unused)
{
	return -EINVAL;
}

static inline void locks_remove_posix(struct file *file __maybe_unused,
				      const struct files_struct *files __maybe_unused)
{
}

static inline void locks_remove_file(struct file *file __maybe_unused)
{
}
static inline void locks_free_inode(struct inode *inode __maybe_unused)
{
}
static inline void locks_for_each(void (*tell)(void *arg, const struct lock_info *info)
					  __maybe_unused,
				  void *arg __maybe_unused)
{
}
static inline void locks_init(void)
{
}
#endif

#endif
