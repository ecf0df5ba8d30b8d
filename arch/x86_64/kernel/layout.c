/* SPDX-License-Identifier: GPL-2.0-only */
/* Where physical memory and the image are mapped: set by the boot code, then constant. */
#include <arch/layout.h>
#include <arch/page.h>
#include <oshit/init.h>

unsigned long direct_map_base __ro_after_init = DIRECT_MAP_BASE;
unsigned long image_offset __ro_after_init;
