/* SPDX-License-Identifier: GPL-2.0-only */
/* Options of sockets: what SOL_SOCKET has that means something in the Unix domain. */
#include <linux/capability.h>
#include <linux/errno.h>
#include <linux/time.h>
#include <linux/time_types.h>
#include <oshit/clock.h>
#include <oshit/cred.h>
#include <oshit/math.h>
#include <oshit/string.h>
#include <oshit/uaccess.h>

#include "unix/unix.h"

#define MICROSECONDS 1000000L /* of a second */
#define MAX_SECONDS  (long)(TIME_MAX_NS / NSEC_PER_SEC)

struct linger {
	int l_onoff, l_linger;
};

/* The flag that is switched by an option; -1: it is another kind of option. */
static int flag_of(int name)
{
	switch (name) {
	case SO_PASSCRED:
		return SOCK_FLAG_PASSCRED;
	case SO_PASSSEC:
		return SOCK_FLAG_PASSSEC;
	case SO_REUSEADDR:
		return SOCK_FLAG_REUSEADDR;
	case SO_REUSEPORT:
		return SOCK_FLAG_REUSEPORT;
	case SO_KEEPALIVE:
		return SOCK_FLAG_KEEPALIVE;
	case SO_BROADCAST:
		return SOCK_FLAG_BROADCAST;
	case SO_OOBINLINE:
		return SOCK_FLAG_OOBINLINE;
	case SO_DONTROUTE:
		return SOCK_FLAG_DONTROUTE;
	default:
		return -1;
	}
}

/* --- setting --- */

static void set_flag(struct unix_sock *sk, enum sock_flag flag, bool on)
{
	spin_lock(&sk->lock);
	WRITE_ONCE(sk->options, on ? sk->options | 1U << flag : sk->options & ~(1U << flag));
	spin_unlock(&sk->lock);
}

enum force { NO_FORCE, FORCE };

/* Twice what is asked for, as in Linux, whose own use of it counts. */
static unsigned int buffer_size(int value, unsigned int least, enum force force)
{
	unsigned int size = (unsigned int)value;

	if (force == NO_FORCE)
		size = min(size, SOCK_BUFFER); /* below 0 it is more than that */
	else if (value < 0)
		size = 0;
	size = min(size, (unsigned int)__INT_MAX__ / 2);
	return max(2 * size, least);
}

static int set_sndbuf(struct unix_sock *sk, int value, enum force force)
{
	if (force == FORCE && !capable(CAP_NET_ADMIN))
		return -EPERM;
	WRITE_ONCE(sk->sndbuf, buffer_size(value, SOCK_BUFFER_MIN, force));
	wake_up_all(&sk->can_write); /* there may be room now */
	return 0;
}

static int set_rcvbuf(struct unix_sock *sk, int value, enum force force)
{
	if (force == FORCE && !capable(CAP_NET_ADMIN))
		return -EPERM;
	WRITE_ONCE(sk->rcvbuf, buffer_size(value, SOCK_RCVBUF_MIN, force));
	return 0;
}

static int set_linger(struct unix_sock *sk, const void __user *value, int len)
{
	struct linger linger;

	if (len < (int)sizeof(linger))
		return -EINVAL;
	if (copy_from_user(&linger, value, sizeof(linger)))
		return -EFAULT;
	if (linger.l_onoff)
		WRITE_ONCE(sk->linger_sec, (unsigned int)linger.l_linger);
	set_flag(sk, SOCK_FLAG_LINGER, linger.l_onoff);
	return 0;
}

/* 0 is for ever; what is negative, no time. */
static int set_timeout(u64 *timeout_ns, const void __user *value, int len)
{
	struct __kernel_old_timeval tv;
	u64 ns = 0;

	if (len < (int)sizeof(tv))
		return -EINVAL;
	if (copy_from_user(&tv, value, sizeof(tv)))
		return -EFAULT;
	if (tv.tv_usec < 0 || tv.tv_usec >= MICROSECONDS)
		return -EDOM;
	if (tv.tv_sec >= MAX_SECONDS || (!tv.tv_sec && !tv.tv_usec))
		ns = TIME_MAX_NS;
	else if (tv.tv_sec >= 0)
		ns = (u64)tv.tv_sec * NSEC_PER_SEC + (u64)tv.tv_usec * NSEC_PER_USEC;
	WRITE_ONCE(*timeout_ns, ns);
	return 0;
}

static int set_number(struct unix_sock *sk, int name, int value)
{
	switch (name) {
	case SO_SNDBUF:
		return set_sndbuf(sk, value, NO_FORCE);
	case SO_SNDBUFFORCE:
		return set_sndbuf(sk, value, FORCE);
	case SO_RCVBUF:
		return set_rcvbuf(sk, value, NO_FORCE);
	case SO_RCVBUFFORCE:
		return set_rcvbuf(sk, value, FORCE);
	case SO_RCVLOWAT:
		WRITE_ONCE(sk->rcvlowat, value < 0 ? __INT_MAX__ : value ?: 1);
		return 0;
	case SO_PRIORITY:
		if ((value < 0 || value > 6) && !capable(CAP_NET_ADMIN))
			return -EPERM;
		WRITE_ONCE(sk->priority, (unsigned int)value);
		return 0;
	case SO_TYPE:
	case SO_PROTOCOL:
	case SO_DOMAIN:
	case SO_ERROR:
	default:
		return -ENOPROTOOPT;
	}
}

int sock_setsockopt(struct unix_sock *sk, int name, const void __user *value, int len)
{
	int number;

	if (len < (int)sizeof(number))
		return -EINVAL;
	if (get_user(number, (const int __user *)value))
		return -EFAULT;
	if (flag_of(name) >= 0) {
		set_flag(sk, (enum sock_flag)flag_of(name), number);
		return 0;
	}
	switch (name) {
	case SO_LINGER:
		return set_linger(sk, value, len);
	case SO_RCVTIMEO_OLD:
	case SO_RCVTIMEO_NEW:
		return set_timeout(&sk->rcvtimeo_ns, value, len);
	case SO_SNDTIMEO_OLD:
	case SO_SNDTIMEO_NEW:
		return set_timeout(&sk->sndtimeo_ns, value, len);
	default:
		return set_number(sk, name, number);
	}
}

/* --- asking --- */

union sock_value {
	int number;
	struct linger linger;
	struct __kernel_old_timeval time;
	struct ucred cred;
};

static struct __kernel_old_timeval timeout_of(u64 ns)
{
	struct __kernel_old_timeval tv = { 0 };

	if (ns != TIME_MAX_NS) {
		tv.tv_sec = (long)(ns / NSEC_PER_SEC);
		tv.tv_usec = (long)(ns % NSEC_PER_SEC / NSEC_PER_USEC);
	}
	return tv;
}

static int get_number(struct unix_sock *sk, int name, int *number)
{
	switch (name) {
	case SO_TYPE:
		*number = (int)sk->type;
		return 0;
	case SO_DOMAIN:
		*number = AF_UNIX;
		return 0;
	case SO_PROTOCOL:
	case SO_BSDCOMPAT:
		*number = 0;
		return 0;
	case SO_ERROR:
		*number = -unix_take_error(sk);
		return 0;
	case SO_ACCEPTCONN:
		*number = READ_ONCE(sk->state) == SOCK_LISTENS;
		return 0;
	case SO_SNDBUF:
		*number = (int)READ_ONCE(sk->sndbuf);
		return 0;
	case SO_RCVBUF:
		*number = (int)READ_ONCE(sk->rcvbuf);
		return 0;
	case SO_RCVLOWAT:
		*number = READ_ONCE(sk->rcvlowat);
		return 0;
	case SO_SNDLOWAT:
		*number = 1;
		return 0;
	case SO_PRIORITY:
		*number = (int)READ_ONCE(sk->priority);
		return 0;
	default:
		return -ENOPROTOOPT;
	}
}

static struct ucred peer_cred(struct unix_sock *sk)
{
	struct ucred cred;

	spin_lock(&sk->lock);
	cred = sk->peer_cred;
	spin_unlock(&sk->lock);
	return cred;
}

/* Bytes of *@value; -errno. */
static int get_value(struct unix_sock *sk, int name, union sock_value *value)
{
	int flag = flag_of(name), err;

	if (flag >= 0) {
		value->number = sock_flag(sk, (enum sock_flag)flag);
		return sizeof(value->number);
	}
	switch (name) {
	case SO_LINGER:
		value->linger.l_onoff = sock_flag(sk, SOCK_FLAG_LINGER);
		value->linger.l_linger = (int)READ_ONCE(sk->linger_sec);
		return sizeof(value->linger);
	case SO_RCVTIMEO_OLD:
	case SO_RCVTIMEO_NEW:
		value->time = timeout_of(READ_ONCE(sk->rcvtimeo_ns));
		return sizeof(value->time);
	case SO_SNDTIMEO_OLD:
	case SO_SNDTIMEO_NEW:
		value->time = timeout_of(READ_ONCE(sk->sndtimeo_ns));
		return sizeof(value->time);
	case SO_PEERCRED:
		value->cred = peer_cred(sk);
		return sizeof(value->cred);
	default:
		err = get_number(sk, name, &value->number);
		return err ?: (int)sizeof(value->number);
	}
}

int sock_getsockopt(struct unix_sock *sk, int name, void __user *to, int __user *to_len)
{
	union sock_value value;
	int len, room;

	memset(&value, 0, sizeof(value));
	if (get_user(room, to_len))
		return -EFAULT;
	if (room < 0)
		return -EINVAL;
	len = get_value(sk, name, &value);
	if (len < 0)
		return len;
	len = min(len, room);
	if (copy_to_user(to, &value, (size_t)len))
		return -EFAULT;
	return put_user(len, to_len);
}
