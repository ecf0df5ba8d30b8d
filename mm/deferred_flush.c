/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * One flush for many pages.
 *
 * Reclaim takes up to LRU_BATCH pages out of all tables, and then has processors forget them all at
 * once: an interrupt to another CPU costs as much as all the rest that is done for a page.  Until
 * then a CPU may use an old translation, so a page is neither written out nor freed before.  Nor is
 * it unlocked: whoever faults on the entry waits for the page's lock, and so for the flush.
 *
 *	reclaim				another CPU
 *	lock page, empty entry		writes by its old translation: the page is dirty, by the
 *					entry or by its flag, and not written out yet
 *					faults on the entry: waits for the lock
 *	flush				forgets it
 *	write out or free, unlock	finds the page in the cache, or has it read
 *
 * All others take an entry that maps nothing as a sign that nobody uses a translation of it:
 * munmap() gives the address to somebody else, fork() lets the child have the slot that the entry
 * names, mprotect() takes rights away.  They call mm_flush_deferred() before they return.  It
 * flushes the address space if reclaim has put off something there, and has not flushed yet.  For
 * that an address space counts what was put off (mm->nr_deferred), and what of it is known to be
 * flushed (mm->nr_flushed); and nr_open says how many tasks have something to flush anywhere.
 *
 *	reclaim				munmap()
 *	lock table
 *	empty entry
 *	nr_open++, then nr_deferred++
 *	unlock table			lock table, entry is empty, unlock table
 *	flush				nr_deferred != nr_flushed, and nr_open is not 0: flush
 *	nr_open--
 *
 * The address space may go before the flush, so that keeps only the CPUs that have it loaded, and
 * the addresses.  A CPU that loads it later finds the new entries; one that has loaded something
 * else since flushes in vain.
 *
 * MADV_FREE's pages are not put off: their entries become empty, and who faults there waits for no
 * page.  Their flush ends before the table is unlocked (discard_in_area()).
 *
 * tools/testing/models/deferred_flush.pml has all interleavings of these.
 *
 * Locks: nr_deferred changes under the lock of a table.
 */
#include <oshit/atomic.h>

#include "deferred_flush.h"

static atomic_t nr_open; /* tasks that have put off something */

void defer_flush(struct deferred_flush *flush, struct mm_struct *mm, unsigned long addr)
{
	if (!nr_deferred(flush))
		atomic_inc(&nr_open);
	atomic_inc(&mm->nr_deferred);
	tlb_batch_add(&flush->tlb, &mm->context, addr);
}

void deferred_flush_end(struct deferred_flush *flush)
{
	if (!nr_deferred(flush))
		return;
	tlb_batch_flush(&flush->tlb);
	/* Full barrier: who reads that none is open finds that all is flushed. */
	atomic_dec_return(&nr_open);
}

bool __mm_flush_deferred(struct mm_struct *mm)
{
	int nr = atomic_read(&mm->nr_deferred);
	bool is_open;

	smp_rmb(); /* what was counted before nr was read had been counted in nr_open before */
	is_open = atomic_read(&nr_open);
	if (is_open)
		flush_tlb_mm_range(&mm->context, 0, USER_END - 1);
	/* A smaller one, of somebody who was slower, costs a flush more. */
	WRITE_ONCE(mm->nr_flushed, nr);
	return is_open;
}
