/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Locks of areas: a fault that holds its area for reading needs no mmap_lock, so it does not wait
 * for changes of other areas.  mm/vma_lock.c has the theory.  Without CONFIG_PER_VMA_LOCK nobody
 * finds an area without mmap_lock, and all of this is nothing.
 *
 * Who changes an area holds mmap_lock for writing and calls vma_start_write() first; it stays
 * locked until vma_end_write_all(), which mmap_write_unlock() calls at the latest.  mm/vma.c does
 * so where it splits, merges, resizes and removes; who changes flags does it himself.
 */
#ifndef OSHIT_VMA_LOCK_H
#define OSHIT_VMA_LOCK_H

#include <oshit/lockdep.h>
#include <oshit/vma.h>

#ifdef CONFIG_PER_VMA_LOCK
/**
 * vma_lock_at() - find the area that @addr lies in, and hold it for reading
 *
 * It has start, end, flags and file as long as it is held, and so have the tables for its addresses
 * (mm/user_table.h).  Whoever holds it must not take mmap_lock.
 *
 * Context: task that uses the address space of @areas.
 * Return: the area, for vma_end_read(); NULL: there is none, or it is not to be had at once: then
 * it must be looked for with mmap_lock.
 */
struct vm_area *vma_lock_at(struct vm_areas *areas, unsigned long addr);
void vma_end_read(struct vm_areas *areas, struct vm_area *area);

/* Waits until nobody holds @area for reading; nobody will before vma_end_write_all().  Context:
 * task, may sleep; mmap_lock held for writing. */
void vma_start_write_slow(struct vm_areas *areas, struct vm_area *area);
static inline void vma_start_write(struct vm_areas *areas, struct vm_area *area)
{
	if (area->lock.write_seq != areas->write_seq)
		vma_start_write_slow(areas, area);
}

/* All areas can be held for reading again.  Before mmap_lock is released. */
static inline void vma_end_write_all(struct vm_areas *areas)
{
	/* Pairs with the acquire in vma_start_read(): who gets in sees the changes. */
	smp_store_release(&areas->write_seq, areas->write_seq + 1);
}

/* @area is new, and a copy of another one. */
static inline void vma_lock_init(struct vm_area *area)
{
	atomic_set(&area->lock.nr_readers, 0);
}

/* @area is about to be linked: nobody gets it before vma_end_write_all(). */
static inline void vma_mark_attached(struct vm_areas *areas, struct vm_area *area)
{
	WRITE_ONCE(area->lock.write_seq, areas->write_seq);
}

/* @area, which is held for writing, has left the set: nobody gets it any more. */
#define VMA_DETACHED (~0UL)
static inline void vma_mark_detached(struct vm_area *area)
{
	WRITE_ONCE(area->lock.write_seq, VMA_DETACHED);
}

void vm_areas_lock_init(struct vm_areas *areas);

/* Whether somebody holds @area for reading: for assertions. */
static inline bool vma_is_read(const struct vm_area *area)
{
	return atomic_read(&area->lock.nr_readers);
}
#else
static inline struct vm_area *vma_lock_at(struct vm_areas *areas __maybe_unused,
					  unsigned long addr __maybe_unused)
{
	return NULL;
}
static inline void vma_end_read(struct vm_areas *areas __maybe_unused,
				struct vm_area *area __maybe_unused)
{
}
static inline void vma_start_write(struct vm_areas *areas __maybe_unused,
				   struct vm_area *area __maybe_unused)
{
}
static inline void vma_end_write_all(struct vm_areas *areas __maybe_unused)
{
}
static inline void vma_lock_init(struct vm_area *area __maybe_unused)
{
}
static inline void vma_mark_attached(struct vm_areas *areas __maybe_unused,
				     struct vm_area *area __maybe_unused)
{
}
static inline void vma_mark_detached(struct vm_area *area __maybe_unused)
{
}
static inline void vm_areas_lock_init(struct vm_areas *areas __maybe_unused)
{
}
static inline bool vma_is_read(const struct vm_area *area __maybe_unused)
{
	return false;
}
#endif

#endif
