/* SPDX-License-Identifier: GPL-2.0-only */
/* Allocations that fail on purpose: CONFIG_FAIL_ALLOC, mm/fail_alloc.c. */
#ifndef OSHIT_FAIL_ALLOC_H
#define OSHIT_FAIL_ALLOC_H

#include <oshit/gfp.h>
#include <oshit/types.h>

#ifdef CONFIG_FAIL_ALLOC
/* Whether this allocation is to fail. Any context. */
bool should_fail_alloc(gfp_t gfp);
#else
static inline bool should_fail_alloc(gfp_t gfp __maybe_unused)
{
	return false;
}
#endif

#endif
