/* SPDX-License-Identifier: GPL-2.0-only */
/* Where physical memory and the image are mapped: set by the boot code, then constant. */
#include <arch/layout.h>
#include <arch/page.h>
#include <oshit/boot_param.h>
#include <oshit/init.h>

unsigned long direct_map_base __ro_after_init = DIRECT_MAP_BASE;
unsigned long vmalloc_base __ro_after_init = VMALLOC_BASE;
unsigned long page_array_base __ro_after_init = PAGE_ARRAY_BASE;
unsigned long image_offset __ro_after_init;

/* Obeyed by kaslr_choose(), before there are parameters; here only so that init does not see it. */
static __init int nokaslr_param(const char *value __maybe_unused)
{
	return 0;
}
BOOT_PARAM("nokaslr", nokaslr_param);
