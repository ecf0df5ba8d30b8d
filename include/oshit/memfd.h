/* SPDX-License-Identifier: GPL-2.0-only */
/* Seals: what may not be done to a file any more; F_SEAL_ of <linux/fcntl.h>. */
#ifndef OSHIT_MEMFD_H
#define OSHIT_MEMFD_H

#include <linux/errno.h>
#include <linux/fcntl.h>
#include <oshit/fs.h>

#ifdef CONFIG_MEMFD
/* Those of @inode; 0 of what cannot be sealed. They change under inode->rwsem. */
static inline unsigned int inode_seals(const struct inode *inode)
{
	return READ_ONCE(inode->seals);
}

/* F_ADD_SEALS and F_GET_SEALS. */
long memfd_fcntl(struct file *file, unsigned int cmd, unsigned long arg);
/* Boot. */
void memfd_init(void);
#else
static inline unsigned int inode_seals(const struct inode *inode __maybe_unused)
{
	return 0;
}
static inline long memfd_fcntl(struct file *file __maybe_unused, unsigned int cmd __maybe_unused,
			       unsigned long arg __maybe_unused)
{
	return -EINVAL;
}
static inline void memfd_init(void) {}
#endif

#define SEALS_AGAINST_WRITING (F_SEAL_WRITE | F_SEAL_FUTURE_WRITE)

/* Whether the seals permit the size, and to write the bytes. inode->rwsem is held for writing.
 * 0 or -EPERM. */
static inline int seals_permit_size(const struct inode *inode, loff_t size)
{
	unsigned int seals = inode_seals(inode);
	loff_t old = i_size_read(inode);

	return (size < old && seals & F_SEAL_SHRINK) || (size > old && seals & F_SEAL_GROW)
		       ? -EPERM
		       : 0;
}

static inline int seals_permit_write(const struct inode *inode, loff_t end)
{
	if (inode_seals(inode) & SEALS_AGAINST_WRITING)
		return -EPERM;
	return end > i_size_read(inode) ? seals_permit_size(inode, end) : 0;
}

#endif
