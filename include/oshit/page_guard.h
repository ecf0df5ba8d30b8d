/* SPDX-License-Identifier: GPL-2.0-only */
/* Page allocations between unmapped pages: the interface to the trap entry, boot and tests. */
#ifndef OSHIT_PAGE_GUARD_H
#define OSHIT_PAGE_GUARD_H

#include <oshit/types.h>

struct pt_regs;

#ifdef CONFIG_DEBUG_PAGE_GUARD
/* Takes the pool. Boot, once the kernel's tables are final. */
void page_guard_init(void);

/**
 * page_guard_fault() - the kernel touched @addr, where nothing is mapped
 * If it lies in the pool this reports the object that was missed and maps a page there, so that
 * the access can go on; nothing else is harmed by it.
 * Context: page fault.
 * Return: whether the access shall be tried again.
 */
bool page_guard_fault(unsigned long addr, const struct pt_regs *regs);

/* For tests: from now on one in @interval allocations is guarded, 0: none. Returns the old one. */
unsigned int page_guard_set_interval(unsigned int interval);
#else
static inline void page_guard_init(void)
{
}
static inline bool page_guard_fault(unsigned long addr __maybe_unused,
				    const struct pt_regs *regs __maybe_unused)
{
	return false;
}
#endif

#endif
