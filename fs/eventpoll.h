/* SPDX-License-Identifier: GPL-2.0-only */
/* Epoll as files, without the calls: fs/eventpoll.c. Context of all: task, may sleep. */
#ifndef FS_EVENTPOLL_H
#define FS_EVENTPOLL_H

#include <linux/eventpoll.h>
#include <oshit/fs.h>

/* A new epoll, which watches nothing. ERR_PTR(-ENOMEM, -ENFILE). */
struct file *epoll_file(void);
bool is_epoll_file(const struct file *file);

/**
 * epoll_control() - what epoll_ctl() does
 * @file: is watched as @fd, the number that it has for the caller
 * @event: of EPOLL_CTL_ADD and EPOLL_CTL_MOD
 *
 * Return: 0 or -errno of epoll_ctl(2).
 */
int epoll_control(struct file *epoll, int op, struct file *file, int fd,
		  const struct epoll_event *event);

/**
 * epoll_collect() - wait for events
 * @nr: there is room for, above 0
 * @deadline_ns: as deadline_by_ms() gives it
 *
 * Return: events that were written; 0: none came in time; -EINTR; -EFAULT.
 */
long epoll_collect(struct file *epoll, struct epoll_event __user *to, int nr, u64 deadline_ns);

#endif
