/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The big kernel lock: with CONFIG_LOCKING_BIG one CPU at a time is in the kernel, as in the first
 * multiprocessor Unixes, to study and to compare.  kernel/locking/big_lock.c has the theory,
 * Documentation/locking.rst lists what runs without it and the numbers.
 *
 * It nests on its CPU.  A task that holds it keeps it until it sleeps, is preempted, or leaves the
 * kernel; the scheduler gives it back on the way in:
 *
 *	unsigned int depth = big_lock_drop();		in schedule(), before another task is chosen
 *	...						others run, the kernel is free meanwhile
 *	big_lock_retake(depth);				when the task goes on
 */
#ifndef OSHIT_BIG_LOCK_H
#define OSHIT_BIG_LOCK_H

#include <oshit/lockdep.h>
#include <oshit/types.h>

#ifdef CONFIG_LOCKING_BIG
/**
 * big_kernel_lock() - enter the kernel: wait until no other CPU is in it
 * Context: any but NMI, no raw_spinlock_t held; answers calls of other CPUs while it waits.
 */
void big_kernel_lock(void);
void big_kernel_unlock(void);

/* True if this CPU holds it. */
bool big_lock_is_held(void);

/* True if it does, and another CPU waits: the running task should give way. */
bool big_lock_is_wanted(void);

/* Lets go of all levels and says how many; takes as many back, 0 for none. */
unsigned int big_lock_drop(void);
void big_lock_retake(unsigned int depth);
#else
static inline void big_kernel_lock(void)
{
}
static inline void big_kernel_unlock(void)
{
}
static inline bool big_lock_is_held(void)
{
	return true;
}
static inline bool big_lock_is_wanted(void)
{
	return false;
}
static inline unsigned int big_lock_drop(void)
{
	return 0;
}
static inline void big_lock_retake(unsigned int depth __maybe_unused)
{
}
#endif

/* Where a spinlock_t is taken. */
static __always_inline void big_lock_assert_held(void)
{
	lockdep_check_big_lock(big_lock_is_held());
}

#endif
