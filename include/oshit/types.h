/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The kernel's integer types.  ABI structures use __u32 and friends from <linux/types.h>; the
 * kernel's own code uses the short names below.  The header also builds on the host, where the C
 * library gives size_t and the like.
 */
#ifndef OSHIT_TYPES_H
#define OSHIT_TYPES_H

#include <stdbool.h>
#include <stddef.h>

typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long u64;
typedef signed char s8;
typedef short s16;
typedef int s32;
typedef long s64;

typedef u64 phys_addr_t; /* a physical address, in bytes */

typedef struct {
	int counter;
} atomic_t;

typedef struct {
	long counter;
} atomic64_t;

struct list_head {
	struct list_head *next, *prev;
};

struct hlist_node {
	struct hlist_node *next, **pprev;
};

struct hlist_head {
	struct hlist_node *first;
};

#endif
