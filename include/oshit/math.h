/* SPDX-License-Identifier: GPL-2.0-only */
/* Rounding, extrema and counts on integers.  Alignments are powers of two. */
#ifndef OSHIT_MATH_H
#define OSHIT_MATH_H

#include <oshit/types.h>

#define ARRAY_SIZE(a)	     (sizeof(a) / sizeof((a)[0]))

#define ALIGN_UP(x, align)   (((x) + ((__typeof__(x))(align)-1)) & ~((__typeof__(x))(align)-1))
#define ALIGN_DOWN(x, align) ((x) & ~((__typeof__(x))(align)-1))
#define IS_ALIGNED(x, align) (((x) & ((__typeof__(x))(align)-1)) == 0)
#define DIV_ROUND_UP(n, d)   (((n) + (d)-1) / (d))
#define IS_POWER_OF_2(n)     ((n) != 0 && ((n) & ((n)-1)) == 0)

/* Both sides have one type, so that no comparison changes a sign unseen. */
#define min(a, b)                                      \
	({                                             \
		__typeof__(a) __min_a = (a);           \
		__typeof__(b) __min_b = (b);           \
		(void)(&__min_a == &__min_b);          \
		__min_a < __min_b ? __min_a : __min_b; \
	})
#define max(a, b)                                      \
	({                                             \
		__typeof__(a) __max_a = (a);           \
		__typeof__(b) __max_b = (b);           \
		(void)(&__max_a == &__max_b);          \
		__max_a > __max_b ? __max_a : __max_b; \
	})
#define min_t(type, a, b)   min((type)(a), (type)(b))
#define max_t(type, a, b)   max((type)(a), (type)(b))
#define clamp(x, low, high) min(max(x, low), high)

#define swap(a, b)                          \
	do {                                \
		__typeof__(a) __swap = (a); \
		(a) = (b);                  \
		(b) = __swap;               \
	} while (0)

#endif
