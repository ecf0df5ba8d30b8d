/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Iterators over the memory that a read or write names.  Pieces of user memory are checked once,
 * when the iterator is made, and copied to a place that the program cannot reach: it cannot change
 * them afterwards.  Whether something is there only the copy tells.
 */
#include <linux/errno.h>
#include <linux/limits.h>
#include <oshit/err.h>
#include <oshit/math.h>
#include <oshit/slab.h>
#include <oshit/string.h>
#include <oshit/uaccess.h>
#include <oshit/uio.h>

#define MAX_PIECES 1024 /* IOV_MAX, UIO_MAXIOV */

int iov_iter_user(struct iov_iter *iter, struct iovec *iov, void __user *buf, size_t len)
{
	/* All of it, though less is moved: what has no end is no user memory. */
	if (!access_ok(buf, len))
		return -EFAULT;
	len = min(len, MAX_RW_COUNT);
	*iov = (struct iovec){ (__force void *)buf, len };
	*iter = (struct iov_iter){ .iov = iov, .count = len };
	return 0;
}

/* Adds up the pieces; cuts off what is over MAX_RW_COUNT. Bytes, -EFAULT or -EINVAL. */
static long check_pieces(struct iovec *iov, unsigned long nr)
{
	size_t total = 0;
	unsigned long i;

	for (i = 0; i < nr; i++) {
		if ((long)iov[i].iov_len < 0)
			return -EINVAL;
		if (!access_ok((__force void __user *)iov[i].iov_base, iov[i].iov_len))
			return -EFAULT;
		iov[i].iov_len = min(iov[i].iov_len, MAX_RW_COUNT - total);
		total += iov[i].iov_len;
	}
	return total;
}

struct iovec *iov_iter_import(struct iov_iter *iter, const struct iovec __user *user,
			      unsigned long nr, struct iovec *room, unsigned int nr_room)
{
	struct iovec *allocated = NULL, *iov = room;
	long total;

	if (nr > MAX_PIECES)
		return ERR_PTR(-EINVAL);
	if (nr > nr_room) {
		iov = allocated = kmalloc_array(nr, sizeof(*iov), GFP_KERNEL);
		if (!iov)
			return ERR_PTR(-ENOMEM);
	}
	total = copy_from_user(iov, user, nr * sizeof(*iov)) ? -EFAULT : check_pieces(iov, nr);
	if (total < 0) {
		kfree(allocated);
		return ERR_PTR(total);
	}
	*iter = (struct iov_iter){ .iov = iov, .count = total };
	return allocated;
}

enum iter_op { ITER_TO, ITER_FROM, ITER_ZERO };

/* Bytes not copied. */
static size_t copy_user_piece(enum iter_op op, void __user *user, void *kernel, size_t len)
{
	switch (op) {
	case ITER_TO:
		return copy_to_user(user, kernel, len);
	case ITER_FROM:
		return copy_from_user(kernel, user, len);
	default:
		return clear_user(user, len);
	}
}

static size_t copy_pieces(enum iter_op op, char *kernel, size_t len, struct iov_iter *iter)
{
	size_t done = 0;

	while (done < len) {
		char __user *user = (char __user *)iter->iov->iov_base + iter->offset;
		size_t part = min(len - done, iter->iov->iov_len - iter->offset);
		size_t left = copy_user_piece(op, user, kernel + done, part);

		done += part - left;
		iter->offset += part - left;
		if (left)
			break;
		if (iter->offset == iter->iov->iov_len) {
			iter->iov++;
			iter->offset = 0;
		}
	}
	return done;
}

static size_t copy_kernel(enum iter_op op, char *kernel, size_t len, struct iov_iter *iter)
{
	if (op == ITER_TO)
		memcpy(iter->kernel, kernel, len);
	else if (op == ITER_FROM)
		memcpy(kernel, iter->kernel, len);
	else
		memset(iter->kernel, 0, len);
	iter->kernel += len;
	return len;
}

static size_t iterate(enum iter_op op, char *kernel, size_t len, struct iov_iter *iter)
{
	size_t done;

	len = min(len, iter->count);
	done = iter->iov ? copy_pieces(op, kernel, len, iter) : copy_kernel(op, kernel, len, iter);
	iter->count -= done;
	return done;
}

size_t copy_to_iter(const void *from, size_t len, struct iov_iter *iter)
{
	return iterate(ITER_TO, (char *)from, len, iter);
}

size_t copy_from_iter(void *to, size_t len, struct iov_iter *iter)
{
	return iterate(ITER_FROM, to, len, iter);
}

size_t iov_iter_zero(size_t len, struct iov_iter *iter)
{
	return iterate(ITER_ZERO, NULL, len, iter);
}
