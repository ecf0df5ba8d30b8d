/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The exception table: instructions that may fault, and where to go on if they do.
 *	1: movb (%rsi), %al
 *	EXTABLE(1b, 2f)
 */
#ifndef ARCH_EXTABLE_H
#define ARCH_EXTABLE_H

#ifdef __ASSEMBLY__
#define EXTABLE(insn, fixup)          \
	.pushsection __ex_table, "a"; \
	.long insn -., fixup -.;      \
	.popsection
#else
#include <oshit/types.h>

#define EXTABLE(insn, fixup)                    \
	".pushsection __ex_table, \"a\"\n"      \
	".long " #insn " - ., " #fixup " - .\n" \
	".popsection\n"

struct pt_regs;

/* If the trapping instruction has an entry, sets regs->rip to its fix-up and returns true. */
bool extable_fixup(struct pt_regs *regs);
#endif

#endif
