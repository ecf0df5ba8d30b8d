/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef OSHIT_CONTAINER_OF_H
#define OSHIT_CONTAINER_OF_H

#include <oshit/types.h>

/**
 * container_of() - the structure that embeds a member
 * @ptr: address of the member
 * @type: the embedding structure
 * @member: the member's name in it
 */
#define container_of(ptr, type, member)                                  \
	({                                                               \
		const __typeof__(((type *)0)->member) *__member = (ptr); \
		(type *)((char *)__member - offsetof(type, member));     \
	})

#endif
