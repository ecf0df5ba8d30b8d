/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Supervisor-mode access prevention: kernel code reaches user memory only between STAC and CLAC.
 * Each of the two is a NOP of three bytes in the image, which boot code replaces on processors that
 * have SMAP: smap_patch().
 * Source: Intel SDM volume 3, 4.6; AMD64 manual volume 2, 5.6.6.
 */
#ifndef ARCH_SMAP_H
#define ARCH_SMAP_H

#define SMAP_STAC 0xcb /* third byte of the instruction */
#define SMAP_CLAC 0xca

#ifdef __ASSEMBLY__
.macro SMAP_SITE insn
9910:	.byte 0x0f, 0x1f, 0x00
	.pushsection .smap_sites, "a"
	.long 9910b - ., \insn
	.popsection
.endm
#define STAC SMAP_SITE SMAP_STAC
#define CLAC SMAP_SITE SMAP_CLAC
#else
#include <oshit/compiler.h>

#define SMAP_SITE(insn)                                                       \
	"9910: .byte 0x0f, 0x1f, 0x00\n"                                      \
	".pushsection .smap_sites, \"a\"\n.long 9910b - ., " __stringify(insn) \
	"\n.popsection\n"

static inline void stac(void)
{
	__asm__ __volatile__(SMAP_SITE(SMAP_STAC) ::: "memory");
}

static inline void clac(void)
{
	__asm__ __volatile__(SMAP_SITE(SMAP_CLAC) ::: "memory");
}

/* Puts the instructions in place, if this processor has them and nosmap was not said. Boot, while
 * the text can be written. */
void smap_patch(void);
#endif

#endif
