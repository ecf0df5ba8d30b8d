/* SPDX-License-Identifier: GPL-2.0-only */
/* Areas of vmalloc from the C library, which finds leaks and accesses beside them. */
#include <stdlib.h>

#include <oshit/vmalloc.h>

void *vzalloc(size_t size)
{
	return size ? calloc(1, size) : NULL;
}

void vfree(const void *addr)
{
	free((void *)addr);
}
