/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Locks of areas.
 *
 * A reader finds its area by the tree, while others may change that: what they take out is freed
 * after a grace period, so each pointer leads to an area, if not the right one.  A rotation may
 * hide areas or lead round in a circle for a moment, so the walk is bounded, by more than any tree
 * is deep.  Its result is only a guess.  What makes it an answer is that the area, once it is
 * held, is in the set and has the address: then it is the one, for no two overlap.  A wrong guess,
 * and an area that somebody is changing, cost the reader the way by mmap_lock and nothing more.
 *
 * Readers of an area are counted in it.  Writers are not: there is one at a time, who holds
 * mmap_lock for writing, and that he may lock many areas and forget which, each writer has a
 * number.
 *
 *	areas->write_seq	of the writer, present or next; goes up when he is done, or lets
 *				go all that he has locked so far
 *	area->lock.write_seq	of the last one who has locked it; VMA_DETACHED: in no set
 *
 * So an area is free for readers if its number is lower than that of the set.
 *
 *	reader					writer
 *	count++			(a)		area's number = his		(c)
 *	full barrier				full barrier
 *	compare the numbers	(b)		look at the count		(d)
 *
 * One of the two sees the other: the reader goes away at (b), or the writer waits at (d).  A reader
 * that goes away has counted for an instant, in its grace period; that may be in an area that has
 * left the set.
 *
 * Each reader that leaves looks whether the writer sleeps; the writer is on the queue before he
 * looks at the count.
 *
 * An address space with one user has no readers but the one who changes it: its areas are freed at
 * once (mm/mm.c).
 *
 * Order: mmap_lock, areas, locks of tables.  Lockdep takes all areas for one lock.
 */
#include <oshit/mm.h>
#include <oshit/rcu.h>
#include <oshit/vma_lock.h>
#include <oshit/wait.h>

/* 2 * log2(MAX_MAP_COUNT + 1), and some more. */
#define MAX_DEPTH 40u

static struct lockdep_map vma_lock_map = LOCKDEP_STATIC;

void vm_areas_lock_init(struct vm_areas *areas)
{
	areas->write_seq = 1;
	init_waitqueue_head(&areas->readers_gone);
}

static void put_reader(struct vm_areas *areas, struct vm_area *area)
{
	/* Full barrier: the writer sees the count, or we see him on the queue. Behind it @area may
	 * be gone. */
	atomic_fetch_sub(1, &area->lock.nr_readers);
	if (unlikely(waitqueue_active(&areas->readers_gone)))
		wake_up(&areas->readers_gone);
}

static bool is_write_locked(const struct vm_areas *areas, const struct vm_area *area)
{
	/* Pairs with the release in vma_end_write_all(). */
	unsigned long present = smp_load_acquire(&areas->write_seq);

	return READ_ONCE(area->lock.write_seq) >= present;
}

static bool vma_start_read(struct vm_areas *areas, struct vm_area *area)
{
	if (is_write_locked(areas, area))
		return false;
	atomic_fetch_add(1, &area->lock.nr_readers); /* (a) */
	if (unlikely(is_write_locked(areas, area))) { /* (b) */
		put_reader(areas, area);
		return false;
	}
	lock_acquire(&vma_lock_map, 0, LOCK_SHARED | LOCK_TRIED);
	return true;
}

/* Where @addr lies, or NULL; both may be wrong. */
static struct vm_area *guess(const struct vm_areas *areas, unsigned long addr)
{
	const struct rb_node *node = READ_ONCE(areas->tree.node);

	for (unsigned int depth = 0; node && depth < MAX_DEPTH; depth++) {
		struct vm_area *area = rb_entry(node, struct vm_area, node);

		if (addr < READ_ONCE(area->start))
			node = READ_ONCE(node->left);
		else if (addr >= READ_ONCE(area->end))
			node = READ_ONCE(node->right);
		else
			return area;
	}
	return NULL;
}

struct vm_area *vma_lock_at(struct vm_areas *areas, unsigned long addr)
{
	struct vm_area *area;

	rcu_read_lock();
	area = guess(areas, addr);
	if (area && !vma_start_read(areas, area))
		area = NULL;
	rcu_read_unlock();
	if (!area || (likely(area->start <= addr) && likely(addr < area->end)))
		return area;
	vma_end_read(areas, area);
	return NULL;
}

void vma_end_read(struct vm_areas *areas, struct vm_area *area)
{
	lock_release(&vma_lock_map);
	put_reader(areas, area);
}

void vma_start_write_slow(struct vm_areas *areas, struct vm_area *area)
{
	lock_acquire(&vma_lock_map, 0, 0);
	xchg(&area->lock.write_seq, areas->write_seq); /* (c) */
	/* (d); pairs with put_reader(): what readers did is done. */
	if (unlikely(atomic_read_acquire(&area->lock.nr_readers)))
		wait_event(areas->readers_gone, !atomic_read_acquire(&area->lock.nr_readers));
	lock_release(&vma_lock_map);
}
