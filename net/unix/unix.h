/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Between the files of net/: sockets, which are all of the Unix domain.  The theory is at the head
 * of net/unix/af_unix.c.
 */
#ifndef NET_UNIX_H
#define NET_UNIX_H

#include <linux/errno.h>
#include <oshit/atomic.h>
#include <oshit/entry.h>
#include <oshit/fs.h>
#include <oshit/list.h>
#include <oshit/mutex.h>
#include <oshit/poll.h>
#include <oshit/refcount.h>
#include <oshit/spinlock.h>
#include <oshit/timespec.h>
#include <oshit/types.h>
#include <oshit/uio.h>
#include <oshit/wait.h>

#include "../socket_abi.h"

struct user_struct;

#define SOCK_BUFFER	  212992U /* bytes: how much may be under way from a socket; as Linux */
#define SOCK_BUFFER_MIN	  4608U
#define SOCK_RCVBUF_MIN	  2304U
#define DGRAM_QUEUE_MAX	  10U /* messages that wait at a socket for several senders; as Linux */
#define OVERFLOW_ID	  65534U /* of who is not known */
#define SUN_PATH_START	  offsetof(struct sockaddr_un, sun_path)

enum sock_state { SOCK_CLOSED, SOCK_LISTENS, SOCK_CONNECTED };

/* Bits of ->shutdown. */
#define RCV_SHUTDOWN	  1U
#define SEND_SHUTDOWN	  2U
#define BOTH_SHUTDOWN	  (RCV_SHUTDOWN | SEND_SHUTDOWN)

struct unix_name { /* i, but refs */
	refcount_t refs; /* the sockets that have it: accepted ones have their listener's */
	unsigned int len; /* of addr */
	struct sockaddr_un addr;
};

/*
 * l: ->lock   r: ->read_mutex   t: unix_table_lock   g: unix_gc_lock   s: stalled_lock (dgram.c)
 * b: ->bind_mutex   a: atomic   i: constant
 */
struct unix_sock {
	refcount_t refs; /* a  its file, its peer, messages that it has sent */
	unsigned int type; /* i  SOCK_ */
	spinlock_t lock;
	enum sock_state state; /* l  read by anybody */
	unsigned int shutdown; /* l  read by anybody */
	bool is_dead; /* l  it has been closed */
	bool is_embryo; /* l  connected, and not accepted yet */
	bool is_polled; /* by whom each message is an event; never again false */
	int error; /* a  for SO_ERROR, and the next call: above 0 */
	struct unix_sock *peer; /* l  holds a reference; of a stream it stays until the end */
	struct ucred peer_cred; /* l  pid 0: there never was one */

	struct mutex read_mutex; /* one reader at a time */
	struct list_head queue; /* l  messages that wait; taken off under r, too */
	unsigned int nr_queued; /* l */
	struct list_head backlog; /* l  embryos */
	struct list_head backlog_node; /* the listener's lock */
	unsigned int nr_backlog, max_backlog; /* l */
	struct list_head stalled; /* s  datagram sockets that have found the queue full */
	struct list_head stalled_node; /* s */

	atomic_t sent; /* a  bytes under way from here, with what they cost */
	struct wait_queue_head can_read; /* messages, connections, errors, shutdown */
	struct wait_queue_head can_write; /* less under way, room at the peer */
	struct wait_queue_head has_room; /* of the queue, of the backlog: those who sleep for it */

	/* Options, read and written by anybody. */
	unsigned int sndbuf, rcvbuf;
	int rcvlowat;
	u64 rcvtimeo_ns, sndtimeo_ns; /* TIME_MAX_NS: for ever */
	unsigned int options; /* a bit for each of enum sock_flag; l to write */
	unsigned int priority;
	unsigned int linger_sec;

	struct mutex bind_mutex; /* one who gives a name at a time; outside of a directory's lock */
	struct unix_name *name; /* b t to set, once; read by anybody behind an acquire */
	struct path path; /* i behind the name, if that is in a file system; holds references */
	struct hlist_node name_node; /* t */
	struct list_head all_node; /* t */
	u64 ino; /* of its file; 0: not accepted yet */

	struct file *file; /* g  no reference; NULL: embryos, and the dead */
	unsigned int nr_inflight; /* g  references of messages to the file */
	unsigned int gc_count; /* g */
	bool is_candidate; /* g */
	struct list_head inflight_node; /* g  if there are such */
};

/* What SO_X switches on and off without any more to it. */
enum sock_flag {
	SOCK_FLAG_PASSCRED,
	SOCK_FLAG_PASSSEC,
	SOCK_FLAG_REUSEADDR,
	SOCK_FLAG_REUSEPORT,
	SOCK_FLAG_KEEPALIVE,
	SOCK_FLAG_BROADCAST,
	SOCK_FLAG_OOBINLINE,
	SOCK_FLAG_DONTROUTE,
	SOCK_FLAG_LINGER,
};

static inline bool sock_flag(const struct unix_sock *sk, enum sock_flag flag)
{
	return READ_ONCE(sk->options) & (1U << flag);
}

static inline bool is_stream(const struct unix_sock *sk)
{
	return sk->type == SOCK_STREAM;
}

static inline bool is_connection(const struct unix_sock *sk)
{
	return sk->type != SOCK_DGRAM;
}

/* --- calls on sockets, as net/socket.c has them from programs --- */

struct scm_files { /* i */
	struct user_struct *user; /* who pays; holds a reference */
	unsigned int nr;
	struct file *files[]; /* hold references */
};

/* What a send or receive is about, and what goes along with the bytes. */
struct sock_msg {
	struct iov_iter iter;
	unsigned int flags; /* MSG_, with MSG_DONTWAIT if the file does not block */
	struct sockaddr_un name; /* sent to, or from whom */
	int name_len; /* 0: none */
	struct ucred cred; /* pid 0: none */
	bool has_cred;
	struct scm_files *files; /* NULL: none; who gets it frees it */
	unsigned int out_flags; /* MSG_TRUNC */
};

/* Context of all that follow: task, may sleep. 0, or more if said so, or -errno of the call. */
struct unix_sock *unix_create(unsigned int type); /* with a reference; ERR_PTR */
void unix_put(struct unix_sock *sk); /* any task */

static inline struct unix_sock *unix_get(struct unix_sock *sk)
{
	refcount_inc(&sk->refs);
	return sk;
}

/* Its file has gone, or it was never accepted. Drops the reference. */
void unix_release(struct unix_sock *sk);
void unix_pair(struct unix_sock *a, struct unix_sock *b);
/* @len: of @name, checked against nothing. */
int unix_bind(struct unix_sock *sk, const struct sockaddr_un *name, int len);
int unix_connect(struct unix_sock *sk, const struct sockaddr_un *name, int len, unsigned int flags);
int unix_listen(struct unix_sock *sk, int backlog);
/* A connection with a reference; ERR_PTR. */
struct unix_sock *unix_accept(struct unix_sock *sk, unsigned int flags);
int unix_shutdown(struct unix_sock *sk, int how);
/* Bytes. */
long unix_send(struct unix_sock *sk, struct sock_msg *msg);
long unix_recv(struct unix_sock *sk, struct sock_msg *msg);
unsigned int unix_poll(struct unix_sock *sk, struct file *file, struct poll_table *table);
/* Bytes that the next read can get. */
size_t unix_bytes_queued(struct unix_sock *sk);
int unix_getname(struct unix_sock *sk, bool of_peer, struct sockaddr_un *name);

/* What others are told who are connected to the caller: effective ids. */
struct ucred unix_own_cred(void);
void unix_init(void); /* boot */

/* The socket of a file; NULL: it is none. */
struct unix_sock *sock_of(const struct file *file);

/* net/sockopt.c: -errno of the calls. */
int sock_setsockopt(struct unix_sock *sk, int name, const void __user *value, int len);
int sock_getsockopt(struct unix_sock *sk, int name, void __user *value, int __user *len);

/* Whether a wait is to be interrupted for, with the error that is right for the length of it. */
static inline int sock_interrupted(u64 deadline_ns)
{
	/* A wait with an end cannot be begun again: it would begin anew. */
	return deadline_ns == TIME_MAX_NS ? -ERESTARTSYS : -EINTR;
}

/* By clock_ns(), for a call with @flags: 0 if it does not wait. */
u64 sock_deadline(u64 timeout_ns, unsigned int flags);

/* Sleeps until @condition. 0; -EAGAIN: it is too late; -ERESTARTSYS or -EINTR. */
#define sock_wait(queue, condition, deadline_ns)                                         \
	({                                                                               \
		u64 __until_ns = (deadline_ns);                                          \
		int __err = __until_ns ? 0 : -EAGAIN;                                    \
		bool __is_late = false;                                                  \
		might_sleep();                                                           \
		if (!__err && !(condition))                                              \
			___wait_event(queue, condition, prepare_to_wait,                 \
				      TASK_INTERRUPTIBLE,                                \
				      (__err = __is_late ? -EAGAIN                       \
					       : signal_pending(current)                 \
						       ? sock_interrupted(__until_ns)    \
						       : 0),                             \
				      (__is_late = schedule_until_ns(__until_ns)));      \
		__err;                                                                   \
	})

/* --- names: net/unix/names.c --- */

void unix_add(struct unix_sock *sk);
void unix_remove(struct unix_sock *sk);
/* 0; -EINVAL. @len becomes that of the name in its usual form. */
int unix_check_name(struct sockaddr_un *name, int *len);
/* A name of its own, if it has none. */
int unix_autobind(struct unix_sock *sk);
/* Who has that name, with a reference; ERR_PTR(-ECONNREFUSED, -EPROTOTYPE, ...). */
struct unix_sock *unix_find(const struct sockaddr_un *name, int len, unsigned int type);
void unix_put_name(struct unix_name *name); /* NULL is ignored */

static inline struct unix_name *unix_name_of(const struct unix_sock *sk)
{
	/* Pairs with the release in names.c: the name and the path are there. */
	return smp_load_acquire(&sk->name);
}

/* --- messages: net/unix/queue.c --- */

struct unix_msg { /* i, but what is marked. l and r: of the socket where it waits */
	struct list_head node; /* l */
	struct unix_sock *sender; /* holds a reference, and counts in its ->sent */
	struct scm_files *files; /* l  NULL: none */
	struct ucred cred;
	bool has_cred;
	unsigned int len; /* bytes */
	unsigned int done; /* r  of them that have been read */
	unsigned int cost; /* in sender->sent */
	struct page **pages; /* NULL: the bytes follow */
	char data[];
};

/* @len bytes of @from. ERR_PTR(-ENOMEM, -EFAULT). */
struct unix_msg *unix_msg_new(struct unix_sock *sender, struct iov_iter *from, size_t len);
/* Bytes copied, from the first that was not read on. */
size_t unix_msg_read(const struct unix_msg *msg, size_t len, struct iov_iter *to);
void unix_msg_free(struct unix_msg *msg);
/* All of a list. May be called by itself, through the descriptors that messages hold. */
void unix_msgs_free(struct list_head *msgs);
bool unix_is_freeing(void); /* whether the caller is called by that */
/* Credentials and descriptors of the caller's go with it. */
void unix_msg_attach(struct unix_msg *msg, struct sock_msg *from, const struct unix_sock *to);

/* Whether more may be sent: by a writer that is there, and by one who was told to wait. */
static inline bool unix_may_send_more(const struct unix_sock *sk)
{
	return (unsigned int)atomic_read(&sk->sent) < READ_ONCE(sk->sndbuf);
}

static inline bool unix_is_writable(const struct unix_sock *sk)
{
	return (unsigned int)atomic_read(&sk->sent) <= READ_ONCE(sk->sndbuf) / 4;
}

/* Waits for that. 0; -EPIPE; -EAGAIN; -ERESTARTSYS; -EINTR; what SO_ERROR has. */
int unix_wait_sent(struct unix_sock *sk, u64 deadline_ns);

/* The error that waits, as -errno, which is told once; 0. */
static inline int unix_take_error(struct unix_sock *sk)
{
	return READ_ONCE(sk->error) ? -xchg(&sk->error, 0) : 0;
}

/* Appends to the queue of @to, whose lock is held. Whether who reads it has to be woken. */
static inline bool unix_enqueue(struct unix_sock *to, struct unix_msg *msg)
{
	bool was_empty = list_empty(&to->queue);

	list_add_tail(&msg->node, &to->queue);
	to->nr_queued++;
	return was_empty || READ_ONCE(to->is_polled);
}

/* The first message; NULL: there is none. Under read_mutex it stays. */
struct unix_msg *unix_first(struct unix_sock *sk);
/* It leaves the queue. Under read_mutex. */
void unix_dequeue(struct unix_sock *sk, struct unix_msg *msg);
/* No message is there. Waits for one; drops read_mutex meanwhile. 0: look again; 1: none will come;
 * -errno. */
int unix_wait_msg(struct unix_sock *sk, u64 deadline_ns);
/* The sender's name, and credentials if they are wanted, of a message for its reader. */
void unix_tell_sender(const struct unix_sock *sk, const struct unix_msg *msg, struct sock_msg *to);

long unix_stream_send(struct unix_sock *sk, struct sock_msg *msg);
long unix_stream_recv(struct unix_sock *sk, struct sock_msg *msg);
long unix_dgram_send(struct unix_sock *sk, struct sock_msg *msg);
long unix_dgram_recv(struct unix_sock *sk, struct sock_msg *msg);
int unix_dgram_connect(struct unix_sock *sk, const struct sockaddr_un *name, int len);
/* @sk is not on the list of anybody who has no room for it. */
void unix_dgram_leave_stalled(struct unix_sock *sk);
/* Whether the peer of a datagram socket has room; else it will wake ->can_write. */
bool unix_dgram_has_room(struct unix_sock *sk);
/* The queue is not full any more, or never will be. */
void unix_dgram_wake_senders(struct unix_sock *sk);
/* The peer, with a reference; NULL: none. */
struct unix_sock *unix_peer_get(struct unix_sock *sk);
/* Who waits for @sk looks again, at whatever. */
void unix_wake_all(struct unix_sock *sk);

/* --- what goes along: net/unix/scm.c, net/unix/gc.c --- */

/* What a program gives: @control of @len bytes, in the kernel. 0 or -errno; on failure there are
 * no files. */
int scm_parse(struct sock_msg *msg, const char *control, size_t len);
void scm_free_files(struct scm_files *files); /* NULL is ignored */
/* The same ones, once more. NULL: no memory. */
struct scm_files *scm_dup_files(const struct scm_files *files);

/* The caller's files are in a message from now on: 0; -ETOOMANYREFS: too many are. */
int unix_attach_files(struct scm_files *files);
/* And no more. */
void unix_detach_files(struct scm_files *files);
/* The file of @sk is being closed. */
void unix_gc_forget(struct unix_sock *sk);
/* Sockets that only messages hold, which nobody can receive, are closed. */
void unix_gc(void);
extern spinlock_t unix_gc_lock;
/* Sockets of which there are references in messages. */
extern unsigned int unix_nr_inflight;

#endif
