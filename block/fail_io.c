/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Fault injection: disk requests that fail, to run the paths that a bad disk would take.
 *
 * "fail_io=N" on the command line lets every Nth request fail that a task submits which is named
 * "fail_io" (prctl(PR_SET_NAME)).  Such a request fails each time that it is tried, as a bad sector
 * would, and takes the command down that it has been merged into.
 */
#include <linux/errno.h>
#include <oshit/atomic.h>
#include <oshit/boot_param.h>
#include <oshit/fail_io.h>
#include <oshit/sched.h>
#include <oshit/string.h>

static unsigned long interval; /* 0: none fails */
BOOT_PARAM_NUMBER("fail_io", interval);

static atomic64_t nr_requests;

bool should_fail_io(void)
{
	if (likely(!interval) || strcmp(current->comm, "fail_io"))
		return false;
	return (unsigned long)atomic64_inc_return(&nr_requests) % interval == 0;
}
