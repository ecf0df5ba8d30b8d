/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef OSHIT_MEMORY_MAP_H
#define OSHIT_MEMORY_MAP_H

/* Hands boot_info's memory map, as the command line corrects it, to memblock. Boot. */
void memory_map_init(void);

#endif
