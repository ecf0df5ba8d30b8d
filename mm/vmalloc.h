/* SPDX-License-Identifier: GPL-2.0-only */
/* What mm/vmalloc.c offers to its neighbours. */
#ifndef MM_VMALLOC_H
#define MM_VMALLOC_H

#include <oshit/vmalloc.h>

/* vmalloc() for @caller; @kind is VMALLOC_PAGES or VMALLOC_STACK. */
void *vmalloc_area(size_t size, gfp_t gfp, enum vmalloc_kind kind, const void *caller);
/* vfree() of such an area. */
void vfree_area(const void *addr, enum vmalloc_kind kind);

#define VFREE_BATCH 16
/* The same for up to VFREE_BATCH of them, with one flush of all CPUs; two with KASAN. */
void vfree_areas(void *const *addrs, unsigned int nr, enum vmalloc_kind kind);

#endif
