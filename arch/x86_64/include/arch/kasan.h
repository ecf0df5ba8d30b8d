/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * KASAN's shadow: a byte for each 8 bytes of the kernel's half, at (address >> 3) + offset.  The
 * offset is fixed, for the compiler writes it into code; KASLR moves what has a shadow inside of
 * the half, and the shadow moves along.
 */
#ifndef ARCH_KASAN_H
#define ARCH_KASAN_H

#include <arch/extable.h>
#include <arch/layout.h>
#include <oshit/types.h>

#define KERNEL_HALF	    LAYOUT_UL(0xffff800000000000)
#define KASAN_SHADOW_SHIFT  3
#define KASAN_SHADOW_OFFSET (KASAN_BASE - (KERNEL_HALF >> KASAN_SHADOW_SHIFT))
static_assert(KASAN_SHADOW_OFFSET == 0xdffffc0000000000, "what the compiler is told");

static inline u8 *kasan_shadow_of(unsigned long addr)
{
	return (u8 *)((addr >> KASAN_SHADOW_SHIFT) + KASAN_SHADOW_OFFSET);
}

/* The first address that the shadow byte at @shadow stands for. */
static inline unsigned long kasan_address_of(const u8 *shadow)
{
	return ((unsigned long)shadow - KASAN_SHADOW_OFFSET) << KASAN_SHADOW_SHIFT;
}

/*
 * Shadow bytes at @shadow.  Where there is no shadow they read as 0, accessible: the access that is
 * being checked then faults by itself, or was right.
 */
static inline s8 arch_kasan_load(const u8 *shadow)
{
	int value;

	__asm__ __volatile__("xorl %0, %0\n"
			     "1: movb %1, %b0\n"
			     "2:\n" EXTABLE(1b, 2b)
			     : "=&q"(value)
			     : "m"(*shadow)
			     : "cc");
	return (s8)value;
}

static inline u64 arch_kasan_load_word(const u8 *shadow)
{
	u64 value;

	__asm__ __volatile__("xorl %k0, %k0\n"
			     "1: movq %1, %0\n"
			     "2:\n" EXTABLE(1b, 2b)
			     : "=&r"(value)
			     : "m"(*(const u64 *)shadow)
			     : "cc");
	return value;
}

/* The shadow until RAM has one, for boot/early.c: a page and tables of the levels 0 to 2. */
extern u8 kasan_early_page[4096];
extern u64 kasan_early_tables[3][512];

/* Maps shadow for all RAM and the image in the place of the early one. Boot, memblock is there. */
void arch_kasan_map(void);

#endif
