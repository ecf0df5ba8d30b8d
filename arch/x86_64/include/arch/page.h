/* SPDX-License-Identifier: GPL-2.0-only */
/* Pages, and the two linear maps: all physical memory, and the kernel image. */
#ifndef ARCH_PAGE_H
#define ARCH_PAGE_H

#include <arch/layout.h>

#define PAGE_SHIFT	 12
#define PAGE_SIZE	 (LAYOUT_UL(1) << PAGE_SHIFT)
#define PAGE_MASK	 (~(PAGE_SIZE - 1))
#define LARGE_PAGE_SHIFT 21
#define LARGE_PAGE_SIZE	 (LAYOUT_UL(1) << LARGE_PAGE_SHIFT)

#ifndef __ASSEMBLY__
#include <oshit/types.h>

/* Constant once the boot code has set them. */
extern unsigned long direct_map_base; /* virtual address of physical 0 */
extern unsigned long vmalloc_base; /* first of VMALLOC_SIZE bytes */
extern unsigned long page_array_base; /* virtual address of the struct page of physical 0 */
extern unsigned long image_offset; /* image: virtual minus physical address */

extern char _text[], _etext[], _rodata[], _erodata[], _init_begin[], _init_end[];
extern char _ro_after_init[];
extern char _init_text[], _einit_text[], _data[], _edata[], _bss[], _ebss[], _end[];

/* Address in the direct map of a physical address that it covers. */
static inline void *phys_to_virt(phys_addr_t phys)
{
	return (void *)(direct_map_base + phys);
}

/* Physical address of an address in the direct map; not for the image, stacks or vmalloc. */
static inline phys_addr_t virt_to_phys(const volatile void *addr)
{
	return (unsigned long)addr - direct_map_base;
}

/* How far KASLR moved the image from the addresses in System.map; for panics. */
static inline unsigned long image_slide(void)
{
	return (unsigned long)_text - IMAGE_LINK_BASE;
}

/* Physical address of a symbol of the kernel image. */
static inline phys_addr_t symbol_to_phys(const volatile void *symbol)
{
	return (unsigned long)symbol - image_offset;
}

/* True if @addr lies in code that the kernel may be running now. */
static inline bool is_kernel_text(unsigned long addr)
{
	return (addr >= (unsigned long)_text && addr < (unsigned long)_etext) ||
	       (addr >= (unsigned long)_init_text && addr < (unsigned long)_einit_text);
}
#endif

#endif
