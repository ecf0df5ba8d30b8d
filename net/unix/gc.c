/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Sockets that are nowhere but in messages.
 *
 * A message can hold a socket, in whose queue another message waits, and so on in a circle: A's
 * queue holds B, B's queue holds A, and no descriptor is left of either.  References alone would
 * keep them for ever.  So it is counted for each socket how many references to its file messages
 * hold (->nr_inflight), and a collection finds what nobody can reach:
 *
 *	1. Candidates: all references to the file are messages'.
 *	2. ->gc_count: those of them that do not wait at a candidate.  The queues of all candidates
 *	   are gone through, and each reference to a candidate is taken off.
 *	3. What is left above 0 can be received, or is on its way; so can what waits there, and
 *	   so on.
 *	4. The messages with files of the other candidates are freed: that closes them.
 *
 * For a socket that listens, "its queue" is those of the connections that it has not accepted.
 *
 * unix_gc_lock is held from 1 to the end of 4.  A file gets into a message, and out, under it
 * (unix_attach_files(), unix_detach_files()): in between, where the message is in no queue, the
 * count keeps it from being garbage.  A descriptor of a candidate cannot appear: it would have to
 * be received from a queue, which leaves a count above 0 (on its way), or be copied from one that
 * is only looked at, which happens under the lock.
 *
 * It runs when a socket is closed while there are such, and when their number has doubled.
 */
#include <linux/capability.h>
#include <linux/errno.h>
#include <linux/resource.h>
#include <oshit/cred.h>
#include <oshit/math.h>
#include <oshit/rlimit.h>

#include "unix.h"

#define FIRST_COLLECTION 64U /* sockets in messages */

DEFINE_SPINLOCK(unix_gc_lock);
unsigned int unix_nr_inflight; /* g  read by anybody */
static LIST_HEAD(in_flight); /* g  sockets in messages */
static unsigned int next_collection = FIRST_COLLECTION; /* g */

/* --- counting --- */

static void attach_one(struct unix_sock *sk)
{
	if (!sk->nr_inflight++)
		list_add_tail(&sk->inflight_node, &in_flight);
	WRITE_ONCE(unix_nr_inflight, unix_nr_inflight + 1);
}

static void detach_one(struct unix_sock *sk)
{
	if (!--sk->nr_inflight)
		list_del_init(&sk->inflight_node);
	WRITE_ONCE(unix_nr_inflight, unix_nr_inflight - 1);
}

static bool has_too_many(struct user_struct *user)
{
	return (unsigned long)atomic_read(&user->nr_inflight_files) >
		       current_limit(RLIMIT_NOFILE) &&
	       !capable(CAP_SYS_RESOURCE) && !capable(CAP_SYS_ADMIN);
}

int unix_attach_files(struct scm_files *files)
{
	bool collects;

	if (has_too_many(files->user))
		return -ETOOMANYREFS;
	atomic_add((int)files->nr, &files->user->nr_inflight_files);
	spin_lock(&unix_gc_lock);
	for (unsigned int i = 0; i < files->nr; i++) {
		struct unix_sock *sk = sock_of(files->files[i]);

		if (sk)
			attach_one(sk);
	}
	collects = unix_nr_inflight >= next_collection;
	spin_unlock(&unix_gc_lock);
	if (collects)
		unix_gc();
	return 0;
}

void unix_detach_files(struct scm_files *files)
{
	atomic_sub((int)files->nr, &files->user->nr_inflight_files);
	spin_lock(&unix_gc_lock);
	for (unsigned int i = 0; i < files->nr; i++) {
		struct unix_sock *sk = sock_of(files->files[i]);

		if (sk)
			detach_one(sk);
	}
	spin_unlock(&unix_gc_lock);
}

/* --- collecting. unix_gc_lock is held in all that follow --- */

typedef void (*visit_fn)(struct unix_sock *child, struct list_head *list);

/* The candidates among the files of a message. */
static void visit_msg(const struct unix_msg *msg, visit_fn visit, struct list_head *list)
{
	if (!msg->files)
		return;
	for (unsigned int i = 0; i < msg->files->nr; i++) {
		struct unix_sock *child = sock_of(msg->files->files[i]);

		if (child && child->is_candidate)
			visit(child, list);
	}
}

static void visit_queue(struct unix_sock *sk, unsigned int subclass, visit_fn visit,
			struct list_head *list)
{
	struct unix_msg *msg;

	if (subclass)
		spin_lock_nested(&sk->lock, subclass);
	else
		spin_lock(&sk->lock);
	list_for_each_entry(msg, &sk->queue, node)
		visit_msg(msg, visit, list);
	if (!subclass) {
		struct unix_sock *embryo;

		list_for_each_entry(embryo, &sk->backlog, backlog_node)
			visit_queue(embryo, 1, visit, list);
	}
	spin_unlock(&sk->lock);
}

static void count_off(struct unix_sock *child, struct list_head *list __maybe_unused)
{
	child->gc_count--;
}

static void rescue(struct unix_sock *child, struct list_head *list)
{
	child->is_candidate = false;
	list_move_tail(&child->inflight_node, list);
}

static void find_candidates(struct list_head *candidates)
{
	struct unix_sock *sk, *next;

	list_for_each_entry_safe(sk, next, &in_flight, inflight_node) {
		if ((unsigned int)refcount_read(&sk->file->refs) != sk->nr_inflight)
			continue;
		sk->gc_count = sk->nr_inflight;
		sk->is_candidate = true;
		list_move_tail(&sk->inflight_node, candidates);
	}
	list_for_each_entry(sk, candidates, inflight_node)
		visit_queue(sk, 0, count_off, NULL);
}

/* Those that can be reached go back to the list of all, with what can be reached from them. */
static void rescue_reachable(struct list_head *candidates)
{
	LIST_HEAD(reachable);
	struct unix_sock *sk, *next;

	list_for_each_entry_safe(sk, next, candidates, inflight_node) {
		if (sk->gc_count)
			rescue(sk, &reachable);
	}
	/* The list grows behind the one that is looked at. */
	list_for_each_entry(sk, &reachable, inflight_node)
		visit_queue(sk, 0, rescue, &reachable);
	list_splice_tail_init(&reachable, &in_flight);
}

/* Messages with files, which are what keeps the circle. */
static void take_msgs(struct unix_sock *sk, unsigned int subclass, struct list_head *msgs)
{
	struct unix_msg *msg, *next;
	struct unix_sock *embryo;

	if (subclass)
		spin_lock_nested(&sk->lock, subclass);
	else
		spin_lock(&sk->lock);
	list_for_each_entry_safe(msg, next, &sk->queue, node) {
		if (!msg->files)
			continue;
		list_move_tail(&msg->node, msgs);
		sk->nr_queued--;
	}
	if (!subclass) {
		list_for_each_entry(embryo, &sk->backlog, backlog_node)
			take_msgs(embryo, 1, msgs);
	}
	spin_unlock(&sk->lock);
}

void unix_gc(void)
{
	LIST_HEAD(candidates);
	LIST_HEAD(msgs);
	struct unix_sock *sk;

	spin_lock(&unix_gc_lock);
	find_candidates(&candidates);
	rescue_reachable(&candidates);
	list_for_each_entry(sk, &candidates, inflight_node) {
		sk->is_candidate = false;
		take_msgs(sk, 0, &msgs);
	}
	list_splice_tail_init(&candidates, &in_flight);
	next_collection = max(FIRST_COLLECTION, 2 * unix_nr_inflight);
	spin_unlock(&unix_gc_lock);
	unix_msgs_free(&msgs);
}

void unix_gc_forget(struct unix_sock *sk)
{
	spin_lock(&unix_gc_lock);
	sk->file = NULL;
	spin_unlock(&unix_gc_lock);
}
