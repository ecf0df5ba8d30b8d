/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Bytes in order: SOCK_STREAM.  A write is cut into messages, a read takes from as many as it
 * needs, but for where those who sent them differ, if that is asked for, and behind descriptors:
 * they come with the first byte that they were sent with.
 *
 * The peer stays the peer until the socket itself is closed, so it is there as long as somebody
 * sends.
 */
#include <linux/errno.h>
#include <linux/signal.h>
#include <oshit/clock.h>
#include <oshit/err.h>
#include <oshit/math.h>

#include "unix.h"

#define MSG_SIZE_MAX (8 * PAGE_SIZE) /* bytes; a fraction of SOCK_BUFFER */

/* --- sending --- */

/* To the peer's queue. 0; -EPIPE: it does not read any more. */
static int deliver(struct unix_sock *peer, struct unix_msg *msg)
{
	bool wakes;

	spin_lock(&peer->lock);
	if (peer->is_dead || peer->shutdown & RCV_SHUTDOWN) {
		spin_unlock(&peer->lock);
		return -EPIPE;
	}
	wakes = unix_enqueue(peer, msg);
	spin_unlock(&peer->lock);
	if (wakes)
		wake_up(&peer->can_read);
	return 0;
}

/* One message. Bytes or -errno. */
static long send_part(struct unix_sock *sk, struct unix_sock *peer, struct sock_msg *from)
{
	size_t half = READ_ONCE(sk->sndbuf) / 2;
	size_t most = min(half, MSG_SIZE_MAX), len = min(from->iter.count, most);
	struct unix_msg *msg = unix_msg_new(sk, &from->iter, len);
	int err;

	if (IS_ERR(msg))
		return PTR_ERR(msg);
	unix_msg_attach(msg, from, peer);
	err = deliver(peer, msg);
	if (!err)
		return (long)len;
	unix_msg_free(msg);
	return err;
}

static long send_all(struct unix_sock *sk, struct unix_sock *peer, struct sock_msg *from)
{
	u64 deadline_ns = sock_deadline(sk->sndtimeo_ns, from->flags);
	/* Before any error that waits. */
	bool is_over = READ_ONCE(sk->shutdown) & SEND_SHUTDOWN;
	long total = 0, done = is_over ? -EPIPE : 0;

	while (done >= 0 && from->iter.count) {
		done = unix_wait_sent(sk, deadline_ns); /* -EPIPE of this raises no signal */
		if (done)
			break;
		done = send_part(sk, peer, from);
		is_over = done == -EPIPE;
		if (done > 0)
			total += done;
	}
	if (is_over && !total && !(from->flags & MSG_NOSIGNAL))
		fs_raise(SIGPIPE);
	return total ?: done;
}

long unix_stream_send(struct unix_sock *sk, struct sock_msg *msg)
{
	struct unix_sock *peer;
	long ret;

	if (msg->flags & MSG_OOB)
		return -EOPNOTSUPP;
	if (msg->name_len)
		return READ_ONCE(sk->state) == SOCK_CONNECTED ? -EISCONN : -EOPNOTSUPP;
	peer = unix_peer_get(sk);
	if (!peer)
		return -ENOTCONN;
	ret = send_all(sk, peer, msg);
	unix_put(peer);
	return ret;
}

/* --- receiving --- */

struct stream_read {
	struct unix_sock *sk;
	struct sock_msg *to;
	size_t target; /* bytes that are worth waiting for */
	long total;
	bool has_sender; /* to->cred is of those that were read */
};

/* Whether bytes of @msg may follow those that were read. */
static bool may_follow(struct stream_read *read, const struct unix_msg *msg)
{
	const struct ucred *cred = &read->to->cred;

	if (!read->has_sender) {
		unix_tell_sender(read->sk, msg, read->to);
		read->has_sender = true;
		return true;
	}
	return !read->to->has_cred || (cred->pid == msg->cred.pid && cred->uid == msg->cred.uid &&
				       cred->gid == msg->cred.gid);
}

/* @msg's descriptors come along. Whether there were any. */
static bool take_files(struct stream_read *read, struct unix_msg *msg)
{
	struct scm_files *files;

	spin_lock(&read->sk->lock);
	files = msg->files;
	msg->files = NULL;
	spin_unlock(&read->sk->lock);
	if (!files)
		return false;
	unix_detach_files(files);
	read->to->files = files;
	return true;
}

/* @part bytes of @msg, or none and -EFAULT. Whether they are there. */
static bool copy_part(struct stream_read *read, const struct unix_msg *msg, size_t part)
{
	struct iov_iter before = read->to->iter;

	if (unix_msg_read(msg, part, &read->to->iter) == part) {
		read->total += (long)part;
		return true;
	}
	read->to->iter = before;
	read->total = read->total ?: -EFAULT;
	return false;
}

enum step { READ_ON, READ_DONE };

/* Bytes of the first message, which goes if that was all. read_mutex is held. */
static enum step read_msg(struct stream_read *read, struct unix_msg *msg)
{
	size_t part = min(read->to->iter.count, (size_t)(msg->len - msg->done));
	bool had_files;

	if (!may_follow(read, msg) || !copy_part(read, msg, part))
		return READ_DONE;
	WRITE_ONCE(msg->done, msg->done + (unsigned int)part);
	had_files = take_files(read, msg);
	if (msg->done == msg->len) {
		unix_dequeue(read->sk, msg);
		unix_msg_free(msg);
	}
	return had_files ? READ_DONE : READ_ON;
}

/* The message behind @msg, or the first; NULL: there is none. */
static struct unix_msg *next_msg(struct unix_sock *sk, struct unix_msg *msg)
{
	struct unix_msg *next;

	if (!msg)
		return unix_first(sk);
	spin_lock(&sk->lock);
	next = msg->node.next == &sk->queue ? NULL : list_next_entry(msg, node);
	spin_unlock(&sk->lock);
	return next;
}

/* What a look gets, from the first message on. read_mutex is held. */
static void peek_msgs(struct stream_read *read)
{
	struct unix_msg *msg = NULL;

	while ((msg = next_msg(read->sk, msg)) && may_follow(read, msg)) {
		size_t part = min(read->to->iter.count, (size_t)(msg->len - msg->done));

		if (!copy_part(read, msg, part))
			break;
		if (msg->files)
			read->to->files = scm_dup_files(msg->files);
		if (msg->files || !read->to->iter.count)
			break;
	}
}

/* No message is there. 0: look again; 1: that is all; -errno. */
static int wait_for_more(struct stream_read *read, u64 deadline_ns)
{
	if (read->total && (size_t)read->total >= read->target)
		return 1;
	return unix_wait_msg(read->sk, deadline_ns);
}

/* read_mutex is held. 0 or -errno, which counts if nothing was read. */
static int read_all(struct stream_read *read)
{
	u64 deadline_ns = sock_deadline(read->sk->rcvtimeo_ns, read->to->flags);
	struct unix_msg *msg;
	int err;

	do {
		msg = unix_first(read->sk);
		if (!msg) {
			err = wait_for_more(read, deadline_ns);
			if (err)
				return min(err, 0);
			continue;
		}
		if (read->to->flags & MSG_PEEK) {
			peek_msgs(read);
			return 0;
		}
		if (read_msg(read, msg) == READ_DONE)
			return 0;
	} while (!msg || read->to->iter.count);
	return 0;
}

long unix_stream_recv(struct unix_sock *sk, struct sock_msg *msg)
{
	struct stream_read read = { .sk = sk, .to = msg };
	int err;

	if (msg->flags & MSG_OOB)
		return -EOPNOTSUPP;
	if (READ_ONCE(sk->state) != SOCK_CONNECTED)
		return -EINVAL;
	read.target = msg->flags & MSG_WAITALL
			      ? msg->iter.count
			      : min(msg->iter.count, (size_t)READ_ONCE(sk->rcvlowat));
	mutex_lock(&sk->read_mutex);
	err = read_all(&read);
	mutex_unlock(&sk->read_mutex);
	return read.total ?: err;
}
