/* SPDX-License-Identifier: GPL-2.0-only */
/* A comparison of page tables with what they should be: mm/check_mm.c. */
#ifndef OSHIT_CHECK_MM_H
#define OSHIT_CHECK_MM_H

#include <arch/pgtable.h>
#include <oshit/mm.h>

/* Told what is wrong, at which address, and the entry there, if it is about one; else 0. */
typedef void (*mm_check_report_fn)(const char *what, unsigned long addr, pte_t entry);

#ifdef CONFIG_DEBUG_PGTABLE
/**
 * mm_check() - compare areas, page tables, rights, counts and reverse mapping of an address space
 * Writes the first few mistakes to the log.
 * Context: task; mmap_lock held for writing, or nobody else uses @mm; may sleep.
 * Return: the number of mistakes.
 */
unsigned int mm_check(struct mm_struct *mm);
/* The same while all other CPUs are stopped, and so without locks: what is half done is wrong. */
unsigned int mm_check_stopped(struct mm_struct *mm, mm_check_report_fn report);
#else
static inline unsigned int mm_check(struct mm_struct *mm __maybe_unused)
{
	return 0;
}
#endif

#endif
