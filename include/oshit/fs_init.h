/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef OSHIT_FS_INIT_H
#define OSHIT_FS_INIT_H

/* Boot: caches, the dentry table, the root file system, empty; devices. One CPU, may sleep. */
void fs_init(void);

#endif
