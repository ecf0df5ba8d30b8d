/* SPDX-License-Identifier: GPL-2.0-only */
/* Disk requests that fail on purpose: CONFIG_FAIL_IO, block/fail_io.c. */
#ifndef OSHIT_FAIL_IO_H
#define OSHIT_FAIL_IO_H

#include <oshit/types.h>

#ifdef CONFIG_FAIL_IO
/* Whether this request of the calling task is to fail. Task. */
bool should_fail_io(void);
#else
static inline bool should_fail_io(void)
{
	return false;
}
#endif

#endif
