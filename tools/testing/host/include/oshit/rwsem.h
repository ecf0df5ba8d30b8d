/* SPDX-License-Identifier: GPL-2.0-only */
/* One thread a test: a sleeping lock need not do anything but exist. */
#ifndef OSHIT_RWSEM_H
#define OSHIT_RWSEM_H

#include <oshit/lockdep.h>

struct rw_semaphore {
	int depth;
	struct lockdep_map dep_map;
};

static inline void init_rwsem(struct rw_semaphore *sem)
{
	sem->depth = 0;
}

static inline void down_read(struct rw_semaphore *sem)
{
	sem->depth++;
}

static inline bool down_read_trylock(struct rw_semaphore *sem)
{
	sem->depth++;
	return true;
}

static inline void up_read(struct rw_semaphore *sem)
{
	sem->depth--;
}

static inline bool down_write_trylock(struct rw_semaphore *sem)
{
	if (sem->depth)
		return false;
	sem->depth++;
	return true;
}

static inline void down_write(struct rw_semaphore *sem)
{
	sem->depth++;
}

static inline void up_write(struct rw_semaphore *sem)
{
	sem->depth--;
}

static inline void downgrade_write(struct rw_semaphore *sem __maybe_unused)
{
}

#endif
