/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Messages that stay whole: SOCK_DGRAM, to whom one likes, and SOCK_SEQPACKET, along a connection.
 *
 * A datagram socket takes up to DGRAM_QUEUE_MAX messages from those that it does not talk to
 * itself: of one that has the other as its peer the sender's ->sent is the bound.  Who sleeps for
 * room sleeps on the receiver's ->has_room, and holds it.  Who polls cannot hold it: the receiver
 * may be closed, or he may connect to another, and he would be left on the queue of what is freed.
 * So he polls his own ->can_write, and his socket goes on the receiver's list ->stalled, from
 * which it is taken and woken when there is room; it takes itself off when the two part.
 *
 * Who finds out that his peer has been closed has none from then on.
 *
 * Locks: of two datagram sockets the one at the lower address first; inside of them stalled_lock,
 * for the lists of all.  That the queue is full is seen, and the list joined, under the receiver's
 * lock, and who takes a message off takes that lock, too, before he looks at the list: nobody is
 * missed.
 */
#include <linux/errno.h>
#include <oshit/clock.h>
#include <oshit/cred.h>
#include <oshit/err.h>
#include <oshit/math.h>

#include "unix.h"

#define OVERHEAD_MAX 32U /* bytes of the sender's buffer that no message can have; as Linux */

static void lock_both(struct unix_sock *a, struct unix_sock *b)
{
	if (a > b) {
		struct unix_sock *higher = a;

		a = b;
		b = higher;
	}
	spin_lock(&a->lock);
	__release(&a->lock); /* for sparse, which cannot follow */
	if (a != b) {
		spin_lock_nested(&b->lock, 1);
		__release(&b->lock);
	}
}

static void unlock_both(struct unix_sock *a, struct unix_sock *b)
{
	__acquire(&a->lock);
	spin_unlock(&a->lock);
	if (a != b) {
		__acquire(&b->lock);
		spin_unlock(&b->lock);
	}
}

/* Who talks to somebody hears nobody else. Both locks, or it may be old news. */
static bool may_send_to(const struct unix_sock *sk, const struct unix_sock *to)
{
	struct unix_sock *its_peer = READ_ONCE(to->peer);

	return !its_peer || its_peer == sk;
}

/* --- the peer --- */

static DEFINE_SPINLOCK(stalled_lock); /* ->stalled and ->stalled_node of all */

void unix_dgram_wake_senders(struct unix_sock *sk)
{
	struct unix_sock *sender;

	/* The queue is shorter before the looks; pairs with prepare_to_wait() in sock_wait(). */
	smp_mb();
	if (waitqueue_active(&sk->has_room))
		wake_up_all(&sk->has_room);
	if (list_empty(&sk->stalled))
		return;
	spin_lock(&stalled_lock);
	while ((sender = list_first_entry_or_null(&sk->stalled, struct unix_sock, stalled_node))) {
		list_del_init(&sender->stalled_node);
		wake_up_all(&sender->can_write);
	}
	spin_unlock(&stalled_lock);
}

void unix_dgram_leave_stalled(struct unix_sock *sk)
{
	spin_lock(&stalled_lock);
	list_del_init(&sk->stalled_node);
	spin_unlock(&stalled_lock);
	wake_up_all(&sk->can_write); /* who polls asks anew */
}

/* @sk has another peer than @old, or none: what came from that is not for it, and goes to @msgs. */
static void part_from(struct unix_sock *sk, struct unix_sock *old, struct list_head *msgs)
{
	bool tells;

	unix_dgram_leave_stalled(sk);
	spin_lock(&sk->lock);
	list_splice_init(&sk->queue, msgs);
	sk->nr_queued = 0;
	spin_unlock(&sk->lock);
	if (list_empty(msgs))
		return;
	unix_dgram_wake_senders(sk);
	/* If the other side talks to this one it hears that messages are lost. */
	spin_lock(&old->lock);
	tells = !old->is_dead && old->peer == sk;
	if (tells)
		WRITE_ONCE(old->error, ECONNRESET);
	spin_unlock(&old->lock);
	if (tells)
		unix_wake_all(old);
}

/* @new, whose reference it takes, becomes the peer; NULL: nobody. 0; -EPERM. */
static int set_peer(struct unix_sock *sk, struct unix_sock *new)
{
	struct unix_sock *old = NULL;
	LIST_HEAD(msgs);
	int err = 0;

	/* No reader is in the middle of a message. */
	mutex_lock(&sk->read_mutex);
	lock_both(sk, new ?: sk);
	if (new && !may_send_to(sk, new)) {
		err = -EPERM;
	} else {
		old = sk->peer;
		sk->peer = new;
		WRITE_ONCE(sk->state, new ? SOCK_CONNECTED : SOCK_CLOSED);
	}
	unlock_both(sk, new ?: sk);
	if (old && old != new)
		part_from(sk, old, &msgs);
	mutex_unlock(&sk->read_mutex);
	unix_msgs_free(&msgs);
	if (old)
		unix_put(old);
	return err;
}

/* @peer, if it still is that, has been closed. */
static void forget_peer(struct unix_sock *sk, struct unix_sock *peer)
{
	LIST_HEAD(msgs);
	bool was_peer;

	mutex_lock(&sk->read_mutex);
	spin_lock(&sk->lock);
	was_peer = sk->peer == peer;
	if (was_peer) {
		sk->peer = NULL;
		WRITE_ONCE(sk->state, SOCK_CLOSED);
	}
	spin_unlock(&sk->lock);
	if (was_peer)
		part_from(sk, peer, &msgs);
	mutex_unlock(&sk->read_mutex);
	unix_msgs_free(&msgs);
	if (was_peer)
		unix_put(peer);
}

int unix_dgram_connect(struct unix_sock *sk, const struct sockaddr_un *name, int len)
{
	struct unix_sock *to;
	int err = 0;

	if (name->sun_family == AF_UNSPEC)
		return set_peer(sk, NULL);
	if (sock_flag(sk, SOCK_FLAG_PASSCRED))
		err = unix_autobind(sk);
	if (err)
		return err;
	to = unix_find(name, len, sk->type);
	if (IS_ERR(to))
		return PTR_ERR(to);
	err = set_peer(sk, to);
	if (err)
		unix_put(to);
	return err;
}

/* --- sending --- */

/* Whether @to has no room for one of @sk's. There always is for its own: who sends to himself
 * would wait for himself. @to's lock, or it may be old news. */
static bool is_full_for(const struct unix_sock *sk, const struct unix_sock *to)
{
	return is_connection(to) || to == sk || READ_ONCE(to->peer) == sk
		       ? false
		       : READ_ONCE(to->nr_queued) > DGRAM_QUEUE_MAX;
}

bool unix_dgram_has_room(struct unix_sock *sk)
{
	struct unix_sock *peer = unix_peer_get(sk);
	bool has_room = true;

	if (!peer)
		return true;
	lock_both(sk, peer);
	if (sk->peer == peer && !peer->is_dead && is_full_for(sk, peer)) {
		has_room = false;
		spin_lock(&stalled_lock);
		if (list_empty(&sk->stalled_node))
			list_add_tail(&sk->stalled_node, &peer->stalled);
		spin_unlock(&stalled_lock);
	}
	unlock_both(sk, peer);
	unix_put(peer);
	return has_room;
}

enum delivery { DELIVERED, DEAD, FULL };

/* Or -errno. Wakes the reader. */
static int try_deliver(struct unix_sock *sk, struct unix_sock *to, struct unix_msg *msg)
{
	bool wakes = false;
	int ret = DELIVERED;

	spin_lock(&to->lock);
	if (!may_send_to(sk, to) && !is_connection(sk))
		ret = -EPERM;
	else if (to->is_dead)
		ret = DEAD;
	else if (to->shutdown & RCV_SHUTDOWN)
		ret = -EPIPE;
	else if (is_full_for(sk, to))
		ret = FULL;
	else
		wakes = unix_enqueue(to, msg);
	spin_unlock(&to->lock);
	if (wakes)
		wake_up(&to->can_read);
	return ret;
}

static bool may_have_room(struct unix_sock *sk, struct unix_sock *to)
{
	return !is_full_for(sk, to) || READ_ONCE(to->is_dead) ||
	       READ_ONCE(to->shutdown) & RCV_SHUTDOWN;
}

/* 0: look again; -errno. Who may not wait is woken by his peer as if he had polled for room: he may
 * watch for the edge alone. */
static int wait_for_room(struct unix_sock *sk, struct unix_sock *to, u64 deadline_ns)
{
	if (!deadline_ns && READ_ONCE(sk->peer) == to)
		return unix_dgram_has_room(sk) ? 0 : -EAGAIN;
	return sock_wait(to->has_room, may_have_room(sk, to), deadline_ns);
}

/* 0; -ECONNREFUSED: it has been closed; -errno. */
static int deliver(struct unix_sock *sk, struct unix_sock *to, struct unix_msg *msg,
		   u64 deadline_ns)
{
	int ret, err;

	while ((ret = try_deliver(sk, to, msg)) == FULL) {
		err = wait_for_room(sk, to, deadline_ns);
		if (err)
			return err;
	}
	if (ret != DEAD)
		return ret;
	return is_connection(sk) ? -EPIPE : -ECONNREFUSED;
}

/* To whom, with a reference. ERR_PTR(-errno). */
static struct unix_sock *find_receiver(struct unix_sock *sk, struct sock_msg *msg)
{
	struct unix_sock *to;

	if (msg->name_len && !is_connection(sk))
		return unix_find(&msg->name, msg->name_len, sk->type);
	to = unix_peer_get(sk);
	return to ?: ERR_PTR(-ENOTCONN);
}

/* The whole of it. Bytes or -errno. */
static long send_to(struct unix_sock *sk, struct unix_sock *to, struct sock_msg *from)
{
	u64 deadline_ns = sock_deadline(sk->sndtimeo_ns, from->flags);
	long len = (long)from->iter.count;
	struct unix_msg *msg;
	int err;

	if (from->iter.count > READ_ONCE(sk->sndbuf) - OVERHEAD_MAX)
		return -EMSGSIZE;
	err = unix_wait_sent(sk, deadline_ns);
	if (err)
		return err;
	msg = unix_msg_new(sk, &from->iter, from->iter.count);
	if (IS_ERR(msg))
		return PTR_ERR(msg);
	unix_msg_attach(msg, from, to);
	err = deliver(sk, to, msg, deadline_ns);
	if (!err)
		return len;
	unix_msg_free(msg);
	return err;
}

long unix_dgram_send(struct unix_sock *sk, struct sock_msg *msg)
{
	struct unix_sock *to;
	long ret = 0;

	if (msg->flags & MSG_OOB)
		return -EOPNOTSUPP;
	if (is_connection(sk) && READ_ONCE(sk->state) != SOCK_CONNECTED)
		return -ENOTCONN;
	if (sock_flag(sk, SOCK_FLAG_PASSCRED))
		ret = unix_autobind(sk);
	if (ret)
		return ret;
	to = find_receiver(sk, msg);
	if (IS_ERR(to))
		return PTR_ERR(to);
	ret = send_to(sk, to, msg);
	if (ret == -ECONNREFUSED && !is_connection(sk))
		forget_peer(sk, to);
	unix_put(to);
	return ret;
}

/* --- receiving --- */

/* What belongs to @msg but its bytes. It stays in the queue if it is only looked at. */
static void take_rest(struct unix_sock *sk, struct unix_msg *msg, struct sock_msg *to)
{
	unix_tell_sender(sk, msg, to);
	if (!msg->files)
		return;
	if (to->flags & MSG_PEEK) {
		to->files = scm_dup_files(msg->files);
		return;
	}
	unix_detach_files(msg->files);
	to->files = msg->files;
	msg->files = NULL;
}

/* Bytes or -errno. The message goes even if its bytes cannot be written. read_mutex is held. */
static long read_msg(struct unix_sock *sk, struct unix_msg *msg, struct sock_msg *to)
{
	size_t part = min(to->iter.count, (size_t)msg->len);
	bool stays = to->flags & MSG_PEEK;
	long ret = to->flags & MSG_TRUNC ? (long)msg->len : (long)part;

	if (part < msg->len)
		to->out_flags |= MSG_TRUNC;
	if (!stays)
		unix_dequeue(sk, msg);
	if (unix_msg_read(msg, part, &to->iter) < part)
		ret = -EFAULT;
	take_rest(sk, msg, to);
	if (!stays) {
		unix_dgram_wake_senders(sk);
		unix_msg_free(msg);
	}
	return ret;
}

/* read_mutex is held. */
static long read_one(struct unix_sock *sk, struct sock_msg *to)
{
	u64 deadline_ns = sock_deadline(sk->rcvtimeo_ns, to->flags);
	struct unix_msg *msg = NULL;
	int err;

	/* An error comes before messages that have arrived. */
	while (!(err = unix_take_error(sk)) && !(msg = unix_first(sk))) {
		err = unix_wait_msg(sk, deadline_ns);
		if (err)
			break;
	}
	return msg ? read_msg(sk, msg, to) : min(err, 0);
}

long unix_dgram_recv(struct unix_sock *sk, struct sock_msg *msg)
{
	long ret;

	if (msg->flags & MSG_OOB)
		return -EOPNOTSUPP;
	if (is_connection(sk) && READ_ONCE(sk->state) != SOCK_CONNECTED)
		return -ENOTCONN;
	mutex_lock(&sk->read_mutex);
	ret = read_one(sk, msg);
	mutex_unlock(&sk->read_mutex);
	return ret;
}
