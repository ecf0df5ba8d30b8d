/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Calls that send and receive: the forms that programs have for messages, and what goes along with
 * them (control messages), to the kernel's and back.
 */
#include <linux/errno.h>
#include <oshit/clock.h>
#include <oshit/err.h>
#include <oshit/files.h>
#include <oshit/fs.h>
#include <oshit/math.h>
#include <oshit/poll.h>
#include <oshit/rlimit.h>
#include <oshit/slab.h>
#include <oshit/string.h>
#include <oshit/syscalls.h>
#include <oshit/uaccess.h>

#include "socket.h"

#define NR_STACK_PIECES 8
#define MAX_PIECES	1024 /* UIO_MAXIOV */
#define CONTROL_MAX	20480U /* bytes that go along, as programs give them; as Linux */

static int get_msghdr(struct user_msghdr *header, const struct user_msghdr __user *user)
{
	if (copy_from_user(header, user, sizeof(*header)))
		return -EFAULT;
	if (!header->msg_name)
		header->msg_namelen = 0;
	if (header->msg_namelen < 0)
		return -EINVAL;
	if (header->msg_namelen > (int)sizeof(struct __kernel_sockaddr_storage))
		header->msg_namelen = sizeof(struct __kernel_sockaddr_storage);
	return header->msg_iovlen > MAX_PIECES ? -EMSGSIZE : 0;
}

/* --- sending --- */

static int get_control(struct sock_msg *msg, const struct user_msghdr *header)
{
	char *control;
	int err;

	if (header->msg_controllen > __INT_MAX__)
		return -ENOBUFS;
	if (!header->msg_controllen)
		return 0;
	if (header->msg_controllen > CONTROL_MAX)
		return -ENOBUFS;
	control = kmalloc(header->msg_controllen, GFP_KERNEL);
	if (!control)
		return -ENOBUFS;
	err = copy_from_user(control, header->msg_control, header->msg_controllen) ? -EFAULT : 0;
	if (!err)
		err = scm_parse(msg, control, header->msg_controllen);
	kfree(control);
	return err;
}

static int get_name(struct sock_msg *msg, const void __user *name, int len)
{
	int err = name && len ? sock_get_name(&msg->name, name, len) : 0;

	msg->name_len = name ? len : 0;
	return err;
}

/* *@is_whole: all of it has been sent. */
static long send_header(struct sock_fd *fd, const struct user_msghdr *header, unsigned int flags,
			bool *is_whole)
{
	struct sock_msg msg = { .flags = sock_msg_flags(fd->fd.file, flags & ~MSG_CMSG_COMPAT) };
	struct iovec room[NR_STACK_PIECES], *allocated;
	long ret;

	ret = get_name(&msg, header->msg_name, header->msg_namelen);
	if (ret)
		return ret;
	allocated = iov_iter_import(&msg.iter, header->msg_iov, header->msg_iovlen, room,
				    NR_STACK_PIECES);
	if (IS_ERR(allocated))
		return PTR_ERR(allocated);
	ret = get_control(&msg, header);
	if (!ret)
		ret = unix_send(fd->sk, &msg);
	*is_whole = !msg.iter.count;
	kfree(allocated);
	return ret;
}

static long send_user_header(struct sock_fd *fd, const struct user_msghdr __user *user,
			     unsigned int flags, bool *is_whole)
{
	struct user_msghdr header;
	int err = get_msghdr(&header, user);

	return err ?: send_header(fd, &header, flags, is_whole);
}

long sys_sendto(unsigned int nr, const void __user *buf, size_t len, unsigned int flags,
		const void __user *addr, int addr_len)
{
	struct sock_fd fd = sock_fdget(nr);
	struct sock_msg msg = { 0 };
	struct iovec iov;
	long ret;

	if (!fd.sk)
		return fd.err;
	msg.flags = sock_msg_flags(fd.fd.file, flags & ~MSG_CMSG_COMPAT);
	ret = iov_iter_user(&msg.iter, &iov, (void __user *)buf, len);
	if (!ret)
		ret = get_name(&msg, addr, addr_len);
	if (!ret)
		ret = unix_send(fd.sk, &msg);
	sock_fdput(fd);
	return ret;
}

long sys_sendmsg(unsigned int nr, const struct user_msghdr __user *user, unsigned int flags)
{
	struct sock_fd fd = sock_fdget(nr);
	bool is_whole;
	long ret;

	if (!fd.sk)
		return fd.err;
	ret = send_user_header(&fd, user, flags, &is_whole);
	sock_fdput(fd);
	return ret;
}

long sys_sendmmsg(unsigned int nr, struct mmsghdr __user *user, unsigned int nr_msgs,
		  unsigned int flags)
{
	struct sock_fd fd = sock_fdget(nr);
	bool is_whole = true; /* what follows on a part would be taken for the rest */
	unsigned int sent = 0;
	long ret = 0;

	if (!fd.sk)
		return fd.err;
	nr_msgs = min(nr_msgs, (unsigned int)MAX_PIECES);
	while (sent < nr_msgs && is_whole) {
		ret = send_user_header(&fd, &user[sent].msg_hdr, flags, &is_whole);
		if (ret >= 0)
			ret = put_user((unsigned int)ret, &user[sent].msg_len);
		if (ret)
			break;
		sent++;
		cond_resched();
	}
	sock_fdput(fd);
	return sent ? (long)sent : ret;
}

/* --- receiving --- */

/* Where control messages go. */
struct control_out {
	char __user *at;
	size_t room;
	unsigned int flags; /* MSG_CTRUNC */
};

static void moved_on(struct control_out *out, size_t len)
{
	size_t step = min(CMSG_ALIGN(len), out->room);

	out->at += step;
	out->room -= step;
}

/* As much of one as there is room for. If it cannot be written it is not there: the message has
 * been received. */
static void put_control(struct control_out *out, int type, const void *data, size_t len)
{
	struct cmsghdr header = { sizeof(header) + len, SOL_SOCKET, type };

	if (!out->at || out->room < sizeof(header)) {
		out->flags |= MSG_CTRUNC;
		return;
	}
	if (out->room < header.cmsg_len) {
		out->flags |= MSG_CTRUNC;
		header.cmsg_len = out->room;
	}
	if (copy_to_user(out->at, &header, sizeof(header)) ||
	    copy_to_user(out->at + sizeof(header), data, header.cmsg_len - sizeof(header)))
		return;
	moved_on(out, header.cmsg_len);
}

/* One file becomes a descriptor, whose number goes to @to. 0 or -errno. */
static int put_file(struct file *file, int __user *to, unsigned int flags)
{
	int fd = alloc_fd(0, flags), err;

	if (fd < 0)
		return fd;
	err = put_user(fd, to);
	if (err) {
		put_unused_fd((unsigned int)fd);
		return err;
	}
	fd_install((unsigned int)fd, get_file(file));
	return 0;
}

/* As many as there is room for; the others are closed by who frees @files. */
static void put_files(struct control_out *out, const struct scm_files *files, unsigned int flags)
{
	struct cmsghdr header = { 0, SOL_SOCKET, SCM_RIGHTS };
	size_t room = 0, nr;

	if (out->at && out->room > sizeof(header))
		room = (out->room - sizeof(header)) / sizeof(int);
	for (nr = 0; nr < min(room, (size_t)files->nr); nr++) {
		int __user *to = (int __user *)(out->at + sizeof(header)) + nr;

		if (put_file(files->files[nr], to, flags & MSG_CMSG_CLOEXEC ? O_CLOEXEC : 0))
			break;
	}
	if (nr < files->nr)
		out->flags |= MSG_CTRUNC;
	header.cmsg_len = sizeof(header) + nr * sizeof(int);
	if (nr && !copy_to_user(out->at, &header, sizeof(header)))
		moved_on(out, header.cmsg_len);
}

static void put_what_came_along(struct control_out *out, const struct sock_msg *msg)
{
	if (msg->has_cred)
		put_control(out, SCM_CREDENTIALS, &msg->cred, sizeof(msg->cred));
	if (msg->files)
		put_files(out, msg->files, msg->flags);
}

/* What is told of a message that was received with @header, which @user has. 0 or -errno. */
static int put_header(const struct sock_msg *msg, const struct user_msghdr *header,
		      struct user_msghdr __user *user)
{
	struct control_out out = {
		.at = header->msg_control,
		.room = header->msg_controllen,
	};
	unsigned int flags;
	int err = 0;

	put_what_came_along(&out, msg);
	if (header->msg_name)
		err = sock_put_name(&msg->name, msg->name_len, header->msg_name,
				    &user->msg_namelen);
	if (err)
		return err;
	flags = msg->out_flags | out.flags | (msg->flags & MSG_CMSG_CLOEXEC);
	err = put_user(flags, &user->msg_flags);
	return err ?: put_user(header->msg_controllen - out.room, &user->msg_controllen);
}

static long recv_header(struct sock_fd *fd, struct user_msghdr __user *user, unsigned int flags)
{
	struct sock_msg msg = { .flags = sock_msg_flags(fd->fd.file, flags & ~MSG_CMSG_COMPAT) };
	struct iovec room[NR_STACK_PIECES], *allocated;
	struct user_msghdr header;
	long ret = get_msghdr(&header, user);
	int err;

	if (ret)
		return ret;
	allocated = iov_iter_import(&msg.iter, header.msg_iov, header.msg_iovlen, room,
				    NR_STACK_PIECES);
	if (IS_ERR(allocated))
		return PTR_ERR(allocated);
	ret = unix_recv(fd->sk, &msg);
	kfree(allocated);
	if (ret >= 0) {
		err = put_header(&msg, &header, user);
		ret = err ?: ret;
	}
	scm_free_files(msg.files);
	return ret;
}

long sys_recvfrom(unsigned int nr, void __user *buf, size_t len, unsigned int flags,
		  void __user *addr, int __user *addr_len)
{
	struct sock_fd fd = sock_fdget(nr);
	struct sock_msg msg = { 0 };
	struct iovec iov;
	long ret;
	int err;

	if (!fd.sk)
		return fd.err;
	msg.flags = sock_msg_flags(fd.fd.file, flags & ~MSG_CMSG_COMPAT);
	ret = iov_iter_user(&msg.iter, &iov, buf, len);
	if (!ret)
		ret = unix_recv(fd.sk, &msg);
	sock_fdput(fd);
	if (ret >= 0 && addr) {
		err = sock_put_name(&msg.name, msg.name_len, addr, addr_len);
		ret = err ?: ret;
	}
	scm_free_files(msg.files);
	return ret;
}

long sys_recvmsg(unsigned int nr, struct user_msghdr __user *user, unsigned int flags)
{
	struct sock_fd fd = sock_fdget(nr);
	long ret;

	if (!fd.sk)
		return fd.err;
	ret = recv_header(&fd, user, flags);
	sock_fdput(fd);
	return ret;
}

/* Messages until @deadline_ns, which is looked at between them. How many, or -errno. */
static long recv_many(struct sock_fd *fd, struct mmsghdr __user *user, unsigned int nr_msgs,
		      unsigned int flags, u64 deadline_ns)
{
	unsigned int got = 0;
	long ret = unix_take_error(fd->sk);

	while (!ret && got < nr_msgs) {
		ret = recv_header(fd, &user[got].msg_hdr, flags & ~MSG_WAITFORONE);
		if (ret >= 0)
			ret = put_user((unsigned int)ret, &user[got].msg_len);
		if (ret)
			break;
		got++;
		if (flags & MSG_WAITFORONE)
			flags |= MSG_DONTWAIT;
		if (deadline_ns != TIME_MAX_NS && clock_ns() >= deadline_ns)
			break;
		cond_resched();
	}
	/* An error behind messages is told by the next call. */
	if (got && ret < 0 && ret != -EAGAIN && ret != -ERESTARTSYS && ret != -EINTR)
		WRITE_ONCE(fd->sk->error, (int)-ret);
	return got ? (long)got : ret;
}

long sys_recvmmsg(unsigned int nr, struct mmsghdr __user *user, unsigned int nr_msgs,
		  unsigned int flags, struct __kernel_timespec __user *timeout)
{
	u64 deadline_ns = TIME_MAX_NS, now_ns;
	struct sock_fd fd;
	long ret;
	int err = deadline_by_timespec(&deadline_ns, timeout);

	if (err)
		return err;
	if (timeout && deadline_ns == AT_ONCE_NS)
		deadline_ns = clock_ns();
	fd = sock_fdget(nr);
	if (!fd.sk)
		return fd.err;
	ret = recv_many(&fd, user, nr_msgs, flags, deadline_ns);
	sock_fdput(fd);
	if (ret <= 0 || !timeout)
		return ret;
	now_ns = clock_ns();
	err = put_timespec_ns(deadline_ns > now_ns ? deadline_ns - now_ns : 0, timeout);
	return err ?: ret;
}
