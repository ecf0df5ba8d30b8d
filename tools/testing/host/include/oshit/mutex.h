/* SPDX-License-Identifier: GPL-2.0-only */
/* One thread a test: a sleeping lock need not do anything but exist. */
#ifndef OSHIT_MUTEX_H
#define OSHIT_MUTEX_H

#include <oshit/lockdep.h>
#include <oshit/types.h>

struct mutex {
	int depth;
	struct lockdep_map dep_map;
};

#define DEFINE_MUTEX(name) struct mutex name

static inline void mutex_init(struct mutex *mutex)
{
	mutex->depth = 0;
}

static inline void mutex_lock(struct mutex *mutex)
{
	mutex->depth++;
}

static inline bool mutex_trylock(struct mutex *mutex)
{
	return !mutex->depth++;
}

static inline void mutex_unlock(struct mutex *mutex)
{
	mutex->depth--;
}

#endif
