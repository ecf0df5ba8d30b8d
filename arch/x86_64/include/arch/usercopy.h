/* SPDX-License-Identifier: GPL-2.0-only */
/* How long copies between user and kernel memory are made: arch/x86_64/lib/usercopy.S. */
#ifndef ARCH_USERCOPY_H
#define ARCH_USERCOPY_H

#define COPY_USER_BY_MOVES 0
#define COPY_USER_BY_WORDS 1
#define COPY_USER_BY_BYTES 2

#ifndef __ASSEMBLY__
#include <oshit/types.h>

extern u8 copy_user_way; /* one of the above; set at boot, before there are programs */

/* As arch_copy_user(), which calls them. */
size_t copy_user_by_words(void *dst, const void *src, size_t len);
size_t copy_user_by_bytes(void *dst, const void *src, size_t len);
#endif

#endif
