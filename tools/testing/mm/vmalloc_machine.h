/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * vmalloc on a simulated machine, and a load for it.  A virtual address cannot be used on the host;
 * the load goes through the page table, as a processor does, and through a simulated TLB that is
 * shared by all CPUs: it remembers each translation that was used until it is flushed.
 */
#ifndef VMALLOC_MACHINE_H
#define VMALLOC_MACHINE_H

#include <oshit/types.h>

#define LOAD_SLOTS 16

struct vmalloc_load { /* of one CPU */
	struct load_area {
		unsigned long addr; /* 0: none */
		unsigned long nr_pages;
		u64 mark; /* in the first word of each page that the area owns */
		int kind; /* enum vmalloc_kind */
		struct page **pages; /* of vmap() */
	} areas[LOAD_SLOTS];
	const char *error; /* what was wrong, or NULL */
};

/* One call, chosen by @op: allocates into a slot, or checks and frees what is there. */
void vmalloc_load_step(struct vmalloc_load *load, u32 op);
/* Frees all. */
void vmalloc_load_end(struct vmalloc_load *load);

/* Tables of the levels below the root's; the stock of mm/kernel_map.c is not counted. */
unsigned long vmalloc_machine_tables(void);

#endif
