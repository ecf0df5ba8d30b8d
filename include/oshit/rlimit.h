/* SPDX-License-Identifier: GPL-2.0-only */
/* Resource limits of the process that the caller belongs to. */
#ifndef OSHIT_RLIMIT_H
#define OSHIT_RLIMIT_H

#include <linux/resource.h>
#include <oshit/sched.h>

/* The soft limit RLIMIT_ @resource; without end for kernel threads. Any task. */
static inline unsigned long current_limit(unsigned int resource)
{
	const struct rlimit *limits = current->rlimits;

	return limits ? READ_ONCE(limits[resource].rlim_cur) : (unsigned long)RLIM_INFINITY;
}

#endif
