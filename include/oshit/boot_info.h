/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the boot loader told us, in one form whoever it was.  The arch's entry code fills the one
 * instance before start_kernel(); everything is copied, nothing points into loader memory, save
 * the initramfs, whose pages stay reserved.
 */
#ifndef OSHIT_BOOT_INFO_H
#define OSHIT_BOOT_INFO_H

#include <oshit/types.h>

#define BOOT_MAX_RANGES	  128
#define BOOT_CMDLINE_SIZE 2048 /* as COMMAND_LINE_SIZE of Linux x86 */

enum boot_range_type {
	BOOT_RANGE_RAM = 1, /* the values of an e820 map, ACPI specification 15.1 */
	BOOT_RANGE_RESERVED = 2,
	BOOT_RANGE_ACPI = 3,
	BOOT_RANGE_NVS = 4,
	BOOT_RANGE_UNUSABLE = 5,
};

struct boot_range {
	phys_addr_t start; /* bytes */
	u64 size; /* bytes */
	enum boot_range_type type;
};

struct boot_framebuffer {
	phys_addr_t addr; /* 0: none */
	u32 width, height; /* pixels */
	u32 pitch; /* bytes from a line to the next */
	u8 bpp; /* bits per pixel */
	u8 red_shift, green_shift, blue_shift;
};

struct boot_info { /* written by the entry code alone, constant from start_kernel() on */
	const char *loader; /* "PVH", "Multiboot2" */
	char cmdline[BOOT_CMDLINE_SIZE];
	struct boot_range ranges[BOOT_MAX_RANGES]; /* as given: unsorted, may overlap */
	unsigned int nr_ranges;
	unsigned int nr_ranges_lost; /* for which there was no room */
	phys_addr_t initrd_start;
	u64 initrd_size; /* bytes, 0: none */
	phys_addr_t rsdp; /* ACPI root pointer, 0: look for it */
	bool has_vga_text; /* 80x25 text at 0xb8000 */
	struct boot_framebuffer framebuffer;
};

extern struct boot_info boot_info;

#endif
