/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef OSHIT_MM_INIT_H
#define OSHIT_MM_INIT_H

/* Brings the allocators up. Boot, one CPU, after memory_map_init(). */
void mm_init(void);

#endif
