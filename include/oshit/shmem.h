/* SPDX-License-Identifier: GPL-2.0-only */
/* Shared anonymous memory: pages that have a place of their own, without a name. */
#ifndef OSHIT_SHMEM_H
#define OSHIT_SHMEM_H

struct address_space;
struct page;
struct vm_area;

/* Pages that begin as zeros, counted as shared memory. */
extern const struct address_space_operations shmem_aops;
/* Its ->read_page(). */
int shmem_read_page(struct address_space *mapping, struct page *page);

/* Gives @area, shared, anonymous and in no set yet, an object of its size. 0 or -ENOMEM. */
int shmem_mmap(struct vm_area *area);

#endif
