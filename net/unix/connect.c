/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Connections: connect(), listen(), accept(), socketpair().
 *
 * connect() to a socket that listens makes the other end at once, an embryo: the peer of who
 * connects, which can send and be sent to.  It waits in the listener's backlog until accept() gives
 * it a file.
 *
 * Locks: the listener's, then that of who connects, with subclass 1.  Who listens does so for ever
 * and connects to nobody, which is looked at before the second lock: so no two wait for each other.
 * An embryo's lock is inside of its listener's, too.
 */
#include <linux/errno.h>
#include <oshit/clock.h>
#include <oshit/err.h>
#include <oshit/math.h>

#include "unix.h"

void unix_pair(struct unix_sock *a, struct unix_sock *b)
{
	struct ucred cred = unix_own_cred();

	/* Nobody else knows them. */
	a->peer = unix_get(b);
	b->peer = unix_get(a);
	a->peer_cred = b->peer_cred = cred;
	a->state = b->state = SOCK_CONNECTED;
}

/* --- connect() --- */

/* Whether @sk can become connected: 0; -EISCONN; -EINVAL. */
static int check_unconnected(const struct unix_sock *sk)
{
	switch (READ_ONCE(sk->state)) {
	case SOCK_CLOSED:
		return 0;
	case SOCK_CONNECTED:
		return -EISCONN;
	default:
		return -EINVAL;
	}
}

static bool backlog_is_full(const struct unix_sock *sk)
{
	return READ_ONCE(sk->nr_backlog) > READ_ONCE(sk->max_backlog);
}

static bool takes_connections(const struct unix_sock *sk)
{
	return !sk->is_dead && sk->state == SOCK_LISTENS && !(sk->shutdown & RCV_SHUTDOWN);
}

static bool backlog_has_news(struct unix_sock *listener)
{
	return !backlog_is_full(listener) || READ_ONCE(listener->is_dead) ||
	       READ_ONCE(listener->shutdown) & RCV_SHUTDOWN;
}

/* Both locks are held. */
static void join(struct unix_sock *sk, struct unix_sock *listener, struct unix_sock *embryo)
{
	struct unix_name *name = unix_name_of(listener);

	refcount_inc(&name->refs);
	smp_store_release(&embryo->name, name); /* pairs with unix_name_of() */
	embryo->is_embryo = true;
	embryo->peer = unix_get(sk);
	embryo->peer_cred = unix_own_cred();
	embryo->state = SOCK_CONNECTED;
	sk->peer = unix_get(embryo);
	sk->peer_cred = listener->peer_cred;
	WRITE_ONCE(sk->state, SOCK_CONNECTED);
	list_add_tail(&embryo->backlog_node, &listener->backlog); /* with the caller's reference */
	WRITE_ONCE(listener->nr_backlog, listener->nr_backlog + 1);
}

/* 0; 1: the backlog is full; -errno. */
static int try_join(struct unix_sock *sk, struct unix_sock *listener, struct unix_sock *embryo)
{
	int ret;

	spin_lock(&listener->lock);
	if (!takes_connections(listener)) {
		ret = -ECONNREFUSED;
	} else if (backlog_is_full(listener)) {
		ret = 1;
	} else {
		ret = check_unconnected(sk);
		if (!ret) {
			spin_lock_nested(&sk->lock, 1);
			ret = check_unconnected(sk); /* two threads at once */
			if (!ret)
				join(sk, listener, embryo);
			spin_unlock(&sk->lock);
		}
	}
	spin_unlock(&listener->lock);
	return ret;
}

static int join_or_wait(struct unix_sock *sk, struct unix_sock *listener, struct unix_sock *embryo,
			u64 deadline_ns)
{
	int err;

	while ((err = try_join(sk, listener, embryo)) > 0) {
		err = sock_wait(listener->has_room, backlog_has_news(listener), deadline_ns);
		if (err)
			return err;
	}
	return err;
}

static int stream_connect(struct unix_sock *sk, const struct sockaddr_un *name, int len,
			  unsigned int flags)
{
	u64 deadline_ns = sock_deadline(sk->sndtimeo_ns, flags);
	struct unix_sock *listener, *embryo;
	int err;

	listener = unix_find(name, len, sk->type);
	if (IS_ERR(listener))
		return PTR_ERR(listener);
	embryo = unix_create(sk->type);
	err = IS_ERR(embryo) ? PTR_ERR(embryo) : 0;
	if (!err) {
		err = join_or_wait(sk, listener, embryo, deadline_ns);
		if (err)
			unix_release(embryo);
		else
			wake_up(&listener->can_read);
	}
	unix_put(listener);
	return err;
}

int unix_connect(struct unix_sock *sk, const struct sockaddr_un *name, int len, unsigned int flags)
{
	struct sockaddr_un checked = *name;
	int usual_len = len; /* may be one more than an address can have */
	int err;

	if (!is_connection(sk))
		return unix_dgram_connect(sk, name, len);
	err = unix_check_name(&checked, &usual_len);
	if (!err && sock_flag(sk, SOCK_FLAG_PASSCRED))
		err = unix_autobind(sk);
	return err ?: stream_connect(sk, name, len, flags);
}

/* --- listen() and accept() --- */

int unix_listen(struct unix_sock *sk, int backlog)
{
	unsigned int max = min((unsigned int)backlog, (unsigned int)SOMAXCONN);
	bool has_more = false;
	int err = 0;

	if (!is_connection(sk))
		return -EOPNOTSUPP;
	if (!unix_name_of(sk))
		return -EINVAL;
	spin_lock(&sk->lock);
	if (sk->state == SOCK_CONNECTED) {
		err = -EINVAL;
	} else {
		has_more = max > sk->max_backlog;
		WRITE_ONCE(sk->max_backlog, max);
		WRITE_ONCE(sk->state, SOCK_LISTENS);
		sk->peer_cred = unix_own_cred(); /* what those who connect see */
	}
	spin_unlock(&sk->lock);
	if (has_more)
		wake_up_all(&sk->has_room);
	return err;
}

static struct unix_sock *take_embryo(struct unix_sock *sk)
{
	struct unix_sock *embryo;

	spin_lock(&sk->lock);
	embryo = list_first_entry_or_null(&sk->backlog, struct unix_sock, backlog_node);
	if (embryo) {
		list_del_init(&embryo->backlog_node);
		WRITE_ONCE(sk->nr_backlog, sk->nr_backlog - 1);
	}
	spin_unlock(&sk->lock);
	return embryo;
}

static bool may_accept(struct unix_sock *sk)
{
	return !list_empty(&sk->backlog) || READ_ONCE(sk->error) ||
	       READ_ONCE(sk->shutdown) & RCV_SHUTDOWN;
}

struct unix_sock *unix_accept(struct unix_sock *sk, unsigned int flags)
{
	u64 deadline_ns = sock_deadline(sk->rcvtimeo_ns, flags);
	struct unix_sock *embryo;
	int err;

	if (!is_connection(sk))
		return ERR_PTR(-EOPNOTSUPP);
	if (READ_ONCE(sk->state) != SOCK_LISTENS)
		return ERR_PTR(-EINVAL);
	while (!(embryo = take_embryo(sk))) {
		err = unix_take_error(sk);
		/* Said only to who would wait. */
		if (!err && deadline_ns && READ_ONCE(sk->shutdown) & RCV_SHUTDOWN)
			err = -EINVAL;
		if (!err)
			err = sock_wait(sk->can_read, may_accept(sk), deadline_ns);
		if (err)
			return ERR_PTR(err);
	}
	wake_up_all(&sk->has_room);
	return embryo;
}
