/* SPDX-License-Identifier: GPL-2.0-only */
/* Between the files of this folder. */
#ifndef MM_TABLES_H
#define MM_TABLES_H

#include <oshit/pgwalk.h>

/* The kernel's half of the address space. Boot CPU only, so far: no lock. */
extern struct page_table kernel_page_table;

#ifdef CONFIG_DEBUG_WX
/* Reports each page of the kernel that is both writable and executable. Boot. */
void check_wx(void);
#else
static inline void check_wx(void)
{
}
#endif

#endif
