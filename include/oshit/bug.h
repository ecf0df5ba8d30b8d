/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Assertions.  WARN_ON(condition) reports and goes on: the way to answer a kernel bug.  BUG_ON()
 * kills the task, or panics without one: only where going on would destroy data.  Both compile to
 * a trapping instruction and an entry in __bug_table, so the condition costs a test and a jump.
 */
#ifndef OSHIT_BUG_H
#define OSHIT_BUG_H

#include <arch/bug.h>
#include <oshit/types.h>

struct pt_regs;

#define BUG_WARNING (1 << 0)
#define BUG_ONCE    (1 << 1)
#define BUG_DONE    (1 << 2)

struct bug_entry { /* a: atomic; the rest is constant */
	s32 addr_rel; /* trapping instruction, relative to this field */
	s32 file_rel; /* name of the file, relative to this field */
	u16 line;
	u16 flags; /* a  BUG_DONE is set by the first report of a BUG_ONCE */
};

/* What the trap at @addr was: the arch's invalid-opcode entry asks. NULL: no assertion. */
struct bug_entry *bug_find(unsigned long addr);

/* Reports it. True if execution goes on behind the instruction. */
bool bug_report(struct bug_entry *bug, struct pt_regs *regs);

#define BUG()                            \
	do {                             \
		arch_bug(0);             \
		__builtin_unreachable(); \
	} while (0)

#define BUG_ON(cond)                \
	do {                        \
		if (unlikely(cond)) \
			BUG();      \
	} while (0)

#define __WARN_ON(cond, flags)           \
	({                               \
		bool __warn = !!(cond);  \
		if (unlikely(__warn))    \
			arch_bug(flags); \
		unlikely(__warn);        \
	})

#define WARN_ON(cond)	   __WARN_ON(cond, BUG_WARNING)
#define WARN_ON_ONCE(cond) __WARN_ON(cond, BUG_WARNING | BUG_ONCE)

#endif
