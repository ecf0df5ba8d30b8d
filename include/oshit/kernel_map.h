/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Changes of the kernel's half of the address space.  Addresses and sizes are multiples of
 * PAGE_SIZE.  Who owns a range of addresses (a vmalloc area, a section of the image) maps and
 * unmaps there; the lock inside protects the tables that neighbours share.
 *
 * Context of all that change something: task (or boot), interrupts on once other CPUs run, for a
 * flush waits until these have done theirs; never an interrupt handler.
 */
#ifndef OSHIT_KERNEL_MAP_H
#define OSHIT_KERNEL_MAP_H

#include <oshit/pgwalk.h>
#include <oshit/types.h>

enum kernel_rights { /* nothing is executable but the image's text */
	KERNEL_RW, /* memory */
	KERNEL_RO,
	KERNEL_IO, /* registers of a device: writable, never cached */
};

/**
 * kernel_map() - map memory at kernel addresses where nothing is mapped
 * @source: gives the pages; the largest that it has in a row are used
 * Context: above; may sleep, for tables are allocated first.
 * Return: 0; -ENOMEM; -EEXIST if a part is mapped; -EINVAL. On failure nothing stays mapped.
 */
int kernel_map(unsigned long virt, u64 size, struct page_source *source, enum kernel_rights rights);

/* The same for one range of physical memory. */
int kernel_map_range(unsigned long virt, u64 size, phys_addr_t phys, enum kernel_rights rights);

/**
 * kernel_unmap() - unmap what was mapped as a whole
 * @sink: told what was mapped, or NULL; it must not sleep
 *
 * When it returns no CPU can reach the memory through the range. Needs no memory and cannot fail,
 * because no large page reaches out of what was mapped as a whole.
 */
void kernel_unmap(unsigned long virt, u64 size, struct page_sink *sink);

struct kernel_range {
	unsigned long virt;
	u64 size;
};

/* The same for @nr of them, which all CPUs forget in one flush. */
void kernel_unmap_ranges(const struct kernel_range *ranges, unsigned int nr,
			 struct page_sink *sink);

/* The same for any range, which may cut large pages. May sleep. 0 or -ENOMEM. */
int kernel_unmap_part(unsigned long virt, u64 size);

/* Changes PTE_ bits of what is mapped in a range. May sleep. 0 or -ENOMEM. */
int kernel_protect(unsigned long virt, u64 size, pte_t set, pte_t clear);

/* The entry that maps @virt, for who has it mapped; 0 if nothing does. Any context. */
pte_t kernel_query(unsigned long virt, unsigned int *level);

/* Pages that wait to become tables. Any context. */
unsigned long kernel_map_nr_spare(void);

/* The table itself: for its set-up and for walks while booting. */
extern struct page_table kernel_page_table;

/* The kernel uses the table at @root from now on. Boot. */
void kernel_map_init(pte_t *root, unsigned int max_leaf_level);

/*
 * Gives all entries of the root for [@start, @last] a table.  The root is final from the first
 * kernel_map() on, and whoever makes an address space copies its upper half.  Boot. 0 or -ENOMEM.
 */
int kernel_map_prepare(unsigned long start, unsigned long last);

#endif
