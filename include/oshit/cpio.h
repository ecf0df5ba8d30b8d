/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Archives of cpio's "newc" format, as an initramfs is one: an iterator over bytes in memory that
 * copies nothing and trusts nothing.
 */
#ifndef OSHIT_CPIO_H
#define OSHIT_CPIO_H

#include <oshit/types.h>

#define CPIO_NAME_MAX 4095 /* without the 0, as PATH_MAX */

struct cpio_entry { /* points into the archive */
	const char *name; /* ends with 0 */
	size_t name_len;
	const void *data;
	u32 size; /* bytes of data */
	u32 mode; /* S_IFMT and permissions, see <linux/stat.h> */
	u32 ino, nlink; /* entries of one ino and device are links of one file; the last has data */
	u32 uid, gid;
	u32 mtime; /* seconds since 1970 */
	u32 dev_major, dev_minor;
	u32 rdev_major, rdev_minor; /* of a device node */
};

struct cpio_reader {
	const u8 *buf;
	size_t size;
	size_t pos; /* of the next header, or of what is wrong */
	const char *error; /* what is wrong, in words; NULL if nothing is */
	bool in_archive; /* between a first entry and its trailer */
};

/* Starts at the first of @size bytes.  They may hold several archives, with zeros between. */
void cpio_open(struct cpio_reader *reader, const void *buf, size_t size);

/**
 * cpio_next() - take the next entry; trailers are passed over
 *
 * Context: any.
 * Return: 1 and an entry; 0 at the end; -EINVAL if the bytes are no archive, now and on each call
 * that follows.
 */
int cpio_next(struct cpio_reader *reader, struct cpio_entry *entry);

#endif
