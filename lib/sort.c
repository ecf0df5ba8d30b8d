/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Heap sort: the array is made a heap, the largest element first, then the largest is swapped to
 * the end again and again while the rest stays a heap.  Slower than quick sort by a third, but with
 * no bad case, no stack and no memory.
 *
 * Any context; no state.
 */
#include <oshit/math.h>
#include <oshit/sort.h>

struct array {
	char *base;
	size_t size;
	int (*cmp)(const void *a, const void *b);
};

static char *element(const struct array *array, size_t i)
{
	return array->base + i * array->size;
}

static void swap_elements(const struct array *array, size_t i, size_t j)
{
	char *a = element(array, i), *b = element(array, j);

	for (size_t n = 0; n < array->size; n++)
		swap(a[n], b[n]);
}

/* Lets element @i sink in the heap of the first @nr until no child is larger. */
static void sift_down(const struct array *array, size_t i, size_t nr)
{
	for (;;) {
		size_t child = 2 * i + 1;

		if (child >= nr)
			return;
		if (child + 1 < nr &&
		    array->cmp(element(array, child), element(array, child + 1)) < 0)
			child++;
		if (array->cmp(element(array, i), element(array, child)) >= 0)
			return;
		swap_elements(array, i, child);
		i = child;
	}
}

void sort(void *base, size_t nr, size_t size, int (*cmp)(const void *a, const void *b))
{
	struct array array = { .base = base, .size = size, .cmp = cmp };

	for (size_t i = nr / 2; i-- > 0;)
		sift_down(&array, i, nr);
	for (size_t last = nr; last-- > 1;) {
		swap_elements(&array, 0, last);
		sift_down(&array, 0, last);
	}
}

void *bsearch(const void *key, const void *base, size_t nr, size_t size,
	      int (*cmp)(const void *key, const void *element))
{
	const char *low = base;

	while (nr) {
		const char *middle = low + nr / 2 * size;
		int order = cmp(key, middle);

		if (!order)
			return (void *)middle;
		if (order > 0) {
			low = middle + size;
			nr--;
		}
		nr /= 2;
	}
	return NULL;
}
