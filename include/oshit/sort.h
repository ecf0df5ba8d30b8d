/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef OSHIT_SORT_H
#define OSHIT_SORT_H

#include <oshit/types.h>

/**
 * sort() - sort an array in place
 * @base: the array
 * @nr: how many elements
 * @size: bytes of one
 * @cmp: below 0, 0 or above 0, as @a is to stand before, beside or behind @b
 *
 * Not stable.  At most 2 * nr * log2(nr) comparisons, whatever the order.
 * Context: any; constant space, no recursion.
 */
void sort(void *base, size_t nr, size_t size, int (*cmp)(const void *a, const void *b));

/**
 * bsearch() - find an element of a sorted array
 * @cmp: as for sort(), called with @key first
 *
 * Return: an element that is equal to the key, or NULL.
 */
void *bsearch(const void *key, const void *base, size_t nr, size_t size,
	      int (*cmp)(const void *key, const void *element));

#endif
