/* SPDX-License-Identifier: GPL-2.0-only */
/* Reclaim: mm/vmscan.c, and the thread that does it ahead of need, mm/kswapd.c. */
#ifndef OSHIT_VMSCAN_H
#define OSHIT_VMSCAN_H

#include <oshit/gfp.h>
#include <oshit/types.h>

#ifdef CONFIG_RECLAIM
/* 0: pages of files only, as long as there are any; 200: private memory only. */
extern unsigned long vm_swappiness;

void reclaim_init(void); /* boot: from now on allocations reclaim, and kswapd runs. May sleep */

#else
static inline void reclaim_init(void)
{
}
#endif

#endif
