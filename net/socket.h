/* SPDX-License-Identifier: GPL-2.0-only */
/* Between the files of net/ that have the calls. */
#ifndef NET_SOCKET_H
#define NET_SOCKET_H

#include <oshit/files.h>

#include "unix/unix.h"

/* A socket for the time of a call; NULL: ->err says why. */
struct sock_fd {
	struct unix_sock *sk;
	struct fd fd;
	int err; /* -EBADF; -ENOTSOCK */
};

struct sock_fd sock_fdget(unsigned int nr);

static inline void sock_fdput(struct sock_fd fd)
{
	fdput(fd.fd);
}

/* MSG_ of a call on @file. */
unsigned int sock_msg_flags(const struct file *file, unsigned int flags);

/* An address of a program's. 0; -EINVAL; -EFAULT. */
int sock_get_name(struct sockaddr_un *name, const void __user *from, int len);
/* As much as there is room for, and how long it is. 0; -EINVAL; -EFAULT. */
int sock_put_name(const struct sockaddr_un *name, int len, void __user *to, int __user *to_len);

#endif
