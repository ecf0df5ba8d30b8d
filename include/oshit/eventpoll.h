/* SPDX-License-Identifier: GPL-2.0-only */
/* Files that are watched by epolls, and are closed. */
#ifndef OSHIT_EVENTPOLL_H
#define OSHIT_EVENTPOLL_H

#include <oshit/compiler.h>
#include <oshit/fs.h>

/* Nobody has @file any more: all epolls forget it. Before it is released. Task, may sleep. */
#ifdef CONFIG_EPOLL
void epoll_forget(struct file *file);
#else
static inline void epoll_forget(struct file *file __maybe_unused)
{
}
#endif

#endif
