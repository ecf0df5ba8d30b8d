/* SPDX-License-Identifier: GPL-2.0-only */
/* An assertion is UD2 with an entry in __bug_table: struct bug_entry of <oshit/bug.h>. */
#ifndef ARCH_BUG_H
#define ARCH_BUG_H

#ifdef __CHECKER__
#define arch_bug(bug_flags) __builtin_trap()
#else
#define arch_bug(bug_flags)                                       \
	__asm__ __volatile__("1: ud2\n"                           \
			     ".pushsection __bug_table, \"aw\"\n" \
			     "2: .long 1b - 2b\n"                 \
			     "3: .long %c0 - 3b\n"                \
			     ".word %c1, %c2\n"                   \
			     ".popsection"                        \
			     :                                    \
			     : "i"(__FILE__), "i"(__LINE__), "i"(bug_flags))
#endif

#endif
