/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Microarchitectural data sampling (RIDL, Fallout, ZombieLoad): before the return to user mode VERW
 * overwrites the buffers that a program could read.  Only with a memory operand, and only on
 * processors with new microcode (CPUID MD_CLEAR), does it do that.
 * Source: Intel, "Deep Dive: Intel Analysis of Microarchitectural Data Sampling", 2019.
 */
#ifndef ARCH_MDS_H
#define ARCH_MDS_H

#ifdef __ASSEMBLY__
/* Changes the flags. The last thing before SWAPGS on the way out. */
.macro CLEAR_CPU_BUFFERS
#ifdef CONFIG_MITIGATION_MDS
	cmpb	$0, mds_clears_buffers(%rip)
	je	9920f
	verw	mds_selector(%rip)
9920:
#endif
.endm
#else
#include <oshit/types.h>

/* Whether each return to user mode clears the buffers. Constant after boot. */
extern u8 mds_clears_buffers;
extern const u16 mds_selector;

/* Decides. Boot, once the command line is read. */
void mds_init(void);
#endif

#endif
