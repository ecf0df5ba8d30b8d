/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Lists embedded in their entries.  A list_head is a ring whose head is no entry: insertion and
 * removal need no special case for the ends.  A hlist has a head of one pointer, for hash tables;
 * `pprev` is the address of the pointer that points to the node.  The caller locks.
 *
 * An entry that was deleted points to poison, so that a second deletion faults; list_del_init()
 * leaves an empty ring instead, for entries that ask list_empty() about themselves.
 */
#ifndef OSHIT_LIST_H
#define OSHIT_LIST_H

#include <oshit/container_of.h>
#include <oshit/types.h>

/* Not canonical: any access through them faults, and the address names the reason. */
#define LIST_POISON1 ((void *)0xdead000000000100UL)
#define LIST_POISON2 ((void *)0xdead000000000122UL)

/* clang-format off */
#define LIST_HEAD_INIT(name) { &(name), &(name) }
#define LIST_HEAD(name)	     struct list_head name = LIST_HEAD_INIT(name)
/* clang-format on */

static inline void INIT_LIST_HEAD(struct list_head *head)
{
	WRITE_ONCE(head->next, head);
	head->prev = head;
}

static inline bool list_empty(const struct list_head *head)
{
	return READ_ONCE(head->next) == head;
}

static inline bool list_is_singular(const struct list_head *head)
{
	return !list_empty(head) && head->next == head->prev;
}

static inline bool list_is_first(const struct list_head *entry, const struct list_head *head)
{
	return entry->prev == head;
}

static inline bool list_is_last(const struct list_head *entry, const struct list_head *head)
{
	return entry->next == head;
}

/* Puts @entry between two neighbours. */
static inline void __list_add(struct list_head *entry, struct list_head *prev,
			      struct list_head *next)
{
	next->prev = entry;
	entry->next = next;
	entry->prev = prev;
	WRITE_ONCE(prev->next, entry);
}

/* After @head, as its first entry: a stack. */
static inline void list_add(struct list_head *entry, struct list_head *head)
{
	__list_add(entry, head, head->next);
}

/* Before @head, as its last entry: a queue. */
static inline void list_add_tail(struct list_head *entry, struct list_head *head)
{
	__list_add(entry, head->prev, head);
}

/* Makes two entries neighbours; what was between them is out. */
static inline void __list_del(struct list_head *prev, struct list_head *next)
{
	next->prev = prev;
	WRITE_ONCE(prev->next, next);
}

static inline void list_del(struct list_head *entry)
{
	__list_del(entry->prev, entry->next);
	entry->next = LIST_POISON1;
	entry->prev = LIST_POISON2;
}

static inline void list_del_init(struct list_head *entry)
{
	__list_del(entry->prev, entry->next);
	INIT_LIST_HEAD(entry);
}

/* @entry takes the place of @old, which is left as it was. */
static inline void list_replace(struct list_head *old, struct list_head *entry)
{
	__list_add(entry, old->prev, old->next);
}

static inline void list_move(struct list_head *entry, struct list_head *head)
{
	__list_del(entry->prev, entry->next);
	list_add(entry, head);
}

static inline void list_move_tail(struct list_head *entry, struct list_head *head)
{
	__list_del(entry->prev, entry->next);
	list_add_tail(entry, head);
}

/* Puts the entries of @list, without its head, between two neighbours. */
static inline void __list_splice(const struct list_head *list, struct list_head *prev,
				 struct list_head *next)
{
	struct list_head *first = list->next;
	struct list_head *last = list->prev;

	first->prev = prev;
	prev->next = first;
	last->next = next;
	next->prev = last;
}

/* Moves all entries of @list to the front of @head; @list is empty afterwards. */
static inline void list_splice_init(struct list_head *list, struct list_head *head)
{
	if (list_empty(list))
		return;
	__list_splice(list, head, head->next);
	INIT_LIST_HEAD(list);
}

/* The same, to the end of @head. */
static inline void list_splice_tail_init(struct list_head *list, struct list_head *head)
{
	if (list_empty(list))
		return;
	__list_splice(list, head->prev, head);
	INIT_LIST_HEAD(list);
}

/* Moves the entries up to and with @entry from @head to the empty list @list. */
static inline void list_cut_position(struct list_head *list, struct list_head *head,
				     struct list_head *entry)
{
	if (list_empty(head) || entry == head)
		return;
	list->next = head->next;
	list->next->prev = list;
	list->prev = entry;
	head->next = entry->next;
	head->next->prev = head;
	entry->next = list;
}

static inline size_t list_count(const struct list_head *head)
{
	const struct list_head *pos;
	size_t count = 0;

	for (pos = head->next; pos != head; pos = pos->next)
		count++;
	return count;
}

#define list_entry(ptr, type, member)	container_of(ptr, type, member)
#define list_first_entry(head, type, m) list_entry((head)->next, type, m)
#define list_last_entry(head, type, m)	list_entry((head)->prev, type, m)
#define list_next_entry(pos, m)		list_entry((pos)->m.next, __typeof__(*(pos)), m)
#define list_prev_entry(pos, m)		list_entry((pos)->m.prev, __typeof__(*(pos)), m)

/* The first entry, or NULL if the list is empty. */
#define list_first_entry_or_null(head, type, m)                          \
	({                                                               \
		struct list_head *__head = (head);                       \
		struct list_head *__first = READ_ONCE(__head->next);     \
		__first != __head ? list_entry(__first, type, m) : NULL; \
	})

/* Whether @pos has run past the last (or first) entry.  Compares the member's address as a number,
 * because no entry is there: the member of that name is the head itself. */
#define list_entry_is_head(pos, head, m) (&(pos)->m == (head))

#define list_for_each(pos, head) \
	for ((pos) = (head)->next; (pos) != (head); (pos) = (pos)->next)

/* The `_safe` loops allow that the body deletes @pos; @n holds its successor. */
#define list_for_each_safe(pos, n, head)                               \
	for ((pos) = (head)->next, (n) = (pos)->next; (pos) != (head); \
	     (pos) = (n), (n) = (pos)->next)

#define list_for_each_entry(pos, head, m)                           \
	for ((pos) = list_first_entry(head, __typeof__(*(pos)), m); \
	     !list_entry_is_head(pos, head, m); (pos) = list_next_entry(pos, m))

#define list_for_each_entry_reverse(pos, head, m)                  \
	for ((pos) = list_last_entry(head, __typeof__(*(pos)), m); \
	     !list_entry_is_head(pos, head, m); (pos) = list_prev_entry(pos, m))

#define list_for_each_entry_safe(pos, n, head, m)                                                  \
	for ((pos) = list_first_entry(head, __typeof__(*(pos)), m), (n) = list_next_entry(pos, m); \
	     !list_entry_is_head(pos, head, m); (pos) = (n), (n) = list_next_entry(n, m))

/* From the entry after @pos on. */
#define list_for_each_entry_continue(pos, head, m)                               \
	for ((pos) = list_next_entry(pos, m); !list_entry_is_head(pos, head, m); \
	     (pos) = list_next_entry(pos, m))

/* clang-format off */
#define HLIST_HEAD_INIT { .first = NULL }
#define HLIST_HEAD(name) struct hlist_head name = HLIST_HEAD_INIT
/* clang-format on */

static inline void INIT_HLIST_HEAD(struct hlist_head *head)
{
	head->first = NULL;
}

static inline void INIT_HLIST_NODE(struct hlist_node *node)
{
	node->next = NULL;
	node->pprev = NULL;
}

static inline bool hlist_empty(const struct hlist_head *head)
{
	return !READ_ONCE(head->first);
}

/* Whether the node, initialised before, is on no list. */
static inline bool hlist_unhashed(const struct hlist_node *node)
{
	return !node->pprev;
}

static inline void hlist_add_head(struct hlist_node *node, struct hlist_head *head)
{
	node->next = head->first;
	if (head->first)
		head->first->pprev = &node->next;
	node->pprev = &head->first;
	WRITE_ONCE(head->first, node);
}

static inline void hlist_add_behind(struct hlist_node *node, struct hlist_node *prev)
{
	node->next = prev->next;
	if (node->next)
		node->next->pprev = &node->next;
	node->pprev = &prev->next;
	WRITE_ONCE(prev->next, node);
}

static inline void __hlist_del(struct hlist_node *node)
{
	WRITE_ONCE(*node->pprev, node->next);
	if (node->next)
		node->next->pprev = node->pprev;
}

static inline void hlist_del(struct hlist_node *node)
{
	__hlist_del(node);
	node->next = LIST_POISON1;
	node->pprev = LIST_POISON2;
}

/* Nothing if the node is on no list. */
static inline void hlist_del_init(struct hlist_node *node)
{
	if (hlist_unhashed(node))
		return;
	__hlist_del(node);
	INIT_HLIST_NODE(node);
}

#define hlist_entry(ptr, type, member) container_of(ptr, type, member)
#define hlist_entry_or_null(ptr, type, m)                     \
	({                                                    \
		struct hlist_node *__node = (ptr);            \
		__node ? hlist_entry(__node, type, m) : NULL; \
	})

#define hlist_for_each_entry(pos, head, m)                                             \
	for ((pos) = hlist_entry_or_null((head)->first, __typeof__(*(pos)), m); (pos); \
	     (pos) = hlist_entry_or_null((pos)->m.next, __typeof__(*(pos)), m))

#define hlist_for_each_entry_safe(pos, n, head, m)                              \
	for ((pos) = hlist_entry_or_null((head)->first, __typeof__(*(pos)), m); \
	     (pos) && ((n) = (pos)->m.next, true);                              \
	     (pos) = hlist_entry_or_null(n, __typeof__(*(pos)), m))

#endif
