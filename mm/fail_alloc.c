/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Fault injection: allocations that fail, to run the paths that memory pressure would take.
 *
 * "fail_alloc=N" on the command line lets every Nth allocation of pages and objects fail that a
 * task makes which is named "fail_alloc": prctl(PR_SET_NAME) turns it on and off, what such a task
 * forks has the name, too, and a program that it executes has another.  Spared are allocations that
 * may not sleep, whose callers live with failure anyway, and those in interrupts.
 *
 * One counter for all: an operation that makes k allocations meets each of its k failures sooner or
 * later, if k and N have no common divisor.
 */
#include <linux/errno.h>
#include <oshit/atomic.h>
#include <oshit/boot_param.h>
#include <oshit/fail_alloc.h>
#include <oshit/init.h>
#include <oshit/kstrtox.h>
#include <oshit/preempt.h>
#include <oshit/sched.h>
#include <oshit/string.h>

static unsigned long interval __ro_after_init; /* 0: none fails */
static atomic64_t nr_allocs;

static __init int fail_alloc_param(const char *value)
{
	return value ? kstrtoul(value, 10, &interval) : -EINVAL;
}
BOOT_PARAM("fail_alloc", fail_alloc_param);

bool should_fail_alloc(gfp_t gfp)
{
	if (likely(!interval) || !(gfp & __GFP_DIRECT_RECLAIM) || in_interrupt())
		return false;
	if (strcmp(current->comm, "fail_alloc"))
		return false;
	return (unsigned long)atomic64_inc_return(&nr_allocs) % interval == 0;
}
