/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Sockets as files, and the calls that make and connect them.  All are of the Unix domain
 * (net/unix/); other families are EAFNOSUPPORT.
 *
 * A socket's file is on a file system of its own, sockfs, which is mounted nowhere.  The calls
 * bring addresses into the kernel and out; whether a call waits is up to the file (O_NONBLOCK) and
 * to MSG_DONTWAIT, for how long to SO_RCVTIMEO and SO_SNDTIMEO.
 */
#include <asm/ioctls.h>
#include <linux/errno.h>
#include <linux/magic.h>
#include <linux/sockios.h>
#include <oshit/clock.h>
#include <oshit/err.h>
#include <oshit/files.h>
#include <oshit/fs.h>
#include <oshit/init.h>
#include <oshit/math.h>
#include <oshit/panic.h>
#include <oshit/poll.h>
#include <oshit/socket.h>
#include <oshit/string.h>
#include <oshit/syscalls.h>
#include <oshit/uaccess.h>

#include "socket.h"

#define SOCK_TYPE_FLAGS (SOCK_CLOEXEC | SOCK_NONBLOCK)

static struct mount *sock_mount; /* constant after boot */

/* --- files --- */

unsigned int sock_msg_flags(const struct file *file, unsigned int flags)
{
	return READ_ONCE(file->flags) & O_NONBLOCK ? flags | MSG_DONTWAIT : flags;
}

u64 sock_deadline(u64 timeout_ns, unsigned int flags)
{
	if (flags & MSG_DONTWAIT)
		return AT_ONCE_NS;
	return timeout_ns == TIME_MAX_NS ? TIME_MAX_NS : time_add_ns(clock_ns(), timeout_ns);
}

static long sock_read(struct file *file, struct iov_iter *to, loff_t *pos __maybe_unused)
{
	struct sock_msg msg = { .iter = *to, .flags = sock_msg_flags(file, 0) };
	long ret;

	if (!to->count)
		return 0;
	ret = unix_recv(sock_of(file), &msg);
	*to = msg.iter;
	scm_free_files(msg.files);
	return ret;
}

static long sock_write(struct file *file, struct iov_iter *from, loff_t *pos __maybe_unused)
{
	struct sock_msg msg = { .iter = *from, .flags = sock_msg_flags(file, 0) };
	long ret = unix_send(sock_of(file), &msg);

	*from = msg.iter;
	return ret;
}

static unsigned int sock_poll(struct file *file, struct poll_table *table)
{
	return unix_poll(sock_of(file), file, table);
}

static long sock_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	struct unix_sock *sk = sock_of(file);

	switch (cmd) {
	case SIOCINQ:
		if (READ_ONCE(sk->state) == SOCK_LISTENS)
			return -EINVAL;
		return put_user((int)unix_bytes_queued(sk), (int __user *)arg);
	case SIOCOUTQ:
		return put_user(atomic_read(&sk->sent), (int __user *)arg);
	default:
		return -ENOTTY;
	}
}

static int sock_release(struct inode *inode __maybe_unused, struct file *file)
{
	if (file->private)
		unix_release(file->private);
	return 0;
}

static const struct file_operations sock_fops = {
	.read = sock_read,
	.write = sock_write,
	.poll = sock_poll,
	.ioctl = sock_ioctl,
	.release = sock_release,
};

struct unix_sock *sock_of(const struct file *file)
{
	return file->ops == &sock_fops ? file->private : NULL;
}

struct sock_fd sock_fdget(unsigned int nr)
{
	struct sock_fd fd = { .fd = fdget(nr) };

	if (!fd.fd.file) {
		fd.err = -EBADF;
		return fd;
	}
	fd.sk = sock_of(fd.fd.file);
	if (!fd.sk) {
		fdput(fd.fd);
		fd.err = -ENOTSOCK;
	}
	return fd;
}

/* A file without a socket yet. @flags: SOCK_NONBLOCK. ERR_PTR(-ENFILE, -ENOMEM). */
static struct file *sock_file(unsigned int flags)
{
	struct inode *inode = new_inode(sock_mount->sb);
	struct file *file;

	if (!inode)
		return ERR_PTR(-ENOMEM);
	inode_init_owner(inode, NULL, S_IFSOCK | 0777);
	init_special_inode(inode, inode->mode, 0);
	inode->nlink = 1;
	file = anonymous_file_on(sock_mount, inode, "socket:", O_RDWR | (flags & SOCK_NONBLOCK),
				 &sock_fops);
	if (IS_ERR(file))
		iput(inode);
	else
		file->mode |= FMODE_STREAM;
	return file;
}

/* From here on @file closes @sk. */
static void attach(struct file *file, struct unix_sock *sk)
{
	sk->file = file;
	WRITE_ONCE(sk->ino, file_inode(file)->ino);
	file->private = sk;
}

static struct file *new_socket(unsigned int type, unsigned int flags)
{
	struct file *file = sock_file(flags);
	struct unix_sock *sk;

	if (IS_ERR(file))
		return file;
	sk = unix_create(type);
	if (IS_ERR(sk)) {
		fput(file);
		return ERR_CAST(sk);
	}
	attach(file, sk);
	return file;
}

/* --- addresses --- */

int sock_get_name(struct sockaddr_un *name, const void __user *from, int len)
{
	*name = (struct sockaddr_un){ 0 };
	if (len < 0 || len > (int)sizeof(struct __kernel_sockaddr_storage))
		return -EINVAL;
	/* What is too long for any name is -EINVAL in the end, and -EFAULT before. */
	if (len && !access_ok(from, (size_t)len))
		return -EFAULT;
	return copy_from_user(name, from, min((size_t)len, sizeof(*name))) ? -EFAULT : 0;
}

/* A path may fill all of @name: the 0 behind it, which counts, is not there. */
static int copy_name(const struct sockaddr_un *name, size_t len, void __user *to)
{
	if (copy_to_user(to, name, min(len, sizeof(*name))))
		return -EFAULT;
	return len > sizeof(*name) ? put_user((char)0, (char __user *)to + sizeof(*name)) : 0;
}

int sock_put_name(const struct sockaddr_un *name, int len, void __user *to, int __user *to_len)
{
	int room;

	if (get_user(room, to_len))
		return -EFAULT;
	if (room < 0)
		return -EINVAL;
	if (copy_name(name, (size_t)min(room, len), to))
		return -EFAULT;
	return put_user(len, to_len);
}

/* --- calls --- */

/* The type without flags: 0 or -errno. */
static int check_socket(int family, int type, int protocol)
{
	int kind = type & SOCK_TYPE_MASK;

	if (type & ~(SOCK_TYPE_MASK | SOCK_TYPE_FLAGS))
		return -EINVAL;
	if (family < 0 || family >= AF_MAX)
		return -EAFNOSUPPORT;
	if (kind >= SOCK_MAX)
		return -EINVAL;
	if (family != AF_UNIX)
		return -EAFNOSUPPORT;
	if (protocol && protocol != AF_UNIX)
		return -EPROTONOSUPPORT;
	switch (kind) {
	case SOCK_RAW:
		return SOCK_DGRAM; /* as always */
	case SOCK_STREAM:
	case SOCK_DGRAM:
	case SOCK_SEQPACKET:
		return kind;
	default:
		return -ESOCKTNOSUPPORT;
	}
}

long sys_socket(int family, int type, int protocol)
{
	int kind = check_socket(family, type, protocol);
	struct file *file;

	if (kind < 0)
		return kind;
	file = new_socket((unsigned int)kind, (unsigned int)type);
	if (IS_ERR(file))
		return PTR_ERR(file);
	return fd_add(file, type & SOCK_CLOEXEC);
}

static int make_pair(struct file *ends[2], unsigned int kind, unsigned int flags)
{
	for (int i = 0; i < 2; i++) {
		ends[i] = new_socket(kind, flags);
		if (IS_ERR(ends[i])) {
			if (i)
				fput(ends[0]);
			return PTR_ERR(ends[i]);
		}
	}
	unix_pair(sock_of(ends[0]), sock_of(ends[1]));
	return 0;
}

static int reserve_pair(int fds[2], unsigned int flags)
{
	fds[0] = alloc_fd(0, flags & SOCK_CLOEXEC);
	if (fds[0] < 0)
		return fds[0];
	fds[1] = alloc_fd(0, flags & SOCK_CLOEXEC);
	if (fds[1] < 0) {
		put_unused_fd((unsigned int)fds[0]);
		return fds[1];
	}
	return 0;
}

long sys_socketpair(int family, int type, int protocol, int __user *user)
{
	int kind = check_socket(family, type, protocol), fds[2], err;
	struct file *ends[2];

	if (kind < 0)
		return kind;
	err = reserve_pair(fds, (unsigned int)type);
	if (err)
		return err;
	err = copy_to_user(user, fds, sizeof(fds)) ? -EFAULT : 0;
	if (!err)
		err = make_pair(ends, (unsigned int)kind, (unsigned int)type);
	for (int i = 0; i < 2; i++) {
		if (err)
			put_unused_fd((unsigned int)fds[i]);
		else
			fd_install((unsigned int)fds[i], ends[i]);
	}
	return err;
}

typedef int (*name_fn)(const struct sock_fd *fd, const struct sockaddr_un *name, int len);

/* What a call does with the name that it is given. */
static long use_name(unsigned int nr, const void __user *addr, int len, name_fn use)
{
	struct sock_fd fd = sock_fdget(nr);
	struct sockaddr_un name;
	int err;

	if (!fd.sk)
		return fd.err;
	err = sock_get_name(&name, addr, len);
	if (!err)
		err = use(&fd, &name, len);
	sock_fdput(fd);
	return err;
}

static int bind_to(const struct sock_fd *fd, const struct sockaddr_un *name, int len)
{
	return unix_bind(fd->sk, name, len);
}

long sys_bind(unsigned int nr, const void __user *addr, int len)
{
	return use_name(nr, addr, len, bind_to);
}

static int connect_to(const struct sock_fd *fd, const struct sockaddr_un *name, int len)
{
	if (len < (int)sizeof(name->sun_family))
		return -EINVAL;
	return unix_connect(fd->sk, name, len, sock_msg_flags(fd->fd.file, 0));
}

long sys_connect(unsigned int nr, const void __user *addr, int len)
{
	return use_name(nr, addr, len, connect_to);
}

long sys_listen(unsigned int nr, int backlog)
{
	struct sock_fd fd = sock_fdget(nr);
	int err;

	if (!fd.sk)
		return fd.err;
	err = unix_listen(fd.sk, backlog);
	sock_fdput(fd);
	return err;
}

/* The file gets a connection of @listener. */
static int fill_accepted(struct file *file, struct sock_fd *listener, void __user *addr,
			 int __user *len)
{
	unsigned int flags = sock_msg_flags(listener->fd.file, 0);
	struct unix_sock *sk = unix_accept(listener->sk, flags);
	struct sockaddr_un name;
	int name_len;

	if (IS_ERR(sk))
		return PTR_ERR(sk);
	WRITE_ONCE(sk->is_embryo, false);
	attach(file, sk);
	if (!addr)
		return 0;
	name_len = unix_getname(sk, true, &name);
	if (name_len < 0)
		return -ECONNABORTED;
	return sock_put_name(&name, name_len, addr, len);
}

long sys_accept4(unsigned int nr, void __user *addr, int __user *len, int flags)
{
	struct sock_fd fd = sock_fdget(nr);
	struct file *file = NULL;
	int new, err;

	if (!fd.sk)
		return fd.err;
	err = flags & ~SOCK_TYPE_FLAGS ? -EINVAL : 0;
	new = err ?: alloc_fd(0, (unsigned int)flags & SOCK_CLOEXEC);
	if (new >= 0) {
		file = sock_file((unsigned int)flags);
		err = IS_ERR(file) ? PTR_ERR(file) : fill_accepted(file, &fd, addr, len);
		if (err)
			put_unused_fd((unsigned int)new);
	}
	sock_fdput(fd);
	if (new < 0)
		return new;
	if (!err)
		fd_install((unsigned int)new, file);
	else if (!IS_ERR(file))
		fput(file);
	return err ?: new;
}

long sys_accept(unsigned int nr, void __user *addr, int __user *len)
{
	return sys_accept4(nr, addr, len, 0);
}

static long get_name(unsigned int nr, bool of_peer, void __user *addr, int __user *len)
{
	struct sock_fd fd = sock_fdget(nr);
	struct sockaddr_un name;
	int ret;

	if (!fd.sk)
		return fd.err;
	ret = unix_getname(fd.sk, of_peer, &name);
	if (ret > 0)
		ret = sock_put_name(&name, ret, addr, len);
	sock_fdput(fd);
	return ret;
}

long sys_getsockname(unsigned int nr, void __user *addr, int __user *len)
{
	return get_name(nr, false, addr, len);
}

long sys_getpeername(unsigned int nr, void __user *addr, int __user *len)
{
	return get_name(nr, true, addr, len);
}

long sys_shutdown(unsigned int nr, int how)
{
	struct sock_fd fd = sock_fdget(nr);
	int err;

	if (!fd.sk)
		return fd.err;
	err = unix_shutdown(fd.sk, how);
	sock_fdput(fd);
	return err;
}

long sys_setsockopt(unsigned int nr, int level, int name, const void __user *value, int len)
{
	struct sock_fd fd = sock_fdget(nr);
	int err;

	if (len < 0) {
		if (fd.sk)
			sock_fdput(fd);
		return -EINVAL;
	}
	if (!fd.sk)
		return fd.err;
	err = level == SOL_SOCKET ? sock_setsockopt(fd.sk, name, value, len) : -EOPNOTSUPP;
	sock_fdput(fd);
	return err;
}

long sys_getsockopt(unsigned int nr, int level, int name, void __user *value, int __user *len)
{
	struct sock_fd fd = sock_fdget(nr);
	int err;

	if (!fd.sk)
		return fd.err;
	err = level == SOL_SOCKET ? sock_getsockopt(fd.sk, name, value, len) : -EOPNOTSUPP;
	sock_fdput(fd);
	return err;
}

/* --- the file system --- */

static int sock_fill_super(struct super_block *sb, const char *data __maybe_unused)
{
	return fill_nowhere_super(sb, SOCKFS_MAGIC);
}

static struct file_system_type sock_type = { .name = "sockfs", .fill_super = sock_fill_super };

__init void socket_init(void)
{
	unix_init();
	register_filesystem(&sock_type);
	sock_mount = kern_mount("sockfs", "sockfs", NULL);
	if (IS_ERR(sock_mount))
		panic("sockfs: %ld", PTR_ERR(sock_mount));
}
