/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Multiboot2, as GRUB speaks it on BIOS and UEFI machines (Multiboot2 specification 2.0, 3.6).
 * The information is a list of tags, each with its size; we copy what boot_info has a place for.
 */
#include "boot.h"

#include <arch/page.h>
#include <oshit/acpi.h>
#include <oshit/boot_info.h>
#include <oshit/init.h>
#include <oshit/math.h>
#include <oshit/string.h>

enum {
	TAG_END = 0,
	TAG_CMDLINE = 1,
	TAG_MODULE = 3,
	TAG_MMAP = 6,
	TAG_FRAMEBUFFER = 8,
	TAG_ACPI_OLD = 14,
	TAG_ACPI_NEW = 15,
};

struct tag {
	u32 type;
	u32 size; /* bytes with this header; the next tag begins at the next multiple of 8 */
};

struct tag_string {
	struct tag tag;
	char text[];
};

struct tag_module {
	struct tag tag;
	u32 start, end;
	char cmdline[];
};

struct mmap_entry {
	u64 addr, size;
	u32 type, reserved;
};

struct tag_mmap {
	struct tag tag;
	u32 entry_size;
	u32 entry_version;
	u8 entries[];
};

struct tag_framebuffer {
	struct tag tag;
	u64 addr;
	u32 pitch, width, height;
	u8 bpp, type; /* type 1: direct colour, 2: text */
	u16 reserved;
	u8 red_shift, red_size, green_shift, green_size, blue_shift, blue_size;
} __packed;

#define FRAMEBUFFER_RGB	 1
#define FRAMEBUFFER_TEXT 2

static __init void read_mmap(const struct tag_mmap *mmap)
{
	const u8 *p = mmap->entries;
	const u8 *end = (const u8 *)mmap + mmap->tag.size;
	const struct mmap_entry *entry;

	if (mmap->entry_size < sizeof(*entry))
		return;
	for (; p + mmap->entry_size <= end; p += mmap->entry_size) {
		entry = (const struct mmap_entry *)p;
		boot_add_range(entry->addr, entry->size, entry->type);
	}
}

static __init void read_framebuffer(const struct tag_framebuffer *tag)
{
	struct boot_framebuffer *fb = &boot_info.framebuffer;

	boot_info.has_vga_text = tag->type == FRAMEBUFFER_TEXT;
	if (tag->type != FRAMEBUFFER_RGB)
		return;
	fb->addr = tag->addr;
	fb->width = tag->width;
	fb->height = tag->height;
	fb->pitch = tag->pitch;
	fb->bpp = tag->bpp;
	fb->red_shift = tag->red_shift;
	fb->green_shift = tag->green_shift;
	fb->blue_shift = tag->blue_shift;
}

static __init void read_module(const struct tag_module *module)
{
	if (boot_info.initrd_size || module->end <= module->start)
		return; /* the first module counts */
	boot_info.initrd_start = module->start;
	boot_info.initrd_size = module->end - module->start;
}

/*
 * The tag holds a copy of the RSDP.  The tables it points to are reserved, but the tag lies in free
 * memory, so copy it once more.
 */
static __init void read_rsdp(const void *from, size_t size)
{
	static u8 rsdp[ACPI_RSDP_LEN] __initdata __aligned(8);

	memcpy(rsdp, from, min(size, sizeof(rsdp)));
	boot_info.rsdp = symbol_to_phys(rsdp);
}

static __init void read_tag(const struct tag *tag)
{
	size_t room = tag->size - sizeof(*tag);

	switch (tag->type) {
	case TAG_CMDLINE:
		boot_set_cmdline(((const struct tag_string *)tag)->text, room);
		break;
	case TAG_MODULE:
		read_module((const struct tag_module *)tag);
		break;
	case TAG_MMAP:
		read_mmap((const struct tag_mmap *)tag);
		break;
	case TAG_FRAMEBUFFER:
		read_framebuffer((const struct tag_framebuffer *)tag);
		break;
	case TAG_ACPI_OLD:
		if (boot_info.rsdp)
			break;
		fallthrough;
	case TAG_ACPI_NEW:
		read_rsdp(tag + 1, room);
		break;
	}
}

/* The tag behind @tag, or the first one if that is NULL; NULL at the end. */
static __init const struct tag *next_tag(const void *info, const struct tag *tag)
{
	const char *end = (const char *)info + *(const u32 *)info;
	const char *p = tag ? (const char *)tag + ALIGN_UP(tag->size, 8u) : (const char *)info + 8;

	tag = (const struct tag *)p;
	if (p + sizeof(*tag) > end || tag->type == TAG_END || tag->size < sizeof(*tag))
		return NULL;
	return tag;
}

__init const char *multiboot2_cmdline(const void *info)
{
	const struct tag *tag;

	for (tag = next_tag(info, NULL); tag; tag = next_tag(info, tag))
		if (tag->type == TAG_CMDLINE)
			return ((const struct tag_string *)tag)->text;
	return NULL;
}

__init void multiboot2_read_info(const void *info)
{
	const struct tag *tag;

	boot_info.loader = "Multiboot2";
	boot_info.has_vga_text = true;
	for (tag = next_tag(info, NULL); tag; tag = next_tag(info, tag))
		read_tag(tag);
}
