/* SPDX-License-Identifier: GPL-2.0-only */
/* Pipes, with a name or without: fs/pipe.c. */
#ifndef OSHIT_PIPE_H
#define OSHIT_PIPE_H

#include <oshit/types.h>

struct file;
struct file_operations;
struct inode;

/* Of every inode of a FIFO. */
extern const struct file_operations fifo_open_fops;

/* Both ends of a new pipe; @flags: O_NONBLOCK. 0 or -errno. */
int create_pipe(struct file *ends[2], unsigned int flags);

/* F_GETPIPE_SZ and F_SETPIPE_SZ. -EBADF: @file is no pipe. */
long pipe_fcntl(struct file *file, unsigned int cmd, unsigned long arg);

#endif
