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
/* What /proc/PID/pagemap says of a page; below, where it is: a frame, or a place in swap. */
#define PAGEMAP_EXCLUSIVE (1UL << 56) /* nobody else maps it */
#define PAGEMAP_FILE	  (1UL << 61) /* of a file, or shared memory */
#define PAGEMAP_SWAPPED	  (1UL << 62)
#define PAGEMAP_PRESENT	  (1UL << 63)
#define PAGEMAP_PLACE	  ((1UL << 55) - 1)

/* One word for each page of [@start, @end), which lies in @area; those of pages that are not there
 * are left as they are. mmap_lock held; sleeps. */
void area_pagemap(struct vm_area *area, unsigned long start, unsigned long end, u64 *words);
/* Whether a huge page could come into @area by a fault. The same. */
bool area_may_be_huge(struct vm_area *area);

#endif
