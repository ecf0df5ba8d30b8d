/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The address space (DESIGN: "Boot and address space"), for C, assembly and the linker script.
 * The bases are those without KASLR.
 */
#ifndef ARCH_LAYOUT_H
#define ARCH_LAYOUT_H

#ifdef __ASSEMBLY__
#define LAYOUT_UL(x) x
#else
#define LAYOUT_UL(x) x##UL
#endif

/* User addresses are below. A page less than half of the space, so that no instruction ends where
 * the hole begins: SYSRET to there faults in kernel mode, with the user's stack. */
#define USER_END	  LAYOUT_UL(0x00007ffffffff000)

#define DIRECT_MAP_BASE	  LAYOUT_UL(0xffff888000000000)
#define DIRECT_MAP_SIZE LAYOUT_UL(0x400000000000) /* 64 TiB */
#define VMALLOC_BASE	  LAYOUT_UL(0xffffc90000000000)
#define PAGE_ARRAY_BASE	  LAYOUT_UL(0xffffea0000000000)
#define KASAN_BASE	  LAYOUT_UL(0xffffec0000000000)
#define KASAN_SIZE	  LAYOUT_UL(0x100000000000) /* 16 TiB: an eighth of the kernel's half */

/* Enough for 50 million stacks; more costs 4 KiB of tables for each 512 GiB. */
#define VMALLOC_SIZE	  LAYOUT_UL(0x10000000000) /* 1 TiB */

/* Within these KASLR moves direct map, vmalloc and page array; 64 bytes a page of 4 KiB. */
#define DIRECT_MAP_ROOM	  (VMALLOC_BASE - DIRECT_MAP_BASE)
#define VMALLOC_ROOM	  (PAGE_ARRAY_BASE - VMALLOC_BASE)
#define PAGE_ARRAY_ROOM	  (KASAN_BASE - PAGE_ARRAY_BASE)
#define PAGE_ARRAY_SIZE	  (DIRECT_MAP_SIZE / 4096 * 64)

/* The image's window is the top 2 GiB less the last 2 MiB, where ERR_PTR() values lie. */
#define IMAGE_WINDOW_BASE LAYOUT_UL(0xffffffff80000000)
#define IMAGE_WINDOW_SIZE LAYOUT_UL(0x7fe00000)

/* Where the image is linked, and where a loader that does not relocate puts it.  2 MiB is the
 * lowest address that one large page maps and no firmware uses. */
#define IMAGE_PHYS_BASE	  LAYOUT_UL(0x200000)
#define IMAGE_LINK_BASE	  (IMAGE_WINDOW_BASE + IMAGE_PHYS_BASE)
#define IMAGE_ALIGN	  LAYOUT_UL(0x200000)

/* The boot page tables map this much, once at 0 and once in the direct map. */
#define EARLY_MAP_SIZE	  LAYOUT_UL(0x100000000)

/* KASAN's red zones between variables double the frames. */
#ifdef CONFIG_KASAN
#define KERNEL_STACK_SIZE LAYOUT_UL(0x8000)
#define IST_STACK_SIZE	  LAYOUT_UL(0x4000)
#else
#define KERNEL_STACK_SIZE LAYOUT_UL(0x4000)
#define IST_STACK_SIZE	  LAYOUT_UL(0x2000)
#endif

/* From the start of `boot_stacks`: a guard page, then the stack of the boot CPU. */
#define BOOT_STACK_END	  (LAYOUT_UL(0x1000) + KERNEL_STACK_SIZE)

#endif
