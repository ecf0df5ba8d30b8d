/* SPDX-License-Identifier: GPL-2.0-only */
/* The sysfs file system: fs/sysfs/. */
#ifndef OSHIT_SYSFS_H
#define OSHIT_SYSFS_H

#ifdef CONFIG_SYSFS
/* Boot, behind fs_init(), when CPUs are known: it can be mounted from now on. */
void sysfs_init(void);
#else
static inline void sysfs_init(void)
{
}
#endif

#endif
