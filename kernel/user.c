/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Users: what all tasks with one real user id have in common, which is their number.
 *
 * Credentials hold the user of their real id, so it is there as long as any task or any set that is
 * being made has that id.  It is found by its id in a hash table; user 0 stands there for good.
 *
 * A task counts from clone() on until it is released (release_task()), threads and zombies
 * included, as in Linux.  setuid() and its like move the caller from one user to the other, over a
 * limit or not; whoever is over it then cannot execute a program (->nproc_exceeded), since many
 * servers never looked whether setuid() had failed.
 *
 * Locks: users_lock for the table, and for the last reference: so nobody finds a user that goes.
 */
#include <linux/errno.h>
#include <oshit/cred.h>
#include <oshit/list.h>
#include <oshit/slab.h>
#include <oshit/spinlock.h>
#include <oshit/user_task.h>

#define NR_BUCKETS 64

static DEFINE_RAW_SPINLOCK(users_lock); /* u: interrupts off */
static struct hlist_head buckets[NR_BUCKETS]; /* u */

struct user_struct root_user = { .refs = REFCOUNT_INIT(1) }; /* in no bucket: found by its id */

static struct user_struct *find_user(u32 uid)
{
	struct user_struct *user;

	hlist_for_each_entry(user, &buckets[uid % NR_BUCKETS], node)
		if (user->uid == uid)
			return user;
	return NULL;
}

/* @new takes the place of a user that is not there yet. Return: the user, with a reference. */
static struct user_struct *find_or_enter(u32 uid, struct user_struct *new)
{
	struct user_struct *user;
	unsigned long flags;

	raw_spin_lock_irqsave(&users_lock, flags);
	user = find_user(uid);
	if (user) {
		refcount_inc(&user->refs);
	} else if (new) {
		hlist_add_head(&new->node, &buckets[uid % NR_BUCKETS]);
		user = new;
	}
	raw_spin_unlock_irqrestore(&users_lock, flags);
	return user;
}

struct user_struct *user_get(u32 uid)
{
	struct user_struct *user, *new;

	if (uid == 0)
		return get_user_struct(&root_user);
	user = find_or_enter(uid, NULL);
	if (user)
		return user;
	new = kzalloc(sizeof(*new), GFP_KERNEL);
	if (!new)
		return NULL;
	refcount_set(&new->refs, 1);
	new->uid = uid;
	user = find_or_enter(uid, new);
	if (user != new)
		kfree(new);
	return user;
}

void put_user_struct(struct user_struct *user)
{
	unsigned long flags;
	bool is_last;

	raw_spin_lock_irqsave(&users_lock, flags);
	is_last = refcount_dec_and_test(&user->refs);
	if (is_last)
		hlist_del(&user->node);
	raw_spin_unlock_irqrestore(&users_lock, flags);
	if (is_last)
		kfree(user);
}

bool user_exceeds_processes(const struct user_struct *user, unsigned long limit)
{
	return user != &root_user && (unsigned long)atomic_read(&user->nr_tasks) > limit;
}
