/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Promised memory.
 *
 * A private mapping that may be written to, and shared memory, promise a page for each of theirs,
 * long before one is touched.  The sum of the promises is kept in a counter of parts for each CPU.
 * It goes up when such a mapping is made, grows or becomes writable, and with the child's half of a
 * fork; it goes down when the mapping goes.  An area whose pages are in the sum has VM_ACCOUNT, so
 * what goes is what came.
 *
 * What happens with the sum is Linux's vm.overcommit_memory:
 *
 *	0	nothing: only a promise that alone exceeds all memory and swap is refused
 *	1	nothing at all
 *	2	it may not exceed a share of memory (overcommit_ratio, or overcommit_kbytes) and
 *		all swap, less a reserve for root, and one that keeps a single process from
 *		taking all
 *
 * MAP_NORESERVE makes no promise, except in mode 2.
 *
 * Locks: none; a counter is all there is.
 */
#include <oshit/boot_param.h>
#include <oshit/init.h>
#include <oshit/math.h>
#include <oshit/mm.h>
#include <oshit/overcommit.h>
#include <oshit/percpu_counter.h>
#include <oshit/swap.h>

#include "mm_internal.h"

#define PAGES_OF_KIB(kib)   ((kib) >> (PAGE_SHIFT - 10))
/* As Linux: for root to log in, and for a user to end what has grown too large. */
#define ADMIN_RESERVE_PAGES PAGES_OF_KIB(8UL << 10)
#define USER_RESERVE_PAGES  PAGES_OF_KIB(128UL << 10)
#define RESERVE_SHARE	    32 /* of memory, at most */
#define COMMIT_BATCH	    256 /* pages: a megabyte for each CPU is near enough */

unsigned long overcommit_memory = OVERCOMMIT_GUESS;
unsigned long overcommit_ratio = 50;
unsigned long overcommit_kbytes;

BOOT_PARAM_NUMBER("sysctl.vm.overcommit_memory", overcommit_memory);
BOOT_PARAM_NUMBER("sysctl.vm.overcommit_ratio", overcommit_ratio);
BOOT_PARAM_NUMBER("sysctl.vm.overcommit_kbytes", overcommit_kbytes);

static DEFINE_PERCPU_COUNTER(committed);

unsigned long vm_commit_limit(void)
{
	return (overcommit_kbytes ? PAGES_OF_KIB(overcommit_kbytes)
				  : memory_total_pages() * overcommit_ratio / 100) +
	       nr_swap_slots();
}

unsigned long vm_committed_pages(void)
{
	return (unsigned long)max(percpu_counter_sum(&committed), (s64)0);
}

void vm_unacct_memory(long nr_pages)
{
	percpu_counter_add_batch(&committed, -nr_pages, COMMIT_BATCH);
}

static long allowed_for(const struct mm_struct *mm)
{
	unsigned long share = memory_total_pages() / RESERVE_SHARE;
	unsigned long user_reserve = min(share, USER_RESERVE_PAGES);
	long allowed = (long)vm_commit_limit();

	if (!mm_caller_is_admin())
		allowed -= (long)min(share, ADMIN_RESERVE_PAGES);
	if (mm)
		allowed -= (long)min(mm->total_pages / RESERVE_SHARE, user_reserve);
	return allowed;
}

int vm_enough_memory(struct mm_struct *mm, long nr_pages)
{
	bool fits = true;

	percpu_counter_add_batch(&committed, nr_pages, COMMIT_BATCH);
	if (overcommit_memory == OVERCOMMIT_GUESS)
		fits = nr_pages <= (long)(memory_total_pages() + nr_swap_slots());
	else if (overcommit_memory == OVERCOMMIT_NEVER)
		fits = (long)vm_committed_pages() < allowed_for(mm);
	if (fits)
		return 0;
	vm_unacct_memory(nr_pages);
	return -ENOMEM;
}
