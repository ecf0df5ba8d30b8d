/* SPDX-License-Identifier: GPL-2.0-only */
/* Kernel memory that may not be there. */
#ifndef OSHIT_NOFAULT_H
#define OSHIT_NOFAULT_H

#include <oshit/types.h>

/* What both do: either side may be the one that is not there. 0, or -EFAULT. */
int kernel_copy_nofault(void *dst, const void *src, size_t len);

/**
 * kernel_read_nofault() - copy from kernel memory that may not be mapped
 * Context: any. Bytes before the fault are copied.
 * Return: 0, or -EFAULT.
 */
static inline int kernel_read_nofault(void *dst, const void *src, size_t len)
{
	return kernel_copy_nofault(dst, src, len);
}

/* The same for writing: @dst may not be mapped, or be read-only. */
static inline int kernel_write_nofault(void *dst, const void *src, size_t len)
{
	return kernel_copy_nofault(dst, src, len);
}

#endif
