/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Messages: bytes on their way from one socket to another, and where they wait.
 *
 * A small message has its bytes behind it, a large one in pages.  It counts, with all that it
 * costs, in ->sent of the socket that it comes from, until it has been read: that bounds the memory
 * that a program can tie up.  Who sends waits until there is less under way than ->sndbuf; he is
 * woken when a quarter of it is left, so that he then sends several messages, not one.
 *
 * A reader holds ->read_mutex from the first look until the bytes are copied, and ->lock only to
 * look at the queue: nobody else takes messages off, so the first one stays.  Who waits is woken
 * when the queue was empty; once the socket has been polled, by each message.
 *
 * Freeing a message closes the files in it, which may be sockets with messages in their queues, and
 * so on.  A chain of these must not become as deep a chain of calls: who frees messages while this
 * very task is freeing some, further up its stack, leaves his to that one.
 */
#include <linux/errno.h>
#include <oshit/err.h>
#include <oshit/gfp.h>
#include <oshit/math.h>
#include <oshit/slab.h>
#include <oshit/task.h>

#include "unix.h"

#define INLINE_MAX (PAGE_SIZE - sizeof(struct unix_msg)) /* bytes behind a message */
#define AGAIN	   2 /* of look_for_end(): a message is there */

/* --- one message --- */

static unsigned int nr_pages_of(const struct unix_msg *msg)
{
	return (unsigned int)DIV_ROUND_UP((size_t)msg->len, PAGE_SIZE);
}

static void free_pages_of(struct unix_msg *msg, unsigned int nr)
{
	while (nr)
		put_page(msg->pages[--nr]);
}

static int fill_pages(struct unix_msg *msg, struct iov_iter *from)
{
	unsigned int nr = nr_pages_of(msg);
	size_t left = msg->len;

	for (unsigned int i = 0; i < nr; i++) {
		size_t part = min(left, PAGE_SIZE);
		int err = 0;

		msg->pages[i] = alloc_page(GFP_USER);
		if (!msg->pages[i])
			err = -ENOMEM;
		else if (copy_from_iter(page_to_virt(msg->pages[i]), part, from) != part)
			err = -EFAULT;
		if (err) {
			free_pages_of(msg, msg->pages[i] ? i + 1 : i);
			return err;
		}
		left -= part;
	}
	return 0;
}

static int fill(struct unix_msg *msg, struct iov_iter *from)
{
	if (msg->pages)
		return fill_pages(msg, from);
	return copy_from_iter(msg->data, msg->len, from) == msg->len ? 0 : -EFAULT;
}

struct unix_msg *unix_msg_new(struct unix_sock *sender, struct iov_iter *from, size_t len)
{
	bool has_pages = len > INLINE_MAX;
	size_t room = has_pages ? DIV_ROUND_UP(len, PAGE_SIZE) * sizeof(struct page *) : len;
	struct unix_msg *msg = kmalloc(sizeof(*msg) + room, GFP_KERNEL);
	int err;

	if (!msg)
		return ERR_PTR(-ENOMEM);
	*msg = (struct unix_msg){
		.sender = sender,
		.len = (unsigned int)len,
		.pages = has_pages ? (struct page **)(void *)msg->data : NULL,
	};
	err = fill(msg, from);
	if (err) {
		kfree(msg);
		return ERR_PTR(err);
	}
	msg->cost = (unsigned int)ksize(msg);
	if (has_pages)
		msg->cost += nr_pages_of(msg) * PAGE_SIZE;
	unix_get(sender);
	atomic_add((int)msg->cost, &sender->sent);
	return msg;
}

size_t unix_msg_read(const struct unix_msg *msg, size_t len, struct iov_iter *to)
{
	size_t at = msg->done, total = 0;

	if (!msg->pages)
		return copy_to_iter(msg->data + at, len, to);
	while (total < len) {
		size_t part = part_of_page(at, len - total);
		char *bytes = page_to_virt(msg->pages[at / PAGE_SIZE]);
		size_t done = copy_to_iter(bytes + at % PAGE_SIZE, part, to);

		total += done;
		at += done;
		if (done < part)
			break;
	}
	return total;
}

/* The sender may send as much more. It is woken if it waits for that, and only once. */
static void give_back(struct unix_msg *msg)
{
	struct unix_sock *sender = msg->sender;
	unsigned int now = (unsigned int)atomic_sub_return((int)msg->cost, &sender->sent);
	unsigned int low = READ_ONCE(sender->sndbuf) / 4; /* if it is old, set_sndbuf() wakes */

	if (now <= low && now + msg->cost > low)
		wake_up_all(&sender->can_write);
	unix_put(sender);
}

void unix_msg_free(struct unix_msg *msg)
{
	if (msg->files) {
		unix_detach_files(msg->files);
		scm_free_files(msg->files);
	}
	give_back(msg);
	if (msg->pages)
		free_pages_of(msg, nr_pages_of(msg));
	kfree(msg);
}

/* --- many --- */

struct msgs_end { /* d: drains_lock   on the stack of who frees */
	struct task_struct *task; /* constant */
	struct list_head msgs; /* of the task alone */
	struct list_head node; /* d */
};

static DEFINE_SPINLOCK(drains_lock);
static LIST_HEAD(drains);

/* What this task does already, further up. */
static struct msgs_end *find_drain(void)
{
	struct msgs_end *drain, *found = NULL;

	spin_lock(&drains_lock);
	list_for_each_entry(drain, &drains, node) {
		if (drain->task == current)
			found = drain;
	}
	spin_unlock(&drains_lock);
	return found;
}

bool unix_is_freeing(void)
{
	return find_drain();
}

static void free_one_by_one(struct list_head *msgs)
{
	struct unix_msg *msg;

	while ((msg = list_first_entry_or_null(msgs, struct unix_msg, node))) {
		list_del(&msg->node);
		unix_msg_free(msg);
	}
}

void unix_msgs_free(struct list_head *msgs)
{
	struct msgs_end drain = { .task = current }, *above;

	if (list_empty(msgs))
		return;
	above = find_drain();
	if (above) {
		list_splice_tail_init(msgs, &above->msgs);
		return;
	}
	INIT_LIST_HEAD(&drain.msgs);
	list_splice_init(msgs, &drain.msgs);
	spin_lock(&drains_lock);
	list_add(&drain.node, &drains);
	spin_unlock(&drains_lock);
	free_one_by_one(&drain.msgs);
	spin_lock(&drains_lock);
	list_del(&drain.node);
	spin_unlock(&drains_lock);
}

/* --- the queue --- */

struct unix_msg *unix_first(struct unix_sock *sk)
{
	struct unix_msg *msg;

	spin_lock(&sk->lock);
	msg = list_first_entry_or_null(&sk->queue, struct unix_msg, node);
	spin_unlock(&sk->lock);
	return msg;
}

void unix_dequeue(struct unix_sock *sk, struct unix_msg *msg)
{
	spin_lock(&sk->lock);
	list_del(&msg->node);
	sk->nr_queued--;
	spin_unlock(&sk->lock);
}

static bool has_news(struct unix_sock *sk)
{
	return !list_empty(&sk->queue) || READ_ONCE(sk->error) ||
	       READ_ONCE(sk->shutdown) & RCV_SHUTDOWN;
}

/* Whether to wait: 0; 1 if nothing will come any more; -errno; AGAIN if a message is there.  All at
 * one moment: who writes and closes puts the message in first. */

static int look_for_end(struct unix_sock *sk, u64 deadline_ns)
{
	int ret = 0;

	spin_lock(&sk->lock);
	if (!list_empty(&sk->queue))
		ret = AGAIN;
	else if (sk->error)
		ret = unix_take_error(sk);
	/* A datagram socket says so only to who would wait. */
	else if (sk->shutdown & RCV_SHUTDOWN && (deadline_ns || is_connection(sk)))
		ret = 1;
	spin_unlock(&sk->lock);
	return ret;
}

int unix_wait_msg(struct unix_sock *sk, u64 deadline_ns)
{
	int err = look_for_end(sk, deadline_ns);

	if (err)
		return err == AGAIN ? 0 : err;
	mutex_unlock(&sk->read_mutex);
	err = sock_wait(sk->can_read, has_news(sk), deadline_ns);
	mutex_lock(&sk->read_mutex);
	return err;
}

static bool may_go_on(struct unix_sock *sk)
{
	return unix_may_send_more(sk) || READ_ONCE(sk->error) ||
	       READ_ONCE(sk->shutdown) & SEND_SHUTDOWN;
}

int unix_wait_sent(struct unix_sock *sk, u64 deadline_ns)
{
	int err;

	for (;;) {
		err = unix_take_error(sk);
		if (err)
			return err;
		if (READ_ONCE(sk->shutdown) & SEND_SHUTDOWN)
			return -EPIPE;
		if (unix_may_send_more(sk))
			return 0;
		err = sock_wait(sk->can_write, may_go_on(sk), deadline_ns);
		if (err)
			return err;
	}
}

size_t unix_bytes_queued(struct unix_sock *sk)
{
	struct unix_msg *msg;
	size_t total = 0;

	spin_lock(&sk->lock);
	list_for_each_entry(msg, &sk->queue, node) {
		total += msg->len - READ_ONCE(msg->done);
		if (sk->type != SOCK_STREAM && sk->type != SOCK_SEQPACKET)
			break; /* a read gets one */
	}
	spin_unlock(&sk->lock);
	return total;
}

void unix_tell_sender(const struct unix_sock *sk, const struct unix_msg *msg, struct sock_msg *to)
{
	const struct unix_name *name = unix_name_of(msg->sender);

	if (name) {
		to->name = name->addr;
		to->name_len = (int)name->len;
	}
	if (sock_flag(sk, SOCK_FLAG_PASSCRED)) {
		to->cred = msg->cred;
		to->has_cred = true;
	}
}
