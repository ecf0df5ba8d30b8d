/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Where bytes of a read go, or those of a write come from: user memory in pieces, or a buffer of
 * the kernel.  What is copied moves the iterator on; so does each failed copy, up to where it
 * failed.
 */
#ifndef OSHIT_UIO_H
#define OSHIT_UIO_H

#include <linux/uio.h>
#include <oshit/page.h>
#include <oshit/types.h>

#define MAX_RW_COUNT 0x7ffff000UL /* bytes that one call moves at most; as Linux */

struct iov_iter { /* private to the one task that uses it */
	const struct iovec *iov; /* user memory, each piece checked; NULL: the kernel's */
	char *kernel; /* next byte, without @iov */
	size_t offset; /* in *iov */
	size_t count; /* bytes left, at most MAX_RW_COUNT */
};

static inline void iov_iter_kernel(struct iov_iter *iter, void *buf, size_t len)
{
	*iter = (struct iov_iter){ .kernel = buf, .count = len };
}

/* Of @len bytes from @pos on, those up to the end of the page. */
static inline size_t part_of_page(u64 pos, size_t len)
{
	size_t rest = PAGE_SIZE - pos % PAGE_SIZE;

	return len < rest ? len : rest;
}

/* One piece of user memory, described in *@iov, which the caller keeps. 0 or -EFAULT. */
int iov_iter_user(struct iov_iter *iter, struct iovec *iov, void __user *buf, size_t len);

/**
 * iov_iter_import() - the pieces that a program has named
 * @room: for @nr_room pieces; more are allocated
 *
 * Return: what was allocated, for kfree(); NULL: nothing; ERR_PTR(-EFAULT, -EINVAL or -ENOMEM).
 */
struct iovec *iov_iter_import(struct iov_iter *iter, const struct iovec __user *user,
			      unsigned long nr, struct iovec *room, unsigned int nr_room);

/* Bytes copied, fewer than @len at the end, or at a fault. Context: as copy_to_user(). */
size_t copy_to_iter(const void *from, size_t len, struct iov_iter *iter);
size_t copy_from_iter(void *to, size_t len, struct iov_iter *iter);
/* Writes zeros. */
size_t iov_iter_zero(size_t len, struct iov_iter *iter);

#endif
