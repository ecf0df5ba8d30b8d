/* SPDX-License-Identifier: GPL-2.0-only */
/* The proc file system: fs/proc/. */
#ifndef OSHIT_PROC_FS_H
#define OSHIT_PROC_FS_H

#ifdef CONFIG_PROC_FS
/* Boot, behind fs_init(): it can be mounted from now on. */
void proc_init(void);
#else
static inline void proc_init(void)
{
}
#endif

#endif
