/* SPDX-License-Identifier: GPL-2.0-only */
/* Between the files of fs/sysfs/. */
#ifndef FS_SYSFS_INTERNAL_H
#define FS_SYSFS_INTERNAL_H

#include <oshit/kernfs.h>

#define SYSFS_SIZE 4096 /* of each file, says stat(): as much as may be written at once */

/* Boot. @system: /sys/devices/system; @mm: /sys/kernel/mm. */
void sysfs_cpu_init(struct kernfs_node *system);
#ifdef CONFIG_THP
void sysfs_thp_init(struct kernfs_node *mm);
#else
static inline void sysfs_thp_init(struct kernfs_node *mm __maybe_unused)
{
}
#endif

#endif
