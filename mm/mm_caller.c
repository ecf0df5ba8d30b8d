/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the caller's rights and personality mean for its memory.  Apart from the files that ask, so
 * that those build as host programs, where nobody calls.
 */
#include <linux/capability.h>
#include <linux/mman.h>
#include <linux/personality.h>
#include <oshit/cred.h>
#include <oshit/user_task.h>

#include "mm_internal.h"

bool mm_locks_freely(void)
{
	return capable(CAP_IPC_LOCK);
}

bool mm_caller_is_admin(void)
{
	return capable(CAP_SYS_ADMIN);
}

bool mm_read_implies_exec(const struct mm_struct *mm, unsigned long prot)
{
	return prot & PROT_READ && current->user && current->user->mm == mm &&
	       current->user->personality & READ_IMPLIES_EXEC;
}

void mm_count_stored(unsigned long bytes)
{
	count_io_stored(true, bytes);
}
