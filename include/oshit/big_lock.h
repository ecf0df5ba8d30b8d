/* SPDX-License-Identifier: GPL-2.0-only */
/* The big kernel lock.  There is none yet: locking is fine-grained. */
#ifndef OSHIT_BIG_LOCK_H
#define OSHIT_BIG_LOCK_H

#include <oshit/types.h>

static inline void big_kernel_lock(void)
{
}
static inline void big_kernel_unlock(void)
{
}
static inline unsigned int big_lock_drop(void)
{
	return 0;
}
static inline void big_lock_retake(unsigned int depth __maybe_unused)
{
}

static __always_inline void big_lock_assert_held(void)
{
}

#endif
