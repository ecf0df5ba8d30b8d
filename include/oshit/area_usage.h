/* SPDX-License-Identifier: GPL-2.0-only */
/* What of an area is in memory, and how much of that is shared: mm/area_usage.c, for smaps. */
#ifndef OSHIT_AREA_USAGE_H
#define OSHIT_AREA_USAGE_H

#include <oshit/types.h>

struct vm_area;

#define PSS_SHIFT 12 /* proportional sizes are in parts of 2^-12 bytes: each page is divided */

struct area_usage { /* bytes */
	u64 resident;
	u64 shared_clean, shared_dirty, private_clean, private_dirty; /* of resident */
	u64 referenced, anonymous, anon_huge; /* of resident */
	u64 swapped;
	u64 pss, pss_anon, pss_file, pss_shmem, pss_dirty, pss_locked, pss_swap; /* << PSS_SHIFT */
};

/* Adds what @area has. mmap_lock held; may be long, and sleeps. */
void area_usage_add(struct vm_area *area, struct area_usage *usage);
/* Whether a huge page could come into @area by a fault. The same. */
bool area_may_be_huge(struct vm_area *area);

#endif
