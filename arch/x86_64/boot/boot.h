/* SPDX-License-Identifier: GPL-2.0-only */
/* Between head.S and the C code beside it.  Nothing else includes this. */
#ifndef BOOT_BOOT_H
#define BOOT_BOOT_H

#include <oshit/types.h>

#define PVH_MAGIC	 0x336ec578 /* set by head.S; also the first word of the structure */
#define MULTIBOOT2_MAGIC 0x36d76289

/* Left by head.S. */
extern u64 boot_cycles; /* time-stamp counter at the first instruction */
extern u32 boot_magic; /* which loader */
extern u32 boot_params_phys; /* physical address of its information */

unsigned long early_start(char *base);

struct kaslr_slides {
	unsigned long image; /* bytes, each up from the place without KASLR */
	unsigned long direct_map;
	unsigned long vmalloc;
	unsigned long page_array;
};

/* Leaves *@slides alone if the command line says nokaslr. At physical addresses. */
#ifdef CONFIG_RANDOMIZE_BASE
void kaslr_choose(struct kaslr_slides *slides);
#else
static inline void kaslr_choose(struct kaslr_slides *slides __maybe_unused)
{
}
#endif

/* The loader's command line, or NULL. At physical addresses. */
#ifdef CONFIG_PVH
const char *pvh_cmdline(const void *start_info);
#else
static inline const char *pvh_cmdline(const void *start_info __maybe_unused)
{
	return NULL;
}
#endif
#ifdef CONFIG_MULTIBOOT2
const char *multiboot2_cmdline(const void *info);
#else
static inline const char *multiboot2_cmdline(const void *info __maybe_unused)
{
	return NULL;
}
#endif

/* Fill boot_info from a loader's information; all of it lies below EARLY_MAP_SIZE. */
#ifdef CONFIG_PVH
void pvh_read_info(const void *start_info);
#else
static inline void pvh_read_info(const void *start_info __maybe_unused)
{
}
#endif
#ifdef CONFIG_MULTIBOOT2
void multiboot2_read_info(const void *info);
#else
static inline void multiboot2_read_info(const void *info __maybe_unused)
{
}
#endif

/* Adds a range to boot_info.ranges, or counts it as lost. */
void boot_add_range(u64 start, u64 size, u32 type);
/* Appends the loader's command line, at most @max bytes with its 0. */
void boot_set_cmdline(const char *text, size_t max);

#endif
