/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Memory that is contiguous in the kernel's address space alone, and other memory shown there.
 *
 * Each area has an unmapped page before and behind it, is writable and never executable, and is
 * mapped with 2 MiB pages where size and alignment allow.  An area of 2 MiB or more is aligned to
 * 2 MiB, a smaller one to a page.
 *
 * Context of all functions: task, or boot; they may sleep.  Interrupts must be on once other CPUs
 * run, for these are told to forget the mapping; so not under a lock that an interrupt handler
 * takes.  In an interrupt handler all are forbidden, vfree() included: they warn and do nothing,
 * which loses the area.
 */
#ifndef OSHIT_VMALLOC_H
#define OSHIT_VMALLOC_H

#include <oshit/gfp.h>
#include <oshit/types.h>

/**
 * vmalloc() - allocate @size bytes, rounded up to pages
 * Memory holds anything; vzalloc() zeroes it. Use kmalloc() up to some pages.
 * Return: address, or NULL: no memory, no addresses, or @size is 0 or absurd.
 */
void *vmalloc(size_t size);
void *vzalloc(size_t size);
/* With GFP_KERNEL and __GFP_ bits that modify it. */
void *__vmalloc(size_t size, gfp_t gfp);
/* NULL is allowed; what is no allocation of vmalloc() is reported and left alone. */
void vfree(const void *addr);

/**
 * vmap() - map pages side by side
 * @pages: @nr_pages of them, which stay their owner's, and must live until vunmap()
 * Return: address, or NULL.
 */
void *vmap(struct page *const *pages, unsigned int nr_pages);
void vunmap(const void *addr);

/**
 * ioremap() - map registers of a device, uncached
 * @phys: first byte, of any alignment
 * @size: bytes
 * RAM that the kernel uses is refused: it has a cached mapping already.
 * Return: address of @phys, or NULL.
 */
void __iomem *ioremap(phys_addr_t phys, size_t size);
void iounmap(volatile void __iomem *addr);

/* Whether @addr lies in the region of such areas; not whether anything is there. */
bool is_vmalloc_addr(const void *addr);
/* The page behind an address that the caller has allocated or mapped; NULL for a device. */
struct page *vmalloc_to_page(const void *addr);

enum vmalloc_kind {
	VMALLOC_DYING, /* being unmapped */
	VMALLOC_PAGES, /* vmalloc() */
	VMALLOC_MAP, /* vmap() */
	VMALLOC_IO, /* ioremap() */
	VMALLOC_STACK, /* the stack of a task or of a CPU */
	NR_VMALLOC_KINDS,
};

struct vmalloc_info { /* a copy */
	unsigned long start, size; /* bytes, without the guard pages */
	enum vmalloc_kind kind;
	phys_addr_t phys; /* of VMALLOC_IO */
	const void *caller; /* who asked for it */
};

/*
 * The first area that ends above @addr, counting its guard page; false if there is none.  For
 * panics and the monitor: takes no lock and survives ruins.
 */
bool vmalloc_peek(unsigned long addr, struct vmalloc_info *info);
const char *vmalloc_kind_name(enum vmalloc_kind kind);

struct vmalloc_counts {
	unsigned long nr_areas;
	unsigned long nr_pages; /* mapped in them, I/O included */
};
void vmalloc_counts_get(struct vmalloc_counts *counts);

/* Boot, once the kernel's tables are final. */
void vmalloc_init(void);

#endif
