/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The queue of a disk: merging, and a fair order.
 *
 * A command is what the disk gets in one piece: a request, or several whose sectors lie side by
 * side and that want the same.  The first by sector is the head; the others hang on it by ->next.
 * A command is put together while it waits:
 *
 *	back merge	the new request begins where a command ends: it becomes its last one
 *	front merge	it ends where a command begins: it becomes the head, in that one's place
 *	joining		after a back merge, the command may have come to touch the next one
 *
 * Both neighbours are found in a tree of the heads by sector.  Where commands overlap, which nobody
 * forbids, the neighbour in the tree may hide the one that would fit; then a merge is missed, and
 * that is all.  A command has at most max_sectors and max_segments; what is contiguous in memory
 * counts as one segment.  A flush merges with nothing.
 *
 * The order is deficit round robin (M. Shreedhar, G. Varghese: Efficient Fair Queuing using Deficit
 * Round Robin, SIGCOMM 1995) over flows.  A flow is a task that submits, by its number modulo
 * IO_NR_FLOWS: two tasks may share one, and are served then as if they were one.  Flows take turns.
 * In its turn a flow's commands go out, oldest first, as long as its deficit pays for them in
 * sectors; then it gets a quantum, and the next flow has its turn.  What it has not used it keeps,
 * unless it runs empty.  So while two flows have work neither gets ahead of the other by more than
 * two quanta and a command, and the only command of a flow of at most a quantum waits for no more
 * than the deficits of the others, whatever they have submitted.
 *
 * A request that joins another flow's command costs its own flow nothing, and takes from nobody:
 * the disk would have been at that place anyway.
 *
 * There is no order by sector beyond that.  Disks with queued commands sort them better, knowing
 * where the head is; those without a head do not care.
 */
#include <oshit/math.h>

#include "queue.h"

void io_queue_init(struct io_queue *queue, const struct io_limits *limits)
{
	*queue = (struct io_queue){ .limits = *limits };
	INIT_LIST_HEAD(&queue->active);
	for (unsigned int i = 0; i < IO_NR_FLOWS; i++) {
		INIT_LIST_HEAD(&queue->flows[i].heads);
		INIT_LIST_HEAD(&queue->flows[i].active);
	}
}

void io_request_make_head(struct io_request *req)
{
	req->next = NULL;
	req->last = req;
	req->nr_sectors = req->size >> SECTOR_SHIFT;
	req->nr_segments = 1;
}

static struct io_flow *flow_of(struct io_queue *queue, const struct io_request *head)
{
	return &queue->flows[head->flow % IO_NR_FLOWS];
}

/* --- the tree --- */

static struct io_request *to_head(struct rb_node *node)
{
	return rb_entry_or_null(node, struct io_request, node);
}

static bool head_less(const struct rb_node *a, const struct rb_node *b)
{
	return rb_entry(a, struct io_request, node)->sector <
	       rb_entry(b, struct io_request, node)->sector;
}

/* The last head that begins at @sector or before it. */
static struct io_request *find_at_or_before(struct rb_root *heads, u64 sector)
{
	struct rb_node *node = heads->node;
	struct io_request *found = NULL;

	while (node) {
		struct io_request *head = to_head(node);

		if (head->sector > sector) {
			node = node->left;
		} else {
			found = head;
			node = node->right;
		}
	}
	return found;
}

/* --- merging --- */

static bool is_contiguous(const struct io_request *first, const struct io_request *second)
{
	return (char *)first->buffer + first->size == (char *)second->buffer;
}

/* Whether the command of @second, which begins where that of @first ends, fits behind it. */
static bool fits(const struct io_queue *queue, const struct io_request *first,
		 const struct io_request *second)
{
	unsigned int nr_segments = first->nr_segments + second->nr_segments;

	if (is_contiguous(first->last, second))
		nr_segments--;
	return io_request_end(first) == second->sector &&
	       first->nr_sectors + second->nr_sectors <= queue->limits.max_sectors &&
	       nr_segments <= queue->limits.max_segments;
}

static void append(struct io_request *first, struct io_request *second)
{
	first->nr_segments += second->nr_segments;
	if (is_contiguous(first->last, second))
		first->nr_segments--;
	first->nr_sectors += second->nr_sectors;
	first->last->next = second;
	first->last = second->last;
}

/* Takes a head that waits out of tree and flow. */
static void remove_head(struct io_queue *queue, struct io_request *head)
{
	struct io_flow *flow = flow_of(queue, head);

	list_del(&head->link);
	if (head->op != IO_FLUSH)
		rb_erase(&head->node, &queue->heads[head->op]);
	if (list_empty(&flow->heads)) {
		list_del_init(&flow->active);
		flow->deficit = 0;
	}
	queue->nr_commands--;
}

static void join_next(struct io_queue *queue, struct io_request *head)
{
	struct io_request *next = to_head(rb_next(&head->node));

	if (!next || !fits(queue, head, next))
		return;
	remove_head(queue, next);
	append(head, next);
}

static bool merge_back(struct io_queue *queue, struct io_request *before, struct io_request *req)
{
	if (!before || !fits(queue, before, req))
		return false;
	append(before, req);
	join_next(queue, before);
	return true;
}

/* In the place of @after, and for the flow whose turn that place is. */
static bool merge_front(struct io_queue *queue, struct io_request *req, struct io_request *after)
{
	if (!after || !fits(queue, req, after))
		return false;
	append(req, after);
	req->flow = after->flow;
	list_replace(&after->link, &req->link);
	rb_replace_node(&after->node, &req->node, &queue->heads[req->op]);
	return true;
}

static bool merge(struct io_queue *queue, struct io_request *req)
{
	struct io_request *before = find_at_or_before(&queue->heads[req->op], req->sector);
	struct rb_node *next = before ? rb_next(&before->node) : rb_first(&queue->heads[req->op]);

	return merge_back(queue, before, req) || merge_front(queue, req, to_head(next));
}

/* --- in and out --- */

bool io_queue_add(struct io_queue *queue, struct io_request *req)
{
	struct io_flow *flow = flow_of(queue, req);

	io_request_make_head(req);
	queue->nr_requests++;
	if (req->op != IO_FLUSH) {
		if (merge(queue, req))
			return true;
		rb_add(&req->node, &queue->heads[req->op], head_less);
	}
	if (list_empty(&flow->heads)) {
		list_add_tail(&flow->active, &queue->active);
		flow->deficit = IO_QUANTUM;
	}
	list_add_tail(&req->link, &flow->heads);
	queue->nr_commands++;
	return false;
}

static unsigned int nr_requests_of(const struct io_request *head)
{
	unsigned int nr = 0;

	for (; head; head = head->next)
		nr++;
	return nr;
}

struct io_request *io_queue_next(struct io_queue *queue)
{
	while (!list_empty(&queue->active)) {
		struct io_flow *flow = list_first_entry(&queue->active, struct io_flow, active);
		struct io_request *head = list_first_entry(&flow->heads, struct io_request, link);

		if (flow->deficit < io_request_cost(head)) {
			flow->deficit += IO_QUANTUM;
			list_move_tail(&flow->active, &queue->active);
			continue;
		}
		flow->deficit -= io_request_cost(head);
		remove_head(queue, head);
		queue->nr_requests -= nr_requests_of(head);
		return head;
	}
	return NULL;
}
