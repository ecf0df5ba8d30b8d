/* SPDX-License-Identifier: GPL-2.0-only */
/* No CPU uses the tables of a simulated machine. */
#ifndef OSHIT_MM_CONTEXT_H
#define OSHIT_MM_CONTEXT_H

#include <oshit/types.h>

struct mm_context {
	phys_addr_t root;
};

static inline void mm_context_unload(struct mm_context *context __maybe_unused)
{
}

#endif
