/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Sockets of the Unix domain: messages between programs on one machine.
 *
 *	dgram.c		messages that stay whole (SOCK_DGRAM, SOCK_SEQPACKET)
 *	stream.c	bytes in order (SOCK_STREAM)
 *	connect.c	connections
 *	names.c		names, in file systems or not
 *	queue.c		messages, and where they wait
 *	scm.c, gc.c	descriptors and credentials that go along
 *
 * A socket is a struct unix_sock, and a file (net/socket.c).  Who sends puts a message on the
 * queue of his peer, or of whom he names.  It outlives its file as long as others have references:
 * who has it as a peer, and messages that came from it, since they count against what it may have
 * under way. A reference is not life: ->is_dead says that nobody will read what is sent to it, and
 * ->shutdown, set on both ends of a connection when one is closed, that nobody reads or writes.
 *
 * Locks, outermost first:
 *
 *	->bind_mutex	who gives the name; outside of the lock of its folder
 *	->read_mutex	one reader at a time: while bytes are copied to him, so outside of mmap_lock
 *	  unix_gc_lock	which sockets messages hold
 *	    ->lock	of a socket: queue, peer, state.  Of two: connect.c and dgram.c
 *	      stalled_lock, the wait queues
 *	unix_table_lock	names; nothing inside
 *
 * A file is never closed, nor a message with files freed, under any of these.
 *
 * Left out: MSG_OOB, SO_PEEK_OFF, time stamps, filters.
 */
#include <linux/errno.h>
#include <oshit/err.h>
#include <oshit/init.h>
#include <oshit/poll.h>
#include <oshit/slab.h>

#include "unix.h"

static struct kmem_cache *sock_cache;

/* --- life --- */

static void init_sock(struct unix_sock *sk, unsigned int type)
{
	refcount_set(&sk->refs, 1);
	sk->type = type;
	spin_lock_init(&sk->lock);
	mutex_init(&sk->read_mutex);
	mutex_init(&sk->bind_mutex);
	INIT_LIST_HEAD(&sk->queue);
	INIT_LIST_HEAD(&sk->backlog);
	INIT_LIST_HEAD(&sk->backlog_node);
	INIT_LIST_HEAD(&sk->stalled);
	INIT_LIST_HEAD(&sk->stalled_node);
	INIT_LIST_HEAD(&sk->inflight_node);
	INIT_HLIST_NODE(&sk->name_node);
	init_waitqueue_head(&sk->can_read);
	init_waitqueue_head(&sk->can_write);
	init_waitqueue_head(&sk->has_room);
	sk->sndbuf = sk->rcvbuf = SOCK_BUFFER;
	sk->rcvlowat = 1;
	sk->peer_cred = (struct ucred){ 0, (u32)-1, (u32)-1 };
	sk->rcvtimeo_ns = sk->sndtimeo_ns = TIME_MAX_NS;
}

struct unix_sock *unix_create(unsigned int type)
{
	struct unix_sock *sk = kmem_cache_zalloc(sock_cache, GFP_KERNEL);

	if (!sk)
		return ERR_PTR(-ENOMEM);
	init_sock(sk, type);
	unix_add(sk);
	return sk;
}

void unix_put(struct unix_sock *sk)
{
	if (!refcount_dec_and_test(&sk->refs))
		return;
	unix_put_name(sk->name);
	kmem_cache_free(sock_cache, sk);
}

struct unix_sock *unix_peer_get(struct unix_sock *sk)
{
	struct unix_sock *peer;

	spin_lock(&sk->lock);
	peer = sk->peer;
	if (peer)
		unix_get(peer);
	spin_unlock(&sk->lock);
	return peer;
}

void unix_wake_all(struct unix_sock *sk)
{
	wake_up_all(&sk->can_read);
	wake_up_all(&sk->can_write);
	wake_up_all(&sk->has_room);
}

/* What a socket leaves behind. */
struct estate {
	struct unix_sock *peer;
	struct list_head msgs, embryos;
	bool is_loss; /* somebody sent what nobody has read */
};

/* Nothing comes to @sk any more, and all that it has goes to @estate. */
static void take_estate(struct unix_sock *sk, struct estate *estate)
{
	INIT_LIST_HEAD(&estate->msgs);
	INIT_LIST_HEAD(&estate->embryos);
	spin_lock(&sk->lock);
	estate->is_loss = sk->is_embryo || !list_empty(&sk->queue);
	estate->peer = sk->peer;
	sk->peer = NULL;
	WRITE_ONCE(sk->is_dead, true);
	WRITE_ONCE(sk->shutdown, BOTH_SHUTDOWN);
	WRITE_ONCE(sk->state, SOCK_CLOSED);
	list_splice_init(&sk->queue, &estate->msgs);
	list_splice_init(&sk->backlog, &estate->embryos);
	sk->nr_queued = 0;
	WRITE_ONCE(sk->nr_backlog, 0);
	spin_unlock(&sk->lock);
}

/* The other end of a connection. */
static void tell_peer(struct unix_sock *peer, bool is_loss)
{
	spin_lock(&peer->lock);
	WRITE_ONCE(peer->shutdown, BOTH_SHUTDOWN);
	if (is_loss)
		WRITE_ONCE(peer->error, ECONNRESET);
	spin_unlock(&peer->lock);
	unix_wake_all(peer);
}

static void release_embryos(struct list_head *embryos)
{
	struct unix_sock *embryo, *next;

	list_for_each_entry_safe(embryo, next, embryos, backlog_node)
		unix_release(embryo);
}

void unix_release(struct unix_sock *sk)
{
	struct estate estate;

	unix_remove(sk);
	unix_gc_forget(sk);
	take_estate(sk, &estate);
	unix_dgram_wake_senders(sk);
	if (estate.peer && is_connection(sk))
		tell_peer(estate.peer, estate.is_loss);
	unix_dgram_leave_stalled(sk);
	release_embryos(&estate.embryos);
	unix_msgs_free(&estate.msgs);
	if (estate.peer)
		unix_put(estate.peer);
	if (sk->path.dentry)
		path_put(&sk->path);
	unix_put(sk);
	if (READ_ONCE(unix_nr_inflight) && !unix_is_freeing())
		unix_gc();
}

/* --- calls --- */

int unix_shutdown(struct unix_sock *sk, int how)
{
	unsigned int bits = (unsigned int)how + 1, its = 0;
	struct unix_sock *peer;

	if (how < SHUT_RD || how > SHUT_RDWR)
		return -EINVAL;
	if (bits & RCV_SHUTDOWN)
		its |= SEND_SHUTDOWN;
	if (bits & SEND_SHUTDOWN)
		its |= RCV_SHUTDOWN;
	spin_lock(&sk->lock);
	WRITE_ONCE(sk->shutdown, sk->shutdown | bits);
	peer = is_connection(sk) ? sk->peer : NULL;
	if (peer)
		unix_get(peer);
	spin_unlock(&sk->lock);
	unix_wake_all(sk);
	if (!is_connection(sk))
		unix_dgram_wake_senders(sk);
	if (!peer)
		return 0;
	spin_lock(&peer->lock);
	WRITE_ONCE(peer->shutdown, peer->shutdown | its);
	spin_unlock(&peer->lock);
	unix_wake_all(peer);
	unix_put(peer);
	return 0;
}

long unix_send(struct unix_sock *sk, struct sock_msg *msg)
{
	long ret = msg->files ? unix_attach_files(msg->files) : 0;

	if (ret) {
		scm_free_files(msg->files);
		msg->files = NULL;
		return ret;
	}
	ret = is_stream(sk) ? unix_stream_send(sk, msg) : unix_dgram_send(sk, msg);
	if (msg->files) { /* it did not come so far */
		unix_detach_files(msg->files);
		scm_free_files(msg->files);
		msg->files = NULL;
	}
	return ret;
}

long unix_recv(struct unix_sock *sk, struct sock_msg *msg)
{
	return is_stream(sk) ? unix_stream_recv(sk, msg) : unix_dgram_recv(sk, msg);
}

static unsigned int poll_for_writing(struct unix_sock *sk)
{
	if (READ_ONCE(sk->state) == SOCK_LISTENS || !unix_is_writable(sk))
		return 0;
	if (!is_connection(sk) && !unix_dgram_has_room(sk))
		return 0;
	return POLLOUT | POLLWRNORM | POLLWRBAND;
}

unsigned int unix_poll(struct unix_sock *sk, struct file *file, struct poll_table *table)
{
	unsigned int events = 0, shutdown;

	if (!READ_ONCE(sk->is_polled))
		WRITE_ONCE(sk->is_polled, true);
	poll_wait(file, &sk->can_read, table);
	poll_wait(file, &sk->can_write, table);
	shutdown = READ_ONCE(sk->shutdown);
	if (READ_ONCE(sk->error))
		events |= POLLERR;
	if (shutdown == BOTH_SHUTDOWN)
		events |= POLLHUP;
	if (shutdown & RCV_SHUTDOWN)
		events |= POLLRDHUP | POLLIN | POLLRDNORM;
	if (!list_empty(&sk->queue) || !list_empty(&sk->backlog))
		events |= POLLIN | POLLRDNORM;
	if (is_connection(sk) && READ_ONCE(sk->state) == SOCK_CLOSED)
		events |= POLLHUP;
	return events | poll_for_writing(sk);
}

__init void unix_init(void)
{
	sock_cache = kmem_cache_create("unix_sock", sizeof(struct unix_sock), 0, SLAB_PANIC, NULL);
}
