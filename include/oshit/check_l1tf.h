/* SPDX-License-Identifier: GPL-2.0-only */
/* A search for page table entries that L1 Terminal Fault could use: mm/check_l1tf.c. */
#ifndef OSHIT_CHECK_L1TF_H
#define OSHIT_CHECK_L1TF_H

#include <arch/pgtable.h>
#include <oshit/types.h>

/* Told of an entry that is not present and leads to memory. */
typedef void (*l1tf_report_fn)(pte_t pte, unsigned long addr, unsigned int level);

#ifdef CONFIG_DEBUG_L1TF
/*
 * Looks through one half of the tables below @root and calls @report (NULL: writes to the log) for
 * the first few bad entries.  Nobody else changes the tables meanwhile, or all CPUs are stopped.
 * Context: any. Return: the number of bad entries.
 */
unsigned int l1tf_check_user(phys_addr_t root, l1tf_report_fn report);
unsigned int l1tf_check_kernel(phys_addr_t root, l1tf_report_fn report);
#else
static inline unsigned int l1tf_check_user(phys_addr_t root __maybe_unused,
					   l1tf_report_fn report __maybe_unused)
{
	return 0;
}
static inline unsigned int l1tf_check_kernel(phys_addr_t root __maybe_unused,
					     l1tf_report_fn report __maybe_unused)
{
	return 0;
}
#endif

#endif
