/* SPDX-License-Identifier: GPL-2.0-only */
/* Between the files of this folder. */
#ifndef MM_TABLES_H
#define MM_TABLES_H

#include <oshit/pgwalk.h>

/* Flags of a mapping of data: present, writable, no-execute if the processor knows that. */
pte_t kernel_data_flags(void);

/* The highest level whose entries may map a page on this processor: 1 (2 MiB) or 2 (1 GiB). */
unsigned int cpu_max_leaf_level(void);

#ifdef CONFIG_DEBUG_WX
/* Reports each page of the kernel that is both writable and executable. Boot. */
void check_wx(void);
#else
static inline void check_wx(void)
{
}
#endif

#endif
