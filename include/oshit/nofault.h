/* SPDX-License-Identifier: GPL-2.0-only */
/* Kernel memory that may not be there. */
#ifndef OSHIT_NOFAULT_H
#define OSHIT_NOFAULT_H

#include <oshit/types.h>

/**
 * kernel_read_nofault() - copy from kernel memory that may not be mapped
 * Context: any. Bytes before the fault are copied.
 * Return: 0, or -EFAULT.
 */
int kernel_read_nofault(void *dst, const void *src, size_t len);

/* The same for writing: @dst may not be mapped, or be read-only. */
int kernel_write_nofault(void *dst, const void *src, size_t len);

#endif
