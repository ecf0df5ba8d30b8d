/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Lists without a lock: a stack that anybody pushes on, in any context, and that is emptied all at
 * once.  Since entries leave only all together, a head that has come back is the same stack again,
 * so there is no ABA problem.  Entries embed their node, so nothing allocates.
 */
#ifndef OSHIT_LLIST_H
#define OSHIT_LLIST_H

#include <oshit/atomic.h>
#include <oshit/container_of.h>
#include <oshit/types.h>

struct llist_node {
	struct llist_node *next; /* the pusher's until pushed, then the emptier's */
};

struct llist_head {
	struct llist_node *first; /* atomic; the latest */
};

/*
 * Pushes @node.  Full barrier: what the pusher wrote before is seen by who takes the node out, and
 * what it reads afterwards is not older.  Any context, NMI included.
 * Return: true if the list was empty: whoever empties it must be told.
 */
static inline bool llist_add(struct llist_node *node, struct llist_head *head)
{
	struct llist_node *first = READ_ONCE(head->first);

	do {
		WRITE_ONCE(node->next, first);
	} while (!__atomic_compare_exchange_n(&head->first, &first, node, true, __ATOMIC_SEQ_CST,
					      __ATOMIC_RELAXED));
	return !first;
}

static inline bool llist_empty(const struct llist_head *head)
{
	return !READ_ONCE(head->first);
}

/* Takes all, the latest first; NULL if there are none. Full barrier if there are. Any context. */
static inline struct llist_node *llist_del_all(struct llist_head *head)
{
	return llist_empty(head) ? NULL : xchg(&head->first, NULL);
}

/* Turns a chain round: then the first pushed comes first. */
static inline struct llist_node *llist_reverse_order(struct llist_node *chain)
{
	struct llist_node *next, *reversed = NULL;

	for (; chain; chain = next) {
		next = chain->next;
		chain->next = reversed;
		reversed = chain;
	}
	return reversed;
}

#define llist_entry(ptr, type, member) container_of(ptr, type, member)

/* @n holds the successor of @node, which the body may push elsewhere or free. */
#define llist_for_each_safe(node, n, chain) \
	for ((node) = (chain); (node) && ((n) = (node)->next, true); (node) = (n))

#endif
