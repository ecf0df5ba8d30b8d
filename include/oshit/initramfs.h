/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef OSHIT_INITRAMFS_H
#define OSHIT_INITRAMFS_H

#include <oshit/types.h>

struct initramfs { /* set once by initramfs_find() */
	const void *data; /* an archive that was read to its end without an error */
	size_t size; /* bytes; 0: there is none */
	bool embedded; /* part of the .init sections, else pages of MEMBLOCK_INITRD */
};

/**
 * initramfs_find() - choose the initramfs: the loader's, else the one inside the kernel
 *
 * Each is checked from end to end first; what is wrong with it is one line of the log.
 * Context: boot, when the direct map covers what the loader brought.
 */
void initramfs_find(struct initramfs *initramfs);

/**
 * populate_rootfs() - make of the archive what it says, in the root file system
 *
 * Errors are lines of the log. The memory of a loader's archive is free afterwards, that of the
 * kernel's goes with the .init sections.
 * Context: process 1, which may sleep, before anything runs that needs a file.
 */
void populate_rootfs(const struct initramfs *initramfs);

#endif
