/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef OSHIT_INITRAMFS_H
#define OSHIT_INITRAMFS_H

/* Checks the loader's initramfs from end to end and says what it found. Boot. */
void initramfs_check(void);

#endif
