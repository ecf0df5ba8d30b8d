/* SPDX-License-Identifier: GPL-2.0-only */
/* The system calls of epoll: arguments, times and signal masks; fs/eventpoll.c does the work. */
#include <linux/errno.h>
#include <linux/fcntl.h>
#include <linux/limits.h>
#include <oshit/files.h>
#include <oshit/poll.h>
#include <oshit/signal.h>
#include <oshit/syscalls.h>
#include <oshit/uaccess.h>

#include "eventpoll.h"

#define MAX_EVENTS (0x7fffffff / (int)sizeof(struct epoll_event))

long sys_epoll_create1(int flags)
{
	struct file *file;

	if (flags & ~EPOLL_CLOEXEC)
		return -EINVAL;
	file = epoll_file();
	return IS_ERR(file) ? PTR_ERR(file) : fd_add(file, flags & EPOLL_CLOEXEC);
}

long sys_epoll_create(int size)
{
	return size > 0 ? sys_epoll_create1(0) : -EINVAL;
}

static int check_and_control(struct file *epoll, int op, struct file *file, int fd,
			     const struct epoll_event *event)
{
	if (!file_can_poll(file))
		return -EPERM;
	if (file == epoll || !is_epoll_file(epoll))
		return -EINVAL;
	return epoll_control(epoll, op, file, fd, event);
}

long sys_epoll_ctl(int epfd, int op, int fd, struct epoll_event __user *user_event)
{
	struct epoll_event event = { .events = 0 };
	struct fd epoll, file;
	long ret = -EBADF;

	if (op != EPOLL_CTL_DEL && copy_from_user(&event, user_event, sizeof(event)))
		return -EFAULT;
	epoll = fdget((unsigned int)epfd);
	file = fdget((unsigned int)fd);
	if (epoll.file && file.file)
		ret = check_and_control(epoll.file, op, file.file, fd, &event);
	fdput(file);
	fdput(epoll);
	return ret;
}

static long wait_by_deadline(int epfd, struct epoll_event __user *to, int nr, u64 deadline_ns)
{
	struct fd epoll;
	long ret;

	if (nr <= 0 || nr > MAX_EVENTS)
		return -EINVAL;
	if (!access_ok(to, (size_t)nr * sizeof(*to)))
		return -EFAULT;
	epoll = fdget((unsigned int)epfd);
	if (!epoll.file)
		return -EBADF;
	ret = is_epoll_file(epoll.file) ? epoll_collect(epoll.file, to, nr, deadline_ns) : -EINVAL;
	fdput(epoll);
	return ret;
}

long sys_epoll_wait(int epfd, struct epoll_event __user *events, int nr, int timeout_ms)
{
	return wait_by_deadline(epfd, events, nr, deadline_by_ms(timeout_ms));
}

long sys_epoll_pwait(int epfd, struct epoll_event __user *events, int nr, int timeout_ms,
		     const sigset_t __user *mask, size_t size)
{
	long ret = set_user_blocked(mask, size);

	if (ret)
		return ret;
	ret = wait_by_deadline(epfd, events, nr, deadline_by_ms(timeout_ms));
	restore_user_blocked(ret == -EINTR);
	return ret;
}

long sys_epoll_pwait2(int epfd, struct epoll_event __user *events, int nr,
		      const struct __kernel_timespec __user *timeout, const sigset_t __user *mask,
		      size_t size)
{
	u64 deadline_ns;
	long ret = deadline_by_timespec(&deadline_ns, timeout) ?: set_user_blocked(mask, size);

	if (ret)
		return ret;
	ret = wait_by_deadline(epfd, events, nr, deadline_ns);
	restore_user_blocked(ret == -EINTR);
	return ret;
}
